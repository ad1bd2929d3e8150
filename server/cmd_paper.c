/*
 * peluitd poster, landing: the notice for the office's wall and the page for
 * the city's ordinary web site.  Each is one file by itself, on stdout.
 */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "page.h"
#include "qr.h"
#include "sys.h"

#define PAPER_MAX	(256 * 1024)
#define PIECE_LEN	8	/* letters of an address that are read at once */

/* The words that stand in both languages at once, beside the first's. */
static const struct { const char *name, *key; } both[] = {
	{ "title", "home.title" }, { "compare", "paper.compare" },
	{ "origin", "log.origin" }, { "address", "log.address" },
	{ "key", "log.key" }, { "roster_keys", "log.roster_keys" },
	{ "custodians", "readers.custodians" }, { "roster", "paper.roster" },
};

/* The file that is being made: a paper that lacks a value is worse than none. */
struct model {
	json_t *m;
	bool lacks;			/* no memory for one */
};

static void
set(struct model *p, json_t *o, const char *key, json_t *value)
{

	if (json_object_set_new(o, key, value) != 0)
		p->lacks = true;
}

static void
add(struct model *p, json_t *list, json_t *value)
{

	if (json_array_append_new(list, value) != 0)
		p->lacks = true;
}

static json_t *
also(struct model *p, const struct config *c)
{
	json_t *o = json_object();

	set(p, o, "lang", json_string(page_lang_code(LANG_EN)));
	set(p, o, "instance", json_string(config_title(c, LANG_EN)));
	for (size_t i = 0; i < sizeof(both) / sizeof(both[0]); i++)
		set(p, o, both[i].name,
		    json_string(page_text(LANG_EN, both[i].key)));
	return (o);
}

/* In pieces, so that a hand that copies it keeps its place. */
static json_t *
pieces(struct model *p, const char *onion)
{
	json_t *list = json_array();

	for (size_t n = strlen(onion); n > 0; n = strlen(onion)) {
		if (n > PIECE_LEN)
			n = PIECE_LEN;
		add(p, list, json_stringn(onion, n));
		onion += n;
	}
	return (list);
}

/* The channels in the config's order, as `peluitd keys` says them. */
static json_t *
channels(struct model *p, const struct config *c, json_t *keys)
{
	json_t *list = json_array(), *all = json_object_get(keys, "channels");

	for (size_t i = 0; i < c->channels; i++) {
		json_t *one = json_object_get(all, c->channel[i].name);

		if (one == NULL)
			continue;
		set(p, one, "label", json_string(config_label(&c->channel[i],
		    LANG_ID)));
		set(p, one, "second", json_string(config_label(&c->channel[i],
		    LANG_EN)));
		add(p, list, json_incref(one));
	}
	return (list);
}

static enum err
model_of(const struct instance *in, const char *paper, struct model *p)
{
	const struct config *c = &in->config;
	json_t *keys = keys_of(in);
	struct buf path;
	size_t size;
	enum err e;

	p->m = json_object();
	buf_init(&path, PAPER_MAX);
	e = qr_path(c->onion, &size, &path);
	set(p, p->m, "paper", json_string(paper));
	set(p, p->m, "instance",
	    json_string(config_title(c, LANG_ID)));
	set(p, p->m, "demo", json_boolean(in->demo));
	set(p, p->m, "onion", json_string(c->onion));
	set(p, p->m, "onion_parts", pieces(p, c->onion));
	set(p, p->m, "qr", json_pack("{sI ss}", "size", (json_int_t)size, "path",
	    buf_text(&path)));
	set(p, p->m, "log_onion", json_string(c->log_onion));
	set(p, p->m, "first_response_hours", json_integer(c->first_response_hours));
	set(p, p->m, "log_key", json_incref(json_object_get(keys, "log")));
	set(p, p->m, "origin", json_incref(json_object_get(keys, "origin")));
	set(p, p->m, "roster_number", json_incref(json_object_get(keys, "roster")));
	set(p, p->m, "roster_keys",
	    json_incref(json_object_get(keys, "roster_keys")));
	set(p, p->m, "channels", channels(p, c, keys));
	set(p, p->m, "also", also(p, c));
	json_decref(keys);
	buf_done(&path);
	return (e == ERR_OK && p->lacks ? ERR_SYS : e);
}

/* What is common stands once, the rest in each of the two languages. */
static enum err
render_paper(const struct instance *in, const char *paper, const char *top,
    const char *part, struct buf *out)
{
	struct model p = { NULL, false };
	json_t *m;
	enum err e;

	e = model_of(in, paper, &p);
	m = p.m;
	if (e != ERR_OK ||
	    (e = page_paper(LANG_ID, "_paper_begin", m, out)) != ERR_OK ||
	    (top != NULL && (e = page_paper(LANG_ID, top, m, out)) != ERR_OK) ||
	    (e = page_paper(LANG_ID, part, m, out)) != ERR_OK ||
	    (e = page_paper(LANG_EN, part, m, out)) != ERR_OK ||
	    (e = page_paper(LANG_ID, "_paper_keys", m, out)) != ERR_OK ||
	    (e = page_paper(LANG_ID, "_paper_end", m, out)) != ERR_OK)
		goto out;
out:
	json_decref(m);
	return (e);
}

static int
paper(int argc, char **argv, const char *top, const char *part)
{
	struct instance in;
	struct buf out;
	enum err e;
	int rc = EXIT_REFUSED;

	if (argc != 2 || argv[1][0] == '-') {
		diag("usage: peluitd %s DIR > FILE.html", argv[0]);
		return (EXIT_USE);
	}
	buf_init(&out, PAPER_MAX);
	if (instance_open(argv[1], 0, &in) != ERR_OK)
		diag("%s", in.why);
	else if (in.config.onion[0] == '\0')
		diag("%s: listen.onion in %s/peluit.conf is empty: write there "
		    "the address of the source's onion service", argv[0],
		    argv[1]);
	else if (in.rosters == 0)
		diag("%s: there is no roster yet, so nobody to name", argv[0]);
	else if ((e = render_paper(&in, argv[0], top, part, &out)) != ERR_OK)
		diag("%s: cannot be made (%s)", argv[0], err_text(e));
	else if (fwrite(out.data, 1, out.len, stdout) == out.len)
		rc = EXIT_DONE;		/* cmd_end says if not */
	buf_done(&out);
	instance_close(&in);
	return (rc);
}

int
cmd_poster(int argc, char **argv)
{

	return (paper(argc, argv, "_poster_top", "_poster"));
}

int
cmd_landing(int argc, char **argv)
{

	return (paper(argc, argv, NULL, "_landing"));
}
