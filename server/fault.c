/* Fault points: see fault.h.  Empty in shipped programs. */
#include "fault.h"

#ifdef PELUIT_FAULTS
#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fault_try.h"

/*
 * Every point there is; the number is how often it was passed.  Those that
 * end in a number are the gaps in the orders of durable steps (DESIGN
 * "Storage" and "The log").
 */
static struct { const char *name; unsigned passed; } points[] = {
	{ "store.put", 0 },
	{ "store.commit.before", 0 },
	{ "store.commit.after", 0 },
	{ "store.scrub", 0 },
	{ "intake.1", 0 },
	{ "intake.2", 0 },
	{ "intake.3", 0 },
	{ "intake.4", 0 },
	{ "epoch.1", 0 },
	{ "epoch.2", 0 },
	{ "epoch.3", 0 },
	{ "epoch.4", 0 },
	{ "desk.1", 0 },
	{ "desk.2", 0 },
	{ "desk.3", 0 },
	{ "desk.4", 0 },
	{ "delete.1", 0 },
	{ "delete.2", 0 },
	{ "delete.3", 0 },
	{ "roster.1", 0 },
	{ "roster.2", 0 },
	{ "roster.3", 0 },
	{ "roster.4", 0 },
	{ "restore.1", 0 },
	{ "restore.2", 0 },
	{ "restore.3", 0 },
	{ "restore.4", 0 },
	{ "signer.promise", 0 },
};
#define POINTS	(sizeof(points) / sizeof(points[0]))

static enum err
act(const char *what, size_t n)
{
	enum err e;

	if (n == 4 && memcmp(what, "kill", n) == 0)
		(void)raise(SIGKILL);
	if (fault_try(what, n, &e))
		return e;
	if (n == 5 && memcmp(what, "pause", n) == 0) {
		(void)raise(SIGSTOP);
		return ERR_OK;
	}
	if (n == 6 && memcmp(what, "enospc", n) == 0) {
		errno = ENOSPC;
		return ERR_FULL;
	}
	if (n == 6 && memcmp(what, "enomem", n) == 0) {
		errno = ENOMEM;
		return ERR_SYS;
	}
	if (n == 3 && memcmp(what, "eio", n) == 0) {
		errno = EIO;
		return ERR_SYS;
	}
	/* A fault that is spelt wrongly would be a test that cannot fail. */
	(void)fprintf(stderr, "PELUIT_FAULT: no such fault: %.*s\n", (int)n,
	    what);
	abort();
}

enum err
fault_point(const char *name)
{
	const char *p, *end, *what;
	char *after;
	unsigned long at;
	unsigned passed;
	size_t i, n;

	for (i = 0; i < POINTS; i++)
		if (strcmp(points[i].name, name) == 0)
			break;
	assert(i < POINTS);
	passed = __atomic_add_fetch(&points[i].passed, 1, __ATOMIC_RELAXED);

	n = strlen(name);
	if ((p = getenv("PELUIT_FAULT")) == NULL)
		return ERR_OK;
	for (; *p != '\0'; p = *end == ',' ? end + 1 : end) {
		end = p + strcspn(p, ",");
		if ((size_t)(end - p) <= n || memcmp(p, name, n) != 0)
			continue;
		what = p + n;
		if (*what == '@') {
			at = strtoul(what + 1, &after, 10);
			what = after;
			if (*what == '=' && at != passed)
				continue;
		}
		if (*what == '=')
			return act(what + 1, (size_t)(end - what - 1));
	}
	return ERR_OK;
}

void
fault_list(FILE *out)
{
	size_t i;

	for (i = 0; i < POINTS; i++)
		(void)fprintf(out, "%s\n", points[i].name);
}
#endif
