/* The keys of peluit.conf: where each stands, what it may be, its default. */
#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "config_internal.h"

#define AT(f)	offsetof(struct config, f), sizeof(((struct config *)0)->f)
#define INT(s, n, f, lo, hi, d, c) { s, n, KIND_INT, AT(f), lo, hi, d, c }
#define TEXT(s, n, f, c) { s, n, KIND_TEXT, AT(f), 0, 0, 0, c }
#define ADDR(s, n, f, c) { s, n, KIND_ADDR, AT(f), 0, 0, 0, c }
#define BOOL(s, n, f, d, c) { s, n, KIND_BOOL, AT(f), 0, 1, d, c }

const struct key config_keys[] = {
	TEXT("instance", "origin", origin,
	    "name of this instance for life, without a scheme"),
	TEXT("instance", "title_id", title[LANG_ID],
	    "neutral name of the office on every page, Indonesian"),
	TEXT("instance", "title_en", title[LANG_EN], "the same in English"),
	INT("instance", "utc_offset_min", utc_offset_min, -720, 840, 420,
	    "minutes that local time is ahead of UTC"),
	INT("instance", "epoch_seconds", epoch_seconds, 10, 86400, 21600,
	    "no stored time is finer than this; chosen at init, for life"),
	INT("instance", "argon2_kib", argon2.m_kib, 8, 4194304, 19456,
	    "memory of Argon2id; chosen at init, for life"),
	INT("instance", "argon2_passes", argon2.t, 1, 100, 2,
	    "passes of Argon2id; chosen at init, for life"),
	ADDR("listen", "source", source,
	    "unix:/path | tcp:127.0.0.1:PORT | tcp:[::1]:PORT"),
	ADDR("listen", "desk", desk, "the desk and audit API"),
	ADDR("listen", "log", log, "the public log"),
	TEXT("listen", "onion", onion,
	    "onion address of the source's pages, for pages and the poster"),
	TEXT("listen", "log_onion", log_onion,
	    "onion address of the public log, for the same"),
	BOOL("listen", "warn_without_tor", warn_without_tor, 1,
	    "no: pages reached by another name than an onion's do not say so"),
	BOOL("listen", "proxy_line", proxy_line, 0,
	    "yes behind Tor: HiddenServiceExportCircuitID haproxy"),
	TEXT("listen", "desk_authority", desk_authority,
	    "host of the desk API in signatures; empty: desk.ORIGIN"),
	TEXT("listen", "desk_url", desk_url,
	    "where desks find the API, such as http://x.onion; empty: desk"),
	INT("limits", "text_chars", text_chars, 1000, 100000, 100000,
	    "characters of a message"),
	INT("limits", "files", files, 0, 60, 20, "files of a message"),
	INT("limits", "file_mib", file_mib, 1, 65536, 512,
	    "MiB of a file"),
	INT("limits", "case_mib", case_mib, 1, 1048576, 2048,
	    "MiB of all files of a case"),
	INT("limits", "connections", connections, 16, 60000, 2000,
	    "connections of a listener"),
	INT("limits", "uploads", uploads, 1, 10000, 64,
	    "uploads of files that run at a time"),
	INT("limits", "memory_mib", memory_mib, 8, 65536, 128,
	    "MiB of forms and answers under way, of a listener"),
	INT("limits", "per_circuit", per_circuit, 1, 10000, 16,
	    "connections of one Tor circuit"),
	INT("limits", "circuit_uploads", circuit_uploads, 1, 1000, 3,
	    "uploads of one circuit that run at a time"),
	INT("limits", "circuit_requests", circuit_requests, 10, 1000000, 3600,
	    "requests of one circuit in an hour"),
	INT("limits", "circuit_signins", circuit_signins, 1, 100000, 30,
	    "codes that one circuit may try in an hour"),
	INT("limits", "circuit_reports", circuit_reports, 1, 100000, 20,
	    "reports of one circuit in an hour"),
	INT("limits", "circuit_writes", circuit_writes, 1, 100000, 120,
	    "messages and uploads of one circuit in an hour"),
	INT("limits", "circuit_mib", circuit_mib, 1, 1048576, 8192,
	    "MiB that one circuit may send in an hour"),
	INT("limits", "sessions", sessions, 16, 100000, 4096,
	    "sources signed in at a time"),
	INT("limits", "unfetched_mib", unfetched_mib, 1, 1048576, 16384,
	    "MiB of files in cases that no desk has fetched yet, in all"),
	INT("limits", "reserve_files_mib", reserve_files_mib, 0, 1048576, 512,
	    "free disk below which files are refused"),
	INT("limits", "reserve_text_mib", reserve_text_mib, 0, 1048576, 256,
	    "free disk below which reports of text are refused; the log, "
	    "desks and deletions may take it"),
	INT("retention", "closed_days", closed_days, 1, 36500, 365,
	    "days after which a closed case is deleted"),
	INT("clocks", "first_response_hours", first_response_hours, 1, 8760,
	    48, "hours until the first response"),
	INT("clocks", "verification_days", verification_days, 0, 365, 3,
	    "these five: working days, said on the page of the service "
	    "standard; 0: not said"),
	INT("clocks", "review_days", review_days, 0, 365, 5,
	    "after verification"),
	INT("clocks", "clarification_days", clarification_days, 0, 365, 14,
	    "of a complaint that needs no inquiry"),
	INT("clocks", "overall_days", overall_days, 0, 365, 60,
	    "of a complaint that needs one"),
	INT("clocks", "update_days", update_days, 0, 365, 30,
	    "between messages to the source"),
};

static_assert(sizeof(config_keys) / sizeof(config_keys[0]) == CONFIG_KEYS,
    "config_internal.h says how many keys there are");

const char *const config_sections[CONFIG_SECTIONS] = {
	"instance", "listen", "limits", "retention", "clocks"
};

void
config_set_int(const struct key *k, long v, struct config *out)
{
	void *field = (char *)out + k->offset;

	if (k->size == sizeof(uint32_t))
		*(uint32_t *)field = (uint32_t)v;
	else
		*(int64_t *)field = v;
}

void
config_default(struct config *c)
{
	memset(c, 0, sizeof(*c));
	for (size_t i = 0; i < CONFIG_KEYS; i++) {
		const struct key *k = &config_keys[i];

		if (k->kind == KIND_INT)
			config_set_int(k, (long)k->def, c);
		else if (k->kind == KIND_BOOL)
			*(bool *)((char *)c + k->offset) = k->def != 0;
	}
	c->argon2.p = 1;
}

const char *
config_title(const struct config *c, enum lang l)
{

	return (c->title[l][0] != '\0' ? c->title[l] : c->title[LANG_ID]);
}

const char *
config_label(const struct config_channel *c, enum lang l)
{

	return (c->label[l][0] != '\0' ? c->label[l] : c->label[LANG_ID]);
}

const struct config_channel *
config_channel_find(const struct config *c, const char *name)
{
	for (size_t i = 0; i < c->channels; i++) {
		if (strcmp(c->channel[i].name, name) == 0)
			return (&c->channel[i]);
	}
	return (NULL);
}
