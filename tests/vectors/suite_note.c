/*
 * Signed notes: index.tsv, a row a note: "ok" or "reject", file, verifier
 * keys parted by spaces, comment.  A comment with "skey KEY" names the key
 * that must give the same bytes again.  A file that ends in .tlog-proof is an
 * offline proof: its third column is a policy's file, the fourth the leaf
 * hash.  Checkpoints among the notes are read as such, too.  What lies
 * beside it and needs a witness is counted as skipped.
 */
#include <stdlib.h>
#include <string.h>

#include "checkpoint.h"
#include "note.h"
#include "proof.h"
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
	struct checkpoint checkpoint;
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
	else if (want && strstr(col[1], "checkpoint") != NULL &&
	    checkpoint_decode(text, &checkpoint) != ERR_OK)
		suite_failed(r->t, "note", col[1], "no checkpoint");
	else if (want && col[3] != NULL && seed_of(col[3], seed) &&
	    !signs_the_same(&b, text, &key[0], seed))
		suite_failed(r->t, "note", col[1], "signs otherwise");
	else
		r->t->passed++;
out:
	buf_done(&b);
}

/* What follows from a good proof: its bytes again. */
static bool
encodes_the_same(const struct buf *file, const struct proof *p)
{
	struct buf again;
	bool same;

	buf_init(&again, PROOF_MAX);
	same = proof_encode(p, &again) == ERR_OK && again.len == file->len &&
	    memcmp(again.data, file->data, file->len) == 0;
	buf_done(&again);
	return same;
}

static enum err
verify(struct bytes file, const struct policy *policy,
    const struct merkle_hash *leaf, struct proof *p)
{
	struct checkpoint c;
	enum err e = proof_decode(file, p);

	return e == ERR_OK ? proof_verify(p, leaf, policy, &c) : e;
}

static void
run_proof(char *col[SUITE_COLUMNS], struct run *r)
{
	bool want = strcmp(col[0], "ok") == 0;
	struct merkle_hash leaf;
	struct policy policy;
	struct proof *p = malloc(sizeof(*p));
	struct buf b, text;
	size_t n, line;
	enum err e;

	buf_init(&b, 4 * NOTE_MAX);
	buf_init(&text, POLICY_MAX);
	if (p == NULL || suite_read(r->dir, col[1], &b) != 0 ||
	    suite_read(r->dir, col[2], &text) != 0 ||
	    policy_decode((struct bytes){ text.data, text.len }, &policy,
		&line) != ERR_OK || col[3] == NULL ||
	    base64_decode((struct bytes){ col[3], strlen(col[3]) },
		BASE64_PADDED, leaf.bytes, sizeof(leaf.bytes), &n) != ERR_OK) {
		suite_failed(r->t, "note", col[1], "cannot be read");
		goto out;
	}
	e = verify((struct bytes){ b.data, b.len }, &policy, &leaf, p);
	if ((e == ERR_OK) != want)
		suite_failed(r->t, "note", col[1], "%s", err_text(e));
	else if (want && !encodes_the_same(&b, p))
		suite_failed(r->t, "note", col[1], "encodes otherwise");
	else
		r->t->passed++;
out:
	free(p);
	buf_done(&b);
	buf_done(&text);
}

static bool
ends_in(const char *s, const char *end)
{
	size_t n = strlen(s), k = strlen(end);

	return n >= k && strcmp(s + n - k, end) == 0;
}

static void
row(char *col[SUITE_COLUMNS], void *arg)
{
	struct run *r = arg;

	if (col[1] == NULL || col[2] == NULL)
		suite_failed(r->t, "note", col[0], "not a row");
	else if (ends_in(col[1], ".tlog-proof"))
		run_proof(col, r);
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
	/* Our own folder has neither of these. */
	(void)suite_rows(dir, "tlogproof/index.tsv", row, &r);
	(void)suite_rows(dir, "witness/index.tsv", skip, t);
}
