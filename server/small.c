/* Small objects: manifests, identities, replies; sealed in memory. */
#include <string.h>

#include "intake.h"

void
small_init(struct small_object *o)
{

	memset(o, 0, sizeof(*o));
	object_init(&o->record);
}

void
small_done(struct small_object *o)
{

	for (size_t i = 0; i < SMALL_BLOCKS; i++)
		sealed_free(o->block[i]);
	object_done(&o->record);
	small_init(o);
}

static enum err
keep_block(struct small_object *o, struct sealed *block)
{

	if (block == NULL)
		return (ERR_OK);
	if (o->record.blocks == SMALL_BLOCKS) {
		sealed_free(block);
		return (ERR_RANGE);
	}
	o->block[o->record.blocks++] = block;
	return (ERR_OK);
}

enum err
small_seal(enum object_use use, const struct age_recipient *to, size_t n,
    const struct buf *plain, struct small_object *out)
{
	struct object_sealer *sealer = NULL;
	struct object_facts facts;
	struct bytes in = { plain->data, plain->len }, header;
	struct sealed *block;
	size_t taken;
	enum err e;

	small_init(out);
	if ((e = buf_err(plain)) != ERR_OK ||
	    (e = object_sealer_new(to, n, &sealer)) != ERR_OK)
		goto out;
	while (in.n > 0) {
		e = object_sealer_put(sealer, in, &taken, &block);
		if (e != ERR_OK || (e = keep_block(out, block)) != ERR_OK)
			goto out;
		in.p = (const uint8_t *)in.p + taken;
		in.n -= taken;
	}
	do {
		e = object_sealer_end(sealer, &block);
		if (e != ERR_OK || (e = keep_block(out, block)) != ERR_OK)
			goto out;
	} while (block != NULL);
	facts = object_sealer_facts(sealer);
	header = object_sealer_header(sealer);
	rand_bytes(out->record.id, ID_LEN);
	out->record.use = use;
	out->record.payload = facts.payload;
	memcpy(out->record.digest, facts.digest, BLAKE2B_LEN);
	buf_put(&out->record.h, header.p, header.n);
	e = buf_err(&out->record.h);
out:
	object_sealer_free(sealer);
	if (e != ERR_OK)
		small_done(out);
	return (e);
}

enum err
small_identity(const char *said, const struct roster_channel *set,
    struct manifest *m, struct small_object *out)
{
	struct manifest_field f = { (char *)(uintptr_t)"identity",
	    (char *)(uintptr_t)said };
	struct age_recipient to[ROSTER_MEMBERS];
	struct buf text;
	enum err e;

	if (said == NULL)
		return (ERR_OK);
	for (size_t i = 0; i < set->custodians; i++)
		to[i] = set->custodian[i].key;
	buf_init(&text, MANIFEST_MAX);
	if ((e = identity_encode(m->origin, m->case_id, &f, 1, &text)) ==
	    ERR_OK)
		e = small_seal(USE_IDENTITY, to, set->custodians, &text, out);
	buf_done(&text);
	if (e == ERR_OK) {
		m->has_identity = true;
		memcpy(m->identity_object, out->record.id, ID_LEN);
		memcpy(m->identity_digest, out->record.digest, BLAKE2B_LEN);
	}
	return (e);
}

enum err
small_store(const struct records *r, struct store_txn *t,
    const struct small_object *o, const struct object_home *home)
{
	enum err e;

	for (uint32_t k = 0; k < o->record.blocks; k++) {
		struct place at = place_block(r, o->record.id, k);

		e = store_put(t, DB_BLOCKS, at.key, o->block[k]);
		if (e != ERR_OK)
			return (e);
	}
	return (object_home_put(r, t, o->record.id, home));
}

/* Contract of the root: manifest, identity, attachments; of a reply h, t. */
enum err
message_root(const struct message_record *m, struct merkle_hash *out)
{
	struct object_entry entry[OBJECTS_MAX + 1];
	size_t n = 0;

	for (size_t i = 0; i < m->objects; i++) {
		const struct object_record *o = &m->object[i];

		blake2b(NULL, o->h.data, o->h.len, entry[n].header);
		memcpy(entry[n++].payload, o->digest, BLAKE2B_LEN);
		if (o->use != USE_REPLY)
			continue;
		blake2b(NULL, o->t.data, o->t.len, entry[n].header);
		memcpy(entry[n++].payload, o->digest, BLAKE2B_LEN);
	}
	return (objects_root(entry, n, out));
}
