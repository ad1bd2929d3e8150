/*
 * One request and its answer.  libcurl carries bytes and nothing else: no
 * redirect, no cookie, no proxy of the environment, no scheme but http (the
 * signatures, and Tor below them, do what TLS would).
 */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "client.h"
#include "client_problem.h"
#include "client_sign.h"

#define URL_MAX		1024
#define HEADER_LINE_MAX	(HTTPSIG_FIELD_MAX + 64)

struct client {
	const struct office *office;
	const struct secret *seed;
	struct clock *clock;
	CURL *curl;
	bool is_unix;
	char base[300];			/* http://host[:port] */
	char why[CLIENT_WHY_MAX];
};

/* What arrives while curl runs. */
struct arrival {
	struct client_answer *answer;
	struct client_fields fields;
};

static size_t
on_body(char *p, size_t size, size_t n, void *arg)
{
	struct arrival *in = arg;
	size_t len = size * n;		/* size is always 1 */

	buf_put(&in->answer->body, p, len);
	return buf_err(&in->answer->body) == ERR_OK ? len : 0;
}

static size_t
on_header(char *p, size_t size, size_t n, void *arg)
{
	struct arrival *in = arg;
	size_t len = size * n;

	/* A status line begins a new header block (100 Continue first). */
	if (len >= 5 && memcmp(p, "HTTP/", 5) == 0)
		client_fields_init(&in->fields);
	else
		client_fields_line(&in->fields, p, len);
	return len;
}

static void
why(struct client *c, const char *text)
{
	(void)snprintf(c->why, sizeof(c->why), "%s", text);
}

/* Fixed for the client's life; a refusal of curl's is the machine's. */
static enum err
options(struct client *c, const char *unix_path, const char *proxy)
{
	CURLcode r = CURLE_OK;

#define SET(o, v) (r = r != CURLE_OK ? r : curl_easy_setopt(c->curl, o, v))
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_PROTOCOLS_STR, "http");
	SET(CURLOPT_FOLLOWLOCATION, 0L);
	SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	SET(CURLOPT_PATH_AS_IS, 1L);
	SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	/* "" shuts out http_proxy, ALL_PROXY and no_proxy. */
	SET(CURLOPT_PROXY, proxy == NULL ? "" : proxy);
	SET(CURLOPT_NOPROXY, "");
	if (unix_path != NULL)
		SET(CURLOPT_UNIX_SOCKET_PATH, unix_path);
	SET(CURLOPT_CONNECTTIMEOUT, (long)CLIENT_CONNECT_SEC);
	SET(CURLOPT_TIMEOUT, (long)CLIENT_CALL_SEC);
	SET(CURLOPT_LOW_SPEED_LIMIT, 1L);
	SET(CURLOPT_LOW_SPEED_TIME, (long)CLIENT_STALL_SEC);
	SET(CURLOPT_WRITEFUNCTION, on_body);
	SET(CURLOPT_HEADERFUNCTION, on_header);
#undef SET
	return r == CURLE_OK ? ERR_OK : ERR_SYS;
}

/* "HOST:PORT" or "unix:/path" as curl wants it; names go to the proxy. */
static enum err
proxy_url(const char *socks, char *out, size_t max)
{
	const char *colon;
	int n;

	if (strncmp(socks, "unix:/", 6) == 0) {
		n = snprintf(out, max, "socks5h://localhost%s", socks + 5);
	} else {
		if (strstr(socks, "/") != NULL || strstr(socks, "@") != NULL ||
		    (colon = strrchr(socks, ':')) == NULL ||
		    colon == socks || colon[1] == '\0' ||
		    strspn(colon + 1, "0123456789") != strlen(colon + 1))
			return ERR_FORMAT;
		n = snprintf(out, max, "socks5h://%s", socks);
	}
	return n < 0 || (size_t)n >= max ? ERR_FORMAT : ERR_OK;
}

static bool
is_onion(const char *url)
{
	const char *host = url + strlen("http://");
	size_t n = strcspn(host, ":/");

	return n > 6 && strncasecmp(host + n - 6, ".onion", 6) == 0;
}

enum err
client_new(const struct office *office, const struct secret *seed,
    struct clock *clock, const char *socks, struct client **out)
{
	static bool started;
	const char *unix_path = NULL;
	char proxy[300];
	struct client *c = NULL;
	enum err e = ERR_OK;

	*out = NULL;
	if (!started && curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return ERR_SYS;
	started = true;
	if ((c = calloc(1, sizeof(*c))) == NULL)
		return ERR_SYS;
	c->office = office;
	c->seed = seed;
	c->clock = clock;
	if (strncmp(office->url, "unix:/", 6) == 0) {
		c->is_unix = true;
		unix_path = office->url + 5;
		socks = NULL;
		(void)snprintf(c->base, sizeof(c->base), "http://localhost");
	} else if (strncmp(office->url, "http://", 7) == 0) {
		(void)snprintf(c->base, sizeof(c->base), "%s", office->url);
		if (socks == NULL && is_onion(office->url))
			socks = CLIENT_SOCKS_DEFAULT;
	} else {
		e = ERR_FORMAT;
		goto out;
	}
	if (socks != NULL &&
	    (e = proxy_url(socks, proxy, sizeof(proxy))) != ERR_OK)
		goto out;
	if ((c->curl = curl_easy_init()) == NULL) {
		e = ERR_SYS;
		goto out;
	}
	if ((e = options(c, unix_path, socks == NULL ? NULL : proxy)) !=
	    ERR_OK)
		goto out;
	*out = c;
	c = NULL;	/* transferred */
out:
	client_free(c);
	return e;
}

void
client_free(struct client *c)
{
	if (c == NULL)
		return;
	curl_easy_cleanup(c->curl);
	free(c);
}

void
client_answer_init(struct client_answer *a)
{
	memset(a, 0, sizeof(*a));
	buf_init(&a->body, CLIENT_BODY_MAX);
}

void
client_answer_done(struct client_answer *a)
{
	buf_done(&a->body);
	memset(&a->problem, 0, sizeof(a->problem));
}

const char *
client_why(const struct client *c)
{
	return c->why;
}

static enum err
add(struct curl_slist **list, const char *name, const char *value)
{
	char line[HEADER_LINE_MAX];
	struct curl_slist *more;
	int n;

	/* "Name:" without a value takes one of curl's own away. */
	n = snprintf(line, sizeof(line), value == NULL ? "%s:%s" : "%s: %s",
	    name, value == NULL ? "" : value);
	if (n < 0 || (size_t)n >= sizeof(line))
		return ERR_RANGE;
	if ((more = curl_slist_append(*list, line)) == NULL)
		return ERR_SYS;
	*list = more;
	return ERR_OK;
}

/* Signs ${r} and lists its fields; ${signature}: what answers must name. */
static enum err
fields_of(struct client *c, const struct client_request *r,
    struct client_signed *s, struct curl_slist **list)
{
	enum err e;

	if ((e = add(list, "Host", c->office->authority)) != ERR_OK ||
	    (e = add(list, "Expect", NULL)) != ERR_OK ||
	    (e = add(list, "User-Agent", NULL)) != ERR_OK)
		return e;
	if (r->content_type != NULL &&
	    (e = add(list, "Content-Type", r->content_type)) != ERR_OK)
		return e;
	if (c->seed == NULL)
		return ERR_OK;
	if ((e = client_sign_request(c->office, c->seed,
	    clock_now(c->clock), r, s)) != ERR_OK)
		return e;
	if (r->content_type != NULL &&
	    (e = add(list, "Content-Digest", s->digest)) != ERR_OK)
		return e;
	if ((e = add(list, "Signature-Input", s->input)) != ERR_OK)
		return e;
	return add(list, "Signature", s->field);
}

/* What curl cannot know: why Tor says no. */
static const char *
tor_hint(const struct client *c, CURLcode code)
{

	if (c->is_unix || !is_onion(c->office->url))
		return "";
	if (code == CURLE_PROXY)
		return ". Tor did not get there: is the address right, and has"
		    " this computer's Tor the key to it (ClientOnionAuthDir)?";
	return code == CURLE_COULDNT_CONNECT ? ". Is Tor running?" : "";
}

/* Runs ${r}; the bytes of the answer stand in ${in} after it. */
static enum err
transfer(struct client *c, const struct client_request *r,
    struct curl_slist *list, struct arrival *in)
{
	char url[URL_MAX], error[CURL_ERROR_SIZE] = "";
	const char *query = strcmp(r->query, "?") == 0 ? "" : r->query;
	CURLcode code;
	enum err e;
	long status = 0;
	int n;

	n = snprintf(url, sizeof(url), "%s%s%s", c->base, r->path, query);
	if (n < 0 || (size_t)n >= sizeof(url))
		return ERR_RANGE;
	code = curl_easy_setopt(c->curl, CURLOPT_URL, url);
	if (code == CURLE_OK)
		code = curl_easy_setopt(c->curl, CURLOPT_HTTPHEADER, list);
	if (code == CURLE_OK && r->content_type != NULL) {
		(void)curl_easy_setopt(c->curl, CURLOPT_POST, 1L);
		(void)curl_easy_setopt(c->curl, CURLOPT_POSTFIELDS,
		    r->body.n == 0 ? "" : r->body.p);
		code = curl_easy_setopt(c->curl, CURLOPT_POSTFIELDSIZE_LARGE,
		    (curl_off_t)r->body.n);
	} else if (code == CURLE_OK) {
		code = curl_easy_setopt(c->curl, CURLOPT_HTTPGET, 1L);
	}
	if (code == CURLE_OK)
		code = curl_easy_setopt(c->curl, CURLOPT_CUSTOMREQUEST,
		    r->method);
	if (code != CURLE_OK)
		return ERR_SYS;
	(void)curl_easy_setopt(c->curl, CURLOPT_WRITEDATA, in);
	(void)curl_easy_setopt(c->curl, CURLOPT_HEADERDATA, in);
	(void)curl_easy_setopt(c->curl, CURLOPT_ERRORBUFFER, error);
	code = curl_easy_perform(c->curl);
	(void)curl_easy_setopt(c->curl, CURLOPT_ERRORBUFFER, NULL);
	(void)curl_easy_setopt(c->curl, CURLOPT_HTTPHEADER, NULL);
	(void)curl_easy_setopt(c->curl, CURLOPT_POSTFIELDS, NULL);
	if ((e = buf_err(&in->answer->body)) != ERR_OK) {
		why(c, e == ERR_RANGE ? "the answer is longer than an "
		    "answer may be" : "no memory for the answer");
		return e;
	}
	if (code != CURLE_OK) {
		/* curl would name the made-up host of a unix socket */
		(void)snprintf(c->why, sizeof(c->why), "%s%s%s%s",
		    c->is_unix ? c->office->url : "", c->is_unix ? ": " : "",
		    error[0] != '\0' && !c->is_unix ? error :
		    curl_easy_strerror(code), tor_hint(c, code));
		return ERR_NET;
	}
	(void)curl_easy_getinfo(c->curl, CURLINFO_RESPONSE_CODE, &status);
	in->answer->status = (int)status;
	return ERR_OK;
}

enum err
client_call(struct client *c, const struct client_request *r,
    struct client_answer *a)
{
	struct curl_slist *list = NULL;
	struct client_signed s;
	struct arrival in;
	enum err e;

	c->why[0] = '\0';
	memset(&s, 0, sizeof(s));
	memset(&in, 0, sizeof(in));
	in.answer = a;
	a->status = 0;
	a->verified = false;
	a->content_type[0] = '\0';
	memset(&a->problem, 0, sizeof(a->problem));
	buf_reset(&a->body);
	if ((e = fields_of(c, r, &s, &list)) != ERR_OK ||
	    (e = transfer(c, r, list, &in)) != ERR_OK)
		goto out;
	(void)snprintf(a->content_type, sizeof(a->content_type), "%s",
	    in.fields.content_type);
	if (c->seed != NULL)
		a->verified = client_check_answer(c->office, r, &s, a,
		    &in.fields) == ERR_OK;
	if (a->status < 200 || a->status > 299) {
		e = client_problem(a, c->seed != NULL, c->why);
	} else if (c->seed != NULL && !a->verified) {
		why(c, "the answer is not signed by the office's server");
		buf_reset(&a->body);
		e = ERR_MAC;
	}
out:
	if (e != ERR_OK && c->why[0] == '\0')
		why(c, err_text(e));
	curl_slist_free_all(list);
	return e;
}

enum err
client_get(struct client *c, const char *path, const char *query,
    struct client_answer *a)
{
	struct client_request r = { .method = "GET", .path = path,
	    .query = query };

	return client_call(c, &r, a);
}
