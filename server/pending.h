#ifndef PENDING_H
#define PENDING_H
/*
 * Cases whose receipt is not yet known to have been shown.  Until it is, the
 * same form sent again gives the same receipt.  The store keeps the list; the
 * fifteen minutes of each run in memory.  After a restart they run anew, and
 * end at the latest with the epoch after the report's.
 */
#include "records.h"
#include "store.h"

#define PENDING_SEC	(15 * 60)

struct pending;
/* pending_new(r, store, now, out): with what the store lists. */
enum err pending_new(const struct records *r, struct store *s, int64_t now,
    struct pending **out) MUST_USE;
void pending_free(struct pending *p);

/* Inside the job that makes the case. */
enum err pending_put(const struct records *r, struct store_txn *t,
    const struct case_record *c) MUST_USE;
/* pending_started(p, at, epoch, now): its receipt is shown from ${now} on. */
void pending_started(struct pending *p, const struct place *at,
    uint64_t epoch, int64_t now);
/* pending_shown(p, at): the source has it; forget what the form said. */
enum err pending_shown(struct pending *p, const struct place *at) MUST_USE;
/* pending_tick(p, now, epoch): those whose time is over. */
void pending_tick(struct pending *p, int64_t now, uint64_t epoch);

#endif
