/* Key files and office files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "keyfile.h"

#define GOOD	"untrusted comment: peluit log key\n" \
		"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"

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

static void
test_key(void **state)
{
	uint8_t key[32], have[33];
	struct buf b;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(key); i++)
		key[i] = (uint8_t)i;
	buf_init(&b, KEYFILE_MAX);
	assert_int_equal(keyfile_encode("peluit log key", key, 32, &b),
	    ERR_OK);
	assert_string_equal(buf_text(&b), GOOD);
	assert_int_equal(keyfile_decode(bytes_of(&b), have, 32), ERR_OK);
	assert_memory_equal(key, have, 32);
	for (i = 0; i < b.len; i++)
		assert_int_equal(keyfile_decode((struct bytes){ b.data, i },
		    have, 32), ERR_FORMAT);
	assert_int_equal(have[31], 0);
	assert_int_equal(keyfile_decode(bytes_of(&b), have, 31), ERR_FORMAT);
	assert_int_equal(have[0], 0);
	assert_int_equal(keyfile_decode(bytes_of(&b), have, 33), ERR_FORMAT);
	assert_int_equal(have[1], 0);
	assert_int_equal(keyfile_encode("a\nb", key, 32, &b), ERR_FORMAT);
	buf_done(&b);
}

static void
test_key_refused(void **state)
{
	static const char *const bad[] = { "", GOOD "\n", GOOD GOOD,
		"comment: x\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n",
		"untrusted comment: \xff\n"
		"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n",
		"untrusted comment: x\n"
		"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\n",
		"untrusted comment: x\r\n"
		"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\r\n",
		"untrusted comment: x\n"
		"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gIQ==\n" };
	uint8_t key[32];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(keyfile_decode(text_of(bad[i]), key, 32),
		    ERR_FORMAT);
}

static void
vkey_for(const char *name, uint8_t n, struct vkey *out)
{
	uint8_t public[SIGN_PUBLIC_LEN], seed[SIGN_SEED_LEN] = { n };

	sign_public(seed, public);
	assert_int_equal(vkey_of(name, NOTE_TYPE_ED25519, public, out),
	    ERR_OK);
}

static void
sample(struct office *o)
{
	uint8_t seed[SIGN_SEED_LEN] = { 1 };

	memset(o, 0, sizeof(*o));
	strcpy(o->origin, "wbs.example");
	strcpy(o->url, "http://127.0.0.1:8443");
	strcpy(o->authority, "desk.wbs.example");
	strcpy(o->label, "petugas-1");
	sign_public(seed, o->answers);
	vkey_for("wbs.example", 2, &o->log);
	vkey_for("wbs.example/promise", 3, &o->promise);
	vkey_for("kantor-1", 4, &o->roster_key[0]);
	vkey_for("kantor-2", 5, &o->roster_key[1]);
	o->roster_keys = 2;
	o->demo = true;
}

static void
test_office(void **state)
{
	struct office o, p;
	struct buf b;
	size_t line;

	(void)state;
	buf_init(&b, OFFICE_MAX);
	sample(&o);
	assert_int_equal(office_encode(&o, &b), ERR_OK);
	assert_int_equal(office_decode(bytes_of(&b), &p, &line), ERR_OK);
	assert_int_equal(line, 0);
	assert_memory_equal(&o, &p, sizeof(o));
	buf_reset(&b);
	o.demo = false;
	strcpy(o.url, "unix:/run/peluit/desk.sock");
	o.roster_keys = 8;
	for (line = 2; line < 8; line++)
		vkey_for("kantor", (uint8_t)(10 + line), &o.roster_key[line]);
	assert_int_equal(office_encode(&o, &b), ERR_OK);
	assert_int_equal(office_decode(bytes_of(&b), &p, &line), ERR_OK);
	assert_memory_equal(&o, &p, sizeof(o));
	o.roster_keys = 0;
	assert_int_equal(office_encode(&o, &b), ERR_RANGE);
	o.roster_keys = 9;
	assert_int_equal(office_encode(&o, &b), ERR_RANGE);
	buf_done(&b);
}

static const struct { const char *old, *new; enum err e; size_t line; } bad[] =
{
	{ "peluit-office/v1", "peluit-office/v2", ERR_VERSION, 1 },
	{ "peluit-office/v1", "peluit-card/v1", ERR_FORMAT, 1 },
	{ "origin wbs", "origin  wbs", ERR_FORMAT, 2 },
	{ "url http:", "url https:", ERR_FORMAT, 3 },
	{ "http://127.0.0.1:8443", "http://", ERR_FORMAT, 3 },
	{ "http://127.0.0.1:8443", "http://a/b", ERR_FORMAT, 3 },
	{ "http://127.0.0.1:8443", "http://u@a", ERR_FORMAT, 3 },
	{ "http://127.0.0.1:8443", "http://a.onion.", ERR_FORMAT, 3 },
	{ "http://127.0.0.1:8443", "http://a.onion.:80", ERR_FORMAT, 3 },
	{ "authority desk", "authority Desk", ERR_FORMAT, 4 },
	{ "label petugas-1", "label Budi", ERR_FORMAT, 5 },
	{ "answers ", "answer ", ERR_FORMAT, 6 },
	{ "log wbs", "log wbt", ERR_KEY, 7 },
	{ "promise wbs", "promise wbt", ERR_KEY, 8 },
	{ "roster-key kantor-1", "roster-key kantor-3", ERR_KEY, 9 },
	{ "roster-key kantor-2", "roster-key kantor-3", ERR_KEY, 10 },
	{ "demo yes", "demo no", ERR_FORMAT, 11 },
	{ "demo yes\n", "demo yes\n\n", ERR_FORMAT, 11 },
	{ "demo yes\n", "demo yes", ERR_FORMAT, 11 },
};

static void
test_office_refused(void **state)
{
	struct office o;
	struct buf a, b;
	const char *at;
	size_t i, line;

	(void)state;
	buf_init(&a, OFFICE_MAX);
	buf_init(&b, OFFICE_MAX);
	sample(&o);
	assert_int_equal(office_encode(&o, &a), ERR_OK);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		at = strstr(buf_text(&a), bad[i].old);
		assert_non_null(at);
		buf_reset(&b);
		buf_put(&b, a.data, (size_t)(at - buf_text(&a)));
		buf_puts(&b, bad[i].new);
		buf_puts(&b, at + strlen(bad[i].old));
		assert_int_equal(office_decode(bytes_of(&b), &o, &line),
		    bad[i].e);
		assert_int_equal(line, bad[i].line);
	}
	buf_done(&a);
	buf_done(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_key),
		cmocka_unit_test(test_key_refused),
		cmocka_unit_test(test_office),
		cmocka_unit_test(test_office_refused),
	};

	if (crypto_init() != ERR_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
