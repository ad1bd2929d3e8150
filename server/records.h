#ifndef RECORDS_H
#define RECORDS_H
/*
 * What the store's values mean: records, sealed under the at-rest key, each
 * under the keyed hash of what it is about.  Both directions of each record
 * stand in one of the records*.c.
 */
#include <stdbool.h>
#include <stdint.h>

#include "event.h"
#include "manifest.h"
#include "receipt.h"
#include "sealed.h"
#include "secret.h"
#include "store.h"

#define RECORD_MAX	(8 * 1024 * 1024)	/* bytes of a record, opened */
#define LEAVES		256		/* of an epoch */
#define NO_MESSAGE	UINT32_MAX
#define AHEAD_MAX	40		/* epochs that an event may be late */

/* Where a record stands: the hash under which its database keeps it. */
struct place { uint8_t key[STORE_KEY_LEN]; };

/* The keys of all records, derived from the at-rest key. */
struct records;
enum err records_new(const struct secret *at_rest, struct records **out)
    MUST_USE;
void records_free(struct records *r);

/* Places. */
struct place place_case(const struct records *r,
    const uint8_t locator[static LOCATOR_LEN]);
struct place place_case_id(const struct records *r,
    const uint8_t id[static ID_LEN]);
struct place place_message(const struct records *r,
    const uint8_t case_id[static ID_LEN], uint32_t number);
struct place place_object(const struct records *r,
    const uint8_t object[static ID_LEN]);
struct place place_block(const struct records *r,
    const uint8_t object[static ID_LEN], uint32_t number);
struct place place_epoch(const struct records *r, uint64_t epoch);
struct place place_feed(const struct records *r,
    const uint8_t desk[static SIGN_PUBLIC_LEN], uint64_t n);
struct place place_request(const struct records *r,
    const uint8_t actor[static SIGN_PUBLIC_LEN],
    const uint8_t request[static ID_LEN]);
struct place place_desk(const struct records *r,
    const uint8_t desk[static SIGN_PUBLIC_LEN]);
/* place_log: ${kind} of the log's records, by number (log_record.c). */
struct place place_log(const struct records *r, char kind, uint64_t number);
struct place place_named(const struct records *r, const char *name);

/*
 * record_get appends the opened record to ${out}; record_put seals and
 * stores.  Fails: ERR_NOTFOUND; ERR_MAC, ERR_FORMAT (damaged); store errors.
 */
enum err record_get(const struct records *r, struct store_txn *t,
    enum store_db db, const struct place *at, struct buf *out) MUST_USE;
enum err record_put(const struct records *r, struct store_txn *t,
    enum store_db db, const struct place *at, const struct buf *plain)
    MUST_USE;
/* record_open_at: one that store_each gave. */
enum err record_open_at(const struct records *r, enum store_db db,
    const uint8_t *key, struct bytes value, struct buf *out) MUST_USE;

/* ---- a case ---- */

struct opening {			/* of one event of a case */
	uint64_t epoch, leaf;		/* leaf 0..255 of the epoch */
	uint32_t message;		/* NO_MESSAGE if without */
	uint8_t nonce[NONCE_LEN];
	uint16_t len;
	uint8_t event[EVENT_MAX];
};
struct case_record {
	uint8_t id[ID_LEN];
	struct place at;		/* its own place */
	char channel[ROSTER_CHANNEL_MAX + 1];
	uint64_t epoch;			/* of the report */
	uint8_t set[SHA256_LEN];
	struct age_recipient source;
	uint8_t source_key[SIGN_PUBLIC_LEN];
	struct age_recipient recipient[ROSTER_MEMBERS];
	size_t recipients;
	uint32_t read_since[ROSTER_MEMBERS];	/* each: from this message on */
	struct age_recipient keeper[ROSTER_MEMBERS];	/* custodians to whom */
	size_t keepers;			/* an identity of the case is sealed, */
	uint32_t kept_since[ROSTER_MEMBERS];	/* first with this message */
	uint32_t identity;		/* the newest message that came with
					   one, or NO_MESSAGE */
	char status[STATUS_MAX + 1];
	uint64_t status_epoch;
	bool pending;			/* receipt not yet shown */
	uint8_t fields[HMAC_LEN];	/* keyed hash of what was sent, then */
	uint32_t messages;		/* messages so far, the report one */
	uint32_t sent_messages, sent_files;
	uint64_t file_bytes;
	struct opening *opening;	/* heap; in order of seq */
	size_t openings;
};
enum err case_get(const struct records *r, struct store_txn *t,
    const struct place *at, struct case_record *out) MUST_USE;
enum err case_get_by_id(const struct records *r, struct store_txn *t,
    const uint8_t id[static ID_LEN], struct case_record *out) MUST_USE;
enum err case_put(const struct records *r, struct store_txn *t,
    const struct case_record *c) MUST_USE;
enum err case_decode(struct bytes text, struct case_record *out) MUST_USE;
void case_done(struct case_record *c);
/* case_reads(c, key): whether ${key} is one of its recipients. */
bool case_reads(const struct case_record *c, const struct age_recipient *key);
/* case_reads_from(c, key): from which message on; NO_MESSAGE: none. */
uint32_t case_reads_from(const struct case_record *c,
    const struct age_recipient *key);
/* case_keeps(c, key): whether ${key} is one of its keepers. */
bool case_keeps(const struct case_record *c, const struct age_recipient *key);
/*
 * case_identity(c, message, to, n): message ${message} came with an identity
 * sealed to these.  Fails: ERR_BUSY if there are too many keepers.
 */
enum err case_identity(struct case_record *c, uint32_t message,
    const struct roster_member *to, size_t n) MUST_USE;

/* ---- a message ---- */

enum object_use { USE_MANIFEST, USE_IDENTITY, USE_ATTACHMENT, USE_REPLY };
struct object_record {
	uint8_t id[ID_LEN];
	enum object_use use;
	uint32_t blocks;
	uint64_t payload;		/* true bytes of payload */
	uint8_t digest[BLAKE2B_LEN];
	struct buf h, t;		/* headers; t of replies alone; an
					   empty h of a reply: deleted */
};
#define OBJECTS_MAX (MANIFEST_ATTACHMENTS + 2)
struct message_record {
	uint8_t case_id[ID_LEN];
	uint32_t number;
	enum manifest_kind kind;
	uint64_t epoch;
	uint8_t signer[SIGN_PUBLIC_LEN];
	char label[ROSTER_LABEL_MAX + 1];	/* of a reply: whose key */
	struct object_record *object;		/* heap */
	size_t objects;
};
enum err message_get(const struct records *r, struct store_txn *t,
    const uint8_t case_id[static ID_LEN], uint32_t number,
    struct message_record *out) MUST_USE;
enum err message_put(const struct records *r, struct store_txn *t,
    const struct message_record *m) MUST_USE;
enum err message_decode(struct bytes text, struct message_record *out)
    MUST_USE;
void message_done(struct message_record *m);
void object_init(struct object_record *o);
void object_done(struct object_record *o);

/* ---- where an object belongs, and uploads that nothing refers to ---- */

struct object_home { uint8_t case_id[ID_LEN]; uint32_t message; };
/* object_home_get, _put: Fails: as record_get, record_put. */
enum err object_home_get(const struct records *r, struct store_txn *t,
    const uint8_t object[static ID_LEN], struct object_home *out) MUST_USE;
enum err object_home_put(const struct records *r, struct store_txn *t,
    const uint8_t object[static ID_LEN], const struct object_home *h)
    MUST_USE;

struct upload_record {
	uint8_t id[ID_LEN];
	bool of_desk;
	uint8_t desk[SIGN_PUBLIC_LEN];
	uint64_t epoch;			/* of its beginning */
	uint32_t blocks;		/* announced, or written so far */
	uint32_t last_len;		/* bytes of the last block */
	uint32_t gone;			/* blocks already erased, from 0 */
	uint8_t have[128];		/* bit k: block k is there */
	struct buf h, t;
};
#define UPLOAD_BLOCKS_MAX	1024	/* of a desk's object */
enum err upload_get(const struct records *r, struct store_txn *t,
    const uint8_t object[static ID_LEN], struct upload_record *out) MUST_USE;
enum err upload_put(const struct records *r, struct store_txn *t,
    const struct upload_record *u) MUST_USE;
enum err upload_decode(struct bytes text, struct upload_record *out) MUST_USE;
void upload_done(struct upload_record *u);
/*
 * upload_erase(r, t, u, more): at most ERASE_BLOCKS blocks, so that a big
 * upload does not fill one transaction; *more: call again in another job.
 * With the last block goes the record.
 */
#define ERASE_BLOCKS	64
enum err upload_erase(const struct records *r, struct store_txn *t,
    struct upload_record *u, bool *more) MUST_USE;

/* ---- an epoch ---- */

enum leaf_class { LEAF_CASE, LEAF_DESK, LEAF_SOURCE, LEAF_REST };
struct epoch_entry {
	uint8_t leaf;
	enum leaf_class class;
	enum event_kind kind;
	uint8_t case_id[ID_LEN];	/* zeros if without a case */
	uint64_t seq;
	uint8_t nonce[NONCE_LEN];
	uint16_t len;
	uint8_t event[EVENT_MAX];
};
struct epoch_record {
	uint64_t epoch;
	bool closing;			/* takes nothing any more */
	struct epoch_entry *entry;	/* heap, room for LEAVES */
	size_t entries;
};
enum err epoch_get(const struct records *r, struct store_txn *t,
    uint64_t epoch, struct epoch_record *out) MUST_USE;	/* absent: empty */
enum err epoch_put(const struct records *r, struct store_txn *t,
    const struct epoch_record *e) MUST_USE;
enum err epoch_decode(struct bytes text, struct epoch_record *out) MUST_USE;
void epoch_done(struct epoch_record *e);

/* ---- small ones ---- */

struct feed_entry { uint8_t case_id[ID_LEN]; uint64_t seq; };
enum err feed_get(const struct records *r, struct store_txn *t,
    const uint8_t desk[static SIGN_PUBLIC_LEN], uint64_t n,
    struct feed_entry *out) MUST_USE;
enum err feed_put(const struct records *r, struct store_txn *t,
    const uint8_t desk[static SIGN_PUBLIC_LEN], uint64_t n,
    const struct feed_entry *e) MUST_USE;

struct desk_record { uint64_t given, saved; };	/* numbers of its feed */
enum err desk_get(const struct records *r, struct store_txn *t,
    const uint8_t desk[static SIGN_PUBLIC_LEN], struct desk_record *out)
    MUST_USE;					/* absent: zeros */
enum err desk_put(const struct records *r, struct store_txn *t,
    const uint8_t desk[static SIGN_PUBLIC_LEN], const struct desk_record *d)
    MUST_USE;

struct request_record {
	uint8_t action[SHA256_LEN];
	uint64_t epoch, leaf;
	uint8_t commitment[COMMITMENT_LEN];
};
/*
 * request_get, _put: what an actor's request was answered.  Fails: as
 * record_get, record_put.
 */
enum err request_get(const struct records *r, struct store_txn *t,
    const uint8_t actor[static SIGN_PUBLIC_LEN],
    const uint8_t request[static ID_LEN], struct request_record *out)
    MUST_USE;
enum err request_put(const struct records *r, struct store_txn *t,
    const uint8_t actor[static SIGN_PUBLIC_LEN],
    const uint8_t request[static ID_LEN], const struct request_record *q)
    MUST_USE;

/* The one record of the instance: what never changes, what counts. */
struct install_record {
	char origin[ORIGIN_MAX + 1];
	struct argon2_cost cost;
	uint8_t salt[SALT_LEN];		/* comes from the receipt key: tells a
					   wrong one */
	uint64_t epoch_seconds;
	uint64_t next_close;		/* the first epoch not yet closed */
	uint64_t cases;
	uint64_t losses;		/* notices of loss */
	uint64_t waiting_from, waiting_to;	/* numbers of what waits */
	size_t rosters;
	uint64_t accepted[256];		/* epoch in which roster i+1 was */
	uint8_t hash[256][SHA256_LEN];	/* of its note */
};
enum err install_get(const struct records *r, struct store_txn *t,
    struct install_record *out) MUST_USE;
enum err install_put(const struct records *r, struct store_txn *t,
    const struct install_record *i) MUST_USE;

#endif
