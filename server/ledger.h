#ifndef LEDGER_H
#define LEDGER_H
/*
 * The log's inside: which event takes which leaf of which epoch, and what
 * happens when an epoch closes.  All of it runs inside the store's job that
 * the event belongs to.  Format: docs/FORMATS.md "Actions and events".
 */
#include "instance.h"
#include "records.h"

/* Leaves of an epoch by class (enum leaf_class). */
#define LEDGER_CASES		96
#define LEDGER_DESKS		96
#define LEDGER_SOURCES		32
#define LEDGER_REST		32
#define LEDGER_DELETES		16	/* of the rest */
#define LEDGER_FIRST		4	/* of the rest: keys and loss alone */
#define LEDGER_PER_CASE		8	/* events of a source, case and epoch */

struct ledger_act {
	const struct action *action;
	const uint8_t *sig;		/* NULL: actor server */
	uint64_t now;			/* the epoch by the clock */
	uint32_t message;		/* its message, or NO_MESSAGE */
	bool stopped;			/* the log stands still */
	bool waited;			/* it waited, and has its turn now */
};

/*
 * ledger_take(r, t, act, c, out): make the event of a person's action, give
 * it a leaf, add it to the epoch's record and to ${c}'s openings (the caller
 * stores ${c}).  ${c} NULL: an event without a case.
 * While the log stands still, or others wait already, the signed action is
 * stored waiting and gets its event when the log goes on (waiting.h).
 * Fails: ERR_FULL (no leaf up to AHEAD_MAX epochs ahead, or in this one for
 * access and delete), ERR_RANGE (the source's LEDGER_PER_CASE are used up),
 * ERR_FORMAT (an action that makes no event), ERR_SYS, store errors.
 */
struct ledger_taken {
	uint64_t epoch, leaf;		/* leaf: 0..255 of its epoch */
	uint8_t commitment[COMMITMENT_LEN];
	struct opening opening;
	bool waiting;			/* none of these yet: it waits */
};
enum err ledger_take(const struct records *r, struct store_txn *t,
    const struct ledger_act *act, struct case_record *c,
    struct ledger_taken *out) MUST_USE;

/* ledger_source_full(c, now): a source's LEDGER_PER_CASE are used up. */
bool ledger_source_full(const struct case_record *c, uint64_t now);

/*
 * ledger_feed(r, t, in, ep): the events of an epoch that closes enter the
 * feeds of the desks that may read their cases, in random order, those of one
 * case in the order of their seq.
 */
enum err ledger_feed(const struct records *r, struct store_txn *t,
    const struct instance *in, const struct epoch_record *ep) MUST_USE;

/*
 * ledger_commitment(en, out): of an entry; one that was lost in a restore has
 * no event, and its commitment stands in place of its nonce.
 */
void ledger_commitment(const struct epoch_entry *en,
    uint8_t out[static COMMITMENT_LEN]);
/* ledger_last(c, out): commitment of a case's newest event. */
void ledger_last(const struct case_record *c,
    uint8_t out[static COMMITMENT_LEN]);
/* ledger_knows(c, commitment): whether an event of ${c} has it. */
bool ledger_knows(const struct case_record *c,
    const uint8_t commitment[static COMMITMENT_LEN]);
/* ledger_fetched(c): whether any desk has said that it saved ${c}. */
bool ledger_fetched(const struct case_record *c);
/* ledger_index(in, epoch, leaf): index of a leaf in the whole log. */
uint64_t ledger_index(uint64_t epoch0, uint64_t epoch, uint64_t leaf);

#endif
