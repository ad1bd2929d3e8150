/*
 * multipart/form-data (RFC 7578) while it arrives:
 *
 *	"--" boundary CR LF  head  content
 *	CR LF "--" boundary CR LF  head  content ...
 *	CR LF "--" boundary "--"  blanks
 *
 * Nothing is kept of a file's content: what cannot be the beginning of a
 * delimiter goes to the callbacks straight from the input.  A CR stands only
 * at the delimiter's beginning, so at most one place at the end of an input
 * can be the start of a delimiter, and what was held back of it is a prefix
 * of the delimiter itself.
 */
#include <string.h>

#include "form_internal.h"

/* ---- one part ---- */

static enum form_take
asked(struct form *f, enum form_take take)
{
	return take == FORM_STOP ? form_stop(f, FORM_REFUSED) : take;
}

static enum form_take
file_start(struct form *f)
{
	struct form_part *part = &f->m.part;
	enum form_take take;

	if (!f->with_files)
		return form_stop(f, FORM_MALFORMED);
	if (f->files_seen >= f->limits.files_max)
		return form_stop(f, FORM_TOO_MANY);
	take = f->files.start(f->files.arg, part->filename, part->type);
	if (take == FORM_TAKEN) {
		f->m.started = true;
		f->files_seen++;
	}
	return asked(f, take);
}

/* The header block is whole. */
static enum form_take
part_start(struct form *f)
{
	struct form_part *part = &f->m.part;
	enum form_fault why;

	f->m.started = false;
	why = form_part_parse(f->m.head, f->m.head_len, part);
	f->m.head_len = 0;
	if (why != FORM_FINE)
		return form_stop(f, why);
	if (!part->file) {
		f->m.where = M_BODY;
		return form_field_begin(f, part->name, strlen(part->name));
	}
	if (f->parts == FORM_PARTS_MAX)
		return form_stop(f, FORM_TOO_MANY);
	f->parts++;
	/* Without a name it may be an input left empty: the content tells. */
	f->m.where = part->filename[0] == '\0' ? M_BODY : M_START;
	return FORM_TAKEN;
}

static enum form_take
part_put(struct form *f, const uint8_t *p, size_t n, size_t *taken)
{
	enum form_take take;

	*taken = 0;
	if (!f->m.part.file) {
		*taken = n;
		return form_field_put(f, p, n);
	}
	if (!f->m.started && (take = file_start(f)) != FORM_TAKEN)
		return take;
	take = f->files.data(f->files.arg, (struct bytes){ p, n }, taken);
	if (take == FORM_TAKEN && *taken == 0)
		take = FORM_WAIT;	/* or we would ask for ever */
	return asked(f, take);
}

static enum form_take
part_end(struct form *f)
{
	enum form_take take = FORM_TAKEN;

	if (!f->m.part.file)
		take = form_field_end(f);
	else if (f->m.started)
		take = asked(f, f->files.end(f->files.arg));
	if (take == FORM_TAKEN)
		f->m.where = M_TAIL;
	return take;
}

/* ---- where the content ends ---- */

/* How many bytes at the start of p[0..n) cannot belong to a delimiter. */
static size_t
content(const struct form_multipart *m, const uint8_t *p, size_t n)
{
	size_t last = n < m->delim_len ? n : m->delim_len - 1, k;
	const uint8_t *at;

	if ((at = memmem(p, n, m->delim, m->delim_len)) != NULL)
		return (size_t)(at - p);
	if ((at = memrchr(p + n - last, '\r', last)) == NULL)
		return n;
	k = (size_t)(p + n - at);
	return memcmp(at, m->delim, k) == 0 ? n - k : n;
}

/* Bytes held back that turned out to be content. */
static enum form_take
pay(struct form *f)
{
	struct form_multipart *m = &f->m;
	enum form_take take = FORM_TAKEN;
	size_t k;

	while (m->owed < m->owed_end && take == FORM_TAKEN) {
		take = part_put(f, m->delim + m->owed, m->owed_end - m->owed,
		    &k);
		m->owed += k;
	}
	return take;
}

/* Inside what may be a delimiter: go on comparing. */
static void
compare(struct form_multipart *m, struct bytes in, size_t *at)
{
	const uint8_t *p = in.p;

	while (*at < in.n && m->match < m->delim_len &&
	    p[*at] == m->delim[m->match]) {
		m->match++;
		(*at)++;
	}
	if (m->match == m->delim_len) {
		m->match = 0;
		m->where = M_END;
	} else if (*at < in.n) {
		m->owed = 0;
		m->owed_end = m->match;
		m->match = 0;
	}
}

/* One step through a part's content; may need no input. */
static enum form_take
body(struct form *f, struct bytes in, size_t *at)
{
	struct form_multipart *m = &f->m;
	const uint8_t *p = (const uint8_t *)in.p + *at;
	enum form_take take;
	size_t n = in.n - *at, k;

	if (m->owed < m->owed_end)
		return pay(f);
	if (m->match > 0) {
		compare(m, in, at);
		return FORM_TAKEN;
	}
	/* Not searched again when only a part of it was taken. */
	if (m->clear == 0)
		m->clear = content(m, p, n);
	if (m->clear == 0) {
		m->match = 1;
		(*at)++;
		return FORM_TAKEN;
	}
	take = part_put(f, p, m->clear < n ? m->clear : n, &k);
	m->clear -= k;
	*at += k;
	return take;
}

/* ---- around the parts ---- */

/* The first boundary: nothing before it but perhaps CR LF. */
static enum form_take
first(struct form *f, uint8_t c)
{
	struct form_multipart *m = &f->m;

	if (m->match == 0 && c == '-')
		m->match = 2;
	if (c != m->delim[m->match])
		return form_stop(f, FORM_MALFORMED);
	if (++m->match == m->delim_len) {
		m->match = 0;
		m->where = M_TAIL;
	}
	return FORM_TAKEN;
}

/* Behind a boundary: CR LF, or "--" at the end. */
static enum form_take
tail(struct form *f, uint8_t c)
{
	struct form_multipart *m = &f->m;

	if (m->tail == 0 && (c == '\r' || c == '-')) {
		m->tail = c;
		return FORM_TAKEN;
	}
	if (m->tail == '\r' && c == '\n')
		m->where = M_HEAD;
	else if (m->tail == '-' && c == '-')
		m->where = M_EPILOGUE;
	else
		return form_stop(f, FORM_MALFORMED);
	m->tail = 0;
	return FORM_TAKEN;
}

static enum form_take
head(struct form *f, uint8_t c)
{
	struct form_multipart *m = &f->m;

	if (m->head_len == FORM_HEAD_MAX)
		return form_stop(f, FORM_MALFORMED);
	m->head[m->head_len++] = (char)c;
	if (m->head_len == 2 && memcmp(m->head, "\r\n", 2) == 0)
		return form_stop(f, FORM_MALFORMED);	/* no name */
	if (m->head_len >= 4 &&
	    memcmp(m->head + m->head_len - 4, "\r\n\r\n", 4) == 0)
		return part_start(f);
	return FORM_TAKEN;
}

static enum form_take
epilogue(struct form *f, uint8_t c)
{
	if (++f->m.blanks > FORM_EPILOGUE_MAX ||
	    (c != '\r' && c != '\n' && c != ' ' && c != '\t'))
		return form_stop(f, FORM_MALFORMED);
	return FORM_TAKEN;
}

/* A callback's turn, or content held back, needs no input. */
static bool
hungry(const struct form_multipart *m)
{
	return m->where != M_START && m->where != M_END &&
	    !(m->where == M_BODY && m->owed < m->owed_end);
}

static enum form_take
step(struct form *f, struct bytes in, size_t *at)
{
	const uint8_t *p = in.p;
	enum form_take take;

	switch (f->m.where) {
	case M_FIRST:
		return first(f, p[(*at)++]);
	case M_TAIL:
		return tail(f, p[(*at)++]);
	case M_HEAD:
		return head(f, p[(*at)++]);
	case M_START:
		if ((take = file_start(f)) == FORM_TAKEN)
			f->m.where = M_BODY;
		return take;
	case M_BODY:
		return body(f, in, at);
	case M_END:
		return part_end(f);
	case M_EPILOGUE:
		return epilogue(f, p[(*at)++]);
	}
	return form_stop(f, FORM_MALFORMED);
}

enum form_take
form_multipart_feed(struct form *f, struct bytes in, size_t *taken)
{
	enum form_take take = FORM_TAKEN;
	size_t at = 0;

	while (take == FORM_TAKEN && (at < in.n || !hungry(&f->m)))
		take = step(f, in, &at);
	*taken = at;
	return take;
}

enum form_take
form_multipart_end(struct form *f)
{
	if (f->m.where != M_EPILOGUE)
		return form_stop(f, FORM_MALFORMED);
	return FORM_TAKEN;
}
