/* The page, section by section. */
#include <stdio.h>
#include <string.h>

#include "finding.h"
#include "page_out.h"
#include "page_table.h"

#define BARS_MAX	64
#define LABEL_MAX	64

struct page {
	const json_t *r;
	struct page_options o;
	struct buf *out;
};

static const char *
word(const struct page *p, enum page_word w)
{
	return page_word(w, p->o.english);
}

static json_int_t
get(const json_t *o, const char *key)
{
	return json_integer_value(json_object_get(o, key));
}

static const char *
text(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s == NULL ? "-" : s;
}

static void
heading(struct page *p, enum page_word w)
{
	buf_puts(p->out, "<h2>");
	page_escape(word(p, w), p->out);
	buf_puts(p->out, "</h2>\n");
}

static void
row_text(struct page *p, enum page_word w, const char *value, bool mono)
{
	buf_puts(p->out, "<tr><th scope=\"row\">");
	page_escape(word(p, w), p->out);
	buf_puts(p->out, mono ? "</th><td class=\"hash\">" : "</th><td>");
	page_escape(value, p->out);
	buf_puts(p->out, "</td></tr>\n");
}

static void
row_number(struct page *p, enum page_word w, json_int_t n)
{
	char s[32];

	(void)snprintf(s, sizeof(s), "%lld", (long long)n);
	row_text(p, w, s, false);
}

static void
cell(struct page *p, const char *s)
{
	buf_puts(p->out, "<td>");
	page_escape(s, p->out);
	buf_puts(p->out, "</td>");
}

static void
cell_number(struct page *p, json_int_t n)
{
	buf_printf(p->out, "<td class=\"n\">%lld</td>", (long long)n);
}

/* The head of a table; the list ends with PAGE_WORDS. */
static void
table(struct page *p, const enum page_word *w)
{
	buf_puts(p->out, "<table><thead><tr>");
	for (; *w != PAGE_WORDS; w++) {
		buf_puts(p->out, "<th scope=\"col\">");
		page_escape(word(p, *w), p->out);
		buf_puts(p->out, "</th>");
	}
	buf_puts(p->out, "</tr></thead><tbody>\n");
}

static void
table_end(struct page *p)
{
	buf_puts(p->out, "</tbody></table>\n");
}

static void
none(struct page *p)
{
	buf_printf(p->out, "<p>%s</p>\n", word(p, P_NONE));
}

static void
top(struct page *p)
{
	const json_t *log = json_object_get(p->r, "log");
	bool well = json_is_true(json_object_get(p->r, "ok"));
	char period[64];

	buf_printf(p->out, "<!DOCTYPE html>\n<html lang=\"%s\"><head>"
	    "<meta charset=\"utf-8\"><meta name=\"viewport\" content="
	    "\"width=device-width\"><meta http-equiv=\""
	    "Content-Security-Policy\" content=\"default-src 'none'; "
	    "style-src 'unsafe-inline'\"><title>", p->o.english ? "en" : "id");
	page_escape(word(p, P_TITLE), p->out);
	buf_puts(p->out, "</title><style>");
	buf_puts(p->out, page_style);
	buf_puts(p->out, "</style></head><body>\n<h1>");
	page_escape(word(p, P_TITLE), p->out);
	buf_puts(p->out, ": ");
	page_escape(text(p->r, "origin"), p->out);
	buf_printf(p->out, "</h1>\n<p class=\"verdict%s\">%s",
	    well ? "" : " broken", word(p, well ? P_WELL : P_BROKEN));
	if (!well) {
		buf_puts(p->out, " <span class=\"code\">");
		page_escape(text(p->r, "code"), p->out);
		buf_puts(p->out, "</span>");
	}
	buf_puts(p->out, "</p>\n<table><tbody>\n");
	row_text(p, P_CHECKED, text(p->r, "checked_date"), false);
	(void)snprintf(period, sizeof(period), "%.12s %.12s %.12s",
	    text(log, "first_date"), word(p, P_TO), text(log, "last_date"));
	row_text(p, P_PERIOD, period, false);
	row_number(p, P_CASES, get(json_object_get(p->r, "cases"), "total"));
	row_number(p, P_EVENTS, get(log, "events"));
	row_number(p, P_LEAVES, get(p->r, "size"));
	row_text(p, P_ROOT, text(p->r, "root"), true);
	(void)snprintf(period, sizeof(period), "%lld / %lld",
	    (long long)get(log, "watched"), (long long)get(log, "epochs"));
	row_text(p, P_WATCHED, period, false);
	if (get(log, "unopened") > 0)
		row_number(p, P_UNOPENED, get(log, "unopened"));
	table_end(p);
}

/* The two forms of a label with numbers; no format string from a table. */
static void
hours_label(struct page *p, json_int_t from, json_int_t to, bool over,
    char out[static LABEL_MAX])
{
	const char *unit = p->o.english ? "hours" : "jam";

	if (over)
		(void)snprintf(out, LABEL_MAX, p->o.english ?
		    "over %lld %s" : "di atas %lld %s", (long long)from, unit);
	else
		(void)snprintf(out, LABEL_MAX, "%lld\u2013%lld %s",
		    (long long)from, (long long)to, unit);
}

static void
response(struct page *p)
{
	const json_t *r = json_object_get(p->r, "response"), *bins, *bin;
	struct page_bar bar[BARS_MAX];
	char label[BARS_MAX][LABEL_MAX];
	json_int_t hours = get(r, "hours"), to;
	size_t i, n;

	heading(p, P_RESPONSE);
	buf_printf(p->out, p->o.english ? "<p>Limit: %lld hours from the "
	    "report. Times are read in epochs; what is at the limit cannot be "
	    "told.</p>\n" : "<p>Batas: %lld jam sejak laporan. Waktu dibaca "
	    "per epoch; yang tepat di batas tidak dapat dipastikan.</p>\n",
	    (long long)hours);
	bins = json_object_get(r, "bins");
	n = json_array_size(bins) < BARS_MAX ? json_array_size(bins) :
	    BARS_MAX;
	for (i = 0; i < n; i++) {
		bin = json_array_get(bins, i);
		to = i + 1 < n ? get(json_array_get(bins, i + 1),
		    "from_hours") : hours;
		hours_label(p, get(bin, "from_hours"), to, i + 1 == n,
		    label[i]);
		bar[i] = (struct page_bar){ label[i], get(bin, "n"),
		    i + 1 == n };
	}
	page_bars(word(p, P_RESPONSE), bar, n, p->out);
	buf_puts(p->out, "<table><tbody>\n");
	row_number(p, P_KEPT, get(r, "kept"));
	row_number(p, P_UNCERTAIN, get(r, "uncertain"));
	row_number(p, P_LATE, get(r, "late"));
	row_number(p, P_WAITING, get(r, "waiting"));
	table_end(p);
}

static void
counts(struct page *p, enum page_word w, const char *key)
{
	json_t *o = json_object_get(json_object_get(p->r, "cases"), key), *v;
	struct page_bar bar[BARS_MAX];
	const char *code;
	size_t n = 0;

	heading(p, w);
	json_object_foreach(o, code, v)
		if (n < BARS_MAX)
			bar[n++] = (struct page_bar){ page_label(code,
			    p->o.english), json_integer_value(v), false };
	if (n == 0)
		none(p);
	else
		page_bars(word(p, w), bar, n, p->out);
}

static void
late(struct page *p)
{
	static const enum page_word head[] = { P_DATE, P_EPOCH, P_HOURS,
		P_ANSWERED, PAGE_WORDS };
	static const enum page_word head_case[] = { P_CASE, P_DATE, P_EPOCH,
		P_HOURS, P_ANSWERED, PAGE_WORDS };
	const json_t *list = json_object_get(p->r, "late"), *one;
	size_t i;

	heading(p, P_LATE_CASES);
	if (json_array_size(list) == 0) {
		none(p);
		return;
	}
	table(p, p->o.cases ? head_case : head);
	json_array_foreach(list, i, one) {
		buf_puts(p->out, "<tr>");
		if (p->o.cases)
			cell(p, text(one, "case"));
		cell(p, text(one, "date"));
		cell_number(p, get(one, "epoch"));
		cell_number(p, get(one, "hours"));
		cell(p, word(p, json_is_true(json_object_get(one,
		    "answered")) ? P_YES : P_NO));
		buf_puts(p->out, "</tr>\n");
	}
	table_end(p);
}

static void
officers(struct page *p)
{
	static const enum page_word head[] = { P_OFFICER, P_ROLE, P_ACCESS,
		P_REPLIES, P_STATUSES, P_REFERRALS, P_IDENTITIES, PAGE_WORDS };
	const json_t *list = json_object_get(p->r, "officers"), *one;
	size_t i;

	heading(p, P_OFFICERS);
	if (json_array_size(list) == 0) {
		none(p);
		return;
	}
	table(p, head);
	json_array_foreach(list, i, one) {
		buf_puts(p->out, "<tr>");
		cell(p, text(one, "label"));
		cell(p, page_label(text(one, "role"), p->o.english));
		cell_number(p, get(one, "access"));
		cell_number(p, get(one, "replies"));
		cell_number(p, get(one, "statuses"));
		cell_number(p, get(one, "referrals"));
		cell_number(p, get(one, "identities"));
		buf_puts(p->out, "</tr>\n");
	}
	table_end(p);
}

static void
labels(struct page *p, const json_t *list)
{
	const json_t *one;
	size_t i;

	buf_puts(p->out, "<td>");
	json_array_foreach(list, i, one) {
		buf_puts(p->out, i == 0 ? "" : ", ");
		page_escape(text(one, "label"), p->out);
	}
	buf_puts(p->out, "</td>");
}

static void
rosters(struct page *p)
{
	static const enum page_word head[] = { P_NUMBER, P_DATE, P_EPOCH,
		P_ADDED, P_REMOVED, PAGE_WORDS };
	const json_t *list = json_object_get(p->r, "roster_changes"), *one;
	size_t i;

	heading(p, P_ROSTERS);
	table(p, head);
	json_array_foreach(list, i, one) {
		buf_puts(p->out, "<tr>");
		cell_number(p, get(one, "number"));
		cell(p, text(one, "date"));
		cell_number(p, get(one, "epoch"));
		labels(p, json_object_get(one, "added"));
		labels(p, json_object_get(one, "removed"));
		buf_puts(p->out, "</tr>\n");
	}
	table_end(p);
}

/* In the page's own language, whatever language the audit spoke. */
static const char *
sentence(const struct page *p, const char *code)
{
	size_t i;

	for (i = 0; i < FINDING_CODES; i++)
		if (strcmp(finding_text((enum finding_code)i), code) == 0)
			return finding_sentence((enum finding_code)i,
			    p->o.english);
	return code;
}

static void
findings(struct page *p)
{
	static const enum page_word head[] = { P_CODE, P_MEANING, P_DATE,
		P_EPOCH, PAGE_WORDS };
	static const enum page_word head_case[] = { P_CODE, P_MEANING, P_DATE,
		P_EPOCH, P_CASE, PAGE_WORDS };
	const json_t *list = json_object_get(p->r, "findings"), *one;
	size_t i;

	heading(p, P_FINDINGS);
	if (json_array_size(list) == 0) {
		none(p);
		return;
	}
	table(p, p->o.cases ? head_case : head);
	json_array_foreach(list, i, one) {
		buf_puts(p->out, "<tr><td class=\"code\">");
		page_escape(text(one, "code"), p->out);
		buf_puts(p->out, "</td>");
		cell(p, sentence(p, text(one, "code")));
		cell(p, text(one, "date"));
		if (json_object_get(one, "epoch") != NULL)
			cell_number(p, get(one, "epoch"));
		else
			cell(p, "-");
		if (p->o.cases)
			cell(p, text(one, "case"));
		buf_puts(p->out, "</tr>\n");
	}
	table_end(p);
}

enum err
page_out(const json_t *result, const struct page_options *o, struct buf *out)
{
	struct page p = { result, *o, out };

	top(&p);
	findings(&p);
	response(&p);
	late(&p);
	counts(&p, P_BY_STATE, "by_status");
	counts(&p, P_BY_CHANNEL, "by_channel");
	officers(&p);
	rosters(&p);
	buf_printf(out, "<footer><p>%s</p></footer>\n</body></html>\n",
	    word(&p, P_FOOT));
	return buf_err(out);
}

static void
strip(json_t *v)
{
	json_t *one;
	size_t i;

	json_array_foreach(v, i, one) {
		(void)json_object_del(one, "case");
		/* A leaf is as good as a name to who has the disclosures. */
		(void)json_object_del(one, "leaf");
	}
}

json_t *
page_without_cases(const json_t *result)
{
	json_t *copy = json_deep_copy(result);

	(void)json_object_del(copy, "case");
	(void)json_object_del(copy, "leaf");
	strip(json_object_get(copy, "findings"));
	strip(json_object_get(copy, "late"));
	return copy;
}
