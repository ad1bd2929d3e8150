#ifndef OUTFILE_H
#define OUTFILE_H
/*
 * An output file that is there whole or not at all: written beside its name,
 * synced, renamed at the end; nothing is left by a failure or a signal.
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

#endif
