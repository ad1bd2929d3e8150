#ifndef CONFINE_H
#define CONFINE_H
/*
 * What the server and its signer may still do once they run: each reaches its
 * own folders and makes its own system calls, and is killed by any other.
 */
#include "instance.h"

/*
 * confine_memory(in): before secrets are used: nothing goes to swap.  Where
 * the limit forbids it, a demo goes on without.
 * Fails: ERR_RANGE, in->why says how to lift it, ERR_SYS.
 *
 * confine_server_files(in, clock): before there are threads; ${clock}: the
 * file of --clock, NULL without.  confine_server_calls(): when all threads
 * run.  confine_signer(in, clock): the signer, its keys read.
 * confine_opener(dir): the opener (opener.h).
 * Fails: ERR_SYS.
 */
enum err confine_memory(struct instance *in) MUST_USE;
enum err confine_server_files(const struct instance *in, const char *clock)
    MUST_USE;
enum err confine_server_calls(void) MUST_USE;
enum err confine_opener(const char *dir) MUST_USE;
enum err confine_signer(const struct instance *in, const char *clock)
    MUST_USE;

/*
 * confine_child(fd): how a child begins: it keeps ${fd} and the three that
 * everybody has, takes no signal of the terminal, ends with its parent.
 */
void confine_child(int fd);

#endif
