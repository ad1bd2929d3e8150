/* The queue in front of the writer: submitting, waiting, ticking. */
#include <assert.h>
#include <string.h>

#include "store_internal.h"

void
store_submit(struct store *s, struct store_job *job)
{
	assert(!s->o.read_only && job->fn != NULL && job->done != NULL);
	(void)pthread_mutex_lock(&s->mutex);
	assert(!s->stop);
	job->next = NULL;
	job->result = ERR_OK;
	*s->last = job;
	s->last = &job->next;
	s->waiting++;
	s->eager += job->lazy ? 0 : 1;
	(void)pthread_cond_signal(&s->more);
	(void)pthread_mutex_unlock(&s->mutex);
}

struct wait {
	pthread_mutex_t mutex;
	pthread_cond_t cond;
	bool done;
	enum err result;
};

static void
wait_done(void *arg, enum err result)
{
	struct wait *w = arg;

	(void)pthread_mutex_lock(&w->mutex);
	w->done = true;
	w->result = result;
	(void)pthread_cond_signal(&w->cond);
	(void)pthread_mutex_unlock(&w->mutex);
}

/* What the job's fn gets: its own argument, behind the one of wait_done. */
struct call {
	struct wait wait;
	store_job_fn *fn;
	void *arg;
};

static enum err
call_fn(struct store_txn *t, void *arg)
{
	struct call *c = arg;

	return c->fn(t, c->arg);
}

static enum err
submit_and_wait(struct store *s, struct store_job *job, struct wait *w)
{
	(void)pthread_mutex_init(&w->mutex, NULL);
	(void)pthread_cond_init(&w->cond, NULL);
	w->done = false;
	job->done = wait_done;
	store_submit(s, job);
	(void)pthread_mutex_lock(&w->mutex);
	while (!w->done)
		(void)pthread_cond_wait(&w->cond, &w->mutex);
	(void)pthread_mutex_unlock(&w->mutex);
	(void)pthread_cond_destroy(&w->cond);
	(void)pthread_mutex_destroy(&w->mutex);
	return w->result;
}

enum err
store_write(struct store *s, enum store_class class, store_job_fn *fn,
    void *arg)
{
	struct store_job job;
	struct call c;

	memset(&c, 0, sizeof(c));
	c.fn = fn;
	c.arg = arg;
	memset(&job, 0, sizeof(job));
	job.class = class;
	job.fn = call_fn;
	job.arg = &c;		/* begins with its wait */
	return submit_and_wait(s, &job, &c.wait);
}

enum err
store_scrub(struct store *s, uint64_t *left)
{
	struct store_job job;
	struct wait w;
	enum err e;

	*left = 0;
	memset(&w, 0, sizeof(w));
	memset(&job, 0, sizeof(job));
	job.class = STORE_LAST;
	job.fn = scrub_job;
	job.arg = &w;
	e = submit_and_wait(s, &job, &w);
	*left = __atomic_load_n(&s->scrub.left, __ATOMIC_RELAXED);
	return e;
}

void
store_tick(struct store *s)
{
	int dead;

	(void)mdb_reader_check(s->env, &dead);
	if (s->o.read_only)
		return;
	/* A reader's mark in the lock file sets that file's time. */
	store_touch(s);
	(void)pthread_mutex_lock(&s->mutex);
	s->due = true;
	(void)pthread_cond_signal(&s->more);
	(void)pthread_mutex_unlock(&s->mutex);
}
