#include <errno.h>
#include <qrencode.h>

#include "qr.h"

/* One row: a bar for each run of dark modules. */
static void
put_row(struct buf *path, const unsigned char *row, size_t n, size_t y)
{
	size_t x = 0;

	while (x < n) {
		size_t run = 0;

		while (x + run < n && (row[x + run] & 1) != 0)
			run++;
		if (run > 0)
			buf_printf(path, "M%zu %zuh%zuv1h-%zuz", x + QR_QUIET,
			    y + QR_QUIET, run, run);
		x += run + 1;
	}
}

enum err
qr_path(const char *text, size_t *size, struct buf *path)
{
	QRcode *code;
	size_t n;

	*size = 0;
	code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_Q);
	if (code == NULL)
		return (errno == ENOMEM ? ERR_SYS : ERR_RANGE);
	n = (size_t)code->width;
	for (size_t y = 0; y < n; y++)
		put_row(path, code->data + y * n, n, y);
	*size = n + 2 * (size_t)QR_QUIET;
	QRcode_free(code);
	return (buf_err(path));
}
