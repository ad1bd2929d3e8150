/*
 * Lines "KEY VALUE" LF: the parts that actions, events, rosters and key files
 * are read and written with.
 */
#include <inttypes.h>
#include <string.h>

#include "event.h"
#include "line.h"

bool
line_is(struct bytes text, const char *s)
{
	return text.n == strlen(s) && memcmp(text.p, s, text.n) == 0;
}

bool
line_take(struct cur *c, const char *key, struct bytes *value)
{
	struct cur probe = *c;
	size_t n, len = strlen(key);
	const char *line;

	value->p = "";
	value->n = 0;
	line = cur_line(&probe, &n);
	if (line == NULL || n <= len || memcmp(line, key, len) != 0 ||
	    line[len] != ' ')
		return false;
	value->p = line + len + 1;
	value->n = n - len - 1;
	*c = probe;
	return true;
}

bool
line_word(struct bytes *rest, struct bytes *word)
{
	const char *p = rest->p, *end;

	word->p = "";
	word->n = 0;
	if (rest->n == 0)
		return false;
	end = memchr(p, ' ', rest->n);
	if (end == NULL) {
		*word = *rest;
		rest->n = 0;
		return true;
	}
	/* A space that ends the line would be a second spelling. */
	if (end == p || (size_t)(end - p) + 1 == rest->n)
		return false;
	word->p = p;
	word->n = (size_t)(end - p);
	rest->p = end + 1;
	rest->n -= word->n + 1;
	return true;
}

int
line_order(struct bytes a, struct bytes b)
{
	int d = memcmp(a.p, b.p, a.n < b.n ? a.n : b.n);

	if (d != 0)
		return d;
	return a.n < b.n ? -1 : a.n > b.n;
}

enum err
line_text(struct bytes text, char *out, size_t size)
{
	memset(out, 0, size);
	if (text.n >= size)
		return ERR_RANGE;
	if (text.n != 0 && memchr(text.p, '\0', text.n) != NULL)
		return ERR_FORMAT;
	if (text.n != 0)
		memcpy(out, text.p, text.n);
	return ERR_OK;
}

enum err
line_decimal(struct bytes text, uint64_t *out)
{
	const char *p = text.p;
	uint64_t v = 0, digit;
	size_t i;

	*out = 0;
	if (text.n == 0 || (text.n > 1 && p[0] == '0'))
		return ERR_FORMAT;
	for (i = 0; i < text.n; i++) {
		if (p[i] < '0' || p[i] > '9')
			return ERR_FORMAT;
		digit = (uint64_t)(p[i] - '0');
		if (v > ((uint64_t)LINE_DECIMAL_MAX - digit) / 10)
			return ERR_RANGE;
		v = v * 10 + digit;
	}
	*out = v;
	return ERR_OK;
}

bool
line_origin_valid(const char *origin)
{
	size_t i;

	for (i = 0; origin[i] != '\0'; i++)
		if (i == ORIGIN_MAX || origin[i] <= 0x20 ||
		    origin[i] > 0x7e || origin[i] == '+')
			return false;
	return i > 0;
}

enum err
line_head(struct cur *c, const char *label, char *origin)
{
	size_t n, len = strlen(label);
	const char *line = cur_line(c, &n);
	struct bytes rest;
	enum err e;

	memset(origin, 0, ORIGIN_MAX + 1);
	/* All but the number of the version. */
	if (line == NULL || n < len || memcmp(line, label, len - 1) != 0)
		return ERR_FORMAT;
	if (n == len || line[len - 1] != label[len - 1] || line[len] != ' ')
		return ERR_VERSION;
	rest.p = line + len + 1;
	rest.n = n - len - 1;
	e = line_text(rest, origin, ORIGIN_MAX + 1);
	if (e == ERR_OK && !line_origin_valid(origin))
		e = ERR_FORMAT;
	if (e != ERR_OK)
		memset(origin, 0, ORIGIN_MAX + 1);
	return e;
}

void
line_put_hex(struct buf *out, const char *key, const void *p, size_t n)
{
	buf_puts(out, key);
	buf_putc(out, ' ');
	buf_hex(out, p, n);
	buf_putc(out, '\n');
}

void
line_put_decimal(struct buf *out, const char *key, uint64_t v)
{
	buf_printf(out, "%s %" PRIu64 "\n", key, v);
}
