/* What a request says about itself: path, header fields, cookies, framing. */
#include <string.h>
#include <strings.h>

#include "http_internal.h"
#include "utf8.h"

static const char *const names[FIELDS] = {
	[FIELD_HOST] = "Host",
	[FIELD_COOKIE] = "Cookie",
	[FIELD_CONTENT_TYPE] = "Content-Type",
	[FIELD_CONTENT_LENGTH] = "Content-Length",
	[FIELD_TRANSFER_ENCODING] = "Transfer-Encoding",
	[FIELD_EXPECT] = "Expect",
	[FIELD_SIGNATURE] = "Signature",
	[FIELD_SIGNATURE_INPUT] = "Signature-Input",
	[FIELD_CONTENT_DIGEST] = "Content-Digest",
	[FIELD_X_TOR2WEB] = "X-Tor2web",
	[FIELD_VIA] = "Via",
	[FIELD_FORWARDED] = "Forwarded",
	[FIELD_X_FORWARDED_FOR] = "X-Forwarded-For",
	[FIELD_X_FORWARDED_HOST] = "X-Forwarded-Host",
	[FIELD_X_REAL_IP] = "X-Real-IP"
};

/* Fields that a repetition makes a malformed request. */
static bool
single(enum http_field i)
{
	return i == FIELD_HOST || i == FIELD_COOKIE ||
	    i == FIELD_CONTENT_TYPE || i == FIELD_CONTENT_LENGTH ||
	    i == FIELD_TRANSFER_ENCODING || i == FIELD_EXPECT;
}

/*
 * The library takes nearly anything for a name, "Content-Length " too; what
 * is not a token here could mean something else to somebody else.
 */
static bool
name_ok(const char *p, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!((p[i] >= 'a' && p[i] <= 'z') ||
		    (p[i] >= 'A' && p[i] <= 'Z') ||
		    (p[i] >= '0' && p[i] <= '9') ||
		    (p[i] != '\0' && strchr("!#$%&'*+-.^_`|~", p[i]))))
			return false;
	return n > 0;
}

static bool
value_ok(const char *p, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (((unsigned char)p[i] < ' ' && p[i] != '\t') ||
		    p[i] == 0x7f)
			return false;
	return true;
}

void
http_fields_add(struct http_fields *f, struct bytes name, struct bytes value)
{
	int i;

	f->len += name.n + value.n;
	if (f->len > HTTP_FIELDS_MAX || !name_ok(name.p, name.n) ||
	    !value_ok(value.p, value.n)) {
		f->bad = true;
		return;
	}
	for (i = 0; i < FIELDS; i++) {
		if (strlen(names[i]) != name.n ||
		    strncasecmp(names[i], name.p, name.n) != 0)
			continue;
		f->twice[i] = f->value[i] != NULL;
		f->bad |= f->twice[i] && single((enum http_field)i);
		f->value[i] = f->twice[i] ? "" : value.p;
	}
}

const char *
http_header(const struct http_request *r, const char *name)
{
	const struct http_fields *f = &r->connection->x.fields;
	int i;

	for (i = 0; i < FIELDS; i++)
		if (strcasecmp(names[i], name) == 0)
			return f->value[i];
	return NULL;
}

enum err
http_cookie(const struct http_request *r, const char *name, char *out,
    size_t max)
{
	const char *p = r->connection->x.fields.value[FIELD_COOKIE];
	size_t n, len = strlen(name);

	if (max > 0)
		out[0] = '\0';
	for (; p != NULL && *p != '\0'; p += n) {
		p += strspn(p, "; \t");
		n = strcspn(p, ";");
		if (n <= len || memcmp(p, name, len) != 0 || p[len] != '=')
			continue;
		p += len + 1;
		n -= len + 1;
		while (n > 0 && (p[n - 1] == ' ' || p[n - 1] == '\t'))
			n--;
		if (n >= max)
			return ERR_RANGE;
		memcpy(out, p, n);
		out[n] = '\0';
		return ERR_OK;
	}
	return ERR_NOTFOUND;
}

/* Digits, nothing else, and no more than can be counted. */
static bool
decimal(const char *s, uint64_t *v)
{
	*v = 0;
	if (*s == '\0')
		return false;
	for (; *s != '\0'; s++) {
		if (*s < '0' || *s > '9' || *v > (INT64_MAX - 9) / 10)
			return false;
		*v = *v * 10 + (uint64_t)(*s - '0');
	}
	return true;
}

bool
http_framing(struct http_exchange *x, const char *version)
{
	const char *const *v = x->fields.value;
	const char *coding = v[FIELD_TRANSFER_ENCODING];
	const char *length = v[FIELD_CONTENT_LENGTH];
	const char *m = x->req.method;
	bool old = strcmp(version, "HTTP/1.0") == 0;

	if (!old && strcmp(version, "HTTP/1.1") != 0)
		return false;
	if (x->fields.bad || !name_ok(m, strlen(m)) ||
	    (!old && v[FIELD_HOST] == NULL))
		return false;
	x->expects = v[FIELD_EXPECT] != NULL;
	if (x->expects && strcasecmp(v[FIELD_EXPECT], "100-continue") != 0)
		return false;
	if (coding != NULL)
		return length == NULL && !old &&
		    strcasecmp(coding, "chunked") == 0;
	if (length != NULL)
		return decimal(length, &x->length);
	return strcmp(m, "POST") != 0 && strcmp(m, "PUT") != 0;
}

static int
hex_value(char c)
{
	const char *digits = "0123456789abcdef0123456789ABCDEF", *at;

	at = c == '\0' ? NULL : strchr(digits, c);
	return at == NULL ? -1 : (int)(at - digits) % 16;
}

/* Percent-decoding, once; what could be read in two ways is refused. */
static bool
decode(const char *raw, char out[static HTTP_PATH_MAX + 1], size_t *len)
{
	size_t n = 0;
	int hi, lo;
	char c;

	for (; *raw != '\0'; raw++) {
		c = *raw;
		if (c <= ' ' || c > '~' || strchr("\\#\"<>^`{|}", c) != NULL)
			return false;
		if (c == '%') {
			if ((hi = hex_value(raw[1])) < 0 ||
			    (lo = hex_value(raw[2])) < 0)
				return false;
			c = (char)(hi << 4 | lo);
			if ((c >= 0 && c < ' ') || c == 0x7f || c == '/' ||
			    c == '\\')
				return false;
			raw += 2;
		}
		if (n == HTTP_PATH_MAX)
			return false;
		out[n++] = c;
	}
	out[n] = '\0';
	*len = n;
	return true;
}

static bool
dots(const char *segment)
{
	size_t n = strcspn(segment, "/");

	return (n == 1 && segment[0] == '.') ||
	    (n == 2 && segment[0] == '.' && segment[1] == '.');
}

static bool
path_ok(const char *path, size_t n)
{
	const char *p;

	if (path[0] != '/' || !utf8_valid(path, n))
		return false;
	for (p = path; p != NULL; p = strchr(p + 1, '/'))
		if (p[1] == '/' || dots(p + 1))
			return false;
	return true;
}

static bool
query_ok(const char *q)
{
	for (; *q != '\0'; q++)
		if (*q <= ' ' || *q > '~' || *q == '#')
			return false;
	return true;
}

void
http_path(struct http_exchange *x, const char *uri)
{
	size_t n = strcspn(uri, "?"), len;

	x->req.raw_path = x->raw_path;
	x->req.path = x->path;
	x->req.query = x->query;
	x->bad_path = true;
	if (n > HTTP_PATH_MAX || strlen(uri + n) > HTTP_QUERY_MAX + 1)
		return;
	memcpy(x->raw_path, uri, n);
	memcpy(x->query, uri + n, strlen(uri + n));
	if (!decode(x->raw_path, x->path, &len) || !path_ok(x->path, len) ||
	    !query_ok(x->query)) {
		wipe(x->path, sizeof(x->path));
		return;
	}
	x->bad_path = false;
}
