#ifndef PAGE_OUT_H
#define PAGE_OUT_H
/*
 * The report as one self-contained HTML page: inline style, inline SVG, no
 * script, nothing fetched; every picture has a table or a sentence that says
 * the same.
 */
#include <jansson.h>
#include <stdbool.h>

#include "buf.h"

struct page_options { bool english, cases; };
/*
 * page_out(result, o, out): from the result of a full audit; case names only
 * with o->cases.  Fails: as the buffer.
 */
enum err page_out(const json_t *result, const struct page_options *o,
    struct buf *out) MUST_USE;
/*
 * page_without_cases(result): a copy without a case's name or leaf; the
 * caller's reference.
 */
json_t *page_without_cases(const json_t *result);

/* page_escape(s, out): ${s} as text of a page. */
void page_escape(const char *s, struct buf *out);

struct page_bar { const char *label; json_int_t n; bool warn; };
/* page_bars(title, bars, n, out): horizontal bars with their numbers. */
void page_bars(const char *title, const struct page_bar *bar, size_t n,
    struct buf *out);

#endif
