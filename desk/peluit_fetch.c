/*
 * peluit fetch.  Everything is saved and synced before the server is told
 * that it is: 1. objects, each synced and renamed; 2. the index; 3. `access`.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "deed.h"
#include "fetch_event.h"
#include "fetch_log.h"
#include "home.h"

static enum peluit_exit
office(struct fetch *f)
{
	struct api_office o;
	enum err e;

	if ((e = client_get(f->client, "/v1/office", "?", &f->answer)) !=
	    ERR_OK)
		return link_fail(f->d, f->client, e, &f->answer);
	if ((e = api_office_decode((struct bytes){ f->answer.body.data,
	    f->answer.body.len }, &o)) != ERR_OK)
		return peluit_fail(f->d, DESK_NO, W_ANSWER_BAD, err_text(e),
		    NULL);
	if (strcmp(o.origin, f->d->office.origin) != 0)
		return peluit_fail(f->d, DESK_NO, W_ORIGIN_OTHER, o.origin,
		    NULL);
	if (o.epoch_seconds == 0)
		return peluit_fail(f->d, DESK_NO, W_ANSWER_BAD,
		    "epoch_seconds", NULL);
	f->epoch = o.epoch;
	f->book->epoch_seconds = o.epoch_seconds;
	peluit_set(f->d, "log", json_string(o.log));
	if (strcmp(o.log, "late") == 0)
		peluit_say(f->d, W_FETCH_LATE, NULL, NULL);
	else if (strcmp(o.log, "ok") != 0)
		peluit_say(f->d, W_FETCH_STOPPED, NULL, NULL);
	return fetch_rosters(f, o.roster);
}

static enum peluit_exit
page(struct fetch *f, uint64_t after, struct api_feed *out)
{
	char query[48];
	enum err e;

	(void)snprintf(query, sizeof(query), "?after=%llu",
	    (unsigned long long)after);
	if ((e = client_get(f->client, "/v1/feed", query, &f->answer)) !=
	    ERR_OK)
		return link_fail(f->d, f->client, e, &f->answer);
	if ((e = api_feed_decode((struct bytes){ f->answer.body.data,
	    f->answer.body.len }, out)) != ERR_OK)
		return peluit_fail(f->d, DESK_NO, W_ANSWER_BAD, err_text(e),
		    NULL);
	return DESK_DONE;
}

static void
announce(struct fetch *f, const struct api_feed *feed)
{
	size_t i, k;

	for (i = 0; i < feed->items; i++)
		for (k = 0; k < feed->item[i].objects; k++)
			f->total += feed->item[i].object[k].size;
}

/* What the feed's reading leaves behind. */
struct reading {
	uint64_t at;		/* last n read */
	bool frozen;		/* an item has to be asked for again */
	bool refused;
};

static enum peluit_exit
read_page(struct fetch *f, const struct api_feed *feed, struct reading *r)
{
	enum peluit_exit x = DESK_DONE;
	size_t i;
	bool refused;

	for (i = 0; i < feed->items; i++) {
		if (feed->item[i].n <= r->at)
			return peluit_fail(f->d, DESK_NO, W_FEED_ORDER, NULL,
			    NULL);
		r->at = feed->item[i].n;
		x = fetch_event(f, &feed->item[i], &refused);
		if (x != DESK_DONE && !refused)
			return x;
		r->refused |= x != DESK_DONE;
		r->frozen |= x != DESK_DONE || f->promised;
		if (!r->frozen)
			f->book->after = r->at;
	}
	return DESK_DONE;
}

/* Page by page to the end; the index is saved after each. */
static enum peluit_exit
read_feed(struct fetch *f)
{
	struct reading r = { .at = f->book->after };
	struct api_feed feed;
	enum peluit_exit x, saved;
	bool more;

	do {
		memset(&feed, 0, sizeof(feed));
		if ((x = page(f, r.at, &feed)) != DESK_DONE)
			return x;
		more = feed.items > 0;
		announce(f, &feed);
		x = read_page(f, &feed, &r);
		api_feed_done(&feed);
		if (more && (saved = book_save(f->d, f->book)) != DESK_DONE)
			return saved;
	} while (more && x == DESK_DONE);
	if (x == DESK_DONE && !fetch_promises(f))
		r.refused = true;
	return x == DESK_DONE && r.refused ? DESK_NO : x;
}

/* Is there more to tell the server than that we told it? */
static bool
to_tell(const struct fetch *f, const struct book_case *c)
{
	bool saved = false, news = false;
	struct book_view v;
	size_t i, k;

	book_look(c, &v);
	if (v.deleted || (c->has_acked && c->acked_epoch == f->epoch))
		return false;
	for (i = 0; i < c->events; i++) {
		for (k = 0; k < c->event[i].objects; k++)
			saved |= c->event[i].object[k].state == BOOK_SAVED;
		news |= c->event[i].event.action.kind != EVENT_ACCESS &&
		    (!c->has_acked || c->event[i].event.seq > c->acked_seq);
	}
	return saved && news;
}

/* The server has taken (or left out) the `access` of ${c}. */
static void
told(struct fetch *f, const struct deed_way *w, struct book_case *c)
{
	if (w->postponed || c == NULL)
		return;
	c->has_acked = true;
	c->acked_seq = book_newest(c)->event.seq;
	c->acked_epoch = f->epoch;
}

/*
 * `access` for each case of which all is saved.  All are stored before the
 * first is sent.  One that finds no leaf in this epoch is not made by the
 * server, and tried again by a later fetch.
 */
static enum peluit_exit
tell_all(struct fetch *f, struct deed_way *w)
{
	struct book *b = f->book;
	size_t first = b->requests, i;
	enum peluit_exit x = DESK_DONE, one;
	struct api_taken taken;
	struct book_case *c;
	struct deed deed;

	for (i = 0; i < b->cases; i++) {
		if (!fetch_chain(f, &b->one[i])) {
			x = DESK_NO;
		} else if (to_tell(f, &b->one[i])) {
			deed_init(f->d, &b->one[i], EVENT_ACCESS, &deed);
			if ((one = deed_add(f->d, b, &deed, false)) !=
			    DESK_DONE)
				return one;
		}
	}
	if (b->requests == first)
		return x;
	if ((one = book_save(f->d, b)) != DESK_DONE)
		return one;
	w->fresh = true;
	/* From the last: one that is answered leaves the list. */
	for (i = b->requests; i > first; i--) {
		c = book_case(b, b->request[i - 1].case_id);
		if ((one = deed_send(f->d, w, i - 1, &taken)) == DESK_DONE) {
			told(f, w, c);
			continue;
		}
		x = one;
		if (b->requests == i)
			break;		/* the server is out of reach */
	}
	return x;
}

static void
report(struct fetch *f, enum peluit_exit x)
{
	char cases[24], messages[24];
	struct desk *d = f->d;

	(void)snprintf(cases, sizeof(cases), "%zu", f->cases);
	(void)snprintf(messages, sizeof(messages), "%zu", f->messages);
	if (f->cases == 0 && f->messages == 0 && x != DESK_DONE)
		;	/* the failure says it all */
	else if (f->cases == 0 && f->messages == 0)
		peluit_say(d, W_FETCH_NOTHING, NULL, NULL);
	else
		peluit_say(d, W_FETCH_DONE, cases, messages);
	if (f->unchecked > 0) {
		(void)snprintf(messages, sizeof(messages), "%zu",
		    f->unchecked);
		peluit_say(d, W_FETCH_UNCHECKED, messages, NULL);
	}
	if (f->not_logged > 0) {
		(void)snprintf(messages, sizeof(messages), "%zu",
		    f->not_logged);
		peluit_say(d, W_FETCH_PROMISED, messages, NULL);
	}
	peluit_set(d, "not_logged", json_integer((json_int_t)f->not_logged));
	peluit_set(d, "log_size", json_integer((json_int_t)
	    f->book->log.head.size));
	peluit_set(d, "cases", json_integer((json_int_t)f->cases));
	peluit_set(d, "messages", json_integer((json_int_t)f->messages));
	peluit_set(d, "objects", json_integer((json_int_t)f->objects));
	peluit_set(d, "bytes", json_integer((json_int_t)f->bytes));
	peluit_set(d, "unchecked", json_integer((json_int_t)f->unchecked));
}

enum peluit_exit
peluit_fetch(struct desk *d, const struct peluit_command *c, int argc,
    char **argv)
{
	struct book *b = NULL;
	struct deed_way w;
	struct fetch f;
	enum peluit_exit x, sent, saved;

	memset(&w, 0, sizeof(w));
	memset(&f, 0, sizeof(f));
	if ((x = peluit_args(d, c, NULL, &argc, argv)) != DESK_DONE ||
	    (x = home_open(d)) != DESK_DONE ||
	    (x = home_lock(d)) != DESK_DONE ||
	    (x = book_load(d, &b)) != DESK_DONE)
		goto out;
	if ((x = deed_way_open(d, b, &w)) != DESK_DONE)
		goto out;
	f.d = d;
	f.book = b;
	f.client = w.client;
	client_answer_init(&f.answer);
	if ((x = office(&f)) != DESK_DONE)
		goto out;
	sent = deed_retry(d, &w);
	x = read_feed(&f);
	progress_end();
	if (x == DESK_DONE)
		x = tell_all(&f, &w);
	if ((saved = book_save(d, b)) != DESK_DONE)
		x = saved;
	if (x == DESK_DONE)
		x = sent;
	report(&f, x);
out:
	client_answer_done(&f.answer);
	deed_way_close(&w);
	book_free(b);
	return x;
}
