/* The store: jobs, groups, locks, damage, a full disk, kill -9. */
#include "store_kit.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>

/* ---- put, get, delete ---- */

static void
test_values(void **state)
{
	struct sealed *v, *big;
	struct store_txn *t;
	struct store *s;
	uint8_t key[STORE_KEY_LEN];
	struct bytes got;

	(void)state;
	s = kit_open();
	v = kit_record(1);
	big = kit_block();
	assert_int_equal(kit_get(s, DB_CASES, 1), ERR_NOTFOUND);
	OK(kit_put(s, DB_CASES, 1, v));
	OK(kit_get(s, DB_CASES, 1));
	assert_int_equal(kit_get(s, DB_MESSAGES, 1), ERR_NOTFOUND);
	sealed_free(v);

	OK(kit_put(s, DB_BLOCKS, 1, big));
	kit_name(1, key);
	OK(store_begin(s, &t));
	OK(store_get(t, DB_BLOCKS, key, &got));
	assert_int_equal(got.n, BLOCK_LEN);
	assert_memory_equal(got.p, sealed_bytes(big), BLOCK_LEN);
	store_end(t);
	sealed_free(big);

	/* Replaced, by a value of another size. */
	v = kit_record(1);
	OK(kit_put(s, DB_BLOCKS, 1, v));
	OK(kit_get(s, DB_BLOCKS, 1));
	sealed_free(v);

	OK(kit_put(s, DB_BLOCKS, 1, NULL));
	assert_int_equal(kit_get(s, DB_BLOCKS, 1), ERR_NOTFOUND);
	assert_int_equal(kit_put(s, DB_BLOCKS, 1, NULL), ERR_NOTFOUND);
	store_close(s);
	s = kit_open();
	OK(kit_get(s, DB_CASES, 1));
	store_close(s);
}

struct seen {
	uint8_t last[STORE_KEY_LEN];
	unsigned n, stop;
};

static enum err
see(void *arg, const uint8_t *key, struct bytes v)
{
	struct seen *seen = arg;

	assert_int_equal(v.n, SMALL_LEN);
	assert_true(memcmp(seen->last, key, STORE_KEY_LEN) < 0);
	memcpy(seen->last, key, STORE_KEY_LEN);
	return ++seen->n == seen->stop ? ERR_RANGE : ERR_OK;
}

static void
test_each(void **state)
{
	struct store_txn *t;
	struct sealed *v;
	struct seen seen;
	struct store *s;
	uint32_t i;

	(void)state;
	s = kit_open();
	/* The store's own value in there is not shown nor counted. */
	assert_int_equal(kit_count(s, DB_META), 0);
	v = kit_record(0);
	for (i = 0; i < 200; i++)
		OK(kit_put(s, DB_META, i, v));
	sealed_free(v);
	assert_int_equal(kit_count(s, DB_META), 200);
	assert_int_equal(kit_count(s, DB_CASES), 0);

	OK(store_begin(s, &t));
	memset(&seen, 0, sizeof(seen));
	OK(store_each(t, DB_META, see, &seen));
	assert_int_equal(seen.n, 200);
	memset(&seen, 0, sizeof(seen));
	seen.stop = 7;
	assert_int_equal(store_each(t, DB_META, see, &seen), ERR_RANGE);
	assert_int_equal(seen.n, 7);
	memset(&seen, 0, sizeof(seen));
	OK(store_each(t, DB_CASES, see, &seen));
	assert_int_equal(seen.n, 0);
	store_end(t);
	store_close(s);
}

/* ---- jobs and groups ---- */

static enum err
two_then_fail(struct store_txn *t, void *arg)
{
	struct kit_put p = { .db = DB_CASES, .n = 1, .v = arg };

	OK(kit_put_job(t, &p));
	p.n = 2;
	OK(kit_put_job(t, &p));
	return ERR_CONFLICT;
}

static void
test_failed_job(void **state)
{
	struct sealed *v;
	struct store *s;
	uint64_t id;

	(void)state;
	s = kit_open();
	v = kit_record(1);
	id = 0;
	OK(store_scrub(s, &id));
	id = kit_last_txn();
	assert_int_equal(store_write(s, STORE_TEXT, two_then_fail, v),
	    ERR_CONFLICT);
	assert_int_equal(kit_get(s, DB_CASES, 1), ERR_NOTFOUND);
	assert_int_equal(kit_count(s, DB_CASES), 0);
	assert_int_equal(kit_last_txn(), id);
	sealed_free(v);
	store_close(s);
}

static sem_t gate, running;

/* Keeps the writer busy, so that what is submitted meanwhile is one group. */
static enum err
wait_at_gate(struct store_txn *t, void *arg)
{
	(void)t;
	(void)arg;
	(void)sem_post(&running);
	(void)sem_wait(&gate);
	return ERR_OK;
}

static sem_t told;
static unsigned told_n;

static void
tell(void *arg, enum err result)
{
	struct store_job *job = arg;

	/* put's own argument travels in front of the job */
	job->result = result;
	told_n++;
	(void)sem_post(&told);
}

struct one {
	struct store_job job;	/* first: see tell */
	struct kit_put put;
};

static enum err
one_job(struct store_txn *t, void *arg)
{
	struct one *one = arg;

	return kit_put_job(t, &one->put);
}

static void
one_submit(struct store *s, struct one *one, enum store_class class, bool lazy)
{
	one->job.class = class;
	one->job.lazy = lazy;
	one->job.fn = one_job;
	one->job.done = tell;
	one->job.arg = one;
	store_submit(s, &one->job);
}

static void
hold(struct store *s, struct store_job *first)
{
	OK(sem_init(&gate, 0, 0));
	OK(sem_init(&running, 0, 0));
	OK(sem_init(&told, 0, 0));
	told_n = 0;
	memset(first, 0, sizeof(*first));
	first->class = STORE_LAST;
	first->fn = wait_at_gate;
	first->done = tell;
	first->arg = first;
	store_submit(s, first);
	(void)sem_wait(&running);
}

static void
release(unsigned jobs)
{
	unsigned i;

	(void)sem_post(&gate);
	for (i = 0; i < jobs + 1; i++)
		(void)sem_wait(&told);
	assert_int_equal(told_n, jobs + 1);
}

static void
test_group(void **state)
{
	static struct one one[40];
	struct store_job first;
	struct sealed *v[40];
	struct store *s;
	uint64_t id, left;
	uint32_t i;

	(void)state;
	s = kit_open();
	OK(store_scrub(s, &left));
	hold(s, &first);
	id = kit_last_txn();
	memset(one, 0, sizeof(one));
	for (i = 0; i < 40; i++) {
		v[i] = kit_record(i);
		one[i].put = (struct kit_put){ .db = DB_CASES, .n = i,
		    .v = v[i], .result = i % 5 == 3 ? ERR_DENIED : ERR_OK };
		one_submit(s, &one[i], STORE_TEXT, i % 2 == 0);
	}
	release(40);
	/* All of them in one transaction; each failed one alone is missing. */
	assert_int_equal(kit_last_txn(), id + 1);
	for (i = 0; i < 40; i++) {
		assert_int_equal(one[i].job.result,
		    i % 5 == 3 ? ERR_DENIED : ERR_OK);
		assert_int_equal(kit_get(s, DB_CASES, i),
		    i % 5 == 3 ? ERR_NOTFOUND : ERR_OK);
		sealed_free(v[i]);
	}
	assert_int_equal(kit_count(s, DB_CASES), 32);
	store_close(s);
}

/* More bytes than a group may hold: several groups, all of it stored. */
static void
test_group_bytes(void **state)
{
	static struct one one[12];
	struct store_job first;
	struct sealed *v;
	struct store *s;
	uint64_t id, left;
	uint32_t i;

	(void)state;
	s = kit_open();
	OK(store_scrub(s, &left));
	v = kit_block();
	hold(s, &first);
	id = kit_last_txn();
	memset(one, 0, sizeof(one));
	for (i = 0; i < 12; i++) {
		one[i].put = (struct kit_put){ .db = DB_BLOCKS, .n = i,
		    .v = v };
		one_submit(s, &one[i], STORE_FILES, true);
	}
	release(12);
	/* 12 blocks of 1 MiB, at most 4 a transaction. */
	assert_in_range(kit_last_txn(), id + 3, id + 12);
	assert_int_equal(kit_count(s, DB_BLOCKS), 12);
	sealed_free(v);
	store_close(s);
	s = kit_open();
	assert_int_equal(kit_count(s, DB_BLOCKS), 12);
	store_close(s);
}

struct worker {
	struct store *s;
	uint32_t from;
	enum err e;
};

static void *
work(void *arg)
{
	struct worker *w = arg;
	struct sealed *v;
	uint32_t i;

	for (i = 0; i < 40 && w->e == ERR_OK; i++) {
		v = kit_record(w->from + i);
		w->e = kit_put(w->s, DB_CASES, w->from + i, v);
		sealed_free(v);
		if (w->e == ERR_OK)
			w->e = kit_get(w->s, DB_CASES, w->from + i);
		if (w->e == ERR_OK && i % 4 == 0)
			w->e = kit_put(w->s, DB_CASES, w->from + i, NULL);
		if (i % 16 == 0)
			store_tick(w->s);
	}
	return NULL;
}

static void
test_threads(void **state)
{
	struct worker w[8];
	pthread_t t[8];
	struct store *s;
	size_t i;

	(void)state;
	s = kit_open();
	memset(w, 0, sizeof(w));
	for (i = 0; i < 8; i++) {
		w[i].s = s;
		w[i].from = (uint32_t)i * 1000;
	}
	need_threads(t, 8, work, w, sizeof(w[0]));
	for (i = 0; i < 8; i++)
		OK(pthread_join(t[i], NULL));
	for (i = 0; i < 8; i++)
		OK(w[i].e);
	assert_int_equal(kit_count(s, DB_CASES), 8 * 30);
	store_close(s);
}

/* ---- who may open it ---- */

static int
open_status(void)
{
	const struct store_options o = { .read_only = false };
	struct store *s;
	enum err e;

	e = store_open(kit_store, &o, &s);
	store_close(s);
	return (int)e;
}

static int
read_status(void)
{
	const struct store_options o = { .read_only = true };
	struct store *s;
	enum err e;

	if ((e = store_open(kit_store, &o, &s)) == ERR_OK)
		e = kit_get(s, DB_CASES, 1);
	store_close(s);
	return (int)e;
}

static int
read_as_nobody(void)
{
	if (setgid(65534) == -1 || setuid(65534) == -1)
		return 99;
	return read_status();
}

/*
 * Children are forked before the store is opened here: LMDB must not be
 * carried over a fork.  Each waits for a byte, then answers by its status.
 */
static pid_t
fork_waiting(int (*fn)(void), int *go)
{
	int p[2];
	pid_t pid;
	char c;

	assert_int_equal(pipe(p), 0);
	assert_int_not_equal(pid = fork(), -1);
	if (pid == 0) {
		(void)close(p[1]);
		_exit(read(p[0], &c, 1) == 1 ? fn() : 98);
	}
	(void)close(p[0]);
	*go = p[1];
	return pid;
}

static int
answer(pid_t pid, int go)
{
	int status;

	assert_int_equal(write(go, "x", 1), 1);
	(void)close(go);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) :
	    128 + WTERMSIG(status);
}

static void
test_lock(void **state)
{
	const struct store_options o = { .read_only = false };
	struct store *s, *other;
	struct sealed *v;
	pid_t a, b;
	int go_a, go_b;

	(void)state;
	a = fork_waiting(open_status, &go_a);
	b = fork_waiting(read_status, &go_b);
	s = kit_open();
	v = kit_record(1);
	OK(kit_put(s, DB_CASES, 1, v));
	sealed_free(v);
	assert_int_equal(answer(a, go_a), ERR_BUSY);
	assert_int_equal(answer(b, go_b), ERR_OK);
	assert_int_equal(store_open(kit_store, &o, &other), ERR_BUSY);
	assert_null(other);
	store_close(s);
	assert_int_equal(kit_child(open_status), ERR_OK);
}

static void
test_read_only_folder(void **state)
{
	struct sealed *v;
	struct store *s;
	char path[160];
	pid_t pid;
	int go;

	(void)state;
	if (geteuid() != 0)
		skip();
	pid = fork_waiting(read_as_nobody, &go);
	s = kit_open();
	v = kit_record(1);
	OK(kit_put(s, DB_CASES, 1, v));
	sealed_free(v);
	OK(chmod(kit_store, 0555));
	OK(chmod(kit_data, 0444));
	(void)snprintf(path, sizeof(path), "%s/lock.mdb", kit_store);
	OK(chmod(path, 0444));
	(void)snprintf(path, sizeof(path), "%s/version", kit_store);
	OK(chmod(path, 0444));
	(void)snprintf(path, sizeof(path), "%s/lock", kit_store);
	OK(chmod(path, 0444));
	/* Somebody writes, and we could not tell them what we read. */
	assert_int_equal(answer(pid, go), ERR_BUSY);
	store_close(s);
	assert_int_equal(kit_child(read_as_nobody), ERR_OK);
}

static int
open_in_little_space(void)
{
	const struct rlimit rl = { .rlim_cur = 3000UL << 20,
	    .rlim_max = 3000UL << 20 };
	struct sealed *v;
	struct store *s;

	if (setrlimit(RLIMIT_AS, &rl) == -1)
		return 99;
	s = kit_open();
	v = kit_block();
	OK(kit_put(s, DB_BLOCKS, 1, v));
	sealed_free(v);
	store_close(s);
	return 0;
}

static void
test_little_space(void **state)
{
	(void)state;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	skip();
#endif
	assert_int_equal(kit_child(open_in_little_space), 0);
}

static void
test_readers(void **state)
{
	struct store_txn *t[600];
	struct store *s;
	size_t i, n;
	enum err e;

	(void)state;
	s = kit_open();
	e = ERR_OK;
	for (n = 0; n < 600 && e == ERR_OK; n++)
		e = store_begin(s, &t[n]);
	assert_int_equal(e, ERR_BUSY);
	assert_in_range(n, 500, 513);
	for (i = 0; i < n; i++)
		store_end(t[i]);
	OK(store_begin(s, &t[0]));
	store_end(t[0]);
	store_close(s);
}

/* ---- versions and damage ---- */

static enum err
try_open(void)
{
	const struct store_options o = { .read_only = false };
	struct store *s;
	enum err e;

	e = store_open(kit_store, &o, &s);
	assert_true((e == ERR_OK) == (s != NULL));
	store_close(s);
	return e;
}

static void
test_version(void **state)
{
	char path[160];

	(void)state;
	OK(try_open());
	assert_int_equal(store_create(kit_store), ERR_EXISTS);
	(void)snprintf(path, sizeof(path), "%s/version", kit_store);
	OK(file_write(path, "peluit-store/v2\n", 16, 0600));
	assert_int_equal(try_open(), ERR_VERSION);
	OK(file_write(path, STORE_VERSION "\n", 17, 0600));
	assert_int_equal(try_open(), ERR_VERSION);
	OK(unlink(path));
	assert_int_equal(try_open(), ERR_NOTFOUND);
	OK(file_write(path, STORE_VERSION, 16, 0600));
	OK(try_open());
	OK(unlink(kit_data));
	assert_int_equal(try_open(), ERR_NOTFOUND);
}

static void
poke(off_t at, const void *p, size_t n)
{
	int fd;

	assert_int_not_equal(fd = open(kit_data, O_WRONLY), -1);
	assert_int_equal(pwrite(fd, p, n, at), (ssize_t)n);
	(void)close(fd);
}

static void
fill_some(void)
{
	struct sealed *v;
	struct store *s;
	uint32_t i;

	s = kit_open();
	for (i = 0; i < 20; i++) {
		v = kit_record(i);
		OK(kit_put(s, DB_CASES, i, v));
		sealed_free(v);
	}
	store_close(s);
}

static void
test_truncated(void **state)
{
	struct stat st;
	off_t len[4];
	size_t i;

	(void)state;
	fill_some();
	OK(stat(kit_data, &st));
	len[0] = st.st_size - 1;
	len[1] = st.st_size - 4096;
	len[2] = 8191;
	len[3] = 0;
	for (i = 0; i < 4; i++) {
		OK(truncate(kit_data, len[i]));
		assert_int_equal(try_open(), ERR_FORMAT);
	}
}

/* Where in a meta page, and whether the store can be told to be damaged. */
static void
test_meta(void **state)
{
	static const struct { off_t at; uint8_t v; } flips[] = {
		{ 10, 0x01 },		/* not a meta page */
		{ 16, 0xdf },		/* magic */
		{ 20, 0x02 },		/* version */
		{ 41, 0x20 },		/* page size */
		{ 139, 0x01 },		/* last page */
		{ 131, 0x01 },		/* root of the main tree */
		{ 83, 0x01 },		/* root of the free list */
	};
	uint8_t page[8192], v;
	size_t i;
	int fd, m;

	(void)state;
	fill_some();
	assert_int_not_equal(fd = open(kit_data, O_RDONLY), -1);
	assert_int_equal(pread(fd, page, sizeof(page), 0), sizeof(page));
	(void)close(fd);
	for (i = 0; i < sizeof(flips) / sizeof(flips[0]); i++) {
		for (m = 0; m < 2; m++) {
			v = flips[i].v;
			poke(m * 4096 + flips[i].at, &v, 1);
		}
		assert_int_equal(try_open(), ERR_FORMAT);
		poke(0, page, sizeof(page));
	}
	OK(try_open());
}

/* Every page zeroed in turn: an error or the right answer, never a crash. */
static int
open_and_read(void)
{
	const struct store_options o = { .read_only = true };
	struct store *s;
	enum err e;
	uint32_t i;

	e = store_open(kit_store, &o, &s);
	for (i = 0; i < 20 && e == ERR_OK; i++)
		e = kit_get(s, DB_CASES, i);
	store_close(s);
	return (int)e;
}

static void
test_zero_page(void **state)
{
	static const uint8_t zero[4096];
	uint8_t page[4096];
	unsigned refused;
	struct stat st;
	off_t at;
	int fd, r;

	(void)state;
	fill_some();
	assert_int_equal(kit_child(open_and_read), 0);
	OK(stat(kit_data, &st));
	refused = 0;
	for (at = 8192; at < st.st_size; at += 4096) {
		assert_int_not_equal(fd = open(kit_data, O_RDONLY), -1);
		assert_int_equal(pread(fd, page, 4096, at), 4096);
		(void)close(fd);
		poke(at, zero, 4096);
		r = kit_child(open_and_read);
		assert_true(r == ERR_OK || r == ERR_FORMAT);
		refused += r == ERR_FORMAT;
		poke(at, page, 4096);
	}
	/* 20 values, their leaf, the main tree at least. */
	assert_in_range(refused, 22, 40);
	assert_int_equal(kit_child(open_and_read), 0);
}

/* ---- kill -9 ---- */

static int ack_fd;

static int
write_and_acknowledge(void)
{
	struct sealed *v;
	struct store *s;
	uint32_t i;

	s = kit_open();
	i = (uint32_t)kit_count(s, DB_CASES);
	for (;; i++) {
		v = kit_record(i);
		OK(kit_put(s, DB_CASES, i, v));
		sealed_free(v);
		if (write(ack_fd, &i, sizeof(i)) != sizeof(i))
			return 1;
		if (i % 8 == 7) {
			v = kit_record(i);
			OK(kit_put(s, DB_MESSAGES, i, v));
			OK(kit_put(s, DB_MESSAGES, i, NULL));
			sealed_free(v);
		}
	}
}

static void
test_kill(void **state)
{
	uint32_t i, acked, n;
	struct store *s;
	int p[2], round;
	pid_t pid;

	(void)state;
	acked = 0;
	for (round = 0; round < 30; round++) {
		assert_int_equal(pipe(p), 0);
		ack_fd = p[1];
		assert_int_not_equal(pid = fork(), -1);
		if (pid == 0)
			_exit(write_and_acknowledge());
		(void)close(p[1]);
		(void)usleep(5000 + rand_below(25000));
		OK(kill(pid, SIGKILL));
		assert_int_equal(waitpid(pid, NULL, 0), pid);
		while (read(p[0], &i, sizeof(i)) == sizeof(i))
			acked = i + 1;
		(void)close(p[0]);
		s = kit_open();
		n = (uint32_t)kit_count(s, DB_CASES);
		/* What was said to be kept is there, at most one more is. */
		assert_in_range(n, acked, acked + 1);
		for (i = 0; i < n; i++)
			OK(kit_get(s, DB_CASES, i));
		acked = n;
		store_close(s);
	}
	assert_true(acked > 30);
}

/* ---- a full disk ---- */

/* Fill it with blocks; then everything small still works or says "full". */
static int
fill_up(void)
{
	static struct one one[3];
	struct store_job first;
	struct sealed *v, *big;
	struct store *s;
	uint32_t i, n;
	uint64_t left;
	enum err e;

	s = kit_open();
	big = kit_block();
	for (n = 0; n < 64; n++)
		if ((e = kit_put(s, DB_BLOCKS, n, big)) != ERR_OK)
			break;
	assert_int_equal(e, ERR_FULL);
	assert_in_range(n, 3, 63);
	assert_int_equal(kit_count(s, DB_BLOCKS), n);

	/* A small job is not failed by its large neighbours. */
	hold(s, &first);
	memset(one, 0, sizeof(one));
	v = kit_record(7);
	for (i = 0; i < 3; i++) {
		one[i].put = (struct kit_put){ .db = DB_CASES, .n = 6 + i,
		    .v = i == 1 ? v : big };
		one_submit(s, &one[i], STORE_TEXT, false);
	}
	release(3);
	assert_int_equal(one[0].job.result, ERR_FULL);
	assert_int_equal(one[1].job.result, ERR_OK);
	assert_int_equal(one[2].job.result, ERR_FULL);
	OK(kit_get(s, DB_CASES, 7));

	/* Deleting makes room. */
	OK(kit_put(s, DB_BLOCKS, 0, NULL));
	OK(kit_put(s, DB_BLOCKS, 1, NULL));
	OK(store_scrub(s, &left));
	OK(kit_put(s, DB_BLOCKS, 0, big));
	store_close(s);
	s = kit_open();
	assert_int_equal(kit_count(s, DB_BLOCKS), n - 1);
	OK(kit_get(s, DB_CASES, 7));
	store_close(s);
	sealed_free(v);
	sealed_free(big);
	return 0;
}

static int
fill_limit(void)
{
	const struct rlimit rl = { .rlim_cur = 9 << 20, .rlim_max = 9 << 20 };

	(void)signal(SIGXFSZ, SIG_IGN);
	if (setrlimit(RLIMIT_FSIZE, &rl) == -1)
		return 99;
	return fill_up();
}

/* In a mount name space of its own: nothing stays mounted. */
static int
fill_tmpfs(void)
{
	if (unshare(CLONE_NEWNS) == -1 ||
	    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == -1 ||
	    mount("none", kit_root, "tmpfs", 0, "size=9m") == -1)
		return 77;
	OK(store_create(kit_store));
	return fill_up();
}

static void
test_file_limit(void **state)
{
	(void)state;
	assert_int_equal(kit_child(fill_limit), 0);
}

static void
test_full_disk(void **state)
{
	int r;

	(void)state;
	if ((r = kit_child(fill_tmpfs)) == 77)
		skip();
	assert_int_equal(r, 0);
}

static void
test_reserves(void **state)
{
	struct store_options o = { .read_only = false };
	struct store_room room;
	struct store *s;
	struct sealed *v;
	struct kit_put p;
	uint64_t avail;

	(void)state;
	OK(disk_free(kit_store, &avail));
	v = kit_record(1);
	p = (struct kit_put){ .db = DB_CASES, .n = 1, .v = v };

	o.reserve_files = avail + (1ULL << 32);
	o.reserve_text = 1;
	OK(store_open(kit_store, &o, &s));
	assert_int_equal(store_write(s, STORE_FILES, kit_put_job, &p),
	    ERR_FULL);
	OK(store_write(s, STORE_TEXT, kit_put_job, &p));
	OK(store_room(s, &room));
	assert_int_equal(room.reserve, 1);
	/* two metas, free list, main tree, two leaves, two values of two */
	assert_in_range(room.used, 10 * 4096, 60 * 4096);
	store_close(s);

	o.reserve_text = o.reserve_files;
	OK(store_open(kit_store, &o, &s));
	assert_int_equal(store_write(s, STORE_FILES, kit_put_job, &p),
	    ERR_FULL);
	assert_int_equal(store_write(s, STORE_TEXT, kit_put_job, &p),
	    ERR_FULL);
	OK(store_write(s, STORE_LAST, kit_put_job, &p));
	store_close(s);
	sealed_free(v);
}

/* ---- times, copies ---- */

static int64_t
epoch_start(void *arg)
{
	return *(int64_t *)arg;
}

static void
check_times(int64_t want)
{
	static const char *const names[] = { "data.mdb", "lock.mdb" };
	struct stat st;
	char path[160];
	size_t i;

	for (i = 0; i < 2; i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", kit_store,
		    names[i]);
		OK(stat(path, &st));
		assert_int_equal(st.st_mtim.tv_sec, want);
		assert_int_equal(st.st_mtim.tv_nsec, 0);
	}
}

static void
test_times(void **state)
{
	int64_t epoch = 1700006400;
	struct store_options o = { .mtime = epoch_start, .mtime_arg = &epoch };
	struct sealed *v;
	struct store *s;
	uint64_t left;

	(void)state;
	OK(store_open(kit_store, &o, &s));
	v = kit_record(1);
	OK(kit_put(s, DB_CASES, 1, v));
	OK(store_scrub(s, &left));
	check_times(epoch);
	epoch += 21600;
	OK(kit_put(s, DB_CASES, 2, v));
	OK(kit_put(s, DB_CASES, 2, NULL));
	OK(store_scrub(s, &left));
	check_times(epoch);
	OK(kit_get(s, DB_CASES, 1));
	store_tick(s);
	check_times(epoch);
	OK(kit_put(s, DB_CASES, 2, v));
	store_close(s);
	check_times(epoch);
	sealed_free(v);
}

static void
test_backup(void **state)
{
	const struct store_options o = { .read_only = true };
	struct store *s, *copy;
	struct sealed *v;
	char dir[128];
	uint32_t i;

	(void)state;
	s = kit_open();
	for (i = 0; i < 50; i++) {
		v = kit_record(i);
		OK(kit_put(s, DB_CASES, i, v));
		sealed_free(v);
	}
	for (i = 0; i < 25; i++)
		OK(kit_put(s, DB_CASES, i, NULL));
	(void)snprintf(dir, sizeof(dir), "%s/copy", kit_root);
	OK(store_backup(s, dir));
	assert_int_equal(store_backup(s, dir), ERR_EXISTS);
	OK(store_open(dir, &o, &copy));
	for (i = 0; i < 50; i++)
		assert_int_equal(kit_get(copy, DB_CASES, i),
		    i < 25 ? ERR_NOTFOUND : ERR_OK);
	store_close(copy);
	store_close(s);
}

/* ---- fault points ---- */

#ifdef PELUIT_FAULTS
static int
killed_after_commit(void)
{
	struct sealed *v;
	struct store *s;
	uint64_t left;

	s = kit_open();
	OK(store_scrub(s, &left));	/* the start has a commit too */
	v = kit_record(1);
	(void)setenv("PELUIT_FAULT", "store.commit.after=kill", 1);
	(void)kit_put(s, DB_CASES, 1, v);
	return 0;
}

static int
killed_before_commit(void)
{
	struct sealed *v;
	struct store *s;
	uint64_t left;

	s = kit_open();
	OK(store_scrub(s, &left));	/* the start has a commit too */
	v = kit_record(2);
	(void)setenv("PELUIT_FAULT", "store.commit.before=kill", 1);
	(void)kit_put(s, DB_CASES, 2, v);
	return 0;
}

static void
test_faults(void **state)
{
	static const struct { const char *what; enum err e; } cases[] = {
		{ "store.put=eio", ERR_SYS }, { "store.put=enospc", ERR_FULL },
		{ "store.commit.before=eio", ERR_SYS },
		{ "x=kill,store.commit.before=enospc", ERR_FULL },
		{ "store.commit.before@1000000=kill", ERR_OK },
		{ "store.scrub=eio", ERR_OK },
	};
	struct sealed *v;
	struct store *s;
	uint64_t left;
	size_t i;

	(void)state;
	v = kit_record(3);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		s = kit_open();
		OK(store_scrub(s, &left));
		(void)setenv("PELUIT_FAULT", cases[i].what, 1);
		assert_int_equal(kit_put(s, DB_CASES, 3, v), cases[i].e);
		(void)unsetenv("PELUIT_FAULT");
		assert_int_equal(kit_get(s, DB_CASES, 3),
		    cases[i].e == ERR_OK ? ERR_OK : ERR_NOTFOUND);
		OK(store_scrub(s, &left));
		store_close(s);
	}
	sealed_free(v);
	assert_int_equal(kit_child(killed_after_commit), 128 + SIGKILL);
	assert_int_equal(kit_child(killed_before_commit), 128 + SIGKILL);
	s = kit_open();
	OK(kit_get(s, DB_CASES, 1));
	assert_int_equal(kit_get(s, DB_CASES, 2), ERR_NOTFOUND);
	store_close(s);
}
#endif

#define T(f)	cmocka_unit_test_setup_teardown(f, kit_setup, kit_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_values), T(test_each), T(test_failed_job),
		T(test_group), T(test_group_bytes), T(test_threads),
		T(test_lock), T(test_read_only_folder), T(test_little_space),
		T(test_readers), T(test_version), T(test_truncated),
		T(test_meta), T(test_zero_page), T(test_kill),
		T(test_file_limit), T(test_full_disk), T(test_reserves),
		T(test_times), T(test_backup),
#ifdef PELUIT_FAULTS
		T(test_faults),
#endif
	};

	if (crypto_init() != ERR_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
