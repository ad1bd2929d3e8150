#ifndef ROSTERS_H
#define ROSTERS_H
/* Rosters and notices of loss as the log serves them, with their proofs. */
#include "head.h"
#include "promise.h"
#include "roster.h"

#define ROSTERS_MAX	1000

struct served {
	uint64_t number;		/* K of /roster/K or /loss/K */
	uint8_t hash[SHA256_LEN];
	uint8_t *text;			/* the note, or the notice */
	size_t len;
	struct roster *roster;		/* of a roster */
	uint64_t first;			/* epoch in which it was first seen */
	bool is_new;			/* that epoch is still open */
};
struct served_list {
	struct served *item;
	size_t n;
};
void served_done(struct served_list *l);
/*
 * rosters_fetch(r, list): all rosters, each signed by the keys in force
 * before it and following the one before; findings where one does not, and
 * none behind it.  Sets r->a->epoch0 and epoch_seconds.
 */
enum audit_exit rosters_fetch(struct reach *r, struct served_list *list);
/* losses_fetch(r, list): all notices of loss. */
enum audit_exit losses_fetch(struct reach *r, struct served_list *list);
/*
 * served_prove(h, list, kind): the tlog-proof of each one's event in the log
 * of ${h}: EVENT_KEYS or EVENT_LOSS.
 */
enum audit_exit served_prove(struct head *h, struct served_list *list,
    enum event_kind kind);

#endif
