/* The index of the vault in memory, and on disk as one sealed file. */
#include <stdlib.h>
#include <string.h>

#include "book.h"
#include "home.h"

#define INDEX_NAME "index.age"

void
book_event_done(struct book_event *e)
{
	free(e->text);
	free(e->object);
	memset(e, 0, sizeof(*e));
}

void
book_free(struct book *b)
{
	size_t i, k;

	if (b == NULL)
		return;
	for (i = 0; i < b->cases; i++) {
		for (k = 0; k < b->one[i].events; k++)
			book_event_done(&b->one[i].event[k]);
		free(b->one[i].event);
	}
	free(b->one);
	free(b->request);
	book_log_done(b);
	free(b);
}

static char *
index_path(const struct desk *d)
{
	char *vault = home_path(d, HOME_VAULT), *path;

	path = path_join(vault, INDEX_NAME);
	free(vault);
	return path;
}

enum peluit_exit
book_load(struct desk *d, struct book **out)
{
	char *path = index_path(d);
	struct buf text;
	uint8_t *data = NULL;
	size_t len = 0;
	enum peluit_exit x = DESK_DONE;
	enum err e;

	*out = NULL;
	buf_init(&text, BOOK_MAX);
	e = file_read(path, BOOK_MAX, &data, &len);
	if (e == ERR_NOTFOUND) {
		if ((*out = calloc(1, sizeof(**out))) == NULL)
			x = peluit_fail(d, DESK_MACHINE, W_MACHINE, "memory",
			    NULL);
		goto out;
	}
	if (e != ERR_OK) {
		x = peluit_err(d, e, W_FILE_READ, path);
		goto out;
	}
	if ((e = age_open_file((struct bytes){ data, len }, home_identity(d),
	    1, &text)) != ERR_OK || (e = book_decode((struct bytes){
	    text.data, text.len }, out)) != ERR_OK)
		x = peluit_err(d, e, W_INDEX_DAMAGED, path);
out:
	free(data);
	free(path);
	buf_done(&text);
	return x;
}

enum peluit_exit
book_save(struct desk *d, const struct book *b)
{
	char *path = index_path(d), *vault = home_path(d, HOME_VAULT);
	struct buf text, sealed;
	enum peluit_exit x = DESK_DONE;
	enum err e;

	buf_init(&text, BOOK_MAX);
	buf_init(&sealed, BOOK_MAX);
	if ((e = dir_make_all(vault, 0700)) != ERR_OK ||
	    (e = book_encode(b, &text)) != ERR_OK ||
	    (e = age_seal_file(&d->recipient, 1, (struct bytes){ text.data,
	    text.len }, &sealed)) != ERR_OK ||
	    (e = file_write(path, sealed.data, sealed.len, 0600)) != ERR_OK)
		x = peluit_err(d, e, W_FILE_WRITE, path);
	free(vault);
	free(path);
	buf_done(&text);
	buf_done(&sealed);
	return x;
}

struct book_case *
book_case(struct book *b, const uint8_t id[static ID_LEN])
{
	size_t i;

	for (i = 0; i < b->cases; i++)
		if (memcmp(b->one[i].id, id, ID_LEN) == 0)
			return &b->one[i];
	return NULL;
}

struct book_case *
book_case_add(struct book *b, const uint8_t id[static ID_LEN])
{
	struct book_case *c = book_case(b, id), *more;
	size_t room;

	if (c != NULL)
		return c;
	if (b->cases == b->case_room) {
		room = b->case_room == 0 ? 16 : 2 * b->case_room;
		more = reallocarray(b->one, room, sizeof(*more));
		if (more == NULL)
			return NULL;
		b->one = more;
		b->case_room = room;
	}
	c = &b->one[b->cases++];
	memset(c, 0, sizeof(*c));
	memcpy(c->id, id, ID_LEN);
	return c;
}

enum peluit_exit
book_find(struct desk *d, struct book *b, const char *typed,
    struct book_case **out)
{
	size_t i, found = 0;

	*out = NULL;
	for (i = 0; i < b->cases; i++) {
		if (!case_name_match(b->one[i].id, typed))
			continue;
		*out = &b->one[i];
		found++;
	}
	if (found == 1)
		return DESK_DONE;
	*out = NULL;
	return peluit_fail(d, DESK_NO, found == 0 ? W_CASE_NONE :
	    W_CASE_AMBIGUOUS, typed, NULL);
}

enum err
book_event_add(struct book_case *c, struct book_event *e)
{
	struct book_event *more;
	size_t room, at;

	for (at = c->events; at > 0; at--) {
		if (c->event[at - 1].event.seq < e->event.seq)
			break;
		if (c->event[at - 1].event.seq > e->event.seq)
			continue;
		return memcmp(c->event[at - 1].commitment, e->commitment,
		    COMMITMENT_LEN) == 0 ? ERR_EXISTS : ERR_CONFLICT;
	}
	if (c->events == c->room) {
		room = c->room == 0 ? 8 : 2 * c->room;
		more = reallocarray(c->event, room, sizeof(*more));
		if (more == NULL)
			return ERR_SYS;
		c->event = more;
		c->room = room;
	}
	memmove(&c->event[at + 1], &c->event[at],
	    (c->events - at) * sizeof(*e));
	c->event[at] = *e;
	c->events++;
	return ERR_OK;
}

enum err
book_event_root(const struct book_event *e)
{
	struct object_entry entry[API_OBJECTS_MAX];
	struct merkle_hash root;
	size_t n = 0, i;
	enum err err;

	/* A reply is one payload under two headers, the source's first. */
	if (e->event.action.actor == ACTOR_DESK) {
		if (e->objects != 1 || !e->has_other)
			return ERR_NOTFOUND;
		memcpy(entry[0].header, e->other, BLAKE2B_LEN);
		memcpy(entry[0].payload, e->object[0].entry.payload,
		    BLAKE2B_LEN);
		n = 1;
	}
	if (e->objects > API_OBJECTS_MAX - n)
		return ERR_RANGE;
	for (i = 0; i < e->objects; i++) {
		if (!e->object[i].has_entry || (n > 0 &&
		    e->event.action.actor == ACTOR_DESK &&
		    e->object[i].state != BOOK_SAVED))
			return ERR_NOTFOUND;
		entry[n++] = e->object[i].entry;
	}
	if ((err = objects_root(entry, n, &root)) != ERR_OK)
		return err;
	return memcmp(root.bytes, e->event.action.objects.bytes,
	    sizeof(root.bytes)) == 0 ? ERR_OK : ERR_MAC;
}

enum err
book_request_add(struct book *b, const struct book_request *r)
{
	struct book_request *more;

	more = reallocarray(b->request, b->requests + 1, sizeof(*more));
	if (more == NULL)
		return ERR_SYS;
	b->request = more;
	b->request[b->requests++] = *r;
	return ERR_OK;
}

void
book_request_drop(struct book *b, size_t i)
{
	memmove(&b->request[i], &b->request[i + 1],
	    (b->requests - i - 1) * sizeof(*b->request));
	b->requests--;
}

const struct book_event *
book_newest(const struct book_case *c)
{
	return c->events == 0 ? NULL : &c->event[c->events - 1];
}

/* A desk's answer: a reply, a referral, a status other than RECEIVED. */
static bool
is_answer(const struct event *e)
{
	return e->action.kind == EVENT_REPLY ||
	    e->action.kind == EVENT_REFERRAL ||
	    (e->action.kind == EVENT_STATUS &&
	    strcmp(e->action.status, "RECEIVED") != 0);
}

/* The newest question about the identity, and what came of it. */
static void
look_consent(const struct action *a, struct book_view *v)
{
	if (a->kind == EVENT_CONSENT)
		v->consent = strcmp(a->status, "YES") == 0 ? "yes" : "no";
	else if (a->kind == EVENT_CUSTODY)
		v->consent = strcmp(a->status, "OPEN") == 0 ? "opened" :
		    "asked";
}

void
book_look(const struct book_case *c, struct book_view *v)
{
	const struct event *e;
	size_t i, k;

	memset(v, 0, sizeof(*v));
	v->status = "RECEIVED";
	v->consent = "";
	for (i = 0; i < c->events; i++) {
		e = &c->event[i].event;
		look_consent(&e->action, v);
		for (k = 0; k < c->event[i].objects; k++)
			v->identity |= c->event[i].object[k].identity;
		if (e->action.kind == EVENT_REPORT)
			v->epoch = e->epoch;
		if (e->action.kind == EVENT_REPORT ||
		    e->action.kind == EVENT_MESSAGE) {
			v->messages++;
			if (!v->unanswered)
				v->waiting_epoch = e->epoch;
			v->unanswered = true;
		} else if (is_answer(e)) {
			v->messages += e->action.has_objects;
			v->unanswered = false;
			if (!v->answered)
				v->answered_epoch = e->epoch;
			v->answered = true;
			if (e->action.kind == EVENT_REFERRAL)
				v->status = "REFERRED";
			if (e->action.status[0] != '\0')
				v->status = e->action.status;
		} else if (e->action.kind == EVENT_DELETE) {
			v->deleted = true;
		}
	}
}
