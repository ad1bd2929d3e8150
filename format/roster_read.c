/* Rosters, reading: the table is at the head of roster_text.c. */
#include <string.h>

#include "label.h"
#include "line.h"
#include "roster.h"
#include "roster_check.h"

static enum err
take_name(struct bytes *rest, char *out, size_t size)
{
	struct bytes word;

	if (!line_word(rest, &word) || line_text(word, out, size) != ERR_OK ||
	    !roster_name_valid(out, size - 1))
		return ERR_FORMAT;
	return ERR_OK;
}

static enum err
take_age(struct bytes *rest, struct age_recipient *out)
{
	char text[AGE_RECIPIENT_LEN + 1];
	struct bytes word;

	if (!line_word(rest, &word) ||
	    line_text(word, text, sizeof(text)) != ERR_OK)
		return ERR_KEY;
	return age_recipient_decode(text, out);
}

static enum err
take_key(struct bytes *rest, uint8_t out[static SIGN_PUBLIC_LEN])
{
	struct bytes word;

	if (!line_word(rest, &word) ||
	    hex_decode(word, out, SIGN_PUBLIC_LEN) != ERR_OK)
		return ERR_KEY;
	return sign_key_check(out);
}

static enum err
take_number(struct bytes *rest, uint64_t *out)
{
	struct bytes word;

	return line_word(rest, &word) ? line_decimal(word, out) : ERR_FORMAT;
}

static enum err
take_vkey(struct bytes *rest, struct vkey *out)
{
	struct bytes word;
	enum err e;

	if (!line_word(rest, &word))
		return ERR_FORMAT;
	e = vkey_decode(word, out);
	if (e == ERR_OK && out->type != NOTE_TYPE_ED25519)
		e = ERR_KEY;
	return e;
}

static enum err
read_answers(struct bytes *rest, struct roster *r)
{
	return take_key(rest, r->answers);
}

static enum err
read_archive(struct bytes *rest, struct roster *r)
{
	r->has_archive = true;
	return take_age(rest, &r->archive);
}

static enum err
read_channel(struct bytes *rest, struct roster *r)
{
	if (r->channels == ROSTER_CHANNELS)
		return ERR_RANGE;
	return take_name(rest, r->channel[r->channels++].name,
	    ROSTER_CHANNEL_MAX + 1);
}

static enum err
read_clock(struct bytes *rest, struct roster *r)
{
	struct bytes word;
	size_t i = r->clocks;
	enum err e;

	if (i == ROSTER_CLOCKS)
		return ERR_RANGE;
	if (!line_word(rest, &word))
		return ERR_FORMAT;
	e = line_text(word, r->clock[i].name, sizeof(r->clock[i].name));
	if (e == ERR_OK && !roster_clock_valid(r->clock[i].name))
		e = ERR_FORMAT;
	if (e != ERR_OK)
		return e;
	/* Sorted: a name that stands twice stands in neighbouring lines. */
	if (i > 0 && strcmp(r->clock[i - 1].name, r->clock[i].name) == 0)
		return ERR_CONFLICT;
	r->clocks++;
	return take_number(rest, &r->clock[i].value);
}

static struct roster_channel *
find_channel(struct roster *r, const char *name)
{
	size_t i;

	for (i = 0; i < r->channels; i++)
		if (strcmp(r->channel[i].name, name) == 0)
			return &r->channel[i];
	return NULL;
}

static enum err
read_member(struct bytes *rest, struct roster *r, bool custodian)
{
	char name[ROSTER_CHANNEL_MAX + 1];
	struct roster_channel *c;
	struct roster_member *set;
	size_t *n;
	enum err e;

	e = take_name(rest, name, sizeof(name));
	if (e != ERR_OK)
		return e;
	c = find_channel(r, name);
	if (c == NULL)
		return ERR_CONFLICT;
	set = custodian ? c->custodian : c->recipient;
	n = custodian ? &c->custodians : &c->recipients;
	if (*n == ROSTER_MEMBERS)
		return ERR_RANGE;
	return take_age(rest, &set[(*n)++].key);
}

static enum err
read_custodian(struct bytes *rest, struct roster *r)
{
	return read_member(rest, r, true);
}

static enum err
read_recipient(struct bytes *rest, struct roster *r)
{
	return read_member(rest, r, false);
}

/* Label and age key of a desk or auditor, and that it is nobody else's. */
static enum err
take_desk(struct bytes *rest, struct roster *r)
{
	struct roster_desk *d = &r->desk[r->desks];
	enum err e;

	e = take_name(rest, d->label, sizeof(d->label));
	if (e == ERR_OK)
		e = take_age(rest, &d->age);
	if (e == ERR_OK)
		e = roster_desk_new(r, d);
	r->desks++;
	return e;
}

static enum err
read_auditor(struct bytes *rest, struct roster *r)
{
	struct roster_desk *d;
	enum err e;

	if (r->desks == ROSTER_AUDITORS)
		return ERR_RANGE;
	d = &r->desk[r->desks];
	d->role = ROLE_AUDITOR;
	e = take_key(rest, d->key);
	return e == ERR_OK ? take_desk(rest, r) : e;
}

static enum err
read_desk(struct bytes *rest, struct roster *r)
{
	char name[ROSTER_CHANNEL_MAX + 1];
	struct roster_channel *c;
	struct roster_desk *d;
	struct bytes word;
	uint32_t bit;
	enum err e;

	if (r->desks == ROSTER_DESKS)
		return ERR_RANGE;
	d = &r->desk[r->desks];
	e = take_key(rest, d->key);
	if (e != ERR_OK)
		return e;
	if (!line_word(rest, &word))
		return ERR_FORMAT;
	if (line_is(word, "custodian"))
		d->role = ROLE_CUSTODIAN;
	else if (line_is(word, "investigator"))
		d->role = ROLE_INVESTIGATOR;
	else
		return ERR_FORMAT;
	e = take_desk(rest, r);
	while (e == ERR_OK && rest->n != 0) {
		e = take_name(rest, name, sizeof(name));
		if (e != ERR_OK)
			break;
		c = find_channel(r, name);
		if (c == NULL)
			return ERR_CONFLICT;
		/* Channels stand sorted, so a later one has a higher bit. */
		bit = UINT32_C(1) << (c - r->channel);
		if (d->channels >= bit)
			return ERR_FORMAT;
		d->channels |= bit;
	}
	return e;
}

static enum err
read_epoch(struct bytes *rest, struct roster *r)
{
	enum err e = take_number(rest, &r->epoch_seconds);

	if (e == ERR_OK)
		e = take_number(rest, &r->epoch0);
	if (e == ERR_OK && (r->epoch_seconds == 0 ||
	    r->epoch_seconds > ROSTER_EPOCH_SECONDS_MAX))
		e = ERR_RANGE;
	return e;
}

static enum err
read_log(struct bytes *rest, struct roster *r)
{
	enum err e = take_vkey(rest, &r->log);

	if (e == ERR_OK && strcmp(r->log.name, r->origin) != 0)
		e = ERR_KEY;
	return e;
}

static enum err
read_promise(struct bytes *rest, struct roster *r)
{
	enum err e = take_vkey(rest, &r->promise);
	size_t n = strlen(r->origin);

	if (e == ERR_OK && (strncmp(r->promise.name, r->origin, n) != 0 ||
	    strcmp(r->promise.name + n, "/promise") != 0))
		e = ERR_KEY;
	return e;
}

static enum err
read_retention(struct bytes *rest, struct roster *r)
{
	enum err e = take_number(rest, &r->retention_days);

	if (e == ERR_OK && (r->retention_days == 0 ||
	    r->retention_days > ROSTER_RETENTION_MAX))
		e = ERR_RANGE;
	return e;
}

static enum err
read_roster_key(struct bytes *rest, struct roster *r)
{
	struct vkey *key;
	size_t i;
	enum err e;

	if (r->roster_keys == ROSTER_KEYS)
		return ERR_RANGE;
	key = &r->roster_key[r->roster_keys];
	e = take_vkey(rest, key);
	for (i = 0; e == ERR_OK && i < r->roster_keys; i++)
		if (memcmp(key->public, r->roster_key[i].public,
			SIGN_PUBLIC_LEN) == 0)
			e = ERR_CONFLICT;
	r->roster_keys++;
	return e;
}

/* In the order of the alphabet, as the lines stand. */
static const struct {
	const char *key;
	enum err (*read)(struct bytes *rest, struct roster *r);
	bool required, single;
} kinds[] = {
	{ "answers", read_answers, true, true },
	{ "archive", read_archive, false, true },
	{ "auditor", read_auditor, false, false },
	{ "channel", read_channel, true, false },
	{ "clock", read_clock, false, false },
	{ "custodian", read_custodian, false, false },
	{ "desk", read_desk, false, false },
	{ "epoch", read_epoch, true, true },
	{ "log", read_log, true, true },
	{ "promise", read_promise, true, true },
	{ "recipient", read_recipient, true, false },
	{ "retention", read_retention, true, true },
	{ "roster-key", read_roster_key, true, false },
};
#define KINDS	(sizeof(kinds) / sizeof(kinds[0]))

static enum err
read_line(struct bytes text, struct roster *r, unsigned seen[static KINDS])
{
	struct bytes word, rest = text;
	enum err e;
	size_t i;

	if (!line_word(&rest, &word))
		return ERR_FORMAT;
	for (i = 0; i < KINDS; i++)
		if (line_is(word, kinds[i].key))
			break;
	if (i == KINDS || (seen[i]++ != 0 && kinds[i].single))
		return ERR_FORMAT;
	e = kinds[i].read(&rest, r);
	return e == ERR_OK && rest.n != 0 ? ERR_FORMAT : e;
}

static enum err
read_lines(struct cur *c, struct roster *r, size_t *line)
{
	unsigned seen[KINDS] = { 0 };
	struct bytes text, before = { "", 0 };
	enum err e = ERR_OK;
	size_t i;

	while (c->left != 0) {
		++*line;
		text.p = cur_line(c, &text.n);
		if (text.p == NULL || line_order(before, text) >= 0)
			return ERR_FORMAT;
		e = read_line(text, r, seen);
		if (e != ERR_OK)
			return e;
		before = text;
	}
	++*line;
	for (i = 0; i < KINDS; i++)
		if (kinds[i].required && seen[i] == 0)
			return ERR_FORMAT;
	return roster_whole(r);
}

static enum err
read_head(struct cur *c, struct roster *r, size_t *line)
{
	static const uint8_t zeros[SHA256_LEN];
	struct bytes value;
	enum err e;

	*line = 1;
	e = line_head(c, LABEL_ROSTER, r->origin);
	if (e != ERR_OK)
		return e;
	*line = 2;
	if (!line_take(c, "number", &value))
		return ERR_FORMAT;
	e = line_decimal(value, &r->number);
	if (e == ERR_OK && r->number == 0)
		e = ERR_RANGE;
	if (e != ERR_OK)
		return e;
	*line = 3;
	if (!line_take(c, "prev", &value))
		return ERR_FORMAT;
	e = hex_decode(value, r->prev, sizeof(r->prev));
	if (e == ERR_OK && (r->number == 1) !=
	    (memcmp(r->prev, zeros, sizeof(zeros)) == 0))
		e = ERR_FORMAT;
	return e;
}

enum err
roster_decode(struct bytes text, struct roster *out, size_t *line)
{
	struct cur c = cur_over(text.p, text.n);
	enum err e;

	memset(out, 0, sizeof(*out));
	*line = 0;
	if (text.n > ROSTER_MAX)
		return ERR_RANGE;
	e = read_head(&c, out, line);
	if (e == ERR_OK)
		e = read_lines(&c, out, line);
	if (e != ERR_OK) {
		memset(out, 0, sizeof(*out));
		return e;
	}
	*line = 0;
	return ERR_OK;
}
