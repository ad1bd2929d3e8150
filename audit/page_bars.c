/* Pictures: horizontal bars, readable in black and white. */
#include <limits.h>
#include <string.h>

#include "page_out.h"

#define ROW	28
#define LEFT	190
#define WIDE	360

void
page_escape(const char *s, struct buf *out)
{
	for (; *s != '\0'; s++) {
		switch (*s) {
		case '&':
			buf_puts(out, "&amp;");
			break;
		case '<':
			buf_puts(out, "&lt;");
			break;
		case '>':
			buf_puts(out, "&gt;");
			break;
		case '"':
			buf_puts(out, "&quot;");
			break;
		default:
			buf_putc(out, *s);
		}
	}
}

/* What the picture shows, for who cannot see it. */
static void
description(const struct page_bar *bar, size_t n, struct buf *out)
{
	size_t i;

	buf_puts(out, "<desc>");
	for (i = 0; i < n; i++) {
		page_escape(bar[i].label, out);
		buf_printf(out, ": %lld. ", (long long)bar[i].n);
	}
	buf_puts(out, "</desc>\n");
}

/* Of ${n}, which is at most ${most}; the numbers are of a file. */
static long long
width(json_int_t n, json_int_t most)
{
	if (n <= 0)
		return 0;
	return n <= LLONG_MAX / WIDE ? n * WIDE / most : n / (most / WIDE);
}

void
page_bars(const char *title, const struct page_bar *bar, size_t n,
    struct buf *out)
{
	json_int_t most = 1;
	bool warned = false;
	size_t i;
	long long w;

	for (i = 0; i < n; i++) {
		warned = warned || bar[i].warn;
		if (bar[i].n > most)
			most = bar[i].n;
	}
	buf_printf(out, "<svg role=\"img\" viewBox=\"0 0 %d %zu\">\n<title>",
	    LEFT + WIDE + 60, n * ROW + 6);
	page_escape(title, out);
	buf_puts(out, "</title>");
	description(bar, n, out);
	/* Warned of by a pattern, not by the colour alone. */
	if (warned)
		buf_puts(out, "<defs><pattern id=\"late\" width=\"6\" "
		    "height=\"6\" patternUnits=\"userSpaceOnUse\" "
		    "patternTransform=\"rotate(45)\"><rect width=\"6\" "
		    "height=\"6\" class=\"warn\"/><rect width=\"2\" "
		    "height=\"6\" fill=\"#fff\"/></pattern></defs>\n");
	for (i = 0; i < n; i++) {
		w = width(bar[i].n, most);
		buf_printf(out, "<text x=\"%d\" y=\"%zu\" text-anchor=\"end\">",
		    LEFT - 8, i * ROW + 20);
		page_escape(bar[i].label, out);
		buf_printf(out, "</text><rect x=\"%d\" y=\"%zu\" "
		    "height=\"18\" width=\"%lld\" %s/>", LEFT, i * ROW + 6,
		    bar[i].n > 0 && w == 0 ? 2 : w, bar[i].warn ?
		    "fill=\"url(#late)\" stroke=\"#7a2e00\"" :
		    "class=\"bar\"");
		buf_printf(out, "<text x=\"%lld\" y=\"%zu\">%lld</text>\n",
		    LEFT + w + 8, i * ROW + 20, (long long)bar[i].n);
	}
	buf_puts(out, "</svg>\n");
}
