#ifndef EVENT_H
#define EVENT_H
/*
 * Actions (what a person does, signed) and events (what the log commits to).
 * Format: docs/FORMATS.md "Actions and events".
 */
#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "crypto.h"
#include "err.h"
#include "merkle.h"
#include "sign.h"
#include "status.h"

#define ORIGIN_MAX	128
#define ID_LEN		16		/* case, object, request */
#define EVENT_MAX	990		/* bytes; fits a disclosure slot */
#define ACTION_MAX	EVENT_MAX
#define NONCE_LEN	32
#define COMMITMENT_LEN	SHA256_LEN

enum event_kind {
	EVENT_REPORT, EVENT_MESSAGE, EVENT_REPLY, EVENT_STATUS, EVENT_ACCESS,
	EVENT_REFERRAL, EVENT_CONSENT, EVENT_CUSTODY, EVENT_DELETE,
	EVENT_KEYS, EVENT_LOSS, EVENT_DECOY,
	EVENT_KINDS
};
enum actor_kind { ACTOR_SOURCE, ACTOR_DESK, ACTOR_SERVER };

/* event_kind_text(k): its word, static text. */
const char *event_kind_text(enum event_kind k);
/* event_kind_parse(text, out): the kind of a word.  Fails: ERR_FORMAT. */
enum err event_kind_parse(struct bytes text, enum event_kind *out) MUST_USE;

/* The lines that an action and an event share.  has_*: the line is there. */
struct action {
	char origin[ORIGIN_MAX + 1];
	bool has_case, has_request, has_objects, has_recipients, has_seen;
	uint8_t case_id[ID_LEN];
	uint8_t request[ID_LEN];
	enum event_kind kind;
	enum actor_kind actor;
	uint8_t actor_key[SIGN_PUBLIC_LEN];	/* not for ACTOR_SERVER */
	struct merkle_hash objects;
	char status[STATUS_MAX + 1];		/* "" : no line */
	uint8_t recipients[SHA256_LEN];
	uint8_t seen[COMMITMENT_LEN];
};

struct event {
	struct action action;
	uint64_t epoch;
	bool has_taken, has_seq, has_prev, has_sig;
	uint64_t taken;				/* when it differs from epoch */
	uint64_t seq;
	uint8_t prev[COMMITMENT_LEN];
	uint8_t sig[SIGN_LEN];
};

/*
 * Encoding appends; decoding takes exactly one and refuses every other
 * spelling: lines out of order, twice, absent where the kind asks for them or
 * present where it forbids them.  Fails: ERR_FORMAT, ERR_RANGE, ERR_VERSION.
 */
enum err action_encode(const struct action *a, struct buf *out) MUST_USE;
enum err action_decode(struct bytes text, struct action *out) MUST_USE;
enum err event_encode(const struct event *e, struct buf *out) MUST_USE;
enum err event_decode(struct bytes text, struct event *out) MUST_USE;

/*
 * action_sign(a, seed, sig): the actor's signature over the encoded action.
 * Fails: as action_encode; ERR_KEY if ${seed} is not that of the key that the
 * actor line names.
 */
enum err action_sign(const struct action *a,
    const uint8_t seed[static SIGN_SEED_LEN], uint8_t sig[static SIGN_LEN])
    MUST_USE;
/*
 * event_verify(e): the signature, by the key that its actor line names.
 * ERR_OK also for the few kinds that the server does, which have none.
 * Fails: ERR_MAC; ERR_FORMAT, ERR_RANGE for what could not be encoded.
 */
enum err event_verify(const struct event *e) MUST_USE;

/*
 * commitment_of(nonce, event, out): what a leaf holds for an event's text of
 * at most EVENT_MAX bytes (asserted).
 */
void commitment_of(const uint8_t nonce[static NONCE_LEN], struct bytes event,
    uint8_t out[static COMMITMENT_LEN]);

/*
 * objects_root(entries, n, out): root of an event's objects; an entry is
 * BLAKE2b-256(header) || BLAKE2b-256(payload).
 * Fails: ERR_RANGE if n is 0 or above 128.
 */
struct object_entry { uint8_t header[BLAKE2B_LEN], payload[BLAKE2B_LEN]; };
enum err objects_root(const struct object_entry *entries, size_t n,
    struct merkle_hash *out) MUST_USE;

/* case_name(id, out): eight Crockford letters "7QK2-M4XD". */
#define CASE_NAME_LEN	9
void case_name(const uint8_t id[static ID_LEN],
    char out[static CASE_NAME_LEN + 1]);
/*
 * case_name_match(id, typed): whether what a person typed (name, its first
 * four letters, the 32 hex digits; any case, O as 0, I and L as 1) means it.
 */
bool case_name_match(const uint8_t id[static ID_LEN], const char *typed);

#endif
