#include <stdlib.h>
#include <string.h>

#include "seen.h"

#define WIDTH		256
#define PUBLISH_PART	360	/* of an epoch: when it is published */
#define SLACK_PART	12	/* of an epoch: not late before that */

void
seen_init(struct seen *s)
{
	memset(s, 0, sizeof(*s));
}

void
seen_done(struct seen *s)
{
	free(s->item);
	memset(s, 0, sizeof(*s));
}

enum err
seen_encode(const struct seen *s, struct buf *out)
{
	size_t i;

	for (i = 0; i < s->n; i++) {
		const struct seen_item *at = &s->item[i];

		buf_printf(out, "%llu %lld %lld ", (unsigned long long)at->size,
		    (long long)at->first, (long long)at->last);
		buf_base64(out, at->root.bytes, SHA256_LEN);
		buf_putc(out, '\n');
	}
	return buf_err(out);
}

/* Decimal digits, no zero before them, and the blank behind them. */
static enum err
number(const char **p, const char *end, uint64_t *out)
{
	*out = 0;
	if (*p == end || **p < '0' || **p > '9' ||
	    (**p == '0' && end - *p > 1 && (*p)[1] != ' '))
		return ERR_FORMAT;
	for (; *p < end && **p >= '0' && **p <= '9'; ++*p) {
		if (*out > INT64_MAX / 10 - 1)
			return ERR_RANGE;
		*out = *out * 10 + (uint64_t)(**p - '0');
	}
	if (*p == end || **p != ' ')
		return ERR_FORMAT;
	++*p;
	return ERR_OK;
}

static enum err
push(struct seen *s, const struct seen_item *i)
{
	struct seen_item *more;
	size_t room;

	if (s->n == s->room) {
		room = s->room == 0 ? 64 : 2 * s->room;
		more = realloc(s->item, room * sizeof(*more));
		if (more == NULL)
			return ERR_SYS;
		s->item = more;
		s->room = room;
	}
	s->item[s->n++] = *i;
	return ERR_OK;
}

static enum err
take_item(const char *line, size_t n, struct seen_item *i)
{
	const char *end = line + n;
	uint64_t first = 0, last = 0;
	size_t len;
	enum err e;

	e = number(&line, end, &i->size);
	if (e == ERR_OK)
		e = number(&line, end, &first);
	if (e == ERR_OK)
		e = number(&line, end, &last);
	if (e != ERR_OK)
		return e;
	i->first = (int64_t)first;
	i->last = (int64_t)last;
	e = base64_decode((struct bytes){ line, (size_t)(end - line) },
	    BASE64_PADDED, i->root.bytes, SHA256_LEN, &len);
	return e == ERR_OK && len != SHA256_LEN ? ERR_FORMAT : e;
}

enum err
seen_decode(struct bytes text, struct seen *out)
{
	struct cur c = cur_over(text.p, text.n);
	struct seen_item i;
	const char *line;
	size_t n;
	enum err e;

	seen_init(out);
	while (c.left > 0) {
		line = cur_line(&c, &n);
		e = line == NULL ? ERR_FORMAT : take_item(line, n, &i);
		if (e == ERR_OK && out->n > 0 &&
		    i.size <= out->item[out->n - 1].size)
			e = ERR_FORMAT;
		if (e == ERR_OK)
			e = push(out, &i);
		if (e != ERR_OK) {
			seen_done(out);
			return e;
		}
	}
	return ERR_OK;
}

const struct seen_item *
seen_last(const struct seen *s)
{
	return s->n == 0 ? NULL : &s->item[s->n - 1];
}

bool
seen_judge(const struct seen *s, const struct checkpoint *c,
    enum finding_code *code)
{
	size_t i;

	for (i = 0; i < s->n; i++) {
		if (s->item[i].size == c->size && memcmp(&s->item[i].root,
		    &c->root, sizeof(c->root)) != 0) {
			*code = F_SPLIT_VIEW;
			return false;
		}
	}
	if (s->n > 0 && c->size < s->item[s->n - 1].size) {
		*code = F_LOG_ROLLED_BACK;
		return false;
	}
	return true;
}

enum err
seen_add(struct seen *s, const struct checkpoint *c, int64_t now)
{
	struct seen_item i = { c->size, now, now, c->root };

	if (s->n > 0 && s->item[s->n - 1].size == c->size) {
		if (now > s->item[s->n - 1].last)
			s->item[s->n - 1].last = now;
		return ERR_OK;
	}
	return push(s, &i);
}

/* The first look that found ${epoch} published; s->n if none did. */
static size_t
found(const struct seen *s, uint64_t epoch)
{
	uint64_t size = (epoch - s->epoch0 + 1) * WIDTH;
	size_t i;

	for (i = 0; i < s->n && s->item[i].size < size; i++)
		continue;
	return i;
}

uint64_t
seen_counts(void *arg, uint64_t epoch)
{
	const struct seen *s = arg;
	size_t i = found(s, epoch);
	uint64_t due, missing;

	if (i == 0 || i == s->n || s->item[i - 1].last < 0)
		return epoch;
	due = (epoch + 1) * s->epoch_seconds +
	    s->epoch_seconds / PUBLISH_PART + s->epoch_seconds / SLACK_PART;
	/* The last look that did not find it is what can be proved. */
	missing = (uint64_t)s->item[i - 1].last;
	if (missing <= due || missing / s->epoch_seconds <= epoch + 1)
		return epoch;
	return missing / s->epoch_seconds - 1;
}

bool
seen_watched(const struct seen *s, uint64_t epoch)
{
	size_t i = found(s, epoch);
	uint64_t end = (epoch + 1) * s->epoch_seconds;

	if (i == s->n)
		return false;
	/* Seen soon after its end, or looked for soon after its end. */
	return (s->item[i].first >= 0 &&
	    (uint64_t)s->item[i].first <= end + s->epoch_seconds) ||
	    (i > 0 && (uint64_t)s->item[i - 1].last >= end);
}
