/*
 * embed TEMPLATE.html... STYLE.css...: the templates and the style sheets as C
 * arrays, on stdout, without comments and indentation.  A style sheet
 * NAME.css is the partial "_NAME".  A paper, of a folder "papers", may draw.
 * Fails on a tag that is not closed, not known or badly nested; on a partial
 * that is not there or that calls itself; on anything that would make a page
 * active or fetch something; and on words that no translator would see.
 */
#include <ctype.h>
#include <stdbool.h>

#include "tool.h"

#define FILES_MAX 64
#define NAME_LEN 48
#define DEPTH_MAX 16

struct file {
	const char *path;
	char name[NAME_LEN];
	char *text;
	bool is_style, is_paper;
};

static struct file files[FILES_MAX];
static size_t files_n;

/* Things that have no place on a page of the source. */
static const char *const banned[] = {"<script", "<img", "<link",
    "<object", "<embed", "<video", "<audio",
    " style=", "javascript:", "http:", "https:", "url(", "@import", "//", NULL};

static void
check_inert(const struct file *f)
{
	for (const char *const *b = banned; *b != NULL; b++)
		if (strcasestr(f->text, *b) != NULL)
			die(f->path, "%s is not allowed", *b);
	if (!f->is_paper && strcasestr(f->text, "<svg") != NULL)
		die(f->path, "<svg is not allowed");
	/* onclick= and its like */
	for (const char *p = f->text; (p = strcasestr(p, " on")) != NULL; p++) {
		size_t n = 3 + strspn(p + 3, "abcdefghijklmnopqrstuvwxyz");

		if (n > 3 && p[n] == '=')
			die(f->path, "%.*s is not allowed", (int)n, p);
	}
	for (const char *p = f->text; *p != '\0'; p++)
		if ((unsigned char)*p >= 0x7f)
			die(f->path, "not ASCII");
}

/* Cut ${open} ... ${close} out of ${text}, in place. */
static void
cut_comments(const struct file *f, const char *open, const char *close)
{
	char *p, *end;

	while ((p = strstr(f->text, open)) != NULL) {
		if ((end = strstr(p, close)) == NULL)
			die(f->path, "a comment that is not closed");
		end += strlen(close);
		memmove(p, end, strlen(end) + 1);
	}
}

/* Indentation and empty lines are for us, not for the wire. */
static void
cut_indentation(char *text)
{
	char *to = text;
	bool fresh = true;

	for (const char *p = text; *p != '\0'; p++) {
		if (fresh && strchr(" \t\n", *p) != NULL)
			continue;
		fresh = *p == '\n';
		*to++ = *p;
	}
	*to = '\0';
}

/*
 * In a style sheet no blank is needed beside these signs.  Pages are served in
 * classes of 16 KiB and up, so what is saved here keeps answers in the first.
 */
static void
cut_style_blanks(char *text)
{
	char *to = text;

	for (const char *p = text; *p != '\0'; p++) {
		bool blank = *p == ' ' || *p == '\n';

		if (blank && (to == text || strchr("{};:,>", to[-1]) != NULL))
			continue;
		if (blank && strchr("{}>", p[1]) != NULL)
			continue;
		if (*p == '}' && to > text && to[-1] == ';')
			to--;
		*to++ = *p;
	}
	*to = '\0';
}

static bool
is_named(const char *s, size_t n, const char *more)
{
	for (size_t i = 0; i < n; i++)
		if (!islower((unsigned char)s[i]) &&
		    !isdigit((unsigned char)s[i]) && strchr(more, s[i]) == NULL)
			return false;
	return n > 0;
}

static const struct file *
find(const char *name, size_t n)
{
	for (size_t i = 0; i < files_n; i++)
		if (strlen(files[i].name) == n &&
		    memcmp(files[i].name, name, n) == 0)
			return &files[i];
	return NULL;
}

static void check_tags(const struct file *f, unsigned depth);

struct open_tag {
	const char *name;
	size_t n;
};

static void
check_tag(const struct file *f, const char *tag, size_t n, unsigned depth)
{
	const struct file *partial;

	switch (tag[0]) {
	case '>':
		partial = find(tag + 1, n - 1);
		if (partial == NULL || partial->name[0] != '_')
			die(f->path, "%.*s: no such partial", (int)n, tag);
		if (depth == 0)
			die(f->path, "partials that call each other");
		check_tags(partial, depth - 1);
		return;
	case '@':
		if (!is_named(tag + 1, n - 1, "_.[]") ||
		    !memchr(tag, '[', n) != !memchr(tag, ']', n))
			die(f->path, "{{%.*s}}", (int)n, tag);
		return;
	case 't':
		if (n > 2 && tag[1] == ' ') {
			if (!is_named(tag + 2, n - 2, "_."))
				die(f->path, "{{%.*s}}", (int)n, tag);
			return;
		}
		break;
	default:
		break;
	}
	if (!is_named(tag, n, "_."))
		die(f->path, "{{%.*s}} is no tag", (int)n, tag);
}

static void
check_tags(const struct file *f, unsigned depth)
{
	struct open_tag open[DEPTH_MAX];
	size_t open_n = 0;

	for (const char *p = f->text; (p = strstr(p, "{{")) != NULL;) {
		const char *tag = p + 2, *end = strstr(tag, "}}");
		size_t n;

		if (end == NULL || end == tag)
			die(f->path, "a tag that is not closed");
		n = (size_t)(end - tag);
		p = end + 2;
		if (strchr("#^?", tag[0]) != NULL) {
			if (!is_named(
				tag + 1, n - 1, tag[0] == '?' ? "_. " : "_."))
				die(f->path, "{{%.*s}}", (int)n, tag);
			if (open_n == DEPTH_MAX)
				die(f->path, "nested too deep");
			open[open_n++] =
			    tag[0] == '?' ? (struct open_tag){"?", 1}
					  : (struct open_tag){tag + 1, n - 1};
		} else if (tag[0] == '/') {
			if (open_n == 0 || open[open_n - 1].n != n - 1 ||
			    memcmp(open[open_n - 1].name, tag + 1, n - 1) != 0)
				die(f->path, "{{%.*s}} closes nothing", (int)n,
				    tag);
			open_n--;
		} else {
			check_tag(f, tag, n, depth);
		}
	}
	if (open_n > 0)
		die(f->path, "{{#%.*s}} is not closed", (int)open[open_n - 1].n,
		    open[open_n - 1].name);
}

/* Letters outside HTML tags and outside ours were never translated. */
static void
check_words(const struct file *f)
{
	bool in_html = false;

	for (const char *p = f->text; *p != '\0'; p++) {
		if (strncmp(p, "{{", 2) == 0)
			p = strstr(p, "}}") + 1;
		else if (*p == '<' || *p == '>')
			in_html = *p == '<';
		else if (!in_html && isalpha((unsigned char)*p))
			die(f->path, "words outside the .po files: %.20s", p);
	}
}

static void
load(const char *path)
{
	struct file *f = &files[files_n];
	const char *base = strrchr(path, '/');
	const char *dot = strrchr(path, '.');
	size_t n;

	if (files_n == FILES_MAX)
		die(path, "more than %d files", FILES_MAX);
	base = base == NULL ? path : base + 1;
	if (dot == NULL || dot < base || (n = (size_t)(dot - base)) >= NAME_LEN)
		die(path, "not a name");
	files_n++;
	f->path = path;
	f->text = read_file(path);
	f->is_style = strcmp(dot, ".css") == 0;
	f->is_paper = strstr(path, "/papers/") != NULL;
	if (f->is_style) {
		(void)snprintf(f->name, sizeof(f->name), "_%.*s", (int)n,
		    base);
		cut_comments(f, "/*", "*/");
		if (strstr(f->text, "{{") != NULL || strchr(f->text, '<'))
			die(path, "would not stand in a page as it is");
	} else {
		(void)snprintf(f->name, sizeof(f->name), "%.*s", (int)n, base);
		cut_comments(f, "{{!", "}}");
	}
	cut_indentation(f->text);
	if (f->is_style)
		cut_style_blanks(f->text);
	check_inert(f);
}

static int
by_name(const void *a, const void *b)
{
	const struct file *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static void
put_array(size_t k)
{
	size_t n = strlen(files[k].text);

	(void)printf("static const uint8_t text_%zu[] = {", k);
	for (size_t i = 0; i < n; i++)
		(void)printf(
		    "%s%d,", i % 16 == 0 ? "\n\t" : "", files[k].text[i]);
	(void)printf("\n};\n");
}

int
main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		load(argv[i]);
	qsort(files, files_n, sizeof(files[0]), by_name);
	for (size_t i = 0; i < files_n; i++) {
		check_tags(&files[i], 4);
		if (!files[i].is_style)
			check_words(&files[i]);
	}
	(void)printf("/* Made from the templates: edit those. */\n"
		     "#include \"tables.h\"\n\n");
	for (size_t i = 0; i < files_n; i++)
		put_array(i);
	(void)printf("\nconst struct source web_sources[] = {\n");
	for (size_t i = 0; i < files_n; i++)
		(void)printf("\t{\"%s\", text_%zu, sizeof(text_%zu)},\n",
		    files[i].name, i, i);
	(void)printf("};\nconst size_t web_sources_n = %zu;\n", files_n);
	for (size_t i = 0; i < files_n; i++)
		free(files[i].text);
	if (fflush(stdout) != 0)
		die("stdout", "cannot be written");
	return 0;
}
