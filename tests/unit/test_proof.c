/* Checkpoints, offline proofs, policies. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "need.h"
#include "proof.h"

#define ORIGIN	"wbs.example"

static uint8_t seed[4][SIGN_SEED_LEN] = { { 1 }, { 2 }, { 3 }, { 4 } };
static struct vkey log_key, witness[3];
static struct merkle_hash leaf[2];
static struct checkpoint tree;

static struct bytes
text_of(const char *s)
{
	return (struct bytes){ s, strlen(s) };
}

static struct bytes
bytes_of(const struct buf *b)
{
	return (struct bytes){ b->data, b->len };
}

static int
setup(void **state)
{
	uint8_t public[SIGN_PUBLIC_LEN];
	char name[16];
	size_t i;

	(void)state;
	sign_public(seed[0], public);
	if (vkey_of(ORIGIN, NOTE_TYPE_ED25519, public, &log_key) != ERR_OK)
		return -1;
	for (i = 0; i < 3; i++) {
		snprintf(name, sizeof(name), "w%zu.example", i + 1);
		sign_public(seed[i + 1], public);
		if (vkey_of(name, NOTE_TYPE_COSIGNATURE, public, &witness[i]) !=
		    ERR_OK)
			return -1;
	}
	merkle_leaf("a", 1, &leaf[0]);
	merkle_leaf("b", 1, &leaf[1]);
	strcpy(tree.origin, ORIGIN);
	tree.size = 2;
	merkle_node(&leaf[0], &leaf[1], &tree.root);
	return 0;
}

/* A checkpoint signed by the log, and by the first ${n} witnesses. */
static void
sign_tree(struct buf *note, size_t n)
{
	struct buf text;
	size_t i;

	buf_init(&text, 1024);
	assert_int_equal(checkpoint_encode(&tree, &text), ERR_OK);
	assert_int_equal(note_sign(bytes_of(&text), &log_key, seed[0], note),
	    ERR_OK);
	for (i = 0; i < n; i++)
		assert_int_equal(note_cosign(note, &witness[i], seed[i + 1],
		    1700000000), ERR_OK);
	buf_done(&text);
}

static void
test_checkpoint(void **state)
{
	static const struct { const char *text; enum err e; } some[] = {
		{ "a\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
		    ERR_OK },
		{ "a b\n7\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\nx\n",
		    ERR_OK },
		{ "", ERR_FORMAT }, { "a\n", ERR_FORMAT },
		{ "\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
		    ERR_FORMAT },
		{ "a\n00\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
		    ERR_FORMAT },
		{ "a\n-1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
		    ERR_FORMAT },
		{ "a\n9223372036854775808\n"
		    "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
		    ERR_RANGE },
		{ "a\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU\n",
		    ERR_FORMAT },
		{ "a\n0\n47DEQpj8HBSa\n", ERR_FORMAT },
		{ "a\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n",
		    ERR_FORMAT },
		{ "a\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
		    ERR_FORMAT },
	};
	struct checkpoint c;
	struct vkey other = log_key;
	struct buf b;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(some) / sizeof(some[0]); i++)
		assert_int_equal(checkpoint_decode(text_of(some[i].text), &c),
		    some[i].e);
	buf_init(&b, NOTE_MAX);
	sign_tree(&b, 1);
	assert_int_equal(checkpoint_open(bytes_of(&b), &log_key, &c), ERR_OK);
	assert_int_equal(c.size, 2);
	assert_memory_equal(&c.root, &tree.root, sizeof(c.root));
	assert_int_equal(checkpoint_open(bytes_of(&b), &witness[1], &c),
	    ERR_NOMATCH);
	/* Signed, but it speaks for another log. */
	assert_int_equal(checkpoint_open(bytes_of(&b), &witness[0], &c),
	    ERR_CONFLICT);
	assert_int_equal(c.size, 0);
	other.public[0] ^= 1;
	assert_int_not_equal(checkpoint_open(bytes_of(&b), &other, &c),
	    ERR_OK);
	buf_done(&b);
}

static void
test_cosign(void **state)
{
	bool by[3];
	struct bytes text;
	struct buf b;
	char *at;

	(void)state;
	buf_init(&b, NOTE_MAX);
	sign_tree(&b, 2);
	assert_int_equal(note_open(bytes_of(&b), witness, 3, &text, by),
	    ERR_OK);
	assert_true(by[0] && by[1] && !by[2]);
	assert_int_equal(note_cosign(&b, &witness[2], seed[3], -1),
	    ERR_RANGE);
	assert_int_equal(note_cosign(&b, &witness[2], seed[2], 1), ERR_KEY);
	assert_int_equal(note_cosign(&b, &log_key, seed[0], 1), ERR_KEY);
	/* Its time is signed: eight characters behind the key id. */
	at = strstr(buf_text(&b), "w1.example ");
	assert_non_null(at);
	at[strlen("w1.example ") + 14] ^= 1;
	assert_int_equal(note_open(bytes_of(&b), witness, 1, &text, by),
	    ERR_MAC);
	buf_done(&b);
}

static void
put_vkey(struct buf *b, const char *key, const struct vkey *v)
{
	char text[NOTE_VKEY_MAX];

	vkey_encode(v, text);
	buf_printf(b, "%s %s\n", key, text);
}

/* A log, three witnesses, and ${rest}. */
static enum err
policy_for(const char *rest, struct policy *p, size_t *line)
{
	struct buf b;
	enum err e;

	buf_init(&b, POLICY_MAX);
	buf_puts(&b, "# who\n\n");
	put_vkey(&b, "log", &log_key);
	put_vkey(&b, "witness w1", &witness[0]);
	put_vkey(&b, "witness \tw2", &witness[1]);
	put_vkey(&b, "witness w3", &witness[2]);
	buf_puts(&b, rest);
	e = policy_decode(bytes_of(&b), p, line);
	buf_done(&b);
	return e;
}

static void
test_proof(void **state)
{
	static const struct { const char *rest; enum err with[4]; } some[] = {
		{ "quorum none\n", { ERR_OK, ERR_OK, ERR_OK, ERR_OK } },
		{ "quorum w2\n", { ERR_DENIED, ERR_DENIED, ERR_OK, ERR_OK } },
		{ "group g any w1 w2 w3\nquorum g\n",
		    { ERR_DENIED, ERR_OK, ERR_OK, ERR_OK } },
		{ "group g 2 w1 w2 w3\nquorum g\n",
		    { ERR_DENIED, ERR_DENIED, ERR_OK, ERR_OK } },
		{ "group g all w1 w2 w3\nquorum g\n",
		    { ERR_DENIED, ERR_DENIED, ERR_DENIED, ERR_OK } },
		{ "group g any w1 w3\ngroup h all g w2\nquorum h\n",
		    { ERR_DENIED, ERR_DENIED, ERR_OK, ERR_OK } },
	};
	struct proof *p = need(malloc(sizeof(*p)));
	struct proof *q = need(malloc(sizeof(*q)));
	struct checkpoint c;
	struct policy policy;
	struct buf note, file;
	size_t i, n, line;

	(void)state;
	assert_true(p != NULL && q != NULL);
	buf_init(&note, NOTE_MAX);
	buf_init(&file, PROOF_MAX);
	for (n = 0; n <= 3; n++) {
		buf_reset(&note);
		buf_reset(&file);
		sign_tree(&note, n);
		memset(p, 0, sizeof(*p));
		p->index = 1;
		p->hash[0] = leaf[0];
		p->hashes = 1;
		p->has_extra = n % 2 == 0;
		p->extra_len = p->has_extra ? 100 : 0;
		p->note = bytes_of(&note);
		assert_int_equal(proof_encode(p, &file), ERR_OK);
		assert_int_equal(proof_decode(bytes_of(&file), q), ERR_OK);
		assert_int_equal(q->extra_len, p->extra_len);
		assert_int_equal(q->note.n, note.len);
		for (i = 0; i < sizeof(some) / sizeof(some[0]); i++) {
			assert_int_equal(policy_for(some[i].rest, &policy,
			    &line), ERR_OK);
			assert_int_equal(line, 0);
			assert_int_equal(proof_verify(q, &leaf[1], &policy,
			    &c), some[i].with[n]);
		}
		assert_int_equal(policy_for("quorum none\n", &policy, &line),
		    ERR_OK);
		assert_int_equal(proof_verify(q, &leaf[0], &policy, &c),
		    ERR_MAC);
		assert_int_equal(c.size, 0);
		q->index = 0;
		assert_int_equal(proof_verify(q, &leaf[1], &policy, &c),
		    ERR_MAC);
		/* No log of the policy. */
		policy.logs = 0;
		assert_int_equal(proof_verify(q, &leaf[1], &policy, &c),
		    ERR_NOMATCH);
	}
	/* Cut anywhere but behind a signature it is no proof any more. */
	for (i = 0; i < file.len; i++)
		if (proof_decode((struct bytes){ file.data, i }, q) == ERR_OK)
			assert_true(i > file.len - note.len &&
			    file.data[i - 1] == '\n');
	p->hashes = PROOF_HASHES_MAX + 1;
	assert_int_equal(proof_encode(p, &file), ERR_RANGE);
	buf_done(&note);
	buf_done(&file);
	free(p);
	free(q);
}

static void
test_proof_refused(void **state)
{
	static const char *const bad[] = { "c2sp.org/tlog-proof@v2\nindex 0\n",
		"c2sp.org/tlog-proof@v1\nindex 00\n",
		"c2sp.org/tlog-proof@v1\nindex 0\nextra AA==\n",
		"c2sp.org/tlog-proof@v1\nextra AA=\nindex 0\n",
		"c2sp.org/tlog-proof@v1\nextra AA==\nextra AA==\nindex 0\n",
		"c2sp.org/tlog-proof@v1\n",
		"c2sp.org/tlog-proof@v1\nindex 0\nAAAA\n",
		"c2sp.org/tlog-proof@v1\nindex 0\r\n" };
	struct proof *p = malloc(sizeof(*p));
	struct buf note, file;
	size_t i;

	(void)state;
	assert_non_null(p);
	buf_init(&note, NOTE_MAX);
	buf_init(&file, PROOF_MAX);
	sign_tree(&note, 0);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		buf_reset(&file);
		buf_puts(&file, bad[i]);
		buf_putc(&file, '\n');
		buf_put(&file, note.data, note.len);
		assert_int_equal(proof_decode(bytes_of(&file), p),
		    i == 0 ? ERR_VERSION : ERR_FORMAT);
		assert_null(p->note.p);
	}
	/* As many hashes as there may be, and one more. */
	for (size_t n = PROOF_HASHES_MAX; n <= PROOF_HASHES_MAX + 1; n++) {
		buf_reset(&file);
		buf_puts(&file, "c2sp.org/tlog-proof@v1\nindex 0\n");
		for (i = 0; i < n; i++)
			buf_puts(&file, "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG"
			    "3hSuFU=\n");
		buf_putc(&file, '\n');
		buf_put(&file, note.data, note.len);
		assert_int_equal(proof_decode(bytes_of(&file), p),
		    n == PROOF_HASHES_MAX ? ERR_OK : ERR_RANGE);
	}
	buf_done(&note);
	buf_done(&file);
	free(p);
}

static void
test_policy_refused(void **state)
{
	static const struct { const char *rest; enum err e; size_t line; }
	bad[] = {
		{ "", ERR_FORMAT, 7 },
		{ "quorum none\nquorum none\n", ERR_FORMAT, 8 },
		{ "quorum w4\n", ERR_CONFLICT, 7 },
		{ "quorum\n", ERR_FORMAT, 7 },
		{ "quorum w1 w2\n", ERR_FORMAT, 7 },
		{ "group g 4 w1 w2 w3\nquorum g\n", ERR_RANGE, 7 },
		{ "group g 0 w1\nquorum g\n", ERR_RANGE, 7 },
		{ "group g any\nquorum g\n", ERR_RANGE, 7 },
		{ "group g some w1\nquorum g\n", ERR_FORMAT, 7 },
		{ "group g any w1 w1\nquorum g\n", ERR_CONFLICT, 7 },
		{ "group g any w1\ngroup h any w1\nquorum g\n", ERR_CONFLICT,
		    8 },
		{ "group w1 any w2\nquorum w1\n", ERR_CONFLICT, 7 },
		{ "group none any w2\nquorum w2\n", ERR_FORMAT, 7 },
		{ "group g any h\ngroup h any w1\nquorum g\n", ERR_CONFLICT,
		    7 },
		{ "log x\nquorum none\n", ERR_KEY, 7 },
		{ "peer x\nquorum none\n", ERR_FORMAT, 7 },
		{ "quorum none", ERR_FORMAT, 7 },
		{ "quorum none\r\n", ERR_FORMAT, 7 },
	};
	struct policy p;
	struct buf b;
	size_t i, line;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(policy_for(bad[i].rest, &p, &line), bad[i].e);
		assert_int_equal(line, bad[i].line);
		assert_int_equal(p.logs, 0);
	}
	/* A key twice; a witness's type for a log. */
	buf_init(&b, 1024);
	put_vkey(&b, "log", &log_key);
	put_vkey(&b, "log", &log_key);
	assert_int_equal(policy_decode(bytes_of(&b), &p, &line),
	    ERR_CONFLICT);
	buf_reset(&b);
	put_vkey(&b, "log", &witness[0]);
	assert_int_equal(policy_decode(bytes_of(&b), &p, &line), ERR_KEY);
	buf_done(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_checkpoint),
		cmocka_unit_test(test_cosign),
		cmocka_unit_test(test_proof),
		cmocka_unit_test(test_proof_refused),
		cmocka_unit_test(test_policy_refused),
	};

	if (crypto_init() != ERR_OK)
		return 1;
	return cmocka_run_group_tests(tests, setup, NULL);
}
