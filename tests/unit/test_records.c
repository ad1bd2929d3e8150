/* Records: both directions, damage, places, another key. */
#include "server_fixture.h"

struct job {
	enum err (*fn)(struct store_txn *t, struct job *j);
	struct case_record *c;
	struct message_record *m;
	struct epoch_record *ep;
	struct upload_record *u;
	bool more;
};

static enum err
run(struct store_txn *t, void *arg)
{
	struct job *j = arg;

	return j->fn(t, j);
}

static enum err
write_job(struct job *j, enum err (*fn)(struct store_txn *, struct job *))
{
	j->fn = fn;
	return store_write(fix.s.store, STORE_LAST, run, j);
}

/* The opened record at a place. */
static void
plain(enum store_db db, const struct place *at, struct buf *out)
{
	struct store_txn *t;

	buf_init(out, RECORD_MAX);
	OK(store_begin(fix.s.store, &t));
	OK(record_get(fix.s.records, t, db, at, out));
	store_end(t);
}

typedef enum err decode_fn(struct bytes text);

/* What is whole decodes; cut anywhere or with a byte more it does not. */
static void
strict(const struct buf *b, decode_fn *decode)
{
	uint8_t *p = malloc(b->len + 1);
	size_t step = b->len > 4000 ? 37 : 1;

	assert_non_null(p);
	memcpy(p, b->data, b->len);
	p[b->len] = 0;
	OK(decode((struct bytes){ p, b->len }));
	assert_int_equal(decode((struct bytes){ p, b->len + 1 }),
	    ERR_FORMAT);
	for (size_t n = 0; n < b->len; n += step) {
		uint8_t *cut = malloc(n + 1);	/* so that a reader shows */

		assert_non_null(cut);
		memcpy(cut, p, n);
		if (decode((struct bytes){ cut, n }) == ERR_OK)
			fail_msg("cut at %zu of %zu", n, b->len);
		free(cut);
	}
	p[0] = 2;
	assert_int_equal(decode((struct bytes){ p, b->len }), ERR_FORMAT);
	free(p);
}

static enum err
put_case(struct store_txn *t, struct job *j)
{
	return case_put(fix.s.records, t, j->c);
}

static enum err
decode_case(struct bytes text)
{
	struct case_record c;
	enum err e = case_decode(text, &c);

	case_done(&c);
	return e;
}

static void
fill_case(struct case_record *c, size_t openings)
{
	memset(c, 0, sizeof(*c));
	rand_bytes(c->id, ID_LEN);
	rand_bytes(c->at.key, STORE_KEY_LEN);
	strcpy(c->channel, "inspektorat");
	c->epoch = 7;
	rand_bytes(c->set, SHA256_LEN);
	rand_bytes(c->source.point, 32);
	rand_bytes(c->source_key, SIGN_PUBLIC_LEN);
	c->recipients = 2;
	rand_bytes(c->recipient[0].point, 32);
	rand_bytes(c->recipient[1].point, 32);
	c->read_since[1] = 2;
	strcpy(c->status, "RECEIVED");
	c->status_epoch = 8;
	c->pending = true;
	rand_bytes(c->fields, HMAC_LEN);
	c->messages = 3;
	c->sent_messages = 2;
	c->sent_files = 1;
	c->file_bytes = UINT64_C(1) << 40;
	c->opening = need(calloc(openings + 1, sizeof(*c->opening)));
	c->openings = openings;
	for (size_t i = 0; i < openings; i++) {
		struct opening *o = &c->opening[i];

		o->epoch = 7 + i;
		o->leaf = i;
		o->message = i == 1 ? NO_MESSAGE : (uint32_t)i;
		rand_bytes(o->nonce, NONCE_LEN);
		o->len = i == 2 ? EVENT_MAX : 100;
		rand_bytes(o->event, o->len);
	}
}

static void
test_case(void **state)
{
	struct case_record c, d;
	struct job j = { .c = &c };
	struct store_txn *t;
	struct buf b;

	(void)state;
	fill_case(&c, 3);
	OK(write_job(&j, put_case));
	OK(store_begin(fix.s.store, &t));
	OK(case_get(fix.s.records, t, &c.at, &d));
	store_end(t);
	assert_memory_equal(&c, &d, offsetof(struct case_record, opening));
	assert_int_equal(d.openings, 3);
	for (size_t i = 0; i < 3; i++)
		assert_memory_equal(&c.opening[i], &d.opening[i],
		    sizeof(c.opening[i]));
	assert_true(case_reads(&d, &c.recipient[1]));
	assert_false(case_reads(&d, &c.recipient[2]));
	assert_int_equal(case_reads_from(&d, &c.recipient[0]), 0);
	assert_int_equal(case_reads_from(&d, &c.recipient[1]), 2);
	assert_int_equal(case_reads_from(&d, &c.source), NO_MESSAGE);
	plain(DB_CASES, &c.at, &b);
	strict(&b, decode_case);
	buf_done(&b);
	case_done(&c);
	case_done(&d);
}

/* A record stands for its place alone. */
static void
test_bound_to_place(void **state)
{
	struct case_record c;
	struct job j = { .c = &c };
	struct store_txn *t;
	struct bytes v;
	struct place other;
	struct buf b;

	(void)state;
	fill_case(&c, 0);
	OK(write_job(&j, put_case));
	rand_bytes(other.key, sizeof(other.key));
	buf_init(&b, RECORD_MAX);
	OK(store_begin(fix.s.store, &t));
	OK(store_get(t, DB_CASES, c.at.key, &v));
	OK(record_open_at(fix.s.records, DB_CASES, c.at.key, v, &b));
	assert_int_equal(record_open_at(fix.s.records, DB_CASES, other.key, v,
	    &b), ERR_MAC);
	assert_int_equal(record_open_at(fix.s.records, DB_CASE_IDS, c.at.key,
	    v, &b), ERR_MAC);
	store_end(t);
	buf_done(&b);
	case_done(&c);
}

static void
test_other_key(void **state)
{
	struct install_record i;
	struct records *r;
	struct secret *k;
	struct store_txn *t;

	(void)state;
	OK(secret_new(32, &k));
	OK(records_new(k, &r));
	OK(store_begin(fix.s.store, &t));
	assert_int_equal(install_get(r, t, &i), ERR_NOTFOUND);
	OK(install_get(fix.s.records, t, &i));
	store_end(t);
	records_free(r);
	secret_free(k);
}

static enum err
put_message(struct store_txn *t, struct job *j)
{
	return message_put(fix.s.records, t, j->m);
}

static enum err
decode_message(struct bytes text)
{
	struct message_record m;
	enum err e = message_decode(text, &m);

	message_done(&m);
	return e;
}

static void
test_message(void **state)
{
	struct message_record m, d, none;
	struct job j = { .m = &m };
	struct store_txn *t;
	struct place at;
	struct buf b;

	(void)state;
	memset(&m, 0, sizeof(m));
	rand_bytes(m.case_id, ID_LEN);
	m.number = 4;
	m.kind = MANIFEST_REPLY;
	m.epoch = 99;
	strcpy(m.label, "petugas-1");
	m.object = need(calloc(2, sizeof(*m.object)));
	for (; m.objects < 2; m.objects++) {
		struct object_record *o = &m.object[m.objects];

		object_init(o);
		rand_bytes(o->id, ID_LEN);
		o->use = m.objects == 0 ? USE_REPLY : USE_ATTACHMENT;
		o->blocks = 5;
		o->payload = 12345678901;
		buf_fill(&o->h, 'h', 300);
		buf_fill(&o->t, 't', m.objects == 0 ? 200 : 0);
	}
	OK(write_job(&j, put_message));
	OK(store_begin(fix.s.store, &t));
	OK(message_get(fix.s.records, t, m.case_id, 4, &d));
	assert_int_equal(message_get(fix.s.records, t, m.case_id, 5, &none),
	    ERR_NOTFOUND);
	store_end(t);
	assert_int_equal(d.kind, MANIFEST_REPLY);
	assert_int_equal(d.epoch, 99);
	SAME(d.label, "petugas-1");
	assert_int_equal(d.objects, 2);
	assert_int_equal(d.object[0].h.len, 300);
	assert_int_equal(d.object[0].t.len, 200);
	assert_int_equal(d.object[1].payload, 12345678901);
	assert_int_equal(d.object[1].use, USE_ATTACHMENT);
	at = place_message(fix.s.records, d.case_id, 4);
	plain(DB_MESSAGES, &at, &b);
	strict(&b, decode_message);
	/* a kind and a use that do not exist */
	b.data[1 + ID_LEN + 4] = MANIFEST_REPLY + 1;
	assert_int_equal(decode_message(fix_bytes(&b)), ERR_FORMAT);
	buf_done(&b);
	message_done(&m);
	message_done(&d);
}

static enum err
put_epoch(struct store_txn *t, struct job *j)
{
	return epoch_put(fix.s.records, t, j->ep);
}

static enum err
decode_epoch(struct bytes text)
{
	struct epoch_record ep;
	enum err e = epoch_decode(text, &ep);

	epoch_done(&ep);
	return e;
}

static void
test_epoch(void **state)
{
	struct epoch_record ep, d;
	struct job j = { .ep = &ep };
	struct store_txn *t;
	struct place at;
	struct buf b;

	(void)state;
	OK(store_begin(fix.s.store, &t));
	OK(epoch_get(fix.s.records, t, 1000, &ep));	/* absent: empty */
	store_end(t);
	assert_int_equal(ep.epoch, 1000);
	assert_int_equal(ep.entries, 0);
	for (; ep.entries < LEAVES; ep.entries++) {
		struct epoch_entry *en = &ep.entry[ep.entries];

		en->leaf = (uint8_t)(255 - ep.entries);
		en->class = LEAF_REST;
		en->kind = EVENT_DECOY;
		en->seq = ep.entries;
		en->len = EVENT_MAX;
		rand_bytes(en->event, EVENT_MAX);
	}
	OK(write_job(&j, put_epoch));
	OK(store_begin(fix.s.store, &t));
	OK(epoch_get(fix.s.records, t, 1000, &d));
	store_end(t);
	assert_int_equal(d.entries, LEAVES);
	for (size_t i = 0; i < LEAVES; i++)
		assert_memory_equal(&d.entry[i], &ep.entry[i],
		    sizeof(d.entry[i]));
	epoch_done(&d);
	ep.entries = 3;
	OK(write_job(&j, put_epoch));
	at = place_epoch(fix.s.records, 1000);
	plain(DB_EPOCHS, &at, &b);
	strict(&b, decode_epoch);
	buf_done(&b);
	epoch_done(&ep);
}

static enum err
put_upload(struct store_txn *t, struct job *j)
{
	return upload_put(fix.s.records, t, j->u);
}

static enum err
decode_upload(struct bytes text)
{
	struct upload_record u;
	enum err e = upload_decode(text, &u);

	upload_done(&u);
	return e;
}

static void
fill_upload(struct upload_record *u, bool of_desk, uint32_t blocks)
{
	memset(u, 0, sizeof(*u));
	rand_bytes(u->id, ID_LEN);
	u->of_desk = of_desk;
	u->epoch = 12;
	u->blocks = blocks;
	u->last_len = 77;
	rand_bytes(u->have, sizeof(u->have));
	buf_init(&u->h, AGE_HEADER_MAX);
	buf_init(&u->t, AGE_HEADER_MAX);
	buf_fill(&u->h, 'h', 10);
}

static void
test_upload(void **state)
{
	struct upload_record u, d;
	struct job j = { .u = &u };
	struct store_txn *t;
	struct place at;
	struct buf b;

	(void)state;
	fill_upload(&u, true, 1024);
	OK(write_job(&j, put_upload));
	OK(store_begin(fix.s.store, &t));
	OK(upload_get(fix.s.records, t, u.id, &d));
	store_end(t);
	assert_memory_equal(d.have, u.have, sizeof(u.have));
	assert_int_equal(d.last_len, 77);
	assert_int_equal(d.h.len, 10);
	assert_int_equal(d.t.len, 0);
	at = place_object(fix.s.records, u.id);
	plain(DB_UPLOADS, &at, &b);
	strict(&b, decode_upload);
	buf_done(&b);
	upload_done(&u);
	upload_done(&d);
}

/* A hundred blocks; of a desk's every second one. */
static enum err
put_blocks(struct store_txn *t, struct job *j)
{
	struct sealed *s;
	enum err e = ERR_OK;
	uint8_t one = 1;

	for (uint32_t k = 0; k < j->u->blocks && k < 100 && e == ERR_OK; k++) {
		struct place at = place_block(fix.s.records, j->u->id, k);

		if (j->u->of_desk && k % 2 == 0)
			continue;
		OK(sealed_block_of(&one, 1, &s));
		e = store_put(t, DB_BLOCKS, at.key, s);
		sealed_free(s);
	}
	return e == ERR_OK ? upload_put(fix.s.records, t, j->u) : e;
}

static enum err
erase(struct store_txn *t, struct job *j)
{
	struct upload_record u;
	enum err e;

	if ((e = upload_get(fix.s.records, t, j->u->id, &u)) == ERR_OK)
		e = upload_erase(fix.s.records, t, &u, &j->more);
	upload_done(&u);
	return e;
}

static void
erase_all(bool of_desk, uint32_t blocks, unsigned at_least)
{
	struct upload_record u;
	struct job j = { .u = &u };
	unsigned times = 0;

	fill_upload(&u, of_desk, blocks);
	OK(write_job(&j, put_blocks));
	assert_int_not_equal(fix_count(DB_BLOCKS), 0);
	do {
		OK(write_job(&j, erase));
		times++;
	} while (j.more);
	assert_in_range(times, at_least, 10);
	assert_int_equal(fix_count(DB_BLOCKS), 0);
	assert_int_equal(fix_count(DB_UPLOADS), 0);
	upload_done(&u);
}

static void
test_erase(void **state)
{
	(void)state;
	/* a source's, of which nobody knows how many blocks came */
	erase_all(false, UINT32_MAX, 2);
	/* a desk's, every second block missing */
	erase_all(true, 6, 1);
}

/* No two things have one place. */
static void
test_places(void **state)
{
	struct records *r = fix.s.records;
	uint8_t id[SIGN_PUBLIC_LEN] = { 1 }, id2[SIGN_PUBLIC_LEN] = { 2 };
	struct place p[] = {
		place_case(r, id), place_case(r, id2), place_case_id(r, id),
		place_message(r, id, 0), place_message(r, id, 1),
		place_message(r, id2, 0), place_object(r, id),
		place_block(r, id, 0), place_block(r, id, 1),
		place_epoch(r, 0), place_epoch(r, 1), place_feed(r, id, 0),
		place_feed(r, id, 1), place_feed(r, id2, 0),
		place_request(r, id, id), place_request(r, id, id2),
		place_request(r, id2, id), place_desk(r, id),
		place_desk(r, id2), place_named(r, "install"),
		place_named(r, "instal"),
	};
	size_t n = sizeof(p) / sizeof(p[0]);

	(void)state;
	for (size_t i = 0; i < n; i++)
		for (size_t k = i + 1; k < n; k++)
			assert_memory_not_equal(&p[i], &p[k], sizeof(p[0]));
	/* and none shows what it is about */
	for (size_t i = 0; i < n; i++)
		assert_null(memmem(&p[i], sizeof(p[0]), id, 4));
}

static enum err
put_small(struct store_txn *t, struct job *j)
{
	const struct records *r = fix.s.records;
	uint8_t key[SIGN_PUBLIC_LEN] = { 9 };
	struct feed_entry f = { { 3 }, 4 };
	struct desk_record d = { 5, 6 };
	struct request_record q = { { 7 }, 8, 9, { 10 } };
	struct object_home h = { { 11 }, 12 };

	(void)j;
	OK(feed_put(r, t, key, 2, &f));
	OK(desk_put(r, t, key, &d));
	OK(request_put(r, t, key, key, &q));
	OK(object_home_put(r, t, key, &h));
	return ERR_OK;
}

static void
test_small(void **state)
{
	const struct records *r = fix.s.records;
	uint8_t key[SIGN_PUBLIC_LEN] = { 9 }, none[SIGN_PUBLIC_LEN] = { 8 };
	struct job j = { .more = false };
	struct feed_entry f;
	struct desk_record d;
	struct request_record q;
	struct object_home h;
	struct store_txn *t;

	(void)state;
	OK(write_job(&j, put_small));
	OK(store_begin(fix.s.store, &t));
	OK(feed_get(r, t, key, 2, &f));
	assert_int_equal(f.case_id[0], 3);
	assert_int_equal(f.seq, 4);
	assert_int_equal(feed_get(r, t, key, 1, &f), ERR_NOTFOUND);
	OK(desk_get(r, t, key, &d));
	assert_int_equal(d.given, 5);
	assert_int_equal(d.saved, 6);
	OK(desk_get(r, t, none, &d));
	assert_int_equal(d.given + d.saved, 0);
	OK(request_get(r, t, key, key, &q));
	assert_int_equal(q.action[0], 7);
	assert_int_equal(q.epoch, 8);
	assert_int_equal(q.leaf, 9);
	assert_int_equal(q.commitment[0], 10);
	assert_int_equal(request_get(r, t, none, key, &q), ERR_NOTFOUND);
	OK(object_home_get(r, t, key, &h));
	assert_int_equal(h.case_id[0], 11);
	assert_int_equal(h.message, 12);
	store_end(t);
}

#define T(f) cmocka_unit_test_setup_teardown(f, fix_setup, fix_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_case), T(test_bound_to_place), T(test_other_key),
		T(test_message), T(test_epoch), T(test_upload), T(test_erase),
		T(test_places), T(test_small),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
