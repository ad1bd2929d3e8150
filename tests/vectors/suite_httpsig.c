/*
 * HTTP Message Signatures: rfc9421.json.  Each base is built anew from the
 * message and the components that its Signature-Input lists, by the code
 * that our profile is built with; then the signature is made and verified.
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "../../format/sigbase.h"
#include "crypto.h"
#include "sign.h"
#include "suite.h"

#define VALUE_MAX	1024

struct vectors {
	const json_t *request, *response;
	uint8_t seed[SIGN_SEED_LEN], public[SIGN_PUBLIC_LEN];
	struct tally *t;
};

static const char *
text(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s == NULL ? "" : s;
}

static const char *
header(const json_t *message, const char *name)
{
	const json_t *list = json_object_get(message, "headers"), *one;
	size_t i;

	for (i = 0; i < json_array_size(list); i++) {
		one = json_array_get(list, i);
		if (strcasecmp(json_string_value(json_array_get(one, 0)),
			name) == 0)
			return json_string_value(json_array_get(one, 1));
	}
	return NULL;
}

/* The value of a component of ${message}, in ${out}. */
static const char *
value_of(const json_t *message, const char *name, char out[static VALUE_MAX])
{
	const char *target = text(message, "target"), *s = NULL;
	size_t path = strcspn(target, "?");

	if (strcmp(name, "@method") == 0)
		s = text(message, "method");
	else if (strcmp(name, "@authority") == 0)
		s = header(message, "Host");
	else if (strcmp(name, "@query") == 0)
		s = target[path] == '\0' ? "?" : target + path;
	else if (name[0] != '@')
		s = header(message, name);
	if (strcmp(name, "@path") == 0)
		snprintf(out, VALUE_MAX, "%.*s", (int)path, target);
	else if (strcmp(name, "@status") == 0)
		snprintf(out, VALUE_MAX, "%d", (int)json_integer_value(
		    json_object_get(message, "status")));
	else if (s == NULL)
		return NULL;
	else
		snprintf(out, VALUE_MAX, "%s", s);
	return out;
}

/*
 * ${input}: `("a" "b";req);params`.  Only the parameter req occurs.
 * Fails: -1.
 */
static int
rebuild(const struct vectors *v, const char *input, struct buf *list,
    struct buf *base)
{
	char name[64], value[VALUE_MAX];
	struct sigbase s = sigbase_begin(list, base);
	bool response = strstr(input, "\"@status\"") != NULL, req;
	const char *at = input, *end;

	if (*at++ != '(')
		return -1;
	while (*at == '"') {
		end = strchr(at + 1, '"');
		if (end == NULL || end - at > 60)
			return -1;
		snprintf(name, sizeof(name), "%.*s", (int)(end - at - 1),
		    at + 1);
		at = end + 1;
		req = strncmp(at, ";req", 4) == 0;
		at += req ? 4 : 0;
		at += *at == ' ';
		sigbase_add(&s, name, req ? ";req" : "", value_of(
		    response && !req ? v->response : v->request, name, value));
	}
	if (*at++ != ')')
		return -1;
	return sigbase_end(&s, at) == ERR_OK ? 0 : -1;
}

/* "LABEL=:BASE64:" */
static size_t
sig_of(const char *field, uint8_t *out, size_t max)
{
	const char *at = strstr(field, "=:");
	size_t n = 0;

	if (at == NULL || base64_decode((struct bytes){ at + 2,
	    strlen(at + 2) - 1 }, BASE64_PADDED, out, max, &n) != ERR_OK)
		return 0;
	return n;
}

static bool
same_base(const struct vectors *v, const json_t *one)
{
	const char *want = text(one, "signature_base"), *last;
	struct buf list, base;
	bool ok;

	buf_init(&list, 4096);
	buf_init(&base, 8192);
	/* Its last line is what Signature-Input has behind the label. */
	last = strstr(want, "\"@signature-params\": ");
	ok = last != NULL && rebuild(v, last +
	    strlen("\"@signature-params\": "), &list, &base) == 0 &&
	    strcmp(buf_text(&base), want) == 0;
	buf_done(&list);
	buf_done(&base);
	return ok;
}

static void
run_ed25519(const struct vectors *v, const json_t *one)
{
	const char *base = text(one, "signature_base");
	const char *input = strchr(text(one, "signature_input"), '=');
	const char *name = text(one, "source");
	uint8_t want[SIGN_LEN], have[SIGN_LEN];

	if (input == NULL || strstr(base, input + 1) == NULL) {
		suite_failed(v->t, "httpsig", name, "input is not its base's");
	} else if (!same_base(v, one)) {
		suite_failed(v->t, "httpsig", name, "another base");
	} else if (sig_of(text(one, "signature"), want, sizeof(want)) !=
	    SIGN_LEN) {
		suite_failed(v->t, "httpsig", name, "signature not read");
	} else {
		sign_bytes(v->seed, base, strlen(base), have);
		if (memcmp(want, have, sizeof(want)) != 0)
			suite_failed(v->t, "httpsig", name, "signs otherwise");
		else if (sign_verify(v->public, base, strlen(base), want) !=
		    ERR_OK)
			suite_failed(v->t, "httpsig", name, "not verified");
		else
			v->t->passed++;
	}
}

/* We never sign so; the base is the same matter. */
static void
run_hmac(const struct vectors *v, const json_t *one)
{
	const char *base = text(one, "signature_base");
	const char *key64 = text(one, "secret_b64");
	uint8_t key[128], want[HMAC_LEN], have[HMAC_LEN];
	struct hmac h;
	size_t n;

	if (base64_decode((struct bytes){ key64, strlen(key64) },
	    BASE64_PADDED, key, sizeof(key), &n) != ERR_OK ||
	    sig_of(text(one, "signature"), want, sizeof(want)) != HMAC_LEN ||
	    !same_base(v, one)) {
		suite_failed(v->t, "httpsig", text(one, "source"),
		    "another base");
		return;
	}
	hmac_init(&h, key, n);
	hmac_update(&h, base, strlen(base));
	hmac_final(&h, have);
	if (memcmp(want, have, sizeof(want)) != 0)
		suite_failed(v->t, "httpsig", text(one, "source"), "MAC");
	else
		v->t->passed++;
}

void
suite_httpsig(const char *dir, struct tally *t)
{
	const json_t *key, *list;
	struct vectors v;
	json_t *all = NULL;
	struct buf b;
	size_t i;

	buf_init(&b, 1 << 20);
	if (suite_read(dir, "rfc9421.json", &b) == 0)
		all = json_loadb((const char *)b.data, b.len, 0, NULL);
	buf_done(&b);
	key = json_object_get(all, "key");
	v = (struct vectors){ json_object_get(all, "request"),
		json_object_get(all, "response"), { 0 }, { 0 }, t };
	if (hex_decode((struct bytes){ text(key, "seed_hex"),
		strlen(text(key, "seed_hex")) }, v.seed, sizeof(v.seed)) !=
		ERR_OK || hex_decode((struct bytes){ text(key, "public_hex"),
		strlen(text(key, "public_hex")) }, v.public,
		sizeof(v.public)) != ERR_OK) {
		suite_failed(t, "httpsig", "rfc9421.json", "cannot be read");
		json_decref(all);
		return;
	}
	list = json_object_get(all, "ed25519");
	for (i = 0; i < json_array_size(list); i++)
		run_ed25519(&v, json_array_get(list, i));
	if (json_object_get(all, "hmac_sha256") != NULL)
		run_hmac(&v, json_object_get(all, "hmac_sha256"));
	json_decref(all);
}
