/* The desk API: who may call, what a feed tells, actions that count once. */
#include "server_fixture.h"

static struct fix_person mine, theirs, keeper, auditor;
static struct session_data *who, *theirs_case;

static int
setup(void **state)
{
	(void)fix_setup(state);
	fix_person("petugas-1", &mine);
	fix_person("petugas-2", &theirs);
	fix_person("kustodian-1", &keeper);
	fix_person("auditor-1", &auditor);
	who = need(calloc(1, sizeof(*who)));
	theirs_case = need(calloc(1, sizeof(*theirs_case)));
	fix_send("inspektorat", "Isi.", who);
	fix_send("luar", "Isi lain.", theirs_case);
	return 0;
}

static int
teardown(void **state)
{
	free(who);
	free(theirs_case);
	return fix_teardown(state);
}

static const struct bytes nothing = { NULL, 0 };

static void
has(struct fix_request *q, const char *what)
{
	if (strstr(fix_body(q), what) == NULL)
		fail_msg("no %s in %s", what, fix_body(q));
}

static void
get(const struct fix_person *p, const char *target, int status,
    const char *what)
{
	struct fix_request q;

	assert_int_equal(fix_desk(&q, p, "GET", target, nothing), status);
	has(&q, what);
	fix_release(&q);
}

/* ---- who ---- */

static void
test_roles(void **state)
{
	struct fix_person p;

	(void)state;
	fix_stranger(&p);
	get(&p, "/v1/office", 401, "unknown_key");
	get(&mine, "/v1/office", 200, "petugas-1");
	get(&auditor, "/v1/office", 200, "auditor-1");
	get(&auditor, "/v1/feed", 403, "role");
	get(&keeper, "/v1/feed", 200, "[");
	get(&mine, "/v1/nothing", 404, "not_found");
	get(&mine, "/v1/feed?after=01", 400, "query");
	get(&mine, "/v1/feed?before=1", 400, "query");
	get(&mine, "/v1/feed?after=", 400, "query");
	get(&mine, "/v1/feed?after=99999999999999999999", 400, "query");
}

static void
test_answer_signed(void **state)
{
	struct fix_request q;

	(void)state;
	assert_int_equal(fix_desk(&q, &mine, "GET", "/v1/office", nothing),
	    200);
	assert_non_null(fix_header(&q, "Signature"));
	assert_non_null(fix_header(&q, "Content-Digest"));
	fix_release(&q);
	assert_int_equal(fix_desk(&q, &mine, "GET", "/v1/nothing", nothing),
	    404);
	assert_non_null(fix_header(&q, "Signature"));
	fix_release(&q);
}

/* A request, altered by ${how} after it was signed. */
static void
altered(void (*how)(struct fix_request *q), int status, const char *what)
{
	struct bytes body = { "{\"blocks\":1}", 12 };
	struct fix_request q;

	/* made and answered once, then its copy is altered and sent */
	(void)fix_desk(&q, &mine, "POST", "/v1/objects", body);
	http_answer_free(q.a);
	assert_non_null(q.a = http_answer_new());
	how(&q);
	fix_handle(&q);
	assert_int_equal(q.a->status, status);
	has(&q, what);
	assert_null(fix_header(&q, "Signature"));
	fix_release(&q);
}

static void
as_it_was(struct fix_request *q)
{
	(void)q;
}

static void
other_body(struct fix_request *q)
{
	q->c.x.req.body = (struct bytes){ "{\"blocks\":2}", 12 };
}

static void
no_digest(struct fix_request *q)
{
	q->c.x.fields.value[FIELD_CONTENT_DIGEST] = NULL;
}

static void
other_path(struct fix_request *q)
{
	strcpy(q->raw, "/v1/object_");
}

static void
other_method(struct fix_request *q)
{
	q->c.x.req.method = "PUT";
}

static void
other_query(struct fix_request *q)
{
	strcpy(q->query, "?x");
}

static void
no_signature(struct fix_request *q)
{
	q->c.x.fields.value[FIELD_SIGNATURE] = NULL;
}

static void
test_altered(void **state)
{
	(void)state;
	altered(as_it_was, 401, "replay");
	altered(other_body, 401, "digest");
	altered(no_digest, 401, "signature");
	altered(other_path, 401, "signature");
	altered(other_method, 401, "signature");
	altered(other_query, 401, "signature");
	altered(no_signature, 401, "unsigned");
}

static void
at(int64_t created, int status, const char *what)
{
	struct fix_request q;

	assert_int_equal(fix_desk_at(&q, &mine, "GET", "/v1/office", nothing,
	    created), status);
	has(&q, what);
	fix_release(&q);
}

static void
test_clock(void **state)
{
	int64_t start = fix.now;

	(void)state;
	at(start, 200, "petugas-1");
	at(start - 1, 401, "before_start");
	at(start + HTTPSIG_WINDOW_SEC, 200, "petugas-1");
	at(start + HTTPSIG_WINDOW_SEC + 1, 401, "\"skew\":301");
	fix_clock(start + 1000);
	at(fix.now - HTTPSIG_WINDOW_SEC, 200, "petugas-1");
	at(fix.now - HTTPSIG_WINDOW_SEC - 1, 401, "\"skew\":-301");
}

static void
dismiss(struct roster *r, void *arg)
{
	const uint8_t *key = arg;

	for (size_t i = 0; i < r->desks; i++)
		if (memcmp(r->desk[i].key, key, SIGN_PUBLIC_LEN) == 0)
			r->desk[i] = r->desk[--r->desks];
}

static void
test_dismissed(void **state)
{
	(void)state;
	fix_roster_next(dismiss, auditor.key);
	get(&auditor, "/v1/office", 200, "auditor-1");
	OK(office_take_next(&fix.s));
	get(&auditor, "/v1/office", 401, "unknown_key");
	get(&mine, "/v1/office", 200, "\"roster\":2");
}

/* ---- the feed ---- */

static void
feed(const struct fix_person *p, uint64_t after, struct api_feed *f)
{
	struct fix_request q;
	char target[64];

	(void)snprintf(target, sizeof(target), "/v1/feed?after=%llu",
	    (unsigned long long)after);
	assert_int_equal(fix_desk(&q, p, "GET", target, nothing), 200);
	OK(api_feed_decode(fix_bytes(&q.a->body), f));
	fix_release(&q);
}

static void
empty(const struct fix_person *p, uint64_t after)
{
	struct api_feed f;

	feed(p, after, &f);
	assert_int_equal(f.items, 0);
	api_feed_done(&f);
}

/* Nothing before the epoch's end; then one's own channel alone. */
static void
test_feed(void **state)
{
	struct api_feed f;

	(void)state;
	(void)fix_close_epochs();
	empty(&mine, 0);
	OK(fix_message(who, "inspektorat", "Lagi."));
	OK(fix_message(who, "inspektorat", "Dan lagi."));
	empty(&mine, 0);
	fix_later(1);
	(void)fix_close_epochs();
	feed(&mine, 0, &f);
	assert_int_equal(f.items, 3);
	for (size_t i = 0; i < 3; i++) {
		uint8_t c[COMMITMENT_LEN];
		struct case_record k;

		assert_int_equal(f.item[i].n, i + 1);
		assert_memory_equal(f.item[i].case_id, who->case_id, ID_LEN);
		/* one case: in the order of its events */
		assert_int_equal(f.item[i].message, i);
		assert_int_equal(f.item[i].objects, 1);
		commitment_of(f.item[i].nonce, (struct bytes){
		    f.item[i].event, f.item[i].event_len }, c);
		OK(fix_case(who, &k));
		assert_true(ledger_knows(&k, c));
		case_done(&k);
	}
	api_feed_done(&f);
	feed(&mine, 2, &f);
	assert_int_equal(f.items, 1);
	assert_int_equal(f.item[0].n, 3);
	api_feed_done(&f);
	empty(&mine, 3);
	feed(&theirs, 0, &f);
	assert_int_equal(f.items, 1);
	assert_memory_equal(f.item[0].case_id, theirs_case->case_id, ID_LEN);
	api_feed_done(&f);
	empty(&keeper, 0);
}

/* A desk also hears what colleagues, and itself, did. */
static void
test_feed_has_actions(void **state)
{
	struct api_feed f;

	(void)state;
	assert_int_equal(fix_status(&mine, who->case_id, "RECEIVED"), 200);
	fix_later(1);
	(void)fix_close_epochs();
	feed(&mine, 0, &f);
	assert_true(f.items >= 2);
	assert_int_equal(f.item[f.items - 1].kind, EVENT_STATUS);
	SAME(f.item[f.items - 1].status, "RECEIVED");
	assert_false(f.item[f.items - 1].has_message);
	api_feed_done(&f);
}

/* ---- no trace ---- */

/* The whole answer but for signature and date, of two targets: the same. */
static void
same_answer(const struct fix_person *p, const char *method, const char *a,
    const char *b, struct bytes body)
{
	struct fix_request one, two;

	assert_int_equal(fix_desk(&one, p, method, a, body), 404);
	assert_int_equal(fix_desk(&two, p, method, b, body), 404);
	SAME(fix_body(&one), fix_body(&two));
	assert_int_equal(one.a->headers, two.a->headers);
	fix_release(&one);
	fix_release(&two);
}

static void
test_no_trace(void **state)
{
	static const char *const part[] = { "h", "t", "0", "1" };
	struct message_record m;
	struct store_txn *t;
	struct fix_action x, y;
	struct buf said[2];
	uint8_t none[ID_LEN];
	char id[HEX_LEN(ID_LEN) + 1], no[HEX_LEN(ID_LEN) + 1];
	char a[128], b[128];

	(void)state;
	OK(store_begin(fix.s.store, &t));
	OK(message_get(fix.s.records, t, theirs_case->case_id, 0, &m));
	store_end(t);
	rand_bytes(none, ID_LEN);
	hex_encode(m.object[0].id, ID_LEN, id);
	hex_encode(none, ID_LEN, no);
	message_done(&m);
	for (int i = 0; i < 4; i++) {
		(void)snprintf(a, sizeof(a), "/v1/objects/%s/%s", id,
		    part[i]);
		(void)snprintf(b, sizeof(b), "/v1/objects/%s/%s", no,
		    part[i]);
		same_answer(&mine, "GET", a, b, nothing);
	}
	(void)snprintf(a, sizeof(a), "/v1/objects/%s/h", id);
	get(&theirs, a, 200, "age-encryption.org/v1");
	/* an action on it, and one on nothing */
	fix_action(&x, &mine, EVENT_STATUS, theirs_case->case_id);
	fix_action(&y, &mine, EVENT_STATUS, none);
	strcpy(x.a.status, "RECEIVED");
	strcpy(y.a.status, "RECEIVED");
	fix_sign(&x, &mine);
	fix_sign(&y, &mine);
	assert_int_equal(fix_act(&x, &mine, &said[0]), 404);
	assert_int_equal(fix_act(&y, &mine, &said[1]), 404);
	SAME(buf_text(&said[0]), buf_text(&said[1]));
	for (int i = 0; i < 2; i++)
		buf_done(&said[i]);
	buf_done(&x.body);
	buf_done(&y.body);
}

/* The identity of a source is not even for a custodian without consent. */
static void
test_identity_header(void **state)
{
	struct session_data *named = need(calloc(1, sizeof(*named)));
	struct fix_report r;
	struct message_record m;
	struct store_txn *t;
	char id[HEX_LEN(ID_LEN) + 1], target[128];

	(void)state;
	fix_report(&r, "inspektorat", "Isi.");
	r.in.identity = "Sari";
	OK(intake_report(&fix.s, &r.in, named));
	OK(store_begin(fix.s.store, &t));
	OK(message_get(fix.s.records, t, named->case_id, 0, &m));
	store_end(t);
	hex_encode(m.object[1].id, ID_LEN, id);
	message_done(&m);
	(void)snprintf(target, sizeof(target), "/v1/objects/%s/h", id);
	get(&mine, target, 404, "not_found");
	get(&keeper, target, 404, "not_found");
	free(named);
}

/* ---- actions ---- */

static void
test_request_once(void **state)
{
	struct fix_action x;
	struct case_record c;
	struct buf first, again;
	size_t n;

	(void)state;
	fix_action(&x, &mine, EVENT_STATUS, who->case_id);
	strcpy(x.a.status, "RECEIVED");
	fix_sign(&x, &mine);
	assert_int_equal(fix_act(&x, &mine, &first), 200);
	OK(fix_case(who, &c));
	n = c.openings;
	assert_int_equal(n, 2);
	case_done(&c);
	fix_later(2);
	assert_int_equal(fix_act(&x, &mine, &again), 200);
	SAME(buf_text(&first), buf_text(&again));
	buf_done(&first);
	buf_done(&again);
	buf_done(&x.body);
	/* another action under the same request */
	x.a.kind = EVENT_REFERRAL;
	strcpy(x.a.status, "");
	fix_sign(&x, &mine);
	assert_int_equal(fix_act(&x, &mine, NULL), 409);
	buf_done(&x.body);
	OK(fix_case(who, &c));
	assert_int_equal(c.openings, n);
	SAME(c.status, "RECEIVED");
	case_done(&c);
	/* requests count per actor: theirs is free */
	fix_action(&x, &theirs, EVENT_STATUS, theirs_case->case_id);
	strcpy(x.a.status, "RECEIVED");
	fix_sign(&x, &theirs);
	assert_int_equal(fix_act(&x, &theirs, NULL), 200);
	buf_done(&x.body);
}

/* "Saved" once an epoch; a second one gets the first one's answer. */
static void
test_access_once(void **state)
{
	struct fix_action x;
	struct case_record c;
	struct buf said[3];

	(void)state;
	for (int i = 0; i < 3; i++) {
		if (i == 2)
			fix_later(1);
		fix_action(&x, &mine, EVENT_ACCESS, who->case_id);
		OK(fix_case(who, &c));
		x.a.has_seen = true;
		ledger_last(&c, x.a.seen);
		assert_int_equal(c.openings, i == 0 ? 1 : 2);
		case_done(&c);
		fix_sign(&x, &mine);
		assert_int_equal(fix_act(&x, &mine, &said[i]), 200);
		buf_done(&x.body);
	}
	SAME(buf_text(&said[0]), buf_text(&said[1]));
	assert_string_not_equal(buf_text(&said[0]), buf_text(&said[2]));
	for (int i = 0; i < 3; i++)
		buf_done(&said[i]);
	/* what was not of this case was not seen */
	fix_action(&x, &mine, EVENT_ACCESS, who->case_id);
	x.a.has_seen = true;
	fix_sign(&x, &mine);
	assert_int_equal(fix_act(&x, &mine, NULL), 422);
	buf_done(&x.body);
}

static void
wrong(struct fix_action *x, const struct fix_person *by, int status)
{
	struct case_record c;

	assert_int_equal(fix_act(x, by, NULL), status);
	buf_done(&x->body);
	OK(fix_case(who, &c));
	assert_int_equal(c.openings, 1);
	case_done(&c);
}

static void
prepare(struct fix_action *x, const struct fix_person *p)
{
	fix_action(x, p, EVENT_STATUS, who->case_id);
	strcpy(x->a.status, "RECEIVED");
}

static void
test_wrong_actions(void **state)
{
	struct fix_action x;

	(void)state;
	prepare(&x, &mine);		/* another origin */
	strcpy(x.a.origin, "lain.invalid");
	fix_sign(&x, &mine);
	wrong(&x, &mine, 422);
	prepare(&x, &mine);		/* another case than the path's */
	fix_sign(&x, &mine);
	x.target[12] = x.target[12] == '0' ? '1' : '0';
	wrong(&x, &mine, 422);
	prepare(&x, &theirs);		/* sent by another than its actor */
	fix_sign(&x, &theirs);
	wrong(&x, &mine, 422);
	prepare(&x, &mine);		/* signed by another */
	fix_sign(&x, &theirs);
	wrong(&x, &mine, 422);
	prepare(&x, &mine);
	strcpy(x.a.status, "BANANA");
	fix_sign(&x, &mine);
	wrong(&x, &mine, 422);
	prepare(&x, &mine);		/* names objects, brings none */
	x.a.kind = EVENT_REPLY;
	x.a.status[0] = '\0';
	x.a.has_objects = true;
	fix_sign(&x, &mine);
	wrong(&x, &mine, 422);
	prepare(&x, &mine);		/* no identity to ask for */
	x.a.kind = EVENT_CUSTODY;
	strcpy(x.a.status, "ASK");
	fix_sign(&x, &mine);
	wrong(&x, &mine, 409);
	prepare(&x, &mine);		/* a custodian's deed */
	x.a.kind = EVENT_CUSTODY;
	strcpy(x.a.status, "OPEN");
	x.a.has_seen = true;
	fix_sign(&x, &mine);
	wrong(&x, &mine, 403);
	prepare(&x, &keeper);		/* a custodian's status */
	fix_sign(&x, &keeper);
	wrong(&x, &keeper, 403);
}

static void
test_status(void **state)
{
	struct fix_action x;
	struct case_record c;

	(void)state;
	fix_later(1);
	fix_action(&x, &mine, EVENT_REFERRAL, who->case_id);
	fix_sign(&x, &mine);
	assert_int_equal(fix_act(&x, &mine, NULL), 200);
	buf_done(&x.body);
	OK(fix_case(who, &c));
	SAME(c.status, "REFERRED");
	assert_int_equal(c.status_epoch, fix_epoch());
	case_done(&c);
}

/* ---- objects ---- */

static void
test_reply_object(void **state)
{
	struct fix_action x;
	struct case_record c;

	(void)state;
	fix_reply(&x, &mine, who, "Jawaban.");
	buf_done(&x.body);
	/* the root is of another object */
	x.a.objects.bytes[0] ^= 1;
	fix_sign(&x, &mine);
	assert_int_equal(fix_act(&x, &mine, NULL), 422);
	buf_done(&x.body);
	x.a.objects.bytes[0] ^= 1;
	/* an object that another desk brought */
	memcpy(x.a.actor_key, theirs.key, SIGN_PUBLIC_LEN);
	memcpy(x.a.case_id, theirs_case->case_id, ID_LEN);
	fix_sign(&x, &theirs);
	assert_int_equal(fix_act(&x, &theirs, NULL), 404);
	buf_done(&x.body);
	memcpy(x.a.actor_key, mine.key, SIGN_PUBLIC_LEN);
	memcpy(x.a.case_id, who->case_id, ID_LEN);
	assert_int_equal(fix_count(DB_UPLOADS), 1);
	fix_sign(&x, &mine);
	assert_int_equal(fix_act(&x, &mine, NULL), 200);
	assert_int_equal(fix_count(DB_UPLOADS), 0);
	OK(fix_case(who, &c));
	assert_int_equal(c.messages, 2);
	assert_int_equal(c.opening[1].message, 1);
	case_done(&c);
	buf_done(&x.body);
	/* taken once */
	rand_bytes(x.a.request, ID_LEN);
	fix_sign(&x, &mine);
	assert_int_equal(fix_act(&x, &mine, NULL), 404);
	buf_done(&x.body);
}

static int
put(const struct fix_person *p, const char *id, const char *part,
    struct bytes body)
{
	struct fix_request q;
	char target[128];
	int status;

	(void)snprintf(target, sizeof(target), "/v1/objects/%s/%s", id, part);
	status = fix_desk(&q, p, "PUT", target, body);
	fix_release(&q);
	return status;
}

static void
new_object(const struct fix_person *p, const char *body, int status,
    char id[static HEX_LEN(ID_LEN) + 1])
{
	struct fix_request q;
	uint8_t raw[ID_LEN];

	assert_int_equal(fix_desk(&q, p, "POST", "/v1/objects",
	    (struct bytes){ body, strlen(body) }), status);
	if (status == 201) {
		OK(api_id_decode(fix_bytes(&q.a->body), raw));
		hex_encode(raw, ID_LEN, id);
	}
	fix_release(&q);
}

static void
test_put(void **state)
{
	char id[HEX_LEN(ID_LEN) + 1];
	uint8_t *block = need(calloc(1, BLOCK_LEN + 1));
	struct bytes whole = { block, BLOCK_LEN }, less = { block, 100 };
	struct fix_action x;

	(void)state;
	new_object(&mine, "{\"blocks\":0}", 422, id);
	new_object(&mine, "{\"blocks\":1025}", 422, id);
	new_object(&mine, "hello", 422, id);
	new_object(&keeper, "{\"blocks\":1}", 403, id);
	new_object(&mine, "{\"blocks\":2}", 201, id);
	assert_int_equal(put(&mine, id, "0", less), 422);
	assert_int_equal(put(&mine, id, "2", whole), 422);
	assert_int_not_equal(put(&mine, id, "0", nothing), 204);
	assert_int_equal(put(&mine, id, "00", whole), 404);
	assert_int_equal(put(&mine, id, "x", whole), 404);
	assert_int_equal(put(&mine, id, "1", (struct bytes){ block,
	    BLOCK_LEN + 1 }), 422);
	assert_int_equal(put(&mine, id, "h", less), 422);
	assert_int_equal(put(&theirs, id, "0", whole), 404);
	assert_int_equal(put(&mine, id, "0", whole), 204);
	assert_int_equal(put(&mine, id, "0", whole), 204);
	/* an action on what is not whole takes nothing */
	fix_action(&x, &mine, EVENT_REPLY, who->case_id);
	x.a.has_objects = x.api.has_object = true;
	OK(hex_decode((struct bytes){ id, HEX_LEN(ID_LEN) }, x.api.object,
	    ID_LEN));
	fix_sign(&x, &mine);
	wrong(&x, &mine, 422);
	assert_int_equal(fix_count(DB_UPLOADS), 1);
	free(block);
}

/* Sixteen unfinished objects of a desk; another desk has its own. */
static void
test_open_objects(void **state)
{
	char id[HEX_LEN(ID_LEN) + 1];

	(void)state;
	for (int i = 0; i < 16; i++)
		new_object(&mine, "{\"blocks\":1}", 201, id);
	new_object(&mine, "{\"blocks\":1}", 503, id);
	new_object(&theirs, "{\"blocks\":1}", 201, id);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_roles), T(test_answer_signed), T(test_altered),
		T(test_clock), T(test_dismissed), T(test_feed),
		T(test_feed_has_actions), T(test_no_trace),
		T(test_identity_header), T(test_request_once),
		T(test_access_once), T(test_wrong_actions), T(test_status),
		T(test_reply_object), T(test_put), T(test_open_objects),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
