#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit_home.h"
#include "disclose.h"

#define SEALED_MAX	(1024 * 1024)
#define NAME_LEN	64

enum err
disclose_split(struct bytes plain, struct chain_leaf leaf[static CHAIN_WIDTH])
{
	const uint8_t *slot = plain.p;
	size_t i;

	if (plain.n != DISCLOSURE_BYTES)
		return ERR_FORMAT;
	for (i = 0; i < CHAIN_WIDTH; i++, slot += SLOT_BYTES)
		leaf[i].opened = slot_decode(slot, &leaf[i].open) == ERR_OK;
	return ERR_OK;
}

enum err
disclose_fetch(struct reach *r, uint64_t epoch, bool fresh, struct buf *out)
{
	char name[NAME_LEN], path[NAME_LEN];
	uint8_t *data = NULL;
	size_t len = 0;
	enum err e;

	buf_reset(out);
	if (!fresh) {
		(void)snprintf(name, sizeof(name), "cache/disclosure/%llu",
		    (unsigned long long)epoch);
		e = audit_home_get(r->a, name, SEALED_MAX, &data, &len);
		if (e == ERR_OK)
			buf_put(out, data, len);
		free(data);
		if (e == ERR_OK)
			return buf_err(out);
	}
	(void)snprintf(path, sizeof(path), "/disclosure/%llu",
	    (unsigned long long)epoch);
	if ((e = reach_get(r, path)) != ERR_OK)
		return e;
	buf_put(out, r->answer.body.data, r->answer.body.len);
	return buf_err(out);
}

enum audit_exit
disclose_keep(struct reach *r, uint64_t epoch, struct bytes file)
{
	char name[NAME_LEN], *path;
	bool there;

	(void)snprintf(name, sizeof(name), "cache/disclosure/%llu",
	    (unsigned long long)epoch);
	path = audit_home_path(r->a, "%s", name);
	there = file_exists(path);
	free(path);
	return there ? AUDIT_WELL : audit_home_put(r->a, name, file.p,
	    file.n);
}
