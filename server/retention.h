#ifndef RETENTION_H
#define RETENTION_H
/* Closed cases go when their days are over. */
#include "server.h"

/*
 * retention_tick(s): once an epoch: closed cases in which nothing happened for
 * the roster's days are deleted: one transaction logs the `delete`, erases
 * records and headers, so that no object opens any more, and names the blocks,
 * which the sweep erases.  A delete that finds no leaf waits for the next
 * epoch.  Not while the log stands still.
 * Fails: store errors, the first of them: one case that does not open stops
 * no other.  What was not done is done by the next call.
 */
enum err retention_tick(struct server *s) MUST_USE;

#endif
