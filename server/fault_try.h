#ifndef FAULT_TRY_H
#define FAULT_TRY_H
/*
 * fault_try(what, n, e): do what no confined process may: exec, fork, thread,
 * socket, ptrace, peek, signal, code, code-later, setuid, munlockall, which
 * kill it; read:PATH, make:PATH, which are refused, or it aborts.
 * Returns false if there is no such thing; *e: what the fault point gives.
 */
#include <stdbool.h>
#include <stddef.h>

#include "err.h"

bool fault_try(const char *what, size_t n, enum err *e);

#endif
