/* Uploads that nothing refers to: what goes, and when. */
#include "server_fixture.h"

struct put { struct upload_record u; unsigned blocks; };

static enum err
put_job(struct store_txn *t, void *arg)
{
	struct put *p = arg;
	struct sealed *s;
	uint8_t one = 1;

	for (uint32_t k = 0; k < p->blocks; k++) {
		struct place at = place_block(fix.s.records, p->u.id, k);

		OK(sealed_block_of(&one, 1, &s));
		OK(store_put(t, DB_BLOCKS, at.key, s));
		sealed_free(s);
	}
	return upload_put(fix.s.records, t, &p->u);
}

static void
put(bool of_desk, uint64_t epoch, uint32_t announced, unsigned blocks,
    uint8_t id[static ID_LEN])
{
	struct put p = { .blocks = blocks };

	rand_bytes(p.u.id, ID_LEN);
	p.u.of_desk = of_desk;
	p.u.epoch = epoch;
	p.u.blocks = announced;
	OK(store_write(fix.s.store, STORE_LAST, put_job, &p));
	memcpy(id, p.u.id, ID_LEN);
}

static bool
there(const uint8_t id[static ID_LEN])
{
	struct upload_record u;
	struct store_txn *t;
	enum err e;

	OK(store_begin(fix.s.store, &t));
	e = upload_get(fix.s.records, t, id, &u);
	store_end(t);
	upload_done(&u);
	return e == ERR_OK;
}

/* A desk's: to the end of the next epoch; a source's: while we run. */
static void
test_when(void **state)
{
	uint64_t now = fix_epoch();
	uint8_t old[ID_LEN], last[ID_LEN], new[ID_LEN], source[ID_LEN];

	(void)state;
	put(true, now - 2, 3, 2, old);
	put(true, now - 1, 3, 2, last);
	put(true, now, 3, 0, new);
	put(false, now - 9, UINT32_MAX, 3, source);
	OK(sweep_uploads(&fix.s, false));
	assert_false(there(old));
	assert_true(there(last));
	assert_true(there(new));
	assert_true(there(source));
	assert_int_equal(fix_count(DB_BLOCKS), 2 + 3);
	fix_later(1);
	OK(sweep_uploads(&fix.s, false));
	assert_false(there(last));
	assert_true(there(new));
	assert_true(there(source));
	OK(sweep_uploads(&fix.s, true));
	assert_true(there(new));
	assert_false(there(source));
	assert_int_equal(fix_count(DB_BLOCKS), 0);
}

/* More blocks than one transaction takes. */
static void
test_many_blocks(void **state)
{
	uint8_t id[ID_LEN];

	(void)state;
	put(false, fix_epoch(), UINT32_MAX, 3 * ERASE_BLOCKS + 1, id);
	OK(sweep_uploads(&fix.s, true));
	assert_false(there(id));
	assert_int_equal(fix_count(DB_BLOCKS), 0);
}

static void
test_named(void **state)
{
	uint8_t one[ID_LEN], two[ID_LEN], none[ID_LEN];

	(void)state;
	put(false, fix_epoch(), UINT32_MAX, 2, one);
	put(false, fix_epoch(), UINT32_MAX, 2, two);
	rand_bytes(none, sizeof(none));
	sweep_object(&fix.s, none);
	sweep_object(&fix.s, one);
	assert_true(there(one));
	OK(sweep_tick(&fix.s));
	assert_false(there(one));
	assert_true(there(two));
	assert_int_equal(fix_count(DB_BLOCKS), 2);
}

/* At a start, before anybody can send: sources' uploads have no end. */
static void
test_start(void **state)
{
	uint8_t id[ID_LEN], desk[ID_LEN];

	(void)state;
	put(false, fix_epoch(), UINT32_MAX, 2, id);
	put(true, fix_epoch(), 2, 1, desk);
	fix_stop();
	OK(fix_start());
	assert_false(there(id));
	assert_true(there(desk));
}

#define T(f) cmocka_unit_test_setup_teardown(f, fix_setup, fix_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_when), T(test_many_blocks), T(test_named),
		T(test_start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
