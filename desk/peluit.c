/* The program: options, the table of commands, and running one of them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "peluit.h"

#define LOCKED_MAX	(32 * 1024)	/* passphrase, identity, seed */

static const struct peluit_command commands[] = {
	{ "init", NULL, "init --label LABEL", 0, 0, peluit_create, {
	    "membuat kunci dan folder rumah",
	    "make a key and the home folder" } },
	{ "join", NULL, "join OFFICE.conf", 1, 1, peluit_join, {
	    "bergabung dengan kantor", "join an office" } },
	{ "fetch", NULL, "fetch", 0, 0, peluit_fetch, {
	    "mengambil yang baru ke komputer ini",
	    "bring what is new to this computer" } },
	{ "list", NULL, "list", 0, 0, peluit_list, {
	    "daftar perkara", "the cases" } },
	{ "open", NULL, "open CASE [--save DIR]", 1, 1, peluit_open, {
	    "membuka perkara; --save menyimpan lampiran",
	    "open a case; --save keeps its attachments" } },
	{ "reply", NULL, "reply CASE [-f FILE] [--status CODE] "
	    "[--reason CODE]", 1, 1, peluit_reply, {
	    "menjawab pelapor", "answer the source" } },
	{ "status", NULL, "status CASE CODE", 2, 2, peluit_status, {
	    "mengubah status", "change the status" } },
	{ "refer", NULL, "refer CASE --to OFFICE -f FILE", 1, 1, peluit_refer, {
	    "meneruskan ke instansi lain", "refer to another body" } },
	{ "identity", "ask", "identity ask CASE", 1, 1, peluit_ask, {
	    "meminta persetujuan membuka identitas",
	    "ask the source to let the identity be opened" } },
	{ "identity", "open", "identity open CASE", 1, 1, peluit_identity, {
	    "membuka identitas (kustodian)",
	    "open the identity (custodian)" } },
	{ "export", NULL, "export CASE DIR", 2, 2, peluit_export, {
	    "menyalin perkara lengkap ke folder baru",
	    "copy a whole case to a new folder" } },
	{ "statistics", NULL, "statistics", 0, 0, peluit_statistics, {
	    "jumlah per kanal, status, jenis",
	    "counts by channel, status, category" } },
	{ "roster", "new", "roster new --file FILE (--from NOTE | "
	    "--office OFFICE.conf --card CARD --channel NAME... "
	    "[--epoch-seconds N] [--epoch0 N]) [--retention DAYS] "
	    "[--roster-key VKEY]...",
	    0, 0, peluit_roster_new, {
	    "memulai daftar petugas", "begin a roster" } },
	{ "roster", "add", "roster add CARD --file FILE --role ROLE "
	    "[--channel NAME]...", 1, 1, peluit_roster_add, {
	    "menambah petugas", "add an officer" } },
	{ "roster", "retire", "roster retire LABEL --file FILE", 1, 1,
	    peluit_roster_retire, {
	    "mengeluarkan petugas", "take an officer out" } },
	{ "roster", "sign", "roster sign --key KEYFILE --file FILE "
	    "[--name NAME] [-o NOTE]", 0, 0, peluit_roster_sign, {
	    "menandatangani daftar", "sign a roster" } },
	{ "roster", "show", "roster show --file FILE", 0, 0,
	    peluit_roster_show, {
	    "menampilkan daftar", "show a roster" } },
	{ "roster", "key", "roster key NAME -o KEYFILE", 1, 1,
	    peluit_roster_key, {
	    "membuat kunci daftar (luring)", "make a roster key (offline)" } },
	{ "encrypt", NULL, "encrypt -r age1... [-r ...] [-o OUT] [FILE]", 0,
	    1, peluit_encrypt, {
	    "menyegel berkas (age)", "seal a file (age)" } },
	{ "decrypt", NULL, "decrypt [-i IDENTITY_FILE]... [-o OUT] [FILE]", 0,
	    1, peluit_decrypt, {
	    "membuka berkas (age)", "open a file (age)" } },
};
#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

void
peluit_init(struct desk *d)
{
	memset(d, 0, sizeof(*d));
	buf_init(&d->out, DESK_OUT_MAX);
	d->result = json_object();
	d->findings = json_array();
	d->lang = WORDS_ID;
	d->work_factor = AGE_WORK_FACTOR;
	d->lock = -1;
}

void
peluit_done(struct desk *d)
{
	buf_done(&d->out);
	json_decref(d->result);
	json_decref(d->findings);
	clock_close(d->clock);
	secret_free(d->pass);
	secret_free(d->identity);
	secret_free(d->seed);
	free(d->home_made);
	if (d->lock >= 0)
		(void)close(d->lock);
	memset(d, 0, sizeof(*d));
	d->lock = -1;
}

static void
help(struct desk *d)
{
	size_t i;

	buf_puts(&d->out, "peluit [--home DIR] [--passphrase-file FILE] "
	    "[--clock FILE] [--socks ADDR]\n       [--lang id|en] [--json] "
	    "COMMAND\n\n");
	for (i = 0; i < COMMANDS; i++)
		buf_printf(&d->out, "  peluit %s\n      %s\n",
		    commands[i].usage, commands[i].help[d->lang]);
}

/* "--name=value", or "--name value". */
static bool
option_is(const char *name, int *i, int argc, char **argv,
    const char **value, bool *lacks)
{
	size_t n = strlen(name);

	*value = NULL;
	*lacks = false;
	if (strcmp(argv[*i], name) == 0) {
		*lacks = *i + 1 >= argc;
		if (!*lacks)
			*value = argv[++*i];
		return true;
	}
	if (n > 2 && strncmp(argv[*i], name, n) == 0 && argv[*i][n] == '=') {
		*value = argv[*i] + n + 1;
		return true;
	}
	return false;
}

/* Options before the command.  *at: index of the command. */
static enum peluit_exit
globals(struct desk *d, int argc, char **argv, int *at)
{
	const struct { const char *name, **to; } with_value[] = {
		{ "--home", &d->home },
		{ "--passphrase-file", &d->passphrase_file },
		{ "--clock", &d->clock_file },
		{ "--socks", &d->socks },
	};
	const char *value;
	bool lacks;
	size_t k;
	int i;

	for (i = 1; i < argc && argv[i][0] == '-'; i++) {
		if (strcmp(argv[i], "--json") == 0) {
			d->json = true;
			continue;
		}
		if (strcmp(argv[i], "--help") == 0 ||
		    strcmp(argv[i], "--version") == 0)
			break;
		if (option_is("--lang", &i, argc, argv, &value, &lacks)) {
			if (value != NULL && strcmp(value, "id") == 0)
				d->lang = WORDS_ID;
			else if (value != NULL && strcmp(value, "en") == 0)
				d->lang = WORDS_EN;
			else
				return peluit_fail(d, DESK_USAGE, W_OPTION_BAD,
				    "--lang", "id, en");
			continue;
		}
		for (k = 0; k < sizeof(with_value) / sizeof(with_value[0]);
		    k++)
			if (option_is(with_value[k].name, &i, argc, argv,
			    &value, &lacks))
				break;
		if (k == sizeof(with_value) / sizeof(with_value[0]))
			return peluit_fail(d, DESK_USAGE, W_OPTION_UNKNOWN,
			    argv[i], NULL);
		if (lacks)
			return peluit_fail(d, DESK_USAGE, W_OPTION_NEEDS_VALUE,
			    with_value[k].name, NULL);
		*with_value[k].to = value;
	}
	*at = i;
	return DESK_DONE;
}

static const struct peluit_command *
find(int *at, int argc, char **argv)
{
	size_t i;

	for (i = 0; i < COMMANDS; i++) {
		if (strcmp(commands[i].name, argv[*at]) != 0)
			continue;
		if (commands[i].sub == NULL) {
			*at += 1;
			return &commands[i];
		}
		if (*at + 1 < argc &&
		    strcmp(commands[i].sub, argv[*at + 1]) == 0) {
			*at += 2;
			return &commands[i];
		}
	}
	return NULL;
}

/* One option of a command at argv[*i]. */
static enum peluit_exit
take_option(struct desk *d, const struct peluit_option *spec, int *i, int argc,
    char **argv)
{
	const struct peluit_option *o;
	const char *value;
	bool lacks;

	for (o = spec; o->name != NULL; o++) {
		if (o->flag != NULL) {
			if (strcmp(argv[*i], o->name) != 0)
				continue;
			*o->flag = true;
			return DESK_DONE;
		}
		if (!option_is(o->name, i, argc, argv, &value, &lacks))
			continue;
		if (lacks)
			return peluit_fail(d, DESK_USAGE, W_OPTION_NEEDS_VALUE,
			    o->name, NULL);
		if (o->list != NULL && *o->list_n < o->list_max)
			o->list[(*o->list_n)++] = value;
		else if (o->value != NULL && *o->value == NULL)
			*o->value = value;
		else
			return peluit_fail(d, DESK_USAGE, W_OPTION_BAD,
			    o->name, value);
		return DESK_DONE;
	}
	return peluit_fail(d, DESK_USAGE, W_OPTION_UNKNOWN, argv[*i], NULL);
}

enum peluit_exit
peluit_args(struct desk *d, const struct peluit_command *c,
    const struct peluit_option *spec, int *argc, char **argv)
{
	static const struct peluit_option none = { .name = NULL };
	bool only_arguments = false;
	enum peluit_exit x;
	int i, n = 0;

	for (i = 0; i < *argc; i++) {
		if (!only_arguments && strcmp(argv[i], "--") == 0) {
			only_arguments = true;
		} else if (only_arguments || argv[i][0] != '-' ||
		    argv[i][1] == '\0') {
			argv[n++] = argv[i];
		} else if ((x = take_option(d, spec == NULL ? &none : spec,
		    &i, *argc, argv)) != DESK_DONE) {
			return x;
		}
	}
	if (n < c->min)
		return peluit_fail(d, DESK_USAGE, W_ARGUMENT_MISSING,
		    n == 0 ? "1" : "2", c->usage);
	if (n > c->max)
		return peluit_fail(d, DESK_USAGE, W_ARGUMENT_EXTRA, argv[c->max],
		    c->usage);
	*argc = n;
	return DESK_DONE;
}

enum peluit_exit
peluit_run(struct desk *d, int argc, char **argv)
{
	const struct peluit_command *c;
	enum peluit_exit x;
	int at = 1;

	if ((x = globals(d, argc, argv, &at)) != DESK_DONE)
		return x;
	if (at >= argc)
		return peluit_fail(d, DESK_USAGE, W_USAGE, NULL, NULL);
	if (strcmp(argv[at], "--version") == 0) {
		buf_puts(&d->out, "peluit " PELUIT_VERSION "\n");
		peluit_set(d, "version", json_string(PELUIT_VERSION));
		return DESK_DONE;
	}
	if (strcmp(argv[at], "--help") == 0 || strcmp(argv[at], "help") == 0) {
		help(d);
		return DESK_DONE;
	}
	if ((c = find(&at, argc, argv)) == NULL)
		return peluit_fail(d, DESK_USAGE, W_COMMAND_UNKNOWN, argv[at],
		    NULL);
	return c->run(d, c, argc - at, argv + at);
}

int
peluit_main(int argc, char **argv)
{
	uint64_t limit = 0;
	char number[24];
	struct desk d;
	enum peluit_exit x;

	peluit_init(&d);
	diag_name("peluit");
	if (process_guard() != ERR_OK || crypto_init() != ERR_OK) {
		x = peluit_fail(&d, DESK_MACHINE, W_MACHINE, "process_guard",
		    NULL);
	} else if (process_can_lock(LOCKED_MAX, &limit) != ERR_OK) {
		(void)snprintf(number, sizeof(number), "%llu",
		    (unsigned long long)limit);
		x = peluit_fail(&d, DESK_MACHINE, W_NO_LOCK, number, NULL);
	} else {
		x = peluit_run(&d, argc, argv);
	}
	x = peluit_print(&d, x);
	peluit_done(&d);
	return (int)x;
}
