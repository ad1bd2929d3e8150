/*
 * Opening the payload of an age file: the table is in age_writer.c.
 *
 * A full chunk waits until it is known whether anything follows it; so no
 * chunk is tried twice, and no byte comes out that did not authenticate.
 */
#include <assert.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "age_internal.h"
#include "secret.h"

struct age_reader {
	struct secret *keys;		/* file key, then payload key */
	age_sink *sink;
	void *arg;
	struct age_chunk next;
	enum err err;			/* sticky */
	bool begun;			/* the nonce is in */
	size_t have;			/* bytes in sealed */
	uint8_t sealed[AGE_SEALED_CHUNK_LEN];
	uint8_t plain[AGE_CHUNK_LEN];
};

static uint8_t *
payload_key(struct age_reader *r)
{
	return r->keys->bytes + AGE_FILE_KEY_LEN;
}

enum err
age_reader_new(const uint8_t key[static AGE_FILE_KEY_LEN], age_sink *sink,
    void *arg, struct age_reader **out)
{
	struct age_reader *r;

	*out = NULL;
	if ((r = calloc(1, sizeof(*r))) == NULL)
		return ERR_SYS;
	if (secret_new(AGE_FILE_KEY_LEN + AGE_KEY_LEN, &r->keys) != ERR_OK) {
		free(r);
		return ERR_SYS;
	}
	memcpy(r->keys->bytes, key, AGE_FILE_KEY_LEN);
	r->sink = sink;
	r->arg = arg;
	*out = r;
	return ERR_OK;
}

static enum err
release(struct age_reader *r, const uint8_t *p, size_t n)
{
	uint8_t nonce[AGE_CHUNK_NONCE_LEN];

	age_chunk_nonce(r->next.number, r->next.last, nonce);
	if (n < AGE_TAG_LEN || crypto_aead_chacha20poly1305_ietf_decrypt(
	    r->plain, NULL, NULL, p, n, NULL, 0, nonce, payload_key(r)) != 0)
		return r->err = ERR_PAYLOAD;
	/* An empty last chunk is the whole of an empty text, or a fault. */
	if (n == AGE_TAG_LEN && r->next.number > 0)
		return r->err = ERR_PAYLOAD;
	r->next.number++;
	if (n > AGE_TAG_LEN)
		r->err = r->sink(r->arg, r->plain, n - AGE_TAG_LEN);
	return r->err;
}

/* Up to ${limit} bytes in sealed; how many were taken. */
static size_t
collect(struct age_reader *r, const uint8_t *p, size_t n, size_t limit)
{
	size_t k = limit - r->have;

	if (k > n)
		k = n;
	memcpy(r->sealed + r->have, p, k);
	r->have += k;
	return k;
}

enum err
age_reader_put(struct age_reader *r, const void *p, size_t n)
{
	const uint8_t *in = p;
	size_t k;

	assert(!r->next.last);		/* nothing after the end */
	if (r->err != ERR_OK)
		return r->err;
	for (; n > 0; in += k, n -= k) {
		if (!r->begun) {
			k = collect(r, in, n, AGE_NONCE_LEN);
			if (r->have == AGE_NONCE_LEN) {
				age_payload_key(r->keys->bytes, r->sealed,
				    payload_key(r));
				r->begun = true;
				r->have = 0;
			}
			continue;
		}
		if (r->have == AGE_SEALED_CHUNK_LEN) {
			r->have = 0;
			if (release(r, r->sealed, AGE_SEALED_CHUNK_LEN) !=
			    ERR_OK)
				return r->err;
		}
		if (r->have == 0 && n > AGE_SEALED_CHUNK_LEN) {
			/* More follows: open it where it stands. */
			if (release(r, in, AGE_SEALED_CHUNK_LEN) != ERR_OK)
				return r->err;
			k = AGE_SEALED_CHUNK_LEN;
		} else {
			k = collect(r, in, n, AGE_SEALED_CHUNK_LEN);
		}
	}
	return ERR_OK;
}

enum err
age_reader_end(struct age_reader *r)
{
	assert(!r->next.last);
	if (r->err != ERR_OK)
		return r->err;
	if (!r->begun)
		return r->err = ERR_FORMAT;
	r->next.last = true;
	return release(r, r->sealed, r->have);
}

void
age_reader_free(struct age_reader *r)
{
	if (r == NULL)
		return;
	secret_free(r->keys);
	wipe(r, sizeof(*r));
	free(r);
}
