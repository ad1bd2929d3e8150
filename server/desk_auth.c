/*
 * Who calls: HTTP Message Signatures of requests, the memory of nonces, and
 * the signature of answers.  Profile: docs/PROTOCOL.md.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "desk_internal.h"

#define NONCES		65536		/* remembered at a time */
#define BUCKETS		16384
#define PAD_MIN		16384		/* bytes of the smallest answer */

/* A nonce counts until its request could no longer be accepted. */
struct nonce {
	struct nonce *next;
	int64_t created;
	uint8_t hash[16];
};
struct replay {
	pthread_mutex_t lock;
	struct nonce *bucket[BUCKETS];
	size_t n;
};

enum err
replay_new(struct replay **out)
{

	if ((*out = calloc(1, sizeof(**out))) == NULL)
		return (ERR_SYS);
	(void)pthread_mutex_init(&(*out)->lock, NULL);
	return (ERR_OK);
}

static void
forget(struct replay *r, int64_t before)
{

	for (size_t i = 0; i < BUCKETS; i++) {
		struct nonce **l = &r->bucket[i];

		while (*l != NULL) {
			struct nonce *gone = *l;

			if (gone->created >= before) {
				l = &gone->next;
				continue;
			}
			*l = gone->next;
			free(gone);
			r->n--;
		}
	}
}

void
replay_free(struct replay *r)
{

	if (r == NULL)
		return;
	forget(r, INT64_MAX);
	(void)pthread_mutex_destroy(&r->lock);
	free(r);
}

/* Fails: ERR_EXISTS (seen), ERR_BUSY (too many in the window), ERR_SYS. */
static enum err
replay_add(struct replay *r, const struct httpsig_params *p, int64_t now)
{
	uint8_t text[SIGN_PUBLIC_LEN + sizeof(p->nonce)], h[BLAKE2B_LEN];
	struct nonce **l, *n;
	enum err e = ERR_OK;

	memcpy(text, p->keyid, SIGN_PUBLIC_LEN);
	memset(text + SIGN_PUBLIC_LEN, 0, sizeof(p->nonce));
	memcpy(text + SIGN_PUBLIC_LEN, p->nonce, strlen(p->nonce));
	blake2b(NULL, text, sizeof(text), h);
	(void)pthread_mutex_lock(&r->lock);
	if (r->n >= NONCES)
		forget(r, now - HTTPSIG_WINDOW_SEC);
	l = &r->bucket[(h[16] << 8 | h[17]) % BUCKETS];
	for (n = *l; n != NULL; n = n->next) {
		if (memcmp(n->hash, h, sizeof(n->hash)) == 0)
			e = ERR_EXISTS;
	}
	if (e == ERR_OK && r->n >= NONCES)
		e = ERR_BUSY;
	if (e == ERR_OK && (n = calloc(1, sizeof(*n))) == NULL)
		e = ERR_SYS;
	if (e == ERR_OK) {
		n->created = p->created;
		memcpy(n->hash, h, sizeof(n->hash));
		n->next = *l;
		*l = n;
		r->n++;
	}
	(void)pthread_mutex_unlock(&r->lock);
	return (e);
}

/* ---- problems ---- */

static const char *
title_of(int status)
{

	switch (status) {
	case 400: return ("Malformed request");
	case 401: return ("Not signed as it must be");
	case 403: return ("Not allowed");
	case 404: return ("Not found");
	case 405: return ("Method not allowed");
	case 408: return ("Too slow");
	case 409: return ("Conflict");
	case 413: return ("Too large");
	case 415: return ("Wrong media type");
	case 422: return ("Cannot be accepted");
	case 429: return ("Too many requests");
	case 503: return ("Busy");
	case 507: return ("Disk full");
	default: return ("Server error");
	}
}

static void
problem(struct call *c, struct api_problem *p)
{

	(void)snprintf(p->title, sizeof(p->title), "%s", title_of(p->status));
	buf_reset(&c->a->body);
	c->a->status = p->status;
	c->a->content_type = "application/problem+json";
	if (api_problem_encode(p, &c->a->body) != ERR_OK)
		c->a->status = 500;
}

void
call_problem(struct call *c, int status, const char *code, const char *detail)
{
	struct api_problem p = { .status = status };

	(void)snprintf(p.code, sizeof(p.code), "%s", code);
	(void)snprintf(p.detail, sizeof(p.detail), "%s", detail);
	problem(c, &p);
}

void
call_fail(struct call *c, enum err e)
{

	if (e == ERR_NOTFOUND)
		call_problem(c, 404, "not_found", "There is no such thing, or "
		    "it is not for this desk.");
	else if (e == ERR_FULL)
		call_problem(c, 507, "disk_full", "The server's disk is full; "
		    "nothing was kept.");
	else if (e == ERR_BUSY)
		call_problem(c, 503, "busy", "No place is free now; nothing "
		    "was kept. Try again later.");
	else
		call_problem(c, 500, "server", err_text(e));
}

/*
 * JSON ends in spaces up to 16, 32, 64, ... KiB, so that who watches the wire
 * does not see whether a desk heard of anything.
 */
static void
pad(struct buf *b)
{
	size_t want = PAD_MIN;

	while (want < b->len)
		want *= 2;
	if (want <= b->max)
		buf_fill(b, ' ', want - b->len);
}

void
call_json(struct call *c, int status)
{

	pad(&c->a->body);
	c->a->status = status;
	c->a->content_type = "application/json";
	if (buf_err(&c->a->body) != ERR_OK)
		call_fail(c, buf_err(&c->a->body));
}

bool
call_type(struct call *c, const char *type)
{
	const char *given = http_header(c->r, "content-type");
	size_t n = strlen(type);

	if (given != NULL && strncmp(given, type, n) == 0 &&
	    (given[n] == '\0' || given[n] == ';'))
		return (true);
	call_problem(c, 415, "type", "The body is not of the media type that "
	    "this call takes.");
	return (false);
}

bool
call_id(const char *text, size_t n, uint8_t id[static ID_LEN])
{

	return (hex_decode((struct bytes){ text, n }, id, ID_LEN) == ERR_OK);
}

/* ---- requests ---- */

static bool
clock_fault(struct call *c, int64_t created, int64_t now)
{
	struct api_problem p = { .status = 401, .has_skew = true };

	if (created >= c->s->started && created >= now - HTTPSIG_WINDOW_SEC &&
	    created <= now + HTTPSIG_WINDOW_SEC)
		return (false);
	p.skew = created - now;
	if (created < c->s->started && created >= now - HTTPSIG_WINDOW_SEC) {
		(void)snprintf(p.code, sizeof(p.code), "before_start");
		(void)snprintf(p.detail, sizeof(p.detail), "The request was "
		    "signed before this server started. Sign it again.");
	} else {
		(void)snprintf(p.code, sizeof(p.code), "clock");
		(void)snprintf(p.detail, sizeof(p.detail), "Your clock is %lld"
		    " seconds %s the server's; at most %d are allowed.",
		    (long long)(p.skew < 0 ? -p.skew : p.skew), p.skew < 0 ?
		    "behind" : "ahead of", HTTPSIG_WINDOW_SEC);
	}
	problem(c, &p);
	return (true);
}

static bool
known_desk(struct call *c, const uint8_t key[static SIGN_PUBLIC_LEN])
{
	const struct roster_desk *d;
	const struct roster *ro;

	server_office_lock(c->s);
	ro = instance_roster_newest(c->s->in);
	d = instance_desk(c->s->in, c->epoch, key);
	if (d != NULL)
		c->desk = *d;
	for (size_t i = 0; d != NULL && i < ro->channels; i++) {
		if ((d->channels & (1u << i)) != 0)
			text_copy(c->channel[c->channels++],
			    sizeof(c->channel[0]), ro->channel[i].name);
	}
	server_office_unlock(c->s);
	return (d != NULL);
}

static void
describe(struct call *c, char authority[static 256])
{
	struct httpsig_message *m = &c->message;

	server_office_lock(c->s);
	instance_authority(c->s->in, authority);
	server_office_unlock(c->s);
	m->method = c->r->method;
	m->authority = authority;
	m->path = c->r->raw_path;
	m->query = c->r->query[0] == '\0' ? "?" : c->r->query;
	m->content_digest = http_header(c->r, "content-digest");
	m->content_type = http_header(c->r, "content-type");
}

static bool
refuse(struct call *c, const char *code, const char *detail)
{

	call_problem(c, 401, code, detail);
	return (false);
}

bool
call_verify(struct call *c)
{
	const char *input = http_header(c->r, "signature-input");
	const char *field = http_header(c->r, "signature");
	char authority[256];
	int64_t now = clock_now(c->s->clock);
	struct httpsig_params p;
	uint8_t sig[SIGN_LEN];
	struct buf base;
	enum err e;

	if (input == NULL || field == NULL)
		return (refuse(c, "unsigned", "The request is not signed."));
	describe(c, authority);
	buf_init(&base, 8192);
	e = httpsig_request_parse(&c->message, input, field, &p, sig, &base);
	if (e == ERR_OK && strcmp(p.tag, HTTPSIG_TAG_REQUEST) != 0)
		e = ERR_FORMAT;
	if (e != ERR_OK) {
		buf_done(&base);
		return (refuse(c, "signature_form", "The signature's fields "
		    "are not of the form that this API asks for."));
	}
	if (!known_desk(c, p.keyid)) {
		buf_done(&base);
		return (refuse(c, "unknown_key",
		    "This key is not in the roster that is in force."));
	}
	e = sign_verify(p.keyid, base.data, base.len, sig);
	buf_done(&base);
	if (e != ERR_OK)
		return (refuse(c, "signature", "The signature is wrong."));
	if (clock_fault(c, p.created, now))
		return (false);
	if (c->r->body.n > 0 && (c->message.content_digest == NULL ||
	    content_digest_check(c->message.content_digest, c->r->body) !=
	    ERR_OK))
		return (refuse(c, "digest",
		    "The body is not the one that was signed."));
	switch (replay_add(c->s->replay, &p, now)) {
	case ERR_OK:
		break;
	case ERR_EXISTS:
		return (refuse(c, "replay",
		    "This request was sent before. Sign it anew."));
	default:
		call_fail(c, ERR_BUSY);
		return (false);
	}
	c->verified = true;
	/* the member's value alone: ":base64:" */
	(void)snprintf(c->request_signature, sizeof(c->request_signature),
	    "%s", field + strlen("sig1="));
	return (true);
}

void
call_sign(struct call *c)
{
	struct httpsig_message m = c->message;
	struct httpsig_params p = { .created = clock_now(c->s->clock) };
	char digest[CONTENT_DIGEST_MAX], value[HTTPSIG_VALUE_MAX];
	char authority[256];
	struct buf input, base;
	uint8_t sig[SIGN_LEN];
	enum err e;

	buf_init(&input, HTTPSIG_FIELD_MAX);
	buf_init(&base, 8192);
	server_office_lock(c->s);
	instance_authority(c->s->in, authority);
	server_office_unlock(c->s);
	content_digest((struct bytes){ c->a->body.data, c->a->body.len },
	    digest);
	m.authority = authority;
	m.status = c->a->status;
	m.content_digest = digest;
	m.content_type = NULL;
	m.request_signature = c->request_signature;
	memcpy(p.keyid, c->s->in->answers, SIGN_PUBLIC_LEN);
	(void)snprintf(p.tag, sizeof(p.tag), "%s", HTTPSIG_TAG_ANSWER);
	if ((e = httpsig_answer_base(&m, &p, &input, &base)) == ERR_OK)
		e = signer_answer(c->s->signer, (struct bytes){ base.data,
		    base.len }, sig);
	if (e == ERR_OK) {
		httpsig_field(sig, value);
		http_set(c->a, "Content-Digest", "%s", digest);
		http_set(c->a, "Signature-Input", "%s", buf_text(&input));
		http_set(c->a, "Signature", "%s", value);
	}			/* else unsigned: the client refuses it */
	buf_done(&input);
	buf_done(&base);
}
