/*
 * The data file as such.  LMDB maps it and trusts what it finds: a file cut
 * short or a page size that is wrong would end the process with SIGBUS.  So
 * the two meta pages are read here first.  Layout of LMDB's data version 1 on
 * a 64-bit machine, native byte order:
 *
 *   page     0 number 8 | pad 2 | flags 2 | pages of an overflow run 4
 *   meta    16 magic 4 | version 4 | address 8 | map size 8
 *           40 free list: page size 4 | flags 2 | depth 2 | five numbers of 8
 *           88 main tree: the same
 *          136 last page 8 | transaction 8
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store_internal.h"

#define META_MAGIC	0xbeefc0deU
#define META_VERSION	1
#define P_OVERFLOW	0x04
#define P_META		0x08
#define NO_PAGE		UINT64_MAX

struct meta {
	uint64_t last_page, txn, root[2];
};

static uint16_t
get16(const uint8_t *p)
{
	uint16_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static uint32_t
get32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static uint64_t
get64(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static enum err
meta_decode(const uint8_t *p, struct meta *out)
{
	if ((get16(p + 10) & P_META) == 0 || get32(p + 16) != META_MAGIC ||
	    get32(p + 20) != META_VERSION || get32(p + 40) != PAGE_LEN)
		return ERR_FORMAT;
	out->root[0] = get64(p + 80);
	out->root[1] = get64(p + 128);
	out->last_page = get64(p + 136);
	out->txn = get64(p + 144);
	return ERR_OK;
}

enum err
store_file_check(const char *data)
{
	uint8_t page[2 * PAGE_LEN];
	struct meta m[2], *now;
	struct stat st;
	enum err e;
	ssize_t r;
	int fd, i;

	if ((fd = open(data, O_RDONLY | O_CLOEXEC | O_NOCTTY)) == -1)
		return errno == ENOENT ? ERR_NOTFOUND : ERR_SYS;
	e = ERR_SYS;
	if (fstat(fd, &st) == -1)
		goto out;
	if ((r = pread(fd, page, sizeof(page), 0)) == -1)
		goto out;
	e = ERR_FORMAT;
	/* LMDB would take an empty file for a new store. */
	if (r != (ssize_t)sizeof(page) || !S_ISREG(st.st_mode))
		goto out;
	for (i = 0; i < 2; i++)
		if (meta_decode(page + i * PAGE_LEN, &m[i]) != ERR_OK)
			goto out;
	now = m[1].txn > m[0].txn ? &m[1] : &m[0];
	if (now->last_page >= (uint64_t)st.st_size / PAGE_LEN)
		goto out;
	for (i = 0; i < 2; i++)
		if (now->root[i] != NO_PAGE &&
		    (now->root[i] < 2 || now->root[i] > now->last_page))
			goto out;
	e = ERR_OK;
out:
	(void)close(fd);
	return e;
}

enum err
store_file_base(const MDB_val *v, const MDB_envinfo *info, uint8_t **map)
{
	unsigned char resident;
	uint8_t *head, *base;
	uint64_t page;

	*map = NULL;
	head = (uint8_t *)v->mv_data - PAGE_HEAD;
	page = get64(head);
	if ((uintptr_t)head % PAGE_LEN != 0 || page < 2 ||
	    page > info->me_last_pgno || (uintptr_t)head <= page * PAGE_LEN)
		return ERR_FORMAT;
	base = head - page * PAGE_LEN;
	/* Asked of the kernel before it is looked at: the page may lie. */
	if (mincore(base, PAGE_LEN, &resident) == -1 ||
	    get64(base) != 0 || get32(base + 16) != META_MAGIC)
		return ERR_FORMAT;
	*map = base;
	return ERR_OK;
}

enum err
store_file_value(const struct store *s, const MDB_val *v, size_t *n)
{
	const uint8_t *p, *head;
	MDB_envinfo info;
	size_t at, end;

	p = v->mv_data;
	*n = v->mv_size == VALUE_MIN ? PAGE_LEN - PAGE_HEAD : v->mv_size;
	if (*n % PAGE_LEN != PAGE_LEN - PAGE_HEAD || v->mv_size < VALUE_MIN)
		return ERR_FORMAT;
	if (mdb_env_info(s->env, &info) != 0)
		return ERR_SYS;
	head = p - PAGE_HEAD;
	/* A value put in this transaction is not in the map yet. */
	if (head >= s->map && head < s->map + info.me_mapsize) {
		at = (size_t)(head - s->map);
		end = (info.me_last_pgno + 1) * PAGE_LEN;
		if (at % PAGE_LEN != 0 || at >= end ||
		    v->mv_size + PAGE_HEAD > end - at)
			return ERR_FORMAT;
		if (get64(head) != at / PAGE_LEN)
			return ERR_FORMAT;
	}
	if ((get16(head + 10) & P_OVERFLOW) == 0 ||
	    get32(head + 12) != (v->mv_size + PAGE_HEAD - 1) / PAGE_LEN + 1)
		return ERR_FORMAT;
	return ERR_OK;
}
