/*
 * peluit identity ask, peluit identity open: the source's own name is sealed
 * to custodians alone, and opened only with the source's logged consent.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "deed.h"
#include "fetch_object.h"
#include "home.h"
#include "outfile.h"
#include "show.h"

enum peluit_exit
peluit_ask(struct desk *d, const struct peluit_command *c, int argc,
    char **argv)
{
	struct book_case *found;
	struct book *b = NULL;
	struct deed deed;
	enum peluit_exit x;

	if ((x = peluit_args(d, c, NULL, &argc, argv)) != DESK_DONE ||
	    (x = home_open(d)) != DESK_DONE ||
	    (x = home_lock(d)) != DESK_DONE ||
	    (x = book_load(d, &b)) != DESK_DONE ||
	    (x = book_find(d, b, argv[0], &found)) != DESK_DONE)
		goto out;
	deed_init(d, found, EVENT_CUSTODY, &deed);
	(void)snprintf(deed.action.status, sizeof(deed.action.status), "ASK");
	if ((x = deed_do(d, b, &deed, false)) == DESK_DONE)
		peluit_say(d, W_ASKED, NULL, NULL);
out:
	book_free(b);
	return x;
}

/* The source's last word about it. */
static const struct book_event *
consent_of(const struct book_case *c)
{
	const struct book_event *last = NULL;
	size_t i;

	for (i = 0; i < c->events; i++)
		if (c->event[i].event.action.kind == EVENT_CONSENT)
			last = &c->event[i];
	return last;
}

/* Did this desk say OPEN to that consent already? */
static bool
opened_before(const struct desk *d, const struct book_case *c,
    const struct book_event *consent)
{
	const struct action *a;
	size_t i;

	for (i = 0; i < c->events; i++) {
		a = &c->event[i].event.action;
		if (a->kind == EVENT_CUSTODY &&
		    strcmp(a->status, "OPEN") == 0 &&
		    memcmp(a->actor_key, d->key, SIGN_PUBLIC_LEN) == 0 &&
		    memcmp(a->seen, consent->commitment, COMMITMENT_LEN) == 0)
			return true;
	}
	return false;
}

/* Where the identity may be, and its digest if a manifest told it. */
struct candidate {
	struct book_object object;
	bool has_digest;
	uint8_t digest[BLAKE2B_LEN];
};

/* A manifest that opens names it; else any object that is not ours may be. */
static size_t
candidates(struct desk *d, const struct book_case *c, struct candidate *out,
    size_t max)
{
	const struct book_event *e;
	struct message *m;
	size_t i, k, n = 0;

	for (i = 0; i < c->events; i++) {
		e = &c->event[i];
		if (!message_is(e) || e->event.action.actor != ACTOR_SOURCE)
			continue;
		m = NULL;
		if (message_readable(e) &&
		    message_open(d, c, e, &m) != DESK_DONE)
			continue;
		if (m != NULL && !m->manifest.has_identity) {
			message_free(m);
			continue;
		}
		for (k = m == NULL ? 0 : 1; k < e->objects && n < max; k++) {
			memset(&out[n], 0, sizeof(out[n]));
			out[n].object = e->object[k];
			if (m != NULL) {
				out[n].has_digest = true;
				memcpy(out[n].digest,
				    m->manifest.identity_digest, BLAKE2B_LEN);
				k = e->objects;	/* it stands second */
			}
			n++;
		}
		message_free(m);
	}
	return n;
}

/* The last one is the newest.  Brings it and opens it into ${text}. */
static enum err
bring(struct fetch *f, const struct book_case *c, struct candidate *one,
    struct buf *text)
{
	struct vault_facts facts;
	struct buf header;
	char *path;
	enum err e = ERR_OK;

	buf_init(&header, AGE_HEADER_MAX);
	path = vault_path(f->d, c->id, one->object.id, false);
	if (!file_exists(path)) {
		e = fetch_header(f, one->object.id, 'h', &header);
		if (e == ERR_OK)
			e = fetch_object(f, c->id, &one->object,
			    (struct bytes){ header.data, header.len });
	}
	if (e == ERR_OK)
		e = vault_open(path, home_identity(f->d), age_to_buf,
		    text, &facts);
	if (e == ERR_OK && one->has_digest && memcmp(facts.entry.payload,
	    one->digest, BLAKE2B_LEN) != 0)
		e = ERR_PAYLOAD;
	free(path);
	buf_done(&header);
	return e;
}

static enum peluit_exit
show(struct desk *d, const struct book_case *c, const struct buf *text)
{
	struct manifest *m = calloc(1, sizeof(*m));
	char name[CASE_NAME_LEN + 1];
	enum peluit_exit x = DESK_DONE;
	enum err e;

	if (m == NULL)
		return peluit_fail(d, DESK_MACHINE, W_MACHINE, "memory", NULL);
	case_name(c->id, name);
	if ((e = identity_decode((struct bytes){ text->data, text->len },
	    m)) != ERR_OK) {
		x = peluit_err(d, e, W_OPEN_FORMAT, name);
		goto out;
	}
	if (strcmp(m->origin, d->office.origin) != 0)
		x = peluit_fail(d, DESK_NO, W_OPEN_ORIGIN, name, m->origin);
	else if (memcmp(m->case_id, c->id, ID_LEN) != 0)
		x = peluit_fail(d, DESK_NO, W_OPEN_CASE, name, NULL);
	if (x == DESK_DONE) {
		show_fields_text(d, m, &d->out);
		peluit_set(d, "fields", show_fields(m));
	}
	manifest_done(m);
out:
	free(m);
	return x;
}

static enum peluit_exit
bring_and_show(struct desk *d, struct book *b, const struct book_case *c)
{
	struct candidate *list = calloc(API_OBJECTS_MAX, sizeof(*list));
	struct fetch f = { .d = d, .book = b };
	char name[CASE_NAME_LEN + 1];
	struct buf text;
	enum peluit_exit x;
	enum err e = ERR_NOTFOUND;
	size_t n;

	buf_init(&text, MANIFEST_MAX);
	client_answer_init(&f.answer);
	case_name(c->id, name);
	if (list == NULL) {
		x = peluit_fail(d, DESK_MACHINE, W_MACHINE, "memory", NULL);
		goto out;
	}
	if ((x = link_open(d, &f.client)) != DESK_DONE)
		goto out;
	n = candidates(d, c, list, API_OBJECTS_MAX);
	while (n > 0 && e != ERR_OK) {
		buf_reset(&text);
		e = bring(&f, c, &list[--n], &text);
		if (e != ERR_OK && !fetch_is_no(&f, e) && e != ERR_NOMATCH)
			break;
	}
	if (e == ERR_OK)
		x = show(d, c, &text);
	else if (f.answer.status == 0)
		x = peluit_fail(d, DESK_NO, e == ERR_NOTFOUND ?
		    W_IDENTITY_NONE : W_OPEN_DAMAGED, name, NULL);
	else
		x = link_fail(d, f.client, e, &f.answer);
out:
	client_answer_done(&f.answer);
	client_free(f.client);
	buf_done(&text);
	free(list);
	return x;
}

enum peluit_exit
peluit_identity(struct desk *d, const struct peluit_command *c, int argc,
    char **argv)
{
	const struct book_event *consent;
	struct book_case *found;
	struct book *b = NULL;
	struct deed deed;
	enum peluit_exit x;

	if ((x = peluit_args(d, c, NULL, &argc, argv)) != DESK_DONE ||
	    (x = home_open(d)) != DESK_DONE ||
	    (x = home_lock(d)) != DESK_DONE ||
	    (x = book_load(d, &b)) != DESK_DONE ||
	    (x = book_find(d, b, argv[0], &found)) != DESK_DONE)
		goto out;
	if ((consent = consent_of(found)) == NULL) {
		x = peluit_fail(d, DESK_NO, W_CONSENT_NONE, argv[0], NULL);
		goto out;
	}
	if (strcmp(consent->event.action.status, "YES") != 0) {
		x = peluit_fail(d, DESK_NO, W_CONSENT_NO, NULL, NULL);
		goto out;
	}
	if (!opened_before(d, found, consent)) {
		deed_init(d, found, EVENT_CUSTODY, &deed);
		(void)snprintf(deed.action.status,
		    sizeof(deed.action.status), "OPEN");
		memcpy(deed.action.seen, consent->commitment, COMMITMENT_LEN);
		if ((x = deed_do(d, b, &deed, false)) != DESK_DONE)
			goto out;
	}
	x = bring_and_show(d, b, found);
out:
	book_free(b);
	return x;
}
