#ifndef UNFETCHED_H
#define UNFETCHED_H
/*
 * How much evidence lies in cases that no desk has fetched yet, running
 * uploads to them included, in padded bytes.  It is bounded in all
 * (unfetched_mib): who sends junk to ever new cases fills that, not the disk.
 * Text is not counted.  Kept in memory; counted anew at each start.
 */
#include "server.h"

/* unfetched_start(s): count what is there.  Fails: store errors. */
enum err unfetched_start(struct server *s) MUST_USE;
/* unfetched_take(s, n): ${n} bytes more; false, and nothing is taken, if that
 * is too much.  Threads: any; the same for unfetched_give. */
bool unfetched_take(struct server *s, uint64_t n);
void unfetched_give(struct server *s, uint64_t n);

#endif
