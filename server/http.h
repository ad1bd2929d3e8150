#ifndef HTTP_H
#define HTTP_H
/*
 * HTTP for the use cases, who never see the library.  A listener accepts,
 * reads the PROXY line, counts per circuit and speaks HTTP; an application
 * says for each request what body it takes and which function answers it, on
 * which lane.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "circuit.h"
#include "crypto.h"
#include "err.h"
#include "form.h"
#include "lanes.h"
#include "sys.h"

#define HTTP_PATH_MAX	512
#define HTTP_HEADERS_MAX 16	/* extra header fields of an answer */

enum http_fault {	/* what the listener itself must refuse */
	HTTP_MALFORMED,		/* 400 */
	HTTP_SLOW,		/* 408 */
	HTTP_TOO_LARGE,		/* 413 */
	HTTP_TYPE,		/* 415 */
	HTTP_FORM,		/* 400 or 413: request->form_fault says why */
	HTTP_CIRCUIT,		/* 429; request->form, if there is one, was
				   read to its end */
	HTTP_BUSY,		/* 503: no worker free */
	HTTP_SERVER		/* 500 */
};

struct http_connection;		/* the listener's */
struct http_request {
	const char *method;	/* "GET" */
	const char *path;	/* decoded once; no NUL, no encoded slash; a
				   path that breaks this is HTTP_MALFORMED */
	const char *raw_path;	/* as sent */
	const char *query;	/* as sent, "?..." or "" */
	uint64_t circuit;	/* its circuits_id; 0: not behind Tor */
	unsigned retry_sec;	/* HTTP_CIRCUIT: when it would go again */
	uint64_t length;	/* of the body as announced; 0: unknown */
	struct form *form;	/* BODY_FORM, BODY_UPLOAD: what was read */
	enum form_fault form_fault;
	struct bytes body;	/* BODY_BYTES */
	void *state;		/* the application's, see release */
	struct http_connection *connection;
};
/* http_header(r, name): a request header's value, NULL if absent; a header
 * that came twice is given as "" (nothing accepts it). */
const char *http_header(const struct http_request *r, const char *name);
/* http_cookie(r, name, out, max): ERR_NOTFOUND, ERR_RANGE. */
enum err http_cookie(const struct http_request *r, const char *name,
    char *out, size_t max) MUST_USE;

struct http_response {
	int status;
	struct buf body;
	const char *content_type;		/* static text */
	struct { const char *name; char value[512]; } header[HTTP_HEADERS_MAX];
	size_t headers;
	bool close;				/* close the connection */
};
/*
 * http_set(a, name, fmt...): one more header field; ${name} static.  A value
 * that does not fit, or with a line end in it, makes the answer HTTP_SERVER.
 */
void http_set(struct http_response *a, const char *name, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

enum http_body { BODY_NONE, BODY_FORM, BODY_UPLOAD, BODY_BYTES };
typedef void http_handler(void *app, struct http_request *r,
    struct http_response *a);
/* What the application wants for a request, filled by route(). */
struct http_plan {
	enum http_body body;
	uint64_t body_max;		/* Content-Length above it: 413 */
	/* A browser looks at an answer only when it has sent all.  So much of
	 * a refused body is read and dropped, at a body's own pace; 0: a
	 * little, for a few seconds. */
	uint64_t discard_max;
	struct form_limits form;
	enum lane lane;
	enum circuit_rate cost;		/* what it costs its circuit besides a
					   request; CIRCUIT_FREE: not even
					   that */
	http_handler *handle;
	/* BODY_UPLOAD: called on the HTTP thread while the body arrives */
	const struct form_files *files;	/* its arg is replaced by the request */
	/* called once when the request is over, whatever happened to it */
	void (*release)(void *app, struct http_request *r);
};
struct http_app {
	void *ctx;
	void (*route)(void *ctx, struct http_request *r,
	    struct http_plan *plan);
	/*
	 * The answer to a fault; runs on an HTTP thread or on the one that
	 * watches deadlines, never while another runs for this request.  An
	 * answer without a status becomes an empty one with the fault's.
	 */
	void (*fault)(void *ctx, struct http_request *r, enum http_fault why,
	    struct http_response *a);
};

struct http_limits {
	unsigned connections;		/* in all; above it the one that does
					   least makes room */
	unsigned uploads;		/* with files, that run at a time */
	uint64_t memory;		/* bytes of forms and answers that are
					   under way; above it the one that
					   holds most is cut */
	unsigned header_sec;		/* until the header is whole */
	unsigned idle_sec;		/* without a byte */
	unsigned body_sec;		/* + body_bytes/min_rate */
	unsigned min_rate;		/* bytes a second of a body */
};

struct http;
/*
 * http_start(o, out): bind, listen, serve on threads of its own; o->addr gets
 * the port that was given.  proxy_line: each connection must begin with Tor's
 * PROXY line, and ${circuits} counts: twice as many connections as a circuit
 * may have are taken, the second half to hear of it (429), the rest is closed.
 */
struct http_options {
	struct addr *addr;
	bool proxy_line;
	struct http_app app;
	struct http_limits limits;
	struct circuits *circuits;	/* NULL without proxy_line */
	bool hourly;			/* requests and bodies count by the
					   hour, not connections alone */
	struct lanes *lanes;
	unsigned threads;
};
enum err http_start(const struct http_options *o, struct http **out) MUST_USE;
/* http_drain(h): accept nothing more; http_stop: wait up to ${seconds} for
 * requests to end, cut the rest, join, free. */
void http_drain(struct http *h);
void http_stop(struct http *h, unsigned seconds);
/*
 * http_resume(r): a file callback that said FORM_WAIT can go on now; also
 * right when it comes before the callback has returned.  Threads: any, until
 * release() of the request returns.
 */
void http_resume(struct http_request *r);
/* http_cut(r): break off the connection of a running request (leave now).
 * Threads: any, until release() of the request returns. */
void http_cut(struct http_request *r);
unsigned http_connections(const struct http *h);

#endif
