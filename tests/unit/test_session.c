/* Sessions: their ends, their secrets, uploads that hold them. */
#include "server_fixture.h"

#define NOW	1000000
#define MARK	"penanda-rahasia-7f3a"

static struct sessions *s;
static struct secret *data;		/* what is signed in */

static struct session_data *
of(struct secret *d)
{
	return (struct session_data *)(void *)d->bytes;
}

static int
setup(void **state)
{
	(void)state;
	OK(crypto_init());
	OK(sessions_new(3, &s));
	OK(secret_new(sizeof(struct session_data), &data));
	memcpy(of(data)->keys.sign_seed, MARK, sizeof(MARK));
	of(data)->has_receipt = true;
	of(data)->receipt.word[0] = 513;
	of(data)->case_id[0] = 7;
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	sessions_free(s);
	secret_free(data);
	return 0;
}

static enum err
get(const char *cookie, int64_t now)
{
	struct secret *d;
	enum err e = session_get(s, cookie, now, &d);

	if (e == ERR_OK) {
		assert_int_equal(of(d)->case_id[0], 7);
		assert_memory_equal(of(d)->keys.sign_seed, MARK,
		    sizeof(MARK));
	} else {
		assert_null(d);
	}
	secret_free(d);
	return e;
}

static void
test_idle(void **state)
{
	char cookie[COOKIE_TEXT + 1];

	(void)state;
	OK(session_open(s, of(data), NOW, cookie));
	assert_int_equal(strlen(cookie), COOKIE_TEXT);
	OK(get(cookie, NOW));
	OK(get(cookie, NOW + SESSION_IDLE_SEC - 1));
	/* used: thirty minutes anew */
	OK(get(cookie, NOW + 2 * SESSION_IDLE_SEC - 2));
	assert_int_equal(get(cookie, NOW + 3 * SESSION_IDLE_SEC - 2),
	    ERR_NOTFOUND);
	/* and it does not come back with the clock */
	assert_int_equal(get(cookie, NOW), ERR_NOTFOUND);
}

static void
test_total(void **state)
{
	char cookie[COOKIE_TEXT + 1];

	(void)state;
	OK(session_open(s, of(data), NOW, cookie));
	for (int64_t t = 0; t < SESSION_TOTAL_SEC; t += SESSION_IDLE_SEC / 2)
		OK(get(cookie, NOW + t));
	OK(get(cookie, NOW + SESSION_TOTAL_SEC - 1));
	assert_int_equal(get(cookie, NOW + SESSION_TOTAL_SEC), ERR_NOTFOUND);
}

static void
test_cookies(void **state)
{
	char a[COOKIE_TEXT + 1], b[COOKIE_TEXT + 1];

	(void)state;
	OK(session_open(s, of(data), NOW, a));
	OK(session_open(s, of(data), NOW, b));
	assert_string_not_equal(a, b);
	assert_int_equal(get("", NOW), ERR_NOTFOUND);
	assert_int_equal(get("xyz", NOW), ERR_NOTFOUND);
	a[0] = a[0] == '0' ? '1' : '0';
	assert_int_equal(get(a, NOW), ERR_NOTFOUND);
	a[COOKIE_TEXT - 1] = '\0';
	assert_int_equal(get(a, NOW), ERR_NOTFOUND);
	OK(get(b, NOW));
	session_close(s, b);
	assert_int_equal(get(b, NOW), ERR_NOTFOUND);
	session_close(s, b);
	session_close(s, "nothing");
}

static void
test_full(void **state)
{
	char c[4][COOKIE_TEXT + 1];

	(void)state;
	for (int i = 0; i < 3; i++)
		OK(session_open(s, of(data), NOW, c[i]));
	assert_int_equal(session_open(s, of(data), NOW, c[3]), ERR_BUSY);
	/* those that are over make room */
	session_sweep(s, NOW + SESSION_IDLE_SEC - 1);
	assert_int_equal(session_open(s, of(data), NOW, c[3]), ERR_BUSY);
	OK(get(c[0], NOW + SESSION_IDLE_SEC - 1));
	session_sweep(s, NOW + SESSION_IDLE_SEC);
	OK(session_open(s, of(data), NOW + SESSION_IDLE_SEC, c[3]));
	OK(get(c[0], NOW + SESSION_IDLE_SEC));
	assert_int_equal(get(c[1], NOW + SESSION_IDLE_SEC), ERR_NOTFOUND);
}

static void
test_receipt_forgotten(void **state)
{
	char cookie[COOKIE_TEXT + 1];
	struct secret *d;

	(void)state;
	OK(session_open(s, of(data), NOW, cookie));
	OK(session_get(s, cookie, NOW, &d));
	assert_true(of(d)->has_receipt);
	assert_int_equal(of(d)->receipt.word[0], 513);
	secret_free(d);
	OK(session_forget_receipt(s, cookie, NOW));
	OK(session_get(s, cookie, NOW, &d));
	assert_false(of(d)->has_receipt);
	assert_int_equal(of(d)->receipt.word[0], 0);
	secret_free(d);
	assert_int_equal(session_forget_receipt(s, cookie,
	    NOW + SESSION_IDLE_SEC), ERR_NOTFOUND);
}

/* ---- uploads ---- */

static void
count(void *arg)
{
	++*(unsigned *)arg;
}

static void
test_hold(void **state)
{
	char cookie[COOKIE_TEXT + 1], other[COOKIE_TEXT + 1];
	unsigned cuts = 0;
	struct session_hold h = { .cut = count, .arg = &cuts };
	int64_t late = NOW + SESSION_TOTAL_SEC + 5;

	(void)state;
	OK(session_open(s, of(data), NOW, cookie));
	OK(session_open(s, of(data), NOW, other));
	OK(session_hold(s, cookie, &h));
	/* neither limit ends it while the upload runs */
	session_sweep(s, NOW + SESSION_IDLE_SEC);
	assert_int_equal(get(other, NOW + SESSION_IDLE_SEC), ERR_NOTFOUND);
	session_sweep(s, late);
	OK(get(cookie, late));
	session_drop(s, &h, late);
	assert_int_equal(get(cookie, late), ERR_NOTFOUND);
	assert_int_equal(cuts, 0);
}

/* The thirty minutes begin when the upload is over. */
static void
test_hold_renews(void **state)
{
	char cookie[COOKIE_TEXT + 1];
	unsigned cuts = 0;
	struct session_hold h = { .cut = count, .arg = &cuts };
	int64_t over = NOW + 2 * SESSION_IDLE_SEC;

	(void)state;
	OK(session_open(s, of(data), NOW, cookie));
	OK(session_hold(s, cookie, &h));
	session_drop(s, &h, over);
	OK(get(cookie, over + SESSION_IDLE_SEC - 1));
}

static void
test_cut(void **state)
{
	char cookie[COOKIE_TEXT + 1], other[COOKIE_TEXT + 1];
	unsigned one = 0, two = 0, three = 0;
	struct session_hold a = { .cut = count, .arg = &one };
	struct session_hold b = { .cut = count, .arg = &two };
	struct session_hold c = { .cut = count, .arg = &three };

	(void)state;
	OK(session_open(s, of(data), NOW, cookie));
	OK(session_open(s, of(data), NOW, other));
	OK(session_hold(s, cookie, &a));
	OK(session_hold(s, cookie, &b));
	OK(session_hold(s, other, &c));
	session_drop(s, &b, NOW);
	session_close(s, cookie);
	assert_int_equal(one, 1);
	assert_int_equal(two, 0);	/* was over before */
	assert_int_equal(three, 0);	/* is of another session */
	session_drop(s, &a, NOW);
	assert_int_equal(session_hold(s, cookie, &a), ERR_NOTFOUND);
	OK(get(other, NOW));
	session_drop(s, &c, NOW);
}

static void
collect(void *ctx, void *arg)
{

	*(void **)ctx = arg;
}

/* Its source signed in anew: what runs goes on, as the new session's. */
static void
test_follow(void **state)
{
	char cookie[COOKIE_TEXT + 1], heir[COOKIE_TEXT + 1];
	char other[COOKIE_TEXT + 1];
	unsigned cuts = 0;
	struct session_hold h = { .cut = count, .arg = &cuts };
	int64_t late = NOW + SESSION_TOTAL_SEC + 5;
	void *seen = NULL;

	(void)state;
	OK(session_open(s, of(data), NOW, cookie));
	OK(session_hold(s, cookie, &h));
	OK(session_open(s, of(data), NOW, heir));
	session_follow(s, cookie, heir);
	assert_int_equal(get(cookie, NOW), ERR_NOTFOUND);
	session_each_hold(s, heir, collect, &seen);
	assert_ptr_equal(seen, &cuts);
	OK(get(heir, late));		/* kept open by what runs */
	assert_int_equal(cuts, 0);
	/* signed in to another case: nobody's */
	of(data)->case_id[0] ^= 1;
	OK(session_open(s, of(data), NOW, other));
	of(data)->case_id[0] ^= 1;
	session_follow(s, heir, other);
	assert_int_equal(get(heir, NOW), ERR_NOTFOUND);
	seen = NULL;
	session_each_hold(s, other, collect, &seen);
	assert_null(seen);
	session_close(s, other);
	assert_int_equal(cuts, 0);
	session_drop(s, &h, NOW);
	/* the new session leaves: it is cut off */
	OK(session_open(s, of(data), NOW, cookie));
	OK(session_hold(s, cookie, &h));
	OK(session_open(s, of(data), NOW, heir));
	session_follow(s, cookie, heir);
	session_close(s, heir);
	assert_int_equal(cuts, 1);
	session_drop(s, &h, NOW);
}

/* One session cannot take every place there is for uploads. */
static void
test_holds(void **state)
{
	char cookie[COOKIE_TEXT + 1], other[COOKIE_TEXT + 1];
	struct session_hold h[SESSION_HOLDS + 1];
	unsigned cut = 0;

	(void)state;
	OK(session_open(s, of(data), NOW, cookie));
	OK(session_open(s, of(data), NOW, other));
	for (size_t i = 0; i <= SESSION_HOLDS; i++) {
		h[i] = (struct session_hold){ .cut = count, .arg = &cut };
		assert_int_equal(session_hold(s, cookie, &h[i]),
		    i < SESSION_HOLDS ? ERR_OK : ERR_BUSY);
	}
	OK(session_hold(s, other, &h[SESSION_HOLDS]));
	session_drop(s, &h[0], NOW);
	OK(session_hold(s, cookie, &h[0]));
	for (size_t i = 0; i <= SESSION_HOLDS; i++)
		session_drop(s, &h[i], NOW);
}

/*
 * Between two requests no key is in the process: the memory that can be
 * written is read, once with a request's copy alive and once without.
 */
static unsigned
in_memory(const char *mark, size_t n)
{
	char line[512];
	unsigned found = 0;
	FILE *maps = fopen("/proc/self/maps", "r");
	int mem = open("/proc/self/mem", O_RDONLY);
	unsigned long from, to;
	char mode[8];

	assert_non_null(maps);
	assert_true(mem >= 0);
	while (fgets(line, sizeof(line), maps) != NULL) {
		char *p, *q;
		ssize_t got;

		if (sscanf(line, "%lx-%lx %4s", &from, &to, mode) != 3 ||
		    mode[0] != 'r' || mode[1] != 'w' ||
		    to - from > 64UL << 20)
			continue;
		p = need(malloc(to - from));
		got = pread(mem, p, to - from, (off_t)from);
		for (q = p; got > 0 && (q = memmem(q, (size_t)(p + got - q),
		    mark, n)) != NULL; q++)
			found++;
		if (got > 0)
			wipe(p, (size_t)got);
		free(p);
	}
	(void)fclose(maps);
	(void)close(mem);
	return found;
}

static void
test_no_key_between_requests(void **state)
{
	char cookie[COOKIE_TEXT + 1], mark[20];
	struct secret *d;

	(void)state;
	/* never whole in this program's own data */
	rand_bytes(mark, sizeof(mark));
	memcpy(of(data)->keys.sign_seed, mark, 20);
	for (size_t i = 0; i < sizeof(mark); i++)
		mark[i] = (char)(mark[i] ^ 0x5a);
	OK(session_open(s, of(data), NOW, cookie));
	wipe(data->bytes, data->len);
	OK(session_get(s, cookie, NOW, &d));
	{
		char plain[20];

		memcpy(plain, of(d)->keys.sign_seed, 20);
		assert_true(in_memory(plain, 20) >= 2);
		secret_free(d);
		/* our own copy alone is left */
		assert_int_equal(in_memory(plain, 20), 1);
		wipe(plain, sizeof(plain));
	}
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_idle), T(test_total), T(test_cookies), T(test_full),
		T(test_receipt_forgotten), T(test_hold), T(test_hold_renews),
		T(test_cut), T(test_follow), T(test_holds), T(test_no_key_between_requests),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
