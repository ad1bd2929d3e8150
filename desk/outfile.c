/* Output that appears at its name only when it is complete. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "crypto.h"
#include "outfile.h"
#include "sys.h"

struct outfile {
	int fd;
	char *path, *temp;		/* NULL for stdout */
};

/* What an end before its time takes away; set before the file is made. */
static const char *volatile pending;
static struct {
	bool on;
	char **path;			/* in the order they were made */
	size_t n;
} set;

static void
take_away(void)
{
	size_t i;

	if (pending != NULL)
		(void)unlink(pending);
	for (i = set.n; i > 0; i--)
		if (unlink(set.path[i - 1]) != 0)
			(void)rmdir(set.path[i - 1]);
}

static void
on_signal(int sig)
{
	take_away();
	(void)signal(sig, SIG_DFL);
	(void)raise(sig);
}

static void
guard(const char *temp)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	static bool at_exit;
	struct sigaction sa;
	size_t i;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = temp == NULL && !set.on ? SIG_DFL : on_signal;
	pending = temp;
	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		(void)sigaction(signals[i], &sa, NULL);
	if (!at_exit)
		at_exit = atexit(take_away) == 0;
}

/* ---- a set ---- */

/* A signal finds the list as it was before or after. */
static void
hold_signals(sigset_t *before)
{
	sigset_t all;

	(void)sigfillset(&all);
	(void)sigprocmask(SIG_BLOCK, &all, before);
}

void
outset_begin(void)
{
	set.on = true;
	guard(NULL);
}

/* *copy: ${path}, and a place for it in the list. */
static enum err
room(const char *path, char **copy)
{
	char **more;
	sigset_t before;

	if ((*copy = strdup(path)) == NULL)
		return ERR_SYS;
	hold_signals(&before);
	more = reallocarray(set.path, set.n + 1, sizeof(*more));
	if (more != NULL)
		set.path = more;
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	if (more == NULL)
		free(*copy);
	return more == NULL ? ERR_SYS : ERR_OK;
}

enum err
outset_folder(const char *path)
{
	char *copy;
	sigset_t before;
	enum err e = room(path, &copy);

	if (e != ERR_OK)
		return e;
	hold_signals(&before);
	set.path[set.n++] = copy;
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	return ERR_OK;
}

void
outset_end(bool keep)
{
	sigset_t before;

	hold_signals(&before);
	if (!keep)
		take_away();
	while (set.n > 0)
		free(set.path[--set.n]);
	free(set.path);
	memset(&set, 0, sizeof(set));
	guard(NULL);
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
}

/* ---- a file ---- */

enum err
outfile_open(const char *path, struct outfile **out)
{
	struct outfile *o;
	uint8_t random[8];
	char hex[HEX_LEN(sizeof(random)) + 1];
	size_t n;

	*out = NULL;
	if ((o = calloc(1, sizeof(*o))) == NULL)
		return ERR_SYS;
	o->fd = STDOUT_FILENO;
	if (path == NULL || strcmp(path, "-") == 0) {
		*out = o;
		return ERR_OK;
	}
	rand_bytes(random, sizeof(random));
	hex_encode(random, sizeof(random), hex);
	n = strlen(path) + sizeof(hex) + 8;
	o->fd = -1;
	if ((o->path = strdup(path)) == NULL || (o->temp = malloc(n)) == NULL) {
		outfile_free(o);
		return ERR_SYS;
	}
	(void)snprintf(o->temp, n, "%s.%s.part", path, hex);
	guard(o->temp);
	o->fd = open(o->temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC |
	    O_NOFOLLOW, 0600);
	if (o->fd < 0) {
		outfile_free(o);
		return ERR_SYS;
	}
	*out = o;
	return ERR_OK;
}

enum err
outfile_sink(void *arg, const uint8_t *p, size_t n)
{
	struct outfile *o = arg;

	return fd_write(o->fd, p, n);
}

/* The name's folder, synced: the rename is to last. */
static enum err
sync_folder(const char *path)
{
	char *dir = path_folder(path);
	enum err e = dir == NULL ? ERR_SYS : dir_sync(dir);

	free(dir);
	return e;
}

/* link() never replaces, which rename() would.  Only ours is in the set. */
static enum err
put_in_place(const struct outfile *o)
{
	char *copy = NULL;
	sigset_t before;
	enum err e = ERR_OK;

	if (set.on && room(o->path, &copy) != ERR_OK)
		return ERR_SYS;
	hold_signals(&before);
	if (link(o->temp, o->path) != 0) {
		e = errno == EEXIST ? ERR_EXISTS : ERR_SYS;
	} else if (set.on) {
		set.path[set.n++] = copy;
		copy = NULL;
	}
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	free(copy);
	return e;
}

enum err
outfile_commit(struct outfile *o, bool replace)
{
	enum err e;

	if (o->path == NULL)
		return ERR_OK;
	if (fsync(o->fd) != 0)
		return ERR_SYS;
	if (replace) {
		if (rename(o->temp, o->path) != 0)
			return ERR_SYS;
	} else {
		if ((e = put_in_place(o)) != ERR_OK)
			return e;
		if (unlink(o->temp) != 0)
			return ERR_SYS;		/* _free tries again */
	}
	guard(NULL);
	free(o->temp);
	o->temp = NULL;
	return sync_folder(o->path);
}

void
outfile_free(struct outfile *o)
{
	int saved = errno;

	if (o == NULL)
		return;
	if (o->path != NULL && o->fd >= 0)
		(void)close(o->fd);
	if (o->temp != NULL) {
		(void)unlink(o->temp);
		guard(NULL);
	}
	free(o->temp);
	free(o->path);
	free(o);
	errno = saved;		/* of the failure that is being reported */
}
