/*
 * The header of an age file, both ways (C2SP age v1.1.0).
 *
 *	header	"age-encryption.org/v1" LF 1*stanza "--- " mac[43] LF
 *	stanza	"->" 1*(SP arg) LF *(line[64] LF) line[0..63] LF
 *	arg	1*VCHAR; the first is the type
 *	line	base64 without padding, canonical line by line
 *	mac	base64 of HMAC-SHA256 over all up to and with "---"
 *
 * The MAC is taken over the bytes as they came, never over an encoding.
 */
#include <assert.h>
#include <string.h>

#include "age_internal.h"
#include "label.h"

#define VERSION_LINE	LABEL_AGE_VERSION "\n"
#define VERSION_PREFIX	"age-encryption.org/"
#define MAC_DASHES	3	/* of the MAC line, the MAC covers these */
#define MAC_LINE_LEN	(MAC_DASHES + 1 + 43)

/* ---- reading ---- */

bool
age_is_file(struct bytes p)
{
	return p.n >= sizeof(VERSION_PREFIX) - 1 &&
	    memcmp(p.p, VERSION_PREFIX, sizeof(VERSION_PREFIX) - 1) == 0;
}

static bool
is(struct bytes b, const char *text)
{
	return b.n == strlen(text) && memcmp(b.p, text, b.n) == 0;
}

bool
age_stanza_is(const struct age_stanza *s, const char *type)
{
	return is(s->arg[0], type);
}

static enum err
parse_version(struct cur *c)
{
	const char *line;
	size_t n;

	if ((line = cur_line(c, &n)) == NULL)
		return ERR_FORMAT;
	if (is((struct bytes){ line, n }, LABEL_AGE_VERSION))
		return ERR_OK;
	return age_is_file((struct bytes){ line, n }) ? ERR_VERSION :
	    ERR_FORMAT;
}

/* ${line} is what follows "-> ". */
static enum err
parse_args(const char *line, size_t n, struct age_stanza *s)
{
	size_t i, from = 0;

	for (i = 0; i <= n; i++) {
		if (i < n && line[i] >= 0x21 && line[i] <= 0x7e)
			continue;
		if ((i < n && line[i] != ' ') || i == from)
			return ERR_FORMAT;
		if (s->n_args == AGE_ARGS_MAX)
			return ERR_RANGE;
		s->arg[s->n_args++] = (struct bytes){ line + from, i - from };
		from = i + 1;
	}
	return ERR_OK;
}

static enum err
parse_body(struct cur *c, struct age_stanza *s)
{
	uint8_t bytes[AGE_LINE_BYTES];
	const char *line;
	size_t n, len;
	enum err e;

	do {
		if ((line = cur_line(c, &n)) == NULL || n > AGE_LINE_LEN)
			return ERR_FORMAT;
		if ((e = base64_decode((struct bytes){ line, n }, BASE64_BARE,
		    bytes, sizeof(bytes), &len)) != ERR_OK)
			return e;
		if (s->body_len == 0)
			memcpy(s->body, bytes, len);
		s->body_len += len;
	} while (n == AGE_LINE_LEN);
	return ERR_OK;
}

static enum err
check_x25519(struct age_stanza *s)
{
	size_t n;

	/*
	 * The body's length comes before any decryption: a longer one could
	 * be made to open under several keys at once.
	 */
	if (s->n_args != 2 || s->body_len != AGE_WRAPPED_LEN)
		return ERR_FORMAT;
	if (base64_decode(s->arg[1], BASE64_BARE, s->share, sizeof(s->share),
	    &n) != ERR_OK || n != sizeof(s->share))
		return ERR_FORMAT;
	return ERR_OK;
}

static enum err
parse_stanza(struct cur *c, const char *line, size_t n, struct age_header *h)
{
	struct age_stanza *s;
	enum err e;

	if (h->n == AGE_STANZAS_MAX)
		return ERR_RANGE;
	s = &h->stanza[h->n];
	memset(s, 0, sizeof(*s));
	if ((e = parse_args(line + 3, n - 3, s)) != ERR_OK ||
	    (e = parse_body(c, s)) != ERR_OK)
		return e;
	if (age_stanza_is(s, "X25519") && (e = check_x25519(s)) != ERR_OK)
		return e;
	h->n++;
	/* What a passphrase wraps, nothing else may: neither side is hidden. */
	if (h->n > 1 && (age_stanza_is(s, "scrypt") ||
	    age_stanza_is(&h->stanza[0], "scrypt")))
		return ERR_FORMAT;
	return ERR_OK;
}

static enum err
parse_mac(const char *line, size_t n, struct bytes in, struct age_header *h)
{
	size_t len;

	if (n != MAC_LINE_LEN || line[MAC_DASHES] != ' ' || h->n == 0)
		return ERR_FORMAT;
	if (base64_decode((struct bytes){ line + MAC_DASHES + 1,
	    n - MAC_DASHES - 1 }, BASE64_BARE, h->mac, sizeof(h->mac),
	    &len) != ERR_OK || len != sizeof(h->mac))
		return ERR_FORMAT;
	h->maced = (struct bytes){ in.p,
		(size_t)(line - (const char *)in.p) + MAC_DASHES };
	return ERR_OK;
}

enum err
age_header_parse(struct bytes in, struct age_header *h)
{
	struct cur c = cur_over(in.p, in.n);
	const char *line;
	size_t n;
	enum err e;

	h->n = 0;
	if (in.n > AGE_HEADER_MAX)
		return ERR_RANGE;
	if ((e = parse_version(&c)) != ERR_OK)
		return e;
	for (;;) {
		if ((line = cur_line(&c, &n)) == NULL || n < 3)
			return ERR_FORMAT;
		if (memcmp(line, "---", 3) == 0)
			break;
		if (memcmp(line, "-> ", 3) != 0)
			return ERR_FORMAT;
		if ((e = parse_stanza(&c, line, n, h)) != ERR_OK)
			return e;
	}
	if ((e = parse_mac(line, n, in, h)) != ERR_OK)
		return e;
	return cur_end(&c);
}

enum err
age_header_len(const void *p, size_t n, size_t *len)
{
	struct cur c = cur_over(p, n < AGE_HEADER_MAX ? n : AGE_HEADER_MAX);
	size_t v = strlen(VERSION_LINE), line_len;
	const char *line;

	*len = 0;
	if (n < v)
		return memcmp(c.p, VERSION_LINE, n) == 0 ? ERR_NOTFOUND :
		    ERR_FORMAT;
	if (memcmp(c.p, VERSION_LINE, v) != 0)
		return age_is_file((struct bytes){ p, n }) ? ERR_VERSION :
		    ERR_FORMAT;
	while ((line = cur_line(&c, &line_len)) != NULL) {
		if (line_len >= 3 && memcmp(line, "---", 3) == 0) {
			*len = (size_t)(line - (const char *)p) + line_len + 1;
			return ERR_OK;
		}
	}
	return n < AGE_HEADER_MAX ? ERR_NOTFOUND : ERR_FORMAT;
}

enum err
age_header_check(const void *p, size_t n, size_t *stanzas)
{
	struct age_header h;
	size_t i, found = 0;
	enum err e;

	*stanzas = 0;
	if ((e = age_header_parse((struct bytes){ p, n }, &h)) != ERR_OK)
		return e;
	for (i = 0; i < h.n; i++) {
		if (!age_stanza_is(&h.stanza[i], "X25519"))
			continue;
		if (age_low_order(h.stanza[i].share))
			return ERR_FORMAT;
		found++;
	}
	*stanzas = found;
	return ERR_OK;
}

bool
age_is_passphrase(struct bytes header)
{
	static const char start[] = VERSION_LINE "-> scrypt ";

	return header.n >= sizeof(start) - 1 &&
	    memcmp(header.p, start, sizeof(start) - 1) == 0;
}

/* ---- writing ---- */

void
age_header_begin(struct buf *out)
{
	buf_puts(out, VERSION_LINE);
}

void
age_header_stanza(struct buf *out, const char *args, struct bytes body)
{
	char line[BASE64_LEN(AGE_WRAPPED_LEN) + 1];

	assert(body.n == AGE_WRAPPED_LEN);	/* one line, a short one */
	base64_encode(body.p, body.n, BASE64_BARE, line);
	buf_puts(out, "-> ");
	buf_puts(out, args);
	buf_puts(out, "\n");
	buf_puts(out, line);
	buf_puts(out, "\n");
}

void
age_header_mac(const uint8_t key[static AGE_FILE_KEY_LEN], struct bytes maced,
    uint8_t mac[static HMAC_LEN])
{
	uint8_t hmac_key[AGE_KEY_LEN];
	struct hmac s;

	hkdf(hmac_key, sizeof(hmac_key), key, AGE_FILE_KEY_LEN,
	    LABEL_AGE_HEADER);
	hmac_init(&s, hmac_key, sizeof(hmac_key));
	hmac_update(&s, maced.p, maced.n);
	hmac_final(&s, mac);
	wipe(hmac_key, sizeof(hmac_key));
}

void
age_header_end(struct buf *out, const uint8_t key[static AGE_FILE_KEY_LEN])
{
	char text[BASE64_LEN(HMAC_LEN) + 1];
	uint8_t mac[HMAC_LEN];

	buf_puts(out, "---");
	if (out->err != ERR_OK)
		return;
	age_header_mac(key, (struct bytes){ out->data, out->len }, mac);
	base64_encode(mac, sizeof(mac), BASE64_BARE, text);
	buf_puts(out, " ");
	buf_puts(out, text);
	buf_puts(out, "\n");
}
