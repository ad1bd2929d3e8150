#ifndef AUDIT_HOME_H
#define AUDIT_HOME_H
/*
 * The auditor's home: log.conf, what was seen of the log, a cache of what it
 * serves, and, where the auditor also has an account, a desk's identity.age,
 * sign.age and office.conf.  Nothing in the cache is trusted: all of it is
 * checked against a signed root again.
 */
#include "age.h"
#include "audit.h"

#define HOME_LOG	"log.conf"
#define HOME_SEEN	"seen"		/* sizes, when, roots */
#define HOME_HEAD	"head.note"	/* the last checkpoint, as served */
#define HOME_RESULT	"last-full.json"
#define HOME_IDENTITIES	16

/* audit_home_find(a): a->home, or the default. */
enum audit_exit audit_home_find(struct audit *a);
/* audit_home_open(a): locked, log.conf read, clock open. */
enum audit_exit audit_home_open(struct audit *a);
/* audit_home_init(a): makes it for a->log.  Fails if it has another. */
enum audit_exit audit_home_init(struct audit *a);
/* audit_home_path(a, fmt, ...): fresh path inside the home. */
char *audit_home_path(const struct audit *a, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* audit_home_put(a, name, p, n): a file of the home, folders made. */
enum audit_exit audit_home_put(struct audit *a, const char *name,
    const void *p, size_t n);
/*
 * audit_home_get(a, name, max, data, len): ERR_NOTFOUND if it is not there.
 * Ownership: caller frees.
 */
enum err audit_home_get(const struct audit *a, const char *name, size_t max,
    uint8_t **data, size_t *len) MUST_USE;

/* audit_address(text, out): http://…, unix:/… or tcp:… as a client's url. */
enum err audit_address(const char *text, char out[static 256]) MUST_USE;

/* log.conf, both directions.  Fails: ERR_FORMAT, ERR_KEY, ERR_RANGE. */
enum err audit_log_encode(const struct audit_log *l, struct buf *out)
    MUST_USE;
enum err audit_log_decode(struct bytes text, struct audit_log *out) MUST_USE;

/*
 * audit_identity(a, path, ids, n): the age identities of a file, plain or
 * sealed with a passphrase (asked once).  Secrets: wipe ${ids}.
 */
enum audit_exit audit_identity(struct audit *a, const char *path,
    struct age_identity ids[static HOME_IDENTITIES], size_t *n);
/*
 * audit_account(a, office, seed): the office file and the signing key of the
 * home.  *seed NULL: the home has none.  Ownership: caller frees ${seed}.
 */
enum audit_exit audit_account(struct audit *a, struct office *office,
    struct secret **seed);

#endif
