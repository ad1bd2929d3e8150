#ifndef SECRET_H
#define SECRET_H
/*
 * Secrets that live longer than one call: guarded, locked memory
 * (sodium_malloc), wiped when freed.  Each takes whole pages: keep few.
 */
#include <stddef.h>
#include <stdint.h>

#include "err.h"

struct secret {
	uint8_t *bytes;
	size_t len;
};

/* secret_new(len, out): ${len} zero bytes.  Fails: ERR_SYS. */
enum err secret_new(size_t len, struct secret **out) MUST_USE;
/* secret_of(bytes, len, out): a copy of ${bytes}.  Fails: ERR_SYS. */
enum err secret_of(const void *bytes, size_t len, struct secret **out)
    MUST_USE;
void secret_free(struct secret *s);

#endif
