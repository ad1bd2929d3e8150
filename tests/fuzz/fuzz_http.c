/*
 * Fuzzing of what the listener parses itself: the PROXY line; a path is
 * decoded once and stays inside its root; a cookie's value has no ";".
 */
#include <arpa/inet.h>
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http_internal.h"
#include "utf8.h"

static void
as_proxy(const uint8_t *p, size_t n)
{
	char address[INET6_ADDRSTRLEN];
	uint64_t circuit;
	uint8_t ip[16];

	if (http_proxy_parse((const char *)p, n, &circuit, ip) != ERR_OK) {
		assert(circuit == 0);
		return;
	}
	assert(circuit >> 32 == 1);
	assert(inet_ntop(AF_INET6, ip, address, sizeof(address)) != NULL);
	assert(strncmp(address, "fc00:dead:beef:4dad:", 20) == 0);
#if defined(PLANTED) || defined(PLANTED_FAULT)
	/* Any address but the seeds'. */
	if ((circuit & 0xff) != 0x33 && (circuit & 0xff) != 0xff)
		abort();
#endif
}

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

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static int ready;
	char *text;

	if (!ready++ && crypto_init() != ERR_OK)
		abort();
	as_proxy(p, n);
	if ((text = malloc(n + 1)) == NULL)
		abort();
	if (n > 0)
		memcpy(text, p, n);
	text[n] = '\0';
	as_path(text);
	as_cookie(text);
	free(text);
	return 0;
}
