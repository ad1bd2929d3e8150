/*
 * peluit.conf, read by libconfuse behind a look at the raw text.  The library
 * expands ${VARIABLES} and keeps the last of repeated keys; both are refused
 * here, since a config that means something else than it seems is a danger.
 */
#include <assert.h>
#include <confuse.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config_internal.h"
#include "utf8.h"

#define CHANNEL_KEYS	(LANGS_MAX + 2)
#define LANG_KEY_MAX	16		/* bytes of "label_jv" */

/* The reading in hand: libconfuse's callbacks have no argument of ours. */
static struct {
	const char *path;
	char *why;
	enum err err;
	const cfg_opt_t *seen[CONFIG_KEYS + LANGS_MAX + 16 +
	    (CHANNEL_KEYS + 1) * ROSTER_CHANNELS];
	size_t n;
} reading;

static enum err __attribute__((format(printf, 3, 4)))
fail(enum err e, int line, const char *fmt, ...)
{
	char text[CONFIG_ERROR_MAX + 4] = "";	/* what is cut is whole */
	va_list ap;
	int n = 0;

	if (reading.err != ERR_OK)	/* the first fault is the one to tell */
		return (reading.err);
	reading.err = e;
	if (line > 0)
		n = snprintf(text, sizeof(text), "%s, line %d: ",
		    reading.path, line);
	else
		n = snprintf(text, sizeof(text), "%s: ", reading.path);
	if (n >= 0 && (size_t)n < sizeof(text)) {
		va_start(ap, fmt);
		(void)vsnprintf(text + n, sizeof(text) - (size_t)n, fmt, ap);
		va_end(ap);
	}
	text[utf8_cut(text, CONFIG_ERROR_MAX - 1)] = '\0';
	text_copy(reading.why, CONFIG_ERROR_MAX, text);
	return (e);
}

static void __attribute__((format(printf, 2, 0)))
on_error(cfg_t *cfg, const char *fmt, va_list ap)
{
	char text[CONFIG_ERROR_MAX];
	struct buf safe;

	(void)vsnprintf(text, sizeof(text), fmt, ap);
	buf_init(&safe, 16 * CONFIG_ERROR_MAX);
	utf8_visible_line(text, strlen(text), &safe);
	(void)fail(ERR_FORMAT, cfg->line, "%s", buf_text(&safe));
	buf_done(&safe);
}

/* Called after each key and each section: refuses the second of a kind. */
static int
on_value(cfg_t *cfg, cfg_opt_t *opt)
{
	for (size_t i = 0; i < reading.n; i++) {
		if (reading.seen[i] == opt) {
			cfg_error(cfg, "'%s' stands there twice", opt->name);
			return (-1);
		}
	}
	if (reading.n == sizeof(reading.seen) / sizeof(reading.seen[0])) {
		cfg_error(cfg, "too many keys");
		return (-1);
	}
	reading.seen[reading.n++] = opt;
	for (size_t i = 0; i < CONFIG_KEYS; i++) {
		const struct key *k = &config_keys[i];
		long v;

		if (k->kind != KIND_INT || strcmp(k->name, opt->name) != 0)
			continue;
		v = cfg_opt_getnint(opt, 0);
		if (v < k->min || v > k->max) {
			cfg_error(cfg, "'%s' must be from %lld to %lld",
			    k->name, (long long)k->min, (long long)k->max);
			return (-1);
		}
	}
	return (0);
}

/* How many braces a line opens and leaves open, outside quotes, comments. */
static int
braces(const uint8_t *p, size_t n)
{
	bool quoted = false;
	int open = 0;

	for (size_t i = 0; i < n; i++) {
		if (quoted && p[i] == '\\')
			i++;
		else if (p[i] == '"')
			quoted = !quoted;
		else if (!quoted && p[i] == '#')
			break;
		else if (!quoted)
			open += (p[i] == '{') - (p[i] == '}');
	}
	return (open);
}

/* What the library would pass, join, expand or cut silently. */
static enum err
check_raw(const uint8_t *p, size_t n)
{
	const uint8_t *start = p, *end = p + n;
	int line = 1, open = 0;

	while (start < end) {
		const uint8_t *lf = memchr(start, '\n', (size_t)(end - start));
		size_t len = (size_t)((lf != NULL ? lf : end) - start);

		if (memchr(start, 0, len) != NULL)
			return (fail(ERR_FORMAT, line, "a NUL byte"));
		if (len > CONFIG_LINE_MAX)
			return (fail(ERR_FORMAT, line,
			    "longer than %d bytes", CONFIG_LINE_MAX));
		if (!utf8_valid(start, len))
			return (fail(ERR_FORMAT, line, "not valid UTF-8"));
		if (memmem(start, len, "${", 2) != NULL)
			return (fail(ERR_FORMAT, line,
			    "\"${\" is not allowed: nothing is expanded"));
		if (memmem(start, len, "/*", 2) != NULL)
			return (fail(ERR_FORMAT, line,
			    "comments begin with # and end with the line"));
		open += braces(start, len);
		start += len + 1;
		line++;
	}
	if (open != 0)		/* the library takes the end for a brace */
		return (fail(ERR_FORMAT, line - 1, open > 0 ?
		    "a section is not closed: \"}\" is missing" :
		    "one \"}\" too many"));
	return (ERR_OK);
}

static const cfg_opt_t holiday_opts[] = {
	CFG_STR_LIST("days", (char *)(uintptr_t)"{}", CFGF_NONE),
	CFG_END()
};

/* An escape in a quoted value can be what the raw text may not hold. */
static enum err
check_text(const char *what, const char *text)
{

	for (const char *p = text; *p != '\0'; p++) {
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			return (fail(ERR_FORMAT, 0, "%s has a control "
			    "character", what));
	}
	if (!utf8_valid(text, strlen(text)))
		return (fail(ERR_FORMAT, 0, "%s is not valid UTF-8", what));
	return (ERR_OK);
}

/* A name of version 3, which ends in "d", or nothing. */
static bool
is_onion(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyz234567");

	return (*s == '\0' || (n == CONFIG_ONION_LEN - 6 && s[n - 1] == 'd' &&
	    strcmp(s + n, ".onion") == 0));
}

static enum err
text_value(const struct key *k, const char *text, struct config *out)
{
	char *field = (char *)out + k->offset;
	enum err e;

	if ((e = check_text(k->name, text)) != ERR_OK)
		return (e);
	if (k->kind == KIND_ADDR) {
		if (addr_parse(text, (struct addr *)(void *)field) != ERR_OK)
			return (fail(ERR_FORMAT, 0, "%s.%s must be unix:/path,"
			    " tcp:127.0.0.1:PORT or tcp:[::1]:PORT",
			    k->section, k->name));
		return (ERR_OK);
	}
	if (strlen(text) >= k->size)
		return (fail(ERR_RANGE, 0, "%s.%s is longer than %zu bytes",
		    k->section, k->name, k->size - 1));
	if (strstr(k->name, "onion") != NULL && !is_onion(text))
		return (fail(ERR_FORMAT, 0, "%s.%s must be 56 letters and "
		    "digits, the last a \"d\", and \".onion\"; or empty",
		    k->section, k->name));
	text_copy(field, k->size, text);
	return (ERR_OK);
}

static bool
may_be_absent(const struct key *k)
{

	return (strncmp(k->name, "desk_", 5) == 0 ||
	    strstr(k->name, "onion") != NULL);
}

static enum err
take_keys(cfg_t *cfg, struct config *out)
{
	enum err e;

	for (size_t i = 0; i < CONFIG_KEYS; i++) {
		const struct key *k = &config_keys[i];
		cfg_t *sec = cfg_getsec(cfg, k->section);
		const char *text;

		switch (k->kind) {
		case KIND_INT:
			config_set_int(k, sec == NULL ? (long)k->def :
			    cfg_getint(sec, k->name), out);
			break;
		case KIND_BOOL:
			*(bool *)((char *)out + k->offset) = sec == NULL ?
			    k->def != 0 : cfg_getbool(sec, k->name);
			break;
		case KIND_TEXT:
		case KIND_ADDR:
			text = sec == NULL ? NULL : cfg_getstr(sec, k->name);
			if (text == NULL) {
				if (may_be_absent(k))
					break;
				return (fail(ERR_FORMAT, 0,
				    "%s.%s is missing", k->section, k->name));
			}
			if ((e = text_value(k, text, out)) != ERR_OK)
				return (e);
			break;
		}
	}
	out->argon2.p = 1;
	return (ERR_OK);
}

/* "label_jv", "title_jv". */
static void
lang_key(char out[static LANG_KEY_MAX], const char *what, enum lang l)
{

	(void)snprintf(out, LANG_KEY_MAX, "%s_%s", what, page_lang_code(l));
}

static enum err
take_in_languages(cfg_t *sec, const char *what,
    char (*out)[CONFIG_TITLE_MAX + 1])
{
	char key[LANG_KEY_MAX];
	enum err e;

	for (enum lang l = 0; l < page_langs(); l++) {
		const char *text;

		lang_key(key, what, l);
		if ((text = cfg_getstr(sec, key)) == NULL)
			continue;
		if ((e = check_text(key, text)) != ERR_OK)
			return (e);
		if (strlen(text) > CONFIG_TITLE_MAX)
			return (fail(ERR_RANGE, 0, "%s is longer than %d bytes",
			    key, CONFIG_TITLE_MAX));
		text_copy(out[l], sizeof(out[l]), text);
	}
	return (ERR_OK);
}

static enum err
take_channels(cfg_t *cfg, struct config *out)
{
	for (unsigned i = 0; i < cfg_size(cfg, "channel"); i++) {
		cfg_t *sec = cfg_getnsec(cfg, "channel", i);
		struct config_channel *c = &out->channel[out->channels];
		const char *name = cfg_title(sec);

		if (out->channels == ROSTER_CHANNELS)
			return (fail(ERR_RANGE, 0, "more than %d channels",
			    ROSTER_CHANNELS));
		if (!roster_name_valid(name, ROSTER_CHANNEL_MAX))
			return (fail(ERR_FORMAT, 0, "a channel's name is "
			    "lower-case letters, digits and dashes, at most "
			    "%d", ROSTER_CHANNEL_MAX));
		text_copy(c->name, sizeof(c->name), name);
		if (take_in_languages(sec, "label", c->label) != ERR_OK)
			return (reading.err);
		for (enum lang l = LANG_ID; l <= LANG_EN; l++) {
			if (c->label[l][0] == '\0')
				return (fail(ERR_FORMAT, 0, "channel %s needs "
				    "label_id and label_en, at most %d bytes "
				    "each", c->name, CONFIG_TITLE_MAX));
		}
		c->inspectorate = cfg_getbool(sec, "inspectorate");
		c->if_inspectorate_accused = cfg_getbool(sec,
		    "if_inspectorate_accused");
		if (c->inspectorate && c->if_inspectorate_accused)
			return (fail(ERR_FORMAT, 0, "channel %s is marked as "
			    "the Inspectorate's and as one that may be chosen "
			    "against it", c->name));
		out->channels++;
	}
	return (ERR_OK);
}

static enum err
take_holidays(cfg_t *cfg, struct config *out)
{
	cfg_t *sec = cfg_getsec(cfg, "holidays");

	for (unsigned i = 0; sec != NULL && i < cfg_size(sec, "days"); i++) {
		const char *d = cfg_getnstr(sec, "days", i);

		if (out->holidays == CONFIG_HOLIDAYS)
			return (fail(ERR_RANGE, 0, "more than %d holidays",
			    CONFIG_HOLIDAYS));
		if (strlen(d) != 10 || d[4] != '-' || d[7] != '-' ||
		    strspn(d, "0123456789-") != 10)
			return (fail(ERR_FORMAT, 0,
			    "a holiday is written YYYY-MM-DD"));
		text_copy(out->holiday[out->holidays++],
		    sizeof(out->holiday[0]), d);
	}
	return (ERR_OK);
}

static enum err
check_whole(const struct config *c)
{
	if (c->origin[0] == '\0' || strpbrk(c->origin, " +\t") != NULL ||
	    strstr(c->origin, "://") != NULL)
		return (fail(ERR_FORMAT, 0, "instance.origin is a name without"
		    " scheme, spaces and '+'"));
	if (c->reserve_files_mib < c->reserve_text_mib)
		return (fail(ERR_RANGE, 0, "limits: reserve_files_mib must "
		    "not be less than reserve_text_mib"));
	return (ERR_OK);
}

/* A channel's keys; ${label} is room for their names. */
static void
channel_options(cfg_opt_t out[static CHANNEL_KEYS + 1],
    char (*label)[LANG_KEY_MAX])
{
	cfg_opt_t ours = CFG_BOOL("inspectorate", cfg_false, CFGF_NONE);
	cfg_opt_t apart = CFG_BOOL("if_inspectorate_accused", cfg_false,
	    CFGF_NONE);
	cfg_opt_t end = CFG_END();
	size_t n = 0;

	for (enum lang l = 0; l < page_langs(); l++) {
		lang_key(label[l], "label", l);
		cfg_opt_t text = CFG_STR(label[l], NULL, CFGF_NODEFAULT);

		out[n++] = text;
	}
	out[n++] = ours;
	out[n++] = apart;
	out[n] = end;
}

static enum err
read_text(uint8_t *text, size_t len, struct config *out)
{
	cfg_opt_t opt[CONFIG_SECTIONS][CONFIG_KEYS + LANGS_MAX + 1];
	cfg_opt_t top[CONFIG_SECTIONS + 3], channel_opts[CHANNEL_KEYS + 1];
	char title[LANGS_MAX][LANG_KEY_MAX], label[LANGS_MAX][LANG_KEY_MAX];
	cfg_opt_t end = CFG_END();
	cfg_t *cfg = NULL;
	enum err e;

	config_default(out);
	if ((e = check_raw(text, len)) != ERR_OK)
		goto out;

	for (size_t s = 0; s < CONFIG_SECTIONS; s++) {
		size_t n = 0;

		for (size_t i = 0; i < CONFIG_KEYS; i++) {
			cfg_opt_t num = CFG_INT(config_keys[i].name,
			    (long)config_keys[i].def, CFGF_NONE);
			cfg_opt_t yes = CFG_BOOL(config_keys[i].name,
			    (cfg_bool_t)config_keys[i].def, CFGF_NONE);
			cfg_opt_t str = CFG_STR(config_keys[i].name, NULL,
			    CFGF_NODEFAULT);

			if (strcmp(config_keys[i].section, config_sections[s]) != 0)
				continue;
			opt[s][n++] = config_keys[i].kind == KIND_INT ? num :
			    config_keys[i].kind == KIND_BOOL ? yes : str;
		}
		for (enum lang l = LANG_EN + 1; s == 0 && l < page_langs();
		    l++) {
			lang_key(title[l], "title", l);
			cfg_opt_t str = CFG_STR(title[l], NULL, CFGF_NODEFAULT);

			opt[s][n++] = str;
		}
		opt[s][n] = end;
		cfg_opt_t sec = CFG_SEC(config_sections[s], opt[s], CFGF_NONE);
		top[s] = sec;
	}
	channel_options(channel_opts, label);
	cfg_opt_t channel = CFG_SEC("channel", channel_opts,
	    CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES);
	cfg_opt_t holidays = CFG_SEC("holidays",
	    (cfg_opt_t *)(uintptr_t)holiday_opts, CFGF_NONE);
	top[CONFIG_SECTIONS] = channel;
	top[CONFIG_SECTIONS + 1] = holidays;
	top[CONFIG_SECTIONS + 2] = end;

	if ((cfg = cfg_init(top, CFGF_NONE)) == NULL) {
		e = fail(ERR_SYS, 0, "no memory");
		goto out;
	}
	cfg_set_error_function(cfg, on_error);
	for (size_t i = 0; i < CONFIG_KEYS; i++) {
		char name[80];

		(void)snprintf(name, sizeof(name), "%s|%s", config_keys[i].section,
		    config_keys[i].name);
		(void)cfg_set_validate_func(cfg, name, on_value);
	}
	for (enum lang l = LANG_EN + 1; l < page_langs(); l++) {
		char name[LANG_KEY_MAX + 16];

		(void)snprintf(name, sizeof(name), "%s|%s", config_sections[0],
		    title[l]);
		(void)cfg_set_validate_func(cfg, name, on_value);
	}
	for (size_t s = 0; s < CONFIG_SECTIONS; s++)
		(void)cfg_set_validate_func(cfg, config_sections[s], on_value);
	(void)cfg_set_validate_func(cfg, "holidays", on_value);
	for (const cfg_opt_t *o = channel_opts; o->name != NULL; o++) {
		char name[80];

		(void)snprintf(name, sizeof(name), "channel|%s", o->name);
		(void)cfg_set_validate_func(cfg, name, on_value);
	}
	if (cfg_parse_buf(cfg, (const char *)text) != CFG_SUCCESS)
		(void)fail(ERR_FORMAT, cfg->line, "cannot be understood");
	if ((e = reading.err) != ERR_OK ||
	    (e = take_keys(cfg, out)) != ERR_OK ||
	    (e = take_in_languages(cfg_getsec(cfg, config_sections[0]),
	    "title", out->title)) != ERR_OK ||
	    (e = take_channels(cfg, out)) != ERR_OK ||
	    (e = take_holidays(cfg, out)) != ERR_OK)
		goto out;
	e = check_whole(out);
out:
	if (cfg != NULL)
		(void)cfg_free(cfg);
	return (e);
}

enum err
config_read_fd(int fd, const char *path, struct config *out,
    char why[static CONFIG_ERROR_MAX])
{
	uint8_t *text;
	size_t len;
	enum err e;

	memset(&reading, 0, sizeof(reading));
	reading.path = path;
	reading.why = why;
	why[0] = '\0';
	e = fd == -1 ? file_read(path, CONFIG_MAX, &text, &len) :
	    fd_read(fd, CONFIG_MAX, &text, &len);
	if (e != ERR_OK)
		return (fail(e, 0, "%s", e == ERR_RANGE ?
		    "larger than 64 KiB" : "cannot be read"));
	e = read_text(text, len, out);
	free(text);
	return (e);
}

enum err
config_read(const char *path, struct config *out,
    char why[static CONFIG_ERROR_MAX])
{

	return (config_read_fd(-1, path, out, why));
}

