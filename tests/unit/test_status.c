/* Codes of the field. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "status.h"

static void
test_statuses(void **state)
{
	size_t i, closed = 0, reason = 0;

	(void)state;
	for (i = 0; status_at(i) != NULL; i++) {
		assert_true(status_known(status_at(i)));
		assert_true(status_well_formed(status_at(i)));
		closed += status_is_closed(status_at(i));
		reason += status_needs_reason(status_at(i));
	}
	assert_int_equal(i, 12);
	assert_int_equal(closed, 4);
	assert_int_equal(reason, 2);
	assert_string_equal(status_at(0), "RECEIVED");
	assert_false(status_is_closed("REOPENED"));
	assert_true(status_is_closed("ARCHIVED"));
	assert_true(status_needs_reason("REFERRED"));
	assert_false(status_known(""));
	assert_false(status_known("RECEIVE"));
	assert_false(status_is_closed("?"));
}

static void
test_well_formed(void **state)
{
	(void)state;
	assert_true(status_well_formed("ABCDEFGHIJKLMNOPQRSTUVWX"));
	assert_false(status_well_formed("ABCDEFGHIJKLMNOPQRSTUVWXY"));
	assert_false(status_well_formed(""));
	assert_false(status_well_formed("_A"));
	assert_false(status_well_formed("A B"));
	assert_false(status_well_formed("a"));
}

static void
test_categories(void **state)
{
	size_t i, public = 0;

	(void)state;
	for (i = 0; category_at(i) != NULL; i++) {
		assert_int_equal(category_is_public(category_at(i)->code),
		    category_at(i)->public);
		public += category_at(i)->public;
	}
	assert_int_equal(i, 20);
	assert_int_equal(public, 12);
	assert_true(category_is_public("tidak_yakin"));
	assert_false(category_is_public("layanan"));
	assert_false(category_is_public("x"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_statuses),
		cmocka_unit_test(test_well_formed),
		cmocka_unit_test(test_categories),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
