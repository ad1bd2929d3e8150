/*
 * What an auditor asks: which events' objects are held, and to take a
 * cosignature.
 */
#include <stdlib.h>
#include <string.h>

#include "desk_internal.h"
#include "intake.h"
#include "log.h"
#include "log_cosign.h"

#define BATCH		64	/* records of one read transaction */
#define OLDER_MAX	8	/* checkpoints back that a cosignature may be of */

/* ---- the inventory ---- */

/*
 * An event that may stand in the page.  Pages go by `order`, a keyed hash of
 * the commitment: the same in every page and after a restart, and telling
 * nothing of when or of which case an event is.
 */
struct candidate {
	struct place order;
	uint8_t commitment[COMMITMENT_LEN];
	uint8_t case_id[ID_LEN];
	uint32_t message;
	struct merkle_hash objects;	/* as its event says */
	bool held;
};
struct inventory {
	struct call *c;
	bool has_after;
	uint8_t after[STORE_KEY_LEN];
	uint64_t closed;		/* epochs below it */
	struct place *at;		/* of all cases */
	size_t cases, room;
	struct candidate *one;
	size_t ones;
	bool more;
};
#define CANDIDATES_MAX	(2 * API_INVENTORY_MAX)
#define ORDER_BYTES	24	/* of a commitment: enough to be its own */

static int
by_order(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	return (memcmp(x->order.key, y->order.key, STORE_KEY_LEN));
}

/* Keep what the page can hold: the first ones by order. */
static void
keep_first(struct inventory *v)
{

	qsort(v->one, v->ones, sizeof(*v->one), by_order);
	if (v->ones > API_INVENTORY_MAX) {
		v->ones = API_INVENTORY_MAX;
		v->more = true;
	}
}

static void
consider(struct inventory *v, const uint8_t *case_id, const struct opening *o)
{
	struct candidate *k = &v->one[v->ones];
	char name[16 + HEX_LEN(ORDER_BYTES) + 1] = "inventory ";
	struct event ev;

	if (o->epoch >= v->closed)
		return;
	memset(k, 0, sizeof(*k));
	commitment_of(o->nonce, (struct bytes){ o->event, o->len },
	    k->commitment);
	hex_encode(k->commitment, ORDER_BYTES, name + strlen(name));
	k->order = place_named(v->c->s->records, name);
	if (v->has_after && memcmp(k->order.key, v->after, STORE_KEY_LEN) <=
	    0)
		return;
	memcpy(k->case_id, case_id, ID_LEN);
	k->message = o->message;
	/* an event that cannot be read has objects that cannot be held */
	if (o->message != NO_MESSAGE && event_decode((struct bytes){ o->event,
	    o->len }, &ev) == ERR_OK)
		k->objects = ev.action.objects;
	if (++v->ones == CANDIDATES_MAX)
		keep_first(v);
}

static enum err
note_case(void *arg, const uint8_t *key, struct bytes value)
{
	struct inventory *v = arg;
	struct place *grown;

	(void)value;
	if (v->cases == v->room) {
		v->room = v->room == 0 ? 256 : 2 * v->room;
		grown = reallocarray(v->at, v->room, sizeof(*grown));
		if (grown == NULL)
			return (ERR_SYS);
		v->at = grown;
	}
	memcpy(v->at[v->cases++].key, key, STORE_KEY_LEN);
	return (ERR_OK);
}

/* Which cases there are, what is closed, and the rosters' own events. */
static enum err
look_around(struct inventory *v)
{
	const struct server *s = v->c->s;
	static const uint8_t none[ID_LEN];
	struct install_record *install = calloc(1, sizeof(*install));
	struct store_txn *t;
	struct opening o;
	enum err e;

	if (install == NULL)
		return (ERR_SYS);
	if ((e = store_begin(s->store, &t)) != ERR_OK)
		goto out;
	if ((e = install_get(s->records, t, install)) == ERR_OK)
		e = store_each(t, DB_CASES, note_case, v);
	v->closed = install->next_close;
	for (size_t n = 1; e == ERR_OK && n <= install->rosters; n++) {
		e = log_keys_get(s->records, t, n, &o);
		o.message = NO_MESSAGE;
		if (e == ERR_OK)
			consider(v, none, &o);
		else if (e == ERR_NOTFOUND)
			e = ERR_OK;
	}
	store_end(t);
out:
	free(install);
	return (e);
}

static enum err
look_at_cases(struct inventory *v)
{
	const struct server *s = v->c->s;
	struct case_record cs;
	struct store_txn *t;
	enum err e = ERR_OK;

	for (size_t from = 0; from < v->cases && e == ERR_OK; from += BATCH) {
		if ((e = store_begin(s->store, &t)) != ERR_OK)
			break;
		for (size_t i = from; i < from + BATCH && i < v->cases &&
		    e == ERR_OK; i++) {
			e = case_get(s->records, t, &v->at[i], &cs);
			if (e == ERR_NOTFOUND) {	/* deleted since */
				e = ERR_OK;
				continue;
			}
			if (e != ERR_OK)
				break;
			for (size_t k = 0; k < cs.openings; k++)
				consider(v, cs.id, &cs.opening[k]);
			case_done(&cs);
		}
		store_end(t);
	}
	return (e);
}

/* A reply's header for the source may be gone: the source deleted it. */
static bool
object_held(const struct server *s, struct store_txn *t,
    const struct object_record *o)
{
	const struct buf *h = o->use == USE_REPLY ? &o->t : &o->h;
	struct bytes block;

	for (uint32_t n = 0; n < o->blocks; n++) {
		struct place at = place_block(s->records, o->id, n);

		if (store_get(t, DB_BLOCKS, at.key, &block) != ERR_OK)
			return (false);
	}
	return (h->len > 0);
}

static bool
held(const struct server *s, struct store_txn *t, const struct candidate *k)
{
	struct message_record m;
	struct merkle_hash root;
	bool all = true;

	if (k->message == NO_MESSAGE)
		return (true);
	if (message_get(s->records, t, k->case_id, k->message, &m) != ERR_OK)
		return (false);
	for (size_t i = 0; i < m.objects && all; i++)
		all = object_held(s, t, &m.object[i]);
	/* other objects than the event's are not held in their place; of a
	 * deleted answer the source's header is gone by right */
	if (all && (m.kind != MANIFEST_REPLY || m.object[0].h.len > 0))
		all = message_root(&m, &root) == ERR_OK && memcmp(&root,
		    &k->objects, sizeof(root)) == 0;
	message_done(&m);
	return (all);
}

static enum err
look_at_objects(struct inventory *v)
{
	struct store_txn *t;
	enum err e;

	for (size_t from = 0; from < v->ones; from += BATCH) {
		if ((e = store_begin(v->c->s->store, &t)) != ERR_OK)
			return (e);
		for (size_t i = from; i < from + BATCH && i < v->ones; i++)
			v->one[i].held = held(v->c->s, t, &v->one[i]);
		store_end(t);
	}
	return (ERR_OK);
}

static enum err
inventory(struct inventory *v, struct api_inventory *out)
{
	enum err e;

	v->one = calloc(CANDIDATES_MAX, sizeof(*v->one));
	out->commitment = calloc(API_INVENTORY_MAX, COMMITMENT_LEN);
	if (v->one == NULL || out->commitment == NULL)
		return (ERR_SYS);
	if ((e = look_around(v)) != ERR_OK ||
	    (e = look_at_cases(v)) != ERR_OK)
		return (e);
	keep_first(v);
	if ((e = look_at_objects(v)) != ERR_OK)
		return (e);
	for (size_t i = 0; i < v->ones; i++) {
		if (v->one[i].held)
			memcpy(out->commitment[out->commitments++],
			    v->one[i].commitment, COMMITMENT_LEN);
	}
	out->more = v->more;
	memcpy(out->after, v->ones > 0 ? v->one[v->ones - 1].order.key :
	    v->after, sizeof(out->after));
	return (ERR_OK);
}

/* "?after=HEX", nothing else. */
static bool
parse_cursor(const char *query, struct inventory *v)
{
	const char *hex = query + strlen("?after=");

	if (query[0] == '\0' || strcmp(query, "?") == 0)
		return (true);
	v->has_after = true;
	return (strncmp(query, "?after=", 7) == 0 && hex_decode((struct
	    bytes){ hex, strlen(hex) }, v->after, sizeof(v->after)) ==
	    ERR_OK);
}

void
desk_inventory(struct call *c)
{
	struct inventory v = { .c = c };
	struct api_inventory out = { .commitment = NULL };
	enum err e;

	if (!parse_cursor(c->r->query, &v)) {
		call_problem(c, 400, "query", "The query is ?after=HEX.");
		return;
	}
	if ((e = inventory(&v, &out)) == ERR_OK)
		e = api_inventory_encode(&out, &c->a->body);
	if (e == ERR_OK)
		call_json(c, 200);
	else
		call_fail(c, e);
	api_inventory_done(&out);
	free(v.at);
	free(v.one);
}

/* ---- a cosignature ---- */

struct cosign_job { struct call *c; struct cosignature k; };

/* Whether the line is a good cosignature of that epoch's checkpoint. */
static enum err
is_of(const struct call *c, const struct log_epoch *le,
    const struct vkey *key)
{
	struct bytes text;
	struct buf note;
	bool signed_by;
	enum err e;

	buf_init(&note, NOTE_MAX);
	e = note_text((struct bytes){ le->checkpoint.data,
	    le->checkpoint.len }, &text);
	if (e == ERR_OK) {
		buf_put(&note, text.p, text.n);
		buf_putc(&note, '\n');
		buf_put(&note, c->r->body.p, c->r->body.n);
		e = buf_err(&note);
	}
	if (e == ERR_OK)
		e = note_open((struct bytes){ note.data, note.len }, key, 1,
		    &text, &signed_by);
	buf_done(&note);
	return (e);
}

/* The newest checkpoint first; a watcher may have seen an older one. */
static enum err
find_checkpoint(struct cosign_job *j, const struct vkey *key)
{
	const struct server *s = j->c->s;
	uint64_t epoch0 = instance_epoch0(s->in), epoch;
	struct log_epoch *le = calloc(1, sizeof(*le));
	struct store_txn *t = NULL;
	enum err e;

	if (le == NULL || store_begin(s->store, &t) != ERR_OK) {
		free(le);
		return (ERR_SYS);
	}
	e = log_head(s->records, t, epoch0, le);
	epoch = le->epoch;
	for (unsigned back = 0; e == ERR_OK; back++) {
		j->k.size = (le->epoch + 1 - epoch0) * LEAVES;
		e = is_of(j->c, le, key);
		log_epoch_done(le);
		if (e != ERR_MAC || back == OLDER_MAX || epoch - back ==
		    epoch0)
			break;
		e = log_epoch_get(s->records, t, epoch - back - 1, le);
	}
	store_end(t);
	free(le);
	return (e);
}

/* One line "— NAME BASE64" LF. */
static bool
is_line(struct bytes body)
{

	return (body.n > 1 && body.n <= COSIGN_LINE_MAX && memchr(body.p,
	    '\n', body.n) == (const char *)body.p + body.n - 1 &&
	    memchr(body.p, '\0', body.n) == NULL);
}

static enum err
cosign_job(struct store_txn *t, void *arg)
{
	struct cosign_job *j = arg;

	return (log_cosign_put(j->c->s->records, t, &j->k));
}

void
desk_cosignature(struct call *c)
{
	struct cosign_job j = { .c = c };
	struct vkey key;
	enum err e = ERR_FORMAT;

	if (!call_type(c, "text/plain"))
		return;
	if (is_line(c->r->body) &&
	    (e = log_cosign_key(&c->desk, &key)) == ERR_OK &&
	    (e = find_checkpoint(&j, &key)) == ERR_OK) {
		memcpy(j.k.key, c->desk.key, SIGN_PUBLIC_LEN);
		memcpy(j.k.line, c->r->body.p, c->r->body.n);
		e = store_write(c->s->store, STORE_LAST, cosign_job, &j);
	}
	switch ((int)e) {
	case ERR_OK:
		if (api_size_encode(j.k.size, &c->a->body) == ERR_OK)
			call_json(c, 200);
		else
			call_fail(c, ERR_SYS);
		break;
	case ERR_FORMAT:
	case ERR_RANGE:
	case ERR_MAC:
	case ERR_NOMATCH:
		call_problem(c, 422, "cosignature", "The body is not a line "
		    "with this key's cosignature of a checkpoint of late.");
		break;
	default:
		call_fail(c, e);
	}
}
