/*
 * The people of a demo instance: two investigators, a custodian, an auditor,
 * their homes under DIR/people/LABEL/, one passphrase in a file beside them,
 * and roster 1 signed by one key.  Nothing here is secret from anybody who
 * has the folder: a demo says so on every page and in its origin.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "keyfile.h"
#include "sys.h"

/* A demo's passphrase stands in a file: a slow scrypt would guard nothing. */
#define DEMO_WORK_FACTOR	12
#define DEMO_WORDS		6
#define DEMO_PASS_MAX		64

struct person {
	const char *label;
	enum desk_role role;
	const char *channel;
};
static const struct person people[] = {
	{ "petugas-1", ROLE_INVESTIGATOR, "inspektorat" },
	{ "petugas-2", ROLE_INVESTIGATOR, "luar" },
	{ "kustodian-1", ROLE_CUSTODIAN, "inspektorat" },
	{ "auditor-1", ROLE_AUDITOR, NULL },
};
#define PEOPLE (sizeof(people) / sizeof(people[0]))

static enum err
write_in(const char *dir, const char *name, struct buf *b)
{
	char *path = path_join(dir, name);
	enum err e = buf_err(b);

	if (e == ERR_OK)
		e = file_write(path, b->data, b->len, 0600);
	free(path);
	buf_done(b);
	return (e);
}

/* identity.age: what `age -p` makes of an age-keygen file. */
static enum err
write_identity(const char *home, const char *pass,
    const struct age_identity *id)
{
	struct buf text, file;
	enum err e;

	buf_init(&text, 1024);
	buf_init(&file, 4096);
	age_identities_encode(id, &text);
	if ((e = buf_err(&text)) == ERR_OK)
		e = age_seal_file_passphrase((struct bytes){ pass,
		    strlen(pass) }, DEMO_WORK_FACTOR, (struct bytes){
		    text.data, text.len }, &file);
	buf_done(&text);
	if (e == ERR_OK)
		return (write_in(home, "identity.age", &file));
	buf_done(&file);
	return (e);
}

/* sign.age: the Ed25519 seed, sealed to that identity. */
static enum err
write_sign(const char *home, const uint8_t seed[static SIGN_SEED_LEN],
    const struct age_recipient *to)
{
	struct buf text, file;
	enum err e;

	buf_init(&text, KEYFILE_MAX);
	buf_init(&file, 4096);
	e = keyfile_encode("peluit signing key", seed, SIGN_SEED_LEN, &text);
	if (e == ERR_OK)
		e = age_seal_file(to, 1, (struct bytes){ text.data,
		    text.len }, &file);
	buf_done(&text);
	if (e == ERR_OK)
		return (write_in(home, "sign.age", &file));
	buf_done(&file);
	return (e);
}

static enum err
write_card(const char *home, const struct roster_desk *d)
{
	struct card *c = calloc(1, sizeof(*c));
	struct buf b;
	enum err e;

	if (c == NULL)
		return (ERR_SYS);
	memcpy(c->label, d->label, sizeof(c->label));
	memcpy(c->key, d->key, sizeof(c->key));
	c->age = d->age;
	buf_init(&b, 1024);
	e = card_encode(c, &b);
	free(c);
	if (e == ERR_OK)
		return (write_in(home, "card.txt", &b));
	buf_done(&b);
	return (e);
}

/* One person: keys, home, lines in the roster. */
static enum err
make_person(const struct person *p, const char *dir, const char *pass,
    struct roster *r)
{
	struct roster_desk *d = &r->desk[r->desks++];
	uint8_t seed[SIGN_SEED_LEN];
	struct age_identity id;
	char *home = path_join(dir, p->label);
	char *vault = path_join(home, "vault");
	enum err e;

	rand_bytes(seed, sizeof(seed));
	age_identity_new(&id);
	sign_public(seed, d->key);
	age_identity_recipient(&id, &d->age);
	d->role = p->role;
	(void)snprintf(d->label, sizeof(d->label), "%s", p->label);
	for (size_t i = 0; i < r->channels; i++) {
		struct roster_channel *c = &r->channel[i];
		struct roster_member *m;

		if (p->channel == NULL || strcmp(c->name, p->channel) != 0)
			continue;
		m = p->role == ROLE_CUSTODIAN ? &c->custodian[c->custodians++]
		    : &c->recipient[c->recipients++];
		memcpy(m->label, d->label, sizeof(m->label));
		m->key = d->age;
		d->channels |= 1u << i;
	}
	if ((e = dir_make(home, 0700)) == ERR_OK &&
	    (e = dir_make(vault, 0700)) == ERR_OK &&
	    (e = write_identity(home, pass, &id)) == ERR_OK &&
	    (e = write_sign(home, seed, &d->age)) == ERR_OK)
		e = write_card(home, d);
	wipe(seed, sizeof(seed));
	wipe(&id, sizeof(id));
	free(home);
	free(vault);
	return (e);
}

static void
new_passphrase(char out[static DEMO_PASS_MAX])
{

	out[0] = '\0';
	for (int i = 0; i < DEMO_WORDS; i++) {
		size_t n = strlen(out);

		(void)snprintf(out + n, DEMO_PASS_MAX - n, "%s%s",
		    i == 0 ? "" : "-", word_text(rand_below(RECEIPT_LIST)));
	}
}

static enum err
write_key_file(const char *dir, const char *name, const char *comment,
    const uint8_t *key)
{
	struct buf b;
	enum err e;

	buf_init(&b, KEYFILE_MAX);
	e = keyfile_encode(comment, key, 32, &b);
	if (e == ERR_OK)
		return (write_in(dir, name, &b));
	buf_done(&b);
	return (e);
}

/* An archive key, so that a demo's disclosures open in later years too. */
static enum err
make_archive(const char *dir, struct roster *r)
{
	char text[AGE_IDENTITY_LEN + 1];
	struct age_identity id;
	struct buf b;

	age_identity_new(&id);
	age_identity_recipient(&id, &r->archive);
	r->has_archive = true;
	age_identity_encode(&id, text);
	buf_init(&b, 256);
	buf_printf(&b, "%s\n", text);
	wipe(&id, sizeof(id));
	wipe(text, sizeof(text));
	return (write_in(dir, "archive.key", &b));
}

static void
describe(const struct instance *in, int64_t now, struct roster *r)
{

	text_copy(r->origin, sizeof(r->origin), in->config.origin);
	r->number = 1;
	r->roster_key[r->roster_keys++] = in->roster_key[0];
	r->log = in->log;
	r->promise = in->promise;
	memcpy(r->answers, in->answers, SIGN_PUBLIC_LEN);
	r->epoch_seconds = (uint64_t)in->config.epoch_seconds;
	r->epoch0 = (uint64_t)now / r->epoch_seconds;
	r->retention_days = (uint64_t)in->config.closed_days;
	text_copy(r->clock[0].name, sizeof(r->clock[0].name), "first-response");
	r->clock[0].value = (uint64_t)in->config.first_response_hours;
	r->clocks = 1;
	for (; r->channels < in->config.channels; r->channels++)
		memcpy(r->channel[r->channels].name,
		    in->config.channel[r->channels].name,
		    sizeof(r->channel[0].name));
}

static enum err
sign_roster(struct instance *in, const struct roster *r,
    const uint8_t *seed)
{
	struct buf text, note;
	char *dir = instance_path(in, "public/roster");
	enum err e;

	buf_init(&text, ROSTER_MAX);
	buf_init(&note, ROSTER_MAX);
	if ((e = roster_encode(r, &text)) == ERR_OK)
		e = note_sign((struct bytes){ text.data, text.len },
		    &in->roster_key[0], seed, &note);
	buf_done(&text);
	if (e == ERR_OK)
		e = write_in(dir, "1", &note);
	buf_done(&note);
	free(dir);
	return (e);
}

enum err
demo_make(struct instance *in, const uint8_t *roster_seed, int64_t now)
{
	char pass[DEMO_PASS_MAX];
	struct roster *r = calloc(1, sizeof(*r));
	char *dir = instance_path(in, "people");
	struct buf b;
	enum err e = ERR_SYS;

	if (r == NULL)
		goto out;
	describe(in, now, r);
	new_passphrase(pass);
	buf_init(&b, DEMO_PASS_MAX + 1);
	buf_printf(&b, "%s\n", pass);
	if ((e = dir_make(dir, 0700)) != ERR_OK ||
	    (e = write_in(dir, "passphrase", &b)) != ERR_OK ||
	    (e = write_key_file(dir, "roster.key", "peluit roster key",
	    roster_seed)) != ERR_OK ||
	    (e = make_archive(dir, r)) != ERR_OK)
		goto out;
	for (size_t i = 0; i < PEOPLE && e == ERR_OK; i++)
		e = make_person(&people[i], dir, pass, r);
	if (e == ERR_OK && (e = sign_roster(in, r, roster_seed)) == ERR_OK)
		e = demo_offices(in, NULL);
out:
	wipe(pass, sizeof(pass));
	free(dir);
	free(r);
	return (e);
}

enum err
demo_offices(const struct instance *in, const char *url)
{
	char *dir = instance_path(in, "people");
	enum err e = ERR_OK;

	for (size_t i = 0; i < PEOPLE && e == ERR_OK; i++) {
		char *home = path_join(dir, people[i].label);
		struct buf b;

		buf_init(&b, OFFICE_MAX);
		e = office_of(in, people[i].label, url, &b);
		if (e == ERR_OK && file_exists(home))
			e = write_in(home, "office.conf", &b);
		buf_done(&b);
		free(home);
	}
	free(dir);
	return (e);
}
