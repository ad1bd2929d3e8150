/* What every sealed thing is: ciphertext and its length. */
#include <stdlib.h>

#include "sealed_internal.h"

struct sealed *
sealed_new(size_t len)
{
	struct sealed *s;

	if (len > SIZE_MAX - sizeof(*s))
		return NULL;
	if ((s = malloc(sizeof(*s) + len)) != NULL)
		s->len = len;
	return s;
}

const uint8_t *
sealed_bytes(const struct sealed *s)
{
	return s->bytes;
}

size_t
sealed_len(const struct sealed *s)
{
	return s->len;
}

void
sealed_free(struct sealed *s)
{
	free(s);
}
