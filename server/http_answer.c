/* Answers: made, queued with the library, or written past it. */
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <microhttpd.h>

#include "http_internal.h"

void
http_set(struct http_response *a, const char *name, const char *fmt, ...)
{
	va_list ap;
	int n;

	assert(a->headers < HTTP_HEADERS_MAX);
	va_start(ap, fmt);
	n = vsnprintf(a->header[a->headers].value,
	    sizeof(a->header[0].value), fmt, ap);
	va_end(ap);
	/* A cut value could mean something else: better no answer at all. */
	if (n < 0 || (size_t)n >= sizeof(a->header[0].value)) {
		a->status = 0;
		a->body.err = ERR_RANGE;
		return;
	}
	a->header[a->headers++].name = name;
}

struct http_response *
http_answer_new(void)
{
	struct http_response *a;

	if ((a = calloc(1, sizeof(*a))) != NULL)
		buf_init(&a->body, HTTP_ANSWER_MAX);
	return a;
}

void
http_answer_free(struct http_response *a)
{
	if (a == NULL)
		return;
	buf_done(&a->body);
	wipe(a, sizeof(*a));
	free(a);
}

static int
fault_status(enum http_fault why)
{
	switch (why) {
	case HTTP_MALFORMED:
	case HTTP_FORM:
		return 400;
	case HTTP_SLOW:
		return 408;
	case HTTP_TOO_LARGE:
		return 413;
	case HTTP_TYPE:
		return 415;
	case HTTP_CIRCUIT:
		return 429;
	case HTTP_BUSY:
		return 503;
	case HTTP_SERVER:
		break;
	}
	return 500;
}

/* Faults behind which nothing more of the connection is wanted. */
static bool
fault_closes(enum http_fault why)
{
	return why == HTTP_MALFORMED || why == HTTP_SLOW ||
	    why == HTTP_TOO_LARGE || why == HTTP_CIRCUIT;
}

struct http_response *
http_fault_answer(struct http_connection *c, enum http_fault why)
{
	const struct http_app *app = &c->http->o.app;
	struct http_response *a;

	if ((a = http_answer_new()) == NULL)
		return NULL;
	app->fault(app->ctx, &c->x.req, why, a);
	if (a->status == 0 || buf_err(&a->body) != ERR_OK) {
		buf_done(&a->body);
		a->headers = 0;
		a->status = fault_status(why);
	}
	a->close |= fault_closes(why);
	return a;
}

/* The body goes with the response and is wiped when that is done with. */
static void
body_free(void *arg)
{
	struct buf *b = arg;

	buf_done(b);
	free(b);
}

static struct MHD_Response *
response(struct http_response *a)
{
	struct MHD_Response *r;
	struct buf *b;

	if ((b = malloc(sizeof(*b))) == NULL)
		return NULL;
	*b = a->body;
	buf_init(&a->body, a->body.max);
	r = MHD_create_response_from_buffer_with_free_callback_cls(b->len,
	    b->data, body_free, b);
	if (r == NULL)
		body_free(b);
	return r;
}

static bool
headers(struct MHD_Response *r, const struct http_response *a)
{
	size_t i;

	if (a->content_type != NULL && MHD_add_response_header(r,
	    "Content-Type", a->content_type) != MHD_YES)
		return false;
	for (i = 0; i < a->headers; i++)
		if (MHD_add_response_header(r, a->header[i].name,
		    a->header[i].value) != MHD_YES)
			return false;
	return !a->close || MHD_add_response_header(r, "Connection",
	    "close") == MHD_YES;
}

static bool
valid(const struct http_response *a)
{
	return a->status >= 200 && a->status <= 599 &&
	    buf_err(&a->body) == ERR_OK;
}

bool
http_send(struct http_connection *c, struct http_response *a)
{
	struct MHD_Response *r;
	uint64_t len = a->body.len;
	bool ok;

	if (atomic_load(&c->http->draining))
		a->close = true;
	if (!valid(a) || (r = response(a)) == NULL)
		return false;
	ok = headers(r, a) && http_stage_set(c, STAGE_SEND);
	if (ok) {
		http_stage_bytes(c, len);
		http_limit_hold(c, (size_t)len);
	}
	ok = ok && MHD_queue_response(c->mhd, (unsigned)a->status, r) ==
	    MHD_YES;
	MHD_destroy_response(r);
	return ok;
}

/* The same bytes as the library would send. */
static void
head(struct buf *b, const struct http_response *a)
{
	size_t i;

	buf_printf(b, "HTTP/1.1 %d %s\r\n", a->status,
	    MHD_get_reason_phrase_for((unsigned)a->status));
	buf_printf(b, "Connection: close\r\nContent-Length: %zu\r\n",
	    a->body.len);
	if (a->content_type != NULL)
		buf_printf(b, "Content-Type: %s\r\n", a->content_type);
	for (i = 0; i < a->headers; i++)
		buf_printf(b, "%s: %s\r\n", a->header[i].name,
		    a->header[i].value);
	buf_puts(b, "\r\n");
}

/* What a full socket does not take at once is lost. */
static bool
write_past(struct http_connection *c, const struct http_response *a)
{
	struct buf b;
	bool ok;

	buf_init(&b, HTTP_ANSWER_MAX + 65536);
	head(&b, a);
	if (strcmp(c->x.req.method, "HEAD") != 0)
		buf_put(&b, a->body.data, a->body.len);
	ok = valid(a) && buf_err(&b) == ERR_OK && send(c->fd, b.data, b.len,
	    MSG_DONTWAIT | MSG_NOSIGNAL) > 0;
	buf_done(&b);
	return ok;
}

/*
 * The library, when it goes on with a connection, first reads; and if the
 * client has closed its sending side meanwhile, it hangs up unanswered.
 */
void
http_answer_deaf(struct http_connection *c)
{
	char byte;

	if (recv(c->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0)
		c->x.past = write_past(c, c->x.answer);
}

void
http_send_past(struct http_connection *c, enum http_fault why)
{
	struct http_response *a;

	c->x.faulty = true;
	c->x.fault = why;
	a = http_fault_answer(c, why);
	/*
	 * Tor knows no half-closed connection: were our side shut now, its
	 * client would be reset in the middle of its upload and never look at
	 * the page.  So it stays open a little.
	 */
	if (a == NULL || !write_past(c, a) ||
	    !http_stage_set(c, STAGE_LINGER))
		http_shut(c);
	http_answer_free(a);
}
