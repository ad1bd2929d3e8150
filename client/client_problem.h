#ifndef CLIENT_PROBLEM_H
#define CLIENT_PROBLEM_H
/* What an answer that is not 2xx says. */
#include "client.h"

/*
 * client_problem(a, signs, why): reads a->body into a->problem, made visible,
 * and puts a line of CLIENT_WHY_MAX bytes about it in ${why}; ${signs}:
 * whether answers ought to be signed.
 * Fails: always, with the error that client_call gives for it.
 */
enum err client_problem(struct client_answer *a, bool signs, char *why)
    MUST_USE;

#endif
