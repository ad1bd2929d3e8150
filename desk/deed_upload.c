/*
 * A reply is one payload under two headers of one file key: `h` for the
 * source, `t` for the case's recipients.  In the outbox REQUEST.age is `t`
 * and the payload (this desk can read again what it wrote), REQUEST.h is `h`.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "deed_upload.h"
#include "home.h"
#include "sealed.h"

#define OUTBOX_MAX	(2u * MANIFEST_MAX + AGE_HEADER_MAX)
#define OCTETS		"application/octet-stream"

/* ---- sealing ---- */

/* Appends a block's own bytes; the fill behind the payload is cut later. */
static void
keep(struct buf *payload, struct sealed *block)
{
	buf_put(payload, sealed_bytes(block), sealed_len(block));
	sealed_free(block);
}

static enum err
seal_text(struct object_sealer *o, struct bytes text, struct buf *payload)
{
	struct sealed *block;
	size_t taken;
	enum err e;

	while (text.n > 0) {
		if ((e = object_sealer_put(o, text, &taken, &block)) != ERR_OK)
			return e;
		if (block != NULL)
			keep(payload, block);
		text.p = (const uint8_t *)text.p + taken;
		text.n -= taken;
	}
	do {
		if ((e = object_sealer_end(o, &block)) != ERR_OK)
			return e;
		if (block != NULL)
			keep(payload, block);
	} while (block != NULL);
	return buf_err(payload);
}

/* Both headers and the payload, and the root over them. */
struct letter {
	struct buf h, t, payload;
	struct object_facts facts;
};

static void
letter_done(struct letter *l)
{
	buf_done(&l->h);
	buf_done(&l->t);
	buf_done(&l->payload);
}

static enum err
letter_seal(struct letter *l, struct bytes text,
    const struct manifest *report)
{
	struct object_sealer *o = NULL;
	struct bytes header;
	enum err e;

	if ((e = object_sealer_new(report->recipient, report->recipients,
	    &o)) != ERR_OK)
		return e;
	header = object_sealer_header(o);
	buf_put(&l->t, header.p, header.n);
	if ((e = object_sealer_header_for(o, &report->source, 1, &l->h)) ==
	    ERR_OK)
		e = seal_text(o, text, &l->payload);
	if (e == ERR_OK)
		e = buf_err(&l->t);
	l->facts = object_sealer_facts(o);
	object_sealer_free(o);
	if (e == ERR_OK && l->facts.payload > l->payload.len)
		e = ERR_RANGE;
	return e;
}

static enum err
letter_root(const struct letter *l, struct merkle_hash *root)
{
	struct object_entry entry[2];

	blake2b(NULL, l->h.data, l->h.len, entry[0].header);
	blake2b(NULL, l->t.data, l->t.len, entry[1].header);
	memcpy(entry[0].payload, l->facts.digest, BLAKE2B_LEN);
	memcpy(entry[1].payload, l->facts.digest, BLAKE2B_LEN);
	return objects_root(entry, 2, root);
}

static enum err
letter_write(const struct desk *d, const struct letter *l,
    const uint8_t request[static ID_LEN])
{
	char *dir = home_path(d, HOME_OUTBOX);
	char *age = deed_outbox(d, request, "age");
	char *h = deed_outbox(d, request, "h");
	struct buf file;
	enum err e;

	buf_init(&file, OUTBOX_MAX);
	buf_put(&file, l->t.data, l->t.len);
	buf_put(&file, l->payload.data, (size_t)l->facts.payload);
	if ((e = buf_err(&file)) == ERR_OK &&
	    (e = dir_make_all(dir, 0700)) == ERR_OK &&
	    (e = file_write(h, l->h.data, l->h.len, 0600)) == ERR_OK)
		e = file_write(age, file.data, file.len, 0600);
	buf_done(&file);
	free(dir);
	free(age);
	free(h);
	return e;
}

enum peluit_exit
deed_seal(struct desk *d, struct deed *deed, const struct manifest *m,
    const struct manifest *report)
{
	struct letter l;
	struct buf text;
	enum peluit_exit x = DESK_DONE;
	enum err e;

	memset(&l, 0, sizeof(l));
	buf_init(&l.h, AGE_HEADER_MAX);
	buf_init(&l.t, AGE_HEADER_MAX);
	buf_init(&l.payload, OUTBOX_MAX);
	buf_init(&text, MANIFEST_MAX);
	if ((e = manifest_encode(m, &text)) != ERR_OK ||
	    (e = letter_seal(&l, (struct bytes){ text.data, text.len },
	    report)) != ERR_OK ||
	    (e = letter_root(&l, &deed->action.objects)) != ERR_OK) {
		x = peluit_err(d, e, W_SEAL_FAILED, err_text(e));
	} else if ((e = letter_write(d, &l, deed->action.request)) !=
	    ERR_OK) {
		x = peluit_err(d, e, W_FILE_WRITE, HOME_OUTBOX);
	} else {
		deed->action.has_objects = true;
	}
	letter_done(&l);
	buf_done(&text);
	return x;
}

/* ---- sending up ---- */

static enum err
object_new(struct deed_way *w, uint32_t blocks, uint8_t object[static ID_LEN])
{
	struct client_request q = { .method = "POST", .path = "/v1/objects",
	    .query = "?", .content_type = "application/json" };
	struct buf body;
	enum err e;

	buf_init(&body, API_BODY_MAX);
	if ((e = api_blocks_encode(blocks, &body)) == ERR_OK) {
		q.body = (struct bytes){ body.data, body.len };
		e = client_call(w->client, &q, &w->answer);
	}
	buf_done(&body);
	if (e != ERR_OK)
		return e;
	return api_id_decode((struct bytes){ w->answer.body.data,
	    w->answer.body.len }, object);
}

static enum err
put(struct deed_way *w, const uint8_t object[static ID_LEN], const char *part,
    struct bytes body)
{
	char path[HEX_LEN(ID_LEN) + 48], hex[HEX_LEN(ID_LEN) + 1];
	struct client_request q = { .method = "PUT", .path = path,
	    .query = "?", .content_type = OCTETS, .body = body };

	hex_encode(object, ID_LEN, hex);
	(void)snprintf(path, sizeof(path), "/v1/objects/%s/%s", hex, part);
	return client_call(w->client, &q, &w->answer);
}

static enum err
put_all(struct deed_way *w, const uint8_t object[static ID_LEN],
    struct bytes h, struct bytes file)
{
	const uint8_t *p = file.p;
	size_t header = 0, left, n, k;
	char part[24];
	enum err e;

	if ((e = age_header_len(p, file.n, &header)) != ERR_OK)
		return e;
	if ((e = put(w, object, "h", h)) != ERR_OK ||
	    (e = put(w, object, "t", (struct bytes){ p, header })) != ERR_OK)
		return e;
	for (k = 0, left = file.n - header; left > 0; k++, left -= n) {
		n = left < BLOCK_LEN ? left : BLOCK_LEN;
		(void)snprintf(part, sizeof(part), "%zu", k);
		if ((e = put(w, object, part, (struct bytes){
		    p + file.n - left, n })) != ERR_OK)
			return e;
	}
	return ERR_OK;
}

enum err
deed_upload(struct desk *d, struct deed_way *w,
    const uint8_t request[static ID_LEN], uint8_t object[static ID_LEN])
{
	char *age = deed_outbox(d, request, "age");
	char *h_path = deed_outbox(d, request, "h");
	uint8_t *file = NULL, *h = NULL;
	size_t len = 0, h_len = 0, header = 0;
	uint64_t blocks;
	enum err e;

	if ((e = file_read(age, OUTBOX_MAX, &file, &len)) != ERR_OK ||
	    (e = file_read(h_path, AGE_HEADER_MAX, &h, &h_len)) != ERR_OK ||
	    (e = age_header_len(file, len, &header)) != ERR_OK)
		goto out;
	blocks = (len - header + BLOCK_LEN - 1) / BLOCK_LEN;
	if ((e = object_new(w, (uint32_t)blocks, object)) == ERR_OK)
		e = put_all(w, object, (struct bytes){ h, h_len },
		    (struct bytes){ file, len });
out:
	free(file);
	free(h);
	free(age);
	free(h_path);
	return e;
}
