/* Tokens: whose they are, what they say, every byte of them. */
#include "server_fixture.h"

static struct secret *key;

static int
setup(void **state)
{
	(void)state;
	OK(crypto_init());
	OK(secret_new(RECEIPT_KEY_LEN, &key));
	rand_bytes(key->bytes, key->len);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	secret_free(key);
	return 0;
}

static void
test_form(void **state)
{
	char cookie[COOKIE_TEXT + 1], other[COOKIE_TEXT + 1];
	char token[TOKEN_MAX], again[TOKEN_MAX];
	uint8_t draft[DRAFT_LEN], want[DRAFT_LEN], raw[COOKIE_LEN];
	uint64_t issued;

	(void)state;
	token_cookie(cookie);
	token_cookie(other);
	assert_string_not_equal(cookie, other);
	assert_true(token_cookie_valid(cookie));
	token_form(key, cookie, 12345678901, token);
	assert_int_equal(strlen(token), TOKEN_MAX - 1);
	OK(token_form_check(key, cookie, token, draft, &issued));
	assert_int_equal(issued, 12345678901);
	OK(hex_decode((struct bytes){ cookie, COOKIE_TEXT }, raw,
	    sizeof(raw)));
	draft_of_cookie(key->bytes, raw, want);
	assert_memory_equal(draft, want, DRAFT_LEN);
	/* the draft is the cookie's, whatever the epoch */
	token_form(key, cookie, 5, again);
	OK(token_form_check(key, cookie, again, draft, &issued));
	assert_memory_equal(draft, want, DRAFT_LEN);
	assert_int_equal(token_form_check(key, other, token, draft, &issued),
	    ERR_MAC);
	key->bytes[3] ^= 1;
	assert_int_equal(token_form_check(key, cookie, token, draft,
	    &issued), ERR_MAC);
}

/* Each character matters. */
static void
test_each_character(void **state)
{
	char cookie[COOKIE_TEXT + 1], token[TOKEN_MAX + 1], bad[TOKEN_MAX + 1];
	uint8_t draft[DRAFT_LEN];
	uint64_t issued;

	(void)state;
	token_cookie(cookie);
	token_form(key, cookie, 77, token);
	for (size_t i = 0; i < TOKEN_MAX - 1; i++) {
		memcpy(bad, token, TOKEN_MAX);
		bad[i] = bad[i] == '0' ? '1' : '0';
		assert_int_not_equal(token_form_check(key, cookie, bad,
		    draft, &issued), ERR_OK);
		memcpy(bad, token, TOKEN_MAX);
		bad[i] = '\0';
		assert_int_equal(token_form_check(key, cookie, bad, draft,
		    &issued), ERR_FORMAT);
	}
	memcpy(bad, token, TOKEN_MAX);
	bad[20] = 'A';			/* one spelling */
	assert_int_not_equal(token_form_check(key, cookie, bad, draft,
	    &issued), ERR_OK);
	bad[TOKEN_MAX - 1] = 'a';
	bad[TOKEN_MAX] = '\0';
	assert_int_equal(token_form_check(key, cookie, bad, draft, &issued),
	    ERR_FORMAT);
	assert_int_equal(token_form_check(key, cookie, "", draft, &issued),
	    ERR_FORMAT);
}

static void
test_session(void **state)
{
	char cookie[COOKIE_TEXT + 1], other[COOKIE_TEXT + 1];
	char token[TOKEN_MAX], form[TOKEN_MAX], bad[TOKEN_MAX];

	(void)state;
	token_cookie(cookie);
	token_cookie(other);
	token_session(key, cookie, token);
	OK(token_session_check(key, cookie, token));
	assert_int_equal(token_session_check(key, other, token), ERR_MAC);
	for (size_t i = 0; token[i] != '\0'; i++) {
		memcpy(bad, token, sizeof(bad));
		bad[i] = bad[i] == '0' ? '1' : '0';
		assert_int_equal(token_session_check(key, cookie, bad),
		    ERR_MAC);
	}
	/* a form's token is not a session's */
	token_form(key, cookie, 1, form);
	assert_int_not_equal(token_session_check(key, cookie, form), ERR_OK);
	assert_int_equal(token_session_check(key, cookie, form + TOKEN_MAX -
	    1 - HMAC_LEN * 2), ERR_MAC);
	assert_int_equal(token_session_check(key, cookie, ""), ERR_FORMAT);
	key->bytes[0] ^= 1;
	assert_int_equal(token_session_check(key, cookie, token), ERR_MAC);
}

static void
test_cookie_valid(void **state)
{
	char cookie[COOKIE_TEXT + 2];

	(void)state;
	token_cookie(cookie);
	cookie[COOKIE_TEXT] = '0';
	cookie[COOKIE_TEXT + 1] = '\0';
	assert_false(token_cookie_valid(cookie));
	cookie[COOKIE_TEXT] = '\0';
	assert_true(token_cookie_valid(cookie));
	cookie[5] = 'A';
	assert_false(token_cookie_valid(cookie));
	cookie[5] = '\0';
	assert_false(token_cookie_valid(cookie));
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_form), T(test_each_character), T(test_session),
		T(test_cookie_valid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
