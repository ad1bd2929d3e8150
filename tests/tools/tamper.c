/* peluit-tamper: its table of actions, and the store's raw values. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sys.h"
#include "tamper.h"

static tamper_fn raw;

static const struct {
	const char *name;
	tamper_fn *run;
	const char *use, *help;
} actions[] = {
	{ "delete-object", tamper_delete_object, "[CASE [MESSAGE [OBJECT]]]",
	    "erase an object's blocks, the message's record stays\n"
	    "\tseen by: check (block_missing), the desk's fetch, the inventory"
	},
	{ "replace-object", tamper_replace_object,
	    "[CASE [MESSAGE [OBJECT]]] [< TEXT]",
	    "seal other bytes to the same recipients in an object's place\n"
	    "\tseen by: its event's objects line (check, desk, auditor)" },
	{ "edit-event", tamper_edit_event, "[CASE [SEQ [STATUS]]]",
	    "change an event's status, or a byte of its objects\n"
	    "\tepoch open: logged so; seen by its signature and its promise\n"
	    "\tepoch closed: only what desk and source are shown; seen by its\n"
	    "\tproof, which does not hold any more" },
	{ "swap-events", tamper_swap_events, "[CASE [SEQ SEQ]]",
	    "two events of a case change places, seq and prev made to fit\n"
	    "\tepochs open: seen only by the promises (and `report first`)\n"
	    "\tepochs closed: seen by the chain that the desk checks" },
	{ "backdate", tamper_backdate, "[CASE [SEQ [EPOCHS]]]",
	    "an event of an open epoch says that it is 8 or EPOCHS older\n"
	    "\tseen by: its epoch is not its leaf's; its promise" },
	{ "fill-for-event", tamper_fill_for_event, "[CASE [SEQ]]",
	    "an event of an open epoch is taken out of it and of its case, so\n"
	    "\tthat a decoy fills its leaf; the last event without SEQ\n"
	    "\tseen by: its promise; a gap in seq if others follow" },
	{ "forge-action", tamper_forge_action, "[CASE [STATUS [own|custody]]]",
	    "log a status that no desk gave, REVIEW without STATUS: under a\n"
	    "\tdesk's key with a signature of no key; with `own` under a key of\n"
	    "\tour own, signed well; with `custody` a demo's custodian opens\n"
	    "\tan identity that nobody consented to, signed by the true key\n"
	    "\tseen by: the signature; with `own`: no such key in the roster;\n"
	    "\twith `custody`: no consent before it (auditor)" },
	{ "roll-back", tamper_roll_back, "N",
	    "forget the last N closed epochs, the signer too; `serve` closes\n"
	    "\tthem again with nothing but decoys\n"
	    "\tseen by: a checkpoint or proof that somebody kept" },
	{ "sign-fork", tamper_sign_fork, "",
	    "put decoys in the place of the last closed epoch's leaves and\n"
	    "\tsign the tree anew; all that is served fits together\n"
	    "\tseen by: another checkpoint of that size; proofs; promises" },
	{ "drop-promise", tamper_drop_promise, "[EPOCH LEAF]",
	    "the signer forgets what it promised for open epochs: one leaf\n"
	    "\t(0..255 of its epoch) or all\n"
	    "\tseen by: a promise that somebody kept, if it is then not kept" },
	{ "silent-roster", tamper_silent_roster, "FILE",
	    "put a signed roster in force that no `keys` event announces\n"
	    "\tseen by: recipients that were never announced; no proof" },
	{ "raw", raw, "get|put|del DB KEY | list DB",
	    "a record by its 64-hex key: opened to stdout, sealed from stdin,\n"
	    "\tdeleted; the keys of a database.  Blocks are given as they are" },
};
#define ACTIONS	(sizeof(actions) / sizeof(actions[0]))

const char *
tamper_arg(const struct tamper *t, int i, const char *otherwise)
{

	return (i < t->argc ? t->argv[i] : otherwise);
}

enum err
tamper_number(const struct tamper *t, int i, uint64_t otherwise,
    uint64_t *out)
{
	char *end;

	*out = otherwise;
	if (i >= t->argc)
		return (ERR_OK);
	errno = 0;
	*out = strtoull(t->argv[i], &end, 10);
	return (errno == 0 && *end == '\0' && end != t->argv[i] ? ERR_OK :
	    ERR_RANGE);
}

void
tamper_say(struct tamper *t, const char *fmt, ...)
{
	size_t n = strlen(t->said);
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(t->said + n, sizeof(t->said) - n, fmt, ap);
	va_end(ap);
}

enum err
tamper_write(struct tamper *t, store_job_fn *fn, void *arg)
{

	return (store_write(t->store, STORE_LAST, fn, arg));
}

/* ---- which case ---- */

struct search {
	const struct tamper *t;
	const char *word;
	size_t found;
	struct place at;
};

static enum err
look(void *arg, const uint8_t *key, struct bytes value)
{
	struct search *s = arg;
	struct case_record c;
	struct buf b;
	enum err e;

	memset(&c, 0, sizeof(c));
	buf_init(&b, RECORD_MAX);
	e = record_open_at(s->t->records, DB_CASES, key, value, &b);
	if (e == ERR_OK)
		e = case_decode((struct bytes){ b.data, b.len }, &c);
	if (e == ERR_OK && (strcmp(s->word, "-") == 0 ||
	    case_name_match(c.id, s->word))) {
		s->found++;
		memcpy(s->at.key, key, STORE_KEY_LEN);
	}
	case_done(&c);
	buf_done(&b);
	return (e);
}

enum err
tamper_case(struct tamper *t, struct store_txn *txn, const char *word,
    struct case_record *out)
{
	struct search s = { .t = t, .word = word };
	char hex[HEX_LEN(ID_LEN) + 1];
	enum err e;

	memset(out, 0, sizeof(*out));
	if ((e = store_each(txn, DB_CASES, look, &s)) != ERR_OK)
		return (e);
	if (s.found != 1)
		return (s.found == 0 ? ERR_NOTFOUND : ERR_CONFLICT);
	if ((e = case_get(t->records, txn, &s.at, out)) != ERR_OK)
		return (e);
	t->said[0] = '\0';		/* a job may be run twice */
	hex_encode(out->id, ID_LEN, hex);
	tamper_say(t, ",\"case\":\"%s\"", hex);
	return (ERR_OK);
}

/* ---- raw ---- */

struct raw {
	struct tamper *t;
	enum store_db db;
	uint8_t key[STORE_KEY_LEN];
	struct buf text;
};

static enum err
raw_get(struct store_txn *txn, void *arg)
{
	struct raw *r = arg;
	struct place at;
	struct bytes v;
	enum err e;

	memcpy(at.key, r->key, STORE_KEY_LEN);
	buf_reset(&r->text);
	if (r->db != DB_BLOCKS)
		return (record_get(r->t->records, txn, r->db, &at, &r->text));
	if ((e = store_get(txn, r->db, at.key, &v)) == ERR_OK)
		buf_put(&r->text, v.p, v.n);
	return (e);
}

static enum err
raw_put(struct store_txn *txn, void *arg)
{
	struct raw *r = arg;
	struct sealed *block = NULL;
	struct place at;
	enum err e;

	memcpy(at.key, r->key, STORE_KEY_LEN);
	if (r->db != DB_BLOCKS)
		return (record_put(r->t->records, txn, r->db, &at, &r->text));
	if ((e = sealed_block_of(r->text.data, r->text.len, &block)) == ERR_OK)
		e = store_put(txn, r->db, at.key, block);
	sealed_free(block);
	return (e);
}

static enum err
raw_del(struct store_txn *txn, void *arg)
{
	struct raw *r = arg;

	return (store_del(txn, r->db, r->key));
}

static enum err
print_key(void *arg, const uint8_t *key, struct bytes value)
{
	char hex[HEX_LEN(STORE_KEY_LEN) + 1];

	(void)arg;
	hex_encode(key, STORE_KEY_LEN, hex);
	(void)printf("%s %zu\n", hex, value.n);
	return (ERR_OK);
}

static enum err
raw_list(struct store_txn *txn, void *arg)
{
	struct raw *r = arg;

	return (store_each(txn, r->db, print_key, NULL));
}

static enum err
raw(struct tamper *t)
{
	const char *what = tamper_arg(t, 1, ""), *db = tamper_arg(t, 2, "");
	const char *key = tamper_arg(t, 3, "");
	struct raw r = { .t = t };
	enum err e;

	while (r.db < STORE_DBS && strcmp(store_db_name(r.db), db) != 0)
		r.db++;
	if (r.db == STORE_DBS)
		return (ERR_RANGE);
	if (strcmp(what, "list") == 0)
		return (tamper_write(t, raw_list, &r));
	if (hex_decode((struct bytes){ key, strlen(key) }, r.key,
	    STORE_KEY_LEN) != ERR_OK)
		return (ERR_RANGE);
	buf_init(&r.text, RECORD_MAX);
	e = ERR_RANGE;
	if (strcmp(what, "del") == 0) {
		e = tamper_write(t, raw_del, &r);
	} else if (strcmp(what, "get") == 0) {
		if ((e = tamper_write(t, raw_get, &r)) == ERR_OK &&
		    fwrite(r.text.data, 1, r.text.len, stdout) != r.text.len)
			e = ERR_SYS;
	} else if (strcmp(what, "put") == 0) {
		uint8_t *data = NULL;
		size_t n;

		if ((e = fd_read(0, RECORD_MAX, &data, &n)) == ERR_OK) {
			buf_put(&r.text, data, n);
			e = tamper_write(t, raw_put, &r);
		}
		free(data);
	}
	buf_done(&r.text);
	return (e);
}

/* ---- the program ---- */

static int
usage(void)
{

	(void)printf("usage: peluit-tamper [--keep-promise] DIR ACTION ...\n"
	    "\nFor tests: what an attacker with a stopped server's disk and "
	    "keys can do.\nCASE is its name, four letters, its hex, or - for "
	    "the only one.  What changes\na promised leaf makes the signer "
	    "forget that promise, else it would not sign\nthe epoch; "
	    "--keep-promise leaves the signer alone.\n\n");
	for (size_t i = 0; i < ACTIONS; i++)
		(void)printf("%s %s\n\t%s\n", actions[i].name, actions[i].use,
		    actions[i].help);
	return (EXIT_USE);
}

static enum err
start(struct tamper *t, const char *dir)
{
	struct store_options so = { .read_only = false };
	char *path;
	enum err e;

	e = instance_open(dir, 1u << SECRET_AT_REST | 1u << SECRET_LOG,
	    &t->in);
	if (e != ERR_OK) {
		diag("%s", t->in.why);
		return (e);
	}
	path = instance_path(&t->in, "store");
	if ((e = records_new(t->in.secret[SECRET_AT_REST], &t->records)) ==
	    ERR_OK)
		e = store_open(path, &so, &t->store);
	if (e != ERR_OK)
		diag("%s: %s", path, store_why(e));
	free(path);
	return (e);
}

static int
run(struct tamper *t, size_t i)
{
	enum err e = actions[i].run(t);

	if (e == ERR_RANGE)
		diag("usage: peluit-tamper DIR %s %s", actions[i].name,
		    actions[i].use);
	else if (e != ERR_OK)
		diag("%s: %s", actions[i].name, err_text(e));
	else if (actions[i].run != raw)
		(void)printf("{\"done\":\"%s\"%s}\n", actions[i].name,
		    t->said);
	return (e == ERR_OK ? EXIT_DONE : e == ERR_RANGE ? EXIT_USE :
	    EXIT_REFUSED);
}

int
main(int argc, char **argv)
{
	struct tamper t = { .argc = 0 };
	int rc = EXIT_REFUSED;
	size_t i;

	diag_name("peluit-tamper");
	if (argc > 1 && strcmp(argv[1], "--keep-promise") == 0) {
		t.keep_promise = true;
		argv++;
		argc--;
	}
	if (argc < 3 || crypto_init() != ERR_OK)
		return (usage());
	for (i = 0; i < ACTIONS; i++) {
		if (strcmp(actions[i].name, argv[2]) == 0)
			break;
	}
	if (i == ACTIONS)
		return (usage());
	t.argc = argc - 2;
	t.argv = argv + 2;
	if (start(&t, argv[1]) == ERR_OK)
		rc = run(&t, i);
	if (t.store != NULL)
		store_close(t.store);
	records_free(t.records);
	instance_close(&t.in);
	return (rc);
}
