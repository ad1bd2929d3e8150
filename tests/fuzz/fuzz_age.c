/*
 * Fuzzing of age.h: whatever the bytes, reading them stays within bounds and
 * agrees with itself.
 *
 *   - as a file: length, check and opening of its header agree; a header is
 *     one only with exactly its bytes
 *   - as a payload under a known key: the same result in one piece or in many
 *   - as a plaintext: sealing and opening gives it back
 *   - as a key's text: what decodes encodes to the same text
 * Covers: crypto/age_header.c crypto/age_open.c crypto/age_reader.c
 *      crypto/age_keys.c crypto/bech32.c
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "age.h"
#include "crypto.h"

#define OUT_MAX	(1u << 20)

static const uint8_t file_key[AGE_FILE_KEY_LEN] = "kunci berkas 16";
static struct age_identity id;
static struct age_recipient to;

static void
fill(void *out, size_t n)
{
	memset(out, 7, n);
}

static void
prepare(void)
{
	static int done;

	if (done++)
		return;
	if (crypto_init() != ERR_OK)
		abort();
	/* The identity of the seeds. */
	rand_replace(fill);
	age_identity_new(&id);
	rand_replace(NULL);
	age_identity_recipient(&id, &to);
}

static void
as_file(const uint8_t *p, size_t n)
{
	uint8_t key[AGE_FILE_KEY_LEN], more[AGE_HEADER_MAX + 1];
	size_t len, stanzas;
	enum err e, found;
	struct buf out;

	found = age_header_len(p, n, &len);
	assert(found == ERR_OK ? len > 0 && len <= n : len == 0);
	if (found != ERR_OK)
		len = n;
	e = age_header_check(p, len, &stanzas);
	assert(e != ERR_OK || found == ERR_OK);
	assert(stanzas <= AGE_STANZAS_MAX && (e == ERR_OK || stanzas == 0));
	if (e == ERR_OK) {
		assert(age_header_check(p, len - 1, &stanzas) != ERR_OK);
		memcpy(more, p, len);
		more[len] = '\n';
		assert(age_header_check(more, len + 1, &stanzas) != ERR_OK);
#if defined(PLANTED) || defined(PLANTED_FAULT)
		/* Only an argument of a whole, good header can hold these. */
		for (size_t i = 0; i < len; i++)
			if (p[i] > ' ' && p[i] < '+')
				abort();
#endif
		e = age_open_header((struct bytes){ p, len }, &id, 1, key);
		assert(e == ERR_OK || e == ERR_MAC || e == ERR_NOMATCH);
	} else {
		assert(age_open_header((struct bytes){ p, len }, &id, 1,
		    key) != ERR_OK);
	}

	buf_init(&out, OUT_MAX);
	e = age_open_file((struct bytes){ p, n }, &id, 1, &out);
	assert(e == ERR_OK || out.len == 0);
	buf_done(&out);
}

static enum err
keep(void *arg, const uint8_t *p, size_t n)
{
	struct buf *b = arg;

	assert(n > 0 && n <= AGE_CHUNK_LEN);
	buf_put(b, p, n);
	return buf_err(b);
}

static enum err
read_payload(const uint8_t *p, size_t n, size_t step, struct buf *out)
{
	struct age_reader *r;
	enum err e = ERR_OK;
	size_t k;

	if (age_reader_new(file_key, keep, out, &r) != ERR_OK)
		abort();
	for (; n > 0 && e == ERR_OK; p += k, n -= k) {
		k = n < step ? n : step;
		e = age_reader_put(r, p, k);
	}
	if (e == ERR_OK)
		e = age_reader_end(r);
	age_reader_free(r);
	return e;
}

static void
as_payload(const uint8_t *p, size_t n)
{
	struct buf a, b;
	enum err e;

	buf_init(&a, OUT_MAX);
	buf_init(&b, OUT_MAX);
	e = read_payload(p, n, OUT_MAX, &a);
	assert(e == read_payload(p, n, 1 + n / 7, &b));
	assert(a.len == b.len);
	assert(a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
	assert(e != ERR_OK || age_payload_size(a.len) == n);
	buf_done(&a);
	buf_done(&b);
}

static void
as_plaintext(const uint8_t *p, size_t n)
{
	struct buf file, out;

	buf_init(&file, OUT_MAX);
	buf_init(&out, OUT_MAX);
	if (age_seal_file(&to, 1, (struct bytes){ p, n }, &file) != ERR_OK ||
	    age_open_file((struct bytes){ file.data, file.len }, &id, 1,
	    &out) != ERR_OK)
		abort();
	assert(out.len == n && (n == 0 || memcmp(out.data, p, n) == 0));
	buf_done(&file);
	buf_done(&out);
}

static void
as_key(const uint8_t *p, size_t n)
{
	char text[AGE_IDENTITY_LEN + 1] = "", back[AGE_IDENTITY_LEN + 1];
	struct age_recipient r;
	struct age_identity i;

	memcpy(text, p, n < AGE_IDENTITY_LEN ? n : AGE_IDENTITY_LEN);
	if (age_recipient_decode(text, &r) == ERR_OK) {
		age_recipient_encode(&r, back);
		assert(strcmp(text, back) == 0);
	}
	if (age_identity_decode(text, &i) == ERR_OK) {
		age_identity_encode(&i, back);
		assert(strcmp(text, back) == 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	prepare();
	if (n > OUT_MAX / 2)
		return 0;
	as_file(p, n);
	/* What begins like a file is slow enough, and tells little else. */
	if (n > 0 && p[0] == 'a' && n != AGE_RECIPIENT_LEN)
		return 0;
	as_payload(p, n);
	as_plaintext(p, n);
	as_key(p, n);
	return 0;
}
