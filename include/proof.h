#ifndef PROOF_H
#define PROOF_H
/*
 * Offline proofs of inclusion (C2SP tlog-proof) and the policies that say
 * whose signatures they need (C2SP tlog-policy).
 * Format: docs/FORMATS.md "Checkpoints and proofs".
 */
#include <stdbool.h>
#include <stdint.h>

#include "checkpoint.h"

#define PROOF_HASHES_MAX	63
#define PROOF_EXTRA_MAX		4096
#define PROOF_MAX		(NOTE_MAX + 16384)
#define POLICY_MAX		65536	/* bytes of a policy's text */
#define POLICY_NODES		32	/* witnesses and groups */
#define POLICY_LOGS		8
#define POLICY_NAME_MAX		63

struct proof {
	bool has_extra;
	uint8_t extra[PROOF_EXTRA_MAX];	/* not authenticated */
	size_t extra_len;
	uint64_t index;
	struct merkle_hash hash[PROOF_HASHES_MAX];
	size_t hashes;
	struct bytes note;		/* borrowed: the signed checkpoint */
};

/*
 * proof_encode(p, out), proof_decode(text, out): nothing is verified.
 * Fails: ERR_FORMAT, ERR_VERSION, ERR_RANGE.
 */
enum err proof_encode(const struct proof *p, struct buf *out) MUST_USE;
enum err proof_decode(struct bytes text, struct proof *out) MUST_USE;

/* A witness, or a group of those that stand before it. */
struct policy_node {
	char name[POLICY_NAME_MAX + 1];
	bool is_group, taken;		/* taken: member of a group */
	struct vkey key;		/* of a witness */
	uint32_t members;		/* of a group: bit i: node[i] */
	unsigned need;			/* so many of them */
};
struct policy {
	struct vkey log[POLICY_LOGS];
	size_t logs;
	struct policy_node node[POLICY_NODES];
	size_t nodes;
	bool has_quorum;		/* false: "quorum none" */
	size_t quorum;			/* its node */
};

/*
 * policy_decode(text, out, line): *line: the first wrong line, from 1; 0 if
 * all is well.  Fails: ERR_FORMAT, ERR_KEY, ERR_RANGE, ERR_CONFLICT (a name
 * or key twice, a member of two groups, a name that is not there yet).
 */
enum err policy_decode(struct bytes text, struct policy *out, size_t *line)
    MUST_USE;
/*
 * proof_verify(p, leaf, policy, out): the leaf hash is in the tree of the
 * checkpoint, which a log of ${policy} and a quorum of witnesses signed.
 * Fails: ERR_FORMAT, ERR_RANGE; ERR_NOMATCH (no log of the policy signed
 * it); ERR_MAC (a signature or the inclusion is wrong); ERR_DENIED (no
 * quorum).
 */
enum err proof_verify(const struct proof *p, const struct merkle_hash *leaf,
    const struct policy *policy, struct checkpoint *out) MUST_USE;

#endif
