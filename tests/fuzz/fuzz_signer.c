/*
 * Fuzzing of the signer's socket, both ends, and of its state's file: what
 * the first byte says.  R: a server's requests, over a socketpair; whatever
 * it asks, each gets one whole answer and the state stays one that fits.  A:
 * a signer's answers.  S: a state encodes to the bytes that it came from,
 * and one that fits can grow.
 * Covers: server/signer_child.c server/signer.c server/signer_state.c
 */
#include <sys/socket.h>

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "signer_internal.h"
#include "sys.h"

#define EPOCH0	1000

static char folder[] = "/dev/shm/fuzz-signer-XXXXXX";
static char clock_path[64], state_path[64];
static struct signing sg;
static int near, far;			/* the test's end, the other's */

static void
tidy(void)
{
	(void)unlink(clock_path);
	(void)unlink(state_path);
	(void)rmdir(folder);
}

static void
key(enum secret_name s, struct vkey *v)
{
	uint8_t seed[SIGN_SEED_LEN] = { (uint8_t)s }, public[SIGN_PUBLIC_LEN];

	sign_public(seed, public);
	if (secret_of(seed, sizeof(seed), &sg.in.secret[s]) != ERR_OK ||
	    (v != NULL && vkey_of("demo.example/log", NOTE_TYPE_ED25519,
	    public, v) != ERR_OK))
		abort();
}

/* It stands in the fifth epoch, of which the first three are signed. */
static void
ready(void)
{
	FILE *f;

	if (crypto_init() != ERR_OK || mkdtemp(folder) == NULL)
		abort();
	(void)snprintf(clock_path, sizeof(clock_path), "%s/clock", folder);
	(void)snprintf(state_path, sizeof(state_path), "%s/state", folder);
	(void)atexit(tidy);
	if ((f = fopen(clock_path, "w")) == NULL ||
	    fprintf(f, "%d\n", (EPOCH0 + 4) * 60) < 0 || fclose(f) != 0 ||
	    clock_open(clock_path, &sg.clock) != ERR_OK)
		abort();
	text_copy(sg.in.config.origin, sizeof(sg.in.config.origin),
	    "demo.example/log");
	sg.in.epoch0 = sg.epoch0 = EPOCH0;
	sg.in.epoch_seconds = 60;
	key(SECRET_ANSWERS, NULL);
	key(SECRET_LOG, &sg.in.log);
	key(SECRET_PROMISE, &sg.in.promise);
}

static void
fresh(void)
{
	struct merkle_hash h;

	memset(&sg.st, 0, sizeof(sg.st));
	memset(&h, 1, sizeof(h));
	buf_init(&sg.st.last_note, SIGNER_NOTE_MAX);
	if ((sg.st.path = strdup(state_path)) == NULL)
		abort();
	for (uint64_t n = 0; n < 3; n++)
		signer_edge_add(&sg.st, n, h);
	sg.st.next = EPOCH0 + 3;
}

static void
connect_both(struct bytes sent)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
		abort();
	near = pair[0];
	far = pair[1];
	if (signer_write_all(near, sent.p, sent.n) != ERR_OK ||
	    shutdown(near, SHUT_WR) != 0)
		abort();
}

static void
as_requests(struct bytes text)
{
	static uint8_t room[SIGNER_REQUEST_MAX], reply[5 + SIGNER_NOTE_MAX];
	ssize_t got;

	fresh();
	connect_both(text);
	while (signer_serve(&sg, far, room) == ERR_OK) {
		got = recv(near, reply, sizeof(reply), MSG_DONTWAIT);
		assert(got >= 5 && reply[0] < ERR_LIMIT_);
		if (got == 5)		/* its text came by itself */
			got += recv(near, reply + 5, sizeof(reply) - 5,
			    MSG_DONTWAIT) > 0 ? reply[3] << 8 | reply[4] : 0;
		assert(got == 5 + (reply[3] << 8 | reply[4]));
		assert(reply[0] == ERR_OK || got == 5);
		assert(signer_state_fits(&sg.st, EPOCH0));
		assert(sg.st.next >= EPOCH0 + 3 && sg.st.next <= EPOCH0 + 4);
#ifdef PLANTED
		/* Reached only behind a whole promise, none of the seeds'. */
		if (sg.st.promises > 0 && sg.st.promised[0].leaf != 7)
			abort();
#endif
	}
	(void)close(near);
	(void)close(far);
	signer_state_done(&sg.st);
}

static void
as_answers(struct bytes text)
{
	static struct merkle_hash leaf[SIGNER_LEAVES];
	struct promise p = { .epoch = EPOCH0 };
	uint8_t sig[SIGN_LEN];
	struct signer *s;
	struct buf note;
	uint64_t next;
	enum err e;

	connect_both(text);
	if (signer_over(far, 0, &s) != ERR_OK)
		abort();
	buf_init(&note, SIGNER_NOTE_MAX);
	e = signer_next(s, &next);
	assert(e != ERR_OK || text.n >= 13);
	e = signer_promise(s, &p, &note);
	assert(e != ERR_OK || note.len + 5 <= text.n);
	e = signer_answer(s, (struct bytes){ "x", 1 }, sig);
	assert(e != ERR_OK || text.n >= SIGN_LEN + 5);
	buf_reset(&note);
	e = signer_close(s, EPOCH0, leaf, &note);
	assert(e != ERR_OK || note.len + 5 <= text.n);
	buf_done(&note);
	signer_stop(s);
	(void)close(near);
}

static void
as_state(struct bytes text)
{
	struct signer_state st;
	struct merkle_hash h;
	struct buf b;

	memset(&st, 0, sizeof(st));
	buf_init(&st.last_note, SIGNER_NOTE_MAX);
	buf_init(&b, STATE_MAX);
	if (signer_state_decode(text, &st) == ERR_OK) {
		signer_state_encode(&st, &b);
		assert(buf_err(&b) == ERR_OK && b.len == text.n &&
		    memcmp(b.data, text.p, text.n) == 0);
		if (st.next != 0 && signer_state_fits(&st, EPOCH0)) {
			memset(&h, 2, sizeof(h));
			signer_edge_add(&st, st.next - EPOCH0, h);
			signer_edge_root(&st, &h);
		}
	}
	buf_done(&b);
	signer_state_done(&st);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct bytes text = { p + 1, n - 1 };

	if (n == 0)
		return 0;
	if (sg.clock == NULL)
		ready();
	if (*p == 'R')
		as_requests(text);
	else if (*p == 'A')
		as_answers(text);
	else if (*p == 'S')
		as_state(text);
	return 0;
}
