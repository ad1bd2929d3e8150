/* The one way to say something: gathered, then printed at the end. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "audit.h"
#include "js.h"
#include "utf8.h"

#define SENTENCE_MAX	4096
#define LINES_SHOWN	50
#define WIB_SEC		(7 * 3600)

static void
sentence(const struct audit *a, enum audit_word w, const char *one,
    const char *two, struct buf *out)
{
	const char *arg[2] = { one == NULL ? "" : one, two == NULL ? "" : two };
	struct buf seen[2];
	size_t i;

	for (i = 0; i < 2; i++) {
		buf_init(&seen[i], SENTENCE_MAX);
		utf8_visible_line(arg[i], strlen(arg[i]), &seen[i]);
		arg[i] = buf_text(&seen[i]);
	}
	audit_words_put(w, a->lang, arg, out);
	buf_done(&seen[0]);
	buf_done(&seen[1]);
}

enum audit_exit
audit_fail(struct audit *a, enum audit_exit x, enum audit_word w,
    const char *one, const char *two)
{
	struct buf text;

	if (a->failure != NULL)
		return x;
	buf_init(&text, 3 * SENTENCE_MAX);
	sentence(a, w, one, two, &text);
	a->failure = json_pack("{s:s, s:s}", "code", audit_words_code(w),
	    "text", buf_text(&text));
	buf_done(&text);
	return x;
}

enum audit_exit
audit_err(struct audit *a, enum err e, enum audit_word w, const char *one)
{
	return audit_fail(a, AUDIT_UNREAD, w, one,
	    e == ERR_SYS && errno != 0 ? strerror(errno) : err_text(e));
}

void
audit_say(struct audit *a, enum audit_word w, const char *one,
    const char *two)
{
	sentence(a, w, one, two, &a->out);
}

void
audit_set(struct audit *a, const char *key, json_t *v)
{
	(void)json_object_set_new(a->result, key, v);
}

void
audit_find(struct audit *a, enum finding_code code, const char *detail)
{
	struct finding f = { .code = code };

	(void)snprintf(f.detail, sizeof(f.detail), "%s", detail);
	findings_add(&a->findings, &f);
}

void
audit_find_epoch(struct audit *a, enum finding_code code, uint64_t epoch,
    const char *detail)
{
	struct finding f = { .code = code, .has_epoch = true, .epoch = epoch };

	(void)snprintf(f.detail, sizeof(f.detail), "%s", detail);
	findings_add(&a->findings, &f);
}

void
audit_number(uint64_t v, char out[static AUDIT_NUMBER])
{
	(void)snprintf(out, AUDIT_NUMBER, "%llu", (unsigned long long)v);
}

void
audit_date(const struct audit *a, uint64_t epoch, char out[static AUDIT_DATE])
{
	struct tm tm;
	time_t t;

	(void)snprintf(out, AUDIT_DATE, "-");
	if (a->epoch_seconds == 0 || epoch > INT64_MAX / 2 / a->epoch_seconds)
		return;
	t = (time_t)(epoch * a->epoch_seconds + WIB_SEC);
	if (gmtime_r(&t, &tm) != NULL)
		(void)strftime(out, AUDIT_DATE, "%Y-%m-%d", &tm);
}

static void
finding_text_put(const struct audit *a, const struct finding *f,
    struct buf *out)
{
	buf_puts(out, finding_sentence(f->code, a->lang == AUDIT_EN));
	if (f->detail[0] != '\0') {
		buf_puts(out, " (");
		utf8_visible_line(f->detail, strlen(f->detail), out);
		buf_puts(out, ")");
	}
}

json_t *
audit_finding_json(const struct audit *a, const struct finding *f)
{
	char name[CASE_NAME_LEN + 1], date[AUDIT_DATE];
	struct buf text;
	json_t *o;

	buf_init(&text, SENTENCE_MAX);
	finding_text_put(a, f, &text);
	o = json_pack("{s:s, s:s}", "code", finding_text(f->code), "level",
	    finding_level_text(finding_level_of(f->code)));
	if (f->has_case) {
		case_name(f->case_id, name);
		(void)json_object_set_new(o, "case", json_string(name));
	}
	if (f->has_epoch) {
		(void)json_object_set_new(o, "epoch",
		    json_integer((json_int_t)f->epoch));
		audit_date(a, f->epoch, date);
		(void)json_object_set_new(o, "date", json_string(date));
	}
	if (f->has_leaf)
		(void)json_object_set_new(o, "leaf",
		    json_integer((json_int_t)f->leaf));
	(void)json_object_set_new(o, "text", json_string(buf_text(&text)));
	buf_done(&text);
	return o;
}

void
audit_finding_line(const struct audit *a, const struct finding *f,
    struct buf *out)
{
	bool en = a->lang == AUDIT_EN;
	char name[CASE_NAME_LEN + 1], date[AUDIT_DATE];

	buf_printf(out, "%s: ", finding_text(f->code));
	finding_text_put(a, f, out);
	if (f->has_case) {
		case_name(f->case_id, name);
		buf_printf(out, en ? " Case %s." : " Perkara %s.", name);
	}
	if (f->has_epoch) {
		audit_date(a, f->epoch, date);
		buf_printf(out, " Epoch %llu (%s).",
		    (unsigned long long)f->epoch, date);
	}
	if (f->has_leaf)
		buf_printf(out, en ? " Leaf %llu." : " Daun %llu.",
		    (unsigned long long)f->leaf);
	buf_putc(out, '\n');
}

/* For programs all findings, for people the first of them. */
enum audit_exit
audit_verdict(struct audit *a)
{
	const struct finding *f = findings_first(&a->findings);
	json_t *list = json_array(), *first;
	char number[AUDIT_NUMBER];
	size_t i;

	for (i = 0; i < a->findings.n; i++) {
		(void)json_array_append_new(list, audit_finding_json(a,
		    &a->findings.item[i]));
		if (i < LINES_SHOWN)
			audit_finding_line(a, &a->findings.item[i], &a->out);
	}
	if (a->findings.n > LINES_SHOWN || a->findings.dropped > 0) {
		audit_number(a->findings.n + a->findings.dropped -
		    LINES_SHOWN, number);
		audit_say(a, A_MORE, number, NULL);
	}
	audit_set(a, "findings", list);
	if (a->findings.failed)
		return audit_err(a, ERR_SYS, A_MACHINE, "memory");
	if (f == NULL) {
		audit_say(a, A_ALL_WELL, NULL, NULL);
		return AUDIT_WELL;
	}
	first = audit_finding_json(a, f);
	(void)json_object_update(a->result, first);
	json_decref(first);
	(void)json_object_del(a->result, "level");
	audit_number(findings_broken(&a->findings), number);
	audit_say(a, A_BROKEN, number, NULL);
	return AUDIT_BROKEN;
}

static bool
print_json(struct audit *a, enum audit_exit x)
{
	struct buf text;
	bool ok;

	(void)json_object_set_new(a->result, "ok",
	    json_boolean(x == AUDIT_WELL));
	if (a->failure != NULL)
		(void)json_object_update(a->result, a->failure);
	buf_init(&text, AUDIT_OUT_MAX);
	ok = js_print(a->result, JSON_COMPACT | JSON_ENSURE_ASCII, &text) ==
	    ERR_OK &&
	    fd_write(STDOUT_FILENO, text.data, text.len) == ERR_OK &&
	    fd_write(STDOUT_FILENO, "\n", 1) == ERR_OK;
	buf_done(&text);
	return ok;
}

enum audit_exit
audit_print(struct audit *a, enum audit_exit x)
{
	bool ok = true;
	enum err e;

	if (buf_err(&a->out) != ERR_OK)
		x = audit_err(a, buf_err(&a->out), A_MACHINE, "memory");
	if (x == AUDIT_WELL && (e = memory_err()) != ERR_OK)
		x = audit_err(a, e, A_MACHINE, "memory");
	if (a->json)
		ok = print_json(a, x);
	else if (a->out.len > 0)
		ok = fd_write(STDOUT_FILENO, a->out.data, a->out.len) ==
		    ERR_OK;
	if (!ok)
		(void)fprintf(stderr, "peluit-audit: stdout: %s\n",
		    strerror(errno));
	else if (!a->json && a->failure != NULL)
		(void)fprintf(stderr, "peluit-audit: %s\n", json_string_value(
		    json_object_get(a->failure, "text")));
	/* There was no memory even to say what was wrong. */
	else if (!a->json && x != AUDIT_WELL && x != AUDIT_BROKEN)
		(void)fprintf(stderr, "peluit-audit: memory\n");
	return ok ? x : AUDIT_UNREAD;
}
