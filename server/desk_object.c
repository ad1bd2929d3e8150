/* Objects: read by those whom they are for, brought by investigators. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "consent.h"
#include "desk_internal.h"
#include "fault.h"

#define UPLOADS_MAX	16	/* objects of a desk that no action took yet */

/* "ID/K" behind /v1/objects/: K is h, t or a number. */
struct part { uint8_t id[ID_LEN]; char header; uint32_t block; };

static bool
parse_part(const char *rest, struct part *out)
{
	const char *k = strchr(rest, '/');
	size_t n;

	memset(out, 0, sizeof(*out));
	if (k == NULL || !call_id(rest, (size_t)(k - rest), out->id))
		return (false);
	k++;
	n = strlen(k);
	if (n == 1 && (*k == 'h' || *k == 't')) {
		out->header = *k;
		return (true);
	}
	if (n == 0 || n > 6 || (k[0] == '0' && n > 1))
		return (false);
	for (; *k != '\0'; k++) {
		if (!isdigit((unsigned char)*k))
			return (false);
		out->block = out->block * 10 + (uint32_t)(*k - '0');
	}
	return (true);
}

static bool
part_or_problem(struct call *c, struct part *p)
{

	if (parse_part(c->rest, p))
		return (true);
	call_problem(c, 404, "not_found", "There is no such object.");
	return (false);
}

bool
call_keeps(const struct call *c, const struct case_record *cs)
{

	if (c->desk.role != ROLE_CUSTODIAN || !case_keeps(cs, &c->desk.age))
		return (false);
	for (size_t i = 0; i < c->channels; i++) {
		if (strcmp(c->channel[i], cs->channel) == 0)
			return (true);
	}
	return (false);
}

/*
 * Whether the desk may have anything of an object: a reader what was sealed
 * to them, that is, from their first message on.  An identity is for a
 * custodian who has opened it with the source's consent, and nothing else of
 * a case is for custodians.
 */
static bool
may_have(const struct call *c, const struct case_record *cs,
    const struct object_record *o, uint32_t message)
{

	if (o->use != USE_IDENTITY)
		return (case_reads_from(cs, &c->desk.age) <= message);
	return (call_keeps(c, cs) &&
	    consent_opens(cs, &c->desk, message));
}

static enum err
give_part(struct call *c, struct store_txn *t, const struct object_record *o,
    const struct part *p)
{
	const struct buf *h = p->header == 'h' ? &o->h : &o->t;
	struct place at = place_block(c->s->records, o->id, p->block);
	struct bytes block;
	enum err e;

	if (p->header != 0 && h->len == 0)
		return (ERR_NOTFOUND);
	if (p->header != 0) {
		buf_put(&c->a->body, h->data, h->len);
		return (buf_err(&c->a->body));
	}
	e = store_get(t, DB_BLOCKS, at.key, &block);
	if (e == ERR_OK)
		buf_put(&c->a->body, block.p, block.n);
	return (e == ERR_OK ? buf_err(&c->a->body) : e);
}

static enum err
give(struct call *c, struct store_txn *t, const struct part *p)
{
	struct object_home home;
	struct message_record m;
	struct case_record cs;
	enum err e;

	e = object_home_get(c->s->records, t, p->id, &home);
	if (e != ERR_OK || (e = case_get_by_id(c->s->records, t, home.case_id,
	    &cs)) != ERR_OK)
		return (e);
	e = message_get(c->s->records, t, home.case_id, home.message, &m);
	if (e != ERR_OK)
		goto out;
	e = ERR_NOTFOUND;	/* also: no trace of a case of others */
	for (size_t i = 0; i < m.objects; i++) {
		const struct object_record *o = &m.object[i];

		if (memcmp(o->id, p->id, ID_LEN) == 0 &&
		    may_have(c, &cs, o, home.message))
			e = give_part(c, t, o, p);
	}
	message_done(&m);
out:
	case_done(&cs);
	return (e);
}

void
desk_object_get(struct call *c)
{
	struct store_txn *t;
	struct part p;
	enum err e;

	if (!part_or_problem(c, &p))
		return;
	if ((e = store_begin(c->s->store, &t)) == ERR_OK) {
		e = give(c, t, &p);
		store_end(t);
	}
	if (e != ERR_OK) {
		call_fail(c, e);
		return;
	}
	c->a->status = 200;
	c->a->content_type = "application/octet-stream";
}

/* ---- bringing one ---- */

struct new_job { struct call *c; struct upload_record u; unsigned open; };

static enum err
count_open(void *arg, const uint8_t *key, struct bytes value)
{
	struct new_job *j = arg;
	struct upload_record u;
	struct buf b;
	enum err e;

	buf_init(&b, RECORD_MAX);
	e = record_open_at(j->c->s->records, DB_UPLOADS, key, value, &b);
	if (e == ERR_OK && (e = upload_decode((struct bytes){ b.data, b.len },
	    &u)) == ERR_OK) {
		j->open += u.of_desk && memcmp(u.desk, j->c->desk.key,
		    SIGN_PUBLIC_LEN) == 0;
		upload_done(&u);
	}
	buf_done(&b);
	return (e);
}

static enum err
new_job(struct store_txn *t, void *arg)
{
	struct new_job *j = arg;
	enum err e;

	j->open = 0;		/* a job may be run twice */
	if ((e = store_each(t, DB_UPLOADS, count_open, j)) != ERR_OK)
		return (e);
	if (j->open >= UPLOADS_MAX)
		return (ERR_BUSY);
	return (upload_put(j->c->s->records, t, &j->u));
}

void
desk_object_new(struct call *c)
{
	struct new_job j = { .c = c };
	enum err e;

	if (!call_type(c, "application/json"))
		return;
	if (api_blocks_decode(c->r->body, &j.u.blocks) != ERR_OK ||
	    j.u.blocks == 0 || j.u.blocks > UPLOAD_BLOCKS_MAX) {
		call_problem(c, 422, "blocks", "The body is {\"blocks\":K}, K "
		    "from 1 to 1024.");
		return;
	}
	rand_bytes(j.u.id, ID_LEN);
	j.u.of_desk = true;
	memcpy(j.u.desk, c->desk.key, SIGN_PUBLIC_LEN);
	j.u.epoch = c->epoch;
	buf_init(&j.u.h, AGE_HEADER_MAX);
	buf_init(&j.u.t, AGE_HEADER_MAX);
	if ((e = store_write(c->s->store, STORE_LAST, new_job, &j)) == ERR_OK)
		e = api_id_encode(j.u.id, &c->a->body);
	if (e == ERR_OK)
		call_json(c, 201);
	else
		call_fail(c, e);
}

struct put_job { struct call *c; struct part p; struct sealed *block; };

static enum err
put_part(struct put_job *j, struct store_txn *t, struct upload_record *u)
{
	struct bytes body = j->c->r->body;
	struct buf *h = j->p.header == 'h' ? &u->h : &u->t;
	uint32_t k = j->p.block;
	struct place at;
	size_t stanzas;
	enum err e;

	if (j->p.header != 0) {
		if ((e = age_header_check(body.p, body.n, &stanzas)) != ERR_OK)
			return (ERR_FORMAT);
		buf_reset(h);
		buf_put(h, body.p, body.n);
		return (buf_err(h));
	}
	if (k >= u->blocks || (k + 1 < u->blocks && body.n != BLOCK_LEN))
		return (ERR_RANGE);
	if (k + 1 == u->blocks)
		u->last_len = (uint32_t)body.n;
	u->have[k / 8] |= (uint8_t)(1u << (k % 8));
	at = place_block(j->c->s->records, u->id, k);
	return (store_put(t, DB_BLOCKS, at.key, j->block));
}

static enum err
put_job(struct store_txn *t, void *arg)
{
	struct put_job *j = arg;
	struct upload_record u;
	enum err e;

	e = upload_get(j->c->s->records, t, j->p.id, &u);
	if (e == ERR_OK && (!u.of_desk || memcmp(u.desk, j->c->desk.key,
	    SIGN_PUBLIC_LEN) != 0))
		e = ERR_NOTFOUND;
	if (e == ERR_OK && (e = put_part(j, t, &u)) == ERR_OK)
		e = upload_put(j->c->s->records, t, &u);
	upload_done(&u);
	return (e);
}

void
desk_object_put(struct call *c)
{
	struct put_job j = { .c = c };
	enum err e = ERR_OK;

	if (!part_or_problem(c, &j.p) ||
	    !call_type(c, "application/octet-stream"))
		return;
	if (j.p.header == 0)
		e = sealed_block_of(c->r->body.p, c->r->body.n, &j.block);
	if (e == ERR_OK && (e = fault_point("desk.1")) == ERR_OK)
		e = store_write(c->s->store, STORE_LAST, put_job, &j);
	sealed_free(j.block);
	if (e == ERR_RANGE)
		call_problem(c, 422, "block", "Not a block of this object: "
		    "each but the last has 1048560 bytes.");
	else if (e == ERR_FORMAT)
		call_problem(c, 422, "header", "Not an age v1 header.");
	else if (e != ERR_OK)
		call_fail(c, e);
	else
		c->a->status = 204;
}
