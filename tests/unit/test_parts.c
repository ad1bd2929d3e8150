/* Parts of a large file are saved under one number. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "parts.h"

static void
test_stem(void **state)
{
	static const struct { const char *name; size_t stem; char kind; }
	    names[] = {
		{ "video.zip.001", 9, '0' }, { "video.7z.999", 8, '0' },
		{ "video.mp4.012", 9, '0' }, { "v.part1.rar", 1, 'p' },
		{ "v.PART010.RAR", 1, 'p' }, { "v.rar", 1, 'r' },
		{ "v.r07", 1, 'r' }, { "v.zip", 1, 'z' }, { "v.z01", 1, 'z' },
		{ "v.Z12", 1, 'z' }, { ".part1.rar", 6, 'r' },
		{ "v.part.rar", 6, 'r' }, { "v1.rar", 2, 'r' },
		{ "", 0, 0 }, { "video", 0, 0 }, { ".001", 0, 0 },
		{ "v.01", 0, 0 }, { "v.0001", 0, 0 }, { "v.00a", 0, 0 },
		{ "v.mp4", 0, 0 }, { "v.r", 0, 0 }, { "v.r123", 0, 0 },
		{ "v.zipx", 0, 0 }, { "001", 0, 0 }, { "v.", 0, 0 },
	};
	char kind;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		size_t stem = parts_stem(names[i].name, &kind);

		if (stem != names[i].stem || kind != names[i].kind)
			fail_msg("%s: %zu %c", names[i].name, stem, kind);
	}
}

/* Each name with the number that it gets; its own is its place here. */
static void
test_place(void **state)
{
	static const struct { const char *name; unsigned number; } in[] = {
		{ "foto.jpg", 1 }, { "v.zip.002", 2 }, { "lain.zip.001", 3 },
		{ "v.zip.001", 2 }, { "v.zip", 5 }, { "foto.jpg", 6 },
		{ "v.z01", 5 }, { "v.part1.rar", 8 }, { "V.part2.rar", 9 },
		{ "v.part2.rar", 8 }, { "v.zip.003", 2 },
		/* sent again: a row of its own, which the rest joins */
		{ "v.zip.001", 12 }, { "v.zip.004", 12 }, { "v.zip.002", 12 },
		{ "v.zip.001", 15 },
	};
	struct parts_place own, at;
	struct parts *p;

	(void)state;
	assert_int_equal(parts_new(&p), ERR_OK);
	for (size_t i = 0; i < sizeof(in) / sizeof(in[0]); i++) {
		own = (struct parts_place){ 100 + i, (unsigned)i + 1 };
		at = parts_place(p, in[i].name, own);
		if (at.number != in[i].number)
			fail_msg("%s: %u", in[i].name, at.number);
		assert_int_equal(at.seq, 99 + at.number);
	}
	parts_free(p);
	parts_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stem), cmocka_unit_test(test_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
