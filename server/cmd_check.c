/*
 * peluitd check: every record opened, every block there and whole, every
 * event signed and chained.  Runs beside a server, on a view of its own.
 */
#include <sys/wait.h>

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "intake.h"
#include "sys.h"

#define FAULTS_SHOWN	50

struct check {
	struct opened o;
	json_t *faults;			/* the first of them, if memory allows */
	uint64_t found;
	bool unread;			/* the machine refused a part of it */
	uint64_t cases, messages, objects, blocks, events;
	enum store_db db;		/* being walked */
};

/* ${e}: of ERR_SYS the store is not guilty, and is not said to be. */
static void
fault(struct check *k, enum err e, const char *code, const char *what,
    uint64_t n)
{
	char text[160];

	if (e == ERR_SYS) {
		k->unread = true;
		return;
	}
	if (k->found++ >= FAULTS_SHOWN)
		return;
	(void)snprintf(text, sizeof(text), "%s: %s (%llu)",
	    store_db_name(k->db), what, (unsigned long long)n);
	(void)json_array_append_new(k->faults, json_pack("{ss ss}", "code",
	    code, "text", text));
}

/* The digest of the stored payload, block by block. */
static void
check_object(struct check *k, const struct object_record *ob)
{
	uint8_t digest[BLAKE2B_LEN];
	uint64_t left = ob->payload;
	struct blake2b h;
	struct bytes block;
	enum err e;

	k->objects++;
	blake2b_init(&h);
	for (uint32_t n = 0; n < ob->blocks; n++) {
		struct place at = place_block(k->o.records, ob->id, n);

		if ((e = store_get(k->o.t, DB_BLOCKS, at.key, &block)) !=
		    ERR_OK) {
			fault(k, e, "block_missing", "a block is missing", n);
			return;
		}
		k->blocks++;
		if (block.n > left)
			block.n = (size_t)left;
		blake2b_update(&h, block.p, block.n);
		left -= block.n;
	}
	blake2b_final(&h, digest);
	if (left != 0 || memcmp(digest, ob->digest, sizeof(digest)) != 0)
		fault(k, ERR_MAC, "object_altered", "an object is not the one "
		    "that was sealed", ob->blocks);
}

/* What an event says of its objects must be what the message holds. */
static void
check_message(struct check *k, const struct case_record *c,
    const struct opening *o, const struct event *ev)
{
	struct message_record m;
	struct merkle_hash root;
	enum err e;

	if ((e = message_get(k->o.records, k->o.t, c->id, o->message, &m)) !=
	    ERR_OK) {
		fault(k, e, "message_missing", "a message is missing",
		    o->message);
		return;
	}
	k->messages++;
	for (size_t i = 0; i < m.objects; i++)
		check_object(k, &m.object[i]);
	/* of a deleted answer the source's header is gone by right */
	if ((m.kind != MANIFEST_REPLY || m.object[0].h.len > 0) &&
	    ((e = message_root(&m, &root)) != ERR_OK || memcmp(&root,
	    &ev->action.objects, sizeof(root)) != 0))
		fault(k, e, "objects_altered", "objects differ from the "
		    "event's", o->message);
	message_done(&m);
}

static void
check_events(struct check *k, const struct case_record *c)
{
	uint8_t prev[COMMITMENT_LEN];
	struct event *ev = calloc(1, sizeof(*ev));
	enum err e;

	if (ev == NULL) {
		k->unread = true;
		return;
	}
	for (size_t i = 0; i < c->openings; i++) {
		const struct opening *o = &c->opening[i];
		struct bytes text = { o->event, o->len };

		k->events++;
		if ((e = event_decode(text, ev)) != ERR_OK || (ev->has_sig &&
		    (e = event_verify(ev)) != ERR_OK))
			fault(k, e, "event_signature", "an event is not "
			    "signed as it must be", i);
		else if (ev->seq != i || ev->has_prev != (i > 0) || (i > 0 &&
		    memcmp(ev->prev, prev, sizeof(prev)) != 0))
			fault(k, ERR_MAC, "event_chain", "a case's events do "
			    "not follow each other", i);
		else if (o->message != NO_MESSAGE)
			check_message(k, c, o, ev);
		commitment_of(o->nonce, text, prev);
	}
	free(ev);
}

static enum err
check_record(void *arg, const uint8_t *key, struct bytes value)
{
	struct check *k = arg;
	struct case_record c;
	struct buf b;
	enum err e;

	buf_init(&b, RECORD_MAX);
	e = record_open_at(k->o.records, k->db, key, value, &b);
	if (e != ERR_OK) {
		fault(k, e, "record_damaged", "a record does not open", 0);
	} else if (k->db == DB_CASES) {
		k->cases++;
		if ((e = case_decode((struct bytes){ b.data, b.len }, &c)) ==
		    ERR_OK)
			check_events(k, &c);
		else
			fault(k, e, "record_damaged", "not a case", k->cases);
		case_done(&c);
	}
	buf_done(&b);
	return (ERR_OK);
}

static json_t *
check_all(struct check *k)
{
	enum err e = ERR_OK;

	k->faults = json_array();
	for (int db = 0; db < STORE_DBS && e == ERR_OK; db++) {
		k->db = (enum store_db)db;
		if (k->db != DB_BLOCKS)
			e = store_each(k->o.t, k->db, check_record, k);
	}
	if (e != ERR_OK)
		fault(k, e, "store_damaged", store_why(e), 0);
	k->db = DB_CASES;
	if (k->cases != k->o.install.cases)
		fault(k, ERR_NOTFOUND, "cases_missing", "another number of "
		    "cases than was taken", k->cases);
	return (json_pack("{sb sI sI sI sI sI sO}", "ok",
	    k->found == 0, "cases", (json_int_t)k->cases,
	    "messages", (json_int_t)k->messages, "objects",
	    (json_int_t)k->objects, "blocks", (json_int_t)k->blocks,
	    "events", (json_int_t)k->events, "faults", k->faults));
}

static void
print_check(const struct check *k)
{
	json_t *f;
	size_t i;

	(void)printf("%llu cases, %llu messages, %llu objects, %llu blocks, "
	    "%llu events\n", (unsigned long long)k->cases,
	    (unsigned long long)k->messages, (unsigned long long)k->objects,
	    (unsigned long long)k->blocks, (unsigned long long)k->events);
	json_array_foreach(k->faults, i, f)
		(void)printf("%s  %s\n",
		    json_string_value(json_object_get(f, "code")),
		    json_string_value(json_object_get(f, "text")));
	(void)printf(k->found == 0 ? "all is well\n" :
	    "restore the newest backup\n");
}

static int
check(const char *dir, bool json)
{
	struct check *k = calloc(1, sizeof(*k));
	json_t *result;
	int rc;

	if (k == NULL)
		return (cmd_no_memory());
	if ((rc = cmd_open(dir, &k->o)) == EXIT_DONE) {
		result = check_all(k);
		if (k->found > 0)
			rc = EXIT_NO;
		if (k->unread || memory_err() != ERR_OK)
			rc = cmd_no_memory();
		else if (!json)
			print_check(k);
		else if (cmd_print_json(json_incref(result)) != EXIT_DONE)
			rc = EXIT_REFUSED;
		json_decref(result);
		json_decref(k->faults);
	}
	cmd_close(&k->o);
	free(k);
	return (cmd_end(rc));
}

/*
 * In a child: LMDB trusts its pages, and one that is damaged in the wrong
 * place ends the process that reads it.  That is an answer too.
 */
int
cmd_check(int argc, char **argv)
{
	bool json;
	const char *dir = cmd_args(argc, argv, &json);
	pid_t pid;
	int how;

	if (dir == NULL)
		return (EXIT_USE);
	if ((pid = fork()) == 0)
		_exit(check(dir, json));
	if (pid < 0 || waitpid(pid, &how, 0) != pid) {
		diag("check: %s", strerror(errno));
		return (EXIT_REFUSED);
	}
	if (WIFEXITED(how))
		return (WEXITSTATUS(how));
	if (json)
		(void)printf("{\"ok\":false,\"faults\":[{\"code\":"
		    "\"store_damaged\",\"text\":\"reading it fails\"}]}\n");
	diag("check: the store is damaged: reading it fails; restore the "
	    "newest backup");
	return (EXIT_NO);
}
