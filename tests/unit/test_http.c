/*
 * A real listener on a unix socket, with a toy application behind it, spoken
 * to in raw bytes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "need.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "http_internal.h"

#define IN_MAX	(1 << 20)
#define H	"Host: x\r\n"
#define BB	"Content-Type: multipart/form-data; boundary=BB\r\n"
#define URLENC	"Content-Type: application/x-www-form-urlencoded\r\n"
#define FILE_HEAD "--BB\r\nContent-Disposition: form-data; name=\"f\"; " \
	"filename=\"n\"\r\n\r\n"
#define FILE_TAIL "\r\n--BB--\r\n"

/* ---- the toy application ---- */

static atomic_int routed, released, handled;
static sem_t gate, at_gate;
static atomic_int wait_mode;	/* what the file callback does, see below */
static atomic_ulong received;
static _Atomic(struct http_request *) waiting;

enum { TAKE, RESUME_FIRST, RESUME_LATER, WAIT_FOREVER, REFUSE };

static void
say(struct http_response *a, int status, const char *text)
{
	a->status = status;
	a->content_type = "text/plain";
	buf_puts(&a->body, text);
}

static void
h_hello(void *app, struct http_request *r, struct http_response *a)
{
	(void)app;
	atomic_fetch_add(&handled, 1);
	say(a, 200, "hello ");
	buf_puts(&a->body, r->path);
	buf_puts(&a->body, r->query);
	http_set(a, "X-Circuit", "%llx", (unsigned long long)r->circuit);
}

static void
h_form(void *app, struct http_request *r, struct http_response *a)
{
	const char *v = form_get(r->form, "a");

	(void)app;
	atomic_fetch_add(&handled, 1);
	say(a, 200, "a=");
	buf_puts(&a->body, v == NULL ? "(none)" : v);
}

static void
h_upload(void *app, struct http_request *r, struct http_response *a)
{
	(void)app;
	(void)r;
	atomic_fetch_add(&handled, 1);
	say(a, 200, "got ");
	buf_printf(&a->body, "%lu.", atomic_load(&received));
}

static void
h_bytes(void *app, struct http_request *r, struct http_response *a)
{
	(void)app;
	atomic_fetch_add(&handled, 1);
	say(a, 200, "bytes ");
	buf_put(&a->body, r->body.p, r->body.n);
}

static void
h_gate(void *app, struct http_request *r, struct http_response *a)
{
	(void)app;
	(void)r;
	atomic_fetch_add(&handled, 1);
	(void)sem_post(&at_gate);
	(void)sem_wait(&gate);
	say(a, 200, "through");
}

static void
h_cookie(void *app, struct http_request *r, struct http_response *a)
{
	char v[8];
	enum err e = http_cookie(r, "sid", v, sizeof(v));

	(void)app;
	say(a, 200, e == ERR_OK ? v : e == ERR_RANGE ? "range" : "none");
	if (http_header(r, "user-agent") != NULL)
		buf_puts(&a->body, " agent");
	if (http_header(r, "signature") != NULL)
		buf_printf(&a->body, " [%s]", http_header(r, "signature"));
}

static void
h_broken(void *app, struct http_request *r, struct http_response *a)
{
	(void)app;
	(void)r;
	a->status = 200;
	http_set(a, "X-Bad", "a\r\nSet-Cookie: b");
}

static void
h_none(void *app, struct http_request *r, struct http_response *a)
{
	(void)app;
	(void)r;
	say(a, 404, "no such page");
}

/* A thread of the application that lets an upload go on; kept in state. */
struct helper {
	pthread_t thread;
	struct http_request *r;
};

static void *
helper_main(void *arg)
{
	struct timespec t = { 0, 2000000 };

	(void)nanosleep(&t, NULL);
	http_resume(((struct helper *)arg)->r);
	return NULL;
}

/* A request may be resumed until it is released: so wait for the thread. */
static void
helper_end(struct http_request *r)
{
	struct helper *h = r->state;

	if (h != NULL)
		(void)pthread_join(h->thread, NULL);
	free(h);
	r->state = NULL;
}

static void
helper_start(struct http_request *r)
{
	struct helper *h = need(malloc(sizeof(*h)));

	helper_end(r);
	if (h == NULL)		/* of the test's own; no thread of cmocka's */
		_exit(1);
	h->r = r;
	r->state = h;
	if (pthread_create(&h->thread, NULL, helper_main, h) != 0)
		_exit(1);
}

static enum form_take
f_start(void *arg, const char *name, const char *type)
{
	(void)arg;
	(void)name;
	(void)type;
	atomic_store(&received, 0);
	return atomic_load(&wait_mode) == REFUSE ? FORM_STOP : FORM_TAKEN;
}

static enum form_take
f_data(void *arg, struct bytes in, size_t *taken)
{
	static atomic_uint turn;

	*taken = 0;
	switch (atomic_load(&wait_mode)) {
	case RESUME_FIRST:	/* the resume comes before the suspend */
		if (atomic_fetch_add(&turn, 1) % 3 != 0) {
			http_resume(arg);
			return FORM_WAIT;
		}
		*taken = in.n > 100 ? 100 : in.n;
		break;
	case RESUME_LATER:
		if (atomic_fetch_add(&turn, 1) % 2 == 0) {
			helper_start(arg);
			return FORM_WAIT;
		}
		*taken = in.n > 5000 ? 5000 : in.n;
		break;
	case WAIT_FOREVER:
		atomic_store(&waiting, (struct http_request *)arg);
		(void)sem_post(&at_gate);
		return FORM_WAIT;
	default:
		*taken = in.n;
		break;
	}
	atomic_fetch_add(&received, *taken);
	return FORM_TAKEN;
}

static enum form_take
f_end(void *arg)
{
	(void)arg;
	return FORM_TAKEN;
}

static void
on_release(void *app, struct http_request *r)
{
	(void)app;
	helper_end(r);
	atomic_fetch_add(&released, 1);
}

static const struct form_files files = { f_start, f_data, f_end, NULL };

#define PATIENT_MAX	((uint64_t)20 << 20)	/* read of what is refused */

static const struct route {
	const char *path;
	enum http_body body;
	uint64_t max;
	enum lane lane;
	http_handler *handle;
	enum circuit_rate cost;
} routes[] = {
	{ "/hello", BODY_NONE, 0, LANE_HERE, h_hello, 0 },
	{ "/lane", BODY_NONE, 0, LANE_WRITE, h_hello, 0 },
	{ "/form", BODY_FORM, 1000, LANE_HERE, h_form, 0 },
	{ "/costly", BODY_FORM, 1000, LANE_HERE, h_form, CIRCUIT_REPORTS },
	{ "/leave", BODY_FORM, 1000, LANE_HERE, h_form, CIRCUIT_FREE },
	{ "/upload", BODY_UPLOAD, (uint64_t)1 << 31, LANE_WRITE, h_upload,
	    0 },
	{ "/small", BODY_UPLOAD, 1000, LANE_WRITE, h_upload, 0 },
	{ "/patient", BODY_UPLOAD, 1000, LANE_WRITE, h_upload, 0 },
	{ "/bytes", BODY_BYTES, 1000, LANE_HERE, h_bytes, 0 },
	{ "/gate", BODY_NONE, 0, LANE_REPORT, h_gate, 0 },
	{ "/cookie", BODY_NONE, 0, LANE_HERE, h_cookie, 0 },
	{ "/broken", BODY_NONE, 0, LANE_HERE, h_broken, 0 },
	{ "/sp ace/\xc3\xa9", BODY_NONE, 0, LANE_HERE, h_hello, 0 },
};

static void
app_route(void *ctx, struct http_request *r, struct http_plan *plan)
{
	size_t i;

	(void)ctx;
	atomic_fetch_add(&routed, 1);
	plan->release = on_release;
	plan->form = (struct form_limits){ 100, 200, 3 };
	plan->files = &files;
	plan->handle = h_none;
	for (i = 0; i < sizeof(routes) / sizeof(routes[0]); i++)
		if (strcmp(r->path, routes[i].path) == 0) {
			plan->body = routes[i].body;
			plan->body_max = routes[i].max;
			plan->lane = routes[i].lane;
			plan->cost = routes[i].cost;
			plan->handle = routes[i].handle;
		}
	if (strcmp(r->path, "/patient") == 0)
		plan->discard_max = PATIENT_MAX;
}

static void
app_fault(void *ctx, struct http_request *r, enum http_fault why,
    struct http_response *a)
{
	static const int status[] = { 400, 408, 413, 415, 400, 429, 503, 500 };

	(void)ctx;
	say(a, status[why], "fault ");
	buf_printf(&a->body, "%d form %d path <%s>", (int)why,
	    (int)r->form_fault, r->raw_path);
	if (r->form != NULL && form_get(r->form, "a") != NULL)
		buf_printf(&a->body, " a=%s", form_get(r->form, "a"));
	if (r->retry_sec > 0)
		buf_printf(&a->body, " again in %u", r->retry_sec);
}

/* ---- the listener and its client ---- */

static char dir[] = "/tmp/peluit-http-XXXXXX";
static struct addr at;
static struct lanes *lanes;
static struct circuits *circuits;
static struct http *http;

/* Connections and uploads of a circuit; then by the hour: requests, sign-ins,
 * reports, writes, KiB. */
static const struct circuit_limits per_circuit = {
	{ 4, 1 }, { 1000, 1, 2, 1000, 1000 }
};

static void
begin_with(bool proxy_line, struct http_limits limits)
{
	struct http_options o = {
		.addr = &at, .proxy_line = proxy_line,
		.app = { NULL, app_route, app_fault },
		.limits = limits, .threads = 2, .hourly = true
	};

	at = (struct addr){ .kind = ADDR_UNIX };
	(void)snprintf(at.host, sizeof(at.host), "%s/s", dir);
	assert_int_equal(lanes_new(2, &lanes), ERR_OK);
	o.lanes = lanes;
	if (proxy_line) {
		assert_int_equal(circuits_new(64, &per_circuit, &circuits),
		    ERR_OK);
		o.circuits = circuits;
	}
	assert_int_equal(http_start(&o, &http), ERR_OK);
	atomic_store(&wait_mode, TAKE);
	atomic_store(&routed, 0);
	atomic_store(&released, 0);
	atomic_store(&handled, 0);
	(void)sem_init(&gate, 0, 0);
	(void)sem_init(&at_gate, 0, 0);
}

static const struct http_limits wide = {
	300, 20, 1 << 20, 10, 10, 10, 1000000
};
static const struct http_limits tight = {
	300, 20, 1 << 20, 1, 1, 1, 1000000
};

static void
begin(void)
{
	begin_with(false, wide);
}

static void
stop(unsigned sec)
{
	http_stop(http, sec);
	lanes_stop(lanes);
	circuits_free(circuits);
	http = NULL;
	lanes = NULL;
	circuits = NULL;
}

/* What a failed test leaves running. */
static int
clear(void **state)
{
	int i;

	(void)state;
	for (i = 0; http != NULL && i < 10; i++)
		(void)sem_post(&gate);
	stop(0);
	return 0;
}

static void
end(void)
{
	stop(2);
	assert_int_equal(atomic_load(&routed), atomic_load(&released));
}

/* A request stands at the gate; one that was lost fails the test. */
static void
arrives(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_REALTIME, &t);
	t.tv_sec += 60;
	assert_int_equal(sem_timedwait(&at_gate, &t), 0);
}

/* It waits for an answer, but not for ever. */
static int
stream(int family)
{
	struct timeval tv = { 12, 0 };
	int fd = socket(family, SOCK_STREAM, 0);

	assert_true(fd >= 0);
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	return fd;
}

static int
dial(void)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd = stream(AF_UNIX);

	memcpy(sun.sun_path, at.host, strlen(at.host));
	assert_int_equal(connect(fd, (struct sockaddr *)&sun, sizeof(sun)), 0);
	return fd;
}

static bool
put(int fd, const void *p, size_t n)
{
	ssize_t k;

	while (n > 0) {
		if ((k = send(fd, p, n, MSG_NOSIGNAL)) <= 0)
			return false;
		p = (const char *)p + k;
		n -= (size_t)k;
	}
	return true;
}

static bool
puts_(int fd, const char *s)
{
	return put(fd, s, strlen(s));
}

static char in[IN_MAX];

/* Read until ${text} has come ${times} times; what came is in ${in}. */
static bool
get(int fd, const char *text, int times)
{
	size_t n = 0;
	ssize_t k;
	const char *p;
	int seen;

	in[0] = '\0';
	for (;;) {
		for (seen = 0, p = in; (p = strstr(p, text)) != NULL; p++)
			seen++;
		if (seen >= times)
			return true;
		if (n == sizeof(in) - 1)
			return false;
		k = recv(fd, in + n, sizeof(in) - 1 - n, 0);
		if (k <= 0)
			return false;
		n += (size_t)k;
		in[n] = '\0';
	}
}

/* Whether the other side closes without a word more. */
static bool
closed(int fd)
{
	char c;
	ssize_t k = recv(fd, &c, 1, 0);

	return k == 0 || (k < 0 && errno == ECONNRESET);
}

/* One request on a connection of its own, answered with ${want}. */
static void
one(const char *request, const char *want)
{
	int fd = dial();

	assert_true(puts_(fd, request));
	if (!get(fd, want, 1))
		fail_msg("\n<<< %s\n>>> %s\nwanted: %s", request, in, want);
	(void)close(fd);
}

static double
seconds(void)
{
	return (double)clock_steady_ms() / 1000;
}

/* ---- plain requests ---- */

static void
get_page(void **state)
{
	(void)state;
	begin();
	one("GET /hello?x=%20 HTTP/1.1\r\n" H "\r\n", "hello /hello?x=%20");
	assert_non_null(strstr(in, "HTTP/1.1 200 OK\r\n"));
	assert_null(strstr(in, "\r\nDate:"));
	assert_null(strstr(in, "\r\nServer:"));
	assert_null(strstr(in, "\r\nETag:"));
	assert_non_null(strstr(in, "X-Circuit: 0\r\n"));
	one("GET /lane HTTP/1.1\r\n" H "\r\n", "hello /lane");
	one("GET /sp%20ace/%c3%a9 HTTP/1.1\r\n" H "\r\n",
	    "hello /sp ace/\xc3\xa9");
	one("GET /hello HTTP/1.0\r\n\r\n", "hello /hello");
	end();
	assert_int_equal(atomic_load(&routed), 4);
}

static void
head_page(void **state)
{
	int fd;

	(void)state;
	begin();
	fd = dial();
	assert_true(puts_(fd, "HEAD /hello HTTP/1.1\r\n" H "\r\n"));
	assert_true(get(fd, "\r\n\r\n", 1));
	assert_non_null(strstr(in, "Content-Length: 12\r\n"));
	assert_true(puts_(fd, "GET /none HTTP/1.1\r\n" H "\r\n"));
	assert_true(get(fd, "no such page", 1));
	assert_null(strstr(in, "hello"));
	(void)close(fd);
	end();
}

static void
keep_alive(void **state)
{
	int fd, i;

	(void)state;
	begin();
	fd = dial();
	for (i = 0; i < 5; i++) {
		assert_true(puts_(fd, i % 2 == 0 ?
		    "GET /hello HTTP/1.1\r\n" H "\r\n" :
		    "GET /lane HTTP/1.1\r\n" H "\r\n"));
		assert_true(get(fd, i % 2 == 0 ? "hello /hello" :
		    "hello /lane", 1));
	}
	(void)close(fd);
	end();
	assert_int_equal(atomic_load(&released), 5);
}

static void
pipelined(void **state)
{
	const char *a, *b, *c;
	int fd;

	(void)state;
	begin();
	fd = dial();
	assert_true(puts_(fd, "GET /lane?1 HTTP/1.1\r\n" H "\r\n"
	    "POST /form HTTP/1.1\r\n" H URLENC "Content-Length: 5\r\n\r\na=two"
	    "GET /lane?3 HTTP/1.1\r\n" H "\r\n"));
	assert_true(get(fd, "/lane?3", 1));
	a = strstr(in, "/lane?1");
	b = strstr(in, "a=two");
	c = strstr(in, "/lane?3");
	assert_non_null(a);
	assert_non_null(b);
	assert_true(a < b && b < c);
	(void)close(fd);
	end();
}

/* A client that has no more to say still gets its answer. */
static void
half_closed(void **state)
{
	static const char *const r[] = {
		"GET /hello HTTP/1.1\r\n" H "\r\n",
		"GET /lane HTTP/1.1\r\n" H "\r\n",
		"POST /form HTTP/1.1\r\n" H URLENC "Content-Length: 7\r\n\r\n"
		    "a=hello",
	};
	size_t i;
	int fd;

	(void)state;
	begin();
	for (i = 0; i < sizeof(r) / sizeof(r[0]); i++) {
		fd = dial();
		assert_true(puts_(fd, r[i]));
		(void)shutdown(fd, SHUT_WR);
		if (!get(fd, "hello", 1))
			fail_msg("%s", r[i]);
		(void)close(fd);
	}
	/* Also when the library would see it before the answer. */
	fd = dial();
	assert_true(puts_(fd, "GET /gate HTTP/1.1\r\n" H "\r\n"));
	(void)shutdown(fd, SHUT_WR);
	arrives();
	(void)usleep(50000);
	(void)sem_post(&gate);
	assert_true(get(fd, "through", 1));
	(void)close(fd);
	end();
}

static void
byte_by_byte(void **state)
{
	const char *r = "POST /form HTTP/1.1\r\n" H URLENC
	    "Content-Length: 7\r\n\r\na=x%20y";
	int fd;

	(void)state;
	begin();
	fd = dial();
	for (; *r != '\0'; r++) {
		assert_true(put(fd, r, 1));
		(void)usleep(200);
	}
	assert_true(get(fd, "a=x y", 1));
	(void)close(fd);
	end();
}

static void
header_and_cookie(void **state)
{
	(void)state;
	begin();
	one("GET /cookie HTTP/1.1\r\n" H "Cookie: a=b; sid=12345; c=d\r\n"
	    "User-Agent: me\r\n\r\n", "12345");
	assert_null(strstr(in, "agent"));
	one("GET /cookie HTTP/1.1\r\n" H "Cookie: xsid=1; sid2=2\r\n\r\n",
	    "\r\n\r\nnone");
	one("GET /cookie HTTP/1.1\r\n" H "Cookie: sid=1234567\r\n\r\n",
	    "1234567");
	one("GET /cookie HTTP/1.1\r\n" H "Cookie: sid=12345678\r\n\r\n",
	    "range");
	one("GET /cookie HTTP/1.1\r\n" H "Signature: s\r\n\r\n", "[s]");
	one("GET /cookie HTTP/1.1\r\n" H "Signature: s\r\nSIGNATURE: s\r\n"
	    "\r\n", "none []");
	end();
}

/* ---- what is refused ---- */

static const char *const malformed[] = {
	/* framing */
	"POST /form HTTP/1.1\r\n" H URLENC "\r\n",
	"PUT /form HTTP/1.1\r\n" H URLENC "\r\n",
	"POST /form HTTP/1.1\r\n" H URLENC "Content-Length: 3\r\n"
	    "Content-Length: 3\r\n\r\na=1",
	"POST /form HTTP/1.1\r\n" H URLENC "Content-Length: 3\r\n"
	    "content-length: 4\r\n\r\na=1",
	"POST /form HTTP/1.1\r\n" H URLENC "Content-Length: 3\r\n"
	    "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
	"POST /form HTTP/1.1\r\n" H URLENC "Transfer-Encoding: gzip\r\n\r\n",
	"POST /form HTTP/1.1\r\n" H URLENC "Transfer-Encoding: chunked\r\n"
	    "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
	"POST /form HTTP/1.0\r\n" H URLENC "Transfer-Encoding: chunked\r\n\r\n"
	    "0\r\n\r\n",
	/* fields */
	"GET /hello HTTP/1.1\r\n\r\n",
	"GET /hello HTTP/1.1\r\n" H H "\r\n",
	"GET /hello HTTP/1.1\r\n" H "Cookie: a=b\r\nCookie: a=b\r\n\r\n",
	"POST /form HTTP/1.1\r\n" H URLENC URLENC "Content-Length: 3\r\n\r\n"
	    "a=1",
	"GET /hello HTTP/1.1\r\n" H "Expect: wonders\r\n\r\n",
	"GET /hello HTTP/1.1\r\n" H "X-Thing : 1\r\n\r\n",
	"GET /hello HTTP/1.1\r\n" H "X-Thing: a\x01z\r\n\r\n",
	"GET /hello HTTP/1.9\r\n" H "\r\n",
	"G\x01T /hello HTTP/1.1\r\n" H "\r\n",
	/* paths */
	"GET /hel%00lo HTTP/1.1\r\n" H "\r\n",
	"GET /hello%00 HTTP/1.1\r\n" H "\r\n",
	"GET /a%2fb HTTP/1.1\r\n" H "\r\n",
	"GET /a%2Fb HTTP/1.1\r\n" H "\r\n",
	"GET /a%5cb HTTP/1.1\r\n" H "\r\n",
	"GET /a\\b HTTP/1.1\r\n" H "\r\n",
	"GET /a%0ab HTTP/1.1\r\n" H "\r\n",
	"GET /a%7fb HTTP/1.1\r\n" H "\r\n",
	"GET /a%ffb HTTP/1.1\r\n" H "\r\n",
	"GET /a\xc3\xa9 HTTP/1.1\r\n" H "\r\n",
	"GET /a%4 HTTP/1.1\r\n" H "\r\n",
	"GET /a%zz HTTP/1.1\r\n" H "\r\n",
	"GET /a#b HTTP/1.1\r\n" H "\r\n",
	"GET //hello HTTP/1.1\r\n" H "\r\n",
	"GET /a//b HTTP/1.1\r\n" H "\r\n",
	"GET /a/../hello HTTP/1.1\r\n" H "\r\n",
	"GET /a/.. HTTP/1.1\r\n" H "\r\n",
	"GET /./hello HTTP/1.1\r\n" H "\r\n",
	"GET /%2e%2e/hello HTTP/1.1\r\n" H "\r\n",
	"GET hello HTTP/1.1\r\n" H "\r\n",
	"GET http://x/hello HTTP/1.1\r\n" H "\r\n",
	"OPTIONS * HTTP/1.1\r\n" H "\r\n",
	"GET /hello?a\x01 HTTP/1.1\r\n" H "\r\n",
};

static void
malformed_requests(void **state)
{
	size_t i;

	(void)state;
	begin();
	for (i = 0; i < sizeof(malformed) / sizeof(malformed[0]); i++) {
		one(malformed[i], "fault 0");
		assert_non_null(strstr(in, "HTTP/1.1 400 "));
		assert_non_null(strstr(in, "Connection: close\r\n"));
	}
	assert_int_equal(atomic_load(&handled), 0);
	end();
}

/* What the library itself cannot read it answers without a word of its own. */
static void
the_library_is_silent(void **state)
{
	static const char *const r[] = {
		"GET /hello HTTP/1.1\r\n" H "no colon\r\n\r\n",
		"GET /hello HTTP/3.7\r\n" H "\r\n",
		"GET /hello\r\n" H "\r\n",
		"POST /form HTTP/1.1\r\n" H "Content-Length: ten\r\n\r\n",
		"POST /form HTTP/1.1\r\n" H "Content-Length: -5\r\n\r\n",
		"POST /form HTTP/1.1\r\n" H
		    "Content-Length: 99999999999999999999999\r\n\r\n",
		"POST /bytes HTTP/1.1\r\n" H
		    "Transfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n",
	};
	size_t i;

	(void)state;
	begin();
	for (i = 0; i < sizeof(r) / sizeof(r[0]); i++) {
		one(r[i], "Content-Length: 0\r\n\r\n");
		assert_null(strstr(in, "<html"));
	}
	end();
}

static void
long_paths(void **state)
{
	char r[4096], p[2048];

	(void)state;
	begin();
	memset(p, 'x', sizeof(p));
	p[0] = '/';
	(void)snprintf(r, sizeof(r), "GET %.*s HTTP/1.1\r\n" H "\r\n",
	    HTTP_PATH_MAX, p);
	one(r, "no such page");
	(void)snprintf(r, sizeof(r), "GET %.*s HTTP/1.1\r\n" H "\r\n",
	    HTTP_PATH_MAX + 1, p);
	one(r, "fault 0");
	(void)snprintf(r, sizeof(r), "GET /hello?%.1024s HTTP/1.1\r\n" H "\r\n",
	    p);
	one(r, "hello /hello?/xxx");
	(void)snprintf(r, sizeof(r), "GET /hello?%.1025s HTTP/1.1\r\n" H "\r\n",
	    p);
	one(r, "fault 0");
	end();
}

static void
other_methods_are_routed(void **state)
{
	(void)state;
	begin();
	one("DELETE /none HTTP/1.1\r\n" H "\r\n", "no such page");
	end();
}

/* Large header fields hurt nobody else. */
static void
header_of(int fd, size_t n)
{
	char *r = malloc(n + 200);

	assert_non_null(r);
	(void)strcpy(r, "GET /hello HTTP/1.1\r\n" H);
	while (strlen(r) < n)
		(void)strcat(r, "X-Filler: 0123456789012345678901234567890123"
		    "456789012345678901234567890123456789012345678901\r\n");
	(void)strcat(r, "\r\n");
	(void)puts_(fd, r);
	free(r);
}

static void
large_header(void **state)
{
	int fd, other;

	(void)state;
	begin();
	other = dial();
	fd = dial();
	header_of(fd, 12000);
	assert_true(get(fd, "hello /hello", 1));
	(void)close(fd);
	fd = dial();
	header_of(fd, 20000);
	assert_true(get(fd, "fault 0", 1));
	(void)close(fd);
	fd = dial();
	header_of(fd, 65536);
	assert_true(get(fd, "HTTP/1.1 431 ", 1));
	assert_true(puts_(other, "GET /hello HTTP/1.1\r\n" H "\r\n"));
	assert_true(get(other, "hello /hello", 1));
	(void)close(fd);
	(void)close(other);
	end();
}

static void
broken_answer(void **state)
{
	(void)state;
	begin();
	one("GET /broken HTTP/1.1\r\n" H "\r\n", "fault 7");
	assert_null(strstr(in, "Set-Cookie"));
	end();
}

/* ---- bodies ---- */

static void
forms(void **state)
{
	(void)state;
	begin();
	one("POST /form HTTP/1.1\r\n" H URLENC "Content-Length: 3\r\n\r\na=1",
	    "a=1");
	one("POST /form HTTP/1.1\r\n" H URLENC "Content-Length: 0\r\n\r\n",
	    "a=(none)");
	one("POST /form HTTP/1.1\r\n" H "Content-Type: text/plain\r\n"
	    "Content-Length: 3\r\n\r\na=1", "fault 3");
	one("POST /form HTTP/1.1\r\n" H "Content-Length: 3\r\n\r\na=1",
	    "fault 3");
	one("POST /form HTTP/1.1\r\n" H "Content-Type: multipart/form-data\r\n"
	    "Content-Length: 3\r\n\r\na=1", "fault 4 form 1");
	one("POST /form HTTP/1.1\r\n" H URLENC "Content-Length: 5\r\n\r\na=%zz",
	    "fault 4 form 1");
	one("POST /form HTTP/1.1\r\n" H URLENC "Content-Length: 3\r\n\r\na=%",
	    "fault 4 form 1");
	one("POST /form HTTP/1.1\r\n" H URLENC "Content-Length: 5\r\n\r\na=%ff",
	    "fault 4 form 4");
	one("POST /form HTTP/1.1\r\n" H BB "Content-Length: 3\r\n\r\n--B",
	    "fault 4 form 1");
	one("POST /none HTTP/1.1\r\n" H URLENC "Content-Length: 3\r\n\r\na=1",
	    "no such page");
	end();
}

static void
chunked(void **state)
{
	char r[4096];
	int i;

	(void)state;
	begin();
	one("POST /form HTTP/1.1\r\n" H URLENC "Transfer-Encoding: chunked\r\n"
	    "\r\n2\r\na=\r\n3\r\nxyz\r\n0\r\n\r\n", "a=xyz");
	/* Counted: 1,000 bytes are the limit of /bytes. */
	(void)strcpy(r, "POST /bytes HTTP/1.1\r\n" H
	    "Transfer-Encoding: chunked\r\n\r\n");
	for (i = 0; i < 20; i++)
		(void)strcat(r, "32\r\n01234567890123456789012345678901234567"
		    "890123456789\r\n");
	(void)strcat(r, "0\r\n\r\n");
	one(r, "\r\n\r\nbytes 0123");
	(void)strcpy(strstr(r, "\r\n0\r\n\r\n"), "\r\n1\r\nx\r\n0\r\n\r\n");
	one(r, "fault 2");
	(void)snprintf(r, sizeof(r), "POST /small HTTP/1.1\r\n" H BB
	    "Transfer-Encoding: chunked\r\n\r\n%zx\r\n" FILE_HEAD "\r\n",
	    strlen(FILE_HEAD));
	for (i = 0; i < 20; i++)
		(void)strcat(r, "32\r\n01234567890123456789012345678901234567"
		    "890123456789\r\n");
	(void)strcat(r, "a\r\n" FILE_TAIL "\r\n0\r\n\r\n");
	one(r, "fault 2");
	end();
}

static void
body_limit(void **state)
{
	char r[4096], body[1001];
	int fd;

	(void)state;
	begin();
	memset(body, 'x', sizeof(body));
	(void)snprintf(r, sizeof(r), "POST /bytes HTTP/1.1\r\n" H
	    "Content-Length: 1000\r\n\r\n%.1000s", body);
	one(r, "bytes xxx");
	(void)snprintf(r, sizeof(r), "POST /bytes HTTP/1.1\r\n" H
	    "Content-Length: 1001\r\n\r\n%.1001s", body);
	one(r, "fault 2");
	assert_non_null(strstr(in, "Connection: close\r\n"));
	/* Expect: the answer comes before the body, and no 100. */
	fd = dial();
	assert_true(puts_(fd, "POST /bytes HTTP/1.1\r\n" H
	    "Expect: 100-continue\r\nContent-Length: 1001\r\n\r\n"));
	assert_true(get(fd, "fault 2", 1));
	assert_null(strstr(in, "100 Continue"));
	assert_true(closed(fd));
	(void)close(fd);
	fd = dial();
	assert_true(puts_(fd, "POST /bytes HTTP/1.1\r\n" H
	    "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n"));
	assert_true(get(fd, "100 Continue\r\n\r\n", 1));
	assert_true(puts_(fd, "ok"));
	assert_true(get(fd, "bytes ok", 1));
	(void)close(fd);
	end();
}

/* A browser that sends all the same, then looks: small, and over 8 MiB. */
static void
too_large_is_read_first(void **state)
{
	static char block[65536];
	int fd, i, n;
	double t;

	(void)state;
	begin();
	for (n = 16; n <= 256; n *= 16) {
		fd = dial();
		(void)snprintf(block, sizeof(block), "POST /bytes HTTP/1.1\r\n"
		    H "Content-Length: %d\r\n\r\n", n * 65536);
		assert_true(puts_(fd, block));
		for (i = 0; i < n; i++)
			assert_true(put(fd, block, sizeof(block)));
		assert_true(get(fd, "fault 2", 1));
		assert_non_null(strstr(in, "HTTP/1.1 413 "));
		assert_non_null(strstr(in, "Connection: close\r\n"));
		(void)close(fd);
	}
	/* What would never end is answered on the way. */
	t = seconds();
	fd = dial();
	assert_true(puts_(fd, "POST /bytes HTTP/1.1\r\n" H
	    "Content-Length: 1000000000\r\n\r\n"));
	for (i = 0; i < 130; i++)
		assert_true(put(fd, block, sizeof(block)));
	assert_true(get(fd, "fault 2", 1));
	assert_true(seconds() - t < 3);
	(void)close(fd);
	end();
}

/* Whether anything has come, a moment later. */
static bool
silent(int fd)
{
	char byte;

	(void)usleep(300000);
	return recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == -1;
}

/* An upload that is refused is read to its end, if that is near enough. */
static void
refused_is_read_to_its_end(void **state)
{
	static char block[65536];
	size_t i, n = PATIENT_MAX / sizeof(block);
	int fd;

	(void)state;
	begin();
	/* announced, then in chunks: no answer before the last byte */
	for (int chunked = 0; chunked < 2; chunked++) {
		fd = dial();
		(void)snprintf(block, sizeof(block), "POST /patient HTTP/1.1"
		    "\r\n" H BB);
		assert_true(puts_(fd, block));
		(void)snprintf(block, sizeof(block), chunked ?
		    "Transfer-Encoding: chunked\r\n\r\n%x\r\n" :
		    "Content-Length: %u\r\n\r\n",
		    (unsigned)(n * sizeof(block)));
		assert_true(puts_(fd, block));
		for (i = 0; i < n - 1; i++)
			assert_true(put(fd, block, sizeof(block)));
		assert_true(silent(fd));
		assert_true(put(fd, block, sizeof(block)));
		if (chunked)
			assert_true(puts_(fd, "\r\n0\r\n\r\n"));
		assert_true(get(fd, "fault ", 1));
		(void)close(fd);
	}
	/* more than that: nobody is made to send it all */
	fd = dial();
	(void)snprintf(block, sizeof(block), "POST /patient HTTP/1.1\r\n" H
	    BB "Content-Length: %u\r\n\r\n",
	    (unsigned)(n * sizeof(block) + 1));
	assert_true(puts_(fd, block));
	for (i = 0; i < 130; i++)
		assert_true(put(fd, block, sizeof(block)));
	assert_true(get(fd, "fault 2", 1));
	(void)close(fd);
	end();
}

/* The peer goes away in the middle: the request is released, not handled. */
static void
short_body(void **state)
{
	int fd, i;

	(void)state;
	begin();
	fd = dial();
	assert_true(puts_(fd, "POST /upload HTTP/1.1\r\n" H BB
	    "Content-Length: 1000\r\n\r\n" FILE_HEAD "xyz"));
	(void)usleep(50000);
	(void)close(fd);
	for (i = 0; i < 100 && atomic_load(&released) == 0; i++)
		(void)usleep(10000);
	assert_int_equal(atomic_load(&released), 1);
	assert_int_equal(atomic_load(&handled), 0);
	end();
}

/* ---- uploads, waiting ---- */

static void
upload(int mode, size_t n, const char *want)
{
	char *data = malloc(n);
	char head[512];
	int fd = dial();

	assert_non_null(data);
	memset(data, 'd', n);
	atomic_store(&wait_mode, mode);
	(void)snprintf(head, sizeof(head), "POST /upload HTTP/1.1\r\n" H BB
	    "Content-Length: %zu\r\n\r\n" FILE_HEAD, n +
	    strlen(FILE_HEAD FILE_TAIL));
	assert_true(puts_(fd, head));
	assert_true(put(fd, data, n));
	assert_true(puts_(fd, FILE_TAIL));
	if (!get(fd, want, 1))
		fail_msg("%s", in);
	(void)close(fd);
	free(data);
}

static void
upload_waits(void **state)
{
	(void)state;
	begin();
	upload(TAKE, 300000, "got 300000.");
	upload(RESUME_FIRST, 30000, "got 30000.");
	upload(RESUME_LATER, 300000, "got 300000.");
	upload(REFUSE, 30000, "fault 4 form 5");
	(void)usleep(20000);
	end();
}

/* While the application lets it wait, no deadline runs. */
static void
no_deadline_while_waiting(void **state)
{
	struct pollfd p;
	int fd;

	(void)state;
	begin_with(false, tight);
	fd = dial();
	atomic_store(&wait_mode, WAIT_FOREVER);
	assert_true(puts_(fd, "POST /upload HTTP/1.1\r\n" H BB
	    "Content-Length: 1000\r\n\r\n" FILE_HEAD "xyz"));
	arrives();
	p = (struct pollfd){ .fd = fd, .events = POLLIN };
	assert_int_equal(poll(&p, 1, 2500), 0);
	assert_int_equal(atomic_load(&released), 0);
	/* After the resume it does: nothing more comes. */
	atomic_store(&wait_mode, TAKE);
	http_resume(atomic_load(&waiting));
	assert_true(get(fd, "fault 1", 1));
	assert_non_null(strstr(in, "HTTP/1.1 408 "));
	(void)close(fd);
	/* The pause does not count: half a second behind it is in time. */
	fd = dial();
	atomic_store(&wait_mode, WAIT_FOREVER);
	(void)snprintf(in, sizeof(in), "POST /upload HTTP/1.1\r\n" H BB
	    "Content-Length: %zu\r\n\r\n" FILE_HEAD "xyz",
	    strlen(FILE_HEAD "xyz" FILE_TAIL));
	assert_true(puts_(fd, in));
	arrives();
	(void)usleep(1500000);
	atomic_store(&wait_mode, TAKE);
	http_resume(atomic_load(&waiting));
	(void)usleep(500000);
	assert_true(puts_(fd, FILE_TAIL));
	assert_true(get(fd, "got 3.", 1));
	(void)close(fd);
	end();
}

static void
stop_with_suspended(void **state)
{
	int fd[4], i;
	double t;

	(void)state;
	begin();
	atomic_store(&wait_mode, WAIT_FOREVER);
	for (i = 0; i < 4; i++) {
		fd[i] = dial();
		assert_true(puts_(fd[i], "POST /upload HTTP/1.1\r\n" H BB
		    "Content-Length: 1000\r\n\r\n" FILE_HEAD "xyz"));
		arrives();
	}
	t = seconds();
	stop(1);
	assert_true(seconds() - t < 3);
	assert_int_equal(atomic_load(&released), 4);
	for (i = 0; i < 4; i++) {
		assert_true(closed(fd[i]));
		(void)close(fd[i]);
	}
}

static void *
open_gate(void *arg)
{
	(void)arg;
	(void)usleep(300000);
	(void)sem_post(&gate);
	(void)sem_post(&gate);
	(void)sem_post(&gate);
	return NULL;
}

/* A handler that is running is finished and its answer sent. */
static void
stop_with_a_job(void **state)
{
	pthread_t t;
	int fd;

	(void)state;
	begin();
	fd = dial();
	assert_true(puts_(fd, "GET /gate HTTP/1.1\r\n" H "\r\n"));
	arrives();
	assert_int_equal(pthread_create(&t, NULL, open_gate, NULL), 0);
	end();
	(void)pthread_join(t, NULL);
	assert_true(get(fd, "through", 1));
	assert_non_null(strstr(in, "Connection: close\r\n"));
	(void)close(fd);
}

/* ... and when it takes too long, cut, but never left behind. */
static void
stop_with_a_long_job(void **state)
{
	pthread_t t;
	int fd;

	(void)state;
	begin();
	fd = dial();
	assert_true(puts_(fd, "GET /gate HTTP/1.1\r\n" H "\r\n"));
	arrives();
	assert_int_equal(pthread_create(&t, NULL, open_gate, NULL), 0);
	stop(0);
	(void)pthread_join(t, NULL);
	assert_int_equal(atomic_load(&released), 1);
	assert_true(closed(fd));
	(void)close(fd);
}

static void
cut(void **state)
{
	int fd;

	(void)state;
	begin();
	fd = dial();
	atomic_store(&wait_mode, WAIT_FOREVER);
	assert_true(puts_(fd, "POST /upload HTTP/1.1\r\n" H BB
	    "Content-Length: 1000\r\n\r\n" FILE_HEAD "xyz"));
	arrives();
	http_cut(atomic_load(&waiting));
	assert_true(closed(fd));
	(void)close(fd);
	end();
	assert_int_equal(atomic_load(&released), 1);
}

static void
busy_lane(void **state)
{
	int fd[5], i, busy = 0;

	(void)state;
	begin();
	/* One runs, two wait, the others are told. */
	fd[0] = dial();
	assert_true(puts_(fd[0], "GET /gate HTTP/1.1\r\n" H "\r\n"));
	arrives();
	for (i = 1; i < 5; i++) {
		fd[i] = dial();
		assert_true(puts_(fd[i], "GET /gate HTTP/1.1\r\n" H "\r\n"));
	}
	(void)usleep(100000);
	for (i = 0; i < 3; i++)
		(void)sem_post(&gate);
	for (i = 0; i < 5; i++) {
		assert_true(get(fd[i], "\r\n\r\n", 1));
		busy += strstr(in, "503 ") != NULL;
		(void)close(fd[i]);
	}
	assert_int_equal(busy, 2);
	end();
}

/* ---- deadlines ---- */

static void
slow_header(void **state)
{
	double t = seconds();
	int fd, i;

	(void)state;
	begin_with(false, tight);
	fd = dial();
	assert_true(puts_(fd, "GET /hello HTTP/1.1\r\n"));
	for (i = 0; i < 30 && puts_(fd, "X: y\r\n"); i++)
		(void)usleep(100000);
	assert_true(i < 20);
	assert_true(closed(fd));
	assert_true(seconds() - t < 3);
	(void)close(fd);
	/* A kept connection, too. */
	fd = dial();
	assert_true(puts_(fd, "GET /hello HTTP/1.1\r\n" H "\r\n"));
	assert_true(get(fd, "hello", 1));
	for (i = 0; i < 50 && puts_(fd, i == 0 ? "GET / HTTP/1.1\r\n" :
	    "X: y\r\n"); i++)
		(void)usleep(100000);
	assert_true(i < 40);
	(void)close(fd);
	end();
}

static void
slow_body(void **state)
{
	int fd, i;
	double t;

	(void)state;
	begin_with(false, tight);
	fd = dial();
	t = seconds();
	assert_true(puts_(fd, "POST /upload HTTP/1.1\r\n" H BB
	    "Content-Length: 100000\r\n\r\n" FILE_HEAD));
	/* A byte now and then is not idle, but too slow all the same. */
	for (i = 0; i < 10; i++) {
		(void)puts_(fd, "x");
		(void)usleep(150000);
	}
	assert_true(get(fd, "fault 1", 1));
	assert_non_null(strstr(in, "HTTP/1.1 408 "));
	assert_non_null(strstr(in, "Connection: close\r\n"));
	assert_true(seconds() - t < 3);
	(void)close(fd);
	end();
	assert_int_equal(atomic_load(&handled), 0);
}

/* A steady body above the minimum rate may take longer than body_sec. */
static void
steady_body(void **state)
{
	struct http_limits l = tight;
	char block[2000];
	int fd, i;

	(void)state;
	l.min_rate = 5000;
	begin_with(false, l);
	fd = dial();
	memset(block, 'x', sizeof(block));
	(void)snprintf(in, sizeof(in), "POST /upload HTTP/1.1\r\n" H BB
	    "Content-Length: %zu\r\n\r\n" FILE_HEAD, 20 * sizeof(block) +
	    strlen(FILE_HEAD FILE_TAIL));
	assert_true(puts_(fd, in));
	for (i = 0; i < 20; i++) {
		assert_true(put(fd, block, sizeof(block)));
		(void)usleep(100000);
	}
	assert_true(puts_(fd, FILE_TAIL));
	assert_true(get(fd, "got 40000.", 1));
	(void)close(fd);
	end();
}

/* ---- the PROXY line ---- */

#define PROXY(hi, lo) "PROXY TCP6 fc00:dead:beef:4dad::" hi ":" lo \
	" ::1 51 80\r\n"

static const char *const bad_lines[] = {
	"GET /hello HTTP/1.1\r\n" H "\r\n",
	"\r\n",
	"PROXY\r\n",
	"PROXY UNKNOWN\r\n",
	"PROXY TCP4 127.0.0.1 127.0.0.1 51 80\r\n",
	"PROXY TCP6 fc00:dead:beef:4dae::0:33 ::1 51 80\r\n",
	"PROXY TCP6 fc00:dead:beef:4dad:1::33 ::1 51 80\r\n",
	"PROXY TCP6 fc00:dead:beef:4dad::0:33 ::2 51 80\r\n",
	"PROXY TCP6 fc00:dead:beef:4dad::0:33 ::1 51\r\n",
	"PROXY TCP6 fc00:dead:beef:4dad::0:33 ::1 51 80 \r\n",
	"PROXY TCP6 fc00:dead:beef:4dad::0:33 ::1 51 65536\r\n",
	"PROXY TCP6 fc00:dead:beef:4dad::0:33 ::1 051 80\r\n",
	"PROXY TCP6 fc00:dead:beef:4dad::0:33  ::1 51 80\r\n",
	"PROXY TCP6 fc00:dead:beef:4dad::0:gg ::1 51 80\r\n",
	"proxy TCP6 fc00:dead:beef:4dad::0:33 ::1 51 80\r\n",
	"PROXY TCP6 fc00:dead:beef:4dad::0:33 ::1 51 80\n"
	    "GET /hello HTTP/1.1\r\n",
	"\r\n\r\n",
	"\r\n\r\n\x01\r\nQUIT\n",	/* near the binary version 2 */
	"PROXY TCP6 0000000000000000000000000000000000000000000000000000000000"
	    "00000000000000000000000000000000000000000000000000000000000000",
};

/* "X-Circuit: NAME\r" of what is in ${in}. */
static void
circuit_name(char out[static 32])
{
	const char *p = strstr(in, "X-Circuit: ");

	assert_non_null(p);
	(void)snprintf(out, 32, "%.*s", (int)strcspn(p, "\n"), p);
}

static void
proxy_line(void **state)
{
	const char *line = PROXY("1", "33");
	char mine[32], other[32];
	size_t i;
	int fd;

	(void)state;
	begin_with(true, wide);
	/* A circuit goes by a name that only this process gives it. */
	one(PROXY("0", "33") "GET /hello HTTP/1.1\r\n" H "\r\n", "\r\n\r\n");
	circuit_name(other);
	assert_null(strstr(other, "33\r"));
	one(PROXY("1", "33") "GET /hello HTTP/1.1\r\n" H "\r\n", "\r\n\r\n");
	circuit_name(mine);
	assert_string_not_equal(mine, other);
	/* Split anywhere, as another process may write it. */
	for (i = 1; i < strlen(line); i += 7) {
		fd = dial();
		assert_true(put(fd, line, i));
		(void)usleep(2000);
		assert_true(puts_(fd, line + i));
		(void)usleep(2000);
		assert_true(puts_(fd, "GET /hello HTTP/1.1\r\n" H "\r\n"));
		assert_true(get(fd, mine, 1));
		(void)close(fd);
	}
	/* Byte by byte, and HTTP in the same packet as the last of it. */
	fd = dial();
	for (i = 0; i + 1 < strlen(line); i++) {
		assert_true(put(fd, line + i, 1));
		(void)usleep(200);
	}
	assert_true(puts_(fd, "\nGET /hello HTTP/1.1\r\n" H "\r\n"));
	assert_true(get(fd, mine, 1));
	(void)close(fd);
	for (i = 0; i < sizeof(bad_lines) / sizeof(bad_lines[0]); i++) {
		fd = dial();
		assert_true(puts_(fd, bad_lines[i]));
		if (!closed(fd))
			fail_msg("%s", bad_lines[i]);
		(void)close(fd);
	}
	end();
}

/* Five seconds for the line, and for reading on behind a fault. */
static void
proxy_slow(void **state)
{
	double t = seconds();
	int fd, other;

	(void)state;
	begin_with(true, wide);
	fd = dial();
	assert_true(puts_(fd, "PROXY TCP6 fc00"));
	other = dial();
	assert_true(puts_(other, PROXY("0", "33") "POST /bytes HTTP/1.1\r\n" H
	    "Content-Length: 1001\r\n\r\nx"));
	assert_true(closed(fd));
	assert_true(get(other, "fault 2", 1));
	(void)close(other);
	assert_true(seconds() - t > 4 && seconds() - t < 7);
	(void)close(fd);
	end();
}

/* Four connections a circuit; four more hear of it; then none. */
static void
circuit_limit(void **state)
{
	const char *r = "GET /hello HTTP/1.1\r\n" H "\r\n";
	int fd[10], i;
	double t;

	(void)state;
	begin_with(true, wide);
	for (i = 0; i < 10; i++) {
		fd[i] = dial();
		assert_true(puts_(fd[i], PROXY("0", "7")));
		if (i < 4) {
			assert_true(puts_(fd[i], r));
			assert_true(get(fd[i], "hello", 1));
		}
		(void)usleep(5000);
	}
	assert_true(puts_(fd[4], r));
	assert_true(get(fd[4], "fault 5", 1));
	assert_non_null(strstr(in, "HTTP/1.1 429 "));
	assert_true(closed(fd[4]));
	t = seconds();
	assert_true(closed(fd[9]));
	assert_true(seconds() - t < 2);
	/* Another circuit is not concerned; a place freed is a place. */
	one(PROXY("0", "8") "GET /hello HTTP/1.1\r\n" H "\r\n", "hello");
	for (i = 0; i < 10; i++)
		(void)close(fd[i]);
	(void)usleep(100000);
	one(PROXY("0", "7") "GET /hello HTTP/1.1\r\n" H "\r\n", "hello");
	end();
}

/* ---- many ---- */

#define MANY	200

static void
many_connections(void **state)
{
	int fd[MANY], i, turn;

	(void)state;
	begin();
	for (i = 0; i < MANY; i++)
		fd[i] = dial();
	for (turn = 0; turn < 3; turn++) {
		for (i = 0; i < MANY; i++)
			assert_true(puts_(fd[i],
			    "GET /hello HTTP/1.1\r\n" H "\r\n"));
		for (i = 0; i < MANY; i++)
			assert_true(get(fd[i], "hello /hello", 1));
	}
	assert_int_equal(http_connections(http), MANY);
	for (i = 0; i < MANY; i++)
		(void)close(fd[i]);
	for (i = 0; i < 100 && http_connections(http) > 0; i++)
		(void)usleep(10000);
	assert_int_equal(http_connections(http), 0);
	end();
	assert_int_equal(atomic_load(&released), 3 * MANY);
}

/* Everything at once, and in the middle of it the end. */

#define STORM	8

static atomic_bool storm_over;

static void
storm_upload(int fd, bool whole)
{
	static const char data[20000] = "x";
	char head[512];

	(void)snprintf(head, sizeof(head), "POST /upload HTTP/1.1\r\n" H BB
	    "Content-Length: %zu\r\n\r\n" FILE_HEAD, sizeof(data) +
	    strlen(FILE_HEAD FILE_TAIL));
	(void)(puts_(fd, head) && put(fd, data, sizeof(data)) && whole &&
	    puts_(fd, FILE_TAIL));
}

static void *
storm_main(void *arg)
{
	static const char *const r[] = {
		"GET /hello HTTP/1.1\r\n" H "\r\n",
		"GET /lane HTTP/1.1\r\n" H "\r\nGET /lane HTTP/1.1\r\n" H
		    "\r\n",
		"GET /%00 HTTP/1.1\r\n" H "\r\n",
		"POST /form HTTP/1.1\r\n" H URLENC "Content-Length: 3\r\n\r\n"
		    "a=",
		"HEAD /hello HTTP/1.1\r\n",
	};
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	struct timeval tv = { 0, 20000 };
	unsigned turn = *(unsigned *)arg;
	char c[4096];
	int fd;

	memcpy(sun.sun_path, at.host, strlen(at.host));
	for (; !atomic_load(&storm_over); turn++) {
		fd = socket(AF_UNIX, SOCK_STREAM, 0);
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
		if (connect(fd, (struct sockaddr *)&sun, sizeof(sun)) == 0) {
			if (turn % 7 < 5)
				(void)puts_(fd, r[turn % 7]);
			else
				storm_upload(fd, turn % 7 == 5);
			if (turn % 3 != 0)
				(void)!recv(fd, c, sizeof(c), 0);
		}
		(void)close(fd);
	}
	return NULL;
}

static void
storm(void **state)
{
	static unsigned seed[STORM];	/* theirs even if one cannot begin */
	pthread_t t[STORM];
	unsigned i, round;

	(void)state;
	for (round = 0; round < 4; round++) {
		begin();
		atomic_store(&wait_mode, RESUME_LATER);
		atomic_store(&storm_over, false);
		for (i = 0; i < STORM; i++) {
			seed[i] = i;
			assert_int_equal(pthread_create(&t[i], NULL,
			    storm_main, &seed[i]), 0);
		}
		(void)usleep(400000);
		stop(round % 2);
		atomic_store(&storm_over, true);
		for (i = 0; i < STORM; i++)
			(void)pthread_join(t[i], NULL);
		assert_true(atomic_load(&handled) > 0);
		assert_int_equal(atomic_load(&routed),
		    atomic_load(&released));
	}
}

/* The loopback, for a trial. */
static void
tcp(void **state)
{
	struct http_options o = {
		.addr = &at, .app = { NULL, app_route, app_fault },
		.limits = wide, .threads = 1
	};
	struct sockaddr_in in4 = { .sin_family = AF_INET };
	int fd;

	(void)state;
	assert_int_equal(addr_parse("tcp:127.0.0.1:0", &at), ERR_OK);
	assert_int_equal(lanes_new(2, &lanes), ERR_OK);
	o.lanes = lanes;
	assert_int_equal(http_start(&o, &http), ERR_OK);
	assert_true(at.port != 0);
	in4.sin_port = htons(at.port);
	in4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	fd = stream(AF_INET);
	assert_int_equal(connect(fd, (struct sockaddr *)&in4, sizeof(in4)), 0);
	assert_true(puts_(fd, "GET /lane HTTP/1.1\r\n" H "\r\n"));
	assert_true(get(fd, "hello /lane", 1));
	(void)close(fd);
	stop(1);
}

/* Who says nothing for a while makes room for the next. */
static void
idle_makes_room(void **state)
{
	struct http_limits l = wide;
	int first, fd[5], i;

	(void)state;
	l.connections = 4;
	begin_with(false, l);
	first = dial();
	while (http_connections(http) == 0)
		(void)poll(NULL, 0, 1);
	(void)poll(NULL, 0, 3);		/* older than the rest by its clock */
	for (i = 0; i < 5; i++) {
		fd[i] = dial();
		assert_true(puts_(fd[i], "GET / HT"));
	}
	one("GET /hello HTTP/1.1\r\n" H "\r\n", "hello /hello");
	/* the oldest went first; never more were open than may be */
	assert_true(closed(first));
	assert_true(http_connections(http) <= 4);
	for (i = 0; i < 5; i++)
		(void)close(fd[i]);
	(void)close(first);
	end();
}

/* A stage that began behind the look at the clock is young, not ancient. */
static void
age_of_the_young(void **state)
{
	struct http_connection c = { .since_ms = 1000 };

	(void)state;
	assert_int_equal(http_age(&c, 1005), 5);
	assert_int_equal(http_age(&c, 1000), 0);
	assert_int_equal(http_age(&c, 999), 0);
}

#define FORM_BEGUN "POST /form HTTP/1.1\r\n" H URLENC \
	"Content-Length: 5\r\n\r\na="

/* The circuit that has most loses one, though another's is older. */
static void
greedy_makes_room(void **state)
{
	struct http_limits l = wide;
	int lonely, greedy[3], i, lost = 0;
	char c;

	(void)state;
	l.connections = 4;
	begin_with(true, l);
	lonely = dial();
	assert_true(puts_(lonely, PROXY("0", "1") FORM_BEGUN));
	(void)usleep(50000);
	greedy[0] = dial();
	assert_true(puts_(greedy[0], PROXY("0", "2") FORM_BEGUN));
	(void)usleep(50000);
	for (i = 1; i < 3; i++) {
		greedy[i] = dial();
		assert_true(puts_(greedy[i], PROXY("0", "2") "GET /hel"));
	}
	(void)usleep(50000);
	/* of its own the one that only begins */
	one(PROXY("0", "3") "GET /hello HTTP/1.1\r\n" H "\r\n", "hello");
	assert_int_equal(recv(greedy[0], &c, 1, MSG_DONTWAIT), -1);
	for (i = 1; i < 3; i++)
		lost += recv(greedy[i], &c, 1, MSG_DONTWAIT) == 0;
	assert_int_equal(lost, 1);
	/* who is alone on its circuit and at it is not cut */
	assert_true(puts_(lonely, "abc"));
	assert_true(get(lonely, "a=abc", 1));
	(void)close(lonely);
	for (i = 0; i < 3; i++)
		(void)close(greedy[i]);
	end();
}

/* What is held in memory: the one that holds most pays. */
static void
memory_limit(void **state)
{
	struct http_limits l = wide;
	char big[800];
	int fd[3], i, lost = 0, small;
	char c;

	(void)state;
	l.memory = 2000;
	begin_with(true, l);
	small = dial();
	assert_true(puts_(small, PROXY("0", "1") "POST /form HTTP/1.1\r\n" H
	    URLENC "Content-Length: 5\r\n\r\na="));
	memset(big, 'b', sizeof(big));
	for (i = 0; i < 3; i++) {
		fd[i] = dial();
		assert_true(puts_(fd[i], PROXY("0", "2") "POST /bytes HTTP/1.1"
		    "\r\n" H "Content-Length: 900\r\n\r\n"));
		assert_true(put(fd[i], big, sizeof(big)));
		(void)usleep(30000);
	}
	for (i = 0; i < 3; i++)
		lost += recv(fd[i], &c, 1, MSG_DONTWAIT) == 0;
	assert_int_equal(lost, 1);
	assert_true(puts_(small, "abc"));
	assert_true(get(small, "a=abc", 1));
	(void)close(small);
	for (i = 0; i < 3; i++)
		(void)close(fd[i]);
	end();
}

#define COSTLY "POST /costly HTTP/1.1\r\n" H URLENC \
	"Content-Length: 6\r\n\r\na=text"
#define LEAVE "POST /leave HTTP/1.1\r\n" H URLENC \
	"Content-Length: 6\r\n\r\na=gone"

/* Two an hour; a third is told when, and its form was read. */
static void
hourly_limit(void **state)
{
	(void)state;
	begin_with(true, wide);
	one(PROXY("0", "7") COSTLY, "a=text");
	one(PROXY("0", "7") COSTLY, "a=text");
	one(PROXY("0", "7") COSTLY, "a=text again in 1800");
	assert_non_null(strstr(in, "HTTP/1.1 429 "));
	assert_non_null(strstr(in, "Connection: close"));
	one(PROXY("0", "7") "GET /hello HTTP/1.1\r\n" H "\r\n", "hello");
	one(PROXY("0", "8") COSTLY, "HTTP/1.1 200");
	end();
}

/* A thousand requests an hour, and leaving is free. */
static void
request_limit(void **state)
{
	int fd, i;

	(void)state;
	begin_with(true, wide);
	fd = dial();
	assert_true(puts_(fd, PROXY("0", "7")));
	for (i = 0; i < 1000; i++) {
		assert_true(puts_(fd, "GET /hello HTTP/1.1\r\n" H "\r\n"));
		if (!get(fd, "hello /hello", 1))
			fail_msg("request %d: %s", i, in);
	}
	(void)close(fd);
	for (i = 0; i < 3; i++)		/* time gives one back now and then */
		one(PROXY("0", "7") "GET /hello HTTP/1.1\r\n" H "\r\n", "\r\n");
	assert_non_null(strstr(in, "HTTP/1.1 429 "));
	one(PROXY("0", "7") LEAVE, "a=gone");
	assert_non_null(strstr(in, "HTTP/1.1 200 "));
	one(PROXY("0", "8") "GET /hello HTTP/1.1\r\n" H "\r\n", "hello");
	end();
}

#define UPLOAD_HEAD "POST /upload HTTP/1.1\r\n" H BB \
	"Content-Length: 5000\r\n\r\n" FILE_HEAD "x"

/* A file of ${n} bytes by a circuit, answered with ${want}. */
static void
file_by(const char *proxy, size_t n, const char *want)
{
	static char data[2 << 20];
	int fd = dial();

	assert_true(n <= sizeof(data) && puts_(fd, proxy));
	(void)snprintf(in, sizeof(in), "POST /upload HTTP/1.1\r\n" H BB
	    "Content-Length: %zu\r\n\r\n", n + strlen(FILE_HEAD FILE_TAIL));
	assert_true(puts_(fd, in) && puts_(fd, FILE_HEAD) &&
	    put(fd, data, n) && puts_(fd, FILE_TAIL));
	if (!get(fd, want, 1))
		fail_msg("%s, not %s", in, want);
	(void)close(fd);
}

/* One upload a circuit at a time, two in all. */
static void
upload_limit(void **state)
{
	struct http_limits l = wide;
	int a, b;

	(void)state;
	l.uploads = 2;
	begin_with(true, l);
	a = dial();
	assert_true(puts_(a, PROXY("0", "7") UPLOAD_HEAD));
	(void)usleep(50000);
	file_by(PROXY("0", "7"), 1, "fault 5");
	b = dial();
	assert_true(puts_(b, PROXY("0", "8") UPLOAD_HEAD));
	(void)usleep(50000);
	file_by(PROXY("0", "9"), 1, "fault 6");
	(void)close(a);
	(void)close(b);
	(void)usleep(100000);
	file_by(PROXY("0", "7"), 1, "got 1.");
	end();
}

/* MiB of bodies an hour: here a thousand KiB. */
static void
byte_limit(void **state)
{
	(void)state;
	begin_with(true, wide);
	file_by(PROXY("0", "7"), 600 << 10, "got 614400.");
	file_by(PROXY("0", "7"), 600 << 10, "fault 5");
	file_by(PROXY("0", "8"), 600 << 10, "got 614400.");
	end();
}

/* Who has more waiting than the next would have gives up a place. */
static void
displaced(void **state)
{
	int work, greedy[2], fair;

	(void)state;
	begin_with(true, wide);
	work = dial();
	assert_true(puts_(work, PROXY("0", "1") "GET /gate HTTP/1.1\r\n" H
	    "\r\n"));
	arrives();
	greedy[0] = dial();
	assert_true(puts_(greedy[0], PROXY("0", "2") "GET /gate HTTP/1.1\r\n"
	    H "\r\n"));
	(void)usleep(50000);
	greedy[1] = dial();
	assert_true(puts_(greedy[1], PROXY("0", "2") "GET /gate HTTP/1.1\r\n"
	    H "\r\n"));
	(void)usleep(50000);
	fair = dial();
	assert_true(puts_(fair, PROXY("0", "3") "GET /gate HTTP/1.1\r\n" H
	    "\r\n"));
	assert_true(get(greedy[1], "fault 6", 1));
	(void)sem_post(&gate);
	(void)sem_post(&gate);
	(void)sem_post(&gate);
	assert_true(get(work, "through", 1));
	assert_true(get(greedy[0], "through", 1));
	assert_true(get(fair, "through", 1));
	(void)close(work);
	(void)close(greedy[0]);
	(void)close(greedy[1]);
	(void)close(fair);
	end();
	assert_int_equal(atomic_load(&handled), 3);
}

/* Where all are at work, who waits in the backlog waits, and gets a turn. */
static void
connection_limit(void **state)
{
	struct http_limits l = wide;
	struct pollfd p;
	int a, b, c, i;
	clock_t cpu;

	(void)state;
	l.connections = 2;
	begin_with(false, l);
	a = dial();
	b = dial();
	assert_true(puts_(a, "GET /gate HTTP/1.1\r\n" H "\r\n"));
	assert_true(puts_(b, "GET /gate HTTP/1.1\r\n" H "\r\n"));
	arrives();
	(void)usleep(50000);
	c = dial();
	assert_true(puts_(c, "GET /hello HTTP/1.1\r\n" H "\r\n"));
	p = (struct pollfd){ .fd = c, .events = POLLIN };
	cpu = clock();
	assert_int_equal(poll(&p, 1, 500), 0);
	/* The accept loop sleeps meanwhile. */
	assert_true(clock() - cpu < CLOCKS_PER_SEC / 5);
	for (i = 0; i < 2; i++)
		(void)sem_post(&gate);
	assert_true(get(a, "through", 1));
	(void)close(a);
	assert_true(get(c, "hello /hello", 1));
	(void)close(b);
	(void)close(c);
	end();
}

static void
drain(void **state)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int idle, fd;

	(void)state;
	begin();
	idle = dial();
	assert_true(puts_(idle, "GET /hello HTTP/1.1\r\n" H "\r\n"));
	assert_true(get(idle, "hello", 1));
	http_drain(http);
	assert_true(closed(idle));
	(void)close(idle);
	(void)usleep(50000);
	memcpy(sun.sun_path, at.host, strlen(at.host));
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&sun, sizeof(sun)),
	    -1);
	(void)close(fd);
	end();
}

static int
make_dir(void **state)
{
	(void)state;
	if (mkdtemp(dir) == NULL || crypto_init() != ERR_OK)
		return -1;
	return 0;
}

static int
remove_dir(void **state)
{
	(void)state;
	return rmdir(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(get_page, clear),
		cmocka_unit_test_teardown(head_page, clear),
		cmocka_unit_test_teardown(keep_alive, clear),
		cmocka_unit_test_teardown(pipelined, clear),
		cmocka_unit_test_teardown(half_closed, clear),
		cmocka_unit_test_teardown(byte_by_byte, clear),
		cmocka_unit_test_teardown(header_and_cookie, clear),
		cmocka_unit_test_teardown(malformed_requests, clear),
		cmocka_unit_test_teardown(the_library_is_silent, clear),
		cmocka_unit_test_teardown(long_paths, clear),
		cmocka_unit_test_teardown(other_methods_are_routed, clear),
		cmocka_unit_test_teardown(large_header, clear),
		cmocka_unit_test_teardown(broken_answer, clear),
		cmocka_unit_test_teardown(forms, clear),
		cmocka_unit_test_teardown(chunked, clear),
		cmocka_unit_test_teardown(body_limit, clear),
		cmocka_unit_test_teardown(too_large_is_read_first, clear),
		cmocka_unit_test_teardown(refused_is_read_to_its_end, clear),
		cmocka_unit_test_teardown(short_body, clear),
		cmocka_unit_test_teardown(upload_waits, clear),
		cmocka_unit_test_teardown(no_deadline_while_waiting, clear),
		cmocka_unit_test_teardown(stop_with_suspended, clear),
		cmocka_unit_test_teardown(stop_with_a_job, clear),
		cmocka_unit_test_teardown(stop_with_a_long_job, clear),
		cmocka_unit_test_teardown(cut, clear),
		cmocka_unit_test_teardown(busy_lane, clear),
		cmocka_unit_test_teardown(slow_header, clear),
		cmocka_unit_test_teardown(slow_body, clear),
		cmocka_unit_test_teardown(steady_body, clear),
		cmocka_unit_test_teardown(proxy_line, clear),
		cmocka_unit_test_teardown(proxy_slow, clear),
		cmocka_unit_test_teardown(circuit_limit, clear),
		cmocka_unit_test(age_of_the_young),
		cmocka_unit_test_teardown(idle_makes_room, clear),
		cmocka_unit_test_teardown(greedy_makes_room, clear),
		cmocka_unit_test_teardown(memory_limit, clear),
		cmocka_unit_test_teardown(hourly_limit, clear),
		cmocka_unit_test_teardown(request_limit, clear),
		cmocka_unit_test_teardown(upload_limit, clear),
		cmocka_unit_test_teardown(byte_limit, clear),
		cmocka_unit_test_teardown(displaced, clear),
		cmocka_unit_test_teardown(many_connections, clear),
		cmocka_unit_test_teardown(storm, clear),
		cmocka_unit_test_teardown(tcp, clear),
		cmocka_unit_test_teardown(connection_limit, clear),
		cmocka_unit_test_teardown(drain, clear),
	};

	return cmocka_run_group_tests_name("http", tests, make_dir,
	    remove_dir);
}
