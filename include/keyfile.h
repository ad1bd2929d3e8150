#ifndef KEYFILE_H
#define KEYFILE_H
/*
 * Small key files.  A secret: one comment line "untrusted comment: ..." and
 * one line of base64.  An office file: what a desk must know of its server.
 */
#include <stdint.h>

#include "buf.h"
#include "crypto.h"
#include "note.h"

#define KEYFILE_MAX	1024
#define OFFICE_MAX	8192

/* keyfile_encode/decode: ${n} bytes of secret, exactly. */
enum err keyfile_encode(const char *comment, const uint8_t *key, size_t n,
    struct buf *out) MUST_USE;
enum err keyfile_decode(struct bytes text, uint8_t *key, size_t n) MUST_USE;

/*
 * OFFICE.conf, lines "key value" in this order after "peluit-office/v1":
 * origin, url, authority, label, answers HEX, log VKEY, promise VKEY,
 * roster-key VKEY (one or more: those of roster 1), and "demo yes" if so.
 * url is http://HOST[:PORT] (loopback or an onion), or unix:/path.
 */
struct office {
	char origin[129], url[256], authority[256], label[33];
	uint8_t answers[SIGN_PUBLIC_LEN];
	struct vkey log, promise, roster_key[8];
	size_t roster_keys;
	bool demo;
};
enum err office_encode(const struct office *o, struct buf *out) MUST_USE;
enum err office_decode(struct bytes text, struct office *out, size_t *line)
    MUST_USE;

#endif
