/*
 * HTTP Message Signatures (RFC 9421) in one profile, one spelling.
 *
 * A request's Signature-Input, the last two components only with a body:
 *
 *	sig1=("@method" "@authority" "@path" "@query" "content-digest"
 *	    "content-type");created=N;nonce="TEXT";keyid="HEX";tag="TEXT"
 *
 * An answer's:
 *
 *	sig1=("@status" "content-digest" "@method";req "@authority";req
 *	    "@path";req "@query";req "signature";req;key="sig1")
 *	    ;created=N;keyid="HEX";tag="TEXT"
 *
 * (each on one line, one space between components).  Signature is
 * sig1=:BASE64(64 bytes):.  What is received is read for its parameters only;
 * then the field is built anew and must be the same.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "httpsig.h"
#include "line.h"
#include "sigbase.h"

#define LABEL		"sig1="
#define CREATED_MAX	INT64_C(999999999999999)	/* RFC 8941 integers */
#define NONCE_MIN	16
#define DIGEST_HEAD	"sha-256=:"
#define DIGEST_HEAD_LEN	(sizeof(DIGEST_HEAD) - 1)
#define DIGEST_LEN	(DIGEST_HEAD_LEN + BASE64_LEN(SHA256_LEN) + 1)

void
content_digest(struct bytes body, char out[static CONTENT_DIGEST_MAX])
{
	uint8_t hash[SHA256_LEN];

	sha256(body.p, body.n, hash);
	memcpy(out, DIGEST_HEAD, DIGEST_HEAD_LEN);
	base64_encode(hash, sizeof(hash), BASE64_PADDED,
	    out + DIGEST_HEAD_LEN);
	memcpy(out + DIGEST_LEN - 1, ":", 2);
}

enum err
content_digest_check(const char *field, struct bytes body)
{
	uint8_t want[SHA256_LEN], have[SHA256_LEN];
	size_t n;

	if (strlen(field) != DIGEST_LEN || field[DIGEST_LEN - 1] != ':' ||
	    memcmp(field, DIGEST_HEAD, DIGEST_HEAD_LEN) != 0 ||
	    base64_decode((struct bytes){ field + DIGEST_HEAD_LEN,
		BASE64_LEN(SHA256_LEN) }, BASE64_PADDED, want, sizeof(want),
		&n) != ERR_OK || n != sizeof(want))
		return ERR_FORMAT;
	sha256(body.p, body.n, have);
	return ct_equal(want, have, sizeof(have)) ? ERR_OK : ERR_MAC;
}

void
httpsig_field(const uint8_t sig[static SIGN_LEN],
    char out[static HTTPSIG_VALUE_MAX])
{
	memcpy(out, LABEL ":", sizeof(LABEL));
	base64_encode(sig, SIGN_LEN, BASE64_PADDED, out + sizeof(LABEL));
	memcpy(out + sizeof(LABEL) + BASE64_LEN(SIGN_LEN), ":", 2);
}

/* ":BASE64:" */
static enum err
value_decode(const char *value, uint8_t sig[static SIGN_LEN])
{
	size_t n, len = BASE64_LEN(SIGN_LEN);

	memset(sig, 0, SIGN_LEN);
	if (strlen(value) != len + 2 || value[0] != ':' ||
	    value[len + 1] != ':' ||
	    base64_decode((struct bytes){ value + 1, len }, BASE64_PADDED, sig,
		SIGN_LEN, &n) != ERR_OK || n != SIGN_LEN)
		return ERR_FORMAT;
	return ERR_OK;
}

/* Characters that a quoted string holds without a second spelling. */
static bool
plain(const char *s, size_t min, size_t max)
{
	size_t i;

	for (i = 0; s[i] != '\0'; i++)
		if (i == max || s[i] < 0x21 || s[i] > 0x7e || s[i] == '"' ||
		    s[i] == '\\' || s[i] == ';')
			return false;
	return i >= min;
}

static bool
target_valid(const struct httpsig_message *m)
{
	const char *p;

	if (m->method == NULL || m->authority == NULL || m->path == NULL ||
	    m->path[0] != '/' || strpbrk(m->path, "?# ") != NULL ||
	    !plain(m->authority, 1, HTTPSIG_FIELD_MAX))
		return false;
	/* A host has one spelling here: lower case. */
	for (p = m->authority; *p != '\0'; p++)
		if (*p >= 'A' && *p <= 'Z')
			return false;
	for (p = m->method; *p >= 'A' && *p <= 'Z'; p++)
		continue;
	return p != m->method && *p == '\0' && (m->query == NULL ||
	    m->query[0] == '\0' || m->query[0] == '?');
}

static const char *
query_of(const struct httpsig_message *m)
{
	return m->query == NULL || m->query[0] == '\0' ? "?" : m->query;
}

static void
add_target(struct sigbase *s, const struct httpsig_message *m,
    const char *params)
{
	sigbase_add(s, "@method", params, m->method);
	sigbase_add(s, "@authority", params, m->authority);
	sigbase_add(s, "@path", params, m->path);
	sigbase_add(s, "@query", params, query_of(m));
}

static enum err
end(struct sigbase *s, const struct httpsig_params *p, bool nonce)
{
	char keyid[HEX_LEN(SIGN_PUBLIC_LEN) + 1], text[256];
	enum err e;

	if (p->created < 0 || p->created > CREATED_MAX ||
	    !plain(p->tag, 1, sizeof(p->tag) - 1) ||
	    (nonce ? !plain(p->nonce, NONCE_MIN, sizeof(p->nonce) - 1) :
		p->nonce[0] != '\0'))
		return ERR_FORMAT;
	hex_encode(p->keyid, SIGN_PUBLIC_LEN, keyid);
	snprintf(text, sizeof(text), ";created=%" PRId64 "%s%s%s"
	    ";keyid=\"%s\";tag=\"%s\"", p->created, nonce ? ";nonce=\"" : "",
	    p->nonce, nonce ? "\"" : "", keyid, p->tag);
	e = sigbase_end(s, text);
	if (e == ERR_OK && s->input->len > HTTPSIG_FIELD_MAX)
		e = ERR_RANGE;
	return e;
}

enum err
httpsig_request_base(const struct httpsig_message *m,
    const struct httpsig_params *p, struct buf *input, struct buf *base)
{
	struct sigbase s;

	if (!target_valid(m) ||
	    (m->content_digest == NULL) != (m->content_type == NULL))
		return ERR_FORMAT;
	buf_puts(input, LABEL);
	s = sigbase_begin(input, base);
	add_target(&s, m, "");
	if (m->content_digest != NULL) {
		sigbase_add(&s, "content-digest", "", m->content_digest);
		sigbase_add(&s, "content-type", "", m->content_type);
	}
	return end(&s, p, true);
}

enum err
httpsig_answer_base(const struct httpsig_message *m,
    const struct httpsig_params *p, struct buf *input, struct buf *base)
{
	uint8_t sig[SIGN_LEN];
	char status[16];
	struct sigbase s;

	if (!target_valid(m) || m->status < 100 || m->status > 599 ||
	    m->request_signature == NULL ||
	    value_decode(m->request_signature, sig) != ERR_OK)
		return ERR_FORMAT;
	snprintf(status, sizeof(status), "%d", m->status);
	buf_puts(input, LABEL);
	s = sigbase_begin(input, base);
	sigbase_add(&s, "@status", "", status);
	sigbase_add(&s, "content-digest", "", m->content_digest);
	add_target(&s, m, ";req");
	sigbase_add(&s, "signature", ";req;key=\"sig1\"",
	    m->request_signature);
	return end(&s, p, false);
}

/* ---- reading ---- */

static bool
skip(struct bytes *at, const char *s)
{
	size_t n = strlen(s);

	if (at->n < n || memcmp(at->p, s, n) != 0)
		return false;
	at->p = (const char *)at->p + n;
	at->n -= n;
	return true;
}

/* Everything up to the next ${stop}, which is skipped too. */
static bool
until(struct bytes *at, char stop, struct bytes *out)
{
	const char *p = memchr(at->p, stop, at->n);

	if (p == NULL)
		return false;
	out->p = at->p;
	out->n = (size_t)(p - (const char *)at->p);
	at->p = p + 1;
	at->n -= out->n + 1;
	return true;
}

static enum err
params_read(const char *input, bool nonce, struct httpsig_params *p)
{
	const char *list = strchr(input, ')');
	struct bytes at, text;
	uint64_t created;

	if (list == NULL)
		return ERR_FORMAT;
	at = (struct bytes){ list, strlen(list) };
	if (!skip(&at, ");created=") || !until(&at, ';', &text) ||
	    line_decimal(text, &created) != ERR_OK || created > CREATED_MAX)
		return ERR_FORMAT;
	p->created = (int64_t)created;
	if (nonce && (!skip(&at, "nonce=\"") || !until(&at, '"', &text) ||
	    line_text(text, p->nonce, sizeof(p->nonce)) != ERR_OK ||
	    !skip(&at, ";")))
		return ERR_FORMAT;
	if (!skip(&at, "keyid=\"") || !until(&at, '"', &text) ||
	    hex_decode(text, p->keyid, sizeof(p->keyid)) != ERR_OK)
		return ERR_FORMAT;
	if (!skip(&at, ";tag=\"") || !until(&at, '"', &text) ||
	    line_text(text, p->tag, sizeof(p->tag)) != ERR_OK || at.n != 0)
		return ERR_FORMAT;
	return ERR_OK;
}

typedef enum err build(const struct httpsig_message *m,
    const struct httpsig_params *p, struct buf *input, struct buf *base);

static enum err
parse(const struct httpsig_message *m, const char *input,
    const char *signature, build *build_it, struct buf *base,
    struct httpsig_params *p, uint8_t sig[static SIGN_LEN])
{
	struct buf again;
	size_t n = strlen(input);
	enum err e;

	buf_init(&again, HTTPSIG_FIELD_MAX);
	memset(p, 0, sizeof(*p));
	memset(sig, 0, SIGN_LEN);
	e = ERR_FORMAT;
	if (n > HTTPSIG_FIELD_MAX ||
	    strncmp(signature, LABEL, sizeof(LABEL) - 1) != 0)
		goto out;
	e = value_decode(signature + sizeof(LABEL) - 1, sig);
	if (e == ERR_OK)
		e = params_read(input, build_it == httpsig_request_base, p);
	if (e == ERR_OK)
		e = build_it(m, p, &again, base);
	/* Another order, space or set of components is another field. */
	if (e == ERR_OK &&
	    (again.len != n || memcmp(again.data, input, n) != 0))
		e = ERR_FORMAT;
	if (e == ERR_RANGE)
		e = ERR_FORMAT;
out:
	if (e != ERR_OK) {
		memset(p, 0, sizeof(*p));
		memset(sig, 0, SIGN_LEN);
		buf_reset(base);
	}
	buf_done(&again);
	return e;
}

enum err
httpsig_request_parse(const struct httpsig_message *m, const char *input,
    const char *signature, struct httpsig_params *p,
    uint8_t sig[static SIGN_LEN], struct buf *base)
{
	return parse(m, input, signature, httpsig_request_base, base, p, sig);
}

enum err
httpsig_answer_parse(const struct httpsig_message *m, const char *input,
    const char *signature, struct httpsig_params *p,
    uint8_t sig[static SIGN_LEN], struct buf *base)
{
	return parse(m, input, signature, httpsig_answer_base, base, p, sig);
}
