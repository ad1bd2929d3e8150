#ifndef ROSTER_H
#define ROSTER_H
/* Who may read and act.  Format: docs/FORMATS.md "Roster". */
#include <stdbool.h>
#include <stdint.h>

#include "age.h"
#include "event.h"
#include "note.h"

#define ROSTER_MAX		65536	/* bytes of the note */
#define ROSTER_LABEL_MAX	32	/* a post: [a-z0-9-], never a name */
#define ROSTER_CHANNEL_MAX	24	/* [a-z0-9-] */
#define ROSTER_CHANNELS		16
#define ROSTER_DESKS		256
#define ROSTER_AUDITORS		32
#define ROSTER_MEMBERS		32	/* recipients, custodians of a channel */
#define ROSTER_KEYS		8
#define ROSTER_CLOCKS		16
#define FINGERPRINT_TEXT_MAX	32

enum desk_role { ROLE_INVESTIGATOR, ROLE_CUSTODIAN, ROLE_AUDITOR };
const char *desk_role_text(enum desk_role r);

struct roster_member {			/* a recipient or a custodian */
	char label[ROSTER_LABEL_MAX + 1];
	struct age_recipient key;
};
struct roster_channel {
	char name[ROSTER_CHANNEL_MAX + 1];
	struct roster_member recipient[ROSTER_MEMBERS];
	struct roster_member custodian[ROSTER_MEMBERS];
	size_t recipients, custodians;
};
struct roster_desk {
	uint8_t key[SIGN_PUBLIC_LEN];
	enum desk_role role;		/* investigator, custodian, auditor */
	char label[ROSTER_LABEL_MAX + 1];
	struct age_recipient age;
	uint32_t channels;		/* bit i: channel[i] */
};
struct roster {
	char origin[ORIGIN_MAX + 1];
	uint64_t number;		/* from 1 */
	uint8_t prev[SHA256_LEN];	/* of the note before; zeros for 1 */
	struct roster_channel channel[ROSTER_CHANNELS];
	struct roster_desk desk[ROSTER_DESKS];	/* auditors included */
	struct vkey roster_key[ROSTER_KEYS];
	struct age_recipient archive;
	bool has_archive;
	struct vkey log, promise;
	uint8_t answers[SIGN_PUBLIC_LEN];
	uint64_t epoch_seconds, epoch0, retention_days;
	struct { char name[32]; uint64_t value; } clock[ROSTER_CLOCKS];
	size_t channels, desks, roster_keys, clocks;
};

/*
 * roster_encode(r, out): the text that is signed: lines sorted, one spelling.
 * roster_decode(text, out): refuses every other spelling and what cannot be:
 * a label twice, a key twice, a channel without recipient, a desk of an
 * unknown channel.  *line: number of the first wrong line, from 1; 0 if all
 * is well.  A recipient's label is that of the desk with its age key, "" if
 * there is none.  Fails: ERR_FORMAT, ERR_VERSION, ERR_RANGE, ERR_KEY,
 * ERR_CONFLICT (twice, or naming what is not there), ERR_SYS.
 * A struct roster is large: keep it on the heap.
 */
enum err roster_encode(const struct roster *r, struct buf *out) MUST_USE;
enum err roster_decode(struct bytes text, struct roster *out, size_t *line)
    MUST_USE;
/*
 * roster_open(note, keys, n, out, line): the note's text, signed by ALL of
 * ${keys} (those in force before it).  Fails: as note_open, roster_decode;
 * ERR_NOMATCH if one signature is missing.
 */
enum err roster_open(struct bytes note, const struct vkey *keys, size_t n,
    struct roster *out, size_t *line) MUST_USE;
/*
 * roster_follows(next, before, before_note): number, prev, origin, epoch
 * line, log, promise and answers keys fit what stood before.
 * Fails: ERR_CONFLICT.
 */
enum err roster_follows(const struct roster *next,
    const struct roster *before, struct bytes before_note) MUST_USE;

/* Look-ups, by exact name, key or label: NULL if there is none; borrowed. */
const struct roster_channel *roster_channel_find(const struct roster *r,
    const char *name);
const struct roster_desk *roster_desk_find(const struct roster *r,
    const uint8_t key[static SIGN_PUBLIC_LEN]);
const struct roster_desk *roster_desk_by_label(const struct roster *r,
    const char *label);
/* roster_channels_share(a, b): any recipient or custodian in both. */
bool roster_channels_share(const struct roster_channel *a,
    const struct roster_channel *b);
/* channel_set_hash: SHA-256 of the set's text, docs/FORMATS.md "Roster". */
void channel_set_hash(const char *origin, const struct roster_channel *c,
    uint8_t out[static SHA256_LEN]);
/*
 * fingerprint_text(text, n, out): first 10 bytes of SHA-256, hex in groups of
 * four: for a recipient its age1 string, for a set its 32-byte hash.
 */
void fingerprint_text(const void *p, size_t n,
    char out[static FINGERPRINT_TEXT_MAX]);

/*
 * A card: what a new officer hands over to be put in the roster; one line
 * "peluit-card/v1 LABEL HEX age1...".  Fails: ERR_FORMAT, ERR_KEY.
 */
struct card {
	char label[ROSTER_LABEL_MAX + 1];
	uint8_t key[SIGN_PUBLIC_LEN];
	struct age_recipient age;
};
enum err card_encode(const struct card *c, struct buf *out) MUST_USE;
enum err card_decode(struct bytes text, struct card *out) MUST_USE;
bool roster_name_valid(const char *s, size_t max);	/* [a-z0-9-] */

#endif
