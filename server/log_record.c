/* The public log in the store. */
#include <stdlib.h>
#include <string.h>

#include "checkpoint.h"
#include "log_record.h"
#include "proof.h"
#include "records_internal.h"

enum kind {
	KIND_EPOCH = 'e', KIND_ROOTS = 'r', KIND_DISCLOSURE = 'd',
	KIND_KEYS = 'k', KIND_LOSS = 'l'
};

static struct place
at_log(const struct records *r, enum kind kind, uint64_t number)
{

	return (place_log(r, (char)kind, number));
}

enum err
log_epoch_get(const struct records *r, struct store_txn *t, uint64_t epoch,
    struct log_epoch *out)
{
	struct place at = at_log(r, KIND_EPOCH, epoch);
	const uint8_t *p;
	struct buf b;
	struct cur c;
	size_t n;
	enum err e;

	memset(out, 0, sizeof(*out));
	buf_init(&out->checkpoint, NOTE_MAX);
	buf_init(&b, RECORD_MAX);
	if ((e = record_get(r, t, DB_LOG, &at, &b)) != ERR_OK)
		goto out;
	c = record_cur((struct bytes){ b.data, b.len });
	out->epoch = cur_u64(&c);
	cur_copy(&c, out->commitment, sizeof(out->commitment));
	cur_copy(&c, out->root.bytes, SHA256_LEN);
	p = cur_blob(&c, &n);
	buf_put(&out->checkpoint, p, n);
	if ((e = cur_end(&c)) == ERR_OK)
		e = buf_err(&out->checkpoint);
out:
	buf_done(&b);
	if (e != ERR_OK)
		log_epoch_done(out);
	return (e);
}

enum err
log_epoch_put(const struct records *r, struct store_txn *t,
    const struct log_epoch *le)
{
	struct place at = at_log(r, KIND_EPOCH, le->epoch);
	struct buf b;
	enum err e;

	/* An epoch without its checkpoint would stand for one with it. */
	if ((e = buf_err(&le->checkpoint)) != ERR_OK)
		return (e);
	record_begin(&b);
	buf_u64(&b, le->epoch);
	buf_put(&b, le->commitment, sizeof(le->commitment));
	buf_put(&b, le->root.bytes, SHA256_LEN);
	buf_blob(&b, le->checkpoint.data, le->checkpoint.len);
	e = record_put(r, t, DB_LOG, &at, &b);
	buf_done(&b);
	return (e);
}

void
log_epoch_done(struct log_epoch *e)
{

	buf_done(&e->checkpoint);
}

void
log_leaves(const struct log_epoch *e, struct merkle_hash out[static LEAVES])
{

	for (size_t i = 0; i < LEAVES; i++)
		merkle_leaf(e->commitment[i], COMMITMENT_LEN, &out[i]);
}

enum err
log_roots_get(const struct records *r, struct store_txn *t, uint64_t number,
    struct merkle_hash root[static TILE_WIDTH], size_t *n)
{
	struct place at = at_log(r, KIND_ROOTS, number);
	struct buf b;
	struct cur c;
	enum err e;

	*n = 0;
	buf_init(&b, RECORD_MAX);
	e = record_get(r, t, DB_LOG, &at, &b);
	if (e == ERR_OK) {
		c = record_cur((struct bytes){ b.data, b.len });
		while (c.left >= SHA256_LEN && *n < TILE_WIDTH)
			cur_copy(&c, root[(*n)++].bytes, SHA256_LEN);
		e = cur_end(&c);
	}
	buf_done(&b);
	return (e == ERR_NOTFOUND ? ERR_OK : e);
}

enum err
log_roots_add(const struct records *r, struct store_txn *t, uint64_t index,
    const struct merkle_hash *h)
{
	struct place at = at_log(r, KIND_ROOTS, index / TILE_WIDTH);
	struct merkle_hash root[TILE_WIDTH];
	struct buf b;
	size_t n;
	enum err e;

	e = log_roots_get(r, t, index / TILE_WIDTH, root, &n);
	if (e != ERR_OK)
		return (e);
	if (n != index % TILE_WIDTH)
		return (ERR_CONFLICT);
	root[n++] = *h;
	record_begin(&b);
	for (size_t i = 0; i < n; i++)
		buf_put(&b, root[i].bytes, SHA256_LEN);
	e = record_put(r, t, DB_LOG, &at, &b);
	buf_done(&b);
	return (e);
}

enum err
log_keys_get(const struct records *r, struct store_txn *t, uint64_t number,
    struct opening *out)
{
	struct place at = at_log(r, KIND_KEYS, number);
	struct buf b;
	struct cur c;
	enum err e;

	memset(out, 0, sizeof(*out));
	buf_init(&b, RECORD_MAX);
	if ((e = record_get(r, t, DB_LOG, &at, &b)) == ERR_OK) {
		c = record_cur((struct bytes){ b.data, b.len });
		record_opening_get(&c, out);
		e = cur_end(&c);
	}
	buf_done(&b);
	return (e);
}

enum err
log_keys_put(const struct records *r, struct store_txn *t, uint64_t number,
    const struct opening *o)
{
	struct place at = at_log(r, KIND_KEYS, number);
	struct buf b;
	enum err e;

	record_begin(&b);
	record_opening_put(&b, o);
	e = record_put(r, t, DB_LOG, &at, &b);
	buf_done(&b);
	return (e);
}

enum err
log_loss_get(const struct records *r, struct store_txn *t, uint64_t number,
    struct buf *text, struct opening *o)
{
	struct place at = at_log(r, KIND_LOSS, number);
	const uint8_t *p;
	struct buf b;
	struct cur c;
	size_t n;
	enum err e;

	memset(o, 0, sizeof(*o));
	buf_init(&b, RECORD_MAX);
	if ((e = record_get(r, t, DB_LOG, &at, &b)) == ERR_OK) {
		c = record_cur((struct bytes){ b.data, b.len });
		p = cur_blob(&c, &n);
		buf_put(text, p, n);
		record_opening_get(&c, o);
		if ((e = cur_end(&c)) == ERR_OK)
			e = buf_err(text);
	}
	buf_done(&b);
	return (e);
}

enum err
log_loss_put(const struct records *r, struct store_txn *t, uint64_t number,
    struct bytes text, const struct opening *o)
{
	struct place at = at_log(r, KIND_LOSS, number);
	struct buf b;
	enum err e;

	record_begin(&b);
	buf_blob(&b, text.p, text.n);
	record_opening_put(&b, o);
	e = record_put(r, t, DB_LOG, &at, &b);
	buf_done(&b);
	return (e);
}

enum err
log_disclosure_get(const struct records *r, struct store_txn *t,
    uint64_t epoch, struct buf *out)
{
	struct place at = at_log(r, KIND_DISCLOSURE, epoch);

	return (record_get(r, t, DB_LOG, &at, out));
}

enum err
log_disclosure_put(const struct records *r, struct store_txn *t,
    uint64_t epoch, struct bytes file)
{
	struct place at = at_log(r, KIND_DISCLOSURE, epoch);
	struct buf b;
	enum err e;

	buf_init(&b, RECORD_MAX);
	buf_put(&b, file.p, file.n);
	e = record_put(r, t, DB_LOG, &at, &b);
	buf_done(&b);
	return (e);
}

enum err
log_disclosure_drop(const struct records *r, struct store_txn *t,
    uint64_t epoch)
{
	struct place at = at_log(r, KIND_DISCLOSURE, epoch);
	enum err e = store_del(t, DB_LOG, at.key);

	return (e == ERR_NOTFOUND ? ERR_OK : e);
}

/* ---- tiles ---- */

/* Level 2 and up: each hash is the root of a whole tile below. */
static enum err
upper_tile(struct log_view *v, const struct tile_name *tn,
    struct merkle_hash *hash)
{
	struct merkle_hash *below = calloc(TILE_WIDTH, sizeof(*below));
	struct tile_name b = { false, tn->level - 1, 0, TILE_WIDTH };
	struct tile_source s;
	enum err e = below == NULL ? ERR_SYS : ERR_OK;

	log_tiles(v, &s);
	for (unsigned i = 0; i < tn->width && e == ERR_OK; i++) {
		b.number = tn->number * TILE_WIDTH + i;
		if ((e = s.read(s.arg, &b, below)) == ERR_OK)
			merkle_root(below, TILE_WIDTH, &hash[i]);
	}
	free(below);
	return (e);
}

static enum err
read_tile(void *arg, const struct tile_name *tn, struct merkle_hash *hash)
{
	struct log_view *v = arg;
	struct merkle_hash all[TILE_WIDTH];
	struct log_epoch *le;
	size_t n = 0;
	enum err e;

	if (tn->level > 1)
		return (upper_tile(v, tn, hash));
	if (tn->level == 1) {
		e = log_roots_get(v->r, v->t, tn->number, all, &n);
	} else {
		if ((le = calloc(1, sizeof(*le))) == NULL)
			return (ERR_SYS);
		e = log_epoch_get(v->r, v->t, v->epoch0 + tn->number, le);
		if (e == ERR_OK) {
			log_leaves(le, all);
			n = LEAVES;
			log_epoch_done(le);
		}
		free(le);
	}
	if (e == ERR_OK && n < tn->width)
		e = ERR_NOTFOUND;
	if (e == ERR_OK)
		memcpy(hash, all, tn->width * sizeof(*hash));
	return (e);
}

void
log_tiles(struct log_view *v, struct tile_source *out)
{

	out->read = read_tile;
	out->arg = v;
}

enum err
log_proof(struct log_view *v, const struct log_epoch *head, uint64_t index,
    struct bytes opening, struct buf *out)
{
	uint64_t size = (head->epoch + 1 - v->epoch0) * LEAVES;
	struct merkle_hash path[MERKLE_PROOF_MAX];
	struct proof *p = calloc(1, sizeof(*p));
	struct tile_source s;
	size_t n = 0;
	enum err e = ERR_RANGE;

	if (p == NULL)
		return (ERR_SYS);
	if (opening.n > sizeof(p->extra) || index >= size)
		goto out;
	log_tiles(v, &s);
	if ((e = tile_inclusion(&s, index, size, path, &n)) != ERR_OK)
		goto out;
	e = ERR_RANGE;
	if (n > PROOF_HASHES_MAX)
		goto out;
	p->has_extra = opening.p != NULL;
	if (p->has_extra)
		memcpy(p->extra, opening.p, opening.n);
	p->extra_len = opening.n;
	p->index = index;
	memcpy(p->hash, path, n * sizeof(path[0]));
	p->hashes = n;
	p->note = (struct bytes){ head->checkpoint.data,
	    head->checkpoint.len };
	e = proof_encode(p, out);
out:
	free(p);
	return (e);
}
