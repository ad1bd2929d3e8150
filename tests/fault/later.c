/*
 * A machine whose clock is wrong: preloaded, never linked to a program.
 *
 *   PELUIT_LATER=SECONDS	time() is so many seconds later than it is
 */
#include <dlfcn.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

time_t
time(time_t *out)
{
	static time_t (*real)(time_t *);
	const char *text = getenv("PELUIT_LATER");
	time_t now;

	if (real == NULL)
		real = (time_t (*)(time_t *))(uintptr_t)dlsym(RTLD_NEXT, "time");
	now = real(NULL) + (text == NULL ? 0 : atoll(text));
	if (out != NULL)
		*out = now;
	return now;
}
