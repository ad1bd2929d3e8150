/* Open addressing, at most half full. */
#include <stdlib.h>
#include <string.h>

#include "keyset.h"

struct keyset_slot {
	uint8_t key[KEYSET_KEY];
	uint64_t value;
	bool used;
};

void
keyset_init(struct keyset *s)
{
	memset(s, 0, sizeof(*s));
}

void
keyset_done(struct keyset *s)
{
	free(s->slot);
	memset(s, 0, sizeof(*s));
}

/* The slot of ${key}, or the free one where it would stand. */
static struct keyset_slot *
find(struct keyset_slot *slot, size_t cap, const uint8_t *key)
{
	uint64_t h;
	size_t i;

	memcpy(&h, key, sizeof(h));
	for (i = (size_t)h & (cap - 1); slot[i].used; i = (i + 1) & (cap - 1))
		if (memcmp(slot[i].key, key, KEYSET_KEY) == 0)
			break;
	return &slot[i];
}

static enum err
grow(struct keyset *s)
{
	size_t cap = s->cap == 0 ? 64 : 2 * s->cap, i;
	struct keyset_slot *more = calloc(cap, sizeof(*more));

	if (more == NULL)
		return ERR_SYS;
	for (i = 0; i < s->cap; i++)
		if (s->slot[i].used)
			*find(more, cap, s->slot[i].key) = s->slot[i];
	free(s->slot);
	s->slot = more;
	s->cap = cap;
	return ERR_OK;
}

enum err
keyset_add(struct keyset *s, const uint8_t key[static KEYSET_KEY],
    uint64_t value)
{
	struct keyset_slot *at;

	if (2 * (s->n + 1) > s->cap && grow(s) != ERR_OK)
		return ERR_SYS;
	at = find(s->slot, s->cap, key);
	if (at->used)
		return ERR_EXISTS;
	memcpy(at->key, key, KEYSET_KEY);
	at->value = value;
	at->used = true;
	s->n++;
	return ERR_OK;
}

bool
keyset_get(const struct keyset *s, const uint8_t key[static KEYSET_KEY],
    uint64_t *value)
{
	const struct keyset_slot *at;

	if (s->cap == 0)
		return false;
	at = find(s->slot, s->cap, key);
	if (at->used)
		*value = at->value;
	return at->used;
}
