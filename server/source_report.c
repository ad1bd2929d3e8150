/* The report's form: shown, checked, taken; "I saw no code". */
#include <stdlib.h>
#include <string.h>

#include "intake.h"
#include "log.h"
#include "proof.h"
#include "source_internal.h"
#include "utf8.h"

#define WHO_MAX		16	/* people named in a form */
#define UNSURE		"tidak_yakin"	/* the category chosen at first */

/* The optional texts of the form, in its order. */
static const char *const texts[] = {
	"where", "when", "how", "loss_idr", "known_how", "reported_before"
};
#define TEXTS (sizeof(texts) / sizeof(texts[0]))

/* A form on its way in.  Strings are borrowed from the form's fields. */
struct draft {
	struct report_in in;
	struct roster_channel set;
	struct manifest_field field[MANIFEST_FIELDS];
	char *who;			/* copy, cut into lines */
	const char *category;
	const char *channel;		/* of channel_name; NULL: none */
	char channel_name[ROSTER_CHANNEL_MAX + 1];
	bool bad;
};

static bool
is_blank(const char *s)
{

	return (s[strspn(s, " \t\r\n")] == '\0');
}

static void
error_at(struct visit *v, struct draft *d, const char *field,
    const char *sentence)
{
	json_t *errors = json_object_get(v->model, "errors");
	json_t *list = json_object_get(v->model, "error_list");

	if (errors == NULL) {
		visit_set(v, "errors", errors = json_object());
		visit_set(v, "error_list", list = json_array());
	}
	visit_put(v, errors, field, json_string(sentence));
	visit_add(v, list, json_pack("{ss ss}", "field", field,
	    "key", sentence));
	if (d != NULL)
		d->bad = true;
}

/* Several fields, or several lines of one: the same. */
static void
who_typed(const struct visit *v, struct buf *out)
{
	const char *s = NULL;

	buf_init(out, TEXT_BODY_MAX);
	for (size_t n = 0; v->r->form != NULL &&
	    (s = form_nth(v->r->form, "who", n)) != NULL; n++) {
		if (n > 0)
			buf_puts(out, "\n");
		buf_puts(out, s);
	}
}

/* Everything typed comes back, whatever was wrong. */
static void
fill(struct visit *v)
{
	json_t *values = json_object();
	const char *about = visit_typed(v, "about_inspectorate");
	struct buf who;

	for (size_t i = 0; i < TEXTS; i++)
		visit_put(v, values, texts[i],
		    json_string(visit_typed(v, texts[i])));
	visit_put(v, values, "what",
	    json_string(visit_typed(v, "what")));
	who_typed(v, &who);
	visit_put(v, values, "who", json_string(buf_text(&who)));
	buf_done(&who);
	visit_put(v, values, "identity",
	    json_string(visit_typed(v, "identity")));
	visit_put(v, values, "goodfaith",
	    json_boolean(*visit_typed(v, "goodfaith") != '\0'));
	visit_set(v, "values", values);
	visit_set(v, "about", json_pack("{sb sb sb}",
	    "yes", strcmp(about, "yes") == 0, "no", strcmp(about, "no") == 0,
	    "unknown", strcmp(about, "unknown") == 0));
}

static void
categories(struct visit *v, const char *chosen)
{
	json_t *list = json_array();
	const struct category *c;

	if (!category_is_public(chosen))
		chosen = UNSURE;
	visit_set(v, "category_chosen",
	    json_boolean(strcmp(chosen, UNSURE) != 0));
	for (size_t i = 0; (c = category_at(i)) != NULL; i++) {
		char key[64], example[80];

		if (!c->public)
			continue;
		(void)snprintf(key, sizeof(key), "category.%s", c->code);
		(void)snprintf(example, sizeof(example), "%s.example", key);
		visit_add(v, list, json_pack("{ss ss ss sb}",
		    "code", c->code, "key", key, "example_key",
		    strcmp(page_text(v->lang, example), example) == 0 ? "" :
		    example, "selected", strcmp(c->code, chosen) == 0));
	}
	visit_set(v, "categories", list);
}

/*
 * Which channel: the chosen one, else the first; if the accused works at the
 * Inspectorate, one without it, by choice or the first there is.
 */
static const struct config_channel *
channel_for(const struct config *c, const char *chosen, bool accused)
{
	const struct config_channel *ch = *chosen != '\0' ?
	    config_channel_find(c, chosen) : c->channels > 0 ?
	    &c->channel[0] : NULL;

	if (!accused || (ch != NULL && ch->if_inspectorate_accused))
		return (ch);
	for (size_t i = 0; i < c->channels; i++) {
		if (c->channel[i].if_inspectorate_accused)
			return (&c->channel[i]);
	}
	return (NULL);
}

/*
 * The channel that a form which comes back shows as chosen: it must not say
 * the Inspectorate's when the answer above it forces another.
 */
static void
sets(struct visit *v)
{
	char name[ROSTER_CHANNEL_MAX + 1];
	const struct config_channel *ch;

	server_office_lock(v->s);
	ch = channel_for(&v->s->in->config, visit_typed(v, "channel"),
	    strcmp(visit_typed(v, "about_inspectorate"), "yes") == 0);
	text_copy(name, sizeof(name), ch == NULL ? "" : ch->name);
	server_office_unlock(v->s);
	visit_sets(v, name[0] != '\0' ? name : NULL);
}

static void
form_page(struct visit *v, int status)
{

	fill(v);
	categories(v, visit_typed(v, "category"));
	sets(v);
	visit_form_token(v);
	visit_set(v, "text_max", json_integer(v->text_chars));
	visit_page(v, status, "form");
}

void
source_form(struct visit *v)
{

	form_page(v, 200);
}

/* The form comes back filled, with a code that says why. */
static void
form_again(struct visit *v, int status, const char *code, const char *notice)
{

	visit_text(v, "error", code);
	visit_text(v, "kept", "no");
	if (notice != NULL)
		visit_text(v, "notice", notice);
	form_page(v, status);
}

/* The token: ours, this browser's, not older than TOKEN_HOURS. */
static bool
token_good(struct visit *v, uint8_t draft[static DRAFT_LEN])
{
	uint64_t issued, now = server_epoch(v->s);
	uint64_t epoch = (uint64_t)v->s->in->epoch_seconds;

	if (v->form_cookie[0] == '\0' || token_form_check(
	    v->s->in->secret[SECRET_RECEIPT], v->form_cookie,
	    visit_typed(v, "token"), draft, &issued) != ERR_OK)
		return (false);
	/* never less than the hours, however long an epoch is */
	return (issued <= now && now - issued <=
	    ((uint64_t)TOKEN_HOURS * 3600 + epoch - 1) / epoch);
}

static void
add_field(struct draft *d, const char *key, char *text)
{
	struct manifest_field *f = &d->field[d->in.fields++];

	f->key = (char *)(uintptr_t)key;
	f->value = text;
}

/* One entry a line; what is beyond WHO_MAX stays together in the last. */
static void
split_who(struct draft *d)
{
	char *line, *next;
	size_t n = 0;

	for (line = d->who; line != NULL; line = next) {
		next = ++n < WHO_MAX ? strchr(line, '\n') : NULL;
		if (next != NULL)
			*next++ = '\0';
		if (!is_blank(line))
			add_field(d, "who", line);
	}
}

/* Not too long, and without a code, which would open a case to its readers. */
static void
check_string(struct visit *v, struct draft *d, const char *name,
    const char *s, size_t chars_max, const char *sentence)
{

	if (utf8_count(s, strlen(s)) > chars_max)
		error_at(v, d, name, sentence);
	else if (receipt_within((struct bytes){ s, strlen(s) }))
		error_at(v, d, name, "error.code_inside");
}

static void
check_text(struct visit *v, struct draft *d, const char *name,
    size_t chars_max, const char *sentence)
{

	check_string(v, d, name, visit_typed(v, name), chars_max, sentence);
}

static void
check_channel(struct visit *v, struct draft *d)
{
	const struct config *c = &v->s->in->config;
	const char *chosen = visit_typed(v, "channel");
	const struct config_channel *ch;

	server_office_lock(v->s);
	ch = channel_for(c, chosen,
	    strcmp(visit_typed(v, "about_inspectorate"), "yes") == 0);
	if (*chosen != '\0' && config_channel_find(c, chosen) == NULL) {
		error_at(v, d, "channel", "error.choice");
	} else if (ch == NULL) {
		error_at(v, d, "channel", "error.channel_inspectorate");
	} else {
		memcpy(d->channel_name, ch->name, sizeof(d->channel_name));
		d->channel = d->channel_name;
	}
	server_office_unlock(v->s);
}

/* The set that the page showed for the channel, if it still may be used. */
static void
check_set(struct visit *v, struct draft *d)
{

	if (d->channel == NULL)
		return;
	if (source_set_shown(v->s, d->channel, visit_typed(v, "recipients"),
	    &d->set, d->in.set_hash) != ERR_OK) {
		error_at(v, d, "recipients", "error.recipients");
		return;
	}
	d->in.set = &d->set;
}

/* The first part of the page: the story, and who may read it. */
static void
check_story(struct visit *v, struct draft *d)
{
	const char *about = visit_typed(v, "about_inspectorate");

	d->in.text = visit_typed(v, "what");
	if (is_blank(d->in.text))
		error_at(v, d, "what", "error.required");
	check_text(v, d, "what", (size_t)v->text_chars, "error.long");
	if (*about != '\0' && strcmp(about, "yes") != 0 &&
	    strcmp(about, "no") != 0 && strcmp(about, "unknown") != 0)
		error_at(v, d, "about_inspectorate", "error.choice");
	else if (*about != '\0')
		add_field(d, "about_inspectorate", (char *)(uintptr_t)about);
}

/* The rest of the page, in its order. */
static enum err
check_details(struct visit *v, struct draft *d)
{
	struct buf who;

	who_typed(v, &who);
	d->who = buf_err(&who) == ERR_OK ? strdup(buf_text(&who)) : NULL;
	buf_done(&who);
	if (d->who == NULL)
		return (ERR_SYS);
	d->category = *visit_typed(v, "category") == '\0' ? UNSURE :
	    visit_typed(v, "category");
	if (!category_is_public(d->category))
		error_at(v, d, "category", "error.choice");
	else
		add_field(d, "category", (char *)(uintptr_t)d->category);
	check_string(v, d, "who", d->who, MANIFEST_FIELD_CHARS,
	    "error.long_field");
	for (size_t i = 0; i < TEXTS; i++) {
		check_text(v, d, texts[i], MANIFEST_FIELD_CHARS,
		    "error.long_field");
		if (!is_blank(visit_typed(v, texts[i])))
			add_field(d, texts[i],
			    (char *)(uintptr_t)visit_typed(v, texts[i]));
	}
	check_text(v, d, "identity", MANIFEST_FIELD_CHARS,
	    "error.long_field");
	if (d->in.set != NULL && !is_blank(visit_typed(v, "identity"))) {
		if (d->set.custodians == 0)
			error_at(v, d, "identity", "error.identity_channel");
		else
			d->in.identity = visit_typed(v, "identity");
	}
	if (*visit_typed(v, "goodfaith") == '\0')
		error_at(v, d, "goodfaith", "error.goodfaith");
	split_who(d);
	return (ERR_OK);
}

/*
 * Who can read it, and the promise of the log, stand folded in the page; the
 * promise may follow later.
 */
static void
receipt_model(struct visit *v)
{
	struct store_txn *t;
	struct case_record c;
	struct buf text;
	bool proof;
	enum err e;

	buf_init(&text, PROOF_MAX);
	if ((e = store_begin(v->s->store, &t)) == ERR_OK) {
		e = case_get(v->s->records, t, &v->who->at, &c);
		store_end(t);
	}
	if (e == ERR_OK) {
		visit_readers(v, c.channel);
		e = log_evidence(v->s, &c, 0, &text, &proof);
		case_done(&c);
	}
	if (e == ERR_OK)
		visit_text(v, "promise", buf_text(&text));
	else
		visit_set(v, "promise_later", json_true());
	buf_done(&text);
}

/* The receipt's page, or what stands in its way. */
static void
show_receipt(struct visit *v, const struct session_data *data, enum err e)
{

	if (e == ERR_OK) {
		v->kept = "yes";	/* whatever fails now */
		if ((e = visit_sign_in(v, data)) == ERR_OK) {
			(void)json_object_del(v->model, "code");
			visit_words(v, "words");
			receipt_model(v);
			visit_page(v, 200, "receipt");
			return;
		}
	}
	if (strcmp(v->kept, "no") != 0) {
		/* the draft can be asked for; the text is not lost */
		visit_form_token(v);
		visit_set(v, "draft", json_true());
	}
	visit_fail(v, e);
}

static void
take(struct visit *v, struct draft *d)
{
	struct secret *data = NULL;
	struct session_data *sd;
	enum err e;

	d->in.field = d->field;
	if ((e = secret_new(sizeof(*sd), &data)) != ERR_OK) {
		visit_give_back(v);
		visit_fail(v, e);
		return;
	}
	sd = (struct session_data *)(void *)data->bytes;
	e = intake_report(v->s, &d->in, sd);
	if (e == ERR_CONFLICT) {
		visit_new_form(v);
		form_again(v, 422, "draft_used", "notice.draft_used");
	} else if (e == ERR_EXISTS) {
		visit_new_form(v);
		form_again(v, 422, "draft_shown", "notice.draft_shown");
	} else if (e == ERR_FULL) {
		form_again(v, 507, "full", "error.full.text");
	} else if (e == ERR_BUSY) {
		source_busy(v);
	} else {
		v->kept = e == ERR_SYS ? "unknown" : "no";
		if (e != ERR_OK)
			visit_give_back(v);
		show_receipt(v, sd, e);
	}
	secret_free(data);
}

void
source_busy(struct visit *v)
{

	form_again(v, 503, "busy", "error.busy.text");
}

void
source_often(struct visit *v)
{

	form_again(v, 429, "circuit", "error.circuit.text");
}

void
source_send(struct visit *v)
{
	struct draft *d = calloc(1, sizeof(*d));
	enum err e;

	if (d == NULL) {
		visit_give_back(v);
		visit_fail(v, ERR_SYS);
		return;
	}
	if (!token_good(v, d->in.draft)) {
		form_again(v, 403, "token", "notice.token");
		goto out;
	}
	/* in the order of the page, which is that of the summary's links */
	check_story(v, d);
	check_channel(v, d);
	check_set(v, d);
	if ((e = check_details(v, d)) != ERR_OK) {
		visit_give_back(v);
		visit_fail(v, e);
	} else if (d->bad) {
		form_again(v, 422, "invalid", NULL);
	} else {
		take(v, d);
	}
out:
	if (d->who != NULL)
		wipe(d->who, strlen(d->who));
	free(d->who);
	wipe(d, sizeof(*d));
	free(d);
}

void
source_nocode(struct visit *v)
{
	uint8_t draft[DRAFT_LEN];
	struct secret *data = NULL;
	struct session_data *sd;
	enum err e;

	if (!token_good(v, draft)) {
		visit_error(v, 403, "token", "unknown");
		return;
	}
	if ((e = secret_new(sizeof(*sd), &data)) != ERR_OK) {
		visit_fail(v, e);
		return;
	}
	sd = (struct session_data *)(void *)data->bytes;
	e = intake_draft(v->s, draft, sd);
	if (e == ERR_NOTFOUND) {
		visit_text(v, "title_key", "error.nodraft.title");
		visit_text(v, "text_key", "error.nodraft.text");
		visit_text(v, "next_key", "error.nodraft.next");
		visit_error(v, 404, "notfound", "no");
	} else if (e == ERR_EXISTS) {
		visit_error(v, 422, "draft_shown", "yes");
	} else {
		show_receipt(v, sd, e);
	}
	secret_free(data);
	wipe(draft, sizeof(draft));
}
