#ifndef ROSTER_CHECK_H
#define ROSTER_CHECK_H
/* What a roster must be beside its lines, for roster_text.c. */
#include "roster.h"

#define ROSTER_EPOCH_SECONDS_MAX	(7 * 86400)
#define ROSTER_RETENTION_MAX		36500	/* days */

/* roster_clock_valid(name): 1 to 31 of a-z, 0-9, - and _. */
bool roster_clock_valid(const char *name);
/*
 * roster_desk_new(r, d): no desk before ${d} in ${r} has its label or one of
 * its keys.  Fails: ERR_CONFLICT.
 */
enum err roster_desk_new(const struct roster *r, const struct roster_desk *d)
    MUST_USE;
/*
 * roster_whole(r): what only the last line decides: every channel has a
 * recipient, no key has two purposes; fills in the members' labels.
 * Fails: ERR_CONFLICT.
 */
enum err roster_whole(struct roster *r) MUST_USE;

#endif
