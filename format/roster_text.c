/*
 * A roster as text: writing here, reading in roster_read.c.
 *
 *	peluit-roster/v1 ORIGIN
 *	number N			from 1
 *	prev HEX			SHA-256 of the note before; zeros for 1
 *
 * and then, sorted bytewise, no line twice:
 *
 *	answers HEX			Ed25519 key of the API's answers
 *	archive AGE			may be absent
 *	auditor HEX LABEL AGE
 *	channel NAME
 *	clock NAME VALUE
 *	custodian CHANNEL AGE
 *	desk HEX ROLE LABEL AGE [CHANNEL ...]	channels ascending
 *	epoch SECONDS N0
 *	log VKEY			named ORIGIN
 *	promise VKEY			named ORIGIN/promise
 *	recipient CHANNEL AGE
 *	retention DAYS
 *	roster-key VKEY
 *
 * A recipient's line has no label: it is that of the desk with the same age
 * key.  The sorted order puts each line behind those that it refers to.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "label.h"
#include "line.h"
#include "roster.h"
#include "roster_check.h"

#define LINES_MAX	(ROSTER_CHANNELS * (2 * ROSTER_MEMBERS + 1) + \
			    ROSTER_DESKS + ROSTER_KEYS + ROSTER_CLOCKS + 8)

const char *
desk_role_text(enum desk_role r)
{
	switch (r) {
	case ROLE_INVESTIGATOR:
		return "investigator";
	case ROLE_CUSTODIAN:
		return "custodian";
	case ROLE_AUDITOR:
		return "auditor";
	}
	return "";
}

static void
put_age(const struct age_recipient *a, struct buf *out)
{
	char text[AGE_RECIPIENT_LEN + 1];

	age_recipient_encode(a, text);
	buf_puts(out, text);
}

static void
put_vkey(const char *key, const struct vkey *v, struct buf *out)
{
	char text[NOTE_VKEY_MAX];

	vkey_encode(v, text);
	buf_printf(out, "%s %s\n", key, text);
}

/* The name of ${d}'s first channel behind ${name}, NULL if there is none. */
static const char *
next_channel(const struct roster *r, const struct roster_desk *d,
    const char *name)
{
	const char *next = NULL;
	size_t i;

	for (i = 0; i < r->channels; i++)
		if ((d->channels >> i & 1) != 0 &&
		    strcmp(r->channel[i].name, name) > 0 &&
		    (next == NULL || strcmp(r->channel[i].name, next) < 0))
			next = r->channel[i].name;
	return next;
}

static void
put_desk(const struct roster *r, const struct roster_desk *d, struct buf *out)
{
	const char *name = "";

	buf_puts(out, d->role == ROLE_AUDITOR ? "auditor " : "desk ");
	buf_hex(out, d->key, sizeof(d->key));
	if (d->role != ROLE_AUDITOR)
		buf_printf(out, " %s", desk_role_text(d->role));
	buf_printf(out, " %s ", d->label);
	put_age(&d->age, out);
	while ((name = next_channel(r, d, name)) != NULL)
		buf_printf(out, " %s", name);
	buf_putc(out, '\n');
}

static void
put_member(const char *key, const char *channel,
    const struct roster_member *m, struct buf *out)
{
	buf_printf(out, "%s %s ", key, channel);
	put_age(&m->key, out);
	buf_putc(out, '\n');
}

static void
put_channel(const struct roster_channel *c, struct buf *out)
{
	size_t i;

	buf_printf(out, "channel %s\n", c->name);
	for (i = 0; i < c->recipients; i++)
		put_member("recipient", c->name, &c->recipient[i], out);
	for (i = 0; i < c->custodians; i++)
		put_member("custodian", c->name, &c->custodian[i], out);
}

/* Every line behind the third, in the order of the struct. */
static void
put_lines(const struct roster *r, struct buf *out)
{
	size_t i;

	line_put_hex(out, "answers", r->answers, sizeof(r->answers));
	if (r->has_archive) {
		buf_puts(out, "archive ");
		put_age(&r->archive, out);
		buf_putc(out, '\n');
	}
	for (i = 0; i < r->channels; i++)
		put_channel(&r->channel[i], out);
	for (i = 0; i < r->desks; i++)
		put_desk(r, &r->desk[i], out);
	for (i = 0; i < r->clocks; i++)
		buf_printf(out, "clock %s %" PRIu64 "\n", r->clock[i].name,
		    r->clock[i].value);
	buf_printf(out, "epoch %" PRIu64 " %" PRIu64 "\n", r->epoch_seconds,
	    r->epoch0);
	put_vkey("log", &r->log, out);
	put_vkey("promise", &r->promise, out);
	line_put_decimal(out, "retention", r->retention_days);
	for (i = 0; i < r->roster_keys; i++)
		put_vkey("roster-key", &r->roster_key[i], out);
}

static int
compare(const void *a, const void *b)
{
	return line_order(*(const struct bytes *)a, *(const struct bytes *)b);
}

static enum err
put_sorted(struct bytes lines, struct buf *out)
{
	struct cur c = cur_over(lines.p, lines.n);
	struct bytes *line;
	size_t i, n = 0;

	line = calloc(LINES_MAX, sizeof(*line));
	if (line == NULL)
		return ERR_SYS;
	for (; c.left != 0 && n < LINES_MAX; n++)
		line[n].p = cur_line(&c, &line[n].n);
	qsort(line, n, sizeof(*line), compare);
	for (i = 0; i < n; i++) {
		buf_put(out, line[i].p, line[i].n);
		buf_putc(out, '\n');
	}
	free(line);
	return c.left == 0 ? buf_err(out) : ERR_RANGE;
}

static bool
counts_fit(const struct roster *r)
{
	size_t i;

	for (i = 0; i < r->channels && i < ROSTER_CHANNELS; i++)
		if (r->channel[i].recipients > ROSTER_MEMBERS ||
		    r->channel[i].custodians > ROSTER_MEMBERS)
			return false;
	return r->channels <= ROSTER_CHANNELS && r->desks <= ROSTER_DESKS &&
	    r->roster_keys <= ROSTER_KEYS && r->clocks <= ROSTER_CLOCKS;
}

enum err
roster_encode(const struct roster *r, struct buf *out)
{
	struct roster *again = NULL;
	struct buf lines, text;
	size_t line;
	enum err e = ERR_RANGE;

	buf_init(&lines, ROSTER_MAX);
	buf_init(&text, ROSTER_MAX);
	if (!counts_fit(r))
		goto out;
	put_lines(r, &lines);
	e = buf_err(&lines);
	if (e != ERR_OK)
		goto out;
	buf_printf(&text, "%s %s\n", LABEL_ROSTER, r->origin);
	line_put_decimal(&text, "number", r->number);
	line_put_hex(&text, "prev", r->prev, sizeof(r->prev));
	e = put_sorted((struct bytes){ lines.data, lines.len }, &text);
	if (e != ERR_OK)
		goto out;
	/* Nothing is signed that nobody could read: one list of checks. */
	again = malloc(sizeof(*again));
	e = again == NULL ? ERR_SYS : roster_decode(
	    (struct bytes){ text.data, text.len }, again, &line);
	if (e != ERR_OK)
		goto out;
	buf_put(out, text.data, text.len);
	e = buf_err(out);
out:
	free(again);
	buf_done(&lines);
	buf_done(&text);
	return e;
}
