/*
 * Fuzzing of files that an auditor's home and an officer's disk hold, beside
 * those of fuzz_vault: log.conf is written again as what it was read as, the
 * last result makes a page in which nothing of it is markup, identity files.
 * Covers: audit/audit_home.c audit/page_out.c audit/page_table.c
 *      audit/page_bars.c crypto/age_keys.c
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "audit_home.h"
#include "page_out.h"

static void
as_log_conf(struct bytes text)
{
	struct audit_log *l = malloc(sizeof(*l)), *again = malloc(sizeof(*l));
	char address[256];
	struct buf first;

	if (l == NULL || again == NULL)
		abort();
	buf_init(&first, 65536);
	if (audit_log_decode(text, l) == ERR_OK) {
#ifdef PLANTED
		/* Reached only behind a whole file, none of the seeds'. */
		if (strlen(l->url) < 16)
			abort();
#endif
		if (audit_log_encode(l, &first) != ERR_OK ||
		    audit_log_decode((struct bytes){ first.data, first.len },
		    again) != ERR_OK)
			abort();
		assert(memcmp(l, again, sizeof(*l)) == 0);
		if (audit_address(l->url, address) == ERR_OK)
			assert(strlen(address) <= strlen(l->url) + 7);
	}
	buf_done(&first);
	free(l);
	free(again);
}

static void
page(const json_t *result, struct page_options o)
{
	struct buf out;

	buf_init(&out, 64u << 20);
	if (page_out(result, &o, &out) == ERR_OK) {
		buf_putc(&out, '\0');
		assert(buf_err(&out) == ERR_OK);
		assert(strlen((char *)out.data) + 1 == out.len);
		assert(strstr((char *)out.data, "<script") == NULL);
	}
	buf_done(&out);
}

static void
as_result(struct bytes text)
{
	json_t *o = json_loadb(text.p, text.n, JSON_REJECT_DUPLICATES, NULL);
	json_t *plain;

	if (json_is_object(o)) {
		if ((plain = page_without_cases(o)) == NULL)
			abort();
		page(plain, (struct page_options){ true, false });
		page(o, (struct page_options){ false, true });
		json_decref(plain);
	}
	json_decref(o);
}

static void
as_identities(struct bytes text)
{
	struct age_identity ids[HOME_IDENTITIES];
	size_t n = 0;

	if (age_identities_decode(text, ids, HOME_IDENTITIES, &n) == ERR_OK)
		assert(n > 0);
	assert(n <= HOME_IDENTITIES);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static int ready;
	struct bytes text = { p, n };

	if (!ready++ && crypto_init() != ERR_OK)
		abort();
	as_log_conf(text);
	as_result(text);
	as_identities(text);
	return 0;
}
