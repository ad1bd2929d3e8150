#ifndef FINDING_H
#define FINDING_H
/*
 * What an audit finds.  Each finding has a stable code; the table of codes
 * stands in finding_table.c and, for people, in docs/AUDITING.md.
 */
#include <stdbool.h>
#include <stdint.h>

#include "event.h"

enum finding_code {
	/* the log broke a rule */
	F_CHECKPOINT_FORMAT, F_CHECKPOINT_ORIGIN, F_CHECKPOINT_SIGNATURE,
	F_CHECKPOINT_SIZE, F_LOG_ROLLED_BACK, F_SPLIT_VIEW,
	F_HISTORY_REWRITTEN, F_ROOT_MISMATCH, F_TILE_WRONG, F_ENTRIES_MISSING,
	F_ROSTER_SIGNATURE, F_ROSTER_CHAIN, F_ROSTER_WITHOUT_EVENT,
	F_ROSTER_PROOF, F_ROSTER_MISSING, F_ROSTER_CHANGED,
	F_LOSS_PROOF, F_LOSS_WITHOUT_EVENT, F_LOSS_MISSING,
	F_DISCLOSURE_MISSING, F_DISCLOSURE_SEALED, F_DISCLOSURE_DAMAGED,
	F_LEAF_UNOPENED, F_EVENT_MALFORMED, F_EVENT_ORIGIN, F_EPOCH_MISMATCH,
	F_TAKEN_WRONG, F_EVENT_ORDER,
	F_REPORT_MISSING, F_REPORT_TWICE, F_SEQ_GAP, F_SEQ_TWIN,
	F_PREV_MISMATCH, F_AFTER_DELETE, F_SEEN_UNKNOWN,
	F_SIGNATURE_INVALID, F_SIGNATURE_TWICE, F_REQUEST_TWICE,
	F_OBJECTS_TWICE, F_PROMISE_SIGNATURE, F_PROMISE_BROKEN,
	F_PROOF_INVALID, F_PROOF_POLICY, F_OBJECT_MISSING,
	/* the office broke a rule */
	F_ACTOR_NOT_IN_FORCE, F_ACTOR_ROLE, F_ACTOR_CHANNEL, F_SOURCE_KEY,
	F_RECIPIENTS_UNANNOUNCED, F_RECIPIENTS_NOT_IN_FORCE,
	F_RECIPIENTS_CHANNEL, F_CUSTODY_WITHOUT_CONSENT,
	F_CONSENT_WITHOUT_QUESTION, F_DELETE_EARLY, F_LATE_FIRST_RESPONSE,
	/* no rule is broken, but a reader should know */
	F_RESPONSE_UNCERTAIN, F_LOG_LATE, F_LOG_AHEAD, F_CHECKPOINT_LATE,
	F_EPOCH_UNWATCHED, F_DISCLOSURE_NOT_YOURS, F_ROSTER_PENDING,
	F_DELETE_OVERDUE, F_LEAF_LOST, F_INVENTORY_SKIPPED,
	FINDING_CODES
};
enum finding_level { FINDING_LOG, FINDING_OFFICE, FINDING_NOTE };

#define FINDING_DETAIL_MAX	128

struct finding {
	enum finding_code code;
	bool has_case, has_epoch, has_leaf;
	uint8_t case_id[ID_LEN];
	uint64_t epoch, leaf;
	char detail[FINDING_DETAIL_MAX];	/* "" or a few words more */
};

/*
 * A list of findings.  Above FINDINGS_MAX they are counted, no more kept: a
 * log that is wrong throughout must not fill the auditor's memory.
 */
#define FINDINGS_MAX	5000
struct findings {
	struct finding *item;
	size_t n, room;
	uint64_t dropped;
	size_t count[FINDING_CODES];
	bool failed;			/* memory: the audit is not whole */
};
/* findings_init: none; findings_done: release. */
void findings_init(struct findings *f);
void findings_done(struct findings *f);
/* findings_add(f, one): a copy.  Fails: f->failed. */
void findings_add(struct findings *f, const struct finding *one);
/* findings_broken(f): how many break a rule; notes are not counted. */
size_t findings_broken(const struct findings *f);
/* findings_first(f): the first that breaks a rule; NULL if none does. */
const struct finding *findings_first(const struct findings *f);

/* finding_text: the stable code; finding_level_of: whose rule it is. */
const char *finding_text(enum finding_code c);
enum finding_level finding_level_of(enum finding_code c);
/* finding_level_text(l): "log", "office" or "note". */
const char *finding_level_text(enum finding_level l);
/* finding_sentence(c, english): what it means, one sentence. */
const char *finding_sentence(enum finding_code c, bool english);

#endif
