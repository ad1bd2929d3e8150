#ifndef REACH_H
#define REACH_H
/*
 * What the log serves, from the network or the cache.  Nothing that comes out
 * is trusted before a signed root or a roster's signatures vouch for it.
 */
#include "audit.h"
#include "client.h"
#include "tile.h"

struct reach {
	struct audit *a;
	struct office office;		/* of the log's listener */
	struct client *client;
	struct client_answer answer;
};
enum audit_exit reach_open(struct audit *a, struct reach *r);
void reach_close(struct reach *r);
/*
 * reach_get(r, path): the body stands in r->answer.body.  reach_fail: the
 * sentence for a failure of it.
 */
enum err reach_get(struct reach *r, const char *path) MUST_USE;
enum audit_exit reach_fail(struct reach *r, enum err e, const char *path);
/*
 * reach_answered(e): whether the office answered: with what was asked for, or
 * that it has none, or with something else.  Any other error is the way's or
 * our own, and says nothing about the office.
 */
bool reach_answered(enum err e);
/* reach_tile(arg, t, hash): a tile_source's read; ${arg} is a reach. */
enum err reach_tile(void *arg, const struct tile_name *t,
    struct merkle_hash *hash) MUST_USE;
/*
 * reach_entries(r, tile, fresh, entry): the 256 commitments of an epoch, from
 * the cache unless ${fresh}.  Fails: ERR_FORMAT, errors of client_call.
 */
enum err reach_entries(struct reach *r, uint64_t tile, bool fresh,
    uint8_t entry[static TILE_WIDTH][SHA256_LEN]) MUST_USE;
/*
 * reach_entries_keep(r, tile, replace, entry): put them in the cache, if they
 * are not there or ${replace}.
 */
enum audit_exit reach_entries_keep(struct reach *r, uint64_t tile,
    bool replace, uint8_t entry[static TILE_WIDTH][SHA256_LEN]);

#endif
