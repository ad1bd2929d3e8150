#ifndef MERKLE_H
#define MERKLE_H
/* Merkle trees of RFC 6962 section 2.1 with SHA-256, and their proofs. */
#include <stddef.h>
#include <stdint.h>

#include "crypto.h"
#include "err.h"

#define MERKLE_PROOF_MAX	64	/* hashes in a proof */

struct merkle_hash { uint8_t bytes[SHA256_LEN]; };

void merkle_leaf(const void *entry, size_t n, struct merkle_hash *out);
void merkle_node(const struct merkle_hash *left,
    const struct merkle_hash *right, struct merkle_hash *out);
/* merkle_root(leaves, n, out): root over ${n} leaf hashes; n may be 0. */
void merkle_root(const struct merkle_hash *leaves, size_t n,
    struct merkle_hash *out);

/* Fails: ERR_MAC if the proof does not hold, whatever the reason. */
struct merkle_proof { const struct merkle_hash *hash; size_t n; };
enum err merkle_inclusion_verify(uint64_t index, uint64_t size,
    const struct merkle_hash *leaf, struct merkle_proof proof,
    const struct merkle_hash *root) MUST_USE;
enum err merkle_consistency_verify(uint64_t size1, uint64_t size2,
    struct merkle_proof proof, const struct merkle_hash *root1,
    const struct merkle_hash *root2) MUST_USE;

#endif
