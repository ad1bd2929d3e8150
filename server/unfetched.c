/* Evidence in cases that no desk has fetched yet. */
#include <string.h>

#include "ledger.h"
#include "unfetched.h"

#define MIB	UINT64_C(1048576)

struct sum { const struct records *r; uint64_t bytes; };

static enum err
add(void *arg, const uint8_t *key, struct bytes value)
{
	struct sum *sum = arg;
	struct case_record c;
	struct buf b;
	enum err e;

	memset(&c, 0, sizeof(c));
	buf_init(&b, RECORD_MAX);
	e = record_open_at(sum->r, DB_CASES, key, value, &b);
	if (e == ERR_OK)
		e = case_decode((struct bytes){ b.data, b.len }, &c);
	if (e == ERR_OK && !ledger_fetched(&c))
		sum->bytes += c.file_bytes;
	case_done(&c);
	buf_done(&b);
	/* a damaged one is for `peluitd check`, and stops nobody */
	return (e == ERR_SYS ? e : ERR_OK);
}

enum err
unfetched_start(struct server *s)
{
	struct sum sum = { s->records, 0 };
	struct store_txn *t;
	enum err e;

	if ((e = store_begin(s->store, &t)) != ERR_OK)
		return (e);
	e = store_each(t, DB_CASES, add, &sum);
	store_end(t);
	if (e == ERR_OK)
		atomic_store(&s->unfetched, sum.bytes);
	return (e);
}

bool
unfetched_take(struct server *s, uint64_t n)
{
	uint64_t max;

	server_office_lock(s);
	max = (uint64_t)s->in->config.unfetched_mib * MIB;
	server_office_unlock(s);
	if (atomic_fetch_add(&s->unfetched, n) + n <= max)
		return (true);
	unfetched_give(s, n);
	return (false);
}

void
unfetched_give(struct server *s, uint64_t n)
{

	(void)atomic_fetch_sub(&s->unfetched, n);
}
