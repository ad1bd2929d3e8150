/* Codes of the field: statuses of a case and categories of a report. */
#include <string.h>

#include "status.h"

static const struct {
	const char *code;
	bool closed, reason;
} statuses[] = {
	{ "RECEIVED", false, false },
	{ "VERIFYING", false, false },
	{ "NEED_INFO", false, false },
	{ "REVIEW", false, false },
	{ "CLARIFY", false, false },
	{ "AUDIT", false, false },
	{ "FOLLOWUP", false, false },
	{ "CLOSED_PROVEN", true, false },
	{ "CLOSED_UNPROVEN", true, false },
	{ "REFERRED", true, true },
	{ "ARCHIVED", true, true },
	{ "REOPENED", false, false },
};
#define STATUSES	(sizeof(statuses) / sizeof(statuses[0]))

static const struct category categories[] = {
	{ "kerugian_negara", true },
	{ "suap", true },
	{ "penggelapan", true },
	{ "pemerasan", true },
	{ "curang", true },
	{ "benturan_pengadaan", true },
	{ "gratifikasi", true },
	{ "pungli", true },
	{ "wewenang", true },
	{ "kolusi_nepotisme", false },
	{ "pengadaan", true },
	{ "jabatan", false },
	{ "aset", false },
	{ "bansos_hibah", true },
	{ "konflik", false },
	{ "halangi", false },
	{ "balasan", false },
	{ "disiplin", false },
	{ "layanan", false },
	{ "tidak_yakin", true },
};
#define CATEGORIES	(sizeof(categories) / sizeof(categories[0]))

/* Index of ${code}; STATUSES if there is none. */
static size_t
find(const char *code)
{
	size_t i;

	for (i = 0; i < STATUSES; i++)
		if (strcmp(statuses[i].code, code) == 0)
			break;
	return i;
}

bool
status_well_formed(const char *code)
{
	size_t i;

	for (i = 0; code[i] != '\0'; i++)
		if (i == STATUS_MAX || !((code[i] >= 'A' && code[i] <= 'Z') ||
		    (code[i] == '_' && i > 0)))
			return false;
	return i > 0;
}

bool
status_known(const char *code)
{
	return find(code) < STATUSES;
}

const char *
status_at(size_t i)
{
	return i < STATUSES ? statuses[i].code : NULL;
}

bool
status_is_closed(const char *code)
{
	size_t i = find(code);

	return i < STATUSES && statuses[i].closed;
}

bool
status_needs_reason(const char *code)
{
	size_t i = find(code);

	return i < STATUSES && statuses[i].reason;
}

const struct category *
category_at(size_t i)
{
	return i < CATEGORIES ? &categories[i] : NULL;
}

bool
category_is_public(const char *code)
{
	size_t i;

	for (i = 0; i < CATEGORIES; i++)
		if (strcmp(categories[i].code, code) == 0)
			return categories[i].public;
	return false;
}
