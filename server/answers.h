#ifndef ANSWERS_H
#define ANSWERS_H
/* What investigators answered, as the source may read it. */
#include "manifest.h"
#include "server.h"

struct answer {
	uint8_t id[ID_LEN];		/* of its object */
	uint64_t epoch;
	char label[ROSTER_LABEL_MAX + 1];	/* whose key signed it */
	uint8_t signer[SIGN_PUBLIC_LEN];
	struct manifest *m;		/* NULL: cannot be read or trusted */
	bool damaged;			/* its record too: id, label unknown */
};
struct answers {
	struct answer *list;		/* heap; newest first */
	size_t n;
	struct case_record c;
};
/*
 * answers_open(s, who, out): the case and its answers, opened with the
 * source's identity; signature, objects, origin, case and kind are checked.
 * Fails: ERR_NOTFOUND (the case was deleted), ERR_SYS, store errors.
 */
enum err answers_open(struct server *s, const struct session_data *who,
    struct answers *out) MUST_USE;
void answers_done(struct answers *a);
/*
 * answers_delete(s, who, id): the source's header goes, and with it the only
 * way for the source's key to open it.  Fails: ERR_NOTFOUND; store errors.
 */
enum err answers_delete(struct server *s, const struct session_data *who,
    const uint8_t id[static ID_LEN]) MUST_USE;

#endif
