/* Opening: the file key from a header, and whole small files. */
#include <sodium.h>
#include <string.h>

#include "age_internal.h"

/* Fails: ERR_NOMATCH, which only says that it is for somebody else. */
static enum err
unwrap(const uint8_t wrap_key[static AGE_KEY_LEN],
    const uint8_t body[static AGE_WRAPPED_LEN],
    uint8_t key[static AGE_FILE_KEY_LEN])
{
	static const uint8_t zero[AGE_CHUNK_NONCE_LEN];

	return crypto_aead_chacha20poly1305_ietf_decrypt(key, NULL, NULL,
	    body, AGE_WRAPPED_LEN, NULL, 0, zero, wrap_key) == 0 ? ERR_OK :
	    ERR_NOMATCH;
}

static enum err
check_mac(const struct age_header *h,
    const uint8_t key[static AGE_FILE_KEY_LEN])
{
	uint8_t mac[HMAC_LEN];

	age_header_mac(key, h->maced, mac);
	return ct_equal(mac, h->mac, sizeof(mac)) ? ERR_OK : ERR_MAC;
}

static enum err
unwrap_x25519(const struct age_stanza *s, const struct age_identity *id,
    uint8_t key[static AGE_FILE_KEY_LEN])
{
	struct age_recipient own;
	struct age_exchange x = { id->scalar, s->share, s->share, own.point };
	uint8_t wrap_key[AGE_KEY_LEN];
	enum err e;

	age_identity_recipient(id, &own);
	/* A share of low order is a fault of the header, not a wrong key. */
	if (age_x25519_key(&x, wrap_key) != ERR_OK)
		return ERR_FORMAT;
	e = unwrap(wrap_key, s->body, key);
	wipe(wrap_key, sizeof(wrap_key));
	return e;
}

/* The first stanza that opens wins; each is tried, so each is checked. */
static enum err
unwrap_any(const struct age_header *h, const struct age_identity *ids,
    size_t n_ids, uint8_t key[static AGE_FILE_KEY_LEN])
{
	uint8_t one[AGE_FILE_KEY_LEN];
	enum err e, found = ERR_NOMATCH;
	size_t i, j;

	for (i = 0; i < h->n; i++) {
		if (!age_stanza_is(&h->stanza[i], "X25519"))
			continue;
		for (j = 0; j < n_ids; j++) {
			e = unwrap_x25519(&h->stanza[i], &ids[j], one);
			if (e == ERR_FORMAT) {
				found = e;
				goto out;
			}
			if (e == ERR_OK && found != ERR_OK) {
				memcpy(key, one, sizeof(one));
				found = ERR_OK;
			}
		}
	}
out:
	wipe(one, sizeof(one));
	return found;
}

enum err
age_open_header(struct bytes header, const struct age_identity *ids,
    size_t n_ids, uint8_t key[static AGE_FILE_KEY_LEN])
{
	struct age_header h;
	enum err e;

	memset(key, 0, AGE_FILE_KEY_LEN);
	if ((e = age_header_parse(header, &h)) != ERR_OK)
		return e;
	if ((e = unwrap_any(&h, ids, n_ids, key)) == ERR_OK)
		e = check_mac(&h, key);
	if (e != ERR_OK)
		wipe(key, AGE_FILE_KEY_LEN);
	return e;
}

/* Decimal, no sign, no leading zero. */
static enum err
parse_work_factor(struct bytes text, unsigned *out)
{
	const char *s = text.p;
	unsigned v = 0;
	size_t i;

	if (text.n == 0 || s[0] == '0')
		return ERR_FORMAT;
	for (i = 0; i < text.n; i++)
		if (s[i] < '0' || s[i] > '9')
			return ERR_FORMAT;
	for (i = 0; i < text.n && v <= AGE_WORK_FACTOR_MAX; i++)
		v = v * 10 + (unsigned)(s[i] - '0');
	if (v > AGE_WORK_FACTOR_MAX)
		return ERR_RANGE;
	*out = v;
	return ERR_OK;
}

static enum err
unwrap_scrypt(const struct age_stanza *s, struct bytes pass,
    uint8_t key[static AGE_FILE_KEY_LEN])
{
	uint8_t salt[AGE_SALT_LEN], wrap_key[AGE_KEY_LEN];
	unsigned work_factor;
	size_t n;
	enum err e;

	if (s->n_args != 3 || s->body_len != AGE_WRAPPED_LEN)
		return ERR_FORMAT;
	if (base64_decode(s->arg[1], BASE64_BARE, salt, sizeof(salt), &n) !=
	    ERR_OK || n != sizeof(salt))
		return ERR_FORMAT;
	if ((e = parse_work_factor(s->arg[2], &work_factor)) != ERR_OK)
		return e;
	if ((e = age_scrypt_key(pass, salt, work_factor, wrap_key)) == ERR_OK)
		e = unwrap(wrap_key, s->body, key);
	wipe(wrap_key, sizeof(wrap_key));
	return e;
}

enum err
age_open_passphrase(struct bytes header, struct bytes pass,
    uint8_t key[static AGE_FILE_KEY_LEN])
{
	struct age_header h;
	enum err e;

	memset(key, 0, AGE_FILE_KEY_LEN);
	if ((e = age_header_parse(header, &h)) != ERR_OK)
		return e;
	if (!age_stanza_is(&h.stanza[0], "scrypt"))
		return ERR_NOMATCH;
	if ((e = unwrap_scrypt(&h.stanza[0], pass, key)) == ERR_OK)
		e = check_mac(&h, key);
	if (e != ERR_OK)
		wipe(key, AGE_FILE_KEY_LEN);
	return e;
}

/* ---- whole files ---- */

static enum err
open_payload(const uint8_t key[static AGE_FILE_KEY_LEN], struct bytes payload,
    struct buf *out)
{
	struct age_reader *r = NULL;
	size_t before = out->len;
	enum err e;

	if ((e = age_reader_new(key, age_to_buf, out, &r)) == ERR_OK &&
	    (e = age_reader_put(r, payload.p, payload.n)) == ERR_OK)
		e = age_reader_end(r);
	if (e != ERR_OK && out->len > before) {
		wipe(out->data + before, out->len - before);
		out->len = before;
	}
	age_reader_free(r);
	return e;
}

/* The header's bytes and what follows them. */
static enum err
split(struct bytes file, struct bytes *header, struct bytes *payload)
{
	size_t n;
	enum err e;

	if ((e = age_header_len(file.p, file.n, &n)) != ERR_OK)
		return e == ERR_NOTFOUND ? ERR_FORMAT : e;
	*header = (struct bytes){ file.p, n };
	*payload = (struct bytes){ (const uint8_t *)file.p + n, file.n - n };
	return ERR_OK;
}

enum err
age_open_file(struct bytes file, const struct age_identity *ids, size_t n_ids,
    struct buf *out)
{
	uint8_t key[AGE_FILE_KEY_LEN];
	struct bytes header, payload;
	enum err e;

	if ((e = split(file, &header, &payload)) != ERR_OK)
		return e;
	if ((e = age_open_header(header, ids, n_ids, key)) == ERR_OK)
		e = open_payload(key, payload, out);
	wipe(key, sizeof(key));
	return e;
}

enum err
age_open_file_passphrase(struct bytes file, struct bytes pass,
    struct buf *out)
{
	uint8_t key[AGE_FILE_KEY_LEN];
	struct bytes header, payload;
	enum err e;

	if ((e = split(file, &header, &payload)) != ERR_OK)
		return e;
	if ((e = age_open_passphrase(header, pass, key)) == ERR_OK)
		e = open_payload(key, payload, out);
	wipe(key, sizeof(key));
	return e;
}
