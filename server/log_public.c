/* The public log by path. */
#include <stdlib.h>
#include <string.h>

#include "log_public.h"

enum err
log_closed(const struct records *r, struct store_txn *t, uint64_t epoch0,
    uint64_t *closed)
{
	struct install_record i;
	enum err e = install_get(r, t, &i);

	*closed = e == ERR_OK && i.next_close > epoch0 ?
	    i.next_close - epoch0 : 0;
	return (e);
}

/* "/NAME/N" with N without leading zeros, and what follows it. */
static bool
numbered(const char *path, const char *name, uint64_t *n, const char **rest)
{
	size_t len = strlen(name);

	if (strncmp(path, name, len) != 0 || path[len] < '0' ||
	    path[len] > '9' || (path[len] == '0' && path[len + 1] >= '0' &&
	    path[len + 1] <= '9'))
		return (false);
	*n = 0;
	for (*rest = path + len; **rest >= '0' && **rest <= '9'; ++*rest) {
		if (*rest - path - (ptrdiff_t)len > 17)
			return (false);
		*n = *n * 10 + (uint64_t)(**rest - '0');
	}
	return (true);
}

static enum err
epoch_of(struct log_public *p, uint64_t index, struct log_epoch **out)
{
	enum err e;

	if ((*out = calloc(1, sizeof(**out))) == NULL)
		return (ERR_SYS);
	e = log_epoch_get(p->v.r, p->v.t, p->v.epoch0 + index, *out);
	if (e != ERR_OK) {
		free(*out);
		*out = NULL;
	}
	return (e);
}

static void
epoch_free(struct log_epoch *le)
{

	if (le != NULL)
		log_epoch_done(le);
	free(le);
}

static enum err
checkpoint(struct log_public *p, struct buf *out)
{
	struct log_epoch *le;
	enum err e;

	if (p->closed == 0)
		return (ERR_NOTFOUND);
	if ((e = epoch_of(p, p->closed - 1, &le)) != ERR_OK)
		return (e);
	buf_put(out, le->checkpoint.data, le->checkpoint.len);
	if (p->cosigned != NULL)
		buf_put(out, p->cosigned->data, p->cosigned->len);
	epoch_free(le);
	return (buf_err(out));
}

/* A tile exists as far as the published tree has hashes for it. */
static enum err
tile(struct log_public *p, const struct tile_name *tn, struct buf *out)
{
	struct merkle_hash *hash;
	struct tile_source s;
	struct log_epoch *le;
	uint64_t have = p->closed * LEAVES;
	enum err e;

	for (unsigned l = 0; l < tn->level; l++)
		have /= TILE_WIDTH;
	if (tn->number > have / TILE_WIDTH ||
	    tn->number * TILE_WIDTH + tn->width > have)
		return (ERR_NOTFOUND);
	if (tn->entries) {
		if (tn->width != TILE_WIDTH)
			return (ERR_NOTFOUND);
		if ((e = epoch_of(p, tn->number, &le)) != ERR_OK)
			return (e);
		bundle_encode((const uint8_t (*)[SHA256_LEN])le->commitment,
		    LEAVES, out);
		epoch_free(le);
		return (buf_err(out));
	}
	if ((hash = calloc(TILE_WIDTH, sizeof(*hash))) == NULL)
		return (ERR_SYS);
	log_tiles(&p->v, &s);
	e = s.read(s.arg, tn, hash);
	if (e == ERR_OK) {
		buf_put(out, hash, tn->width * sizeof(*hash));
		e = buf_err(out);
	}
	free(hash);
	return (e);
}

static enum err
roster(struct log_public *p, uint64_t n, struct buf *out)
{

	if (n == 0 || n > p->in->rosters)
		return (ERR_NOTFOUND);
	buf_put(out, p->in->roster[n - 1].note, p->in->roster[n - 1].note_len);
	return (buf_err(out));
}

/* The proof of an event that everybody may see, opening in its extra. */
static enum err
prove(struct log_public *p, const struct opening *o, struct buf *out)
{
	uint8_t text[NONCE_LEN + EVENT_MAX];
	struct log_epoch *head;
	enum err e;

	if (p->closed == 0 || o->epoch >= p->v.epoch0 + p->closed)
		return (ERR_NOTFOUND);
	if ((e = epoch_of(p, p->closed - 1, &head)) != ERR_OK)
		return (e);
	memcpy(text, o->nonce, NONCE_LEN);
	memcpy(text + NONCE_LEN, o->event, o->len);
	e = log_proof(&p->v, head, (o->epoch - p->v.epoch0) * LEAVES +
	    o->leaf, (struct bytes){ text, NONCE_LEN + (size_t)o->len }, out);
	epoch_free(head);
	return (e);
}

static enum err
roster_proof(struct log_public *p, uint64_t n, struct buf *out)
{
	struct opening o;
	enum err e;

	if (n == 0 || n > p->in->rosters)
		return (ERR_NOTFOUND);
	e = log_keys_get(p->v.r, p->v.t, n, &o);
	return (e == ERR_OK ? prove(p, &o, out) : e);
}

/* A notice of loss, or with ${proof} the proof of its event. */
static enum err
loss(struct log_public *p, uint64_t n, bool proof, struct buf *out)
{
	struct opening o;
	struct buf text;
	enum err e;

	buf_init(&text, RECORD_MAX);
	e = log_loss_get(p->v.r, p->v.t, n, &text, &o);
	if (e == ERR_OK && proof)
		e = prove(p, &o, out);
	else if (e == ERR_OK)
		buf_put(out, text.data, text.len);
	buf_done(&text);
	return (e == ERR_OK ? buf_err(out) : e);
}

enum err
log_public(struct log_public *p, const char *path, struct buf *out)
{
	struct tile_name tn;
	const char *rest;
	uint64_t n;

	if (strcmp(path, "/checkpoint") == 0)
		return (checkpoint(p, out));
	if (strncmp(path, "/tile/", 6) == 0)
		return (tile_path_parse(path, &tn) != ERR_OK ? ERR_NOTFOUND :
		    tile(p, &tn, out));
	if (numbered(path, "/roster/", &n, &rest)) {
		if (*rest == '\0')
			return (roster(p, n, out));
		/* a mirror of files has it under the second name */
		if (strcmp(rest, "/proof") == 0 ||
		    strcmp(rest, ".proof") == 0)
			return (roster_proof(p, n, out));
	}
	if (numbered(path, "/loss/", &n, &rest) && (*rest == '\0' ||
	    strcmp(rest, "/proof") == 0 || strcmp(rest, ".proof") == 0))
		return (loss(p, n, *rest != '\0', out));
	if (numbered(path, "/disclosure/", &n, &rest) && *rest == '\0' &&
	    n < p->v.epoch0 + p->closed)
		return (log_disclosure_get(p->v.r, p->v.t, n, out));
	return (ERR_NOTFOUND);
}
