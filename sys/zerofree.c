/*
 * free() and realloc() of the whole program, its libraries included: what is
 * released is zeroed first, so that a request that was answered leaves
 * nothing on the heap.  The definitions in the executable come before the C
 * library's for every caller, also inside shared libraries.
 *
 * Left out under AddressSanitizer, which has an allocator of its own, and with
 * PELUIT_PLAIN_FREE, for valgrind, which replaces these two itself.
 */
#include "sys.h"
#include "zero.h"

#ifndef PELUIT_PLAIN_FREE
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define SPARSE_MIN	(256 * 1024)	/* may be a map never touched */
#define STEP_PAGES	256		/* asked about in one call */

extern void __libc_free(void *p);

/* Long-lived daemons: large chunks go back to the system when freed. */
static void heap_start(void) __attribute__((constructor));
static void
heap_start(void)
{
	process_heap();
}

/* Only what is in memory can hold anything. */
void
zero_sparse(void *at, size_t n)
{
	unsigned char resident[STEP_PAGES], *p = at;
	size_t head, pages, i;
	int saved;

	saved = errno;
	head = (ZERO_PAGE - (size_t)((uintptr_t)p % ZERO_PAGE)) % ZERO_PAGE;
	explicit_bzero(p, head);
	p += head;
	n -= head;
	while (n >= ZERO_PAGE) {
		pages = n / ZERO_PAGE < STEP_PAGES ? n / ZERO_PAGE : STEP_PAGES;
		if (mincore(p, pages * ZERO_PAGE, resident) == -1)
			memset(resident, 1, sizeof(resident));
		for (i = 0; i < pages; i++)
			if (resident[i] & 1)
				explicit_bzero(p + i * ZERO_PAGE, ZERO_PAGE);
		p += pages * ZERO_PAGE;
		n -= pages * ZERO_PAGE;
	}
	explicit_bzero(p, n);
	errno = saved;
}

static void
zero(void *p, size_t n)
{
	if (n >= SPARSE_MIN)
		zero_sparse(p, n);
	else
		explicit_bzero(p, n);
}

void
free(void *p)
{
	if (p == NULL)
		return;
	zero(p, malloc_usable_size(p));
	__libc_free(p);
}

void *
realloc(void *p, size_t n)
{
	size_t have;
	void *q;

	if (p == NULL)
		return malloc(n);
	if (n == 0) {
		free(p);
		return NULL;
	}
	have = malloc_usable_size(p);
	/* In place, unless more than half of it would stand unused. */
	if (n <= have && n >= have / 2) {
		zero((unsigned char *)p + n, have - n);
		return p;
	}
	if ((q = malloc(n)) == NULL)
		return NULL;
	memcpy(q, p, n < have ? n : have);
	free(p);
	return q;
}
#endif
