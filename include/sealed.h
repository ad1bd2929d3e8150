#ifndef SEALED_H
#define SEALED_H
/*
 * What may be stored.  A struct sealed can be made only by the two sealing
 * functions below (crypto/record.c, crypto/object.c), so that plaintext
 * cannot reach the store by mistake.
 */
#include <stddef.h>
#include <stdint.h>

#include "age.h"
#include "err.h"

struct sealed;		/* opaque: ciphertext and its length */

const uint8_t *sealed_bytes(const struct sealed *s);
size_t sealed_len(const struct sealed *s);
void sealed_free(struct sealed *s);

/* ---- records: XChaCha20-Poly1305 under the at-rest key ---- */

#define RECORD_KEY_LEN	32
#define RECORD_PAGE	4096
#define RECORD_SLACK	16	/* LMDB's page header */

/*
 * record_seal(key, ad, plain, out): nonce(24) || ciphertext || tag(16), the
 * plaintext framed as u32 length || bytes || zeros, so that the result is
 * k*4096-16 bytes.  ${ad} names the place (database and key).
 * Fails: ERR_SYS, ERR_RANGE above 64 MiB.  Format: docs/FORMATS.md "Records".
 */
enum err record_seal(const uint8_t key[static RECORD_KEY_LEN],
    struct bytes ad, struct bytes plain, struct sealed **out) MUST_USE;
/*
 * record_open(key, ad, stored, out): appends the plaintext to ${out}.
 * Fails: ERR_MAC (damaged, or of another place), ERR_FORMAT.
 */
enum err record_open(const uint8_t key[static RECORD_KEY_LEN],
    struct bytes ad, struct bytes stored, struct buf *out) MUST_USE;

/* ---- objects: age payloads in blocks ---- */

#define BLOCK_LEN	(1024 * 1024 - 16)

/* What is known of an object once it is sealed. */
struct object_facts {
	uint64_t payload;		/* bytes of payload, fill not counted */
	uint64_t plain;			/* bytes of plaintext */
	uint8_t digest[BLAKE2B_LEN];	/* BLAKE2b-256 of the payload */
};

/*
 * Sealing an object while its bytes arrive.
 *   new    file key, header for ${to}
 *   header borrowed header bytes; may be asked for more than once with
 *          object_sealer_header_for, for a second set under the same file key
 *   put    takes up to ${n} bytes, *taken says how many; when a block is full
 *          it stops early and hands it over in *block (else NULL)
 *   end    call until it gives *block == NULL; then facts are final
 * Blocks are BLOCK_LEN each; the last is filled up with random bytes.
 * Memory: one block, two chunks.  Ownership: blocks are the caller's.
 * Fails: as age_seal_header; ERR_SYS; end: ERR_CONFLICT if bytes that put
 * did not take are left behind.
 */
struct object_sealer;
enum err object_sealer_new(const struct age_recipient *to, size_t n,
    struct object_sealer **out) MUST_USE;
struct bytes object_sealer_header(const struct object_sealer *o);
enum err object_sealer_header_for(const struct object_sealer *o,
    const struct age_recipient *to, size_t n, struct buf *out) MUST_USE;
enum err object_sealer_put(struct object_sealer *o, struct bytes in,
    size_t *taken, struct sealed **block) MUST_USE;
enum err object_sealer_end(struct object_sealer *o, struct sealed **block)
    MUST_USE;
/* object_sealer_pad(o, total): put zero bytes until ${total} of plaintext;
 * call as put: repeat while *block != NULL. */
enum err object_sealer_pad(struct object_sealer *o, uint64_t total,
    struct sealed **block) MUST_USE;
struct object_facts object_sealer_facts(const struct object_sealer *o);
void object_sealer_free(struct object_sealer *o);

/*
 * sealed_block_of(p, n, fill, out): a block that came sealed from a desk (its
 * bytes are an age payload's), copied and filled up to BLOCK_LEN with random
 * bytes.  Fails: ERR_RANGE if n is 0 or above BLOCK_LEN.
 */
enum err sealed_block_of(const void *p, size_t n, struct sealed **out)
    MUST_USE;

#endif
