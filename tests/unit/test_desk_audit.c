/* What auditors ask, and what a feed proves, against the store itself. */
#include "server_fixture.h"

#include "proof.h"

static struct fix_person mine, auditor;
static struct session_data *who;
static const struct bytes nothing = { NULL, 0 };

static int
setup(void **state)
{
	(void)fix_setup(state);
	fix_person("petugas-1", &mine);
	fix_person("auditor-1", &auditor);
	who = need(calloc(1, sizeof(*who)));
	fix_send("inspektorat", "Isi.", who);
	return 0;
}

static int
teardown(void **state)
{
	free(who);
	return fix_teardown(state);
}

/* The commitment of event ${seq} of the case. */
static void
committed(size_t seq, uint8_t out[static COMMITMENT_LEN])
{
	struct case_record c;

	OK(fix_case(who, &c));
	assert_true(seq < c.openings);
	commitment_of(c.opening[seq].nonce, (struct bytes){
	    c.opening[seq].event, c.opening[seq].len }, out);
	case_done(&c);
}

/* Whether the inventory lists event ${seq}; *n: how many it lists. */
static bool
listed(size_t seq, size_t *n)
{
	uint8_t h[COMMITMENT_LEN];
	struct api_inventory v;
	struct fix_request q;
	bool found = false;

	committed(seq, h);
	assert_int_equal(fix_desk(&q, &auditor, "GET",
	    "/v1/audit/inventory", nothing), 200);
	OK(api_inventory_decode(fix_bytes(&q.a->body), &v));
	assert_false(v.more);
	for (size_t i = 0; i < v.commitments; i++)
		found = found || memcmp(v.commitment[i], h, sizeof(h)) == 0;
	*n = v.commitments;
	api_inventory_done(&v);
	fix_release(&q);
	return found;
}

static void
message_of(uint32_t number, struct message_record *m)
{
	struct case_record c;
	struct store_txn *t;

	OK(fix_case(who, &c));
	OK(store_begin(fix.s.store, &t));
	OK(message_get(fix.s.records, t, c.id, number, m));
	store_end(t);
	case_done(&c);
}

static enum err
drop_block(struct store_txn *t, void *arg)
{
	const struct object_record *o = arg;
	struct place at = place_block(fix.s.records, o->id, o->blocks - 1);

	return store_del(t, DB_BLOCKS, at.key);
}

static enum err
put_message(struct store_txn *t, void *arg)
{
	return message_put(fix.s.records, t, arg);
}

static void
test_inventory(void **state)
{
	struct message_record m;
	size_t n, before;

	(void)state;
	/* an open epoch's is not listed */
	assert_false(listed(0, &before));
	fix_later(2);
	(void)fix_close_epochs();
	assert_true(listed(0, &n));
	before = n;
	OK(fix_message(who, "inspektorat", "Lagi."));
	fix_later(2);
	(void)fix_close_epochs();
	assert_true(listed(1, &n));
	assert_int_equal(n, before + 1);

	/* a block that is gone, and nothing else of that message */
	message_of(1, &m);
	OK(store_write(fix.s.store, STORE_LAST, drop_block, &m.object[0]));
	message_done(&m);
	assert_false(listed(1, &n));
	assert_true(listed(0, &n));
	assert_int_equal(n, before);
	/* a header that is gone */
	message_of(0, &m);
	buf_reset(&m.object[0].h);
	OK(store_write(fix.s.store, STORE_LAST, put_message, &m));
	message_done(&m);
	assert_false(listed(0, &n));
	assert_int_equal(n, before - 1);
}

/* Of a reply the source's header may go, the desks' may not. */
static void
test_inventory_reply(void **state)
{
	struct message_record m;
	struct fix_action *x = need(calloc(1, sizeof(*x)));
	size_t n;

	(void)state;
	fix_reply(x, &mine, who, "Jawaban.");
	assert_int_equal(fix_act(x, &mine, NULL), 200);
	buf_done(&x->body);
	free(x);
	fix_later(2);
	(void)fix_close_epochs();
	assert_true(listed(1, &n));
	message_of(1, &m);
	buf_reset(&m.object[0].h);
	OK(store_write(fix.s.store, STORE_LAST, put_message, &m));
	assert_true(listed(1, &n));
	buf_reset(&m.object[0].t);
	OK(store_write(fix.s.store, STORE_LAST, put_message, &m));
	message_done(&m);
	assert_false(listed(1, &n));
}

/* The case's second event enters the feed before its epoch's end. */
static enum err
feed_now(struct store_txn *t, void *arg)
{
	struct desk_record d = { 2, 0 };
	struct feed_entry f = { .seq = 1 };
	enum err e;

	memcpy(f.case_id, ((struct case_record *)arg)->id, ID_LEN);
	e = feed_put(fix.s.records, t, mine.key, 2, &f);
	return e == ERR_OK ? desk_put(fix.s.records, t, mine.key, &d) : e;
}

static void
feed(struct api_feed *f)
{
	struct fix_request q;

	assert_int_equal(fix_desk(&q, &mine, "GET", "/v1/feed", nothing),
	    200);
	OK(api_feed_decode(fix_bytes(&q.a->body), f));
	assert_true(f->items >= 2);
	fix_release(&q);
}

/* The item has a proof that holds, of a tree of ${size} leaves. */
static void
proven(const struct api_feed_item *item, size_t seq, uint64_t *size)
{
	struct proof *proof = need(calloc(1, sizeof(*proof)));
	struct policy *policy = need(calloc(1, sizeof(*policy)));
	uint8_t h[COMMITMENT_LEN];
	struct merkle_hash leaf;
	struct checkpoint head;

	committed(seq, h);
	assert_true(item->proof);
	OK(proof_decode((struct bytes){ item->evidence,
	    strlen(item->evidence) }, proof));
	policy->log[policy->logs++] = fix.in.log;
	merkle_leaf(h, sizeof(h), &leaf);
	OK(proof_verify(proof, &leaf, policy, &head));
	assert_int_equal(proof->index, item->leaf);
	assert_true(proof->has_extra);
	assert_int_equal(proof->extra_len, NONCE_LEN + item->event_len);
	*size = head.size;
	free(policy);
	free(proof);
}

static void
promised(const struct api_feed_item *item, size_t seq)
{
	struct open_event *o = need(calloc(1, sizeof(*o)));
	uint8_t h[COMMITMENT_LEN];
	struct promise p;
	struct buf note;

	committed(seq, h);
	assert_false(item->proof);
	buf_init(&note, PROMISE_MAX);
	OK(promise_file_decode((struct bytes){ item->evidence,
	    strlen(item->evidence) }, o, &note));
	OK(promise_open(fix_bytes(&note), &fix.in.promise, &p));
	assert_memory_equal(p.commitment, h, sizeof(h));
	assert_int_equal(p.leaf, item->leaf);
	buf_done(&note);
	free(o);
}

/* An item whose epoch is open is promised, and proven once it is closed. */
static void
test_promise_then_proof(void **state)
{
	struct case_record c;
	struct api_feed f;
	uint64_t one, two;

	(void)state;
	fix_later(2);
	(void)fix_close_epochs();
	OK(fix_message(who, "inspektorat", "Lagi."));
	OK(fix_case(who, &c));
	OK(store_write(fix.s.store, STORE_LAST, feed_now, &c));
	case_done(&c);
	feed(&f);
	proven(&f.item[0], 0, &one);
	promised(&f.item[1], 1);
	api_feed_done(&f);

	fix_later(2);
	(void)fix_close_epochs();
	feed(&f);
	proven(&f.item[0], 0, &two);
	assert_int_equal(two, one + (uint64_t)2 * LEAVES);
	proven(&f.item[1], 1, &one);
	assert_int_equal(one, two);	/* a page has one checkpoint */
	api_feed_done(&f);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_inventory), T(test_inventory_reply),
		T(test_promise_then_proof),
	};
#undef T
	return cmocka_run_group_tests_name("desk_audit", tests, NULL, NULL);
}
