/*
 * The age test kit (C2SP CCTV): NAME.tsv lists the cases, files/NAME is a
 * text of "key: value" lines, an empty line, and the age file.
 *
 * The reader releases a chunk only when it knows which kind it must be, so
 * it may release less of a faulty payload than others do: payload hashes are
 * compared for successes.
 */
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "age.h"
#include "crypto.h"
#include "suite.h"

#define FILE_MAX	(64u * 1024 * 1024)
#define KEYS_MAX	4

struct run {
	const char *dir, *suite;
	struct tally *tally;
};

/* The kit's word for a failure. */
static const char *
outcome(enum err e)
{
	switch ((int)e) {
	case ERR_OK:
		return "success";
	case ERR_FORMAT:
	case ERR_VERSION:
	case ERR_RANGE:
		return "header failure";
	case ERR_MAC:
		return "HMAC failure";
	case ERR_NOMATCH:
		return "no match";
	case ERR_PAYLOAD:
		return "payload failure";
	default:
		return err_text(e);
	}
}

/* The age file behind the text header of ${b}; ${flat} holds it if packed. */
static int
unpack(const struct buf *b, bool packed, struct buf *flat,
    struct bytes *file)
{
	z_stream z = { 0 };
	uint8_t part[65536];
	const uint8_t *at;
	int rc = Z_OK;

	if ((at = memmem(b->data, b->len, "\n\n", 2)) == NULL)
		return -1;
	at += 2;
	*file = (struct bytes){ at, b->len - (size_t)(at - b->data) };
	if (!packed)
		return 0;
	if (inflateInit(&z) != Z_OK)
		return -1;
	z.next_in = b->data + (at - b->data);
	z.avail_in = (uInt)file->n;
	while (rc == Z_OK) {
		z.next_out = part;
		z.avail_out = sizeof(part);
		rc = inflate(&z, Z_NO_FLUSH);
		buf_put(flat, part, sizeof(part) - z.avail_out);
	}
	inflateEnd(&z);
	*file = (struct bytes){ flat->data, flat->len };
	return rc == Z_STREAM_END && buf_err(flat) == ERR_OK ? 0 : -1;
}

/* Open with each key that the row names, passphrases after identities. */
static enum err
open_with(struct bytes file, char *identities, char *passphrases,
    struct buf *out)
{
	struct age_identity id[KEYS_MAX];
	size_t n = 0;
	char *word;
	enum err e;

	if (strcmp(identities, "-") == 0)
		identities = NULL;
	while (n < KEYS_MAX && (word = strsep(&identities, "|")) != NULL)
		if (age_identity_decode(word, &id[n++]) != ERR_OK)
			return ERR_KEY;
	e = age_open_file(file, id, n, out);
	if (strcmp(passphrases, "-") == 0)
		return e;
	while (e == ERR_NOMATCH &&
	    (word = strsep(&passphrases, "|")) != NULL)
		e = age_open_file_passphrase(file,
		    (struct bytes){ word, strlen(word) }, out);
	return e;
}

static void
row(char *col[SUITE_COLUMNS], void *arg)
{
	struct run *r = arg;
	uint8_t digest[SHA256_LEN];
	char hex[HEX_LEN(SHA256_LEN) + 1], name[512];
	struct buf b, flat, plain;
	struct bytes file;
	enum err e;

	if (col[5] == NULL) {
		suite_failed(r->tally, r->suite, col[0], "row of %s",
		    "less than six columns");
		return;
	}
	buf_init(&b, FILE_MAX);
	buf_init(&flat, FILE_MAX);
	buf_init(&plain, FILE_MAX);
	snprintf(name, sizeof(name), "files/%s", col[0]);
	if (suite_read(r->dir, name, &b) != 0 ||
	    unpack(&b, strcmp(col[2], "zlib") == 0, &flat, &file) != 0) {
		suite_failed(r->tally, r->suite, col[0], "cannot be read");
		goto out;
	}
	e = open_with(file, col[4], col[5], &plain);
	sha256(plain.data, plain.len, digest);
	hex_encode(digest, sizeof(digest), hex);
	if (strcmp(outcome(e), col[1]) != 0)
		suite_failed(r->tally, r->suite, col[0], "%s, expected %s",
		    outcome(e), col[1]);
	else if (e == ERR_OK && strcmp(col[3], "-") != 0 &&
	    strcmp(hex, col[3]) != 0)
		suite_failed(r->tally, r->suite, col[0], "other plaintext");
	else
		r->tally->passed++;
out:
	buf_done(&b);
	buf_done(&flat);
	buf_done(&plain);
}

static void
run_file(const char *dir, const char *suite, const char *file,
    struct tally *t)
{
	struct run r = { dir, suite, t };

	if (suite_rows(dir, file, row, &r) != 0)
		suite_failed(t, suite, file, "cannot be read");
}

void
suite_age_x25519(const char *dir, struct tally *t)
{
	run_file(dir, "age/x25519-binary", "x25519-binary.tsv", t);
}

void
suite_age_scrypt(const char *dir, struct tally *t)
{
	run_file(dir, "age/scrypt-binary", "scrypt-binary.tsv", t);
}

static void
skip(char *col[SUITE_COLUMNS], void *arg)
{
	struct tally *t = arg;

	(void)col;
	t->skipped++;
}

static void
skip_file(const char *dir, const char *suite, const char *file,
    struct tally *t)
{
	if (suite_rows(dir, file, skip, t) != 0)
		suite_failed(t, suite, file, "cannot be read");
}

void
suite_age_hybrid(const char *dir, struct tally *t)
{
	skip_file(dir, "age/hybrid-binary", "hybrid-binary.tsv", t);
}

void
suite_age_armored(const char *dir, struct tally *t)
{
	skip_file(dir, "age/armored", "armored.tsv", t);
}
