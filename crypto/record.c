/*
 * Records: small values under the at-rest key.
 *
 *	record	nonce[24] ciphertext tag[16]; k*4096 - 16 bytes in all
 *	frame	u32 length, bytes, zeros: the plaintext of the ciphertext
 *
 * XChaCha20-Poly1305; the associated data names the place.  A record fills
 * whole pages with LMDB's page header, so that a deletion frees pages of its
 * own.
 */
#include <assert.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "sealed_internal.h"

#define NONCE_LEN	crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG_LEN		crypto_aead_xchacha20poly1305_ietf_ABYTES
#define FRAME_LEN	4u
#define AROUND_LEN	(NONCE_LEN + FRAME_LEN + TAG_LEN)
#define RECORD_MAX	(64u * 1024 * 1024)

static_assert(RECORD_KEY_LEN == crypto_aead_xchacha20poly1305_ietf_KEYBYTES,
    "key");
static_assert(NONCE_LEN == 24 && TAG_LEN == 16, "docs/FORMATS.md Records");

static size_t
record_len(size_t n)
{
	return (n + AROUND_LEN + RECORD_SLACK + RECORD_PAGE - 1) /
	    RECORD_PAGE * RECORD_PAGE - RECORD_SLACK;
}

enum err
record_seal(const uint8_t key[static RECORD_KEY_LEN], struct bytes ad,
    struct bytes plain, struct sealed **out)
{
	struct sealed *s;
	uint8_t *nonce, *frame;
	size_t frame_len;

	*out = NULL;
	if (plain.n > RECORD_MAX)
		return ERR_RANGE;
	if ((s = sealed_new(record_len(plain.n))) == NULL)
		return ERR_SYS;
	nonce = s->bytes;
	frame = nonce + NONCE_LEN;
	frame_len = s->len - NONCE_LEN - TAG_LEN;

	rand_bytes(nonce, NONCE_LEN);
	frame[0] = (uint8_t)(plain.n >> 24);
	frame[1] = (uint8_t)(plain.n >> 16);
	frame[2] = (uint8_t)(plain.n >> 8);
	frame[3] = (uint8_t)plain.n;
	if (plain.n > 0)
		memcpy(frame + FRAME_LEN, plain.p, plain.n);
	memset(frame + FRAME_LEN + plain.n, 0,
	    frame_len - FRAME_LEN - plain.n);
	/* In place: the plaintext is gone when this returns. */
	(void)crypto_aead_xchacha20poly1305_ietf_encrypt(frame, NULL, frame,
	    frame_len, ad.p, ad.n, NULL, nonce, key);
	*out = s;
	return ERR_OK;
}

/* What stands in a frame, borrowed. */
static enum err
unframe(const uint8_t *frame, size_t n, struct bytes *plain)
{
	struct cur c = cur_over(frame, n);

	plain->p = cur_blob(&c, &plain->n);
	if (plain->p == NULL || record_len(plain->n) != n + NONCE_LEN +
	    TAG_LEN || !sodium_is_zero(c.p, c.left))
		return ERR_FORMAT;
	return ERR_OK;
}

enum err
record_open(const uint8_t key[static RECORD_KEY_LEN], struct bytes ad,
    struct bytes stored, struct buf *out)
{
	const uint8_t *nonce = stored.p;
	struct bytes plain;
	uint8_t *frame;
	size_t n;
	enum err e;

	if (stored.n % RECORD_PAGE != RECORD_PAGE - RECORD_SLACK ||
	    stored.n > record_len(RECORD_MAX))
		return ERR_FORMAT;
	n = stored.n - NONCE_LEN - TAG_LEN;
	if ((frame = malloc(n)) == NULL)
		return ERR_SYS;
	if (crypto_aead_xchacha20poly1305_ietf_decrypt(frame, NULL, NULL,
	    nonce + NONCE_LEN, n + TAG_LEN, ad.p, ad.n, nonce, key) != 0) {
		e = ERR_MAC;
		goto out;
	}
	if ((e = unframe(frame, n, &plain)) != ERR_OK)
		goto out;
	buf_put(out, plain.p, plain.n);
	e = buf_err(out);
out:
	wipe(frame, n);
	free(frame);
	return e;
}
