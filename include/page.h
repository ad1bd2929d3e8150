#ifndef PAGE_H
#define PAGE_H
/*
 * The source's pages: a template, a language and a model give HTML.
 * Templates stand in web/pages/, sentences in web/locale/LANG.po; both are
 * compiled in.  The model is a jansson object; what a page needs is listed at
 * the head of its template.  Nothing here knows the store or HTTP.
 */
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "crypto.h"
#include "err.h"

/* Indonesian, English, then each other web/locale/XX.po, by its code. */
#define LANGS_MAX 16
enum lang { LANG_ID, LANG_EN, LANG_LAST_ = LANGS_MAX - 1 };

/* page_langs(): how many there are. */
enum lang page_langs(void);
/* page_lang_prefix(l): "" or "/en"; page_lang_code(l): "id", "en". */
const char *page_lang_prefix(enum lang l);
const char *page_lang_code(enum lang l);
/*
 * page_covers(l, page): whether the language has every sentence of ${page}.
 * One that is not whole names its pages; the others are shown in Indonesian.
 * page_lang_whole(l): it has every page.
 */
bool page_covers(enum lang l, const char *page);
bool page_lang_whole(enum lang l);

/*
 * page_render(l, page, model, out): appends the whole HTML document of the
 * template ${page} ("home", "form", ...), with the style sheet inline, padded
 * to 32, 64, ... KiB by a comment at its end.
 * Every value of the model is escaped.  Fails: ERR_NOTFOUND (no such page),
 * ERR_RANGE, ERR_SYS.
 */
enum err page_render(enum lang l, const char *page, const json_t *model,
    struct buf *out) MUST_USE;
/*
 * page_paper(l, part, model, out): appends a part of a paper (web/papers/,
 * "_poster", ...), which is not a page of the source: unpadded, and it may
 * draw.  Fails: as page_render.
 */
enum err page_paper(enum lang l, const char *part, const json_t *model,
    struct buf *out) MUST_USE;
/* page_csp(): the Content-Security-Policy, with the style's hash. */
const char *page_csp(void);
/*
 * page_text(l, key): the sentence ${key}, in Indonesian if ${l} lacks it; the
 * key itself if there is none.
 */
const char *page_text(enum lang l, const char *key);
/*
 * page_date(l, unix_seconds, utc_offset_sec, out): "21 November 2026".
 */
#define PAGE_DATE_MAX 64
void page_date(enum lang l, int64_t unix_seconds, int utc_offset_sec,
    char out[static PAGE_DATE_MAX]);

#endif
