/* Bodies of the desk API, both ways. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "api.h"
#include "need.h"

#define HEX16	"000102030405060708090a0b0c0d0e0f"
#define HEX32	"000102030405060708090a0b0c0d0e0f" \
		"101112131415161718191a1b1c1d1e1f"

static struct bytes
text_of(const char *s)
{
	return (struct bytes){ s, strlen(s) };
}

static struct bytes
bytes_of(const struct buf *b)
{
	return (struct bytes){ b->data, b->len };
}

static void
fill_item(struct api_feed_item *item, uint64_t n)
{
	item->n = n;
	memset(item->case_id, (int)n, ID_LEN);
	item->has_message = n % 2 == 0;
	item->message = item->has_message ? 3 : 0;
	item->kind = EVENT_REPLY;
	item->epoch = 80000 + n;
	if (n % 3 == 0)
		strcpy(item->status, "REVIEW");
	item->event_len = 20;
	memcpy(item->event, "peluit-event/v1 \"x\"\n", 20);
	memset(item->nonce, 9, NONCE_LEN);
	item->leaf = 256 * n;
	item->proof = n % 5 != 0;
	item->evidence = need(strdup(item->proof ? "c2sp.org/tlog-proof@v1\n\n"
	    "\xe2\x80\x94 x\n" : "opening A\n"));
	item->objects = n % 4;
	for (size_t i = 0; i < item->objects; i++) {
		memset(item->object[i].id, (int)i, ID_LEN);
		item->object[i].blocks = UINT32_MAX;
		item->object[i].size = 5000000000;
		item->object[i].identity = i == 1;
		item->object[i].has_entry = i != 2;
		if (i != 2)
			memset(&item->object[i].entry, (int)(n + i),
			    sizeof(item->object[i].entry));
	}
}

static void
test_feed(void **state)
{
	struct api_feed f = { 0 }, g;
	struct buf a, b;
	size_t i;

	(void)state;
	buf_init(&a, API_BODY_MAX);
	buf_init(&b, API_BODY_MAX);
	f.item = calloc(API_FEED_MAX + 1, sizeof(*f.item));
	assert_non_null(f.item);
	f.items = API_FEED_MAX;
	for (i = 0; i <= f.items; i++)
		fill_item(&f.item[i], i);
	assert_int_equal(api_feed_encode(&f, &a), ERR_OK);
	assert_int_equal(api_feed_decode(bytes_of(&a), &g), ERR_OK);
	assert_int_equal(g.items, f.items);
	assert_true(g.more);
	for (i = 0; i < g.items; i++) {
		char *mine = f.item[i].evidence, *its = g.item[i].evidence;

		assert_string_equal(mine, its);
		f.item[i].evidence = g.item[i].evidence = NULL;
		assert_memory_equal(&f.item[i], &g.item[i], sizeof(*g.item));
		f.item[i].evidence = mine;
		g.item[i].evidence = its;
	}
	assert_int_equal(api_feed_encode(&g, &b), ERR_OK);
	assert_string_equal(buf_text(&a), buf_text(&b));
	api_feed_done(&g);
	f.items++;
	assert_int_equal(api_feed_encode(&f, &a), ERR_RANGE);
	f.items = 0;
	buf_reset(&a);
	assert_int_equal(api_feed_encode(&f, &a), ERR_OK);
	assert_string_equal(buf_text(&a), "[]");
	assert_int_equal(api_feed_decode(bytes_of(&a), &g), ERR_OK);
	assert_int_equal(g.items, 0);
	assert_false(g.more);
	api_feed_done(&g);
	f.items = 1;
	f.item[0].objects = API_OBJECTS_MAX + 1;
	assert_int_equal(api_feed_encode(&f, &a), ERR_RANGE);
	f.item[0].objects = 0;
	f.item[0].event[3] = 0xff;
	assert_int_equal(api_feed_encode(&f, &a), ERR_FORMAT);
	f.items = API_FEED_MAX + 1;	/* all that was filled */
	api_feed_done(&f);
	buf_done(&a);
	buf_done(&b);
}

#define ITEM_OF(n, kind, event, evidence, objects) "[{\"n\":" n \
		",\"case\":\"" HEX16 "\",\"kind\":\"" kind \
		"\",\"epoch\":7,\"event\":" event ",\"nonce\":\"" HEX32 \
		"\",\"leaf\":1" evidence ",\"objects\":" objects "}]"
#define ITEM(n, kind, event, objects) ITEM_OF(n, kind, event, \
		",\"proof\":\"p\"", objects)
#define EVIDENCE(evidence) ITEM_OF("1", "reply", "\"x\"", evidence, "[]")

static void
test_feed_refused(void **state)
{
	static const struct { const char *text; enum err e; } bad[] = {
		{ "", ERR_FORMAT }, { "{}", ERR_FORMAT },
		{ "[1]", ERR_FORMAT }, { "[{}]", ERR_FORMAT },
		{ ITEM("-1", "reply", "\"x\"", "[]"), ERR_RANGE },
		{ ITEM("1.0", "reply", "\"x\"", "[]"), ERR_FORMAT },
		{ ITEM("9223372036854775808", "reply", "\"x\"", "[]"),
		    ERR_FORMAT },
		{ ITEM("1", "memo", "\"x\"", "[]"), ERR_FORMAT },
		{ ITEM("1", "reply", "7", "[]"), ERR_FORMAT },
		{ ITEM("1", "reply", "\"x\"", "{}"), ERR_FORMAT },
		{ ITEM("1", "reply", "\"x\"", "[{\"id\":\"" HEX16 "\","
		    "\"blocks\":4294967296,\"size\":1}]"), ERR_RANGE },
		{ ITEM("1", "reply", "\"x\"", "[{\"id\":\"" HEX16 "\","
		    "\"blocks\":1}]"), ERR_FORMAT },
		{ ITEM("1", "reply", "\"x\"", "[{\"id\":\"" HEX16 "\","
		    "\"blocks\":1,\"size\":1,\"header\":\"" HEX32 "\"}]"),
		    ERR_FORMAT },
		{ ITEM("1", "reply", "\"x\"", "[{\"id\":\"" HEX16 "\","
		    "\"blocks\":1,\"size\":1,\"digest\":\"" HEX32 "\"}]"),
		    ERR_FORMAT },
		{ ITEM("1", "reply", "\"x\"", "[{\"id\":\"" HEX16 "\","
		    "\"blocks\":1,\"size\":1,\"identity\":false}]"),
		    ERR_FORMAT },
		{ ITEM("1", "reply", "\"x\",\"n\":1", "[]"), ERR_FORMAT },
		{ ITEM("1", "reply", "\"x\",\"status\":\"x\"", "[]"),
		    ERR_FORMAT },
		{ EVIDENCE(""), ERR_FORMAT },
		{ EVIDENCE(",\"proof\":7"), ERR_FORMAT },
		{ EVIDENCE(",\"promise\":null"), ERR_FORMAT },
		{ EVIDENCE(",\"proof\":\"a\",\"promise\":\"b\""),
		    ERR_FORMAT },
	};
	struct api_feed f;
	struct buf b;
	size_t i;

	(void)state;
	assert_int_equal(api_feed_decode(text_of(ITEM("1", "reply", "\"x\"",
	    "[]")), &f), ERR_OK);
	api_feed_done(&f);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(api_feed_decode(text_of(bad[i].text), &f),
		    bad[i].e);
		assert_null(f.item);
	}
	/* An event at the limit, and one byte above it. */
	buf_init(&b, 4096);
	for (i = EVENT_MAX; i <= EVENT_MAX + 1; i++) {
		buf_reset(&b);
		buf_puts(&b, "[{\"n\":1,\"case\":\"" HEX16 "\",\"kind\":"
		    "\"reply\",\"epoch\":7,\"event\":\"");
		buf_fill(&b, 'x', i);
		buf_puts(&b, "\",\"nonce\":\"" HEX32 "\",\"leaf\":1,"
		    "\"proof\":\"p\",\"objects\":[]}]");
		assert_int_equal(api_feed_decode(bytes_of(&b), &f),
		    i == EVENT_MAX ? ERR_OK : ERR_RANGE);
		api_feed_done(&f);
	}
	buf_done(&b);
}

/* Evidence at its limit, and one byte above it, both ways. */
static void
test_evidence(void **state)
{
	struct api_feed f = { 0 }, g;
	struct buf b, text;
	size_t i;

	(void)state;
	buf_init(&b, API_BODY_MAX);
	buf_init(&text, API_BODY_MAX);
	assert_int_equal(api_feed_decode(text_of(EVIDENCE(
	    ",\"promise\":\"b\"")), &f), ERR_OK);
	assert_false(f.item[0].proof);
	assert_string_equal(f.item[0].evidence, "b");
	api_feed_done(&f);
	for (i = API_EVIDENCE_MAX; i <= API_EVIDENCE_MAX + 1; i++) {
		buf_reset(&text);
		buf_fill(&text, 'x', i);
		buf_reset(&b);
		buf_printf(&b, EVIDENCE(",\"proof\":\"%s\""),
		    buf_text(&text));
		assert_int_equal(api_feed_decode(bytes_of(&b), &g),
		    i == API_EVIDENCE_MAX ? ERR_OK : ERR_RANGE);
		api_feed_done(&g);
		f.item = calloc(1, sizeof(*f.item));
		assert_non_null(f.item);
		f.items = 1;
		fill_item(&f.item[0], 1);
		free(f.item[0].evidence);
		f.item[0].evidence = need(strdup(buf_text(&text)));
		buf_reset(&b);
		assert_int_equal(api_feed_encode(&f, &b),
		    i == API_EVIDENCE_MAX ? ERR_OK : ERR_RANGE);
		api_feed_done(&f);
	}
	buf_done(&b);
	buf_done(&text);
}

static void
test_inventory(void **state)
{
	static const struct { const char *text; enum err e; } bad[] = {
		{ "{}", ERR_FORMAT }, { "[]", ERR_FORMAT },
		{ "{\"commitments\":[],\"more\":1,\"after\":\"" HEX32
		    "\"}", ERR_FORMAT },
		{ "{\"commitments\":[],\"more\":true}", ERR_FORMAT },
		{ "{\"commitments\":[7],\"more\":true,\"after\":\"" HEX32
		    "\"}", ERR_FORMAT },
		{ "{\"commitments\":[\"" HEX16 "\"],\"more\":true,"
		    "\"after\":\"" HEX32 "\"}", ERR_FORMAT },
		{ "{\"commitments\":{},\"more\":true,\"after\":\"" HEX32
		    "\"}", ERR_FORMAT },
	};
	struct api_inventory a = { 0 }, b;
	struct buf text;
	size_t i;

	(void)state;
	buf_init(&text, API_BODY_MAX);
	a.commitment = calloc(API_INVENTORY_MAX + 1, COMMITMENT_LEN);
	assert_non_null(a.commitment);
	a.commitments = API_INVENTORY_MAX;
	for (i = 0; i < a.commitments; i++)
		memset(a.commitment[i], (int)(i % 251), COMMITMENT_LEN);
	a.more = true;
	memset(a.after, 0xab, sizeof(a.after));
	/* the longest page fits a body */
	assert_int_equal(api_inventory_encode(&a, &text), ERR_OK);
	assert_int_equal(api_inventory_decode(bytes_of(&text), &b), ERR_OK);
	assert_int_equal(b.commitments, a.commitments);
	assert_memory_equal(b.commitment, a.commitment, a.commitments *
	    COMMITMENT_LEN);
	assert_true(b.more);
	assert_memory_equal(b.after, a.after, sizeof(a.after));
	api_inventory_done(&b);
	a.commitments++;
	buf_reset(&text);
	assert_int_equal(api_inventory_encode(&a, &text), ERR_RANGE);
	api_inventory_done(&a);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(api_inventory_decode(text_of(bad[i].text),
		    &b), bad[i].e);
		assert_null(b.commitment);
	}
	buf_done(&text);
}

static void
test_size(void **state)
{
	struct buf b;
	uint64_t n;

	(void)state;
	buf_init(&b, 64);
	assert_int_equal(api_size_encode(512, &b), ERR_OK);
	assert_string_equal(buf_text(&b), "{\"size\":512}");
	assert_int_equal(api_size_decode(bytes_of(&b), &n), ERR_OK);
	assert_int_equal(n, 512);
	assert_int_equal(api_size_decode(text_of("{}"), &n), ERR_FORMAT);
	assert_int_equal(api_size_decode(text_of("{\"size\":-1}"), &n),
	    ERR_RANGE);
	buf_done(&b);
}

static void
test_office(void **state)
{
	struct api_office o, p;
	struct buf b;

	(void)state;
	memset(&o, 0, sizeof(o));
	strcpy(o.origin, "wbs.example");
	o.epoch = 7;
	o.epoch_seconds = 60;
	o.unix_time = 1700000000;
	strcpy(o.log, "late");
	o.roster = 2;
	strcpy(o.label, "petugas-1");
	strcpy(o.role, "investigator");
	o.text_chars = 100000;
	o.file_bytes = 536870912;
	o.body_bytes = API_BODY_MAX;
	strcpy(o.channel[0], "umum");
	strcpy(o.channel[1], "luar");
	o.channels = 2;
	buf_init(&b, API_BODY_MAX);
	assert_int_equal(api_office_encode(&o, &b), ERR_OK);
	assert_int_equal(api_office_decode(bytes_of(&b), &p), ERR_OK);
	assert_memory_equal(&o, &p, sizeof(o));
	strcpy(o.log, "fine");
	assert_int_equal(api_office_encode(&o, &b), ERR_FORMAT);
	assert_int_equal(api_office_decode(text_of("{}"), &p), ERR_FORMAT);
	buf_done(&b);
}

static void
test_action(void **state)
{
	static const char text[] = "peluit-action/v1 wbs.example\n";
	struct api_action a, c;
	struct buf b;

	(void)state;
	memset(&a, 0, sizeof(a));
	a.len = sizeof(text) - 1;
	memcpy(a.text, text, a.len);
	memset(a.sig, 4, SIGN_LEN);
	buf_init(&b, API_BODY_MAX);
	assert_int_equal(api_action_encode(&a, &b), ERR_OK);
	assert_int_equal(api_action_decode(bytes_of(&b), &c), ERR_OK);
	assert_memory_equal(&a, &c, sizeof(a));
	a.has_object = true;
	memset(a.object, 5, ID_LEN);
	buf_reset(&b);
	assert_int_equal(api_action_encode(&a, &b), ERR_OK);
	assert_int_equal(api_action_decode(bytes_of(&b), &c), ERR_OK);
	assert_memory_equal(&a, &c, sizeof(a));
	assert_int_equal(api_action_decode(text_of("{\"action\":\"x\"}"), &c),
	    ERR_FORMAT);
	assert_int_equal(api_action_decode(text_of("{\"action\":\"x\","
	    "\"sig\":\"AAAA\"}"), &c), ERR_FORMAT);
	assert_int_equal(api_action_decode(text_of("{\"action\":\"x\","
	    "\"action\":\"y\",\"sig\":\"AAAA\"}"), &c), ERR_FORMAT);
	a.len = ACTION_MAX + 1;
	assert_int_equal(api_action_encode(&a, &b), ERR_RANGE);
	buf_done(&b);
}

static void
test_small(void **state)
{
	struct api_taken t = { 7, 2047, { 1, 2 } }, u;
	uint8_t id[ID_LEN] = { 1, 2, 3 }, have[ID_LEN];
	uint32_t blocks;
	struct buf b;

	(void)state;
	buf_init(&b, 1024);
	assert_int_equal(api_taken_encode(&t, &b), ERR_OK);
	assert_int_equal(api_taken_decode(bytes_of(&b), &u), ERR_OK);
	assert_memory_equal(&t, &u, sizeof(t));
	buf_reset(&b);
	assert_int_equal(api_blocks_encode(3, &b), ERR_OK);
	assert_string_equal(buf_text(&b), "{\"blocks\":3}");
	assert_int_equal(api_blocks_decode(bytes_of(&b), &blocks), ERR_OK);
	assert_int_equal(blocks, 3);
	assert_int_equal(api_blocks_decode(text_of("{\"blocks\":0}"),
	    &blocks), ERR_RANGE);
	assert_int_equal(api_blocks_decode(text_of("{\"blocks\":4294967296}"),
	    &blocks), ERR_RANGE);
	assert_int_equal(api_blocks_decode(text_of("{\"blocks\":\"1\"}"),
	    &blocks), ERR_FORMAT);
	buf_reset(&b);
	assert_int_equal(api_id_encode(id, &b), ERR_OK);
	assert_int_equal(api_id_decode(bytes_of(&b), have), ERR_OK);
	assert_memory_equal(id, have, ID_LEN);
	assert_int_equal(api_id_decode(text_of("{\"id\":\"0102\"}"), have),
	    ERR_FORMAT);
	buf_done(&b);
}

static void
test_problem(void **state)
{
	struct api_problem p, q;
	struct buf b;

	(void)state;
	memset(&p, 0, sizeof(p));
	p.status = 401;
	strcpy(p.code, "clock");
	strcpy(p.title, "The clock differs");
	strcpy(p.detail, "Set the clock of this computer.");
	p.has_skew = true;
	p.skew = -4000;
	buf_init(&b, 1024);
	assert_int_equal(api_problem_encode(&p, &b), ERR_OK);
	assert_int_equal(api_problem_decode(bytes_of(&b), &q), ERR_OK);
	assert_memory_equal(&p, &q, sizeof(p));
	p.has_skew = false;
	p.skew = 0;
	buf_reset(&b);
	assert_int_equal(api_problem_encode(&p, &b), ERR_OK);
	assert_null(strstr(buf_text(&b), "skew"));
	assert_int_equal(api_problem_decode(text_of("{\"title\":\"a\","
	    "\"status\":600,\"code\":\"x\"}"), &q), ERR_RANGE);
	assert_int_equal(api_problem_decode(text_of("{\"title\":\"a\","
	    "\"status\":500}"), &q), ERR_FORMAT);
	buf_done(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_feed),
		cmocka_unit_test(test_feed_refused),
		cmocka_unit_test(test_evidence),
		cmocka_unit_test(test_inventory),
		cmocka_unit_test(test_size),
		cmocka_unit_test(test_office),
		cmocka_unit_test(test_action),
		cmocka_unit_test(test_small),
		cmocka_unit_test(test_problem),
	};

	if (crypto_init() != ERR_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
