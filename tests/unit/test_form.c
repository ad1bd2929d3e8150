/*
 * Forms: what browsers send is read right whatever way it is cut on its way,
 * and each thing that they do not send is refused by its name.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "need.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "form.h"

#define URL	"application/x-www-form-urlencoded"
#define MUL	"multipart/form-data; boundary=BB"
#define CD	"Content-Disposition: form-data; "
#define OPEN	"--BB\r\n"
#define NEXT	"\r\n--BB\r\n"
#define CLOSE	"\r\n--BB--\r\n"
#define PART(n, v) CD "name=\"" n "\"\r\n\r\n" v
#define FILE_(n, v) CD "name=\"f\"; filename=\"" n "\"\r\n" \
	"Content-Type: text/plain\r\n\r\n" v

struct vector {
	const char *name;
	const char *type;
	const char *body;
	size_t len;		/* 0: strlen */
	enum form_fault fault;
	const char *log;	/* what came out, if all is fine */
};
#define BYTES(s) s, sizeof(s) - 1

static const struct form_limits limits = {
	.field_max = 32, .fields_max = 48, .files_max = 2
};

/* ---- what the file callbacks saw, as text ---- */

struct sink {
	struct buf log;
	unsigned waits;		/* say FORM_WAIT every so often */
	unsigned calls;
	size_t most;		/* take at most this at once; 0: all */
	bool stop;
};

static bool
waits(struct sink *s)
{
	return s->waits > 0 && ++s->calls % s->waits != 0;
}

static enum form_take
on_start(void *arg, const char *name, const char *type)
{
	struct sink *s = arg;

	if (s->stop)
		return FORM_STOP;
	if (waits(s))
		return FORM_WAIT;
	buf_printf(&s->log, "[%s|%s:", name, type);
	return FORM_TAKEN;
}

static enum form_take
on_data(void *arg, struct bytes in, size_t *taken)
{
	struct sink *s = arg;

	assert_true(in.n > 0);
	*taken = 0;
	if (waits(s))
		return FORM_WAIT;
	*taken = s->most > 0 && in.n > s->most ? s->most : in.n;
	buf_put(&s->log, in.p, *taken);
	return FORM_TAKEN;
}

static enum form_take
on_end(void *arg)
{
	struct sink *s = arg;

	if (waits(s))
		return FORM_WAIT;
	buf_puts(&s->log, "]");
	return FORM_TAKEN;
}

static void
log_fields(const struct form *f, struct buf *log)
{
	static const char *const names[] = { "a", "b", "q\"", "_charset_" };
	const char *v;
	size_t i, n;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		for (n = 0; (v = form_nth(f, names[i], n)) != NULL; n++)
			buf_printf(log, "{%s=%s}", names[i], v);
}

/* Feed all of p[0..n) as one piece that may be taken bit by bit. */
static enum form_take
feed(struct form *f, const char *p, size_t n)
{
	enum form_take take;
	size_t k, turns = 0;

	do {
		take = form_feed(f, (struct bytes){ p, n }, &k);
		assert_true(k <= n);
		p += k;
		n -= k;
		assert_true(turns++ < 100000);
	} while (take == FORM_WAIT);
	if (take == FORM_TAKEN)
		assert_int_equal(n, 0);
	return take;
}

/* The body in pieces of ${step} bytes, after a first one of ${first}. */
static enum form_fault
run(const struct vector *v, size_t first, size_t step, struct sink *s)
{
	const struct form_files files = { on_start, on_data, on_end, s };
	size_t len = v->len > 0 ? v->len : strlen(v->body), at = 0, n;
	enum form_fault fault;
	struct form *f;
	char *piece;

	buf_init(&s->log, 65536);
	assert_int_equal(form_new(v->type, &limits, &files, &f), ERR_OK);
	for (n = first; at < len; n = step) {
		if (n > len - at)
			n = len - at;
		/* A fresh copy, so that a sanitizer sees every overrun. */
		piece = need(malloc(n + (n == 0)));
		memcpy(piece, v->body + at, n);
		at += n;
		if (feed(f, piece, n) == FORM_STOP)
			at = len;
		free(piece);
	}
	fault = form_end(f);
	assert_int_equal(fault, form_fault(f));
	if (fault == FORM_FINE)
		log_fields(f, &s->log);
	form_free(f);
	return fault;
}

static void
check(const struct vector *v, size_t first, size_t step, struct sink s)
{
	enum form_fault fault = run(v, first, step, &s);

	if (fault != v->fault)
		fail_msg("%s: fault %d, not %d (first %zu, step %zu)",
		    v->name, fault, v->fault, first, step);
	if (v->fault == FORM_FINE)
		assert_string_equal(buf_text(&s.log), v->log);
	buf_done(&s.log);
}

/* Whole, every two pieces, byte by byte, and with a slow application. */
static void
vector(void **state)
{
	const struct vector *v = *state;
	size_t len = v->len > 0 ? v->len : strlen(v->body), i;

	check(v, len, len, (struct sink){ 0 });
	for (i = 0; i < len && i < 2000; i++)
		check(v, i, len, (struct sink){ 0 });
	check(v, 1, 1, (struct sink){ 0 });
	check(v, len, len, (struct sink){ .waits = 2 });
	check(v, len, len, (struct sink){ .waits = 3, .most = 1 });
	check(v, 1, 1, (struct sink){ .waits = 3, .most = 1 });
	check(v, 3, 5, (struct sink){ .most = 2 });
}

#define S32	"0123456789abcdef0123456789abcdef"
#define GOOD(n, t, b, l) { n, t, b, 0, FORM_FINE, l }
#define BAD(n, t, b, f) { n, t, b, 0, f, NULL }
#define BADN(n, t, b, f) { n, t, BYTES(b), f, NULL }

static struct vector vectors[] = {
	/* ---- urlencoded, good ---- */
	GOOD("url empty", URL, "", ""),
	GOOD("url two", URL, "a=1&b=2", "{a=1}{b=2}"),
	GOOD("url empty value", URL, "a=&b=", "{a=}{b=}"),
	GOOD("url several", URL, "a=1&a=2", "{a=1}{a=2}"),
	GOOD("url plus and hex", URL, "a=x+y%2Bz%c3%A9", "{a=x y+z\xc3\xa9}"),
	GOOD("url equals in value", URL, "a=b=c", "{a=b=c}"),
	GOOD("url CRLF", URL, "a=x%0D%0Ay%0Az%0D", "{a=x\ny\nz\r}"),
	GOOD("url CR CR LF", URL, "a=%0D%0D%0A", "{a=\r\n}"),
	GOOD("url name encoded", URL, "%61=1", "{a=1}"),
	GOOD("url charset field", URL, "_charset_=UTF-8&a=1", "{a=1}"),
	GOOD("url charset parameter", URL "; charset=UTF-8", "a=1", "{a=1}"),
	GOOD("url value at limit", URL, "a=" S32, "{a=" S32 "}"),
	GOOD("url name at limit", URL, S32 S32 "=1&a=2", "{a=2}"),
	GOOD("url fields at limit", URL, "a=" S32 "&b=0123456789abcdef",
	    "{a=" S32 "}{b=0123456789abcdef}"),
	/* ---- urlencoded, bad ---- */
	BAD("url no equals", URL, "a", FORM_MALFORMED),
	BAD("url no equals later", URL, "a=1&b", FORM_MALFORMED),
	BAD("url empty pair", URL, "a=1&&b=2", FORM_MALFORMED),
	BAD("url trailing ampersand", URL, "a=1&", FORM_MALFORMED),
	BAD("url empty name", URL, "=1", FORM_MALFORMED),
	BAD("url cut hex", URL, "a=%4", FORM_MALFORMED),
	BAD("url cut hex 0", URL, "a=%", FORM_MALFORMED),
	BAD("url bad hex", URL, "a=%zz", FORM_MALFORMED),
	BAD("url bad second digit", URL, "a=%4g", FORM_MALFORMED),
	BAD("url NUL encoded", URL, "a=x%00y", FORM_NOT_UTF8),
	BAD("url NUL in name", URL, "a%00=x", FORM_NOT_UTF8),
	BADN("url NUL raw", URL, "a=x\0y", FORM_MALFORMED),
	BAD("url control raw", URL, "a=x\x01y", FORM_MALFORMED),
	BAD("url control in name", URL, "a%0A=1", FORM_MALFORMED),
	BAD("url space raw", URL, "a=x y", FORM_MALFORMED),
	BAD("url non-ASCII raw", URL, "a=\xc3\xa9", FORM_MALFORMED),
	BAD("url value not UTF-8", URL, "a=%ff", FORM_NOT_UTF8),
	BAD("url value cut UTF-8", URL, "a=%c3", FORM_NOT_UTF8),
	BAD("url surrogate", URL, "a=%ed%a0%80", FORM_NOT_UTF8),
	BAD("url overlong", URL, "a=%c0%af", FORM_NOT_UTF8),
	BAD("url name not UTF-8", URL, "%ff=1", FORM_NOT_UTF8),
	BAD("url value over limit", URL, "a=" S32 "0", FORM_FIELD_TOO_LARGE),
	BAD("url fields over limit", URL, "a=" S32 "&b=0123456789abcdefX",
	    FORM_FIELD_TOO_LARGE),
	BAD("url name over limit", URL, S32 S32 "0=1", FORM_MALFORMED),

	/* ---- multipart, good ---- */
	GOOD("mul nothing", MUL, "--BB--\r\n", ""),
	GOOD("mul nothing, no CRLF", MUL, "--BB--", ""),
	GOOD("mul one", MUL, OPEN PART("a", "x") CLOSE, "{a=x}"),
	GOOD("mul leading CRLF", MUL, "\r\n" OPEN PART("a", "x") CLOSE,
	    "{a=x}"),
	GOOD("mul empty value", MUL, OPEN PART("a", "") CLOSE, "{a=}"),
	GOOD("mul two", MUL, OPEN PART("a", "1") NEXT PART("b", "2") CLOSE,
	    "{a=1}{b=2}"),
	GOOD("mul same name", MUL, OPEN PART("a", "1") NEXT PART("a", "2")
	    CLOSE, "{a=1}{a=2}"),
	GOOD("mul CRLF in value", MUL, OPEN PART("a", "x\r\ny\r\n\r\n") CLOSE,
	    "{a=x\ny\n\n}"),
	GOOD("mul CR at the end", MUL, OPEN PART("a", "x\r") CLOSE, "{a=x\r}"),
	GOOD("mul partial boundary", MUL, OPEN PART("a", "\r\n--B\r\n--\r\n-")
	    CLOSE, "{a=\n--B\n--\n-}"),
	GOOD("mul CR before boundary", MUL, OPEN PART("a", "\r\r\r\n--B")
	    CLOSE, "{a=\r\r\n--B}"),
	GOOD("mul other headers", MUL, OPEN "X-Thing: 1\r\n"
	    CD "name=\"a\"\r\nContent-Type: text/plain\r\n\r\nx" CLOSE,
	    "{a=x}"),
	GOOD("mul case of header", MUL, OPEN "content-disposition: FORM-DATA;"
	    "NAME=\"a\"\r\n\r\nx" CLOSE, "{a=x}"),
	GOOD("mul name escaped", MUL, OPEN PART("q%22", "x") CLOSE, "{q\"=x}"),
	GOOD("mul charset field", MUL, OPEN PART("_charset_", "x") NEXT
	    PART("a", "y") CLOSE, "{a=y}"),
	GOOD("mul epilogue blanks", MUL, OPEN PART("a", "x") CLOSE "\r\n \t",
	    "{a=x}"),
	GOOD("mul value at limit", MUL, OPEN PART("a", S32) CLOSE,
	    "{a=" S32 "}"),
	GOOD("mul quoted boundary", "Multipart/Form-Data; Boundary=\"BB\"",
	    OPEN PART("a", "x") CLOSE, "{a=x}"),
	GOOD("mul boundary in line", MUL, OPEN PART("a", "--BB--") CLOSE,
	    "{a=--BB--}"),
	/* ---- files ---- */
	GOOD("file", MUL, OPEN FILE_("n.txt", "hello") CLOSE,
	    "[n.txt|text/plain:hello]"),
	GOOD("file with a look-alike", MUL, OPEN
	    FILE_("n", "x\r\n--B\r\n--Bx\r\n\r\n--A\r\r\n--") CLOSE,
	    "[n|text/plain:x\r\n--B\r\n--Bx\r\n\r\n--A\r\r\n--]"),
	GOOD("file keeps CRLF", MUL, OPEN FILE_("n", "a\r\nb") CLOSE,
	    "[n|text/plain:a\r\nb]"),
	GOOD("file empty but named", MUL, OPEN FILE_("n", "") CLOSE,
	    "[n|text/plain:]"),
	GOOD("file input left empty", MUL, OPEN FILE_("", "") NEXT
	    PART("a", "x") CLOSE, "{a=x}"),
	GOOD("file without a name", MUL, OPEN FILE_("", "x") CLOSE,
	    "[|text/plain:x]"),
	GOOD("file of one CR", MUL, OPEN FILE_("", "\r") CLOSE,
	    "[|text/plain:\r]"),
	GOOD("file name escaped", MUL, OPEN FILE_("a%22%0D%0A%41 \\", "x")
	    CLOSE, "[a\"\r\n%41 \\|text/plain:x]"),
	GOOD("file name repaired", MUL, OPEN FILE_("a\xff\xc3.b", "x") CLOSE,
	    "[a\xef\xbf\xbd\xef\xbf\xbd.b|text/plain:x]"),
	GOOD("file name UTF-8", MUL, OPEN FILE_("\xc3\xa9\xf0\x9f\x98\x80",
	    "x") CLOSE, "[\xc3\xa9\xf0\x9f\x98\x80|text/plain:x]"),
	GOOD("file no type", MUL, OPEN CD "name=\"f\"; filename=\"n\"\r\n\r\nx"
	    CLOSE, "[n|:x]"),
	GOOD("file and field", MUL, OPEN FILE_("n", "x") NEXT PART("a", "y")
	    NEXT FILE_("m", "z") CLOSE,
	    "[n|text/plain:x][m|text/plain:z]{a=y}"),
	GOOD("file of NULs is no text", MUL, OPEN FILE_("n", "\x01\x02")
	    CLOSE, "[n|text/plain:\x01\x02]"),
	/* ---- multipart, bad ---- */
	BAD("mul empty body", MUL, "", FORM_MALFORMED),
	BAD("mul preamble", MUL, "hello\r\n" OPEN PART("a", "x") CLOSE,
	    FORM_MALFORMED),
	BAD("mul two CRLF first", MUL, "\r\n\r\n" OPEN PART("a", "x") CLOSE,
	    FORM_MALFORMED),
	BAD("mul wrong boundary", MUL, "--CC\r\n" PART("a", "x")
	    "\r\n--CC--\r\n", FORM_MALFORMED),
	BAD("mul longer boundary", MUL, OPEN PART("a", "x") "\r\n--BBB--\r\n",
	    FORM_MALFORMED),
	BAD("mul blank behind boundary", MUL, "--BB \r\n" PART("a", "x")
	    CLOSE, FORM_MALFORMED),
	BAD("mul LF behind boundary", MUL, "--BB\n" PART("a", "x") CLOSE,
	    FORM_MALFORMED),
	BAD("mul one dash at the end", MUL, OPEN PART("a", "x") "\r\n--BB-",
	    FORM_MALFORMED),
	BAD("mul not closed", MUL, OPEN PART("a", "x"), FORM_MALFORMED),
	BAD("mul not closed after boundary", MUL, OPEN PART("a", "x")
	    "\r\n--BB\r\n", FORM_MALFORMED),
	BAD("mul cut in head", MUL, OPEN CD, FORM_MALFORMED),
	BAD("mul cut in a file", MUL, OPEN FILE_("n", "xyz"), FORM_MALFORMED),
	BAD("mul LF line ends", MUL, "--BB\n" CD "name=\"a\"\n\nx\n--BB--\n",
	    FORM_MALFORMED),
	BAD("mul bare LF in head", MUL, OPEN CD "name=\"a\"\nX: y\r\n\r\nx"
	    CLOSE, FORM_MALFORMED),
	BAD("mul bare CR in head", MUL, OPEN CD "name=\"a\"\rX: y\r\n\r\nx"
	    CLOSE, FORM_MALFORMED),
	BAD("mul no headers", MUL, OPEN "\r\nx" CLOSE, FORM_MALFORMED),
	BAD("mul no disposition", MUL, OPEN "Content-Type: text/plain\r\n\r\nx"
	    CLOSE, FORM_MALFORMED),
	BAD("mul no name", MUL, OPEN "Content-Disposition: form-data\r\n\r\nx"
	    CLOSE, FORM_MALFORMED),
	BAD("mul empty name", MUL, OPEN PART("", "x") CLOSE, FORM_MALFORMED),
	BAD("mul only filename", MUL, OPEN CD "filename=\"n\"\r\n\r\nx" CLOSE,
	    FORM_MALFORMED),
	BAD("mul attachment", MUL, OPEN "Content-Disposition: attachment; "
	    "name=\"a\"\r\n\r\nx" CLOSE, FORM_MALFORMED),
	BAD("mul name not quoted", MUL, OPEN CD "name=a\r\n\r\nx" CLOSE,
	    FORM_MALFORMED),
	BAD("mul name in single quotes", MUL, OPEN CD "name='a'\r\n\r\nx"
	    CLOSE, FORM_MALFORMED),
	BAD("mul name twice", MUL, OPEN CD "name=\"a\"; name=\"b\"\r\n\r\nx"
	    CLOSE, FORM_MALFORMED),
	BAD("mul filename twice", MUL, OPEN CD "name=\"a\"; filename=\"n\"; "
	    "filename=\"m\"\r\n\r\nx" CLOSE, FORM_MALFORMED),
	BAD("mul filename*", MUL, OPEN CD "name=\"f\"; "
	    "filename*=UTF-8''n\r\n\r\nx" CLOSE, FORM_MALFORMED),
	BAD("mul filename*0", MUL, OPEN CD "name=\"f\"; "
	    "filename*0=\"n\"\r\n\r\nx" CLOSE, FORM_MALFORMED),
	BAD("mul backslash quote", MUL, OPEN CD "name=\"f\"; "
	    "filename=\"a\\\"b\"\r\n\r\nx" CLOSE, FORM_MALFORMED),
	BAD("mul quote left open", MUL, OPEN CD "name=\"a\r\n\r\nx" CLOSE,
	    FORM_MALFORMED),
	BAD("mul junk behind name", MUL, OPEN CD "name=\"a\"x\r\n\r\nx" CLOSE,
	    FORM_MALFORMED),
	BAD("mul semicolon at the end", MUL, OPEN CD "name=\"a\";\r\n\r\nx"
	    CLOSE, FORM_MALFORMED),
	BAD("mul two dispositions", MUL, OPEN CD "name=\"a\"\r\n" CD
	    "name=\"b\"\r\n\r\nx" CLOSE, FORM_MALFORMED),
	BAD("mul two types", MUL, OPEN CD "name=\"a\"\r\nContent-Type: x/y\r\n"
	    "Content-Type: x/z\r\n\r\nx" CLOSE, FORM_MALFORMED),
	BAD("mul folded line", MUL, OPEN CD "\r\n name=\"a\"\r\n\r\nx" CLOSE,
	    FORM_MALFORMED),
	BAD("mul header without colon", MUL, OPEN CD "name=\"a\"\r\nfoo\r\n"
	    "\r\nx" CLOSE, FORM_MALFORMED),
	BAD("mul blank before colon", MUL, OPEN "Content-Disposition : "
	    "form-data; name=\"a\"\r\n\r\nx" CLOSE, FORM_MALFORMED),
	BADN("mul NUL in name", MUL, OPEN PART("a\0b", "x") CLOSE,
	    FORM_NOT_UTF8),
	BADN("mul NUL in filename", MUL, OPEN FILE_("a\0b", "x") CLOSE,
	    FORM_NOT_UTF8),
	BADN("mul NUL in value", MUL, OPEN PART("a", "x\0y") CLOSE,
	    FORM_NOT_UTF8),
	BAD("mul name not UTF-8", MUL, OPEN PART("\xff", "x") CLOSE,
	    FORM_NOT_UTF8),
	BAD("mul value not UTF-8", MUL, OPEN PART("a", "\xff") CLOSE,
	    FORM_NOT_UTF8),
	BAD("mul value cut UTF-8", MUL, OPEN PART("a", "\xc3") CLOSE,
	    FORM_NOT_UTF8),
	BAD("mul name with LF", MUL, OPEN PART("a%0A", "x") CLOSE,
	    FORM_MALFORMED),
	BAD("mul name over limit", MUL, OPEN PART(S32 S32 "0", "x") CLOSE,
	    FORM_MALFORMED),
	BAD("mul value over limit", MUL, OPEN PART("a", S32 "0") CLOSE,
	    FORM_FIELD_TOO_LARGE),
	BAD("mul fields over limit", MUL, OPEN PART("a", S32) NEXT
	    PART("b", "0123456789abcdef0") CLOSE, FORM_FIELD_TOO_LARGE),
	BAD("mul junk behind the end", MUL, OPEN PART("a", "x") CLOSE "x",
	    FORM_MALFORMED),
	BAD("mul part behind the end", MUL, OPEN PART("a", "x") CLOSE OPEN
	    PART("b", "x") CLOSE, FORM_MALFORMED),
	BAD("mul three files", MUL, OPEN FILE_("a", "x") NEXT FILE_("b", "")
	    NEXT FILE_("", "z") CLOSE, FORM_TOO_MANY),
};

/* ---- content types ---- */

static const struct type {
	const char *type;
	enum err e;
} types[] = {
	{ "text/plain", ERR_NOTFOUND },
	{ "", ERR_NOTFOUND },
	{ "multipart/mixed; boundary=BB", ERR_NOTFOUND },
	{ "multipart/form-data2; boundary=BB", ERR_NOTFOUND },
	{ "application/json", ERR_NOTFOUND },
	{ URL "; x=y", ERR_FORMAT },
	{ URL "; charset=a; charset=b", ERR_FORMAT },
	{ "multipart/form-data", ERR_FORMAT },
	{ "multipart/form-data;", ERR_FORMAT },
	{ "multipart/form-data; boundary", ERR_FORMAT },
	{ "multipart/form-data; boundary=", ERR_FORMAT },
	{ "multipart/form-data; boundary=\"", ERR_FORMAT },
	{ "multipart/form-data; boundary=\"\"", ERR_FORMAT },
	{ "multipart/form-data; boundary=\"BB", ERR_FORMAT },
	{ "multipart/form-data; boundary=\"B\\B\"", ERR_FORMAT },
	{ "multipart/form-data; boundary=\"B B\"", ERR_FORMAT },
	{ "multipart/form-data; boundary=B B", ERR_FORMAT },
	{ "multipart/form-data; boundary=B@B", ERR_FORMAT },
	{ "multipart/form-data; boundary=BB; boundary=BB", ERR_FORMAT },
	{ "multipart/form-data; boundary=BB; x=y", ERR_FORMAT },
	{ "multipart/form-data, boundary=BB", ERR_NOTFOUND },
	{ "multipart/form-data boundary=BB", ERR_FORMAT },
	{ "multipart/form-data; boundary=" S32 S32 "012345", ERR_OK },
	{ "multipart/form-data; boundary=" S32 S32 "0123456", ERR_FORMAT },
	{ "multipart/form-data; boundary=BB; charset=UTF-8", ERR_OK },
	{ "multipart/form-data ;boundary=\"a'()+_,-./:=?\"", ERR_OK },
};

static void
content_types(void **state)
{
	struct form *f;
	enum err e;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		e = form_new(types[i].type, &limits, NULL, &f);
		if (e != types[i].e)
			fail_msg("%s: %d", types[i].type, (int)e);
		assert_true((f != NULL) == (e == ERR_OK));
		form_free(f);
	}
}

/* ---- counts and lengths at their limits ---- */

static enum form_fault
run_buf(const char *type, struct buf *body, const struct form_limits *l,
    struct sink *s)
{
	const struct form_files files = { on_start, on_data, on_end, s };
	enum form_fault fault;
	struct form *f;

	assert_int_equal(buf_err(body), ERR_OK);
	assert_int_equal(form_new(type, l, &files, &f), ERR_OK);
	(void)feed(f, (const char *)body->data, body->len);
	fault = form_end(f);
	form_free(f);
	buf_done(body);
	return fault;
}

static enum form_fault
many(unsigned n, bool multipart)
{
	struct sink s = { 0 };
	struct buf b;
	unsigned i;

	buf_init(&b, 65536);
	for (i = 0; i < n; i++)
		if (multipart)
			buf_printf(&b, "%s" CD "name=\"a\"\r\n\r\n",
			    i == 0 ? OPEN : NEXT);
		else
			buf_printf(&b, "%sa=", i == 0 ? "" : "&");
	if (multipart)
		buf_puts(&b, CLOSE);
	return run_buf(multipart ? MUL : URL, &b, &limits, &s);
}

static void
part_count(void **state)
{
	(void)state;
	assert_int_equal(many(FORM_PARTS_MAX, true), FORM_FINE);
	assert_int_equal(many(FORM_PARTS_MAX + 1, true), FORM_TOO_MANY);
	assert_int_equal(many(FORM_PARTS_MAX, false), FORM_FINE);
	assert_int_equal(many(FORM_PARTS_MAX + 1, false), FORM_TOO_MANY);
}

static enum form_fault
head_of(size_t n)
{
	struct sink s = { 0 };
	struct buf b;

	buf_init(&b, 65536);
	buf_puts(&b, OPEN "X: ");
	/* "X: " + fill + CRLF + disposition + CRLF CRLF = n */
	buf_fill(&b, 'x', n - 3 - 2 - strlen(CD "name=\"a\"") - 4);
	buf_puts(&b, "\r\n" CD "name=\"a\"\r\n\r\nv" CLOSE);
	return run_buf(MUL, &b, &limits, &s);
}

static void
head_length(void **state)
{
	(void)state;
	assert_int_equal(head_of(4096), FORM_FINE);
	assert_int_equal(head_of(4097), FORM_MALFORMED);
}

static enum form_fault
epilogue_of(size_t n)
{
	struct sink s = { 0 };
	struct buf b;

	buf_init(&b, 65536);
	buf_puts(&b, "--BB--");
	buf_fill(&b, ' ', n);
	return run_buf(MUL, &b, &limits, &s);
}

static void
epilogue_length(void **state)
{
	(void)state;
	assert_int_equal(epilogue_of(1024), FORM_FINE);
	assert_int_equal(epilogue_of(1025), FORM_MALFORMED);
}

/* 1,024 bytes of a name are kept; a character is never cut in two. */
static void
filename_length(void **state)
{
	struct sink s = { 0 };
	struct buf b;

	(void)state;
	buf_init(&s.log, 65536);
	buf_init(&b, 65536);
	buf_puts(&b, OPEN CD "name=\"f\"; filename=\"");
	buf_fill(&b, 'x', FORM_FILENAME_MAX - 1);
	buf_puts(&b, "\xc3\xa9zz\"\r\n\r\n" CLOSE);
	assert_int_equal(run_buf(MUL, &b, &limits, &s), FORM_FINE);
	assert_int_equal(s.log.len, FORM_FILENAME_MAX - 1 + 4);
	assert_memory_equal(s.log.data + s.log.len - 4, "x|:]", 4);
	buf_done(&s.log);
}

static void
file_refused(void **state)
{
	struct sink s = { .stop = true };
	struct buf b;

	(void)state;
	buf_init(&b, 65536);
	buf_puts(&b, OPEN FILE_("n", "x") CLOSE);
	assert_int_equal(run_buf(MUL, &b, &limits, &s), FORM_REFUSED);
}

static void
files_unwanted(void **state)
{
	const char *named = OPEN FILE_("n", "x") CLOSE;
	const char *empty = OPEN FILE_("", "") CLOSE;
	struct form *f;

	(void)state;
	assert_int_equal(form_new(MUL, &limits, NULL, &f), ERR_OK);
	assert_int_equal(feed(f, named, strlen(named)), FORM_STOP);
	assert_int_equal(form_end(f), FORM_MALFORMED);
	form_free(f);
	assert_int_equal(form_new(MUL, &limits, NULL, &f), ERR_OK);
	assert_int_equal(feed(f, empty, strlen(empty)), FORM_TAKEN);
	assert_int_equal(form_end(f), FORM_FINE);
	form_free(f);
}

/* A token stands before the files: it can be had while they arrive. */
static enum form_take
ask_start(void *arg, const char *name, const char *type)
{
	struct form **f = arg;

	(void)name;
	(void)type;
	assert_string_equal(form_get(*f, "a"), "tok");
	return FORM_STOP;
}

static void
field_before_file(void **state)
{
	const char *body = OPEN PART("a", "tok") NEXT FILE_("n", "x") CLOSE;
	struct form *f = NULL;
	const struct form_files files = { ask_start, on_data, on_end, &f };

	(void)state;
	assert_int_equal(form_new(MUL, &limits, &files, &f), ERR_OK);
	assert_int_equal(feed(f, body, strlen(body)), FORM_STOP);
	assert_int_equal(form_fault(f), FORM_REFUSED);
	form_free(f);
}

/*
 * An application that takes little at a time does not make us search the
 * rest again and again: that would be 2^40 bytes here.
 */
static void
not_quadratic(void **state)
{
	struct sink s = { .most = 512 };
	clock_t begun = clock();
	struct buf b;

	(void)state;
	buf_init(&s.log, (size_t)1 << 26);
	buf_init(&b, (size_t)1 << 26);
	buf_puts(&b, OPEN FILE_("n", ""));
	buf_fill(&b, 'x', (size_t)1 << 25);
	buf_puts(&b, CLOSE);
	assert_int_equal(run_buf(MUL, &b, &limits, &s), FORM_FINE);
	assert_true((clock() - begun) / CLOCKS_PER_SEC < 10);
	buf_done(&s.log);
}

/* Nothing more is taken after a fault. */
static void
sticky(void **state)
{
	struct form *f;
	size_t k;

	(void)state;
	assert_int_equal(form_new(URL, &limits, NULL, &f), ERR_OK);
	assert_int_equal(feed(f, "a=%zz", 5), FORM_STOP);
	assert_int_equal(form_feed(f, (struct bytes){ "b=1", 3 }, &k),
	    FORM_STOP);
	assert_int_equal(k, 0);
	assert_int_equal(form_end(f), FORM_MALFORMED);
	form_free(f);
}

#define N_VECTORS (sizeof(vectors) / sizeof(vectors[0]))

int
main(void)
{
	const struct CMUnitTest other[] = {
		cmocka_unit_test(content_types),
		cmocka_unit_test(part_count),
		cmocka_unit_test(head_length),
		cmocka_unit_test(epilogue_length),
		cmocka_unit_test(filename_length),
		cmocka_unit_test(file_refused),
		cmocka_unit_test(files_unwanted),
		cmocka_unit_test(field_before_file),
		cmocka_unit_test(not_quadratic),
		cmocka_unit_test(sticky),
	};
	struct CMUnitTest each[N_VECTORS];
	size_t i;
	int bad;

	for (i = 0; i < N_VECTORS; i++)
		each[i] = (struct CMUnitTest){ vectors[i].name, vector, NULL,
		    NULL, &vectors[i] };
	bad = cmocka_run_group_tests_name("form vectors", each, NULL, NULL);
	return bad + cmocka_run_group_tests_name("form", other, NULL, NULL);
}
