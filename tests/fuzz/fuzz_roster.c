/*
 * Fuzzing of roster.h, note.h and proof.h: a roster, a card, a verifier key,
 * an office file or a proof that decodes encodes to the same bytes; a note
 * has its text.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "keyfile.h"
#include "proof.h"
#include "roster.h"

static void
same(const struct buf *b, const uint8_t *p, size_t n)
{
	assert(b->len == n && memcmp(b->data, p, n) == 0);
}

static void
as_roster(struct bytes text)
{
	struct roster *r = malloc(sizeof(*r));
	uint8_t hash[SHA256_LEN];
	struct buf b;
	size_t i, line;

	if (r == NULL)
		abort();
	buf_init(&b, ROSTER_MAX);
	if (roster_decode(text, r, &line) == ERR_OK) {
		assert(line == 0);
		if (roster_encode(r, &b) != ERR_OK)
			abort();
		same(&b, text.p, text.n);
		for (i = 0; i < r->channels; i++) {
			channel_set_hash(r->origin, &r->channel[i], hash);
			assert(roster_channels_share(&r->channel[i],
			    &r->channel[i]));
		}
#ifdef PLANTED
		/* Reached only behind a whole roster. */
		if (r->retention_days != 365 || r->epoch0 != 80000 ||
		    r->epoch_seconds != 21600 || (r->clocks > 1 &&
		    (r->clock[0].value != 48 || r->clock[1].value != 5)))
			abort();
#endif
	} else {
		assert(r->origin[0] == '\0' && r->channels == 0);
		assert(line > 0 || text.n > ROSTER_MAX);
	}
	buf_done(&b);
	free(r);
}

static void
as_note(struct bytes note)
{
	struct bytes text;

	if (note_text(note, &text) == ERR_OK) {
		assert(text.n > 0 && text.n < note.n && text.p == note.p);
		assert(((const char *)text.p)[text.n - 1] == '\n');
	}
}

static void
as_proof(struct bytes text)
{
	struct proof *p = malloc(sizeof(*p));
	struct policy policy;
	struct checkpoint c;
	struct buf b;
	size_t i, line;

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
	buf_reset(&b);
	if (checkpoint_decode(text, &c) == ERR_OK)
		assert(checkpoint_encode(&c, &b) == ERR_OK &&
		    b.len <= text.n && memcmp(b.data, text.p, b.len) == 0);
	if (policy_decode(text, &policy, &line) == ERR_OK)
		for (i = 0; i < policy.nodes; i++)
			assert(policy.node[i].members < UINT32_C(1) << i ||
			    i == 0);
	buf_done(&b);
	free(p);
}

static void
as_small(struct bytes text)
{
	char back[NOTE_VKEY_MAX];
	struct office o;
	struct vkey v;
	struct card c;
	struct buf b;
	size_t line;

	buf_init(&b, OFFICE_MAX);
	if (card_decode(text, &c) == ERR_OK) {
		if (card_encode(&c, &b) != ERR_OK)
			abort();
		same(&b, text.p, text.n);
	}
	buf_reset(&b);
	if (office_decode(text, &o, &line) == ERR_OK) {
		if (office_encode(&o, &b) != ERR_OK)
			abort();
		same(&b, text.p, text.n);
	}
	buf_done(&b);
	if (vkey_decode(text, &v) == ERR_OK) {
		vkey_encode(&v, back);
		assert(strlen(back) == text.n &&
		    memcmp(back, text.p, text.n) == 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static int ready;
	struct bytes text = { p, n };

	if (!ready++ && crypto_init() != ERR_OK)
		abort();
	as_roster(text);
	as_note(text);
	as_proof(text);
	as_small(text);
	return 0;
}
