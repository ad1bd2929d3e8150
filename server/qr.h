#ifndef QR_H
#define QR_H
/* A QR code as a path that a page can draw.  Owner of qrencode.h. */
#include <stddef.h>

#include "buf.h"
#include "err.h"

#define QR_QUIET 4 /* light modules around it */

/*
 * qr_path(text, size, path): the code of ${text}, with error correction for a
 * quarter of it.  *size: modules of a side, the quiet zone included; ${path}:
 * the dark ones as the `d` of an SVG path in these units.
 * Fails: ERR_RANGE (too long, empty), ERR_SYS.
 */
enum err qr_path(const char *text, size_t *size, struct buf *path) MUST_USE;

#endif
