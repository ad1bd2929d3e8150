/* The source's pages: whole documents, padded, and their policy. */
#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "crypto.h"
#include "page.h"
#include "render.h"
#include "tables.h"

/*
 * The smallest class.  An inbox with answers and one without fit in it, and so
 * does the form: who counts bytes on the way cannot tell them apart.
 */
#define PAGE_MIN ((size_t)32 * 1024)

/*
 * What stands around the padding.  The comment is plain: nothing on the way
 * to the source compresses, since that would undo it.
 */
#define PAD_OPEN "<!--"
#define PAD_CLOSE "-->\n"
#define PAD_AROUND (sizeof(PAD_OPEN) - 1 + sizeof(PAD_CLOSE) - 1)

#define PAGES_MAX 64

static pthread_once_t once = PTHREAD_ONCE_INIT;
static json_t *defaults[LANGS_MAX][PAGES_MAX]; /* by place in web_sources */
static char csp[256];

/* The languages that a page can be read in instead: {code, base, name}. */
static json_t *
other_languages(enum lang mine, const char *page)
{
	json_t *list = json_array();

	for (enum lang l = 0; l < page_langs(); l++)
		if (l != mine && page_covers(l, page))
			(void)json_array_append_new(list,
			    json_pack("{s:s, s:s, s:s}", "code",
				page_lang_code(l), "base", page_lang_prefix(l),
				"name", page_text(l, "site.language")));
	return list;
}

static void
start(void)
{
	const struct source *style = source_find("_style", strlen("_style"));
	char b64[BASE64_LEN(SHA256_LEN) + 1];
	uint8_t hash[SHA256_LEN];
	int n;

	assert(style != NULL && web_sources_n <= PAGES_MAX);
	sha256(style->text, style->len, hash);
	base64_encode(hash, sizeof(hash), BASE64_PADDED, b64);
	n = snprintf(csp, sizeof(csp),
	    "default-src 'none'; style-src 'sha256-%s'; form-action 'self'; "
	    "frame-src 'self'; frame-ancestors 'self'; base-uri 'none'; "
	    "img-src 'none'",
	    b64);
	assert(n > 0 && (size_t)n < sizeof(csp));

	for (enum lang l = 0; l < page_langs(); l++)
		for (size_t i = 0; i < web_sources_n; i++)
			defaults[l][i] = json_pack("{s:s, s:s, s:s, s:b, s:o}",
			    "lang", page_lang_code(l), "base",
			    page_lang_prefix(l), "here", "/", "unreviewed",
			    (int)web_languages[l].unreviewed, "languages",
			    other_languages(l, web_sources[i].name));
}

const char *
page_csp(void)
{
	(void)pthread_once(&once, start);
	return csp;
}

const json_t *
page_defaults(enum lang l, const char *page)
{
	const struct source *s = source_find(page, strlen(page));

	assert(l < page_langs());
	(void)pthread_once(&once, start);
	return s != NULL ? defaults[l][s - web_sources] : NULL;
}

/* Fill up to the next class, counted from ${start_len}. */
static enum err
pad(struct buf *out, size_t start_len)
{
	size_t len = out->len - start_len;
	size_t want = PAGE_MIN;

	while (want < len || want - len < PAD_AROUND) {
		if (want > SIZE_MAX / 2)
			return ERR_RANGE;
		want *= 2;
	}
	buf_puts(out, PAD_OPEN);
	buf_fill(out, ' ', want - len - PAD_AROUND);
	buf_puts(out, PAD_CLOSE);
	return buf_err(out);
}

enum err
page_paper(enum lang l, const char *part, const json_t *model, struct buf *out)
{
	const struct source *s = source_find(part, strlen(part));
	struct render_job job = {
	    .lang = l,
	    .model = model,
	    .defaults = page_defaults(l, part),
	};

	if (s == NULL)
		return ERR_NOTFOUND;
	return render_text(&job, (const char *)s->text, s->len, out);
}

enum err
page_render(enum lang l, const char *page, const json_t *model, struct buf *out)
{
	struct render_job job = {
	    .lang = l,
	    .model = model,
	    .defaults = page_defaults(l, page),
	};
	size_t start_len = out->len;
	enum err e;

	if ((e = render_page(&job, page, out)) != ERR_OK)
		return e;
	return pad(out, start_len);
}
