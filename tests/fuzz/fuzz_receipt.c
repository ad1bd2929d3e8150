/*
 * Fuzzing of receipt_parse: what it takes is nine words, which written out
 * parse to the same receipt; what it refuses it names, inside the input.
 * Covers: crypto/receipt.c
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "receipt.h"

static void
check_good(const struct receipt *r, size_t count)
{
	char text[RECEIPT_TEXT_MAX];
	struct receipt again;
	struct bytes bad;
	unsigned i;
	size_t n;

	assert(count == RECEIPT_WORDS);
	for (i = 0; i < RECEIPT_WORDS; i++)
		assert(r->word[i] < RECEIPT_LIST);
	receipt_text(r, text);
	if (receipt_parse((struct bytes){ text, strlen(text) }, &again, &bad,
	    &n) != ERR_OK)
		abort();
	assert(memcmp(r, &again, sizeof(again)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static const struct receipt zero;
	struct receipt r;
	struct bytes bad;
	size_t count;
	enum err e;

	e = receipt_parse((struct bytes){ p, n }, &r, &bad, &count);
	assert(count <= n);
	switch ((int)e) {
	case ERR_OK:
#if defined(PLANTED) || defined(PLANTED_FAULT)
		/* Reached only by nine words, of which two are the same. */
		if (r.word[0] == r.word[1])
			abort();
#endif
		check_good(&r, count);
		break;
	case ERR_FORMAT:
		assert(bad.n > 0 && (const uint8_t *)bad.p >= p &&
		    (const uint8_t *)bad.p + bad.n <= p + n);
		assert(word_find(bad.p, bad.n) == -1);
		assert(memcmp(&r, &zero, sizeof(r)) == 0);
		break;
	case ERR_RANGE:
		assert(count != RECEIPT_WORDS && bad.p == NULL);
		assert(memcmp(&r, &zero, sizeof(r)) == 0);
		break;
	default:
		abort();
	}
	return 0;
}
