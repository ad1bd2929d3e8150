#ifndef FETCH_LOG_H
#define FETCH_LOG_H
/* What the public log says of what the feed gives, and who is who. */
#include "fetch_object.h"

/*
 * fetch_rosters(f, newest): every roster up to ${newest} that is not known
 * yet, each signed by the keys in force before it, the first by those of the
 * office file; then who may act stands in the book.
 */
enum peluit_exit fetch_rosters(struct fetch *f, uint64_t newest);
/* fetch_actor(f, e): whether the rosters let the event's actor act then. */
bool fetch_actor(const struct fetch *f, const struct book_event *e);
/*
 * fetch_evidence(f, item, e, refused): the item's proof verifies and is of
 * the log that was seen before; or it has a promise that verifies, then
 * f->promised, and the book keeps it apart.  *refused: only this item is
 * wrong; any other failure is the log's and stops the fetch.
 */
enum peluit_exit fetch_evidence(struct fetch *f,
    const struct api_feed_item *item, const struct book_event *e,
    bool *refused);
/*
 * fetch_promises(f): after the whole feed was read: whether each event that
 * was promised once came again; findings if not.
 */
bool fetch_promises(struct fetch *f);

#endif
