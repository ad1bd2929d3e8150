#ifndef STORE_INTERNAL_H
#define STORE_INTERNAL_H
/*
 * What the files of the store share; nobody else includes this, nor lmdb.h.
 *
 *   store.c         open and close
 *   store_txn.c     transactions: read, put, delete
 *   store_file.c    the file as such: metas looked at before LMDB trusts them
 *   store_queue.c   submitting and waiting
 *   store_writer.c  group commit
 *   store_scrub.c   zeroing what was freed
 *   store_room.c    the reserves
 *   store_backup.c  a copy
 *
 * Invariants, while the writer is between two groups:
 *  - Every page of a free-list record older than scrub.clean is zero, but for
 *    the ones that scrub.window has not come to yet.
 *  - scrub.guard is a read transaction whose snapshot is not newer than
 *    scrub.clean.  LMDB takes no page from a record as new as a reader, so
 *    that it can only take pages that the scrub has zeroed, and the records
 *    from scrub.guard_id on do not change.
 *  - Nothing in the file is waiting for a sync but the meta page of a group
 *    of lazy jobs.
 *  - A write transaction is open only inside a function of the writer thread.
 */
#include <lmdb.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "store.h"

#define PAGE_LEN	4096
#define PAGE_HEAD	16	/* before the value on its first page */
#define VALUE_MIN	4096	/* what a value of 4080 bytes is stored as */

struct scrub {
	MDB_txn *guard;
	size_t guard_id;	/* its snapshot */
	size_t clean;		/* records below are done */
	size_t at;		/* pages done in the first record that is not */
	size_t window;		/* the scan of old records: first page not yet
				 * looked at; NO_WINDOW when it is over */
	bool tail;		/* the file's tail may hold something */
	size_t freed;		/* newest transaction that freed values; 0 */
	uint64_t freed_ms;	/* since when it waits */
	unsigned commits;	/* since the last step */
	bool ripe;		/* a step is wanted */
	uint64_t left;		/* pages that had to wait, last time; atomic */
};
#define NO_WINDOW	SIZE_MAX

struct store {
	MDB_env *env;
	MDB_dbi dbi[STORE_DBS];
	struct store_options o;
	char *dir, *data, *lock;	/* store/, data.mdb, lock.mdb */
	int lock_fd;			/* store/lock */
	int fd;				/* data.mdb: our own, see commit() */
	uint8_t *map;

	pthread_mutex_t mutex;		/* the queue: all below */
	pthread_cond_t more;
	struct store_job *first, **last;
	size_t waiting, eager;		/* jobs, and those not lazy */
	bool stop;
	bool due;			/* store_tick was called */
	pthread_t writer;

	struct scrub scrub;		/* the writer thread's */
};

struct store_txn {
	struct store *s;
	MDB_txn *txn;
	bool write;
	bool deleted, replaced;	/* some value */
	bool frozen;		/* inside store_each: no writing */
	enum err failed;	/* a put or del failed: the job cannot stand */
	size_t put;		/* bytes of values */
	size_t touched;		/* bytes of the map, about */
};

/* store.c */
enum err store_rc(int rc);	/* what LMDB said, as one of ours */
void store_touch(struct store *s);	/* set the files' times */
void store_unmap(struct store *s);	/* give mapped pages back */
/*
 * store_txn.c: the one value of the store's own, under a key that no hash
 * will be.
 */
enum err store_nudge_put(struct store *s, MDB_txn *txn) MUST_USE;
enum err store_nudge_get(struct store *s, MDB_txn *txn, MDB_val *v) MUST_USE;

/* store_file.c */
enum err store_file_check(const char *data) MUST_USE;
/* store_file_base(v, info, map): where the map begins that ${v} stands in. */
enum err store_file_base(const MDB_val *v, const MDB_envinfo *info,
    uint8_t **map) MUST_USE;
/*
 * store_file_value(s, v, n): whether a value is what its page says; *n is its
 * length without what put() added.
 */
enum err store_file_value(const struct store *s, const MDB_val *v, size_t *n)
    MUST_USE;

/* store_writer.c */
enum err store_writer_start(struct store *s) MUST_USE;
void store_writer_stop(struct store *s);
enum err store_commit(struct store *s, MDB_txn *txn) MUST_USE;

/* store_scrub.c: on the writer thread, but for scrub_open and scrub_close */
enum err scrub_open(struct store *s) MUST_USE;
void scrub_close(struct store *s);
/* scrub_committed(s, id, deleted, replaced): what transaction ${id} freed. */
void scrub_committed(struct store *s, size_t id, bool deleted, bool replaced);
/* scrub_due(s): what had to wait is ripe again. */
void scrub_due(struct store *s);
/* scrub_overdue(s): ripe for so long that jobs have to wait for it. */
bool scrub_overdue(const struct store *s);
/* scrub_restart(s): a commit failed half-way, any free page may be written. */
void scrub_restart(struct store *s);
/*
 * scrub_step(s, nudge): a bounded part of the work; ripe afterwards if there
 * is more that can be done now.  ${nudge}: commit once more if what was freed
 * is not old enough yet.
 */
enum err scrub_step(struct store *s, bool nudge) MUST_USE;
/* A job with this fn is a store_scrub() that waits; it is never called. */
enum err scrub_job(struct store_txn *t, void *arg);

/* store_room.c */
uint64_t room_pages_free(struct store *s);
enum err room_for(struct store *s, enum store_class class, size_t put)
    MUST_USE;

#endif
