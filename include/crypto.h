#ifndef CRYPTO_H
#define CRYPTO_H
/*
 * The small door to libsodium: start, randomness, wiping, comparing, hashing,
 * codecs.  crypto/ is the one room that includes sodium.h and argon2.h.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"

#define SHA256_LEN	32
#define BLAKE2B_LEN	32	/* BLAKE2b-256 */
#define HMAC_LEN	32

/* crypto_init(): start libsodium.  Call once, before threads.  Fails: ERR_SYS. */
enum err crypto_init(void) MUST_USE;

/*
 * rand_bytes(out, n): the one door of randomness.
 * Tests replace it by a counter with rand_replace (vectors must repeat).
 * Threads: safe; rand_replace is for single-threaded tests only.
 */
void rand_bytes(void *out, size_t n);
/* rand_below(n): uniform in 0 .. n-1, n > 0. */
uint32_t rand_below(uint32_t n);
void rand_replace(void (*fill)(void *out, size_t n));	/* NULL: the real one */

/* wipe(p, n): zero ${n} bytes; never optimised away. */
void wipe(void *p, size_t n);
/* ct_equal(a, b, n): equality in a time that depends on ${n} alone. */
bool ct_equal(const void *a, const void *b, size_t n);

/* One-shot SHA-256 (FIPS 180-4). */
void sha256(const void *p, size_t n, uint8_t out[static SHA256_LEN]);
/* The same while the bytes arrive: a file's digest as courts ask for it. */
struct sha256 { _Alignas(16) uint8_t opaque[112]; };
void sha256_init(struct sha256 *s);
void sha256_update(struct sha256 *s, const void *p, size_t n);
void sha256_final(struct sha256 *s, uint8_t out[static SHA256_LEN]);

/* Incremental BLAKE2b-256 (RFC 7693), the digest of an object's payload. */
struct blake2b { _Alignas(16) uint8_t opaque[384]; };
void blake2b_init(struct blake2b *s);
void blake2b_update(struct blake2b *s, const void *p, size_t n);
void blake2b_final(struct blake2b *s, uint8_t out[static BLAKE2B_LEN]);
/* One-shot BLAKE2b-256; ${key} of 32 bytes, or NULL for the plain hash. */
void blake2b(const uint8_t *key, const void *p, size_t n,
    uint8_t out[static BLAKE2B_LEN]);

/* Incremental HMAC-SHA256 (RFC 2104); any key length. */
struct hmac { _Alignas(16) uint8_t opaque[208]; };
void hmac_init(struct hmac *s, const void *key, size_t n);
void hmac_update(struct hmac *s, const void *p, size_t n);
void hmac_final(struct hmac *s, uint8_t out[static HMAC_LEN]);

/*
 * hkdf(out, out_len, ikm, ikm_len, info): HKDF-SHA256 with an empty salt
 * (RFC 5869).  ${out_len} at most 255*32; ${info} is text, its NUL not used.
 * hkdf_salt: the same with a salt and with an info of bytes.
 */
void hkdf(void *out, size_t out_len, const void *ikm, size_t ikm_len,
    const char *info);
struct bytes { const void *p; size_t n; };
void hkdf_salt(void *out, size_t out_len, struct bytes ikm, struct bytes salt,
    struct bytes info);

/*
 * Codecs.  Decoders are strict: one spelling a value, they end exactly.
 * base64_*: RFC 4648 section 4.  hex: lower case only.
 * Fails: ERR_FORMAT (characters, padding, trailing bits, length),
 * ERR_RANGE if more than ${max} bytes would come out.
 */
enum base64_kind { BASE64_PADDED, BASE64_BARE };
#define BASE64_LEN(n)	(((n) + 2) / 3 * 4)		/* with padding */
void base64_encode(const void *p, size_t n, enum base64_kind kind,
    char *out /* BASE64_LEN(n) + 1 */);
enum err base64_decode(struct bytes text, enum base64_kind kind,
    void *out, size_t max, size_t *len) MUST_USE;
#define HEX_LEN(n)	((n) * 2)
void hex_encode(const void *p, size_t n, char *out /* HEX_LEN(n) + 1 */);
/* hex_decode(text, out, n): exactly ${n} bytes from exactly 2n digits. */
enum err hex_decode(struct bytes text, void *out, size_t n) MUST_USE;

#endif
