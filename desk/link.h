#ifndef LINK_H
#define LINK_H
/* The desk's way to the server, and what to say when it is barred. */
#include "client.h"
#include "peluit.h"

/* link_open(d, out): a client of d->office. */
enum peluit_exit link_open(struct desk *d, struct client **out);
/* link_fail(d, c, e, a): the sentence for a call that failed. */
enum peluit_exit link_fail(struct desk *d, const struct client *c, enum err e,
    const struct client_answer *a);

#endif
