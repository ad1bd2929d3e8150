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

/* What the opening of a case's identities is about. */
struct unsealing {
	struct fetch f;
	struct book *book;
	const struct book_case *of;
	json_t *list;
	size_t refused;			/* no consent covers it, or not to us */
};

/*
 * Brings one into the vault and opens it.  The event that the source signed
 * says what header and payload it has: nothing else is opened.
 */
static enum err
bring(struct unsealing *u, const struct book_event *e, struct book_object *o,
    const char *path, struct buf *text)
{
	struct object_entry told = o->entry;
	struct vault_facts facts;
	struct buf header;
	enum err err = ERR_OK;

	if (!e->checked || !o->has_entry)
		return ERR_PAYLOAD;
	buf_init(&header, AGE_HEADER_MAX);
	if (!file_exists(path)) {
		err = fetch_header(&u->f, o->id, 'h', &header);
		if (err == ERR_OK)
			err = fetch_object(&u->f, u->of->id, o,
			    (struct bytes){ header.data, header.len });
	}
	buf_done(&header);
	if (err != ERR_OK)
		return err;
	err = vault_open(path, home_identity(u->f.d), age_to_buf, text,
	    &facts);
	if (err == ERR_OK && memcmp(&facts.entry, &told, sizeof(told)) != 0)
		err = ERR_PAYLOAD;
	if (err != ERR_OK && err != ERR_SYS)	/* brought again next time */
		fetch_forget(&u->f, u->of->id, o);
	return err;
}

static enum peluit_exit
show(struct unsealing *u, const struct book_event *e,
    const struct book_object *o, const char *path, const struct buf *text)
{
	struct manifest *m = calloc(1, sizeof(*m));
	struct desk *d = u->f.d;
	char name[CASE_NAME_LEN + 1], date[SHOW_DATE_MAX], number[24];
	enum peluit_exit x = DESK_DONE;
	enum err err;

	if (m == NULL)
		return peluit_fail(d, DESK_MACHINE, W_MACHINE, "memory", NULL);
	case_name(u->of->id, name);
	if ((err = identity_decode((struct bytes){ text->data, text->len },
	    m)) != ERR_OK) {
		free(m);
		return peluit_err(d, err, W_OPEN_FORMAT, name);
	}
	if (strcmp(m->origin, d->office.origin) != 0)
		x = peluit_fail(d, DESK_NO, W_OPEN_ORIGIN, name, m->origin);
	else if (memcmp(m->case_id, u->of->id, ID_LEN) != 0)
		x = peluit_fail(d, DESK_NO, W_OPEN_CASE, name, NULL);
	if (x == DESK_DONE) {
		show_date(u->book, e->event.epoch, date);
		(void)snprintf(number, sizeof(number), "%llu",
		    (unsigned long long)e->event.seq);
		peluit_say(d, W_IDENTITY_FROM, date, number);
		show_fields_text(d, m, &d->out);
		peluit_say(d, W_IDENTITY_KEPT, path, NULL);
		peluit_set(d, "fields", show_fields(m));
		(void)json_array_append_new(u->list, json_pack(
		    "{s:o, s:o, s:o, s:o, s:s}", "seq",
		    show_number(e->event.seq), "epoch",
		    show_number(e->event.epoch), "object",
		    show_hex(o->id, ID_LEN), "fields", show_fields(m),
		    "path", path));
	}
	manifest_done(m);
	free(m);
	return x;
}

static enum peluit_exit
one(struct unsealing *u, const struct book_event *e, struct book_object *o)
{
	char *path = vault_path(u->f.d, u->of->id, o->id, false);
	char name[CASE_NAME_LEN + 1], hex[HEX_LEN(ID_LEN) + 1];
	enum peluit_exit x = DESK_DONE;
	struct buf text;
	enum err err;
	bool here;

	buf_init(&text, MANIFEST_MAX);
	case_name(u->of->id, name);
	hex_encode(o->id, ID_LEN, hex);
	u->f.answer.status = 0;
	err = bring(u, e, o, path, &text);
	/* what came is wrong, not how it came */
	here = u->f.answer.status == 0 || u->f.answer.status == 200;
	if (err == ERR_OK)
		x = show(u, e, o, path, &text);
	else if (fetch_is_no(&u->f, err) || (here && err == ERR_NOMATCH))
		u->refused++;
	else if (here && err != ERR_NET && err != ERR_SYS)
		x = peluit_fail(u->f.d, DESK_NO, W_IDENTITY_DAMAGED, name,
		    hex);
	else
		x = link_fail(u->f.d, u->f.client, err, &u->f.answer);
	buf_done(&text);
	free(path);
	return x;
}

/* All that the consent covers, the oldest first. */
static enum peluit_exit
bring_and_show(struct desk *d, struct book *b, const struct book_case *c)
{
	struct unsealing u = { .f = { .d = d, .book = b }, .book = b,
	    .of = c, .list = json_array() };
	char name[CASE_NAME_LEN + 1];
	enum peluit_exit x, last;
	size_t i, k;

	client_answer_init(&u.f.answer);
	if ((x = link_open(d, &u.f.client)) != DESK_DONE)
		goto out;
	for (i = 0; i < c->events; i++) {
		for (k = 0; k < c->event[i].objects; k++) {
			if (!c->event[i].object[k].identity)
				continue;
			last = one(&u, &c->event[i], &c->event[i].object[k]);
			x = last == DESK_DONE ? x : last;
		}
	}
	case_name(c->id, name);
	if (x == DESK_DONE && json_array_size(u.list) == 0)
		x = peluit_fail(d, DESK_NO, W_IDENTITY_NONE, name, NULL);
	peluit_set(d, "identities", json_incref(u.list));
	peluit_set(d, "not_covered", show_number(u.refused));
out:
	client_answer_done(&u.f.answer);
	client_free(u.f.client);
	json_decref(u.list);
	return x;
}

enum peluit_exit
peluit_identity(struct desk *d, const struct peluit_command *c, int argc,
    char **argv)
{
	const struct book_event *consent;
	struct book_case *found;
	struct book *b = NULL;
	struct book_view v;
	struct deed deed;
	enum peluit_exit x;

	if ((x = peluit_args(d, c, NULL, &argc, argv)) != DESK_DONE ||
	    (x = home_open(d)) != DESK_DONE ||
	    (x = home_lock(d)) != DESK_DONE ||
	    (x = book_load(d, &b)) != DESK_DONE ||
	    (x = book_find(d, b, argv[0], &found)) != DESK_DONE)
		goto out;
	if ((consent = consent_of(found)) == NULL) {
		book_look(found, &v);
		x = peluit_fail(d, DESK_NO, strcmp(v.consent, "asked") == 0 ?
		    W_CONSENT_WAIT : W_CONSENT_NONE, argv[0], NULL);
		goto out;
	}
	if (strcmp(consent->event.action.status, "YES") != 0) {
		x = peluit_fail(d, DESK_NO, W_CONSENT_NO, argv[0], NULL);
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
