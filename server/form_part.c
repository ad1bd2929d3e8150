/*
 * The header block of one part of multipart/form-data (RFC 7578, 4.2), as the
 * HTML standard has browsers write it:
 *
 *	Content-Disposition: form-data; name="N"[; filename="F"] CR LF
 *	[Content-Type: T CR LF]
 *	CR LF
 *
 * In N and F a quote, CR and LF stand as %22 %0D %0A, all else as it is.
 */
#include <string.h>
#include <strings.h>

#include "form_internal.h"
#include "utf8.h"

struct text {
	const char *p;
	size_t n;
};

static bool
skip(struct text *t, const char *word)
{
	size_t n = strlen(word);

	if (t->n < n || strncasecmp(t->p, word, n) != 0)
		return false;
	t->p += n;
	t->n -= n;
	return true;
}

static void
skip_blanks(struct text *t)
{
	while (t->n > 0 && (*t->p == ' ' || *t->p == '\t')) {
		t->p++;
		t->n--;
	}
}

/* The next character of a quoted text; true if it was an escape. */
static bool
unescape(struct text *t, char *c)
{
	if (skip(t, "%22"))
		*c = '"';
	else if (skip(t, "%0D"))
		*c = '\r';
	else if (skip(t, "%0A"))
		*c = '\n';
	else
		return false;
	return true;
}

/* A field's name must be whole and right. */
static enum form_fault
get_name(struct text q, char out[static FORM_NAME_MAX + 1])
{
	size_t n = 0;

	if (!utf8_valid(q.p, q.n))
		return FORM_NOT_UTF8;
	while (q.n > 0) {
		if (n == FORM_NAME_MAX)
			return FORM_MALFORMED;
		if (!unescape(&q, &out[n])) {
			out[n] = *q.p++;
			q.n--;
		}
		n++;
	}
	out[n] = '\0';
	return n == 0 ? FORM_MALFORMED : FORM_FINE;
}

/* Bytes of the character at the start of ${q}; 0 if they are none. */
static size_t
char_len(struct text q)
{
	size_t k;

	for (k = 1; k <= 4 && k <= q.n; k++)
		if (utf8_valid(q.p, k))
			return k;
	return 0;
}

/* A file's name is a stranger's: repaired and cut rather than refused. */
static void
get_filename(struct text q, char out[static FORM_FILENAME_MAX + 1])
{
	static const char unknown[] = "\xef\xbf\xbd";	/* U+FFFD */
	const char *from;
	size_t n = 0, k, used;
	char c;

	while (q.n > 0) {
		used = 0;
		if (unescape(&q, &c)) {
			from = &c;
			k = 1;
		} else if ((k = used = char_len(q)) > 0) {
			from = q.p;
		} else {
			from = unknown;
			k = 3;
			used = 1;
		}
		if (k > FORM_FILENAME_MAX - n)
			break;
		memcpy(out + n, from, k);
		n += k;
		q.p += used;
		q.n -= used;
	}
	out[n] = '\0';
}

/* ${word}="..." with its quotes; the text between them. */
static bool
quoted(struct text *t, const char *word, struct text *q)
{
	const char *end;

	if (!skip(t, word))
		return false;
	if ((end = memchr(t->p, '"', t->n)) == NULL)
		return false;
	*q = (struct text){ t->p, (size_t)(end - t->p) };
	t->n -= q->n + 1;
	t->p = end + 1;
	return true;
}

static enum form_fault
disposition(struct text t, struct form_part *out)
{
	struct text q;
	bool named = false;
	enum form_fault why;

	skip_blanks(&t);
	if (!skip(&t, "form-data"))
		return FORM_MALFORMED;
	for (;;) {
		skip_blanks(&t);
		if (t.n == 0)
			break;
		if (!skip(&t, ";"))
			return FORM_MALFORMED;
		skip_blanks(&t);
		if (!named && quoted(&t, "name=\"", &q)) {
			named = true;
			if ((why = get_name(q, out->name)) != FORM_FINE)
				return why;
		} else if (!out->file && quoted(&t, "filename=\"", &q)) {
			out->file = true;
			get_filename(q, out->filename);
		} else {
			return FORM_MALFORMED;
		}
	}
	return named ? FORM_FINE : FORM_MALFORMED;
}

/* A type that is not plain short text says nothing. */
static void
media_type(struct text t, char out[static FORM_TYPE_MAX + 1])
{
	size_t i;

	skip_blanks(&t);
	while (t.n > 0 && (t.p[t.n - 1] == ' ' || t.p[t.n - 1] == '\t'))
		t.n--;
	if (t.n > FORM_TYPE_MAX)
		return;
	for (i = 0; i < t.n; i++)
		if (t.p[i] < ' ' || t.p[i] > '~')
			return;
	memcpy(out, t.p, t.n);
	out[t.n] = '\0';
}

/* One header line, without its CR LF. */
static enum form_fault
line(struct text t, bool seen[static 2], struct form_part *out)
{
	size_t i;

	if (skip(&t, "Content-Disposition:")) {
		if (seen[0])
			return FORM_MALFORMED;
		seen[0] = true;
		return disposition(t, out);
	}
	if (skip(&t, "Content-Type:")) {
		if (seen[1])
			return FORM_MALFORMED;
		seen[1] = true;
		media_type(t, out->type);
		return FORM_FINE;
	}
	for (i = 0; i < t.n && form_token(t.p[i]); i++)
		;
	return i > 0 && i < t.n && t.p[i] == ':' ? FORM_FINE : FORM_MALFORMED;
}

enum form_fault
form_part_parse(const char *head, size_t n, struct form_part *out)
{
	bool seen[2] = { false, false };
	enum form_fault why;
	const char *cr;
	struct text t;

	wipe(out, sizeof(*out));
	if (memchr(head, '\0', n) != NULL)
		return FORM_NOT_UTF8;
	while ((cr = memchr(head, '\r', n)) != NULL) {
		t = (struct text){ head, (size_t)(cr - head) };
		if (n - t.n < 2 || cr[1] != '\n' ||
		    memchr(t.p, '\n', t.n) != NULL)
			return FORM_MALFORMED;
		head = cr + 2;
		n -= t.n + 2;
		if (t.n == 0)
			return n == 0 && seen[0] ? FORM_FINE : FORM_MALFORMED;
		if ((why = line(t, seen, out)) != FORM_FINE)
			return why;
	}
	return FORM_MALFORMED;
}
