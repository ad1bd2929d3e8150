/*
 * Fuzzing of note.h, checkpoint.h and proof.h: a note has its text, and no
 * key that did not sign it is said to have; a checkpoint, a proof or a
 * verifier key that decodes encodes to the same bytes; a policy's groups
 * are of nodes that stand before them.
 * Covers: format/note.c format/vkey.c format/checkpoint.c format/proof.c
 *      format/policy.c
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "proof.h"

static void
same(const struct buf *b, const uint8_t *p, size_t n)
{
	assert(b->len == n && memcmp(b->data, p, n) == 0);
}

/* A key that signed none of the seeds. */
static void
stranger(uint8_t type, struct vkey *out)
{
	uint8_t seed[SIGN_SEED_LEN], public[SIGN_PUBLIC_LEN];

	memset(seed, 0xa5, sizeof(seed));
	sign_public(seed, public);
	if (vkey_of("wbs.example", type, public, out) != ERR_OK)
		abort();
}

static void
as_note(struct bytes note)
{
	static struct vkey known[2];
	struct bytes text = { NULL, 0 };
	bool by[2];

	if (known[0].name[0] == '\0') {
		stranger(NOTE_TYPE_ED25519, &known[0]);
		stranger(NOTE_TYPE_COSIGNATURE, &known[1]);
	}
	if (note_text(note, &text) == ERR_OK) {
		assert(text.n > 0 && text.n < note.n && text.p == note.p);
		assert(((const char *)text.p)[text.n - 1] == '\n');
	}
	assert(note_open(note, known, 2, &text, by) != ERR_OK);
	assert(!by[0] && !by[1]);
}

static void
as_checkpoint(struct bytes text)
{
	struct checkpoint c;
	struct buf b;

	buf_init(&b, NOTE_MAX);
	if (checkpoint_decode(text, &c) == ERR_OK) {
#ifdef PLANTED
		/* Reached only behind a whole checkpoint, none a seed's. */
		if (c.size > 2)
			abort();
#endif
		assert(checkpoint_encode(&c, &b) == ERR_OK &&
		    b.len <= text.n && memcmp(b.data, text.p, b.len) == 0);
	} else {
		assert(c.origin[0] == '\0' && c.size == 0);
	}
	buf_done(&b);
}

static void
as_proof(struct bytes text)
{
	struct proof *p = malloc(sizeof(*p));
	struct policy policy;
	struct checkpoint c;
	struct buf b;

	if (p == NULL)
		abort();
	buf_init(&b, PROOF_MAX);
	if (proof_decode(text, p) == ERR_OK) {
		if (proof_encode(p, &b) != ERR_OK)
			abort();
		same(&b, text.p, text.n);
		memset(&policy, 0, sizeof(policy));
		assert(proof_verify(p, &p->hash[0], &policy, &c) != ERR_OK);
	}
	buf_done(&b);
	free(p);
}

static void
as_policy(struct bytes text)
{
	struct policy policy;
	size_t line;

	if (policy_decode(text, &policy, &line) != ERR_OK)
		return;
	assert(line == 0 && policy.nodes <= POLICY_NODES);
	for (size_t i = 0; i < policy.nodes; i++)
		assert(policy.node[i].members < UINT32_C(1) << i || i == 0);
}

static void
as_vkey(struct bytes text)
{
	char back[NOTE_VKEY_MAX];
	struct vkey v;

	if (vkey_decode(text, &v) != ERR_OK)
		return;
	vkey_encode(&v, back);
	assert(strlen(back) == text.n && memcmp(back, text.p, text.n) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static int ready;
	struct bytes text = { p, n };

	if (!ready++ && crypto_init() != ERR_OK)
		abort();
	as_note(text);
	as_checkpoint(text);
	as_proof(text);
	as_policy(text);
	as_vkey(text);
	return 0;
}
