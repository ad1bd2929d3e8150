/* Sealing: the header of a new age file, and whole small files. */
#include <sodium.h>
#include <string.h>

#include "age_internal.h"

/* Of a new header: version line, at most 98 bytes a stanza, MAC line. */
#define HEADER_LEN_MAX	(22 + 54 + 44 * 2 + 128 * AGE_STANZAS_MAX)

void
age_file_key_new(uint8_t key[static AGE_FILE_KEY_LEN])
{
	rand_bytes(key, AGE_FILE_KEY_LEN);
}

/* The file key under a wrap key.  Each wrap key is used once: nonce zero. */
static void
wrap(const uint8_t wrap_key[static AGE_KEY_LEN],
    const uint8_t key[static AGE_FILE_KEY_LEN],
    uint8_t body[static AGE_WRAPPED_LEN])
{
	static const uint8_t zero[AGE_CHUNK_NONCE_LEN];

	(void)crypto_aead_chacha20poly1305_ietf_encrypt(body, NULL, key,
	    AGE_FILE_KEY_LEN, NULL, 0, NULL, zero, wrap_key);
}

static enum err
put_x25519(const uint8_t key[static AGE_FILE_KEY_LEN],
    const struct age_recipient *to, struct buf *out)
{
	uint8_t scalar[AGE_POINT_LEN], share[AGE_POINT_LEN];
	uint8_t wrap_key[AGE_KEY_LEN], body[AGE_WRAPPED_LEN];
	char args[sizeof("X25519 ") + BASE64_LEN(AGE_POINT_LEN)] = "X25519 ";
	struct age_exchange x = { scalar, to->point, share, to->point };
	enum err e;

	if ((e = age_point_check(to->point)) != ERR_OK)
		return e;
	rand_bytes(scalar, sizeof(scalar));
	(void)crypto_scalarmult_curve25519_base(share, scalar);
	if ((e = age_x25519_key(&x, wrap_key)) != ERR_OK)
		goto out;
	wrap(wrap_key, key, body);
	base64_encode(share, sizeof(share), BASE64_BARE, args + strlen(args));
	age_header_stanza(out, args, (struct bytes){ body, sizeof(body) });
out:
	wipe(scalar, sizeof(scalar));
	wipe(wrap_key, sizeof(wrap_key));
	return e;
}

/* A random order of 0 .. n-1, so that places say nothing of people. */
static void
shuffle(uint8_t *order, size_t n)
{
	size_t i, j;
	uint8_t t;

	for (i = 0; i < n; i++)
		order[i] = (uint8_t)i;
	for (i = n; i > 1; i--) {
		j = rand_below((uint32_t)i);
		t = order[i - 1];
		order[i - 1] = order[j];
		order[j] = t;
	}
}

enum err
age_seal_header(const uint8_t key[static AGE_FILE_KEY_LEN],
    const struct age_recipient *to, size_t n, struct buf *out)
{
	uint8_t order[AGE_STANZAS_MAX];
	struct buf b;
	size_t i, j;
	enum err e = ERR_OK;

	if (n == 0 || n > AGE_STANZAS_MAX)
		return ERR_RANGE;
	for (i = 0; i < n; i++)
		for (j = 0; j < i; j++)
			if (memcmp(&to[i], &to[j], sizeof(*to)) == 0)
				return ERR_CONFLICT;
	shuffle(order, n);

	buf_init(&b, HEADER_LEN_MAX);
	age_header_begin(&b);
	for (i = 0; i < n && e == ERR_OK; i++)
		e = put_x25519(key, &to[order[i]], &b);
	age_header_end(&b, key);
	if (e == ERR_OK && (e = buf_err(&b)) == ERR_OK) {
		buf_put(out, b.data, b.len);
		e = buf_err(out);
	}
	buf_done(&b);
	return e;
}

enum err
age_seal_passphrase(const uint8_t key[static AGE_FILE_KEY_LEN],
    struct bytes pass, unsigned work_factor, struct buf *out)
{
	uint8_t salt[AGE_SALT_LEN], wrap_key[AGE_KEY_LEN];
	uint8_t body[AGE_WRAPPED_LEN];
	char text[BASE64_LEN(AGE_SALT_LEN) + 1];
	struct buf args, b;
	enum err e;

	if (pass.n == 0 || work_factor == 0 ||
	    work_factor > AGE_WORK_FACTOR_MAX)
		return ERR_RANGE;
	buf_init(&args, 64);
	buf_init(&b, HEADER_LEN_MAX);
	rand_bytes(salt, sizeof(salt));
	if ((e = age_scrypt_key(pass, salt, work_factor, wrap_key)) != ERR_OK)
		goto out;
	wrap(wrap_key, key, body);
	base64_encode(salt, sizeof(salt), BASE64_BARE, text);
	buf_printf(&args, "scrypt %s %u", text, work_factor);
	age_header_begin(&b);
	age_header_stanza(&b, buf_text(&args),
	    (struct bytes){ body, sizeof(body) });
	age_header_end(&b, key);
	if ((e = buf_err(&args)) != ERR_OK || (e = buf_err(&b)) != ERR_OK)
		goto out;
	buf_put(out, b.data, b.len);
	e = buf_err(out);
out:
	wipe(wrap_key, sizeof(wrap_key));
	buf_done(&args);
	buf_done(&b);
	return e;
}

/* The payload behind a header that came to ${e}; ${out} had ${before}. */
static enum err
seal_payload(enum err e, const uint8_t key[static AGE_FILE_KEY_LEN],
    struct bytes plain, size_t before, struct buf *out)
{
	struct age_writer *w = NULL;

	if (e != ERR_OK ||
	    (e = age_writer_new(key, age_to_buf, out, &w)) != ERR_OK ||
	    (e = age_writer_put(w, plain.p, plain.n)) != ERR_OK ||
	    (e = age_writer_end(w)) != ERR_OK)
		out->len = before;
	age_writer_free(w);
	return e;
}

enum err
age_seal_file(const struct age_recipient *to, size_t n, struct bytes plain,
    struct buf *out)
{
	uint8_t key[AGE_FILE_KEY_LEN];
	size_t before = out->len;
	enum err e;

	age_file_key_new(key);
	e = age_seal_header(key, to, n, out);
	e = seal_payload(e, key, plain, before, out);
	wipe(key, sizeof(key));
	return e;
}

enum err
age_seal_file_passphrase(struct bytes pass, unsigned work_factor,
    struct bytes plain, struct buf *out)
{
	uint8_t key[AGE_FILE_KEY_LEN];
	size_t before = out->len;
	enum err e;

	age_file_key_new(key);
	e = age_seal_passphrase(key, pass, work_factor, out);
	e = seal_payload(e, key, plain, before, out);
	wipe(key, sizeof(key));
	return e;
}
