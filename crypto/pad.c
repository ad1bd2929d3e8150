/* Padded sizes: what a stored size may show. */
#include "pad.h"

size_t
pad_manifest(size_t len)
{
	if (len == 0)
		return PAD_MANIFEST_STEP;
	if (len > SIZE_MAX - PAD_MANIFEST_STEP)
		return 0;
	return (len + PAD_MANIFEST_STEP - 1) / PAD_MANIFEST_STEP *
	    PAD_MANIFEST_STEP;
}

/* floor(log2(v)), v > 0. */
static unsigned
log2_floor(uint64_t v)
{
	return 63u - (unsigned)__builtin_clzll(v);
}

uint64_t
pad_file(uint64_t len)
{
	uint64_t mask;
	unsigned e, s;

	if (len > PAD_FILE_MAX)
		return 0;
	if (len <= PAD_FILE_MIN)
		return PAD_FILE_MIN;
	/*
	 * Of the e bits below the first, the upper s carry a value and the
	 * rest are rounded up: O(log log len) of the size is left to see.
	 */
	e = log2_floor(len);
	s = log2_floor(e) + 1;
	mask = (UINT64_C(1) << (e - s)) - 1;
	return (len + mask) & ~mask;
}
