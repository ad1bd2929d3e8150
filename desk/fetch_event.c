/* One item of the feed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fetch_event.h"
#include "fetch_log.h"
#include "message.h"

static enum peluit_exit
refuse(struct fetch *f, const struct api_feed_item *item, enum word w,
    const char *what)
{
	char name[CASE_NAME_LEN + 1];

	case_name(item->case_id, name);
	return peluit_fail(f->d, DESK_NO, w, name, what);
}

static enum peluit_exit
refuse_object(struct fetch *f, const struct api_feed_item *item, enum word w,
    const struct book_object *o)
{
	char hex[HEX_LEN(ID_LEN) + 1];

	hex_encode(o->id, ID_LEN, hex);
	return refuse(f, item, w, hex);
}

/* The event and its opening, by themselves and against the feed's words. */
static enum peluit_exit
check_event(struct fetch *f, const struct api_feed_item *item,
    struct book_event *e)
{
	const struct action *a = &e->event.action;

	if (event_decode((struct bytes){ item->event, item->event_len },
	    &e->event) != ERR_OK)
		return refuse(f, item, W_EVENT_BAD, NULL);
	if (strcmp(a->origin, f->d->office.origin) != 0)
		return refuse(f, item, W_EVENT_FIELDS, "origin");
	if (!a->has_case || memcmp(a->case_id, item->case_id, ID_LEN) != 0)
		return refuse(f, item, W_EVENT_FIELDS, "case");
	if (a->kind != item->kind)
		return refuse(f, item, W_EVENT_FIELDS, "kind");
	if (e->event.epoch != item->epoch)
		return refuse(f, item, W_EVENT_FIELDS, "epoch");
	if (a->has_objects != (item->objects > 0) ||
	    item->objects > API_OBJECTS_MAX)
		return refuse(f, item, W_EVENT_FIELDS, "objects");
	if (a->actor == ACTOR_SERVER)
		return a->kind == EVENT_DELETE ? DESK_DONE :
		    refuse(f, item, W_EVENT_FIELDS, "actor");
	return event_verify(&e->event) == ERR_OK ? DESK_DONE :
	    refuse(f, item, W_EVENT_SIG, NULL);
}

static enum peluit_exit
read_item(struct fetch *f, const struct api_feed_item *item,
    struct book_event *e)
{
	size_t i;

	memset(e, 0, sizeof(*e));
	e->n = item->n;
	e->leaf = item->leaf;
	e->message = item->message;
	memcpy(e->nonce, item->nonce, NONCE_LEN);
	e->len = item->event_len;
	e->objects = item->objects;
	e->text = malloc(e->len + 1);
	e->object = calloc(e->objects + 1, sizeof(*e->object));
	if (e->text == NULL || e->object == NULL)
		return peluit_fail(f->d, DESK_MACHINE, W_MACHINE, "memory",
		    NULL);
	memcpy(e->text, item->event, e->len);
	for (i = 0; i < e->objects; i++) {
		memcpy(e->object[i].id, item->object[i].id, ID_LEN);
		e->object[i].blocks = item->object[i].blocks;
		e->object[i].size = item->object[i].size;
		e->object[i].state = BOOK_SEALED;
		e->object[i].identity = item->object[i].identity;
		e->object[i].has_entry = item->object[i].has_entry;
		e->object[i].entry = item->object[i].entry;
	}
	commitment_of(e->nonce, (struct bytes){ e->text, e->len },
	    e->commitment);
	return DESK_DONE;
}

/* The sentence for an object that did not come; *refused: it never will. */
static enum peluit_exit
object_failed(struct fetch *f, const struct api_feed_item *item,
    const struct book_object *o, enum err e, bool *refused)
{
	char bytes[24];

	*refused = true;
	switch ((int)e) {
	case ERR_RANGE:
	case ERR_CONFLICT:
		if (f->answer.status >= 200 && f->answer.status <= 299)
			return refuse_object(f, item, W_OBJECT_SIZE, o);
		break;
	case ERR_FORMAT:
	case ERR_VERSION:
		return refuse_object(f, item, W_OBJECT_HEADER, o);
	case ERR_FULL:
		*refused = false;
		(void)snprintf(bytes, sizeof(bytes), "%llu",
		    (unsigned long long)o->size);
		return peluit_fail(f->d, DESK_MACHINE, W_DISK, bytes, NULL);
	default:
		break;
	}
	*refused = false;
	return link_fail(f->d, f->client, e, &f->answer);
}

/*
 * One object.  A signed no to its header leaves it out: BOOK_SEALED (it is
 * for others), BOOK_GONE (deleted).
 */
static enum peluit_exit
bring(struct fetch *f, const struct api_feed_item *item,
    struct book_object *o, char which, bool *refused)
{
	struct buf header;
	enum err e;

	buf_init(&header, AGE_HEADER_MAX);
	e = fetch_header(f, o->id, which, &header);
	if (fetch_is_no(f, e)) {
		o->state = f->answer.status == 410 ? BOOK_GONE : BOOK_SEALED;
		e = ERR_OK;
	} else if (e == ERR_OK) {
		e = fetch_object(f, item->case_id, o, (struct bytes){
		    header.data, header.len });
		if (fetch_is_no(f, e)) {
			o->state = BOOK_GONE;
			e = ERR_OK;
		}
	}
	buf_done(&header);
	return e == ERR_OK ? DESK_DONE : object_failed(f, item, o, e,
	    refused);
}

/* A reply: `t` is for us; of the source's header only the digest is kept. */
static enum peluit_exit
bring_reply(struct fetch *f, const struct api_feed_item *item,
    struct book_event *e, bool *refused)
{
	struct buf header;
	enum peluit_exit x;
	enum err err;

	if ((x = bring(f, item, &e->object[0], 't', refused)) != DESK_DONE)
		return x;
	buf_init(&header, AGE_HEADER_MAX);
	err = fetch_header(f, e->object[0].id, 'h', &header);
	if (err == ERR_OK) {
		e->has_other = true;
		blake2b(NULL, header.data, header.len, e->other);
	} else if (!fetch_is_no(f, err)) {
		x = object_failed(f, item, &e->object[0], err, refused);
	}
	buf_done(&header);
	return x;
}

/* What the manifest says before anything is checked: what to leave out. */
struct peeked { uint8_t identity[ID_LEN]; bool has_identity; };

/* ERR_SYS: nothing is known; else what does not open has no facts. */
static enum err
peek(struct fetch *f, const struct api_feed_item *item,
    const struct book_object *o, struct peeked *p, char *channel)
{
	struct manifest *m = calloc(1, sizeof(*m));
	struct vault_facts facts;
	char *path;
	enum err e;

	memset(p, 0, sizeof(*p));
	if (m == NULL)
		return ERR_SYS;
	path = vault_path(f->d, item->case_id, o->id, false);
	if ((e = message_peek(f->d, path, m, &facts)) == ERR_OK) {
		p->has_identity = m->has_identity;
		memcpy(p->identity, m->identity_object, ID_LEN);
		if (m->kind == MANIFEST_REPORT)
			(void)snprintf(channel, ROSTER_CHANNEL_MAX + 1, "%s",
			    m->channel);
		manifest_done(m);
	}
	free(path);
	free(m);
	return e == ERR_SYS ? e : ERR_OK;
}

static enum peluit_exit
bring_message(struct fetch *f, const struct api_feed_item *item,
    struct book_event *e, char *channel, bool *refused)
{
	struct peeked p;
	enum peluit_exit x;
	enum err err;
	size_t i;

	if ((x = bring(f, item, &e->object[0], 'h', refused)) != DESK_DONE ||
	    e->object[0].state != BOOK_SAVED)
		return x;
	if ((err = peek(f, item, &e->object[0], &p, channel)) != ERR_OK)
		return peluit_err(f->d, err, W_MACHINE, "vault");
	for (i = 1; i < e->objects && x == DESK_DONE; i++) {
		if (p.has_identity && memcmp(p.identity, e->object[i].id,
		    ID_LEN) == 0)
			continue;	/* the custodians' alone */
		x = bring(f, item, &e->object[i], 'h', refused);
	}
	return x;
}

/* Did what came be what the event names?  If not it is not kept. */
static enum peluit_exit
check_root(struct fetch *f, const struct api_feed_item *item,
    struct book_event *e, bool *refused)
{
	enum err err = book_event_root(e);
	char number[24];
	size_t i;

	if (err == ERR_OK) {
		e->checked = true;
		return DESK_DONE;
	}
	if (err == ERR_NOTFOUND) {
		f->unchecked += e->object[0].state == BOOK_SAVED;
		return DESK_DONE;
	}
	for (i = 0; i < e->objects; i++)
		if (e->object[i].state == BOOK_SAVED)
			fetch_forget(f, item->case_id, &e->object[i]);
	*refused = true;
	(void)snprintf(number, sizeof(number), "%llu",
	    (unsigned long long)e->event.seq);
	return refuse(f, item, W_ROOT, number);
}

static const struct book_event *
known(const struct book_case *c, const struct book_event *e)
{
	size_t i;

	for (i = 0; c != NULL && i < c->events; i++)
		if (memcmp(c->event[i].commitment, e->commitment,
		    COMMITMENT_LEN) == 0)
			return &c->event[i];
	return NULL;
}

/* A message is by the source that wrote the report. */
static bool
source_fits(const struct book_case *c, const struct book_event *e)
{
	const struct action *a = &e->event.action, *first;

	if (a->actor != ACTOR_SOURCE || c == NULL || c->events == 0)
		return true;
	first = &c->event[0].event.action;
	return first->kind != EVENT_REPORT || memcmp(first->actor_key,
	    a->actor_key, SIGN_PUBLIC_LEN) == 0;
}

static enum peluit_exit
put(struct fetch *f, const struct api_feed_item *item, struct book_event *e,
    const char *channel, bool *refused)
{
	struct book_case *c = book_case_add(f->book, item->case_id);
	bool message = message_is(e);
	bool news = e->event.action.kind != EVENT_ACCESS;
	char number[24];
	enum err err;

	if (c == NULL)
		return peluit_fail(f->d, DESK_MACHINE, W_MACHINE, "memory",
		    NULL);
	(void)snprintf(number, sizeof(number), "%llu",
	    (unsigned long long)e->event.seq);
	if ((err = book_event_add(c, e)) == ERR_CONFLICT) {
		*refused = true;
		return refuse(f, item, W_EVENT_TWIN, number);
	}
	if (err != ERR_OK)
		return peluit_err(f->d, err, W_MACHINE, "memory");
	memset(e, 0, sizeof(*e));	/* transferred */
	f->messages += message;
	f->cases += news && !c->touched;
	c->touched |= news;
	if (channel[0] != '\0')
		(void)snprintf(c->channel, sizeof(c->channel), "%s", channel);
	return DESK_DONE;
}

/* Who did it was in the roster: a label says who, a key only that. */
static enum peluit_exit
check_actor(struct fetch *f, const struct api_feed_item *item,
    const struct book_event *e, bool *refused)
{
	char hex[HEX_LEN(SIGN_PUBLIC_LEN) + 1];

	if (fetch_actor(f, e))
		return DESK_DONE;
	*refused = true;
	hex_encode(e->event.action.actor_key, SIGN_PUBLIC_LEN, hex);
	return refuse(f, item, W_EVENT_ACTOR, hex);
}

enum peluit_exit
fetch_event(struct fetch *f, const struct api_feed_item *item, bool *refused)
{
	char channel[ROSTER_CHANNEL_MAX + 1] = "";
	const struct book_case *c;
	struct book_event e;
	enum peluit_exit x;

	*refused = false;
	if ((x = read_item(f, item, &e)) != DESK_DONE)
		goto out;
	if ((x = check_event(f, item, &e)) != DESK_DONE) {
		*refused = true;
		goto out;
	}
	if ((x = check_actor(f, item, &e, refused)) != DESK_DONE ||
	    (x = fetch_evidence(f, item, &e, refused)) != DESK_DONE)
		goto out;
	c = book_case(f->book, item->case_id);
	if (known(c, &e) != NULL || f->promised)
		goto out;
	if (!source_fits(c, &e)) {
		*refused = true;
		x = refuse(f, item, W_EVENT_SOURCE, NULL);
		goto out;
	}
	if (e.objects > 0 && e.event.action.actor == ACTOR_DESK)
		x = bring_reply(f, item, &e, refused);
	else if (e.objects > 0)
		x = bring_message(f, item, &e, channel, refused);
	if (x != DESK_DONE)
		goto out;
	if (e.objects > 0 && (x = check_root(f, item, &e, refused)) !=
	    DESK_DONE)
		goto out;
	x = put(f, item, &e, channel, refused);
out:
	book_event_done(&e);
	return x;
}

bool
fetch_chain(struct fetch *f, const struct book_case *c)
{
	const struct event *e;
	char name[CASE_NAME_LEN + 1], number[24];
	size_t i;

	case_name(c->id, name);
	for (i = 0; i < c->events; i++) {
		e = &c->event[i].event;
		(void)snprintf(number, sizeof(number), "%zu", i);
		if (e->seq != i) {
			(void)peluit_fail(f->d, DESK_NO, W_EVENT_GAP, name,
			    number);
			return false;
		}
		if (i > 0 && memcmp(e->prev, c->event[i - 1].commitment,
		    COMMITMENT_LEN) != 0) {
			(void)peluit_fail(f->d, DESK_NO, W_EVENT_CHAIN, name,
			    number);
			return false;
		}
		if (!source_fits(c, &c->event[i])) {
			(void)peluit_fail(f->d, DESK_NO, W_EVENT_SOURCE, name,
			    NULL);
			return false;
		}
	}
	return true;
}
