/* Receipts that may not have been seen: until when a form is remembered. */
#include "server_fixture.h"

static const struct session_data *
sent(struct fix_report *r, struct secret **d)
{
	struct session_data *who;

	OK(secret_new(sizeof(*who), d));
	who = (struct session_data *)(void *)(*d)->bytes;
	fix_report(r, "inspektorat", "Isi laporan.");
	OK(intake_report(&fix.s, &r->in, who));
	return who;
}

/* Whether the case still waits, and then only with a hash of its form. */
static bool
waits(const struct session_data *who)
{
	static const uint8_t none[HMAC_LEN];
	struct case_record c;
	bool pending;

	OK(fix_case(who, &c));
	pending = c.pending;
	assert_int_equal(memcmp(c.fields, none, HMAC_LEN) != 0, pending);
	assert_int_equal(fix_count(DB_PENDING), pending);
	case_done(&c);
	return pending;
}

static void
tick(void)
{
	pending_tick(fix.s.pending, fix.now, fix_epoch());
}

static void
test_shown(void **state)
{
	struct fix_report r;
	struct secret *d;
	const struct session_data *who;

	(void)state;
	who = sent(&r, &d);
	assert_true(waits(who));
	OK(pending_shown(fix.s.pending, &who->at));
	assert_false(waits(who));
	OK(pending_shown(fix.s.pending, &who->at));
	secret_free(d);
}

static void
test_fifteen_minutes(void **state)
{
	struct fix_report r;
	struct secret *d;
	const struct session_data *who;

	(void)state;
	who = sent(&r, &d);
	pending_tick(fix.s.pending, fix.now + PENDING_SEC - 1, fix_epoch());
	assert_true(waits(who));
	pending_tick(fix.s.pending, fix.now + PENDING_SEC, fix_epoch());
	assert_false(waits(who));
	secret_free(d);
}

/* After a restart at the latest with the epoch after the report's. */
static void
test_next_epoch(void **state)
{
	struct session_data *who = need(malloc(sizeof(*who)));
	struct fix_report r;
	struct secret *d;

	(void)state;
	*who = *sent(&r, &d);
	secret_free(d);
	fix_later(3);
	tick();
	assert_true(waits(who));	/* however short an epoch is */
	fix_stop();
	OK(fix_start());
	tick();
	assert_false(waits(who));
	wipe(who, sizeof(*who));
	free(who);
}

/* The timer starts again, the list is the store's. */
static void
test_restart(void **state)
{
	struct session_data *who = need(malloc(sizeof(*who)));
	struct fix_report r;
	struct secret *d;

	(void)state;
	*who = *sent(&r, &d);
	secret_free(d);
	fix_stop();
	OK(fix_start());
	assert_true(waits(who));
	pending_tick(fix.s.pending, fix.now + PENDING_SEC - 1, fix_epoch());
	assert_true(waits(who));
	pending_tick(fix.s.pending, fix.now + PENDING_SEC, fix_epoch());
	assert_false(waits(who));
	wipe(who, sizeof(*who));
	free(who);
}

/* The timer of a form that is sent twice runs from its first showing. */
static void
test_sent_again(void **state)
{
	struct session_data *again = need(calloc(1, sizeof(*again)));
	struct fix_report r;
	struct secret *d;
	const struct session_data *who;
	int64_t first = fix.now;

	(void)state;
	who = sent(&r, &d);
	fix_clock(first + 40);
	OK(intake_report(&fix.s, &r.in, again));
	assert_memory_equal(again->case_id, who->case_id, ID_LEN);
	pending_tick(fix.s.pending, first + PENDING_SEC, fix_epoch());
	assert_false(waits(who));
	secret_free(d);
	free(again);
}

#define T(f) cmocka_unit_test_setup_teardown(f, fix_setup, fix_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_shown), T(test_fifteen_minutes), T(test_next_epoch),
		T(test_restart), T(test_sent_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
