/* Lanes: a bounded queue and some threads each. */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lanes.h"
#include "sys.h"

#define CORES_MAX	8
#define WRITERS		4	/* so that one commit can carry several */
#define THREADS_MAX	CORES_MAX
#define STACK_LEN	((size_t)1 << 19)

struct job {
	uint64_t circuit;
	uint64_t turn;		/* at most one of a circuit in a turn */
	lane_fn *fn;
	void *arg;
};

struct one {
	struct job *job;	/* in the order in which they came */
	size_t size;
	size_t waiting;
	uint64_t turn;		/* of the job that was taken last */
	pthread_mutex_t mu;
	pthread_cond_t work;
	bool stop;
	pthread_t thread[THREADS_MAX];
	size_t threads;
};

struct lanes {
	struct one lane[LANES];
};

static struct job
remove_at(struct one *o, size_t i)
{
	struct job j = o->job[i];

	o->waiting--;
	memmove(&o->job[i], &o->job[i + 1],
	    (o->waiting - i) * sizeof(*o->job));
	return j;
}

/* The earliest turn, and in it who came first. */
static struct job
take(struct one *o)
{
	size_t best = 0;

	for (size_t i = 1; i < o->waiting; i++)
		if (o->job[i].turn < o->job[best].turn)
			best = i;
	o->turn = o->job[best].turn;
	return remove_at(o, best);
}

static void *
lane_main(void *arg)
{
	struct one *o = arg;
	struct job j;

	(void)pthread_mutex_lock(&o->mu);
	for (;;) {
		while (o->waiting == 0 && !o->stop)
			(void)pthread_cond_wait(&o->work, &o->mu);
		if (o->waiting == 0)
			break;
		j = take(o);
		(void)pthread_mutex_unlock(&o->mu);
		j.fn(j.arg, true);
		stack_clear();
		(void)pthread_mutex_lock(&o->mu);
	}
	(void)pthread_mutex_unlock(&o->mu);
	return NULL;
}

static size_t
thread_count(enum lane lane)
{
	long cores;

	switch (lane) {
	case LANE_REPORT:
		return 1;
	case LANE_SIGNIN:
		cores = sysconf(_SC_NPROCESSORS_ONLN);
		return cores < 1 ? 1 : cores > CORES_MAX ? CORES_MAX :
		    (size_t)cores;
	case LANE_WRITE:
		return WRITERS;
	case LANE_HERE:
	case LANES:
		break;
	}
	return 0;
}

/* Signals are main's: threads that never see them need no care about EINTR. */
static enum err
threads_start(struct one *o, size_t n)
{
	sigset_t all, old;
	pthread_attr_t attr;
	enum err e = ERR_OK;

	if (pthread_attr_init(&attr) != 0)
		return ERR_SYS;
	(void)pthread_attr_setstacksize(&attr, STACK_LEN);
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &old);
	for (; o->threads < n && e == ERR_OK; o->threads++)
		if (pthread_create(&o->thread[o->threads], &attr, lane_main,
		    o) != 0) {
			e = ERR_SYS;
			break;
		}
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
	(void)pthread_attr_destroy(&attr);
	return e;
}

enum err
lanes_new(size_t queue, struct lanes **out)
{
	struct lanes *l;
	enum err e = ERR_OK;
	int i;

	*out = NULL;
	if (queue == 0)
		return ERR_RANGE;
	if ((l = calloc(1, sizeof(*l))) == NULL)
		return ERR_SYS;
	for (i = 0; i < LANES; i++) {
		(void)pthread_mutex_init(&l->lane[i].mu, NULL);
		(void)pthread_cond_init(&l->lane[i].work, NULL);
	}
	for (i = LANE_HERE + 1; i < LANES && e == ERR_OK; i++) {
		l->lane[i].size = queue;
		l->lane[i].job = calloc(queue, sizeof(struct job));
		e = l->lane[i].job == NULL ? ERR_SYS :
		    threads_start(&l->lane[i], thread_count((enum lane)i));
	}
	if (e != ERR_OK) {
		lanes_stop(l);
		return e;
	}
	*out = l;
	return ERR_OK;
}

static size_t
waiting_of(const struct one *o, uint64_t circuit)
{
	size_t n = 0;

	for (size_t i = 0; i < o->waiting; i++)
		n += o->job[i].circuit == circuit;
	return n;
}

/* The newest job of the circuit that has most, if that is more than ${n}. */
static bool
displace(struct one *o, size_t n, struct job *out)
{
	size_t most = n, at = o->waiting, k;

	for (size_t i = o->waiting; i-- > 0;) {
		if (o->job[i].circuit == 0)
			continue;
		k = waiting_of(o, o->job[i].circuit);
		if (k > most) {
			most = k;
			at = i;
		}
	}
	if (at == o->waiting)
		return false;
	*out = remove_at(o, at);
	return true;
}

/* The turn behind those that its circuit has waiting. */
static void
append(struct one *o, uint64_t circuit, lane_fn *fn, void *arg)
{
	struct job j = { circuit, o->turn, fn, arg };

	for (size_t i = 0; i < o->waiting; i++)
		if (o->job[i].circuit == circuit && o->job[i].turn >= j.turn)
			j.turn = o->job[i].turn + 1;
	o->job[o->waiting++] = j;
	(void)pthread_cond_signal(&o->work);
}

enum err
lanes_run(struct lanes *l, enum lane lane, uint64_t circuit, lane_fn *fn,
    void *arg)
{
	struct one *o = &l->lane[lane];
	struct job out = { 0, 0, NULL, NULL };
	enum err e = ERR_OK;
	size_t mine;

	if (lane == LANE_HERE) {
		fn(arg, true);
		return ERR_OK;
	}
	(void)pthread_mutex_lock(&o->mu);
	mine = waiting_of(o, circuit);
	/* Each waiting sign-in of a circuit would cost the others 30 ms. */
	if (o->stop || (lane == LANE_SIGNIN && circuit != 0 && mine > 0) ||
	    (o->waiting == o->size && !displace(o, mine + 1, &out)))
		e = ERR_BUSY;
	else
		append(o, circuit, fn, arg);
	(void)pthread_mutex_unlock(&o->mu);
	if (out.fn != NULL)
		out.fn(out.arg, false);
	return e;
}

void
lanes_stop(struct lanes *l)
{
	struct one *o;
	size_t t;
	int i;

	if (l == NULL)
		return;
	for (i = 0; i < LANES; i++) {
		o = &l->lane[i];
		(void)pthread_mutex_lock(&o->mu);
		o->stop = true;
		(void)pthread_cond_broadcast(&o->work);
		(void)pthread_mutex_unlock(&o->mu);
	}
	for (i = 0; i < LANES; i++) {
		o = &l->lane[i];
		for (t = 0; t < o->threads; t++)
			(void)pthread_join(o->thread[t], NULL);
		(void)pthread_cond_destroy(&o->work);
		(void)pthread_mutex_destroy(&o->mu);
		free(o->job);
	}
	free(l);
}
