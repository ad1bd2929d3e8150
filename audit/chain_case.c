/* One case: its events follow each other, and each kind obeys its rule. */
#include <stdlib.h>
#include <string.h>

#include "chain_parts.h"

#define DAY_SEC	86400u

static struct chain_case *
case_of(struct chain *c, const struct chain_event *x)
{
	uint8_t key[KEYSET_KEY];
	struct chain_case *one;
	uint64_t at;
	size_t room;

	sha256(x->e.action.case_id, ID_LEN, key);
	if (keyset_get(&c->case_ids, key, &at))
		return &c->one[at];
	if (c->cases == c->case_room) {
		room = c->case_room == 0 ? 32 : 2 * c->case_room;
		one = realloc(c->one, room * sizeof(*one));
		if (one == NULL)
			return NULL;
		c->one = one;
		c->case_room = room;
	}
	if (keyset_add(&c->case_ids, key, c->cases) != ERR_OK)
		return NULL;
	one = &c->one[c->cases++];
	memset(one, 0, sizeof(*one));
	memcpy(one->id, x->e.action.case_id, ID_LEN);
	return one;
}

/* Number, epoch and previous commitment. */
static void
follow(struct chain *c, struct chain_case *one, const struct chain_event *x)
{
	const struct event *e = &x->e;
	bool first = !one->has_report && one->seq == 0;

	if (one->deleted)
		chain_say(c, F_AFTER_DELETE, x, "");
	if (first && (e->action.kind != EVENT_REPORT || e->seq != 0)) {
		if (!c->blind)
			chain_say(c, F_REPORT_MISSING, x, "");
	} else if (!first && e->action.kind == EVENT_REPORT) {
		chain_say(c, F_REPORT_TWICE, x, "");
	}
	if (e->seq < one->seq)
		chain_say(c, F_SEQ_TWIN, x, "");
	else if (e->seq > one->seq && !first && !c->blind)
		chain_say(c, F_SEQ_GAP, x, "");
	else if (e->seq == one->seq && e->seq > 0 &&
	    memcmp(e->prev, one->prev, COMMITMENT_LEN) != 0)
		chain_say(c, F_PREV_MISMATCH, x, "");
	/* Put off, it still comes no earlier than what stood before it. */
	if (!first && EVENT_TAKEN(e) < one->taken && one->has_report)
		chain_say(c, F_EVENT_ORDER, x, "");
	if (e->seq >= one->seq) {
		one->seq = e->seq + 1;
		memcpy(one->prev, x->commitment, COMMITMENT_LEN);
	}
	one->last_epoch = e->epoch;
}

static void
report(struct chain *c, struct chain_case *one, const struct chain_event *x)
{
	if (one->has_report)
		return;
	one->has_report = true;
	memcpy(one->source, x->e.action.actor_key, SIGN_PUBLIC_LEN);
	one->taken = EVENT_TAKEN(&x->e);
	one->leaf = x->leaf;
	one->channel = chain_recipients(c, x);
	memcpy(one->status, "RECEIVED", sizeof("RECEIVED"));
}

/* The event that ${x} points to; NULL if it is not one of this case. */
static const struct chain_ref *
seen_of(struct chain *c, const struct chain_case *one,
    const struct chain_event *x)
{
	const struct chain_ref *r;
	uint64_t at;

	if (!keyset_get(&c->commitments, x->e.action.seen, &at)) {
		if (!c->blind)
			chain_say(c, F_SEEN_UNKNOWN, x, "");
		return NULL;
	}
	r = &c->ref[at];
	if (!r->lost && (r->of_case == UINT32_MAX ||
	    &c->one[r->of_case] != one)) {
		chain_say(c, F_SEEN_UNKNOWN, x, "");
		return NULL;
	}
	return r;
}

static void
consent(struct chain *c, struct chain_case *one, const struct chain_event *x,
    const struct chain_ref *seen)
{
	if (seen != NULL && !seen->lost &&
	    !(seen->kind == EVENT_CUSTODY && seen->asks))
		chain_say(c, F_CONSENT_WITHOUT_QUESTION, x, "");
	one->has_consent = true;
	one->consent = strcmp(x->e.action.status, "YES") == 0;
}

static void
custody(struct chain *c, const struct chain_case *one,
    const struct chain_event *x, const struct chain_ref *seen)
{
	if (strcmp(x->e.action.status, "OPEN") != 0)
		return;
	if (seen != NULL && seen->lost)
		return;
	if (seen == NULL && c->blind)
		return;
	if (seen == NULL || seen->kind != EVENT_CONSENT || !seen->yes ||
	    !one->has_consent || !one->consent)
		chain_say(c, F_CUSTODY_WITHOUT_CONSENT, x, "");
}

/* In force when the case was deleted: the newest that was accepted. */
static uint64_t
retention(const struct chain *c)
{
	size_t i = c->rosters - 1;

	while (i > 0 && !c->roster[i].announced)
		i--;
	return c->roster[i].roster->retention_days * DAY_SEC;
}

static void
delete(struct chain *c, struct chain_case *one, const struct chain_event *x)
{
	uint64_t d;

	one->deleted = true;
	/* A source may take its own case away at any time. */
	if (x->e.action.actor == ACTOR_SOURCE)
		return;
	if (!one->has_closed) {
		if (!c->blind)
			chain_say(c, F_DELETE_EARLY, x, one->status);
		return;
	}
	d = x->e.epoch > one->closed ? x->e.epoch - one->closed : 0;
	if (d < UINT32_MAX && (d + 1) * c->epoch_seconds < retention(c))
		chain_say(c, F_DELETE_EARLY, x, one->status);
}

static void
status(struct chain_case *one, const struct chain_event *x)
{
	const struct action *a = &x->e.action;
	const char *code = a->status;

	if (a->kind == EVENT_REFERRAL && code[0] == '\0')
		code = "REFERRED";
	if (code[0] == '\0')
		return;
	memcpy(one->status, code, strlen(code) + 1);
	if (!status_is_closed(code)) {
		one->has_closed = false;
	} else if (!one->has_closed) {
		one->has_closed = true;
		one->closed = x->e.epoch;
	}
}

static void
response(struct chain *c, struct chain_case *one, const struct chain_event *x)
{
	const struct action *a = &x->e.action;

	if (one->has_response || a->actor != ACTOR_DESK ||
	    (a->kind == EVENT_STATUS && strcmp(a->status, "RECEIVED") == 0))
		return;
	one->has_response = true;
	/* When it was taken is the server's word; its leaf is not. */
	one->response = c->counts == NULL ? x->e.epoch :
	    c->counts(c->counts_arg, x->e.epoch);
	one->response_leaf = x->leaf;
}

/* What the kind asks for, beside the lines that its form has. */
static void
deed(struct chain *c, struct chain_case *one, const struct chain_event *x)
{
	const struct action *a = &x->e.action;
	const struct roster_channel *ch;
	const struct chain_ref *seen = NULL;

	if (a->has_seen)
		seen = seen_of(c, one, x);
	switch (a->kind) {
	case EVENT_REPORT:
		report(c, one, x);
		break;
	case EVENT_MESSAGE:
		if (!a->has_recipients)
			break;
		ch = chain_recipients(c, x);
		if (ch != NULL && one->channel != NULL &&
		    strcmp(ch->name, one->channel->name) != 0)
			chain_say(c, F_RECIPIENTS_CHANNEL, x, ch->name);
		break;
	case EVENT_REPLY:
	case EVENT_STATUS:
	case EVENT_REFERRAL:
		status(one, x);
		response(c, one, x);
		break;
	case EVENT_CONSENT:
		consent(c, one, x, seen);
		break;
	case EVENT_CUSTODY:
		custody(c, one, x, seen);
		break;
	case EVENT_DELETE:
		delete(c, one, x);
		break;
	case EVENT_ACCESS:
	case EVENT_KEYS:
	case EVENT_LOSS:
	case EVENT_DECOY:
	case EVENT_KINDS:
		break;
	}
}

void
chain_case_event(struct chain *c, const struct chain_event *x)
{
	struct chain_case *one = case_of(c, x);
	struct chain_ref *ref;

	if (one == NULL) {
		c->failed = true;
		return;
	}
	follow(c, one, x);
	deed(c, one, x);
	chain_act(c, one, x);
	if ((ref = chain_remember(c, x)) != NULL)
		ref->of_case = (uint32_t)(one - c->one);
}
