/* Both ends of the opener. */
#include <sys/socket.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "confine.h"
#include "opener.h"
#include "sys.h"

struct opener {
	pid_t pid;
	int fd;
};

union rights {
	char room[CMSG_SPACE(sizeof(int))];
	struct cmsghdr align;
};

/* ---- the child ---- */

/* One byte: 1 and the descriptor, or 0. */
static void
give(int to, int fd)
{
	char yes = fd != -1;
	struct iovec io = { &yes, 1 };
	union rights r;
	struct msghdr m = { .msg_iov = &io, .msg_iovlen = 1 };
	struct cmsghdr *c;

	memset(&r, 0, sizeof(r));
	if (fd != -1) {
		m.msg_control = r.room;
		m.msg_controllen = sizeof(r.room);
		c = CMSG_FIRSTHDR(&m);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	}
	(void)sendmsg(to, &m, MSG_NOSIGNAL);
}

static void
child(const char *dir, int fd)
{
	char *path = path_join(dir, "peluit.conf"), ask = 0;
	int file;

	confine_child(fd);
	if (process_guard() != ERR_OK || confine_opener(dir) != ERR_OK)
		_exit(3);
	do {
		file = -1;
		/* a pipe of that name must not hang it */
		if (ask)
			file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
		give(fd, file);
		if (file != -1)
			(void)close(file);
	} while (read(fd, &ask, 1) == 1);
	_exit(0);
}

/* ---- the server ---- */

static enum err
take(struct opener *o, int *fd)
{
	char yes = 0;
	struct iovec io = { &yes, 1 };
	union rights r;
	struct msghdr m = {
		.msg_iov = &io, .msg_iovlen = 1, .msg_control = r.room,
		.msg_controllen = sizeof(r.room)
	};
	struct cmsghdr *c;

	*fd = -1;
	memset(&r, 0, sizeof(r));
	if (recvmsg(o->fd, &m, MSG_CMSG_CLOEXEC) != 1)
		return (ERR_SYS);
	c = CMSG_FIRSTHDR(&m);
	if (!yes || c == NULL || c->cmsg_type != SCM_RIGHTS ||
	    c->cmsg_len != CMSG_LEN(sizeof(int)))
		return (ERR_NOTFOUND);
	memcpy(fd, CMSG_DATA(c), sizeof(*fd));
	return (ERR_OK);
}

enum err
opener_start(const char *dir, struct opener **out)
{
	struct opener *o = calloc(1, sizeof(*o));
	int pair[2], none;

	*out = NULL;
	if (o == NULL)
		return (ERR_SYS);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
		free(o);
		return (ERR_SYS);
	}
	if ((o->pid = fork()) == 0) {
		free(o);
		(void)close(pair[0]);
		child(dir, pair[1]);
	}
	(void)close(pair[1]);
	o->fd = pair[0];
	/* its first answer says that it is ready, and brings nothing */
	if (o->pid < 0 || take(o, &none) != ERR_NOTFOUND) {
		opener_stop(o);
		return (ERR_SYS);
	}
	*out = o;
	return (ERR_OK);
}

enum err
opener_config(struct opener *o, int *fd)
{
	char ask = 1;
	enum err e;

	*fd = -1;
	if (send(o->fd, &ask, 1, MSG_NOSIGNAL) != 1)
		return (ERR_NOTFOUND);
	/* an answer that is left would be taken for the next one */
	if ((e = take(o, fd)) == ERR_SYS)
		(void)shutdown(o->fd, SHUT_RDWR);
	return (e);
}

void
opener_stop(struct opener *o)
{

	if (o == NULL)
		return;
	(void)close(o->fd);		/* the child reads the end and leaves */
	if (o->pid > 0)
		(void)waitpid(o->pid, NULL, 0);
	free(o);
}
