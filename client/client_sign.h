#ifndef CLIENT_SIGN_H
#define CLIENT_SIGN_H
/* The signatures of a request and of its answer; no network here. */
#include "client.h"
#include "httpsig.h"

/* The fields of a signed request. */
struct client_signed {
	char digest[CONTENT_DIGEST_MAX];
	char input[HTTPSIG_FIELD_MAX];
	char field[HTTPSIG_VALUE_MAX];	/* "sig1=:...:" */
};

/* The fields of an answer that matter; "" : absent. */
struct client_fields {
	char digest[CONTENT_DIGEST_MAX * 2];
	char input[HTTPSIG_FIELD_MAX];
	char signature[HTTPSIG_VALUE_MAX * 2];
	char content_type[64];
	bool twice;			/* one of them came more than once,
					   or was too long: not an answer */
};

void client_fields_init(struct client_fields *f);
/* client_fields_line(f, p, n): one header line as received, with CR LF. */
void client_fields_line(struct client_fields *f, const char *p, size_t n);

/*
 * client_sign_request(o, seed, now, r, out): signs ${r} with a fresh nonce.
 */
enum err client_sign_request(const struct office *o,
    const struct secret *seed, int64_t now, const struct client_request *r,
    struct client_signed *out) MUST_USE;

/*
 * client_check_answer(o, r, s, a, f): whether ${a} with the fields ${f} is
 * the office's answer to the request ${r} that was signed as ${s}.
 * Fails: ERR_NOTFOUND (not signed), ERR_FORMAT, ERR_KEY (not the office's
 * answers key), ERR_MAC.
 */
enum err client_check_answer(const struct office *o,
    const struct client_request *r, const struct client_signed *s,
    const struct client_answer *a, const struct client_fields *f) MUST_USE;

#endif
