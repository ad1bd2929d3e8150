#ifndef BOOK_H
#define BOOK_H
/*
 * The index of the vault: what was fetched, what was told to the server, and
 * what still has to be sent.  One JSON text sealed to the desk's own
 * identity, vault/index.age, always replaced whole.
 * Format: the head of book_json.c.
 */
#include "api.h"
#include "checkpoint.h"
#include "peluit.h"
#include "promise.h"

#define BOOK_MAX	(256u * 1024 * 1024)

enum book_state {
	BOOK_SAVED,		/* in the vault */
	BOOK_SEALED,		/* its header is not for this key */
	BOOK_GONE		/* the server has it no more */
};
struct book_object {
	uint8_t id[ID_LEN];
	uint32_t blocks;
	uint64_t size;			/* bytes of payload */
	enum book_state state;
	bool identity;			/* for the custodians alone */
	bool has_entry;			/* as it was fetched, else as told by */
	struct object_entry entry;	/* the feed; the root shows if truly */
};
struct book_event {
	uint64_t n, leaf, message;
	uint8_t nonce[NONCE_LEN], commitment[COMMITMENT_LEN];
	uint8_t *text;			/* as the log committed to it */
	size_t len;
	struct event event;		/* the same, decoded */
	struct book_object *object;
	size_t objects;
	bool has_other;			/* a reply's header for the source: */
	uint8_t other[BLAKE2B_LEN];	/* its digest; it is not ours to keep */
	bool checked;			/* the objects' root was recomputed */
};
struct book_case {
	uint8_t id[ID_LEN];
	char channel[ROSTER_CHANNEL_MAX + 1];	/* "" until known */
	struct book_event *event;		/* by seq */
	size_t events, room;
	bool has_acked;
	uint64_t acked_seq, acked_epoch;
	bool touched;			/* by this run; not kept */
};
struct book_request {
	uint8_t case_id[ID_LEN];
	struct api_action action;	/* its request line names it */
	bool outbox;			/* a sealed text waits in outbox/ */
};
/* A desk's key, as the rosters had it. */
struct book_desk {
	uint8_t key[SIGN_PUBLIC_LEN];
	char label[ROSTER_LABEL_MAX + 1];
	bool gone;			/* not in the newest roster, */
	uint64_t gone_epoch;		/* which was first seen then */
};
/* What the log has shown so far, and who may act. */
struct book_log {
	char *checkpoint;		/* the newest note seen; NULL if none */
	struct checkpoint head;		/* the same, decoded; size 0: none */
	char *roster;			/* the newest note; NULL if none */
	uint64_t roster_number, epoch0;
	struct book_desk *desk;
	size_t desks;
};
/* An event that came with a promise only: no part of its case yet. */
struct book_promised {
	uint8_t case_id[ID_LEN], commitment[COMMITMENT_LEN];
	enum event_kind kind;
	uint64_t epoch;
	char *promise;			/* its file */
	bool seen;			/* by this run; not kept */
};
struct book {
	uint64_t after;			/* last n of the feed that is saved */
	uint64_t epoch_seconds;
	struct book_log log;
	struct book_promised *promised;
	size_t promises;
	struct book_case *one;
	size_t cases, case_room;
	struct book_request *request;
	size_t requests;
};

/* book_load(d, out): an empty one if there is none yet. */
enum peluit_exit book_load(struct desk *d, struct book **out);
enum peluit_exit book_save(struct desk *d, const struct book *b);
void book_free(struct book *b);

/* Both directions of the format, for book_load, book_save and tests. */
enum err book_encode(const struct book *b, struct buf *out) MUST_USE;
enum err book_decode(struct bytes text, struct book **out) MUST_USE;

/* book_case(b, id): that case; NULL if it is not there. */
struct book_case *book_case(struct book *b, const uint8_t id[static ID_LEN]);
/* book_case_add: that case, made if it is not there.  Fails: NULL (memory). */
struct book_case *book_case_add(struct book *b,
    const uint8_t id[static ID_LEN]);
/* book_find(d, b, typed, out): the one case that a person means. */
enum peluit_exit book_find(struct desk *d, struct book *b, const char *typed,
    struct book_case **out);
/*
 * book_event_add(c, e): in order of seq.  Takes over what ${e} owns.
 * Fails: ERR_EXISTS (the same event is there), ERR_CONFLICT (another one of
 * that seq), ERR_SYS; ${e} then stays the caller's.
 */
enum err book_event_add(struct book_case *c, struct book_event *e) MUST_USE;
void book_event_done(struct book_event *e);
/*
 * book_event_root(e): whether the recorded digests give the root that the
 * event names.  Fails: ERR_NOTFOUND (one is not known), ERR_MAC.
 */
enum err book_event_root(const struct book_event *e) MUST_USE;
/* book_request_add / _drop.  Fails: ERR_SYS. */
enum err book_request_add(struct book *b, const struct book_request *r)
    MUST_USE;
void book_request_drop(struct book *b, size_t i);

/* book_log.c: what stands in the log, and who is who. */
void book_log_done(struct book *b);
/* book_desk(b, key): what the rosters say of a key; NULL if nothing. */
const struct book_desk *book_desk(const struct book *b,
    const uint8_t key[static SIGN_PUBLIC_LEN]);
/*
 * book_roster(b, r, note, epoch): ${r} is the newest roster, first seen in
 * ${epoch}.  Fails: ERR_SYS.
 */
enum err book_roster(struct book *b, const struct roster *r,
    struct bytes note, uint64_t epoch) MUST_USE;
/*
 * book_checkpoint(b, head, note): keep it if it is the newest.
 * Fails: ERR_EXPIRED (smaller than one seen before), ERR_CONFLICT (another
 * tree of the same size), ERR_SYS.
 */
enum err book_checkpoint(struct book *b, const struct checkpoint *head,
    struct bytes note) MUST_USE;
/* book_promise(b, p): takes over p->promise.  Fails: ERR_SYS. */
enum err book_promise(struct book *b, const struct book_promised *p)
    MUST_USE;
/* book_promise_kept(b, commitment): it is logged now. */
void book_promise_kept(struct book *b,
    const uint8_t commitment[static COMMITMENT_LEN]);
/* Both directions of the index's part "log". */
json_t *book_log_json(const struct book *b);
enum err book_log_take(const json_t *j, struct book *b) MUST_USE;
/* Pieces of JSON that both files of the format use. */
json_t *book_hex(const uint8_t *p, size_t n);
/* Both take ${v}; if it cannot be added, or is NULL, *list or *o is freed and NULL. */
void book_list_add(json_t **list, json_t *v);
void book_object_set(json_t **o, const char *key, json_t *v);
bool book_take_hex(const json_t *o, const char *key, uint8_t *out, size_t n);
bool book_take_number(const json_t *v, uint64_t *out);

/* What a case's events say. */
struct book_view {
	const char *status;		/* the last one given */
	uint64_t epoch;			/* of the report */
	size_t messages;		/* report, messages, replies, referrals */
	bool unanswered;		/* the source spoke last, no desk has
					   answered or moved the status since */
	uint64_t waiting_epoch;		/* of the first such message */
	bool deleted;
	bool identity;			/* the source has left one, sealed */
	const char *consent;		/* "asked", "yes", "no", "opened";
					   "" if nobody asked */
	bool answered;			/* ever, by a desk */
	uint64_t answered_epoch;	/* of the first response */
};
void book_look(const struct book_case *c, struct book_view *out);
/* book_newest(c): the last event; NULL if there is none. */
const struct book_event *book_newest(const struct book_case *c);

#endif
