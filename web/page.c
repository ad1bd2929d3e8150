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

static pthread_once_t once = PTHREAD_ONCE_INIT;
static json_t *defaults[LANGS];
static char csp[256];

const char *
page_lang_code(enum lang l)
{
	assert(l < LANGS);
	return l == LANG_ID ? "id" : "en";
}

const char *
page_lang_prefix(enum lang l)
{
	assert(l < LANGS);
	return l == LANG_ID ? "" : "/en";
}

static void
start(void)
{
	const struct source *style = source_find("_style", strlen("_style"));
	char b64[BASE64_LEN(SHA256_LEN) + 1];
	uint8_t hash[SHA256_LEN];
	int n;

	assert(style != NULL);
	sha256(style->text, style->len, hash);
	base64_encode(hash, sizeof(hash), BASE64_PADDED, b64);
	n = snprintf(csp, sizeof(csp),
	    "default-src 'none'; style-src 'sha256-%s'; form-action 'self'; "
	    "frame-src 'self'; frame-ancestors 'self'; base-uri 'none'; "
	    "img-src 'none'",
	    b64);
	assert(n > 0 && (size_t)n < sizeof(csp));

	for (enum lang l = 0; l < LANGS; l++) {
		enum lang other = l == LANG_ID ? LANG_EN : LANG_ID;

		defaults[l] = json_pack("{s:s, s:s, s:s, s:s}", "lang",
		    page_lang_code(l), "base", page_lang_prefix(l),
		    "other_base", page_lang_prefix(other), "here", "/");
	}
}

const char *
page_csp(void)
{
	(void)pthread_once(&once, start);
	return csp;
}

const json_t *
page_defaults(enum lang l)
{
	assert(l < LANGS);
	(void)pthread_once(&once, start);
	return defaults[l];
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
page_render(enum lang l, const char *page, const json_t *model, struct buf *out)
{
	struct render_job job = {
	    .lang = l,
	    .model = model,
	    .defaults = page_defaults(l),
	};
	size_t start_len = out->len;
	enum err e;

	if (job.defaults == NULL)
		return ERR_SYS;
	if ((e = render_page(&job, page, out)) != ERR_OK)
		return e;
	return pad(out, start_len);
}
