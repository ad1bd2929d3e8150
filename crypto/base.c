/* Start, randomness, wiping, comparing: the door to libsodium. */
#include <assert.h>
#include <sodium.h>

#include "crypto.h"

static void (*fill_replaced)(void *out, size_t n);

enum err
crypto_init(void)
{
	/* sodium_init is 1 when it was done before: good as well. */
	return sodium_init() < 0 ? ERR_SYS : ERR_OK;
}

void
rand_bytes(void *out, size_t n)
{
	if (n == 0)
		return;
	if (fill_replaced != NULL)
		fill_replaced(out, n);
	else
		randombytes_buf(out, n);
}

uint32_t
rand_below(uint32_t n)
{
	uint32_t v, skip;

	assert(n > 0);
	/*
	 * 2^32 mod n values at the bottom would make small results more
	 * likely: draw again.
	 */
	skip = (UINT32_MAX - n + 1) % n;
	do {
		rand_bytes(&v, sizeof(v));
	} while (v < skip);
	return v % n;
}

void
rand_replace(void (*fill)(void *out, size_t n))
{
	fill_replaced = fill;
}

void
wipe(void *p, size_t n)
{
	if (n > 0)
		sodium_memzero(p, n);
}

bool
ct_equal(const void *a, const void *b, size_t n)
{
	return n == 0 || sodium_memcmp(a, b, n) == 0;
}
