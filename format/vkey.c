/*
 * Verifier keys (C2SP signed-note v1.0.0):
 *
 *	NAME + HEX8(key id) + BASE64(type || public key)
 *	key id = SHA-256(NAME || 0x0A || type || public key)[0:4]
 *
 * Types: 0x01 Ed25519, 0x04 Ed25519 cosignature.
 */
#include <string.h>

#include "line.h"
#include "name.h"
#include "note.h"
#include "utf8.h"

bool
name_valid(const void *bytes, size_t n)
{
	const uint8_t *p = bytes;
	size_t len;
	uint32_t ch;

	if (n == 0)
		return false;
	for (; n != 0; p += len, n -= len) {
		ch = utf8_next(p, n, &len);
		if (ch == UTF8_BAD || ch < 0x20 || ch == '+' || utf8_space(ch))
			return false;
	}
	return true;
}

static void
key_id(const struct vkey *v, uint8_t id[static 4])
{
	uint8_t text[NOTE_NAME_MAX + 2 + SIGN_PUBLIC_LEN], hash[SHA256_LEN];
	size_t n = strlen(v->name);

	memcpy(text, v->name, n);
	text[n++] = '\n';
	text[n++] = v->type;
	memcpy(text + n, v->public, SIGN_PUBLIC_LEN);
	sha256(text, n + SIGN_PUBLIC_LEN, hash);
	memcpy(id, hash, 4);
}

enum err
vkey_of(const char *name, uint8_t type,
    const uint8_t public[static SIGN_PUBLIC_LEN], struct vkey *out)
{
	struct bytes text = { name, strlen(name) };
	struct vkey v;

	memset(out, 0, sizeof(*out));
	memset(&v, 0, sizeof(v));
	if (!name_valid(text.p, text.n) ||
	    line_text(text, v.name, sizeof(v.name)) != ERR_OK ||
	    (type != NOTE_TYPE_ED25519 && type != NOTE_TYPE_COSIGNATURE) ||
	    sign_key_check(public) != ERR_OK)
		return ERR_KEY;
	v.type = type;
	memcpy(v.public, public, SIGN_PUBLIC_LEN);
	key_id(&v, v.id);
	*out = v;
	return ERR_OK;
}

/* Cuts ${text} at its first '+'. */
static bool
cut(struct bytes *text, struct bytes *head)
{
	const char *p = text->p;
	const char *plus = text->n == 0 ? NULL : memchr(p, '+', text->n);

	if (plus == NULL)
		return false;
	head->p = p;
	head->n = (size_t)(plus - p);
	text->p = plus + 1;
	text->n -= head->n + 1;
	return true;
}

enum err
vkey_decode(struct bytes text, struct vkey *out)
{
	uint8_t id[4], key[1 + SIGN_PUBLIC_LEN];
	char name[NOTE_NAME_MAX + 1];
	struct bytes part;
	struct vkey v;
	size_t n;

	memset(out, 0, sizeof(*out));
	if (!cut(&text, &part) ||
	    line_text(part, name, sizeof(name)) != ERR_OK)
		return ERR_KEY;
	if (!cut(&text, &part) || hex_decode(part, id, sizeof(id)) != ERR_OK)
		return ERR_KEY;
	if (base64_decode(text, BASE64_PADDED, key, sizeof(key), &n) !=
		ERR_OK || n != sizeof(key))
		return ERR_KEY;
	if (vkey_of(name, key[0], key + 1, &v) != ERR_OK ||
	    memcmp(v.id, id, sizeof(id)) != 0)
		return ERR_KEY;
	*out = v;
	return ERR_OK;
}

void
vkey_encode(const struct vkey *v, char out[static NOTE_VKEY_MAX])
{
	uint8_t key[1 + SIGN_PUBLIC_LEN];
	size_t n = strlen(v->name);

	memcpy(out, v->name, n);
	out[n++] = '+';
	hex_encode(v->id, sizeof(v->id), out + n);
	n += HEX_LEN(sizeof(v->id));
	out[n++] = '+';
	key[0] = v->type;
	memcpy(key + 1, v->public, SIGN_PUBLIC_LEN);
	base64_encode(key, sizeof(key), BASE64_PADDED, out + n);
}

bool
vkey_equal(const struct vkey *a, const struct vkey *b)
{
	return strcmp(a->name, b->name) == 0 && a->type == b->type &&
	    memcmp(a->public, b->public, SIGN_PUBLIC_LEN) == 0;
}
