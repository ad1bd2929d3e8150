#ifndef HTTPSIG_H
#define HTTPSIG_H
/*
 * HTTP Message Signatures (RFC 9421) with Ed25519, and Content-Digest
 * (RFC 9530), in the one profile of docs/PROTOCOL.md.
 */
#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "crypto.h"
#include "label.h"
#include "sign.h"

#define HTTPSIG_FIELD_MAX	2048	/* bytes of a Signature-Input field */
#define HTTPSIG_WINDOW_SEC	300
#define HTTPSIG_NONCE_LEN	16
#define HTTPSIG_TAG_REQUEST	"peluit-request/v1"
#define HTTPSIG_TAG_ANSWER	LABEL_ANSWER

/* What a signature is about.  NULL: the message has no such part. */
struct httpsig_message {
	const char *method, *authority, *path, *query;	/* query: "?..." */
	const char *content_digest, *content_type;
	int status;				/* answers only, else 0 */
	const char *request_signature;		/* answers: value of sig1 of
						   the request, ":b64:" */
};
struct httpsig_params {
	int64_t created;
	char nonce[64];			/* requests only; "" in answers */
	uint8_t keyid[SIGN_PUBLIC_LEN];	/* hex in the field */
	char tag[32];
};

/* content_digest(body, out): "sha-256=:...:" */
#define CONTENT_DIGEST_MAX	64
void content_digest(struct bytes body, char out[static CONTENT_DIGEST_MAX]);
/* Fails: ERR_FORMAT unless exactly one sha-256 entry, ERR_MAC if it differs. */
enum err content_digest_check(const char *field, struct bytes body) MUST_USE;

/*
 * Requests.  httpsig_request_base gives the value of Signature-Input
 * (`sig1=(...)...`) and the bytes to sign; covers @method @authority @path
 * @query, and content-digest content-type when there is a body.
 */
enum err httpsig_request_base(const struct httpsig_message *m,
    const struct httpsig_params *p, struct buf *input, struct buf *base)
    MUST_USE;
/*
 * httpsig_request_parse(m, input, signature, p, sig, base): reads the two
 * fields as received (one label sig1, covered components exactly those of the
 * profile for this message, parameters in order) and rebuilds the base.
 * The caller then looks up p->keyid, checks tag, created and nonce, and
 * verifies ${sig} over ${base}, then the digest.
 * Fails: ERR_FORMAT.
 */
enum err httpsig_request_parse(const struct httpsig_message *m,
    const char *input, const char *signature, struct httpsig_params *p,
    uint8_t sig[static SIGN_LEN], struct buf *base) MUST_USE;
/* Answers: covers @status content-digest and of the request @method
 * @authority @path @query and its signature sig1. */
enum err httpsig_answer_base(const struct httpsig_message *m,
    const struct httpsig_params *p, struct buf *input, struct buf *base)
    MUST_USE;
enum err httpsig_answer_parse(const struct httpsig_message *m,
    const char *input, const char *signature, struct httpsig_params *p,
    uint8_t sig[static SIGN_LEN], struct buf *base) MUST_USE;
/* httpsig_field(sig, out): "sig1=:b64:", value of the Signature field. */
#define HTTPSIG_VALUE_MAX	104
void httpsig_field(const uint8_t sig[static SIGN_LEN],
    char out[static HTTPSIG_VALUE_MAX]);

#endif
