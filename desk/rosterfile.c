/* Reading and writing a roster's file. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rosterfile.h"

void
rosterfile_done(struct rosterfile *f)
{
	free(f->data);
	free(f->roster);
	memset(f, 0, sizeof(*f));
}

static enum peluit_exit
wrong(struct desk *d, const char *path, size_t line)
{
	char number[24];

	(void)snprintf(number, sizeof(number), "%zu", line);
	return peluit_fail(d, DESK_NO, W_ROSTER_BAD, path, number);
}

enum peluit_exit
rosterfile_read(struct desk *d, const char *path, struct rosterfile *out)
{
	struct bytes text;
	size_t line = 0;
	enum err e;

	memset(out, 0, sizeof(*out));
	if ((e = file_read(path, ROSTER_MAX, &out->data, &out->len)) !=
	    ERR_OK)
		return peluit_err(d, e, W_FILE_READ, path);
	if ((out->roster = calloc(1, sizeof(*out->roster))) == NULL)
		return peluit_fail(d, DESK_MACHINE, W_MACHINE, "memory", NULL);
	text = (struct bytes){ out->data, out->len };
	out->is_signed = note_text(text, &text) == ERR_OK;
	if (!out->is_signed)
		text = (struct bytes){ out->data, out->len };
	if (roster_decode(text, out->roster, &line) != ERR_OK)
		return wrong(d, path, line);
	return DESK_DONE;
}

enum peluit_exit
rosterfile_write(struct desk *d, const char *path, const struct roster *r,
    bool fresh)
{
	struct roster *again = calloc(1, sizeof(*again));
	struct buf text;
	size_t line = 0;
	enum peluit_exit x = DESK_DONE;
	enum err e;

	buf_init(&text, ROSTER_MAX);
	if (again == NULL) {
		x = peluit_fail(d, DESK_MACHINE, W_MACHINE, "memory", NULL);
	} else if ((e = roster_encode(r, &text)) != ERR_OK) {
		x = peluit_err(d, e, W_ROSTER_UNFIT, path);
	} else if (roster_decode((struct bytes){ text.data, text.len },
	    again, &line) != ERR_OK) {
		x = wrong(d, path, line);
	} else {
		e = fresh ? file_write_new(path, text.data, text.len, 0600) :
		    file_write(path, text.data, text.len, 0600);
		if (e != ERR_OK)
			x = peluit_err(d, e, e == ERR_EXISTS ? W_FILE_EXISTS :
			    W_FILE_WRITE, path);
	}
	if (x == DESK_DONE) {
		peluit_say(d, W_ROSTER_WROTE, path, NULL);
		peluit_set(d, "file", json_string(path));
		peluit_set(d, "number", json_integer((json_int_t)r->number));
	}
	buf_done(&text);
	free(again);
	return x;
}
