/* Manifests and identity objects. */
#include <fcntl.h>
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cmocka.h>

#include "manifest.h"
#include "need.h"
#include "pad.h"

#define HEX16	"000102030405060708090a0b0c0d0e0f"
#define HEX32	"000102030405060708090a0b0c0d0e0f" \
		"101112131415161718191a1b1c1d1e1f"
#define HEAD	"{\"peluit\":\"manifest/v1\",\"origin\":\"wbs.example\"," \
		"\"case\":\"" HEX16 "\",\"epoch\":7,\"channel\":\"umum\""
#define MESSAGE	HEAD ",\"kind\":\"message\",\"text\":\"halo\"}"

static struct bytes
text_of(const char *s)
{
	return (struct bytes){ s, strlen(s) };
}

static struct bytes
bytes_of(const struct buf *b)
{
	return (struct bytes){ b->data, b->len };
}

static void
age_of(uint8_t n, struct age_recipient *out)
{
	struct age_identity id;

	memset(&id, n, sizeof(id));
	age_identity_recipient(&id, out);
}

static char key_what[] = "category", key_who[] = "who", key_when[] = "when";
static char value_1[] = "suap", value_2[] = "A \"B\" \\ \n\t\x01 \xf0\x9f\x98"
    "\x80", value_3[] = "C", value_4[] = "kemarin";
static char words[] = "Isi laporan <b>&amp;</b>\r\n";
static char name[] = "../a \"q\".txt", type[] = "text/plain";

static struct manifest *
sample(void)
{
	struct manifest *m = malloc(sizeof(*m));
	uint8_t seed[SIGN_SEED_LEN] = { 9 };

	assert_non_null(m);
	manifest_init(m);
	strcpy(m->origin, "wbs.example");
	memset(m->case_id, 3, ID_LEN);
	m->kind = MANIFEST_REPORT;
	m->epoch = 81234;
	strcpy(m->channel, "umum");
	m->field[0] = (struct manifest_field){ key_what, value_1 };
	m->field[1] = (struct manifest_field){ key_who, value_2 };
	m->field[2] = (struct manifest_field){ key_when, value_4 };
	m->field[3] = (struct manifest_field){ key_who, value_3 };
	m->fields = 4;
	m->text = words;
	memset(m->attachment[0].object, 4, ID_LEN);
	m->attachment[0].name = name;
	m->attachment[0].type = type;
	m->attachment[0].size = 5000000000;
	memset(m->attachment[0].digest, 5, BLAKE2B_LEN);
	m->attachments = 1;
	m->has_identity = true;
	memset(m->identity_object, 6, ID_LEN);
	memset(m->identity_digest, 7, BLAKE2B_LEN);
	age_of(8, &m->source);
	sign_public(seed, m->source_key);
	age_of(9, &m->recipient[0]);
	age_of(10, &m->recipient[1]);
	m->recipients = 2;
	return m;
}

static void
test_report(void **state)
{
	struct manifest *m = sample(), *d = malloc(sizeof(*d));
	struct buf a, b;

	(void)state;
	assert_non_null(d);
	buf_init(&a, MANIFEST_MAX);
	buf_init(&b, MANIFEST_MAX);
	assert_int_equal(manifest_encode(m, &a), ERR_OK);
	assert_int_equal(a.len, PAD_MANIFEST_STEP);
	assert_int_equal(a.data[a.len - 1], ' ');
	assert_int_equal(manifest_decode(bytes_of(&a), d), ERR_OK);
	assert_string_equal(d->origin, m->origin);
	assert_memory_equal(d->case_id, m->case_id, ID_LEN);
	assert_int_equal(d->kind, MANIFEST_REPORT);
	assert_int_equal(d->epoch, m->epoch);
	assert_int_equal(d->fields, 4);
	assert_string_equal(d->field[0].key, "category");
	assert_string_equal(d->field[1].value, value_2);
	assert_string_equal(d->field[2].value, value_3);
	assert_string_equal(d->field[3].key, "when");
	assert_string_equal(d->text, words);
	assert_string_equal(d->attachment[0].name, name);
	assert_int_equal(d->attachment[0].size, 5000000000);
	assert_true(d->has_identity);
	assert_int_equal(d->identity_digest[31], 7);
	assert_memory_equal(&d->source, &m->source, sizeof(d->source));
	assert_memory_equal(d->source_key, m->source_key, SIGN_PUBLIC_LEN);
	assert_int_equal(d->recipients, 2);
	assert_memory_equal(d->recipient, m->recipient, 64);
	assert_int_equal(manifest_encode(d, &b), ERR_OK);
	assert_string_equal(buf_text(&a), buf_text(&b));
	manifest_done(d);
	assert_null(d->text);
	manifest_done(d);
	buf_done(&a);
	buf_done(&b);
	free(m);
	free(d);
}

static void
test_reply(void **state)
{
	struct manifest *m = sample(), *d = malloc(sizeof(*d));
	static char reason[] = "bukan_kewenangan";
	struct buf a;

	(void)state;
	assert_non_null(d);
	buf_init(&a, MANIFEST_MAX);
	m->kind = MANIFEST_REPLY;
	m->fields = 0;
	strcpy(m->status, "ARCHIVED");
	m->reason = reason;
	/* A reply has no attachments and no identity. */
	assert_int_equal(manifest_encode(m, &a), ERR_FORMAT);
	m->attachments = 0;
	buf_reset(&a);
	assert_int_equal(manifest_encode(m, &a), ERR_FORMAT);
	m->has_identity = false;
	buf_reset(&a);
	assert_int_equal(manifest_encode(m, &a), ERR_OK);
	assert_int_equal(manifest_decode(bytes_of(&a), d), ERR_OK);
	assert_string_equal(d->status, "ARCHIVED");
	assert_string_equal(d->reason, reason);
	assert_int_equal(d->recipients, 0);
	manifest_done(d);
	m->kind = MANIFEST_MESSAGE;
	buf_reset(&a);
	assert_int_equal(manifest_encode(m, &a), ERR_FORMAT);
	buf_done(&a);
	free(m);
	free(d);
}

static const struct { const char *why, *text; enum err e; } bad[] = {
	{ "empty", "", ERR_FORMAT },
	{ "an array", "[]", ERR_FORMAT },
	{ "a number", "7", ERR_FORMAT },
	{ "behind it", MESSAGE "x", ERR_FORMAT },
	{ "two", MESSAGE MESSAGE, ERR_FORMAT },
	{ "a key twice", HEAD ",\"kind\":\"message\",\"text\":\"a\",\"text\":\"b\"}",
	    ERR_FORMAT },
	{ "a key twice, escaped", HEAD ",\"kind\":\"message\",\"text\":\"a\","
	    "\"te\\u0078t\":\"b\"}", ERR_FORMAT },
	{ "version", "{\"peluit\":\"manifest/v2\"}", ERR_VERSION },
	{ "other", "{\"peluit\":\"identity/v1\"}", ERR_FORMAT },
	{ "no kind", HEAD ",\"text\":\"a\"}", ERR_FORMAT },
	{ "unknown kind", HEAD ",\"kind\":\"memo\",\"text\":\"a\"}",
	    ERR_FORMAT },
	{ "no text", HEAD ",\"kind\":\"message\"}", ERR_FORMAT },
	{ "text not a string", HEAD ",\"kind\":\"message\",\"text\":null}",
	    ERR_FORMAT },
	{ "NUL", HEAD ",\"kind\":\"message\",\"text\":\"a\\u0000b\"}",
	    ERR_FORMAT },
	{ "lone surrogate", HEAD ",\"kind\":\"message\",\"text\":"
	    "\"\\ud800\"}", ERR_FORMAT },
	{ "not UTF-8", HEAD ",\"kind\":\"message\",\"text\":\"\xff\"}",
	    ERR_FORMAT },
	{ "byte order mark", "\xef\xbb\xbf" MESSAGE, ERR_FORMAT },
	{ "report without keys", HEAD ",\"kind\":\"report\",\"text\":\"a\"}",
	    ERR_FORMAT },
	{ "message with a status", HEAD ",\"kind\":\"message\",\"text\":\"a\""
	    ",\"status\":\"REVIEW\"}", ERR_FORMAT },
	{ "message with recipients", HEAD ",\"kind\":\"message\",\"text\":"
	    "\"a\",\"recipients\":[]}", ERR_FORMAT },
	{ "status in lower case", HEAD ",\"kind\":\"reply\",\"text\":\"a\""
	    ",\"status\":\"review\"}", ERR_FORMAT },
	{ "epoch a string", "{\"peluit\":\"manifest/v1\",\"origin\":\"w\","
	    "\"case\":\"" HEX16 "\",\"epoch\":\"7\",\"channel\":\"umum\","
	    "\"kind\":\"message\",\"text\":\"\"}", ERR_FORMAT },
	{ "epoch a fraction", "{\"peluit\":\"manifest/v1\",\"origin\":\"w\","
	    "\"case\":\"" HEX16 "\",\"epoch\":7.0,\"channel\":\"umum\","
	    "\"kind\":\"message\",\"text\":\"\"}", ERR_FORMAT },
	{ "epoch below zero", "{\"peluit\":\"manifest/v1\",\"origin\":\"w\","
	    "\"case\":\"" HEX16 "\",\"epoch\":-7,\"channel\":\"umum\","
	    "\"kind\":\"message\",\"text\":\"\"}", ERR_RANGE },
	{ "channel", "{\"peluit\":\"manifest/v1\",\"origin\":\"w\","
	    "\"case\":\"" HEX16 "\",\"epoch\":7,\"channel\":\"U\","
	    "\"kind\":\"message\",\"text\":\"\"}", ERR_FORMAT },
	{ "case", "{\"peluit\":\"manifest/v1\",\"origin\":\"w\","
	    "\"case\":\"00\",\"epoch\":7,\"channel\":\"umum\","
	    "\"kind\":\"message\",\"text\":\"\"}", ERR_FORMAT },
	{ "field a number", HEAD ",\"kind\":\"message\",\"text\":\"\","
	    "\"fields\":{\"where\":7}}", ERR_FORMAT },
	{ "who a string", HEAD ",\"kind\":\"message\",\"text\":\"\","
	    "\"fields\":{\"who\":\"x\"}}", ERR_FORMAT },
	{ "who of numbers", HEAD ",\"kind\":\"message\",\"text\":\"\","
	    "\"fields\":{\"who\":[1]}}", ERR_FORMAT },
	{ "field an array", HEAD ",\"kind\":\"message\",\"text\":\"\","
	    "\"fields\":{\"where\":[\"x\"]}}", ERR_FORMAT },
	{ "key with a space", HEAD ",\"kind\":\"message\",\"text\":\"\","
	    "\"fields\":{\"a b\":\"x\"}}", ERR_FORMAT },
	{ "fields an array", HEAD ",\"kind\":\"message\",\"text\":\"\","
	    "\"fields\":[]}", ERR_FORMAT },
	{ "attachment cut", HEAD ",\"kind\":\"message\",\"text\":\"\","
	    "\"attachments\":[{\"object\":\"" HEX16 "\"}]}", ERR_FORMAT },
	{ "attachment twice", HEAD ",\"kind\":\"message\",\"text\":\"\","
	    "\"attachments\":[{\"object\":\"" HEX16 "\",\"name\":\"\","
	    "\"type\":\"\",\"size\":1,\"digest\":\"" HEX32 "\"},{\"object\":"
	    "\"" HEX16 "\",\"name\":\"\",\"type\":\"\",\"size\":1,\"digest\":"
	    "\"" HEX32 "\"}]}", ERR_FORMAT },
	{ "identity a string", HEAD ",\"kind\":\"message\",\"text\":\"\","
	    "\"identity\":\"x\"}", ERR_FORMAT },
};

static void
test_refused(void **state)
{
	struct manifest *m = malloc(sizeof(*m));
	size_t i;

	(void)state;
	assert_non_null(m);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		print_message("%s\n", bad[i].why);
		assert_int_equal(manifest_decode(text_of(bad[i].text), m),
		    bad[i].e);
		assert_null(m->text);
	}
	free(m);
}

static void
test_unknown_keys(void **state)
{
	struct manifest *m = malloc(sizeof(*m));

	(void)state;
	assert_non_null(m);
	assert_int_equal(manifest_decode(text_of(HEAD ",\"kind\":\"message\","
	    "\"later\":{\"a\":[1,2.5,null]},\"text\":\"halo\"}  \n"), m),
	    ERR_OK);
	assert_string_equal(m->text, "halo");
	manifest_done(m);
	free(m);
}

/* Deep or many: refused before anything is allocated for it. */
static void
test_bombs(void **state)
{
	struct manifest *m = malloc(sizeof(*m));
	struct buf b;
	size_t i;

	(void)state;
	assert_non_null(m);
	buf_init(&b, MANIFEST_MAX + 1);
	buf_puts(&b, HEAD ",\"x\":");
	buf_fill(&b, '[', MANIFEST_MAX / 2);
	assert_int_equal(manifest_decode(bytes_of(&b), m), ERR_RANGE);
	/* Eight levels with the object's own, and nine. */
	for (i = 7; i <= 8; i++) {
		buf_reset(&b);
		buf_puts(&b, HEAD ",\"kind\":\"message\",\"text\":\"\","
		    "\"x\":");
		buf_fill(&b, '[', i);
		buf_fill(&b, ']', i);
		buf_putc(&b, '}');
		assert_int_equal(manifest_decode(bytes_of(&b), m),
		    i == 7 ? ERR_OK : ERR_RANGE);
		manifest_done(m);
	}
	buf_reset(&b);
	buf_puts(&b, HEAD ",\"x\":[0");
	for (i = 0; i < 100000; i++)
		buf_puts(&b, ",0");
	buf_puts(&b, "]}");
	assert_int_equal(manifest_decode(bytes_of(&b), m), ERR_RANGE);
	/* Brackets and commas in a text are text. */
	buf_reset(&b);
	buf_puts(&b, HEAD ",\"kind\":\"message\",\"text\":\"");
	for (i = 0; i < 20000; i++)
		buf_puts(&b, "[{,\\\"");
	buf_puts(&b, "\"}");
	assert_int_equal(manifest_decode(bytes_of(&b), m), ERR_OK);
	assert_int_equal(strlen(m->text), 80000);
	manifest_done(m);
	buf_reset(&b);
	buf_puts(&b, MESSAGE);
	buf_fill(&b, ' ', MANIFEST_MAX + 1 - b.len);
	assert_int_equal(manifest_decode(bytes_of(&b), m), ERR_RANGE);
	assert_int_equal(manifest_decode((struct bytes){ b.data,
	    MANIFEST_MAX }, m), ERR_OK);
	manifest_done(m);
	buf_done(&b);
	free(m);
}

/* A text of N characters of four bytes, N at the limit and above. */
static void
test_limits(void **state)
{
	struct manifest *m = sample();
	struct buf text, out;
	size_t i;

	(void)state;
	m->kind = MANIFEST_MESSAGE;
	buf_init(&text, MANIFEST_MAX);
	buf_init(&out, MANIFEST_MAX);
	for (i = 0; i < MANIFEST_TEXT_CHARS; i++)
		buf_puts(&text, "\xf0\x9f\x98\x80");
	buf_putc(&text, '\0');
	assert_int_equal(buf_err(&text), ERR_OK);
	m->text = (char *)text.data;
	assert_int_equal(manifest_encode(m, &out), ERR_OK);
	text.data[text.len - 1] = 'x';
	buf_putc(&text, '\0');
	m->text = (char *)text.data;
	buf_reset(&out);
	assert_int_equal(manifest_encode(m, &out), ERR_RANGE);
	m->text = words;
	for (i = 0; i < MANIFEST_FIELDS; i++)
		m->field[i] = (struct manifest_field){ key_who, value_3 };
	m->fields = MANIFEST_FIELDS;
	buf_reset(&out);
	assert_int_equal(manifest_encode(m, &out), ERR_OK);
	m->fields++;
	buf_reset(&out);
	assert_int_equal(manifest_encode(m, &out), ERR_RANGE);
	/* One key, two values, and it is not "who". */
	m->fields = 2;
	m->field[0] = m->field[1] = (struct manifest_field){ key_when,
		value_3 };
	buf_reset(&out);
	assert_int_equal(manifest_encode(m, &out), ERR_CONFLICT);
	m->fields = 1;
	m->field[0].value = (char[]){ "\xff" };
	buf_reset(&out);
	assert_int_equal(manifest_encode(m, &out), ERR_FORMAT);
	buf_done(&text);
	buf_done(&out);
	free(m);
}

static void
test_identity(void **state)
{
	struct manifest *m = need(malloc(sizeof(*m)));
	struct manifest_field f[2] = { { key_who, value_2 },
		{ key_when, value_4 } };
	uint8_t id[ID_LEN] = { 1, 2, 3 };
	struct buf b;

	(void)state;
	assert_non_null(m);
	buf_init(&b, MANIFEST_MAX);
	assert_int_equal(identity_encode("wbs.example", id, f, 2, &b),
	    ERR_OK);
	assert_int_equal(b.len, PAD_MANIFEST_STEP);
	assert_int_equal(identity_decode(bytes_of(&b), m), ERR_OK);
	assert_int_equal(m->fields, 2);
	assert_memory_equal(m->case_id, id, ID_LEN);
	assert_string_equal(m->field[1].value, value_4);
	manifest_done(m);
	assert_int_equal(manifest_decode(bytes_of(&b), m), ERR_FORMAT);
	assert_int_equal(identity_decode(text_of(MESSAGE), m), ERR_FORMAT);
	buf_done(&b);
	free(m);
}

/* A marker that is nowhere in the program itself: this, plus one a letter. */
static const char almost[] = "YZQXJWKV";
#define MARK_LEN	(sizeof(almost) - 1)
#define REGION_MAX	(64ul << 20)	/* above: a sanitizer's own */

static size_t
marks_in(int fd, unsigned long from, size_t n)
{
	/* Not from the heap, where it would cover what it looks for. */
	uint8_t *part = mmap(NULL, n, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	size_t i, k, marks = 0;

	assert_true(part != MAP_FAILED);
	if (pread(fd, part, n, (off_t)from) == (ssize_t)n)
		for (i = 0; i + MARK_LEN <= n; i++) {
			for (k = 0; k < MARK_LEN; k++)
				if (part[i + k] != almost[k] + 1)
					break;
			marks += k == MARK_LEN;
		}
	munmap(part, n);
	return marks;
}

/* How often the marker stands in memory that can be written. */
static size_t
marks(void)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	int fd = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
	unsigned long from, to;
	char line[512], perm[5];
	size_t n = 0;

	assert_true(maps != NULL && fd >= 0);
	while (fgets(line, sizeof(line), maps) != NULL)
		if (sscanf(line, "%lx-%lx %4s", &from, &to, perm) == 3 &&
		    perm[0] == 'r' && perm[1] == 'w' &&
		    to - from <= REGION_MAX)
			n += marks_in(fd, from, to - from);
	close(fd);
	fclose(maps);
	return n;
}

/* What was written and read leaves no trace: jansson's memory is wiped. */
static void
test_no_trace(void **state)
{
	struct manifest *m, *d;
	size_t i, n = 8000 * MARK_LEN;
	struct buf b;
	char *text;

	(void)state;
	/* What is freed stays where a search can find it. */
	(void)mallopt(M_MMAP_THRESHOLD, 1 << 24);
	(void)mallopt(M_TRIM_THRESHOLD, 1 << 24);
	m = sample();
	d = malloc(sizeof(*d));
	text = need(malloc(n + 1));
	assert_true(d != NULL && text != NULL);
	for (i = 0; i < n; i++)
		text[i] = (char)(almost[i % MARK_LEN] + 1);
	text[n] = '\0';
	m->text = text;
	buf_init(&b, MANIFEST_MAX);
	assert_int_equal(manifest_encode(m, &b), ERR_OK);
	assert_int_equal(manifest_decode(bytes_of(&b), d), ERR_OK);
	assert_true(marks() >= 3 * 8000);
	manifest_done(d);
	buf_done(&b);
	wipe(text, n);
	free(text);
	free(m);
	free(d);
	assert_int_equal(marks(), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_report),
		cmocka_unit_test(test_reply),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_unknown_keys),
		cmocka_unit_test(test_bombs),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_identity),
		cmocka_unit_test(test_no_trace),
	};

	if (crypto_init() != ERR_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
