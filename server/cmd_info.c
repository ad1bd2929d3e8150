/* peluitd status, keys, backup: what stands here, beside a running server. */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cmd.h"
#include "fault.h"
#include "log.h"
#include "sys.h"

/* How many events each desk has not yet said to have saved. */
static json_t *
unfetched(struct opened *o)
{
	const struct roster *ro = instance_roster_newest(&o->in);
	json_t *list = json_object();

	for (size_t i = 0; ro != NULL && i < ro->desks; i++) {
		struct desk_record d;

		if (ro->desk[i].role == ROLE_AUDITOR)
			continue;
		if (desk_get(o->records, o->t, ro->desk[i].key, &d) !=
		    ERR_OK || json_object_set_new(list, ro->desk[i].label,
		    json_integer((json_int_t)(d.given - d.saved))) != 0) {
			json_decref(list);
			return (NULL);
		}
	}
	return (list);
}

static enum err
count_source(void *arg, const uint8_t *key, struct bytes value)
{

	(void)key;
	(void)value;
	++*(unsigned *)arg;
	return (ERR_OK);
}

static json_t *
status_of(struct opened *o)
{
	struct store_room room;
	unsigned uploads = 0;
	uint64_t next = o->install.next_close, epoch, size;

	if (store_room(o->store, &room) != ERR_OK ||
	    store_each(o->t, DB_UPLOADS, count_source, &uploads) != ERR_OK)
		return (NULL);
	/* a demo may have a clock of its own: its open epoch is the next to
	 * be closed */
	epoch = instance_epoch(&o->in, time(NULL));
	size = next > instance_epoch0(&o->in) ?
	    (next - instance_epoch0(&o->in)) * LEAVES : 0;
	if (o->in.demo)
		epoch = next;
	return (json_pack("{sI sI sI sI ss so sI sI sI}",
	    "epoch", (json_int_t)epoch,
	    "closed", (json_int_t)(next > 0 ? next - 1 : 0),
	    "published_size", (json_int_t)size,
	    "cases", (json_int_t)o->install.cases, "log",
	    log_state_text(log_state_of(next, epoch, o->in.epoch_seconds)),
	    "unfetched", unfetched(o),
	    "disk_free", (json_int_t)room.disk_free,
	    "disk_reserve", (json_int_t)((uint64_t)
	    o->in.config.reserve_text_mib << 20),
	    "uploads", (json_int_t)uploads));
}

static void
print_status(const json_t *o)
{
	const char *label;
	json_t *n;

	(void)printf("epoch        %lld (closed up to %lld)\n",
	    json_integer_value(json_object_get(o, "epoch")),
	    json_integer_value(json_object_get(o, "closed")));
	(void)printf("cases        %lld\n",
	    json_integer_value(json_object_get(o, "cases")));
	(void)printf("log          %s\n",
	    json_string_value(json_object_get(o, "log")));
	(void)printf("disk         %lld MiB free, %lld MiB kept back\n",
	    json_integer_value(json_object_get(o, "disk_free")) >> 20,
	    json_integer_value(json_object_get(o, "disk_reserve")) >> 20);
	(void)printf("uploads      %lld unfinished\n",
	    json_integer_value(json_object_get(o, "uploads")));
	json_object_foreach(json_object_get(o, "unfetched"), label, n)
		(void)printf("unfetched    %s %lld\n", label,
		    json_integer_value(n));
}

int
cmd_status(int argc, char **argv)
{
	struct opened o;
	json_t *status;
	bool json;
	const char *dir = cmd_args(argc, argv, &json);
	int rc;

	if (dir == NULL)
		return (EXIT_USE);
	if ((rc = cmd_open(dir, &o)) == EXIT_DONE) {
		if ((status = status_of(&o)) == NULL) {
			diag("%s: cannot be read", dir);
			rc = EXIT_REFUSED;
		} else if (json) {
			rc = cmd_print_json(status);
		} else {
			print_status(status);
			json_decref(status);
		}
	}
	cmd_close(&o);
	return (rc);
}

/* ---- keys ---- */

static json_t *
members(const struct roster_member *m, size_t n)
{
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++) {
		char text[AGE_RECIPIENT_LEN + 1], print[FINGERPRINT_TEXT_MAX];

		age_recipient_encode(&m[i].key, text);
		fingerprint_text(text, strlen(text), print);
		if (json_array_append_new(list, json_pack("{ss ss ss}",
		    "label", m[i].label, "recipient", text, "fingerprint",
		    print)) != 0) {
			json_decref(list);
			return (NULL);
		}
	}
	return (list);
}

json_t *
keys_of(const struct instance *in)
{
	const struct roster *ro = instance_roster_newest(in);
	char log[NOTE_VKEY_MAX], promise[NOTE_VKEY_MAX];
	char answers[SIGN_PUBLIC_LEN * 2 + 1];
	json_t *channels = json_object(), *roster_keys = json_array();
	bool whole = true;

	vkey_encode(&in->log, log);
	vkey_encode(&in->promise, promise);
	hex_encode(in->answers, SIGN_PUBLIC_LEN, answers);
	for (size_t i = 0; i < in->roster_keys; i++) {
		char text[NOTE_VKEY_MAX];

		vkey_encode(&in->roster_key[i], text);
		whole &= json_array_append_new(roster_keys,
		    json_string(text)) == 0;
	}
	for (size_t i = 0; ro != NULL && i < ro->channels; i++) {
		const struct roster_channel *c = &ro->channel[i];
		char print[FINGERPRINT_TEXT_MAX];
		uint8_t hash[SHA256_LEN];

		channel_set_hash(ro->origin, c, hash);
		fingerprint_text(hash, sizeof(hash), print);
		whole &= json_object_set_new(channels, c->name, json_pack(
		    "{ss so so}", "fingerprint", print, "recipients",
		    members(c->recipient, c->recipients), "custodians",
		    members(c->custodian, c->custodians))) == 0;
	}
	if (!whole) {
		json_decref(channels);
		json_decref(roster_keys);
		return (NULL);
	}
	return (json_pack("{ss ss ss ss so sI so}", "origin",
	    in->config.origin, "log", log, "promise", promise, "answers",
	    answers, "roster_keys", roster_keys, "roster",
	    (json_int_t)in->rosters, "channels", channels));
}

static void
print_members(const char *what, const json_t *list)
{
	size_t i;
	json_t *m;

	json_array_foreach(list, i, m)
		(void)printf("  %s %s %s\n    %s\n", what,
		    json_string_value(json_object_get(m, "label")),
		    json_string_value(json_object_get(m, "fingerprint")),
		    json_string_value(json_object_get(m, "recipient")));
}

static void
print_keys(json_t *o)
{
	static const char *const line[] = {
		"origin", "log", "promise", "answers"
	};
	const char *name;
	json_t *c;
	size_t i;

	for (i = 0; i < 4; i++)
		(void)printf("%-10s %s\n", line[i],
		    json_string_value(json_object_get(o, line[i])));
	json_array_foreach(json_object_get(o, "roster_keys"), i, c)
		(void)printf("roster-key %s\n", json_string_value(c));
	(void)printf("roster     %lld\n",
	    json_integer_value(json_object_get(o, "roster")));
	json_object_foreach(json_object_get(o, "channels"), name, c) {
		(void)printf("channel %s %s\n", name,
		    json_string_value(json_object_get(c, "fingerprint")));
		print_members("recipient", json_object_get(c, "recipients"));
		print_members("custodian", json_object_get(c, "custodians"));
	}
}

int
cmd_keys(int argc, char **argv)
{
	struct instance in;
	json_t *o;
	bool json;
	const char *dir = cmd_args(argc, argv, &json);
	int rc = EXIT_REFUSED;

	if (dir == NULL)
		return (EXIT_USE);
	if (instance_open(dir, 0, &in) != ERR_OK) {
		diag("%s", in.why);
	} else if ((o = keys_of(&in)) != NULL) {
		if (json) {
			rc = cmd_print_json(o);
		} else {
			print_keys(o);
			json_decref(o);
			rc = EXIT_DONE;
		}
	} else {
		rc = cmd_no_memory();
	}
	instance_close(&in);
	return (rc);
}

/* ---- backup ---- */

struct copy { const char *from, *to; };

static enum err
copy_file(void *arg, const char *name)
{
	const struct copy *c = arg;
	char *from = path_join(c->from, name), *to = path_join(c->to, name);
	uint8_t *data = NULL;
	size_t len;
	enum err e;

	e = file_read(from, ROSTER_MAX, &data, &len);
	if (e == ERR_OK)
		e = file_write_new(to, data, len, 0600);
	else if (e == ERR_FORMAT)	/* a folder: copied by its own call */
		e = ERR_OK;
	free(data);
	free(from);
	free(to);
	return (e);
}

static enum err
copy_folder(const struct instance *in, const char *out, const char *name)
{
	char *from = instance_path(in, name), *to = path_join(out, name);
	struct copy c = { from, to };
	enum err e;

	if ((e = dir_make(to, 0700)) == ERR_OK)
		e = dir_list(from, copy_file, &c);
	free(from);
	free(to);
	return (e);
}

static enum err
backup(struct opened *o, const char *out)
{
	struct copy c = { o->in.dir, out };
	char *store = path_join(out, "store");
	enum err e;

	e = dir_is_empty(out);
	if (e == ERR_NOTFOUND)
		e = dir_make(out, 0700);
	/* the copy takes a view of its own: ours would hold old pages */
	store_end(o->t);
	o->t = NULL;
	if (e == ERR_OK && (e = store_backup(o->store, store)) == ERR_OK &&
	    (e = copy_folder(&o->in, out, "public")) == ERR_OK &&
	    (e = copy_folder(&o->in, out, "public/roster")) == ERR_OK)
		e = copy_file(&c, "peluit.conf");
	free(store);
	return (e);
}

int
cmd_backup(int argc, char **argv)
{
	struct opened o;
	enum err e;
	int rc;

	if (argc != 3 || argv[1][0] == '-' || argv[2][0] == '-') {
		diag("usage: peluitd backup DIR OUT");
		return (EXIT_USE);
	}
	if ((rc = cmd_open(argv[1], &o)) == EXIT_DONE &&
	    (e = backup(&o, argv[2])) != ERR_OK) {
		diag("backup: %s: %s", argv[2], e == ERR_EXISTS ?
		    "the folder is not empty; nothing was written" :
		    e == ERR_SYS ? strerror(errno) : err_text(e));
		rc = EXIT_REFUSED;
	}
	cmd_close(&o);
	if (rc == EXIT_DONE)
		(void)printf("backed up %s to %s; secrets/ and signer/ are "
		    "not in it\n", argv[1], argv[2]);
	return (rc);
}

#ifdef PELUIT_FAULTS
int
cmd_faults(int argc, char **argv)
{

	(void)argc;
	(void)argv;
	fault_list(stdout);
	return (EXIT_DONE);
}
#endif
