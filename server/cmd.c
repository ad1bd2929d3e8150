/* What several commands share. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "js.h"
#include "keyfile.h"
#include "sys.h"

#define JSON_MAX	((size_t)4 * 1024 * 1024)

const char *
store_why(enum err e)
{

	switch (e) {
	case ERR_NOTFOUND:
		return ("there is no store here");
	case ERR_VERSION:
		return ("the store is of another version of peluitd; use the "
		    "one that made it");
	case ERR_FORMAT:
		return ("the store is damaged; restore the newest backup");
	case ERR_MAC:
		return ("the store does not open with secrets/at-rest.key: "
		    "another key, or a damaged store");
	case ERR_BUSY:
		return ("another peluitd serves this store already");
	case ERR_SYS:
		return (strerror(errno));
	default:
		return (err_text(e));
	}
}

const char *
cmd_args(int argc, char **argv, bool *json)
{
	const char *dir = NULL;

	*json = false;
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--json") == 0)
			*json = true;
		else if (argv[i][0] == '-' || dir != NULL)
			dir = "";
		else
			dir = argv[i];
	}
	if (dir != NULL && *dir != '\0')
		return (dir);
	diag("usage: peluitd %s DIR [--json]", argv[0]);
	return (NULL);
}

int
cmd_no_memory(void)
{

	diag("no memory");
	return (EXIT_REFUSED);
}

int
cmd_print_json(json_t *o)
{
	struct buf text;
	enum err e = ERR_SYS;

	buf_init(&text, JSON_MAX);
	if (o != NULL)
		e = js_write(o, &text);
	json_decref(o);
	if (e == ERR_OK)
		(void)printf("%s\n", buf_text(&text));
	buf_done(&text);
	return (e == ERR_OK ? EXIT_DONE : cmd_no_memory());
}

int
cmd_end(int rc)
{

	if (fflush(stdout) != 0 || ferror(stdout) != 0)
		diag("stdout: %s", strerror(errno));
	else if (rc == EXIT_DONE && memory_err() != ERR_OK)
		(void)cmd_no_memory();
	else
		return (rc);
	return (rc == EXIT_DONE ? EXIT_REFUSED : rc);
}

int
cmd_open(const char *dir, struct opened *out)
{
	struct store_options so = { .read_only = true };
	char *path;
	enum err e;

	memset(out, 0, sizeof(*out));
	if (instance_open(dir, 1u << SECRET_AT_REST, &out->in) != ERR_OK) {
		diag("%s", out->in.why);
		return (EXIT_REFUSED);
	}
	path = instance_path(&out->in, "store");
	if ((e = records_new(out->in.secret[SECRET_AT_REST], &out->records))
	    == ERR_OK && (e = store_open(path, &so, &out->store)) == ERR_OK &&
	    (e = store_begin(out->store, &out->t)) == ERR_OK)
		e = install_get(out->records, out->t, &out->install);
	if (e == ERR_NOTFOUND && out->t != NULL)
		e = ERR_MAC;	/* its place is a keyed hash */
	if (e != ERR_OK)
		diag("%s: %s", path, store_why(e));
	free(path);
	return (e == ERR_OK ? EXIT_DONE : EXIT_REFUSED);
}

void
cmd_close(struct opened *o)
{

	if (o->t != NULL)
		store_end(o->t);
	if (o->store != NULL)
		store_close(o->store);
	records_free(o->records);
	instance_close(&o->in);
}

enum err
office_of(const struct instance *in, const char *label, const char *url,
    struct buf *out)
{
	struct office *o = calloc(1, sizeof(*o));
	const struct addr *a = &in->config.desk;
	enum err e;

	if (o == NULL)
		return (ERR_SYS);
	(void)snprintf(o->origin, sizeof(o->origin), "%s", in->config.origin);
	if (url != NULL)
		(void)snprintf(o->url, sizeof(o->url), "%s", url);
	else if (in->config.desk_url[0] != '\0')
		(void)snprintf(o->url, sizeof(o->url), "%s",
		    in->config.desk_url);
	else if (a->kind == ADDR_UNIX)
		(void)snprintf(o->url, sizeof(o->url), "unix:%s", a->host);
	else
		(void)snprintf(o->url, sizeof(o->url), a->kind == ADDR_TCP6 ?
		    "http://[%s]:%u" : "http://%s:%u", a->host, a->port);
	instance_authority(in, o->authority);
	(void)snprintf(o->label, sizeof(o->label), "%s", label);
	memcpy(o->answers, in->answers, SIGN_PUBLIC_LEN);
	o->log = in->log;
	o->promise = in->promise;
	for (; o->roster_keys < in->roster_keys; o->roster_keys++)
		o->roster_key[o->roster_keys] =
		    in->roster_key[o->roster_keys];
	o->demo = in->demo;
	e = office_encode(o, out);
	free(o);
	return (e);
}
