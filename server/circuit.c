/*
 * The table of circuits: a fixed array of entries in hash chains.  Hours are
 * token buckets: what was spent flows back at the rate of the limit.
 */
#include <assert.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "circuit.h"
#include "crypto.h"

#define NONE	UINT32_MAX

struct entry {
	uint64_t id;			/* 0: free */
	uint32_t next;			/* of its chain, or of the free ones */
	uint32_t open[CIRCUIT_LEVELS];
	uint64_t at_ms;			/* of the last spending */
	uint64_t spent[CIRCUIT_RATES];	/* times CIRCUIT_HOUR_MS */
};

struct circuits {
	struct circuit_limits limit;
	uint8_t key[BLAKE2B_LEN];
	pthread_mutex_t mu;		/* all below */
	struct entry *entry;
	uint32_t *head;
	size_t places, known;
	uint32_t free;
};

enum err
circuits_new(size_t places, const struct circuit_limits *l,
    struct circuits **out)
{
	struct circuits *c;

	*out = NULL;
	assert(places > 0 && places < NONE);
	if ((c = calloc(1, sizeof(*c))) == NULL)
		return ERR_SYS;
	(void)pthread_mutex_init(&c->mu, NULL);
	c->limit = *l;
	c->places = places;
	c->entry = calloc(places, sizeof(*c->entry));
	c->head = calloc(places, sizeof(*c->head));
	if (c->entry == NULL || c->head == NULL) {
		circuits_free(c);
		return ERR_SYS;
	}
	rand_bytes(c->key, sizeof(c->key));
	for (size_t i = 0; i < places; i++) {
		c->head[i] = NONE;
		c->entry[i].next = i + 1 < places ? (uint32_t)i + 1 : NONE;
	}
	*out = c;
	return ERR_OK;
}

void
circuits_free(struct circuits *c)
{
	if (c == NULL)
		return;
	if (c->entry != NULL)
		wipe(c->entry, c->places * sizeof(*c->entry));
	free(c->entry);
	free(c->head);
	(void)pthread_mutex_destroy(&c->mu);
	wipe(c, sizeof(*c));
	free(c);
}

uint64_t
circuits_id(const struct circuits *c, uint64_t number)
{
	uint8_t hash[BLAKE2B_LEN];
	uint64_t id;

	blake2b(c->key, &number, sizeof(number), hash);
	memcpy(&id, hash, sizeof(id));
	wipe(hash, sizeof(hash));
	return id == 0 ? 1 : id;
}

/* ---- all below: c->mu is held ---- */

static uint32_t *
chain(struct circuits *c, uint64_t id)
{
	return &c->head[id % c->places];
}

static struct entry *
find(struct circuits *c, uint64_t id)
{
	uint32_t i;

	for (i = *chain(c, id); i != NONE; i = c->entry[i].next)
		if (c->entry[i].id == id)
			return &c->entry[i];
	return NULL;
}

static bool
is_open(const struct entry *e)
{
	for (int i = 0; i < CIRCUIT_LEVELS; i++)
		if (e->open[i] > 0)
			return true;
	return false;
}

static void
forget(struct circuits *c, struct entry *e)
{
	uint32_t *at = chain(c, e->id), self = (uint32_t)(e - c->entry);

	while (*at != self)
		at = &c->entry[*at].next;
	*at = e->next;
	wipe(e, sizeof(*e));
	e->next = c->free;
	c->free = self;
	c->known--;
}

/* Time gives back what was spent. */
static void
flow(const struct circuits *c, struct entry *e, uint64_t now_ms)
{
	uint64_t ms = now_ms > e->at_ms ? now_ms - e->at_ms : 0, back;

	if (ms > CIRCUIT_HOUR_MS)
		ms = CIRCUIT_HOUR_MS;
	for (int i = 0; i < CIRCUIT_RATES; i++) {
		back = ms * c->limit.rate[i];
		e->spent[i] -= back < e->spent[i] ? back : e->spent[i];
	}
	e->at_ms = now_ms;
}

/* How much of its hour it has used, in thousandths, of what it used most. */
static uint64_t
used(const struct circuits *c, const struct entry *e)
{
	uint64_t most = 0, part;

	for (int i = 0; i < CIRCUIT_RATES; i++) {
		if (c->limit.rate[i] == 0)
			continue;
		part = e->spent[i] / c->limit.rate[i] /
		    (CIRCUIT_HOUR_MS / 1000);
		if (part > most)
			most = part;
	}
	return most;
}

/* The one whose loss changes least makes room. */
static void
make_room(struct circuits *c)
{
	struct entry *least = NULL;
	uint64_t u, min = UINT64_MAX;

	for (size_t i = 0; i < c->places; i++) {
		struct entry *e = &c->entry[i];

		if (e->id == 0 || is_open(e))
			continue;
		u = used(c, e);
		if (u < min || (u == min && e->at_ms < least->at_ms)) {
			min = u;
			least = e;
		}
	}
	if (least != NULL)
		forget(c, least);
}

static struct entry *
entry(struct circuits *c, uint64_t id)
{
	struct entry *e = find(c, id);
	uint32_t i;

	if (e != NULL)
		return e;
	if (c->free == NONE)
		make_room(c);
	if ((i = c->free) == NONE)
		return NULL;
	e = &c->entry[i];
	c->free = e->next;
	e->id = id;
	e->next = *chain(c, id);
	*chain(c, id) = i;
	c->known++;
	return e;
}

/* ---- the doors ---- */

unsigned
circuits_enter(struct circuits *c, uint64_t id, enum circuit_level level)
{
	struct entry *e;
	unsigned n;

	if (id == 0)
		return 1;
	(void)pthread_mutex_lock(&c->mu);
	e = entry(c, id);
	n = e == NULL ? 0 : ++e->open[level];
	(void)pthread_mutex_unlock(&c->mu);
	return n;
}

void
circuits_leave(struct circuits *c, uint64_t id, enum circuit_level level)
{
	struct entry *e;

	if (id == 0)
		return;
	(void)pthread_mutex_lock(&c->mu);
	e = find(c, id);
	assert(e != NULL && e->open[level] > 0);
	e->open[level]--;
	(void)pthread_mutex_unlock(&c->mu);
}

unsigned
circuits_level(struct circuits *c, uint64_t id, enum circuit_level level)
{
	struct entry *e;
	unsigned n;

	if (id == 0)
		return 0;
	(void)pthread_mutex_lock(&c->mu);
	e = find(c, id);
	n = e == NULL ? 0 : e->open[level];
	(void)pthread_mutex_unlock(&c->mu);
	return n;
}

unsigned
circuits_level_max(const struct circuits *c, enum circuit_level level)
{
	return c->limit.level[level];
}

unsigned
circuits_spend(struct circuits *c, uint64_t id, enum circuit_rate rate,
    unsigned n, uint64_t now_ms)
{
	uint64_t limit = c->limit.rate[rate], over, wait_ms = 0;
	struct entry *e;

	if (id == 0 || n == 0)
		return 0;
	assert(limit > 0);
	if (n > limit)		/* never: as if all of the hour were asked */
		n = (unsigned)limit;
	(void)pthread_mutex_lock(&c->mu);
	if ((e = entry(c, id)) == NULL) {
		wait_ms = 60000;	/* all places are open ones */
		goto out;
	}
	flow(c, e, now_ms);
	over = e->spent[rate] + n * CIRCUIT_HOUR_MS;
	if (over <= limit * CIRCUIT_HOUR_MS)
		e->spent[rate] = over;
	else
		wait_ms = (over - limit * CIRCUIT_HOUR_MS + limit - 1) / limit;
out:
	(void)pthread_mutex_unlock(&c->mu);
	return (unsigned)((wait_ms + 999) / 1000);
}

void
circuits_sweep(struct circuits *c, uint64_t now_ms)
{
	(void)pthread_mutex_lock(&c->mu);
	for (size_t i = 0; i < c->places && c->known > 0; i++) {
		struct entry *e = &c->entry[i];

		if (e->id != 0 && !is_open(e) &&
		    now_ms >= e->at_ms + CIRCUIT_HOUR_MS)
			forget(c, e);
	}
	(void)pthread_mutex_unlock(&c->mu);
}

size_t
circuits_known(struct circuits *c)
{
	size_t n;

	(void)pthread_mutex_lock(&c->mu);
	n = c->known;
	(void)pthread_mutex_unlock(&c->mu);
	return n;
}
