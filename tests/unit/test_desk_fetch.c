/*
 * Items of the feed that do not fit are refused, each with its code.  The
 * client is a fake one: what a server that lies would sign as well.
 */
#include "desk_kit.h"

#include "fetch_event.h"
#include "sealed.h"

#define ORIGIN "uji.invalid"

static struct {
	struct fetch f;
	struct book *book;
	uint8_t seed[SIGN_SEED_LEN], other[SIGN_SEED_LEN], case_id[ID_LEN];
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
	w.book = calloc(1, sizeof(*w.book));
	w.f.d = &kit_desk;
	w.f.book = w.book;
	rand_bytes(w.seed, sizeof(w.seed));
	rand_bytes(w.other, sizeof(w.other));
	rand_bytes(w.case_id, ID_LEN);
	client_answer_init(&w.f.answer);
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
	e.epoch = 9;
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
		commitment_of(w.item.nonce, (struct bytes){ w.item.event,
		    w.item.event_len }, w.last);
	}
	for (i = 2; i >= 0; i--)
		assert_int_equal(fetch_event(&w.f, &items[i], &r),
		    DESK_DONE);
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

/* ---- objects ---- */

#define REPLY_LEN	(2 * BLOCK_LEN + 1000)

/* A reply of three blocks under two headers, and its item of the feed. */
static void
reply(bool lie)
{
	uint8_t *plain = calloc(1, REPLY_LEN), id[ID_LEN];
	struct object_entry entry[2];
	struct age_recipient source;
	struct age_identity other;
	size_t header, left, n, k;
	struct buf file, *body;
	struct event e;
	char part[8];

	assert_non_null(plain);
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

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(events), T(gaps), T(broken_chain), T(any_order), T(views),
		T(object_comes), T(object_resumes), T(lies_about_objects),
		T(altered_block), T(sizes_that_cannot_be), T(short_block),
		T(not_a_header), T(source_header_gone), T(not_for_us),
	};
#undef T
	return cmocka_run_group_tests_name("desk_fetch", tests, NULL, NULL);
}
