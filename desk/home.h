#ifndef HOME_H
#define HOME_H
/*
 * The home folder: identity.age (a passphrase file), sign.age (sealed to that
 * identity), office.conf, card.txt, vault/, outbox/.
 */
#include "peluit.h"

#define HOME_IDENTITY	"identity.age"
#define HOME_SIGN	"sign.age"
#define HOME_OFFICE	"office.conf"
#define HOME_CARD	"card.txt"
#define HOME_VAULT	"vault"
#define HOME_OUTBOX	"outbox"

/* home_find(d): d->home, or the default ~/.local/share/peluit. */
enum peluit_exit home_find(struct desk *d);
/* home_path(d, name): fresh path of a file in the home. */
char *home_path(const struct desk *d, const char *name);
/*
 * home_open(d): the keys, the office and its clock; asks the passphrase.
 * After it d->identity, d->seed, d->recipient, d->key, d->office, d->clock.
 */
enum peluit_exit home_open(struct desk *d);
/* home_keys(d): the keys alone. */
enum peluit_exit home_keys(struct desk *d);
/* home_lock(d): nobody else changes this home while this program runs. */
enum peluit_exit home_lock(struct desk *d);
/* home_identity(d): borrowed. */
const struct age_identity *home_identity(const struct desk *d);

#endif
