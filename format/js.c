/* JSON, reading.  See js.h. */
#include <malloc.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include "js.h"
#include "line.h"
#include "utf8.h"

#define DEPTH_MAX	8

/*
 * A text that is being read in this thread.  jansson 2.14 goes on without
 * memory there: its lexer does not see that a byte was not kept, and then
 * reads and writes behind what was.  So it is left where it stands, and what
 * it held is given back here.
 */
static _Thread_local struct {
	bool on;
	jmp_buf out;
	void **held;
	size_t n, max;
} reading;

/* Where a block says which of the held it is: its last bytes. */
static char *
number(void *p)
{
	return (char *)p + malloc_usable_size(p) - sizeof(size_t);
}

static void *
asked(size_t n)
{
	size_t max = 2 * (reading.n + 64);
	void *p, *more;

	if (!reading.on) {
		if ((p = malloc(n)) == NULL)
			memory_refused();
		return p;
	}
	if (reading.n == reading.max) {
		more = reallocarray(reading.held, max, sizeof(void *));
		if (more == NULL)
			longjmp(reading.out, 1);
		reading.held = more;
		reading.max = max;
	}
	p = n > SIZE_MAX - sizeof(n) ? NULL : malloc(n + sizeof(n));
	if (p == NULL)
		longjmp(reading.out, 1);
	memcpy(number(p), &reading.n, sizeof(reading.n));
	reading.held[reading.n++] = p;
	return p;
}

/*
 * What jansson held may be the text of a report: it is wiped on its way out.
 * The size comes from the allocator, so that a text that jansson handed out
 * can still be released by free.
 */
static void
wiping_free(void *p)
{
	void *last;
	size_t i;

	if (p == NULL)
		return;
	if (reading.on) {
		memcpy(&i, number(p), sizeof(i));
		last = reading.held[--reading.n];
		reading.held[i] = last;
		memcpy(number(last), &i, sizeof(i));
	}
	wipe(p, malloc_usable_size(p));
	free(p);
}

/* Before main, since jansson must not see two allocators. */
__attribute__((constructor)) static void
install(void)
{
	json_set_alloc_funcs(asked, wiping_free);
}

/*
 * A look before jansson allocates: brackets in strings aside, how deep and
 * how many.  Whether it is JSON at all is jansson's to say.
 */
static enum err
bounded(struct bytes text, size_t values_max)
{
	const char *p = text.p;
	size_t i, depth = 0, values = 0;
	bool quoted = false;

	for (i = 0; i < text.n; i++) {
		if (quoted) {
			if (p[i] == '\\')
				i++;
			else if (p[i] == '"')
				quoted = false;
			continue;
		}
		if (p[i] == '"')
			quoted = true;
		else if (p[i] == ',')
			values++;
		else if (p[i] == '[' || p[i] == '{') {
			values++;
			depth++;
		} else if ((p[i] == ']' || p[i] == '}') && depth > 0)
			depth--;
		if (depth > DEPTH_MAX || values > values_max)
			return ERR_RANGE;
	}
	return ERR_OK;
}

/* json_loadb, or ERR_SYS. */
static enum err
load(struct bytes text, json_t **out, json_error_t *why)
{
	enum err e = ERR_OK;

	reading.on = true;
	if (setjmp(reading.out) == 0) {
		*out = json_loadb(text.p, text.n, JSON_REJECT_DUPLICATES, why);
	} else {
		while (reading.n > 0)
			wiping_free(reading.held[reading.n - 1]);
		e = ERR_SYS;
	}
	free(reading.held);
	memset(&reading, 0, sizeof(reading));
	return e;
}

enum err
js_read(struct bytes text, size_t values_max, json_t **out)
{
	json_error_t why;
	enum err e;

	*out = NULL;
	if (!utf8_valid(text.p, text.n))
		return ERR_FORMAT;
	e = bounded(text, values_max);
	if (e != ERR_OK)
		return e;
	e = load(text, out, &why);
	if (e == ERR_OK && *out == NULL)
		e = json_error_code(&why) == json_error_out_of_memory ?
		    ERR_SYS : ERR_FORMAT;
	/* It quotes what it could not read. */
	wipe(&why, sizeof(why));
	return e;
}

struct js
js_of(const json_t *o)
{
	struct js r = { o, json_is_object(o) ? ERR_OK : ERR_FORMAT };

	return r;
}

bool
js_has(const struct js *r, const char *key)
{
	return r->err == ERR_OK && json_object_get(r->o, key) != NULL;
}

static void
fail(struct js *r, enum err e)
{
	if (r->err == ERR_OK)
		r->err = e;
}

const json_t *
js_member(struct js *r, const char *key, json_type type)
{
	const json_t *v;

	if (r->err != ERR_OK)
		return NULL;
	v = json_object_get(r->o, key);
	if (v != NULL && json_typeof(v) == type)
		return v;
	fail(r, ERR_FORMAT);
	return NULL;
}

void
js_text(struct js *r, const char *key, char *out, size_t size)
{
	const json_t *v = js_member(r, key, JSON_STRING);

	memset(out, 0, size);
	if (v != NULL)
		fail(r, line_text((struct bytes){ json_string_value(v),
		    json_string_length(v) }, out, size));
}

enum err
js_string(const json_t *value, size_t chars, char **out)
{
	const char *s = json_string_value(value);
	size_t n = json_string_length(value);

	*out = NULL;
	if (s == NULL)
		return ERR_FORMAT;
	if (utf8_count(s, n) > chars)
		return ERR_RANGE;
	*out = malloc(n + 1);
	if (*out == NULL)
		return ERR_SYS;
	memcpy(*out, s, n + 1);
	return ERR_OK;
}

void
js_copy(struct js *r, const char *key, size_t chars, char **out)
{
	const json_t *v = js_member(r, key, JSON_STRING);

	*out = NULL;
	if (v != NULL)
		fail(r, js_string(v, chars, out));
}

void
js_hex(struct js *r, const char *key, void *out, size_t n)
{
	const json_t *v = js_member(r, key, JSON_STRING);

	memset(out, 0, n);
	if (v != NULL)
		fail(r, hex_decode((struct bytes){ json_string_value(v),
		    json_string_length(v) }, out, n));
}

void
js_i64(struct js *r, const char *key, int64_t *out)
{
	const json_t *v = js_member(r, key, JSON_INTEGER);

	*out = v == NULL ? 0 : json_integer_value(v);
}

void
js_u64(struct js *r, const char *key, uint64_t *out)
{
	int64_t v;

	*out = 0;
	js_i64(r, key, &v);
	if (v < 0)
		fail(r, ERR_RANGE);
	else
		*out = (uint64_t)v;
}

enum err
js_recipient(const json_t *value, struct age_recipient *out)
{
	char text[AGE_RECIPIENT_LEN + 1];

	memset(out, 0, sizeof(*out));
	if (!json_is_string(value) ||
	    line_text((struct bytes){ json_string_value(value),
		json_string_length(value) }, text, sizeof(text)) != ERR_OK ||
	    age_recipient_decode(text, out) != ERR_OK)
		return ERR_FORMAT;
	return ERR_OK;
}

void
js_age(struct js *r, const char *key, struct age_recipient *out)
{
	const json_t *v = js_member(r, key, JSON_STRING);

	memset(out, 0, sizeof(*out));
	if (v != NULL)
		fail(r, js_recipient(v, out));
}
