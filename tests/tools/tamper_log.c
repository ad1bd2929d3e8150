/* Tampering with the log, the signer's state and the rosters. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "promise.h"
#include "signer_internal.h"
#include "sys.h"
#include "tamper.h"

/* ---- the signer ---- */

static enum err
state_open(const struct tamper *t, struct signer_state *st)
{
	char *path = instance_path(&t->in, "signer/state");
	enum err e = signer_state_read(path, st);

	free(path);
	return (e);
}

enum err
tamper_forget(struct tamper *t, uint64_t epoch, uint64_t leaf,
    uint64_t *forgotten)
{
	struct signer_state st;
	size_t kept = 0;
	enum err e;

	*forgotten = 0;
	if (t->keep_promise)
		return (ERR_OK);
	if ((e = state_open(t, &st)) == ERR_OK) {
		for (size_t i = 0; i < st.promises; i++) {
			const struct promised *p = &st.promised[i];

			if (leaf != LEAVES &&
			    (p->epoch != epoch || p->leaf != leaf))
				st.promised[kept++] = *p;
		}
		*forgotten = st.promises - kept;
		st.promises = kept;
		if (*forgotten > 0)
			e = signer_state_write(&st);
	}
	signer_state_done(&st);
	return (e);
}

enum err
tamper_drop_promise(struct tamper *t)
{
	uint64_t epoch = 0, leaf = LEAVES, n;
	enum err e;

	if (t->argc != 1 && (t->argc != 3 ||
	    tamper_number(t, 1, 0, &epoch) != ERR_OK ||
	    tamper_number(t, 2, 0, &leaf) != ERR_OK || leaf >= LEAVES))
		return (ERR_RANGE);
	t->keep_promise = false;
	e = tamper_forget(t, epoch, leaf, &n);
	tamper_say(t, ",\"promises_dropped\":%llu", (unsigned long long)n);
	return (e);
}

/* ---- a log that becomes another ---- */

struct log_job {
	struct tamper *t;
	uint64_t back;			/* epochs to forget */
	uint64_t epoch0, closed;	/* closed: given out, what is left */
	struct log_epoch *head;		/* given out: the last of them */
	struct merkle_hash *root;	/* given out: of each epoch left */
	bool fork;
};

static enum err
roots_read(struct log_job *j, struct store_txn *txn, uint64_t n)
{
	enum err e = ERR_OK;

	free(j->root);
	j->root = calloc(n + TILE_WIDTH, sizeof(*j->root));
	if (j->root == NULL)
		return (ERR_SYS);
	for (uint64_t i = 0; i < n && e == ERR_OK; i += TILE_WIDTH) {
		size_t got;

		e = log_roots_get(j->t->records, txn, i / TILE_WIDTH,
		    j->root + i, &got);
	}
	return (e);
}

/* The records of roots from the one that holds index ${from}, anew. */
static enum err
roots_write(struct log_job *j, struct store_txn *txn, uint64_t from,
    uint64_t was)
{
	uint64_t first = from / TILE_WIDTH;
	enum err e = ERR_OK;

	for (uint64_t n = first; n * TILE_WIDTH < was && e == ERR_OK; n++) {
		struct place at = place_log(j->t->records, 'r', n);

		e = store_del(txn, DB_LOG, at.key);
	}
	for (uint64_t i = first * TILE_WIDTH; i < j->closed && e == ERR_OK;
	    i++)
		e = log_roots_add(j->t->records, txn, i, &j->root[i]);
	return (e);
}

/* The edge as the signer keeps it: one root a set bit of the size. */
static void
edge_of(const struct log_job *j, struct signer_state *st)
{

	st->edges = 0;
	for (uint64_t n = 0; n < j->closed; n++) {
		struct merkle_hash h = j->root[n];

		for (uint64_t k = n; (k & 1) != 0; k >>= 1)
			merkle_node(&st->edge[--st->edges], &h, &h);
		st->edge[st->edges++] = h;
	}
}

static enum err
state_follow(const struct log_job *j)
{
	struct merkle_hash leaf[LEAVES];
	struct signer_state st;
	enum err e;

	if ((e = state_open(j->t, &st)) == ERR_OK) {
		edge_of(j, &st);
		st.next = j->closed == 0 ? 0 : j->epoch0 + j->closed;
		buf_reset(&st.last_note);
		memset(st.last_leaves, 0, sizeof(st.last_leaves));
		if (j->closed > 0) {
			log_leaves(j->head, leaf);
			sha256(leaf, sizeof(leaf), st.last_leaves);
			buf_put(&st.last_note, j->head->checkpoint.data,
			    j->head->checkpoint.len);
		}
		e = signer_state_write(&st);
	}
	signer_state_done(&st);
	return (e);
}

static enum err
begin(struct log_job *j, struct store_txn *txn, struct install_record *i)
{
	enum err e;

	j->epoch0 = instance_epoch0(&j->t->in);
	if ((e = install_get(j->t->records, txn, i)) != ERR_OK)
		return (e);
	j->closed = i->next_close > j->epoch0 ? i->next_close - j->epoch0 : 0;
	log_epoch_done(j->head);
	if (j->closed < j->back || j->closed == 0)
		return (ERR_NOTFOUND);
	return (roots_read(j, txn, j->closed));
}

static enum err
roll_back_job(struct store_txn *txn, void *arg)
{
	struct log_job *j = arg;
	const struct records *r = j->t->records;
	struct install_record install;
	uint64_t was;
	enum err e;

	if ((e = begin(j, txn, &install)) != ERR_OK)
		return (e);
	was = j->closed;
	j->closed -= j->back;
	for (uint64_t n = j->closed; n < was && e == ERR_OK; n++) {
		struct place at = place_log(r, 'e', j->epoch0 + n);

		if ((e = store_del(txn, DB_LOG, at.key)) == ERR_OK)
			e = log_disclosure_drop(r, txn, j->epoch0 + n);
	}
	if (e != ERR_OK ||
	    (e = roots_write(j, txn, j->closed, was)) != ERR_OK)
		return (e);
	install.next_close = j->epoch0 + j->closed;
	if ((e = install_put(r, txn, &install)) != ERR_OK || j->closed == 0)
		return (e);
	return (log_epoch_get(r, txn, install.next_close - 1, j->head));
}

static enum err
decoys(struct log_job *j, struct open_event *o, struct buf *plain)
{
	struct event *ev = calloc(1, sizeof(*ev));
	struct buf text;
	enum err e;

	if (ev == NULL)
		return (ERR_SYS);
	strcpy(ev->action.origin, j->t->in.config.origin);
	ev->action.kind = EVENT_DECOY;
	ev->action.actor = ACTOR_SERVER;
	ev->epoch = j->head->epoch;
	buf_init(&text, EVENT_MAX);
	if ((e = event_encode(ev, &text)) == ERR_OK) {
		memcpy(o->event, text.data, text.len);
		o->len = text.len;
	}
	for (size_t i = 0; i < LEAVES && e == ERR_OK; i++) {
		rand_bytes(o->nonce, NONCE_LEN);
		commitment_of(o->nonce, (struct bytes){ o->event, o->len },
		    j->head->commitment[i]);
		e = slot_encode(o, plain);
	}
	buf_done(&text);
	free(ev);
	return (e);
}

/* All leaves of ${j->head} decoys, and the disclosure that opens them. */
static enum err
remake(struct log_job *j, struct store_txn *txn)
{
	const struct roster *ro = instance_roster_newest(&j->t->in);
	struct age_recipient to[ROSTER_AUDITORS + 1];
	struct open_event *o = calloc(1, sizeof(*o));
	struct merkle_hash leaf[LEAVES];
	struct buf plain, file;
	size_t n = 0;
	enum err e;

	if (o == NULL)
		return (ERR_SYS);
	buf_init(&plain, DISCLOSURE_BYTES);
	buf_init(&file, RECORD_MAX);
	for (size_t i = 0; i < ro->desks; i++) {
		if (ro->desk[i].role == ROLE_AUDITOR && n < ROSTER_AUDITORS)
			to[n++] = ro->desk[i].age;
	}
	if (ro->has_archive)
		to[n++] = ro->archive;
	e = decoys(j, o, &plain);
	log_leaves(j->head, leaf);
	merkle_root(leaf, LEAVES, &j->head->root);
	j->root[j->closed - 1] = j->head->root;
	if (e == ERR_OK && n > 0 && (e = age_seal_file(to, n, (struct bytes){
	    plain.data, plain.len }, &file)) == ERR_OK)
		e = log_disclosure_put(j->t->records, txn, j->head->epoch,
		    (struct bytes){ file.data, file.len });
	buf_done(&plain);
	buf_done(&file);
	free(o);
	return (e);
}

static enum err
sign(struct log_job *j)
{
	struct signer_state st = { .edges = 0 };
	struct checkpoint cp;
	struct buf text;
	enum err e;

	memset(&cp, 0, sizeof(cp));
	strcpy(cp.origin, j->t->in.config.origin);
	cp.size = j->closed * LEAVES;
	edge_of(j, &st);
	cp.root = st.edge[st.edges - 1];
	for (size_t i = st.edges - 1; i-- > 0;)
		merkle_node(&st.edge[i], &cp.root, &cp.root);
	buf_init(&text, SIGNER_NOTE_MAX);
	buf_reset(&j->head->checkpoint);
	if ((e = checkpoint_encode(&cp, &text)) == ERR_OK)
		e = note_sign((struct bytes){ text.data, text.len },
		    &j->t->in.log, j->t->in.secret[SECRET_LOG]->bytes,
		    &j->head->checkpoint);
	buf_done(&text);
	return (e);
}

static enum err
fork_job(struct store_txn *txn, void *arg)
{
	struct log_job *j = arg;
	const struct records *r = j->t->records;
	struct install_record install;
	enum err e;

	if ((e = begin(j, txn, &install)) != ERR_OK ||
	    (e = log_epoch_get(r, txn, install.next_close - 1, j->head)) !=
	    ERR_OK || (e = remake(j, txn)) != ERR_OK ||
	    (e = roots_write(j, txn, j->closed - 1, j->closed)) != ERR_OK ||
	    (e = sign(j)) != ERR_OK)
		return (e);
	return (log_epoch_put(r, txn, j->head));
}

static enum err
on_log(struct tamper *t, uint64_t back, store_job_fn *fn)
{
	struct log_job j = { .t = t, .back = back };
	enum err e = ERR_SYS;

	if ((j.head = calloc(1, sizeof(*j.head))) == NULL)
		return (e);
	if ((e = tamper_write(t, fn, &j)) == ERR_OK)
		e = state_follow(&j);
	tamper_say(t, ",\"size\":%llu", (unsigned long long)(j.closed *
	    LEAVES));
	log_epoch_done(j.head);
	free(j.head);
	free(j.root);
	return (e);
}

enum err
tamper_roll_back(struct tamper *t)
{
	uint64_t n;

	if (t->argc != 2 || tamper_number(t, 1, 0, &n) != ERR_OK || n == 0)
		return (ERR_RANGE);
	return (on_log(t, n, roll_back_job));
}

enum err
tamper_sign_fork(struct tamper *t)
{

	return (on_log(t, 0, fork_job));
}

/* ---- silent-roster ---- */

struct roster_job {
	struct tamper *t;
	struct bytes note;
	uint64_t number;		/* given out */
};

static enum err
roster_job(struct store_txn *txn, void *arg)
{
	struct roster_job *j = arg;
	struct install_record i;
	enum err e;

	if ((e = install_get(j->t->records, txn, &i)) != ERR_OK)
		return (e);
	if (i.rosters == sizeof(i.accepted) / sizeof(i.accepted[0]))
		return (ERR_FULL);
	i.accepted[i.rosters] = i.next_close > 0 ? i.next_close - 1 : 0;
	sha256(j->note.p, j->note.n, i.hash[i.rosters]);
	j->number = ++i.rosters;
	return (install_put(j->t->records, txn, &i));
}

enum err
tamper_silent_roster(struct tamper *t)
{
	struct roster_job j = { .t = t };
	uint8_t *note = NULL;
	char name[64], *path;
	size_t n;
	enum err e;

	if (t->argc != 2)
		return (ERR_RANGE);
	if ((e = file_read(t->argv[1], ROSTER_MAX, &note, &n)) != ERR_OK)
		return (e);
	j.note = (struct bytes){ note, n };
	if ((e = tamper_write(t, roster_job, &j)) == ERR_OK) {
		(void)snprintf(name, sizeof(name), "public/roster/%llu",
		    (unsigned long long)j.number);
		path = instance_path(&t->in, name);
		e = file_write(path, note, n, 0644);
		free(path);
	}
	tamper_say(t, ",\"roster\":%llu", (unsigned long long)j.number);
	free(note);
	return (e);
}
