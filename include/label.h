#ifndef LABEL_H
#define LABEL_H
/*
 * The one table of labels.  Each signature, hash and derived key has a label
 * of its own, so that bytes made for one purpose are worth nothing for
 * another.  A label is used without its NUL.  What follows it is named in
 * docs/FORMATS.md.
 */

/* age v1 (C2SP): HKDF infos, and the salt prefix of scrypt. */
#define LABEL_AGE_VERSION	"age-encryption.org/v1"
#define LABEL_AGE_HEADER	"header"
#define LABEL_AGE_PAYLOAD	"payload"
#define LABEL_AGE_X25519	"age-encryption.org/v1/X25519"
#define LABEL_AGE_SCRYPT	"age-encryption.org/v1/scrypt"

/* HKDF infos under the server's receipt key: then the cookie, the draft. */
#define LABEL_FORM		"peluit/form/v1"
#define LABEL_DRAFT		"peluit/draft/v1"

/* HKDF infos under the receipt key: Argon2id's salt, the key of the forms'
 * tokens, the key that remembers what a form said. */
#define LABEL_SALT		"peluit/salt/v1"
#define LABEL_TOKEN		"peluit/token/v1"
#define LABEL_FIELDS		"peluit/fields/v1"

/* HKDF infos under the at-rest key: sealing records, hashing their keys. */
#define LABEL_RECORD		"peluit/record/v1"
#define LABEL_INDEX		"peluit/index/v1"

/* HKDF info under a session's cookie: sealing its record. */
#define LABEL_SESSION		"peluit/session/v1"

/* HKDF infos under the root of a receipt. */
#define LABEL_LOCATOR		"peluit/receipt/v1 locator"
#define LABEL_SOURCE_AGE	"peluit/receipt/v1 age"
#define LABEL_SOURCE_SIGN	"peluit/receipt/v1 sign"

/* SHA-256 of label, 0x00, then: nonce and event; the case's id. */
#define LABEL_COMMIT		"peluit-commit/v1"
#define LABEL_CASE_NAME		"peluit-case-name/v1"

/* First line of a text: what is hashed or signed is the whole text. */
#define LABEL_RECIPIENTS	"peluit-recipients/v1"
#define LABEL_ROSTER		"peluit-roster/v1"
#define LABEL_ACTION		"peluit-action/v1"
#define LABEL_EVENT		"peluit-event/v1"
#define LABEL_LOSS		"peluit-loss/v1"
#define LABEL_PROMISE		"peluit-promise/v1"

/* Tag parameter of an HTTP message signature (RFC 9421): an API answer. */
#define LABEL_ANSWER		"peluit-answer/v1"

#endif
