#ifndef BUF_H
#define BUF_H
/*
 * One growing buffer for all building, one cursor for all parsing.
 * A buffer is born with a maximum and remembers its first failure, so that a
 * builder checks once, at the end.  What a buffer held is wiped when it moves
 * and when it is released.
 */
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"

struct buf {
	uint8_t *data;		/* NULL while empty */
	size_t len;
	size_t cap;
	size_t max;
	enum err err;		/* first failure, sticky */
};

/* buf_init(b, max): an empty buffer that never holds more than ${max} bytes. */
void buf_init(struct buf *b, size_t max);
/* buf_done(b): wipe and release; ${b} is empty with the same maximum. */
void buf_done(struct buf *b);
/* buf_reset(b): wipe the content, keep the memory, forget a failure. */
void buf_reset(struct buf *b);

/*
 * Appending.  Fails: sticky ERR_RANGE above the maximum, ERR_SYS without
 * memory; a failed append adds nothing.
 */
void buf_put(struct buf *b, const void *p, size_t n);
void buf_puts(struct buf *b, const char *s);
void buf_putc(struct buf *b, char c);
void buf_fill(struct buf *b, uint8_t c, size_t n);
/* buf_puts_filled(b, s, arg): ${s} with arg[0] for "{1}", arg[1] for "{2}";
 * nothing for a NULL. */
void buf_puts_filled(struct buf *b, const char *s, const char *const arg[2]);
void buf_printf(struct buf *b, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void buf_u8(struct buf *b, uint8_t v);
void buf_u16(struct buf *b, uint16_t v);	/* big-endian, as all below */
void buf_u32(struct buf *b, uint32_t v);
void buf_u64(struct buf *b, uint64_t v);
/* buf_blob(b, p, n): u32 length, then the bytes. */
void buf_blob(struct buf *b, const void *p, size_t n);
void buf_base64(struct buf *b, const void *p, size_t n);   /* with padding */
void buf_hex(struct buf *b, const void *p, size_t n);

/* buf_err(b): the first failure, ERR_OK if there was none. */
enum err buf_err(const struct buf *b) MUST_USE;
/*
 * buf_text(b): the content as a NUL-terminated text (the NUL is not counted
 * in len).  Ownership: the buffer's.  Fails: "" after a failure.
 */
const char *buf_text(struct buf *b);

/*
 * text_copy(out, size, s): the whole text ${s} into an array of ${size}
 * bytes.  That it fits is the caller's to know: what does not is our fault.
 */
void text_copy(char *out, size_t size, const char *s);

/* A cursor over borrowed bytes; the first failure makes all later reads fail. */
struct cur {
	const uint8_t *p;
	size_t left;
	bool bad;
};

struct cur cur_over(const void *p, size_t n);
uint8_t cur_u8(struct cur *c);			/* 0 on failure */
uint16_t cur_u16(struct cur *c);
uint32_t cur_u32(struct cur *c);
uint64_t cur_u64(struct cur *c);
/* cur_take(c, n): ${n} borrowed bytes, NULL on failure. */
const uint8_t *cur_take(struct cur *c, size_t n);
/* cur_copy(c, out, n): ${n} bytes into ${out}; zeros on failure. */
void cur_copy(struct cur *c, void *out, size_t n);
/* cur_blob(c, n): what buf_blob wrote, borrowed; NULL and *n = 0 on failure. */
const uint8_t *cur_blob(struct cur *c, size_t *n);
/*
 * cur_line(c, n): the next line without its LF, borrowed; *n its length.
 * Fails: NULL if no LF is left.
 */
const char *cur_line(struct cur *c, size_t *n);
/* cur_end(c): ERR_OK if all was well and nothing is left, else ERR_FORMAT. */
enum err cur_end(const struct cur *c) MUST_USE;

#endif
