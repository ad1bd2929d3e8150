/* Actions: stored, sent, sent again, answered. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "deed.h"
#include "deed_upload.h"
#include "home.h"

void
deed_init(const struct desk *d, const struct book_case *c,
    enum event_kind kind, struct deed *out)
{
	const struct book_event *newest = book_newest(c);
	struct action *a = &out->action;

	memset(out, 0, sizeof(*out));
	out->of = c;
	(void)snprintf(a->origin, sizeof(a->origin), "%s", d->office.origin);
	a->has_case = a->has_request = true;
	memcpy(a->case_id, c->id, ID_LEN);
	rand_bytes(a->request, ID_LEN);
	a->kind = kind;
	a->actor = ACTOR_DESK;
	memcpy(a->actor_key, d->key, SIGN_PUBLIC_LEN);
	if (newest != NULL) {
		a->has_seen = true;
		memcpy(a->seen, newest->commitment, COMMITMENT_LEN);
	}
}

enum peluit_exit
deed_add(struct desk *d, struct book *b, const struct deed *deed, bool outbox)
{
	struct book_request r;
	struct buf text;
	enum err e;

	memset(&r, 0, sizeof(r));
	memcpy(r.case_id, deed->of->id, ID_LEN);
	r.outbox = outbox;
	buf_init(&text, ACTION_MAX);
	if ((e = action_encode(&deed->action, &text)) == ERR_OK &&
	    (e = action_sign(&deed->action, d->seed->bytes, r.action.sig)) ==
	    ERR_OK) {
		memcpy(r.action.text, text.data, text.len);
		r.action.len = text.len;
		e = book_request_add(b, &r);
	}
	buf_done(&text);
	return e == ERR_OK ? DESK_DONE : peluit_err(d, e, W_MACHINE, "action");
}

enum peluit_exit
deed_way_open(struct desk *d, struct book *b, struct deed_way *w)
{
	memset(w, 0, sizeof(*w));
	w->book = b;
	client_answer_init(&w->answer);
	return link_open(d, &w->client);
}

void
deed_way_close(struct deed_way *w)
{
	client_answer_done(&w->answer);
	client_free(w->client);
}

char *
deed_outbox(const struct desk *d, const uint8_t request[static ID_LEN],
    const char *suffix)
{
	char hex[HEX_LEN(ID_LEN) + 1], name[HEX_LEN(ID_LEN) + 8];
	char *dir = home_path(d, HOME_OUTBOX), *path;

	hex_encode(request, ID_LEN, hex);
	(void)snprintf(name, sizeof(name), "%s.%s", hex, suffix);
	path = path_join(dir, name);
	free(dir);
	return path;
}

static void
outbox_remove(const struct desk *d, const uint8_t request[static ID_LEN])
{
	char *path = deed_outbox(d, request, "age");

	(void)unlink(path);
	free(path);
	path = deed_outbox(d, request, "h");
	(void)unlink(path);
	free(path);
}

/* Request ${i} is answered: out of the book, out of the outbox. */
static enum peluit_exit
forget(struct desk *d, struct deed_way *w, size_t i, const struct action *a)
{
	bool outbox = w->book->request[i].outbox;
	enum peluit_exit x;

	book_request_drop(w->book, i);
	w->unsaved = true;
	if (!outbox)
		return DESK_DONE;
	/* The book first: a text that nothing names is only in the way. */
	if ((x = book_save(d, w->book)) != DESK_DONE)
		return x;
	w->unsaved = false;
	outbox_remove(d, a->request);
	return DESK_DONE;
}

static enum err
post(struct deed_way *w, const struct book_request *r,
    struct api_taken *taken)
{
	char path[64 + HEX_LEN(ID_LEN)], hex[HEX_LEN(ID_LEN) + 1];
	struct client_request q = { .method = "POST", .path = path,
	    .query = "?", .content_type = "application/json" };
	struct buf body;
	enum err e;

	/* No answer yet: not the one to the request before. */
	w->answer.status = 0;
	w->answer.verified = false;
	buf_init(&body, API_BODY_MAX);
	hex_encode(r->case_id, ID_LEN, hex);
	(void)snprintf(path, sizeof(path), "/v1/cases/%s/actions", hex);
	if ((e = api_action_encode(&r->action, &body)) != ERR_OK)
		goto out;
	q.body = (struct bytes){ body.data, body.len };
	if ((e = client_call(w->client, &q, &w->answer)) != ERR_OK)
		goto out;
	e = api_taken_decode((struct bytes){ w->answer.body.data,
	    w->answer.body.len }, taken);
out:
	buf_done(&body);
	return e;
}

/* A signed no is final; all else may be different the next time. */
static bool
is_final(const struct client_answer *a)
{
	return a->verified && a->status >= 400 && a->status < 500 &&
	    a->status != 408 && a->status != 429;
}

static enum peluit_exit
waits(struct desk *d, struct deed_way *w, enum err e)
{
	enum peluit_exit x = link_fail(d, w->client, e, &w->answer);

	(void)peluit_fail(d, x, W_REQUEST_WAITS, client_why(w->client), NULL);
	return x;
}

/* What the server says about a role or an identity, in our own sentences. */
static enum word
why_not(const char *code)
{
	static const struct { const char *code; enum word w; } known[] = {
		{ "no_identity", W_IDENTITY_NONE }, { "asked", W_CONSENT_WAIT },
		{ "agreed", W_CONSENT_AGREED }, { "refused", W_CONSENT_NO },
		{ "not_asked", W_CONSENT_NONE },
		{ "unanswered", W_CONSENT_WAIT }, { "role", W_ROLE },
	};
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(known[i].code, code) == 0)
			return known[i].w;
	return W_REFUSED;
}

enum peluit_exit
deed_send(struct desk *d, struct deed_way *w, size_t i,
    struct api_taken *taken)
{
	struct book_request *r = &w->book->request[i];
	bool uploaded = false;
	char name[CASE_NAME_LEN + 1];
	struct action a;
	enum peluit_exit x;
	enum err e;

	memset(taken, 0, sizeof(*taken));
	w->postponed = false;
	case_name(r->case_id, name);
	if ((e = action_decode((struct bytes){ r->action.text,
	    r->action.len }, &a)) != ERR_OK)
		return peluit_err(d, e, W_INDEX_DAMAGED, "index.age");
	do {
		if (r->outbox && (!r->action.has_object || uploaded)) {
			uploaded = true;
			e = deed_upload(d, w, a.request, r->action.object);
			if (e != ERR_OK)
				return waits(d, w, e);
			r->action.has_object = true;
			if ((x = book_save(d, w->book)) != DESK_DONE)
				return x;
		}
		if ((e = post(w, r, taken)) == ERR_OK)
			return forget(d, w, i, &a);
		if (a.kind == EVENT_ACCESS && w->answer.verified &&
		    (e == ERR_BUSY || e == ERR_FULL || e == ERR_NOTFOUND)) {
			w->postponed = true;
			return forget(d, w, i, &a);
		}
		if (!is_final(&w->answer))
			return waits(d, w, e);
		/* What was sent up before may be gone by now: once more. */
		if (!r->outbox || uploaded)
			break;
		uploaded = true;
	} while (true);
	if ((x = forget(d, w, i, &a)) != DESK_DONE)
		return x;
	peluit_set(d, "problem", json_string(w->answer.problem.code));
	if (w->fresh && why_not(w->answer.problem.code) != W_REFUSED)
		return peluit_fail(d, DESK_NO,
		    why_not(w->answer.problem.code), name, NULL);
	if (w->fresh)
		return peluit_fail(d, DESK_NO, W_REFUSED,
		    client_why(w->client), NULL);
	return peluit_fail(d, DESK_NO, W_REQUEST_DROPPED, name,
	    client_why(w->client));
}

enum peluit_exit
deed_retry(struct desk *d, struct deed_way *w)
{
	enum peluit_exit x = DESK_DONE, one;
	struct api_taken taken;
	size_t before, i = 0;

	while (i < w->book->requests) {
		before = w->book->requests;
		one = deed_send(d, w, i, &taken);
		if (one != DESK_DONE)
			x = one;
		/* Refused for good: go on; not reached: stop here. */
		if (w->book->requests == before)
			break;
	}
	return x;
}

enum peluit_exit
deed_do(struct desk *d, struct book *b, const struct deed *deed, bool outbox)
{
	char name[CASE_NAME_LEN + 1], epoch[24], hex[HEX_LEN(ID_LEN) + 1];
	struct api_taken taken;
	struct deed_way w;
	bool added = false;
	enum peluit_exit x;

	memset(&w, 0, sizeof(w));
	if ((x = deed_way_open(d, b, &w)) != DESK_DONE)
		goto out;
	/* What waited goes first; if it cannot, this stays unsent as well. */
	if (b->requests > 0 && deed_retry(d, &w) != DESK_DONE &&
	    b->requests > 0) {
		x = DESK_NO;
		goto out;
	}
	if ((x = deed_add(d, b, deed, outbox)) != DESK_DONE)
		goto out;
	/* Once it was tried the book may name it, whatever came of it. */
	added = true;
	if ((x = book_save(d, b)) != DESK_DONE)
		goto out;
	w.fresh = true;
	if ((x = deed_send(d, &w, b->requests - 1, &taken)) != DESK_DONE)
		goto out;
	w.unsaved = true;
	case_name(deed->of->id, name);
	hex_encode(deed->of->id, ID_LEN, hex);
	(void)snprintf(epoch, sizeof(epoch), "%llu",
	    (unsigned long long)taken.epoch);
	peluit_say(d, W_TAKEN, name, epoch);
	peluit_set(d, "case", json_string(hex));
	peluit_set(d, "name", json_string(name));
	peluit_set(d, "epoch", json_integer((json_int_t)taken.epoch));
	peluit_set(d, "leaf", json_integer((json_int_t)taken.leaf));
out:
	if (outbox && !added)
		outbox_remove(d, deed->action.request);
	if (w.unsaved && book_save(d, b) != DESK_DONE)
		x = DESK_MACHINE;
	deed_way_close(&w);
	return x;
}
