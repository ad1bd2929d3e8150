/* buf.h: the buffer's maximum and first failure, the cursor's end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "buf.h"

static void
test_builds_big_endian(void **state)
{
	static const uint8_t want[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,
		13, 14, 15, 0, 0, 0, 2, 'h', 'i' };
	struct buf b;

	(void)state;
	buf_init(&b, 100);
	buf_u8(&b, 1);
	buf_u16(&b, 0x0203);
	buf_u32(&b, 0x04050607);
	buf_u64(&b, UINT64_C(0x08090a0b0c0d0e0f));
	buf_blob(&b, "hi", 2);
	assert_int_equal(buf_err(&b), ERR_OK);
	assert_int_equal(b.len, sizeof(want));
	assert_memory_equal(b.data, want, sizeof(want));
	buf_done(&b);
	assert_null(b.data);
	assert_int_equal(b.max, 100);
}

static void
test_text(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 64);
	assert_string_equal(buf_text(&b), "");
	buf_puts(&b, "a");
	buf_putc(&b, 'b');
	buf_fill(&b, 'c', 3);
	buf_printf(&b, "%d %s", -7, "x");
	buf_base64(&b, "fo", 2);
	buf_hex(&b, "\xff\x01", 2);
	buf_fill(&b, 'z', 0);
	buf_put(&b, NULL, 0);
	assert_string_equal(buf_text(&b), "abccc-7 xZm8=ff01");
	assert_int_equal(b.len, strlen("abccc-7 xZm8=ff01"));
	buf_done(&b);
}

/* Each way to append, at the maximum and one above it. */
static void
test_filled(void **state)
{
	const char *const arg[2] = { "a{2}", NULL };
	struct buf b;

	(void)state;
	buf_init(&b, 64);
	buf_puts_filled(&b, "{1}: {2}{3} {1 } { {1}", arg);
	assert_string_equal(buf_text(&b), "a{2}: {3} {1 } { a{2}");
	buf_done(&b);
}

static void
test_maximum(void **state)
{
	struct buf b;
	size_t max;

	(void)state;
	for (max = 0; max < 600; max += 7) {
		buf_init(&b, max);
		buf_fill(&b, 'x', max);
		assert_int_equal(buf_err(&b), ERR_OK);
		assert_int_equal(strlen(buf_text(&b)), max);
		buf_putc(&b, 'y');
		assert_int_equal(buf_err(&b), ERR_RANGE);
		assert_int_equal(b.len, max);
		assert_string_equal(buf_text(&b), "");
		buf_done(&b);
	}
	buf_init(&b, 5);
	buf_blob(&b, "ab", 2);		/* six with its length */
	assert_int_equal(buf_err(&b), ERR_RANGE);
	assert_int_equal(b.len, 0);
	buf_reset(&b);
	buf_printf(&b, "%s", "123456");
	assert_int_equal(buf_err(&b), ERR_RANGE);
	buf_reset(&b);
	buf_base64(&b, "1234", 4);	/* eight */
	assert_int_equal(buf_err(&b), ERR_RANGE);
	buf_reset(&b);
	buf_hex(&b, "123", 3);		/* six */
	assert_int_equal(buf_err(&b), ERR_RANGE);
	assert_int_equal(b.len, 0);
	buf_done(&b);
}

static void
test_sizes_near_the_end_of_size_t(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 16);
	buf_putc(&b, 'x');
	buf_fill(&b, 0, SIZE_MAX);
	assert_int_equal(buf_err(&b), ERR_RANGE);
	buf_reset(&b);
	buf_blob(&b, "", SIZE_MAX);
	assert_int_equal(buf_err(&b), ERR_RANGE);
	buf_reset(&b);
	buf_base64(&b, "", SIZE_MAX);
	assert_int_equal(buf_err(&b), ERR_RANGE);
	buf_reset(&b);
	buf_hex(&b, "", SIZE_MAX - 1);
	assert_int_equal(buf_err(&b), ERR_RANGE);
	buf_done(&b);
	buf_init(&b, SIZE_MAX);
	buf_putc(&b, 'x');
	assert_int_equal(buf_err(&b), ERR_RANGE);
	buf_done(&b);
}

static void
test_failure_is_sticky(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 3);
	buf_puts(&b, "ab");
	buf_puts(&b, "cd");
	buf_puts(&b, "e");		/* would fit, but comes too late */
	assert_int_equal(buf_err(&b), ERR_RANGE);
	assert_int_equal(b.len, 2);
	buf_reset(&b);
	assert_int_equal(buf_err(&b), ERR_OK);
	assert_int_equal(b.len, 0);
	buf_puts(&b, "xyz");
	assert_string_equal(buf_text(&b), "xyz");
	buf_done(&b);
}

static void
test_reset_wipes(void **state)
{
	struct buf b;
	size_t i;

	(void)state;
	buf_init(&b, 1000);
	buf_fill(&b, 'x', 200);
	buf_reset(&b);
	assert_non_null(b.data);
	for (i = 0; i < b.cap; i++)
		assert_int_equal(b.data[i], 0);
	buf_done(&b);
}

static void
test_cursor_reads_what_was_built(void **state)
{
	uint8_t two[2];
	const char *line;
	const uint8_t *blob;
	struct buf b;
	struct cur c;
	size_t n;

	(void)state;
	buf_init(&b, 100);
	buf_u8(&b, 250);
	buf_u16(&b, 0xfffe);
	buf_u32(&b, 0xfffefdfc);
	buf_u64(&b, UINT64_C(0xfffefdfcfbfaf9f8));
	buf_blob(&b, "blob", 4);
	buf_blob(&b, NULL, 0);
	buf_puts(&b, "line\n\n");
	buf_puts(&b, "ab");

	c = cur_over(b.data, b.len);
	assert_int_equal(cur_u8(&c), 250);
	assert_int_equal(cur_u16(&c), 0xfffe);
	assert_int_equal(cur_u32(&c), 0xfffefdfc);
	assert_true(cur_u64(&c) == UINT64_C(0xfffefdfcfbfaf9f8));
	blob = cur_blob(&c, &n);
	assert_int_equal(n, 4);
	assert_memory_equal(blob, "blob", 4);
	assert_non_null(cur_blob(&c, &n));
	assert_int_equal(n, 0);
	line = cur_line(&c, &n);
	assert_int_equal(n, 4);
	assert_memory_equal(line, "line", 4);
	assert_non_null(cur_line(&c, &n));
	assert_int_equal(n, 0);
	assert_int_equal(cur_end(&c), ERR_FORMAT);
	cur_copy(&c, two, 2);
	assert_memory_equal(two, "ab", 2);
	assert_int_equal(cur_end(&c), ERR_OK);
	buf_done(&b);
}

static void
test_cursor_fails_for_good(void **state)
{
	static const uint8_t in[] = { 0, 0, 0, 9, 'a', 'b' };
	uint8_t two[2] = { 1, 1 };
	struct cur c;
	size_t n = 7;

	(void)state;
	c = cur_over(in, sizeof(in));
	assert_null(cur_blob(&c, &n));	/* says nine, has two */
	assert_int_equal(n, 0);
	assert_int_equal(cur_u8(&c), 0);
	cur_copy(&c, two, 2);
	assert_int_equal(two[0] | two[1], 0);
	assert_int_equal(cur_end(&c), ERR_FORMAT);

	c = cur_over(in, sizeof(in));
	assert_null(cur_line(&c, &n));
	assert_null(cur_take(&c, 1));
	assert_int_equal(cur_end(&c), ERR_FORMAT);

	c = cur_over(in, 3);
	assert_int_equal(cur_u32(&c), 0);
	assert_int_equal(cur_end(&c), ERR_FORMAT);

	c = cur_over(NULL, 0);
	assert_non_null(cur_take(&c, 0));
	assert_int_equal(cur_end(&c), ERR_OK);
	assert_null(cur_take(&c, SIZE_MAX));
}

static void
test_every_error_has_a_text(void **state)
{
	int e, f;

	(void)state;
	for (e = 0; e < ERR_LIMIT_; e++) {
		assert_string_not_equal(err_text((enum err)e),
		    "unknown error");
		for (f = 0; f < e; f++)
			assert_string_not_equal(err_text((enum err)e),
			    err_text((enum err)f));
	}
	assert_string_equal(err_text(ERR_LIMIT_), "unknown error");
	assert_string_equal(err_text((enum err)-1), "unknown error");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_builds_big_endian),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_filled),
		cmocka_unit_test(test_maximum),
		cmocka_unit_test(test_sizes_near_the_end_of_size_t),
		cmocka_unit_test(test_failure_is_sticky),
		cmocka_unit_test(test_reset_wipes),
		cmocka_unit_test(test_cursor_reads_what_was_built),
		cmocka_unit_test(test_cursor_fails_for_good),
		cmocka_unit_test(test_every_error_has_a_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
