#ifndef TOOL_H
#define TOOL_H
/*
 * What the two build tools share.  They run on the developer's own files and
 * stop at once, with the file's name, when anything is wrong.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static _Noreturn void die(const char *file, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static _Noreturn void
die(const char *file, const char *fmt, ...)
{
	va_list ap;

	(void)fprintf(stderr, "%s: ", file);
	va_start(ap, fmt);
	(void)vfprintf(stderr, fmt, ap);
	va_end(ap);
	(void)fputc('\n', stderr);
	exit(1);
}

/* The whole file, NUL-terminated.  The caller frees it. */
static char *
read_file(const char *file)
{
	FILE *f = fopen(file, "rb");
	char *text = NULL;
	size_t size = 0;
	ssize_t n;

	if (f == NULL)
		die(file, "cannot be read");
	n = getdelim(&text, &size, '\0', f);
	if (n < 0 || strlen(text) != (size_t)n || fgetc(f) != EOF)
		die(file, "empty, or holds a NUL");
	(void)fclose(f);
	return text;
}

#endif
