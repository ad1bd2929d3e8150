#ifndef DESK_KIT_H
#define DESK_KIT_H
/* What the tests of the desk share: a folder, a home, one command. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto.h"
#include "need.h"
#include "peluit.h"

#define OK(e)		assert_int_equal((e), ERR_OK)
#define KIT_ARGS	32
#define KIT_PASS	"kata sandi untuk uji"

static char kit_root[64];
static struct desk kit_desk;	/* as the last command left it */

static int
kit_remove(const char *path, const struct stat *st, int what, struct FTW *f)
{
	(void)st;
	(void)what;
	(void)f;
	return remove(path);
}

static inline const char *
kit_path(const char *name)
{
	static char paths[8][256];
	static unsigned at;

	at = (at + 1) % 8;
	(void)snprintf(paths[at], sizeof(paths[at]), "%s/%s", kit_root, name);
	return paths[at];
}

static void
kit_write(const char *name, const void *p, size_t n)
{
	OK(file_write(kit_path(name), p, n, 0600));
}

/* Names in the folder; nothing that a failed command left may be there. */
static inline enum err
kit_count(void *arg, const char *name)
{
	(void)name;
	++*(size_t *)arg;
	return ERR_OK;
}

static inline size_t
kit_files(const char *dir)
{
	size_t n = 0;

	OK(dir_list(kit_path(dir), kit_count, &n));
	return n;
}

static int
kit_setup(void **state)
{
	(void)state;
	if (crypto_init() != ERR_OK)
		return -1;
	(void)snprintf(kit_root, sizeof(kit_root), "/tmp/peluit-desk.XXXXXX");
	if (mkdtemp(kit_root) == NULL)
		return -1;
	peluit_init(&kit_desk);
	kit_write("pass", KIT_PASS "\n", strlen(KIT_PASS) + 1);
	return 0;
}

static int
kit_teardown(void **state)
{
	(void)state;
	peluit_done(&kit_desk);
	return nftw(kit_root, kit_remove, 16, FTW_DEPTH | FTW_PHYS);
}

/* Runs one command in the kit's home, words in English. */
static inline enum peluit_exit
kit_run(const char *first, ...)
{
	char *argv[KIT_ARGS], *mine[KIT_ARGS], home[128], pass[128];
	const char *arg;
	enum peluit_exit x;
	int argc = 0, i;
	va_list ap;

	(void)snprintf(home, sizeof(home), "--home=%s/home", kit_root);
	(void)snprintf(pass, sizeof(pass), "--passphrase-file=%s/pass",
	    kit_root);
	argv[argc++] = strdup("peluit");
	argv[argc++] = strdup(home);
	argv[argc++] = strdup(pass);
	argv[argc++] = strdup("--lang=en");
	va_start(ap, first);
	for (arg = first; arg != NULL; arg = va_arg(ap, const char *)) {
		assert_true(argc < KIT_ARGS - 1);
		argv[argc++] = strdup(arg);
	}
	va_end(ap);
	argv[argc] = NULL;
	for (int k = 0; k < argc; k++)
		assert_non_null(argv[k]);
	/* the program moves the words in argv about */
	memcpy(mine, argv, sizeof(mine));
	peluit_done(&kit_desk);
	peluit_init(&kit_desk);
	kit_desk.work_factor = 4;	/* the tests' passphrase is no secret */
	x = peluit_run(&kit_desk, argc, argv);
	/* Options are borrowed from argv; forget them with it. */
	kit_desk.home = kit_desk.passphrase_file = NULL;
	kit_desk.clock_file = kit_desk.socks = NULL;
	for (i = 0; i < argc; i++)
		free(mine[i]);
	return x;
}
#define run(...)	kit_run(__VA_ARGS__, (const char *)NULL)

/* The code of the i-th failure; "" if there is none. */
static inline const char *
kit_code(size_t i)
{
	const char *s = json_string_value(json_object_get(json_array_get(
	    kit_desk.findings, i), "code"));

	return s == NULL ? "" : s;
}

static inline const char *
kit_text(size_t i)
{
	const char *s = json_string_value(json_object_get(json_array_get(
	    kit_desk.findings, i), "text"));

	return s == NULL ? "" : s;
}

#define refused(exit, code, ...) do {					\
	assert_int_equal(run(__VA_ARGS__), (exit));			\
	assert_string_equal(kit_code(0), (code));			\
} while (0)

#endif
