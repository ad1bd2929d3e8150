/* How much at a time: of all, and of one circuit. */
#include "http_internal.h"

bool
http_limit_full(const struct http *h)
{
	return atomic_load(&h->count) >= h->o.limits.connections;
}

unsigned
http_connections(const struct http *h)
{
	return atomic_load(&h->count);
}

/* Connections of its circuit: the larger, the less is one of them worth. */
static uint64_t
siblings(const struct http_connection *c)
{
	return c->counted ? circuits_level(c->http->o.circuits, c->circuit,
	    CIRCUIT_CONNECTIONS) : 1;
}

/* ---- connections ---- */

#define SIBLINGS_AT	41
#define IDLE_AT		40

/*
 * How little is lost with it; 0: it stays.  One that is alone on its circuit
 * has a while to make its request, and to send or be sent a page; a young one
 * among these is below 1 << IDLE_AT.
 */
static uint64_t
idleness(struct http_connection *c, uint64_t now)
{
	uint64_t n = siblings(c), age, grace = UINT64_MAX, idle = 0;

	(void)pthread_mutex_lock(&c->mu);
	age = http_age(c, now);
	switch (c->stage) {
	case STAGE_PROXY:
	case STAGE_HEAD:
	case STAGE_DISCARD:
	case STAGE_LINGER:
		idle = 1;
		grace = n > 1 ? 0 : HTTP_ALONE_IDLE_MS;
		break;
	case STAGE_BODY:
	case STAGE_SEND:
		if (n > 1)
			grace = 0;
		else if (!atomic_load(&c->uploading))
			grace = HTTP_ALONE_MS;
		break;
	case STAGE_WORK:
	case STAGE_DEAD:
		break;
	}
	if (c->cut || c->suspended) {
		grace = UINT64_MAX;
		idle = 0;
	}
	(void)pthread_mutex_unlock(&c->mu);
	age = age < UINT32_MAX ? age + 1 : UINT32_MAX;
	if (age <= grace)
		return idle ? age : 0;
	return (n < 0xffff ? n : 0xffff) << SIBLINGS_AT | idle << IDLE_AT |
	    age;
}

/*
 * http.mu is held.  If there are young ones alone, the oldest of them goes
 * when they are the most part of all: then they are the flood.
 */
static struct http_connection *
idlest(struct http *h)
{
	struct http_connection *c, *worst = NULL;
	uint64_t now = clock_steady_ms(), most = 0, w;
	unsigned young = 0;

	for (c = h->list; c != NULL; c = c->next) {
		w = idleness(c, now);
		young += w > 0 && w < UINT64_C(1) << IDLE_AT;
		if (w > most) {
			most = w;
			worst = c;
		}
	}
	return most >= UINT64_C(1) << IDLE_AT ||
	    young > h->o.limits.connections / 2 ? worst : NULL;
}

bool
http_limit_evict(struct http *h, struct http_connection **idle)
{
	struct http_connection *c;
	bool one;

	*idle = NULL;
	(void)pthread_mutex_lock(&h->mu);
	c = h->evicted == 0 ? idlest(h) : NULL;
	if (c != NULL && !c->handed) {
		*idle = c;
	} else if (c != NULL) {
		c->evicted = true;
		h->evicted++;
		http_shut(c);
	}
	one = c != NULL || h->evicted > 0;
	(void)pthread_mutex_unlock(&h->mu);
	return one;
}

bool
http_limit_evicting(struct http *h)
{
	bool one;

	(void)pthread_mutex_lock(&h->mu);
	one = h->evicted > 0;
	(void)pthread_mutex_unlock(&h->mu);
	return one;
}

/* ---- memory ---- */

/* What is cut counts as given back at once, so that only one pays. */
static void
shed(struct http *h)
{
	struct http_connection *c, *worst = NULL;
	uint64_t most = 0, w;

	(void)pthread_mutex_lock(&h->mu);
	for (c = h->list; c != NULL; c = c->next) {
		w = http_stage_get(c) == STAGE_WORK ? 0 :
		    atomic_load(&c->held) * siblings(c);
		if (w > most) {
			most = w;
			worst = c;
		}
	}
	if (worst != NULL) {
		http_limit_release(worst);
		http_shut(worst);
	}
	(void)pthread_mutex_unlock(&h->mu);
}

void
http_limit_hold(struct http_connection *c, size_t n)
{
	struct http *h = c->http;

	(void)atomic_fetch_add(&c->held, n);
	if (atomic_fetch_add(&h->held, n) + n > h->o.limits.memory && n > 0)
		shed(h);
}

void
http_limit_release(struct http_connection *c)
{
	(void)atomic_fetch_sub(&c->http->held, atomic_exchange(&c->held, 0));
}

/* ---- circuits ---- */

bool
http_limit_spend(struct http_connection *c, enum circuit_rate rate,
    unsigned n)
{
	const struct http_options *o = &c->http->o;
	unsigned sec;

	if (!o->hourly || c->circuit == 0)
		return true;
	sec = circuits_spend(o->circuits, c->circuit, rate, n,
	    clock_steady_ms());
	if (sec > c->x.req.retry_sec)	/* what is refused may cost more */
		c->x.req.retry_sec = sec;
	return sec == 0;
}

bool
http_limit_upload(struct http_connection *c)
{
	struct http *h = c->http;
	struct circuits *t = h->o.circuits;

	atomic_store(&c->uploading, true);
	if (atomic_fetch_add(&h->uploads, 1) >= h->o.limits.uploads)
		http_fault_set(c, HTTP_BUSY);
	if (c->circuit != 0 && circuits_enter(t, c->circuit, CIRCUIT_UPLOADS) >
	    circuits_level_max(t, CIRCUIT_UPLOADS))
		http_fault_set(c, HTTP_CIRCUIT);
	return !c->x.faulty;
}

void
http_limit_upload_end(struct http_connection *c)
{
	if (!atomic_exchange(&c->uploading, false))
		return;
	(void)atomic_fetch_sub(&c->http->uploads, 1);
	if (c->circuit != 0)
		circuits_leave(c->http->o.circuits, c->circuit,
		    CIRCUIT_UPLOADS);
}
