/*
 * The auditor's program: its codes and the guide, what it remembers of a log,
 * its configuration, its page.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "audit_home.h"
#include "keyset.h"
#include "need.h"
#include "page_out.h"
#include "seen.h"

#define OK(e)	assert_int_equal((e), ERR_OK)
#define GUIDE	"docs/AUDITING.md"

/* Every code stands in the guide as a row, and no row names another. */
static void
test_codes(void **state)
{
	char row[64], *text, *line, *end;
	uint8_t *data;
	size_t len, i, k, rows = 0;

	(void)state;
	OK(file_read(GUIDE, 1 << 20, &data, &len));
	text = (char *)data;
	for (i = 0; i < FINDING_CODES; i++) {
		(void)snprintf(row, sizeof(row), "\n| `%s` | ",
		    finding_text((enum finding_code)i));
		if (strstr(text, row) == NULL)
			print_error("not in the guide: %s\n", row + 1);
		assert_non_null(strstr(text, row));
		/* With the sentence that the program gives. */
		line = strstr(text, row) + strlen(row);
		assert_memory_equal(line, finding_sentence(
		    (enum finding_code)i, true), strlen(finding_sentence(
		    (enum finding_code)i, true)));
		assert_true(strlen(finding_sentence((enum finding_code)i,
		    false)) > 0);
		for (k = 0; k < i; k++)
			assert_string_not_equal(finding_text(
			    (enum finding_code)i), finding_text(
			    (enum finding_code)k));
	}
	for (line = text; (line = strstr(line, "\n| `")) != NULL; line = end) {
		line += 4;
		end = strchr(line, '`');
		assert_non_null(end);
		*end = '\0';
		for (i = 0; i < FINDING_CODES; i++)
			if (strcmp(line, finding_text((enum finding_code)i)) ==
			    0)
				rows++;
		*end = '`';
	}
	assert_int_equal(rows, FINDING_CODES);
	free(data);
}

static struct checkpoint
head(uint64_t size, uint8_t fill)
{
	struct checkpoint c;

	memset(&c, 0, sizeof(c));
	c.size = size;
	memset(c.root.bytes, fill, sizeof(c.root.bytes));
	return c;
}

static void
test_seen(void **state)
{
	enum finding_code code = F_ROOT_MISMATCH;
	struct checkpoint a = head(256, 1), b = head(512, 2), c;
	struct seen s, again;
	struct buf text;

	(void)state;
	seen_init(&s);
	/* Nothing seen is an empty file (once arithmetic on NULL). */
	buf_init(&text, 4096);
	OK(seen_encode(&s, &text));
	assert_int_equal(text.len, 0);
	assert_true(seen_judge(&s, &a, &code));
	OK(seen_add(&s, &a, 1000));
	OK(seen_add(&s, &a, 1500));
	assert_int_equal(s.n, 1);
	assert_int_equal(s.item[0].first, 1000);
	assert_int_equal(s.item[0].last, 1500);
	assert_true(seen_judge(&s, &b, &code));
	OK(seen_add(&s, &b, 2000));
	/* Yesterday's log. */
	assert_false(seen_judge(&s, &a, &code));
	assert_int_equal(code, F_LOG_ROLLED_BACK);
	/* Two heads for one size, also for an old one. */
	c = head(512, 3);
	assert_false(seen_judge(&s, &c, &code));
	assert_int_equal(code, F_SPLIT_VIEW);
	c = head(256, 3);
	assert_false(seen_judge(&s, &c, &code));
	assert_int_equal(code, F_SPLIT_VIEW);
	assert_true(seen_judge(&s, &b, &code));

	OK(seen_encode(&s, &text));
	OK(seen_decode((struct bytes){ text.data, text.len }, &again));
	assert_int_equal(again.n, 2);
	assert_memory_equal(again.item, s.item, 2 * sizeof(*s.item));
	seen_done(&again);
	/* Cut, out of order. */
	assert_int_not_equal(seen_decode((struct bytes){ text.data,
	    text.len - 1 }, &again), ERR_OK);
	buf_put(&text, text.data, text.len / 2);
	assert_int_not_equal(seen_decode((struct bytes){ text.data,
	    text.len }, &again), ERR_OK);
	/* A number in a second spelling. */
	text.data[0] = '0';
	assert_int_not_equal(seen_decode((struct bytes){ text.data,
	    text.len / 3 }, &again), ERR_OK);
	buf_done(&text);
	seen_done(&s);
}

/* Epochs of 600 s from epoch 10; the end of epoch 10 is 6600. */
static void
test_seen_clocks(void **state)
{
	struct checkpoint c;
	struct seen s;

	(void)state;
	seen_init(&s);
	s.epoch0 = 10;
	s.epoch_seconds = 600;
	c = head(256, 1);
	OK(seen_add(&s, &c, 6602));
	c = head(512, 2);
	OK(seen_add(&s, &c, 7202));
	assert_int_equal(seen_counts(&s, 10), 10);
	assert_int_equal(seen_counts(&s, 11), 11);
	assert_true(seen_watched(&s, 11));
	/* Epoch 12 ended at 7800; at 9700 it was still not there. */
	OK(seen_add(&s, &c, 9700));
	c = head(1024, 3);
	OK(seen_add(&s, &c, 9720));
	assert_int_equal(seen_counts(&s, 12), 15);
	assert_int_equal(seen_counts(&s, 13), 15);
	assert_true(seen_watched(&s, 12));
	/* Nobody looked for a long time: nothing can be proved of 14. */
	c = head(256 * 20, 4);
	OK(seen_add(&s, &c, 30000));
	assert_int_equal(seen_counts(&s, 15), 15);
	assert_int_equal(seen_counts(&s, 20), 20);
	assert_false(seen_watched(&s, 20));
	seen_done(&s);
}

static void
test_log_conf(void **state)
{
	uint8_t seed[SIGN_SEED_LEN] = { 7 }, public[SIGN_PUBLIC_LEN];
	struct audit_log l, back;
	struct buf text;

	(void)state;
	OK(crypto_init());
	sign_public(seed, public);
	memset(&l, 0, sizeof(l));
	OK(audit_address("tcp:127.0.0.1:8080", l.url));
	assert_string_equal(l.url, "http://127.0.0.1:8080");
	OK(audit_address("unix:/run/peluit/desk.sock", l.api));
	OK(vkey_of("wbs.example", NOTE_TYPE_ED25519, public, &l.log));
	OK(vkey_of("kunci-1", NOTE_TYPE_ED25519, public, &l.roster_key[0]));
	l.roster_keys = 1;
	buf_init(&text, 4096);
	OK(audit_log_encode(&l, &text));
	OK(audit_log_decode((struct bytes){ text.data, text.len }, &back));
	assert_memory_equal(&l, &back, sizeof(l));
	assert_int_not_equal(audit_log_decode((struct bytes){ text.data,
	    text.len - 1 }, &back), ERR_OK);
	buf_puts(&text, "more\n");
	assert_int_not_equal(audit_log_decode((struct bytes){ text.data,
	    text.len }, &back), ERR_OK);
	/* fuzz_home: a NUL would end the address for who uses it */
	text.len -= strlen("more\n");
	*(char *)memchr(text.data, '8', text.len) = '\0';
	assert_int_equal(audit_log_decode((struct bytes){ text.data,
	    text.len }, &back), ERR_FORMAT);
	buf_done(&text);
	assert_int_not_equal(audit_address("https://a.example", l.url),
	    ERR_OK);
	assert_int_not_equal(audit_address("http://a/b", l.url), ERR_OK);
	assert_int_not_equal(audit_address("http://u@a", l.url), ERR_OK);
	assert_int_not_equal(audit_address("unix:/", l.url), ERR_OK);
}

static json_t *
result(void)
{
	json_error_t why;
	json_t *r = json_loads("{\"ok\":false,\"code\":\"seq_gap\","
	    "\"case\":\"7QK2-M4XD\",\"leaf\":77,\"origin\":\"<b>wbs\","
	    "\"size\":512,\"root\":\"AAAA\",\"checked_date\":\"2026-11-21\","
	    "\"log\":{\"epochs\":2,\"watched\":1,\"events\":3},"
	    "\"response\":{\"hours\":48,\"kept\":1,\"late\":1,\"bins\":["
	    "{\"from_hours\":0,\"n\":1},{\"from_hours\":48,\"n\":1}]},"
	    "\"late\":[{\"case\":\"7QK2-M4XD\",\"date\":\"2026-11-01\","
	    "\"epoch\":5,\"hours\":60,\"answered\":true}],"
	    "\"cases\":{\"total\":2,\"by_status\":{\"RECEIVED\":2},"
	    "\"by_channel\":{\"dalam\":2}},\"officers\":[{\"label\":"
	    "\"petugas-1\",\"role\":\"investigator\",\"access\":4}],"
	    "\"roster_changes\":[{\"number\":1,\"added\":[{\"label\":"
	    "\"petugas-1\"}],\"removed\":[]}],\"findings\":[{\"code\":"
	    "\"seq_gap\",\"case\":\"7QK2-M4XD\",\"leaf\":77,\"epoch\":5}]}",
	    0, &why);

	assert_non_null(r);
	return r;
}

static void
test_page(void **state)
{
	static const struct page_bar bars[] = {
		{ "most", INT64_MAX, false }, { "least", INT64_MIN, false }
	};
	struct page_options o = { true, false };
	json_t *r = result(), *plain = page_without_cases(r);
	struct buf page;
	char *text;

	(void)state;
	buf_init(&page, 1 << 20);
	OK(page_out(plain, &o, &page));
	text = (char *)(uintptr_t)buf_text(&page);
	assert_null(strstr(text, "7QK2"));
	assert_null(strstr(text, "<script"));
	assert_null(strstr(text, "http:"));
	assert_null(strstr(text, "<b>"));
	assert_non_null(strstr(text, "&lt;b&gt;wbs"));
	assert_non_null(strstr(text, "An event of a case is missing."));
	assert_non_null(strstr(text, "<svg"));
	assert_non_null(strstr(text, "petugas-1"));
	assert_non_null(strstr(text, "lang=\"en\""));
	buf_reset(&page);
	o = (struct page_options){ false, true };
	OK(page_out(r, &o, &page));
	assert_non_null(strstr(buf_text(&page), "7QK2-M4XD"));
	assert_non_null(strstr(buf_text(&page), "Perkara yang terlambat"));
	/* An audit that came to nothing makes a page as well. */
	buf_reset(&page);
	json_decref(plain);
	plain = need(json_object());
	OK(page_out(plain, &o, &page));
	/* fuzz_home: bars of any numbers stay inside their picture */
	buf_reset(&page);
	page_bars("x", bars, 2, &page);
	assert_non_null(strstr(buf_text(&page), "width=\"360\""));
	assert_null(strstr(buf_text(&page), "width=\"-"));
	buf_done(&page);
	json_decref(plain);
	json_decref(r);
}

static enum audit_exit
run(struct audit *a, int argc, const char *const *argv)
{
	char *copy[8];
	int i;

	for (i = 0; i < argc; i++)
		copy[i] = (char *)(uintptr_t)argv[i];
	audit_init(a);
	return audit_run(a, argc, copy);
}

static void
test_usage(void **state)
{
	static const char *const wrong[][6] = {
		{ "peluit-audit" }, { "peluit-audit", "nothing" },
		{ "peluit-audit", "--what", "check" },
		{ "peluit-audit", "--home" },
		{ "peluit-audit", "--lang", "fr", "check" },
		{ "peluit-audit", "check", "more" },
		{ "peluit-audit", "init", "http://a" },
		{ "peluit-audit", "init", "http://a", "key", "key" },
		{ "peluit-audit", "proof" }, { "peluit-audit", "report" },
		{ "peluit-audit", "--home", "/nonexistent/x", "check" },
	};
	struct audit a;
	size_t i;
	int n;

	(void)state;
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		for (n = 0; n < 6 && wrong[i][n] != NULL; n++)
			continue;
		assert_int_equal(run(&a, n, wrong[i]), AUDIT_USAGE);
		assert_non_null(a.failure);
		audit_done(&a);
	}
}

static void
test_levels(void **state)
{
	struct finding note = { .code = F_LOG_LATE },
	    bad = { .code = F_SEQ_GAP };
	struct findings f;
	size_t i;

	(void)state;
	findings_init(&f);
	findings_add(&f, &note);
	assert_int_equal(findings_broken(&f), 0);
	assert_null(findings_first(&f));
	findings_add(&f, &bad);
	assert_int_equal(findings_broken(&f), 1);
	assert_ptr_equal(findings_first(&f), &f.item[1]);
	for (i = f.n; i < FINDINGS_MAX + 10; i++)
		findings_add(&f, &bad);
	assert_int_equal(f.n, FINDINGS_MAX);
	assert_int_equal(f.dropped, 10);
	findings_done(&f);
}

static void
test_keyset(void **state)
{
	uint8_t key[KEYSET_KEY];
	struct keyset s;
	uint64_t v;
	uint32_t i;

	(void)state;
	keyset_init(&s);
	for (i = 0; i < 3000; i++) {
		sha256(&i, sizeof(i), key);
		assert_false(keyset_get(&s, key, &v));
		OK(keyset_add(&s, key, i));
		assert_int_equal(keyset_add(&s, key, i), ERR_EXISTS);
	}
	for (i = 0; i < 3000; i++) {
		sha256(&i, sizeof(i), key);
		assert_true(keyset_get(&s, key, &v));
		assert_int_equal(v, i);
	}
	keyset_done(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_codes), cmocka_unit_test(test_seen),
		cmocka_unit_test(test_seen_clocks),
		cmocka_unit_test(test_log_conf), cmocka_unit_test(test_page),
		cmocka_unit_test(test_usage), cmocka_unit_test(test_levels),
		cmocka_unit_test(test_keyset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
