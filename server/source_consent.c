/* A question about the source's identity, on the page and answered. */
#include <stdlib.h>
#include <string.h>

#include "consent.h"
#include "source_internal.h"

/* The post of a desk's key, as any roster had it. */
static void
post_of(struct visit *v, const uint8_t key[static SIGN_PUBLIC_LEN],
    char out[static ROSTER_LABEL_MAX + 1])
{

	out[0] = '\0';
	server_office_lock(v->s);
	for (size_t i = v->s->in->rosters; i > 0 && out[0] == '\0'; i--) {
		const struct roster_desk *d =
		    roster_desk_find(v->s->in->roster[i - 1].r, key);

		if (d != NULL)
			text_copy(out, ROSTER_LABEL_MAX + 1, d->label);
	}
	server_office_unlock(v->s);
}

/* Those of the set in force who could open what is sealed already. */
static void
keepers_model(struct visit *v, const struct case_record *c)
{
	struct roster_channel *set = calloc(1, sizeof(*set));
	uint8_t hash[SHA256_LEN];
	size_t n = 0;

	if (set != NULL && source_set_now(v->s, c->channel, set, hash) ==
	    ERR_OK) {
		for (size_t i = 0; i < set->custodians; i++) {
			if (case_keeps(c, &set->custodian[i].key))
				set->custodian[n++] = set->custodian[i];
		}
		visit_set(v, "consent_keepers", visit_members(set->custodian,
		    n));
	}
	free(set);
}

void
visit_consent(struct visit *v, const struct case_record *c)
{
	char hex[COMMITMENT_LEN * 2 + 1], label[ROSTER_LABEL_MAX + 1];
	char date[PAGE_DATE_MAX], print[FINGERPRINT_TEXT_MAX];
	struct consent now;

	consent_look(c, 0, &now);
	if (!now.asked)
		return;
	visit_set(v, now.answered ? "consent_given" : "consent_asked",
	    json_true());
	hex_encode(now.question_is, COMMITMENT_LEN, hex);
	visit_text(v, "consent_question", hex);
	fingerprint_text(now.asker, SIGN_PUBLIC_LEN, print);
	visit_text(v, "consent_asker_fingerprint", print);
	post_of(v, now.asker, label);
	visit_text(v, "consent_asker", label);
	visit_day(v, now.asked_epoch, date);
	visit_text(v, "consent_day", date);
	keepers_model(v, c);
	if (!now.answered)
		return;
	visit_day(v, now.answered_epoch, date);
	visit_text(v, "consent_answered", date);
	visit_set(v, now.yes ? "consent_yes" : "consent_no", json_true());
	visit_set(v, "consent_opened", json_boolean(now.opened));
}

/* The answer to an investigator's question; a second one may change it. */
void
source_consent(struct visit *v)
{
	const char *both = visit_typed(v, "consent");
	const char *shown = visit_typed(v, "question");
	bool yes = *visit_typed(v, "yes") != '\0' || strcmp(both, "yes") == 0;
	bool no = *visit_typed(v, "no") != '\0' || strcmp(both, "no") == 0;
	uint8_t question[COMMITMENT_LEN];
	enum err e;

	if (!visit_owner(v, true))
		return;
	if (yes == no || (*shown != '\0' && hex_decode((struct bytes){ shown,
	    strlen(shown) }, question, COMMITMENT_LEN) != ERR_OK)) {
		visit_error(v, 400, "malformed", "no");
		return;
	}
	e = consent_answer(v->s, v->who, *shown == '\0' ? NULL : question,
	    yes);
	if (e == ERR_OK) {
		visit_done(v, yes ? "consent_yes" : "consent_no");
	} else if (e == ERR_CONFLICT) {
		visit_inbox_again(v, 422, "invalid", "consent",
		    "error.consent");
	} else if (e == ERR_RANGE) {
		visit_inbox_again(v, 429, "epoch", "consent",
		    "error.epoch.text");
	} else {
		v->kept = e == ERR_SYS ? "unknown" : "no";
		visit_fail(v, e);
	}
}
