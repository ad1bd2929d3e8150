#ifndef DEED_UPLOAD_H
#define DEED_UPLOAD_H
/* A sealed text on its way: the outbox, and the upload of what waits there. */
#include "deed.h"
#include "manifest.h"

/*
 * deed_upload(d, w, request, object): sends what waits under ${request} up
 * as a new object, whose id goes to ${object}.  Errors: of client_call.
 */
enum err deed_upload(struct desk *d, struct deed_way *w,
    const uint8_t request[static ID_LEN], uint8_t object[static ID_LEN])
    MUST_USE;
/*
 * deed_seal(d, deed, m, report): seals ${m} once with two headers, for the
 * source that ${report} names and for the case's recipients, puts it in the
 * outbox and its root in ${deed}'s action.
 */
enum peluit_exit deed_seal(struct desk *d, struct deed *deed,
    const struct manifest *m, const struct manifest *report);

#endif
