/* The Content-Type of a form: which kind, and with which boundary. */
#include <string.h>
#include <strings.h>

#include "form_internal.h"

bool
form_token(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') ||
	    (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

/* RFC 2046, 5.1.1: what a boundary is made of, without the space. */
static bool
boundary_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') ||
	    (c != '\0' && strchr("'()+_,-./:=?", c) != NULL);
}

static const char *
blanks(const char *s)
{
	while (*s == ' ' || *s == '\t')
		s++;
	return s;
}

/* A parameter's value, token or quoted without escapes; NULL if it is bad. */
static const char *
value(const char *s, const char **v, size_t *n)
{
	const char *end;

	if (*s == '"') {
		*v = s + 1;
		if ((end = strchr(*v, '"')) == NULL ||
		    memchr(*v, '\\', (size_t)(end - *v)) != NULL)
			return NULL;
		*n = (size_t)(end - *v);
		return end + 1;
	}
	for (end = s; form_token(*end); end++)
		;
	*v = s;
	*n = (size_t)(end - s);
	return end == s ? NULL : end;
}

static enum err
set_boundary(const char *v, size_t n, uint8_t delim[static FORM_DELIM_MAX],
    size_t *len)
{
	size_t i;

	if (*len != 0 || n == 0 || n > FORM_BOUNDARY_MAX)
		return ERR_FORMAT;
	for (i = 0; i < n; i++)
		if (!boundary_char(v[i]))
			return ERR_FORMAT;
	memcpy(delim, "\r\n--", 4);
	memcpy(delim + 4, v, n);
	*len = 4 + n;
	return ERR_OK;
}

/* The parameters: a boundary where there must be one, a charset perhaps. */
static enum err
parameters(const char *s, bool multipart,
    uint8_t delim[static FORM_DELIM_MAX], size_t *len)
{
	const char *name, *v;
	size_t name_len, n;
	bool charset = false;
	enum err e;

	for (s = blanks(s); *s != '\0'; s = blanks(s)) {
		if (*s != ';')
			return ERR_FORMAT;
		name = s = blanks(s + 1);
		while (form_token(*s))
			s++;
		name_len = (size_t)(s - name);
		if (*s++ != '=' || (s = value(s, &v, &n)) == NULL)
			return ERR_FORMAT;
		if (multipart && name_len == 8 &&
		    strncasecmp(name, "boundary", 8) == 0) {
			if ((e = set_boundary(v, n, delim, len)) != ERR_OK)
				return e;
		} else if (!charset && name_len == 7 &&
		    strncasecmp(name, "charset", 7) == 0) {
			charset = true;
		} else {
			return ERR_FORMAT;
		}
	}
	return multipart && *len == 0 ? ERR_FORMAT : ERR_OK;
}

enum err
form_type_parse(const char *content_type, bool *multipart,
    uint8_t delim[static FORM_DELIM_MAX], size_t *len)
{
	static const char mixed[] = "multipart/form-data";
	static const char plain[] = "application/x-www-form-urlencoded";
	size_t n = strcspn(content_type, "; \t");

	*len = 0;
	*multipart = n == sizeof(mixed) - 1 &&
	    strncasecmp(content_type, mixed, n) == 0;
	if (!*multipart && (n != sizeof(plain) - 1 ||
	    strncasecmp(content_type, plain, n) != 0))
		return ERR_NOTFOUND;
	return parameters(content_type + n, *multipart, delim, len);
}
