#ifndef SWEEP_H
#define SWEEP_H
/* Objects that nothing refers to any more. */
#include "server.h"

/*
 * sweep_uploads(s, starting): erase uploads of desks that no action took by
 * the end of the epoch after theirs; at the start also those of sources, which
 * no connection can finish any more.
 */
enum err sweep_uploads(struct server *s, bool starting) MUST_USE;

#endif
