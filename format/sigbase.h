#ifndef SIGBASE_H
#define SIGBASE_H
/*
 * Signature bases of RFC 9421 section 2.5, component by component: the
 * profile and the vectors of the standard are built by the same few lines.
 */
#include "buf.h"
#include "err.h"

struct sigbase {
	struct buf *input;	/* the inner list, as it grows */
	struct buf *base;
	size_t from;		/* where the inner list begins in ${input} */
	enum err err;
};

/* sigbase_begin(input, base): the inner list is appended to ${input}. */
struct sigbase sigbase_begin(struct buf *input, struct buf *base);
/*
 * sigbase_add(s, name, params, value): one covered component; ${params} is
 * "" or text such as ";req".  Fails (sticky): ERR_FORMAT for a value that is
 * absent (NULL) or holds anything but printable ASCII.
 */
void sigbase_add(struct sigbase *s, const char *name, const char *params,
    const char *value);
/* sigbase_end(s, params): the list's own parameters, ";created=..." . */
enum err sigbase_end(struct sigbase *s, const char *params) MUST_USE;

#endif
