/*
 * The library's callbacks.  libmicrohttpd parses and writes HTTP and does
 * nothing else: no listening socket, no form, no log, no clock, no header of
 * its own but Content-Length, Transfer-Encoding and Connection.
 */
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <microhttpd.h>

#include "http_internal.h"

/*
 * Above 32 KiB the library maps the memory of a connection and unmaps it
 * afterwards: nothing of a request stays on the heap.  Half of it is what is
 * read at once; all of it is touched when a second request begins, so that a
 * larger one costs memory and, measured, gains nothing.
 */
#define POOL_LEN	((size_t)64 << 10)
#define GRACE_SEC	2	/* our own deadline comes first, with a page */
#define REFUSED		3	/* the machine did: as the commands end */

static struct http_connection *
connection_of(struct MHD_Connection *m)
{
	const union MHD_ConnectionInfo *i = MHD_get_connection_info(m,
	    MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return i == NULL ? NULL : i->socket_context;
}

/* The library would decode in place, %00 included. */
static size_t
unescape(void *cls, struct MHD_Connection *m, char *s)
{
	(void)cls;
	(void)m;
	return strlen(s);
}

/* The request line was read: the one moment when it can be seen as sent. */
static void *
request_line(void *cls, const char *uri, struct MHD_Connection *m)
{
	struct http_connection *c = connection_of(m);

	(void)cls;
	if (c == NULL)
		return NULL;
	c->mhd = m;
	c->x.req.connection = c;
	c->x.req.circuit = c->circuit;
	c->x.req.method = "";
	http_path(&c->x, uri);
	return c;
}

static enum MHD_Result
field(void *cls, enum MHD_ValueKind kind, const char *name, size_t name_len,
    const char *value, size_t value_len)
{
	struct http_fields *f = cls;

	(void)kind;
	if (value == NULL || strlen(value) != value_len)
		f->bad = true;
	else
		http_fields_add(f, (struct bytes){ name, name_len },
		    (struct bytes){ value, value_len });
	return MHD_YES;
}

static enum MHD_Result
request_step(struct http_connection *c, const char *method,
    const char *version, const char *data, size_t *left)
{
	enum http_next next;
	size_t taken = 0;

	if (http_stage_get(c) == STAGE_DEAD)
		return MHD_NO;
	if (!c->x.begun) {
		(void)MHD_get_connection_values_n(c->mhd, MHD_HEADER_KIND,
		    field, &c->x.fields);
		next = http_begin(c, method, version);
	} else if (*left > 0) {
		next = http_body(c, data, *left, &taken);
		*left -= taken;
	} else {
		next = http_finish(c);
	}
	return next == NEXT_CLOSE ? MHD_NO : MHD_YES;
}

static enum MHD_Result
request(void *cls, struct MHD_Connection *m, const char *url,
    const char *method, const char *version, const char *data, size_t *left,
    void **arg)
{
	struct http_connection *c = *arg;
	enum MHD_Result r;

	(void)cls;
	(void)m;
	(void)url;
	if (c == NULL)
		return MHD_NO;
	(void)pthread_mutex_lock(&c->work);
	r = request_step(c, method, version, data, left);
	(void)pthread_mutex_unlock(&c->work);
	return r;
}

static void
request_over(void *cls, struct MHD_Connection *m, void **arg,
    enum MHD_RequestTerminationCode why)
{
	struct http_connection *c = *arg;

	(void)cls;
	(void)m;
	(void)why;
	if (c == NULL)
		return;
	*arg = NULL;
	(void)pthread_mutex_lock(&c->work);
	http_over(c);
	(void)pthread_mutex_unlock(&c->work);
	stack_clear();
}

/* The library begins or ends to use a descriptor. */
static void
connection(void *cls, struct MHD_Connection *m, void **context,
    enum MHD_ConnectionNotificationCode what)
{
	struct http *h = cls;
	struct http_connection *c;
	const union MHD_ConnectionInfo *i;

	if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
		if (*context != NULL)
			http_connection_free(*context);
		*context = NULL;
		stack_clear();
		return;
	}
	i = MHD_get_connection_info(m, MHD_CONNECTION_INFO_CONNECTION_FD);
	if (i == NULL)
		return;
	(void)pthread_mutex_lock(&h->mu);
	for (c = h->list; c != NULL && c->fd != i->connect_fd; c = c->next)
		;
	if (c != NULL)
		c->started = true;
	(void)pthread_mutex_unlock(&h->mu);
	*context = c;
}

/*
 * What the library cannot parse it answers itself, before there is a request,
 * with pages whose wording names it.  It makes them by this one of its own
 * functions, which nothing else here calls; defined in the program, ours comes
 * first, and such an answer is its status line and nothing more.
 */
struct MHD_Response *
MHD_create_response_from_buffer(size_t n, void *text,
    enum MHD_ResponseMemoryMode mode)
{
	(void)n;
	if (mode == MHD_RESPMEM_MUST_FREE)
		free(text);
	return MHD_create_response_from_buffer_with_free_callback_cls(0, NULL,
	    NULL, NULL);
}

void
http_daemon_add(struct http_connection *c)
{
	struct http *h = c->http;
	struct sockaddr_in6 sin6 = {	/* of nobody: it wants one */
		.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT
	};
	int fd = c->fd;

	/* On success ${c} may be gone by now; on refusal it is ours. */
	if (MHD_add_connection(h->daemon, fd, (struct sockaddr *)&sin6,
	    sizeof(sin6)) != MHD_YES)
		http_connection_free(c);
}

/*
 * The library cannot go on (a lock or its own pipe failed).  It would abort,
 * and a core is what must not be: what is kept is kept at every moment.
 */
static void
panic(void *cls, const char *file, unsigned line, const char *reason)
{
	(void)cls;
	(void)file;
	(void)line;
	diag("libmicrohttpd cannot go on: %s", reason == NULL ?
	    "it does not say why" : reason);
	_exit(REFUSED);
}

enum err
http_daemon_start(struct http *h)
{
	unsigned threads = h->o.threads < 1 ? 1 : h->o.threads;
	/* The limit is ours; the library's, divided by threads, never acts. */
	unsigned limit = (h->o.limits.connections + 16) * threads;
	struct MHD_OptionItem pool[] = {
		{ MHD_OPTION_THREAD_POOL_SIZE, (intptr_t)threads, NULL },
		{ MHD_OPTION_END, 0, NULL }
	};
	struct MHD_OptionItem none[] = { { MHD_OPTION_END, 0, NULL } };

	MHD_set_panic_func(panic, NULL);
	/* poll: the library's epoll loop stalls when exactly 128 are ready. */
	h->daemon = MHD_start_daemon(MHD_USE_POLL_INTERNAL_THREAD |
	    MHD_USE_NO_LISTEN_SOCKET | MHD_USE_ITC |
	    MHD_ALLOW_SUSPEND_RESUME | MHD_USE_SUPPRESS_DATE_NO_CLOCK, 0,
	    NULL, NULL, request, h,
	    MHD_OPTION_ARRAY, threads > 1 ? pool : none,
	    MHD_OPTION_CONNECTION_LIMIT, limit,
	    MHD_OPTION_CONNECTION_MEMORY_LIMIT, POOL_LEN,
	    MHD_OPTION_CONNECTION_TIMEOUT, h->o.limits.idle_sec + GRACE_SEC,
	    MHD_OPTION_THREAD_STACK_SIZE, HTTP_STACK_LEN,
	    MHD_OPTION_UNESCAPE_CALLBACK, unescape, NULL,
	    MHD_OPTION_URI_LOG_CALLBACK, request_line, NULL,
	    MHD_OPTION_NOTIFY_COMPLETED, request_over, NULL,
	    MHD_OPTION_NOTIFY_CONNECTION, connection, h,
	    MHD_OPTION_END);
	return h->daemon == NULL ? ERR_SYS : ERR_OK;
}

void
http_daemon_stop(struct http *h)
{
	if (h->daemon != NULL)
		MHD_stop_daemon(h->daemon);
	h->daemon = NULL;
}
