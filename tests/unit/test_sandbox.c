/* sys.h, the sandbox: what a confined process tries in vain. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "sys.h"

#define SELF	"/proc/self/exe"	/* any program that is there */

/* ---- system calls ---- */

static void try_nothing(void) { (void)getpid(); }
static void try_exec(void) { (void)execl(SELF, SELF, (char *)NULL); }
static void try_fork(void) { (void)fork(); }
static void try_socket(void) { (void)socket(AF_INET, SOCK_STREAM, 0); }
static void try_unix(void) { (void)socket(AF_UNIX, SOCK_STREAM, 0); }
static void try_ptrace(void) { (void)ptrace(PTRACE_TRACEME, 0, NULL, NULL); }
static void try_kill(void) { (void)kill(getppid(), 0); }
static void try_accept(void) { (void)accept4(-1, NULL, NULL, 0); }
static void try_setuid(void) { (void)!setuid(1); }
static void try_chroot(void) { (void)!chroot("/"); }

static void
try_code(void)
{
	(void)mmap(NULL, 4096, PROT_READ | PROT_EXEC,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void
try_code_later(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)mprotect(p, 4096, PROT_READ | PROT_EXEC);
}

static void *
in_thread(void *arg)
{
	const int *go = arg;
	char c;

	assert_int_equal(read(*go, &c, 1), 1);
	try_socket();
	return NULL;
}

/* A thread that ran before the others were confined is confined too. */
static void
try_thread(void)
{
}

static int
by_byte(const void *a, const void *b)
{
	return *(const unsigned char *)a - *(const unsigned char *)b;
}

/*
 * Sorting more than a kilobyte: the C library first asks how much memory the
 * machine has.  An auditor's inventory of some thirty events did it.
 */
static void
try_sort(void)
{
	static unsigned char many[1 << 20];

	qsort(many, sizeof(many) / 32, 32, by_byte);
}

/* How a child ends that is confined and then tries it: 0, or a signal. */
static int
ends(enum sandbox_who who, void (*try)(void))
{
	int how, fd[2];
	pthread_t t;
	pid_t pid;

	assert_int_equal(pipe(fd), 0);
	if ((pid = fork()) == 0) {
		bool thread = try == try_thread;

		if (thread && pthread_create(&t, NULL, in_thread, fd) != 0)
			_exit(2);
		if (sandbox_calls(who) != ERR_OK)
			_exit(3);
		if (thread) {
			(void)!write(fd[1], "x", 1);
			(void)pthread_join(t, NULL);
		} else {
			try();
		}
		_exit(0);
	}
	(void)close(fd[0]);
	(void)close(fd[1]);
	assert_int_equal(waitpid(pid, &how, 0), pid);
	return WIFSIGNALED(how) ? WTERMSIG(how) : WEXITSTATUS(how);
}

static void
test_calls(void **state)
{
	static void (*const never[])(void) = {
		try_exec, try_fork, try_socket, try_unix, try_ptrace,
		try_kill, try_setuid, try_chroot, try_code, try_code_later,
		try_thread
	};
	size_t i;

	(void)state;
#ifdef PELUIT_NO_SANDBOX
	print_message("a sanitizer makes calls of its own: not tested\n");
	return;
#endif
	for (i = 0; i < sizeof(never) / sizeof(never[0]); i++) {
		assert_int_equal(ends(SANDBOX_SERVER, never[i]), SIGSYS);
		if (never[i] == try_thread)	/* the others have none */
			continue;
		assert_int_equal(ends(SANDBOX_SIGNER, never[i]), SIGSYS);
		assert_int_equal(ends(SANDBOX_OPENER, never[i]), SIGSYS);
	}
	assert_int_equal(ends(SANDBOX_SERVER, try_nothing), 0);
	assert_int_equal(ends(SANDBOX_SIGNER, try_nothing), 0);
	assert_int_equal(ends(SANDBOX_SERVER, try_accept), 0);
	assert_int_equal(ends(SANDBOX_SERVER, try_sort), 0);
	assert_int_equal(ends(SANDBOX_SIGNER, try_accept), SIGSYS);
	assert_int_equal(ends(SANDBOX_OPENER, try_nothing), 0);
	assert_int_equal(ends(SANDBOX_OPENER, try_accept), SIGSYS);
}

/* ---- files ---- */

static int
opens(const char *dir, const char *name, int flags)
{
	char *path = path_join(dir, name);
	int fd = open(path, flags, 0600), saved = errno;

	free(path);
	if (fd != -1)
		(void)close(fd);
	return fd != -1 ? 0 : saved;
}

static int
binds(const char *dir, const char *name)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	char *path = path_join(dir, name);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0), r;

	assert_true(strlen(path) < sizeof(un.sun_path));
	memcpy(un.sun_path, path, strlen(path) + 1);
	r = bind(fd, (struct sockaddr *)&un, sizeof(un)) == 0 ? 0 : errno;
	if (r == 0 && unlink(path) == -1)
		r = errno;
	(void)close(fd);
	free(path);
	return r;
}

static void
remove_folder(char *dir)
{
	char *f = path_join(dir, "f");

	(void)unlink(f);
	(void)rmdir(dir);
	free(f);
	free(dir);
}

static void
test_files(void **state)
{
	char top[] = "/tmp/sandbox-XXXXXX", *in, *out, *so, *no;
	char *gone;
	bool there = false;
	int how;
	pid_t pid;

	(void)state;
	assert_non_null(mkdtemp(top));
	in = path_join(top, "in");
	out = path_join(top, "out");
	so = path_join(top, "so");
	no = path_join(top, "no");
	gone = path_join(top, "gone");
	assert_int_equal(mkdir(in, 0700) | mkdir(out, 0700) |
	    mkdir(so, 0700) | mkdir(no, 0700), 0);
	assert_int_equal(opens(in, "f", O_CREAT | O_WRONLY), 0);
	assert_int_equal(opens(so, "f", O_CREAT | O_WRONLY), 0);
	assert_int_equal(opens(no, "f", O_CREAT | O_WRONLY), 0);
	if ((pid = fork()) == 0) {
		const char *const read[] = { in, gone, NULL };
		const char *const write[] = { out, NULL };
		const char *const sock[] = { so, NULL };
		const struct sandbox_files f = { read, write, sock };

		if (sandbox_files(&f, &there) != ERR_OK)
			_exit(2);
		if (!there)
			_exit(77);
		_exit(opens(in, "f", O_RDONLY) != 0 ? 3 :
		    opens(in, "f", O_WRONLY) != EACCES ? 4 :
		    opens(in, "g", O_CREAT | O_WRONLY) != EACCES ? 5 :
		    opens(out, "f", O_CREAT | O_RDWR) != 0 ? 6 :
		    binds(so, "s") != 0 ? 10 :
		    opens(so, "f", O_CREAT | O_WRONLY) != EACCES ? 11 :
		    opens(so, "f", O_RDONLY) != EACCES ? 12 :
		    binds(in, "s") != EACCES ? 13 :
		    opens(no, "f", O_RDONLY) != EACCES ? 7 :
		    opens("/etc", "passwd", O_RDONLY) != EACCES ? 8 :
		    execl(SELF, SELF, (char *)NULL) != -1 ||
		    errno != EACCES ? 9 : 0);
	}
	assert_int_equal(waitpid(pid, &how, 0), pid);
	assert_true(WIFEXITED(how));
	if (WEXITSTATUS(how) == 77)
		print_message("this kernel has no Landlock: not tested\n");
	else
		assert_int_equal(WEXITSTATUS(how), 0);
	remove_folder(in);
	remove_folder(out);
	remove_folder(so);
	remove_folder(no);
	(void)rmdir(top);
	free(gone);
}

/* The kernel's answer to who asks for Landlock, as far as one can tell. */
static bool
kernel_says(int error)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);

	return ctx != NULL && seccomp_rule_add(ctx,
	    SCMP_ACT_ERRNO((unsigned)error), SCMP_SYS(landlock_create_ruleset),
	    0) == 0 && seccomp_load(ctx) == 0;
}

/* 0: it is confined as far as that kernel can. */
static int
on_such_a_kernel(int error)
{
	const struct sandbox_files nothing = { NULL, NULL, NULL };
	bool there = true;
	int how;
	pid_t pid = fork();

	if (pid == 0) {
		if (!kernel_says(error))
			_exit(2);
		if (sandbox_files(&nothing, &there) != ERR_OK)
			_exit(3);
		if (there || opens("/etc", "passwd", O_RDONLY) != 0)
			_exit(4);
		if (sandbox_calls(SANDBOX_SERVER) != ERR_OK)
			_exit(5);
		try_exec();
		_exit(6);
	}
	assert_int_equal(waitpid(pid, &how, 0), pid);
	return WIFSIGNALED(how) ? -WTERMSIG(how) : WEXITSTATUS(how);
}

/* Before 5.13, or with Landlock off: the filter of calls is all there is. */
static void
test_no_landlock(void **state)
{
	(void)state;
#ifdef PELUIT_NO_SANDBOX
	print_message("a sanitizer makes calls of its own: not tested\n");
	return;
#endif
	assert_int_equal(on_such_a_kernel(ENOSYS), -SIGSYS);
	assert_int_equal(on_such_a_kernel(EOPNOTSUPP), -SIGSYS);
	/* whatever else goes wrong is not taken for an old kernel */
	assert_int_equal(on_such_a_kernel(EPERM), 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_calls),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_no_landlock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
