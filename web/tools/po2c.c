/*
 * po2c id.po en.po [XX.po ...] TEMPLATE.html...: the sentences of all
 * languages as one C table, on stdout.  id and en are whole.  A further
 * language is whole too, or its header names in "X-Peluit-Pages" the pages
 * that it has: those, with all that stands around them, it has completely.
 * "X-Peluit-Status: unreviewed" is said on its pages.
 *
 * Fails when a key is missing in a language, has no sentence, is marked fuzzy
 * or is given twice; when the {placeholders} of a sentence differ; when a
 * template uses a key that is not there, or a key is used by no template of
 * the language and is not of a kind that the program names by itself; when a
 * header's Language is not the file's name.
 */
#include <gettext-po.h>
#include <stdbool.h>

#include "../tables.h"
#include "tool.h"

#define SENTENCES_MAX 1000
#define TEMPLATES_MAX 64
#define HOLES_MAX 8 /* placeholders in a sentence */
#define HOLE_LEN 32
#define CODE_LEN 3 /* "id", "jv", "min" */
#define DEPTH_MAX 8 /* of templates in templates */

struct entry {
	char *key;
	char *text[LANGS_MAX];
	bool used;	    /* by some template */
	bool shown;	    /* by a page of the language in hand */
};

struct lang_file {
	const char *path;
	char code[CODE_LEN + 1];
	char *pages; /* "home safety"; NULL: all */
	bool unreviewed;
};

struct template {
	const char *path;
	char name[KEY_MAX];
	char *text;
};

struct table {
	struct entry e[SENTENCES_MAX];
	size_t n;
	struct lang_file lang[LANGS_MAX];
	size_t langs;
	struct template page[TEMPLATES_MAX];
	size_t pages;
};

/* Keys that the server or a {{@...}} puts together at run time. */
static const char *const by_program[] = {"category.", "error.", "file.",
    "form.", "kept.", "month.", "notice.", "reason.", "sent.", "status.",
    "site.language", NULL};

static void
on_error(int severity, po_message_t m, const char *file, size_t line,
    size_t column, int multiline, const char *text)
{
	(void)severity;
	(void)m;
	(void)column;
	(void)multiline;
	die(file, "%zu: %s", line, text);
}

static void
on_error2(int severity, po_message_t m, const char *file, size_t line,
    size_t column, int multiline, const char *text, po_message_t m2,
    const char *file2, size_t line2, size_t column2, int multiline2,
    const char *text2)
{
	(void)m2;
	(void)file2;
	(void)line2;
	(void)column2;
	(void)multiline2;
	(void)text2;
	on_error(severity, m, file, line, column, multiline, text);
}

static char *
copy(const char *s)
{
	char *p = strdup(s);

	if (p == NULL)
		die("po2c", "no memory");
	return p;
}

static struct entry *
find(struct table *t, const char *key, size_t n)
{
	for (size_t i = 0; i < t->n; i++)
		if (strlen(t->e[i].key) == n &&
		    memcmp(t->e[i].key, key, n) == 0)
			return &t->e[i];
	return NULL;
}

static void
check_key(const char *file, const char *key)
{
	const char *set = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			  "0123456789_.";

	if (strlen(key) >= KEY_MAX || strspn(key, set) != strlen(key))
		die(file, "%s: not a key", key);
}

static void
take(struct table *t, const char *file, size_t l, po_message_t m)
{
	const char *key = po_message_msgid(m);
	const char *text = po_message_msgstr(m);
	struct entry *e;

	if (key[0] == '\0')
		return; /* the header */
	check_key(file, key);
	if (po_message_msgid_plural(m) != NULL || po_message_msgctxt(m) != NULL)
		die(file, "%s: a plural or a context", key);
	if (po_message_is_obsolete(m))
		die(file, "%s: obsolete, take it out", key);
	if (po_message_is_fuzzy(m))
		die(file, "%s: fuzzy, somebody must look at it", key);
	if (text[0] == '\0')
		die(file, "%s: has no sentence", key);
	if (text[strspn(text, " \n")] != text[0] ||
	    strchr(" \n", text[strlen(text) - 1]) != NULL)
		die(file, "%s: blank at an end", key);
	if ((e = find(t, key, strlen(key))) == NULL) {
		if (l > LANG_EN)
			die(file, "%s: no such key in Indonesian", key);
		if (t->n == SENTENCES_MAX)
			die(file, "more than %d sentences", SENTENCES_MAX);
		e = &t->e[t->n++];
		e->key = copy(key);
	}
	if (e->text[l] != NULL)
		die(file, "%s: given twice", key);
	e->text[l] = copy(text);
}

/* "web/locale/jv.po" gives "jv", "a/form.html" gives "form". */
static void
stem(const char *path, char *out, size_t size)
{
	const char *base = strrchr(path, '/');
	size_t n;

	base = base == NULL ? path : base + 1;
	n = strcspn(base, ".");
	if (n == 0 || n >= size)
		die(path, "not a name");
	memcpy(out, base, n);
	out[n] = '\0';
}

static void
read_header(struct lang_file *l, const char *header)
{
	char *code, *status;

	if (header == NULL || strstr(header, "charset=UTF-8") == NULL)
		die(l->path, "the header does not say charset=UTF-8");
	code = po_header_field(header, "Language");
	if (code == NULL || strcmp(code, l->code) != 0 ||
	    strspn(code, "abcdefghijklmnopqrstuvwxyz") != strlen(code))
		die(l->path, "the header's Language is not \"%s\"", l->code);
	l->pages = po_header_field(header, "X-Peluit-Pages");
	status = po_header_field(header, "X-Peluit-Status");
	if (status != NULL && strcmp(status, "unreviewed") != 0 &&
	    strcmp(status, "reviewed") != 0)
		die(l->path, "X-Peluit-Status: %s?", status);
	l->unreviewed = status != NULL && strcmp(status, "unreviewed") == 0;
	free(code);
	free(status);
}

static void
read_po(struct table *t, const char *file)
{
	static const char *const first[] = {"id", "en"};
	const struct po_xerror_handler h = {on_error, on_error2};
	struct lang_file *l = &t->lang[t->langs];
	po_file_t po = po_file_read(file, &h);
	po_message_iterator_t it;
	po_message_t m;

	if (po == NULL)
		die(file, "cannot be read");
	if (t->langs == LANGS_MAX)
		die(file, "more than %d languages", LANGS_MAX);
	l->path = file;
	stem(file, l->code, sizeof(l->code));
	if (t->langs < 2 && strcmp(l->code, first[t->langs]) != 0)
		die(file, "id.po and en.po come first");
	read_header(l, po_file_domain_header(po, NULL));
	if (t->langs < 2 && l->pages != NULL)
		die(file, "this language has every page");
	it = po_message_iterator(po, NULL);
	while ((m = po_next_message(it)) != NULL)
		take(t, file, t->langs, m);
	po_message_iterator_free(it);
	po_file_free(po);
	t->langs++;
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* The placeholders of a sentence, sorted: an order may differ, no name may. */
static size_t
holes(const char *key, const char *text, char out[HOLES_MAX][HOLE_LEN])
{
	const char *set = "abcdefghijklmnopqrstuvwxyz_.";
	size_t n = 0;

	while (text[strcspn(text, "{}")] != '\0') {
		text += strcspn(text, "{}");
		size_t len = *text == '{' ? strspn(text + 1, set) : 0;

		if (len == 0 || len >= HOLE_LEN || text[1 + len] != '}')
			die(key, "a brace that is not a {placeholder}");
		if (n == HOLES_MAX)
			die(key, "more than %d placeholders", HOLES_MAX);
		memset(out[n], 0, HOLE_LEN);
		memcpy(out[n++], text + 1, len);
		text += len + 2;
	}
	qsort(out, n, HOLE_LEN, by_text);
	return n;
}

/* Each sentence has the same holes as in Indonesian. */
static void
check_holes(const struct table *t)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct entry *e = &t->e[i];
		char first[HOLES_MAX][HOLE_LEN], other[HOLES_MAX][HOLE_LEN];
		size_t n;

		if (e->text[LANG_ID] == NULL)
			die(t->lang[LANG_ID].path, "%s: missing", e->key);
		memset(first, 0, sizeof(first));
		n = holes(e->key, e->text[LANG_ID], first);
		for (size_t l = LANG_EN; l < t->langs; l++) {
			if (e->text[l] == NULL)
				continue;
			memset(other, 0, sizeof(other));
			if (holes(e->key, e->text[l], other) != n ||
			    memcmp(first, other, sizeof(first)) != 0)
				die(t->lang[l].path,
				    "%s: placeholders differ", e->key);
		}
	}
}

static const struct template *
find_template(const struct table *t, const char *name, size_t n)
{
	for (size_t i = 0; i < t->pages; i++)
		if (strlen(t->page[i].name) == n &&
		    memcmp(t->page[i].name, name, n) == 0)
			return &t->page[i];
	return NULL;
}

/* Mark what a template shows, and what those in it show. */
static void
show(struct table *t, const struct template *page, unsigned depth)
{
	if (depth == 0)
		die(page->path, "templates that call each other");
	for (const char *p = page->text; (p = strstr(p, "{{")) != NULL;) {
		size_t len;

		p += 2;
		len = strcspn(p, "}");
		if (strncmp(p, "t ", 2) == 0) {
			struct entry *e = find(t, p + 2, len - 2);

			if (e == NULL)
				die(page->path, "%.*s: no such key",
				    (int)len - 2, p + 2);
			e->shown = e->used = true;
		} else if (*p == '>') {
			const struct template *in =
			    find_template(t, p + 1, len - 1);

			/* the style sheet has no sentences */
			if (in != NULL)
				show(t, in, depth - 1);
		}
	}
}

/* Which pages a language has, and what they show. */
static void
show_pages(struct table *t, const struct lang_file *l)
{
	const char *p = l->pages;

	for (size_t i = 0; i < t->n; i++)
		t->e[i].shown = false;
	for (size_t i = 0; p == NULL && i < t->pages; i++)
		show(t, &t->page[i], DEPTH_MAX);
	while (p != NULL && *(p += strspn(p, " ")) != '\0') {
		size_t n = strcspn(p, " ");
		const struct template *page = find_template(t, p, n);

		if (page == NULL || *p == '_')
			die(l->path, "%.*s: no such page", (int)n, p);
		show(t, page, DEPTH_MAX);
		p += n;
	}
}

static bool
is_by_program(const char *key)
{
	for (const char *const *k = by_program; *k != NULL; k++)
		if (strncmp(key, *k, strlen(*k)) == 0)
			return true;
	return false;
}

/* Nothing is missing that is shown, nothing is there that is not. */
static void
check_languages(struct table *t)
{
	for (size_t l = 0; l < t->langs; l++) {
		const struct lang_file *f = &t->lang[l];

		show_pages(t, f);
		for (size_t i = 0; i < t->n; i++) {
			const struct entry *e = &t->e[i];
			bool ours = e->shown || is_by_program(e->key);
			bool name = strcmp(e->key, "site.language") == 0;

			if (e->text[l] == NULL &&
			    (f->pages == NULL || e->shown || name))
				die(f->path, "%s: missing", e->key);
			if (e->text[l] != NULL && !ours)
				die(f->path, "%s: used by no template of it",
				    e->key);
		}
	}
}

static void
read_template(struct table *t, const char *file)
{
	struct template *page = &t->page[t->pages++];

	if (t->pages == TEMPLATES_MAX)
		die(file, "more than %d templates", TEMPLATES_MAX - 1);
	page->path = file;
	stem(file, page->name, sizeof(page->name));
	page->text = read_file(file);
}

static void
put_literal(const char *s)
{
	(void)putchar('"');
	for (; *s != '\0'; s++) {
		unsigned char c = (unsigned char)*s;

		/* Three octal digits always: a digit may follow. */
		if (c == '"' || c == '\\' || c < 0x20 || c >= 0x7f)
			(void)printf("\\%03o", c);
		else
			(void)putchar(c);
	}
	(void)putchar('"');
}

static void
put_languages(const struct table *t)
{
	for (size_t l = 0; l < t->langs; l++) {
		const char *p = t->lang[l].pages;

		if (p == NULL)
			continue;
		(void)printf("static const char *const pages_%zu[] = {", l);
		while (*(p += strspn(p, " ")) != '\0') {
			size_t n = strcspn(p, " ");

			(void)printf("\"%.*s\", ", (int)n, p);
			p += n;
		}
		(void)printf("NULL};\n");
	}
	(void)printf("const struct language web_languages[] = {\n");
	for (size_t l = 0; l < t->langs; l++) {
		const struct lang_file *f = &t->lang[l];

		(void)printf("\t{\"%s\", \"%s%s\", %s, ", f->code,
		    l == 0 ? "" : "/", l == 0 ? "" : f->code,
		    f->unreviewed ? "true" : "false");
		if (f->pages == NULL)
			(void)printf("NULL},\n");
		else
			(void)printf("pages_%zu},\n", l);
	}
	(void)printf("};\nconst size_t web_languages_n = %zu;\n\n", t->langs);
}

static void
put_table(const struct table *t)
{
	(void)printf("/* Made from the .po files: edit those. */\n"
		     "#include \"tables.h\"\n\n");
	put_languages(t);
	(void)printf("const struct sentence web_sentences[] = {\n");
	for (size_t i = 0; i < t->n; i++) {
		(void)printf("\t{\"%s\", {", t->e[i].key);
		for (size_t l = 0; l < t->langs; l++) {
			(void)printf(l == 0 ? "\n\t\t" : ",\n\t\t");
			if (t->e[i].text[l] == NULL)
				(void)printf("NULL");
			else
				put_literal(t->e[i].text[l]);
		}
		(void)printf("}},\n");
	}
	(void)printf("};\nconst size_t web_sentences_n = %zu;\n", t->n);
}

static int
by_key(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	return strcmp(x->key, y->key);
}

static bool
ends_in(const char *s, const char *end)
{
	size_t n = strlen(s), k = strlen(end);

	return n >= k && strcmp(s + n - k, end) == 0;
}

int
main(int argc, char **argv)
{
	static struct table t;

	for (int i = 1; i < argc; i++)
		if (ends_in(argv[i], ".po"))
			read_po(&t, argv[i]);
		else
			read_template(&t, argv[i]);
	if (t.langs < 2 || t.pages == 0)
		die("usage", "po2c id.po en.po [XX.po ...] template.html ...");
	check_holes(&t);
	check_languages(&t);
	qsort(t.e, t.n, sizeof(t.e[0]), by_key);
	put_table(&t);
	for (size_t i = 0; i < t.n; i++) {
		free(t.e[i].key);
		for (size_t l = 0; l < t.langs; l++)
			free(t.e[i].text[l]);
	}
	for (size_t i = 0; i < t.pages; i++)
		free(t.page[i].text);
	for (size_t l = 0; l < t.langs; l++)
		free(t.lang[l].pages);
	if (fflush(stdout) != 0)
		die("stdout", "cannot be written");
	return 0;
}
