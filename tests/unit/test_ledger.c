/* Leaves: quotas, order, epochs ahead, closing. */
#include "server_fixture.h"

/* A case that is not stored: the ledger only needs its id and openings. */
struct take {
	struct action a;
	struct case_record c;
	uint8_t seed[SIGN_SEED_LEN], sig[SIGN_LEN];
	uint64_t now;
	struct ledger_taken out;
	unsigned times;			/* in one transaction */
};

static enum err
take_job(struct store_txn *t, void *arg)
{
	struct take *k = arg;
	struct ledger_act act = { .action = &k->a, .now = k->now,
	    .sig = k->a.actor == ACTOR_SERVER ? NULL : k->sig,
	    .message = NO_MESSAGE };
	enum err e = ERR_OK;

	for (unsigned i = 0; i < k->times && e == ERR_OK; i++)
		e = ledger_take(fix.s.records, t, &act, k->a.has_case ?
		    &k->c : NULL, &k->out);
	return e;
}

static void
prepare(struct take *k, enum event_kind kind)
{
	memset(k, 0, sizeof(*k));
	k->now = fix_epoch();
	k->times = 1;
	strcpy(k->a.origin, fix.in.config.origin);
	k->a.kind = kind;
	rand_bytes(k->c.id, ID_LEN);
	memcpy(k->a.case_id, k->c.id, ID_LEN);
	rand_bytes(k->a.request, ID_LEN);
	rand_bytes(k->seed, sizeof(k->seed));
	sign_public(k->seed, k->a.actor_key);
	k->a.actor = kind == EVENT_KEYS || kind == EVENT_LOSS ?
	    ACTOR_SERVER : kind == EVENT_REPORT || kind == EVENT_MESSAGE ||
	    kind == EVENT_CONSENT || kind == EVENT_DELETE ? ACTOR_SOURCE :
	    ACTOR_DESK;
	k->a.has_case = k->a.has_request = k->a.actor != ACTOR_SERVER;
	k->a.has_objects = kind == EVENT_REPORT || kind == EVENT_MESSAGE ||
	    kind == EVENT_REPLY || k->a.actor == ACTOR_SERVER;
	k->a.has_recipients = kind == EVENT_REPORT;
	k->a.has_seen = kind == EVENT_ACCESS;
	if (kind == EVENT_STATUS)
		strcpy(k->a.status, "RECEIVED");
	if (k->a.actor != ACTOR_SERVER)
		OK(action_sign(&k->a, k->seed, k->sig));
}

static enum err
go(struct take *k)
{
	return store_write(fix.s.store, STORE_LAST, take_job, k);
}

/* ${n} events of a kind, each of a case of its own; the last one's place. */
static enum err
many(enum event_kind kind, unsigned n, struct take *k)
{
	enum err e = ERR_OK;

	for (unsigned i = 0; i < n && e == ERR_OK; i++) {
		prepare(k, kind);
		e = go(k);
		case_done(&k->c);
	}
	return e;
}

static void
event_at(const struct case_record *c, size_t i, struct event *ev)
{
	OK(event_decode((struct bytes){ c->opening[i].event,
	    c->opening[i].len }, ev));
}

/* N fit, N+1 goes to the next epoch and says when it was taken. */
static void
overflow(enum event_kind kind, unsigned n)
{
	struct take k;
	struct event ev;
	uint64_t now = fix_epoch();

	OK(many(kind, n, &k));
	assert_int_equal(k.out.epoch, now);
	prepare(&k, kind);
	OK(go(&k));
	assert_int_equal(k.out.epoch, now + 1);
	event_at(&k.c, 0, &ev);
	assert_int_equal(ev.epoch, now + 1);
	assert_true(ev.has_taken);
	assert_int_equal(ev.taken, now);
	OK(event_verify(&ev));
	case_done(&k.c);
}

static void
test_cases(void **state)
{
	struct take k;

	(void)state;
	overflow(EVENT_REPORT, LEDGER_CASES);
	/* one class does not take another's leaves */
	OK(many(EVENT_STATUS, 1, &k));
	assert_int_equal(k.out.epoch, fix_epoch());
	OK(many(EVENT_MESSAGE, 1, &k));
	assert_int_equal(k.out.epoch, fix_epoch());
}

static void
test_desks(void **state)
{
	(void)state;
	overflow(EVENT_STATUS, LEDGER_DESKS);
}

static void
test_sources(void **state)
{
	(void)state;
	overflow(EVENT_MESSAGE, LEDGER_SOURCES);
}

/* Every leaf differs; no line `taken` where nothing was late. */
static void
test_leaves(void **state)
{
	bool seen[LEAVES] = { false };
	struct epoch_record ep;
	struct store_txn *t;
	struct event ev;
	struct take k;

	(void)state;
	OK(many(EVENT_REPORT, LEDGER_CASES, &k));
	OK(many(EVENT_STATUS, LEDGER_DESKS, &k));
	OK(store_begin(fix.s.store, &t));
	OK(epoch_get(fix.s.records, t, fix_epoch(), &ep));
	store_end(t);
	/* and the roster's own event */
	assert_int_equal(ep.entries, LEDGER_CASES + LEDGER_DESKS + 1);
	for (size_t i = 0; i < ep.entries; i++) {
		assert_false(seen[ep.entry[i].leaf]);
		seen[ep.entry[i].leaf] = true;
		OK(event_decode((struct bytes){ ep.entry[i].event,
		    ep.entry[i].len }, &ev));
		assert_false(ev.has_taken);
	}
	epoch_done(&ep);
}

/* Eight events of a source for a case and epoch; then not, then again. */
static void
test_per_case(void **state)
{
	struct take k;

	(void)state;
	prepare(&k, EVENT_MESSAGE);
	k.times = LEDGER_PER_CASE;
	OK(go(&k));
	k.times = 1;
	assert_int_equal(go(&k), ERR_RANGE);
	assert_int_equal(k.c.openings, LEDGER_PER_CASE);
	k.now++;
	OK(go(&k));
	case_done(&k.c);
}

static void
test_chain(void **state)
{
	uint8_t last[COMMITMENT_LEN];
	struct event ev;
	struct take k;

	(void)state;
	prepare(&k, EVENT_MESSAGE);
	k.times = 3;
	OK(go(&k));
	for (size_t i = 0; i < 3; i++) {
		event_at(&k.c, i, &ev);
		assert_int_equal(ev.seq, i);
		assert_int_equal(ev.has_prev, i > 0);
		if (i > 0)
			assert_memory_equal(ev.prev, last, sizeof(last));
		commitment_of(k.c.opening[i].nonce, (struct bytes){
		    k.c.opening[i].event, k.c.opening[i].len }, last);
		assert_true(ledger_knows(&k.c, last));
	}
	assert_memory_equal(last, k.out.commitment, sizeof(last));
	last[0] ^= 1;
	assert_false(ledger_knows(&k.c, last));
	case_done(&k.c);
}

/* Never before the case's previous event, wherever that had to go. */
static void
test_not_before(void **state)
{
	uint64_t now = fix_epoch();
	struct take k, other;

	(void)state;
	OK(many(EVENT_REPORT, LEDGER_CASES, &other));
	prepare(&k, EVENT_REPORT);
	OK(go(&k));
	assert_int_equal(k.out.epoch, now + 1);
	/* desks have room in this epoch, but the report is in the next */
	k.a.kind = EVENT_STATUS;
	k.a.actor = ACTOR_DESK;
	k.a.has_objects = k.a.has_recipients = false;
	strcpy(k.a.status, "RECEIVED");
	OK(action_sign(&k.a, k.seed, k.sig));
	OK(go(&k));
	assert_int_equal(k.out.epoch, now + 1);
	/* what can wait is not made for a later epoch */
	k.a.kind = EVENT_ACCESS;
	k.a.status[0] = '\0';
	k.a.has_seen = true;
	OK(action_sign(&k.a, k.seed, k.sig));
	assert_int_equal(go(&k), ERR_FULL);
	k.now++;
	OK(go(&k));
	assert_int_equal(k.out.epoch, now + 1);
	case_done(&k.c);
}

static void
test_access_waits(void **state)
{
	struct take k;

	(void)state;
	/* the roster's event has one of the 32, four are for keys and loss */
	OK(many(EVENT_ACCESS, LEDGER_REST - LEDGER_FIRST - 1, &k));
	assert_int_equal(many(EVENT_ACCESS, 1, &k), ERR_FULL);
	/* who may read is announced all the same, and in this epoch */
	OK(many(EVENT_KEYS, LEDGER_FIRST, &k));
	assert_int_equal(k.out.epoch, fix_epoch());
	OK(many(EVENT_KEYS, 1, &k));
	assert_int_equal(k.out.epoch, fix_epoch() + 1);
}

static void
test_deletes(void **state)
{
	struct take k;

	(void)state;
	OK(many(EVENT_DELETE, LEDGER_DELETES, &k));
	assert_int_equal(many(EVENT_DELETE, 1, &k), ERR_FULL);
	OK(many(EVENT_ACCESS, 1, &k));
}

/* This epoch and forty ahead, then there is none. */
static void
test_ahead(void **state)
{
	uint64_t now = fix_epoch();
	struct take k;

	(void)state;
	/* many at a time: a case of one's own each would be slow */
	prepare(&k, EVENT_STATUS);
	for (unsigned i = 0; i <= AHEAD_MAX; i++) {
		/* each epoch is filled by a case that begins there */
		case_done(&k.c);
		prepare(&k, EVENT_STATUS);
		k.times = LEDGER_DESKS;
		OK(go(&k));
		assert_int_equal(k.out.epoch, now + i);
	}
	case_done(&k.c);
	assert_int_equal(many(EVENT_STATUS, 1, &k), ERR_FULL);
	fix_later(1);
	OK(many(EVENT_STATUS, 1, &k));
	assert_int_equal(k.out.epoch, now + AHEAD_MAX + 1);
}

/* A closed epoch takes nothing, even when the clock says otherwise. */
static void
test_closed(void **state)
{
	struct take k;
	struct event ev;

	(void)state;
	fix_later(3);
	(void)fix_close_epochs();
	prepare(&k, EVENT_REPORT);
	k.now -= 2;
	OK(go(&k));
	assert_int_equal(k.out.epoch, fix_epoch());
	event_at(&k.c, 0, &ev);
	assert_true(ev.has_taken);
	assert_int_equal(ev.taken, k.now);
	case_done(&k.c);
}

/* Missed epochs are closed one by one, and none twice. */
static void
test_closing(void **state)
{
	(void)state;
	assert_int_equal(fix_close_epochs(), 5);
	assert_int_equal(fix_close_epochs(), 0);
	fix_later(71);
	assert_int_equal(fix_close_epochs(), 71);
	assert_int_equal(fix_next_close(), fix_epoch());
	assert_int_equal(fix_close_epochs(), 0);
}

static void
test_index(void **state)
{
	(void)state;
	assert_int_equal(ledger_index(100, 100, 0), 0);
	assert_int_equal(ledger_index(100, 101, 3), 259);
}

#define T(f) cmocka_unit_test_setup_teardown(f, fix_setup, fix_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_cases), T(test_desks), T(test_sources), T(test_leaves),
		T(test_per_case), T(test_chain), T(test_not_before),
		T(test_access_waits), T(test_deletes), T(test_ahead),
		T(test_closed), T(test_closing), T(test_index),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
