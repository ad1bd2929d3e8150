#ifndef ACTION_H
#define ACTION_H
/*
 * The lines that an action and an event share, for action.c and event.c.
 * An event has `seq` between the two groups.
 */
#include "event.h"

/* action_check(a): every line that the kind asks for, none that it forbids. */
enum err action_check(const struct action *a) MUST_USE;
/* case, request */
void action_put_case(const struct action *a, struct buf *out);
enum err action_take_case(struct cur *c, struct action *a) MUST_USE;
/* kind, actor, objects, status, recipients, seen */
void action_put_deed(const struct action *a, struct buf *out);
enum err action_take_deed(struct cur *c, struct action *a) MUST_USE;

#endif
