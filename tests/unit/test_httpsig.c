/* HTTP Message Signatures in our profile, and Content-Digest. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "httpsig.h"

#define BODY	"{\"hello\": \"world\"}"
/* The digest of this body in RFC 9530, appendix B. */
#define DIGEST	"sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:"

static uint8_t seed[SIGN_SEED_LEN] = { 7 };

static void
request(struct httpsig_message *m, struct httpsig_params *p)
{
	memset(m, 0, sizeof(*m));
	m->method = "POST";
	m->authority = "desk.example:8080";
	m->path = "/v1/objects";
	m->query = "?a=b";
	m->content_digest = DIGEST;
	m->content_type = "application/json";
	memset(p, 0, sizeof(*p));
	p->created = 1700000000;
	strcpy(p->nonce, "00112233445566778899aabbccddeeff");
	sign_public(seed, p->keyid);
	strcpy(p->tag, HTTPSIG_TAG_REQUEST);
}

static void
answer(struct httpsig_message *m, struct httpsig_params *p)
{
	uint8_t sig[SIGN_LEN] = { 3 };
	static char value[HTTPSIG_VALUE_MAX];

	request(m, p);
	m->content_type = NULL;
	m->status = 200;
	httpsig_field(sig, value);
	m->request_signature = value + strlen("sig1=");
	memset(p->nonce, 0, sizeof(p->nonce));
	strcpy(p->tag, HTTPSIG_TAG_ANSWER);
}

static void
test_digest(void **state)
{
	static const char *const bad[] = { "", "sha-256=::",
		"sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE:",
		"sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=",
		" " DIGEST, DIGEST " ", DIGEST ", " DIGEST,
		"SHA-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:",
		"sha-512=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:",
		"sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPF=:" };
	char have[CONTENT_DIGEST_MAX];
	struct bytes body = { BODY, strlen(BODY) };
	size_t i;

	(void)state;
	content_digest(body, have);
	assert_string_equal(have, DIGEST);
	assert_int_equal(content_digest_check(DIGEST, body), ERR_OK);
	body.n--;
	assert_int_equal(content_digest_check(DIGEST, body), ERR_MAC);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(content_digest_check(bad[i], body),
		    ERR_FORMAT);
}

static void
test_request(void **state)
{
	struct httpsig_message m;
	struct httpsig_params p, q;
	uint8_t sig[SIGN_LEN], have[SIGN_LEN];
	char field[HTTPSIG_VALUE_MAX], want[1024];
	struct buf input, base, again;

	(void)state;
	buf_init(&input, HTTPSIG_FIELD_MAX);
	buf_init(&base, 8192);
	buf_init(&again, 8192);
	request(&m, &p);
	assert_int_equal(httpsig_request_base(&m, &p, &input, &base), ERR_OK);
	snprintf(want, sizeof(want), "\"@method\": POST\n\"@authority\": "
	    "desk.example:8080\n\"@path\": /v1/objects\n\"@query\": ?a=b\n"
	    "\"content-digest\": " DIGEST "\n\"content-type\": "
	    "application/json\n\"@signature-params\": %s",
	    buf_text(&input) + strlen("sig1="));
	assert_string_equal(buf_text(&base), want);
	assert_memory_equal(input.data, "sig1=(\"@method\" \"@authority\" "
	    "\"@path\" \"@query\" \"content-digest\" \"content-type\");"
	    "created=1700000000;nonce=\"00112233445566778899aabbccddeeff\";"
	    "keyid=\"", 146);
	sign_bytes(seed, base.data, base.len, sig);
	httpsig_field(sig, field);
	assert_int_equal(httpsig_request_parse(&m, buf_text(&input), field,
	    &q, have, &again), ERR_OK);
	assert_memory_equal(&p, &q, sizeof(p));
	assert_memory_equal(sig, have, sizeof(sig));
	assert_int_equal(sign_verify(q.keyid, again.data, again.len, have),
	    ERR_OK);
	/* Another message: another base, and the signature fails. */
	m.query = "?a=c";
	buf_reset(&again);
	assert_int_equal(httpsig_request_parse(&m, buf_text(&input), field,
	    &q, have, &again), ERR_OK);
	assert_int_equal(sign_verify(q.keyid, again.data, again.len, have),
	    ERR_MAC);
	buf_done(&input);
	buf_done(&base);
	buf_done(&again);
}

/* With a body its two fields must be covered; without one they can't be. */
static void
test_coverage(void **state)
{
	struct httpsig_message m;
	struct httpsig_params p;
	uint8_t sig[SIGN_LEN] = { 1 };
	char field[HTTPSIG_VALUE_MAX];
	struct buf with, without, base;

	(void)state;
	buf_init(&with, HTTPSIG_FIELD_MAX);
	buf_init(&without, HTTPSIG_FIELD_MAX);
	buf_init(&base, 8192);
	httpsig_field(sig, field);
	request(&m, &p);
	assert_int_equal(httpsig_request_base(&m, &p, &with, &base), ERR_OK);
	m.content_digest = m.content_type = NULL;
	assert_int_equal(httpsig_request_base(&m, &p, &without, &base),
	    ERR_OK);
	buf_reset(&base);
	assert_int_equal(httpsig_request_parse(&m, buf_text(&without), field,
	    &p, sig, &base), ERR_OK);
	assert_int_equal(httpsig_request_parse(&m, buf_text(&with), field,
	    &p, sig, &base), ERR_FORMAT);
	assert_int_equal(base.len, 0);
	request(&m, &p);
	assert_int_equal(httpsig_request_parse(&m, buf_text(&without), field,
	    &p, sig, &base), ERR_FORMAT);
	m.content_type = NULL;
	assert_int_equal(httpsig_request_base(&m, &p, &with, &base),
	    ERR_FORMAT);
	request(&m, &p);
	m.content_digest = NULL;
	assert_int_equal(httpsig_request_base(&m, &p, &with, &base),
	    ERR_FORMAT);
	buf_done(&with);
	buf_done(&without);
	buf_done(&base);
}

/* Every byte changed, dropped or doubled: refused, or other parameters. */
static void
test_one_spelling(void **state)
{
	struct httpsig_message m;
	struct httpsig_params p, q;
	uint8_t sig[SIGN_LEN] = { 1 };
	char field[HTTPSIG_VALUE_MAX], text[HTTPSIG_FIELD_MAX];
	struct buf input, base;
	size_t i, n;

	(void)state;
	buf_init(&input, HTTPSIG_FIELD_MAX);
	buf_init(&base, 8192);
	request(&m, &p);
	httpsig_field(sig, field);
	assert_int_equal(httpsig_request_base(&m, &p, &input, &base), ERR_OK);
	n = input.len;
	for (i = 0; i < n; i++) {
		memcpy(text, input.data, n);
		text[n] = '\0';
		text[i] ^= 0x20;
		buf_reset(&base);
		if (httpsig_request_parse(&m, text, field, &q, sig, &base) ==
		    ERR_OK)
			assert_memory_not_equal(&p, &q, sizeof(p));
		memcpy(text, input.data, i);
		memcpy(text + i, input.data + i + 1, n - i - 1);
		text[n - 1] = '\0';
		buf_reset(&base);
		if (httpsig_request_parse(&m, text, field, &q, sig, &base) ==
		    ERR_OK)
			assert_memory_not_equal(&p, &q, sizeof(p));
		memcpy(text, input.data, i);
		text[i] = ' ';
		memcpy(text + i + 1, input.data + i, n - i);
		text[n + 1] = '\0';
		buf_reset(&base);
		assert_int_equal(httpsig_request_parse(&m, text, field, &q,
		    sig, &base), ERR_FORMAT);
	}
	buf_done(&input);
	buf_done(&base);
}

static const struct { const char *old, *new; } bad[] = {
	{ "sig1=", "sig2=" },
	{ "(\"@method\" ", "(" },
	{ "\"@method\" \"@authority\"", "\"@authority\" \"@method\"" },
	{ "\"@query\"", "\"@query\" \"@query\"" },
	{ "\"@query\"", "\"@query\";req" },
	{ "\"content-type\"", "\"content-length\"" },
	{ ";created=", ";expires=1;created=" },
	{ "created=1700000000", "created=01700000000" },
	{ "created=1700000000", "created=-1700000000" },
	{ "created=1700000000", "created=1700000000.0" },
	{ "created=1700000000", "created=1000000000000000" },
	{ ";nonce=\"00112233445566778", ";nonce=\"" },
	{ ";nonce=\"00112233445566778899aabbccddeeff\"", "" },
	{ ";nonce=\"00", ";nonce=\"\\\"" },
	{ ";nonce=\"00", ";alg=\"ed25519\";nonce=\"00" },
	{ ";tag=\"peluit-request/v1\"", "" },
	{ ";tag=\"peluit-request/v1\"", ";tag=\"peluit-request/v1\";x" },
	{ ";tag=\"peluit-request/v1\"", ";tag=\"peluit-request/v1\", sig2=()" },
	{ ";tag=\"peluit-request/v1\"", ";tag=\"\"" },
};

static void
test_refused(void **state)
{
	struct httpsig_message m;
	struct httpsig_params p;
	uint8_t sig[SIGN_LEN] = { 1 };
	char field[HTTPSIG_VALUE_MAX];
	struct buf input, base, text;
	const char *at;
	size_t i;

	(void)state;
	buf_init(&input, HTTPSIG_FIELD_MAX);
	buf_init(&base, 8192);
	buf_init(&text, 8192);
	request(&m, &p);
	httpsig_field(sig, field);
	assert_int_equal(httpsig_request_base(&m, &p, &input, &base), ERR_OK);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		at = strstr(buf_text(&input), bad[i].old);
		assert_non_null(at);
		buf_reset(&text);
		buf_put(&text, input.data, (size_t)(at - buf_text(&input)));
		buf_puts(&text, bad[i].new);
		buf_puts(&text, at + strlen(bad[i].old));
		buf_reset(&base);
		assert_int_equal(httpsig_request_parse(&m, buf_text(&text),
		    field, &p, sig, &base), ERR_FORMAT);
	}
	/* The Signature field. */
	buf_reset(&base);
	field[0] = 'S';
	assert_int_equal(httpsig_request_parse(&m, buf_text(&input), field,
	    &p, sig, &base), ERR_FORMAT);
	field[0] = 's';
	field[strlen(field) - 2] = 'A';
	assert_int_equal(httpsig_request_parse(&m, buf_text(&input), field,
	    &p, sig, &base), ERR_FORMAT);
	assert_int_equal(httpsig_request_parse(&m, buf_text(&input), "sig1=",
	    &p, sig, &base), ERR_FORMAT);
	assert_int_equal(httpsig_request_parse(&m, "", "", &p, sig, &base),
	    ERR_FORMAT);
	buf_done(&input);
	buf_done(&base);
	buf_done(&text);
}

static void
test_bad_messages(void **state)
{
	struct httpsig_message m;
	struct httpsig_params p;
	struct buf input, base;
	size_t i;

	(void)state;
	buf_init(&input, HTTPSIG_FIELD_MAX);
	buf_init(&base, 8192);
	for (i = 0; i < 9; i++) {
		request(&m, &p);
		if (i == 0)
			m.method = NULL;
		else if (i == 1)
			m.method = "post";
		else if (i == 2)
			m.authority = "Desk.example";
		else if (i == 3)
			m.path = "v1";
		else if (i == 4)
			m.path = "/a?b";
		else if (i == 5)
			m.query = "a=b";
		else if (i == 6)
			m.query = "?a\nb";
		else if (i == 7)
			m.content_type = "text/\xc3\xa9";
		else
			p.created = -1;
		assert_int_equal(httpsig_request_base(&m, &p, &input, &base),
		    ERR_FORMAT);
		buf_reset(&input);
		buf_reset(&base);
	}
	buf_done(&input);
	buf_done(&base);
}

static void
test_answer(void **state)
{
	struct httpsig_message m;
	struct httpsig_params p, q;
	uint8_t sig[SIGN_LEN] = { 1 }, have[SIGN_LEN];
	char field[HTTPSIG_VALUE_MAX], want[2048];
	struct buf input, base, again;

	(void)state;
	buf_init(&input, HTTPSIG_FIELD_MAX);
	buf_init(&base, 8192);
	buf_init(&again, 8192);
	answer(&m, &p);
	m.query = NULL;
	assert_int_equal(httpsig_answer_base(&m, &p, &input, &base), ERR_OK);
	snprintf(want, sizeof(want), "\"@status\": 200\n\"content-digest\": "
	    DIGEST "\n\"@method\";req: POST\n\"@authority\";req: "
	    "desk.example:8080\n\"@path\";req: /v1/objects\n\"@query\";req: "
	    "?\n\"signature\";req;key=\"sig1\": %s\n"
	    "\"@signature-params\": %s", m.request_signature,
	    buf_text(&input) + strlen("sig1="));
	assert_string_equal(buf_text(&base), want);
	assert_non_null(strstr(buf_text(&input), " \"signature\";req;"
	    "key=\"sig1\");created=1700000000;keyid=\""));
	httpsig_field(sig, field);
	assert_int_equal(httpsig_answer_parse(&m, buf_text(&input), field,
	    &q, have, &again), ERR_OK);
	assert_memory_equal(&p, &q, sizeof(p));
	assert_string_equal(buf_text(&again), buf_text(&base));
	assert_int_equal(httpsig_request_parse(&m, buf_text(&input), field,
	    &q, have, &again), ERR_FORMAT);
	m.request_signature = "::";
	assert_int_equal(httpsig_answer_parse(&m, buf_text(&input), field,
	    &q, have, &again), ERR_FORMAT);
	answer(&m, &p);
	m.content_digest = NULL;
	assert_int_equal(httpsig_answer_base(&m, &p, &input, &base),
	    ERR_FORMAT);
	answer(&m, &p);
	m.status = 0;
	assert_int_equal(httpsig_answer_base(&m, &p, &input, &base),
	    ERR_FORMAT);
	buf_done(&input);
	buf_done(&base);
	buf_done(&again);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_digest),
		cmocka_unit_test(test_request),
		cmocka_unit_test(test_coverage),
		cmocka_unit_test(test_one_spelling),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_bad_messages),
		cmocka_unit_test(test_answer),
	};

	if (crypto_init() != ERR_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
