/*
 * Closing an epoch:
 *
 *   epoch.1	mark it closing, make the decoys, store all 256 openings;
 *		from then on nothing gets a leaf of it
 *   epoch.2	the signer signs the checkpoint over the 256 leaf hashes
 *   epoch.3	one transaction: tile, root, checkpoint, disclosure, feeds;
 *		the openings are dropped, the next epoch is the open one
 *   epoch.4	published: the listener serves what epoch.3 stored
 *
 * A crash between two of them is finished by doing the rest: each step gives
 * the same bytes again.
 */
#include <stdlib.h>
#include <string.h>

#include "fault.h"
#include "log.h"

struct closing {
	struct server *s;
	uint64_t now;			/* epochs before it are over */
	bool any;			/* there was one to close */
	struct epoch_record ep;		/* all 256 entries, by leaf */
	struct log_epoch le;
	struct buf disclosure;
};

/* ---- epoch.1 ---- */

static enum err
decoy_text(const struct server *s, uint64_t epoch, struct buf *out)
{
	struct event *ev = calloc(1, sizeof(*ev));
	enum err e;

	if (ev == NULL)
		return (ERR_SYS);
	text_copy(ev->action.origin, sizeof(ev->action.origin),
	    s->in->config.origin);
	ev->action.kind = EVENT_DECOY;
	ev->action.actor = ACTOR_SERVER;
	ev->epoch = epoch;
	e = event_encode(ev, out);
	free(ev);
	return (e);
}

/* Every leaf that is left free becomes a decoy; entries in leaf order. */
static enum err
fill(const struct server *s, struct epoch_record *ep)
{
	struct epoch_entry *all = calloc(LEAVES, sizeof(*all));
	bool taken[LEAVES] = { false };
	struct buf text;
	enum err e;

	if (all == NULL)
		return (ERR_SYS);
	buf_init(&text, EVENT_MAX);
	if ((e = decoy_text(s, ep->epoch, &text)) != ERR_OK)
		goto out;
	for (size_t i = 0; i < ep->entries; i++) {
		all[ep->entry[i].leaf] = ep->entry[i];
		taken[ep->entry[i].leaf] = true;
	}
	for (size_t i = 0; i < LEAVES; i++) {
		if (taken[i])
			continue;
		all[i].leaf = (uint8_t)i;
		all[i].class = LEAF_REST;
		all[i].kind = EVENT_DECOY;
		rand_bytes(all[i].nonce, NONCE_LEN);
		memcpy(all[i].event, text.data, text.len);
		all[i].len = (uint16_t)text.len;
	}
	memcpy(ep->entry, all, LEAVES * sizeof(*all));
	ep->entries = LEAVES;
	ep->closing = true;
out:
	free(all);
	buf_done(&text);
	return (e);
}

static enum err
mark_job(struct store_txn *t, void *arg)
{
	struct closing *c = arg;
	const struct records *r = c->s->records;
	struct install_record install;
	enum err e;

	epoch_done(&c->ep);		/* a job may run twice */
	if ((e = install_get(r, t, &install)) != ERR_OK)
		return (e);
	c->any = install.next_close < c->now;
	if (!c->any)
		return (ERR_OK);
	if ((e = epoch_get(r, t, install.next_close, &c->ep)) != ERR_OK ||
	    c->ep.closing)
		return (e);
	if ((e = fill(c->s, &c->ep)) != ERR_OK)
		return (e);
	return (epoch_put(r, t, &c->ep));
}

/* ---- epoch.2 ---- */

static enum err
sign(struct closing *c)
{
	struct merkle_hash leaf[LEAVES];
	enum err e = ERR_OK;

	c->le.epoch = c->ep.epoch;
	for (size_t i = 0; i < LEAVES; i++) {
		const struct epoch_entry *en = &c->ep.entry[i];

		ledger_commitment(en, c->le.commitment[i]);
		/* every event is promised, also if its promise failed then */
		if (en->kind != EVENT_DECOY && e == ERR_OK)
			e = log_promise(c->s, c->ep.epoch, i,
			    c->le.commitment[i], NULL);
	}
	/* an epoch that the signer closed takes no promise any more: it may
	 * be here again after a crash */
	if (e != ERR_OK && e != ERR_CONFLICT)
		return (e);
	log_leaves(&c->le, leaf);
	merkle_root(leaf, LEAVES, &c->le.root);
	buf_reset(&c->le.checkpoint);
	return (signer_close(c->s->signer, c->ep.epoch, leaf,
	    &c->le.checkpoint));
}

/* ---- epoch.3 ---- */

/* The openings in leaf order, sealed to the auditors and the archive. */
static enum err
disclose(struct closing *c)
{
	struct age_recipient to[ROSTER_AUDITORS + 1];
	const struct roster *ro;
	struct open_event *o = calloc(1, sizeof(*o));
	struct buf plain;
	size_t n = 0;
	enum err e = ERR_OK;

	if (o == NULL)
		return (ERR_SYS);
	buf_init(&plain, DISCLOSURE_BYTES);
	server_office_lock(c->s);
	ro = instance_roster_newest(c->s->in);
	for (size_t i = 0; i < ro->desks; i++) {
		if (ro->desk[i].role == ROLE_AUDITOR && n < ROSTER_AUDITORS)
			to[n++] = ro->desk[i].age;
	}
	if (ro->has_archive)
		to[n++] = ro->archive;
	server_office_unlock(c->s);
	for (size_t i = 0; i < LEAVES && e == ERR_OK; i++) {
		const struct epoch_entry *en = &c->ep.entry[i];

		if (en->len == 0) {	/* lost: nobody can open it */
			buf_fill(&plain, 0, SLOT_BYTES);
			continue;
		}
		memcpy(o->nonce, en->nonce, NONCE_LEN);
		memcpy(o->event, en->event, en->len);
		o->len = en->len;
		e = slot_encode(o, &plain);
	}
	buf_reset(&c->disclosure);
	if (e == ERR_OK && n > 0)	/* nobody to disclose to: no file */
		e = age_seal_file(to, n, (struct bytes){ plain.data,
		    plain.len }, &c->disclosure);
	buf_done(&plain);
	free(o);
	return (e);
}

static enum err
store_job(struct store_txn *t, void *arg)
{
	struct closing *c = arg;
	const struct records *r = c->s->records;
	uint64_t n = c->ep.epoch;
	struct install_record install;
	struct place at = place_epoch(r, n);
	enum err e;

	if ((e = install_get(r, t, &install)) != ERR_OK)
		return (e);
	if (install.next_close != n)
		return (ERR_CONFLICT);
	if ((e = log_epoch_put(r, t, &c->le)) != ERR_OK ||
	    (e = log_roots_add(r, t, n - instance_epoch0(c->s->in),
	    &c->le.root)) != ERR_OK ||
	    (c->disclosure.len > 0 && (e = log_disclosure_put(r, t, n,
	    (struct bytes){ c->disclosure.data, c->disclosure.len })) !=
	    ERR_OK) ||
	    (c->s->in->demo && n >= LOG_KEEP_DEMO &&
	    (e = log_disclosure_drop(r, t, n - LOG_KEEP_DEMO)) != ERR_OK) ||
	    (e = ledger_feed(r, t, c->s->in, &c->ep)) != ERR_OK ||
	    (e = store_del(t, DB_EPOCHS, at.key)) != ERR_OK)
		return (e);
	install.next_close = n + 1;
	return (install_put(r, t, &install));
}

static enum err
close_one(struct closing *c)
{
	struct store *st = c->s->store;
	enum err e;

	if ((e = fault_point("epoch.1")) != ERR_OK ||
	    (e = store_write(st, STORE_LAST, mark_job, c)) != ERR_OK ||
	    !c->any)
		return (e);
	if ((e = fault_point("epoch.2")) != ERR_OK ||
	    (e = sign(c)) != ERR_OK || (e = disclose(c)) != ERR_OK ||
	    (e = fault_point("epoch.3")) != ERR_OK ||
	    (e = store_write(st, STORE_LAST, store_job, c)) != ERR_OK)
		return (e);
	return (fault_point("epoch.4"));
}

enum err
log_close(struct server *s, uint64_t now)
{
	struct closing *c = calloc(1, sizeof(*c));
	unsigned n = 0;
	enum err e;

	if (c == NULL)
		return (ERR_SYS);
	c->s = s;
	c->now = now;
	buf_init(&c->le.checkpoint, NOTE_MAX);
	buf_init(&c->disclosure, RECORD_MAX);
	do {
		e = close_one(c);
	} while (e == ERR_OK && c->any && ++n < LOG_CLOSE_BATCH);
	if (e == ERR_OK && c->any)
		e = ERR_BUSY;
	epoch_done(&c->ep);
	log_epoch_done(&c->le);
	buf_done(&c->disclosure);
	free(c);
	return (e);
}
