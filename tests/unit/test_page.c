/* The source's pages: escaping, sentences, padding, policy, build tools. */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "crypto.h"
#include "need.h"
#include "page.h"
#include "render.h"
#include "status.h"
#include "tables.h"

#define OUT_MAX ((size_t)1024 * 1024)
#define SAMPLES "tests/browser/samples.json"

static const char *program; /* argv[0]: the build tools are found from it */

static json_t *
load_samples(void)
{
	json_t *samples = json_load_file(SAMPLES, JSON_REJECT_DUPLICATES, NULL);

	assert_non_null(samples);
	return samples;
}

/* Render a template given as text; the caller frees the result. */
static char *
render(const char *text, const char *model_json, struct render_faults *faults)
{
	struct render_faults none;
	json_t *model = need(json_loads(model_json, 0, NULL));
	struct render_job job = {LANG_EN, model, page_defaults(LANG_EN, "home"),
	    faults != NULL ? faults : &none};
	struct buf out;
	char *copy;

	memset(job.faults, 0, sizeof(*job.faults));
	assert_non_null(model);
	buf_init(&out, OUT_MAX);
	assert_int_equal(render_text(&job, text, strlen(text), &out), ERR_OK);
	copy = strdup(buf_text(&out));
	assert_non_null(copy);
	buf_done(&out);
	json_decref(model);
	return copy;
}

static void
expect(const char *text, const char *model, const char *want)
{
	char *got = render(text, model, NULL);

	assert_string_equal(got, want);
	free(got);
}

static void
values_are_escaped(void **state)
{
	(void)state;
	expect("{{a}}", "{\"a\":\"&<>\\\"'\"}", "&amp;&lt;&gt;&quot;&#39;");
	expect("<i title=\"{{a}}\">", "{\"a\":\"x\\\" onclick='y'\"}",
	    "<i title=\"x&quot; onclick=&#39;y&#39;\">");
	expect("{{#l}}{{.}};{{/l}}", "{\"l\":[\"<b>\",\"&\"]}",
	    "&lt;b&gt;;&amp;;");
	/* A value that looks like a tag stays text; so does one in a key. */
	expect("{{a}}", "{\"a\":\"{{t kept.no}}\"}", "{{t kept.no}}");
	expect("{{@a}}", "{\"a\":\"<b>\"}", "&lt;b&gt;");
	/* In a sentence, too. */
	expect("{{t error.word}}", "{\"bad_word\":\"<\\\"'&>\"}",
	    "The word \xe2\x80\x9c&lt;&quot;&#39;&amp;&gt;\xe2\x80\x9d is not "
	    "in our list. Check its spelling.");
	expect("{{a}}", "{\"a\":\"\xc3\xa9\\n\xe4\xb8\xad\"}",
	    "\xc3\xa9\n\xe4\xb8\xad");
}

static void
names_are_looked_up(void **state)
{
	(void)state;
	expect("{{n}} {{m}}", "{\"n\":-7,\"m\":0}", "-7 0");
	expect("{{a.b.c}}|{{a.x.c}}|{{a.b}}", "{\"a\":{\"b\":{\"c\":\"v\"}}}",
	    "v||");
	expect("[{{no}}{{t.}}{{x}}]", "{\"x\":null}", "[]");
	expect("{{lang}}{{base}}", "{}", "en/en");
	expect("{{base}}", "{\"base\":\"\"}", "");
	/* An item does not borrow what only its page has. */
	expect("{{#l}}{{k}}{{.k}},{{/l}}", "{\"k\":1,\"l\":[{},{\"k\":2}]}",
	    "1,22,");
}

static void
sections_choose(void **state)
{
	static const char *const no[] = {
	    "null", "false", "0", "\"\"", "[]", "{}"};
	static const char *const yes[] = {
	    "true", "1", "-1", "\"x\"", "[0]", "{\"x\":1}"};
	char model[64];

	(void)state;
	for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++) {
		(void)snprintf(model, sizeof(model), "{\"a\":%s}", no[i]);
		expect("{{#a}}1{{/a}}{{?a}}2{{/?}}{{^a}}3{{/a}}", model, "3");
		(void)snprintf(model, sizeof(model), "{\"a\":%s}", yes[i]);
		expect("{{#a}}1{{/a}}{{?a}}2{{/?}}{{^a}}3{{/a}}", model, "12");
	}
	expect("{{?a b.c}}1{{/?}}", "{\"b\":{\"c\":true}}", "1");
	expect("{{?a b.d}}1{{/?}}", "{\"b\":{\"c\":true}}", "");
	expect("{{#a}}{{#b}}{{x}}{{/b}}-{{/a}}",
	    "{\"a\":[{\"b\":[{\"x\":1},{\"x\":2}]},{\"b\":[]}]}", "12--");
	expect("{{?a}}x{{?b}}y{{/?}}z{{/?}}", "{\"b\":1}", "");
}

static void
sentences_are_filled(void **state)
{
	struct render_faults f;
	char *got;

	(void)state;
	expect("{{t kept.no}}", "{}", "Nothing new was kept.");
	expect("{{@k}}", "{\"k\":\"kept.no\"}", "Nothing new was kept.");
	expect("{{@kept.[k]}}{{@status.[s].next}}", "{\"k\":\"no\"}",
	    "Nothing new was kept.");
	expect("{{@[k].title}}", "{\"k\":\"sent.files\"}",
	    "We have received your files");
	expect("{{t form.file.count}}", "{\"files_max\":20}",
	    "At most 20 files at a time.");

	/* Without its number a sentence is left out, and that is noticed. */
	got = render("[{{t form.file.count}}]", "{}", &f);
	assert_string_equal(got, "[]");
	assert_int_equal(f.unfilled, 1);
	assert_int_equal(f.unknown, 0);
	free(got);
}

/* The planted fault: a key that no .po file has must be noticed. */
static void
unknown_keys_are_noticed(void **state)
{
	struct render_faults f;
	char *got;

	(void)state;
	got = render("{{t no.such.key}}", "{}", &f);
	assert_string_equal(got, "no.such.key");
	assert_int_equal(f.unknown, 1);
	free(got);
	got = render("{{@k}}{{@error.[e].text}}",
	    "{\"k\":\"kept.maybe\",\"e\":\"strange\"}", &f);
	assert_int_equal(f.unknown, 2);
	free(got);
	assert_string_equal(page_text(LANG_ID, "no.such.key"), "no.such.key");
	/* A key longer than any other is cut, not followed. */
	got = render("{{@k}}",
	    "{\"k\":\"0123456789012345678901234567890123456789012345678\"}",
	    &f);
	assert_int_equal(f.unknown, 1);
	assert_int_equal(strlen(got), KEY_MAX - 1);
	free(got);
}

/* What stands in no finished page. */
static void
check_document(const char *name, const char *html)
{
	static const char *const no[] = {
	    "{{", "}}<", "<script", "<img", "javascript:", " on", NULL};
	const char *style_end = strstr(html, "</style>");

	assert_non_null(style_end);
	for (size_t i = 0; no[i] != NULL; i++) {
		const char *at = strstr(style_end, no[i]);

		/* " on" counts before "...=" only. */
		while (
		    at != NULL && strcmp(no[i], " on") == 0 &&
		    at[3 + strspn(at + 3, "abcdefghijklmnopqrstuvwxyz")] != '=')
			at = strstr(at + 1, no[i]);
		if (at != NULL)
			fail_msg("%s: %.60s", name, at);
	}
	for (const char *p = style_end; (p = strchr(p, '{')) != NULL; p++)
		if (p[1 + strspn(p + 1, "abcdefghijklmnopqrstuvwxyz_.")] == '}')
			fail_msg("%s: unfilled %.30s", name, p);
}

static void
each_page_in_each_language(void **state)
{
	json_t *empty = need(json_object());
	size_t pages = 0;

	(void)state;
	for (size_t i = 0; i < web_sources_n; i++) {
		if (web_sources[i].name[0] == '_')
			continue;
		pages++;
		for (enum lang l = 0; l < page_langs(); l++) {
			const char *name = web_sources[i].name;
			struct render_faults f = {0, 0};
			struct render_job job = {
			    l, empty, page_defaults(l, name), &f};
			struct buf out;

			if (!page_covers(l, name))
				continue;

			buf_init(&out, OUT_MAX);
			assert_int_equal(
			    render_page(&job, web_sources[i].name, &out),
			    ERR_OK);
			check_document(web_sources[i].name, buf_text(&out));
			if (f.unknown > 0 || f.unfilled > 0)
				fail_msg("%s: %zu unknown, %zu unfilled",
				    web_sources[i].name, f.unknown, f.unfilled);
			buf_done(&out);
		}
	}
	assert_true(pages > 0);
	json_decref(empty);
}

static void
each_sample_in_each_language(void **state)
{
	json_t *samples = load_samples(), *sample;
	const char *name;

	(void)state;
	json_object_foreach(samples, name, sample)
	{
		const char *page =
		    json_string_value(json_object_get(sample, "page"));

		for (enum lang l = 0; l < page_langs(); l++) {
			struct render_faults f = {0, 0};
			struct render_job job = {l,
			    json_object_get(sample, "model"),
			    page_defaults(l, page), &f};
			struct buf out;

			if (!page_covers(l, page))
				continue;

			buf_init(&out, OUT_MAX);
			assert_int_equal(render_page(&job, page, &out), ERR_OK);
			check_document(name, buf_text(&out));
			if (f.unknown > 0 || f.unfilled > 0)
				fail_msg("%s: %zu unknown, %zu unfilled", name,
				    f.unknown, f.unfilled);
			buf_done(&out);
		}
	}
	json_decref(samples);
}

/* The hooks of outside tests, to the letter. */
static void
hooks_are_there(void **state)
{
	static const struct {
		const char *sample, *hook;
	} table[] = {
	    {"home", "<body data-page=\"home\">"},
	    {"form", "<body data-page=\"form\">"},
	    {"form", "<li data-recipient=\"4f1c 09aa 72de b3c8 1f60\">"},
	    {"form", "name=\"recipients\" value=\"umum:5f5f"},
	    {"form", "action=\"/tulis/kode\""},
	    {"form-faulty", "data-error=\"invalid\" data-kept=\"no\""},
	    {"form-faulty", "id=\"err-what\""},
	    {"form-faulty", "id=\"err-goodfaith\""},
	    {"form-faulty", "aria-describedby=\"hint-what care-what err-what\" "
			    "aria-invalid=\"true\""},
	    {"form-faulty", "&quot;A&quot; &amp; rekan &lt;tiga orang&gt;"},
	    {"form-faulty", "href=\"#f-loss_idr\""},
	    {"receipt", "<body data-page=\"receipt\">"},
	    {"receipt", "<ol id=\"receipt\"><li>kopi</li><li>belajar</li>"},
	    {"receipt", "action=\"/surat/dicatat\""},
	    {"signin", "<body data-page=\"signin\">"},
	    {"signin-wrong", "data-error=\"code\" data-kept=\"no\""},
	    {"signin-word", "\xe2\x80\x9ckopii&lt;\xe2\x80\x9d"},
	    {"inbox", "<body data-page=\"inbox\">"},
	    {"inbox", "id=\"status\" data-status=\"NEED_INFO\""},
	    {"inbox", "<article class=\"answer\" data-id=\"3a3a"},
	    {"inbox-new", "<ol id=\"receipt\"><li>kopi</li>"},
	    {"sent-message", "<body data-page=\"sent\">"},
	    {"sent-message", "<ol id=\"receipt\"><li>kopi</li>"},
	    {"how", "<body data-page=\"info\">"},
	    {"log", "<pre tabindex=\"0\">\nwbs.example.go.id\n512\n"},
	    {"log", "Setiap 6 jam catatan bertambah 256 baris."},
	    {"log-none", "Catatan belum diterbitkan."},
	    {"log-none", "Setiap 60 detik catatan bertambah 256 baris."},
	    {"readers", "<li data-recipient=\"4f1c 09aa 72de b3c8 1f60\">"},
	    {"readers", "Ini daftar nomor 3,"},
	    {"standard", "Paling lama 60 hari kerja"},
	    {"error-server", "data-error=\"server\" data-kept=\"unknown\""},
	    {"error-draft_used", "&amp; &lt;tetap&gt;</textarea>"},
	};
	json_t *samples = load_samples();

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		json_t *s = json_object_get(samples, table[i].sample);
		struct buf out;

		assert_non_null(s);
		buf_init(&out, OUT_MAX);
		assert_int_equal(
		    page_render(LANG_ID,
			json_string_value(json_object_get(s, "page")),
			json_object_get(s, "model"), &out),
		    ERR_OK);
		if (strstr(buf_text(&out), table[i].hook) == NULL)
			fail_msg("%s lacks %s", table[i].sample, table[i].hook);
		buf_done(&out);
	}
	json_decref(samples);
}

static size_t
count(const char *text, const char *what)
{
	size_t n = 0;

	for (; (text = strstr(text, what)) != NULL; text += strlen(what))
		n++;
	return n;
}

/* The receipt page shows its words once, though the session has them too. */
static void
receipt_is_shown_once(void **state)
{
	json_t *samples = load_samples();
	json_t *model =
	    json_object_get(json_object_get(samples, "receipt"), "model");
	struct buf out;

	(void)state;
	buf_init(&out, OUT_MAX);
	assert_non_null(json_object_get(model, "code"));
	assert_int_equal(page_render(LANG_ID, "receipt", model, &out), ERR_OK);
	assert_int_equal(count(buf_text(&out), "id=\"receipt\""), 1);
	assert_int_equal(count(buf_text(&out), "<li>kopi</li>"), 1);
	buf_done(&out);
	json_decref(samples);
}

/*
 * In every form the token is the first field; "leave now" gives it the name
 * of what it does.  Sign-in has none.
 */
static void
token_stands_first(void **state)
{
	static const char *const names[] = {"form", "receipt", "inbox-new",
	    "inbox-consent", "error-server"};
	json_t *samples = load_samples();

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		json_t *s = json_object_get(samples, names[i]);
		const char *page =
		    json_string_value(json_object_get(s, "page"));
		struct buf out;

		buf_init(&out, OUT_MAX);
		assert_int_equal(page_render(LANG_EN, page,
				     json_object_get(s, "model"), &out),
		    ERR_OK);
		const char *p = buf_text(&out);
		assert_true(count(p, "<form") > 0);
		while ((p = strstr(p, "<form")) != NULL) {
			const char *field = strstr(p, "name=\"");

			assert_non_null(field);
			if (field[6] == 'l')
				assert_memory_equal(field,
				    "name=\"leave\"", 12);
			else
				assert_memory_equal(field,
				    "name=\"token\" value=\"dG9", 22);
			p = field;
		}
		buf_done(&out);
	}
	json_decref(samples);
}

static size_t
rendered_len(size_t text_len, size_t before)
{
	char *text = malloc(text_len + 1);
	json_t *model;
	struct buf out;
	size_t len;

	assert_non_null(text);
	memset(text, 'x', text_len);
	text[text_len] = '\0';
	model = json_pack("{s:s}", "back_text", text);
	assert_non_null(model);
	buf_init(&out, OUT_MAX);
	buf_fill(&out, '.', before);
	assert_int_equal(page_render(LANG_EN, "error", model, &out), ERR_OK);
	len = out.len - before;
	assert_memory_equal(out.data + out.len - 4, "-->\n", 4);
	buf_done(&out);
	json_decref(model);
	free(text);
	return len;
}

static void
pages_are_padded(void **state)
{
	size_t steps = 0, last;

	(void)state;
	/* Byte by byte over an edge: always a class, never a byte between. */
	last = rendered_len(1, 0);
	assert_int_equal(last, 32768);
	for (size_t n = 16384; n < 32768; n += 1) {
		size_t len = rendered_len(n, 0);

		assert_true(len == 32768 || len == 65536);
		assert_true(len >= last);
		steps += len != last;
		last = len;
	}
	assert_int_equal(steps, 1);
	assert_int_equal(rendered_len(40000, 0), 65536);
	assert_int_equal(rendered_len(100000, 0), 131072);
	/* What stood in the buffer before is not counted. */
	assert_int_equal(rendered_len(1, 300), 32768);
}

static void
wrong_pages_fail(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, OUT_MAX);
	assert_int_equal(
	    page_render(LANG_ID, "nothing", NULL, &out), ERR_NOTFOUND);
	assert_int_equal(
	    page_render(LANG_ID, "_head", NULL, &out), ERR_NOTFOUND);
	assert_int_equal(page_render(LANG_ID, "", NULL, &out), ERR_NOTFOUND);
	assert_int_equal(out.len, 0);
	assert_int_equal(page_render(LANG_ID, "home", NULL, &out), ERR_OK);
	buf_done(&out);

	buf_init(&out, 16383);
	assert_int_equal(page_render(LANG_ID, "home", NULL, &out), ERR_RANGE);
	buf_done(&out);
}

static void
policy_names_the_style(void **state)
{
	char b64[BASE64_LEN(SHA256_LEN) + 1], want[128];
	uint8_t hash[SHA256_LEN];
	const char *start, *end;
	struct buf out;

	(void)state;
	buf_init(&out, OUT_MAX);
	assert_int_equal(page_render(LANG_ID, "home", NULL, &out), ERR_OK);
	start = strstr(buf_text(&out), "<style>");
	end = strstr(buf_text(&out), "</style>");
	assert_true(start != NULL && end != NULL);
	start += strlen("<style>");
	sha256(start, (size_t)(end - start), hash);
	base64_encode(hash, sizeof(hash), BASE64_PADDED, b64);
	(void)snprintf(want, sizeof(want), "; style-src 'sha256-%s';", b64);
	assert_non_null(strstr(page_csp(), want));
	assert_non_null(strstr(page_csp(), "default-src 'none'"));
	assert_non_null(strstr(page_csp(), "frame-ancestors 'self'"));
	assert_null(strstr(page_csp(), "unsafe"));
	assert_null(memchr(start, '\n', (size_t)(end - start)));
	/* One style sheet, and none beside it. */
	assert_int_equal(count(buf_text(&out), "<style"), 1);
	assert_int_equal(count(buf_text(&out), " style="), 0);
	buf_done(&out);
}

static void
dates_are_words(void **state)
{
	static const struct {
		int64_t t;
		int offset;
		const char *id, *en;
	} table[] = {
	    {0, 0, "1 Januari 1970", "1 January 1970"},
	    {-1, 0, "31 Desember 1969", "31 December 1969"},
	    {1795219199, 0, "20 November 2026", "20 November 2026"},
	    {1795219200, 0, "21 November 2026", "21 November 2026"},
	    /* 17:00 UTC is midnight in Jakarta. */
	    {1795193999, 25200, "20 November 2026", "20 November 2026"},
	    {1795194000, 25200, "21 November 2026", "21 November 2026"},
	    {1709164800, 0, "29 Februari 2024", "29 February 2024"},
	    {951782400, 0, "29 Februari 2000", "29 February 2000"},
	    {4107542400, 0, "1 Maret 2100", "1 March 2100"},
	    {1746057600, -3600, "30 April 2025", "30 April 2025"},
	};
	char out[PAGE_DATE_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		page_date(LANG_ID, table[i].t, table[i].offset, out);
		assert_string_equal(out, table[i].id);
		page_date(LANG_EN, table[i].t, table[i].offset, out);
		assert_string_equal(out, table[i].en);
	}
}

/* Every code that the server may show has all its sentences. */
static void
codes_have_sentences(void **state)
{
	static const char *const errors[] = {"malformed", "token", "draft_used",
	    "draft_shown", "notfound", "method", "slow", "too_large", "type",
	    "invalid", "circuit", "server", "busy", "full", "code", "session", "utf8", "empty", "file_before_token", "files_many",
	    "quota", "epoch"};
	static const char *const parts[] = {"title", "text", "next"};
	char key[KEY_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		for (size_t k = 0; k < 3; k++) {
			int n = snprintf(key, sizeof(key), "error.%s.%s",
			    errors[i], parts[k]);

			assert_non_null(sentence_find(LANG_ID, key, (size_t)n));
		}
	for (size_t i = 0; status_at(i) != NULL; i++) {
		int n =
		    snprintf(key, sizeof(key), "status.%s.next", status_at(i));

		for (char *p = key; *p != '\0'; p++)
			*p = (char)tolower((unsigned char)*p);
		assert_non_null(sentence_find(LANG_EN, key, (size_t)n));
		assert_non_null(sentence_find(LANG_EN, key, (size_t)n - 5));
	}
	for (size_t i = 0; category_at(i) != NULL; i++) {
		int n = snprintf(key, sizeof(key), "category.%s.example",
		    category_at(i)->code);

		assert_non_null(sentence_find(LANG_EN, key, (size_t)n));
		assert_non_null(sentence_find(LANG_EN, key, (size_t)n - 8));
	}
}

static void
tables_are_sorted(void **state)
{
	(void)state;
	for (size_t i = 1; i < web_sentences_n; i++)
		assert_true(
		    strcmp(web_sentences[i - 1].key, web_sentences[i].key) < 0);
	for (size_t i = 0; i < web_sentences_n; i++) {
		const char *key = web_sentences[i].key;

		assert_ptr_equal(sentence_find(LANG_EN, key, strlen(key)),
		    web_sentences[i].text[LANG_EN]);
		assert_null(sentence_find(LANG_EN, key, strlen(key) - 1) ==
				    web_sentences[i].text[LANG_EN]
				? key
				: NULL);
	}
	assert_null(sentence_find(LANG_EN, "", 0));
	assert_null(sentence_find(LANG_EN, "zzz", 3));
}

/* ---- the build tools, each with a fault planted ---- */

#define PO_HEAD(more)                                        \
	"msgid \"\"\nmsgstr \"Content-Type: text/plain; "    \
	"charset=UTF-8\\n\"\n\"Language: " more "\\n\"\n\n"

static char dir[] = "/tmp/peluit-page-XXXXXX";

static void
write_file(const char *name, const char *head, const char *text)
{
	char path[128];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_true(fputs(head, f) >= 0 && fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

/* Run $O/gen/${tool}, found from $O/tests/unit/page. */
static bool
tool_accepts(const char *tool, const char *files)
{
	char command[1024];
	const char *slash = strrchr(program, '/');
	int len = slash == NULL ? 1 : (int)(slash - program);

	(void)snprintf(command, sizeof(command),
	    "t=$(realpath '%.*s/../../gen/%s') && cd %s && "
	    "\"$t\" %s >out 2>err",
	    len, slash == NULL ? "." : program, tool, dir, files);
	return system(command) == 0;
}

static bool
po_accepts(const char *id, const char *en, const char *html)
{
	write_file("id.po", PO_HEAD("id"), id);
	write_file("en.po", PO_HEAD("en"), en);
	write_file("a.html", html, "");
	return tool_accepts("po2c", "id.po en.po a.html");
}

#define A_ID "msgid \"a\"\nmsgstr \"satu {n}\"\n\n"
#define A_EN "msgid \"a\"\nmsgstr \"one {n}\"\n\n"
#define B "msgid \"kept.b\"\nmsgstr \"x\"\n\n"

static void
po2c_refuses(void **state)
{
	(void)state;
	assert_true(po_accepts(A_ID B, A_EN B, "{{t a}}"));
	/* missing, extra */
	assert_false(po_accepts(A_ID B, A_EN, "{{t a}}"));
	assert_false(po_accepts(A_ID, A_EN B, "{{t a}}"));
	/* empty, fuzzy, twice, obsolete */
	assert_false(po_accepts(
	    A_ID B, A_EN "msgid \"kept.b\"\nmsgstr \"\"\n", "{{t a}}"));
	assert_false(po_accepts(A_ID B, A_EN "#, fuzzy\n" B, "{{t a}}"));
	assert_false(po_accepts(A_ID B, A_EN B B, "{{t a}}"));
	assert_false(po_accepts(
	    A_ID B "#~ msgid \"c\"\n#~ msgstr \"y\"\n", A_EN B, "{{t a}}"));
	/* placeholders */
	assert_false(
	    po_accepts(A_ID, "msgid \"a\"\nmsgstr \"one {m}\"\n", "{{t a}}"));
	assert_false(
	    po_accepts(A_ID, "msgid \"a\"\nmsgstr \"one\"\n", "{{t a}}"));
	assert_false(
	    po_accepts(A_ID, "msgid \"a\"\nmsgstr \"one {n\"\n", "{{t a}}"));
	assert_true(po_accepts("msgid \"a\"\nmsgstr \"{n} {m}\"\n",
	    "msgid \"a\"\nmsgstr \"{m} {n}\"\n", "{{t a}}"));
	/* a template's key that is not there; a key that nobody uses */
	assert_false(po_accepts(A_ID, A_EN, "{{t a}}{{t b}}"));
	assert_false(po_accepts(A_ID, A_EN, ""));
	/* plurals have no place in a table of sentences */
	assert_false(po_accepts(A_ID B, A_EN "msgid \"kept.b\"\n"
	    "msgid_plural \"kept.c\"\nmsgstr[0] \"x\"\n", "{{t a}}"));
	assert_true(po_accepts(A_ID, A_EN, "{{t a}}"));
	/* no charset; another language than the file's name says */
	write_file("id.po", "", A_ID);
	assert_false(tool_accepts("po2c", "id.po en.po a.html"));
	write_file("id.po", PO_HEAD("jv"), A_ID);
	assert_false(tool_accepts("po2c", "id.po en.po a.html"));
	write_file("id.po", PO_HEAD("id"), A_ID);
	assert_true(tool_accepts("po2c", "id.po en.po a.html"));
	assert_false(tool_accepts("po2c", "en.po id.po a.html"));
}

#define NAME "msgid \"site.language\"\nmsgstr \"J\"\n\n"
#define SIDE "msgid \"side\"\nmsgstr \"s\"\n\n"
#define A_JV "msgid \"a\"\nmsgstr \"siji {n}\"\n\n"

/* A further language: whole, or with the pages that its header names. */
static bool
jv_accepts(const char *head, const char *text)
{
	write_file("id.po", PO_HEAD("id"), A_ID NAME SIDE);
	write_file("en.po", PO_HEAD("en"), A_EN NAME SIDE);
	write_file("jv.po", head, text);
	write_file("a.html", "{{>_p}}", "");
	write_file("_p.html", "{{t a}}", "");
	write_file("b.html", "{{t side}}", "");
	return tool_accepts("po2c",
	    "id.po en.po jv.po a.html _p.html b.html");
}

/* Whether the table that was made last has that in it. */
static bool
table_says(const char *what)
{
	char command[256];

	(void)snprintf(command, sizeof(command), "grep -qF '%s' %s/out", what,
	    dir);
	return system(command) == 0;
}

static void
po2c_takes_a_language(void **state)
{
	static const char whole[] = PO_HEAD("jv");
	static const char part[] = PO_HEAD("jv\\n\"\n\"X-Peluit-Pages: a");

	(void)state;
	assert_true(jv_accepts(whole, A_JV NAME SIDE));
	assert_true(table_says("{\"jv\", \"/jv\", false, NULL}"));
	assert_false(jv_accepts(whole, A_JV NAME));
	assert_true(jv_accepts(part, A_JV NAME));
	assert_true(table_says("pages_2[] = {\"a\", NULL};"));
	assert_true(table_says("{\"jv\", \"/jv\", false, pages_2}"));
	/* what the page shows by a template in it; its own name */
	assert_false(jv_accepts(part, NAME));
	assert_false(jv_accepts(part, A_JV));
	/* stale: shown by no page of it; a key that Indonesian lacks */
	assert_false(jv_accepts(part, A_JV NAME SIDE));
	assert_false(jv_accepts(part,
	    A_JV NAME "msgid \"kept.c\"\nmsgstr \"x\"\n"));
	/* other holes; a page that is not there, or is none */
	assert_false(jv_accepts(part,
	    NAME "msgid \"a\"\nmsgstr \"siji\"\n"));
	assert_false(jv_accepts(
	    PO_HEAD("jv\\n\"\n\"X-Peluit-Pages: a c"), A_JV NAME));
	assert_false(jv_accepts(
	    PO_HEAD("jv\\n\"\n\"X-Peluit-Pages: a _p"), A_JV NAME));
	assert_false(jv_accepts(
	    PO_HEAD("jv\\n\"\n\"X-Peluit-Status: perhaps"),
	    A_JV NAME SIDE));
}

static enum lang
lang_of(const char *code)
{
	for (enum lang l = 0; l < page_langs(); l++)
		if (strcmp(page_lang_code(l), code) == 0)
			return l;
	fail_msg("no language %s", code);
	return LANG_ID;
}

/* A language that is not whole says so, and is offered where it has a page. */
static void
languages_are_offered(void **state)
{
	const enum lang jv = lang_of("jv");
	struct {
		const char *page;
		enum lang l;
		const char *link;
		bool there;
	} table[] = {
	    {"home", LANG_ID, "href=\"/jv/\" hreflang=\"jv\" lang=\"jv\"", true},
	    {"home", LANG_ID, "href=\"/en/\" hreflang=\"en\" lang=\"en\"", true},
	    {"safety", LANG_EN, "hreflang=\"jv\"", true},
	    {"safety", LANG_EN, "href=\"/\" hreflang=\"id\"", true},
	    {"form", LANG_ID, "hreflang=\"jv\"", false},
	    {"form", LANG_ID, "hreflang=\"id\"", false},
	    {"home", jv, "<html lang=\"jv\">", true},
	    {"home", jv, "action=\"/jv/keluar\"", true},
	    {"home", jv, "dereng dipuntliti", true},
	    {"home", LANG_ID, "belum diperiksa", false},
	};
	struct buf out;

	(void)state;
	assert_false(page_lang_whole(jv));
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		buf_init(&out, OUT_MAX);
		assert_int_equal(
		    page_render(table[i].l, table[i].page, NULL, &out),
		    ERR_OK);
		if ((strstr(buf_text(&out), table[i].link) != NULL) !=
		    table[i].there)
			fail_msg("%s: %s", table[i].page, table[i].link);
		buf_done(&out);
	}
	/* what it lacks is Indonesian */
	assert_string_equal(page_text(jv, "month.1"), "Januari");
}

static bool
embed_accepts(const char *html)
{
	write_file("a.html", html, "\n");
	return tool_accepts("embed", "a.html _p.html s.css");
}

static void
embed_refuses(void **state)
{
	static const char *const bad[] = {"{{a", "{{}}", "{{#a}}", "{{/a}}",
	    "{{#a}}{{/b}}", "{{#a}}{{?b}}{{/a}}{{/?}}", "{{A}}", "{{{a}}}",
	    "{{&a}}", "{{>_q}}", "{{>a}}", "{{t A}}", "{{@a[b}}", "{{! a",
	    "words", "<p>{{a}} words</p>", "<script>", "<img src=\"a\">",
	    "<p style=\"a\">", "<p onclick=\"a\">", "<a href=\"https:a\">",
	    "<a href=\"{{base}}//a\">", "<p>\xc3\xa9</p>", "{{>_loop}}"};

	(void)state;
	write_file("_p.html", "<p>{{.}}</p>\n", "");
	write_file("s.css", "p { color: red }\n", "");
	assert_false(embed_accepts("<svg>"));
	assert_true(embed_accepts("<p>{{#a}}{{?b c}}{{.d}}{{/?}}{{/a}}"
				  "{{>_p}}{{@a.[b].c}}{{! A }}</p>"));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (embed_accepts(bad[i]))
			fail_msg("embed takes %s", bad[i]);
	write_file("_p.html", "{{>_p}}\n", "");
	assert_false(embed_accepts("<p>{{>_p}}</p>"));
	write_file("_p.html", "<p>\n", "");
	assert_true(embed_accepts("<p>"));
	write_file("s.css", "p { color: red } </style>\n", "");
	assert_false(embed_accepts("<p>"));
	write_file("s.css", "p { background: url(a) }\n", "");
	assert_false(embed_accepts("<p>"));
}

static int
make_dir(void **state)
{
	(void)state;
	return mkdtemp(dir) == NULL ? -1 : 0;
}

static int
remove_dir(void **state)
{
	char command[128];

	(void)state;
	(void)snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(values_are_escaped),
	    cmocka_unit_test(names_are_looked_up),
	    cmocka_unit_test(sections_choose),
	    cmocka_unit_test(sentences_are_filled),
	    cmocka_unit_test(unknown_keys_are_noticed),
	    cmocka_unit_test(each_page_in_each_language),
	    cmocka_unit_test(each_sample_in_each_language),
	    cmocka_unit_test(hooks_are_there),
	    cmocka_unit_test(receipt_is_shown_once),
	    cmocka_unit_test(token_stands_first),
	    cmocka_unit_test(pages_are_padded),
	    cmocka_unit_test(wrong_pages_fail),
	    cmocka_unit_test(policy_names_the_style),
	    cmocka_unit_test(dates_are_words),
	    cmocka_unit_test(codes_have_sentences),
	    cmocka_unit_test(tables_are_sorted),
	    cmocka_unit_test(po2c_refuses),
	    cmocka_unit_test(po2c_takes_a_language),
	    cmocka_unit_test(languages_are_offered),
	    cmocka_unit_test(embed_refuses),
	};

	(void)argc;
	program = argv[0];
	if (crypto_init() != ERR_OK)
		return 1;
	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
