#ifndef SEALED_INTERNAL_H
#define SEALED_INTERNAL_H
/*
 * The one definition of struct sealed.  Included by sealed.c, record.c and
 * object.c alone (a lint looks): nothing else can make one.
 */
#include <stddef.h>
#include <stdint.h>

#include "sealed.h"

struct sealed {
	size_t len;
	uint8_t bytes[];
};

/* sealed_new(len): room for ${len} bytes, or NULL. */
struct sealed *sealed_new(size_t len);

#endif
