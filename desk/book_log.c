/*
 * What the index keeps of the public log and of the rosters.
 *
 *	"log":{"checkpoint":NOTE?,
 *	 "roster":{"note":NOTE,"number":N,"epoch0":N}?,
 *	 "desks":[{"key":HEX,"label":LABEL,"gone":EPOCH?}],
 *	 "promised":[{"case":HEX,"commitment":HEX,"kind":WORD,"epoch":N,
 *	  "promise":TEXT}]}
 *
 * Nobody is taken out of "desks": an event of years ago keeps its name.
 */
#include <stdlib.h>
#include <string.h>

#include "book.h"

void
book_log_done(struct book *b)
{
	size_t i;

	for (i = 0; i < b->promises; i++)
		free(b->promised[i].promise);
	free(b->promised);
	free(b->log.checkpoint);
	free(b->log.roster);
	free(b->log.desk);
	memset(&b->log, 0, sizeof(b->log));
	b->promised = NULL;
	b->promises = 0;
}

static struct book_desk *
find(const struct book *b, const uint8_t *key)
{
	size_t i;

	for (i = 0; i < b->log.desks; i++)
		if (memcmp(b->log.desk[i].key, key, SIGN_PUBLIC_LEN) == 0)
			return &b->log.desk[i];
	return NULL;
}

const struct book_desk *
book_desk(const struct book *b, const uint8_t key[static SIGN_PUBLIC_LEN])
{
	return find(b, key);
}

static struct book_desk *
desk_add(struct book *b, const uint8_t *key)
{
	struct book_desk *d = find(b, key), *more;

	if (d != NULL)
		return d;
	more = reallocarray(b->log.desk, b->log.desks + 1, sizeof(*more));
	if (more == NULL)
		return NULL;
	b->log.desk = more;
	d = &more[b->log.desks++];
	memset(d, 0, sizeof(*d));
	memcpy(d->key, key, SIGN_PUBLIC_LEN);
	return d;
}

/* A copy as text, in the place of what was there. */
static enum err
replace(char **text, struct bytes by)
{
	char *copy = strndup(by.p, by.n);

	if (copy == NULL)
		return ERR_SYS;
	free(*text);
	*text = copy;
	return ERR_OK;
}

enum err
book_roster(struct book *b, const struct roster *r, struct bytes note,
    uint64_t epoch)
{
	const struct roster_desk *now;
	struct book_desk *d;
	size_t i;

	for (i = 0; i < r->desks; i++) {
		if (r->desk[i].role == ROLE_AUDITOR)
			continue;	/* reads, never acts on a case */
		if ((d = desk_add(b, r->desk[i].key)) == NULL)
			return ERR_SYS;
		memcpy(d->label, r->desk[i].label, sizeof(d->label));
		d->gone = false;
		d->gone_epoch = 0;
	}
	for (i = 0; i < b->log.desks; i++) {
		d = &b->log.desk[i];
		now = roster_desk_find(r, d->key);
		if (d->gone || (now != NULL && now->role != ROLE_AUDITOR))
			continue;
		d->gone = true;
		d->gone_epoch = epoch;
	}
	b->log.roster_number = r->number;
	b->log.epoch0 = r->epoch0;
	return replace(&b->log.roster, note);
}

enum err
book_checkpoint(struct book *b, const struct checkpoint *head,
    struct bytes note)
{
	struct book_log *l = &b->log;

	if (head->size < l->head.size)
		return ERR_EXPIRED;
	if (head->size == l->head.size && head->size > 0)
		return memcmp(&head->root, &l->head.root,
		    sizeof(head->root)) == 0 ? ERR_OK : ERR_CONFLICT;
	if (replace(&l->checkpoint, note) != ERR_OK)
		return ERR_SYS;
	l->head = *head;
	return ERR_OK;
}

static struct book_promised *
promised(struct book *b, const uint8_t *commitment)
{
	size_t i;

	for (i = 0; i < b->promises; i++)
		if (memcmp(b->promised[i].commitment, commitment,
		    COMMITMENT_LEN) == 0)
			return &b->promised[i];
	return NULL;
}

enum err
book_promise(struct book *b, const struct book_promised *p)
{
	struct book_promised *have = promised(b, p->commitment), *more;

	if (have != NULL) {		/* the same again */
		free(have->promise);
		*have = *p;
		return ERR_OK;
	}
	more = reallocarray(b->promised, b->promises + 1, sizeof(*more));
	if (more == NULL)
		return ERR_SYS;
	b->promised = more;
	more[b->promises++] = *p;
	return ERR_OK;
}

void
book_promise_kept(struct book *b,
    const uint8_t commitment[static COMMITMENT_LEN])
{
	struct book_promised *have = promised(b, commitment);

	if (have == NULL)
		return;
	free(have->promise);
	b->promises--;
	*have = b->promised[b->promises];
}

/* ---- the format ---- */

static json_t *
number(uint64_t v)
{
	return json_integer((json_int_t)v);
}

static json_t *
desks_json(const struct book_log *l)
{
	json_t *list = json_array(), *o;
	size_t i;

	for (i = 0; i < l->desks; i++) {
		o = json_pack("{s:o, s:s}", "key", book_hex(l->desk[i].key,
		    SIGN_PUBLIC_LEN), "label", l->desk[i].label);
		if (o != NULL && l->desk[i].gone)
			book_object_set(&o, "gone",
			    number(l->desk[i].gone_epoch));
		book_list_add(&list, o);
	}
	return list;
}

static json_t *
promised_json(const struct book *b)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < b->promises; i++) {
		const struct book_promised *p = &b->promised[i];

		book_list_add(&list, json_pack(
		    "{s:o, s:o, s:s, s:o, s:s}",
		    "case", book_hex(p->case_id, ID_LEN), "commitment",
		    book_hex(p->commitment, COMMITMENT_LEN), "kind",
		    event_kind_text(p->kind), "epoch", number(p->epoch),
		    "promise", p->promise));
	}
	return list;
}

json_t *
book_log_json(const struct book *b)
{
	const struct book_log *l = &b->log;
	json_t *o = json_pack("{s:o, s:o}", "desks", desks_json(l),
	    "promised", promised_json(b));

	if (o != NULL && l->checkpoint != NULL)
		book_object_set(&o, "checkpoint",
		    json_string(l->checkpoint));
	if (o != NULL && l->roster != NULL)
		book_object_set(&o, "roster", json_pack(
		    "{s:s, s:o, s:o}", "note", l->roster, "number",
		    number(l->roster_number), "epoch0", number(l->epoch0)));
	return o;
}

/* The index is sealed to ourselves: what it holds was verified before. */
static enum err
take_checkpoint(const json_t *j, struct book_log *l)
{
	struct bytes text;
	enum err e;

	if (j == NULL)
		return ERR_OK;
	if (!json_is_string(j) || replace(&l->checkpoint, (struct bytes){
	    json_string_value(j), json_string_length(j) }) != ERR_OK)
		return ERR_FORMAT;
	e = note_text((struct bytes){ l->checkpoint, strlen(l->checkpoint) },
	    &text);
	return e == ERR_OK ? checkpoint_decode(text, &l->head) : e;
}

static enum err
take_roster(const json_t *j, struct book_log *l)
{
	const json_t *note = json_object_get(j, "note");

	if (j == NULL)
		return ERR_OK;
	if (!json_is_string(note) || !book_take_number(json_object_get(j,
	    "number"), &l->roster_number) || !book_take_number(
	    json_object_get(j, "epoch0"), &l->epoch0))
		return ERR_FORMAT;
	return replace(&l->roster, (struct bytes){ json_string_value(note),
	    json_string_length(note) });
}

static enum err
take_desk(const json_t *j, struct book *b)
{
	const char *label = json_string_value(json_object_get(j, "label"));
	const json_t *gone = json_object_get(j, "gone");
	uint8_t key[SIGN_PUBLIC_LEN];
	struct book_desk *d;

	if (label == NULL || strlen(label) > ROSTER_LABEL_MAX ||
	    !book_take_hex(j, "key", key, sizeof(key)))
		return ERR_FORMAT;
	if ((d = desk_add(b, key)) == NULL)
		return ERR_SYS;
	memcpy(d->label, label, strlen(label) + 1);
	d->gone = gone != NULL;
	return d->gone && !book_take_number(gone, &d->gone_epoch) ?
	    ERR_FORMAT : ERR_OK;
}

static enum err
take_promised(const json_t *j, struct book *b)
{
	const char *kind = json_string_value(json_object_get(j, "kind"));
	const char *text = json_string_value(json_object_get(j, "promise"));
	struct book_promised p;

	memset(&p, 0, sizeof(p));
	if (kind == NULL || text == NULL ||
	    !book_take_hex(j, "case", p.case_id, ID_LEN) ||
	    !book_take_hex(j, "commitment", p.commitment, COMMITMENT_LEN) ||
	    !book_take_number(json_object_get(j, "epoch"), &p.epoch) ||
	    event_kind_parse((struct bytes){ kind, strlen(kind) }, &p.kind) !=
	    ERR_OK)
		return ERR_FORMAT;
	if ((p.promise = strdup(text)) == NULL)
		return ERR_SYS;
	if (book_promise(b, &p) == ERR_OK)
		return ERR_OK;
	free(p.promise);
	return ERR_SYS;
}

enum err
book_log_take(const json_t *j, struct book *b)
{
	const json_t *desks = json_object_get(j, "desks"), *one;
	const json_t *list = json_object_get(j, "promised");
	enum err e;
	size_t i;

	if (!json_is_array(desks) || !json_is_array(list))
		return ERR_FORMAT;
	if ((e = take_checkpoint(json_object_get(j, "checkpoint"),
	    &b->log)) != ERR_OK || (e = take_roster(json_object_get(j,
	    "roster"), &b->log)) != ERR_OK)
		return e;
	json_array_foreach(desks, i, one)
		if ((e = take_desk(one, b)) != ERR_OK)
			return e;
	json_array_foreach(list, i, one)
		if ((e = take_promised(one, b)) != ERR_OK)
			return e;
	return ERR_OK;
}
