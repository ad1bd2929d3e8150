#ifndef VAULT_H
#define VAULT_H
/*
 * The vault: each object as it was fetched, header and payload in one age
 * file, vault/CASE/OBJECT.age, which stock age opens.  Not trusted: what is
 * opened is checked against the event each time.
 */
#include "age.h"
#include "peluit.h"
#include "event.h"

/* What one pass over an object's file gives. */
struct vault_facts {
	struct object_entry entry;	/* digests of header and payload */
	uint64_t payload;		/* bytes */
	uint64_t plain;			/* bytes that came out */
	size_t stanzas;			/* recipients it was sealed to */
};

/* vault_dir(d, case): fresh path of the case's folder. */
char *vault_dir(const struct desk *d, const uint8_t case_id[static ID_LEN]);
/* vault_path(d, case, object, part): fresh path of OBJECT.age, or .age.part. */
char *vault_path(const struct desk *d, const uint8_t case_id[static ID_LEN],
    const uint8_t object[static ID_LEN], bool part);

/*
 * vault_open(path, id, sink, arg, facts): opens the file with ${id}, in
 * constant memory; the plaintext to ${sink}, which must be ready to discard
 * it until ERR_OK came.  ${id} NULL: hashes only.
 * Fails: ERR_NOTFOUND, ERR_FORMAT/ERR_VERSION/ERR_RANGE (header),
 * ERR_NOMATCH, ERR_MAC, ERR_PAYLOAD, the sink's, ERR_SYS.
 */
enum err vault_open(const char *path, const struct age_identity *id,
    age_sink *sink, void *arg, struct vault_facts *facts) MUST_USE;

#endif
