/*
 * What a restored server lost, by name of its leaves:
 *
 *	peluit-loss/v1 ORIGIN LF
 *	leaf INDEX LF ...		ascending, none twice, one at least
 */
#include <string.h>

#include "label.h"
#include "line.h"
#include "promise.h"

enum err
loss_text(const char *origin, const uint64_t *leaf, size_t n,
    struct buf *out)
{
	size_t i;

	if (!line_origin_valid(origin))
		return ERR_FORMAT;
	if (n == 0 || n > LOSS_LEAVES || leaf[n - 1] > LINE_DECIMAL_MAX)
		return ERR_RANGE;
	for (i = 1; i < n; i++)
		if (leaf[i] <= leaf[i - 1])
			return ERR_FORMAT;
	buf_printf(out, "%s %s\n", LABEL_LOSS, origin);
	for (i = 0; i < n; i++)
		line_put_decimal(out, "leaf", leaf[i]);
	return buf_err(out);
}

static enum err
take_leaves(struct cur *c, uint64_t *leaf, size_t max, size_t *n)
{
	struct bytes value;
	enum err e;

	for (; c->left > 0; ++*n) {
		if (!line_take(c, "leaf", &value))
			return ERR_FORMAT;
		if (*n == max || *n == LOSS_LEAVES)
			return ERR_RANGE;
		e = line_decimal(value, &leaf[*n]);
		if (e != ERR_OK)
			return e;
		if (*n > 0 && leaf[*n] <= leaf[*n - 1])
			return ERR_FORMAT;
	}
	return *n == 0 ? ERR_FORMAT : ERR_OK;
}

enum err
loss_text_decode(struct bytes text, const char *origin, uint64_t *leaf,
    size_t max, size_t *n)
{
	struct cur c = cur_over(text.p, text.n);
	char have[ORIGIN_MAX + 1];
	size_t found = 0;
	enum err e;

	memset(leaf, 0, max * sizeof(*leaf));
	*n = 0;
	e = line_head(&c, LABEL_LOSS, have);
	if (e == ERR_OK && strcmp(have, origin) != 0)
		e = ERR_CONFLICT;
	if (e == ERR_OK)
		e = take_leaves(&c, leaf, max, &found);
	if (e == ERR_OK)
		*n = found;
	else
		memset(leaf, 0, max * sizeof(*leaf));
	return e;
}
