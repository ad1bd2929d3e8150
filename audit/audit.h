#ifndef AUDIT_H
#define AUDIT_H
/*
 * What all commands of the auditor share: the options before the command, the
 * log that is followed, and the one way to give findings and failures.
 */
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "audit_words.h"
#include "checkpoint.h"
#include "finding.h"
#include "keyfile.h"
#include "secret.h"
#include "sys.h"

/* Exit status: all is well, a rule is broken, wrong use, not reached. */
enum audit_exit { AUDIT_WELL, AUDIT_BROKEN, AUDIT_USAGE, AUDIT_UNREAD };

#define AUDIT_PASS_MAX	1024
#define AUDIT_OUT_MAX	(64u * 1024 * 1024)
#define AUDIT_KEYS	8	/* roster keys */
#define AUDIT_NUMBER	24	/* bytes of a number as text */
#define AUDIT_DATE	16	/* "2026-11-21" */

/* log.conf: the log that this home follows. */
struct audit_log {
	char url[256], api[256];	/* api: "" if none */
	struct vkey log, roster_key[AUDIT_KEYS];
	size_t roster_keys;
};

struct audit {
	/* from the command line */
	const char *home, *clock_file, *socks, *passphrase_file;
	enum audit_lang lang;
	bool json;
	bool once_printed;		/* a line of watch stands on stdout */

	/* what the command has to say */
	struct buf out;
	json_t *result;
	json_t *failure;		/* {"code","text"} of 2 and 3, or NULL */
	struct findings findings;

	/* the home, once open */
	char *home_made;
	int lock;
	struct audit_log log;
	struct clock *clock;
	struct secret *pass;
	uint64_t epoch0, epoch_seconds;	/* once roster 1 is read; else 0 */
};

/* audit_main(argc, argv): the program.  Returns its exit status. */
int audit_main(int argc, char **argv);
/* audit_init, audit_run, audit_print, audit_done: its parts, for tests. */
void audit_init(struct audit *a);
enum audit_exit audit_run(struct audit *a, int argc, char **argv);
enum audit_exit audit_print(struct audit *a, enum audit_exit x);
void audit_done(struct audit *a);

/*
 * audit_fail(a, x, w, one, two): remember why the command cannot be done;
 * returns ${x}.  audit_err: AUDIT_UNREAD, {2} is the meaning of ${e}.
 */
enum audit_exit audit_fail(struct audit *a, enum audit_exit x,
    enum audit_word w, const char *one, const char *two);
enum audit_exit audit_err(struct audit *a, enum err e, enum audit_word w,
    const char *one);
/* audit_say(a, w, one, two): a sentence for people. */
void audit_say(struct audit *a, enum audit_word w, const char *one,
    const char *two);
/* audit_set(a, key, v): steals ${v} into the answer for programs. */
void audit_set(struct audit *a, const char *key, json_t *v);
/* audit_find(a, code, detail): a finding about no epoch and no leaf. */
void audit_find(struct audit *a, enum finding_code code, const char *detail);
void audit_find_epoch(struct audit *a, enum finding_code code,
    uint64_t epoch, const char *detail);
/* audit_verdict(a): AUDIT_BROKEN if a rule is, with the findings told. */
enum audit_exit audit_verdict(struct audit *a);
/* audit_finding_json(a, f): one finding for programs; a fresh object. */
json_t *audit_finding_json(const struct audit *a, const struct finding *f);
/* audit_finding_line(a, f, out): one finding for people. */
void audit_finding_line(const struct audit *a, const struct finding *f,
    struct buf *out);
/* audit_number(v, out): in decimal, for a sentence. */
void audit_number(uint64_t v, char out[static AUDIT_NUMBER]);
/* audit_date(a, epoch, out): the day on which an epoch began, in WIB. */
void audit_date(const struct audit *a, uint64_t epoch,
    char out[static AUDIT_DATE]);

struct audit_option {
	const char *name;
	const char **value;		/* takes a value, given once */
	bool *flag;			/* takes none */
};
struct audit_command {
	const char *name, *usage;
	int min, max;
	enum audit_exit (*run)(struct audit *a, const struct audit_command *c,
	    int argc, char **argv);
	const char *help[AUDIT_LANGS];
};
/* audit_args: fills options, moves arguments to the front of ${argv}. */
enum audit_exit audit_args(struct audit *a, const struct audit_command *c,
    const struct audit_option *spec, int *argc, char **argv);

typedef enum audit_exit audit_run_fn(struct audit *a,
    const struct audit_command *c, int argc, char **argv);
audit_run_fn audit_cmd_init, audit_cmd_check, audit_cmd_full,
    audit_cmd_report, audit_cmd_proof, audit_cmd_watch;

#endif
