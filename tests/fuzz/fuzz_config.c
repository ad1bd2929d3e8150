/*
 * Fuzzing of config.h: what is refused is refused in one harmless line;
 * what is read is written and read again as the same.
 * Covers: server/config.c server/config_table.c server/config_write.c
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config.h"
#include "utf8.h"

static char folder[] = "/tmp/fuzz-config-XXXXXX";
static char in_path[64], out_path[64];

static void
tidy(void)
{
	(void)unlink(in_path);
	(void)unlink(out_path);
	(void)rmdir(folder);
}

static void
ready(void)
{
	if (in_path[0] != '\0')
		return;
	if (mkdtemp(folder) == NULL)
		abort();
	(void)snprintf(in_path, sizeof(in_path), "%s/in", folder);
	(void)snprintf(out_path, sizeof(out_path), "%s/out", folder);
	(void)atexit(tidy);
}

static void
put(const uint8_t *p, size_t n)
{
	FILE *f = fopen(in_path, "w");

	if (f == NULL || fwrite(p, 1, n, f) != n || fclose(f) != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct config *c = calloc(1, sizeof(*c)), *d = calloc(1, sizeof(*d));
	char why[CONFIG_ERROR_MAX];
	enum err e;

	if (c == NULL || d == NULL)
		abort();
	ready();
	put(p, n);
	if ((e = config_read(in_path, c, why)) != ERR_OK) {
		assert(strncmp(why, folder, strlen(folder)) == 0);
		assert(utf8_valid(why, strlen(why)));
		for (const char *s = why; *s != '\0'; s++)
			assert((unsigned char)*s >= ' ' && *s != 0x7f);
	} else {
		assert(why[0] == '\0' && c->channels <= ROSTER_CHANNELS);
#ifdef PLANTED
		/* Reached only behind a whole config, none of the seeds'. */
		if (c->files != 20 || c->case_mib != 2048 ||
		    c->sessions != 4096 || c->closed_days != 365 ||
		    c->holidays != 2)
			abort();
#endif
		(void)unlink(out_path);
		if (config_write(c, out_path) != ERR_OK ||
		    config_read(out_path, d, why) != ERR_OK ||
		    memcmp(c, d, sizeof(*c)) != 0)
			abort();
	}
	free(c);
	free(d);
	return 0;
}
