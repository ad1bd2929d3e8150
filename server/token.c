/* Cookies and the tokens of forms. */
#include <stdio.h>
#include <string.h>

#include "label.h"
#include "token.h"

enum token_kind { TOKEN_FORM = 1, TOKEN_SESSION = 2 };

void
token_cookie(char text[static COOKIE_TEXT + 1])
{
	uint8_t raw[COOKIE_LEN];

	rand_bytes(raw, sizeof(raw));
	hex_encode(raw, sizeof(raw), text);
	wipe(raw, sizeof(raw));
}

static enum err
cookie_bytes(const char *text, uint8_t out[static COOKIE_LEN])
{

	return (hex_decode((struct bytes){ text, strlen(text) }, out,
	    COOKIE_LEN));
}

bool
token_cookie_valid(const char *text)
{
	uint8_t raw[COOKIE_LEN];
	bool ok = cookie_bytes(text, raw) == ERR_OK;

	wipe(raw, sizeof(raw));
	return (ok);
}

/* The MAC of a token as hex. */
static void
token_mac(const struct secret *key, enum token_kind kind, const char *cookie,
    struct bytes rest, char out[static HMAC_LEN * 2 + 1])
{
	uint8_t k[HMAC_LEN], mac[HMAC_LEN], tag = (uint8_t)kind;
	struct hmac h;

	hkdf(k, sizeof(k), key->bytes, key->len, LABEL_TOKEN);
	hmac_init(&h, k, sizeof(k));
	hmac_update(&h, &tag, 1);
	hmac_update(&h, cookie, COOKIE_TEXT);
	hmac_update(&h, rest.p, rest.n);
	hmac_final(&h, mac);
	hex_encode(mac, sizeof(mac), out);
	wipe(k, sizeof(k));
	wipe(&h, sizeof(h));
}

/* Everything of a form's token before its MAC. */
static void
form_head(const struct secret *key, const char *cookie, uint64_t epoch,
    char out[static TOKEN_MAX])
{
	uint8_t raw[COOKIE_LEN], draft[DRAFT_LEN];
	char hex[DRAFT_LEN * 2 + 1];

	if (cookie_bytes(cookie, raw) != ERR_OK)
		memset(raw, 0, sizeof(raw));
	draft_of_cookie(key->bytes, raw, draft);
	hex_encode(draft, sizeof(draft), hex);
	(void)snprintf(out, TOKEN_MAX, "%016llx.%s.",
	    (unsigned long long)epoch, hex);
	wipe(raw, sizeof(raw));
	wipe(draft, sizeof(draft));
}

void
token_form(const struct secret *key, const char *cookie, uint64_t epoch,
    char out[static TOKEN_MAX])
{
	size_t n;

	form_head(key, cookie, epoch, out);
	n = strlen(out);
	token_mac(key, TOKEN_FORM, cookie, (struct bytes){ out, n }, out + n);
}

enum err
token_form_check(const struct secret *key, const char *cookie,
    const char *text, uint8_t draft[static DRAFT_LEN], uint64_t *issued)
{
	char want[TOKEN_MAX];
	uint8_t raw[8];

	if (strlen(text) != TOKEN_MAX - 1 ||
	    hex_decode((struct bytes){ text, 16 }, raw, 8) != ERR_OK ||
	    hex_decode((struct bytes){ text + 17, DRAFT_LEN * 2 }, draft,
	    DRAFT_LEN) != ERR_OK)
		return (ERR_FORMAT);
	*issued = 0;
	for (size_t i = 0; i < sizeof(raw); i++)
		*issued = *issued << 8 | raw[i];
	token_form(key, cookie, *issued, want);
	return (ct_equal(want, text, TOKEN_MAX - 1) ? ERR_OK : ERR_MAC);
}

void
token_session(const struct secret *key, const char *cookie,
    char out[static TOKEN_MAX])
{

	token_mac(key, TOKEN_SESSION, cookie, (struct bytes){ "", 0 }, out);
}

enum err
token_session_check(const struct secret *key, const char *cookie,
    const char *text)
{
	char want[TOKEN_MAX];

	if (strlen(text) != HMAC_LEN * 2)
		return (ERR_FORMAT);
	token_session(key, cookie, want);
	return (ct_equal(want, text, HMAC_LEN * 2) ? ERR_OK : ERR_MAC);
}
