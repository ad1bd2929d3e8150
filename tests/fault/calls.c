/*
 * Calls that fail: preloaded, never linked to a program.
 *
 *   PELUIT_FAULT=CLASS[/SITE][@N[+M]]=enomem|eio|enospc|short[,...]
 *
 * with CLASS one of alloc map lock open read write sync rename thread.  The
 * Nth to the (N+M)th call of a class fails, without @N every one; the
 * libraries' own calls count as well.  short: a write takes half of it.
 * "signer:" before a class: only in a process that was forked.
 *
 * SITE: only calls of that one, and N counts those alone.  A site is a call
 * together with who called it, DEPTH return addresses deep; its name is a
 * hash of where those stand in their files, the same each time.
 * PELUIT_COUNT=FILE: the sites are written there, see struct table.
 * PELUIT_TESTS=PATTERN: cmocka runs the tests of such a name alone.
 */
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <sys/uio.h>

#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <link.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum class {
	C_ALLOC, C_MAP, C_LOCK, C_OPEN, C_READ, C_WRITE, C_SYNC, C_RENAME,
	C_THREAD, CLASSES
};
static const char *const name[CLASSES] = {
	"alloc", "map", "lock", "open", "read", "write", "sync", "rename",
	"thread"
};
enum how { NOT, ENOMEM_, EIO_, ENOSPC_, SHORT_ };

static struct plan {
	_Atomic unsigned long from, to;		/* fail these; 0: none */
	_Atomic uint64_t site;			/* 0: any */
	_Atomic enum how how;
} plan[CLASSES];
static _Atomic unsigned long seen[CLASSES];
static _Atomic int ready, forked;

/* How often each site was called, by this process and by forked ones: a file
 * that they share, so that it is whole however they end. */
#define SLOTS	16384
#define DEPTH	7
struct slot {
	_Atomic uint64_t site, n;
};
struct table {
	struct slot slot[2][CLASSES][SLOTS];	/* [forked] */
};
static struct table *table;

/* Where the files of this program lie in memory. */
static struct module {
	uintptr_t from, to;
	int excused;
} module[64];
static int modules;

static enum how
how_of(const char *p, size_t n)
{
	static const char *const word[] = { "", "enomem", "eio", "enospc",
	    "short" };

	for (int i = 1; i < 5; i++)
		if (strlen(word[i]) == n && memcmp(word[i], p, n) == 0)
			return (enum how)i;
	return NOT;
}

/* One of the list; what is not ours is a fault point's. */
static void
plan_read(const char *p, size_t len, int child)
{
	const char *eq = memchr(p, '=', len);
	char *end;
	size_t n;

	if (len > 7 && memcmp(p, "signer:", 7) == 0) {
		if (!child)
			return;
		p += 7;
		len -= 7;
	} else if (child) {
		return;
	}
	n = strcspn(p, "/@=");
	if (eq == NULL)
		return;
	for (int c = 0; c < CLASSES; c++) {
		struct plan *q = &plan[c];

		if (strlen(name[c]) != n || memcmp(name[c], p, n) != 0)
			continue;
		q->from = 1;
		q->to = (unsigned long)-1;
		end = (char *)(uintptr_t)p + n;
		if (*end == '/')
			q->site = strtoull(end + 1, &end, 16);
		if (*end == '@') {
			q->from = q->to = strtoul(end + 1, &end, 10);
			if (*end == '+')
				q->to += strtoul(end + 1, &end, 10);
		}
		q->how = how_of(eq + 1, len - (size_t)(eq + 1 - p));
	}
}

static void
plans_read(int child)
{
	const char *p = getenv("PELUIT_FAULT");
	size_t n;

	for (; p != NULL && *p != '\0'; p += n + (p[n] == ',')) {
		n = strcspn(p, ",");
		plan_read(p, n, child);
	}
}

static void
in_child(void)
{
	for (int c = 0; c < CLASSES; c++) {
		plan[c].how = NOT;
		seen[c] = 0;
	}
	forked = 1;
	plans_read(1);
}

/*
 * libconfuse and libseccomp abort or crash when they get no memory.  The one
 * reads the config when a program starts and on SIGHUP, the other makes the
 * filter of system calls at a start; nothing of ours can mend them, so their
 * own calls are left alone.
 */
static int
module_found(struct dl_phdr_info *info, size_t size, void *arg)
{
	struct module *m = &module[modules];

	(void)size;
	(void)arg;
	if (modules == (int)(sizeof(module) / sizeof(module[0])))
		abort();
	m->from = (uintptr_t)-1;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *h = &info->dlpi_phdr[i];
		uintptr_t at = info->dlpi_addr + h->p_vaddr;

		if (h->p_type != PT_LOAD)
			continue;
		m->from = at < m->from ? at : m->from;
		m->to = at + h->p_memsz > m->to ? at + h->p_memsz : m->to;
	}
	m->excused = strstr(info->dlpi_name, "libconfuse") != NULL ||
	    strstr(info->dlpi_name, "libseccomp") != NULL;
	modules++;
	return 0;
}

static void
table_open(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	void *p = MAP_FAILED;

	if (fd != -1 && ftruncate(fd, sizeof(*table)) == 0)
		p = mmap(NULL, sizeof(*table), PROT_READ | PROT_WRITE,
		    MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		abort();
	close(fd);
	table = p;
}

static void start(void) __attribute__((constructor));
static void
start(void)
{
	const char *count = getenv("PELUIT_COUNT");
	const char *tests = getenv("PELUIT_TESTS");
	void (*filter)(const char *);
	void *warm;

	(void)pthread_atfork(NULL, NULL, in_child);
	(void)backtrace(&warm, 1);	/* it loads a library once */
	(void)dl_iterate_phdr(module_found, NULL);
	if (count != NULL)
		table_open(count);
	filter = (void (*)(const char *))(uintptr_t)dlsym(RTLD_DEFAULT,
	    "cmocka_set_test_filter");
	if (tests != NULL && filter != NULL)
		filter(tests);
	plans_read(0);
	ready = 1;
}

/* The site of the call that is being made; 0: one that is left alone. */
static uint64_t
site_here(enum class c)
{
	void *at[64];
	int i, k, n = backtrace(at, 64);
	uint64_t h = 0xcbf29ce484222325;

	for (i = 0; i < n; i++) {
		uintptr_t a = (uintptr_t)at[i], low = 0;

		for (k = 0; k < modules; k++)
			if (a >= module[k].from && a < module[k].to)
				break;
		if (k < modules && module[k].excused && c == C_ALLOC)
			return 0;
		low = k < modules ? module[k].from : a;
		if (i < DEPTH)
			h = (h ^ (uint64_t)k ^ (a - low) << 6) *
			    0x100000001b3;
	}
	return h ? h : 1;
}

static void
count_it(enum class c, uint64_t site)
{
	struct slot *s = table->slot[forked][c];
	uint64_t k, none;

	for (k = site; ; k++) {
		none = 0;
		if (s[k % SLOTS].site == site ||
		    atomic_compare_exchange_strong(&s[k % SLOTS].site, &none,
		    site) || none == site)
			break;
		if (k == site + SLOTS)
			abort();
	}
	s[k % SLOTS].n++;
}

/* Whether this call is one that fails, and by what. */
static enum how
fails(enum class c)
{
	static _Thread_local int inside;
	struct plan *p = &plan[c];
	int saved = errno;
	uint64_t site;
	unsigned long n;

	if (!ready || inside || (p->how == NOT && table == NULL))
		return NOT;
	inside = 1;
	site = site_here(c);
	inside = 0;
	errno = saved;
	if (site == 0)
		return NOT;
	if (table != NULL)
		count_it(c, site);
	if (p->how == NOT || (p->site != 0 && p->site != site))
		return NOT;
	n = ++seen[c];
	if (n < p->from || n > p->to)
		return NOT;
	errno = p->how == EIO_ ? EIO : p->how == ENOSPC_ ? ENOSPC : ENOMEM;
	return p->how;
}

#define REAL(f)	static __typeof__(f) *real; \
	if (real == NULL) \
		real = (__typeof__(f) *)(uintptr_t)dlsym(RTLD_NEXT, #f)

/* ---- memory ---- */

/* dlsym() itself asks for memory before it can tell where to get it. */
static char early[8192] __attribute__((aligned(16)));
static size_t early_n;

static void *
early_alloc(size_t n)
{
	void *p = early + early_n;

	n = (n + 15) / 16 * 16;
	if (n > sizeof(early) - early_n)
		abort();
	early_n += n;
	return p;
}

void *
malloc(size_t n)
{
	static void *(*real)(size_t);
	static _Atomic int asking;

	if (real == NULL) {
		if (asking)
			return early_alloc(n);
		asking = 1;
		real = (void *(*)(size_t))(uintptr_t)dlsym(RTLD_NEXT,
		    "malloc");
		asking = 0;
	}
	return fails(C_ALLOC) ? NULL : real(n);
}

void *
calloc(size_t k, size_t n)
{
	static void *(*real)(size_t, size_t);
	static _Atomic int asking;

	if (real == NULL) {
		if (asking)
			return early_alloc(k * n);
		asking = 1;
		real = (void *(*)(size_t, size_t))(uintptr_t)dlsym(RTLD_NEXT,
		    "calloc");
		asking = 0;
	}
	return fails(C_ALLOC) ? NULL : real(k, n);
}

/* The programs' own realloc() comes before this one and ends in malloc(). */
void *
realloc(void *p, size_t n)
{
	REAL(realloc);
	return fails(C_ALLOC) ? NULL : real(p, n);
}

int
posix_memalign(void **out, size_t a, size_t n)
{
	REAL(posix_memalign);
	return fails(C_ALLOC) ? ENOMEM : real(out, a, n);
}

void *
mmap(void *p, size_t n, int prot, int flags, int fd, off_t at)
{
	REAL(mmap);
	return fails(C_MAP) ? MAP_FAILED : real(p, n, prot, flags, fd, at);
}

void *
mmap64(void *p, size_t n, int prot, int flags, int fd, off_t at)
{
	REAL(mmap);
	return fails(C_MAP) ? MAP_FAILED : real(p, n, prot, flags, fd, at);
}

/* ---- locks ---- */

int
mlock(const void *p, size_t n)
{
	REAL(mlock);
	return fails(C_LOCK) ? -1 : real(p, n);
}

int
flock(int fd, int op)
{
	REAL(flock);
	return fails(C_LOCK) ? -1 : real(fd, op);
}

static int
control(int fd, int cmd, void *arg)
{
	REAL(fcntl);
	if ((cmd == F_SETLK || cmd == F_SETLKW || cmd == F_OFD_SETLK) &&
	    fails(C_LOCK))
		return -1;
	return real(fd, cmd, arg);
}

#define CONTROL(f) \
int \
f(int fd, int cmd, ...) \
{ \
	va_list ap; \
	void *arg; \
\
	va_start(ap, cmd); \
	arg = va_arg(ap, void *); \
	va_end(ap); \
	return control(fd, cmd, arg); \
}
CONTROL(fcntl)
CONTROL(fcntl64)

/* ---- files ---- */

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
	return fails(C_OPEN) ? -1 : real(path, flags, mode); \
}
OPEN(open)
OPEN(open64)

int __open64_2(const char *path, int flags);
int
__open64_2(const char *path, int flags)
{
	return open(path, flags, 0);
}

ssize_t
read(int fd, void *p, size_t n)
{
	REAL(read);
	return fd > 2 && fails(C_READ) ? -1 : real(fd, p, n);
}

ssize_t
pread(int fd, void *p, size_t n, off_t at)
{
	REAL(pread);
	return fails(C_READ) ? -1 : real(fd, p, n, at);
}

ssize_t
pread64(int fd, void *p, size_t n, off_t at)
{
	return pread(fd, p, n, at);
}

ssize_t
write(int fd, const void *p, size_t n)
{
	enum how h = fd > 2 ? fails(C_WRITE) : NOT;
	REAL(write);

	return h == SHORT_ && n > 1 ? real(fd, p, n / 2) : h ? -1 :
	    real(fd, p, n);
}

ssize_t
pwrite(int fd, const void *p, size_t n, off_t at)
{
	enum how h = fails(C_WRITE);
	REAL(pwrite);

	return h == SHORT_ && n > 1 ? real(fd, p, n / 2, at) : h ? -1 :
	    real(fd, p, n, at);
}

ssize_t
pwrite64(int fd, const void *p, size_t n, off_t at)
{
	return pwrite(fd, p, n, at);
}

ssize_t
writev(int fd, const struct iovec *v, int n)
{
	enum how h = fd > 2 ? fails(C_WRITE) : NOT;
	REAL(writev);

	return h == SHORT_ && n > 1 ? real(fd, v, n / 2) : h ? -1 :
	    real(fd, v, n);
}

int
fsync(int fd)
{
	REAL(fsync);
	return fails(C_SYNC) ? -1 : real(fd);
}

int
fdatasync(int fd)
{
	REAL(fdatasync);
	return fails(C_SYNC) ? -1 : real(fd);
}

int
rename(const char *a, const char *b)
{
	REAL(rename);
	return fails(C_RENAME) ? -1 : real(a, b);
}

int
renameat2(int d, const char *a, int e, const char *b, unsigned flags)
{
	REAL(renameat2);
	return fails(C_RENAME) ? -1 : real(d, a, e, b, flags);
}

int
unlink(const char *path)
{
	REAL(unlink);
	return fails(C_RENAME) ? -1 : real(path);
}

/* ---- threads ---- */

int
pthread_create(pthread_t *t, const pthread_attr_t *a, void *(*f)(void *),
    void *arg)
{
	REAL(pthread_create);
	return fails(C_THREAD) ? EAGAIN : real(t, a, f, arg);
}
