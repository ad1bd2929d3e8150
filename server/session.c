/* Sources that are signed in. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "label.h"
#include "session.h"

struct session {
	struct session *next;
	uint8_t hash[BLAKE2B_LEN];	/* of the cookie */
	struct sealed *data;
	struct sealed *note;		/* NULL: nothing was uploaded */
	int64_t opened, used;
};
struct sessions {
	pthread_mutex_t lock;
	struct session *list;
	struct session_hold *holds;
	size_t n, max;
};

enum err
sessions_new(size_t max, struct sessions **out)
{

	if ((*out = calloc(1, sizeof(**out))) == NULL)
		return (ERR_SYS);
	(*out)->max = max;
	(void)pthread_mutex_init(&(*out)->lock, NULL);
	return (ERR_OK);
}

static void
session_free(struct sessions *s, struct session **link)
{
	struct session *gone = *link;

	*link = gone->next;
	s->n--;
	sealed_free(gone->data);
	sealed_free(gone->note);
	wipe(gone, sizeof(*gone));
	free(gone);
}

void
sessions_free(struct sessions *s)
{

	if (s == NULL)
		return;
	while (s->list != NULL)
		session_free(s, &s->list);
	(void)pthread_mutex_destroy(&s->lock);
	free(s);
}

/* The hash under which a cookie is kept, and the key that it gives. */
static enum err
cookie_read(const char *text, uint8_t hash[static BLAKE2B_LEN],
    uint8_t key[static RECORD_KEY_LEN])
{
	uint8_t cookie[COOKIE_LEN];
	enum err e;

	e = hex_decode((struct bytes){ text, strlen(text) }, cookie,
	    COOKIE_LEN);
	if (e == ERR_OK) {
		blake2b(NULL, cookie, COOKIE_LEN, hash);
		hkdf(key, RECORD_KEY_LEN, cookie, COOKIE_LEN, LABEL_SESSION);
	}
	wipe(cookie, sizeof(cookie));
	return (e);
}

static enum err
session_seal(struct session *se, const uint8_t key[static RECORD_KEY_LEN],
    const struct session_data *data)
{
	struct sealed *v;
	enum err e;

	e = record_seal(key, (struct bytes){ se->hash, sizeof(se->hash) },
	    (struct bytes){ data, sizeof(*data) }, &v);
	if (e != ERR_OK)
		return (e);
	sealed_free(se->data);
	se->data = v;
	return (ERR_OK);
}

enum err
session_open(struct sessions *s, const struct session_data *data, int64_t now,
    char text[static COOKIE_TEXT + 1])
{
	uint8_t cookie[COOKIE_LEN], key[RECORD_KEY_LEN];
	struct session *se = calloc(1, sizeof(*se));
	enum err e = ERR_SYS;

	if (se == NULL)
		return (ERR_SYS);
	rand_bytes(cookie, sizeof(cookie));
	hex_encode(cookie, sizeof(cookie), text);
	if ((e = cookie_read(text, se->hash, key)) != ERR_OK ||
	    (e = session_seal(se, key, data)) != ERR_OK)
		goto out;
	se->opened = se->used = now;
	(void)pthread_mutex_lock(&s->lock);
	if (s->n < s->max) {
		se->next = s->list;
		s->list = se;
		s->n++;
		se = NULL;
	} else {
		e = ERR_BUSY;
	}
	(void)pthread_mutex_unlock(&s->lock);
out:
	wipe(cookie, sizeof(cookie));
	wipe(key, sizeof(key));
	if (se != NULL) {
		sealed_free(se->data);
		free(se);
	}
	return (e);
}

static unsigned
held(const struct sessions *s, const struct session *se)
{
	unsigned n = 0;

	for (struct session_hold *h = s->holds; h != NULL; h = h->next)
		n += ct_equal(h->hash, se->hash, sizeof(h->hash));
	return (n);
}

static bool
is_over(const struct sessions *s, const struct session *se, int64_t now)
{

	if (held(s, se) > 0)	/* never ends during an upload */
		return (false);
	return (now - se->used >= SESSION_IDLE_SEC ||
	    now - se->opened >= SESSION_TOTAL_SEC);
}

/* The link to a session that is not over; NULL if none.  Lock is held. */
static struct session **
find(struct sessions *s, const uint8_t hash[static BLAKE2B_LEN], int64_t now)
{

	for (struct session **l = &s->list; *l != NULL; l = &(*l)->next) {
		if (!ct_equal((*l)->hash, hash, BLAKE2B_LEN))
			continue;
		if (!is_over(s, *l, now))
			return (l);
		session_free(s, l);
		return (NULL);
	}
	return (NULL);
}

static enum err
session_unseal(const struct session *se,
    const uint8_t key[static RECORD_KEY_LEN], struct secret **out)
{
	struct secret *data;
	struct buf b;
	enum err e;

	if ((e = secret_new(sizeof(struct session_data), &data)) != ERR_OK)
		return (e);
	buf_init(&b, 2 * RECORD_PAGE);
	e = record_open(key, (struct bytes){ se->hash, sizeof(se->hash) },
	    (struct bytes){ sealed_bytes(se->data), sealed_len(se->data) },
	    &b);
	if (e == ERR_OK && b.len == data->len)
		memcpy(data->bytes, b.data, b.len);
	else if (e == ERR_OK)
		e = ERR_FORMAT;
	buf_done(&b);
	if (e == ERR_OK)
		*out = data;
	else
		secret_free(data);
	return (e);
}

static enum err
get(struct sessions *s, const char *cookie, int64_t now, bool renew,
    struct secret **out)
{
	uint8_t hash[BLAKE2B_LEN], key[RECORD_KEY_LEN];
	struct session **l;
	enum err e = ERR_NOTFOUND;

	*out = NULL;
	if (cookie_read(cookie, hash, key) != ERR_OK)
		return (ERR_NOTFOUND);
	(void)pthread_mutex_lock(&s->lock);
	if ((l = find(s, hash, now)) != NULL) {
		if (renew)
			(*l)->used = now;
		e = session_unseal(*l, key, out);
	}
	(void)pthread_mutex_unlock(&s->lock);
	wipe(key, sizeof(key));
	return (e);
}

enum err
session_get(struct sessions *s, const char *cookie, int64_t now,
    struct secret **out)
{

	return (get(s, cookie, now, true, out));
}

enum err
session_peek(struct sessions *s, const char *cookie, int64_t now,
    struct secret **out)
{

	return (get(s, cookie, now, false, out));
}

enum err
session_forget_receipt(struct sessions *s, const char *cookie, int64_t now)
{
	uint8_t hash[BLAKE2B_LEN], key[RECORD_KEY_LEN];
	struct secret *data = NULL;
	struct session_data *d;
	struct session **l;
	enum err e = ERR_NOTFOUND;

	if (cookie_read(cookie, hash, key) != ERR_OK)
		return (ERR_NOTFOUND);
	(void)pthread_mutex_lock(&s->lock);
	if ((l = find(s, hash, now)) != NULL &&
	    (e = session_unseal(*l, key, &data)) == ERR_OK) {
		d = (struct session_data *)(void *)data->bytes;
		d->has_receipt = false;
		wipe(&d->receipt, sizeof(d->receipt));
		e = session_seal(*l, key, d);
	}
	(void)pthread_mutex_unlock(&s->lock);
	secret_free(data);
	wipe(key, sizeof(key));
	return (e);
}

/* Lock is held. */
static void
forget(struct sessions *s, const uint8_t hash[static BLAKE2B_LEN])
{

	for (struct session **l = &s->list; *l != NULL; l = &(*l)->next) {
		if (ct_equal((*l)->hash, hash, BLAKE2B_LEN)) {
			session_free(s, l);
			break;
		}
	}
}

void
session_close(struct sessions *s, const char *cookie)
{
	uint8_t hash[BLAKE2B_LEN], key[RECORD_KEY_LEN];

	if (cookie_read(cookie, hash, key) != ERR_OK)
		return;
	wipe(key, sizeof(key));
	(void)pthread_mutex_lock(&s->lock);
	forget(s, hash);
	for (struct session_hold *h = s->holds; h != NULL; h = h->next) {
		if (ct_equal(h->hash, hash, sizeof(hash)))
			h->cut(h->arg);
	}
	(void)pthread_mutex_unlock(&s->lock);
}

/* The case of a session that is not over, in locked memory; NULL. */
static struct secret *
data_of(struct sessions *s, const uint8_t hash[static BLAKE2B_LEN],
    const uint8_t key[static RECORD_KEY_LEN])
{
	struct secret *data = NULL;

	for (struct session *se = s->list; se != NULL; se = se->next) {
		if (ct_equal(se->hash, hash, BLAKE2B_LEN) &&
		    session_unseal(se, key, &data) != ERR_OK)
			return (NULL);
	}
	return (data);
}

static bool
one_case(const struct secret *a, const struct secret *b)
{

	return (a != NULL && b != NULL && ct_equal(
	    ((const struct session_data *)(const void *)a->bytes)->case_id,
	    ((const struct session_data *)(const void *)b->bytes)->case_id,
	    ID_LEN));
}

void
session_follow(struct sessions *s, const char *cookie, const char *heir)
{
	uint8_t from[BLAKE2B_LEN], to[BLAKE2B_LEN];
	uint8_t key[RECORD_KEY_LEN], other[RECORD_KEY_LEN];
	struct secret *old, *new;

	if (cookie_read(cookie, from, key) != ERR_OK ||
	    cookie_read(heir, to, other) != ERR_OK)
		return;
	(void)pthread_mutex_lock(&s->lock);
	old = data_of(s, from, key);
	new = data_of(s, to, other);
	for (struct session_hold *h = s->holds; one_case(old, new) &&
	    h != NULL; h = h->next) {
		if (ct_equal(h->hash, from, sizeof(from)))
			memcpy(h->hash, to, sizeof(to));
	}
	forget(s, from);
	(void)pthread_mutex_unlock(&s->lock);
	secret_free(old);
	secret_free(new);
	wipe(key, sizeof(key));
	wipe(other, sizeof(other));
}

void
session_sweep(struct sessions *s, int64_t now)
{
	struct session **l;

	(void)pthread_mutex_lock(&s->lock);
	for (l = &s->list; *l != NULL;) {
		if (is_over(s, *l, now))
			session_free(s, l);
		else
			l = &(*l)->next;
	}
	(void)pthread_mutex_unlock(&s->lock);
}

enum err
session_hold(struct sessions *s, const char *cookie, struct session_hold *h)
{
	uint8_t key[RECORD_KEY_LEN];
	enum err e = ERR_NOTFOUND;

	if (cookie_read(cookie, h->hash, key) != ERR_OK)
		return (ERR_NOTFOUND);
	wipe(key, sizeof(key));
	(void)pthread_mutex_lock(&s->lock);
	for (struct session *se = s->list; se != NULL; se = se->next) {
		if (!ct_equal(se->hash, h->hash, sizeof(h->hash)))
			continue;
		e = ERR_BUSY;
		if (held(s, se) < SESSION_HOLDS) {
			h->next = s->holds;
			s->holds = h;
			e = ERR_OK;
		}
		break;
	}
	(void)pthread_mutex_unlock(&s->lock);
	return (e);
}

void
session_drop(struct sessions *s, struct session_hold *h, int64_t now)
{

	(void)pthread_mutex_lock(&s->lock);
	for (struct session_hold **l = &s->holds; *l != NULL;
	    l = &(*l)->next) {
		if (*l == h) {
			*l = h->next;
			break;
		}
	}
	for (struct session *se = s->list; se != NULL; se = se->next) {
		if (ct_equal(se->hash, h->hash, sizeof(h->hash)))
			se->used = now;
	}
	(void)pthread_mutex_unlock(&s->lock);
}

void
session_each_hold(struct sessions *s, const char *cookie,
    void (*fn)(void *ctx, void *arg), void *ctx)
{
	uint8_t hash[BLAKE2B_LEN], key[RECORD_KEY_LEN];

	if (cookie_read(cookie, hash, key) != ERR_OK)
		return;
	wipe(key, sizeof(key));
	(void)pthread_mutex_lock(&s->lock);
	for (struct session_hold *h = s->holds; h != NULL; h = h->next) {
		if (ct_equal(h->hash, hash, sizeof(hash)))
			fn(ctx, h->arg);
	}
	(void)pthread_mutex_unlock(&s->lock);
}

/* ---- notes ---- */

/* Bound to its session, and to being a note and not the record. */
struct note_place { uint8_t hash[BLAKE2B_LEN], mark; };

/* Lock is held.  Whoever asks has looked whether the session is over. */
static struct session *
owner(struct sessions *s, const uint8_t hash[static BLAKE2B_LEN])
{

	for (struct session *se = s->list; se != NULL; se = se->next) {
		if (ct_equal(se->hash, hash, BLAKE2B_LEN))
			return (se);
	}
	return (NULL);
}

enum err
session_note_put(struct sessions *s, const char *cookie,
    const uint8_t note[static SESSION_NOTE_LEN])
{
	struct note_place at = { .mark = 1 };
	uint8_t key[RECORD_KEY_LEN];
	struct sealed *v = NULL;
	struct session *se;
	enum err e;

	if (cookie_read(cookie, at.hash, key) != ERR_OK)
		return (ERR_NOTFOUND);
	e = record_seal(key, (struct bytes){ &at, sizeof(at) },
	    (struct bytes){ note, SESSION_NOTE_LEN }, &v);
	wipe(key, sizeof(key));
	if (e != ERR_OK)
		return (e);
	(void)pthread_mutex_lock(&s->lock);
	if ((se = owner(s, at.hash)) != NULL) {
		sealed_free(se->note);
		se->note = v;
		v = NULL;
	}
	(void)pthread_mutex_unlock(&s->lock);
	sealed_free(v);
	return (se == NULL ? ERR_NOTFOUND : ERR_OK);
}

enum err
session_note_get(struct sessions *s, const char *cookie, struct buf *out)
{
	struct note_place at = { .mark = 1 };
	uint8_t key[RECORD_KEY_LEN];
	const struct session *se;
	enum err e = ERR_NOTFOUND;

	if (cookie_read(cookie, at.hash, key) != ERR_OK)
		return (ERR_NOTFOUND);
	(void)pthread_mutex_lock(&s->lock);
	if ((se = owner(s, at.hash)) != NULL && se->note != NULL)
		e = record_open(key, (struct bytes){ &at, sizeof(at) },
		    (struct bytes){ sealed_bytes(se->note),
		    sealed_len(se->note) }, out);
	(void)pthread_mutex_unlock(&s->lock);
	wipe(key, sizeof(key));
	return (e);
}
