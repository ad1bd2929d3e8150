/* Who asked to open an identity, what the source said, who opened it. */
#include <stdlib.h>
#include <string.h>

#include "consent.h"
#include "log.h"

/*
 * Event ${i} of a case, if it is of the kinds that are looked at here and its
 * signature holds: what nobody signed asks, answers and opens nothing.
 */
static bool
event_at(const struct case_record *c, size_t i, struct event *out)
{
	const struct opening *o = &c->opening[i];

	return (event_decode((struct bytes){ o->event, o->len }, out) ==
	    ERR_OK && (out->action.kind == EVENT_CUSTODY ||
	    out->action.kind == EVENT_CONSENT) &&
	    event_verify(out) == ERR_OK);
}

static void
commitment_at(const struct case_record *c, size_t i,
    uint8_t out[static COMMITMENT_LEN])
{
	const struct opening *o = &c->opening[i];

	commitment_of(o->nonce, (struct bytes){ o->event, o->len }, out);
}

static bool
is_custody(const struct action *a, const char *status)
{

	return (a->kind == EVENT_CUSTODY && strcmp(a->status, status) == 0);
}

static uint64_t
taken(const struct event *ev)
{

	return (ev->has_taken ? ev->taken : ev->epoch);
}

static void
look_at(const struct case_record *c, size_t i, const struct event *ev,
    struct consent *out)
{
	const struct action *a = &ev->action;

	if (is_custody(a, "ASK")) {
		out->refused += out->answered && !out->yes;
		out->asked = true;
		out->answered = out->opened = false;
		out->question = i;
		commitment_at(c, i, out->question_is);
		memcpy(out->asker, a->actor_key, SIGN_PUBLIC_LEN);
		out->asked_epoch = taken(ev);
	} else if (a->kind == EVENT_CONSENT) {
		out->answered = true;
		out->yes = strcmp(a->status, "YES") == 0;
		out->answer = i;
		commitment_at(c, i, out->answer_is);
		out->answered_epoch = taken(ev);
	} else if (out->answered && is_custody(a, "OPEN") &&
	    memcmp(a->seen, out->answer_is, COMMITMENT_LEN) == 0) {
		out->opened = true;
	}
}

void
consent_look(const struct case_record *c, uint64_t epoch, struct consent *out)
{
	struct event ev;

	memset(out, 0, sizeof(*out));
	for (size_t i = 0; i < c->openings; i++) {
		if (!event_at(c, i, &ev))
			continue;
		look_at(c, i, &ev, out);
		out->answers += ev.action.kind == EVENT_CONSENT &&
		    taken(&ev) == epoch;
	}
	out->refused += out->answered && !out->yes;
}

/* The first question's place; openings if nobody asked. */
static size_t
first_question(const struct case_record *c)
{
	struct event ev;
	size_t i;

	for (i = 0; i < c->openings; i++) {
		if (event_at(c, i, &ev) && is_custody(&ev.action, "ASK"))
			break;
	}
	return (i);
}

/* Where the event stands that a message came with; openings if nowhere. */
static size_t
seq_of(const struct case_record *c, uint32_t message)
{
	size_t i = 0;

	while (i < c->openings && c->opening[i].message != message)
		i++;
	return (i);
}

/* Which of the keepers the desk is; keepers if none. */
static size_t
keeper_of(const struct case_record *c, const struct roster_desk *desk)
{
	size_t i = 0;

	while (i < c->keepers && memcmp(&c->keeper[i], &desk->age,
	    sizeof(desk->age)) != 0)
		i++;
	return (desk->role == ROLE_CUSTODIAN ? i : c->keepers);
}

static size_t
keeper_from(const struct case_record *c, const struct roster_desk *desk)
{
	size_t k = keeper_of(c, desk), asked = first_question(c), since;

	if (k == c->keepers)
		return (c->openings);
	since = seq_of(c, c->kept_since[k]);
	return (since > asked ? since : asked);
}

size_t
consent_from(const struct case_record *c, const struct roster_desk *desk)
{
	uint32_t message = case_reads_from(c, &desk->age);
	size_t kept = keeper_from(c, desk), read = message == NO_MESSAGE ?
	    c->openings : seq_of(c, message);

	return (read < kept ? read : kept);
}

bool
consent_shows(const struct case_record *c, const struct roster_desk *desk)
{

	return (case_reads(c, &desk->age) ||
	    consent_from(c, desk) < c->openings);
}

/* The event that has this commitment; openings if none. */
static size_t
seq_seen(const struct case_record *c,
    const uint8_t commitment[static COMMITMENT_LEN])
{
	uint8_t h[COMMITMENT_LEN];
	size_t i;

	for (i = 0; i < c->openings; i++) {
		commitment_at(c, i, h);
		if (memcmp(h, commitment, sizeof(h)) == 0)
			break;
	}
	return (i);
}

static bool
is_yes(const struct case_record *c, size_t i)
{
	struct event ev;

	return (i < c->openings && event_at(c, i, &ev) &&
	    ev.action.kind == EVENT_CONSENT &&
	    strcmp(ev.action.status, "YES") == 0);
}

bool
consent_opens(const struct case_record *c, const struct roster_desk *desk,
    uint32_t message)
{
	size_t from = seq_of(c, message), yes, k = keeper_of(c, desk);
	struct event ev;

	if (k == c->keepers || c->kept_since[k] > message)
		return (false);
	for (size_t i = from + 1; i < c->openings; i++) {
		if (!event_at(c, i, &ev) || !is_custody(&ev.action, "OPEN") ||
		    memcmp(ev.action.actor_key, desk->key,
		    SIGN_PUBLIC_LEN) != 0)
			continue;
		yes = seq_seen(c, ev.action.seen);
		if (yes > from && yes < i && is_yes(c, yes))
			return (true);
	}
	return (false);
}

const struct consent_no *
consent_ask(const struct case_record *c)
{
	static const struct consent_no none = { 409, "no_identity",
	    "The source has left no identity." };
	static const struct consent_no open = { 409, "asked",
	    "The source has been asked and has not answered yet." };
	static const struct consent_no agreed = { 409, "agreed",
	    "The source has agreed already." };
	static const struct consent_no enough = { 409, "refused",
	    "The source has refused often enough and is asked no more." };
	struct consent now;
	size_t identity;

	if (c->identity == NO_MESSAGE)
		return (&none);
	consent_look(c, 0, &now);
	if (now.asked && !now.answered)
		return (&open);
	identity = seq_of(c, c->identity);
	if (now.answered && now.yes && identity < now.answer)
		return (&agreed);
	return (now.refused >= CONSENT_REFUSALS ? &enough : NULL);
}

const struct consent_no *
consent_open(const struct case_record *c, const struct roster_desk *desk,
    const uint8_t seen[static COMMITMENT_LEN])
{
	static const struct consent_no not_asked = { 409, "not_asked",
	    "The source has not been asked." };
	static const struct consent_no unanswered = { 409, "unanswered",
	    "The source has not answered yet." };
	static const struct consent_no refused = { 409, "refused",
	    "The source does not agree." };
	static const struct consent_no newer = { 409, "not_asked",
	    "The identity that you keep came after the source's yes." };
	static const struct consent_no other = { 422, "seen",
	    "The seen line does not name the source's last yes." };
	bool asked = false, answered = false, yes = false;
	struct event ev;
	size_t last = 0, k = keeper_of(c, desk);

	for (size_t i = 0; i < c->openings; i++) {
		if (!event_at(c, i, &ev))
			continue;
		asked = asked || is_custody(&ev.action, "ASK");
		if (ev.action.kind != EVENT_CONSENT)
			continue;
		answered = true;
		last = i;
		yes = strcmp(ev.action.status, "YES") == 0;
	}
	if (!asked)
		return (&not_asked);
	if (!answered)
		return (&unanswered);
	if (!yes)
		return (&refused);
	/* it would open nothing, and take from the source the way back */
	if (k == c->keepers || seq_of(c, c->kept_since[k]) > last)
		return (&newer);
	/* an older one would not show to the source as opened */
	return (seq_seen(c, seen) == last ? NULL : &other);
}

/* ---- the source's answer ---- */

struct answer_job {
	struct server *s;
	const struct session_data *who;
	const uint8_t *question;	/* NULL: the newest */
	bool yes;
	uint64_t now;
	struct ledger_taken taken;
	bool fresh;
};

/* What stands in the way of an answer; ERR_EXISTS: it was given already. */
static enum err
judge(const struct answer_job *j, const struct consent *now)
{

	if (!now->asked)
		return (ERR_NOTFOUND);
	if (j->question != NULL && memcmp(j->question, now->question_is,
	    COMMITMENT_LEN) != 0)
		return (ERR_CONFLICT);
	if (now->answered && now->yes == j->yes)
		return (ERR_EXISTS);
	if (now->opened)
		return (ERR_CONFLICT);
	return (now->answers >= CONSENT_ANSWERS ? ERR_RANGE : ERR_OK);
}

static enum err
sign(const struct answer_job *j, const struct case_record *c,
    const struct consent *now, struct action *a, uint8_t sig[static SIGN_LEN])
{

	memset(a, 0, sizeof(*a));
	text_copy(a->origin, sizeof(a->origin), j->s->in->config.origin);
	a->kind = EVENT_CONSENT;
	a->actor = ACTOR_SOURCE;
	memcpy(a->actor_key, j->who->keys.sign_public, SIGN_PUBLIC_LEN);
	a->has_case = a->has_request = a->has_seen = true;
	memcpy(a->case_id, c->id, ID_LEN);
	rand_bytes(a->request, ID_LEN);
	text_copy(a->status, sizeof(a->status), j->yes ? "YES" : "NO");
	memcpy(a->seen, now->question_is, COMMITMENT_LEN);
	return (action_sign(a, j->who->keys.sign_seed, sig));
}

static enum err
answer_job(struct store_txn *t, void *arg)
{
	struct answer_job *j = arg;
	const struct records *r = j->s->records;
	uint8_t sig[SIGN_LEN];
	struct action a;
	struct ledger_act act = { &a, sig, j->now, NO_MESSAGE, false, false };
	struct case_record c;
	struct consent now;
	enum err e;

	j->fresh = false;		/* a job may run twice */
	if ((e = case_get(r, t, &j->who->at, &c)) != ERR_OK)
		return (e);
	consent_look(&c, j->now, &now);
	if ((e = judge(j, &now)) != ERR_OK) {
		e = e == ERR_EXISTS ? ERR_OK : e;
		goto out;
	}
	if ((e = sign(j, &c, &now, &a, sig)) != ERR_OK)
		goto out;
	e = ledger_take(r, t, &act, &c, &j->taken);
	/* what waits is in no case's record: it could be answered twice */
	if (e == ERR_FULL || (e == ERR_OK && j->taken.waiting))
		e = ERR_BUSY;
	if (e == ERR_OK && (e = case_put(r, t, &c)) == ERR_OK)
		j->fresh = true;
out:
	case_done(&c);
	return (e);
}

enum err
consent_answer(struct server *s, const struct session_data *who,
    const uint8_t *question, bool yes)
{
	struct answer_job j = { .s = s, .who = who, .question = question,
	    .yes = yes, .now = server_epoch(s) };
	enum err e;

	if (atomic_load(&s->stopped))
		return (ERR_BUSY);
	e = store_write(s->store, STORE_TEXT, answer_job, &j);
	if (e == ERR_OK && j.fresh)
		log_promise_event(s, &j.taken);
	return (e);
}
