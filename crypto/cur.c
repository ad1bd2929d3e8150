/* The cursor for parsing. */
#include <string.h>

#include "buf.h"

struct cur
cur_over(const void *p, size_t n)
{
	static const uint8_t nothing[1];

	/* Never NULL, so that NULL from cur_take always means failure. */
	return (struct cur){ .p = n == 0 ? nothing : p, .left = n };
}

const uint8_t *
cur_take(struct cur *c, size_t n)
{
	const uint8_t *p = c->p;

	if (c->bad || n > c->left) {
		c->bad = true;
		return NULL;
	}
	c->p += n;
	c->left -= n;
	return p;
}

/* ${n} bytes, big-endian; 0 on failure. */
static uint64_t
number(struct cur *c, size_t n)
{
	const uint8_t *p;
	uint64_t v = 0;
	size_t i;

	if ((p = cur_take(c, n)) == NULL)
		return 0;
	for (i = 0; i < n; i++)
		v = v << 8 | p[i];
	return v;
}

uint8_t
cur_u8(struct cur *c)
{
	return (uint8_t)number(c, 1);
}

uint16_t
cur_u16(struct cur *c)
{
	return (uint16_t)number(c, 2);
}

uint32_t
cur_u32(struct cur *c)
{
	return (uint32_t)number(c, 4);
}

uint64_t
cur_u64(struct cur *c)
{
	return number(c, 8);
}

void
cur_copy(struct cur *c, void *out, size_t n)
{
	const uint8_t *p;

	if ((p = cur_take(c, n)) != NULL)
		memcpy(out, p, n);
	else
		memset(out, 0, n);
}

const uint8_t *
cur_blob(struct cur *c, size_t *n)
{
	const uint8_t *p;
	size_t len;

	*n = 0;
	len = cur_u32(c);
	if ((p = cur_take(c, len)) != NULL)
		*n = len;
	return p;
}

const char *
cur_line(struct cur *c, size_t *n)
{
	const uint8_t *p = c->p, *lf;

	*n = 0;
	if (c->bad || (lf = memchr(p, '\n', c->left)) == NULL) {
		c->bad = true;
		return NULL;
	}
	*n = (size_t)(lf - p);
	c->p += *n + 1;
	c->left -= *n + 1;
	return (const char *)p;
}

enum err
cur_end(const struct cur *c)
{
	return c->bad || c->left > 0 ? ERR_FORMAT : ERR_OK;
}
