#ifndef SIGN_H
#define SIGN_H
/* Ed25519 (RFC 8032): signatures of people, of the log and of the answers. */
#include <stddef.h>
#include <stdint.h>

#include "err.h"

#define SIGN_SEED_LEN	32
#define SIGN_PUBLIC_LEN	32
#define SIGN_LEN	64

/* sign_public(seed, public): the public key of a seed. */
void sign_public(const uint8_t seed[static SIGN_SEED_LEN],
    uint8_t public[static SIGN_PUBLIC_LEN]);
/* sign_bytes(seed, p, n, sig): a detached signature over ${n} bytes. */
void sign_bytes(const uint8_t seed[static SIGN_SEED_LEN], const void *p,
    size_t n, uint8_t sig[static SIGN_LEN]);
/* sign_verify: ERR_OK, or ERR_MAC (small-order keys and points included). */
enum err sign_verify(const uint8_t public[static SIGN_PUBLIC_LEN],
    const void *p, size_t n, const uint8_t sig[static SIGN_LEN]) MUST_USE;
/* sign_key_check(public): ERR_KEY unless a point of the main subgroup. */
enum err sign_key_check(const uint8_t public[static SIGN_PUBLIC_LEN]) MUST_USE;

#endif
