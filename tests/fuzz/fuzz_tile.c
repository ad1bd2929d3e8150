/*
 * Fuzzing of tile.h: a path that parses is written the same again; a bundle
 * that decodes encodes to the same bytes; roots and proofs made of whatever a
 * source says hold against each other or are refused, and nothing outside of
 * the tree is asked for.
 * Covers: format/tile.c format/tile_proof.c crypto/merkle.c
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "tile.h"

static void
as_path(struct bytes text)
{
	char path[2 * TILE_PATH_MAX], back[TILE_PATH_MAX];
	struct tile_name t;

	if (text.n >= sizeof(path))
		return;
	memcpy(path, text.p, text.n);
	path[text.n] = '\0';
	if (tile_path_parse(path, &t) == ERR_OK) {
		tile_path(&t, back);
		assert(strcmp(path, back) == 0);
		assert(t.width > 0 && t.width <= TILE_WIDTH);
#ifdef PLANTED
		/* Reached only by a path with all its parts, none a seed's. */
		if (t.level > 0 && t.width < 100 && t.number >= 1000)
			abort();
#endif
	} else {
		assert(t.width == 0 && t.number == 0);
	}
}

static void
as_bundle(struct bytes text)
{
	static uint8_t entry[TILE_WIDTH][SHA256_LEN];
	size_t n = text.n / 34;
	struct buf b;

	if (n == 0 || n > TILE_WIDTH || bundle_decode(text, entry, n) != ERR_OK)
		return;
	buf_init(&b, text.n);
	bundle_encode((const uint8_t (*)[SHA256_LEN])entry, n, &b);
	assert(buf_err(&b) == ERR_OK && b.len == text.n);
	assert(memcmp(b.data, text.p, text.n) == 0);
	buf_done(&b);
}

/* One small tree, that of the whole or a part of its leaves. */
#define LEAVES	1100
struct memory {
	struct merkle_hash leaf[LEAVES], above[LEAVES / TILE_WIDTH];
	struct merkle_hash root[LEAVES + 1];
	uint64_t size;
	uint64_t fail;		/* a leaf tile that cannot be had */
};

static enum err
memory_read(void *arg, const struct tile_name *t, struct merkle_hash *hash)
{
	const struct memory *m = arg;
	uint64_t each = t->level == 0 ? 1 : TILE_WIDTH, first;
	unsigned i;

	assert(t->level < 2 && !t->entries);
	first = t->number * TILE_WIDTH;
	assert(t->width > 0 && first + t->width <= m->size / each);
	if (t->level == 0 && t->number == m->fail)
		return ERR_NET;
	for (i = 0; i < t->width; i++)
		hash[i] = t->level == 0 ? m->leaf[first + i] :
		    m->above[first + i];
	return ERR_OK;
}

static uint64_t
number(struct cur *c)
{
	return cur_u8(c) < 250 ? cur_u16(c) % (LEAVES + 5) : cur_u64(c);
}

static void
check(struct memory *m, uint64_t size1, uint64_t index)
{
	struct merkle_hash proof[MERKLE_PROOF_MAX], root, got;
	struct tile_source s = { memory_read, m };
	size_t n;

	root = m->root[m->size];
	if (tile_root(&s, m->size, &got) == ERR_OK)
		assert(memcmp(&got, &root, sizeof(got)) == 0);
	if (tile_inclusion(&s, index, m->size, proof, &n) == ERR_OK)
		assert(merkle_inclusion_verify(index, m->size,
		    &m->leaf[index], (struct merkle_proof){ proof, n },
		    &root) == ERR_OK);
	else
		assert(n == 0);
	if (tile_consistency(&s, size1, m->size, proof, &n) == ERR_OK &&
	    size1 > 0)
		assert(merkle_consistency_verify(size1, m->size,
		    (struct merkle_proof){ proof, n }, &m->root[size1],
		    &root) == ERR_OK);
}

static void
plant(struct memory *m)
{
	uint64_t i;

	for (i = 0; i < LEAVES; i++)
		merkle_leaf(&i, sizeof(i), &m->leaf[i]);
	for (i = 0; i < LEAVES / TILE_WIDTH; i++)
		merkle_root(&m->leaf[i * TILE_WIDTH], TILE_WIDTH,
		    &m->above[i]);
	for (i = 0; i <= LEAVES; i++)
		merkle_root(m->leaf, i, &m->root[i]);
}

/* Behind an 'N': a tree's size, a smaller one, a leaf, a fault. */
static void
as_numbers(struct bytes text)
{
	static struct memory m;
	struct cur c = cur_over(text.p, text.n);
	uint64_t size1, index;

	/* Slow beside the others, which must have their turn. */
	if (text.n > 64 || cur_u8(&c) != 'N')
		return;
	if (m.size == 0)
		plant(&m);
	m.size = 1 + number(&c) % LEAVES;
	size1 = number(&c);
	index = number(&c);
	m.fail = number(&c) % 20;
	check(&m, size1, index);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct bytes text = { p, n };

	as_path(text);
	as_bundle(text);
	as_numbers(text);
	return 0;
}
