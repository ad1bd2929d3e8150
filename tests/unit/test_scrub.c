/* Deleted is gone: no byte of it is left in the store's files. */
#include "store_kit.h"

#include <signal.h>
#include <sys/resource.h>

#define MARK_LEN	24

/*
 * What is looked for of a value: pieces from all over it, one on each of its
 * first pages.  The places are the same for all, the bytes are random.
 */
#define MARKS	6

struct mark {
	size_t n;
	uint8_t p[MARKS][MARK_LEN];
};

static struct mark
mark_of(const struct sealed *v)
{
	struct mark m;
	size_t i, at, len;

	len = sealed_len(v);
	m.n = MARKS;
	for (i = 0; i < MARKS; i++) {
		at = len / MARKS * i + i;
		memcpy(m.p[i], sealed_bytes(v) + at, MARK_LEN);
	}
	return m;
}

static unsigned
hits_in(const char *path, const struct mark *m, size_t marks)
{
	const uint8_t *at;
	uint8_t *p, *end;
	size_t i, k, len;
	unsigned hits;

	OK(file_read(path, (size_t)1 << 30, &p, &len));
	end = p + len;
	hits = 0;
	for (k = 0; k < marks; k++)
		for (i = 0; i < m[k].n; i++)
			for (at = p; (at = memmem(at, (size_t)(end - at),
			    m[k].p[i], MARK_LEN)) != NULL; at++)
				hits++;
	free(p);
	return hits;
}

static unsigned
hits(const struct mark *m, size_t marks)
{
	char lock[160];

	(void)snprintf(lock, sizeof(lock), "%s/lock.mdb", kit_store);
	return hits_in(kit_data, m, marks) + hits_in(lock, m, marks);
}

static void
put(struct store *s, enum store_db db, uint32_t n, struct sealed *v,
    struct mark *m)
{
	*m = mark_of(v);
	OK(kit_put(s, db, n, v));
	sealed_free(v);
}

static void
scrub_done(struct store *s)
{
	uint64_t left;

	OK(store_scrub(s, &left));
	assert_int_equal(left, 0);
}

/* ---- what is deleted or replaced ---- */

static void
test_small(void **state)
{
	struct mark m[64];
	struct store *s;
	uint32_t i;

	(void)state;
	s = kit_open();
	for (i = 0; i < 64; i++)
		put(s, DB_CASES, i, kit_record(i), &m[i]);
	assert_int_equal(hits(m, 64), 64 * MARKS);
	for (i = 0; i < 64; i += 2)
		OK(kit_put(s, DB_CASES, i, NULL));
	scrub_done(s);
	for (i = 0; i < 64; i++)
		assert_int_equal(hits(&m[i], 1), i % 2 == 0 ? 0 : MARKS);
	for (i = 1; i < 64; i += 2)
		OK(kit_get(s, DB_CASES, i));
	store_close(s);
}

static void
test_blocks(void **state)
{
	struct mark m[8];
	struct store *s;
	uint32_t i;

	(void)state;
	s = kit_open();
	for (i = 0; i < 8; i++)
		put(s, DB_BLOCKS, i, kit_block(), &m[i]);
	assert_int_equal(hits(m, 8), 8 * MARKS);
	for (i = 0; i < 4; i++)
		OK(kit_put(s, DB_BLOCKS, i, NULL));
	scrub_done(s);
	assert_int_equal(hits(m, 4), 0);
	assert_int_equal(hits(m + 4, 4), 4 * MARKS);
	store_close(s);
	assert_int_equal(hits(m + 4, 4), 4 * MARKS);
}

/* Without being asked: soon after a deletion, with a tick after a change. */
static void
test_by_itself(void **state)
{
	struct mark m[3];
	struct store *s;
	unsigned i;

	(void)state;
	s = kit_open();
	put(s, DB_CASES, 1, kit_record(1), &m[0]);
	put(s, DB_CASES, 2, kit_record(2), &m[1]);
	OK(kit_put(s, DB_CASES, 1, NULL));
	for (i = 0; i < 300 && hits(m, 1) != 0; i++)
		(void)usleep(10000);
	assert_int_equal(hits(m, 1), 0);

	put(s, DB_CASES, 2, kit_record(2), &m[2]);
	(void)usleep(100000);
	assert_int_equal(hits(m + 1, 1), MARKS);
	for (i = 0; i < 100 && hits(m + 1, 1) != 0; i++) {
		store_tick(s);
		(void)usleep(50000);
	}
	assert_int_equal(hits(m + 1, 1), 0);
	assert_int_equal(hits(m + 2, 1), MARKS);
	store_close(s);
}

static void
test_at_close(void **state)
{
	struct mark m[2];
	struct store *s;

	(void)state;
	s = kit_open();
	put(s, DB_CASES, 1, kit_record(1), &m[0]);
	put(s, DB_CASES, 1, kit_record(1), &m[1]);
	store_close(s);
	assert_int_equal(hits(m, 1), 0);
	assert_int_equal(hits(m + 1, 1), MARKS);
}

/* ---- readers ---- */

static void
test_reader_within(void **state)
{
	struct store_txn *t;
	struct mark m[9];
	struct bytes v;
	struct store *s;
	uint8_t key[STORE_KEY_LEN];
	uint64_t left;
	uint32_t i;

	(void)state;
	s = kit_open();
	put(s, DB_BLOCKS, 0, kit_block(), &m[0]);
	OK(store_begin(s, &t));
	OK(kit_put(s, DB_BLOCKS, 0, NULL));
	for (i = 1; i < 9; i++)
		put(s, DB_CASES, i, kit_record(i), &m[i]);
	OK(store_scrub(s, &left));
	assert_in_range(left, 256, 2000);
	/* The reader still sees all of what it began with. */
	kit_name(0, key);
	OK(store_get(t, DB_BLOCKS, key, &v));
	for (i = 0; i < MARKS; i++)
		assert_non_null(memmem(v.p, v.n, m[0].p[i], MARK_LEN));
	assert_int_equal(hits(m, 1), MARKS);
	store_end(t);
	for (i = 0; i < 200 && hits(m, 1) != 0; i++) {
		store_tick(s);
		(void)usleep(10000);
	}
	assert_int_equal(hits(m, 1), 0);
	store_close(s);
}

/*
 * Room that a reader kept is taken again before the scrub comes: what LMDB
 * does not take of it must not slip into records that count as done.
 */
static void
test_room_taken_first(void **state)
{
	struct store_txn *t;
	struct mark m[4], other;
	struct store *s;
	uint64_t left;
	uint32_t i;

	(void)state;
	s = kit_open();
	for (i = 0; i < 4; i++)
		put(s, DB_BLOCKS, i, kit_block(), &m[i]);
	scrub_done(s);
	OK(store_begin(s, &t));
	for (i = 0; i < 4; i++)
		OK(kit_put(s, DB_BLOCKS, i, NULL));
	for (i = 0; i < 4; i++)
		put(s, DB_CASES, i, kit_record(i), &other);
	OK(store_scrub(s, &left));
	assert_in_range(left, 4 * 256, 2000);
	store_end(t);
	put(s, DB_BLOCKS, 9, kit_block(), &other);
	put(s, DB_CASES, 9, kit_record(9), &other);
	scrub_done(s);
	assert_int_equal(hits(m, 4), 0);
	store_close(s);
}

static int to_child[2], from_child[2];

/* Holds a read transaction from one byte to the next. */
static int
read_long(void)
{
	const struct store_options o = { .read_only = true };
	struct store_txn *t;
	struct store *s;
	uint8_t key[STORE_KEY_LEN];
	struct bytes v;
	enum err e;
	char c;

	(void)close(to_child[1]);
	if (read(to_child[0], &c, 1) != 1)
		return 1;
	OK(store_open(kit_store, &o, &s));
	OK(store_begin(s, &t));
	if (write(from_child[1], "r", 1) != 1 || read(to_child[0], &c, 1) != 1)
		return 1;
	kit_name(0, key);
	e = store_get(t, DB_CASES, key, &v);
	if (e == ERR_OK) {
		struct buf b;

		buf_init(&b, 64);
		e = record_open(kit_key, (struct bytes){ .p = "test", .n = 4 },
		    v, &b);
		buf_done(&b);
	}
	store_end(t);
	if (write(from_child[1], e == ERR_OK ? "g" : "b", 1) != 1 ||
	    read(to_child[0], &c, 1) != 1)	/* stays, without transaction */
		return 1;
	store_close(s);
	return 0;
}

static void
test_reader_outside(void **state)
{
	struct mark m;
	struct store *s;
	uint64_t left;
	pid_t pid;
	char c;

	(void)state;
	assert_int_equal(pipe(to_child), 0);
	assert_int_equal(pipe(from_child), 0);
	assert_int_not_equal(pid = fork(), -1);
	if (pid == 0)
		_exit(read_long());
	(void)close(from_child[1]);
	s = kit_open();
	put(s, DB_CASES, 0, kit_record(0), &m);
	assert_int_equal(write(to_child[1], "x", 1), 1);
	assert_int_equal(read(from_child[0], &c, 1), 1);

	OK(kit_put(s, DB_CASES, 0, NULL));
	OK(store_scrub(s, &left));
	assert_in_range(left, 1, 50);
	assert_int_equal(hits(&m, 1), MARKS);
	assert_int_equal(write(to_child[1], "x", 1), 1);
	assert_int_equal(read(from_child[0], &c, 1), 1);
	assert_int_equal(c, 'g');
	scrub_done(s);
	assert_int_equal(hits(&m, 1), 0);
	assert_int_equal(write(to_child[1], "x", 1), 1);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	store_close(s);
}

/* A reader that was killed stands in the way until a tick finds it dead. */
static void
test_reader_killed(void **state)
{
	struct mark m;
	struct store *s;
	uint64_t left;
	pid_t pid;
	char c;

	(void)state;
	assert_int_equal(pipe(to_child), 0);
	assert_int_equal(pipe(from_child), 0);
	assert_int_not_equal(pid = fork(), -1);
	if (pid == 0)
		_exit(read_long());
	(void)close(from_child[1]);
	s = kit_open();
	put(s, DB_CASES, 0, kit_record(0), &m);
	assert_int_equal(write(to_child[1], "x", 1), 1);
	assert_int_equal(read(from_child[0], &c, 1), 1);
	OK(kit_put(s, DB_CASES, 0, NULL));
	OK(kill(pid, SIGKILL));
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	OK(store_scrub(s, &left));
	assert_int_not_equal(left, 0);
	store_tick(s);
	scrub_done(s);
	assert_int_equal(hits(&m, 1), 0);
	store_close(s);
}

/* ---- what a crash or a failed commit leaves ---- */

/* Says what it will put, then puts it, for as long as it lives. */
static int
put_and_say(void)
{
	struct sealed *v;
	struct store *s;
	struct mark m;
	uint32_t i;

	s = kit_open();
	i = (uint32_t)kit_count(s, DB_BLOCKS);
	for (;; i++) {
		v = kit_block();
		m = mark_of(v);
		if (write(from_child[1], &m, sizeof(m)) != sizeof(m))
			return 1;
		OK(kit_put(s, DB_BLOCKS, i, v));
		sealed_free(v);
		if (i % 3 == 2)
			OK(kit_put(s, DB_BLOCKS, i - 1, NULL));
	}
}

static enum err
keep_marks(void *arg, const uint8_t *key, struct bytes v)
{
	struct { struct mark *m; size_t n; unsigned found; } *all = arg;
	size_t i, k;

	(void)key;
	for (i = 0; i < all->n; i++) {
		for (k = 0; k < MARKS; k++)
			if (memmem(v.p, v.n, all->m[i].p[k], MARK_LEN) != NULL)
				break;
		if (k < MARKS) {
			all->m[i].n = 0;	/* is there: rightly */
			all->found++;
		}
	}
	return ERR_OK;
}

static void
test_killed(void **state)
{
	static struct mark m[4096];
	struct { struct mark *m; size_t n; unsigned found; } all;
	struct store_txn *t;
	struct store *s;
	unsigned before;
	int round;
	pid_t pid;

	(void)state;
	all.m = m;
	all.n = 0;
	all.found = 0;
	before = 0;
	for (round = 0; round < 6; round++) {
		assert_int_equal(pipe(from_child), 0);
		assert_int_not_equal(pid = fork(), -1);
		if (pid == 0)
			_exit(put_and_say());
		(void)close(from_child[1]);
		(void)usleep(40000 + rand_below(40000));
		OK(kill(pid, SIGKILL));
		assert_int_equal(waitpid(pid, NULL, 0), pid);
		while (all.n < 4096 && read(from_child[0], &m[all.n],
		    sizeof(m[0])) == sizeof(m[0]))
			all.n++;
		(void)close(from_child[0]);
		before += hits(m, all.n);
		s = kit_open();
		scrub_done(s);
		/* Whatever is not in the store is nowhere in the file. */
		OK(store_begin(s, &t));
		OK(store_each(t, DB_BLOCKS, keep_marks, &all));
		store_end(t);
		assert_int_equal(hits(m, all.n), 0);
		store_close(s);
	}
	assert_true(all.found > 6 && before > 0);
}

/* Deletes while a reader of its own stands in the way, and is killed. */
static _Noreturn void
delete_in_vain(void)
{
	struct store_txn *t;
	struct store *s;
	struct mark m;
	uint32_t i;

	s = kit_open();
	put(s, DB_CASES, 1, kit_record(1), &m);
	OK(store_begin(s, &t));
	OK(kit_put(s, DB_CASES, 1, NULL));
	for (i = 2; i < 8; i++) {
		struct mark other;

		put(s, DB_CASES, i, kit_record(i), &other);
	}
	if (write(from_child[1], &m, sizeof(m)) != sizeof(m))
		_exit(1);
	for (;;)
		(void)pause();
}

static void
test_left_by_earlier_run(void **state)
{
	struct mark m;
	struct store *s;
	unsigned i;
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(from_child), 0);
	assert_int_not_equal(pid = fork(), -1);
	if (pid == 0)
		delete_in_vain();
	(void)close(from_child[1]);
	assert_int_equal(read(from_child[0], &m, sizeof(m)), sizeof(m));
	OK(kill(pid, SIGKILL));
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(hits(&m, 1), MARKS);
	s = kit_open();		/* by itself, soon after the start */
	for (i = 0; i < 300 && hits(&m, 1) != 0; i++)
		(void)usleep(10000);
	assert_int_equal(hits(&m, 1), 0);
	store_close(s);
}

/* The disk takes part of a commit; what it took is nobody's. */
static int
commit_half(void)
{
	const struct rlimit rl = { .rlim_cur = 3 << 20, .rlim_max = 3 << 20 };
	struct sealed *v;
	struct mark m[4];
	struct store *s;
	uint32_t i;

	(void)signal(SIGXFSZ, SIG_IGN);
	if (setrlimit(RLIMIT_FSIZE, &rl) == -1)
		return 99;
	s = kit_open();
	for (i = 0; i < 4; i++) {
		v = kit_block();
		m[i] = mark_of(v);
		assert_int_equal(kit_put(s, DB_BLOCKS, i, v),
		    i < 2 ? ERR_OK : ERR_FULL);
		sealed_free(v);
	}
	/* The file was cut off by the limit, in the middle of a block. */
	assert_true(hits(m + 2, 2) > 0);
	scrub_done(s);
	assert_int_equal(hits(m + 2, 2), 0);
	assert_int_equal(hits(m, 2), 2 * MARKS);
	store_close(s);
	return 0;
}

static void
test_half_commit(void **state)
{
	(void)state;
	assert_int_equal(kit_child(commit_half), 0);
}

/* ---- a copy ---- */

static void
test_backup(void **state)
{
	struct store_txn *t;
	struct mark m[2];
	struct store *s;
	char dir[128], data[160];

	(void)state;
	s = kit_open();
	put(s, DB_CASES, 1, kit_record(1), &m[0]);
	put(s, DB_CASES, 2, kit_record(2), &m[1]);
	OK(store_begin(s, &t));		/* keeps the scrub away */
	OK(kit_put(s, DB_CASES, 1, NULL));
	assert_int_equal(hits(m, 1), MARKS);
	(void)snprintf(dir, sizeof(dir), "%s/copy", kit_root);
	(void)snprintf(data, sizeof(data), "%s/data.mdb", dir);
	OK(store_backup(s, dir));
	assert_int_equal(hits_in(data, m, 1), 0);
	assert_int_equal(hits_in(data, m + 1, 1), MARKS);
	store_end(t);
	store_close(s);
}

/* ---- everything at once, against a table ---- */

#define SLOTS	48

struct slot {
	bool there;
	uint8_t digest[BLAKE2B_LEN];
};

static void
random_change(struct store *s, struct slot *slot, uint32_t i, struct mark *old)
{
	struct sealed *v;
	uint8_t *p;
	size_t n;

	old->n = 0;
	if (slot->there && rand_below(3) == 0) {
		OK(kit_put(s, DB_CASES, i, NULL));
		slot->there = false;
		return;
	}
	n = rand_below(8) == 0 ? rand_below(400000) : rand_below(9000);
	p = need(malloc(n + 1));
	rand_bytes(p, n);
	OK(record_seal(kit_key, (struct bytes){ .p = "x", .n = 1 },
	    (struct bytes){ .p = p, .n = n }, &v));
	free(p);
	*old = mark_of(v);
	blake2b(NULL, sealed_bytes(v), sealed_len(v), slot->digest);
	OK(kit_put(s, DB_CASES, i, v));
	sealed_free(v);
	slot->there = true;
}

static void
check_slots(struct store *s, const struct slot *slot)
{
	uint8_t key[STORE_KEY_LEN], digest[BLAKE2B_LEN];
	struct store_txn *t;
	struct bytes v;
	uint32_t i;
	enum err e;

	OK(store_begin(s, &t));
	for (i = 0; i < SLOTS; i++) {
		kit_name(i, key);
		e = store_get(t, DB_CASES, key, &v);
		assert_int_equal(e, slot[i].there ? ERR_OK : ERR_NOTFOUND);
		if (e != ERR_OK)
			continue;
		blake2b(NULL, v.p, v.n, digest);
		assert_memory_equal(digest, slot[i].digest, BLAKE2B_LEN);
	}
	store_end(t);
}

static void
test_random(void **state)
{
	static struct mark dead[1200];
	static struct mark live[SLOTS];
	struct slot slot[SLOTS];
	struct store_txn *t;
	struct store *s;
	struct mark m;
	size_t n, k;
	uint32_t i, step;

	(void)state;
	memset(slot, 0, sizeof(slot));
	s = kit_open();
	t = NULL;
	for (n = 0, step = 0; step < 1200; step++) {
		i = rand_below(SLOTS);
		if (slot[i].there)
			dead[n++] = live[i];
		random_change(s, &slot[i], i, &m);
		live[i] = m;
		/* Now and then a reader, a tick, a scrub, a new start. */
		if (t == NULL && rand_below(40) == 0)
			OK(store_begin(s, &t));
		else if (t != NULL && rand_below(20) == 0) {
			store_end(t);
			t = NULL;
		}
		if (rand_below(30) == 0)
			store_tick(s);
		if (step % 300 == 299) {
			store_end(t);
			t = NULL;
			scrub_done(s);
			check_slots(s, slot);
			for (k = 0; k < n; k += 7)
				assert_int_equal(hits(&dead[k], 1), 0);
			store_close(s);
			s = kit_open();
			check_slots(s, slot);
		}
	}
	for (i = 0; i < SLOTS; i++)
		if (slot[i].there)
			assert_int_equal(hits(&live[i], 1), MARKS);
	store_close(s);
}

#define T(f)	cmocka_unit_test_setup_teardown(f, kit_setup, kit_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_small), T(test_blocks), T(test_by_itself),
		T(test_at_close), T(test_reader_within),
		T(test_reader_outside), T(test_reader_killed),
		T(test_room_taken_first), T(test_left_by_earlier_run),
		T(test_killed), T(test_half_commit), T(test_backup),
		T(test_random),
	};

	if (crypto_init() != ERR_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
