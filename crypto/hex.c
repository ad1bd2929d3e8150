/* Hexadecimal, lower case only. */
#include "crypto.h"

void
hex_encode(const void *p, size_t n, char *out)
{
	static const char digit[] = "0123456789abcdef";
	const uint8_t *b = p;
	size_t i;

	for (i = 0; i < n; i++) {
		out[2 * i] = digit[b[i] >> 4];
		out[2 * i + 1] = digit[b[i] & 15];
	}
	out[2 * n] = '\0';
}

/* The value of a digit, -1 for anything else. */
static int
value(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

enum err
hex_decode(struct bytes text, void *out, size_t n)
{
	const uint8_t *s = text.p;
	uint8_t *o = out;
	size_t i;
	int hi, lo;

	if (text.n % 2 != 0 || text.n / 2 != n)
		goto bad;
	for (i = 0; i < n; i++) {
		hi = value(s[2 * i]);
		lo = value(s[2 * i + 1]);
		if (hi < 0 || lo < 0)
			goto bad;
		o[i] = (uint8_t)(hi << 4 | lo);
	}
	return ERR_OK;
bad:
	wipe(out, n);
	return ERR_FORMAT;
}
