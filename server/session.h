#ifndef SESSION_H
#define SESSION_H
/*
 * Sources that are signed in.  A session's record is sealed under a key that
 * comes from its cookie; the server keeps the cookie's hash alone, so between
 * two requests the process holds no source's key.  In memory only: a restart
 * signs everybody out.
 */
#include <stdbool.h>
#include <stdint.h>

#include "receipt.h"
#include "records.h"
#include "secret.h"

#define COOKIE_LEN		32
#define COOKIE_TEXT		(COOKIE_LEN * 2)	/* hex */
#define SESSION_IDLE_SEC	(30 * 60)
#define SESSION_TOTAL_SEC	(12 * 3600)

/* What a session knows.  Secret: stands in a struct secret. */
struct session_data {
	uint8_t case_id[ID_LEN];
	struct place at;		/* of the case */
	struct source_keys keys;
	bool has_receipt;		/* signed in by sending a report */
	struct receipt receipt;
};

struct sessions;
/* sessions_new(max, out): none open, at most ${max}.  Fails: ERR_SYS. */
enum err sessions_new(size_t max, struct sessions **out) MUST_USE;
void sessions_free(struct sessions *s);

/*
 * session_open(s, data, now, cookie): a new session; ${cookie} gets its text.
 * Fails: ERR_BUSY if ${max} are open, ERR_SYS.
 */
enum err session_open(struct sessions *s, const struct session_data *data,
    int64_t now, char cookie[static COOKIE_TEXT + 1]) MUST_USE;
/*
 * session_get(s, cookie, now, out): a copy of its data in locked memory, and
 * its 30 minutes begin anew.  Ownership: caller frees.
 * Fails: ERR_NOTFOUND (unknown or over), ERR_SYS.
 */
enum err session_get(struct sessions *s, const char *cookie, int64_t now,
    struct secret **out) MUST_USE;
/* session_peek: the same, but its 30 minutes go on: for a page that asks by
 * itself, again and again. */
enum err session_peek(struct sessions *s, const char *cookie, int64_t now,
    struct secret **out) MUST_USE;
/* session_forget_receipt(s, cookie): its code is not shown again. */
enum err session_forget_receipt(struct sessions *s, const char *cookie,
    int64_t now) MUST_USE;
/* session_close(s, cookie): with its uploads, which are cut off. */
void session_close(struct sessions *s, const char *cookie);
/*
 * session_follow(s, cookie, heir): the session ends, its source has signed in
 * anew as ${heir}.  Its uploads go on; if both are of one case they are
 * ${heir}'s from then on, to show and to cut, else nobody's.
 */
void session_follow(struct sessions *s, const char *cookie, const char *heir);
/* session_sweep(s, now): forget those that are over. */
void session_sweep(struct sessions *s, int64_t now);

/*
 * A running upload keeps its session open, and ends with it:
 * session_hold calls ${cut} (any thread) if the session is closed so before
 * session_drop.  Fails: ERR_NOTFOUND; ERR_BUSY: it has SESSION_HOLDS already.
 */
#define SESSION_HOLDS	6	/* some may be over, and not yet dropped */
struct session_hold {
	struct session_hold *next;
	uint8_t hash[BLAKE2B_LEN];
	void (*cut)(void *arg);
	void *arg;
};
enum err session_hold(struct sessions *s, const char *cookie,
    struct session_hold *h) MUST_USE;
/* session_drop: the upload is over; the 30 minutes begin at ${now}. */
void session_drop(struct sessions *s, struct session_hold *h, int64_t now);
/*
 * session_each_hold(s, cookie, fn, ctx): ${fn} with the arg of each running
 * upload of a session, the newest first.  fn must not call the sessions.
 */
void session_each_hold(struct sessions *s, const char *cookie,
    void (*fn)(void *ctx, void *arg), void *ctx);

/*
 * A session's note says what its uploads came to.  Sealed as its record is,
 * and gone with it.  SESSION_NOTE_LEN bytes whatever it says.
 * session_note_put: ERR_NOTFOUND (the session is over), ERR_SYS.
 * session_note_get: appended to ${out}; ERR_NOTFOUND (over, or no note yet).
 */
#define SESSION_NOTE_LEN	8000
enum err session_note_put(struct sessions *s, const char *cookie,
    const uint8_t note[static SESSION_NOTE_LEN]) MUST_USE;
enum err session_note_get(struct sessions *s, const char *cookie,
    struct buf *out) MUST_USE;

#endif
