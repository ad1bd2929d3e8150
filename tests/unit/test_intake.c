/* Reports and messages: what is kept, once; forms, tokens, uploads. */
#include "server_fixture.h"

#include <semaphore.h>
#include <signal.h>
#include <sys/resource.h>

/* Session data of tests: a demo's, so plain heap will do. */
static struct session_data *
new_data(void)
{
	struct session_data *d = calloc(1, sizeof(*d));

	assert_non_null(d);
	return d;
}

/* The ${k}th object of message ${n}, opened with ${id}. */
static enum err
open_object(const struct session_data *who, uint32_t n, size_t k,
    const struct age_identity *id, struct buf *plain)
{
	struct message_record m;
	struct store_txn *t;
	struct bytes block;
	struct buf file;
	uint64_t left;
	enum err e;

	buf_init(&file, 8 << 20);
	buf_init(plain, 8 << 20);
	OK(store_begin(fix.s.store, &t));
	OK(message_get(fix.s.records, t, who->case_id, n, &m));
	assert_true(k < m.objects);
	buf_put(&file, m.object[k].h.data, m.object[k].h.len);
	left = m.object[k].payload;
	for (uint32_t b = 0; b < m.object[k].blocks; b++) {
		struct place at = place_block(fix.s.records, m.object[k].id,
		    b);

		OK(store_get(t, DB_BLOCKS, at.key, &block));
		buf_put(&file, block.p, block.n < left ? block.n :
		    (size_t)left);
		left -= block.n < left ? block.n : left;
	}
	assert_int_equal(left, 0);
	store_end(t);
	e = age_open_file(fix_bytes(&file), id, 1, plain);
	buf_done(&file);
	message_done(&m);
	return e;
}

/* ---- reports ---- */

static void
test_report(void **state)
{
	struct session_data *who = new_data();
	struct manifest *m = need(calloc(1, sizeof(*m)));
	struct fix_person in, out;
	struct install_record i;
	struct case_record c;
	struct store_txn *t;
	struct event ev;
	struct buf plain;

	(void)state;
	fix_send("inspektorat", "Uang rokok \xf0\x9f\x92\xb8.", who);
	assert_true(who->has_receipt);
	fix_person("petugas-1", &in);
	fix_person("petugas-2", &out);
	OK(open_object(who, 0, 0, &in.id, &plain));
	assert_int_equal(plain.len % 16384, 0);
	OK(manifest_decode(fix_bytes(&plain), m));
	buf_done(&plain);
	assert_int_equal(m->kind, MANIFEST_REPORT);
	SAME(m->text, "Uang rokok \xf0\x9f\x92\xb8.");
	SAME(m->channel, "inspektorat");
	assert_memory_equal(m->case_id, who->case_id, ID_LEN);
	assert_memory_equal(&m->source, &who->keys.recipient,
	    sizeof(m->source));
	assert_memory_equal(m->source_key, who->keys.sign_public,
	    SIGN_PUBLIC_LEN);
	assert_int_equal(m->recipients, 1);
	assert_memory_equal(&m->recipient[0], &in.to, sizeof(in.to));
	assert_int_equal(m->epoch, fix_epoch());
	manifest_done(m);
	free(m);
	/* nobody else, the source included */
	assert_int_equal(open_object(who, 0, 0, &out.id, &plain),
	    ERR_NOMATCH);
	buf_done(&plain);
	assert_int_equal(open_object(who, 0, 0, &who->keys.identity, &plain),
	    ERR_NOMATCH);
	buf_done(&plain);
	OK(fix_case(who, &c));
	assert_int_equal(c.openings, 1);
	OK(event_decode((struct bytes){ c.opening[0].event,
	    c.opening[0].len }, &ev));
	OK(event_verify(&ev));
	assert_int_equal(ev.action.kind, EVENT_REPORT);
	assert_int_equal(ev.seq, 0);
	assert_false(ev.has_prev);
	assert_memory_equal(ev.action.recipients, c.set, SHA256_LEN);
	assert_memory_equal(ev.action.actor_key, who->keys.sign_public,
	    SIGN_PUBLIC_LEN);
	case_done(&c);
	OK(store_begin(fix.s.store, &t));
	OK(install_get(fix.s.records, t, &i));
	store_end(t);
	assert_int_equal(i.cases, 1);
	free(who);
}

/* What a source says of themselves is for custodians alone. */
static void
test_identity(void **state)
{
	struct session_data *who = new_data();
	struct fix_person desk, keeper;
	struct fix_report r;
	struct buf plain;

	(void)state;
	fix_report(&r, "inspektorat", "Isi.");
	r.in.identity = "Nama saya Sari.";
	OK(intake_report(&fix.s, &r.in, who));
	fix_person("petugas-1", &desk);
	fix_person("kustodian-1", &keeper);
	OK(open_object(who, 0, 1, &keeper.id, &plain));
	assert_non_null(memmem(plain.data, plain.len, "Sari", 4));
	buf_done(&plain);
	assert_int_equal(open_object(who, 0, 1, &desk.id, &plain),
	    ERR_NOMATCH);
	buf_done(&plain);
	OK(open_object(who, 0, 0, &desk.id, &plain));
	assert_null(memmem(plain.data, plain.len, "Sari", 4));
	buf_done(&plain);
	assert_int_equal(open_object(who, 0, 0, &keeper.id, &plain),
	    ERR_NOMATCH);
	buf_done(&plain);
	free(who);
}

static void
same_receipt(const struct session_data *a, const struct session_data *b)
{
	assert_memory_equal(&a->receipt, &b->receipt, sizeof(a->receipt));
	assert_memory_equal(a->case_id, b->case_id, ID_LEN);
}

static void
test_twice(void **state)
{
	struct session_data *a = new_data(), *b = new_data();
	struct manifest_field f = { NULL, NULL };
	char key[] = "where", value[] = "Kantor";
	struct fix_report r;

	(void)state;
	fix_report(&r, "inspektorat", "Isi.");
	f.key = key;
	f.value = value;
	r.in.field = &f;
	r.in.fields = 1;
	OK(intake_report(&fix.s, &r.in, a));
	OK(intake_report(&fix.s, &r.in, b));
	same_receipt(a, b);
	assert_int_equal(fix_count(DB_CASES), 1);
	assert_int_equal(fix_count(DB_MESSAGES), 1);
	/* anything else is other content, and is not kept */
	r.in.text = "Isi lain.";
	assert_int_equal(intake_report(&fix.s, &r.in, b), ERR_CONFLICT);
	r.in.text = "Isi.";
	value[0] = 'k';
	assert_int_equal(intake_report(&fix.s, &r.in, b), ERR_CONFLICT);
	value[0] = 'K';
	r.in.identity = "Sari";
	assert_int_equal(intake_report(&fix.s, &r.in, b), ERR_CONFLICT);
	r.in.identity = NULL;
	OK(source_set_now(&fix.s, "luar", &r.set, r.in.set_hash));
	assert_int_equal(intake_report(&fix.s, &r.in, b), ERR_CONFLICT);
	OK(source_set_now(&fix.s, "inspektorat", &r.set, r.in.set_hash));
	assert_int_equal(fix_count(DB_CASES), 1);
	/* "I sent it but saw no code" */
	OK(intake_draft(&fix.s, r.in.draft, b));
	same_receipt(a, b);
	/* once seen the draft gives it to nobody */
	OK(pending_shown(fix.s.pending, &a->at));
	assert_int_equal(intake_report(&fix.s, &r.in, b), ERR_EXISTS);
	assert_int_equal(intake_draft(&fix.s, r.in.draft, b), ERR_EXISTS);
	r.in.draft[0] ^= 1;
	assert_int_equal(intake_draft(&fix.s, r.in.draft, b), ERR_NOTFOUND);
	free(a);
	free(b);
}

/* At the same moment, by two threads: one case. */
struct racer { struct fix_report *r; struct session_data *who; enum err e; };

static void *
race(void *arg)
{
	struct racer *a = arg;

	a->e = intake_report(&fix.s, &a->r->in, a->who);
	return NULL;
}

static void
test_twice_at_once(void **state)
{
	struct racer a[3];
	struct fix_report r;
	pthread_t t[3];

	(void)state;
	fix_report(&r, "inspektorat", "Isi.");
	for (int i = 0; i < 3; i++)
		a[i] = (struct racer){ &r, new_data(), ERR_SYS };
	need_threads(t, 3, race, a, sizeof(a[0]));
	for (int i = 0; i < 3; i++)
		(void)pthread_join(t[i], NULL);
	for (int i = 0; i < 3; i++) {
		OK(a[i].e);
		same_receipt(a[i].who, a[0].who);
	}
	assert_int_equal(fix_count(DB_CASES), 1);
	assert_int_equal(fix_count(DB_MESSAGES), 1);
	for (int i = 0; i < 3; i++)
		free(a[i].who);
}

/*
 * A job whose group finds the disk full is run again, alone: the report's
 * event is the first of its case all the same.
 */
struct blocker { struct store_job job; sem_t go, done; size_t bytes; };

static enum err
blocker_job(struct store_txn *t, void *arg)
{
	struct blocker *b = arg;
	uint8_t id[ID_LEN] = { 0 }, *p = calloc(1, BLOCK_LEN);
	struct sealed *s;
	enum err e = p == NULL ? ERR_SYS : ERR_OK;

	if (b->bytes == 0)
		(void)sem_wait(&b->go);
	for (uint32_t k = 0; k < b->bytes / BLOCK_LEN && e == ERR_OK; k++) {
		struct place at = place_block(fix.s.records, id, k);

		e = sealed_block_of(p, BLOCK_LEN, &s);
		if (e == ERR_OK) {
			e = store_put(t, DB_BLOCKS, at.key, s);
			sealed_free(s);
		}
	}
	free(p);
	return e;
}

static void
blocker_done(void *arg, enum err e)
{
	struct blocker *b = arg;

	b->job.result = e;
	(void)sem_post(&b->done);
}

static void
block(struct blocker *b, size_t bytes)
{
	memset(b, 0, sizeof(*b));
	(void)sem_init(&b->go, 0, 0);
	(void)sem_init(&b->done, 0, 0);
	b->bytes = bytes;
	b->job = (struct store_job){ .class = STORE_LAST, .fn = blocker_job,
	    .done = blocker_done, .arg = b };
	store_submit(fix.s.store, &b->job);
}

static void
test_run_again(void **state)
{
	struct racer a = { NULL, new_data(), ERR_SYS };
	struct blocker first, big;
	struct rlimit old, less;
	struct fix_report r;
	struct case_record c;
	struct event ev;
	struct stat st;
	pthread_t t;
	char *path;
	bool started;

	(void)state;
	path = path_join(fix.dir, "store/data.mdb");
	assert_int_equal(stat(path, &st), 0);
	free(path);
	fix_report(&r, "inspektorat", "Isi.");
	a.r = &r;
	block(&first, 0);		/* holds the writer */
	started = pthread_create(&t, NULL, race, &a) == 0;
	if (!started) {
		(void)sem_post(&first.go);
		(void)sem_wait(&first.done);
	}
	assert_true(started);
	(void)sleep(1);			/* the report waits behind it */
	block(&big, 16 * BLOCK_LEN);	/* and this in the same group */
	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	less = old;
	less.rlim_cur = (rlim_t)st.st_size + 8 * BLOCK_LEN;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &less), 0);
	(void)sem_post(&first.go);
	(void)sem_wait(&first.done);
	(void)pthread_join(t, NULL);
	(void)sem_wait(&big.done);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_int_equal(big.job.result, ERR_FULL);
	OK(a.e);
	OK(fix_case(a.who, &c));
	assert_int_equal(c.openings, 1);
	OK(event_decode((struct bytes){ c.opening[0].event,
	    c.opening[0].len }, &ev));
	assert_int_equal(ev.seq, 0);
	assert_false(ev.has_prev);
	case_done(&c);
	free(a.who);
}

/* ---- messages ---- */

static void
test_message(void **state)
{
	struct session_data *who = new_data();
	struct manifest *m = need(calloc(1, sizeof(*m)));
	struct fix_person p;
	struct case_record c;
	struct buf plain;

	(void)state;
	fix_send("inspektorat", "Isi.", who);
	OK(fix_message(who, "inspektorat", "Lagi."));
	fix_person("petugas-1", &p);
	OK(open_object(who, 1, 0, &p.id, &plain));
	OK(manifest_decode(fix_bytes(&plain), m));
	buf_done(&plain);
	assert_int_equal(m->kind, MANIFEST_MESSAGE);
	SAME(m->text, "Lagi.");
	manifest_done(m);
	free(m);
	OK(fix_case(who, &c));
	assert_int_equal(c.openings, 2);
	assert_int_equal(c.opening[1].message, 1);
	assert_int_equal(c.messages, 2);
	assert_int_equal(c.sent_messages, 1);
	case_done(&c);
	/* eight a case and epoch, the report not counted */
	for (int i = 1; i < LEDGER_PER_CASE; i++)
		OK(fix_message(who, "inspektorat", "Lagi."));
	assert_int_equal(fix_message(who, "inspektorat", "Lagi."), ERR_RANGE);
	assert_int_equal(fix_count(DB_MESSAGES), 1 + LEDGER_PER_CASE);
	fix_later(1);
	OK(fix_message(who, "inspektorat", "Lagi."));
	free(who);
}

/* ---- pages ---- */

static char cookies[256];

static void
urlencode(struct buf *b, const char *s)
{
	for (; *s != '\0'; s++)
		buf_printf(b, "%%%02X", (unsigned char)*s);
}

/*
 * The request as it is when its form has arrived; ${pairs}: name, value, ...,
 * NULL for a POST, or NULL for a GET.
 */
static void
arrived(struct fix_request *q, const char *method, const char *path,
    const char *const *pairs)
{
	struct form_limits *l = &q->plan.form;
	struct buf body;
	size_t taken;

	fix_request(q, source_app(&fix.s), method, path);
	q->c.x.fields.value[FIELD_COOKIE] = cookies;
	fix_route(q);
	if (pairs != NULL) {
		buf_init(&body, 1 << 21);
		for (size_t i = 0; pairs[i] != NULL; i += 2) {
			buf_printf(&body, "%s%s=", i == 0 ? "" : "&",
			    pairs[i]);
			urlencode(&body, pairs[i + 1]);
		}
		OK(form_new("application/x-www-form-urlencoded", l, NULL,
		    &q->c.x.req.form));
		assert_int_equal(form_feed(q->c.x.req.form, fix_bytes(&body),
		    &taken), FORM_TAKEN);
		assert_int_equal(form_end(q->c.x.req.form), FORM_FINE);
		buf_done(&body);
	}
}

/* The status of the page that answers it. */
static int
page(struct fix_request *q, const char *method, const char *path,
    const char *const *pairs)
{

	arrived(q, method, path, pairs);
	fix_handle(q);
	return q->a->status;
}

static void
has(struct fix_request *q, const char *what)
{
	if (strstr(fix_body(q), what) == NULL)
		fail_msg("no %s in:\n%.3000s", what,
		    strstr(fix_body(q), "<body"));
}

static void
sign_in(const struct session_data *who)
{
	char text[COOKIE_TEXT + 1];

	OK(session_open(fix.s.sessions, who, fix.now, text));
	(void)snprintf(cookies, sizeof(cookies), "s=%s", text);
}

struct form {
	char cookie[COOKIE_TEXT + 1], token[TOKEN_MAX];
	char recipients[256];
};

static void
new_form(struct form *f)
{
	struct roster_channel *set = need(malloc(sizeof(*set)));
	uint8_t hash[SHA256_LEN];
	char hex[2][SHA256_LEN * 2 + 1];

	token_cookie(f->cookie);
	token_form(fix.in.secret[SECRET_RECEIPT], f->cookie, fix_epoch(),
	    f->token);
	(void)snprintf(cookies, sizeof(cookies), "f=%s", f->cookie);
	for (int i = 0; i < 2; i++) {
		OK(source_set_now(&fix.s, i == 0 ? "inspektorat" : "luar",
		    set, hash));
		hex_encode(hash, sizeof(hash), hex[i]);
	}
	(void)snprintf(f->recipients, sizeof(f->recipients),
	    "inspektorat:%s luar:%s", hex[0], hex[1]);
	free(set);
}

static int
send_form(struct fix_request *q, const struct form *f, const char *what,
    const char *about, const char *channel)
{
	const char *const pairs[] = { "token", f->token, "recipients",
	    f->recipients, "what", what, "goodfaith", "yes",
	    "about_inspectorate", about, "channel", channel, NULL };

	return page(q, "POST", "/tulis", pairs);
}

static void
test_form_page(void **state)
{
	struct fix_request q;
	struct form f;

	(void)state;
	new_form(&f);
	assert_int_equal(send_form(&q, &f, "Isi unik 81.", "no", ""), 200);
	has(&q, "data-page=\"receipt\"");
	assert_null(strstr(fix_body(&q), "Isi unik 81."));
	assert_non_null(fix_header(&q, "Set-Cookie"));
	fix_release(&q);
	/* the same again: the same page; other content: told, not kept */
	(void)snprintf(cookies, sizeof(cookies), "f=%s", f.cookie);
	assert_int_equal(send_form(&q, &f, "Isi unik 81.", "no", ""), 200);
	has(&q, "data-page=\"receipt\"");
	fix_release(&q);
	assert_int_equal(send_form(&q, &f, "Isi lain 82.", "no", ""), 422);
	has(&q, "data-error=\"draft_used\"");
	has(&q, "data-kept=\"no\"");
	has(&q, "Isi lain 82.");
	/* under a new cookie, with a token that fits it */
	assert_non_null(fix_header(&q, "Set-Cookie"));
	assert_null(strstr(fix_header(&q, "Set-Cookie"), f.cookie));
	fix_release(&q);
	assert_int_equal(fix_count(DB_CASES), 1);
}

static void
test_form_token(void **state)
{
	struct fix_request q;
	struct form f, other;

	(void)state;
	new_form(&other);
	new_form(&f);
	assert_int_equal(send_form(&q, &other, "Isi 83.", "no", ""), 403);
	has(&q, "data-error=\"token\"");
	has(&q, "Isi 83.");
	fix_release(&q);
	cookies[0] = '\0';
	assert_int_equal(send_form(&q, &f, "Isi 83.", "no", ""), 403);
	fix_release(&q);
	(void)snprintf(cookies, sizeof(cookies), "f=%s", f.cookie);
	/* twelve hours, no more; the sets are shown anew by then */
	fix_later(12 * 3600 / EPOCH_SEC);
	assert_int_equal(send_form(&q, &f, "Isi 83.", "no", ""), 200);
	fix_release(&q);
	new_form(&f);
	fix_later(12 * 3600 / EPOCH_SEC + 1);
	assert_int_equal(send_form(&q, &f, "Isi 83.", "no", ""), 403);
	fix_release(&q);
	assert_int_equal(fix_count(DB_CASES), 1);
}

/* An epoch may be longer than the hours of a token. */
static void
test_token_long_epoch(void **state)
{
	struct fix_request q;
	struct form f;

	(void)state;
	fix.in.epoch_seconds = 86400;
	fix.in.epoch0 = fix.in.roster[0].r->epoch0 = 0;
	new_form(&f);
	/* a second later, but over the epoch's end: the form comes through
	 * (to a log that is far ahead of these numbers) */
	fix_clock((fix.now / 86400 + 1) * 86400);
	assert_int_equal(send_form(&q, &f, "Isi 84.", "no", ""), 503);
	fix_release(&q);
	fix_clock(fix.now + 86400);
	assert_int_equal(send_form(&q, &f, "Isi 84.", "no", ""), 403);
	fix_release(&q);
}

/* The accused works at the Inspectorate: never sealed to its people. */
static void
test_accused(void **state)
{
	struct fix_request q;
	struct form f;
	struct store_txn *t;
	struct case_record c;
	struct epoch_record ep;
	struct fix_person in, out;
	unsigned seen = 0;

	(void)state;
	fix_person("petugas-1", &in);
	fix_person("petugas-2", &out);
	new_form(&f);
	assert_int_equal(send_form(&q, &f, "Isi.", "yes", ""), 200);
	fix_release(&q);
	new_form(&f);
	assert_int_equal(send_form(&q, &f, "Isi.", "yes", "inspektorat"),
	    200);
	fix_release(&q);
	OK(store_begin(fix.s.store, &t));
	OK(epoch_get(fix.s.records, t, fix_epoch(), &ep));
	for (size_t i = 0; i < ep.entries; i++) {
		if (ep.entry[i].kind != EVENT_REPORT)
			continue;
		OK(case_get_by_id(fix.s.records, t, ep.entry[i].case_id,
		    &c));
		SAME(c.channel, "luar");
		assert_true(case_reads(&c, &out.to));
		assert_false(case_reads(&c, &in.to));
		case_done(&c);
		seen++;
	}
	store_end(t);
	epoch_done(&ep);
	assert_int_equal(seen, 2);
	/* nobody is left to send to: said, not kept */
	new_form(&f);
	fix.in.config.channel[1].if_inspectorate_accused = false;
	assert_int_equal(send_form(&q, &f, "Isi 85.", "yes", ""), 422);
	has(&q, "Isi 85.");
	fix_release(&q);
	assert_int_equal(fix_count(DB_CASES), 2);
}

static void
test_fields(void **state)
{
	static const char *const bad[][2] = {
		{ "what", " \r\n" }, { "category", "bukan" },
		{ "about_inspectorate", "maybe" }, { "goodfaith", "" },
		{ "channel", "bukan" }, { "recipients", "x" },
	};
	struct fix_request q;
	struct form f;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const char *pairs[13] = { "token", f.token, "recipients",
		    f.recipients, "what", "Isi 86.", "goodfaith", "yes",
		    "category", "tidak_yakin", "where", "Kota 87", NULL };
		char id[64];

		new_form(&f);
		for (size_t k = 0; k < 12; k += 2)
			if (strcmp(pairs[k], bad[i][0]) == 0)
				pairs[k + 1] = bad[i][1];
		if (strcmp(bad[i][0], "about_inspectorate") == 0 ||
		    strcmp(bad[i][0], "channel") == 0) {
			pairs[8] = bad[i][0];
			pairs[9] = bad[i][1];
		}
		assert_int_equal(page(&q, "POST", "/tulis", pairs), 422);
		has(&q, "data-error=\"invalid\"");
		has(&q, "data-kept=\"no\"");
		has(&q, "Kota 87");
		(void)snprintf(id, sizeof(id), "id=\"err-%s\"", bad[i][0]);
		has(&q, id);
		fix_release(&q);
	}
	assert_int_equal(fix_count(DB_CASES), 0);
}

/* It was kept, but nobody could be signed in: the page must not say "no". */
static void
test_kept_but_busy(void **state)
{
	struct session_data *who = new_data();
	char text[COOKIE_TEXT + 1];
	struct fix_request q;
	struct form f;

	(void)state;
	for (int i = 0; i < 64; i++)
		OK(session_open(fix.s.sessions, who, fix.now, text));
	new_form(&f);
	assert_int_equal(send_form(&q, &f, "Isi.", "no", ""), 503);
	has(&q, "data-kept=\"yes\"");
	fix_release(&q);
	assert_int_equal(fix_count(DB_CASES), 1);
	free(who);
}

/* The same of a message: its page lacks a value for which there was no memory,
 * and the error's may neither say "no" nor offer the text again. */
static void
test_done_without_memory(void **state)
{
	struct fix_request q;
	struct visit v;

	(void)state;
	fix_request(&q, source_app(&fix.s), "POST", "/surat/tulis");
	visit_begin(&v, &fix.s, &q.c.x.req, q.a);
	visit_text(&v, "back_text", "Isi pesan.");
	v.lacks = true;
	visit_done(&v, "message");
	assert_int_equal(q.a->status, 500);
	has(&q, "data-kept=\"yes\"");
	assert_null(strstr(buf_text(&q.a->body), "Isi pesan."));
	visit_end(&v);
	fix_release(&q);
}

/* A channel that the roster in force does not have yet is not offered. */
static void
test_new_channel(void **state)
{
	struct fix_request q;

	(void)state;
	cookies[0] = '\0';
	strcpy(fix.in.config.channel[0].name, "baru");
	assert_int_equal(page(&q, "GET", "/tulis", NULL), 200);
	has(&q, "data-page=\"form\"");
	assert_null(strstr(fix_body(&q), "baru:"));
	has(&q, "luar:");
	fix_release(&q);
}

static void
code_text(const struct session_data *who, char out[static RECEIPT_TEXT_MAX])
{
	receipt_text(&who->receipt, out);
}

static int
type_code(struct fix_request *q, const char *code)
{
	const char *const pairs[] = { "code", code, NULL };

	return page(q, "POST", "/buka", pairs);
}

static void
test_sign_in(void **state)
{
	struct session_data *who = new_data();
	char code[RECEIPT_TEXT_MAX], wrong[RECEIPT_TEXT_MAX];
	struct fix_request q;
	struct receipt r;

	(void)state;
	cookies[0] = '\0';
	fix_send("inspektorat", "Isi.", who);
	code_text(who, code);
	r = who->receipt;
	r.word[8] = (uint16_t)((r.word[8] + 1) % RECEIPT_LIST);
	receipt_text(&r, wrong);
	assert_int_equal(type_code(&q, wrong), 401);
	has(&q, "data-error=\"code\"");
	assert_null(fix_header(&q, "Set-Cookie"));
	fix_release(&q);
	assert_int_equal(fix_count(DB_PENDING), 1);
	assert_int_equal(type_code(&q, "bukan kata"), 422);
	fix_release(&q);
	assert_int_equal(type_code(&q, ""), 422);
	fix_release(&q);
	assert_int_equal(type_code(&q, code), 303);
	SAME(fix_header(&q, "Location"), "/surat");
	fix_release(&q);
	/* it was typed, so it has been seen */
	assert_int_equal(fix_count(DB_PENDING), 0);
	free(who);
}

static void
test_statuses(void **state)
{
	static const char *const none[] = { "token", "x", NULL };
	struct session_data *who = new_data();
	struct fix_request q;

	(void)state;
	cookies[0] = '\0';
	assert_int_equal(page(&q, "GET", "/tidak-ada", NULL), 404);
	fix_release(&q);
	assert_int_equal(page(&q, "DELETE", "/tulis", NULL), 405);
	SAME(fix_header(&q, "Allow"), "GET, HEAD, POST");
	fix_release(&q);
	assert_int_equal(page(&q, "GET", "/surat", NULL), 403);
	has(&q, "data-error=\"session\"");
	fix_release(&q);
	assert_int_equal(page(&q, "GET", "/en/surat", NULL), 403);
	has(&q, "lang=\"en\"");
	fix_release(&q);
	fix_send("inspektorat", "Isi.", who);
	sign_in(who);
	assert_int_equal(page(&q, "GET", "/surat", NULL), 200);
	has(&q, "data-page=\"inbox\"");
	has(&q, "data-status=\"RECEIVED\"");
	fix_release(&q);
	assert_int_equal(page(&q, "POST", "/surat/dicatat", none), 403);
	has(&q, "data-error=\"token\"");
	fix_release(&q);
	assert_int_equal(fix_count(DB_PENDING), 1);
	free(who);
}

/* Each fault of the listener has its page. */
static void
test_faults(void **state)
{
	static const struct { enum http_fault why; int status; } said[] = {
		{ HTTP_MALFORMED, 400 }, { HTTP_SLOW, 408 },
		{ HTTP_TOO_LARGE, 413 }, { HTTP_TYPE, 415 },
		{ HTTP_CIRCUIT, 429 }, { HTTP_BUSY, 503 },
		{ HTTP_SERVER, 500 },
	};
	struct fix_request q;

	(void)state;
	cookies[0] = '\0';
	for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++) {
		fix_request(&q, source_app(&fix.s), "POST", "/tulis");
		q.app.fault(q.app.ctx, &q.c.x.req, said[i].why, q.a);
		assert_int_equal(q.a->status, said[i].status);
		has(&q, "data-page=\"error\"");
		fix_release(&q);
	}
}

/* What each request costs its circuit. */
static void
test_costs(void **state)
{
	static const struct {
		const char *method, *path; enum circuit_rate cost;
	} want[] = {
		{ "GET", "/tulis", CIRCUIT_REQUESTS },
		{ "GET", "/surat/berkas/kemajuan", CIRCUIT_REQUESTS },
		{ "POST", "/tulis", CIRCUIT_REPORTS },
		{ "POST", "/tulis/kode", CIRCUIT_REPORTS },
		{ "POST", "/buka", CIRCUIT_SIGNINS },
		{ "POST", "/en/buka", CIRCUIT_SIGNINS },
		{ "POST", "/surat/tulis", CIRCUIT_WRITES },
		{ "POST", "/surat/berkas", CIRCUIT_WRITES },
		{ "POST", "/surat/berkas/kirim", CIRCUIT_WRITES },
		{ "POST", "/surat/hapus", CIRCUIT_WRITES },
		{ "POST", "/surat/izin", CIRCUIT_WRITES },
		{ "POST", "/surat/coba", CIRCUIT_WRITES },
		{ "POST", "/keluar", CIRCUIT_FREE },
		{ "GET", "/tidak-ada", CIRCUIT_REQUESTS },
	};
	struct fix_request q;

	(void)state;
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		fix_request(&q, source_app(&fix.s), want[i].method,
		    want[i].path);
		fix_route(&q);
		assert_int_equal(q.plan.cost, want[i].cost);
		fix_release(&q);
	}
}

/* One field a person is as good as a line a person. */
static void
test_several_who(void **state)
{
	char token[TOKEN_MAX];
	struct form f;
	const char *pairs[] = { "token", token, "recipients", f.recipients,
	    "what", "Isi.", "who", "Orang 81", "who", "Orang 82", NULL };
	struct fix_request q;

	(void)state;
	new_form(&f);
	text_copy(token, sizeof(token), f.token);
	assert_int_equal(page(&q, "POST", "/tulis", pairs), 422);
	has(&q, "Orang 81\nOrang 82");
	fix_release(&q);
}

/* What was typed stands on the page that says no, but a code does not. */
static void
test_faults_give_back(void **state)
{
	static const enum http_fault why[] = {
		HTTP_BUSY, HTTP_CIRCUIT, HTTP_SERVER
	};
	static const char *const message[] = { "text", "Isi 71.", "identity",
	    "Nama 72.", NULL };
	static const char *const report[] = { "what", "Isi 73.", "where",
	    "Tempat 74.", "who", "Orang 75", "who", "Orang 76", NULL };
	static const char *const code[] = { "code", "kata rahasia", NULL };
	struct fix_request q;

	(void)state;
	cookies[0] = '\0';
	for (size_t i = 0; i < sizeof(why) / sizeof(why[0]); i++) {
		arrived(&q, "POST", "/surat/tulis", message);
		q.app.fault(q.app.ctx, &q.c.x.req, why[i], q.a);
		has(&q, "Isi 71.");
		has(&q, "Nama 72.");
		fix_release(&q);
		arrived(&q, "POST", "/tulis", report);
		q.app.fault(q.app.ctx, &q.c.x.req, why[i], q.a);
		has(&q, "Isi 73.");
		has(&q, "Tempat 74.");
		has(&q, "Orang 76");
		fix_release(&q);
		arrived(&q, "POST", "/buka", code);
		q.app.fault(q.app.ctx, &q.c.x.req, why[i], q.a);
		assert_null(strstr(fix_body(&q), "kata rahasia"));
		fix_release(&q);
	}
}

static void
test_message_page(void **state)
{
	struct session_data *who = new_data();
	char token[TOKEN_MAX];
	struct form f;
	const char *pairs[] = { "token", token, "recipients", f.recipients,
	    "text", "Lagi 88.", NULL };
	struct fix_request q;

	(void)state;
	new_form(&f);
	fix_send("inspektorat", "Isi.", who);
	sign_in(who);
	token_session(fix.in.secret[SECRET_RECEIPT], cookies + 2, token);
	for (int i = 0; i < LEDGER_PER_CASE; i++) {
		assert_int_equal(page(&q, "POST", "/surat/tulis", pairs),
		    200);
		has(&q, "data-page=\"sent\"");
		assert_null(strstr(fix_body(&q), "Lagi 88."));
		fix_release(&q);
	}
	assert_int_equal(page(&q, "POST", "/surat/tulis", pairs), 429);
	has(&q, "data-error=\"epoch\"");
	has(&q, "Lagi 88.");
	fix_release(&q);
	pairs[3] = "inspektorat:00";
	assert_int_equal(page(&q, "POST", "/surat/tulis", pairs), 422);
	has(&q, "Lagi 88.");
	fix_release(&q);
	pairs[1] = "x";
	assert_int_equal(page(&q, "POST", "/surat/tulis", pairs), 403);
	/* the form itself, filled, with a token that is good */
	has(&q, "data-page=\"inbox\"");
	has(&q, "data-error=\"token\"");
	has(&q, "Lagi 88.</textarea>");
	has(&q, token);
	fix_release(&q);
	cookies[0] = '\0';	/* without a session: to be copied */
	assert_int_equal(page(&q, "POST", "/surat/tulis", pairs), 403);
	has(&q, "data-error=\"session\"");
	has(&q, "Lagi 88.");
	fix_release(&q);
	free(who);
}

/* ---- uploads ---- */

#define BOUNDARY	"xYzZY"

struct sending {
	struct fix_request q;
	struct form_files files;
	enum form_take take;
};

static void
upload_begin(struct sending *u)
{
	fix_request(&u->q, source_app(&fix.s), "POST", "/surat/berkas");
	u->q.c.x.fields.value[FIELD_COOKIE] = cookies;
	fix_route(&u->q);
	u->files = *u->q.plan.files;
	u->files.arg = &u->q.c.x.req;
	OK(form_new("multipart/form-data; boundary=" BOUNDARY,
	    &u->q.plan.form, &u->files, &u->q.c.x.req.form));
	u->take = FORM_TAKEN;
}

static void
upload_bytes(struct sending *u, const void *p, size_t n)
{
	size_t taken;

	while (u->take == FORM_TAKEN) {
		u->take = form_feed(u->q.c.x.req.form, (struct bytes){ p, n },
		    &taken);
		p = (const uint8_t *)p + taken;
		n -= taken;
		if (u->take != FORM_WAIT)
			break;
		/* as the listener: again once it has been woken */
		for (int i = 0; i < 3000 && !u->q.c.wake; i++)
			(void)usleep(1000);
		assert_true(u->q.c.wake);
		u->q.c.wake = false;
		u->take = FORM_TAKEN;
	}
}

static void
upload_text(struct sending *u, const char *text)
{
	upload_bytes(u, text, strlen(text));
}

static void
upload_field(struct sending *u, const char *name, const char *value)
{
	char text[1024];

	(void)snprintf(text, sizeof(text), "--" BOUNDARY "\r\n"
	    "Content-Disposition: form-data; name=\"%s\"\r\n\r\n%s\r\n",
	    name, value);
	upload_text(u, text);
}

static void
upload_file(struct sending *u, const char *name, uint8_t fill, size_t n)
{
	char text[512];
	uint8_t *p = need(malloc(n + 1));

	memset(p, fill, n);
	(void)snprintf(text, sizeof(text), "--" BOUNDARY "\r\n"
	    "Content-Disposition: form-data; name=\"file\"; filename=\"%s\""
	    "\r\nContent-Type: image/png\r\n\r\n", name);
	upload_text(u, text);
	/* in pieces, as the listener reads them */
	for (size_t i = 0, k; i < n; i += k) {
		k = n - i < 32768 ? n - i : 32768;
		upload_bytes(u, p + i, k);
	}
	upload_text(u, "\r\n");
	free(p);
}

/* The end of the body, and its answer. */
static int
upload_end(struct sending *u)
{
	struct http_request *r = &u->q.c.x.req;

	upload_text(u, "--" BOUNDARY "--\r\n");
	/* a callback may still wait at the end of its file */
	upload_bytes(u, "", 0);
	r->form_fault = form_end(r->form);
	if (r->form_fault == FORM_FINE)
		fix_handle(&u->q);
	else
		u->q.app.fault(u->q.app.ctx, r, HTTP_FORM, u->q.a);
	return u->q.a->status;
}

/* Until nothing of an upload is left in the store. */
static void
erased(uint64_t blocks)
{
	for (int i = 0; i < 300; i++) {
		uploads_tick(&fix.s, true);
		OK(sweep_tick(&fix.s));
		if (fix_count(DB_UPLOADS) == 0)
			break;
		(void)usleep(10000);
	}
	assert_int_equal(fix_count(DB_UPLOADS), 0);
	assert_int_equal(fix_count(DB_BLOCKS), blocks);
}

struct ready { struct session_data *who; char token[TOKEN_MAX]; struct form f; };

static void
ready(struct ready *d)
{
	d->who = new_data();
	new_form(&d->f);
	fix_send("inspektorat", "Isi.", d->who);
	sign_in(d->who);
	token_session(fix.in.secret[SECRET_RECEIPT], cookies + 2, d->token);
}

static void
test_upload(void **state)
{
	struct sending u;
	struct ready d;
	struct secret *still;
	struct case_record c;
	struct fix_person p;
	struct buf plain;

	(void)state;
	ready(&d);
	upload_begin(&u);
	upload_field(&u, "token", d.token);
	upload_field(&u, "recipients", d.f.recipients);
	upload_file(&u, "foto.png", 'A', 3 << 20);
	upload_file(&u, "kosong.png", 'B', 0);
	assert_int_equal(upload_end(&u), 200);
	has(&u.q, "data-page=\"sent\"");
	/* while it runs its session does not end; then it does */
	session_sweep(fix.s.sessions, fix.now + SESSION_TOTAL_SEC);
	fix_release(&u.q);
	assert_int_equal(session_get(fix.s.sessions, cookies + 2,
	    fix.now + SESSION_IDLE_SEC - 1, &still), ERR_OK);
	secret_free(still);
	assert_int_equal(session_get(fix.s.sessions, cookies + 2,
	    fix.now + 2 * SESSION_IDLE_SEC - 1, &still), ERR_NOTFOUND);
	fix_person("petugas-1", &p);
	OK(open_object(d.who, 1, 1, &p.id, &plain));
	assert_true(plain.len >= 3 << 20);
	for (size_t i = 0; i < 3 << 20; i++)
		if (plain.data[i] != 'A')
			fail_msg("byte %zu", i);
	for (size_t i = 3 << 20; i < plain.len; i++)
		assert_int_equal(plain.data[i], 0);
	buf_done(&plain);
	OK(open_object(d.who, 1, 0, &p.id, &plain));
	assert_non_null(memmem(plain.data, plain.len, "foto.png", 8));
	buf_done(&plain);
	OK(fix_case(d.who, &c));
	assert_int_equal(c.sent_files, 2);
	assert_true(c.file_bytes >= 3 << 20);
	case_done(&c);
	assert_int_equal(fix_count(DB_UPLOADS), 0);
	free(d.who);
}

static void
refused(struct ready *d, const char *token, const char *recipients,
    int status, const char *code)
{
	uint64_t blocks = fix_count(DB_BLOCKS);
	struct sending u;
	char error[64];

	upload_begin(&u);
	if (token != NULL)
		upload_field(&u, "token", token);
	upload_field(&u, "recipients", recipients);
	upload_file(&u, "foto.png", 'A', 2 << 20);
	if (token == NULL)
		upload_field(&u, "token", d->token);
	assert_int_equal(upload_end(&u), status);
	(void)snprintf(error, sizeof(error), "data-error=\"%s\"", code);
	has(&u.q, error);
	has(&u.q, "data-kept=\"no\"");
	fix_release(&u.q);
	erased(blocks);
}

static void
test_upload_refused(void **state)
{
	struct ready d;
	char good[256];

	(void)state;
	ready(&d);
	refused(&d, NULL, d.f.recipients, 400, "file_before_token");
	refused(&d, "x", d.f.recipients, 403, "token");
	refused(&d, d.token, "inspektorat:00", 422, "invalid");
	fix.in.config.file_mib = 1;
	refused(&d, d.token, d.f.recipients, 413, "too_large");
	fix.in.config.file_mib = 512;
	fix.in.config.case_mib = 1;
	refused(&d, d.token, d.f.recipients, 413, "quota");
	fix.in.config.case_mib = 512;
	memcpy(good, cookies, sizeof(good));
	cookies[0] = '\0';
	refused(&d, d.token, d.f.recipients, 403, "session");
	memcpy(cookies, good, sizeof(good));
	free(d.who);
}

/* Two at a time each saw room for itself: the second is not taken. */
static void
test_upload_quota_at_once(void **state)
{
	struct sending a, b;
	struct ready d;
	struct case_record c;
	uint64_t blocks;

	(void)state;
	ready(&d);
	fix.in.config.case_mib = 3;
	for (int i = 0; i < 2; i++) {
		struct sending *u = i == 0 ? &a : &b;

		upload_begin(u);
		upload_field(u, "token", d.token);
		upload_field(u, "recipients", d.f.recipients);
		upload_file(u, "foto.png", i == 0 ? 'A' : 'B', 2 << 20);
	}
	assert_int_equal(upload_end(&a), 200);
	fix_release(&a.q);
	OK(fix_case(d.who, &c));
	blocks = fix_count(DB_BLOCKS);
	case_done(&c);
	assert_int_equal(upload_end(&b), 413);
	has(&b.q, "data-error=\"quota\"");
	has(&b.q, "data-kept=\"no\"");
	fix_release(&b.q);
	OK(sweep_tick(&fix.s));
	assert_int_equal(fix_count(DB_UPLOADS), 0);
	assert_true(fix_count(DB_BLOCKS) < blocks);
	OK(fix_case(d.who, &c));
	assert_int_equal(c.sent_files, 1);
	case_done(&c);
	free(d.who);
}

static void
sent_files(const struct session_data *who, uint32_t n)
{
	struct case_record c;

	OK(fix_case(who, &c));
	assert_int_equal(c.sent_files, n);
	case_done(&c);
}

/* "Leave now" cuts it off, and nothing of it is kept. */
static void
test_upload_leave(void **state)
{
	struct sending u;
	struct ready d;
	uint64_t blocks;

	(void)state;
	ready(&d);
	blocks = fix_count(DB_BLOCKS);
	upload_begin(&u);
	upload_field(&u, "token", d.token);
	upload_field(&u, "recipients", d.f.recipients);
	upload_file(&u, "foto.png", 'A', 2 << 20);
	assert_false(u.q.c.cut);
	session_close(fix.s.sessions, cookies + 2);
	assert_true(u.q.c.cut);
	fix_release(&u.q);
	erased(blocks);
	/* nor of one that broke off just before, as browsers do it */
	sign_in(d.who);
	token_session(fix.in.secret[SECRET_RECEIPT], cookies + 2, d.token);
	upload_begin(&u);
	upload_field(&u, "token", d.token);
	upload_field(&u, "recipients", d.f.recipients);
	upload_file(&u, "foto.png", 'A', 2 << 20);
	upload_file(&u, "lain.png", 'B', 1 << 20);
	fix_release(&u.q);
	uploads_tick(&fix.s, false);
	session_close(fix.s.sessions, cookies + 2);
	erased(blocks);
	sent_files(d.who, 0);
	free(d.who);
}

/* A page of the signed-in source. */
static void
get_page(const char *path, int status, struct buf *out)
{
	struct fix_request q;

	fix_request(&q, source_app(&fix.s), "GET", path);
	q.c.x.fields.value[FIELD_COOKIE] = cookies;
	fix_route(&q);
	fix_handle(&q);
	assert_int_equal(q.a->status, status);
	buf_init(out, 1 << 20);
	buf_puts(out, fix_body(&q));
	buf_puts(out, fix_header(&q, "Refresh") != NULL ? "refreshes" :
	    "rests");
	fix_release(&q);
}

/* What the page of progress says of a file. */
static void
shows(const char *name, const char *state)
{
	char line[128];
	struct buf b;

	get_page("/surat/berkas/kemajuan", 200, &b);
	(void)snprintf(line, sizeof(line), "data-file=\"%s\"><span class="
	    "\"text\" dir=\"auto\">%s<", state, name);
	if (strstr(buf_text(&b), line) == NULL)
		fail_msg("no %s in: %s", line, strstr(buf_text(&b), "<main"));
	assert_non_null(strstr(buf_text(&b), "refreshes"));
	buf_done(&b);
}

/* Two whole files and a part of a third; then the line is dead. */
static void
test_upload_cut_keeps_whole(void **state)
{
	struct sending u;
	struct fix_person p;
	struct buf plain, b;
	struct ready d;

	(void)state;
	ready(&d);
	get_page("/surat/berkas/kemajuan", 200, &b);
	assert_null(strstr(buf_text(&b), "data-file="));
	buf_done(&b);
	for (int again = 0; again < 2; again++) {
		upload_begin(&u);
		upload_field(&u, "token", d.token);
		upload_field(&u, "recipients", d.f.recipients);
		upload_file(&u, "satu.png", 'A', 2 << 20);
		upload_file(&u, "dua.png", 'B', 100);
		upload_file(&u, "tiga.png", 'C', 3 << 20);
		shows("satu.png", "whole");
		shows("dua.png", "whole");
		shows("tiga.png", "coming");
		fix_release(&u.q);
		shows("satu.png", "whole");
		shows("tiga.png", "broken");
		uploads_tick(&fix.s, false);
		sent_files(d.who, again == 0 ? 0 : 2);
		uploads_tick(&fix.s, true);
		shows("satu.png", again == 0 ? "kept" : "there");
		shows("dua.png", again == 0 ? "kept" : "there");
		shows("tiga.png", "broken");
		sent_files(d.who, 2);
	}
	/* the third alone */
	upload_begin(&u);
	upload_field(&u, "token", d.token);
	upload_field(&u, "recipients", d.f.recipients);
	upload_file(&u, "tiga.png", 'C', 3 << 20);
	assert_int_equal(upload_end(&u), 200);
	has(&u.q, "data-page=\"sent\"");
	fix_release(&u.q);
	shows("tiga.png", "kept");
	sent_files(d.who, 3);
	/* all of it once more: nothing is kept twice, and that is said */
	upload_begin(&u);
	upload_field(&u, "token", d.token);
	upload_field(&u, "recipients", d.f.recipients);
	upload_file(&u, "satu.png", 'A', 2 << 20);
	upload_file(&u, "dua.png", 'B', 100);
	upload_file(&u, "dua.png", 'C', 100);
	upload_file(&u, "dua.png", 'C', 100);
	assert_int_equal(upload_end(&u), 200);
	has(&u.q, "data-page=\"sent\"");
	has(&u.q, "data-file=\"there\"");
	fix_release(&u.q);
	sent_files(d.who, 4);
	uploads_tick(&fix.s, true);
	OK(sweep_tick(&fix.s));
	assert_int_equal(fix_count(DB_UPLOADS), 0);
	fix_person("petugas-1", &p);
	OK(open_object(d.who, 1, 2, &p.id, &plain));
	assert_true(plain.len >= 100 && plain.data[99] == 'B');
	buf_done(&plain);
	/* the list is gone with the session */
	session_close(fix.s.sessions, cookies + 2);
	get_page("/surat/berkas/kemajuan", 403, &b);
	assert_null(strstr(buf_text(&b), "tiga.png"));
	buf_done(&b);
	sign_in(d.who);
	get_page("/surat/berkas/kemajuan", 200, &b);
	assert_null(strstr(buf_text(&b), "tiga.png"));
	buf_done(&b);
	free(d.who);
}

/* A file above the limit does not take the others with it. */
static void
test_upload_one_too_large(void **state)
{
	struct sending u;
	struct ready d;
	uint64_t blocks;

	(void)state;
	ready(&d);
	fix.in.config.file_mib = 2;
	fix.in.config.files = 3;
	upload_begin(&u);
	upload_field(&u, "token", d.token);
	upload_field(&u, "recipients", d.f.recipients);
	upload_file(&u, "satu.png", 'A', 2 << 20);
	upload_file(&u, "besar.png", 'B', (2 << 20) + 1);
	shows("besar.png", "large");
	upload_file(&u, "tiga.png", 'C', 3);
	upload_file(&u, "empat.png", 'D', 3);
	assert_int_equal(upload_end(&u), 413);
	has(&u.q, "data-error=\"too_large\"");
	has(&u.q, "data-kept=\"yes\"");
	fix_release(&u.q);
	shows("satu.png", "kept");
	shows("besar.png", "large");
	shows("tiga.png", "kept");
	shows("empat.png", "many");
	sent_files(d.who, 2);
	blocks = fix_count(DB_BLOCKS);
	OK(sweep_tick(&fix.s));
	assert_int_equal(fix_count(DB_UPLOADS), 0);
	assert_true(fix_count(DB_BLOCKS) < blocks);
	free(d.who);
}

/* The page that asks by itself does not keep a session open. */
static void
test_progress_keeps_no_session(void **state)
{
	struct secret *still;
	struct ready d;
	struct buf b;

	(void)state;
	ready(&d);
	OK(session_get(fix.s.sessions, cookies + 2, fix.now, &still));
	secret_free(still);
	fix_clock(fix.now + SESSION_IDLE_SEC - 10);
	get_page("/surat/berkas/kemajuan", 200, &b);
	buf_done(&b);
	get_page("/surat/kemajuan", 200, &b);
	buf_done(&b);
	fix_clock(fix.now + 20);
	get_page("/surat/berkas/kemajuan", 403, &b);
	assert_non_null(strstr(buf_text(&b), "rests"));
	buf_done(&b);
	free(d.who);
}

/* No message more in this epoch: said before the file comes, not after. */
static void
test_upload_epoch_full(void **state)
{
	struct ready d;

	(void)state;
	ready(&d);
	for (int i = 0; i < LEDGER_PER_CASE; i++)
		OK(fix_message(d.who, "inspektorat", "Lagi."));
	refused(&d, d.token, d.f.recipients, 429, "epoch");
	free(d.who);
}

/* A request that ends while the store still has its blocks. */
static void
test_upload_broken_off(void **state)
{
	struct sending u;
	struct ready d;
	uint64_t blocks;

	(void)state;
	ready(&d);
	blocks = fix_count(DB_BLOCKS);
	for (int i = 0; i < 5; i++) {
		upload_begin(&u);
		upload_field(&u, "token", d.token);
		upload_field(&u, "recipients", d.f.recipients);
		upload_file(&u, "foto.png", 'A', (size_t)(i + 1) << 20);
		fix_release(&u.q);
	}
	erased(blocks);
	/* and while the server ends: the next start erases it */
	upload_begin(&u);
	upload_field(&u, "token", d.token);
	upload_field(&u, "recipients", d.f.recipients);
	upload_file(&u, "foto.png", 'A', 3 << 20);
	fix_release(&u.q);
	fix_stop();
	OK(fix_start());
	assert_int_equal(fix_count(DB_UPLOADS), 0);
	assert_int_equal(fix_count(DB_BLOCKS), blocks);
	free(d.who);
}

#define T(f) cmocka_unit_test_setup_teardown(f, fix_setup, fix_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_report), T(test_identity), T(test_twice),
		T(test_twice_at_once), T(test_run_again), T(test_message), T(test_form_page),
		T(test_form_token), T(test_token_long_epoch), T(test_accused),
		T(test_fields), T(test_kept_but_busy),
		T(test_done_without_memory), T(test_new_channel),
		T(test_sign_in), T(test_statuses), T(test_faults),
		T(test_faults_give_back), T(test_costs), T(test_several_who),
		T(test_message_page), T(test_upload), T(test_upload_refused),
		T(test_upload_quota_at_once), T(test_upload_leave),
		T(test_upload_broken_off), T(test_upload_cut_keeps_whole),
		T(test_upload_one_too_large),
		T(test_progress_keeps_no_session), T(test_upload_epoch_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
