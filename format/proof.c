/*
 * An offline proof of inclusion (C2SP tlog-proof):
 *
 *	c2sp.org/tlog-proof@v1 LF
 *	extra BASE64 LF			may be absent; not authenticated
 *	index N LF
 *	BASE64(hash) LF ...		the leaf's sibling first; up to 63
 *	LF
 *	signed checkpoint, as it is
 *
 * The first empty line ends the proof's own part.
 */
#include <string.h>

#include "line.h"
#include "proof.h"

#define HEAD	"c2sp.org/tlog-proof@v1"

enum err
proof_encode(const struct proof *p, struct buf *out)
{
	size_t i;

	if (p->hashes > PROOF_HASHES_MAX || p->extra_len > PROOF_EXTRA_MAX ||
	    p->index > LINE_DECIMAL_MAX)
		return ERR_RANGE;
	buf_puts(out, HEAD "\n");
	if (p->has_extra) {
		buf_puts(out, "extra ");
		buf_base64(out, p->extra, p->extra_len);
		buf_putc(out, '\n');
	}
	line_put_decimal(out, "index", p->index);
	for (i = 0; i < p->hashes; i++) {
		buf_base64(out, p->hash[i].bytes, sizeof(p->hash[i].bytes));
		buf_putc(out, '\n');
	}
	buf_putc(out, '\n');
	buf_put(out, p->note.p, p->note.n);
	return buf_err(out);
}

static enum err
take_head(struct cur *c, struct proof *p)
{
	struct bytes line;
	enum err e;

	line.p = cur_line(c, &line.n);
	if (line.p == NULL || line.n < sizeof(HEAD) - 2 ||
	    memcmp(line.p, HEAD, sizeof(HEAD) - 2) != 0)
		return ERR_FORMAT;
	if (!line_is(line, HEAD))
		return ERR_VERSION;
	p->has_extra = line_take(c, "extra", &line);
	if (p->has_extra) {
		e = base64_decode(line, BASE64_PADDED, p->extra,
		    sizeof(p->extra), &p->extra_len);
		if (e != ERR_OK)
			return e;
	}
	return line_take(c, "index", &line) ? line_decimal(line, &p->index) :
	    ERR_FORMAT;
}

/* The hashes, and the empty line behind them. */
static enum err
take_hashes(struct cur *c, struct proof *p)
{
	struct bytes line;
	size_t n;

	for (;;) {
		line.p = cur_line(c, &line.n);
		if (line.p == NULL)
			return ERR_FORMAT;
		if (line.n == 0)
			return ERR_OK;
		if (p->hashes == PROOF_HASHES_MAX)
			return ERR_RANGE;
		if (base64_decode(line, BASE64_PADDED,
			p->hash[p->hashes].bytes, SHA256_LEN, &n) != ERR_OK ||
		    n != SHA256_LEN)
			return ERR_FORMAT;
		p->hashes++;
	}
}

enum err
proof_decode(struct bytes text, struct proof *out)
{
	struct cur c = cur_over(text.p, text.n);
	struct bytes said;
	enum err e = ERR_OK;

	memset(out, 0, sizeof(*out));
	if (text.n > PROOF_MAX)
		e = ERR_RANGE;
	if (e == ERR_OK)
		e = take_head(&c, out);
	if (e == ERR_OK)
		e = take_hashes(&c, out);
	out->note.p = c.p;
	out->note.n = c.left;
	if (e == ERR_OK)
		e = note_text(out->note, &said);
	if (e != ERR_OK)
		memset(out, 0, sizeof(*out));
	return e;
}

/* A log of the policy signed it, and it says to be that log's. */
static bool
by_its_log(const struct policy *policy, const bool *signed_by,
    const struct checkpoint *c)
{
	size_t i;

	for (i = 0; i < policy->logs; i++)
		if (signed_by[i] && strcmp(policy->log[i].name, c->origin) ==
		    0)
			return true;
	return false;
}

/* Members stand before their groups, so that one pass decides. */
static bool
quorum_met(const struct policy *policy, const bool *witnessed)
{
	uint32_t met = 0;
	size_t i;
	bool is;

	if (!policy->has_quorum)
		return true;
	for (i = 0; i < policy->nodes; i++) {
		const struct policy_node *n = &policy->node[i];

		is = n->is_group ? (unsigned)__builtin_popcount(n->members &
		    met) >= n->need : witnessed[i];
		met |= (uint32_t)is << i;
	}
	return (met >> policy->quorum & 1) != 0;
}

/* The note, opened with every key of the policy. */
static enum err
open_note(const struct proof *p, const struct policy *policy,
    struct checkpoint *c)
{
	struct vkey known[POLICY_LOGS + POLICY_NODES];
	bool signed_by[POLICY_LOGS + POLICY_NODES];
	bool witnessed[POLICY_NODES] = { false };
	size_t i, n = policy->logs;
	struct bytes text;
	enum err e;

	memcpy(known, policy->log, n * sizeof(known[0]));
	for (i = 0; i < policy->nodes; i++)
		if (!policy->node[i].is_group)
			known[n++] = policy->node[i].key;
	e = note_open(p->note, known, n, &text, signed_by);
	if (e == ERR_OK)
		e = checkpoint_decode(text, c);
	if (e != ERR_OK)
		return e;
	if (!by_its_log(policy, signed_by, c))
		return ERR_NOMATCH;
	n = policy->logs;
	for (i = 0; i < policy->nodes; i++)
		if (!policy->node[i].is_group)
			witnessed[i] = signed_by[n++];
	return quorum_met(policy, witnessed) ? ERR_OK : ERR_DENIED;
}

enum err
proof_verify(const struct proof *p, const struct merkle_hash *leaf,
    const struct policy *policy, struct checkpoint *out)
{
	struct checkpoint c;
	enum err e;

	memset(out, 0, sizeof(*out));
	e = open_note(p, policy, &c);
	if (e == ERR_OK)
		e = merkle_inclusion_verify(p->index, c.size, leaf,
		    (struct merkle_proof){ p->hash, p->hashes }, &c.root);
	if (e == ERR_OK)
		*out = c;
	return e;
}
