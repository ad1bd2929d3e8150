/* RFC 6962 section 2.1: tree hash, inclusion and consistency proofs. */
#include <assert.h>
#include <string.h>

#include "merkle.h"

void
merkle_leaf(const void *entry, size_t n, struct merkle_hash *out)
{
	struct sha256 s;

	sha256_init(&s);
	sha256_update(&s, "\0", 1);
	sha256_update(&s, entry, n);
	sha256_final(&s, out->bytes);
}

void
merkle_node(const struct merkle_hash *left, const struct merkle_hash *right,
    struct merkle_hash *out)
{
	uint8_t in[1 + 2 * SHA256_LEN];

	in[0] = 1;
	memcpy(in + 1, left->bytes, SHA256_LEN);
	memcpy(in + 1 + SHA256_LEN, right->bytes, SHA256_LEN);
	sha256(in, sizeof(in), out->bytes);
}

void
merkle_root(const struct merkle_hash *leaves, size_t n,
    struct merkle_hash *out)
{
	struct merkle_hash edge[64];	/* perfect trees, largest first */
	size_t depth = 0, i, done;

	if (n == 0) {
		sha256(NULL, 0, out->bytes);
		return;
	}
	for (i = 0; i < n; i++) {
		edge[depth++] = leaves[i];
		/* One join for each time that i+1 can be halved. */
		for (done = i + 1; done % 2 == 0; done /= 2, depth--)
			merkle_node(&edge[depth - 2], &edge[depth - 1],
			    &edge[depth - 2]);
	}
	for (; depth > 1; depth--)
		merkle_node(&edge[depth - 2], &edge[depth - 1],
		    &edge[depth - 2]);
	*out = edge[0];
}

static enum err
same(const struct merkle_hash *a, const struct merkle_hash *b)
{
	return memcmp(a->bytes, b->bytes, SHA256_LEN) == 0 ? ERR_OK : ERR_MAC;
}

/* Climb from a right child, or from a last node, to where it has a sibling. */
static void
climb(uint64_t *fn, uint64_t *sn)
{
	while (*fn % 2 == 0 && *fn != 0) {
		*fn >>= 1;
		*sn >>= 1;
	}
}

enum err
merkle_inclusion_verify(uint64_t index, uint64_t size,
    const struct merkle_hash *leaf, struct merkle_proof proof,
    const struct merkle_hash *root)
{
	struct merkle_hash r = *leaf;
	uint64_t fn = index, sn = size - 1;
	size_t i;

	if (index >= size)
		return ERR_MAC;
	for (i = 0; i < proof.n; i++) {
		if (sn == 0)
			return ERR_MAC;
		if (fn % 2 == 1 || fn == sn) {
			merkle_node(&proof.hash[i], &r, &r);
			climb(&fn, &sn);
		} else {
			merkle_node(&r, &proof.hash[i], &r);
		}
		fn >>= 1;
		sn >>= 1;
	}
	return sn == 0 ? same(&r, root) : ERR_MAC;
}

enum err
merkle_consistency_verify(uint64_t size1, uint64_t size2,
    struct merkle_proof proof, const struct merkle_hash *root1,
    const struct merkle_hash *root2)
{
	struct merkle_hash fr, sr;
	uint64_t fn = size1 - 1, sn = size2 - 1;
	size_t i = 0;

	if (size1 == 0 || size1 > size2)
		return ERR_MAC;
	if (size1 == size2)
		return proof.n == 0 ? same(root1, root2) : ERR_MAC;
	if (proof.n == 0)
		return ERR_MAC;
	while (fn % 2 == 1) {
		fn >>= 1;
		sn >>= 1;
	}
	/* A perfect first tree is its own first hash, which is not sent. */
	fr = fn == 0 ? *root1 : proof.hash[i++];
	sr = fr;
	for (; i < proof.n; i++) {
		if (sn == 0)
			return ERR_MAC;
		if (fn % 2 == 1 || fn == sn) {
			merkle_node(&proof.hash[i], &fr, &fr);
			merkle_node(&proof.hash[i], &sr, &sr);
			climb(&fn, &sn);
		} else {
			merkle_node(&sr, &proof.hash[i], &sr);
		}
		fn >>= 1;
		sn >>= 1;
	}
	if (sn != 0 || same(&fr, root1) != ERR_OK)
		return ERR_MAC;
	return same(&sr, root2);
}
