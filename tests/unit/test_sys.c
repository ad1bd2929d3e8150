/* The door to the system: files, locks, clock, sockets, prompt, heap. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "need.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "sys.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || \
    defined(PELUIT_PLAIN_FREE)
#define PLAIN_FREE
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer) || \
    __has_feature(thread_sanitizer)
#define PLAIN_FREE
#endif
#endif

#define OK(e)	assert_int_equal((e), ERR_OK)

static char root[64];

static int
setup(void **state)
{
	(void)state;
	(void)snprintf(root, sizeof(root), "/tmp/peluit-test.XXXXXX");
	return mkdtemp(root) == NULL ? -1 : 0;
}

static int
remove_one(const char *path, const struct stat *st, int what, struct FTW *f)
{
	(void)st;
	(void)what;
	(void)f;
	return remove(path);
}

static int
teardown(void **state)
{
	(void)state;
	return nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static char *
at(const char *name)
{
	return path_join(root, name);
}

/* ---- files ---- */

static void
test_read(void **state)
{
	uint8_t *p;
	size_t n;
	char *path;

	(void)state;
	path = at("f");
	assert_int_equal(file_read(path, 10, &p, &n), ERR_NOTFOUND);
	assert_null(p);
	OK(file_write(path, "0123456789", 10, 0600));
	OK(file_read(path, 10, &p, &n));
	assert_int_equal(n, 10);
	assert_string_equal((char *)p, "0123456789");
	free(p);
	assert_int_equal(file_read(path, 9, &p, &n), ERR_RANGE);
	assert_null(p);
	OK(file_write(path, "", 0, 0600));
	OK(file_read(path, 0, &p, &n));
	assert_int_equal(n, 0);
	assert_string_equal((char *)p, "");
	free(p);
	assert_int_equal(file_read(root, 10, &p, &n), ERR_FORMAT);
	free(path);
	path = at("pipe");
	OK(mkfifo(path, 0600));
	assert_int_equal(file_read(path, 10, &p, &n), ERR_FORMAT);
	free(path);
}

static void
test_fd_read(void **state)
{
	static uint8_t big[30000];
	uint8_t *p;
	size_t n, i;
	int fd[2];

	(void)state;
	for (i = 0; i < sizeof(big); i++)
		big[i] = (uint8_t)(i * 7);
	for (i = 0; i < 3; i++) {
		assert_int_equal(pipe(fd), 0);
		assert_int_equal(write(fd[1], big, sizeof(big)), sizeof(big));
		(void)close(fd[1]);
		assert_int_equal(fd_read(fd[0], sizeof(big) + 1 - i, &p, &n),
		    i == 2 ? ERR_RANGE : ERR_OK);
		if (i < 2) {
			assert_int_equal(n, sizeof(big));
			assert_memory_equal(p, big, n);
			assert_int_equal(p[n], 0);
			free(p);
		}
		(void)close(fd[0]);
	}
	assert_int_equal(fd_read(-1, 5, &p, &n), ERR_SYS);
}

/* Through a pipe, which takes and gives only a part at a time. */
static void
test_fd_write_fill(void **state)
{
	static uint8_t big[300000], got[sizeof(big) + 1];
	size_t n;
	pid_t pid;
	int fd[2];

	(void)state;
	for (n = 0; n < sizeof(big); n++)
		big[n] = (uint8_t)(n * 7);
	assert_int_equal(pipe(fd), 0);
	if ((pid = fork()) == 0)
		_exit(fd_write(fd[1], big, sizeof(big)) == ERR_OK ? 0 : 1);
	(void)close(fd[1]);
	assert_int_equal(fd_fill(fd[0], got, 100000, &n), ERR_OK);
	assert_int_equal(n, 100000);
	assert_int_equal(fd_fill(fd[0], got + n, sizeof(got) - n, &n), ERR_OK);
	assert_int_equal(n, 200000);
	assert_memory_equal(got, big, sizeof(big));
	(void)close(fd[0]);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(fd_write(-1, big, 1), ERR_SYS);
	assert_int_equal(fd_fill(-1, got, 1, &n), ERR_SYS);
}

static enum err
count_names(void *arg, const char *name)
{
	char *all = arg;

	(void)strcat(strcat(all, name), " ");
	return ERR_OK;
}

static enum err
stop_at_once(void *arg, const char *name)
{
	(void)arg;
	(void)name;
	return ERR_DENIED;
}

static void
test_write(void **state)
{
	char all[64] = "";
	struct stat st;
	char *path, *sub;
	uint8_t *p;
	size_t n;

	(void)state;
	path = at("f");
	(void)umask(077);
	OK(file_write_new(path, "one", 3, 0644));
	assert_int_equal(file_write_new(path, "two", 3, 0644), ERR_EXISTS);
	OK(stat(path, &st));
	assert_int_equal(st.st_mode & 07777, 0644);
	assert_true(file_too_open(path));
	OK(file_read(path, 10, &p, &n));
	assert_string_equal((char *)p, "one");
	free(p);
	OK(file_write(path, "three", 5, 0600));
	assert_false(file_too_open(path));
	OK(file_read(path, 10, &p, &n));
	assert_string_equal((char *)p, "three");
	free(p);
	/* Nothing half-done beside it, of the refused one either. */
	OK(dir_list(root, count_names, all));
	assert_string_equal(all, "f ");
	all[0] = '\0';
	sub = at("no/such");
	assert_int_equal(file_write(sub, "x", 1, 0600), ERR_SYS);
	free(sub);
	free(path);
}

static void
test_write_full(void **state)
{
	int status;
	pid_t pid;

	(void)state;
	assert_int_not_equal(pid = fork(), -1);
	if (pid == 0) {
		const struct rlimit rl = { .rlim_cur = 100, .rlim_max = 100 };
		static char big[200];
		char *path = at("f");

		(void)signal(SIGXFSZ, SIG_IGN);
		if (file_write(path, "old", 3, 0600) != ERR_OK ||
		    setrlimit(RLIMIT_FSIZE, &rl) == -1)
			_exit(1);
		_exit(file_write(path, big, sizeof(big), 0600) == ERR_SYS ?
		    0 : 2);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	char *path = at("f");
	uint8_t *p;
	size_t n;
	OK(file_read(path, 300, &p, &n));
	assert_string_equal((char *)p, "old");
	free(p);
	OK(unlink(path));
	OK(dir_is_empty(root));
	free(path);
}

static void
test_folders(void **state)
{
	char all[64] = "";
	struct stat st;
	char *a, *deep;

	(void)state;
	OK(dir_is_empty(root));
	a = at("a");
	deep = at("a//b/c/");
	assert_int_equal(dir_is_empty(a), ERR_NOTFOUND);
	OK(dir_make_all(deep, 0700));
	OK(dir_make_all(deep, 0700));
	assert_int_equal(dir_make(a, 0700), ERR_EXISTS);
	assert_int_equal(dir_is_empty(root), ERR_EXISTS);
	OK(stat(deep, &st));
	assert_true(S_ISDIR(st.st_mode));
	free(a);
	free(deep);
	a = at("file");
	OK(file_write(a, "x", 1, 0600));
	deep = at("file/x");
	assert_int_equal(dir_make_all(deep, 0700), ERR_SYS);
	assert_int_equal(dir_make_all(a, 0700), ERR_SYS);
	free(a);
	free(deep);
	a = at(".hidden");
	OK(file_write(a, "x", 1, 0600));
	free(a);
	a = at("Z");
	OK(file_write(a, "x", 1, 0600));
	OK(dir_list(root, count_names, all));
	assert_string_equal(all, "Z a file ");
	assert_int_equal(dir_list(root, stop_at_once, NULL), ERR_DENIED);
	OK(file_times(a, 1700000000));
	OK(stat(a, &st));
	assert_int_equal(st.st_mtime, 1700000000);
	assert_int_equal(st.st_mtim.tv_nsec, 0);
	free(a);
}

/* What a child says of the lock: its status is the error. */
static int
child_locks(const char *path)
{
	int fd, status;
	pid_t pid;

	assert_int_not_equal(pid = fork(), -1);
	if (pid == 0)
		_exit((int)(file_lock_test(path) == ERR_BUSY ?
		    file_lock(path, &fd) : file_lock(path, &fd) == ERR_OK ?
		    ERR_OK : ERR_LIMIT_));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WEXITSTATUS(status);
}

static void
test_lock(void **state)
{
	char *path;
	int fd, other;
	pid_t pid;

	(void)state;
	path = at("lock");
	OK(file_lock_test(path));
	OK(file_lock(path, &fd));
	assert_int_equal(file_lock(path, &other), ERR_BUSY);
	assert_int_equal(file_lock_test(path), ERR_BUSY);
	/* The process asked itself, and holds it still. */
	pid = fork();
	if (pid == 0) {
		/* Not inherited: nor does a child's end give it up. */
		_exit(0);
	}
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	(void)close(fd);
	OK(file_lock_test(path));
	OK(file_lock(path, &fd));
	(void)close(fd);
	free(path);
}

static void
test_lock_other(void **state)
{
	int fd, go[2], up[2], status;
	char *path, c;
	pid_t pid;

	(void)state;
	path = at("lock");
	assert_int_equal(pipe(go), 0);
	assert_int_equal(pipe(up), 0);
	assert_int_not_equal(pid = fork(), -1);
	if (pid == 0) {
		if (file_lock(path, &fd) != ERR_OK)
			_exit(1);
		_exit(write(up[1], "x", 1) == 1 &&
		    read(go[0], &c, 1) == 1 ? 0 : 1);
	}
	(void)close(up[1]);
	assert_int_equal(read(up[0], &c, 1), 1);
	assert_int_equal(file_lock(path, &fd), ERR_BUSY);
	assert_int_equal(fd, -1);
	assert_int_equal(file_lock_test(path), ERR_BUSY);
	assert_int_equal(child_locks(path), ERR_BUSY);
	assert_int_equal(write(go[1], "x", 1), 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(child_locks(path), ERR_OK);
	OK(file_lock(path, &fd));
	(void)close(fd);
	free(path);
}

/* ---- clock ---- */

static void
set_clock(const char *path, const char *text)
{
	OK(file_write(path, text, strlen(text), 0600));
}

static void
test_clock(void **state)
{
	static const char *const bad[] = {
		"", "\n", "12", "12\r\n", " 12\n", "+12\n", "-1\n", "012\n",
		"1e3\n", "12\n\n", "253402300800\n", "99999999999999999999\n",
		"0x10\n",
	};
	struct clock *c;
	char *path;
	size_t i;

	(void)state;
	OK(clock_open(NULL, &c));
	assert_in_range(clock_now(c), time(NULL) - 1, time(NULL) + 1);
	clock_close(c);

	path = at("clock");
	assert_int_equal(clock_open(path, &c), ERR_SYS);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		set_clock(path, bad[i]);
		assert_int_equal(clock_open(path, &c), ERR_FORMAT);
		assert_null(c);
	}
	set_clock(path, "0\n");
	OK(clock_open(path, &c));
	assert_int_equal(clock_now(c), 0);
	set_clock(path, "1700000000\n");
	assert_int_equal(clock_now(c), 0);	/* not read yet */
	(void)usleep(120000);
	assert_int_equal(clock_now(c), 1700000000);
	set_clock(path, "1700000001\n");
	clock_reread(c);
	assert_int_equal(clock_now(c), 1700000001);

	/* Back, or not a time: ignored; diag writes to a pipe here. */
	int fd[2], old;
	char said[512];
	assert_int_equal(pipe(fd), 0);
	old = dup(2);
	(void)dup2(fd[1], 2);
	set_clock(path, "1600000000\n");
	for (i = 0; i < 3; i++) {
		clock_reread(c);
		assert_int_equal(clock_now(c), 1700000001);
	}
	OK(unlink(path));
	for (i = 0; i < 3; i++) {
		clock_reread(c);
		assert_int_equal(clock_now(c), 1700000001);
	}
	(void)dup2(old, 2);
	(void)close(old);
	(void)close(fd[1]);
	ssize_t n = read(fd[0], said, sizeof(said) - 1);
	assert_true(n > 0);
	said[n] = '\0';
	(void)close(fd[0]);
	/* One line each, not one a reading. */
	assert_string_equal(said, "peluit: clock file: goes back, ignored\n"
	    "peluit: clock file: not readable, ignored\n");
	set_clock(path, "1700000002\n");
	clock_reread(c);
	assert_int_equal(clock_now(c), 1700000002);
	clock_close(c);
	free(path);
}

static void
test_steady(void **state)
{
	uint64_t a;

	(void)state;
	a = clock_steady_ms();
	(void)usleep(20000);
	assert_in_range(clock_steady_ms() - a, 19, 500);
}

/* ---- addresses ---- */

static void
test_addr(void **state)
{
	static const char *const good[] = {
		"unix:/run/x", "tcp:127.0.0.1:0", "tcp:127.0.0.1:65535",
		"tcp:[::1]:80",
	};
	static const struct { const char *text; enum err e; } bad[] = {
		{ "", ERR_FORMAT }, { "unix:", ERR_FORMAT },
		{ "unix:rel", ERR_FORMAT }, { "unix:/", ERR_FORMAT },
		{ "unix:/dir/", ERR_FORMAT }, { "UNIX:/a", ERR_FORMAT },
		{ "tcp:0.0.0.0:80", ERR_FORMAT },
		{ "tcp:127.0.0.2:80", ERR_FORMAT },
		{ "tcp:localhost:80", ERR_FORMAT },
		{ "tcp:[::]:80", ERR_FORMAT }, { "tcp:::1:80", ERR_FORMAT },
		{ "tcp:127.0.0.1", ERR_FORMAT },
		{ "tcp:127.0.0.1:", ERR_FORMAT },
		{ "tcp:127.0.0.1:080", ERR_FORMAT },
		{ "tcp:127.0.0.1:+8", ERR_FORMAT },
		{ "tcp:127.0.0.1:8 ", ERR_FORMAT },
		{ "tcp:127.0.0.1:65536", ERR_RANGE },
		{ "tcp:127.0.0.1:99999999999999999999", ERR_RANGE },
	};
	char text[ADDR_MAX + 16], lng[160];
	struct addr a;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		OK(addr_parse(good[i], &a));
		addr_text(&a, text);
		assert_string_equal(text, good[i]);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(addr_parse(bad[i].text, &a), bad[i].e);
	/* A unix path of 107 bytes is the longest the system takes. */
	(void)snprintf(lng, sizeof(lng), "unix:/%0106d", 0);
	OK(addr_parse(lng, &a));
	(void)snprintf(lng, sizeof(lng), "unix:/%0107d", 0);
	assert_int_equal(addr_parse(lng, &a), ERR_RANGE);
}

static void
connects(const struct addr *a)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd;

	memcpy(sun.sun_path, a->host, strlen(a->host));
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	OK(connect(fd, (struct sockaddr *)&sun, sizeof(sun)));
	(void)close(fd);
}

static void
test_listen(void **state)
{
	struct addr a, b;
	struct stat st;
	char text[160];
	int fd, other;

	(void)state;
	(void)snprintf(text, sizeof(text), "unix:%s/s", root);
	OK(addr_parse(text, &a));
	(void)umask(077);
	OK(net_listen(&a, &fd));
	OK(stat(a.host, &st));
	assert_int_equal(st.st_mode & 07777, 0660);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
	connects(&a);
	assert_int_equal(net_listen(&a, &other), ERR_BUSY);
	assert_int_equal(other, -1);
	connects(&a);
	(void)close(fd);
	OK(net_listen(&a, &fd));	/* the stale name is replaced */
	connects(&a);
	(void)close(fd);
	OK(unlink(a.host));
	OK(file_write(a.host, "mine", 4, 0600));
	assert_int_equal(net_listen(&a, &fd), ERR_SYS);
	assert_true(file_exists(a.host));	/* not ours to remove */

	OK(addr_parse("tcp:127.0.0.1:0", &a));
	OK(net_listen(&a, &fd));
	assert_int_not_equal(a.port, 0);
	b = a;
	assert_int_equal(net_listen(&b, &other), ERR_BUSY);
	(void)close(fd);
	OK(addr_parse("tcp:[::1]:0", &a));
	if (net_listen(&a, &fd) == ERR_OK) {
		assert_int_not_equal(a.port, 0);
		(void)close(fd);
	}
}

/* ---- prompt ---- */

static void
test_prompt_file(void **state)
{
	static const struct { const char *text; size_t n; const char *line;
		enum err e; } cases[] = {
		{ "word\n", 5, "word", ERR_OK },
		{ "word", 4, "word", ERR_OK },
		{ "word\r\nmore\n", 11, "word\r", ERR_OK },
		{ "\n", 1, "", ERR_OK },
		{ "1234567\n", 8, "1234567", ERR_OK },
		{ "12345678\n", 9, "", ERR_RANGE },
		{ "", 0, "", ERR_FORMAT },
		{ "a\0b\n", 4, "", ERR_FORMAT },
	};
	char out[8], *path;
	size_t i;

	(void)state;
	path = at("p");
	assert_int_equal(prompt_secret_file(path, out, sizeof(out)),
	    ERR_NOTFOUND);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		OK(file_write(path, cases[i].text, cases[i].n, 0600));
		memset(out, 'x', sizeof(out));
		assert_int_equal(prompt_secret_file(path, out, sizeof(out)),
		    cases[i].e);
		assert_string_equal(out, cases[i].line);
	}
	free(path);
}

/* On a terminal of its own: asked, not echoed, echo back on afterwards. */
static void
test_prompt(void **state)
{
	struct termios before, after;
	int i, master, slave, status;
	char out[16], said[128];
	size_t have;
	ssize_t n;
	pid_t pid;

	(void)state;
	assert_int_not_equal(master = posix_openpt(O_RDWR | O_NOCTTY), -1);
	OK(grantpt(master));
	OK(unlockpt(master));
	slave = open(ptsname(master), O_RDWR | O_NOCTTY);
	assert_int_not_equal(slave, -1);
	OK(tcgetattr(slave, &before));
	assert_int_not_equal(pid = fork(), -1);
	if (pid == 0) {
		int tty;

		(void)setsid();
		tty = open(ptsname(master), O_RDWR);	/* becomes ours */
		(void)tty;
		(void)close(master);		/* hangs up with its owner */
		_exit(prompt_secret("Word: ", out, sizeof(out)) == ERR_OK &&
		    strcmp(out, "s3cret") == 0 ? 0 : 1);
	}
	have = 0;
	(void)fcntl(master, F_SETFL, O_NONBLOCK);
	for (i = 0; have < 6 && i < 1000; i++) {
		if ((n = read(master, said + have,
		    sizeof(said) - 1 - have)) > 0)
			have += (size_t)n;
		(void)usleep(10000);
	}
	(void)usleep(100000);		/* echo is off by now */
	assert_int_equal(write(master, "s3cret\n", 7), 7);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	while ((n = read(master, said + have, sizeof(said) - 1 - have)) > 0)
		have += (size_t)n;
	said[have] = '\0';
	assert_non_null(strstr(said, "Word: "));
	assert_null(strstr(said, "s3cret"));
	OK(tcgetattr(slave, &after));
	assert_int_equal(before.c_lflag, after.c_lflag);
	(void)close(slave);
	(void)close(master);

	/* Without a terminal there is nobody to ask. */
	assert_int_not_equal(pid = fork(), -1);
	if (pid == 0) {
		(void)setsid();
		_exit((int)prompt_secret("?", out, sizeof(out)));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(WEXITSTATUS(status), ERR_NOTFOUND);
}

/* ---- process ---- */

static void
test_process(void **state)
{
	uint64_t limit;
	int status;
	pid_t pid;

	(void)state;
	assert_int_not_equal(pid = fork(), -1);
	if (pid == 0) {
		const struct rlimit lock = { 65536, 65536 };
		struct rlimit core;

		if (process_guard() != ERR_OK ||
		    prctl(PR_GET_DUMPABLE) != 0 ||
		    getrlimit(RLIMIT_CORE, &core) != 0 || core.rlim_max != 0)
			_exit(1);
		if (setrlimit(RLIMIT_MEMLOCK, &lock) == -1)
			_exit(2);
		/* As root a capability lifts the limit. */
		if (geteuid() == 0 && (setgid(65534) == -1 ||
		    setuid(65534) == -1))
			_exit(3);
#ifdef PLAIN_FREE
		_exit(0);	/* a sanitizer makes mlock do nothing */
#endif
		if (process_can_lock(16384, &limit) != ERR_OK ||
		    limit != 65536)
			_exit(4);
		if (process_can_lock(1 << 20, &limit) != ERR_RANGE ||
		    limit != 65536)
			_exit(5);
		if (process_lock() != ERR_RANGE)
			_exit(6);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

#ifndef PLAIN_FREE
/* Whether the kernel has this address among what is locked. */
static bool
is_locked(const void *p)
{
	unsigned long from, to, at = (unsigned long)(uintptr_t)p;
	char line[512];
	bool here = false, yes = false;
	FILE *f = need(fopen("/proc/self/smaps", "r"));

	while (f != NULL && fgets(line, sizeof(line), f) != NULL) {
		if (sscanf(line, "%lx-%lx ", &from, &to) == 2)
			here = at >= from && at < to;
		else if (here && strncmp(line, "VmFlags:", 8) == 0)
			yes = strstr(line, " lo ") != NULL;
	}
	if (f != NULL)
		(void)fclose(f);
	return yes;
}

static void *
map(size_t n)
{
	return mmap(NULL, n, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

/* Where root may: what was, what comes, and not what comes in a pause. */
static int
lock_all(void)
{
	void *old = map(8192), *fresh, *left;

	if (process_lock_pause(true) != ERR_OK || is_locked(old) ||
	    process_lock_pause(false) != ERR_OK)
		return 1;
	if (process_lock() != ERR_OK)
		return 77;
	fresh = map(8192);
	if (process_lock_pause(true) != ERR_OK)
		return 2;
	left = map(8192);
	if (process_lock_pause(false) != ERR_OK)
		return 3;
	return !is_locked(old) ? 4 : !is_locked(fresh) ? 5 :
	    left == MAP_FAILED || is_locked(left) ? 6 :
	    !is_locked(map(16384)) ? 7 : 0;
}

/* Root in a folder of its own, and in another user's. */
static int
rights(uid_t uid)
{
	int fd;

	if (process_rights(root) != ERR_OK || getuid() != uid ||
	    geteuid() != uid || setuid(1) == 0)
		return 1;
	/* what only a right of root's allows */
	if ((fd = open("/proc/1/mem", O_RDONLY)) != -1)
		return 2;
	return process_rights("/nowhere") == ERR_OK ? 0 : 3;
}
#endif

static void
test_process_root(void **state)
{
#ifdef PLAIN_FREE
	(void)state;
	skip();
#else
	int status, i;
	pid_t pid;

	(void)state;
	for (i = 0; i < 3; i++) {
		if (i > 0 && geteuid() != 0)
			skip();
		if (i == 2)
			OK(chown(root, 65534, 65534));
		assert_int_not_equal(pid = fork(), -1);
		if (pid == 0)
			_exit(i == 0 ? lock_all() : rights(i == 1 ? 0 :
			    65534));
		assert_int_equal(waitpid(pid, &status, 0), pid);
		if (!WIFEXITED(status) || WEXITSTATUS(status) != 77)
			assert_int_equal(status, 0);
	}
#endif
}

static void
test_can_open(void **state)
{
	struct rlimit few = { 64, 128 };
	uint64_t limit;
	pid_t pid;
	int status;

	(void)state;
	assert_true((pid = fork()) >= 0);
	if (pid == 0) {
		if (setrlimit(RLIMIT_NOFILE, &few) == -1)
			_exit(3);
		if (process_can_open(60, &limit) != ERR_OK)
			_exit(4);
		/* its own limit is raised, as far as it may be */
		if (process_can_open(100, &limit) != ERR_OK ||
		    getrlimit(RLIMIT_NOFILE, &few) == -1 ||
		    few.rlim_cur != 100)
			_exit(5);
		if (process_can_open(129, &limit) != ERR_RANGE || limit != 128)
			_exit(6);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void
test_diag(void **state)
{
	char said[2048], lng[1500];
	int fd[2], old;
	ssize_t n;

	(void)state;
	memset(lng, 'a', sizeof(lng));
	lng[sizeof(lng) - 1] = '\0';
	assert_int_equal(pipe(fd), 0);
	old = dup(2);
	(void)dup2(fd[1], 2);
	errno = ENOENT;
	diag("one %d\ntwo\x1b[2J", 7);
	assert_int_equal(errno, ENOENT);
	diag("%s", lng);
	(void)dup2(old, 2);
	(void)close(old);
	(void)close(fd[1]);
	n = read(fd[0], said, sizeof(said) - 1);
	(void)close(fd[0]);
	assert_in_range(n, 1000, 1060);
	said[n] = '\0';
	assert_memory_equal(said, "peluit: one 7?two?[2J\npeluit: aaa", 33);
	assert_int_equal(said[n - 1], '\n');
	assert_ptr_equal(strchr(strchr(said, '\n') + 1, '\n'), said + n - 1);
}

/* ---- the heap ---- */

#ifndef PLAIN_FREE
/* How often the marker stands in this process's writable memory. */
static unsigned
marker_hits(const char *half, const char *rest)
{
	char line[256], want[64], *p, *buf;
	unsigned long from, to, cut;
	unsigned hits;
	size_t n;
	FILE *f;
	int mem;

	/* What is read stands in a shared map, where it is not looked for. */
	buf = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(buf, MAP_FAILED);
	(void)snprintf(want, sizeof(want), "%s%s", half, rest);
	n = strlen(want);
	f = need(fopen("/proc/self/maps", "r"));
	assert_int_not_equal(mem = open("/proc/self/mem", O_RDONLY), -1);
	hits = 0;
	while (fgets(line, sizeof(line), f) != NULL) {
		if (sscanf(line, "%lx-%lx", &from, &to) != 2 ||
		    strstr(line, " rw-p ") == NULL)
			continue;
		for (; from < to; from += cut) {
			cut = to - from < (1 << 20) ? to - from : 1 << 20;
			if (pread(mem, buf, cut, (off_t)from) != (ssize_t)cut)
				break;
			for (p = buf; (p = memmem(p, cut - (size_t)(p - buf),
			    want, n)) != NULL; p++)
				hits++;
		}
	}
	(void)close(mem);
	(void)fclose(f);
	explicit_bzero(want, sizeof(want));
	(void)munmap(buf, 1 << 20);
	return hits;
}

static void
fill(char *p, size_t n)
{
	size_t i;

	for (i = 0; i + 16 <= n; i += 16) {
		memcpy(p + i, "MARK-in-", 8);
		memcpy(p + i + 8, "the-heap", 8);
	}
}
#endif

static void
test_zero_free(void **state)
{
#ifdef PLAIN_FREE
	(void)state;
	skip();
#else
	static const size_t sizes[] = { 16, 48, 200, 1024, 5000, 70000,
	    200000, 262144, 300000, 1048576, 5000000 };
	unsigned before;
	size_t i, k;
	char *p, *keep[8];

	(void)state;
	before = marker_hits("MARK-in-", "the-heap");
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		/* Neighbours that stay keep the chunk in the heap. */
		for (k = 0; k < 8; k++)
			keep[k] = need(malloc(sizes[i]));
		p = need(malloc(sizes[i]));
		fill(p, sizes[i]);
		assert_in_range(marker_hits("MARK-in-", "the-heap"),
		    before + sizes[i] / 16, before + sizes[i] / 16 + 4);
		/* Larger: it moves.  Smaller: in place, its end is zeroed. */
		p = need(realloc(p, sizes[i] * 3));
		assert_memory_equal(p, "MARK-in-the-heap", 16);
		p = need(realloc(p, sizes[i] * 2));
		p = need(realloc(p, 16));
		assert_memory_equal(p, "MARK-in-the-heap", 16);
		assert_in_range(marker_hits("MARK-in-", "the-heap"),
		    before + 1, before + 5);
		free(p);
		for (k = 0; k < 8; k++)
			free(keep[k]);
		assert_in_range(marker_hits("MARK-in-", "the-heap"), 0,
		    before + 4);
	}
	free(NULL);
	p = realloc(NULL, 10);
	assert_non_null(p);
	assert_null(realloc(p, 0));
#endif
}

/* Memory that was never written to does not come into being to be zeroed. */
static void
test_sparse_free(void **state)
{
#ifdef PLAIN_FREE
	(void)state;
	skip();
#else
	struct rusage a, b;
	char *p;

	(void)state;
	p = need(malloc((size_t)512 << 20));
	p[12345678] = 1;
	(void)getrusage(RUSAGE_SELF, &a);
	free(p);
	(void)getrusage(RUSAGE_SELF, &b);
	assert_in_range(b.ru_maxrss - a.ru_maxrss, 0, 4096);	/* KiB */
#endif
}

#ifndef PLAIN_FREE
/* What a handler leaves: a marker, at some depth of the stack. */
__attribute__((noinline)) static void
dirty(size_t depth)
{
	volatile char frame[64];
	char text[64];
	size_t i;

	fill(text, sizeof(text));
	for (i = 0; i < sizeof(frame); i++)
		frame[i] = text[i];
	explicit_bzero(text, sizeof(text));
	if (depth > 0)
		dirty(depth - 1);
	/* not the last thing: every call needs a frame of its own */
	__asm__ volatile("" : : "r"(frame) : "memory");
}

static void *
on_a_stack(void *arg)
{
	unsigned before = marker_hits("MARK-in-", "the-heap");

	(void)arg;
	dirty(500);
	assert_true(marker_hits("MARK-in-", "the-heap") >= before + 300);
	stack_clear();
	assert_int_equal(marker_hits("MARK-in-", "the-heap"), before);
	dirty(1);
	stack_clear();
	assert_int_equal(marker_hits("MARK-in-", "the-heap"), before);
	return NULL;
}
#endif

/* Of a thread and of the first one, deep and near. */
static void
test_zero_stack(void **state)
{
#ifdef PLAIN_FREE
	(void)state;
	skip();
#else
	pthread_t t;

	(void)state;
	(void)on_a_stack(NULL);
	assert_int_equal(pthread_create(&t, NULL, on_a_stack, NULL), 0);
	assert_int_equal(pthread_join(t, NULL), 0);
#endif
}

/* The service manager hears one datagram; who is not there hears nothing. */
static void
test_notify(void **state)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	char got[16], long_path[sizeof(sun.sun_path) + 2];
	int manager, fd;

	(void)state;
	assert_int_equal(net_notify(NULL), -1);
	assert_int_equal(net_notify("relative"), -1);
	memset(long_path, 'a', sizeof(long_path) - 1);
	long_path[0] = '/';
	long_path[sizeof(long_path) - 1] = '\0';
	assert_int_equal(net_notify(long_path), -1);
	(void)snprintf(sun.sun_path, sizeof(sun.sun_path), "%s/n", root);
	assert_int_equal(net_notify(sun.sun_path), -1);
	assert_true((manager = socket(AF_UNIX, SOCK_DGRAM, 0)) != -1);
	assert_int_equal(bind(manager, (struct sockaddr *)&sun, sizeof(sun)),
	    0);
	assert_true((fd = net_notify(sun.sun_path)) != -1);
	assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	assert_int_equal(send(fd, "READY=1", 7, 0), 7);
	assert_int_equal(recv(manager, got, sizeof(got), 0), 7);
	assert_memory_equal(got, "READY=1", 7);
	(void)close(fd);
	(void)close(manager);
}

#define T(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_read), T(test_fd_read), T(test_fd_write_fill),
		T(test_write),
		T(test_write_full), T(test_folders), T(test_lock),
		T(test_lock_other), T(test_clock), T(test_steady),
		T(test_addr), T(test_listen), T(test_notify),
		T(test_prompt_file),
		T(test_prompt), T(test_process), T(test_can_open),
		T(test_process_root), T(test_diag),
		T(test_zero_free), T(test_sparse_free),
		T(test_zero_stack),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
