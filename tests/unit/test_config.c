/* peluit.conf: what is read, and everything that is refused, with its line. */
#include "server_fixture.h"
#include "utf8.h"

static char path[128];

static void
base(struct config *c)
{
	config_default(c);
	strcpy(c->origin, "uji.invalid");
	strcpy(c->title[LANG_ID], "Layanan \"Surat\" \\ Kota # 1");
	strcpy(c->title[LANG_EN], "City 'Letter' Service; {x}");
	OK(addr_parse("unix:/run/a.sock", &c->source));
	OK(addr_parse("tcp:127.0.0.1:8081", &c->desk));
	OK(addr_parse("tcp:[::1]:8082", &c->log));
	strcpy(c->channel[0].name, "inspektorat");
	strcpy(c->channel[0].label[LANG_ID], "Petugas");
	strcpy(c->channel[0].label[LANG_EN], "Officers");
	c->channel[0].inspectorate = true;
	strcpy(c->channel[1].name, "luar");
	strcpy(c->channel[1].label[LANG_ID], "Luar");
	strcpy(c->channel[1].label[LANG_EN], "Outside");
	c->channel[1].if_inspectorate_accused = true;
	c->channels = 2;
}

static int
setup(void **state)
{
	struct config *c = need(calloc(1, sizeof(*c)));

	(void)state;
	memset(&fix, 0, sizeof(fix));
	OK(crypto_init());
	(void)snprintf(fix.root, sizeof(fix.root), "/tmp/peluit-test.XXXXXX");
	assert_non_null(mkdtemp(fix.root));
	(void)snprintf(fix.dir, sizeof(fix.dir), "%s", fix.root);
	(void)snprintf(path, sizeof(path), "%s/peluit.conf", fix.root);
	base(c);
	OK(config_write(c, path));
	free(c);
	return 0;
}

static void
test_same_again(void **state)
{
	struct config *c = need(calloc(1, sizeof(*c)));
	struct config *d = need(calloc(1, sizeof(*d)));
	char why[CONFIG_ERROR_MAX];

	(void)state;
	base(c);
	c->proxy_line = true;
	c->files = 0;
	c->utc_offset_min = -720;
	c->argon2.m_kib = 8;
	strcpy(c->desk_authority, "desk.x");
	strcpy(c->desk_url, "http://x.onion");
	strcpy(c->holiday[0], "2026-12-25");	/* once dropped */
	strcpy(c->holiday[1], "2027-01-01");
	c->holidays = 2;
	/* a further language: its titles may be there or not */
	strcpy(c->title[LANG_EN + 1], "Layanan Serat Kitha");
	strcpy(c->channel[1].label[LANG_EN + 1], "Njawi");
	fix_unlink("peluit.conf");
	OK(config_write(c, path));
	assert_int_equal(config_write(c, path), ERR_EXISTS);
	OK(config_read(path, d, why));
	SAME(why, "");
	SAME(d->origin, c->origin);
	SAME(d->title[LANG_ID], c->title[LANG_ID]);
	SAME(d->title[LANG_EN], c->title[LANG_EN]);
	SAME(config_title(d, LANG_EN + 1), "Layanan Serat Kitha");
	SAME(config_label(&d->channel[1], LANG_EN + 1), "Njawi");
	SAME(config_label(&d->channel[0], LANG_EN + 1), "Petugas");
	SAME(d->desk_authority, "desk.x");
	SAME(d->desk_url, "http://x.onion");
	SAME(d->source.host, "/run/a.sock");
	assert_int_equal(d->desk.port, 8081);
	assert_int_equal(d->log.kind, ADDR_TCP6);
	assert_true(d->proxy_line);
	assert_int_equal(d->files, 0);
	assert_int_equal(d->utc_offset_min, -720);
	assert_int_equal(d->argon2.m_kib, 8);
	assert_int_equal(d->holidays, 2);
	SAME(d->holiday[1], "2027-01-01");
	assert_int_equal(d->argon2.p, 1);
	assert_int_equal(d->channels, 2);
	assert_true(d->channel[0].inspectorate);
	assert_false(d->channel[0].if_inspectorate_accused);
	assert_true(d->channel[1].if_inspectorate_accused);
	SAME(d->channel[1].label[LANG_EN], "Outside");
	assert_ptr_equal(config_channel_find(d, "luar"), &d->channel[1]);
	assert_null(config_channel_find(d, "lua"));
	free(c);
	free(d);
}

/* The text after a change; reading it gives ${e} and a why with ${word}. */
static void
refused(const char *what, const char *with, enum err e, const char *word)
{
	struct config *c = need(calloc(1, sizeof(*c)));
	char why[CONFIG_ERROR_MAX];
	char *good = fix_read("peluit.conf", NULL);
	enum err got;

	fix_replace("peluit.conf", what, with);
	got = config_read(path, c, why);
	if (got != e || strstr(why, word) == NULL || strstr(why, path) != why)
		fail_msg("'%s': got %d and '%s', want %d and '%s'", with,
		    (int)got, why, (int)e, word);
	for (const char *p = why; *p != '\0'; p++)
		assert_true((unsigned char)*p >= ' ');
	assert_true(utf8_valid(why, strlen(why)));
	fix_write("peluit.conf", good, strlen(good));
	free(good);
	free(c);
}

/* Number of the line on which ${what} stands, as the message says it. */
static const char *
line_of(const char *what)
{
	static char text[32];
	char *good = fix_read("peluit.conf", NULL), *at = strstr(good, what);
	int n = 1;

	assert_non_null(at);
	for (char *p = good; p < at; p++)
		n += *p == '\n';
	(void)snprintf(text, sizeof(text), "line %d:", n);
	free(good);
	return text;
}

/* A message that is too long is cut between characters (once inside one). */
static void
test_long_message(void **state)
{
	char key[CONFIG_LINE_MAX], with[CONFIG_LINE_MAX + 32];

	(void)state;
	for (size_t shift = 0; shift < 3; shift++) {
		memset(key, 'k', shift);
		for (size_t i = 0; i < 200; i++)
			memcpy(key + shift + 3 * i, "\xe2\x82\xac", 3);
		key[shift + 600] = '\0';
		(void)snprintf(with, sizeof(with), "limits {\n\t%s = 3\n",
		    key);
		refused("limits {\n", with, ERR_FORMAT, "\xe2\x82\xac");
	}
}

static void
test_refused(void **state)
{
	char longest[1200];

	(void)state;
	refused("limits {\n", "limits {\n\tbanana = 3\n", ERR_FORMAT,
	    "banana");
	refused("\nholidays", "\nfruit {\n}\nholidays", ERR_FORMAT, "fruit");
	refused("limits {\n", "limits {\n\tfiles = 20\n", ERR_FORMAT,
	    "'files' stands there twice");
	refused("\nholidays", "\nlimits {\n}\nholidays", ERR_FORMAT,
	    "'limits' stands there twice");
	refused("\nholidays", "\nholidays {\n}\nholidays", ERR_FORMAT,
	    "'holidays' stands there twice");
	refused("inspectorate = yes\n", "inspectorate = yes\n"
	    "\tinspectorate = no\n", ERR_FORMAT, "twice");
	refused("channel luar", "channel inspektorat", ERR_FORMAT, "line");
	refused("files = 20", "files = 61", ERR_FORMAT, "'files' must be");
	refused("files = 20", "files = -1", ERR_FORMAT, "'files' must be");
	refused("files = 20", "files = 99999999999999999999", ERR_FORMAT,
	    "files");
	refused("files = 20", "files = many", ERR_FORMAT, "files");
	refused("files = 20", "files = 20k", ERR_FORMAT, "files");
	refused("files = 20", "files = ", ERR_FORMAT, "line");
	refused("text_chars = 100000", "text_chars = 100001", ERR_FORMAT,
	    "'text_chars' must be");
	refused("epoch_seconds = 21600", "epoch_seconds = 9", ERR_FORMAT,
	    "'epoch_seconds' must be");
	refused("proxy_line = no", "proxy_line = perhaps", ERR_FORMAT,
	    "proxy_line");
	refused("\"unix:/run/a.sock\"", "\"tcp:0.0.0.0:80\"", ERR_FORMAT,
	    "listen.source");
	refused("log_onion = \"\"", "log_onion = \"x.onion\"", ERR_FORMAT,
	    "56 letters");
	refused("\tonion = \"\"", "\tonion = \"aaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaa.onion\"", ERR_FORMAT, "56 letters");
	refused("\tonion = \"\"", "\tonion = \"http://aaaaaaaaaaaaaaaaaaaaaa"
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaad.onion\"", ERR_RANGE, "onion");
	refused("\"uji.invalid\"", "\"\"", ERR_FORMAT, "origin");
	refused("\"uji.invalid\"", "\"http://uji\"", ERR_FORMAT, "origin");
	refused("\"uji.invalid\"", "\"uji invalid\"", ERR_FORMAT, "origin");
	refused("origin = \"uji.invalid\"", "", ERR_FORMAT,
	    "instance.origin is missing");
	refused("channel luar", "channel Luar", ERR_FORMAT, "channel's name");
	refused("label_en = \"Outside\"", "", ERR_FORMAT, "luar");
	refused("label_en = \"Outside\"", "label_en = \"x\"\n\tlabel_jv = "
	    "\"y\"\n\tlabel_jv = \"z\"", ERR_FORMAT, "twice");
	refused("label_en = \"Outside\"", "label_en = \"x\"\n\tlabel_xx = "
	    "\"y\"", ERR_FORMAT, "label_xx");
	refused("\ttitle_en", "\ttitle_jv = \"x\"\n\ttitle_jv = \"y\"\n"
	    "\ttitle_en", ERR_FORMAT, "twice");
	refused("\ttitle_en", "\ttitle_xx = \"x\"\n\ttitle_en", ERR_FORMAT,
	    "title_xx");
	refused("if_inspectorate_accused = no", "if_inspectorate_accused ="
	    " yes", ERR_FORMAT, "inspektorat");
	refused("reserve_text_mib = 256", "reserve_text_mib = 600",
	    ERR_RANGE, "must not be less");
	refused("days = {}", "days = {\"2026-12-2\"}", ERR_FORMAT,
	    "YYYY-MM-DD");
	refused("}\n\nholidays", "\n\nholidays", ERR_FORMAT, "line");
	refused("\"uji.invalid\"", "\"${HOME}\"", ERR_FORMAT,
	    line_of("origin ="));
	refused("\tfiles = 20", "\t/* files = 20 */", ERR_FORMAT,
	    line_of("\tfiles = 20"));
	refused("\tfiles = 20", "\t# caf\xe9", ERR_FORMAT,
	    line_of("\tfiles = 20"));
	memset(longest, '#', sizeof(longest));
	longest[CONFIG_LINE_MAX + 1] = '\0';
	refused("\tfiles = 20", longest, ERR_FORMAT, line_of("\tfiles = 20"));
	/* a key that would move the operator's cursor */
	refused("limits {\n", "limits {\n\t\033[2J = 3\n", ERR_FORMAT,
	    "line");
}

/* An escape inside quotes can make what the raw text may not hold. */
static void
test_escapes(void **state)
{
	(void)state;
	refused("\"uji.invalid\"", "\"uji\\ninvalid\"", ERR_FORMAT,
	    "control");
	refused("\"uji.invalid\"", "\"uji\\x7finvalid\"", ERR_FORMAT,
	    "control");
	refused("City", "C\\xe9ity", ERR_FORMAT, "UTF-8");
	refused("\"Outside\"", "\"Out\\x1bside\"", ERR_FORMAT, "control");
	refused("\"Outside\"", "\"Out\\xffside\"", ERR_FORMAT, "UTF-8");
}

static void
test_at_the_limit(void **state)
{
	struct config *c = need(calloc(1, sizeof(*c)));
	char why[CONFIG_ERROR_MAX], longest[CONFIG_LINE_MAX + 1];

	(void)state;
	memset(longest, '#', CONFIG_LINE_MAX);
	longest[CONFIG_LINE_MAX] = '\0';
	fix_replace("peluit.conf", "\tfiles = 20", longest);
	fix_replace("peluit.conf", "text_chars = 100000", "text_chars = 1000");
	fix_replace("peluit.conf", "days = {}",
	    "days = {\"2026-12-25\", \"2027-01-01\"}");
	OK(config_read(path, c, why));
	assert_int_equal(c->files, 20);	/* the default */
	assert_int_equal(c->text_chars, 1000);
	assert_int_equal(c->holidays, 2);
	SAME(c->holiday[1], "2027-01-01");
	free(c);
}

static void
test_nul_and_size(void **state)
{
	struct config *c = need(calloc(1, sizeof(*c)));
	char why[CONFIG_ERROR_MAX], *good, *big;
	size_t n;

	(void)state;
	good = fix_read("peluit.conf", &n);
	big = need(calloc(1, CONFIG_MAX + 1));
	memcpy(big, good, n);
	fix_write("peluit.conf", big, n + 1);	/* with its NUL */
	assert_int_equal(config_read(path, c, why), ERR_FORMAT);
	assert_non_null(strstr(why, "NUL"));
	memset(big + n, '\n', CONFIG_MAX - n + 1);
	fix_write("peluit.conf", big, CONFIG_MAX);
	OK(config_read(path, c, why));
	fix_write("peluit.conf", big, CONFIG_MAX + 1);
	assert_int_equal(config_read(path, c, why), ERR_RANGE);
	fix_write("peluit.conf", "", 0);
	assert_int_equal(config_read(path, c, why), ERR_FORMAT);
	assert_non_null(strstr(why, "missing"));
	fix_unlink("peluit.conf");
	assert_int_equal(config_read(path, c, why), ERR_NOTFOUND);
	free(good);
	free(big);
	free(c);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, fix_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_same_again), T(test_refused), T(test_long_message),
		T(test_escapes), T(test_at_the_limit), T(test_nul_and_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
