#ifndef CMD_H
#define CMD_H
/*
 * The commands of peluitd.  Each gets its own arguments (argv[0] is its
 * name) and returns the exit status: 0 done, 1 the answer is no, 2 wrong use,
 * 3 the machine refused.
 */
#include "instance.h"
#include "records.h"
#include "store.h"

enum exit_status { EXIT_DONE, EXIT_NO, EXIT_USE, EXIT_REFUSED };

int cmd_init(int argc, char **argv);
int cmd_serve(int argc, char **argv);
int cmd_check(int argc, char **argv);
int cmd_backup(int argc, char **argv);
int cmd_status(int argc, char **argv);
int cmd_keys(int argc, char **argv);
int cmd_roster(int argc, char **argv);
int cmd_office(int argc, char **argv);
int cmd_mirror(int argc, char **argv);
int cmd_confirm(int argc, char **argv);
int cmd_poster(int argc, char **argv);
int cmd_landing(int argc, char **argv);
int cmd_restore(int argc, char **argv);
int cmd_faults(int argc, char **argv);

/*
 * What the commands beside a running server need: the instance and its store,
 * read only.  cmd_open says on stderr what is wrong.
 */
struct opened {
	struct instance in;
	struct records *records;
	struct store *store;
	struct store_txn *t;
	struct install_record install;
};
int cmd_open(const char *dir, struct opened *out);	/* an exit status */
void cmd_close(struct opened *o);
/* cmd_args(argc, argv, json): one DIR and perhaps --json; NULL: wrong use. */
const char *cmd_args(int argc, char **argv, bool *json);
/* cmd_no_memory(): says so; the exit status. */
int cmd_no_memory(void);
/* cmd_print_json(o): ${o}, taken over, to stdout; NULL: no memory for it. */
int cmd_print_json(json_t *o);
/*
 * cmd_end(rc): ${rc}, or what it is when stdout did not take all of it, or
 * memory_refused(): the exit status of a command that prints.
 */
int cmd_end(int rc);
/* store_why(e): what an error of store_open means, for a person. */
const char *store_why(enum err e);
/* keys_of(in): what `peluitd keys --json` says; NULL without memory. */
json_t *keys_of(const struct instance *in);
/* office_of(in, label, url, out): the office file of a desk or auditor. */
enum err office_of(const struct instance *in, const char *label,
    const char *url, struct buf *out) MUST_USE;
/* demo_make(in, roster_seed, now): people, roster 1 and homes of a demo instance. */
enum err demo_make(struct instance *in, const uint8_t *roster_seed,
    int64_t now) MUST_USE;
/* demo_offices(in, url): write the homes' office files for ${url}. */
enum err demo_offices(const struct instance *in, const char *url) MUST_USE;

#endif
