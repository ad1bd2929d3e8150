/* Cosignatures in the store: one record an auditor. */
#include <string.h>

#include "log_cosign.h"
#include "records_internal.h"

#define KIND_COSIGNATURE 'c'

/* Places of the log have numbers; a key's first bytes are one. */
static struct place
at_key(const struct records *r, const uint8_t *key)
{
	struct cur c = cur_over(key, SIGN_PUBLIC_LEN);

	return (place_log(r, KIND_COSIGNATURE, cur_u64(&c)));
}

enum err
log_cosign_key(const struct roster_desk *d, struct vkey *out)
{

	return (vkey_of(d->label, NOTE_TYPE_COSIGNATURE, d->key, out));
}

enum err
log_cosign_get(const struct records *r, struct store_txn *t,
    const uint8_t key[static SIGN_PUBLIC_LEN], struct cosignature *out)
{
	struct place at = at_key(r, key);
	struct buf b;
	struct cur c;
	enum err e;

	memset(out, 0, sizeof(*out));
	buf_init(&b, RECORD_MAX);
	if ((e = record_get(r, t, DB_LOG, &at, &b)) == ERR_OK) {
		c = record_cur((struct bytes){ b.data, b.len });
		cur_copy(&c, out->key, sizeof(out->key));
		out->size = cur_u64(&c);
		record_text_get(&c, out->line, sizeof(out->line));
		e = cur_end(&c);
	}
	buf_done(&b);
	if (e == ERR_OK && memcmp(out->key, key, SIGN_PUBLIC_LEN) != 0)
		e = ERR_NOTFOUND;
	return (e);
}

enum err
log_cosign_put(const struct records *r, struct store_txn *t,
    const struct cosignature *c)
{
	struct place at = at_key(r, c->key);
	struct cosignature before;
	struct buf b;
	enum err e;

	e = log_cosign_get(r, t, c->key, &before);
	if (e == ERR_OK && before.size > c->size)
		return (ERR_OK);
	if (e != ERR_OK && e != ERR_NOTFOUND)
		return (e);
	record_begin(&b);
	buf_put(&b, c->key, sizeof(c->key));
	buf_u64(&b, c->size);
	record_text(&b, c->line);
	e = record_put(r, t, DB_LOG, &at, &b);
	buf_done(&b);
	return (e);
}

enum err
log_cosign_lines(const struct records *r, struct store_txn *t,
    const struct roster *ro, uint64_t size, struct buf *out)
{
	struct cosignature c;
	enum err e;

	for (size_t i = 0; i < ro->desks; i++) {
		if (ro->desk[i].role != ROLE_AUDITOR)
			continue;
		e = log_cosign_get(r, t, ro->desk[i].key, &c);
		if (e == ERR_OK && c.size == size)
			buf_puts(out, c.line);
		else if (e != ERR_OK && e != ERR_NOTFOUND)
			return (e);
	}
	return (buf_err(out));
}
