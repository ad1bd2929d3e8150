#ifndef TOKEN_H
#define TOKEN_H
/*
 * Cookies and the tokens of forms.
 *
 *   form token      EPOCH(hex 16) "." DRAFT(hex 32) "." MAC(hex 64)
 *   session token   MAC(hex 64)
 *
 * MAC = HMAC-SHA256(HKDF(receipt key, LABEL_TOKEN), kind || cookie || rest).
 * A token says that this server made the form, for the browser that holds the
 * cookie, no longer than TOKEN_HOURS ago.
 */
#include "receipt.h"
#include "secret.h"
#include "session.h"

#define TOKEN_HOURS	12
#define TOKEN_MAX	(16 + 1 + DRAFT_LEN * 2 + 1 + HMAC_LEN * 2 + 1)

/* token_cookie(text): a new random cookie as hex. */
void token_cookie(char text[static COOKIE_TEXT + 1]);
/* token_cookie_valid(text): 64 hex digits. */
bool token_cookie_valid(const char *text);

/* token_form(key, cookie, epoch, out): the token of the form's first field. */
void token_form(const struct secret *key, const char *cookie, uint64_t epoch,
    char out[static TOKEN_MAX]);
/*
 * token_form_check(key, cookie, text, draft, issued): Fails: ERR_FORMAT,
 * ERR_MAC; the caller judges *issued, the epoch of issue.
 */
enum err token_form_check(const struct secret *key, const char *cookie,
    const char *text, uint8_t draft[static DRAFT_LEN], uint64_t *issued)
    MUST_USE;
void token_session(const struct secret *key, const char *cookie,
    char out[static TOKEN_MAX]);
enum err token_session_check(const struct secret *key, const char *cookie,
    const char *text) MUST_USE;

#endif
