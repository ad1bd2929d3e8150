#ifndef PROMISE_H
#define PROMISE_H
/*
 * Inclusion promises, and the openings of a closed epoch.
 * Format: docs/FORMATS.md "Promises" and "Disclosure".
 */
#include <stdint.h>

#include "event.h"
#include "note.h"

#define PROMISE_MAX	4096	/* bytes of a promise's file */

/* What the server promises: this commitment at this leaf of this epoch. */
struct promise {
	char origin[ORIGIN_MAX + 1];
	uint64_t epoch, leaf;		/* leaf: index in the whole log */
	uint8_t commitment[COMMITMENT_LEN];
};
/*
 * promise_text: what is signed; promise_text_decode: strict.
 * Fails: ERR_FORMAT, ERR_VERSION, ERR_RANGE.
 */
enum err promise_text(const struct promise *p, struct buf *out) MUST_USE;
enum err promise_text_decode(struct bytes text, struct promise *out) MUST_USE;

/* An opening: what a commitment hides.  1 to EVENT_MAX bytes of event. */
struct open_event {
	uint8_t nonce[NONCE_LEN];
	uint8_t event[EVENT_MAX];
	size_t len;
};
/*
 * promise_file_encode: "opening BASE64(nonce || event)" LF LF note.
 * promise_file_decode: forgives CR LF, blanks at the ends of lines and of the
 * text and a missing last LF, since it is pasted from a page.  ${clean} then
 * holds the note and nothing else.  Whether the promise is of that opening
 * is not looked at: commitment_of.
 * promise_open(note, key, out): the signature of ${key} holds, and the
 * promise is of the origin that the key's name (ORIGIN/promise) says.
 * Fails: ERR_FORMAT, ERR_RANGE; promise_open also ERR_VERSION, as note_open,
 * ERR_CONFLICT for another origin.
 */
enum err promise_file_encode(const struct open_event *o, struct bytes note,
    struct buf *out) MUST_USE;
enum err promise_file_decode(struct bytes text, struct open_event *o,
    struct buf *clean) MUST_USE;
enum err promise_open(struct bytes note, const struct vkey *key,
    struct promise *out) MUST_USE;

/*
 * A disclosure: 256 slots of 1,024 bytes, in leaf order: nonce(32) ||
 * length(2) || event || zeros.  Fails: ERR_RANGE (the length), ERR_FORMAT.
 */
#define SLOT_BYTES	1024
#define DISCLOSURE_BYTES (256 * SLOT_BYTES)
enum err slot_encode(const struct open_event *o, struct buf *out) MUST_USE;
enum err slot_decode(const uint8_t slot[static SLOT_BYTES],
    struct open_event *out) MUST_USE;

/*
 * loss texts: "peluit-loss/v1 ORIGIN" LF, then "leaf INDEX" lines, ascending,
 * none twice, at least one.
 * Fails: ERR_FORMAT (also leaves that are not sorted), ERR_RANGE (none, or
 * too many), ERR_VERSION, ERR_CONFLICT for another origin.
 */
#define LOSS_LEAVES	10496	/* 41 epochs */
enum err loss_text(const char *origin, const uint64_t *leaf, size_t n,
    struct buf *out) MUST_USE;
enum err loss_text_decode(struct bytes text, const char *origin,
    uint64_t *leaf, size_t max, size_t *n) MUST_USE;

#endif
