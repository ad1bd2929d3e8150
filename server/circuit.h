#ifndef CIRCUIT_H
#define CIRCUIT_H
/*
 * What each Tor circuit has used lately, so that one cannot use it all.  In
 * memory only and bounded.  A circuit is known by a keyed hash of its number,
 * under a key of this process: the number itself is kept nowhere.  What is
 * counted by the hour flows back steadily and is forgotten after an hour at
 * most.
 *
 * 0 stands for a connection that did not come by Tor (a trial): nothing of it
 * is counted and nothing refused.  Threads: any.
 */
#include <stdint.h>

#include "err.h"

#define CIRCUIT_HOUR_MS	UINT64_C(3600000)

enum circuit_level {		/* at a time */
	CIRCUIT_CONNECTIONS, CIRCUIT_UPLOADS, CIRCUIT_LEVELS
};
enum circuit_rate {		/* in an hour */
	CIRCUIT_REQUESTS,
	CIRCUIT_SIGNINS,	/* codes tried */
	CIRCUIT_REPORTS,	/* reports, and drafts asked for: each costs
				   an Argon2id */
	CIRCUIT_WRITES,		/* messages, and what else is written */
	CIRCUIT_KIB,		/* KiB of bodies */
	CIRCUIT_RATES,
	CIRCUIT_FREE = CIRCUIT_RATES
};
struct circuit_limits {
	unsigned level[CIRCUIT_LEVELS];
	unsigned rate[CIRCUIT_RATES];
};

struct circuits;
/*
 * circuits_new(places, l, out): room for ${places} circuits.  When all are
 * taken, a new one takes the place of that which used least of its hour and
 * has nothing open: so a flood from many circuits makes none of the greedy
 * ones forgotten.  Fails: ERR_SYS.
 */
enum err circuits_new(size_t places, const struct circuit_limits *l,
    struct circuits **out) MUST_USE;
void circuits_free(struct circuits *c);
/* circuits_id(c, number): what ${number} is called from here on; never 0. */
uint64_t circuits_id(const struct circuits *c, uint64_t number);
/*
 * circuits_enter(c, id, level): one more of it at this time; the number that
 * there are now, which may be above the limit: circuits_leave all the same.
 * 0: there is no place for this circuit, nothing to leave.
 */
unsigned circuits_enter(struct circuits *c, uint64_t id,
    enum circuit_level level);
void circuits_leave(struct circuits *c, uint64_t id,
    enum circuit_level level);
unsigned circuits_level(struct circuits *c, uint64_t id,
    enum circuit_level level);
unsigned circuits_level_max(const struct circuits *c,
    enum circuit_level level);
/*
 * circuits_spend(c, id, rate, n, now_ms): ${n} more of it, by
 * clock_steady_ms.  Returns 0; or, if that is more than the hour allows, in
 * how many seconds it would not be, and nothing is spent.
 */
unsigned circuits_spend(struct circuits *c, uint64_t id,
    enum circuit_rate rate, unsigned n, uint64_t now_ms);
/* circuits_sweep(c, now_ms): forget who did nothing for an hour. */
void circuits_sweep(struct circuits *c, uint64_t now_ms);
/* circuits_known(c): how many there are. */
size_t circuits_known(struct circuits *c);

#endif
