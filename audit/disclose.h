#ifndef DISCLOSE_H
#define DISCLOSE_H
/* Disclosures: an epoch's 256 openings, sealed to the auditors. */
#include "age.h"
#include "chain.h"
#include "reach.h"

/*
 * disclose_split(plain, leaf): the slots of an opened disclosure; a slot that
 * is no opening is left unopened.  Fails: ERR_FORMAT (its length).
 */
enum err disclose_split(struct bytes plain,
    struct chain_leaf leaf[static CHAIN_WIDTH]) MUST_USE;
/*
 * disclose_fetch(r, epoch, fresh, out): the sealed file, from the cache unless
 * ${fresh}; disclose_keep(r, epoch, file): into the cache, sealed as served.
 */
enum err disclose_fetch(struct reach *r, uint64_t epoch, bool fresh,
    struct buf *out) MUST_USE;
enum audit_exit disclose_keep(struct reach *r, uint64_t epoch,
    struct bytes file);

#endif
