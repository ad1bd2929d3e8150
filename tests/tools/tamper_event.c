/* Tampering with the events of a case. */
#include <stdlib.h>
#include <string.h>

#include "keyfile.h"
#include "sys.h"
#include "tamper.h"

#define EPOCHS_BACK	8
#define EVENTS_MAX	1024

/* A case, and the open epochs in which its events stand. */
struct book {
	struct tamper *t;
	struct store_txn *txn;
	struct case_record c;
	uint8_t changed[EVENTS_MAX];	/* leaves to forget, by opening */
};
typedef enum err change_fn(struct book *b, void *arg);
struct event_job {
	struct tamper *t;
	change_fn *change;
	void *arg;
	/* given out: leaves whose promise stands in the way */
	struct { uint64_t epoch, leaf; } leaf[EVENTS_MAX];
	size_t leaves;
};

/* The entry of an opening in its epoch, or NULL: the epoch is closed. */
static struct epoch_entry *
entry_of(struct epoch_record *ep, const struct opening *o)
{

	for (size_t i = 0; i < ep->entries; i++) {
		if (ep->entry[i].leaf == o->leaf &&
		    ep->entry[i].kind != EVENT_DECOY)
			return (&ep->entry[i]);
	}
	return (NULL);
}

/* Event ${i} gets another text, in the case and while it is open there. */
static enum err
rewrite(struct book *b, size_t i, const struct event *ev, bool *open)
{
	struct opening *o = &b->c.opening[i];
	struct epoch_entry *en;
	struct epoch_record ep;
	struct buf text;
	enum err e;

	buf_init(&text, EVENT_MAX);
	e = epoch_get(b->t->records, b->txn, o->epoch, &ep);
	if (e != ERR_OK)
		goto out;
	if ((e = event_encode(ev, &text)) != ERR_OK)
		goto done;
	memcpy(o->event, text.data, text.len);
	o->len = (uint16_t)text.len;
	en = entry_of(&ep, o);
	*open = en != NULL;
	if (en == NULL)
		goto done;
	b->changed[i] = 1;
	memcpy(en->event, text.data, text.len);
	en->len = (uint16_t)text.len;
	en->seq = i;
	e = epoch_put(b->t->records, b->txn, &ep);
done:
	epoch_done(&ep);
out:
	buf_done(&text);
	return (e);
}

static enum err
decode(const struct book *b, size_t i, struct event *ev)
{
	const struct opening *o = &b->c.opening[i];

	return (event_decode((struct bytes){ o->event, o->len }, ev));
}

/* seq and prev of what follows, as far as its epochs are open. */
static enum err
rechain(struct book *b, size_t from)
{
	struct event ev;
	bool open = true;
	enum err e = ERR_OK;

	for (size_t i = from; i < b->c.openings && open && e == ERR_OK; i++) {
		const struct opening *p = &b->c.opening[i - (i > 0)];

		if ((e = decode(b, i, &ev)) != ERR_OK)
			break;
		ev.seq = i;
		ev.has_prev = i > 0;
		if (i > 0)
			commitment_of(p->nonce, (struct bytes){ p->event,
			    p->len }, ev.prev);
		e = rewrite(b, i, &ev, &open);
	}
	return (e);
}

static enum err
event_job(struct store_txn *txn, void *arg)
{
	struct event_job *j = arg;
	struct book *b = calloc(1, sizeof(*b));
	enum err e;

	if (b == NULL)
		return (ERR_SYS);
	j->leaves = 0;
	b->t = j->t;
	b->txn = txn;
	e = tamper_case(j->t, txn, tamper_arg(j->t, 1, "-"), &b->c);
	if (e == ERR_OK && b->c.openings > EVENTS_MAX)
		e = ERR_FULL;
	if (e == ERR_OK && (e = j->change(b, j->arg)) == ERR_OK)
		e = case_put(j->t->records, txn, &b->c);
	for (size_t i = 0; e == ERR_OK && i < b->c.openings; i++) {
		if (b->changed[i] == 0)
			continue;
		j->leaf[j->leaves].epoch = b->c.opening[i].epoch;
		j->leaf[j->leaves++].leaf = b->c.opening[i].leaf;
	}
	case_done(&b->c);
	free(b);
	return (e);
}

/* One event taken out of its case: where it stood. */
struct gone { uint64_t epoch, leaf; };

static enum err
on_events(struct tamper *t, change_fn *change, void *arg,
    const struct gone *gone)
{
	struct event_job *j = calloc(1, sizeof(*j));
	uint64_t n, sum = 0;
	enum err e;

	if (j == NULL)
		return (ERR_SYS);
	j->t = t;
	j->change = change;
	j->arg = arg;
	e = tamper_write(t, event_job, j);
	for (size_t i = 0; e == ERR_OK && i < j->leaves; i++) {
		e = tamper_forget(t, j->leaf[i].epoch, j->leaf[i].leaf, &n);
		sum += n;
	}
	if (e == ERR_OK && gone != NULL) {
		e = tamper_forget(t, gone->epoch, gone->leaf, &n);
		sum += n;
	}
	tamper_say(t, ",\"logged\":%s,\"promises_dropped\":%llu",
	    gone != NULL || j->leaves > 0 ? "true" : "false",
	    (unsigned long long)sum);
	free(j);
	return (e);
}

static void
say_event(struct book *b, size_t i)
{
	const struct opening *o = &b->c.opening[i];

	tamper_say(b->t, ",\"seq\":%zu,\"epoch\":%llu,\"leaf\":%llu", i,
	    (unsigned long long)o->epoch, (unsigned long long)o->leaf);
}

/* ---- edit-event ---- */

static enum err
edit(struct book *b, void *arg)
{
	uint64_t seq = *(uint64_t *)arg;
	struct event ev;
	bool open;
	enum err e;

	if (seq >= b->c.openings)
		return (ERR_NOTFOUND);
	if ((e = decode(b, seq, &ev)) != ERR_OK)
		return (e);
	if (ev.action.status[0] != '\0')
		strncpy(ev.action.status, tamper_arg(b->t, 3,
		    strcmp(ev.action.status, "REVIEW") == 0 ? "VERIFIED" :
		    "REVIEW"), STATUS_MAX);
	else if (ev.action.has_objects)
		ev.action.objects.bytes[0] ^= 1;
	else
		return (ERR_FORMAT);
	say_event(b, seq);
	if ((e = rewrite(b, seq, &ev, &open)) != ERR_OK || !open)
		return (e);
	return (rechain(b, seq + 1));
}

enum err
tamper_edit_event(struct tamper *t)
{
	uint64_t seq;

	if (tamper_number(t, 2, 0, &seq) != ERR_OK)
		return (ERR_RANGE);
	return (on_events(t, edit, &seq, NULL));
}

/* ---- swap-events ---- */

static enum err
swap(struct book *b, void *arg)
{
	const uint64_t *seq = arg;
	struct opening *o = b->c.opening, mine;

	if (seq[0] >= seq[1] || seq[1] >= b->c.openings)
		return (ERR_NOTFOUND);
	say_event(b, seq[0]);
	/* each keeps its leaf and nonce; seq and prev are made anew */
	mine = o[seq[0]];
	o[seq[0]] = o[seq[1]];
	o[seq[1]] = mine;
	return (rechain(b, seq[0]));
}

enum err
tamper_swap_events(struct tamper *t)
{
	uint64_t seq[2];

	if (tamper_number(t, 2, 0, &seq[0]) != ERR_OK ||
	    tamper_number(t, 3, seq[0] + 1, &seq[1]) != ERR_OK)
		return (ERR_RANGE);
	return (on_events(t, swap, seq, NULL));
}

/* ---- backdate ---- */

static enum err
backdate(struct book *b, void *arg)
{
	const uint64_t *n = arg;
	struct event ev;
	bool open;
	enum err e;

	if (n[0] >= b->c.openings)
		return (ERR_NOTFOUND);
	if ((e = decode(b, n[0], &ev)) != ERR_OK)
		return (e);
	if (ev.epoch < n[1])
		return (ERR_RANGE);
	ev.epoch -= n[1];
	ev.has_taken = false;
	say_event(b, n[0]);
	if ((e = rewrite(b, n[0], &ev, &open)) != ERR_OK || !open)
		return (e != ERR_OK ? e : ERR_EXPIRED);
	return (rechain(b, n[0] + 1));
}

enum err
tamper_backdate(struct tamper *t)
{
	uint64_t n[2];

	if (tamper_number(t, 2, 0, &n[0]) != ERR_OK ||
	    tamper_number(t, 3, EPOCHS_BACK, &n[1]) != ERR_OK)
		return (ERR_RANGE);
	return (on_events(t, backdate, n, NULL));
}

/* ---- fill-for-event ---- */

struct fill { uint64_t seq; struct gone gone; };

/* Later events keep their seq, so that a gap shows, but move up one place. */
static enum err
renumber(struct book *b, size_t from)
{
	struct epoch_record ep;
	struct epoch_entry *en;
	enum err e = ERR_OK;

	for (size_t i = from; i < b->c.openings && e == ERR_OK; i++) {
		const struct opening *o = &b->c.opening[i];

		e = epoch_get(b->t->records, b->txn, o->epoch, &ep);
		if (e == ERR_OK && (en = entry_of(&ep, o)) != NULL) {
			en->seq = i;
			e = epoch_put(b->t->records, b->txn, &ep);
		}
		epoch_done(&ep);
	}
	return (e);
}

static enum err
fill(struct book *b, void *arg)
{
	struct fill *f = arg;
	uint64_t seq = f->seq == UINT64_MAX ? b->c.openings - 1 : f->seq;
	struct epoch_record ep;
	struct epoch_entry *en;
	struct opening *o;
	enum err e;

	if (b->c.openings == 0 || seq >= b->c.openings)
		return (ERR_NOTFOUND);
	o = &b->c.opening[seq];
	f->gone = (struct gone){ o->epoch, o->leaf };
	say_event(b, seq);
	e = epoch_get(b->t->records, b->txn, o->epoch, &ep);
	if (e != ERR_OK)
		return (e);
	if ((en = entry_of(&ep, o)) == NULL) {
		e = ERR_EXPIRED;		/* its epoch is closed */
	} else if (ep.closing) {
		/* its decoys are made: one more */
		e = ERR_CONFLICT;
	} else {
		*en = ep.entry[--ep.entries];
		e = epoch_put(b->t->records, b->txn, &ep);
	}
	epoch_done(&ep);
	if (e != ERR_OK)
		return (e);
	b->c.openings--;
	memmove(o, o + 1, (b->c.openings - seq) * sizeof(*o));
	return (renumber(b, seq));
}

enum err
tamper_fill_for_event(struct tamper *t)
{
	struct fill f;

	if (tamper_number(t, 2, UINT64_MAX, &f.seq) != ERR_OK)
		return (ERR_RANGE);
	return (on_events(t, fill, &f, &f.gone));
}

/* ---- forge-action ---- */

/* Whose name a forger would take: a desk that may read the case. */
static const struct roster_desk *
victim(const struct tamper *t, const struct case_record *c)
{
	const struct roster *ro = instance_roster_newest(&t->in);

	for (size_t i = 0; ro != NULL && i < ro->desks; i++) {
		if (ro->desk[i].role == ROLE_INVESTIGATOR &&
		    case_reads(c, &ro->desk[i].age))
			return (&ro->desk[i]);
	}
	return (NULL);
}

/* What a demo's custodian really holds: the seed behind sign.age. */
static enum err
custodian_seed(const struct tamper *t, uint8_t seed[static SIGN_SEED_LEN])
{
	static const char *const name[] = { "people/passphrase",
	    "people/kustodian-1/identity.age",
	    "people/kustodian-1/sign.age" };
	uint8_t *data[3] = { NULL };
	size_t len[3];
	struct age_identity id;
	struct buf text, key;
	const char *secret;
	enum err e = ERR_OK;

	buf_init(&text, 4096);
	buf_init(&key, 4096);
	for (size_t i = 0; i < 3 && e == ERR_OK; i++) {
		char *path = instance_path(&t->in, name[i]);

		e = file_read(path, 65536, &data[i], &len[i]);
		free(path);
	}
	if (e == ERR_OK)
		e = age_open_file_passphrase((struct bytes){ data[1], len[1] },
		    (struct bytes){ data[0], strcspn((char *)data[0], "\n") },
		    &text);
	if (e == ERR_OK && (secret = strstr(buf_text(&text),
	    "AGE-SECRET-KEY-1")) != NULL) {
		text.data[secret - buf_text(&text) + AGE_IDENTITY_LEN] = 0;
		e = age_identity_decode(secret, &id);
		if (e == ERR_OK)
			e = age_open_file((struct bytes){ data[2], len[2] },
			    &id, 1, &key);
		if (e == ERR_OK)
			e = keyfile_decode((struct bytes){ key.data,
			    key.len }, seed, SIGN_SEED_LEN);
	}
	for (size_t i = 0; i < 3; i++)
		free(data[i]);
	buf_done(&text);
	buf_done(&key);
	return (e);
}

enum forgery { FORGE_DESK, FORGE_OWN, FORGE_CUSTODY };

static enum err
forge(struct book *b, void *arg)
{
	const enum forgery how = *(enum forgery *)arg;
	const struct roster_desk *d = victim(b->t, &b->c);
	struct install_record install;
	struct ledger_taken taken;
	uint8_t seed[SIGN_SEED_LEN], sig[SIGN_LEN];
	struct action a;
	struct ledger_act act = { .action = &a, .sig = sig,
	    .message = NO_MESSAGE };
	struct buf text;
	enum err e;

	if (d == NULL)
		return (ERR_NOTFOUND);
	memset(&a, 0, sizeof(a));
	strcpy(a.origin, b->t->in.config.origin);
	a.kind = EVENT_STATUS;
	a.actor = ACTOR_DESK;
	a.has_case = a.has_request = true;
	memcpy(a.case_id, b->c.id, ID_LEN);
	rand_bytes(a.request, ID_LEN);
	strncpy(a.status, tamper_arg(b->t, 2, "REVIEW"), STATUS_MAX);
	rand_bytes(seed, sizeof(seed));
	if (how == FORGE_CUSTODY) {
		a.kind = EVENT_CUSTODY;
		strncpy(a.status, "OPEN", STATUS_MAX);
		a.has_seen = true;	/* of something that is no consent */
		ledger_last(&b->c, a.seen);
		if ((e = custodian_seed(b->t, seed)) != ERR_OK)
			return (e);
	}
	if (how == FORGE_DESK)
		memcpy(a.actor_key, d->key, SIGN_PUBLIC_LEN);
	else
		sign_public(seed, a.actor_key);
	buf_init(&text, ACTION_MAX);
	e = action_encode(&a, &text);
	sign_bytes(seed, text.data, text.len, sig);
	buf_done(&text);
	if (e != ERR_OK)
		return (e);
	if ((e = install_get(b->t->records, b->txn, &install)) != ERR_OK)
		return (e);
	act.now = install.next_close;
	e = ledger_take(b->t->records, b->txn, &act, &b->c, &taken);
	if (e != ERR_OK)
		return (e);
	if (how != FORGE_CUSTODY) {
		strcpy(b->c.status, a.status);
		b->c.status_epoch = act.now;
	}
	say_event(b, b->c.openings - 1);
	b->changed[b->c.openings - 1] = 1;	/* it is in the log */
	return (ERR_OK);
}

enum err
tamper_forge_action(struct tamper *t)
{
	const char *mode = tamper_arg(t, 3, "");
	enum forgery how = strcmp(mode, "own") == 0 ? FORGE_OWN :
	    strcmp(mode, "custody") == 0 ? FORGE_CUSTODY : FORGE_DESK;

	return (on_events(t, forge, &how, NULL));
}
