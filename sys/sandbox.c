/*
 * What a process may still do once it has started: Landlock for files
 * (landlock(7)), seccomp for system calls (seccomp(2), by libseccomp).
 */
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <unistd.h>

#include "sys.h"

#define READ	(LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define WRITE	(LANDLOCK_ACCESS_FS_WRITE_FILE | \
    LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE | \
    LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG | \
    LANDLOCK_ACCESS_FS_MAKE_SOCK)
#define SOCK	(LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_REMOVE_FILE)
/* What nobody is given, so that it is refused everywhere. */
#define NEVER	(LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_MAKE_CHAR | \
    LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK | \
    LANDLOCK_ACCESS_FS_MAKE_SYM)

static enum err
allow_below(int rules, const char *path, uint64_t access)
{
	struct landlock_path_beneath_attr a = { .allowed_access = access };
	long r;

	a.parent_fd = open(path, O_PATH | O_CLOEXEC);
	if (a.parent_fd == -1)
		return errno == ENOENT ? ERR_OK : ERR_SYS;
	r = syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH,
	    &a, 0);
	(void)close(a.parent_fd);
	return r == 0 ? ERR_OK : ERR_SYS;
}

static enum err
allow_all(int rules, const char *const *path, uint64_t access)
{
	enum err e = ERR_OK;

	for (; path != NULL && *path != NULL && e == ERR_OK; path++)
		e = allow_below(rules, *path, access);
	return e;
}

enum err
sandbox_files(const struct sandbox_files *f, bool *there)
{
	struct landlock_ruleset_attr a = {
		.handled_access_fs = READ | WRITE | NEVER
	};
	enum err e;
	int rules;

	*there = false;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		return ERR_SYS;
	rules = (int)syscall(SYS_landlock_create_ruleset, &a, sizeof(a), 0);
	if (rules == -1)	/* a kernel without it, or one that has it off */
		return errno == ENOSYS || errno == EOPNOTSUPP ? ERR_OK :
		    ERR_SYS;
	if ((e = allow_all(rules, f->read, READ)) == ERR_OK &&
	    (e = allow_all(rules, f->write, READ | WRITE)) == ERR_OK)
		e = allow_all(rules, f->sock, SOCK);
	if (e == ERR_OK && syscall(SYS_landlock_restrict_self, rules, 0) == -1)
		e = ERR_SYS;
	(void)close(rules);
	*there = e == ERR_OK;
	return e;
}

/* What both processes need: files by path, memory, time, an orderly end. */
static const int both[] = {
	SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(close), SCMP_SYS(openat),
	SCMP_SYS(newfstatat), SCMP_SYS(fstat), SCMP_SYS(lseek),
	SCMP_SYS(fsync), SCMP_SYS(fdatasync), SCMP_SYS(rename),
	SCMP_SYS(unlink), SCMP_SYS(fchmod), SCMP_SYS(utimensat),
	SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise),
	SCMP_SYS(mlock), SCMP_SYS(munlock), SCMP_SYS(mincore), SCMP_SYS(brk),
	SCMP_SYS(getrandom), SCMP_SYS(clock_gettime), SCMP_SYS(getpid),
	SCMP_SYS(gettid), SCMP_SYS(futex), SCMP_SYS(restart_syscall),
	SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn),
	SCMP_SYS(sendto), SCMP_SYS(recvfrom),
	SCMP_SYS(exit), SCMP_SYS(exit_group)
};
/* The server's: it takes connections and never makes one. */
static const int server[] = {
	SCMP_SYS(accept4), SCMP_SYS(shutdown), SCMP_SYS(sendmsg),
	SCMP_SYS(recvmsg), SCMP_SYS(writev), SCMP_SYS(getsockname),
	SCMP_SYS(getpeername), SCMP_SYS(getsockopt), SCMP_SYS(setsockopt),
	SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(epoll_wait),
	SCMP_SYS(epoll_pwait), SCMP_SYS(epoll_ctl), SCMP_SYS(fcntl),
	SCMP_SYS(pread64), SCMP_SYS(pwrite64), SCMP_SYS(pwritev),
	SCMP_SYS(ftruncate), SCMP_SYS(statfs), SCMP_SYS(fstatfs),
	SCMP_SYS(getdents64), SCMP_SYS(mkdir), SCMP_SYS(access),
	SCMP_SYS(clock_nanosleep), SCMP_SYS(nanosleep), SCMP_SYS(sched_yield),
	SCMP_SYS(rt_sigtimedwait), SCMP_SYS(wait4),
	SCMP_SYS(sysinfo),	/* qsort() asks how much memory there is */
	/* a thread's first calls: one may be about to begin */
	SCMP_SYS(set_robust_list), SCMP_SYS(rseq),
	SCMP_SYS(sched_getaffinity)
};
/* What gives a descriptor away. */
static const int opener[] = { SCMP_SYS(sendmsg) };
#ifdef PELUIT_FAULTS
/* raise() of a fault point. */
static const int faults[] = { SCMP_SYS(tgkill) };
#endif

static int
allow(scmp_filter_ctx ctx, const int *calls, size_t n)
{
	int r = 0;

	for (size_t i = 0; i < n && r == 0; i++)
		r = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, calls[i], 0);
	return r;
}

/*
 * Memory as data alone; of ioctl only what asks whether it is a terminal, of
 * prctl the name that the library gives its threads.
 */
static int
allow_some(scmp_filter_ctx ctx)
{
	const struct scmp_arg_cmp data =
	    SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
	int r;

	if ((r = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
	    data)) != 0 ||
	    (r = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
	    data)) != 0 ||
	    (r = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(prctl), 1,
	    SCMP_A0(SCMP_CMP_EQ, PR_SET_NAME, 0))) != 0)
		return r;
	return seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1,
	    SCMP_A1(SCMP_CMP_EQ, 0x5401 /* TCGETS */, 0));
}

enum err
sandbox_calls(enum sandbox_who who)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int r;

	if (ctx == NULL) {
		errno = ENOMEM;
		return ERR_SYS;
	}
	r = seccomp_attr_set(ctx, SCMP_FLTATR_CTL_TSYNC, 1);
	if (r == 0)
		r = seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	if (r == 0)
		r = allow(ctx, both, sizeof(both) / sizeof(both[0]));
	if (r == 0 && who == SANDBOX_SERVER)
		r = allow(ctx, server, sizeof(server) / sizeof(server[0]));
	if (r == 0 && who == SANDBOX_OPENER)
		r = allow(ctx, opener, sizeof(opener) / sizeof(opener[0]));
#ifdef PELUIT_FAULTS
	if (r == 0)
		r = allow(ctx, faults, sizeof(faults) / sizeof(faults[0]));
#endif
	if (r == 0)
		r = allow_some(ctx);
	if (r == 0)
		r = seccomp_load(ctx);
	seccomp_release(ctx);
	if (r == 0)
		return ERR_OK;
	errno = -r;
	return ERR_SYS;
}
