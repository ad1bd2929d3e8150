#ifndef API_H
#define API_H
/*
 * Bodies of the desk API, both ways (JSON, jansson inside).  The server
 * encodes what the client decodes; one file holds both directions of each.
 * Format: docs/PROTOCOL.md and docs/openapi.yaml.
 */
#include <stdint.h>

#include "event.h"
#include "roster.h"

#define API_BODY_MAX		(1024 * 1024)
#define API_FEED_MAX		200	/* items a page */
#define API_EVIDENCE_MAX	16384	/* bytes of a proof or promise */
#define API_INVENTORY_MAX	10000	/* commitments a page */
#define API_OBJECTS_MAX		(API_FILES_MAX + 3)
#define API_FILES_MAX 64

/* GET /v1/feed */
struct api_object {
	uint8_t id[ID_LEN];
	uint32_t blocks;
	uint64_t size;
	bool identity;			/* for the custodians alone */
	bool has_entry;			/* not of a reply whose h is gone */
	struct object_entry entry;	/* of header h and payload: the root
					   needs it of objects of others too */
};
struct api_feed_item {
	uint64_t n;
	uint8_t case_id[ID_LEN];
	uint64_t message;		/* number of the message, from 0 */
	bool has_message;
	enum event_kind kind;
	uint64_t epoch;
	char status[STATUS_MAX + 1];
	uint8_t event[EVENT_MAX];	/* the opening: the event's text, */
	size_t event_len;
	uint8_t nonce[NONCE_LEN];	/* its nonce, */
	uint64_t leaf;			/* its leaf's index in the log */
	bool proof;			/* the epoch is closed: evidence is */
	char *evidence;			/* its tlog-proof; else the promise's
					   file.  Heap, never NULL */
	struct api_object object[API_OBJECTS_MAX];
	size_t objects;
};
struct api_feed {
	struct api_feed_item *item;	/* heap */
	size_t items;
	bool more;	/* decoded: not empty, so ask again after the last n */
};
/*
 * api_feed_*: a page of the feed, an array.  A reader asks again after the
 * last n until the array is empty.  Release with api_feed_done.
 * Fails: ERR_FORMAT, ERR_RANGE (also above API_FEED_MAX items), ERR_SYS.
 */
enum err api_feed_encode(const struct api_feed *f, struct buf *out) MUST_USE;
enum err api_feed_decode(struct bytes body, struct api_feed *out) MUST_USE;
void api_feed_done(struct api_feed *f);

/* GET /v1/office */
struct api_office {
	char origin[ORIGIN_MAX + 1];
	uint64_t epoch, epoch_seconds;
	int64_t unix_time;
	char log[16];			/* ok | late | stopped */
	uint64_t roster;
	char label[ROSTER_LABEL_MAX + 1];
	char role[16];
	uint64_t text_chars, file_bytes, body_bytes;
	char channel[ROSTER_CHANNELS][ROSTER_CHANNEL_MAX + 1]; /* mine */
	size_t channels;
};
enum err api_office_encode(const struct api_office *o, struct buf *out)
    MUST_USE;
enum err api_office_decode(struct bytes body, struct api_office *out)
    MUST_USE;

/*
 * GET /v1/audit/inventory: a page of the commitments whose objects are held,
 * in an order that tells nothing.  ${after}: the cursor that asks for the
 * next page, if there is more.  Fails: as the feed's.
 */
struct api_inventory {
	uint8_t (*commitment)[COMMITMENT_LEN];	/* heap */
	size_t commitments;
	bool more;
	uint8_t after[SHA256_LEN];
};
enum err api_inventory_encode(const struct api_inventory *i, struct buf *out)
    MUST_USE;
enum err api_inventory_decode(struct bytes body, struct api_inventory *out)
    MUST_USE;
void api_inventory_done(struct api_inventory *i);

/* POST /v1/audit/cosignature -> {"size":N}: of which checkpoint it is. */
enum err api_size_encode(uint64_t size, struct buf *out) MUST_USE;
enum err api_size_decode(struct bytes body, uint64_t *size) MUST_USE;

/* POST /v1/cases/CASE/actions {"action","sig","object"?}, and its answer
 * {"epoch","leaf","commitment"} */
struct api_action {
	uint8_t text[ACTION_MAX];
	size_t len;
	uint8_t sig[SIGN_LEN];
	bool has_object;
	uint8_t object[ID_LEN];
};
enum err api_action_encode(const struct api_action *a, struct buf *out)
    MUST_USE;
enum err api_action_decode(struct bytes body, struct api_action *out)
    MUST_USE;
struct api_taken {
	uint64_t epoch, leaf;
	uint8_t commitment[COMMITMENT_LEN];
};
enum err api_taken_encode(const struct api_taken *t, struct buf *out)
    MUST_USE;
enum err api_taken_decode(struct bytes body, struct api_taken *out) MUST_USE;

/* POST /v1/objects {"blocks":K} -> {"id":HEX} */
enum err api_blocks_encode(uint32_t blocks, struct buf *out) MUST_USE;
enum err api_blocks_decode(struct bytes body, uint32_t *blocks) MUST_USE;
enum err api_id_encode(const uint8_t id[static ID_LEN], struct buf *out)
    MUST_USE;
enum err api_id_decode(struct bytes body, uint8_t id[static ID_LEN]) MUST_USE;

/*
 * Errors: RFC 9457 problem+json {"type":"about:blank","title","status",
 * "code","detail","skew"?}; skew: seconds that the sender's clock is ahead.
 */
struct api_problem {
	int status;
	char code[32], title[80], detail[240];
	bool has_skew;
	int64_t skew;
};
enum err api_problem_encode(const struct api_problem *p, struct buf *out)
    MUST_USE;
enum err api_problem_decode(struct bytes body, struct api_problem *out)
    MUST_USE;

#endif
