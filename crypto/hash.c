/* SHA-256, BLAKE2b-256, HMAC-SHA256. */
#include <assert.h>
#include <sodium.h>
#include <string.h>

#include "crypto.h"

static_assert(sizeof(struct blake2b) >= sizeof(crypto_generichash_state),
    "struct blake2b is too small");
static_assert(sizeof(struct sha256) >= sizeof(crypto_hash_sha256_state),
    "struct sha256 is too small");
static_assert(sizeof(struct hmac) >= sizeof(crypto_auth_hmacsha256_state),
    "struct hmac is too small");
static_assert(SHA256_LEN == crypto_hash_sha256_BYTES, "SHA-256");
static_assert(HMAC_LEN == crypto_auth_hmacsha256_BYTES, "HMAC-SHA256");

/* libsodium declares some of its inputs non-null, even when empty. */
static const uint8_t nothing[1];

static const void *
some(const void *p)
{
	return p == NULL ? nothing : p;
}

void
sha256(const void *p, size_t n, uint8_t out[static SHA256_LEN])
{
	(void)crypto_hash_sha256(out, some(p), n);
}

static crypto_hash_sha256_state *
sha256_state(struct sha256 *s)
{
	return (crypto_hash_sha256_state *)(void *)s->opaque;
}

void
sha256_init(struct sha256 *s)
{
	(void)crypto_hash_sha256_init(sha256_state(s));
}

void
sha256_update(struct sha256 *s, const void *p, size_t n)
{
	if (n > 0)
		(void)crypto_hash_sha256_update(sha256_state(s), p, n);
}

void
sha256_final(struct sha256 *s, uint8_t out[static SHA256_LEN])
{
	(void)crypto_hash_sha256_final(sha256_state(s), out);
	wipe(s, sizeof(*s));
}

/*
 * libsodium wants its state on a 64-byte boundary, which malloc does not
 * give: it works on an aligned copy, so that ours may stand anywhere.
 */
void
blake2b_init(struct blake2b *s)
{
	crypto_generichash_state st;

	(void)crypto_generichash_init(&st, NULL, 0, BLAKE2B_LEN);
	memcpy(s->opaque, &st, sizeof(st));
}

void
blake2b_update(struct blake2b *s, const void *p, size_t n)
{
	crypto_generichash_state st;

	if (n == 0)
		return;
	memcpy(&st, s->opaque, sizeof(st));
	(void)crypto_generichash_update(&st, p, n);
	memcpy(s->opaque, &st, sizeof(st));
	wipe(&st, sizeof(st));
}

void
blake2b_final(struct blake2b *s, uint8_t out[static BLAKE2B_LEN])
{
	crypto_generichash_state st;

	memcpy(&st, s->opaque, sizeof(st));
	(void)crypto_generichash_final(&st, out, BLAKE2B_LEN);
	wipe(&st, sizeof(st));
	wipe(s, sizeof(*s));
}

void
blake2b(const uint8_t *key, const void *p, size_t n,
    uint8_t out[static BLAKE2B_LEN])
{
	(void)crypto_generichash(out, BLAKE2B_LEN, some(p), n, key,
	    key == NULL ? 0 : BLAKE2B_LEN);
}

static crypto_auth_hmacsha256_state *
hmac_state(struct hmac *s)
{
	return (crypto_auth_hmacsha256_state *)(void *)s->opaque;
}

void
hmac_init(struct hmac *s, const void *key, size_t n)
{
	(void)crypto_auth_hmacsha256_init(hmac_state(s), some(key), n);
}

void
hmac_update(struct hmac *s, const void *p, size_t n)
{
	if (n > 0)
		(void)crypto_auth_hmacsha256_update(hmac_state(s), p, n);
}

void
hmac_final(struct hmac *s, uint8_t out[static HMAC_LEN])
{
	(void)crypto_auth_hmacsha256_final(hmac_state(s), out);
	wipe(s, sizeof(*s));
}
