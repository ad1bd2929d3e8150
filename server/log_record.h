#ifndef LOG_RECORD_H
#define LOG_RECORD_H
/*
 * What the store keeps of the public log: for each closed epoch its 256
 * commitments, its root, its checkpoint and its disclosure.
 */
#include "records.h"
#include "tile.h"

struct log_epoch {
	uint64_t epoch;
	uint8_t commitment[LEAVES][COMMITMENT_LEN];
	struct merkle_hash root;	/* of its 256 leaves */
	struct buf checkpoint;		/* signed note */
};
enum err log_epoch_get(const struct records *r, struct store_txn *t,
    uint64_t epoch, struct log_epoch *out) MUST_USE;
enum err log_epoch_put(const struct records *r, struct store_txn *t,
    const struct log_epoch *e) MUST_USE;
void log_epoch_done(struct log_epoch *e);
/* log_leaves(e, out): the leaf hashes of its commitments. */
void log_leaves(const struct log_epoch *e,
    struct merkle_hash out[static LEAVES]);

/*
 * Roots of epochs, 256 to a record: the log's level-1 tiles.
 * log_roots_get: *n of them stand in record ${number}; absent: 0.
 */
enum err log_roots_get(const struct records *r, struct store_txn *t,
    uint64_t number, struct merkle_hash root[static TILE_WIDTH], size_t *n)
    MUST_USE;
enum err log_roots_add(const struct records *r, struct store_txn *t,
    uint64_t index, const struct merkle_hash *root) MUST_USE;

/*
 * Openings of events without a case that everybody may see: of the `keys`
 * event of roster ${number}.
 */
enum err log_keys_get(const struct records *r, struct store_txn *t,
    uint64_t number, struct opening *out) MUST_USE;
enum err log_keys_put(const struct records *r, struct store_txn *t,
    uint64_t number, const struct opening *o) MUST_USE;

/* log_loss_get, _put: notice ${number} from 1: its text, its event. */
enum err log_loss_get(const struct records *r, struct store_txn *t,
    uint64_t number, struct buf *text, struct opening *o) MUST_USE;
enum err log_loss_put(const struct records *r, struct store_txn *t,
    uint64_t number, struct bytes text, const struct opening *o) MUST_USE;

/* Disclosures: age files.  log_disclosure_drop: being absent is fine. */
enum err log_disclosure_get(const struct records *r, struct store_txn *t,
    uint64_t epoch, struct buf *out) MUST_USE;
enum err log_disclosure_put(const struct records *r, struct store_txn *t,
    uint64_t epoch, struct bytes file) MUST_USE;
enum err log_disclosure_drop(const struct records *r, struct store_txn *t,
    uint64_t epoch) MUST_USE;

/*
 * log_tiles(v, out): the log as a source of tiles, inside a read
 * transaction; ${v} borrowed by ${out}.
 */
struct log_view {
	const struct records *r;
	struct store_txn *t;
	uint64_t epoch0;
};
void log_tiles(struct log_view *v, struct tile_source *out);
/*
 * log_proof(v, size, index, checkpoint, opening, out): append the tlog-proof
 * of a leaf, opening in its extra (${opening}.p NULL: none).
 */
enum err log_proof(struct log_view *v, const struct log_epoch *head,
    uint64_t index, struct bytes opening, struct buf *out) MUST_USE;

#endif
