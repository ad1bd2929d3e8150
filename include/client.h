#ifndef CLIENT_H
#define CLIENT_H
/*
 * The client of the desk and audit API: one request, one answer, signed both
 * ways (RFC 9421), over loopback TCP, a unix socket, or an onion service
 * through a SOCKS5 proxy that resolves the names.  Nothing is taken from the
 * environment, no redirect is followed, nothing is kept between calls but
 * the connection.  client/ is the one room that includes curl/curl.h.
 * Format: docs/PROTOCOL.md.
 */
#include <stdbool.h>
#include <stdint.h>

#include "api.h"
#include "buf.h"
#include "crypto.h"
#include "err.h"
#include "keyfile.h"
#include "secret.h"
#include "sys.h"

#define CLIENT_BODY_MAX		API_BODY_MAX
#define CLIENT_CONNECT_SEC	120	/* an onion circuit may take that long */
#define CLIENT_CALL_SEC		600
#define CLIENT_STALL_SEC	120	/* below one byte a second for so long */
#define CLIENT_SOCKS_DEFAULT	"127.0.0.1:9050"
#define CLIENT_WHY_MAX		400

struct client;

/*
 * client_new(office, seed, clock, socks, out): a client of ${office}'s
 * server.  ${seed}: SIGN_SEED_LEN bytes, the key that signs the requests;
 * NULL: requests and answers are not signed (the public log).
 * ${socks}: "HOST:PORT" or "unix:/path", used for any url but unix:; NULL:
 * none, but CLIENT_SOCKS_DEFAULT for a host that ends in ".onion".
 * Ownership: borrows office, seed and clock until client_free.
 * Fails: ERR_FORMAT (url or ${socks} of no known form), ERR_SYS.
 * Threads: one at a time.
 */
enum err client_new(const struct office *office, const struct secret *seed,
    struct clock *clock, const char *socks, struct client **out) MUST_USE;
void client_free(struct client *c);

struct client_request {
	const char *method;		/* GET, POST, PUT */
	const char *path;		/* "/v1/..." */
	const char *query;		/* "?after=5", or "?" for none */
	const char *content_type;	/* NULL without a body */
	struct bytes body;
};
struct client_answer {
	int status;
	bool verified;			/* signed by the office's answers key */
	char content_type[64];
	struct buf body;
	struct api_problem problem;	/* of an answer that is not 2xx; made
					   visible, unless verified it may come
					   from anybody on the way */
};

/*
 * client_call(c, r, a): ERR_OK with a->status 200..299 and, if the client
 * signs, a signature that verified over this answer to this request.
 * Ownership: ${a} is the caller's: client_answer_init before the first call,
 * client_answer_done after the last; each call empties it.
 * Fails: ERR_NET (not reached, cut off), ERR_MAC (an answer of success that is
 * not signed by the office, whoever sent it), ERR_RANGE (a body above
 * CLIENT_BODY_MAX), ERR_FORMAT, and for an answer that is not 2xx:
 * ERR_NOTFOUND (404, 410), ERR_DENIED (401, 403), ERR_CONFLICT (409),
 * ERR_BUSY (429, 503), ERR_FULL (507), ERR_EXPIRED (the clocks differ),
 * ERR_RANGE (413), ERR_NOMATCH (any other).
 */
enum err client_call(struct client *c, const struct client_request *r,
    struct client_answer *a) MUST_USE;
void client_answer_init(struct client_answer *a);
void client_answer_done(struct client_answer *a);

/*
 * client_get(c, path, query, a): client_call of a GET.
 */
enum err client_get(struct client *c, const char *path, const char *query,
    struct client_answer *a) MUST_USE;

/*
 * client_why(c): one line in plain English about the last call's failure,
 * safe for a terminal: the problem's text and whether it was signed, by how
 * much the clocks differ, or what the network said.
 * Ownership: the client's, until the next call.
 */
const char *client_why(const struct client *c);

#endif
