/* A source's identity: asked for, answered, opened; and by nobody else. */
#include "server_fixture.h"
#include "consent.h"

static struct fix_person mine, theirs, keeper;
static struct session_data *who;

static const struct bytes nothing = { NULL, 0 };

/* A report with what the source says of themselves. */
static void
send_named(const char *identity)
{
	struct fix_report *r = need(calloc(1, sizeof(*r)));

	fix_report(r, "inspektorat", "Isi.");
	r->in.identity = identity;
	OK(intake_report(&fix.s, &r->in, who));
	free(r);
}

static int
setup(void **state)
{
	(void)fix_setup(state);
	fix_person("petugas-1", &mine);
	fix_person("petugas-2", &theirs);
	fix_person("kustodian-1", &keeper);
	who = need(calloc(1, sizeof(*who)));
	send_named("Sari");
	return 0;
}

static int
teardown(void **state)
{
	free(who);
	return fix_teardown(state);
}

static void
message_named(const char *identity)
{
	struct roster_channel *set = need(calloc(1, sizeof(*set)));
	struct message_in in = { .text = "", .identity = identity };

	OK(source_set_now(&fix.s, "inspektorat", set, in.set_hash));
	in.set = set;
	OK(intake_message(&fix.s, who, &in));
	free(set);
}

static struct consent
look(void)
{
	struct case_record c;
	struct consent now;

	OK(fix_case(who, &c));
	consent_look(&c, fix_epoch(), &now);
	case_done(&c);
	return now;
}

/* A `custody` of ${p}; the answer is of that status and code ("": taken). */
static void
custody(const struct fix_person *p, const char *what, const uint8_t *seen,
    int status, const char *code)
{
	struct fix_action x;
	struct buf said;

	fix_action(&x, p, EVENT_CUSTODY, who->case_id);
	strcpy(x.a.status, what);
	x.a.has_seen = seen != NULL;
	if (seen != NULL)
		memcpy(x.a.seen, seen, COMMITMENT_LEN);
	fix_sign(&x, p);
	assert_int_equal(fix_act(&x, p, &said), status);
	if (*code != '\0' && strstr(buf_text(&said), code) == NULL)
		fail_msg("no %s in %s", code, buf_text(&said));
	buf_done(&said);
	buf_done(&x.body);
}

static void
ask(int status, const char *code)
{
	custody(&mine, "ASK", NULL, status, code);
}

static enum err
answer(bool yes)
{
	return consent_answer(&fix.s, who, NULL, yes);
}

static size_t
events(void)
{
	struct case_record c;
	size_t n;

	OK(fix_case(who, &c));
	n = c.openings;
	case_done(&c);
	return n;
}

/* What ${p} gets of the identity of a message: its header and block 0. */
static void
gets(const struct fix_person *p, uint32_t message, int status)
{
	static const char parts[] = "h0";
	char id[HEX_LEN(ID_LEN) + 1], target[128];
	struct message_record m;
	struct fix_request q;
	struct store_txn *t;

	OK(store_begin(fix.s.store, &t));
	OK(message_get(fix.s.records, t, who->case_id, message, &m));
	store_end(t);
	assert_int_equal(m.object[1].use, USE_IDENTITY);
	hex_encode(m.object[1].id, ID_LEN, id);
	for (size_t i = 0; i < 2; i++) {
		(void)snprintf(target, sizeof(target), "/v1/objects/%s/%c",
		    id, parts[i]);
		assert_int_equal(fix_desk(&q, p, "GET", target, nothing),
		    status);
		if (status == 200 && i == 0)
			assert_memory_equal(q.a->body.data, m.object[1].h.data,
			    m.object[1].h.len);
		fix_release(&q);
	}
	message_done(&m);
}

static void
test_asking(void **state)
{
	uint8_t wrong[COMMITMENT_LEN] = { 1 };

	(void)state;
	assert_int_equal(answer(true), ERR_NOTFOUND);
	custody(&keeper, "ASK", NULL, 403, "role");
	custody(&theirs, "ASK", NULL, 404, "not_found");
	custody(&mine, "ASK", wrong, 422, "seen");
	ask(200, "");
	ask(409, "\"asked\"");
	assert_true(look().asked && !look().answered);
	assert_memory_equal(look().asker, mine.key, SIGN_PUBLIC_LEN);
	OK(answer(true));
	ask(409, "\"agreed\"");
	message_named("Nomor baru.");
	ask(200, "");		/* that one was not asked about */
}

static void
test_no_identity(void **state)
{
	(void)state;
	fix_send("inspektorat", "Tanpa nama.", who);
	ask(409, "no_identity");
	message_named("Sari");
	ask(200, "");
}

/* A question that was refused three times is put no more. */
static void
test_enough(void **state)
{
	(void)state;
	for (unsigned i = 0; i < CONSENT_REFUSALS; i++) {
		ask(200, "");
		OK(answer(false));
		assert_int_equal(look().refused, i + 1);
		fix_later(1);
		(void)fix_close_epochs();
	}
	ask(409, "refused");
	/* a no that was taken back is none */
	OK(answer(true));
	assert_int_equal(look().refused, CONSENT_REFUSALS - 1);
}

static void
test_answers(void **state)
{
	struct consent now;
	uint8_t wrong[COMMITMENT_LEN] = { 1 };
	size_t n;

	(void)state;
	ask(200, "");
	assert_int_equal(consent_answer(&fix.s, who, wrong, true),
	    ERR_CONFLICT);
	n = events();
	OK(consent_answer(&fix.s, who, look().question_is, true));
	OK(answer(true));	/* the same again is one event */
	assert_int_equal(events(), n + 1);
	OK(answer(false));
	assert_true(!look().yes && look().answered);
	assert_int_equal(answer(true), ERR_RANGE);
	fix_later(1);
	(void)fix_close_epochs();
	OK(answer(true));
	now = look();
	custody(&keeper, "OPEN", now.answer_is, 200, "");
	assert_true(look().opened);
	assert_int_equal(answer(false), ERR_CONFLICT);
	OK(answer(true));
	atomic_store(&fix.s.stopped, true);
	assert_int_equal(answer(false), ERR_BUSY);
}

/* At each stage, who gets the header. */
static void
test_opening(void **state)
{
	struct consent now;
	uint8_t no[COMMITMENT_LEN] = { 0 };
	size_t n;

	(void)state;
	custody(&keeper, "OPEN", no, 404, "not_found");
	gets(&keeper, 0, 404);
	ask(200, "");
	now = look();
	custody(&keeper, "OPEN", now.question_is, 409, "unanswered");
	gets(&keeper, 0, 404);
	OK(answer(false));
	memcpy(no, look().answer_is, sizeof(no));
	custody(&keeper, "OPEN", no, 409, "refused");
	gets(&keeper, 0, 404);
	OK(answer(true));
	now = look();
	custody(&keeper, "OPEN", no, 422, "seen");
	custody(&mine, "OPEN", now.answer_is, 403, "role");
	custody(&theirs, "OPEN", now.answer_is, 403, "role");
	gets(&keeper, 0, 404);
	custody(&keeper, "OPEN", now.answer_is, 200, "");
	gets(&keeper, 0, 200);
	gets(&mine, 0, 404);
	gets(&theirs, 0, 404);
	n = events();
	custody(&keeper, "OPEN", now.answer_is, 200, "");
	assert_int_equal(events(), n);
	/* what came later is not covered */
	fix_later(1);
	(void)fix_close_epochs();
	message_named("Lagi.");
	gets(&keeper, 1, 404);
	ask(200, "");
	gets(&keeper, 0, 200);
	OK(answer(true));
	gets(&keeper, 1, 404);
	custody(&keeper, "OPEN", look().answer_is, 200, "");
	gets(&keeper, 1, 200);
}

/* A yes that another replaced opens nothing: it would not be shown. */
static void
test_older_yes(void **state)
{
	uint8_t old[COMMITMENT_LEN];

	(void)state;
	ask(200, "");
	OK(answer(true));
	memcpy(old, look().answer_is, sizeof(old));
	OK(answer(false));
	fix_later(1);
	(void)fix_close_epochs();
	OK(answer(true));
	custody(&keeper, "OPEN", old, 422, "seen");
	assert_false(look().opened);
	gets(&keeper, 0, 404);
	custody(&keeper, "OPEN", look().answer_is, 200, "");
	assert_true(look().opened);
	gets(&keeper, 0, 200);
}

static enum err
forge_job(struct store_txn *t, void *arg)
{
	struct case_record *c = arg;

	return case_put(fix.s.records, t, c);
}

/* The newest event of the case loses its signature's meaning. */
static void
forge(void)
{
	struct case_record c;
	struct opening *o;
	struct event ev;
	struct buf text;

	OK(fix_case(who, &c));
	o = &c.opening[c.openings - 1];
	OK(event_decode((struct bytes){ o->event, o->len }, &ev));
	ev.sig[3] ^= 1;
	buf_init(&text, EVENT_MAX);
	OK(event_encode(&ev, &text));
	assert_int_equal(text.len, o->len);
	memcpy(o->event, text.data, text.len);
	buf_done(&text);
	OK(store_write(fix.s.store, STORE_LAST, forge_job, &c));
	case_done(&c);
}

/* What nobody signed asks, answers and opens nothing. */
static void
test_forged(void **state)
{
	uint8_t yes[COMMITMENT_LEN];

	(void)state;
	ask(200, "");
	forge();
	assert_false(look().asked);
	ask(200, "");
	OK(answer(true));
	memcpy(yes, look().answer_is, sizeof(yes));
	custody(&keeper, "OPEN", yes, 200, "");
	gets(&keeper, 0, 200);
	forge();
	gets(&keeper, 0, 404);
}

static void
move_keeper(struct roster *r, void *arg)
{
	unsigned *channels = arg;

	for (size_t i = 0; i < r->desks; i++)
		if (memcmp(r->desk[i].key, keeper.key, SIGN_PUBLIC_LEN) == 0)
			r->desk[i].channels = *channels;
	for (size_t i = 0; i < r->channels; i++)
		r->channel[i].custodians = 0;
}

/* A custodian who is not the channel's any more opens nothing more. */
static void
test_moved(void **state)
{
	unsigned none = 0;

	(void)state;
	ask(200, "");
	OK(answer(true));
	custody(&keeper, "OPEN", look().answer_is, 200, "");
	gets(&keeper, 0, 200);
	fix_roster_next(move_keeper, &none);
	OK(office_take_next(&fix.s));
	gets(&keeper, 0, 404);
	custody(&keeper, "OPEN", look().answer_is, 404, "not_found");
}

static size_t
feed(const struct fix_person *p, struct api_feed *f)
{
	struct fix_request q;

	assert_int_equal(fix_desk(&q, p, "GET", "/v1/feed?after=0", nothing),
	    200);
	OK(api_feed_decode((struct bytes){ q.a->body.data, q.a->body.len },
	    f));
	fix_release(&q);
	return f->items;
}

/* A custodian hears of a case from its first question on, then of it all. */
static void
test_feed(void **state)
{
	struct object_entry entry[2];
	struct merkle_hash root;
	struct api_feed f;
	struct event ev;

	(void)state;
	OK(fix_message(who, "inspektorat", "Lagi."));
	fix_later(1);
	(void)fix_close_epochs();
	assert_int_equal(feed(&keeper, &f), 0);
	api_feed_done(&f);
	assert_int_equal(feed(&mine, &f), 2);
	assert_true(f.item[0].object[1].identity);
	assert_false(f.item[0].object[0].identity);
	/* the root is checked without the header */
	for (size_t i = 0; i < 2; i++) {
		assert_true(f.item[0].object[i].has_entry);
		entry[i] = f.item[0].object[i].entry;
	}
	OK(objects_root(entry, 2, &root));
	OK(event_decode((struct bytes){ f.item[0].event,
	    f.item[0].event_len }, &ev));
	assert_memory_equal(&root, &ev.action.objects, sizeof(root));
	api_feed_done(&f);
	ask(200, "");
	OK(answer(false));
	fix_later(1);
	(void)fix_close_epochs();
	assert_int_equal(feed(&keeper, &f), 4);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(f.item[i].n, i + 1);
	assert_int_equal(f.item[0].kind, EVENT_REPORT);
	assert_int_equal(f.item[3].kind, EVENT_CONSENT);
	api_feed_done(&f);
	ask(200, "");
	fix_later(1);
	(void)fix_close_epochs();
	assert_int_equal(feed(&keeper, &f), 5);
	api_feed_done(&f);
	assert_int_equal(feed(&theirs, &f), 0);
	api_feed_done(&f);
}

/* A second custodian of the same channel. */
static void
add_keeper(struct roster *r, void *arg)
{
	const struct fix_person *p = arg;
	struct roster_desk *d = &r->desk[r->desks++];

	for (size_t i = 0; i + 1 < r->desks; i++)
		if (memcmp(r->desk[i].key, keeper.key, SIGN_PUBLIC_LEN) == 0)
			*d = r->desk[i];
	memcpy(d->key, p->key, SIGN_PUBLIC_LEN);
	d->age = p->to;
	strcpy(d->label, "kustodian-2");
	for (size_t i = 0; i < r->channels; i++) {
		struct roster_channel *c = &r->channel[i];

		if (strcmp(c->name, "inspektorat") != 0)
			continue;
		c->custodian[c->custodians].key = p->to;
		strcpy(c->custodian[c->custodians++].label, "kustodian-2");
	}
}

/* One who came later hears with the identity that is sealed to them too. */
static void
test_second_keeper(void **state)
{
	struct fix_person second;
	struct api_feed f;

	(void)state;
	fix_stranger(&second);
	ask(200, "");
	OK(answer(true));
	fix_roster_next(add_keeper, &second);
	OK(office_take_next(&fix.s));
	fix_later(1);
	(void)fix_close_epochs();
	assert_int_equal(feed(&second, &f), 0);
	api_feed_done(&f);
	custody(&second, "OPEN", look().answer_is, 404, "not_found");
	message_named("Nomor baru.");
	/* the yes was for what they cannot open, and stays the source's */
	custody(&second, "OPEN", look().answer_is, 409, "not_asked");
	assert_false(look().opened);
	fix_later(1);
	(void)fix_close_epochs();
	assert_int_equal(feed(&second, &f), 4);
	assert_int_equal(f.item[0].kind, EVENT_REPORT);
	assert_int_equal(f.item[3].kind, EVENT_MESSAGE);
	api_feed_done(&f);
	ask(200, "");
	OK(answer(true));
	fix_later(1);
	(void)fix_close_epochs();
	assert_int_equal(feed(&second, &f), 6);
	api_feed_done(&f);
	custody(&second, "OPEN", look().answer_is, 200, "");
	gets(&second, 1, 200);
	gets(&second, 0, 404);		/* not sealed to them */
	gets(&keeper, 1, 404);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_asking), T(test_no_identity), T(test_enough),
		T(test_answers), T(test_opening), T(test_older_yes),
		T(test_forged), T(test_moved), T(test_feed),
		T(test_second_keeper),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
