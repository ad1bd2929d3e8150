/*
 * What auditors ask of the API.
 *
 *	GET /v1/audit/inventory		{"commitments":[HEX, ...],"more":BOOL,
 *					 "after":HEX}
 *	POST /v1/audit/cosignature	{"size":N}
 */
#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "js.h"

#define VALUES_MAX	(API_INVENTORY_MAX + 16)

static json_t *
hex_json(const uint8_t *p, size_t n)
{
	char text[HEX_LEN(COMMITMENT_LEN) + 1];

	hex_encode(p, n, text);
	return json_string(text);
}

enum err
api_inventory_encode(const struct api_inventory *i, struct buf *out)
{
	struct jsw w = jsw_new();
	json_t *list = json_array();
	size_t n;

	if (i->commitments > API_INVENTORY_MAX)
		w.err = ERR_RANGE;
	for (n = 0; w.err == ERR_OK && n < i->commitments; n++)
		jsw_push(&w, list, hex_json(i->commitment[n],
		    COMMITMENT_LEN));
	jsw_put(&w, "commitments", list);
	jsw_put(&w, "more", json_boolean(i->more));
	jsw_hex(&w, "after", i->after, sizeof(i->after));
	return jsw_end(&w, out);
}

static enum err
take_commitments(const json_t *list, struct api_inventory *out)
{
	size_t n = json_array_size(list), k;
	const json_t *v;
	enum err e;

	if (n > API_INVENTORY_MAX)
		return ERR_RANGE;
	out->commitment = calloc(n + 1, sizeof(*out->commitment));
	if (out->commitment == NULL)
		return ERR_SYS;
	for (k = 0; k < n; k++) {
		v = json_array_get(list, k);
		if (!json_is_string(v))
			return ERR_FORMAT;
		e = hex_decode((struct bytes){ json_string_value(v),
		    json_string_length(v) }, out->commitment[k],
		    COMMITMENT_LEN);
		if (e != ERR_OK)
			return e;
	}
	out->commitments = n;
	return ERR_OK;
}

enum err
api_inventory_decode(struct bytes body, struct api_inventory *out)
{
	const json_t *list, *more;
	json_t *root;
	struct js r;
	enum err e;

	memset(out, 0, sizeof(*out));
	if (body.n > API_BODY_MAX)
		return ERR_RANGE;
	if ((e = js_read(body, VALUES_MAX, &root)) != ERR_OK)
		return e;
	r = js_of(root);
	list = js_member(&r, "commitments", JSON_ARRAY);
	more = json_object_get(root, "more");
	js_hex(&r, "after", out->after, sizeof(out->after));
	e = r.err;
	if (e == ERR_OK && !json_is_boolean(more))
		e = ERR_FORMAT;
	if (e == ERR_OK)
		e = take_commitments(list, out);
	if (e == ERR_OK)
		out->more = json_is_true(more);
	json_decref(root);
	if (e != ERR_OK)
		api_inventory_done(out);
	return e;
}

void
api_inventory_done(struct api_inventory *i)
{
	free(i->commitment);
	memset(i, 0, sizeof(*i));
}

enum err
api_size_encode(uint64_t size, struct buf *out)
{
	struct jsw w = jsw_new();

	jsw_u64(&w, "size", size);
	return jsw_end(&w, out);
}

enum err
api_size_decode(struct bytes body, uint64_t *size)
{
	json_t *root;
	struct js r;
	enum err e;

	*size = 0;
	if ((e = js_read(body, 16, &root)) != ERR_OK)
		return e;
	r = js_of(root);
	js_u64(&r, "size", size);
	e = r.err;
	json_decref(root);
	return e;
}
