/*
 * A log as tiles (C2SP tlog-tiles): the tree in mirror/, laid out as it is
 * served.  Its checkpoint's root, every inclusion and a consistency from
 * every size must follow from its hash tiles, and its leaves be those of its
 * entry bundles.
 */
#include <stdlib.h>
#include <string.h>

#include "checkpoint.h"
#include "suite.h"
#include "tile.h"

#define LEAVES_MAX	4096

static enum err
read_tile(void *arg, const struct tile_name *t, struct merkle_hash *hash)
{
	char path[TILE_PATH_MAX];
	const char *dir = arg;
	struct buf b;
	enum err e = ERR_OK;

	tile_path(t, path);
	buf_init(&b, TILE_BYTES);
	if (suite_read(dir, path + 1, &b) != 0)
		e = ERR_NOTFOUND;
	else if (b.len != t->width * sizeof(*hash))
		e = ERR_FORMAT;
	else
		memcpy(hash, b.data, b.len);
	buf_done(&b);
	return e;
}

/* The leaves' hashes, from one bundle of whatever entries. */
static enum err
read_entries(const char *dir, const struct tile_name *t,
    struct merkle_hash *leaf)
{
	char path[TILE_PATH_MAX];
	const uint8_t *entry;
	enum err e = ERR_NOTFOUND;
	struct buf b;
	struct cur c;
	unsigned i;
	size_t n;

	tile_path(t, path);
	buf_init(&b, 256u * 65537);
	if (suite_read(dir, path + 1, &b) == 0) {
		c = cur_over(b.data, b.len);
		for (i = 0; i < t->width; i++) {
			n = cur_u16(&c);
			entry = cur_take(&c, n);
			if (entry != NULL)
				merkle_leaf(entry, n, &leaf[i]);
		}
		e = cur_end(&c);
	}
	buf_done(&b);
	return e;
}

static enum err
read_checkpoint(const char *dir, struct checkpoint *c)
{
	enum err e = ERR_NOTFOUND;
	struct bytes text;
	struct buf b;

	buf_init(&b, NOTE_MAX);
	if (suite_read(dir, "checkpoint", &b) == 0)
		e = note_text((struct bytes){ b.data, b.len }, &text);
	if (e == ERR_OK)
		e = checkpoint_decode(text, c);
	if (e == ERR_OK && (c->size == 0 || c->size > LEAVES_MAX))
		e = ERR_RANGE;
	buf_done(&b);
	return e;
}

static void
expect(struct tally *t, enum err e, const char *what, uint64_t at)
{
	if (e == ERR_OK)
		t->passed++;
	else
		suite_failed(t, "note/tiles", what, "%llu: %s",
		    (unsigned long long)at, err_text(e));
}

/* All that is asked of a tree of ${c->size} leaves. */
static void
check(const struct tile_source *s, const struct checkpoint *c,
    const struct merkle_hash *leaf, struct tally *t)
{
	struct merkle_hash root, proof[MERKLE_PROOF_MAX];
	struct merkle_proof p = { proof, 0 };
	uint64_t i;
	enum err e;

	e = tile_root(s, c->size, &root);
	if (e == ERR_OK && memcmp(&root, &c->root, sizeof(root)) != 0)
		e = ERR_MAC;
	expect(t, e, "root", c->size);
	for (i = 0; i < c->size; i++) {
		e = tile_inclusion(s, i, c->size, proof, &p.n);
		if (e == ERR_OK)
			e = merkle_inclusion_verify(i, c->size, &leaf[i], p,
			    &c->root);
		expect(t, e, "inclusion", i);
		merkle_root(leaf, i + 1, &root);
		e = tile_consistency(s, i + 1, c->size, proof, &p.n);
		if (e == ERR_OK)
			e = merkle_consistency_verify(i + 1, c->size, p,
			    &root, &c->root);
		expect(t, e, "consistency", i + 1);
	}
}

void
suite_tiles(const char *dir, struct tally *t)
{
	char mirror[4096];
	struct tile_source s = { read_tile, mirror };
	struct tile_name name = { .entries = true };
	struct merkle_hash *leaf = calloc(LEAVES_MAX, sizeof(*leaf));
	struct checkpoint c;
	uint64_t at;
	enum err e;

	(void)snprintf(mirror, sizeof(mirror), "%s/tiles/mirror", dir);
	e = leaf == NULL ? ERR_SYS : read_checkpoint(mirror, &c);
	expect(t, e, "checkpoint", 0);
	for (at = 0; e == ERR_OK && at < c.size; at += name.width) {
		name.number = at / TILE_WIDTH;
		name.width = c.size - at < TILE_WIDTH ?
		    (unsigned)(c.size - at) : TILE_WIDTH;
		e = read_entries(mirror, &name, leaf + at);
		expect(t, e, "entries", name.number);
	}
	if (e == ERR_OK)
		check(&s, &c, leaf, t);
	free(leaf);
}
