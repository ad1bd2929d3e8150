/* Records of a case's life: the case and its messages. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "records_internal.h"

void
record_opening_put(struct buf *b, const struct opening *o)
{

	buf_u64(b, o->epoch);
	buf_u64(b, o->leaf);
	buf_u32(b, o->message);
	buf_put(b, o->nonce, NONCE_LEN);
	buf_blob(b, o->event, o->len);
}

void
record_event_get(struct cur *c, uint8_t *event, uint16_t *len)
{
	size_t n;
	const uint8_t *p = cur_blob(c, &n);

	if (p == NULL || n > EVENT_MAX) {
		c->bad = true;
		return;
	}
	memcpy(event, p, n);
	*len = (uint16_t)n;
}

void
record_opening_get(struct cur *c, struct opening *o)
{

	o->epoch = cur_u64(c);
	o->leaf = cur_u64(c);
	o->message = cur_u32(c);
	cur_copy(c, o->nonce, NONCE_LEN);
	record_event_get(c, o->event, &o->len);
}

static void
record_keys(struct buf *b, const struct age_recipient *key, size_t n)
{

	buf_u32(b, (uint32_t)n);
	for (size_t i = 0; i < n; i++)
		buf_put(b, key[i].point, sizeof(key[i].point));
}

static void
record_keys_get(struct cur *c, struct age_recipient *key, size_t *n)
{
	uint32_t count = cur_u32(c);

	if (count > ROSTER_MEMBERS) {
		c->bad = true;
		return;
	}
	for (*n = 0; *n < count; (*n)++)
		cur_copy(c, key[*n].point, sizeof(key[*n].point));
}

enum err
case_put(const struct records *r, struct store_txn *t,
    const struct case_record *c)
{
	struct buf b;
	enum err e;

	record_begin(&b);
	buf_put(&b, c->id, ID_LEN);
	buf_put(&b, c->at.key, STORE_KEY_LEN);
	record_text(&b, c->channel);
	buf_u64(&b, c->epoch);
	buf_put(&b, c->set, SHA256_LEN);
	buf_put(&b, c->source.point, sizeof(c->source.point));
	buf_put(&b, c->source_key, SIGN_PUBLIC_LEN);
	record_keys(&b, c->recipient, c->recipients);
	for (size_t i = 0; i < c->recipients; i++)
		buf_u32(&b, c->read_since[i]);
	record_keys(&b, c->keeper, c->keepers);
	for (size_t i = 0; i < c->keepers; i++)
		buf_u32(&b, c->kept_since[i]);
	buf_u32(&b, c->identity);
	record_text(&b, c->status);
	buf_u64(&b, c->status_epoch);
	buf_u8(&b, c->pending);
	buf_put(&b, c->fields, HMAC_LEN);
	buf_u32(&b, c->messages);
	buf_u32(&b, c->sent_messages);
	buf_u32(&b, c->sent_files);
	buf_u64(&b, c->file_bytes);
	buf_u32(&b, (uint32_t)c->openings);
	for (size_t i = 0; i < c->openings; i++)
		record_opening_put(&b, &c->opening[i]);
	e = record_put(r, t, DB_CASES, &c->at, &b);
	buf_done(&b);
	return (e);
}

enum err
case_decode(struct bytes text, struct case_record *out)
{
	struct cur c = record_cur(text);
	size_t n;

	memset(out, 0, sizeof(*out));
	cur_copy(&c, out->id, ID_LEN);
	cur_copy(&c, out->at.key, STORE_KEY_LEN);
	record_text_get(&c, out->channel, sizeof(out->channel));
	out->epoch = cur_u64(&c);
	cur_copy(&c, out->set, SHA256_LEN);
	cur_copy(&c, out->source.point, sizeof(out->source.point));
	cur_copy(&c, out->source_key, SIGN_PUBLIC_LEN);
	record_keys_get(&c, out->recipient, &out->recipients);
	for (size_t i = 0; i < out->recipients; i++)
		out->read_since[i] = cur_u32(&c);
	record_keys_get(&c, out->keeper, &out->keepers);
	for (size_t i = 0; i < out->keepers; i++)
		out->kept_since[i] = cur_u32(&c);
	out->identity = cur_u32(&c);
	record_text_get(&c, out->status, sizeof(out->status));
	out->status_epoch = cur_u64(&c);
	out->pending = cur_u8(&c) != 0;
	cur_copy(&c, out->fields, HMAC_LEN);
	out->messages = cur_u32(&c);
	out->sent_messages = cur_u32(&c);
	out->sent_files = cur_u32(&c);
	out->file_bytes = cur_u64(&c);
	n = cur_u32(&c);
	if (c.bad || n > c.left / (NONCE_LEN + 24))
		return (ERR_FORMAT);
	/* one more than there are: an event is added in place */
	if ((out->opening = calloc(n + 1, sizeof(*out->opening))) == NULL)
		return (ERR_SYS);
	for (; out->openings < n; out->openings++)
		record_opening_get(&c, &out->opening[out->openings]);
	return (cur_end(&c));
}

void
case_done(struct case_record *c)
{

	free(c->opening);
	wipe(c, sizeof(*c));
}

enum err
case_get(const struct records *r, struct store_txn *t, const struct place *at,
    struct case_record *out)
{
	struct buf b;
	enum err e;

	memset(out, 0, sizeof(*out));
	buf_init(&b, RECORD_MAX);
	if ((e = record_get(r, t, DB_CASES, at, &b)) == ERR_OK)
		e = case_decode((struct bytes){ b.data, b.len }, out);
	buf_done(&b);
	if (e != ERR_OK)
		case_done(out);
	return (e);
}

enum err
case_get_by_id(const struct records *r, struct store_txn *t,
    const uint8_t id[static ID_LEN], struct case_record *out)
{
	struct place at = place_case_id(r, id), home;
	struct buf b;
	struct cur c;
	enum err e;

	memset(out, 0, sizeof(*out));
	buf_init(&b, RECORD_MAX);
	if ((e = record_get(r, t, DB_CASE_IDS, &at, &b)) == ERR_OK) {
		c = record_cur((struct bytes){ b.data, b.len });
		cur_copy(&c, home.key, STORE_KEY_LEN);
		if ((e = cur_end(&c)) == ERR_OK)
			e = case_get(r, t, &home, out);
	}
	buf_done(&b);
	return (e);
}

static bool
among(const struct age_recipient *list, size_t n,
    const struct age_recipient *key)
{

	for (size_t i = 0; i < n; i++) {
		if (memcmp(&list[i], key, sizeof(*key)) == 0)
			return (true);
	}
	return (false);
}

bool
case_reads(const struct case_record *c, const struct age_recipient *key)
{

	return (among(c->recipient, c->recipients, key));
}

uint32_t
case_reads_from(const struct case_record *c, const struct age_recipient *key)
{

	for (size_t i = 0; i < c->recipients; i++) {
		if (memcmp(&c->recipient[i], key, sizeof(*key)) == 0)
			return (c->read_since[i]);
	}
	return (NO_MESSAGE);
}

bool
case_keeps(const struct case_record *c, const struct age_recipient *key)
{

	return (among(c->keeper, c->keepers, key));
}

enum err
case_identity(struct case_record *c, uint32_t message,
    const struct roster_member *to, size_t n)
{

	for (size_t i = 0; i < n; i++) {
		if (case_keeps(c, &to[i].key))
			continue;
		if (c->keepers == ROSTER_MEMBERS)
			return (ERR_BUSY);
		c->kept_since[c->keepers] = message;
		c->keeper[c->keepers++] = to[i].key;
	}
	c->identity = message;
	return (ERR_OK);
}

/* ---- messages ---- */

void
object_init(struct object_record *o)
{

	memset(o, 0, sizeof(*o));
	buf_init(&o->h, AGE_HEADER_MAX);
	buf_init(&o->t, AGE_HEADER_MAX);
}

void
object_done(struct object_record *o)
{

	buf_done(&o->h);
	buf_done(&o->t);
}

enum err
message_put(const struct records *r, struct store_txn *t,
    const struct message_record *m)
{
	struct place at = place_message(r, m->case_id, m->number);
	struct buf b;
	enum err e;

	record_begin(&b);
	buf_put(&b, m->case_id, ID_LEN);
	buf_u32(&b, m->number);
	buf_u8(&b, (uint8_t)m->kind);
	buf_u64(&b, m->epoch);
	buf_put(&b, m->signer, SIGN_PUBLIC_LEN);
	record_text(&b, m->label);
	buf_u32(&b, (uint32_t)m->objects);
	for (size_t i = 0; i < m->objects; i++) {
		const struct object_record *o = &m->object[i];

		buf_put(&b, o->id, ID_LEN);
		buf_u8(&b, (uint8_t)o->use);
		buf_u32(&b, o->blocks);
		buf_u64(&b, o->payload);
		buf_put(&b, o->digest, BLAKE2B_LEN);
		buf_blob(&b, o->h.data, o->h.len);
		buf_blob(&b, o->t.data, o->t.len);
	}
	e = record_put(r, t, DB_MESSAGES, &at, &b);
	buf_done(&b);
	return (e);
}

static enum err
object_get(struct cur *c, struct object_record *o)
{
	const uint8_t *p;
	uint8_t use;
	size_t n;

	cur_copy(c, o->id, ID_LEN);
	if ((use = cur_u8(c)) > USE_REPLY)
		return (ERR_FORMAT);
	o->use = (enum object_use)use;
	o->blocks = cur_u32(c);
	o->payload = cur_u64(c);
	cur_copy(c, o->digest, BLAKE2B_LEN);
	p = cur_blob(c, &n);
	buf_put(&o->h, p, n);
	p = cur_blob(c, &n);
	buf_put(&o->t, p, n);
	return (buf_err(&o->h) == ERR_OK ? buf_err(&o->t) : buf_err(&o->h));
}

enum err
message_decode(struct bytes text, struct message_record *out)
{
	struct cur c = record_cur(text);
	uint8_t kind;
	size_t n;
	enum err e;

	memset(out, 0, sizeof(*out));
	cur_copy(&c, out->case_id, ID_LEN);
	out->number = cur_u32(&c);
	kind = cur_u8(&c);
	out->kind = (enum manifest_kind)kind;
	out->epoch = cur_u64(&c);
	cur_copy(&c, out->signer, SIGN_PUBLIC_LEN);
	record_text_get(&c, out->label, sizeof(out->label));
	n = cur_u32(&c);
	if (c.bad || n > OBJECTS_MAX || kind > MANIFEST_REPLY)
		return (ERR_FORMAT);
	if ((out->object = calloc(n + 1, sizeof(*out->object))) == NULL)
		return (ERR_SYS);
	for (size_t i = 0; i < n; i++) {
		object_init(&out->object[i]);
		out->objects++;
		if ((e = object_get(&c, &out->object[i])) != ERR_OK)
			return (e);
	}
	return (cur_end(&c));
}

enum err
message_get(const struct records *r, struct store_txn *t,
    const uint8_t case_id[static ID_LEN], uint32_t number,
    struct message_record *out)
{
	struct place at = place_message(r, case_id, number);
	struct buf b;
	enum err e;

	memset(out, 0, sizeof(*out));
	buf_init(&b, RECORD_MAX);
	if ((e = record_get(r, t, DB_MESSAGES, &at, &b)) == ERR_OK)
		e = message_decode((struct bytes){ b.data, b.len }, out);
	buf_done(&b);
	if (e != ERR_OK)
		message_done(out);
	return (e);
}

void
message_done(struct message_record *m)
{

	for (size_t i = 0; i < m->objects; i++)
		object_done(&m->object[i]);
	free(m->object);
	memset(m, 0, sizeof(*m));
}
