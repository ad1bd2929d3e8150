/* Ed25519 (RFC 8032). */
#include <assert.h>
#include <sodium.h>

#include "crypto.h"
#include "sign.h"

static_assert(SIGN_SEED_LEN == crypto_sign_SEEDBYTES, "seed");
static_assert(SIGN_PUBLIC_LEN == crypto_sign_PUBLICKEYBYTES, "public key");
static_assert(SIGN_LEN == crypto_sign_BYTES, "signature");

void
sign_public(const uint8_t seed[static SIGN_SEED_LEN],
    uint8_t public[static SIGN_PUBLIC_LEN])
{
	uint8_t sk[crypto_sign_SECRETKEYBYTES];

	(void)crypto_sign_seed_keypair(public, sk, seed);
	wipe(sk, sizeof(sk));
}

void
sign_bytes(const uint8_t seed[static SIGN_SEED_LEN], const void *p, size_t n,
    uint8_t sig[static SIGN_LEN])
{
	uint8_t sk[crypto_sign_SECRETKEYBYTES], pk[SIGN_PUBLIC_LEN];

	(void)crypto_sign_seed_keypair(pk, sk, seed);
	(void)crypto_sign_detached(sig, NULL, n == 0 ? pk : p, n, sk);
	wipe(sk, sizeof(sk));
}

enum err
sign_verify(const uint8_t public[static SIGN_PUBLIC_LEN], const void *p,
    size_t n, const uint8_t sig[static SIGN_LEN])
{
	return crypto_sign_verify_detached(sig, n == 0 ? public : p, n,
	    public) == 0 ? ERR_OK : ERR_MAC;
}

enum err
sign_key_check(const uint8_t public[static SIGN_PUBLIC_LEN])
{
	return crypto_core_ed25519_is_valid_point(public) == 1 ? ERR_OK :
	    ERR_KEY;
}
