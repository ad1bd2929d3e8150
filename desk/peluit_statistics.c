/* peluit statistics: counts over what is in the vault of this desk. */
#include <stdio.h>
#include <string.h>

#include "show.h"
#include "utf8.h"

#define FIRST_RESPONSE_SEC	(48 * 3600)

static void
count(json_t *group, const char *key)
{
	json_t *n = json_object_get(group, key);

	(void)json_object_set_new(group, key,
	    json_integer(n == NULL ? 1 : json_integer_value(n) + 1));
}

/*
 * The first response by epochs alone: between the end of the report's epoch
 * and that of the answer's; an epoch to either side it cannot be told.
 */
static const char *
response(const struct book *b, const struct book_view *v, uint64_t now_epoch)
{
	uint64_t limit, took;

	if (b->epoch_seconds == 0)
		return "unknown";
	limit = FIRST_RESPONSE_SEC / b->epoch_seconds;
	took = (v->answered ? v->answered_epoch : now_epoch) - v->epoch;
	if (!v->answered)
		return took > limit ? "overdue" : "waiting";
	if (took + 1 <= limit)
		return "kept";
	return took >= limit + 1 ? "late" : "unknown";
}

static void
category(struct desk *d, const struct book_case *c, json_t *group)
{
	struct message *m = NULL;
	size_t i;
	const char *found = "-";

	if (c->events > 0 && message_readable(&c->event[0]) &&
	    message_open(d, c, &c->event[0], &m) == DESK_DONE)
		for (i = 0; i < m->manifest.fields; i++)
			if (strcmp(m->manifest.field[i].key, "category") == 0)
				found = m->manifest.field[i].value;
	count(group, found);
	message_free(m);
}

static void
print_group(struct desk *d, const char *title, const json_t *group)
{
	const char *key;
	json_t *n, *copy = json_deep_copy(group);
	struct buf label;

	buf_printf(&d->out, "%s\n", title);
	json_object_foreach(copy, key, n) {
		buf_init(&label, 4096);
		utf8_visible_line(words_label(d->lang, key),
		    strlen(words_label(d->lang, key)), &label);
		buf_printf(&d->out, "  %6lld  %s\n",
		    (long long)json_integer_value(n), buf_text(&label));
		buf_done(&label);
	}
	json_decref(copy);
}

enum peluit_exit
peluit_statistics(struct desk *d, const struct peluit_command *c, int argc,
    char **argv)
{
	json_t *channels = json_object(), *statuses = json_object();
	json_t *categories = json_object(), *first = json_object();
	struct book_view v;
	struct book *b = NULL;
	uint64_t now = 0;
	enum peluit_exit x;
	size_t i;

	if ((x = peluit_args(d, c, NULL, &argc, argv)) != DESK_DONE ||
	    (x = show_book_open(d, &b)) != DESK_DONE)
		goto out;
	if (b->epoch_seconds > 0)
		now = (uint64_t)clock_now(d->clock) / b->epoch_seconds;
	for (i = 0; i < b->cases; i++) {
		book_look(&b->one[i], &v);
		count(channels, b->one[i].channel[0] == '\0' ? "-" :
		    b->one[i].channel);
		count(statuses, v.status);
		count(first, response(b, &v, now));
		category(d, &b->one[i], categories);
	}
	buf_printf(&d->out, "%zu\n", b->cases);
	print_group(d, d->lang == WORDS_ID ? "Kanal" : "Channel", channels);
	print_group(d, "Status", statuses);
	print_group(d, words_label(d->lang, "category"), categories);
	print_group(d, d->lang == WORDS_ID ? "Jawaban pertama" :
	    "First response", first);
	peluit_set(d, "cases", show_number(b->cases));
	peluit_set(d, "channels", json_incref(channels));
	peluit_set(d, "statuses", json_incref(statuses));
	peluit_set(d, "categories", json_incref(categories));
	peluit_set(d, "first_response", json_incref(first));
	if (json_array_size(d->findings) > 0)
		x = DESK_NO;	/* a report that does not open is told */
out:
	json_decref(channels);
	json_decref(statuses);
	json_decref(categories);
	json_decref(first);
	book_free(b);
	return x;
}
