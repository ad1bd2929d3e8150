/*
 * Evidence: files sealed while they arrive.  The HTTP thread seals; the store
 * writes; at most BLOCKS_AHEAD blocks of an upload are between the two, then
 * the connection waits.  Until a message refers to them the blocks belong to
 * an upload record, and are swept if none ever does.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "fault.h"
#include "intake.h"
#include "pad.h"
#include "source_internal.h"
#include "sweep.h"
#include "utf8.h"

#define BLOCKS_AHEAD	2
#define MIB		(1024 * 1024)
#define SOURCE_BLOCKS	UINT32_MAX	/* how many is not known before */

enum upload_fault {
	UPLOAD_FINE, UPLOAD_SESSION, UPLOAD_TOKEN, UPLOAD_NO_TOKEN,
	UPLOAD_RECIPIENTS,
	UPLOAD_FILE_SIZE, UPLOAD_CASE_SIZE, UPLOAD_STORE
};

struct upload {
	struct server *s;
	struct http_request *r;
	struct secret *session;
	const struct session_data *who;
	struct session_hold hold;
	bool held, taken;		/* taken: a message refers to them */
	enum upload_fault fault;
	struct roster_channel *set;
	uint8_t set_hash[SHA256_LEN];
	uint64_t file_max, case_max, case_left;	/* bytes */
	struct sent_file file[MANIFEST_ATTACHMENTS];
	size_t files;			/* the last one may be in the making */
	struct object_sealer *sealer;	/* of the file in the making */
	uint64_t size;			/* its bytes so far */

	pthread_mutex_t lock;		/* all below */
	pthread_cond_t quiet;		/* ahead became 0 */
	unsigned ahead;			/* blocks with the store */
	bool waiting;			/* the connection is suspended */
	bool over;			/* the request is gone */
	enum err stored;		/* first failure of the store */
};

/* One block on its way to the store. */
struct block_job {
	struct store_job job;
	struct upload *u;
	struct sealed *block;
	uint8_t object[ID_LEN];
	uint32_t number;
};

void
source_upload_begin(struct server *s, struct http_request *r)
{
	struct upload *u = calloc(1, sizeof(*u));

	if (u == NULL)
		return;			/* the first file finds none: 500 */
	u->s = s;
	u->r = r;
	(void)pthread_mutex_init(&u->lock, NULL);
	(void)pthread_cond_init(&u->quiet, NULL);
	r->state = u;
}

static void
upload_free(struct upload *u)
{

	object_sealer_free(u->sealer);
	for (size_t i = 0; i < u->files; i++) {
		object_done(&u->file[i].record);
		free(u->file[i].about.name);
		free(u->file[i].about.type);
	}
	free(u->set);
	(void)pthread_cond_destroy(&u->quiet);
	(void)pthread_mutex_destroy(&u->lock);
	free(u);
}

/* After the request: what no message refers to goes. */
static void
upload_finish(struct upload *u)
{

	for (size_t i = 0; i < u->files && !u->taken; i++)
		sweep_object(u->s, u->file[i].record.id);
	upload_free(u);
}

void
source_upload_release(struct server *s, struct http_request *r)
{
	struct upload *u = r->state;
	bool last;

	r->state = NULL;
	if (u == NULL)
		return;
	if (u->held)
		session_drop(s->sessions, &u->hold, clock_now(s->clock));
	secret_free(u->session);
	u->session = NULL;
	u->who = NULL;
	(void)pthread_mutex_lock(&u->lock);
	u->over = true;
	last = u->ahead == 0;
	(void)pthread_mutex_unlock(&u->lock);
	if (last)
		upload_finish(u);
}

/* ---- blocks ---- */

static enum err
store_block(struct store_txn *t, void *arg)
{
	struct block_job *j = arg;
	const struct records *r = j->u->s->records;
	struct place at = place_block(r, j->object, j->number), before;
	struct upload_record rec;
	struct bytes there;
	enum err e;

	if (j->number == 0) {
		memset(&rec, 0, sizeof(rec));
		memcpy(rec.id, j->object, ID_LEN);
		rec.epoch = server_epoch(j->u->s);
		rec.blocks = SOURCE_BLOCKS;
		if ((e = upload_put(r, t, &rec)) != ERR_OK)
			return (e);
	} else {
		/* no gaps: what erases an upload stops at the first one */
		before = place_block(r, j->object, j->number - 1);
		e = store_get(t, DB_BLOCKS, before.key, &there);
		if (e != ERR_OK)
			return (e);
	}
	return (store_put(t, DB_BLOCKS, at.key, j->block));
}

static void
block_stored(void *arg, enum err result)
{
	struct block_job *j = arg;
	struct upload *u = j->u;
	bool last;

	sealed_free(j->block);
	free(j);
	(void)pthread_mutex_lock(&u->lock);
	if (result != ERR_OK && u->stored == ERR_OK)
		u->stored = result;
	u->ahead--;
	if (u->ahead == 0)
		(void)pthread_cond_broadcast(&u->quiet);
	if (u->waiting && !u->over) {
		u->waiting = false;
		http_resume(u->r);
	}
	last = u->over && u->ahead == 0;
	(void)pthread_mutex_unlock(&u->lock);
	if (last)
		upload_finish(u);
}

static enum err
submit(struct upload *u, struct sealed *block)
{
	struct sent_file *f = &u->file[u->files - 1];
	struct block_job *j = calloc(1, sizeof(*j));
	enum err e = j == NULL ? ERR_SYS : fault_point("intake.1");

	if (e != ERR_OK) {
		free(j);
		sealed_free(block);
		return (e);
	}
	j->u = u;
	j->block = block;
	j->number = f->record.blocks++;
	memcpy(j->object, f->record.id, ID_LEN);
	j->job.class = STORE_FILES;
	j->job.lazy = true;
	j->job.fn = store_block;
	j->job.done = block_stored;
	j->job.arg = j;
	(void)pthread_mutex_lock(&u->lock);
	u->ahead++;
	(void)pthread_mutex_unlock(&u->lock);
	store_submit(u->s->store, &j->job);
	return (ERR_OK);
}

/*
 * Whether one more block may be made now.  FORM_WAIT: block_stored resumes
 * the request; FORM_STOP: the store refused one.
 */
static enum form_take
room(struct upload *u)
{
	enum form_take take = FORM_TAKEN;

	(void)pthread_mutex_lock(&u->lock);
	if (u->stored != ERR_OK) {
		u->fault = UPLOAD_STORE;
		take = FORM_STOP;
	} else if (u->ahead >= BLOCKS_AHEAD) {
		u->waiting = true;
		take = FORM_WAIT;
	}
	(void)pthread_mutex_unlock(&u->lock);
	return (take);
}

static enum form_take
stop(struct upload *u, enum upload_fault why)
{

	u->fault = why;
	return (FORM_STOP);
}

static enum form_take
stop_sys(struct upload *u, enum err e)
{

	(void)pthread_mutex_lock(&u->lock);
	u->stored = e;
	(void)pthread_mutex_unlock(&u->lock);
	return (stop(u, UPLOAD_STORE));
}

/* ---- the file callbacks ---- */

static void
cut(void *arg)
{
	struct upload *u = arg;

	http_cut(u->r);
}

/* Whose session it is, which lasts as long as the upload from here on. */
static enum upload_fault
admit_session(struct upload *u, const char *cookie)
{
	struct server *s = u->s;
	const char *token = form_get(u->r->form, "token");

	if (session_get(s->sessions, cookie, clock_now(s->clock),
	    &u->session) != ERR_OK)
		return (UPLOAD_SESSION);
	u->who = (const struct session_data *)(void *)u->session->bytes;
	if (token == NULL)
		return (UPLOAD_NO_TOKEN);
	if (token_session_check(s->in->secret[SECRET_RECEIPT], cookie,
	    token) != ERR_OK)
		return (UPLOAD_TOKEN);
	u->hold.cut = cut;
	u->hold.arg = u;
	if (session_hold(s->sessions, cookie, &u->hold) != ERR_OK)
		return (UPLOAD_SESSION);
	u->held = true;
	return (UPLOAD_FINE);
}

/* To whom, and how much. */
static enum form_take
admit_case(struct upload *u)
{
	struct server *s = u->s;
	struct store_txn *t;
	struct case_record c;
	enum err e;

	if ((u->set = calloc(1, sizeof(*u->set))) == NULL)
		return (stop_sys(u, ERR_SYS));
	if ((e = store_begin(s->store, &t)) != ERR_OK)
		return (stop_sys(u, e));
	e = case_get(s->records, t, &u->who->at, &c);
	store_end(t);
	if (e != ERR_OK)
		return (stop_sys(u, e));
	e = source_set_shown(s, c.channel, form_get(u->r->form,
	    "recipients"), u->set, u->set_hash);
	server_office_lock(s);
	u->file_max = (uint64_t)s->in->config.file_mib * MIB;
	u->case_max = (uint64_t)s->in->config.case_mib * MIB;
	server_office_unlock(s);
	u->case_left = u->case_max > c.file_bytes ?
	    u->case_max - c.file_bytes : 0;
	case_done(&c);
	return (e == ERR_OK ? FORM_TAKEN : stop(u, UPLOAD_RECIPIENTS));
}

/* Before the first file. */
static enum form_take
admit(struct upload *u)
{
	enum upload_fault why = UPLOAD_SESSION;
	char cookie[COOKIE_TEXT + 1];

	if (http_cookie(u->r, "s", cookie, sizeof(cookie)) == ERR_OK)
		why = admit_session(u, cookie);
	wipe(cookie, sizeof(cookie));
	return (why == UPLOAD_FINE ? admit_case(u) : stop(u, why));
}

/* At most ${max} bytes of a text, cut between characters. */
static char *
cut_text(const char *text, size_t max)
{
	size_t n = strlen(text);

	if (n > max) {
		n = max;
		while (n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80)
			n--;
	}
	return (strndup(text, n));
}

static enum form_take
file_start(void *arg, const char *name, const char *type)
{
	struct http_request *r = arg;
	struct upload *u = r->state;
	struct age_recipient to[ROSTER_MEMBERS];
	struct sent_file *f;
	struct bytes header;
	enum form_take take;
	enum err e;

	if (u == NULL)
		return (FORM_STOP);
	if (u->files == 0 && (take = admit(u)) != FORM_TAKEN)
		return (take);
	if (u->files == MANIFEST_ATTACHMENTS)
		return (stop(u, UPLOAD_CASE_SIZE));
	f = &u->file[u->files++];
	object_init(&f->record);
	rand_bytes(f->record.id, ID_LEN);
	f->record.use = USE_ATTACHMENT;
	memcpy(f->about.object, f->record.id, ID_LEN);
	f->about.name = cut_text(name, MANIFEST_NAME_MAX);
	f->about.type = cut_text(type, FORM_TYPE_MAX);
	if (f->about.name == NULL || f->about.type == NULL)
		return (stop_sys(u, ERR_SYS));
	for (size_t i = 0; i < u->set->recipients; i++)
		to[i] = u->set->recipient[i].key;
	e = object_sealer_new(to, u->set->recipients, &u->sealer);
	if (e != ERR_OK)
		return (stop_sys(u, e));
	header = object_sealer_header(u->sealer);
	buf_put(&f->record.h, header.p, header.n);
	u->size = 0;
	e = buf_err(&f->record.h);
	return (e == ERR_OK ? FORM_TAKEN : stop_sys(u, e));
}

static enum form_take
file_data(void *arg, struct bytes in, size_t *taken)
{
	struct http_request *r = arg;
	struct upload *u = r->state;
	struct sealed *block;
	enum form_take take;
	enum err e;
	size_t n;

	*taken = 0;
	if (in.n > u->file_max - u->size)
		return (stop(u, UPLOAD_FILE_SIZE));
	if (pad_file(u->size + in.n) > u->case_left)
		return (stop(u, UPLOAD_CASE_SIZE));
	while (in.n > 0) {
		if ((take = room(u)) != FORM_TAKEN)
			return (take);
		e = object_sealer_put(u->sealer, in, &n, &block);
		if (e != ERR_OK)
			return (stop_sys(u, e));
		in.p = (const uint8_t *)in.p + n;
		in.n -= n;
		*taken += n;
		u->size += n;
		if (block != NULL && (e = submit(u, block)) != ERR_OK)
			return (stop_sys(u, e));
	}
	return (FORM_TAKEN);
}

/* Padding, the last blocks, the facts; called again after a wait. */
static enum form_take
file_end(void *arg)
{
	struct http_request *r = arg;
	struct upload *u = r->state;
	struct sent_file *f = &u->file[u->files - 1];
	struct object_facts facts;
	struct sealed *block;
	enum form_take take;
	enum err e;

	do {
		if ((take = room(u)) != FORM_TAKEN)
			return (take);
		e = object_sealer_pad(u->sealer, pad_file(u->size), &block);
		if (e == ERR_OK && block == NULL)
			e = object_sealer_end(u->sealer, &block);
		if (e == ERR_OK && block != NULL)
			e = submit(u, block);
		if (e != ERR_OK)
			return (stop_sys(u, e));
	} while (block != NULL);
	facts = object_sealer_facts(u->sealer);
	f->record.payload = facts.payload;
	memcpy(f->record.digest, facts.digest, BLAKE2B_LEN);
	memcpy(f->about.digest, facts.digest, BLAKE2B_LEN);
	f->about.size = u->size;
	u->case_left -= pad_file(u->size);
	object_sealer_free(u->sealer);
	u->sealer = NULL;
	return (FORM_TAKEN);
}

const struct form_files source_upload_files = {
	file_start, file_data, file_end, NULL
};

/* ---- the answer ---- */

/* Wait for the store: on a lane's thread, never on an HTTP one. */
static enum err
settle(struct upload *u)
{
	enum err e;

	(void)pthread_mutex_lock(&u->lock);
	while (u->ahead > 0)
		(void)pthread_cond_wait(&u->quiet, &u->lock);
	e = u->stored;
	(void)pthread_mutex_unlock(&u->lock);
	return (e);
}

static void
fault_page(struct visit *v, const struct upload *u)
{

	switch (u->fault) {
	case UPLOAD_SESSION:
		visit_error(v, 403, "session", "no");
		break;
	case UPLOAD_TOKEN:
		visit_error(v, 403, "token", "no");
		break;
	case UPLOAD_NO_TOKEN:
		visit_error(v, 400, "file_before_token", "no");
		break;
	case UPLOAD_RECIPIENTS:
		visit_text(v, "text_key", "error.recipients");
		visit_error(v, 422, "invalid", "no");
		break;
	case UPLOAD_FILE_SIZE:
		visit_set(v, "n", json_integer(v->file_mib));
		visit_error(v, 413, "too_large", "no");
		break;
	case UPLOAD_CASE_SIZE:
		visit_set(v, "n", json_integer(v->case_mib));
		visit_error(v, 413, "quota", "no");
		break;
	case UPLOAD_STORE:
	case UPLOAD_FINE:
		visit_fail(v, u->stored == ERR_OK ? ERR_SYS : u->stored);
		break;
	}
}

/* The padded class of all files in words: a screen may be looked at. */
static void
size_text(struct visit *v, const struct upload *u)
{
	uint64_t sum = 0;
	char text[32];

	for (size_t i = 0; i < u->files; i++)
		sum += pad_file(u->file[i].about.size);
	(void)snprintf(text, sizeof(text), sum < MIB ? "1 MB" : "%llu MB",
	    (unsigned long long)((sum + MIB - 1) / MIB));
	visit_text(v, "size", text);
	visit_set(v, "count", json_integer((json_int_t)u->files));
}

void
source_files(struct visit *v)
{
	struct upload *u = v->r->state;
	struct message_in in;
	enum err e;

	if (u == NULL) {
		visit_fail(v, ERR_SYS);
		return;
	}
	if (u->fault != UPLOAD_FINE) {
		fault_page(v, u);
		return;
	}
	if (u->files == 0) {
		if (visit_owner(v, true))
			visit_error(v, 422, "empty", "no");
		return;
	}
	memset(&in, 0, sizeof(in));
	in.text = "";
	in.set = u->set;
	memcpy(in.set_hash, u->set_hash, SHA256_LEN);
	in.file = u->file;
	in.files = u->files;
	in.file_bytes_max = u->case_max;
	if ((e = settle(u)) == ERR_OK)
		e = intake_message(v->s, u->who, &in);
	u->taken = e == ERR_OK;
	if (e == ERR_OK) {
		size_text(v, u);
		visit_text(v, "what", "files");
		visit_page(v, 200, "sent");
	} else if (e == ERR_RANGE) {
		visit_error(v, 429, "epoch", "no");
	} else if (e == ERR_DENIED) {
		visit_set(v, "n", json_integer(v->case_mib));
		visit_error(v, 413, "quota", "no");
	} else {
		v->kept = e == ERR_SYS ? "unknown" : "no";
		visit_fail(v, e);
	}
}
