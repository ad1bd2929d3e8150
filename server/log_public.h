#ifndef LOG_PUBLIC_H
#define LOG_PUBLIC_H
/*
 * What everybody may have of the log, by path, as the listener serves it and
 * `peluitd mirror` writes it.
 */
#include "log_record.h"
#include "instance.h"

#define LOG_PUBLISH_PART 360	/* of an epoch: published so long after its end */

/*
 * log_public(v, in, closed, path, out): append what stands at ${path} when
 * ${closed} epochs are published.  *immutable: it never changes again.
 * ${cosigned}: signature lines to put behind the checkpoint.
 * Fails: ERR_NOTFOUND, store errors.
 */
struct log_public {
	struct log_view v;
	const struct instance *in;	/* its rosters; locked by the caller */
	uint64_t closed;
	const struct buf *cosigned;	/* may be NULL */
};
enum err log_public(struct log_public *p, const char *path, struct buf *out)
    MUST_USE;
/* log_closed(r, t, epoch0, closed): how many epochs the store has closed. */
enum err log_closed(const struct records *r, struct store_txn *t,
    uint64_t epoch0, uint64_t *closed) MUST_USE;

#endif
