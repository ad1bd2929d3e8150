/*
 * The receipt: form cookie -> draft -> nine words -> root -> keys.
 *
 *	draft	HKDF(receipt key, "peluit/form/v1" || cookie, 16)
 *	words	the first 90 bits of HKDF(receipt key, "peluit/draft/v1" ||
 *		draft, 12), ten bits a word, most significant first
 *	root	Argon2id(text of the words, instance's salt, 32)
 *	keys	HKDF(root, "peluit/receipt/v1 locator" | age | sign, 32)
 */
#include <argon2.h>
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "label.h"
#include "receipt.h"

#define WORD_BITS	10
#define DRAWN_LEN	12	/* bytes for RECEIPT_WORDS * WORD_BITS bits */

static_assert(1 << WORD_BITS == RECEIPT_LIST, "word list");
static_assert(RECEIPT_WORDS * WORD_BITS <= DRAWN_LEN * 8, "bits");
static_assert(RECEIPT_WORDS * (7 + 1) <= RECEIPT_TEXT_MAX, "text");

/* HKDF of the receipt key with an info of a label and some bytes. */
static void
derive(const uint8_t key[static RECEIPT_KEY_LEN], const char *label,
    struct bytes rest, uint8_t *out, size_t out_len)
{
	uint8_t info[64];
	size_t n = strlen(label);

	assert(rest.n <= sizeof(info) - n);
	memcpy(info, label, n);
	memcpy(info + n, rest.p, rest.n);
	hkdf_salt(out, out_len, (struct bytes){ key, RECEIPT_KEY_LEN },
	    (struct bytes){ NULL, 0 }, (struct bytes){ info, n + rest.n });
	wipe(info, sizeof(info));
}

void
draft_of_cookie(const uint8_t key[static RECEIPT_KEY_LEN],
    const uint8_t cookie[static FORM_COOKIE_LEN],
    uint8_t draft[static DRAFT_LEN])
{
	derive(key, LABEL_FORM, (struct bytes){ cookie, FORM_COOKIE_LEN },
	    draft, DRAFT_LEN);
}

void
receipt_of_draft(const uint8_t key[static RECEIPT_KEY_LEN],
    const uint8_t draft[static DRAFT_LEN], struct receipt *out)
{
	uint8_t drawn[DRAWN_LEN];
	unsigned i, v;

	derive(key, LABEL_DRAFT, (struct bytes){ draft, DRAFT_LEN },
	    drawn, sizeof(drawn));
	memset(out, 0, sizeof(*out));
	for (i = 0; i < RECEIPT_WORDS * WORD_BITS; i++) {
		v = (unsigned)drawn[i / 8] >> (7 - i % 8) & 1;
		out->word[i / WORD_BITS] = (uint16_t)(
		    (unsigned)out->word[i / WORD_BITS] << 1 | v);
	}
	wipe(drawn, sizeof(drawn));
}

/*
 * The length of what stands between words at ${p}, 0 for a part of a word:
 * ASCII blanks, dashes, list marks and digits; and, since phones put them in,
 * the no-break space (U+00A0) and the dashes U+2010 to U+2015.
 */
static size_t
between(const uint8_t *p, size_t n)
{
	static const char marks[] = " \t\r\n\v\f-_.,;:()/0123456789";

	if (p[0] != '\0' && strchr(marks, p[0]) != NULL)
		return 1;
	if (n >= 2 && p[0] == 0xc2 && p[1] == 0xa0)
		return 2;
	if (n >= 3 && p[0] == 0xe2 && p[1] == 0x80 && p[2] >= 0x90 &&
	    p[2] <= 0x95)
		return 3;
	return 0;
}

/* The next word, borrowed; of length 0 if there is none. */
static struct bytes
next_word(struct bytes *text)
{
	const uint8_t *p = text->p, *from;
	size_t left = text->n, k;

	while (left > 0 && (k = between(p, left)) > 0) {
		p += k;
		left -= k;
	}
	from = p;
	while (left > 0 && between(p, left) == 0) {
		p++;
		left--;
	}
	*text = (struct bytes){ p, left };
	return (struct bytes){ from, (size_t)(p - from) };
}

enum err
receipt_parse(struct bytes text, struct receipt *out, struct bytes *bad,
    size_t *count)
{
	struct bytes word;
	size_t n = 0;
	int i;

	memset(out, 0, sizeof(*out));
	*bad = (struct bytes){ NULL, 0 };
	*count = 0;
	for (;;) {
		word = next_word(&text);
		if (word.n == 0)
			break;
		*count = ++n;
		if ((i = word_find(word.p, word.n)) < 0) {
			*bad = word;
			wipe(out, sizeof(*out));
			return ERR_FORMAT;
		}
		if (n <= RECEIPT_WORDS)
			out->word[n - 1] = (uint16_t)i;
	}
	if (n != RECEIPT_WORDS) {
		wipe(out, sizeof(*out));
		return ERR_RANGE;
	}
	return ERR_OK;
}

static bool
is_letter(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool
receipt_within(struct bytes text)
{
	const char *p = text.p, *end, *from;
	unsigned row = 0;

	if (text.n == 0)
		return false;
	end = p + text.n;
	while (p < end && row < RECEIPT_WORDS) {
		from = p;
		while (p < end && is_letter((uint8_t)*p))
			p++;
		if (p == from)
			p++;
		else if (word_find(from, (size_t)(p - from)) < 0)
			row = 0;
		else
			row++;
	}
	return row == RECEIPT_WORDS;
}

void
receipt_text(const struct receipt *r, char out[static RECEIPT_TEXT_MAX])
{
	const char *word;
	size_t i, n, at = 0;

	for (i = 0; i < RECEIPT_WORDS; i++) {
		word = word_text(r->word[i]);
		n = strlen(word);
		memcpy(out + at, word, n);
		at += n;
		out[at++] = ' ';
	}
	out[at - 1] = '\0';
}

enum err
receipt_root(const struct receipt *r, const uint8_t salt[static SALT_LEN],
    const struct argon2_cost *cost, uint8_t root[static ROOT_LEN])
{
	char text[RECEIPT_TEXT_MAX];
	enum err e = ERR_OK;
	int rc;

	receipt_text(r, text);
	rc = argon2id_hash_raw(cost->t, cost->m_kib, cost->p, text,
	    strlen(text), salt, SALT_LEN, root, ROOT_LEN);
	if (rc == ARGON2_MEMORY_ALLOCATION_ERROR || rc == ARGON2_THREAD_FAIL) {
		errno = rc == ARGON2_THREAD_FAIL ? EAGAIN : ENOMEM;
		e = ERR_SYS;
	} else if (rc != ARGON2_OK) {
		e = ERR_RANGE;
	}
	if (e != ERR_OK)
		wipe(root, ROOT_LEN);
	wipe(text, sizeof(text));
	return e;
}

void
source_keys_of(const uint8_t root[static ROOT_LEN], struct source_keys *out)
{
	hkdf(out->locator, sizeof(out->locator), root, ROOT_LEN,
	    LABEL_LOCATOR);
	hkdf(out->identity.scalar, sizeof(out->identity.scalar), root,
	    ROOT_LEN, LABEL_SOURCE_AGE);
	age_identity_recipient(&out->identity, &out->recipient);
	hkdf(out->sign_seed, sizeof(out->sign_seed), root, ROOT_LEN,
	    LABEL_SOURCE_SIGN);
	sign_public(out->sign_seed, out->sign_public);
}
