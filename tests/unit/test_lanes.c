/* Lanes: turns, full queues, one waiting sign-in a circuit, a clean end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <string.h>

#include "lanes.h"

#define MANY	64

static sem_t begun, gate;
static atomic_int ran;
static pthread_t here;
static atomic_int same_thread;

static void
count(void *arg, bool run)
{
	(void)arg;
	assert_true(run);
	atomic_fetch_add(&ran, 1);
}

static void
block(void *arg, bool run)
{
	(void)arg;
	(void)run;
	(void)sem_post(&begun);
	(void)sem_wait(&gate);
	atomic_fetch_add(&ran, 1);
}

static void
where(void *arg, bool run)
{
	(void)arg;
	(void)run;
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

/* ---- whose turn it is ---- */

static char order[2 * MANY + 1];	/* names of the jobs that ran */
static char turned_away[MANY + 1];

static void
name(void *arg, bool run)
{
	char *to = run ? order : turned_away;
	size_t n = strlen(to);

	to[n] = *(const char *)arg;
	to[n + 1] = '\0';
}

static char names[] = "abcdefghijklmnopqrstuvwxyz";

/* One thread, which is held up until all jobs wait: so order is certain. */
static struct lanes *
held(size_t queue)
{
	struct lanes *l;

	order[0] = turned_away[0] = '\0';
	assert_int_equal(lanes_new(queue, &l), ERR_OK);
	assert_int_equal(lanes_run(l, LANE_REPORT, 99, block, NULL), ERR_OK);
	(void)sem_wait(&begun);
	return l;
}

static enum err
wait_in_line(struct lanes *l, uint64_t circuit)
{
	return lanes_run(l, LANE_REPORT, circuit, name, &names[circuit - 1]);
}

static void
let_go(struct lanes *l)
{
	release(1);
	lanes_stop(l);
}

static void
circuits_take_turns(void **state)
{
	struct lanes *l = held(MANY);
	int i;

	(void)state;
	for (i = 0; i < 5; i++)
		assert_int_equal(wait_in_line(l, 1), ERR_OK);
	for (i = 0; i < 2; i++)
		assert_int_equal(wait_in_line(l, 2), ERR_OK);
	assert_int_equal(wait_in_line(l, 3), ERR_OK);
	let_go(l);
	assert_string_equal(order, "abcabaaa");
	assert_string_equal(turned_away, "");
}

/* However long the flood, who comes after it waits for one of its jobs. */
static void
flood_waits_behind_itself(void **state)
{
	struct lanes *l = held(MANY);
	int i;

	(void)state;
	for (i = 0; i < MANY - 1; i++)
		assert_int_equal(wait_in_line(l, 1), ERR_OK);
	assert_int_equal(wait_in_line(l, 2), ERR_OK);
	let_go(l);
	assert_int_equal(strchr(order, 'b') - order, 1);
	assert_int_equal(strlen(order), MANY);
}

/* A full queue is full of the flood, which has to make room. */
static void
full_of_a_flood(void **state)
{
	struct lanes *l = held(4);
	int i;

	(void)state;
	for (i = 0; i < 4; i++)
		assert_int_equal(wait_in_line(l, 1), ERR_OK);
	assert_int_equal(wait_in_line(l, 1), ERR_BUSY);
	assert_int_equal(wait_in_line(l, 2), ERR_OK);
	assert_int_equal(wait_in_line(l, 3), ERR_OK);
	/* a a b c: one more of a would leave as many as b would have */
	assert_int_equal(wait_in_line(l, 2), ERR_BUSY);
	assert_int_equal(wait_in_line(l, 4), ERR_OK);
	/* each has one: nobody has more than the next would */
	assert_int_equal(wait_in_line(l, 5), ERR_BUSY);
	let_go(l);
	assert_string_equal(turned_away, "aaa");
	assert_string_equal(order, "abcd");
}

/* What did not come by Tor loses no place to what did. */
static void
desks_lose_nothing(void **state)
{
	struct lanes *l = held(4);
	int i;

	(void)state;
	for (i = 0; i < 4; i++)
		assert_int_equal(lanes_run(l, LANE_REPORT, 0, name,
		    &names[25]), ERR_OK);
	assert_int_equal(wait_in_line(l, 1), ERR_BUSY);
	let_go(l);
	assert_string_equal(order, "zzzz");
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
		cmocka_unit_test_setup(circuits_take_turns, setup),
		cmocka_unit_test_setup(flood_waits_behind_itself, setup),
		cmocka_unit_test_setup(full_of_a_flood, setup),
		cmocka_unit_test_setup(desks_lose_nothing, setup),
		cmocka_unit_test_setup(no_queue_is_refused, setup),
	};

	return cmocka_run_group_tests_name("lanes", tests, NULL, NULL);
}
