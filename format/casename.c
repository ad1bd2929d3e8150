/*
 * A case's name for people: eight letters of Crockford's base 32, the first
 * 40 bits of SHA-256("peluit-case-name/v1" || 0x00 || id), as "7QK2-M4XD".
 */
#include <string.h>

#include "event.h"
#include "label.h"

#define LETTERS		8

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

static void
letters_of(const uint8_t id[static ID_LEN], char out[static LETTERS + 1])
{
	uint8_t text[sizeof(LABEL_CASE_NAME) + ID_LEN], hash[SHA256_LEN];
	uint64_t bits = 0;
	size_t i;

	memcpy(text, LABEL_CASE_NAME, sizeof(LABEL_CASE_NAME));
	memcpy(text + sizeof(LABEL_CASE_NAME), id, ID_LEN);
	sha256(text, sizeof(text), hash);
	for (i = 0; i < 5; i++)
		bits = bits << 8 | hash[i];
	for (i = 0; i < LETTERS; i++)
		out[i] = alphabet[bits >> (35 - 5 * i) & 31];
	out[LETTERS] = '\0';
}

void
case_name(const uint8_t id[static ID_LEN], char out[static CASE_NAME_LEN + 1])
{
	char letters[LETTERS + 1];

	letters_of(id, letters);
	memcpy(out, letters, 4);
	out[4] = '-';
	memcpy(out + 5, letters + 4, 5);
}

/* Letters and digits in upper case, hyphens and spaces dropped. */
static bool
fold(const char *typed, char *out, size_t size)
{
	size_t n = 0;
	char ch;

	for (; *typed != '\0'; typed++) {
		ch = *typed;
		if (ch == '-' || ch == ' ')
			continue;
		if (ch >= 'a' && ch <= 'z')
			ch = (char)(ch - 'a' + 'A');
		if (!((ch >= '0' && ch <= '9') || (ch >= 'A' && ch <= 'Z')) ||
		    n + 1 >= size)
			return false;
		out[n++] = ch;
	}
	out[n] = '\0';
	return true;
}

static void
unconfuse(char *s)
{
	for (; *s != '\0'; s++) {
		if (*s == 'O')
			*s = '0';
		else if (*s == 'I' || *s == 'L')
			*s = '1';
	}
}

bool
case_name_match(const uint8_t id[static ID_LEN], const char *typed)
{
	char want[HEX_LEN(ID_LEN) + 1], have[HEX_LEN(ID_LEN) + 1];
	size_t n;

	if (!fold(typed, have, sizeof(have)))
		return false;
	n = strlen(have);
	if (n == HEX_LEN(ID_LEN)) {
		hex_encode(id, ID_LEN, want);
		return fold(want, want, sizeof(want)) &&
		    memcmp(want, have, n) == 0;
	}
	if (n != 4 && n != LETTERS)
		return false;
	letters_of(id, want);
	unconfuse(have);
	return memcmp(want, have, n) == 0;
}
