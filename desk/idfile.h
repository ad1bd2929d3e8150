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
 * idfile_read(d, path, ids, n): the identities of a file, appended; asks for
 * a passphrase if it is sealed.  Secrets: wipe ${ids}.
 */
enum peluit_exit idfile_read(struct desk *d, const char *path,
    struct age_identity *ids, size_t *n);
/*
 * idfile_unseal(d, path, bad, file, plain): if the content ${file} of ${path}
 * is sealed, it is opened into ${plain} and *file is that; ${bad} is what is
 * said of a damaged one.
 */
enum peluit_exit idfile_unseal(struct desk *d, const char *path,
    enum word bad, struct bytes *file, struct buf *plain);
/*
 * idfile_passphrase(d, w, a): d->pass, from --passphrase-file or the
 * terminal with the question ${w}; asked once.
 */
enum peluit_exit idfile_passphrase(struct desk *d, enum word w, const char *a);
/* idfile_new_passphrase(d): the same twice, for something new. */
enum peluit_exit idfile_new_passphrase(struct desk *d);

#endif
