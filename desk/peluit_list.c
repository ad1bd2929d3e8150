/* peluit list: one line a case. */
#include <stdio.h>
#include <string.h>

#include "show.h"
#include "utf8.h"

#define COLUMNS 6
static const int width[COLUMNS] = { 10, 20, 28, 11, 6, 0 };

/* printf counts bytes, a table counts characters. */
static void
cell(struct buf *out, const char *text, int w)
{
	int n = (int)utf8_count(text, strlen(text));

	buf_puts(out, text);
	for (; n < w - 1; n++)
		buf_putc(out, ' ');
	if (w > 0)
		buf_putc(out, ' ');
}

static void
head(struct desk *d)
{
	const char *p = words_raw(W_LIST_HEAD, d->lang), *bar;
	char text[32];
	int i;

	for (i = 0; i < COLUMNS; i++, p = bar + 1) {
		bar = p + strcspn(p, "|");
		(void)snprintf(text, sizeof(text), "%.*s", (int)(bar - p), p);
		cell(&d->out, text, width[i]);
	}
	buf_putc(&d->out, '\n');
}

static void
line(struct desk *d, const struct book *b, const struct book_case *c,
    const struct book_view *v)
{
	char name[CASE_NAME_LEN + 1], date[SHOW_DATE_MAX], number[24];
	const char *consent = show_consent(d, v);
	struct buf channel;

	buf_init(&channel, 1024);
	utf8_visible_line(c->channel, strlen(c->channel), &channel);
	case_name(c->id, name);
	show_date(b, v->epoch, date);
	cell(&d->out, name, width[0]);
	cell(&d->out, channel.len == 0 ? "-" : buf_text(&channel), width[1]);
	cell(&d->out, words_label(d->lang, v->status), width[2]);
	cell(&d->out, date, width[3]);
	(void)snprintf(number, sizeof(number), "%zu", v->messages);
	cell(&d->out, number, width[4]);
	(void)snprintf(number, sizeof(number), "%llu %s",
	    (unsigned long long)show_waiting(d, b, v),
	    d->lang == WORDS_ID ? "jam" : "hours");
	cell(&d->out, v->unanswered ? number : "-", width[5]);
	buf_putc(&d->out, '\n');
	if (consent != NULL)
		buf_printf(&d->out, "%*s%s\n", width[0], "", consent);
	buf_done(&channel);
}

static json_t *
entry(struct desk *d, const struct book *b, const struct book_case *c,
    const struct book_view *v)
{
	char name[CASE_NAME_LEN + 1], date[SHOW_DATE_MAX];
	json_t *o;

	case_name(c->id, name);
	show_date(b, v->epoch, date);
	o = json_pack("{s:o, s:s, s:s, s:s, s:o, s:s, s:o, s:b, s:b}",
	    "case", show_hex(c->id, ID_LEN), "name", name,
	    "channel", c->channel, "status", v->status,
	    "epoch", show_number(v->epoch), "date", date,
	    "messages", show_number(v->messages),
	    "unanswered", v->unanswered, "deleted", v->deleted);
	if (o != NULL && v->unanswered)
		(void)json_object_set_new(o, "waiting_hours",
		    show_number(show_waiting(d, b, v)));
	if (o != NULL)
		show_consent_json(o, v);
	return o;
}

/* What came with a promise only is no part of a case yet. */
static json_t *
not_logged(struct desk *d, const struct book *b)
{
	json_t *list = json_array();
	char name[CASE_NAME_LEN + 1];
	size_t i;

	for (i = 0; i < b->promises; i++) {
		const struct book_promised *p = &b->promised[i];

		case_name(p->case_id, name);
		peluit_say(d, W_LIST_PROMISED, name,
		    event_kind_text(p->kind));
		(void)json_array_append_new(list, json_pack(
		    "{s:o, s:s, s:s, s:o}", "case", show_hex(p->case_id,
		    ID_LEN), "name", name, "kind", event_kind_text(p->kind),
		    "epoch", show_number(p->epoch)));
	}
	return list;
}

enum peluit_exit
peluit_list(struct desk *d, const struct peluit_command *c, int argc,
    char **argv)
{
	json_t *cases = json_array();
	struct book_view v;
	struct book *b = NULL;
	enum peluit_exit x;
	size_t i;

	if ((x = peluit_args(d, c, NULL, &argc, argv)) != DESK_DONE ||
	    (x = show_book_open(d, &b)) != DESK_DONE)
		goto out;
	if (b->cases == 0)
		peluit_say(d, W_LIST_NONE, NULL, NULL);
	else
		head(d);
	for (i = 0; i < b->cases; i++) {
		book_look(&b->one[i], &v);
		line(d, b, &b->one[i], &v);
		(void)json_array_append_new(cases, entry(d, b, &b->one[i],
		    &v));
	}
	peluit_set(d, "not_logged", not_logged(d, b));
	peluit_set(d, "cases", cases);
	cases = NULL;	/* transferred */
out:
	json_decref(cases);
	book_free(b);
	return x;
}
