/*
 * Records in the store: places, sealing, and the small ones.
 *
 *   place      BLAKE2b-256 keyed with HKDF(at-rest, "peluit/index/v1") of
 *              database name || 0 || what the record is about
 *   value      record_seal under HKDF(at-rest, "peluit/record/v1"),
 *              associated data = database name || 0 || place
 *
 * Inside, integers are big-endian, texts and byte strings are preceded by
 * their length; every record begins with one byte of version (1).
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "label.h"
#include "records.h"
#include "records_internal.h"

struct records { struct secret *seal, *index; };

enum err
records_new(const struct secret *at_rest, struct records **out)
{
	struct records *r = calloc(1, sizeof(*r));
	enum err e;

	*out = NULL;
	if (r == NULL)
		return (ERR_SYS);
	if ((e = secret_new(RECORD_KEY_LEN, &r->seal)) != ERR_OK ||
	    (e = secret_new(BLAKE2B_LEN, &r->index)) != ERR_OK) {
		records_free(r);
		return (e);
	}
	hkdf(r->seal->bytes, RECORD_KEY_LEN, at_rest->bytes, at_rest->len,
	    LABEL_RECORD);
	hkdf(r->index->bytes, BLAKE2B_LEN, at_rest->bytes, at_rest->len,
	    LABEL_INDEX);
	*out = r;
	return (ERR_OK);
}

void
records_free(struct records *r)
{

	if (r == NULL)
		return;
	secret_free(r->seal);
	secret_free(r->index);
	free(r);
}

/* ---- places ---- */

static struct place
place(const struct records *r, enum store_db db, const void *about, size_t n,
    uint64_t number)
{
	const char *name = store_db_name(db);
	uint8_t text[16 + 80];
	size_t len = strlen(name) + 1;
	struct place p;

	assert(len <= 16 && n <= 64);
	memcpy(text, name, len);
	memcpy(text + len, about, n);
	len += n;
	for (int i = 0; i < 8; i++)
		text[len++] = (uint8_t)(number >> (56 - 8 * i));
	blake2b(r->index->bytes, text, len, p.key);
	wipe(text, sizeof(text));
	return (p);
}

struct place
place_case(const struct records *r, const uint8_t locator[static LOCATOR_LEN])
{

	return (place(r, DB_CASES, locator, LOCATOR_LEN, 0));
}

struct place
place_case_id(const struct records *r, const uint8_t id[static ID_LEN])
{

	return (place(r, DB_CASE_IDS, id, ID_LEN, 0));
}

struct place
place_message(const struct records *r, const uint8_t case_id[static ID_LEN],
    uint32_t number)
{

	return (place(r, DB_MESSAGES, case_id, ID_LEN, number));
}

struct place
place_object(const struct records *r, const uint8_t object[static ID_LEN])
{

	return (place(r, DB_OBJECTS, object, ID_LEN, 0));
}

struct place
place_block(const struct records *r, const uint8_t object[static ID_LEN],
    uint32_t number)
{

	return (place(r, DB_BLOCKS, object, ID_LEN, number));
}

struct place
place_epoch(const struct records *r, uint64_t epoch)
{

	return (place(r, DB_EPOCHS, "", 0, epoch));
}

struct place
place_feed(const struct records *r, const uint8_t desk[static SIGN_PUBLIC_LEN],
    uint64_t n)
{

	return (place(r, DB_FEED, desk, SIGN_PUBLIC_LEN, n));
}

struct place
place_request(const struct records *r,
    const uint8_t actor[static SIGN_PUBLIC_LEN],
    const uint8_t request[static ID_LEN])
{
	uint8_t both[SIGN_PUBLIC_LEN + ID_LEN];

	memcpy(both, actor, SIGN_PUBLIC_LEN);
	memcpy(both + SIGN_PUBLIC_LEN, request, ID_LEN);
	return (place(r, DB_REQUESTS, both, sizeof(both), 0));
}

struct place
place_desk(const struct records *r, const uint8_t desk[static SIGN_PUBLIC_LEN])
{

	return (place(r, DB_META, desk, SIGN_PUBLIC_LEN, 1));
}

struct place
place_log(const struct records *r, char kind, uint64_t number)
{

	return (place(r, DB_LOG, &kind, 1, number));
}

struct place
place_named(const struct records *r, const char *name)
{

	return (place(r, DB_META, name, strlen(name), 0));
}

/* ---- sealing ---- */

static size_t
associated(enum store_db db, const uint8_t *key, uint8_t out[static 64])
{
	size_t n = strlen(store_db_name(db)) + 1;

	memcpy(out, store_db_name(db), n);
	memcpy(out + n, key, STORE_KEY_LEN);
	return (n + STORE_KEY_LEN);
}

enum err
record_open_at(const struct records *r, enum store_db db, const uint8_t *key,
    struct bytes value, struct buf *out)
{
	uint8_t ad[64];
	size_t n = associated(db, key, ad);

	return (record_open(r->seal->bytes, (struct bytes){ ad, n }, value,
	    out));
}

enum err
record_get(const struct records *r, struct store_txn *t, enum store_db db,
    const struct place *at, struct buf *out)
{
	struct bytes value;
	enum err e;

	if ((e = store_get(t, db, at->key, &value)) != ERR_OK)
		return (e);
	return (record_open_at(r, db, at->key, value, out));
}

enum err
record_put(const struct records *r, struct store_txn *t, enum store_db db,
    const struct place *at, const struct buf *plain)
{
	struct sealed *s = NULL;
	uint8_t ad[64];
	size_t n = associated(db, at->key, ad);
	enum err e;

	if ((e = buf_err(plain)) != ERR_OK)
		return (e);
	e = record_seal(r->seal->bytes, (struct bytes){ ad, n },
	    (struct bytes){ plain->data, plain->len }, &s);
	if (e == ERR_OK)
		e = store_put(t, db, at->key, s);
	sealed_free(s);
	return (e);
}

/* ---- helpers of both record files ---- */

void
record_text(struct buf *b, const char *s)
{

	buf_blob(b, s, strlen(s));
}

void
record_text_get(struct cur *c, char *out, size_t size)
{
	size_t n;
	const uint8_t *p = cur_blob(c, &n);

	memset(out, 0, size);
	if (p == NULL)
		return;
	if (n >= size || memchr(p, 0, n) != NULL)
		c->bad = true;
	else
		memcpy(out, p, n);
}

void
record_begin(struct buf *b)
{

	buf_init(b, RECORD_MAX);
	buf_u8(b, RECORD_VERSION);
}

struct cur
record_cur(struct bytes text)
{
	struct cur c = cur_over(text.p, text.n);

	if (cur_u8(&c) != RECORD_VERSION)
		c.bad = true;
	return (c);
}

/* ---- object homes, uploads ---- */

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

/* ---- feed, desks, requests, the install record ---- */

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
