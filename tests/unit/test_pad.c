/* pad.h: padded sizes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pad.h"

static void
test_manifest(void **state)
{
	(void)state;
	assert_int_equal(pad_manifest(0), 16384);
	assert_int_equal(pad_manifest(1), 16384);
	assert_int_equal(pad_manifest(16384), 16384);
	assert_int_equal(pad_manifest(16385), 32768);
	assert_int_equal(pad_manifest(400000), 409600);
	assert_int_equal(pad_manifest(SIZE_MAX), 0);
}

/* Worked by hand from the paper's algorithm 1. */
static void
test_file_known(void **state)
{
	(void)state;
	assert_true(pad_file(0) == 65536);
	assert_true(pad_file(1) == 65536);
	assert_true(pad_file(65536) == 65536);
	/* e = 16, s = 5: the low 11 bits are rounded up */
	assert_true(pad_file(65537) == 65536 + 2048);
	assert_true(pad_file(65536 + 2048) == 65536 + 2048);
	assert_true(pad_file(65536 + 2049) == 65536 + 4096);
	/* e = 19, s = 5: the low 14 bits */
	assert_true(pad_file(1000000) == 1015808);
	/* e = 29, s = 5: the low 24 bits; a power of two stays */
	assert_true(pad_file(536870912) == 536870912);
	assert_true(pad_file(536870913) == 536870912 + 16777216);
	assert_true(pad_file(PAD_FILE_MAX) == PAD_FILE_MAX);
	assert_true(pad_file(PAD_FILE_MAX + 1) == 0);
	assert_true(pad_file(UINT64_MAX) == 0);
}

/* Never less, never above 12 %, the same for its own result, growing. */
static void
test_file_properties(void **state)
{
	uint64_t len, padded, last = 0;

	(void)state;
	for (len = 1; len < PAD_FILE_MAX / 2; len += len / 97 + 1) {
		padded = pad_file(len);
		assert_true(padded >= len && padded >= last);
		if (len > PAD_FILE_MIN)
			assert_true(padded - len <= len / 100 * 12);
		assert_true(pad_file(padded) == padded);
		last = padded;
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_manifest),
		cmocka_unit_test(test_file_known),
		cmocka_unit_test(test_file_properties),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
