/*
 * What a process that was taken over would try: each is to kill it, or to be
 * refused.  Empty in shipped programs.
 */
#include "fault_try.h"

#ifdef PELUIT_FAULTS
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void
try_exec(void)
{

	(void)execl("/bin/sh", "sh", "-c", ":", (char *)NULL);
}

static void
try_fork(void)
{

	(void)fork();
}

static void *
nothing(void *arg)
{

	return (arg);
}

static void
try_thread(void)
{
	pthread_t t;

	(void)pthread_create(&t, NULL, nothing, NULL);
}

static void
try_socket(void)
{

	(void)socket(AF_INET, SOCK_STREAM, 0);
}

static void
try_ptrace(void)
{

	(void)ptrace(PTRACE_ATTACH, getpid() + 1, NULL, NULL);
}

/* The signer is the process after the server, the server the one before. */
static void
peek(pid_t pid)
{
	char byte;
	struct iovec here = { &byte, 1 }, there = { &byte, 1 };

	(void)process_vm_readv(pid, &here, 1, &there, 1, 0);
}

static void
try_peek(void)
{

	peek(getpid() + 1);
}

static void
try_signal(void)
{

	(void)kill(getpid() + 1, SIGUSR1);
}

static void
try_code(void)
{

	(void)mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE |
	    MAP_ANONYMOUS, -1, 0);
}

static void
try_code_later(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE |
	    MAP_ANONYMOUS, -1, 0);

	(void)mprotect(p, 4096, PROT_READ | PROT_EXEC);
}

static void
try_root(void)
{

	(void)!setuid(0);
}

static void
try_unlock(void)
{

	(void)munlockall();
}

static const struct { const char *name; void (*fn)(void); } tries[] = {
	{ "exec", try_exec }, { "fork", try_fork }, { "thread", try_thread },
	{ "socket", try_socket }, { "ptrace", try_ptrace },
	{ "peek", try_peek }, { "signal", try_signal }, { "code", try_code },
	{ "code-later", try_code_later }, { "setuid", try_root },
	{ "munlockall", try_unlock },
};

/* What is not refused ends the process by SIGABRT: the test sees it. */
static void
try_file(const char *path, int flags)
{

	if (open(path, flags | O_CLOEXEC, 0600) != -1)
		abort();
}

bool
fault_try(const char *what, size_t n, enum err *e)
{
	char path[1024];

	*e = ERR_SYS;
	for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++) {
		if (strlen(tries[i].name) == n &&
		    memcmp(tries[i].name, what, n) == 0) {
			tries[i].fn();
			return (true);
		}
	}
	if (n < 6 || n >= sizeof(path) || (memcmp(what, "read:", 5) != 0 &&
	    memcmp(what, "make:", 5) != 0))
		return (false);
	memcpy(path, what + 5, n - 5);
	path[n - 5] = '\0';
	try_file(path, *what == 'r' ? O_RDONLY : O_WRONLY | O_CREAT);
	*e = ERR_OK;
	return (true);
}
#endif
