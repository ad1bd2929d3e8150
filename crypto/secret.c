/* Long-lived secrets in guarded memory. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "crypto.h"
#include "secret.h"

enum err
secret_new(size_t len, struct secret **out)
{
	struct secret *s;

	*out = NULL;
	if ((s = malloc(sizeof(*s))) == NULL)
		return ERR_SYS;
	/*
	 * sodium_malloc locks what it can and does not say when the limit is
	 * reached: the limit is checked once, at the program's start.
	 */
	if ((s->bytes = sodium_malloc(len)) == NULL) {
		free(s);
		return ERR_SYS;
	}
	s->len = len;
	wipe(s->bytes, len);
	*out = s;
	return ERR_OK;
}

enum err
secret_of(const void *bytes, size_t len, struct secret **out)
{
	enum err e;

	if ((e = secret_new(len, out)) != ERR_OK)
		return e;
	if (len > 0)
		memcpy((*out)->bytes, bytes, len);
	return ERR_OK;
}

void
secret_free(struct secret *s)
{
	if (s == NULL)
		return;
	sodium_free(s->bytes);	/* wipes */
	free(s);
}
