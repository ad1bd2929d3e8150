#ifndef LINE_H
#define LINE_H
/*
 * Texts made of lines "KEY VALUE" LF: what all line formats of this room
 * share.  Borrowed bytes in, borrowed bytes out.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "crypto.h"
#include "err.h"

#define LINE_DECIMAL_MAX	INT64_MAX

/* line_is(text, s): the bytes are exactly ${s}. */
bool line_is(struct bytes text, const char *s);
/*
 * line_take(c, key, value): if the next line is "KEY VALUE", its value, and
 * the cursor moves behind it; else false, and the cursor stays.
 */
bool line_take(struct cur *c, const char *key, struct bytes *value);
/*
 * line_word(rest, word): cuts the first word off ${rest}; words are parted by
 * exactly one space.  Fails: false at the end, and for an empty word.
 */
bool line_word(struct bytes *rest, struct bytes *word);
/* line_order(a, b): as memcmp; a text that begins another one first. */
int line_order(struct bytes a, struct bytes b);
/*
 * line_text(text, out, size): a copy as C text.  Fails: ERR_RANGE if it does
 * not fit with its NUL, ERR_FORMAT if it holds a NUL.
 */
enum err line_text(struct bytes text, char *out, size_t size) MUST_USE;
/*
 * line_decimal(text, out): digits without leading zeros, at most 2^63-1.
 * Fails: ERR_FORMAT, ERR_RANGE.
 */
enum err line_decimal(struct bytes text, uint64_t *out) MUST_USE;
/*
 * line_head(c, label, origin): the first line "LABEL ORIGIN", where ${label}
 * is "NAME/v1"; another version is ERR_VERSION.
 * ${origin} takes ORIGIN_MAX bytes and a NUL.
 * Fails: ERR_FORMAT, ERR_VERSION, ERR_RANGE.
 */
enum err line_head(struct cur *c, const char *label, char *origin) MUST_USE;
/*
 * line_origin_valid(origin): 1 to ORIGIN_MAX visible ASCII characters
 * without '+', which key names cannot hold.
 */
bool line_origin_valid(const char *origin);

/* line_put_hex, line_put_decimal: append "KEY VALUE" LF. */
void line_put_hex(struct buf *out, const char *key, const void *p, size_t n);
void line_put_decimal(struct buf *out, const char *key, uint64_t v);

#endif
