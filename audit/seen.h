#ifndef SEEN_H
#define SEEN_H
/*
 * What was seen of the log and when: one line a size, kept for ever.  It is
 * what makes "yesterday" mean something to an auditor.
 *
 * File `seen`, lines: SIZE FIRST LAST BASE64(root), sizes ascending; FIRST
 * and LAST are Unix seconds of the first and the last look that found the
 * log at that size.
 */
#include "checkpoint.h"
#include "finding.h"

#define SEEN_MAX	(64u * 1024 * 1024)

struct seen_item {
	uint64_t size;
	int64_t first, last;
	struct merkle_hash root;
};
struct seen {
	struct seen_item *item;
	size_t n, room;
	uint64_t epoch0, epoch_seconds;		/* for the clocks below */
};
void seen_init(struct seen *s);
void seen_done(struct seen *s);
/* Both directions of the file.  Fails: ERR_FORMAT, ERR_RANGE, ERR_SYS. */
enum err seen_encode(const struct seen *s, struct buf *out) MUST_USE;
enum err seen_decode(struct bytes text, struct seen *out) MUST_USE;
/*
 * seen_judge(s, c, code): whether ${c} can follow what was seen: false and
 * F_LOG_ROLLED_BACK or F_SPLIT_VIEW in *code if not.
 */
bool seen_judge(const struct seen *s, const struct checkpoint *c,
    enum finding_code *code);
/* seen_add(s, c, now): one look; ${c} passed seen_judge.  Fails: ERR_SYS. */
enum err seen_add(struct seen *s, const struct checkpoint *c, int64_t now)
    MUST_USE;
/* seen_last(s): the newest head; NULL if none was seen. */
const struct seen_item *seen_last(const struct seen *s);
/*
 * seen_counts(s, epoch): the epoch in which what stands in ${epoch} counts
 * for the clocks: ${epoch}, or a later one if somebody looked after its end
 * and it was still not published.  ${arg} is a seen.
 */
uint64_t seen_counts(void *arg, uint64_t epoch);
/* seen_watched(s, epoch): whether its publication was seen within an epoch. */
bool seen_watched(const struct seen *s, uint64_t epoch);

#endif
