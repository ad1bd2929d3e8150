#include <stdint.h>

#include "response.h"

enum response
response_judge(uint64_t from, uint64_t to, uint64_t epoch_seconds,
    uint64_t hours)
{
	/* Epochs are at most a week, hours at most a year: no overflow below
	 * this many epochs, and above it anything is late. */
	uint64_t limit = hours * 3600, d = to > from ? to - from : 0;

	if (d > UINT32_MAX)
		return RESPONSE_LATE;
	if ((d + 1) * epoch_seconds <= limit)
		return RESPONSE_KEPT;
	if (d > 0 && (d - 1) * epoch_seconds >= limit)
		return RESPONSE_LATE;
	return RESPONSE_UNCERTAIN;
}

uint64_t
response_hours(uint64_t from, uint64_t to, uint64_t epoch_seconds)
{
	uint64_t d = to > from ? to - from : 0;

	return d > UINT32_MAX ? UINT32_MAX : d * epoch_seconds / 3600;
}
