/* What a source reads: only what is signed, of this case, and whole. */
#include "server_fixture.h"

static struct fix_person desk;
static struct session_data *who, *other;
static struct fix_action act;

static int
setup(void **state)
{
	(void)fix_setup(state);
	who = need(calloc(1, sizeof(*who)));
	other = need(calloc(1, sizeof(*other)));
	fix_person("petugas-1", &desk);
	fix_send("inspektorat", "Isi.", who);
	fix_send("inspektorat", "Isi lain.", other);
	return 0;
}

static int
teardown(void **state)
{
	free(who);
	free(other);
	return fix_teardown(state);
}

static void
reply(const char *text)
{
	fix_reply(&act, &desk, who, text);
	assert_int_equal(fix_act(&act, &desk, NULL), 200);
	buf_done(&act.body);
}

/* How many answers there are, and the text of the newest. */
static size_t
answers(const struct session_data *d, char *text)
{
	struct answers an;
	size_t n;

	OK(answers_open(&fix.s, d, &an));
	n = an.n;
	if (text != NULL)
		(void)snprintf(text, 64, "%s", n == 0 ? "" :
		    an.list[0].m == NULL ? "(none)" : an.list[0].m->text);
	answers_done(&an);
	return n;
}

static void
test_reply(void **state)
{
	struct answers an;
	char text[64];

	(void)state;
	assert_int_equal(answers(who, NULL), 0);
	reply("Jawaban satu.");
	reply("Jawaban dua.");
	assert_int_equal(answers(who, text), 2);
	SAME(text, "Jawaban dua.");	/* newest first */
	assert_int_equal(answers(other, NULL), 0);
	OK(answers_open(&fix.s, who, &an));
	SAME(an.list[0].label, "petugas-1");
	assert_memory_equal(an.list[0].signer, desk.key, SIGN_PUBLIC_LEN);
	SAME(an.list[1].m->text, "Jawaban satu.");
	assert_int_equal(an.list[0].epoch, fix_epoch());
	answers_done(&an);
}

static void
test_delete(void **state)
{
	struct answers an;
	uint8_t id[ID_LEN];
	char text[64];

	(void)state;
	reply("Jawaban satu.");
	reply("Jawaban dua.");
	OK(answers_open(&fix.s, who, &an));
	memcpy(id, an.list[0].id, ID_LEN);
	answers_done(&an);
	/* another source has no say in it */
	assert_int_equal(answers_delete(&fix.s, other, id), ERR_NOTFOUND);
	assert_int_equal(answers(who, NULL), 2);
	OK(answers_delete(&fix.s, who, id));
	assert_int_equal(answers(who, text), 1);
	SAME(text, "Jawaban satu.");
	assert_int_equal(answers_delete(&fix.s, who, id), ERR_NOTFOUND);
	rand_bytes(id, ID_LEN);
	assert_int_equal(answers_delete(&fix.s, who, id), ERR_NOTFOUND);
}

/* The report's own objects are not answers. */
static void
test_delete_report(void **state)
{
	struct message_record m;
	struct store_txn *t;

	(void)state;
	OK(store_begin(fix.s.store, &t));
	OK(message_get(fix.s.records, t, who->case_id, 0, &m));
	store_end(t);
	assert_int_equal(answers_delete(&fix.s, who, m.object[0].id),
	    ERR_NOTFOUND);
	message_done(&m);
}

/* ---- a record that somebody with the at-rest key altered ---- */

struct forge { void (*how)(struct message_record *m); bool swap; };

static enum err
forge_job(struct store_txn *t, void *arg)
{
	struct forge *f = arg;
	struct message_record m;
	struct case_record c;
	enum err e;

	if (f->how != NULL) {
		OK(message_get(fix.s.records, t, who->case_id, 1, &m));
		f->how(&m);
		e = message_put(fix.s.records, t, &m);
		message_done(&m);
		return e;
	}
	OK(case_get(fix.s.records, t, &who->at, &c));
	c.opening[1].event[c.opening[1].len - 10] ^= 1;
	e = case_put(fix.s.records, t, &c);
	case_done(&c);
	return e;
}

static void
digest(struct message_record *m)
{
	m->object[0].digest[0] ^= 1;
}

static void
signer(struct message_record *m)
{
	m->signer[0] ^= 1;
}

static void
other_header(struct message_record *m)
{
	buf_putc(&m->object[0].h, 'x');
}

static void
no_t(struct message_record *m)
{
	buf_done(&m->object[0].t);
}

static void
forged(void (*how)(struct message_record *m))
{
	struct forge f = { .how = how };
	char text[64];

	reply("Jawaban.");
	assert_int_equal(answers(who, text), 1);
	SAME(text, "Jawaban.");
	OK(store_write(fix.s.store, STORE_LAST, forge_job, &f));
	/* shown as one that cannot be read, not hidden */
	assert_int_equal(answers(who, text), 1);
	SAME(text, "(none)");
}

static void
test_digest(void **state)
{
	(void)state;
	forged(digest);
}

static void
test_signer(void **state)
{
	(void)state;
	forged(signer);
}

static void
test_header(void **state)
{
	(void)state;
	forged(other_header);
}

static void
test_no_t(void **state)
{
	(void)state;
	forged(no_t);
}

static void
test_event(void **state)
{
	(void)state;
	forged(NULL);
}

/* A text of another case, sealed to this source and duly signed. */
static enum err
drop_job(struct store_txn *t, void *arg)
{
	struct place at = place_message(fix.s.records, who->case_id,
	    *(const uint32_t *)arg);

	return store_del(t, DB_MESSAGES, at.key);
}

/* One record is gone: its answer says so, the other is still read. */
static void
test_damaged(void **state)
{
	struct answers an;
	char text[64];
	uint32_t first = 1;

	(void)state;
	reply("Jawaban satu.");
	reply("Jawaban dua.");
	OK(store_write(fix.s.store, STORE_LAST, drop_job, &first));
	assert_int_equal(answers(who, text), 2);
	assert_string_equal(text, "Jawaban dua.");
	OK(answers_open(&fix.s, who, &an));
	assert_false(an.list[0].damaged);
	assert_true(an.list[1].damaged);
	assert_null(an.list[1].m);
	answers_done(&an);
}

static void
test_other_case(void **state)
{
	struct session_data *mixed = need(calloc(1, sizeof(*mixed)));
	char text[64];

	(void)state;
	*mixed = *other;
	mixed->keys.recipient = who->keys.recipient;
	fix_reply(&act, &desk, mixed, "Jawaban untuk kasus lain.");
	buf_done(&act.body);
	/* the desk says that it answers this case */
	memcpy(act.a.case_id, who->case_id, ID_LEN);
	fix_sign(&act, &desk);
	assert_int_equal(fix_act(&act, &desk, NULL), 200);
	buf_done(&act.body);
	assert_int_equal(answers(who, text), 1);
	SAME(text, "(none)");
	free(mixed);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_reply), T(test_delete), T(test_delete_report),
		T(test_digest), T(test_signer), T(test_header), T(test_no_t),
		T(test_event), T(test_damaged), T(test_other_case),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
