#ifndef HTTP_INTERNAL_H
#define HTTP_INTERNAL_H
/*
 * What the http_*.c files share; nobody else includes this.
 *
 * Locks, in the order in which they are taken:
 *   http.mu		the list of connections; jobs
 *   connection.work	the exchange: held by whoever works on a request (an
 *			HTTP thread; the reaper, which only tries)
 *   connection.mu	the clockwork: stage, times, suspended, wake
 * While a job runs on a lane, nobody else touches its exchange: the library
 * has the connection suspended and no deadline runs.
 */
#include <pthread.h>
#include <stdatomic.h>

#include "http.h"

#define HTTP_QUERY_MAX	1024
#define HTTP_FIELDS_MAX	16384	/* bytes of all header fields */
#define HTTP_ANSWER_MAX	((size_t)16 << 20)	/* bytes of an answer's body */
#define HTTP_DISCARD_MAX ((uint64_t)8 << 20)	/* read after a fault */
#define HTTP_DISCARD_SEC 5
#define HTTP_LINGER_SEC	5	/* the page is sent: time to read it */
#define HTTP_ALONE_IDLE_MS 2000	/* from here on it may have to make room */
#define HTTP_ALONE_MS	60000	/* the same with a request under way */
#define HTTP_PROXY_SEC	5
#define HTTP_PROXY_MAX	107	/* bytes of a PROXY line, by its definition */
#define HTTP_TICK_MS	250	/* how often deadlines are looked at */
#define HTTP_STACK_LEN	((size_t)1 << 19)

struct MHD_Connection;
struct MHD_Daemon;

enum http_stage {
	STAGE_PROXY,	/* waiting for the PROXY line */
	STAGE_HEAD,	/* waiting for a request, or reading its header */
	STAGE_BODY,
	STAGE_DISCARD,	/* a fault, or no body wanted: reading what comes */
	STAGE_LINGER,	/* answered past the library; time to read it */
	STAGE_WORK,	/* handler, wherever it runs */
	STAGE_SEND,
	STAGE_DEAD	/* shut down; the library will notice */
};

/* Header fields that a request can be asked for. */
enum http_field {
	FIELD_HOST, FIELD_COOKIE, FIELD_CONTENT_TYPE, FIELD_CONTENT_LENGTH,
	FIELD_TRANSFER_ENCODING, FIELD_EXPECT, FIELD_SIGNATURE,
	FIELD_SIGNATURE_INPUT, FIELD_CONTENT_DIGEST, FIELD_X_TOR2WEB,
	FIELD_VIA, FIELD_FORWARDED, FIELD_X_FORWARDED_FOR,
	FIELD_X_FORWARDED_HOST, FIELD_X_REAL_IP, FIELDS
};
struct http_fields {
	const char *value[FIELDS];	/* borrowed from the library's pool,
					   which lasts as long as the request */
	bool twice[FIELDS];
	size_t len;			/* of all fields */
	bool bad;			/* a name or value that cannot be */
};

/* One request and its answer. */
struct http_exchange {
	struct http_request req;
	struct http_fields fields;
	struct http_plan plan;
	struct form_files files;
	char raw_path[HTTP_PATH_MAX + 1];
	char path[HTTP_PATH_MAX + 1];
	char query[HTTP_QUERY_MAX + 2];
	bool bad_path;
	bool begun;		/* the header is whole, we were told */
	bool routed;
	bool faulty;		/* ${fault} is the answer */
	enum http_fault fault;
	bool expects;		/* 100-continue */
	uint64_t length;	/* Content-Length */
	struct buf body;
	uint64_t body_len;	/* bytes that came */
	uint64_t discarded;
	uint64_t kib;		/* that were counted */
	bool charged;		/* the request was counted */
	bool handed;		/* the handler has been called or queued */
	bool done;		/* it has ended; under connection.mu */
	bool past;		/* ${answer} was written past the library */
	struct http_response *answer;
};

struct http_connection {
	struct http *http;
	struct http_connection *next, *prev;
	int fd;
	uint64_t circuit;
	bool handed;		/* the accept loop is done with it; the
				   acceptor's */
	bool counted;		/* among its circuit's */
	bool over;		/* above the circuit's limit: 429 */
	bool evicted;		/* made to make room; under http.mu */
	bool started;		/* the library has it; under http.mu */
	struct MHD_Connection *mhd;
	pthread_mutex_t work;
	pthread_mutex_t mu;
	enum http_stage stage;
	uint64_t since_ms;	/* begin of the stage, pauses taken off */
	uint64_t last_ms;	/* last byte of a body */
	uint64_t bytes;		/* of the body, or of the answer */
	bool first;		/* no request has ended yet */
	bool suspended;
	bool wake;		/* a resume that came before its suspend */
	bool cut;
	bool patient;		/* discards at a body's pace: plan.discard_max */
	uint64_t paused_ms;	/* when it was suspended */
	atomic_bool uploading;	/* a file came: it counts as an upload */
	atomic_size_t held;	/* bytes in memory of its form or answer */
	struct http_exchange x;
};

struct http {
	struct http_options o;
	struct addr addr;
	struct MHD_Daemon *daemon;
	int listen_fd, epoll_fd, wake_fd;
	pthread_t acceptor, reaper;
	bool accepting, reaping;	/* the threads run */
	pthread_mutex_t mu;
	pthread_cond_t changed;
	struct http_connection *list;
	atomic_uint count;
	unsigned evicted;		/* cut for others, not yet gone */
	atomic_uint uploads;
	atomic_size_t held;
	unsigned jobs;			/* handlers on lanes */
	bool reaper_stop;
	atomic_bool draining;
	atomic_bool cutting;
};

/* ---- http_listen.c ---- */
enum err http_listen_start(struct http *h) MUST_USE;
void http_listen_stop(struct http *h);
void http_listen_wake(struct http *h);
/* http_connection_new(h, fd): in the list, NULL without memory. */
struct http_connection *http_connection_new(struct http *h, int fd);
/* http_connection_free(c): out of the list; the descriptor is not closed. */
void http_connection_free(struct http_connection *c);

/* ---- http_proxy.c ---- */
/*
 * http_proxy_parse(line, n, circuit, ip): Tor's PROXY line without its CR LF:
 * "PROXY TCP6 fc00:dead:beef:4dad::HI:LO ::1 PORT PORT".  ${circuit} is never
 * 0.  Fails: ERR_FORMAT.
 */
enum err http_proxy_parse(const char *line, size_t n, uint64_t *circuit,
    uint8_t ip[static 16]) MUST_USE;

/* ---- http_limit.c ---- */
bool http_limit_full(const struct http *h);
/*
 * http_limit_evict(h, idle): cut a connection for the sake of one that waits:
 * of the circuit that has most of them; one without a request before one that
 * sends or reads; the oldest.  One that is alone on its circuit only if it
 * took its time, and no upload of files.  False: none is about to go.
 * ${idle}: it is not with the library yet, and the caller's to drop.
 * Threads: the acceptor's.
 */
bool http_limit_evict(struct http *h, struct http_connection **idle);
bool http_limit_evicting(struct http *h);
/*
 * http_limit_hold(c, n): ${n} bytes more are kept for it.  If that is too much
 * in all, the connection that holds most is cut, weighed by how many its
 * circuit has.  http_limit_release(c): its request is over.
 */
void http_limit_hold(struct http_connection *c, size_t n);
void http_limit_release(struct http_connection *c);
/* http_limit_spend(c, rate, n): false: its circuit has used up its hour. */
bool http_limit_spend(struct http_connection *c, enum circuit_rate rate,
    unsigned n);
/* http_limit_upload(c): one more runs; false: too many, and the fault is set.
 * http_limit_upload_end(c): if it counted. */
bool http_limit_upload(struct http_connection *c);
void http_limit_upload_end(struct http_connection *c);

/* ---- http_request.c: the library's door ---- */
enum err http_daemon_start(struct http *h) MUST_USE;
void http_daemon_stop(struct http *h);
/* http_daemon_add(c): the library owns the descriptor from here on. */
void http_daemon_add(struct http_connection *c);

/* ---- http_field.c: what a request says about itself ---- */
void http_fields_add(struct http_fields *f, struct bytes name,
    struct bytes value);
/* http_framing(x, version): is it clear where the body ends? */
bool http_framing(struct http_exchange *x, const char *version);
/* http_path(x, uri): raw_path, query and the decoded path. */
void http_path(struct http_exchange *x, const char *uri);

/* ---- http_clock.c: the stages of a connection ---- */
/* http_stage_set(c, stage): false if the connection is dead already. */
bool http_stage_set(struct http_connection *c, enum http_stage stage);
/* http_age(c, now): ms of the stage; c->mu is held.  0 if it began after
 * ${now} was read. */
uint64_t http_age(const struct http_connection *c, uint64_t now);
void http_stage_bytes(struct http_connection *c, uint64_t n);
enum http_stage http_stage_get(struct http_connection *c);
/* http_patient(c, on): a body that is discarded keeps a body's deadlines. */
void http_patient(struct http_connection *c, bool on);
/*
 * http_park(c, job): suspend until http_resume.  Returns PARK_AGAIN if that
 * came already, PARK_END if a connection that is not waiting for a ${job}
 * must not wait any more.
 */
enum http_parked { PARK_SLEEP, PARK_AGAIN, PARK_END };
enum http_parked http_park(struct http_connection *c, bool job);
void http_wake(struct http_connection *c);
/*
 * http_done(c): the job has ended.  One step: from the moment that the mark
 * can be seen, the connection may be answered, ended and freed.
 */
void http_done(struct http_connection *c);
void http_shut(struct http_connection *c);

/* ---- http_answer.c ---- */
struct http_response *http_answer_new(void);
void http_answer_free(struct http_response *a);
/* http_fault_answer(c, why): the application's page; NULL without memory. */
struct http_response *http_fault_answer(struct http_connection *c,
    enum http_fault why);
/* http_send(c, a): queue it with the library; false: close. */
bool http_send(struct http_connection *c, struct http_response *a);
/*
 * http_send_past(c, why): write a fault's page past the library while it
 * waits for a body, and leave the connection open for a while.
 */
void http_send_past(struct http_connection *c, enum http_fault why);
/* http_answer_deaf(c): on a lane: write c->x.answer past the library if the
 * client has closed its sending side; the library would not send it. */
void http_answer_deaf(struct http_connection *c);

/* ---- http_exchange.c ---- */
/* http_fault_set(c, why): the first fault of a request is its answer. */
void http_fault_set(struct http_connection *c, enum http_fault why);
enum http_next { NEXT_GO, NEXT_WAIT, NEXT_CLOSE };
enum http_next http_begin(struct http_connection *c, const char *method,
    const char *version);
/* http_body(c, p, n, taken): NEXT_WAIT: suspended, the rest comes again. */
enum http_next http_body(struct http_connection *c, const void *p, size_t n,
    size_t *taken);
enum http_next http_finish(struct http_connection *c);
void http_over(struct http_connection *c);

/* ---- http_reaper.c ---- */
enum err http_reaper_start(struct http *h) MUST_USE;
void http_reaper_stop(struct http *h);

#endif
