/* Tampering with sealed objects. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "intake.h"
#include "sys.h"
#include "tamper.h"

struct object_job {
	struct tamper *t;
	uint64_t message, object;
	struct buf *text;		/* NULL: delete */
};

static enum err
erase_blocks(const struct records *r, struct store_txn *txn,
    const struct object_record *o)
{
	enum err e = ERR_OK;

	for (uint32_t k = 0; k < o->blocks && e == ERR_OK; k++) {
		struct place at = place_block(r, o->id, k);

		e = store_del(txn, DB_BLOCKS, at.key);
	}
	return (e);
}

/* The new bytes under the old object's id. */
static enum err
replace(struct object_job *j, struct store_txn *txn,
    const struct case_record *c, struct message_record *m)
{
	const struct records *r = j->t->records;
	struct object_record *o = &m->object[j->object];
	struct object_home home = { .message = m->number };
	struct small_object s;
	enum err e;

	memcpy(home.case_id, c->id, ID_LEN);
	e = small_seal(o->use, c->recipient, c->recipients, j->text, &s);
	if (e != ERR_OK)
		return (e);
	memcpy(s.record.id, o->id, ID_LEN);
	if ((e = small_store(r, txn, &s, &home)) == ERR_OK) {
		object_done(o);
		*o = s.record;
		object_init(&s.record);		/* transferred */
		e = message_put(r, txn, m);
	}
	small_done(&s);
	return (e);
}

static enum err
object_job(struct store_txn *txn, void *arg)
{
	struct object_job *j = arg;
	const struct records *r = j->t->records;
	struct message_record m;
	struct case_record c;
	char hex[HEX_LEN(ID_LEN) + 1];
	enum err e;

	memset(&m, 0, sizeof(m));
	e = tamper_case(j->t, txn, tamper_arg(j->t, 1, "-"), &c);
	if (e == ERR_OK)
		e = message_get(r, txn, c.id, (uint32_t)j->message, &m);
	if (e == ERR_OK && j->object >= m.objects)
		e = ERR_NOTFOUND;
	if (e != ERR_OK)
		goto out;
	hex_encode(m.object[j->object].id, ID_LEN, hex);
	tamper_say(j->t, ",\"object\":\"%s\"", hex);
	e = erase_blocks(r, txn, &m.object[j->object]);
	if (e == ERR_OK && j->text != NULL)
		e = replace(j, txn, &c, &m);
out:
	message_done(&m);
	case_done(&c);
	return (e);
}

static enum err
on_object(struct tamper *t, struct buf *text)
{
	struct object_job j = { .t = t, .text = text };

	if (tamper_number(t, 2, 0, &j.message) != ERR_OK ||
	    tamper_number(t, 3, 0, &j.object) != ERR_OK)
		return (ERR_RANGE);
	return (tamper_write(t, object_job, &j));
}

enum err
tamper_delete_object(struct tamper *t)
{

	return (on_object(t, NULL));
}

enum err
tamper_replace_object(struct tamper *t)
{
	static const char otherwise[] = "{\"text\":\"replaced\"}";
	uint8_t *data = NULL;
	struct buf text;
	size_t n = 0;
	enum err e;

	buf_init(&text, MANIFEST_MAX);
	if (isatty(0) == 0 && (e = fd_read(0, MANIFEST_MAX, &data, &n)) !=
	    ERR_OK)
		goto out;
	if (n > 0)
		buf_put(&text, data, n);
	else
		buf_puts(&text, otherwise);
	e = on_object(t, &text);
out:
	free(data);
	buf_done(&text);
	return (e);
}
