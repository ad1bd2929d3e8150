/*
 * po2c ID.po EN.po TEMPLATE...: the sentences of both languages as one C
 * table, on stdout.  Fails when a key is missing in a language, has no
 * sentence, is marked fuzzy or is given twice; when the {placeholders} of a
 * sentence differ; when a template uses a key that is not there, or a key is
 * used by no template and is not of a kind that the program names by itself.
 */
#include <gettext-po.h>
#include <stdbool.h>

#include "../tables.h"
#include "tool.h"

#define SENTENCES_MAX 1000
#define HOLES_MAX 8 /* placeholders in a sentence */
#define HOLE_LEN 32

struct entry {
	char *key;
	char *text[LANGS];
	bool used;
};

struct table {
	struct entry e[SENTENCES_MAX];
	size_t n;
};

/* Keys that the server or a {{@...}} puts together at run time. */
static const char *const by_program[] = {"category.", "error.", "form.",
    "kept.", "month.", "notice.", "reason.", "sent.", "status.", NULL};

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
take(struct table *t, const char *file, enum lang l, po_message_t m)
{
	const char *key = po_message_msgid(m);
	const char *text = po_message_msgstr(m);
	struct entry *e;

	if (key[0] == '\0')
		return; /* the header */
	check_key(file, key);
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
		if (t->n == SENTENCES_MAX)
			die(file, "more than %d sentences", SENTENCES_MAX);
		e = &t->e[t->n++];
		e->key = copy(key);
	}
	if (e->text[l] != NULL)
		die(file, "%s: given twice", key);
	e->text[l] = copy(text);
}

static void
read_po(struct table *t, const char *file, enum lang l)
{
	const struct po_xerror_handler h = {on_error, on_error2};
	po_file_t po = po_file_read(file, &h);
	po_message_iterator_t it;
	po_message_t m;
	const char *header;

	if (po == NULL)
		die(file, "cannot be read");
	header = po_file_domain_header(po, NULL);
	if (header == NULL || strstr(header, "charset=UTF-8") == NULL)
		die(file, "the header does not say charset=UTF-8");
	it = po_message_iterator(po, NULL);
	while ((m = po_next_message(it)) != NULL)
		take(t, file, l, m);
	po_message_iterator_free(it);
	po_file_free(po);
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

static void
compare_languages(const struct table *t, char **files)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct entry *e = &t->e[i];
		char h[LANGS][HOLES_MAX][HOLE_LEN];
		size_t n[LANGS];

		memset(h, 0, sizeof(h));
		for (enum lang l = 0; l < LANGS; l++) {
			if (e->text[l] == NULL)
				die(files[l], "%s: missing", e->key);
			n[l] = holes(e->key, e->text[l], h[l]);
		}
		if (n[0] != n[1] || memcmp(h[0], h[1], sizeof(h[0])) != 0)
			die(files[1], "%s: placeholders differ", e->key);
	}
}

static void
check_template(struct table *t, const char *file)
{
	char *text = read_file(file);

	for (char *p = text; (p = strstr(p, "{{t ")) != NULL;) {
		p += strlen("{{t ");
		size_t len = strcspn(p, "}");
		struct entry *e = find(t, p, len);

		if (e == NULL)
			die(file, "%.*s: no such key", (int)len, p);
		e->used = true;
	}
	free(text);
}

static void
check_use(const struct table *t)
{
	for (size_t i = 0; i < t->n; i++) {
		const char *const *k = by_program;

		while (*k != NULL && strncmp(t->e[i].key, *k, strlen(*k)) != 0)
			k++;
		if (!t->e[i].used && *k == NULL)
			die(t->e[i].key, "used by no template");
	}
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
put_table(const struct table *t)
{
	(void)printf("/* Made from the .po files: edit those. */\n"
		     "#include \"tables.h\"\n\n"
		     "const struct sentence web_sentences[] = {\n");
	for (size_t i = 0; i < t->n; i++) {
		(void)printf("\t{\"%s\", {", t->e[i].key);
		for (enum lang l = 0; l < LANGS; l++) {
			(void)printf(l == 0 ? "\n\t\t" : ",\n\t\t");
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

int
main(int argc, char **argv)
{
	static struct table t;

	if (argc < 1 + LANGS)
		die("usage", "po2c id.po en.po [template ...]");
	for (enum lang l = 0; l < LANGS; l++)
		read_po(&t, argv[1 + l], l);
	compare_languages(&t, argv + 1);
	for (int i = 1 + LANGS; i < argc; i++)
		check_template(&t, argv[i]);
	if (argc > 1 + LANGS)
		check_use(&t);
	qsort(t.e, t.n, sizeof(t.e[0]), by_key);
	put_table(&t);
	for (size_t i = 0; i < t.n; i++) {
		free(t.e[i].key);
		for (enum lang l = 0; l < LANGS; l++)
			free(t.e[i].text[l]);
	}
	if (fflush(stdout) != 0)
		die("stdout", "cannot be written");
	return 0;
}
