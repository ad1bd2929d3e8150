/* Tiles: their paths, bundles of entries, roots and proofs made of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../vectors/merkle_ref.h"
#include "need.h"
#include "tile.h"

#define LEAVES		70000	/* three levels of tiles */
#define SMALL		600
#define READS_MAX	64

static struct merkle_hash *leaf, above[LEAVES / TILE_WIDTH];

/* A tree in memory as a source of tiles; it remembers what was read. */
struct memory {
	uint64_t size;
	struct tile_name read[READS_MAX];
	size_t reads;
	size_t fail_at;		/* this read fails; from 1 */
	enum err fail;
};

static enum err
memory_read(void *arg, const struct tile_name *t, struct merkle_hash *hash)
{
	struct memory *m = arg;
	uint64_t each = 1, have;
	unsigned i;

	for (i = 0; i < t->level; i++)
		each *= TILE_WIDTH;
	assert_false(t->entries);
	assert_true(m->reads < READS_MAX);
	m->read[m->reads++] = *t;
	if (m->reads == m->fail_at)
		return m->fail;
	/* The tile as this tree has it, neither wider nor narrower. */
	assert_true(m->size / each > t->number * TILE_WIDTH);
	have = m->size / each - t->number * TILE_WIDTH;
	assert_int_equal(t->width, have < TILE_WIDTH ? have : TILE_WIDTH);
	for (i = 0; i < t->width; i++) {
		uint64_t at = t->number * TILE_WIDTH + i;

		if (t->level == 0)
			hash[i] = leaf[at];
		else
			merkle_root(&above[at * each / TILE_WIDTH],
			    each / TILE_WIDTH, &hash[i]);
	}
	return ERR_OK;
}

static struct tile_source
source(struct memory *m, uint64_t size)
{
	memset(m, 0, sizeof(*m));
	m->size = size;
	return (struct tile_source){ memory_read, m };
}

/* None twice, at most ${each} of a level. */
static void
assert_frugal(const struct memory *m, size_t each)
{
	size_t level[TILE_LEVELS] = { 0 };
	size_t i, k;

	for (i = 0; i < m->reads; i++) {
		assert_true(++level[m->read[i].level] <= each);
		for (k = 0; k < i; k++)
			assert_false(m->read[i].level == m->read[k].level &&
			    m->read[i].number == m->read[k].number);
	}
}

static void
check_root(uint64_t size, struct merkle_hash *root)
{
	struct merkle_hash got;
	struct memory m;
	struct tile_source s = source(&m, size);

	merkle_root(leaf, size, root);
	assert_int_equal(tile_root(&s, size, &got), ERR_OK);
	assert_memory_equal(got.bytes, root->bytes, SHA256_LEN);
	assert_frugal(&m, 1);
}

static void
check_inclusion(uint64_t index, uint64_t size, const struct merkle_hash *root)
{
	struct merkle_hash proof[MERKLE_PROOF_MAX];
	struct memory m;
	struct tile_source s = source(&m, size);
	size_t n;

	assert_int_equal(tile_inclusion(&s, index, size, proof, &n), ERR_OK);
	assert_int_equal(merkle_inclusion_verify(index, size, &leaf[index],
	    (struct merkle_proof){ proof, n }, root), ERR_OK);
	assert_frugal(&m, 2);
}

static void
check_consistency(uint64_t size1, uint64_t size2,
    const struct merkle_hash *root1, const struct merkle_hash *root2)
{
	struct merkle_hash proof[MERKLE_PROOF_MAX];
	struct memory m;
	struct tile_source s = source(&m, size2);
	size_t n;

	assert_int_equal(tile_consistency(&s, size1, size2, proof, &n),
	    ERR_OK);
	assert_int_equal(merkle_consistency_verify(size1, size2,
	    (struct merkle_proof){ proof, n }, root1, root2), ERR_OK);
	assert_frugal(&m, 2);
}

static int
setup(void **state)
{
	uint8_t entry[4];
	uint32_t i;

	(void)state;
	leaf = need(calloc(LEAVES, sizeof(*leaf)));
	if (leaf == NULL || crypto_init() != ERR_OK)
		return -1;
	for (i = 0; i < LEAVES; i++) {
		memcpy(entry, &i, sizeof(entry));
		merkle_leaf(entry, sizeof(entry), &leaf[i]);
	}
	for (i = 0; i < LEAVES / TILE_WIDTH; i++)
		merkle_root(&leaf[i * TILE_WIDTH], TILE_WIDTH, &above[i]);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	free(leaf);
	return 0;
}

/* Every size; of each some places, of those around a full tile all. */
static void
test_small_trees(void **state)
{
	static struct merkle_hash root[SMALL + 1];
	uint64_t n, k, step;

	(void)state;
	for (n = 0; n <= SMALL; n++)
		check_root(n, &root[n]);
	for (n = 1; n <= SMALL; n++) {
		step = n < 40 || (n + 1) % 256 < 3 ? 1 : 37;
		for (k = n % step; k < n; k += step) {
			check_inclusion(k, n, &root[n]);
			check_consistency(k + 1, n, &root[k + 1], &root[n]);
		}
		check_inclusion(n - 1, n, &root[n]);
		check_consistency(n, n, &root[n], &root[n]);
	}
}

/* Hash by hash what the RFC's recursion gives. */
static void
test_same_as_rfc(void **state)
{
	static const size_t size[] = { 1, 2, 255, 256, 257, 300, 512, 515 };
	struct merkle_hash proof[MERKLE_PROOF_MAX];
	struct ref_path want;
	struct tile_source s;
	struct memory m;
	size_t i, k, n;

	(void)state;
	for (i = 0; i < sizeof(size) / sizeof(size[0]); i++) {
		for (k = 0; k < size[i]; k += 1 + k / 9) {
			want.n = 0;
			ref_inclusion(leaf, size[i], k, &want);
			s = source(&m, size[i]);
			assert_int_equal(tile_inclusion(&s, k, size[i], proof,
			    &n), ERR_OK);
			assert_int_equal(n, want.n);
			assert_memory_equal(proof, want.hash, n * SHA256_LEN);
			want.n = 0;
			ref_consistency(leaf, size[i], k + 1, &want);
			s = source(&m, size[i]);
			assert_int_equal(tile_consistency(&s, k + 1, size[i],
			    proof, &n), ERR_OK);
			assert_int_equal(n, want.n);
			assert_memory_equal(proof, want.hash, n * SHA256_LEN);
		}
	}
}

static uint64_t
below(uint64_t *seed, uint64_t n)
{
	*seed = *seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return (*seed >> 33) % n;
}

static void
test_larger_trees(void **state)
{
	static const uint64_t known[] = { 65535, 65536, 65537, 65792, 66048,
		70000 };
	struct merkle_hash root1, root2;
	uint64_t seed = 7, size, size1;
	size_t i;

	(void)state;
	for (i = 0; i < 18; i++) {
		size = i < 6 ? known[i] : SMALL + below(&seed, LEAVES - SMALL);
		size1 = i == 5 ? 65536 : 1 + below(&seed, size);
		check_root(size, &root2);
		merkle_root(leaf, size1, &root1);
		check_consistency(size1, size, &root1, &root2);
		check_inclusion(below(&seed, size), size, &root2);
		check_inclusion(size - 1, size, &root2);
	}
}

/* A source of a tree that no memory holds: only which tiles are asked for. */
static enum err
far_read(void *arg, const struct tile_name *t, struct merkle_hash *hash)
{
	struct memory *m = arg;
	char path[TILE_PATH_MAX];
	struct tile_name back;

	assert_true(m->reads < READS_MAX);
	m->read[m->reads++] = *t;
	tile_path(t, path);
	assert_int_equal(tile_path_parse(path, &back), ERR_OK);
	memset(hash, (int)t->level, t->width * sizeof(*hash));
	return ERR_OK;
}

static void
test_far_sizes(void **state)
{
	struct merkle_hash proof[MERKLE_PROOF_MAX], root;
	struct memory m = { 0 };
	struct tile_source s = { far_read, &m };
	size_t n;

	(void)state;
	assert_int_equal(tile_root(&s, INT64_MAX, &root), ERR_OK);
	assert_int_equal(m.reads, TILE_LEVELS);
	assert_frugal(&m, 1);
	m.reads = 0;
	assert_int_equal(tile_inclusion(&s, 5, INT64_MAX, proof, &n), ERR_OK);
	assert_int_equal(n, 63);
	assert_frugal(&m, 2);
	m.reads = 0;
	assert_int_equal(tile_consistency(&s, INT64_MAX - 2, INT64_MAX, proof,
	    &n), ERR_OK);
	assert_true(n <= MERKLE_PROOF_MAX);
	assert_frugal(&m, 2);
	/* one more is too many */
	assert_int_equal(tile_root(&s, (uint64_t)INT64_MAX + 1, &root),
	    ERR_RANGE);
	assert_int_equal(tile_inclusion(&s, 5, (uint64_t)INT64_MAX + 1, proof,
	    &n), ERR_RANGE);
	assert_int_equal(tile_consistency(&s, 5, (uint64_t)INT64_MAX + 1,
	    proof, &n), ERR_RANGE);
}

/* A single leaf at a level's corner needs its own tiles and no others. */
static void
test_reads(void **state)
{
	struct merkle_hash proof[MERKLE_PROOF_MAX];
	struct memory m;
	struct tile_source s = source(&m, 70000);
	size_t n;

	(void)state;
	assert_int_equal(tile_inclusion(&s, 300, 70000, proof, &n), ERR_OK);
	/* its leaf tile, its level 1, then the edge: 112, 17 hashes, no 2 */
	assert_int_equal(m.reads, 4);
	assert_int_equal(m.read[0].number, 1);
	assert_int_equal(m.read[1].level, 1);
	assert_int_equal(m.read[2].width, 112);
	assert_int_equal(m.read[3].width, 17);
	/* at a full tile's end nothing but a single hash */
	s = source(&m, 256);
	assert_int_equal(tile_root(&s, 256, &proof[0]), ERR_OK);
	assert_int_equal(m.reads, 1);
	assert_int_equal(m.read[0].level, 1);
	assert_int_equal(m.read[0].width, 1);
	/* nothing at all */
	s = source(&m, 256);
	assert_int_equal(tile_consistency(&s, 256, 256, proof, &n), ERR_OK);
	assert_int_equal(n + m.reads, 0);
}

static void
test_wrong_places(void **state)
{
	struct merkle_hash proof[MERKLE_PROOF_MAX];
	struct memory m;
	struct tile_source s = source(&m, 9);
	size_t n = 1;

	(void)state;
	assert_int_equal(tile_inclusion(&s, 9, 9, proof, &n), ERR_RANGE);
	assert_int_equal(tile_inclusion(&s, 0, 0, proof, &n), ERR_RANGE);
	assert_int_equal(tile_consistency(&s, 10, 9, proof, &n), ERR_RANGE);
	assert_int_equal(n, 0);
	assert_int_equal(tile_consistency(&s, 0, 9, proof, &n), ERR_OK);
	assert_int_equal(n, 0);
	assert_int_equal(m.reads, 0);
}

/* Whichever read fails, that is the answer, and nothing is left. */
static void
test_source_fails(void **state)
{
	static const struct merkle_hash zero[MERKLE_PROOF_MAX];
	struct merkle_hash proof[MERKLE_PROOF_MAX], root;
	struct tile_source s;
	struct memory m;
	size_t i, n;

	(void)state;
	for (i = 1; i <= 4; i++) {
		s = source(&m, 70000);
		m.fail_at = i;
		m.fail = ERR_NET;
		n = 1;
		assert_int_equal(tile_inclusion(&s, 300, 70000, proof, &n),
		    ERR_NET);
		assert_int_equal(n, 0);
		assert_int_equal(m.reads, i);
		assert_memory_equal(proof, zero, sizeof(proof));
	}
	s = source(&m, 70000);
	m.fail_at = 2;
	m.fail = ERR_NOTFOUND;
	assert_int_equal(tile_root(&s, 70000, &root), ERR_NOTFOUND);
	assert_memory_equal(&root, zero, sizeof(root));
}

static const struct {
	const char *path;
	struct tile_name tile;
} good[] = {
	{ "/tile/0/000", { false, 0, 0, 256 } },
	{ "/tile/0/255", { false, 0, 255, 256 } },
	{ "/tile/1/x001/000", { false, 1, 1000, 256 } },
	{ "/tile/7/x001/x234/067", { false, 7, 1234067, 256 } },
	{ "/tile/0/x001/234.p/5", { false, 0, 1234, 5 } },
	{ "/tile/2/000.p/255", { false, 2, 0, 255 } },
	{ "/tile/entries/000", { true, 0, 0, 256 } },
	{ "/tile/entries/x001/000.p/1", { true, 0, 1000, 1 } },
	{ "/tile/0/x009/x223/x372/x036/x854/x775/807",
	    { false, 0, INT64_MAX, 256 } },
};

static void
test_paths(void **state)
{
	char path[TILE_PATH_MAX];
	struct tile_name t;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		tile_path(&good[i].tile, path);
		assert_string_equal(path, good[i].path);
		assert_int_equal(tile_path_parse(path, &t), ERR_OK);
		assert_true(t.entries == good[i].tile.entries);
		assert_int_equal(t.level, good[i].tile.level);
		assert_int_equal(t.number, good[i].tile.number);
		assert_int_equal(t.width, good[i].tile.width);
	}
}

static void
test_bad_paths(void **state)
{
	static const struct {
		const char *path;
		enum err want;
	} bad[] = {
		{ "", ERR_FORMAT },
		{ "/tile/", ERR_FORMAT },
		{ "/tile/0", ERR_FORMAT },
		{ "/tile/0/", ERR_FORMAT },
		{ "tile/0/000", ERR_FORMAT },
		{ "/tiles/0/000", ERR_FORMAT },
		{ "/tile//000", ERR_FORMAT },
		{ "/tile/00/000", ERR_FORMAT },
		{ "/tile/8/000", ERR_RANGE },
		{ "/tile/-1/000", ERR_FORMAT },
		{ "/tile/entry/000", ERR_FORMAT },
		{ "/tile/0/0", ERR_FORMAT },
		{ "/tile/0/00", ERR_FORMAT },
		{ "/tile/0/0000", ERR_FORMAT },
		{ "/tile/0/00a", ERR_FORMAT },
		{ "/tile/0/x000/001", ERR_FORMAT },
		{ "/tile/0/x001", ERR_FORMAT },
		{ "/tile/0/x001/", ERR_FORMAT },
		{ "/tile/0/x001/x234", ERR_FORMAT },
		{ "/tile/0/001/234", ERR_FORMAT },
		{ "/tile/0/X001/234", ERR_FORMAT },
		{ "/tile/0/x001//234", ERR_FORMAT },
		{ "/tile/0/000/", ERR_FORMAT },
		{ "/tile/0/000 ", ERR_FORMAT },
		{ "/tile/0/000?a", ERR_FORMAT },
		{ "/tile/0/000.p", ERR_FORMAT },
		{ "/tile/0/000.p/", ERR_FORMAT },
		{ "/tile/0/000.p/0", ERR_RANGE },
		{ "/tile/0/000.p/05", ERR_FORMAT },
		{ "/tile/0/000.p/256", ERR_RANGE },
		{ "/tile/0/000.p/5/", ERR_FORMAT },
		{ "/tile/0/000.p/5.p/5", ERR_FORMAT },
		{ "/tile/0/x009/x223/x372/x036/x854/x775/808", ERR_RANGE },
		{ "/tile/0/x001/x000/x000/x000/x000/x000/x000/x000/x000/x000/"
		    "x000/x000/x000/x000/x000/x000/x000/000", ERR_FORMAT },
	};
	struct tile_name t;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(tile_path_parse(bad[i].path, &t),
		    bad[i].want);
		assert_int_equal(t.width, 0);
	}
}

static void
test_bundles(void **state)
{
	static uint8_t entry[TILE_WIDTH][SHA256_LEN], back[TILE_WIDTH]
	    [SHA256_LEN], zero[TILE_WIDTH][SHA256_LEN];
	struct buf b;
	size_t i;

	(void)state;
	for (i = 0; i < TILE_WIDTH; i++)
		memset(entry[i], (int)i + 1, SHA256_LEN);
	buf_init(&b, TILE_WIDTH * 34);
	bundle_encode((const uint8_t (*)[SHA256_LEN])entry, TILE_WIDTH, &b);
	assert_int_equal(buf_err(&b), ERR_OK);
	assert_int_equal(b.len, TILE_WIDTH * 34);
	assert_int_equal(bundle_decode((struct bytes){ b.data, b.len }, back,
	    TILE_WIDTH), ERR_OK);
	assert_memory_equal(back, entry, sizeof(entry));
	/* of another number */
	assert_int_equal(bundle_decode((struct bytes){ b.data, b.len }, back,
	    TILE_WIDTH - 1), ERR_FORMAT);
	assert_int_equal(bundle_decode((struct bytes){ b.data, b.len - 34 },
	    back, TILE_WIDTH), ERR_FORMAT);
	assert_int_equal(bundle_decode((struct bytes){ b.data, b.len - 1 },
	    back, TILE_WIDTH), ERR_FORMAT);
	assert_int_equal(bundle_decode((struct bytes){ b.data, 0 }, back, 1),
	    ERR_FORMAT);
	assert_int_equal(bundle_decode((struct bytes){ NULL, 0 }, back, 0),
	    ERR_OK);
	/* an entry of 31 bytes, and all that came before is gone */
	b.data[100 * 34 + 1] = 31;
	assert_int_equal(bundle_decode((struct bytes){ b.data, b.len }, back,
	    TILE_WIDTH), ERR_FORMAT);
	assert_memory_equal(back, zero, sizeof(back));
	b.data[100 * 34 + 1] = 32;
	b.data[100 * 34] = 1;
	assert_int_equal(bundle_decode((struct bytes){ b.data, b.len }, back,
	    TILE_WIDTH), ERR_FORMAT);
	buf_done(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_small_trees),
		cmocka_unit_test(test_same_as_rfc),
		cmocka_unit_test(test_larger_trees),
		cmocka_unit_test(test_far_sizes),
		cmocka_unit_test(test_reads),
		cmocka_unit_test(test_wrong_places),
		cmocka_unit_test(test_source_fails),
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_bad_paths),
		cmocka_unit_test(test_bundles),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
