/*
 * Questions to a roster.
 *
 * The hash of a channel's set is SHA-256 over
 *
 *	peluit-recipients/v1 LF ORIGIN LF CHANNEL LF
 *	custodian CHANNEL AGE LF ...	sorted
 *	recipient CHANNEL AGE LF ...	sorted
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "label.h"
#include "roster.h"

#define SET_HEAD_MAX	(32 + ORIGIN_MAX + ROSTER_CHANNEL_MAX)
#define SET_LINE_MAX	(16 + ROSTER_CHANNEL_MAX + AGE_RECIPIENT_LEN)
#define FINGERPRINT_LEN	10

enum err
roster_open(struct bytes note, const struct vkey *keys, size_t n,
    struct roster *out, size_t *line)
{
	bool signed_by[ROSTER_KEYS];
	struct bytes text;
	size_t i;
	enum err e;

	memset(out, 0, sizeof(*out));
	*line = 0;
	if (n > ROSTER_KEYS)
		return ERR_RANGE;
	e = note_open(note, keys, n, &text, signed_by);
	for (i = 0; e == ERR_OK && i < n; i++)
		if (!signed_by[i])
			e = ERR_NOMATCH;
	return e == ERR_OK ? roster_decode(text, out, line) : e;
}

enum err
roster_follows(const struct roster *next, const struct roster *before,
    struct bytes before_note)
{
	uint8_t hash[SHA256_LEN];

	sha256(before_note.p, before_note.n, hash);
	if (strcmp(next->origin, before->origin) != 0 ||
	    next->number - 1 != before->number ||
	    memcmp(next->prev, hash, sizeof(hash)) != 0 ||
	    next->epoch_seconds != before->epoch_seconds ||
	    next->epoch0 != before->epoch0 ||
	    !vkey_equal(&next->log, &before->log) ||
	    !vkey_equal(&next->promise, &before->promise) ||
	    memcmp(next->answers, before->answers,
		sizeof(next->answers)) != 0)
		return ERR_CONFLICT;
	return ERR_OK;
}

const struct roster_channel *
roster_channel_find(const struct roster *r, const char *name)
{
	size_t i;

	for (i = 0; i < r->channels; i++)
		if (strcmp(r->channel[i].name, name) == 0)
			return &r->channel[i];
	return NULL;
}

const struct roster_desk *
roster_desk_find(const struct roster *r,
    const uint8_t key[static SIGN_PUBLIC_LEN])
{
	size_t i;

	for (i = 0; i < r->desks; i++)
		if (memcmp(r->desk[i].key, key, SIGN_PUBLIC_LEN) == 0)
			return &r->desk[i];
	return NULL;
}

const struct roster_desk *
roster_desk_by_label(const struct roster *r, const char *label)
{
	size_t i;

	for (i = 0; i < r->desks; i++)
		if (strcmp(r->desk[i].label, label) == 0)
			return &r->desk[i];
	return NULL;
}

/* The i-th of a channel's recipients and custodians together. */
static const struct age_recipient *
member(const struct roster_channel *c, size_t i)
{
	return i < c->recipients ? &c->recipient[i].key :
	    &c->custodian[i - c->recipients].key;
}

bool
roster_channels_share(const struct roster_channel *a,
    const struct roster_channel *b)
{
	size_t i, k;

	for (i = 0; i < a->recipients + a->custodians; i++)
		for (k = 0; k < b->recipients + b->custodians; k++)
			if (memcmp(member(a, i)->point, member(b, k)->point,
				sizeof(member(a, i)->point)) == 0)
				return true;
	return false;
}

static int
compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

static size_t
put(char *at, const char *s, char end)
{
	size_t n = strlen(s);

	memcpy(at, s, n);
	at[n] = end;
	return n + 1;
}

/* The lines of one kind, sorted by their keys: all else in them is equal. */
static size_t
put_members(char *at, const char *kind, const char *channel,
    const struct roster_member *m, size_t n)
{
	char key[ROSTER_MEMBERS][AGE_RECIPIENT_LEN + 1];
	size_t i, have = 0;

	assert(n <= ROSTER_MEMBERS);
	for (i = 0; i < n; i++)
		age_recipient_encode(&m[i].key, key[i]);
	qsort(key, n, sizeof(key[0]), compare);
	for (i = 0; i < n; i++) {
		have += put(at + have, kind, ' ');
		have += put(at + have, channel, ' ');
		have += put(at + have, key[i], '\n');
	}
	return have;
}

void
channel_set_hash(const char *origin, const struct roster_channel *c,
    uint8_t out[static SHA256_LEN])
{
	/* No heap: this cannot fail. */
	char text[SET_HEAD_MAX + 2 * ROSTER_MEMBERS * SET_LINE_MAX];
	size_t n = 0;

	assert(strlen(origin) <= ORIGIN_MAX);
	n += put(text, LABEL_RECIPIENTS, '\n');
	n += put(text + n, origin, '\n');
	n += put(text + n, c->name, '\n');
	n += put_members(text + n, "custodian", c->name, c->custodian,
	    c->custodians);
	n += put_members(text + n, "recipient", c->name, c->recipient,
	    c->recipients);
	sha256(text, n, out);
}

void
fingerprint_text(const void *p, size_t n,
    char out[static FINGERPRINT_TEXT_MAX])
{
	uint8_t hash[SHA256_LEN];
	size_t i;

	sha256(p, n, hash);
	for (i = 0; i < FINGERPRINT_LEN; i += 2) {
		hex_encode(hash + i, 2, out);
		out += HEX_LEN(2);
		*out++ = i + 2 < FINGERPRINT_LEN ? ' ' : '\0';
	}
}
