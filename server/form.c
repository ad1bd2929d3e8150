/* A form: its fields and its life. */
#include <stdlib.h>
#include <string.h>

#include "form_internal.h"
#include "utf8.h"

enum err
form_new(const char *content_type, const struct form_limits *l,
    const struct form_files *files, struct form **out)
{
	struct form *f;
	enum err e;

	*out = NULL;
	if ((f = calloc(1, sizeof(*f))) == NULL)
		return ERR_SYS;
	f->limits = *l;
	if (files != NULL) {
		f->files = *files;
		f->with_files = true;
	}
	e = form_type_parse(content_type, &f->multipart, f->m.delim,
	    &f->m.delim_len);
	if (e != ERR_OK) {
		form_free(f);
		return e;
	}
	*out = f;
	return ERR_OK;
}

static void
field_free(struct form_field *d)
{
	buf_done(&d->value);
	wipe(d, sizeof(*d));
	free(d);
}

void
form_free(struct form *f)
{
	size_t i;

	if (f == NULL)
		return;
	for (i = 0; i < f->fields; i++)
		field_free(f->field[i]);
	wipe(f, sizeof(*f));
	free(f);
}

enum form_take
form_stop(struct form *f, enum form_fault why)
{
	if (f->fault == FORM_FINE)
		f->fault = why;
	return FORM_STOP;
}

enum form_fault
form_fault(const struct form *f)
{
	return f->fault;
}

enum form_take
form_feed(struct form *f, struct bytes in, size_t *taken)
{
	*taken = 0;
	if (f->fault != FORM_FINE)
		return FORM_STOP;
	return f->multipart ? form_multipart_feed(f, in, taken) :
	    form_urlencoded_feed(f, in, taken);
}

enum form_fault
form_end(struct form *f)
{
	if (f->fault == FORM_FINE)
		(void)(f->multipart ? form_multipart_end(f) :
		    form_urlencoded_end(f));
	return f->fault;
}

/* A name is a short line of text. */
static enum form_fault
name_fault(const char *name, size_t n)
{
	size_t i;

	if (n == 0 || n > FORM_NAME_MAX)
		return FORM_MALFORMED;
	if (!utf8_valid(name, n))
		return FORM_NOT_UTF8;
	for (i = 0; i < n; i++)
		if ((unsigned char)name[i] < ' ' || name[i] == 0x7f)
			return FORM_MALFORMED;
	return FORM_FINE;
}

enum form_take
form_field_begin(struct form *f, const char *name, size_t n)
{
	struct form_field *d;
	enum form_fault why;

	if ((why = name_fault(name, n)) != FORM_FINE)
		return form_stop(f, why);
	if (f->parts == FORM_PARTS_MAX)
		return form_stop(f, FORM_TOO_MANY);
	if ((d = calloc(1, sizeof(*d))) == NULL)
		return form_stop(f, FORM_REFUSED);
	memcpy(d->name, name, n);
	buf_init(&d->value, f->limits.field_max);
	f->cr = false;
	f->parts++;
	f->field[f->fields++] = d;
	return FORM_TAKEN;
}

static enum form_take
append(struct form *f, const void *p, size_t n)
{
	struct buf *v = &f->field[f->fields - 1]->value;

	if (n > f->limits.fields_max - f->text_len)
		return form_stop(f, FORM_FIELD_TOO_LARGE);
	buf_put(v, p, n);
	if (buf_err(v) == ERR_RANGE)
		return form_stop(f, FORM_FIELD_TOO_LARGE);
	if (buf_err(v) != ERR_OK)
		return form_stop(f, FORM_REFUSED);
	f->text_len += n;
	return FORM_TAKEN;
}

/*
 * Browsers send every line end of a text as CR LF; people count it as one
 * character, so that is what is kept.
 */
enum form_take
form_field_put(struct form *f, const uint8_t *p, size_t n)
{
	const uint8_t *cr;
	size_t k;

	while (n > 0) {
		if (f->cr && *p != '\n' && append(f, "\r", 1) != FORM_TAKEN)
			return FORM_STOP;
		f->cr = false;
		cr = memchr(p, '\r', n);
		k = cr == NULL ? n : (size_t)(cr - p);
		if (append(f, p, k) != FORM_TAKEN)
			return FORM_STOP;
		p += k;
		n -= k;
		if (cr != NULL) {
			f->cr = true;
			p++;
			n--;
		}
	}
	return FORM_TAKEN;
}

enum form_take
form_field_end(struct form *f)
{
	struct form_field *d = f->field[f->fields - 1];

	if (f->cr && append(f, "\r", 1) != FORM_TAKEN)
		return FORM_STOP;
	f->cr = false;
	(void)buf_text(&d->value);
	if (buf_err(&d->value) != ERR_OK)
		return form_stop(f, FORM_REFUSED);
	if (!utf8_valid(d->value.data, d->value.len))
		return form_stop(f, FORM_NOT_UTF8);
	/* Old browsers name their encoding in a field of this name. */
	if (strcmp(d->name, "_charset_") == 0) {
		field_free(d);
		f->field[--f->fields] = NULL;
	}
	return FORM_TAKEN;
}

const char *
form_nth(const struct form *f, const char *name, size_t n)
{
	size_t i;

	for (i = 0; i < f->fields; i++) {
		if (strcmp(f->field[i]->name, name) != 0)
			continue;
		if (n-- == 0)
			return f->field[i]->value.data == NULL ? "" :
			    (const char *)f->field[i]->value.data;
	}
	return NULL;
}

const char *
form_get(const struct form *f, const char *name)
{
	return form_nth(f, name, 0);
}
