#ifndef FORM_H
#define FORM_H
/*
 * Forms as browsers send them: application/x-www-form-urlencoded and
 * multipart/form-data (RFC 7578), parsed while they arrive.  Strict: what a
 * browser would not send is refused.  Pure: bytes in, events out.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "crypto.h"
#include "err.h"

#define FORM_PARTS_MAX		64	/* fields and files of a form */
#define FORM_NAME_MAX		64	/* bytes of a field's name */
#define FORM_FILENAME_MAX	1024	/* bytes read; longer is cut later */
#define FORM_TYPE_MAX		128
#define FORM_BOUNDARY_MAX	70

struct form;
struct form_limits {
	size_t field_max;	/* bytes of one field's value */
	size_t fields_max;	/* bytes of all of them */
	unsigned files_max;	/* files with a name or with content */
};
enum form_fault {		/* why a body was refused */
	FORM_FINE, FORM_MALFORMED, FORM_FIELD_TOO_LARGE, FORM_TOO_MANY,
	FORM_NOT_UTF8, FORM_REFUSED	/* by the file callbacks */
};
enum form_take { FORM_TAKEN, FORM_WAIT, FORM_STOP };
/*
 * What files do.  start: name and type as sent (valid UTF-8 or repaired with
 * U+FFFD, %22 %0D %0A decoded as browsers encode them).  data: takes up to
 * in.n bytes, *taken says how many; FORM_WAIT: call me again later.
 * An empty file input of a browser (no name, no bytes) makes no calls.
 */
struct form_files {
	enum form_take (*start)(void *arg, const char *name, const char *type);
	enum form_take (*data)(void *arg, struct bytes in, size_t *taken);
	enum form_take (*end)(void *arg);
	void *arg;
};

/*
 * form_new(content_type, limits, files, out): ${files} NULL: files are a
 * fault.  Fails: ERR_FORMAT (no or a bad boundary, two of them), ERR_NOTFOUND
 * (another media type: 415), ERR_SYS.
 */
enum err form_new(const char *content_type, const struct form_limits *l,
    const struct form_files *files, struct form **out) MUST_USE;
/*
 * form_feed(f, in, taken): parse as much as can be.  FORM_WAIT: the rest
 * later; FORM_STOP: form_fault says why, nothing more is taken.
 */
enum form_take form_feed(struct form *f, struct bytes in, size_t *taken);
/* form_end(f): the body is over; the fault if it was not whole. */
enum form_fault form_end(struct form *f);
enum form_fault form_fault(const struct form *f);
/* form_get(f, name): a field's value, NUL-terminated, valid UTF-8 without
 * NUL; NULL if absent; the first of several.  form_nth: the n-th of them. */
const char *form_get(const struct form *f, const char *name);
const char *form_nth(const struct form *f, const char *name, size_t n);
void form_free(struct form *f);		/* wipes */

#endif
