/* The store: open and close. */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store_internal.h"
#include "sys.h"

#define MAP_LEN		((size_t)1 << 40)	/* far more than ever needed */
#define MAP_LEN_MIN	((size_t)1 << 26)
#define READERS_MAX	512
#define VERSION_MAX	64

static const char *const names[STORE_DBS] = {
	[DB_META] = "meta",
	[DB_CASES] = "cases",
	[DB_CASE_IDS] = "case-ids",
	[DB_PENDING] = "pending",
	[DB_MESSAGES] = "messages",
	[DB_OBJECTS] = "objects",
	[DB_UPLOADS] = "uploads",
	[DB_EPOCHS] = "epochs",
	[DB_FEED] = "feed",
	[DB_REQUESTS] = "requests",
	[DB_LOG] = "log",
	[DB_BLOCKS] = "blocks",
};

const char *
store_db_name(enum store_db db)
{
	assert((unsigned)db < STORE_DBS);
	return names[db];
}

enum err
store_rc(int rc)
{
	switch (rc) {
	case MDB_SUCCESS:
		return ERR_OK;
	case MDB_NOTFOUND:
	case ENOENT:
		return ERR_NOTFOUND;
	case MDB_MAP_FULL:
	case MDB_TXN_FULL:
	case ENOSPC:
	case EDQUOT:
	case EFBIG:
		return ERR_FULL;
	case MDB_READERS_FULL:
		return ERR_BUSY;
	case MDB_INVALID:
	case MDB_VERSION_MISMATCH:
	case MDB_CORRUPTED:
	case MDB_PAGE_NOTFOUND:
	case MDB_INCOMPATIBLE:
	case MDB_BAD_VALSIZE:
		return ERR_FORMAT;
	default:
		errno = rc > 0 ? rc : EINVAL;
		return ERR_SYS;
	}
}

/* ---- open and close ---- */

static void
store_free(struct store *s)
{
	int saved = errno;

	if (s == NULL)
		return;
	if (s->env != NULL)
		mdb_env_close(s->env);
	if (s->fd != -1)
		(void)close(s->fd);
	/* Last: from here on another process may open the store. */
	if (s->lock_fd != -1)
		(void)close(s->lock_fd);
	free(s->dir);
	free(s->data);
	free(s->lock);
	free(s);
	errno = saved;
}

static struct store *
store_new(const char *dir, const struct store_options *o)
{
	struct store *s;

	if ((s = calloc(1, sizeof(*s))) == NULL)
		return NULL;
	s->fd = s->lock_fd = -1;
	s->last = &s->first;
	if (o != NULL)
		s->o = *o;
	if ((s->dir = strdup(dir)) == NULL) {
		free(s);
		return NULL;
	}
	s->data = path_join(dir, "data.mdb");
	s->lock = path_join(dir, "lock.mdb");
	return s;
}

/*
 * The map is not locked in memory as the rest is: it holds ciphertext only,
 * and each page that was ever read would stay.
 */
static int
env_map(struct store *s, unsigned flags)
{
	int rc;

	if (process_lock_pause(true) != ERR_OK)
		return errno;
	rc = mdb_env_open(s->env, s->dir, MDB_NOTLS | flags, 0600);
	if (process_lock_pause(false) != ERR_OK && rc == 0)
		rc = errno;
	return rc;
}

static int
env_try(struct store *s, size_t len, unsigned flags)
{
	int rc;

	if ((rc = mdb_env_create(&s->env)) != 0)
		return rc;
	if ((rc = mdb_env_set_mapsize(s->env, len)) == 0 &&
	    (rc = mdb_env_set_maxdbs(s->env, STORE_DBS)) == 0 &&
	    (rc = mdb_env_set_maxreaders(s->env, READERS_MAX)) == 0)
		rc = env_map(s, flags);
	if (rc != 0) {
		mdb_env_close(s->env);
		s->env = NULL;
	}
	return rc;
}

/*
 * The map is far larger than needed, so that it never has to grow under a
 * reader; where the process may not have so much address space, the largest
 * half of a half that it may, and once more, to leave some for the rest.
 */
static int
env_open(struct store *s, unsigned flags)
{
	size_t len;
	int rc;

	for (len = MAP_LEN; len >= MAP_LEN_MIN; len /= 2) {
		rc = env_try(s, len, flags);
		if (rc == 0 && len < MAP_LEN) {
			mdb_env_close(s->env);
			s->env = NULL;
			return env_try(s, len / 2, flags);
		}
		if (rc != ENOMEM && rc != EINVAL && rc != EFBIG)
			return rc;
	}
	return ENOMEM;
}

static enum err
dbs_open(struct store *s, unsigned txn_flags, unsigned dbi_flags)
{
	MDB_txn *txn;
	enum err e;
	int i;

	e = store_rc(mdb_txn_begin(s->env, NULL, txn_flags, &txn));
	if (e != ERR_OK)
		return e;
	for (i = 0; i < STORE_DBS && e == ERR_OK; i++)
		e = store_rc(mdb_dbi_open(txn, names[i], dbi_flags,
		    &s->dbi[i]));
	if (e == ERR_OK && (dbi_flags & MDB_CREATE) != 0)
		e = store_nudge_put(s, txn);
	if (e != ERR_OK) {
		mdb_txn_abort(txn);
		return e;
	}
	return store_rc(mdb_txn_commit(txn));
}

/*
 * Where LMDB put its map, which it does not say: the store's own value knows
 * its page, and pages stand in the map by number.
 */
static enum err
map_find(struct store *s)
{
	MDB_envinfo info;
	MDB_txn *txn;
	MDB_val v;
	enum err e;

	if ((e = store_rc(mdb_env_info(s->env, &info))) != ERR_OK)
		return e;
	e = store_rc(mdb_txn_begin(s->env, NULL, MDB_RDONLY, &txn));
	if (e != ERR_OK)
		return e;
	e = store_nudge_get(s, txn, &v);
	if (e == ERR_OK)
		e = store_file_base(&v, &info, &s->map);
	mdb_txn_abort(txn);
	return e == ERR_NOTFOUND ? ERR_FORMAT : e;
}

enum err
store_create(const char *dir)
{
	char *version;
	struct store *s;
	enum err e;

	version = NULL;
	if ((e = dir_make(dir, 0700)) != ERR_OK)
		return e;
	if ((s = store_new(dir, NULL)) == NULL) {
		(void)rmdir(dir);
		return ERR_SYS;
	}
	if ((e = store_rc(env_open(s, 0))) != ERR_OK)
		goto out;
	if ((e = dbs_open(s, 0, MDB_CREATE)) != ERR_OK)
		goto out;
	/* The version comes last: a store without it is not one. */
	version = path_join(dir, "version");
	e = file_write_new(version, STORE_VERSION, strlen(STORE_VERSION), 0600);
out:
	if (e != ERR_OK) {
		(void)unlink(s->data);
		(void)unlink(s->lock);
		(void)rmdir(dir);
	}
	free(version);
	store_free(s);
	return e;
}

static enum err
version_check(const char *dir)
{
	uint8_t *p;
	char *path;
	size_t n;
	enum err e;

	path = path_join(dir, "version");
	e = file_read(path, VERSION_MAX, &p, &n);
	free(path);
	if (e != ERR_OK)
		return e == ERR_RANGE ? ERR_VERSION : e;
	if (n != strlen(STORE_VERSION) || memcmp(p, STORE_VERSION, n) != 0)
		e = ERR_VERSION;
	free(p);
	return e;
}

/* The folder's lock: taken to serve; to read, only asked about. */
static enum err
lock_take(struct store *s)
{
	char *path;
	enum err e;

	path = path_join(s->dir, "lock");
	e = s->o.read_only ? file_lock_test(path) :
	    file_lock(path, &s->lock_fd);
	free(path);
	return e;
}

static enum err
open_env(struct store *s)
{
	MDB_stat st;
	enum err e;
	int rc;

	rc = env_open(s, s->o.read_only ? MDB_RDONLY : 0);
	/*
	 * A reader that may not write the lock file does without it, but only
	 * while nobody writes: nothing would keep its pages from being reused.
	 */
	if (s->o.read_only && (rc == EACCES || rc == EROFS || rc == EPERM)) {
		if (lock_take(s) != ERR_OK)
			return ERR_BUSY;
		rc = env_open(s, MDB_RDONLY | MDB_NOLOCK);
	}
	if (rc != 0)
		return store_rc(rc);
	if ((rc = mdb_env_stat(s->env, &st)) != 0)
		return store_rc(rc);
	if (st.ms_psize != PAGE_LEN)
		return ERR_FORMAT;
	if ((e = dbs_open(s, MDB_RDONLY, 0)) != ERR_OK)
		return e == ERR_NOTFOUND ? ERR_FORMAT : e;
	return map_find(s);
}

enum err
store_open(const char *dir, const struct store_options *o, struct store **out)
{
	struct store *s;
	enum err e;
	int dead;

	*out = NULL;
	if ((e = version_check(dir)) != ERR_OK)
		return e;
	if ((s = store_new(dir, o)) == NULL)
		return ERR_SYS;
	if (!s->o.read_only && (e = lock_take(s)) != ERR_OK)
		goto out;
	if ((e = store_file_check(s->data)) != ERR_OK)
		goto out;
	e = ERR_SYS;
	s->fd = open(s->data, (s->o.read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC);
	if (s->fd == -1)
		goto out;
	if ((e = open_env(s)) != ERR_OK)
		goto out;
	(void)mdb_reader_check(s->env, &dead);
	if (!s->o.read_only) {
		if ((e = store_writer_start(s)) != ERR_OK)
			goto out;
		store_touch(s);
	}
	*out = s;
	s = NULL;
out:
	store_free(s);
	return e;
}

void
store_close(struct store *s)
{
	if (s == NULL)
		return;
	if (!s->o.read_only) {
		store_writer_stop(s);
		store_touch(s);
	}
	store_free(s);
}

/* ---- the files ---- */

static void
touch(const char *path, int64_t when)
{
	struct stat st;

	/* Only when it is wrong: each setting shows in the change time. */
	if (stat(path, &st) == 0 && st.st_mtim.tv_sec == when &&
	    st.st_mtim.tv_nsec == 0 && st.st_atim.tv_sec == when)
		return;
	if (file_times(path, when) != ERR_OK)
		return;		/* nothing depends on it but privacy at rest */
}

void
store_touch(struct store *s)
{
	int64_t when;

	if (s->o.mtime == NULL)
		return;
	when = s->o.mtime(s->o.mtime_arg);
	touch(s->data, when);
	touch(s->lock, when);
}

/*
 * Pages that were read through the map count as the process's memory for as
 * long as they are mapped; they stay in the page cache all the same.
 */
void
store_unmap(struct store *s)
{
	MDB_envinfo info;

	if (mdb_env_info(s->env, &info) != 0)
		return;
	(void)madvise(s->map, (info.me_last_pgno + 1) * PAGE_LEN,
	    MADV_DONTNEED);
}
