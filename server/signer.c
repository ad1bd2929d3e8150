/* The parent's end of the signer. */
#include <sys/socket.h>
#include <sys/wait.h>

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "signer_internal.h"

struct signer {
	pid_t pid;
	int fd;
	pthread_mutex_t one;		/* a request and its answer */
};

enum err
signer_read_all(int fd, void *p, size_t n)
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

enum err
signer_write_all(int fd, const void *p, size_t n)
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

enum err
signer_over(int fd, pid_t pid, struct signer **out)
{
	struct signer *s = calloc(1, sizeof(*s));

	if ((*out = s) == NULL)
		return (ERR_SYS);
	s->fd = fd;
	s->pid = pid;
	(void)pthread_mutex_init(&s->one, NULL);
	return (ERR_OK);
}

enum err
signer_start(const char *dir, const char *clock, struct signer **out)
{
	struct signer *s;
	uint8_t ready;
	int pair[2];
	pid_t pid;

	*out = NULL;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
		return (ERR_SYS);
	if ((pid = fork()) == 0) {
		(void)close(pair[0]);
		signer_child(dir, clock, pair[1]);
	}
	(void)close(pair[1]);
	if (signer_over(pair[0], pid, &s) != ERR_OK) {
		(void)close(pair[0]);	/* the child leaves by itself */
		return (ERR_SYS);
	}
	if (pid < 0 || signer_read_all(s->fd, &ready, 1) != ERR_OK) {
		signer_stop(s);
		return (ERR_KEY);
	}
	*out = s;
	return (ERR_OK);
}

/* One request out, its answer in whole: what it says, and its text. */
static enum err
exchange(struct signer *s, const struct buf *request, enum err *said,
    struct buf *out)
{
	uint8_t head[5], *text = NULL;
	struct cur c;
	size_t n;
	enum err e;

	if ((e = signer_write_all(s->fd, request->data, request->len)) !=
	    ERR_OK || (e = signer_read_all(s->fd, head, sizeof(head))) !=
	    ERR_OK)
		return (e);
	c = cur_over(head, sizeof(head));
	*said = (enum err)cur_u8(&c);
	n = cur_u32(&c);
	if (n > SIGNER_NOTE_MAX || *said >= ERR_LIMIT_ ||
	    (text = malloc(n + 1)) == NULL)
		return (ERR_SYS);
	if ((e = signer_read_all(s->fd, text, n)) == ERR_OK)
		buf_put(out, text, n);
	free(text);
	return (e);
}

/* What comes back is appended to ${out}. */
static enum err
ask(struct signer *s, enum signer_op op, const struct buf *in,
    struct buf *out)
{
	struct buf b;
	enum err e, said = ERR_SYS;

	buf_init(&b, SIGNER_REQUEST_MAX + 8);
	buf_u8(&b, (uint8_t)op);
	buf_blob(&b, in->data, in->len);
	if ((e = buf_err(in)) != ERR_OK || (e = buf_err(&b)) != ERR_OK)
		goto out;
	(void)pthread_mutex_lock(&s->one);
	/* What is left of an answer would be taken for the next one: after
	 * one that broke off nothing is asked any more, and the child goes. */
	if ((e = exchange(s, &b, &said, out)) != ERR_OK)
		(void)shutdown(s->fd, SHUT_RDWR);
	(void)pthread_mutex_unlock(&s->one);
	if (e == ERR_OK && (e = said) == ERR_OK)
		e = buf_err(out);
out:
	buf_done(&b);
	return (e);
}

enum err
signer_answer(struct signer *s, struct bytes base, uint8_t sig[static SIGN_LEN])
{
	struct buf in, out;
	enum err e;

	buf_init(&in, SIGNER_REQUEST_MAX);
	buf_init(&out, SIGN_LEN);
	buf_put(&in, base.p, base.n);
	if ((e = ask(s, OP_ANSWER, &in, &out)) == ERR_OK) {
		if (out.len == SIGN_LEN)
			memcpy(sig, out.data, SIGN_LEN);
		else
			e = ERR_SYS;
	}
	buf_done(&in);
	buf_done(&out);
	return (e);
}

enum err
signer_promise(struct signer *s, const struct promise *p, struct buf *note)
{
	struct buf in;
	enum err e;

	buf_init(&in, 64);
	buf_u64(&in, p->epoch);
	buf_u64(&in, p->leaf);
	buf_put(&in, p->commitment, COMMITMENT_LEN);
	e = ask(s, OP_PROMISE, &in, note);
	buf_done(&in);
	return (e);
}

enum err
signer_close(struct signer *s, uint64_t epoch,
    const struct merkle_hash leaf[static SIGNER_LEAVES], struct buf *note)
{
	struct buf in;
	enum err e;

	buf_init(&in, SIGNER_REQUEST_MAX);
	buf_u64(&in, epoch);
	for (size_t i = 0; i < SIGNER_LEAVES; i++)
		buf_put(&in, leaf[i].bytes, SHA256_LEN);
	e = ask(s, OP_CLOSE, &in, note);
	buf_done(&in);
	return (e);
}

enum err
signer_next(struct signer *s, uint64_t *next)
{
	struct buf in, out;
	struct cur c;
	enum err e;

	buf_init(&in, 8);
	buf_init(&out, 8);
	if ((e = ask(s, OP_NEXT, &in, &out)) == ERR_OK) {
		c = cur_over(out.data, out.len);
		*next = cur_u64(&c);
		e = cur_end(&c);
	}
	buf_done(&out);
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
