/*
 * The index as JSON, both directions.
 *
 *	{"peluit":"index/v2","after":N,"epoch_seconds":N,
 *	 "log":{...},		(book_log.c)
 *	 "cases":[{"case":HEX,"channel":NAME,"acked":[SEQ,EPOCH]?,
 *	  "events":[{"n":N,"leaf":N,"message":N,"nonce":HEX,"event":TEXT,
 *	   "checked":BOOL,"other":HEX?,"objects":[{"id":HEX,"blocks":N,
 *	   "size":N,"state":"saved"|"sealed"|"gone","identity":true?,
 *	   "header":HEX?,"payload":HEX?}]}]}],
 *	 "requests":[{"case":HEX,"action":TEXT,"sig":HEX,"object":HEX?,
 *	  "outbox":BOOL}]}
 */
#include <stdlib.h>
#include <string.h>

#include "book.h"
#include "js.h"

#define HEX_MAX	(HEX_LEN(64) + 1)

static const char *const states[] = {
	[BOOK_SAVED] = "saved", [BOOK_SEALED] = "sealed", [BOOK_GONE] = "gone",
};

json_t *
book_hex(const uint8_t *p, size_t n)
{
	char text[HEX_MAX];

	hex_encode(p, n, text);
	return json_string(text);
}

/*
 * An index that lacks one of its entries would be kept in the place of the
 * whole one: what cannot be added takes the list with it, up to the top.
 */
void
book_list_add(json_t **list, json_t *v)
{
	if (json_array_append_new(*list, v) != 0) {
		json_decref(*list);
		*list = NULL;
	}
}

void
book_object_set(json_t **o, const char *key, json_t *v)
{
	if (json_object_set_new(*o, key, v) != 0) {
		json_decref(*o);
		*o = NULL;
	}
}

static json_t *
number(uint64_t v)
{
	return json_integer((json_int_t)v);
}

static json_t *
object_json(const struct book_object *o)
{
	json_t *j = json_pack("{s:o, s:o, s:o, s:s}",
	    "id", book_hex(o->id, ID_LEN), "blocks", number(o->blocks),
	    "size", number(o->size), "state", states[o->state]);

	if (j != NULL && o->identity)
		book_object_set(&j, "identity", json_true());
	if (j != NULL && o->has_entry) {
		book_object_set(&j, "header", book_hex(o->entry.header,
		    BLAKE2B_LEN));
		book_object_set(&j, "payload", book_hex(o->entry.payload,
		    BLAKE2B_LEN));
	}
	return j;
}

static json_t *
event_json(const struct book_event *e)
{
	json_t *objects = json_array(), *o;
	size_t i;

	for (i = 0; i < e->objects; i++)
		book_list_add(&objects, object_json(&e->object[i]));
	o = json_pack("{s:o, s:o, s:o, s:o, s:o, s:b, s:o}",
	    "n", number(e->n), "leaf", number(e->leaf), "message",
	    number(e->message), "nonce", book_hex(e->nonce, NONCE_LEN), "event",
	    json_stringn((const char *)e->text, e->len), "checked",
	    e->checked, "objects", objects);
	if (o != NULL && e->has_other)
		book_object_set(&o, "other", book_hex(e->other,
		    BLAKE2B_LEN));
	return o;
}

static json_t *
case_json(const struct book_case *c)
{
	json_t *events = json_array(), *o;
	size_t i;

	for (i = 0; i < c->events; i++)
		book_list_add(&events, event_json(&c->event[i]));
	o = json_pack("{s:o, s:s, s:o}", "case", book_hex(c->id, ID_LEN),
	    "channel", c->channel, "events", events);
	if (o != NULL && c->has_acked)
		book_object_set(&o, "acked", json_pack("[o, o]",
		    number(c->acked_seq), number(c->acked_epoch)));
	return o;
}

static json_t *
request_json(const struct book_request *r)
{
	json_t *o = json_pack("{s:o, s:o, s:o, s:b}", "case",
	    book_hex(r->case_id, ID_LEN), "action", json_stringn(
	    (const char *)r->action.text, r->action.len), "sig",
	    book_hex(r->action.sig, SIGN_LEN), "outbox", r->outbox);

	if (o != NULL && r->action.has_object)
		book_object_set(&o, "object",
		    book_hex(r->action.object, ID_LEN));
	return o;
}

enum err
book_encode(const struct book *b, struct buf *out)
{
	json_t *cases = json_array(), *requests = json_array(), *o;
	size_t i;
	enum err e;

	for (i = 0; i < b->cases; i++)
		book_list_add(&cases, case_json(&b->one[i]));
	for (i = 0; i < b->requests; i++)
		book_list_add(&requests, request_json(&b->request[i]));
	o = json_pack("{s:s, s:o, s:o, s:o, s:o, s:o}", "peluit", "index/v2",
	    "after", number(b->after), "epoch_seconds",
	    number(b->epoch_seconds), "log", book_log_json(b), "cases", cases,
	    "requests", requests);
	e = o == NULL ? ERR_SYS : js_write(o, out);
	json_decref(o);
	return e;
}

/* ---- reading ---- */

bool
book_take_hex(const json_t *o, const char *key, uint8_t *out, size_t n)
{
	const json_t *v = json_object_get(o, key);

	return json_is_string(v) && hex_decode((struct bytes){
	    json_string_value(v), json_string_length(v) }, out, n) == ERR_OK;
}

bool
book_take_number(const json_t *v, uint64_t *out)
{
	if (!json_is_integer(v) || json_integer_value(v) < 0)
		return false;
	*out = (uint64_t)json_integer_value(v);
	return true;
}

static bool
take_object(const json_t *j, struct book_object *o)
{
	const char *state = json_string_value(json_object_get(j, "state"));
	uint64_t blocks;
	size_t i;

	o->identity = json_is_true(json_object_get(j, "identity"));
	o->has_entry = json_object_get(j, "header") != NULL;
	if (state == NULL || !book_take_hex(j, "id", o->id, ID_LEN) ||
	    !book_take_number(json_object_get(j, "blocks"), &blocks) ||
	    blocks > UINT32_MAX ||
	    !book_take_number(json_object_get(j, "size"), &o->size) ||
	    (o->has_entry && (!book_take_hex(j, "header", o->entry.header,
	    BLAKE2B_LEN) || !book_take_hex(j, "payload", o->entry.payload,
	    BLAKE2B_LEN))))
		return false;
	o->blocks = (uint32_t)blocks;
	for (i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		if (strcmp(states[i], state) == 0) {
			o->state = (enum book_state)i;
			return true;
		}
	}
	return false;
}

static enum err
take_event(const json_t *j, struct book_event *e)
{
	const json_t *text = json_object_get(j, "event");
	const json_t *objects = json_object_get(j, "objects");
	enum err err;
	size_t i;

	if (!book_take_number(json_object_get(j, "n"), &e->n) ||
	    !book_take_number(json_object_get(j, "leaf"), &e->leaf) ||
	    !book_take_number(json_object_get(j, "message"), &e->message) ||
	    !book_take_hex(j, "nonce", e->nonce, NONCE_LEN) ||
	    !json_is_string(text) || !json_is_array(objects) ||
	    json_array_size(objects) > API_OBJECTS_MAX)
		return ERR_FORMAT;
	e->checked = json_is_true(json_object_get(j, "checked"));
	e->has_other = json_object_get(j, "other") != NULL;
	if (e->has_other && !book_take_hex(j, "other", e->other, BLAKE2B_LEN))
		return ERR_FORMAT;
	e->len = json_string_length(text);
	e->objects = json_array_size(objects);
	e->text = malloc(e->len + 1);
	e->object = calloc(e->objects + 1, sizeof(*e->object));
	if (e->text == NULL || e->object == NULL)
		return ERR_SYS;
	memcpy(e->text, json_string_value(text), e->len);
	for (i = 0; i < e->objects; i++)
		if (!take_object(json_array_get(objects, i), &e->object[i]))
			return ERR_FORMAT;
	if ((err = event_decode((struct bytes){ e->text, e->len },
	    &e->event)) != ERR_OK)
		return err;
	commitment_of(e->nonce, (struct bytes){ e->text, e->len },
	    e->commitment);
	return ERR_OK;
}

static enum err
take_events(const json_t *list, struct book_case *c)
{
	struct book_event e;
	const json_t *j;
	enum err err;
	size_t i;

	if (!json_is_array(list))
		return ERR_FORMAT;
	json_array_foreach(list, i, j) {
		memset(&e, 0, sizeof(e));
		if ((err = take_event(j, &e)) != ERR_OK ||
		    (err = book_event_add(c, &e)) != ERR_OK) {
			book_event_done(&e);
			return err;
		}
	}
	return ERR_OK;
}

static enum err
take_case(const json_t *j, struct book *b)
{
	const char *channel = json_string_value(json_object_get(j, "channel"));
	const json_t *acked = json_object_get(j, "acked");
	uint8_t id[ID_LEN];
	struct book_case *c;

	if (channel == NULL || strlen(channel) > ROSTER_CHANNEL_MAX ||
	    !book_take_hex(j, "case", id, sizeof(id)) || book_case(b, id) != NULL)
		return ERR_FORMAT;
	if ((c = book_case_add(b, id)) == NULL)
		return ERR_SYS;
	memcpy(c->channel, channel, strlen(channel) + 1);
	c->has_acked = acked != NULL;
	if (c->has_acked &&
	    (!book_take_number(json_array_get(acked, 0), &c->acked_seq) ||
	    !book_take_number(json_array_get(acked, 1), &c->acked_epoch)))
		return ERR_FORMAT;
	return take_events(json_object_get(j, "events"), c);
}

static enum err
take_request(const json_t *j, struct book *b)
{
	const json_t *action = json_object_get(j, "action");
	struct book_request r;

	memset(&r, 0, sizeof(r));
	if (!json_is_string(action) ||
	    json_string_length(action) > sizeof(r.action.text) ||
	    !book_take_hex(j, "case", r.case_id, ID_LEN) ||
	    !book_take_hex(j, "sig", r.action.sig, SIGN_LEN))
		return ERR_FORMAT;
	r.action.len = json_string_length(action);
	memcpy(r.action.text, json_string_value(action), r.action.len);
	r.action.has_object = json_object_get(j, "object") != NULL;
	if (r.action.has_object &&
	    !book_take_hex(j, "object", r.action.object, ID_LEN))
		return ERR_FORMAT;
	r.outbox = json_is_true(json_object_get(j, "outbox"));
	return book_request_add(b, &r);
}

enum err
book_decode(struct bytes text, struct book **out)
{
	const json_t *cases, *requests, *j;
	const char *version;
	json_t *o = NULL;
	struct book *b = NULL;
	enum err e;
	size_t i;

	*out = NULL;
	if ((b = calloc(1, sizeof(*b))) == NULL)
		return ERR_SYS;
	if ((e = js_read(text, text.n, &o)) != ERR_OK)
		goto out;
	e = ERR_FORMAT;
	version = json_string_value(json_object_get(o, "peluit"));
	if (version == NULL || strcmp(version, "index/v2") != 0) {
		e = ERR_VERSION;
		goto out;
	}
	cases = json_object_get(o, "cases");
	requests = json_object_get(o, "requests");
	if (!book_take_number(json_object_get(o, "after"), &b->after) ||
	    !book_take_number(json_object_get(o, "epoch_seconds"),
	    &b->epoch_seconds) || !json_is_array(cases) ||
	    !json_is_array(requests))
		goto out;
	if ((e = book_log_take(json_object_get(o, "log"), b)) != ERR_OK)
		goto out;
	json_array_foreach(cases, i, j)
		if ((e = take_case(j, b)) != ERR_OK)
			goto out;
	json_array_foreach(requests, i, j)
		if ((e = take_request(j, b)) != ERR_OK)
			goto out;
	e = ERR_OK;
	*out = b;
	b = NULL;	/* transferred */
out:
	json_decref(o);
	book_free(b);
	return e;
}
