/* peluit reply, status, refer: what the source hears from the desk. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "deed.h"
#include "deed_upload.h"
#include "home.h"
#include "message.h"
#include "status.h"
#include "utf8.h"

#define TEXT_MAX	(4 * MANIFEST_TEXT_CHARS + 4)
#define REASON_MAX	200		/* characters */

/* What is to be told, before it is sealed. */
struct telling {
	const char *file;		/* NULL or "-": stdin */
	const char *status, *reason;	/* NULL: none */
	enum event_kind kind;
};

static enum peluit_exit
read_text(struct desk *d, const char *file, char **out)
{
	bool from_stdin = file == NULL || strcmp(file, "-") == 0;
	uint8_t *data = NULL;
	enum peluit_exit x = DESK_DONE;
	char most[24], hint[256];
	size_t len = 0;
	enum err e;

	*out = NULL;
	if (from_stdin && isatty(STDIN_FILENO) == 1) {
		peluit_text(d, W_ASK_TEXT, NULL, hint, sizeof(hint));
		(void)fputs(hint, stderr);
	}
	e = from_stdin ? fd_read(STDIN_FILENO, TEXT_MAX, &data, &len) :
	    file_read(file, TEXT_MAX, &data, &len);
	(void)snprintf(most, sizeof(most), "%d", MANIFEST_TEXT_CHARS);
	if (e == ERR_RANGE)
		return peluit_fail(d, DESK_NO, W_TEXT_LONG, most, NULL);
	if (e != ERR_OK)
		return peluit_err(d, e, W_FILE_READ, from_stdin ? "stdin" :
		    file);
	while (len > 0 && (data[len - 1] == '\n' || data[len - 1] == '\r'))
		len--;
	data[len] = '\0';
	if (len == 0)
		x = peluit_fail(d, DESK_NO, W_TEXT_EMPTY, NULL, NULL);
	else if (!utf8_valid(data, len))
		x = peluit_fail(d, DESK_NO, W_TEXT_BAD, NULL, NULL);
	else if (utf8_count(data, len) > MANIFEST_TEXT_CHARS)
		x = peluit_fail(d, DESK_NO, W_TEXT_LONG, most, NULL);
	if (x != DESK_DONE) {
		wipe(data, len);
		free(data);
		return x;
	}
	*out = (char *)data;
	return DESK_DONE;
}

static enum peluit_exit
status_check(struct desk *d, const char *status)
{
	struct buf all;
	const char *one;
	size_t i;

	if (status_known(status))
		return DESK_DONE;
	buf_init(&all, 4096);
	for (i = 0; (one = status_at(i)) != NULL; i++)
		buf_printf(&all, "%s%s", i == 0 ? "" : " ", one);
	(void)peluit_fail(d, DESK_USAGE, W_STATUS_UNKNOWN, status,
	    buf_text(&all));
	buf_done(&all);
	return DESK_USAGE;
}

static enum peluit_exit
reason_check(struct desk *d, const struct telling *t, const char *typed)
{
	size_t n;

	if (t->reason == NULL)
		return t->status != NULL && status_needs_reason(t->status) ?
		    peluit_fail(d, DESK_USAGE, W_STATUS_REASON, t->status,
		    typed) : DESK_DONE;
	if (t->status == NULL)
		return peluit_fail(d, DESK_USAGE, W_REASON_ALONE, NULL, NULL);
	n = strlen(t->reason);
	if (n == 0 || !utf8_valid(t->reason, n) ||
	    utf8_count(t->reason, n) > REASON_MAX ||
	    strpbrk(t->reason, "\r\n") != NULL)
		return peluit_fail(d, DESK_USAGE, W_REASON_BAD, t->reason,
		    NULL);
	return DESK_DONE;
}

/*
 * The manifest of a reply.  `epoch` is the desk's own: the server cannot
 * write it, and the event's is the one that counts.
 */
static void
compose(struct desk *d, const struct book *b, const struct book_case *c,
    const struct manifest *report, struct manifest *m)
{
	int64_t now = clock_now(d->clock);

	manifest_init(m);
	(void)snprintf(m->origin, sizeof(m->origin), "%s", d->office.origin);
	memcpy(m->case_id, c->id, ID_LEN);
	m->kind = MANIFEST_REPLY;
	m->epoch = b->epoch_seconds == 0 || now < 0 ? 0 :
	    (uint64_t)now / b->epoch_seconds;
	(void)snprintf(m->channel, sizeof(m->channel), "%s",
	    report->channel);
}

/* The report gives the only keys that this is sealed to. */
static enum peluit_exit
seal(struct desk *d, const struct book *b, const struct telling *t,
    char *text, struct deed *deed)
{
	struct message *report = NULL;
	struct manifest *m = NULL;
	char *reason = NULL;
	enum peluit_exit x;

	if ((x = message_report(d, deed->of, &report)) != DESK_DONE)
		return x;
	if ((m = malloc(sizeof(*m))) == NULL ||
	    (t->reason != NULL && (reason = strdup(t->reason)) == NULL)) {
		x = peluit_fail(d, DESK_MACHINE, W_MACHINE, "memory", NULL);
		goto out;
	}
	compose(d, b, deed->of, &report->manifest, m);
	m->text = text;
	m->reason = reason;
	if (t->status != NULL) {
		(void)snprintf(m->status, sizeof(m->status), "%s", t->status);
		(void)snprintf(deed->action.status,
		    sizeof(deed->action.status), "%s", t->status);
	}
	x = deed_seal(d, deed, m, &report->manifest);
out:
	free(reason);
	free(m);
	message_free(report);
	return x;
}

static enum peluit_exit
tell(struct desk *d, const struct telling *t, const char *typed)
{
	struct book_case *found;
	struct book *b = NULL;
	struct deed deed;
	char *text = NULL;
	enum peluit_exit x;

	if ((x = home_open(d)) != DESK_DONE ||
	    (x = home_lock(d)) != DESK_DONE ||
	    (x = book_load(d, &b)) != DESK_DONE ||
	    (x = book_find(d, b, typed, &found)) != DESK_DONE ||
	    (x = read_text(d, t->file, &text)) != DESK_DONE)
		goto out;
	deed_init(d, found, t->kind, &deed);
	if ((x = seal(d, b, t, text, &deed)) == DESK_DONE)
		x = deed_do(d, b, &deed, true);
out:
	if (text != NULL)
		wipe(text, strlen(text));
	free(text);
	book_free(b);
	return x;
}

enum peluit_exit
peluit_reply(struct desk *d, const struct peluit_command *c, int argc,
    char **argv)
{
	struct telling t = { .kind = EVENT_REPLY };
	const struct peluit_option spec[] = {
		{ .name = "-f", .value = &t.file },
		{ .name = "--status", .value = &t.status },
		{ .name = "--reason", .value = &t.reason },
		{ .name = NULL }
	};
	enum peluit_exit x;

	if ((x = peluit_args(d, c, spec, &argc, argv)) != DESK_DONE ||
	    (t.status != NULL && (x = status_check(d, t.status)) !=
	    DESK_DONE) || (x = reason_check(d, &t, argv[0])) != DESK_DONE)
		return x;
	return tell(d, &t, argv[0]);
}

enum peluit_exit
peluit_refer(struct desk *d, const struct peluit_command *c, int argc,
    char **argv)
{
	struct telling t = { .kind = EVENT_REFERRAL, .status = "REFERRED" };
	const struct peluit_option spec[] = {
		{ .name = "-f", .value = &t.file },
		{ .name = "--to", .value = &t.reason },
		{ .name = NULL }
	};
	enum peluit_exit x;

	if ((x = peluit_args(d, c, spec, &argc, argv)) != DESK_DONE)
		return x;
	if (t.reason == NULL || t.file == NULL)
		return peluit_fail(d, DESK_USAGE, W_OPTION_MISSING,
		    t.reason == NULL ? "--to" : "-f", c->usage);
	if ((x = reason_check(d, &t, argv[0])) != DESK_DONE)
		return x;
	return tell(d, &t, argv[0]);
}

enum peluit_exit
peluit_status(struct desk *d, const struct peluit_command *c, int argc,
    char **argv)
{
	struct book_case *found;
	struct book *b = NULL;
	struct deed deed;
	enum peluit_exit x;

	if ((x = peluit_args(d, c, NULL, &argc, argv)) != DESK_DONE ||
	    (x = status_check(d, argv[1])) != DESK_DONE)
		return x;
	if (status_needs_reason(argv[1]))
		return peluit_fail(d, DESK_USAGE, W_STATUS_REASON, argv[1],
		    argv[0]);
	if ((x = home_open(d)) != DESK_DONE ||
	    (x = home_lock(d)) != DESK_DONE ||
	    (x = book_load(d, &b)) != DESK_DONE ||
	    (x = book_find(d, b, argv[0], &found)) != DESK_DONE)
		goto out;
	deed_init(d, found, EVENT_STATUS, &deed);
	(void)snprintf(deed.action.status, sizeof(deed.action.status), "%s",
	    argv[1]);
	x = deed_do(d, b, &deed, false);
out:
	book_free(b);
	return x;
}
