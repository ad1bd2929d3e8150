/* The source's routes, and the pages for what the listener refuses. */
#include <string.h>

#include "source.h"
#include "source_internal.h"

#define SMALL_BODY_MAX	(16 * 1024)
#define MULTIPART_SLACK	(64 * 1024)		/* boundaries, part headers */
#define MIB		(1024 * 1024)
#define UPLOAD_DISCARD_MAX ((uint64_t)512 * MIB)	/* of a refused one */

struct route {
	const char *method, *path;
	const char *page;		/* what a GET shows if all is well */
	visit_fn *answer;
	enum lane lane;
	enum http_body body;
	uint64_t body_max;
};
#define GET(path, page, answer) \
	{ "GET", path, page, answer, LANE_HERE, BODY_NONE, 0 }
#define POST(path, answer, lane, max) \
	{ "POST", path, NULL, answer, lane, BODY_FORM, max }

static const struct route routes[] = {
	GET("/", "home", source_info),
	GET("/tulis", "form", source_form),
	POST("/tulis", source_send, LANE_REPORT, TEXT_BODY_MAX),
	POST("/tulis/kode", source_nocode, LANE_REPORT, SMALL_BODY_MAX),
	GET("/buka", "signin", source_signin),
	POST("/buka", source_open, LANE_SIGNIN, SMALL_BODY_MAX),
	GET("/surat", "inbox", source_inbox),
	POST("/surat/tulis", source_message, LANE_WRITE, TEXT_BODY_MAX),
	{ "POST", "/surat/berkas", NULL, source_files, LANE_WRITE,
	    BODY_UPLOAD, 0 },
	GET("/surat/berkas", "files", source_files_page),
	/* the same in frames of that page */
	GET("/surat/berkas/kirim", "files_form", source_files_form),
	{ "POST", "/surat/berkas/kirim", NULL, source_files, LANE_WRITE,
	    BODY_UPLOAD, 0 },
	GET("/surat/berkas/kemajuan", "progress", source_progress),
	GET("/surat/berkas/jeda", "progress", source_progress),
	GET("/surat/kemajuan", "progress", source_progress),
	POST("/surat/hapus", source_delete, LANE_WRITE, SMALL_BODY_MAX),
	POST("/surat/izin", source_consent, LANE_WRITE, SMALL_BODY_MAX),
	POST("/surat/dicatat", source_written, LANE_WRITE, SMALL_BODY_MAX),
	GET("/surat/coba", "practice", source_practice),
	POST("/surat/coba", source_practised, LANE_WRITE, SMALL_BODY_MAX),
	POST("/keluar", source_leave, LANE_WRITE, SMALL_BODY_MAX),
	GET("/selesai", "done", source_info),
	GET("/cara-kerja", "how", source_info),
	GET("/keselamatan", "safety", source_info),
	GET("/standar-layanan", "standard", source_standard),
	GET("/pembaca", "readers", source_readers),
	GET("/catatan", "log", source_log),
};
#define ROUTES (sizeof(routes) / sizeof(routes[0]))

/* Each lane's work has its measure; leaving is free. */
static enum circuit_rate
cost(const struct route *route)
{

	if (route->answer == source_leave)
		return (CIRCUIT_FREE);
	switch (route->lane) {
	case LANE_REPORT:
		return (CIRCUIT_REPORTS);
	case LANE_SIGNIN:
		return (CIRCUIT_SIGNINS);
	case LANE_WRITE:
		return (CIRCUIT_WRITES);
	case LANE_HERE:
	case LANES:
		break;
	}
	return (CIRCUIT_REQUESTS);
}

/* HEAD is GET without its body; *there: the path exists for some method. */
static const struct route *
find(const char *method, const char *path, bool *there)
{

	*there = false;
	if (strcmp(method, "HEAD") == 0)
		method = "GET";
	for (size_t i = 0; i < ROUTES; i++) {
		if (strcmp(routes[i].path, path) != 0)
			continue;
		*there = true;
		if (strcmp(routes[i].method, method) == 0)
			return (&routes[i]);
	}
	return (NULL);
}

static const char *
allowed(const char *path)
{
	bool get = false, post = false;

	for (size_t i = 0; i < ROUTES; i++) {
		if (strcmp(routes[i].path, path) != 0)
			continue;
		if (strcmp(routes[i].method, "GET") == 0)
			get = true;
		else
			post = true;
	}
	return (get && post ? "GET, HEAD, POST" : get ? "GET, HEAD" : "POST");
}

static void
handle(void *app, struct http_request *r, struct http_response *a)
{
	const struct route *route;
	struct visit v;
	bool there;

	visit_begin(&v, app, r, a);
	route = find(r->method, v.path, &there);
	if (route != NULL && route->page != NULL &&
	    !page_covers(v.lang, route->page)) {
		v.lang = LANG_ID;	/* nobody meets half a translation */
		visit_go(&v, v.path);
	} else if (route != NULL) {
		v.page = route->page;
		route->answer(&v);
	} else if (there) {
		http_set(a, "Allow", "%s", allowed(v.path));
		visit_error(&v, 405, "method", "no");
	} else {
		visit_error(&v, 404, "notfound", "no");
	}
	visit_end(&v);
}

static void
release(void *app, struct http_request *r)
{

	source_upload_release(app, r);
}

static void
route_request(void *app, struct http_request *r, struct http_plan *plan)
{
	struct server *s = app;
	const struct config *c = &s->in->config;
	const struct route *route;
	enum lang lang;
	bool there;

	plan->handle = handle;
	plan->lane = LANE_HERE;
	plan->body = BODY_NONE;
	route = find(r->method, visit_path(r->path, &lang), &there);
	if (route == NULL)
		return;
	plan->lane = route->lane;
	plan->body = route->body;
	plan->body_max = route->body_max;
	plan->cost = cost(route);
	server_office_lock(s);
	plan->form.field_max = (size_t)c->text_chars * 4 + 1024;
	plan->form.fields_max = TEXT_BODY_MAX;
	/* one too many is left out, and the others are taken */
	plan->form.files_max = FORM_PARTS_MAX;
	if (route->body == BODY_UPLOAD)
		plan->body_max = (uint64_t)c->case_mib * MIB + MULTIPART_SLACK;
	server_office_unlock(s);
	if (route->body == BODY_UPLOAD) {
		plan->discard_max = UPLOAD_DISCARD_MAX;
		plan->files = &source_upload_files;
		plan->release = release;
		source_upload_begin(s, r, plan->body_max);
	}
}

/* Why a form's body was refused, as the page's code. */
static void
form_fault_page(struct visit *v)
{

	if (v->r->form_fault != FORM_REFUSED)
		source_upload_refuse(v);
	switch (v->r->form_fault) {
	case FORM_FIELD_TOO_LARGE:
		visit_set(v, "n", json_integer(TEXT_BODY_MAX / MIB));
		visit_error(v, 413, "too_large", "no");
		break;
	case FORM_TOO_MANY:
		visit_set(v, "n", json_integer(v->files));
		visit_error(v, 413, "files_many", "no");
		break;
	case FORM_NOT_UTF8:
		visit_error(v, 400, "utf8", "no");
		break;
	case FORM_REFUSED:	/* the upload's own page tells */
		source_files(v);
		break;
	case FORM_FINE:
	case FORM_MALFORMED:
		visit_error(v, 400, "malformed", "no");
		break;
	}
}

/* Too much for one circuit; what was typed comes back. */
static void
circuit_page(struct visit *v)
{
	unsigned sec = v->r->retry_sec == 0 ? 60 : v->r->retry_sec;

	http_set(v->a, "Retry-After", "%u", (sec + 59) / 60 * 60);
	visit_set(v, "n", json_integer((sec + 59) / 60));
	if (strcmp(v->path, "/tulis") == 0 && v->r->form != NULL) {
		source_often(v);
		return;
	}
	visit_give_back(v);
	visit_error(v, 429, "circuit", v->kept);
}

static void
fault(void *app, struct http_request *r, enum http_fault why,
    struct http_response *a)
{
	struct visit v;

	visit_begin(&v, app, r, a);
	if (why != HTTP_FORM)
		source_upload_fault(&v);
	switch (why) {
	case HTTP_MALFORMED:
		visit_error(&v, 400, "malformed", "no");
		break;
	case HTTP_SLOW:
		visit_error(&v, 408, "slow", v.kept);
		break;
	case HTTP_TOO_LARGE:
		visit_set(&v, "n", json_integer(
		    r->state != NULL ? v.case_mib : TEXT_BODY_MAX / MIB));
		visit_error(&v, 413, "too_large", v.kept);
		break;
	case HTTP_TYPE:
		visit_error(&v, 415, "type", "no");
		break;
	case HTTP_FORM:
		form_fault_page(&v);
		break;
	case HTTP_CIRCUIT:
		circuit_page(&v);
		break;
	case HTTP_BUSY:
		if (strcmp(v.path, "/tulis") == 0 && r->form != NULL) {
			source_busy(&v);
		} else {
			visit_give_back(&v);
			visit_error(&v, 503, "busy", v.kept);
		}
		break;
	case HTTP_SERVER:
		visit_give_back(&v);
		visit_error(&v, 500, "server", "unknown");
		break;
	}
	visit_end(&v);
}

struct http_app
source_app(struct server *s)
{

	return ((struct http_app){ s, route_request, fault });
}
