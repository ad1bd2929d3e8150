/* The head itself: fetched, judged, remembered. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit_home.h"
#include "head.h"

enum audit_exit
head_open(struct reach *r, struct head *h)
{
	uint8_t *data = NULL;
	size_t len = 0;
	enum err e;

	memset(h, 0, sizeof(*h));
	h->reach = r;
	buf_init(&h->note, NOTE_MAX);
	e = audit_home_get(r->a, HOME_SEEN, SEEN_MAX, &data, &len);
	if (e == ERR_OK)
		e = seen_decode((struct bytes){ data, len }, &h->seen);
	free(data);
	h->seen.epoch0 = r->a->epoch0;
	h->seen.epoch_seconds = r->a->epoch_seconds;
	return e == ERR_OK || e == ERR_NOTFOUND ? AUDIT_WELL :
	    audit_err(r->a, e, A_HOME_DAMAGED, HOME_SEEN);
}

void
head_close(struct head *h)
{
	seen_done(&h->seen);
	buf_done(&h->note);
	free(h->tile);
	h->tile = NULL;
}

/* A finding about the head; what it was found on is kept as evidence. */
static enum audit_exit
against(struct head *h, enum finding_code code, const char *detail)
{
	char name[64], hex[HEX_LEN(SHA256_LEN) + 1];
	uint8_t hash[SHA256_LEN];
	struct finding f;

	memset(&f, 0, sizeof(f));
	f.code = code;
	(void)snprintf(f.detail, sizeof(f.detail), "%s", detail);
	if (h->now.size >= TILE_WIDTH && h->reach->a->epoch_seconds != 0) {
		f.has_epoch = true;
		f.epoch = h->reach->a->epoch0 + h->now.size / TILE_WIDTH - 1;
	}
	findings_add(&h->reach->a->findings, &f);
	if (h->note.len == 0)
		return AUDIT_WELL;
	sha256(h->note.data, h->note.len, hash);
	hex_encode(hash, sizeof(hash), hex);
	(void)snprintf(name, sizeof(name), "evidence/%.16s.note", hex);
	return audit_home_put(h->reach->a, name, h->note.data, h->note.len);
}

/* Which of its rules a checkpoint breaks. */
static enum finding_code
fault(struct bytes note, const struct vkey *log)
{
	struct checkpoint c;
	struct bytes text;

	if (note_text(note, &text) != ERR_OK ||
	    checkpoint_decode(text, &c) != ERR_OK)
		return F_CHECKPOINT_FORMAT;
	return strcmp(c.origin, log->name) != 0 ? F_CHECKPOINT_ORIGIN :
	    F_CHECKPOINT_SIGNATURE;
}

static enum audit_exit
judge(struct head *h, bool *good)
{
	const struct seen_item *last = seen_last(&h->seen);
	char detail[FINDING_DETAIL_MAX];
	enum finding_code code;

	if (h->now.size % TILE_WIDTH != 0 ||
	    h->now.size / TILE_WIDTH > HEAD_TILES_MAX)
		return against(h, F_CHECKPOINT_SIZE, "");
	if (!seen_judge(&h->seen, &h->now, &code)) {
		(void)snprintf(detail, sizeof(detail), "%llu < %llu",
		    (unsigned long long)h->now.size,
		    (unsigned long long)last->size);
		return against(h, code, code == F_LOG_ROLLED_BACK ? detail :
		    "");
	}
	*good = true;
	return AUDIT_WELL;
}

enum audit_exit
head_fetch(struct head *h, bool *good)
{
	struct reach *r = h->reach;
	struct bytes note;
	enum err e;

	*good = false;
	e = reach_get(r, "/checkpoint");
	if (e == ERR_NOTFOUND && seen_last(&h->seen) == NULL) {
		/* No epoch has closed yet. */
		merkle_root(NULL, 0, &h->now.root);
		*good = true;
		return AUDIT_WELL;
	}
	if (e == ERR_NOTFOUND)
		return against(h, F_LOG_ROLLED_BACK, "404");
	if (e != ERR_OK)
		return reach_fail(r, e, "/checkpoint");
	buf_reset(&h->note);
	buf_put(&h->note, r->answer.body.data, r->answer.body.len);
	if ((e = buf_err(&h->note)) != ERR_OK) {
		buf_reset(&h->note);
		return e == ERR_SYS ? audit_err(r->a, e, A_MACHINE,
		    "memory") : against(h, F_CHECKPOINT_FORMAT, "");
	}
	note = (struct bytes){ h->note.data, h->note.len };
	if (checkpoint_open(note, &r->a->log.log, &h->now) != ERR_OK) {
		memset(&h->now, 0, sizeof(h->now));
		return against(h, fault(note, &r->a->log.log), "");
	}
	return judge(h, good);
}

enum audit_exit
head_keep(struct head *h)
{
	struct audit *a = h->reach->a;
	enum audit_exit x;
	struct buf text;
	char name[64];
	enum err e;

	if (h->now.size == 0)
		return AUDIT_WELL;
	buf_init(&text, SEEN_MAX);
	e = seen_add(&h->seen, &h->now, clock_now(a->clock));
	if (e == ERR_OK)
		e = seen_encode(&h->seen, &text);
	x = e != ERR_OK ? audit_err(a, e, A_MACHINE, HOME_SEEN) :
	    audit_home_put(a, HOME_SEEN, text.data, text.len);
	buf_done(&text);
	if (x == AUDIT_WELL)
		x = audit_home_put(a, HOME_HEAD, h->note.data, h->note.len);
	(void)snprintf(name, sizeof(name), "heads/%llu.note",
	    (unsigned long long)h->now.size);
	if (x == AUDIT_WELL)
		x = audit_home_put(a, name, h->note.data, h->note.len);
	return x;
}

bool
head_has(const struct head *h, uint64_t size, const struct merkle_hash *root)
{
	struct merkle_hash have;

	if (size % TILE_WIDTH != 0 || size / TILE_WIDTH > h->tiles)
		return false;
	/* Epochs are full tiles: a root over their roots is the tree's. */
	merkle_root(h->tile, (size_t)(size / TILE_WIDTH), &have);
	return memcmp(&have, root, sizeof(have)) == 0;
}

void
head_clock(struct head *h)
{
	struct audit *a = h->reach->a;
	int64_t now = clock_now(a->clock);
	uint64_t epoch, next;

	if (now < 0 || a->epoch_seconds == 0)
		return;
	epoch = (uint64_t)now / a->epoch_seconds;
	next = a->epoch0 + h->now.size / TILE_WIDTH;
	/* One epoch's grace: it is published a while after its end. */
	if (epoch > next + 1)
		audit_find_epoch(a, F_LOG_LATE, next, "");
	else if (next > epoch)
		audit_find_epoch(a, F_LOG_AHEAD, next - 1, "");
}
