/* sign.h: RFC 8032 vectors, and signatures and keys that must be refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "crypto.h"
#include "sign.h"

static void
unhex(const char *hex, uint8_t *out, size_t n)
{
	assert_int_equal(hex_decode((struct bytes){ hex, strlen(hex) }, out,
	    n), ERR_OK);
}

/* RFC 8032 section 7.1, tests 1 and 2. */
static void
test_rfc8032(void **state)
{
	static const char *const v[][4] = {
		{ "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031c"
		    "ae7f60", "d75a980182b10ab7d54bfed3c964073a0ee172f3daa623"
		    "25af021a68f707511a", "", "e5564300c360ac729086e2cc806e82"
		    "8a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39"
		    "701cf9b46bd25bf5f0595bbe24655141438e7a100b" },
		{ "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4f"
		    "b8a6fb", "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec496"
		    "8cc0cd55f12af4660c", "r", "92a009a9f0d4cab8720e820b5f642"
		    "540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3"
		    "613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00" },
	};
	uint8_t seed[32], public[32], want[64], sig[64];
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		unhex(v[i][0], seed, 32);
		unhex(v[i][1], want, 32);
		sign_public(seed, public);
		assert_memory_equal(public, want, 32);
		unhex(v[i][3], want, 64);
		sign_bytes(seed, v[i][2], strlen(v[i][2]), sig);
		assert_memory_equal(sig, want, 64);
		assert_int_equal(sign_verify(public, v[i][2],
		    strlen(v[i][2]), sig), ERR_OK);
	}
	sign_bytes(seed, NULL, 0, sig);
	assert_int_equal(sign_verify(public, NULL, 0, sig), ERR_OK);
}

static void
test_any_changed_bit_is_refused(void **state)
{
	uint8_t seed[32] = { 1 }, public[32], sig[64], text[16] = "text";
	size_t i;

	(void)state;
	sign_public(seed, public);
	sign_bytes(seed, text, sizeof(text), sig);
	for (i = 0; i < 64 * 8; i++) {
		sig[i / 8] ^= (uint8_t)(1u << i % 8);
		assert_int_equal(sign_verify(public, text, sizeof(text), sig),
		    ERR_MAC);
		sig[i / 8] ^= (uint8_t)(1u << i % 8);
	}
	text[3] ^= 1;
	assert_int_equal(sign_verify(public, text, sizeof(text), sig),
	    ERR_MAC);
	text[3] ^= 1;
	assert_int_equal(sign_verify(public, text, sizeof(text) - 1, sig),
	    ERR_MAC);
	public[5] ^= 1;
	assert_int_equal(sign_verify(public, text, sizeof(text), sig),
	    ERR_MAC);
}

/* S and S + L are one signature twice: only the smaller is taken. */
static void
test_second_spelling_of_a_signature(void **state)
{
	static const uint8_t order[32] = { 0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63,
		0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
		[31] = 0x10 };
	uint8_t seed[32] = { 2 }, public[32], sig[64];
	unsigned carry = 0;
	size_t i;

	(void)state;
	sign_public(seed, public);
	sign_bytes(seed, "x", 1, sig);
	assert_int_equal(sign_verify(public, "x", 1, sig), ERR_OK);
	for (i = 0; i < 32; i++) {
		carry += (unsigned)sig[32 + i] + order[i];
		sig[32 + i] = (uint8_t)carry;
		carry >>= 8;
	}
	assert_int_equal(sign_verify(public, "x", 1, sig), ERR_MAC);
}

/*
 * The eight points of small order, the base point with each of them added,
 * a coordinate written as y + p, and one that is on no curve.
 */
static const char *const bad_point[] = {
	"0100000000000000000000000000000000000000000000000000000000000000",
	"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
	"0000000000000000000000000000000000000000000000000000000000000080",
	"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
	"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
	"0000000000000000000000000000000000000000000000000000000000000000",
	"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
	"98519eadf35b995233b51b5cd23e9cc5a28b639b5a4af0ec903cb960d81b7819",
	"9bad33f580df7ecc49df5342bac8145d5bedc40f573d1b067f3c4ce449689a15",
	"da99e28ba529cdde35a25fba9059e78ecaee239f99755b9b1aa4f65df00803e2",
	"9599999999999999999999999999999999999999999999999999999999999999",
	"55ae61520ca466adcc4ae4a32dc1633a5d749c64a5b50f136fc3469f27e487e6",
	"5252cc0a7f208133b620acbd4537eba2a4123bf0a8c2e4f980c3b31bb69765ea",
	"13661d745ad63221ca5da0456fa618713511dc60668aa464e55b09a20ff7fc1d",
	"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"0200000000000000000000000000000000000000000000000000000000000000",
};

static void
test_keys(void **state)
{
	uint8_t point[32], seed[32], sig[64] = { 0 };
	size_t i;

	(void)state;
	unhex("5866666666666666666666666666666666666666666666666666666666666"
	    "666", point, 32);
	assert_int_equal(sign_key_check(point), ERR_OK);
	for (i = 0; i < 20; i++) {
		rand_bytes(seed, sizeof(seed));
		sign_public(seed, point);
		assert_int_equal(sign_key_check(point), ERR_OK);
	}
	for (i = 0; i < sizeof(bad_point) / sizeof(bad_point[0]); i++) {
		unhex(bad_point[i], point, 32);
		assert_int_equal(sign_key_check(point), ERR_KEY);
		/* R = the key, S = 0 holds for small orders in lax code */
		memcpy(sig, point, 32);
		assert_int_equal(sign_verify(point, "x", 1, sig), ERR_MAC);
	}
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
		cmocka_unit_test(test_rfc8032),
		cmocka_unit_test(test_any_changed_bit_is_refused),
		cmocka_unit_test(test_second_spelling_of_a_signature),
		cmocka_unit_test(test_keys),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
