#ifndef FETCH_EVENT_H
#define FETCH_EVENT_H
/* One item of the feed: checked, its objects brought, put in the book. */
#include "fetch_object.h"

/*
 * fetch_event(f, item, refused): DESK_DONE if ${item} is in the book now, as
 * part of its case or, f->promised, apart from it.
 * *refused: it does not fit (a finding was made); other items may still be
 * taken.  Any other failure (network, disk) stops the fetch.
 */
enum peluit_exit fetch_event(struct fetch *f, const struct api_feed_item *item,
    bool *refused);
/*
 * fetch_chain(f, c): whether the case's events follow each other without gap
 * and each names the one before it; findings if not.
 */
bool fetch_chain(struct fetch *f, const struct book_case *c);

#endif
