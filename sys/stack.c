/*
 * The stack below its caller, zeroed: what was called before has left its
 * variables, and copies of what went through registers, there.
 */
#include "sys.h"
#include "zero.h"

#ifdef PELUIT_PLAIN_FREE
void
stack_clear(void)
{
}
#else
#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

#define NEAR	1024		/* written by a frame of its own */
#define GAP	512		/* less than NEAR: holds this file's frames */
#define ROOM	16384		/* what zero_sparse and the kernel's door use */
#define MAIN_MAX ((uintptr_t)1 << 20)	/* of the first thread's stack */

/* The lowest byte of a thread's stack; 0: not asked yet. */
static _Thread_local uintptr_t lowest;

/*
 * The first thread's stack grows, and what lies below is not mapped: step
 * down as long as there is something.
 */
static uintptr_t
first_lowest(uintptr_t from)
{
	uintptr_t page = from & ~(uintptr_t)(ZERO_PAGE - 1);
	unsigned char in;

	while (from - page < MAIN_MAX &&
	    mincore((void *)(page - ZERO_PAGE), ZERO_PAGE, &in) == 0)
		page -= ZERO_PAGE;
	return page;
}

static uintptr_t
thread_lowest(void)
{
	pthread_attr_t attr;
	void *at;
	size_t n;

	if (lowest == 0 && pthread_getattr_np(pthread_self(), &attr) == 0) {
		if (pthread_attr_getstack(&attr, &at, &n) == 0)
			lowest = (uintptr_t)at;
		(void)pthread_attr_destroy(&attr);
	}
	return lowest;
}

/* All but the nearest bytes. */
__attribute__((noinline)) static void
clear_far(void)
{
	uintptr_t here = (uintptr_t)__builtin_frame_address(0) - GAP;
	uintptr_t low = getpid() == gettid() ? first_lowest(here) :
	    thread_lowest();
	volatile unsigned char *p;

	if (low == 0)
		return;
	p = (volatile unsigned char *)low;
	if (here - low > ROOM) {
		zero_sparse((void *)low, here - low - ROOM);
		p = (volatile unsigned char *)(here - ROOM);
	}
	/* no call from here on: it would use what is being zeroed */
	while ((uintptr_t)p < here)
		*p++ = 0;
}

/* And those: where clear_far stood. */
__attribute__((noinline)) static void
clear_near(void)
{
	volatile unsigned char frame[NEAR];
	size_t i;

	for (i = 0; i < sizeof(frame); i++)
		frame[i] = 0;
}

void
stack_clear(void)
{
	clear_far();
	clear_near();
}
#endif
