/* Pages that inform: of the config, the roster and the log, nobody's own. */
#include <string.h>

#include "log.h"
#include "log_app.h"
#include "source_internal.h"

#define HOUR_SEC	3600

void
source_info(struct visit *v)
{

	visit_page(v, 200, v->page);
}

/* What the office promises: of each number in the config, if it is given. */
void
source_standard(struct visit *v)
{
	const struct config *c = &v->s->in->config;

	server_office_lock(v->s);
	visit_set(v, "verification_days", json_integer(c->verification_days));
	visit_set(v, "review_days", json_integer(c->review_days));
	visit_set(v, "clarification_days",
	    json_integer(c->clarification_days));
	visit_set(v, "overall_days", json_integer(c->overall_days));
	visit_set(v, "update_days", json_integer(c->update_days));
	visit_set(v, "closed_days", json_integer(c->closed_days));
	server_office_unlock(v->s);
	visit_page(v, 200, v->page);
}

static json_t *
auditors(const struct roster *ro)
{
	json_t *list = json_array();

	for (size_t i = 0; i < ro->desks; i++) {
		struct roster_member m;
		json_t *one;

		if (ro->desk[i].role != ROLE_AUDITOR)
			continue;
		memset(&m, 0, sizeof(m));
		memcpy(m.label, ro->desk[i].label, sizeof(m.label));
		m.key = ro->desk[i].age;
		one = visit_members(&m, 1);
		(void)json_array_extend(list, one);
		json_decref(one);
	}
	return (list);
}

/* Who can open what, by the roster whose sets are in force. */
void
source_readers(struct visit *v)
{
	const struct roster *ro;

	visit_sets(v, NULL);
	server_office_lock(v->s);
	ro = instance_roster_at(v->s->in, server_epoch(v->s));
	visit_set(v, "roster_number", json_integer((json_int_t)ro->number));
	visit_set(v, "auditors", auditors(ro));
	server_office_unlock(v->s);
	visit_page(v, 200, v->page);
}

/* The roster keys in force, the log's key, and how to begin to check. */
static void
keys_model(struct visit *v)
{
	const struct roster *ro = instance_roster_newest(v->s->in);
	const char *host = v->s->in->config.log_onion;
	char key[NOTE_VKEY_MAX];
	json_t *list = json_array();
	struct buf command;

	buf_init(&command, NOTE_VKEY_MAX * (ROSTER_KEYS + 2));
	vkey_encode(&v->s->in->log, key);
	visit_text(v, "log_key", key);
	buf_printf(&command, "peluit-audit init http://%s/ %s",
	    *host != '\0' ? host : "\u2026.onion", key);
	for (size_t i = 0; i < ro->roster_keys; i++) {
		vkey_encode(&ro->roster_key[i], key);
		visit_add(v, list, json_string(key));
	}
	/* an auditor begins with the keys of roster 1 */
	for (size_t i = 0; i < v->s->in->roster_keys; i++) {
		vkey_encode(&v->s->in->roster_key[i], key);
		buf_printf(&command, " %s", key);
	}
	visit_set(v, "roster_keys", list);
	visit_text(v, "log_onion", host);
	visit_text(v, "init_command", buf_text(&command));
	visit_text(v, "proof_command", "peluit-audit proof FILE");
	buf_done(&command);
}

void
source_log(struct visit *v)
{
	int64_t seconds = v->s->in->epoch_seconds;
	struct buf text;

	visit_text(v, "origin", v->s->in->config.origin);
	visit_set(v, "leaves", json_integer(LEAVES));
	if (seconds % HOUR_SEC == 0)
		visit_set(v, "epoch_hours", json_integer(seconds / HOUR_SEC));
	else
		visit_set(v, "epoch_seconds", json_integer(seconds));
	server_office_lock(v->s);
	keys_model(v);
	server_office_unlock(v->s);
	buf_init(&text, NOTE_MAX);
	if (log_look(v->s, "/checkpoint", &text) == ERR_OK)
		visit_text(v, "checkpoint", buf_text(&text));
	buf_done(&text);
	visit_page(v, 200, v->page);
}
