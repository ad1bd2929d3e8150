/* POST /v1/objects: {blocks: K}, answered by {id: HEX}. */
#include <string.h>

#include "api.h"
#include "js.h"

#define VALUES_MAX	64

enum err
api_blocks_encode(uint32_t blocks, struct buf *out)
{
	struct jsw w = jsw_new();

	jsw_u64(&w, "blocks", blocks);
	return jsw_end(&w, out);
}

enum err
api_blocks_decode(struct bytes body, uint32_t *blocks)
{
	uint64_t n;
	json_t *root;
	struct js r;
	enum err e;

	*blocks = 0;
	if (body.n > API_BODY_MAX)
		return ERR_RANGE;
	e = js_read(body, VALUES_MAX, &root);
	if (e != ERR_OK)
		return e;
	r = js_of(root);
	js_u64(&r, "blocks", &n);
	json_decref(root);
	if (r.err == ERR_OK && (n == 0 || n > UINT32_MAX))
		r.err = ERR_RANGE;
	if (r.err == ERR_OK)
		*blocks = (uint32_t)n;
	return r.err;
}

enum err
api_id_encode(const uint8_t id[static ID_LEN], struct buf *out)
{
	struct jsw w = jsw_new();

	jsw_hex(&w, "id", id, ID_LEN);
	return jsw_end(&w, out);
}

enum err
api_id_decode(struct bytes body, uint8_t id[static ID_LEN])
{
	json_t *root;
	struct js r;
	enum err e;

	memset(id, 0, ID_LEN);
	if (body.n > API_BODY_MAX)
		return ERR_RANGE;
	e = js_read(body, VALUES_MAX, &root);
	if (e != ERR_OK)
		return e;
	r = js_of(root);
	js_hex(&r, "id", id, ID_LEN);
	json_decref(root);
	return r.err;
}
