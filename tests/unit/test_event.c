/* Actions, events, commitments, roots of objects, names of cases. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "event.h"

#define HEX16	"000102030405060708090a0b0c0d0e0f"
#define HEX32	"000102030405060708090a0b0c0d0e0f" \
		"101112131415161718191a1b1c1d1e1f"
#define SIG	"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygp" \
		"KissLS4vMDEyMzQ1Njc4OTo7PD0+Pw=="
#define HEAD	"peluit-event/v1 wbs.example\n"
#define REPORT	HEAD "epoch 7\ncase " HEX16 "\nrequest " HEX16 "\nseq 0\n" \
		"kind report\nactor source " HEX32 "\nobjects " HEX32 "\n" \
		"recipients " HEX32 "\nsig " SIG "\n"
#define REPLY	HEAD "epoch 9\ntaken 8\ncase " HEX16 "\nrequest " HEX16 \
		"\nseq 3\nkind reply\nactor desk " HEX32 "\nobjects " HEX32 \
		"\nstatus REVIEW\nseen " HEX32 "\nprev " HEX32 "\nsig " SIG "\n"
#define DECOY	HEAD "epoch 7\nkind decoy\nactor server\n"
#define KEYS	HEAD "epoch 7\nkind keys\nactor server\nobjects " HEX32 "\n"
#define DELETE	HEAD "epoch 7\ncase " HEX16 "\nseq 4\nkind delete\n" \
		"actor server\nprev " HEX32 "\n"
#define ACCESS	HEAD "epoch 7\ncase " HEX16 "\nrequest " HEX16 "\nseq 1\n" \
		"kind access\nactor desk " HEX32 "\nseen " HEX32 \
		"\nprev " HEX32 "\nsig " SIG "\n"
#define CONSENT(word) HEAD "epoch 7\ncase " HEX16 "\nrequest " HEX16 \
		"\nseq 1\nkind consent\nactor source " HEX32 "\nstatus " word \
		"\nseen " HEX32 "\nprev " HEX32 "\nsig " SIG "\n"
#define CUSTODY(word, seen) HEAD "epoch 7\ncase " HEX16 "\nrequest " HEX16 \
		"\nseq 1\nkind custody\nactor desk " HEX32 "\nstatus " word \
		"\n" seen "prev " HEX32 "\nsig " SIG "\n"

static struct bytes
text_of(const char *s)
{
	return (struct bytes){ s, strlen(s) };
}

static const char *const good[] = {
	REPORT, REPLY, DECOY, KEYS, DELETE, ACCESS, CONSENT("YES"),
	CONSENT("NO"), CUSTODY("ASK", ""),
	CUSTODY("OPEN", "seen " HEX32 "\n"),
};

static void
test_same_bytes(void **state)
{
	struct event e;
	struct buf again;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(event_decode(text_of(good[i]), &e), ERR_OK);
		buf_init(&again, EVENT_MAX);
		assert_int_equal(event_encode(&e, &again), ERR_OK);
		assert_string_equal(buf_text(&again), good[i]);
		buf_done(&again);
	}
}

static void
test_fields(void **state)
{
	struct event e;

	(void)state;
	assert_int_equal(event_decode(text_of(REPLY), &e), ERR_OK);
	assert_string_equal(e.action.origin, "wbs.example");
	assert_int_equal(e.action.kind, EVENT_REPLY);
	assert_int_equal(e.action.actor, ACTOR_DESK);
	assert_int_equal(e.epoch, 9);
	assert_true(e.has_taken);
	assert_int_equal(e.taken, 8);
	assert_int_equal(e.seq, 3);
	assert_string_equal(e.action.status, "REVIEW");
	assert_true(e.action.has_seen && e.action.has_objects);
	assert_false(e.action.has_recipients);
	assert_int_equal(e.action.objects.bytes[31], 0x1f);
	assert_int_equal(e.sig[63], 0x3f);
}

/* One fault each. */
static const struct { const char *why, *text; enum err e; } bad[] = {
	{ "empty", "", ERR_FORMAT },
	{ "head only", HEAD, ERR_FORMAT },
	{ "version", "peluit-event/v2 wbs.example\nepoch 7\n", ERR_VERSION },
	{ "other format", "peluit-action/v1 wbs.example\n", ERR_FORMAT },
	{ "no origin", "peluit-event/v1 \nepoch 7\nkind decoy\n"
	    "actor server\n", ERR_FORMAT },
	{ "origin with space", "peluit-event/v1 a b\nepoch 7\nkind decoy\n"
	    "actor server\n", ERR_FORMAT },
	{ "origin with plus", "peluit-event/v1 a+b\nepoch 7\nkind decoy\n"
	    "actor server\n", ERR_FORMAT },
	{ "line behind", DECOY "x\n", ERR_FORMAT },
	{ "empty line behind", DECOY "\n", ERR_FORMAT },
	{ "no last LF", HEAD "epoch 7\nkind decoy\nactor server", ERR_FORMAT },
	{ "CR LF", HEAD "epoch 7\r\nkind decoy\nactor server\n", ERR_FORMAT },
	{ "leading zero", HEAD "epoch 07\nkind decoy\nactor server\n",
	    ERR_FORMAT },
	{ "sign", HEAD "epoch +7\nkind decoy\nactor server\n", ERR_FORMAT },
	{ "empty number", HEAD "epoch \nkind decoy\nactor server\n",
	    ERR_FORMAT },
	{ "2^63", HEAD "epoch 9223372036854775808\nkind decoy\n"
	    "actor server\n", ERR_RANGE },
	{ "two spaces", HEAD "epoch  7\nkind decoy\nactor server\n",
	    ERR_FORMAT },
	{ "unknown kind", HEAD "epoch 7\nkind decoys\nactor server\n",
	    ERR_FORMAT },
	{ "server with a key", HEAD "epoch 7\nkind decoy\nactor server "
	    HEX32 "\n", ERR_FORMAT },
	{ "server with a space", HEAD "epoch 7\nkind decoy\nactor server \n",
	    ERR_FORMAT },
	{ "decoy by a desk", HEAD "epoch 7\nkind decoy\nactor desk " HEX32
	    "\n", ERR_FORMAT },
	{ "decoy taken", HEAD "epoch 7\ntaken 6\nkind decoy\n"
	    "actor server\n", ERR_FORMAT },
	{ "decoy with a signature", DECOY "sig " SIG "\n", ERR_FORMAT },
	{ "decoy with a case", HEAD "epoch 7\ncase " HEX16 "\nseq 0\n"
	    "kind decoy\nactor server\n", ERR_FORMAT },
	{ "keys without objects", HEAD "epoch 7\nkind keys\nactor server\n",
	    ERR_FORMAT },
	{ "taken not earlier", HEAD "epoch 7\ntaken 7\nkind keys\n"
	    "actor server\nobjects " HEX32 "\n", ERR_FORMAT },
	{ "report by a desk", HEAD "epoch 7\ncase " HEX16 "\nrequest " HEX16
	    "\nseq 0\nkind report\nactor desk " HEX32 "\nobjects " HEX32
	    "\nrecipients " HEX32 "\nsig " SIG "\n", ERR_FORMAT },
	{ "report without recipients", HEAD "epoch 7\ncase " HEX16
	    "\nrequest " HEX16 "\nseq 0\nkind report\nactor source " HEX32
	    "\nobjects " HEX32 "\nsig " SIG "\n", ERR_FORMAT },
	{ "report without signature", HEAD "epoch 7\ncase " HEX16
	    "\nrequest " HEX16 "\nseq 0\nkind report\nactor source " HEX32
	    "\nobjects " HEX32 "\nrecipients " HEX32 "\n", ERR_FORMAT },
	{ "order", HEAD "epoch 7\nrequest " HEX16 "\ncase " HEX16
	    "\nseq 0\nkind report\nactor source " HEX32 "\nobjects " HEX32
	    "\nrecipients " HEX32 "\nsig " SIG "\n", ERR_FORMAT },
	{ "line twice", HEAD "epoch 7\nepoch 7\nkind decoy\nactor server\n",
	    ERR_FORMAT },
	{ "upper case hex", HEAD "epoch 7\nkind keys\nactor server\nobjects "
	    "000102030405060708090A0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
	    "\n", ERR_FORMAT },
	{ "short hex", HEAD "epoch 7\nkind keys\nactor server\nobjects "
	    HEX16 "\n", ERR_FORMAT },
	{ "first with prev", HEAD "epoch 7\ncase " HEX16 "\nseq 0\n"
	    "kind delete\nactor server\nprev " HEX32 "\n", ERR_FORMAT },
	{ "later without prev", HEAD "epoch 7\ncase " HEX16 "\nseq 4\n"
	    "kind delete\nactor server\n", ERR_FORMAT },
	{ "case without seq", HEAD "epoch 7\ncase " HEX16 "\nkind delete\n"
	    "actor server\nprev " HEX32 "\n", ERR_FORMAT },
	{ "server's request", HEAD "epoch 7\ncase " HEX16 "\nrequest " HEX16
	    "\nseq 4\nkind delete\nactor server\nprev " HEX32 "\n",
	    ERR_FORMAT },
	{ "consent of another word", CONSENT("MAYBE"), ERR_FORMAT },
	{ "custody opened unseen", CUSTODY("OPEN", ""), ERR_FORMAT },
	{ "custody of another word", CUSTODY("YES", ""), ERR_FORMAT },
	{ "status of 25", CUSTODY("AAAAAAAAAAAAAAAAAAAAAAAAA", ""),
	    ERR_RANGE },
	{ "status in lower case", HEAD "epoch 7\ncase " HEX16 "\nrequest "
	    HEX16 "\nseq 1\nkind status\nactor desk " HEX32
	    "\nstatus review\nprev " HEX32 "\nsig " SIG "\n", ERR_FORMAT },
	{ "empty status", HEAD "epoch 7\ncase " HEX16 "\nrequest "
	    HEX16 "\nseq 1\nkind referral\nactor desk " HEX32
	    "\nstatus \nprev " HEX32 "\nsig " SIG "\n", ERR_FORMAT },
	{ "signature unpadded", HEAD "epoch 7\ncase " HEX16 "\nrequest "
	    HEX16 "\nseq 1\nkind referral\nactor desk " HEX32
	    "\nprev " HEX32 "\nsig AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwd"
	    "Hh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+Pw\n", ERR_FORMAT },
	{ "signature of 63", HEAD "epoch 7\ncase " HEX16 "\nrequest "
	    HEX16 "\nseq 1\nkind referral\nactor desk " HEX32
	    "\nprev " HEX32 "\nsig AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwd"
	    "Hh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+\n", ERR_FORMAT },
};

static void
test_refused(void **state)
{
	struct event e;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		print_message("%s\n", bad[i].why);
		assert_int_equal(event_decode(text_of(bad[i].text), &e),
		    bad[i].e);
	}
}

/* Every prefix of a good event is refused, and so is a NUL in it. */
static void
test_cut(void **state)
{
	char text[EVENT_MAX];
	struct event e;
	size_t i, n = strlen(REPLY);

	(void)state;
	for (i = 0; i < n; i++) {
		assert_int_not_equal(event_decode((struct bytes){ REPLY, i },
		    &e), ERR_OK);
		memcpy(text, REPLY, n);
		text[i] = '\0';
		assert_int_not_equal(event_decode((struct bytes){ text, n },
		    &e), ERR_OK);
	}
}

static void
fill_longest(struct event *e)
{
	memset(e, 0, sizeof(*e));
	memset(e->action.origin, 'o', ORIGIN_MAX);
	e->epoch = INT64_MAX;
	e->has_taken = true;
	e->taken = INT64_MAX - 1;
	e->seq = INT64_MAX;
	e->has_seq = e->has_prev = e->has_sig = true;
	e->action.has_case = e->action.has_request = true;
	e->action.has_objects = e->action.has_seen = true;
	e->action.kind = EVENT_REFERRAL;
	e->action.actor = ACTOR_DESK;
	memset(e->action.status, 'S', STATUS_MAX);
}

static void
test_longest_fits(void **state)
{
	struct event e;
	struct buf b;

	(void)state;
	buf_init(&b, EVENT_MAX);
	fill_longest(&e);
	assert_int_equal(event_encode(&e, &b), ERR_OK);
	/* Even with the one line that this kind lacks it would fit. */
	assert_true(b.len + strlen("recipients " HEX32 "\n") <= EVENT_MAX);
	assert_int_equal(event_decode((struct bytes){ b.data, b.len }, &e),
	    ERR_OK);
	buf_reset(&b);
	e.epoch = (uint64_t)INT64_MAX + 1;
	assert_int_equal(event_encode(&e, &b), ERR_RANGE);
	fill_longest(&e);
	memset(e.action.status, 'S', sizeof(e.action.status));
	assert_int_equal(event_encode(&e, &b), ERR_RANGE);
	fill_longest(&e);
	memset(e.action.origin, 'o', sizeof(e.action.origin));
	assert_int_equal(event_encode(&e, &b), ERR_RANGE);
	assert_int_equal(b.len, 0);
	buf_done(&b);
}

static void
test_action(void **state)
{
	static const char text[] = "peluit-action/v1 wbs.example\ncase " HEX16
	    "\nrequest " HEX16 "\nkind reply\nactor desk " HEX32 "\nobjects "
	    HEX32 "\nstatus REVIEW\nseen " HEX32 "\n";
	struct action a;
	struct event e;
	struct buf b;

	(void)state;
	buf_init(&b, ACTION_MAX);
	assert_int_equal(event_decode(text_of(REPLY), &e), ERR_OK);
	assert_int_equal(action_encode(&e.action, &b), ERR_OK);
	assert_string_equal(buf_text(&b), text);
	assert_int_equal(action_decode(text_of(text), &a), ERR_OK);
	buf_reset(&b);
	assert_int_equal(action_encode(&a, &b), ERR_OK);
	assert_string_equal(buf_text(&b), text);
	buf_done(&b);
	assert_int_equal(action_decode(text_of(REPLY), &a), ERR_FORMAT);
	assert_int_equal(action_decode(text_of("peluit-action/v3 x\n"), &a),
	    ERR_VERSION);
}

static void
test_signature(void **state)
{
	uint8_t seed[SIGN_SEED_LEN] = { 1 }, other[SIGN_SEED_LEN] = { 2 };
	struct event e;

	(void)state;
	assert_int_equal(event_decode(text_of(REPLY), &e), ERR_OK);
	assert_int_equal(event_verify(&e), ERR_MAC);
	assert_int_equal(action_sign(&e.action, seed, e.sig), ERR_KEY);
	sign_public(seed, e.action.actor_key);
	assert_int_equal(action_sign(&e.action, seed, e.sig), ERR_OK);
	assert_int_equal(event_verify(&e), ERR_OK);
	/* Where the log puts it is not the actor's to sign. */
	e.seq++;
	e.epoch++;
	assert_int_equal(event_verify(&e), ERR_OK);
	e.action.request[0] ^= 1;
	assert_int_equal(event_verify(&e), ERR_MAC);
	e.action.request[0] ^= 1;
	e.action.status[0] = '\0';
	assert_int_equal(event_verify(&e), ERR_MAC);
	assert_int_equal(event_decode(text_of(REPLY), &e), ERR_OK);
	sign_public(seed, e.action.actor_key);
	assert_int_equal(action_sign(&e.action, other, e.sig), ERR_KEY);
	e.has_sig = false;
	assert_int_equal(event_verify(&e), ERR_FORMAT);
	assert_int_equal(event_decode(text_of(DECOY), &e), ERR_OK);
	assert_int_equal(event_verify(&e), ERR_OK);
	assert_int_equal(action_sign(&e.action, seed, e.sig), ERR_KEY);
}

/* By another program: sha256("peluit-commit/v1\0" + 32 bytes 00..1f + "abc"). */
static void
test_commitment(void **state)
{
	uint8_t nonce[NONCE_LEN], out[COMMITMENT_LEN];
	char hex[HEX_LEN(COMMITMENT_LEN) + 1];
	size_t i;

	(void)state;
	for (i = 0; i < NONCE_LEN; i++)
		nonce[i] = (uint8_t)i;
	commitment_of(nonce, text_of("abc"), out);
	hex_encode(out, sizeof(out), hex);
	assert_string_equal(hex, "c4254a58b4b5c0e6f8f2df66309ccf58"
	    "e6b4a2289079afbf6af9936a67f85ebb");
}

static void
test_objects(void **state)
{
	struct object_entry entry[3];
	struct merkle_hash root, leaf[2], want;
	uint8_t text[64];

	(void)state;
	memset(entry, 0, sizeof(entry));
	memset(&entry[1].payload, 7, sizeof(entry[1].payload));
	assert_int_equal(objects_root(entry, 0, &root), ERR_RANGE);
	assert_int_equal(objects_root(entry, 1, &root), ERR_OK);
	memset(text, 0, sizeof(text));
	merkle_leaf(text, sizeof(text), &leaf[0]);
	assert_memory_equal(&root, &leaf[0], sizeof(root));
	memset(text + 32, 7, 32);
	merkle_leaf(text, sizeof(text), &leaf[1]);
	merkle_node(&leaf[0], &leaf[1], &want);
	assert_int_equal(objects_root(entry, 2, &root), ERR_OK);
	assert_memory_equal(&root, &want, sizeof(root));
}

static void
test_case_name(void **state)
{
	uint8_t id[ID_LEN];
	char name[CASE_NAME_LEN + 1], typed[64];
	size_t i;

	(void)state;
	for (i = 0; i < ID_LEN; i++)
		id[i] = (uint8_t)i;
	case_name(id, name);
	assert_string_equal(name, "KAKX-PEPA");
	assert_true(case_name_match(id, name));
	assert_true(case_name_match(id, HEX16));
	assert_true(case_name_match(id, "000102030405060708090A0B0C0D0E0F"));
	for (i = 0; name[i] != '\0'; i++)
		typed[i] = (char)(name[i] >= 'A' ? name[i] + 32 : name[i]);
	typed[i] = '\0';
	assert_true(case_name_match(id, typed));
	typed[4] = '\0';
	assert_true(case_name_match(id, typed));
	typed[3] = '\0';
	assert_false(case_name_match(id, typed));
	assert_false(case_name_match(id, ""));
	assert_false(case_name_match(id, "U2345678"));
	snprintf(typed, sizeof(typed), "%s0", name);
	assert_false(case_name_match(id, typed));
	assert_false(case_name_match(id, "000102030405060708090a0b0c0d0e0e"));
	assert_false(case_name_match(id, "000102030405060708090a0b0c0d0e0f0"));
	for (i = 0; i < ID_LEN; i++)
		id[i] = (uint8_t)(i + 1);
	assert_false(case_name_match(id, name));
}

/* O stands for 0, I and L for 1: names are searched until one has both. */
static void
test_case_name_confused(void **state)
{
	uint8_t id[ID_LEN] = { 0 };
	char name[CASE_NAME_LEN + 1];
	unsigned n;
	size_t i;

	(void)state;
	for (n = 0;; n++) {
		id[0] = (uint8_t)n;
		id[1] = (uint8_t)(n >> 8);
		case_name(id, name);
		if (strchr(name, '0') != NULL && strchr(name, '1') != NULL)
			break;
		assert_true(n < 65535);
	}
	for (i = 0; name[i] != '\0'; i++) {
		if (name[i] == '0')
			name[i] = 'o';
		else if (name[i] == '1')
			name[i] = i % 2 == 0 ? 'l' : 'I';
	}
	assert_true(case_name_match(id, name));
}

static void
test_kinds(void **state)
{
	enum event_kind k;
	unsigned i;

	(void)state;
	for (i = 0; i < EVENT_KINDS; i++) {
		assert_int_equal(event_kind_parse(text_of(
		    event_kind_text((enum event_kind)i)), &k), ERR_OK);
		assert_int_equal(k, i);
	}
	assert_int_equal(event_kind_parse(text_of(""), &k), ERR_FORMAT);
	assert_int_equal(event_kind_parse(text_of("repor"), &k), ERR_FORMAT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same_bytes),
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_longest_fits),
		cmocka_unit_test(test_action),
		cmocka_unit_test(test_signature),
		cmocka_unit_test(test_commitment),
		cmocka_unit_test(test_objects),
		cmocka_unit_test(test_case_name),
		cmocka_unit_test(test_case_name_confused),
		cmocka_unit_test(test_kinds),
	};

	if (crypto_init() != ERR_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
