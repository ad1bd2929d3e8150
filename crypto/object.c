/*
 * Objects: an age payload, sealed as it arrives, cut into blocks.
 *
 *	block	payload[1 MiB - 16]; the last is filled up with random bytes
 *
 * A chunk is sealed straight into the block; where it crosses the edge it is
 * sealed into a spill buffer, whose rest begins the next block.  So the spill
 * is empty whenever a block has room.
 */
#include <assert.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "age_internal.h"
#include "sealed_internal.h"
#include "secret.h"

struct object_sealer {
	struct secret *keys;		/* file key, then payload key */
	struct buf header;
	struct blake2b digest;
	struct object_facts facts;
	struct age_chunk next;
	enum err err;			/* sticky */
	struct sealed *block;		/* NULL until a byte needs it */
	size_t used;			/* bytes in block */
	size_t spill_at, spill_len;	/* what of spill has not moved yet */
	size_t have;			/* bytes in plain */
	uint8_t plain[AGE_CHUNK_LEN];
	uint8_t spill[AGE_SEALED_CHUNK_LEN];
};

static_assert(BLOCK_LEN > AGE_SEALED_CHUNK_LEN, "a spill fits a block");
static_assert((BLOCK_LEN + RECORD_SLACK) % RECORD_PAGE == 0, "whole pages");

static uint8_t *
payload_key(const struct object_sealer *o)
{
	return o->keys->bytes + AGE_FILE_KEY_LEN;
}

enum err
object_sealer_new(const struct age_recipient *to, size_t n,
    struct object_sealer **out)
{
	struct object_sealer *o;
	enum err e;

	*out = NULL;
	if ((o = calloc(1, sizeof(*o))) == NULL)
		return ERR_SYS;
	buf_init(&o->header, AGE_HEADER_MAX);
	if ((e = secret_new(AGE_FILE_KEY_LEN + AGE_KEY_LEN, &o->keys)) !=
	    ERR_OK)
		goto fail;
	age_file_key_new(o->keys->bytes);
	if ((e = age_seal_header(o->keys->bytes, to, n, &o->header)) !=
	    ERR_OK)
		goto fail;

	/* The payload's nonce waits in the spill for the first block. */
	rand_bytes(o->spill, AGE_NONCE_LEN);
	o->spill_len = AGE_NONCE_LEN;
	age_payload_key(o->keys->bytes, o->spill, payload_key(o));
	blake2b_init(&o->digest);
	blake2b_update(&o->digest, o->spill, AGE_NONCE_LEN);
	o->facts.payload = AGE_NONCE_LEN;
	*out = o;
	return ERR_OK;
fail:
	object_sealer_free(o);
	return e;
}

struct bytes
object_sealer_header(const struct object_sealer *o)
{
	return (struct bytes){ o->header.data, o->header.len };
}

enum err
object_sealer_header_for(const struct object_sealer *o,
    const struct age_recipient *to, size_t n, struct buf *out)
{
	return age_seal_header(o->keys->bytes, to, n, out);
}

/* A block with room in it, the spill moved there. */
static enum err
need_block(struct object_sealer *o)
{
	if (o->block != NULL)
		return ERR_OK;
	if ((o->block = sealed_new(BLOCK_LEN)) == NULL)
		return o->err = ERR_SYS;
	o->used = o->spill_len - o->spill_at;
	memcpy(o->block->bytes, o->spill + o->spill_at, o->used);
	o->spill_at = o->spill_len = 0;
	return ERR_OK;
}

static enum err
seal_chunk(struct object_sealer *o, const uint8_t *in, size_t n)
{
	size_t len = n + AGE_TAG_LEN, room;
	uint8_t *to;

	if (need_block(o) != ERR_OK)
		return o->err;
	room = BLOCK_LEN - o->used;
	to = len <= room ? o->block->bytes + o->used : o->spill;
	age_chunk_seal(payload_key(o), o->next, (struct bytes){ in, n }, to);
	o->next.number++;
	/* Here, while the chunk is in the cache. */
	blake2b_update(&o->digest, to, len);
	o->facts.payload += len;
	if (len <= room) {
		o->used += len;
		return ERR_OK;
	}
	memcpy(o->block->bytes + o->used, o->spill, room);
	o->used = BLOCK_LEN;
	o->spill_at = room;
	o->spill_len = len;
	return ERR_OK;
}

/* The block, if it is full; it is the caller's then. */
static struct sealed *
full_block(struct object_sealer *o)
{
	struct sealed *s = o->block;

	if (s == NULL || o->used < BLOCK_LEN)
		return NULL;
	o->block = NULL;	/* transferred */
	o->used = 0;
	return s;
}

enum err
object_sealer_put(struct object_sealer *o, struct bytes in, size_t *taken,
    struct sealed **block)
{
	const uint8_t *p = in.p;
	size_t left = in.n, k;

	*taken = 0;
	*block = NULL;
	assert(!o->next.last);		/* nothing after the end */
	if (o->err != ERR_OK)
		return o->err;
	while (left > 0 && *block == NULL) {
		if (o->have == AGE_CHUNK_LEN) {
			if (seal_chunk(o, o->plain, o->have) != ERR_OK)
				return o->err;
			o->have = 0;
			k = 0;
		} else if (o->have == 0 && left > AGE_CHUNK_LEN) {
			/* More follows: seal it where it stands. */
			if (seal_chunk(o, p, AGE_CHUNK_LEN) != ERR_OK)
				return o->err;
			k = AGE_CHUNK_LEN;
		} else {
			k = AGE_CHUNK_LEN - o->have;
			if (k > left)
				k = left;
			memcpy(o->plain + o->have, p, k);
			o->have += k;
		}
		p += k;
		left -= k;
		o->facts.plain += k;
		*taken += k;
		*block = full_block(o);
	}
	return ERR_OK;
}

enum err
object_sealer_pad(struct object_sealer *o, uint64_t total,
    struct sealed **block)
{
	static const uint8_t zeros[4096];
	uint64_t left;
	size_t n, taken;
	enum err e;

	*block = NULL;
	if (total < o->facts.plain)
		return ERR_RANGE;
	while ((left = total - o->facts.plain) > 0 && *block == NULL) {
		n = left < sizeof(zeros) ? (size_t)left : sizeof(zeros);
		if ((e = object_sealer_put(o, (struct bytes){ zeros, n },
		    &taken, block)) != ERR_OK)
			return e;
	}
	return ERR_OK;
}

/*
 * Random bytes for the rest of a block: the stream of a random key, which is
 * several times faster than asking the system for each byte.
 */
static void
fill_up(struct sealed *s, size_t used)
{
	uint8_t seed[randombytes_SEEDBYTES];

	if (used == s->len)
		return;
	rand_bytes(seed, sizeof(seed));
	randombytes_buf_deterministic(s->bytes + used, s->len - used, seed);
	wipe(seed, sizeof(seed));
}

enum err
object_sealer_end(struct object_sealer *o, struct sealed **block)
{
	*block = NULL;
	if (o->err != ERR_OK)
		return o->err;
	if (!o->next.last) {
		/* Bytes that put did not take would be lost here. */
		if (o->have == 0 && o->next.number > 0)
			return o->err = ERR_CONFLICT;
		o->next.last = true;
		if (seal_chunk(o, o->plain, o->have) != ERR_OK)
			return o->err;
		wipe(o->plain, sizeof(o->plain));
		blake2b_final(&o->digest, o->facts.digest);
	}
	if ((*block = full_block(o)) != NULL)
		return ERR_OK;
	if (o->block == NULL && o->spill_len == 0)
		return ERR_OK;
	if (need_block(o) != ERR_OK)
		return o->err;
	fill_up(o->block, o->used);
	o->used = BLOCK_LEN;
	*block = full_block(o);
	return ERR_OK;
}

struct object_facts
object_sealer_facts(const struct object_sealer *o)
{
	return o->facts;
}

void
object_sealer_free(struct object_sealer *o)
{
	if (o == NULL)
		return;
	sealed_free(o->block);
	buf_done(&o->header);
	secret_free(o->keys);
	wipe(o, sizeof(*o));
	free(o);
}

enum err
sealed_block_of(const void *p, size_t n, struct sealed **out)
{
	struct sealed *s;

	*out = NULL;
	if (n == 0 || n > BLOCK_LEN)
		return ERR_RANGE;
	if ((s = sealed_new(BLOCK_LEN)) == NULL)
		return ERR_SYS;
	memcpy(s->bytes, p, n);
	fill_up(s, n);
	*out = s;
	return ERR_OK;
}
