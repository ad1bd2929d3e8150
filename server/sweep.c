/* Objects that nothing refers to any more. */
#include <stdlib.h>
#include <string.h>

#include "sweep.h"

struct sweep {
	struct server *s;
	bool starting;
	uint64_t now;
	uint8_t (*id)[ID_LEN];		/* what goes */
	size_t n;
};

static enum err
collect(void *arg, const uint8_t *key, struct bytes value)
{
	struct sweep *w = arg;
	struct upload_record u;
	struct buf b;
	void *grown;
	enum err e;

	memset(&u, 0, sizeof(u));
	buf_init(&b, RECORD_MAX);
	e = record_open_at(w->s->records, DB_UPLOADS, key, value, &b);
	if (e == ERR_OK)
		e = upload_decode((struct bytes){ b.data, b.len }, &u);
	buf_done(&b);
	if (e == ERR_OK && (u.of_desk ? u.epoch + 1 < w->now : w->starting)) {
		grown = realloc(w->id, (w->n + 1) * sizeof(*w->id));
		if (grown == NULL) {
			e = ERR_SYS;
		} else {
			w->id = grown;
			memcpy(w->id[w->n++], u.id, ID_LEN);
		}
	}
	upload_done(&u);
	return (e);
}

struct erase { struct server *s; const uint8_t *id; };

static enum err
erase(struct store_txn *t, void *arg)
{
	struct erase *j = arg;
	struct upload_record u;
	enum err e;

	e = upload_get(j->s->records, t, j->id, &u);
	if (e == ERR_NOTFOUND)		/* an action took it meanwhile */
		return (ERR_OK);
	if (e == ERR_OK)
		e = upload_erase(j->s->records, t, &u);
	upload_done(&u);
	return (e);
}

enum err
sweep_uploads(struct server *s, bool starting)
{
	struct sweep w = { s, starting, server_epoch(s), NULL, 0 };
	struct store_txn *t;
	enum err e;

	if ((e = store_begin(s->store, &t)) != ERR_OK)
		return (e);
	e = store_each(t, DB_UPLOADS, collect, &w);
	store_end(t);
	for (size_t i = 0; i < w.n && e == ERR_OK; i++) {
		struct erase j = { s, w.id[i] };

		e = store_write(s->store, STORE_LAST, erase, &j);
	}
	free(w.id);
	return (e);
}
