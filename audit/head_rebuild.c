/*
 * The tree rebuilt from its leaves.  Every epoch is one full tile, so the
 * tree's root is that over the epochs' roots, and a head that was seen before
 * is a prefix of them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "head.h"

struct rebuild {
	struct head *h;
	uint64_t changed;	/* first epoch that the cache had otherwise */
	bool any_changed;
};

static void
root_of_entries(uint8_t entry[static TILE_WIDTH][SHA256_LEN],
    struct merkle_hash *leaf, struct merkle_hash *root)
{
	size_t i;

	for (i = 0; i < TILE_WIDTH; i++)
		merkle_leaf(entry[i], SHA256_LEN, &leaf[i]);
	merkle_root(leaf, TILE_WIDTH, root);
}

static enum audit_exit
missing(struct head *h, enum err e, uint64_t tile)
{
	struct audit *a = h->reach->a;

	if (reach_answered(e)) {
		audit_find_epoch(a, e == ERR_NOTFOUND ? F_ENTRIES_MISSING :
		    F_TILE_WRONG, a->epoch0 + tile, "");
		return AUDIT_BROKEN;
	}
	return reach_fail(h->reach, e, "/tile/entries");
}

/* The roots of all epochs; ${fresh}: nothing from the cache. */
static enum audit_exit
roots(struct rebuild *b, bool fresh)
{
	uint8_t (*entry)[SHA256_LEN] = calloc(TILE_WIDTH, SHA256_LEN);
	struct merkle_hash *leaf = calloc(TILE_WIDTH, sizeof(*leaf)), had;
	enum audit_exit x = AUDIT_WELL;
	struct head *h = b->h;
	uint64_t i;
	enum err e;

	if (entry == NULL || leaf == NULL) {
		x = audit_err(h->reach->a, ERR_SYS, A_MACHINE, "memory");
		goto out;
	}
	for (i = 0; i < h->tiles && x == AUDIT_WELL; i++) {
		progress_show("log", i, h->tiles);
		e = reach_entries(h->reach, i, fresh, entry);
		if (e != ERR_OK) {
			x = missing(h, e, i);
			break;
		}
		/* Not trusted: a signed root vouches for it each time.  What
		 * was there is evidence, and stays. */
		if (!fresh)
			x = reach_entries_keep(h->reach, i, false, entry);
		had = h->tile[i];
		root_of_entries(entry, leaf, &h->tile[i]);
		if (fresh && !b->any_changed && memcmp(&had, &h->tile[i],
		    sizeof(had)) != 0) {
			b->any_changed = true;
			b->changed = i;
		}
	}
out:
	progress_end();
	free(entry);
	free(leaf);
	return x;
}

static bool
continues(const struct head *h)
{
	const struct seen_item *last = seen_last(&h->seen);

	return last == NULL || head_has(h, last->size, &last->root);
}

/* A cache that was damaged, made anew. */
static enum audit_exit
renew(struct head *h)
{
	uint8_t (*entry)[SHA256_LEN] = calloc(TILE_WIDTH, SHA256_LEN);
	enum audit_exit x = AUDIT_WELL;
	uint64_t i;
	enum err e;

	if (entry == NULL)
		return audit_err(h->reach->a, ERR_SYS, A_MACHINE, "memory");
	for (i = 0; i < h->tiles && x == AUDIT_WELL; i++) {
		e = reach_entries(h->reach, i, true, entry);
		x = e != ERR_OK ? missing(h, e, i) :
		    reach_entries_keep(h->reach, i, true, entry);
	}
	free(entry);
	return x;
}

/* Served hashes against ours, at level ${level} for tile ${number}. */
static enum audit_exit
compare_tile(struct head *h, const struct tile_name *t,
    const struct merkle_hash *ours)
{
	struct merkle_hash *theirs = calloc(TILE_WIDTH, sizeof(*theirs));
	enum audit_exit x = AUDIT_WELL;
	char path[TILE_PATH_MAX];
	enum err e;

	if (theirs == NULL)
		return audit_err(h->reach->a, ERR_SYS, A_MACHINE, "memory");
	tile_path(t, path);
	e = reach_tile(h->reach, t, theirs);
	if (!reach_answered(e))
		x = reach_fail(h->reach, e, path);
	else if (e != ERR_OK || memcmp(theirs, ours, t->width *
	    sizeof(*ours)) != 0)
		audit_find(h->reach->a, F_TILE_WRONG, path);
	free(theirs);
	return x;
}

/* Level 0 of the epochs that are new. */
static enum audit_exit
compare_leaves(struct head *h, uint64_t from)
{
	uint8_t (*entry)[SHA256_LEN] = calloc(TILE_WIDTH, SHA256_LEN);
	struct merkle_hash *leaf = calloc(TILE_WIDTH, sizeof(*leaf)), root;
	struct tile_name t = { .width = TILE_WIDTH };
	enum audit_exit x = AUDIT_WELL;
	enum err e = ERR_OK;

	if (entry == NULL || leaf == NULL)
		x = audit_err(h->reach->a, ERR_SYS, A_MACHINE, "memory");
	for (t.number = from; t.number < h->tiles && x == AUDIT_WELL;
	    t.number++) {
		e = reach_entries(h->reach, t.number, false, entry);
		if (e != ERR_OK) {
			x = missing(h, e, t.number);
			break;
		}
		root_of_entries(entry, leaf, &root);
		x = compare_tile(h, &t, leaf);
	}
	free(entry);
	free(leaf);
	return x;
}

/* The levels above, from the first tile that is not as it was. */
static enum audit_exit
compare_levels(struct head *h, uint64_t from)
{
	uint64_t n = h->tiles, i;
	struct merkle_hash *level = calloc(n == 0 ? 1 : n, sizeof(*level));
	struct tile_name t = { .level = 1 };
	enum audit_exit x = AUDIT_WELL;

	if (level == NULL)
		return audit_err(h->reach->a, ERR_SYS, A_MACHINE, "memory");
	memcpy(level, h->tile, n * sizeof(*level));
	for (; n > 0 && t.level < TILE_LEVELS && x == AUDIT_WELL; t.level++) {
		for (i = from / TILE_WIDTH; i * TILE_WIDTH < n &&
		    x == AUDIT_WELL; i++) {
			t.number = i;
			t.width = n - i * TILE_WIDTH < TILE_WIDTH ?
			    (unsigned)(n - i * TILE_WIDTH) : TILE_WIDTH;
			x = compare_tile(h, &t, level + i * TILE_WIDTH);
		}
		/* Only full tiles feed the level above. */
		for (i = 0; i < n / TILE_WIDTH; i++)
			merkle_root(level + i * TILE_WIDTH, TILE_WIDTH,
			    &level[i]);
		n /= TILE_WIDTH;
		from /= TILE_WIDTH;
	}
	free(level);
	return x;
}

static enum audit_exit
compare(struct head *h)
{
	const struct seen_item *last = seen_last(&h->seen);
	uint64_t from = last == NULL ? 0 : last->size / TILE_WIDTH;
	enum audit_exit x = AUDIT_WELL;

	if (from < h->tiles)
		x = compare_leaves(h, from);
	if (x == AUDIT_WELL && from < h->tiles)
		x = compare_levels(h, from);
	return x;
}

enum audit_exit
head_rebuild(struct head *h, bool *good)
{
	struct rebuild b = { .h = h };
	struct audit *a = h->reach->a;
	enum audit_exit x;
	bool fresh = false;

	*good = false;
	h->tiles = h->now.size / TILE_WIDTH;
	h->tile = calloc(h->tiles == 0 ? 1 : h->tiles, sizeof(*h->tile));
	if (h->tile == NULL)
		return audit_err(a, ERR_SYS, A_MACHINE, "memory");
	x = roots(&b, false);
	if (x == AUDIT_WELL && (!head_has(h, h->now.size, &h->now.root) ||
	    !continues(h))) {
		/* Was it the cache, or the log? */
		fresh = true;
		x = roots(&b, true);
		if (x == AUDIT_WELL && !continues(h))
			audit_find_epoch(a, F_HISTORY_REWRITTEN, a->epoch0 +
			    (b.any_changed ? b.changed : 0), "");
		else if (x == AUDIT_WELL && !head_has(h, h->now.size,
		    &h->now.root))
			audit_find(a, F_ROOT_MISMATCH, "");
	}
	if (x == AUDIT_BROKEN || findings_broken(&a->findings) > 0)
		return AUDIT_WELL;
	if (x == AUDIT_WELL && fresh)
		x = renew(h);
	if (x == AUDIT_WELL)
		x = compare(h);
	*good = x == AUDIT_WELL && findings_broken(&a->findings) == 0;
	return x;
}

enum audit_exit
head_follow(struct head *h, bool *good)
{
	const struct seen_item *last = seen_last(&h->seen);
	struct tile_source s = { reach_tile, h->reach };
	struct merkle_hash proof[MERKLE_PROOF_MAX];
	struct merkle_proof p = { proof, 0 };
	enum err e;

	*good = true;
	if (last == NULL || last->size == h->now.size)
		return AUDIT_WELL;
	e = tile_consistency(&s, last->size, h->now.size, proof, &p.n);
	if (!reach_answered(e))
		return reach_fail(h->reach, e, "/tile");
	*good = e == ERR_OK && merkle_consistency_verify(last->size,
	    h->now.size, p, &last->root, &h->now.root) == ERR_OK;
	if (!*good)
		audit_find(h->reach->a, F_HISTORY_REWRITTEN, "");
	return AUDIT_WELL;
}
