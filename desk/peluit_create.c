/* peluit init: a new key and its home folder. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "home.h"
#include "idfile.h"
#include "outfile.h"
#include "roster.h"

#define SMALL_MAX 65536

/* The two secrets of a new home, sealed; and the card, which is none. */
struct new_home { struct buf identity, sign, card; };

static enum err
make_identity(struct desk *d, const struct age_identity *id, struct buf *out)
{
	struct buf text;
	enum err e;

	buf_init(&text, SMALL_MAX);
	age_identities_encode(id, &text);
	if ((e = buf_err(&text)) == ERR_OK)
		e = age_seal_file_passphrase((struct bytes){ d->pass->bytes,
		    d->pass->len }, d->work_factor, (struct bytes){
		    text.data, text.len }, out);
	buf_done(&text);
	return e;
}

static enum err
make_sign(struct desk *d, const uint8_t seed[static SIGN_SEED_LEN],
    struct buf *out)
{
	struct buf text;
	enum err e;

	buf_init(&text, KEYFILE_MAX);
	if ((e = keyfile_encode("peluit desk signing key", seed,
	    SIGN_SEED_LEN, &text)) == ERR_OK)
		e = age_seal_file(&d->recipient, 1, (struct bytes){
		    text.data, text.len }, out);
	buf_done(&text);
	return e;
}

static enum err
make_card(struct desk *d, const char *label, struct buf *out)
{
	struct card card;

	memset(&card, 0, sizeof(card));
	(void)snprintf(card.label, sizeof(card.label), "%s", label);
	memcpy(card.key, d->key, sizeof(card.key));
	card.age = d->recipient;
	return card_encode(&card, out);
}

static enum err
make(struct desk *d, const char *label, struct new_home *h)
{
	uint8_t seed[SIGN_SEED_LEN];
	struct age_identity id;
	enum err e;

	age_identity_new(&id);
	rand_bytes(seed, sizeof(seed));
	age_identity_recipient(&id, &d->recipient);
	sign_public(seed, d->key);
	if ((e = make_card(d, label, &h->card)) == ERR_OK &&
	    (e = make_sign(d, seed, &h->sign)) == ERR_OK)
		e = make_identity(d, &id, &h->identity);
	wipe(&id, sizeof(id));
	wipe(seed, sizeof(seed));
	return e;
}

/* identity.age last: a home is one only when it is there. */
static enum err
write_home(const struct desk *d, const struct new_home *h)
{
	const struct { const char *name; const struct buf *b; } files[] = {
		{ HOME_SIGN, &h->sign }, { HOME_CARD, &h->card },
		{ HOME_IDENTITY, &h->identity },
	};
	char *path;
	enum err e;
	size_t i;

	path = home_path(d, HOME_VAULT);
	e = dir_make_all(path, 0700);
	free(path);
	for (i = 0; i < 3 && e == ERR_OK; i++) {
		path = home_path(d, files[i].name);
		e = i < 2 ? file_write(path, files[i].b->data,
		    files[i].b->len, 0600) : file_write_new(path,
		    files[i].b->data, files[i].b->len, 0600);
		free(path);
	}
	return e;
}

static void
created(struct desk *d, const char *label, const struct buf *card)
{
	char to[AGE_RECIPIENT_LEN + 1], hex[HEX_LEN(SIGN_PUBLIC_LEN) + 1];
	char print[FINGERPRINT_TEXT_MAX];

	age_recipient_encode(&d->recipient, to);
	fingerprint_text(to, strlen(to), print);
	hex_encode(d->key, sizeof(d->key), hex);
	peluit_say(d, W_INIT_DONE, d->home, print);
	peluit_set(d, "home", json_string(d->home));
	peluit_set(d, "label", json_string(label));
	peluit_set(d, "recipient", json_string(to));
	peluit_set(d, "key", json_string(hex));
	peluit_set(d, "fingerprint", json_string(print));
	peluit_set(d, "card", json_stringn((const char *)card->data,
	    card->len));
}

enum peluit_exit
peluit_create(struct desk *d, const struct peluit_command *c, int argc,
    char **argv)
{
	const char *label = NULL;
	const struct peluit_option spec[] = {
		{ .name = "--label", .value = &label }, { .name = NULL }
	};
	struct new_home h;
	char *path = NULL;
	enum peluit_exit x;
	enum err e;

	if ((x = peluit_args(d, c, spec, &argc, argv)) != DESK_DONE)
		return x;
	if (label == NULL)
		return peluit_fail(d, DESK_USAGE, W_OPTION_MISSING, "--label",
		    c->usage);
	if (!roster_name_valid(label, ROSTER_LABEL_MAX))
		return peluit_fail(d, DESK_USAGE, W_LABEL_BAD, label, NULL);
	if ((x = home_find(d)) != DESK_DONE)
		return x;
	buf_init(&h.identity, SMALL_MAX);
	buf_init(&h.sign, SMALL_MAX);
	buf_init(&h.card, SMALL_MAX);
	path = home_path(d, HOME_IDENTITY);
	if (file_exists(path)) {
		x = peluit_fail(d, DESK_NO, W_HOME_EXISTS, d->home, NULL);
		goto out;
	}
	if (file_exists(d->home) && file_too_open(d->home)) {
		x = peluit_fail(d, DESK_NO, W_HOME_OPEN, d->home, NULL);
		goto out;
	}
	if ((x = idfile_new_passphrase(d)) != DESK_DONE)
		goto out;
	if ((e = make(d, label, &h)) != ERR_OK)
		x = peluit_err(d, e, W_SEAL_FAILED, err_text(e));
	else if ((e = write_home(d, &h)) != ERR_OK)
		x = peluit_err(d, e, W_FILE_WRITE, d->home);
	else
		created(d, label, &h.card);
out:
	free(path);
	buf_done(&h.identity);
	buf_done(&h.sign);
	buf_done(&h.card);
	return x;
}
