/*
 * The accept loop: one thread takes connections, waits for the PROXY line of
 * each and for its first byte, and hands them to the library.  When all places
 * are taken and somebody waits in the backlog, an idle connection has to go;
 * if all are at work, who waits goes on waiting, which is kinder than being
 * closed.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http_internal.h"

#define EVENTS_MAX	64
#define PAUSE_MS	100	/* no descriptor or memory: try again */
#define LOOK_MS		1000	/* as long as nobody wakes it */

struct http_connection *
http_connection_new(struct http *h, int fd)
{
	struct http_connection *c;

	if ((c = calloc(1, sizeof(*c))) == NULL)
		return NULL;
	c->http = h;
	c->fd = fd;
	c->first = true;
	c->stage = STAGE_PROXY;
	c->since_ms = clock_steady_ms();
	(void)pthread_mutex_init(&c->work, NULL);
	(void)pthread_mutex_init(&c->mu, NULL);
	(void)pthread_mutex_lock(&h->mu);
	c->next = h->list;
	if (c->next != NULL)
		c->next->prev = c;
	h->list = c;
	(void)atomic_fetch_add(&h->count, 1);
	(void)pthread_cond_broadcast(&h->changed);
	(void)pthread_mutex_unlock(&h->mu);
	return c;
}

void
http_connection_free(struct http_connection *c)
{
	struct http *h = c->http;

	(void)pthread_mutex_lock(&h->mu);
	if (c->prev != NULL)
		c->prev->next = c->next;
	else
		h->list = c->next;
	if (c->next != NULL)
		c->next->prev = c->prev;
	(void)atomic_fetch_sub(&h->count, 1);
	if (c->evicted)
		h->evicted--;
	(void)pthread_cond_broadcast(&h->changed);
	(void)pthread_mutex_unlock(&h->mu);
	http_limit_release(c);
	if (c->counted)
		circuits_leave(h->o.circuits, c->circuit,
		    CIRCUIT_CONNECTIONS);
	(void)pthread_mutex_destroy(&c->work);
	(void)pthread_mutex_destroy(&c->mu);
	wipe(c, sizeof(*c));
	free(c);
	http_listen_wake(h);
}

void
http_listen_wake(struct http *h)
{
	uint64_t one = 1;
	ssize_t n;

	/* It fails when it is awake many times over; else LOOK_MS help. */
	n = write(h->wake_fd, &one, sizeof(one));
	(void)n;
}

static void
drop(struct http_connection *c)
{
	int fd = c->fd;

	/* First out of the list: nobody may shut a number used anew. */
	http_connection_free(c);
	(void)close(fd);
}

/* In, unless its circuit has far too many already. */
static bool
admit(struct http_connection *c)
{
	struct circuits *t = c->http->o.circuits;
	unsigned n, limit;

	if (c->circuit != 0) {
		n = circuits_enter(t, c->circuit, CIRCUIT_CONNECTIONS);
		limit = circuits_level_max(t, CIRCUIT_CONNECTIONS);
		c->counted = n > 0;
		if (n == 0 || n > 2 * limit)
			return false;
		c->over = n > limit;
	}
	return http_stage_set(c, STAGE_HEAD);
}

/*
 * To the library with its first byte: until then it costs a descriptor, and
 * is closed at once when another needs the place.
 */
static void
hand(struct http_connection *c)
{
	char byte;
	ssize_t n = recv(c->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		drop(c);
		return;
	}
	(void)epoll_ctl(c->http->epoll_fd, EPOLL_CTL_DEL, c->fd, NULL);
	c->handed = true;
	http_daemon_add(c);
}

/*
 * The line is looked at in the socket and taken only when it is whole, so
 * that not a byte behind it is taken with it.  The circuit's number becomes
 * its keyed hash here, and nothing keeps the number.
 */
static void
proxy_line(struct http_connection *c)
{
	char line[HTTP_PROXY_MAX];
	uint8_t ip[16];
	uint64_t number = 0;
	const char *end;
	bool good;
	ssize_t n;
	size_t len;

	n = recv(c->fd, line, sizeof(line), MSG_PEEK | MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	end = n <= 0 ? NULL : memmem(line, (size_t)n, "\r\n", 2);
	if (end == NULL && n > 0 && (size_t)n < sizeof(line)) {
		wipe(line, sizeof(line));
		return;
	}
	len = end == NULL ? 0 : (size_t)(end - line);
	good = end != NULL &&
	    http_proxy_parse(line, len, &number, ip) == ERR_OK &&
	    recv(c->fd, line, len + 2, MSG_DONTWAIT) == (ssize_t)len + 2;
	if (good)
		c->circuit = circuits_id(c->http->o.circuits, number);
	wipe(line, sizeof(line));
	wipe(ip, sizeof(ip));
	wipe(&number, sizeof(number));
	if (!good || !admit(c))
		drop(c);
	else
		hand(c);
}

/* Something came, or its other side is gone. */
static void
heard(struct http_connection *c)
{
	if (c->http->o.proxy_line && c->circuit == 0)
		proxy_line(c);
	else
		hand(c);
}

/*
 * A number that the library was given and never spoke of, and that comes
 * again: it had no memory for the connection and closed it.
 */
static void
forget(struct http *h, int fd)
{
	struct http_connection *c;

	(void)pthread_mutex_lock(&h->mu);
	for (c = h->list; c != NULL && (c->fd != fd || c->started);
	    c = c->next)
		;
	(void)pthread_mutex_unlock(&h->mu);
	if (c != NULL)
		http_connection_free(c);
}

static void
take(struct http *h, int fd)
{
	struct epoll_event ev = { .events = EPOLLIN | EPOLLRDHUP | EPOLLET };
	struct http_connection *c;

	forget(h, fd);
	if ((c = http_connection_new(h, fd)) == NULL) {
		(void)close(fd);
		return;
	}
	/* Edges: a line that is left in the socket would be seen for ever. */
	ev.data.ptr = c;
	if (epoll_ctl(h->epoll_fd, EPOLL_CTL_ADD, fd, &ev) == -1 ||
	    (!h->o.proxy_line && !admit(c)))
		drop(c);
	else
		heard(c);	/* before others can push it out */
}

static bool
somebody_waits(struct http *h)
{
	struct pollfd p = { .fd = h->listen_fd, .events = POLLIN };

	return poll(&p, 1, 0) == 1;
}

/* Whether there is a place now, after all. */
static bool
make_place(struct http *h, int *pause)
{
	struct http_connection *idle = NULL;

	*pause = http_limit_evict(h, &idle) ? -1 : PAUSE_MS;
	if (idle == NULL)
		return false;
	drop(idle);
	return true;
}

/* Returns how long to wait before the next try, in ms; -1: for an event. */
static int
accept_all(struct http *h)
{
	int fd, pause, n;

	/* In turn with what those say who are in. */
	for (n = 0; n < EVENTS_MAX; n++) {
		if (http_limit_full(h)) {
			if (!somebody_waits(h))
				return -1;
			if (!make_place(h, &pause))
				return pause;
		}
		fd = accept4(h->listen_fd, NULL, NULL,
		    SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd != -1) {
			take(h, fd);
			continue;
		}
		if (errno == EAGAIN)
			return -1;
		if (errno != EINTR && errno != ECONNABORTED)
			return PAUSE_MS;
	}
	return -1;
}

/* The listening socket is looked at unless a place is just being made. */
static void
watch(struct http *h, bool on)
{
	struct epoll_event ev = { .data.ptr = &h->listen_fd };

	on = on && !(http_limit_full(h) && http_limit_evicting(h));
	ev.events = on ? EPOLLIN : 0;
	(void)epoll_ctl(h->epoll_fd, EPOLL_CTL_MOD, h->listen_fd, &ev);
}

static void
drop_waiting(struct http *h)
{
	struct http_connection *c, *found;

	do {
		found = NULL;
		(void)pthread_mutex_lock(&h->mu);
		for (c = h->list; c != NULL; c = c->next)
			if (!c->handed)
				found = c;
		(void)pthread_mutex_unlock(&h->mu);
		if (found != NULL)
			drop(found);
	} while (found != NULL);
}

static void *
accept_main(void *arg)
{
	struct http *h = arg;
	struct epoll_event ev[EVENTS_MAX];
	int i, n, pause = -1;
	bool listening;
	uint64_t count;
	ssize_t r;

	while (!atomic_load(&h->draining)) {
		watch(h, pause == -1);
		n = epoll_wait(h->epoll_fd, ev, EVENTS_MAX,
		    pause == -1 ? LOOK_MS : pause);
		pause = -1;
		listening = false;
		for (i = 0; i < n; i++) {
			if (ev[i].data.ptr == &h->wake_fd) {
				r = read(h->wake_fd, &count, sizeof(count));
				(void)r;
			} else if (ev[i].data.ptr == &h->listen_fd) {
				listening = true;
			} else {
				heard(ev[i].data.ptr);
			}
		}
		/* Last: it may drop what had an event, too. */
		if (listening)
			pause = accept_all(h);
		stack_clear();
	}
	if (h->addr.kind == ADDR_UNIX)
		(void)unlink(h->addr.host);
	(void)close(h->listen_fd);
	h->listen_fd = -1;
	drop_waiting(h);
	return NULL;
}

static enum err
poll_set(struct http *h)
{
	struct epoll_event ev = { .events = EPOLLIN };

	if ((h->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) == -1 ||
	    (h->epoll_fd = epoll_create1(EPOLL_CLOEXEC)) == -1)
		return ERR_SYS;
	ev.data.ptr = &h->wake_fd;
	if (epoll_ctl(h->epoll_fd, EPOLL_CTL_ADD, h->wake_fd, &ev) == -1)
		return ERR_SYS;
	ev.data.ptr = &h->listen_fd;
	if (epoll_ctl(h->epoll_fd, EPOLL_CTL_ADD, h->listen_fd, &ev) == -1)
		return ERR_SYS;
	return ERR_OK;
}

enum err
http_listen_start(struct http *h)
{
	pthread_attr_t attr;
	enum err e;
	int r;

	if ((e = poll_set(h)) != ERR_OK)
		return e;
	if (pthread_attr_init(&attr) != 0)
		return ERR_SYS;
	(void)pthread_attr_setstacksize(&attr, HTTP_STACK_LEN);
	r = pthread_create(&h->acceptor, &attr, accept_main, h);
	(void)pthread_attr_destroy(&attr);
	h->accepting = r == 0;
	return h->accepting ? ERR_OK : ERR_SYS;
}

void
http_listen_stop(struct http *h)
{
	if (h->accepting) {
		atomic_store(&h->draining, true);
		http_listen_wake(h);
		(void)pthread_join(h->acceptor, NULL);
		h->accepting = false;
	}
	if (h->listen_fd != -1)
		(void)close(h->listen_fd);
	if (h->epoll_fd != -1)
		(void)close(h->epoll_fd);
	if (h->wake_fd != -1)
		(void)close(h->wake_fd);
	h->listen_fd = h->epoll_fd = h->wake_fd = -1;
}
