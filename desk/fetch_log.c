/*
 * The log's word for what the feed gives: rosters, proofs, promises.
 *
 * A desk sees the checkpoints that its proofs bring.  It refuses one that is
 * smaller than the newest it has seen, and another root of the same size;
 * that a greater one continues it is the auditors' to check, with tiles that
 * a desk does not have.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fetch_log.h"
#include "proof.h"

#define EPOCH_LEAVES	256

/* ---- rosters ---- */

struct chain {
	struct roster *before, *next;
	struct bytes note;		/* of the one before */
};

static enum peluit_exit
bad_roster(struct fetch *f, uint64_t number, enum err e)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "%llu",
	    (unsigned long long)number);
	return e == ERR_SYS ? peluit_err(f->d, e, W_MACHINE, "memory") :
	    peluit_fail(f->d, DESK_NO, W_ROSTER_CHAIN, text, err_text(e));
}

/* Roster 1 names what the office file names. */
static enum err
first_fits(const struct office *o, const struct roster *r)
{
	return r->number == 1 && strcmp(r->origin, o->origin) == 0 &&
	    vkey_equal(&r->log, &o->log) &&
	    vkey_equal(&r->promise, &o->promise) &&
	    memcmp(r->answers, o->answers, SIGN_PUBLIC_LEN) == 0 ?
	    ERR_OK : ERR_CONFLICT;
}

static enum err
check_roster(struct fetch *f, struct chain *c, struct bytes note)
{
	const struct office *o = &f->d->office;
	bool first = f->book->log.roster_number == 0;
	size_t line;
	enum err e;

	e = roster_open(note, first ? o->roster_key : c->before->roster_key,
	    first ? o->roster_keys : c->before->roster_keys, c->next, &line);
	if (e != ERR_OK)
		return e;
	return first ? first_fits(o, c->next) :
	    roster_follows(c->next, c->before, c->note);
}

/* The newest one that we hold. */
static enum err
held_roster(const struct book *b, struct chain *c)
{
	struct bytes text;
	size_t line;
	enum err e;

	if (b->log.roster_number == 0)
		return ERR_OK;
	c->note = (struct bytes){ b->log.roster, strlen(b->log.roster) };
	e = note_text(c->note, &text);
	return e == ERR_OK ? roster_decode(text, c->before, &line) : e;
}

static enum peluit_exit
one_roster(struct fetch *f, struct chain *c, uint64_t n)
{
	struct bytes note;
	char path[48];
	enum err e;

	if ((e = held_roster(f->book, c)) != ERR_OK)
		return bad_roster(f, n - 1, e);
	(void)snprintf(path, sizeof(path), "/v1/roster/%llu",
	    (unsigned long long)n);
	if ((e = client_get(f->client, path, "?", &f->answer)) != ERR_OK)
		return link_fail(f->d, f->client, e, &f->answer);
	note = (struct bytes){ f->answer.body.data, f->answer.body.len };
	if ((e = check_roster(f, c, note)) != ERR_OK ||
	    (e = book_roster(f->book, c->next, note, f->epoch)) != ERR_OK)
		return bad_roster(f, n, e);
	return DESK_DONE;
}

enum peluit_exit
fetch_rosters(struct fetch *f, uint64_t newest)
{
	struct chain c = { NULL, NULL, { NULL, 0 } };
	enum peluit_exit x = DESK_DONE;
	uint64_t n;

	if (newest < f->book->log.roster_number)
		return bad_roster(f, newest, ERR_EXPIRED);
	c.before = calloc(1, sizeof(*c.before));
	c.next = calloc(1, sizeof(*c.next));
	if (c.before == NULL || c.next == NULL)
		x = bad_roster(f, newest, ERR_SYS);
	for (n = f->book->log.roster_number + 1; x == DESK_DONE &&
	    n <= newest; n++)
		x = one_roster(f, &c, n);
	free(c.before);
	free(c.next);
	return x;
}

bool
fetch_actor(const struct fetch *f, const struct book_event *e)
{
	const struct action *a = &e->event.action;
	const struct book_desk *d;
	uint64_t taken = e->event.has_taken ? e->event.taken :
	    e->event.epoch;

	if (a->actor != ACTOR_DESK)
		return true;
	d = book_desk(f->book, a->actor_key);
	return d != NULL && (!d->gone || taken <= d->gone_epoch);
}

/* ---- evidence ---- */

static enum peluit_exit
wrong(struct fetch *f, const struct api_feed_item *item, enum word w,
    enum err e)
{
	char name[CASE_NAME_LEN + 1];

	case_name(item->case_id, name);
	return e == ERR_SYS ? peluit_err(f->d, e, W_MACHINE, "memory") :
	    peluit_fail(f->d, DESK_NO, w, name, err_text(e));
}

/* The checkpoint of a good proof against those seen before. */
static enum peluit_exit
follow(struct fetch *f, const struct checkpoint *head, struct bytes note)
{
	const struct book_log *l = &f->book->log;
	enum err e = book_checkpoint(f->book, head, note);
	char now[24], before[24];

	if (e == ERR_OK)
		return DESK_DONE;
	if (e == ERR_SYS)
		return peluit_err(f->d, e, W_MACHINE, "memory");
	(void)snprintf(now, sizeof(now), "%llu",
	    (unsigned long long)head->size);
	(void)snprintf(before, sizeof(before), "%llu",
	    (unsigned long long)l->head.size);
	/* both are signed: whoever is told wants to see them */
	peluit_set(f->d, "checkpoint_seen", json_string(l->checkpoint));
	peluit_set(f->d, "checkpoint_given", json_stringn(note.p, note.n));
	return peluit_fail(f->d, DESK_NO, e == ERR_EXPIRED ? W_LOG_ROLLBACK :
	    W_LOG_FORK, now, before);
}

static enum err
verify(const struct fetch *f, const struct api_feed_item *item,
    const struct book_event *e, struct proof *p, struct checkpoint *head)
{
	struct policy *policy = calloc(1, sizeof(*policy));
	struct merkle_hash leaf;
	enum err err;

	if (policy == NULL)
		return ERR_SYS;
	policy->log[policy->logs++] = f->d->office.log;
	merkle_leaf(e->commitment, COMMITMENT_LEN, &leaf);
	err = proof_decode((struct bytes){ item->evidence,
	    strlen(item->evidence) }, p);
	if (err == ERR_OK && p->index != item->leaf)
		err = ERR_CONFLICT;
	if (err == ERR_OK)
		err = proof_verify(p, &leaf, policy, head);
	free(policy);
	return err;
}

static enum peluit_exit
proven(struct fetch *f, const struct api_feed_item *item,
    const struct book_event *e, bool *refused)
{
	struct proof *p = calloc(1, sizeof(*p));
	struct checkpoint head;
	enum peluit_exit x;
	enum err err = p == NULL ? ERR_SYS : verify(f, item, e, p, &head);

	*refused = err != ERR_OK && err != ERR_SYS;
	if (err != ERR_OK)
		x = wrong(f, item, W_PROOF, err);
	else if ((x = follow(f, &head, p->note)) == DESK_DONE)
		book_promise_kept(f->book, e->commitment);
	free(p);
	return x;
}

static enum err
open_promise(const struct fetch *f, const struct api_feed_item *item,
    const struct book_event *e)
{
	struct open_event *o = calloc(1, sizeof(*o));
	struct promise p;
	struct buf clean;
	enum err err;

	if (o == NULL)
		return ERR_SYS;
	buf_init(&clean, PROMISE_MAX);
	err = promise_file_decode((struct bytes){ item->evidence,
	    strlen(item->evidence) }, o, &clean);
	if (err == ERR_OK)
		err = promise_open((struct bytes){ clean.data, clean.len },
		    &f->d->office.promise, &p);
	if (err == ERR_OK && (p.epoch != e->event.epoch ||
	    p.leaf != item->leaf || memcmp(p.commitment, e->commitment,
	    COMMITMENT_LEN) != 0))
		err = ERR_CONFLICT;
	buf_done(&clean);
	free(o);
	return err;
}

static enum peluit_exit
promised(struct fetch *f, const struct api_feed_item *item,
    const struct book_event *e, bool *refused)
{
	struct book_promised p;
	enum err err = open_promise(f, item, e);

	*refused = err != ERR_OK && err != ERR_SYS;
	if (err != ERR_OK)
		return wrong(f, item, W_PROMISE, err);
	memset(&p, 0, sizeof(p));
	memcpy(p.case_id, item->case_id, ID_LEN);
	memcpy(p.commitment, e->commitment, COMMITMENT_LEN);
	p.kind = item->kind;
	p.epoch = item->epoch;
	p.seen = true;
	p.promise = strdup(item->evidence);
	if (p.promise == NULL || book_promise(f->book, &p) != ERR_OK) {
		free(p.promise);
		return peluit_err(f->d, ERR_SYS, W_MACHINE, "memory");
	}
	f->promised = true;
	f->not_logged++;
	return DESK_DONE;
}

enum peluit_exit
fetch_evidence(struct fetch *f, const struct api_feed_item *item,
    const struct book_event *e, bool *refused)
{
	uint64_t epoch0 = f->book->log.epoch0;

	f->promised = false;
	if (e->event.epoch < epoch0 ||
	    e->event.epoch - epoch0 != item->leaf / EPOCH_LEAVES) {
		*refused = true;
		return wrong(f, item, W_PROOF, ERR_CONFLICT);
	}
	return item->proof ? proven(f, item, e, refused) :
	    promised(f, item, e, refused);
}

bool
fetch_promises(struct fetch *f)
{
	char name[CASE_NAME_LEN + 1];
	bool kept = true;
	size_t i;

	for (i = 0; i < f->book->promises; i++) {
		if (f->book->promised[i].seen)
			continue;
		case_name(f->book->promised[i].case_id, name);
		(void)peluit_fail(f->d, DESK_NO, W_PROMISE_BROKEN, name,
		    NULL);
		kept = false;
	}
	return kept;
}
