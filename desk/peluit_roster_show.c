/* peluit roster show: who may read and act, with fingerprints. */
#include <stdio.h>
#include <string.h>

#include "rosterfile.h"
#include "show.h"

static void
age_print(const struct age_recipient *key, char out[static
    FINGERPRINT_TEXT_MAX])
{
	char text[AGE_RECIPIENT_LEN + 1];

	age_recipient_encode(key, text);
	fingerprint_text(text, strlen(text), out);
}

static json_t *
members(struct desk *d, const char *what, const struct roster_member *m,
    size_t n)
{
	char print[FINGERPRINT_TEXT_MAX];
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < n; i++) {
		age_print(&m[i].key, print);
		buf_printf(&d->out, "  %-10s %-24s %s\n", what,
		    m[i].label[0] == '\0' ? "-" : m[i].label, print);
		(void)json_array_append_new(list, json_pack("{s:s, s:s}",
		    "label", m[i].label, "fingerprint", print));
	}
	return list;
}

static json_t *
channels(struct desk *d, const struct roster *r)
{
	char print[FINGERPRINT_TEXT_MAX];
	uint8_t set[SHA256_LEN];
	json_t *list = json_array(), *o;
	size_t i;

	for (i = 0; i < r->channels; i++) {
		channel_set_hash(r->origin, &r->channel[i], set);
		fingerprint_text(set, sizeof(set), print);
		buf_printf(&d->out, "channel %s  %s\n", r->channel[i].name,
		    print);
		o = json_pack("{s:s, s:s}", "name", r->channel[i].name,
		    "fingerprint", print);
		(void)json_object_set_new(o, "recipients", members(d,
		    "recipient", r->channel[i].recipient,
		    r->channel[i].recipients));
		(void)json_object_set_new(o, "custodians", members(d,
		    "custodian", r->channel[i].custodian,
		    r->channel[i].custodians));
		(void)json_array_append_new(list, o);
	}
	return list;
}

static json_t *
desks(struct desk *d, const struct roster *r)
{
	char print[FINGERPRINT_TEXT_MAX];
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < r->desks; i++) {
		age_print(&r->desk[i].age, print);
		buf_printf(&d->out, "%-12s %-24s %s\n",
		    desk_role_text(r->desk[i].role), r->desk[i].label, print);
		(void)json_array_append_new(list, json_pack(
		    "{s:s, s:s, s:o, s:s}", "label", r->desk[i].label,
		    "role", desk_role_text(r->desk[i].role),
		    "key", show_hex(r->desk[i].key, SIGN_PUBLIC_LEN),
		    "fingerprint", print));
	}
	return list;
}

static json_t *
keys(struct desk *d, const struct roster *r)
{
	json_t *list = json_array();
	char text[NOTE_VKEY_MAX];
	size_t i;

	for (i = 0; i < r->roster_keys; i++) {
		vkey_encode(&r->roster_key[i], text);
		buf_printf(&d->out, "roster-key %s\n", text);
		(void)json_array_append_new(list, json_string(text));
	}
	return list;
}

enum peluit_exit
peluit_roster_show(struct desk *d, const struct peluit_command *c, int argc,
    char **argv)
{
	const char *file = NULL;
	const struct peluit_option spec[] = {
		{ .name = "--file", .value = &file }, { .name = NULL }
	};
	struct rosterfile f = { .data = NULL };
	const struct roster *r;
	enum peluit_exit x;

	if ((x = peluit_args(d, c, spec, &argc, argv)) != DESK_DONE)
		return x;
	if (file == NULL)
		return peluit_fail(d, DESK_USAGE, W_OPTION_MISSING, "--file",
		    c->usage);
	if ((x = rosterfile_read(d, file, &f)) != DESK_DONE)
		goto out;
	r = f.roster;
	buf_printf(&d->out, "%s  %llu  %s\n", r->origin,
	    (unsigned long long)r->number, f.is_signed ? "signed" : "-");
	peluit_set(d, "origin", json_string(r->origin));
	peluit_set(d, "number", show_number(r->number));
	peluit_set(d, "signed", json_boolean(f.is_signed));
	peluit_set(d, "epoch_seconds", show_number(r->epoch_seconds));
	peluit_set(d, "epoch0", show_number(r->epoch0));
	peluit_set(d, "retention_days", show_number(r->retention_days));
	peluit_set(d, "channels", channels(d, r));
	peluit_set(d, "desks", desks(d, r));
	peluit_set(d, "roster_keys", keys(d, r));
out:
	rosterfile_done(&f);
	return x;
}
