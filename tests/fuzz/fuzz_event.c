/*
 * Fuzzing of event.h: what decodes, as an event or as an action, encodes to
 * the same bytes; everything else is refused without a trace.
 * Covers: format/event.c format/action.c format/line.c
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "event.h"

static void
same(const struct buf *b, const uint8_t *p, size_t n)
{
	assert(b->len == n && memcmp(b->data, p, n) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct bytes text = { p, n };
	struct action a;
	struct event e;
	struct buf b;

	buf_init(&b, EVENT_MAX);
	if (event_decode(text, &e) == ERR_OK) {
#ifdef PLANTED
		/* Reached only behind a whole event of a rare kind. */
		if (e.action.kind == EVENT_KEYS && e.epoch != 7)
			abort();
#endif
		if (event_encode(&e, &b) != ERR_OK)
			abort();
		same(&b, p, n);
		/* Its action is one, too. */
		buf_reset(&b);
		if (action_encode(&e.action, &b) != ERR_OK ||
		    action_decode((struct bytes){ b.data, b.len }, &a) !=
			ERR_OK)
			abort();
		assert(a.kind == e.action.kind && a.actor == e.action.actor);
	} else {
		assert(e.action.origin[0] == '\0' && !e.has_sig);
	}
	buf_reset(&b);
	if (action_decode(text, &a) == ERR_OK) {
		if (action_encode(&a, &b) != ERR_OK)
			abort();
		same(&b, p, n);
	}
	buf_done(&b);
	return 0;
}
