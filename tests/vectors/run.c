/*
 * run DIR: every suite of vectors found in DIR.
 *
 * One line each, "suite: N passed, N failed, N skipped"; a vector that fails
 * prints its name before.  What lies in DIR and is not known is a failure:
 * a suite that silently does not run looks like one that passes.
 */
#include <dirent.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "crypto.h"
#include "suite.h"

static const struct suite {
	const char *name, *folder, *file;
	suite_fn *run;
} suites[] = {
	{ "age/x25519-binary", "age", "x25519-binary.tsv", suite_age_x25519 },
	{ "age/scrypt-binary", "age", "scrypt-binary.tsv", suite_age_scrypt },
	{ "age/hybrid-binary", "age", "hybrid-binary.tsv", suite_age_hybrid },
	{ "age/armored", "age", "armored.tsv", suite_age_armored },
	{ "merkle/proofs", "merkle", "proofs.tsv", suite_merkle_proofs },
	{ "merkle/accumulated", "merkle", "accumulated.json",
	    suite_merkle_accumulated },
	{ "merkle/trees", "merkle", "trees.json", suite_merkle_trees },
	{ "httpsig", "httpsig", "rfc9421.json", suite_httpsig },
	{ "note", "note", "index.tsv", suite_note },
	{ "note/tiles", "note", "tiles/mirror/checkpoint", suite_tiles },
};

/* What a suite brings beside its own file; the suite itself reads these. */
static const struct beside {
	const char *folder, *name;
} beside[] = {
	{ "age", "files" },
	{ "note", "checkpoints" },
	{ "note", "go" },
	{ "note", "tiles" },
	{ "note", "tlogproof" },
	{ "note", "witness" },
};

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

static bool
known(const char *folder, const char *name)
{
	size_t i;

	for (i = 0; i < COUNT(suites); i++)
		if (strcmp(suites[i].folder, folder) == 0 &&
		    strcmp(suites[i].file, name) == 0)
			return true;
	for (i = 0; i < COUNT(beside); i++)
		if (strcmp(beside[i].folder, folder) == 0 &&
		    strcmp(beside[i].name, name) == 0)
			return true;
	return false;
}

static bool
known_folder(const char *name)
{
	size_t i;

	for (i = 0; i < COUNT(suites); i++)
		if (strcmp(suites[i].folder, name) == 0)
			return true;
	return false;
}

static bool
is_suite_file(const char *name)
{
	size_t n = strlen(name);

	return n > 4 && strcmp(name + n - 4, ".tsv") == 0;
}

/* Whether ${path} is a folder; -1 if it can't be told. */
static int
is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) != 0 ? -1 : S_ISDIR(st.st_mode);
}

/* How many entries of ${dir} nobody knows; ${folder} NULL: of DIR itself. */
static unsigned
unknown_in(const char *dir, const char *folder)
{
	char path[4096];
	struct dirent *d;
	unsigned n = 0;
	bool odd;
	DIR *h;

	if ((h = opendir(dir)) == NULL) {
		fprintf(stderr, "%s: cannot be read\n", dir);
		return 1;
	}
	while ((d = readdir(h)) != NULL) {
		if (d->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, d->d_name);
		if (folder != NULL)
			odd = (is_folder(path) != 0 ||
			    is_suite_file(d->d_name)) &&
			    !known(folder, d->d_name);
		else
			odd = is_folder(path) != 0 ?
			    !known_folder(d->d_name) :
			    is_suite_file(d->d_name);
		if (odd) {
			printf("unknown suite: %s%s%s\n",
			    folder == NULL ? "" : folder,
			    folder == NULL ? "" : "/", d->d_name);
			n++;
		} else if (folder == NULL && is_folder(path) == 1) {
			n += unknown_in(path, d->d_name);
		}
	}
	closedir(h);
	return n;
}

int
main(int argc, char **argv)
{
	char folder[4096], file[8192];
	unsigned found = 0, bad;
	struct tally t;
	size_t i;

	if (argc != 2) {
		fprintf(stderr, "usage: run DIR\n");
		return 2;
	}
	if (crypto_init() != ERR_OK)
		return 3;
	setvbuf(stdout, NULL, _IOLBF, 0);
	bad = unknown_in(argv[1], NULL);
	for (i = 0; i < COUNT(suites); i++) {
		snprintf(folder, sizeof(folder), "%s/%s", argv[1],
		    suites[i].folder);
		snprintf(file, sizeof(file), "%s/%s", folder, suites[i].file);
		if (is_folder(file) != 0)
			continue;
		t = (struct tally){ 0 };
		suites[i].run(folder, &t);
		printf("%s: %u passed, %u failed, %u skipped\n",
		    suites[i].name, t.passed, t.failed, t.skipped);
		found++;
		bad += t.failed;
		/* An empty file must not look like a suite that passes. */
		if (t.passed + t.failed + t.skipped == 0) {
			printf("%s: no vector in it\n", suites[i].name);
			bad++;
		}
	}
	if (found == 0) {
		fprintf(stderr, "%s: no suite in it\n", argv[1]);
		return 1;
	}
	return bad > 0;
}
