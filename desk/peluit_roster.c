/* peluit roster new, add, retire: writing a roster, before it is signed. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rosterfile.h"

#define RETENTION_DAYS		365
#define FIRST_RESPONSE_HOURS	48
#define CARD_MAX		1024

static enum peluit_exit
take_number(struct desk *d, const char *option, const char *text,
    uint64_t fallback, uint64_t *out)
{
	char *end;

	*out = fallback;
	if (text == NULL)
		return DESK_DONE;
	errno = 0;
	*out = strtoull(text, &end, 10);
	if (errno != 0 || text[0] < '0' || text[0] > '9' || *end != '\0')
		return peluit_fail(d, DESK_USAGE, W_OPTION_BAD, option, text);
	return DESK_DONE;
}

static enum peluit_exit
take_keys(struct desk *d, const char *const *text, size_t n,
    struct roster *r)
{
	size_t i;

	if (n == 0)
		return DESK_DONE;
	for (i = 0; i < n; i++)
		if (vkey_decode((struct bytes){ text[i], strlen(text[i]) },
		    &r->roster_key[i]) != ERR_OK)
			return peluit_fail(d, DESK_NO, W_VKEY_BAD, text[i],
			    NULL);
	r->roster_keys = n;
	return DESK_DONE;
}

/* The channel, made if it is new.  *at: its number. */
static enum peluit_exit
channel_of(struct desk *d, struct roster *r, const char *name, size_t *at)
{
	for (*at = 0; *at < r->channels; ++*at)
		if (strcmp(r->channel[*at].name, name) == 0)
			return DESK_DONE;
	if (!roster_name_valid(name, ROSTER_CHANNEL_MAX))
		return peluit_fail(d, DESK_USAGE, W_ROSTER_CHANNEL, name,
		    "a-z 0-9 -");
	if (r->channels == ROSTER_CHANNELS)
		return peluit_fail(d, DESK_NO, W_ROSTER_FULL, name, NULL);
	memset(&r->channel[*at], 0, sizeof(r->channel[*at]));
	(void)snprintf(r->channel[*at].name, sizeof(r->channel[*at].name),
	    "%s", name);
	r->channels++;
	return DESK_DONE;
}

static enum peluit_exit
join_channel(struct desk *d, struct roster *r, struct roster_desk *desk,
    const char *name)
{
	struct roster_member *list;
	enum peluit_exit x;
	size_t at, *n;

	if ((x = channel_of(d, r, name, &at)) != DESK_DONE)
		return x;
	if ((desk->channels >> at & 1) != 0)
		return DESK_DONE;
	list = desk->role == ROLE_CUSTODIAN ? r->channel[at].custodian :
	    r->channel[at].recipient;
	n = desk->role == ROLE_CUSTODIAN ? &r->channel[at].custodians :
	    &r->channel[at].recipients;
	if (*n == ROSTER_MEMBERS)
		return peluit_fail(d, DESK_NO, W_ROSTER_FULL, name, NULL);
	memset(&list[*n], 0, sizeof(list[*n]));
	memcpy(list[*n].label, desk->label, sizeof(desk->label));
	list[*n].key = desk->age;
	++*n;
	desk->channels |= UINT32_C(1) << at;
	return DESK_DONE;
}

static enum peluit_exit
read_card(struct desk *d, const char *path, struct card *card)
{
	uint8_t *data = NULL;
	size_t len = 0;
	enum peluit_exit x = DESK_DONE;
	enum err e;

	if ((e = file_read(path, CARD_MAX, &data, &len)) != ERR_OK)
		return peluit_err(d, e, W_FILE_READ, path);
	if (card_decode((struct bytes){ data, len }, card) != ERR_OK)
		x = peluit_fail(d, DESK_NO, W_CARD_BAD, path, NULL);
	free(data);
	return x;
}

static enum peluit_exit
new_desk(struct desk *d, struct roster *r, const struct card *card,
    const char *role, struct roster_desk **out)
{
	static const enum desk_role roles[] = { ROLE_INVESTIGATOR,
	    ROLE_CUSTODIAN, ROLE_AUDITOR };
	struct roster_desk *desk;
	size_t i;

	if (roster_desk_by_label(r, card->label) != NULL ||
	    roster_desk_find(r, card->key) != NULL)
		return peluit_fail(d, DESK_NO, W_ROSTER_LABEL, card->label,
		    NULL);
	if (r->desks == ROSTER_DESKS)
		return peluit_fail(d, DESK_NO, W_ROSTER_FULL, card->label,
		    NULL);
	for (i = 0; i < 3; i++)
		if (strcmp(role, desk_role_text(roles[i])) == 0)
			break;
	if (i == 3)
		return peluit_fail(d, DESK_USAGE, W_ROSTER_ROLE, role, NULL);
	desk = *out = &r->desk[r->desks++];
	memset(desk, 0, sizeof(*desk));
	desk->role = roles[i];
	memcpy(desk->key, card->key, sizeof(desk->key));
	memcpy(desk->label, card->label, sizeof(desk->label));
	desk->age = card->age;
	return DESK_DONE;
}

/* The options of `roster new`. */
struct fresh {
	const char *file, *office, *from, *seconds, *epoch0, *retention;
	const char *card, *channel[ROSTER_CHANNELS], *key[ROSTER_KEYS];
	size_t channels, keys;
};

/* A roster without a channel that somebody reads is none. */
static enum peluit_exit
first_desk(struct desk *d, const struct fresh *o, struct roster *r)
{
	struct roster_desk *desk;
	struct card card;
	enum peluit_exit x;
	size_t i;

	if ((x = read_card(d, o->card, &card)) != DESK_DONE ||
	    (x = new_desk(d, r, &card, desk_role_text(ROLE_INVESTIGATOR),
	    &desk)) != DESK_DONE)
		return x;
	for (i = 0; i < o->channels && x == DESK_DONE; i++)
		x = join_channel(d, r, desk, o->channel[i]);
	return x;
}

/* Roster 1: the instance's keys from its office file. */
static enum peluit_exit
first(struct desk *d, const struct fresh *o, struct roster *r)
{
	struct office *office = calloc(1, sizeof(*office));
	char number[24];
	uint8_t *data = NULL;
	size_t len = 0, line = 0;
	enum peluit_exit x;
	enum err e;

	if (office == NULL)
		return peluit_fail(d, DESK_MACHINE, W_MACHINE, "memory", NULL);
	if ((x = take_number(d, "--epoch-seconds", o->seconds, 21600,
	    &r->epoch_seconds)) != DESK_DONE ||
	    (x = take_number(d, "--epoch0", o->epoch0, 0, &r->epoch0)) !=
	    DESK_DONE || (x = take_number(d, "--retention", o->retention,
	    RETENTION_DAYS, &r->retention_days)) != DESK_DONE)
		goto out;
	if ((e = file_read(o->office, OFFICE_MAX, &data, &len)) != ERR_OK) {
		x = peluit_err(d, e, W_FILE_READ, o->office);
		goto out;
	}
	if (office_decode((struct bytes){ data, len }, office, &line) !=
	    ERR_OK) {
		(void)snprintf(number, sizeof(number), "%zu", line);
		x = peluit_fail(d, DESK_NO, W_OFFICE_BAD, o->office, number);
		goto out;
	}
	(void)snprintf(r->origin, sizeof(r->origin), "%s", office->origin);
	r->number = 1;
	r->log = office->log;
	r->promise = office->promise;
	memcpy(r->answers, office->answers, sizeof(r->answers));
	memcpy(r->roster_key, office->roster_key, sizeof(r->roster_key));
	r->roster_keys = office->roster_keys;
	r->clocks = 1;
	(void)snprintf(r->clock[0].name, sizeof(r->clock[0].name),
	    "first-response");
	r->clock[0].value = FIRST_RESPONSE_HOURS;
	if (r->epoch_seconds > 0 && o->epoch0 == NULL) {
		if ((e = clock_open(NULL, &d->clock)) != ERR_OK)
			x = peluit_err(d, e, W_MACHINE, "clock");
		else
			r->epoch0 = (uint64_t)clock_now(d->clock) /
			    r->epoch_seconds;
	}
	if (x == DESK_DONE)
		x = first_desk(d, o, r);
out:
	free(office);
	free(data);
	return x;
}

/* A later roster: everything as it was, behind the note before it. */
static enum peluit_exit
next(struct desk *d, const struct fresh *o, struct roster *r)
{
	struct rosterfile before;
	enum peluit_exit x;

	if ((x = rosterfile_read(d, o->from, &before)) != DESK_DONE)
		goto out;
	if (!before.is_signed) {
		x = peluit_fail(d, DESK_NO, W_ROSTER_NOTE, o->from, NULL);
		goto out;
	}
	*r = *before.roster;
	r->number++;
	sha256(before.data, before.len, r->prev);
	x = take_number(d, "--retention", o->retention, r->retention_days,
	    &r->retention_days);
out:
	rosterfile_done(&before);
	return x;
}

enum peluit_exit
peluit_roster_new(struct desk *d, const struct peluit_command *c, int argc,
    char **argv)
{
	struct fresh o = { .file = NULL };
	const struct peluit_option spec[] = {
		{ .name = "--file", .value = &o.file },
		{ .name = "--office", .value = &o.office },
		{ .name = "--from", .value = &o.from },
		{ .name = "--epoch-seconds", .value = &o.seconds },
		{ .name = "--epoch0", .value = &o.epoch0 },
		{ .name = "--retention", .value = &o.retention },
		{ .name = "--card", .value = &o.card },
		{ .name = "--channel", .list = o.channel,
		    .list_max = ROSTER_CHANNELS, .list_n = &o.channels },
		{ .name = "--roster-key", .list = o.key,
		    .list_max = ROSTER_KEYS, .list_n = &o.keys },
		{ .name = NULL }
	};
	struct roster *r = NULL;
	enum peluit_exit x;

	if ((x = peluit_args(d, c, spec, &argc, argv)) != DESK_DONE)
		return x;
	if (o.file == NULL || (o.office == NULL) == (o.from == NULL))
		return peluit_fail(d, DESK_USAGE, W_OPTION_MISSING,
		    o.file == NULL ? "--file" : "--office | --from",
		    c->usage);
	if ((o.office != NULL) != (o.card != NULL && o.channels > 0))
		return peluit_fail(d, DESK_USAGE, W_OPTION_MISSING,
		    "--card --channel", c->usage);
	if ((r = calloc(1, sizeof(*r))) == NULL)
		return peluit_fail(d, DESK_MACHINE, W_MACHINE, "memory", NULL);
	x = o.from != NULL ? next(d, &o, r) : first(d, &o, r);
	if (x == DESK_DONE && (x = take_keys(d, o.key, o.keys, r)) ==
	    DESK_DONE && r->roster_keys == 0)
		x = peluit_fail(d, DESK_NO, W_ROSTER_NO_KEY, NULL, NULL);
	if (x == DESK_DONE)
		x = rosterfile_write(d, o.file, r, true);
	free(r);
	return x;
}

/* A roster's text that may still be changed. */
static enum peluit_exit
open_text(struct desk *d, const struct peluit_command *c, const char *file,
    struct rosterfile *f)
{
	enum peluit_exit x;

	memset(f, 0, sizeof(*f));
	if (file == NULL)
		return peluit_fail(d, DESK_USAGE, W_OPTION_MISSING, "--file",
		    c->usage);
	if ((x = rosterfile_read(d, file, f)) != DESK_DONE)
		return x;
	return f->is_signed ? peluit_fail(d, DESK_NO, W_ROSTER_SIGNED, file,
	    NULL) : DESK_DONE;
}

enum peluit_exit
peluit_roster_add(struct desk *d, const struct peluit_command *c, int argc,
    char **argv)
{
	const char *file = NULL, *role = NULL, *channel[ROSTER_CHANNELS];
	size_t channels = 0, i;
	const struct peluit_option spec[] = {
		{ .name = "--file", .value = &file },
		{ .name = "--role", .value = &role },
		{ .name = "--channel", .list = channel,
		    .list_max = ROSTER_CHANNELS, .list_n = &channels },
		{ .name = NULL }
	};
	struct rosterfile f = { .data = NULL };
	struct roster_desk *desk = NULL;
	struct card card;
	enum peluit_exit x;

	if ((x = peluit_args(d, c, spec, &argc, argv)) != DESK_DONE)
		return x;
	if (role == NULL)
		return peluit_fail(d, DESK_USAGE, W_OPTION_MISSING, "--role",
		    c->usage);
	if ((x = open_text(d, c, file, &f)) != DESK_DONE ||
	    (x = read_card(d, argv[0], &card)) != DESK_DONE ||
	    (x = new_desk(d, f.roster, &card, role, &desk)) != DESK_DONE)
		goto out;
	if ((desk->role == ROLE_AUDITOR) != (channels == 0)) {
		x = peluit_fail(d, DESK_USAGE, W_OPTION_MISSING, "--channel",
		    c->usage);
		goto out;
	}
	for (i = 0; i < channels && x == DESK_DONE; i++)
		x = join_channel(d, f.roster, desk, channel[i]);
	if (x == DESK_DONE)
		x = rosterfile_write(d, file, f.roster, false);
out:
	rosterfile_done(&f);
	return x;
}

/* Takes ${key} out of a list of members. */
static void
leave(struct roster_member *list, size_t *n, const struct age_recipient *key)
{
	size_t i, kept = 0;

	for (i = 0; i < *n; i++)
		if (memcmp(&list[i].key, key, sizeof(*key)) != 0)
			list[kept++] = list[i];
	*n = kept;
}

enum peluit_exit
peluit_roster_retire(struct desk *d, const struct peluit_command *c, int argc,
    char **argv)
{
	const char *file = NULL;
	const struct peluit_option spec[] = {
		{ .name = "--file", .value = &file }, { .name = NULL }
	};
	struct rosterfile f = { .data = NULL };
	struct age_recipient key;
	struct roster *r;
	enum peluit_exit x;
	size_t i;

	if ((x = peluit_args(d, c, spec, &argc, argv)) != DESK_DONE)
		return x;
	if ((x = open_text(d, c, file, &f)) != DESK_DONE)
		goto out;
	r = f.roster;
	for (i = 0; i < r->desks; i++)
		if (strcmp(r->desk[i].label, argv[0]) == 0)
			break;
	if (i == r->desks) {
		x = peluit_fail(d, DESK_NO, W_ROSTER_NO_LABEL, argv[0], NULL);
		goto out;
	}
	key = r->desk[i].age;
	memmove(&r->desk[i], &r->desk[i + 1],
	    (r->desks - i - 1) * sizeof(r->desk[0]));
	r->desks--;
	for (i = 0; i < r->channels && x == DESK_DONE; i++) {
		leave(r->channel[i].recipient, &r->channel[i].recipients,
		    &key);
		leave(r->channel[i].custodian, &r->channel[i].custodians,
		    &key);
		if (r->channel[i].recipients == 0)
			x = peluit_fail(d, DESK_NO, W_ROSTER_CHANNEL,
			    r->channel[i].name, "0 recipients");
	}
	if (x == DESK_DONE)
		x = rosterfile_write(d, file, r, false);
out:
	rosterfile_done(&f);
	return x;
}
