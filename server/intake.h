#ifndef INTAKE_H
#define INTAKE_H
/*
 * What a source sends becomes sealed objects, a signed event and records, in
 * one synced transaction.  Order of durable steps: docs/DESIGN.md "Storage".
 */
#include "manifest.h"
#include "server.h"

/* A small object sealed in memory: its record and its blocks. */
#define SMALL_BLOCKS	3
struct small_object {
	struct object_record record;
	struct sealed *block[SMALL_BLOCKS];
};
void small_init(struct small_object *o);
void small_done(struct small_object *o);
/*
 * small_seal(use, to, n, plain, out): a new object of ${plain}.
 * Fails: as object_sealer_new; ERR_RANGE if it is not small.
 */
enum err small_seal(enum object_use use, const struct age_recipient *to,
    size_t n, const struct buf *plain, struct small_object *out) MUST_USE;
/*
 * small_identity(said, set, m, out): what a source says of themselves, an
 * object of its own for the custodians of ${set}, named in the manifest ${m}.
 * ${said} NULL: nothing is done.  Fails: as small_seal.
 */
enum err small_identity(const char *said, const struct roster_channel *set,
    struct manifest *m, struct small_object *out) MUST_USE;
/* small_store: its blocks and its home, inside a job. */
enum err small_store(const struct records *r, struct store_txn *t,
    const struct small_object *o, const struct object_home *home) MUST_USE;
/* objects_entries_root(m, out): an event's objects line over a message. */
enum err message_root(const struct message_record *m, struct merkle_hash *out)
    MUST_USE;

struct report_in {
	uint8_t draft[DRAFT_LEN];
	const struct roster_channel *set;	/* whom it is sealed to */
	uint8_t set_hash[SHA256_LEN];
	const struct manifest_field *field;
	size_t fields;
	const char *text;
	const char *identity;		/* NULL: none given */
};
/*
 * intake_report(s, in, out): take a report, or recognise the same form sent
 * again.  Slow (Argon2id): never on an HTTP thread.
 * ${out}: who is signed in now; the receipt is in it.
 * Fails: ERR_CONFLICT (the draft was used for other content), ERR_EXISTS
 * (its receipt was shown before and is not shown again), ERR_FULL (disk),
 * ERR_BUSY (no leaf within AHEAD_MAX epochs), ERR_SYS; nothing was kept.
 */
enum err intake_report(struct server *s, const struct report_in *in,
    struct session_data *out) MUST_USE;
/*
 * intake_draft(s, draft, out): "I sent it but saw no code": the receipt of a
 * draft, if its report is here.
 * Fails: ERR_NOTFOUND, ERR_EXISTS (shown before), ERR_SYS.
 */
enum err intake_draft(struct server *s, const uint8_t draft[static DRAFT_LEN],
    struct session_data *out) MUST_USE;

/* A file that a source has sent: sealed, its blocks in the store. */
struct sent_file {
	struct object_record record;
	struct manifest_attachment about;	/* name, type: owned here */
};
struct message_in {
	const char *text;			/* "" with files alone */
	const char *identity;			/* NULL: none given */
	const struct roster_channel *set;
	uint8_t set_hash[SHA256_LEN];
	struct sent_file *file;			/* borrowed */
	size_t files;
	uint64_t file_bytes_max;		/* of the case, padded */
	bool *fetched;		/* NULL; or is set when the message is kept:
				   whether a desk had fetched the case */
};
/*
 * intake_message(s, who, in): a message of a signed-in source.
 * Fails: ERR_RANGE (this epoch's messages of the case are used up),
 * ERR_DENIED (more than the case's files may have), ERR_FULL, ERR_BUSY,
 * ERR_NOTFOUND (the case was deleted), ERR_SYS; nothing was kept.
 */
enum err intake_message(struct server *s, const struct session_data *who,
    const struct message_in *in) MUST_USE;

#endif
