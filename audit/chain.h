#ifndef CHAIN_H
#define CHAIN_H
/*
 * The rules that a log's events must keep, as one pass over its epochs in
 * memory: no file, no network, no clock.  One epoch at a time goes in,
 * findings come out; between epochs only what a case needs is kept.
 *
 *	chain_new -> chain_roster* -> chain_loss* -> chain_epoch* ->
 *	chain_inventory* -> chain_end -> (read the results) -> chain_free
 */
#include <stdbool.h>
#include <stdint.h>

#include "finding.h"
#include "keyset.h"
#include "promise.h"
#include "roster.h"

#define CHAIN_WIDTH	256	/* leaves an epoch */
#define CHAIN_AHEAD	40	/* epochs that an event may be put off */
#define CHAIN_RESPONSE_HOURS 48	/* where a roster names no clock */

/* One leaf: what the log committed to, and what was disclosed for it. */
struct chain_leaf {
	uint8_t entry[COMMITMENT_LEN];
	bool opened;			/* a slot was disclosed, well-formed */
	struct open_event open;
};

/* A roster as served, and the event that announced it. */
struct chain_roster {
	struct roster *roster;
	uint8_t hash[SHA256_LEN];	/* of its note */
	bool announced;
	uint64_t epoch;			/* of the event's leaf */
	uint64_t accepted;		/* when it was taken */
	bool is_new;			/* first served in the open epoch */
};

struct chain_case {
	uint8_t id[ID_LEN];
	bool has_report, deleted, has_closed, has_response, has_consent;
	bool consent;			/* the source's last answer */
	uint8_t source[SIGN_PUBLIC_LEN];
	uint64_t seq;			/* of the next event */
	uint8_t prev[COMMITMENT_LEN];
	uint64_t last_epoch;
	uint64_t taken;			/* of the report */
	uint64_t leaf;			/* of the report */
	uint64_t response, response_leaf;	/* epoch in which it counts */
	uint64_t closed;		/* epoch */
	const struct roster_channel *channel;	/* NULL: not known */
	char status[STATUS_MAX + 1];
};

/* What one key did. */
struct chain_actor {
	uint8_t key[SIGN_PUBLIC_LEN];
	char label[ROSTER_LABEL_MAX + 1];	/* "" : in no roster */
	enum desk_role role;
	uint64_t acts[EVENT_KINDS];
	uint64_t opened;		/* custody OPEN */
};

/* What the set of commitments remembers of an event. */
struct chain_ref {
	uint32_t of_case;
	enum event_kind kind;
	bool asks, opens, yes, lost, objects, held;
	uint64_t epoch, leaf;
};

struct chain {
	struct findings *findings;
	char origin[ORIGIN_MAX + 1];
	struct chain_roster *roster;
	size_t rosters;
	uint64_t epoch0, epoch_seconds;
	uint64_t next;			/* epoch that is awaited */
	bool blind;			/* some epoch could not be opened */
	uint64_t blind_last, blind_epochs;
	struct keyset lost, losses;	/* leaves; texts, by hash */
	size_t losses_given, losses_announced;
	struct keyset requests, sigs, objects;
	struct keyset commitments;	/* -> ref */
	struct chain_ref *ref;
	size_t refs, ref_room;
	struct keyset case_ids;		/* -> one */
	struct chain_case *one;
	size_t cases, case_room;
	struct chain_actor *actor;
	size_t actors;
	uint64_t events, decoys;
	bool inventory;			/* one was given */
	bool failed;			/* memory: nothing below is whole */
	/*
	 * In which epoch what the log holds for ${epoch} counts: later than
	 * ${epoch} itself when it was provably published later.  NULL: at
	 * once.
	 */
	uint64_t (*counts)(void *arg, uint64_t epoch);
	void *counts_arg;
};

/*
 * chain_new(origin, findings, out): ${findings} stays the caller's.
 * Fails: ERR_SYS.
 */
enum err chain_new(const char *origin, struct findings *findings,
    struct chain **out) MUST_USE;
void chain_free(struct chain *c);	/* with its rosters; NULL is nothing */
/*
 * chain_roster(c, r, hash, is_new): rosters in order of number; takes over
 * ${r}, also on failure.  chain_loss: the leaves that a notice names, and the
 * notice's SHA-256.
 */
enum err chain_roster(struct chain *c, struct roster *r,
    const uint8_t hash[static SHA256_LEN], bool is_new) MUST_USE;
enum err chain_loss(struct chain *c, const uint64_t *leaf, size_t n,
    const uint8_t hash[static SHA256_LEN]) MUST_USE;
/*
 * chain_epoch(c, epoch, leaf): the ${epoch}'s leaves, in order; epochs in
 * order from the first.  ${leaf} NULL: it could not be opened; what hangs on
 * it is then not judged.
 */
enum err chain_epoch(struct chain *c, uint64_t epoch,
    const struct chain_leaf leaf[CHAIN_WIDTH]) MUST_USE;
/* chain_inventory(c, commitment): an event whose objects are all held. */
void chain_inventory(struct chain *c,
    const uint8_t commitment[static COMMITMENT_LEN]);
/* chain_end(c): what can be said when all closed epochs were seen. */
void chain_end(struct chain *c);

/* chain_hours(c): the first-response clock. */
uint64_t chain_hours(const struct chain *c);
/*
 * chain_verdict(c, one, verdict): of a case's first response, or of its
 * absence as of the last epoch seen; false if there is nothing to say yet.
 */
bool chain_verdict(const struct chain *c, const struct chain_case *one,
    unsigned *verdict);

#endif
