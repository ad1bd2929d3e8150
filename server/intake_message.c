/* Messages of a signed-in source: text, or files that have been sealed. */
#include <stdlib.h>
#include <string.h>

#include "fault.h"
#include "intake.h"
#include "log.h"
#include "pad.h"

struct message_job {
	struct server *s;
	const struct session_data *who;
	const struct message_in *in;
	struct message_record m;
	struct small_object manifest, identity;
	struct action action;
	uint8_t sig[SIGN_LEN];
	uint64_t now;
	struct ledger_taken taken;
};

static enum err
seal_message(struct message_job *j)
{
	const struct message_in *in = j->in;
	struct age_recipient to[ROSTER_MEMBERS];
	struct manifest *m = calloc(1, sizeof(*m));
	struct buf text;
	enum err e;

	if (m == NULL)
		return (ERR_SYS);
	buf_init(&text, MANIFEST_MAX);
	manifest_init(m);
	text_copy(m->origin, sizeof(m->origin), j->s->in->config.origin);
	memcpy(m->case_id, j->who->case_id, ID_LEN);
	m->kind = MANIFEST_MESSAGE;
	m->epoch = j->now;
	memcpy(m->channel, in->set->name, sizeof(m->channel));
	m->text = (char *)(uintptr_t)in->text;
	for (; m->attachments < in->files; m->attachments++)
		m->attachment[m->attachments] =
		    in->file[m->attachments].about;
	for (size_t i = 0; i < in->set->recipients; i++)
		to[i] = in->set->recipient[i].key;
	if ((e = small_identity(in->identity, in->set, m, &j->identity)) ==
	    ERR_OK && (e = manifest_encode(m, &text)) == ERR_OK)
		e = small_seal(USE_MANIFEST, to, in->set->recipients, &text,
		    &j->manifest);
	buf_done(&text);
	wipe(m, sizeof(*m));
	free(m);
	return (e);
}

/* Borrows the records of the manifest, the identity and the files. */
static enum err
build_message(struct message_job *j)
{
	struct message_record *m = &j->m;

	memcpy(m->case_id, j->who->case_id, ID_LEN);
	m->kind = MANIFEST_MESSAGE;
	m->epoch = j->now;
	memcpy(m->signer, j->who->keys.sign_public, SIGN_PUBLIC_LEN);
	m->object = calloc(j->in->files + 2, sizeof(*m->object));
	if (m->object == NULL)
		return (ERR_SYS);
	m->object[m->objects++] = j->manifest.record;
	if (j->identity.record.blocks > 0)
		m->object[m->objects++] = j->identity.record;
	for (size_t i = 0; i < j->in->files; i++)
		m->object[m->objects++] = j->in->file[i].record;
	return (ERR_OK);
}

static enum err
sign_message(struct message_job *j)
{
	struct action *a = &j->action;
	enum err e;

	text_copy(a->origin, sizeof(a->origin), j->s->in->config.origin);
	a->kind = EVENT_MESSAGE;
	a->actor = ACTOR_SOURCE;
	memcpy(a->actor_key, j->who->keys.sign_public, SIGN_PUBLIC_LEN);
	a->has_case = a->has_request = a->has_objects = true;
	a->has_recipients = true;
	memcpy(a->case_id, j->who->case_id, ID_LEN);
	rand_bytes(a->request, ID_LEN);
	memcpy(a->recipients, j->in->set_hash, SHA256_LEN);
	if ((e = message_root(&j->m, &a->objects)) != ERR_OK)
		return (e);
	return (action_sign(a, j->who->keys.sign_seed, j->sig));
}

/* Who reads a message reads the case from then on. */
static void
add_readers(struct case_record *c, const struct roster_channel *set,
    uint32_t message)
{

	for (size_t i = 0; i < set->recipients; i++) {
		if (case_reads(c, &set->recipient[i].key) ||
		    c->recipients == ROSTER_MEMBERS)
			continue;
		c->read_since[c->recipients] = message;
		c->recipient[c->recipients++] = set->recipient[i].key;
	}
}

static enum err
take_identity(struct message_job *j, struct store_txn *t,
    const struct object_home *home, struct case_record *c)
{
	enum err e;

	if (j->identity.record.blocks == 0)
		return (ERR_OK);
	e = small_store(j->s->records, t, &j->identity, home);
	return (e != ERR_OK ? e : case_identity(c, home->message,
	    j->in->set->custodian, j->in->set->custodians));
}

static enum err
message_job(struct store_txn *t, void *arg)
{
	struct message_job *j = arg;
	const struct records *r = j->s->records;
	struct ledger_act act = { &j->action, j->sig, j->now, 0,
	    atomic_load(&j->s->stopped), false };
	struct object_home home;
	struct case_record c;
	enum err e;

	if ((e = case_get(r, t, &j->who->at, &c)) != ERR_OK)
		return (e);
	memcpy(home.case_id, c.id, ID_LEN);
	home.message = act.message = j->m.number = c.messages;
	if ((e = small_store(r, t, &j->manifest, &home)) != ERR_OK ||
	    (e = take_identity(j, t, &home, &c)) != ERR_OK ||
	    (e = message_put(r, t, &j->m)) != ERR_OK)
		goto out;
	for (size_t i = 0; i < j->in->files; i++) {
		const uint8_t *id = j->in->file[i].record.id;
		struct place at = place_object(r, id);

		/* from here on something refers to these blocks */
		if ((e = store_del(t, DB_UPLOADS, at.key)) != ERR_OK ||
		    (e = object_home_put(r, t, id, &home)) != ERR_OK)
			goto out;
		c.file_bytes += pad_file(j->in->file[i].about.size);
	}
	/* here, since two uploads at a time each saw the same room */
	if (j->in->files > 0 && c.file_bytes > j->in->file_bytes_max) {
		e = ERR_DENIED;
		goto out;
	}
	if ((e = ledger_take(r, t, &act, &c, &j->taken)) != ERR_OK) {
		e = e == ERR_FULL ? ERR_BUSY : e;
		goto out;
	}
	if (j->in->fetched != NULL)
		*j->in->fetched = ledger_fetched(&c);
	c.messages++;
	c.sent_messages += j->in->text[0] != '\0' ||
	    j->in->identity != NULL;
	c.sent_files += (uint32_t)j->in->files;
	add_readers(&c, j->in->set, home.message);
	e = case_put(r, t, &c);
out:
	case_done(&c);
	return (e);
}

enum err
intake_message(struct server *s, const struct session_data *who,
    const struct message_in *in)
{
	struct message_job *j = calloc(1, sizeof(*j));
	enum err e;

	if (j == NULL)
		return (ERR_SYS);
	j->s = s;
	j->who = who;
	j->in = in;
	j->now = server_epoch(s);
	small_init(&j->manifest);
	small_init(&j->identity);
	if ((e = seal_message(j)) == ERR_OK &&
	    (e = build_message(j)) == ERR_OK &&
	    (e = sign_message(j)) == ERR_OK &&
	    (e = fault_point("intake.2")) == ERR_OK)
		e = store_write(s->store, STORE_TEXT, message_job, j);
	if (e == ERR_OK) {
		/* it is kept: whatever fails from here on takes nothing */
		if (fault_point("intake.3") == ERR_OK)
			log_promise_event(s, &j->taken);
		(void)(fault_point("intake.4") == ERR_OK);
	}
	small_done(&j->manifest);
	small_done(&j->identity);
	free(j->m.object);
	wipe(j, sizeof(*j));
	free(j);
	return (e);
}
