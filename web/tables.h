#ifndef TABLES_H
#define TABLES_H
/*
 * What the build makes of web/locale and web/pages: po2c writes the sentences
 * (sorted by key), embed the templates and the style sheet (sorted by name).
 */
#include <stddef.h>
#include <stdint.h>

#include "page.h"

#define KEY_MAX		48	/* bytes of a key with its NUL */

struct sentence {
	const char *key;
	const char *text[LANGS_MAX];	/* NULL: not in that language */
};
extern const struct sentence web_sentences[];
extern const size_t web_sentences_n;

struct language {
	const char *code, *prefix;	/* "jv", "/jv"; the first has "" */
	bool unreviewed;		/* no second person has read it */
	const char *const *pages;	/* NULL at its end; NULL: all */
};
extern const struct language web_languages[];
extern const size_t web_languages_n;

/* Names of partials begin with "_"; the style sheet is "_style". */
struct source {
	const char *name;
	const uint8_t *text;
	size_t len;
};
extern const struct source web_sources[];
extern const size_t web_sources_n;

/* source_find(name, n): the template of that name, NULL if there is none. */
const struct source *source_find(const char *name, size_t n);
/* sentence_find(l, key, n): the sentence, NULL if ${l} has none. */
const char *sentence_find(enum lang l, const char *key, size_t n);

#endif
