/*
 * What is done with the receipt: signing in, practising it, "I have written
 * it down", leaving.
 */
#include <string.h>

#include "pending.h"
#include "source_internal.h"
#include "utf8.h"

void
source_signin(struct visit *v)
{

	visit_page(v, 200, "signin");
}

/* The page that asked for the code, again, with what is wrong with it. */
static void
refuse(struct visit *v, const char *page, int status, const char *sentence)
{

	visit_text(v, "error", "code");
	visit_text(v, "kept", "no");
	if (sentence != NULL)
		visit_text(v, "error_key", sentence);
	visit_page(v, status, page);
}

/* What is not nine known words is named before any slow work is done. */
static bool
parse(struct visit *v, const char *page, struct receipt *out)
{
	const char *text = form_get(v->r->form, "code");
	struct bytes bad = { NULL, 0 };
	struct buf word;
	size_t count = 0;
	enum err e;

	if (text == NULL)
		text = "";
	e = receipt_parse((struct bytes){ text, strlen(text) }, out, &bad,
	    &count);
	if (e == ERR_OK)
		return (true);
	if (e == ERR_FORMAT && bad.p != NULL) {
		buf_init(&word, 400);
		utf8_visible_line(bad.p, bad.n > 40 ? 40 : bad.n, &word);
		visit_text(v, "bad_word", buf_text(&word));
		buf_done(&word);
		refuse(v, page, 422, "error.word");
	} else {
		visit_set(v, "count", json_integer((json_int_t)count));
		refuse(v, page, 422, "error.count");
	}
	return (false);
}

/*
 * The keys are derived and a look is taken whether the code is right or
 * wrong; only then do the two part.
 */
static enum err
find_case(struct visit *v, const struct receipt *code,
    struct session_data *sd, bool *pending)
{
	uint8_t root[ROOT_LEN];
	struct store_txn *t;
	struct case_record c;
	enum err e;

	e = receipt_root(code, v->s->salt, &v->s->cost, root);
	if (e == ERR_OK) {
		source_keys_of(root, &sd->keys);
		sd->at = place_case(v->s->records, sd->keys.locator);
		e = store_begin(v->s->store, &t);
	}
	wipe(root, sizeof(root));
	if (e != ERR_OK)
		return (e);
	e = case_get(v->s->records, t, &sd->at, &c);
	store_end(t);
	if (e == ERR_OK) {
		memcpy(sd->case_id, c.id, ID_LEN);
		*pending = c.pending;
		case_done(&c);
	}
	return (e);
}

void
source_open(struct visit *v)
{
	struct receipt code;
	struct secret *data = NULL;
	struct session_data *sd;
	bool pending = false;
	enum err e;

	if (!parse(v, "signin", &code))
		return;
	if ((e = secret_new(sizeof(*sd), &data)) != ERR_OK)
		goto out;
	sd = (struct session_data *)(void *)data->bytes;
	e = find_case(v, &code, sd, &pending);
	/*
	 * The code itself was typed: it has been seen.  A disk without any
	 * room keeps nobody out for that; the draft then ends by its timer.
	 */
	if (e == ERR_OK && pending && (e = pending_shown(v->s->pending,
	    &sd->at)) == ERR_FULL)
		e = ERR_OK;
	if (e == ERR_OK)
		e = visit_sign_in(v, sd);
out:
	if (e == ERR_OK)
		visit_go(v, "/surat");
	else if (e == ERR_NOTFOUND)
		refuse(v, "signin", 401, NULL);
	else
		visit_fail(v, e);
	secret_free(data);
	wipe(&code, sizeof(code));
}

/* The receipt is with the source: the form's draft has done its work. */
static enum err
shown(struct visit *v)
{
	enum err e = pending_shown(v->s->pending, &v->who->at);

	if (e == ERR_OK)
		e = session_forget_receipt(v->s->sessions, v->cookie,
		    clock_now(v->s->clock));
	return (e == ERR_NOTFOUND ? ERR_OK : e);
}

/* The words of this session's receipt, as long as they may be shown. */
static bool
may_practise(struct visit *v, bool post)
{

	if (!visit_owner(v, post))
		return (false);
	if (json_object_get(v->model, "code") == NULL) {
		visit_go(v, "/surat");
		return (false);
	}
	/* who practises looks at the paper, not at the page */
	(void)json_object_del(v->model, "code");
	return (true);
}

void
source_practice(struct visit *v)
{

	if (may_practise(v, false))
		visit_page(v, 200, "practice");
}

static void
written(struct visit *v, const char *what)
{
	enum err e;

	if ((e = shown(v)) != ERR_OK) {
		visit_fail(v, e);
		return;
	}
	(void)json_object_del(v->model, "code");
	visit_new_form(v);
	visit_done(v, what);
}

void
source_practised(struct visit *v)
{
	const struct receipt *right;
	struct receipt code;
	size_t i = 0;

	if (!may_practise(v, true) || !parse(v, "practice", &code))
		return;
	right = &v->who->receipt;
	while (i < RECEIPT_WORDS && code.word[i] == right->word[i])
		i++;
	wipe(&code, sizeof(code));
	if (i == RECEIPT_WORDS) {
		written(v, "practised");
	} else {
		visit_set(v, "number", json_integer((json_int_t)i + 1));
		refuse(v, "practice", 422, "error.practice");
	}
}

void
source_written(struct visit *v)
{

	if (visit_owner(v, true))
		written(v, "written");
}

void
source_leave(struct visit *v)
{
	bool now = form_get(v->r->form, "leave") != NULL;
	enum err e = ERR_OK;

	/*
	 * Without a session there is nothing to end, and no harm in clearing.
	 * "Leave now" on a page that is older than the session has no token of
	 * it; it must work all the same, and another site's button brings no
	 * cookie.
	 */
	if (v->who != NULL && !now && !visit_owner(v, true))
		return;
	if (v->who != NULL && now)
		e = shown(v);
	visit_sign_out(v);
	if (now)
		http_set(v->a, "Clear-Site-Data", "\"cache\", \"cookies\", "
		    "\"storage\"");
	if (e != ERR_OK)
		visit_fail(v, e);
	else
		visit_go(v, "/selesai");
}
