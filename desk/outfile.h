#ifndef OUTFILE_H
#define OUTFILE_H
/*
 * An output file that is there whole or not at all: written beside its name,
 * synced, renamed at the end; nothing is left by a failure, a signal or an
 * exit.  So is a set of them, as one.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"

struct outfile;
/*
 * outfile_open(path, out): mode 0600.  ${path} NULL or "-": stdout, which
 * cannot be taken back.  One named file at a time is removed by a signal.
 * Fails: ERR_SYS.
 */
enum err outfile_open(const char *path, struct outfile **out) MUST_USE;
/* An age_sink; ${arg} is the struct outfile. */
enum err outfile_sink(void *arg, const uint8_t *p, size_t n) MUST_USE;
/* outfile_commit(o, replace): ERR_EXISTS if it is there and !${replace}. */
enum err outfile_commit(struct outfile *o, bool replace) MUST_USE;
void outfile_free(struct outfile *o);	/* removes what is not committed */

/*
 * outset_begin(): from now on what is committed without ${replace} belongs
 * together, and is taken back together unless outset_end(true) comes first.
 * outset_folder(path): as does that folder, which is still to be made.
 * outset_end(keep): keep all, or remove files and folders.
 * Fails: ERR_SYS.
 */
void outset_begin(void);
enum err outset_folder(const char *path) MUST_USE;
void outset_end(bool keep);

#endif
