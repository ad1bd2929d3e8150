/* What investigators do: replies, statuses, referrals, "saved", custody. */
#include <stdlib.h>
#include <string.h>

#include "consent.h"
#include "desk_internal.h"
#include "fault.h"
#include "intake.h"
#include "log.h"
#include "unfetched.h"

struct action_job {
	struct call *c;
	const struct api_action *in;
	struct action a;
	uint8_t hash[SHA256_LEN];	/* of the action's text */
	struct message_record m;	/* of a reply */
	struct request_record result;
	const struct consent_no *no;	/* why not; NULL: something else */
	struct ledger_taken taken;	/* commitment of a new event */
	bool fresh;			/* there is one */
	uint64_t fetched;		/* bytes of files, by the first desk */
};

/* What is wrong with an action, before any transaction; NULL if nothing. */
static const char *
judge(struct action_job *j, const uint8_t case_id[static ID_LEN])
{
	const struct action *a = &j->a;
	bool code = a->kind == EVENT_STATUS || a->kind == EVENT_REPLY ||
	    a->kind == EVENT_REFERRAL;

	if (strcmp(a->origin, j->c->s->in->config.origin) != 0)
		return ("The action is of another origin.");
	if (!a->has_case || memcmp(a->case_id, case_id, ID_LEN) != 0)
		return ("The action is of another case than the path.");
	if (a->actor != ACTOR_DESK || memcmp(a->actor_key, j->c->desk.key,
	    SIGN_PUBLIC_LEN) != 0)
		return ("The action's actor is not the key that signed the "
		    "request.");
	if (!a->has_request)
		return ("The action has no request line.");
	if (sign_verify(a->actor_key, j->in->text, j->in->len, j->in->sig) !=
	    ERR_OK)
		return ("The action's signature is wrong.");
	if (code && a->status[0] != '\0' && !status_known(a->status))
		return ("This status is not known.");
	if (a->has_objects != j->in->has_object)
		return ("An action with objects comes with its object, "
		    "another without.");
	return (NULL);
}

static bool
is_open(const struct action *a)
{

	return (a->kind == EVENT_CUSTODY && strcmp(a->status, "OPEN") == 0);
}

static bool
may(const struct call *c, const struct action *a)
{

	switch (a->kind) {
	case EVENT_REPLY:
	case EVENT_STATUS:
	case EVENT_REFERRAL:
		return (c->desk.role == ROLE_INVESTIGATOR);
	case EVENT_ACCESS:
		return (true);
	case EVENT_CUSTODY:
		return (c->desk.role == (is_open(a) ? ROLE_CUSTODIAN :
		    ROLE_INVESTIGATOR));
	case EVENT_REPORT: case EVENT_MESSAGE: case EVENT_CONSENT:
	case EVENT_DELETE: case EVENT_KEYS: case EVENT_LOSS:
	case EVENT_DECOY: case EVENT_KINDS:
		break;
	}
	return (false);
}

/* The digest of what lies in the blocks, and whether all of them do. */
static enum err
digest(struct call *c, struct store_txn *t, const struct upload_record *u,
    struct object_record *o)
{
	struct blake2b h;
	struct bytes block;
	enum err e;

	blake2b_init(&h);
	o->payload = 0;
	for (uint32_t k = 0; k < u->blocks; k++) {
		struct place at = place_block(c->s->records, u->id, k);

		if ((u->have[k / 8] & 1u << (k % 8)) == 0)
			return (ERR_CONFLICT);
		e = store_get(t, DB_BLOCKS, at.key, &block);
		if (e != ERR_OK)
			return (e);
		if (k + 1 == u->blocks)
			block.n = u->last_len;
		blake2b_update(&h, block.p, block.n);
		o->payload += block.n;
	}
	blake2b_final(&h, o->digest);
	o->blocks = u->blocks;
	return (ERR_OK);
}

/* The object that the desk brought becomes the case's next message. */
static enum err
take_object(struct action_job *j, struct store_txn *t, struct case_record *cs)
{
	struct call *c = j->c;
	struct object_home home = { .message = cs->messages };
	struct message_record *m = &j->m;
	struct upload_record u;
	struct merkle_hash root;
	struct place at = place_object(c->s->records, j->in->object);
	enum err e;

	e = upload_get(c->s->records, t, j->in->object, &u);
	if (e == ERR_OK && (!u.of_desk || memcmp(u.desk, c->desk.key,
	    SIGN_PUBLIC_LEN) != 0))
		e = ERR_NOTFOUND;
	if (e != ERR_OK)
		goto out;
	message_done(m);
	memcpy(m->case_id, cs->id, ID_LEN);
	m->number = cs->messages;
	m->kind = MANIFEST_REPLY;
	m->epoch = c->epoch;
	memcpy(m->signer, c->desk.key, SIGN_PUBLIC_LEN);
	memcpy(m->label, c->desk.label, sizeof(m->label));
	e = ERR_SYS;
	if ((m->object = calloc(1, sizeof(*m->object))) == NULL)
		goto out;
	object_init(&m->object[0]);
	m->objects = 1;
	memcpy(m->object[0].id, u.id, ID_LEN);
	m->object[0].use = USE_REPLY;
	buf_put(&m->object[0].h, u.h.data, u.h.len);
	buf_put(&m->object[0].t, u.t.data, u.t.len);
	e = ERR_CONFLICT;
	if (u.h.len == 0 || u.t.len == 0)
		goto out;
	if ((e = digest(c, t, &u, &m->object[0])) != ERR_OK ||
	    (e = message_root(m, &root)) != ERR_OK)
		goto out;
	if (memcmp(&root, &j->a.objects, sizeof(root)) != 0) {
		e = ERR_MAC;
		goto out;
	}
	memcpy(home.case_id, cs->id, ID_LEN);
	if ((e = message_put(c->s->records, t, m)) != ERR_OK ||
	    (e = object_home_put(c->s->records, t, u.id, &home)) != ERR_OK)
		goto out;
	e = store_del(t, DB_UPLOADS, at.key);
	cs->messages++;
out:
	upload_done(&u);
	return (e);
}

/*
 * A second "saved" of a desk in an epoch gets the first one's answer, and so
 * does a second opening with the same consent.
 */
static bool
same_before(const struct action_job *j, const struct opening *o)
{
	const struct action *a = &j->a;
	struct event ev;

	if (event_decode((struct bytes){ o->event, o->len }, &ev) != ERR_OK ||
	    ev.action.kind != a->kind || memcmp(ev.action.actor_key,
	    j->c->desk.key, SIGN_PUBLIC_LEN) != 0)
		return (false);
	if (a->kind == EVENT_ACCESS)
		return (o->epoch >= j->c->epoch);
	return (is_open(a) && is_open(&ev.action) &&
	    memcmp(ev.action.seen, a->seen, COMMITMENT_LEN) == 0);
}

static bool
done_before(struct action_job *j, const struct case_record *cs)
{

	for (size_t i = cs->openings; i > 0; i--) {
		const struct opening *o = &cs->opening[i - 1];

		if (!same_before(j, o))
			continue;
		j->result.epoch = o->epoch;
		j->result.leaf = o->leaf;
		commitment_of(o->nonce, (struct bytes){ o->event, o->len },
		    j->result.commitment);
		return (true);
	}
	return (false);
}

static void
apply_status(struct action_job *j, struct case_record *cs)
{
	const char *code = j->a.status;

	if (j->a.kind == EVENT_REFERRAL && *code == '\0')
		code = "REFERRED";
	if (*code == '\0' || (j->a.kind != EVENT_STATUS &&
	    j->a.kind != EVENT_REPLY && j->a.kind != EVENT_REFERRAL))
		return;
	(void)snprintf(cs->status, sizeof(cs->status), "%s", code);
	cs->status_epoch = j->c->epoch;
}

static enum err
act(struct action_job *j, struct store_txn *t, struct case_record *cs)
{
	const struct records *r = j->c->s->records;
	struct ledger_act la = { &j->a, j->in->sig, j->c->epoch, NO_MESSAGE,
	    false, false };
	enum err e;

	j->fresh = false;		/* a job may run twice */
	j->no = NULL;
	j->fetched = j->a.kind == EVENT_ACCESS && !ledger_fetched(cs) ?
	    cs->file_bytes : 0;
	if (is_open(&j->a) && done_before(j, cs))
		return (ERR_OK);
	if (j->a.kind == EVENT_CUSTODY)
		j->no = is_open(&j->a) ? consent_open(cs, &j->c->desk,
		    j->a.seen) : consent_ask(cs);
	if (j->no != NULL || (j->a.has_seen && !ledger_knows(cs, j->a.seen)))
		return (ERR_DENIED);
	if (j->a.kind == EVENT_ACCESS && done_before(j, cs))
		return (ERR_OK);
	if (j->in->has_object) {
		la.message = cs->messages;
		if ((e = take_object(j, t, cs)) != ERR_OK)
			return (e);
	}
	if ((e = ledger_take(r, t, &la, cs, &j->taken)) != ERR_OK)
		return (e == ERR_FULL ? ERR_BUSY : e);
	if (j->taken.waiting)		/* others wait: their turn first */
		return (ERR_BUSY);
	j->fresh = true;
	j->result.epoch = j->taken.epoch;
	j->result.leaf = j->taken.leaf;
	memcpy(j->result.commitment, j->taken.commitment, COMMITMENT_LEN);
	apply_status(j, cs);
	return (case_put(r, t, cs));
}

static enum err
action_job(struct store_txn *t, void *arg)
{
	struct action_job *j = arg;
	struct call *c = j->c;
	const struct records *r = c->s->records;
	struct request_record before;
	struct case_record cs;
	enum err e;

	e = request_get(r, t, c->desk.key, j->a.request, &before);
	if (e == ERR_OK) {
		j->result = before;
		return (memcmp(before.action, j->hash, SHA256_LEN) == 0 ?
		    ERR_OK : ERR_EXISTS);
	}
	if (e != ERR_NOTFOUND)
		return (e);
	if ((e = case_get_by_id(r, t, j->a.case_id, &cs)) != ERR_OK)
		return (e);
	e = consent_shows(&cs, &c->desk) && (!is_open(&j->a) ||
	    call_keeps(c, &cs)) ? act(j, t, &cs) : ERR_NOTFOUND;
	case_done(&cs);
	if (e != ERR_OK)
		return (e);
	memcpy(j->result.action, j->hash, SHA256_LEN);
	return (request_put(r, t, c->desk.key, j->a.request, &j->result));
}

static void
answer(struct call *c, const struct action_job *j, enum err e)
{
	struct api_taken out;

	switch (e) {
	case ERR_OK:
		out.epoch = j->result.epoch;
		out.leaf = ledger_index(instance_epoch0(c->s->in),
		    j->result.epoch, j->result.leaf);
		memcpy(out.commitment, j->result.commitment, COMMITMENT_LEN);
		if (api_taken_encode(&out, &c->a->body) == ERR_OK)
			call_json(c, 200);
		else
			call_fail(c, ERR_SYS);
		break;
	case ERR_EXISTS:
		call_problem(c, 409, "request", "This request id was used for "
		    "another action.");
		break;
	case ERR_DENIED:
		if (j->no != NULL)
			call_problem(c, j->no->status, j->no->code,
			    j->no->detail);
		else
			call_problem(c, 422, "seen", "The case has no event "
			    "with the commitment of the seen line.");
		break;
	case ERR_CONFLICT:
		call_problem(c, 422, "object", "The object is not whole: "
		    "headers h and t and every block must be there.");
		break;
	case ERR_MAC:
		call_problem(c, 422, "objects", "The object is not the one "
		    "that the action names.");
		break;
	default:
		call_fail(c, e);
	}
}

/* "CASE/actions" behind /v1/cases/. */
static bool
parse_case(const char *rest, uint8_t id[static ID_LEN])
{

	return (strlen(rest) == HEX_LEN(ID_LEN) + strlen("/actions") &&
	    strcmp(rest + HEX_LEN(ID_LEN), "/actions") == 0 &&
	    call_id(rest, HEX_LEN(ID_LEN), id));
}

void
desk_action(struct call *c)
{
	struct api_action *in = calloc(1, sizeof(*in));
	struct action_job *j = calloc(1, sizeof(*j));
	uint8_t id[ID_LEN];
	const char *wrong;
	enum err e;

	if (in == NULL || j == NULL) {
		call_fail(c, ERR_SYS);
		goto out;
	}
	if (!parse_case(c->rest, id)) {
		call_problem(c, 404, "not_found", "There is no such call.");
		goto out;
	}
	if (!call_type(c, "application/json"))
		goto out;
	j->c = c;
	j->in = in;
	if (api_action_decode(c->r->body, in) != ERR_OK ||
	    action_decode((struct bytes){ in->text, in->len }, &j->a) !=
	    ERR_OK) {
		call_problem(c, 422, "action", "The body is not an action of "
		    "the form that this API asks for.");
		goto out;
	}
	if ((wrong = judge(j, id)) != NULL) {
		call_problem(c, 422, "action", wrong);
		goto out;
	}
	if (!may(c, &j->a)) {
		call_problem(c, 403, "role",
		    "This key's role may not do that.");
		goto out;
	}
	if (atomic_load(&c->s->stopped)) {
		call_problem(c, 503, "log_stopped", "The log stands still "
		    "until its administrator has confirmed the clock; nothing "
		    "was kept.");
		goto out;
	}
	sha256(in->text, in->len, j->hash);
	if ((e = fault_point("desk.2")) == ERR_OK)
		e = store_write(c->s->store, STORE_LAST, action_job, j);
	/* it is kept: whatever fails from here on takes nothing */
	if (e == ERR_OK && j->fresh)
		unfetched_give(c->s, j->fetched);
	if (e == ERR_OK && j->fresh && fault_point("desk.3") == ERR_OK)
		log_promise_event(c->s, &j->taken);
	(void)(fault_point("desk.4") == ERR_OK);
	answer(c, j, e);
out:
	if (j != NULL)
		message_done(&j->m);
	free(j);
	free(in);
}
