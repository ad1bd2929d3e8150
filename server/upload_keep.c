/*
 * Whole files become one message of their case: at the end of the POST, on a
 * worker; or, when it broke off, a moment later on the ticker's thread.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sweep.h"
#include "unfetched.h"
#include "upload.h"

struct uploads {
	pthread_mutex_t lock;
	struct upload *list;		/* broken off, to be ended */
	/* One at a time: two that bring the same file both look first. */
	pthread_mutex_t keeping;
};

enum err
uploads_new(struct uploads **out)
{

	if ((*out = calloc(1, sizeof(**out))) == NULL)
		return (ERR_SYS);
	(void)pthread_mutex_init(&(*out)->lock, NULL);
	(void)pthread_mutex_init(&(*out)->keeping, NULL);
	return (ERR_OK);
}

void
uploads_free(struct uploads *w)
{

	if (w == NULL)
		return;
	while (w->list != NULL) {
		struct upload *u = w->list;

		w->list = u->next;
		upload_free(u);
	}
	(void)pthread_mutex_destroy(&w->keeping);
	(void)pthread_mutex_destroy(&w->lock);
	free(w);
}

size_t
upload_count(const struct upload *u, enum file_state state)
{
	size_t n = 0;

	for (size_t i = 0; i < u->files; i++)
		n += u->file[i].state == state;
	return (n);
}

void
upload_set(struct upload *u, struct upload_file *f, enum file_state state)
{

	(void)pthread_mutex_lock(&u->lock);
	f->state = state;
	(void)pthread_mutex_unlock(&u->lock);
}

/* Every file of one state gets another. */
static void
set_all(struct upload *u, enum file_state from, enum file_state to)
{

	(void)pthread_mutex_lock(&u->lock);
	for (size_t i = 0; i < u->files; i++) {
		if (u->file[i].state == from)
			u->file[i].state = to;
	}
	(void)pthread_mutex_unlock(&u->lock);
}

static bool
was_cut(struct upload *u)
{
	bool cut;

	(void)pthread_mutex_lock(&u->lock);
	cut = u->cut;
	(void)pthread_mutex_unlock(&u->lock);
	return (cut);
}

/* Of two that are the same, in this POST or an earlier one, one is enough. */
static void
mark_doubles(struct upload *u, const struct note *n)
{

	for (size_t i = 0; i < u->files; i++) {
		struct upload_file *f = &u->file[i];
		bool there = note_has(n, f->digest);

		for (size_t k = 0; k < i && !there; k++)
			there = u->file[k].state == FILE_WHOLE && ct_equal(
			    u->file[k].digest, f->digest, BLAKE2B_LEN);
		if (there && f->state == FILE_WHOLE)
			upload_set(u, f, FILE_THERE);
	}
}

/* A double of what was not kept is not there either: it shares its fate. */
static void
set_doubles(struct upload *u, const struct note *n, enum file_state to)
{

	for (size_t i = 0; i < u->files; i++) {
		struct upload_file *f = &u->file[i];

		if (f->state == FILE_THERE && !note_has(n, f->digest))
			upload_set(u, f, to);
	}
}

/* One message of what is whole. */
static enum err
message(struct upload *u)
{
	struct sent_file *list;
	struct message_in in;
	enum err e;

	memset(&in, 0, sizeof(in));
	list = calloc(u->files, sizeof(*list));
	if (list == NULL)
		return (ERR_SYS);
	/* the records are borrowed, and stay the upload's */
	for (size_t i = 0; i < u->files; i++) {
		if (u->file[i].state == FILE_WHOLE)
			list[in.files++] = u->file[i].sent;
	}
	in.text = "";
	in.set = u->set;
	memcpy(in.set_hash, u->set_hash, SHA256_LEN);
	in.file = list;
	in.file_bytes_max = u->case_max;
	in.fetched = &u->fetched;
	e = intake_message(u->s, u->who, &in);
	free(list);
	return (e);
}

enum err
upload_keep(struct upload *u)
{
	struct uploads *w = u->s->uploads;
	struct note *n;
	enum file_state now;
	enum err e = ERR_OK;

	if (was_cut(u)) {
		set_all(u, FILE_WHOLE, FILE_BROKEN);
		return (ERR_OK);
	}
	if ((n = calloc(1, sizeof(*n))) == NULL) {
		set_all(u, FILE_WHOLE, FILE_FAILED);
		return (ERR_SYS);
	}
	(void)pthread_mutex_lock(&w->keeping);
	note_load(u->s, (const char *)u->cookie->bytes, n);
	mark_doubles(u, n);
	if (upload_count(u, FILE_WHOLE) > 0) {
		e = message(u);
		now = e == ERR_OK ? FILE_KEPT : e == ERR_RANGE ? FILE_LATER :
		    e == ERR_DENIED ? FILE_ROOM : FILE_FAILED;
		set_all(u, FILE_WHOLE, now);
		if (e != ERR_OK)
			set_doubles(u, n, now);
	}
	for (size_t i = 0; i < u->files; i++)
		note_add(n, &u->file[i]);
	note_save(u->s, (const char *)u->cookie->bytes, n);
	(void)pthread_mutex_unlock(&w->keeping);
	wipe(n, sizeof(*n));
	free(n);
	return (e);
}

/* ---- what broke off ---- */

void
upload_sweep(struct upload *u)
{

	for (size_t i = 0; i < u->files; i++) {
		if (u->file[i].state != FILE_KEPT)
			sweep_object(u->s, u->file[i].sent.record.id);
		if (u->file[i].state != FILE_KEPT || u->fetched)
			unfetched_give(u->s, u->file[i].counted);
	}
}

void
upload_quiet(struct upload *u)
{

	upload_sweep(u);
	upload_free(u);
}

/*
 * A browser that is told to leave first stops sending and then says so.  A
 * POST that broke off waits for that word before its whole files are kept;
 * the session does not end before.
 */
void
upload_over(struct upload *u)
{
	struct uploads *w = u->s->uploads;
	bool later = u->held && !u->handled && !u->refused && u->files > 0;
	bool last;

	set_all(u, FILE_COMING, FILE_BROKEN);
	object_sealer_free(u->sealer);	/* it holds bytes in the clear */
	u->sealer = NULL;
	wipe(&u->hash, sizeof(u->hash));
	if (u->held && !later)
		session_drop(u->s->sessions, &u->hold,
		    clock_now(u->s->clock));
	(void)pthread_mutex_lock(&u->lock);
	u->over = true;
	u->later = later;
	u->over_ms = clock_steady_ms();
	last = u->ahead == 0 && !later;
	(void)pthread_mutex_unlock(&u->lock);
	if (later) {
		(void)pthread_mutex_lock(&w->lock);
		u->next = w->list;
		w->list = u;
		(void)pthread_mutex_unlock(&w->lock);
	} else if (last) {
		upload_quiet(u);
	}
}

static bool
is_due(struct upload *u, bool all)
{
	uint64_t now = clock_steady_ms();
	bool due;

	(void)pthread_mutex_lock(&u->lock);
	due = all || u->cut || (u->ahead == 0 &&
	    (upload_count(u, FILE_WHOLE) == 0 ||
	    now - u->over_ms >= UPLOAD_GRACE_MS));
	(void)pthread_mutex_unlock(&u->lock);
	return (due);
}

/* One that is due, taken off the list. */
static struct upload *
take(struct uploads *w, bool all)
{
	struct upload **l, *u;

	(void)pthread_mutex_lock(&w->lock);
	for (l = &w->list; *l != NULL && !is_due(*l, all);)
		l = &(*l)->next;
	if ((u = *l) != NULL)
		*l = u->next;
	(void)pthread_mutex_unlock(&w->lock);
	return (u);
}

void
uploads_tick(struct server *s, bool all)
{
	struct upload *u;

	while ((u = take(s->uploads, all)) != NULL) {
		seal_settle(u);
		/* each file's state says how it went; nobody else asks */
		(void)(upload_keep(u) == ERR_OK);
		session_drop(s->sessions, &u->hold, clock_now(s->clock));
		upload_quiet(u);
	}
}
