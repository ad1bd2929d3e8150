/*
 * A checkpoint's text (C2SP tlog-checkpoint v1.0.0):
 *
 *	ORIGIN LF
 *	SIZE LF			decimal
 *	BASE64(root) LF		44 characters
 *	EXTENSION LF ...	not empty; we write none
 */
#include <inttypes.h>
#include <string.h>

#include "checkpoint.h"
#include "line.h"

enum err
checkpoint_encode(const struct checkpoint *c, struct buf *out)
{
	if (c->origin[0] == '\0' || strchr(c->origin, '\n') != NULL)
		return ERR_FORMAT;
	if (c->size > LINE_DECIMAL_MAX)
		return ERR_RANGE;
	buf_printf(out, "%s\n%" PRIu64 "\n", c->origin, c->size);
	buf_base64(out, c->root.bytes, sizeof(c->root.bytes));
	buf_putc(out, '\n');
	return buf_err(out);
}

static enum err
take_root(struct cur *c, struct merkle_hash *root)
{
	struct bytes line;
	size_t n;
	enum err e;

	line.p = cur_line(c, &line.n);
	if (line.p == NULL)
		return ERR_FORMAT;
	e = base64_decode(line, BASE64_PADDED, root->bytes,
	    sizeof(root->bytes), &n);
	return e != ERR_OK || n != sizeof(root->bytes) ? ERR_FORMAT : ERR_OK;
}

enum err
checkpoint_decode(struct bytes text, struct checkpoint *out)
{
	struct cur c = cur_over(text.p, text.n);
	struct checkpoint have;
	struct bytes line;
	enum err e;

	memset(out, 0, sizeof(*out));
	memset(&have, 0, sizeof(have));
	line.p = cur_line(&c, &line.n);
	if (line.p == NULL || line.n == 0)
		return ERR_FORMAT;
	e = line_text(line, have.origin, sizeof(have.origin));
	if (e != ERR_OK)
		return e;
	line.p = cur_line(&c, &line.n);
	if (line.p == NULL)
		return ERR_FORMAT;
	e = line_decimal(line, &have.size);
	if (e == ERR_OK)
		e = take_root(&c, &have.root);
	while (e == ERR_OK && c.left != 0)
		if (cur_line(&c, &line.n) == NULL || line.n == 0)
			e = ERR_FORMAT;
	if (e == ERR_OK)
		*out = have;
	return e;
}

enum err
checkpoint_open(struct bytes note, const struct vkey *log,
    struct checkpoint *out)
{
	struct bytes text;
	bool by;
	enum err e;

	memset(out, 0, sizeof(*out));
	e = note_open(note, log, 1, &text, &by);
	if (e == ERR_OK)
		e = checkpoint_decode(text, out);
	if (e == ERR_OK && strcmp(out->origin, log->name) != 0) {
		memset(out, 0, sizeof(*out));
		e = ERR_CONFLICT;
	}
	return e;
}
