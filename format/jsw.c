/* JSON, writing.  See js.h. */
#include <string.h>

#include "js.h"
#include "line.h"
#include "utf8.h"

static int
into_buf(const char *p, size_t n, void *arg)
{
	struct buf *out = arg;

	buf_put(out, p, n);
	return buf_err(out) == ERR_OK ? 0 : -1;
}

/* Not json_dumps(): it goes on where it had no memory for a key. */
static enum err
dump(const json_t *root, size_t flags, struct buf *out)
{
	enum err e;

	if (json_dump_callback(root, into_buf, out, flags) == 0)
		return buf_err(out);
	e = buf_err(out);
	return e == ERR_OK ? ERR_SYS : e;
}

enum err
js_write(const json_t *root, struct buf *out)
{
	return dump(root, JSON_COMPACT, out);
}

enum err
js_print(const json_t *root, size_t flags, struct buf *out)
{
	enum err e = memory_err();

	return e == ERR_OK ? dump(root, flags, out) : e;
}

struct jsw
jsw_new(void)
{
	struct jsw w = { json_object(), ERR_OK };

	if (w.o == NULL)
		w.err = ERR_SYS;
	return w;
}

static void
fail(struct jsw *w, enum err e)
{
	if (w->err == ERR_OK)
		w->err = e;
}

void
jsw_put(struct jsw *w, const char *key, json_t *value)
{
	if (w->err != ERR_OK)
		json_decref(value);
	else if (value == NULL || json_object_set_new(w->o, key, value) != 0)
		fail(w, ERR_SYS);
}

void
jsw_bytes(struct jsw *w, const char *key, struct bytes text)
{
	if (!utf8_valid(text.p, text.n))
		fail(w, ERR_FORMAT);
	else
		jsw_put(w, key, json_stringn(text.p, text.n));
}

void
jsw_text(struct jsw *w, const char *key, const char *text)
{
	jsw_bytes(w, key, (struct bytes){ text, strlen(text) });
}

void
jsw_hex(struct jsw *w, const char *key, const void *p, size_t n)
{
	struct buf hex;

	buf_init(&hex, 256);
	buf_hex(&hex, p, n);
	fail(w, buf_err(&hex));
	jsw_text(w, key, buf_text(&hex));
	buf_done(&hex);
}

void
jsw_i64(struct jsw *w, const char *key, int64_t v)
{
	jsw_put(w, key, json_integer(v));
}

void
jsw_u64(struct jsw *w, const char *key, uint64_t v)
{
	if (v > LINE_DECIMAL_MAX)
		fail(w, ERR_RANGE);
	else
		jsw_i64(w, key, (int64_t)v);
}

void
jsw_age(struct jsw *w, const char *key, const struct age_recipient *a)
{
	char text[AGE_RECIPIENT_LEN + 1];

	age_recipient_encode(a, text);
	jsw_text(w, key, text);
}

json_t *
jsw_take(struct jsw *w)
{
	json_t *o = w->o;

	w->o = NULL;
	if (w->err == ERR_OK)
		return o;
	json_decref(o);
	return NULL;
}

enum err
jsw_end(struct jsw *w, struct buf *out)
{
	enum err e = w->err;

	if (e == ERR_OK)
		e = js_write(w->o, out);
	json_decref(w->o);
	w->o = NULL;
	return e;
}

void
jsw_push(struct jsw *w, json_t *array, json_t *value)
{
	if (array == NULL || value == NULL) {
		json_decref(value);
		fail(w, ERR_SYS);
	} else if (json_array_append_new(array, value) != 0) {
		fail(w, ERR_SYS);
	}
}
