/* The tables that the build makes: looked up by bisection. */
#include <assert.h>
#include <string.h>

#include "tables.h"

/* Compare ${n} bytes of a name that need not end in NUL with a whole one. */
static int
compare(const char *name, size_t n, const char *entry)
{
	int c = strncmp(name, entry, n);

	if (c == 0 && entry[n] != '\0')
		return -1;
	return c;
}

const struct source *
source_find(const char *name, size_t n)
{
	size_t low = 0, high = web_sources_n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int c = compare(name, n, web_sources[mid].name);

		if (c == 0)
			return &web_sources[mid];
		if (c < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return NULL;
}

const char *
sentence_find(enum lang l, const char *key, size_t n)
{
	size_t low = 0, high = web_sentences_n;

	assert(l < page_langs());
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int c = compare(key, n, web_sentences[mid].key);

		if (c == 0)
			return web_sentences[mid].text[l];
		if (c < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return NULL;
}

const char *
page_text(enum lang l, const char *key)
{
	const char *text = sentence_find(l, key, strlen(key));

	if (text == NULL)
		text = sentence_find(LANG_ID, key, strlen(key));
	return text != NULL ? text : key;
}

enum lang
page_langs(void)
{
	return (enum lang)web_languages_n;
}

const char *
page_lang_code(enum lang l)
{
	assert(l < page_langs());
	return web_languages[l].code;
}

const char *
page_lang_prefix(enum lang l)
{
	assert(l < page_langs());
	return web_languages[l].prefix;
}

bool
page_lang_whole(enum lang l)
{
	assert(l < page_langs());
	return web_languages[l].pages == NULL;
}

bool
page_covers(enum lang l, const char *page)
{
	if (page_lang_whole(l))
		return true;
	for (const char *const *p = web_languages[l].pages; *p != NULL; p++)
		if (strcmp(*p, page) == 0)
			return true;
	return false;
}
