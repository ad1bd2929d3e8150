#ifndef AGE_H
#define AGE_H
/*
 * age v1 (C2SP age v1.1.0): X25519 recipients, passphrase (scrypt) files,
 * binary, streaming both ways in constant memory.  Sealing and opening stand
 * in files of their own (age_seal.c, age_open.c), so that a program that only
 * opens does not link the sealing code.  Format: docs/FORMATS.md "age".
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "crypto.h"
#include "err.h"

#define AGE_FILE_KEY_LEN	16
#define AGE_NONCE_LEN		16
#define AGE_CHUNK_LEN		65536
#define AGE_TAG_LEN		16
#define AGE_SEALED_CHUNK_LEN	(AGE_CHUNK_LEN + AGE_TAG_LEN)
#define AGE_HEADER_MAX		65536
#define AGE_STANZAS_MAX		64
#define AGE_ARGS_MAX		8	/* of a stanza, its type included */
#define AGE_WORK_FACTOR_MAX	22	/* log2 of scrypt's N, when opening */
#define AGE_WORK_FACTOR		18	/* when sealing */
#define AGE_RECIPIENT_LEN	62	/* age1... */
#define AGE_IDENTITY_LEN	74	/* AGE-SECRET-KEY-1... */

struct age_recipient { uint8_t point[32]; };
struct age_identity { uint8_t scalar[32]; };	/* a secret: wipe after use */

/*
 * Keys as text (Bech32, BIP 173).  Decoding takes a NUL-terminated text.
 * Recipients are lower case, identities upper case.
 * Fails: ERR_KEY for anything that is not exactly one key, and for a
 * recipient of low order or with a second spelling (RFC 7748 section 5 reads
 * both alike, but nobody could open what is sealed to it).
 */
enum err age_recipient_decode(const char *text, struct age_recipient *out)
    MUST_USE;
void age_recipient_encode(const struct age_recipient *r,
    char out[static AGE_RECIPIENT_LEN + 1]);
enum err age_identity_decode(const char *text, struct age_identity *out)
    MUST_USE;
void age_identity_encode(const struct age_identity *i,
    char out[static AGE_IDENTITY_LEN + 1]);
void age_identity_new(struct age_identity *out);
/*
 * An identity file, as age-keygen writes it: lines of one identity each,
 * comments, empty lines.
 * age_identities_decode(text, ids, max, n): appended to the *n that ${ids}
 * hold, ${max} in all.  Secrets: wipe ${ids}, also on failure.
 * Fails: ERR_KEY (a line that is no identity, none at all), ERR_RANGE.
 * age_identities_encode(i, out): append the file of one.
 */
enum err age_identities_decode(struct bytes text, struct age_identity *ids,
    size_t max, size_t *n) MUST_USE;
void age_identities_encode(const struct age_identity *i, struct buf *out);
/* age_identity_recipient(i, out): the public half of ${i}. */
void age_identity_recipient(const struct age_identity *i,
    struct age_recipient *out);

/*
 * age_payload_size(n): bytes of the payload (nonce and chunks) of a
 * plaintext of ${n} bytes.
 */
uint64_t age_payload_size(uint64_t n);

/* ---- sealing ---- */

/* age_file_key_new(key): a new random file key.  Secret: wipe after use. */
void age_file_key_new(uint8_t key[static AGE_FILE_KEY_LEN]);

/*
 * age_seal_header(key, to, n, out): append a header that wraps ${key} for
 * ${n} recipients, one stanza each, in random order, with its MAC line.
 * Fails: ERR_RANGE if n is 0 or above AGE_STANZAS_MAX, ERR_CONFLICT if two
 * recipients are the same, ERR_KEY for a point that decoding refuses.
 */
enum err age_seal_header(const uint8_t key[static AGE_FILE_KEY_LEN],
    const struct age_recipient *to, size_t n, struct buf *out) MUST_USE;
/*
 * age_seal_passphrase(key, pass, work_factor, out): the same for one
 * passphrase (scrypt stanza), which is not empty.  Memory: 2^(work factor
 * + 10) bytes.  Fails: ERR_SYS, ERR_RANGE.
 */
enum err age_seal_passphrase(const uint8_t key[static AGE_FILE_KEY_LEN],
    struct bytes pass, unsigned work_factor, struct buf *out) MUST_USE;

/* Takes ${n} bytes of output; anything but ERR_OK stops the stream. */
typedef enum err age_sink(void *arg, const uint8_t *p, size_t n);
/* age_to_buf: a sink that appends to the struct buf ${arg}. */
age_sink age_to_buf;

/*
 * A payload in the making: nonce, then STREAM chunks, to a sink.
 * new -> put* -> end -> free.  Memory: two chunks.  Errors: the sink's,
 * ERR_SYS.
 */
struct age_writer;
enum err age_writer_new(const uint8_t key[static AGE_FILE_KEY_LEN],
    age_sink *sink, void *arg, struct age_writer **out) MUST_USE;
enum err age_writer_put(struct age_writer *w, const void *p, size_t n)
    MUST_USE;
enum err age_writer_end(struct age_writer *w) MUST_USE;
void age_writer_free(struct age_writer *w);

/*
 * age_seal_file(to, n, plain, out): a whole age file of a text in memory.
 * Appends header and payload to ${out}.  Errors: of the calls above.
 */
enum err age_seal_file(const struct age_recipient *to, size_t n,
    struct bytes plain, struct buf *out) MUST_USE;
enum err age_seal_file_passphrase(struct bytes pass, unsigned work_factor,
    struct bytes plain, struct buf *out) MUST_USE;

/* ---- opening ---- */

/* age_is_file(p): whether ${p} begins as an age file does, of any version. */
bool age_is_file(struct bytes p);
/*
 * age_header_len(p, n, len): how many of ${n} bytes are the header, with the
 * LF of its MAC line.  A structural look only.
 * Fails: ERR_NOTFOUND if the header does not end within ${n} bytes (more may
 * come, up to AGE_HEADER_MAX), ERR_FORMAT if it can't be one, ERR_VERSION.
 */
enum err age_header_len(const void *p, size_t n, size_t *len) MUST_USE;
/*
 * age_header_check(p, n): exactly one well-formed header (all of ${n}), its
 * X25519 stanzas well-formed, MAC not checked (no key needed).
 * *stanzas: number of X25519 stanzas.
 * Fails: ERR_FORMAT, ERR_VERSION, ERR_RANGE.
 */
enum err age_header_check(const void *p, size_t n, size_t *stanzas) MUST_USE;
/*
 * age_open_header(p, n, ids, n_ids, key): the file key, MAC checked.
 * Fails: ERR_FORMAT, ERR_VERSION, ERR_RANGE (header failure), ERR_NOMATCH,
 * ERR_MAC.
 */
enum err age_open_header(struct bytes header, const struct age_identity *ids,
    size_t n_ids, uint8_t key[static AGE_FILE_KEY_LEN]) MUST_USE;
enum err age_open_passphrase(struct bytes header, struct bytes pass,
    uint8_t key[static AGE_FILE_KEY_LEN]) MUST_USE;
/* age_is_passphrase(header): whether the first stanza is a scrypt one. */
bool age_is_passphrase(struct bytes header);

/*
 * A payload being opened: bytes in by put, authenticated chunks out to the
 * sink, in order; end says that the input is over.  Until end returned
 * ERR_OK the caller must be ready to discard what came out.
 * Fails: ERR_PAYLOAD (ERR_FORMAT for a nonce that is cut), the sink's error.
 */
struct age_reader;
enum err age_reader_new(const uint8_t key[static AGE_FILE_KEY_LEN],
    age_sink *sink, void *arg, struct age_reader **out) MUST_USE;
enum err age_reader_put(struct age_reader *r, const void *p, size_t n)
    MUST_USE;
enum err age_reader_end(struct age_reader *r) MUST_USE;
void age_reader_free(struct age_reader *r);

/*
 * age_open_file(file, ids, n_ids, out): a whole file in memory, opened into
 * ${out} (appended; wiped again on failure).  Errors: of the calls above.
 */
enum err age_open_file(struct bytes file, const struct age_identity *ids,
    size_t n_ids, struct buf *out) MUST_USE;
enum err age_open_file_passphrase(struct bytes file, struct bytes pass,
    struct buf *out) MUST_USE;

#endif
