#ifndef NEED_H
#define NEED_H
/*
 * need(p): what a test asks for itself, or the test fails: when calls are
 * made to fail (tests/fault/units.py) a crash is the tested code's, not the
 * test's.
 */
#include <pthread.h>

#define need(p)	need_at((p), __FILE__, __LINE__)

static inline void *
need_at(void *p, const char *file, int line)
{

	if (p == NULL)
		_fail(file, line);
	return p;
}

/*
 * need_threads(t, n, fn, args, size): n threads, each with one of ${args}.  If
 * one cannot be started, the others end before the test fails: what they work
 * on is on its stack.
 */
#define need_threads(t, n, fn, args, size) \
	need_threads_at((t), (n), (fn), (args), (size), __FILE__, __LINE__)

static inline void
need_threads_at(pthread_t *t, size_t n, void *(*fn)(void *), void *args,
    size_t size, const char *file, int line)
{
	size_t i, k;

	for (i = 0; i < n; i++)
		if (pthread_create(&t[i], NULL, fn, (char *)args + i * size)
		    != 0)
			break;
	for (k = 0; i < n && k < i; k++)
		(void)pthread_join(t[k], NULL);
	if (i < n)
		_fail(file, line);
}

#endif
