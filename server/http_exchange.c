/*
 * One request from its header to its answer:
 *
 *	begin	what the application wants for it, or a fault
 *	body	to the form, the buffer, or nowhere
 *	finish	handler, here or on its lane; answer
 *	over	release, wipe
 */
#include <stdlib.h>
#include <string.h>

#include "http_internal.h"

void
http_fault_set(struct http_connection *c, enum http_fault why)
{
	if (!c->x.faulty) {
		c->x.faulty = true;
		c->x.fault = why;
	}
}

static void
form_fault_set(struct http_connection *c, enum form_fault why)
{
	c->x.req.form_fault = why;
	http_fault_set(c, HTTP_FORM);
}

/* The first file that the application takes makes it an upload. */
static enum form_take
file_start(void *arg, const char *name, const char *type)
{
	struct http_request *r = arg;
	struct http_connection *c = r->connection;
	enum form_take take = c->x.plan.files->start(arg, name, type);

	if (take == FORM_TAKEN && !atomic_load(&c->uploading) &&
	    !http_limit_upload(c))
		return FORM_STOP;
	return take;
}

static void
prepare_form(struct http_connection *c)
{
	struct http_exchange *x = &c->x;
	const char *type = x->fields.value[FIELD_CONTENT_TYPE];
	const struct form_files *files = NULL;

	if (x->plan.body == BODY_UPLOAD && x->plan.files != NULL) {
		x->files = *x->plan.files;
		x->files.start = file_start;
		x->files.arg = &x->req;
		files = &x->files;
	}
	switch ((int)form_new(type == NULL ? "" : type, &x->plan.form, files,
	    &x->req.form)) {
	case ERR_OK:
		break;
	case ERR_NOTFOUND:
		http_fault_set(c, HTTP_TYPE);
		break;
	case ERR_FORMAT:
		form_fault_set(c, FORM_MALFORMED);
		break;
	default:
		http_fault_set(c, HTTP_SERVER);
		break;
	}
}

/* Whether the rest of a refused body is little enough to be read to its end;
 * of more than that only a little is, so that nobody sends it for nothing. */
static bool
to_its_end(const struct http_exchange *x)
{
	return x->plan.discard_max > 0 && (x->length < x->body_len ||
	    x->length - x->body_len <= x->plan.discard_max);
}

/* What the application wants, once the request is one at all. */
static void
route(struct http_connection *c)
{
	const struct http_app *app = &c->http->o.app;
	struct http_exchange *x = &c->x;

	x->routed = true;
	app->route(app->ctx, &x->req, &x->plan);
	http_patient(c, to_its_end(x));
	if (x->plan.body == BODY_NONE)
		return;
	if (x->length > x->plan.body_max)
		http_fault_set(c, HTTP_TOO_LARGE);
	else if (x->plan.body == BODY_BYTES)
		buf_init(&x->body, (size_t)x->plan.body_max);
	else
		prepare_form(c);
}

static enum http_next
answer(struct http_connection *c, struct http_response *a)
{
	struct http_response *fallback = NULL;
	bool ok = a != NULL && http_send(c, a);

	if (!ok && http_stage_get(c) != STAGE_DEAD) {
		fallback = http_fault_answer(c, HTTP_SERVER);
		ok = fallback != NULL && http_send(c, fallback);
	}
	http_answer_free(fallback);
	return ok ? NEXT_GO : NEXT_CLOSE;
}

static enum http_next
answer_fault(struct http_connection *c, bool close)
{
	struct http_response *a = http_fault_answer(c, c->x.fault);
	enum http_next next;

	if (a != NULL && close)
		a->close = true;
	next = answer(c, a);
	http_answer_free(a);
	return next;
}

/* What the request costs its circuit. */
static bool
pay(struct http_connection *c)
{
	struct http_exchange *x = &c->x;

	if (x->charged || x->plan.cost == CIRCUIT_FREE)
		return true;
	x->charged = http_limit_spend(c, CIRCUIT_REQUESTS, 1) &&
	    (x->plan.cost == CIRCUIT_REQUESTS ||
	    http_limit_spend(c, x->plan.cost, 1));
	return x->charged;
}

enum http_next
http_begin(struct http_connection *c, const char *method, const char *version)
{
	struct http_exchange *x = &c->x;
	bool body;

	x->begun = true;
	x->req.method = method;
	if (!http_framing(x, version)) {
		/* Nobody knows where its body ends: nothing is read of it. */
		http_fault_set(c, HTTP_MALFORMED);
		return answer_fault(c, true);
	}
	x->req.length = x->length;
	body = x->length > 0 || x->fields.value[FIELD_TRANSFER_ENCODING];
	if (x->bad_path)
		http_fault_set(c, HTTP_MALFORMED);
	else if (c->over)
		http_fault_set(c, HTTP_CIRCUIT);
	else
		route(c);
	/* A form is read before it is refused: its text goes back. */
	if (!x->faulty && (!body || x->plan.body != BODY_FORM) && !pay(c))
		http_fault_set(c, HTTP_CIRCUIT);
	if (x->faulty && x->expects && body)
		return answer_fault(c, true);
	if (!http_stage_set(c, x->faulty || x->plan.body == BODY_NONE ?
	    STAGE_DISCARD : STAGE_BODY))
		return NEXT_CLOSE;
	return NEXT_GO;
}

/*
 * A browser that is still sending does not look at an answer; so what it
 * sends is read, for a while, and dropped.  Measured: Firefox shows an answer
 * only behind its last byte, whether our side is shut or not; if it is reset
 * before, it sends everything once more and then shows its own error page.
 */
static enum http_next
discard(struct http_connection *c, size_t n)
{
	struct http_exchange *x = &c->x;
	uint64_t max = HTTP_DISCARD_MAX;

	if (x->discarded == 0)
		http_patient(c, to_its_end(x));
	if (to_its_end(x))
		max = x->plan.discard_max;
	x->discarded += n;
	if (http_stage_get(c) == STAGE_BODY &&
	    !http_stage_set(c, STAGE_DISCARD))
		return NEXT_CLOSE;
	http_stage_bytes(c, n);
	if (x->discarded > max &&
	    http_stage_get(c) == STAGE_DISCARD) {
		http_fault_set(c, HTTP_TOO_LARGE);
		http_send_past(c, x->fault);
	}
	return NEXT_GO;
}

/* The form takes it all, or waits for the application, or stops. */
static enum http_next
feed(struct http_connection *c, struct bytes in, size_t *taken)
{
	struct form *f = c->x.req.form;
	const uint8_t *p = in.p;
	size_t k;

	for (;;) {
		switch (form_feed(f, (struct bytes){ p, in.n - *taken }, &k)) {
		case FORM_TAKEN:
			*taken += k;
			return NEXT_GO;
		case FORM_STOP:
			*taken = in.n;
			form_fault_set(c, form_fault(f));
			return NEXT_GO;
		case FORM_WAIT:
			*taken += k;
			p = in.n == 0 ? NULL : p + k;
			break;
		}
		switch (http_park(c, false)) {
		case PARK_SLEEP:
			return NEXT_WAIT;
		case PARK_END:
			return NEXT_CLOSE;
		case PARK_AGAIN:
			break;
		}
	}
}

static void
take_bytes(struct http_connection *c, const void *p, size_t n)
{
	struct buf *b = &c->x.body;

	buf_put(b, p, n);
	if (buf_err(b) != ERR_OK)
		http_fault_set(c, buf_err(b) == ERR_RANGE ? HTTP_TOO_LARGE :
		    HTTP_SERVER);
}

/* Whole KiB count, each once; what a form kept back comes a second time. */
static bool
kib(struct http_connection *c, size_t n)
{
	struct http_exchange *x = &c->x;
	uint64_t seen = x->body_len + x->discarded + n, more;

	if (seen / 1024 <= x->kib)
		return true;
	more = seen / 1024 - x->kib;
	x->kib = seen / 1024;
	return http_limit_spend(c, CIRCUIT_KIB, (unsigned)more);
}

enum http_next
http_body(struct http_connection *c, const void *p, size_t n, size_t *taken)
{
	struct http_exchange *x = &c->x;
	enum http_next next = NEXT_GO;

	*taken = n;
	if (!kib(c, n))
		http_fault_set(c, HTTP_CIRCUIT);
	if (x->faulty || x->plan.body == BODY_NONE)
		return discard(c, n);
	if (n > x->plan.body_max - x->body_len) {	/* chunked */
		http_fault_set(c, HTTP_TOO_LARGE);
		return discard(c, n);
	}
	if (x->plan.body == BODY_BYTES) {
		take_bytes(c, p, n);
	} else {
		*taken = 0;
		next = feed(c, (struct bytes){ p, n }, taken);
	}
	x->body_len += *taken;
	http_stage_bytes(c, *taken);
	if (!atomic_load(&c->uploading))
		http_limit_hold(c, *taken);
	return next;
}

/* The body is whole: is what was made of it? */
static enum http_next
body_end(struct http_connection *c)
{
	struct http_exchange *x = &c->x;
	enum http_next next = NEXT_GO;
	enum form_fault why;
	size_t none = 0;

	if (x->req.form != NULL) {
		/* A callback may still wait at the end of its file. */
		next = feed(c, (struct bytes){ NULL, 0 }, &none);
		if (next != NEXT_GO)
			return next;
		if ((why = form_end(x->req.form)) != FORM_FINE)
			form_fault_set(c, why);
	}
	x->req.body = (struct bytes){ x->body.data, x->body.len };
	return next;
}

static void
handler(struct http_connection *c)
{
	c->x.plan.handle(c->http->o.app.ctx, &c->x.req, c->x.answer);
}

/* On a lane; or, when the lane has no place for it after all, on a thread
 * that works for somebody else. */
static void
job(void *arg, bool run)
{
	struct http_connection *c = arg;
	struct http *h = c->http;

	if (run) {
		handler(c);
		http_answer_deaf(c);
	} else {
		http_fault_set(c, HTTP_BUSY);
	}
	http_done(c);	/* behind this the connection may be gone */
	(void)pthread_mutex_lock(&h->mu);
	h->jobs--;
	(void)pthread_cond_broadcast(&h->changed);
	(void)pthread_mutex_unlock(&h->mu);
}

static bool
job_start(struct http_connection *c)
{
	struct http *h = c->http;
	bool ok;

	(void)pthread_mutex_lock(&h->mu);
	ok = !atomic_load(&h->cutting);
	if (ok)
		h->jobs++;
	(void)pthread_mutex_unlock(&h->mu);
	if (!ok)
		return false;
	if (lanes_run(h->o.lanes, c->x.plan.lane, c->circuit, job, c) ==
	    ERR_OK)
		return true;
	(void)pthread_mutex_lock(&h->mu);
	h->jobs--;
	(void)pthread_cond_broadcast(&h->changed);
	(void)pthread_mutex_unlock(&h->mu);
	return false;
}

/* Calls the handler or gives it to its lane. */
static enum http_next
start(struct http_connection *c)
{
	struct http_exchange *x = &c->x;

	if (!pay(c)) {
		http_fault_set(c, HTTP_CIRCUIT);
		return answer_fault(c, false);
	}
	if (!http_stage_set(c, STAGE_WORK))
		return NEXT_CLOSE;
	if (x->plan.handle == NULL ||
	    (x->answer = http_answer_new()) == NULL) {
		http_fault_set(c, HTTP_SERVER);
		return answer_fault(c, false);
	}
	x->handed = true;
	if (x->plan.lane == LANE_HERE) {
		handler(c);
		x->done = true;
	} else if (!job_start(c)) {
		x->handed = false;
		http_fault_set(c, HTTP_BUSY);
		return answer_fault(c, false);
	}
	return NEXT_GO;
}

static bool
is_done(struct http_connection *c)
{
	bool done;

	(void)pthread_mutex_lock(&c->mu);
	done = c->x.done;
	(void)pthread_mutex_unlock(&c->mu);
	return done;
}

enum http_next
http_finish(struct http_connection *c)
{
	struct http_exchange *x = &c->x;
	enum http_next next;

	if (http_stage_get(c) == STAGE_LINGER)
		return NEXT_CLOSE;	/* the answer is sent already */
	if (!x->handed) {
		if (!x->faulty && (next = body_end(c)) != NEXT_GO)
			return next;
		if (x->faulty)
			return answer_fault(c, false);
		if ((next = start(c)) != NEXT_GO || !x->handed)
			return next;
	}
	while (!is_done(c))
		if (http_park(c, true) == PARK_SLEEP)
			return NEXT_WAIT;
	if (x->past)
		return NEXT_CLOSE;
	return x->faulty ? answer_fault(c, false) : answer(c, x->answer);
}

void
http_over(struct http_connection *c)
{
	struct http_exchange *x = &c->x;

	if (x->routed && x->plan.release != NULL)
		x->plan.release(c->http->o.app.ctx, &x->req);
	http_limit_upload_end(c);
	http_limit_release(c);
	form_free(x->req.form);
	buf_done(&x->body);
	http_answer_free(x->answer);
	wipe(x, sizeof(*x));
	(void)pthread_mutex_lock(&c->mu);
	c->wake = false;	/* was meant for the request that is over */
	c->first = false;
	(void)pthread_mutex_unlock(&c->mu);
	http_patient(c, false);
	(void)http_stage_set(c, STAGE_HEAD);
}
