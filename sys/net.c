/* Addresses and listening sockets: unix, or the loopback for a trial. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "sys.h"

#define LOOP4	"127.0.0.1"
#define LOOP6	"::1"

/* A port has one spelling: digits, no leading zero. */
static enum err
parse_port(const char *p, uint16_t *out)
{
	unsigned v;

	if (*p == '\0' || (*p == '0' && p[1] != '\0'))
		return ERR_FORMAT;
	for (v = 0; *p != '\0'; p++) {
		if (*p < '0' || *p > '9')
			return ERR_FORMAT;
		v = v * 10 + (unsigned)(*p - '0');
		if (v > UINT16_MAX)
			return ERR_RANGE;
	}
	*out = (uint16_t)v;
	return ERR_OK;
}

static enum err
parse_unix(const char *path, struct addr *out)
{
	struct sockaddr_un sun;
	size_t n;

	n = strlen(path);
	if (path[0] != '/' || n < 2 || path[n - 1] == '/')
		return ERR_FORMAT;
	if (n >= sizeof(sun.sun_path) || n >= sizeof(out->host))
		return ERR_RANGE;
	out->kind = ADDR_UNIX;
	memcpy(out->host, path, n + 1);
	return ERR_OK;
}

enum err
addr_parse(const char *text, struct addr *out)
{
	struct addr a;
	const char *port;
	enum err e;

	memset(out, 0, sizeof(*out));
	memset(&a, 0, sizeof(a));
	if (strncmp(text, "unix:", 5) == 0) {
		e = parse_unix(text + 5, &a);
	} else if (strncmp(text, "tcp:" LOOP4 ":", 14) == 0) {
		a.kind = ADDR_TCP4;
		memcpy(a.host, LOOP4, sizeof(LOOP4));
		port = text + 14;
		e = parse_port(port, &a.port);
	} else if (strncmp(text, "tcp:[" LOOP6 "]:", 10) == 0) {
		a.kind = ADDR_TCP6;
		memcpy(a.host, LOOP6, sizeof(LOOP6));
		port = text + 10;
		e = parse_port(port, &a.port);
	} else {
		e = ERR_FORMAT;
	}
	if (e == ERR_OK)
		*out = a;
	return e;
}

void
addr_text(const struct addr *a, char out[static ADDR_MAX + 16])
{
	switch (a->kind) {
	case ADDR_UNIX:
		(void)snprintf(out, ADDR_MAX + 16, "unix:%s", a->host);
		break;
	case ADDR_TCP4:
		(void)snprintf(out, ADDR_MAX + 16, "tcp:%s:%u", a->host,
		    (unsigned)a->port);
		break;
	case ADDR_TCP6:
		(void)snprintf(out, ADDR_MAX + 16, "tcp:[%s]:%u", a->host,
		    (unsigned)a->port);
		break;
	}
}

/* The name of a socket that nobody listens on any more is taken away. */
static enum err
unix_clear(const struct sockaddr_un *sun)
{
	struct stat st;
	int fd, r;

	if (lstat(sun->sun_path, &st) == -1)
		return errno == ENOENT ? ERR_OK : ERR_SYS;
	if (!S_ISSOCK(st.st_mode)) {
		errno = ENOTSOCK;
		return ERR_SYS;
	}
	if ((fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
	    0)) == -1)
		return ERR_SYS;
	r = connect(fd, (const struct sockaddr *)sun, sizeof(*sun)) == -1 ?
	    errno : 0;
	(void)close(fd);
	if (r == ECONNREFUSED)
		return unlink(sun->sun_path) == -1 && errno != ENOENT ?
		    ERR_SYS : ERR_OK;
	if (r == ENOENT)
		return ERR_OK;
	if (r == 0 || r == EAGAIN)	/* EAGAIN: its backlog is full */
		return ERR_BUSY;
	errno = r;
	return ERR_SYS;
}

static enum err
bind_unix(int fd, const struct addr *a)
{
	struct sockaddr_un sun;
	enum err e;

	memset(&sun, 0, sizeof(sun));
	sun.sun_family = AF_UNIX;
	if (strlen(a->host) >= sizeof(sun.sun_path))
		return ERR_RANGE;
	memcpy(sun.sun_path, a->host, strlen(a->host));
	if ((e = unix_clear(&sun)) != ERR_OK)
		return e;
	/* The mode is set before the name is there; chmod undoes a umask. */
	if (fchmod(fd, 0660) == -1)
		return ERR_SYS;
	if (bind(fd, (const struct sockaddr *)&sun, sizeof(sun)) == -1)
		return errno == EADDRINUSE ? ERR_BUSY : ERR_SYS;
	if (chmod(sun.sun_path, 0660) == -1)
		return ERR_SYS;
	return ERR_OK;
}

static enum err
bind_tcp(int fd, struct addr *a)
{
	union {
		struct sockaddr any;
		struct sockaddr_in in4;
		struct sockaddr_in6 in6;
	} u;
	socklen_t n;
	int on = 1;

	memset(&u, 0, sizeof(u));
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == -1)
		return ERR_SYS;
	if (a->kind == ADDR_TCP4) {
		u.in4.sin_family = AF_INET;
		u.in4.sin_port = htons(a->port);
		u.in4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		n = sizeof(u.in4);
	} else {
		if (setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on,
		    sizeof(on)) == -1)
			return ERR_SYS;
		u.in6.sin6_family = AF_INET6;
		u.in6.sin6_port = htons(a->port);
		u.in6.sin6_addr = in6addr_loopback;
		n = sizeof(u.in6);
	}
	if (bind(fd, &u.any, n) == -1)
		return errno == EADDRINUSE ? ERR_BUSY : ERR_SYS;
	if (getsockname(fd, &u.any, &n) == -1)
		return ERR_SYS;
	a->port = ntohs(a->kind == ADDR_TCP4 ? u.in4.sin_port :
	    u.in6.sin6_port);
	return ERR_OK;
}

enum err
net_listen(struct addr *a, int *fd)
{
	struct addr got;
	enum err e;
	int s, family, saved;

	*fd = -1;
	got = *a;
	family = a->kind == ADDR_UNIX ? AF_UNIX :
	    a->kind == ADDR_TCP4 ? AF_INET : AF_INET6;
	s = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (s == -1)
		return ERR_SYS;
	e = a->kind == ADDR_UNIX ? bind_unix(s, &got) : bind_tcp(s, &got);
	if (e == ERR_OK && listen(s, SOMAXCONN) == -1)
		e = errno == EADDRINUSE ? ERR_BUSY : ERR_SYS;
	if (e != ERR_OK) {
		saved = errno;
		(void)close(s);
		errno = saved;
		return e;
	}
	*a = got;
	*fd = s;
	return ERR_OK;
}

int
net_notify(const char *path)
{
	struct sockaddr_un sun;
	size_t n;
	int fd;

	if (path == NULL || (path[0] != '/' && path[0] != '@') ||
	    (n = strlen(path)) >= sizeof(sun.sun_path))
		return -1;
	memset(&sun, 0, sizeof(sun));
	sun.sun_family = AF_UNIX;
	memcpy(sun.sun_path, path, n);
	if (path[0] == '@')	/* the abstract name space */
		sun.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd != -1 && connect(fd, (const struct sockaddr *)&sun,
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n)) == -1) {
		(void)close(fd);
		return -1;
	}
	return fd;
}
