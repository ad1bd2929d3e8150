#ifndef TILE_H
#define TILE_H
/*
 * Tiles of the log (C2SP tlog-tiles v0.1.0): paths, hash tiles, entry bundles,
 * and roots and proofs computed from tiles.
 * Format: docs/FORMATS.md "Tiles".
 */
#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "err.h"
#include "merkle.h"

#define TILE_WIDTH	256
#define TILE_BYTES	(TILE_WIDTH * SHA256_LEN)
#define TILE_PATH_MAX	96
#define TILE_LEVELS	8	/* 256^8 leaves are more than will ever be */

struct tile_name {
	bool entries;		/* an entry bundle, not hashes */
	unsigned level;		/* of hashes; 0 for entries */
	uint64_t number;
	unsigned width;		/* 1..256; 256: whole */
};

/*
 * tile_path: "/tile/0/x001/234.p/5"; of a number up to 2^63-1 (asserted).
 * tile_path_parse: strict, one spelling; ".p/256" is none.
 * Fails: ERR_FORMAT, ERR_RANGE.
 */
void tile_path(const struct tile_name *t, char out[static TILE_PATH_MAX]);
enum err tile_path_parse(const char *path, struct tile_name *out) MUST_USE;

/*
 * An entry bundle of 32-byte entries: u16 length || entry, each.
 * bundle_decode: exactly ${n} entries of 32 bytes.  Fails: ERR_FORMAT.
 */
void bundle_encode(const uint8_t (*entry)[SHA256_LEN], size_t n,
    struct buf *out);
enum err bundle_decode(struct bytes text, uint8_t (*entry)[SHA256_LEN],
    size_t n) MUST_USE;

/*
 * Where tiles come from: ${width} hashes of tile (level, number) into
 * ${hash}, of ${width} places; the first of a wider tile do as well.  What a
 * reader gets over the network is not trusted: the functions below are
 * checked against a signed root by their callers.
 */
struct tile_source {
	enum err (*read)(void *arg, const struct tile_name *t,
	    struct merkle_hash *hash);
	void *arg;
};
/*
 * Roots and proofs of a tree of ${size} leaves (RFC 6962), from tiles as wide
 * as they are in that tree.  Only those needed are read, each once.  From
 * size1 0 the proof is empty, as a witness wants it; no other function takes
 * it for one.
 * Fails: ERR_RANGE (an index or size1 beyond the size, sizes above 2^63-1),
 * ERR_SYS, whatever read returns.
 */
enum err tile_root(const struct tile_source *s, uint64_t size,
    struct merkle_hash *out) MUST_USE;
enum err tile_inclusion(const struct tile_source *s, uint64_t index,
    uint64_t size, struct merkle_hash proof[static MERKLE_PROOF_MAX],
    size_t *n) MUST_USE;
enum err tile_consistency(const struct tile_source *s, uint64_t size1,
    uint64_t size2, struct merkle_hash proof[static MERKLE_PROOF_MAX],
    size_t *n) MUST_USE;

#endif
