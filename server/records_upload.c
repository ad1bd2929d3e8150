/* Records of objects: where one belongs, and uploads that nothing refers to. */
#include <string.h>

#include "records_internal.h"

enum err
object_home_get(const struct records *r, struct store_txn *t,
    const uint8_t object[static ID_LEN], struct object_home *out)
{
	struct place at = place_object(r, object);
	struct buf b;
	struct cur c;
	enum err e;

	buf_init(&b, RECORD_MAX);
	if ((e = record_get(r, t, DB_OBJECTS, &at, &b)) == ERR_OK) {
		c = record_cur((struct bytes){ b.data, b.len });
		cur_copy(&c, out->case_id, ID_LEN);
		out->message = cur_u32(&c);
		e = cur_end(&c);
	}
	buf_done(&b);
	return (e);
}

enum err
object_home_put(const struct records *r, struct store_txn *t,
    const uint8_t object[static ID_LEN], const struct object_home *h)
{
	struct place at = place_object(r, object);
	struct buf b;
	enum err e;

	record_begin(&b);
	buf_put(&b, h->case_id, ID_LEN);
	buf_u32(&b, h->message);
	e = record_put(r, t, DB_OBJECTS, &at, &b);
	buf_done(&b);
	return (e);
}

enum err
upload_decode(struct bytes text, struct upload_record *out)
{
	struct cur c = record_cur(text);
	const uint8_t *p;
	size_t n;

	memset(out, 0, sizeof(*out));
	buf_init(&out->h, AGE_HEADER_MAX);
	buf_init(&out->t, AGE_HEADER_MAX);
	cur_copy(&c, out->id, ID_LEN);
	out->of_desk = cur_u8(&c) != 0;
	cur_copy(&c, out->desk, SIGN_PUBLIC_LEN);
	out->epoch = cur_u64(&c);
	out->blocks = cur_u32(&c);
	out->last_len = cur_u32(&c);
	out->gone = cur_u32(&c);
	cur_copy(&c, out->have, sizeof(out->have));
	p = cur_blob(&c, &n);
	buf_put(&out->h, p, n);
	p = cur_blob(&c, &n);
	buf_put(&out->t, p, n);
	return (cur_end(&c));
}

enum err
upload_get(const struct records *r, struct store_txn *t,
    const uint8_t object[static ID_LEN], struct upload_record *out)
{
	struct place at = place_object(r, object);
	struct buf b;
	enum err e;

	memset(out, 0, sizeof(*out));
	buf_init(&b, RECORD_MAX);
	if ((e = record_get(r, t, DB_UPLOADS, &at, &b)) == ERR_OK)
		e = upload_decode((struct bytes){ b.data, b.len }, out);
	buf_done(&b);
	return (e);
}

enum err
upload_put(const struct records *r, struct store_txn *t,
    const struct upload_record *u)
{
	struct place at = place_object(r, u->id);
	struct buf b;
	enum err e;

	record_begin(&b);
	buf_put(&b, u->id, ID_LEN);
	buf_u8(&b, u->of_desk);
	buf_put(&b, u->desk, SIGN_PUBLIC_LEN);
	buf_u64(&b, u->epoch);
	buf_u32(&b, u->blocks);
	buf_u32(&b, u->last_len);
	buf_u32(&b, u->gone);
	buf_put(&b, u->have, sizeof(u->have));
	buf_blob(&b, u->h.data, u->h.len);
	buf_blob(&b, u->t.data, u->t.len);
	e = record_put(r, t, DB_UPLOADS, &at, &b);
	buf_done(&b);
	return (e);
}

void
upload_done(struct upload_record *u)
{

	buf_done(&u->h);
	buf_done(&u->t);
}

enum err
upload_erase(const struct records *r, struct store_txn *t,
    struct upload_record *u, bool *more)
{
	struct place at;
	unsigned n = 0;
	enum err e;

	*more = false;
	for (; u->gone < u->blocks; u->gone++) {
		if (n == ERASE_BLOCKS) {
			*more = true;
			return (upload_put(r, t, u));
		}
		at = place_block(r, u->id, u->gone);
		e = store_del(t, DB_BLOCKS, at.key);
		/* a source's blocks come in order, a desk's as it likes */
		if (e == ERR_NOTFOUND && !u->of_desk)
			break;
		if (e != ERR_OK && e != ERR_NOTFOUND)
			return (e);
		n += e == ERR_OK;
	}
	at = place_object(r, u->id);
	return (store_del(t, DB_UPLOADS, at.key));
}
