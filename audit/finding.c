/* The list that an audit fills. */
#include <stdlib.h>
#include <string.h>

#include "finding.h"

void
findings_init(struct findings *f)
{
	memset(f, 0, sizeof(*f));
}

void
findings_done(struct findings *f)
{
	free(f->item);
	memset(f, 0, sizeof(*f));
}

void
findings_add(struct findings *f, const struct finding *one)
{
	struct finding *more;
	size_t room;

	f->count[one->code]++;
	if (f->n == FINDINGS_MAX) {
		f->dropped++;
		return;
	}
	if (f->n == f->room) {
		room = f->room == 0 ? 16 : 2 * f->room;
		more = realloc(f->item, room * sizeof(*more));
		if (more == NULL) {
			f->failed = true;
			return;
		}
		f->item = more;
		f->room = room;
	}
	f->item[f->n++] = *one;
}

size_t
findings_broken(const struct findings *f)
{
	size_t i, n = 0;

	for (i = 0; i < FINDING_CODES; i++)
		if (finding_level_of((enum finding_code)i) != FINDING_NOTE)
			n += f->count[i];
	return n;
}

const struct finding *
findings_first(const struct findings *f)
{
	size_t i;

	for (i = 0; i < f->n; i++)
		if (finding_level_of(f->item[i].code) != FINDING_NOTE)
			return &f->item[i];
	return NULL;
}
