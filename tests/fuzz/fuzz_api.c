/*
 * Fuzzing of api.h: bodies of the desk API, which come from desks and from
 * a server that a desk does not trust.  What decodes encodes, and that
 * decodes and encodes to the same again.
 * Covers: format/api_action.c format/api_audit.c format/api_feed.c
 *      format/api_objects.c format/api_office.c format/api_problem.c
 *      format/js.c
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "api.h"

#define OUT_MAX	(4 * API_BODY_MAX)

static struct buf first, second;

static struct bytes
written(void)
{
	return (struct bytes){ first.data, first.len };
}

static void
same(void)
{
	assert(first.len == second.len);
	assert(memcmp(first.data, second.data, first.len) == 0);
}

/* TWICE(type, name): decode, encode, decode, encode; a value without heap. */
#define TWICE(type, name)						\
static void								\
as_##name(struct bytes text)						\
{									\
	struct type *a = malloc(sizeof(*a));				\
									\
	if (a == NULL)							\
		abort();						\
	buf_reset(&first);						\
	buf_reset(&second);						\
	if (name##_decode(text, a) == ERR_OK) {				\
		if (name##_encode(a, &first) != ERR_OK ||		\
		    name##_decode(written(), a) != ERR_OK ||		\
		    name##_encode(a, &second) != ERR_OK)		\
			abort();					\
		same();							\
	}								\
	free(a);							\
}

TWICE(api_office, api_office)
TWICE(api_action, api_action)
TWICE(api_taken, api_taken)
TWICE(api_problem, api_problem)

static void
as_feed(struct bytes text)
{
	struct api_feed f, again;

	buf_reset(&first);
	buf_reset(&second);
	if (api_feed_decode(text, &f) == ERR_OK) {
		assert(f.items <= API_FEED_MAX);
#ifdef PLANTED
		/* Reached only behind a whole item, none of the seeds'. */
		if (f.items == 1 && f.item[0].epoch != 80000)
			abort();
#endif
		if (api_feed_encode(&f, &first) != ERR_OK ||
		    api_feed_decode(written(), &again) != ERR_OK ||
		    api_feed_encode(&again, &second) != ERR_OK)
			abort();
		same();
		api_feed_done(&again);
	} else {
		assert(f.items == 0 && f.item == NULL);
	}
	api_feed_done(&f);
}

static void
as_inventory(struct bytes text)
{
	struct api_inventory i, again;

	buf_reset(&first);
	buf_reset(&second);
	if (api_inventory_decode(text, &i) == ERR_OK) {
		assert(i.commitments <= API_INVENTORY_MAX);
		if (api_inventory_encode(&i, &first) != ERR_OK ||
		    api_inventory_decode(written(), &again) != ERR_OK ||
		    api_inventory_encode(&again, &second) != ERR_OK)
			abort();
		same();
		api_inventory_done(&again);
	} else {
		assert(i.commitments == 0 && i.commitment == NULL);
	}
	api_inventory_done(&i);
}

static void
as_small(struct bytes text)
{
	uint8_t id[ID_LEN];
	uint32_t blocks;
	uint64_t size;

	if (api_blocks_decode(text, &blocks) == ERR_OK)
		assert(blocks > 0);
	if (api_id_decode(text, id) != ERR_OK)
		assert(id[0] == 0);
	if (api_size_decode(text, &size) != ERR_OK)
		assert(size == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct bytes text = { p, n };

	buf_init(&first, OUT_MAX);
	buf_init(&second, OUT_MAX);
	as_feed(text);
	as_api_office(text);
	as_api_action(text);
	as_api_taken(text);
	as_api_problem(text);
	as_inventory(text);
	as_small(text);
	buf_done(&first);
	buf_done(&second);
	return 0;
}
