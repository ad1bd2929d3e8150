#ifndef SIGNER_INTERNAL_H
#define SIGNER_INTERNAL_H
/*
 * What both ends of the signer's socket share.
 *
 *   request   op u8 || length u32 || bytes
 *   answer    enum err u8 || length u32 || bytes
 *
 *   ANSWER    signature base -> 64 bytes
 *   PROMISE   epoch u64 || leaf u64 || commitment -> note
 *   CLOSE     epoch u64 || 256 leaf hashes -> note
 *   NEXT      nothing -> epoch u64
 */
#include "signer.h"

enum signer_op { OP_ANSWER = 1, OP_PROMISE, OP_CLOSE, OP_NEXT };

#define SIGNER_REQUEST_MAX	(8 + SIGNER_LEAVES * SHA256_LEN)

/* signer_read_all, signer_write_all: ERR_SYS if the other end is gone. */
enum err signer_read_all(int fd, void *p, size_t n) MUST_USE;
enum err signer_write_all(int fd, const void *p, size_t n) MUST_USE;
/*
 * signer_over(fd, pid, out): a signer at the other end of ${fd}, which it
 * closes in the end; pid 0: it is no process.  Fails: ERR_SYS.
 */
enum err signer_over(int fd, pid_t pid, struct signer **out) MUST_USE;
/* signer_child(dir, clock, fd): serve until the parent is gone. */
void signer_child(const char *dir, const char *clock, int fd)
    __attribute__((noreturn));

/*
 * The state, signer/state.  An attacker who can write it can make the signer
 * forget what it promised and fork the log; auditors would see the fork.
 *
 *   version u8 || next u64 || edge u8, hashes || promised u32, each
 *   (epoch u64 || leaf u8 || commitment) || last note blob || last hash
 */
#define STATE_MAX	(4 * 1024 * 1024)
#define EDGE_MAX	64

struct promised { uint64_t epoch; uint8_t leaf; uint8_t commitment[32]; };
struct signer_state {
	char *path;
	int64_t time;			/* of the file: an epoch's start */
	uint64_t next;			/* epoch to close next; 0: none yet */
	struct merkle_hash edge[EDGE_MAX];	/* of epochs' roots */
	size_t edges;
	struct promised *promised;	/* of epochs from next on */
	size_t promises;
	uint8_t last_leaves[SHA256_LEN];	/* of the last close's hashes */
	struct buf last_note;
};
/*
 * signer_state_decode(text, st): into one that is zero but for its path and
 * an empty last_note; signer_state_done whatever came back.  Fails:
 * ERR_VERSION, ERR_FORMAT, ERR_RANGE, ERR_SYS.  signer_state_encode: appends.
 */
enum err signer_state_decode(struct bytes text, struct signer_state *st)
    MUST_USE;
void signer_state_encode(const struct signer_state *st, struct buf *b);
/*
 * signer_state_fits(st, epoch0): whether it has as many edges as a tree of
 * the epochs from ${epoch0} to ${st->next} has; no other may grow.
 */
bool signer_state_fits(const struct signer_state *st, uint64_t epoch0);
enum err signer_state_read(const char *path, struct signer_state *out)
    MUST_USE;
/* signer_state_write: whole and synced.  Fails: ERR_SYS. */
enum err signer_state_write(const struct signer_state *st) MUST_USE;
void signer_state_done(struct signer_state *st);
/*
 * signer_edge_add(st, epochs, h): the root of an epoch behind ${epochs} of
 * them; they fold into one hash a set bit.  signer_edge_root: the tree's root;
 * there is at least one.
 */
void signer_edge_add(struct signer_state *st, uint64_t epochs,
    struct merkle_hash h);
void signer_edge_root(const struct signer_state *st, struct merkle_hash *out);

struct signing {
	struct instance in;
	struct clock *clock;
	struct signer_state st;
	uint64_t epoch0;
};
/*
 * signer_serve(sg, fd, text): one request and its answer; ${text} has room for
 * SIGNER_REQUEST_MAX.  Fails: ERR_SYS: go no further.
 */
enum err signer_serve(struct signing *sg, int fd, uint8_t *text) MUST_USE;

#endif
