#ifndef OPENER_H
#define OPENER_H
/*
 * A child that opens one file when it is asked to: peluit.conf, which an
 * editor may have replaced since the start.  So the server itself needs no
 * way into the instance's folder, where keys lie that it must not read.
 * The child reads nothing but the byte that asks.
 */
#include "err.h"

struct opener;

/*
 * opener_start(dir, out): before there are threads.  Fails: ERR_SYS.
 * opener_config(o, fd): the config, open for reading; the caller closes it.
 * Fails: ERR_NOTFOUND (or the child is gone), ERR_SYS.  Threads: one.
 */
enum err opener_start(const char *dir, struct opener **out) MUST_USE;
enum err opener_config(struct opener *o, int *fd) MUST_USE;
void opener_stop(struct opener *o);

#endif
