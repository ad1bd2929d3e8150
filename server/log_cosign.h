#ifndef LOG_COSIGN_H
#define LOG_COSIGN_H
/*
 * Cosignatures that auditors gave: of each the newest, served behind the
 * checkpoint that it is of.
 */
#include "log_record.h"
#include "note.h"
#include "roster.h"

#define COSIGN_LINE_MAX	512	/* bytes of a signature line with its LF */

struct cosignature {
	uint8_t key[SIGN_PUBLIC_LEN];	/* the auditor's */
	uint64_t size;			/* of the checkpoint */
	char line[COSIGN_LINE_MAX + 1];	/* with its LF */
};
/* log_cosign_key(d, out): the cosigner's key: its name is the label. */
enum err log_cosign_key(const struct roster_desk *d, struct vkey *out)
    MUST_USE;
/* Fails: ERR_NOTFOUND, as record_get. */
enum err log_cosign_get(const struct records *r, struct store_txn *t,
    const uint8_t key[static SIGN_PUBLIC_LEN], struct cosignature *out)
    MUST_USE;
/* log_cosign_put: in a job.  An older one than is there changes nothing. */
enum err log_cosign_put(const struct records *r, struct store_txn *t,
    const struct cosignature *c) MUST_USE;
/*
 * log_cosign_lines(r, t, ro, size, out): append those that the auditors of
 * ${ro} gave for the checkpoint of ${size} leaves.
 */
enum err log_cosign_lines(const struct records *r, struct store_txn *t,
    const struct roster *ro, uint64_t size, struct buf *out) MUST_USE;

#endif
