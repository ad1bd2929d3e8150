/* receipt.h: the list, what people type, and the keys that come from it. */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "crypto.h"
#include "receipt.h"

/* Distance of two words: letters put in, left out or changed. */
static size_t
distance(const char *a, const char *b)
{
	size_t d[9][9], i, j, n = strlen(a), m = strlen(b), v;

	for (i = 0; i <= n; i++)
		d[i][0] = i;
	for (j = 0; j <= m; j++)
		d[0][j] = j;
	for (i = 1; i <= n; i++) {
		for (j = 1; j <= m; j++) {
			v = d[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
			if (d[i - 1][j] + 1 < v)
				v = d[i - 1][j] + 1;
			if (d[i][j - 1] + 1 < v)
				v = d[i][j - 1] + 1;
			d[i][j] = v;
		}
	}
	return d[n][m];
}

static void
test_list(void **state)
{
	const char *w;
	unsigned i, j, k;
	size_t n;

	(void)state;
	for (i = 0; i < RECEIPT_LIST; i++) {
		w = word_text(i);
		n = strlen(w);
		assert_in_range(n, 4, 7);
		for (k = 0; k < n; k++)
			assert_true(w[k] >= 'a' && w[k] <= 'z');
		if (i > 0)
			assert_true(strcmp(word_text(i - 1), w) < 0);
		for (j = 0; j < i; j++) {
			assert_true(strncmp(w, word_text(j), 4) != 0);
			assert_true(distance(w, word_text(j)) >= 2);
		}
	}
	/* The order is part of the format. */
	assert_string_equal(word_text(0), "abdi");
	assert_string_equal(word_text(1), "abjad");
}

static int
find(const char *w)
{
	return word_find(w, strlen(w));
}

static void
test_find(void **state)
{
	static const char *const bad[] = { "", "a", "abd", "abdix", "abja1",
		"abjadd", "abjax", "zzzz", "aaaa", "abj\xc3\xa4", "abjad ",
		"Abjax", "bintan", "alju", "aljabarx", "aljab" };
	char w[16];
	unsigned i, k;

	(void)state;
	for (i = 0; i < RECEIPT_LIST; i++) {
		assert_int_equal(find(word_text(i)), (int)i);
		assert_int_equal(word_find(word_text(i), 4), (int)i);
		snprintf(w, sizeof(w), "%s", word_text(i));
		for (k = 0; w[k] != '\0'; k++)
			w[k] = (char)toupper((unsigned char)w[k]);
		assert_int_equal(find(w), (int)i);
	}
	assert_int_equal(find("aljabar"), find("ALJA"));
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(find(bad[i]), -1);
	assert_int_equal(word_find("abdi\0xx", 7), -1);
}

static enum err
parse(const char *text, struct receipt *r, struct bytes *bad, size_t *n)
{
	return receipt_parse((struct bytes){ text, strlen(text) }, r, bad, n);
}

static void
test_parse_forgives(void **state)
{
	static const char *const same[] = {
		"abdi abjad acara adegan adil adonan agen ajaib akar",
		"ABDI Abjad aCARA adegan adil adonan agen ajaib akar",
		"abdi-abjad-acara-adegan-adil-adonan-agen-ajaib-akar",
		"abdi abja acar adeg adil adon agen ajai akar",
		"1. abdi\r\n2. abjad\r\n3. acara\r\n4. adegan\r\n5. adil\r\n"
		"6. adonan\r\n7. agen\r\n8. ajaib\r\n9. akar\r\n",
		"  abdi,abjad, acara\tadegan\n\nadil;adonan agen--ajaib 9)"
		"akar.",
		"abdi\xc2\xa0""abjad\xe2\x80\x91""acara\xe2\x80\x93""adegan "
		"adil adonan agen ajaib akar",
	};
	char text[RECEIPT_TEXT_MAX];
	struct receipt r;
	struct bytes bad;
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		assert_int_equal(parse(same[i], &r, &bad, &n), ERR_OK);
		assert_int_equal(n, 9);
		assert_null(bad.p);
		receipt_text(&r, text);
		assert_string_equal(text, same[0]);
	}
}

static void
test_parse_names_what_is_wrong(void **state)
{
	static const struct {
		const char *text, *bad;
		size_t count;
	} v[] = {
		{ "abdi abjad salahh adegan", "salahh", 3 },
		{ "abdix", "abdix", 1 },
		{ "abdi ab\xc3\xa9""d", "ab\xc3\xa9""d", 2 },
		{ "abdiabjad", "abdiabjad", 1 },
		{ "<script>", "<script>", 1 },
	};
	struct receipt r, zero;
	struct bytes bad;
	size_t i, n;

	(void)state;
	memset(&zero, 0, sizeof(zero));
	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		assert_int_equal(parse(v[i].text, &r, &bad, &n), ERR_FORMAT);
		assert_int_equal(bad.n, strlen(v[i].bad));
		assert_memory_equal(bad.p, v[i].bad, bad.n);
		assert_int_equal(n, v[i].count);
		assert_memory_equal(&r, &zero, sizeof(r));
	}
}

static void
test_parse_counts(void **state)
{
	char text[512] = "";
	struct receipt r;
	struct bytes bad;
	size_t i, n;

	(void)state;
	for (i = 0; i < 20; i++) {
		assert_int_equal(parse(text, &r, &bad, &n),
		    i == 9 ? ERR_OK : ERR_RANGE);
		assert_int_equal(n, i);
		assert_null(bad.p);
		strcat(text, " adil");
	}
	assert_int_equal(receipt_parse((struct bytes){ NULL, 0 }, &r, &bad,
	    &n), ERR_RANGE);
	assert_int_equal(receipt_parse((struct bytes){ "abdi\0", 5 }, &r,
	    &bad, &n), ERR_FORMAT);
	assert_int_equal(bad.n, 5);
}

/* The longest receipt fits its text. */
static bool
within(const char *text)
{
	return receipt_within((struct bytes){ text, strlen(text) });
}

static void
test_within_a_text(void **state)
{
	(void)state;
	/* "air" is too short for the list */
	assert_false(within("abdi abjad acara adil air akar aksi alam alat"));
	assert_true(within("tugas tugu tujuan tukang tulis tumbuh tunai "
	    "tunduk tunggu"));
	assert_true(within("Kode saya: 1. Tugas 2. TUGU 3. tuju\r\n4. tukang\n"
	    "5) tulis, \"tumbuh\" \xe2\x80\x94 tuna/tunduk_tunggu. Terima kasih"));
	assert_false(within("tugas tugu tujuan tukang tulis tumbuh tunai "
	    "tunduk"));
	assert_false(within("tugas tugu tujuan tukang tulis yang tumbuh tunai "
	    "tunduk tunggu"));
	assert_false(within("tugastugutujuantukangtulistumbuhtunaitunduktunggu"
	    ));
	assert_true(within("Sejak itu tugas tugu tujuan tukang tulis tumbuh "
	    "tunai tunduk tunggu"));
	assert_false(within("Panitia pasar meminta uang kepada tiap pedagang, "
	    "lalu kepala dinas menerima sebagian di kantor setiap minggu."));
	assert_false(within(""));
	assert_false(receipt_within((struct bytes){ NULL, 0 }));
}

static void
test_longest_text(void **state)
{
	char text[RECEIPT_TEXT_MAX];
	struct receipt r;
	uint16_t i = 0, k;

	(void)state;
	while (strlen(word_text(i)) < 7)
		i++;
	for (k = 0; k < RECEIPT_WORDS; k++)
		r.word[k] = i;
	receipt_text(&r, text);
	assert_int_equal(strlen(text), 9 * 8 - 1);
}

static void
assert_hex(const void *p, size_t n, const char *want)
{
	char hex[129];

	hex_encode(p, n, hex);
	assert_string_equal(hex, want);
}

/*
 * Fixed values, worked out apart from this program (Python's hmac and
 * hashlib, libargon2 by itself): a change here locks out every source.
 */
static void
test_chain(void **state)
{
	static const struct argon2_cost cost = ARGON2_COST_DEFAULT;
	uint8_t key[RECEIPT_KEY_LEN], cookie[FORM_COOKIE_LEN], salt[SALT_LEN];
	uint8_t draft[DRAFT_LEN], root[ROOT_LEN];
	char text[RECEIPT_TEXT_MAX];
	struct source_keys k;
	struct receipt r;
	uint8_t i;

	(void)state;
	for (i = 0; i < 32; i++) {
		key[i] = i;
		cookie[i] = (uint8_t)(0x80 + i);
		salt[i % SALT_LEN] = (uint8_t)(0x40 + i % SALT_LEN);
	}
	draft_of_cookie(key, cookie, draft);
	assert_hex(draft, sizeof(draft), "65ad126a43db6c588cf5da6d28a0d7e8");
	receipt_of_draft(key, draft, &r);
	receipt_text(&r, text);
	assert_string_equal(text, "keramik sains lumpur jerami huruf asuh l"
	    "ontar minggu sore");
	assert_int_equal(receipt_root(&r, salt, &cost, root), ERR_OK);
	assert_hex(root, sizeof(root),
	    "7034086415b60d9087afa64e3b48fbf9"
	    "c8cd22dd2553d174e232b5ee276c0ddb");
	source_keys_of(root, &k);
	assert_hex(k.locator, sizeof(k.locator),
	    "6a8a5b1a21423cd686e1ef38dbb049b0"
	    "0a19c833abd3597da49c95f4ad73e029");
	assert_hex(k.identity.scalar, 32,
	    "a41e37e49c7740a4381b7d65d3208694"
	    "2b9703a42c0e4469ced12d0eedc6ddc9");
	assert_hex(k.sign_seed, 32,
	    "f9bb03225e68a86fbddb39d9466caeed"
	    "78207d1c49e8fbccd8682504f6090cb2");
}

static void
test_root_depends_on_all(void **state)
{
	static const struct argon2_cost cost = { 64, 1, 1 };
	static const struct argon2_cost more = { 64, 2, 1 };
	static const struct argon2_cost none = { 1, 0, 1 };
	struct receipt r = { { 1, 2, 3, 4, 5, 6, 7, 8, 9 } };
	uint8_t salt[SALT_LEN] = { 0 }, a[ROOT_LEN], b[ROOT_LEN];

	(void)state;
	assert_int_equal(receipt_root(&r, salt, &cost, a), ERR_OK);
	assert_int_equal(receipt_root(&r, salt, &cost, b), ERR_OK);
	assert_memory_equal(a, b, ROOT_LEN);
	assert_int_equal(receipt_root(&r, salt, &more, b), ERR_OK);
	assert_memory_not_equal(a, b, ROOT_LEN);
	salt[15] ^= 1;
	assert_int_equal(receipt_root(&r, salt, &cost, b), ERR_OK);
	assert_memory_not_equal(a, b, ROOT_LEN);
	salt[15] ^= 1;
	r.word[8] = 10;
	assert_int_equal(receipt_root(&r, salt, &cost, b), ERR_OK);
	assert_memory_not_equal(a, b, ROOT_LEN);
	assert_int_equal(receipt_root(&r, salt, &none, b), ERR_RANGE);
	assert_int_equal(b[0] | b[31], 0);
}

static void
test_keys_fit_together(void **state)
{
	uint8_t root[ROOT_LEN] = { 5 }, sig[SIGN_LEN];
	struct age_recipient other;
	struct source_keys k;
	struct buf file, plain;

	(void)state;
	source_keys_of(root, &k);
	age_identity_recipient(&k.identity, &other);
	assert_memory_equal(&other, &k.recipient, sizeof(other));
	sign_bytes(k.sign_seed, "x", 1, sig);
	assert_int_equal(sign_verify(k.sign_public, "x", 1, sig), ERR_OK);
	assert_memory_not_equal(k.locator, k.identity.scalar, 32);
	assert_memory_not_equal(k.locator, k.sign_seed, 32);
	assert_memory_not_equal(k.sign_seed, k.identity.scalar, 32);

	buf_init(&file, 1000);
	buf_init(&plain, 1000);
	assert_int_equal(age_seal_file(&k.recipient, 1,
	    (struct bytes){ "reply", 5 }, &file), ERR_OK);
	assert_int_equal(age_open_file((struct bytes){ file.data, file.len },
	    &k.identity, 1, &plain), ERR_OK);
	assert_string_equal(buf_text(&plain), "reply");
	buf_done(&file);
	buf_done(&plain);
}

/* All words come up, none far more often than another. */
static void
test_words_are_drawn_evenly(void **state)
{
	static unsigned seen[RECEIPT_LIST];
	uint8_t key[RECEIPT_KEY_LEN] = { 1 }, draft[DRAFT_LEN] = { 0 };
	struct receipt r;
	unsigned i, k;

	(void)state;
	for (i = 0; i < 4096; i++) {
		draft[0] = (uint8_t)i;
		draft[1] = (uint8_t)(i >> 8);
		receipt_of_draft(key, draft, &r);
		for (k = 0; k < RECEIPT_WORDS; k++) {
			assert_in_range(r.word[k], 0, RECEIPT_LIST - 1);
			seen[r.word[k]]++;
		}
	}
	for (i = 0; i < RECEIPT_LIST; i++)
		assert_in_range(seen[i], 10, 80);	/* 36 on average */
}

static int
setup(void **state)
{
	(void)state;
	return crypto_init() == ERR_OK ? 0 : -1;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_list),
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_parse_forgives),
		cmocka_unit_test(test_parse_names_what_is_wrong),
		cmocka_unit_test(test_parse_counts),
		cmocka_unit_test(test_within_a_text),
		cmocka_unit_test(test_longest_text),
		cmocka_unit_test(test_chain),
		cmocka_unit_test(test_root_depends_on_all),
		cmocka_unit_test(test_keys_fit_together),
		cmocka_unit_test(test_words_are_drawn_evenly),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
