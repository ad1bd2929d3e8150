/*
 * POST /v1/cases/CASE/actions:
 *
 *	{action: TEXT, sig: BASE64, object?: HEX}
 *
 * and its answer {epoch, leaf, commitment: HEX}.
 */
#include <string.h>

#include "api.h"
#include "js.h"

#define VALUES_MAX	64

enum err
api_action_encode(const struct api_action *a, struct buf *out)
{
	char sig[BASE64_LEN(SIGN_LEN) + 1];
	struct jsw w;

	if (a->len > ACTION_MAX)
		return ERR_RANGE;
	w = jsw_new();
	jsw_bytes(&w, "action", (struct bytes){ a->text, a->len });
	base64_encode(a->sig, SIGN_LEN, BASE64_PADDED, sig);
	jsw_text(&w, "sig", sig);
	if (a->has_object)
		jsw_hex(&w, "object", a->object, ID_LEN);
	return jsw_end(&w, out);
}

static void
take_text(struct js *r, struct api_action *a)
{
	const json_t *v = js_member(r, "action", JSON_STRING);

	if (v == NULL)
		return;
	if (json_string_length(v) > ACTION_MAX) {
		r->err = ERR_RANGE;
		return;
	}
	a->len = json_string_length(v);
	memcpy(a->text, json_string_value(v), a->len);
}

static void
take_sig(struct js *r, struct api_action *a)
{
	char text[BASE64_LEN(SIGN_LEN) + 1];
	size_t n;

	js_text(r, "sig", text, sizeof(text));
	if (r->err == ERR_OK && (base64_decode((struct bytes){ text,
	    strlen(text) }, BASE64_PADDED, a->sig, SIGN_LEN, &n) != ERR_OK ||
	    n != SIGN_LEN))
		r->err = ERR_FORMAT;
}

enum err
api_action_decode(struct bytes body, struct api_action *out)
{
	struct api_action a;
	json_t *root;
	struct js r;
	enum err e;

	memset(out, 0, sizeof(*out));
	memset(&a, 0, sizeof(a));
	if (body.n > API_BODY_MAX)
		return ERR_RANGE;
	e = js_read(body, VALUES_MAX, &root);
	if (e != ERR_OK)
		return e;
	r = js_of(root);
	take_text(&r, &a);
	take_sig(&r, &a);
	a.has_object = js_has(&r, "object");
	if (a.has_object)
		js_hex(&r, "object", a.object, ID_LEN);
	json_decref(root);
	if (r.err == ERR_OK)
		*out = a;
	return r.err;
}

enum err
api_taken_encode(const struct api_taken *t, struct buf *out)
{
	struct jsw w = jsw_new();

	jsw_u64(&w, "epoch", t->epoch);
	jsw_u64(&w, "leaf", t->leaf);
	jsw_hex(&w, "commitment", t->commitment, COMMITMENT_LEN);
	return jsw_end(&w, out);
}

enum err
api_taken_decode(struct bytes body, struct api_taken *out)
{
	json_t *root;
	struct js r;
	enum err e;

	memset(out, 0, sizeof(*out));
	if (body.n > API_BODY_MAX)
		return ERR_RANGE;
	e = js_read(body, VALUES_MAX, &root);
	if (e != ERR_OK)
		return e;
	r = js_of(root);
	js_u64(&r, "epoch", &out->epoch);
	js_u64(&r, "leaf", &out->leaf);
	js_hex(&r, "commitment", out->commitment, COMMITMENT_LEN);
	json_decref(root);
	if (r.err != ERR_OK)
		memset(out, 0, sizeof(*out));
	return r.err;
}
