#ifndef UTF8_H
#define UTF8_H
/* Text from outside: is it text, and can it be shown? */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"

#define UTF8_BAD	UINT32_MAX

/*
 * utf8_next(p, n, len): the first character of ${n} > 0 bytes, in *len how
 * many of them it takes.  Fails: UTF8_BAD and one byte.
 */
uint32_t utf8_next(const void *p, size_t n, size_t *len);
/* utf8_hidden(ch): invisible, moving the text, or a control character. */
bool utf8_hidden(uint32_t ch);
/* utf8_space(ch): white space by the Unicode property White_Space. */
bool utf8_space(uint32_t ch);
/*
 * utf8_valid(p, n): strict UTF-8 (Unicode 15, table 3-7): no surrogates, no
 * overlong forms, no NUL.
 */
bool utf8_valid(const void *p, size_t n);
/* utf8_count(p, n): number of characters of a valid text. */
size_t utf8_count(const void *p, size_t n);
/* utf8_cut(text, max): how many bytes of a text to keep, at most ${max}, so
 * that no character is cut. */
size_t utf8_cut(const char *text, size_t max);
/*
 * utf8_visible(p, n, out): append ${n} bytes so that a person may look at
 * them: control characters (but LF and TAB), terminal escapes, bidirectional
 * overrides and isolates, invisible and tag characters, and bytes that are
 * not UTF-8 become visible marks such as <U+202E> or <0x9B>; CR LF becomes LF.
 */
void utf8_visible(const void *p, size_t n, struct buf *out);
/*
 * utf8_visible_line: the same for one line: LF and TAB are marked too; for
 * file names and labels.
 */
void utf8_visible_line(const void *p, size_t n, struct buf *out);
/*
 * utf8_safe_name(p, n, number, out): a file name that is safe on every
 * system, from what a stranger called a file: the last component, letters,
 * digits, dot, dash, underscore and other printable characters kept, the
 * rest "_", no leading dot or dash, no reserved name, at most 100 bytes cut
 * at a character, its extension kept; "NN-" before it, since names repeat.
 */
void utf8_safe_name(const void *p, size_t n, unsigned number,
    struct buf *out);

#endif
