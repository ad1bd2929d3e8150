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

static void
set(json_t *o, const char *key, json_t *value)
{

	/* without memory the file lacks a value; render_paper then fails too */
	if (json_object_set_new(o, key, value) != 0)
		return;
}

static json_t *
also(const struct config *c)
{
	json_t *o = json_object();

	set(o, "lang", json_string(page_lang_code(LANG_EN)));
	set(o, "instance", json_string(config_title(c, LANG_EN)));
	for (size_t i = 0; i < sizeof(both) / sizeof(both[0]); i++)
		set(o, both[i].name,
		    json_string(page_text(LANG_EN, both[i].key)));
	return (o);
}

/* In pieces, so that a hand that copies it keeps its place. */
static json_t *
pieces(const char *onion)
{
	json_t *list = json_array();

	for (size_t n = strlen(onion); n > 0; n = strlen(onion)) {
		if (n > PIECE_LEN)
			n = PIECE_LEN;
		(void)json_array_append_new(list, json_stringn(onion, n));
		onion += n;
	}
	return (list);
}

/* The channels in the config's order, as `peluitd keys` says them. */
static json_t *
channels(const struct config *c, json_t *keys)
{
	json_t *list = json_array(), *all = json_object_get(keys, "channels");

	for (size_t i = 0; i < c->channels; i++) {
		json_t *one = json_object_get(all, c->channel[i].name);

		if (one == NULL)
			continue;
		set(one, "label", json_string(config_label(&c->channel[i],
		    LANG_ID)));
		set(one, "second", json_string(config_label(&c->channel[i],
		    LANG_EN)));
		(void)json_array_append(list, one);
	}
	return (list);
}

static enum err
model_of(const struct instance *in, const char *paper, json_t **out)
{
	const struct config *c = &in->config;
	json_t *keys = keys_of(in), *m = json_object();
	struct buf path;
	size_t size;
	enum err e;

	buf_init(&path, PAPER_MAX);
	e = qr_path(c->onion, &size, &path);
	set(m, "paper", json_string(paper));
	set(m, "demo", json_boolean(in->demo));
	set(m, "onion", json_string(c->onion));
	set(m, "onion_parts", pieces(c->onion));
	set(m, "qr", json_pack("{sI ss}", "size", (json_int_t)size, "path",
	    buf_text(&path)));
	set(m, "log_onion", json_string(c->log_onion));
	set(m, "first_response_hours", json_integer(c->first_response_hours));
	set(m, "log_key", json_incref(json_object_get(keys, "log")));
	set(m, "origin", json_incref(json_object_get(keys, "origin")));
	set(m, "roster_number", json_incref(json_object_get(keys, "roster")));
	set(m, "roster_keys",
	    json_incref(json_object_get(keys, "roster_keys")));
	set(m, "channels", channels(c, keys));
	set(m, "also", also(c));
	json_decref(keys);
	buf_done(&path);
	*out = m;
	return (e);
}

/* What is common stands once, the rest in each of the two languages. */
static enum err
render_paper(const struct instance *in, const char *paper, const char *top,
    const char *part, struct buf *out)
{
	json_t *m;
	enum err e;

	if ((e = model_of(in, paper, &m)) != ERR_OK)
		goto out;
	set(m, "instance", json_string(config_title(&in->config, LANG_ID)));
	if ((e = page_paper(LANG_ID, "_paper_begin", m, out)) != ERR_OK ||
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
	else if (fwrite(out.data, 1, out.len, stdout) != out.len ||
	    fflush(stdout) != 0)
		diag("%s: cannot be written", argv[0]);
	else
		rc = EXIT_DONE;
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
