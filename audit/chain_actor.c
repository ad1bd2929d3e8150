/* Who acted, and whether they might. */
#include <stdlib.h>
#include <string.h>

#include "chain_parts.h"

static struct chain_actor *
actor_of(struct chain *c, const uint8_t *key)
{
	const struct roster_desk *d;
	struct chain_actor *a;
	size_t i;

	for (i = 0; i < c->actors; i++)
		if (memcmp(c->actor[i].key, key, SIGN_PUBLIC_LEN) == 0)
			return &c->actor[i];
	a = realloc(c->actor, (c->actors + 1) * sizeof(*a));
	if (a == NULL) {
		c->failed = true;
		return NULL;
	}
	c->actor = a;
	a += c->actors++;
	memset(a, 0, sizeof(*a));
	memcpy(a->key, key, SIGN_PUBLIC_LEN);
	if ((d = chain_desk_ever(c, key)) != NULL) {
		memcpy(a->label, d->label, sizeof(a->label));
		a->role = d->role;
	}
	return a;
}

static bool
role_allows(enum desk_role role, const struct action *a)
{
	switch (role) {
	case ROLE_INVESTIGATOR:
		return a->kind != EVENT_CUSTODY ||
		    strcmp(a->status, "OPEN") != 0;
	case ROLE_CUSTODIAN:
		return a->kind == EVENT_CUSTODY || a->kind == EVENT_ACCESS;
	case ROLE_AUDITOR:
		break;
	}
	return false;
}

static void
desk_acts(struct chain *c, const struct chain_case *one,
    const struct chain_event *x)
{
	const struct action *a = &x->e.action;
	const struct roster *r = NULL;
	const struct roster_desk *d;
	struct chain_actor *who;

	if ((who = actor_of(c, a->actor_key)) != NULL) {
		who->acts[a->kind]++;
		if (a->kind == EVENT_CUSTODY && strcmp(a->status, "OPEN") == 0)
			who->opened++;
	}
	d = chain_desk(c, a->actor_key, EVENT_TAKEN(&x->e), &r);
	if (d == NULL) {
		if (!c->blind || chain_desk_ever(c, a->actor_key) == NULL)
			chain_say(c, F_ACTOR_NOT_IN_FORCE, x,
			    who == NULL ? "" : who->label);
		return;
	}
	if (!role_allows(d->role, a))
		chain_say(c, F_ACTOR_ROLE, x, d->label);
	if (one->channel != NULL && !chain_may(r, d, one->channel))
		chain_say(c, F_ACTOR_CHANNEL, x, d->label);
}

void
chain_act(struct chain *c, const struct chain_case *one,
    const struct chain_event *x)
{
	const struct action *a = &x->e.action;

	if (a->actor == ACTOR_DESK)
		desk_acts(c, one, x);
	else if (a->actor == ACTOR_SOURCE && one->has_report &&
	    memcmp(a->actor_key, one->source, SIGN_PUBLIC_LEN) != 0)
		chain_say(c, F_SOURCE_KEY, x, "");
}
