/* The QR code's path; that a decoder reads it: tests/scenario/papers.py. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "qr.h"

static void
a_code_has_its_corners(void **state)
{
	struct buf path;
	size_t size;

	(void)state;
	buf_init(&path, 65536);
	assert_int_equal(qr_path("abc.onion", &size, &path), ERR_OK);
	/* version 1 has 21 modules; a finder's edge is seven dark ones */
	assert_int_equal(size, 21 + 2 * QR_QUIET);
	assert_int_equal(strncmp(buf_text(&path), "M4 4h7v1h-7z", 12), 0);
	assert_non_null(strstr(buf_text(&path), "M18 4h7v1h-7z"));
	assert_non_null(strstr(buf_text(&path), "M4 18h7v1h-7z"));
	assert_null(strstr(buf_text(&path), "M18 18h7v1h-7z"));
	buf_done(&path);
}

static void
what_cannot_be_a_code(void **state)
{
	char longest[2000];
	struct buf path;
	size_t size = 9;

	(void)state;
	buf_init(&path, 65536);
	assert_int_equal(qr_path("", &size, &path), ERR_RANGE);
	assert_int_equal(size, 0);
	memset(longest, 'a', sizeof(longest));
	longest[1663] = '\0';	/* the most of level Q */
	buf_done(&path);
	buf_init(&path, 4 << 20);
	assert_int_equal(qr_path(longest, &size, &path), ERR_OK);
	longest[1663] = 'a';
	longest[1664] = '\0';
	assert_int_equal(qr_path(longest, &size, &path), ERR_RANGE);
	buf_done(&path);
	buf_init(&path, 100);
	assert_int_equal(qr_path("abc.onion", &size, &path), ERR_RANGE);
	buf_done(&path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_code_has_its_corners),
	    cmocka_unit_test(what_cannot_be_a_code),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
