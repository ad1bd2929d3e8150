/*
 * Signed notes (C2SP signed-note v1.0.0):
 *
 *	TEXT			UTF-8, ends in LF, no byte below 0x20 but LF
 *	(empty line)		the last LF LF of the note
 *	U+2014 SP NAME SP BASE64(key id(4) || signature) LF	one or more
 *
 * Type 0x01 signs TEXT.  Type 0x04 (C2SP tlog-cosignature v1) has for its
 * signature timestamp(8) || sig(64) and signs
 * "cosignature/v1" LF "time " DECIMAL LF TEXT.
 */
#include <inttypes.h>
#include <string.h>

#include "line.h"
#include "name.h"
#include "note.h"
#include "utf8.h"

#define DASH		"\xe2\x80\x94 "
#define DASH_LEN	4
#define BLOB_MIN	5	/* a key id and a byte of signature */
#define BLOB_MAX	8192	/* admits post-quantum signatures */
#define STAMP_LEN	8

struct sigline {
	struct bytes name;
	uint8_t blob[BLOB_MAX];
	size_t n;
};

static bool
clean(struct bytes text)
{
	const uint8_t *p = text.p;
	size_t i;

	for (i = 0; i < text.n; i++)
		if (p[i] < 0x20 && p[i] != '\n')
			return false;
	return utf8_valid(text.p, text.n);
}

/* Where the last LF LF begins; text and signature lines around it. */
static enum err
split(struct bytes note, struct bytes *text, struct bytes *sigs)
{
	const char *p = note.p;
	size_t i;

	if (note.n > NOTE_MAX)
		return ERR_RANGE;
	if (note.n < 3 || !clean(note) || p[note.n - 1] != '\n')
		return ERR_FORMAT;
	for (i = note.n - 1; i > 0; i--)
		if (p[i] == '\n' && p[i - 1] == '\n')
			break;
	/* Without an empty line, or with nothing behind it, it is no note. */
	if (i == 0 || i + 1 == note.n)
		return ERR_FORMAT;
	text->p = p;
	text->n = i;
	sigs->p = p + i + 1;
	sigs->n = note.n - i - 1;
	return ERR_OK;
}

static enum err
take_sigline(struct cur *c, struct sigline *out)
{
	struct bytes rest;
	enum err e;

	rest.p = cur_line(c, &rest.n);
	if (rest.p == NULL || rest.n < DASH_LEN ||
	    memcmp(rest.p, DASH, DASH_LEN) != 0)
		return ERR_FORMAT;
	rest.p = (const char *)rest.p + DASH_LEN;
	rest.n -= DASH_LEN;
	if (!line_word(&rest, &out->name) ||
	    !name_valid(out->name.p, out->name.n))
		return ERR_FORMAT;
	e = base64_decode(rest, BASE64_PADDED, out->blob, sizeof(out->blob),
	    &out->n);
	if (e == ERR_OK && out->n < BLOB_MIN)
		e = ERR_FORMAT;
	return e;
}

/* What a cosignature signs, in ${said}. */
static enum err
cosigned(uint64_t time, struct bytes text, struct buf *said)
{
	buf_init(said, NOTE_MAX + 64);
	buf_printf(said, "cosignature/v1\ntime %" PRIu64 "\n", time);
	buf_put(said, text.p, text.n);
	return buf_err(said);
}

static enum err
cosignature_verify(const struct vkey *key, struct bytes text,
    const uint8_t *stamp)
{
	struct cur c = cur_over(stamp, STAMP_LEN);
	uint64_t time = cur_u64(&c);
	struct buf said;
	enum err e;

	if (time > INT64_MAX)
		return ERR_MAC;
	e = cosigned(time, text, &said);
	if (e == ERR_OK)
		e = sign_verify(key->public, said.data, said.len,
		    stamp + STAMP_LEN);
	buf_done(&said);
	return e;
}

static bool
is_by(const struct sigline *line, const struct vkey *key)
{
	return line_is(line->name, key->name) &&
	    memcmp(line->blob, key->id, sizeof(key->id)) == 0;
}

static enum err
verify(const struct sigline *line, const struct vkey *key, struct bytes text)
{
	const uint8_t *sig = line->blob + sizeof(key->id);
	size_t n = line->n - sizeof(key->id);

	if (key->type == NOTE_TYPE_ED25519 && n == SIGN_LEN)
		return sign_verify(key->public, text.p, text.n, sig);
	if (key->type == NOTE_TYPE_COSIGNATURE && n == STAMP_LEN + SIGN_LEN)
		return cosignature_verify(key, text, sig);
	return ERR_MAC;
}

enum err
note_open(struct bytes note, const struct vkey *known, size_t n,
    struct bytes *text, bool *signed_by)
{
	struct bytes body, sigs;
	struct sigline line;
	struct cur c;
	size_t i, lines;
	bool any = false;
	enum err e;

	text->p = "";
	text->n = 0;
	for (i = 0; i < n; i++)
		signed_by[i] = false;
	e = split(note, &body, &sigs);
	if (e != ERR_OK)
		return e;
	c = cur_over(sigs.p, sigs.n);
	for (lines = 0; c.left != 0; lines++) {
		if (lines == NOTE_SIGS_MAX) {
			e = ERR_RANGE;
			goto out;
		}
		e = take_sigline(&c, &line);
		for (i = 0; i < n && e == ERR_OK; i++) {
			/* Of two lines by one key the first counts. */
			if (signed_by[i] || !is_by(&line, &known[i]))
				continue;
			e = verify(&line, &known[i], body);
			signed_by[i] = any = e == ERR_OK;
		}
		if (e != ERR_OK)
			goto out;
	}
	if (!any) {
		e = ERR_NOMATCH;
		goto out;
	}
	*text = body;
	return ERR_OK;
out:
	for (i = 0; i < n; i++)
		signed_by[i] = false;
	return e;
}

enum err
note_text(struct bytes note, struct bytes *text)
{
	enum err e = note_open(note, NULL, 0, text, NULL);
	struct bytes sigs;

	/* Well-formed, and none of no keys has signed it. */
	return e == ERR_NOMATCH ? split(note, text, &sigs) : e;
}

static void
put_sigline(const struct vkey *key, struct bytes blob, struct buf *out)
{
	buf_puts(out, DASH);
	buf_puts(out, key->name);
	buf_putc(out, ' ');
	buf_base64(out, blob.p, blob.n);
	buf_putc(out, '\n');
}

/* A key whose public half is not the seed's would sign for nobody. */
static enum err
check_key(const struct vkey *key, uint8_t type, const uint8_t *seed)
{
	uint8_t public[SIGN_PUBLIC_LEN];

	sign_public(seed, public);
	return key->type == type &&
	    memcmp(public, key->public, SIGN_PUBLIC_LEN) == 0 ?
	    ERR_OK : ERR_KEY;
}

static enum err
sign_line(struct bytes text, const struct vkey *key, const uint8_t *seed,
    struct buf *out)
{
	uint8_t blob[sizeof(key->id) + SIGN_LEN];

	memcpy(blob, key->id, sizeof(key->id));
	sign_bytes(seed, text.p, text.n, blob + sizeof(key->id));
	put_sigline(key, (struct bytes){ blob, sizeof(blob) }, out);
	return buf_err(out);
}

enum err
note_sign(struct bytes text, const struct vkey *key,
    const uint8_t seed[static SIGN_SEED_LEN], struct buf *out)
{
	enum err e = check_key(key, NOTE_TYPE_ED25519, seed);
	size_t from = out->len;

	if (e != ERR_OK)
		return e;
	if (text.n > NOTE_MAX)
		return ERR_RANGE;
	if (text.n == 0 || ((const char *)text.p)[text.n - 1] != '\n' ||
	    !clean(text))
		return ERR_FORMAT;
	buf_put(out, text.p, text.n);
	buf_putc(out, '\n');
	e = sign_line(text, key, seed, out);
	if (e == ERR_OK && out->len - from > NOTE_MAX)
		e = ERR_RANGE;
	return e;
}

enum err
note_add_signature(struct buf *note, const struct vkey *key,
    const uint8_t seed[static SIGN_SEED_LEN])
{
	enum err e = check_key(key, NOTE_TYPE_ED25519, seed);
	struct bytes text;

	if (e == ERR_OK)
		e = note_text((struct bytes){ note->data, note->len }, &text);
	return e == ERR_OK ? sign_line(text, key, seed, note) : e;
}

enum err
note_cosign(struct buf *note, const struct vkey *key,
    const uint8_t seed[static SIGN_SEED_LEN], int64_t time)
{
	enum err e = check_key(key, NOTE_TYPE_COSIGNATURE, seed);
	uint8_t sig[SIGN_LEN];
	struct buf said, blob;
	struct bytes text;

	if (e == ERR_OK && time < 0)
		e = ERR_RANGE;
	if (e == ERR_OK)
		e = note_text((struct bytes){ note->data, note->len }, &text);
	if (e != ERR_OK)
		return e;
	buf_init(&blob, sizeof(key->id) + STAMP_LEN + SIGN_LEN);
	e = cosigned((uint64_t)time, text, &said);
	if (e == ERR_OK) {
		sign_bytes(seed, said.data, said.len, sig);
		buf_put(&blob, key->id, sizeof(key->id));
		buf_u64(&blob, (uint64_t)time);
		buf_put(&blob, sig, sizeof(sig));
		e = buf_err(&blob);
	}
	if (e == ERR_OK) {
		put_sigline(key, (struct bytes){ blob.data, blob.len }, note);
		e = buf_err(note);
	}
	buf_done(&said);
	buf_done(&blob);
	return e;
}
