/* Lanes: a bounded queue and some threads each. */
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "lanes.h"
#include "sys.h"

#define CORES_MAX	8
#define WRITERS		4	/* so that one commit can carry several */
#define THREADS_MAX	CORES_MAX
#define STACK_LEN	((size_t)1 << 19)

struct job {
	uint64_t circuit;
	void (*fn)(void *arg);
	void *arg;
};

struct one {
	struct job *ring;
	size_t size;
	size_t first;
	size_t waiting;
	pthread_mutex_t mu;
	pthread_cond_t work;
	bool stop;
	pthread_t thread[THREADS_MAX];
	size_t threads;
};

struct lanes {
	struct one lane[LANES];
};

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
		j = o->ring[o->first];
		o->first = (o->first + 1) % o->size;
		o->waiting--;
		(void)pthread_mutex_unlock(&o->mu);
		j.fn(j.arg);
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
		l->lane[i].ring = calloc(queue, sizeof(struct job));
		e = l->lane[i].ring == NULL ? ERR_SYS :
		    threads_start(&l->lane[i], thread_count((enum lane)i));
	}
	if (e != ERR_OK) {
		lanes_stop(l);
		return e;
	}
	*out = l;
	return ERR_OK;
}

/* Each waiting sign-in of a circuit would cost the others 30 ms. */
static bool
waits_already(const struct one *o, uint64_t circuit)
{
	size_t i;

	for (i = 0; i < o->waiting; i++)
		if (o->ring[(o->first + i) % o->size].circuit == circuit)
			return true;
	return false;
}

enum err
lanes_run(struct lanes *l, enum lane lane, uint64_t circuit,
    void (*fn)(void *arg), void *arg)
{
	struct one *o = &l->lane[lane];
	enum err e = ERR_OK;

	if (lane == LANE_HERE) {
		fn(arg);
		return ERR_OK;
	}
	(void)pthread_mutex_lock(&o->mu);
	if (o->stop || o->waiting == o->size || (lane == LANE_SIGNIN &&
	    circuit != 0 && waits_already(o, circuit))) {
		e = ERR_BUSY;
	} else {
		o->ring[(o->first + o->waiting) % o->size] =
		    (struct job){ circuit, fn, arg };
		o->waiting++;
		(void)pthread_cond_signal(&o->work);
	}
	(void)pthread_mutex_unlock(&o->mu);
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
		free(o->ring);
	}
	free(l);
}
