#ifndef IDFILE_H
#define IDFILE_H
/*
 * Identity files: what age-keygen writes (comments and AGE-SECRET-KEY-1...
 * lines), as it is or sealed with a passphrase (age -p).
 */
#include "peluit.h"

#define IDFILE_MAX	65536
#define IDFILE_KEYS	16

/*
 * idfile_parse(text, ids, max, n): the keys of the plain text, appended.
 * Fails: ERR_KEY (a line that is no key, none at all), ERR_RANGE.
 * Secrets: wipe ${ids}.
 */
enum err idfile_parse(struct bytes text, struct age_identity *ids, size_t max,
    size_t *n) MUST_USE;
/* idfile_read(d, path, ids, n): the same of a file; asks if it is sealed. */
enum peluit_exit idfile_read(struct desk *d, const char *path,
    struct age_identity *ids, size_t *n);
/*
 * idfile_passphrase(d, w, a): d->pass, from --passphrase-file or the
 * terminal with the question ${w}; asked once.
 */
enum peluit_exit idfile_passphrase(struct desk *d, enum word w, const char *a);
/* idfile_new_passphrase(d): the same twice, for something new. */
enum peluit_exit idfile_new_passphrase(struct desk *d);

#endif
