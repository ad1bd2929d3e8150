/* Objects that nothing refers to any more. */
#include <stdlib.h>
#include <string.h>

#include "sweep.h"

struct sweep {
	pthread_mutex_t lock;
	uint8_t (*id)[ID_LEN];		/* what goes */
	size_t n;
};

enum err
sweep_new(struct sweep **out)
{

	if ((*out = calloc(1, sizeof(**out))) == NULL)
		return (ERR_SYS);
	(void)pthread_mutex_init(&(*out)->lock, NULL);
	return (ERR_OK);
}

void
sweep_free(struct sweep *w)
{

	if (w == NULL)
		return;
	free(w->id);
	(void)pthread_mutex_destroy(&w->lock);
	free(w);
}

void
sweep_object(struct server *s, const uint8_t id[static ID_LEN])
{
	struct sweep *w = s->sweep;
	void *grown;

	(void)pthread_mutex_lock(&w->lock);
	grown = realloc(w->id, (w->n + 1) * sizeof(*w->id));
	if (grown != NULL) {
		w->id = grown;
		memcpy(w->id[w->n++], id, ID_LEN);
	}
	(void)pthread_mutex_unlock(&w->lock);
}

struct erase {
	struct server *s;
	const uint8_t *id;
	bool more;
};

static enum err
erase(struct store_txn *t, void *arg)
{
	struct erase *j = arg;
	struct upload_record u;
	enum err e;

	j->more = false;
	e = upload_get(j->s->records, t, j->id, &u);
	if (e == ERR_NOTFOUND)		/* an action took it meanwhile */
		return (ERR_OK);
	if (e == ERR_OK)
		e = upload_erase(j->s->records, t, &u, &j->more);
	upload_done(&u);
	return (e);
}

enum err
sweep_tick(struct server *s)
{
	struct sweep *w = s->sweep;
	struct erase j = { s, NULL, false };
	uint8_t id[ID_LEN];
	bool one;
	enum err e = ERR_OK;

	while (e == ERR_OK) {
		(void)pthread_mutex_lock(&w->lock);
		if ((one = w->n > 0))
			memcpy(id, w->id[--w->n], ID_LEN);
		(void)pthread_mutex_unlock(&w->lock);
		if (!one)
			break;
		j.id = id;
		do {
			e = store_write(s->store, STORE_LAST, erase, &j);
		} while (e == ERR_OK && j.more);
		if (e != ERR_OK)
			sweep_object(s, id);
	}
	return (e);
}

/* ---- what nobody named ---- */

struct look { struct server *s; bool starting; uint64_t now; };

static enum err
collect(void *arg, const uint8_t *key, struct bytes value)
{
	struct look *l = arg;
	struct upload_record u;
	struct buf b;
	enum err e;

	memset(&u, 0, sizeof(u));
	buf_init(&b, RECORD_MAX);
	e = record_open_at(l->s->records, DB_UPLOADS, key, value, &b);
	if (e == ERR_OK)
		e = upload_decode((struct bytes){ b.data, b.len }, &u);
	buf_done(&b);
	if (e == ERR_OK && (u.of_desk ? u.epoch + 1 < l->now : l->starting))
		sweep_object(l->s, u.id);
	upload_done(&u);
	return (e);
}

enum err
sweep_uploads(struct server *s, bool starting)
{
	struct look l = { s, starting, server_epoch(s) };
	struct store_txn *t;
	enum err e;

	if ((e = store_begin(s->store, &t)) != ERR_OK)
		return (e);
	e = store_each(t, DB_UPLOADS, collect, &l);
	store_end(t);
	return (e == ERR_OK ? sweep_tick(s) : e);
}
