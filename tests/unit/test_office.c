/* Starting on a store, and rosters that a running server takes. */
#include "server_fixture.h"

static void
refused(enum err e, const char *word)
{
	enum err got = fix_start();

	if (got != e || strstr(fix.in.why, word) == NULL)
		fail_msg("got %d and '%s', want %d and '%s'", (int)got,
		    fix.in.why, (int)e, word);
	fix_stop();
}

static void
install(struct install_record *i)
{
	struct store_txn *t;

	OK(store_begin(fix.s.store, &t));
	OK(install_get(fix.s.records, t, i));
	store_end(t);
}

/* The events `keys` of an epoch, and that they name the newest roster. */
static unsigned
keys_in(uint64_t epoch)
{
	struct epoch_record ep;
	struct store_txn *t;
	struct event ev;
	unsigned n = 0;

	OK(store_begin(fix.s.store, &t));
	OK(epoch_get(fix.s.records, t, epoch, &ep));
	store_end(t);
	for (size_t i = 0; i < ep.entries; i++) {
		if (ep.entry[i].kind != EVENT_KEYS)
			continue;
		OK(event_decode((struct bytes){ ep.entry[i].event,
		    ep.entry[i].len }, &ev));
		n += memcmp(ev.action.objects.bytes,
		    fix.in.roster[fix.in.rosters - 1].hash, SHA256_LEN) == 0;
	}
	epoch_done(&ep);
	return n;
}

static void
test_first_start(void **state)
{
	struct install_record i;

	(void)state;
	OK(fix_start());
	install(&i);
	assert_int_equal(i.rosters, 1);
	assert_memory_equal(i.hash[0], fix.in.roster[0].hash, SHA256_LEN);
	assert_int_equal(i.next_close, fix.in.epoch0);
	assert_int_equal(keys_in(fix_epoch()), 1);
	fix_stop();
	/* the second start announces nothing again */
	fix_later(1);
	OK(fix_start());
	assert_int_equal(keys_in(fix_epoch()), 0);
	assert_int_equal(keys_in(fix_epoch() - 1), 1);
}

static void
swapped_key(const char *name, enum err e, const char *why)
{
	char *good, *other;
	size_t n, m;

	OK(fix_start());
	fix_stop();
	good = fix_read(name, &n);
	other = fix_read("secrets/log.key", &m);
	fix_write(name, other, m);
	refused(e, why);
	fix_write(name, good, n);
	OK(fix_start());
	free(good);
	free(other);
}

static void
test_other_at_rest_key(void **state)
{
	(void)state;
	swapped_key("secrets/at-rest.key", ERR_MAC,
	    "does not open with secrets/at-rest.key");
}

/* With another receipt key no receipt would open, without a word. */
static void
test_other_receipt_key(void **state)
{
	(void)state;
	swapped_key("secrets/receipt.key", ERR_KEY,
	    "secrets/receipt.key is not the one");
}

/* A signer with another key than the published one does not start. */
static void
test_other_signing_key(void **state)
{
	static const char *const name[] = {
		"secrets/answers.key", "secrets/log.key",
		"secrets/promise.key"
	};

	(void)state;
	for (int i = 0; i < 3; i++) {
		char *good, *other;
		size_t n, m;

		good = fix_read(name[i], &n);
		other = fix_read("secrets/receipt.key", &m);
		fix_write(name[i], other, m);
		assert_int_equal(fix_start(), ERR_KEY);
		fix_stop();
		fix_write(name[i], good, n);
		free(good);
		free(other);
	}
	OK(fix_start());
}

/* The signer keeps nothing open that its parent closes (--ready). */
static void
test_descriptors(void **state)
{
	int fd[2];
	char c;

	(void)state;
	assert_int_equal(pipe(fd), 0);
	OK(fix_start());
	(void)close(fd[1]);
	assert_int_equal(fcntl(fd[0], F_SETFL, O_NONBLOCK), 0);
	assert_int_equal(read(fd[0], &c, 1), 0);
	(void)close(fd[0]);
}

static void
test_install_mismatch(void **state)
{
	(void)state;
	OK(fix_start());
	fix_stop();
	fix_replace("peluit.conf", "argon2_kib = 19456", "argon2_kib = 19464");
	refused(ERR_CONFLICT, "no receipt would open");
	fix_replace("peluit.conf", "argon2_kib = 19464", "argon2_kib = 19456");
	fix_replace("peluit.conf", "argon2_passes = 2", "argon2_passes = 3");
	refused(ERR_CONFLICT, "no receipt would open");
	fix_replace("peluit.conf", "argon2_passes = 3", "argon2_passes = 2");
	fix_replace("peluit.conf", "epoch_seconds = 60", "epoch_seconds = 70");
	refused(ERR_CONFLICT, "epoch_seconds");
	fix_replace("peluit.conf", "epoch_seconds = 70", "epoch_seconds = 60");
	fix_replace("peluit.conf", "demo.peluit.invalid", "demo.lain.invalid");
	refused(ERR_CONFLICT, "another origin");
	fix_replace("peluit.conf", "demo.lain.invalid", "demo.peluit.invalid");
	fix_replace("peluit.conf", "closed_days = 365", "closed_days = 364");
	refused(ERR_CONFLICT, "closed_days");
	fix_replace("peluit.conf", "closed_days = 364", "closed_days = 365");
	OK(fix_start());
}

static void
test_roster_missing(void **state)
{
	char *good;
	size_t n;

	(void)state;
	good = fix_read("public/roster/1", &n);
	fix_unlink("public/roster/1");
	refused(ERR_NOTFOUND, "peluitd roster");
	fix_write("public/roster/1", good, n);
	OK(fix_start());
	fix_stop();
	fix_unlink("public/roster/1");
	refused(ERR_NOTFOUND, "missing in public/roster");
	fix_write("public/roster/1", good, n);
	OK(fix_start());
	free(good);
}

static void
enrol(struct roster *r, void *arg)
{
	const struct fix_person *p = arg;
	struct roster_desk *d = &r->desk[r->desks++];

	memcpy(d->key, p->key, SIGN_PUBLIC_LEN);
	d->role = ROLE_INVESTIGATOR;
	(void)snprintf(d->label, sizeof(d->label), "petugas-%zu", r->desks);
	d->age = p->to;
	d->channels = 1;
	r->channel[0].recipient[r->channel[0].recipients++].key = p->to;
}

static void
test_take_next(void **state)
{
	struct install_record i;
	struct fix_person p;
	uint64_t now;
	char *kept;
	size_t n;

	(void)state;
	OK(fix_start());
	now = fix_epoch();
	fix_stranger(&p);
	assert_int_equal(office_take_next(&fix.s), ERR_NOTFOUND);
	fix_roster_next(enrol, &p);
	OK(office_take_next(&fix.s));
	assert_int_equal(office_take_next(&fix.s), ERR_NOTFOUND);
	assert_int_equal(fix.in.rosters, 2);
	assert_int_equal(fix.in.roster[1].accepted, now);
	assert_int_equal(keys_in(now), 1);
	install(&i);
	assert_int_equal(i.rosters, 2);
	assert_int_equal(i.accepted[1], now);
	assert_memory_equal(i.hash[1], fix.in.roster[1].hash, SHA256_LEN);
	kept = fix_read("public/roster/2", &n);
	assert_int_equal(n, fix.in.roster[1].note_len);
	assert_memory_equal(kept, fix.in.roster[1].note, n);
	free(kept);
	/* the same after a restart, whenever that is */
	fix_stop();
	fix_later(3);
	OK(fix_start());
	assert_int_equal(fix.in.rosters, 2);
	assert_int_equal(fix.in.roster[1].accepted, now);
	assert_ptr_equal(instance_roster_at(&fix.in, now),
	    fix.in.roster[0].r);
	/* another roster 2 in its place is noticed */
	fix_stop();
	fix_unlink("public/roster/2");
	refused(ERR_NOTFOUND, "missing");
}

static void
test_swapped(void **state)
{
	struct fix_person p;
	struct buf other;

	(void)state;
	OK(fix_start());
	fix_stranger(&p);
	buf_init(&other, ROSTER_MAX);
	fix_roster(enrol, &p, &other);
	fix_roster_next(NULL, NULL);
	OK(office_take_next(&fix.s));
	fix_stop();
	fix_write("public/roster/2", other.data, other.len);
	buf_done(&other);
	refused(ERR_CONFLICT, "not the one that was accepted");
}

/* Stopped between any two steps, the next start ends the work. */
static void
test_broken_off(void **state)
{
	struct fix_person p;
	struct buf note;
	uint64_t now;

	(void)state;
	OK(fix_start());
	fix_stranger(&p);
	buf_init(&note, ROSTER_MAX);
	fix_roster(enrol, &p, &note);
	/* the file stands under its number, nothing else was done */
	fix_stop();
	fix_write("public/roster/next", note.data, note.len);
	fix_write("public/roster/2", note.data, note.len);
	fix_later(1);
	OK(fix_start());
	now = fix_epoch();
	assert_int_equal(fix.in.rosters, 2);
	assert_int_equal(fix.in.roster[1].accepted, now);
	assert_int_equal(keys_in(now), 1);
	/* it was accepted, only the waiting file was left */
	fix_stop();
	fix_write("public/roster/next", note.data, note.len);
	fix_later(1);
	OK(fix_start());
	assert_int_equal(fix.in.rosters, 2);
	assert_int_equal(fix.in.roster[1].accepted, now);
	assert_int_equal(keys_in(now + 1), 0);
	assert_int_equal(office_take_next(&fix.s), ERR_NOTFOUND);
	buf_done(&note);
}

/*
 * There was no memory for a roster that the store had taken already: it was
 * announced again when it came again, and the next start missed a file.
 */
static void
test_taken_not_held(void **state)
{
	struct install_record i;
	struct fix_person p;
	struct buf note;
	uint64_t now;

	(void)state;
	OK(fix_start());
	now = fix_epoch();
	fix_stranger(&p);
	buf_init(&note, ROSTER_MAX);
	fix_roster(enrol, &p, &note);
	fix_write("public/roster/next", note.data, note.len);
	OK(office_take_next(&fix.s));
	fix.in.rosters--;
	free(fix.in.roster[1].note);
	free(fix.in.roster[1].r);
	fix_write("public/roster/next", note.data, note.len);
	OK(office_take_next(&fix.s));
	buf_done(&note);
	assert_int_equal(fix.in.rosters, 2);
	assert_int_equal(fix.in.roster[1].accepted, now);
	assert_int_equal(keys_in(now), 1);
	install(&i);
	assert_int_equal(i.rosters, 2);
	fix_stop();
	OK(fix_start());
}

/* What is refused leaves everything as it was. */
static void
test_refused_next(void **state)
{
	struct install_record i;
	char *path;

	(void)state;
	OK(fix_start());
	fix_write("public/roster/next", "hello\n", 6);
	assert_int_not_equal(office_take_next(&fix.s), ERR_OK);
	assert_int_equal(fix.in.rosters, 1);
	install(&i);
	assert_int_equal(i.rosters, 1);
	path = path_join(fix.dir, "public/roster/2");
	assert_false(file_exists(path));
	free(path);
}

/* It counts from the epoch after the one that announces it. */
static void
test_announced_late(void **state)
{
	struct fix_person p;
	uint64_t now;

	(void)state;
	OK(fix_start());
	now = fix_epoch();
	fix_stranger(&p);
	for (unsigned k = 0; k < LEDGER_REST - 1; k++) {
		fix_roster_next(NULL, NULL);
		OK(office_take_next(&fix.s));
	}
	assert_int_equal(fix.in.roster[fix.in.rosters - 1].accepted, now);
	fix_roster_next(NULL, NULL);
	OK(office_take_next(&fix.s));
	assert_int_equal(fix.in.roster[fix.in.rosters - 1].accepted, now + 1);
	assert_int_equal(keys_in(now + 1), 1);
}

#define D(f) cmocka_unit_test_setup_teardown(f, fix_setup_down, fix_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		D(test_first_start), D(test_other_at_rest_key),
		D(test_other_receipt_key),
		D(test_other_signing_key), D(test_descriptors),
		D(test_install_mismatch), D(test_roster_missing),
		D(test_take_next), D(test_swapped), D(test_broken_off),
		D(test_taken_not_held),
		D(test_refused_next), D(test_announced_late),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
