/* The desk's command line, its words, its homes, encrypt and decrypt. */
#include "desk_kit.h"

#define BIG	(3 * AGE_CHUNK_LEN + 17)

static void
table_and_usage(void **state)
{
	(void)state;
	refused(DESK_USAGE, "usage", "--json");
	refused(DESK_USAGE, "usage", "nonsense");
	refused(DESK_USAGE, "usage", "--nonsense", "list");
	refused(DESK_USAGE, "usage", "--socks");
	refused(DESK_USAGE, "usage", "--lang", "fr", "list");
	refused(DESK_USAGE, "usage", "identity", "steal", "X");
	refused(DESK_USAGE, "usage", "open");
	refused(DESK_USAGE, "usage", "open", "A", "B");
	refused(DESK_USAGE, "usage", "open", "A", "--sav", "d");
	refused(DESK_USAGE, "usage", "open", "A", "--save");
	refused(DESK_USAGE, "usage", "open", "A", "--save=x", "--save=y");
	refused(DESK_USAGE, "usage", "status", "A");
	refused(DESK_USAGE, "status_unknown", "status", "A", "DONE");
	refused(DESK_USAGE, "status_reason", "status", "A", "ARCHIVED");
	refused(DESK_USAGE, "status_reason", "reply", "A", "--status",
	    "ARCHIVED");
	refused(DESK_USAGE, "usage", "reply", "A", "--reason", "x");
	refused(DESK_USAGE, "usage", "refer", "A", "--to", "KPK");
	refused(DESK_USAGE, "usage", "init");
	refused(DESK_USAGE, "label", "init", "--label", "Budi Santoso");
	assert_int_equal(run("--help"), DESK_DONE);
	assert_non_null(strstr(buf_text(&kit_desk.out), "identity ask CASE"));
	assert_int_equal(run("--version"), DESK_DONE);
}

/* Both languages say every sentence, with the same blanks to fill. */
static void
words(void **state)
{
	const char *id, *en;
	int w, i;
	const char blanks[2][4] = { "{1}", "{2}" };

	(void)state;
	for (w = 0; w < WORDS; w++) {
		id = words_raw((enum word)w, WORDS_ID);
		en = words_raw((enum word)w, WORDS_EN);
		assert_non_null(id);
		assert_non_null(en);
		assert_true(id[0] != '\0' && en[0] != '\0');
		assert_non_null(words_code((enum word)w));
		/* failures have codes; questions and results have none */
		assert_int_equal(words_code((enum word)w)[0] != '\0',
		    w < W_ASK_PASS_NEW);
		for (i = 0; i < 2; i++)
			assert_int_equal(strstr(id, blanks[i]) != NULL,
			    strstr(en, blanks[i]) != NULL);
	}
	assert_string_equal(words_label(WORDS_ID, "AUDIT"),
	    "Audit investigatif");
	assert_string_equal(words_label(WORDS_EN, "nothing"), "nothing");
}

/* What a stranger called a file cannot command the terminal. */
static void
sentences_are_visible(void **state)
{
	(void)state;
	assert_int_equal(run("decrypt", "-i", "/\033[2Jx", "/\033[2Jy"),
	    DESK_MACHINE);
	assert_null(strchr(kit_text(0), '\033'));
}

static void
home(void **state)
{
	char text[4096];

	(void)state;
	refused(DESK_NO, "home", "list");
	assert_int_equal(run("init", "--label", "petugas-1"), DESK_DONE);
	assert_non_null(strstr(buf_text(&kit_desk.out), "nobody can undo"));
	(void)snprintf(text, sizeof(text), "%s", json_string_value(
	    json_object_get(kit_desk.result, "card")));
	assert_int_equal(strncmp(text, "peluit-card/v1 petugas-1 ", 25), 0);
	assert_false(file_too_open(kit_path("home")));
	assert_false(file_too_open(kit_path("home/identity.age")));
	assert_false(file_too_open(kit_path("home/sign.age")));
	refused(DESK_NO, "exists", "init", "--label", "petugas-2");
	refused(DESK_NO, "office", "list");
	kit_write("office", "peluit-office/v1\norigin x\n", 26);
	refused(DESK_NO, "office", "join", kit_path("office"));
	assert_false(file_exists(kit_path("home/office.conf")));
	/* short passphrases are not taken */
	OK(file_write(kit_path("pass"), "short\n", 6, 0600));
	kit_write("none", "", 0);
	assert_int_equal(rename(kit_path("home"), kit_path("old")), 0);
	refused(DESK_NO, "passphrase", "init", "--label", "petugas-1");
	assert_false(file_exists(kit_path("home")));
	OK(file_write(kit_path("pass"), "not this one at all\n", 20, 0600));
	refused(DESK_NO, "passphrase", "decrypt", "-i",
	    kit_path("old/identity.age"), kit_path("old/sign.age"));
}

/* A key file as age-keygen writes it, and its recipient. */
static void
new_key(const char *name, char to[static AGE_RECIPIENT_LEN + 1])
{
	char key[AGE_IDENTITY_LEN + 1], text[256];
	struct age_recipient r;
	struct age_identity id;

	age_identity_new(&id);
	age_identity_recipient(&id, &r);
	age_recipient_encode(&r, to);
	age_identity_encode(&id, key);
	(void)snprintf(text, sizeof(text), "# created: today\n"
	    "# public key: %s\n\n%s\r\n", to, key);
	kit_write(name, text, strlen(text));
}

static void
assert_same(const char *a, const char *b)
{
	uint8_t *p = NULL, *q = NULL;
	size_t n = 0, m = 0;

	OK(file_read(a, 1 << 22, &p, &n));
	OK(file_read(b, 1 << 22, &q, &m));
	assert_int_equal(n, m);
	assert_memory_equal(p, q, n);
	free(p);
	free(q);
}

static void
round_trips(void **state)
{
	static const size_t sizes[] = { 0, 1, AGE_CHUNK_LEN - 1, AGE_CHUNK_LEN,
	    AGE_CHUNK_LEN + 1, 2 * AGE_CHUNK_LEN, BIG };
	char to[AGE_RECIPIENT_LEN + 1], other[AGE_RECIPIENT_LEN + 1];
	uint8_t *plain = need(malloc(BIG));
	size_t i;

	(void)state;
	rand_bytes(plain, BIG);
	new_key("key", to);
	new_key("other", other);
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		kit_write("plain", plain, sizes[i]);
		assert_int_equal(run("encrypt", "-r", other, "-r", to, "-o",
		    kit_path("sealed"), kit_path("plain")), DESK_DONE);
		assert_int_equal(run("decrypt", "-i", kit_path("key"), "-o",
		    kit_path("back"), kit_path("sealed")), DESK_DONE);
		assert_same(kit_path("plain"), kit_path("back"));
		assert_int_equal(run("decrypt", "-i", kit_path("other"), "-o",
		    kit_path("back"), kit_path("sealed")), DESK_DONE);
	}
	free(plain);
}

static void
cut(const char *from, const char *to, size_t n)
{
	uint8_t *p = NULL;
	size_t len = 0;

	OK(file_read(kit_path(from), 1 << 22, &p, &len));
	assert_true(n <= len);
	kit_write(to, p, n);
	free(p);
}

/* Whatever fails, its output is not there, nor anything beside it. */
static void
failure_leaves_nothing(void **state)
{
	char to[AGE_RECIPIENT_LEN + 1], other[AGE_RECIPIENT_LEN + 1];
	uint8_t *plain = need(calloc(1, BIG));
	size_t before;

	(void)state;
	new_key("key", to);
	new_key("other", other);
	kit_write("plain", plain, BIG);
	free(plain);
	assert_int_equal(run("encrypt", "-r", to, "-o", kit_path("sealed"),
	    kit_path("plain")), DESK_DONE);
	cut("sealed", "cut", BIG / 2);		/* inside a chunk */
	cut("sealed", "header", 40);		/* inside the header */
	kit_write("armor", "-----BEGIN AGE ENCRYPTED FILE-----\n", 35);
	before = kit_files(".");
#define OPEN(file) "decrypt", "-i", kit_path("key"), "-o", kit_path("out"), \
	    kit_path(file)
	refused(DESK_NO, "age_payload", OPEN("cut"));
	refused(DESK_NO, "age_format", OPEN("header"));
	refused(DESK_NO, "age_armor", OPEN("armor"));
	refused(DESK_NO, "age_format", OPEN("plain"));
	refused(DESK_MACHINE, "file", OPEN("missing"));
	refused(DESK_NO, "age_no_match", "decrypt", "-i", kit_path("other"),
	    "-o", kit_path("out"), kit_path("sealed"));
	refused(DESK_NO, "identity", "decrypt", "-i", kit_path("pass"), "-o",
	    kit_path("out"), kit_path("sealed"));
	refused(DESK_NO, "identity", "decrypt", "-i", kit_path("armor"), "-o",
	    kit_path("out"), kit_path("sealed"));
	refused(DESK_USAGE, "usage", "decrypt", "-o", kit_path("out"),
	    kit_path("sealed"));
	refused(DESK_USAGE, "usage", "encrypt", "-o", kit_path("out"),
	    kit_path("plain"));
	refused(DESK_NO, "recipient", "encrypt", "-r", "age1nonsense", "-o",
	    kit_path("out"), kit_path("plain"));
	refused(DESK_NO, "recipient", "encrypt", "-r", to, "-r", to, "-o",
	    kit_path("out"), kit_path("plain"));
	refused(DESK_MACHINE, "file", "encrypt", "-r", to, "-o",
	    kit_path("none/out"), kit_path("plain"));
	refused(DESK_USAGE, "usage", "--json", "encrypt", "-r", to,
	    kit_path("plain"));
#undef OPEN
	assert_false(file_exists(kit_path("out")));
	assert_int_equal(kit_files("."), before);
	/* what stood at that name before stays as it was */
	kit_write("keep", "keep", 4);
	refused(DESK_NO, "age_payload", "decrypt", "-i", kit_path("key"),
	    "-o", kit_path("keep"), kit_path("cut"));
	cut("keep", "kept", 4);
}

/* Rosters: written, signed twice, continued. */
static void
rosters(void **state)
{
	struct office o;
	struct buf text;
	uint8_t seed[SIGN_SEED_LEN], public[SIGN_PUBLIC_LEN];
	const char *vkey;
	char roster_key[NOTE_VKEY_MAX];

	(void)state;
	assert_int_equal(run("init", "--label", "petugas-1"), DESK_DONE);
	assert_int_equal(rename(kit_path("home"), kit_path("one")), 0);
	assert_int_equal(run("init", "--label", "petugas-2"), DESK_DONE);
	assert_int_equal(run("roster", "key", "office/1", "-o",
	    kit_path("k1")), DESK_DONE);
	vkey = json_string_value(json_object_get(kit_desk.result, "vkey"));
	(void)snprintf(roster_key, sizeof(roster_key), "%s", vkey);
	refused(DESK_NO, "exists", "roster", "key", "office/1", "-o",
	    kit_path("k1"));
	memset(&o, 0, sizeof(o));
	(void)snprintf(o.origin, sizeof(o.origin), "uji.invalid");
	(void)snprintf(o.url, sizeof(o.url), "unix:/nowhere");
	(void)snprintf(o.authority, sizeof(o.authority), "desk.uji.invalid");
	(void)snprintf(o.label, sizeof(o.label), "petugas-1");
	rand_bytes(seed, sizeof(seed));
	sign_public(seed, o.answers);
	rand_bytes(seed, sizeof(seed));
	sign_public(seed, public);
	OK(vkey_of("uji.invalid", NOTE_TYPE_ED25519, public, &o.log));
	rand_bytes(seed, sizeof(seed));
	sign_public(seed, public);
	OK(vkey_of("uji.invalid/promise", NOTE_TYPE_ED25519, public,
	    &o.promise));
	OK(vkey_decode((struct bytes){ roster_key, strlen(roster_key) },
	    &o.roster_key[0]));
	o.roster_keys = 1;
	buf_init(&text, OFFICE_MAX);
	OK(office_encode(&o, &text));
	kit_write("office", text.data, text.len);
	buf_done(&text);
	refused(DESK_USAGE, "usage", "roster", "new", "--file",
	    kit_path("r"), "--office", kit_path("office"));
	assert_int_equal(run("roster", "new", "--file", kit_path("r"),
	    "--office", kit_path("office"), "--card",
	    kit_path("one/card.txt"), "--channel", "pasar"), DESK_DONE);
	refused(DESK_NO, "roster", "roster", "add", kit_path("one/card.txt"),
	    "--file", kit_path("r"), "--role", "custodian", "--channel",
	    "pasar");
	refused(DESK_USAGE, "usage", "roster", "add",
	    kit_path("home/card.txt"), "--file", kit_path("r"), "--role",
	    "boss", "--channel", "pasar");
	refused(DESK_USAGE, "usage", "roster", "add",
	    kit_path("home/card.txt"), "--file", kit_path("r"), "--role",
	    "custodian");
	refused(DESK_NO, "card", "roster", "add", kit_path("pass"), "--file",
	    kit_path("r"), "--role", "auditor");
	assert_int_equal(run("roster", "add", kit_path("home/card.txt"),
	    "--file", kit_path("r"), "--role", "custodian", "--channel",
	    "pasar"), DESK_DONE);
	refused(DESK_NO, "roster", "roster", "retire", "petugas-1", "--file",
	    kit_path("r"));
	refused(DESK_NO, "roster", "roster", "retire", "petugas-9", "--file",
	    kit_path("r"));
	assert_int_equal(run("roster", "retire", "petugas-2", "--file",
	    kit_path("r")), DESK_DONE);
	refused(DESK_NO, "roster", "roster", "new", "--file", kit_path("r2"),
	    "--from", kit_path("r"));
	assert_int_equal(run("roster", "sign", "--key", kit_path("k1"),
	    "--file", kit_path("r")), DESK_DONE);
	refused(DESK_NO, "roster", "roster", "retire", "petugas-1", "--file",
	    kit_path("r"));
	assert_int_equal(run("roster", "new", "--file", kit_path("r2"),
	    "--from", kit_path("r")), DESK_DONE);
	assert_int_equal(run("roster", "show", "--file", kit_path("r2")),
	    DESK_DONE);
	assert_int_equal(json_integer_value(json_object_get(kit_desk.result,
	    "number")), 2);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, kit_setup, kit_teardown)
	const struct CMUnitTest tests[] = {
		T(table_and_usage), T(words), T(sentences_are_visible),
		T(home), T(round_trips), T(failure_leaves_nothing),
		T(rosters),
	};
#undef T
	return cmocka_run_group_tests_name("desk", tests, NULL, NULL);
}
