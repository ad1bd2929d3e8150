#ifndef STORE_H
#define STORE_H
/*
 * The store: LMDB, and the only room that includes lmdb.h.  Opaque 32-byte
 * keys, sealed values, one writer.  It neither seals nor opens anything.
 *
 * Invariants while no lock is held:
 *  - what store_write said ERR_OK to is on disk;
 *  - a job is in the store whole or not at all;
 *  - the values of a deleted key are nowhere in the file once the scrub that
 *    follows a deletion has run and no older reader is left;
 *  - no read transaction is open between two calls of a use case.
 */
#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "err.h"
#include "sealed.h"

#define STORE_KEY_LEN	32
#define STORE_VERSION	"peluit-store/v1\n"	/* file store/version */

enum store_db {
	DB_META,	/* single records: install, desk numbers */
	DB_CASES,	/* by locator */
	DB_CASE_IDS,	/* by case id -> key of the case */
	DB_PENDING,	/* cases whose receipt is not yet shown */
	DB_MESSAGES,	/* by case and number */
	DB_OBJECTS,	/* by object id -> message it belongs to */
	DB_UPLOADS,	/* objects that nothing refers to yet */
	DB_EPOCHS,	/* by epoch number */
	DB_FEED,	/* by desk key and n */
	DB_REQUESTS,	/* by actor and request: answers given */
	DB_LOG,		/* the public log: closed epochs, disclosures */
	DB_BLOCKS,	/* by object id and block number; payloads */
	STORE_DBS
};
const char *store_db_name(enum store_db db);

/* What a write may still take when the disk runs low. */
enum store_class {
	STORE_FILES,	/* refused first: blocks of sources' uploads */
	STORE_TEXT,	/* refused next: reports and messages */
	STORE_LAST	/* the log, desk actions, deletions */
};

struct store_options {
	bool read_only;			/* beside a running server */
	uint64_t reserve_files, reserve_text;	/* bytes of free disk that
				must remain for a job of that class */
	/* seconds to set as the files' modification time after a commit */
	int64_t (*mtime)(void *arg);
	void *mtime_arg;
};

struct store;
struct store_txn;

/*
 * store_create(dir): a new empty store.  Fails: ERR_EXISTS, ERR_SYS.
 * store_open(dir, o, out): Fails: ERR_NOTFOUND, ERR_VERSION (another
 * version), ERR_FORMAT (damaged), ERR_BUSY (already served; or read only
 * without the right to write lock.mdb while it is served), ERR_SYS.
 * A process opens a store once at a time and does not fork while it is open,
 * unless the child leaves it alone.
 * store_close: finishes the queue, scrubs, joins the writer.
 */
enum err store_create(const char *dir) MUST_USE;
enum err store_open(const char *dir, const struct store_options *o,
    struct store **out) MUST_USE;
void store_close(struct store *s);

/*
 * A job runs on the writer thread inside a transaction of its own, nested in
 * the group's.  Jobs that wait are committed together, with one sync.  A job
 * that returns an error leaves nothing behind and gets that error back; one
 * in which a store_put or store_del failed cannot succeed any more.
 * It may be run a second time, when the disk had no room for its group: it
 * sets what it gives out anew each time, and keeps no borrowed bytes.
 */
typedef enum err store_job_fn(struct store_txn *t, void *arg);
/*
 * store_write(s, class, fn, arg): run and wait until it is on disk.
 * Fails: fn's error; ERR_FULL (reserve, disk full), ERR_SYS.
 * Threads: any but the writer's (not from a job or a done).
 */
enum err store_write(struct store *s, enum store_class class,
    store_job_fn *fn, void *arg) MUST_USE;
/*
 * store_submit(s, job): the same without waiting; job->done is called on the
 * writer thread after the commit.  lazy: need not be durable before a later
 * job that is not (blocks before their message).
 * Ownership: ${job} is the caller's until done was called.
 */
struct store_job {
	enum store_class class;
	bool lazy;
	store_job_fn *fn;
	void (*done)(void *arg, enum err result);
	void *arg;
	struct store_job *next;		/* the store's */
	enum err result;		/* the store's */
};
void store_submit(struct store *s, struct store_job *job);

/*
 * Inside a job.  store_put replaces; ${v} stays the caller's.  Its length is
 * k*4096-16, as all sealing makes it.  The all-zero key of DB_META is the
 * store's own.
 */
enum err store_put(struct store_txn *t, enum store_db db,
    const uint8_t key[static STORE_KEY_LEN], const struct sealed *v) MUST_USE;
/* store_del: ERR_NOTFOUND if absent.  Any deletion is followed by a scrub. */
enum err store_del(struct store_txn *t, enum store_db db,
    const uint8_t key[static STORE_KEY_LEN]) MUST_USE;

/*
 * Reading, inside a job or between store_begin and store_end (short: copy,
 * end, then send).  store_get: ${out} is borrowed until the transaction ends
 * or writes.  Fails: ERR_NOTFOUND, ERR_FORMAT (damaged), ERR_SYS.
 */
enum err store_begin(struct store *s, struct store_txn **out) MUST_USE;
void store_end(struct store_txn *t);
enum err store_get(struct store_txn *t, enum store_db db,
    const uint8_t key[static STORE_KEY_LEN], struct bytes *out) MUST_USE;
/* store_each: every pair of a database, in key order; fn's error stops it.
 * fn must not write. */
enum err store_each(struct store_txn *t, enum store_db db,
    enum err (*fn)(void *arg, const uint8_t *key, struct bytes value),
    void *arg) MUST_USE;
enum err store_count(struct store_txn *t, enum store_db db, uint64_t *n)
    MUST_USE;

/*
 * store_scrub(s): overwrite free pages and the file's tail now (DESIGN
 * "Deleted is gone"); runs by itself after deletions and is tried again by
 * store_tick while a reader stood in the way.  What store_put replaced is
 * left for the next tick, or for the close.  *left: pages that had to wait.
 * Fails: ERR_FORMAT (the free list is damaged), ERR_SYS.
 */
enum err store_scrub(struct store *s, uint64_t *left) MUST_USE;
/* store_tick(s): once a second or so: dead readers, postponed scrubs. */
void store_tick(struct store *s);

/*
 * store_backup(s, dir): a consistent compacted copy into a new folder, which
 * carries nothing that was deleted.  Fails: ERR_EXISTS, ERR_FULL, ERR_SYS.
 */
enum err store_backup(struct store *s, const char *dir) MUST_USE;

struct store_room {
	uint64_t disk_free;	/* bytes on the file system */
	uint64_t reserve;	/* bytes that no source can take */
	uint64_t used;		/* bytes of pages in use */
};
enum err store_room(struct store *s, struct store_room *out) MUST_USE;

#endif
