/*
 * One epoch: its leaves opened, its events put in order, and what must hold
 * for the log as a whole: nothing occurs twice, nothing stands elsewhere than
 * it says.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "chain_parts.h"

enum err
chain_new(const char *origin, struct findings *findings, struct chain **out)
{
	struct chain *c = calloc(1, sizeof(*c));

	*out = NULL;
	if (c == NULL)
		return ERR_SYS;
	assert(strlen(origin) < sizeof(c->origin));
	memcpy(c->origin, origin, strlen(origin) + 1);
	c->findings = findings;
	*out = c;
	return ERR_OK;
}

void
chain_free(struct chain *c)
{
	size_t i;

	if (c == NULL)
		return;
	for (i = 0; i < c->rosters; i++)
		free(c->roster[i].roster);
	free(c->roster);
	free(c->ref);
	free(c->one);
	free(c->actor);
	keyset_done(&c->lost);
	keyset_done(&c->losses);
	keyset_done(&c->requests);
	keyset_done(&c->sigs);
	keyset_done(&c->objects);
	keyset_done(&c->commitments);
	keyset_done(&c->case_ids);
	free(c);
}

void
chain_say(struct chain *c, enum finding_code code,
    const struct chain_event *x, const char *detail)
{
	struct finding f;
	size_t n = strlen(detail);

	memset(&f, 0, sizeof(f));
	f.code = code;
	f.has_epoch = f.has_leaf = true;
	f.epoch = c->epoch0 + x->leaf / CHAIN_WIDTH;
	f.leaf = x->leaf;
	f.has_case = x->e.action.has_case;
	memcpy(f.case_id, x->e.action.case_id, ID_LEN);
	memcpy(f.detail, detail, n < sizeof(f.detail) ? n :
	    sizeof(f.detail) - 1);
	findings_add(c->findings, &f);
}

struct chain_ref *
chain_remember(struct chain *c, const struct chain_event *x)
{
	struct chain_ref *more;
	size_t room;

	if (c->refs == c->ref_room) {
		room = c->ref_room == 0 ? 64 : 2 * c->ref_room;
		more = realloc(c->ref, room * sizeof(*more));
		if (more == NULL) {
			c->failed = true;
			return NULL;
		}
		c->ref = more;
		c->ref_room = room;
	}
	/* The same commitment twice is the same event twice, whose signature
	 * or number speaks of it. */
	if (keyset_add(&c->commitments, x->commitment, c->refs) == ERR_SYS) {
		c->failed = true;
		return NULL;
	}
	more = &c->ref[c->refs++];
	memset(more, 0, sizeof(*more));
	more->of_case = UINT32_MAX;
	more->kind = x->e.action.kind;
	more->objects = x->e.action.has_objects;
	more->epoch = x->e.epoch;
	more->leaf = x->leaf;
	more->asks = strcmp(x->e.action.status, "ASK") == 0;
	more->opens = strcmp(x->e.action.status, "OPEN") == 0;
	more->yes = strcmp(x->e.action.status, "YES") == 0;
	return more;
}

/* ${n} bytes that may occur once. */
static void
once(struct chain *c, struct keyset *s, struct bytes what,
    const struct chain_event *x, enum finding_code code)
{
	uint8_t key[KEYSET_KEY];
	enum err e;

	sha256(what.p, what.n, key);
	e = keyset_add(s, key, x->leaf);
	if (e == ERR_EXISTS)
		chain_say(c, code, x, "");
	else if (e != ERR_OK)
		c->failed = true;
}

static void
check_once(struct chain *c, const struct chain_event *x)
{
	const struct action *a = &x->e.action;
	uint8_t who[SIGN_PUBLIC_LEN + ID_LEN];

	if (x->e.has_sig)
		once(c, &c->sigs, (struct bytes){ x->e.sig, SIGN_LEN }, x,
		    F_SIGNATURE_TWICE);
	if (a->has_request) {
		/* A request's number is its actor's. */
		memcpy(who, a->actor_key, SIGN_PUBLIC_LEN);
		memcpy(who + SIGN_PUBLIC_LEN, a->request, ID_LEN);
		once(c, &c->requests, (struct bytes){ who, sizeof(who) }, x,
		    F_REQUEST_TWICE);
	}
	if (a->has_objects)
		once(c, &c->objects, (struct bytes){ a->objects.bytes,
		    SHA256_LEN }, x, F_OBJECTS_TWICE);
}

static void
loss_event(struct chain *c, const struct chain_event *x)
{
	uint64_t v;

	if (keyset_get(&c->losses, x->e.action.objects.bytes, &v))
		c->losses_announced++;	/* once: objects occur once */
	else
		chain_say(c, F_LOSS_MISSING, x, "");
}

static void
take(struct chain *c, uint64_t epoch, const struct chain_event *x)
{
	const struct event *e = &x->e;
	enum err err;

	if (e->action.kind == EVENT_DECOY)
		c->decoys++;
	else
		c->events++;
	if (strcmp(e->action.origin, c->origin) != 0)
		chain_say(c, F_EVENT_ORIGIN, x, "");
	if (e->epoch != epoch)
		chain_say(c, F_EPOCH_MISMATCH, x, "");
	else if (e->has_taken &&
	    (e->taken < c->epoch0 || e->epoch - e->taken > CHAIN_AHEAD))
		chain_say(c, F_TAKEN_WRONG, x, "");
	if ((err = event_verify(e)) == ERR_SYS)
		c->failed = true;
	else if (err != ERR_OK)
		chain_say(c, F_SIGNATURE_INVALID, x, "");
	check_once(c, x);
	if (e->action.kind == EVENT_KEYS)
		chain_keys_event(c, x);
	else if (e->action.kind == EVENT_LOSS)
		loss_event(c, x);
	else if (e->action.has_case)
		chain_case_event(c, x);
}

/* keys and loss first, then by case and number. */
static int
order(const void *a, const void *b)
{
	const struct chain_event *x = a, *y = b;
	int by_case;

	if (x->e.action.has_case != y->e.action.has_case)
		return x->e.action.has_case ? 1 : -1;
	by_case = memcmp(x->e.action.case_id, y->e.action.case_id, ID_LEN);
	if (by_case != 0)
		return by_case;
	if (x->e.seq != y->e.seq)
		return x->e.seq < y->e.seq ? -1 : 1;
	return x->leaf < y->leaf ? -1 : 1;
}

static bool
is_lost(const struct chain *c, uint64_t leaf)
{
	uint8_t key[KEYSET_KEY];
	uint64_t v;

	sha256(&leaf, sizeof(leaf), key);
	return keyset_get(&c->lost, key, &v);
}

/* One leaf; false if it holds no event that can be judged. */
static bool
open_leaf(struct chain *c, const struct chain_leaf *l, struct chain_event *x)
{
	struct bytes text = { l->open.event, l->open.len };
	struct chain_ref *ref;

	memcpy(x->commitment, l->entry, COMMITMENT_LEN);
	if (is_lost(c, x->leaf)) {
		if ((ref = chain_remember(c, x)) != NULL)
			ref->lost = true;
		chain_say(c, F_LEAF_LOST, x, "");
		return false;
	}
	if (!l->opened) {
		chain_say(c, F_LEAF_UNOPENED, x, "");
		return false;
	}
	commitment_of(l->open.nonce, text, x->commitment);
	if (memcmp(x->commitment, l->entry, COMMITMENT_LEN) != 0) {
		chain_say(c, F_LEAF_UNOPENED, x, "");
		return false;
	}
	if (event_decode(text, &x->e) != ERR_OK) {
		memset(&x->e, 0, sizeof(x->e));
		chain_say(c, F_EVENT_MALFORMED, x, "");
		return false;
	}
	return true;
}

enum err
chain_epoch(struct chain *c, uint64_t epoch,
    const struct chain_leaf leaf[CHAIN_WIDTH])
{
	struct chain_event *x;
	size_t i, n = 0;

	assert(c->rosters > 0 && epoch == c->next);
	c->next++;
	if (leaf == NULL) {
		c->blind = true;
		c->blind_last = epoch;
		c->blind_epochs++;
		return ERR_OK;
	}
	if ((x = calloc(CHAIN_WIDTH, sizeof(*x))) == NULL)
		return ERR_SYS;
	for (i = 0; i < CHAIN_WIDTH; i++) {
		memset(&x[n], 0, sizeof(x[n]));
		x[n].leaf = (epoch - c->epoch0) * CHAIN_WIDTH + i;
		if (open_leaf(c, &leaf[i], &x[n]))
			n++;
	}
	qsort(x, n, sizeof(*x), order);
	for (i = 0; i < n; i++)
		take(c, epoch, &x[i]);
	wipe(x, CHAIN_WIDTH * sizeof(*x));
	free(x);
	return c->failed || c->findings->failed ? ERR_SYS : ERR_OK;
}
