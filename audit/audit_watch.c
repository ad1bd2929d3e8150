/*
 * watch: each checkpoint as it comes, with the time; cosigned where the home
 * has a signing key.  One line when something is wrong, none when all is
 * well.  It is remembered before it is cosigned: a watcher that forgot could
 * sign two heads.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "audit_home.h"
#include "head.h"
#include "rosters.h"

#define LOOKS		24	/* an epoch */
#define LOOK_MIN_SEC	1
#define LOOK_MAX_SEC	900

struct watch {
	struct audit *a;
	struct reach reach;
	struct office office;
	struct secret *seed;
	struct client *api;
	struct vkey cosigner;
	bool may_cosign, once;
	uint64_t cosigned;		/* size */
};

static volatile sig_atomic_t stopped;

static void
on_signal(int sig)
{
	(void)sig;
	stopped = 1;
}

/* Our key signs under one name: its label in the roster. */
static enum audit_exit
prepare(struct watch *w)
{
	uint8_t public[SIGN_PUBLIC_LEN];
	enum audit_exit x;

	if ((x = audit_account(w->a, &w->office, &w->seed)) != AUDIT_WELL ||
	    w->seed == NULL)
		return x;
	sign_public(w->seed->bytes, public);
	if (vkey_of(w->office.label, NOTE_TYPE_COSIGNATURE, public,
	    &w->cosigner) != ERR_OK)
		return AUDIT_WELL;
	if (client_new(&w->office, w->seed, w->a->clock, w->a->socks,
	    &w->api) != ERR_OK)
		return audit_err(w->a, ERR_SYS, A_MACHINE, "curl");
	w->may_cosign = true;
	return AUDIT_WELL;
}

/* The last line of a note: the signature that was added. */
static struct bytes
last_line(const struct buf *note)
{
	size_t at = note->len - 1;

	while (at > 0 && note->data[at - 1] != '\n')
		at--;
	return (struct bytes){ note->data + at, note->len - at };
}

static void
told(struct watch *w, uint64_t size, bool done, const char *how)
{
	char number[AUDIT_NUMBER];

	audit_number(size, number);
	audit_set(w->a, "cosigned", json_boolean(done));
	/* The loop speaks of what is wrong, and of nothing else. */
	if (!done && !w->once)
		(void)audit_fail(w->a, AUDIT_UNREAD, A_WATCH_NOT_COSIGNED,
		    number, how);
	else
		audit_say(w->a, done ? A_WATCH_COSIGNED : A_WATCH_NOT_COSIGNED,
		    number, how);
}

static void
cosign(struct watch *w, const struct head *h)
{
	struct client_request q = { .method = "POST",
	    .path = "/v1/audit/cosignature", .query = "?",
	    .content_type = "text/plain" };
	struct client_answer answer;
	struct buf note;
	int64_t now = clock_now(w->a->clock);
	enum err e;

	if (!w->may_cosign || h->now.size == 0 || h->now.size == w->cosigned)
		return;
	client_answer_init(&answer);
	buf_init(&note, NOTE_MAX);
	buf_put(&note, h->note.data, h->note.len);
	e = note_cosign(&note, &w->cosigner, w->seed->bytes, now);
	if (e == ERR_OK) {
		q.body = last_line(&note);
		e = client_call(w->api, &q, &answer);
	}
	if (e == ERR_OK)
		w->cosigned = h->now.size;
	told(w, h->now.size, e == ERR_OK, e == ERR_OK ? w->cosigner.name :
	    client_why(w->api));
	buf_done(&note);
	client_answer_done(&answer);
}

static enum audit_exit
look(struct watch *w)
{
	struct served_list list;
	struct head h;
	enum audit_exit x;
	bool good = false;

	memset(&list, 0, sizeof(list));
	memset(&h, 0, sizeof(h));
	if ((x = rosters_fetch(&w->reach, &list)) != AUDIT_WELL ||
	    list.n == 0 || (x = head_open(&w->reach, &h)) != AUDIT_WELL)
		goto out;
	if ((x = head_fetch(&h, &good)) == AUDIT_WELL && good)
		x = head_follow(&h, &good);
	if (x == AUDIT_WELL && good)
		x = head_keep(&h);
	if (x != AUDIT_WELL || !good)
		goto out;
	audit_set(w->a, "size", json_integer((json_int_t)h.now.size));
	head_clock(&h);
	cosign(w, &h);
out:
	head_close(&h);
	served_done(&list);
	return x;
}

static bool
wrong(const struct audit *a)
{
	/* To a watcher a log that is late is something wrong as well. */
	return findings_broken(&a->findings) > 0 ||
	    a->findings.count[F_LOG_LATE] + a->findings.count[F_LOG_AHEAD] > 0;
}

static bool
put_line(const char *line)
{
	char stamp[32];
	struct tm tm;
	time_t t = time(NULL);

	if (gmtime_r(&t, &tm) == NULL ||
	    strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		stamp[0] = '\0';
	return printf("%s %s", stamp, line) >= 0 && fflush(stdout) == 0;
}

static bool
put_lines(struct buf *all)
{
	char *line = (char *)(uintptr_t)buf_text(all), *end;
	bool good = true;

	for (; (end = strchr(line, '\n')) != NULL; line = end + 1) {
		char kept = end[1];

		end[1] = '\0';
		good = put_line(line) && good;
		end[1] = kept;
	}
	return good;
}

/*
 * What one look of the loop has to say, at once, unless the look before said
 * just that: ${before} holds it.
 */
static void
speak(struct audit *a, struct buf *before)
{
	struct buf line;
	bool good;
	size_t i;

	buf_init(&line, AUDIT_OUT_MAX);
	for (i = 0; i < a->findings.n; i++) {
		if (finding_level_of(a->findings.item[i].code) ==
		    FINDING_NOTE && !wrong(a))
			continue;
		audit_finding_line(a, &a->findings.item[i], &line);
	}
	if (a->failure != NULL)
		buf_printf(&line, "%s\n", json_string_value(json_object_get(
		    a->failure, "text")));
	good = buf_err(&line) == ERR_OK && (strcmp(buf_text(&line),
	    buf_text(before)) == 0 || put_lines(&line));
	if (!good)
		(void)fprintf(stderr, "peluit-audit: stdout: %s\n",
		    strerror(errno));
	clearerr(stdout);
	buf_reset(before);
	if (good)		/* else it is said again */
		buf_puts(before, buf_text(&line));
	buf_done(&line);
	json_decref(a->failure);
	a->failure = NULL;
	findings_done(&a->findings);
	findings_init(&a->findings);
	buf_reset(&a->out);
}

static void
wait_for_next(const struct audit *a)
{
	uint64_t s = a->epoch_seconds / LOOKS;
	struct timespec t = { 0, 0 };

	if (s < LOOK_MIN_SEC)
		s = LOOK_MIN_SEC;
	t.tv_sec = (time_t)(s > LOOK_MAX_SEC ? LOOK_MAX_SEC : s);
	while (!stopped && nanosleep(&t, &t) != 0 && errno == EINTR)
		continue;
}

static enum audit_exit
loop(struct watch *w)
{
	struct sigaction act = { .sa_handler = on_signal };
	struct buf before;
	bool any = false;

	buf_init(&before, AUDIT_OUT_MAX);
	(void)sigaction(SIGINT, &act, NULL);
	(void)sigaction(SIGTERM, &act, NULL);
	while (!stopped) {
		(void)look(w);
		any = any || findings_broken(&w->a->findings) > 0;
		speak(w->a, &before);
		wait_for_next(w->a);
	}
	buf_done(&before);
	return any ? AUDIT_BROKEN : AUDIT_WELL;
}

static enum audit_exit
once(struct watch *w)
{
	const struct finding *late = NULL;
	enum audit_exit x = look(w), verdict;
	json_t *one;
	size_t i;

	if (x != AUDIT_WELL && findings_broken(&w->a->findings) == 0)
		return x;
	verdict = audit_verdict(w->a);
	if (verdict != AUDIT_WELL || !wrong(w->a))
		return verdict;
	for (i = 0; i < w->a->findings.n && late == NULL; i++)
		if (w->a->findings.item[i].code == F_LOG_LATE ||
		    w->a->findings.item[i].code == F_LOG_AHEAD)
			late = &w->a->findings.item[i];
	if (late != NULL) {
		one = audit_finding_json(w->a, late);
		(void)json_object_update(w->a->result, one);
		(void)json_object_del(w->a->result, "level");
		json_decref(one);
	}
	return AUDIT_BROKEN;
}

enum audit_exit
audit_cmd_watch(struct audit *a, const struct audit_command *c, int argc,
    char **argv)
{
	struct watch w = { .a = a };
	const struct audit_option spec[] = {
		{ "--once", NULL, &w.once }, { NULL, NULL, NULL },
	};
	enum audit_exit x;

	if ((x = audit_args(a, c, spec, &argc, argv)) != AUDIT_WELL ||
	    (x = audit_home_open(a)) != AUDIT_WELL)
		return x;
	if ((x = reach_open(a, &w.reach)) == AUDIT_WELL &&
	    (x = prepare(&w)) == AUDIT_WELL)
		x = w.once ? once(&w) : loop(&w);
	client_free(w.api);
	secret_free(w.seed);
	reach_close(&w.reach);
	return x;
}
