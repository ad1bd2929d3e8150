#ifndef PAGE_TABLE_H
#define PAGE_TABLE_H
/* The words of the report's page. */
#include <stdbool.h>
#include <stddef.h>

enum page_word {
	P_TITLE, P_WELL, P_BROKEN, P_CHECKED, P_PERIOD, P_TO, P_LEAVES, P_ROOT,
	P_EVENTS, P_CASES, P_WATCHED, P_UNOPENED, P_RESPONSE,
	P_KEPT, P_UNCERTAIN, P_LATE, P_WAITING,
	P_BY_STATE, P_BY_CHANNEL, P_LATE_CASES, P_NONE, P_DATE, P_HOURS,
	P_ANSWERED, P_YES, P_NO, P_OFFICERS, P_OFFICER, P_ROLE, P_ACCESS,
	P_REPLIES, P_STATUSES, P_REFERRALS, P_IDENTITIES, P_ROSTERS, P_NUMBER,
	P_ADDED, P_REMOVED, P_FINDINGS, P_CODE, P_MEANING, P_EPOCH, P_CASE,
	P_COUNT, P_FOOT,
	PAGE_WORDS
};
/* page_word(w, english), page_label(code, english): static text; a code
 * without a label is returned as it is. */
const char *page_word(enum page_word w, bool english);
const char *page_label(const char *code, bool english);
extern const char page_style[];

#endif
