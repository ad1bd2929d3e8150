/* Time: the system's, or a file's for trials. */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sys.h"

#define CLOCK_REREAD_MS	100
#define CLOCK_FILE_MAX	32	/* decimal seconds and LF */
#define CLOCK_MAX	253402300799	/* end of the year 9999 */

struct clock {
	char *file;		/* NULL: the system's clock */
	pthread_mutex_t lock;	/* all below */
	int64_t now;		/* newest good value */
	int64_t refused;	/* last bad value, -1: unreadable, 0: none */
	uint64_t read_ms;
	bool reread;
};

/* Decimal seconds and LF, no sign, no blanks, no leading zero. */
static enum err
parse(const uint8_t *p, size_t n, int64_t *out)
{
	int64_t v;
	size_t i;

	if (n < 2 || p[n - 1] != '\n' || (p[0] == '0' && n > 2))
		return ERR_FORMAT;
	v = 0;
	for (i = 0; i < n - 1; i++) {
		if (p[i] < '0' || p[i] > '9')
			return ERR_FORMAT;
		v = v * 10 + (p[i] - '0');
		if (v > CLOCK_MAX)
			return ERR_FORMAT;
	}
	*out = v;
	return ERR_OK;
}

static enum err
read_file(const char *file, int64_t *out)
{
	uint8_t *p;
	size_t n;
	enum err e;

	if ((e = file_read(file, CLOCK_FILE_MAX, &p, &n)) == ERR_OK) {
		e = parse(p, n, out);
		free(p);
	}
	if (e == ERR_NOTFOUND)
		return ERR_SYS;
	return e == ERR_RANGE ? ERR_FORMAT : e;
}

enum err
clock_open(const char *file, struct clock **out)
{
	struct clock *c;
	enum err e;

	*out = NULL;
	if ((c = calloc(1, sizeof(*c))) == NULL)
		return ERR_SYS;
	if (file != NULL) {
		e = read_file(file, &c->now);
		if (e == ERR_OK && (c->file = strdup(file)) == NULL)
			e = ERR_SYS;
		if (e != ERR_OK) {
			free(c);
			return e;
		}
		c->read_ms = clock_steady_ms();
	}
	if (pthread_mutex_init(&c->lock, NULL) != 0) {
		free(c->file);
		free(c);
		return ERR_SYS;
	}
	*out = c;
	return ERR_OK;
}

void
clock_close(struct clock *c)
{
	if (c == NULL)
		return;
	(void)pthread_mutex_destroy(&c->lock);
	free(c->file);
	free(c);
}

/* With the lock held: take the file's value if it is a good one. */
static void
refresh(struct clock *c)
{
	int64_t v;

	c->reread = false;
	if (read_file(c->file, &v) != ERR_OK) {
		if (c->refused != -1)
			diag("clock file: not readable, ignored");
		c->refused = -1;
		return;
	}
	if (v < c->now) {
		if (c->refused != v)
			diag("clock file: goes back, ignored");
		c->refused = v;
		return;
	}
	c->now = v;
	c->refused = 0;
}

int64_t
clock_now(struct clock *c)
{
	int64_t now;
	uint64_t ms;

	if (c->file == NULL)
		return (int64_t)time(NULL);
	(void)pthread_mutex_lock(&c->lock);
	ms = clock_steady_ms();
	if (c->reread || ms - c->read_ms >= CLOCK_REREAD_MS) {
		c->read_ms = ms;
		refresh(c);
	}
	now = c->now;
	(void)pthread_mutex_unlock(&c->lock);
	return now;
}

void
clock_reread(struct clock *c)
{
	(void)pthread_mutex_lock(&c->lock);
	c->reread = true;
	(void)pthread_mutex_unlock(&c->lock);
}

uint64_t
clock_steady_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}
