#ifndef DEED_H
#define DEED_H
/*
 * What this desk does: actions, stored before they are sent and sent again,
 * byte for byte the same, until the server has answered.
 */
#include "book.h"
#include "link.h"

struct deed {
	struct action action;
	const struct book_case *of;
};
/*
 * deed_init(d, c, kind, out): an action of this desk on ${c}, with a fresh
 * request number and, as `seen`, the newest commitment known.
 */
void deed_init(const struct desk *d, const struct book_case *c,
    enum event_kind kind, struct deed *out);
/*
 * deed_add(d, b, deed, outbox): signed and put in ${b}'s requests (its last
 * one); the caller saves the book before anything is sent.
 */
enum peluit_exit deed_add(struct desk *d, struct book *b,
    const struct deed *deed, bool outbox);

/* A way to the server and the book that goes with it. */
struct deed_way {
	struct book *book;
	struct client *client;
	struct client_answer answer;
	bool unsaved;		/* the book changed since it was saved */
	bool fresh;		/* what is sent is new, it did not wait */
	bool postponed;		/* an `access` found no room: left out */
};
enum peluit_exit deed_way_open(struct desk *d, struct book *b,
    struct deed_way *w);
void deed_way_close(struct deed_way *w);

/*
 * deed_send(d, w, i, taken): sends request ${i} of the book.  Answered (taken
 * or refused by a signed answer), it leaves the book; else it stays and goes
 * again with the next fetch.  An `access` for which the epoch has no leaf, or
 * whose case is gone, is not made and no failure: w->postponed.
 */
enum peluit_exit deed_send(struct desk *d, struct deed_way *w, size_t i,
    struct api_taken *taken);
/* deed_retry(d, w): all that waits; stops at the first that must wait on. */
enum peluit_exit deed_retry(struct desk *d, struct deed_way *w);
/* deed_outbox(d, request, suffix): fresh path of a waiting sealed text. */
char *deed_outbox(const struct desk *d, const uint8_t request[static ID_LEN],
    const char *suffix);

/*
 * deed_do(d, b, deed, outbox): add, save, open a way, send what waits and
 * this; says that it was taken.
 */
enum peluit_exit deed_do(struct desk *d, struct book *b,
    const struct deed *deed, bool outbox);

#endif
