/*
 * Text from outside.  Bytes are read by the Unicode Standard's table 3-7;
 * what a person must not be shown as it is stands in hidden[].
 */
#include <string.h>

#include "utf8.h"

/*
 * Characters that are invisible, move the text or speak to a terminal.
 * Variation selectors are left alone: they belong to what stands before them.
 */
static const struct { uint32_t first, last; } hidden[] = {
	{ 0x0000, 0x001f },	/* C0, ESC */
	{ 0x007f, 0x009f },	/* DEL, C1, CSI */
	{ 0x00ad, 0x00ad },	/* soft hyphen */
	{ 0x034f, 0x034f },	/* combining grapheme joiner */
	{ 0x061c, 0x061c },	/* Arabic letter mark */
	{ 0x115f, 0x1160 },	/* Hangul fillers */
	{ 0x17b4, 0x17b5 },	/* Khmer inherent vowels */
	{ 0x180e, 0x180e },	/* Mongolian vowel separator */
	{ 0x200b, 0x200f },	/* zero width, direction marks */
	{ 0x2028, 0x202e },	/* separators, embeddings, overrides */
	{ 0x2060, 0x206f },	/* joiner, isolates, deprecated */
	{ 0x2800, 0x2800 },	/* empty Braille pattern */
	{ 0x3164, 0x3164 },	/* Hangul filler */
	{ 0xfdd0, 0xfdef },	/* not characters */
	{ 0xfeff, 0xfeff },	/* byte order mark */
	{ 0xffa0, 0xffa0 },	/* half-width Hangul filler */
	{ 0xfff0, 0xfffb },	/* interlinear annotation */
	{ 0x1bca0, 0x1bca3 },	/* shorthand controls */
	{ 0x1d173, 0x1d17a },	/* musical controls */
	{ 0xe0000, 0xe00ff },	/* tags */
	{ 0xe01f0, 0xe0fff },	/* invisible by default, unassigned */
};

static const uint16_t spaces[] = {
	0x0020, 0x00a0, 0x1680, 0x2000, 0x2001, 0x2002, 0x2003, 0x2004, 0x2005,
	0x2006, 0x2007, 0x2008, 0x2009, 0x200a, 0x202f, 0x205f, 0x3000,
};

uint32_t
utf8_next(const void *bytes, size_t n, size_t *len)
{
	const uint8_t *p = bytes;
	uint32_t ch, least;
	size_t want, i;

	*len = 1;
	if (p[0] < 0x80)
		return p[0];
	if (p[0] >= 0xc2 && p[0] <= 0xdf) {
		want = 2;
		ch = p[0] & 0x1fu;
		least = 0x80;
	} else if (p[0] >= 0xe0 && p[0] <= 0xef) {
		want = 3;
		ch = p[0] & 0x0fu;
		least = 0x800;
	} else if (p[0] >= 0xf0 && p[0] <= 0xf4) {
		want = 4;
		ch = p[0] & 0x07u;
		least = 0x10000;
	} else {
		return UTF8_BAD;
	}
	if (n < want)
		return UTF8_BAD;
	for (i = 1; i < want; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return UTF8_BAD;
		ch = ch << 6 | (p[i] & 0x3fu);
	}
	if (ch < least || ch > 0x10ffff || (ch >= 0xd800 && ch <= 0xdfff))
		return UTF8_BAD;
	*len = want;
	return ch;
}

bool
utf8_valid(const void *p, size_t n)
{
	const uint8_t *at = p;
	size_t len;
	uint32_t ch;

	for (; n != 0; at += len, n -= len) {
		ch = utf8_next(at, n, &len);
		if (ch == UTF8_BAD || ch == 0)
			return false;
	}
	return true;
}

size_t
utf8_count(const void *p, size_t n)
{
	const uint8_t *at = p;
	size_t i, count = 0;

	for (i = 0; i < n; i++)
		if ((at[i] & 0xc0) != 0x80)
			count++;
	return count;
}

size_t
utf8_cut(const char *text, size_t max)
{
	size_t n = strnlen(text, max);

	if (n < max)
		return n;
	while (max > 0 && ((unsigned char)text[max] & 0xc0) == 0x80)
		max--;
	return max;
}

bool
utf8_space(uint32_t ch)
{
	size_t i;

	if ((ch >= 0x09 && ch <= 0x0d) || ch == 0x85 || ch == 0x2028 ||
	    ch == 0x2029)
		return true;
	for (i = 0; i < sizeof(spaces) / sizeof(spaces[0]); i++)
		if (ch == spaces[i])
			return true;
	return false;
}

bool
utf8_hidden(uint32_t ch)
{
	size_t i;

	if ((ch & 0xfffe) == 0xfffe)
		return true;
	for (i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++)
		if (ch >= hidden[i].first && ch <= hidden[i].last)
			return true;
	return false;
}

static void
show(const uint8_t *p, size_t n, bool one_line, struct buf *out)
{
	size_t len;
	uint32_t ch;

	for (; n != 0; p += len, n -= len) {
		ch = utf8_next(p, n, &len);
		if (ch == UTF8_BAD) {
			buf_printf(out, "<0x%02X>", (unsigned)p[0]);
		} else if (!one_line && (ch == '\n' || ch == '\t')) {
			buf_putc(out, (char)ch);
		} else if (!one_line && ch == '\r' && n > 1 && p[1] == '\n') {
			buf_putc(out, '\n');
			len = 2;
		} else if (utf8_hidden(ch)) {
			buf_printf(out, "<U+%04X>", (unsigned)ch);
		} else {
			buf_put(out, p, len);
		}
	}
}

void
utf8_visible(const void *p, size_t n, struct buf *out)
{
	show(p, n, false, out);
}

void
utf8_visible_line(const void *p, size_t n, struct buf *out)
{
	show(p, n, true, out);
}
