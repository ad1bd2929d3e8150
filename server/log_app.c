/* The public log's listener: no account, nothing kept, nothing asked. */
#include <stdio.h>
#include <string.h>

#include "log_app.h"
#include "log_cosign.h"
#include "log.h"
#include "log_public.h"

static void
text(struct http_response *a, int status, const char *s)
{

	buf_reset(&a->body);
	a->status = status;
	a->content_type = "text/plain; charset=utf-8";
	buf_puts(&a->body, s);
}

enum err
log_look(struct server *s, const char *path, struct buf *out)
{
	struct log_public p = { .in = s->in };
	struct buf lines;
	enum err e;

	buf_init(&lines, NOTE_MAX);
	p.v.r = s->records;
	p.v.epoch0 = instance_epoch0(s->in);
	p.cosigned = &lines;
	if ((e = store_begin(s->store, &p.v.t)) != ERR_OK)
		return (e);
	e = log_closed(p.v.r, p.v.t, p.v.epoch0, &p.closed);
	if (e == ERR_OK) {
		p.closed = log_published(s, p.closed);
		server_office_lock(s);
		if (strcmp(path, "/checkpoint") == 0)
			e = log_cosign_lines(p.v.r, p.v.t,
			    instance_roster_newest(s->in), p.closed * LEAVES,
			    &lines);
		if (e == ERR_OK)
			e = log_public(&p, path, out);
		server_office_unlock(s);
	}
	store_end(p.v.t);
	buf_done(&lines);
	return (e);
}

static void
handle(void *app, struct http_request *r, struct http_response *a)
{
	enum err e;

	if (strcmp(r->method, "GET") != 0 && strcmp(r->method, "HEAD") != 0) {
		http_set(a, "Allow", "GET, HEAD");
		text(a, 405, "only GET and HEAD\n");
		return;
	}
	e = log_look(app, r->path, &a->body);
	if (e == ERR_NOTFOUND) {
		text(a, 404, "not found\n");
	} else if (e != ERR_OK) {
		text(a, 500, "server error\n");
	} else {
		a->status = 200;
		a->content_type = strncmp(r->path, "/tile/", 6) == 0 ||
		    strncmp(r->path, "/disclosure/", 12) == 0 ?
		    "application/octet-stream" : "text/plain; charset=utf-8";
	}
}

static void
route(void *app, struct http_request *r, struct http_plan *plan)
{

	(void)app;
	(void)r;
	plan->handle = handle;
	plan->lane = LANE_HERE;
	plan->body = BODY_NONE;
}

static void
fault(void *app, struct http_request *r, enum http_fault why,
    struct http_response *a)
{
	static const struct { int status; const char *text; } said[] = {
		[HTTP_MALFORMED] = { 400, "malformed\n" },
		[HTTP_SLOW] = { 408, "too slow\n" },
		[HTTP_TOO_LARGE] = { 413, "too large\n" },
		[HTTP_TYPE] = { 415, "wrong media type\n" },
		[HTTP_FORM] = { 400, "malformed\n" },
		[HTTP_CIRCUIT] = { 429, "too many requests\n" },
		[HTTP_BUSY] = { 503, "busy\n" },
		[HTTP_SERVER] = { 500, "server error\n" },
	};

	(void)app;
	(void)r;
	text(a, said[why].status, said[why].text);
}

struct http_app
log_app(struct server *s)
{

	return ((struct http_app){ s, route, fault });
}
