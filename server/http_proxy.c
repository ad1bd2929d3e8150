/*
 * The line that Tor writes before each connection of an onion service
 * (HiddenServiceExportCircuitID haproxy); the syntax is HAProxy's PROXY
 * protocol, version 1.  The address is made up: its last 32 bits number the
 * circuit.
 */
#include <arpa/inet.h>
#include <string.h>

#include "http_internal.h"

#define ADDRESS_MAX	45

/* The next word, up to a space or the end, in ${out}. */
static bool
word(struct cur *c, char *out, size_t max)
{
	size_t n = 0;

	while (n < c->left && c->p[n] != ' ')
		n++;
	if (n == 0 || n >= max)
		return false;
	memcpy(out, c->p, n);
	out[n] = '\0';
	c->p += n;
	c->left -= n;
	return strlen(out) == n;
}

static bool
literal(struct cur *c, const char *text)
{
	size_t n = strlen(text);

	if (c->left < n || memcmp(c->p, text, n) != 0)
		return false;
	c->p += n;
	c->left -= n;
	return true;
}

static bool
port(struct cur *c)
{
	char text[6];
	unsigned v = 0;
	const char *p;

	if (!word(c, text, sizeof(text)))
		return false;
	for (p = text; *p != '\0'; p++) {
		if (*p < '0' || *p > '9' || (*p == '0' && p == text && p[1]))
			return false;
		v = v * 10 + (unsigned)(*p - '0');
	}
	return v <= UINT16_MAX;
}

enum err
http_proxy_parse(const char *line, size_t n, uint64_t *circuit,
    uint8_t ip[static 16])
{
	static const uint8_t prefix[12] = {
		0xfc, 0x00, 0xde, 0xad, 0xbe, 0xef, 0x4d, 0xad
	};
	struct cur c = cur_over(line, n);
	char address[ADDRESS_MAX + 1];

	*circuit = 0;
	if (!literal(&c, "PROXY TCP6 ") ||
	    !word(&c, address, sizeof(address)) ||
	    inet_pton(AF_INET6, address, ip) != 1 ||
	    memcmp(ip, prefix, sizeof(prefix)) != 0 ||
	    !literal(&c, " ::1 ") || !port(&c) || !literal(&c, " ") ||
	    !port(&c) || cur_end(&c) != ERR_OK)
		return ERR_FORMAT;
	/* The mark above the 32 bits keeps 0 for "not behind Tor". */
	*circuit = (uint64_t)1 << 32 | (uint64_t)ip[12] << 24 |
	    (uint64_t)ip[13] << 16 | (uint64_t)ip[14] << 8 | ip[15];
	return ERR_OK;
}
