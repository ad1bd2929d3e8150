#ifndef PELUIT_H
#define PELUIT_H
/*
 * What all commands of the desk share: the options before the command, the
 * keys of the home folder, and the one way to give a result or a failure.
 */
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "age.h"
#include "buf.h"
#include "keyfile.h"
#include "secret.h"
#include "sys.h"
#include "words.h"

/* Exit status: done, the answer is no, wrong use, the machine refused. */
enum peluit_exit { DESK_DONE, DESK_NO, DESK_USAGE, DESK_MACHINE };

#define DESK_PASS_MAX		1024
#define DESK_PASS_MIN		8
#define DESK_PATH_MAX		4096
#define DESK_OUT_MAX		(64u * 1024 * 1024)

struct desk {
	/* from the command line */
	const char *home;
	const char *passphrase_file;
	const char *clock_file;
	const char *socks;
	enum words_lang lang;
	bool json;
	unsigned work_factor;		/* of a new identity.age */

	/* what the command has to say */
	struct buf out;			/* for people; wiped */
	json_t *result;			/* for programs */
	json_t *findings;		/* [{"code","text"}], failures in order */

	/* the home, once unlocked (desk/home.c) */
	char *home_made;		/* the default home's path */
	struct clock *clock;
	struct secret *pass;
	struct secret *identity;	/* a struct age_identity */
	struct secret *seed;		/* SIGN_SEED_LEN */
	struct age_recipient recipient;
	uint8_t key[SIGN_PUBLIC_LEN];
	struct office office;
	int lock;			/* descriptor, -1 */
};

/* peluit_main(argc, argv): the program.  Returns its exit status. */
int peluit_main(int argc, char **argv);

/* peluit_init/peluit_done: a desk before its options, and after its command. */
void peluit_init(struct desk *d);
void peluit_done(struct desk *d);
/*
 * peluit_run(d, argc, argv): options and command, without the printing; what
 * was said stands in d->out, d->result and d->findings.
 */
enum peluit_exit peluit_run(struct desk *d, int argc, char **argv);
/* peluit_print(d, exit): the result on stdout, the failures on stderr. */
enum peluit_exit peluit_print(struct desk *d, enum peluit_exit x);

/*
 * peluit_fail(d, x, w, a, b): remember a failure and return ${x}.
 * peluit_err: the same, ${x} by ${e}, and {2} is the meaning of ${e}.
 */
enum peluit_exit peluit_fail(struct desk *d, enum peluit_exit x, enum word w,
    const char *a, const char *b);
enum peluit_exit peluit_err(struct desk *d, enum err e, enum word w,
    const char *a);
/* peluit_say(d, w, a, b): a sentence for people on stdout. */
void peluit_say(struct desk *d, enum word w, const char *a, const char *b);
/* peluit_set: put a value in the result for programs; steals ${v}. */
void peluit_set(struct desk *d, const char *key, json_t *v);
/* peluit_text(d, w, a, out, max): a sentence into ${out}, cut at ${max}. */
void peluit_text(const struct desk *d, enum word w, const char *a, char *out,
    size_t max);

/*
 * Options of a command.  peluit_args(d, spec, argc, argv, rest): fills what
 * ${spec} points to; ${rest}: index in argv of the first argument that is
 * no option (they are moved to the end).
 */
struct peluit_option {
	const char *name;		/* "-o" or "--save" */
	const char **value;		/* takes a value, given once */
	const char **list;		/* takes a value, may be repeated: */
	size_t list_max, *list_n;
	bool *flag;			/* takes none */
};
struct peluit_command {
	const char *name, *sub;		/* sub: NULL, or "ask", "open" ... */
	const char *usage;		/* "open CASE [--save DIR]" */
	int min, max;			/* arguments */
	enum peluit_exit (*run)(struct desk *d, const struct peluit_command *c,
	    int argc, char **argv);
	const char *help[WORDS_LANGS];
};
enum peluit_exit peluit_args(struct desk *d, const struct peluit_command *c,
    const struct peluit_option *spec, int *argc, char **argv);

typedef enum peluit_exit peluit_run_fn(struct desk *d,
    const struct peluit_command *c, int argc, char **argv);
peluit_run_fn peluit_encrypt, peluit_decrypt, peluit_create, peluit_join,
    peluit_fetch, peluit_list, peluit_open, peluit_reply, peluit_status,
    peluit_refer, peluit_ask, peluit_identity, peluit_export,
    peluit_statistics, peluit_roster_new, peluit_roster_add,
    peluit_roster_retire, peluit_roster_sign, peluit_roster_show,
    peluit_roster_key;

#endif
