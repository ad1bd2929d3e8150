#ifndef SERVER_LOG_H
#define SERVER_LOG_H
/*
 * The public log from inside the server: promises, closing epochs, proofs.
 * Order of durable steps of a closing: docs/DESIGN.md "The log".
 */
#include "ledger.h"
#include "log_record.h"
#include "server.h"

#define LOG_CLOSE_BATCH	64	/* epochs of one call */
#define LOG_KEEP_DEMO	1000	/* disclosures that a demo keeps */

/*
 * How the log stands, by the next epoch to be closed and the clock's.  It
 * stops on a clock that lies more than an epoch before the last closed one, or
 * with more than ten days to close: a clock that is wrong must not be written
 * into the log for ever.
 */
enum log_state { LOG_OK, LOG_LATE, LOG_STOPPED };
#define LOG_STOP_SEC	(10 * 86400)
enum log_state log_state_of(uint64_t next_close, uint64_t now,
    int64_t epoch_seconds);
const char *log_state_text(enum log_state s);
/* log_state_now(s): of a running server; a demo's --clock never stops it. */
enum log_state log_state_now(struct server *s);

/*
 * log_promise(s, epoch, leaf, commitment, note): the signed promise of an
 * event (leaf 0..255 of its epoch); again, it gives the same bytes.
 * ${note} may be NULL: only make it.  Fails: as signer_promise.
 */
enum err log_promise(struct server *s, uint64_t epoch, uint64_t leaf,
    const uint8_t commitment[static COMMITMENT_LEN], struct buf *note)
    MUST_USE;
/*
 * log_promise_event(s, taken): the promise of an event that is in the store.  If
 * the signer does not answer now, its promise follows when the epoch closes.
 */
void log_promise_event(struct server *s, const struct ledger_taken *taken);
/*
 * log_close(s, now): close every epoch before ${now}, in order, at most
 * LOG_CLOSE_BATCH of them.
 * Fails: ERR_BUSY if there are more: call again; else at the first that
 * cannot be closed; what was begun is finished by the next call.
 * Threads: the ticker's alone.
 */
enum err log_close(struct server *s, uint64_t now) MUST_USE;
/*
 * log_evidence(s, c, seq, out, proof): what stands for event ${seq} of a
 * case: the promise's file while its epoch is open, the tlog-proof once it is
 * closed (*proof).  Inside no transaction.
 */
enum err log_evidence(struct server *s, const struct case_record *c,
    size_t seq, struct buf *out, bool *proof) MUST_USE;
/*
 * log_published(s, closed): how many of the closed epochs are published.  An
 * epoch is, at the same moment after its end, whatever happened in it: how
 * long its closing took tells nothing.
 */
uint64_t log_published(struct server *s, uint64_t closed);
/*
 * log_head(r, t, epoch0, out): the newest closed epoch; ERR_NOTFOUND if none.
 */
enum err log_head(const struct records *r, struct store_txn *t,
    uint64_t epoch0, struct log_epoch *out) MUST_USE;

#endif
