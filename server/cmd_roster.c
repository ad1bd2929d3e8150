/* peluitd roster, office: people in, office files out. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "office.h"
#include "sys.h"

int
cmd_roster(int argc, char **argv)
{
	struct instance in;
	struct roster *r = NULL;
	uint8_t *note = NULL;
	char *path = NULL;
	size_t len = 0;
	enum err e;
	int rc = EXIT_REFUSED;

	if (argc != 3 || argv[1][0] == '-' || argv[2][0] == '-') {
		diag("usage: peluitd roster DIR FILE");
		return (EXIT_USE);
	}
	if ((e = instance_open(argv[1], 0, &in)) != ERR_OK) {
		diag("%s", in.why);
		goto out;
	}
	if ((e = file_read(argv[2], ROSTER_MAX, &note, &len)) != ERR_OK) {
		diag("roster: %s: cannot be read (%s)", argv[2],
		    err_text(e));
		goto out;
	}
	e = instance_roster_check(&in, (struct bytes){ note, len }, &r);
	if (e != ERR_OK) {
		diag("roster: %s; nothing was changed", in.why);
		rc = e == ERR_SYS ? EXIT_REFUSED : EXIT_NO;
		goto out;
	}
	path = in.rosters == 0 ? instance_path(&in, "public/roster/1") :
	    office_next_path(&in);
	if (file_write(path, note, len, 0644) != ERR_OK) {
		diag("roster: %s cannot be written", path);
		goto out;
	}
	(void)printf("roster %llu is in order; a running server takes it on "
	    "SIGHUP, another at its start\n", (unsigned long long)r->number);
	rc = EXIT_DONE;
out:
	free(path);
	free(note);
	free(r);
	instance_close(&in);
	return (rc);
}

int
cmd_confirm(int argc, char **argv)
{
	struct instance in;
	char *path;
	int rc = EXIT_REFUSED;

	if (argc != 2 || argv[1][0] == '-') {
		diag("usage: peluitd confirm DIR");
		return (EXIT_USE);
	}
	if (instance_open(argv[1], 0, &in) != ERR_OK) {
		diag("%s", in.why);
	} else {
		path = office_confirm_path(&in);
		if (file_write(path, "", 0, 0600) == ERR_OK) {
			(void)printf("the clock is confirmed; the log goes on "
			    "within a second of a running server\n");
			rc = EXIT_DONE;
		} else {
			diag("confirm: %s cannot be written", path);
		}
		free(path);
	}
	instance_close(&in);
	return (rc);
}

int
cmd_office(int argc, char **argv)
{
	struct instance in;
	const struct roster *ro;
	struct buf b;
	int rc = EXIT_REFUSED;

	if (argc != 3 || argv[1][0] == '-' || argv[2][0] == '-') {
		diag("usage: peluitd office DIR LABEL > OFFICE.conf");
		return (EXIT_USE);
	}
	buf_init(&b, 8192);
	if (instance_open(argv[1], 0, &in) != ERR_OK) {
		diag("%s", in.why);
		goto out;
	}
	ro = instance_roster_newest(&in);
	/* before roster 1 anybody may have one: it is needed to make it */
	if (ro == NULL ? !roster_name_valid(argv[2], ROSTER_LABEL_MAX) :
	    roster_desk_by_label(ro, argv[2]) == NULL) {
		diag("office: %s", ro == NULL ? "a label is lower-case "
		    "letters, digits and dashes" : "the roster has no desk or "
		    "auditor of that label");
		rc = EXIT_NO;
		goto out;
	}
	if (office_of(&in, argv[2], NULL, &b) == ERR_OK &&
	    fwrite(b.data, 1, b.len, stdout) == b.len)
		rc = EXIT_DONE;
	else
		diag("office: cannot be written");
out:
	buf_done(&b);
	instance_close(&in);
	return (rc);
}
