/*
 * full: every epoch's disclosure opened and given to the chain, one at a
 * time, then the inventory.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "audit_full.h"
#include "audit_home.h"
#include "disclose.h"
#include "js.h"

#define PAGES_MAX	100000

struct full {
	struct audit *a;
	struct reach reach;
	struct checked k;
	struct chain *chain;
	struct age_identity ids[HOME_IDENTITIES];
	size_t n_ids;
	const char *identity;		/* its file */
	struct chain_leaf *leaf;
	struct buf sealed, plain;
};

/* Whether one of our identities is an auditor's of a roster of then. */
static bool
entitled(const struct full *f, uint64_t epoch)
{
	struct age_recipient mine;
	const struct chain_roster *cr;
	const struct roster *r;
	size_t i, k;

	for (i = 0; i < f->n_ids; i++) {
		age_identity_recipient(&f->ids[i], &mine);
		for (cr = f->chain->roster; cr < f->chain->roster +
		    f->chain->rosters; cr++) {
			r = cr->roster;
			if (cr != f->chain->roster && (!cr->announced ||
			    cr->accepted >= epoch))
				continue;
			if (r->has_archive && memcmp(mine.point,
			    r->archive.point, sizeof(mine.point)) == 0)
				return true;
			for (k = 0; k < r->desks; k++)
				if (r->desk[k].role == ROLE_AUDITOR &&
				    memcmp(mine.point, r->desk[k].age.point,
				    sizeof(mine.point)) == 0)
					return true;
		}
	}
	return false;
}

/* Whether any of the openings fits its leaf. */
static bool
any_fits(const struct full *f)
{
	const struct chain_leaf *l;
	uint8_t commitment[COMMITMENT_LEN];

	for (l = f->leaf; l < f->leaf + CHAIN_WIDTH; l++) {
		if (!l->opened)
			continue;
		commitment_of(l->open.nonce, (struct bytes){ l->open.event,
		    l->open.len }, commitment);
		if (memcmp(commitment, l->entry, COMMITMENT_LEN) == 0)
			return true;
	}
	return false;
}

/* Tries to open what stands in f->sealed, for the leaves in f->leaf. */
static enum err
open_sealed(struct full *f)
{
	enum err e;

	buf_reset(&f->plain);
	e = age_open_file((struct bytes){ f->sealed.data, f->sealed.len },
	    f->ids, f->n_ids, &f->plain);
	if (e == ERR_OK)
		e = disclose_split((struct bytes){ f->plain.data,
		    f->plain.len }, f->leaf);
	/* That of another epoch: one finding, not 256. */
	return e == ERR_OK && !any_fits(f) ? ERR_FORMAT : e;
}

static enum err
bring(struct full *f, uint64_t epoch, bool fresh, bool *there)
{
	enum err e = disclose_fetch(&f->reach, epoch, fresh, &f->sealed);

	*there = e == ERR_OK;
	return *there ? open_sealed(f) : e;
}

/* *opened: f->leaf holds the epoch's openings; a finding says why not. */
static enum audit_exit
disclosure(struct full *f, uint64_t epoch, bool *opened)
{
	enum audit_exit x;
	bool there;
	enum err e;

	*opened = false;
	e = bring(f, epoch, false, &there);
	if (there && e != ERR_OK && e != ERR_SYS)
		/* The cache may be what is damaged. */
		e = bring(f, epoch, true, &there);
	/* Only an answer can be the office's fault. */
	if (!there && !reach_answered(e))
		return reach_fail(&f->reach, e, "/disclosure");
	if (e == ERR_OK) {
		x = disclose_keep(&f->reach, epoch, (struct bytes){
		    f->sealed.data, f->sealed.len });
		*opened = x == AUDIT_WELL;
		return x;
	}
	switch ((int)e) {
	case ERR_NOTFOUND:
		audit_find_epoch(f->a, F_DISCLOSURE_MISSING, epoch, "");
		return AUDIT_WELL;
	case ERR_NOMATCH:
		audit_find_epoch(f->a, entitled(f, epoch) ?
		    F_DISCLOSURE_SEALED : F_DISCLOSURE_NOT_YOURS, epoch, "");
		return AUDIT_WELL;
	case ERR_FORMAT:
	case ERR_VERSION:
	case ERR_RANGE:
	case ERR_MAC:
	case ERR_PAYLOAD:
		audit_find_epoch(f->a, F_DISCLOSURE_DAMAGED, epoch, "");
		return AUDIT_WELL;
	default:
		return reach_fail(&f->reach, e, "/disclosure");
	}
}

static enum audit_exit
one_epoch(struct full *f, uint64_t tile)
{
	uint8_t (*entry)[SHA256_LEN] = calloc(TILE_WIDTH, SHA256_LEN);
	uint64_t epoch = f->chain->epoch0 + tile;
	enum audit_exit x;
	bool opened = false;
	size_t i;
	enum err e;

	if (entry == NULL)
		return audit_err(f->a, ERR_SYS, A_MACHINE, "memory");
	e = reach_entries(&f->reach, tile, false, entry);
	if (e != ERR_OK) {
		x = reach_fail(&f->reach, e, "/tile/entries");
		goto out;
	}
	for (i = 0; i < CHAIN_WIDTH; i++)
		memcpy(f->leaf[i].entry, entry[i], SHA256_LEN);
	if ((x = disclosure(f, epoch, &opened)) != AUDIT_WELL)
		goto out;
	e = chain_epoch(f->chain, epoch, opened ? f->leaf : NULL);
	if (e != ERR_OK)
		x = audit_err(f->a, e, A_MACHINE, "memory");
out:
	free(entry);
	return x;
}

/* What the chain must know before its first epoch. */
static enum audit_exit
prepare(struct full *f)
{
	uint64_t *leaf;
	struct served *s;
	size_t n = 0;
	enum err e;

	e = chain_new(f->a->log.log.name, &f->a->findings, &f->chain);
	for (s = f->k.rosters.item; e == ERR_OK &&
	    s < f->k.rosters.item + f->k.rosters.n; s++) {
		e = chain_roster(f->chain, s->roster, s->hash, s->is_new);
		s->roster = NULL;	/* transferred */
	}
	if ((leaf = calloc(LOSS_LEAVES, sizeof(*leaf))) == NULL)
		e = ERR_SYS;
	for (s = f->k.losses.item; e == ERR_OK &&
	    s < f->k.losses.item + f->k.losses.n; s++) {
		if (loss_text_decode((struct bytes){ s->text, s->len },
		    f->a->log.log.name, leaf, LOSS_LEAVES, &n) != ERR_OK) {
			audit_find(f->a, F_LOSS_PROOF, "");
			continue;
		}
		e = chain_loss(f->chain, leaf, n, s->hash);
	}
	free(leaf);
	if (e == ERR_OK) {
		f->chain->counts = seen_counts;
		f->chain->counts_arg = &f->k.head.seen;
		f->k.head.seen.epoch0 = f->a->epoch0;
		f->k.head.seen.epoch_seconds = f->a->epoch_seconds;
	}
	return e == ERR_OK ? AUDIT_WELL : audit_err(f->a, e, A_MACHINE,
	    "memory");
}

/* One page; *after: where the next begins, "" if there is none. */
static enum err
inventory_page(struct full *f, struct bytes body,
    char after[static HEX_LEN(SHA256_LEN) + 1])
{
	struct api_inventory page;
	enum err e;

	after[0] = '\0';
	if ((e = api_inventory_decode(body, &page)) != ERR_OK)
		return e;
	for (size_t i = 0; i < page.commitments; i++)
		chain_inventory(f->chain, page.commitment[i]);
	if (page.more)
		hex_encode(page.after, sizeof(page.after), after);
	api_inventory_done(&page);
	return ERR_OK;
}

static enum audit_exit
inventory(struct full *f)
{
	const char *path = "/v1/audit/inventory";
	struct secret *seed = NULL;
	struct client *client = NULL;
	struct client_answer answer;
	struct office office;
	enum audit_exit x;
	char after[HEX_LEN(SHA256_LEN) + 1] = "", query[sizeof(after) + 8];
	size_t page;
	enum err e;

	client_answer_init(&answer);
	if ((x = audit_account(f->a, &office, &seed)) != AUDIT_WELL)
		goto out;
	if (seed == NULL) {
		audit_find(f->a, F_INVENTORY_SKIPPED, "");
		goto out;
	}
	e = client_new(&office, seed, f->a->clock, f->a->socks, &client);
	if (e != ERR_OK) {
		x = audit_err(f->a, e, A_MACHINE, "curl");
		goto out;
	}
	f->chain->inventory = true;
	for (page = 0; page < PAGES_MAX; page++) {
		(void)snprintf(query, sizeof(query), after[0] == '\0' ? "?" :
		    "?after=%s", after);
		e = client_get(client, path, query, &answer);
		if (e == ERR_OK)
			e = inventory_page(f, (struct bytes){
			    answer.body.data, answer.body.len }, after);
		if (e != ERR_OK) {
			x = audit_fail(f->a, AUDIT_UNREAD, A_API_REFUSED,
			    path, client_why(client));
			break;
		}
		if (after[0] == '\0')
			break;
	}
out:
	client_answer_done(&answer);
	client_free(client);
	secret_free(seed);
	return x;
}

static void
watched(struct full *f)
{
	uint64_t i, n = 0, late = 0;
	char detail[FINDING_DETAIL_MAX];

	for (i = f->chain->epoch0; i < f->chain->next; i++) {
		if (!seen_watched(&f->k.head.seen, i))
			n++;
		else if (seen_counts(&f->k.head.seen, i) != i && late++ == 0)
			audit_find_epoch(f->a, F_CHECKPOINT_LATE, i, "");
	}
	(void)snprintf(detail, sizeof(detail), "%llu / %llu",
	    (unsigned long long)n, (unsigned long long)f->k.head.tiles);
	if (n > 0)
		audit_find(f->a, F_EPOCH_UNWATCHED, detail);
}

static enum audit_exit
run(struct full *f)
{
	enum audit_exit x;
	uint64_t i;

	if ((x = prepare(f)) != AUDIT_WELL)
		return x;
	for (i = 0; i < f->k.head.tiles && x == AUDIT_WELL; i++) {
		progress_show("full", i, f->k.head.tiles);
		x = one_epoch(f, i);
	}
	progress_end();
	/* An audit that opened nothing must not look like one that passed. */
	if (x == AUDIT_WELL && f->k.head.tiles > 0 &&
	    f->chain->blind_epochs == f->k.head.tiles &&
	    findings_broken(&f->a->findings) == 0)
		x = audit_err(f->a, ERR_NOMATCH, A_IDENTITY_BAD, f->identity);
	if (x == AUDIT_WELL)
		x = inventory(f);
	if (x != AUDIT_WELL)
		return x;
	chain_end(f->chain);
	watched(f);
	full_result(f->a, f->chain, &f->k.head.seen);
	return AUDIT_WELL;
}

/* The result is the auditor's own: mode 0600, in the auditor's home. */
static enum audit_exit
keep_result(struct audit *a, enum audit_exit verdict)
{
	enum audit_exit x;
	struct buf text;
	enum err e;

	if (verdict == AUDIT_UNREAD)
		return verdict;		/* the last whole one stays */
	audit_set(a, "ok", json_boolean(verdict == AUDIT_WELL));
	buf_init(&text, AUDIT_OUT_MAX);
	e = js_print(a->result, JSON_INDENT(1) | JSON_ENSURE_ASCII, &text);
	x = e != ERR_OK ? audit_err(a, e, A_MACHINE, "memory") :
	    audit_home_put(a, HOME_RESULT, text.data, text.len);
	buf_done(&text);
	return x == AUDIT_WELL ? verdict : x;
}

enum audit_exit
audit_full(struct audit *a, const char *identity, bool *whole)
{
	struct full f;
	enum audit_exit x;
	char *own = NULL;

	*whole = false;
	memset(&f, 0, sizeof(f));
	f.a = a;
	buf_init(&f.sealed, 1024 * 1024);
	buf_init(&f.plain, DISCLOSURE_BYTES);
	if (identity == NULL)
		identity = own = audit_home_path(a, "identity.age");
	f.identity = identity;
	x = audit_identity(a, identity, f.ids, &f.n_ids);
	if (x == AUDIT_WELL && (f.leaf = calloc(CHAIN_WIDTH,
	    sizeof(*f.leaf))) == NULL)
		x = audit_err(a, ERR_SYS, A_MACHINE, "memory");
	if (x == AUDIT_WELL)
		x = reach_open(a, &f.reach);
	if (x == AUDIT_WELL && (x = audit_check(&f.reach, &f.k)) ==
	    AUDIT_WELL) {
		audit_check_say(a, &f.k);
		if (f.k.good)
			x = run(&f);
	}
	if (x == AUDIT_WELL && f.chain != NULL) {
		x = keep_result(a, audit_verdict(a));
		*whole = x == AUDIT_WELL || x == AUDIT_BROKEN;
	} else if (x == AUDIT_WELL || (x == AUDIT_UNREAD &&
	    findings_broken(&a->findings) > 0)) {
		x = audit_verdict(a);
	}
	audit_check_done(&f.k);
	reach_close(&f.reach);
	chain_free(f.chain);
	wipe(f.ids, sizeof(f.ids));
	free(f.leaf);
	free(own);
	buf_done(&f.sealed);
	buf_done(&f.plain);
	return x;
}

enum audit_exit
audit_cmd_full(struct audit *a, const struct audit_command *c, int argc,
    char **argv)
{
	const char *identity = NULL;
	const struct audit_option spec[] = {
		{ "--identity", &identity, NULL }, { NULL, NULL, NULL },
	};
	enum audit_exit x;
	bool whole;

	if ((x = audit_args(a, c, spec, &argc, argv)) != AUDIT_WELL ||
	    (x = audit_home_open(a)) != AUDIT_WELL)
		return x;
	return audit_full(a, identity, &whole);
}
