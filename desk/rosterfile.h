#ifndef ROSTERFILE_H
#define ROSTERFILE_H
/* A roster on its way: a text while it is written, a note once it is signed. */
#include "peluit.h"
#include "roster.h"

struct rosterfile {
	uint8_t *data;			/* the file */
	size_t len;
	bool is_signed;
	struct roster *roster;
};
/* rosterfile_read(d, path, out): Ownership: rosterfile_done. */
enum peluit_exit rosterfile_read(struct desk *d, const char *path,
    struct rosterfile *out);
void rosterfile_done(struct rosterfile *f);
/*
 * rosterfile_write(d, path, r, fresh): the roster's text, read back before it
 * is written; ${fresh}: never replaces.
 */
enum peluit_exit rosterfile_write(struct desk *d, const char *path,
    const struct roster *r, bool fresh);

#endif
