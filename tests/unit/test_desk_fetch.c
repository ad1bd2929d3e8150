/*
 * Items of the feed that do not fit are refused, each with its code.  The
 * client is a fake one: what a server that lies would sign as well.
 */
#include "desk_kit.h"

#include "fetch_event.h"
#include "fetch_log.h"
#include "proof.h"
#include "sealed.h"

#define ORIGIN "uji.invalid"
#define EPOCH0 9
#define LEAVES_MAX 64

static struct {
	struct fetch f;
	struct book *book;
	uint8_t seed[SIGN_SEED_LEN], other[SIGN_SEED_LEN], case_id[ID_LEN];
	uint8_t log_seed[SIGN_SEED_LEN], promise_seed[SIGN_SEED_LEN];
	struct merkle_hash leaf[LEAVES_MAX];	/* the log so far */
	size_t leaves;
	uint8_t last[COMMITMENT_LEN];
	struct api_feed_item item;
} w;

/* ---- a server: paths and what it has there ---- */

#define PAGES_MAX 16
static struct { char path[96]; struct buf body; } page[PAGES_MAX];
static size_t pages, asked;

static struct buf *
serve(const uint8_t *id, const char *part)
{
	char hex[HEX_LEN(ID_LEN) + 1];

	assert_true(pages < PAGES_MAX);
	hex_encode(id, ID_LEN, hex);
	(void)snprintf(page[pages].path, sizeof(page[pages].path),
	    "/v1/objects/%s/%s", hex, part);
	buf_init(&page[pages].body, CLIENT_BODY_MAX);
	return &page[pages++].body;
}

enum err
client_get(struct client *c, const char *path, const char *query,
    struct client_answer *a)
{
	size_t i;

	(void)c;
	(void)query;
	asked++;
	a->verified = true;
	buf_reset(&a->body);
	for (i = 0; i < pages; i++) {
		if (strcmp(page[i].path, path) != 0)
			continue;
		buf_put(&a->body, page[i].body.data, page[i].body.len);
		a->status = 200;
		return ERR_OK;
	}
	a->status = 404;
	return ERR_NOTFOUND;
}

/* ---- a log of which all that is is its leaves ---- */

static size_t
half_of(size_t n)
{
	size_t k = 1;

	while (2 * k < n)
		k *= 2;
	return k;
}

static void
path_to(size_t index, size_t from, size_t n, struct proof *p)
{
	size_t k = half_of(n);
	struct merkle_hash *h;

	if (n == 1)
		return;
	path_to(index < k ? index : index - k, index < k ? from : from + k,
	    index < k ? k : n - k, p);
	h = &p->hash[p->hashes++];
	if (index < k)
		merkle_root(&w.leaf[from + k], n - k, h);
	else
		merkle_root(&w.leaf[from], k, h);
}

static void
sign_checkpoint(const char *origin, const uint8_t *seed, struct buf *note)
{
	struct checkpoint c;
	struct vkey key;
	struct buf text;
	uint8_t public[SIGN_PUBLIC_LEN];

	memset(&c, 0, sizeof(c));
	(void)snprintf(c.origin, sizeof(c.origin), "%s", origin);
	c.size = w.leaves;
	merkle_root(w.leaf, w.leaves, &c.root);
	sign_public(seed, public);
	OK(vkey_of(origin, NOTE_TYPE_ED25519, public, &key));
	buf_init(&text, NOTE_MAX);
	OK(checkpoint_encode(&c, &text));
	OK(note_sign((struct bytes){ text.data, text.len }, &key, seed,
	    note));
	buf_done(&text);
}

static void
evidence(struct api_feed_item *i, bool proof, struct buf *text)
{
	free(i->evidence);
	i->proof = proof;
	i->evidence = strdup(buf_text(text));
	assert_non_null(i->evidence);
	buf_done(text);
}

/* The proof of an item against the log as it is now. */
static void
prove_by(struct api_feed_item *i, const char *origin, const uint8_t *seed)
{
	struct proof *p = calloc(1, sizeof(*p));
	struct buf note, text;

	assert_non_null(p);
	buf_init(&note, NOTE_MAX);
	buf_init(&text, PROOF_MAX);
	sign_checkpoint(origin, seed, &note);
	p->index = i->leaf;
	path_to(i->leaf, 0, w.leaves, p);
	p->note = (struct bytes){ note.data, note.len };
	OK(proof_encode(p, &text));
	evidence(i, true, &text);
	buf_done(&note);
	free(p);
}

static void
prove(struct api_feed_item *i)
{
	prove_by(i, ORIGIN, w.log_seed);
}

static void
promise(struct api_feed_item *i, const uint8_t *seed)
{
	struct open_event o;
	struct promise p;
	struct vkey key;
	struct buf text, note, file;
	uint8_t public[SIGN_PUBLIC_LEN];

	memset(&o, 0, sizeof(o));
	memset(&p, 0, sizeof(p));
	(void)snprintf(p.origin, sizeof(p.origin), ORIGIN);
	p.epoch = i->epoch;
	p.leaf = i->leaf;
	memcpy(o.nonce, i->nonce, NONCE_LEN);
	memcpy(o.event, i->event, i->event_len);
	o.len = i->event_len;
	commitment_of(o.nonce, (struct bytes){ o.event, o.len },
	    p.commitment);
	sign_public(seed, public);
	OK(vkey_of(ORIGIN "/promise", NOTE_TYPE_ED25519, public, &key));
	buf_init(&text, PROMISE_MAX);
	buf_init(&note, PROMISE_MAX);
	buf_init(&file, PROMISE_MAX);
	OK(promise_text(&p, &text));
	OK(note_sign((struct bytes){ text.data, text.len }, &key, seed,
	    &note));
	OK(promise_file_encode(&o, (struct bytes){ note.data, note.len },
	    &file));
	evidence(i, false, &file);
	buf_done(&text);
	buf_done(&note);
}

/* Who may act, as if a roster had said so. */
static void
may_act(const uint8_t *seed, const char *label)
{
	struct book_log *l = &w.book->log;

	l->desk = reallocarray(l->desk, l->desks + 1, sizeof(*l->desk));
	assert_non_null(l->desk);
	memset(&l->desk[l->desks], 0, sizeof(*l->desk));
	sign_public(seed, l->desk[l->desks].key);
	(void)snprintf(l->desk[l->desks].label,
	    sizeof(l->desk[l->desks].label), "%s", label);
	l->desks++;
}

static void
office_keys(void)
{
	struct office *o = &kit_desk.office;
	uint8_t public[SIGN_PUBLIC_LEN];

	rand_bytes(w.log_seed, sizeof(w.log_seed));
	rand_bytes(w.promise_seed, sizeof(w.promise_seed));
	sign_public(w.log_seed, public);
	OK(vkey_of(ORIGIN, NOTE_TYPE_ED25519, public, &o->log));
	sign_public(w.promise_seed, public);
	OK(vkey_of(ORIGIN "/promise", NOTE_TYPE_ED25519, public,
	    &o->promise));
	w.book->log.epoch0 = EPOCH0;
	may_act(w.seed, "petugas-1");
	may_act(w.other, "petugas-2");
}

/* The rest of the real one is not wanted here. */
enum err
client_call(struct client *c, const struct client_request *r,
    struct client_answer *a)
{
	return client_get(c, r->path, r->query, a);
}

enum err
client_new(const struct office *office, const struct secret *seed,
    struct clock *clock, const char *socks, struct client **out)
{
	(void)office;
	(void)seed;
	(void)clock;
	(void)socks;
	*out = NULL;
	return ERR_OK;
}

void
client_free(struct client *c)
{
	(void)c;
}

void
client_answer_init(struct client_answer *a)
{
	memset(a, 0, sizeof(*a));
	buf_init(&a->body, CLIENT_BODY_MAX);
}

void
client_answer_done(struct client_answer *a)
{
	buf_done(&a->body);
}

const char *
client_why(const struct client *c)
{
	(void)c;
	return "fake";
}

static int
setup(void **state)
{
	if (kit_setup(state) != 0)
		return -1;
	memset(&w, 0, sizeof(w));
	(void)snprintf(kit_desk.office.origin,
	    sizeof(kit_desk.office.origin), ORIGIN);
	kit_desk.home = kit_root;
	w.book = need(calloc(1, sizeof(*w.book)));
	w.f.d = &kit_desk;
	w.f.book = w.book;
	rand_bytes(w.seed, sizeof(w.seed));
	rand_bytes(w.other, sizeof(w.other));
	rand_bytes(w.case_id, ID_LEN);
	client_answer_init(&w.f.answer);
	office_keys();
	pages = asked = 0;
	{
		struct age_identity id;

		age_identity_new(&id);
		age_identity_recipient(&id, &kit_desk.recipient);
		OK(secret_of(&id, sizeof(id), &kit_desk.identity));
	}
	return w.book == NULL ? -1 : 0;
}

static int
teardown(void **state)
{
	book_free(w.book);
	free(w.item.evidence);
	client_answer_done(&w.f.answer);
	while (pages > 0)
		buf_done(&page[--pages].body);
	kit_desk.home = NULL;
	return kit_teardown(state);
}

/* The next item: an event of ${kind} that needs no objects. */
static struct event
event(enum event_kind kind, uint64_t seq)
{
	struct event e;

	memset(&e, 0, sizeof(e));
	(void)snprintf(e.action.origin, sizeof(e.action.origin), ORIGIN);
	e.action.has_case = e.action.has_request = e.has_seq = true;
	memcpy(e.action.case_id, w.case_id, ID_LEN);
	rand_bytes(e.action.request, ID_LEN);
	e.action.kind = kind;
	e.action.actor = kind == EVENT_CONSENT ? ACTOR_SOURCE : ACTOR_DESK;
	if (kind == EVENT_STATUS)
		(void)snprintf(e.action.status, sizeof(e.action.status),
		    "REVIEW");
	if (kind == EVENT_CONSENT)
		(void)snprintf(e.action.status, sizeof(e.action.status),
		    "YES");
	e.action.has_seen = true;
	e.epoch = EPOCH0;
	e.seq = seq;
	e.has_prev = seq > 0;
	memcpy(e.prev, w.last, COMMITMENT_LEN);
	return e;
}

static void
sign(struct event *e, const uint8_t *seed)
{
	sign_public(seed, e->action.actor_key);
	OK(action_sign(&e->action, seed, e->sig));
	e->has_sig = true;
}

static void
to_item(const struct event *e)
{
	struct api_feed_item *i = &w.item;
	struct buf text;

	free(i->evidence);
	memset(i, 0, sizeof(*i));
	buf_init(&text, EVENT_MAX);
	OK(event_encode(e, &text));
	memcpy(i->event, text.data, text.len);
	i->event_len = text.len;
	buf_done(&text);
	memcpy(i->case_id, e->action.case_id, ID_LEN);
	i->kind = e->action.kind;
	i->epoch = e->epoch;
	rand_bytes(i->nonce, NONCE_LEN);
	/* it gets the next leaf of the log */
	{
		uint8_t commitment[COMMITMENT_LEN];

		assert_true(w.leaves < LEAVES_MAX);
		commitment_of(i->nonce, (struct bytes){ i->event,
		    i->event_len }, commitment);
		i->leaf = w.leaves;
		merkle_leaf(commitment, sizeof(commitment),
		    &w.leaf[w.leaves++]);
	}
	prove(i);
}

static void
good(enum event_kind kind, uint64_t seq)
{
	struct event e = event(kind, seq);
	bool refused_it;

	sign(&e, w.seed);
	to_item(&e);
	assert_int_equal(fetch_event(&w.f, &w.item, &refused_it), DESK_DONE);
	commitment_of(w.item.nonce, (struct bytes){ w.item.event,
	    w.item.event_len }, w.last);
}

static void
bad(const char *code)
{
	size_t before = json_array_size(kit_desk.findings);
	bool refused_it = false;

	assert_int_equal(fetch_event(&w.f, &w.item, &refused_it), DESK_NO);
	assert_true(refused_it);
	assert_string_equal(kit_code(before), code);
}

static void
events(void **state)
{
	struct event e;

	(void)state;
	good(EVENT_STATUS, 0);
	/* the same once more changes nothing */
	{
		bool r;

		assert_int_equal(fetch_event(&w.f, &w.item, &r), DESK_DONE);
		assert_int_equal(w.book->one[0].events, 1);
	}
	good(EVENT_STATUS, 1);
	assert_true(fetch_chain(&w.f, &w.book->one[0]));

	e = event(EVENT_STATUS, 2);
	sign(&e, w.seed);
	e.sig[3] ^= 1;
	to_item(&e);
	bad("event_signature");
	e = event(EVENT_STATUS, 2);
	sign(&e, w.seed);
	sign_public(w.other, e.action.actor_key);
	to_item(&e);
	bad("event_signature");

	e = event(EVENT_STATUS, 2);
	(void)snprintf(e.action.origin, sizeof(e.action.origin), "lain.x");
	sign(&e, w.seed);
	to_item(&e);
	bad("event_fields");
	e = event(EVENT_STATUS, 2);
	sign(&e, w.seed);
	to_item(&e);
	w.item.case_id[0] ^= 1;
	bad("event_fields");
	to_item(&e);
	w.item.kind = EVENT_ACCESS;
	bad("event_fields");
	to_item(&e);
	w.item.epoch++;
	bad("event_fields");
	to_item(&e);
	w.item.objects = 1;
	bad("event_fields");
	to_item(&e);
	w.item.event[w.item.event_len - 1] = ' ';
	bad("event");

	/* another event under a number that is taken */
	e = event(EVENT_STATUS, 1);
	sign(&e, w.other);
	to_item(&e);
	bad("event_twin");
	assert_int_equal(w.book->one[0].events, 2);
}

static void
gaps(void **state)
{
	(void)state;
	good(EVENT_STATUS, 0);
	good(EVENT_STATUS, 2);
	assert_false(fetch_chain(&w.f, &w.book->one[0]));
	assert_string_equal(kit_code(0), "event_gap");
}

static void
broken_chain(void **state)
{
	(void)state;
	good(EVENT_STATUS, 0);
	w.last[0] ^= 1;
	good(EVENT_STATUS, 1);
	assert_false(fetch_chain(&w.f, &w.book->one[0]));
	assert_string_equal(kit_code(0), "event_chain");
}

/* What arrives in random order is put in its own. */
static void
any_order(void **state)
{
	struct api_feed_item items[3];
	struct event e;
	bool r;
	int i;

	(void)state;
	for (i = 0; i < 3; i++) {
		e = event(EVENT_STATUS, (uint64_t)i);
		sign(&e, w.seed);
		to_item(&e);
		items[i] = w.item;
		w.item.evidence = NULL;		/* transferred */
		commitment_of(w.item.nonce, (struct bytes){ w.item.event,
		    w.item.event_len }, w.last);
	}
	for (i = 2; i >= 0; i--) {
		prove(&items[i]);
		assert_int_equal(fetch_event(&w.f, &items[i], &r),
		    DESK_DONE);
		free(items[i].evidence);
	}
	assert_true(fetch_chain(&w.f, &w.book->one[0]));
}

/* Statuses, waiting and answers, as list shows them. */
static void
views(void **state)
{
	struct book_view v;
	struct book_case *c;

	(void)state;
	good(EVENT_STATUS, 0);
	c = &w.book->one[0];
	book_look(c, &v);
	assert_string_equal(v.status, "REVIEW");
	assert_true(v.answered);
	assert_false(v.unanswered);
	good(EVENT_ACCESS, 1);
	good(EVENT_CONSENT, 2);
	c = &w.book->one[0];
	c->event[1].event.action.kind = EVENT_MESSAGE;
	book_look(c, &v);
	assert_true(v.unanswered);
	assert_int_equal(v.messages, 1);
	c->event[2].event.action.kind = EVENT_DELETE;
	book_look(c, &v);
	assert_true(v.deleted);
}

/* ---- the log ---- */

static void
a_status(uint64_t seq, const uint8_t *seed)
{
	struct event e = event(EVENT_STATUS, seq);

	sign(&e, seed);
	to_item(&e);
}

/* The item is fine and the log is not: the fetch ends there. */
static void
stops(const char *code)
{
	size_t before = json_array_size(kit_desk.findings);
	bool refused_it = true;

	assert_int_equal(fetch_event(&w.f, &w.item, &refused_it), DESK_NO);
	assert_false(refused_it);
	assert_string_equal(kit_code(before), code);
}

static void
proofs(void **state)
{
	char *proof;

	(void)state;
	good(EVENT_STATUS, 0);
	assert_int_equal(w.book->log.head.size, 1);
	good(EVENT_STATUS, 1);
	assert_int_equal(w.book->log.head.size, 2);

	a_status(2, w.seed);
	w.item.leaf--;			/* not the leaf of the proof */
	bad("proof");
	w.item.leaf++;
	w.item.nonce[0] ^= 1;		/* not the opening of the leaf */
	bad("proof");
	w.item.nonce[0] ^= 1;
	prove_by(&w.item, ORIGIN, w.promise_seed);
	bad("proof");
	prove_by(&w.item, "lain.invalid", w.log_seed);
	bad("proof");
	prove(&w.item);
	proof = strstr(w.item.evidence, "index ");
	assert_non_null(proof);
	proof[strlen("index ")] ^= 1;
	bad("proof");
	w.item.evidence[0] ^= 1;
	bad("proof");
	w.item.evidence[0] = '\0';
	bad("proof");
	/* the epoch that the event names is not its leaf's */
	prove(&w.item);
	w.book->log.epoch0 = EPOCH0 - 1;
	bad("proof");
	w.book->log.epoch0 = EPOCH0 + 1;
	bad("proof");
	w.book->log.epoch0 = EPOCH0;
	/* nothing of that is in the book, the log seen is the old one */
	assert_int_equal(w.book->one[0].events, 2);
	assert_int_equal(w.book->log.head.size, 2);
	{
		bool r;

		assert_int_equal(fetch_event(&w.f, &w.item, &r), DESK_DONE);
	}
	assert_int_equal(w.book->log.head.size, 3);
}

static void
rolled_back(void **state)
{
	struct checkpoint seen;

	(void)state;
	good(EVENT_STATUS, 0);
	good(EVENT_STATUS, 1);
	seen = w.book->log.head;
	w.leaves = 0;
	a_status(2, w.seed);
	stops("log_rollback");
	assert_memory_equal(&seen, &w.book->log.head, sizeof(seen));
	assert_int_equal(w.book->one[0].events, 2);
}

static void
forked(void **state)
{
	(void)state;
	good(EVENT_STATUS, 0);
	good(EVENT_STATUS, 1);
	w.leaves = 1;
	a_status(2, w.seed);
	stops("log_fork");
	assert_int_equal(w.book->one[0].events, 2);
}

static void
promises(void **state)
{
	bool r;

	(void)state;
	a_status(0, w.seed);
	promise(&w.item, w.promise_seed);
	assert_int_equal(fetch_event(&w.f, &w.item, &r), DESK_DONE);
	assert_true(w.f.promised);
	assert_int_equal(w.book->cases, 0);	/* kept apart */
	assert_int_equal(w.book->promises, 1);
	assert_true(fetch_promises(&w.f));
	/* the same once more is one */
	assert_int_equal(fetch_event(&w.f, &w.item, &r), DESK_DONE);
	assert_int_equal(w.book->promises, 1);
	/* it does not come again */
	w.book->promised[0].seen = false;
	assert_false(fetch_promises(&w.f));
	assert_string_equal(kit_code(0), "promise_broken");
	/* it does */
	prove(&w.item);
	assert_int_equal(fetch_event(&w.f, &w.item, &r), DESK_DONE);
	assert_false(w.f.promised);
	assert_int_equal(w.book->one[0].events, 1);
	assert_int_equal(w.book->promises, 0);

	a_status(1, w.seed);
	promise(&w.item, w.log_seed);
	bad("promise");
	promise(&w.item, w.promise_seed);
	w.item.leaf ^= 1;
	bad("promise");
	w.item.leaf ^= 1;
	w.item.nonce[4] ^= 1;
	bad("promise");
	w.item.evidence[0] = '\0';
	bad("promise");
	assert_int_equal(w.book->promises, 0);
}

static void
actors(void **state)
{
	uint8_t stranger[SIGN_SEED_LEN];

	(void)state;
	good(EVENT_STATUS, 0);
	rand_bytes(stranger, sizeof(stranger));
	a_status(1, stranger);
	bad("event_actor");
	/* one who left: what was taken by then counts, what came later not */
	w.book->log.desk[1].gone = true;
	w.book->log.desk[1].gone_epoch = EPOCH0 - 1;
	a_status(1, w.other);
	bad("event_actor");
	w.book->log.desk[1].gone_epoch = EPOCH0;
	{
		bool r;

		assert_int_equal(fetch_event(&w.f, &w.item, &r), DESK_DONE);
	}
	assert_int_equal(w.book->one[0].events, 2);
}

/* What the index keeps of it. */
static void
log_in_the_index(void **state)
{
	struct buf one, two;
	struct book *b;
	bool r;

	(void)state;
	good(EVENT_STATUS, 0);
	a_status(1, w.seed);
	promise(&w.item, w.promise_seed);
	assert_int_equal(fetch_event(&w.f, &w.item, &r), DESK_DONE);
	w.book->log.desk[1].gone = true;
	w.book->log.desk[1].gone_epoch = 77;
	w.book->log.roster = need(strdup("a note\n"));
	w.book->log.roster_number = 3;
	buf_init(&one, BOOK_MAX);
	buf_init(&two, BOOK_MAX);
	OK(book_encode(w.book, &one));
	OK(book_decode((struct bytes){ one.data, one.len }, &b));
	OK(book_encode(b, &two));
	assert_string_equal(buf_text(&one), buf_text(&two));
	assert_memory_equal(&b->log.head, &w.book->log.head,
	    sizeof(b->log.head));
	assert_int_equal(b->log.head.size, 1);
	assert_int_equal(b->log.roster_number, 3);
	assert_int_equal(b->log.epoch0, EPOCH0);
	assert_int_equal(b->log.desks, 2);
	assert_true(b->log.desk[1].gone);
	assert_int_equal(b->log.desk[1].gone_epoch, 77);
	assert_int_equal(b->promises, 1);
	assert_false(b->promised[0].seen);
	book_free(b);
	buf_done(&one);
	buf_done(&two);
}

/* ---- rosters ---- */

static struct roster *ro;

static void
a_desk(size_t at, const char *label, const uint8_t *seed)
{
	struct roster_desk *d = &ro->desk[at];
	struct age_identity id;

	memset(d, 0, sizeof(*d));
	(void)snprintf(d->label, sizeof(d->label), "%s", label);
	sign_public(seed, d->key);
	d->role = ROLE_INVESTIGATOR;
	d->channels = 1;
	age_identity_new(&id);
	age_identity_recipient(&id, &d->age);
}

static void
roster_one(const uint8_t *roster_seed)
{
	struct office *o = &kit_desk.office;
	uint8_t public[SIGN_PUBLIC_LEN];

	ro = calloc(1, sizeof(*ro));
	assert_non_null(ro);
	(void)snprintf(ro->origin, sizeof(ro->origin), ORIGIN);
	ro->number = 1;
	ro->epoch_seconds = 60;
	ro->epoch0 = EPOCH0;
	ro->retention_days = 365;
	ro->log = o->log;
	ro->promise = o->promise;
	{
		uint8_t seed[SIGN_SEED_LEN];

		rand_bytes(seed, sizeof(seed));
		sign_public(seed, o->answers);
	}
	memcpy(ro->answers, o->answers, SIGN_PUBLIC_LEN);
	sign_public(roster_seed, public);
	OK(vkey_of(ORIGIN "/roster", NOTE_TYPE_ED25519, public,
	    &ro->roster_key[0]));
	ro->roster_keys = 1;
	o->roster_key[0] = ro->roster_key[0];
	o->roster_keys = 1;
	a_desk(0, "petugas-1", w.seed);
	a_desk(1, "petugas-2", w.other);
	ro->desks = 2;
	ro->channels = 1;
	(void)snprintf(ro->channel[0].name, sizeof(ro->channel[0].name),
	    "pasar");
	ro->channel[0].recipients = 1;
	ro->channel[0].recipient[0].key = ro->desk[0].age;
}

/* Serves ${ro}, signed, under its number. */
static struct buf *
serve_roster(const uint8_t *seed)
{
	struct buf text, *body;

	assert_true(pages < PAGES_MAX);
	(void)snprintf(page[pages].path, sizeof(page[pages].path),
	    "/v1/roster/%llu", (unsigned long long)ro->number);
	body = &page[pages++].body;
	buf_init(body, CLIENT_BODY_MAX);
	buf_init(&text, ROSTER_MAX);
	OK(roster_encode(ro, &text));
	OK(note_sign((struct bytes){ text.data, text.len },
	    &ro->roster_key[0], seed, body));
	buf_done(&text);
	return body;
}

static void
no_roster(uint64_t newest, const char *code)
{
	size_t before = json_array_size(kit_desk.findings);

	assert_int_equal(fetch_rosters(&w.f, newest), DESK_NO);
	assert_string_equal(kit_code(before), code);
}

static void
rosters(void **state)
{
	uint8_t key[SIGN_SEED_LEN], third[SIGN_SEED_LEN], public[32];
	const struct book_desk *d;
	struct buf *one, *two;

	(void)state;
	book_log_done(w.book);
	rand_bytes(key, sizeof(key));
	rand_bytes(third, sizeof(third));
	roster_one(key);
	one = serve_roster(key);
	w.f.epoch = 20;

	/* altered, or not for this office */
	one->data[one->len - 70] ^= 1;
	no_roster(1, "roster_chain");
	one->data[one->len - 70] ^= 1;
	kit_desk.office.answers[0] ^= 1;
	no_roster(1, "roster_chain");
	kit_desk.office.answers[0] ^= 1;
	assert_int_equal(w.book->log.desks, 0);

	assert_int_equal(fetch_rosters(&w.f, 1), DESK_DONE);
	assert_int_equal(w.book->log.epoch0, EPOCH0);
	sign_public(w.other, public);
	d = book_desk(w.book, public);
	assert_non_null(d);
	assert_string_equal(d->label, "petugas-2");
	asked = 0;
	assert_int_equal(fetch_rosters(&w.f, 1), DESK_DONE);
	assert_int_equal(asked, 0);

	/* the second: one leaves, one comes */
	sha256(one->data, one->len, ro->prev);
	ro->number = 2;
	a_desk(1, "petugas-3", third);
	two = serve_roster(key);
	w.f.epoch = 30;
	two->data[two->len - 70] ^= 1;
	no_roster(2, "roster_chain");
	two->data[two->len - 70] ^= 1;
	assert_int_equal(fetch_rosters(&w.f, 2), DESK_DONE);
	assert_int_equal(w.book->log.roster_number, 2);
	d = book_desk(w.book, public);
	assert_true(d->gone);
	assert_int_equal(d->gone_epoch, 30);
	sign_public(third, public);
	assert_string_equal(book_desk(w.book, public)->label, "petugas-3");

	/* the chain does not go back, nor on with another before it */
	no_roster(1, "roster_chain");
	ro->number = 3;
	(void)serve_roster(key);
	no_roster(3, "roster_chain");
	assert_int_equal(w.book->log.roster_number, 2);
	free(ro);
}

/* ---- objects ---- */

#define REPLY_LEN	(2 * BLOCK_LEN + 1000)

/* A reply of three blocks under two headers, and its item of the feed. */
static void
reply(bool lie)
{
	uint8_t *plain = need(calloc(1, REPLY_LEN)), id[ID_LEN];
	struct object_entry entry[2];
	struct age_recipient source;
	struct age_identity other;
	size_t header, left, n, k;
	struct buf file, *body;
	struct event e;
	char part[8];

	age_identity_new(&other);
	age_identity_recipient(&other, &source);
	rand_bytes(id, ID_LEN);
	buf_init(&file, 1 << 22);
	OK(age_seal_file(&kit_desk.recipient, 1, (struct bytes){ plain,
	    REPLY_LEN }, &file));
	free(plain);
	OK(age_header_len(file.data, file.len, &header));
	body = serve(id, "t");
	buf_put(body, file.data, header);
	OK(buf_err(body));
	blake2b(NULL, file.data, header, entry[1].header);
	body = serve(id, "h");	/* another header will do here */
	OK(age_seal_header((const uint8_t[AGE_FILE_KEY_LEN]){ 1 }, &source, 1,
	    body));
	blake2b(NULL, body->data, body->len, entry[0].header);
	blake2b(NULL, file.data + header, file.len - header,
	    entry[0].payload);
	memcpy(entry[1].payload, entry[0].payload, BLAKE2B_LEN);
	for (k = 0, left = file.len - header; left > 0; k++, left -= n) {
		n = left < BLOCK_LEN ? left : BLOCK_LEN;
		(void)snprintf(part, sizeof(part), "%zu", k);
		body = serve(id, part);
		buf_put(body, file.data + file.len - left, n);
		buf_fill(body, 'r', BLOCK_LEN - n);	/* filled up */
		OK(buf_err(body));
	}
	e = event(EVENT_REPLY, 0);
	e.action.has_objects = true;
	OK(objects_root(entry, 2, &e.action.objects));
	if (lie)
		e.action.objects.bytes[0] ^= 1;
	sign(&e, w.seed);
	to_item(&e);
	w.item.objects = 1;
	memcpy(w.item.object[0].id, id, ID_LEN);
	w.item.object[0].blocks = (uint32_t)k;
	w.item.object[0].size = file.len - header;
	buf_done(&file);
}

/* "vault/CASE" and what is in it. */
static size_t
in_vault(void)
{
	char hex[HEX_LEN(ID_LEN) + 1], name[64];

	hex_encode(w.case_id, ID_LEN, hex);
	(void)snprintf(name, sizeof(name), "vault/%s", hex);
	return kit_files(name);
}

static void
take(void)
{
	bool r;

	assert_int_equal(fetch_event(&w.f, &w.item, &r), DESK_DONE);
	assert_int_equal(w.book->one[0].events, 1);
}

static void
object_comes(void **state)
{
	(void)state;
	reply(false);
	take();
	assert_true(w.book->one[0].event[0].checked);
	assert_int_equal(w.f.bytes, w.item.object[0].size);
	assert_int_equal(in_vault(), 1);
	assert_int_equal(asked, 5);	/* t, three blocks, h */
}

/* Blocks that are there are not asked for again. */
static void
object_resumes(void **state)
{
	struct buf gone;

	(void)state;
	reply(false);
	gone = page[4].body;		/* the last block is not there yet */
	page[4].path[0] = 'x';
	{
		struct buf header;
		struct book_object o = { .blocks = 3,
		    .size = w.item.object[0].size };

		memcpy(o.id, w.item.object[0].id, ID_LEN);
		buf_init(&header, AGE_HEADER_MAX);
		OK(fetch_header(&w.f, o.id, 't', &header));
		assert_int_equal(fetch_object(&w.f, w.case_id, &o,
		    (struct bytes){ header.data, header.len }),
		    ERR_NOTFOUND);
		buf_done(&header);
	}
	assert_int_equal(in_vault(), 1);	/* a part */
	page[4].path[0] = '/';
	page[4].body = gone;
	asked = 0;
	take();
	assert_int_equal(asked, 3);	/* t, the last block, h */
	assert_true(w.book->one[0].event[0].checked);
	assert_int_equal(in_vault(), 1);
}

static void
lies_about_objects(void **state)
{
	(void)state;
	reply(true);
	bad("objects_root");
	assert_int_equal(w.book->cases, 0);
	assert_int_equal(in_vault(), 0);
}

static void
altered_block(void **state)
{
	(void)state;
	reply(false);
	page[3].body.data[17] ^= 1;
	bad("objects_root");
	assert_int_equal(in_vault(), 0);
}

static void
sizes_that_cannot_be(void **state)
{
	(void)state;
	reply(false);
	w.item.object[0].size += BLOCK_LEN;
	bad("object_size");
	w.item.object[0].size = 0;
	bad("object_size");
	w.item.object[0].size = UINT64_C(1) << 60;
	w.item.object[0].blocks = UINT32_MAX;
	bad("object_size");
	assert_int_equal(w.book->cases, 0);
}

static void
short_block(void **state)
{
	(void)state;
	reply(false);
	page[3].body.len -= 5;
	bad("object_size");
}

static void
not_a_header(void **state)
{
	(void)state;
	reply(false);
	page[0].body.data[3] ^= 1;
	bad("object_header");
}

/* The source deleted its answer: said to be unchecked, not refused. */
static void
source_header_gone(void **state)
{
	(void)state;
	reply(false);
	page[1].path[0] = 'x';
	take();
	assert_false(w.book->one[0].event[0].checked);
	assert_int_equal(w.f.unchecked, 1);
}

/* A source's message of which nothing is for us; the feed tells its hashes. */
static void
told(bool lie)
{
	struct object_entry entry[2];
	struct event e = event(EVENT_MESSAGE, 0);

	rand_bytes(entry, sizeof(entry));
	e.action.actor = ACTOR_SOURCE;
	e.action.has_objects = true;
	OK(objects_root(entry, 2, &e.action.objects));
	sign(&e, w.seed);
	to_item(&e);
	w.item.objects = 2;
	for (size_t i = 0; i < 2; i++) {
		struct api_object *o = &w.item.object[i];

		rand_bytes(o->id, ID_LEN);
		o->blocks = 1;
		o->size = 1000;
		o->identity = i == 1;
		o->has_entry = true;
		o->entry = entry[i];
	}
	if (lie)
		w.item.object[1].entry.header[0] ^= 1;
}

/* Whose header is for others is checked all the same. */
static void
hashes_told(void **state)
{
	const struct book_event *e;
	struct book_view v;

	(void)state;
	told(false);
	take();
	e = &w.book->one[0].event[0];
	assert_true(e->checked);
	assert_int_equal(w.f.unchecked, 0);
	book_look(&w.book->one[0], &v);
	assert_true(v.identity);
	assert_string_equal(v.consent, "");
}

static void
hashes_lie(void **state)
{
	(void)state;
	told(true);
	bad("objects_root");
	assert_int_equal(w.book->cases, 0);
}

static void
hashes_untold(void **state)
{
	(void)state;
	told(false);
	w.item.object[1].has_entry = false;
	take();
	assert_false(w.book->one[0].event[0].checked);
}

/* Sealed to others: the event is kept, its content left out. */
static void
not_for_us(void **state)
{
	(void)state;
	reply(false);
	page[0].path[0] = 'x';
	take();
	assert_int_equal(w.book->one[0].event[0].object[0].state,
	    BOOK_SEALED);
}

/* ---- the index without memory ---- */

static size_t left;		/* allocations until one fails */

static void *
scarce(size_t n)
{
	return left-- == 0 ? NULL : malloc(n);
}

/*
 * Each allocation of writing the index fails in turn: an index that lacked an
 * event, a case or an answer that waits was kept in the place of the whole.
 */
static void
index_without_memory(void **state)
{
	struct book_request r = { .outbox = true };
	struct book_event ev = { .n = 1 };
	struct buf whole, got;
	struct book_case *c;
	enum err e = ERR_SYS;
	size_t k;

	(void)state;
	may_act(w.seed, "petugas-1");
	assert_non_null(c = book_case_add(w.book, w.case_id));
	ev.text = (uint8_t *)strdup("peluit-event/v1 x\n");
	assert_non_null(ev.text);
	ev.len = strlen((char *)ev.text);
	ev.objects = 1;
	ev.object = need(calloc(2, sizeof(*ev.object)));
	ev.object[0].identity = true;
	ev.object[0].has_entry = true;
	c->event = need(calloc(1, sizeof(*c->event)));
	c->event[c->events++] = ev;
	c->has_acked = true;
	OK(book_request_add(w.book, &r));
	buf_init(&whole, 1 << 20);
	buf_init(&got, 1 << 20);
	OK(book_encode(w.book, &whole));
	for (k = 0; e != ERR_OK; k++) {
		left = k;
		buf_reset(&got);
		json_set_alloc_funcs(scarce, free);
		e = book_encode(w.book, &got);
		json_set_alloc_funcs(malloc, free);
		if (e != ERR_OK)
			assert_int_equal(e, ERR_SYS);
	}
	assert_true(k > 20);
	assert_int_equal(got.len, whole.len);
	assert_memory_equal(got.data, whole.data, whole.len);
	buf_done(&whole);
	buf_done(&got);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(events), T(gaps), T(broken_chain), T(any_order), T(views),
		T(object_comes), T(object_resumes), T(lies_about_objects),
		T(altered_block), T(sizes_that_cannot_be), T(short_block),
		T(not_a_header), T(source_header_gone), T(not_for_us),
		T(hashes_told), T(hashes_lie), T(hashes_untold),
		T(proofs), T(rolled_back), T(forked), T(promises), T(actors),
		T(log_in_the_index), T(rosters),
		T(index_without_memory),
	};
#undef T
	return cmocka_run_group_tests_name("desk_fetch", tests, NULL, NULL);
}
