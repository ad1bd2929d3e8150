/* Closed cases go when their days are over. */
#include <stdlib.h>
#include <string.h>

#include "fault.h"
#include "log.h"
#include "retention.h"
#include "sweep.h"
#include "unfetched.h"

#define DAY_SEC	86400

struct due {
	struct server *s;
	uint64_t now, days;
	struct place at[LEDGER_DELETES];
	size_t n;
	enum err err;			/* the first; the others go on */
};

static void
failed(struct due *d, enum err e)
{

	if (d->err == ERR_OK)
		d->err = e;
}

/* Closed, and nothing happened since for the whole time. */
static bool
is_due(const struct due *d, const struct case_record *c)
{
	uint64_t last = c->status_epoch;

	if (!status_is_closed(c->status))
		return (false);
	for (size_t i = 0; i < c->openings; i++) {
		if (c->opening[i].epoch > last)
			last = c->opening[i].epoch;
	}
	/* from the end of its epoch on */
	return (d->now > last + 1 && (d->now - last - 1) *
	    (uint64_t)d->s->in->epoch_seconds >= d->days * DAY_SEC);
}

static enum err
look(void *arg, const uint8_t *key, struct bytes value)
{
	struct due *d = arg;
	struct case_record c;
	struct buf b;
	enum err e;

	memset(&c, 0, sizeof(c));
	buf_init(&b, RECORD_MAX);
	e = record_open_at(d->s->records, DB_CASES, key, value, &b);
	if (e == ERR_OK)
		e = case_decode((struct bytes){ b.data, b.len }, &c);
	if (e == ERR_OK && d->n < LEDGER_DELETES && is_due(d, &c))
		d->at[d->n++] = c.at;
	failed(d, e);
	case_done(&c);
	buf_done(&b);
	return (ERR_OK);
}

/* ---- one case ---- */

struct delete_job {
	struct due *d;
	const struct place *at;
	struct ledger_taken taken;
	uint8_t (*object)[ID_LEN];	/* heap: whose blocks go */
	size_t objects;
	bool gone;
	uint64_t unfetched;		/* bytes of its files */
};

/* Its home goes; its blocks are an upload's that nothing refers to. */
static enum err
orphan(struct delete_job *j, struct store_txn *t,
    const struct object_record *o)
{
	const struct records *r = j->d->s->records;
	struct place home = place_object(r, o->id);
	struct upload_record u;
	void *grown;
	enum err e;

	memset(&u, 0, sizeof(u));
	memcpy(u.id, o->id, ID_LEN);
	u.epoch = j->d->now;
	u.blocks = o->blocks;
	if ((e = upload_put(r, t, &u)) != ERR_OK ||
	    (e = store_del(t, DB_OBJECTS, home.key)) != ERR_OK)
		return (e);
	grown = realloc(j->object, (j->objects + 1) * sizeof(*j->object));
	if (grown == NULL)
		return (ERR_SYS);
	j->object = grown;
	memcpy(j->object[j->objects++], o->id, ID_LEN);
	return (ERR_OK);
}

static enum err
erase_message(struct delete_job *j, struct store_txn *t,
    const struct case_record *c, uint32_t number)
{
	const struct records *r = j->d->s->records;
	struct place at = place_message(r, c->id, number);
	struct message_record m;
	enum err e;

	e = message_get(r, t, c->id, number, &m);
	for (size_t i = 0; e == ERR_OK && i < m.objects; i++)
		e = orphan(j, t, &m.object[i]);
	message_done(&m);
	return (e == ERR_OK ? store_del(t, DB_MESSAGES, at.key) : e);
}

static enum err
announce(struct delete_job *j, struct store_txn *t, struct case_record *c)
{
	struct action a;
	struct ledger_act act = { &a, NULL, j->d->now, NO_MESSAGE, false,
	    false };

	memset(&a, 0, sizeof(a));
	text_copy(a.origin, sizeof(a.origin), j->d->s->in->config.origin);
	a.kind = EVENT_DELETE;
	a.actor = ACTOR_SERVER;
	a.has_case = true;
	memcpy(a.case_id, c->id, ID_LEN);
	return (ledger_take(j->d->s->records, t, &act, c, &j->taken));
}

static enum err
erase(struct delete_job *j, struct store_txn *t, const struct case_record *c)
{
	const struct records *r = j->d->s->records;
	struct place id = place_case_id(r, c->id);
	struct install_record i;
	enum err e = ERR_OK;

	for (uint32_t n = 0; n < c->messages && e == ERR_OK; n++)
		e = erase_message(j, t, c, n);
	if (e != ERR_OK ||
	    (e = store_del(t, DB_CASE_IDS, id.key)) != ERR_OK ||
	    (e = store_del(t, DB_CASES, c->at.key)) != ERR_OK)
		return (e);
	e = store_del(t, DB_PENDING, c->at.key);
	if ((e != ERR_OK && e != ERR_NOTFOUND) ||
	    (e = install_get(r, t, &i)) != ERR_OK)
		return (e);
	i.cases--;
	return (install_put(r, t, &i));
}

static enum err
delete_job(struct store_txn *t, void *arg)
{
	struct delete_job *j = arg;
	struct case_record c;
	enum err e;

	j->objects = 0;			/* a job may run twice */
	j->gone = false;
	e = case_get(j->d->s->records, t, j->at, &c);
	if (e != ERR_OK)
		return (e == ERR_NOTFOUND ? ERR_OK : e);
	/* something may have happened in it since we looked */
	if (is_due(j->d, &c)) {
		j->unfetched = ledger_fetched(&c) ? 0 : c.file_bytes;
		if ((e = announce(j, t, &c)) == ERR_OK && j->taken.waiting)
			e = ERR_BUSY;
		if (e == ERR_OK && (e = erase(j, t, &c)) == ERR_OK)
			j->gone = true;
	}
	case_done(&c);
	return (e);
}

static enum err
delete_case(struct due *d, const struct place *at)
{
	struct delete_job j = { .d = d, .at = at };
	enum err e;

	if ((e = fault_point("delete.1")) == ERR_OK)
		e = store_write(d->s->store, STORE_LAST, delete_job, &j);
	if (e == ERR_OK && j.gone) {
		unfetched_give(d->s, j.unfetched);
		if (fault_point("delete.2") == ERR_OK)
			log_promise_event(d->s, &j.taken);
		e = fault_point("delete.3");
		for (size_t i = 0; i < j.objects; i++)
			sweep_object(d->s, j.object[i]);
	}
	free(j.object);
	/* no leaf for it now: at the next epoch */
	return (e == ERR_FULL || e == ERR_BUSY ? ERR_OK : e);
}

enum err
retention_tick(struct server *s)
{
	struct due *d = calloc(1, sizeof(*d));
	struct store_txn *t;
	enum err e;

	if (d == NULL)
		return (ERR_SYS);
	d->s = s;
	d->now = server_epoch(s);
	server_office_lock(s);
	d->days = instance_roster_newest(s->in)->retention_days;
	server_office_unlock(s);
	if ((e = store_begin(s->store, &t)) == ERR_OK) {
		e = store_each(t, DB_CASES, look, d);
		store_end(t);
	}
	for (size_t i = 0; i < d->n && e == ERR_OK; i++)
		failed(d, delete_case(d, &d->at[i]));
	e = e == ERR_OK ? d->err : e;
	free(d);
	return (e);
}
