/* An instance's folder, read and checked. */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "instance.h"
#include "keyfile.h"
#include "label.h"
#include "sys.h"

#define VKEYS_MAX	4096	/* bytes of a file of verifier keys */

static const char *const secret_file[SECRET_NAMES] = {
	"at-rest.key", "receipt.key", "answers.key", "log.key", "promise.key"
};

char *
instance_path(const struct instance *in, const char *name)
{

	return (path_join(in->dir, name));
}

static enum err
wrong(struct instance *in, enum err e, const char *what, const char *todo)
{

	(void)snprintf(in->why, sizeof(in->why), "%s/%s: %s", in->dir, what,
	    e == ERR_SYS ? strerror(errno) : todo);
	return (e);
}

/* Nothing fails without a word. */
static enum err
said(struct instance *in, enum err e)
{

	if (e != ERR_OK && in->why[0] == '\0')
		(void)snprintf(in->why, sizeof(in->why), "%s",
		    e == ERR_SYS ? strerror(errno) : err_text(e));
	return (e);
}

/* *given: the service manager's copy, in a folder that only we may enter. */
static char *
secret_path(const struct instance *in, enum secret_name s, bool *given)
{
	const char *credentials = getenv("CREDENTIALS_DIRECTORY");
	char *dir, *path;

	*given = false;
	if (credentials != NULL) {
		path = path_join(credentials, secret_file[s]);
		if ((*given = file_exists(path)))
			return (path);
		free(path);
	}
	dir = instance_path(in, "secrets");
	path = path_join(dir, secret_file[s]);
	free(dir);
	return (path);
}

static enum err
read_secret(struct instance *in, enum secret_name s)
{
	uint8_t *text = NULL, key[32];
	size_t len = 0;
	bool given;
	char *path = secret_path(in, s, &given);
	enum err e;

	if ((e = file_read(path, KEYFILE_MAX, &text, &len)) != ERR_OK) {
		(void)snprintf(in->why, sizeof(in->why),
		    "%s: the secret cannot be read (%s)", path,
		    e == ERR_SYS ? strerror(errno) : err_text(e));
		goto out;
	}
	/* its access list, not others' access, can show as a group's bits */
	if (!given && file_too_open(path)) {
		(void)snprintf(in->why, sizeof(in->why), "%s: others can read "
		    "this secret; chmod 600 it", path);
		e = ERR_DENIED;
		goto out;
	}
	if ((e = keyfile_decode((struct bytes){ text, len }, key,
	    sizeof(key))) != ERR_OK) {
		(void)snprintf(in->why, sizeof(in->why), "%s: not a key file: "
		    "one comment line, one line of base64 of 32 bytes", path);
		goto out;
	}
	e = secret_of(key, sizeof(key), &in->secret[s]);
out:
	wipe(key, sizeof(key));
	if (text != NULL)
		wipe(text, len);
	free(text);
	free(path);
	return (e);
}

/* Verifier keys, one a line; *n of them, at most ${max}. */
static enum err
read_vkeys(struct instance *in, const char *name, struct vkey *out,
    size_t max, size_t *n)
{
	char *path = instance_path(in, name);
	uint8_t *text = NULL;
	const char *line;
	struct cur c;
	size_t len;
	enum err e;

	*n = 0;
	if ((e = file_read(path, VKEYS_MAX, &text, &len)) != ERR_OK)
		goto out;
	c = cur_over(text, len);
	e = ERR_FORMAT;
	while (c.left > 0) {
		if (*n == max || (line = cur_line(&c, &len)) == NULL ||
		    vkey_decode((struct bytes){ line, len }, &out[*n]) !=
		    ERR_OK)
			goto out;
		(*n)++;
	}
	e = *n > 0 ? ERR_OK : ERR_FORMAT;
out:
	if (e != ERR_OK)
		(void)wrong(in, e, name, "not a file of verifier keys");
	free(text);
	free(path);
	return (e);
}

static enum err
read_answers(struct instance *in)
{
	char *path = instance_path(in, "public/answers.pub");
	uint8_t *text = NULL;
	size_t len;
	enum err e;

	e = file_read(path, KEYFILE_MAX, &text, &len);
	if (e == ERR_OK && len == HEX_LEN(SIGN_PUBLIC_LEN) + 1)
		e = hex_decode((struct bytes){ text, len - 1 }, in->answers,
		    SIGN_PUBLIC_LEN);
	else if (e == ERR_OK)
		e = ERR_FORMAT;
	if (e != ERR_OK)
		(void)wrong(in, e, "public/answers.pub",
		    "not one line of 64 hex digits");
	free(text);
	free(path);
	return (e);
}

/* The sets of a channel for accused inspectors share nobody with theirs. */
static enum err
check_channels(struct instance *in, const struct config *c,
    const struct roster *r)
{

	for (size_t i = 0; i < c->channels; i++) {
		const struct config_channel *a = &c->channel[i];
		const struct roster_channel *ra, *rb;

		if ((ra = roster_channel_find(r, a->name)) == NULL)
			return (wrong(in, ERR_CONFLICT, "peluit.conf",
			    "has a channel that the roster does not have"));
		for (size_t j = 0; j < c->channels; j++) {
			const struct config_channel *b = &c->channel[j];

			rb = roster_channel_find(r, b->name);
			if (!a->if_inspectorate_accused || !b->inspectorate ||
			    rb == NULL || !roster_channels_share(ra, rb))
				continue;
			(void)snprintf(in->why, sizeof(in->why), "channel %s "
			    "may be chosen when the Inspectorate is accused, "
			    "but shares a recipient or custodian with channel "
			    "%s of the Inspectorate: change the roster",
			    a->name, b->name);
			return (ERR_CONFLICT);
		}
	}
	if (r->channels != c->channels)
		return (wrong(in, ERR_CONFLICT, "peluit.conf",
		    "lacks a channel that the roster has"));
	return (ERR_OK);
}

static enum err
check_announced(struct instance *in, const struct config *c,
    const struct roster *r)
{

	if (strcmp(r->origin, c->origin) != 0)
		return (wrong(in, ERR_CONFLICT, "peluit.conf",
		    "the roster is of another origin"));
	if (r->epoch_seconds != (uint64_t)c->epoch_seconds)
		return (wrong(in, ERR_CONFLICT, "peluit.conf",
		    "epoch_seconds differs from the roster's"));
	if (!vkey_equal(&r->log, &in->log) ||
	    !vkey_equal(&r->promise, &in->promise) ||
	    memcmp(r->answers, in->answers, SIGN_PUBLIC_LEN) != 0)
		return (wrong(in, ERR_CONFLICT, "public",
		    "the roster names other keys of the server than these"));
	if (r->retention_days != (uint64_t)c->closed_days)
		return (wrong(in, ERR_CONFLICT, "peluit.conf",
		    "closed_days differs from the roster's retention"));
	for (size_t i = 0; i < r->clocks; i++) {
		if (strcmp(r->clock[i].name, "first-response") == 0 &&
		    r->clock[i].value != (uint64_t)c->first_response_hours)
			return (wrong(in, ERR_CONFLICT, "peluit.conf",
			    "first_response_hours differs from the roster's"));
	}
	return (ERR_OK);
}

/* Whether ${note} follows what is held; *out is then a fresh roster. */
static enum err
check_chain(struct instance *in, struct bytes note, struct roster **out)
{
	struct held_roster *last = in->rosters > 0 ?
	    &in->roster[in->rosters - 1] : NULL;
	const struct vkey *keys = last != NULL ? last->r->roster_key :
	    in->roster_key;
	size_t n = last != NULL ? last->r->roster_keys : in->roster_keys;
	struct roster *r = calloc(1, sizeof(*r));
	size_t line = 0;
	enum err e;

	*out = NULL;
	if (r == NULL)
		return (ERR_SYS);
	e = roster_open(note, keys, n, r, &line);
	if (e == ERR_MAC || e == ERR_NOMATCH) {
		(void)snprintf(in->why, sizeof(in->why), "the roster is not "
		    "signed by all %zu roster keys in force", n);
		goto out;
	}
	if (e != ERR_OK) {
		(void)snprintf(in->why, sizeof(in->why), "the roster's line "
		    "%zu is wrong: %s", line, err_text(e));
		goto out;
	}
	if (last == NULL && r->number != 1)
		e = ERR_CONFLICT;
	else if (last != NULL)
		e = roster_follows(r, last->r, (struct bytes){ last->note,
		    last->note_len });
	if (e != ERR_OK) {
		(void)snprintf(in->why, sizeof(in->why), "the roster has "
		    "number %llu and does not follow number %zu, which is the "
		    "newest here", (unsigned long long)r->number,
		    in->rosters);
	}
out:
	if (e == ERR_OK)
		*out = r;
	else
		free(r);
	return (e);
}

enum err
instance_config_fits(struct instance *in, const struct config *c)
{
	const struct roster *r = instance_roster_newest(in);
	enum err e;

	if (r == NULL)
		return (ERR_OK);
	if ((e = check_announced(in, c, r)) == ERR_OK)
		e = check_channels(in, c, r);
	return (e);
}

enum err
instance_roster_check(struct instance *in, struct bytes note,
    struct roster **out)
{
	enum err e;

	in->why[0] = '\0';
	if ((e = check_chain(in, note, out)) != ERR_OK)
		return (said(in, e));
	if ((e = check_announced(in, &in->config, *out)) == ERR_OK)
		e = check_channels(in, &in->config, *out);
	if (e != ERR_OK) {
		free(*out);
		*out = NULL;
	}
	return (said(in, e));
}

enum err
instance_roster_add(struct instance *in, struct bytes note, uint64_t accepted)
{
	struct held_roster *h;
	struct roster *r;
	enum err e;

	if (in->rosters == INSTANCE_ROSTERS)
		return (ERR_RANGE);
	if ((e = check_chain(in, note, &r)) != ERR_OK)
		return (e);
	if (in->roster == NULL)
		in->roster = calloc(INSTANCE_ROSTERS, sizeof(*in->roster));
	if (in->roster == NULL)
		goto nomem;
	h = &in->roster[in->rosters];
	if ((h->note = malloc(note.n)) == NULL)
		goto nomem;
	memcpy(h->note, note.p, note.n);
	h->note_len = note.n;
	h->r = r;
	h->accepted = accepted;
	sha256(note.p, note.n, h->hash);
	if (in->rosters == 0)
		in->epoch0 = r->epoch0;
	in->rosters++;
	return (ERR_OK);
nomem:
	free(r);
	return (ERR_SYS);
}

/*
 * When a roster was accepted stands in the store, not in its file's times:
 * who opens the store sets it (records_rosters).
 */
static enum err
read_rosters(struct instance *in)
{
	enum err e;

	for (unsigned n = 1;; n++) {
		char name[64];
		uint8_t *note = NULL;
		size_t len = 0;
		char *path;

		(void)snprintf(name, sizeof(name), "public/roster/%u", n);
		path = instance_path(in, name);
		e = file_read(path, ROSTER_MAX, &note, &len);
		free(path);
		if (e == ERR_NOTFOUND)
			return (ERR_OK);
		if (e != ERR_OK)
			return (wrong(in, e, name, "cannot be read"));
		e = instance_roster_add(in, (struct bytes){ note, len }, 0);
		free(note);
		if (e != ERR_OK)
			return (e);
	}
}

static enum err
open_all(const char *dir, unsigned secrets, struct instance *out)
{
	char conf_why[CONFIG_ERROR_MAX];
	char *path;
	size_t n;
	enum err e;

	if ((out->dir = strdup(dir)) == NULL)
		return (ERR_SYS);
	path = instance_path(out, "peluit.conf");
	if (!file_exists(path)) {
		free(path);
		return (wrong(out, ERR_NOTFOUND, "peluit.conf", "not there; "
		    "make an instance with: peluitd init DIR"));
	}
	e = config_read(path, &out->config, conf_why);
	free(path);
	if (e != ERR_OK) {
		(void)snprintf(out->why, sizeof(out->why), "%s", conf_why);
		return (e);
	}
	out->epoch_seconds = out->config.epoch_seconds;
	out->demo = strncmp(out->config.origin, "demo.", 5) == 0;
	for (int s = 0; s < SECRET_NAMES; s++) {
		if ((secrets & (1u << s)) != 0 &&
		    (e = read_secret(out, (enum secret_name)s)) != ERR_OK)
			return (e);
	}
	if ((e = read_vkeys(out, "public/log.vkey", &out->log, 1, &n)) !=
	    ERR_OK ||
	    (e = read_vkeys(out, "public/promise.vkey", &out->promise, 1,
	    &n)) != ERR_OK ||
	    (e = read_vkeys(out, "public/roster.vkey", out->roster_key,
	    ROSTER_KEYS, &out->roster_keys)) != ERR_OK ||
	    (e = read_answers(out)) != ERR_OK)
		return (e);
	return (read_rosters(out));
}

enum err
instance_open(const char *dir, unsigned secrets, struct instance *out)
{

	memset(out, 0, sizeof(*out));
	return (said(out, open_all(dir, secrets, out)));
}

void
instance_close(struct instance *in)
{

	for (size_t i = 0; i < in->rosters; i++) {
		free(in->roster[i].r);
		free(in->roster[i].note);
	}
	free(in->roster);
	for (int s = 0; s < SECRET_NAMES; s++)
		secret_free(in->secret[s]);
	free(in->dir);
	memset(in, 0, sizeof(*in));
}

/* Roster 1 counts at once, a later one from the epoch after. */
static uint64_t
counts_from(const struct instance *in, size_t i)
{

	return (i == 0 ? in->roster[0].r->epoch0 : in->roster[i].accepted + 1);
}

const struct roster *
instance_roster_at(const struct instance *in, uint64_t epoch)
{

	for (size_t i = in->rosters; i > 0; i--) {
		if (counts_from(in, i - 1) <= epoch)
			return (in->roster[i - 1].r);
	}
	return (NULL);
}

const struct roster *
instance_roster_newest(const struct instance *in)
{

	return (in->rosters > 0 ? in->roster[in->rosters - 1].r : NULL);
}

const struct roster_channel *
instance_set_find(const struct instance *in, uint64_t epoch,
    const char *channel, const uint8_t hash[static SHA256_LEN])
{

	for (uint64_t back = 0; back <= 2 && back <= epoch; back++) {
		const struct roster *r = instance_roster_at(in, epoch - back);
		const struct roster_channel *c = r == NULL ? NULL :
		    roster_channel_find(r, channel);
		uint8_t h[SHA256_LEN];

		if (c == NULL)
			continue;
		channel_set_hash(r->origin, c, h);
		if (memcmp(h, hash, sizeof(h)) == 0)
			return (c);
	}
	return (NULL);
}

const struct roster_desk *
instance_desk(const struct instance *in, uint64_t epoch,
    const uint8_t key[static SIGN_PUBLIC_LEN])
{
	const struct roster *newest = instance_roster_newest(in);
	const struct roster *now = instance_roster_at(in, epoch);

	/* what the newest leaves out is refused at once; what it adds waits */
	if (newest == NULL || now == NULL ||
	    roster_desk_find(now, key) == NULL)
		return (NULL);
	return (roster_desk_find(newest, key));
}

uint64_t
instance_epoch0(const struct instance *in)
{

	return (in->epoch0);
}

uint64_t
instance_epoch(const struct instance *in, int64_t unix_seconds)
{
	uint64_t n = unix_seconds < 0 ? 0 : (uint64_t)unix_seconds /
	    (uint64_t)in->epoch_seconds;

	return (n < instance_epoch0(in) ? instance_epoch0(in) : n);
}

int64_t
instance_epoch_start(const struct instance *in, uint64_t epoch)
{

	return ((int64_t)epoch * in->epoch_seconds);
}

void
instance_salt(const struct instance *in, uint8_t out[static SALT_LEN])
{
	const struct secret *key = in->secret[SECRET_RECEIPT];

	hkdf(out, SALT_LEN, key->bytes, key->len, LABEL_SALT);
}

void
instance_authority(const struct instance *in, char out[static 256])
{

	/* a name, not an address: it stays when the desk's address moves */
	if (in->config.desk_authority[0] != '\0')
		(void)snprintf(out, 256, "%s", in->config.desk_authority);
	else
		(void)snprintf(out, 256, "desk.%.*s",
		    (int)strcspn(in->config.origin, "/"), in->config.origin);
}
