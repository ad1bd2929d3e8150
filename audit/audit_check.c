/*
 * check: what anybody can check without an account.  The head that passed is
 * kept for the next time; one that did not is evidence, and the last good one
 * stays what later heads are held against.
 */
#include <string.h>

#include "audit_check.h"
#include "audit_home.h"

enum audit_exit
audit_check(struct reach *r, struct checked *k)
{
	enum audit_exit x;
	bool good = false;

	memset(k, 0, sizeof(*k));
	if ((x = rosters_fetch(r, &k->rosters)) != AUDIT_WELL ||
	    (x = head_open(r, &k->head)) != AUDIT_WELL)
		return x;
	if (k->rosters.n == 0)
		return AUDIT_WELL;	/* a finding says why */
	if ((x = head_fetch(&k->head, &good)) != AUDIT_WELL || !good)
		return x;
	if ((x = head_rebuild(&k->head, &good)) != AUDIT_WELL || !good)
		return x;
	if ((x = head_keep(&k->head)) != AUDIT_WELL ||
	    (x = losses_fetch(r, &k->losses)) != AUDIT_WELL)
		return x;
	head_clock(&k->head);
	x = served_prove(&k->head, &k->rosters, EVENT_KEYS);
	if (x == AUDIT_WELL)
		x = served_prove(&k->head, &k->losses, EVENT_LOSS);
	k->good = x == AUDIT_WELL;
	return x;
}

void
audit_check_done(struct checked *k)
{
	served_done(&k->rosters);
	served_done(&k->losses);
	head_close(&k->head);
}

void
audit_check_say(struct audit *a, const struct checked *k)
{
	char number[AUDIT_NUMBER], root[BASE64_LEN(SHA256_LEN) + 1];

	audit_set(a, "origin", json_string(a->log.log.name));
	if (!k->good)
		return;
	base64_encode(k->head.now.root.bytes, SHA256_LEN, BASE64_PADDED,
	    root);
	audit_set(a, "size", json_integer((json_int_t)k->head.now.size));
	audit_set(a, "root", json_string(root));
	audit_set(a, "rosters", json_integer((json_int_t)k->rosters.n));
	audit_number(k->head.now.size, number);
	audit_say(a, A_CHECK_HEAD, a->log.log.name, number);
}

enum audit_exit
audit_cmd_check(struct audit *a, const struct audit_command *c, int argc,
    char **argv)
{
	struct checked k;
	struct reach r;
	enum audit_exit x;

	memset(&k, 0, sizeof(k));
	if ((x = audit_args(a, c, NULL, &argc, argv)) != AUDIT_WELL ||
	    (x = audit_home_open(a)) != AUDIT_WELL)
		return x;
	if ((x = reach_open(a, &r)) == AUDIT_WELL)
		x = audit_check(&r, &k);
	audit_check_say(a, &k);
	audit_check_done(&k);
	reach_close(&r);
	/* A broken rule is told also when the rest could not be read. */
	if (x == AUDIT_WELL || findings_broken(&a->findings) > 0)
		x = audit_verdict(a);
	return x;
}
