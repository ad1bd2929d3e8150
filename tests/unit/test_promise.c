/* Promises and their files, slots of a disclosure, texts of a loss. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "promise.h"

#define ORIGIN	"wbs.example"
#define HASH	"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
#define TEXT	"peluit-promise/v1\n" ORIGIN "\nepoch 80000\nleaf 1234\n" \
		HASH "\n"
#define EVENT	"peluit-event/v1 " ORIGIN "\nepoch 7\nkind decoy\n" \
		"actor server\n"

static const uint8_t seed[SIGN_SEED_LEN] = { 9 };
static struct vkey key, other;
static struct open_event opening;

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

static int
setup(void **state)
{
	uint8_t public[SIGN_PUBLIC_LEN];
	size_t i;

	(void)state;
	if (crypto_init() != ERR_OK)
		return -1;
	sign_public(seed, public);
	if (vkey_of(ORIGIN "/promise", NOTE_TYPE_ED25519, public, &key) !=
	    ERR_OK ||
	    vkey_of(ORIGIN, NOTE_TYPE_ED25519, public, &other) != ERR_OK)
		return -1;
	for (i = 0; i < NONCE_LEN; i++)
		opening.nonce[i] = (uint8_t)(200 + i);
	opening.len = strlen(EVENT);
	memcpy(opening.event, EVENT, opening.len);
	return 0;
}

static void
test_text(void **state)
{
	struct promise p;
	struct buf b;
	size_t i;

	(void)state;
	assert_int_equal(promise_text_decode(text_of(TEXT), &p), ERR_OK);
	assert_string_equal(p.origin, ORIGIN);
	assert_int_equal(p.epoch, 80000);
	assert_int_equal(p.leaf, 1234);
	for (i = 0; i < COMMITMENT_LEN; i++)
		assert_int_equal(p.commitment[i], i);
	buf_init(&b, PROMISE_MAX);
	assert_int_equal(promise_text(&p, &b), ERR_OK);
	assert_string_equal(buf_text(&b), TEXT);
	/* what has no spelling is not written */
	p.leaf = (uint64_t)INT64_MAX + 1;
	assert_int_equal(promise_text(&p, &b), ERR_RANGE);
	p.leaf = 0;
	p.epoch = UINT64_MAX;
	assert_int_equal(promise_text(&p, &b), ERR_RANGE);
	p.epoch = 0;
	p.origin[3] = '\n';
	assert_int_equal(promise_text(&p, &b), ERR_FORMAT);
	p.origin[0] = '\0';
	assert_int_equal(promise_text(&p, &b), ERR_FORMAT);
	assert_int_equal(b.len, strlen(TEXT));
	buf_done(&b);
}

#define L1	"peluit-promise/v1\n"
#define L2	ORIGIN "\n"
#define L3	"epoch 80000\n"
#define L4	"leaf 1234\n"
#define L5	HASH "\n"

static void
test_bad_texts(void **state)
{
	static const struct {
		const char *text;
		enum err want;
	} bad[] = {
		{ "", ERR_FORMAT },
		{ "peluit-promise/v2\n" L2 L3 L4 L5, ERR_VERSION },
		{ "peluit-promise/v11\n" L2 L3 L4 L5, ERR_VERSION },
		{ "peluit-promise/v1 \n" L2 L3 L4 L5, ERR_VERSION },
		{ "peluit-promisf/v1\n" L2 L3 L4 L5, ERR_FORMAT },
		{ "peluit-promise/v\n" L2 L3 L4 L5, ERR_FORMAT },
		{ L1 "\n" L3 L4 L5, ERR_FORMAT },
		{ L1 "wbs example\n" L3 L4 L5, ERR_FORMAT },
		{ L1 "wbs+example\n" L3 L4 L5, ERR_FORMAT },
		{ L1 L3 L4 L5, ERR_FORMAT },
		{ L1 L2 L4 L3 L5, ERR_FORMAT },
		{ L1 L2 L4 L5, ERR_FORMAT },
		{ L1 L2 L3 L5, ERR_FORMAT },
		{ L1 L2 L3 L3 L4 L5, ERR_FORMAT },
		{ L1 L2 "epoch 080000\n" L4 L5, ERR_FORMAT },
		{ L1 L2 "epoch 9223372036854775808\n" L4 L5, ERR_RANGE },
		{ L1 L2 "epoch -1\n" L4 L5, ERR_FORMAT },
		{ L1 L2 "epoch  1\n" L4 L5, ERR_FORMAT },
		{ L1 L2 L3 "leaf 12 \n" L5, ERR_FORMAT },
		{ L1 L2 L3 "leaf 9223372036854775808\n" L5, ERR_RANGE },
		{ L1 L2 L3 L4, ERR_FORMAT },
		{ L1 L2 L3 L4 HASH, ERR_FORMAT },
		{ L1 L2 L3 L4 L5 "\n", ERR_FORMAT },
		{ L1 L2 L3 L4 L5 L5, ERR_FORMAT },
		{ L1 L2 L3 L4 "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9=\n",
		    ERR_FORMAT },
		{ L1 L2 L3 L4 "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\n",
		    ERR_FORMAT },
		{ L1 L2 L3 L4 "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHg==\n",
		    ERR_FORMAT },
		{ L1 L2 L3 L4 "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g\n",
		    ERR_FORMAT },
	};
	static const struct promise zero;
	struct promise p;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		memset(&p, 1, sizeof(p));
		assert_int_equal(promise_text_decode(text_of(bad[i].text),
		    &p), bad[i].want);
		assert_memory_equal(&p, &zero, sizeof(p));
	}
}

/* The origin's length at its limit, and one above. */
static void
test_long_origin(void **state)
{
	char text[512], name[ORIGIN_MAX + 2];
	struct promise p;

	(void)state;
	memset(name, 'a', sizeof(name));
	snprintf(text, sizeof(text), L1 "%.*s\n" L3 L4 L5, ORIGIN_MAX, name);
	assert_int_equal(promise_text_decode(text_of(text), &p), ERR_OK);
	assert_int_equal(strlen(p.origin), ORIGIN_MAX);
	snprintf(text, sizeof(text), L1 "%.*s\n" L3 L4 L5, ORIGIN_MAX + 1,
	    name);
	assert_int_equal(promise_text_decode(text_of(text), &p), ERR_RANGE);
}

/* TEXT as ${k} signs it. */
static void
sign_text(const char *text, const struct vkey *k, struct buf *note)
{
	buf_init(note, NOTE_MAX);
	assert_int_equal(note_sign(text_of(text), k, seed, note), ERR_OK);
}

static void
test_open(void **state)
{
	static const struct promise zero;
	struct promise p;
	struct buf note;

	(void)state;
	sign_text(TEXT, &key, &note);
	assert_int_equal(promise_open(bytes_of(&note), &key, &p), ERR_OK);
	assert_int_equal(p.leaf, 1234);
	/* a leaf that was not promised */
	((char *)note.data)[strlen(L1 L2 L3) + 5] = '2';
	assert_int_equal(promise_open(bytes_of(&note), &key, &p), ERR_MAC);
	assert_memory_equal(&p, &zero, sizeof(p));
	buf_done(&note);

	/* nobody that we know */
	sign_text(TEXT, &other, &note);
	assert_int_equal(promise_open(bytes_of(&note), &key, &p),
	    ERR_NOMATCH);
	/* the log's key, which does not promise */
	assert_int_equal(promise_open(bytes_of(&note), &other, &p),
	    ERR_CONFLICT);
	buf_done(&note);

	/* another office's promise under this key, a longer and a shorter */
	sign_text(L1 "wbs.examplf\n" L3 L4 L5, &key, &note);
	assert_int_equal(promise_open(bytes_of(&note), &key, &p),
	    ERR_CONFLICT);
	buf_done(&note);
	sign_text(L1 "wbs.example/promise\n" L3 L4 L5, &key, &note);
	assert_int_equal(promise_open(bytes_of(&note), &key, &p),
	    ERR_CONFLICT);
	assert_memory_equal(&p, &zero, sizeof(p));
	buf_done(&note);
	sign_text(L1 "wbs\n" L3 L4 L5, &key, &note);
	assert_int_equal(promise_open(bytes_of(&note), &key, &p),
	    ERR_CONFLICT);
	buf_done(&note);
	/* signed, and no promise */
	sign_text("peluit-promise/v2\n", &key, &note);
	assert_int_equal(promise_open(bytes_of(&note), &key, &p),
	    ERR_VERSION);
	buf_done(&note);
}

static void
assert_opening(const struct open_event *o)
{
	assert_int_equal(o->len, opening.len);
	assert_memory_equal(o->event, opening.event, opening.len);
	assert_memory_equal(o->nonce, opening.nonce, NONCE_LEN);
}

/* A page's text in another shape: each LF becomes ${lf}. */
static void
respell(const struct buf *file, const char *lf, struct buf *out)
{
	size_t i;

	for (i = 0; i < file->len; i++)
		if (file->data[i] == '\n')
			buf_puts(out, lf);
		else
			buf_put(out, &file->data[i], 1);
}

static void
test_file(void **state)
{
	static const char *const lf[] = { "\n", "\r\n", " \n", "\t \r\n" };
	struct buf note, file, pasted, clean;
	struct open_event o;
	size_t i, cut;

	(void)state;
	sign_text(TEXT, &key, &note);
	buf_init(&file, PROMISE_MAX);
	buf_init(&pasted, PROMISE_MAX);
	buf_init(&clean, PROMISE_MAX);
	assert_int_equal(promise_file_encode(&opening, bytes_of(&note),
	    &file), ERR_OK);
	assert_memory_equal(file.data, "opening yMnKy8zNzs/Q", 20);
	for (i = 0; i < sizeof(lf) / sizeof(lf[0]); i++) {
		buf_reset(&pasted);
		respell(&file, lf[i], &pasted);
		for (cut = 0; cut <= strlen(lf[i]); cut++) {
			pasted.len -= cut > 0;
			assert_int_equal(promise_file_decode(
			    bytes_of(&pasted), &o, &clean), ERR_OK);
			assert_opening(&o);
			assert_int_equal(clean.len, note.len);
			assert_memory_equal(clean.data, note.data, note.len);
		}
	}
	/* more empty lines than were copied */
	buf_reset(&pasted);
	buf_put(&pasted, file.data, file.len);
	buf_puts(&pasted, "\r\n \n\n");
	assert_int_equal(promise_file_decode(bytes_of(&pasted), &o, &clean),
	    ERR_OK);
	assert_int_equal(clean.len, note.len);
	buf_done(&clean);
	buf_done(&pasted);
	buf_done(&file);
	buf_done(&note);
}

static void
refuse(const char *head, const struct buf *tail, enum err want)
{
	static const struct open_event zero;
	struct open_event o;
	struct buf file, clean;

	buf_init(&file, 4 * PROMISE_MAX);
	buf_init(&clean, PROMISE_MAX);
	buf_puts(&clean, "what was there before");
	buf_puts(&file, head);
	buf_put(&file, tail->data, tail->len);
	memset(&o, 1, sizeof(o));
	assert_int_equal(promise_file_decode(bytes_of(&file), &o, &clean),
	    want);
	assert_memory_equal(&o, &zero, sizeof(o));
	assert_int_equal(clean.len, 0);
	buf_done(&clean);
	buf_done(&file);
}

static void
test_bad_files(void **state)
{
	char line[2048] = "opening ";
	struct buf note, none;

	(void)state;
	sign_text(TEXT, &key, &note);
	buf_init(&none, 0);
	refuse("", &none, ERR_FORMAT);
	refuse("", &note, ERR_FORMAT);
	refuse("opening " HASH "\n\n", &note, ERR_FORMAT);	/* no event */
	refuse("opening \n\n", &note, ERR_FORMAT);
	refuse("Opening " HASH "\n\n", &note, ERR_FORMAT);
	refuse(" opening yMnKy8zNzs/Q0dLT1NXW19jZ2tvc3d7f4OHi4+Tl5udw\n\n",
	    &note, ERR_FORMAT);
	refuse("opening  yMnKy8zNzs/Q0dLT1NXW19jZ2tvc3d7f4OHi4+Tl5udw\n\n",
	    &note, ERR_FORMAT);
	refuse("opening yMnKy8zNzs/Q0dLT1NXW19jZ2tvc3d7f4OHi4+Tl5udw\n",
	    &note, ERR_FORMAT);
	refuse("opening yMnKy8zNzs/Q0dLT1NXW19jZ2tvc3d7f4OHi4+Tl5udw\nx\n",
	    &note, ERR_FORMAT);
	refuse("opening yMnKy8zNzs/Q0dLT1NXW19jZ2tvc3d7f4OHi4+Tl5udw\n\n",
	    &none, ERR_FORMAT);
	/* a clipboard leaves no blank within a line */
	refuse("opening yMnKy8zNzs/Q0dLT1NXW 19jZ2tvc3d7f4OHi4+Tl5udw\n\n",
	    &note, ERR_FORMAT);
	/* an event of one byte more than there may be, and of as many */
	memset(line + 8, 'A', BASE64_LEN(NONCE_LEN + EVENT_MAX + 1));
	strcpy(line + 8 + BASE64_LEN(NONCE_LEN + EVENT_MAX + 1), "\n\n");
	refuse(line, &note, ERR_RANGE);
	buf_puts(&note, "x\n");		/* no signature line */
	refuse("opening yMnKy8zNzs/Q0dLT1NXW19jZ2tvc3d7f4OHi4+Tl5udw\n\n",
	    &note, ERR_FORMAT);
	memset(note.data, ' ', note.len);
	while (note.len <= PROMISE_MAX && note.err == ERR_OK)
		buf_putc(&note, ' ');
	refuse("", &note, ERR_RANGE);
	buf_done(&none);
	buf_done(&note);
}

/* The longest promise is far from the limit of a file. */
static void
test_longest_file(void **state)
{
	struct promise p = { .epoch = INT64_MAX, .leaf = INT64_MAX };
	struct open_event o = { .len = EVENT_MAX }, back;
	uint8_t public[SIGN_PUBLIC_LEN];
	struct buf text, note, file, clean;
	char name[NOTE_NAME_MAX];
	struct vkey k;

	(void)state;
	memset(p.origin, 'o', ORIGIN_MAX);
	memset(o.event, 'e', EVENT_MAX);
	snprintf(name, sizeof(name), "%s/promise", p.origin);
	sign_public(seed, public);
	assert_int_equal(vkey_of(name, NOTE_TYPE_ED25519, public, &k),
	    ERR_OK);
	buf_init(&text, PROMISE_MAX);
	buf_init(&note, PROMISE_MAX);
	buf_init(&file, PROMISE_MAX);
	buf_init(&clean, PROMISE_MAX);
	assert_int_equal(promise_text(&p, &text), ERR_OK);
	assert_int_equal(note_sign(bytes_of(&text), &k, seed, &note), ERR_OK);
	assert_int_equal(promise_file_encode(&o, bytes_of(&note), &file),
	    ERR_OK);
	assert_true(file.len < PROMISE_MAX / 2);
	assert_int_equal(promise_file_decode(bytes_of(&file), &back, &clean),
	    ERR_OK);
	assert_int_equal(back.len, EVENT_MAX);
	assert_int_equal(promise_open(bytes_of(&clean), &k, &p), ERR_OK);
	/* what no reader would take is not written */
	buf_reset(&file);
	o.len = EVENT_MAX + 1;
	assert_int_equal(promise_file_encode(&o, bytes_of(&note), &file),
	    ERR_RANGE);
	o.len = 0;
	assert_int_equal(promise_file_encode(&o, bytes_of(&note), &file),
	    ERR_RANGE);
	o.len = 1;
	assert_int_equal(promise_file_encode(&o, bytes_of(&text), &file),
	    ERR_FORMAT);
	assert_int_equal(file.len, 0);
	buf_done(&clean);
	buf_done(&file);
	buf_done(&note);
	buf_done(&text);
}

static void
test_slots(void **state)
{
	static const struct open_event zero;
	struct open_event o = opening;
	struct buf b;
	size_t i;

	(void)state;
	buf_init(&b, 2 * SLOT_BYTES);
	assert_int_equal(slot_encode(&opening, &b), ERR_OK);
	assert_int_equal(b.len, SLOT_BYTES);
	assert_memory_equal(b.data, opening.nonce, NONCE_LEN);
	assert_int_equal(b.data[NONCE_LEN] << 8 | b.data[NONCE_LEN + 1],
	    opening.len);
	memset(&o, 1, sizeof(o));
	assert_int_equal(slot_decode(b.data, &o), ERR_OK);
	assert_opening(&o);
	/* every byte behind the event is zero */
	for (i = NONCE_LEN + 2 + opening.len; i < SLOT_BYTES; i++) {
		b.data[i] = 1;
		assert_int_equal(slot_decode(b.data, &o), ERR_FORMAT);
		assert_memory_equal(&o, &zero, sizeof(o));
		b.data[i] = 0;
	}
	/* a length of nothing, of one too many, of 2^16 - 1 */
	b.data[NONCE_LEN] = b.data[NONCE_LEN + 1] = 0;
	assert_int_equal(slot_decode(b.data, &o), ERR_RANGE);
	b.data[NONCE_LEN] = (EVENT_MAX + 1) >> 8;
	b.data[NONCE_LEN + 1] = (EVENT_MAX + 1) & 0xff;
	assert_int_equal(slot_decode(b.data, &o), ERR_RANGE);
	b.data[NONCE_LEN] = b.data[NONCE_LEN + 1] = 0xff;
	assert_int_equal(slot_decode(b.data, &o), ERR_RANGE);
	/* the longest fills the slot */
	buf_reset(&b);
	o.len = EVENT_MAX;
	memset(o.event, 'x', EVENT_MAX);
	assert_int_equal(slot_encode(&o, &b), ERR_OK);
	assert_int_equal(b.len, SLOT_BYTES);
	assert_int_equal(b.data[SLOT_BYTES - 1], 'x');
	assert_int_equal(slot_decode(b.data, &o), ERR_OK);
	assert_int_equal(o.len, EVENT_MAX);
	o.len = EVENT_MAX + 1;
	assert_int_equal(slot_encode(&o, &b), ERR_RANGE);
	o.len = 0;
	assert_int_equal(slot_encode(&o, &b), ERR_RANGE);
	buf_done(&b);
}

#define LOSS	"peluit-loss/v1 " ORIGIN "\n"

static void
test_losses(void **state)
{
	static const uint64_t lost[] = { 0, 9, 10, 256, INT64_MAX };
	static const struct {
		const char *text;
		enum err want;
	} bad[] = {
		{ "", ERR_FORMAT },
		{ LOSS, ERR_FORMAT },
		{ "peluit-loss/v2 " ORIGIN "\nleaf 1\n", ERR_VERSION },
		{ "peluit-loss/v1 wbs.examplf\nleaf 1\n", ERR_CONFLICT },
		{ LOSS "leaf 1\nleaf 1\n", ERR_FORMAT },
		{ LOSS "leaf 10\nleaf 9\n", ERR_FORMAT },
		{ LOSS "leaf 1", ERR_FORMAT },
		{ LOSS "leaf 1\n\n", ERR_FORMAT },
		{ LOSS "leaf 1\nloss 2\n", ERR_FORMAT },
		{ LOSS "leaf 01\n", ERR_FORMAT },
		{ LOSS "leaf 9223372036854775808\n", ERR_RANGE },
		{ LOSS "leaf 1\nleaf 2\nleaf 3\nleaf 4\nleaf 5\nleaf 6\n",
		    ERR_RANGE },
	};
	uint64_t leaf[5], many[2] = { 1, (uint64_t)INT64_MAX + 1 };
	struct buf b;
	size_t i, n;

	(void)state;
	buf_init(&b, 1024);
	assert_int_equal(loss_text(ORIGIN, lost, 5, &b), ERR_OK);
	assert_string_equal(buf_text(&b), LOSS "leaf 0\nleaf 9\nleaf 10\n"
	    "leaf 256\nleaf 9223372036854775807\n");
	assert_int_equal(loss_text_decode(bytes_of(&b), ORIGIN, leaf, 5, &n),
	    ERR_OK);
	assert_int_equal(n, 5);
	assert_memory_equal(leaf, lost, sizeof(lost));
	assert_int_equal(loss_text_decode(bytes_of(&b), ORIGIN, leaf, 4, &n),
	    ERR_RANGE);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		n = 7;
		assert_int_equal(loss_text_decode(text_of(bad[i].text),
		    ORIGIN, leaf, 5, &n), bad[i].want);
		assert_int_equal(n, 0);
		assert_int_equal(leaf[0], 0);
	}
	buf_reset(&b);
	assert_int_equal(loss_text(ORIGIN, lost, 0, &b), ERR_RANGE);
	assert_int_equal(loss_text(ORIGIN, many, 2, &b), ERR_RANGE);
	assert_int_equal(loss_text("a b", lost, 1, &b), ERR_FORMAT);
	many[1] = 1;
	assert_int_equal(loss_text(ORIGIN, many, 2, &b), ERR_FORMAT);
	assert_int_equal(b.len, 0);
	buf_done(&b);
}

/* As many as 41 epochs have, and one more. */
static void
test_most_losses(void **state)
{
	static uint64_t leaf[LOSS_LEAVES + 1], back[LOSS_LEAVES + 1];
	struct buf b;
	size_t i, n;

	(void)state;
	for (i = 0; i <= LOSS_LEAVES; i++)
		leaf[i] = i;
	buf_init(&b, 1u << 20);
	assert_int_equal(loss_text(ORIGIN, leaf, LOSS_LEAVES + 1, &b),
	    ERR_RANGE);
	assert_int_equal(loss_text(ORIGIN, leaf, LOSS_LEAVES, &b), ERR_OK);
	assert_int_equal(loss_text_decode(bytes_of(&b), ORIGIN, back,
	    LOSS_LEAVES + 1, &n), ERR_OK);
	assert_int_equal(n, LOSS_LEAVES);
	buf_puts(&b, "leaf 10496\n");
	assert_int_equal(loss_text_decode(bytes_of(&b), ORIGIN, back,
	    LOSS_LEAVES + 1, &n), ERR_RANGE);
	buf_done(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_bad_texts),
		cmocka_unit_test(test_long_origin),
		cmocka_unit_test(test_open),
		cmocka_unit_test(test_file),
		cmocka_unit_test(test_bad_files),
		cmocka_unit_test(test_longest_file),
		cmocka_unit_test(test_slots),
		cmocka_unit_test(test_losses),
		cmocka_unit_test(test_most_losses),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
