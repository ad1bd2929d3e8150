#ifndef TAMPER_H
#define TAMPER_H
/*
 * peluit-tamper: what somebody with the server's disk and keys could do.  It
 * works on a stopped instance.  For tests alone: no shipped program has it.
 */
#include "cmd.h"
#include "ledger.h"
#include "log_record.h"

struct tamper {
	struct instance in;
	struct records *records;
	struct store *store;
	int argc;			/* of the action: argv[0] is its name */
	char **argv;
	bool keep_promise;		/* the signer is left as it is */
	char said[512];			/* what was done, JSON members */
};

/*
 * What an action does: ERR_OK, ERR_RANGE for wrong use, or what went wrong.
 * Each runs its changes in one job of the store.
 */
typedef enum err tamper_fn(struct tamper *t);

tamper_fn tamper_delete_object, tamper_replace_object;	/* tamper_object.c */
tamper_fn tamper_edit_event, tamper_swap_events, tamper_backdate,
    tamper_fill_for_event, tamper_forge_action;		/* tamper_event.c */
tamper_fn tamper_roll_back, tamper_sign_fork, tamper_drop_promise,
    tamper_silent_roster;				/* tamper_log.c */

/*
 * tamper_case(t, txn, word, out): the case that ${word} names (hex, name,
 * four letters, or "-": the only one).
 */
enum err tamper_case(struct tamper *t, struct store_txn *txn,
    const char *word, struct case_record *out) MUST_USE;
/* tamper_arg(t, i, otherwise): argument ${i} of the action, from 1. */
const char *tamper_arg(const struct tamper *t, int i, const char *otherwise);
/* tamper_number(t, i, otherwise, out): the same as a number.  ERR_RANGE. */
enum err tamper_number(const struct tamper *t, int i, uint64_t otherwise,
    uint64_t *out) MUST_USE;
/* tamper_say(t, fmt, ...): members of the JSON object that is printed. */
void tamper_say(struct tamper *t, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* tamper_write(t, fn, arg): a job of the store. */
enum err tamper_write(struct tamper *t, store_job_fn *fn, void *arg)
    MUST_USE;
/*
 * tamper_forget(t, epoch, leaf): make the signer forget a promise; ${leaf}
 * LEAVES: all of them.  ${forgotten} counts them.
 */
enum err tamper_forget(struct tamper *t, uint64_t epoch, uint64_t leaf,
    uint64_t *forgotten) MUST_USE;

#endif
