/*
 * A secret in a file:
 *
 *	untrusted comment: TEXT LF
 *	BASE64(key) LF
 *
 * The comment says to a person what the file is, and nothing to the program.
 */
#include <string.h>

#include "keyfile.h"
#include "line.h"
#include "utf8.h"

#define COMMENT		"untrusted comment: "

static bool
comment_valid(const char *p, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if ((unsigned char)p[i] < 0x20)
			return false;
	return utf8_valid(p, n);
}

enum err
keyfile_encode(const char *comment, const uint8_t *key, size_t n,
    struct buf *out)
{
	size_t len = strlen(comment);

	if (!comment_valid(comment, len))
		return ERR_FORMAT;
	if (n == 0 || len > KEYFILE_MAX || n > KEYFILE_MAX ||
	    sizeof(COMMENT) - 1 + len + BASE64_LEN(n) + 2 > KEYFILE_MAX)
		return ERR_RANGE;
	buf_printf(out, "%s%s\n", COMMENT, comment);
	buf_base64(out, key, n);
	buf_putc(out, '\n');
	return buf_err(out);
}

enum err
keyfile_decode(struct bytes text, uint8_t *key, size_t n)
{
	struct cur c = cur_over(text.p, text.n);
	const char *line;
	size_t len, have;
	enum err e;

	memset(key, 0, n);
	if (text.n > KEYFILE_MAX)
		return ERR_RANGE;
	line = cur_line(&c, &len);
	if (line == NULL || len < sizeof(COMMENT) - 1 ||
	    memcmp(line, COMMENT, sizeof(COMMENT) - 1) != 0 ||
	    !comment_valid(line, len))
		return ERR_FORMAT;
	line = cur_line(&c, &len);
	if (line == NULL || cur_end(&c) != ERR_OK)
		return ERR_FORMAT;
	e = base64_decode((struct bytes){ line, len }, BASE64_PADDED, key, n,
	    &have);
	if (e == ERR_RANGE || (e == ERR_OK && have != n))
		e = ERR_FORMAT;
	if (e != ERR_OK)
		wipe(key, n);
	return e;
}
