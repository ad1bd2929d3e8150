#ifndef AUDIT_WORDS_H
#define AUDIT_WORDS_H
/*
 * What the auditor's program says beside its findings: sentences in both
 * languages, each failure with a stable code.  {1} and {2} are filled in.
 */
#include "buf.h"

enum audit_lang { AUDIT_ID, AUDIT_EN, AUDIT_LANGS };

enum audit_word {
	/* wrong use */
	A_USAGE, A_COMMAND_UNKNOWN, A_OPTION_UNKNOWN, A_OPTION_NEEDS_VALUE,
	A_OPTION_BAD, A_OPTION_MISSING, A_ARGUMENT_MISSING, A_ARGUMENT_EXTRA,
	A_VKEY_BAD, A_ADDRESS_BAD, A_CLOCK_NOT_DEMO, A_CLOCK_BAD, A_NOT_INIT,
	A_HOME_UNKNOWN, A_EXISTS,
	/* could not reach or read */
	A_FILE_READ, A_FILE_WRITE, A_NET, A_NO_ROSTER, A_HOME_BUSY,
	A_HOME_DAMAGED, A_PASS_NONE, A_PASS_WRONG, A_IDENTITY_BAD, A_MACHINE,
	A_NO_RESULT, A_PROOF_FORMAT, A_PROOF_NO_OPENING, A_POLICY_BAD,
	A_PROMISE_NO_KEY, A_API_REFUSED,
	/* questions and results */
	A_ASK_PASS, A_INIT_DONE, A_CHECK_HEAD, A_FULL_HEAD, A_ALL_WELL,
	A_BROKEN, A_REPORT_WROTE, A_PROOF_HOLDS, A_PROMISE_KEPT,
	A_PROMISE_OPEN, A_PROMISE_OFFLINE, A_PROOF_EVENT, A_PROOF_NOT_OURS,
	A_WATCH_LINE, A_WATCH_COSIGNED, A_WATCH_NOT_COSIGNED, A_NOTE,
	A_MORE,
	AUDIT_WORDS
};

/* audit_words_code(w): the stable code of a failure; "" for the others. */
const char *audit_words_code(enum audit_word w);
/* audit_words_put: append the sentence with {1} and {2} filled in. */
void audit_words_put(enum audit_word w, enum audit_lang l,
    const char *const arg[2], struct buf *out);

#endif
