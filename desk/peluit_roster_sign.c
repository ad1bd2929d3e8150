/* peluit roster key, sign: the office's offline keys. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "idfile.h"
#include "outfile.h"
#include "rosterfile.h"

#define KEY_FILE_MAX	(AGE_HEADER_MAX + KEYFILE_MAX)

static enum err
seal_key(struct desk *d, const uint8_t seed[static SIGN_SEED_LEN],
    struct buf *out)
{
	struct buf text;
	enum err e;

	buf_init(&text, KEYFILE_MAX);
	if ((e = keyfile_encode("peluit roster key", seed, SIGN_SEED_LEN,
	    &text)) == ERR_OK)
		e = age_seal_file_passphrase((struct bytes){ d->pass->bytes,
		    d->pass->len }, d->work_factor, (struct bytes){
		    text.data, text.len }, out);
	buf_done(&text);
	return e;
}

enum peluit_exit
peluit_roster_key(struct desk *d, const struct peluit_command *c, int argc,
    char **argv)
{
	const char *out = NULL;
	const struct peluit_option spec[] = {
		{ .name = "-o", .value = &out }, { .name = NULL }
	};
	uint8_t seed[SIGN_SEED_LEN], public[SIGN_PUBLIC_LEN];
	char text[NOTE_VKEY_MAX];
	struct buf file;
	struct vkey key;
	enum peluit_exit x;
	enum err e;

	if ((x = peluit_args(d, c, spec, &argc, argv)) != DESK_DONE)
		return x;
	if (out == NULL)
		return peluit_fail(d, DESK_USAGE, W_OPTION_MISSING, "-o",
		    c->usage);
	rand_bytes(seed, sizeof(seed));
	sign_public(seed, public);
	buf_init(&file, KEY_FILE_MAX);
	if (vkey_of(argv[0], NOTE_TYPE_ED25519, public, &key) != ERR_OK) {
		x = peluit_fail(d, DESK_USAGE, W_KEY_NAME, argv[0], NULL);
		goto out;
	}
	if ((x = idfile_new_passphrase(d)) != DESK_DONE)
		goto out;
	if ((e = seal_key(d, seed, &file)) != ERR_OK) {
		x = peluit_err(d, e, W_SEAL_FAILED, err_text(e));
		goto out;
	}
	if ((e = file_write_new(out, file.data, file.len, 0600)) != ERR_OK) {
		x = peluit_err(d, e, e == ERR_EXISTS ? W_FILE_EXISTS :
		    W_FILE_WRITE, out);
		goto out;
	}
	vkey_encode(&key, text);
	peluit_say(d, W_ROSTER_KEY_MADE, out, text);
	peluit_set(d, "vkey", json_string(text));
	peluit_set(d, "file", json_string(out));
out:
	wipe(seed, sizeof(seed));
	buf_done(&file);
	return x;
}

/* A key file, plain or sealed with a passphrase. */
static enum peluit_exit
read_key(struct desk *d, const char *path, uint8_t seed[static SIGN_SEED_LEN])
{
	struct bytes text;
	struct buf plain;
	uint8_t *data = NULL;
	size_t len = 0;
	enum peluit_exit x;
	enum err e;

	buf_init(&plain, KEYFILE_MAX);
	if ((e = file_read(path, KEY_FILE_MAX, &data, &len)) != ERR_OK)
		return peluit_err(d, e, W_FILE_READ, path);
	text = (struct bytes){ data, len };
	x = idfile_unseal(d, path, W_KEY_BAD, &text, &plain);
	if (x == DESK_DONE &&
	    keyfile_decode(text, seed, SIGN_SEED_LEN) != ERR_OK)
		x = peluit_fail(d, DESK_NO, W_KEY_BAD, path, NULL);
	wipe(data, len);
	free(data);
	buf_done(&plain);
	return x;
}

/* The key's full name: the roster's line for it, or --name. */
static enum peluit_exit
name_key(struct desk *d, const struct roster *r, const char *name,
    const uint8_t public[static SIGN_PUBLIC_LEN], struct vkey *out)
{
	size_t i;

	if (name != NULL)
		return vkey_of(name, NOTE_TYPE_ED25519, public, out) ==
		    ERR_OK ? DESK_DONE : peluit_fail(d, DESK_USAGE, W_KEY_NAME,
		    name, NULL);
	for (i = 0; i < r->roster_keys; i++) {
		if (memcmp(r->roster_key[i].public, public,
		    SIGN_PUBLIC_LEN) != 0)
			continue;
		*out = r->roster_key[i];
		return DESK_DONE;
	}
	return peluit_fail(d, DESK_NO, W_ROSTER_KEY, NULL, NULL);
}

static enum peluit_exit
put_signature(struct desk *d, const struct rosterfile *f,
    const struct vkey *key, const uint8_t seed[static SIGN_SEED_LEN],
    const char *out)
{
	struct buf note;
	enum peluit_exit x = DESK_DONE;
	enum err e;

	buf_init(&note, NOTE_MAX);
	if (f->is_signed) {
		buf_put(&note, f->data, f->len);
		if ((e = buf_err(&note)) == ERR_OK)
			e = note_add_signature(&note, key, seed);
	} else {
		e = note_sign((struct bytes){ f->data, f->len }, key, seed,
		    &note);
	}
	if (e != ERR_OK)
		x = peluit_err(d, e, W_SEAL_FAILED, err_text(e));
	else if ((e = file_write(out, note.data, note.len, 0600)) != ERR_OK)
		x = peluit_err(d, e, W_FILE_WRITE, out);
	buf_done(&note);
	return x;
}

enum peluit_exit
peluit_roster_sign(struct desk *d, const struct peluit_command *c, int argc,
    char **argv)
{
	const char *file = NULL, *key_file = NULL, *name = NULL, *out = NULL;
	const struct peluit_option spec[] = {
		{ .name = "--file", .value = &file },
		{ .name = "--key", .value = &key_file },
		{ .name = "--name", .value = &name },
		{ .name = "-o", .value = &out },
		{ .name = NULL }
	};
	uint8_t seed[SIGN_SEED_LEN] = { 0 }, public[SIGN_PUBLIC_LEN];
	struct rosterfile f = { .data = NULL };
	struct vkey key;
	enum peluit_exit x;

	if ((x = peluit_args(d, c, spec, &argc, argv)) != DESK_DONE)
		return x;
	if (file == NULL || key_file == NULL)
		return peluit_fail(d, DESK_USAGE, W_OPTION_MISSING,
		    file == NULL ? "--file" : "--key", c->usage);
	if ((x = rosterfile_read(d, file, &f)) != DESK_DONE ||
	    (x = read_key(d, key_file, seed)) != DESK_DONE)
		goto out;
	sign_public(seed, public);
	if ((x = name_key(d, f.roster, name, public, &key)) != DESK_DONE)
		goto out;
	if (out == NULL)
		out = file;
	if ((x = put_signature(d, &f, &key, seed, out)) == DESK_DONE) {
		peluit_say(d, W_ROSTER_WROTE, out, NULL);
		peluit_set(d, "file", json_string(out));
		peluit_set(d, "key", json_string(key.name));
	}
out:
	wipe(seed, sizeof(seed));
	rosterfile_done(&f);
	return x;
}
