/*
 * A card: what a new officer hands over to be put in the roster.
 *
 *	peluit-card/v1 LABEL HEX AGE
 *
 * HEX is the Ed25519 key that signs, AGE the recipient that reads.
 */
#include <string.h>

#include "line.h"
#include "roster.h"

enum err
card_encode(const struct card *c, struct buf *out)
{
	char age[AGE_RECIPIENT_LEN + 1];

	if (!roster_name_valid(c->label, ROSTER_LABEL_MAX))
		return ERR_FORMAT;
	buf_printf(out, "peluit-card/v1 %s ", c->label);
	buf_hex(out, c->key, sizeof(c->key));
	age_recipient_encode(&c->age, age);
	buf_printf(out, " %s\n", age);
	return buf_err(out);
}

enum err
card_decode(struct bytes text, struct card *out)
{
	struct cur c = cur_over(text.p, text.n);
	char age[AGE_RECIPIENT_LEN + 1];
	struct bytes rest, word;
	struct card card;

	memset(out, 0, sizeof(*out));
	memset(&card, 0, sizeof(card));
	if (!line_take(&c, "peluit-card/v1", &rest) || cur_end(&c) != ERR_OK ||
	    !line_word(&rest, &word) ||
	    line_text(word, card.label, sizeof(card.label)) != ERR_OK ||
	    !roster_name_valid(card.label, ROSTER_LABEL_MAX) ||
	    !line_word(&rest, &word) ||
	    hex_decode(word, card.key, sizeof(card.key)) != ERR_OK)
		return ERR_FORMAT;
	if (sign_key_check(card.key) != ERR_OK ||
	    line_text(rest, age, sizeof(age)) != ERR_OK ||
	    age_recipient_decode(age, &card.age) != ERR_OK)
		return ERR_KEY;
	*out = card;
	return ERR_OK;
}
