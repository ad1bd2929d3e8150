/* Small things that several commands show. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "home.h"
#include "show.h"
#include "utf8.h"

#define WIB_SEC	(7 * 3600)

void
show_date(const struct book *b, uint64_t epoch,
    char out[static SHOW_DATE_MAX])
{
	struct tm tm;
	time_t t;

	(void)snprintf(out, SHOW_DATE_MAX, "-");
	if (b->epoch_seconds == 0 ||
	    epoch > (uint64_t)INT64_MAX / 2 / b->epoch_seconds)
		return;
	t = (time_t)(epoch * b->epoch_seconds + WIB_SEC);
	if (gmtime_r(&t, &tm) != NULL)
		(void)strftime(out, SHOW_DATE_MAX, "%Y-%m-%d", &tm);
}

json_t *
show_hex(const uint8_t *p, size_t n)
{
	char text[HEX_LEN(64) + 1];

	hex_encode(p, n, text);
	return json_string(text);
}

json_t *
show_number(uint64_t v)
{
	return json_integer((json_int_t)v);
}

void
show_by(const struct book_event *e, char out[static SHOW_BY_MAX])
{
	const struct action *a = &e->event.action;
	char hex[HEX_LEN(SIGN_PUBLIC_LEN) + 1];

	hex_encode(a->actor_key, SIGN_PUBLIC_LEN, hex);
	if (a->actor == ACTOR_DESK)
		(void)snprintf(out, SHOW_BY_MAX, "desk %s", hex);
	else
		(void)snprintf(out, SHOW_BY_MAX, "%s",
		    a->actor == ACTOR_SOURCE ? "source" : "server");
}

uint64_t
show_waiting(struct desk *d, const struct book *b, const struct book_view *v)
{
	int64_t now = clock_now(d->clock);
	uint64_t since = (v->waiting_epoch + 1) * b->epoch_seconds;

	/* An event counts from its epoch's end. */
	if (!v->unanswered || now < 0 || (uint64_t)now <= since)
		return 0;
	return ((uint64_t)now - since) / 3600;
}

const char *
show_consent(const struct desk *d, const struct book_view *v)
{
	static const struct { const char *consent; enum word w; } said[] = {
		{ "", W_IDENTITY_LEFT }, { "asked", W_IDENTITY_ASKED },
		{ "yes", W_IDENTITY_YES }, { "no", W_IDENTITY_NO },
		{ "opened", W_IDENTITY_OPENED },
	};
	size_t i;

	for (i = 0; i < sizeof(said) / sizeof(said[0]); i++)
		if (strcmp(said[i].consent, v->consent) == 0 &&
		    (i > 0 || v->identity))
			return words_raw(said[i].w, d->lang);
	return NULL;
}

void
show_consent_json(json_t *o, const struct book_view *v)
{
	(void)json_object_set_new(o, "identity", json_boolean(v->identity));
	(void)json_object_set_new(o, "consent", v->consent[0] == '\0' ?
	    json_null() : json_string(v->consent));
}

json_t *
show_fields(const struct manifest *m)
{
	json_t *o = json_object(), *have, *both;
	size_t i;

	for (i = 0; i < m->fields; i++) {
		have = json_object_get(o, m->field[i].key);
		if (have == NULL) {
			(void)json_object_set_new(o, m->field[i].key,
			    json_string(m->field[i].value));
		} else if (json_is_array(have)) {
			(void)json_array_append_new(have,
			    json_string(m->field[i].value));
		} else {
			both = json_pack("[O, s]", have, m->field[i].value);
			(void)json_object_set_new(o, m->field[i].key, both);
		}
	}
	return o;
}

void
show_fields_text(const struct desk *d, const struct manifest *m,
    struct buf *out)
{
	const struct manifest_field *f;
	const char *label, *value;
	size_t i;

	for (i = 0; i < m->fields; i++) {
		f = &m->field[i];
		label = words_label(d->lang, f->key);
		value = strcmp(f->key, "category") == 0 ?
		    words_label(d->lang, f->value) : f->value;
		utf8_visible_line(label, strlen(label), out);
		buf_puts(out, ": ");
		utf8_visible(value, strlen(value), out);
		buf_putc(out, '\n');
	}
}

enum peluit_exit
show_book_open(struct desk *d, struct book **b)
{
	enum peluit_exit x;

	*b = NULL;
	if ((x = home_open(d)) != DESK_DONE)
		return x;
	return book_load(d, b);
}
