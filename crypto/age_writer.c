/*
 * Sealing the payload of an age file (STREAM).
 *
 *	payload	nonce[16] 1*chunk
 *	chunk	ciphertext[0..65536] tag[16]; only the last is not full
 *
 * A chunk's nonce is its number and whether it is the last, so that a full
 * chunk waits here until it is known whether anything follows it.
 */
#include <assert.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "age_internal.h"
#include "secret.h"

struct age_writer {
	struct secret *key;
	age_sink *sink;
	void *arg;
	struct age_chunk next;
	enum err err;			/* sticky */
	bool begun;			/* the nonce is out */
	size_t have;			/* bytes in plain */
	uint8_t nonce[AGE_NONCE_LEN];
	uint8_t plain[AGE_CHUNK_LEN];
	uint8_t sealed[AGE_SEALED_CHUNK_LEN];
};

void
age_chunk_seal(const uint8_t key[static AGE_KEY_LEN], struct age_chunk which,
    struct bytes in, uint8_t *out)
{
	uint8_t nonce[AGE_CHUNK_NONCE_LEN];

	assert(in.n <= AGE_CHUNK_LEN);
	age_chunk_nonce(which.number, which.last, nonce);
	(void)crypto_aead_chacha20poly1305_ietf_encrypt(out, NULL, in.p, in.n,
	    NULL, 0, NULL, nonce, key);
}

enum err
age_writer_new(const uint8_t key[static AGE_FILE_KEY_LEN], age_sink *sink,
    void *arg, struct age_writer **out)
{
	struct age_writer *w;

	*out = NULL;
	if ((w = calloc(1, sizeof(*w))) == NULL)
		return ERR_SYS;
	if (secret_new(AGE_KEY_LEN, &w->key) != ERR_OK) {
		free(w);
		return ERR_SYS;
	}
	w->sink = sink;
	w->arg = arg;
	rand_bytes(w->nonce, sizeof(w->nonce));
	age_payload_key(key, w->nonce, w->key->bytes);
	*out = w;
	return ERR_OK;
}

static enum err
begin(struct age_writer *w)
{
	assert(!w->next.last);		/* nothing after the end */
	if (!w->begun && w->err == ERR_OK) {
		w->begun = true;
		w->err = w->sink(w->arg, w->nonce, sizeof(w->nonce));
	}
	return w->err;
}

static enum err
flush(struct age_writer *w, const uint8_t *p, size_t n)
{
	age_chunk_seal(w->key->bytes, w->next, (struct bytes){ p, n },
	    w->sealed);
	w->next.number++;
	w->err = w->sink(w->arg, w->sealed, n + AGE_TAG_LEN);
	return w->err;
}

enum err
age_writer_put(struct age_writer *w, const void *p, size_t n)
{
	const uint8_t *in = p;
	size_t k;

	if (begin(w) != ERR_OK)
		return w->err;
	while (n > 0) {
		if (w->have == AGE_CHUNK_LEN) {
			w->have = 0;
			if (flush(w, w->plain, AGE_CHUNK_LEN) != ERR_OK)
				return w->err;
		}
		if (w->have == 0 && n > AGE_CHUNK_LEN) {
			/* More follows: seal it where it stands. */
			if (flush(w, in, AGE_CHUNK_LEN) != ERR_OK)
				return w->err;
			k = AGE_CHUNK_LEN;
		} else {
			k = AGE_CHUNK_LEN - w->have;
			if (k > n)
				k = n;
			memcpy(w->plain + w->have, in, k);
			w->have += k;
		}
		in += k;
		n -= k;
	}
	return ERR_OK;
}

enum err
age_writer_end(struct age_writer *w)
{
	if (begin(w) != ERR_OK)
		return w->err;
	w->next.last = true;
	return flush(w, w->plain, w->have);
}

void
age_writer_free(struct age_writer *w)
{
	if (w == NULL)
		return;
	secret_free(w->key);
	wipe(w, sizeof(*w));
	free(w);
}
