#ifndef SUITE_H
#define SUITE_H
/*
 * A suite of vectors that somebody else wrote, or our own in the same form.
 * A suite's function runs all of it, prints the name of each vector that
 * fails on a line of its own ("suite: NAME: what was wrong", by
 * suite_failed) and counts.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "buf.h"

struct tally {
	unsigned passed, failed, skipped;
};

/* ${dir}: the suite's folder: DIR/age, DIR/merkle, DIR/httpsig, DIR/note. */
typedef void suite_fn(const char *dir, struct tally *t);

suite_fn suite_age_x25519;
suite_fn suite_age_scrypt;
suite_fn suite_age_hybrid;	/* all skipped, as armored: not taken */
suite_fn suite_age_armored;
suite_fn suite_merkle_proofs;
suite_fn suite_merkle_accumulated;
suite_fn suite_merkle_trees;
suite_fn suite_httpsig;
suite_fn suite_note;
suite_fn suite_tiles;

/* suite_failed(t, suite, name, fmt, ...): count and print one failure. */
void suite_failed(struct tally *t, const char *suite, const char *name,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/*
 * suite_read(dir, name, b): append the file dir/name to ${b}.
 * Fails: -1.
 */
int suite_read(const char *dir, const char *name, struct buf *b);

/*
 * suite_rows(dir, name, cb, arg): each row of a .tsv, comments ("#") left
 * out, cut at its tabs; fewer than ${SUITE_COLUMNS} columns leave the rest
 * NULL.  Fails: -1 if the file cannot be read.
 */
#define SUITE_COLUMNS	8
typedef void suite_row(char *col[SUITE_COLUMNS], void *arg);
int suite_rows(const char *dir, const char *name, suite_row *cb, void *arg);

#endif
