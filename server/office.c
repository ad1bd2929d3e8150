/* Rosters taken by a running server. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ledger.h"
#include "office.h"

char *
office_next_path(const struct instance *in)
{

	return (instance_path(in, "public/roster/next"));
}

struct accept_job {
	struct server *s;
	uint8_t hash[SHA256_LEN];
	uint64_t now;
	bool first;			/* it also begins the log */
	uint64_t epoch0;
};

/* The event `keys`, and the line in the install record. */
static enum err
accept_job(struct store_txn *t, void *arg)
{
	struct accept_job *j = arg;
	const struct records *r = j->s->records;
	struct action a;
	struct ledger_act act = { &a, NULL, j->now, NO_MESSAGE };
	struct ledger_taken taken;
	struct install_record i;
	enum err e;

	if ((e = install_get(r, t, &i)) != ERR_OK)
		return (e);
	if (i.rosters == sizeof(i.accepted) / sizeof(i.accepted[0]))
		return (ERR_RANGE);
	i.accepted[i.rosters] = j->now;
	memcpy(i.hash[i.rosters], j->hash, SHA256_LEN);
	i.rosters++;
	if (j->first)
		i.next_close = j->epoch0;
	if ((e = install_put(r, t, &i)) != ERR_OK)
		return (e);
	memset(&a, 0, sizeof(a));
	strcpy(a.origin, j->s->in->config.origin);
	a.kind = EVENT_KEYS;
	a.actor = ACTOR_SERVER;
	a.has_objects = true;
	memcpy(a.objects.bytes, j->hash, SHA256_LEN);
	return (ledger_take(r, t, &act, NULL, &taken));
}

static enum err
accept_roster(struct server *s, const struct held_roster *h, bool first)
{
	struct accept_job j = { .s = s, .first = first };

	memcpy(j.hash, h->hash, SHA256_LEN);
	j.epoch0 = h->r->epoch0;
	j.now = server_epoch(s);
	return (store_write(s->store, STORE_LAST, accept_job, &j));
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

	if (s->in->rosters == 0)
		return (wrong(s, ERR_NOTFOUND, "there is no roster yet; give "
		    "one with: peluitd roster DIR FILE"));
	if (now < instance_epoch_start(s->in, instance_epoch0(s->in)) &&
	    !s->in->demo)
		return (wrong(s, ERR_RANGE, "roster 1 begins in a later epoch "
		    "than the clock shows"));
	if ((e = store_begin(s->store, &t)) != ERR_OK)
		return (e);
	e = install_get(s->records, t, &i);
	store_end(t);
	if (e != ERR_OK || (e = fits(s, &i)) != ERR_OK)
		return (e);
	for (size_t n = 0; n < s->in->rosters; n++) {
		struct held_roster *h = &s->in->roster[n];

		if (n >= i.rosters) {
			h->accepted = server_epoch(s);
			if ((e = accept_roster(s, h, n == 0)) != ERR_OK)
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

enum err
office_take_next(struct server *s)
{
	char *next = office_next_path(s->in), *name = NULL;
	uint8_t *note = NULL;
	char file[64];
	size_t len;
	enum err e;

	e = file_read(next, ROSTER_MAX, &note, &len);
	if (e != ERR_OK)
		goto out;
	(void)pthread_rwlock_wrlock(&s->office);
	e = instance_roster_add(s->in, (struct bytes){ note, len },
	    server_epoch(s));
	(void)pthread_rwlock_unlock(&s->office);
	if (e != ERR_OK)
		goto out;
	/* its file first under its number: the store refers to it */
	(void)snprintf(file, sizeof(file), "public/roster/%zu",
	    s->in->rosters);
	name = instance_path(s->in, file);
	if ((e = file_write(name, note, len, 0644)) == ERR_OK)
		e = accept_roster(s, &s->in->roster[s->in->rosters - 1],
		    false);
	if (e == ERR_OK && unlink(next) != 0)
		e = ERR_SYS;
out:
	free(note);
	free(name);
	free(next);
	return (e);
}
