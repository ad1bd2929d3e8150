/* An instance's folder: what is refused; rosters: what counts when. */
#include "server_fixture.h"

#define ALL ((1u << SECRET_NAMES) - 1)

static void
refused(unsigned secrets, enum err e, const char *word)
{
	struct instance in;
	enum err got = instance_open(fix.dir, secrets, &in);

	if (got != e || strstr(in.why, word) == NULL)
		fail_msg("got %d and '%s', want %d and '%s'", (int)got,
		    in.why, (int)e, word);
	instance_close(&in);
}

static void
opens(void)
{
	struct instance in;

	OK(instance_open(fix.dir, ALL, &in));
	SAME(in.why, "");
	assert_true(in.demo);
	assert_int_equal(in.rosters, 1);
	for (int s = 0; s < SECRET_NAMES; s++)
		assert_int_equal(in.secret[s]->len, 32);
	instance_close(&in);
}

static void
test_secrets(void **state)
{
	static const char *const name[SECRET_NAMES] = {
		"at-rest", "receipt", "answers", "log", "promise"
	};

	(void)state;
	opens();
	for (int s = 0; s < SECRET_NAMES; s++) {
		char file[64], *path, *good;
		size_t n;

		(void)snprintf(file, sizeof(file), "secrets/%s.key", name[s]);
		path = path_join(fix.dir, file);
		good = fix_read(file, &n);
		assert_int_equal(chmod(path, 0640), 0);
		refused(1u << s, ERR_DENIED, name[s]);
		assert_int_equal(chmod(path, 0604), 0);
		refused(1u << s, ERR_DENIED, "chmod 600");
		fix_write(file, good, n - 5);
		refused(1u << s, ERR_FORMAT, name[s]);
		fix_unlink(file);
		refused(1u << s, ERR_NOTFOUND, name[s]);
		/* who does not need it does not read it */
		refused(0, ERR_OK, "");
		fix_write(file, good, n);
		free(path);
		free(good);
	}
	opens();
}

/* systemd's folder of credentials comes before secrets/. */
static void
test_credentials(void **state)
{
	struct instance in;
	char *good;
	size_t n;

	(void)state;
	good = fix_read("secrets/log.key", &n);
	fix_write("at-rest.key", good, n);
	assert_int_equal(setenv("CREDENTIALS_DIRECTORY", fix.dir, 1), 0);
	OK(instance_open(fix.dir, ALL, &in));
	assert_memory_equal(in.secret[SECRET_AT_REST]->bytes,
	    in.secret[SECRET_LOG]->bytes, 32);
	instance_close(&in);
	(void)unsetenv("CREDENTIALS_DIRECTORY");
	free(good);
}

static void
test_public(void **state)
{
	static const char *const name[] = {
		"public/log.vkey", "public/promise.vkey", "public/roster.vkey",
		"public/answers.pub"
	};

	(void)state;
	for (int i = 0; i < 4; i++) {
		char *good;
		size_t n;

		good = fix_read(name[i], &n);
		fix_write(name[i], good, n - 1);
		refused(0, ERR_FORMAT, name[i]);
		fix_write(name[i], "", 0);
		refused(0, ERR_FORMAT, name[i]);
		fix_unlink(name[i]);
		refused(0, ERR_NOTFOUND, name[i]);
		fix_write(name[i], good, n);
		free(good);
	}
	fix_unlink("peluit.conf");
	refused(0, ERR_NOTFOUND, "peluitd init");
}

static void
test_roster_tampered(void **state)
{
	char *good, *bad, *at;
	size_t n;

	(void)state;
	good = fix_read("public/roster/1", &n);
	bad = fix_read("public/roster/1", &n);
	at = strstr(bad, "recipient ");
	assert_non_null(at);
	at = strstr(at, "age1");
	at[6] = at[6] == 'q' ? 'p' : 'q';
	fix_write("public/roster/1", bad, n);
	refused(0, ERR_MAC, "not signed by all");
	at = strstr(good, "\n\n");
	fix_write("public/roster/1", good, (size_t)(at - good) + 2);
	refused(0, ERR_FORMAT, "");
	fix_write("public/roster/1", "", 0);
	refused(0, ERR_FORMAT, "");
	free(good);
	free(bad);
}

/* ---- rosters ---- */

static void
add(void (*change)(struct roster *, void *), void *arg, uint64_t accepted)
{
	struct buf note;

	buf_init(&note, ROSTER_MAX);
	fix_roster(change, arg, &note);
	OK(instance_roster_add(&fix.in, fix_bytes(&note), accepted));
	buf_done(&note);
}

static void
check(void (*change)(struct roster *, void *), void *arg, enum err e,
    const char *word)
{
	struct roster *r = NULL;
	struct buf note;
	enum err got;

	buf_init(&note, ROSTER_MAX);
	fix_roster(change, arg, &note);
	fix.in.why[0] = '\0';
	got = instance_roster_check(&fix.in, fix_bytes(&note), &r);
	if (got != e || strstr(fix.in.why, word) == NULL)
		fail_msg("got %d and '%s', want %d and '%s'", (int)got,
		    fix.in.why, (int)e, word);
	assert_int_equal(r != NULL, e == ERR_OK);
	assert_int_equal(fix.in.rosters, 1);
	free(r);
	buf_done(&note);
}

/* One more recipient of the Inspectorate's channel, with a desk. */
static void
enrol(struct roster *r, void *arg)
{
	const struct fix_person *p = arg;
	struct roster_desk *d = &r->desk[r->desks++];
	struct roster_channel *c = NULL;

	for (size_t i = 0; i < r->channels; i++) {
		if (strcmp(r->channel[i].name, "inspektorat") != 0)
			continue;
		c = &r->channel[i];
		d->channels = 1u << i;
	}
	memcpy(d->key, p->key, SIGN_PUBLIC_LEN);
	d->role = ROLE_INVESTIGATOR;
	strcpy(d->label, "petugas-9");
	d->age = p->to;
	c->recipient[c->recipients++].key = p->to;
}

/* The same person also in the channel against the Inspectorate. */
static void
both(struct roster *r, void *arg)
{
	const struct fix_person *p = arg;

	enrol(r, arg);
	for (size_t i = 0; i < r->channels; i++) {
		struct roster_channel *c = &r->channel[i];

		if (strcmp(c->name, "luar") != 0)
			continue;
		c->recipient[c->recipients++].key = p->to;
		r->desk[r->desks - 1].channels |= 1u << i;
	}
}

/* Or only as a custodian there. */
static void
custodian(struct roster *r, void *arg)
{
	const struct fix_person *p = arg;

	enrol(r, arg);
	for (size_t i = 0; i < r->channels; i++) {
		struct roster_channel *c = &r->channel[i];

		if (strcmp(c->name, "luar") != 0)
			continue;
		c->custodian[c->custodians++].key = p->to;
		r->desk[r->desks - 1].channels |= 1u << i;
	}
}

static void
retention(struct roster *r, void *arg)
{
	(void)arg;
	r->retention_days++;
}

static void
first_response(struct roster *r, void *arg)
{
	(void)arg;
	r->clock[0].value++;
}

static void
skip_one(struct roster *r, void *arg)
{
	(void)arg;
	r->number++;
}

static void
unchained(struct roster *r, void *arg)
{
	(void)arg;
	r->prev[0] ^= 1;
}

static void
other_answers(struct roster *r, void *arg)
{
	const struct fix_person *p = arg;

	memcpy(r->answers, p->key, SIGN_PUBLIC_LEN);
}

static void
test_roster_check(void **state)
{
	struct fix_person p;

	(void)state;
	fix_stranger(&p);
	check(enrol, &p, ERR_OK, "");
	check(both, &p, ERR_CONFLICT, "shares a recipient or custodian");
	check(custodian, &p, ERR_CONFLICT, "shares a recipient or custodian");
	check(retention, NULL, ERR_CONFLICT, "closed_days");
	check(first_response, NULL, ERR_CONFLICT, "first_response_hours");
	check(skip_one, NULL, ERR_CONFLICT, "does not follow");
	check(unchained, NULL, ERR_CONFLICT, "does not follow");
	check(other_answers, &p, ERR_CONFLICT, "");
}

static struct roster_channel *
set_of(const struct roster *r, const char *name,
    uint8_t hash[static SHA256_LEN])
{
	static struct roster_channel c;

	c = *roster_channel_find(r, name);
	channel_set_hash(r->origin, &c, hash);
	return &c;
}

/*
 * Roster 1 at once; a later one from the epoch after; a set that was shown
 * counts in its last epoch and the two behind it.
 */
static void
test_in_force(void **state)
{
	uint8_t old[SHA256_LEN], new[SHA256_LEN];
	uint64_t now = fix_epoch();
	struct instance *in = &fix.in;
	struct fix_person p;

	(void)state;
	fix_stranger(&p);
	assert_ptr_equal(instance_roster_at(in, in->epoch0),
	    in->roster[0].r);
	assert_null(instance_roster_at(in, in->epoch0 - 1));
	(void)set_of(in->roster[0].r, "inspektorat", old);
	add(enrol, &p, now);
	(void)set_of(in->roster[1].r, "inspektorat", new);
	assert_ptr_equal(instance_roster_newest(in), in->roster[1].r);
	assert_ptr_equal(instance_roster_at(in, now), in->roster[0].r);
	assert_ptr_equal(instance_roster_at(in, now + 1), in->roster[1].r);
	assert_null(instance_set_find(in, now, "inspektorat", new));
	for (uint64_t n = now; n <= now + 2; n++)
		assert_non_null(instance_set_find(in, n, "inspektorat", old));
	assert_null(instance_set_find(in, now + 3, "inspektorat", old));
	for (uint64_t n = now + 1; n <= now + 5; n++)
		assert_non_null(instance_set_find(in, n, "inspektorat", new));
	assert_null(instance_set_find(in, now + 1, "luar", new));
	assert_null(instance_set_find(in, now + 1, "bukan", new));
	/* who is added waits for the sets */
	assert_null(instance_desk(in, now, p.key));
	assert_non_null(instance_desk(in, now + 1, p.key));
}

static void
dismiss(struct roster *r, void *arg)
{
	const uint8_t *key = arg;

	for (size_t i = 0; i < r->desks; i++) {
		if (memcmp(r->desk[i].key, key, SIGN_PUBLIC_LEN) != 0)
			continue;
		r->desk[i] = r->desk[--r->desks];
		return;
	}
	fail();
}

static void
test_removed_at_once(void **state)
{
	uint64_t now = fix_epoch();
	struct fix_person p;

	(void)state;
	fix_person("auditor-1", &p);
	assert_non_null(instance_desk(&fix.in, now, p.key));
	add(dismiss, p.key, now);
	assert_null(instance_desk(&fix.in, now, p.key));
	assert_null(instance_desk(&fix.in, now + 1, p.key));
}

/* A config that the roster does not fit, also at a SIGHUP. */
static void
test_config_fits(void **state)
{
	struct instance *in = &fix.in;
	struct config *c = need(malloc(sizeof(*c)));

	(void)state;
	*c = in->config;
	OK(instance_config_fits(in, c));
	c->channel[0].name[0] ^= 1;
	assert_int_equal(instance_config_fits(in, c), ERR_CONFLICT);
	*c = in->config;
	c->channels--;
	assert_int_equal(instance_config_fits(in, c), ERR_CONFLICT);
	*c = in->config;
	/* both flags on one channel: shared with itself */
	c->channel[0].if_inspectorate_accused = true;
	assert_int_equal(instance_config_fits(in, c), ERR_CONFLICT);
	*c = in->config;
	c->closed_days++;
	assert_int_equal(instance_config_fits(in, c), ERR_CONFLICT);
	*c = in->config;
	c->epoch_seconds++;
	assert_int_equal(instance_config_fits(in, c), ERR_CONFLICT);
	*c = in->config;
	strcat(c->origin, "x");
	assert_int_equal(instance_config_fits(in, c), ERR_CONFLICT);
	*c = in->config;
	c->files++;
	OK(instance_config_fits(in, c));
	free(c);
}

/*
 * A roster that changes what is announced comes with a changed config; the
 * rosters before it are not held against that one.
 */
static void
test_retention_changes(void **state)
{
	struct instance in;
	struct buf note;

	(void)state;
	buf_init(&note, ROSTER_MAX);
	fix_roster(retention, NULL, &note);
	fix_write("public/roster/2", note.data, note.len);
	buf_done(&note);
	fix_replace("peluit.conf", "closed_days = 365", "closed_days = 366");
	OK(instance_open(fix.dir, 0, &in));
	assert_int_equal(in.rosters, 2);
	OK(instance_config_fits(&in, &in.config));
	instance_close(&in);
}

static void
test_epochs(void **state)
{
	struct instance *in = &fix.in;
	uint64_t n = in->epoch0 + 7;
	int64_t start = instance_epoch_start(in, n);

	(void)state;
	assert_int_equal(start, n * EPOCH_SEC);
	assert_int_equal(instance_epoch(in, start), n);
	assert_int_equal(instance_epoch(in, start - 1), n - 1);
	assert_int_equal(instance_epoch(in, start + EPOCH_SEC - 1), n);
	assert_int_equal(instance_epoch(in, 0), in->epoch0);
	assert_int_equal(instance_epoch(in, -5), in->epoch0);
}

static void
test_authority(void **state)
{
	char text[256];

	(void)state;
	instance_authority(&fix.in, text);
	SAME(text, "desk.demo.peluit.invalid");
	strcpy(fix.in.config.desk_authority, "meja.example");
	instance_authority(&fix.in, text);
	SAME(text, "meja.example");
}

#define D(f) cmocka_unit_test_setup_teardown(f, fix_setup_down, fix_teardown)
#define T(f) cmocka_unit_test_setup_teardown(f, fix_setup, fix_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		D(test_secrets), D(test_credentials), D(test_public),
		D(test_roster_tampered), T(test_roster_check),
		T(test_in_force), T(test_removed_at_once),
		T(test_config_fits), T(test_retention_changes),
		T(test_epochs), T(test_authority),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
