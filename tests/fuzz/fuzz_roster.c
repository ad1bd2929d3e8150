/*
 * Fuzzing of roster.h and keyfile.h: a roster, a card or an office file that
 * decodes encodes to the same bytes.
 * Covers: format/roster_read.c format/roster_check.c format/roster_text.c
 *      format/roster.c format/card.c format/office.c
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "keyfile.h"
#include "roster.h"

static void
same(const struct buf *b, const uint8_t *p, size_t n)
{
	assert(b->len == n && memcmp(b->data, p, n) == 0);
}

static void
as_roster(struct bytes text)
{
	struct roster *r = malloc(sizeof(*r));
	uint8_t hash[SHA256_LEN];
	struct buf b;
	size_t i, line;

	if (r == NULL)
		abort();
	buf_init(&b, ROSTER_MAX);
	if (roster_decode(text, r, &line) == ERR_OK) {
		assert(line == 0);
		if (roster_encode(r, &b) != ERR_OK)
			abort();
		same(&b, text.p, text.n);
		for (i = 0; i < r->channels; i++) {
			channel_set_hash(r->origin, &r->channel[i], hash);
			assert(roster_channels_share(&r->channel[i],
			    &r->channel[i]));
		}
#ifdef PLANTED
		/* Reached only behind a whole roster. */
		if (r->retention_days != 365 || r->epoch0 != 80000 ||
		    r->epoch_seconds != 21600 || (r->clocks > 1 &&
		    (r->clock[0].value != 48 || r->clock[1].value != 5)))
			abort();
#endif
	} else {
		assert(r->origin[0] == '\0' && r->channels == 0);
		assert(line > 0 || text.n > ROSTER_MAX);
	}
	buf_done(&b);
	free(r);
}

static void
as_small(struct bytes text)
{
	struct office o;
	struct card c;
	struct buf b;
	size_t line;

	buf_init(&b, OFFICE_MAX);
	if (card_decode(text, &c) == ERR_OK) {
		if (card_encode(&c, &b) != ERR_OK)
			abort();
		same(&b, text.p, text.n);
	}
	buf_reset(&b);
	if (office_decode(text, &o, &line) == ERR_OK) {
		if (office_encode(&o, &b) != ERR_OK)
			abort();
		same(&b, text.p, text.n);
	}
	buf_done(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static int ready;
	struct bytes text = { p, n };

	if (!ready++ && crypto_init() != ERR_OK)
		abort();
	as_roster(text);
	as_small(text);
	return 0;
}
