#ifndef INSTANCE_H
#define INSTANCE_H
/*
 * The folder of an instance: config, secrets, public keys, rosters.
 *
 *   peluit.conf  store/  signer/  public/{log.vkey,promise.vkey,answers.pub,
 *   roster.vkey,roster/N}  secrets/{at-rest,receipt,answers,log,promise}.key
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config.h"
#include "note.h"
#include "receipt.h"
#include "roster.h"
#include "secret.h"

#define INSTANCE_WHY_MAX	512
#define INSTANCE_ROSTERS	256

enum secret_name {
	SECRET_AT_REST, SECRET_RECEIPT, SECRET_ANSWERS, SECRET_LOG,
	SECRET_PROMISE, SECRET_NAMES
};

/* A roster as accepted: its note, its text, when it counts. */
struct held_roster {
	struct roster *r;
	uint8_t *note;
	size_t note_len;
	uint8_t hash[SHA256_LEN];	/* of the note */
	uint64_t accepted;		/* epoch in which the file was taken */
};

struct instance {
	char *dir;
	struct config config;
	bool demo;			/* the origin says so: "demo." */
	struct secret *secret[SECRET_NAMES];	/* NULL if not asked for */
	struct vkey log, promise;
	uint8_t answers[SIGN_PUBLIC_LEN];
	struct vkey roster_key[ROSTER_KEYS];	/* those of roster 1 */
	size_t roster_keys;
	struct held_roster *roster;	/* roster[i] is number i + 1; never
					   moved: epochs are read unlocked */
	size_t rosters;
	uint64_t epoch0;		/* of roster 1; 0: none yet */
	int64_t epoch_seconds;		/* as configured, for life */
	char why[INSTANCE_WHY_MAX];	/* what was wrong, for a person */
};

/*
 * instance_open(dir, secrets, out): everything read and checked but the
 * store.  ${secrets}: bit set of 1 << SECRET_*; a key file that others can
 * read is refused.  A path of the environment's credentials folder
 * (CREDENTIALS_DIRECTORY, systemd) is preferred to secrets/.
 * Fails: any error; out->why says what and what to do.  ${out} is valid for
 * instance_close whatever came back.
 */
enum err instance_open(const char *dir, unsigned secrets,
    struct instance *out) MUST_USE;
void instance_close(struct instance *in);
/* instance_path(in, name): fresh "dir/name". */
char *instance_path(const struct instance *in, const char *name);

/*
 * instance_roster_check(in, note, out): whether ${note} may follow what is
 * held: signatures of the keys in force, number, chain; and whether it fits
 * the config, as below.  *out is then a fresh roster.
 * Fails: with in->why.
 */
enum err instance_roster_check(struct instance *in, struct bytes note,
    struct roster **out) MUST_USE;
/*
 * instance_config_fits(in, c): whether the newest roster fits ${c}: origin,
 * epochs, the server's keys, what is announced, the channels, the rule of the
 * accused Inspectorate.  Those before it were held against the config of
 * their day.  Fails: with in->why; ERR_OK if there is no roster.
 */
enum err instance_config_fits(struct instance *in, const struct config *c)
    MUST_USE;
/*
 * instance_roster_add(in, note, accepted): take it into memory; signatures,
 * number and chain are checked, not the config.
 */
enum err instance_roster_add(struct instance *in, struct bytes note,
    uint64_t accepted) MUST_USE;

/*
 * instance_roster_at(in, epoch): the roster whose sets are in force in
 * ${epoch}: roster 1 at once, a later one from the epoch after its acceptance.
 */
const struct roster *instance_roster_at(const struct instance *in,
    uint64_t epoch);
/* instance_roster_newest(in): the last one accepted; NULL if none. */
const struct roster *instance_roster_newest(const struct instance *in);
/*
 * instance_set_find(in, epoch, channel, hash, number): the channel's set of
 * that hash, in force in ${epoch} or in the two before; NULL if none.
 */
const struct roster_channel *instance_set_find(const struct instance *in,
    uint64_t epoch, const char *channel,
    const uint8_t hash[static SHA256_LEN]);
/* instance_desk(in, epoch, key): a desk that may act now; NULL if none. */
const struct roster_desk *instance_desk(const struct instance *in,
    uint64_t epoch, const uint8_t key[static SIGN_PUBLIC_LEN]);

/* Epochs: DESIGN "The log"; never before the first one of roster 1. */
uint64_t instance_epoch(const struct instance *in, int64_t unix_seconds);
int64_t instance_epoch_start(const struct instance *in, uint64_t epoch);
uint64_t instance_epoch0(const struct instance *in);

/* instance_salt(in, out): Argon2id's salt, from the receipt key. */
void instance_salt(const struct instance *in, uint8_t out[static SALT_LEN]);
/* instance_authority(in, out): what desks sign as @authority. */
void instance_authority(const struct instance *in, char out[static 256]);

#endif
