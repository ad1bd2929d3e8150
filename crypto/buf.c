/* The growing buffer for building. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "crypto.h"

#define BUF_FIRST	256	/* first allocation, unless max is less */

void
buf_init(struct buf *b, size_t max)
{
	*b = (struct buf){ .max = max };
}

void
buf_done(struct buf *b)
{
	wipe(b->data, b->cap);
	free(b->data);
	buf_init(b, b->max);
}

void
buf_reset(struct buf *b)
{
	wipe(b->data, b->cap);
	b->len = 0;
	b->err = ERR_OK;
}

static void
refused(struct buf *b)
{
	if (b->err == ERR_OK)
		b->err = ERR_SYS;
	memory_refused();
}

/*
 * Room for ${n} more bytes and a NUL behind them; where they go, or NULL
 * with the failure noted.  The NUL is not counted in the maximum.
 */
static uint8_t *
room(struct buf *b, size_t n)
{
	uint8_t *data;
	size_t cap;

	if (b->err != ERR_OK)
		return NULL;
	if (n > b->max - b->len || b->max == SIZE_MAX) {
		b->err = ERR_RANGE;
		return NULL;
	}
	if (b->data != NULL && n < b->cap - b->len)
		return b->data + b->len;

	cap = b->cap == 0 ? BUF_FIRST : b->cap;
	while (cap - b->len <= n) {
		if (cap > b->max / 2) {
			cap = b->max + 1;
			break;
		}
		cap *= 2;
	}
	/* Not realloc: it would leave a copy of the content behind. */
	if ((data = malloc(cap)) == NULL) {
		refused(b);
		return NULL;
	}
	if (b->len > 0)
		memcpy(data, b->data, b->len);
	wipe(b->data, b->cap);
	free(b->data);
	b->data = data;
	b->cap = cap;
	return b->data + b->len;
}

void
buf_put(struct buf *b, const void *p, size_t n)
{
	uint8_t *to;

	if ((to = room(b, n)) == NULL)
		return;
	if (n > 0)
		memcpy(to, p, n);
	b->len += n;
}

void
buf_puts(struct buf *b, const char *s)
{
	buf_put(b, s, strlen(s));
}

void
buf_puts_filled(struct buf *b, const char *s, const char *const arg[2])
{
	const char *brace;

	while ((brace = strchr(s, '{')) != NULL) {
		buf_put(b, s, (size_t)(brace - s));
		s = brace + 1;
		if ((*s != '1' && *s != '2') || s[1] != '}') {
			buf_putc(b, '{');
			continue;
		}
		if (arg[*s - '1'] != NULL)
			buf_puts(b, arg[*s - '1']);
		s += 2;
	}
	buf_puts(b, s);
}

void
buf_putc(struct buf *b, char c)
{
	buf_put(b, &c, 1);
}

void
buf_fill(struct buf *b, uint8_t c, size_t n)
{
	uint8_t *to;

	if ((to = room(b, n)) == NULL)
		return;
	memset(to, c, n);
	b->len += n;
}

void
buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	uint8_t *to;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0) {
		refused(b);
		return;
	}
	if ((to = room(b, (size_t)n)) == NULL)
		return;
	va_start(ap, fmt);
	(void)vsnprintf((char *)to, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->len += (size_t)n;
}

void
buf_u8(struct buf *b, uint8_t v)
{
	buf_put(b, &v, 1);
}

void
buf_u16(struct buf *b, uint16_t v)
{
	uint8_t be[2] = { (uint8_t)(v >> 8), (uint8_t)v };

	buf_put(b, be, sizeof(be));
}

void
buf_u32(struct buf *b, uint32_t v)
{
	uint8_t be[4];
	int i;

	for (i = 3; i >= 0; i--, v >>= 8)
		be[i] = (uint8_t)v;
	buf_put(b, be, sizeof(be));
}

void
buf_u64(struct buf *b, uint64_t v)
{
	uint8_t be[8];
	int i;

	for (i = 7; i >= 0; i--, v >>= 8)
		be[i] = (uint8_t)v;
	buf_put(b, be, sizeof(be));
}

void
buf_blob(struct buf *b, const void *p, size_t n)
{
	uint8_t *to;

	/* Both or nothing: look for room for the whole before the length. */
	if (n > UINT32_MAX || n > SIZE_MAX - 4) {
		if (b->err == ERR_OK)
			b->err = ERR_RANGE;
		return;
	}
	if ((to = room(b, n + 4)) == NULL)
		return;
	buf_u32(b, (uint32_t)n);
	buf_put(b, p, n);
}

void
buf_base64(struct buf *b, const void *p, size_t n)
{
	uint8_t *to;

	if (n > SIZE_MAX / 2) {
		if (b->err == ERR_OK)
			b->err = ERR_RANGE;
		return;
	}
	if ((to = room(b, BASE64_LEN(n))) == NULL)
		return;
	base64_encode(p, n, BASE64_PADDED, (char *)to);
	b->len += BASE64_LEN(n);
}

void
buf_hex(struct buf *b, const void *p, size_t n)
{
	uint8_t *to;

	if (n > SIZE_MAX / 2) {
		if (b->err == ERR_OK)
			b->err = ERR_RANGE;
		return;
	}
	if ((to = room(b, HEX_LEN(n))) == NULL)
		return;
	hex_encode(p, n, (char *)to);
	b->len += HEX_LEN(n);
}

enum err
buf_err(const struct buf *b)
{
	return b->err;
}

const char *
buf_text(struct buf *b)
{
	uint8_t *end;

	if ((end = room(b, 0)) == NULL)
		return "";
	*end = '\0';
	return (const char *)b->data;
}

void
text_copy(char *out, size_t size, const char *s)
{
	size_t n = strlen(s);

	assert(n < size);
	memcpy(out, s, n + 1);
}
