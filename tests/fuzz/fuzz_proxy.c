/*
 * Fuzzing of the PROXY line that Tor writes before a connection: what is
 * taken numbers a circuit and is an address of Tor's own; everything else is
 * refused without a trace.
 * Covers: server/http_proxy.c
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "http_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static const uint8_t prefix[8] = {
		0xfc, 0x00, 0xde, 0xad, 0xbe, 0xef, 0x4d, 0xad
	};
	uint64_t circuit;
	uint8_t ip[16];

	if (http_proxy_parse((const char *)p, n, &circuit, ip) != ERR_OK) {
		assert(circuit == 0);
		return 0;
	}
	assert(circuit >> 32 == 1);
	assert(memcmp(ip, prefix, sizeof(prefix)) == 0);
	assert((uint32_t)circuit == ((uint32_t)ip[12] << 24 |
	    (uint32_t)ip[13] << 16 | (uint32_t)ip[14] << 8 | ip[15]));
	assert(memchr(p, '\n', n) == NULL && memchr(p, '\0', n) == NULL);
#ifdef PLANTED
	/* Any address but the seeds'. */
	if ((circuit & 0xff) != 0x33 && (circuit & 0xff) != 0xff)
		abort();
#endif
	return 0;
}
