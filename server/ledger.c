/* Leaves, events and the closing of epochs, inside the store's jobs. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "consent.h"
#include "ledger.h"
#include "waiting.h"

static const unsigned room[] = {
	[LEAF_CASE] = LEDGER_CASES, [LEAF_DESK] = LEDGER_DESKS,
	[LEAF_SOURCE] = LEDGER_SOURCES, [LEAF_REST] = LEDGER_REST
};

static enum leaf_class
class_of(const struct action *a)
{

	switch (a->kind) {
	case EVENT_REPORT:
		return (LEAF_CASE);
	case EVENT_MESSAGE:
		return (LEAF_SOURCE);
	case EVENT_REPLY:
	case EVENT_STATUS:
	case EVENT_REFERRAL:
		return (LEAF_DESK);
	case EVENT_ACCESS:
	case EVENT_CONSENT:
	case EVENT_CUSTODY:
	case EVENT_DELETE:
	case EVENT_KEYS:
	case EVENT_LOSS:
	case EVENT_DECOY:
	case EVENT_KINDS:
		break;
	}
	return (LEAF_REST);
}

/* What can wait is not promised for a later epoch: it is tried again. */
static bool
can_wait(enum event_kind k)
{

	return (k == EVENT_ACCESS || k == EVENT_DELETE);
}

static bool
has_room(const struct epoch_record *ep, const struct action *a)
{
	enum leaf_class class = class_of(a);
	unsigned used = 0, deletes = 0;

	for (size_t i = 0; i < ep->entries; i++) {
		used += ep->entry[i].class == class;
		deletes += ep->entry[i].kind == EVENT_DELETE;
	}
	if (a->kind == EVENT_DELETE && deletes >= LEDGER_DELETES)
		return (false);
	/* who may read is announced in time, however busy the desks are */
	if (class == LEAF_REST && a->kind != EVENT_KEYS &&
	    a->kind != EVENT_LOSS)
		return (used < room[class] - LEDGER_FIRST);
	return (used < room[class]);
}

static uint8_t
random_leaf(const struct epoch_record *ep)
{
	bool taken[LEAVES] = { false };
	uint32_t pick;

	for (size_t i = 0; i < ep->entries; i++)
		taken[ep->entry[i].leaf] = true;
	pick = rand_below((uint32_t)(LEAVES - ep->entries));
	for (unsigned leaf = 0; leaf < LEAVES; leaf++) {
		if (!taken[leaf] && pick-- == 0)
			return ((uint8_t)leaf);
	}
	abort();	/* we are wrong: an epoch with room has a free leaf */
}

void
ledger_commitment(const struct epoch_entry *en,
    uint8_t out[static COMMITMENT_LEN])
{

	if (en->len == 0)
		memcpy(out, en->nonce, COMMITMENT_LEN);
	else
		commitment_of(en->nonce, (struct bytes){ en->event, en->len },
		    out);
}

void
ledger_last(const struct case_record *c, uint8_t out[static COMMITMENT_LEN])
{
	const struct opening *o;

	assert(c->openings > 0);
	o = &c->opening[c->openings - 1];
	commitment_of(o->nonce, (struct bytes){ o->event, o->len }, out);
}

bool
ledger_knows(const struct case_record *c,
    const uint8_t commitment[static COMMITMENT_LEN])
{
	uint8_t h[COMMITMENT_LEN];

	for (size_t i = 0; i < c->openings; i++) {
		const struct opening *o = &c->opening[i];

		commitment_of(o->nonce, (struct bytes){ o->event, o->len }, h);
		if (memcmp(h, commitment, sizeof(h)) == 0)
			return (true);
	}
	return (false);
}

bool
ledger_fetched(const struct case_record *c)
{

	for (size_t i = 0; i < c->openings; i++) {
		const struct opening *o = &c->opening[i];
		struct event ev;

		if (event_decode((struct bytes){ o->event, o->len }, &ev) ==
		    ERR_OK && ev.action.kind == EVENT_ACCESS)
			return (true);
	}
	return (false);
}

uint64_t
ledger_index(uint64_t epoch0, uint64_t epoch, uint64_t leaf)
{

	return ((epoch - epoch0) * LEAVES + leaf);
}

/* How many events of this source the case has for ${now} already. */
static unsigned
of_source(const struct case_record *c, uint64_t now)
{
	unsigned n = 0;

	for (size_t i = 0; i < c->openings; i++) {
		struct event ev;
		const struct opening *o = &c->opening[i];

		if (o->epoch < now || event_decode((struct bytes){ o->event,
		    o->len }, &ev) != ERR_OK)
			continue;
		n += ev.action.kind == EVENT_MESSAGE &&
		    (ev.has_taken ? ev.taken : ev.epoch) == now;
	}
	return (n);
}

bool
ledger_source_full(const struct case_record *c, uint64_t now)
{

	return (of_source(c, now) >= LEDGER_PER_CASE);
}

/* The first epoch that may and can take it, loaded into ${ep}. */
static enum err
find_epoch(const struct records *r, struct store_txn *t,
    const struct ledger_act *act, uint64_t first, struct epoch_record *ep)
{
	uint64_t last = act->now + (can_wait(act->action->kind) ? 0 :
	    AHEAD_MAX);
	enum err e;

	for (uint64_t n = first; n <= last; n++) {
		if ((e = epoch_get(r, t, n, ep)) != ERR_OK)
			return (e);
		if (!ep->closing && has_room(ep, act->action))
			return (ERR_OK);
		epoch_done(ep);
	}
	return (ERR_FULL);
}

static enum err
make_event(const struct ledger_act *act, const struct case_record *c,
    struct epoch_entry *en, uint64_t epoch)
{
	struct event ev;
	struct buf text;
	enum err e;

	memset(&ev, 0, sizeof(ev));
	ev.action = *act->action;
	ev.epoch = epoch;
	if (epoch != act->now) {
		ev.has_taken = true;
		ev.taken = act->now;
	}
	if (c != NULL) {
		ev.has_seq = true;
		ev.seq = c->openings;
		memcpy(en->case_id, c->id, ID_LEN);
		en->seq = ev.seq;
		if (c->openings > 0) {
			ev.has_prev = true;
			ledger_last(c, ev.prev);
		}
	}
	if (act->sig != NULL) {
		ev.has_sig = true;
		memcpy(ev.sig, act->sig, SIGN_LEN);
	}
	buf_init(&text, EVENT_MAX);
	e = event_encode(&ev, &text);
	if (e == ERR_OK) {
		memcpy(en->event, text.data, text.len);
		en->len = (uint16_t)text.len;
	}
	buf_done(&text);
	return (e);
}

static void
opening_of(const struct epoch_entry *en, uint64_t epoch, uint32_t message,
    struct opening *o)
{

	memset(o, 0, sizeof(*o));
	o->epoch = epoch;
	o->leaf = en->leaf;
	o->message = message;
	memcpy(o->nonce, en->nonce, NONCE_LEN);
	memcpy(o->event, en->event, en->len);
	o->len = en->len;
}

static enum err
add_opening(struct case_record *c, const struct opening *o)
{
	struct opening *grown;

	grown = realloc(c->opening, (c->openings + 2) * sizeof(*grown));
	if (grown == NULL)
		return (ERR_SYS);
	c->opening = grown;
	grown[c->openings++] = *o;
	return (ERR_OK);
}

enum err
ledger_take(const struct records *r, struct store_txn *t,
    const struct ledger_act *act, struct case_record *c,
    struct ledger_taken *out)
{
	struct install_record install;
	struct epoch_record ep;
	struct epoch_entry *en;
	uint64_t first;
	enum err e;

	if ((e = install_get(r, t, &install)) != ERR_OK)
		return (e);
	out->waiting = !act->waited && (act->stopped ||
	    install.waiting_from < install.waiting_to);
	if (out->waiting)
		return (waiting_put(r, t, &install, act));
	/* what waited was let in then; it must not hold up the others */
	if (act->action->kind == EVENT_MESSAGE && c != NULL && !act->waited &&
	    ledger_source_full(c, act->now))
		return (ERR_RANGE);
	/* an epoch that was closed takes nothing, whatever the clock says */
	first = act->now > install.next_close ? act->now : install.next_close;
	if (c != NULL && c->openings > 0 &&
	    c->opening[c->openings - 1].epoch > first)
		first = c->opening[c->openings - 1].epoch;
	if ((e = find_epoch(r, t, act, first, &ep)) != ERR_OK)
		return (e);

	en = &ep.entry[ep.entries];
	memset(en, 0, sizeof(*en));
	en->leaf = random_leaf(&ep);
	en->class = class_of(act->action);
	en->kind = act->action->kind;
	rand_bytes(en->nonce, NONCE_LEN);
	if ((e = make_event(act, c, en, ep.epoch)) != ERR_OK)
		goto out;
	ep.entries++;
	opening_of(en, ep.epoch, act->message, &out->opening);
	if ((e = epoch_put(r, t, &ep)) != ERR_OK ||
	    (c != NULL && (e = add_opening(c, &out->opening)) != ERR_OK))
		goto out;
	out->epoch = ep.epoch;
	out->leaf = en->leaf;
	commitment_of(en->nonce, (struct bytes){ en->event, en->len },
	    out->commitment);
out:
	epoch_done(&ep);
	return (e);
}

/* ---- closing ---- */

/*
 * Event ${seq} into one desk's feed.  Who hears of a case later, an officer
 * with the first message that is sealed to them, a custodian with the first
 * question, then hears of all that was before: a chain has no gap, and whose
 * key wrote the report is what later events are checked against.
 */
static enum err
feed_desk(const struct records *r, struct store_txn *t,
    const struct roster_desk *d, const struct case_record *c, uint64_t seq)
{
	struct feed_entry f;
	struct desk_record mine;
	enum err e;

	memcpy(f.case_id, c->id, ID_LEN);
	f.seq = consent_from(c, d) == seq ? 0 : seq;
	if ((e = desk_get(r, t, d->key, &mine)) != ERR_OK)
		return (e);
	for (; f.seq <= seq; f.seq++) {
		mine.given++;
		if ((e = feed_put(r, t, d->key, mine.given, &f)) != ERR_OK)
			return (e);
	}
	return (desk_put(r, t, d->key, &mine));
}

/* Whether the desk hears of event ${seq} when its epoch closes. */
static bool
hears(const struct roster_desk *d, const struct case_record *c, uint64_t seq)
{

	return (d->role != ROLE_AUDITOR && consent_from(c, d) <= seq);
}

static enum err
feed_event(const struct records *r, struct store_txn *t,
    const struct roster *ro, const struct epoch_entry *en)
{
	struct case_record c;
	enum err e;

	e = case_get_by_id(r, t, en->case_id, &c);
	if (e == ERR_NOTFOUND)		/* deleted since */
		return (ERR_OK);
	if (e != ERR_OK)
		return (e);
	for (size_t i = 0; i < ro->desks && e == ERR_OK; i++) {
		if (hears(&ro->desk[i], &c, en->seq))
			e = feed_desk(r, t, &ro->desk[i], &c, en->seq);
	}
	case_done(&c);
	return (e);
}

/*
 * Random order, so that numbers do not tell the order of arrival; events of
 * one case stay in the order of their seq, since a desk checks the chain.
 */
static void
shuffle(struct epoch_record *ep)
{

	for (size_t i = ep->entries; i > 1; i--) {
		size_t j = rand_below((uint32_t)i);
		struct epoch_entry swap = ep->entry[i - 1];

		ep->entry[i - 1] = ep->entry[j];
		ep->entry[j] = swap;
	}
	for (size_t i = 0; i < ep->entries; i++) {
		for (size_t j = i + 1; j < ep->entries; j++) {
			struct epoch_entry *a = &ep->entry[i];
			struct epoch_entry *b = &ep->entry[j];

			if (memcmp(a->case_id, b->case_id, ID_LEN) == 0 &&
			    a->seq > b->seq) {
				struct epoch_entry swap = *a;

				*a = *b;
				*b = swap;
			}
		}
	}
}

static bool
without_case(const struct epoch_entry *en)
{
	static const uint8_t none[ID_LEN];

	return (memcmp(en->case_id, none, ID_LEN) == 0);
}

enum err
ledger_feed(const struct records *r, struct store_txn *t,
    const struct instance *in, const struct epoch_record *ep)
{
	const struct roster *ro = instance_roster_newest(in);
	struct epoch_record mine = *ep;
	enum err e = ERR_OK;

	mine.entry = calloc(LEAVES, sizeof(*mine.entry));
	if (mine.entry == NULL)
		return (ERR_SYS);
	mine.entries = 0;
	for (size_t i = 0; i < ep->entries; i++) {
		if (!without_case(&ep->entry[i]))
			mine.entry[mine.entries++] = ep->entry[i];
	}
	shuffle(&mine);
	for (size_t i = 0; i < mine.entries && e == ERR_OK; i++)
		e = feed_event(r, t, ro, &mine.entry[i]);
	free(mine.entry);
	return (e);
}
