/* Exclusive locks on files (file_lock of sys.h). */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys.h"

#define LOCKS_MAX	8	/* held by one process */

/*
 * POSIX record locks: they end with the process and a child does not inherit
 * them, so that a child that outlives the server for a moment does not keep
 * the store from being opened again.  But a process does not stop itself, and
 * closing any descriptor of the file gives the lock up: therefore this list.
 */
static struct { dev_t dev; ino_t ino; int fd; } locks[LOCKS_MAX];

static bool
is_file(int fd, const struct stat *want)
{
	struct stat st;

	return fstat(fd, &st) == 0 && st.st_dev == want->st_dev &&
	    st.st_ino == want->st_ino;
}

/* The entry of ${st}, or (st NULL) a free one; LOCKS_MAX if there is none. */
static size_t
lock_find(const struct stat *st)
{
	struct stat own;
	size_t i;
	bool live;

	for (i = 0; i < LOCKS_MAX; i++) {
		memset(&own, 0, sizeof(own));
		own.st_dev = locks[i].dev;
		own.st_ino = locks[i].ino;
		live = own.st_ino != 0 && is_file(locks[i].fd, &own);
		if (st == NULL ? !live : live && own.st_dev == st->st_dev &&
		    own.st_ino == st->st_ino)
			return i;
	}
	return LOCKS_MAX;
}

enum err
file_lock(const char *path, int *fd)
{
	struct flock want;
	struct stat st;
	size_t at;
	enum err e;
	int f;

	*fd = -1;
	if (stat(path, &st) == 0 && lock_find(&st) != LOCKS_MAX)
		return ERR_BUSY;
	if ((at = lock_find(NULL)) == LOCKS_MAX) {
		errno = ENOLCK;
		return ERR_SYS;
	}
	f = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (f == -1)
		return ERR_SYS;
	want = (struct flock){ .l_type = F_WRLCK, .l_whence = SEEK_SET };
	if (fcntl(f, F_SETLK, &want) == -1) {
		e = errno == EAGAIN || errno == EACCES ? ERR_BUSY : ERR_SYS;
		(void)close(f);
		return e;
	}
	if (fstat(f, &st) == -1) {
		(void)close(f);
		return ERR_SYS;
	}
	locks[at].dev = st.st_dev;
	locks[at].ino = st.st_ino;
	locks[at].fd = f;
	*fd = f;
	return ERR_OK;
}

enum err
file_lock_test(const char *path)
{
	struct flock held;
	struct stat st;
	enum err e;
	int f;

	if (stat(path, &st) == -1)
		return errno == ENOENT ? ERR_OK : ERR_SYS;
	if (lock_find(&st) != LOCKS_MAX)
		return ERR_BUSY;
	if ((f = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)) == -1)
		return ERR_SYS;
	held = (struct flock){ .l_type = F_WRLCK, .l_whence = SEEK_SET };
	if (fcntl(f, F_GETLK, &held) == -1)
		e = ERR_SYS;
	else
		e = held.l_type == F_UNLCK ? ERR_OK : ERR_BUSY;
	(void)close(f);
	return e;
}
