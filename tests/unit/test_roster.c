/* Rosters, cards, sets of recipients. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "need.h"
#include "roster.h"

static struct bytes
bytes_of(const struct buf *b)
{
	return (struct bytes){ b->data, b->len };
}

static void
key_of(uint8_t n, uint8_t out[static SIGN_PUBLIC_LEN])
{
	uint8_t seed[SIGN_SEED_LEN] = { n };

	sign_public(seed, out);
}

static void
age_of(uint8_t n, struct age_recipient *out)
{
	struct age_identity id;

	memset(&id, n, sizeof(id));
	age_identity_recipient(&id, out);
}

static void
vkey_for(const char *name, uint8_t n, struct vkey *out)
{
	uint8_t public[SIGN_PUBLIC_LEN];

	key_of(n, public);
	assert_int_equal(vkey_of(name, NOTE_TYPE_ED25519, public, out),
	    ERR_OK);
}

static void
add_desk(struct roster *r, enum desk_role role, const char *label, uint8_t n,
    uint32_t channels)
{
	struct roster_desk *d = &r->desk[r->desks++];

	d->role = role;
	snprintf(d->label, sizeof(d->label), "%s", label);
	key_of(n, d->key);
	age_of(n, &d->age);
	d->channels = channels;
}

static struct roster *
sample(void)
{
	struct roster *r = calloc(1, sizeof(*r));

	assert_non_null(r);
	strcpy(r->origin, "wbs.example");
	r->number = 1;
	strcpy(r->channel[0].name, "umum");
	strcpy(r->channel[1].name, "luar");
	r->channels = 2;
	add_desk(r, ROLE_INVESTIGATOR, "petugas-1", 10, 1);
	add_desk(r, ROLE_INVESTIGATOR, "petugas-2", 11, 2);
	add_desk(r, ROLE_CUSTODIAN, "penjaga", 12, 3);
	add_desk(r, ROLE_AUDITOR, "ombudsman", 13, 0);
	age_of(10, &r->channel[0].recipient[0].key);
	age_of(20, &r->channel[0].recipient[1].key);
	r->channel[0].recipients = 2;
	age_of(12, &r->channel[0].custodian[0].key);
	r->channel[0].custodians = 1;
	age_of(11, &r->channel[1].recipient[0].key);
	r->channel[1].recipients = 1;
	vkey_for("wbs.example", 1, &r->log);
	vkey_for("wbs.example/promise", 2, &r->promise);
	key_of(3, r->answers);
	vkey_for("kantor-1", 4, &r->roster_key[0]);
	vkey_for("kantor-2", 5, &r->roster_key[1]);
	r->roster_keys = 2;
	age_of(30, &r->archive);
	r->has_archive = true;
	r->epoch_seconds = 21600;
	r->epoch0 = 80000;
	r->retention_days = 365;
	strcpy(r->clock[0].name, "first_response");
	r->clock[0].value = 48;
	strcpy(r->clock[1].name, "review");
	r->clock[1].value = 5;
	r->clocks = 2;
	return r;
}

static void
test_both_ways(void **state)
{
	struct roster *r = sample(), *s = need(calloc(1, sizeof(*s)));
	const struct roster_channel *c;
	struct buf a, b;
	size_t line;

	(void)state;
	buf_init(&a, ROSTER_MAX);
	buf_init(&b, ROSTER_MAX);
	assert_int_equal(roster_encode(r, &a), ERR_OK);
	assert_int_equal(roster_decode(bytes_of(&a), s, &line), ERR_OK);
	assert_int_equal(line, 0);
	assert_int_equal(roster_encode(s, &b), ERR_OK);
	assert_string_equal(buf_text(&a), buf_text(&b));
	c = roster_channel_find(s, "umum");
	assert_non_null(c);
	assert_int_equal(c->recipients, 2);
	assert_int_equal(c->custodians, 1);
	assert_string_equal(c->custodian[0].label, "penjaga");
	/* A recipient has the label of its desk, or none. */
	assert_true((strcmp(c->recipient[0].label, "petugas-1") == 0 &&
	    c->recipient[1].label[0] == '\0') ||
	    (strcmp(c->recipient[1].label, "petugas-1") == 0 &&
	    c->recipient[0].label[0] == '\0'));
	assert_null(roster_channel_find(s, "umu"));
	assert_int_equal(roster_desk_by_label(s, "penjaga")->role,
	    ROLE_CUSTODIAN);
	assert_ptr_equal(roster_desk_find(s, roster_desk_by_label(s,
	    "petugas-2")->key), roster_desk_by_label(s, "petugas-2"));
	assert_null(roster_desk_find(s, s->answers));
	assert_int_equal(s->clocks, 2);
	assert_int_equal(s->epoch0, 80000);
	assert_true(s->has_archive);
	buf_done(&a);
	buf_done(&b);
	free(r);
	free(s);
}

/* Each line in turn taken away, doubled, moved: only some may be absent. */
static void
test_lines(void **state)
{
	struct roster *r = sample(), *s = need(calloc(1, sizeof(*s)));
	static const char *const may_go[] = { "archive ", "auditor ",
		"clock ", "custodian ", "desk ", "recipient umum ",
		"roster-key " };
	struct buf a, b;
	size_t line, n, i;
	const char *text, *at, *end;
	bool may;

	(void)state;
	buf_init(&a, ROSTER_MAX);
	buf_init(&b, ROSTER_MAX);
	assert_int_equal(roster_encode(r, &a), ERR_OK);
	text = buf_text(&a);
	n = 0;
	for (at = text; *at != '\0'; at = end) {
		end = strchr(at, '\n') + 1;
		n++;
		may = false;
		for (i = 0; i < sizeof(may_go) / sizeof(may_go[0]); i++)
			if (strncmp(at, may_go[i], strlen(may_go[i])) == 0)
				may = true;
		buf_put(&b, text, (size_t)(at - text));
		buf_puts(&b, end);
		assert_int_equal(roster_decode(bytes_of(&b), s, &line) ==
		    ERR_OK, may);
		buf_reset(&b);
		buf_put(&b, text, (size_t)(end - text));
		buf_puts(&b, at);
		assert_int_not_equal(roster_decode(bytes_of(&b), s, &line),
		    ERR_OK);
		assert_int_equal(line, n + 1);
		buf_reset(&b);
	}
	assert_int_equal(n, 23);
	/* Cut anywhere. */
	for (i = 0; i < a.len; i += 7)
		assert_int_not_equal(roster_decode((struct bytes){ a.data, i },
		    s, &line), ERR_OK);
	buf_done(&a);
	buf_done(&b);
	free(r);
	free(s);
}

static void
replace(struct buf *b, const char *in, const char *old, const char *new)
{
	const char *at = strstr(in, old);

	assert_non_null(at);
	buf_reset(b);
	buf_put(b, in, (size_t)(at - in));
	buf_puts(b, new);
	buf_puts(b, at + strlen(old));
}

static const struct { const char *old, *new; enum err e; size_t line; } bad[] =
{
	{ "roster/v1", "roster/v2", ERR_VERSION, 1 },
	{ "number 1\n", "number 0\n", ERR_RANGE, 2 },
	{ "number 1\n", "number 2\n", ERR_FORMAT, 3 },
	{ "number 1\n", "number 01\n", ERR_FORMAT, 2 },
	{ "prev 00", "prev 01", ERR_FORMAT, 3 },
	{ "channel umum", "channel Umum", ERR_FORMAT, 0 },
	{ "channel umum", "channel umum ", ERR_FORMAT, 0 },
	{ "channel umum", "channel a-channel-of-twenty-five0", ERR_FORMAT, 0 },
	{ "clock review 5", "clock first_response 5", ERR_CONFLICT, 0 },
	{ "clock review 5", "clock first_response 40", ERR_FORMAT, 0 },
	{ "clock review 5", "clock review -5", ERR_FORMAT, 0 },
	{ "epoch 21600", "epoch 0", ERR_RANGE, 0 },
	{ "epoch 21600", "epoch 604801", ERR_RANGE, 0 },
	{ "epoch 21600 80000", "epoch 21600 80000 1", ERR_FORMAT, 0 },
	{ "retention 365", "retention 0", ERR_RANGE, 0 },
	{ "log wbs.example+", "log wbs.exampld+", ERR_KEY, 0 },
	{ " custodian penjaga", " auditor penjaga", ERR_FORMAT, 0 },
	{ " investigator petugas-2", " investigator petugas-1",
	    ERR_CONFLICT, 0 },
	{ " custodian penjaga", " custodian ombudsman", ERR_CONFLICT, 0 },
	{ " custodian penjaga", " custodian Penjaga", ERR_FORMAT, 0 },
	{ "luar umum\n", "luar lain\n", ERR_CONFLICT, 0 },
	{ "luar umum\n", "umum luar\n", ERR_FORMAT, 0 },
	{ "luar umum\n", "luar luar\n", ERR_FORMAT, 0 },
	{ "recipient luar age1", "recipient luar age2", ERR_KEY, 0 },
	{ "recipient luar", "recipient lua", ERR_CONFLICT, 0 },
	{ "roster-key kantor", "roster-kei kantor", ERR_FORMAT, 0 },
};

static void
test_refused(void **state)
{
	struct roster *r = sample(), *s = need(calloc(1, sizeof(*s)));
	struct buf a, b;
	size_t i, line;

	(void)state;
	buf_init(&a, ROSTER_MAX);
	buf_init(&b, ROSTER_MAX);
	assert_int_equal(roster_encode(r, &a), ERR_OK);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		print_message("%s\n", bad[i].new);
		replace(&b, buf_text(&a), bad[i].old, bad[i].new);
		assert_int_equal(roster_decode(bytes_of(&b), s, &line),
		    bad[i].e);
		assert_int_not_equal(line, 0);
		if (bad[i].line != 0)
			assert_int_equal(line, bad[i].line);
	}
	buf_done(&a);
	buf_done(&b);
	free(r);
	free(s);
}

/* What cannot be read is not written either. */
static void
test_not_written(void **state)
{
	struct roster *r = sample();
	struct buf b;

	(void)state;
	buf_init(&b, ROSTER_MAX);
	r->channel[1].recipients = 0;
	assert_int_equal(roster_encode(r, &b), ERR_CONFLICT);
	r->channel[1].recipients = ROSTER_MEMBERS + 1;
	assert_int_equal(roster_encode(r, &b), ERR_RANGE);
	r->channel[1].recipients = 1;
	memset(&r->channel[1].recipient[0].key, 0, 32);
	assert_int_equal(roster_encode(r, &b), ERR_KEY);
	age_of(11, &r->channel[1].recipient[0].key);
	memcpy(r->desk[1].key, r->desk[0].key, SIGN_PUBLIC_LEN);
	assert_int_equal(roster_encode(r, &b), ERR_CONFLICT);
	key_of(11, r->desk[1].key);
	r->desk[1].age = r->desk[0].age;
	assert_int_equal(roster_encode(r, &b), ERR_CONFLICT);
	age_of(11, &r->desk[1].age);
	memcpy(r->answers, r->log.public, SIGN_PUBLIC_LEN);
	assert_int_equal(roster_encode(r, &b), ERR_CONFLICT);
	key_of(3, r->answers);
	strcpy(r->origin, "a b");
	assert_int_equal(roster_encode(r, &b), ERR_FORMAT);
	assert_int_equal(b.len, 0);
	buf_done(&b);
	free(r);
}

static void
test_signed_by_all(void **state)
{
	struct roster *r = sample(), *s = need(calloc(1, sizeof(*s)));
	uint8_t seed4[SIGN_SEED_LEN] = { 4 }, seed5[SIGN_SEED_LEN] = { 5 };
	struct buf text, note;
	size_t line;

	(void)state;
	buf_init(&text, ROSTER_MAX);
	buf_init(&note, ROSTER_MAX);
	assert_int_equal(roster_encode(r, &text), ERR_OK);
	assert_int_equal(note_sign(bytes_of(&text), &r->roster_key[0], seed4,
	    &note), ERR_OK);
	assert_int_equal(roster_open(bytes_of(&note), r->roster_key, 1, s,
	    &line), ERR_OK);
	assert_int_equal(roster_open(bytes_of(&note), r->roster_key, 2, s,
	    &line), ERR_NOMATCH);
	assert_int_equal(note_add_signature(&note, &r->roster_key[1], seed5),
	    ERR_OK);
	assert_int_equal(roster_open(bytes_of(&note), r->roster_key, 2, s,
	    &line), ERR_OK);
	assert_int_equal(roster_open(bytes_of(&note), r->roster_key, 0, s,
	    &line), ERR_NOMATCH);
	note.data[30] ^= 1;
	assert_int_equal(roster_open(bytes_of(&note), r->roster_key, 2, s,
	    &line), ERR_MAC);
	buf_done(&text);
	buf_done(&note);
	free(r);
	free(s);
}

static void
test_follows(void **state)
{
	struct roster *r = sample(), *s = sample();
	static const char note[] = "the note before";
	struct bytes before = { note, sizeof(note) - 1 };

	(void)state;
	s->number = 2;
	sha256(note, sizeof(note) - 1, s->prev);
	assert_int_equal(roster_follows(s, r, before), ERR_OK);
	s->number = 3;
	assert_int_equal(roster_follows(s, r, before), ERR_CONFLICT);
	s->number = 2;
	s->prev[0] ^= 1;
	assert_int_equal(roster_follows(s, r, before), ERR_CONFLICT);
	s->prev[0] ^= 1;
	s->epoch0++;
	assert_int_equal(roster_follows(s, r, before), ERR_CONFLICT);
	s->epoch0--;
	key_of(99, s->answers);
	assert_int_equal(roster_follows(s, r, before), ERR_CONFLICT);
	key_of(3, s->answers);
	vkey_for("wbs.example", 98, &s->log);
	assert_int_equal(roster_follows(s, r, before), ERR_CONFLICT);
	vkey_for("wbs.example", 1, &s->log);
	vkey_for("kantor-9", 97, &s->roster_key[1]);
	assert_int_equal(roster_follows(s, r, before), ERR_OK);
	free(r);
	free(s);
}

static void
test_sets(void **state)
{
	struct roster *r = sample();
	char line[4][128], age[AGE_RECIPIENT_LEN + 1];
	uint8_t have[SHA256_LEN], want[SHA256_LEN];
	struct age_recipient a, b;
	struct buf text;

	(void)state;
	buf_init(&text, 4096);
	age_recipient_encode(&r->channel[0].custodian[0].key, age);
	snprintf(line[0], sizeof(line[0]), "custodian umum %s\n", age);
	age_recipient_encode(&r->channel[0].recipient[0].key, age);
	snprintf(line[1], sizeof(line[1]), "recipient umum %s\n", age);
	age_recipient_encode(&r->channel[0].recipient[1].key, age);
	snprintf(line[2], sizeof(line[2]), "recipient umum %s\n", age);
	buf_printf(&text, "peluit-recipients/v1\nwbs.example\numum\n%s%s%s",
	    line[0], strcmp(line[1], line[2]) < 0 ? line[1] : line[2],
	    strcmp(line[1], line[2]) < 0 ? line[2] : line[1]);
	sha256(text.data, text.len, want);
	channel_set_hash("wbs.example", &r->channel[0], have);
	assert_memory_equal(have, want, sizeof(want));
	/* The order in memory does not matter. */
	a = r->channel[0].recipient[0].key;
	b = r->channel[0].recipient[1].key;
	r->channel[0].recipient[0].key = b;
	r->channel[0].recipient[1].key = a;
	channel_set_hash("wbs.example", &r->channel[0], have);
	assert_memory_equal(have, want, sizeof(want));
	channel_set_hash("wbs.exampl", &r->channel[0], have);
	assert_memory_not_equal(have, want, sizeof(want));
	assert_false(roster_channels_share(&r->channel[0], &r->channel[1]));
	age_of(12, &r->channel[1].recipient[0].key);
	assert_true(roster_channels_share(&r->channel[0], &r->channel[1]));
	buf_done(&text);
	free(r);
}

static void
test_fingerprint(void **state)
{
	char out[FINGERPRINT_TEXT_MAX];

	(void)state;
	/* SHA-256("abc") of FIPS 180-4. */
	fingerprint_text("abc", 3, out);
	assert_string_equal(out, "ba78 16bf 8f01 cfea 4141");
}

static void
test_card(void **state)
{
	struct card c, d;
	struct buf b;
	size_t i;

	(void)state;
	memset(&c, 0, sizeof(c));
	strcpy(c.label, "petugas-3");
	key_of(40, c.key);
	age_of(40, &c.age);
	buf_init(&b, 512);
	assert_int_equal(card_encode(&c, &b), ERR_OK);
	assert_int_equal(card_decode(bytes_of(&b), &d), ERR_OK);
	assert_memory_equal(&c, &d, sizeof(c));
	for (i = 0; i < b.len; i++) {
		assert_int_not_equal(card_decode((struct bytes){ b.data, i },
		    &d), ERR_OK);
		b.data[i] ^= 0x80;
		assert_int_not_equal(card_decode(bytes_of(&b), &d), ERR_OK);
		b.data[i] ^= 0x80;
	}
	buf_putc(&b, '\n');
	assert_int_equal(card_decode(bytes_of(&b), &d), ERR_FORMAT);
	strcpy(c.label, "Budi");
	assert_int_equal(card_encode(&c, &b), ERR_FORMAT);
	buf_done(&b);
}

static void
test_names(void **state)
{
	(void)state;
	assert_true(roster_name_valid("a-1", 3));
	assert_false(roster_name_valid("a-12", 3));
	assert_false(roster_name_valid("", 3));
	assert_false(roster_name_valid("A", 3));
	assert_false(roster_name_valid("a_b", 3));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_both_ways),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_not_written),
		cmocka_unit_test(test_signed_by_all),
		cmocka_unit_test(test_follows),
		cmocka_unit_test(test_sets),
		cmocka_unit_test(test_fingerprint),
		cmocka_unit_test(test_card),
		cmocka_unit_test(test_names),
	};

	if (crypto_init() != ERR_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
