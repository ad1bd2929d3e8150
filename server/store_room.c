/* Room: what may still be written when the disk runs low. */
#include <string.h>

#include "store_internal.h"
#include "sys.h"

/*
 * Pages of the file that later transactions will use again.  Each record of
 * the free list begins with how many pages it holds.
 */
uint64_t
room_pages_free(struct store *s)
{
	MDB_cursor *c;
	MDB_txn *txn;
	MDB_val k, v;
	uint64_t pages;
	size_t n;

	if (mdb_txn_begin(s->env, NULL, MDB_RDONLY, &txn) != 0)
		return 0;
	pages = 0;
	if (mdb_cursor_open(txn, 0, &c) == 0) {
		while (mdb_cursor_get(c, &k, &v, MDB_NEXT) == 0)
			if (v.mv_size >= sizeof(n)) {
				memcpy(&n, v.mv_data, sizeof(n));
				pages += n;
			}
		mdb_cursor_close(c);
	}
	mdb_txn_abort(txn);
	return pages;
}

enum err
room_for(struct store *s, enum store_class class, size_t put)
{
	uint64_t avail, need;

	need = 0;
	switch (class) {
	case STORE_FILES:
		need = s->o.reserve_files;
		break;
	case STORE_TEXT:
		need = s->o.reserve_text;
		break;
	case STORE_LAST:
		break;
	}
	if (need == 0)
		return ERR_OK;
	if (disk_free(s->dir, &avail) != ERR_OK)
		return ERR_SYS;
	need += put;
	if (avail >= need)
		return ERR_OK;
	/* The free list is walked only when it matters. */
	return avail + room_pages_free(s) * PAGE_LEN >= need ? ERR_OK :
	    ERR_FULL;
}

enum err
store_room(struct store *s, struct store_room *out)
{
	MDB_envinfo info;
	uint64_t pages, spare;
	enum err e;
	int rc;

	memset(out, 0, sizeof(*out));
	if ((rc = mdb_env_info(s->env, &info)) != 0)
		return store_rc(rc);
	if ((e = disk_free(s->dir, &out->disk_free)) != ERR_OK)
		return e;
	pages = info.me_last_pgno + 1;
	spare = room_pages_free(s);
	out->reserve = s->o.reserve_text;
	out->used = (pages > spare ? pages - spare : 0) * PAGE_LEN;
	return ERR_OK;
}
