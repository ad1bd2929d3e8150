/* A visit: one request of a source on its way to one page. */
#include <string.h>

#include "reach.h"
#include "source_internal.h"

#define FORM_COOKIE	"f"
#define SESSION_COOKIE	"s"
#define COOKIE_RULES	"; Path=/; HttpOnly; SameSite=Strict"

static const struct secret *
receipt_key(const struct visit *v)
{

	return (v->s->in->secret[SECRET_RECEIPT]);
}

const char *
visit_path(const char *path, enum lang *lang)
{

	*lang = LANG_ID;
	for (enum lang l = LANG_ID + 1; l < page_langs(); l++) {
		const char *prefix = page_lang_prefix(l);
		size_t n = strlen(prefix);

		if (strncmp(path, prefix, n) == 0 &&
		    (path[n] == '/' || path[n] == '\0')) {
			*lang = l;
			return (path[n] == '\0' ? "/" : path + n);
		}
	}
	return (path);
}

void
visit_set(struct visit *v, const char *key, json_t *value)
{

	visit_put(v, v->model, key, value);
}

void
visit_put(struct visit *v, json_t *o, const char *key, json_t *value)
{

	if (json_object_set_new(o, key, value) != 0)
		v->lacks = true;
}

void
visit_add(struct visit *v, json_t *list, json_t *value)
{

	if (json_array_append_new(list, value) != 0)
		v->lacks = true;
}

void
visit_text(struct visit *v, const char *key, const char *text)
{

	visit_set(v, key, json_string(text));
}

static void
read_cookie(const struct http_request *r, const char *name,
    char out[static COOKIE_TEXT + 1])
{

	if (http_cookie(r, name, out, COOKIE_TEXT + 1) != ERR_OK ||
	    !token_cookie_valid(out))
		out[0] = '\0';
}

/* The code may have been seen elsewhere since: typed in another browser. */
static bool
still_pending(struct visit *v)
{
	struct store_txn *t;
	struct case_record c;
	bool pending = false;

	if (store_begin(v->s->store, &t) != ERR_OK)
		return (false);
	if (case_get(v->s->records, t, &v->who->at, &c) == ERR_OK) {
		pending = c.pending;
		case_done(&c);
	}
	store_end(t);
	return (pending);
}

/* A page that did not come by Tor alone says so, with what to do. */
static void
warn(struct visit *v, bool without_tor)
{
	enum reach how = reach_of(v->r);

	if (how == REACH_GATEWAY)
		visit_set(v, "gateway", json_true());
	else if (how == REACH_PLAIN && without_tor)
		visit_set(v, "without_tor", json_true());
}

/* What the session puts on every page. */
static void
model_session(struct visit *v)
{
	char token[TOKEN_MAX];

	v->who = (const struct session_data *)(const void *)v->session->bytes;
	visit_set(v, "signed_in", json_true());
	token_session(receipt_key(v), v->cookie, token);
	visit_text(v, "token", token);
	visit_text(v, "leave_token", token);
	if (v->who->has_receipt && still_pending(v))
		visit_words(v, "code");
}

/* A path that a link can carry: "//host", "/\\host" lead somewhere else. */
static bool
is_plain(const char *path)
{

	return (strstr(path, "//") == NULL && path[strspn(path, "/._-0123456789"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")] == '\0');
}

void
visit_begin(struct visit *v, struct server *s, struct http_request *r,
    struct http_response *a)
{
	bool without_tor;
	enum err e;

	memset(v, 0, sizeof(*v));
	v->s = s;
	v->r = r;
	v->a = a;
	v->path = visit_path(r->path, &v->lang);
	/* what a form of a half-translated language leads to is Indonesian */
	if (!page_lang_whole(v->lang) && strcmp(r->method, "POST") == 0)
		v->lang = LANG_ID;
	v->model = json_object();
	server_office_lock(s);
	visit_text(v, "instance", config_title(&s->in->config, v->lang));
	visit_set(v, "first_response_hours",
	    json_integer(s->in->config.first_response_hours));
	visit_text(v, "onion", s->in->config.onion);
	v->text_chars = s->in->config.text_chars;
	v->files = s->in->config.files;
	v->file_mib = s->in->config.file_mib;
	v->case_mib = s->in->config.case_mib;
	v->utc_offset_min = s->in->config.utc_offset_min;
	without_tor = s->in->config.warn_without_tor;
	server_office_unlock(s);
	warn(v, without_tor);
	v->kept = "no";
	if (s->in->demo)
		visit_set(v, "demo", json_true());
	visit_text(v, "here", strcmp(r->method, "GET") == 0 &&
	    is_plain(v->path) ? v->path : "/");
	read_cookie(r, FORM_COOKIE, v->form_cookie);
	read_cookie(r, SESSION_COOKIE, v->cookie);
	/* a page that refreshes itself must not keep a session open */
	e = (source_polls(v->path) ? session_peek : session_get)(s->sessions,
	    v->cookie, clock_now(s->clock), &v->session);
	if (e != ERR_OK)
		v->cookie[0] = '\0';
	else
		model_session(v);
	if (strncmp(v->path, "/surat/berkas/", 14) == 0) {
		visit_set(v, "framed", json_true());
		visit_href(v, "/surat/berkas/kirim");
	}
}

void
visit_end(struct visit *v)
{

	json_decref(v->model);
	secret_free(v->session);
	wipe(v, sizeof(*v));
}

void
visit_words(struct visit *v, const char *key)
{
	json_t *words;

	if (v->who == NULL || !v->who->has_receipt)
		return;
	words = json_array();
	for (size_t i = 0; i < RECEIPT_WORDS; i++)
		visit_add(v, words,
		    json_string(word_text(v->who->receipt.word[i])));
	visit_set(v, key, words);
}

/* Nothing that a cache, another site or the network may keep or learn. */
static void
headers(struct http_response *a)
{

	http_set(a, "Content-Security-Policy", "%s", page_csp());
	http_set(a, "Cache-Control", "no-store");
	http_set(a, "Referrer-Policy", "no-referrer");
	http_set(a, "X-Content-Type-Options", "nosniff");
	/* for old browsers, and for scanners that know no onion service */
	http_set(a, "X-Frame-Options", "SAMEORIGIN");
	http_set(a, "X-XSS-Protection", "1; mode=block");
	http_set(a, "Strict-Transport-Security", "max-age=31536000");
	http_set(a, "Cross-Origin-Opener-Policy", "same-origin");
	http_set(a, "Cross-Origin-Resource-Policy", "same-origin");
}

void
visit_page(struct visit *v, int status, const char *page)
{

	if (!page_covers(v->lang, page))
		v->lang = LANG_ID;
	/* a receipt of eight words, an inbox without one of its answers: there
	 * was no memory for all of the page, so what it shows is not true */
	if (v->lacks && strcmp(page, "error") != 0) {
		visit_error(v, 500, "server", v->kept);
		return;
	}
	buf_reset(&v->a->body);
	v->a->status = status;
	v->a->content_type = "text/html; charset=utf-8";
	if (page_render(v->lang, page, v->model, &v->a->body) != ERR_OK) {
		buf_reset(&v->a->body);
		v->a->status = 500;
	}
	headers(v->a);
}

void
visit_done(struct visit *v, const char *what)
{

	v->kept = "yes";
	visit_text(v, "kept_key", "kept.done");
	visit_text(v, "next_key", "kept.done.next");
	(void)json_object_del(v->model, "back_text");
	visit_text(v, "what", what);
	visit_page(v, 200, "sent");
}

void
visit_error(struct visit *v, int status, const char *code, const char *kept)
{

	visit_text(v, "error", code);
	visit_text(v, "kept", kept);
	visit_page(v, status, "error");
}

void
visit_fail(struct visit *v, enum err e)
{

	switch (e) {
	case ERR_FULL:
		visit_error(v, 507, "full", v->kept);
		break;
	case ERR_BUSY:
		visit_error(v, 503, "busy", v->kept);
		break;
	case ERR_NOTFOUND:
		visit_error(v, 404, "notfound", v->kept);
		break;
	case ERR_OK: case ERR_SYS: case ERR_FORMAT: case ERR_VERSION:
	case ERR_RANGE: case ERR_KEY: case ERR_MAC: case ERR_NOMATCH:
	case ERR_PAYLOAD: case ERR_EXISTS: case ERR_CONFLICT: case ERR_DENIED:
	case ERR_EXPIRED: case ERR_NET: case ERR_LIMIT_:
		visit_error(v, 500, "server", v->kept);
		break;
	}
}

void
visit_go(struct visit *v, const char *path)
{

	buf_reset(&v->a->body);
	v->a->status = 303;
	v->a->content_type = "text/html; charset=utf-8";
	http_set(v->a, "Location", "%s%s", page_lang_prefix(v->lang), path);
	headers(v->a);
}

enum err
visit_sign_in(struct visit *v, const struct session_data *data)
{
	int64_t now = clock_now(v->s->clock);
	char heir[COOKIE_TEXT + 1];
	enum err e;

	secret_free(v->session);
	v->session = NULL;
	v->who = NULL;
	if ((e = session_open(v->s->sessions, data, now, heir)) != ERR_OK)
		goto out;
	/* who types the code in a second tab has files on their way in the
	 * first */
	if (v->cookie[0] != '\0')
		session_follow(v->s->sessions, v->cookie, heir);
	memcpy(v->cookie, heir, sizeof(heir));
	http_set(v->a, "Set-Cookie", SESSION_COOKIE "=%s" COOKIE_RULES,
	    v->cookie);
	if ((e = session_get(v->s->sessions, v->cookie, now, &v->session)) ==
	    ERR_OK)
		model_session(v);
out:
	wipe(heir, sizeof(heir));
	return (e);
}

void
visit_sign_out(struct visit *v)
{

	if (v->cookie[0] != '\0')
		session_close(v->s->sessions, v->cookie);
	http_set(v->a, "Set-Cookie", SESSION_COOKIE "=; Max-Age=0"
	    COOKIE_RULES);
	http_set(v->a, "Set-Cookie", FORM_COOKIE "=; Max-Age=0" COOKIE_RULES);
}

void
visit_new_form(struct visit *v)
{

	token_cookie(v->form_cookie);
	http_set(v->a, "Set-Cookie", FORM_COOKIE "=%s" COOKIE_RULES,
	    v->form_cookie);
}

void
visit_form_token(struct visit *v)
{
	char token[TOKEN_MAX];

	if (v->form_cookie[0] == '\0')
		visit_new_form(v);
	token_form(receipt_key(v), v->form_cookie, server_epoch(v->s), token);
	visit_text(v, "token", token);
	/* the two tokens share a name: its form would carry the wrong one */
	(void)json_object_del(v->model, "code");
}

const char *
visit_typed(const struct visit *v, const char *field)
{
	const char *s = v->r->form == NULL ? NULL :
	    form_get(v->r->form, field);

	return (s == NULL ? "" : s);
}

void
visit_give_back(struct visit *v)
{
	static const char *const field[] = {
		"text", "what", "who", "where", "when", "how", "loss_idr",
		"known_how", "reported_before", "identity"
	};
	struct buf b;

	buf_init(&b, TEXT_BODY_MAX);
	for (size_t i = 0; i < sizeof(field) / sizeof(field[0]); i++) {
		const char *s;

		for (size_t n = 0; v->r->form != NULL && (s =
		    form_nth(v->r->form, field[i], n)) != NULL; n++) {
			if (*s != '\0' && b.len > 0)
				buf_puts(&b, "\n\n");
			buf_puts(&b, s);
		}
	}
	if (b.len > 0)
		visit_text(v, "back_text", buf_text(&b));
	buf_done(&b);
}

void
visit_href(struct visit *v, const char *path)
{
	char href[64];

	(void)snprintf(href, sizeof(href), "%s%s", page_lang_prefix(v->lang),
	    path);
	visit_text(v, "retry_href", href);
}

bool
visit_token_good(const struct visit *v)
{

	return (token_session_check(receipt_key(v), v->cookie,
	    visit_typed(v, "token")) == ERR_OK);
}

bool
visit_owner(struct visit *v, bool post)
{

	if (v->who == NULL) {
		visit_href(v, "/buka");
		visit_error(v, 403, "session", "no");
		return (false);
	}
	if (post && !visit_token_good(v)) {
		visit_error(v, 403, "token", "no");
		return (false);
	}
	return (true);
}

json_t *
visit_members(const struct roster_member *m, size_t n)
{
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++) {
		char text[AGE_RECIPIENT_LEN + 1], print[FINGERPRINT_TEXT_MAX];

		age_recipient_encode(&m[i].key, text);
		fingerprint_text(text, strlen(text), print);
		if (json_array_append_new(list, json_pack("{ss ss}",
		    "fingerprint", print, "label", m[i].label)) != 0) {
			json_decref(list);	/* all of them or none */
			return (NULL);
		}
	}
	return (list);
}

void
visit_sets(struct visit *v, const char *chosen)
{
	json_t *list = json_array();
	struct buf value;
	bool identity = false;

	buf_init(&value, 4096);
	server_office_lock(v->s);
	for (size_t i = 0; i < v->s->in->config.channels; i++) {
		const struct config_channel *cc = &v->s->in->config.channel[i];
		const struct roster *ro = instance_roster_at(v->s->in,
		    server_epoch(v->s));
		const struct roster_channel *c =
		    roster_channel_find(ro, cc->name);
		bool first = json_array_size(list) == 0;
		char hex[SHA256_LEN * 2 + 1], print[FINGERPRINT_TEXT_MAX];
		uint8_t hash[SHA256_LEN];

		if (c == NULL)	/* a new channel: from the next epoch on */
			continue;
		channel_set_hash(ro->origin, c, hash);
		hex_encode(hash, sizeof(hash), hex);
		fingerprint_text(hash, sizeof(hash), print);
		buf_printf(&value, "%s%s:%s", first ? "" : " ", cc->name,
		    hex);
		identity = identity || c->custodians > 0;
		visit_add(v, list, json_pack(
		    "{ss ss ss ss sb sb so so}", "channel", cc->name, "label",
		    config_label(cc, v->lang), "set", hex, "fingerprint", print,
		    "excludes_inspectorate", (int)cc->if_inspectorate_accused,
		    "checked", (int)(chosen == NULL ? first :
		    strcmp(chosen, cc->name) == 0),
		    "recipients", visit_members(c->recipient, c->recipients),
		    "custodians", visit_members(c->custodian,
		    c->custodians)));
	}
	server_office_unlock(v->s);
	visit_set(v, "set_options", list);
	visit_text(v, "recipients_value", buf_text(&value));
	visit_set(v, "identity_offered", json_boolean(identity));
	buf_done(&value);
}
