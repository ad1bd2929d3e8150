/* What a roster must be beside its lines. */
#include <string.h>

#include "roster_check.h"

static bool
name_of(const char *s, size_t max, bool underscore)
{
	size_t i;

	for (i = 0; s[i] != '\0'; i++) {
		if (i == max)
			return false;
		if (!((s[i] >= 'a' && s[i] <= 'z') ||
		    (s[i] >= '0' && s[i] <= '9') || s[i] == '-' ||
		    (underscore && s[i] == '_')))
			return false;
	}
	return i > 0;
}

bool
roster_name_valid(const char *s, size_t max)
{
	return name_of(s, max, false);
}

bool
roster_clock_valid(const char *name)
{
	return name_of(name, 31, true);
}

static bool
same_age(const struct age_recipient *a, const struct age_recipient *b)
{
	return memcmp(a->point, b->point, sizeof(a->point)) == 0;
}

enum err
roster_desk_new(const struct roster *r, const struct roster_desk *d)
{
	const struct roster_desk *o;

	for (o = r->desk; o < d; o++)
		if (strcmp(o->label, d->label) == 0 ||
		    memcmp(o->key, d->key, sizeof(d->key)) == 0 ||
		    same_age(&o->age, &d->age))
			return ERR_CONFLICT;
	if (r->has_archive && same_age(&r->archive, &d->age))
		return ERR_CONFLICT;
	return ERR_OK;
}

static void
name_members(const struct roster *r, struct roster_member *m, size_t n)
{
	size_t i, d;

	for (i = 0; i < n; i++)
		for (d = 0; d < r->desks; d++)
			if (same_age(&r->desk[d].age, &m[i].key))
				memcpy(m[i].label, r->desk[d].label,
				    sizeof(m[i].label));
}

static bool
same_key(const uint8_t *a, const uint8_t *b)
{
	return memcmp(a, b, SIGN_PUBLIC_LEN) == 0;
}

/* Log, promise, answers: one purpose a key, and not an officer's either. */
static bool
purposes_apart(const struct roster *r)
{
	const uint8_t *key[3] = { r->log.public, r->promise.public,
		r->answers };
	size_t i, k;

	for (k = 0; k < 3; k++) {
		if (same_key(key[k], key[(k + 1) % 3]))
			return false;
		for (i = 0; i < r->desks; i++)
			if (same_key(key[k], r->desk[i].key))
				return false;
		for (i = 0; i < r->roster_keys; i++)
			if (same_key(key[k], r->roster_key[i].public))
				return false;
	}
	return true;
}

enum err
roster_whole(struct roster *r)
{
	size_t i;

	for (i = 0; i < r->channels; i++) {
		if (r->channel[i].recipients == 0)
			return ERR_CONFLICT;
		name_members(r, r->channel[i].recipient,
		    r->channel[i].recipients);
		name_members(r, r->channel[i].custodian,
		    r->channel[i].custodians);
	}
	return purposes_apart(r) ? ERR_OK : ERR_CONFLICT;
}
