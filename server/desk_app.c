/* Routes of the desk API. */
#include <string.h>

#include "desk_internal.h"

#define ROLE(r)		(1u << (r))
#define DESKS		(ROLE(ROLE_INVESTIGATOR) | ROLE(ROLE_CUSTODIAN))

/* A route's path may end in "*": the rest goes to the handler. */
struct route {
	const char *method, *path;
	call_fn *answer;
	unsigned roles;
	enum lane lane;
	enum http_body body;
};
static const struct route routes[] = {
	{ "GET", "/v1/office", desk_office, DESKS | ROLE(ROLE_AUDITOR),
	    LANE_HERE, BODY_NONE },
	{ "GET", "/v1/roster/*", desk_roster, DESKS | ROLE(ROLE_AUDITOR),
	    LANE_HERE, BODY_NONE },
	{ "GET", "/v1/feed", desk_feed, DESKS, LANE_WRITE, BODY_NONE },
	{ "GET", "/v1/objects/*", desk_object_get, DESKS, LANE_HERE,
	    BODY_NONE },
	{ "POST", "/v1/objects", desk_object_new, ROLE(ROLE_INVESTIGATOR),
	    LANE_WRITE, BODY_BYTES },
	{ "PUT", "/v1/objects/*", desk_object_put, ROLE(ROLE_INVESTIGATOR),
	    LANE_WRITE, BODY_BYTES },
	{ "POST", "/v1/cases/*", desk_action, DESKS, LANE_WRITE,
	    BODY_BYTES },
	{ "GET", "/v1/audit/inventory", desk_inventory, ROLE(ROLE_AUDITOR),
	    LANE_WRITE, BODY_NONE },
	{ "POST", "/v1/audit/cosignature", desk_cosignature,
	    ROLE(ROLE_AUDITOR), LANE_WRITE, BODY_BYTES },
};
#define ROUTES (sizeof(routes) / sizeof(routes[0]))

static bool
matches(const char *pattern, const char *path, const char **rest)
{
	size_t n = strlen(pattern);

	if (pattern[n - 1] != '*') {
		*rest = "";
		return (strcmp(pattern, path) == 0);
	}
	*rest = path + n - 1;
	return (strncmp(pattern, path, n - 1) == 0);
}

static const struct route *
find(const struct http_request *r, bool *there, const char **rest)
{

	*there = false;
	for (size_t i = 0; i < ROUTES; i++) {
		if (!matches(routes[i].path, r->path, rest))
			continue;
		*there = true;
		if (strcmp(routes[i].method, r->method) == 0)
			return (&routes[i]);
	}
	return (NULL);
}

static void
answer(struct call *c)
{
	bool there;
	const struct route *route = find(c->r, &there, &c->rest);

	/* who is not known learns not even which paths there are */
	if (!call_verify(c))
		return;
	if (route == NULL)
		call_problem(c, there ? 405 : 404, there ? "method" :
		    "not_found", "There is no such call.");
	else if ((route->roles & ROLE(c->desk.role)) == 0)
		call_problem(c, 403, "role",
		    "This key's role may not do that.");
	else
		route->answer(c);
}

static void
handle(void *app, struct http_request *r, struct http_response *a)
{
	struct call c;

	memset(&c, 0, sizeof(c));
	c.s = app;
	c.r = r;
	c.a = a;
	c.epoch = server_epoch(c.s);
	http_set(a, "Cache-Control", "no-store");
	answer(&c);
	if (c.verified)
		call_sign(&c);
}

static void
route_request(void *app, struct http_request *r, struct http_plan *plan)
{
	const char *rest;
	bool there;
	const struct route *route = find(r, &there, &rest);

	(void)app;
	plan->handle = handle;
	plan->lane = route == NULL ? LANE_HERE : route->lane;
	plan->body = route == NULL ? BODY_NONE : route->body;
	plan->body_max = API_BODY_MAX;
}

static void
fault(void *app, struct http_request *r, enum http_fault why,
    struct http_response *a)
{
	struct call c = { .s = app, .r = r, .a = a };

	switch (why) {
	case HTTP_MALFORMED:
	case HTTP_FORM:
		call_problem(&c, 400, "malformed", "Not a request that this "
		    "API takes.");
		break;
	case HTTP_SLOW:
		call_problem(&c, 408, "slow", "The body came too slowly.");
		break;
	case HTTP_TOO_LARGE:
		call_problem(&c, 413, "too_large", "A body is at most 1 MiB.");
		break;
	case HTTP_TYPE:
		call_problem(&c, 415, "type", "Not a media type of this API.");
		break;
	case HTTP_CIRCUIT:
		call_problem(&c, 429, "circuit", "Too many requests.");
		break;
	case HTTP_BUSY:
		call_fail(&c, ERR_BUSY);
		break;
	case HTTP_SERVER:
		call_problem(&c, 500, "server", "Something went wrong here.");
		break;
	}
}

struct http_app
desk_app(struct server *s)
{

	return ((struct http_app){ s, route_request, fault });
}
