#ifndef SERVER_H
#define SERVER_H
/*
 * What the use cases share.  Made by serve.c before any thread, taken down
 * after the last.  Config and rosters change on SIGHUP under `office`.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

#include "circuit.h"
#include "instance.h"
#include "lanes.h"
#include "records.h"
#include "session.h"
#include "signer.h"
#include "store.h"
#include "sys.h"

struct replay;				/* desk_auth.c */
struct pending;				/* pending.c */
struct sweep;				/* sweep.c */
struct uploads;				/* upload_keep.c */

struct server {
	struct instance *in;
	pthread_rwlock_t office;	/* guards in->config, in->roster */
	struct store *store;
	struct records *records;
	struct sessions *sessions;
	struct lanes *lanes;
	struct circuits *circuits;	/* NULL: not behind Tor */
	struct clock *clock;
	struct signer *signer;
	struct replay *replay;
	struct pending *pending;
	struct sweep *sweep;
	struct uploads *uploads;
	uint8_t salt[SALT_LEN];		/* of Argon2id */
	struct argon2_cost cost;
	int64_t started;		/* by the clock */
	_Atomic uint64_t unfetched;	/* bytes, see unfetched.h */
	atomic_bool stopped;		/* the log stands still */
};

/* server_epoch(s): the epoch by the clock. */
uint64_t server_epoch(struct server *s);
/* server_office_lock, _unlock: around any use of config or roster. */
void server_office_lock(struct server *s);
void server_office_unlock(struct server *s);

#endif
