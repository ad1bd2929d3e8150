/*
 * Errors (RFC 9457):
 *
 *	{type: "about:blank", title, status, code, detail, skew?}
 */
#include <string.h>

#include "api.h"
#include "js.h"

#define VALUES_MAX	64

enum err
api_problem_encode(const struct api_problem *p, struct buf *out)
{
	struct jsw w = jsw_new();

	jsw_text(&w, "type", "about:blank");
	jsw_text(&w, "title", p->title);
	jsw_i64(&w, "status", p->status);
	jsw_text(&w, "code", p->code);
	jsw_text(&w, "detail", p->detail);
	if (p->has_skew)
		jsw_i64(&w, "skew", p->skew);
	return jsw_end(&w, out);
}

enum err
api_problem_decode(struct bytes body, struct api_problem *out)
{
	struct api_problem p;
	int64_t status;
	json_t *root;
	struct js r;
	enum err e;

	memset(out, 0, sizeof(*out));
	memset(&p, 0, sizeof(p));
	if (body.n > API_BODY_MAX)
		return ERR_RANGE;
	e = js_read(body, VALUES_MAX, &root);
	if (e != ERR_OK)
		return e;
	r = js_of(root);
	js_text(&r, "title", p.title, sizeof(p.title));
	js_i64(&r, "status", &status);
	js_text(&r, "code", p.code, sizeof(p.code));
	if (js_has(&r, "detail"))
		js_text(&r, "detail", p.detail, sizeof(p.detail));
	p.has_skew = js_has(&r, "skew");
	if (p.has_skew)
		js_i64(&r, "skew", &p.skew);
	json_decref(root);
	if (r.err == ERR_OK && (status < 100 || status > 599))
		r.err = ERR_RANGE;
	if (r.err == ERR_OK) {
		p.status = (int)status;
		*out = p;
	}
	return r.err;
}
