/*
 * peluit open: all messages of a case in their order, each checked before a
 * word of it is shown; --save writes the attachments, whole or not at all.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "outfile.h"
#include "parts.h"
#include "show.h"
#include "utf8.h"

/* What one run of open is about. */
struct opening {
	struct desk *d;
	struct book *book;
	const char *save;		/* NULL: look only */
	unsigned number;		/* of attachments, over all messages */
	struct parts *parts;
};

/* Writes one attachment under ${path}; it is there only when it fits. */
static enum peluit_exit
save(struct opening *o, const struct message *m, size_t i, const char *path,
    char sha256_text[static SHA256_TEXT_MAX])
{
	struct message_out out;
	struct outfile *file = NULL;
	enum peluit_exit x;
	enum err e;

	if (file_exists(path))
		return peluit_fail(o->d, DESK_NO, W_FILE_EXISTS, path, NULL);
	if ((e = outfile_open(path, &file)) != ERR_OK)
		return peluit_err(o->d, e, W_FILE_WRITE, path);
	out = (struct message_out){ outfile_sink, file };
	x = message_attachment(o->d, m, i, &out, sha256_text);
	if (x == DESK_DONE && (e = outfile_commit(file, false)) != ERR_OK)
		x = peluit_err(o->d, e, e == ERR_EXISTS ? W_FILE_EXISTS :
		    W_FILE_WRITE, path);
	outfile_free(file);
	return x;
}

static enum peluit_exit
attachment(struct opening *o, const struct message *m, size_t i, json_t *list)
{
	const struct manifest_attachment *a = &m->manifest.attachment[i];
	const struct message_out nowhere = { NULL, NULL };
	char sha256_text[SHA256_TEXT_MAX] = "", *path = NULL;
	struct parts_place at = { 0, ++o->number };
	struct buf name, type, shown;
	enum peluit_exit x;
	json_t *j;

	buf_init(&name, 1024);
	buf_init(&type, 4 * MANIFEST_NAME_MAX);
	buf_init(&shown, 4 * DESK_PATH_MAX);
	at = parts_place(o->parts, a->name, at);
	utf8_safe_name(a->name, strlen(a->name), at.number, &name);
	utf8_visible_line(a->type, strlen(a->type), &type);
	if (o->save != NULL) {
		path = path_join(o->save, buf_text(&name));
		utf8_visible_line(path, strlen(path), &shown);
		x = save(o, m, i, path, sha256_text);
	} else {
		x = message_attachment(o->d, m, i, &nowhere, sha256_text);
	}
	if (x == DESK_DONE) {
		buf_printf(&o->d->out, "  %s  %llu  %s\n    sha256 %s\n",
		    buf_text(&name), (unsigned long long)a->size,
		    buf_text(&type), sha256_text);
		if (path != NULL)
			buf_printf(&o->d->out, "    %s\n", buf_text(&shown));
		j = json_pack("{s:o, s:s, s:s, s:o, s:s, s:s?}",
		    "object", show_hex(a->object, ID_LEN),
		    "name", buf_text(&name), "type", buf_text(&type),
		    "size", show_number(a->size), "sha256", sha256_text,
		    "path", path == NULL ? NULL : buf_text(&shown));
		(void)json_array_append_new(list, j);
	}
	free(path);
	buf_done(&name);
	buf_done(&type);
	buf_done(&shown);
	return x;
}

static void
title(struct opening *o, const struct book_event *e)
{
	static const enum word words[EVENT_KINDS] = {
		[EVENT_REPORT] = W_MSG_REPORT,
		[EVENT_MESSAGE] = W_MSG_MESSAGE,
		[EVENT_REPLY] = W_MSG_REPLY,
		[EVENT_STATUS] = W_MSG_STATUS,
		[EVENT_REFERRAL] = W_MSG_REFERRAL,
		[EVENT_CONSENT] = W_MSG_CONSENT,
		[EVENT_CUSTODY] = W_MSG_ASK,
		[EVENT_DELETE] = W_MSG_DELETE,
	};
	const struct action *a = &e->event.action;
	enum word w = words[a->kind];
	const struct book_desk *desk = book_desk(o->book, a->actor_key);
	char date[SHOW_DATE_MAX], by[SHOW_BY_MAX];

	if (a->kind == EVENT_CUSTODY && strcmp(a->status, "OPEN") == 0)
		w = W_MSG_OPEN;
	show_date(o->book, e->event.epoch, date);
	show_by(e, by);
	buf_printf(&o->d->out, "\n#%llu  %s  ",
	    (unsigned long long)e->event.seq, date);
	peluit_say(o->d, w, NULL, NULL);
	if (a->status[0] != '\0' && a->kind != EVENT_CUSTODY)
		buf_printf(&o->d->out, ": %s", words_label(o->d->lang,
		    a->status));
	/* The roster's name for a key; of one that has none its beginning. */
	buf_puts(&o->d->out, "  (");
	if (a->actor == ACTOR_DESK) {
		by[5 + 8] = '\0';
		peluit_say(o->d, W_BY_DESK, desk != NULL ? desk->label :
		    by + 5, NULL);
	} else {
		peluit_say(o->d, a->actor == ACTOR_SOURCE ? W_BY_SOURCE :
		    W_BY_SERVER, NULL, NULL);
	}
	buf_puts(&o->d->out, ")\n");
}

static json_t *
entry(const struct opening *o, const struct book_event *e)
{
	const struct action *a = &e->event.action;
	const struct book_desk *desk = a->actor == ACTOR_DESK ?
	    book_desk(o->book, a->actor_key) : NULL;
	char by[SHOW_BY_MAX];
	json_t *j;

	show_by(e, by);
	j = json_pack("{s:s, s:o, s:o, s:s, s:b}",
	    "kind", event_kind_text(a->kind),
	    "epoch", show_number(e->event.epoch),
	    "seq", show_number(e->event.seq), "by", by,
	    "checked", e->checked);
	if (j != NULL && a->status[0] != '\0')
		(void)json_object_set_new(j, "status",
		    json_string(a->status));
	if (j != NULL && desk != NULL)
		(void)json_object_set_new(j, "label",
		    json_string(desk->label));
	return j;
}

/* The content of one message, for people and for programs. */
static enum peluit_exit
content(struct opening *o, const struct message *m, json_t *j)
{
	const struct manifest *f = &m->manifest;
	json_t *attachments = json_array();
	struct buf text;
	enum peluit_exit x = DESK_DONE, one;
	size_t i;

	buf_init(&text, 16 * MANIFEST_MAX);
	show_fields_text(o->d, f, &o->d->out);
	if (f->reason != NULL && f->reason[0] != '\0') {
		buf_printf(&o->d->out, "%s: ", words_label(o->d->lang,
		    "reason"));
		utf8_visible_line(f->reason, strlen(f->reason), &o->d->out);
		buf_putc(&o->d->out, '\n');
		(void)json_object_set_new(j, "reason",
		    json_string(f->reason));
	}
	utf8_visible(f->text, strlen(f->text), &text);
	if (f->fields > 0 && text.len > 0)
		buf_putc(&o->d->out, '\n');
	if (text.len > 0) {
		buf_put(&o->d->out, text.data, text.len);
		buf_putc(&o->d->out, '\n');
	}
	(void)json_object_set_new(j, "text", json_string(f->text));
	(void)json_object_set_new(j, "fields", show_fields(f));
	(void)json_object_set_new(j, "identity",
	    json_boolean(f->has_identity));
	if (f->has_identity) {
		peluit_say(o->d, W_IDENTITY_SEALED, NULL, NULL);
		buf_putc(&o->d->out, '\n');
	}
	if (f->attachments > 0) {
		peluit_say(o->d, W_ATTACHMENTS, NULL, NULL);
		buf_puts(&o->d->out, ":\n");
	}
	for (i = 0; i < f->attachments; i++)
		if ((one = attachment(o, m, i, attachments)) != DESK_DONE)
			x = one;
	(void)json_object_set_new(j, "attachments", attachments);
	if (!m->event->checked) {
		peluit_say(o->d, W_ROOT_UNCHECKED, NULL, NULL);
		buf_putc(&o->d->out, '\n');
	}
	buf_done(&text);
	return x;
}

static enum peluit_exit
one_event(struct opening *o, const struct book_case *c,
    const struct book_event *e, json_t *messages)
{
	struct message *m = NULL;
	enum peluit_exit x = DESK_DONE;
	json_t *j;

	if (e->event.action.kind == EVENT_ACCESS)
		return DESK_DONE;
	if (!message_is(e)) {
		title(o, e);
		return DESK_DONE;
	}
	if (e->object[0].state != BOOK_SAVED) {
		title(o, e);
		peluit_say(o->d, W_NO_CONTENT, NULL, NULL);
		buf_putc(&o->d->out, '\n');
		j = entry(o, e);
		(void)json_object_set_new(j, "readable", json_false());
		(void)json_array_append_new(messages, j);
		return DESK_DONE;
	}
	if ((x = message_open(o->d, c, e, &m)) != DESK_DONE)
		return x;
	title(o, e);
	j = entry(o, e);
	x = content(o, m, j);
	(void)json_array_append_new(messages, j);
	message_free(m);
	return x;
}

static enum peluit_exit
all_events(struct opening *o, const struct book_case *c)
{
	json_t *messages = json_array();
	enum peluit_exit x = DESK_DONE, one;
	char name[CASE_NAME_LEN + 1];
	struct book_view v;
	size_t i;

	book_look(c, &v);
	case_name(c->id, name);
	buf_printf(&o->d->out, "%s  %s  %s\n", name,
	    c->channel[0] == '\0' ? "-" : c->channel,
	    words_label(o->d->lang, v.status));
	if (show_consent(o->d, &v) != NULL)
		buf_printf(&o->d->out, "%s\n", show_consent(o->d, &v));
	for (i = 0; i < c->events; i++)
		if ((one = one_event(o, c, &c->event[i], messages)) !=
		    DESK_DONE)
			x = one;
	for (i = 0; i < o->book->promises; i++)
		if (memcmp(o->book->promised[i].case_id, c->id, ID_LEN) == 0)
			peluit_say(o->d, W_LIST_PROMISED, name,
			    event_kind_text(o->book->promised[i].kind));
	peluit_set(o->d, "case", show_hex(c->id, ID_LEN));
	peluit_set(o->d, "name", json_string(name));
	peluit_set(o->d, "channel", json_string(c->channel));
	peluit_set(o->d, "status", json_string(v.status));
	show_consent_json(o->d->result, &v);
	peluit_set(o->d, "messages", messages);
	return x;
}

enum peluit_exit
peluit_open(struct desk *d, const struct peluit_command *c, int argc,
    char **argv)
{
	const char *save_to = NULL;
	const struct peluit_option spec[] = {
		{ .name = "--save", .value = &save_to }, { .name = NULL }
	};
	struct opening *o = NULL;
	struct book_case *found;
	struct book *b = NULL;
	enum peluit_exit x;
	enum err e;

	if ((x = peluit_args(d, c, spec, &argc, argv)) != DESK_DONE ||
	    (x = show_book_open(d, &b)) != DESK_DONE ||
	    (x = book_find(d, b, argv[0], &found)) != DESK_DONE)
		goto out;
	if (save_to != NULL && (e = dir_make_all(save_to, 0700)) != ERR_OK) {
		x = peluit_err(d, e, W_FILE_WRITE, save_to);
		goto out;
	}
	if ((o = calloc(1, sizeof(*o))) == NULL ||
	    parts_new(&o->parts) != ERR_OK) {
		x = peluit_fail(d, DESK_MACHINE, W_MACHINE, "memory", NULL);
		goto out;
	}
	o->d = d;
	o->book = b;
	o->save = save_to;
	outset_begin();
	x = all_events(o, found);
	if (x == DESK_DONE && (e = memory_err()) != ERR_OK)
		x = peluit_err(d, e, W_MACHINE, "memory");
	outset_end(x == DESK_DONE);
	if (x != DESK_DONE && save_to != NULL) {
		/* It would name files that are not there any more. */
		(void)json_object_del(d->result, "messages");
		buf_reset(&d->out);
	}
out:
	if (o != NULL)
		parts_free(o->parts);
	free(o);
	book_free(b);
	return x;
}
