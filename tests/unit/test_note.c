/* Verifier keys and signed notes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "note.h"

#define TEXT	"hello\n\nworld\n"

static uint8_t seed[3][SIGN_SEED_LEN] = { { 1 }, { 2 }, { 3 } };
static struct vkey key[3];

static int
setup(void **state)
{
	static const char *const name[3] = { "a.example/log", "b.example",
		"pélut" };
	uint8_t public[SIGN_PUBLIC_LEN];
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++) {
		sign_public(seed[i], public);
		if (vkey_of(name[i], NOTE_TYPE_ED25519, public, &key[i]) !=
		    ERR_OK)
			return -1;
	}
	return 0;
}

static struct bytes
text_of(const char *s)
{
	return (struct bytes){ s, strlen(s) };
}

static struct bytes
bytes_of(const struct buf *b)
{
	return (struct bytes){ b->data, b->len };
}

/* The key and name of the example in C2SP signed-note. */
static void
test_vkey(void **state)
{
	static const char known[] = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzh"
	    "KqiBfsVkmqq/LDE4izWy10TW";
	char text[NOTE_VKEY_MAX];
	struct vkey v, w;

	(void)state;
	assert_int_equal(vkey_decode(text_of(known), &v), ERR_OK);
	assert_string_equal(v.name, "PeterNeumann");
	assert_int_equal(v.type, NOTE_TYPE_ED25519);
	vkey_encode(&v, text);
	assert_string_equal(text, known);
	assert_int_equal(vkey_of(v.name, v.type, v.public, &w), ERR_OK);
	assert_true(vkey_equal(&v, &w));
	assert_memory_equal(v.id, w.id, sizeof(v.id));
	assert_int_equal(vkey_of(v.name, NOTE_TYPE_COSIGNATURE, v.public, &w),
	    ERR_OK);
	assert_false(vkey_equal(&v, &w));
	assert_memory_not_equal(v.id, w.id, sizeof(v.id));
	assert_int_equal(vkey_of(v.name, 2, v.public, &w), ERR_KEY);
}

static void
test_vkey_refused(void **state)
{
	static const char *const bad[] = {
		"", "+", "++", "PeterNeumann",
		/* id, upper case, space, cut, two keys, unpadded, type */
		"PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/"
		"LDE4izWy10TW",
		"PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/"
		"LDE4izWy10TW",
		"PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/"
		"LDE4izWy10TW ",
		"Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/"
		"LDE4izWy10TW",
		"+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
		"PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/"
		"LDE4izWy10T",
		"PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/"
		"LDE4izWy10TWAAAA",
	};
	uint8_t zero[SIGN_PUBLIC_LEN] = { 0 };
	char name[NOTE_NAME_MAX + 2];
	struct vkey v;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(vkey_decode(text_of(bad[i]), &v), ERR_KEY);
	assert_int_equal(vkey_of("a", NOTE_TYPE_ED25519, zero, &v), ERR_KEY);
	assert_int_equal(vkey_of("a b", NOTE_TYPE_ED25519, key[0].public, &v),
	    ERR_KEY);
	assert_int_equal(vkey_of("a\xc2\xa0" "b", NOTE_TYPE_ED25519,
	    key[0].public, &v), ERR_KEY);
	memset(name, 'n', sizeof(name) - 1);
	name[NOTE_NAME_MAX + 1] = '\0';
	assert_int_equal(vkey_of(name, NOTE_TYPE_ED25519, key[0].public, &v),
	    ERR_KEY);
	name[NOTE_NAME_MAX] = '\0';
	assert_int_equal(vkey_of(name, NOTE_TYPE_ED25519, key[0].public, &v),
	    ERR_OK);
}

static void
test_sign_and_open(void **state)
{
	struct bytes text;
	bool by[3];
	struct buf b;

	(void)state;
	buf_init(&b, NOTE_MAX);
	assert_int_equal(note_sign(text_of(TEXT), &key[0], seed[0], &b),
	    ERR_OK);
	assert_int_equal(note_add_signature(&b, &key[2], seed[2]), ERR_OK);
	assert_int_equal(note_open(bytes_of(&b), key, 3, &text, by), ERR_OK);
	assert_int_equal(text.n, strlen(TEXT));
	assert_memory_equal(text.p, TEXT, text.n);
	assert_true(by[0] && !by[1] && by[2]);
	assert_int_equal(note_open(bytes_of(&b), key + 1, 1, &text, by),
	    ERR_NOMATCH);
	assert_int_equal(text.n, 0);
	assert_int_equal(note_text(bytes_of(&b), &text), ERR_OK);
	assert_int_equal(text.n, strlen(TEXT));
	buf_done(&b);
}

/* A byte anywhere changed: never accepted with both signatures. */
static void
test_flips(void **state)
{
	struct bytes text;
	bool by[2];
	struct buf b;
	size_t i;
	enum err e;

	(void)state;
	buf_init(&b, NOTE_MAX);
	assert_int_equal(note_sign(text_of(TEXT), &key[0], seed[0], &b),
	    ERR_OK);
	assert_int_equal(note_add_signature(&b, &key[1], seed[1]), ERR_OK);
	for (i = 0; i < b.len; i++) {
		b.data[i] ^= 1;
		e = note_open(bytes_of(&b), key, 2, &text, by);
		assert_false(e == ERR_OK && by[0] && by[1]);
		if (i < strlen(TEXT))
			assert_int_not_equal(e, ERR_OK);
		b.data[i] ^= 1;
		e = note_open((struct bytes){ b.data, i }, key, 2, &text, by);
		assert_false(e == ERR_OK && by[0] && by[1]);
	}
	buf_done(&b);
}

static void
test_wrong_key(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, NOTE_MAX);
	assert_int_equal(note_sign(text_of(TEXT), &key[0], seed[1], &b),
	    ERR_KEY);
	assert_int_equal(b.len, 0);
	assert_int_equal(note_sign(text_of(""), &key[0], seed[0], &b),
	    ERR_FORMAT);
	assert_int_equal(note_sign(text_of("no LF"), &key[0], seed[0], &b),
	    ERR_FORMAT);
	assert_int_equal(note_sign(text_of("a\tb\n"), &key[0], seed[0], &b),
	    ERR_FORMAT);
	assert_int_equal(note_sign(text_of("\xff\n"), &key[0], seed[0], &b),
	    ERR_FORMAT);
	assert_int_equal(note_add_signature(&b, &key[0], seed[0]),
	    ERR_FORMAT);
	buf_done(&b);
}

/* Of two lines of a known key the first counts, whatever the second. */
static void
test_twice(void **state)
{
	struct bytes text;
	bool by[3];
	struct buf b, c;
	size_t line;

	(void)state;
	buf_init(&b, NOTE_MAX);
	buf_init(&c, NOTE_MAX);
	assert_int_equal(note_sign(text_of(TEXT), &key[0], seed[0], &b),
	    ERR_OK);
	assert_int_equal(note_sign(text_of("other\n"), &key[0], seed[0], &c),
	    ERR_OK);
	line = strlen("other\n\n");
	buf_put(&b, c.data + line, c.len - line);
	assert_int_equal(note_open(bytes_of(&b), key, 3, &text, by), ERR_OK);
	assert_true(by[0]);
	/* The wrong one first: the whole note is refused. */
	buf_reset(&b);
	buf_puts(&b, TEXT "\n");
	buf_put(&b, c.data + line, c.len - line);
	assert_int_equal(note_open(bytes_of(&b), key, 3, &text, by), ERR_MAC);
	assert_false(by[0]);
	buf_done(&b);
	buf_done(&c);
}

static void
test_limits(void **state)
{
	struct bytes text;
	struct buf b, c;
	size_t i, one;

	(void)state;
	buf_init(&b, 2 * NOTE_MAX);
	buf_init(&c, 2 * NOTE_MAX);
	assert_int_equal(note_sign(text_of("x\n"), &key[1], seed[1], &b),
	    ERR_OK);
	one = b.len;
	for (i = 1; i < NOTE_SIGS_MAX; i++)
		assert_int_equal(note_add_signature(&b, &key[1], seed[1]),
		    ERR_OK);
	assert_int_equal(note_text(bytes_of(&b), &text), ERR_OK);
	assert_int_equal(note_add_signature(&b, &key[1], seed[1]), ERR_OK);
	assert_int_equal(note_text(bytes_of(&b), &text), ERR_RANGE);
	buf_reset(&b);
	buf_fill(&b, 'x', NOTE_MAX - one + 2);
	buf_putc(&b, '\n');
	assert_int_equal(note_sign(bytes_of(&b), &key[1], seed[1], &c),
	    ERR_RANGE);
	buf_reset(&b);
	buf_reset(&c);
	buf_fill(&b, 'x', NOTE_MAX - one + 1);
	buf_putc(&b, '\n');
	assert_int_equal(note_sign(bytes_of(&b), &key[1], seed[1], &c),
	    ERR_OK);
	assert_int_equal(c.len, NOTE_MAX);
	assert_int_equal(note_text(bytes_of(&c), &text), ERR_OK);
	buf_done(&b);
	buf_done(&c);
}

/* A key id alone, or a name alone, is nobody's signature. */
static void
test_unknown(void **state)
{
	struct bytes text;
	struct vkey other = key[0];
	bool by[1];
	struct buf b;

	(void)state;
	buf_init(&b, NOTE_MAX);
	assert_int_equal(note_sign(text_of(TEXT), &key[0], seed[0], &b),
	    ERR_OK);
	other.id[0] ^= 1;
	assert_int_equal(note_open(bytes_of(&b), &other, 1, &text, by),
	    ERR_NOMATCH);
	other = key[0];
	other.name[0] ^= 1;
	assert_int_equal(note_open(bytes_of(&b), &other, 1, &text, by),
	    ERR_NOMATCH);
	buf_done(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vkey),
		cmocka_unit_test(test_vkey_refused),
		cmocka_unit_test(test_sign_and_open),
		cmocka_unit_test(test_flips),
		cmocka_unit_test(test_wrong_key),
		cmocka_unit_test(test_twice),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_unknown),
	};

	if (crypto_init() != ERR_OK)
		return 1;
	return cmocka_run_group_tests(tests, setup, NULL);
}
