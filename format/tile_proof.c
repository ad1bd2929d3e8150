/*
 * Roots and proofs of RFC 6962 section 2.1 from tiles.
 *
 * A perfect subtree of 2^h leaves stands in one tile: level h / 8, 2^(h % 8)
 * hashes side by side.  Any other range of leaves that a root or proof asks
 * for reaches to the end of the tree, and is made of such subtrees.  They are
 * taken from the leaves upwards, so that one tile a level is kept and none is
 * read twice: below the place where the path leaves the tree's right edge
 * first the path's tiles, then the edge's.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "line.h"
#include "tile.h"

#define TILE_HEIGHT	8	/* 2^8 hashes */

struct reader {
	const struct tile_source *source;
	uint64_t size;
	struct {
		bool have;
		uint64_t number;
		struct merkle_hash hash[TILE_WIDTH];
	} level[TILE_LEVELS];
};

/* Leaves from .. to-1. */
struct range {
	uint64_t from, to;
};
struct path {
	struct range range[MERKLE_PROOF_MAX];	/* next to the root first */
	size_t n;
};

static struct reader *
reader_new(const struct tile_source *s, uint64_t size)
{
	struct reader *r = calloc(1, sizeof(*r));

	if (r != NULL) {
		r->source = s;
		r->size = size;
	}
	return r;
}

/* The tile in which hash ${at} of ${level} stands, as wide as the tree has. */
static enum err
load(struct reader *r, unsigned level, uint64_t at)
{
	struct tile_name t = { .level = level, .number = at / TILE_WIDTH };
	uint64_t hashes = r->size >> TILE_HEIGHT * level;
	enum err e;

	assert(at < hashes);
	if (r->level[level].have && r->level[level].number == t.number)
		return ERR_OK;
	hashes -= t.number * TILE_WIDTH;
	t.width = hashes < TILE_WIDTH ? (unsigned)hashes : TILE_WIDTH;
	r->level[level].have = false;
	e = r->source->read(r->source->arg, &t, r->level[level].hash);
	r->level[level].have = e == ERR_OK;
	r->level[level].number = t.number;
	return e;
}

/* The perfect subtree of 2^height leaves from ${from}. */
static enum err
subtree(struct reader *r, uint64_t from, unsigned height,
    struct merkle_hash *out)
{
	unsigned level = height / TILE_HEIGHT;
	uint64_t at = from >> TILE_HEIGHT * level;
	size_t n = (size_t)1 << height % TILE_HEIGHT;
	enum err e = load(r, level, at);

	if (e == ERR_OK)
		merkle_root(&r->level[level].hash[at % TILE_WIDTH], n, out);
	return e;
}

/* A subtree of RFC 6962; its perfect parts from the smallest, at the right. */
static enum err
range_hash(struct reader *r, struct range range, struct merkle_hash *out)
{
	struct merkle_hash left;
	bool any = false;
	unsigned height;
	enum err e;

	while (range.to > range.from) {
		height = (unsigned)__builtin_ctzll(range.to - range.from);
		range.to -= UINT64_C(1) << height;
		e = subtree(r, range.to, height, &left);
		if (e != ERR_OK)
			return e;
		if (any)
			merkle_node(&left, out, out);
		else
			*out = left;
		any = true;
	}
	return ERR_OK;
}

/* Where a range of more than one leaf is parted. */
static uint64_t
split(struct range r)
{
	return r.from + (UINT64_C(1) << (63 - __builtin_clzll(r.to - r.from -
	    1)));
}

/* One step down: to the right half, whose sibling is the left, or back. */
static void
descend(struct range *here, bool right, struct path *path)
{
	uint64_t middle = split(*here);
	struct range left = { here->from, middle };
	struct range last = { middle, here->to };

	assert(path->n < MERKLE_PROOF_MAX);
	path->range[path->n++] = right ? left : last;
	*here = right ? last : left;
}

/* The hashes of a path, those next to the leaves first. */
static enum err
hash_path(const struct tile_source *s, uint64_t size, const struct path *path,
    struct merkle_hash *proof, size_t *n)
{
	struct reader *r = reader_new(s, size);
	enum err e = r == NULL ? ERR_SYS : ERR_OK;
	size_t i;

	for (i = 0; i < path->n && e == ERR_OK; i++)
		e = range_hash(r, path->range[path->n - 1 - i], &proof[i]);
	if (e == ERR_OK)
		*n = path->n;
	else
		memset(proof, 0, MERKLE_PROOF_MAX * sizeof(*proof));
	free(r);
	return e;
}

enum err
tile_root(const struct tile_source *s, uint64_t size, struct merkle_hash *out)
{
	struct merkle_hash root;
	struct reader *r;
	enum err e;

	memset(out, 0, sizeof(*out));
	if (size > LINE_DECIMAL_MAX)
		return ERR_RANGE;
	if (size == 0) {
		merkle_root(NULL, 0, out);
		return ERR_OK;
	}
	if ((r = reader_new(s, size)) == NULL)
		return ERR_SYS;
	e = range_hash(r, (struct range){ 0, size }, &root);
	if (e == ERR_OK)
		*out = root;
	free(r);
	return e;
}

enum err
tile_inclusion(const struct tile_source *s, uint64_t index, uint64_t size,
    struct merkle_hash proof[static MERKLE_PROOF_MAX], size_t *n)
{
	struct range here = { 0, size };
	struct path path = { .n = 0 };

	memset(proof, 0, MERKLE_PROOF_MAX * sizeof(*proof));
	*n = 0;
	if (size > LINE_DECIMAL_MAX || index >= size)
		return ERR_RANGE;
	while (here.to - here.from > 1)
		descend(&here, index >= split(here), &path);
	return hash_path(s, size, &path, proof, n);
}

enum err
tile_consistency(const struct tile_source *s, uint64_t size1, uint64_t size2,
    struct merkle_hash proof[static MERKLE_PROOF_MAX], size_t *n)
{
	struct range here = { 0, size2 };
	struct path path = { .n = 0 };

	memset(proof, 0, MERKLE_PROOF_MAX * sizeof(*proof));
	*n = 0;
	if (size2 > LINE_DECIMAL_MAX || size1 > size2)
		return ERR_RANGE;
	/* Everything follows from the empty tree. */
	if (size1 == 0)
		return ERR_OK;
	while (here.to != size1)
		descend(&here, size1 > split(here), &path);
	/* A first tree that is one subtree is known to who asks. */
	if (here.from > 0) {
		assert(path.n < MERKLE_PROOF_MAX);
		path.range[path.n++] = here;
	}
	return hash_path(s, size2, &path, proof, n);
}
