/* Reading JSON: what is refused, and what no memory does. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <cmocka.h>

#include "../../include/js.h"

#define LONG	((size_t)1 << 20)

static enum err
reads(const char *text, size_t values_max)
{
	json_t *root;
	enum err e = js_read((struct bytes){ text, strlen(text) },
	    values_max, &root);

	if (e != ERR_OK)
		assert_null(root);
	json_decref(root);
	return e;
}

static void
test_read(void **state)
{

	(void)state;
	assert_int_equal(reads("{\"a\":[1,\"\\u00e9\"]}", 4), ERR_OK);
	assert_int_equal(reads("[1,2,3]", 2), ERR_RANGE);
	assert_int_equal(reads("[[[[[[[[[]]]]]]]]]", 64), ERR_RANGE);
	assert_int_equal(reads("{\"a\":1,\"a\":1}", 8), ERR_FORMAT);
	assert_int_equal(reads("{\"a\":\"\xff\"}", 8), ERR_FORMAT);
	assert_int_equal(reads("{\"a\":\"\\\"}", 8), ERR_FORMAT);
	assert_int_equal(reads("{\"a\":[1,{\"b\":", 8), ERR_FORMAT);
	assert_int_equal(reads("", 8), ERR_FORMAT);
}

/*
 * jansson 2.14 runs over the end of a text of which it could not keep a byte:
 * here the quote that ends it.
 */
static void __attribute__((unused))
test_no_memory(void **state)
{
	static char text[LONG];
	struct rlimit old, none;
	enum err e;

	(void)state;
	memset(text, '\\', sizeof(text) - 1);
	memcpy(text, "[1, {\"a\":\"b\"},\"", 15);
	memcpy(text + LONG - 3, "\"]", 3);
	assert_int_equal(reads(text, 8), ERR_OK);
	assert_int_equal(getrlimit(RLIMIT_AS, &old), 0);
	none = old;
	none.rlim_cur = 0;
	assert_int_equal(setrlimit(RLIMIT_AS, &none), 0);
	e = reads(text, 8);
	assert_int_equal(setrlimit(RLIMIT_AS, &old), 0);
	assert_int_equal(e, ERR_SYS);
	assert_int_equal(reads(text, 8), ERR_OK);
}

/* A value that is lost on the way to an answer takes the answer with it. */
static void __attribute__((unused))
test_refused(void **state)
{
	static char text[LONG];
	struct rlimit old, none;
	json_t *o = json_pack("{s:i}", "whole", 1), *lost;
	struct buf out;

	(void)state;
	memset(text, 'x', sizeof(text));
	buf_init(&out, 64);
	assert_int_equal(memory_err(), ERR_OK);
	assert_int_equal(js_print(o, JSON_COMPACT, &out), ERR_OK);
	assert_string_equal(buf_text(&out), "{\"whole\":1}");
	assert_int_equal(getrlimit(RLIMIT_AS, &old), 0);
	none = old;
	none.rlim_cur = 0;
	assert_int_equal(setrlimit(RLIMIT_AS, &none), 0);
	lost = json_stringn(text, sizeof(text));
	assert_int_equal(setrlimit(RLIMIT_AS, &old), 0);
	assert_null(lost);
	assert_int_equal(memory_err(), ERR_SYS);
	buf_reset(&out);
	assert_int_equal(js_print(o, JSON_COMPACT, &out), ERR_SYS);
	assert_int_equal(errno, ENOMEM);
	buf_done(&out);
	json_decref(o);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read),
#ifndef __SANITIZE_ADDRESS__	/* whose own memory ends with ours */
		cmocka_unit_test(test_no_memory),
		cmocka_unit_test(test_refused),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
