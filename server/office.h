#ifndef SERVER_OFFICE_H
#define SERVER_OFFICE_H
/* Rosters taken by a running server, and the install record that keeps them. */
#include "server.h"

/*
 * office_start(s): the store opens with the at-rest key, the install record
 * fits the config; rosters of public/ are those that were accepted, or are
 * accepted now (roster 1 of a new instance).  Whether the newest fits the
 * config is asked after office_take_next, by instance_config_fits.
 * Fails: with a line in s->in->why.
 */
enum err office_start(struct server *s) MUST_USE;
/*
 * office_take_next(s): a roster that `peluitd roster` left is accepted: its
 * file under its number, then its event; a start in between accepts it
 * too.  Fails: ERR_NOTFOUND if none waits; others with s->in->why.
 * Threads: the one that started the server.
 */
enum err office_take_next(struct server *s) MUST_USE;
/* office_confirm_path(in): what `peluitd confirm` leaves for a server. */
char *office_confirm_path(const struct instance *in);
/* office_next_path(in): where a checked roster waits.  Caller frees. */
char *office_next_path(const struct instance *in);

#endif
