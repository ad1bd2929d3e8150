#ifndef MESSAGE_H
#define MESSAGE_H
/*
 * Messages of a case, opened from the vault.  What does not fit is refused,
 * each kind of misfit with a sentence of its own: origin, case, kind, key,
 * object, size, digest.
 */
#include "book.h"
#include "manifest.h"
#include "vault.h"

struct message {
	const struct book_case *of;
	const struct book_event *event;
	struct manifest manifest;
};

/* message_is(e): whether the event carries a manifest. */
bool message_is(const struct book_event *e);
/* message_readable(e): whether its manifest is in the vault. */
bool message_readable(const struct book_event *e);
/*
 * message_open(d, c, e, out): opened and checked.
 * Ownership: message_free.
 */
enum peluit_exit message_open(struct desk *d, const struct book_case *c,
    const struct book_event *e, struct message **out);
void message_free(struct message *m);
/*
 * message_peek(d, path, out): the manifest of a file, nothing checked against
 * an event.  Fails: as vault_open and manifest_decode.
 */
enum err message_peek(const struct desk *d, const char *path,
    struct manifest *out, struct vault_facts *facts) MUST_USE;

#define SHA256_TEXT_MAX (HEX_LEN(SHA256_LEN) + 1)
/*
 * message_attachment(d, m, i, sink, arg): the ${i}-th attachment's bytes,
 * without their padding, to ${sink} (NULL: nowhere); *sha256: their digest as
 * hex text.  Until DESK_DONE what came out must be ready to be discarded.
 */
struct message_out { age_sink *sink; void *arg; };
enum peluit_exit message_attachment(struct desk *d, const struct message *m,
    size_t i, const struct message_out *out,
    char sha256_text[static SHA256_TEXT_MAX]);

/*
 * message_report(d, c, out): the case's report, opened and checked: the only
 * place from which a source's key is taken.
 */
enum peluit_exit message_report(struct desk *d, const struct book_case *c,
    struct message **out);

#endif
