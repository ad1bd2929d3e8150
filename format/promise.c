/*
 * An inclusion promise: a note over
 *
 *	peluit-promise/v1 LF
 *	ORIGIN LF
 *	epoch N LF
 *	leaf INDEX LF			in the whole log
 *	BASE64(commitment) LF		32 bytes
 *
 * and the file that a source keeps:
 *
 *	opening BASE64(nonce(32) || event) LF
 *	LF
 *	the note
 */
#include <string.h>

#include "label.h"
#include "line.h"
#include "promise.h"

#define KEY_OPENING	"opening"
#define KEY_SUFFIX	"/promise"
#define OPENING_MAX	(NONCE_LEN + EVENT_MAX)

enum err
promise_text(const struct promise *p, struct buf *out)
{
	if (!line_origin_valid(p->origin))
		return ERR_FORMAT;
	if (p->epoch > LINE_DECIMAL_MAX || p->leaf > LINE_DECIMAL_MAX)
		return ERR_RANGE;
	buf_printf(out, "%s\n%s\n", LABEL_PROMISE, p->origin);
	line_put_decimal(out, "epoch", p->epoch);
	line_put_decimal(out, "leaf", p->leaf);
	buf_base64(out, p->commitment, sizeof(p->commitment));
	buf_putc(out, '\n');
	return buf_err(out);
}

static enum err
take_label(struct cur *c)
{
	struct bytes line;

	line.p = cur_line(c, &line.n);
	/* All but the number of the version. */
	if (line.p == NULL || line.n < sizeof(LABEL_PROMISE) - 1 ||
	    memcmp(line.p, LABEL_PROMISE, sizeof(LABEL_PROMISE) - 2) != 0)
		return ERR_FORMAT;
	return line_is(line, LABEL_PROMISE) ? ERR_OK : ERR_VERSION;
}

static enum err
take_origin(struct cur *c, struct promise *p)
{
	struct bytes line;
	enum err e;

	line.p = cur_line(c, &line.n);
	if (line.p == NULL)
		return ERR_FORMAT;
	e = line_text(line, p->origin, sizeof(p->origin));
	return e == ERR_OK && !line_origin_valid(p->origin) ? ERR_FORMAT : e;
}

static enum err
take_number(struct cur *c, const char *key, uint64_t *out)
{
	struct bytes value;

	return line_take(c, key, &value) ? line_decimal(value, out) :
	    ERR_FORMAT;
}

static enum err
take_commitment(struct cur *c, struct promise *p)
{
	struct bytes line;
	size_t n;

	line.p = cur_line(c, &line.n);
	if (line.p == NULL || base64_decode(line, BASE64_PADDED,
		p->commitment, sizeof(p->commitment), &n) != ERR_OK ||
	    n != sizeof(p->commitment))
		return ERR_FORMAT;
	return ERR_OK;
}

enum err
promise_text_decode(struct bytes text, struct promise *out)
{
	struct cur c = cur_over(text.p, text.n);
	struct promise p;
	enum err e;

	memset(out, 0, sizeof(*out));
	memset(&p, 0, sizeof(p));
	e = take_label(&c);
	if (e == ERR_OK)
		e = take_origin(&c, &p);
	if (e == ERR_OK)
		e = take_number(&c, "epoch", &p.epoch);
	if (e == ERR_OK)
		e = take_number(&c, "leaf", &p.leaf);
	if (e == ERR_OK)
		e = take_commitment(&c, &p);
	if (e == ERR_OK)
		e = cur_end(&c);
	if (e == ERR_OK)
		*out = p;
	return e;
}

enum err
promise_open(struct bytes note, const struct vkey *key, struct promise *out)
{
	size_t n;
	struct promise p;
	struct bytes text;
	bool by;
	enum err e;

	memset(out, 0, sizeof(*out));
	e = note_open(note, key, 1, &text, &by);
	if (e == ERR_OK)
		e = promise_text_decode(text, &p);
	if (e != ERR_OK)
		return e;
	n = strlen(p.origin);
	if (strncmp(key->name, p.origin, n) != 0 ||
	    strcmp(key->name + n, KEY_SUFFIX) != 0)
		return ERR_CONFLICT;
	*out = p;
	return ERR_OK;
}

enum err
promise_file_encode(const struct open_event *o, struct bytes note,
    struct buf *out)
{
	uint8_t opening[OPENING_MAX];
	struct bytes text;
	enum err e;

	if (o->len == 0 || o->len > EVENT_MAX || note.n > PROMISE_MAX -
	    sizeof(KEY_OPENING "\n\n") - BASE64_LEN(OPENING_MAX))
		return ERR_RANGE;
	e = note_text(note, &text);
	if (e != ERR_OK)
		return e;
	memcpy(opening, o->nonce, NONCE_LEN);
	memcpy(opening + NONCE_LEN, o->event, o->len);
	buf_puts(out, KEY_OPENING " ");
	buf_base64(out, opening, NONCE_LEN + o->len);
	buf_puts(out, "\n\n");
	buf_put(out, note.p, note.n);
	wipe(opening, sizeof(opening));
	return buf_err(out);
}

static bool
blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* What a clipboard does to lines, undone. */
static enum err
tidy(struct bytes text, struct buf *out)
{
	const uint8_t *p = text.p;
	size_t n = text.n, end, i;

	while (n > 0 && (p[n - 1] == '\n' || blank(p[n - 1])))
		n--;
	for (i = 0; i < n; i = end + 1) {
		const uint8_t *lf = memchr(p + i, '\n', n - i);
		size_t last;

		end = last = lf == NULL ? n : (size_t)(lf - p);
		while (last > i && blank(p[last - 1]))
			last--;
		buf_put(out, p + i, last - i);
		buf_putc(out, '\n');
	}
	return buf_err(out);
}

/* The line of the opening and the empty line behind it. */
static enum err
take_opening(struct cur *c, struct open_event *o)
{
	uint8_t opening[OPENING_MAX];
	struct bytes value;
	size_t n = 0;
	enum err e = ERR_FORMAT;

	if (line_take(c, KEY_OPENING, &value))
		e = base64_decode(value, BASE64_PADDED, opening,
		    sizeof(opening), &n);
	if (e == ERR_OK && (n <= NONCE_LEN || cur_line(c, &value.n) == NULL ||
	    value.n != 0))
		e = ERR_FORMAT;
	if (e == ERR_OK) {
		memcpy(o->nonce, opening, NONCE_LEN);
		o->len = n - NONCE_LEN;
		memcpy(o->event, opening + NONCE_LEN, o->len);
	}
	wipe(opening, sizeof(opening));
	return e;
}

enum err
promise_file_decode(struct bytes text, struct open_event *o,
    struct buf *clean)
{
	struct bytes said;
	struct buf whole;
	struct cur c;
	enum err e;

	memset(o, 0, sizeof(*o));
	buf_reset(clean);
	if (text.n > PROMISE_MAX)
		return ERR_RANGE;
	buf_init(&whole, PROMISE_MAX);
	e = tidy(text, &whole);
	c = cur_over(whole.data, whole.len);
	if (e == ERR_OK)
		e = take_opening(&c, o);
	if (e == ERR_OK)
		e = note_text((struct bytes){ c.p, c.left }, &said);
	if (e == ERR_OK) {
		buf_put(clean, c.p, c.left);
		e = buf_err(clean);
	}
	if (e != ERR_OK)
		wipe(o, sizeof(*o));
	buf_done(&whole);
	return e;
}
