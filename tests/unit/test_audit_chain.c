/*
 * The chain of an audit: an honest history, and each fraud that the log's
 * data can show, as one change to that history.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "chain.h"
#include "response.h"

#define OK(e)		assert_int_equal((e), ERR_OK)
#define ORIGIN		"wbs.example"
#define N0		1000
#define EPOCH_SEC	21600
#define EVENTS_MAX	64
#define NONE		(-1)

enum who { SOURCE, OFFICER, CUSTODIAN, OUTSIDER, AUDITOR, LATER, WHO };

/* One event of the history, as it stands in its leaf. */
struct planned {
	struct event e;
	uint64_t epoch;		/* of the leaf */
	int slot;
	uint8_t nonce[NONCE_LEN], commitment[COMMITMENT_LEN];
	bool is_decoy;		/* replaced by one */
	bool is_closed;		/* its slot opens to nothing */
	bool other_event;	/* disclosed with another text than committed */
	bool gone_object;	/* left out of the inventory */
};

static struct {
	uint8_t seed[WHO][SIGN_SEED_LEN], key[WHO][SIGN_PUBLIC_LEN];
	struct planned plan[EVENTS_MAX];
	int n, last_slot;
	uint64_t seq, last;		/* of the case; last epoch */
	uint8_t prev[COMMITMENT_LEN], case_id[ID_LEN];
	bool second, silent, pending;	/* roster 2 */
	bool inventory, blind_at_last;
	uint64_t lost, late_from, late_to;
	bool has_lost;
	int keys2;
	struct findings f;
	struct chain *c;
} w;

static void
fill(void *out, size_t n)
{
	static uint8_t counter[4];
	uint8_t hash[SHA256_LEN];
	size_t i;

	for (i = 0; i < n; i++) {
		if (i % SHA256_LEN == 0) {
			if (++counter[0] == 0 && ++counter[1] == 0)
				++counter[2];
			sha256(counter, sizeof(counter), hash);
		}
		((uint8_t *)out)[i] = hash[i % SHA256_LEN];
	}
}

static void
desk(struct roster *r, enum who who, enum desk_role role, const char *label,
    uint32_t channels)
{
	struct roster_desk *d = &r->desk[r->desks++];

	memcpy(d->key, w.key[who], SIGN_PUBLIC_LEN);
	d->role = role;
	(void)snprintf(d->label, sizeof(d->label), "%s", label);
	d->channels = channels;
}

static struct roster *
roster(uint64_t number)
{
	struct roster *r = calloc(1, sizeof(*r));

	assert_non_null(r);
	(void)snprintf(r->origin, sizeof(r->origin), ORIGIN);
	r->number = number;
	(void)snprintf(r->channel[0].name, 16, "dalam");
	(void)snprintf(r->channel[1].name, 16, "luar");
	r->channels = 2;
	memset(r->channel[0].recipient[0].key.point, (int)number, 32);
	memset(r->channel[1].recipient[0].key.point, 99, 32);
	r->channel[0].recipients = r->channel[1].recipients = 1;
	desk(r, OFFICER, ROLE_INVESTIGATOR, "petugas-1", 1);
	desk(r, CUSTODIAN, ROLE_CUSTODIAN, "kustodian-1", 1);
	desk(r, OUTSIDER, ROLE_INVESTIGATOR, "petugas-2", 2);
	desk(r, AUDITOR, ROLE_AUDITOR, "auditor-1", 0);
	if (number > 1)
		desk(r, LATER, ROLE_INVESTIGATOR, "petugas-3", 1);
	r->epoch_seconds = EPOCH_SEC;
	r->epoch0 = N0;
	r->retention_days = 2;
	(void)snprintf(r->clock[0].name, 32, "first-response");
	r->clock[0].value = 48;
	r->clocks = 1;
	return r;
}

static void
roster_hash(uint64_t number, uint8_t out[static SHA256_LEN])
{
	memset(out, (int)(0x40 + number), SHA256_LEN);
}

static void
commit(struct planned *p)
{
	struct buf text;

	buf_init(&text, EVENT_MAX);
	OK(event_encode(&p->e, &text));
	commitment_of(p->nonce, (struct bytes){ text.data, text.len },
	    p->commitment);
	buf_done(&text);
}

static void
sign(struct planned *p, enum who who)
{
	p->e.action.actor = who == SOURCE ? ACTOR_SOURCE : ACTOR_DESK;
	memcpy(p->e.action.actor_key, w.key[who], SIGN_PUBLIC_LEN);
	p->e.has_sig = true;
	OK(action_sign(&p->e.action, w.seed[who], p->e.sig));
}

/* An event that the case's chain goes on with; index in the plan. */
static int
add(enum event_kind kind, enum who who, uint64_t epoch, const char *status,
    int seen)
{
	struct planned *p = &w.plan[w.n];
	struct action *a = &p->e.action;
	struct roster *r;

	memset(p, 0, sizeof(*p));
	fill(p->nonce, NONCE_LEN);
	(void)snprintf(a->origin, sizeof(a->origin), ORIGIN);
	a->kind = kind;
	a->has_case = a->has_request = true;
	memcpy(a->case_id, w.case_id, ID_LEN);
	fill(a->request, ID_LEN);
	a->has_objects = kind == EVENT_REPORT || kind == EVENT_MESSAGE ||
	    kind == EVENT_REPLY;
	if (a->has_objects)
		fill(a->objects.bytes, SHA256_LEN);
	(void)snprintf(a->status, sizeof(a->status), "%s", status);
	if (kind == EVENT_REPORT) {
		r = roster(1);
		a->has_recipients = true;
		channel_set_hash(ORIGIN, &r->channel[0], a->recipients);
		free(r);
	}
	if (seen != NONE) {
		a->has_seen = true;
		memcpy(a->seen, w.plan[seen].commitment, COMMITMENT_LEN);
	}
	p->e.epoch = p->epoch = epoch;
	p->slot = (w.last_slot += 7) % 200 + 1;
	p->e.has_seq = true;
	p->e.seq = w.seq++;
	p->e.has_prev = p->e.seq > 0;
	memcpy(p->e.prev, w.prev, COMMITMENT_LEN);
	sign(p, who);
	commit(p);
	memcpy(w.prev, p->commitment, COMMITMENT_LEN);
	if (epoch > w.last)
		w.last = epoch;
	return w.n++;
}

/* What the server does by itself. */
static int
add_server(enum event_kind kind, uint64_t epoch, const uint8_t *objects)
{
	struct planned *p = &w.plan[w.n];
	struct action *a = &p->e.action;

	memset(p, 0, sizeof(*p));
	fill(p->nonce, NONCE_LEN);
	(void)snprintf(a->origin, sizeof(a->origin), ORIGIN);
	a->kind = kind;
	a->actor = ACTOR_SERVER;
	p->e.epoch = p->epoch = epoch;
	p->slot = (w.last_slot += 7) % 200 + 1;
	if (kind == EVENT_DELETE) {
		a->has_case = true;
		memcpy(a->case_id, w.case_id, ID_LEN);
		p->e.has_seq = true;
		p->e.seq = w.seq++;
		p->e.has_prev = true;
		memcpy(p->e.prev, w.prev, COMMITMENT_LEN);
	} else {
		a->has_objects = true;
		memcpy(a->objects.bytes, objects, SHA256_LEN);
	}
	commit(p);
	if (epoch > w.last)
		w.last = epoch;
	return w.n++;
}

static void
new_case(void)
{
	fill(w.case_id, ID_LEN);
	w.seq = 0;
	memset(w.prev, 0, sizeof(w.prev));
}

static void
leaf_of(struct chain_leaf *l, const struct planned *p)
{
	struct buf text;
	struct event e = p->e;

	if (p->other_event)
		e.action.request[0] ^= 1;
	buf_init(&text, EVENT_MAX);
	OK(event_encode(&e, &text));
	memcpy(l->entry, p->commitment, COMMITMENT_LEN);
	l->opened = !p->is_closed;
	memcpy(l->open.nonce, p->nonce, NONCE_LEN);
	memcpy(l->open.event, text.data, text.len);
	l->open.len = text.len;
	buf_done(&text);
}

static void
decoy_of(struct chain_leaf *l, uint64_t epoch)
{
	struct planned p;

	memset(&p, 0, sizeof(p));
	fill(p.nonce, NONCE_LEN);
	(void)snprintf(p.e.action.origin, 16, ORIGIN);
	p.e.action.kind = EVENT_DECOY;
	p.e.action.actor = ACTOR_SERVER;
	p.e.epoch = epoch;
	commit(&p);
	leaf_of(l, &p);
}

static uint64_t
late(void *arg, uint64_t epoch)
{
	(void)arg;
	return epoch == w.late_from ? w.late_to : epoch;
}

/* The audit of the history as it stands. */
static void
audit(void)
{
	struct chain_leaf *leaf = calloc(CHAIN_WIDTH, sizeof(*leaf));
	uint8_t hash[SHA256_LEN];
	uint64_t e;
	int i;

	assert_non_null(leaf);
	chain_free(w.c);
	findings_done(&w.f);
	findings_init(&w.f);
	OK(chain_new(ORIGIN, &w.f, &w.c));
	w.c->counts = w.late_from == 0 ? NULL : late;
	roster_hash(1, hash);
	OK(chain_roster(w.c, roster(1), hash, false));
	if (w.second || w.silent) {
		roster_hash(2, hash);
		OK(chain_roster(w.c, roster(2), hash, w.pending));
	}
	if (w.has_lost) {
		memset(hash, 0x77, sizeof(hash));
		OK(chain_loss(w.c, &w.lost, 1, hash));
	}
	for (e = N0; e <= w.last; e++) {
		for (i = 0; i < CHAIN_WIDTH; i++)
			decoy_of(&leaf[i], e);
		for (i = 0; i < w.n; i++)
			if (w.plan[i].epoch == e && !w.plan[i].is_decoy)
				leaf_of(&leaf[w.plan[i].slot], &w.plan[i]);
		OK(chain_epoch(w.c, e, w.blind_at_last && e == w.last ? NULL :
		    leaf));
	}
	for (i = 0; w.inventory && i < w.n; i++)
		if (w.plan[i].e.action.has_objects && !w.plan[i].gone_object)
			chain_inventory(w.c, w.plan[i].commitment);
	chain_end(w.c);
	free(leaf);
}

static void
is_honest(void)
{
	const struct finding *f;

	audit();
	f = findings_first(&w.f);
	if (f != NULL)
		print_error("%s leaf %llu %s\n", finding_text(f->code),
		    (unsigned long long)f->leaf, f->detail);
	assert_null(f);
}

/* The history as changed shows ${code}. */
static void
shows(enum finding_code code)
{
	size_t i;

	audit();
	if (w.f.count[code] == 0)
		for (i = 0; i < w.f.n; i++)
			print_error("instead: %s\n",
			    finding_text(w.f.item[i].code));
	assert_true(w.f.count[code] > 0);
}

enum { REPORT, ACCESS, REPLY, MESSAGE, ASK, CONSENT, OPEN, CLOSE, DELETE };

/* One case's whole life, and the roster's own event. */
static int
setup(void **state)
{
	uint8_t hash[SHA256_LEN];
	int i;

	(void)state;
	chain_free(w.c);
	findings_done(&w.f);
	memset(&w, 0, sizeof(w));
	OK(crypto_init());
	rand_replace(fill);
	for (i = 0; i < WHO; i++) {
		fill(w.seed[i], SIGN_SEED_LEN);
		sign_public(w.seed[i], w.key[i]);
	}
	new_case();
	(void)add(EVENT_REPORT, SOURCE, N0 + 1, "", NONE);
	(void)add(EVENT_ACCESS, OFFICER, N0 + 2, "", REPORT);
	(void)add(EVENT_REPLY, OFFICER, N0 + 3, "REVIEW", REPORT);
	(void)add(EVENT_MESSAGE, SOURCE, N0 + 3, "", REPLY);
	(void)add(EVENT_CUSTODY, OFFICER, N0 + 4, "ASK", MESSAGE);
	(void)add(EVENT_CONSENT, SOURCE, N0 + 5, "YES", ASK);
	(void)add(EVENT_CUSTODY, CUSTODIAN, N0 + 6, "OPEN", CONSENT);
	(void)add(EVENT_STATUS, OFFICER, N0 + 7, "CLOSED_PROVEN", OPEN);
	(void)add_server(EVENT_DELETE, N0 + 15, NULL);
	roster_hash(1, hash);
	(void)add_server(EVENT_KEYS, N0, hash);
	w.inventory = true;
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	chain_free(w.c);
	w.c = NULL;
	findings_done(&w.f);
	rand_replace(NULL);
	return 0;
}

/* The event again, after a change to what it says. */
static void
again(int i, enum who who)
{
	sign(&w.plan[i], who);
	commit(&w.plan[i]);
}

static void
test_honest(void **state)
{
	(void)state;
	is_honest();
	assert_int_equal(w.f.n, 0);
	assert_int_equal(w.c->cases, 1);
	assert_int_equal(w.c->events, w.n);
	assert_int_equal(w.c->actors, 2);
	assert_true(w.c->one[0].deleted);
}

static void
test_report_deleted(void **state)
{
	(void)state;
	w.plan[REPORT].is_decoy = true;
	shows(F_REPORT_MISSING);
}

static void
test_event_deleted(void **state)
{
	(void)state;
	w.plan[MESSAGE].is_decoy = true;
	shows(F_SEQ_GAP);
}

static void
test_leaf_closed(void **state)
{
	(void)state;
	w.plan[REPLY].is_closed = true;
	shows(F_LEAF_UNOPENED);
}

static void
test_event_changed(void **state)
{
	(void)state;
	/* Disclosed otherwise than committed. */
	w.plan[REPLY].other_event = true;
	shows(F_LEAF_UNOPENED);
}

static void
test_event_edited(void **state)
{
	(void)state;
	/* Committed to in the edited form: the officer never signed it. */
	memcpy(w.plan[REPLY].e.action.status, "ARCHIVED", 9);
	commit(&w.plan[REPLY]);
	shows(F_SIGNATURE_INVALID);
	assert_true(w.f.count[F_PREV_MISMATCH] > 0);
}

static void
test_object_replaced(void **state)
{
	(void)state;
	w.plan[MESSAGE].e.action.objects.bytes[3] ^= 1;
	commit(&w.plan[MESSAGE]);
	shows(F_SIGNATURE_INVALID);
}

static void
test_events_swapped(void **state)
{
	uint64_t seq;

	(void)state;
	/* Their numbers change places; what follows names the old one. */
	seq = w.plan[REPLY].e.seq;
	w.plan[REPLY].e.seq = w.plan[MESSAGE].e.seq;
	w.plan[MESSAGE].e.seq = seq;
	commit(&w.plan[REPLY]);
	commit(&w.plan[MESSAGE]);
	shows(F_PREV_MISMATCH);
}

static void
test_openings_swapped(void **state)
{
	struct planned was = w.plan[REPLY];

	(void)state;
	/* The leaves stay, what is disclosed for them changes places. */
	w.plan[REPLY].e = w.plan[MESSAGE].e;
	w.plan[MESSAGE].e = was.e;
	shows(F_LEAF_UNOPENED);
}

static void
test_back_dated(void **state)
{
	(void)state;
	w.plan[REPLY].epoch = N0 + 12;
	w.last_slot = 0;
	shows(F_EPOCH_MISMATCH);
}

static void
test_taken_too_far(void **state)
{
	(void)state;
	w.plan[ACCESS].e.has_taken = true;
	w.plan[ACCESS].e.taken = N0 - 1;
	commit(&w.plan[ACCESS]);
	shows(F_TAKEN_WRONG);
}

static void
test_number_twice(void **state)
{
	(void)state;
	w.plan[MESSAGE].e.seq = 2;
	memcpy(w.plan[MESSAGE].e.prev, w.plan[ACCESS].commitment,
	    COMMITMENT_LEN);
	commit(&w.plan[MESSAGE]);
	shows(F_SEQ_TWIN);
}

static void
test_signature_twice(void **state)
{
	(void)state;
	/* An old act of the officer's, shown once more. */
	w.plan[CLOSE].e.action = w.plan[REPLY].e.action;
	memcpy(w.plan[CLOSE].e.sig, w.plan[REPLY].e.sig, SIGN_LEN);
	commit(&w.plan[CLOSE]);
	shows(F_SIGNATURE_TWICE);
	assert_true(w.f.count[F_REQUEST_TWICE] > 0);
	assert_true(w.f.count[F_OBJECTS_TWICE] > 0);
}

static void
test_forged_act(void **state)
{
	(void)state;
	/* In the officer's name, by somebody without the officer's key. */
	fill(w.plan[CLOSE].e.sig, SIGN_LEN);
	commit(&w.plan[CLOSE]);
	shows(F_SIGNATURE_INVALID);
}

static void
test_stranger(void **state)
{
	(void)state;
	again(CLOSE, LATER);
	shows(F_ACTOR_NOT_IN_FORCE);
}

static void
test_other_channel(void **state)
{
	(void)state;
	again(CLOSE, OUTSIDER);
	shows(F_ACTOR_CHANNEL);
}

static void
test_role(void **state)
{
	(void)state;
	again(CLOSE, AUDITOR);
	shows(F_ACTOR_ROLE);
	assert_int_equal(setup(NULL), 0);
	again(OPEN, OFFICER);
	shows(F_ACTOR_ROLE);
}

static void
test_other_source(void **state)
{
	(void)state;
	w.plan[MESSAGE].e.action.actor = ACTOR_SOURCE;
	memcpy(w.plan[MESSAGE].e.action.actor_key, w.key[LATER],
	    SIGN_PUBLIC_LEN);
	OK(action_sign(&w.plan[MESSAGE].e.action, w.seed[LATER],
	    w.plan[MESSAGE].e.sig));
	commit(&w.plan[MESSAGE]);
	shows(F_SOURCE_KEY);
}

static void
test_seen(void **state)
{
	(void)state;
	fill(w.plan[CLOSE].e.action.seen, COMMITMENT_LEN);
	again(CLOSE, OFFICER);
	shows(F_SEEN_UNKNOWN);
}

static void
test_no_consent(void **state)
{
	(void)state;
	memcpy(w.plan[CONSENT].e.action.status, "NO", 3);
	again(CONSENT, SOURCE);
	/* The rest follows honestly: only the consent is not there. */
	memcpy(w.plan[OPEN].e.prev, w.plan[CONSENT].commitment,
	    COMMITMENT_LEN);
	memcpy(w.plan[OPEN].e.action.seen, w.plan[CONSENT].commitment,
	    COMMITMENT_LEN);
	again(OPEN, CUSTODIAN);
	shows(F_CUSTODY_WITHOUT_CONSENT);
	assert_int_equal(w.f.count[F_SEEN_UNKNOWN], 1);	/* CLOSE's */
}

static void
test_consent_elsewhere(void **state)
{
	(void)state;
	/* OPEN names the question as if it were the answer. */
	memcpy(w.plan[OPEN].e.action.seen, w.plan[ASK].commitment,
	    COMMITMENT_LEN);
	again(OPEN, CUSTODIAN);
	shows(F_CUSTODY_WITHOUT_CONSENT);
}

/* A yes that the source took back opens nothing; given again, it does. */
static void
test_taken_back(void **state)
{
	int report, ask, yes, again_yes;

	(void)state;
	new_case();
	report = add(EVENT_REPORT, SOURCE, N0 + 1, "", NONE);
	ask = add(EVENT_CUSTODY, OFFICER, N0 + 2, "ASK", report);
	yes = add(EVENT_CONSENT, SOURCE, N0 + 3, "YES", ask);
	(void)add(EVENT_CONSENT, SOURCE, N0 + 3, "NO", ask);
	again_yes = add(EVENT_CONSENT, SOURCE, N0 + 4, "YES", ask);
	(void)add(EVENT_CUSTODY, CUSTODIAN, N0 + 5, "OPEN", again_yes);
	audit();
	assert_int_equal(w.f.count[F_CUSTODY_WITHOUT_CONSENT], 0);
	assert_int_equal(w.f.count[F_CONSENT_WITHOUT_QUESTION], 0);
	memcpy(w.plan[again_yes].e.action.status, "NO", 3);
	again(again_yes, SOURCE);
	memcpy(w.plan[again_yes + 1].e.prev, w.plan[again_yes].commitment,
	    COMMITMENT_LEN);
	memcpy(w.plan[again_yes + 1].e.action.seen, w.plan[yes].commitment,
	    COMMITMENT_LEN);
	again(again_yes + 1, CUSTODIAN);
	shows(F_CUSTODY_WITHOUT_CONSENT);
}

static void
test_unasked(void **state)
{
	(void)state;
	memcpy(w.plan[CONSENT].e.action.seen, w.plan[REPLY].commitment,
	    COMMITMENT_LEN);
	again(CONSENT, SOURCE);
	shows(F_CONSENT_WITHOUT_QUESTION);
}

static void
test_retention(void **state)
{
	(void)state;
	/* Two days are eight epochs: closed in 7, at the earliest in 14. */
	w.plan[DELETE].epoch = w.plan[DELETE].e.epoch = N0 + 14;
	commit(&w.plan[DELETE]);
	is_honest();
	w.plan[DELETE].epoch = w.plan[DELETE].e.epoch = N0 + 13;
	commit(&w.plan[DELETE]);
	shows(F_DELETE_EARLY);
}

static void
test_open_case_deleted(void **state)
{
	(void)state;
	memcpy(w.plan[CLOSE].e.action.status, "REVIEW", 7);
	again(CLOSE, OFFICER);
	shows(F_DELETE_EARLY);
}

static void
test_after_delete(void **state)
{
	(void)state;
	memcpy(w.prev, w.plan[DELETE].commitment, COMMITMENT_LEN);
	(void)add(EVENT_MESSAGE, SOURCE, N0 + 16, "", NONE);
	shows(F_AFTER_DELETE);
}

static void
test_overdue(void **state)
{
	(void)state;
	w.plan[DELETE].is_decoy = true;
	w.last = N0 + 60;
	is_honest();
	assert_int_equal(w.f.count[F_DELETE_OVERDUE], 1);
}

static void
test_inventory(void **state)
{
	(void)state;
	/* Deleted: nothing has to be there. */
	w.plan[MESSAGE].gone_object = true;
	is_honest();
	w.plan[DELETE].is_decoy = true;
	w.last = N0 + 10;
	w.plan[DELETE].epoch = N0 + 90;
	shows(F_OBJECT_MISSING);
	assert_int_equal(w.f.count[F_OBJECT_MISSING], 1);
	w.plan[MESSAGE].gone_object = false;
	is_honest();
}

/* The first response in epoch ${m} of a report in N0 + 1. */
static void
responded(uint64_t m, enum event_kind kind, const char *status)
{
	assert_int_equal(setup(NULL), 0);
	w.n = 0;
	w.last = 0;
	new_case();
	(void)add(EVENT_REPORT, SOURCE, N0 + 1, "", NONE);
	(void)add(kind, OFFICER, m, status, kind == EVENT_ACCESS ? 0 : NONE);
	w.last = N0 + 12;
	{
		uint8_t hash[SHA256_LEN];

		roster_hash(1, hash);
		(void)add_server(EVENT_KEYS, N0, hash);
	}
}

static void
test_first_response(void **state)
{
	(void)state;
	responded(N0 + 8, EVENT_REPLY, "");
	is_honest();
	assert_int_equal(w.f.n, 0);
	responded(N0 + 9, EVENT_STATUS, "VERIFYING");
	is_honest();
	assert_int_equal(w.f.count[F_RESPONSE_UNCERTAIN], 1);
	responded(N0 + 10, EVENT_REFERRAL, "");
	shows(F_LATE_FIRST_RESPONSE);
}

static void
test_response_hidden(void **state)
{
	(void)state;
	/* What looks busy and answers nothing. */
	responded(N0 + 2, EVENT_ACCESS, "");
	shows(F_LATE_FIRST_RESPONSE);
	responded(N0 + 2, EVENT_STATUS, "RECEIVED");
	shows(F_LATE_FIRST_RESPONSE);
	/* Not yet over: nothing to say. */
	w.last = N0 + 8;
	is_honest();
	/* `taken` is the server's word: the answer counts by its leaf. */
	responded(N0 + 11, EVENT_REPLY, "");
	w.plan[1].e.has_taken = true;
	w.plan[1].e.taken = N0 + 2;
	again(1, OFFICER);
	shows(F_LATE_FIRST_RESPONSE);
}

static void
test_published_late(void **state)
{
	(void)state;
	responded(N0 + 5, EVENT_REPLY, "");
	is_honest();
	/* The watcher saw that epoch 5 came out only in epoch 12. */
	w.late_from = N0 + 5;
	w.late_to = N0 + 11;
	shows(F_LATE_FIRST_RESPONSE);
}

static void
test_clock_rule(void **state)
{
	(void)state;
	assert_int_equal(response_judge(10, 17, 21600, 48), RESPONSE_KEPT);
	assert_int_equal(response_judge(10, 18, 21600, 48),
	    RESPONSE_UNCERTAIN);
	assert_int_equal(response_judge(10, 19, 21600, 48), RESPONSE_LATE);
	/* A demo's epochs of a minute. */
	assert_int_equal(response_judge(0, 2879, 60, 48), RESPONSE_KEPT);
	assert_int_equal(response_judge(0, 2880, 60, 48), RESPONSE_UNCERTAIN);
	assert_int_equal(response_judge(0, 2881, 60, 48), RESPONSE_LATE);
	/* Epochs longer than the limit can hardly tell. */
	assert_int_equal(response_judge(5, 5, 604800, 48),
	    RESPONSE_UNCERTAIN);
	assert_int_equal(response_judge(5, 7, 604800, 48), RESPONSE_LATE);
	assert_int_equal(response_judge(0, UINT64_MAX, 604800, 48),
	    RESPONSE_LATE);
}

static void
recipients_of(int i, uint64_t number)
{
	struct roster *r = roster(number);

	channel_set_hash(ORIGIN, &r->channel[0],
	    w.plan[i].e.action.recipients);
	free(r);
	again(i, SOURCE);
}

/* Another case, whose report is taken in ${epoch} for roster ${number}. */
static int
report_in(uint64_t epoch, uint64_t number)
{
	int i;

	new_case();
	i = add(EVENT_REPORT, SOURCE, epoch, "", NONE);
	recipients_of(i, number);
	memcpy(w.prev, w.plan[i].commitment, COMMITMENT_LEN);
	return i;
}

static void
announce(uint64_t epoch)
{
	uint8_t hash[SHA256_LEN];

	roster_hash(2, hash);
	w.keys2 = add_server(EVENT_KEYS, epoch, hash);
	w.second = true;
}

static void
test_roster_change(void **state)
{
	(void)state;
	announce(N0 + 10);
	/* Old recipients for two epochs more, new ones from the next on. */
	(void)report_in(N0 + 11, 2);
	(void)report_in(N0 + 12, 1);
	is_honest();
	(void)report_in(N0 + 13, 1);
	shows(F_RECIPIENTS_NOT_IN_FORCE);
}

static void
test_roster_not_yet(void **state)
{
	(void)state;
	announce(N0 + 10);
	(void)report_in(N0 + 10, 2);
	shows(F_RECIPIENTS_UNANNOUNCED);
}

static void
test_silent_roster(void **state)
{
	(void)state;
	w.silent = true;
	shows(F_ROSTER_WITHOUT_EVENT);
	(void)report_in(N0 + 12, 2);
	shows(F_RECIPIENTS_UNANNOUNCED);
	/* Served for the first time in the epoch that is open: wait. */
	assert_int_equal(setup(NULL), 0);
	w.silent = w.pending = true;
	is_honest();
	assert_int_equal(w.f.count[F_ROSTER_PENDING], 1);
}

static void
test_roster_hidden(void **state)
{
	(void)state;
	announce(N0 + 10);
	w.second = false;
	shows(F_ROSTER_MISSING);
}

static void
test_key_in_force(void **state)
{
	int i;

	(void)state;
	announce(N0 + 10);
	(void)report_in(N0 + 9, 1);
	i = add(EVENT_STATUS, LATER, N0 + 11, "VERIFYING", NONE);
	is_honest();
	w.plan[i].e.epoch = w.plan[i].epoch = N0 + 10;
	again(i, LATER);
	shows(F_ACTOR_NOT_IN_FORCE);
}

static void
test_origin(void **state)
{
	(void)state;
	(void)snprintf(w.plan[MESSAGE].e.action.origin, 32, "other.example");
	again(MESSAGE, SOURCE);
	shows(F_EVENT_ORIGIN);
}

static void
test_lost(void **state)
{
	uint8_t hash[SHA256_LEN];
	int i;

	(void)state;
	/* A restored server: the leaf is filled, nobody can open it. */
	new_case();
	(void)add(EVENT_REPORT, SOURCE, N0 + 9, "", NONE);
	i = add(EVENT_MESSAGE, SOURCE, N0 + 9, "", NONE);
	w.plan[i].is_closed = true;
	w.seq = 1;
	memcpy(w.prev, w.plan[i - 1].commitment, COMMITMENT_LEN);
	/* It answers what it still saw; the officer had seen the lost one. */
	(void)add(EVENT_STATUS, OFFICER, N0 + 11, "VERIFYING", i);
	w.lost = 9 * CHAIN_WIDTH + (uint64_t)w.plan[i].slot;
	w.has_lost = true;
	shows(F_LOSS_WITHOUT_EVENT);
	memset(hash, 0x77, sizeof(hash));
	(void)add_server(EVENT_LOSS, N0 + 10, hash);
	is_honest();
	assert_int_equal(w.f.count[F_LEAF_LOST], 1);
	w.has_lost = false;
	shows(F_LOSS_MISSING);
	assert_true(w.f.count[F_LEAF_UNOPENED] > 0);
}

static void
test_blind(void **state)
{
	(void)state;
	/* What cannot be opened accuses nobody. */
	responded(N0 + 12, EVENT_REPLY, "");
	shows(F_LATE_FIRST_RESPONSE);
	w.blind_at_last = true;
	is_honest();
}

static void
test_malformed(void **state)
{
	struct chain_leaf *leaf = calloc(CHAIN_WIDTH, sizeof(*leaf));
	uint8_t hash[SHA256_LEN];
	int i;

	(void)state;
	assert_non_null(leaf);
	findings_init(&w.f);
	OK(chain_new(ORIGIN, &w.f, &w.c));
	roster_hash(1, hash);
	OK(chain_roster(w.c, roster(1), hash, false));
	for (i = 0; i < CHAIN_WIDTH; i++)
		decoy_of(&leaf[i], N0);
	memcpy(leaf[5].open.event, "not an event\n", 13);
	leaf[5].open.len = 13;
	commitment_of(leaf[5].open.nonce, (struct bytes){
	    leaf[5].open.event, 13 }, leaf[5].entry);
	OK(chain_epoch(w.c, N0, leaf));
	assert_int_equal(w.f.count[F_EVENT_MALFORMED], 1);
	assert_int_equal(w.f.item[0].leaf, 5);
	free(leaf);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_honest), T(test_report_deleted), T(test_event_deleted),
		T(test_leaf_closed), T(test_event_changed),
		T(test_event_edited), T(test_object_replaced),
		T(test_events_swapped), T(test_openings_swapped),
		T(test_back_dated), T(test_taken_too_far),
		T(test_number_twice), T(test_signature_twice),
		T(test_forged_act), T(test_stranger), T(test_other_channel),
		T(test_role), T(test_other_source), T(test_seen),
		T(test_no_consent), T(test_consent_elsewhere),
		T(test_taken_back),
		T(test_unasked), T(test_retention), T(test_open_case_deleted),
		T(test_after_delete), T(test_overdue), T(test_inventory),
		T(test_first_response), T(test_response_hidden),
		T(test_published_late), T(test_clock_rule),
		T(test_roster_change), T(test_roster_not_yet),
		T(test_silent_roster), T(test_roster_hidden),
		T(test_key_in_force), T(test_origin), T(test_lost),
		T(test_blind), T(test_malformed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
