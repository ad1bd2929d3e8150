/* The table of circuits: limits, the hour, who is forgotten. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "circuit.h"
#include "crypto.h"

#define MIN	UINT64_C(60000)		/* ms */
#define HOUR	CIRCUIT_HOUR_MS

/* Connections, uploads; requests, sign-ins, reports, writes, KiB. */
static const struct circuit_limits limits = {
	{ 3, 1 }, { 60, 4, 2, 10, 1000 }
};

static struct circuits *
table(size_t places)
{
	struct circuits *c;

	assert_int_equal(circuits_new(places, &limits, &c), ERR_OK);
	return c;
}

static void
names(void **state)
{
	struct circuits *c = table(4), *d = table(4);
	uint64_t id = circuits_id(c, 0x100000033);

	(void)state;
	assert_int_equal(circuits_id(c, 0x100000033), id);
	assert_int_not_equal(circuits_id(c, 0x100000034), id);
	/* another process, another name */
	assert_int_not_equal(circuits_id(d, 0x100000033), id);
	assert_int_not_equal(id, 0x100000033);
	assert_int_not_equal(id, 0);
	circuits_free(c);
	circuits_free(d);
	circuits_free(NULL);
}

static void
at_a_time(void **state)
{
	struct circuits *c = table(4);

	(void)state;
	assert_int_equal(circuits_level_max(c, CIRCUIT_CONNECTIONS), 3);
	assert_int_equal(circuits_enter(c, 5, CIRCUIT_CONNECTIONS), 1);
	assert_int_equal(circuits_enter(c, 5, CIRCUIT_CONNECTIONS), 2);
	assert_int_equal(circuits_enter(c, 6, CIRCUIT_CONNECTIONS), 1);
	assert_int_equal(circuits_enter(c, 5, CIRCUIT_UPLOADS), 1);
	assert_int_equal(circuits_level(c, 5, CIRCUIT_CONNECTIONS), 2);
	circuits_leave(c, 5, CIRCUIT_CONNECTIONS);
	assert_int_equal(circuits_enter(c, 5, CIRCUIT_CONNECTIONS), 2);
	assert_int_equal(circuits_level(c, 7, CIRCUIT_CONNECTIONS), 0);
	circuits_free(c);
}

static void
by_the_hour(void **state)
{
	struct circuits *c = table(4);
	uint64_t t = 1000;
	int i;

	(void)state;
	for (i = 0; i < 4; i++)
		assert_int_equal(circuits_spend(c, 5, CIRCUIT_SIGNINS, 1, t),
		    0);
	/* one flows back in a quarter of an hour */
	assert_int_equal(circuits_spend(c, 5, CIRCUIT_SIGNINS, 1, t), 900);
	assert_int_equal(circuits_spend(c, 5, CIRCUIT_SIGNINS, 1, t + 5 * MIN),
	    600);
	/* others, and other things, are not concerned */
	assert_int_equal(circuits_spend(c, 6, CIRCUIT_SIGNINS, 1, t), 0);
	assert_int_equal(circuits_spend(c, 5, CIRCUIT_REPORTS, 2, t), 0);
	assert_int_equal(circuits_spend(c, 5, CIRCUIT_SIGNINS, 1,
	    t + 15 * MIN), 0);
	assert_int_not_equal(circuits_spend(c, 5, CIRCUIT_SIGNINS, 1,
	    t + 15 * MIN), 0);
	/* never more than an hour's worth, however long nobody came */
	for (i = 0; i < 4; i++)
		assert_int_equal(circuits_spend(c, 5, CIRCUIT_SIGNINS, 1,
		    t + 100 * HOUR), 0);
	assert_int_not_equal(circuits_spend(c, 5, CIRCUIT_SIGNINS, 1,
	    t + 100 * HOUR), 0);
	/* more at once than an hour has is all of the hour */
	assert_int_equal(circuits_spend(c, 6, CIRCUIT_KIB, 100000, t), 0);
	assert_int_equal(circuits_spend(c, 6, CIRCUIT_KIB, 100000, t), 3600);
	circuits_free(c);
}

static void
not_by_tor(void **state)
{
	struct circuits *c = table(4);
	int i;

	(void)state;
	for (i = 0; i < 100; i++) {
		assert_int_equal(circuits_spend(c, 0, CIRCUIT_REPORTS, 1, 0),
		    0);
		assert_int_equal(circuits_enter(c, 0, CIRCUIT_UPLOADS), 1);
	}
	circuits_leave(c, 0, CIRCUIT_UPLOADS);
	assert_int_equal(circuits_known(c), 0);
	circuits_free(c);
}

static void
an_hour_at_most(void **state)
{
	struct circuits *c = table(4);

	(void)state;
	assert_int_equal(circuits_spend(c, 5, CIRCUIT_REPORTS, 2, MIN), 0);
	assert_int_equal(circuits_enter(c, 6, CIRCUIT_CONNECTIONS), 1);
	circuits_sweep(c, HOUR);
	assert_int_equal(circuits_known(c), 2);
	circuits_sweep(c, MIN + HOUR);
	assert_int_equal(circuits_known(c), 1);	/* one is still open */
	circuits_leave(c, 6, CIRCUIT_CONNECTIONS);
	circuits_sweep(c, MIN + HOUR);
	assert_int_equal(circuits_known(c), 0);
	circuits_free(c);
}

/* A flood of new circuits makes the light ones forgotten, not the greedy. */
static void
who_is_forgotten(void **state)
{
	struct circuits *c = table(4);
	uint64_t i;

	(void)state;
	assert_int_equal(circuits_spend(c, 1, CIRCUIT_REPORTS, 2, 0), 0);
	assert_int_equal(circuits_enter(c, 2, CIRCUIT_CONNECTIONS), 1);
	for (i = 100; i < 200; i++)
		assert_int_equal(circuits_spend(c, i, CIRCUIT_REQUESTS, 1, i),
		    0);
	assert_int_equal(circuits_known(c), 4);
	assert_int_not_equal(circuits_spend(c, 1, CIRCUIT_REPORTS, 1, 200), 0);
	assert_int_equal(circuits_level(c, 2, CIRCUIT_CONNECTIONS), 1);
	/* when all have something open there is no place */
	for (i = 300; i < 303; i++)
		assert_int_equal(circuits_enter(c, i, CIRCUIT_CONNECTIONS), 1);
	assert_int_equal(circuits_enter(c, 303, CIRCUIT_CONNECTIONS), 0);
	assert_int_not_equal(circuits_spend(c, 303, CIRCUIT_REQUESTS, 1, 400),
	    0);
	circuits_leave(c, 300, CIRCUIT_CONNECTIONS);
	assert_int_equal(circuits_enter(c, 303, CIRCUIT_CONNECTIONS), 1);
	circuits_free(c);
}

static int
start(void **state)
{
	(void)state;
	return crypto_init() == ERR_OK ? 0 : -1;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(at_a_time),
		cmocka_unit_test(by_the_hour),
		cmocka_unit_test(not_by_tor),
		cmocka_unit_test(an_hour_at_most),
		cmocka_unit_test(who_is_forgotten),
	};

	return cmocka_run_group_tests_name("circuit", tests, start, NULL);
}
