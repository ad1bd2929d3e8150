/* sealed.h records: sizes, places, every damaged byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "crypto.h"
#include "sealed.h"

static const uint8_t key[RECORD_KEY_LEN] = { 1, 2, 3 };

static struct bytes
bytes(const char *s)
{
	return (struct bytes){ s, strlen(s) };
}

static struct sealed *
seal(size_t n, uint8_t c)
{
	struct sealed *s;
	uint8_t *p;

	p = malloc(n + 1);
	assert_non_null(p);
	memset(p, c, n);
	assert_int_equal(record_seal(key, bytes("db/key"),
	    (struct bytes){ p, n }, &s), ERR_OK);
	free(p);
	return s;
}

static enum err
open_it(const uint8_t *p, size_t n, const char *place, struct buf *out)
{
	return record_open(key, bytes(place), (struct bytes){ p, n }, out);
}

static void
test_sizes(void **state)
{
	/* 24 nonce + 4 length + 16 tag + 16 of the page header */
	static const size_t around = 60;
	static const size_t n[][2] = { { 0, 4080 }, { 1, 4080 },
		{ 4096 - around, 4080 }, { 4096 - around + 1, 8176 },
		{ 8192 - around, 8176 }, { 8192 - around + 1, 12272 },
		{ 100000, 102384 } };
	struct sealed *s;
	struct buf b;
	size_t i, k;

	(void)state;
	buf_init(&b, 1 << 20);
	for (i = 0; i < sizeof(n) / sizeof(n[0]); i++) {
		s = seal(n[i][0], 'x');
		assert_int_equal(sealed_len(s), n[i][1]);
		assert_int_equal((sealed_len(s) + RECORD_SLACK) % RECORD_PAGE,
		    0);
		buf_reset(&b);
		buf_puts(&b, "before ");
		assert_int_equal(open_it(sealed_bytes(s), sealed_len(s),
		    "db/key", &b), ERR_OK);
		assert_int_equal(b.len, n[i][0] + 7);
		for (k = 7; k < b.len; k++)
			assert_int_equal(b.data[k], 'x');
		sealed_free(s);
	}
	buf_done(&b);
}

static void
test_nothing_shows(void **state)
{
	struct sealed *s, *t;

	(void)state;
	s = seal(1000, 'A');
	t = seal(1000, 'A');
	assert_null(memmem(sealed_bytes(s), sealed_len(s), "AAAA", 4));
	assert_memory_not_equal(sealed_bytes(s), sealed_bytes(t), 24);
	assert_memory_not_equal(sealed_bytes(s) + 24, sealed_bytes(t) + 24,
	    100);
	sealed_free(s);
	sealed_free(t);
	sealed_free(NULL);
}

static void
test_damage(void **state)
{
	static const uint8_t other[RECORD_KEY_LEN] = { 1, 2, 4 };
	struct sealed *s;
	struct buf b;
	uint8_t *copy;
	size_t n, i;

	(void)state;
	buf_init(&b, 1 << 20);
	s = seal(100, 'x');
	n = sealed_len(s);
	copy = malloc(n + RECORD_PAGE);
	assert_non_null(copy);
	memcpy(copy, sealed_bytes(s), n);
	memset(copy + n, 0, RECORD_PAGE);
	for (i = 0; i < n; i++) {
		copy[i] ^= 0x20;
		assert_int_equal(open_it(copy, n, "db/key", &b), ERR_MAC);
		copy[i] ^= 0x20;
	}
	assert_int_equal(open_it(copy, n, "db/kez", &b), ERR_MAC);
	assert_int_equal(open_it(copy, n, "", &b), ERR_MAC);
	assert_int_equal(record_open(other, bytes("db/key"),
	    (struct bytes){ copy, n }, &b), ERR_MAC);
	assert_int_equal(open_it(copy, n + RECORD_PAGE, "db/key", &b),
	    ERR_MAC);
	assert_int_equal(open_it(copy, n - 1, "db/key", &b), ERR_FORMAT);
	assert_int_equal(open_it(copy, n + 1, "db/key", &b), ERR_FORMAT);
	assert_int_equal(open_it(copy, 0, "db/key", &b), ERR_FORMAT);
	assert_int_equal(open_it(copy, RECORD_SLACK, "db/key", &b),
	    ERR_FORMAT);
	assert_int_equal(b.len, 0);
	assert_int_equal(open_it(copy, n, "db/key", &b), ERR_OK);
	free(copy);
	sealed_free(s);
	buf_done(&b);
}

/* What the right key sealed in a wrong frame: only the frame can tell. */
static void
test_frames_that_cannot_be(void **state)
{
	static const struct {
		uint8_t len[4];
		size_t at;		/* of a byte that is not zero */
	} bad[] = {
		{ { 0, 0, 0x14, 0 }, 4 + 0x1400 },	/* in the fill */
		{ { 0, 0, 0x14, 0 }, 8192 - 16 - 40 - 1 },
		{ { 0xff, 0xff, 0xff, 0xff }, 4 },
		{ { 0, 0, 0x1f, 0xff }, 4 },	/* longer than the frame */
		{ { 0, 0, 0, 10 }, 4 },		/* a page too many */
	};
	uint8_t frame[8192 - 16 - 40], stored[8192 - 16];
	struct buf b;
	size_t i;

	(void)state;
	buf_init(&b, 1 << 20);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		memset(frame, 0, sizeof(frame));
		memcpy(frame, bad[i].len, 4);
		frame[bad[i].at] = 1;
		memset(stored, 7, 24);
		(void)crypto_aead_xchacha20poly1305_ietf_encrypt(stored + 24,
		    NULL, frame, sizeof(frame), (const uint8_t *)"db/key", 6,
		    NULL, stored, key);
		assert_int_equal(open_it(stored, sizeof(stored), "db/key",
		    &b), ERR_FORMAT);
		assert_int_equal(b.len, 0);
	}
	buf_done(&b);
}

static void
test_limits(void **state)
{
	struct sealed *s;
	struct buf b;

	(void)state;
	assert_int_equal(record_seal(key, bytes("x"),
	    (struct bytes){ key, 64 * 1024 * 1024 + 1 }, &s), ERR_RANGE);
	assert_null(s);
	/* More plaintext than the caller's buffer may hold. */
	s = seal(100, 'x');
	buf_init(&b, 99);
	assert_int_equal(open_it(sealed_bytes(s), sealed_len(s), "db/key",
	    &b), ERR_RANGE);
	assert_int_equal(b.len, 0);
	buf_done(&b);
	sealed_free(s);
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
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_nothing_shows),
		cmocka_unit_test(test_damage),
		cmocka_unit_test(test_frames_that_cannot_be),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
