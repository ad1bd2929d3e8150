/* Identity files and the passphrase that opens them. */
#include <stdlib.h>
#include <string.h>

#include "idfile.h"

enum peluit_exit
idfile_passphrase(struct desk *d, enum word w, const char *a)
{
	char pass[DESK_PASS_MAX] = "", question[DESK_PATH_MAX];
	enum peluit_exit x = DESK_DONE;
	enum err e;

	if (d->pass != NULL)
		return DESK_DONE;
	if (d->passphrase_file != NULL) {
		e = prompt_secret_file(d->passphrase_file, pass, sizeof(pass));
		if (e != ERR_OK) {
			x = peluit_err(d, e, W_PASS_FILE, d->passphrase_file);
			goto out;
		}
	} else {
		peluit_text(d, w, a, question, sizeof(question));
		e = prompt_secret(question, pass, sizeof(pass));
		if (e != ERR_OK) {
			x = peluit_err(d, e, e == ERR_SYS ? W_MACHINE :
			    W_PASS_NONE, "terminal");
			goto out;
		}
	}
	if (secret_of(pass, strlen(pass), &d->pass) != ERR_OK)
		x = peluit_fail(d, DESK_MACHINE, W_MACHINE, "memory", NULL);
out:
	wipe(pass, sizeof(pass));
	return x;
}

enum peluit_exit
idfile_new_passphrase(struct desk *d)
{
	char again[DESK_PASS_MAX] = "", question[128];
	enum peluit_exit x;
	enum err e;

	if ((x = idfile_passphrase(d, W_ASK_PASS_NEW, NULL)) != DESK_DONE)
		return x;
	if (d->pass->len < DESK_PASS_MIN)
		return peluit_fail(d, DESK_NO, W_PASS_EMPTY, "8", NULL);
	if (d->passphrase_file != NULL)
		return DESK_DONE;
	peluit_text(d, W_ASK_PASS_AGAIN, NULL, question, sizeof(question));
	e = prompt_secret(question, again, sizeof(again));
	if (e != ERR_OK)
		x = peluit_err(d, e, W_PASS_NONE, NULL);
	else if (strlen(again) != d->pass->len ||
	    memcmp(again, d->pass->bytes, d->pass->len) != 0)
		x = peluit_fail(d, DESK_NO, W_PASS_DIFFER, NULL, NULL);
	wipe(again, sizeof(again));
	return x;
}

enum peluit_exit
idfile_unseal(struct desk *d, const char *path, enum word bad,
    struct bytes *file, struct buf *plain)
{
	enum peluit_exit x;
	enum err e;

	if (!age_is_file(*file))
		return DESK_DONE;
	if ((x = idfile_passphrase(d, W_ASK_PASS_FILE, path)) != DESK_DONE)
		return x;
	e = age_open_file_passphrase(*file, (struct bytes){ d->pass->bytes,
	    d->pass->len }, plain);
	if (e != ERR_OK)
		return peluit_err(d, e, e == ERR_NOMATCH ? W_PASS_WRONG : bad,
		    path);
	*file = (struct bytes){ plain->data, plain->len };
	return DESK_DONE;
}

enum peluit_exit
idfile_read(struct desk *d, const char *path, struct age_identity *ids,
    size_t *n)
{
	static const char armor[] = "-----BEGIN AGE";
	struct buf plain;
	struct bytes text;
	uint8_t *data = NULL;
	size_t len = 0;
	enum peluit_exit x = DESK_DONE;
	enum err e;

	buf_init(&plain, IDFILE_MAX);
	if ((e = file_read(path, IDFILE_MAX, &data, &len)) != ERR_OK)
		return peluit_err(d, e, W_FILE_READ, path);
	text = (struct bytes){ data, len };
	if (len >= sizeof(armor) - 1 &&
	    memcmp(data, armor, sizeof(armor) - 1) == 0) {
		x = peluit_fail(d, DESK_NO, W_IDENTITY_ARMOR, path, NULL);
		goto out;
	}
	x = idfile_unseal(d, path, W_IDENTITY_BAD, &text, &plain);
	if (x == DESK_DONE && (e = age_identities_decode(text, ids,
	    IDFILE_KEYS, n)) != ERR_OK)
		x = peluit_err(d, e, W_IDENTITY_BAD, path);
out:
	if (data != NULL)
		wipe(data, len);
	free(data);
	buf_done(&plain);
	return x;
}
