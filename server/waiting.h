#ifndef WAITING_H
#define WAITING_H
/*
 * Signed actions that wait while the log stands still.  They are stored with
 * what they belong to, and get epoch, leaf, seq and prev in the order in which
 * they came when the log goes on.
 */
#include "ledger.h"
#include "server.h"

#define WAITING_BATCH	32	/* given their turn in one transaction */

/* waiting_put: inside the job that the action belongs to. */
enum err waiting_put(const struct records *r, struct store_txn *t,
    struct install_record *install, const struct ledger_act *act) MUST_USE;
/*
 * waiting_flush(s): give all that waits its turn.
 * Fails: ERR_FULL (no leaf for now; the rest is tried again), store errors.
 */
enum err waiting_flush(struct server *s) MUST_USE;

#endif
