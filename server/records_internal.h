#ifndef RECORDS_INTERNAL_H
#define RECORDS_INTERNAL_H
/* Helpers that the files of the records share. */
#include "records.h"

#define RECORD_VERSION	1

/* record_begin(b): a buffer with the version byte in it. */
void record_begin(struct buf *b);
/* record_cur(text): a cursor behind a right version byte, else a bad one. */
struct cur record_cur(struct bytes text);
void record_text(struct buf *b, const char *s);
/* record_opening_put, _get: an opening inside a record. */
void record_opening_put(struct buf *b, const struct opening *o);
void record_opening_get(struct cur *c, struct opening *o);
void record_event_get(struct cur *c, uint8_t *event, uint16_t *len);
void record_text_get(struct cur *c, char *out, size_t size);

#endif
