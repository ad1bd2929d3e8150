/*
 * The signer itself.  What it signs it builds from numbers and hashes that
 * it checks against its own state and its own clock.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "confine.h"
#include "fault.h"
#include "httpsig.h"
#include "signer_internal.h"
#include "sys.h"

/* A key of one purpose: only what names our tag is an answer's base. */
static enum err
answer(struct signing *sg, struct cur *c, struct buf *out)
{
	static const char tag[] = ";tag=\"" HTTPSIG_TAG_ANSWER "\"";
	size_t n = c->left, len = sizeof(tag) - 1;
	const uint8_t *p = cur_take(c, n);
	uint8_t sig[SIGN_LEN];

	if (p == NULL || n <= len || memcmp(p + n - len, tag, len) != 0)
		return (ERR_DENIED);
	sign_bytes(sg->in.secret[SECRET_ANSWERS]->bytes, p, n, sig);
	buf_put(out, sig, sizeof(sig));
	return (ERR_OK);
}

static uint64_t
now(const struct signing *sg)
{

	/* the parent may have read a demo's clock later than we did */
	clock_reread(sg->clock);
	return (instance_epoch(&sg->in, clock_now(sg->clock)));
}

/* ---- promises ---- */

static enum err
sign_promise(struct signing *sg, const struct promise *p, struct buf *out)
{
	struct buf text;
	enum err e;

	buf_init(&text, SIGNER_NOTE_MAX);
	if ((e = promise_text(p, &text)) == ERR_OK)
		e = note_sign((struct bytes){ text.data, text.len },
		    &sg->in.promise, sg->in.secret[SECRET_PROMISE]->bytes,
		    out);
	buf_done(&text);
	return (e);
}

static enum err
remember(struct signer_state *st, const struct promise *p, uint8_t leaf,
    bool *fresh)
{
	struct promised *grown;

	*fresh = false;

	for (size_t i = 0; i < st->promises; i++) {
		const struct promised *q = &st->promised[i];

		if (q->epoch != p->epoch || q->leaf != leaf)
			continue;
		return (memcmp(q->commitment, p->commitment,
		    COMMITMENT_LEN) == 0 ? ERR_OK : ERR_CONFLICT);
	}
	grown = realloc(st->promised, (st->promises + 1) * sizeof(*grown));
	if (grown == NULL)
		return (ERR_SYS);
	st->promised = grown;
	grown[st->promises].epoch = p->epoch;
	grown[st->promises].leaf = leaf;
	memcpy(grown[st->promises].commitment, p->commitment, COMMITMENT_LEN);
	st->promises++;
	*fresh = true;
	return (ERR_OK);
}

/* Written down, at a time that tells the epoch alone. */
static enum err
keep_state(struct signing *sg)
{

	sg->st.time = instance_epoch_start(&sg->in, now(sg));
	return (signer_state_write(&sg->st));
}

static enum err
promise(struct signing *sg, struct cur *c, struct buf *out)
{
	struct promise p;
	uint64_t first;
	bool fresh;
	enum err e;

	memset(&p, 0, sizeof(p));
	text_copy(p.origin, sizeof(p.origin), sg->in.config.origin);
	p.epoch = cur_u64(c);
	p.leaf = cur_u64(c);
	cur_copy(c, p.commitment, COMMITMENT_LEN);
	if (cur_end(c) != ERR_OK || p.epoch < sg->epoch0)
		return (ERR_FORMAT);
	first = (p.epoch - sg->epoch0) * SIGNER_LEAVES;
	if (p.leaf < first || p.leaf >= first + SIGNER_LEAVES)
		return (ERR_FORMAT);
	if (p.epoch < sg->st.next)
		return (ERR_CONFLICT);
	if (p.epoch > now(sg) + SIGNER_AHEAD)
		return (ERR_RANGE);
	e = remember(&sg->st, &p, (uint8_t)(p.leaf - first), &fresh);
	if (e == ERR_OK && fresh)
		e = keep_state(sg);
	if (e == ERR_OK)
		e = fault_point("signer.promise");
	return (e == ERR_OK ? sign_promise(sg, &p, out) : e);
}

/* ---- closing ---- */

static bool
keeps_promises(const struct signer_state *st, uint64_t epoch,
    const struct merkle_hash *leaf)
{

	for (size_t i = 0; i < st->promises; i++) {
		struct merkle_hash h;

		if (st->promised[i].epoch != epoch)
			continue;
		merkle_leaf(st->promised[i].commitment, COMMITMENT_LEN, &h);
		if (memcmp(&h, &leaf[st->promised[i].leaf], sizeof(h)) != 0)
			return (false);
	}
	return (true);
}

static void
forget_promises(struct signer_state *st, uint64_t epoch)
{
	size_t n = 0;

	for (size_t i = 0; i < st->promises; i++) {
		if (st->promised[i].epoch > epoch)
			st->promised[n++] = st->promised[i];
	}
	st->promises = n;
}

static enum err
sign_checkpoint(struct signing *sg, uint64_t size, struct buf *out)
{
	struct checkpoint cp;
	struct buf text;
	enum err e;

	memset(&cp, 0, sizeof(cp));
	text_copy(cp.origin, sizeof(cp.origin), sg->in.config.origin);
	cp.size = size;
	signer_edge_root(&sg->st, &cp.root);
	buf_init(&text, SIGNER_NOTE_MAX);
	if ((e = checkpoint_encode(&cp, &text)) == ERR_OK)
		e = note_sign((struct bytes){ text.data, text.len },
		    &sg->in.log, sg->in.secret[SECRET_LOG]->bytes, out);
	buf_done(&text);
	return (e);
}

static enum err
close_epoch(struct signing *sg, struct cur *c, struct buf *out)
{
	struct signer_state *st = &sg->st;
	struct merkle_hash leaf[SIGNER_LEAVES], root;
	uint64_t epoch = cur_u64(c), epochs;
	uint8_t h[SHA256_LEN];
	enum err e;

	for (size_t i = 0; i < SIGNER_LEAVES; i++)
		cur_copy(c, leaf[i].bytes, SHA256_LEN);
	if (cur_end(c) != ERR_OK)
		return (ERR_FORMAT);
	if (st->next == 0)
		st->next = sg->epoch0;
	sha256(leaf, sizeof(leaf), h);
	if (epoch + 1 == st->next && st->last_note.len > 0 &&
	    memcmp(h, st->last_leaves, sizeof(h)) == 0) {
		buf_put(out, st->last_note.data, st->last_note.len);
		return (ERR_OK);
	}
	if (epoch != st->next)
		return (ERR_CONFLICT);
	if (epoch >= now(sg))
		return (ERR_RANGE);
	if (!keeps_promises(st, epoch, leaf))
		return (ERR_CONFLICT);
	epochs = epoch - sg->epoch0;
	merkle_root(leaf, SIGNER_LEAVES, &root);
	signer_edge_add(st, epochs, root);
	if ((e = sign_checkpoint(sg, (epochs + 1) * SIGNER_LEAVES, out)) !=
	    ERR_OK)
		return (e);
	st->next = epoch + 1;
	forget_promises(st, epoch);
	memcpy(st->last_leaves, h, sizeof(h));
	buf_reset(&st->last_note);
	buf_put(&st->last_note, out->data, out->len);
	/* without it the epoch could never be closed again */
	return (buf_err(&st->last_note) != ERR_OK ? ERR_SYS : keep_state(sg));
}

/* The epoch that it will close next; 0: it has signed none. */
static enum err
next_epoch(const struct signing *sg, struct cur *c, struct buf *out)
{

	buf_u64(out, sg->st.next);
	return (cur_end(c));
}

/* ---- serving ---- */

enum err
signer_serve(struct signing *sg, int fd, uint8_t *text)
{
	uint8_t head[5], reply[5];
	struct cur c;
	struct buf out;
	uint8_t op;
	size_t n;
	enum err e, sent;

	if (signer_read_all(fd, head, sizeof(head)) != ERR_OK)
		return (ERR_SYS);
	c = cur_over(head, sizeof(head));
	op = cur_u8(&c);
	n = cur_u32(&c);
	if (n > SIGNER_REQUEST_MAX || signer_read_all(fd, text, n) != ERR_OK)
		return (ERR_SYS);
	c = cur_over(text, n);
	buf_init(&out, SIGNER_NOTE_MAX);
	e = op == OP_ANSWER ? answer(sg, &c, &out) :
	    op == OP_PROMISE ? promise(sg, &c, &out) :
	    op == OP_CLOSE ? close_epoch(sg, &c, &out) :
	    op == OP_NEXT ? next_epoch(sg, &c, &out) : ERR_FORMAT;
	if (e == ERR_OK)
		e = buf_err(&out);
	if (e != ERR_OK)
		buf_reset(&out);
	reply[0] = (uint8_t)e;
	for (int i = 0; i < 4; i++)
		reply[1 + i] = (uint8_t)(out.len >> (24 - 8 * i));
	sent = signer_write_all(fd, reply, sizeof(reply));
	if (sent == ERR_OK)
		sent = signer_write_all(fd, out.data, out.len);
	buf_done(&out);
	/* a state that was not written must not go on from memory */
	return (e == ERR_SYS ? ERR_SYS : sent);
}

/* A key that is not the one published would sign what nobody accepts. */
static enum err
key_fits(const struct signing *sg, enum secret_name s, const uint8_t *public)
{
	static const char *const name[SECRET_NAMES] = {
		[SECRET_ANSWERS] = "answers", [SECRET_LOG] = "log",
		[SECRET_PROMISE] = "promise"
	};
	uint8_t own[SIGN_PUBLIC_LEN];

	sign_public(sg->in.secret[s]->bytes, own);
	if (memcmp(own, public, sizeof(own)) == 0)
		return (ERR_OK);
	diag("signer: %s/secrets/%s.key is not the key whose public half "
	    "stands in public/", sg->in.dir, name[s]);
	return (ERR_KEY);
}

static enum err
start(struct signing *sg, const char *dir, const char *clock)
{
	char *path;
	enum err e;

	if (process_guard() != ERR_OK) {
		diag("signer: core dumps cannot be turned off");
		return (ERR_SYS);
	}
	e = instance_open(dir, 1u << SECRET_ANSWERS | 1u << SECRET_LOG |
	    1u << SECRET_PROMISE, &sg->in);
	if (e == ERR_OK)
		e = confine_memory(&sg->in);
	if (e != ERR_OK) {
		diag("signer: %s", sg->in.why);
		return (e);
	}
	if ((e = key_fits(sg, SECRET_ANSWERS, sg->in.answers)) != ERR_OK ||
	    (e = key_fits(sg, SECRET_LOG, sg->in.log.public)) != ERR_OK ||
	    (e = key_fits(sg, SECRET_PROMISE, sg->in.promise.public)) !=
	    ERR_OK)
		return (e);
	if (clock_open(sg->in.demo ? clock : NULL, &sg->clock) != ERR_OK) {
		diag("signer: its clock cannot be read");
		return (ERR_SYS);
	}
	sg->epoch0 = instance_epoch0(&sg->in);
	path = instance_path(&sg->in, "signer/state");
	e = signer_state_read(path, &sg->st);
	if (e == ERR_OK && !signer_state_fits(&sg->st, sg->epoch0))
		e = ERR_FORMAT;
	if (e == ERR_NOTFOUND)
		diag("%s: the signer's state is not there; it is in no backup."
		    " After a restore: peluitd restore DIR --log MIRROR",
		    path);
	else if (e != ERR_OK)
		diag("%s: %s", path, err_text(e));
	free(path);
	if (e == ERR_OK && (e = confine_signer(&sg->in, clock)) != ERR_OK)
		diag("signer: it cannot be confined: %s", strerror(errno));
	return (e);
}

void
signer_child(const char *dir, const char *clock, int fd)
{
	struct signing *sg = calloc(1, sizeof(*sg));
	uint8_t *text = malloc(SIGNER_REQUEST_MAX), ready = 0;

	confine_child(fd);
	if (sg == NULL || text == NULL || start(sg, dir, clock) != ERR_OK)
		_exit(3);
	if (signer_write_all(fd, &ready, 1) != ERR_OK)
		_exit(3);
	while (signer_serve(sg, fd, text) == ERR_OK) {
		wipe(text, SIGNER_REQUEST_MAX);
		stack_clear();
	}
	signer_state_done(&sg->st);
	clock_close(sg->clock);
	instance_close(&sg->in);
	_exit(0);
}
