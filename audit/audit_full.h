#ifndef AUDIT_FULL_H
#define AUDIT_FULL_H
/* The audit that opens everything, and its result for programs and pages. */
#include "audit_check.h"
#include "chain.h"

/*
 * audit_full(a, identity, whole): all of it; ${identity} NULL: the home's own.
 * The result stands in a->result.  *whole: it came to its end, and the result
 * is kept, sealed by nothing, in the home.
 */
enum audit_exit audit_full(struct audit *a, const char *identity, bool *whole);
/* full_result(a, k, c, h): what the pass over ${c} found, into a->result. */
void full_result(struct audit *a, const struct chain *c,
    const struct seen *seen);

#endif
