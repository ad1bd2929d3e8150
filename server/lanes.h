#ifndef LANES_H
#define LANES_H
/*
 * Threads for work that must not run on an HTTP thread.  What waits is taken
 * circuit by circuit in turn: one that floods waits behind itself.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"

enum lane {
	LANE_HERE,	/* no thread: run where it stands (short reads only) */
	LANE_REPORT,	/* one thread that sign-in cannot use */
	LANE_SIGNIN,	/* one a core: Argon2id for the code */
	LANE_WRITE,	/* commits of signed-in sources and of desks */
	LANES
};

struct lanes;
/* lanes_new(queue, out): ${queue} waiting places a lane. */
enum err lanes_new(size_t queue, struct lanes **out) MUST_USE;
/*
 * lanes_run(l, lane, circuit, fn, arg): fn(arg, true) on a thread of the lane.
 * If the queue is full, a circuit that has more jobs in it than ${circuit}
 * would have loses its newest one: its fn is called with false, on this
 * thread, and must not do the work.  Circuit 0 (not behind Tor) counts as a
 * circuit of its own and loses nothing.
 * Fails: ERR_BUSY if there is no place; or if in LANE_SIGNIN a job of the
 * same circuit (not 0) waits already.
 */
typedef void lane_fn(void *arg, bool run);
enum err lanes_run(struct lanes *l, enum lane lane, uint64_t circuit,
    lane_fn *fn, void *arg) MUST_USE;
/* lanes_stop(l): finish what waits, take nothing new, join, free. */
void lanes_stop(struct lanes *l);

#endif
