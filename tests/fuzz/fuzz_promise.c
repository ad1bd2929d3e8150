/*
 * Fuzzing of promise.h: the text of a promise, of a loss, and a slot that
 * decode encode to the same bytes; a pasted file decodes to one that is the
 * same file again; everything else is refused without a trace.
 * Covers: format/promise.c format/loss.c format/disclosure.c
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "promise.h"

static void
same(const struct buf *b, const uint8_t *p, size_t n)
{
	assert(b->len == n && memcmp(b->data, p, n) == 0);
}

static void
as_text(struct bytes text)
{
	struct promise p;
	struct buf b;

	buf_init(&b, PROMISE_MAX);
	if (promise_text_decode(text, &p) == ERR_OK) {
		if (promise_text(&p, &b) != ERR_OK)
			abort();
		same(&b, text.p, text.n);
	} else {
		assert(p.origin[0] == '\0' && p.leaf == 0);
	}
	buf_done(&b);
}

/* What came of a paste, written down and read again. */
static void
again(const struct open_event *o, const struct buf *note)
{
	struct open_event back;
	struct buf file, clean;

	buf_init(&file, PROMISE_MAX);
	buf_init(&clean, PROMISE_MAX);
	/* A note may be longer than any promise's. */
	if (promise_file_encode(o, (struct bytes){ note->data, note->len },
	    &file) == ERR_OK) {
		if (promise_file_decode((struct bytes){ file.data, file.len },
		    &back, &clean) != ERR_OK)
			abort();
		same(&clean, note->data, note->len);
		assert(back.len == o->len && memcmp(back.event, o->event,
		    o->len) == 0);
	} else {
		assert(note->len > PROMISE_MAX / 2);
	}
	buf_done(&file);
	buf_done(&clean);
}

static void
as_file(struct bytes text)
{
	struct open_event o;
	struct promise p;
	struct vkey key;
	struct buf clean;

	memset(&key, 0, sizeof(key));
	buf_init(&clean, PROMISE_MAX);
	if (promise_file_decode(text, &o, &clean) == ERR_OK) {
		struct bytes note = { clean.data, clean.len };

		assert(o.len > 0 && o.len <= EVENT_MAX && note.n < text.n);
		assert(memchr(note.p, '\r', note.n) == NULL);
		assert(promise_open(note, &key, &p) != ERR_OK);
		again(&o, &clean);
#ifdef PLANTED
		/* Reached only by a whole file that came through Windows. */
		if (memchr(text.p, '\r', text.n) != NULL)
			abort();
#endif
	} else {
		assert(o.len == 0 && clean.len == 0);
	}
	buf_done(&clean);
}

static void
as_slot(struct bytes text)
{
	struct open_event o;
	struct buf b;

	if (text.n != SLOT_BYTES)
		return;
	buf_init(&b, SLOT_BYTES);
	if (slot_decode(text.p, &o) == ERR_OK) {
		if (slot_encode(&o, &b) != ERR_OK)
			abort();
		same(&b, text.p, text.n);
	} else {
		assert(o.len == 0);
	}
	buf_done(&b);
}

static void
as_loss(struct bytes text)
{
	uint64_t leaf[64];
	struct buf b;
	size_t n;

	if (loss_text_decode(text, "wbs.example", leaf, 64, &n) == ERR_OK) {
		assert(n > 0 && n <= 64);
		buf_init(&b, text.n);
		if (loss_text("wbs.example", leaf, n, &b) != ERR_OK)
			abort();
		same(&b, text.p, text.n);
		buf_done(&b);
	} else {
		assert(n == 0 && leaf[0] == 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static int ready;
	struct bytes text = { p, n };

	if (!ready++ && crypto_init() != ERR_OK)
		abort();
	as_text(text);
	as_file(text);
	as_slot(text);
	as_loss(text);
	return 0;
}
