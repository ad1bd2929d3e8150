/*
 * Deleted is gone.  LMDB copies pages when it writes and never clears the old
 * ones: what was deleted or replaced stays in the file until its page is used
 * again.  The scrub writes zeros over pages of the free list.
 *
 * Which pages may be touched.  A record of the free list, numbered by the
 * transaction that freed its pages, names pages that older snapshots still
 * use.  LMDB itself takes a record for new pages when it is older than the
 * last committed transaction and than every reader's snapshot; by then neither
 * meta page leads to them, also after a crash.  The scrub holds the write
 * lock and keeps to the same rule.  So a page that was freed by the newest
 * transaction needs one more commit: the nudge, which rewrites a value of the
 * store's own with random bytes.
 *
 * Which pages are done.  A record may shrink, and pages of several records
 * may meet in one, so that "done up to record N" would not stay true by
 * itself.  The guard makes it so: a read transaction of our own which keeps
 * LMDB from all records that are not done.  It moves when all are.
 *
 * What an earlier run left, or a commit that failed half-way, may be on any
 * free page.  That scan goes by page number, for pages do not move: a window
 * of pages at a time, and only pages that are not zero are written.
 */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fault.h"
#include "store_internal.h"
#include "sys.h"

#define FREE_DBI	0
#define CHUNK_PAGES	64		/* written or read by one call */
#define STEP_PAGES	16384		/* 64 MiB: one hold of the write lock */
#define COMMITS_MAX	64	/* the file grows until the guard moves */
#define OVERDUE_MS	2000
#define FIRST_PAGE	2		/* behind the metas */

static const uint8_t zeros[CHUNK_PAGES * PAGE_LEN];

struct walk {
	struct store *s;
	size_t pages;		/* of the file */
	size_t budget;		/* pages that this step may still touch */
	bool wrote;
};

/* ---- pages ---- */

/* Zero the ${n} pages from ${page} on; ${look}: only what is not zero. */
static enum err
zero_pages(struct walk *w, size_t page, size_t n, bool look)
{
	uint8_t buf[PAGE_LEN];
	size_t len, part;
	off_t at;
	ssize_t r;

	at = (off_t)(page * PAGE_LEN);
	for (len = n * PAGE_LEN; len > 0; len -= part, at += (off_t)part) {
		part = look ? sizeof(buf) : sizeof(zeros);
		part = len < part ? len : part;
		if (look) {
			if (pread(w->s->fd, buf, part, at) != (ssize_t)part)
				return ERR_SYS;
			if (memcmp(buf, zeros, part) == 0)
				continue;
		}
		r = pwrite(w->s->fd, zeros, part, at);
		if (r <= 0)
			return ERR_SYS;
		w->wrote = true;
		part = (size_t)r;
	}
	return ERR_OK;
}

/* One record: its number, and how many pages follow, highest first. */
struct record {
	size_t id, n;
	const uint8_t *page;
};

static size_t
record_page(const struct record *r, size_t i)
{
	size_t page;

	memcpy(&page, r->page + i * sizeof(page), sizeof(page));
	return page;
}

static enum err
record_decode(const MDB_val *k, const MDB_val *v, struct record *r)
{
	if (k->mv_size != sizeof(r->id) || v->mv_size < sizeof(r->n))
		return ERR_FORMAT;
	memcpy(&r->id, k->mv_data, sizeof(r->id));
	memcpy(&r->n, v->mv_data, sizeof(r->n));
	if (r->n > v->mv_size / sizeof(size_t) - 1)
		return ERR_FORMAT;
	r->page = (const uint8_t *)v->mv_data + sizeof(size_t);
	return ERR_OK;
}

/*
 * The longest run of neighbours in ${r} from index ${i} on, at most ${max}:
 * how many, and the lowest page.  A page that cannot be a free one is damage,
 * and must not be written to.
 */
static enum err
record_run(const struct walk *w, const struct record *r, size_t i,
    size_t *count, size_t *lowest)
{
	size_t n, page;

	*lowest = 0;
	for (n = 0; i + n < r->n; n++) {
		page = record_page(r, i + n);
		if (page < FIRST_PAGE || page >= w->pages)
			return ERR_FORMAT;
		if (n > 0 && page + 1 != *lowest)
			break;
		*lowest = page;
	}
	*count = n;
	return ERR_OK;
}

/* ---- readers ---- */

struct readers {
	long pid;
	size_t guard_id;
	bool guard_seen;
	size_t oldest;
};

/* A line of LMDB's: "pid thread txnid", or - for a slot without snapshot. */
static int
reader_line(const char *line, void *arg)
{
	struct readers *r = arg;
	const char *thread, *text;
	char *end;
	size_t id;
	long pid;

	pid = strtol(line, &end, 10);
	if (end == line)
		return 0;
	thread = end;
	(void)strtoull(thread, &end, 16);
	if (end == thread)
		return 0;
	text = end;
	id = (size_t)strtoull(text, &end, 10);
	if (end == text)
		return 0;
	/* One of the lines is the guard, which stands in nobody's way. */
	if (!r->guard_seen && pid == r->pid && id == r->guard_id) {
		r->guard_seen = true;
		return 0;
	}
	if (id < r->oldest)
		r->oldest = id;
	return 0;
}

/* The first record that may not be touched under write transaction ${id}. */
static size_t
oldest_in_use(struct store *s, size_t id)
{
	struct readers r;

	r.pid = (long)getpid();
	r.guard_id = s->scrub.guard_id;
	r.guard_seen = false;
	r.oldest = id - 1;
	/* Nothing is touched if the readers are not known. */
	if (mdb_reader_list(s->env, reader_line, &r) < 0)
		return 0;
	return r.oldest;
}

/* ---- the parts of a step ---- */

/* Records that the guard holds: each page of them once. */
static enum err
new_records(struct walk *w, MDB_cursor *c, size_t oldest)
{
	struct scrub *b = &w->s->scrub;
	struct record r;
	MDB_val k, v;
	size_t n, lowest, part, left;
	enum err e;
	int rc;

	left = 0;
	k = (MDB_val){ .mv_data = &b->clean, .mv_size = sizeof(b->clean) };
	for (rc = mdb_cursor_get(c, &k, &v, MDB_SET_RANGE); rc == 0;
	    rc = mdb_cursor_get(c, &k, &v, MDB_NEXT)) {
		if ((e = record_decode(&k, &v, &r)) != ERR_OK)
			return e;
		if (r.id >= oldest) {
			left += r.id <= b->freed ? r.n : 0;
			continue;
		}
		if (r.id != b->clean) {
			b->clean = r.id;
			b->at = 0;
		}
		while (b->at < r.n && w->budget > 0) {
			if ((e = record_run(w, &r, b->at, &n, &lowest)) !=
			    ERR_OK)
				return e;
			/* Of a long run the high end, which comes first. */
			part = n < w->budget ? n : w->budget;
			if ((e = zero_pages(w, lowest + n - part, part,
			    false)) != ERR_OK)
				return e;
			b->at += part;
			w->budget -= part;
		}
		if (b->at < r.n)
			return ERR_OK;
		b->clean = r.id + 1;
		b->at = 0;
	}
	__atomic_store_n(&b->left, left, __ATOMIC_RELAXED);
	if (rc != MDB_NOTFOUND)
		return store_rc(rc);
	if (b->clean < oldest)
		b->clean = oldest;
	return ERR_OK;
}

/* Records older than those: the pages of the next window. */
static enum err
old_records(struct walk *w, MDB_cursor *c)
{
	struct scrub *b = &w->s->scrub;
	struct record r;
	MDB_val k, v;
	size_t i, end, page;
	enum err e;
	int rc;

	end = b->window + w->budget;
	for (rc = mdb_cursor_get(c, &k, &v, MDB_FIRST); rc == 0;
	    rc = mdb_cursor_get(c, &k, &v, MDB_NEXT)) {
		if ((e = record_decode(&k, &v, &r)) != ERR_OK)
			return e;
		if (r.id >= b->clean)
			break;
		for (i = 0; i < r.n; i++) {
			page = record_page(&r, i);
			if (page < FIRST_PAGE || page >= w->pages)
				return ERR_FORMAT;
			if (page < b->window || page >= end)
				continue;
			if ((e = zero_pages(w, page, 1, true)) != ERR_OK)
				return e;
		}
	}
	if (rc != 0 && rc != MDB_NOTFOUND)
		return store_rc(rc);
	w->budget = 0;
	b->window = end < w->pages ? end : NO_WINDOW;
	return ERR_OK;
}

/* What stands behind the last page belongs to nothing. */
static enum err
tail(struct walk *w)
{
	struct stat st;
	size_t end;
	enum err e;

	if (fstat(w->s->fd, &st) == -1)
		return ERR_SYS;
	end = (size_t)st.st_size / PAGE_LEN;
	if (end > w->pages &&
	    (e = zero_pages(w, w->pages, end - w->pages, true)) != ERR_OK)
		return e;
	w->s->scrub.tail = false;
	return ERR_OK;
}

static enum err
step(struct walk *w, MDB_txn *snapshot, size_t oldest)
{
	struct scrub *b = &w->s->scrub;
	MDB_envinfo info;
	MDB_cursor *c;
	enum err e;
	int rc;

	if ((rc = mdb_env_info(w->s->env, &info)) != 0)
		return store_rc(rc);
	w->pages = info.me_last_pgno + 1;
	if ((rc = mdb_cursor_open(snapshot, FREE_DBI, &c)) != 0)
		return store_rc(rc);
	e = new_records(w, c, oldest);
	/* A reader from before the guard would still use old records. */
	if (e == ERR_OK && w->budget > 0 && b->window != NO_WINDOW &&
	    oldest >= b->clean)
		e = old_records(w, c);
	mdb_cursor_close(c);
	if (e == ERR_OK && b->tail)
		e = tail(w);
	if (w->wrote && fdatasync(w->s->fd) == -1)
		e = ERR_SYS;
	if (e == ERR_OK)
		e = fault_point("store.scrub");
	return e;
}

/* ---- steps ---- */

static enum err
nudge_write(struct store *s)
{
	MDB_txn *txn;
	size_t window;
	bool end;
	enum err e;

	e = store_rc(mdb_txn_begin(s->env, NULL, 0, &txn));
	if (e != ERR_OK)
		return e;
	if ((e = store_nudge_put(s, txn)) != ERR_OK) {
		mdb_txn_abort(txn);
		return e;
	}
	window = s->scrub.window;
	end = s->scrub.tail;
	if ((e = store_commit(s, txn)) != ERR_OK) {
		/* Whatever it wrote is nothing that anybody sent. */
		s->scrub.window = window;
		s->scrub.tail = end;
	}
	return e;
}

enum err
scrub_step(struct store *s, bool nudge)
{
	struct scrub *b = &s->scrub;
	MDB_txn *lock, *snapshot;
	MDB_envinfo info;
	struct walk w;
	size_t oldest;
	enum err e;
	int rc;

	b->ripe = false;
	b->commits = 0;
	b->freed_ms = clock_steady_ms();
	if ((rc = mdb_env_info(s->env, &info)) != 0)
		return store_rc(rc);
	if (nudge && b->freed != 0 && info.me_last_txnid <= b->freed) {
		/* On a full disk what is old enough is done all the same. */
		e = nudge_write(s);
		if (e != ERR_OK && e != ERR_FULL)
			return e;
	}

	memset(&w, 0, sizeof(w));
	w.s = s;
	w.budget = STEP_PAGES;
	/* Written to by nobody, this transaction is the write lock. */
	if ((rc = mdb_txn_begin(s->env, NULL, 0, &lock)) != 0)
		return store_rc(rc);
	rc = mdb_txn_begin(s->env, NULL, MDB_RDONLY, &snapshot);
	if (rc != 0) {
		mdb_txn_abort(lock);
		return store_rc(rc);
	}
	oldest = oldest_in_use(s, mdb_txn_id(lock));
	e = step(&w, snapshot, oldest);
	if (e == ERR_OK) {
		if (b->clean == mdb_txn_id(snapshot)) {
			mdb_txn_abort(b->guard);
			b->guard = snapshot;
			b->guard_id = mdb_txn_id(snapshot);
			snapshot = NULL;	/* the guard now */
		}
		if (b->freed < b->clean)
			b->freed = 0;
		b->ripe = w.budget == 0 &&
		    (b->clean < oldest || b->window != NO_WINDOW);
	}
	if (snapshot != NULL)
		mdb_txn_abort(snapshot);
	mdb_txn_abort(lock);
	store_unmap(s);
	return e;
}

void
scrub_committed(struct store *s, size_t id, bool deleted, bool replaced)
{
	struct scrub *b = &s->scrub;

	if (deleted || replaced) {
		if (b->freed == 0)
			b->freed_ms = clock_steady_ms();
		b->freed = id;
	}
	b->commits++;
	if (deleted || b->commits >= COMMITS_MAX)
		b->ripe = true;
}

void
scrub_due(struct store *s)
{
	const struct scrub *b = &s->scrub;

	if (b->freed != 0 || b->window != NO_WINDOW || b->tail)
		s->scrub.ripe = true;
}

bool
scrub_overdue(const struct store *s)
{
	return s->scrub.commits >= COMMITS_MAX ||
	    clock_steady_ms() - s->scrub.freed_ms >= OVERDUE_MS;
}

void
scrub_restart(struct store *s)
{
	s->scrub.window = FIRST_PAGE;
	s->scrub.tail = true;
}

enum err
scrub_open(struct store *s)
{
	struct scrub *b = &s->scrub;
	int rc;

	memset(b, 0, sizeof(*b));
	if ((rc = mdb_txn_begin(s->env, NULL, MDB_RDONLY, &b->guard)) != 0)
		return store_rc(rc);
	b->guard_id = mdb_txn_id(b->guard);
	b->clean = b->guard_id;
	/* What the run before freed last, it may not have come to. */
	b->freed = b->guard_id;
	b->freed_ms = clock_steady_ms();
	scrub_restart(s);
	b->ripe = true;
	return ERR_OK;
}

void
scrub_close(struct store *s)
{
	mdb_txn_abort(s->scrub.guard);
	s->scrub.guard = NULL;
}

enum err
scrub_job(struct store_txn *t, void *arg)
{
	(void)t;
	(void)arg;
	assert(false);
	return ERR_SYS;
}
