/*
 * What becomes of a source's files, for the source alone: the page that sends
 * them, its frames, the lists on all pages.
 */
#include <string.h>

#include "source_internal.h"
#include "upload.h"
#include "utf8.h"

#define KIB		1024
#define MIB		(1024 * 1024)
#define SIZE_MAX_TEXT	32
#define WAITS_MS	10000	/* nothing came for so long: it is said */
#define REFRESH_RUNS	"5"	/* seconds */
#define REFRESH_RESTS	"8"

/* Sentences, and behind the dot what data-file says. */
static const char *const states[FILE_STATES] = {
	[FILE_COMING] = "file.coming", [FILE_WHOLE] = "file.whole",
	[FILE_KEPT] = "file.kept", [FILE_THERE] = "file.there",
	[FILE_BROKEN] = "file.broken", [FILE_LARGE] = "file.large",
	[FILE_MANY] = "file.many", [FILE_ROOM] = "file.room",
	[FILE_LATER] = "file.later", [FILE_FAILED] = "file.failed"
};

/* Two digits or so: enough to see that it moves. */
static void
size_text(enum lang lang, uint64_t n, char out[static SIZE_MAX_TEXT])
{
	char point = lang == LANG_EN ? '.' : ',';

	if (n < MIB)
		(void)snprintf(out, SIZE_MAX_TEXT, "%llu KB",
		    (unsigned long long)(n + 10 * KIB - 1) / (10 * KIB) * 10);
	else if (n < (uint64_t)100 * MIB)
		(void)snprintf(out, SIZE_MAX_TEXT, "%llu%c%llu MB",
		    (unsigned long long)n / MIB, point,
		    (unsigned long long)n % MIB * 10 / MIB);
	else
		(void)snprintf(out, SIZE_MAX_TEXT, "%llu MB",
		    (unsigned long long)n / MIB);
}

static json_t *
line(enum lang lang, const char *name, enum file_state state, uint64_t size)
{
	char text[SIZE_MAX_TEXT];
	struct buf b;
	json_t *o;

	size_text(lang, size, text);
	buf_init(&b, 16 * MANIFEST_NAME_MAX);
	/* a name is the source's own, but the page is not made by it */
	utf8_visible_line(name, strlen(name), &b);
	o = json_pack("{ss ss ss ss}", "name", buf_text(&b), "state",
	    states[state] + strlen("file."), "state_key", states[state],
	    "size", text);
	buf_done(&b);
	return (o);
}

/* The newest first: it is the one that moves.  The upload's lock is held. */
static void
lines(struct visit *v, const struct upload *u, json_t *list)
{

	for (size_t i = u->files; i-- > 0;) {
		const struct upload_file *f = &u->file[i];
		const char *name = f->sent.about.name;

		visit_add(v, list, line(v->lang, name == NULL ? "" : name,
		    f->state, f->size));
	}
}

void
source_upload_model(struct visit *v, struct upload *u)
{
	json_t *list = json_array();
	uint64_t sum = 0;
	char text[SIZE_MAX_TEXT];

	(void)pthread_mutex_lock(&u->lock);
	lines(v, u, list);
	for (size_t i = 0; i < u->files; i++)
		sum += u->file[i].size;
	visit_set(v, "count", json_integer((json_int_t)u->files));
	(void)pthread_mutex_unlock(&u->lock);
	size_text(v->lang, sum, text);
	visit_text(v, "size", text);
	visit_set(v, "uploads", list);
}

struct gather {
	struct visit *v;
	json_t *list;
	uint64_t now;
	bool runs;			/* one is on its way */
};

static void
running(void *ctx, void *arg)
{
	struct gather *g = ctx;
	struct upload *u = arg;
	json_t *files = json_array(), *o;
	uint64_t still;

	(void)pthread_mutex_lock(&u->lock);
	lines(g->v, u, files);
	still = g->now > u->last_ms ? g->now - u->last_ms : 0;
	o = json_pack("{so}", "files", files);
	if (u->over)
		visit_put(g->v, o, "saving", json_true());
	else if (still >= WAITS_MS)
		visit_put(g->v, o, "seconds",
		    json_integer((json_int_t)(still / 10000 * 10)));
	if (!u->over && u->r->length > 0 && u->got <= u->r->length)
		visit_put(g->v, o, "share", json_integer(
		    (json_int_t)(u->got * 100 / u->r->length)));
	(void)pthread_mutex_unlock(&u->lock);
	visit_add(g->v, g->list, o);
	g->runs = true;
}

/* Newest first, as they are asked for. */
static void
earlier(struct visit *v)
{
	struct note *n = calloc(1, sizeof(*n));
	json_t *list = json_array();

	if (n != NULL) {
		note_load(v->s, v->cookie, n);
		for (size_t i = n->files; i-- > 0;)
			visit_add(v, list, line(v->lang, n->file[i].name,
			    n->file[i].state, n->file[i].size));
		wipe(n, sizeof(*n));
		free(n);
	}
	visit_set(v, "earlier", list);
}

static bool
session_model(struct visit *v)
{
	struct gather g = { v, json_array(), clock_steady_ms(), false };

	if (v->cookie[0] != '\0') {
		session_each_hold(v->s->sessions, v->cookie, running, &g);
		earlier(v);
	}
	visit_set(v, "running", g.list);
	return (g.runs);
}

void
source_progress_model(struct visit *v)
{

	(void)session_model(v);
}

bool
source_polls(const char *path)
{

	return (strcmp(path, "/surat/kemajuan") == 0 ||
	    strcmp(path, "/surat/berkas/kemajuan") == 0);
}

void
source_progress(struct visit *v)
{
	bool runs;

	if (!visit_owner(v, false))
		return;
	runs = session_model(v);
	if (source_polls(v->path)) {
		http_set(v->a, "Refresh", "%s", runs ? REFRESH_RUNS :
		    REFRESH_RESTS);
		visit_set(v, "refreshes", json_true());
	}
	visit_page(v, 200, "progress");
}

void
source_files_page(struct visit *v)
{

	if (visit_owner(v, false) && source_set_model(v))
		visit_page(v, 200, "files");
}

void
source_files_form(struct visit *v)
{

	if (visit_owner(v, false) && source_set_model(v))
		visit_page(v, 200, "files_form");
}
