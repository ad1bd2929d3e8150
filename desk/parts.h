#ifndef PARTS_H
#define PARTS_H
/*
 * Parts of a large file, as the tools of the source's device name them:
 *
 *	STEM.001 STEM.002 …		7-Zip, split, HJSplit
 *	STEM.part1.rar STEM.part2.rar …	RAR
 *	STEM.rar STEM.r00 …		RAR, older
 *	STEM.zip STEM.z01 …		ZIP
 *
 * The tools that join them look for names which differ in these endings alone,
 * so all parts are saved under the number of the first one that came, in
 * whichever message.
 */
#include <stdint.h>

#include "err.h"

struct parts;
enum err parts_new(struct parts **out) MUST_USE;
void parts_free(struct parts *p);

struct parts_place { uint64_t seq; unsigned number; };
/*
 * parts_place(p, name, own): where an attachment called ${name} belongs,
 * whose own place is ${own}.  Attachments are asked for in their order.  A
 * name that came before begins a new row of parts: they were sent again.
 */
struct parts_place parts_place(struct parts *p, const char *name,
    struct parts_place own);
/*
 * parts_stem(name, kind): bytes of STEM, and which of the four it is; 0: the
 * name is not a part's.
 */
size_t parts_stem(const char *name, char *kind);

#endif
