/*
 * GET /v1/feed: an array, empty at the end of the feed.
 *
 *	[{n, case, message?, kind, epoch, status?, event, nonce, leaf,
 *	  proof|promise, objects: [{id, blocks, size,
 *	  header?, digest?, identity?}, ...]}, ...]
 *
 * event is the event's text, nonce its nonce in hex; message is absent for
 * what is no message; of proof and promise there is exactly one.  A page may
 * be shorter than API_FEED_MAX; who reads asks again after the last n until
 * the answer is empty.
 */
#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "js.h"
#include "line.h"
#include "status.h"

#define VALUES_MAX	65536

static json_t *
object_json(const struct api_object *o, enum err *e)
{
	struct jsw w = jsw_new();

	jsw_hex(&w, "id", o->id, ID_LEN);
	jsw_u64(&w, "blocks", o->blocks);
	jsw_u64(&w, "size", o->size);
	if (o->has_entry) {
		jsw_hex(&w, "header", o->entry.header, BLAKE2B_LEN);
		jsw_hex(&w, "digest", o->entry.payload, BLAKE2B_LEN);
	}
	if (o->identity)
		jsw_put(&w, "identity", json_true());
	if (*e == ERR_OK)
		*e = w.err;
	return jsw_take(&w);
}

static json_t *
item_json(const struct api_feed_item *item, enum err *e)
{
	struct jsw w = jsw_new();
	json_t *list = json_array();
	size_t i;

	if (item->event_len > EVENT_MAX || item->objects > API_OBJECTS_MAX ||
	    strlen(item->evidence) > API_EVIDENCE_MAX)
		w.err = ERR_RANGE;
	jsw_u64(&w, "n", item->n);
	jsw_hex(&w, "case", item->case_id, ID_LEN);
	if (item->has_message)
		jsw_u64(&w, "message", item->message);
	jsw_text(&w, "kind", event_kind_text(item->kind));
	jsw_u64(&w, "epoch", item->epoch);
	if (item->status[0] != '\0')
		jsw_text(&w, "status", item->status);
	if (w.err == ERR_OK)
		jsw_bytes(&w, "event", (struct bytes){ item->event,
		    item->event_len });
	jsw_hex(&w, "nonce", item->nonce, NONCE_LEN);
	jsw_u64(&w, "leaf", item->leaf);
	jsw_text(&w, item->proof ? "proof" : "promise", item->evidence);
	for (i = 0; w.err == ERR_OK && i < item->objects; i++)
		jsw_push(&w, list, object_json(&item->object[i], e));
	jsw_put(&w, "objects", list);
	if (*e == ERR_OK)
		*e = w.err;
	return jsw_take(&w);
}

enum err
api_feed_encode(const struct api_feed *f, struct buf *out)
{
	json_t *list = json_array(), *item;
	enum err e = list == NULL ? ERR_SYS : ERR_OK;
	size_t i;

	if (f->items > API_FEED_MAX)
		e = ERR_RANGE;
	for (i = 0; e == ERR_OK && i < f->items; i++) {
		item = item_json(&f->item[i], &e);
		if (item != NULL && json_array_append_new(list, item) != 0)
			e = ERR_SYS;
	}
	if (e == ERR_OK)
		e = js_write(list, out);
	json_decref(list);
	return e;
}

static void
fail(struct js *r, enum err e)
{
	if (r->err == ERR_OK)
		r->err = e;
}

static enum err
take_object(const json_t *value, struct api_object *o)
{
	struct js r = js_of(value);
	uint64_t blocks;

	js_hex(&r, "id", o->id, ID_LEN);
	js_u64(&r, "blocks", &blocks);
	js_u64(&r, "size", &o->size);
	o->has_entry = js_has(&r, "header") || js_has(&r, "digest");
	if (o->has_entry) {
		js_hex(&r, "header", o->entry.header, BLAKE2B_LEN);
		js_hex(&r, "digest", o->entry.payload, BLAKE2B_LEN);
	}
	o->identity = js_has(&r, "identity");
	if (o->identity)
		(void)js_member(&r, "identity", JSON_TRUE);
	if (blocks > UINT32_MAX)
		fail(&r, ERR_RANGE);
	o->blocks = (uint32_t)blocks;
	return r.err;
}

static void
take_event(struct js *r, struct api_feed_item *item)
{
	const json_t *v = js_member(r, "event", JSON_STRING);

	if (v == NULL)
		return;
	item->event_len = json_string_length(v);
	if (item->event_len > EVENT_MAX) {
		item->event_len = 0;
		fail(r, ERR_RANGE);
		return;
	}
	memcpy(item->event, json_string_value(v), item->event_len);
}

static void
take_evidence(struct js *r, struct api_feed_item *item)
{
	const json_t *v;

	item->proof = js_has(r, "proof");
	if (item->proof == js_has(r, "promise")) {
		fail(r, ERR_FORMAT);
		return;
	}
	v = js_member(r, item->proof ? "proof" : "promise", JSON_STRING);
	if (v == NULL)
		return;
	if (json_string_length(v) > API_EVIDENCE_MAX)
		fail(r, ERR_RANGE);
	else if ((item->evidence = strdup(json_string_value(v))) == NULL)
		fail(r, ERR_SYS);
}

static void
take_objects(struct js *r, struct api_feed_item *item)
{
	const json_t *list = js_member(r, "objects", JSON_ARRAY);
	size_t i, n = json_array_size(list);

	if (n > API_OBJECTS_MAX)
		fail(r, ERR_RANGE);
	for (i = 0; r->err == ERR_OK && i < n; i++) {
		fail(r, take_object(json_array_get(list, i),
		    &item->object[i]));
		item->objects++;
	}
}

static enum err
take_item(const json_t *value, struct api_feed_item *item)
{
	struct js r = js_of(value);
	char kind[16];

	js_u64(&r, "n", &item->n);
	js_hex(&r, "case", item->case_id, ID_LEN);
	item->has_message = js_has(&r, "message");
	if (item->has_message)
		js_u64(&r, "message", &item->message);
	js_text(&r, "kind", kind, sizeof(kind));
	if (r.err == ERR_OK)
		fail(&r, event_kind_parse((struct bytes){ kind,
		    strlen(kind) }, &item->kind));
	js_u64(&r, "epoch", &item->epoch);
	if (js_has(&r, "status")) {
		js_text(&r, "status", item->status, sizeof(item->status));
		if (!status_well_formed(item->status))
			fail(&r, ERR_FORMAT);
	}
	take_event(&r, item);
	js_hex(&r, "nonce", item->nonce, NONCE_LEN);
	js_u64(&r, "leaf", &item->leaf);
	take_evidence(&r, item);
	take_objects(&r, item);
	return r.err;
}

enum err
api_feed_decode(struct bytes body, struct api_feed *out)
{
	json_t *root;
	size_t i, n;
	enum err e;

	memset(out, 0, sizeof(*out));
	if (body.n > API_BODY_MAX)
		return ERR_RANGE;
	e = js_read(body, VALUES_MAX, &root);
	if (e != ERR_OK)
		return e;
	n = json_array_size(root);
	if (!json_is_array(root))
		e = ERR_FORMAT;
	else if (n > API_FEED_MAX)
		e = ERR_RANGE;
	if (e == ERR_OK && n > 0) {
		out->item = calloc(n, sizeof(*out->item));
		if (out->item == NULL)
			e = ERR_SYS;
		else
			out->items = n;	/* for api_feed_done */
	}
	for (i = 0; e == ERR_OK && i < n; i++)
		e = take_item(json_array_get(root, i), &out->item[i]);
	json_decref(root);
	if (e != ERR_OK) {
		api_feed_done(out);
		return e;
	}
	out->more = n > 0;
	return ERR_OK;
}

void
api_feed_done(struct api_feed *f)
{
	size_t i;

	for (i = 0; i < f->items; i++)
		free(f->item[i].evidence);
	free(f->item);
	memset(f, 0, sizeof(*f));
}
