/* Items of the feed that do not fit are refused, each with its code. */
#include "desk_kit.h"

#include "fetch_event.h"

#define ORIGIN "uji.invalid"

static struct {
	struct fetch f;
	struct book *book;
	uint8_t seed[SIGN_SEED_LEN], other[SIGN_SEED_LEN], case_id[ID_LEN];
	uint8_t last[COMMITMENT_LEN];
	struct api_feed_item item;
} w;

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
	return w.book == NULL ? -1 : 0;
}

static int
teardown(void **state)
{
	book_free(w.book);
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

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(events), T(gaps), T(broken_chain), T(any_order), T(views),
	};
#undef T
	return cmocka_run_group_tests_name("desk_fetch", tests, NULL, NULL);
}
