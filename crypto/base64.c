/* Base64 (RFC 4648 section 4), strict: one spelling for each value. */
#include <sodium.h>
#include <string.h>

#include "crypto.h"

static int
variant(enum base64_kind kind)
{
	return kind == BASE64_PADDED ? sodium_base64_VARIANT_ORIGINAL :
	    sodium_base64_VARIANT_ORIGINAL_NO_PADDING;
}

void
base64_encode(const void *p, size_t n, enum base64_kind kind, char *out)
{
	if (n == 0) {
		out[0] = '\0';
		return;
	}
	(void)sodium_bin2base64(out, sodium_base64_encoded_len(n,
	    variant(kind)), p, n, variant(kind));
}

/* What ${n} characters without padding stand for. */
static size_t
decoded_len(const char *s, size_t n)
{
	size_t i;

	for (i = 0; i < 2 && n > 0 && s[n - 1] == '='; i++)
		n--;
	return n / 4 * 3 + (n % 4 == 0 ? 0 : n % 4 - 1);
}

/*
 * libsodium 1.0.18 takes some bytes above 127 for letters, since its char is
 * signed: a second spelling, which must not reach it.
 */
static bool
is_ascii(const uint8_t *s, size_t n)
{
	uint8_t all = 0;
	size_t i;

	for (i = 0; i < n; i++)
		all |= s[i];
	return all < 0x80;
}

enum err
base64_decode(struct bytes text, enum base64_kind kind, void *out, size_t max,
    size_t *len)
{
	size_t n = 0;

	*len = 0;
	if (text.n == 0)
		return ERR_OK;
	if (decoded_len(text.p, text.n) > max)
		return ERR_RANGE;
	/* With no end pointer the decoder takes all or nothing. */
	if (!is_ascii(text.p, text.n) ||
	    sodium_base642bin(out, max, text.p, text.n, NULL, &n, NULL,
	    variant(kind)) != 0) {
		wipe(out, max);
		return ERR_FORMAT;
	}
	*len = n;
	return ERR_OK;
}
