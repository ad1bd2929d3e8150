/*
 * Signature bases (RFC 9421 section 2.5):
 *
 *	"NAME"PARAMS: VALUE LF		a covered component, in order
 *	"@signature-params": LIST	no LF at the end
 */
#include <string.h>

#include "sigbase.h"

struct sigbase
sigbase_begin(struct buf *input, struct buf *base)
{
	struct sigbase s = { input, base, input->len, ERR_OK };

	buf_putc(input, '(');
	return s;
}

static bool
printable(const char *s)
{
	for (; *s != '\0'; s++)
		if (*s < 0x20 || *s > 0x7e)
			return false;
	return true;
}

void
sigbase_add(struct sigbase *s, const char *name, const char *params,
    const char *value)
{
	if (value == NULL || !printable(value)) {
		s->err = ERR_FORMAT;
		return;
	}
	if (s->input->len > s->from + 1)
		buf_putc(s->input, ' ');
	buf_puts(s->input, "\"");
	buf_puts(s->input, name);
	buf_puts(s->input, "\"");
	buf_puts(s->input, params);
	buf_puts(s->base, "\"");
	buf_puts(s->base, name);
	buf_puts(s->base, "\"");
	buf_puts(s->base, params);
	buf_puts(s->base, ": ");
	buf_puts(s->base, value);
	buf_putc(s->base, '\n');
}

enum err
sigbase_end(struct sigbase *s, const char *params)
{
	if (s->err != ERR_OK)
		return s->err;
	buf_putc(s->input, ')');
	buf_puts(s->input, params);
	if (buf_err(s->input) != ERR_OK)
		return buf_err(s->input);
	buf_puts(s->base, "\"@signature-params\": ");
	buf_put(s->base, s->input->data + s->from, s->input->len - s->from);
	return buf_err(s->base);
}
