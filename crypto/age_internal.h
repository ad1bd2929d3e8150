#ifndef AGE_INTERNAL_H
#define AGE_INTERNAL_H
/* What the age files of crypto/ share; nobody else includes it. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "age.h"
#include "buf.h"
#include "crypto.h"

#define AGE_POINT_LEN	32
#define AGE_WRAPPED_LEN	(AGE_FILE_KEY_LEN + AGE_TAG_LEN)
#define AGE_KEY_LEN	32	/* wrap, payload and HMAC keys */
#define AGE_SALT_LEN	16
#define AGE_LINE_LEN	64	/* columns of a full body line */
#define AGE_LINE_BYTES	48

/* ---- age_header.c ---- */

struct age_stanza {
	struct bytes arg[AGE_ARGS_MAX];	/* the first is the type; borrowed */
	size_t n_args;
	size_t body_len;
	uint8_t body[AGE_LINE_BYTES];	/* its first bytes */
	uint8_t share[AGE_POINT_LEN];	/* X25519 only */
};

struct age_header {
	struct age_stanza stanza[AGE_STANZAS_MAX];
	size_t n;
	struct bytes maced;		/* what the MAC covers; borrowed */
	uint8_t mac[HMAC_LEN];
};

/*
 * age_header_parse(in, h): all of ${in} as one header.  X25519 stanzas have
 * their shape checked; a scrypt stanza stands alone.
 * Fails: ERR_FORMAT, ERR_VERSION, ERR_RANGE.
 */
enum err age_header_parse(struct bytes in, struct age_header *h) MUST_USE;
bool age_stanza_is(const struct age_stanza *s, const char *type);

/* The other direction: version line, stanzas, then the MAC line. */
void age_header_begin(struct buf *out);
void age_header_stanza(struct buf *out, const char *args,
    struct bytes body);
void age_header_end(struct buf *out,
    const uint8_t key[static AGE_FILE_KEY_LEN]);
void age_header_mac(const uint8_t key[static AGE_FILE_KEY_LEN],
    struct bytes maced, uint8_t mac[static HMAC_LEN]);

/* ---- age_wrap.c: the keys that wrap a file key ---- */

/*
 * age_x25519_key(x, key): the wrap key from the shared secret of x->scalar
 * and x->point, bound to share and recipient.
 * Fails: ERR_KEY for a point of low order.
 */
struct age_exchange {
	const uint8_t *scalar;		/* 32 bytes each */
	const uint8_t *point;
	const uint8_t *share;
	const uint8_t *recipient;
};
enum err age_x25519_key(const struct age_exchange *x,
    uint8_t key[static AGE_KEY_LEN]) MUST_USE;
/* age_scrypt_key: Fails: ERR_SYS. */
enum err age_scrypt_key(struct bytes pass,
    const uint8_t salt[static AGE_SALT_LEN], unsigned work_factor,
    uint8_t key[static AGE_KEY_LEN]) MUST_USE;
/* age_low_order(point): whether every exchange with it gives zero. */
bool age_low_order(const uint8_t point[static AGE_POINT_LEN]);
/* age_point_check: ERR_KEY for low order or a second spelling of a point. */
enum err age_point_check(const uint8_t point[static AGE_POINT_LEN]) MUST_USE;

/* ---- STREAM ---- */

/* age_payload_key (age_wrap.c): from the file key and the payload's nonce. */
void age_payload_key(const uint8_t file_key[static AGE_FILE_KEY_LEN],
    const uint8_t nonce[static AGE_NONCE_LEN],
    uint8_t key[static AGE_KEY_LEN]);

#define AGE_CHUNK_NONCE_LEN	12
/* age_chunk_nonce (age_wrap.c): of chunk number ${i}. */
void age_chunk_nonce(uint64_t i, bool last,
    uint8_t nonce[static AGE_CHUNK_NONCE_LEN]);

struct age_chunk {
	uint64_t number;
	bool last;
};
/*
 * age_chunk_seal (age_writer.c): ${in}, at most AGE_CHUNK_LEN bytes, to
 * in.n + AGE_TAG_LEN bytes at ${out}; the two do not overlap.
 */
void age_chunk_seal(const uint8_t key[static AGE_KEY_LEN],
    struct age_chunk which, struct bytes in, uint8_t *out);

#endif
