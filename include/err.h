#ifndef ERR_H
#define ERR_H
/*
 * The one list of ways to fail.  Three kinds of wrong: the input is wrong
 * (one of these is returned), the machine refuses (ERR_SYS, errno says why),
 * we are wrong (assert, kept in release builds).
 */

#define MUST_USE __attribute__((warn_unused_result))

enum err {
	ERR_OK = 0,
	ERR_SYS,	/* the machine refused: errno says why */
	ERR_FORMAT,	/* bytes that are not in the format expected */
	ERR_VERSION,	/* a known format in a version that is not ours */
	ERR_RANGE,	/* a value or a size outside its limits */
	ERR_KEY,	/* text that is not a key, or a key that is not safe */
	ERR_MAC,	/* a MAC, tag or signature that does not verify */
	ERR_NOMATCH,	/* none of the keys at hand opens it */
	ERR_PAYLOAD,	/* an age payload that is cut, altered or too long */
	ERR_NOTFOUND,	/* no such thing */
	ERR_EXISTS,	/* it is there already */
	ERR_CONFLICT,	/* it does not fit what is there */
	ERR_DENIED,	/* not allowed to this actor */
	ERR_EXPIRED,	/* was good once, is too old now */
	ERR_FULL,	/* no room: disk reserve, quota or epoch */
	ERR_BUSY,	/* no worker or queue place is free now; try later */
	ERR_NET,	/* the other side could not be reached or hung up */
	ERR_LIMIT_	/* number of errors; not an error */
};

/*
 * err_text(e): what ${e} means, in a few English words, for operators.
 * Ownership: static text.
 */
const char *err_text(enum err e);

/*
 * memory_err(): ERR_SYS (ENOMEM) if this process was ever refused memory for a
 * text (buf.h) or a value of JSON (js.h).  A command that gathers what it has
 * to say without a look at each piece asks once, before it says it.
 * memory_refused(): it was; for buf and js, and what else leaves a piece out.
 */
enum err memory_err(void) MUST_USE;
void memory_refused(void);

#endif
