/* What the suites share: files, rows, failures. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "suite.h"

#define FILE_MAX	(64u * 1024 * 1024)

void
suite_failed(struct tally *t, const char *suite, const char *name,
    const char *fmt, ...)
{
	va_list ap;

	t->failed++;
	printf("%s: %s: ", suite, name);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
}

int
suite_read(const char *dir, const char *name, struct buf *b)
{
	char path[4096], part[65536];
	FILE *f;
	size_t n;
	int bad;

	if ((size_t)snprintf(path, sizeof(path), "%s/%s", dir, name) >=
	    sizeof(path) || (f = fopen(path, "rb")) == NULL)
		return -1;
	while ((n = fread(part, 1, sizeof(part), f)) > 0)
		buf_put(b, part, n);
	bad = ferror(f);
	fclose(f);
	return bad || buf_err(b) != ERR_OK ? -1 : 0;
}

int
suite_rows(const char *dir, const char *name, suite_row *cb, void *arg)
{
	char *col[SUITE_COLUMNS], *line, *next, *text;
	struct buf b;
	size_t i;
	int rc;

	buf_init(&b, FILE_MAX);
	rc = suite_read(dir, name, &b);
	text = strdup(rc == 0 ? buf_text(&b) : "");
	buf_done(&b);
	if (text == NULL)
		return -1;
	for (line = text; rc == 0 && *line != '\0'; line = next) {
		next = line + strcspn(line, "\n");
		if (*next != '\0')
			*next++ = '\0';
		if (*line == '#' || *line == '\0')
			continue;
		for (i = 0; i < SUITE_COLUMNS; i++)
			col[i] = strsep(&line, "\t");
		cb(col, arg);
	}
	free(text);
	return rc;
}
