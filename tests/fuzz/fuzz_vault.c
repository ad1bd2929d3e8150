/*
 * Fuzzing of what a desk and an auditor read back from their own disks,
 * where somebody else may have written: the vault's index, an object's file,
 * a key file, the auditor's `seen`.
 * Covers: desk/book_json.c desk/book_log.c desk/vault.c format/keyfile.c
 *      audit/seen.c
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "book.h"
#include "seen.h"
#include "vault.h"

static void
as_index(struct bytes text)
{
	struct book *b = NULL, *again = NULL;
	struct buf first, second;

	buf_init(&first, BOOK_MAX);
	buf_init(&second, BOOK_MAX);
	if (book_decode(text, &b) == ERR_OK) {
#ifdef PLANTED
		/* Reached only behind a whole index, none of the seeds'. */
		if (b->cases > 0 && b->after != 7)
			abort();
#endif
		if (book_encode(b, &first) != ERR_OK ||
		    book_decode((struct bytes){ first.data, first.len },
			&again) != ERR_OK ||
		    book_encode(again, &second) != ERR_OK)
			abort();
		assert(first.len == second.len &&
		    memcmp(first.data, second.data, first.len) == 0);
		book_free(again);
		book_free(b);
	} else {
		assert(b == NULL);
	}
	buf_done(&first);
	buf_done(&second);
}

static enum err
swallow(void *arg, const uint8_t *p, size_t n)
{
	size_t *sum = arg;

	(void)p;
	*sum += n;
	return ERR_OK;
}

static char path[] = "/tmp/fuzz-vault-XXXXXX";

static void
tidy(void)
{
	(void)unlink(path);
}

/* The same identity as the seeds' recipient: they open. */
static void
as_object(const uint8_t *p, size_t n)
{
	static const char key[] = "AGE-SECRET-KEY-1QURSWPC8QURSWPC8QURSWPC8"
	    "QURSWPC8QURSWPC8QURSWPC8QURSKMP32K";
	static struct age_identity id;
	static int fd = -1;
	struct vault_facts facts;
	size_t sum = 0;

	if (fd < 0) {
		if ((fd = mkstemp(path)) < 0 || age_identity_decode(key,
		    &id) != ERR_OK)
			abort();
		(void)atexit(tidy);
	}
	if (ftruncate(fd, 0) != 0 || pwrite(fd, p, n, 0) != (ssize_t)n)
		abort();
	if (vault_open(path, &id, swallow, &sum, &facts) == ERR_OK) {
		assert(facts.plain == sum && facts.payload > sum);
		assert(facts.stanzas > 0);
	}
}

static void
as_key(struct bytes text)
{
	uint8_t key[32], zero[32] = { 0 };
	struct buf b;

	if (keyfile_decode(text, key, sizeof(key)) != ERR_OK) {
		assert(memcmp(key, zero, sizeof(key)) == 0);
		return;
	}
	buf_init(&b, KEYFILE_MAX);
	if (keyfile_encode("fuzz", key, sizeof(key), &b) != ERR_OK)
		abort();
	buf_done(&b);
}

static void
as_seen(struct bytes text)
{
	struct seen s;
	struct buf b;

	seen_init(&s);
	buf_init(&b, SEEN_MAX);
	if (seen_decode(text, &s) == ERR_OK) {
		if (seen_encode(&s, &b) != ERR_OK)
			abort();
		assert(b.len == text.n && (text.n == 0 ||
		    memcmp(b.data, text.p, text.n) == 0));
	} else {
		assert(s.n == 0);
	}
	buf_done(&b);
	seen_done(&s);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static int ready;
	struct bytes text = { p, n };

	if (!ready++ && crypto_init() != ERR_OK)
		abort();
	as_index(text);
	as_object(p, n);
	as_key(text);
	as_seen(text);
	return 0;
}
