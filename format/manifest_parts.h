#ifndef MANIFEST_PARTS_H
#define MANIFEST_PARTS_H
/* What manifests and identity objects share. */
#include "js.h"
#include "manifest.h"

#define MANIFEST_MANY		"who"	/* the one field that repeats */
#define MANIFEST_VALUES_MAX	4096	/* JSON values, unknown ones too */
#define MANIFEST_KEY_MAX	32	/* bytes of a field's key */

const char *manifest_kind_text(enum manifest_kind k);
void manifest_put_fields(struct jsw *w, const struct manifest_field *field,
    size_t fields);
/* manifest_take_fields(r, m): the member "fields", if it is there. */
void manifest_take_fields(struct js *r, struct manifest *m);
/* manifest_take_head(r, version, m): peluit, origin, case. */
void manifest_take_head(struct js *r, const char *version,
    struct manifest *m);
/* manifest_pad(out, from): spaces behind what begins at ${from}. */
enum err manifest_pad(struct buf *out, size_t from) MUST_USE;

#endif
