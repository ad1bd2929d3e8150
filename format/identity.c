/*
 * An identity object: what reporters say of themselves, sealed apart.
 *
 *	peluit		"identity/v1"
 *	origin case
 *	fields		as in a manifest
 *
 * padded with spaces like a manifest.
 */
#include <stdlib.h>
#include <string.h>

#include "manifest.h"
#include "manifest_parts.h"

enum err
identity_encode(const char *origin, const uint8_t case_id[static ID_LEN],
    const struct manifest_field *field, size_t fields, struct buf *out)
{
	struct manifest *again;
	size_t from = out->len;
	struct jsw w;
	enum err e;

	if (fields > MANIFEST_FIELDS)
		return ERR_RANGE;
	w = jsw_new();
	jsw_text(&w, "peluit", "identity/v1");
	jsw_text(&w, "origin", origin);
	jsw_hex(&w, "case", case_id, ID_LEN);
	manifest_put_fields(&w, field, fields);
	e = jsw_end(&w, out);
	if (e == ERR_OK)
		e = manifest_pad(out, from);
	if (e != ERR_OK)
		return e;
	again = malloc(sizeof(*again));
	if (again == NULL)
		return ERR_SYS;
	e = identity_decode((struct bytes){ out->data + from,
	    out->len - from }, again);
	manifest_done(again);
	free(again);
	return e;
}

enum err
identity_decode(struct bytes text, struct manifest *out)
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
	manifest_take_head(&r, "identity/v1", out);
	manifest_take_fields(&r, out);
	json_decref(root);
	if (r.err == ERR_OK) {
		out->text = calloc(1, 1);
		if (out->text == NULL)
			r.err = ERR_SYS;
	}
	if (r.err != ERR_OK)
		manifest_done(out);
	return r.err;
}
