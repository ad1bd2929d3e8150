#ifndef CHECKPOINT_H
#define CHECKPOINT_H
/* Checkpoints of a log (C2SP tlog-checkpoint v1.0.0). */
#include <stdint.h>

#include "buf.h"
#include "crypto.h"
#include "err.h"
#include "merkle.h"
#include "note.h"

struct checkpoint {
	char origin[NOTE_NAME_MAX + 1];
	uint64_t size;
	struct merkle_hash root;
};

/*
 * checkpoint_encode(c, out): the text that a log signs; no extension lines.
 * checkpoint_decode(text, out): of a note's text; extension lines of others
 * are taken and left aside.
 * Format: docs/FORMATS.md "Checkpoints and proofs".
 * Fails: ERR_FORMAT, ERR_RANGE.
 */
enum err checkpoint_encode(const struct checkpoint *c, struct buf *out)
    MUST_USE;
enum err checkpoint_decode(struct bytes text, struct checkpoint *out)
    MUST_USE;
/*
 * checkpoint_open(note, log, out): a checkpoint that ${log} signed and whose
 * origin is that key's name.  Fails: as note_open, checkpoint_decode;
 * ERR_CONFLICT for another origin.
 */
enum err checkpoint_open(struct bytes note, const struct vkey *log,
    struct checkpoint *out) MUST_USE;

#endif
