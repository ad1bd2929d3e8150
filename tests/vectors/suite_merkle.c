/* RFC 6962 trees and proofs: proofs.tsv, accumulated.json, trees.json. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "merkle.h"
#include "merkle_ref.h"
#include "suite.h"

#define LEAVES	130

/* ---- proofs.tsv: kind expect a b hashA hashB proof name ---- */

/*
 * A hash of the table.  One that is not of 32 bytes never reaches the
 * verifier: in an inclusion proof it is refused here; some consistency
 * proofs have such roots only to compare them, so its own hash stands for it.
 */
static int
hash_of(const char *hex, size_t n, struct merkle_hash *out, bool any)
{
	uint8_t odd[256];

	if (n == 2 * SHA256_LEN)
		return hex_decode((struct bytes){ hex, n }, out->bytes,
		    SHA256_LEN) == ERR_OK ? 0 : -1;
	if (n == 1 && *hex == '-')
		n = 0;
	if (!any || n % 2 != 0 || n / 2 > sizeof(odd) ||
	    hex_decode((struct bytes){ hex, n }, odd, n / 2) != ERR_OK)
		return -1;
	sha256(odd, n / 2, out->bytes);
	return 0;
}

/* -1 for a proof that cannot be one; the verifier never sees it. */
static int
proof_of(char *text, struct merkle_hash *hash, size_t *n)
{
	char *word;

	*n = 0;
	if (strcmp(text, ".") == 0)
		return 0;
	while ((word = strsep(&text, ",")) != NULL)
		if (*n == MERKLE_PROOF_MAX + 1 ||
		    hash_of(word, strlen(word), &hash[(*n)++], false) != 0)
			return -1;
	return 0;
}

static void
proof_row(char *col[SUITE_COLUMNS], void *arg)
{
	struct tally *t = arg;
	struct merkle_hash hash[MERKLE_PROOF_MAX + 1], x, y;
	struct merkle_proof proof = { hash, 0 };
	unsigned long long a, b;
	bool good, any;
	enum err e;

	if (col[7] == NULL) {
		suite_failed(t, "merkle/proofs", col[0], "a short row");
		return;
	}
	a = strtoull(col[2], NULL, 10);
	b = strtoull(col[3], NULL, 10);
	any = col[0][0] == 'C';
	if (hash_of(col[4], strlen(col[4]), &x, any) != 0 ||
	    hash_of(col[5], strlen(col[5]), &y, any) != 0)
		e = ERR_MAC;
	else if (proof_of(col[6], hash, &proof.n) != 0)
		e = ERR_MAC;
	else if (any)
		e = merkle_consistency_verify(a, b, proof, &x, &y);
	else
		e = merkle_inclusion_verify(a, b, &x, proof, &y);

	good = strcmp(col[1], "ok") == 0;
	if (good != (e == ERR_OK))
		suite_failed(t, "merkle/proofs", col[7], "%s, expected %s",
		    err_text(e), col[1]);
	else
		t->passed++;
}

void
suite_merkle_proofs(const char *dir, struct tally *t)
{
	if (suite_rows(dir, "proofs.tsv", proof_row, t) != 0)
		suite_failed(t, "merkle/proofs", "proofs.tsv",
		    "cannot be read");
}

/* ---- accumulated.json: a hash over all proofs of all small trees ---- */

static void
put_hash(struct sha256 *s, const struct merkle_hash *h)
{
	char hex[HEX_LEN(SHA256_LEN) + 2] = " ";

	hex_encode(h->bytes, SHA256_LEN, hex + 1);
	sha256_update(s, hex, strlen(hex));
}

static void
put_line(struct sha256 *s, const char *head, const struct ref_path *p)
{
	size_t i;

	sha256_update(s, head, strlen(head));
	for (i = 0; i < p->n; i++)
		put_hash(s, &p->hash[i]);
	sha256_update(s, "\n", 1);
}

static void
compare(const json_t *all, const char *key, struct sha256 *s, struct tally *t)
{
	uint8_t digest[SHA256_LEN];
	char hex[HEX_LEN(SHA256_LEN) + 1];
	const char *want;

	sha256_final(s, digest);
	hex_encode(digest, sizeof(digest), hex);
	want = json_string_value(json_object_get(json_object_get(
	    json_object_get(all, "rfc6962_only"), key), "sha256"));
	if (want == NULL || strcmp(want, hex) != 0)
		suite_failed(t, "merkle/accumulated", key, "hash %s", hex);
	else
		t->passed++;
}

static void
all_roots(const struct merkle_hash *leaf, const json_t *all, struct tally *t)
{
	struct ref_path one = { .n = 1 };
	struct sha256 s;
	char head[64];
	size_t n;

	sha256_init(&s);
	for (n = 0; n <= LEAVES; n++) {
		snprintf(head, sizeof(head), "[0, %zu)", n);
		merkle_root(leaf, n, &one.hash[0]);
		put_line(&s, head, &one);
	}
	compare(all, "roots", &s, t);
}

static void
all_inclusions(const struct merkle_hash *leaf, const json_t *all,
    struct tally *t)
{
	struct merkle_hash root;
	struct ref_path p;
	struct sha256 s;
	char head[64];
	size_t n, i;

	sha256_init(&s);
	for (n = 0; n <= LEAVES; n++) {
		merkle_root(leaf, n, &root);
		for (i = 0; i < n; i++) {
			p.n = 0;
			ref_inclusion(leaf, n, i, &p);
			snprintf(head, sizeof(head), "%zu [0, %zu)", i, n);
			put_line(&s, head, &p);
			if (merkle_inclusion_verify(i, n, &leaf[i],
			    (struct merkle_proof){ p.hash, p.n }, &root) !=
			    ERR_OK)
				suite_failed(t, "merkle/accumulated", head,
				    "a good inclusion proof refused");
		}
	}
	compare(all, "inclusion", &s, t);
}

static void
all_consistencies(const struct merkle_hash *leaf, const json_t *all,
    struct tally *t)
{
	struct merkle_hash root[LEAVES + 1];
	struct ref_path p;
	struct sha256 s;
	char head[64];
	size_t n, m;

	sha256_init(&s);
	for (n = 0; n <= LEAVES; n++) {
		merkle_root(leaf, n, &root[n]);
		for (m = 1; m <= n; m++) {
			p.n = 0;
			ref_consistency(leaf, n, m, &p);
			snprintf(head, sizeof(head), "[0, %zu) %zu", m, n);
			put_line(&s, head, &p);
			if (merkle_consistency_verify(m, n,
			    (struct merkle_proof){ p.hash, p.n }, &root[m],
			    &root[n]) != ERR_OK)
				suite_failed(t, "merkle/accumulated", head,
				    "a good consistency proof refused");
		}
	}
	compare(all, "consistency", &s, t);
}

static json_t *
load(const char *dir, const char *name)
{
	struct buf b;
	json_t *j = NULL;

	buf_init(&b, 1u << 20);
	if (suite_read(dir, name, &b) == 0)
		j = json_loadb((const char *)b.data, b.len,
		    JSON_REJECT_DUPLICATES, NULL);
	buf_done(&b);
	return j;
}

void
suite_merkle_accumulated(const char *dir, struct tally *t)
{
	struct merkle_hash leaf[LEAVES];
	json_t *all;
	size_t i;
	uint8_t byte;

	if ((all = load(dir, "accumulated.json")) == NULL) {
		suite_failed(t, "merkle/accumulated", "accumulated.json",
		    "cannot be read");
		return;
	}
	for (i = 0; i < LEAVES; i++) {
		byte = (uint8_t)i;
		merkle_leaf(&byte, 1, &leaf[i]);
	}
	all_roots(leaf, all, t);
	all_inclusions(leaf, all, t);
	all_consistencies(leaf, all, t);
	json_decref(all);
}

/* ---- trees.json: a tree of eight leaves, written out ---- */

static void
expect(const json_t *want, const struct merkle_hash *got, const char *name,
    struct tally *t)
{
	char hex[HEX_LEN(SHA256_LEN) + 1];

	hex_encode(got->bytes, SHA256_LEN, hex);
	if (!json_is_string(want) || strcmp(json_string_value(want), hex) != 0)
		suite_failed(t, "merkle/trees", name, "hash %s", hex);
	else
		t->passed++;
}

void
suite_merkle_trees(const char *dir, struct tally *t)
{
	struct merkle_hash leaf[64], got;
	uint8_t entry[256];
	const json_t *leaves, *hashes, *roots;
	const char *hex;
	char name[32];
	size_t i, n;
	json_t *all;

	all = load(dir, "trees.json");
	leaves = json_object_get(all, "leaves_hex");
	hashes = json_object_get(all, "leaf_hashes");
	roots = json_object_get(all, "roots_by_size");
	if (!json_is_array(leaves) || json_array_size(leaves) > 64 ||
	    json_array_size(roots) != json_array_size(leaves) + 1) {
		suite_failed(t, "merkle/trees", "trees.json",
		    "cannot be read");
		goto out;
	}
	for (i = 0; i < json_array_size(leaves); i++) {
		hex = json_string_value(json_array_get(leaves, i));
		n = hex == NULL ? 1 : strlen(hex);
		snprintf(name, sizeof(name), "leaf %zu", i);
		if (n % 2 != 0 || n / 2 > sizeof(entry) || hex_decode(
		    (struct bytes){ hex, n }, entry, n / 2) != ERR_OK) {
			suite_failed(t, "merkle/trees", name, "not hex");
			goto out;
		}
		merkle_leaf(entry, n / 2, &leaf[i]);
		expect(json_array_get(hashes, i), &leaf[i], name, t);
	}
	for (i = 0; i < json_array_size(roots); i++) {
		snprintf(name, sizeof(name), "root of %zu", i);
		merkle_root(leaf, i, &got);
		expect(json_array_get(roots, i), &got, name, t);
	}
out:
	json_decref(all);
}
