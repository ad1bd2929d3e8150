/* Rosters taken by a running server. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fault.h"
#include "log.h"
#include "office.h"

char *
office_confirm_path(const struct instance *in)
{

	return (instance_path(in, "store/confirm"));
}

char *
office_next_path(const struct instance *in)
{

	return (instance_path(in, "public/roster/next"));
}

struct accept_job {
	struct server *s;
	uint8_t hash[SHA256_LEN];
	uint64_t now;
	size_t before;			/* rosters that came before it */
	uint64_t epoch0;
	uint64_t accepted;		/* given out: the epoch of its event */
	struct ledger_taken taken;
	bool fresh;			/* it was not in the store yet */
};

/*
 * A roster that is in the store already is not announced a second time: the
 * one before us may have failed between there and the memory.
 */
static enum err
accepted_before(struct accept_job *j, const struct install_record *i)
{

	if (memcmp(i->hash[j->before], j->hash, SHA256_LEN) != 0)
		return (ERR_CONFLICT);
	j->accepted = i->accepted[j->before];
	return (ERR_OK);
}

/*
 * The event `keys`, and the line in the install record.  It counts from the
 * epoch after the one in which the log announces it.
 */
static enum err
accept_job(struct store_txn *t, void *arg)
{
	struct accept_job *j = arg;
	const struct records *r = j->s->records;
	struct action a;
	struct ledger_act act = { &a, NULL, j->now, NO_MESSAGE, false,
	    true };
	struct install_record i;
	enum err e;

	if ((e = install_get(r, t, &i)) != ERR_OK)
		return (e);
	j->fresh = i.rosters == j->before;	/* a job may run twice */
	if (!j->fresh)
		return (i.rosters > j->before ? accepted_before(j, &i) :
		    ERR_CONFLICT);
	if (i.rosters == sizeof(i.accepted) / sizeof(i.accepted[0]))
		return (ERR_RANGE);
	if (j->before == 0) {	/* it also begins the log */
		i.next_close = j->epoch0;
		if ((e = install_put(r, t, &i)) != ERR_OK)
			return (e);
	}
	memset(&a, 0, sizeof(a));
	text_copy(a.origin, sizeof(a.origin), j->s->in->config.origin);
	a.kind = EVENT_KEYS;
	a.actor = ACTOR_SERVER;
	a.has_objects = true;
	memcpy(a.objects.bytes, j->hash, SHA256_LEN);
	if ((e = ledger_take(r, t, &act, NULL, &j->taken)) != ERR_OK)
		return (e);
	j->accepted = i.accepted[i.rosters] = j->taken.epoch;
	memcpy(i.hash[i.rosters], j->hash, SHA256_LEN);
	i.rosters++;
	if ((e = log_keys_put(r, t, i.rosters, &j->taken.opening)) != ERR_OK)
		return (e);
	return (install_put(r, t, &i));
}

static enum err
accept_roster(struct server *s, struct bytes note, size_t before,
    uint64_t *accepted)
{
	struct accept_job j = { .s = s, .before = before };
	enum err e;

	sha256(note.p, note.n, j.hash);
	j.epoch0 = instance_epoch0(s->in);
	j.now = server_epoch(s);
	if ((e = fault_point("roster.2")) == ERR_OK)
		e = store_write(s->store, STORE_LAST, accept_job, &j);
	if (e == ERR_OK && j.fresh)
		log_promise_event(s, &j.taken);
	*accepted = j.accepted;
	return (e);
}

static enum err
wrong(struct server *s, enum err e, const char *why)
{

	(void)snprintf(s->in->why, sizeof(s->in->why), "%s: %s", s->in->dir,
	    why);
	return (e);
}

static enum err
fits(struct server *s, const struct install_record *i)
{
	const struct config *c = &s->in->config;

	if (strcmp(i->origin, c->origin) != 0)
		return (wrong(s, ERR_CONFLICT, "the store is of another "
		    "origin than peluit.conf says"));
	if (i->epoch_seconds != (uint64_t)c->epoch_seconds)
		return (wrong(s, ERR_CONFLICT, "epoch_seconds was chosen at "
		    "init and cannot change"));
	if (i->cost.m_kib != c->argon2.m_kib || i->cost.t != c->argon2.t)
		return (wrong(s, ERR_CONFLICT, "argon2_kib and argon2_passes "
		    "were chosen at init and cannot change: no receipt would "
		    "open any more"));
	if (memcmp(i->salt, s->salt, SALT_LEN) != 0)
		return (wrong(s, ERR_KEY, "secrets/receipt.key is not the one "
		    "of this store: no receipt would open any more"));
	if (i->rosters > s->in->rosters)
		return (wrong(s, ERR_NOTFOUND, "a roster that was accepted is "
		    "missing in public/roster"));
	return (ERR_OK);
}

enum err
office_start(struct server *s)
{
	struct install_record i;
	struct store_txn *t;
	int64_t now = clock_now(s->clock);
	enum err e;

	if ((e = store_begin(s->store, &t)) != ERR_OK)
		return (e);
	e = install_get(s->records, t, &i);
	store_end(t);
	if (e == ERR_NOTFOUND || e == ERR_MAC)
		return (wrong(s, ERR_MAC, "the store does not open with "
		    "secrets/at-rest.key: another key, or a damaged store"));
	if (e != ERR_OK || (e = fits(s, &i)) != ERR_OK)
		return (e);
	if (s->in->rosters == 0)
		return (wrong(s, ERR_NOTFOUND, "there is no roster yet; give "
		    "one with: peluitd roster DIR FILE"));
	if (now < instance_epoch_start(s->in, instance_epoch0(s->in)) &&
	    !s->in->demo)
		return (wrong(s, ERR_RANGE, "roster 1 begins in a later epoch "
		    "than the clock shows"));
	for (size_t n = 0; n < s->in->rosters; n++) {
		struct held_roster *h = &s->in->roster[n];

		if (n >= i.rosters) {
			e = accept_roster(s, (struct bytes){ h->note,
			    h->note_len }, n, &h->accepted);
			if (e != ERR_OK)
				return (wrong(s, e, "the roster could not be "
				    "written to the log"));
		} else if (memcmp(i.hash[n], h->hash, SHA256_LEN) != 0) {
			return (wrong(s, ERR_CONFLICT, "a roster in "
			    "public/roster is not the one that was accepted"));
		} else {
			h->accepted = i.accepted[n];
		}
	}
	s->cost = i.cost;
	return (ERR_OK);
}

/*
 * Its file first under its number: the store refers to it.  Then its event,
 * then it counts.  A start in between accepts the file.
 */
static enum err
take(struct server *s, struct bytes note)
{
	struct roster *r = NULL;
	uint64_t accepted;
	char file[64], *name;
	enum err e;

	if ((e = instance_roster_check(s->in, note, &r)) != ERR_OK)
		return (e);
	free(r);
	(void)snprintf(file, sizeof(file), "public/roster/%zu",
	    s->in->rosters + 1);
	name = instance_path(s->in, file);
	if ((e = fault_point("roster.1")) == ERR_OK)
		e = file_write(name, note.p, note.n, 0644);
	free(name);
	if (e != ERR_OK || (e = accept_roster(s, note, s->in->rosters,
	    &accepted)) != ERR_OK)
		return (wrong(s, e, "the roster could not be written"));
	if ((e = fault_point("roster.3")) != ERR_OK)
		return (e);
	(void)pthread_rwlock_wrlock(&s->office);
	e = instance_roster_add(s->in, note, accepted);
	(void)pthread_rwlock_unlock(&s->office);
	return (e);
}

enum err
office_take_next(struct server *s)
{
	char *next = office_next_path(s->in);
	const struct held_roster *last = s->in->rosters == 0 ? NULL :
	    &s->in->roster[s->in->rosters - 1];
	uint8_t *note = NULL;
	size_t len;
	enum err e;

	e = file_read(next, ROSTER_MAX, &note, &len);
	if (e != ERR_OK)
		goto out;
	if (last != NULL && len == last->note_len &&
	    memcmp(note, last->note, len) == 0) {
		/* it was taken, and then we were stopped */
		e = unlink(next) == 0 ? ERR_NOTFOUND : ERR_SYS;
		goto out;
	}
	if ((e = take(s, (struct bytes){ note, len })) == ERR_OK &&
	    (e = fault_point("roster.4")) == ERR_OK && unlink(next) != 0)
		e = ERR_SYS;
out:
	free(note);
	free(next);
	return (e);
}
