/* The office, and the feed: what a desk hears at the end of an epoch. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "desk_internal.h"

#define FEED_BUDGET	(512 * 1024)	/* bytes of one page, about */

void
desk_office(struct call *c)
{
	struct api_office *o = calloc(1, sizeof(*o));
	const struct roster *ro;

	if (o == NULL) {
		call_fail(c, ERR_SYS);
		return;
	}
	server_office_lock(c->s);
	ro = instance_roster_newest(c->s->in);
	strcpy(o->origin, c->s->in->config.origin);
	o->epoch = c->epoch;
	o->epoch_seconds = ro->epoch_seconds;
	o->unix_time = clock_now(c->s->clock);
	strcpy(o->log, "ok");
	o->roster = ro->number;
	strcpy(o->label, c->desk.label);
	strcpy(o->role, desk_role_text(c->desk.role));
	o->text_chars = (uint64_t)c->s->in->config.text_chars;
	o->file_bytes = (uint64_t)c->s->in->config.file_mib * 1024 * 1024;
	o->body_bytes = API_BODY_MAX;
	for (size_t i = 0; i < ro->channels; i++) {
		if ((c->desk.channels & (1u << i)) != 0)
			strcpy(o->channel[o->channels++],
			    ro->channel[i].name);
	}
	server_office_unlock(c->s);
	if (api_office_encode(o, &c->a->body) == ERR_OK)
		call_json(c, 200);
	else
		call_fail(c, ERR_SYS);
	free(o);
}

/* "?after=N", nothing else. */
static bool
parse_after(const char *query, uint64_t *after)
{
	const char *p = query + strlen("?after=");

	*after = 0;
	if (query[0] == '\0' || strcmp(query, "?") == 0)
		return (true);
	if (strncmp(query, "?after=", 7) != 0 || *p == '\0' ||
	    (p[0] == '0' && p[1] != '\0') || strlen(p) > 18)
		return (false);
	for (; *p != '\0'; p++) {
		if (!isdigit((unsigned char)*p))
			return (false);
		*after = *after * 10 + (uint64_t)(*p - '0');
	}
	return (true);
}

static enum err
item_objects(struct call *c, struct store_txn *t, const struct opening *o,
    struct api_feed_item *item)
{
	struct message_record m;
	enum err e;

	if (o->message == NO_MESSAGE)
		return (ERR_OK);
	item->has_message = true;
	item->message = o->message;
	e = message_get(c->s->records, t, item->case_id, o->message, &m);
	if (e != ERR_OK)
		return (e);
	for (size_t i = 0; i < m.objects; i++) {
		struct api_object *out = &item->object[item->objects++];

		memcpy(out->id, m.object[i].id, ID_LEN);
		out->blocks = m.object[i].blocks;
		out->size = m.object[i].payload;
	}
	message_done(&m);
	return (ERR_OK);
}

/* Item ${n}; ERR_NOTFOUND if its case was deleted since. */
static enum err
feed_item(struct call *c, struct store_txn *t, uint64_t n,
    struct api_feed_item *item)
{
	struct feed_entry f;
	struct case_record cs;
	struct event ev;
	const struct opening *o;
	enum err e;

	e = feed_get(c->s->records, t, c->desk.key, n, &f);
	if (e != ERR_OK || (e = case_get_by_id(c->s->records, t, f.case_id,
	    &cs)) != ERR_OK)
		return (e);
	e = ERR_FORMAT;
	if (f.seq >= cs.openings)
		goto out;
	o = &cs.opening[f.seq];
	if ((e = event_decode((struct bytes){ o->event, o->len }, &ev)) !=
	    ERR_OK)
		goto out;
	memset(item, 0, sizeof(*item));
	item->n = n;
	memcpy(item->case_id, f.case_id, ID_LEN);
	item->kind = ev.action.kind;
	item->epoch = ev.epoch;
	memcpy(item->status, ev.action.status, sizeof(item->status));
	memcpy(item->event, o->event, o->len);
	item->event_len = o->len;
	memcpy(item->nonce, o->nonce, NONCE_LEN);
	item->leaf = ledger_index(instance_epoch0(c->s->in), o->epoch,
	    o->leaf);
	e = item_objects(c, t, o, item);
out:
	case_done(&cs);
	return (e);
}

static enum err
fill(struct call *c, struct store_txn *t, uint64_t after,
    const struct desk_record *mine, struct api_feed *f)
{
	size_t bytes = 0;
	enum err e;

	for (uint64_t n = after + 1; n <= mine->given; n++) {
		struct api_feed_item *item = &f->item[f->items];

		if (f->items == API_FEED_MAX || bytes > FEED_BUDGET) {
			f->more = true;
			break;
		}
		e = feed_item(c, t, n, item);
		if (e == ERR_NOTFOUND)
			continue;
		if (e != ERR_OK)
			return (e);
		f->items++;
		bytes += 2000 + item->event_len + 100 * item->objects;
	}
	return (ERR_OK);
}

/* The desk says by ?after=N that it has saved everything up to N. */
struct saved { struct call *c; uint64_t after; };

static enum err
saved_job(struct store_txn *t, void *arg)
{
	struct saved *j = arg;
	struct desk_record d;
	enum err e;

	e = desk_get(j->c->s->records, t, j->c->desk.key, &d);
	if (e != ERR_OK || j->after <= d.saved || j->after > d.given)
		return (e);
	d.saved = j->after;
	return (desk_put(j->c->s->records, t, j->c->desk.key, &d));
}

void
desk_feed(struct call *c)
{
	struct api_feed f = { NULL, 0, false };
	struct desk_record mine;
	struct store_txn *t;
	struct saved j = { c, 0 };
	enum err e;

	if (!parse_after(c->r->query, &j.after)) {
		call_problem(c, 400, "query", "The query is ?after=N.");
		return;
	}
	if ((f.item = calloc(API_FEED_MAX, sizeof(*f.item))) == NULL ||
	    store_begin(c->s->store, &t) != ERR_OK) {
		free(f.item);
		call_fail(c, ERR_SYS);
		return;
	}
	e = desk_get(c->s->records, t, c->desk.key, &mine);
	if (e == ERR_OK)
		e = fill(c, t, j.after, &mine, &f);
	store_end(t);
	if (e == ERR_OK && j.after > mine.saved && j.after <= mine.given)
		e = store_write(c->s->store, STORE_LAST, saved_job, &j);
	if (e == ERR_OK)
		e = api_feed_encode(&f, &c->a->body);
	free(f.item);
	if (e == ERR_OK)
		call_json(c, 200);
	else
		call_fail(c, e);
}
