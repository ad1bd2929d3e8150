#ifndef FETCH_OBJECT_H
#define FETCH_OBJECT_H
/* Bringing one object into the vault, block by block, resumable. */
#include "book.h"
#include "link.h"

struct fetch {
	struct desk *d;
	struct client *client;
	struct client_answer answer;
	struct book *book;
	uint64_t done, total;		/* bytes, for the bar */
	uint64_t epoch;			/* the office's */
	/* what came */
	size_t cases, messages, objects, unchecked, not_logged;
	uint64_t bytes;
	bool promised;			/* the last item: not logged yet */
};

/*
 * fetch_header(f, id, which, out): the header 'h' or 't' of an object into
 * ${out}, well-formed.  Fails: ERR_NOTFOUND, ERR_DENIED if the server, by a
 * signed answer, has none for this key; ERR_FORMAT; errors of client_call.
 */
enum err fetch_header(struct fetch *f, const uint8_t id[static ID_LEN],
    char which, struct buf *out) MUST_USE;
/* fetch_is_no(f, e): whether ${e} was such a signed no. */
bool fetch_is_no(const struct fetch *f, enum err e);
/*
 * fetch_object(f, case, o, header): the object's file, complete, synced and
 * hashed: o->state and o->entry.  Goes on with what an earlier fetch left.
 * Fails: ERR_RANGE (its size cannot be), ERR_FULL (no room on the disk),
 * ERR_CONFLICT (its length is not its size), errors of client_call, ERR_SYS.
 */
enum err fetch_object(struct fetch *f, const uint8_t case_id[static ID_LEN],
    struct book_object *o, struct bytes header) MUST_USE;
/* fetch_forget(f, case, o): takes the object's file away again. */
void fetch_forget(struct fetch *f, const uint8_t case_id[static ID_LEN],
    const struct book_object *o);

#endif
