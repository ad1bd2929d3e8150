/*
 * An action: what a person does, as the text that they sign.
 *
 *	peluit-action/v1 ORIGIN
 *	case HEX		16 bytes
 *	request HEX		16 bytes
 *	kind KIND
 *	actor source HEX | actor desk HEX | actor server
 *	objects HEX		32 bytes
 *	status CODE		1 to 24 of A-Z and _, a letter first
 *	recipients HEX		32 bytes
 *	seen HEX		32 bytes
 *
 * in this order; which lines stand there depends on the kind: see rules[].
 */
#include <assert.h>
#include <string.h>

#include "action.h"
#include "label.h"
#include "line.h"

enum rule { NO, MAY, MUST };

#define SOURCE	(1u << ACTOR_SOURCE)
#define DESK	(1u << ACTOR_DESK)
#define SERVER	(1u << ACTOR_SERVER)

static const struct {
	const char *name;
	unsigned actors;
	enum rule of_case, objects, status, recipients, seen;
} rules[EVENT_KINDS] = {
	[EVENT_REPORT] = { "report", SOURCE, MUST, MUST, NO, MUST, NO },
	[EVENT_MESSAGE] = { "message", SOURCE, MUST, MUST, NO, MAY, MAY },
	[EVENT_REPLY] = { "reply", DESK, MUST, MUST, MAY, NO, MAY },
	[EVENT_STATUS] = { "status", DESK, MUST, NO, MUST, NO, MAY },
	[EVENT_ACCESS] = { "access", DESK, MUST, NO, NO, NO, MUST },
	[EVENT_REFERRAL] = { "referral", DESK, MUST, MAY, MAY, NO, MAY },
	[EVENT_CONSENT] = { "consent", SOURCE, MUST, NO, MUST, NO, MUST },
	[EVENT_CUSTODY] = { "custody", DESK, MUST, NO, MUST, NO, MAY },
	[EVENT_DELETE] = { "delete", SOURCE | SERVER, MUST, NO, NO, NO, MAY },
	[EVENT_KEYS] = { "keys", SERVER, NO, MUST, NO, NO, NO },
	[EVENT_LOSS] = { "loss", SERVER, NO, MUST, NO, NO, NO },
	[EVENT_DECOY] = { "decoy", SERVER, NO, NO, NO, NO, NO },
};

static const char *const actors[] = {
	[ACTOR_SOURCE] = "source",
	[ACTOR_DESK] = "desk",
	[ACTOR_SERVER] = "server",
};

const char *
event_kind_text(enum event_kind k)
{
	assert((unsigned)k < EVENT_KINDS);
	return rules[k].name;
}

enum err
event_kind_parse(struct bytes text, enum event_kind *out)
{
	unsigned k;

	*out = EVENT_REPORT;
	for (k = 0; k < EVENT_KINDS; k++) {
		if (line_is(text, rules[k].name)) {
			*out = (enum event_kind)k;
			return ERR_OK;
		}
	}
	return ERR_FORMAT;
}

static bool
obeys(enum rule rule, bool there)
{
	return rule == MAY || there == (rule == MUST);
}

/* Consent and custody answer and ask with words of their own. */
static bool
status_fits(const struct action *a)
{
	const char *s = a->status;

	if (s[0] == '\0')
		return true;
	if (a->kind == EVENT_CONSENT)
		return strcmp(s, "YES") == 0 || strcmp(s, "NO") == 0;
	if (a->kind == EVENT_CUSTODY)
		return strcmp(s, "ASK") == 0 ||
		    (strcmp(s, "OPEN") == 0 && a->has_seen);
	return status_well_formed(s);
}

enum err
action_check(const struct action *a)
{
	bool by_server = a->actor == ACTOR_SERVER;

	if ((unsigned)a->kind >= EVENT_KINDS ||
	    (unsigned)a->actor > ACTOR_SERVER ||
	    memchr(a->origin, '\0', sizeof(a->origin)) == NULL ||
	    memchr(a->status, '\0', sizeof(a->status)) == NULL)
		return ERR_RANGE;
	if (!line_origin_valid(a->origin) ||
	    (rules[a->kind].actors & (1u << a->actor)) == 0)
		return ERR_FORMAT;
	if (!obeys(rules[a->kind].of_case, a->has_case) ||
	    !obeys(rules[a->kind].objects, a->has_objects) ||
	    !obeys(rules[a->kind].status, a->status[0] != '\0') ||
	    !obeys(rules[a->kind].recipients, a->has_recipients) ||
	    !obeys(rules[a->kind].seen, a->has_seen))
		return ERR_FORMAT;
	/* Only a person asks; what the server does by itself has no request. */
	if (a->has_request == by_server || (by_server && a->has_seen))
		return ERR_FORMAT;
	return status_fits(a) ? ERR_OK : ERR_FORMAT;
}

void
action_put_case(const struct action *a, struct buf *out)
{
	if (a->has_case)
		line_put_hex(out, "case", a->case_id, ID_LEN);
	if (a->has_request)
		line_put_hex(out, "request", a->request, ID_LEN);
}

void
action_put_deed(const struct action *a, struct buf *out)
{
	buf_printf(out, "kind %s\nactor %s", rules[a->kind].name,
	    actors[a->actor]);
	if (a->actor != ACTOR_SERVER) {
		buf_putc(out, ' ');
		buf_hex(out, a->actor_key, SIGN_PUBLIC_LEN);
	}
	buf_putc(out, '\n');
	if (a->has_objects)
		line_put_hex(out, "objects", a->objects.bytes, SHA256_LEN);
	if (a->status[0] != '\0')
		buf_printf(out, "status %s\n", a->status);
	if (a->has_recipients)
		line_put_hex(out, "recipients", a->recipients, SHA256_LEN);
	if (a->has_seen)
		line_put_hex(out, "seen", a->seen, COMMITMENT_LEN);
}

/* One line "KEY HEX" that may be absent. */
static enum err
take_hex(struct cur *c, const char *key, uint8_t *out, size_t n, bool *has)
{
	struct bytes value;

	*has = line_take(c, key, &value);
	return *has ? hex_decode(value, out, n) : ERR_OK;
}

enum err
action_take_case(struct cur *c, struct action *a)
{
	enum err e;

	e = take_hex(c, "case", a->case_id, ID_LEN, &a->has_case);
	if (e != ERR_OK)
		return e;
	return take_hex(c, "request", a->request, ID_LEN, &a->has_request);
}

static enum err
take_actor(struct cur *c, struct action *a)
{
	struct bytes value, word;
	unsigned k;

	if (!line_take(c, "actor", &value) || !line_word(&value, &word))
		return ERR_FORMAT;
	for (k = 0; k <= ACTOR_SERVER; k++)
		if (line_is(word, actors[k]))
			break;
	if (k > ACTOR_SERVER)
		return ERR_FORMAT;
	a->actor = (enum actor_kind)k;
	if (a->actor == ACTOR_SERVER)
		return value.n == 0 ? ERR_OK : ERR_FORMAT;
	return hex_decode(value, a->actor_key, SIGN_PUBLIC_LEN);
}

enum err
action_take_deed(struct cur *c, struct action *a)
{
	struct bytes value;
	enum err e;

	if (!line_take(c, "kind", &value))
		return ERR_FORMAT;
	e = event_kind_parse(value, &a->kind);
	if (e == ERR_OK)
		e = take_actor(c, a);
	if (e == ERR_OK)
		e = take_hex(c, "objects", a->objects.bytes, SHA256_LEN,
		    &a->has_objects);
	if (e == ERR_OK && line_take(c, "status", &value)) {
		e = line_text(value, a->status, sizeof(a->status));
		if (e == ERR_OK && value.n == 0)
			e = ERR_FORMAT;
	}
	if (e == ERR_OK)
		e = take_hex(c, "recipients", a->recipients, SHA256_LEN,
		    &a->has_recipients);
	if (e == ERR_OK)
		e = take_hex(c, "seen", a->seen, COMMITMENT_LEN,
		    &a->has_seen);
	return e;
}

enum err
action_encode(const struct action *a, struct buf *out)
{
	enum err e = action_check(a);

	if (e != ERR_OK)
		return e;
	buf_printf(out, "%s %s\n", LABEL_ACTION, a->origin);
	action_put_case(a, out);
	action_put_deed(a, out);
	return buf_err(out);
}

enum err
action_decode(struct bytes text, struct action *out)
{
	struct cur c = cur_over(text.p, text.n);
	struct action a;
	enum err e;

	memset(out, 0, sizeof(*out));
	memset(&a, 0, sizeof(a));
	if (text.n > ACTION_MAX)
		return ERR_RANGE;
	e = line_head(&c, LABEL_ACTION, a.origin);
	if (e == ERR_OK)
		e = action_take_case(&c, &a);
	if (e == ERR_OK)
		e = action_take_deed(&c, &a);
	if (e == ERR_OK)
		e = cur_end(&c);
	if (e == ERR_OK)
		e = action_check(&a);
	if (e == ERR_OK)
		*out = a;
	return e;
}

enum err
action_sign(const struct action *a, const uint8_t seed[static SIGN_SEED_LEN],
    uint8_t sig[static SIGN_LEN])
{
	uint8_t public[SIGN_PUBLIC_LEN];
	struct buf text;
	enum err e;

	memset(sig, 0, SIGN_LEN);
	buf_init(&text, ACTION_MAX);
	e = action_encode(a, &text);
	if (e != ERR_OK)
		goto out;
	/* A signature that nobody could verify is never handed out. */
	sign_public(seed, public);
	if (a->actor == ACTOR_SERVER ||
	    memcmp(public, a->actor_key, SIGN_PUBLIC_LEN) != 0) {
		e = ERR_KEY;
		goto out;
	}
	sign_bytes(seed, text.data, text.len, sig);
out:
	buf_done(&text);
	return e;
}
