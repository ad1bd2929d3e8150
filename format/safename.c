/*
 * A file name that is safe on every system, made from what a stranger called
 * a file: "NN-STEM.EXT", at most 100 bytes.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "utf8.h"

#define NAME_MAX_LEN	100
#define EXT_MAX		16	/* bytes, with its dot */
#define SCRATCH		1024	/* of the name, more than can be kept */

static const char *const reserved[] = { "con", "prn", "aux", "nul", "conin$",
	"conout$", "clock$" };

static bool
kept(uint32_t ch)
{
	if (ch < 0x80)
		return (ch >= '0' && ch <= '9') || (ch >= 'A' && ch <= 'Z') ||
		    (ch >= 'a' && ch <= 'z') || ch == '.' || ch == '-' ||
		    ch == '_';
	return ch != UTF8_BAD && !utf8_hidden(ch) && !utf8_space(ch);
}

/* The last component, cleaned, as far as it fits. */
static size_t
clean(const uint8_t *p, size_t n, char out[static SCRATCH])
{
	size_t i, len, have = 0;
	uint32_t ch;

	for (i = n; i > 0; i--)
		if (p[i - 1] == '/' || p[i - 1] == '\\')
			break;
	p += i;
	n -= i;
	/* Of an endless name the end is kept: the extension stands there. */
	if (n >= SCRATCH) {
		p += n - (SCRATCH - 1);
		n = SCRATCH - 1;
	}
	for (; n != 0; p += len, n -= len) {
		ch = utf8_next(p, n, &len);
		if (have == 0 && (ch == '.' || ch == '-'))
			continue;
		memcpy(out + have, kept(ch) ? (const char *)p : "_",
		    kept(ch) ? len : 1);
		have += kept(ch) ? len : 1;
	}
	while (have != 0 && out[have - 1] == '.')
		have--;
	out[have] = '\0';
	return have;
}

static bool
is_reserved(const char *name)
{
	size_t i, n = strcspn(name, ".");

	for (i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++)
		if (n == strlen(reserved[i]) &&
		    strncasecmp(name, reserved[i], n) == 0)
			return true;
	return n == 4 && name[3] >= '0' && name[3] <= '9' &&
	    (strncasecmp(name, "com", 3) == 0 ||
		strncasecmp(name, "lpt", 3) == 0);
}

void
utf8_safe_name(const void *p, size_t n, unsigned number, struct buf *out)
{
	char name[SCRATCH], head[16];
	const char *dot;
	size_t have, ext, room, stem;

	have = clean(p, n, name);
	if (have == 0) {
		memcpy(name, "file", 5);
		have = 4;
	}
	snprintf(head, sizeof(head), "%02u-%s", number,
	    is_reserved(name) ? "_" : "");
	buf_puts(out, head);
	room = NAME_MAX_LEN - strlen(head);
	dot = strrchr(name, '.');
	ext = dot == NULL ? 0 : strlen(dot);
	if (ext > EXT_MAX)
		ext = 0;
	stem = have - ext;
	if (stem > room - ext)
		stem = utf8_cut(name, room - ext);
	buf_put(out, name, stem);
	buf_put(out, name + have - ext, ext);
}
