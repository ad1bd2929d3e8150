#ifndef SWEEP_H
#define SWEEP_H
/* Objects that nothing refers to any more. */
#include "server.h"

struct sweep;
enum err sweep_new(struct sweep **out) MUST_USE;
void sweep_free(struct sweep *w);
/*
 * sweep_object(s, id): this upload was broken off or refused: erase it at the
 * next sweep_tick.  Without memory it waits for the next start.
 * Threads: any.
 */
void sweep_object(struct server *s, const uint8_t id[static ID_LEN]);
/* sweep_tick(s): erase what sweep_object named. */
enum err sweep_tick(struct server *s) MUST_USE;
/*
 * sweep_uploads(s, starting): erase uploads of desks that no action took by
 * the end of the epoch after theirs; at the start also those of sources, which
 * no connection can finish any more.
 */
enum err sweep_uploads(struct server *s, bool starting) MUST_USE;

#endif
