/* The meaning of each error, for operators; and whether memory ended. */
#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "err.h"

static const char *const text[ERR_LIMIT_] = {
	[ERR_OK] = "no error",
	[ERR_SYS] = "the system refused",
	[ERR_FORMAT] = "not in the expected format",
	[ERR_VERSION] = "a version that is not supported",
	[ERR_RANGE] = "outside the limits",
	[ERR_KEY] = "not a valid key",
	[ERR_MAC] = "does not verify: altered or damaged",
	[ERR_NOMATCH] = "none of the keys at hand opens it",
	[ERR_PAYLOAD] = "the encrypted content is cut or altered",
	[ERR_NOTFOUND] = "not found",
	[ERR_EXISTS] = "exists already",
	[ERR_CONFLICT] = "does not fit what is there",
	[ERR_DENIED] = "not allowed",
	[ERR_EXPIRED] = "too old",
	[ERR_FULL] = "no room left",
	[ERR_BUSY] = "busy, try again later",
	[ERR_NET] = "the other side could not be reached",
};

static atomic_bool refused;

enum err
memory_err(void)
{
	if (!refused)
		return ERR_OK;
	errno = ENOMEM;
	return ERR_SYS;
}

void
memory_refused(void)
{
	refused = true;
}

const char *
err_text(enum err e)
{
	if ((unsigned)e >= ERR_LIMIT_ || text[e] == NULL)
		return "unknown error";
	return text[e];
}
