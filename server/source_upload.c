/* Evidence: who sends it, to whom, how much; and what is answered. */
#include <stdlib.h>
#include <string.h>

#include "ledger.h"
#include "pad.h"
#include "source_internal.h"
#include "upload.h"

#define MIB		(1024 * 1024)

/* "Leave now", from any thread. */
static void
cut(void *arg)
{
	struct upload *u = arg;

	(void)pthread_mutex_lock(&u->lock);
	u->cut = true;
	if (!u->over)
		http_cut(u->r);
	(void)pthread_mutex_unlock(&u->lock);
}

/* From its header on an upload is its session's, and is shown there. */
static enum err
hold(struct upload *u)
{
	enum err e;

	if ((e = secret_new(COOKIE_TEXT + 1, &u->cookie)) != ERR_OK)
		return (e);
	e = http_cookie(u->r, "s", (char *)u->cookie->bytes, COOKIE_TEXT + 1);
	if (e != ERR_OK)
		return (e);
	e = session_get(u->s->sessions, (const char *)u->cookie->bytes,
	    clock_now(u->s->clock), &u->session);
	if (e != ERR_OK)
		return (e);
	u->hold.cut = cut;
	u->hold.arg = u;
	e = session_hold(u->s->sessions, (const char *)u->cookie->bytes,
	    &u->hold);
	u->held = e == ERR_OK;
	return (e);
}

/* It is told where its progress is shown: no browser shows a page meanwhile. */
static void
far_too_large(struct upload *u)
{

	object_init(&u->file[0].sent.record);
	u->file[0].state = FILE_LARGE;
	u->file[0].size = u->r->length;
	u->files = 1;
}

void
source_upload_begin(struct server *s, struct http_request *r, uint64_t max)
{
	struct upload *u = calloc(1, sizeof(*u));

	if (u == NULL)
		return;			/* the first file finds none: 500 */
	u->s = s;
	u->r = r;
	(void)pthread_mutex_init(&u->lock, NULL);
	(void)pthread_cond_init(&u->quiet, NULL);
	u->last_ms = clock_steady_ms();
	if (hold(u) != ERR_OK)
		u->fault = UPLOAD_SESSION;
	if (r->length > max)
		far_too_large(u);
	r->state = u;
}

void
upload_free(struct upload *u)
{

	object_sealer_free(u->sealer);
	for (size_t i = 0; i < u->files; i++) {
		object_done(&u->file[i].sent.record);
		free(u->file[i].sent.about.name);
		free(u->file[i].sent.about.type);
	}
	free(u->set);
	secret_free(u->session);
	secret_free(u->cookie);
	(void)pthread_cond_destroy(&u->quiet);
	(void)pthread_mutex_destroy(&u->lock);
	wipe(u, sizeof(*u));
	free(u);
}

void
source_upload_release(struct server *s, struct http_request *r)
{
	struct upload *u = r->state;

	(void)s;
	r->state = NULL;
	if (u != NULL)
		upload_over(u);
}

/* ---- before the first file ---- */

static enum form_take
stop(struct upload *u, enum upload_fault why)
{

	u->fault = why;
	return (FORM_STOP);
}

static enum form_take
stop_sys(struct upload *u, enum err e)
{

	u->fault_err = e;
	return (stop(u, UPLOAD_SYS));
}

static enum upload_fault
admit_token(struct upload *u)
{
	const char *token = form_get(u->r->form, "token");

	if (token == NULL)
		return (UPLOAD_NO_TOKEN);
	return (token_session_check(u->s->in->secret[SECRET_RECEIPT],
	    (const char *)u->cookie->bytes, token) == ERR_OK ? UPLOAD_FINE :
	    UPLOAD_TOKEN);
}

static void
limits(struct upload *u, uint64_t file_bytes)
{
	const struct config *c = &u->s->in->config;

	server_office_lock(u->s);
	u->file_max = (uint64_t)c->file_mib * MIB;
	u->case_max = (uint64_t)c->case_mib * MIB;
	u->files_max = (size_t)c->files;
	server_office_unlock(u->s);
	u->case_left = u->case_max > file_bytes ? u->case_max - file_bytes :
	    0;
}

/* To whom, and how much. */
static enum form_take
admit_case(struct upload *u)
{
	struct server *s = u->s;
	struct store_txn *t;
	struct case_record c;
	bool full;
	enum err e;

	if ((u->set = calloc(1, sizeof(*u->set))) == NULL)
		return (stop_sys(u, ERR_SYS));
	if ((e = store_begin(s->store, &t)) != ERR_OK)
		return (stop_sys(u, e));
	e = case_get(s->records, t, &u->who->at, &c);
	store_end(t);
	if (e != ERR_OK)
		return (stop_sys(u, e));
	e = source_set_shown(s, c.channel, form_get(u->r->form,
	    "recipients"), u->set, u->set_hash);
	limits(u, c.file_bytes);
	/* better told now than when all of it has come */
	full = ledger_source_full(&c, server_epoch(s));
	u->fresh = !ledger_fetched(&c);
	case_done(&c);
	if (e != ERR_OK)
		return (stop(u, UPLOAD_RECIPIENTS));
	return (full ? stop(u, UPLOAD_EPOCH) : FORM_TAKEN);
}

static enum form_take
admit(struct upload *u)
{
	enum upload_fault why = u->fault;

	if (why == UPLOAD_FINE)
		why = admit_token(u);
	if (why != UPLOAD_FINE)
		return (stop(u, why));
	u->who = (const struct session_data *)(void *)u->session->bytes;
	return (admit_case(u));
}

/* ---- the form's callbacks ---- */

static enum form_take
file_start(void *arg, const char *name, const char *type)
{
	struct http_request *r = arg;
	struct upload *u = r->state;
	enum form_take take;

	if (u == NULL || u->files == FORM_PARTS_MAX)
		return (FORM_STOP);
	if (u->files == 0 && (take = admit(u)) != FORM_TAKEN)
		return (take);
	seal_start(u, name, type);
	return (FORM_TAKEN);
}

static enum form_take
file_data(void *arg, struct bytes in, size_t *taken)
{
	struct http_request *r = arg;

	return (seal_put(r->state, in, taken));
}

static enum form_take
file_end(void *arg)
{
	struct http_request *r = arg;

	return (seal_end(r->state));
}

const struct form_files source_upload_files = {
	file_start, file_data, file_end, NULL
};

/* ---- the answer ---- */

static void
fault_page(struct visit *v, const struct upload *u)
{

	switch (u->fault) {
	case UPLOAD_SESSION:
		if (visit_owner(v, false))
			visit_error(v, 403, "session", "no");
		break;
	case UPLOAD_TOKEN:
		visit_error(v, 403, "token", "no");
		break;
	case UPLOAD_NO_TOKEN:
		visit_error(v, 400, "file_before_token", "no");
		break;
	case UPLOAD_RECIPIENTS:
		visit_text(v, "text_key", "error.recipients");
		visit_error(v, 422, "invalid", "no");
		break;
	case UPLOAD_EPOCH:
		visit_error(v, 429, "epoch", "no");
		break;
	case UPLOAD_SYS:
	case UPLOAD_FINE:
		visit_fail(v, u->fault_err == ERR_OK ? ERR_SYS :
		    u->fault_err);
		break;
	}
}

/* The worst that befell a file decides the page; all are listed on it. */
static void
result_page(struct visit *v, const struct upload *u, enum err e)
{

	if (upload_count(u, FILE_KEPT) + upload_count(u, FILE_THERE) > 0) {
		v->kept = "yes";
		visit_text(v, "kept_key", "kept.files");
	} else {
		v->kept = e == ERR_SYS ? "unknown" : "no";
	}
	if (json_object_get(v->model, "framed") == NULL)
		visit_href(v, "/surat/berkas");
	if (upload_count(u, FILE_FAILED) > 0) {
		visit_fail(v, e != ERR_OK ? e : u->stored == ERR_OK ?
		    ERR_SYS : u->stored);
	} else if (upload_count(u, FILE_LATER) > 0) {
		visit_error(v, 429, "epoch", v->kept);
	} else if (upload_count(u, FILE_ROOM) > 0) {
		visit_set(v, "n", json_integer(v->case_mib));
		visit_error(v, 413, "quota", v->kept);
	} else if (upload_count(u, FILE_LARGE) > 0) {
		visit_set(v, "n", json_integer(v->file_mib));
		visit_text(v, "next_key", "error.too_large.parts");
		visit_error(v, 413, "too_large", v->kept);
	} else if (upload_count(u, FILE_MANY) > 0) {
		visit_set(v, "n", json_integer(v->files));
		visit_error(v, 413, "files_many", v->kept);
	} else if (upload_count(u, FILE_KEPT) > 0) {
		visit_text(v, "what", "files");
		visit_page(v, 200, "sent");
	} else if (upload_count(u, FILE_THERE) > 0) {
		visit_text(v, "what", "files_again");
		visit_page(v, 200, "sent");
	} else {
		visit_fail(v, e == ERR_OK ? ERR_SYS : e);
	}
}

void
source_upload_fault(struct visit *v)
{
	struct upload *u = v->r->state;
	size_t whole;

	if (u == NULL)
		return;
	(void)pthread_mutex_lock(&u->lock);
	whole = upload_count(u, FILE_WHOLE);
	(void)pthread_mutex_unlock(&u->lock);
	/* its whole files are kept in a moment; whether they are, the list
	 * of the session says */
	if (whole > 0 && !u->refused) {
		v->kept = "unknown";
		visit_text(v, "kept_key", "kept.files_soon");
	}
	source_progress_model(v);
}

void
source_upload_refuse(struct visit *v)
{
	struct upload *u = v->r->state;

	if (u != NULL)
		u->refused = true;
}

void
source_files(struct visit *v)
{
	struct upload *u = v->r->state;
	enum err e;

	if (u == NULL) {
		visit_fail(v, ERR_SYS);
		return;
	}
	u->handled = true;
	if (u->fault != UPLOAD_FINE) {
		fault_page(v, u);
		return;
	}
	if (u->files == 0) {
		if (visit_owner(v, true))
			visit_error(v, 422, "empty", "no");
		return;
	}
	seal_settle(u);
	e = upload_keep(u);
	source_upload_model(v, u);
	result_page(v, u, e);
}
