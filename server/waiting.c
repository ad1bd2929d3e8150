/* Signed actions that wait while the log stands still. */
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "records_internal.h"
#include "waiting.h"

#define KIND_WAITING	'w'

enum err
waiting_put(const struct records *r, struct store_txn *t,
    struct install_record *install, const struct ledger_act *act)
{
	struct place at = place_log(r, KIND_WAITING, install->waiting_to);
	struct buf b, text;
	enum err e;

	buf_init(&text, ACTION_MAX);
	record_begin(&b);
	if ((e = action_encode(act->action, &text)) == ERR_OK) {
		buf_blob(&b, text.data, text.len);
		buf_u32(&b, act->message);
		buf_u8(&b, act->sig != NULL);
		if (act->sig != NULL)
			buf_put(&b, act->sig, SIGN_LEN);
		e = record_put(r, t, DB_LOG, &at, &b);
	}
	buf_done(&text);
	buf_done(&b);
	if (e != ERR_OK)
		return (e);
	install->waiting_to++;
	return (install_put(r, t, install));
}

struct waiting {
	struct action action;
	bool has_sig;
	uint8_t sig[SIGN_LEN];
	uint32_t message;
};

static enum err
waiting_get(const struct records *r, struct store_txn *t, uint64_t number,
    struct waiting *out)
{
	struct place at = place_log(r, KIND_WAITING, number);
	const uint8_t *p;
	struct buf b;
	struct cur c;
	size_t n;
	enum err e;

	memset(out, 0, sizeof(*out));
	buf_init(&b, RECORD_MAX);
	if ((e = record_get(r, t, DB_LOG, &at, &b)) != ERR_OK)
		goto out;
	c = record_cur((struct bytes){ b.data, b.len });
	p = cur_blob(&c, &n);
	out->message = cur_u32(&c);
	out->has_sig = cur_u8(&c) != 0;
	if (out->has_sig)
		cur_copy(&c, out->sig, SIGN_LEN);
	if ((e = cur_end(&c)) == ERR_OK)
		e = action_decode((struct bytes){ p, n }, &out->action);
out:
	buf_done(&b);
	return (e);
}

struct flush {
	struct server *s;
	struct waiting w;
	struct ledger_taken taken[WAITING_BATCH];
	size_t n;
	bool more;
};

/* The case may have been deleted while its action waited: then it goes. */
static enum err
take_turn(struct flush *f, struct store_txn *t, uint64_t number)
{
	const struct records *r = f->s->records;
	struct ledger_act act = { &f->w.action, NULL, server_epoch(f->s), 0,
	    false, true };
	struct case_record c;
	enum err e;

	if ((e = waiting_get(r, t, number, &f->w)) != ERR_OK)
		return (e);
	act.sig = f->w.has_sig ? f->w.sig : NULL;
	act.message = f->w.message;
	e = case_get_by_id(r, t, f->w.action.case_id, &c);
	if (e != ERR_OK)
		return (e == ERR_NOTFOUND ? ERR_OK : e);
	e = ledger_take(r, t, &act, &c, &f->taken[f->n]);
	if (e == ERR_OK) {
		f->n++;
		e = case_put(r, t, &c);
	}
	case_done(&c);
	return (e);
}

static enum err
flush_job(struct store_txn *t, void *arg)
{
	struct flush *f = arg;
	const struct records *r = f->s->records;
	struct install_record i;
	enum err e;

	f->n = 0;			/* a job may run twice */
	f->more = false;
	if ((e = install_get(r, t, &i)) != ERR_OK)
		return (e);
	while (i.waiting_from < i.waiting_to && f->n < WAITING_BATCH) {
		struct place at = place_log(r, KIND_WAITING, i.waiting_from);

		if ((e = take_turn(f, t, i.waiting_from)) != ERR_OK)
			break;
		if ((e = store_del(t, DB_LOG, at.key)) != ERR_OK)
			return (e);
		i.waiting_from++;
	}
	/* what found a leaf keeps it, also if the next did not */
	if (e != ERR_OK && (e != ERR_FULL || f->n == 0))
		return (e);
	f->more = i.waiting_from < i.waiting_to;
	return (install_put(r, t, &i));
}

enum err
waiting_flush(struct server *s)
{
	struct flush *f = calloc(1, sizeof(*f));
	enum err e;

	if (f == NULL)
		return (ERR_SYS);
	f->s = s;
	do {
		e = store_write(s->store, STORE_LAST, flush_job, f);
		for (size_t i = 0; e == ERR_OK && i < f->n; i++)
			log_promise_event(s, &f->taken[i]);
	} while (e == ERR_OK && f->more);
	free(f);
	return (e);
}
