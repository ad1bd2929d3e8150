/*
 * Fuzzing of httpsig.h.  The input is lines: Signature-Input, Signature,
 * Content-Digest, content type, query.  What is read builds the same field.
 * Covers: format/httpsig.c format/sigbase.c
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "httpsig.h"

#define LINES	5

/* Cuts ${text} into lines; those that are absent are empty. */
static void
cut(char *text, char *line[static LINES])
{
	size_t i;

	for (i = 0; i < LINES; i++) {
		line[i] = text;
		text += strcspn(text, "\n");
		if (*text == '\n')
			*text++ = '\0';
	}
}

static void
as_request(const struct httpsig_message *m, char *line[static LINES])
{
	struct buf base, input, again;
	struct httpsig_params p;
	uint8_t sig[SIGN_LEN];
	char field[HTTPSIG_VALUE_MAX];

	buf_init(&base, 65536);
	buf_init(&again, 65536);
	buf_init(&input, 65536);
	if (httpsig_request_parse(m, line[0], line[1], &p, sig, &base) ==
	    ERR_OK) {
#ifdef PLANTED
		/* Reached only behind a whole, canonical field. */
		if (p.created % 10 == 7)
			abort();
#endif
		if (httpsig_request_base(m, &p, &input, &again) != ERR_OK)
			abort();
		assert(strcmp(buf_text(&input), line[0]) == 0);
		assert(strcmp(buf_text(&again), buf_text(&base)) == 0);
		httpsig_field(sig, field);
		assert(strcmp(field, line[1]) == 0);
	} else {
		assert(base.len == 0 && p.tag[0] == '\0');
	}
	buf_done(&base);
	buf_done(&again);
	buf_done(&input);
}

static void
as_answer(struct httpsig_message *m, char *line[static LINES])
{
	struct buf base, input, again;
	struct httpsig_params p;
	uint8_t sig[SIGN_LEN] = { 5 };
	char field[HTTPSIG_VALUE_MAX];

	buf_init(&base, 65536);
	buf_init(&again, 65536);
	buf_init(&input, 65536);
	httpsig_field(sig, field);
	m->status = 200;
	m->request_signature = field + strlen("sig1=");
	if (httpsig_answer_parse(m, line[0], line[1], &p, sig, &base) ==
	    ERR_OK) {
		if (httpsig_answer_base(m, &p, &input, &again) != ERR_OK)
			abort();
		assert(strcmp(buf_text(&input), line[0]) == 0);
	}
	buf_done(&base);
	buf_done(&again);
	buf_done(&input);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct httpsig_message m = { .method = "POST",
		.authority = "desk.example", .path = "/v1/objects" };
	char *text = malloc(n + 1), *line[LINES];
	struct bytes none = { "", 0 };

	if (text == NULL)
		abort();
	memcpy(text, p, n);
	text[n] = '\0';
	cut(text, line);
	if (line[2][0] != '\0') {
		m.content_digest = line[2];
		m.content_type = line[3];
	}
	m.query = line[4];
	as_request(&m, line);
	as_answer(&m, line);
	if (content_digest_check(line[2], none) == ERR_OK)
		assert(strlen(line[2]) == 54);
	free(text);
	return 0;
}
