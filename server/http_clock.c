/* The clockwork of a connection: its stage, its pauses, its end. */
#include <sys/socket.h>

#include <microhttpd.h>

#include "http_internal.h"

bool
http_stage_set(struct http_connection *c, enum http_stage stage)
{
	uint64_t now = clock_steady_ms();
	bool alive;

	(void)pthread_mutex_lock(&c->mu);
	alive = c->stage != STAGE_DEAD && !c->cut;
	if (alive) {
		c->stage = stage;
		c->since_ms = c->last_ms = now;
		c->bytes = 0;
	}
	(void)pthread_mutex_unlock(&c->mu);
	return alive;
}

uint64_t
http_age(const struct http_connection *c, uint64_t now)
{

	return now > c->since_ms ? now - c->since_ms : 0;
}

enum http_stage
http_stage_get(struct http_connection *c)
{
	enum http_stage stage;

	(void)pthread_mutex_lock(&c->mu);
	stage = c->cut ? STAGE_DEAD : c->stage;
	(void)pthread_mutex_unlock(&c->mu);
	return stage;
}

void
http_stage_bytes(struct http_connection *c, uint64_t n)
{
	uint64_t now = clock_steady_ms();

	(void)pthread_mutex_lock(&c->mu);
	c->bytes += n;
	c->last_ms = now;
	(void)pthread_mutex_unlock(&c->mu);
}

void
http_patient(struct http_connection *c, bool on)
{
	(void)pthread_mutex_lock(&c->mu);
	c->patient = on;
	(void)pthread_mutex_unlock(&c->mu);
}

/*
 * Suspending and resuming meet under one lock: a resume that finds nothing
 * suspended leaves a mark that the next suspend takes instead of sleeping.
 */
enum http_parked
http_park(struct http_connection *c, bool job)
{
	enum http_parked r = PARK_SLEEP;

	(void)pthread_mutex_lock(&c->mu);
	if (!job && (c->cut || atomic_load(&c->http->cutting))) {
		r = PARK_END;
	} else if (c->wake) {
		c->wake = false;
		r = PARK_AGAIN;
	} else {
		c->suspended = true;
		c->paused_ms = clock_steady_ms();
		MHD_suspend_connection(c->mhd);
	}
	(void)pthread_mutex_unlock(&c->mu);
	return r;
}

/* c->mu is held. */
static void
wake(struct http_connection *c)
{
	uint64_t now = clock_steady_ms();

	if (!c->suspended) {
		c->wake = true;
		return;
	}
	c->suspended = false;
	c->since_ms += now - c->paused_ms;
	c->last_ms = now;
	MHD_resume_connection(c->mhd);
}

void
http_wake(struct http_connection *c)
{
	(void)pthread_mutex_lock(&c->mu);
	wake(c);
	(void)pthread_mutex_unlock(&c->mu);
}

void
http_done(struct http_connection *c)
{
	(void)pthread_mutex_lock(&c->mu);
	c->x.done = true;
	wake(c);
	(void)pthread_mutex_unlock(&c->mu);
}

void
http_shut(struct http_connection *c)
{
	(void)pthread_mutex_lock(&c->mu);
	c->cut = true;
	(void)shutdown(c->fd, SHUT_RDWR);
	/* A job's end wakes its connection, nobody else does. */
	if (c->suspended && c->stage != STAGE_WORK)
		wake(c);
	(void)pthread_mutex_unlock(&c->mu);
}

void
http_resume(struct http_request *r)
{
	http_wake(r->connection);
}

void
http_cut(struct http_request *r)
{
	http_shut(r->connection);
}
