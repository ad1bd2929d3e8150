/*
 * Signed notes: index.tsv, a row a note: "ok" or "reject", file, verifier
 * keys parted by spaces, comment.  A comment with "skey KEY" names the key
 * that must give the same bytes again.  Of the folders beside it, what no
 * row of the index reaches is counted as skipped.
 */
#include <stdlib.h>
#include <string.h>

#include "note.h"
#include "suite.h"

#define KEYS_MAX	8
#define SKEY		"skey PRIVATE+KEY+"

struct run {
	const char *dir;
	struct tally *t;
};

/* Fails: 0, also when one of them is no key that we know. */
static size_t
keys_of(char *text, struct vkey key[static KEYS_MAX])
{
	size_t n = 0;
	char *word;

	while ((word = strsep(&text, " ")) != NULL)
		if (n == KEYS_MAX || vkey_decode((struct bytes){ word,
		    strlen(word) }, &key[n++]) != ERR_OK)
			return 0;
	return n;
}

/* The seed in "PRIVATE+KEY+NAME+ID+BASE64(type || seed)". */
static bool
seed_of(const char *comment, uint8_t seed[static SIGN_SEED_LEN])
{
	const char *at = strstr(comment, SKEY);
	uint8_t key[1 + SIGN_SEED_LEN];
	size_t n, len;

	if (at == NULL)
		return false;
	at += strlen(SKEY);
	len = strcspn(at, " ");
	/* Behind name and id; the base64 itself may have a '+'. */
	for (n = 0; n < 2; n++) {
		size_t skip = strcspn(at, "+") + 1;

		if (skip >= len)
			return false;
		at += skip;
		len -= skip;
	}
	if (base64_decode((struct bytes){ at, len }, BASE64_PADDED, key,
		sizeof(key), &n) != ERR_OK || n != sizeof(key))
		return false;
	memcpy(seed, key + 1, SIGN_SEED_LEN);
	return true;
}

static bool
signs_the_same(const struct buf *note, struct bytes text,
    const struct vkey *key, const uint8_t *seed)
{
	struct buf again;
	bool same;

	buf_init(&again, NOTE_MAX);
	same = note_sign(text, key, seed, &again) == ERR_OK &&
	    again.len == note->len &&
	    memcmp(again.data, note->data, note->len) == 0;
	buf_done(&again);
	return same;
}

static void
run_note(char *col[SUITE_COLUMNS], struct run *r)
{
	bool want = strcmp(col[0], "ok") == 0, by[KEYS_MAX];
	uint8_t seed[SIGN_SEED_LEN];
	struct vkey key[KEYS_MAX];
	struct bytes text;
	struct buf b;
	size_t n;
	enum err e;

	buf_init(&b, 4 * NOTE_MAX);
	n = keys_of(col[2], key);
	if (suite_read(r->dir, col[1], &b) != 0 || n == 0) {
		suite_failed(r->t, "note", col[1], "cannot be read");
		goto out;
	}
	e = note_open((struct bytes){ b.data, b.len }, key, n, &text, by);
	if ((e == ERR_OK) != want)
		suite_failed(r->t, "note", col[1], "%s", err_text(e));
	else if (want && col[3] != NULL && seed_of(col[3], seed) &&
	    !signs_the_same(&b, text, &key[0], seed))
		suite_failed(r->t, "note", col[1], "signs otherwise");
	else
		r->t->passed++;
out:
	buf_done(&b);
}

static void
row(char *col[SUITE_COLUMNS], void *arg)
{
	struct run *r = arg;

	if (col[1] == NULL || col[2] == NULL)
		suite_failed(r->t, "note", col[0], "not a row");
	else
		run_note(col, r);
}

/* Rows of a suite that needs code we do not have: skipped, and counted. */
static void
skip(char *col[SUITE_COLUMNS], void *arg)
{
	struct tally *t = arg;

	(void)col;
	t->skipped++;
}

void
suite_note(const char *dir, struct tally *t)
{
	struct run r = { dir, t };

	if (suite_rows(dir, "index.tsv", row, &r) != 0)
		suite_failed(t, "note", "index.tsv", "cannot be read");
	/* Our own folder has none of these. */
	(void)suite_rows(dir, "tlogproof/index.tsv", skip, t);
	(void)suite_rows(dir, "witness/index.tsv", skip, t);
}
