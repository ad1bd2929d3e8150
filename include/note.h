#ifndef NOTE_H
#define NOTE_H
/* Signed notes and verifier keys (C2SP signed-note v1.0.0). */
#include <stdint.h>

#include "buf.h"
#include "crypto.h"
#include "err.h"
#include "sign.h"

#define NOTE_MAX		65536
#define NOTE_NAME_MAX		160
#define NOTE_SIGS_MAX		100
#define NOTE_VKEY_MAX		256
#define NOTE_TYPE_ED25519	0x01
#define NOTE_TYPE_COSIGNATURE	0x04

struct vkey {
	char name[NOTE_NAME_MAX + 1];
	uint8_t id[4];
	uint8_t type;
	uint8_t public[SIGN_PUBLIC_LEN];
};

/* vkey_of(name, type, public, out): key id as in the specification. */
enum err vkey_of(const char *name, uint8_t type,
    const uint8_t public[static SIGN_PUBLIC_LEN], struct vkey *out) MUST_USE;
/* Fails: ERR_KEY (form, id that does not fit, type unknown, small order). */
enum err vkey_decode(struct bytes text, struct vkey *out) MUST_USE;
void vkey_encode(const struct vkey *v, char out[static NOTE_VKEY_MAX]);
bool vkey_equal(const struct vkey *a, const struct vkey *b);

/*
 * note_sign(text, key, seed, out): append text, empty line, one signature
 * line.  ${text} ends in LF, is valid, and is no part of ${out}.  note_add_signature: one more line
 * to a note that stands in ${out}.  Fails: ERR_FORMAT, ERR_RANGE, ERR_KEY
 * (a seed that is not the key's).
 */
enum err note_sign(struct bytes text, const struct vkey *key,
    const uint8_t seed[static SIGN_SEED_LEN], struct buf *out) MUST_USE;
enum err note_add_signature(struct buf *note, const struct vkey *key,
    const uint8_t seed[static SIGN_SEED_LEN]) MUST_USE;

/*
 * note_cosign(note, key, seed, time): a cosignature (type 0x04) of a
 * checkpoint's note, one more line.  ${time}: Unix seconds, not negative.
 * Fails: ERR_FORMAT, ERR_RANGE, ERR_KEY.
 */
enum err note_cosign(struct buf *note, const struct vkey *key,
    const uint8_t seed[static SIGN_SEED_LEN], int64_t time) MUST_USE;

/*
 * note_open(note, known, n, text, signed_by): the signed text, borrowed, and
 * in signed_by[i] whether known[i] signed.  Unknown signatures are ignored.
 * A type 0x04 key is checked as a cosignature (tlog-cosignature).
 * Fails: ERR_FORMAT; ERR_MAC if a known one is wrong; ERR_NOMATCH if no
 * known one is there; ERR_RANGE.
 */
enum err note_open(struct bytes note, const struct vkey *known, size_t n,
    struct bytes *text, bool *signed_by) MUST_USE;
/* note_text(note, text): the text of a well-formed note, nothing verified. */
enum err note_text(struct bytes note, struct bytes *text) MUST_USE;

#endif
