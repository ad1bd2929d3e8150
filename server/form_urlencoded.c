/* application/x-www-form-urlencoded, as browsers write it. */
#include "form_internal.h"

static int
hex_value(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

/* Bytes that stand for themselves. */
static bool
plain(uint8_t c)
{
	return c > ' ' && c < 0x7f && c != '%' && c != '+' && c != '&' &&
	    c != '=';
}

static enum form_take
emit(struct form *f, const uint8_t *p, size_t n)
{
	struct form_urlencoded *u = &f->u;
	size_t i;

	if (u->in_value)
		return form_field_put(f, p, n);
	if (n > FORM_NAME_MAX - u->name_len)
		return form_stop(f, FORM_MALFORMED);
	for (i = 0; i < n; i++)
		u->name[u->name_len++] = (char)p[i];
	return FORM_TAKEN;
}

static enum form_take
hex_digit(struct form *f, uint8_t c)
{
	struct form_urlencoded *u = &f->u;
	int v;

	if ((v = hex_value(c)) < 0)
		return form_stop(f, FORM_MALFORMED);
	u->byte = (uint8_t)(u->byte << 4 | v);
	if (--u->hex > 0)
		return FORM_TAKEN;
	if (u->byte == 0)
		return form_stop(f, FORM_NOT_UTF8);
	return emit(f, &u->byte, 1);
}

static enum form_take
pair_end(struct form *f)
{
	/* No browser sends a name without "=", or nothing between two "&". */
	if (!f->u.in_value)
		return form_stop(f, FORM_MALFORMED);
	f->u.in_value = false;
	f->u.name_len = 0;
	return form_field_end(f);
}

/* One byte that means something. */
static enum form_take
special(struct form *f, uint8_t c)
{
	struct form_urlencoded *u = &f->u;

	if (c == '%') {
		u->hex = 2;
		u->byte = 0;
		return FORM_TAKEN;
	}
	if (c == '+')
		return emit(f, (const uint8_t *)" ", 1);
	if (c == '&')
		return pair_end(f);
	if (c == '=' && u->in_value)
		return emit(f, &c, 1);
	if (c == '=') {
		u->in_value = true;
		return form_field_begin(f, u->name, u->name_len);
	}
	return form_stop(f, FORM_MALFORMED);
}

enum form_take
form_urlencoded_feed(struct form *f, struct bytes in, size_t *taken)
{
	const uint8_t *p = in.p;
	enum form_take take = FORM_TAKEN;
	size_t i = 0, start;

	while (i < in.n && take == FORM_TAKEN) {
		f->u.begun = true;
		if (f->u.hex > 0) {
			take = hex_digit(f, p[i++]);
			continue;
		}
		start = i;
		while (i < in.n && plain(p[i]))
			i++;
		if (i > start)
			take = emit(f, p + start, i - start);
		else
			take = special(f, p[i++]);
	}
	*taken = i;
	return take;
}

enum form_take
form_urlencoded_end(struct form *f)
{
	if (!f->u.begun)
		return FORM_TAKEN;	/* a form without fields */
	if (f->u.hex > 0)
		return form_stop(f, FORM_MALFORMED);
	return pair_end(f);
}
