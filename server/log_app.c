/*
 * The public log's listener.  Rosters are public from the start; checkpoints
 * and tiles come with the log.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log_app.h"

static void
text(struct http_response *a, int status, const char *s)
{

	a->status = status;
	a->content_type = "text/plain; charset=utf-8";
	buf_puts(&a->body, s);
}

/* "/roster/N", N from 1 without leading zeros; 0 if it is not that. */
static size_t
roster_number(const char *path)
{
	char *end;
	unsigned long n;

	if (strncmp(path, "/roster/", 8) != 0 || path[8] < '1' ||
	    path[8] > '9' || strlen(path) > 8 + 9)
		return (0);
	n = strtoul(path + 8, &end, 10);
	return (*end == '\0' ? n : 0);
}

static void
handle(void *app, struct http_request *r, struct http_response *a)
{
	struct server *s = app;
	size_t n = roster_number(r->path);

	if (strcmp(r->method, "GET") != 0 && strcmp(r->method, "HEAD") != 0) {
		http_set(a, "Allow", "GET, HEAD");
		text(a, 405, "only GET and HEAD\n");
		return;
	}
	server_office_lock(s);
	if (n > 0 && n <= s->in->rosters) {
		a->status = 200;
		a->content_type = "text/plain; charset=utf-8";
		buf_put(&a->body, s->in->roster[n - 1].note,
		    s->in->roster[n - 1].note_len);
	}
	server_office_unlock(s);
	if (a->body.len == 0)
		text(a, 404, "not found\n");
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
