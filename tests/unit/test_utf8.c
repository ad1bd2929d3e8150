/* Text from outside: validity, what is shown, names of files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "utf8.h"

static const struct { const char *text; bool ok; } valid[] = {
	{ "", true }, { "abc\n\t\x7f", true }, { "\xc2\x80", true },
	{ "\xdf\xbf", true }, { "\xe0\xa0\x80", true },
	{ "\xed\x9f\xbf", true }, { "\xee\x80\x80", true },
	{ "\xef\xbf\xbf", true }, { "\xf0\x90\x80\x80", true },
	{ "\xf4\x8f\xbf\xbf", true },
	/* stray, overlong, surrogate, beyond, cut, bad second byte */
	{ "\x80", false }, { "\xbf", false }, { "\xc0\x80", false },
	{ "\xc1\xbf", false }, { "\xe0\x9f\xbf", false },
	{ "\xed\xa0\x80", false }, { "\xed\xbf\xbf", false },
	{ "\xf0\x8f\xbf\xbf", false }, { "\xf4\x90\x80\x80", false },
	{ "\xf5\x80\x80\x80", false }, { "\xff", false }, { "\xfe", false },
	{ "\xc2", false }, { "\xe0\xa0", false }, { "\xf0\x90\x80", false },
	{ "\xc2" "a", false }, { "\xe0\xa0" "a", false },
	{ "\xf8\x88\x80\x80\x80", false },
};

static void
test_valid(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(valid) / sizeof(valid[0]); i++) {
		assert_int_equal(utf8_valid(valid[i].text,
		    strlen(valid[i].text)), valid[i].ok);
	}
	assert_false(utf8_valid("a\0b", 3));
	assert_int_equal(utf8_count("a\xc3\xa9\xf0\x9f\x98\x80", 7), 3);
	assert_int_equal(utf8_count("", 0), 0);
}

static const struct { const char *text, *shown, *line; } shown[] = {
	{ "halo", "halo", "halo" },
	{ "a\nb\tc", "a\nb\tc", "a<U+000A>b<U+0009>c" },
	{ "a\r\nb\rc", "a\nb<U+000D>c", "a<U+000D><U+000A>b<U+000D>c" },
	{ "\x1b[31m", "<U+001B>[31m", "<U+001B>[31m" },
	{ "\xc2\x9b" "31m", "<U+009B>31m", "<U+009B>31m" },
	{ "\x9b", "<0x9B>", "<0x9B>" },
	{ "\xff\xc3", "<0xFF><0xC3>", "<0xFF><0xC3>" },
	{ "\x7f", "<U+007F>", "<U+007F>" },
	{ "\xe2\x80\xae" "gpj.exe", "<U+202E>gpj.exe", "<U+202E>gpj.exe" },
	{ "\xe2\x81\xa6", "<U+2066>", "<U+2066>" },
	{ "\xe2\x80\x8b", "<U+200B>", "<U+200B>" },
	{ "\xe2\x80\x8f", "<U+200F>", "<U+200F>" },
	{ "\xd8\x9c", "<U+061C>", "<U+061C>" },
	{ "\xe2\x80\xa8", "<U+2028>", "<U+2028>" },
	{ "\xc2\xad", "<U+00AD>", "<U+00AD>" },
	{ "\xef\xbb\xbf", "<U+FEFF>", "<U+FEFF>" },
	{ "\xe3\x85\xa4", "<U+3164>", "<U+3164>" },
	{ "\xe1\x85\x9f", "<U+115F>", "<U+115F>" },
	{ "\xf3\xa0\x81\x81", "<U+E0041>", "<U+E0041>" },
	{ "\xef\xbf\xbf", "<U+FFFF>", "<U+FFFF>" },
	/* left alone: a variation selector, letters, an emoji, no-break space */
	{ "\xe2\x98\x83\xef\xb8\x8f", "\xe2\x98\x83\xef\xb8\x8f",
	    "\xe2\x98\x83\xef\xb8\x8f" },
	{ "\xc3\xa9\xe4\xb8\xad\xf0\x9f\x98\x80\xc2\xa0",
	    "\xc3\xa9\xe4\xb8\xad\xf0\x9f\x98\x80\xc2\xa0",
	    "\xc3\xa9\xe4\xb8\xad\xf0\x9f\x98\x80\xc2\xa0" },
};

static void
test_visible(void **state)
{
	struct buf b;
	size_t i;

	(void)state;
	buf_init(&b, 4096);
	for (i = 0; i < sizeof(shown) / sizeof(shown[0]); i++) {
		utf8_visible(shown[i].text, strlen(shown[i].text), &b);
		assert_string_equal(buf_text(&b), shown[i].shown);
		buf_reset(&b);
		utf8_visible_line(shown[i].text, strlen(shown[i].text), &b);
		assert_string_equal(buf_text(&b), shown[i].line);
		buf_reset(&b);
	}
	utf8_visible("a\0b", 3, &b);
	assert_string_equal(buf_text(&b), "a<U+0000>b");
	buf_done(&b);
}

/* Whatever is shown is valid, has no control character, and is stable. */
static void
test_visible_of_all(void **state)
{
	struct buf b, c;
	uint8_t text[4];
	unsigned a, d;
	size_t i;

	(void)state;
	buf_init(&b, 4096);
	buf_init(&c, 4096);
	for (a = 0; a < 256; a++) {
		for (d = 0; d < 256; d++) {
			text[0] = (uint8_t)a;
			text[1] = (uint8_t)d;
			text[2] = 0x80;
			text[3] = 0xa8;
			utf8_visible_line(text, sizeof(text), &b);
			assert_true(utf8_valid(b.data, b.len));
			for (i = 0; i < b.len; i++)
				assert_true(b.data[i] >= 0x20 &&
				    b.data[i] != 0x7f);
			utf8_visible_line(b.data, b.len, &c);
			assert_int_equal(b.len, c.len);
			buf_reset(&b);
			buf_reset(&c);
		}
	}
	buf_done(&b);
	buf_done(&c);
}

static const struct { const char *name, *safe; } names[] = {
	{ "foto.jpg", "07-foto.jpg" },
	{ "../../etc/passwd", "07-passwd" },
	{ "C:\\Users\\x\\bukti 1.pdf", "07-bukti_1.pdf" },
	{ ".bashrc", "07-bashrc" },
	{ "--help", "07-help" },
	{ "", "07-file" },
	{ "..", "07-file" },
	{ "/", "07-file" },
	{ "a\nb\x1b[0m.txt", "07-a_b__0m.txt" },
	{ "CON", "07-_CON" },
	{ "nul.txt", "07-_nul.txt" },
	{ "COM1", "07-_COM1" },
	{ "COMA", "07-COMA" },
	{ "a:b*?\"<>|.x", "07-a_b______.x" },
	{ "surat.", "07-surat" },
	{ "\xff\xfe.txt", "07-__.txt" },
	{ "b\xc3\xa9\xe4\xb8\xad.txt", "07-b\xc3\xa9\xe4\xb8\xad.txt" },
	{ "x\xe2\x80\xaegpj.exe", "07-x_gpj.exe" },
	{ "x\xe3\x80\x80y", "07-x_y" },
};

static void
test_safe_name(void **state)
{
	char name[2100];
	struct buf b;
	size_t i;

	(void)state;
	buf_init(&b, 4096);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		utf8_safe_name(names[i].name, strlen(names[i].name), 7, &b);
		assert_string_equal(buf_text(&b), names[i].safe);
		buf_reset(&b);
	}
	/* Cut to 100 bytes, at a character, the extension kept. */
	for (i = 0; i + 2 < sizeof(name); i += 2)
		memcpy(name + i, "\xc3\xa9", 2);
	memcpy(name + sizeof(name) - 5, ".pdf", 5);
	for (i = 0; i < 8; i++) {
		utf8_safe_name(name + i, strlen(name + i), 1, &b);
		assert_true(b.len <= 100 && b.len >= 98);
		assert_true(utf8_valid(b.data, b.len));
		assert_memory_equal(b.data + b.len - 4, ".pdf", 4);
		buf_reset(&b);
	}
	utf8_safe_name("a", 1, 4294967295u, &b);
	assert_string_equal(buf_text(&b), "4294967295-a");
	buf_done(&b);
}

static void
test_cut(void **state)
{
	static const char text[] = "a\xe2\x82\xac\xe2\x82\xac";

	(void)state;
	assert_int_equal(utf8_cut(text, 0), 0);
	assert_int_equal(utf8_cut(text, 1), 1);
	assert_int_equal(utf8_cut(text, 3), 1);
	assert_int_equal(utf8_cut(text, 4), 4);
	assert_int_equal(utf8_cut(text, 6), 4);
	assert_int_equal(utf8_cut(text, 7), 7);
	assert_int_equal(utf8_cut(text, 100), 7);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_valid),
		cmocka_unit_test(test_visible),
		cmocka_unit_test(test_visible_of_all),
		cmocka_unit_test(test_safe_name),
		cmocka_unit_test(test_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
