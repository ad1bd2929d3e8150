/* Cases whose receipt is not yet known to have been shown. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "pending.h"
#include "records_internal.h"

struct waiting {
	struct waiting *next;
	struct place at;
	uint64_t epoch;
	int64_t since;
	bool again;			/* its time began anew at a start */
};
struct pending {
	pthread_mutex_t lock;
	const struct records *r;
	struct store *store;
	struct waiting *list;
	int64_t now;			/* while the list is read */
};

static enum err
add(struct pending *p, const struct place *at, uint64_t epoch, int64_t since,
    bool again)
{
	struct waiting *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return (ERR_SYS);
	w->at = *at;
	w->epoch = epoch;
	w->since = since;
	w->again = again;
	(void)pthread_mutex_lock(&p->lock);
	w->next = p->list;
	p->list = w;
	(void)pthread_mutex_unlock(&p->lock);
	return (ERR_OK);
}

static enum err
load(void *arg, const uint8_t *key, struct bytes value)
{
	struct pending *p = arg;
	struct place at;
	uint64_t epoch;
	struct buf b;
	struct cur c;
	enum err e;

	buf_init(&b, RECORD_MAX);
	e = record_open_at(p->r, DB_PENDING, key, value, &b);
	if (e == ERR_OK) {
		c = record_cur((struct bytes){ b.data, b.len });
		epoch = cur_u64(&c);
		memcpy(at.key, key, sizeof(at.key));
		if ((e = cur_end(&c)) == ERR_OK)
			e = add(p, &at, epoch, p->now, true);
	}
	buf_done(&b);
	return (e);
}

enum err
pending_new(const struct records *r, struct store *s, int64_t now,
    struct pending **out)
{
	struct pending *p = calloc(1, sizeof(*p));
	struct store_txn *t;
	enum err e;

	*out = NULL;
	if (p == NULL)
		return (ERR_SYS);
	(void)pthread_mutex_init(&p->lock, NULL);
	p->r = r;
	p->store = s;
	p->now = now;
	if ((e = store_begin(s, &t)) == ERR_OK) {
		e = store_each(t, DB_PENDING, load, p);
		store_end(t);
	}
	if (e != ERR_OK) {
		pending_free(p);
		return (e);
	}
	*out = p;
	return (ERR_OK);
}

void
pending_free(struct pending *p)
{

	if (p == NULL)
		return;
	while (p->list != NULL) {
		struct waiting *w = p->list;

		p->list = w->next;
		free(w);
	}
	(void)pthread_mutex_destroy(&p->lock);
	free(p);
}

enum err
pending_put(const struct records *r, struct store_txn *t,
    const struct case_record *c)
{
	struct buf b;
	enum err e;

	record_begin(&b);
	buf_u64(&b, c->epoch);
	e = record_put(r, t, DB_PENDING, &c->at, &b);
	buf_done(&b);
	return (e);
}

void
pending_started(struct pending *p, const struct place *at, uint64_t epoch,
    int64_t now)
{
	struct waiting *w;

	(void)pthread_mutex_lock(&p->lock);
	for (w = p->list; w != NULL; w = w->next) {
		if (memcmp(&w->at, at, sizeof(*at)) == 0)
			break;
	}
	(void)pthread_mutex_unlock(&p->lock);
	/* without memory it ends at the next start */
	if (w == NULL && add(p, at, epoch, now, false) != ERR_OK)
		return;
}

/* A case of which the receipt was shown keeps nothing of the form. */
struct shown { const struct records *r; const struct place *at; };

static enum err
shown_job(struct store_txn *t, void *arg)
{
	struct shown *a = arg;
	struct case_record c;
	enum err e;

	e = store_del(t, DB_PENDING, a->at->key);
	if (e == ERR_NOTFOUND)		/* it was shown before */
		return (ERR_OK);
	if (e != ERR_OK || (e = case_get(a->r, t, a->at, &c)) != ERR_OK)
		return (e == ERR_NOTFOUND ? ERR_OK : e);
	c.pending = false;
	memset(c.fields, 0, sizeof(c.fields));
	e = case_put(a->r, t, &c);
	case_done(&c);
	return (e);
}

enum err
pending_shown(struct pending *p, const struct place *at)
{
	struct shown a = { p->r, at };
	struct waiting **l, *gone = NULL;
	enum err e;

	if ((e = store_write(p->store, STORE_LAST, shown_job, &a)) != ERR_OK)
		return (e);
	(void)pthread_mutex_lock(&p->lock);
	for (l = &p->list; *l != NULL; l = &(*l)->next) {
		if (memcmp(&(*l)->at, at, sizeof(*at)) == 0) {
			gone = *l;
			*l = gone->next;
			break;
		}
	}
	(void)pthread_mutex_unlock(&p->lock);
	free(gone);
	return (ERR_OK);
}

void
pending_tick(struct pending *p, int64_t now, uint64_t epoch)
{

	for (;;) {
		struct waiting *w;
		struct place at;

		(void)pthread_mutex_lock(&p->lock);
		for (w = p->list; w != NULL; w = w->next) {
			if (now - w->since >= PENDING_SEC ||
			    (w->again && epoch > w->epoch + 1))
				break;
		}
		if (w != NULL)
			at = w->at;
		(void)pthread_mutex_unlock(&p->lock);
		if (w == NULL || pending_shown(p, &at) != ERR_OK)
			return;
	}
}
