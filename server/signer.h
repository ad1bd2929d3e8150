#ifndef SIGNER_H
#define SIGNER_H
/*
 * The signer: a child process, the only one that holds the signing keys of
 * the log, of promises and of API answers.  It builds what it signs from the
 * named fields of a few requests, keeps the tree's right edge itself, and
 * writes its state down, synced, before it answers.
 */
#include "checkpoint.h"
#include "instance.h"
#include "promise.h"

#define SIGNER_LEAVES	256	/* of an epoch */
#define SIGNER_AHEAD	40	/* epochs for which it promises */
#define SIGNER_NOTE_MAX	2048

struct signer;
/*
 * signer_init(dir): the state of a new instance: nothing promised, nothing
 * signed.  Only ever made by init: a state that is lost stays lost.
 */
enum err signer_init(const char *dir) MUST_USE;
/*
 * signer_start(dir, clock, out): fork the child; it reads its own keys and
 * keeps its own clock (${clock}: NULL, or a demo's file).  Call before
 * threads are made.  Fails: ERR_SYS; ERR_KEY if the child could not start (it
 * said why on stderr).
 */
enum err signer_start(const char *dir, const char *clock,
    struct signer **out) MUST_USE;
/*
 * signer_answer(s, base, sig): signature with the answers key over an
 * RFC 9421 signature base that ends in our tag.
 * Fails: ERR_RANGE, ERR_DENIED, ERR_SYS (the child is gone).
 * Threads: safe, as all below.
 */
enum err signer_answer(struct signer *s, struct bytes base,
    uint8_t sig[static SIGN_LEN]) MUST_USE;
/*
 * signer_promise(s, p, note): append the signed note of a promise.  The same
 * promise again gives the same bytes.
 * Fails: ERR_CONFLICT (the leaf is promised to another commitment, or its
 * epoch is closed), ERR_RANGE (too far ahead), ERR_SYS.
 */
enum err signer_promise(struct signer *s, const struct promise *p,
    struct buf *note) MUST_USE;
/*
 * signer_close(s, epoch, leaf, note): append the signed checkpoint of the
 * tree with this epoch's 256 leaf hashes.  The last close again, with the
 * same hashes, gives the same bytes.
 * Fails: ERR_CONFLICT (out of order, other hashes, a promised commitment is
 * not at its leaf), ERR_RANGE (the epoch is not over), ERR_SYS.
 */
enum err signer_close(struct signer *s, uint64_t epoch,
    const struct merkle_hash leaf[static SIGNER_LEAVES], struct buf *note)
    MUST_USE;
/*
 * signer_next(s, next): the epoch that it will close next; 0: none is signed.
 */
enum err signer_next(struct signer *s, uint64_t *next) MUST_USE;
void signer_stop(struct signer *s);

#endif
