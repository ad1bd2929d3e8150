/*
 * The API client against a server of a few lines: what it signs, and what it
 * refuses to believe.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client.h"
#include "httpsig.h"

#define OK(e)	assert_int_equal((e), ERR_OK)
#define NOW	1790000000

enum answer {
	A_SIGNED,		/* 200, signed over this request */
	A_SIGNED_404,
	A_UNSIGNED,		/* 200, no signature */
	A_OTHER_KEY, A_OTHER_BODY, A_OTHER_STATUS, A_OTHER_REQUEST,
	A_PROBLEM,		/* 401 unsigned, with a skew */
	A_ESCAPES,		/* 403 unsigned, wanting the terminal */
	A_REDIRECT, A_LONG, A_CLOSE, A_TWICE
};

static struct {
	char dir[64], path[96];
	struct office office;
	struct secret *seed;
	uint8_t answers[SIGN_SEED_LEN];
	struct clock *clock;
	int fd;
} w;

static int
setup(void **state)
{
	uint8_t seed[SIGN_SEED_LEN];
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	char file[128], text[32];

	(void)state;
	if (crypto_init() != ERR_OK)
		return -1;
	memset(&w, 0, sizeof(w));
	(void)snprintf(w.dir, sizeof(w.dir), "/tmp/peluit-client.XXXXXX");
	if (mkdtemp(w.dir) == NULL)
		return -1;
	(void)snprintf(w.path, sizeof(w.path), "%s/sock", w.dir);
	(void)snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", w.path);
	(void)snprintf(file, sizeof(file), "%s/clock", w.dir);
	(void)snprintf(text, sizeof(text), "%d\n", NOW);
	OK(file_write(file, text, strlen(text), 0600));
	OK(clock_open(file, &w.clock));
	rand_bytes(seed, sizeof(seed));
	OK(secret_of(seed, sizeof(seed), &w.seed));
	rand_bytes(w.answers, sizeof(w.answers));
	sign_public(w.answers, w.office.answers);
	(void)snprintf(w.office.url, sizeof(w.office.url), "unix:%s", w.path);
	(void)snprintf(w.office.authority, sizeof(w.office.authority),
	    "desk.uji.invalid");
	w.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	return w.fd < 0 || bind(w.fd, (struct sockaddr *)&sun,
	    sizeof(sun)) != 0 || listen(w.fd, 4) != 0 ? -1 : 0;
}

static int
teardown(void **state)
{
	char file[128];

	(void)state;
	(void)close(w.fd);
	(void)unlink(w.path);
	(void)snprintf(file, sizeof(file), "%s/clock", w.dir);
	(void)unlink(file);
	(void)rmdir(w.dir);
	secret_free(w.seed);
	clock_close(w.clock);
	return 0;
}

/* The value of a field of the request. */
static void
field(const char *request, const char *name, char *out, size_t max)
{
	const char *p = strstr(request, name);

	out[0] = '\0';
	if (p == NULL)
		return;
	p += strlen(name);
	(void)snprintf(out, max, "%.*s", (int)strcspn(p, "\r\n"), p);
}

/* Whether the request is signed as docs/PROTOCOL.md says. */
static bool
request_is_signed(const char *request, const char *path, const char *query)
{
	struct httpsig_message m = { .method = "GET",
	    .authority = "desk.uji.invalid", .path = path, .query = query };
	char input[HTTPSIG_FIELD_MAX], signature[256], host[128];
	uint8_t sig[SIGN_LEN], key[SIGN_PUBLIC_LEN];
	struct httpsig_params p;
	struct buf base;
	bool ok;

	field(request, "Signature-Input: ", input, sizeof(input));
	field(request, "Signature: ", signature, sizeof(signature));
	field(request, "Host: ", host, sizeof(host));
	buf_init(&base, 8192);
	sign_public(w.seed->bytes, key);
	ok = httpsig_request_parse(&m, input, signature, &p, sig, &base) ==
	    ERR_OK && memcmp(p.keyid, key, sizeof(key)) == 0 &&
	    p.created == NOW && strlen(p.nonce) >= 16 &&
	    strcmp(p.tag, HTTPSIG_TAG_REQUEST) == 0 &&
	    sign_verify(key, base.data, base.len, sig) == ERR_OK &&
	    strcmp(host, "desk.uji.invalid") == 0 &&
	    strstr(request, "Cookie") == NULL &&
	    strstr(request, "User-Agent") == NULL &&
	    strstr(request, "Accept-Encoding") == NULL;
	buf_done(&base);
	return ok;
}

static void
signed_answer(enum answer a, const char *request, struct buf *out)
{
	const char *body = a == A_SIGNED_404 ?
	    "{\"type\":\"about:blank\",\"title\":\"Not found\",\"status\":404,"
	    "\"code\":\"not_found\",\"detail\":\"No such object.\"}" :
	    "{\"yes\":1}";
	char digest[CONTENT_DIGEST_MAX], signature[256];
	char value[HTTPSIG_VALUE_MAX];
	struct httpsig_message m = { .method = "GET",
	    .authority = "desk.uji.invalid", .path = "/v1/feed",
	    .query = "?after=5", .content_digest = digest,
	    .request_signature = signature + 5 };
	struct httpsig_params p = { .created = NOW };
	uint8_t sig[SIGN_LEN], *key = w.answers;
	struct buf input, base;

	m.status = a == A_SIGNED_404 ? 404 : 200;
	field(request, "Signature: ", signature, sizeof(signature));
	if (a == A_OTHER_REQUEST)
		signature[10] = signature[10] == 'A' ? 'B' : 'A';
	if (a == A_OTHER_KEY)
		key = w.seed->bytes;
	content_digest((struct bytes){ body, strlen(body) }, digest);
	sign_public(key, p.keyid);
	(void)snprintf(p.tag, sizeof(p.tag), HTTPSIG_TAG_ANSWER);
	buf_init(&input, HTTPSIG_FIELD_MAX);
	buf_init(&base, 8192);
	OK(httpsig_answer_base(&m, &p, &input, &base));
	sign_bytes(key, base.data, base.len, sig);
	httpsig_field(sig, value);
	buf_printf(out, "HTTP/1.1 %d X\r\nContent-Length: %zu\r\n"
	    "Content-Type: application/json\r\nContent-Digest: %s\r\n"
	    "Signature-Input: %s\r\nSignature: %s\r\n",
	    a == A_OTHER_STATUS ? 201 : m.status, strlen(body), digest,
	    buf_text(&input), value);
	if (a == A_TWICE)
		buf_printf(out, "signature: %s\r\n", value);
	buf_printf(out, "\r\n%s", a == A_OTHER_BODY ? "{\"yes\":2}" : body);
	buf_done(&input);
	buf_done(&base);
}

static void
plain_answer(enum answer a, struct buf *out)
{
	const char *body = "{\"yes\":1}";
	int status = 200;

	if (a == A_PROBLEM) {
		status = 401;
		body = "{\"type\":\"about:blank\",\"title\":\"Clock\","
		    "\"status\":401,\"code\":\"clock\",\"detail\":\"\","
		    "\"skew\":-4000}";
	} else if (a == A_ESCAPES) {
		status = 403;
		body = "{\"type\":\"about:blank\",\"title\":\"No\","
		    "\"status\":403,\"code\":\"no\","
		    "\"detail\":\"\\u001b[2Jgone\"}";
	} else if (a == A_REDIRECT) {
		buf_puts(out, "HTTP/1.1 302 X\r\nLocation: /elsewhere\r\n"
		    "Content-Length: 0\r\n\r\n");
		return;
	} else if (a == A_LONG) {
		buf_printf(out, "HTTP/1.1 200 X\r\nContent-Length: %d\r\n\r\n",
		    CLIENT_BODY_MAX + 1);
		buf_fill(out, 'x', CLIENT_BODY_MAX + 1);
		return;
	}
	buf_printf(out, "HTTP/1.1 %d X\r\nContent-Length: %zu\r\n"
	    "Content-Type: application/problem+json\r\n\r\n%s", status,
	    strlen(body), body);
}

/* Answers one connection and is gone; exit 0 if the request was signed. */
static pid_t
serve(enum answer a)
{
	char request[8192];
	struct buf out;
	size_t n = 0, at = 0;
	ssize_t k;
	pid_t pid;
	int fd;

	if ((pid = fork()) != 0)
		return pid;
	(void)alarm(10);	/* who never asks is not waited for */
	fd = accept(w.fd, NULL, NULL);
	while (n < sizeof(request) - 1 && (k = read(fd, request + n,
	    sizeof(request) - 1 - n)) > 0) {
		n += (size_t)k;
		request[n] = '\0';
		if (strstr(request, "\r\n\r\n") != NULL)
			break;
	}
	buf_init(&out, 2 * CLIENT_BODY_MAX);
	if (a == A_CLOSE)
		_exit(0);
	if (a <= A_SIGNED_404 || (a >= A_OTHER_KEY &&
	    a <= A_OTHER_REQUEST) || a == A_TWICE)
		signed_answer(a, request, &out);
	else
		plain_answer(a, &out);
	while (at < out.len && (k = write(fd, out.data + at,
	    out.len - at)) > 0)
		at += (size_t)k;
	(void)close(fd);
	_exit(request_is_signed(request, "/v1/feed", "?after=5") ? 0 : 1);
}

static enum err
ask(enum answer a, struct client_answer *out, char *why)
{
	struct client *c;
	int status;
	pid_t pid;
	enum err e;

	client_answer_init(out);
	OK(client_new(&w.office, w.seed, w.clock, NULL, &c));
	pid = serve(a);
	assert_true(pid > 0);
	e = client_get(c, "/v1/feed", "?after=5", out);
	(void)snprintf(why, CLIENT_WHY_MAX, "%s", client_why(c));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (a != A_LONG)	/* that server may die of a closed pipe */
		assert_int_equal(status, 0);
	client_free(c);
	return e;
}

static void
believes(void **state)
{
	struct client_answer a;
	char why[CLIENT_WHY_MAX];

	(void)state;
	OK(ask(A_SIGNED, &a, why));
	assert_true(a.verified);
	assert_string_equal(buf_text(&a.body), "{\"yes\":1}");
	client_answer_done(&a);
	assert_int_equal(ask(A_SIGNED_404, &a, why), ERR_NOTFOUND);
	assert_true(a.verified);
	assert_string_equal(a.problem.code, "not_found");
	assert_null(strstr(why, "not signed"));
	client_answer_done(&a);
}

static void
does_not_believe(void **state)
{
	static const enum answer lies[] = { A_UNSIGNED, A_OTHER_KEY,
	    A_OTHER_BODY, A_OTHER_STATUS, A_OTHER_REQUEST, A_TWICE };
	struct client_answer a;
	char why[CLIENT_WHY_MAX];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		assert_int_equal(ask(lies[i], &a, why), ERR_MAC);
		assert_false(a.verified);
		assert_int_equal(a.body.len, 0);
		client_answer_done(&a);
	}
}

static void
unsigned_problems(void **state)
{
	struct client_answer a;
	char why[CLIENT_WHY_MAX];

	(void)state;
	assert_int_equal(ask(A_PROBLEM, &a, why), ERR_EXPIRED);
	assert_false(a.verified);
	assert_int_equal(a.problem.skew, -4000);
	assert_non_null(strstr(why, "4000 seconds behind"));
	assert_non_null(strstr(why, "not signed"));
	client_answer_done(&a);
	assert_int_equal(ask(A_ESCAPES, &a, why), ERR_DENIED);
	assert_null(strchr(why, '\033'));
	assert_non_null(strstr(why, "gone"));
	client_answer_done(&a);
	assert_int_equal(ask(A_REDIRECT, &a, why), ERR_NOMATCH);
	assert_int_equal(a.status, 302);
	client_answer_done(&a);
}

static void
bounds(void **state)
{
	struct client_answer a;
	char why[CLIENT_WHY_MAX];
	struct client *c;

	(void)state;
	assert_int_equal(ask(A_LONG, &a, why), ERR_RANGE);
	client_answer_done(&a);
	assert_int_equal(ask(A_CLOSE, &a, why), ERR_NET);
	client_answer_done(&a);
	/* nobody there */
	(void)unlink(w.path);
	client_answer_init(&a);
	OK(client_new(&w.office, w.seed, w.clock, NULL, &c));
	assert_int_equal(client_get(c, "/v1/office", "?", &a), ERR_NET);
	client_free(c);
	client_answer_done(&a);
}

static void
addresses(void **state)
{
	static const char *const bad[] = { "", "localhost", "host:", ":9050",
	    "http://127.0.0.1:9050", "user@host:9050", "host:90x", "unix:x" };
	struct client *c = NULL;
	size_t i;

	(void)state;
	(void)snprintf(w.office.url, sizeof(w.office.url),
	    "http://127.0.0.1:1");
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(client_new(&w.office, w.seed, w.clock,
		    bad[i], &c), ERR_FORMAT);
		assert_null(c);
	}
	OK(client_new(&w.office, w.seed, w.clock, "127.0.0.1:9050", &c));
	client_free(c);
	(void)snprintf(w.office.url, sizeof(w.office.url),
	    "https://example.invalid");
	assert_int_equal(client_new(&w.office, w.seed, w.clock, NULL, &c),
	    ERR_FORMAT);
}

/* The environment has no say: a proxy named there would see the office. */
static void
environment(void **state)
{
	struct client_answer a;
	char why[CLIENT_WHY_MAX];

	struct sockaddr_in sin = { .sin_family = AF_INET };
	socklen_t len = sizeof(sin);

	(void)state;
	(void)close(w.fd);
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	w.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(w.fd, (struct sockaddr *)&sin, sizeof(sin)), 0);
	assert_int_equal(listen(w.fd, 1), 0);
	assert_int_equal(getsockname(w.fd, (struct sockaddr *)&sin, &len), 0);
	(void)snprintf(w.office.url, sizeof(w.office.url),
	    "http://127.0.0.1:%d", ntohs(sin.sin_port));
	(void)setenv("http_proxy", "http://127.0.0.1:1", 1);
	(void)setenv("ALL_PROXY", "socks5://127.0.0.1:1", 1);
	OK(ask(A_SIGNED, &a, why));
	(void)unsetenv("http_proxy");
	(void)unsetenv("ALL_PROXY");
	client_answer_done(&a);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(believes), T(does_not_believe), T(unsigned_problems),
		T(bounds), T(addresses), T(environment),
	};
#undef T
	return cmocka_run_group_tests_name("desk_client", tests, NULL, NULL);
}
