/*
 * The one way to say something: results are gathered and printed at the end,
 * so that a command that fails leaves nothing on stdout.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "js.h"
#include "peluit.h"
#include "utf8.h"

#define SENTENCE_MAX	4096

/* What a sentence carries (file names, a server's words) is made visible. */
static void
sentence(const struct desk *d, enum word w, const char *a, const char *b,
    struct buf *out)
{
	struct buf one, two;

	buf_init(&one, SENTENCE_MAX);
	buf_init(&two, SENTENCE_MAX);
	utf8_visible(a == NULL ? "" : a, a == NULL ? 0 : strlen(a), &one);
	utf8_visible(b == NULL ? "" : b, b == NULL ? 0 : strlen(b), &two);
	words_put(w, d->lang, (const char *const[2]){ buf_text(&one),
	    buf_text(&two) }, out);
	buf_done(&one);
	buf_done(&two);
}

enum peluit_exit
peluit_fail(struct desk *d, enum peluit_exit x, enum word w, const char *a,
    const char *b)
{
	struct buf text;

	buf_init(&text, 3 * SENTENCE_MAX);
	sentence(d, w, a, b, &text);
	(void)json_array_append_new(d->findings, json_pack("{s:s, s:s}",
	    "code", words_code(w), "text", buf_text(&text)));
	buf_done(&text);
	return x;
}

enum peluit_exit
peluit_err(struct desk *d, enum err e, enum word w, const char *a)
{
	return peluit_fail(d, e == ERR_SYS ? DESK_MACHINE : DESK_NO, w, a,
	    e == ERR_SYS && errno != 0 ? strerror(errno) : err_text(e));
}

void
peluit_say(struct desk *d, enum word w, const char *a, const char *b)
{
	sentence(d, w, a, b, &d->out);
}

void
peluit_set(struct desk *d, const char *key, json_t *v)
{
	(void)json_object_set_new(d->result, key, v);
}

void
peluit_text(const struct desk *d, enum word w, const char *a, char *out,
    size_t max)
{
	struct buf text;

	buf_init(&text, 3 * SENTENCE_MAX);
	sentence(d, w, a, NULL, &text);
	(void)snprintf(out, max, "%s", buf_text(&text));
	buf_done(&text);
}

/* One object, always: {"ok":true,...} or {"ok":false,"code","text",...}. */
static bool
print_json(struct desk *d, enum peluit_exit x)
{
	const json_t *first = json_array_get(d->findings, 0);
	json_t *o = json_object();
	struct buf text;
	bool ok;

	(void)json_object_set_new(o, "ok", json_boolean(x == DESK_DONE));
	if (x != DESK_DONE) {
		(void)json_object_set_new(o, "code", json_string(
		    json_string_value(json_object_get(first, "code"))));
		(void)json_object_set_new(o, "text", json_string(
		    json_string_value(json_object_get(first, "text"))));
		if (json_array_size(d->findings) > 1)
			(void)json_object_set(o, "findings", d->findings);
	}
	(void)json_object_update(o, d->result);
	buf_init(&text, DESK_OUT_MAX);
	ok = js_print(o, JSON_COMPACT | JSON_ENSURE_ASCII, &text) == ERR_OK &&
	    fd_write(STDOUT_FILENO, text.data, text.len) == ERR_OK &&
	    fd_write(STDOUT_FILENO, "\n", 1) == ERR_OK;
	json_decref(o);
	buf_done(&text);
	return ok;
}

enum peluit_exit
peluit_print(struct desk *d, enum peluit_exit x)
{
	const json_t *finding;
	size_t i;
	bool ok = true;
	enum err e;

	if (x == DESK_DONE && buf_err(&d->out) != ERR_OK)
		x = peluit_err(d, buf_err(&d->out), W_MACHINE, "memory");
	if (x == DESK_DONE && (e = memory_err()) != ERR_OK)
		x = peluit_err(d, e, W_MACHINE, "memory");
	if (d->json) {
		ok = print_json(d, x);
	} else {
		if (d->out.len > 0)
			ok = fd_write(STDOUT_FILENO, d->out.data,
			    d->out.len) == ERR_OK;
		json_array_foreach(d->findings, i, finding)
			(void)fprintf(stderr, "peluit: %s\n",
			    json_string_value(json_object_get(finding,
			    "text")));
		/* There was no memory even to say what was wrong. */
		if (x != DESK_DONE && json_array_size(d->findings) == 0)
			(void)fprintf(stderr, "peluit: memory\n");
	}
	if (!ok) {
		(void)fprintf(stderr, "peluit: stdout: %s\n",
		    strerror(errno));
		x = x == DESK_DONE ? DESK_MACHINE : x;
	}
	return x;
}
