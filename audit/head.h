#ifndef HEAD_H
#define HEAD_H
/* The log's head: fetched, judged against what was seen, rebuilt, kept. */
#include "reach.h"
#include "seen.h"

#define HEAD_TILES_MAX	(1u << 20)	/* epochs: 700 years of 6 hours */

struct head {
	struct reach *reach;
	struct seen seen;
	struct checkpoint now;		/* size 0: nothing published yet */
	struct buf note;		/* as served, unknown lines and all */
	struct merkle_hash *tile;	/* root of each epoch, once rebuilt */
	uint64_t tiles;
};
/*
 * head_open(r, h): the memory of what was seen.  head_close: releases it.
 * head_fetch(h, good): the checkpoint, verified, not older than what was
 * seen; *good: no finding stands against it.
 * head_rebuild(h, good): its root from the leaves, and that it continues the
 * last head seen.
 * head_follow(h, good): that alone, by a consistency proof from the tiles.
 * head_keep(h): remembers it, before anybody relies on it.
 */
enum audit_exit head_open(struct reach *r, struct head *h);
void head_close(struct head *h);
enum audit_exit head_fetch(struct head *h, bool *good);
enum audit_exit head_rebuild(struct head *h, bool *good);
enum audit_exit head_follow(struct head *h, bool *good);
enum audit_exit head_keep(struct head *h);
/*
 * head_has(h, size, root): whether that was this tree's root at ${size}, a
 * multiple of 256 not above the rebuilt one.
 */
bool head_has(const struct head *h, uint64_t size,
    const struct merkle_hash *root);
/* head_clock(h): notes on a log that is late or ahead of our clock. */
void head_clock(struct head *h);

#endif
