#ifndef ZERO_H
#define ZERO_H
/*
 * What the heap (sys/zerofree.c) and the stacks (sys/stack.c) have in common.
 * Tools that look at each access themselves do without both: the sanitizers,
 * and valgrind, for which PELUIT_PLAIN_FREE is given.
 */
#include <stddef.h>

#if defined(__SANITIZE_ADDRESS__)
#define PELUIT_PLAIN_FREE
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer) || \
    __has_feature(thread_sanitizer)
#define PELUIT_PLAIN_FREE
#endif
#endif
#if defined(__SANITIZE_THREAD__) && !defined(PELUIT_PLAIN_FREE)
#define PELUIT_PLAIN_FREE
#endif

#define ZERO_PAGE	4096

#ifndef PELUIT_PLAIN_FREE
/*
 * zero_sparse(p, n): zero what is in memory of it, without bringing pages
 * into being that the program never wrote to.  Uses little of the stack.
 */
void zero_sparse(void *p, size_t n);
#endif

#endif
