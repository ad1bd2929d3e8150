#ifndef STATUS_H
#define STATUS_H
/* Codes of the field: statuses, reasons, categories, kinds of a case's life. */
#include <stdbool.h>
#include <stddef.h>

#define STATUS_MAX	24	/* bytes of a status code */

/* status_well_formed(code): 1 to STATUS_MAX of A-Z and _, a letter first. */
bool status_well_formed(const char *code);
/* status_known(code): one of the statuses of a case (RECEIVED ...). */
bool status_known(const char *code);
/* status_at(i): the i-th status code, NULL past the end. */
const char *status_at(size_t i);
/* status_is_closed(code): CLOSED_*, REFERRED, ARCHIVED. */
bool status_is_closed(const char *code);
/* status_needs_reason(code): ARCHIVED, REFERRED. */
bool status_needs_reason(const char *code);

/* Categories of a report; the public form shows a part of them. */
struct category { const char *code; bool public; };
const struct category *category_at(size_t i);	/* NULL past the end */
bool category_is_public(const char *code);

#endif
