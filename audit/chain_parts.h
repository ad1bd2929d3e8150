#ifndef CHAIN_PARTS_H
#define CHAIN_PARTS_H
/* Between the files of the chain; read beside chain.h. */
#include "chain.h"

struct chain_event {
	struct event e;
	uint64_t leaf;			/* index in the log */
	uint8_t commitment[COMMITMENT_LEN];
};
#define EVENT_TAKEN(e)	((e)->has_taken ? (e)->taken : (e)->epoch)

/* chain_say(c, code, x, detail): a finding at an event; ${detail} is cut. */
void chain_say(struct chain *c, enum finding_code code,
    const struct chain_event *x, const char *detail);
/* The event is remembered; NULL: no memory. */
struct chain_ref *chain_remember(struct chain *c, const struct chain_event *x);

/* chain_roster.c */
void chain_keys_event(struct chain *c, const struct chain_event *x);
const struct roster_desk *chain_desk(const struct chain *c,
    const uint8_t key[static SIGN_PUBLIC_LEN], uint64_t epoch,
    const struct roster **of);
const struct roster_desk *chain_desk_ever(const struct chain *c,
    const uint8_t key[static SIGN_PUBLIC_LEN]);
const struct roster_channel *chain_recipients(struct chain *c,
    const struct chain_event *x);
/* chain_may(r, d, channel): whether the desk reads it, by that roster. */
bool chain_may(const struct roster *r, const struct roster_desk *d,
    const struct roster_channel *channel);

/* chain_case.c */
void chain_case_event(struct chain *c, const struct chain_event *x);
/* chain_actor.c */
void chain_act(struct chain *c, const struct chain_case *one,
    const struct chain_event *x);

#endif
