/*
 * A file in the making: sealed while it arrives.  The HTTP thread seals; the
 * store writes; at most BLOCKS_AHEAD blocks of an upload are between the two,
 * then the connection waits.  Until a message refers to them the blocks
 * belong to an upload record, and are swept if none ever does.
 */
#include <stdlib.h>
#include <string.h>

#include "fault.h"
#include "pad.h"
#include "unfetched.h"
#include "upload.h"
#include "utf8.h"

#define BLOCKS_AHEAD	2
#define SOURCE_BLOCKS	UINT32_MAX	/* how many is not known before */

/* One block on its way to the store. */
struct block_job {
	struct store_job job;
	struct upload *u;
	struct sealed *block;
	struct upload_file *file;
	uint8_t object[ID_LEN];
	uint32_t number;
};

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
	(void)pthread_mutex_lock(&u->lock);
	if (result != ERR_OK) {
		j->file->state = FILE_FAILED;
		if (u->stored == ERR_OK)
			u->stored = result;
	}
	free(j);
	u->ahead--;
	if (u->ahead == 0)
		(void)pthread_cond_broadcast(&u->quiet);
	if (u->waiting && !u->over) {
		u->waiting = false;
		http_resume(u->r);
	}
	last = u->over && u->ahead == 0 && !u->later;
	(void)pthread_mutex_unlock(&u->lock);
	if (last)
		upload_quiet(u);
}

static enum err
submit(struct upload *u, struct sealed *block)
{
	struct upload_file *f = &u->file[u->files - 1];
	struct block_job *j = calloc(1, sizeof(*j));
	enum err e = j == NULL ? ERR_SYS : fault_point("intake.1");

	if (e != ERR_OK) {
		free(j);
		sealed_free(block);
		return (e);
	}
	j->u = u;
	j->block = block;
	j->file = f;
	j->number = f->sent.record.blocks++;
	memcpy(j->object, f->sent.record.id, ID_LEN);
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

/* A failure of the store shows here, whenever it comes. */
static bool
coming(struct upload *u, const struct upload_file *f)
{
	bool yes;

	(void)pthread_mutex_lock(&u->lock);
	yes = f->state == FILE_COMING;
	(void)pthread_mutex_unlock(&u->lock);
	return (yes);
}

/* Whether one more block may be made now; else block_stored resumes. */
static bool
room(struct upload *u)
{
	bool yes;

	(void)pthread_mutex_lock(&u->lock);
	yes = u->ahead < BLOCKS_AHEAD;
	u->waiting = !yes;
	(void)pthread_mutex_unlock(&u->lock);
	return (yes);
}

/* The rest of this file is read and forgotten. */
static void
drop(struct upload *u, struct upload_file *f, enum file_state why)
{

	upload_set(u, f, why);
	object_sealer_free(u->sealer);
	u->sealer = NULL;
}

static void
drop_sys(struct upload *u, struct upload_file *f, enum err e)
{

	(void)pthread_mutex_lock(&u->lock);
	if (u->stored == ERR_OK)
		u->stored = e;
	(void)pthread_mutex_unlock(&u->lock);
	drop(u, f, FILE_FAILED);
}

static enum err
start(struct upload *u, struct upload_file *f)
{
	struct age_recipient to[ROSTER_MEMBERS];
	struct bytes header;
	enum err e;

	if (f->sent.about.name == NULL || f->sent.about.type == NULL)
		return (ERR_SYS);
	for (size_t i = 0; i < u->set->recipients; i++)
		to[i] = u->set->recipient[i].key;
	e = object_sealer_new(to, u->set->recipients, &u->sealer);
	if (e != ERR_OK)
		return (e);
	header = object_sealer_header(u->sealer);
	buf_put(&f->sent.record.h, header.p, header.n);
	return (buf_err(&f->sent.record.h));
}

void
seal_start(struct upload *u, const char *name, const char *type)
{
	struct upload_file *f = &u->file[u->files];
	enum err e;

	object_init(&f->sent.record);
	rand_bytes(f->sent.record.id, ID_LEN);
	f->sent.record.use = USE_ATTACHMENT;
	memcpy(f->sent.about.object, f->sent.record.id, ID_LEN);
	f->sent.about.name = strndup(name, utf8_cut(name, MANIFEST_NAME_MAX));
	f->sent.about.type = strndup(type, utf8_cut(type, FORM_TYPE_MAX));
	blake2b_init(&u->hash);
	blake2b_update(&u->hash, name, strlen(name) + 1);
	(void)pthread_mutex_lock(&u->lock);
	f->state = FILE_COMING;
	u->files++;
	(void)pthread_mutex_unlock(&u->lock);
	if (u->files > u->files_max)
		drop(u, f, FILE_MANY);
	else if ((e = start(u, f)) != ERR_OK)
		drop_sys(u, f, e);
}

/* A file of ${size} bytes, if what nobody fetched yet leaves room for it. */
static bool
has_place(struct upload *u, struct upload_file *f, uint64_t size)
{
	uint64_t all = pad_file(size);

	if (!u->fresh || all <= f->counted)
		return (true);
	if (!unfetched_take(u->s, all - f->counted))
		return (false);
	f->counted = all;
	return (true);
}

static void
count(struct upload *u, struct upload_file *f, size_t n)
{
	uint64_t now = clock_steady_ms();

	(void)pthread_mutex_lock(&u->lock);
	f->size += n;
	u->got += n;
	u->last_ms = now;
	(void)pthread_mutex_unlock(&u->lock);
}

enum form_take
seal_put(struct upload *u, struct bytes in, size_t *taken)
{
	struct upload_file *f = &u->file[u->files - 1];
	struct sealed *block;
	enum err e;
	size_t n;

	*taken = 0;
	if (coming(u, f)) {
		if (in.n > u->file_max - f->size)
			drop(u, f, FILE_LARGE);
		else if (pad_file(f->size + in.n) > u->case_left)
			drop(u, f, FILE_ROOM);
		else if (!has_place(u, f, f->size + in.n))
			drop_sys(u, f, ERR_FULL);
	}
	while (in.n > 0 && coming(u, f)) {
		if (!room(u))
			return (FORM_WAIT);
		e = object_sealer_put(u->sealer, in, &n, &block);
		if (e == ERR_OK)
			blake2b_update(&u->hash, in.p, n);
		if (e == ERR_OK && block != NULL)
			e = submit(u, block);
		if (e != ERR_OK) {
			drop_sys(u, f, e);
			break;
		}
		in.p = (const uint8_t *)in.p + n;
		in.n -= n;
		*taken += n;
		count(u, f, n);
	}
	if (in.n > 0) {
		/* a failure of the store comes late: let go of the sealer */
		object_sealer_free(u->sealer);
		u->sealer = NULL;
		*taken += in.n;
		count(u, f, in.n);
	}
	return (FORM_TAKEN);
}

static enum err
pad(struct upload *u, struct upload_file *f, bool *more)
{
	struct sealed *block;
	enum err e;

	e = object_sealer_pad(u->sealer, pad_file(f->size), &block);
	if (e == ERR_OK && block == NULL)
		e = object_sealer_end(u->sealer, &block);
	*more = e == ERR_OK && block != NULL;
	if (*more)
		e = submit(u, block);
	return (e);
}

enum form_take
seal_end(struct upload *u)
{
	struct upload_file *f = &u->file[u->files - 1];
	struct object_facts facts;
	bool more = true;
	enum err e;

	/* an empty one has come here without a look at its room */
	if (coming(u, f) && pad_file(f->size) > u->case_left)
		drop(u, f, FILE_ROOM);
	else if (coming(u, f) && !has_place(u, f, f->size))
		drop_sys(u, f, ERR_FULL);
	while (more && coming(u, f)) {
		if (!room(u))
			return (FORM_WAIT);
		if ((e = pad(u, f, &more)) != ERR_OK)
			drop_sys(u, f, e);
	}
	if (coming(u, f)) {
		facts = object_sealer_facts(u->sealer);
		f->sent.record.payload = facts.payload;
		memcpy(f->sent.record.digest, facts.digest, BLAKE2B_LEN);
		memcpy(f->sent.about.digest, facts.digest, BLAKE2B_LEN);
		f->sent.about.size = f->size;
		blake2b_final(&u->hash, f->digest);
		u->case_left -= pad_file(f->size);
		(void)pthread_mutex_lock(&u->lock);
		if (f->state == FILE_COMING)
			f->state = FILE_WHOLE;
		(void)pthread_mutex_unlock(&u->lock);
	}
	object_sealer_free(u->sealer);
	u->sealer = NULL;
	return (FORM_TAKEN);
}

void
seal_settle(struct upload *u)
{

	(void)pthread_mutex_lock(&u->lock);
	while (u->ahead > 0)
		(void)pthread_cond_wait(&u->quiet, &u->lock);
	(void)pthread_mutex_unlock(&u->lock);
}
