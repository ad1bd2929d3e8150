/* peluitd: the server and the commands of its folder. */
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "crypto.h"
#include "sys.h"

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *use;
} commands[] = {
	{ "init", cmd_init, "DIR [--demo] [--origin NAME] ...   a new "
	    "instance" },
	{ "serve", cmd_serve, "DIR [--clock FILE] [--ready FD]   run it" },
	{ "check", cmd_check, "DIR [--json]   verify every record and block" },
	{ "backup", cmd_backup, "DIR OUT   a consistent copy, no secrets" },
	{ "status", cmd_status, "DIR [--json]   how it stands" },
	{ "mirror", cmd_mirror, "DIR OUT   the public log as files" },
	{ "keys", cmd_keys, "DIR [--json]   public keys, fingerprints" },
	{ "roster", cmd_roster, "DIR FILE   give it a signed roster" },
	{ "office", cmd_office, "DIR LABEL   what a desk must know, to "
	    "stdout" },
	{ "restore", cmd_restore, "DIR --log MIRROR   after a backup was copied "
	    "back" },
	{ "confirm", cmd_confirm, "DIR   the clock is right: let the log "
	    "go on" },
	{ "poster", cmd_poster, "DIR   a notice for the office's wall, to "
	    "stdout" },
	{ "landing", cmd_landing, "DIR   a page for the city's web site, to "
	    "stdout" },
#ifdef PELUIT_FAULTS
	{ "faults", cmd_faults, "  the fault points of this build" },
#endif
};
#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static int
usage(void)
{

	(void)fprintf(stderr, "usage: peluitd COMMAND ...\n");
	for (size_t i = 0; i < COMMANDS; i++)
		(void)fprintf(stderr, "  %-7s %s\n", commands[i].name,
		    commands[i].use);
	return (EXIT_USE);
}

int
main(int argc, char **argv)
{
	int rc;

	diag_name("peluitd");
	if (crypto_init() != ERR_OK) {
		diag("libsodium cannot start");
		return (EXIT_REFUSED);
	}
	if (argc == 2 && strcmp(argv[1], "--version") == 0) {
		(void)printf("peluitd %s\n", PELUIT_VERSION);
		return (EXIT_DONE);
	}
	for (size_t i = 0; argc > 1 && i < COMMANDS; i++) {
		if (strcmp(commands[i].name, argv[1]) != 0)
			continue;
		rc = commands[i].run(argc - 1, argv + 1);
		/* serve prints nothing, and lives on where memory was short */
		return (commands[i].run == cmd_serve ? rc : cmd_end(rc));
	}
	return (usage());
}
