/* What a process asks of the system for itself. */
#include <errno.h>
#include <malloc.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "sys.h"

#define HEAP_MMAP_MIN	(256 * 1024)	/* larger ones are maps */
#define HEAP_TRIM	(512 * 1024)	/* free top of a heap that is kept */
#define PAGE		4096

static bool locked;

enum err
process_guard(void)
{
	const struct rlimit none = { .rlim_cur = 0, .rlim_max = 0 };

	if (setrlimit(RLIMIT_CORE, &none) == -1)
		return ERR_SYS;
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == -1)
		return ERR_SYS;
	return ERR_OK;
}

enum err
process_can_lock(size_t bytes, uint64_t *limit)
{
	struct rlimit rl;
	void *p;
	int r, saved;

	*limit = 0;
	if (getrlimit(RLIMIT_MEMLOCK, &rl) == -1)
		return ERR_SYS;
	*limit = rl.rlim_cur == RLIM_INFINITY ? UINT64_MAX : rl.rlim_cur;
	if (bytes == 0)
		return ERR_OK;
	/*
	 * Tried, not only read: a capability lifts the limit, and what is
	 * locked already counts.
	 */
	p = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		return ERR_SYS;
	r = mlock(p, bytes);
	saved = errno;
	(void)munmap(p, bytes);
	if (r == 0)
		return ERR_OK;
	errno = saved;
	return saved == ENOMEM || saved == EPERM || saved == EAGAIN ?
	    ERR_RANGE : ERR_SYS;
}

enum err
process_can_open(uint64_t n, uint64_t *limit)
{
	struct rlimit rl;

	*limit = 0;
	if (getrlimit(RLIMIT_NOFILE, &rl) == -1)
		return ERR_SYS;
	*limit = rl.rlim_max;
	if (n <= rl.rlim_cur)
		return ERR_OK;
	if (n > rl.rlim_max)
		return ERR_RANGE;
	rl.rlim_cur = n;
	return setrlimit(RLIMIT_NOFILE, &rl) == -1 ? ERR_SYS : ERR_OK;
}

/* Whether more than the limit may be locked: there is none, or a right. */
static bool
lock_unlimited(void)
{
	struct rlimit rl;
	size_t n;
	void *p;
	bool ok;

	if (getrlimit(RLIMIT_MEMLOCK, &rl) == -1)
		return false;
	if (rl.rlim_cur == RLIM_INFINITY)
		return true;
	n = (size_t)rl.rlim_cur + PAGE;
	p = mmap(NULL, n, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS |
	    MAP_NORESERVE, -1, 0);
	if (p == MAP_FAILED)
		return false;
	ok = mlock2(p, n, MLOCK_ONFAULT) == 0;
	(void)munmap(p, n);
	return ok;
}

enum err
process_lock(void)
{
	if (!lock_unlimited())
		return ERR_RANGE;
	if (mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) == -1)
		return ERR_SYS;
	locked = true;
	return ERR_OK;
}

enum err
process_lock_pause(bool pause)
{
	/* neither touches what is locked already or left out */
	if (!locked || (pause ? mlockall(MCL_CURRENT | MCL_ONFAULT) :
	    mlockall(MCL_FUTURE | MCL_ONFAULT)) == 0)
		return ERR_OK;
	return ERR_SYS;
}

void
process_heap(void)
{
	(void)mallopt(M_MMAP_THRESHOLD, HEAP_MMAP_MIN);
	(void)mallopt(M_TRIM_THRESHOLD, HEAP_TRIM);
}
