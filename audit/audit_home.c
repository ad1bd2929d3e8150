/*
 * log.conf, a line each, in order:
 *
 *	peluit-audit-log/v1
 *	url http://HOST[:PORT] | unix:/PATH
 *	api URL			may be absent
 *	log VKEY
 *	roster-key VKEY		one or more: those of roster 1
 */
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit_home.h"

#define DEFAULT_HOME	".local/share/peluit-audit"
#define LOG_CONF_MAX	8192
#define LOG_CONF_HEAD	"peluit-audit-log/v1"

enum audit_exit
audit_home_find(struct audit *a)
{
	const struct passwd *user;

	if (a->home != NULL)
		return AUDIT_WELL;
	user = getpwuid(getuid());
	if (user == NULL || user->pw_dir == NULL || user->pw_dir[0] != '/')
		return audit_fail(a, AUDIT_USAGE, A_HOME_UNKNOWN, NULL, NULL);
	a->home_made = path_join(user->pw_dir, DEFAULT_HOME);
	a->home = a->home_made;
	return AUDIT_WELL;
}

char *
audit_home_path(const struct audit *a, const char *fmt, ...)
{
	char name[512];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(name, sizeof(name), fmt, ap);
	va_end(ap);
	return path_join(a->home, name);
}

enum audit_exit
audit_home_put(struct audit *a, const char *name, const void *p, size_t n)
{
	char *path = audit_home_path(a, "%s", name), *slash;
	enum audit_exit x = AUDIT_WELL;
	enum err e;

	slash = strrchr(path, '/');
	*slash = '\0';
	e = dir_make_all(path, 0700);
	*slash = '/';
	if (e == ERR_OK)
		e = file_write(path, p, n, 0600);
	if (e != ERR_OK)
		x = audit_err(a, e, A_FILE_WRITE, path);
	free(path);
	return x;
}

enum err
audit_home_get(const struct audit *a, const char *name, size_t max,
    uint8_t **data, size_t *len)
{
	char *path = audit_home_path(a, "%s", name);
	enum err e = file_read(path, max, data, len);

	free(path);
	return e;
}

enum err
audit_address(const char *text, char out[static 256])
{
	size_t i;
	int n;

	if (strncmp(text, "tcp:", 4) == 0)
		n = snprintf(out, 256, "http://%s", text + 4);
	else
		n = snprintf(out, 256, "%s", text);
	if (n < 0 || n >= 256)
		return ERR_RANGE;
	while (n > 0 && out[n - 1] == '/' && strncmp(out, "http", 4) == 0)
		out[--n] = '\0';
	for (i = 0; out[i] != '\0'; i++)
		if (out[i] <= 0x20 || out[i] == 0x7f)
			return ERR_FORMAT;
	if (strncmp(out, "unix:/", 6) == 0)
		return out[6] == '\0' ? ERR_FORMAT : ERR_OK;
	if (strncmp(out, "http://", 7) != 0 || out[7] == '\0' ||
	    strpbrk(out + 7, "/?#@") != NULL)
		return ERR_FORMAT;
	return ERR_OK;
}

enum err
audit_log_encode(const struct audit_log *l, struct buf *out)
{
	char text[NOTE_VKEY_MAX];
	size_t i;

	buf_printf(out, "%s\nurl %s\n", LOG_CONF_HEAD, l->url);
	if (l->api[0] != '\0')
		buf_printf(out, "api %s\n", l->api);
	vkey_encode(&l->log, text);
	buf_printf(out, "log %s\n", text);
	for (i = 0; i < l->roster_keys; i++) {
		vkey_encode(&l->roster_key[i], text);
		buf_printf(out, "roster-key %s\n", text);
	}
	return buf_err(out);
}

/* The next line if it is "KEY VALUE"; the cursor moves only then. */
static bool
take(struct cur *c, const char *key, struct bytes *value)
{
	struct cur probe = *c;
	size_t n = 0, k = strlen(key);
	const char *line = cur_line(&probe, &n);

	if (line == NULL || n <= k || memcmp(line, key, k) != 0 ||
	    line[k] != ' ')
		return false;
	*value = (struct bytes){ line + k + 1, n - k - 1 };
	*c = probe;
	return true;
}

static enum err
copy(struct bytes value, char *out, size_t size)
{
	if (value.n == 0 || value.n >= size)
		return ERR_RANGE;
	if (memchr(value.p, '\0', value.n) != NULL)
		return ERR_FORMAT;
	memcpy(out, value.p, value.n);
	out[value.n] = '\0';
	return ERR_OK;
}

enum err
audit_log_decode(struct bytes text, struct audit_log *out)
{
	struct cur c = cur_over(text.p, text.n);
	struct bytes value;
	size_t n = 0;
	const char *head = cur_line(&c, &n);
	enum err e;

	memset(out, 0, sizeof(*out));
	if (head == NULL || n != strlen(LOG_CONF_HEAD) ||
	    memcmp(head, LOG_CONF_HEAD, n) != 0)
		return ERR_FORMAT;
	if (!take(&c, "url", &value))
		return ERR_FORMAT;
	e = copy(value, out->url, sizeof(out->url));
	if (e == ERR_OK && take(&c, "api", &value))
		e = copy(value, out->api, sizeof(out->api));
	if (e == ERR_OK)
		e = take(&c, "log", &value) ? vkey_decode(value, &out->log) :
		    ERR_FORMAT;
	while (e == ERR_OK && take(&c, "roster-key", &value))
		e = out->roster_keys == AUDIT_KEYS ? ERR_RANGE :
		    vkey_decode(value, &out->roster_key[out->roster_keys++]);
	if (e != ERR_OK)
		return e;
	return out->roster_keys == 0 ? ERR_FORMAT : cur_end(&c);
}

static enum audit_exit
lock(struct audit *a)
{
	char *path = audit_home_path(a, "audit.lock");
	enum err e = file_lock(path, &a->lock);

	free(path);
	if (e == ERR_BUSY)
		return audit_fail(a, AUDIT_UNREAD, A_HOME_BUSY, NULL, NULL);
	return e == ERR_OK ? AUDIT_WELL : audit_err(a, e, A_FILE_WRITE,
	    a->home);
}

static enum audit_exit
open_clock(struct audit *a)
{
	enum err e;

	/* A demo's origin says what it is. */
	if (a->clock_file != NULL &&
	    strncmp(a->log.log.name, "demo.", 5) != 0)
		return audit_fail(a, AUDIT_USAGE, A_CLOCK_NOT_DEMO, NULL,
		    NULL);
	if ((e = clock_open(a->clock_file, &a->clock)) != ERR_OK)
		return audit_err(a, e, A_CLOCK_BAD, a->clock_file == NULL ?
		    "" : a->clock_file);
	return AUDIT_WELL;
}

enum audit_exit
audit_home_open(struct audit *a)
{
	enum audit_exit x;
	uint8_t *data = NULL;
	size_t len = 0;
	enum err e;

	if ((x = audit_home_find(a)) != AUDIT_WELL)
		return x;
	e = audit_home_get(a, HOME_LOG, LOG_CONF_MAX, &data, &len);
	if (e == ERR_NOTFOUND)
		return audit_fail(a, AUDIT_USAGE, A_NOT_INIT, a->home, NULL);
	if (e == ERR_OK)
		e = audit_log_decode((struct bytes){ data, len }, &a->log);
	free(data);
	if (e != ERR_OK)
		return audit_err(a, e, A_HOME_DAMAGED, HOME_LOG);
	if ((x = lock(a)) != AUDIT_WELL)
		return x;
	return open_clock(a);
}

enum audit_exit
audit_home_init(struct audit *a)
{
	enum audit_exit x;
	struct buf text;
	uint8_t *old = NULL;
	size_t len = 0;
	enum err e;

	if ((x = audit_home_find(a)) != AUDIT_WELL)
		return x;
	buf_init(&text, LOG_CONF_MAX);
	if ((e = audit_log_encode(&a->log, &text)) != ERR_OK) {
		x = audit_err(a, e, A_MACHINE, HOME_LOG);
		goto out;
	}
	/* The same again is written again: it may not have got to the disk. */
	e = audit_home_get(a, HOME_LOG, LOG_CONF_MAX, &old, &len);
	if (e == ERR_NOTFOUND || (e == ERR_OK && len == text.len &&
	    memcmp(old, text.data, len) == 0))
		x = audit_home_put(a, HOME_LOG, text.data, text.len);
	else
		x = audit_fail(a, AUDIT_USAGE, A_EXISTS, a->home, NULL);
out:
	free(old);
	buf_done(&text);
	return x;
}
