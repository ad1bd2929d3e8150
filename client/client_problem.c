/* Answers that are not 2xx: RFC 9457 problems, signed or not. */
#include <stdio.h>
#include <string.h>

#include "client_problem.h"
#include "utf8.h"

static void
visible(char *text, size_t max)
{
	struct buf b;

	buf_init(&b, 4 * max);
	utf8_visible_line(text, strnlen(text, max - 1), &b);
	(void)snprintf(text, max, "%s", buf_text(&b));
	buf_done(&b);
}

static enum err
err_of(const struct client_answer *a)
{
	if (a->problem.has_skew)
		return ERR_EXPIRED;
	switch (a->status) {
	case 404:
	case 410:
		return ERR_NOTFOUND;
	case 401:
	case 403:
		return ERR_DENIED;
	case 409:
		return ERR_CONFLICT;
	case 413:
		return ERR_RANGE;
	case 429:
	case 503:
		return ERR_BUSY;
	case 507:
		return ERR_FULL;
	default:
		return ERR_NOMATCH;
	}
}

enum err
client_problem(struct client_answer *a, bool signs, char *why)
{
	struct api_problem *p = &a->problem;
	struct bytes body = { a->body.data, a->body.len };
	const char *note;

	if (api_problem_decode(body, p) != ERR_OK) {
		memset(p, 0, sizeof(*p));
		(void)snprintf(p->code, sizeof(p->code), "http_%d", a->status);
		(void)snprintf(p->title, sizeof(p->title), "HTTP %d",
		    a->status);
	}
	visible(p->code, sizeof(p->code));
	visible(p->title, sizeof(p->title));
	visible(p->detail, sizeof(p->detail));
	note = !signs || a->verified ? "" : " (not signed: it may come from "
	    "anybody on the way)";
	if (p->has_skew)
		(void)snprintf(why, CLIENT_WHY_MAX,
		    "this computer's clock is %llu seconds %s%s",
		    p->skew < 0 ? -(unsigned long long)p->skew :
		    (unsigned long long)p->skew,
		    p->skew < 0 ? "behind" : "ahead", note);
	else
		(void)snprintf(why, CLIENT_WHY_MAX, "%s%s%s%s", p->title,
		    p->detail[0] == '\0' ? "" : ": ", p->detail, note);
	return err_of(a);
}
