#ifndef SIGNER_H
#define SIGNER_H
/*
 * The signer: a child process, the only one that holds the signing keys of
 * the log, of promises and of API answers.  It answers a table of requests.
 * Today it signs answers; what it signs for the log comes with the log.
 */
#include "instance.h"

struct signer;
/*
 * signer_start(dir, out): fork the child; it reads its own keys.  Call before
 * threads are made.  Fails: ERR_SYS; ERR_KEY if the child could not start (it
 * said why on stderr).
 */
enum err signer_start(const char *dir, struct signer **out) MUST_USE;
/*
 * signer_answer(s, base, sig): signature with the answers key over an
 * RFC 9421 signature base that ends in our tag.
 * Fails: ERR_RANGE, ERR_SYS (the child is gone).  Threads: safe.
 */
enum err signer_answer(struct signer *s, struct bytes base,
    uint8_t sig[static SIGN_LEN]) MUST_USE;
void signer_stop(struct signer *s);

#endif
