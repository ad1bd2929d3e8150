#ifndef BECH32_H
#define BECH32_H
/* Bech32 (BIP 173) as age uses it: no length limit, keys of fixed size. */
#include <stddef.h>
#include <stdint.h>

#include "err.h"

#define BECH32_DATA_MAX	32	/* bytes of a key */
/* Characters: the human-readable part, "1", data and checksum. */
#define BECH32_LEN(hrp_len, n)	((hrp_len) + 1 + ((n) * 8 + 4) / 5 + 6)

/*
 * bech32_encode(hrp, p, n, out): the text of ${n} bytes, with a NUL, in the
 * case of ${hrp}.  ${n} is at most BECH32_DATA_MAX.
 */
void bech32_encode(const char *hrp, const uint8_t *p, size_t n, char *out);
/*
 * bech32_decode(text, hrp, out, n): exactly ${n} bytes from a text with just
 * this human-readable part, all of it in the case of ${hrp}.
 * Fails: ERR_KEY.
 */
enum err bech32_decode(const char *text, const char *hrp, uint8_t *out,
    size_t n) MUST_USE;

#endif
