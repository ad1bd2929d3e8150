#ifndef RECEIPT_H
#define RECEIPT_H
/*
 * The receipt: nine words, and the keys that come from them.
 * Format: docs/FORMATS.md "Receipt".  Nothing here is cached.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "age.h"
#include "crypto.h"
#include "err.h"
#include "sign.h"

#define RECEIPT_WORDS	9
#define RECEIPT_LIST	1024
#define RECEIPT_TEXT_MAX 128	/* nine words of 7 letters, spaces, NUL */
#define DRAFT_LEN	16
#define FORM_COOKIE_LEN	32
#define RECEIPT_KEY_LEN	32
#define LOCATOR_LEN	32
#define ROOT_LEN	32
#define SALT_LEN	16

struct receipt { uint16_t word[RECEIPT_WORDS]; };	/* a secret */

/* word_text(i): word ${i} of the list, 0 <= i < RECEIPT_LIST. */
const char *word_text(unsigned i);
/*
 * word_find(p, n): the index of a word given in full or by its first four
 * letters, any case; -1 if it is not in the list.
 */
int word_find(const char *p, size_t n);

/* draft_of_cookie / receipt_of_draft: DESIGN "The receipt". */
void draft_of_cookie(const uint8_t key[static RECEIPT_KEY_LEN],
    const uint8_t cookie[static FORM_COOKIE_LEN],
    uint8_t draft[static DRAFT_LEN]);
void receipt_of_draft(const uint8_t key[static RECEIPT_KEY_LEN],
    const uint8_t draft[static DRAFT_LEN], struct receipt *out);

/*
 * receipt_parse(p, n, out, bad): what a person typed: any case; spaces,
 * hyphens, line breaks, dots, commas and digits of a numbered list between
 * words; words in full or by four letters.
 * Fails: ERR_FORMAT, and bad->p/bad->n name the first word that is not in
 * the list (borrowed); ERR_RANGE if all are known but are not nine.
 * *count: how many words were read.
 */
enum err receipt_parse(struct bytes text, struct receipt *out,
    struct bytes *bad, size_t *count) MUST_USE;
/*
 * receipt_within(text): whether nine words of the list follow each other in a
 * text, whatever stands between them: an access code that does not belong
 * there.  About one word in seven of plain Indonesian is in the list, so that
 * nine in a row are hardly ever chance.
 */
bool receipt_within(struct bytes text);
/* receipt_text(r, out): the nine words, lower case, one space between. */
void receipt_text(const struct receipt *r, char out[static RECEIPT_TEXT_MAX]);

struct argon2_cost { uint32_t m_kib, t, p; };
#define ARGON2_COST_DEFAULT	{ 19 * 1024, 2, 1 }

/*
 * receipt_root(r, salt, cost, root): Argon2id (RFC 9106) by libargon2.
 * Slow by intent; never on an HTTP thread.  Fails: ERR_SYS, ERR_RANGE.
 */
enum err receipt_root(const struct receipt *r,
    const uint8_t salt[static SALT_LEN], const struct argon2_cost *cost,
    uint8_t root[static ROOT_LEN]) MUST_USE;

/* All that comes from a root.  Secret but for the public halves. */
struct source_keys {
	uint8_t locator[LOCATOR_LEN];
	struct age_identity identity;
	struct age_recipient recipient;
	uint8_t sign_seed[SIGN_SEED_LEN];
	uint8_t sign_public[SIGN_PUBLIC_LEN];
};
void source_keys_of(const uint8_t root[static ROOT_LEN],
    struct source_keys *out);

#endif
