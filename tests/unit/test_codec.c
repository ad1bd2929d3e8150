/* crypto.h: hashes against published values, strict codecs, randomness. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "buf.h"
#include "crypto.h"
#include "secret.h"

static void
assert_hex(const void *p, size_t n, const char *want)
{
	char hex[1024];

	assert_true(HEX_LEN(n) < sizeof(hex));
	hex_encode(p, n, hex);
	assert_string_equal(hex, want);
}

/* ${n} bytes counting up from ${from}. */
static struct bytes
count_up(uint8_t *out, uint8_t from, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		out[i] = (uint8_t)(from + i);
	return (struct bytes){ out, n };
}

/* FIPS 180-4 and RFC 7693 appendix examples. */
static void
test_hashes(void **state)
{
	uint8_t out[32], again[32], key[32], many[300];
	struct blake2b b, copy;
	struct sha256 s;

	(void)state;
	sha256("abc", 3, out);
	assert_hex(out, 32, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9c"
	    "b410ff61f20015ad");
	sha256(NULL, 0, out);
	assert_hex(out, 32, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934c"
	    "a495991b7852b855");
	sha256_init(&s);
	sha256_update(&s, "a", 1);
	sha256_update(&s, "bc", 2);
	sha256_final(&s, again);
	sha256("abc", 3, out);
	assert_memory_equal(out, again, 32);

	/* b2sum -l 256 of "abc" */
	blake2b(NULL, "abc", 3, out);
	assert_hex(out, 32, "bddd813c634239723171ef3fee98579b94964e3bb1cb3e42"
	    "7262c8c068d52319");
	blake2b(count_up(key, 0, 32).p, "abc", 3, again);
	assert_memory_not_equal(out, again, 32);

	(void)count_up(many, 0, sizeof(many));
	blake2b(NULL, many, sizeof(many), out);
	blake2b_init(&b);
	blake2b_update(&b, many, 129);
	copy = b;			/* may stand anywhere */
	blake2b_update(&copy, many + 129, sizeof(many) - 129);
	blake2b_update(&copy, NULL, 0);
	blake2b_final(&copy, again);
	assert_memory_equal(out, again, 32);
}

/* The state of a running hash works at any address that malloc gives. */
static void
test_blake2b_on_the_heap(void **state)
{
	uint8_t out[32], want[32];
	struct blake2b *b[8];
	size_t i;

	(void)state;
	blake2b(NULL, "abc", 3, want);
	for (i = 0; i < 8; i++) {
		b[i] = malloc(sizeof(**b) + 16 * i);
		assert_non_null(b[i]);
		blake2b_init(b[i]);
		blake2b_update(b[i], "abc", 3);
		blake2b_final(b[i], out);
		assert_memory_equal(out, want, 32);
	}
	while (i-- > 0)
		free(b[i]);
}

/* RFC 4231 cases 1, 2, 6. */
static void
test_hmac(void **state)
{
	uint8_t key[131], out[32];
	struct hmac s;

	(void)state;
	memset(key, 0x0b, 20);
	hmac_init(&s, key, 20);
	hmac_update(&s, "Hi There", 8);
	hmac_final(&s, out);
	assert_hex(out, 32, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da7"
	    "26e9376c2e32cff7");
	hmac_init(&s, "Jefe", 4);
	hmac_update(&s, "what do ya want ", 16);
	hmac_update(&s, "for nothing?", 12);
	hmac_final(&s, out);
	assert_hex(out, 32, "5bdcc146bf60754e6a042426089575c75a003f089d273983"
	    "9dec58b964ec3843");
	memset(key, 0xaa, sizeof(key));
	hmac_init(&s, key, sizeof(key));
	hmac_update(&s, "Test Using Larger Than Block-Size Key - Hash Key "
	    "First", 54);
	hmac_final(&s, out);
	assert_hex(out, 32, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c514"
	    "0546040f0ee37f54");
}

/* RFC 5869 cases 1, 2, 3. */
static void
test_hkdf(void **state)
{
	uint8_t ikm[80], salt[80], info[80], out[82];

	(void)state;
	memset(ikm, 0x0b, 22);
	hkdf_salt(out, 42, (struct bytes){ ikm, 22 }, count_up(salt, 0, 13),
	    count_up(info, 0xf0, 10));
	assert_hex(out, 42, "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c"
	    "5db02d56ecc4c5bf34007208d5b887185865");
	hkdf_salt(out, 82, count_up(ikm, 0, 80), count_up(salt, 0x60, 80),
	    count_up(info, 0xb0, 80));
	assert_hex(out, 82, "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8"
	    "a050cc4c19afa97c59045a99cac7827271cb41c65e590e09da3275600c2f09b8"
	    "367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87");
	memset(ikm, 0x0b, 22);
	hkdf(out, 42, ikm, 22, "");
	assert_hex(out, 42, "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879e"
	    "c3454e5f3c738d2d9d201395faa4b61a96c8");
}

static enum err
decode(const char *text, enum base64_kind kind, struct buf *out)
{
	uint8_t bytes[64];
	size_t n;
	enum err e;

	buf_reset(out);
	e = base64_decode((struct bytes){ text, strlen(text) }, kind, bytes,
	    sizeof(bytes), &n);
	if (e != ERR_OK)
		assert_int_equal(n, 0);
	buf_put(out, bytes, n);
	return e;
}

static void
test_base64(void **state)
{
	static const char *const good[][3] = {	/* RFC 4648 section 10 */
		{ "", "", "" }, { "f", "Zg==", "Zg" },
		{ "fo", "Zm8=", "Zm8" }, { "foo", "Zm9v", "Zm9v" },
		{ "foob", "Zm9vYg==", "Zm9vYg" },
		{ "fooba", "Zm9vYmE=", "Zm9vYmE" },
		{ "foobar", "Zm9vYmFy", "Zm9vYmFy" },
		{ "\xfb\xff\xfe", "+//+", "+//+" },
	};
	static const char *const bad_padded[] = { "Zg", "Zg=", "Zg===", "Zh==",
		"Zm9=", "Zm8", "Z", "=", "====", "Zg==\n", " Zg==", "Zg==Zg==",
		"-_-_", "Zm9v=", "Z===", "Zg=a" };
	static const char *const bad_bare[] = { "Zg==", "Zm8=", "Zh", "Zm9",
		"Z", "Zm9vY", "Zg\n", "Zg ", "-_-_", "Zm\r\n", "Zm9v=" };
	char text[16];
	struct buf b;
	size_t i;

	(void)state;
	buf_init(&b, 64);
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		base64_encode(good[i][0], strlen(good[i][0]), BASE64_PADDED,
		    text);
		assert_string_equal(text, good[i][1]);
		base64_encode(good[i][0], strlen(good[i][0]), BASE64_BARE,
		    text);
		assert_string_equal(text, good[i][2]);
		assert_int_equal(decode(good[i][1], BASE64_PADDED, &b),
		    ERR_OK);
		assert_string_equal(buf_text(&b), good[i][0]);
		assert_int_equal(decode(good[i][2], BASE64_BARE, &b), ERR_OK);
		assert_string_equal(buf_text(&b), good[i][0]);
	}
	for (i = 0; i < sizeof(bad_padded) / sizeof(bad_padded[0]); i++)
		assert_int_equal(decode(bad_padded[i], BASE64_PADDED, &b),
		    ERR_FORMAT);
	for (i = 0; i < sizeof(bad_bare) / sizeof(bad_bare[0]); i++)
		assert_int_equal(decode(bad_bare[i], BASE64_BARE, &b),
		    ERR_FORMAT);
	buf_done(&b);
}

/*
 * Any byte at any place of a group: taken only if it is what the encoder
 * writes.  (libsodium 1.0.18 takes some bytes above 127.)
 */
static void
test_base64_every_byte(void **state)
{
	char text[5] = "", back[9];
	uint8_t out[3];
	unsigned c, at;
	size_t n;
	enum err e;

	(void)state;
	for (at = 0; at < 4; at++) {
		for (c = 0; c < 256; c++) {
			memcpy(text, "AAAA", 4);
			text[at] = (char)c;
			e = base64_decode((struct bytes){ text, 4 },
			    BASE64_BARE, out, sizeof(out), &n);
			base64_encode(out, n, BASE64_BARE, back);
			assert_int_equal(e == ERR_OK, strchr("ABCDEFGHIJKLMNO"
			    "PQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
			    "+/", (int)c) != NULL && c != 0);
			if (e == ERR_OK)
				assert_memory_equal(back, text, 4);
		}
	}
}

static void
test_base64_limits(void **state)
{
	uint8_t out[4] = { 9, 9, 9, 9 };
	size_t n;

	(void)state;
	assert_int_equal(base64_decode((struct bytes){ "AAAA", 4 },
	    BASE64_BARE, out, 3, &n), ERR_OK);
	assert_int_equal(n, 3);
	assert_int_equal(out[3], 9);
	assert_int_equal(base64_decode((struct bytes){ "AAAAAA", 6 },
	    BASE64_BARE, out, 3, &n), ERR_RANGE);
	assert_int_equal(base64_decode((struct bytes){ "AAAAAA==", 8 },
	    BASE64_PADDED, out, 3, &n), ERR_RANGE);
	assert_int_equal(base64_decode((struct bytes){ "AAAAAA==", 8 },
	    BASE64_PADDED, out, 4, &n), ERR_OK);
	assert_int_equal(base64_decode((struct bytes){ "AA\0A", 4 },
	    BASE64_BARE, out, 4, &n), ERR_FORMAT);
}

static void
test_hex(void **state)
{
	static const char *const bad[] = { "0", "000", "0G", "g0", "FF", "0 ",
		" 0", "0x", "00000" };
	uint8_t out[2] = { 9, 9 };
	size_t i;

	(void)state;
	assert_hex("\x00\x7f\xff", 3, "007fff");
	assert_int_equal(hex_decode((struct bytes){ "0af9", 4 }, out, 2),
	    ERR_OK);
	assert_memory_equal(out, "\x0a\xf9", 2);
	assert_int_equal(hex_decode((struct bytes){ "0af9", 4 }, out, 1),
	    ERR_FORMAT);
	assert_int_equal(hex_decode((struct bytes){ NULL, 0 }, out, 0),
	    ERR_OK);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(hex_decode((struct bytes){ bad[i],
		    strlen(bad[i]) }, out, strlen(bad[i]) / 2), ERR_FORMAT);
}

static uint8_t counter;

static void
count(void *out, size_t n)
{
	(void)count_up(out, counter, n);
	counter = (uint8_t)(counter + n);
}

static void
test_randomness(void **state)
{
	uint8_t a[32], b[32];
	unsigned seen[5] = { 0 }, i;

	(void)state;
	rand_bytes(a, sizeof(a));
	rand_bytes(b, sizeof(b));
	assert_memory_not_equal(a, b, sizeof(a));
	for (i = 0; i < 5000; i++)
		seen[rand_below(5)]++;
	for (i = 0; i < 5; i++)
		assert_in_range(seen[i], 800, 1200);
	assert_int_equal(rand_below(1), 0);

	rand_replace(count);
	counter = 0;
	rand_bytes(a, 4);
	assert_memory_equal(a, "\0\1\2\3", 4);
	rand_replace(NULL);
}

static uint32_t draws[] = { 0, 1, 3, 7 };
static size_t drawn;

static void
draw(void *out, size_t n)
{
	assert_int_equal(n, sizeof(draws[0]));
	assert_true(drawn < sizeof(draws) / sizeof(draws[0]));
	memcpy(out, &draws[drawn++], n);
}

/* 2^32 mod 3 is 1: a draw of 0 would make 0 likelier, so it is not taken. */
static void
test_rand_below_is_fair(void **state)
{
	(void)state;
	rand_replace(draw);
	assert_int_equal(rand_below(3), 1);
	assert_int_equal(drawn, 2);
	assert_int_equal(rand_below(3), 0);
	assert_int_equal(rand_below(3), 1);
	rand_replace(NULL);
}

static void
test_compare_and_wipe(void **state)
{
	uint8_t a[4] = { 1, 2, 3, 4 };

	(void)state;
	assert_true(ct_equal(a, "\1\2\3\4", 4));
	assert_false(ct_equal(a, "\1\2\3\5", 4));
	assert_true(ct_equal(NULL, NULL, 0));
	wipe(a, 3);
	assert_memory_equal(a, "\0\0\0\4", 4);
	wipe(NULL, 0);
}

static void
test_secret(void **state)
{
	struct secret *s;

	(void)state;
	assert_int_equal(secret_of("key", 3, &s), ERR_OK);
	assert_int_equal(s->len, 3);
	assert_memory_equal(s->bytes, "key", 3);
	secret_free(s);
	assert_int_equal(secret_new(100, &s), ERR_OK);
	assert_int_equal(s->bytes[0] | s->bytes[99], 0);
	secret_free(s);
	secret_free(NULL);
	assert_int_equal(secret_new(SIZE_MAX - 100, &s), ERR_SYS);
	assert_null(s);
}

static int
setup(void **state)
{
	(void)state;
	return crypto_init() == ERR_OK && crypto_init() == ERR_OK ? 0 : -1;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hashes),
		cmocka_unit_test(test_blake2b_on_the_heap),
		cmocka_unit_test(test_hmac),
		cmocka_unit_test(test_hkdf),
		cmocka_unit_test(test_base64),
		cmocka_unit_test(test_base64_every_byte),
		cmocka_unit_test(test_base64_limits),
		cmocka_unit_test(test_hex),
		cmocka_unit_test(test_randomness),
		cmocka_unit_test(test_rand_below_is_fair),
		cmocka_unit_test(test_compare_and_wipe),
		cmocka_unit_test(test_secret),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
