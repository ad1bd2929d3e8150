/* Files: read whole, written whole or not at all. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "sys.h"

#define READ_FIRST	4096	/* when the length is not known beforehand */
#define TEMP_TRIES	100

/* Close without losing the errno of what went wrong before. */
static void
close_keep(int fd)
{
	int saved = errno;

	(void)close(fd);
	errno = saved;
}

/* ---- reading ---- */

/* ${want}: how much is expected, a hint. */
static enum err
read_all(int fd, size_t max, size_t want, uint8_t **data, size_t *len)
{
	uint8_t *p, *q;
	size_t n, cap;
	ssize_t r;
	enum err e;

	cap = want < max ? want : max;
	if (cap == SIZE_MAX || (p = malloc(cap + 1)) == NULL)
		return ERR_SYS;
	e = ERR_SYS;
	for (n = 0;;) {
		if (n == cap && cap < max) {
			cap = cap > max / 2 ? max : cap * 2;
			if (cap == SIZE_MAX || (q = malloc(cap + 1)) == NULL)
				goto out;
			memcpy(q, p, n);
			explicit_bzero(p, n);
			free(p);
			p = q;
		}
		/* At the maximum, one byte more tells whether that was all. */
		r = read(fd, p + n, n < cap ? cap - n : 1);
		if (r == 0)
			break;
		if (r == -1 && errno == EINTR)
			continue;
		if (r == -1)
			goto out;
		if (n == max) {
			e = ERR_RANGE;
			goto out;
		}
		n += (size_t)r;
	}
	p[n] = '\0';
	*data = p;
	*len = n;
	return ERR_OK;
out:
	explicit_bzero(p, n);
	free(p);
	return e;
}

enum err
fd_read(int fd, size_t max, uint8_t **data, size_t *len)
{
	*data = NULL;
	*len = 0;
	return read_all(fd, max, READ_FIRST, data, len);
}

enum err
file_read(const char *path, size_t max, uint8_t **data, size_t *len)
{
	struct stat st;
	enum err e;
	int fd;

	*data = NULL;
	*len = 0;
	/* Not blocking: the name may be a pipe's, which would hang open(). */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd == -1)
		return errno == ENOENT || errno == ENOTDIR ? ERR_NOTFOUND :
		    errno == ENXIO ? ERR_FORMAT : ERR_SYS;
	if (fstat(fd, &st) == -1)
		e = ERR_SYS;
	else if (!S_ISREG(st.st_mode))
		e = ERR_FORMAT;
	else if ((uint64_t)st.st_size > max)
		e = ERR_RANGE;
	else
		e = read_all(fd, max, (size_t)st.st_size, data, len);
	close_keep(fd);
	return e;
}

/* ---- writing ---- */

enum err
fd_fill(int fd, void *p, size_t max, size_t *n)
{
	uint8_t *at = p;
	ssize_t r;

	*n = 0;
	while (*n < max) {
		r = read(fd, at + *n, max - *n);
		if (r == -1 && errno == EINTR)
			continue;
		if (r == -1)
			return ERR_SYS;
		if (r == 0)
			break;
		*n += (size_t)r;
	}
	return ERR_OK;
}

enum err
fd_write(int fd, const void *p, size_t n)
{
	const uint8_t *at = p;
	ssize_t r;

	while (n > 0) {
		r = write(fd, at, n);
		if (r == -1 && errno == EINTR)
			continue;
		if (r == -1)
			return ERR_SYS;
		at += r;
		n -= (size_t)r;
	}
	return ERR_OK;
}

char *
path_folder(const char *path)
{
	const char *slash;

	slash = strrchr(path, '/');
	if (slash == NULL)
		return strdup(".");
	if (slash == path)
		return strdup("/");
	return strndup(path, (size_t)(slash - path));
}

/* A new file in ${dir} with a name that dir_list does not show. */
static enum err
temp_open(const char *dir, char **name, int *fd)
{
	static unsigned counter;
	unsigned i;

	for (i = 0; i < TEMP_TRIES; i++) {
		if (asprintf(name, "%s/.tmp-%ld-%u", dir, (long)getpid(),
		    __atomic_add_fetch(&counter, 1, __ATOMIC_RELAXED)) == -1) {
			*name = NULL;
			return ERR_SYS;
		}
		*fd = open(*name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC |
		    O_NOFOLLOW, 0600);
		if (*fd != -1)
			return ERR_OK;
		free(*name);
		*name = NULL;
		if (errno != EEXIST)
			return ERR_SYS;
	}
	return ERR_SYS;
}

static enum err
put_in_place(const char *temp, const char *path, bool new_only)
{
	if (!new_only)
		return rename(temp, path) == -1 ? ERR_SYS : ERR_OK;
	if (renameat2(AT_FDCWD, temp, AT_FDCWD, path, RENAME_NOREPLACE) == 0)
		return ERR_OK;
	if (errno == EEXIST)
		return ERR_EXISTS;
	if (errno != EINVAL && errno != ENOSYS)
		return ERR_SYS;
	/* A file system without that call: a second name, then one less. */
	if (link(temp, path) == -1)
		return errno == EEXIST ? ERR_EXISTS : ERR_SYS;
	return unlink(temp) == -1 ? ERR_SYS : ERR_OK;
}

static enum err
write_whole(const char *path, const void *p, size_t n, mode_t mode,
    bool new_only)
{
	char *dir, *temp;
	enum err e;
	int fd, saved;

	temp = NULL;
	fd = -1;
	e = ERR_SYS;
	if ((dir = path_folder(path)) == NULL)
		goto out;
	if ((e = temp_open(dir, &temp, &fd)) != ERR_OK)
		goto out;
	if ((e = fd_write(fd, p, n)) != ERR_OK)
		goto out;
	/* The mode as asked for, whatever the umask; before the name. */
	if (fchmod(fd, mode) == -1 || fsync(fd) == -1) {
		e = ERR_SYS;
		goto out;
	}
	if ((e = put_in_place(temp, path, new_only)) != ERR_OK)
		goto out;
	free(temp);
	temp = NULL;	/* it has its name now */
	e = dir_sync(dir);
out:
	saved = errno;
	if (fd != -1)
		(void)close(fd);
	if (temp != NULL)
		(void)unlink(temp);
	free(temp);
	free(dir);
	errno = saved;
	return e;
}

enum err
file_write(const char *path, const void *p, size_t n, mode_t mode)
{
	return write_whole(path, p, n, mode, false);
}

enum err
file_write_new(const char *path, const void *p, size_t n, mode_t mode)
{
	return write_whole(path, p, n, mode, true);
}

/* ---- facts ---- */

bool
file_too_open(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 &&
	    (st.st_mode & (S_IRWXG | S_IRWXO)) != 0;
}

bool
file_exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

enum err
file_times(const char *path, int64_t unix_seconds)
{
	const struct timespec t[2] = {
		{ .tv_sec = unix_seconds }, { .tv_sec = unix_seconds },
	};

	return utimensat(AT_FDCWD, path, t, 0) == -1 ? ERR_SYS : ERR_OK;
}

enum err
disk_free(const char *path, uint64_t *bytes)
{
	struct statvfs v;

	*bytes = 0;
	if (statvfs(path, &v) == -1)
		return ERR_SYS;
	*bytes = (uint64_t)v.f_bavail * (uint64_t)v.f_frsize;
	return ERR_OK;
}

/* ---- folders ---- */

enum err
dir_make(const char *path, mode_t mode)
{
	if (mkdir(path, mode) == -1)
		return errno == EEXIST ? ERR_EXISTS : ERR_SYS;
	if (chmod(path, mode) == -1)
		return ERR_SYS;
	return ERR_OK;
}

enum err
dir_make_all(const char *path, mode_t mode)
{
	struct stat st;
	char *copy, *p;
	enum err e;

	if ((copy = strdup(path)) == NULL)
		return ERR_SYS;
	e = ERR_OK;
	for (p = copy; e == ERR_OK && *p != '\0';) {
		p += strspn(p, "/");
		p += strcspn(p, "/");
		if (*p == '/') {
			*p = '\0';
			e = dir_make(copy, mode);
			*p = '/';
		} else {
			e = dir_make(copy, mode);
		}
		if (e == ERR_EXISTS)
			e = ERR_OK;
	}
	free(copy);
	if (e == ERR_OK && stat(path, &st) == -1)
		e = ERR_SYS;
	if (e == ERR_OK && !S_ISDIR(st.st_mode)) {
		errno = ENOTDIR;
		e = ERR_SYS;
	}
	return e;
}

enum err
dir_is_empty(const char *path)
{
	struct dirent *d;
	DIR *dir;
	enum err e;

	if ((dir = opendir(path)) == NULL)
		return errno == ENOENT ? ERR_NOTFOUND : ERR_SYS;
	e = ERR_OK;
	errno = 0;
	while (e == ERR_OK && (d = readdir(dir)) != NULL)
		if (strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0)
			e = ERR_EXISTS;
	if (e == ERR_OK && errno != 0)
		e = ERR_SYS;
	(void)closedir(dir);
	return e;
}

enum err
dir_sync(const char *path)
{
	enum err e;
	int fd;

	if ((fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) == -1)
		return ERR_SYS;
	/* A file system that cannot sync a folder has nothing to sync. */
	e = fsync(fd) == -1 && errno != EINVAL ? ERR_SYS : ERR_OK;
	close_keep(fd);
	return e;
}

static int
not_hidden(const struct dirent *d)
{
	return d->d_name[0] != '.';
}

static int
by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

enum err
dir_list(const char *path, enum err (*each)(void *arg, const char *name),
    void *arg)
{
	struct dirent **list;
	enum err e;
	int i, n;

	if ((n = scandir(path, &list, not_hidden, by_bytes)) == -1)
		return errno == ENOENT ? ERR_NOTFOUND : ERR_SYS;
	e = ERR_OK;
	for (i = 0; i < n; i++) {
		if (e == ERR_OK)
			e = each(arg, list[i]->d_name);
		free(list[i]);
	}
	free(list);
	return e;
}

char *
path_join(const char *dir, const char *name)
{
	char *p;

	if (asprintf(&p, "%s/%s", dir, name) == -1) {
		diag("no memory");
		exit(3);
	}
	return p;
}
