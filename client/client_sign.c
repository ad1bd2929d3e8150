/*
 * Requests are signed with the desk's key; an answer counts only if the
 * office's answers key signed it together with our own signature, so that an
 * old or another's answer cannot be put in its place.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "client_sign.h"

/* ":b64:" of "sig1=:b64:". */
static const char *
bare(const char *field)
{
	return strncmp(field, "sig1=", 5) == 0 ? field + 5 : field;
}

static void
message_of(const struct office *o, const struct client_request *r,
    struct httpsig_message *m)
{
	memset(m, 0, sizeof(*m));
	m->method = r->method;
	m->authority = o->authority;
	m->path = r->path;
	m->query = r->query;
}

static enum err
text_of(struct buf *b, char *out, size_t max)
{
	enum err e;

	if ((e = buf_err(b)) != ERR_OK)
		return e;
	if (b->len >= max)
		return ERR_RANGE;
	memcpy(out, b->data, b->len);
	out[b->len] = '\0';
	return ERR_OK;
}

enum err
client_sign_request(const struct office *o, const struct secret *seed,
    int64_t now, const struct client_request *r, struct client_signed *out)
{
	struct httpsig_message m;
	struct httpsig_params p;
	struct buf input, base;
	uint8_t nonce[HTTPSIG_NONCE_LEN], sig[SIGN_LEN];
	enum err e;

	memset(out, 0, sizeof(*out));
	memset(&p, 0, sizeof(p));
	buf_init(&input, HTTPSIG_FIELD_MAX);
	buf_init(&base, 2 * HTTPSIG_FIELD_MAX);
	message_of(o, r, &m);
	if (r->content_type != NULL) {
		content_digest(r->body, out->digest);
		m.content_digest = out->digest;
		m.content_type = r->content_type;
	}
	p.created = now;
	rand_bytes(nonce, sizeof(nonce));
	hex_encode(nonce, sizeof(nonce), p.nonce);
	sign_public(seed->bytes, p.keyid);
	(void)snprintf(p.tag, sizeof(p.tag), "%s", HTTPSIG_TAG_REQUEST);
	if ((e = httpsig_request_base(&m, &p, &input, &base)) != ERR_OK ||
	    (e = buf_err(&base)) != ERR_OK ||
	    (e = text_of(&input, out->input, sizeof(out->input))) != ERR_OK)
		goto out;
	sign_bytes(seed->bytes, base.data, base.len, sig);
	httpsig_field(sig, out->field);
out:
	buf_done(&input);
	buf_done(&base);
	return e;
}

void
client_fields_init(struct client_fields *f)
{
	memset(f, 0, sizeof(*f));
}

/* Keeps ${n} bytes of a field, once. */
static void
keep(struct client_fields *f, char *out, size_t max, const char *p, size_t n)
{
	while (n > 0 && (*p == ' ' || *p == '\t'))
		p++, n--;
	while (n > 0 && (p[n - 1] == ' ' || p[n - 1] == '\t' ||
	    p[n - 1] == '\r' || p[n - 1] == '\n'))
		n--;
	if (out[0] != '\0' || n >= max || memchr(p, '\0', n) != NULL) {
		f->twice = true;
		return;
	}
	memcpy(out, p, n);
	out[n] = '\0';
}

void
client_fields_line(struct client_fields *f, const char *p, size_t n)
{
	const char *colon = memchr(p, ':', n);
	size_t name, rest;

	if (colon == NULL)
		return;
	name = (size_t)(colon - p);
	rest = n - name - 1;
#define IS(s) (name == sizeof(s) - 1 && strncasecmp(p, s, name) == 0)
	if (IS("content-digest"))
		keep(f, f->digest, sizeof(f->digest), colon + 1, rest);
	else if (IS("signature-input"))
		keep(f, f->input, sizeof(f->input), colon + 1, rest);
	else if (IS("signature"))
		keep(f, f->signature, sizeof(f->signature), colon + 1, rest);
	else if (IS("content-type"))
		keep(f, f->content_type, sizeof(f->content_type), colon + 1,
		    rest);
#undef IS
}

enum err
client_check_answer(const struct office *o, const struct client_request *r,
    const struct client_signed *s, const struct client_answer *a,
    const struct client_fields *f)
{
	struct httpsig_message m;
	struct httpsig_params p;
	struct buf base;
	struct bytes body = { a->body.data, a->body.len };
	uint8_t sig[SIGN_LEN];
	enum err e;

	if (f->input[0] == '\0' && f->signature[0] == '\0')
		return ERR_NOTFOUND;
	if (f->twice || f->digest[0] == '\0')
		return ERR_FORMAT;
	buf_init(&base, 2 * HTTPSIG_FIELD_MAX);
	message_of(o, r, &m);
	m.status = a->status;
	m.content_digest = f->digest;
	m.request_signature = bare(s->field);
	if ((e = httpsig_answer_parse(&m, f->input, f->signature, &p, sig,
	    &base)) != ERR_OK || (e = buf_err(&base)) != ERR_OK)
		goto out;
	if (memcmp(p.keyid, o->answers, sizeof(p.keyid)) != 0 ||
	    strcmp(p.tag, HTTPSIG_TAG_ANSWER) != 0) {
		e = ERR_KEY;
		goto out;
	}
	if ((e = sign_verify(o->answers, base.data, base.len, sig)) != ERR_OK)
		goto out;
	e = content_digest_check(f->digest, body);
out:
	buf_done(&base);
	return e;
}
