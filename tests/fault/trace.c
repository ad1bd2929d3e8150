/*
 * What a process does to the disk, written down: preloaded, never linked.
 *
 * PELUIT_TRACE names a file to append to, PELUIT_TRACE_ROOT the folder that is
 * looked at.  A record, native byte order:
 *
 *	op 1 | flags 1 | length of path 2 | length of second path 4 |
 *	offset 8 | length of data 8 | number 8 | path | second path | data
 *
 *	W write (flag 1: through a descriptor that syncs each write)
 *	B a sync begins, E it has ended (same number); also of folders
 *	C a file is made   R renamed   U unlinked   T cut to length   M mkdir
 *
 * A write is recorded once it was made, and no sync of this process begins in
 * between: what stands before a B was there for it to sync.
 */
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>

#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FDS	1024
#define PIECE	(1U << 20)
#define HIGH	1000		/* where our descriptor stands */

struct head {
	uint8_t op, flags;
	uint16_t path;
	uint32_t other;
	uint64_t at, len, number;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char *paths[FDS];
static int syncs[FDS];		/* opened O_DSYNC or O_SYNC */
static const char *root;
static int trace = -1;
static uint8_t out[PIECE + 8192 + sizeof(struct head)];
static uint64_t number;

#define REAL(f)	static __typeof__(f) *real; \
	if (real == NULL) \
		real = (__typeof__(f) *)(uintptr_t)dlsym(RTLD_NEXT, #f)

static void start(void) __attribute__((constructor));
static void
start(void)
{
	const char *name = getenv("PELUIT_TRACE");
	int fd;

	root = getenv("PELUIT_TRACE_ROOT");
	if (name == NULL || root == NULL)
		return;
	fd = open(name, O_WRONLY | O_APPEND | O_CLOEXEC);
	trace = fcntl(fd, F_DUPFD_CLOEXEC, HIGH);
	(void)close(fd);
	if (trace == -1)
		abort();
}

static void
put(const void *p, size_t n)
{
	static ssize_t (*real)(int, const void *, size_t);
	const uint8_t *at = p;
	ssize_t r;

	if (real == NULL)
		real = (ssize_t (*)(int, const void *, size_t))(uintptr_t)
		    dlsym(RTLD_NEXT, "write");
	while (n > 0) {
		if ((r = real(trace, at, n)) <= 0)
			abort();
		at += r;
		n -= (size_t)r;
	}
}

/* The lock is held.  One write(), so that two processes do not mix. */
static void
record(struct head h, const char *path, const char *other, const void *data)
{
	uint8_t *p = out;

	h.path = (uint16_t)strlen(path);
	h.other = other == NULL ? 0 : (uint32_t)strlen(other);
	memcpy(p, &h, sizeof(h));
	p += sizeof(h);
	memcpy(p, path, h.path);
	p += h.path;
	if (other != NULL)
		memcpy(p, other, h.other);
	p += h.other;
	if (data != NULL)
		memcpy(p, data, h.len);
	p += h.op == 'W' ? h.len : 0;
	put(out, (size_t)(p - out));
}

static int
ours(const char *path)
{
	size_t n = root == NULL ? 0 : strlen(root);

	return trace != -1 && n > 0 && strncmp(path, root, n) == 0;
}

static const char *
of(int fd)
{
	return fd >= 0 && fd < FDS ? paths[fd] : NULL;
}

static void
wrote(int fd, const uint8_t *p, size_t n, off_t at)
{
	struct head h = { .op = 'W', .flags = (uint8_t)syncs[fd] };

	for (size_t k = 0; k < n; k += h.len) {
		h.at = (uint64_t)at + k;
		h.len = n - k < PIECE ? n - k : PIECE;
		record(h, paths[fd], NULL, p + k);
	}
}

/* ---- opening and closing ---- */

static int
opened(int fd, const char *path, int flags)
{
	if (fd < 0 || fd >= FDS || !ours(path))
		return fd;
	(void)pthread_mutex_lock(&lock);
	free(paths[fd]);
	paths[fd] = strdup(path);
	syncs[fd] = (flags & O_DSYNC) != 0;
	if ((flags & O_CREAT) != 0 && (flags & O_EXCL) != 0)
		record((struct head){ .op = 'C' }, path, NULL, NULL);
	if ((flags & O_TRUNC) != 0)
		record((struct head){ .op = 'T' }, path, NULL, NULL);
	(void)pthread_mutex_unlock(&lock);
	return fd;
}

#define OPEN(f) \
int \
f(const char *path, int flags, ...) \
{ \
	va_list ap; \
	mode_t mode; \
	REAL(open); \
\
	va_start(ap, flags); \
	mode = va_arg(ap, mode_t); \
	va_end(ap); \
	return opened(real(path, flags, mode), path, flags); \
}
OPEN(open)
OPEN(open64)

int __open64_2(const char *path, int flags);
int
__open64_2(const char *path, int flags)
{
	return open(path, flags, 0);
}

int
close(int fd)
{
	REAL(close);
	if (of(fd) != NULL) {
		(void)pthread_mutex_lock(&lock);
		free(paths[fd]);
		paths[fd] = NULL;
		(void)pthread_mutex_unlock(&lock);
	}
	return real(fd);
}

/* The signer closes all but its socket; our descriptor stays. */
int
close_range(unsigned first, unsigned last, int flags)
{
	REAL(close_range);
	unsigned t = (unsigned)trace;

	for (unsigned i = first; i <= last && i < FDS; i++) {
		free(paths[i]);
		paths[i] = NULL;
	}
	if (trace == -1 || first > t || last < t)
		return real(first, last, flags);
	if (first < t && real(first, t - 1, flags) == -1)
		return -1;
	return last > t ? real(t + 1, last, flags) : 0;
}

/* ---- writing ---- */

ssize_t
pwrite(int fd, const void *p, size_t n, off_t at)
{
	ssize_t r;
	REAL(pwrite);

	if (of(fd) == NULL)
		return real(fd, p, n, at);
	(void)pthread_mutex_lock(&lock);
	if ((r = real(fd, p, n, at)) > 0)
		wrote(fd, p, (size_t)r, at);
	(void)pthread_mutex_unlock(&lock);
	return r;
}

ssize_t
pwrite64(int fd, const void *p, size_t n, off_t at)
{
	return pwrite(fd, p, n, at);
}

ssize_t
write(int fd, const void *p, size_t n)
{
	off_t at;
	ssize_t r;
	REAL(write);

	if (of(fd) == NULL)
		return real(fd, p, n);
	(void)pthread_mutex_lock(&lock);
	at = lseek(fd, 0, SEEK_CUR);
	if ((r = real(fd, p, n)) > 0)
		wrote(fd, p, (size_t)r, at);
	(void)pthread_mutex_unlock(&lock);
	return r;
}

static void
wrote_v(int fd, const struct iovec *v, int n, size_t len, off_t at)
{
	for (int i = 0; i < n && len > 0; i++) {
		size_t k = v[i].iov_len < len ? v[i].iov_len : len;

		wrote(fd, v[i].iov_base, k, at);
		at += (off_t)k;
		len -= k;
	}
}

ssize_t
writev(int fd, const struct iovec *v, int n)
{
	off_t at;
	ssize_t r;
	REAL(writev);

	if (of(fd) == NULL)
		return real(fd, v, n);
	(void)pthread_mutex_lock(&lock);
	at = lseek(fd, 0, SEEK_CUR);
	if ((r = real(fd, v, n)) > 0)
		wrote_v(fd, v, n, (size_t)r, at);
	(void)pthread_mutex_unlock(&lock);
	return r;
}

ssize_t
pwritev(int fd, const struct iovec *v, int n, off_t at)
{
	ssize_t r;
	REAL(pwritev);

	if (of(fd) == NULL)
		return real(fd, v, n, at);
	(void)pthread_mutex_lock(&lock);
	if ((r = real(fd, v, n, at)) > 0)
		wrote_v(fd, v, n, (size_t)r, at);
	(void)pthread_mutex_unlock(&lock);
	return r;
}

int
ftruncate(int fd, off_t n)
{
	REAL(ftruncate);
	int r = real(fd, n);

	if (r == 0 && of(fd) != NULL) {
		(void)pthread_mutex_lock(&lock);
		record((struct head){ .op = 'T', .at = (uint64_t)n },
		    paths[fd], NULL, NULL);
		(void)pthread_mutex_unlock(&lock);
	}
	return r;
}

/* ---- syncs ---- */

static uint64_t
begin(int fd)
{
	struct head h = { .op = 'B' };

	if (of(fd) == NULL)
		return 0;
	(void)pthread_mutex_lock(&lock);
	h.number = ++number + ((uint64_t)getpid() << 32);
	record(h, paths[fd], NULL, NULL);
	(void)pthread_mutex_unlock(&lock);
	return h.number;
}

static int
ended(int fd, uint64_t n, int r)
{
	struct head h = { .op = 'E', .number = n };

	if (r == 0 && n != 0) {
		(void)pthread_mutex_lock(&lock);
		record(h, paths[fd], NULL, NULL);
		(void)pthread_mutex_unlock(&lock);
	}
	return r;
}

int
fsync(int fd)
{
	uint64_t n = begin(fd);
	REAL(fsync);

	return ended(fd, n, real(fd));
}

int
fdatasync(int fd)
{
	uint64_t n = begin(fd);
	REAL(fdatasync);

	return ended(fd, n, real(fd));
}

/* ---- names ---- */

static int
named(int r, char op, const char *a, const char *b)
{
	if (r == 0 && ours(a)) {
		(void)pthread_mutex_lock(&lock);
		record((struct head){ .op = (uint8_t)op }, a, b, NULL);
		(void)pthread_mutex_unlock(&lock);
	}
	return r;
}

int
rename(const char *a, const char *b)
{
	REAL(rename);
	return named(real(a, b), 'R', a, b);
}

int
renameat2(int d, const char *a, int e, const char *b, unsigned flags)
{
	REAL(renameat2);
	return named(real(d, a, e, b, flags), 'R', a, b);
}

int
unlink(const char *a)
{
	REAL(unlink);
	return named(real(a), 'U', a, NULL);
}

int
mkdir(const char *a, mode_t mode)
{
	REAL(mkdir);
	return named(real(a, mode), 'M', a, NULL);
}
