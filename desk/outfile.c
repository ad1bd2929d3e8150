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

/* What a signal has to take away; set before the file is made. */
static const char *volatile pending;

static void
on_signal(int sig)
{
	if (pending != NULL)
		(void)unlink(pending);
	(void)signal(sig, SIG_DFL);
	(void)raise(sig);
}

static void
guard(const char *temp)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction sa;
	size_t i;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = temp == NULL ? SIG_DFL : on_signal;
	pending = temp;
	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		(void)sigaction(signals[i], &sa, NULL);
}

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

enum err
outfile_commit(struct outfile *o, bool replace)
{
	if (o->path == NULL)
		return ERR_OK;
	if (fsync(o->fd) != 0)
		return ERR_SYS;
	if (replace) {
		if (rename(o->temp, o->path) != 0)
			return ERR_SYS;
	} else {
		/* link() never replaces, which rename() would. */
		if (link(o->temp, o->path) != 0)
			return errno == EEXIST ? ERR_EXISTS : ERR_SYS;
		(void)unlink(o->temp);
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
