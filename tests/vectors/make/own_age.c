/*
 * own_age DIR: our own age vectors, in the form of the age test kit, into
 * DIR/age.  Randomness is a counter, so that each run writes the same bytes.
 *
 * The failing ones have one fault each and outnumber the good ones.  Long
 * payloads are made of such a plaintext that the ciphertext is all zero
 * bytes: they pack to nothing.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

#include "age_internal.h"
#include "label.h"
#include "suite.h"

#define FILE_MAX	(8u * 1024 * 1024)
#define PASSPHRASE	"sepuluh kata yang panjang"

static const uint8_t file_key[AGE_FILE_KEY_LEN] = "kunci berkas 16";
static struct age_identity id[2];
static struct age_recipient to[2];
static char id_text[2][AGE_IDENTITY_LEN + 1];

/* One vector in the making. */
static struct vector {
	const char *name, *expect, *identities, *passphrases;
	bool packed;
	struct buf header;	/* up to the MAC line */
	struct buf file;	/* all of it */
	struct buf plain;
} v;

static const char *folder;
static FILE *table[2];		/* X25519, scrypt */
static uint32_t count;

static void
count_up(void *out, size_t n)
{
	uint8_t *p = out;
	size_t i;

	for (i = 0; i < n; i++)
		p[i] = (uint8_t)(++count * 2654435761u >> 24);
}

static void
die(const char *what)
{
	perror(what);
	exit(3);
}

/* ---- pieces ---- */

static void
start(const char *name, const char *expect)
{
	v.name = name;
	v.expect = expect;
	v.identities = id_text[0];
	v.passphrases = "-";
	v.packed = false;
	buf_reset(&v.header);
	buf_reset(&v.file);
	buf_reset(&v.plain);
	buf_puts(&v.header, LABEL_AGE_VERSION "\n");
}

static void
text(const char *s)
{
	buf_puts(&v.header, s);
}

/* A real header for ${n} recipients, without version and MAC lines. */
static void
x25519(const struct age_recipient *r, size_t n)
{
	size_t skip = strlen(LABEL_AGE_VERSION "\n");
	struct buf b;

	buf_init(&b, AGE_HEADER_MAX);
	if (age_seal_header(file_key, r, n, &b) != ERR_OK)
		die("seal");
	buf_put(&v.header, b.data + skip, b.len - skip - 48);
	buf_done(&b);
}

static void
scrypt(unsigned work_factor)
{
	size_t skip = strlen(LABEL_AGE_VERSION "\n");
	struct buf b;

	v.identities = "-";
	v.passphrases = PASSPHRASE;
	buf_init(&b, AGE_HEADER_MAX);
	if (age_seal_passphrase(file_key, (struct bytes){ PASSPHRASE,
	    strlen(PASSPHRASE) }, work_factor, &b) != ERR_OK)
		die("seal");
	buf_put(&v.header, b.data + skip, b.len - skip - 48);
	buf_done(&b);
}

/* Replace the first ${from} in the header, which must be there. */
static void
swap(const char *from, const char *with)
{
	const char *h = buf_text(&v.header), *at = strstr(h, from);
	struct buf b;

	if (at == NULL) {
		fprintf(stderr, "%s: no %s\n", v.name, from);
		exit(3);
	}
	buf_init(&b, AGE_HEADER_MAX * 2);
	buf_put(&b, h, (size_t)(at - h));
	buf_puts(&b, with);
	buf_puts(&b, at + strlen(from));
	buf_reset(&v.header);
	buf_put(&v.header, b.data, b.len);
	buf_done(&b);
}

/* The MAC line over what the header has become. */
static void
mac(void)
{
	age_header_end(&v.header, file_key);
	buf_put(&v.file, v.header.data, v.header.len);
	buf_reset(&v.header);
}

static uint8_t payload_key[AGE_KEY_LEN];

static void
nonce(void)
{
	uint8_t n[AGE_NONCE_LEN];

	rand_bytes(n, sizeof(n));
	age_payload_key(file_key, n, payload_key);
	buf_put(&v.file, n, sizeof(n));
}

/* A chunk whose ciphertext is ${n} zero bytes. */
static void
chunk(uint64_t number, bool last, size_t n)
{
	static uint8_t zeros[AGE_CHUNK_LEN], sealed[AGE_SEALED_CHUNK_LEN];
	static uint8_t plain[AGE_CHUNK_LEN];
	struct age_chunk which = { number, last };

	/* What zeros become is the key stream: sealed again, it is zeros. */
	age_chunk_seal(payload_key, which, (struct bytes){ zeros, n },
	    sealed);
	memcpy(plain, sealed, n);
	age_chunk_seal(payload_key, which, (struct bytes){ plain, n },
	    sealed);
	buf_put(&v.file, sealed, n + AGE_TAG_LEN);
	buf_put(&v.plain, plain, n);
}

static void
payload(void)
{
	nonce();
	chunk(0, true, 20);
}

/* ---- writing ---- */

static void
pack(struct buf *out)
{
	uLongf n = compressBound(v.file.len);
	uint8_t *p;

	if ((p = malloc(n)) == NULL || compress2(p, &n, v.file.data,
	    v.file.len, 9) != Z_OK)
		die("compress");
	buf_put(out, p, n);
	free(p);
}

static void
finish(void)
{
	uint8_t digest[SHA256_LEN];
	char hex[HEX_LEN(SHA256_LEN) + 1], path[4096];
	bool good = strcmp(v.expect, "success") == 0;
	struct buf out;
	FILE *f;

	buf_init(&out, FILE_MAX);
	buf_printf(&out, "expect: %s\n", v.expect);
	sha256(v.plain.data, v.plain.len, digest);
	hex_encode(digest, sizeof(digest), hex);
	if (good)
		buf_printf(&out, "payload: %s\n", hex);
	if (strcmp(v.identities, "-") != 0)
		buf_printf(&out, "identity: %s\n", v.identities);
	if (strcmp(v.passphrases, "-") != 0)
		buf_printf(&out, "passphrase: %s\n", v.passphrases);
	if (v.packed)
		buf_puts(&out, "compressed: zlib\n");
	buf_puts(&out, "\n");
	if (v.packed)
		pack(&out);
	else
		buf_put(&out, v.file.data, v.file.len);

	snprintf(path, sizeof(path), "%s/age/files/%s", folder, v.name);
	if (buf_err(&out) != ERR_OK || buf_err(&v.file) != ERR_OK ||
	    (f = fopen(path, "wb")) == NULL ||
	    fwrite(out.data, 1, out.len, f) != out.len || fclose(f) != 0)
		die(path);
	fprintf(table[strcmp(v.passphrases, "-") != 0],
	    "%s\t%s\t%s\t%s\t%s\t%s\n", v.name, v.expect,
	    v.packed ? "zlib" : "-", good ? hex : "-", v.identities,
	    v.passphrases);
	buf_done(&out);
}

/* A header of one stanza with one thing replaced, then a good payload. */
static void
header_fault(const char *name, const char *expect, const char *from,
    const char *with)
{
	start(name, expect);
	x25519(to, 1);
	swap(from, with);
	mac();
	payload();
	finish();
}

/* ---- the vectors ---- */

static void
good_headers(void)
{
	start("one_recipient", "success");
	x25519(to, 1);
	mac();
	payload();
	finish();

	start("two_recipients", "success");
	x25519(to, 2);
	mac();
	payload();
	finish();

	start("grease_before_and_behind", "success");
	text("-> a-grease 1 2 3 4 5 6 7\n\n");
	x25519(to, 1);
	text("-> !~\nAAAA\n");
	mac();
	payload();
	finish();

	start("other_recipient", "no match");
	x25519(to + 1, 1);
	mac();
	payload();
	finish();
}

static void
stanza_faults(void)
{
	static const char bad[] = "header failure";

	header_fault("type_lower_case", "no match", "X25519", "x25519");
	header_fault("version_2", bad, "/v1", "/v2");
	header_fault("version_upper_case", bad, "age-e", "Age-e");
	header_fault("version_cr", bad, "v1\n", "v1\r\n");
	header_fault("version_blank", bad, "v1\n", "v1 \n");
	header_fault("arrow_without_space", bad, "-> X", "->X");
	header_fault("arrow_two_spaces", bad, "-> X", "->  X");
	header_fault("argument_two_spaces", bad, "X25519 ", "X25519  ");
	header_fault("argument_tab", bad, "X25519 ", "X25519\t");
	header_fault("argument_missing", bad, "-> X", "-> X25519\n"
	    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n-> X");
	header_fault("type_joined_to_argument", "no match", "X25519 ",
	    "X25519_");
	header_fault("argument_above_126", bad, "-> X", "-> \xc3\xa9 X");
	header_fault("share_above_127", bad, "X25519 ", "X25519 \xc1");
	header_fault("stanza_blank_line", bad, "-> X", "\n-> X");
	header_fault("stanza_nine_arguments", bad, "-> X",
	    "-> 1 2 3 4 5 6 7 8 9\n\n-> X");
	header_fault("stanza_padded_body", bad, "-> X", "-> g\nAA==\n-> X");
	header_fault("stanza_url_alphabet", bad, "-> X", "-> g\nAA-_\n-> X");
	header_fault("stanza_trailing_bits", bad, "-> X", "-> g\nAB\n-> X");
	header_fault("stanza_body_of_one_letter", bad, "-> X",
	    "-> g\nA\n-> X");
	header_fault("stanza_body_two_short_lines", bad, "-> X",
	    "-> g\nAAAA\nAAAA\n-> X");
	header_fault("stanza_body_missing", bad, "-> X", "-> g\n-> X");
	header_fault("stanza_no_short_line", bad, "-> X", "-> g\n"
	    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n"
	    "-> X");
	header_fault("stanza_65_columns", bad, "-> X", "-> g\nA"
	    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n"
	    "\n-> X");
	header_fault("second_x25519_short_share", bad, "-> X",
	    "-> X25519 AAAA\n"
	    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n-> X");
	header_fault("second_x25519_low_order", bad, "-> X", "-> X25519 "
	    "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n"
	    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n-> X");
	header_fault("second_x25519_long_body", bad, "-> X", "-> X25519 "
	    "CQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n"
	    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n-> X");
	header_fault("scrypt_beside_x25519", bad, "-> X",
	    "-> scrypt AAAAAAAAAAAAAAAAAAAAAA 1\n"
	    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n-> X");
	start("no_stanza", bad);
	mac();
	payload();
	finish();
}

/* A good file with its MAC line changed after it was made. */
static void
mac_fault(const char *name, const char *expect, size_t at, const char *put,
    size_t cut)
{
	struct buf b;
	size_t from;

	start(name, expect);
	x25519(to, 1);
	mac();
	from = v.file.len - 48 + at;
	buf_init(&b, AGE_HEADER_MAX);
	buf_put(&b, v.file.data, from);
	buf_puts(&b, put);
	buf_put(&b, v.file.data + from + cut, v.file.len - from - cut);
	buf_reset(&v.file);
	buf_put(&v.file, b.data, b.len);
	buf_done(&b);
	payload();
	finish();
}

static void
mac_faults(void)
{
	mac_fault("mac_other", "HMAC failure", 4, "AAAA", 4);
	mac_fault("mac_no_space", "header failure", 3, "", 1);
	mac_fault("mac_two_spaces", "header failure", 3, " ", 0);
	mac_fault("mac_blank_behind", "header failure", 47, " ", 0);
	mac_fault("mac_cr", "header failure", 47, "\r", 0);
	mac_fault("mac_padded", "header failure", 47, "=", 0);
	mac_fault("mac_short", "header failure", 46, "", 1);
	mac_fault("mac_long", "header failure", 47, "AAAA", 0);
	mac_fault("mac_empty", "header failure", 4, "", 43);
	mac_fault("mac_no_lf", "header failure", 47, "", 1);

	start("mac_over_other_grease", "HMAC failure");
	text("-> grease\n\n");
	x25519(to, 1);
	mac();
	*(uint8_t *)memmem(v.file.data, v.file.len, "grease", 6) = 'G';
	payload();
	finish();
}

static void
payload_start(const char *name, const char *expect)
{
	start(name, expect);
	x25519(to, 1);
	mac();
	nonce();
	v.packed = true;
}

static void
payloads(void)
{
	static const char bad[] = "payload failure";

	payload_start("payload_empty", "success");
	chunk(0, true, 0);
	finish();
	payload_start("payload_one_full_chunk", "success");
	chunk(0, true, AGE_CHUNK_LEN);
	finish();
	payload_start("payload_full_chunk_and_one_byte", "success");
	chunk(0, false, AGE_CHUNK_LEN);
	chunk(1, true, 1);
	finish();
	payload_start("payload_300_chunks", "success");
	for (uint64_t i = 0; i < 300; i++)
		chunk(i, i == 299, i == 299 ? 7 : AGE_CHUNK_LEN);
	finish();

	payload_start("payload_no_chunk", bad);
	finish();
	payload_start("payload_15_bytes", bad);
	chunk(0, true, 0);
	v.file.len--;
	finish();
	payload_start("payload_tag_changed", bad);
	chunk(0, true, 3);
	v.file.data[v.file.len - 1] ^= 1;
	finish();
	payload_start("payload_not_last", bad);
	chunk(0, false, 3);
	finish();
	payload_start("payload_ends_after_a_full_chunk", bad);
	chunk(0, false, AGE_CHUNK_LEN);
	finish();
	payload_start("payload_empty_last_chunk", bad);
	chunk(0, false, AGE_CHUNK_LEN);
	chunk(1, true, 0);
	finish();
	payload_start("payload_short_chunk_first", bad);
	chunk(0, false, 100);
	chunk(1, true, 100);
	finish();
	payload_start("payload_byte_behind", bad);
	chunk(0, true, 100);
	buf_putc(&v.file, 0);
	finish();
	payload_start("payload_byte_behind_a_full_chunk", bad);
	chunk(0, true, AGE_CHUNK_LEN);
	buf_putc(&v.file, 0);
	finish();
	payload_start("payload_chunk_twice", bad);
	chunk(0, false, AGE_CHUNK_LEN);
	chunk(0, true, 5);
	finish();
	payload_start("payload_chunk_left_out", bad);
	chunk(0, false, AGE_CHUNK_LEN);
	chunk(2, true, 5);
	finish();
	payload_start("payload_two_last_chunks", bad);
	chunk(0, true, AGE_CHUNK_LEN);
	chunk(1, true, 5);
	finish();

	start("nonce_cut", "header failure");
	x25519(to, 1);
	mac();
	nonce();
	v.file.len--;
	finish();
	start("nonce_missing", "header failure");
	x25519(to, 1);
	mac();
	finish();
}

/* A scrypt header with one thing replaced. */
static void
scrypt_fault(const char *name, const char *expect, const char *from,
    const char *with)
{
	start(name, expect);
	scrypt(10);
	swap(from, with);
	mac();
	payload();
	finish();
}

static void
passphrases(void)
{
	static const char bad[] = "header failure";

	start("scrypt", "success");
	scrypt(10);
	mac();
	payload();
	finish();

	start("scrypt_other_passphrase", "no match");
	scrypt(10);
	v.passphrases = PASSPHRASE ".";
	mac();
	payload();
	finish();

	scrypt_fault("scrypt_less_work", "no match", " 10\n", " 9\n");
	scrypt_fault("scrypt_work_23", bad, " 10\n", " 23\n");
	scrypt_fault("scrypt_work_past_64_bits", bad, " 10\n",
	    " 18446744073709551626\n");
	scrypt_fault("scrypt_work_leading_zero", bad, " 10\n", " 010\n");
	scrypt_fault("scrypt_work_plus", bad, " 10\n", " +10\n");
	scrypt_fault("scrypt_work_minus", bad, " 10\n", " -10\n");
	scrypt_fault("scrypt_work_hex", bad, " 10\n", " 0xa\n");
	scrypt_fault("scrypt_work_missing", bad, " 10\n", "\n");
	scrypt_fault("scrypt_argument_too_many", bad, " 10\n", " 10 10\n");
	scrypt_fault("scrypt_salt_long", bad, "scrypt ", "scrypt AAAA");
	scrypt_fault("scrypt_upper_case", "no match", "scrypt ", "Scrypt ");
	scrypt_fault("scrypt_and_grease", bad, "-> scrypt",
	    "-> g\n\n-> scrypt");
}

static FILE *
open_table(const char *name)
{
	char path[4096];
	FILE *f;

	snprintf(path, sizeof(path), "%s/age/%s", folder, name);
	if ((f = fopen(path, "w")) == NULL)
		die(path);
	fputs("# name\texpect\tzlib\tpayload-sha256\tidentities(|)"
	    "\tpassphrases(|)\n", f);
	return f;
}

int
main(int argc, char **argv)
{
	char path[4096];
	size_t i;

	if (argc != 2) {
		fprintf(stderr, "usage: own_age DIR\n");
		return 2;
	}
	if (crypto_init() != ERR_OK)
		return 3;
	rand_replace(count_up);
	folder = argv[1];
	(void)mkdir(folder, 0777);
	snprintf(path, sizeof(path), "%s/age", folder);
	(void)mkdir(path, 0777);
	snprintf(path, sizeof(path), "%s/age/files", folder);
	(void)mkdir(path, 0777);
	table[0] = open_table("x25519-binary.tsv");
	table[1] = open_table("scrypt-binary.tsv");
	for (i = 0; i < 2; i++) {
		age_identity_new(&id[i]);
		age_identity_recipient(&id[i], &to[i]);
		age_identity_encode(&id[i], id_text[i]);
	}
	buf_init(&v.header, 2 * AGE_HEADER_MAX);
	buf_init(&v.file, 4 * FILE_MAX);
	buf_init(&v.plain, 4 * FILE_MAX);

	good_headers();
	stanza_faults();
	mac_faults();
	payloads();
	passphrases();

	buf_done(&v.header);
	buf_done(&v.file);
	buf_done(&v.plain);
	return fclose(table[0]) != 0 || fclose(table[1]) != 0 ? 3 : 0;
}
