/*
 * Fuzzing of what the listener parses itself: a path is decoded once and
 * stays inside its root; a cookie's value has no ";"; a form's token is
 * taken only as this server writes it.
 * Covers: server/http_field.c server/token.c
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "http_internal.h"
#include "token.h"
#include "utf8.h"

static void
as_path(const char *uri)
{
	struct http_exchange *x = calloc(1, sizeof(*x));
	const char *path;

	if (x == NULL)
		abort();
	http_path(x, uri);
	path = x->req.path;
	if (x->bad_path) {
		assert(*path == '\0');
	} else {
		assert(*path == '/' && utf8_valid(path, strlen(path)));
		assert(strstr(path, "//") == NULL);
		assert(strstr(path, "/../") == NULL);
		assert(strstr(path, "/./") == NULL);
		assert(strchr(path, '\\') == NULL);
		assert(strlen(x->req.raw_path) + strlen(x->req.query) ==
		    strlen(uri));
#ifdef PLANTED
		/* Reached only by a path that was decoded. */
		if (strchr(uri, '%') != NULL && strstr(path, "surat") != NULL)
			abort();
#endif
	}
	free(x);
}

static void
as_cookie(const char *cookie)
{
	struct http_connection *c = calloc(1, sizeof(*c));
	char v[64];

	if (c == NULL)
		abort();
	c->x.req.connection = c;
	http_fields_add(&c->x.fields, (struct bytes){ "Cookie", 6 },
	    (struct bytes){ cookie, strlen(cookie) });
	if (http_cookie(&c->x.req, "sid", v, sizeof(v)) == ERR_OK) {
		assert(strlen(v) < sizeof(v) && strchr(v, ';') == NULL);
		assert(strstr(cookie, "sid=") != NULL);
	} else {
		assert(v[0] == '\0');
	}
	free(c);
}

/* The same bytes as the browser's cookie and as its form's token. */
static void
as_token(const char *text)
{
	static const char cookie[] = "00112233445566778899aabbccddeeff"
	    "00112233445566778899aabbccddeeff";
	static struct secret *key;
	char want[TOKEN_MAX];
	uint8_t draft[DRAFT_LEN];
	uint64_t epoch;

	if (key == NULL && secret_new(32, &key) != ERR_OK)
		abort();
	assert(token_cookie_valid(text) == (strlen(text) == COOKIE_TEXT &&
	    strspn(text, "0123456789abcdef") == COOKIE_TEXT));
	if (token_form_check(key, cookie, text, draft, &epoch) == ERR_OK) {
		token_form(key, cookie, epoch, want);
		assert(strcmp(text, want) == 0);
	}
	if (token_session_check(key, cookie, text) == ERR_OK) {
		token_session(key, cookie, want);
		assert(strcmp(text, want) == 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static int ready;
	char *text;

	if (!ready++ && crypto_init() != ERR_OK)
		abort();
	if ((text = malloc(n + 1)) == NULL)
		abort();
	if (n > 0)
		memcpy(text, p, n);
	text[n] = '\0';
	as_path(text);
	as_cookie(text);
	as_token(text);
	free(text);
	return 0;
}
