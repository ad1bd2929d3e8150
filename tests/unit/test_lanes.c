/* Lanes: order, full queues, one waiting sign-in a circuit, a clean end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>

#include "lanes.h"

#define MANY	64

static sem_t begun, gate;
static atomic_int ran;
static pthread_t here;
static atomic_int same_thread;

static void
count(void *arg)
{
	(void)arg;
	atomic_fetch_add(&ran, 1);
}

static void
block(void *arg)
{
	(void)arg;
	(void)sem_post(&begun);
	(void)sem_wait(&gate);
	atomic_fetch_add(&ran, 1);
}

static void
where(void *arg)
{
	(void)arg;
	atomic_store(&same_thread, pthread_equal(here, pthread_self()) != 0);
}

static int
setup(void **state)
{
	(void)state;
	atomic_store(&ran, 0);
	(void)sem_init(&begun, 0, 0);
	(void)sem_init(&gate, 0, 0);
	return 0;
}

/* Block every thread of a lane: how many that took. */
static int
occupy(struct lanes *l, enum lane lane)
{
	struct timespec t;
	int n = 0;

	for (;;) {
		assert_int_equal(lanes_run(l, lane, 0, block, NULL), ERR_OK);
		(void)clock_gettime(CLOCK_REALTIME, &t);
		t.tv_sec += 1;
		if (sem_timedwait(&begun, &t) != 0)
			return n;	/* this one waits in the queue */
		n++;
	}
}

static void
release(int n)
{
	while (n-- > 0)
		(void)sem_post(&gate);
}

static void
here_runs_here(void **state)
{
	struct lanes *l;

	(void)state;
	here = pthread_self();
	assert_int_equal(lanes_new(1, &l), ERR_OK);
	assert_int_equal(lanes_run(l, LANE_HERE, 0, where, NULL), ERR_OK);
	assert_int_equal(atomic_load(&same_thread), 1);
	lanes_stop(l);
}

static void
others_run_elsewhere(void **state)
{
	struct lanes *l;

	(void)state;
	here = pthread_self();
	atomic_store(&same_thread, -1);
	assert_int_equal(lanes_new(1, &l), ERR_OK);
	assert_int_equal(lanes_run(l, LANE_REPORT, 0, where, NULL), ERR_OK);
	lanes_stop(l);
	assert_int_equal(atomic_load(&same_thread), 0);
}

static void
full_queue_is_busy(void **state)
{
	struct lanes *l;
	int n;

	(void)state;
	assert_int_equal(lanes_new(2, &l), ERR_OK);
	n = occupy(l, LANE_REPORT);
	assert_int_equal(n, 1);		/* and one waits */
	assert_int_equal(lanes_run(l, LANE_REPORT, 0, count, NULL), ERR_OK);
	assert_int_equal(lanes_run(l, LANE_REPORT, 0, count, NULL), ERR_BUSY);
	/* Another lane has places of its own. */
	assert_int_equal(lanes_run(l, LANE_SIGNIN, 0, count, NULL), ERR_OK);
	release(2);
	lanes_stop(l);
	assert_int_equal(atomic_load(&ran), 4);
}

static void
one_waiting_signin_a_circuit(void **state)
{
	struct lanes *l;
	int n;

	(void)state;
	assert_int_equal(lanes_new(8, &l), ERR_OK);
	n = occupy(l, LANE_SIGNIN) + 1;
	assert_int_equal(lanes_run(l, LANE_SIGNIN, 7, count, NULL), ERR_OK);
	assert_int_equal(lanes_run(l, LANE_SIGNIN, 7, count, NULL), ERR_BUSY);
	assert_int_equal(lanes_run(l, LANE_SIGNIN, 8, count, NULL), ERR_OK);
	/* Without a number nobody is counted; other lanes do not count. */
	assert_int_equal(lanes_run(l, LANE_SIGNIN, 0, count, NULL), ERR_OK);
	assert_int_equal(lanes_run(l, LANE_SIGNIN, 0, count, NULL), ERR_OK);
	assert_int_equal(lanes_run(l, LANE_WRITE, 7, count, NULL), ERR_OK);
	assert_int_equal(lanes_run(l, LANE_WRITE, 7, count, NULL), ERR_OK);
	release(n);
	lanes_stop(l);
	assert_int_equal(atomic_load(&ran), n + 6);
}

static void
stop_finishes_what_waits(void **state)
{
	struct lanes *l;
	int i;

	(void)state;
	assert_int_equal(lanes_new(MANY, &l), ERR_OK);
	for (i = 0; i < MANY; i++)
		assert_int_equal(lanes_run(l, LANE_WRITE, 0, count, NULL),
		    ERR_OK);
	lanes_stop(l);
	assert_int_equal(atomic_load(&ran), MANY);
	lanes_stop(NULL);
}

static void
no_queue_is_refused(void **state)
{
	struct lanes *l;

	(void)state;
	assert_int_equal(lanes_new(0, &l), ERR_RANGE);
	assert_null(l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(here_runs_here, setup),
		cmocka_unit_test_setup(others_run_elsewhere, setup),
		cmocka_unit_test_setup(full_queue_is_busy, setup),
		cmocka_unit_test_setup(one_waiting_signin_a_circuit, setup),
		cmocka_unit_test_setup(stop_finishes_what_waits, setup),
		cmocka_unit_test_setup(no_queue_is_refused, setup),
	};

	return cmocka_run_group_tests_name("lanes", tests, NULL, NULL);
}
