/* The office, and the feed: what a desk hears at the end of an epoch. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "desk_internal.h"
#include "log.h"

#define FEED_BUDGET	(512 * 1024)	/* bytes of one page, about */
#define FEED_BATCH	16		/* items of one read transaction */

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
	text_copy(o->origin, sizeof(o->origin), c->s->in->config.origin);
	o->epoch = c->epoch;
	o->epoch_seconds = ro->epoch_seconds;
	o->unix_time = clock_now(c->s->clock);
	text_copy(o->log, sizeof(o->log), log_state_text(log_state_now(c->s)));
	o->roster = ro->number;
	text_copy(o->label, sizeof(o->label), c->desk.label);
	text_copy(o->role, sizeof(o->role), desk_role_text(c->desk.role));
	o->text_chars = (uint64_t)c->s->in->config.text_chars;
	o->file_bytes = (uint64_t)c->s->in->config.file_mib * 1024 * 1024;
	o->body_bytes = API_BODY_MAX;
	memcpy(o->channel, c->channel, sizeof(o->channel));
	o->channels = c->channels;
	server_office_unlock(c->s);
	if (api_office_encode(o, &c->a->body) == ERR_OK)
		call_json(c, 200);
	else
		call_fail(c, ERR_SYS);
	free(o);
}

/* Who is who: a desk follows the chain from the keys of its office file. */
void
desk_roster(struct call *c)
{
	const struct held_roster *h = NULL;
	size_t n = 0;
	const char *p = c->rest;

	for (; isdigit((unsigned char)*p) && n <= INSTANCE_ROSTERS; p++)
		n = n * 10 + (size_t)(*p - '0');
	server_office_lock(c->s);
	if (*p == '\0' && c->rest[0] != '0' && n > 0 &&
	    n <= c->s->in->rosters)
		h = &c->s->in->roster[n - 1];
	if (h != NULL)
		buf_put(&c->a->body, h->note, h->note_len);
	server_office_unlock(c->s);
	if (h == NULL || buf_err(&c->a->body) != ERR_OK) {
		call_fail(c, h == NULL ? ERR_NOTFOUND : ERR_SYS);
		return;
	}
	c->a->status = 200;
	c->a->content_type = "text/plain; charset=utf-8";
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

static struct object_entry
entry_of(const struct object_record *o)
{
	struct object_entry entry;

	blake2b(NULL, o->h.data, o->h.len, entry.header);
	memcpy(entry.payload, o->digest, BLAKE2B_LEN);
	return (entry);
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
		out->identity = m.object[i].use == USE_IDENTITY;
		out->has_entry = m.object[i].h.len > 0;
		if (out->has_entry)
			out->entry = entry_of(&m.object[i]);
	}
	message_done(&m);
	return (ERR_OK);
}

/* A page is proven against one checkpoint: the newest when it is made. */
struct page {
	struct call *c;
	struct log_view v;		/* in the transaction of now */
	struct log_epoch *head;		/* epoch 0: none is closed yet */
	struct api_feed f;
};

static enum err
keep_evidence(struct api_feed_item *item, struct buf *text, bool proof)
{

	if (buf_err(text) != ERR_OK)
		return (buf_err(text));
	item->proof = proof;
	item->evidence = strdup(buf_text(text));
	return (item->evidence == NULL ? ERR_SYS : ERR_OK);
}

static enum err
prove(struct page *p, struct api_feed_item *item)
{
	uint8_t opening[NONCE_LEN + EVENT_MAX];
	struct buf text;
	enum err e;

	memcpy(opening, item->nonce, NONCE_LEN);
	memcpy(opening + NONCE_LEN, item->event, item->event_len);
	buf_init(&text, API_EVIDENCE_MAX);
	e = log_proof(&p->v, p->head, item->leaf, (struct bytes){ opening,
	    NONCE_LEN + item->event_len }, &text);
	if (e == ERR_OK)
		e = keep_evidence(item, &text, true);
	buf_done(&text);
	/* a leaf that is missing is no deleted case */
	return (e == ERR_NOTFOUND ? ERR_FORMAT : e);
}

/* Of an event whose epoch is still open; the signer is asked, so it comes
 * after the page's transaction. */
static enum err
promise(struct call *c, struct api_feed_item *item)
{
	struct opening o;
	struct case_record one;
	struct buf text;
	bool proof;
	enum err e;

	memset(&o, 0, sizeof(o));
	memset(&one, 0, sizeof(one));
	o.epoch = item->epoch;
	o.leaf = item->leaf % LEAVES;
	memcpy(o.nonce, item->nonce, NONCE_LEN);
	memcpy(o.event, item->event, item->event_len);
	o.len = (uint16_t)item->event_len;
	one.opening = &o;
	one.openings = 1;
	buf_init(&text, API_EVIDENCE_MAX);
	e = log_evidence(c->s, &one, 0, &text, &proof);
	if (e == ERR_OK)
		e = keep_evidence(item, &text, proof);
	buf_done(&text);
	return (e);
}

/* Item ${n}; ERR_NOTFOUND if its case was deleted since. */
static enum err
feed_item(struct page *p, uint64_t n, struct api_feed_item *item)
{
	struct call *c = p->c;
	struct store_txn *t = p->v.t;
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
	if (e == ERR_OK && o->epoch <= p->head->epoch)
		e = prove(p, item);
out:
	case_done(&cs);
	return (e);
}

/*
 * No transaction lasts for a whole page.  What is proven against stays: the
 * head is a copy, and the log below it never changes.
 */
static enum err
breathe(struct page *p)
{

	store_end(p->v.t);
	p->v.t = NULL;
	return (store_begin(p->c->s->store, &p->v.t));
}

static enum err
fill(struct page *p, uint64_t after, const struct desk_record *mine)
{
	struct api_feed *f = &p->f;
	size_t bytes = 0;
	enum err e;

	for (uint64_t n = after + 1; n <= mine->given; n++) {
		struct api_feed_item *item = &f->item[f->items];

		if (f->items == API_FEED_MAX || bytes > FEED_BUDGET) {
			f->more = true;
			break;
		}
		if (n % FEED_BATCH == 0 && (e = breathe(p)) != ERR_OK)
			return (e);
		e = feed_item(p, n, item);
		if (e == ERR_NOTFOUND)
			continue;
		f->items++;		/* what it holds is released with f */
		if (e != ERR_OK)
			return (e);
		/* a promise comes later, and is smaller than a proof can be */
		bytes += 1000 + item->event_len + 300 * item->objects +
		    (item->proof ? strlen(item->evidence) : PROMISE_MAX);
	}
	return (ERR_OK);
}

static enum err
make_page(struct page *p, uint64_t after, struct desk_record *mine)
{
	struct call *c = p->c;
	enum err e;

	p->v.r = c->s->records;
	p->v.epoch0 = instance_epoch0(c->s->in);
	p->f.item = calloc(API_FEED_MAX, sizeof(*p->f.item));
	p->head = calloc(1, sizeof(*p->head));
	if (p->f.item == NULL || p->head == NULL ||
	    store_begin(c->s->store, &p->v.t) != ERR_OK)
		return (ERR_SYS);
	e = log_head(p->v.r, p->v.t, p->v.epoch0, p->head);
	if (e == ERR_OK || e == ERR_NOTFOUND)
		e = desk_get(c->s->records, p->v.t, c->desk.key, mine);
	if (e == ERR_OK)
		e = fill(p, after, mine);
	if (p->v.t != NULL)
		store_end(p->v.t);
	for (size_t i = 0; i < p->f.items && e == ERR_OK; i++) {
		if (p->f.item[i].evidence == NULL)
			e = promise(c, &p->f.item[i]);
	}
	return (e);
}

static void
page_done(struct page *p)
{

	if (p->f.item != NULL)
		api_feed_done(&p->f);
	if (p->head != NULL)
		log_epoch_done(p->head);
	free(p->head);
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
	struct page p = { .c = c };
	struct desk_record mine;
	struct saved j = { c, 0 };
	enum err e;

	if (!parse_after(c->r->query, &j.after)) {
		call_problem(c, 400, "query", "The query is ?after=N.");
		return;
	}
	e = make_page(&p, j.after, &mine);
	if (e == ERR_OK && j.after > mine.saved && j.after <= mine.given)
		e = store_write(c->s->store, STORE_LAST, saved_job, &j);
	if (e == ERR_OK)
		e = api_feed_encode(&p.f, &c->a->body);
	page_done(&p);
	if (e == ERR_OK)
		call_json(c, 200);
	else
		call_fail(c, e);
}
