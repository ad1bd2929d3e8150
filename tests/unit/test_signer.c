/* The signer: what it promises, what it closes, what it refuses. */
#undef _FORTIFY_SOURCE			/* read() is our own */
#include <sys/syscall.h>

#include <errno.h>
#include <unistd.h>

#include "server_fixture.h"

#include "signer_internal.h"

static struct merkle_hash leaf[SIGNER_LEAVES];
static int reads_left;			/* to the one that fails; 0: none */

ssize_t
read(int fd, void *p, size_t n)
{
	if (reads_left > 0 && --reads_left == 0) {
		errno = EIO;
		return -1;
	}
	return syscall(SYS_read, fd, p, n);
}

/* Leaves of an epoch: ${n} tells one set from another. */
static void
leaves(uint8_t n)
{
	for (size_t i = 0; i < SIGNER_LEAVES; i++) {
		uint8_t c[COMMITMENT_LEN] = { n, (uint8_t)i };

		merkle_leaf(c, sizeof(c), &leaf[i]);
	}
}

static enum err
promise(uint64_t epoch, uint8_t at, uint8_t n, struct buf *note)
{
	struct promise p;

	memset(&p, 0, sizeof(p));
	text_copy(p.origin, sizeof(p.origin), fix.in.config.origin);
	p.epoch = epoch;
	p.leaf = ledger_index(instance_epoch0(&fix.in), epoch, at);
	p.commitment[0] = n;
	p.commitment[1] = at;
	buf_reset(note);
	return signer_promise(fix.s.signer, &p, note);
}

static enum err
close_one(uint64_t epoch, struct buf *note)
{
	buf_reset(note);
	return signer_close(fix.s.signer, epoch, leaf, note);
}

static void
test_promises(void **state)
{
	uint64_t now = fix_epoch();
	struct buf a, b;
	struct promise p;

	(void)state;
	buf_init(&a, SIGNER_NOTE_MAX);
	buf_init(&b, SIGNER_NOTE_MAX);
	OK(promise(now, 7, 1, &a));
	OK(promise_open(fix_bytes(&a), &fix.in.promise, &p));
	assert_int_equal(p.epoch, now);
	/* again: the same bytes; another commitment: never */
	OK(promise(now, 7, 1, &b));
	assert_int_equal(a.len, b.len);
	assert_memory_equal(a.data, b.data, a.len);
	assert_int_equal(promise(now, 7, 2, &b), ERR_CONFLICT);
	OK(promise(now + SIGNER_AHEAD, 0, 1, &b));
	assert_int_equal(promise(now + SIGNER_AHEAD + 1, 0, 1, &b),
	    ERR_RANGE);
	buf_done(&a);
	buf_done(&b);
}

static void
test_closing(void **state)
{
	uint64_t first = instance_epoch0(&fix.in), next;
	struct checkpoint cp;
	struct buf a, b;

	(void)state;
	buf_init(&a, SIGNER_NOTE_MAX);
	buf_init(&b, SIGNER_NOTE_MAX);
	OK(signer_next(fix.s.signer, &next));
	assert_int_equal(next, 0);
	leaves(1);
	/* out of order, and not what was promised */
	assert_int_equal(close_one(first + 1, &a), ERR_CONFLICT);
	OK(promise(first, 3, 2, &b));
	assert_int_equal(close_one(first, &a), ERR_CONFLICT);
	leaves(2);
	OK(close_one(first, &a));
	OK(checkpoint_open(fix_bytes(&a), &fix.in.log, &cp));
	assert_int_equal(cp.size, SIGNER_LEAVES);
	/* the last one again, and with other hashes */
	OK(close_one(first, &b));
	assert_int_equal(a.len, b.len);
	assert_memory_equal(a.data, b.data, a.len);
	leaves(3);
	assert_int_equal(close_one(first, &b), ERR_CONFLICT);
	/* a closed epoch is promised nothing any more */
	assert_int_equal(promise(first, 9, 3, &b), ERR_CONFLICT);
	OK(signer_next(fix.s.signer, &next));
	assert_int_equal(next, first + 1);
	/* none that is not over by its own clock */
	for (uint64_t e = first + 1; e < fix_epoch(); e++)
		OK(close_one(e, &b));
	assert_int_equal(close_one(fix_epoch(), &b), ERR_RANGE);
	buf_done(&a);
	buf_done(&b);
}

/* What it has signed it knows after a start. */
static void
test_restart(void **state)
{
	uint64_t first = instance_epoch0(&fix.in), next;
	struct buf a, b;

	(void)state;
	buf_init(&a, SIGNER_NOTE_MAX);
	buf_init(&b, SIGNER_NOTE_MAX);
	leaves(1);
	OK(promise(first + 1, 5, 1, &b));
	OK(close_one(first, &a));
	signer_stop(fix.s.signer);
	OK(signer_start(fix.dir, fix.clock_file, &fix.s.signer));
	OK(signer_next(fix.s.signer, &next));
	assert_int_equal(next, first + 1);
	OK(close_one(first, &b));
	assert_memory_equal(a.data, b.data, a.len);
	assert_int_equal(promise(first + 1, 5, 2, &b), ERR_CONFLICT);
	leaves(2);
	assert_int_equal(close_one(first + 1, &b), ERR_CONFLICT);
	buf_done(&a);
	buf_done(&b);
}

/* Only what ends in our tag is an answer's signature base. */
static void
test_answers(void **state)
{
	static const char good[] = "\"@signature-params\": ();created=1;"
	    "tag=\"peluit-answer/v1\"";
	static const char bad[] = "peluit-promise/v1\nx\n";
	uint8_t sig[SIGN_LEN];

	(void)state;
	OK(signer_answer(fix.s.signer, (struct bytes){ good,
	    sizeof(good) - 1 }, sig));
	OK(sign_verify(fix.in.answers, good, sizeof(good) - 1, sig));
	assert_int_equal(signer_answer(fix.s.signer, (struct bytes){ bad,
	    sizeof(bad) - 1 }, sig), ERR_DENIED);
}

/* What is left of an answer that broke off is not the next one's. */
static void
test_torn(void **state)
{
	struct buf b;

	(void)state;
	leaves(1);
	for (int k = 1; k <= 2; k++) {		/* its head, its text */
		buf_init(&b, SIGNER_NOTE_MAX);
		reads_left = k;
		assert_int_equal(promise(fix_epoch(), 1, 1, &b), ERR_SYS);
		assert_int_equal(reads_left, 0);
		assert_int_equal(close_one(instance_epoch0(&fix.in), &b),
		    ERR_SYS);
		signer_stop(fix.s.signer);
		OK(signer_start(fix.dir, fix.clock_file, &fix.s.signer));
		OK(promise(fix_epoch(), 1, 1, &b));
		buf_done(&b);
	}
}

/* fuzz_signer: edges that no tree of so many epochs has. */
static void
test_edges(void **state)
{
	char *path = path_join(fix.dir, "signer/state");
	struct signer_state st;
	size_t edges;

	(void)state;
	signer_stop(fix.s.signer);
	OK(signer_state_read(path, &st));
	st.next = instance_epoch0(&fix.in) + 3;
	for (edges = 0; edges <= EDGE_MAX; edges++) {
		st.edges = edges;
		OK(signer_state_write(&st));
		assert_int_equal(signer_start(fix.dir, fix.clock_file,
		    &fix.s.signer), edges == 2 ? ERR_OK : ERR_KEY);
		if (edges == 2)
			signer_stop(fix.s.signer);
	}
	fix.s.signer = NULL;
	signer_state_done(&st);
	free(path);
}

/* Its file's time tells the epoch alone. */
static void
test_time(void **state)
{
	char *path = path_join(fix.dir, "signer/state");
	struct stat st;
	struct buf b;

	(void)state;
	buf_init(&b, SIGNER_NOTE_MAX);
	OK(promise(fix_epoch(), 1, 1, &b));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mtime, instance_epoch_start(&fix.in,
	    fix_epoch()));
	buf_done(&b);
	free(path);
}

#define T(f) cmocka_unit_test_setup_teardown(f, fix_setup, fix_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_promises), T(test_closing), T(test_restart),
		T(test_answers), T(test_torn), T(test_time), T(test_edges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
