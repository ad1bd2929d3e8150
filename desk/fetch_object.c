/*
 * One object: header and blocks into OBJECT.age.part, synced, then renamed.
 * A part that is there already is gone on with at its last whole block, if it
 * begins with the same header.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fetch_object.h"
#include "sealed.h"
#include "vault.h"

#define OBJECT_MAX	(UINT64_C(1) << 42)

static enum err
get(struct fetch *f, const uint8_t id[static ID_LEN], const char *part)
{
	char path[HEX_LEN(ID_LEN) + 48], hex[HEX_LEN(ID_LEN) + 1];

	hex_encode(id, ID_LEN, hex);
	(void)snprintf(path, sizeof(path), "/v1/objects/%s/%s", hex, part);
	return client_get(f->client, path, "?", &f->answer);
}

bool
fetch_is_no(const struct fetch *f, enum err e)
{
	return (e == ERR_NOTFOUND || e == ERR_DENIED) && f->answer.verified;
}

enum err
fetch_header(struct fetch *f, const uint8_t id[static ID_LEN], char which,
    struct buf *out)
{
	const char part[2] = { which, '\0' };
	size_t stanzas;
	enum err e;

	if ((e = get(f, id, part)) != ERR_OK)
		return e;
	if (age_header_check(f->answer.body.data, f->answer.body.len,
	    &stanzas) != ERR_OK)
		return ERR_FORMAT;
	buf_put(out, f->answer.body.data, f->answer.body.len);
	return buf_err(out);
}

static enum err
write_at(int fd, const uint8_t *p, size_t n, uint64_t at)
{
	ssize_t k;

	while (n > 0) {
		k = pwrite(fd, p, n, (off_t)at);
		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0)
			return errno == ENOSPC ? ERR_FULL : ERR_SYS;
		p += k;
		n -= (size_t)k;
		at += (size_t)k;
	}
	return ERR_OK;
}

/* Whether the file begins with ${header}; *size: how long it is. */
static bool
begins_with(int fd, struct bytes header, uint64_t *size)
{
	struct stat st;
	uint8_t *p;
	bool same;

	*size = 0;
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) ||
	    (uint64_t)st.st_size < header.n || (p = malloc(header.n)) == NULL)
		return false;
	same = pread(fd, p, header.n, 0) == (ssize_t)header.n &&
	    memcmp(p, header.p, header.n) == 0;
	free(p);
	*size = (uint64_t)st.st_size;
	return same;
}

/* Prepares the part.  *have: whole blocks that it holds. */
static enum err
part_begin(int fd, struct bytes header, const struct book_object *o,
    uint64_t *have)
{
	uint64_t size;

	*have = 0;
	if (begins_with(fd, header, &size))
		*have = (size - header.n) / BLOCK_LEN;
	if (*have > o->blocks)
		*have = 0;
	if (ftruncate(fd, (off_t)(header.n + *have * BLOCK_LEN)) != 0)
		return ERR_SYS;
	return *have > 0 ? ERR_OK : write_at(fd, header.p, header.n, 0);
}

static enum err
part_fill(struct fetch *f, int fd, size_t header,
    const struct book_object *o, uint64_t have)
{
	uint64_t k, at;
	size_t want;
	char part[24];
	enum err e;

	for (k = have; k < o->blocks; k++) {
		at = k * BLOCK_LEN;
		want = o->size - at < BLOCK_LEN ? (size_t)(o->size - at) :
		    BLOCK_LEN;
		(void)snprintf(part, sizeof(part), "%llu",
		    (unsigned long long)k);
		if ((e = get(f, o->id, part)) != ERR_OK)
			return e;
		/* Blocks are filled up behind the payload's end. */
		if (f->answer.body.len < want)
			return ERR_CONFLICT;
		if ((e = write_at(fd, f->answer.body.data, want,
		    header + at)) != ERR_OK)
			return e;
		f->bytes += want;
		f->done += want;
		progress_show("fetch", f->done, f->total);
	}
	return ERR_OK;
}

static enum err
size_check(const char *dir, const struct book_object *o)
{
	uint64_t free_bytes;
	enum err e;

	if (o->size == 0 || o->size > OBJECT_MAX ||
	    o->blocks != (o->size + BLOCK_LEN - 1) / BLOCK_LEN)
		return ERR_RANGE;
	if ((e = disk_free(dir, &free_bytes)) != ERR_OK)
		return e;
	return o->size > free_bytes ? ERR_FULL : ERR_OK;
}

/* The finished file, if it is what ${header} and ${o} say. */
static bool
is_there(const char *path, struct bytes header, const struct book_object *o)
{
	uint64_t size;
	bool same;
	int fd;

	if ((fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)) < 0)
		return false;
	same = begins_with(fd, header, &size) && size == header.n + o->size;
	(void)close(fd);
	return same;
}

static enum err
bring(struct fetch *f, const char *part, struct bytes header,
    const struct book_object *o)
{
	uint64_t have;
	enum err e;
	int fd;

	fd = open(part, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return ERR_SYS;
	if ((e = part_begin(fd, header, o, &have)) == ERR_OK &&
	    (e = part_fill(f, fd, header.n, o, have)) == ERR_OK &&
	    fsync(fd) != 0)
		e = ERR_SYS;
	if (close(fd) != 0 && e == ERR_OK)
		e = ERR_SYS;
	return e;
}

enum err
fetch_object(struct fetch *f, const uint8_t case_id[static ID_LEN],
    struct book_object *o, struct bytes header)
{
	char *dir = vault_dir(f->d, case_id);
	char *path = vault_path(f->d, case_id, o->id, false);
	char *part = vault_path(f->d, case_id, o->id, true);
	struct vault_facts facts;
	enum err e;

	if ((e = dir_make_all(dir, 0700)) != ERR_OK ||
	    (e = size_check(dir, o)) != ERR_OK)
		goto out;
	if (!is_there(path, header, o)) {
		if ((e = bring(f, part, header, o)) != ERR_OK)
			goto out;
		if (rename(part, path) != 0) {
			e = ERR_SYS;
			goto out;
		}
		if ((e = dir_sync(dir)) != ERR_OK)
			goto out;
	}
	if ((e = vault_open(path, NULL, NULL, NULL, &facts)) != ERR_OK)
		goto out;
	if (facts.payload != o->size) {
		e = ERR_CONFLICT;
		goto out;
	}
	o->entry = facts.entry;
	o->has_entry = true;
	o->state = BOOK_SAVED;
	f->objects++;
out:
	free(dir);
	free(path);
	free(part);
	return e;
}

void
fetch_forget(struct fetch *f, const uint8_t case_id[static ID_LEN],
    const struct book_object *o)
{
	char *path = vault_path(f->d, case_id, o->id, false);

	(void)unlink(path);
	free(path);
}
