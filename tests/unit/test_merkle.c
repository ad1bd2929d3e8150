/* merkle.h against RFC 6962 by recursion, and proofs with one fault each. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../vectors/merkle_ref.h"
#include "merkle.h"

#define LEAVES	70

static struct merkle_hash leaf[LEAVES], root[LEAVES + 1];

static int
setup(void **state)
{
	uint8_t entry;
	size_t i;

	(void)state;
	if (crypto_init() != ERR_OK)
		return -1;
	for (i = 0; i < LEAVES; i++) {
		entry = (uint8_t)i;
		merkle_leaf(&entry, 1, &leaf[i]);
	}
	for (i = 0; i <= LEAVES; i++)
		merkle_root(leaf, i, &root[i]);
	return 0;
}

static void
assert_hash(const struct merkle_hash *h, const char *want)
{
	char hex[HEX_LEN(SHA256_LEN) + 1];

	hex_encode(h->bytes, SHA256_LEN, hex);
	assert_string_equal(hex, want);
}

/* RFC 6962's reference tree of Certificate Transparency. */
static void
test_known(void **state)
{
	static const char *const entry[][2] = { { "", "" }, { "\x00", "1" },
		{ "\x10", "1" }, { "\x20\x21", "2" } };
	struct merkle_hash l[4], out;
	size_t i;

	(void)state;
	merkle_leaf(NULL, 0, &out);
	assert_hash(&out, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb337387685"
	    "11a30617afa01d");
	merkle_root(NULL, 0, &out);
	assert_hash(&out, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca4"
	    "95991b7852b855");
	for (i = 0; i < 4; i++)
		merkle_leaf(entry[i][0], (size_t)(entry[i][1][0] == '\0' ? 0 :
		    entry[i][1][0] - '0'), &l[i]);
	merkle_root(l, 4, &out);
	assert_hash(&out, "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b"
	    "30cd95209614b7");
}

static void
test_roots(void **state)
{
	struct merkle_hash want;
	size_t n;

	(void)state;
	for (n = 0; n <= LEAVES; n++) {
		want = ref_root(leaf, n);
		assert_memory_equal(want.bytes, root[n].bytes, SHA256_LEN);
	}
}

static enum err
inclusion(size_t i, size_t n, const struct ref_path *p)
{
	return merkle_inclusion_verify(i, n, &leaf[i < LEAVES ? i : 0],
	    (struct merkle_proof){ p->hash, p->n }, &root[n]);
}

static void
test_inclusion(void **state)
{
	struct ref_path p, q;
	size_t n, i, k;

	(void)state;
	for (n = 1; n <= LEAVES; n++) {
		for (i = 0; i < n; i++) {
			p.n = 0;
			ref_inclusion(leaf, n, i, &p);
			assert_int_equal(inclusion(i, n, &p), ERR_OK);
			/* one fault each */
			for (k = 0; k < p.n; k++) {
				q = p;
				q.hash[k].bytes[k % SHA256_LEN] ^= 1;
				assert_int_equal(inclusion(i, n, &q),
				    ERR_MAC);
			}
			if (p.n > 0) {
				q = p;
				q.n--;
				assert_int_equal(inclusion(i, n, &q),
				    ERR_MAC);
			}
			q = p;
			q.hash[q.n++] = root[n];
			assert_int_equal(inclusion(i, n, &q), ERR_MAC);
			assert_int_equal(merkle_inclusion_verify(i, n,
			    &leaf[(i + 1) % LEAVES],
			    (struct merkle_proof){ p.hash, p.n }, &root[n]),
			    ERR_MAC);
			if (n > 1)
				assert_int_equal(merkle_inclusion_verify(
				    (i + 1) % n, n, &leaf[i],
				    (struct merkle_proof){ p.hash, p.n },
				    &root[n]), ERR_MAC);
			assert_int_equal(merkle_inclusion_verify(i, n,
			    &leaf[i], (struct merkle_proof){ p.hash, p.n },
			    &root[n - 1]), ERR_MAC);
		}
		assert_int_equal(inclusion(n, n, &p), ERR_MAC);
	}
}

static enum err
consistency(size_t m, size_t n, const struct ref_path *p)
{
	return merkle_consistency_verify(m, n,
	    (struct merkle_proof){ p->hash, p->n }, &root[m], &root[n]);
}

static void
test_consistency(void **state)
{
	struct merkle_hash other;
	struct ref_path p, q;
	size_t n, m, k;

	(void)state;
	for (n = 1; n <= LEAVES; n++) {
		for (m = 1; m <= n; m++) {
			p.n = 0;
			ref_consistency(leaf, n, m, &p);
			assert_int_equal(consistency(m, n, &p), ERR_OK);
			for (k = 0; k < p.n; k++) {
				q = p;
				q.hash[k].bytes[k % SHA256_LEN] ^= 0x80;
				assert_int_equal(consistency(m, n, &q),
				    ERR_MAC);
			}
			if (p.n > 0) {
				q = p;
				q.n--;
				assert_int_equal(consistency(m, n, &q),
				    ERR_MAC);
			}
			q = p;
			q.hash[q.n++] = root[n];
			assert_int_equal(consistency(m, n, &q), ERR_MAC);
			other = root[m];
			other.bytes[0] ^= 1;
			assert_int_equal(merkle_consistency_verify(m, n,
			    (struct merkle_proof){ p.hash, p.n }, &other,
			    &root[n]), ERR_MAC);
			other = root[n];
			other.bytes[31] ^= 1;
			assert_int_equal(merkle_consistency_verify(m, n,
			    (struct merkle_proof){ p.hash, p.n }, &root[m],
			    &other), ERR_MAC);
		}
		q.n = 0;
		assert_int_equal(consistency(0, n, &q), ERR_MAC);
		assert_int_equal(merkle_consistency_verify(n + 1, n,
		    (struct merkle_proof){ NULL, 0 }, &root[n], &root[n]),
		    ERR_MAC);
	}
}

/*
 * Proofs whose hashes fit but whose sizes do not: the root of a smaller tree
 * passed off as one of a larger, an index just outside.
 */
static void
test_sizes_that_do_not_fit(void **state)
{
	struct merkle_proof none = { NULL, 0 }, one = { &leaf[1], 1 };

	(void)state;
	assert_int_equal(merkle_inclusion_verify(0, 1, &root[1], none,
	    &root[1]), ERR_OK);
	assert_int_equal(merkle_inclusion_verify(1, 1, &root[1], none,
	    &root[1]), ERR_MAC);
	assert_int_equal(merkle_inclusion_verify(0, 2, &root[2], none,
	    &root[2]), ERR_MAC);
	assert_int_equal(merkle_inclusion_verify(0, 2, &leaf[0], one,
	    &root[2]), ERR_OK);
	assert_int_equal(merkle_inclusion_verify(0, 4, &leaf[0], one,
	    &root[2]), ERR_MAC);
	assert_int_equal(merkle_consistency_verify(1, 2, one, &root[1],
	    &root[2]), ERR_OK);
	assert_int_equal(merkle_consistency_verify(1, 4, one, &root[1],
	    &root[2]), ERR_MAC);
}

/* Sizes at the end of uint64_t come to an end. */
static void
test_far_sizes(void **state)
{
	struct merkle_hash h[MERKLE_PROOF_MAX] = { { { 0 } } };
	struct merkle_proof none = { h, 0 }, full = { h, MERKLE_PROOF_MAX };

	(void)state;
	assert_int_equal(merkle_inclusion_verify(0, 0, h, none, h), ERR_MAC);
	assert_int_equal(merkle_inclusion_verify(UINT64_MAX, UINT64_MAX, h,
	    full, h), ERR_MAC);
	assert_int_equal(merkle_inclusion_verify(UINT64_MAX - 1, UINT64_MAX,
	    h, full, h), ERR_MAC);
	assert_int_equal(merkle_consistency_verify(1, UINT64_MAX, full, h,
	    h), ERR_MAC);
	assert_int_equal(merkle_consistency_verify(UINT64_MAX, UINT64_MAX,
	    none, h, h), ERR_OK);
	assert_int_equal(merkle_consistency_verify(0, 0, none, h, h),
	    ERR_MAC);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known),
		cmocka_unit_test(test_roots),
		cmocka_unit_test(test_inclusion),
		cmocka_unit_test(test_consistency),
		cmocka_unit_test(test_sizes_that_do_not_fit),
		cmocka_unit_test(test_far_sizes),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
