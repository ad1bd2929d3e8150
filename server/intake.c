/* Reports: from a form's fields to a receipt. */
#include <stdlib.h>
#include <string.h>

#include "fault.h"
#include "intake.h"
#include "label.h"
#include "log.h"
#include "pending.h"

/* All of one report on its way into the store. */
struct report_job {
	struct server *s;
	struct case_record c;
	struct message_record m;
	struct small_object manifest, identity;
	struct action action;
	uint8_t sig[SIGN_LEN];
	uint64_t now;
	struct ledger_taken taken;
};

/* What the form said, as a keyed hash: to know the same form again. */
static void
hash_fields(const struct server *s, const struct report_in *in,
    uint8_t out[static HMAC_LEN])
{
	const struct secret *key = s->in->secret[SECRET_RECEIPT];
	uint8_t k[HMAC_LEN];
	struct hmac h;

	hkdf(k, sizeof(k), key->bytes, key->len, LABEL_FIELDS);
	hmac_init(&h, k, sizeof(k));
	hmac_update(&h, in->draft, DRAFT_LEN);
	hmac_update(&h, in->set->name, strlen(in->set->name) + 1);
	for (size_t i = 0; i < in->fields; i++) {
		const struct manifest_field *f = &in->field[i];

		hmac_update(&h, f->key, strlen(f->key) + 1);
		hmac_update(&h, f->value, strlen(f->value) + 1);
	}
	hmac_update(&h, in->text, strlen(in->text) + 1);
	if (in->identity != NULL)
		hmac_update(&h, in->identity, strlen(in->identity) + 1);
	hmac_final(&h, out);
	wipe(k, sizeof(k));
	wipe(&h, sizeof(h));
}

/* The receipt of a draft, and all that comes from it. */
static enum err
derive(struct server *s, const uint8_t draft[static DRAFT_LEN],
    struct session_data *out)
{
	uint8_t root[ROOT_LEN];
	enum err e;

	receipt_of_draft(s->in->secret[SECRET_RECEIPT]->bytes, draft,
	    &out->receipt);
	out->has_receipt = true;
	e = receipt_root(&out->receipt, s->salt, &s->cost, root);
	if (e == ERR_OK) {
		source_keys_of(root, &out->keys);
		out->at = place_case(s->records, out->keys.locator);
	}
	wipe(root, sizeof(root));
	return (e);
}

/* Whether a case stands there already, and what that means for the form. */
static enum err
judge(const struct case_record *c, const uint8_t fields[static HMAC_LEN],
    struct session_data *out)
{

	memcpy(out->case_id, c->id, ID_LEN);
	if (!c->pending)
		return (ERR_EXISTS);
	return (ct_equal(c->fields, fields, HMAC_LEN) ? ERR_OK :
	    ERR_CONFLICT);
}

static enum err
look(struct server *s, const struct place *at, struct case_record *c)
{
	struct store_txn *t;
	enum err e;

	if ((e = store_begin(s->store, &t)) != ERR_OK)
		return (e);
	e = case_get(s->records, t, at, c);
	store_end(t);
	return (e);
}

static enum err
build_case(struct report_job *j, const struct report_in *in,
    const struct session_data *who)
{
	struct case_record *c = &j->c;

	rand_bytes(c->id, ID_LEN);
	c->at = who->at;
	memcpy(c->channel, in->set->name, sizeof(c->channel));
	c->epoch = c->status_epoch = j->now;
	memcpy(c->set, in->set_hash, SHA256_LEN);
	c->source = who->keys.recipient;
	memcpy(c->source_key, who->keys.sign_public, SIGN_PUBLIC_LEN);
	for (; c->recipients < in->set->recipients; c->recipients++)
		c->recipient[c->recipients] =
		    in->set->recipient[c->recipients].key;
	text_copy(c->status, sizeof(c->status), "RECEIVED");
	c->pending = true;
	hash_fields(j->s, in, c->fields);
	c->messages = 1;
	c->identity = NO_MESSAGE;
	if (in->identity != NULL && case_identity(c, 0, in->set->custodian,
	    in->set->custodians) != ERR_OK)
		return (ERR_SYS);	/* a set has no more than fit */
	return ((c->opening = calloc(1, sizeof(*c->opening))) == NULL ?
	    ERR_SYS : ERR_OK);
}

static enum err
seal_report(struct report_job *j, const struct report_in *in)
{
	struct case_record *c = &j->c;
	struct manifest *m = calloc(1, sizeof(*m));
	struct buf text;
	enum err e;

	if (m == NULL)
		return (ERR_SYS);
	buf_init(&text, MANIFEST_MAX);
	manifest_init(m);
	text_copy(m->origin, sizeof(m->origin), j->s->in->config.origin);
	memcpy(m->case_id, c->id, ID_LEN);
	m->kind = MANIFEST_REPORT;
	m->epoch = j->now;
	memcpy(m->channel, c->channel, sizeof(m->channel));
	for (; m->fields < in->fields; m->fields++)
		m->field[m->fields] = in->field[m->fields];
	m->text = (char *)(uintptr_t)in->text;
	m->source = c->source;
	memcpy(m->source_key, c->source_key, SIGN_PUBLIC_LEN);
	for (; m->recipients < c->recipients; m->recipients++)
		m->recipient[m->recipients] = c->recipient[m->recipients];
	if ((e = small_identity(in->identity, in->set, m, &j->identity)) ==
	    ERR_OK &&
	    (e = manifest_encode(m, &text)) == ERR_OK)
		e = small_seal(USE_MANIFEST, c->recipient, c->recipients,
		    &text, &j->manifest);
	buf_done(&text);
	wipe(m, sizeof(*m));
	free(m);
	return (e);
}

/* The message record borrows the small objects' records. */
static enum err
build_message(struct report_job *j, const struct session_data *who)
{
	struct message_record *m = &j->m;

	memcpy(m->case_id, j->c.id, ID_LEN);
	m->kind = MANIFEST_REPORT;
	m->epoch = j->now;
	memcpy(m->signer, who->keys.sign_public, SIGN_PUBLIC_LEN);
	if ((m->object = calloc(2, sizeof(*m->object))) == NULL)
		return (ERR_SYS);
	m->object[m->objects++] = j->manifest.record;
	if (j->identity.record.blocks > 0)
		m->object[m->objects++] = j->identity.record;
	return (ERR_OK);
}

static enum err
sign_report(struct report_job *j, const struct report_in *in,
    const struct session_data *who)
{
	struct action *a = &j->action;
	enum err e;

	text_copy(a->origin, sizeof(a->origin), j->s->in->config.origin);
	a->kind = EVENT_REPORT;
	a->actor = ACTOR_SOURCE;
	memcpy(a->actor_key, who->keys.sign_public, SIGN_PUBLIC_LEN);
	a->has_case = a->has_request = a->has_objects = true;
	a->has_recipients = true;
	memcpy(a->case_id, j->c.id, ID_LEN);
	rand_bytes(a->request, ID_LEN);
	memcpy(a->recipients, in->set_hash, SHA256_LEN);
	if ((e = message_root(&j->m, &a->objects)) != ERR_OK)
		return (e);
	return (action_sign(a, who->keys.sign_seed, j->sig));
}

static enum err
report_job(struct store_txn *t, void *arg)
{
	struct report_job *j = arg;
	const struct records *r = j->s->records;
	struct ledger_act act = { &j->action, j->sig, j->now, 0,
	    atomic_load(&j->s->stopped), false };
	struct object_home home = { .message = 0 };
	struct place id = place_case_id(r, j->c.id);
	struct install_record install;
	struct case_record twin;
	struct buf b;
	enum err e;

	j->c.openings = 0;	/* a job may be run twice */
	/* the same form may have been taken while this one was sealed */
	e = case_get(r, t, &j->c.at, &twin);
	case_done(&twin);
	if (e != ERR_NOTFOUND)
		return (e == ERR_OK ? ERR_EXISTS : e);
	memcpy(home.case_id, j->c.id, ID_LEN);
	if ((e = small_store(r, t, &j->manifest, &home)) != ERR_OK ||
	    (j->identity.record.blocks > 0 &&
	    (e = small_store(r, t, &j->identity, &home)) != ERR_OK) ||
	    (e = message_put(r, t, &j->m)) != ERR_OK)
		return (e);
	e = ledger_take(r, t, &act, &j->c, &j->taken);
	if (e != ERR_OK)
		return (e == ERR_FULL ? ERR_BUSY : e);
	if ((e = case_put(r, t, &j->c)) != ERR_OK ||
	    (e = pending_put(r, t, &j->c)) != ERR_OK ||
	    (e = install_get(r, t, &install)) != ERR_OK)
		return (e);
	install.cases++;
	if ((e = install_put(r, t, &install)) != ERR_OK)
		return (e);
	buf_init(&b, RECORD_MAX);
	buf_u8(&b, 1);
	buf_put(&b, j->c.at.key, STORE_KEY_LEN);
	e = record_put(r, t, DB_CASE_IDS, &id, &b);
	buf_done(&b);
	return (e);
}

static enum err
keep(struct server *s, const struct report_in *in, struct session_data *out)
{
	struct report_job *j = calloc(1, sizeof(*j));
	enum err e;

	if (j == NULL)
		return (ERR_SYS);
	j->s = s;
	j->now = server_epoch(s);
	small_init(&j->manifest);
	small_init(&j->identity);
	if ((e = build_case(j, in, out)) != ERR_OK ||
	    (e = seal_report(j, in)) != ERR_OK ||
	    (e = build_message(j, out)) != ERR_OK ||
	    (e = sign_report(j, in, out)) != ERR_OK ||
	    (e = fault_point("intake.2")) != ERR_OK)
		goto out;
	e = store_write(s->store, STORE_TEXT, report_job, j);
	if (e == ERR_OK) {
		memcpy(out->case_id, j->c.id, ID_LEN);
		pending_started(s->pending, &j->c.at, j->c.epoch,
		    clock_now(s->clock));
		/* it is kept: whatever fails from here on takes nothing */
		if (fault_point("intake.3") == ERR_OK)
			log_promise_event(s, &j->taken);
		(void)(fault_point("intake.4") == ERR_OK);
	}
out:
	small_done(&j->manifest);
	small_done(&j->identity);
	free(j->m.object);
	case_done(&j->c);
	wipe(j, sizeof(*j));
	free(j);
	return (e);
}

enum err
intake_report(struct server *s, const struct report_in *in,
    struct session_data *out)
{
	uint8_t fields[HMAC_LEN];
	struct case_record c;
	enum err e;

	memset(out, 0, sizeof(*out));
	if ((e = derive(s, in->draft, out)) != ERR_OK)
		return (e);
	e = look(s, &out->at, &c);
	if (e == ERR_NOTFOUND) {
		e = keep(s, in, out);
		if (e != ERR_EXISTS)
			return (e);
		e = look(s, &out->at, &c);
	}
	if (e == ERR_OK) {
		hash_fields(s, in, fields);
		e = judge(&c, fields, out);
		case_done(&c);
	}
	return (e);
}

enum err
intake_draft(struct server *s, const uint8_t draft[static DRAFT_LEN],
    struct session_data *out)
{
	struct case_record c;
	enum err e;

	memset(out, 0, sizeof(*out));
	if ((e = derive(s, draft, out)) != ERR_OK ||
	    (e = look(s, &out->at, &c)) != ERR_OK)
		return (e);
	memcpy(out->case_id, c.id, ID_LEN);
	e = c.pending ? ERR_OK : ERR_EXISTS;
	case_done(&c);
	return (e);
}
