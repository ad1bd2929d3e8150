#ifndef DESK_INTERNAL_H
#define DESK_INTERNAL_H
/* What the files of the desk's side share: a call is one signed request. */
#include "api.h"
#include "desk.h"
#include "httpsig.h"
#include "ledger.h"

struct call {
	struct server *s;
	struct http_request *r;
	struct http_response *a;
	uint64_t epoch;
	bool verified;			/* the request's signature held */
	struct roster_desk desk;	/* whose it is */
	char channel[ROSTER_CHANNELS][ROSTER_CHANNEL_MAX + 1];	/* its own */
	size_t channels;
	struct httpsig_message message;	/* of the request */
	char request_signature[HTTPSIG_VALUE_MAX];
	const char *rest;		/* of the path, behind the route's */
};

/*
 * call_verify(c): signature, key, role, time, nonce, digest.  False: the
 * problem that says why is in the answer.
 */
bool call_verify(struct call *c);
/* call_sign(c): sign the answer as it stands. */
void call_sign(struct call *c);
/* call_problem(c, status, code, detail): an RFC 9457 answer. */
void call_problem(struct call *c, int status, const char *code,
    const char *detail);
/* call_fail(c, e): the problem of an internal error. */
void call_fail(struct call *c, enum err e);
/* call_json(c, status): the answer's body is JSON now. */
void call_json(struct call *c, int status);
/* call_type(c, type): the body is of that media type, else a 415. */
bool call_type(struct call *c, const char *type);
/* call_keeps(c, cs): a custodian of the case's channel, now and when the
 * identity was sealed. */
bool call_keeps(const struct call *c, const struct case_record *cs);
/* call_id(text, n, id): exactly 32 hex digits. */
bool call_id(const char *text, size_t n, uint8_t id[static ID_LEN]);

typedef void call_fn(struct call *c);
call_fn desk_office, desk_roster, desk_feed;	/* desk_feed.c */
call_fn desk_object_get, desk_object_new, desk_object_put;
call_fn desk_action;				/* desk_action.c */
call_fn desk_inventory, desk_cosignature;	/* desk_audit.c */

#endif
