/* The signed-in page: status, answers, write again, delete an answer. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "answers.h"
#include "intake.h"
#include "log.h"
#include "proof.h"
#include "source_internal.h"
#include "utf8.h"

void
visit_day(const struct visit *v, uint64_t epoch, char out[static PAGE_DATE_MAX])
{

	page_date(v->lang, instance_epoch_start(v->s->in, epoch),
	    (int)v->utc_offset_min * 60, out);
}

static void
status_key(const char *code, char out[static 64])
{
	size_t n = strlen(code);

	(void)snprintf(out, 64, "status.%s", code);
	for (size_t i = 7; i < 7 + n && i < 63; i++)
		out[i] = (char)tolower((unsigned char)out[i]);
}

static void
set_visible(struct visit *v, json_t *o, const char *key, const char *text)
{
	struct buf b;

	buf_init(&b, 8 * MANIFEST_MAX);
	utf8_visible(text, strlen(text), &b);
	visit_put(v, o, key, json_string(buf_text(&b)));
	buf_done(&b);
}

static json_t *
answer_model(struct visit *v, const struct answer *an)
{
	char id[ID_LEN * 2 + 1], date[PAGE_DATE_MAX], key[64];
	char print[FINGERPRINT_TEXT_MAX], reason[96];
	json_t *o;

	visit_day(v, an->epoch, date);
	if (an->damaged)
		return (json_pack("{ss sb}", "day", date, "unreadable", 1));
	hex_encode(an->id, ID_LEN, id);
	fingerprint_text(an->signer, SIGN_PUBLIC_LEN, print);
	o = json_pack("{ss ss ss ss}", "id", id, "day", date, "signer",
	    an->label, "signer_fingerprint", print);
	if (an->m == NULL) {
		visit_put(v, o, "unreadable", json_true());
		return (o);
	}
	/* what was opened is untrusted, whoever signed it */
	set_visible(v, o, "text", an->m->text);
	if (an->m->status[0] != '\0') {
		status_key(an->m->status, key);
		visit_put(v, o, "status_key", json_string(key));
	}
	if (an->m->reason != NULL && an->m->reason[0] != '\0') {
		(void)snprintf(reason, sizeof(reason), "reason.%s",
		    strlen(an->m->reason) < 64 ? an->m->reason : "");
		if (strcmp(page_text(v->lang, reason), reason) != 0)
			visit_put(v, o, "reason_key",
			    json_string(reason));
		else
			set_visible(v, o, "reason", an->m->reason);
	}
	return (o);
}

void
visit_readers(struct visit *v, const char *channel)
{
	struct roster_channel *set = calloc(1, sizeof(*set));
	const struct config_channel *cc;
	uint8_t hash[SHA256_LEN];
	char hex[SHA256_LEN * 2 + 1], value[ROSTER_CHANNEL_MAX + 80];
	json_t *list = NULL;

	if (set != NULL && source_set_now(v->s, channel, set, hash) ==
	    ERR_OK) {
		hex_encode(hash, sizeof(hash), hex);
		(void)snprintf(value, sizeof(value), "%s:%s", channel, hex);
		visit_text(v, "recipients_value", value);
		list = visit_members(set->recipient, set->recipients);
		visit_set(v, "identity_offered",
		    json_boolean(set->custodians > 0));
		visit_set(v, "keepers", visit_members(set->custodian,
		    set->custodians));
	}
	free(set);
	if (list != NULL)
		visit_set(v, "recipients", list);
	server_office_lock(v->s);
	cc = config_channel_find(&v->s->in->config, channel);
	if (cc != NULL)
		visit_text(v, "channel_label", config_label(cc, v->lang));
	server_office_unlock(v->s);
	visit_set(v, "file_mb", json_integer(v->file_mib));
	visit_set(v, "files_max", json_integer(v->files));
	visit_set(v, "text_max", json_integer(v->text_chars));
}

/* What the source can keep to show that the report is in the log. */
static void
evidence_model(struct visit *v, const struct case_record *c)
{
	struct buf text;
	bool proof;

	buf_init(&text, PROOF_MAX);
	if (log_evidence(v->s, c, 0, &text, &proof) == ERR_OK)
		visit_text(v, proof ? "proof" : "promise", buf_text(&text));
	buf_done(&text);
}

/* Fills the model; false: the page that says why not is made. */
static bool
inbox_model(struct visit *v)
{
	char key[64], date[PAGE_DATE_MAX];
	struct answers an;
	json_t *list = json_array();
	enum err e;

	if ((e = answers_open(v->s, v->who, &an)) != ERR_OK) {
		json_decref(list);
		visit_fail(v, e);
		return (false);
	}
	visit_text(v, "status", an.c.status);
	status_key(an.c.status, key);
	visit_text(v, "status_key", key);
	visit_day(v, an.c.status_epoch, date);
	visit_text(v, "status_day", date);
	for (size_t i = 0; i < an.n; i++)
		visit_add(v, list,
		    answer_model(v, &an.list[i]));
	visit_set(v, "answers", list);
	visit_set(v, "messages_sent", json_integer(an.c.sent_messages));
	visit_set(v, "files_sent", json_integer(an.c.sent_files));
	evidence_model(v, &an.c);
	visit_consent(v, &an.c);
	visit_readers(v, an.c.channel);
	answers_done(&an);
	return (true);
}

void
source_inbox(struct visit *v)
{

	if (visit_owner(v, false) && inbox_model(v))
		visit_page(v, 200, "inbox");
}

static bool
is_blank(const char *s)
{

	return (s[strspn(s, " \t\r\n")] == '\0');
}

void
visit_inbox_again(struct visit *v, int status, const char *code,
    const char *field, const char *sentence)
{

	if (!inbox_model(v))
		return;
	visit_text(v, "error", code);
	visit_text(v, "kept", "no");
	visit_set(v, "errors", json_pack("{ss}", field, sentence));
	visit_text(v, "text", visit_typed(v, "text"));
	visit_text(v, "identity", visit_typed(v, "identity"));
	visit_page(v, status, "inbox");
}

static enum err
channel_of(struct visit *v, char out[static ROSTER_CHANNEL_MAX + 1])
{
	struct store_txn *t;
	struct case_record c;
	enum err e;

	if ((e = store_begin(v->s->store, &t)) != ERR_OK)
		return (e);
	e = case_get(v->s->records, t, &v->who->at, &c);
	store_end(t);
	if (e == ERR_OK) {
		memcpy(out, c.channel, ROSTER_CHANNEL_MAX + 1);
		case_done(&c);
	}
	return (e);
}

bool
source_set_model(struct visit *v)
{
	char channel[ROSTER_CHANNEL_MAX + 1];
	enum err e;

	if ((e = channel_of(v, channel)) != ERR_OK) {
		visit_fail(v, e);
		return (false);
	}
	visit_readers(v, channel);
	return (true);
}

/* What is wrong with a text of the form; NULL if nothing. */
static const char *
fault_of(const char *text, size_t max, const char *too_long)
{

	if (utf8_count(text, strlen(text)) > max)
		return (too_long);
	return (receipt_within((struct bytes){ text, strlen(text) }) ?
	    "error.code_inside" : NULL);
}

/* Whether it can be sent; false: the page that says why not is made. */
static bool
message_good(struct visit *v)
{
	const char *fault;

	if (is_blank(visit_typed(v, "text")) &&
	    is_blank(visit_typed(v, "identity"))) {
		visit_inbox_again(v, 422, "empty", "text", "error.required");
		return (false);
	}
	fault = fault_of(visit_typed(v, "text"), (size_t)v->text_chars,
	    "error.long");
	if (fault != NULL) {
		visit_inbox_again(v, 422, "invalid", "text", fault);
		return (false);
	}
	fault = fault_of(visit_typed(v, "identity"), MANIFEST_FIELD_CHARS,
	    "error.long_field");
	if (fault != NULL)
		visit_inbox_again(v, 422, "invalid", "identity", fault);
	return (fault == NULL);
}

/* Sealed to the set that the page showed, and taken. */
static void
send_message(struct visit *v, struct message_in *in,
    struct roster_channel *set)
{
	char channel[ROSTER_CHANNEL_MAX + 1];
	enum err e;

	if ((e = channel_of(v, channel)) != ERR_OK) {
		visit_fail(v, e);
		return;
	}
	if (source_set_shown(v->s, channel, form_get(v->r->form,
	    "recipients"), set, in->set_hash) != ERR_OK) {
		visit_inbox_again(v, 422, "invalid", "text",
		    "error.recipients");
		return;
	}
	if (in->identity != NULL && set->custodians == 0) {
		visit_inbox_again(v, 422, "invalid", "identity",
		    "error.identity_channel");
		return;
	}
	in->set = set;
	e = intake_message(v->s, v->who, in);
	if (e == ERR_OK) {
		visit_done(v, "message");
	} else if (e == ERR_RANGE) {
		visit_inbox_again(v, 429, "epoch", "text", "error.epoch.text");
	} else {
		v->kept = e == ERR_SYS ? "unknown" : "no";
		visit_fail(v, e);
	}
}

void
source_message(struct visit *v)
{
	struct roster_channel *set = NULL;
	struct message_in in;

	memset(&in, 0, sizeof(in));
	visit_give_back(v);	/* whatever stands in its way */
	if (!visit_owner(v, false))
		return;
	if (!visit_token_good(v)) {
		visit_inbox_again(v, 403, "token", "text", "notice.token");
		return;
	}
	if (!message_good(v))
		return;
	in.text = visit_typed(v, "text");
	if (is_blank(in.text))
		in.text = "";
	if (!is_blank(visit_typed(v, "identity")))
		in.identity = visit_typed(v, "identity");
	if ((set = calloc(1, sizeof(*set))) == NULL)
		visit_fail(v, ERR_SYS);
	else
		send_message(v, &in, set);
	free(set);
}

void
source_delete(struct visit *v)
{
	const char *text = form_get(v->r->form, "answer");
	uint8_t id[ID_LEN];
	enum err e;

	if (!visit_owner(v, true))
		return;
	if (text == NULL || hex_decode((struct bytes){ text, strlen(text) },
	    id, ID_LEN) != ERR_OK) {
		visit_error(v, 400, "malformed", "no");
		return;
	}
	if ((e = answers_delete(v->s, v->who, id)) == ERR_OK) {
		visit_done(v, "deleted");
	} else {
		v->kept = e == ERR_SYS ? "unknown" : "no";
		visit_fail(v, e);
	}
}
