/* X25519 keys of age as text, and the sizes of its files. */
#include <assert.h>
#include <sodium.h>
#include <string.h>

#include "age_internal.h"
#include "bech32.h"

#define RECIPIENT_HRP	"age"
#define IDENTITY_HRP	"AGE-SECRET-KEY-"

static_assert(BECH32_LEN(sizeof(RECIPIENT_HRP) - 1, AGE_POINT_LEN) ==
    AGE_RECIPIENT_LEN, "recipient");
static_assert(BECH32_LEN(sizeof(IDENTITY_HRP) - 1, AGE_POINT_LEN) ==
    AGE_IDENTITY_LEN, "identity");

enum err
age_recipient_decode(const char *text, struct age_recipient *out)
{
	enum err e;

	if ((e = bech32_decode(text, RECIPIENT_HRP, out->point,
	    sizeof(out->point))) == ERR_OK)
		e = age_point_check(out->point);
	if (e != ERR_OK)
		wipe(out, sizeof(*out));
	return e;
}

void
age_recipient_encode(const struct age_recipient *r,
    char out[static AGE_RECIPIENT_LEN + 1])
{
	bech32_encode(RECIPIENT_HRP, r->point, sizeof(r->point), out);
}

enum err
age_identity_decode(const char *text, struct age_identity *out)
{
	return bech32_decode(text, IDENTITY_HRP, out->scalar,
	    sizeof(out->scalar));
}

void
age_identity_encode(const struct age_identity *i,
    char out[static AGE_IDENTITY_LEN + 1])
{
	bech32_encode(IDENTITY_HRP, i->scalar, sizeof(i->scalar), out);
}

void
age_identity_new(struct age_identity *out)
{
	rand_bytes(out->scalar, sizeof(out->scalar));
}

void
age_identity_recipient(const struct age_identity *i,
    struct age_recipient *out)
{
	(void)crypto_scalarmult_curve25519_base(out->point, i->scalar);
}

static enum err
parse_line(struct bytes line, struct age_identity *out)
{
	char text[AGE_IDENTITY_LEN + 1];
	enum err e;

	if (line.n != AGE_IDENTITY_LEN)
		return ERR_KEY;
	memcpy(text, line.p, line.n);
	text[line.n] = '\0';
	e = age_identity_decode(text, out);
	wipe(text, sizeof(text));
	return e;
}

enum err
age_identities_decode(struct bytes text, struct age_identity *ids, size_t max,
    size_t *n)
{
	const char *p = text.p, *end = p + text.n, *lf;
	size_t len, before = *n;
	enum err e;

	for (; p < end; p = lf + 1) {
		lf = memchr(p, '\n', (size_t)(end - p));
		if (lf == NULL)
			lf = end;
		len = (size_t)(lf - p);
		if (len > 0 && p[len - 1] == '\r')
			len--;
		if (len == 0 || p[0] == '#')
			continue;
		if (*n == max)
			return ERR_RANGE;
		e = parse_line((struct bytes){ p, len }, &ids[*n]);
		if (e != ERR_OK)
			return e;
		++*n;
	}
	return *n == before ? ERR_KEY : ERR_OK;
}

void
age_identities_encode(const struct age_identity *i, struct buf *out)
{
	char secret[AGE_IDENTITY_LEN + 1], public[AGE_RECIPIENT_LEN + 1];
	struct age_recipient r;

	age_identity_recipient(i, &r);
	age_recipient_encode(&r, public);
	age_identity_encode(i, secret);
	buf_printf(out, "# public key: %s\n", public);
	buf_puts(out, secret);
	buf_putc(out, '\n');
	wipe(secret, sizeof(secret));
}

enum err
age_to_buf(void *arg, const uint8_t *p, size_t n)
{
	struct buf *b = arg;

	buf_put(b, p, n);
	return buf_err(b);
}

uint64_t
age_payload_size(uint64_t n)
{
	uint64_t chunks = n / AGE_CHUNK_LEN + (n % AGE_CHUNK_LEN > 0);

	if (chunks == 0)
		chunks = 1;
	return AGE_NONCE_LEN + n + chunks * AGE_TAG_LEN;
}
