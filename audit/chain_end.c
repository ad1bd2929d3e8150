/* What can be said when all closed epochs were seen. */
#include <stdio.h>
#include <string.h>

#include "chain_parts.h"
#include "response.h"

#define DAY_SEC		86400u
#define OVERDUE_DAYS	7	/* a deletion may wait for a leaf */

uint64_t
chain_hours(const struct chain *c)
{
	const struct roster *r = c->roster[c->rosters - 1].roster;
	size_t i;

	for (i = 0; i < r->clocks; i++)
		if (strcmp(r->clock[i].name, "first-response") == 0)
			return r->clock[i].value;
	return CHAIN_RESPONSE_HOURS;
}

bool
chain_verdict(const struct chain *c, const struct chain_case *one,
    unsigned *verdict)
{
	enum response r;

	if (!one->has_report)
		return false;
	/* The answer may stand in an epoch that could not be opened. */
	if (c->blind_epochs > 0 && c->blind_last >= one->taken)
		return false;
	/* Not answered yet: at best in the epoch that is open now. */
	r = response_judge(one->taken, one->has_response ? one->response :
	    c->next, c->epoch_seconds, chain_hours(c));
	*verdict = (unsigned)r;
	return one->has_response ||
	    (r == RESPONSE_LATE && !one->deleted);
}

static void
say(struct chain *c, enum finding_code code, const struct chain_case *one,
    uint64_t epoch, uint64_t leaf)
{
	struct finding f = { .code = code, .has_case = true, .has_epoch = true,
	    .has_leaf = true, .epoch = epoch, .leaf = leaf };

	memcpy(f.case_id, one->id, ID_LEN);
	findings_add(c->findings, &f);
}

static uint64_t
retention(const struct chain *c)
{
	return c->roster[c->rosters - 1].roster->retention_days * DAY_SEC;
}

/* Seconds since the case was closed, at most. */
static uint64_t
closed_for(const struct chain *c, const struct chain_case *one)
{
	return (c->next - one->closed + 1) * c->epoch_seconds;
}

static void
end_case(struct chain *c, const struct chain_case *one)
{
	unsigned verdict = RESPONSE_KEPT;

	if (chain_verdict(c, one, &verdict) && verdict != RESPONSE_KEPT)
		say(c, verdict == RESPONSE_LATE ? F_LATE_FIRST_RESPONSE :
		    F_RESPONSE_UNCERTAIN, one, one->taken, one->leaf);
	if (one->has_closed && !one->deleted && closed_for(c, one) >
	    retention(c) + OVERDUE_DAYS * DAY_SEC)
		say(c, F_DELETE_OVERDUE, one, one->closed, one->leaf);
}

void
chain_inventory(struct chain *c,
    const uint8_t commitment[static COMMITMENT_LEN])
{
	uint64_t at;

	c->inventory = true;
	/* What is not known belongs to an epoch that closed since. */
	if (keyset_get(&c->commitments, commitment, &at))
		c->ref[at].held = true;
}

static void
end_inventory(struct chain *c)
{
	const struct chain_case *one;
	const struct chain_ref *r;

	for (r = c->ref; r < c->ref + c->refs; r++) {
		if (!r->objects || r->held || r->lost ||
		    r->of_case == UINT32_MAX)
			continue;
		one = &c->one[r->of_case];
		/* Its `delete` may stand in the epoch that is still open. */
		if (one->deleted || (one->has_closed &&
		    closed_for(c, one) >= retention(c)))
			continue;
		say(c, F_OBJECT_MISSING, one, r->epoch, r->leaf);
	}
}

static void
end_rosters(struct chain *c)
{
	struct finding f;
	size_t i;

	/* Their proofs, which need no disclosure, may have told already. */
	if (c->findings->count[F_ROSTER_WITHOUT_EVENT] +
	    c->findings->count[F_ROSTER_PENDING] > 0)
		return;
	for (i = 0; i < c->rosters; i++) {
		if (c->roster[i].announced || c->blind)
			continue;
		memset(&f, 0, sizeof(f));
		f.code = i + 1 == c->rosters && c->roster[i].is_new ?
		    F_ROSTER_PENDING : F_ROSTER_WITHOUT_EVENT;
		(void)snprintf(f.detail, sizeof(f.detail), "#%llu",
		    (unsigned long long)c->roster[i].roster->number);
		findings_add(c->findings, &f);
	}
}

static void
end_losses(struct chain *c)
{
	struct finding f = { .code = F_LOSS_WITHOUT_EVENT };

	if (!c->blind && c->losses_announced < c->losses_given &&
	    c->findings->count[F_LOSS_WITHOUT_EVENT] +
	    c->findings->count[F_ROSTER_PENDING] == 0)
		findings_add(c->findings, &f);
}

void
chain_end(struct chain *c)
{
	size_t i;

	end_rosters(c);
	end_losses(c);
	for (i = 0; i < c->cases; i++)
		end_case(c, &c->one[i]);
	if (c->inventory)
		end_inventory(c);
}
