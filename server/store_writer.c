/*
 * The writer: one thread that takes the waiting jobs in their order, runs
 * each in a transaction of its own nested in the group's, commits once, and
 * only then tells.
 */
#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "fault.h"
#include "store_internal.h"
#include "sys.h"

#define GROUP_JOBS	64
/*
 * Bytes put after which a group takes no more jobs.  Dirty pages are in
 * memory until the commit: with one block more this is 4 MiB.
 */
#define GROUP_BYTES	((size_t)3 * 1024 * 1024)

struct group {
	struct store_job *job[GROUP_JOBS];
	size_t n;
	size_t put;
	size_t good;		/* jobs that left something to commit */
	bool deleted, replaced;
};

/*
 * What becomes of a commit cannot be known: the process ends, and the next
 * one finds out.
 */
static _Noreturn void
fatal(enum err why)
{

	diag("the store cannot be written (%s): stopping; nothing that was "
	    "acknowledged is lost", err_text(why));
	_exit(3);
}

/* ---- committing ---- */

/*
 * After a commit that failed: did it fail before anything counted?  LMDB
 * refuses all work once a meta page could not be written.  A sync that failed
 * shows on our own descriptor as well, for the kernel tells each descriptor
 * once.  If neither is the case the pages could not be written, and nothing
 * refers to them.
 */
static enum err
commit_failed(struct store *s, int rc)
{
	MDB_txn *txn;
	int r;

	r = mdb_txn_begin(s->env, NULL, MDB_RDONLY, &txn);
	if (r == 0)
		mdb_txn_abort(txn);
	else if (r == MDB_PANIC)
		fatal(ERR_SYS);
	if (fdatasync(s->fd) == -1)
		fatal(ERR_SYS);
	scrub_restart(s);
	/* A write that the disk took only in part is EIO to LMDB. */
	return rc == EIO ? ERR_FULL : store_rc(rc);
}

enum err
store_commit(struct store *s, MDB_txn *txn)
{
	enum err e;
	int rc;

	if ((e = fault_point("store.commit.before")) != ERR_OK) {
		mdb_txn_abort(txn);
		return e;
	}
	if ((rc = mdb_txn_commit(txn)) != 0)
		return commit_failed(s, rc);
	if ((e = fault_point("store.commit.after")) != ERR_OK)
		fatal(e);
	return ERR_OK;
}

/* ---- a group ---- */

/* Run one job in ${txn}; what it returns, or what went wrong under it. */
static enum err
job_run(struct store *s, struct store_job *job, MDB_txn *txn, struct group *g)
{
	struct store_txn t;
	enum err e;

	memset(&t, 0, sizeof(t));
	t.s = s;
	t.txn = txn;
	t.write = true;
	if ((e = room_for(s, job->class, g->put)) != ERR_OK)
		return e;
	e = job->fn(&t, job->arg);
	if (e == ERR_OK)
		e = t.failed;
	if (e == ERR_OK) {
		g->put += t.put;
		g->deleted = g->deleted || t.deleted;
		g->replaced = g->replaced || t.replaced;
	}
	return e;
}

static enum err
job_run_nested(struct store *s, struct store_job *job, MDB_txn *top,
    struct group *g)
{
	struct group before;
	MDB_txn *txn;
	enum err e;
	int rc;

	if ((rc = mdb_txn_begin(s->env, top, 0, &txn)) != 0)
		return store_rc(rc);
	before = *g;
	if ((e = job_run(s, job, txn, g)) != ERR_OK) {
		mdb_txn_abort(txn);
		return e;
	}
	if ((rc = mdb_txn_commit(txn)) != 0) {
		*g = before;
		return store_rc(rc);
	}
	return ERR_OK;
}

/*
 * The next job for ${g}, taken off the queue; NULL when the group is closed.
 * A scrub stands alone, and a job that must be synced is not taken into a
 * group that began lazy.
 */
static struct store_job *
job_take(struct store *s, const struct group *g, bool lazy)
{
	struct store_job *job;

	if (g->n == GROUP_JOBS || g->put > GROUP_BYTES)
		return NULL;
	(void)pthread_mutex_lock(&s->mutex);
	job = s->first;
	if (job != NULL && ((g->n > 0 && job->fn == scrub_job) ||
	    (lazy && !job->lazy)))
		job = NULL;
	if (job != NULL) {
		s->first = job->next;
		if (s->first == NULL)
			s->last = &s->first;
		s->waiting--;
		s->eager -= job->lazy ? 0 : 1;
		job->next = NULL;
	}
	(void)pthread_mutex_unlock(&s->mutex);
	return job;
}

static void
committed(struct store *s, size_t id, const struct group *g)
{
	scrub_committed(s, id, g->deleted, g->replaced);
	store_touch(s);
	store_unmap(s);
}

/* A refusal to begin is only a refusal, unless it is for ever. */
static enum err
begin(struct store *s, unsigned flags, MDB_txn **txn)
{
	int rc;

	rc = mdb_txn_begin(s->env, NULL, flags, txn);
	if (rc == MDB_PANIC)
		fatal(ERR_SYS);
	return store_rc(rc);
}

/* One job in a transaction that is its own: the plain case. */
static enum err
run_alone(struct store *s, struct store_job *job, unsigned flags)
{
	struct group g;
	MDB_txn *txn;
	size_t id;
	enum err e;

	memset(&g, 0, sizeof(g));
	if ((e = begin(s, flags, &txn)) != ERR_OK)
		return e;
	id = mdb_txn_id(txn);
	if ((e = job_run(s, job, txn, &g)) != ERR_OK) {
		mdb_txn_abort(txn);
		return e;
	}
	if ((e = store_commit(s, txn)) == ERR_OK)
		committed(s, id, &g);
	return e;
}

static void
group_fill(struct store *s, struct group *g, MDB_txn *txn, bool lazy)
{
	struct store_job *job;

	while ((job = job_take(s, g, lazy)) != NULL) {
		g->job[g->n++] = job;
		job->result = job_run_nested(s, job, txn, g);
		if (job->result == ERR_OK)
			g->good++;
	}
}

/*
 * Jobs that were well until the commit failed: each again alone, so that a
 * small one does not fail because of a large neighbour.
 */
static void
group_again(struct store *s, struct group *g, unsigned flags)
{
	size_t i;

	for (i = 0; i < g->n; i++)
		if (g->job[i]->result == ERR_OK)
			g->job[i]->result = run_alone(s, g->job[i], flags);
}

static void
group_tell(struct group *g)
{
	struct store_job *job;
	size_t i;

	for (i = 0; i < g->n; i++) {
		/* Its owner may release it inside done. */
		job = g->job[i];
		job->done(job->arg, job->result);
	}
}

/* Only one job waits, or no transaction can be had: the first job alone. */
static void
group_of_one(struct store *s, unsigned flags, bool lazy)
{
	struct group g;

	memset(&g, 0, sizeof(g));
	g.job[0] = job_take(s, &g, lazy);
	g.n = 1;
	g.job[0]->result = run_alone(s, g.job[0], flags);
	group_tell(&g);
}

static void
group_run(struct store *s, size_t waiting, bool lazy)
{
	struct group g;
	MDB_txn *txn;
	unsigned flags;
	size_t i, id;
	enum err e;

	memset(&g, 0, sizeof(g));
	flags = lazy ? MDB_NOMETASYNC : 0;
	if (waiting == 1 || begin(s, flags, &txn) != ERR_OK) {
		group_of_one(s, flags, lazy);
		return;
	}
	id = mdb_txn_id(txn);
	group_fill(s, &g, txn, lazy);
	if (g.good == 0) {
		mdb_txn_abort(txn);
	} else if ((e = store_commit(s, txn)) == ERR_OK) {
		committed(s, id, &g);
	} else if (e == ERR_FULL) {
		group_again(s, &g, flags);
	} else {
		for (i = 0; i < g.n; i++)
			if (g.job[i]->result == ERR_OK)
				g.job[i]->result = e;
	}
	group_tell(&g);
}

/* ---- the thread ---- */

/* A store_scrub() whose caller waits: everything, now. */
static void
scrub_all(struct store *s)
{
	struct store_job *job;
	struct group g;
	enum err e;

	memset(&g, 0, sizeof(g));
	job = job_take(s, &g, false);
	do
		e = scrub_step(s, true);
	while (e == ERR_OK && s->scrub.ripe);
	store_touch(s);
	job->done(job->arg, e);
}

static void *
writer(void *arg)
{
	struct store *s = arg;
	size_t waiting;
	bool lazy, scrub, stop, due;

	do {
		(void)pthread_mutex_lock(&s->mutex);
		while (s->first == NULL && !s->stop && !s->due &&
		    !s->scrub.ripe)
			(void)pthread_cond_wait(&s->more, &s->mutex);
		waiting = s->waiting;
		lazy = s->eager == 0;
		scrub = s->first != NULL && s->first->fn == scrub_job;
		stop = s->stop;
		due = s->due;
		s->due = false;
		(void)pthread_mutex_unlock(&s->mutex);

		if (scrub)
			scrub_all(s);
		else if (waiting > 0)
			group_run(s, waiting, lazy);
		if (due || stop)
			scrub_due(s);
		/* While jobs wait, only if the scrub cannot wait as well. */
		if (s->scrub.ripe && (waiting == 0 || scrub_overdue(s))) {
			if (scrub_step(s, waiting == 0) == ERR_OK)
				store_touch(s);
		}
		stack_clear();
	} while (!stop || waiting > 0 || s->scrub.ripe);
	return NULL;
}

enum err
store_writer_start(struct store *s)
{
	sigset_t all, old;
	enum err e;
	int rc;

	if ((e = scrub_open(s)) != ERR_OK)
		return e;
	if (pthread_mutex_init(&s->mutex, NULL) != 0 ||
	    pthread_cond_init(&s->more, NULL) != 0) {
		scrub_close(s);
		return ERR_SYS;
	}
	/* Signals are for the thread that waits for them. */
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &old);
	rc = pthread_create(&s->writer, NULL, writer, s);
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (rc != 0) {
		scrub_close(s);
		errno = rc;
		return ERR_SYS;
	}
	return ERR_OK;
}

void
store_writer_stop(struct store *s)
{
	(void)pthread_mutex_lock(&s->mutex);
	s->stop = true;
	(void)pthread_cond_signal(&s->more);
	(void)pthread_mutex_unlock(&s->mutex);
	(void)pthread_join(s->writer, NULL);
	scrub_close(s);
	(void)pthread_cond_destroy(&s->more);
	(void)pthread_mutex_destroy(&s->mutex);
}
