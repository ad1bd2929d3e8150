/* The template language of render.h, interpreted. */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "render.h"
#include "tables.h"

#define PARTIALS_MAX 8 /* deep; more means that they call each other */

struct span {
	const char *p;
	size_t n;
};

/* Values that a name may mean, from the innermost section outwards. */
struct scope {
	const json_t *value;
	const struct scope *up;
};

struct render {
	const struct render_job *job;
	struct buf *out;
	unsigned partials;
};

struct tag {
	char kind; /* one of # ^ ? / > @ t, or = for a value */
	struct span arg;
};

static void run(struct render *r, const struct scope *sc, struct span in);

static struct span
span_cut(struct span *in, size_t n)
{
	struct span head = {in->p, n};

	assert(n <= in->n);
	in->p += n;
	in->n -= n;
	return head;
}

/* Text up to ${stop}, taken off ${in} with it; all of ${in} if not found. */
static struct span
span_until(struct span *in, const char *stop, bool *found)
{
	size_t len = strlen(stop);
	const char *at = in->n == 0 ? NULL : memmem(in->p, in->n, stop, len);
	struct span head;

	*found = at != NULL;
	if (at == NULL)
		return span_cut(in, in->n);
	head = span_cut(in, (size_t)(at - in->p));
	(void)span_cut(in, len);
	return head;
}

/* Take the next tag, and the plain text before it, off ${in}. */
static bool
next_tag(struct span *in, struct span *plain, struct tag *t)
{
	bool found;

	*plain = span_until(in, "{{", &found);
	if (!found)
		return false;
	t->arg = span_until(in, "}}", &found);
	assert(found && t->arg.n > 0);
	t->kind = '=';
	if (strchr("#^?/>@", t->arg.p[0]) != NULL)
		t->kind = *span_cut(&t->arg, 1).p;
	else if (t->arg.n > 2 && memcmp(t->arg.p, "t ", 2) == 0)
		t->kind = *span_cut(&t->arg, 2).p;
	return true;
}

/* The body of a section whose opening tag was just taken off ${in}. */
static struct span
section_body(struct span *in)
{
	const char *start = in->p;
	unsigned depth = 1;
	struct span plain;
	struct tag t;

	for (;;) {
		bool found = next_tag(in, &plain, &t);

		assert(found);
		if (strchr("#^?", t.kind) != NULL)
			depth++;
		else if (t.kind == '/' && --depth == 0)
			break;
	}
	return (struct span){start, (size_t)(plain.p + plain.n - start)};
}

static const json_t *
member(const json_t *v, struct span name)
{
	return json_is_object(v) ? json_object_getn(v, name.p, name.n) : NULL;
}

static const json_t *
lookup(const struct scope *sc, struct span name)
{
	const json_t *v = NULL;
	bool more;

	if (name.n == 1 && name.p[0] == '.')
		return sc->value;
	if (name.n > 0 && name.p[0] == '.') {
		(void)span_cut(&name, 1);
		return member(sc->value, name);
	}
	struct span first = span_until(&name, ".", &more);
	for (; sc != NULL && v == NULL; sc = sc->up)
		v = member(sc->value, first);
	while (more && v != NULL)
		v = member(v, span_until(&name, ".", &more));
	return v;
}

static bool
is_true(const json_t *v)
{
	if (json_is_string(v))
		return json_string_length(v) > 0;
	if (json_is_integer(v))
		return json_integer_value(v) != 0;
	if (json_is_array(v))
		return json_array_size(v) > 0;
	if (json_is_object(v))
		return json_object_size(v) > 0;
	return json_is_true(v);
}

static void
put_escaped(struct buf *out, const char *p, size_t n)
{
	size_t done = 0;

	for (size_t i = 0; i < n; i++) {
		const char *as;

		switch (p[i]) {
		case '&':
			as = "&amp;";
			break;
		case '<':
			as = "&lt;";
			break;
		case '>':
			as = "&gt;";
			break;
		case '"':
			as = "&quot;";
			break;
		case '\'':
			as = "&#39;";
			break;
		default:
			continue;
		}
		buf_put(out, p + done, i - done);
		buf_puts(out, as);
		done = i + 1;
	}
	buf_put(out, p + done, n - done);
}

static bool
is_printable(const json_t *v)
{
	return json_is_string(v) || json_is_integer(v);
}

static void
put_value(struct buf *out, const json_t *v)
{
	if (json_is_string(v))
		put_escaped(out, json_string_value(v), json_string_length(v));
	else if (json_is_integer(v))
		buf_printf(out, "%" JSON_INTEGER_FORMAT, json_integer_value(v));
}

/* The values that a sentence asks for: are all there? */
static bool
is_filled(const struct scope *sc, struct span text)
{
	bool found;

	for (;;) {
		(void)span_until(&text, "{", &found);
		if (!found)
			return true;
		if (!is_printable(lookup(sc, span_until(&text, "}", &found))))
			return false;
	}
}

static void
put_sentence(struct render *r, const struct scope *sc, struct span key)
{
	struct render_faults *faults = r->job->faults;
	const char *found_text = sentence_find(r->job->lang, key.p, key.n);
	struct span text;
	bool found;

	if (found_text == NULL && faults != NULL)
		faults->unknown++;
	if (found_text == NULL)
		found_text = sentence_find(LANG_ID, key.p, key.n);
	if (found_text == NULL) {
		/* A key on the page is ugly, but says more than nothing. */
		put_escaped(r->out, key.p, key.n);
		return;
	}
	text = (struct span){found_text, strlen(found_text)};
	if (!is_filled(sc, text)) {
		if (faults != NULL)
			faults->unfilled++;
		return;
	}
	for (;;) {
		struct span plain = span_until(&text, "{", &found);

		put_escaped(r->out, plain.p, plain.n);
		if (!found)
			return;
		put_value(r->out, lookup(sc, span_until(&text, "}", &found)));
	}
}

/* {{@name}} and {{@a.[name].b}}: nothing if the value is no text. */
static void
put_named_sentence(struct render *r, const struct scope *sc, struct span arg)
{
	char key[KEY_MAX];
	struct span before = {arg.p, 0}, name = arg;
	const json_t *v;
	bool found;
	int n;

	if (memchr(arg.p, '[', arg.n) != NULL) {
		before = span_until(&arg, "[", &found);
		name = span_until(&arg, "]", &found);
	} else {
		arg.n = 0;
	}
	v = lookup(sc, name);
	if (!json_is_string(v) || json_string_length(v) == 0)
		return;
	n = snprintf(key, sizeof(key), "%.*s%s%.*s", (int)before.n, before.p,
	    json_string_value(v), (int)arg.n, arg.p);
	if (n < 0 || (size_t)n >= sizeof(key))
		n = sizeof(key) - 1;
	put_sentence(r, sc, (struct span){key, (size_t)n});
}

static bool
any_true(const struct scope *sc, struct span names)
{
	while (names.n > 0) {
		bool found;
		struct span name = span_until(&names, " ", &found);

		if (name.n > 0 && is_true(lookup(sc, name)))
			return true;
	}
	return false;
}

static void
run_section(struct render *r, const struct scope *sc, const struct tag *t,
    struct span body)
{
	const json_t *v;

	if (t->kind == '?') {
		if (any_true(sc, t->arg))
			run(r, sc, body);
		return;
	}
	v = lookup(sc, t->arg);
	if (t->kind == '^') {
		if (!is_true(v))
			run(r, sc, body);
	} else if (json_is_array(v)) {
		for (size_t i = 0; i < json_array_size(v); i++)
			run(r, &(struct scope){json_array_get(v, i), sc}, body);
	} else if (is_true(v)) {
		run(r, &(struct scope){v, sc}, body);
	}
}

static void
run_partial(struct render *r, const struct scope *sc, struct span name)
{
	const struct source *src = source_find(name.p, name.n);

	assert(src != NULL && r->partials < PARTIALS_MAX);
	r->partials++;
	run(r, sc, (struct span){(const char *)src->text, src->len});
	r->partials--;
}

static void
run(struct render *r, const struct scope *sc, struct span in)
{
	struct span plain;
	struct tag t;

	while (next_tag(&in, &plain, &t)) {
		buf_put(r->out, plain.p, plain.n);
		switch (t.kind) {
		case '#':
		case '^':
		case '?':
			run_section(r, sc, &t, section_body(&in));
			break;
		case '>':
			run_partial(r, sc, t.arg);
			break;
		case 't':
			put_sentence(r, sc, t.arg);
			break;
		case '@':
			put_named_sentence(r, sc, t.arg);
			break;
		default:
			assert(t.kind == '=');
			put_value(r->out, lookup(sc, t.arg));
		}
	}
	buf_put(r->out, plain.p, plain.n);
}

enum err
render_text(
    const struct render_job *job, const char *text, size_t n, struct buf *out)
{
	struct scope defaults = {job->defaults, NULL};
	struct scope model = {job->model, &defaults};
	struct render r = {.job = job, .out = out};

	run(&r, &model, (struct span){text, n});
	return buf_err(out);
}

enum err
render_page(const struct render_job *job, const char *page, struct buf *out)
{
	const struct source *src = source_find(page, strlen(page));

	if (src == NULL || page[0] == '_')
		return ERR_NOTFOUND;
	return render_text(job, (const char *)src->text, src->len, out);
}
