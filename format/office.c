/*
 * OFFICE.conf: what a desk must know of its server, a line each, in order:
 *
 *	peluit-office/v1
 *	origin NAME
 *	url http://HOST[:PORT] | unix:/PATH
 *	authority NAME		what requests are signed for
 *	label LABEL
 *	answers HEX
 *	log VKEY
 *	promise VKEY
 *	roster-key VKEY		one or more: those of roster 1
 *	demo yes		may be absent
 */
#include <string.h>

#include "keyfile.h"
#include "line.h"
#include "roster.h"

#define KEYS_MAX	(sizeof(((struct office *)0)->roster_key) / \
			    sizeof(struct vkey))

static bool
host_valid(const char *s)
{
	size_t i;

	for (i = 0; s[i] != '\0'; i++) {
		if (!((s[i] >= 'a' && s[i] <= 'z') ||
		    (s[i] >= '0' && s[i] <= '9') || s[i] == '.' ||
		    s[i] == '-' || s[i] == ':' || s[i] == '[' || s[i] == ']'))
			return false;
		/* "x.onion." would be asked of the ordinary DNS */
		if (s[i] == '.' && (s[i + 1] == '\0' || s[i + 1] == ':'))
			return false;
	}
	return i > 0;
}

static bool
url_valid(const char *s)
{
	size_t i;

	if (strncmp(s, "http://", 7) == 0)
		return host_valid(s + 7);
	if (strncmp(s, "unix:/", 6) != 0 || s[6] == '\0')
		return false;
	for (i = 0; s[i] != '\0'; i++)
		if (s[i] < 0x20 || s[i] == 0x7f)
			return false;
	return true;
}

static enum err
check(const struct office *o)
{
	if (o->roster_keys == 0 || o->roster_keys > KEYS_MAX)
		return ERR_RANGE;
	if (!line_origin_valid(o->origin) || !url_valid(o->url) ||
	    !host_valid(o->authority) ||
	    !roster_name_valid(o->label, ROSTER_LABEL_MAX))
		return ERR_FORMAT;
	return sign_key_check(o->answers);
}

static void
put_vkey(const char *key, const struct vkey *v, struct buf *out)
{
	char text[NOTE_VKEY_MAX];

	vkey_encode(v, text);
	buf_printf(out, "%s %s\n", key, text);
}

enum err
office_encode(const struct office *o, struct buf *out)
{
	enum err e = check(o);
	size_t i;

	if (e != ERR_OK)
		return e;
	buf_printf(out, "peluit-office/v1\norigin %s\nurl %s\nauthority %s\n"
	    "label %s\n", o->origin, o->url, o->authority, o->label);
	line_put_hex(out, "answers", o->answers, sizeof(o->answers));
	put_vkey("log", &o->log, out);
	put_vkey("promise", &o->promise, out);
	for (i = 0; i < o->roster_keys; i++)
		put_vkey("roster-key", &o->roster_key[i], out);
	if (o->demo)
		buf_puts(out, "demo yes\n");
	return buf_err(out);
}

static enum err
take_text(struct cur *c, const char *key, char *out, size_t size, size_t *line)
{
	struct bytes value;

	++*line;
	return line_take(c, key, &value) ? line_text(value, out, size) :
	    ERR_FORMAT;
}

static enum err
take_vkey(struct cur *c, const char *key, struct vkey *out, size_t *line)
{
	struct bytes value;

	++*line;
	return line_take(c, key, &value) ? vkey_decode(value, out) :
	    ERR_FORMAT;
}

static enum err
take_names(struct cur *c, struct office *o, size_t *line)
{
	enum err e;

	e = take_text(c, "origin", o->origin, sizeof(o->origin), line);
	if (e == ERR_OK && !line_origin_valid(o->origin))
		e = ERR_FORMAT;
	if (e == ERR_OK)
		e = take_text(c, "url", o->url, sizeof(o->url), line);
	if (e == ERR_OK && !url_valid(o->url))
		e = ERR_FORMAT;
	if (e == ERR_OK)
		e = take_text(c, "authority", o->authority,
		    sizeof(o->authority), line);
	if (e == ERR_OK && !host_valid(o->authority))
		e = ERR_FORMAT;
	if (e == ERR_OK)
		e = take_text(c, "label", o->label, sizeof(o->label), line);
	if (e == ERR_OK && !roster_name_valid(o->label, ROSTER_LABEL_MAX))
		e = ERR_FORMAT;
	return e;
}

static enum err
take_keys(struct cur *c, struct office *o, size_t *line)
{
	char hex[HEX_LEN(SIGN_PUBLIC_LEN) + 1];
	struct bytes value;
	enum err e;

	e = take_text(c, "answers", hex, sizeof(hex), line);
	if (e == ERR_OK)
		e = hex_decode((struct bytes){ hex, strlen(hex) }, o->answers,
		    sizeof(o->answers));
	if (e == ERR_OK)
		e = sign_key_check(o->answers);
	if (e == ERR_OK)
		e = take_vkey(c, "log", &o->log, line);
	if (e == ERR_OK)
		e = take_vkey(c, "promise", &o->promise, line);
	if (e == ERR_OK)
		e = take_vkey(c, "roster-key", &o->roster_key[0], line);
	for (o->roster_keys = 1; e == ERR_OK; o->roster_keys++) {
		struct cur probe = *c;

		if (!line_take(&probe, "roster-key", &value))
			break;
		if (o->roster_keys == KEYS_MAX)
			return ERR_RANGE;
		e = take_vkey(c, "roster-key", &o->roster_key[o->roster_keys],
		    line);
	}
	return e;
}

enum err
office_decode(struct bytes text, struct office *out, size_t *line)
{
	struct cur c = cur_over(text.p, text.n);
	struct bytes value, head;
	struct office o;
	enum err e;

	memset(out, 0, sizeof(*out));
	memset(&o, 0, sizeof(o));
	*line = 1;
	if (text.n > OFFICE_MAX)
		return ERR_RANGE;
	head.p = cur_line(&c, &head.n);
	if (head.p == NULL)
		return ERR_FORMAT;
	if (!line_is(head, "peluit-office/v1"))
		return head.n > 15 && memcmp(head.p, "peluit-office/v", 15) ==
		    0 ? ERR_VERSION : ERR_FORMAT;
	e = take_names(&c, &o, line);
	if (e == ERR_OK)
		e = take_keys(&c, &o, line);
	if (e != ERR_OK)
		return e;
	++*line;
	o.demo = line_take(&c, "demo", &value);
	if ((o.demo && !line_is(value, "yes")) || cur_end(&c) != ERR_OK)
		return ERR_FORMAT;
	*line = 0;
	*out = o;
	return ERR_OK;
}
