/*
 * A manifest: what a message is, as JSON, padded with spaces.  Writing here,
 * reading in manifest_read.c.
 *
 *	peluit		"manifest/v1"
 *	origin case kind epoch channel		always
 *	fields		{KEY: text, "who": [text, ...]}
 *	text		text
 *	attachments	[{object, name, type, size, digest}, ...]
 *	identity	{object, digest}	not in a reply; may be absent
 *	source source_key recipients		a report
 *	status reason				a reply; may be absent
 *
 * Values are strings but epoch and size (integers), fields, who, attachments,
 * identity, recipients.  Ids, keys and digests are lower-case hex.
 */
#include <stdlib.h>
#include <string.h>

#include "js.h"
#include "manifest.h"
#include "manifest_parts.h"
#include "pad.h"
#include "utf8.h"

void
manifest_init(struct manifest *m)
{
	memset(m, 0, sizeof(*m));
}

const char *
manifest_kind_text(enum manifest_kind k)
{
	switch (k) {
	case MANIFEST_REPORT:
		return "report";
	case MANIFEST_MESSAGE:
		return "message";
	case MANIFEST_REPLY:
		return "reply";
	}
	return "";
}

/* The texts of a key that repeats. */
static json_t *
texts_of(struct jsw *w, const struct manifest_field *field, size_t fields,
    const char *key)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < fields; i++)
		if (strcmp(field[i].key, key) == 0)
			jsw_push(w, list, json_string(field[i].value));
	return list;
}

void
manifest_put_fields(struct jsw *w, const struct manifest_field *field,
    size_t fields)
{
	struct jsw in = jsw_new();
	size_t i;

	for (i = 0; i < fields; i++) {
		if (field[i].key == NULL || field[i].value == NULL ||
		    !utf8_valid(field[i].value, strlen(field[i].value))) {
			in.err = ERR_FORMAT;
			break;
		}
		if (json_object_get(in.o, field[i].key) == NULL) {
			if (strcmp(field[i].key, MANIFEST_MANY) == 0)
				jsw_put(&in, field[i].key, texts_of(&in, field,
				    fields, field[i].key));
			else
				jsw_text(&in, field[i].key, field[i].value);
		} else if (strcmp(field[i].key, MANIFEST_MANY) != 0) {
			in.err = ERR_CONFLICT;
		}
	}
	if (w->err == ERR_OK)
		w->err = in.err;
	jsw_put(w, "fields", jsw_take(&in));
}

static void
put_attachments(struct jsw *w, const struct manifest *m)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < m->attachments; i++) {
		const struct manifest_attachment *a = &m->attachment[i];
		struct jsw in = jsw_new();

		jsw_hex(&in, "object", a->object, ID_LEN);
		jsw_text(&in, "name", a->name == NULL ? "" : a->name);
		jsw_text(&in, "type", a->type == NULL ? "" : a->type);
		jsw_u64(&in, "size", a->size);
		jsw_hex(&in, "digest", a->digest, BLAKE2B_LEN);
		if (w->err == ERR_OK)
			w->err = in.err;
		jsw_push(w, list, jsw_take(&in));
	}
	jsw_put(w, "attachments", list);
}

static void
put_identity(struct jsw *w, const struct manifest *m)
{
	struct jsw in = jsw_new();

	jsw_hex(&in, "object", m->identity_object, ID_LEN);
	jsw_hex(&in, "digest", m->identity_digest, BLAKE2B_LEN);
	jsw_put(w, "identity", jsw_take(&in));
}

static void
put_report(struct jsw *w, const struct manifest *m)
{
	char text[AGE_RECIPIENT_LEN + 1];
	json_t *list = json_array();
	size_t i;

	jsw_age(w, "source", &m->source);
	jsw_hex(w, "source_key", m->source_key, SIGN_PUBLIC_LEN);
	for (i = 0; i < m->recipients; i++) {
		age_recipient_encode(&m->recipient[i], text);
		jsw_push(w, list, json_string(text));
	}
	jsw_put(w, "recipients", list);
}

enum err
manifest_pad(struct buf *out, size_t from)
{
	size_t have = out->len - from;
	size_t want = pad_manifest(have);

	if (buf_err(out) == ERR_OK && want > MANIFEST_MAX)
		return ERR_RANGE;
	buf_fill(out, ' ', want - have);
	return buf_err(out);
}

enum err
manifest_encode(const struct manifest *m, struct buf *out)
{
	struct manifest *again;
	size_t from = out->len;
	struct jsw w;
	enum err e;

	if (m->fields > MANIFEST_FIELDS || m->recipients > ROSTER_MEMBERS ||
	    m->attachments > MANIFEST_ATTACHMENTS)
		return ERR_RANGE;
	w = jsw_new();
	jsw_text(&w, "peluit", "manifest/v1");
	jsw_text(&w, "origin", m->origin);
	jsw_hex(&w, "case", m->case_id, ID_LEN);
	jsw_text(&w, "kind", manifest_kind_text(m->kind));
	jsw_u64(&w, "epoch", m->epoch);
	jsw_text(&w, "channel", m->channel);
	manifest_put_fields(&w, m->field, m->fields);
	jsw_text(&w, "text", m->text == NULL ? "" : m->text);
	put_attachments(&w, m);
	if (m->has_identity)
		put_identity(&w, m);
	if (m->kind == MANIFEST_REPORT)
		put_report(&w, m);
	if (m->status[0] != '\0')
		jsw_text(&w, "status", m->status);
	if (m->reason != NULL && m->reason[0] != '\0')
		jsw_text(&w, "reason", m->reason);
	e = jsw_end(&w, out);
	if (e == ERR_OK)
		e = manifest_pad(out, from);
	if (e != ERR_OK)
		return e;
	/* Nothing is sealed that no reader would take: one list of checks. */
	again = malloc(sizeof(*again));
	if (again == NULL)
		return ERR_SYS;
	e = manifest_decode((struct bytes){ out->data + from,
	    out->len - from }, again);
	manifest_done(again);
	free(again);
	return e;
}
