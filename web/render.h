#ifndef RENDER_H
#define RENDER_H
/*
 * The template language: text with tags, a small part of mustache.
 *
 *	{{name}}		the value, escaped; a.b goes into an object
 *	{{.}} {{.name}}		the current item; its own member, no other's
 *	{{#name}}..{{/name}}	each item of an array; an object, string, number
 *				or true value: once, as the current item
 *	{{^name}}..{{/name}}	if the value is false
 *	{{?a b c}}..{{/?}}	if any of the values is true
 *	{{t key}}		the sentence ${key}
 *	{{@name}}		the sentence whose key is the value of ${name}
 *	{{@kept.[name].x}}	the same, the value standing in a longer key
 *	{{>_partial}}		another template
 *	{{! comment }}		taken out by embed
 *
 * False are: absent, null, false, 0, "", [] and {}.  A {name} in a sentence is
 * filled in from the model; a sentence that lacks a value is left out whole.
 * There is no way to put out a value unescaped.  embed checks the syntax, so
 * that a fault in a template never reaches this code.
 */
#include <jansson.h>

#include "buf.h"
#include "page.h"

/* What went wrong while rendering, for tests: a user still gets a page. */
struct render_faults {
	size_t unknown;		/* keys without a sentence in the language */
	size_t unfilled;	/* sentences left out */
};

struct render_job {
	enum lang lang;
	const json_t *model;		/* may be NULL */
	const json_t *defaults;		/* looked up last; may be NULL */
	struct render_faults *faults;	/* may be NULL */
};

/*
 * render_text(job, text, n, out): append the template of ${n} bytes.
 * Fails: what ${out} fails with.
 */
enum err render_text(const struct render_job *job, const char *text, size_t n,
    struct buf *out) MUST_USE;

/* render_page(job, page, out): the template ${page}, unpadded. */
enum err render_page(const struct render_job *job, const char *page,
    struct buf *out) MUST_USE;

/*
 * page_defaults(l, page): lang, base, here, unreviewed, languages.  NULL
 * without memory, or if there is no such page.
 */
const json_t *page_defaults(enum lang l, const char *page);

#endif
