#ifndef UPLOAD_H
#define UPLOAD_H
/*
 * An upload: one POST with files, from its header to the message that names
 * those which came whole.
 *
 *	source_upload.c		the form's callbacks; the answer
 *	upload_seal.c		a file in the making, its blocks to the store
 *	upload_keep.c		whole files become a message, also when the
 *				POST broke off
 *	upload_note.c		what a session's uploads came to
 *	source_progress.c	the pages that show it
 *
 * While the body arrives the HTTP thread alone writes, but for a file's state,
 * which the store's thread may set to FILE_FAILED; others read, under ${lock}.
 */
#include <pthread.h>

#include "http.h"
#include "intake.h"

enum file_state {
	FILE_COMING,		/* its bytes arrive */
	FILE_WHOLE,		/* all of them came; no message names it yet */
	FILE_KEPT,		/* a message does */
	FILE_THERE,		/* the session has sent the same before */
	FILE_BROKEN,		/* broken off */
	FILE_LARGE, FILE_MANY, FILE_ROOM,	/* over a limit */
	FILE_LATER,		/* no message more in this epoch */
	FILE_FAILED,		/* the store */
	FILE_STATES
};
struct upload_file {
	struct sent_file sent;
	enum file_state state;
	uint64_t size;			/* bytes so far */
	uint64_t counted;		/* as unfetched, padded */
	uint8_t digest[BLAKE2B_LEN];	/* of name and content */
};
enum upload_fault {		/* before the first file: none is taken */
	UPLOAD_FINE, UPLOAD_SESSION, UPLOAD_TOKEN, UPLOAD_NO_TOKEN,
	UPLOAD_RECIPIENTS, UPLOAD_EPOCH, UPLOAD_SYS
};

struct upload {
	struct server *s;
	struct http_request *r;
	struct secret *cookie;		/* its text; NULL: no session's */
	struct secret *session;
	const struct session_data *who;	/* in it; NULL: not let in yet */
	struct session_hold hold;
	bool held;
	bool handled;			/* it has its answer */
	bool refused;			/* its form: nothing is kept */
	enum upload_fault fault;
	enum err fault_err;		/* of UPLOAD_SYS */
	struct roster_channel *set;
	uint8_t set_hash[SHA256_LEN];
	uint64_t file_max, case_max, case_left;	/* bytes */
	size_t files_max;
	bool fresh;			/* no desk has fetched the case */
	bool fetched;			/* one had when the files were kept */
	struct object_sealer *sealer;	/* of the file in the making */
	struct blake2b hash;

	pthread_mutex_t lock;		/* all below */
	pthread_cond_t quiet;		/* ahead became 0 */
	struct upload_file file[FORM_PARTS_MAX];
	size_t files;			/* the last one may be in the making */
	uint64_t got;			/* bytes of files, dropped ones too */
	uint64_t last_ms;		/* when the last of them came */
	unsigned ahead;			/* blocks with the store */
	bool waiting;			/* the connection is suspended */
	bool over;			/* the request is gone */
	bool later;			/* the ticker ends it, and frees it */
	bool cut;			/* the session was closed */
	uint64_t over_ms;
	enum err stored;		/* first failure of the store */
	struct upload *next;		/* uploads_tick's */
};

/* upload_free(u): wipes; nothing of it may be with the store any more. */
void upload_free(struct upload *u);
/* upload_sweep(u): what no message names is erased by the next sweep. */
void upload_sweep(struct upload *u);
/* upload_count(u, state): files in that state; the lock is held, or the
 * thread is the upload's own. */
size_t upload_count(const struct upload *u, enum file_state state);
void upload_set(struct upload *u, struct upload_file *f,
    enum file_state state);

/* ---- upload_seal.c: on the HTTP thread, for the last of u->file ---- */
/*
 * seal_start(u, name, type): one file more, or one that is dropped at once.
 * seal_put(u, in, taken): FORM_WAIT: block_stored resumes the request.
 * seal_end(u): padding, the last blocks, the facts; again after a wait.
 * None says FORM_STOP: a file that cannot be taken is read to its end and
 * dropped, so that those behind it arrive.
 */
void seal_start(struct upload *u, const char *name, const char *type);
enum form_take seal_put(struct upload *u, struct bytes in, size_t *taken);
enum form_take seal_end(struct upload *u);
/* seal_settle(u): wait until the store has them all; not on an HTTP thread. */
void seal_settle(struct upload *u);

/* ---- upload_keep.c ---- */
/*
 * upload_keep(u): one message of the files that are whole, less those that
 * the session has sent before; all are written into the session's note.
 * Nothing if the session was closed meanwhile.  Each file's state says what
 * became of it.  Fails: as intake_message.
 * Threads: any that may wait; seal_settle came before.
 */
enum err upload_keep(struct upload *u) MUST_USE;
/* upload_over(u): the request is gone.  Ends and frees the upload, now or
 * when the store and the ticker are done with it. */
void upload_over(struct upload *u);
/* upload_quiet(u): the store is done with an upload that is over. */
void upload_quiet(struct upload *u);

/* Uploads that broke off, until their whole files are kept. */
struct uploads;
enum err uploads_new(struct uploads **out) MUST_USE;
void uploads_free(struct uploads *w);
/*
 * uploads_tick(s, all): keep what broke off UPLOAD_GRACE_MS ago, and end what
 * has nothing to keep; ${all}: wait for the store and keep everything, when
 * the server ends.
 * Threads: the ticker's.
 */
#define UPLOAD_GRACE_MS	3000
void uploads_tick(struct server *s, bool all);

/* ---- upload_note.c ---- */
#define NOTE_FILES	40		/* the newest */
#define NOTE_FILE_NAME_MAX	128		/* bytes */
struct note_file {
	enum file_state state;
	uint64_t size;
	uint8_t digest[BLAKE2B_LEN];
	char name[NOTE_FILE_NAME_MAX + 1];
};
struct note {
	size_t files;
	struct note_file file[NOTE_FILES];
};
/* note_load(s, cookie, out): empty if there is none.  Secret: wipe it. */
void note_load(struct server *s, const char *cookie, struct note *out);
/* note_add(n, f): in place of what said that the same was not kept. */
void note_add(struct note *n, const struct upload_file *f);
/* note_has(n, digest): the session has sent exactly this, and it is kept. */
bool note_has(const struct note *n, const uint8_t digest[static BLAKE2B_LEN]);
void note_save(struct server *s, const char *cookie, const struct note *n);

#endif
