/* Which attachments are parts of one file. */
#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "parts.h"

#define PARTS_MAX	65536	/* names remembered; beyond: each its own */

struct part {
	char *name;
	size_t stem;
	char kind;
	bool old;			/* of a row that was sent again */
	struct parts_place at;
};
struct parts {
	struct part *list;
	size_t n;
};

enum err
parts_new(struct parts **out)
{

	*out = calloc(1, sizeof(**out));
	return (*out == NULL ? ERR_SYS : ERR_OK);
}

void
parts_free(struct parts *p)
{

	if (p == NULL)
		return;
	for (size_t i = 0; i < p->n; i++)
		free(p->list[i].name);
	free(p->list);
	free(p);
}

/* Whether ${s} is ${n} digits and nothing else. */
static bool
digits(const char *s, size_t n)
{

	for (size_t i = 0; i < n; i++) {
		if (!isdigit((unsigned char)s[i]))
			return (false);
	}
	return (n > 0 && s[n] == '\0');
}

/* "STEM.partN" of ${len} bytes: bytes of STEM. */
static size_t
part_rar(const char *name, size_t len)
{
	size_t i = len;

	while (i > 0 && isdigit((unsigned char)name[i - 1]))
		i--;
	return (i < len && i > 5 && strncasecmp(name + i - 5, ".part", 5) ==
	    0 ? i - 5 : 0);
}

size_t
parts_stem(const char *name, char *kind)
{
	const char *dot = strrchr(name, '.');
	size_t stem, inner;

	*kind = '\0';
	if (dot == NULL || dot == name)
		return (0);
	stem = (size_t)(dot - name);
	dot++;
	if (digits(dot, 3)) {
		*kind = '0';
	} else if (strcasecmp(dot, "rar") == 0) {
		inner = part_rar(name, stem);
		*kind = inner > 0 ? 'p' : 'r';
		stem = inner > 0 ? inner : stem;
	} else if (tolower((unsigned char)*dot) == 'r' && digits(dot + 1, 2)) {
		*kind = 'r';
	} else if (strcasecmp(dot, "zip") == 0 ||
	    (tolower((unsigned char)*dot) == 'z' && digits(dot + 1, 2))) {
		*kind = 'z';
	}
	return (*kind == '\0' ? 0 : stem);
}

static bool
one_row(const struct part *a, const struct part *b)
{

	return (!a->old && a->kind == b->kind && a->stem == b->stem &&
	    memcmp(a->name, b->name, a->stem) == 0);
}

/* Its row's place, or its own; an equal name ends the row. */
static void
find_row(struct parts *p, struct part *mine)
{
	bool again = false;

	for (size_t i = 0; i < p->n; i++)
		again = again || (one_row(&p->list[i], mine) &&
		    strcmp(p->list[i].name, mine->name) == 0);
	for (size_t i = 0; i < p->n; i++) {
		if (!one_row(&p->list[i], mine))
			continue;
		if (again)
			p->list[i].old = true;
		else
			mine->at = p->list[i].at;
	}
}

struct parts_place
parts_place(struct parts *p, const char *name, struct parts_place own)
{
	struct part mine = { .at = own };
	struct part *grown;

	mine.stem = parts_stem(name, &mine.kind);
	if (mine.stem == 0 || p->n == PARTS_MAX)
		return (own);
	grown = realloc(p->list, (p->n + 1) * sizeof(*grown));
	if (grown != NULL)
		p->list = grown;
	if (grown == NULL || (mine.name = strdup(name)) == NULL) {
		memory_refused();
		return (own);
	}
	find_row(p, &mine);
	p->list[p->n++] = mine;
	return (mine.at);
}
