/*
 * Fuzzing of form.h: however a body is cut and however often the application
 * makes it wait, the same comes out; what comes out is text.
 * Input: kind and step, pace of the application, then the body.
 * Covers: server/form.c server/form_multipart.c server/form_part.c
 *      server/form_type.c server/form_urlencoded.c
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "form.h"
#include "utf8.h"

struct sink {
	struct buf log;
	unsigned pace;		/* every so many calls: wait */
	unsigned calls;
	bool open;
};

static bool
waits(struct sink *s)
{
	return s->pace > 1 && ++s->calls % s->pace == 0;
}

static enum form_take
on_start(void *arg, const char *name, const char *type)
{
	struct sink *s = arg;

	assert(!s->open);
	if (waits(s))
		return FORM_WAIT;
	assert(strlen(name) <= FORM_FILENAME_MAX);
	assert(utf8_valid(name, strlen(name)));
	assert(strlen(type) <= FORM_TYPE_MAX);
	buf_printf(&s->log, "[%s|%s:", name, type);
	s->open = true;
	return FORM_TAKEN;
}

static enum form_take
on_data(void *arg, struct bytes in, size_t *taken)
{
	struct sink *s = arg;

	assert(s->open && in.n > 0);
	*taken = 0;
	if (waits(s))
		return FORM_WAIT;
	*taken = s->pace > 1 ? (in.n + 1) / 2 : in.n;
	buf_put(&s->log, in.p, *taken);
	return FORM_TAKEN;
}

static enum form_take
on_end(void *arg)
{
	struct sink *s = arg;

	assert(s->open);
	if (waits(s))
		return FORM_WAIT;
	buf_putc(&s->log, ']');
	s->open = false;
	return FORM_TAKEN;
}

static void
log_fields(const struct form *f, struct buf *log)
{
	static const char *const names[] = { "a", "b", "text", "token" };
	const char *v;
	size_t i, n;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		for (n = 0; (v = form_nth(f, names[i], n)) != NULL; n++) {
			assert(strlen(v) <= 256 && utf8_valid(v, strlen(v)));
			buf_printf(log, "{%s=%s}", names[i], v);
#if defined(PLANTED) || defined(PLANTED_FAULT)
			/* Behind a whole form; near a seed, but none is it. */
			if (strncmp(v, "x\n", 2) == 0 && v[2] != 'y')
				abort();
#endif
		}
}

static enum form_fault
run(struct bytes body, bool multipart, size_t step, struct sink *s)
{
	static const struct form_limits limits = { 256, 512, 3 };
	const struct form_files files = { on_start, on_data, on_end, s };
	const uint8_t *p = body.p;
	enum form_take take = FORM_TAKEN;
	enum form_fault fault;
	struct form *f;
	size_t n, k;
	uint8_t *piece;

	buf_init(&s->log, 1 << 20);
	if (form_new(multipart ? "multipart/form-data; boundary=BB" :
	    "application/x-www-form-urlencoded", &limits, &files, &f) !=
	    ERR_OK)
		abort();
	while (body.n > 0 && take != FORM_STOP) {
		n = step == 0 || step > body.n ? body.n : step;
		if ((piece = malloc(n)) == NULL)
			abort();
		memcpy(piece, p, n);
		take = form_feed(f, (struct bytes){ piece, n }, &k);
		assert(k <= n && (take != FORM_TAKEN || k == n));
		free(piece);
		p += k;
		body.n -= k;
	}
	while (take == FORM_WAIT)
		take = form_feed(f, (struct bytes){ NULL, 0 }, &k);
	fault = form_end(f);
	assert((take == FORM_STOP) <= (fault != FORM_FINE));
	if (fault == FORM_FINE) {
		assert(!s->open);
		log_fields(f, &s->log);
	}
	form_free(f);
	return fault;
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static int ready;
	struct sink whole = { .pace = 0 }, cut = { .pace = 0 };
	enum form_fault a, b;
	struct bytes body;

	if (!ready++ && crypto_init() != ERR_OK)
		abort();
	if (n < 2)
		return 0;
	body = (struct bytes){ p + 2, n - 2 };
	cut.pace = p[1] % 8;
	a = run(body, p[0] % 2 == 1, 0, &whole);
	b = run(body, p[0] % 2 == 1, p[0] / 2, &cut);
	assert(a == b);
	assert(a != FORM_FINE || (whole.log.len == cut.log.len &&
	    (whole.log.len == 0 ||
	    memcmp(whole.log.data, cut.log.data, cut.log.len) == 0)));
	buf_done(&whole.log);
	buf_done(&cut.log);
	return 0;
}
