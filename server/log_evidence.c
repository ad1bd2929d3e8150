/* What a source and a desk can hold in hand: promises, then proofs. */
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "log_public.h"

enum log_state
log_state_of(uint64_t next_close, uint64_t now, int64_t epoch_seconds)
{

	if (now + 2 < next_close)
		return (LOG_STOPPED);
	if (now <= next_close + 1)
		return (LOG_OK);
	return (now - next_close > (uint64_t)(LOG_STOP_SEC / epoch_seconds) ?
	    LOG_STOPPED : LOG_LATE);
}

enum log_state
log_state_now(struct server *s)
{
	struct install_record i;
	struct store_txn *t;
	enum err e;

	if (store_begin(s->store, &t) != ERR_OK)
		return (LOG_LATE);
	e = install_get(s->records, t, &i);
	store_end(t);
	return (e != ERR_OK ? LOG_LATE : log_state_of(i.next_close,
	    server_epoch(s), s->in->epoch_seconds));
}

const char *
log_state_text(enum log_state s)
{

	return (s == LOG_OK ? "ok" : s == LOG_LATE ? "late" : "stopped");
}

enum err
log_promise(struct server *s, uint64_t epoch, uint64_t leaf,
    const uint8_t commitment[static COMMITMENT_LEN], struct buf *note)
{
	struct promise p;
	struct buf mine;
	enum err e;

	memset(&p, 0, sizeof(p));
	text_copy(p.origin, sizeof(p.origin), s->in->config.origin);
	p.epoch = epoch;
	p.leaf = ledger_index(instance_epoch0(s->in), epoch, leaf);
	memcpy(p.commitment, commitment, COMMITMENT_LEN);
	buf_init(&mine, SIGNER_NOTE_MAX);
	e = signer_promise(s->signer, &p, note != NULL ? note : &mine);
	buf_done(&mine);
	return (e);
}

void
log_promise_event(struct server *s, const struct ledger_taken *taken)
{

	if (taken->waiting)
		return;
	(void)(log_promise(s, taken->epoch, taken->leaf, taken->commitment,
	    NULL) == ERR_OK);
}

enum err
log_head(const struct records *r, struct store_txn *t, uint64_t epoch0,
    struct log_epoch *out)
{
	struct install_record i;
	enum err e;

	if ((e = install_get(r, t, &i)) != ERR_OK)
		return (e);
	if (i.next_close <= epoch0)
		return (ERR_NOTFOUND);
	return (log_epoch_get(r, t, i.next_close - 1, out));
}

static enum err
promise_file(struct server *s, const struct opening *o, struct buf *out)
{
	struct open_event *oe = calloc(1, sizeof(*oe));
	uint8_t commitment[COMMITMENT_LEN];
	struct buf note;
	enum err e;

	if (oe == NULL)
		return (ERR_SYS);
	memcpy(oe->nonce, o->nonce, NONCE_LEN);
	memcpy(oe->event, o->event, o->len);
	oe->len = o->len;
	commitment_of(o->nonce, (struct bytes){ o->event, o->len },
	    commitment);
	buf_init(&note, SIGNER_NOTE_MAX);
	e = log_promise(s, o->epoch, o->leaf, commitment, &note);
	if (e == ERR_OK)
		e = promise_file_encode(oe, (struct bytes){ note.data,
		    note.len }, out);
	buf_done(&note);
	free(oe);
	return (e);
}

static enum err
proof_file(struct server *s, const struct opening *o, struct buf *out)
{
	struct log_view v = { s->records, NULL, instance_epoch0(s->in) };
	struct log_epoch *head = calloc(1, sizeof(*head));
	uint8_t opening[NONCE_LEN + EVENT_MAX];
	enum err e;

	if (head == NULL)
		return (ERR_SYS);
	memcpy(opening, o->nonce, NONCE_LEN);
	memcpy(opening + NONCE_LEN, o->event, o->len);
	if ((e = store_begin(s->store, &v.t)) == ERR_OK) {
		e = log_head(v.r, v.t, v.epoch0, head);
		if (e == ERR_OK)
			e = log_proof(&v, head, ledger_index(v.epoch0,
			    o->epoch, o->leaf), (struct bytes){ opening,
			    NONCE_LEN + (size_t)o->len }, out);
		store_end(v.t);
	}
	log_epoch_done(head);
	free(head);
	return (e);
}

uint64_t
log_published(struct server *s, uint64_t closed)
{
	int64_t wait = s->in->epoch_seconds / LOG_PUBLISH_PART;
	uint64_t over = instance_epoch(s->in, clock_now(s->clock) - wait) -
	    instance_epoch0(s->in);

	return (closed < over ? closed : over);
}

/*
 * Whether an epoch has been closed.  Fails: ERR_BUSY while it is closed but
 * not yet published: then neither promise nor proof is given, and a page that
 * is asked for again and again does not tell how long the closing took.
 */
static enum err
is_closed(struct server *s, uint64_t epoch, bool *closed)
{
	uint64_t first = instance_epoch0(s->in);
	struct install_record i;
	struct store_txn *t;
	enum err e;

	if ((e = store_begin(s->store, &t)) != ERR_OK)
		return (e);
	e = install_get(s->records, t, &i);
	store_end(t);
	if (e != ERR_OK)
		return (e);
	*closed = epoch < i.next_close;
	if (*closed && epoch >= first + log_published(s, i.next_close - first))
		return (ERR_BUSY);
	return (ERR_OK);
}

enum err
log_evidence(struct server *s, const struct case_record *c, size_t seq,
    struct buf *out, bool *proof)
{
	const struct opening *o;
	enum err e;

	*proof = false;
	if (seq >= c->openings)
		return (ERR_NOTFOUND);
	o = &c->opening[seq];
	if ((e = is_closed(s, o->epoch, proof)) != ERR_OK)
		return (e);
	if (*proof)
		return (proof_file(s, o, out));
	e = promise_file(s, o, out);
	/* it may have been closed in between */
	if (e == ERR_CONFLICT && is_closed(s, o->epoch, proof) == ERR_OK &&
	    *proof)
		e = proof_file(s, o, out);
	return (e);
}
