/* Opening a message, and refusing what does not fit. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "home.h"
#include "message.h"
#include "outfile.h"

bool
message_is(const struct book_event *e)
{
	return e->event.action.has_objects && e->objects > 0;
}

bool
message_readable(const struct book_event *e)
{
	return message_is(e) && e->object[0].state == BOOK_SAVED;
}

void
message_free(struct message *m)
{
	if (m == NULL)
		return;
	manifest_done(&m->manifest);
	free(m);
}

enum err
message_peek(const struct desk *d, const char *path, struct manifest *out,
    struct vault_facts *facts)
{
	struct buf text;
	enum err e;

	buf_init(&text, MANIFEST_MAX);
	e = vault_open(path, home_identity(d), age_to_buf, &text, facts);
	if (e == ERR_OK)
		e = manifest_decode((struct bytes){ text.data, text.len },
		    out);
	buf_done(&text);
	return e;
}

static enum peluit_exit
refuse(struct desk *d, const struct book_event *e, enum word w,
    const char *what)
{
	char number[24];

	(void)snprintf(number, sizeof(number), "%llu",
	    (unsigned long long)e->event.seq);
	return peluit_fail(d, DESK_NO, w, number, what);
}

static enum peluit_exit
refuse_object(struct desk *d, const struct book_event *e, enum word w,
    const uint8_t object[static ID_LEN])
{
	char hex[HEX_LEN(ID_LEN) + 1];

	hex_encode(object, ID_LEN, hex);
	return refuse(d, e, w, hex);
}

/* The sentence for a file that does not open. */
static enum peluit_exit
unopened(struct desk *d, const struct book_event *e, size_t i, enum err err)
{
	const uint8_t *id = e->object[i].id;

	switch ((int)err) {
	case ERR_SYS:
		return peluit_err(d, err, W_MACHINE, "vault");
	case ERR_NOTFOUND:
		return refuse_object(d, e, W_OPEN_MISSING, id);
	case ERR_NOMATCH:
		return refuse_object(d, e, W_OPEN_KEY, id);
	default:
		return refuse_object(d, e, W_OPEN_DAMAGED, id);
	}
}

/* The manifest's own lines against the event that the log committed to. */
static enum peluit_exit
check_words(struct desk *d, const struct message *m)
{
	static const enum manifest_kind kind_of[EVENT_KINDS] = {
		[EVENT_REPORT] = MANIFEST_REPORT,
		[EVENT_MESSAGE] = MANIFEST_MESSAGE,
		[EVENT_REPLY] = MANIFEST_REPLY,
		[EVENT_REFERRAL] = MANIFEST_REPLY,
	};
	static const char *const names[] = { "report", "message", "reply" };
	const struct action *a = &m->event->event.action;
	char hex[HEX_LEN(ID_LEN) + 1];

	if (strcmp(m->manifest.origin, d->office.origin) != 0 ||
	    strcmp(a->origin, d->office.origin) != 0)
		return refuse(d, m->event, W_OPEN_ORIGIN, m->manifest.origin);
	if (memcmp(m->manifest.case_id, m->of->id, ID_LEN) != 0 ||
	    memcmp(a->case_id, m->of->id, ID_LEN) != 0) {
		hex_encode(m->manifest.case_id, ID_LEN, hex);
		return refuse(d, m->event, W_OPEN_CASE, hex);
	}
	if (m->manifest.kind != kind_of[a->kind])
		return refuse(d, m->event, W_OPEN_KIND,
		    names[m->manifest.kind]);
	if (m->manifest.kind == MANIFEST_REPLY &&
	    strcmp(m->manifest.status, a->status) != 0)
		return refuse(d, m->event, W_OPEN_KIND, m->manifest.status);
	return DESK_DONE;
}

/* Who wrote it, and to whom it was sealed. */
static enum peluit_exit
check_keys(struct desk *d, const struct message *m, size_t stanzas)
{
	const struct action *a = &m->event->event.action;
	const struct book_event *first = &m->of->event[0];
	char hex[HEX_LEN(SIGN_PUBLIC_LEN) + 1];
	bool mine = false;
	size_t i;

	hex_encode(a->actor_key, SIGN_PUBLIC_LEN, hex);
	if (m->manifest.kind == MANIFEST_REPLY)
		return a->actor == ACTOR_DESK ? DESK_DONE :
		    refuse(d, m->event, W_OPEN_KEY, hex);
	if (a->actor != ACTOR_SOURCE ||
	    (first->event.action.kind == EVENT_REPORT &&
	    memcmp(a->actor_key, first->event.action.actor_key,
	    SIGN_PUBLIC_LEN) != 0))
		return refuse(d, m->event, W_OPEN_KEY, hex);
	if (m->manifest.kind != MANIFEST_REPORT)
		return DESK_DONE;
	if (memcmp(m->manifest.source_key, a->actor_key, SIGN_PUBLIC_LEN) !=
	    0)
		return refuse(d, m->event, W_OPEN_KEY, hex);
	for (i = 0; i < m->manifest.recipients; i++)
		if (memcmp(&m->manifest.recipient[i], &d->recipient,
		    sizeof(d->recipient)) == 0)
			mine = true;
	if (!mine || stanzas != m->manifest.recipients)
		return refuse(d, m->event, W_OPEN_RECIPIENTS, NULL);
	return DESK_DONE;
}

/* The objects that the manifest names, in its order, and no others. */
static enum peluit_exit
check_objects(struct desk *d, const struct message *m)
{
	const struct book_event *e = m->event;
	const struct manifest *f = &m->manifest;
	size_t at = 1, i;

	if (e->objects != 1 + f->attachments + (f->has_identity ? 1 : 0))
		return refuse_object(d, e, W_OPEN_OBJECT, e->object[0].id);
	if (f->has_identity && memcmp(e->object[at++].id, f->identity_object,
	    ID_LEN) != 0)
		return refuse_object(d, e, W_OPEN_OBJECT, f->identity_object);
	for (i = 0; i < f->attachments; i++)
		if (memcmp(e->object[at + i].id, f->attachment[i].object,
		    ID_LEN) != 0)
			return refuse_object(d, e, W_OPEN_OBJECT,
			    f->attachment[i].object);
	if (e->checked && book_event_root(e) != ERR_OK)
		return refuse_object(d, e, W_OPEN_OBJECT, e->object[0].id);
	return DESK_DONE;
}

/* The file as it is now against what was recorded when it was fetched. */
static bool
as_fetched(const struct book_object *o, const struct vault_facts *f)
{
	return memcmp(&f->entry, &o->entry, sizeof(f->entry)) == 0 &&
	    f->payload == o->size;
}

enum peluit_exit
message_open(struct desk *d, const struct book_case *c,
    const struct book_event *e, struct message **out)
{
	struct vault_facts facts;
	struct message *m = NULL;
	enum peluit_exit x;
	char *path = NULL;
	enum err err;

	*out = NULL;
	if (!message_readable(e))
		return message_is(e) ? unopened(d, e, 0, ERR_NOTFOUND) :
		    refuse(d, e, W_OPEN_FORMAT, event_kind_text(
		    e->event.action.kind));
	if ((m = calloc(1, sizeof(*m))) == NULL)
		return peluit_fail(d, DESK_MACHINE, W_MACHINE, "memory", NULL);
	m->of = c;
	m->event = e;
	path = vault_path(d, c->id, e->object[0].id, false);
	err = message_peek(d, path, &m->manifest, &facts);
	if (err != ERR_OK) {
		/* payload > 0: it opened, but what came out is no manifest */
		x = facts.plain > 0 && err != ERR_PAYLOAD && err != ERR_SYS ?
		    refuse(d, e, W_OPEN_FORMAT, err_text(err)) :
		    unopened(d, e, 0, err);
		goto out;
	}
	if (!as_fetched(&e->object[0], &facts)) {
		x = refuse_object(d, e, W_OPEN_DAMAGED, e->object[0].id);
		goto out;
	}
	if ((x = check_words(d, m)) != DESK_DONE ||
	    (x = check_keys(d, m, facts.stanzas)) != DESK_DONE ||
	    (x = check_objects(d, m)) != DESK_DONE)
		goto out;
	*out = m;
	m = NULL;	/* transferred */
out:
	message_free(m);
	free(path);
	return x;
}

/* Hands on the first ${left} bytes; all behind them must be zero. */
struct cut {
	const struct message_out *out;
	uint64_t left, size;
	bool dirty;
	struct sha256 hash;
};

static enum err
cut_sink(void *arg, const uint8_t *p, size_t n)
{
	struct cut *c = arg;
	size_t k = n < c->left ? n : (size_t)c->left;
	enum err e;

	sha256_update(&c->hash, p, k);
	if (k > 0 && c->out->sink != NULL &&
	    (e = c->out->sink(c->out->arg, p, k)) != ERR_OK)
		return e;
	c->left -= k;
	progress_show("open", c->size - c->left, c->size);
	for (; k < n; k++)
		if (p[k] != 0)
			c->dirty = true;
	return ERR_OK;
}

enum peluit_exit
message_attachment(struct desk *d, const struct message *m, size_t i,
    const struct message_out *out, char sha256_text[static SHA256_TEXT_MAX])
{
	const struct manifest_attachment *a = &m->manifest.attachment[i];
	size_t at = 1 + i + (m->manifest.has_identity ? 1 : 0);
	const struct book_object *o = &m->event->object[at];
	struct cut cut = { .out = out, .left = a->size,
	    .size = a->size };
	uint8_t hash[SHA256_LEN];
	struct vault_facts facts;
	char *path;
	enum err e;

	if (o->state != BOOK_SAVED)
		return unopened(d, m->event, at, ERR_NOTFOUND);
	sha256_init(&cut.hash);
	path = vault_path(d, m->of->id, o->id, false);
	e = vault_open(path, home_identity(d), cut_sink, &cut, &facts);
	progress_end();
	free(path);
	if (e != ERR_OK)
		return unopened(d, m->event, at, e);
	if (memcmp(facts.entry.payload, a->digest, BLAKE2B_LEN) != 0 ||
	    !as_fetched(o, &facts))
		return refuse_object(d, m->event, W_OPEN_DIGEST, o->id);
	if (cut.left > 0)
		return refuse_object(d, m->event, W_OPEN_SIZE, o->id);
	if (cut.dirty)
		return refuse_object(d, m->event, W_OPEN_REST, o->id);
	sha256_final(&cut.hash, hash);
	hex_encode(hash, sizeof(hash), sha256_text);
	return DESK_DONE;
}

enum peluit_exit
message_report(struct desk *d, const struct book_case *c,
    struct message **out)
{
	char name[CASE_NAME_LEN + 1];

	*out = NULL;
	if (c->events == 0 || c->event[0].event.seq != 0 ||
	    c->event[0].event.action.kind != EVENT_REPORT ||
	    !message_readable(&c->event[0])) {
		case_name(c->id, name);
		return peluit_fail(d, DESK_NO, W_NO_REPORT, name, NULL);
	}
	return message_open(d, c, &c->event[0], out);
}
