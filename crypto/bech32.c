/*
 * Bech32 (BIP 173), both ways.
 *
 *	hrp "1" data[ceil(8n/5)] checksum[6]
 *
 * The checksum runs over the lower-case form.  Leftover bits are zero.
 */
#include <assert.h>
#include <string.h>

#include "bech32.h"
#include "crypto.h"

#define GROUPS(n)	(((n) * 8 + 4) / 5)	/* five-bit groups of n bytes */
#define GROUPS_MAX	GROUPS((size_t)BECH32_DATA_MAX)
#define CHECK_LEN	6

static const char charset[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static char
upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c & ~0x20) : c;
}

static bool
is_upper(const char *hrp)
{
	return hrp[0] >= 'A' && hrp[0] <= 'Z';
}

static uint32_t
step(uint32_t check, uint8_t v)
{
	static const uint32_t generator[5] = { 0x3b6a57b2, 0x26508e6d,
		0x1ea119fa, 0x3d4233dd, 0x2a1462b3 };
	uint32_t top = check >> 25;
	unsigned i;

	check = (check & 0x1ffffff) << 5 ^ v;
	for (i = 0; i < 5; i++)
		if (top >> i & 1)
			check ^= generator[i];
	return check;
}

/* The checksum's state after the human-readable part and ${n} groups. */
static uint32_t
checksum(const char *hrp, const uint8_t *group, size_t n)
{
	uint32_t check = 1;
	size_t i;

	for (i = 0; hrp[i] != '\0'; i++)
		check = step(check, (uint8_t)lower(hrp[i]) >> 5);
	check = step(check, 0);
	for (i = 0; hrp[i] != '\0'; i++)
		check = step(check, (uint8_t)lower(hrp[i]) & 31);
	for (i = 0; i < n; i++)
		check = step(check, group[i]);
	return check;
}

void
bech32_encode(const char *hrp, const uint8_t *p, size_t n, char *out)
{
	uint8_t group[GROUPS_MAX + CHECK_LEN] = { 0 };
	size_t n_groups = GROUPS(n), i;
	uint32_t check;
	unsigned k;

	assert(n <= BECH32_DATA_MAX);
	for (i = 0; i < n * 8; i++)
		group[i / 5] |= (uint8_t)((p[i / 8] >> (7 - i % 8) & 1)
		    << (4 - i % 5));
	/* Six zero groups stand for the checksum to come. */
	check = checksum(hrp, group, n_groups + CHECK_LEN) ^ 1;
	for (k = 0; k < CHECK_LEN; k++)
		group[n_groups + k] = (uint8_t)(check >> (5 * (5 - k)) & 31);

	i = strlen(hrp);
	memcpy(out, hrp, i);
	out += i;
	*out++ = '1';
	for (i = 0; i < n_groups + CHECK_LEN; i++)
		*out++ = is_upper(hrp) ? upper(charset[group[i]]) :
		    charset[group[i]];
	*out = '\0';
	wipe(group, sizeof(group));
}

/* The group that a character stands for, -1 if it is not in this case. */
static int
group_of(char c, bool in_upper)
{
	const char *at;

	if (c == '\0' || c != (in_upper ? upper(c) : lower(c)))
		return -1;
	at = strchr(charset, lower(c));
	return at == NULL ? -1 : (int)(at - charset);
}

enum err
bech32_decode(const char *text, const char *hrp, uint8_t *out, size_t n)
{
	uint8_t group[GROUPS_MAX + CHECK_LEN];
	size_t hrp_len = strlen(hrp), n_groups = GROUPS(n), i;
	enum err e = ERR_KEY;
	int v;

	assert(n <= BECH32_DATA_MAX);
	memset(out, 0, n);
	if (strlen(text) != BECH32_LEN(hrp_len, n) ||
	    memcmp(text, hrp, hrp_len) != 0 || text[hrp_len] != '1')
		return ERR_KEY;
	for (i = 0; i < n_groups + CHECK_LEN; i++) {
		v = group_of(text[hrp_len + 1 + i], is_upper(hrp));
		if (v < 0)
			goto out;
		group[i] = (uint8_t)v;
	}
	if (checksum(hrp, group, n_groups + CHECK_LEN) != 1)
		goto out;
	for (i = n * 8; i < n_groups * 5; i++)
		if (group[i / 5] >> (4 - i % 5) & 1)
			goto out;
	for (i = 0; i < n * 8; i++)
		out[i / 8] |= (uint8_t)((group[i / 5] >> (4 - i % 5) & 1)
		    << (7 - i % 8));
	e = ERR_OK;
out:
	wipe(group, sizeof(group));
	return e;
}
