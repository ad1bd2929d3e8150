#ifndef DESK_H
#define DESK_H
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
enum desk_exit { DESK_DONE, DESK_NO, DESK_USAGE, DESK_MACHINE };

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

/* desk_main(argc, argv): the program.  Returns its exit status. */
int desk_main(int argc, char **argv);

/* desk_init/desk_done: a desk before its options, and after its command. */
void desk_init(struct desk *d);
void desk_done(struct desk *d);
/*
 * desk_run(d, argc, argv): options and command, without the printing; what
 * was said stands in d->out, d->result and d->findings.
 */
enum desk_exit desk_run(struct desk *d, int argc, char **argv);
/* desk_print(d, exit): the result on stdout, the failures on stderr. */
enum desk_exit desk_print(struct desk *d, enum desk_exit x);

/*
 * desk_fail(d, x, w, a, b): remember a failure and return ${x}.
 * desk_err: the same, ${x} by ${e}, and {2} is the meaning of ${e}.
 */
enum desk_exit desk_fail(struct desk *d, enum desk_exit x, enum word w,
    const char *a, const char *b);
enum desk_exit desk_err(struct desk *d, enum err e, enum word w,
    const char *a);
/* desk_say(d, w, a, b): a sentence for people on stdout. */
void desk_say(struct desk *d, enum word w, const char *a, const char *b);
/* desk_set: put a value in the result for programs; steals ${v}. */
void desk_set(struct desk *d, const char *key, json_t *v);
/* desk_text(d, w, a, out, max): a sentence into ${out}, cut at ${max}. */
void desk_text(const struct desk *d, enum word w, const char *a, char *out,
    size_t max);

/*
 * Options of a command.  desk_args(d, spec, argc, argv, rest): fills what
 * ${spec} points to; ${rest}: index in argv of the first argument that is
 * no option (they are moved to the end).
 */
struct desk_option {
	const char *name;		/* "-o" or "--save" */
	const char **value;		/* takes a value, given once */
	const char **list;		/* takes a value, may be repeated: */
	size_t list_max, *list_n;
	bool *flag;			/* takes none */
};
struct desk_command {
	const char *name, *sub;		/* sub: NULL, or "ask", "open" ... */
	const char *usage;		/* "open CASE [--save DIR]" */
	int min, max;			/* arguments */
	enum desk_exit (*run)(struct desk *d, const struct desk_command *c,
	    int argc, char **argv);
	const char *help[WORDS_LANGS];
};
enum desk_exit desk_args(struct desk *d, const struct desk_command *c,
    const struct desk_option *spec, int *argc, char **argv);

typedef enum desk_exit desk_run_fn(struct desk *d,
    const struct desk_command *c, int argc, char **argv);
desk_run_fn desk_encrypt, desk_decrypt, desk_create, desk_join, desk_fetch,
    desk_list, desk_open, desk_reply, desk_status, desk_refer, desk_ask,
    desk_identity, desk_export, desk_statistics, desk_roster_new,
    desk_roster_add, desk_roster_retire, desk_roster_sign, desk_roster_show,
    desk_roster_key;

#endif
