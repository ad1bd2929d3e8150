/*
 * peluitd restore: after a backup was copied back.  The log goes on where the
 * newest checkpoint known outside stands, never behind it:
 *
 *   1. the mirror is whole: its entries give its checkpoint's root, and fit
 *      what the store and the signer know
 *   2. disclosures of epochs that the store lacks
 *   3. one transaction: those epochs; leaves that nobody here can open any
 *      more are named in public notices of loss; what was promised for open
 *      epochs keeps its leaf; the desks' numbers skip what they may have had
 *   4. the signer's state
 *
 * Done again after a crash it ends the same.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "checkpoint.h"
#include "cmd.h"
#include "fault.h"
#include "ledger.h"
#include "log_record.h"
#include "promise.h"
#include "signer_internal.h"
#include "sys.h"

#define FEED_SKIP	LOSS_LEAVES	/* more than can have been given */

struct restore {
	struct instance in;
	const char *mirror;
	struct records *records;
	struct store *store;
	struct checkpoint head;
	uint8_t *note;
	size_t note_len;
	uint64_t epoch0, epochs;	/* of the mirror */
	uint64_t from;			/* first epoch that the store lacks */
	uint8_t (*entry)[COMMITMENT_LEN];	/* of all its leaves */
	struct signer_state st;
	uint64_t *lost;			/* indexes of leaves */
	size_t losses;
};

static enum err
wrong(struct restore *v, enum err e, const char *why)
{

	(void)snprintf(v->in.why, sizeof(v->in.why), "%s: %s", v->mirror,
	    why);
	return (e);
}

/* ---- 1. the mirror ---- */

static enum err
mirror_file(const struct restore *v, const char *path, uint8_t **data,
    size_t *len)
{
	char *name = path_join(v->mirror, path + 1);
	enum err e = file_read(name, RECORD_MAX, data, len);

	free(name);
	return (e);
}

static enum err
read_head(struct restore *v)
{
	enum err e;

	e = mirror_file(v, "/checkpoint", &v->note, &v->note_len);
	if (e != ERR_OK)
		return (wrong(v, e, "its checkpoint cannot be read"));
	e = checkpoint_open((struct bytes){ v->note, v->note_len },
	    &v->in.log, &v->head);
	if (e != ERR_OK || v->head.size % LEAVES != 0 || v->head.size == 0)
		return (wrong(v, ERR_MAC,
		    "its checkpoint is not one of this log"));
	v->epochs = v->head.size / LEAVES;
	return (ERR_OK);
}

static enum err
read_entries(struct restore *v, uint64_t n)
{
	struct tile_name tn = { true, 0, n, TILE_WIDTH };
	char path[TILE_PATH_MAX];
	uint8_t *data = NULL;
	size_t len;
	enum err e;

	tile_path(&tn, path);
	if ((e = mirror_file(v, path, &data, &len)) == ERR_OK)
		e = bundle_decode((struct bytes){ data, len },
		    &v->entry[n * LEAVES], LEAVES);
	free(data);
	return (e);
}

/* The root of one epoch; what the store has of it must be the same. */
static enum err
epoch_root(struct restore *v, struct store_txn *t, uint64_t n,
    struct merkle_hash *root)
{
	struct log_epoch *mine = calloc(1, sizeof(*mine));
	struct merkle_hash leaf[LEAVES];
	enum err e;

	if (mine == NULL)
		return (ERR_SYS);
	for (size_t i = 0; i < LEAVES; i++)
		merkle_leaf(v->entry[n * LEAVES + i], COMMITMENT_LEN,
		    &leaf[i]);
	merkle_root(leaf, LEAVES, root);
	e = log_epoch_get(v->records, t, v->epoch0 + n, mine);
	if (e == ERR_OK && memcmp(&mine->root, root, sizeof(*root)) != 0)
		e = wrong(v, ERR_CONFLICT,
		    "it is another history than the store's");
	else if (e == ERR_NOTFOUND)
		e = ERR_OK;
	log_epoch_done(mine);
	free(mine);
	return (e);
}

/* All of the mirror's tree, folded into the signer's edge on the way. */
static enum err
rebuild(struct restore *v, struct store_txn *t)
{
	struct merkle_hash root;
	enum err e;

	v->entry = calloc(v->epochs * LEAVES, sizeof(*v->entry));
	if (v->entry == NULL)
		return (ERR_SYS);
	v->st.edges = 0;
	for (uint64_t n = 0; n < v->epochs; n++) {
		if (read_entries(v, n) != ERR_OK)
			return (wrong(v, ERR_NOTFOUND,
			    "an entry bundle is missing or damaged"));
		if ((e = epoch_root(v, t, n, &root)) != ERR_OK)
			return (e);
		signer_edge_add(&v->st, n, root);
	}
	signer_edge_root(&v->st, &root);
	if (memcmp(&root, &v->head.root, sizeof(root)) != 0)
		return (wrong(v, ERR_MAC,
		    "its entries do not give its checkpoint's root"));
	return (ERR_OK);
}

static enum err
look(struct restore *v)
{
	struct install_record i;
	struct store_txn *t;
	char *path = instance_path(&v->in, "signer/state");
	enum err e;

	e = signer_state_read(path, &v->st);
	free(path);
	if (e != ERR_OK && e != ERR_NOTFOUND)
		return (wrong(v, e, "the signer's state is damaged"));
	if ((e = read_head(v)) != ERR_OK)
		return (e);
	if (v->st.next > v->epoch0 + v->epochs)
		return (wrong(v, ERR_CONFLICT, "the signer has signed more "
		    "than it holds: bring a newer mirror"));
	if ((e = store_begin(v->store, &t)) != ERR_OK)
		return (e);
	if ((e = install_get(v->records, t, &i)) == ERR_OK) {
		v->from = i.next_close;
		e = i.next_close > v->epoch0 + v->epochs ? wrong(v,
		    ERR_CONFLICT, "the store has closed more epochs than it "
		    "holds: bring a newer mirror") : rebuild(v, t);
	}
	store_end(t);
	return (e);
}

/* ---- 2. disclosures ---- */

struct disclosure { struct restore *v; uint64_t epoch; struct bytes file; };

static enum err
disclosure_job(struct store_txn *t, void *arg)
{
	struct disclosure *d = arg;

	return (log_disclosure_put(d->v->records, t, d->epoch, d->file));
}

static enum err
disclosures(struct restore *v)
{
	struct disclosure d = { .v = v };
	enum err e = ERR_OK;

	for (d.epoch = v->from; d.epoch < v->epoch0 + v->epochs &&
	    e == ERR_OK; d.epoch++) {
		char path[64];
		uint8_t *data = NULL;

		(void)snprintf(path, sizeof(path), "/disclosure/%llu",
		    (unsigned long long)d.epoch);
		e = mirror_file(v, path, &data, &d.file.n);
		d.file.p = data;
		if (e == ERR_OK)
			e = store_write(v->store, STORE_LAST, disclosure_job,
			    &d);
		else if (e == ERR_NOTFOUND)	/* a demo drops old ones */
			e = ERR_OK;
		free(data);
	}
	return (e);
}

/* ---- 3. the epochs that the store lacks ---- */

static enum err
name_lost(struct restore *v, uint64_t index)
{
	uint64_t *grown = realloc(v->lost, (v->losses + 1) * sizeof(*grown));

	if (grown == NULL)
		return (ERR_SYS);
	v->lost = grown;
	grown[v->losses++] = index;
	return (ERR_OK);
}

/* Entries of the backup that really stand in the log; the rest is lost. */
static enum err
keep_known(struct restore *v, uint64_t n, struct epoch_record *ep)
{
	bool known[LEAVES] = { false };
	size_t kept = 0;
	enum err e = ERR_OK;

	for (size_t i = 0; i < ep->entries; i++) {
		uint8_t h[COMMITMENT_LEN];

		ledger_commitment(&ep->entry[i], h);
		if (ep->entry[i].len == 0 || memcmp(h, v->entry[n * LEAVES +
		    ep->entry[i].leaf], sizeof(h)) != 0)
			continue;
		known[ep->entry[i].leaf] = true;
		ep->entry[kept++] = ep->entry[i];
	}
	ep->entries = kept;
	for (size_t i = 0; i < LEAVES && e == ERR_OK; i++) {
		if (!known[i])
			e = name_lost(v, n * LEAVES + i);
	}
	return (e);
}

static enum err
import_epoch(struct restore *v, struct store_txn *t, uint64_t epoch)
{
	const struct records *r = v->records;
	struct log_epoch *le = calloc(1, sizeof(*le));
	uint64_t n = epoch - v->epoch0;
	struct place at = place_epoch(r, epoch);
	struct merkle_hash leaf[LEAVES];
	struct epoch_record ep;
	enum err e;

	memset(&ep, 0, sizeof(ep));
	if (le == NULL)
		return (ERR_SYS);
	le->epoch = epoch;
	memcpy(le->commitment, v->entry[n * LEAVES],
	    sizeof(le->commitment));
	log_leaves(le, leaf);
	merkle_root(leaf, LEAVES, &le->root);
	buf_init(&le->checkpoint, NOTE_MAX);
	if (n + 1 == v->epochs)
		buf_put(&le->checkpoint, v->note, v->note_len);
	if ((e = log_epoch_put(r, t, le)) == ERR_OK &&
	    (e = log_roots_add(r, t, n, &le->root)) == ERR_OK &&
	    (e = epoch_get(r, t, epoch, &ep)) == ERR_OK &&
	    (e = keep_known(v, n, &ep)) == ERR_OK &&
	    (e = ledger_feed(r, t, &v->in, &ep)) == ERR_OK)
		e = store_del(t, DB_EPOCHS, at.key);
	epoch_done(&ep);
	log_epoch_done(le);
	free(le);
	return (e == ERR_NOTFOUND ? ERR_OK : e);
}

/* What was promised for an open epoch keeps its leaf, opened or not. */
static enum err
keep_promise(struct restore *v, struct store_txn *t,
    const struct promised *pr)
{
	struct epoch_record ep;
	struct epoch_entry *en;
	enum err e;

	if ((e = epoch_get(v->records, t, pr->epoch, &ep)) != ERR_OK)
		return (e);
	for (size_t i = 0; i < ep.entries; i++) {
		if (ep.entry[i].leaf == pr->leaf)
			goto out;
	}
	if (ep.entries == LEAVES) {
		e = ERR_CONFLICT;
		goto out;
	}
	en = &ep.entry[ep.entries++];
	memset(en, 0, sizeof(*en));
	en->leaf = pr->leaf;
	en->class = LEAF_REST;
	en->kind = EVENT_LOSS;
	memcpy(en->nonce, pr->commitment, COMMITMENT_LEN);
	if ((e = epoch_put(v->records, t, &ep)) == ERR_OK)
		e = name_lost(v, ledger_index(v->epoch0, pr->epoch,
		    pr->leaf));
out:
	epoch_done(&ep);
	return (e);
}

static int
by_index(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x < y ? -1 : x > y);
}

/* Public notices, each with an event of its own. */
static enum err
announce(struct restore *v, struct store_txn *t, struct install_record *i)
{
	const struct records *r = v->records;
	uint64_t now = instance_epoch(&v->in, time(NULL));
	enum err e = ERR_OK;

	qsort(v->lost, v->losses, sizeof(*v->lost), by_index);
	for (size_t at = 0; at < v->losses && e == ERR_OK;
	    at += LOSS_LEAVES) {
		size_t n = v->losses - at < LOSS_LEAVES ? v->losses - at :
		    LOSS_LEAVES;
		struct action a;
		struct ledger_act act = { &a, NULL, now > i->next_close ?
		    now : i->next_close, NO_MESSAGE, false, true };
		struct ledger_taken taken;
		struct buf text;

		memset(&a, 0, sizeof(a));
		text_copy(a.origin, sizeof(a.origin), v->in.config.origin);
		a.kind = EVENT_LOSS;
		a.actor = ACTOR_SERVER;
		a.has_objects = true;
		buf_init(&text, RECORD_MAX);
		if ((e = loss_text(a.origin, v->lost + at, n, &text)) ==
		    ERR_OK) {
			sha256(text.data, text.len, a.objects.bytes);
			e = ledger_take(r, t, &act, NULL, &taken);
		}
		if (e == ERR_OK)
			e = log_loss_put(r, t, ++i->losses, (struct bytes){
			    text.data, text.len }, &taken.opening);
		buf_done(&text);
	}
	return (e);
}

static enum err
skip_numbers(struct restore *v, struct store_txn *t)
{
	const struct roster *ro = instance_roster_newest(&v->in);
	enum err e = ERR_OK;

	for (size_t i = 0; i < ro->desks && e == ERR_OK; i++) {
		struct desk_record d;

		e = desk_get(v->records, t, ro->desk[i].key, &d);
		d.given += FEED_SKIP;
		d.saved += FEED_SKIP;
		if (e == ERR_OK)
			e = desk_put(v->records, t, ro->desk[i].key, &d);
	}
	return (e);
}

static enum err
import_job(struct store_txn *t, void *arg)
{
	struct restore *v = arg;
	struct install_record i;
	enum err e;

	v->losses = 0;			/* a job may run twice */
	if ((e = install_get(v->records, t, &i)) != ERR_OK)
		return (e);
	if (v->from < v->epoch0 + v->epochs &&
	    (e = skip_numbers(v, t)) != ERR_OK)
		return (e);
	for (; i.next_close < v->epoch0 + v->epochs; i.next_close++) {
		if ((e = import_epoch(v, t, i.next_close)) != ERR_OK)
			return (e);
	}
	/* first the number: nothing may be given a leaf of these epochs */
	if ((e = install_put(v->records, t, &i)) != ERR_OK)
		return (e);
	for (size_t k = 0; k < v->st.promises; k++) {
		if (v->st.promised[k].epoch >= i.next_close &&
		    (e = keep_promise(v, t, &v->st.promised[k])) != ERR_OK)
			return (e);
	}
	if ((e = announce(v, t, &i)) != ERR_OK)
		return (e);
	return (install_put(v->records, t, &i));
}

/* ---- 4. the signer's state ---- */

static enum err
write_state(struct restore *v)
{
	struct signer_state *st = &v->st;
	char *folder = instance_path(&v->in, "signer");
	size_t n = 0;
	enum err e;

	/* a whole disk may have been lost: no backup holds this folder */
	e = dir_make(folder, 0700);
	free(folder);
	if (e != ERR_OK && e != ERR_EXISTS)
		return (e);
	st->next = v->epoch0 + v->epochs;
	for (size_t i = 0; i < st->promises; i++) {
		if (st->promised[i].epoch >= st->next)
			st->promised[n++] = st->promised[i];
	}
	st->promises = n;
	/* the store has its last close: none is asked for again */
	buf_reset(&st->last_note);
	memset(st->last_leaves, 0, sizeof(st->last_leaves));
	return (signer_state_write(st));
}

static enum err
restore(struct restore *v, const char *dir)
{
	struct store_options so = { .read_only = false };
	char *path = NULL;
	enum err e;

	e = instance_open(dir, 1u << SECRET_AT_REST, &v->in);
	if (e != ERR_OK)
		return (e);
	if (v->in.rosters == 0)
		return (wrong(v, ERR_NOTFOUND, "the instance has no roster"));
	v->epoch0 = instance_epoch0(&v->in);
	path = instance_path(&v->in, "store");
	if ((e = records_new(v->in.secret[SECRET_AT_REST], &v->records)) ==
	    ERR_OK && (e = store_open(path, &so, &v->store)) != ERR_OK)
		(void)snprintf(v->in.why, sizeof(v->in.why), "%s: %s", path,
		    store_why(e));
	free(path);
	if (e != ERR_OK ||
	    (e = fault_point("restore.1")) != ERR_OK ||
	    (e = look(v)) != ERR_OK ||
	    (e = fault_point("restore.2")) != ERR_OK ||
	    (e = disclosures(v)) != ERR_OK ||
	    (e = fault_point("restore.3")) != ERR_OK ||
	    (e = store_write(v->store, STORE_LAST, import_job, v)) != ERR_OK ||
	    (e = fault_point("restore.4")) != ERR_OK)
		return (e);
	return (write_state(v));
}

int
cmd_restore(int argc, char **argv)
{
	struct restore *v = calloc(1, sizeof(*v));
	enum err e;
	int rc = EXIT_USE;

	if (v == NULL)
		return (cmd_no_memory());
	if (argc != 4 || argv[1][0] == '-' || strcmp(argv[2], "--log") != 0) {
		diag("usage: peluitd restore DIR --log MIRROR");
		goto out;
	}
	v->mirror = argv[3];
	if ((e = restore(v, argv[1])) == ERR_OK) {
		(void)printf("the log goes on at epoch %llu; %zu leaves are "
		    "named lost in public\n",
		    (unsigned long long)(v->epoch0 + v->epochs), v->losses);
		rc = EXIT_DONE;
	} else {
		diag("restore: %s", v->in.why[0] != '\0' ? v->in.why :
		    e == ERR_SYS ? strerror(errno) : err_text(e));
		rc = EXIT_REFUSED;
	}
	if (v->store != NULL)
		store_close(v->store);
	records_free(v->records);
	signer_state_done(&v->st);
	instance_close(&v->in);
	free(v->note);
	free(v->entry);
	free(v->lost);
out:
	free(v);
	return (rc);
}
