#ifndef MANIFEST_H
#define MANIFEST_H
/*
 * Manifests and identity objects: the JSON inside the sealed objects.
 * Format: docs/FORMATS.md "Manifest".
 */
#include <stdint.h>

#include "event.h"
#include "roster.h"

#define MANIFEST_MAX		(1024 * 1024)	/* bytes, padding included */
#define MANIFEST_TEXT_CHARS	100000
#define MANIFEST_FIELD_CHARS	10000
#define MANIFEST_FIELDS		32
#define MANIFEST_ATTACHMENTS	64
#define MANIFEST_NAME_MAX	300		/* bytes of a file name kept */

enum manifest_kind { MANIFEST_REPORT, MANIFEST_MESSAGE, MANIFEST_REPLY };

/* A field of the form, key of docs/FORMATS.md "Fields"; "who" may repeat. */
struct manifest_field { char *key, *value; };
struct manifest_attachment {
	uint8_t object[ID_LEN];
	char *name, *type;
	uint64_t size;			/* true size, before padding */
	uint8_t digest[BLAKE2B_LEN];
};
struct manifest {
	char origin[ORIGIN_MAX + 1];
	uint8_t case_id[ID_LEN];
	enum manifest_kind kind;
	uint64_t epoch;
	char channel[ROSTER_CHANNEL_MAX + 1];
	struct manifest_field field[MANIFEST_FIELDS];
	size_t fields;
	char *text;			/* never NULL when decoded */
	struct manifest_attachment attachment[MANIFEST_ATTACHMENTS];
	size_t attachments;
	bool has_identity;
	uint8_t identity_object[ID_LEN];
	uint8_t identity_digest[BLAKE2B_LEN];
	/* report only */
	struct age_recipient source;
	uint8_t source_key[SIGN_PUBLIC_LEN];
	struct age_recipient recipient[ROSTER_MEMBERS];
	size_t recipients;
	/* reply only; "" : absent */
	char status[STATUS_MAX + 1];
	char *reason;
};

/*
 * manifest_encode(m, out): JSON, then spaces to pad_manifest().  Strings are
 * borrowed.  manifest_decode: strict UTF-8, duplicate keys refused, unknown
 * keys ignored, sizes of every part limited; strings are owned by ${out}:
 * release with manifest_done (wipes).  Fails: ERR_FORMAT, ERR_VERSION,
 * ERR_RANGE, ERR_SYS.
 */
enum err manifest_encode(const struct manifest *m, struct buf *out) MUST_USE;
enum err manifest_decode(struct bytes text, struct manifest *out) MUST_USE;
/* manifest_init: a zeroed one to fill by hand with borrowed strings. */
void manifest_init(struct manifest *m);
void manifest_done(struct manifest *m);	/* only after manifest_decode */

/* identity objects: {"peluit":"identity/v1",...,"fields":{...}}, padded. */
enum err identity_encode(const char *origin,
    const uint8_t case_id[static ID_LEN], const struct manifest_field *field,
    size_t fields, struct buf *out) MUST_USE;
enum err identity_decode(struct bytes text, struct manifest *out) MUST_USE;

#endif
