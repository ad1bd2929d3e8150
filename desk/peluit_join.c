/* peluit join: the office whose server this desk trusts, and for what. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "home.h"
#include "roster.h"

static void
print_of(struct desk *d, struct buf *lines, json_t *keys, const char *name,
    const char *key)
{
	char print[FINGERPRINT_TEXT_MAX];

	(void)d;
	fingerprint_text(key, strlen(key), print);
	buf_printf(lines, "  %-12s %s\n", name, print);
	(void)json_array_append_new(keys, json_pack("{s:s, s:s, s:s}",
	    "name", name, "key", key, "fingerprint", print));
}

static void
joined(struct desk *d, const struct office *o)
{
	char vkey[NOTE_VKEY_MAX], hex[HEX_LEN(SIGN_PUBLIC_LEN) + 1];
	json_t *keys = json_array();
	struct buf lines;
	size_t i;

	buf_init(&lines, DESK_PATH_MAX);
	for (i = 0; i < o->roster_keys; i++) {
		vkey_encode(&o->roster_key[i], vkey);
		print_of(d, &lines, keys, "roster-key", vkey);
	}
	vkey_encode(&o->log, vkey);
	print_of(d, &lines, keys, "log", vkey);
	vkey_encode(&o->promise, vkey);
	print_of(d, &lines, keys, "promise", vkey);
	hex_encode(o->answers, sizeof(o->answers), hex);
	print_of(d, &lines, keys, "answers", hex);
	peluit_say(d, W_JOIN_DONE, o->origin, buf_text(&lines));
	peluit_set(d, "origin", json_string(o->origin));
	peluit_set(d, "label", json_string(o->label));
	peluit_set(d, "demo", json_boolean(o->demo));
	peluit_set(d, "keys", keys);
	buf_done(&lines);
}

/* Keeps ${data}; joining the same office again changes nothing. */
static enum peluit_exit
keep(struct desk *d, const uint8_t *data, size_t len)
{
	char *path = home_path(d, HOME_OFFICE), number[24];
	struct office *before = NULL;
	uint8_t *old = NULL;
	size_t old_len = 0, line = 0;
	enum peluit_exit x = DESK_DONE;
	enum err e;

	e = file_write_new(path, data, len, 0600);
	if (e == ERR_OK)
		goto out;
	if (e != ERR_EXISTS || file_read(path, OFFICE_MAX, &old, &old_len) !=
	    ERR_OK) {
		x = peluit_err(d, e, W_FILE_WRITE, path);
		goto out;
	}
	if (old_len == len && memcmp(old, data, len) == 0)
		goto out;
	if ((before = calloc(1, sizeof(*before))) == NULL)
		x = peluit_fail(d, DESK_MACHINE, W_MACHINE, "memory", NULL);
	else if (office_decode((struct bytes){ old, old_len }, before,
	    &line) == ERR_OK)
		x = peluit_fail(d, DESK_NO, W_OFFICE_OTHER, before->origin,
		    NULL);
	else {
		(void)snprintf(number, sizeof(number), "%zu", line);
		x = peluit_fail(d, DESK_NO, W_OFFICE_BAD, path, number);
	}
out:
	free(before);
	free(old);
	free(path);
	return x;
}

enum peluit_exit
peluit_join(struct desk *d, const struct peluit_command *c, int argc,
    char **argv)
{
	char *identity = NULL, number[24];
	uint8_t *data = NULL;
	size_t len = 0, line = 0;
	enum peluit_exit x;
	enum err e;

	if ((x = peluit_args(d, c, NULL, &argc, argv)) != DESK_DONE ||
	    (x = home_find(d)) != DESK_DONE)
		return x;
	identity = home_path(d, HOME_IDENTITY);
	if (!file_exists(identity)) {
		x = peluit_fail(d, DESK_NO, W_HOME_NONE, d->home, NULL);
		goto out;
	}
	if ((e = file_read(argv[0], OFFICE_MAX, &data, &len)) != ERR_OK) {
		x = peluit_err(d, e, W_FILE_READ, argv[0]);
		goto out;
	}
	if (office_decode((struct bytes){ data, len }, &d->office, &line) !=
	    ERR_OK) {
		(void)snprintf(number, sizeof(number), "%zu", line);
		x = peluit_fail(d, DESK_NO, W_OFFICE_BAD, argv[0], number);
		goto out;
	}
	if ((x = keep(d, data, len)) == DESK_DONE)
		joined(d, &d->office);
out:
	free(identity);
	free(data);
	return x;
}
