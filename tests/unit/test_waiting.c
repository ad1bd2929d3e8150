/* While the log stands still reports are taken, and get their turn after. */
#include "server_fixture.h"

#include "waiting.h"

static struct session_data *
session(void)
{
	struct session_data *who = calloc(1, sizeof(*who));

	assert_non_null(who);
	return who;
}

static size_t
openings(const struct session_data *who, struct event *last)
{
	struct case_record c;
	size_t n;

	OK(fix_case(who, &c));
	n = c.openings;
	if (n > 0 && last != NULL)
		OK(event_decode((struct bytes){ c.opening[n - 1].event,
		    c.opening[n - 1].len }, last));
	case_done(&c);
	return n;
}

static void
test_states(void **state)
{
	(void)state;
	assert_int_equal(log_state_of(100, 100, 21600), LOG_OK);
	assert_int_equal(log_state_of(100, 101, 21600), LOG_OK);
	assert_int_equal(log_state_of(100, 102, 21600), LOG_LATE);
	assert_int_equal(log_state_of(100, 140, 21600), LOG_LATE);
	assert_int_equal(log_state_of(100, 141, 21600), LOG_STOPPED);
	/* one epoch before the last closed one is still believed */
	assert_int_equal(log_state_of(100, 98, 21600), LOG_OK);
	assert_int_equal(log_state_of(100, 97, 21600), LOG_STOPPED);
}

static void
test_turns(void **state)
{
	struct session_data *a = session(), *b = session();
	struct event ev;
	char *text = need(strdup("Satu pesan."));

	(void)state;
	fix_send("inspektorat", "Sebelum jamnya salah.", a);
	assert_int_equal(openings(a, NULL), 1);
	atomic_store(&fix.s.stopped, true);
	fix_send("inspektorat", "Saat jamnya salah.", b);
	/* more than an epoch takes of a case: none may hold up the rest */
	for (int i = 0; i < LEDGER_PER_CASE + 2; i++)
		OK(fix_message(a, "inspektorat", text));
	assert_int_equal(openings(a, NULL), 1);
	assert_int_equal(openings(b, NULL), 0);
	/* nothing gets a leaf while others wait */
	atomic_store(&fix.s.stopped, false);
	OK(fix_message(b, "inspektorat", text));
	assert_int_equal(openings(b, NULL), 0);

	OK(waiting_flush(&fix.s));
	assert_int_equal(openings(a, &ev), 1 + LEDGER_PER_CASE + 2);
	OK(event_verify(&ev));
	assert_int_equal(ev.seq, LEDGER_PER_CASE + 2);
	assert_int_equal(openings(b, &ev), 2);
	assert_int_equal(ev.action.kind, EVENT_MESSAGE);
	assert_true(ev.has_prev);
	OK(waiting_flush(&fix.s));	/* nothing is left */
	assert_int_equal(openings(b, NULL), 2);

	/* and the log goes on: all of it is in the closed epochs */
	fix_later(1);
	assert_true(fix_close_epochs() > 0);
	free(text);
	free(a);
	free(b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_states),
		cmocka_unit_test_setup_teardown(test_turns, fix_setup,
		    fix_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
