/* sealed.h objects: blocks put together again are one age payload. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "crypto.h"
#include "sealed.h"

#define PLAIN_MAX	(5u * 1024 * 1024)

static uint8_t text[PLAIN_MAX];
static struct age_identity id, id2;
static struct age_recipient to, to2;

static int
setup(void **state)
{
	size_t i;

	(void)state;
	if (crypto_init() != ERR_OK)
		return -1;
	for (i = 0; i < PLAIN_MAX; i++)
		text[i] = (uint8_t)(i * 7 + i / 251);
	age_identity_new(&id);
	age_identity_recipient(&id, &to);
	age_identity_new(&id2);
	age_identity_recipient(&id2, &to2);
	return 0;
}

struct result {
	struct buf payload;		/* blocks, fill included */
	size_t blocks;
	struct object_facts facts;
};

static void
keep(struct result *r, struct sealed *block)
{
	assert_int_equal(sealed_len(block), BLOCK_LEN);
	buf_put(&r->payload, sealed_bytes(block), sealed_len(block));
	r->blocks++;
	sealed_free(block);
}

/* Seal ${n} bytes given ${step} at a time, padded to ${total}. */
static struct object_sealer *
seal(size_t n, size_t step, size_t total, struct result *r)
{
	struct object_sealer *o;
	struct sealed *block;
	size_t at = 0, k, taken;

	memset(r, 0, sizeof(*r));
	buf_init(&r->payload, 2 * PLAIN_MAX);
	assert_int_equal(object_sealer_new(&to, 1, &o), ERR_OK);
	while (at < n) {
		k = n - at < step ? n - at : step;
		assert_int_equal(object_sealer_put(o,
		    (struct bytes){ text + at, k }, &taken, &block), ERR_OK);
		assert_true(taken <= k && (taken == k || block != NULL));
		at += taken;
		if (block != NULL)
			keep(r, block);
	}
	do {
		assert_int_equal(object_sealer_pad(o, total, &block), ERR_OK);
		if (block != NULL)
			keep(r, block);
	} while (block != NULL);
	do {
		assert_int_equal(object_sealer_end(o, &block), ERR_OK);
		if (block != NULL)
			keep(r, block);
	} while (block != NULL);
	assert_int_equal(object_sealer_end(o, &block), ERR_OK);
	assert_null(block);
	assert_int_equal(buf_err(&r->payload), ERR_OK);
	r->facts = object_sealer_facts(o);
	return o;
}

static void
check(size_t n, size_t step, size_t total)
{
	uint8_t digest[BLAKE2B_LEN];
	struct object_sealer *o;
	struct result r;
	struct bytes header;
	struct buf file, plain;
	size_t i;

	o = seal(n, step, total, &r);
	if (total < n)
		total = n;
	assert_true(r.facts.plain == total);
	assert_true(r.facts.payload == age_payload_size(total));
	assert_int_equal(r.blocks, (r.facts.payload + BLOCK_LEN - 1) /
	    BLOCK_LEN);
	blake2b(NULL, r.payload.data, r.facts.payload, digest);
	assert_memory_equal(digest, r.facts.digest, sizeof(digest));

	buf_init(&file, 2 * PLAIN_MAX);
	buf_init(&plain, PLAIN_MAX);
	header = object_sealer_header(o);
	buf_put(&file, header.p, header.n);
	buf_put(&file, r.payload.data, r.facts.payload);
	assert_int_equal(age_open_file((struct bytes){ file.data, file.len },
	    &id, 1, &plain), ERR_OK);
	assert_int_equal(plain.len, total);
	if (n > 0)
		assert_memory_equal(plain.data, text, n);
	for (i = n; i < total; i++)
		assert_int_equal(plain.data[i], 0);
	object_sealer_free(o);
	buf_done(&r.payload);
	buf_done(&file);
	buf_done(&plain);
}

/* Sizes around each edge: of a chunk, of a block, of the spill. */
static void
test_sizes(void **state)
{
	/* 15 whole chunks and the nonce fit a block, with 65264 over. */
	static const size_t in_block = 15 * 65536 + 65264 - 16;
	const size_t n[] = { 0, 1, 65535, 65536, 65537, 131072, 131073,
		15 * 65536, 15 * 65536 + 1, in_block - 1, in_block,
		in_block + 1, 16 * 65536, 16 * 65536 + 1, 2097152, 3000000 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(n) / sizeof(n[0]); i++)
		check(n[i], PLAIN_MAX, n[i]);
}

/* Behind the payload stands no zero byte more often than by chance. */
static void
test_fill_is_random(void **state)
{
	struct object_sealer *o;
	struct result r;
	size_t i, zeros = 0;

	(void)state;
	o = seal(100, 100, 100, &r);
	for (i = r.facts.payload; i < BLOCK_LEN; i++)
		zeros += r.payload.data[i] == 0;
	assert_in_range(zeros, BLOCK_LEN / 512, BLOCK_LEN / 128);
	object_sealer_free(o);
	buf_done(&r.payload);
}

static void
test_steps(void **state)
{
	static const size_t step[] = { 1000, 4096, 65535, 65536, 65537,
		131072, 1048576, 1048560 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(step) / sizeof(step[0]); i++)
		check(2200000, step[i], 2200000);
	check(70000, 1, 70000);
}

static void
test_padding(void **state)
{
	(void)state;
	check(0, 1, 65536);
	check(10, 10, 16384);
	check(100000, 100000, 3000000);
	check(65536, 65536, 65536);
}

static void
test_padding_below_what_is_there(void **state)
{
	struct object_sealer *o;
	struct sealed *block;
	size_t taken;

	(void)state;
	assert_int_equal(object_sealer_new(&to, 1, &o), ERR_OK);
	assert_int_equal(object_sealer_put(o, (struct bytes){ text, 100 },
	    &taken, &block), ERR_OK);
	assert_int_equal(object_sealer_pad(o, 99, &block), ERR_RANGE);
	assert_int_equal(object_sealer_pad(o, 100, &block), ERR_OK);
	object_sealer_free(o);
}

/* Bytes that put did not take must not be lost in silence. */
static void
test_end_before_all_was_taken(void **state)
{
	struct object_sealer *o;
	struct sealed *block;
	size_t taken;

	(void)state;
	assert_int_equal(object_sealer_new(&to, 1, &o), ERR_OK);
	assert_int_equal(object_sealer_put(o, (struct bytes){ text,
	    PLAIN_MAX }, &taken, &block), ERR_OK);
	assert_non_null(block);
	assert_true(taken < PLAIN_MAX);
	sealed_free(block);
	assert_int_equal(object_sealer_end(o, &block), ERR_CONFLICT);
	assert_null(block);
	object_sealer_free(o);
}

static void
test_two_headers_one_payload(void **state)
{
	struct object_sealer *o;
	struct result r;
	struct buf second, plain;

	(void)state;
	o = seal(1000, 1000, 16384, &r);
	buf_init(&second, 1 << 20);
	buf_init(&plain, 1 << 20);
	assert_int_equal(object_sealer_header_for(o, &to2, 1, &second),
	    ERR_OK);
	buf_put(&second, r.payload.data, r.facts.payload);
	assert_int_equal(age_open_file((struct bytes){ second.data,
	    second.len }, &id2, 1, &plain), ERR_OK);
	assert_int_equal(plain.len, 16384);
	assert_memory_equal(plain.data, text, 1000);
	buf_reset(&plain);
	assert_int_equal(age_open_file((struct bytes){ second.data,
	    second.len }, &id, 1, &plain), ERR_NOMATCH);
	assert_int_equal(object_sealer_header_for(o, &to2, 0, &second),
	    ERR_RANGE);
	object_sealer_free(o);
	buf_done(&r.payload);
	buf_done(&second);
	buf_done(&plain);
}

static void
test_recipients_that_cannot_be(void **state)
{
	struct age_recipient two[2] = { to, to }, low = { { 1 } };
	struct object_sealer *o;

	(void)state;
	assert_int_equal(object_sealer_new(two, 2, &o), ERR_CONFLICT);
	assert_null(o);
	assert_int_equal(object_sealer_new(two, 0, &o), ERR_RANGE);
	assert_int_equal(object_sealer_new(&low, 1, &o), ERR_KEY);
	assert_null(o);
	object_sealer_free(NULL);
}

static void
test_blocks_from_a_desk(void **state)
{
	struct sealed *a, *b;
	size_t i, equal = 0;

	(void)state;
	assert_int_equal(sealed_block_of(text, 100, &a), ERR_OK);
	assert_int_equal(sealed_block_of(text, 100, &b), ERR_OK);
	assert_int_equal(sealed_len(a), BLOCK_LEN);
	assert_memory_equal(sealed_bytes(a), text, 100);
	for (i = 100; i < BLOCK_LEN; i++)
		equal += sealed_bytes(a)[i] == sealed_bytes(b)[i];
	assert_in_range(equal, BLOCK_LEN / 512, BLOCK_LEN / 128);
	sealed_free(a);
	sealed_free(b);
	assert_int_equal(sealed_block_of(text, BLOCK_LEN, &a), ERR_OK);
	assert_memory_equal(sealed_bytes(a), text, BLOCK_LEN);
	sealed_free(a);
	assert_int_equal(sealed_block_of(text, BLOCK_LEN + 1, &a), ERR_RANGE);
	assert_int_equal(sealed_block_of(text, 0, &a), ERR_RANGE);
	assert_null(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_fill_is_random),
		cmocka_unit_test(test_steps),
		cmocka_unit_test(test_padding),
		cmocka_unit_test(test_padding_below_what_is_there),
		cmocka_unit_test(test_end_before_all_was_taken),
		cmocka_unit_test(test_two_headers_one_payload),
		cmocka_unit_test(test_recipients_that_cannot_be),
		cmocka_unit_test(test_blocks_from_a_desk),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
