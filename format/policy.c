/*
 * Whose signatures a proof needs (C2SP tlog-policy), as lines of words:
 *
 *	log VKEY [URL]
 *	witness NAME VKEY [URL]
 *	group NAME all|any|K MEMBER ...
 *	quorum NAME|none		exactly one
 *	# comment			and empty lines
 *
 * Words are parted by spaces and tabs.  Members are witnesses and groups of
 * earlier lines, each in one group at most.
 */
#include <string.h>

#include "line.h"
#include "proof.h"

#define NONE	POLICY_NODES

/* Cuts the first word off ${rest}; false if there is none. */
static bool
word(struct bytes *rest, struct bytes *out)
{
	const char *p = rest->p;
	size_t i = 0, from;

	while (i < rest->n && (p[i] == ' ' || p[i] == '\t'))
		i++;
	from = i;
	while (i < rest->n && p[i] != ' ' && p[i] != '\t')
		i++;
	out->p = p + from;
	out->n = i - from;
	rest->p = p + i;
	rest->n -= i;
	return out->n > 0;
}

/* Index of the witness or group of this name; NONE. */
static size_t
find(const struct policy *p, struct bytes name)
{
	size_t i;

	for (i = 0; i < p->nodes; i++)
		if (line_is(name, p->node[i].name))
			return i;
	return NONE;
}

static bool
key_new(const struct policy *p, const struct vkey *key)
{
	size_t i;

	for (i = 0; i < p->logs; i++)
		if (memcmp(p->log[i].public, key->public, SIGN_PUBLIC_LEN) ==
		    0)
			return false;
	for (i = 0; i < p->nodes; i++)
		if (!p->node[i].is_group && memcmp(p->node[i].key.public,
			key->public, SIGN_PUBLIC_LEN) == 0)
			return false;
	return true;
}

/* VKEY [URL] */
static enum err
read_key(struct bytes *rest, const struct policy *p, uint8_t type,
    struct vkey *out)
{
	struct bytes text, url;

	if (!word(rest, &text))
		return ERR_FORMAT;
	if (vkey_decode(text, out) != ERR_OK || out->type != type)
		return ERR_KEY;
	(void)word(rest, &url);
	return key_new(p, out) ? ERR_OK : ERR_CONFLICT;
}

static enum err
read_log(struct bytes *rest, struct policy *p)
{
	struct vkey key;
	enum err e;

	if (p->logs == POLICY_LOGS)
		return ERR_RANGE;
	e = read_key(rest, p, NOTE_TYPE_ED25519, &key);
	if (e == ERR_OK)
		p->log[p->logs++] = key;
	return e;
}

/* The name of a new witness or group. */
static enum err
read_name(struct bytes *rest, const struct policy *p, char *out)
{
	struct bytes name;
	enum err e;

	if (p->nodes == POLICY_NODES)
		return ERR_RANGE;
	if (!word(rest, &name) || line_is(name, "none"))
		return ERR_FORMAT;
	e = line_text(name, out, POLICY_NAME_MAX + 1);
	return e == ERR_OK && find(p, name) != NONE ? ERR_CONFLICT : e;
}

static enum err
read_witness(struct bytes *rest, struct policy *p)
{
	struct policy_node n;
	enum err e;

	memset(&n, 0, sizeof(n));
	e = read_name(rest, p, n.name);
	if (e == ERR_OK)
		e = read_key(rest, p, NOTE_TYPE_COSIGNATURE, &n.key);
	if (e == ERR_OK)
		p->node[p->nodes++] = n;
	return e;
}

static enum err
read_need(struct bytes text, unsigned members, unsigned *need)
{
	uint64_t k;

	if (line_is(text, "all"))
		k = members;
	else if (line_is(text, "any"))
		k = 1;
	else if (line_decimal(text, &k) != ERR_OK)
		return ERR_FORMAT;
	if (k == 0 || k > members)
		return ERR_RANGE;
	*need = (unsigned)k;
	return ERR_OK;
}

static enum err
read_group(struct bytes *rest, struct policy *p)
{
	struct bytes need, member;
	struct policy_node n;
	unsigned count = 0;
	size_t i;
	enum err e;

	memset(&n, 0, sizeof(n));
	n.is_group = true;
	e = read_name(rest, p, n.name);
	if (e != ERR_OK)
		return e;
	if (!word(rest, &need))
		return ERR_FORMAT;
	for (; word(rest, &member); count++) {
		i = find(p, member);
		if (i == NONE || p->node[i].taken)
			return ERR_CONFLICT;
		p->node[i].taken = true;
		n.members |= UINT32_C(1) << i;
	}
	e = read_need(need, count, &n.need);
	if (e == ERR_OK)
		p->node[p->nodes++] = n;
	return e;
}

static enum err
read_quorum(struct bytes *rest, struct policy *p)
{
	struct bytes name;

	if (!word(rest, &name))
		return ERR_FORMAT;
	p->has_quorum = !line_is(name, "none");
	if (!p->has_quorum)
		return ERR_OK;
	p->quorum = find(p, name);
	return p->quorum == NONE ? ERR_CONFLICT : ERR_OK;
}

static enum err
read_line(struct bytes text, struct policy *p, unsigned *quorums)
{
	struct bytes key, rest = text, more;
	enum err e;

	if (!word(&rest, &key) || *(const char *)key.p == '#')
		return ERR_OK;
	if (line_is(key, "log"))
		e = read_log(&rest, p);
	else if (line_is(key, "witness"))
		e = read_witness(&rest, p);
	else if (line_is(key, "group"))
		e = read_group(&rest, p);
	else if (line_is(key, "quorum") && (*quorums)++ == 0)
		e = read_quorum(&rest, p);
	else
		e = ERR_FORMAT;
	return e == ERR_OK && word(&rest, &more) ? ERR_FORMAT : e;
}

static bool
allowed(struct bytes text)
{
	const uint8_t *p = text.p;
	size_t i;

	for (i = 0; i < text.n; i++)
		if ((p[i] < 0x20 && p[i] != '\t') || p[i] == 0x7f)
			return false;
	return true;
}

enum err
policy_decode(struct bytes text, struct policy *out, size_t *line)
{
	struct cur c = cur_over(text.p, text.n);
	unsigned quorums = 0;
	struct bytes one;
	enum err e = ERR_OK;

	memset(out, 0, sizeof(*out));
	*line = 0;
	if (text.n > POLICY_MAX)
		return ERR_RANGE;
	while (e == ERR_OK && c.left != 0) {
		++*line;
		one.p = cur_line(&c, &one.n);
		if (one.p == NULL || !allowed(one))
			e = ERR_FORMAT;
		else
			e = read_line(one, out, &quorums);
	}
	if (e == ERR_OK && quorums != 1) {
		++*line;
		e = ERR_FORMAT;
	}
	if (e != ERR_OK)
		memset(out, 0, sizeof(*out));
	else
		*line = 0;
	return e;
}
