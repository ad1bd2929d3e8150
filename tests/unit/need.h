#ifndef NEED_H
#define NEED_H
/*
 * need(p): what a test asks for itself, or the test fails: when calls are
 * made to fail (tests/fault/units.py) a crash is the tested code's, not the
 * test's.
 */
#define need(p)	need_at((p), __FILE__, __LINE__)

static inline void *
need_at(void *p, const char *file, int line)
{

	if (p == NULL)
		_fail(file, line);
	return p;
}

#endif
