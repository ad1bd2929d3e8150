/*
 * peluit export: a whole case in a new folder, for a court or a colleague:
 *
 *	objects/OBJECT.age	exactly as fetched
 *	messages/NNN.json .txt	each message, opened and checked
 *	attachments/NNN-...	the files, without their padding
 *	events/NNN.txt		the log's entries; events/events.json: nonces,
 *				commitments, leaves
 *	SHA256SUMS		of all of these (sha256sum -c)
 *
 * The folder gets its name only when it is complete.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "js.h"
#include "outfile.h"
#include "parts.h"
#include "show.h"
#include "utf8.h"

#define SUMS_MAX	(16u * 1024 * 1024)
#define FOLDERS		4
static const char *const folders[FOLDERS] = {
	"objects", "messages", "attachments", "events",
};

struct export {
	struct desk *d;
	const struct book *book;
	const struct book_case *of;
	char *dir;			/* DIR.HEX.part */
	struct buf sums;		/* what SHA256SUMS will hold */
	json_t *files;			/* names */
	struct parts *parts;
};

/* A file in the making and its hash. */
struct hashed { struct outfile *file; struct sha256 hash; };

static enum err
hashed_sink(void *arg, const uint8_t *p, size_t n)
{
	struct hashed *h = arg;

	sha256_update(&h->hash, p, n);
	return outfile_sink(h->file, p, n);
}

static enum err
begin(struct export *x, const char *name, struct hashed *h)
{
	char *path;
	enum err e;

	/* What is written now, or its name, may lack something. */
	if ((e = memory_err()) != ERR_OK)
		return e;
	path = path_join(x->dir, name);
	sha256_init(&h->hash);
	e = outfile_open(path, &h->file);
	free(path);
	return e;
}

static enum err
end(struct export *x, const char *name, struct hashed *h)
{
	char hex[HEX_LEN(SHA256_LEN) + 1];
	uint8_t sum[SHA256_LEN];
	enum err e;

	if ((e = outfile_commit(h->file, false)) != ERR_OK)
		return e;
	(void)json_array_append_new(x->files, json_string(name));
	sha256_final(&h->hash, sum);
	hex_encode(sum, sizeof(sum), hex);
	buf_printf(&x->sums, "%s  %s\n", hex, name);
	return buf_err(&x->sums);
}

static enum peluit_exit
put(struct export *x, const char *name, const void *p, size_t n)
{
	struct hashed h = { .file = NULL };
	enum err e;

	if ((e = begin(x, name, &h)) == ERR_OK &&
	    (e = hashed_sink(&h, p, n)) == ERR_OK)
		e = end(x, name, &h);
	outfile_free(h.file);
	return e == ERR_OK ? DESK_DONE : peluit_err(x->d, e, W_FILE_WRITE,
	    name);
}

static enum peluit_exit
put_json(struct export *x, const char *name, const json_t *j)
{
	struct buf text;
	enum peluit_exit r;
	enum err e;

	buf_init(&text, DESK_OUT_MAX);
	e = js_print(j, JSON_INDENT(2), &text);
	r = e == ERR_OK ? put(x, name, text.data, text.len) :
	    peluit_err(x->d, e, W_FILE_WRITE, name);
	buf_done(&text);
	return r;
}

/* The sealed file as it is, copied through ${h}. */
static enum peluit_exit
put_object(struct export *x, const struct book_object *o)
{
	char hex[HEX_LEN(ID_LEN) + 1], name[HEX_LEN(ID_LEN) + 32];
	struct hashed h = { .file = NULL };
	uint8_t *p = malloc(AGE_CHUNK_LEN);
	char *path = vault_path(x->d, x->of->id, o->id, false);
	FILE *in = fopen(path, "rbe");
	enum err e = ERR_SYS;
	size_t n;

	hex_encode(o->id, ID_LEN, hex);
	(void)snprintf(name, sizeof(name), "objects/%s.age", hex);
	if (p != NULL && in != NULL && (e = begin(x, name, &h)) == ERR_OK) {
		while (e == ERR_OK && (n = fread(p, 1, AGE_CHUNK_LEN, in)) >
		    0)
			e = hashed_sink(&h, p, n);
		if (e == ERR_OK)
			e = ferror(in) != 0 ? ERR_SYS : end(x, name, &h);
	}
	if (in != NULL)
		(void)fclose(in);
	free(p);
	free(path);
	outfile_free(h.file);
	return e == ERR_OK ? DESK_DONE : peluit_err(x->d, e, W_FILE_WRITE,
	    name);
}

static enum peluit_exit
put_attachment(struct export *x, const struct message *m, size_t i,
    unsigned number)
{
	const struct manifest_attachment *a = &m->manifest.attachment[i];
	struct hashed h = { .file = NULL };
	char sum[SHA256_TEXT_MAX], name[256];
	struct message_out out = { hashed_sink, &h };
	struct parts_place at = { m->event->event.seq, number };
	struct buf safe;
	enum peluit_exit r;
	enum err e;

	buf_init(&safe, 200);
	at = parts_place(x->parts, a->name, at);
	utf8_safe_name(a->name, strlen(a->name), at.number, &safe);
	(void)snprintf(name, sizeof(name), "attachments/%03llu-%s",
	    (unsigned long long)at.seq, buf_text(&safe));
	buf_done(&safe);
	if ((e = begin(x, name, &h)) != ERR_OK)
		return peluit_err(x->d, e, W_FILE_WRITE, name);
	r = message_attachment(x->d, m, i, &out, sum);
	if (r == DESK_DONE && (e = end(x, name, &h)) != ERR_OK)
		r = peluit_err(x->d, e, W_FILE_WRITE, name);
	outfile_free(h.file);
	return r;
}

/* The manifest's JSON as it was sealed, without the spaces behind it. */
static enum peluit_exit
put_manifest(struct export *x, const struct message *m, const char *stem)
{
	char *path = vault_path(x->d, x->of->id, m->event->object[0].id,
	    false), name[64];
	struct vault_facts facts;
	struct buf text;
	enum peluit_exit r;
	enum err e;

	buf_init(&text, MANIFEST_MAX);
	e = vault_open(path, (const struct age_identity *)(const void *)
	    x->d->identity->bytes, age_to_buf, &text, &facts);
	while (text.len > 0 && text.data[text.len - 1] == ' ')
		text.len--;
	(void)snprintf(name, sizeof(name), "%s.json", stem);
	r = e == ERR_OK ? put(x, name, text.data, text.len) :
	    peluit_err(x->d, e, W_FILE_READ, path);
	buf_done(&text);
	free(path);
	return r;
}

static enum peluit_exit
put_text(struct export *x, const struct message *m, const char *stem)
{
	const struct manifest *f = &m->manifest;
	char name[64], date[SHOW_DATE_MAX], by[SHOW_BY_MAX];
	struct buf text;
	enum peluit_exit r;

	buf_init(&text, 16 * MANIFEST_MAX);
	show_date(x->book, m->event->event.epoch, date);
	show_by(m->event, by);
	buf_printf(&text, "%s  %s  %s\n\n", event_kind_text(
	    m->event->event.action.kind), date, by);
	show_fields_text(x->d, f, &text);
	buf_putc(&text, '\n');
	utf8_visible(f->text, strlen(f->text), &text);
	buf_putc(&text, '\n');
	(void)snprintf(name, sizeof(name), "%s.txt", stem);
	r = put(x, name, text.data, text.len);
	buf_done(&text);
	return r;
}

static enum peluit_exit
put_message(struct export *x, const struct book_event *e, unsigned *number)
{
	struct message *m = NULL;
	enum peluit_exit r;
	char stem[48];
	size_t i;

	if ((r = message_open(x->d, x->of, e, &m)) != DESK_DONE)
		return r;
	(void)snprintf(stem, sizeof(stem), "messages/%03llu-%s",
	    (unsigned long long)e->event.seq,
	    event_kind_text(e->event.action.kind));
	if ((r = put_manifest(x, m, stem)) == DESK_DONE)
		r = put_text(x, m, stem);
	for (i = 0; i < m->manifest.attachments && r == DESK_DONE; i++)
		r = put_attachment(x, m, i, ++*number);
	for (i = 0; i < e->objects && r == DESK_DONE; i++)
		if (e->object[i].state == BOOK_SAVED)
			r = put_object(x, &e->object[i]);
	message_free(m);
	return r;
}

static enum peluit_exit
put_events(struct export *x)
{
	const struct book_event *e;
	json_t *list = json_array();
	enum peluit_exit r = DESK_DONE;
	char name[48], by[SHOW_BY_MAX];
	size_t i;

	for (i = 0; i < x->of->events && r == DESK_DONE; i++) {
		e = &x->of->event[i];
		show_by(e, by);
		(void)snprintf(name, sizeof(name), "events/%03llu.txt",
		    (unsigned long long)e->event.seq);
		r = put(x, name, e->text, e->len);
		(void)json_array_append_new(list, json_pack(
		    "{s:o, s:s, s:s, s:o, s:o, s:o, s:o, s:b}",
		    "seq", show_number(e->event.seq), "file", name, "by", by,
		    "epoch", show_number(e->event.epoch),
		    "leaf", show_number(e->leaf),
		    "nonce", show_hex(e->nonce, NONCE_LEN),
		    "commitment", show_hex(e->commitment, COMMITMENT_LEN),
		    "checked", e->checked));
	}
	if (r == DESK_DONE)
		r = put_json(x, "events/events.json", list);
	json_decref(list);
	return r;
}

static enum peluit_exit
put_all(struct export *x)
{
	enum peluit_exit r = DESK_DONE;
	unsigned number = 0;
	size_t i;
	char *path;
	enum err e;

	if ((e = outset_folder(x->dir)) != ERR_OK)
		r = peluit_err(x->d, e, W_FILE_WRITE, x->dir);
	for (i = 0; i < FOLDERS && r == DESK_DONE; i++) {
		path = path_join(x->dir, folders[i]);
		if ((e = outset_folder(path)) != ERR_OK ||
		    (e = dir_make_all(path, 0700)) != ERR_OK)
			r = peluit_err(x->d, e, W_FILE_WRITE, path);
		free(path);
	}
	for (i = 0; i < x->of->events && r == DESK_DONE; i++)
		if (message_readable(&x->of->event[i]))
			r = put_message(x, &x->of->event[i], &number);
	if (r == DESK_DONE)
		r = put_events(x);
	if (r == DESK_DONE)
		r = put(x, "SHA256SUMS", x->sums.data, x->sums.len);
	return r;
}

/* Into a folder beside it, which gets the name at the end. */
static enum peluit_exit
export_to(struct export *x, const char *dir)
{
	uint8_t random[8];
	char hex[HEX_LEN(sizeof(random)) + 1];
	enum peluit_exit r;
	size_t n = strlen(dir) + sizeof(hex) + 8;

	if (file_exists(dir))
		return peluit_fail(x->d, DESK_NO, W_FILE_EXISTS, dir, NULL);
	if ((x->dir = malloc(n)) == NULL)
		return peluit_fail(x->d, DESK_MACHINE, W_MACHINE, "memory",
		    NULL);
	rand_bytes(random, sizeof(random));
	hex_encode(random, sizeof(random), hex);
	(void)snprintf(x->dir, n, "%s.%s.part", dir, hex);
	outset_begin();
	r = put_all(x);
	if (r == DESK_DONE && rename(x->dir, dir) != 0)
		r = peluit_err(x->d, ERR_SYS, W_FILE_WRITE, dir);
	outset_end(r == DESK_DONE);
	return r;
}

enum peluit_exit
peluit_export(struct desk *d, const struct peluit_command *c, int argc,
    char **argv)
{
	struct book_case *found;
	struct book *b = NULL;
	struct export x;
	char name[CASE_NAME_LEN + 1];
	enum peluit_exit r;
	size_t n;

	memset(&x, 0, sizeof(x));
	if ((r = peluit_args(d, c, NULL, &argc, argv)) != DESK_DONE)
		return r;
	n = strlen(argv[1]);
	while (n > 1 && argv[1][n - 1] == '/')
		argv[1][--n] = '\0';
	if (parts_new(&x.parts) != ERR_OK)
		return peluit_fail(d, DESK_MACHINE, W_MACHINE, "memory", NULL);
	x.d = d;
	x.files = json_array();
	buf_init(&x.sums, SUMS_MAX);
	if ((r = show_book_open(d, &b)) != DESK_DONE ||
	    (r = book_find(d, b, argv[0], &found)) != DESK_DONE)
		goto out;
	x.book = b;
	x.of = found;
	if ((r = export_to(&x, argv[1])) != DESK_DONE)
		goto out;
	case_name(found->id, name);
	peluit_say(d, W_EXPORT_DONE, name, argv[1]);
	peluit_set(d, "case", show_hex(found->id, ID_LEN));
	peluit_set(d, "dir", json_string(argv[1]));
	peluit_set(d, "files", json_incref(x.files));
out:
	json_decref(x.files);
	buf_done(&x.sums);
	free(x.dir);
	parts_free(x.parts);
	book_free(b);
	return r;
}
