/* report: the last full audit, for programs and for people. */
#include <stdlib.h>
#include <string.h>

#include "audit_full.h"
#include "audit_home.h"
#include "js.h"
#include "page_out.h"

/* The result that the home keeps; NULL: there is none. */
static enum audit_exit
load(struct audit *a, json_t **out)
{
	uint8_t *data = NULL;
	size_t len = 0;
	enum err e;

	*out = NULL;
	e = audit_home_get(a, HOME_RESULT, AUDIT_OUT_MAX, &data, &len);
	if (e == ERR_NOTFOUND)
		return AUDIT_WELL;
	if (e == ERR_OK) {
		e = js_read((struct bytes){ data, len }, len, out);
		free(data);
		if (e == ERR_OK && !json_is_object(*out))
			e = ERR_FORMAT;
	}
	return e == ERR_OK ? AUDIT_WELL : audit_err(a, e, A_HOME_DAMAGED,
	    HOME_RESULT);
}

static enum audit_exit
write_out(struct audit *a, const char *path, const void *p, size_t n)
{
	enum err e = file_write(path, p, n, 0644);

	if (e != ERR_OK)
		return audit_err(a, e, A_FILE_WRITE, path);
	audit_say(a, A_REPORT_WROTE, path, NULL);
	return AUDIT_WELL;
}

static enum audit_exit
write_json(struct audit *a, const json_t *result, const char *path)
{
	enum audit_exit x;
	struct buf text;
	enum err e;

	buf_init(&text, AUDIT_OUT_MAX);
	e = js_print(result, JSON_INDENT(2), &text);
	x = e != ERR_OK ? audit_err(a, e, A_MACHINE, "memory") :
	    write_out(a, path, text.data, text.len);
	buf_done(&text);
	return x;
}

static enum audit_exit
write_html(struct audit *a, const json_t *result, const char *path,
    bool cases)
{
	struct page_options o = { a->lang == AUDIT_EN, cases };
	enum audit_exit x;
	struct buf page;
	enum err e;

	buf_init(&page, AUDIT_OUT_MAX);
	e = page_out(result, &o, &page);
	x = e != ERR_OK ? audit_err(a, e, A_MACHINE, "memory") :
	    write_out(a, path, page.data, page.len);
	buf_done(&page);
	return x;
}

/* A fresh audit if one is asked for or none was made. */
static enum audit_exit
result_of(struct audit *a, const char *identity, json_t **out)
{
	char *own = audit_home_path(a, "identity.age");
	enum audit_exit x = AUDIT_WELL;
	bool whole;

	*out = NULL;
	if (identity == NULL)
		x = load(a, out);
	if (x == AUDIT_WELL && *out == NULL && (identity != NULL ||
	    file_exists(own))) {
		/* One that was cut short is told, and no older one instead. */
		x = audit_full(a, identity, &whole);
		if (whole)
			x = load(a, out);
	}
	if (x == AUDIT_WELL && *out == NULL)
		x = audit_fail(a, AUDIT_UNREAD, A_NO_RESULT, NULL, NULL);
	free(own);
	return x;
}

enum audit_exit
audit_cmd_report(struct audit *a, const struct audit_command *c, int argc,
    char **argv)
{
	const char *json = NULL, *html = NULL, *identity = NULL;
	bool cases = false;
	const struct audit_option spec[] = {
		{ "--json", &json, NULL }, { "--html", &html, NULL },
		{ "--identity", &identity, NULL },
		{ "--cases", NULL, &cases }, { NULL, NULL, NULL },
	};
	json_t *result = NULL, *plain;
	enum audit_exit x;
	enum err e;

	if ((x = audit_args(a, c, spec, &argc, argv)) != AUDIT_WELL)
		return x;
	if (json == NULL && html == NULL)
		return audit_fail(a, AUDIT_USAGE, A_OPTION_MISSING,
		    "--json, --html", c->usage);
	if ((x = audit_home_open(a)) != AUDIT_WELL ||
	    (x = result_of(a, identity, &result)) != AUDIT_WELL)
		return x;
	if (!cases) {
		plain = page_without_cases(result);
		json_decref(result);
		result = plain;
	}
	if ((e = memory_err()) != ERR_OK)	/* a copy that lacks a part */
		x = audit_err(a, e, A_MACHINE, "memory");
	if (x == AUDIT_WELL && json != NULL)
		x = write_json(a, result, json);
	if (x == AUDIT_WELL && html != NULL)
		x = write_html(a, result, html, cases);
	if (x == AUDIT_WELL) {
		(void)json_object_update(a->result, result);
		/* The report's verdict is this command's. */
		if (!json_is_true(json_object_get(result, "ok")))
			x = AUDIT_BROKEN;
	}
	json_decref(result);
	return x;
}
