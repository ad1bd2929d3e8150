/*
 * Rosters: which was in force when.  Roster 1 counts at once, what a later
 * one adds from the epoch after it was accepted; what it leaves out is
 * refused from the moment it is accepted, so that inside its epoch the old
 * and the new cannot be told apart, and the old one is given the benefit.
 */
#include <stdlib.h>
#include <string.h>

#include "chain_parts.h"

#define RECIPIENTS_BACK	2	/* epochs that a shown set stays good */

enum err
chain_roster(struct chain *c, struct roster *r,
    const uint8_t hash[static SHA256_LEN], bool is_new)
{
	struct chain_roster *more;

	more = realloc(c->roster, (c->rosters + 1) * sizeof(*more));
	if (more == NULL) {
		free(r);
		return ERR_SYS;
	}
	c->roster = more;
	more += c->rosters++;
	memset(more, 0, sizeof(*more));
	more->roster = r;
	more->is_new = is_new;
	memcpy(more->hash, hash, SHA256_LEN);
	if (c->rosters == 1) {
		c->epoch0 = c->next = r->epoch0;
		c->epoch_seconds = r->epoch_seconds;
		/* It counts from N0, wherever its event's leaf may be. */
		more->accepted = r->epoch0;
	}
	return ERR_OK;
}

enum err
chain_loss(struct chain *c, const uint64_t *leaf, size_t n,
    const uint8_t hash[static SHA256_LEN])
{
	uint8_t key[KEYSET_KEY];
	size_t i;

	if (keyset_add(&c->losses, hash, 1) != ERR_OK)
		return ERR_SYS;
	c->losses_given++;
	for (i = 0; i < n; i++) {
		sha256(&leaf[i], sizeof(leaf[i]), key);
		if (keyset_add(&c->lost, key, 0) == ERR_SYS)
			return ERR_SYS;
	}
	return ERR_OK;
}

void
chain_keys_event(struct chain *c, const struct chain_event *x)
{
	struct chain_roster *r;

	for (r = c->roster; r < c->roster + c->rosters; r++) {
		if (memcmp(r->hash, x->e.action.objects.bytes, SHA256_LEN) != 0)
			continue;
		if (r->announced)
			return;		/* twice: objects_twice says so */
		r->announced = true;
		r->epoch = x->e.epoch;
		if (r != c->roster)
			r->accepted = EVENT_TAKEN(&x->e);
		return;
	}
	chain_say(c, F_ROSTER_MISSING, x, "");
}

/* Whether roster ${i} was in force in ${epoch}. */
static bool
in_force(const struct chain *c, size_t i, uint64_t epoch)
{
	const struct chain_roster *r = &c->roster[i];

	/* Roster 1 is announced by whoever runs the audit: its keys are. */
	if (i == 0 ? epoch < r->accepted : !r->announced ||
	    epoch <= r->accepted)
		return false;
	return i + 1 == c->rosters || !r[1].announced ||
	    epoch <= r[1].accepted;
}

const struct roster_desk *
chain_desk(const struct chain *c, const uint8_t key[static SIGN_PUBLIC_LEN],
    uint64_t epoch, const struct roster **of)
{
	const struct roster_desk *d;
	size_t i;

	for (i = 0; i < c->rosters; i++) {
		if (!in_force(c, i, epoch))
			continue;
		*of = c->roster[i].roster;
		if ((d = roster_desk_find(*of, key)) != NULL)
			return d;
	}
	return NULL;
}

const struct roster_desk *
chain_desk_ever(const struct chain *c,
    const uint8_t key[static SIGN_PUBLIC_LEN])
{
	const struct roster_desk *d = NULL;
	size_t i;

	for (i = 0; i < c->rosters && d == NULL; i++)
		d = roster_desk_find(c->roster[i].roster, key);
	return d;
}

static const struct roster_channel *
channel_of(const struct chain *c, size_t i, const uint8_t *set)
{
	const struct roster *r = c->roster[i].roster;
	uint8_t hash[SHA256_LEN];
	size_t k;

	for (k = 0; k < r->channels; k++) {
		channel_set_hash(r->origin, &r->channel[k], hash);
		if (memcmp(hash, set, SHA256_LEN) == 0)
			return &r->channel[k];
	}
	return NULL;
}

/* The channel of the set that ${x} names; findings if it should not. */
const struct roster_channel *
chain_recipients(struct chain *c, const struct chain_event *x)
{
	const struct roster_channel *known = NULL, *ch;
	uint64_t taken = EVENT_TAKEN(&x->e), back;
	bool announced = false, good = false;
	size_t i;

	for (i = 0; i < c->rosters && !good; i++) {
		ch = channel_of(c, i, x->e.action.recipients);
		if (ch == NULL)
			continue;
		known = ch;
		if (i == 0 || (c->roster[i].announced &&
		    c->roster[i].epoch < taken))
			announced = true;
		else
			continue;
		for (back = 0; back <= RECIPIENTS_BACK && back <= taken; back++)
			good = good || in_force(c, i, taken - back);
	}
	if (!announced && !c->blind)
		chain_say(c, F_RECIPIENTS_UNANNOUNCED, x, "");
	else if (announced && !good)
		chain_say(c, F_RECIPIENTS_NOT_IN_FORCE, x, "");
	return known;
}

bool
chain_may(const struct roster *r, const struct roster_desk *d,
    const struct roster_channel *channel)
{
	size_t i;

	for (i = 0; i < r->channels; i++)
		if (strcmp(r->channel[i].name, channel->name) == 0)
			return (d->channels & (1u << i)) != 0;
	return false;
}
