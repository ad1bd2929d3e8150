/*
 * Rosters and notices of loss: public texts that an event of the log names.
 * Each is kept in the home as it was first served, so that a text that
 * changes under its number is seen.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit_home.h"
#include "proof.h"
#include "rosters.h"

#define SERVED_MAX	(1024 * 1024)
#define NAME_LEN	64

void
served_done(struct served_list *l)
{
	size_t i;

	for (i = 0; i < l->n; i++) {
		free(l->item[i].text);
		free(l->item[i].roster);
	}
	free(l->item);
	memset(l, 0, sizeof(*l));
}

static struct served *
push(struct served_list *l)
{
	struct served *more = realloc(l->item, (l->n + 1) * sizeof(*more));

	if (more == NULL)
		return NULL;
	l->item = more;
	more += l->n++;
	memset(more, 0, sizeof(*more));
	more->number = l->n;
	return more;
}

static void
number_detail(uint64_t n, char out[static AUDIT_NUMBER])
{
	(void)snprintf(out, AUDIT_NUMBER, "#%llu", (unsigned long long)n);
}

/* The text as it was kept, or as it is served now and kept from now on. */
static enum audit_exit
remember(struct reach *r, const char *what, struct served *s)
{
	struct bytes now = { r->answer.body.data, r->answer.body.len };
	char name[NAME_LEN], detail[AUDIT_NUMBER];
	uint8_t *data = NULL;
	size_t len = 0;
	enum err e;

	(void)snprintf(name, sizeof(name), "%s/%llu", what,
	    (unsigned long long)s->number);
	e = audit_home_get(r->a, name, SERVED_MAX, &data, &len);
	if (e == ERR_OK) {
		if (len != now.n || memcmp(data, now.p, len) != 0) {
			number_detail(s->number, detail);
			audit_find(r->a, F_ROSTER_CHANGED, detail);
		}
		s->text = data;
		s->len = len;
		sha256(data, len, s->hash);
		return AUDIT_WELL;
	}
	free(data);
	if (e != ERR_NOTFOUND)
		return audit_err(r->a, e, A_FILE_READ, name);
	if ((s->text = malloc(now.n + 1)) == NULL)
		return audit_err(r->a, ERR_SYS, A_MACHINE, "memory");
	memcpy(s->text, now.p, now.n);
	s->text[now.n] = '\0';
	s->len = now.n;
	sha256(s->text, s->len, s->hash);
	return audit_home_put(r->a, name, s->text, s->len);
}

/* When it was first seen, by the file's word: "EPOCH LF". */
static enum audit_exit
first_seen(struct reach *r, const char *what, struct served *s)
{
	int64_t now = clock_now(r->a->clock);
	char name[NAME_LEN], text[AUDIT_NUMBER], *end;
	uint8_t *data = NULL;
	size_t len = 0;
	enum err e;

	if (now < 0 || r->a->epoch_seconds == 0)
		return AUDIT_WELL;
	(void)snprintf(name, sizeof(name), "%s/%llu.first", what,
	    (unsigned long long)s->number);
	e = audit_home_get(r->a, name, AUDIT_NUMBER, &data, &len);
	if (e == ERR_OK) {
		s->first = strtoull((char *)data, &end, 10);
		free(data);
		return AUDIT_WELL;
	}
	if (e != ERR_NOTFOUND)
		return audit_err(r->a, e, A_FILE_READ, name);
	s->first = (uint64_t)now / r->a->epoch_seconds;
	audit_number(s->first, text);
	return audit_home_put(r->a, name, text, strlen(text));
}

static enum audit_exit
fetch(struct reach *r, const char *what, uint64_t number, bool *there)
{
	char path[NAME_LEN], detail[AUDIT_NUMBER], *kept;
	enum err e;

	(void)snprintf(path, sizeof(path), "/%s/%llu", what,
	    (unsigned long long)number);
	e = reach_get(r, path);
	*there = e == ERR_OK;
	if (e == ERR_OK)
		return AUDIT_WELL;
	if (e != ERR_NOTFOUND)
		return reach_fail(r, e, path);
	kept = audit_home_path(r->a, "%s", path + 1);
	if (file_exists(kept)) {
		number_detail(number, detail);
		audit_find(r->a, F_ROSTER_CHANGED, detail);
	}
	free(kept);
	return AUDIT_WELL;
}

/* What roster ${s} must be; a finding and false if it is not. */
static bool
verify(struct audit *a, const struct served_list *l, struct served *s)
{
	const struct vkey *key = a->log.roster_key;
	size_t keys = a->log.roster_keys, line;
	const struct served *before = NULL;
	char detail[AUDIT_NUMBER];
	enum err e;

	number_detail(s->number, detail);
	if (s->number > 1) {
		before = &l->item[s->number - 2];
		key = before->roster->roster_key;
		keys = before->roster->roster_keys;
	}
	e = roster_open((struct bytes){ s->text, s->len }, key, keys,
	    s->roster, &line);
	if (e != ERR_OK) {
		audit_find(a, e == ERR_MAC || e == ERR_NOMATCH ?
		    F_ROSTER_SIGNATURE : F_ROSTER_CHAIN, detail);
		return false;
	}
	e = before == NULL ? ERR_OK : roster_follows(s->roster,
	    before->roster, (struct bytes){ before->text, before->len });
	if (e != ERR_OK || s->roster->number != s->number ||
	    strcmp(s->roster->origin, a->log.log.name) != 0 ||
	    !vkey_equal(&s->roster->log, &a->log.log)) {
		audit_find(a, F_ROSTER_CHAIN, detail);
		return false;
	}
	return true;
}

enum audit_exit
rosters_fetch(struct reach *r, struct served_list *list)
{
	enum audit_exit x;
	struct served *s;
	bool there;

	memset(list, 0, sizeof(*list));
	while (list->n < ROSTERS_MAX) {
		x = fetch(r, "roster", list->n + 1, &there);
		if (x != AUDIT_WELL)
			return x;
		if (!there)
			break;
		if ((s = push(list)) == NULL ||
		    (s->roster = calloc(1, sizeof(*s->roster))) == NULL)
			return audit_err(r->a, ERR_SYS, A_MACHINE, "memory");
		if ((x = remember(r, "roster", s)) != AUDIT_WELL)
			return x;
		if (!verify(r->a, list, s)) {
			free(s->text);
			free(s->roster);
			list->n--;
			break;
		}
		r->a->epoch0 = s->roster->epoch0;
		r->a->epoch_seconds = s->roster->epoch_seconds;
		if ((x = first_seen(r, "roster", s)) != AUDIT_WELL)
			return x;
	}
	if (list->n == 0 && findings_broken(&r->a->findings) == 0)
		return audit_fail(r->a, AUDIT_UNREAD, A_NO_ROSTER, NULL, NULL);
	return AUDIT_WELL;
}

enum audit_exit
losses_fetch(struct reach *r, struct served_list *list)
{
	enum audit_exit x;
	struct served *s;
	bool there;

	memset(list, 0, sizeof(*list));
	while (list->n < ROSTERS_MAX) {
		x = fetch(r, "loss", list->n + 1, &there);
		if (x != AUDIT_WELL || !there)
			return x;
		if ((s = push(list)) == NULL)
			return audit_err(r->a, ERR_SYS, A_MACHINE, "memory");
		if ((x = remember(r, "loss", s)) != AUDIT_WELL ||
		    (x = first_seen(r, "loss", s)) != AUDIT_WELL)
			return x;
	}
	return AUDIT_WELL;
}

/* ERR_OK: the proof's event is that of ${s}, in this very log. */
static enum err
holds(struct head *h, struct bytes text, const struct served *s,
    enum event_kind kind)
{
	struct proof *p = calloc(1, sizeof(*p));
	struct policy *policy = calloc(1, sizeof(*policy));
	uint8_t commitment[COMMITMENT_LEN];
	struct merkle_hash leaf;
	struct checkpoint c;
	struct bytes event;
	struct event ev;
	enum err e = ERR_SYS;

	if (p == NULL || policy == NULL ||
	    (e = proof_decode(text, p)) != ERR_OK)
		goto out;
	e = ERR_FORMAT;
	if (!p->has_extra || p->extra_len <= NONCE_LEN ||
	    p->extra_len > NONCE_LEN + EVENT_MAX)
		goto out;
	event = (struct bytes){ p->extra + NONCE_LEN,
	    p->extra_len - NONCE_LEN };
	commitment_of(p->extra, event, commitment);
	merkle_leaf(commitment, sizeof(commitment), &leaf);
	policy->log[0] = h->reach->a->log.log;
	policy->logs = 1;
	if ((e = proof_verify(p, &leaf, policy, &c)) != ERR_OK ||
	    (e = event_decode(event, &ev)) != ERR_OK)
		goto out;
	if (ev.action.kind != kind ||
	    strcmp(ev.action.origin, c.origin) != 0 ||
	    memcmp(ev.action.objects.bytes, s->hash, SHA256_LEN) != 0 ||
	    ev.epoch != h->reach->a->epoch0 + p->index / TILE_WIDTH)
		e = ERR_NOMATCH;
	/* A proof under a head that is none of this log's is a second log. */
	else if (!head_has(h, c.size, &c.root) && c.size <= h->now.size)
		e = ERR_CONFLICT;
out:
	free(p);
	free(policy);
	return e;
}

enum audit_exit
served_prove(struct head *h, struct served_list *list, enum event_kind kind)
{
	struct audit *a = h->reach->a;
	bool keys = kind == EVENT_KEYS;
	char path[NAME_LEN], detail[AUDIT_NUMBER];
	struct served *s;
	enum err e;

	for (s = list->item; s < list->item + list->n; s++) {
		/* Roster 1 was accepted in the log's first epoch. */
		s->is_new = keys && s->number == 1 ? h->now.size == 0 :
		    s->first >= a->epoch0 + h->now.size / TILE_WIDTH;
		number_detail(s->number, detail);
		(void)snprintf(path, sizeof(path), "/%s/%llu/proof",
		    keys ? "roster" : "loss", (unsigned long long)s->number);
		e = reach_get(h->reach, path);
		if (e == ERR_NOTFOUND)
			audit_find(a, s->is_new ? F_ROSTER_PENDING : keys ?
			    F_ROSTER_WITHOUT_EVENT : F_LOSS_WITHOUT_EVENT,
			    detail);
		else if (e != ERR_OK)
			return reach_fail(h->reach, e, path);
		else if ((e = holds(h, (struct bytes){
		    h->reach->answer.body.data, h->reach->answer.body.len },
		    s, kind)) == ERR_SYS)
			return audit_err(a, e, A_MACHINE, "memory");
		else if (e != ERR_OK)
			audit_find(a, keys ? F_ROSTER_PROOF : F_LOSS_PROOF,
			    detail);
	}
	return AUDIT_WELL;
}
