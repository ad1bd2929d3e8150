#ifndef SOURCE_INTERNAL_H
#define SOURCE_INTERNAL_H
/*
 * What the files of the source's side share: a visit is one request on its
 * way to one page.
 */
#include <jansson.h>

#include "http.h"
#include "page.h"
#include "server.h"
#include "token.h"

#define TEXT_BODY_MAX	(2 * 1024 * 1024)	/* a form of text, encoded */

struct visit {
	struct server *s;
	struct http_request *r;
	struct http_response *a;
	enum lang lang;
	const char *path;		/* without the language's prefix */
	const char *page;		/* of a GET, as the route says */
	char form_cookie[COOKIE_TEXT + 1];	/* "" : none */
	char cookie[COOKIE_TEXT + 1];		/* the session's; "" : none */
	struct secret *session;		/* NULL: not signed in */
	const struct session_data *who;	/* in it */
	json_t *model;
	bool lacks;			/* the model misses a part */
	const char *kept;		/* what a failure's page says: "no",
					   "yes", "unknown" */
	/* of the config, as it was when the visit began */
	int64_t text_chars, files, file_mib, case_mib, utc_offset_min;
};

/* visit_path(path, lang): the path without "/en", and the language. */
const char *visit_path(const char *path, enum lang *lang);
/* visit_begin / visit_end: around a handler; the page is in ${a}. */
void visit_begin(struct visit *v, struct server *s, struct http_request *r,
    struct http_response *a);
void visit_end(struct visit *v);
/* visit_set(v, key, value): steals ${value} into the model. */
void visit_set(struct visit *v, const char *key, json_t *value);
/*
 * visit_put, visit_add(v, to, ..., value): the same for an object or a list
 * inside it.  What cannot be added, for want of memory, makes the page an
 * error page.
 */
void visit_put(struct visit *v, json_t *o, const char *key, json_t *value);
void visit_add(struct visit *v, json_t *list, json_t *value);
void visit_text(struct visit *v, const char *key, const char *text);
/* visit_page(v, status, page): render the model. */
void visit_page(struct visit *v, int status, const char *page);
/* visit_done(v, what): the page "sent".  If it cannot be made, the one that
 * comes instead says that it is done, and gives nothing back to be sent. */
void visit_done(struct visit *v, const char *what);
/* visit_error(v, status, code, kept): the error page ${code}. */
void visit_error(struct visit *v, int status, const char *code,
    const char *kept);
/* visit_fail(v, e): the error page of an internal error. */
void visit_fail(struct visit *v, enum err e);
/* visit_go(v, path): 303 to ${path} in the visit's language. */
void visit_go(struct visit *v, const char *path);
/* visit_href(v, path): where a page of an error leads on. */
void visit_href(struct visit *v, const char *path);
/* visit_signed_in(v, data): open a session, set its cookie, know it. */
enum err visit_sign_in(struct visit *v, const struct session_data *data)
    MUST_USE;
/* visit_sign_out(v): close the session, clear both cookies. */
void visit_sign_out(struct visit *v);
/* visit_new_form(v): give the browser a new form cookie. */
void visit_new_form(struct visit *v);
/* visit_form_token(v): the model's token of a form before signing in. */
void visit_form_token(struct visit *v);
/* visit_token_good(v): the form carries the token of v's session. */
bool visit_token_good(const struct visit *v);
/* visit_owner(v, post): signed in, and for a POST with a right token; else
 * the page that says so is made and false returned. */
bool visit_owner(struct visit *v, bool post);
/* visit_sets(v): the recipient sets of all channels, for the form. */
void visit_sets(struct visit *v, const char *chosen);
/* visit_members(m, n): [{fingerprint, label}] of readers or custodians. */
json_t *visit_members(const struct roster_member *m, size_t n);
/* visit_readers(v, channel): who reads what is sent now; source_inbox.c. */
void visit_readers(struct visit *v, const char *channel);
/* visit_consent(v, c): what was asked about the identity; source_consent.c. */
void visit_consent(struct visit *v, const struct case_record *c);
/* visit_day(v, epoch, out): an epoch's day, in words; source_inbox.c. */
void visit_day(const struct visit *v, uint64_t epoch,
    char out[static PAGE_DATE_MAX]);
/* visit_typed(v, field): of the form; "" if it was not sent. */
const char *visit_typed(const struct visit *v, const char *field);
/* visit_give_back(v): what was typed stands on the page of an error, to be
 * copied; never a code. */
void visit_give_back(struct visit *v);
/*
 * visit_inbox_again(v, status, code, field, sentence): the inbox, with what
 * was typed and what is wrong with it.
 */
void visit_inbox_again(struct visit *v, int status, const char *code,
    const char *field, const char *sentence);
/* visit_words(v, key): the session's receipt as an array, if it has one. */
void visit_words(struct visit *v, const char *key);

typedef void visit_fn(struct visit *v);
visit_fn source_info, source_standard;		/* source_info.c */
visit_fn source_readers, source_log;
visit_fn source_form, source_send, source_nocode;	/* source_report.c */
visit_fn source_busy, source_often;	/* the form again: no worker free; too
					   much from this circuit */
visit_fn source_signin, source_open;		/* source_signin.c */
visit_fn source_practice, source_practised;
visit_fn source_written, source_leave;
visit_fn source_inbox, source_message, source_delete;	/* source_inbox.c */
visit_fn source_consent;				/* source_consent.c */
visit_fn source_files;				/* source_upload.c */
visit_fn source_files_page, source_files_form;	/* source_progress.c */
visit_fn source_progress;
/* source_set_model(v): who would read what is sent now, and the limits; false:
 * the page that says why not is made. */
bool source_set_model(struct visit *v);		/* source_inbox.c */

/*
 * source_upload.c: the parts that run while a body arrives.
 *   begin	from its header on; bodies above ${max} are refused
 *   release	the request is over, whatever happened to it
 *   refuse	its form is bad: nothing of it is kept
 *   fault	what a page of the listener's says of its files
 */
struct upload;
extern const struct form_files source_upload_files;
void source_upload_begin(struct server *s, struct http_request *r,
    uint64_t max);
void source_upload_release(struct server *s, struct http_request *r);
void source_upload_refuse(struct visit *v);
void source_upload_fault(struct visit *v);
/*
 * source_progress.c: lists of files in the model.
 * source_upload_model: one upload's; source_progress_model: the session's,
 * running ones and what its note says.
 */
void source_upload_model(struct visit *v, struct upload *u);
void source_progress_model(struct visit *v);
/* source_polls(path): a page that the browser asks for by itself. */
bool source_polls(const char *path);
/*
 * source_set_now(s, channel, out, hash): the set in force now, copied.
 * source_set_shown(s, channel, shown, out, hash): the set that a page showed,
 * ${shown} being its field "channel:hex channel:hex"; good if it is in force
 * or was in the two epochs before.  Fails: ERR_NOTFOUND.
 */
enum err source_set_now(struct server *s, const char *channel,
    struct roster_channel *out, uint8_t hash[static SHA256_LEN]) MUST_USE;
enum err source_set_shown(struct server *s, const char *channel,
    const char *shown, struct roster_channel *out,
    uint8_t hash[static SHA256_LEN]) MUST_USE;

#endif
