#ifndef CONFIG_H
#define CONFIG_H
/*
 * peluit.conf: how an instance runs.  People and keys are in the roster, not
 * here.  Sections and keys: docs/OPERATING.md "Configuration".
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "event.h"
#include "page.h"
#include "receipt.h"
#include "roster.h"
#include "sys.h"

#define CONFIG_MAX	65536	/* bytes of the file */
#define CONFIG_LINE_MAX	1000
#define CONFIG_TITLE_MAX 120
#define CONFIG_ERROR_MAX 400
#define CONFIG_HOLIDAYS	400
#define CONFIG_ONION_LEN 62	/* 56 letters and ".onion" */

struct config_channel {
	char name[ROSTER_CHANNEL_MAX + 1];
	char label[LANGS_MAX][CONFIG_TITLE_MAX + 1];	/* "": as in Indonesian */
	bool inspectorate;		/* its people work there */
	bool if_inspectorate_accused;	/* may be chosen then */
};
struct config {
	char origin[ORIGIN_MAX + 1];
	char title[LANGS_MAX][CONFIG_TITLE_MAX + 1];
	int64_t utc_offset_min;		/* of the office's local time */
	struct argon2_cost argon2;
	int64_t epoch_seconds;
	struct addr source, desk, log;
	bool proxy_line;
	bool warn_without_tor;
	char onion[CONFIG_ONION_LEN + 1];	/* "" : not known */
	char log_onion[CONFIG_ONION_LEN + 1];
	char desk_authority[256];	/* "" : "desk." and the origin */
	char desk_url[256];		/* "" : made from the desk address */
	struct config_channel channel[ROSTER_CHANNELS];
	size_t channels;
	/* limits */
	int64_t text_chars, files, file_mib, case_mib;
	int64_t connections, uploads, memory_mib, sessions;
	int64_t per_circuit, circuit_uploads;	/* at a time */
	int64_t circuit_requests, circuit_signins, circuit_reports,
	    circuit_writes, circuit_mib;	/* an hour */
	int64_t unfetched_mib, reserve_files_mib, reserve_text_mib;
	/* retention, clocks: as announced in the roster */
	int64_t closed_days, first_response_hours;
	/* working days, for the page of the service standard; 0: not said */
	int64_t verification_days, review_days, clarification_days,
	    overall_days, update_days;
	char holiday[CONFIG_HOLIDAYS][11];	/* "2026-12-25" */
	size_t holidays;
};

/*
 * config_read(path, out, why): read and check a file.
 * Fails: ERR_FORMAT, ERR_RANGE, ERR_NOTFOUND, ERR_SYS; ${why} then says file,
 * line and reason in one line, without the file's bytes.
 */
enum err config_read(const char *path, struct config *out,
    char why[static CONFIG_ERROR_MAX]) MUST_USE;
/* config_read_fd(fd, path, out, why): the same of what was opened at ${path};
 * -1: by its path. */
enum err config_read_fd(int fd, const char *path, struct config *out,
    char why[static CONFIG_ERROR_MAX]) MUST_USE;
/* config_write(c, path): a new file with a comment at each key. */
enum err config_write(const struct config *c, const char *path) MUST_USE;
/* config_default(c): all defaults; origin, addresses and channels empty. */
void config_default(struct config *c);
/* config_title, config_label: in that language, else in Indonesian. */
const char *config_title(const struct config *c, enum lang l);
const char *config_label(const struct config_channel *c, enum lang l);
const struct config_channel *config_channel_find(const struct config *c,
    const char *name);

#endif
