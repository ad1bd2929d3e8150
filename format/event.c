/*
 * An event: what the log commits to.
 *
 *	peluit-event/v1 ORIGIN
 *	epoch N
 *	taken N			when it was taken in an earlier epoch
 *	case HEX  request HEX	as in the action, one line each
 *	seq N			with a case; from 0
 *	kind ... seen		as in the action
 *	prev HEX		with a seq above 0; 32 bytes
 *	sig BASE64		unless the actor is the server; 64 bytes
 *
 * A commitment is SHA-256("peluit-commit/v1" || 0x00 || nonce(32) || event).
 */
#include <assert.h>
#include <string.h>

#include "action.h"
#include "label.h"
#include "line.h"

#define OBJECTS_MAX	128

static enum err
event_check(const struct event *e)
{
	enum err err = action_check(&e->action);

	if (err != ERR_OK)
		return err;
	if (e->epoch > LINE_DECIMAL_MAX || e->seq > LINE_DECIMAL_MAX)
		return ERR_RANGE;
	if (e->has_taken &&
	    (e->taken >= e->epoch || e->action.kind == EVENT_DECOY))
		return ERR_FORMAT;
	if (e->has_seq != e->action.has_case ||
	    e->has_prev != (e->has_seq && e->seq > 0) ||
	    e->has_sig != (e->action.actor != ACTOR_SERVER))
		return ERR_FORMAT;
	return ERR_OK;
}

enum err
event_encode(const struct event *e, struct buf *out)
{
	enum err err = event_check(e);

	if (err != ERR_OK)
		return err;
	buf_printf(out, "%s %s\n", LABEL_EVENT, e->action.origin);
	line_put_decimal(out, "epoch", e->epoch);
	if (e->has_taken)
		line_put_decimal(out, "taken", e->taken);
	action_put_case(&e->action, out);
	if (e->has_seq)
		line_put_decimal(out, "seq", e->seq);
	action_put_deed(&e->action, out);
	if (e->has_prev)
		line_put_hex(out, "prev", e->prev, COMMITMENT_LEN);
	if (e->has_sig) {
		buf_puts(out, "sig ");
		buf_base64(out, e->sig, SIGN_LEN);
		buf_putc(out, '\n');
	}
	return buf_err(out);
}

/* The lines behind the action's: prev, sig. */
static enum err
take_chain(struct cur *c, struct event *e)
{
	struct bytes value;
	enum err err = ERR_OK;
	size_t n;

	e->has_prev = line_take(c, "prev", &value);
	if (e->has_prev)
		err = hex_decode(value, e->prev, COMMITMENT_LEN);
	if (err != ERR_OK)
		return err;
	e->has_sig = line_take(c, "sig", &value);
	if (e->has_sig) {
		err = base64_decode(value, BASE64_PADDED, e->sig, SIGN_LEN, &n);
		if (err == ERR_OK && n != SIGN_LEN)
			err = ERR_FORMAT;
	}
	return err;
}

static enum err
take_numbers(struct cur *c, struct event *e)
{
	struct bytes value;
	enum err err;

	if (!line_take(c, "epoch", &value))
		return ERR_FORMAT;
	err = line_decimal(value, &e->epoch);
	if (err != ERR_OK)
		return err;
	e->has_taken = line_take(c, "taken", &value);
	return e->has_taken ? line_decimal(value, &e->taken) : ERR_OK;
}

static enum err
take_seq(struct cur *c, struct event *e)
{
	struct bytes value;

	e->has_seq = line_take(c, "seq", &value);
	return e->has_seq ? line_decimal(value, &e->seq) : ERR_OK;
}

enum err
event_decode(struct bytes text, struct event *out)
{
	struct cur c = cur_over(text.p, text.n);
	struct event e;
	enum err err;

	memset(out, 0, sizeof(*out));
	memset(&e, 0, sizeof(e));
	if (text.n > EVENT_MAX)
		return ERR_RANGE;
	err = line_head(&c, LABEL_EVENT, e.action.origin);
	if (err == ERR_OK)
		err = take_numbers(&c, &e);
	if (err == ERR_OK)
		err = action_take_case(&c, &e.action);
	if (err == ERR_OK)
		err = take_seq(&c, &e);
	if (err == ERR_OK)
		err = action_take_deed(&c, &e.action);
	if (err == ERR_OK)
		err = take_chain(&c, &e);
	if (err == ERR_OK)
		err = cur_end(&c);
	if (err == ERR_OK)
		err = event_check(&e);
	if (err == ERR_OK)
		*out = e;
	return err;
}

enum err
event_verify(const struct event *e)
{
	struct buf text;
	enum err err = event_check(e);

	if (err != ERR_OK || e->action.actor == ACTOR_SERVER)
		return err;
	buf_init(&text, ACTION_MAX);
	err = action_encode(&e->action, &text);
	if (err == ERR_OK)
		err = sign_verify(e->action.actor_key, text.data, text.len,
		    e->sig);
	buf_done(&text);
	return err;
}

void
commitment_of(const uint8_t nonce[static NONCE_LEN], struct bytes event,
    uint8_t out[static COMMITMENT_LEN])
{
	/* sizeof counts the label's NUL, which is its 0x00. */
	uint8_t text[sizeof(LABEL_COMMIT) + NONCE_LEN + EVENT_MAX];
	size_t at = sizeof(LABEL_COMMIT);

	assert(event.n <= EVENT_MAX);
	memcpy(text, LABEL_COMMIT, at);
	memcpy(text + at, nonce, NONCE_LEN);
	at += NONCE_LEN;
	if (event.n != 0)
		memcpy(text + at, event.p, event.n);
	sha256(text, at + event.n, out);
}

enum err
objects_root(const struct object_entry *entries, size_t n,
    struct merkle_hash *out)
{
	struct merkle_hash leaf[OBJECTS_MAX];
	uint8_t entry[2 * BLAKE2B_LEN];
	size_t i;

	memset(out, 0, sizeof(*out));
	if (n == 0 || n > OBJECTS_MAX)
		return ERR_RANGE;
	for (i = 0; i < n; i++) {
		memcpy(entry, entries[i].header, BLAKE2B_LEN);
		memcpy(entry + BLAKE2B_LEN, entries[i].payload, BLAKE2B_LEN);
		merkle_leaf(entry, sizeof(entry), &leaf[i]);
	}
	merkle_root(leaf, n, out);
	return ERR_OK;
}
