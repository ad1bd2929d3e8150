#ifndef AUDIT_CHECK_H
#define AUDIT_CHECK_H
/* The part of an audit that needs no account. */
#include "rosters.h"

struct checked {
	struct served_list rosters, losses;
	struct head head;
	bool good;		/* all of it could be read and holds */
};
/* audit_check(r, k): findings in r->a.  Release with audit_check_done. */
enum audit_exit audit_check(struct reach *r, struct checked *k);
void audit_check_done(struct checked *k);
/* audit_check_say(a, k): the head, for people and programs. */
void audit_check_say(struct audit *a, const struct checked *k);

#endif
