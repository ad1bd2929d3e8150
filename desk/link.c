/* The desk's way to the server. */
#include <stdio.h>
#include <string.h>

#include "link.h"

enum peluit_exit
link_open(struct desk *d, struct client **out)
{
	enum err e;

	e = client_new(&d->office, d->seed, d->clock, d->socks, out);
	if (e == ERR_FORMAT)
		return peluit_fail(d, DESK_USAGE, W_ADDRESS_BAD,
		    d->socks == NULL ? d->office.url : d->socks, NULL);
	if (e != ERR_OK)
		return peluit_err(d, e, W_MACHINE, "curl");
	return DESK_DONE;
}

static enum peluit_exit
clocks_differ(struct desk *d, const struct api_problem *p)
{
	char seconds[24];
	int64_t skew = p->skew;

	(void)snprintf(seconds, sizeof(seconds), "%llu", skew < 0 ?
	    -(unsigned long long)skew : (unsigned long long)skew);
	peluit_set(d, "skew", json_integer(skew));
	if (d->lang == WORDS_EN)
		return peluit_fail(d, DESK_NO, W_SKEW, seconds,
		    skew < 0 ? "behind" : "ahead");
	return peluit_fail(d, DESK_NO, W_SKEW, seconds,
	    skew < 0 ? "lebih lambat" : "lebih cepat");
}

enum peluit_exit
link_fail(struct desk *d, const struct client *c, enum err e,
    const struct client_answer *a)
{
	switch ((int)e) {
	case ERR_SYS:
		return peluit_err(d, e, W_MACHINE, client_why(c));
	case ERR_NET:
		return peluit_fail(d, DESK_NO, W_NET, client_why(c), NULL);
	case ERR_MAC:
		return peluit_fail(d, DESK_NO, W_NOT_SIGNED, NULL, NULL);
	case ERR_EXPIRED:
		return clocks_differ(d, &a->problem);
	default:
		break;
	}
	if (a->status >= 200 && a->status <= 299)
		return peluit_fail(d, DESK_NO, W_ANSWER_BAD, client_why(c),
		    NULL);
	peluit_set(d, "http_status", json_integer(a->status));
	peluit_set(d, "problem", json_string(a->problem.code));
	return peluit_fail(d, DESK_NO, W_REFUSED, client_why(c), NULL);
}
