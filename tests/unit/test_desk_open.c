/*
 * What `open` refuses.  A vault is built by hand, as a server or a thief of
 * the disk might; each fault has its sentence, and nothing of a refused
 * message is shown.
 */
#include "desk_kit.h"

#include "book.h"
#include "home.h"
#include "manifest.h"
#include "message.h"
#include "pad.h"
#include "sealed.h"

#define ORIGIN		"uji.invalid"
#define TEXT		"Uang rokok\033[2J untuk panitia"
#define FILE_LEN	70000		/* two chunks, padded to 73,728 */
#define EPOCH_SECONDS	21600

enum fault {
	F_NONE, F_ORIGIN, F_CASE, F_KIND, F_KEY_NAMED, F_KEY_SEALED,
	F_RECIPIENTS, F_NOT_MINE, F_OBJECT_ID, F_OBJECT_MORE, F_SIZE,
	F_DIGEST, F_REST, F_FORMAT, F_MISSING, F_CUT, F_HEADER, F_SWAPPED,
	F_ROOT, F_MESSAGE_KEY, F_IDENTITY
};

/* The keys of a world of one case. */
static struct {
	struct age_identity source_id, other_id;
	struct age_recipient source, other, mine;
	uint8_t seed[SIGN_SEED_LEN], key[SIGN_PUBLIC_LEN];
	uint8_t case_id[ID_LEN], manifest_id[ID_LEN], file_id[ID_LEN];
	uint8_t reply_id[ID_LEN], desk_seed[SIGN_SEED_LEN];
	struct book_object file;
	struct book *book;
} w;

static void
office(void)
{
	uint8_t seed[SIGN_SEED_LEN], public[SIGN_PUBLIC_LEN];
	struct office o;
	struct buf text;

	memset(&o, 0, sizeof(o));
	(void)snprintf(o.origin, sizeof(o.origin), ORIGIN);
	(void)snprintf(o.url, sizeof(o.url), "unix:/nowhere/at/all");
	(void)snprintf(o.authority, sizeof(o.authority), "desk." ORIGIN);
	(void)snprintf(o.label, sizeof(o.label), "petugas-1");
	rand_bytes(seed, sizeof(seed));
	sign_public(seed, o.answers);
	rand_bytes(seed, sizeof(seed));
	sign_public(seed, public);
	OK(vkey_of(ORIGIN, NOTE_TYPE_ED25519, public, &o.log));
	rand_bytes(seed, sizeof(seed));
	sign_public(seed, public);
	OK(vkey_of(ORIGIN "/promise", NOTE_TYPE_ED25519, public, &o.promise));
	rand_bytes(seed, sizeof(seed));
	sign_public(seed, public);
	OK(vkey_of("kunci", NOTE_TYPE_ED25519, public, &o.roster_key[0]));
	o.roster_keys = 1;
	buf_init(&text, OFFICE_MAX);
	OK(office_encode(&o, &text));
	kit_write("office", text.data, text.len);
	buf_done(&text);
	assert_int_equal(run("join", kit_path("office")), DESK_DONE);
}

static void
world(void)
{
	const char *to;

	memset(&w, 0, sizeof(w));
	assert_int_equal(run("init", "--label", "petugas-1"), DESK_DONE);
	to = json_string_value(json_object_get(kit_desk.result,
	    "recipient"));
	assert_non_null(to);
	OK(age_recipient_decode(to, &w.mine));
	office();
	age_identity_new(&w.source_id);
	age_identity_recipient(&w.source_id, &w.source);
	age_identity_new(&w.other_id);
	age_identity_recipient(&w.other_id, &w.other);
	rand_bytes(w.seed, sizeof(w.seed));
	sign_public(w.seed, w.key);
	rand_bytes(w.desk_seed, sizeof(w.desk_seed));
	rand_bytes(w.case_id, ID_LEN);
	rand_bytes(w.manifest_id, ID_LEN);
	rand_bytes(w.file_id, ID_LEN);
	rand_bytes(w.reply_id, ID_LEN);
	w.book = calloc(1, sizeof(*w.book));
	assert_non_null(w.book);
	w.book->epoch_seconds = EPOCH_SECONDS;
	assert_non_null(book_case_add(w.book, w.case_id));
}

/* Seals ${plain} to ${to} and puts it in the vault under ${id}. */
static void
put_object(const uint8_t *id, const struct age_recipient *to, size_t n,
    struct bytes plain, struct book_object *o)
{
	char name[160], case_hex[33], hex[33];
	struct vault_facts facts;
	struct buf file;

	hex_encode(w.case_id, ID_LEN, case_hex);
	hex_encode(id, ID_LEN, hex);
	(void)snprintf(name, sizeof(name), "home/vault/%s", case_hex);
	OK(dir_make_all(kit_path(name), 0700));
	(void)snprintf(name, sizeof(name), "home/vault/%s/%s.age", case_hex,
	    hex);
	buf_init(&file, 1 << 22);
	OK(age_seal_file(to, n, plain, &file));
	kit_write(name, file.data, file.len);
	buf_done(&file);
	OK(vault_open(kit_path(name), NULL, NULL, NULL, &facts));
	memset(o, 0, sizeof(*o));
	memcpy(o->id, id, ID_LEN);
	o->size = facts.payload;
	o->blocks = (uint32_t)((facts.payload + BLOCK_LEN - 1) / BLOCK_LEN);
	o->entry = facts.entry;
	o->has_entry = true;
	o->state = BOOK_SAVED;
}

static void
put_file(enum fault f, struct book_object *o)
{
	size_t padded = (size_t)pad_file(FILE_LEN);
	uint8_t *plain = calloc(1, padded);

	assert_non_null(plain);
	memset(plain, 'x', FILE_LEN);
	if (f == F_REST)
		plain[padded - 1] = 1;
	put_object(w.file_id, &w.mine, 1, (struct bytes){ plain, padded }, o);
	free(plain);
}

static void
compose(enum fault f, const struct book_object *file, struct manifest *m)
{
	static char who[] = "who", name[] = "Pak A\033]0;x\007", text[] = TEXT;
	static char other_text[] = "Tidak ada apa-apa";
	static char file_name[] = "../../\xe2\x80\xae" "fdp.exe";
	static char type[] = "application/pdf";

	manifest_init(m);
	(void)snprintf(m->origin, sizeof(m->origin), "%s",
	    f == F_ORIGIN ? "lain.invalid" : ORIGIN);
	memcpy(m->case_id, w.case_id, ID_LEN);
	if (f == F_CASE)
		m->case_id[0] ^= 1;
	m->kind = f == F_KIND ? MANIFEST_MESSAGE : MANIFEST_REPORT;
	(void)snprintf(m->channel, sizeof(m->channel), "pasar");
	m->field[m->fields++] = (struct manifest_field){ who, name };
	m->text = f == F_SWAPPED ? other_text : text;
	m->attachments = 1;
	memcpy(m->attachment[0].object, w.file_id, ID_LEN);
	if (f == F_OBJECT_ID)
		m->attachment[0].object[0] ^= 1;
	m->attachment[0].name = file_name;
	m->attachment[0].type = type;
	m->attachment[0].size = f == F_SIZE ? 1 << 20 : FILE_LEN;
	memcpy(m->attachment[0].digest, file->entry.payload, BLAKE2B_LEN);
	if (f == F_DIGEST)
		m->attachment[0].digest[5] ^= 4;
	if (f == F_IDENTITY) {
		m->has_identity = true;
		memcpy(m->identity_object, w.reply_id, ID_LEN);
	}
	if (m->kind != MANIFEST_REPORT)
		return;
	m->source = w.source;
	memcpy(m->source_key, w.key, SIGN_PUBLIC_LEN);
	if (f == F_KEY_NAMED)
		sign_public(w.desk_seed, m->source_key);
	m->recipient[m->recipients++] = f == F_NOT_MINE ? w.other : w.mine;
	if (f == F_RECIPIENTS)
		m->recipient[m->recipients++] = w.other;
}

static void
put_manifest(enum fault f, const struct book_object *file,
    struct book_object *o)
{
	struct manifest *m = calloc(1, sizeof(*m));
	struct buf text;

	assert_non_null(m);
	buf_init(&text, MANIFEST_MAX);
	compose(f, file, m);
	if (f == F_FORMAT)
		buf_puts(&text, "{\"peluit\":\"manifest/v1\"}");
	else
		OK(manifest_encode(m, &text));
	free(m);
	put_object(w.manifest_id, f == F_KEY_SEALED ? &w.other : &w.mine, 1,
	    (struct bytes){ text.data, text.len }, o);
	buf_done(&text);
}

/* An event of the case, signed, over its objects, in the book. */
static void
put_event(struct event *e, const uint8_t *seed, struct book_object *objects,
    size_t n)
{
	struct object_entry entry[4];
	struct book_event b;
	struct buf text;
	size_t i;

	memset(&b, 0, sizeof(b));
	for (i = 0; i < n; i++)
		entry[i] = objects[i].entry;
	(void)snprintf(e->action.origin, sizeof(e->action.origin), ORIGIN);
	e->action.has_case = e->action.has_request = e->has_seq = true;
	memcpy(e->action.case_id, w.case_id, ID_LEN);
	rand_bytes(e->action.request, ID_LEN);
	sign_public(seed, e->action.actor_key);
	if (n > 0) {
		e->action.has_objects = true;
		OK(objects_root(entry, n, &e->action.objects));
	}
	OK(action_sign(&e->action, seed, e->sig));
	e->has_sig = true;
	buf_init(&text, EVENT_MAX);
	OK(event_encode(e, &text));
	b.text = malloc(text.len);
	assert_non_null(b.text);
	memcpy(b.text, text.data, text.len);
	b.len = text.len;
	buf_done(&text);
	rand_bytes(b.nonce, NONCE_LEN);
	commitment_of(b.nonce, (struct bytes){ b.text, b.len },
	    b.commitment);
	b.event = *e;
	b.object = calloc(n + 1, sizeof(*b.object));
	assert_non_null(b.object);
	for (i = 0; i < n; i++)
		b.object[i] = objects[i];
	b.objects = n;
	b.checked = n > 0;
	OK(book_event_add(book_case(w.book, w.case_id), &b));
}

static void
put_report(enum fault f)
{
	struct book_object o[3];
	struct event e;
	size_t n = 2;

	put_file(f, &o[1]);
	w.file = o[1];
	put_manifest(f, &o[1], &o[0]);
	if (f == F_OBJECT_MORE)
		o[n++] = o[1];
	if (f == F_IDENTITY) {
		o[2] = o[1];
		memset(&o[1], 0, sizeof(o[1]));
		memcpy(o[1].id, w.reply_id, ID_LEN);
		o[1].state = BOOK_SEALED;
		n = 3;
	}
	memset(&e, 0, sizeof(e));
	e.epoch = 82000;
	e.action.kind = EVENT_REPORT;
	e.action.actor = ACTOR_SOURCE;
	e.action.has_recipients = true;
	put_event(&e, w.seed, o, n);
	if (f == F_IDENTITY)
		book_case(w.book, w.case_id)->event[0].checked = false;
	if (f == F_ROOT)
		book_case(w.book, w.case_id)->event[0].event.action.objects
		    .bytes[0] ^= 1;
}

/* Keys as a command has them, to save the index with. */
static void
save_book(void)
{
	char home[128], pass[128];

	(void)snprintf(home, sizeof(home), "%s/home", kit_root);
	(void)snprintf(pass, sizeof(pass), "%s/pass", kit_root);
	peluit_done(&kit_desk);
	peluit_init(&kit_desk);
	kit_desk.home = home;
	kit_desk.passphrase_file = pass;
	assert_int_equal(home_open(&kit_desk), DESK_DONE);
	assert_int_equal(book_save(&kit_desk, w.book), DESK_DONE);
	kit_desk.home = kit_desk.passphrase_file = NULL;
	book_free(w.book);
	w.book = NULL;
}

static const char *
vault_file(const uint8_t *id)
{
	char name[160], case_hex[33], hex[33];

	hex_encode(w.case_id, ID_LEN, case_hex);
	hex_encode(id, ID_LEN, hex);
	(void)snprintf(name, sizeof(name), "home/vault/%s/%s.age", case_hex,
	    hex);
	return kit_path(name);
}

static void
damage(enum fault f)
{
	const char *path = vault_file(f == F_SWAPPED || f == F_HEADER ?
	    w.manifest_id : w.file_id);
	struct book_object ignored;
	uint8_t *p = NULL, *mac;
	size_t n = 0;

	if (f == F_MISSING) {
		assert_int_equal(unlink(path), 0);
	} else if (f == F_CUT || f == F_HEADER) {
		OK(file_read(path, 1 << 22, &p, &n));
		if (f == F_HEADER) {
			mac = memmem(p, n, "\n--- ", 5);
			assert_non_null(mac);
			mac[9] = mac[9] == 'A' ? 'B' : 'A';
		}
		OK(file_write(path, p, f == F_CUT ? n - 1000 : n, 0600));
		free(p);
	} else if (f == F_SWAPPED) {
		/* a report in all but its words, sealed by a thief of the
		 * disk: our recipient is no secret */
		put_manifest(F_SWAPPED, &w.file, &ignored);
	}
}

static void
build(enum fault f)
{
	world();
	put_report(f == F_SWAPPED ? F_NONE : f);
	save_book();
	damage(f);
}

static const char *
name(void)
{
	static char out[CASE_NAME_LEN + 1];

	case_name(w.case_id, out);
	return out;
}

static const json_t *
message(size_t i)
{
	return json_array_get(json_object_get(kit_desk.result, "messages"),
	    i);
}

/* A text of the first message. */
static const char *
said(const char *key)
{
	const char *text;

	text = json_string_value(json_object_get(message(0), key));
	assert_non_null(text);
	return text;
}

static void
opens(void **state)
{
	char prefix[5];
	const char *out, *path;
	const json_t *a;
	uint8_t *p = NULL;
	size_t n = 0, i;

	(void)state;
	build(F_NONE);
	(void)snprintf(prefix, sizeof(prefix), "%.4s", name());
	for (i = 0; prefix[i] != '\0'; i++)
		if (prefix[i] >= 'A' && prefix[i] <= 'Z')
			prefix[i] = (char)(prefix[i] + 32);
	assert_int_equal(run("open", prefix), DESK_DONE);
	out = buf_text(&kit_desk.out);
	/* what a source wrote cannot command the terminal */
	assert_null(strchr(out, '\033'));
	assert_null(strchr(out, '\007'));
	assert_null(strstr(out, "\xe2\x80\xae"));
	assert_non_null(strstr(out, "<"));
	assert_non_null(strstr(out, "Uang rokok"));
	assert_non_null(strstr(out, "Who: Pak A"));
	assert_string_equal(said("text"), TEXT);
	assert_string_equal(said("by"), "source");
	assert_int_equal(run("open", name(), "--save", kit_path("save")),
	    DESK_DONE);
	a = json_array_get(json_object_get(message(0), "attachments"), 0);
	path = json_string_value(json_object_get(a, "path"));
	assert_non_null(path);
	assert_int_equal(strncmp(path, kit_path("save/01-"),
	    strlen(kit_path("save/01-"))), 0);
	assert_null(strstr(path, ".."));
	OK(file_read(path, 1 << 22, &p, &n));
	assert_int_equal(n, FILE_LEN);
	free(p);
	assert_false(file_too_open(path));
	refused(DESK_NO, "exists", "open", name(), "--save",
	    kit_path("save"));
	refused(DESK_NO, "case_unknown", "open", "zzzz");
	assert_int_equal(run("list"), DESK_DONE);
	a = json_array_get(json_object_get(kit_desk.result, "cases"), 0);
	assert_true(json_is_true(json_object_get(a, "unanswered")));
	assert_int_equal(run("statistics"), DESK_DONE);
}

static void
refuse(enum fault f, const char *code)
{
	build(f);
	refused(DESK_NO, code, "open", name());
	/* nothing of what was refused is shown */
	if (f != F_SIZE && f != F_DIGEST && f != F_REST && f != F_MISSING &&
	    f != F_CUT)
		assert_null(strstr(buf_text(&kit_desk.out), "Uang rokok"));
	refused(DESK_NO, code, "open", name(), "--save", kit_path("save"));
	assert_int_equal(kit_files("save"), 0);
	refused(DESK_NO, code, "export", name(), kit_path("ex"));
	assert_false(file_exists(kit_path("ex")));
}

#define REFUSES(test, fault, code)					\
static void								\
test(void **state)							\
{									\
	(void)state;							\
	refuse(fault, code);						\
}
REFUSES(other_origin, F_ORIGIN, "origin")
REFUSES(other_case, F_CASE, "case")
REFUSES(other_kind, F_KIND, "kind")
REFUSES(other_source_key, F_KEY_NAMED, "key")
REFUSES(not_sealed_to_us, F_KEY_SEALED, "key")
REFUSES(more_recipients_named, F_RECIPIENTS, "recipients")
REFUSES(we_are_not_named, F_NOT_MINE, "recipients")
REFUSES(other_object, F_OBJECT_ID, "object")
REFUSES(one_object_more, F_OBJECT_MORE, "object")
REFUSES(size_beyond_the_end, F_SIZE, "size")
REFUSES(other_digest, F_DIGEST, "digest")
REFUSES(padding_not_zero, F_REST, "padding")
REFUSES(not_a_manifest, F_FORMAT, "manifest")
REFUSES(file_missing, F_MISSING, "missing")
REFUSES(file_cut, F_CUT, "damaged")
REFUSES(header_altered, F_HEADER, "damaged")
REFUSES(manifest_swapped, F_SWAPPED, "damaged")

/* The root that the event names is checked again at each opening. */
static void
other_root(void **state)
{
	struct message *m = NULL;
	struct book_case *c;

	(void)state;
	world();
	put_report(F_ROOT);
	peluit_done(&kit_desk);
	peluit_init(&kit_desk);
	{
		char home[128], pass[128];

		(void)snprintf(home, sizeof(home), "%s/home", kit_root);
		(void)snprintf(pass, sizeof(pass), "%s/pass", kit_root);
		kit_desk.home = home;
		kit_desk.passphrase_file = pass;
		assert_int_equal(home_open(&kit_desk), DESK_DONE);
		c = book_case(w.book, w.case_id);
		assert_int_equal(message_open(&kit_desk, c, &c->event[0],
		    &m), DESK_NO);
		kit_desk.home = kit_desk.passphrase_file = NULL;
	}
	assert_string_equal(kit_code(0), "object");
	book_free(w.book);
}

/* An identity that is the custodians' does not stand in the way. */
static void
identity_left_out(void **state)
{
	(void)state;
	build(F_IDENTITY);
	assert_int_equal(run("open", name()), DESK_DONE);
	assert_true(json_is_true(json_object_get(message(0), "identity")));
	refused(DESK_NO, "consent", "identity", "open", name());
}

static void
exports(void **state)
{
	(void)state;
	build(F_NONE);
	assert_int_equal(run("export", name(), kit_path("ex/")), DESK_DONE);
	assert_int_equal(kit_files("ex"), 5);
	assert_int_equal(kit_files("ex/objects"), 2);
	assert_int_equal(kit_files("ex/messages"), 2);
	assert_int_equal(kit_files("ex/attachments"), 1);
	refused(DESK_NO, "exists", "export", name(), kit_path("ex"));
}

/* An answer that cannot be sent stays, byte for byte, and is said to. */
static void
reply_waits(void **state)
{
	struct book *b = NULL;
	char home[128], pass[128];

	(void)state;
	build(F_NONE);
	kit_write("text", "Terima kasih.\n", 14);
	refused(DESK_NO, "net", "reply", name(), "-f", kit_path("text"));
	assert_string_equal(kit_code(1), "request_waits");
	assert_int_equal(kit_files("home/outbox"), 2);
	kit_write("empty", "\n", 1);
	refused(DESK_NO, "text_empty", "reply", name(), "-f",
	    kit_path("empty"));
	kit_write("bad", "\xff\xfe", 2);
	refused(DESK_NO, "text_invalid", "reply", name(), "-f",
	    kit_path("bad"));
	/* a second one does not overtake the first, and leaves no trace */
	assert_int_equal(run("reply", name(), "-f", kit_path("text")),
	    DESK_NO);
	assert_int_equal(kit_files("home/outbox"), 2);
	(void)snprintf(home, sizeof(home), "%s/home", kit_root);
	(void)snprintf(pass, sizeof(pass), "%s/pass", kit_root);
	peluit_done(&kit_desk);
	peluit_init(&kit_desk);
	kit_desk.home = home;
	kit_desk.passphrase_file = pass;
	assert_int_equal(home_open(&kit_desk), DESK_DONE);
	assert_int_equal(book_load(&kit_desk, &b), DESK_DONE);
	kit_desk.home = kit_desk.passphrase_file = NULL;
	assert_int_equal(b->requests, 1);
	assert_true(b->request[0].outbox);
	book_free(b);
}

#define NO_LOG "\"log\":{\"desks\":[],\"promised\":[]},"

/* An event longer than any in the index (once an assertion). */
static void
index_long_event(void **state)
{
	char event[EVENT_MAX + 2];
	struct book *b = NULL;
	struct buf text;

	(void)state;
	memset(event, 'e', sizeof(event) - 1);
	event[sizeof(event) - 1] = '\0';
	buf_init(&text, BOOK_MAX);
	buf_printf(&text, "{\"peluit\":\"index/v2\",\"after\":0,"
	    "\"epoch_seconds\":1," NO_LOG "\"cases\":[{\"case\":\"%032d\","
	    "\"channel\":\"umum\",\"events\":[{\"n\":1,\"leaf\":1,"
	    "\"message\":0,\"nonce\":\"%064d\",\"event\":\"%s\","
	    "\"checked\":true,\"objects\":[]}]}],\"requests\":[]}", 0, 0,
	    event);
	OK(buf_err(&text));
	assert_int_not_equal(book_decode((struct bytes){ text.data,
	    text.len }, &b), ERR_OK);
	assert_null(b);
	buf_done(&text);
}

/* Both directions of the index, and bytes that are not one. */
static void
index_round_trip(void **state)
{
	static const char *const bad[] = { "", "{}", "[]",
	    "{\"peluit\":\"index/v1\",\"after\":0,\"epoch_seconds\":1,"
	    NO_LOG "\"cases\":[],\"requests\":[]}",
	    "{\"peluit\":\"index/v2\",\"after\":0,\"epoch_seconds\":1,"
	    "\"cases\":[],\"requests\":[]}",
	    "{\"peluit\":\"index/v2\",\"after\":-1,\"epoch_seconds\":1,"
	    NO_LOG "\"cases\":[],\"requests\":[]}",
	    "{\"peluit\":\"index/v2\",\"after\":0,\"after\":0,"
	    "\"epoch_seconds\":1," NO_LOG "\"cases\":[],\"requests\":[]}",
	    "{\"peluit\":\"index/v2\",\"after\":0,\"epoch_seconds\":1,"
	    NO_LOG "\"cases\":[{}],\"requests\":[]}" };
	static const char *const least =
	    "{\"peluit\":\"index/v2\",\"after\":0,\"epoch_seconds\":1,"
	    NO_LOG "\"cases\":[],\"requests\":[]}";
	struct buf one, two;
	struct book *b = NULL;
	struct book_object *o;
	size_t i;

	(void)state;
	world();
	put_report(F_NONE);
	w.book->after = 77;
	/* an object of others, of which the feed told the hashes, or not */
	o = &w.book->one[0].event[0].object[1];
	o->state = BOOK_SEALED;
	o->identity = true;
	w.book->one[0].event[0].object[0].has_entry = false;
	buf_init(&one, BOOK_MAX);
	buf_init(&two, BOOK_MAX);
	OK(book_encode(w.book, &one));
	OK(book_decode((struct bytes){ one.data, one.len }, &b));
	OK(book_encode(b, &two));
	assert_string_equal(buf_text(&one), buf_text(&two));
	assert_true(b->one[0].event[0].object[1].identity);
	assert_memory_equal(&b->one[0].event[0].object[1].entry, &o->entry,
	    sizeof(o->entry));
	assert_false(b->one[0].event[0].object[0].has_entry);
	book_free(b);
	book_free(w.book);
	buf_done(&one);
	buf_done(&two);
	OK(book_decode((struct bytes){ least, strlen(least) }, &b));
	book_free(b);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_not_equal(book_decode((struct bytes){ bad[i],
		    strlen(bad[i]) }, &b), ERR_OK);
		assert_null(b);
	}
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, kit_setup, kit_teardown)
	const struct CMUnitTest tests[] = {
		T(opens), T(other_origin), T(other_case), T(other_kind),
		T(other_source_key), T(not_sealed_to_us),
		T(more_recipients_named), T(we_are_not_named),
		T(other_object), T(one_object_more), T(size_beyond_the_end),
		T(other_digest), T(padding_not_zero), T(not_a_manifest),
		T(file_missing), T(file_cut), T(header_altered),
		T(manifest_swapped), T(other_root), T(identity_left_out),
		T(exports), T(reply_waits), T(index_round_trip),
		T(index_long_event),
	};
#undef T
	return cmocka_run_group_tests_name("desk_open", tests, NULL, NULL);
}
