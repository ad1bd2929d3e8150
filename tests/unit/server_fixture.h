#ifndef SERVER_FIXTURE_H
#define SERVER_FIXTURE_H
/*
 * What the tests of the server's use cases share: a demo instance in a folder
 * of its own, taken up as `serve` does it but without listeners, on a clock
 * that the test turns; its people's keys; requests without HTTP.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "need.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "answers.h"
#include "cmd.h"
#include "desk.h"
#include "desk_internal.h"
#include "http_internal.h"
#include "intake.h"
#include "keyfile.h"
#include "label.h"
#include "ledger.h"
#include "log.h"
#include "office.h"
#include "pending.h"
#include "server.h"
#include "source.h"
#include "source_internal.h"
#include "sweep.h"
#include "upload.h"
#include "token.h"

#define OK(e)		assert_int_equal((e), ERR_OK)
#define SAME(a, b)	assert_string_equal((a), (b))
#define FIX		static __attribute__((unused))
#define EPOCH_SEC	60

static struct fix {
	char root[64], dir[96], clock_file[96];
	struct instance in;
	struct server s;
	int64_t now;
	bool up;
} fix;

/* ---- files ---- */

static int
fix_remove(const char *path, const struct stat *st, int what, struct FTW *f)
{
	(void)st;
	(void)what;
	(void)f;
	return remove(path);
}

/* fix_read(name, len): a file of the instance, with a NUL behind it. */
FIX char *
fix_read(const char *name, size_t *len)
{
	char *path = path_join(fix.dir, name);
	uint8_t *data;
	size_t n;

	OK(file_read(path, 1 << 20, &data, &n));
	free(path);
	if (len != NULL)
		*len = n;
	return (char *)data;
}

FIX void
fix_write(const char *name, const void *p, size_t n)
{
	char *path = path_join(fix.dir, name);

	OK(file_write(path, p, n, 0600));
	free(path);
}

/* In the file ${name}: ${with} instead of ${what}, which must be there. */
FIX void
fix_replace(const char *name, const char *what, const char *with)
{
	char *text = fix_read(name, NULL), *at = strstr(text, what);
	struct buf b;

	assert_non_null(at);
	buf_init(&b, 1 << 20);
	buf_put(&b, text, (size_t)(at - text));
	buf_puts(&b, with);
	buf_puts(&b, at + strlen(what));
	fix_write(name, b.data, b.len);
	buf_done(&b);
	free(text);
}

FIX void
fix_unlink(const char *name)
{
	char *path = path_join(fix.dir, name);

	assert_int_equal(unlink(path), 0);
	free(path);
}

/* ---- an instance ---- */

/* Set the clock; a file's clock never goes back. */
FIX void
fix_clock(int64_t now)
{
	char text[32];
	int n = snprintf(text, sizeof(text), "%lld\n", (long long)now);

	fix.now = now;
	OK(file_write(fix.clock_file, text, (size_t)n, 0600));
	if (fix.s.clock != NULL)
		clock_reread(fix.s.clock);
}

/* ${n} epochs later, at the same second of it. */
FIX void
fix_later(unsigned n)
{
	fix_clock(fix.now + (int64_t)n * EPOCH_SEC);
}

FIX void
fix_init(void)
{
	static const char *const args[] = { "init", fix.dir, "--demo",
	    "--epoch-seconds", "60", "--source", "tcp:127.0.0.1:0", "--desk",
	    "tcp:127.0.0.1:0", "--log", "tcp:127.0.0.1:0" };
	char *argv[12] = { NULL };
	int out, null;

	memset(&fix, 0, sizeof(fix));
	for (size_t i = 0; i < 11; i++)
		argv[i] = (char *)(uintptr_t)args[i];
	OK(crypto_init());
	diag_name("test");
	(void)snprintf(fix.root, sizeof(fix.root), "/tmp/peluit-test.XXXXXX");
	assert_non_null(mkdtemp(fix.root));
	(void)snprintf(fix.dir, sizeof(fix.dir), "%s/i", fix.root);
	(void)snprintf(fix.clock_file, sizeof(fix.clock_file), "%s/clock",
	    fix.root);
	(void)fflush(stdout);
	out = dup(1);
	null = open("/dev/null", O_WRONLY);
	(void)dup2(null, 1);
	assert_int_equal(cmd_init(11, argv), EXIT_DONE);
	(void)fflush(stdout);
	(void)dup2(out, 1);
	(void)close(out);
	(void)close(null);
	/* five epochs behind the first one, ten seconds into it */
	fix_clock(((int64_t)time(NULL) / EPOCH_SEC + 5) * EPOCH_SEC + 10);
}

/* As serve takes it up, without listeners; what fails is given back. */
FIX enum err
fix_start(void)
{
	struct store_options so = { .read_only = false };
	struct server *s = &fix.s;
	char *path;
	enum err e;

	fix.up = true;
	memset(s, 0, sizeof(*s));
	(void)pthread_rwlock_init(&s->office, NULL);
	s->in = &fix.in;
	if ((e = instance_open(fix.dir, 1u << SECRET_AT_REST |
	    1u << SECRET_RECEIPT, &fix.in)) != ERR_OK)
		return e;
	e = signer_start(fix.dir, fix.clock_file, &s->signer);
	if (e != ERR_OK)
		return e;
	OK(clock_open(fix.clock_file, &s->clock));
	s->started = clock_now(s->clock);
	instance_salt(&fix.in, s->salt);
	OK(records_new(fix.in.secret[SECRET_AT_REST], &s->records));
	path = instance_path(&fix.in, "store");
	OK(store_open(path, &so, &s->store));
	free(path);
	if ((e = office_start(s)) != ERR_OK)
		return e;
	e = office_take_next(s);
	if (e != ERR_OK && e != ERR_NOTFOUND)
		return e;
	if ((e = instance_config_fits(s->in, &s->in->config)) != ERR_OK)
		return e;
	OK(sweep_new(&s->sweep));
	OK(uploads_new(&s->uploads));
	OK(sweep_uploads(s, true));
	OK(pending_new(s->records, s->store, s->started, &s->pending));
	OK(sessions_new(64, &s->sessions));
	OK(replay_new(&s->replay));
	return ERR_OK;
}

FIX void
fix_stop(void)
{
	struct server *s = &fix.s;

	if (!fix.up)
		return;
	fix.up = false;
	if (s->store != NULL)
		store_close(s->store);
	signer_stop(s->signer);
	pending_free(s->pending);
	uploads_free(s->uploads);
	sweep_free(s->sweep);
	sessions_free(s->sessions);
	replay_free(s->replay);
	records_free(s->records);
	if (s->clock != NULL)
		clock_close(s->clock);
	(void)pthread_rwlock_destroy(&s->office);
	memset(s, 0, sizeof(*s));
	instance_close(&fix.in);
}

/* For cmocka: a new instance, taken up; and none. */
FIX int
fix_setup(void **state)
{
	(void)state;
	fix_init();
	OK(fix_start());
	return 0;
}

FIX int
fix_setup_down(void **state)
{
	(void)state;
	fix_init();
	return 0;
}

FIX int
fix_teardown(void **state)
{
	(void)state;
	fix_stop();
	if (fix.root[0] != '\0')
		(void)nftw(fix.root, fix_remove, 16, FTW_DEPTH | FTW_PHYS);
	return 0;
}

FIX uint64_t
fix_epoch(void)
{
	return server_epoch(&fix.s);
}

/* ---- closing ---- */

static uint64_t
fix_next_close(void)
{
	struct install_record i;
	struct store_txn *t;

	OK(store_begin(fix.s.store, &t));
	OK(install_get(fix.s.records, t, &i));
	store_end(t);
	return i.next_close;
}

/* Everything before the clock's epoch; how many epochs it were. */
FIX unsigned
fix_close_epochs(void)
{
	uint64_t before = fix_next_close();
	enum err e;

	/* the signer's own clock looks at the file every 100 ms */
	for (unsigned k = 0; k < 200; k++) {
		e = log_close(&fix.s, fix_epoch());
		if (e == ERR_RANGE)
			(void)usleep(10000);
		else if (e != ERR_BUSY)	/* busy: a batch, and there is more */
			break;
	}
	OK(e);
	return (unsigned)(fix_next_close() - before);
}

/* ---- people ---- */

struct fix_person {
	uint8_t seed[SIGN_SEED_LEN], key[SIGN_PUBLIC_LEN];
	struct age_identity id;
	struct age_recipient to;
	struct secret *secret;
};

static struct bytes
fix_bytes(const struct buf *b)
{
	return (struct bytes){ b->data, b->len };
}

/* The keys of a demo's post, from its home. */
FIX void
fix_person(const char *label, struct fix_person *p)
{
	char name[128], *pass, *file, *line;
	struct buf text;
	size_t n;

	pass = fix_read("people/passphrase", &n);
	(void)snprintf(name, sizeof(name), "people/%s/identity.age", label);
	file = fix_read(name, NULL);
	free(file);
	file = fix_read(name, &n);
	buf_init(&text, 4096);
	OK(age_open_file_passphrase((struct bytes){ file, n },
	    (struct bytes){ pass, strcspn(pass, "\n") }, &text));
	line = strstr(buf_text(&text), "AGE-SECRET-KEY-1");
	assert_non_null(line);
	line[strcspn(line, "\n")] = '\0';
	OK(age_identity_decode(line, &p->id));
	age_identity_recipient(&p->id, &p->to);
	free(file);
	free(pass);
	buf_done(&text);
	(void)snprintf(name, sizeof(name), "people/%s/sign.age", label);
	file = fix_read(name, &n);
	buf_init(&text, 4096);
	OK(age_open_file((struct bytes){ file, n }, &p->id, 1, &text));
	OK(keyfile_decode(fix_bytes(&text), p->seed, sizeof(p->seed)));
	sign_public(p->seed, p->key);
	free(file);
	buf_done(&text);
}

/* A person whom no roster knows yet. */
FIX void
fix_stranger(struct fix_person *p)
{
	rand_bytes(p->seed, sizeof(p->seed));
	sign_public(p->seed, p->key);
	age_identity_new(&p->id);
	age_identity_recipient(&p->id, &p->to);
}

/*
 * The next roster: a copy of the newest, changed by ${change}, signed by the
 * demo's roster key; the note is appended to ${out}.
 */
FIX void
fix_roster(void (*change)(struct roster *r, void *arg), void *arg,
    struct buf *out)
{
	const struct held_roster *last = &fix.in.roster[fix.in.rosters - 1];
	struct roster *r = need(malloc(sizeof(*r)));
	uint8_t seed[SIGN_SEED_LEN];
	struct buf text;
	char *file;
	size_t n;

	*r = *last->r;
	r->number++;
	memcpy(r->prev, last->hash, SHA256_LEN);
	if (change != NULL)
		change(r, arg);
	file = fix_read("people/roster.key", &n);
	OK(keyfile_decode((struct bytes){ file, n }, seed, sizeof(seed)));
	free(file);
	buf_init(&text, ROSTER_MAX);
	OK(roster_encode(r, &text));
	OK(note_sign(fix_bytes(&text), &last->r->roster_key[0], seed, out));
	buf_done(&text);
	free(r);
}

/* The same, left where `peluitd roster` leaves it. */
FIX void
fix_roster_next(void (*change)(struct roster *r, void *arg), void *arg)
{
	struct buf note;

	buf_init(&note, ROSTER_MAX);
	fix_roster(change, arg, &note);
	fix_write("public/roster/next", note.data, note.len);
	buf_done(&note);
}

/* ---- requests without HTTP ---- */

struct fix_request {
	struct http_connection c;
	struct http_plan plan;
	struct http_app app;
	struct http_response *a;
	char raw[HTTP_PATH_MAX], path[HTTP_PATH_MAX], query[256];
};

FIX void
fix_request(struct fix_request *q, struct http_app app, const char *method,
    const char *target)
{
	size_t n = strcspn(target, "?");

	memset(q, 0, sizeof(*q));
	(void)pthread_mutex_init(&q->c.mu, NULL);
	q->c.fd = -1;
	q->app = app;
	(void)snprintf(q->path, sizeof(q->path), "%.*s", (int)n, target);
	(void)snprintf(q->raw, sizeof(q->raw), "%s", q->path);
	(void)snprintf(q->query, sizeof(q->query), "%s", target + n);
	q->c.x.req = (struct http_request){ .method = method, .path = q->path,
	    .raw_path = q->raw, .query = q->query, .connection = &q->c };
	assert_non_null(q->a = http_answer_new());
}

FIX void
fix_route(struct fix_request *q)
{
	q->app.route(q->app.ctx, &q->c.x.req, &q->plan);
}

FIX void
fix_handle(struct fix_request *q)
{
	q->plan.handle(q->app.ctx, &q->c.x.req, q->a);
}

FIX void
fix_release(struct fix_request *q)
{
	if (q->plan.release != NULL)
		q->plan.release(q->app.ctx, &q->c.x.req);
	form_free(q->c.x.req.form);
	http_answer_free(q->a);
	(void)pthread_mutex_destroy(&q->c.mu);
}

/* A header of the answer; NULL if it is not there. */
FIX const char *
fix_header(const struct fix_request *q, const char *name)
{
	for (size_t i = 0; i < q->a->headers; i++)
		if (strcmp(q->a->header[i].name, name) == 0)
			return q->a->header[i].value;
	return NULL;
}

FIX const char *
fix_body(struct fix_request *q)
{
	return buf_text(&q->a->body);
}

/*
 * A desk's request, signed by ${p} as made at ${created}; the answer stays in
 * ${q} until fix_release.  Gives its status.
 */
FIX int
fix_desk_at(struct fix_request *q, const struct fix_person *p,
    const char *method, const char *target, struct bytes body,
    int64_t created)
{
	struct httpsig_message m = { .method = method };
	struct httpsig_params sp = { .created = created };
	static char input_text[HTTPSIG_FIELD_MAX], field[HTTPSIG_VALUE_MAX];
	static char digest[CONTENT_DIGEST_MAX], authority[256];
	uint8_t nonce[HTTPSIG_NONCE_LEN], sig[SIGN_LEN];
	struct buf input, base;

	fix_request(q, desk_app(&fix.s), method, target);
	instance_authority(&fix.in, authority);
	m.authority = authority;
	m.path = q->raw;
	m.query = q->query[0] == '\0' ? "?" : q->query;
	if (body.n > 0) {
		content_digest(body, digest);
		m.content_digest = digest;
		m.content_type = strcmp(method, "PUT") == 0 ?
		    "application/octet-stream" : "application/json";
	}
	rand_bytes(nonce, sizeof(nonce));
	hex_encode(nonce, sizeof(nonce), sp.nonce);
	memcpy(sp.keyid, p->key, SIGN_PUBLIC_LEN);
	strcpy(sp.tag, HTTPSIG_TAG_REQUEST);
	buf_init(&input, HTTPSIG_FIELD_MAX);
	buf_init(&base, 8192);
	OK(httpsig_request_base(&m, &sp, &input, &base));
	sign_bytes(p->seed, base.data, base.len, sig);
	(void)snprintf(input_text, sizeof(input_text), "%s",
	    buf_text(&input));
	httpsig_field(sig, field);
	buf_done(&input);
	buf_done(&base);
	q->c.x.fields.value[FIELD_SIGNATURE_INPUT] = input_text;
	q->c.x.fields.value[FIELD_SIGNATURE] = field;
	q->c.x.fields.value[FIELD_CONTENT_DIGEST] = m.content_digest;
	q->c.x.fields.value[FIELD_CONTENT_TYPE] = m.content_type;
	q->c.x.req.body = body;
	fix_route(q);
	fix_handle(q);
	return q->a->status;
}

FIX int
fix_desk(struct fix_request *q, const struct fix_person *p,
    const char *method, const char *target, struct bytes body)
{
	return fix_desk_at(q, p, method, target, body, fix.now);
}

/* ---- reports ---- */

struct fix_report {
	struct report_in in;
	struct roster_channel set;
	char cookie[COOKIE_TEXT + 1];
};

/* A report to ${channel} with a draft of its own. */
FIX void
fix_report(struct fix_report *r, const char *channel, const char *text)
{
	uint8_t raw[COOKIE_LEN];

	memset(r, 0, sizeof(*r));
	token_cookie(r->cookie);
	OK(hex_decode((struct bytes){ r->cookie, COOKIE_TEXT }, raw,
	    sizeof(raw)));
	draft_of_cookie(fix.in.secret[SECRET_RECEIPT]->bytes, raw,
	    r->in.draft);
	OK(source_set_now(&fix.s, channel, &r->set, r->in.set_hash));
	r->in.set = &r->set;
	r->in.text = text;
}

/* The same, taken. */
FIX void
fix_send(const char *channel, const char *text, struct session_data *who)
{
	struct fix_report *r = need(calloc(1, sizeof(*r)));

	fix_report(r, channel, text);
	OK(intake_report(&fix.s, &r->in, who));
	free(r);
}

/* One more message of a source. */
FIX enum err
fix_message(const struct session_data *who, const char *channel,
    const char *text)
{
	struct roster_channel *set = need(calloc(1, sizeof(*set)));
	struct message_in in = { .text = text };
	enum err e;

	OK(source_set_now(&fix.s, channel, set, in.set_hash));
	in.set = set;
	e = intake_message(&fix.s, who, &in);
	free(set);
	return e;
}

/* The case as it stands; release with case_done. */
FIX enum err
fix_case(const struct session_data *who, struct case_record *c)
{
	struct store_txn *t;
	enum err e;

	OK(store_begin(fix.s.store, &t));
	e = case_get(fix.s.records, t, &who->at, c);
	store_end(t);
	return e;
}

FIX uint64_t
fix_count(enum store_db db)
{
	struct store_txn *t;
	uint64_t n;

	OK(store_begin(fix.s.store, &t));
	OK(store_count(t, db, &n));
	store_end(t);
	return n;
}

/* ---- actions of desks ---- */

struct fix_action {
	struct action a;
	struct api_action api;
	struct buf body;
	char target[128];
};

/* Encode, sign, make the body; ${x}->a may be changed before it. */
FIX void
fix_sign(struct fix_action *x, const struct fix_person *p)
{
	char hex[HEX_LEN(ID_LEN) + 1];
	struct buf text;

	buf_init(&text, ACTION_MAX);
	OK(action_encode(&x->a, &text));
	memcpy(x->api.text, text.data, text.len);
	x->api.len = text.len;
	sign_bytes(p->seed, text.data, text.len, x->api.sig);
	buf_done(&text);
	buf_init(&x->body, API_BODY_MAX);
	OK(api_action_encode(&x->api, &x->body));
	hex_encode(x->a.case_id, ID_LEN, hex);
	(void)snprintf(x->target, sizeof(x->target), "/v1/cases/%s/actions",
	    hex);
}

FIX void
fix_action(struct fix_action *x, const struct fix_person *p,
    enum event_kind kind, const uint8_t *case_id)
{
	memset(x, 0, sizeof(*x));
	strcpy(x->a.origin, fix.in.config.origin);
	x->a.kind = kind;
	x->a.actor = ACTOR_DESK;
	memcpy(x->a.actor_key, p->key, SIGN_PUBLIC_LEN);
	x->a.has_case = x->a.has_request = true;
	memcpy(x->a.case_id, case_id, ID_LEN);
	rand_bytes(x->a.request, ID_LEN);
}

/* Sent; gives the status, and keeps the answer's body in ${out} if wanted. */
FIX int
fix_act(const struct fix_action *x, const struct fix_person *p,
    struct buf *out)
{
	struct fix_request *q = need(malloc(sizeof(*q)));
	int status = fix_desk(q, p, "POST", x->target,
	    (struct bytes){ x->body.data, x->body.len });

	if (out != NULL) {
		buf_init(out, API_BODY_MAX);
		buf_put(out, q->a->body.data, q->a->body.len);
	}
	fix_release(q);
	free(q);
	return status;
}

/* A bare status; gives the answer's status. */
FIX int
fix_status(const struct fix_person *p, const uint8_t *case_id,
    const char *code)
{
	struct fix_action *x = need(malloc(sizeof(*x)));
	int status;

	fix_action(x, p, EVENT_STATUS, case_id);
	strcpy(x->a.status, code);
	fix_sign(x, p);
	status = fix_act(x, p, NULL);
	buf_done(&x->body);
	free(x);
	return status;
}

/*
 * A reply as a desk makes it: one payload, headers h and t, brought part by
 * part.  ${x} is then ready to be sent with fix_act.
 */
FIX void
fix_reply(struct fix_action *x, const struct fix_person *p,
    const struct session_data *who, const char *text)
{
	struct fix_request *q = need(malloc(sizeof(*q)));
	struct manifest *m = need(calloc(1, sizeof(*m)));
	struct object_sealer *o;
	struct object_facts facts;
	struct object_entry entry[2];
	struct sealed *block = NULL, *whole = NULL;
	struct bytes in, h;
	struct buf plain, body, t;
	char target[128], id[HEX_LEN(ID_LEN) + 1];
	size_t taken;

	fix_action(x, p, EVENT_REPLY, who->case_id);
	manifest_init(m);
	strcpy(m->origin, fix.in.config.origin);
	memcpy(m->case_id, who->case_id, ID_LEN);
	m->kind = MANIFEST_REPLY;
	m->epoch = fix_epoch();
	strcpy(m->channel, "inspektorat");
	m->text = (char *)(uintptr_t)text;
	buf_init(&plain, MANIFEST_MAX);
	OK(manifest_encode(m, &plain));
	OK(object_sealer_new(&who->keys.recipient, 1, &o));
	for (in = fix_bytes(&plain); in.n > 0;) {
		OK(object_sealer_put(o, in, &taken, &block));
		assert_null(block);	/* a short text: one block */
		in.p = (const uint8_t *)in.p + taken;
		in.n -= taken;
	}
	do {
		OK(object_sealer_end(o, &block));
		if (block != NULL)
			whole = block;
	} while (block != NULL);
	assert_non_null(whole);
	facts = object_sealer_facts(o);
	buf_init(&body, API_BODY_MAX);
	OK(api_blocks_encode(1, &body));
	assert_int_equal(fix_desk(q, p, "POST", "/v1/objects",
	    fix_bytes(&body)), 201);
	OK(api_id_decode(fix_bytes(&q->a->body), x->api.object));
	fix_release(q);
	buf_done(&body);
	hex_encode(x->api.object, ID_LEN, id);
	(void)snprintf(target, sizeof(target), "/v1/objects/%s/0", id);
	assert_int_equal(fix_desk(q, p, "PUT", target, (struct bytes){
	    sealed_bytes(whole), facts.payload }), 204);
	fix_release(q);
	h = object_sealer_header(o);
	(void)snprintf(target, sizeof(target), "/v1/objects/%s/h", id);
	assert_int_equal(fix_desk(q, p, "PUT", target, h), 204);
	fix_release(q);
	buf_init(&t, AGE_HEADER_MAX);
	OK(object_sealer_header_for(o, &p->to, 1, &t));
	(void)snprintf(target, sizeof(target), "/v1/objects/%s/t", id);
	assert_int_equal(fix_desk(q, p, "PUT", target, fix_bytes(&t)), 204);
	fix_release(q);
	blake2b(NULL, h.p, h.n, entry[0].header);
	blake2b(NULL, t.data, t.len, entry[1].header);
	memcpy(entry[0].payload, facts.digest, BLAKE2B_LEN);
	memcpy(entry[1].payload, facts.digest, BLAKE2B_LEN);
	x->api.has_object = x->a.has_objects = true;
	OK(objects_root(entry, 2, &x->a.objects));
	fix_sign(x, p);
	sealed_free(whole);
	object_sealer_free(o);
	buf_done(&plain);
	buf_done(&t);
	free(m);
	free(q);
}

#endif
