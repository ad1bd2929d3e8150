/* Transactions of the store: read, put, delete. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "crypto.h"
#include "fault.h"
#include "store_internal.h"

/*
 * The kernel maps neighbours along with a page that is touched: what a value
 * costs at least, and how much is mapped before it is given back.
 */
#define TOUCH_LEN	((size_t)256 * 1024)
#define TOUCHED_MAX	((size_t)4 * 1024 * 1024)

static const uint8_t store_nudge_key[STORE_KEY_LEN];	/* all zero */

/* ---- keys ---- */

static bool
is_nudge(enum store_db db, const void *key)
{
	return db == DB_META && memcmp(key, store_nudge_key,
	    STORE_KEY_LEN) == 0;
}

/* The key as LMDB wants it, which never writes to it. */
static MDB_val
key_val(const uint8_t key[static STORE_KEY_LEN], uint8_t copy[STORE_KEY_LEN])
{
	memcpy(copy, key, STORE_KEY_LEN);
	return (MDB_val){ .mv_data = copy, .mv_size = STORE_KEY_LEN };
}

/* ---- transactions ---- */

enum err
store_begin(struct store *s, struct store_txn **out)
{
	struct store_txn *t;
	int dead, rc;

	*out = NULL;
	if ((t = calloc(1, sizeof(*t))) == NULL)
		return ERR_SYS;
	rc = mdb_txn_begin(s->env, NULL, MDB_RDONLY, &t->txn);
	if (rc == MDB_READERS_FULL && mdb_reader_check(s->env, &dead) == 0)
		rc = mdb_txn_begin(s->env, NULL, MDB_RDONLY, &t->txn);
	if (rc != 0) {
		free(t);
		return store_rc(rc);
	}
	t->s = s;
	*out = t;
	return ERR_OK;
}

void
store_end(struct store_txn *t)
{
	if (t == NULL)
		return;
	assert(!t->write);
	mdb_txn_abort(t->txn);
	if (t->touched >= TOUCHED_MAX / 8)
		store_unmap(t->s);
	free(t);
}

static void
touched(struct store_txn *t, size_t n)
{
	t->touched += n < TOUCH_LEN ? TOUCH_LEN : n;
	if (t->touched >= TOUCHED_MAX) {
		store_unmap(t->s);
		t->touched = TOUCHED_MAX / 4;
	}
}

enum err
store_get(struct store_txn *t, enum store_db db,
    const uint8_t key[static STORE_KEY_LEN], struct bytes *out)
{
	uint8_t copy[STORE_KEY_LEN];
	MDB_val k, v;
	size_t n;
	enum err e;

	assert((unsigned)db < STORE_DBS && !is_nudge(db, key));
	*out = (struct bytes){ .p = NULL, .n = 0 };
	k = key_val(key, copy);
	e = store_rc(mdb_get(t->txn, t->s->dbi[db], &k, &v));
	if (e == ERR_OK)
		e = store_file_value(t->s, &v, &n);
	if (e != ERR_OK)
		return e;
	*out = (struct bytes){ .p = v.mv_data, .n = n };
	touched(t, n);
	return ERR_OK;
}

enum err
store_each(struct store_txn *t, enum store_db db,
    enum err (*fn)(void *arg, const uint8_t *key, struct bytes value),
    void *arg)
{
	MDB_cursor *c;
	MDB_val k, v;
	size_t n;
	bool frozen;
	enum err e;
	int rc;

	assert((unsigned)db < STORE_DBS);
	if ((rc = mdb_cursor_open(t->txn, t->s->dbi[db], &c)) != 0)
		return store_rc(rc);
	frozen = t->frozen;
	t->frozen = true;
	e = ERR_OK;
	while (e == ERR_OK && (rc = mdb_cursor_get(c, &k, &v, MDB_NEXT)) == 0) {
		if (k.mv_size != STORE_KEY_LEN)
			e = ERR_FORMAT;
		else if (is_nudge(db, k.mv_data))
			continue;
		else
			e = store_file_value(t->s, &v, &n);
		if (e != ERR_OK)
			break;
		touched(t, n);
		e = fn(arg, k.mv_data,
		    (struct bytes){ .p = v.mv_data, .n = n });
	}
	t->frozen = frozen;
	mdb_cursor_close(c);
	if (e != ERR_OK || rc == MDB_NOTFOUND)
		return e;
	return store_rc(rc);
}

enum err
store_count(struct store_txn *t, enum store_db db, uint64_t *n)
{
	MDB_stat st;
	MDB_val v;
	int rc;

	assert((unsigned)db < STORE_DBS);
	*n = 0;
	if ((rc = mdb_stat(t->txn, t->s->dbi[db], &st)) != 0)
		return store_rc(rc);
	*n = st.ms_entries;
	if (db == DB_META && store_nudge_get(t->s, t->txn, &v) == ERR_OK)
		*n -= 1;
	return ERR_OK;
}

/* ---- writing, inside a job ---- */

static enum err
fail(struct store_txn *t, int rc)
{
	enum err e;

	e = store_rc(rc);
	/* That nothing is there to delete spoils nothing. */
	if (e != ERR_NOTFOUND && t->failed == ERR_OK)
		t->failed = e;
	return e;
}

static enum err
put(MDB_txn *txn, MDB_dbi dbi, MDB_val *k, const void *p, size_t n)
{
	MDB_val v;
	size_t len;
	int rc;

	/*
	 * LMDB keeps the memory of single pages for its next ones without
	 * clearing it: the unused middle of a live leaf page then holds what
	 * was a value, where no scrub comes.  It does not do so with longer
	 * runs, so every value takes two pages at least.
	 */
	len = n < VALUE_MIN ? VALUE_MIN : n;
	v = (MDB_val){ .mv_data = NULL, .mv_size = len };
	if ((rc = mdb_put(txn, dbi, k, &v, MDB_RESERVE)) != 0)
		return store_rc(rc);
	memcpy(v.mv_data, p, n);
	memset((uint8_t *)v.mv_data + n, 0, len - n);
	return ERR_OK;
}

enum err
store_put(struct store_txn *t, enum store_db db,
    const uint8_t key[static STORE_KEY_LEN], const struct sealed *v)
{
	uint8_t copy[STORE_KEY_LEN];
	MDB_val k, old;
	size_t n;
	enum err e;
	int rc;

	n = sealed_len(v);
	assert((unsigned)db < STORE_DBS && !is_nudge(db, key));
	assert(t->write && !t->frozen);
	assert(n % PAGE_LEN == PAGE_LEN - PAGE_HEAD);
	if ((e = fault_point("store.put")) != ERR_OK) {
		t->failed = e;
		return e;
	}
	k = key_val(key, copy);
	if ((rc = mdb_get(t->txn, t->s->dbi[db], &k, &old)) == 0)
		t->replaced = true;
	else if (rc != MDB_NOTFOUND)
		return fail(t, rc);
	if ((e = put(t->txn, t->s->dbi[db], &k, sealed_bytes(v), n)) !=
	    ERR_OK) {
		t->failed = e;
		return e;
	}
	t->put += n;
	return ERR_OK;
}

enum err
store_del(struct store_txn *t, enum store_db db,
    const uint8_t key[static STORE_KEY_LEN])
{
	uint8_t copy[STORE_KEY_LEN];
	MDB_val k;
	int rc;

	assert((unsigned)db < STORE_DBS && !is_nudge(db, key));
	assert(t->write && !t->frozen);
	k = key_val(key, copy);
	if ((rc = mdb_del(t->txn, t->s->dbi[db], &k, NULL)) != 0)
		return fail(t, rc);
	t->deleted = true;
	touched(t, 0);
	return ERR_OK;
}

/* ---- the store's own value ---- */

/* Random bytes, which nobody can tell from a sealed record. */
enum err
store_nudge_put(struct store *s, MDB_txn *txn)
{
	uint8_t copy[STORE_KEY_LEN], v[PAGE_LEN - PAGE_HEAD];
	MDB_val k;

	rand_bytes(v, sizeof(v));
	k = key_val(store_nudge_key, copy);
	return put(txn, s->dbi[DB_META], &k, v, sizeof(v));
}

enum err
store_nudge_get(struct store *s, MDB_txn *txn, MDB_val *v)
{
	uint8_t copy[STORE_KEY_LEN];
	MDB_val k;

	k = key_val(store_nudge_key, copy);
	return store_rc(mdb_get(txn, s->dbi[DB_META], &k, v));
}
