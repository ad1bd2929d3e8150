/*
 * Records in the store: places and sealing.
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

/* ---- helpers of the other record files ---- */

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
