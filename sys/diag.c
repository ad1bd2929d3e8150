/* Lines for the operator. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sys.h"

#define LINE_MAX_LEN	1024

static char name[32] = "peluit";

void
diag_name(const char *program)
{
	(void)snprintf(name, sizeof(name), "%s", program);
}

void
diag(const char *fmt, ...)
{
	char line[LINE_MAX_LEN];
	va_list ap;
	size_t at, len, i;
	ssize_t r;
	int n, saved;

	saved = errno;
	n = snprintf(line, sizeof(line), "%s: ", name);
	at = n > 0 ? (size_t)n : 0;
	va_start(ap, fmt);
	n = vsnprintf(line + at, sizeof(line) - at - 1, fmt, ap);
	va_end(ap);
	len = strlen(line);
	if (n < 0)
		len = at;
	/* One line, whatever was in it: a log reader must not be fooled. */
	for (i = 0; i < len; i++)
		if ((unsigned char)line[i] < ' ' || line[i] == 0x7f)
			line[i] = '?';
	line[len++] = '\n';
	/* One write, so that lines of two threads do not mix. */
	do
		r = write(STDERR_FILENO, line, len);
	while (r == -1 && errno == EINTR);
	errno = saved;
}
