#ifndef MERKLE_REF_H
#define MERKLE_REF_H
/*
 * RFC 6962 section 2.1 word for word, by recursion: the reference that the
 * program's own tree code is compared with.  Slow and plain.
 */
#include <stdbool.h>

#include "merkle.h"

/* A proof that grows. */
struct ref_path {
	struct merkle_hash hash[MERKLE_PROOF_MAX];
	size_t n;
};

/* The largest power of two below ${n}, n > 1. */
static inline size_t
ref_split(size_t n)
{
	size_t k = 1;

	while (k * 2 < n)
		k *= 2;
	return k;
}

static inline struct merkle_hash
ref_root(const struct merkle_hash *leaf, size_t n)
{
	struct merkle_hash l, r, out;
	size_t k;

	if (n == 0) {
		sha256("", 0, out.bytes);
		return out;
	}
	if (n == 1)
		return leaf[0];
	k = ref_split(n);
	l = ref_root(leaf, k);
	r = ref_root(leaf + k, n - k);
	merkle_node(&l, &r, &out);
	return out;
}

static inline void
ref_inclusion(const struct merkle_hash *leaf, size_t n, size_t m,
    struct ref_path *p)
{
	size_t k;

	if (n == 1)
		return;
	k = ref_split(n);
	if (m < k) {
		ref_inclusion(leaf, k, m, p);
		p->hash[p->n++] = ref_root(leaf + k, n - k);
	} else {
		ref_inclusion(leaf + k, n - k, m - k, p);
		p->hash[p->n++] = ref_root(leaf, k);
	}
}

static inline void
ref_subproof(const struct merkle_hash *leaf, size_t n, size_t m, bool whole,
    struct ref_path *p)
{
	size_t k;

	if (m == n) {
		if (!whole)
			p->hash[p->n++] = ref_root(leaf, n);
		return;
	}
	k = ref_split(n);
	if (m <= k) {
		ref_subproof(leaf, k, m, whole, p);
		p->hash[p->n++] = ref_root(leaf + k, n - k);
	} else {
		ref_subproof(leaf + k, n - k, m - k, false, p);
		p->hash[p->n++] = ref_root(leaf, k);
	}
}

/* From ${m} to ${n} leaves, 0 < m <= n. */
static inline void
ref_consistency(const struct merkle_hash *leaf, size_t n, size_t m,
    struct ref_path *p)
{
	ref_subproof(leaf, n, m, true, p);
}

#endif
