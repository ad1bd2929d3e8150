/*
 * The signer and the parent's end of it, over one socket pair.
 *
 *   request   op u8 || length u32 || bytes
 *   answer    status u8 (0: fine) || 64 bytes of signature
 */
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "httpsig.h"
#include "signer.h"

#define REQUEST_MAX	8192
#define OP_ANSWER	1

struct signer {
	pid_t pid;
	int fd;
	pthread_mutex_t one;		/* a request and its answer */
};

static enum err
read_all(int fd, void *p, size_t n)
{

	while (n > 0) {
		ssize_t got = read(fd, p, n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return (ERR_SYS);
		p = (uint8_t *)p + got;
		n -= (size_t)got;
	}
	return (ERR_OK);
}

static enum err
write_all(int fd, const void *p, size_t n)
{

	while (n > 0) {
		ssize_t put = send(fd, p, n, MSG_NOSIGNAL);

		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return (ERR_SYS);
		p = (const uint8_t *)p + put;
		n -= (size_t)put;
	}
	return (ERR_OK);
}

/* A key of one purpose: only what names our tag is an answer's base. */
static bool
is_answer(const uint8_t *p, size_t n)
{
	static const char tag[] = ";tag=\"" HTTPSIG_TAG_ANSWER "\"";
	size_t len = sizeof(tag) - 1;

	return (n > len && memcmp(p + n - len, tag, len) == 0);
}

static void
serve(int fd, const struct secret *answers)
{
	uint8_t head[5], text[REQUEST_MAX], reply[1 + SIGN_LEN];

	while (read_all(fd, head, sizeof(head)) == ERR_OK) {
		struct cur c = cur_over(head, sizeof(head));
		uint8_t op = cur_u8(&c);
		size_t n = cur_u32(&c);

		if (n > sizeof(text) || read_all(fd, text, n) != ERR_OK)
			return;
		memset(reply, 0, sizeof(reply));
		if (op == OP_ANSWER && is_answer(text, n))
			sign_bytes(answers->bytes, text, n, reply + 1);
		else
			reply[0] = 1;
		if (write_all(fd, reply, sizeof(reply)) != ERR_OK)
			return;
	}
}

static void __attribute__((noreturn))
child(const char *dir, int fd)
{
	struct instance in = { .why = "no core dumps cannot be had" };
	uint8_t ready = 0;
	sigset_t all;

	/* it ends with its parent and not by the terminal's Ctrl-C */
	(void)sigfillset(&all);
	(void)sigdelset(&all, SIGTERM);
	(void)sigprocmask(SIG_SETMASK, &all, NULL);
	(void)signal(SIGTERM, SIG_DFL);
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (process_guard() != ERR_OK ||
	    instance_open(dir, 1u << SECRET_ANSWERS, &in) != ERR_OK) {
		diag("signer: %s", in.why);
		_exit(3);
	}
	if (write_all(fd, &ready, 1) == ERR_OK)
		serve(fd, in.secret[SECRET_ANSWERS]);
	instance_close(&in);
	_exit(0);
}

enum err
signer_start(const char *dir, struct signer **out)
{
	struct signer *s = calloc(1, sizeof(*s));
	uint8_t ready;
	int pair[2];

	*out = NULL;
	if (s == NULL)
		return (ERR_SYS);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
		free(s);
		return (ERR_SYS);
	}
	if ((s->pid = fork()) == 0) {
		(void)close(pair[0]);
		child(dir, pair[1]);
	}
	(void)close(pair[1]);
	s->fd = pair[0];
	(void)pthread_mutex_init(&s->one, NULL);
	if (s->pid < 0 || read_all(s->fd, &ready, 1) != ERR_OK) {
		signer_stop(s);
		return (ERR_KEY);
	}
	*out = s;
	return (ERR_OK);
}

enum err
signer_answer(struct signer *s, struct bytes base, uint8_t sig[static SIGN_LEN])
{
	uint8_t reply[1 + SIGN_LEN];
	struct buf b;
	enum err e;

	if (base.n > REQUEST_MAX)
		return (ERR_RANGE);
	buf_init(&b, REQUEST_MAX + 8);
	buf_u8(&b, OP_ANSWER);
	buf_blob(&b, base.p, base.n);
	if ((e = buf_err(&b)) != ERR_OK)
		goto out;
	(void)pthread_mutex_lock(&s->one);
	e = write_all(s->fd, b.data, b.len);
	if (e == ERR_OK)
		e = read_all(s->fd, reply, sizeof(reply));
	(void)pthread_mutex_unlock(&s->one);
	if (e == ERR_OK && reply[0] != 0)
		e = ERR_DENIED;
	if (e == ERR_OK)
		memcpy(sig, reply + 1, SIGN_LEN);
out:
	buf_done(&b);
	return (e);
}

void
signer_stop(struct signer *s)
{

	if (s == NULL)
		return;
	(void)close(s->fd);		/* the child reads the end and leaves */
	if (s->pid > 0)
		(void)waitpid(s->pid, NULL, 0);
	(void)pthread_mutex_destroy(&s->one);
	free(s);
}
