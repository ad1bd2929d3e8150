/*
 * What the tiles of a log are called and what bundles of entries hold
 * (C2SP tlog-tiles v0.1.0):
 *
 *	/tile/LEVEL/NUMBER	hashes
 *	/tile/entries/NUMBER	entries: u16 length || entry, each
 *
 * NUMBER is in groups of three digits, "x" before each but the last:
 * 1234067 is x001/x234/067.  A tile of less than 256 has ".p/WIDTH" behind.
 */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "line.h"
#include "tile.h"

#define GROUPS_MAX	7	/* 3 digits each: more than 2^63 */
#define ENTRY_BYTES	(2 + SHA256_LEN)

void
tile_path(const struct tile_name *t, char out[static TILE_PATH_MAX])
{
	unsigned group[GROUPS_MAX];
	uint64_t rest = t->number;
	size_t n = 0, at;

	assert(t->level < TILE_LEVELS && t->number <= LINE_DECIMAL_MAX);
	assert(t->width > 0 && t->width <= TILE_WIDTH);
	assert(!t->entries || t->level == 0);
	do {
		group[n++] = (unsigned)(rest % 1000);
		rest /= 1000;
	} while (rest > 0);
	if (t->entries)
		at = (size_t)snprintf(out, TILE_PATH_MAX, "/tile/entries");
	else
		at = (size_t)snprintf(out, TILE_PATH_MAX, "/tile/%u",
		    t->level);
	while (n-- > 0)
		at += (size_t)snprintf(out + at, TILE_PATH_MAX - at,
		    n > 0 ? "/x%03u" : "/%03u", group[n]);
	if (t->width < TILE_WIDTH)
		at += (size_t)snprintf(out + at, TILE_PATH_MAX - at, ".p/%u",
		    t->width);
	assert(at < TILE_PATH_MAX);
}

/* Moves behind ${s} if the text begins with it. */
static bool
skip(struct bytes *rest, const char *s)
{
	size_t n = strlen(s);

	if (rest->n < n || memcmp(rest->p, s, n) != 0)
		return false;
	rest->p = (const char *)rest->p + n;
	rest->n -= n;
	return true;
}

/* What stands before the next '/', and behind it. */
static bool
take_part(struct bytes *rest, struct bytes *part)
{
	const char *end = memchr(rest->p, '/', rest->n);

	if (end == NULL)
		return false;
	part->p = rest->p;
	part->n = (size_t)(end - (const char *)rest->p);
	rest->p = end + 1;
	rest->n -= part->n + 1;
	return true;
}

/* Three digits more. */
static enum err
take_group(struct bytes *rest, uint64_t *number)
{
	const char *p = rest->p;
	unsigned v = 0;
	size_t i;

	if (rest->n < 3)
		return ERR_FORMAT;
	for (i = 0; i < 3; i++) {
		if (p[i] < '0' || p[i] > '9')
			return ERR_FORMAT;
		v = v * 10 + (unsigned)(p[i] - '0');
	}
	if (*number > ((uint64_t)LINE_DECIMAL_MAX - v) / 1000)
		return ERR_RANGE;
	*number = *number * 1000 + v;
	rest->p = p + 3;
	rest->n -= 3;
	return ERR_OK;
}

static enum err
take_number(struct bytes *rest, uint64_t *number)
{
	enum err e;

	while (skip(rest, "x")) {
		e = take_group(rest, number);
		if (e != ERR_OK)
			return e;
		/* A group of zeros in front is a second spelling. */
		if (*number == 0 || !skip(rest, "/"))
			return ERR_FORMAT;
	}
	return take_group(rest, number);
}

/* A number below ${limit}. */
static enum err
small(struct bytes text, uint64_t limit, unsigned *out)
{
	uint64_t v;
	enum err e = line_decimal(text, &v);

	if (e == ERR_OK && v >= limit)
		e = ERR_RANGE;
	if (e == ERR_OK)
		*out = (unsigned)v;
	return e;
}

enum err
tile_path_parse(const char *path, struct tile_name *out)
{
	struct bytes rest = { path, strlen(path) }, part;
	struct tile_name t = { .width = TILE_WIDTH };
	enum err e = ERR_OK;

	memset(out, 0, sizeof(*out));
	if (rest.n >= TILE_PATH_MAX || !skip(&rest, "/tile/") ||
	    !take_part(&rest, &part))
		return ERR_FORMAT;
	t.entries = line_is(part, "entries");
	if (!t.entries)
		e = small(part, TILE_LEVELS, &t.level);
	if (e == ERR_OK)
		e = take_number(&rest, &t.number);
	if (e == ERR_OK && skip(&rest, ".p/")) {
		e = small(rest, TILE_WIDTH, &t.width);
		rest.n = 0;
		if (e == ERR_OK && t.width == 0)
			e = ERR_RANGE;
	}
	if (e == ERR_OK && rest.n != 0)
		e = ERR_FORMAT;
	if (e == ERR_OK)
		*out = t;
	return e;
}

void
bundle_encode(const uint8_t (*entry)[SHA256_LEN], size_t n, struct buf *out)
{
	size_t i;

	for (i = 0; i < n; i++) {
		buf_u16(out, SHA256_LEN);
		buf_put(out, entry[i], SHA256_LEN);
	}
}

enum err
bundle_decode(struct bytes text, uint8_t (*entry)[SHA256_LEN], size_t n)
{
	struct cur c = cur_over(text.p, text.n);
	size_t i;

	if (n > 0)
		memset(entry, 0, n * sizeof(*entry));
	if (text.n % ENTRY_BYTES != 0 || text.n / ENTRY_BYTES != n)
		return ERR_FORMAT;
	for (i = 0; i < n && cur_u16(&c) == SHA256_LEN; i++)
		cur_copy(&c, entry[i], SHA256_LEN);
	if (i == n && cur_end(&c) == ERR_OK)
		return ERR_OK;
	memset(entry, 0, n * sizeof(*entry));
	return ERR_FORMAT;
}
