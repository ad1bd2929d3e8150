/* The program: options, the table of commands, and running one of them. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit.h"

static const struct audit_command commands[] = {
	{ "init", "init URL LOG_VKEY ROSTER_VKEY... [--api ADDR]", 3,
	    2 + AUDIT_KEYS, audit_cmd_init, {
	    "mulai mengikuti sebuah log", "begin to follow a log" } },
	{ "check", "check", 0, 0, audit_cmd_check, {
	    "memeriksa log; tanpa akun", "check the log; no account needed" } },
	{ "full", "full [--identity FILE]", 0, 0, audit_cmd_full, {
	    "membuka dan memeriksa setiap peristiwa",
	    "open and check every event" } },
	{ "report", "report [--json OUT] [--html OUT] [--cases] "
	    "[--identity FILE]", 0, 0, audit_cmd_report, {
	    "laporan dari pemeriksaan penuh terakhir",
	    "a report from the last full audit" } },
	{ "proof", "proof FILE [--policy FILE]", 1, 1, audit_cmd_proof, {
	    "memeriksa janji pencatatan atau bukti",
	    "check a promise or a proof" } },
	{ "watch", "watch [--once]", 0, 0, audit_cmd_watch, {
	    "mengamati checkpoint dan menandatanganinya",
	    "watch the checkpoints and cosign them" } },
};
#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

void
audit_init(struct audit *a)
{
	memset(a, 0, sizeof(*a));
	buf_init(&a->out, AUDIT_OUT_MAX);
	a->result = json_object();
	findings_init(&a->findings);
	a->lang = AUDIT_ID;
	a->lock = -1;
}

void
audit_done(struct audit *a)
{
	buf_done(&a->out);
	json_decref(a->result);
	json_decref(a->failure);
	findings_done(&a->findings);
	clock_close(a->clock);
	secret_free(a->pass);
	free(a->home_made);
	if (a->lock >= 0)
		(void)close(a->lock);
	memset(a, 0, sizeof(*a));
	a->lock = -1;
}

static void
help(struct audit *a)
{
	size_t i;

	buf_puts(&a->out, "peluit-audit [--home DIR] [--passphrase-file FILE] "
	    "[--clock FILE]\n             [--socks ADDR] [--lang id|en] "
	    "[--json] COMMAND\n\n");
	for (i = 0; i < COMMANDS; i++)
		buf_printf(&a->out, "  peluit-audit %s\n      %s\n",
		    commands[i].usage, commands[i].help[a->lang]);
}

/* "--name value" or "--name=value" at argv[*i]. */
static bool
option_is(const char *name, int *i, int argc, char **argv,
    const char **value)
{
	size_t n = strlen(name);

	*value = NULL;
	if (strcmp(argv[*i], name) == 0) {
		if (*i + 1 < argc)
			*value = argv[++*i];
		return true;
	}
	if (strncmp(argv[*i], name, n) == 0 && argv[*i][n] == '=') {
		*value = argv[*i] + n + 1;
		return true;
	}
	return false;
}

/* One of the options that every command has; *is: whether it was one. */
static enum audit_exit
global(struct audit *a, int *i, int argc, char **argv, bool *is)
{
	const struct { const char *name, **to; } with_value[] = {
		{ "--home", &a->home },
		{ "--passphrase-file", &a->passphrase_file },
		{ "--clock", &a->clock_file },
		{ "--socks", &a->socks },
	};
	const char *value;
	size_t k;

	*is = true;
	for (k = 0; k < sizeof(with_value) / sizeof(with_value[0]); k++) {
		if (!option_is(with_value[k].name, i, argc, argv, &value))
			continue;
		if (value == NULL)
			return audit_fail(a, AUDIT_USAGE,
			    A_OPTION_NEEDS_VALUE, with_value[k].name, NULL);
		*with_value[k].to = value;
		return AUDIT_WELL;
	}
	if (option_is("--lang", i, argc, argv, &value)) {
		if (value == NULL || (strcmp(value, "id") != 0 &&
		    strcmp(value, "en") != 0))
			return audit_fail(a, AUDIT_USAGE, A_OPTION_BAD,
			    "--lang", "id, en");
		a->lang = value[0] == 'i' ? AUDIT_ID : AUDIT_EN;
		return AUDIT_WELL;
	}
	*is = false;
	return AUDIT_WELL;
}

static enum audit_exit
globals(struct audit *a, int argc, char **argv, int *at)
{
	enum audit_exit x;
	bool is;
	int i;

	for (i = 1; i < argc && argv[i][0] == '-'; i++) {
		if (strcmp(argv[i], "--json") == 0) {
			a->json = true;
			continue;
		}
		if (strcmp(argv[i], "--help") == 0 ||
		    strcmp(argv[i], "--version") == 0)
			break;
		x = global(a, &i, argc, argv, &is);
		if (x != AUDIT_WELL)
			return x;
		if (!is)
			return audit_fail(a, AUDIT_USAGE, A_OPTION_UNKNOWN,
			    argv[i], NULL);
	}
	*at = i;
	return AUDIT_WELL;
}

static enum audit_exit
take_option(struct audit *a, const struct audit_option *spec, int *i,
    int argc, char **argv)
{
	const struct audit_option *o;
	const char *value;

	for (o = spec; o != NULL && o->name != NULL; o++) {
		if (o->flag != NULL && strcmp(argv[*i], o->name) == 0) {
			*o->flag = true;
			return AUDIT_WELL;
		}
		if (o->value == NULL ||
		    !option_is(o->name, i, argc, argv, &value))
			continue;
		if (value == NULL)
			return audit_fail(a, AUDIT_USAGE,
			    A_OPTION_NEEDS_VALUE, o->name, NULL);
		*o->value = value;
		return AUDIT_WELL;
	}
	return audit_fail(a, AUDIT_USAGE, A_OPTION_UNKNOWN, argv[*i], NULL);
}

enum audit_exit
audit_args(struct audit *a, const struct audit_command *c,
    const struct audit_option *spec, int *argc, char **argv)
{
	bool only_arguments = false;
	enum audit_exit x;
	int i, n = 0;

	for (i = 0; i < *argc; i++) {
		if (!only_arguments && strcmp(argv[i], "--") == 0)
			only_arguments = true;
		else if (only_arguments || argv[i][0] != '-')
			argv[n++] = argv[i];
		else if ((x = take_option(a, spec, &i, *argc, argv)) !=
		    AUDIT_WELL)
			return x;
	}
	if (n < c->min)
		return audit_fail(a, AUDIT_USAGE, A_ARGUMENT_MISSING, NULL,
		    c->usage);
	if (n > c->max)
		return audit_fail(a, AUDIT_USAGE, A_ARGUMENT_EXTRA,
		    argv[c->max], c->usage);
	*argc = n;
	return AUDIT_WELL;
}

enum audit_exit
audit_run(struct audit *a, int argc, char **argv)
{
	enum audit_exit x;
	int at = 1;
	size_t i;

	if ((x = globals(a, argc, argv, &at)) != AUDIT_WELL)
		return x;
	if (at >= argc)
		return audit_fail(a, AUDIT_USAGE, A_USAGE, NULL, NULL);
	if (strcmp(argv[at], "--version") == 0) {
		buf_puts(&a->out, "peluit-audit " PELUIT_VERSION "\n");
		audit_set(a, "version", json_string(PELUIT_VERSION));
		return AUDIT_WELL;
	}
	if (strcmp(argv[at], "--help") == 0 || strcmp(argv[at], "help") == 0) {
		help(a);
		return AUDIT_WELL;
	}
	for (i = 0; i < COMMANDS; i++)
		if (strcmp(commands[i].name, argv[at]) == 0)
			return commands[i].run(a, &commands[i], argc - at - 1,
			    argv + at + 1);
	return audit_fail(a, AUDIT_USAGE, A_COMMAND_UNKNOWN, argv[at], NULL);
}

int
audit_main(int argc, char **argv)
{
	struct audit a;
	enum audit_exit x;

	audit_init(&a);
	diag_name("peluit-audit");
	if (process_guard() != ERR_OK || crypto_init() != ERR_OK)
		x = audit_err(&a, ERR_SYS, A_MACHINE, "process_guard");
	else
		x = audit_run(&a, argc, argv);
	x = audit_print(&a, x);
	audit_done(&a);
	return (int)x;
}
