/*
 * proof: what a source keeps, or any tlog-proof, in plain words.  A promise
 * is checked twice: whether the server made it, and, once its epoch is out,
 * whether the log holds what was promised.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit_home.h"
#include "head.h"
#include "promise.h"
#include "proof.h"
#include "roster.h"
#include "rosters.h"
#include "utf8.h"

#define PROOF_HEAD	"c2sp.org/tlog-proof@"
#define ROSTER_1	"roster/1"

/* What an opening says; *out zeros and false if it is none of ours. */
static bool
tell(struct audit *a, const struct open_event *o, struct event *out)
{
	char when[64], date[AUDIT_DATE], what[64];
	const char *status;

	if (event_decode((struct bytes){ o->event, o->len }, out) != ERR_OK) {
		audit_say(a, A_PROOF_NOT_OURS, NULL, NULL);
		return false;
	}
	status = out->action.status;
	audit_date(a, out->epoch, date);
	(void)snprintf(what, sizeof(what), "%s%s%s",
	    event_kind_text(out->action.kind), status[0] == '\0' ? "" : " ",
	    status);
	(void)snprintf(when, sizeof(when), "epoch %llu (%s)",
	    (unsigned long long)out->epoch, date);
	audit_say(a, A_PROOF_EVENT, what, when);
	audit_set(a, "kind", json_string(event_kind_text(out->action.kind)));
	audit_set(a, "epoch", json_integer((json_int_t)out->epoch));
	return true;
}

static void
broken(struct audit *a, enum finding_code code, const struct promise *p)
{
	struct finding f = { .code = code, .has_epoch = true, .has_leaf = true,
	    .epoch = p->epoch, .leaf = p->leaf };

	findings_add(&a->findings, &f);
}

/* ---- a tlog-proof ---- */

static enum audit_exit
policy_of(struct audit *a, const char *path, struct policy *policy)
{
	char number[AUDIT_NUMBER];
	uint8_t *data = NULL;
	size_t len = 0, line = 0;
	enum err e;

	if (path == NULL) {
		policy->log[0] = a->log.log;
		policy->logs = 1;
		return AUDIT_WELL;
	}
	if ((e = file_read(path, POLICY_MAX, &data, &len)) != ERR_OK)
		return audit_err(a, e, A_FILE_READ, path);
	e = policy_decode((struct bytes){ data, len }, policy, &line);
	free(data);
	if (e == ERR_OK)
		return AUDIT_WELL;
	audit_number(line, number);
	return audit_fail(a, AUDIT_USAGE, A_POLICY_BAD, path, number);
}

static enum audit_exit
verify_proof(struct audit *a, const struct proof *p,
    const struct policy *policy)
{
	uint8_t commitment[COMMITMENT_LEN];
	char number[AUDIT_NUMBER];
	struct merkle_hash leaf;
	struct open_event o;
	struct checkpoint c;
	struct event event;
	enum err e;

	if (!p->has_extra || p->extra_len <= NONCE_LEN ||
	    p->extra_len > NONCE_LEN + EVENT_MAX)
		return audit_fail(a, AUDIT_UNREAD, A_PROOF_NO_OPENING, NULL,
		    NULL);
	memcpy(o.nonce, p->extra, NONCE_LEN);
	o.len = p->extra_len - NONCE_LEN;
	memcpy(o.event, p->extra + NONCE_LEN, o.len);
	commitment_of(o.nonce, (struct bytes){ o.event, o.len }, commitment);
	merkle_leaf(commitment, sizeof(commitment), &leaf);
	e = proof_verify(p, &leaf, policy, &c);
	if (e == ERR_SYS)
		return audit_err(a, e, A_MACHINE, "memory");
	if (e != ERR_OK) {
		audit_find(a, e == ERR_DENIED ? F_PROOF_POLICY :
		    F_PROOF_INVALID, err_text(e));
		return audit_verdict(a);
	}
	audit_number(p->index, number);
	audit_set(a, "origin", json_string(c.origin));
	audit_set(a, "leaf", json_integer((json_int_t)p->index));
	audit_set(a, "size", json_integer((json_int_t)c.size));
	audit_say(a, A_PROOF_HOLDS, c.origin, number);
	if (tell(a, &o, &event) && a->epoch_seconds != 0 && event.epoch !=
	    a->epoch0 + p->index / TILE_WIDTH)
		audit_find(a, F_EPOCH_MISMATCH, "");
	return audit_verdict(a);
}

static enum audit_exit
run_proof(struct audit *a, struct bytes text, const char *path,
    const char *policy_path)
{
	struct policy *policy = calloc(1, sizeof(*policy));
	struct proof *p = calloc(1, sizeof(*p));
	enum audit_exit x;
	enum err e;

	if (policy == NULL || p == NULL) {
		x = audit_err(a, ERR_SYS, A_MACHINE, "memory");
		goto out;
	}
	if ((e = proof_decode(text, p)) != ERR_OK)
		x = audit_err(a, e, A_PROOF_FORMAT, path);
	else if ((x = policy_of(a, policy_path, policy)) == AUDIT_WELL)
		x = verify_proof(a, p, policy);
out:
	free(policy);
	free(p);
	return x;
}

/* ---- a promise ---- */

/* Roster 1 as kept: it names the promise key for the log's whole life. */
static enum audit_exit
promise_key(struct audit *a, struct vkey *key, bool *known)
{
	struct roster *r = calloc(1, sizeof(*r));
	uint8_t *data = NULL;
	size_t len = 0, line;
	enum err e = ERR_SYS;

	if (r != NULL && (e = audit_home_get(a, ROSTER_1, ROSTER_MAX, &data,
	    &len)) == ERR_OK && (e = roster_open((struct bytes){ data, len },
	    a->log.roster_key, a->log.roster_keys, r, &line)) == ERR_OK) {
		*key = r->promise;
		a->epoch0 = r->epoch0;
		a->epoch_seconds = r->epoch_seconds;
	}
	free(data);
	free(r);
	*known = e == ERR_OK;
	return *known || e == ERR_NOTFOUND ? AUDIT_WELL :
	    audit_err(a, e, A_HOME_DAMAGED, ROSTER_1);
}

static enum audit_exit
learn_key(struct audit *a, struct vkey *key)
{
	struct served_list list;
	enum audit_exit x;
	struct reach r;
	bool known;

	if ((x = promise_key(a, key, &known)) != AUDIT_WELL || known)
		return x;
	memset(&list, 0, sizeof(list));
	if ((x = reach_open(a, &r)) == AUDIT_WELL)
		x = rosters_fetch(&r, &list);
	served_done(&list);
	reach_close(&r);
	if (x != AUDIT_WELL || (x = promise_key(a, key, &known)) !=
	    AUDIT_WELL || known)
		return x;
	return audit_fail(a, AUDIT_UNREAD, A_PROMISE_NO_KEY, NULL, NULL);
}

/* *kept: the tree of the head holds the promised leaf, proved from tiles. */
static enum audit_exit
look_up(struct head *h, const struct promise *p, bool *kept)
{
	struct tile_source s = { reach_tile, h->reach };
	struct merkle_hash proof[MERKLE_PROOF_MAX], leaf;
	struct merkle_proof mp = { proof, 0 };
	enum err e;

	merkle_leaf(p->commitment, COMMITMENT_LEN, &leaf);
	e = tile_inclusion(&s, p->leaf, h->now.size, proof, &mp.n);
	*kept = e == ERR_OK && merkle_inclusion_verify(p->leaf, h->now.size,
	    &leaf, mp, &h->now.root) == ERR_OK;
	if (!reach_answered(e))
		return reach_fail(h->reach, e, "/tile");
	return AUDIT_WELL;
}

static enum audit_exit
against_log(struct audit *a, const struct promise *p, const char **state)
{
	struct head h;
	struct reach r;
	enum audit_exit x;
	bool good = false, kept = false;

	memset(&h, 0, sizeof(h));
	*state = "offline";
	if ((x = reach_open(a, &r)) == AUDIT_WELL &&
	    (x = head_open(&r, &h)) == AUDIT_WELL)
		x = head_fetch(&h, &good);
	if (x == AUDIT_WELL && good && p->leaf >= h.now.size) {
		*state = "open";
	} else if (x == AUDIT_WELL && good) {
		x = look_up(&h, p, &kept);
		if (x == AUDIT_WELL) {
			*state = kept ? "kept" : "broken";
			if (!kept)
				broken(a, F_PROMISE_BROKEN, p);
		}
	}
	head_close(&h);
	reach_close(&r);
	return x;
}

static enum audit_exit
judge_promise(struct audit *a, const struct promise *p,
    const struct open_event *o)
{
	uint8_t commitment[COMMITMENT_LEN];
	char number[AUDIT_NUMBER];
	const char *state;
	struct event event;
	json_t *why;
	enum audit_exit x;

	audit_set(a, "leaf", json_integer((json_int_t)p->leaf));
	commitment_of(o->nonce, (struct bytes){ o->event, o->len },
	    commitment);
	if (memcmp(commitment, p->commitment, COMMITMENT_LEN) != 0 ||
	    strcmp(p->origin, a->log.log.name) != 0 ||
	    p->epoch != a->epoch0 + p->leaf / TILE_WIDTH) {
		/* The two halves of the file are not of one promise. */
		broken(a, F_PROOF_INVALID, p);
		return audit_verdict(a);
	}
	(void)tell(a, o, &event);
	x = against_log(a, p, &state);
	audit_set(a, "promise", json_string(state));
	audit_number(strcmp(state, "open") == 0 ? p->epoch : p->leaf, number);
	if (x == AUDIT_UNREAD && findings_broken(&a->findings) == 0) {
		/* Not to reach the log is no failure of the promise. */
		why = a->failure;
		a->failure = NULL;
		audit_say(a, A_PROMISE_OFFLINE, json_string_value(
		    json_object_get(why, "text")), NULL);
		json_decref(why);
		return AUDIT_WELL;
	}
	if (strcmp(state, "open") == 0)
		audit_say(a, A_PROMISE_OPEN, number, NULL);
	else if (strcmp(state, "kept") == 0)
		audit_say(a, A_PROMISE_KEPT, p->origin, number);
	return audit_verdict(a);
}

static enum audit_exit
run_promise(struct audit *a, struct bytes text, const char *path)
{
	struct open_event o;
	struct promise p;
	struct vkey key;
	struct buf note;
	enum audit_exit x = AUDIT_WELL;
	enum err e;

	buf_init(&note, PROMISE_MAX);
	if ((e = promise_file_decode(text, &o, &note)) != ERR_OK)
		x = audit_err(a, e, A_PROOF_FORMAT, path);
	if (x == AUDIT_WELL)
		x = learn_key(a, &key);
	if (x == AUDIT_WELL) {
		e = promise_open((struct bytes){ note.data, note.len }, &key,
		    &p);
		if (e != ERR_OK) {
			audit_find(a, F_PROMISE_SIGNATURE, err_text(e));
			x = audit_verdict(a);
		} else {
			x = judge_promise(a, &p, &o);
		}
	}
	buf_done(&note);
	wipe(&o, sizeof(o));
	return x;
}

enum audit_exit
audit_cmd_proof(struct audit *a, const struct audit_command *c, int argc,
    char **argv)
{
	const char *policy = NULL;
	const struct audit_option spec[] = {
		{ "--policy", &policy, NULL }, { NULL, NULL, NULL },
	};
	struct vkey unused;
	struct bytes text;
	uint8_t *data = NULL;
	size_t len = 0;
	enum audit_exit x;
	bool is_proof, known;
	enum err e;

	if ((x = audit_args(a, c, spec, &argc, argv)) != AUDIT_WELL)
		return x;
	if ((e = file_read(argv[0], PROOF_MAX, &data, &len)) != ERR_OK)
		return audit_err(a, e, A_FILE_READ, argv[0]);
	text = (struct bytes){ data, len };
	is_proof = len > strlen(PROOF_HEAD) && memcmp(data, PROOF_HEAD,
	    strlen(PROOF_HEAD)) == 0;
	/* With a policy a proof needs no home: it may be of any log. */
	if (!is_proof || policy == NULL)
		x = audit_home_open(a);
	if (x == AUDIT_WELL && is_proof && policy == NULL)
		x = promise_key(a, &unused, &known);
	if (x == AUDIT_WELL)
		x = is_proof ? run_proof(a, text, argv[0], policy) :
		    run_promise(a, text, argv[0]);
	free(data);
	return x;
}
