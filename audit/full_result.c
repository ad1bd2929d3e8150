/*
 * The result of a full audit as JSON: what `full --json` prints, what the home
 * keeps, and what the page is made from.
 */
#include <string.h>

#include "audit_full.h"
#include "response.h"

#define BINS	9	/* of the response times: 8 up to the limit, 1 above */

static json_t *
number(uint64_t v)
{
	return json_integer((json_int_t)v);
}

static json_t *
log_part(const struct audit *a, const struct chain *c,
    const struct seen *seen)
{
	char first[AUDIT_DATE], last[AUDIT_DATE];
	uint64_t i, watched = 0;

	for (i = c->epoch0; i < c->next; i++)
		watched += seen_watched(seen, i) ? 1 : 0;
	audit_date(a, c->epoch0, first);
	audit_date(a, c->next > c->epoch0 ? c->next - 1 : c->epoch0, last);
	return json_pack("{s:o, s:o, s:o, s:s, s:s, s:o, s:o, s:o, s:o}",
	    "epoch_seconds", number(c->epoch_seconds),
	    "first_epoch", number(c->epoch0),
	    "epochs", number(c->next - c->epoch0),
	    "first_date", first, "last_date", last,
	    "events", number(c->events), "decoys", number(c->decoys),
	    "watched", number(watched), "unopened", number(c->blind_epochs));
}

static json_t *
responses(const struct chain *c, json_t *late, const struct audit *a)
{
	uint64_t hours = chain_hours(c), n[3] = { 0 }, waiting = 0, took, at;
	uint64_t bin[BINS] = { 0 };
	const struct chain_case *one;
	json_t *bins = json_array();
	char name[CASE_NAME_LEN + 1], date[AUDIT_DATE];
	unsigned v;

	for (one = c->one; one < c->one + c->cases; one++) {
		if (!chain_verdict(c, one, &v)) {
			waiting += one->has_report && !one->has_response ? 1 :
			    0;
			continue;
		}
		n[v]++;
		took = response_hours(one->taken, one->has_response ?
		    one->response : c->next, c->epoch_seconds);
		at = hours == 0 ? BINS - 1 : took * (BINS - 1) / hours;
		if (v == RESPONSE_LATE || at >= BINS)
			at = BINS - 1;
		else if (at == BINS - 1)
			at = BINS - 2;
		if (one->has_response)
			bin[at]++;
		if (v != RESPONSE_LATE)
			continue;
		case_name(one->id, name);
		audit_date(a, one->taken, date);
		(void)json_array_append_new(late, json_pack(
		    "{s:s, s:o, s:s, s:o, s:b}", "case", name, "epoch",
		    number(one->taken), "date", date, "hours", number(took),
		    "answered", one->has_response));
	}
	for (at = 0; at < BINS; at++)
		(void)json_array_append_new(bins, json_pack(
		    "{s:o, s:o}", "from_hours",
		    number(at * hours / (BINS - 1)), "n", number(bin[at])));
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "hours",
	    number(hours), "kept", number(n[RESPONSE_KEPT]), "late",
	    number(n[RESPONSE_LATE]), "uncertain",
	    number(n[RESPONSE_UNCERTAIN]), "waiting", number(waiting),
	    "bins", bins);
}

static void
count(json_t *o, const char *key)
{
	json_int_t n = json_integer_value(json_object_get(o, key));

	(void)json_object_set_new(o, key, json_integer(n + 1));
}

static json_t *
cases(const struct chain *c)
{
	json_t *by_status = json_object(), *by_channel = json_object();
	const struct chain_case *one;
	uint64_t deleted = 0;

	for (one = c->one; one < c->one + c->cases; one++) {
		deleted += one->deleted ? 1 : 0;
		count(by_status, one->deleted ? "DELETED" :
		    one->status[0] == '\0' ? "RECEIVED" : one->status);
		count(by_channel, one->channel == NULL ? "?" :
		    one->channel->name);
	}
	return json_pack("{s:o, s:o, s:o, s:o}", "total", number(c->cases),
	    "deleted", number(deleted), "by_status", by_status, "by_channel",
	    by_channel);
}

static json_t *
actors(const struct chain *c)
{
	json_t *list = json_array();
	const struct chain_actor *who;
	char hex[HEX_LEN(SIGN_PUBLIC_LEN) + 1];

	for (who = c->actor; who < c->actor + c->actors; who++) {
		hex_encode(who->key, SIGN_PUBLIC_LEN, hex);
		(void)json_array_append_new(list, json_pack(
		    "{s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o}",
		    "label", who->label[0] == '\0' ? "?" : who->label,
		    "key", hex, "role", who->label[0] == '\0' ? "?" :
		    desk_role_text(who->role),
		    "access", number(who->acts[EVENT_ACCESS]),
		    "replies", number(who->acts[EVENT_REPLY]),
		    "statuses", number(who->acts[EVENT_STATUS]),
		    "referrals", number(who->acts[EVENT_REFERRAL]),
		    "identities", number(who->opened)));
	}
	return list;
}

/* Labels of ${r} that ${other} lacks. */
static json_t *
lacking(const struct roster *r, const struct roster *other)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < r->desks; i++)
		if (other == NULL || roster_desk_find(other, r->desk[i].key) ==
		    NULL)
			(void)json_array_append_new(list, json_pack(
			    "{s:s, s:s}", "label", r->desk[i].label, "role",
			    desk_role_text(r->desk[i].role)));
	return list;
}

static json_t *
rosters(const struct audit *a, const struct chain *c)
{
	const struct roster *before = NULL;
	const struct chain_roster *cr;
	json_t *list = json_array();
	char hex[HEX_LEN(SHA256_LEN) + 1], date[AUDIT_DATE];

	for (cr = c->roster; cr < c->roster + c->rosters; cr++) {
		hex_encode(cr->hash, SHA256_LEN, hex);
		audit_date(a, cr->accepted, date);
		(void)json_array_append_new(list, json_pack(
		    "{s:o, s:b, s:o, s:s, s:s, s:o, s:o}", "number",
		    number(cr->roster->number), "announced", cr->announced,
		    "epoch", number(cr->accepted), "date", cr->announced ?
		    date : "-", "hash", hex, "added",
		    lacking(cr->roster, before), "removed", before == NULL ?
		    json_array() : lacking(before, cr->roster)));
		before = cr->roster;
	}
	return list;
}

void
full_result(struct audit *a, const struct chain *c, const struct seen *seen)
{
	json_t *late = json_array();
	char events[AUDIT_NUMBER], of[AUDIT_NUMBER], date[AUDIT_DATE];
	int64_t now = clock_now(a->clock);

	audit_set(a, "checked", json_integer(now));
	audit_date(a, now < 0 || c->epoch_seconds == 0 ? 0 :
	    (uint64_t)now / c->epoch_seconds, date);
	audit_set(a, "checked_date", json_string(date));
	audit_set(a, "log", log_part(a, c, seen));
	audit_set(a, "response", responses(c, late, a));
	audit_set(a, "late", late);
	audit_set(a, "cases", cases(c));
	audit_set(a, "officers", actors(c));
	audit_set(a, "roster_changes", rosters(a, c));
	audit_set(a, "inventory", json_boolean(c->inventory));
	audit_number(c->events, events);
	audit_number(c->cases, of);
	audit_say(a, A_FULL_HEAD, events, of);
}
