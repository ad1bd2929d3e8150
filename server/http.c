/* A listener's life. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "http_internal.h"

#define SETTLE_SEC	2	/* for connections that were cut to be closed */

static enum err
locks_init(struct http *h)
{
	pthread_condattr_t attr;

	if (pthread_condattr_init(&attr) != 0)
		return ERR_SYS;
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&h->changed, &attr);
	(void)pthread_condattr_destroy(&attr);
	(void)pthread_mutex_init(&h->mu, NULL);
	return ERR_OK;
}

/* What is left when every thread has ended. */
static void
http_free(struct http *h)
{
	http_reaper_stop(h);
	while (h->list != NULL)	/* the library never began with these */
		http_connection_free(h->list);
	http_listen_stop(h);
	(void)pthread_mutex_destroy(&h->mu);
	(void)pthread_cond_destroy(&h->changed);
	free(h);
}

enum err
http_start(const struct http_options *o, struct http **out)
{
	struct http *h;
	sigset_t all, old;
	enum err e;

	*out = NULL;
	if ((h = calloc(1, sizeof(*h))) == NULL)
		return ERR_SYS;
	h->o = *o;
	h->listen_fd = h->epoll_fd = h->wake_fd = -1;
	if ((e = locks_init(h)) != ERR_OK) {
		free(h);
		return e;
	}
	/* Signals are main's. */
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &old);
	e = net_listen(o->addr, &h->listen_fd);
	h->addr = *o->addr;
	if (e == ERR_OK)
		e = http_daemon_start(h);
	if (e == ERR_OK)
		e = http_reaper_start(h);
	if (e == ERR_OK)
		e = http_listen_start(h);
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (e != ERR_OK) {
		http_daemon_stop(h);
		http_free(h);
		return e;
	}
	*out = h;
	return ERR_OK;
}

void
http_drain(struct http *h)
{
	struct http_connection *c;

	atomic_store(&h->draining, true);
	http_listen_wake(h);
	/* Idle ones get no further request; one that is on its way is read. */
	(void)pthread_mutex_lock(&h->mu);
	for (c = h->list; c != NULL; c = c->next)
		if (http_stage_get(c) == STAGE_HEAD)
			(void)shutdown(c->fd, SHUT_RD);
	(void)pthread_mutex_unlock(&h->mu);
}

/* h->mu is held.  Whether a request is under way. */
static bool
working(struct http *h)
{
	struct http_connection *c;
	enum http_stage s;

	for (c = h->list; c != NULL; c = c->next) {
		s = http_stage_get(c);
		if (s == STAGE_BODY || s == STAGE_WORK || s == STAGE_SEND)
			return true;
	}
	return false;
}

static bool
jobs(struct http *h)
{
	return h->jobs > 0;
}

static bool
listed(struct http *h)
{
	return h->list != NULL;
}

/* Wait while ${still}; forever if ${seconds} is 0. */
static void
wait_while(struct http *h, bool (*still)(struct http *h), unsigned seconds)
{
	uint64_t end = clock_steady_ms() + seconds * UINT64_C(1000);
	struct timespec t;

	(void)pthread_mutex_lock(&h->mu);
	while (still(h) && (seconds == 0 || clock_steady_ms() < end)) {
		/* Stages change without a signal: look often. */
		(void)clock_gettime(CLOCK_MONOTONIC, &t);
		t.tv_nsec += 20 * 1000000L;
		if (t.tv_nsec >= 1000000000L) {
			t.tv_sec++;
			t.tv_nsec -= 1000000000L;
		}
		(void)pthread_cond_timedwait(&h->changed, &h->mu, &t);
	}
	(void)pthread_mutex_unlock(&h->mu);
}

/*
 * The library ends the whole process if it is stopped with a suspended
 * connection.  So: accept nothing, allow no new pauses, wake all that wait for
 * the application, let all handlers end, and only then stop it.
 */
void
http_stop(struct http *h, unsigned seconds)
{
	struct http_connection *c;

	if (h == NULL)
		return;
	http_drain(h);
	if (h->accepting)
		(void)pthread_join(h->acceptor, NULL);
	h->accepting = false;
	if (seconds > 0)
		wait_while(h, working, seconds);
	(void)pthread_mutex_lock(&h->mu);
	atomic_store(&h->cutting, true);
	for (c = h->list; c != NULL; c = c->next)
		http_shut(c);
	(void)pthread_mutex_unlock(&h->mu);
	wait_while(h, jobs, 0);
	wait_while(h, listed, SETTLE_SEC);
	http_daemon_stop(h);
	http_free(h);
}
