#ifndef STORE_KIT_H
#define STORE_KIT_H
/* What the tests of the store share. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "need.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crypto.h"
#include "store.h"
#include "sys.h"

#define SMALL_LEN	4080
#define OK(e)		assert_int_equal((e), ERR_OK)

static const uint8_t kit_key[RECORD_KEY_LEN] =
    "a key that only tests know, yes";
static char kit_root[64], kit_store[96], kit_data[128];

static pid_t kit_pid;

static int
kit_remove(const char *path, const struct stat *st, int what, struct FTW *f)
{
	(void)st;
	(void)what;
	(void)f;
	return remove(path);
}

static void
kit_clean(void)
{
	(void)nftw(kit_root, kit_remove, 16, FTW_DEPTH | FTW_PHYS);
}

/* A folder of its own for each test, with a new store in it. */
static int
kit_setup(void **state)
{
	(void)state;
	kit_pid = getpid();
	(void)snprintf(kit_root, sizeof(kit_root), "/tmp/peluit-test.XXXXXX");
	if (mkdtemp(kit_root) == NULL || chmod(kit_root, 0755) == -1)
		return -1;
	(void)snprintf(kit_store, sizeof(kit_store), "%s/store", kit_root);
	(void)snprintf(kit_data, sizeof(kit_data), "%s/data.mdb", kit_store);
	return store_create(kit_store) == ERR_OK ? 0 : -1;
}

static int
kit_teardown(void **state)
{
	(void)state;
	/* A check that failed in a child ends here, in the child. */
	if (getpid() != kit_pid)
		_exit(1);
	kit_clean();
	return 0;
}

static struct store *
kit_open(void)
{
	const struct store_options o = { .read_only = false };
	struct store *s;

	OK(store_open(kit_store, &o, &s));
	return s;
}

/* Key number ${n}: spread like a hash, and not zero. */
static void
kit_name(uint32_t n, uint8_t key[static STORE_KEY_LEN])
{
	sha256(&n, sizeof(n), key);
}

/* A sealed record that says ${n}. */
static struct sealed *
kit_record(uint32_t n)
{
	const struct bytes ad = { .p = "test", .n = 4 };
	struct sealed *v;

	OK(record_seal(kit_key, ad, (struct bytes){ .p = &n, .n = sizeof(n) },
	    &v));
	assert_int_equal(sealed_len(v), SMALL_LEN);
	return v;
}

/* A full block of random bytes. */
static struct sealed *
kit_block(void)
{
	struct sealed *v;
	uint8_t *p;

	p = need(malloc(BLOCK_LEN));
	rand_bytes(p, BLOCK_LEN);
	OK(sealed_block_of(p, BLOCK_LEN, &v));
	free(p);
	return v;
}

struct kit_put {
	enum store_db db;
	uint32_t n;
	const struct sealed *v;	/* NULL: delete */
	enum err result;	/* of the job when all went well */
};

static enum err
kit_put_job(struct store_txn *t, void *arg)
{
	const struct kit_put *p = arg;
	uint8_t key[STORE_KEY_LEN];
	enum err e;

	kit_name(p->n, key);
	e = p->v == NULL ? store_del(t, p->db, key) :
	    store_put(t, p->db, key, p->v);
	return e != ERR_OK ? e : p->result;
}

static enum err __attribute__((unused))
kit_put(struct store *s, enum store_db db, uint32_t n, const struct sealed *v)
{
	struct kit_put p = { .db = db, .n = n, .v = v };

	return store_write(s, STORE_LAST, kit_put_job, &p);
}

/* The record of ${n}: ERR_OK if it is there and says so. */
static enum err __attribute__((unused))
kit_get(struct store *s, enum store_db db, uint32_t n)
{
	const struct bytes ad = { .p = "test", .n = 4 };
	uint8_t key[STORE_KEY_LEN];
	struct store_txn *t;
	struct bytes v;
	struct buf b;
	enum err e;

	buf_init(&b, 64);
	kit_name(n, key);
	if ((e = store_begin(s, &t)) != ERR_OK)
		return e;
	if ((e = store_get(t, db, key, &v)) == ERR_OK)
		e = record_open(kit_key, ad, v, &b);
	if (e == ERR_OK && (b.len != sizeof(n) ||
	    memcmp(b.data, &n, sizeof(n)) != 0))
		e = ERR_CONFLICT;
	store_end(t);
	buf_done(&b);
	return e;
}

static uint64_t __attribute__((unused))
kit_count(struct store *s, enum store_db db)
{
	struct store_txn *t;
	uint64_t n;

	OK(store_begin(s, &t));
	OK(store_count(t, db, &n));
	store_end(t);
	return n;
}

/* The number of the last transaction, from the two meta pages. */
static uint64_t __attribute__((unused))
kit_last_txn(void)
{
	uint64_t id[2];
	int fd, i;

	assert_int_not_equal(fd = open(kit_data, O_RDONLY), -1);
	for (i = 0; i < 2; i++)
		assert_int_equal(pread(fd, &id[i], 8, i * 4096 + 144), 8);
	(void)close(fd);
	return id[0] > id[1] ? id[0] : id[1];
}

/* Run ${fn} in a child that shares no store with us; its exit status. */
static int __attribute__((unused))
kit_child(int (*fn)(void))
{
	int status;
	pid_t pid;

	assert_int_not_equal(pid = fork(), -1);
	if (pid == 0)
		_exit(fn());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) :
	    128 + WTERMSIG(status);
}
#endif
