/* The home folder and the keys in it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "home.h"
#include "idfile.h"

#define DEFAULT_HOME ".local/share/peluit"

enum peluit_exit
home_find(struct desk *d)
{
	const char *user;

	if (d->home != NULL)
		return DESK_DONE;
	user = getenv("HOME");
	if (user == NULL || user[0] != '/')
		return peluit_fail(d, DESK_USAGE, W_HOME_UNKNOWN, NULL, NULL);
	d->home_made = path_join(user, DEFAULT_HOME);
	d->home = d->home_made;
	return DESK_DONE;
}

char *
home_path(const struct desk *d, const char *name)
{
	return path_join(d->home, name);
}

const struct age_identity *
home_identity(const struct desk *d)
{
	return (const struct age_identity *)(const void *)d->identity->bytes;
}

static enum peluit_exit
read_identity(struct desk *d, const char *path)
{
	struct age_identity ids[IDFILE_KEYS];
	enum peluit_exit x;
	size_t n = 0;

	x = idfile_read(d, path, ids, &n);
	if (x == DESK_DONE && n != 1)
		x = peluit_err(d, ERR_FORMAT, W_HOME_DAMAGED, path);
	if (x == DESK_DONE && secret_of(&ids[0], sizeof(ids[0]),
	    &d->identity) != ERR_OK)
		x = peluit_fail(d, DESK_MACHINE, W_MACHINE, "memory", NULL);
	if (x == DESK_DONE)
		age_identity_recipient(home_identity(d), &d->recipient);
	wipe(ids, sizeof(ids));
	return x;
}

static enum peluit_exit
read_seed(struct desk *d, const char *path)
{
	uint8_t seed[SIGN_SEED_LEN] = { 0 }, *data = NULL;
	struct buf text;
	size_t len = 0;
	enum peluit_exit x = DESK_DONE;
	enum err e;

	buf_init(&text, KEYFILE_MAX);
	if ((e = file_read(path, AGE_HEADER_MAX + KEYFILE_MAX, &data,
	    &len)) != ERR_OK) {
		x = peluit_err(d, e, W_FILE_READ, path);
		goto out;
	}
	if ((e = age_open_file((struct bytes){ data, len }, home_identity(d),
	    1, &text)) != ERR_OK ||
	    (e = keyfile_decode((struct bytes){ text.data, text.len }, seed,
	    sizeof(seed))) != ERR_OK ||
	    (e = secret_of(seed, sizeof(seed), &d->seed)) != ERR_OK)
		x = peluit_err(d, e, W_HOME_DAMAGED, path);
	else
		sign_public(seed, d->key);
out:
	wipe(seed, sizeof(seed));
	free(data);
	buf_done(&text);
	return x;
}

enum peluit_exit
home_keys(struct desk *d)
{
	char *identity, *sign;
	enum peluit_exit x;

	if ((x = home_find(d)) != DESK_DONE)
		return x;
	identity = home_path(d, HOME_IDENTITY);
	sign = home_path(d, HOME_SIGN);
	if (!file_exists(identity))
		x = peluit_fail(d, DESK_NO, W_HOME_NONE, d->home, NULL);
	else if (file_too_open(d->home))
		x = peluit_fail(d, DESK_NO, W_HOME_OPEN, d->home, NULL);
	if (x == DESK_DONE)
		x = read_identity(d, identity);
	if (x == DESK_DONE)
		x = read_seed(d, sign);
	free(identity);
	free(sign);
	return x;
}

static enum peluit_exit
read_office(struct desk *d)
{
	char *path = home_path(d, HOME_OFFICE), number[24];
	uint8_t *data = NULL;
	size_t len = 0, line = 0;
	enum peluit_exit x = DESK_DONE;
	enum err e;

	e = file_read(path, OFFICE_MAX, &data, &len);
	if (e == ERR_NOTFOUND) {
		x = peluit_fail(d, DESK_NO, W_OFFICE_NONE, NULL, NULL);
	} else if (e != ERR_OK) {
		x = peluit_err(d, e, W_FILE_READ, path);
	} else if (office_decode((struct bytes){ data, len }, &d->office,
	    &line) != ERR_OK) {
		(void)snprintf(number, sizeof(number), "%zu", line);
		x = peluit_fail(d, DESK_NO, W_OFFICE_BAD, path, number);
	}
	free(data);
	free(path);
	return x;
}

static enum peluit_exit
open_clock(struct desk *d)
{
	enum err e;

	if (d->clock_file != NULL && !d->office.demo)
		return peluit_fail(d, DESK_USAGE, W_CLOCK_NOT_DEMO, NULL, NULL);
	if ((e = clock_open(d->clock_file, &d->clock)) != ERR_OK)
		return peluit_err(d, e, W_CLOCK_BAD,
		    d->clock_file == NULL ? "" : d->clock_file);
	return DESK_DONE;
}

enum peluit_exit
home_open(struct desk *d)
{
	enum peluit_exit x;

	if ((x = home_find(d)) != DESK_DONE)
		return x;
	/* What needs no passphrase first: do not ask for one in vain. */
	if (file_exists(d->home) && (x = read_office(d)) != DESK_DONE)
		return x;
	if ((x = home_keys(d)) != DESK_DONE)
		return x;
	return open_clock(d);
}

enum peluit_exit
home_lock(struct desk *d)
{
	char *path;
	enum err e;

	path = home_path(d, "lock");
	e = file_lock(path, &d->lock);
	free(path);
	if (e == ERR_BUSY)
		return peluit_fail(d, DESK_NO, W_HOME_BUSY, NULL, NULL);
	if (e != ERR_OK)
		return peluit_err(d, e, W_FILE_WRITE, d->home);
	return DESK_DONE;
}
