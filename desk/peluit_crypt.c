/*
 * peluit encrypt, peluit decrypt: age files, streaming in constant memory,
 * as the stock age program makes and opens them.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "peluit.h"
#include "idfile.h"
#include "outfile.h"

#define STEP	AGE_CHUNK_LEN
#define ID_FILES 8

static int
input_open(const char *path)
{
	if (path == NULL || strcmp(path, "-") == 0)
		return STDIN_FILENO;
	return open(path, O_RDONLY | O_CLOEXEC);
}

static void
input_close(int fd)
{
	if (fd > STDIN_FILENO)
		(void)close(fd);
}

static enum peluit_exit
output_check(struct desk *d, const char *out, bool is_text)
{
	bool to_stdout = out == NULL || strcmp(out, "-") == 0;

	if (to_stdout && d->json)
		return peluit_fail(d, DESK_USAGE, W_JSON_NEEDS_FILE, NULL, NULL);
	if (to_stdout && !is_text && isatty(STDOUT_FILENO) == 1)
		return peluit_fail(d, DESK_NO, W_TERMINAL, NULL, NULL);
	return DESK_DONE;
}

/* Where a stream came to an end, for the right sentence. */
struct stream { bool read_failed, write_failed; };

static enum err
seal_stream(const struct age_recipient *to, size_t n, int in,
    struct outfile *out, struct stream *s)
{
	uint8_t key[AGE_FILE_KEY_LEN], *chunk = NULL;
	struct age_writer *w = NULL;
	struct buf header;
	size_t got;
	enum err e;

	buf_init(&header, AGE_HEADER_MAX);
	age_file_key_new(key);
	if ((chunk = malloc(STEP)) == NULL) {
		e = ERR_SYS;
		goto out;
	}
	if ((e = age_seal_header(key, to, n, &header)) != ERR_OK)
		goto out;
	s->write_failed = true;
	if ((e = outfile_sink(out, header.data, header.len)) != ERR_OK ||
	    (e = age_writer_new(key, outfile_sink, out, &w)) != ERR_OK)
		goto out;
	do {
		s->read_failed = true;
		if ((e = fd_fill(in, chunk, STEP, &got)) != ERR_OK)
			goto out;
		s->read_failed = false;
		if ((e = age_writer_put(w, chunk, got)) != ERR_OK)
			goto out;
	} while (got == STEP);
	e = age_writer_end(w);
out:
	wipe(key, sizeof(key));
	if (chunk != NULL)
		wipe(chunk, STEP);
	free(chunk);
	age_writer_free(w);
	buf_done(&header);
	return e;
}

static enum peluit_exit
stream_failed(struct desk *d, enum err e, const struct stream *s,
    const char *in, const char *out)
{
	if (e == ERR_SYS && s->read_failed)
		return peluit_err(d, e, W_FILE_READ, in == NULL ? "stdin" : in);
	if (e == ERR_SYS && s->write_failed)
		return peluit_err(d, e, W_FILE_WRITE,
		    out == NULL ? "stdout" : out);
	return peluit_err(d, e, W_SEAL_FAILED, err_text(e));
}

enum peluit_exit
peluit_encrypt(struct desk *d, const struct peluit_command *c, int argc,
    char **argv)
{
	const char *to_text[AGE_STANZAS_MAX], *out = NULL, *in;
	size_t n = 0, i, k;
	const struct peluit_option spec[] = {
		{ .name = "-r", .list = to_text,
		    .list_max = AGE_STANZAS_MAX, .list_n = &n },
		{ .name = "-o", .value = &out },
		{ .name = NULL }
	};
	struct age_recipient to[AGE_STANZAS_MAX];
	struct stream s = { false, false };
	struct outfile *o = NULL;
	enum peluit_exit x;
	enum err e;
	int fd = -1;

	if ((x = peluit_args(d, c, spec, &argc, argv)) != DESK_DONE)
		return x;
	if (n == 0)
		return peluit_fail(d, DESK_USAGE, W_OPTION_MISSING, "-r",
		    c->usage);
	for (i = 0; i < n; i++) {
		if (age_recipient_decode(to_text[i], &to[i]) != ERR_OK)
			return peluit_fail(d, DESK_NO, W_RECIPIENT_BAD,
			    to_text[i], NULL);
		for (k = 0; k < i; k++)
			if (memcmp(&to[k], &to[i], sizeof(to[i])) == 0)
				return peluit_fail(d, DESK_NO,
				    W_RECIPIENT_TWICE, NULL, NULL);
	}
	if ((x = output_check(d, out, false)) != DESK_DONE)
		return x;
	in = argc > 0 ? argv[0] : NULL;
	if ((fd = input_open(in)) < 0)
		return peluit_err(d, ERR_SYS, W_FILE_READ, in);
	if ((e = outfile_open(out, &o)) != ERR_OK) {
		x = peluit_err(d, e, W_FILE_WRITE, out);
		goto out;
	}
	if ((e = seal_stream(to, n, fd, o, &s)) != ERR_OK)
		x = stream_failed(d, e, &s, in, out);
	else if ((e = outfile_commit(o, true)) != ERR_OK)
		x = peluit_err(d, e, W_FILE_WRITE, out);
out:
	input_close(fd);
	outfile_free(o);
	return x;
}

/* The first bytes of an age file: its header, and what came behind it. */
struct head {
	uint8_t *bytes;
	size_t len, header_len;
	bool over;			/* the input has ended */
};

static enum err
head_read(int fd, struct head *h, struct stream *s)
{
	size_t max = AGE_HEADER_MAX + STEP;
	enum err e;

	if ((h->bytes = malloc(max)) == NULL)
		return ERR_SYS;
	s->read_failed = true;
	if ((e = fd_fill(fd, h->bytes, max, &h->len)) != ERR_OK)
		return e;
	s->read_failed = false;
	h->over = h->len < max;
	e = age_header_len(h->bytes, h->len, &h->header_len);
	return e == ERR_NOTFOUND ? ERR_FORMAT : e;
}

static enum err
open_stream(const uint8_t key[static AGE_FILE_KEY_LEN], int in,
    struct head *h, struct outfile *out, struct stream *s)
{
	struct age_reader *r = NULL;
	size_t got = h->len - h->header_len;
	enum err e;

	s->write_failed = true;
	if ((e = age_reader_new(key, outfile_sink, out, &r)) != ERR_OK)
		goto out;
	if ((e = age_reader_put(r, h->bytes + h->header_len, got)) != ERR_OK)
		goto out;
	while (!h->over) {
		s->read_failed = true;
		if ((e = fd_fill(in, h->bytes, STEP, &got)) != ERR_OK)
			goto out;
		s->read_failed = false;
		h->over = got < STEP;
		if ((e = age_reader_put(r, h->bytes, got)) != ERR_OK)
			goto out;
	}
	e = age_reader_end(r);
	/* A nonce that is cut is the header's error in age, the content's
	 * for a person. */
	if (e == ERR_FORMAT)
		e = ERR_PAYLOAD;
out:
	age_reader_free(r);
	return e;
}

static enum peluit_exit
open_failed(struct desk *d, enum err e, const struct stream *s,
    const struct head *h, const char *in, const char *out)
{
	static const char armor[] = "-----BEGIN AGE";
	const char *name = in == NULL ? "stdin" : in;

	switch ((int)e) {
	case ERR_SYS:
		return stream_failed(d, e, s, in, out);
	case ERR_VERSION:
		return peluit_err(d, e, W_AGE_VERSION, name);
	case ERR_NOMATCH:
		return peluit_err(d, e, h->header_len > 0 && d->pass != NULL &&
		    age_is_passphrase((struct bytes){ h->bytes,
		    h->header_len }) ? W_PASS_WRONG : W_AGE_NOMATCH, name);
	case ERR_MAC:
		return peluit_err(d, e, W_AGE_MAC, name);
	case ERR_PAYLOAD:
		return peluit_err(d, e, W_AGE_PAYLOAD, name);
	default:
		if (h->len >= sizeof(armor) - 1 &&
		    memcmp(h->bytes, armor, sizeof(armor) - 1) == 0)
			return peluit_err(d, e, W_AGE_ARMOR, name);
		return peluit_err(d, e, W_AGE_FORMAT, name);
	}
}

/* The file key of ${h}: by the identities, or by a passphrase. */
static enum peluit_exit
file_key(struct desk *d, const struct head *h, const char *const *files,
    size_t n_files, uint8_t key[static AGE_FILE_KEY_LEN], enum err *e)
{
	struct bytes header = { h->bytes, h->header_len };
	struct age_identity ids[IDFILE_KEYS];
	enum peluit_exit x = DESK_DONE;
	size_t n = 0, i;

	if (n_files == 0) {
		x = idfile_passphrase(d, W_ASK_PASS_FILE, "age");
		if (x == DESK_DONE)
			*e = age_open_passphrase(header, (struct bytes){
			    d->pass->bytes, d->pass->len }, key);
		return x;
	}
	for (i = 0; i < n_files && x == DESK_DONE; i++) {
		/* Each sealed identity file has a passphrase of its own. */
		if (d->passphrase_file == NULL) {
			secret_free(d->pass);
			d->pass = NULL;
		}
		x = idfile_read(d, files[i], ids, &n);
	}
	if (x == DESK_DONE)
		*e = age_open_header(header, ids, n, key);
	wipe(ids, sizeof(ids));
	return x;
}

enum peluit_exit
peluit_decrypt(struct desk *d, const struct peluit_command *c, int argc,
    char **argv)
{
	const char *files[ID_FILES], *out = NULL, *in;
	size_t n = 0;
	const struct peluit_option spec[] = {
		{ .name = "-i", .list = files, .list_max = ID_FILES,
		    .list_n = &n },
		{ .name = "-o", .value = &out },
		{ .name = NULL }
	};
	uint8_t key[AGE_FILE_KEY_LEN] = { 0 };
	struct stream s = { false, false };
	struct head h = { NULL, 0, 0, false };
	struct outfile *o = NULL;
	enum peluit_exit x;
	enum err e = ERR_OK;
	int fd = -1;

	if ((x = peluit_args(d, c, spec, &argc, argv)) != DESK_DONE)
		return x;
	if ((x = output_check(d, out, true)) != DESK_DONE)
		return x;
	in = argc > 0 ? argv[0] : NULL;
	if ((fd = input_open(in)) < 0)
		return peluit_err(d, ERR_SYS, W_FILE_READ, in);
	if ((e = head_read(fd, &h, &s)) != ERR_OK) {
		x = open_failed(d, e, &s, &h, in, out);
		goto out;
	}
	if (n == 0 && !age_is_passphrase((struct bytes){ h.bytes,
	    h.header_len })) {
		x = peluit_fail(d, DESK_USAGE, W_OPTION_MISSING, "-i", c->usage);
		goto out;
	}
	x = file_key(d, &h, files, n, key, &e);
	if (x == DESK_DONE && e != ERR_OK)
		x = open_failed(d, e, &s, &h, in, out);
	if (x != DESK_DONE)
		goto out;
	if ((e = outfile_open(out, &o)) != ERR_OK)
		x = peluit_err(d, e, W_FILE_WRITE, out);
	else if ((e = open_stream(key, fd, &h, o, &s)) != ERR_OK)
		x = open_failed(d, e, &s, &h, in, out);
	else if ((e = outfile_commit(o, true)) != ERR_OK)
		x = peluit_err(d, e, W_FILE_WRITE, out);
out:
	wipe(key, sizeof(key));
	free(h.bytes);
	input_close(fd);
	outfile_free(o);
	return x;
}
