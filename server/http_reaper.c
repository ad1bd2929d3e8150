/*
 * Deadlines.  The library knows only inactivity, and one byte a second is
 * activity; so each stage of a connection has an end of its own here.
 */
#include <errno.h>
#include <sys/socket.h>
#include <time.h>

#include "http_internal.h"

enum verdict { GO_ON, CUT, TOO_SLOW, ENOUGH };

/* Milliseconds that ${bytes} may take on top of what all have. */
static uint64_t
allowance(const struct http *h, uint64_t bytes)
{
	return h->o.limits.min_rate == 0 ? 0 :
	    bytes / h->o.limits.min_rate * 1000;
}

static uint64_t
body_end(const struct http_connection *c)
{
	const struct http_limits *l = &c->http->o.limits;
	uint64_t total, idle;

	total = c->since_ms + l->body_sec * UINT64_C(1000) +
	    allowance(c->http, c->bytes);
	idle = c->last_ms + l->idle_sec * UINT64_C(1000);
	return total < idle ? total : idle;
}

/* c->mu is held. */
static enum verdict
judge(const struct http_connection *c, uint64_t now)
{
	const struct http_limits *l = &c->http->o.limits;
	uint64_t age = http_age(c, now), sec = 1000;

	if (c->suspended)
		return GO_ON;
	switch (c->stage) {
	case STAGE_PROXY:
		return age > HTTP_PROXY_SEC * sec ? CUT : GO_ON;
	case STAGE_HEAD:
		/* A kept connection may first be idle. */
		return age > (l->header_sec + (c->first ? 0 : l->idle_sec)) *
		    sec ? CUT : GO_ON;
	case STAGE_BODY:
		return now > body_end(c) ? TOO_SLOW : GO_ON;
	case STAGE_DISCARD:
		if (c->patient)
			return now > body_end(c) ? ENOUGH : GO_ON;
		return age > HTTP_DISCARD_SEC * sec ? ENOUGH : GO_ON;
	case STAGE_LINGER:
		return age > HTTP_LINGER_SEC * sec ? CUT : GO_ON;
	case STAGE_SEND:
		return age > l->body_sec * sec + allowance(c->http, c->bytes) ?
		    CUT : GO_ON;
	case STAGE_WORK:
	case STAGE_DEAD:
		break;
	}
	return GO_ON;
}

/* http.mu is held, so that the connection stays. */
static void
look(struct http_connection *c, uint64_t now)
{
	enum verdict v;

	(void)pthread_mutex_lock(&c->mu);
	v = judge(c, now);
	if (v == CUT) {
		c->stage = STAGE_DEAD;
		(void)shutdown(c->fd, SHUT_RDWR);
	}
	(void)pthread_mutex_unlock(&c->mu);
	if (v != TOO_SLOW && v != ENOUGH)
		return;
	/* Somebody works on it just now: then it is not stuck. */
	if (pthread_mutex_trylock(&c->work) != 0)
		return;
	(void)pthread_mutex_lock(&c->mu);
	v = judge(c, now);
	(void)pthread_mutex_unlock(&c->mu);
	if (v == TOO_SLOW)
		http_send_past(c, HTTP_SLOW);
	else if (v == ENOUGH)
		http_send_past(c, c->x.faulty ? c->x.fault : HTTP_TOO_LARGE);
	(void)pthread_mutex_unlock(&c->work);
}

static void
nap(struct http *h)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_nsec += HTTP_TICK_MS * 1000000L;
	if (t.tv_nsec >= 1000000000L) {
		t.tv_sec++;
		t.tv_nsec -= 1000000000L;
	}
	while (!h->reaper_stop &&
	    pthread_cond_timedwait(&h->changed, &h->mu, &t) != ETIMEDOUT)
		;
}

static void *
reaper_main(void *arg)
{
	struct http *h = arg;
	struct http_connection *c;
	uint64_t now;

	(void)pthread_mutex_lock(&h->mu);
	while (!h->reaper_stop) {
		while (h->list == NULL && !h->reaper_stop)
			(void)pthread_cond_wait(&h->changed, &h->mu);
		now = clock_steady_ms();
		for (c = h->list; c != NULL; c = c->next)
			look(c, now);
		stack_clear();
		nap(h);
	}
	(void)pthread_mutex_unlock(&h->mu);
	return NULL;
}

enum err
http_reaper_start(struct http *h)
{
	pthread_attr_t attr;
	int r;

	if (pthread_attr_init(&attr) != 0)
		return ERR_SYS;
	(void)pthread_attr_setstacksize(&attr, HTTP_STACK_LEN);
	r = pthread_create(&h->reaper, &attr, reaper_main, h);
	(void)pthread_attr_destroy(&attr);
	h->reaping = r == 0;
	return h->reaping ? ERR_OK : ERR_SYS;
}

void
http_reaper_stop(struct http *h)
{
	if (!h->reaping)
		return;
	(void)pthread_mutex_lock(&h->mu);
	h->reaper_stop = true;
	(void)pthread_cond_broadcast(&h->changed);
	(void)pthread_mutex_unlock(&h->mu);
	(void)pthread_join(h->reaper, NULL);
	h->reaping = false;
}
