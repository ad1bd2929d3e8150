/* The auditor's way to the log. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit_home.h"
#include "reach.h"

#define CACHE_NAME_MAX	64

enum audit_exit
reach_open(struct audit *a, struct reach *r)
{
	enum err e;

	memset(r, 0, sizeof(*r));
	r->a = a;
	client_answer_init(&r->answer);
	(void)snprintf(r->office.url, sizeof(r->office.url), "%s", a->log.url);
	(void)snprintf(r->office.authority, sizeof(r->office.authority), "%s",
	    strncmp(a->log.url, "http://", 7) == 0 ? a->log.url + 7 :
	    "localhost");
	e = client_new(&r->office, NULL, a->clock, a->socks, &r->client);
	if (e == ERR_FORMAT)
		return audit_fail(a, AUDIT_USAGE, A_ADDRESS_BAD,
		    a->socks == NULL ? a->log.url : a->socks, NULL);
	return e == ERR_OK ? AUDIT_WELL : audit_err(a, e, A_MACHINE, "curl");
}

void
reach_close(struct reach *r)
{
	client_answer_done(&r->answer);
	client_free(r->client);
	r->client = NULL;
}

enum err
reach_get(struct reach *r, const char *path)
{
	return client_get(r->client, path, "?", &r->answer);
}

bool
reach_answered(enum err e)
{
	return e == ERR_OK || e == ERR_NOTFOUND || e == ERR_FORMAT ||
	    e == ERR_RANGE;
}

enum audit_exit
reach_fail(struct reach *r, enum err e, const char *path)
{
	if (e == ERR_SYS)
		return audit_err(r->a, e, A_MACHINE, client_why(r->client));
	return audit_fail(r->a, AUDIT_UNREAD, A_NET, path,
	    client_why(r->client));
}

enum err
reach_tile(void *arg, const struct tile_name *t, struct merkle_hash *hash)
{
	struct reach *r = arg;
	char path[TILE_PATH_MAX];
	size_t i;
	enum err e;

	tile_path(t, path);
	if ((e = reach_get(r, path)) != ERR_OK)
		return e;
	if (r->answer.body.len != (size_t)t->width * SHA256_LEN)
		return ERR_FORMAT;
	for (i = 0; i < t->width; i++)
		memcpy(hash[i].bytes, r->answer.body.data + i * SHA256_LEN,
		    SHA256_LEN);
	return ERR_OK;
}

static void
cache_name(uint64_t tile, char out[static CACHE_NAME_MAX])
{
	(void)snprintf(out, CACHE_NAME_MAX, "cache/entries/%llu",
	    (unsigned long long)tile);
}

enum err
reach_entries(struct reach *r, uint64_t tile, bool fresh,
    uint8_t entry[static TILE_WIDTH][SHA256_LEN])
{
	struct tile_name t = { .entries = true, .number = tile,
	    .width = TILE_WIDTH };
	char path[TILE_PATH_MAX], name[CACHE_NAME_MAX];
	uint8_t *data = NULL;
	size_t len = 0;
	enum err e;

	if (!fresh) {
		cache_name(tile, name);
		e = audit_home_get(r->a, name, TILE_BYTES, &data, &len);
		if (e == ERR_OK && len == TILE_BYTES) {
			memcpy(entry, data, len);
			free(data);
			return ERR_OK;
		}
		free(data);
	}
	tile_path(&t, path);
	if ((e = reach_get(r, path)) != ERR_OK)
		return e;
	return bundle_decode((struct bytes){ r->answer.body.data,
	    r->answer.body.len }, entry, TILE_WIDTH);
}

enum audit_exit
reach_entries_keep(struct reach *r, uint64_t tile, bool replace,
    uint8_t entry[static TILE_WIDTH][SHA256_LEN])
{
	char name[CACHE_NAME_MAX], *path;
	bool there;

	cache_name(tile, name);
	path = audit_home_path(r->a, "%s", name);
	there = !replace && file_exists(path);
	free(path);
	return there ? AUDIT_WELL : audit_home_put(r->a, name, entry,
	    TILE_BYTES);
}
