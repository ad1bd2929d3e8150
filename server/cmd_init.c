/* peluitd init: a new instance. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cmd.h"
#include "keyfile.h"
#include "signer.h"
#include "sys.h"

#define DEMO_EPOCH_SEC	60

struct wanted {
	const char *dir, *origin;
	bool demo;
	long epoch_seconds;
	const char *addr[3];		/* source, desk, log */
	const char *roster_key[ROSTER_KEYS];
	size_t roster_keys;
};

static const char *const addr_demo[3] = {
	"tcp:127.0.0.1:8080", "tcp:127.0.0.1:8081", "tcp:127.0.0.1:8082"
};
static const char *const addr_default[3] = {
	"unix:/run/peluit/source.sock", "unix:/run/peluit/desk.sock",
	"unix:/run/peluit/log.sock"
};

static int
usage(const char *why)
{

	if (why != NULL)
		diag("init: %s", why);
	diag("usage: peluitd init DIR [--demo] [--origin NAME] "
	    "[--epoch-seconds N] [--source ADDR] [--desk ADDR] [--log ADDR] "
	    "[--roster-key VKEY]...");
	return (EXIT_USE);
}

static int
parse_epoch(const char *text, struct wanted *w)
{
	char *end;

	errno = 0;
	w->epoch_seconds = strtol(text, &end, 10);
	if (errno != 0 || *text == '\0' || *end != '\0' ||
	    w->epoch_seconds < 10 || w->epoch_seconds > 86400)
		return (usage("--epoch-seconds takes a number from 10 to "
		    "86400"));
	return (EXIT_DONE);
}

static int
parse(int argc, char **argv, struct wanted *w)
{
	static const char *const addr[3] = { "--source", "--desk", "--log" };

	memset(w, 0, sizeof(*w));
	for (int i = 1; i < argc; i++) {
		const char *a = argv[i], *next = argv[i + 1];
		bool known = false;

		if (strcmp(a, "--demo") == 0) {
			w->demo = true;
			continue;
		}
		if (a[0] != '-') {
			if (w->dir != NULL)
				return (usage("one folder, not two"));
			w->dir = a;
			continue;
		}
		if (next == NULL)
			return (usage("an option without its value, or one "
			    "that is not known"));
		for (int k = 0; k < 3; k++) {
			if (strcmp(a, addr[k]) == 0) {
				w->addr[k] = next;
				known = true;
			}
		}
		if (strcmp(a, "--origin") == 0) {
			w->origin = next;
		} else if (strcmp(a, "--epoch-seconds") == 0) {
			if (parse_epoch(next, w) != EXIT_DONE)
				return (EXIT_USE);
		} else if (strcmp(a, "--roster-key") == 0) {
			if (w->roster_keys == ROSTER_KEYS)
				return (usage("too many roster keys"));
			w->roster_key[w->roster_keys++] = next;
		} else if (!known) {
			return (usage("an option that is not known"));
		}
		i++;
	}
	if (w->dir == NULL)
		return (usage("which folder?"));
	if (w->demo && w->roster_keys > 0)
		return (usage("a demo makes its own roster key"));
	if (!w->demo && w->roster_keys == 0)
		return (usage("an instance needs the offline keys that sign "
		    "its roster: --roster-key VKEY, twice; or --demo"));
	if (!w->demo && w->origin == NULL)
		return (usage("an instance needs a name for life: --origin "
		    "NAME; or --demo"));
	return (EXIT_DONE);
}

static void
channel(struct config *c, const char *name, const char *id, const char *en,
    bool inspectorate)
{
	struct config_channel *ch = &c->channel[c->channels++];

	(void)snprintf(ch->name, sizeof(ch->name), "%s", name);
	(void)snprintf(ch->label[LANG_ID], sizeof(ch->label[0]), "%s", id);
	(void)snprintf(ch->label[LANG_EN], sizeof(ch->label[0]), "%s", en);
	ch->inspectorate = inspectorate;
	ch->if_inspectorate_accused = !inspectorate;
}

static int
make_config(const struct wanted *w, struct config *c)
{
	struct addr *addr[3] = { &c->source, &c->desk, &c->log };
	const char *origin = w->origin != NULL ? w->origin : "peluit.invalid";
	bool named = strncmp(origin, "demo.", 5) == 0;

	config_default(c);
	if (w->demo != named && !w->demo)
		return (usage("an origin that begins with \"demo.\" is a "
		    "demo's"));
	if (strlen(origin) + 5 > ORIGIN_MAX ||
	    strpbrk(origin, " +\t\n\"\\") != NULL ||
	    strstr(origin, "://") != NULL || *origin == '\0')
		return (usage("--origin takes a name without scheme, spaces "
		    "and '+', such as wbs.example.go.id/log"));
	(void)snprintf(c->origin, sizeof(c->origin), "%s%s",
	    w->demo && !named ? "demo." : "", origin);
	for (int k = 0; k < 3; k++) {
		const char *a = w->addr[k] != NULL ? w->addr[k] :
		    w->demo ? addr_demo[k] : addr_default[k];

		if (addr_parse(a, addr[k]) != ERR_OK)
			return (usage("an address is unix:/path, "
			    "tcp:127.0.0.1:PORT or tcp:[::1]:PORT"));
	}
	text_copy(c->title[LANG_ID], sizeof(c->title[LANG_ID]),
	    "Layanan Surat Kota");
	text_copy(c->title[LANG_EN], sizeof(c->title[LANG_EN]),
	    "City Letter Service");
	if (w->epoch_seconds != 0)
		c->epoch_seconds = w->epoch_seconds;
	else if (w->demo)
		c->epoch_seconds = DEMO_EPOCH_SEC;
	channel(c, "inspektorat", "Petugas Inspektorat",
	    "Officers of the Inspectorate", true);
	channel(c, "luar", "Pejabat di luar Inspektorat",
	    "An officer outside the Inspectorate", false);
	return (EXIT_DONE);
}

/* ---- files ---- */

static enum err
write_at(const struct instance *in, const char *name, const struct buf *b,
    mode_t mode)
{
	char *path;
	enum err e;

	if ((e = buf_err(b)) != ERR_OK)
		return (e);
	path = instance_path(in, name);
	e = file_write_new(path, b->data, b->len, mode);
	free(path);
	return (e);
}

static enum err
write_secret(const struct instance *in, const char *name,
    const uint8_t key[static 32])
{
	char comment[96];
	struct buf b;
	enum err e;

	(void)snprintf(comment, sizeof(comment), "peluit %s, keep secret",
	    name);
	buf_init(&b, KEYFILE_MAX);
	if ((e = keyfile_encode(comment, key, 32, &b)) == ERR_OK)
		e = write_at(in, name, &b, 0600);
	buf_done(&b);
	return (e);
}

static enum err
write_vkeys(const struct instance *in, const char *name,
    const struct vkey *keys, size_t n)
{
	char text[NOTE_VKEY_MAX];
	struct buf b;
	enum err e;

	buf_init(&b, 8192);
	for (size_t i = 0; i < n; i++) {
		vkey_encode(&keys[i], text);
		buf_printf(&b, "%s\n", text);
	}
	e = write_at(in, name, &b, 0644);
	buf_done(&b);
	return (e);
}

/* A signing key of one purpose: its seed kept, its public half in a vkey. */
static enum err
signing_key(const struct instance *in, const char *file, const char *name,
    struct vkey *out)
{
	uint8_t seed[SIGN_SEED_LEN], public[SIGN_PUBLIC_LEN];
	enum err e;

	rand_bytes(seed, sizeof(seed));
	sign_public(seed, public);
	e = vkey_of(name, NOTE_TYPE_ED25519, public, out);
	if (e == ERR_OK)
		e = write_secret(in, file, seed);
	wipe(seed, sizeof(seed));
	return (e);
}

static enum err
make_keys(struct instance *in)
{
	char name[NOTE_NAME_MAX + 1];
	uint8_t key[32];
	struct vkey answers;
	struct buf b;
	enum err e;

	rand_bytes(key, sizeof(key));
	if ((e = write_secret(in, "secrets/at-rest.key", key)) != ERR_OK)
		goto out;
	e = secret_of(key, sizeof(key), &in->secret[SECRET_AT_REST]);
	if (e != ERR_OK)
		goto out;
	rand_bytes(key, sizeof(key));
	if ((e = write_secret(in, "secrets/receipt.key", key)) != ERR_OK)
		goto out;
	e = secret_of(key, sizeof(key), &in->secret[SECRET_RECEIPT]);
	if (e != ERR_OK)
		goto out;
	(void)snprintf(name, sizeof(name), "%s/promise", in->config.origin);
	if ((e = signing_key(in, "secrets/log.key", in->config.origin,
	    &in->log)) != ERR_OK ||
	    (e = signing_key(in, "secrets/promise.key", name, &in->promise))
	    != ERR_OK ||
	    (e = signing_key(in, "secrets/answers.key", "answers", &answers))
	    != ERR_OK ||
	    (e = write_vkeys(in, "public/log.vkey", &in->log, 1)) != ERR_OK ||
	    (e = write_vkeys(in, "public/promise.vkey", &in->promise, 1)) !=
	    ERR_OK)
		goto out;
	memcpy(in->answers, answers.public, SIGN_PUBLIC_LEN);
	buf_init(&b, 128);
	buf_hex(&b, in->answers, SIGN_PUBLIC_LEN);
	buf_putc(&b, '\n');
	e = write_at(in, "public/answers.pub", &b, 0644);
	buf_done(&b);
out:
	wipe(key, sizeof(key));
	return (e);
}

struct install_job { struct records *r; struct install_record i; };

static enum err
install_job(struct store_txn *t, void *arg)
{
	struct install_job *j = arg;

	return (install_put(j->r, t, &j->i));
}

static enum err
make_store(struct instance *in)
{
	struct store_options so = { .read_only = false };
	struct install_job j = { .r = NULL };
	struct store *s = NULL;
	char *path = instance_path(in, "store");
	enum err e;

	text_copy(j.i.origin, sizeof(j.i.origin), in->config.origin);
	j.i.cost = in->config.argon2;
	instance_salt(in, j.i.salt);
	j.i.epoch_seconds = (uint64_t)in->config.epoch_seconds;
	if ((e = store_create(path)) == ERR_OK &&
	    (e = records_new(in->secret[SECRET_AT_REST], &j.r)) == ERR_OK &&
	    (e = store_open(path, &so, &s)) == ERR_OK)
		e = store_write(s, STORE_LAST, install_job, &j);
	if (s != NULL)
		store_close(s);
	records_free(j.r);
	free(path);
	return (e);
}

static enum err
make_folders(const struct instance *in)
{
	static const char *const folder[] = {
		"signer", "public", "public/roster", "secrets"
	};
	enum err e = ERR_OK;

	for (size_t i = 0; i < 4 && e == ERR_OK; i++) {
		char *path = instance_path(in, folder[i]);

		e = dir_make(path, 0700);
		free(path);
	}
	return (e);
}

static enum err
make(struct instance *in, const struct wanted *w)
{
	uint8_t seed[SIGN_SEED_LEN], public[SIGN_PUBLIC_LEN];
	char *conf = instance_path(in, "peluit.conf");
	enum err e;

	rand_bytes(seed, sizeof(seed));
	if (w->demo) {
		sign_public(seed, public);
		in->roster_keys = 1;
		e = vkey_of("demo-roster", NOTE_TYPE_ED25519, public,
		    &in->roster_key[0]);
		if (e != ERR_OK)
			goto out;
	}
	if ((e = make_folders(in)) != ERR_OK ||
	    (e = make_keys(in)) != ERR_OK ||
	    (e = write_vkeys(in, "public/roster.vkey", in->roster_key,
	    in->roster_keys)) != ERR_OK ||
	    (e = make_store(in)) != ERR_OK ||
	    (e = signer_init(in->dir)) != ERR_OK)
		goto out;
	if (w->demo && (e = demo_make(in, seed, time(NULL))) != ERR_OK)
		goto out;
	/* last: a folder without it is no instance */
	e = config_write(&in->config, conf);
out:
	wipe(seed, sizeof(seed));
	free(conf);
	return (e);
}

static void
next_steps(const struct instance *in, bool demo)
{

	(void)printf("made %s: origin %s, epochs of %lld seconds\n", in->dir,
	    in->config.origin, (long long)in->config.epoch_seconds);
	if (demo)
		(void)printf("next: peluitd serve %s\n", in->dir);
	else
		(void)printf("next: look at %s/peluit.conf; collect the "
		    "officers' cards; make, sign and give roster 1:\n"
		    "  peluitd roster %s ROSTER\n", in->dir, in->dir);
}

int
cmd_init(int argc, char **argv)
{
	char dir[PATH_MAX];
	struct wanted w;
	struct instance in;
	enum err e;
	int status;

	if ((status = parse(argc, argv, &w)) != EXIT_DONE)
		return (status);
	memset(&in, 0, sizeof(in));
	if ((status = make_config(&w, &in.config)) != EXIT_DONE)
		return (status);
	in.demo = w.demo;
	for (; in.roster_keys < w.roster_keys; in.roster_keys++) {
		const char *k = w.roster_key[in.roster_keys];

		if (vkey_decode((struct bytes){ k, strlen(k) },
		    &in.roster_key[in.roster_keys]) != ERR_OK)
			return (usage("--roster-key takes a verifier key, as "
			    "NAME+HEX+BASE64"));
	}
	e = dir_is_empty(w.dir);
	if (e == ERR_NOTFOUND)
		e = dir_make_all(w.dir, 0700);
	if (e != ERR_OK) {
		diag("init: %s: %s", w.dir, e == ERR_EXISTS ?
		    "the folder is not empty; nothing was changed" :
		    e == ERR_SYS ? strerror(errno) : err_text(e));
		return (EXIT_REFUSED);
	}
	/* absolute: office files and messages name it */
	in.dir = strdup(realpath(w.dir, dir) != NULL ? dir : w.dir);
	if (in.dir == NULL || (e = make(&in, &w)) != ERR_OK) {
		diag("init: %s: %s", w.dir, e == ERR_SYS ? strerror(errno) :
		    err_text(e));
		instance_close(&in);
		return (EXIT_REFUSED);
	}
	next_steps(&in, w.demo);
	instance_close(&in);
	return (EXIT_DONE);
}
