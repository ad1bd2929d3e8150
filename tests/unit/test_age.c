/* age.h: keys as text, headers byte by byte, payloads cut at every place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "age.h"
#include "need.h"

static struct age_identity id[3];
static struct age_recipient to[3];

static int
setup(void **state)
{
	size_t i;

	(void)state;
	if (crypto_init() != ERR_OK)
		return -1;
	for (i = 0; i < 3; i++) {
		age_identity_new(&id[i]);
		age_identity_recipient(&id[i], &to[i]);
	}
	return 0;
}

static struct bytes
whole(const struct buf *b)
{
	return (struct bytes){ b->data, b->len };
}

/* ---- keys ---- */

static void
test_keys(void **state)
{
	char text[AGE_IDENTITY_LEN + 1], pub[AGE_RECIPIENT_LEN + 1];
	struct age_identity i, back;
	struct age_recipient r, again;

	(void)state;
	age_identity_new(&i);
	age_identity_encode(&i, text);
	assert_int_equal(strlen(text), AGE_IDENTITY_LEN);
	assert_memory_equal(text, "AGE-SECRET-KEY-1", 16);
	assert_int_equal(age_identity_decode(text, &back), ERR_OK);
	assert_memory_equal(&i, &back, sizeof(i));
	age_identity_recipient(&i, &r);
	age_recipient_encode(&r, pub);
	assert_int_equal(strlen(pub), AGE_RECIPIENT_LEN);
	assert_memory_equal(pub, "age1", 4);
	assert_int_equal(age_recipient_decode(pub, &again), ERR_OK);
	assert_memory_equal(&r, &again, sizeof(r));
}

/* A pair made by age-keygen for this test. */
static void
test_known_pair(void **state)
{
	static const char identity[] = "AGE-SECRET-KEY-1GRYZZHZ45TLGXZGFL0Y6J0"
	    "FLNE0F460ACM0Z9AFSTVELYECANZHSLAH659";
	static const char recipient[] = "age145ay6w7awackf3v66dszyftrs5ryf6s5t"
	    "h4yclyfdmqdhkezz9ksndksph";
	char out[AGE_IDENTITY_LEN + 1];
	struct age_identity i;
	struct age_recipient r;

	(void)state;
	assert_int_equal(age_identity_decode(identity, &i), ERR_OK);
	age_identity_encode(&i, out);
	assert_string_equal(out, identity);
	age_identity_recipient(&i, &r);
	age_recipient_encode(&r, out);
	assert_string_equal(out, recipient);
	assert_int_equal(age_recipient_decode(recipient, &r), ERR_OK);
}

/* Every change of one letter, every length but the right one. */
static void
test_keys_with_a_fault(void **state)
{
	static const char other[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7lbio1 -A";
	char text[AGE_IDENTITY_LEN + 2], pub[AGE_RECIPIENT_LEN + 2], was;
	struct age_identity i;
	struct age_recipient r;
	size_t at, k;

	(void)state;
	age_recipient_encode(&to[0], pub);
	for (at = 0; at < AGE_RECIPIENT_LEN; at++) {
		was = pub[at];
		for (k = 0; k < sizeof(other); k++) {
			if (other[k] == was)
				continue;
			pub[at] = other[k];	/* the last is NUL */
			assert_int_equal(age_recipient_decode(pub, &r),
			    ERR_KEY);
		}
		if (was >= 'a' && was <= 'z') {
			pub[at] = (char)(was - 'a' + 'A');
			assert_int_equal(age_recipient_decode(pub, &r),
			    ERR_KEY);
		}
		pub[at] = was;
	}
	assert_int_equal(age_recipient_decode(pub, &r), ERR_OK);
	strcat(pub, "q");
	assert_int_equal(age_recipient_decode(pub, &r), ERR_KEY);
	assert_int_equal(age_recipient_decode("", &r), ERR_KEY);
	assert_int_equal(age_recipient_decode("age1", &r), ERR_KEY);

	age_identity_encode(&id[0], text);
	assert_int_equal(age_recipient_decode(text, &r), ERR_KEY);
	for (at = 0; text[at] != '\0'; at++)
		if (text[at] >= 'A' && text[at] <= 'Z')
			text[at] |= 0x20;
	assert_int_equal(age_identity_decode(text, &i), ERR_KEY);
	age_recipient_encode(&to[0], pub);
	assert_int_equal(age_identity_decode(pub, &i), ERR_KEY);
}

/* The checksum holds in all of these; only the first is a recipient. */
static void
test_bech32_faults(void **state)
{
	static const char *const v[] = {
		"age1pyqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq"
		    "qqqqqqqqqqqqqqqqq8r66x",
		/* leftover bits that are not zero: the lowest, the highest */
		"age1pyqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq"
		    "qqqqqqqqqqqqqqqpa3h085",
		"age1pyqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq"
		    "qqqqqqqqqqqqqqqg7n8kym",
		/* the checksum of Bech32m */
		"age1pyqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq"
		    "qqqqqqqqqqqqqqqq4mnkly",
		/* another human-readable part */
		"agf1pyqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq"
		    "qqqqqqqqqqqqqqqqg6645d",
	};
	struct age_recipient r;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++)
		assert_int_equal(age_recipient_decode(v[i], &r),
		    i == 0 ? ERR_OK : ERR_KEY);
}

/* Recipients that are valid Bech32 and no good points. */
static void
test_points_that_are_not_safe(void **state)
{
	static const char *const bad[] = {
		/* of low order: 0, 1, two of order 8, p - 1 */
		"00000000000000000000000000000000"
		"00000000000000000000000000000000",
		"01000000000000000000000000000000"
		"00000000000000000000000000000000",
		"e0eb7a7c3b41b8ae1656e3faf19fc46a"
		"da098deb9c32b1fd866205165f49b800",
		"5f9c95bca3508c24b1d0b1559c83ef5b"
		"04445cc4581c8e86d8224eddd09f1157",
		"ecffffffffffffffffffffffffffffff"
		"ffffffffffffffffffffffffffffff7f",
		/* second spellings: p, p + 9, the top bit */
		"edffffffffffffffffffffffffffffff"
		"ffffffffffffffffffffffffffffff7f",
		"f6ffffffffffffffffffffffffffffff"
		"ffffffffffffffffffffffffffffff7f",
		"09000000000000000000000000000000"
		"00000000000000000000000000000080",
	};
	uint8_t key[AGE_FILE_KEY_LEN] = { 0 };
	char text[AGE_RECIPIENT_LEN + 1];
	struct age_recipient r, back;
	struct buf b;
	size_t i;

	(void)state;
	buf_init(&b, 4096);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(hex_decode((struct bytes){ bad[i], 64 },
		    r.point, 32), ERR_OK);
		age_recipient_encode(&r, text);
		assert_int_equal(age_recipient_decode(text, &back), ERR_KEY);
		assert_int_equal(age_seal_header(key, &r, 1, &b), ERR_KEY);
		assert_int_equal(b.len, 0);
	}
	/* Just below p, and an ordinary small one. */
	memset(r.point, 0xff, 32);
	r.point[0] = 0xeb;
	r.point[31] = 0x7f;
	age_recipient_encode(&r, text);
	assert_int_equal(age_recipient_decode(text, &back), ERR_OK);
	memset(&r, 0, sizeof(r));
	r.point[0] = 9;
	age_recipient_encode(&r, text);
	assert_int_equal(age_recipient_decode(text, &back), ERR_OK);
	buf_done(&b);
}

/* ---- sealing and opening ---- */

static void
seal(size_t n_to, const char *text, struct buf *out)
{
	buf_init(out, 1 << 20);
	assert_int_equal(age_seal_file(to, n_to,
	    (struct bytes){ text, strlen(text) }, out), ERR_OK);
}

static enum err
open_with(struct bytes file, const struct age_identity *ids, size_t n)
{
	struct buf plain;
	enum err e;

	buf_init(&plain, 1 << 20);
	e = age_open_file(file, ids, n, &plain);
	if (e != ERR_OK)
		assert_int_equal(plain.len, 0);
	buf_done(&plain);
	return e;
}

static void
test_each_recipient_opens_it(void **state)
{
	struct buf file, plain;
	size_t i, n;

	(void)state;
	seal(2, "the text", &file);
	buf_init(&plain, 1000);
	buf_puts(&plain, "before ");
	for (i = 0; i < 2; i++) {
		assert_int_equal(age_open_file(whole(&file), &id[i], 1,
		    &plain), ERR_OK);
	}
	assert_string_equal(buf_text(&plain), "before the textthe text");
	assert_int_equal(open_with(whole(&file), &id[2], 1), ERR_NOMATCH);
	assert_int_equal(open_with(whole(&file), id, 0), ERR_NOMATCH);
	assert_int_equal(open_with(whole(&file), &id[1], 2), ERR_OK);
	assert_int_equal(age_header_len(file.data, file.len, &n), ERR_OK);
	assert_int_equal(file.len - n, age_payload_size(8));
	buf_done(&file);
	buf_done(&plain);
}

static void
test_number_of_recipients(void **state)
{
	struct age_recipient many[AGE_STANZAS_MAX + 1];
	uint8_t key[AGE_FILE_KEY_LEN], back[AGE_FILE_KEY_LEN];
	struct age_identity i;
	struct buf b;
	size_t k, stanzas;

	(void)state;
	for (k = 0; k <= AGE_STANZAS_MAX; k++) {
		age_identity_new(&i);
		age_identity_recipient(&i, &many[k]);
	}
	many[AGE_STANZAS_MAX - 1] = to[0];
	buf_init(&b, AGE_HEADER_MAX);
	age_file_key_new(key);
	assert_int_equal(age_seal_header(key, many, 0, &b), ERR_RANGE);
	assert_int_equal(age_seal_header(key, many, AGE_STANZAS_MAX + 1, &b),
	    ERR_RANGE);
	assert_int_equal(b.len, 0);
	assert_int_equal(age_seal_header(key, many, AGE_STANZAS_MAX, &b),
	    ERR_OK);
	assert_int_equal(age_header_check(b.data, b.len, &stanzas), ERR_OK);
	assert_int_equal(stanzas, AGE_STANZAS_MAX);
	assert_int_equal(age_open_header(whole(&b), id, 1, back), ERR_OK);
	assert_memory_equal(key, back, sizeof(key));

	buf_reset(&b);
	many[3] = many[1];
	assert_int_equal(age_seal_header(key, many, 4, &b), ERR_CONFLICT);
	assert_int_equal(b.len, 0);
	buf_done(&b);
}

/* Over many files, each of two recipients comes first about half the time. */
static void
test_order_is_random(void **state)
{
	uint8_t key[AGE_FILE_KEY_LEN], k2[AGE_FILE_KEY_LEN];
	struct buf b;
	unsigned i, first = 0;
	uint8_t *second;

	(void)state;
	buf_init(&b, AGE_HEADER_MAX);
	age_file_key_new(key);
	for (i = 0; i < 200; i++) {
		buf_reset(&b);
		assert_int_equal(age_seal_header(key, to, 2, &b), ERR_OK);
		/* hide the second stanza: then only the first can open */
		second = memmem(b.data + 30, b.len - 30, "-> X25519", 9);
		assert_non_null(second);
		second[3] = 'Y';
		first += age_open_header(whole(&b), id, 1, k2) == ERR_MAC;
	}
	assert_in_range(first, 60, 140);
	buf_done(&b);
}

/* Any changed bit of a header is refused, whatever the reason. */
static void
test_header_damage(void **state)
{
	uint8_t key[AGE_FILE_KEY_LEN];
	struct buf file;
	size_t i, n, stanzas;
	enum err e;

	(void)state;
	seal(1, "x", &file);
	assert_int_equal(age_header_len(file.data, file.len, &n), ERR_OK);
	for (i = 0; i < n * 8; i++) {
		file.data[i / 8] ^= (uint8_t)(1u << i % 8);
		e = age_open_header((struct bytes){ file.data, n }, id, 1,
		    key);
		assert_true(e == ERR_FORMAT || e == ERR_VERSION ||
		    e == ERR_NOMATCH || e == ERR_MAC);
		file.data[i / 8] ^= (uint8_t)(1u << i % 8);
	}
	for (i = 0; i < n; i++) {
		assert_int_not_equal(age_open_header(
		    (struct bytes){ file.data, i }, id, 1, key), ERR_OK);
		assert_int_not_equal(age_header_check(file.data, i, &stanzas),
		    ERR_OK);
	}
	assert_int_equal(age_open_header((struct bytes){ file.data, n + 1 },
	    id, 1, key), ERR_FORMAT);
	assert_int_equal(age_open_header((struct bytes){ file.data, n }, id,
	    1, key), ERR_OK);
	buf_done(&file);
}

static void
test_header_len(void **state)
{
	static const char head[] = "age-encryption.org/v1\n-> x\n\n";
	struct buf file, b;
	size_t i, n, len;

	(void)state;
	seal(2, "x", &file);
	assert_int_equal(age_header_len(file.data, file.len, &len), ERR_OK);
	for (i = 0; i < len; i++) {
		assert_int_equal(age_header_len(file.data, i, &n),
		    ERR_NOTFOUND);
		assert_int_equal(n, 0);
	}
	assert_int_equal(age_header_len(file.data, len, &n), ERR_OK);
	assert_int_equal(n, len);
	assert_int_equal(age_header_len("age-encryption.org/v2\n", 22, &n),
	    ERR_VERSION);
	assert_int_equal(age_header_len("-----BEGIN AGE", 14, &n),
	    ERR_FORMAT);
	assert_int_equal(age_header_len("age-encryptiom", 14, &n),
	    ERR_FORMAT);
	assert_int_equal(age_header_len(NULL, 0, &n), ERR_NOTFOUND);

	/* A header that never ends stops being one at the maximum. */
	buf_init(&b, AGE_HEADER_MAX + 100);
	buf_puts(&b, head);
	buf_fill(&b, 'A', AGE_HEADER_MAX - 1 - b.len);
	assert_int_equal(age_header_len(b.data, b.len, &n), ERR_NOTFOUND);
	buf_fill(&b, 'A', 1);
	assert_int_equal(age_header_len(b.data, b.len, &n), ERR_FORMAT);
	buf_puts(&b, "\n--- \n");
	assert_int_equal(age_header_len(b.data, b.len, &n), ERR_FORMAT);
	buf_done(&file);
	buf_done(&b);
}

/* Headers written by hand; the MAC line's form is right, its value is not. */
#define V	"age-encryption.org/v1\n"
#define SHARE	"TEiF0ypqr+bpvcqXNyCVJpL7OuwPdVwPL7KQEbFDOCc"
#define BODY	"hjabGXwSLQ9c3S6Lw2i+S2Tu2fiwQHHslbBN6B41FLE"
#define X	"-> X25519 " SHARE "\n" BODY "\n"
#define M	"--- 8McE3ix9R34E/vLrQv3yepsHjo/LXhfs22Ab3UyInmg\n"
#define L32	"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define L64	L32 L32 "\n"
#define LOW	"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

static const struct {
	const char *what, *text;
	enum err e;
	size_t stanzas;
} header[] = {
	{ "plain", V X M, ERR_OK, 1 },
	{ "two", V X X M, ERR_OK, 2 },
	{ "grease before", V "-> g ~!\n\n" X M, ERR_OK, 1 },
	{ "grease behind", V X "-> g\nAAAA\n" M, ERR_OK, 1 },
	{ "other case", V "-> x25519 a b c\n\n" M, ERR_OK, 0 },
	{ "full line then empty", V "-> g\n" L64 "\n" M, ERR_OK, 0 },
	{ "eight arguments", V "-> 1 2 3 4 5 6 7 8\n\n" M, ERR_OK, 0 },
	{ "nine arguments", V "-> 1 2 3 4 5 6 7 8 9\n\n" M, ERR_RANGE, 0 },
	{ "no stanza", V M, ERR_FORMAT, 0 },
	{ "empty", "", ERR_FORMAT, 0 },
	{ "version 2", "age-encryption.org/v2\n" X M, ERR_VERSION, 0 },
	{ "version with blank", "age-encryption.org/v1 \n" X M, ERR_VERSION,
	    0 },
	{ "version with CR", "age-encryption.org/v1\r\n" X M, ERR_VERSION, 0 },
	{ "other name", "age-encryption.com/v1\n" X M, ERR_FORMAT, 0 },
	{ "bytes behind", V X M "x", ERR_FORMAT, 0 },
	{ "stanza behind", V X M X, ERR_FORMAT, 0 },
	{ "two spaces", V "->  g\n\n" M, ERR_FORMAT, 0 },
	{ "two spaces between", V "-> g  h\n\n" M, ERR_FORMAT, 0 },
	{ "space at the end", V "-> g \n\n" M, ERR_FORMAT, 0 },
	{ "tab", V "-> g\th\n\n" M, ERR_FORMAT, 0 },
	{ "no argument", V "-> \n\n" M, ERR_FORMAT, 0 },
	{ "no space", V "->g\n\n" M, ERR_FORMAT, 0 },
	{ "letter above 126", V "-> \xc3\xa9\n\n" M, ERR_FORMAT, 0 },
	{ "delete", V "-> a\x7f\n\n" M, ERR_FORMAT, 0 },
	{ "CR in stanza", V "-> g\r\n\n" M, ERR_FORMAT, 0 },
	{ "CR in body", V "-> g\nAAAA\r\n" M, ERR_FORMAT, 0 },
	{ "no short line", V "-> g\n" L64 M, ERR_FORMAT, 0 },
	{ "two short lines", V "-> g\nAAAA\nAAAA\n" M, ERR_FORMAT, 0 },
	{ "no body", V "-> g\n" M, ERR_FORMAT, 0 },
	{ "long line", V "-> g\nA" L64 "\n" M, ERR_FORMAT, 0 },
	{ "padded body", V "-> g\nAA==\n" M, ERR_FORMAT, 0 },
	{ "trailing bits", V "-> g\nAB\n" M, ERR_FORMAT, 0 },
	{ "one letter", V "-> g\nA\n" M, ERR_FORMAT, 0 },
	{ "blank line between", V X "\n" M, ERR_FORMAT, 0 },
	{ "dashes only", V X "---\n", ERR_FORMAT, 0 },
	{ "mac without space", V X "---8McE3ix9R34E/vLrQv3yepsHjo/LXhfs22Ab3UyI"
	    "nmg\n", ERR_FORMAT, 0 },
	{ "mac with two spaces", V X "---  8McE3ix9R34E/vLrQv3yepsHjo/LXhfs22Ab"
	    "3UyInmg\n", ERR_FORMAT, 0 },
	{ "mac with blank behind", V X "--- 8McE3ix9R34E/vLrQv3yepsHjo/LXhfs22A"
	    "b3UyInmg \n", ERR_FORMAT, 0 },
	{ "mac short", V X "--- 8McE3ix9R34E/vLrQv3yepsHjo/LXhfs22Ab3UyInm\n",
	    ERR_FORMAT, 0 },
	{ "mac long", V X "--- 8McE3ix9R34E/vLrQv3yepsHjo/LXhfs22Ab3UyInmgA\n",
	    ERR_FORMAT, 0 },
	{ "mac not canonical", V X "--- 8McE3ix9R34E/vLrQv3yepsHjo/LXhfs22Ab3Uy"
	    "Inmh\n", ERR_FORMAT, 0 },
	{ "mac without LF", V X "--- 8McE3ix9R34E/vLrQv3yepsHjo/LXhfs22Ab3UyInm"
	    "g", ERR_FORMAT, 0 },
	{ "x25519 without share", V "-> X25519\n" BODY "\n" M, ERR_FORMAT, 0 },
	{ "x25519 with more", V "-> X25519 " SHARE " a\n" BODY "\n" M,
	    ERR_FORMAT, 0 },
	{ "share short", V "-> X25519 TEiF0ypqr+bpvcqXNyCVJpL7OuwPdVwPL7KQEbFDO"
	    "A\n" BODY "\n" M, ERR_FORMAT, 0 },
	{ "share long", V "-> X25519 " SHARE "A\n" BODY "\n" M, ERR_FORMAT, 0 },
	{ "share not canonical", V "-> X25519 TEiF0ypqr+bpvcqXNyCVJpL7OuwPdVwPL"
	    "7KQEbFDOCd\n" BODY "\n" M, ERR_FORMAT, 0 },
	{ "share of low order", V "-> X25519 " LOW "\n" BODY "\n" M,
	    ERR_FORMAT, 0 },
	{ "body of low order second", V X "-> X25519 " LOW "\n" BODY "\n" M,
	    ERR_FORMAT, 0 },
	{ "body long", V "-> X25519 " SHARE "\n" BODY "AAAA\n" M, ERR_FORMAT,
	    0 },
	{ "body empty", V "-> X25519 " SHARE "\n\n" M, ERR_FORMAT, 0 },
	{ "scrypt alone", V "-> scrypt a 10\n" BODY "\n" M, ERR_OK, 0 },
	{ "scrypt first", V "-> scrypt a 10\n" BODY "\n" X M, ERR_FORMAT, 0 },
	{ "scrypt second", V X "-> scrypt a 10\n" BODY "\n" M, ERR_FORMAT, 0 },
	{ "scrypt twice", V "-> scrypt a 10\n" BODY "\n-> scrypt a 10\n" BODY
	    "\n" M, ERR_FORMAT, 0 },
	{ "scrypt and grease", V "-> scrypt a 10\n" BODY "\n-> g\n\n" M,
	    ERR_FORMAT, 0 },
};

static void
test_header_faults(void **state)
{
	uint8_t key[AGE_FILE_KEY_LEN];
	size_t i, stanzas;
	enum err e;

	(void)state;
	for (i = 0; i < sizeof(header) / sizeof(header[0]); i++) {
		e = age_header_check(header[i].text, strlen(header[i].text),
		    &stanzas);
		if (e != header[i].e || stanzas != header[i].stanzas)
			fail_msg("%s: %s, %zu stanzas", header[i].what,
			    err_text(e), stanzas);
		/* Opening takes and refuses the same headers. */
		e = age_open_header((struct bytes){ header[i].text,
		    strlen(header[i].text) }, id, 2, key);
		if (e != (header[i].e == ERR_OK ? ERR_NOMATCH : header[i].e))
			fail_msg("%s: opening: %s", header[i].what,
			    err_text(e));
	}
}

static void
test_header_limits(void **state)
{
	struct buf b;
	size_t i, n, lines;

	(void)state;
	buf_init(&b, AGE_HEADER_MAX + 1000);
	for (n = AGE_STANZAS_MAX; n <= AGE_STANZAS_MAX + 1; n++) {
		buf_reset(&b);
		buf_puts(&b, V);
		for (i = 0; i < n; i++)
			buf_puts(&b, "-> g\n\n");
		buf_puts(&b, M);
		assert_int_equal(age_header_check(b.data, b.len, &i),
		    n > AGE_STANZAS_MAX ? ERR_RANGE : ERR_OK);
	}
	for (lines = 1007; lines <= 1008; lines++) {
		buf_reset(&b);
		buf_puts(&b, V "-> g\n");
		for (i = 0; i < lines; i++)
			buf_puts(&b, L64);
		buf_puts(&b, "\n" M);
		assert_int_equal(age_header_check(b.data, b.len, &i),
		    b.len > AGE_HEADER_MAX ? ERR_RANGE : ERR_OK);
	}
	assert_true(b.len > AGE_HEADER_MAX);
	buf_done(&b);
}

/* The MAC covers what came, grease included. */
static void
test_mac_covers_grease(void **state)
{
	uint8_t key[AGE_FILE_KEY_LEN];
	struct buf file, b;
	size_t n;

	(void)state;
	seal(1, "x", &file);
	assert_int_equal(age_header_len(file.data, file.len, &n), ERR_OK);
	buf_init(&b, 4096);
	buf_puts(&b, V "-> grease\n\n");
	buf_put(&b, file.data + strlen(V), n - strlen(V));
	assert_int_equal(age_open_header(whole(&b), id, 1, key), ERR_MAC);
	assert_int_equal(key[0] | key[15], 0);
	buf_done(&file);
	buf_done(&b);
}

/* ---- payloads ---- */

static const uint8_t file_key[AGE_FILE_KEY_LEN] = "sixteen letters";
static uint8_t *text;
#define TEXT_LEN	(3u * AGE_CHUNK_LEN + 5)

static void
write_payload(size_t n, size_t step, struct buf *out)
{
	struct age_writer *w;
	size_t at, k;

	buf_reset(out);
	assert_int_equal(age_writer_new(file_key, age_to_buf, out, &w), ERR_OK);
	for (at = 0; at < n; at += k) {
		k = n - at < step ? n - at : step;
		assert_int_equal(age_writer_put(w, text + at, k), ERR_OK);
	}
	assert_int_equal(age_writer_end(w), ERR_OK);
	age_writer_free(w);
	assert_true(out->len == age_payload_size(n));
}

static enum err
read_payload(const uint8_t *p, size_t n, size_t step, struct buf *out)
{
	struct age_reader *r;
	enum err e = ERR_OK;
	size_t at, k;

	buf_reset(out);
	assert_int_equal(age_reader_new(file_key, age_to_buf, out, &r), ERR_OK);
	for (at = 0; at < n && e == ERR_OK; at += k) {
		k = n - at < step ? n - at : step;
		e = age_reader_put(r, p + at, k);
	}
	if (e == ERR_OK)
		e = age_reader_end(r);
	age_reader_free(r);
	return e;
}

static int
setup_text(void **state)
{
	size_t i;

	(void)state;
	if ((text = malloc(TEXT_LEN)) == NULL)
		return -1;
	for (i = 0; i < TEXT_LEN; i++)
		text[i] = (uint8_t)(i * 31 + i / 253);
	return 0;
}

static int
free_text(void **state)
{
	(void)state;
	free(text);
	return 0;
}

static void
test_payload_sizes_and_steps(void **state)
{
	static const size_t n[] = { 0, 1, 65535, 65536, 65537, 131072, 131073,
		TEXT_LEN };
	static const size_t step[] = { 997, 65536, 65552, 65553, 1 << 20 };
	struct buf out, plain;
	size_t i, k;

	(void)state;
	buf_init(&out, 1 << 20);
	buf_init(&plain, 1 << 20);
	for (i = 0; i < sizeof(n) / sizeof(n[0]); i++) {
		for (k = 0; k < sizeof(step) / sizeof(step[0]); k++) {
			write_payload(n[i], step[k], &out);
			assert_int_equal(read_payload(out.data, out.len,
			    step[4 - k], &plain), ERR_OK);
			assert_int_equal(plain.len, n[i]);
			if (n[i] > 0)
				assert_memory_equal(plain.data, text, n[i]);
		}
	}
	buf_done(&out);
	buf_done(&plain);
}

static void
test_payload_faults(void **state)
{
	static const size_t cut[] = { 0, 15, 16, 17, 31, 32, 16 + 65551,
		16 + 65552, 16 + 65553, 16 + 65552 + 15, 16 + 65552 + 16 };
	struct buf out, plain;
	uint8_t *a, *b;
	size_t i;

	(void)state;
	buf_init(&out, 1 << 20);
	buf_init(&plain, 1 << 20);
	write_payload(2 * AGE_CHUNK_LEN + 100, 1 << 20, &out);
	for (i = 0; i < sizeof(cut) / sizeof(cut[0]); i++)
		assert_int_equal(read_payload(out.data, cut[i], 5000, &plain),
		    cut[i] < AGE_NONCE_LEN ? ERR_FORMAT : ERR_PAYLOAD);
	/* Between chunks: the last one there is not the last. */
	assert_int_equal(read_payload(out.data, 16 + 2 * 65552, 5000, &plain),
	    ERR_PAYLOAD);
	assert_true(plain.len <= AGE_CHUNK_LEN);
	for (i = 0; i < out.len; i += i < 100 || i > out.len - 130 ? 1 : 777) {
		out.data[i] ^= 4;
		assert_int_equal(read_payload(out.data, out.len, 1 << 20,
		    &plain), ERR_PAYLOAD);
		out.data[i] ^= 4;
	}
	/* Chunks in another order. */
	a = out.data + 16;
	b = a + AGE_SEALED_CHUNK_LEN;
	for (i = 0; i < AGE_SEALED_CHUNK_LEN; i++) {
		a[i] ^= b[i];
		b[i] ^= a[i];
		a[i] ^= b[i];
	}
	assert_int_equal(read_payload(out.data, out.len, 1 << 20, &plain),
	    ERR_PAYLOAD);
	assert_int_equal(plain.len, 0);
	/* Something behind the end. */
	write_payload(100, 100, &out);
	buf_putc(&out, 0);
	assert_int_equal(read_payload(out.data, out.len, 7, &plain),
	    ERR_PAYLOAD);
	write_payload(AGE_CHUNK_LEN, 100000, &out);
	buf_putc(&out, 0);
	assert_int_equal(read_payload(out.data, out.len, 1 << 20, &plain),
	    ERR_PAYLOAD);
	assert_int_equal(plain.len, 0);
	buf_done(&out);
	buf_done(&plain);
}

static enum err
full(void *arg, const uint8_t *p, size_t n)
{
	(void)p;
	(void)n;
	return --*(int *)arg < 0 ? ERR_FULL : ERR_OK;
}

/* The sink's refusal comes back, and every call after it says the same. */
static void
test_sink_that_refuses(void **state)
{
	struct age_writer *w;
	struct age_reader *r;
	struct buf out;
	int left;

	(void)state;
	for (left = 0; left < 3; left++) {
		int n = left;

		assert_int_equal(age_writer_new(file_key, full, &n, &w),
		    ERR_OK);
		assert_int_equal(age_writer_put(w, text, TEXT_LEN), ERR_FULL);
		assert_int_equal(age_writer_put(w, text, 1), ERR_FULL);
		assert_int_equal(age_writer_end(w), ERR_FULL);
		age_writer_free(w);
	}
	buf_init(&out, 1 << 20);
	write_payload(TEXT_LEN, 1 << 20, &out);
	left = 1;
	assert_int_equal(age_reader_new(file_key, full, &left, &r), ERR_OK);
	assert_int_equal(age_reader_put(r, out.data, out.len), ERR_FULL);
	assert_int_equal(age_reader_put(r, out.data, 1), ERR_FULL);
	assert_int_equal(age_reader_end(r), ERR_FULL);
	age_reader_free(r);
	age_reader_free(NULL);
	age_writer_free(NULL);
	buf_done(&out);
}

static void
test_payload_size(void **state)
{
	(void)state;
	assert_true(age_payload_size(0) == 32);
	assert_true(age_payload_size(1) == 33);
	assert_true(age_payload_size(65536) == 16 + 65552);
	assert_true(age_payload_size(65537) == 16 + 65552 + 17);
	assert_true(age_payload_size(300000) == 300264 - 168);
}

/* What was there stays, what came is wiped, when a payload fails. */
static void
test_failed_open_leaves_nothing(void **state)
{
	struct buf file, plain;
	size_t i;

	(void)state;
	buf_init(&file, 1 << 20);
	buf_init(&plain, 1 << 20);
	assert_int_equal(age_seal_file(to, 1, (struct bytes){ text,
	    2 * AGE_CHUNK_LEN }, &file), ERR_OK);
	file.data[file.len - 1] ^= 1;
	buf_puts(&plain, "kept");
	assert_int_equal(age_open_file(whole(&file), id, 1, &plain),
	    ERR_PAYLOAD);
	assert_int_equal(plain.len, 4);
	assert_memory_equal(plain.data, "kept", 4);
	for (i = 4; i < plain.cap; i++)
		assert_int_equal(plain.data[i], 0);
	buf_done(&file);
	buf_done(&plain);
}

/* ---- passphrases ---- */

static void
test_passphrase(void **state)
{
	struct bytes right = { "correct horse", 13 }, wrong = { "correct", 7 };
	uint8_t key[AGE_FILE_KEY_LEN], back[AGE_FILE_KEY_LEN], *at;
	struct buf b;

	(void)state;
	age_file_key_new(key);
	buf_init(&b, 4096);
	assert_int_equal(age_seal_passphrase(key, right, 10, &b), ERR_OK);
	assert_true(age_is_passphrase(whole(&b)));
	assert_int_equal(age_open_passphrase(whole(&b), right, back), ERR_OK);
	assert_memory_equal(key, back, sizeof(key));
	assert_int_equal(age_open_passphrase(whole(&b), wrong, back),
	    ERR_NOMATCH);
	assert_int_equal(back[0] | back[15], 0);
	assert_int_equal(age_open_passphrase(whole(&b),
	    (struct bytes){ NULL, 0 }, back), ERR_NOMATCH);
	assert_int_equal(age_open_header(whole(&b), id, 3, back),
	    ERR_NOMATCH);
	at = &b.data[b.len - 3];
	*at = *at == 'A' ? 'B' : 'A';
	assert_int_equal(age_open_passphrase(whole(&b), right, back),
	    ERR_MAC);

	buf_reset(&b);
	assert_int_equal(age_seal_passphrase(key, right, 0, &b), ERR_RANGE);
	assert_int_equal(age_seal_passphrase(key, right,
	    AGE_WORK_FACTOR_MAX + 1, &b), ERR_RANGE);
	assert_int_equal(age_seal_passphrase(key, (struct bytes){ "", 0 }, 10,
	    &b), ERR_RANGE);
	assert_int_equal(b.len, 0);
	assert_int_equal(age_seal_header(key, to, 1, &b), ERR_OK);
	assert_false(age_is_passphrase(whole(&b)));
	assert_int_equal(age_open_passphrase(whole(&b), right, back),
	    ERR_NOMATCH);
	buf_done(&b);
}

#define SALT	"AAAAAAAAAAAAAAAAAAAAAA"

static void
test_passphrase_faults(void **state)
{
	static const struct {
		const char *args;
		enum err e;
	} v[] = {
		{ SALT " 23", ERR_RANGE }, { SALT " 100", ERR_RANGE },
		{ SALT " 18446744073709551626", ERR_RANGE },
		{ SALT " 4294967306", ERR_RANGE },
		{ SALT " 0", ERR_FORMAT }, { SALT " 010", ERR_FORMAT },
		{ SALT " -1", ERR_FORMAT }, { SALT " +10", ERR_FORMAT },
		{ SALT " 0x10", ERR_FORMAT }, { SALT " 10a", ERR_FORMAT },
		{ SALT, ERR_FORMAT }, { "10", ERR_FORMAT },
		{ SALT " 10 10", ERR_FORMAT }, { SALT "A 10", ERR_FORMAT },
		{ "AAAAAAAAAAAAAAAAAAAAA 10", ERR_FORMAT },
		{ "AAAAAAAAAAAAAAAAAAAAAB 10", ERR_FORMAT },
		{ SALT " 1", ERR_NOMATCH }, { SALT " 10", ERR_NOMATCH },
	};
	uint8_t key[AGE_FILE_KEY_LEN];
	struct buf b;
	size_t i;

	(void)state;
	buf_init(&b, 4096);
	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		buf_reset(&b);
		buf_printf(&b, V "-> scrypt %s\n" BODY "\n" M, v[i].args);
		assert_int_equal(age_open_passphrase(whole(&b),
		    (struct bytes){ "x", 1 }, key), v[i].e);
	}
	buf_reset(&b);
	buf_puts(&b, V "-> scrypt " SALT " 10\n" BODY "AAAA\n" M);
	assert_int_equal(age_open_passphrase(whole(&b),
	    (struct bytes){ "x", 1 }, key), ERR_FORMAT);
	buf_done(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_known_pair),
		cmocka_unit_test(test_keys_with_a_fault),
		cmocka_unit_test(test_bech32_faults),
		cmocka_unit_test(test_points_that_are_not_safe),
		cmocka_unit_test(test_each_recipient_opens_it),
		cmocka_unit_test(test_number_of_recipients),
		cmocka_unit_test(test_order_is_random),
		cmocka_unit_test(test_header_damage),
		cmocka_unit_test(test_header_len),
		cmocka_unit_test(test_header_faults),
		cmocka_unit_test(test_header_limits),
		cmocka_unit_test(test_mac_covers_grease),
		cmocka_unit_test_setup_teardown(test_payload_sizes_and_steps,
		    setup_text, free_text),
		cmocka_unit_test_setup_teardown(test_payload_faults,
		    setup_text, free_text),
		cmocka_unit_test_setup_teardown(test_sink_that_refuses,
		    setup_text, free_text),
		cmocka_unit_test(test_payload_size),
		cmocka_unit_test_setup_teardown(
		    test_failed_open_leaves_nothing, setup_text, free_text),
		cmocka_unit_test(test_passphrase),
		cmocka_unit_test(test_passphrase_faults),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
