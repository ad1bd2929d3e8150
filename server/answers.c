/* Answers: found, checked, opened, deleted. */
#include <stdlib.h>
#include <string.h>

#include "answers.h"
#include "intake.h"

/* The event that a message came with, if its signature holds. */
static enum err
event_of(const struct case_record *c, const struct message_record *m,
    struct event *out)
{
	struct merkle_hash root;
	enum err e;

	for (size_t i = 0; i < c->openings; i++) {
		const struct opening *o = &c->opening[i];

		if (o->message != m->number)
			continue;
		e = event_decode((struct bytes){ o->event, o->len }, out);
		if (e != ERR_OK || (e = event_verify(out)) != ERR_OK ||
		    (e = message_root(m, &root)) != ERR_OK)
			return (e);
		return (memcmp(&root, &out->action.objects, sizeof(root)) == 0
		    ? ERR_OK : ERR_MAC);
	}
	return (ERR_NOTFOUND);
}

/* The payload of an object, fill cut off. */
static enum err
payload(struct server *s, struct store_txn *t, const struct object_record *o,
    struct buf *out)
{
	uint64_t left = o->payload;
	struct bytes block;
	enum err e;

	for (uint32_t k = 0; k < o->blocks; k++) {
		struct place at = place_block(s->records, o->id, k);

		e = store_get(t, DB_BLOCKS, at.key, &block);
		if (e != ERR_OK)
			return (e);
		if (block.n > left)
			block.n = (size_t)left;
		buf_put(out, block.p, block.n);
		left -= block.n;
	}
	return (left == 0 ? buf_err(out) : ERR_FORMAT);
}

/* Whether what was opened is what it says: a reply of this case. */
static enum err
fits(struct server *s, const struct manifest *m, const struct case_record *c)
{

	if (m->kind != MANIFEST_REPLY ||
	    strcmp(m->origin, s->in->config.origin) != 0 ||
	    memcmp(m->case_id, c->id, ID_LEN) != 0)
		return (ERR_CONFLICT);
	return (ERR_OK);
}

static enum err
open_reply(struct server *s, struct store_txn *t,
    const struct session_data *who, const struct case_record *c,
    const struct object_record *o, struct manifest *out)
{
	struct buf file, text;
	enum err e;

	buf_init(&file, MANIFEST_MAX + AGE_HEADER_MAX + 65536);
	buf_init(&text, MANIFEST_MAX);
	buf_put(&file, o->h.data, o->h.len);
	if ((e = payload(s, t, o, &file)) == ERR_OK &&
	    (e = age_open_file((struct bytes){ file.data, file.len },
	    &who->keys.identity, 1, &text)) == ERR_OK &&
	    (e = manifest_decode((struct bytes){ text.data, text.len },
	    out)) == ERR_OK && (e = fits(s, out, c)) != ERR_OK)
		manifest_done(out);
	buf_done(&file);
	buf_done(&text);
	return (e);
}

/*
 * A message whose record is damaged: if its event says that it was an answer,
 * one that cannot be read stands in its place.  The others are still shown.
 */
static enum err
add_damaged(struct answers *out, uint32_t number)
{
	struct event *ev = calloc(1, sizeof(*ev));
	struct answer *an;

	if (ev == NULL)
		return (ERR_SYS);
	for (size_t i = 0; i < out->c.openings; i++) {
		const struct opening *o = &out->c.opening[i];

		if (o->message != number || event_decode((struct bytes){
		    o->event, o->len }, ev) != ERR_OK ||
		    ev->action.kind != EVENT_REPLY)
			continue;
		an = &out->list[out->n++];
		an->epoch = ev->epoch;
		an->damaged = true;
		break;
	}
	free(ev);
	return (ERR_OK);
}

static enum err
add_answer(struct server *s, struct store_txn *t,
    const struct session_data *who, struct answers *out, uint32_t number)
{
	struct message_record m;
	struct event *ev = NULL;
	struct answer *an;
	enum err e;

	e = message_get(s->records, t, out->c.id, number, &m);
	if (e != ERR_OK)
		return (e == ERR_SYS ? e : add_damaged(out, number));
	if (m.kind != MANIFEST_REPLY || m.objects == 0 ||
	    m.object[0].h.len == 0)	/* not an answer, or deleted */
		goto out;
	an = &out->list[out->n++];
	memcpy(an->id, m.object[0].id, ID_LEN);
	an->epoch = m.epoch;
	memcpy(an->label, m.label, sizeof(an->label));
	memcpy(an->signer, m.signer, SIGN_PUBLIC_LEN);
	an->m = calloc(1, sizeof(*an->m));
	ev = calloc(1, sizeof(*ev));
	if (an->m == NULL || ev == NULL) {
		e = ERR_SYS;
		goto out;
	}
	if (event_of(&out->c, &m, ev) != ERR_OK ||
	    memcmp(ev->action.actor_key, m.signer, SIGN_PUBLIC_LEN) != 0 ||
	    open_reply(s, t, who, &out->c, &m.object[0], an->m) != ERR_OK) {
		/* shown as an answer that cannot be read, not hidden */
		free(an->m);
		an->m = NULL;
	}
out:
	free(ev);
	message_done(&m);
	return (e);
}

enum err
answers_open(struct server *s, const struct session_data *who,
    struct answers *out)
{
	struct store_txn *t;
	enum err e;

	memset(out, 0, sizeof(*out));
	if ((e = store_begin(s->store, &t)) != ERR_OK)
		return (e);
	if ((e = case_get(s->records, t, &who->at, &out->c)) != ERR_OK)
		goto out;
	out->list = calloc(out->c.messages + 1, sizeof(*out->list));
	if (out->list == NULL)
		e = ERR_SYS;
	for (uint32_t n = out->c.messages; n > 1 && e == ERR_OK; n--)
		e = add_answer(s, t, who, out, n - 1);
out:
	store_end(t);
	if (e != ERR_OK)
		answers_done(out);
	return (e);
}

void
answers_done(struct answers *a)
{

	for (size_t i = 0; i < a->n; i++) {
		if (a->list[i].m != NULL) {
			manifest_done(a->list[i].m);
			free(a->list[i].m);
		}
	}
	free(a->list);
	case_done(&a->c);
	memset(a, 0, sizeof(*a));
}

struct delete_job {
	struct server *s;
	const struct session_data *who;
	const uint8_t *id;
};

static enum err
delete_job(struct store_txn *t, void *arg)
{
	struct delete_job *j = arg;
	struct message_record m;
	struct object_home home;
	enum err e;

	e = object_home_get(j->s->records, t, j->id, &home);
	if (e == ERR_OK && memcmp(home.case_id, j->who->case_id, ID_LEN) != 0)
		e = ERR_NOTFOUND;	/* not this source's */
	if (e != ERR_OK || (e = message_get(j->s->records, t, home.case_id,
	    home.message, &m)) != ERR_OK)
		return (e);
	if (m.kind == MANIFEST_REPLY && m.object[0].h.len > 0) {
		buf_done(&m.object[0].h);
		e = message_put(j->s->records, t, &m);
	} else {
		e = ERR_NOTFOUND;
	}
	message_done(&m);
	return (e);
}

enum err
answers_delete(struct server *s, const struct session_data *who,
    const uint8_t id[static ID_LEN])
{
	struct delete_job j = { s, who, id };

	return (store_write(s->store, STORE_LAST, delete_job, &j));
}
