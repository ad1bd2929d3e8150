/*
 * A slot of a disclosure, 1,024 bytes:
 *
 *	nonce(32) || length(2) || event || zeros
 *
 * 256 of them, in the order of the leaves, are a closed epoch laid open.
 */
#include <string.h>

#include "promise.h"

_Static_assert(NONCE_LEN + 2 + EVENT_MAX <= SLOT_BYTES,
    "the longest event fits a slot");

enum err
slot_encode(const struct open_event *o, struct buf *out)
{
	if (o->len == 0 || o->len > EVENT_MAX)
		return ERR_RANGE;
	buf_put(out, o->nonce, NONCE_LEN);
	buf_u16(out, (uint16_t)o->len);
	buf_put(out, o->event, o->len);
	buf_fill(out, 0, SLOT_BYTES - NONCE_LEN - 2 - o->len);
	return buf_err(out);
}

enum err
slot_decode(const uint8_t slot[static SLOT_BYTES], struct open_event *out)
{
	struct cur c = cur_over(slot, SLOT_BYTES);
	const uint8_t *nonce = cur_take(&c, NONCE_LEN), *event;
	size_t len = cur_u16(&c), i;

	memset(out, 0, sizeof(*out));
	if (len == 0 || len > EVENT_MAX)
		return ERR_RANGE;
	event = cur_take(&c, len);
	for (i = 0; i < c.left; i++)
		if (c.p[i] != 0)
			return ERR_FORMAT;
	memcpy(out->nonce, nonce, NONCE_LEN);
	memcpy(out->event, event, len);
	out->len = len;
	return ERR_OK;
}
