/*
 * GET /v1/office:
 *
 *	{origin, epoch, epoch_seconds, unix_time, log, roster, label, role,
 *	 limits: {text_chars, file_bytes, body_bytes}, channels: [NAME, ...]}
 *
 * log is "ok", "late" or "stopped".
 */
#include <string.h>

#include "api.h"
#include "js.h"
#include "line.h"

#define VALUES_MAX	256

static const char *const log_states[] = { "ok", "late", "stopped" };

static bool
log_known(const char *log)
{
	size_t i;

	for (i = 0; i < sizeof(log_states) / sizeof(log_states[0]); i++)
		if (strcmp(log, log_states[i]) == 0)
			return true;
	return false;
}

enum err
api_office_encode(const struct api_office *o, struct buf *out)
{
	struct jsw w = jsw_new(), limits = jsw_new();
	json_t *list = json_array();
	size_t i;

	if (o->channels > ROSTER_CHANNELS)
		w.err = ERR_RANGE;
	else if (!log_known(o->log))
		w.err = ERR_FORMAT;
	jsw_text(&w, "origin", o->origin);
	jsw_u64(&w, "epoch", o->epoch);
	jsw_u64(&w, "epoch_seconds", o->epoch_seconds);
	jsw_i64(&w, "unix_time", o->unix_time);
	jsw_text(&w, "log", o->log);
	jsw_u64(&w, "roster", o->roster);
	jsw_text(&w, "label", o->label);
	jsw_text(&w, "role", o->role);
	jsw_u64(&limits, "text_chars", o->text_chars);
	jsw_u64(&limits, "file_bytes", o->file_bytes);
	jsw_u64(&limits, "body_bytes", o->body_bytes);
	if (w.err == ERR_OK)
		w.err = limits.err;
	jsw_put(&w, "limits", jsw_take(&limits));
	for (i = 0; w.err == ERR_OK && i < o->channels; i++)
		jsw_push(&w, list, json_string(o->channel[i]));
	jsw_put(&w, "channels", list);
	return jsw_end(&w, out);
}

static void
fail(struct js *r, enum err e)
{
	if (r->err == ERR_OK)
		r->err = e;
}

static void
take_limits(struct js *r, struct api_office *o)
{
	struct js in = js_of(js_member(r, "limits", JSON_OBJECT));

	js_u64(&in, "text_chars", &o->text_chars);
	js_u64(&in, "file_bytes", &o->file_bytes);
	js_u64(&in, "body_bytes", &o->body_bytes);
	fail(r, in.err);
}

static void
take_channels(struct js *r, struct api_office *o)
{
	const json_t *list = js_member(r, "channels", JSON_ARRAY);
	size_t i, n = json_array_size(list);
	const char *name;

	if (n > ROSTER_CHANNELS)
		fail(r, ERR_RANGE);
	for (i = 0; r->err == ERR_OK && i < n; i++) {
		name = json_string_value(json_array_get(list, i));
		if (name == NULL || !roster_name_valid(name,
			ROSTER_CHANNEL_MAX))
			fail(r, ERR_FORMAT);
		else
			memcpy(o->channel[o->channels++], name,
			    strlen(name) + 1);
	}
}

enum err
api_office_decode(struct bytes body, struct api_office *out)
{
	struct api_office o;
	json_t *root;
	struct js r;
	enum err e;

	memset(out, 0, sizeof(*out));
	memset(&o, 0, sizeof(o));
	if (body.n > API_BODY_MAX)
		return ERR_RANGE;
	e = js_read(body, VALUES_MAX, &root);
	if (e != ERR_OK)
		return e;
	r = js_of(root);
	js_text(&r, "origin", o.origin, sizeof(o.origin));
	js_u64(&r, "epoch", &o.epoch);
	js_u64(&r, "epoch_seconds", &o.epoch_seconds);
	js_i64(&r, "unix_time", &o.unix_time);
	js_text(&r, "log", o.log, sizeof(o.log));
	js_u64(&r, "roster", &o.roster);
	js_text(&r, "label", o.label, sizeof(o.label));
	js_text(&r, "role", o.role, sizeof(o.role));
	take_limits(&r, &o);
	take_channels(&r, &o);
	if (r.err == ERR_OK && (!line_origin_valid(o.origin) ||
	    !roster_name_valid(o.label, ROSTER_LABEL_MAX) ||
	    o.epoch_seconds == 0 || !log_known(o.log)))
		r.err = ERR_FORMAT;
	json_decref(root);
	if (r.err == ERR_OK)
		*out = o;
	return r.err;
}
