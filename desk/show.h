#ifndef SHOW_H
#define SHOW_H
/* Small things that several commands show. */
#include "book.h"
#include "message.h"

#define SHOW_DATE_MAX	16
/* show_date(b, epoch, out): the WIB date of an epoch's first second. */
void show_date(const struct book *b, uint64_t epoch,
    char out[static SHOW_DATE_MAX]);
/* show_by(d, e, out, max): who did it: "source", "desk HEX", "server". */
#define SHOW_BY_MAX	80
void show_by(const struct book_event *e, char out[static SHOW_BY_MAX]);
/* show_hex(p, n): a JSON string of ${n} bytes in hex. */
json_t *show_hex(const uint8_t *p, size_t n);
/* show_number(v): a JSON integer. */
json_t *show_number(uint64_t v);
/* show_waiting(d, b, v): hours that the source has waited for a desk. */
uint64_t show_waiting(struct desk *d, const struct book *b,
    const struct book_view *v);
/*
 * show_consent(d, v): how it stands with the case's identity, in words; NULL
 * if there is none to speak of.
 */
const char *show_consent(const struct desk *d, const struct book_view *v);
/* show_consent_json(o, v): the same as keys "identity" and "consent". */
void show_consent_json(json_t *o, const struct book_view *v);
/* show_fields(m): the fields as a JSON object; repeated keys as an array. */
json_t *show_fields(const struct manifest *m);
/* show_fields_text(d, m, out): the same for people, made visible. */
void show_fields_text(const struct desk *d, const struct manifest *m,
    struct buf *out);
/* show_book_open(d, b): keys, office and index, for commands that only look. */
enum peluit_exit show_book_open(struct desk *d, struct book **b);

#endif
