/*
 * Dates in words.  libc's calendar reads the machine's time zone from files
 * and the environment, which pages must not depend on; so the day is counted
 * here (Hinnant, "chrono-compatible low-level date algorithms").
 */
#include <stdio.h>

#include "page.h"

#define DAY_SEC 86400
#define ERA_DAYS 146097	  /* 400 years */
#define MARCH_0000 719468 /* days from 1 March 0000 to 1 January 1970 */

static int64_t
floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

void
page_date(enum lang l, int64_t unix_seconds, int utc_offset_sec,
    char out[static PAGE_DATE_MAX])
{
	char key[16];
	int64_t days = floor_div(unix_seconds, DAY_SEC);
	int64_t rest = unix_seconds - days * DAY_SEC + utc_offset_sec;
	int64_t z = days + floor_div(rest, DAY_SEC) + MARCH_0000;
	int64_t era = floor_div(z, ERA_DAYS);
	int64_t doe = z - era * ERA_DAYS;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t mp = (5 * doy + 2) / 153; /* months from March */
	int64_t day = doy - (153 * mp + 2) / 5 + 1;
	int64_t month = mp < 10 ? mp + 3 : mp - 9;
	int64_t year = yoe + era * 400 + (month <= 2);

	(void)snprintf(key, sizeof(key), "month.%d", (int)month);
	(void)snprintf(out, PAGE_DATE_MAX, "%d %s %lld", (int)day,
	    page_text(l, key), (long long)year);
}
