#ifndef KEYSET_H
#define KEYSET_H
/*
 * A set of 32-byte keys with a number beside each: what occurred already, in
 * some 80 bytes an event.  The keys are hashes, so their first bytes spread.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"

#define KEYSET_KEY	32

struct keyset {
	struct keyset_slot *slot;
	size_t cap, n;
};
void keyset_init(struct keyset *s);
void keyset_done(struct keyset *s);
/* keyset_add(s, key, value): ERR_EXISTS if it is there; ERR_SYS. */
enum err keyset_add(struct keyset *s, const uint8_t key[static KEYSET_KEY],
    uint64_t value) MUST_USE;
/* keyset_get(s, key, value): whether it is there. */
bool keyset_get(const struct keyset *s, const uint8_t key[static KEYSET_KEY],
    uint64_t *value);

#endif
