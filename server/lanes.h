#ifndef LANES_H
#define LANES_H
/* Threads for work that must not run on an HTTP thread. */
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
 * lanes_run(l, lane, circuit, fn, arg): ERR_BUSY if the lane's queue is full,
 * or if in LANE_SIGNIN a job of the same circuit (not 0) waits already.
 */
enum err lanes_run(struct lanes *l, enum lane lane, uint64_t circuit,
    void (*fn)(void *arg), void *arg) MUST_USE;
/* lanes_stop(l): finish what waits, take nothing new, join, free. */
void lanes_stop(struct lanes *l);

#endif
