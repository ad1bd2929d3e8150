/* The derived keys of age: wrap keys, payload keys, chunk nonces. */
#include <assert.h>
#include <errno.h>
#include <sodium.h>
#include <string.h>

#include "age_internal.h"
#include "label.h"

static_assert(AGE_POINT_LEN == crypto_scalarmult_curve25519_BYTES, "X25519");
static_assert(AGE_KEY_LEN == crypto_aead_chacha20poly1305_IETF_KEYBYTES,
    "key");
static_assert(AGE_TAG_LEN == crypto_aead_chacha20poly1305_IETF_ABYTES, "tag");

#define SCRYPT_R	8
#define SCRYPT_P	1

enum err
age_x25519_key(const struct age_exchange *x, uint8_t key[static AGE_KEY_LEN])
{
	uint8_t secret[AGE_POINT_LEN], salt[2 * AGE_POINT_LEN];
	enum err e = ERR_KEY;

	/* -1 when the result is all zero: a point of low order. */
	if (crypto_scalarmult_curve25519(secret, x->scalar, x->point) != 0)
		goto out;
	memcpy(salt, x->share, AGE_POINT_LEN);
	memcpy(salt + AGE_POINT_LEN, x->recipient, AGE_POINT_LEN);
	hkdf_salt(key, AGE_KEY_LEN, (struct bytes){ secret, sizeof(secret) },
	    (struct bytes){ salt, sizeof(salt) },
	    (struct bytes){ LABEL_AGE_X25519, strlen(LABEL_AGE_X25519) });
	e = ERR_OK;
out:
	wipe(secret, sizeof(secret));
	return e;
}

enum err
age_scrypt_key(struct bytes pass, const uint8_t salt[static AGE_SALT_LEN],
    unsigned work_factor, uint8_t key[static AGE_KEY_LEN])
{
	uint8_t full[sizeof(LABEL_AGE_SCRYPT) - 1 + AGE_SALT_LEN];

	assert(work_factor > 0 && work_factor <= AGE_WORK_FACTOR_MAX);
	memcpy(full, LABEL_AGE_SCRYPT, sizeof(LABEL_AGE_SCRYPT) - 1);
	memcpy(full + sizeof(LABEL_AGE_SCRYPT) - 1, salt, AGE_SALT_LEN);
	if (pass.n == 0)
		pass.p = full;		/* declared non-null, even when empty */
	if (crypto_pwhash_scryptsalsa208sha256_ll(pass.p, pass.n, full,
	    sizeof(full), UINT64_C(1) << work_factor, SCRYPT_R, SCRYPT_P, key,
	    AGE_KEY_LEN) != 0) {
		if (errno == 0)
			errno = ENOMEM;
		return ERR_SYS;
	}
	return ERR_OK;
}

bool
age_low_order(const uint8_t point[static AGE_POINT_LEN])
{
	/* Any scalar will do: clamping makes it a multiple of eight. */
	static const uint8_t scalar[AGE_POINT_LEN] = { 8 };
	uint8_t product[AGE_POINT_LEN];

	return crypto_scalarmult_curve25519(product, scalar, point) != 0;
}

enum err
age_point_check(const uint8_t point[static AGE_POINT_LEN])
{
	size_t i;

	/*
	 * X25519 ignores the top bit and takes coordinates modulo
	 * p = 2^255 - 19, but the wrap key is bound to the text as it is: what
	 * is sealed to a second spelling, its owner could never open.
	 */
	if (point[31] & 0x80)
		return ERR_KEY;
	if (point[31] == 0x7f && point[0] >= 0xed) {
		for (i = 1; i < 31 && point[i] == 0xff; i++)
			;
		if (i == 31)
			return ERR_KEY;
	}
	return age_low_order(point) ? ERR_KEY : ERR_OK;
}

void
age_payload_key(const uint8_t file_key[static AGE_FILE_KEY_LEN],
    const uint8_t nonce[static AGE_NONCE_LEN],
    uint8_t key[static AGE_KEY_LEN])
{
	hkdf_salt(key, AGE_KEY_LEN,
	    (struct bytes){ file_key, AGE_FILE_KEY_LEN },
	    (struct bytes){ nonce, AGE_NONCE_LEN },
	    (struct bytes){ LABEL_AGE_PAYLOAD, strlen(LABEL_AGE_PAYLOAD) });
}

void
age_chunk_nonce(uint64_t i, bool last,
    uint8_t nonce[static AGE_CHUNK_NONCE_LEN])
{
	size_t at;

	memset(nonce, 0, AGE_CHUNK_NONCE_LEN);
	for (at = AGE_CHUNK_NONCE_LEN - 1; at-- > 0 && i > 0; i >>= 8)
		nonce[at] = (uint8_t)i;
	nonce[AGE_CHUNK_NONCE_LEN - 1] = last;
}
