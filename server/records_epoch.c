/* Records of the epochs: who took which leaf, with what opening. */
#include <stdlib.h>
#include <string.h>

#include "records_internal.h"

enum err
epoch_decode(struct bytes text, struct epoch_record *out)
{
	struct cur c = record_cur(text);
	size_t n;

	memset(out, 0, sizeof(*out));
	out->epoch = cur_u64(&c);
	out->closing = cur_u8(&c) != 0;
	n = cur_u32(&c);
	if (c.bad || n > LEAVES)
		return (ERR_FORMAT);
	if ((out->entry = calloc(LEAVES, sizeof(*out->entry))) == NULL)
		return (ERR_SYS);
	for (; out->entries < n; out->entries++) {
		struct epoch_entry *en = &out->entry[out->entries];
		uint8_t class, kind;

		en->leaf = cur_u8(&c);
		class = cur_u8(&c);
		kind = cur_u8(&c);
		if (class > LEAF_REST || kind >= EVENT_KINDS)
			return (ERR_FORMAT);
		en->class = (enum leaf_class)class;
		en->kind = (enum event_kind)kind;
		cur_copy(&c, en->case_id, ID_LEN);
		en->seq = cur_u64(&c);
		cur_copy(&c, en->nonce, NONCE_LEN);
		record_event_get(&c, en->event, &en->len);
	}
	return (cur_end(&c));
}

enum err
epoch_get(const struct records *r, struct store_txn *t, uint64_t epoch,
    struct epoch_record *out)
{
	struct place at = place_epoch(r, epoch);
	struct buf b;
	enum err e;

	memset(out, 0, sizeof(*out));
	buf_init(&b, RECORD_MAX);
	e = record_get(r, t, DB_EPOCHS, &at, &b);
	if (e == ERR_OK) {
		e = epoch_decode((struct bytes){ b.data, b.len }, out);
	} else if (e == ERR_NOTFOUND) {
		out->epoch = epoch;
		out->entry = calloc(LEAVES, sizeof(*out->entry));
		e = out->entry == NULL ? ERR_SYS : ERR_OK;
	}
	buf_done(&b);
	if (e != ERR_OK)
		epoch_done(out);
	return (e);
}

enum err
epoch_put(const struct records *r, struct store_txn *t,
    const struct epoch_record *ep)
{
	struct place at = place_epoch(r, ep->epoch);
	struct buf b;
	enum err e;

	record_begin(&b);
	buf_u64(&b, ep->epoch);
	buf_u8(&b, ep->closing);
	buf_u32(&b, (uint32_t)ep->entries);
	for (size_t i = 0; i < ep->entries; i++) {
		const struct epoch_entry *en = &ep->entry[i];

		buf_u8(&b, en->leaf);
		buf_u8(&b, (uint8_t)en->class);
		buf_u8(&b, (uint8_t)en->kind);
		buf_put(&b, en->case_id, ID_LEN);
		buf_u64(&b, en->seq);
		buf_put(&b, en->nonce, NONCE_LEN);
		buf_blob(&b, en->event, en->len);
	}
	e = record_put(r, t, DB_EPOCHS, &at, &b);
	buf_done(&b);
	return (e);
}

void
epoch_done(struct epoch_record *e)
{

	free(e->entry);
	memset(e, 0, sizeof(*e));
}
