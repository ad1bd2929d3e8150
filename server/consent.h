#ifndef SERVER_CONSENT_H
#define SERVER_CONSENT_H
/*
 * The opening of an identity, as a case's own events tell it: an investigator
 * asks, the source answers, a custodian opens.  docs/DESIGN.md "Consent".
 */
#include "records.h"
#include "server.h"

#define CONSENT_REFUSALS	3	/* questions that a source may refuse */
#define CONSENT_ANSWERS		2	/* of a case and epoch */

/* The newest question and its newest answer. */
struct consent {
	bool asked, answered, yes, opened;
	size_t question, answer;	/* their seq */
	uint8_t question_is[COMMITMENT_LEN], answer_is[COMMITMENT_LEN];
	uint8_t asker[SIGN_PUBLIC_LEN];
	uint64_t asked_epoch, answered_epoch;
	unsigned refused;		/* questions whose last answer was no */
	unsigned answers;		/* taken in the epoch asked about */
};
/* consent_look(c, epoch, out): what the events of ${c} say. */
void consent_look(const struct case_record *c, uint64_t epoch,
    struct consent *out);

/*
 * consent_shows(c, desk): whether ${desk} may hear of the case: a reader from
 * its beginning, a custodian who could open its identity once somebody asked.
 */
bool consent_shows(const struct case_record *c,
    const struct roster_desk *desk);
/*
 * consent_from(c, desk): with which event a desk hears of the case, from its
 * beginning.  A reader: the first message sealed to them.  A custodian: the
 * first question, or the message with whose identity they became a keeper, if
 * that came later.  c->openings: not yet.
 */
size_t consent_from(const struct case_record *c,
    const struct roster_desk *desk);
/*
 * consent_opens(c, desk, message): whether ${desk} has opened the identity
 * that came with ${message}: a keeper by then, by its own logged `custody
 * OPEN` after the source's yes, which was given after that message.
 */
bool consent_opens(const struct case_record *c,
    const struct roster_desk *desk, uint32_t message);

/* Why a desk's `custody` is refused: a problem of the API. */
struct consent_no { int status; const char *code, *detail; };
/* consent_ask(c): NULL if the source may be asked now. */
const struct consent_no *consent_ask(const struct case_record *c);
/* consent_open(c, desk, seen): NULL if ${seen} is a yes that counts, to an
 * identity that ${desk} keeps. */
const struct consent_no *consent_open(const struct case_record *c,
    const struct roster_desk *desk,
    const uint8_t seen[static COMMITMENT_LEN]);

/*
 * consent_answer(s, who, question, yes): the source's answer.  ${question}
 * NULL: to the newest one.  The same answer again changes nothing; another
 * one does, as long as nobody has opened.
 * Fails: ERR_NOTFOUND (nobody asked), ERR_CONFLICT (another question stands
 * by now, or it was opened), ERR_RANGE (CONSENT_ANSWERS are used up in this
 * epoch), ERR_BUSY (no leaf, or the log stands still), ERR_FULL, ERR_SYS;
 * nothing was kept.
 */
enum err consent_answer(struct server *s, const struct session_data *who,
    const uint8_t *question, bool yes) MUST_USE;

#endif
