/*
 * Fuzzing of manifest.h and utf8.h: JSON of strangers.  What decodes
 * encodes, and that decodes to the same again; what is shown is harmless.
 * Covers: format/manifest_read.c format/manifest.c format/identity.c
 *      format/js.c format/utf8.c format/safename.c
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "manifest.h"
#include "utf8.h"

static void
as_manifest(struct bytes text)
{
	struct manifest *m = malloc(sizeof(*m)), *again = malloc(sizeof(*m));
	struct buf a, b;

	if (m == NULL || again == NULL)
		abort();
	buf_init(&a, 4 * MANIFEST_MAX);
	buf_init(&b, 4 * MANIFEST_MAX);
	if (manifest_decode(text, m) == ERR_OK) {
#ifdef PLANTED
		/* Reached only behind a whole manifest. */
		if (m->kind == MANIFEST_MESSAGE &&
		    (strcmp(m->text, "halo") != 0 || m->epoch != 7 ||
		    strcmp(m->origin, "wbs.example") != 0 ||
		    strcmp(m->channel, "umum") != 0))
			abort();
#endif
		if (manifest_encode(m, &a) != ERR_OK ||
		    manifest_decode((struct bytes){ a.data, a.len }, again) !=
			ERR_OK || manifest_encode(again, &b) != ERR_OK)
			abort();
		assert(a.len == b.len && memcmp(a.data, b.data, a.len) == 0);
		manifest_done(again);
		manifest_done(m);
	} else {
		assert(m->text == NULL && m->fields == 0);
	}
	if (identity_decode(text, m) == ERR_OK)
		manifest_done(m);
	buf_done(&a);
	buf_done(&b);
	free(m);
	free(again);
}

static void
as_text(const uint8_t *p, size_t n)
{
	struct buf b;
	size_t i;

	buf_init(&b, 16 * n + 256);
	utf8_visible_line(p, n, &b);
	assert(buf_err(&b) == ERR_OK && utf8_valid(b.data, b.len));
	for (i = 0; i < b.len; i++)
		assert(b.data[i] >= 0x20 && b.data[i] != 0x7f);
	buf_reset(&b);
	utf8_safe_name(p, n, 1, &b);
	assert(b.len > 3 && b.len <= 100 && utf8_valid(b.data, b.len));
	assert(memchr(b.data, '/', b.len) == NULL);
	buf_done(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static int ready;
	struct bytes text = { p, n };

	if (!ready++ && crypto_init() != ERR_OK)
		abort();
	as_manifest(text);
	as_text(p, n);
	return 0;
}
