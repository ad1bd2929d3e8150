/* Manifests, reading: the table is at the head of manifest.c. */
#include <stdlib.h>
#include <string.h>

#include "line.h"
#include "manifest.h"
#include "manifest_parts.h"
#include "status.h"

#define TYPE_MAX	100	/* bytes of a media type */

static void
fail(struct js *r, enum err e)
{
	if (r->err == ERR_OK)
		r->err = e;
}

/* "manifest/v1", or a version that is not ours. */
static enum err
check_version(const char *have, const char *want)
{
	size_t n = strlen(want) - 1;

	if (strcmp(have, want) == 0)
		return ERR_OK;
	return strncmp(have, want, n) == 0 ? ERR_VERSION : ERR_FORMAT;
}

void
manifest_take_head(struct js *r, const char *version, struct manifest *m)
{
	char have[32];

	js_text(r, "peluit", have, sizeof(have));
	if (r->err == ERR_OK)
		fail(r, check_version(have, version));
	js_text(r, "origin", m->origin, sizeof(m->origin));
	if (r->err == ERR_OK && !line_origin_valid(m->origin))
		fail(r, ERR_FORMAT);
	js_hex(r, "case", m->case_id, ID_LEN);
}

static bool
key_valid(const char *key)
{
	size_t i;

	for (i = 0; key[i] != '\0'; i++)
		if (i == MANIFEST_KEY_MAX ||
		    !((key[i] >= 'a' && key[i] <= 'z') ||
		    (key[i] >= '0' && key[i] <= '9') || key[i] == '_'))
			return false;
	return i > 0;
}

static enum err
take_field(const char *key, const json_t *value, struct manifest *m)
{
	struct manifest_field *f;

	if (m->fields == MANIFEST_FIELDS)
		return ERR_RANGE;
	f = &m->field[m->fields++];
	f->key = strdup(key);
	if (f->key == NULL)
		return ERR_SYS;
	return js_string(value, MANIFEST_FIELD_CHARS, &f->value);
}

void
manifest_take_fields(struct js *r, struct manifest *m)
{
	const json_t *fields;
	void *at;
	const char *key;
	json_t *value;
	size_t i;

	if (!js_has(r, "fields"))
		return;
	fields = js_member(r, "fields", JSON_OBJECT);
	/* jansson's iterator takes no const, and changes nothing. */
	for (at = json_object_iter(json_object_get(r->o, "fields"));
	    r->err == ERR_OK && at != NULL;
	    at = json_object_iter_next(json_object_get(r->o, "fields"), at)) {
		key = json_object_iter_key(at);
		value = json_object_get(fields, key);
		if (!key_valid(key)) {
			fail(r, ERR_FORMAT);
		} else if (strcmp(key, MANIFEST_MANY) != 0) {
			fail(r, take_field(key, value, m));
		} else if (!json_is_array(value)) {
			fail(r, ERR_FORMAT);
		} else {
			for (i = 0; i < json_array_size(value); i++)
				fail(r, take_field(key,
				    json_array_get(value, i), m));
		}
	}
}

static void
take_attachment(struct js *r, const json_t *value, struct manifest *m)
{
	struct manifest_attachment *a = &m->attachment[m->attachments];
	struct js in = js_of(value);
	size_t i;

	m->attachments++;
	js_hex(&in, "object", a->object, ID_LEN);
	js_copy(&in, "name", MANIFEST_NAME_MAX, &a->name);
	js_copy(&in, "type", TYPE_MAX, &a->type);
	js_u64(&in, "size", &a->size);
	js_hex(&in, "digest", a->digest, BLAKE2B_LEN);
	fail(r, in.err);
	if (r->err != ERR_OK)
		return;
	if (strlen(a->name) > MANIFEST_NAME_MAX || strlen(a->type) > TYPE_MAX)
		fail(r, ERR_RANGE);
	for (i = 0; i + 1 < m->attachments; i++)
		if (memcmp(m->attachment[i].object, a->object, ID_LEN) == 0)
			fail(r, ERR_FORMAT);
}

static void
take_attachments(struct js *r, struct manifest *m)
{
	const json_t *list;
	size_t i, n;

	if (!js_has(r, "attachments"))
		return;
	list = js_member(r, "attachments", JSON_ARRAY);
	n = json_array_size(list);
	if (n > MANIFEST_ATTACHMENTS)
		fail(r, ERR_RANGE);
	for (i = 0; r->err == ERR_OK && i < n; i++)
		take_attachment(r, json_array_get(list, i), m);
}

static void
take_identity(struct js *r, struct manifest *m)
{
	struct js in;

	m->has_identity = js_has(r, "identity");
	if (!m->has_identity)
		return;
	in = js_of(js_member(r, "identity", JSON_OBJECT));
	js_hex(&in, "object", m->identity_object, ID_LEN);
	js_hex(&in, "digest", m->identity_digest, BLAKE2B_LEN);
	fail(r, in.err);
}

static void
take_recipients(struct js *r, struct manifest *m)
{
	const json_t *list = js_member(r, "recipients", JSON_ARRAY);
	size_t i, k, n = json_array_size(list);

	if (list != NULL && (n == 0 || n > ROSTER_MEMBERS))
		fail(r, ERR_RANGE);
	for (i = 0; r->err == ERR_OK && i < n; i++) {
		fail(r, js_recipient(json_array_get(list, i),
		    &m->recipient[i]));
		for (k = 0; k < i; k++)
			if (memcmp(&m->recipient[i], &m->recipient[k],
				sizeof(m->recipient[i])) == 0)
				fail(r, ERR_FORMAT);
		m->recipients++;
	}
}

static void
take_report(struct js *r, struct manifest *m)
{
	js_age(r, "source", &m->source);
	js_hex(r, "source_key", m->source_key, SIGN_PUBLIC_LEN);
	if (r->err == ERR_OK && sign_key_check(m->source_key) != ERR_OK)
		fail(r, ERR_FORMAT);
	take_recipients(r, m);
}

static void
take_reply(struct js *r, struct manifest *m)
{
	if (js_has(r, "status")) {
		js_text(r, "status", m->status, sizeof(m->status));
		if (r->err == ERR_OK && !status_well_formed(m->status))
			fail(r, ERR_FORMAT);
	}
	if (js_has(r, "reason"))
		js_copy(r, "reason", MANIFEST_FIELD_CHARS, &m->reason);
}

/* A key that belongs to another kind would be believed by somebody. */
static void
refuse(struct js *r, const char *const *key)
{
	for (; *key != NULL; key++)
		if (js_has(r, *key))
			fail(r, ERR_FORMAT);
}

static void
take_kind(struct js *r, struct manifest *m)
{
	static const char *const of_report[] = { "source", "source_key",
		"recipients", NULL };
	static const char *const of_reply[] = { "status", "reason", NULL };
	char kind[16];

	js_text(r, "kind", kind, sizeof(kind));
	if (strcmp(kind, "report") == 0)
		m->kind = MANIFEST_REPORT;
	else if (strcmp(kind, "message") == 0)
		m->kind = MANIFEST_MESSAGE;
	else if (strcmp(kind, "reply") == 0)
		m->kind = MANIFEST_REPLY;
	else
		fail(r, ERR_FORMAT);
	if (m->kind == MANIFEST_REPORT)
		take_report(r, m);
	else
		refuse(r, of_report);
	if (m->kind == MANIFEST_REPLY)
		take_reply(r, m);
	else
		refuse(r, of_reply);
	if (m->kind == MANIFEST_REPLY &&
	    (m->attachments != 0 || m->has_identity))
		fail(r, ERR_FORMAT);
}

static void
take_manifest(struct js *r, struct manifest *m)
{
	manifest_take_head(r, "manifest/v1", m);
	js_u64(r, "epoch", &m->epoch);
	js_text(r, "channel", m->channel, sizeof(m->channel));
	if (r->err == ERR_OK &&
	    !roster_name_valid(m->channel, ROSTER_CHANNEL_MAX))
		fail(r, ERR_FORMAT);
	manifest_take_fields(r, m);
	js_copy(r, "text", MANIFEST_TEXT_CHARS, &m->text);
	take_attachments(r, m);
	take_identity(r, m);
	take_kind(r, m);
}

enum err
manifest_decode(struct bytes text, struct manifest *out)
{
	json_t *root;
	struct js r;
	enum err e;

	manifest_init(out);
	if (text.n > MANIFEST_MAX)
		return ERR_RANGE;
	e = js_read(text, MANIFEST_VALUES_MAX, &root);
	if (e != ERR_OK)
		return e;
	r = js_of(root);
	take_manifest(&r, out);
	json_decref(root);
	if (r.err != ERR_OK)
		manifest_done(out);
	return r.err;
}

static void
release(char *s)
{
	if (s != NULL)
		wipe(s, strlen(s));
	free(s);
}

void
manifest_done(struct manifest *m)
{
	size_t i;

	for (i = 0; i < m->fields; i++) {
		release(m->field[i].key);
		release(m->field[i].value);
	}
	for (i = 0; i < m->attachments; i++) {
		release(m->attachment[i].name);
		release(m->attachment[i].type);
	}
	release(m->text);
	release(m->reason);
	wipe(m, sizeof(*m));
}
