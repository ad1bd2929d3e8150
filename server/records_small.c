/* Small records: feeds, desks, requests, and the one of the instance. */
#include <string.h>

#include "records_internal.h"

enum err
feed_get(const struct records *r, struct store_txn *t,
    const uint8_t desk[static SIGN_PUBLIC_LEN], uint64_t n,
    struct feed_entry *out)
{
	struct place at = place_feed(r, desk, n);
	struct buf b;
	struct cur c;
	enum err e;

	buf_init(&b, RECORD_MAX);
	if ((e = record_get(r, t, DB_FEED, &at, &b)) == ERR_OK) {
		c = record_cur((struct bytes){ b.data, b.len });
		cur_copy(&c, out->case_id, ID_LEN);
		out->seq = cur_u64(&c);
		e = cur_end(&c);
	}
	buf_done(&b);
	return (e);
}

enum err
feed_put(const struct records *r, struct store_txn *t,
    const uint8_t desk[static SIGN_PUBLIC_LEN], uint64_t n,
    const struct feed_entry *f)
{
	struct place at = place_feed(r, desk, n);
	struct buf b;
	enum err e;

	record_begin(&b);
	buf_put(&b, f->case_id, ID_LEN);
	buf_u64(&b, f->seq);
	e = record_put(r, t, DB_FEED, &at, &b);
	buf_done(&b);
	return (e);
}

enum err
desk_get(const struct records *r, struct store_txn *t,
    const uint8_t desk[static SIGN_PUBLIC_LEN], struct desk_record *out)
{
	struct place at = place_desk(r, desk);
	struct buf b;
	struct cur c;
	enum err e;

	memset(out, 0, sizeof(*out));
	buf_init(&b, RECORD_MAX);
	e = record_get(r, t, DB_META, &at, &b);
	if (e == ERR_OK) {
		c = record_cur((struct bytes){ b.data, b.len });
		out->given = cur_u64(&c);
		out->saved = cur_u64(&c);
		e = cur_end(&c);
	}
	buf_done(&b);
	return (e == ERR_NOTFOUND ? ERR_OK : e);
}

enum err
desk_put(const struct records *r, struct store_txn *t,
    const uint8_t desk[static SIGN_PUBLIC_LEN], const struct desk_record *d)
{
	struct place at = place_desk(r, desk);
	struct buf b;
	enum err e;

	record_begin(&b);
	buf_u64(&b, d->given);
	buf_u64(&b, d->saved);
	e = record_put(r, t, DB_META, &at, &b);
	buf_done(&b);
	return (e);
}

enum err
request_get(const struct records *r, struct store_txn *t,
    const uint8_t actor[static SIGN_PUBLIC_LEN],
    const uint8_t request[static ID_LEN], struct request_record *out)
{
	struct place at = place_request(r, actor, request);
	struct buf b;
	struct cur c;
	enum err e;

	memset(out, 0, sizeof(*out));
	buf_init(&b, RECORD_MAX);
	if ((e = record_get(r, t, DB_REQUESTS, &at, &b)) == ERR_OK) {
		c = record_cur((struct bytes){ b.data, b.len });
		cur_copy(&c, out->action, sizeof(out->action));
		out->epoch = cur_u64(&c);
		out->leaf = cur_u64(&c);
		cur_copy(&c, out->commitment, sizeof(out->commitment));
		e = cur_end(&c);
	}
	buf_done(&b);
	return (e);
}

enum err
request_put(const struct records *r, struct store_txn *t,
    const uint8_t actor[static SIGN_PUBLIC_LEN],
    const uint8_t request[static ID_LEN], const struct request_record *q)
{
	struct place at = place_request(r, actor, request);
	struct buf b;
	enum err e;

	record_begin(&b);
	buf_put(&b, q->action, sizeof(q->action));
	buf_u64(&b, q->epoch);
	buf_u64(&b, q->leaf);
	buf_put(&b, q->commitment, sizeof(q->commitment));
	e = record_put(r, t, DB_REQUESTS, &at, &b);
	buf_done(&b);
	return (e);
}

enum err
install_get(const struct records *r, struct store_txn *t,
    struct install_record *out)
{
	struct place at = place_named(r, "install");
	struct buf b;
	struct cur c;
	enum err e;

	memset(out, 0, sizeof(*out));
	buf_init(&b, RECORD_MAX);
	if ((e = record_get(r, t, DB_META, &at, &b)) != ERR_OK)
		goto out;
	c = record_cur((struct bytes){ b.data, b.len });
	record_text_get(&c, out->origin, sizeof(out->origin));
	out->cost.m_kib = cur_u32(&c);
	out->cost.t = cur_u32(&c);
	out->cost.p = cur_u32(&c);
	cur_copy(&c, out->salt, SALT_LEN);
	out->epoch_seconds = cur_u64(&c);
	out->next_close = cur_u64(&c);
	out->cases = cur_u64(&c);
	out->losses = cur_u64(&c);
	out->waiting_from = cur_u64(&c);
	out->waiting_to = cur_u64(&c);
	out->rosters = cur_u32(&c);
	if (out->rosters > 256)
		c.bad = true;
	for (size_t i = 0; i < out->rosters && !c.bad; i++) {
		out->accepted[i] = cur_u64(&c);
		cur_copy(&c, out->hash[i], SHA256_LEN);
	}
	e = cur_end(&c);
out:
	buf_done(&b);
	return (e);
}

enum err
install_put(const struct records *r, struct store_txn *t,
    const struct install_record *i)
{
	struct place at = place_named(r, "install");
	struct buf b;
	enum err e;

	record_begin(&b);
	record_text(&b, i->origin);
	buf_u32(&b, i->cost.m_kib);
	buf_u32(&b, i->cost.t);
	buf_u32(&b, i->cost.p);
	buf_put(&b, i->salt, SALT_LEN);
	buf_u64(&b, i->epoch_seconds);
	buf_u64(&b, i->next_close);
	buf_u64(&b, i->cases);
	buf_u64(&b, i->losses);
	buf_u64(&b, i->waiting_from);
	buf_u64(&b, i->waiting_to);
	buf_u32(&b, (uint32_t)i->rosters);
	for (size_t n = 0; n < i->rosters; n++) {
		buf_u64(&b, i->accepted[n]);
		buf_put(&b, i->hash[n], SHA256_LEN);
	}
	e = record_put(r, t, DB_META, &at, &b);
	buf_done(&b);
	return (e);
}
