/* peluitd serve: take everything up, tick, take it down. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cmd.h"
#include "confine.h"
#include "desk.h"
#include "log.h"
#include "log_app.h"
#include "office.h"
#include "opener.h"
#include "pending.h"
#include "source.h"
#include "retention.h"
#include "signer_internal.h"
#include "sweep.h"
#include "unfetched.h"
#include "upload.h"
#include "waiting.h"

#define QUEUE		64		/* waiting places of a lane */
#define TICK_MS		100
#define BEATS		10	/* ticks between two looks at the signer, and
				   at the circuits */
#define CIRCUITS_MIN	4096	/* that are remembered, at least */
#define LISTENERS	3
#define FILES_OTHER	64	/* descriptors that are no connections */
#define STOP_SEC	10
#define LOCKED_BYTES	(4 * 1024 * 1024)	/* sessions in use, secrets */

struct wanted { const char *dir, *clock; int ready, notify; };

/* All that serve has taken up, in order; given back in reverse. */
struct serve {
	struct wanted w;
	struct instance in;
	struct server s;
	struct opener *opener;
	struct signer_state sign_state;	/* as it was at the start */
	struct http *source, *desk, *log;
	uint64_t swept;			/* epoch of the last sweep */
	uint64_t closed;		/* epochs before it are closed */
	uint64_t judged;		/* epoch by which the clock was */
	bool confirmed;			/* the clock is right, said confirm */
	bool told;			/* that an epoch cannot be closed */
	bool kept;			/* ... that a case is not deleted */
	bool broken;			/* the signer is gone */
	unsigned beats;
};

uint64_t
server_epoch(struct server *s)
{

	return (instance_epoch(s->in, clock_now(s->clock)));
}

void
server_office_lock(struct server *s)
{

	(void)pthread_rwlock_rdlock(&s->office);
}

void
server_office_unlock(struct server *s)
{

	(void)pthread_rwlock_unlock(&s->office);
}

static int
parse(int argc, char **argv, struct wanted *w)
{
	char *end;

	memset(w, 0, sizeof(*w));
	w->ready = -1;
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--clock") == 0 && i + 1 < argc) {
			w->clock = argv[++i];
		} else if (strcmp(argv[i], "--ready") == 0 && i + 1 < argc) {
			w->ready = (int)strtol(argv[++i], &end, 10);
			if (*end != '\0' || w->ready < 0)
				goto use;
		} else if (argv[i][0] != '-' && w->dir == NULL) {
			w->dir = argv[i];
		} else {
			goto use;
		}
	}
	if (w->dir != NULL)
		return (EXIT_DONE);
use:
	diag("usage: peluitd serve DIR [--clock FILE] [--ready FD]");
	return (EXIT_USE);
}

/* No file time is finer than an epoch. */
static int64_t
file_time(void *arg)
{
	struct server *s = arg;

	return (instance_epoch_start(s->in, server_epoch(s)));
}

static enum err
open_store(struct serve *v)
{
	const struct config *c = &v->in.config;
	struct store_options so = {
		.reserve_files = (uint64_t)c->reserve_files_mib << 20,
		.reserve_text = (uint64_t)c->reserve_text_mib << 20,
		.mtime = file_time, .mtime_arg = &v->s
	};
	char *path = instance_path(&v->in, "store");
	enum err e;

	e = store_open(path, &so, &v->s.store);
	if (e != ERR_OK)
		(void)snprintf(v->in.why, sizeof(v->in.why), "%s: %s", path,
		    store_why(e));
	free(path);
	return (e);
}

/*
 * Each listener may need all its descriptors at once: better no start than
 * clients that wait for ever.
 */
static enum err
enough_files(struct serve *v)
{
	uint64_t limit, need = LISTENERS *
	    (uint64_t)v->in.config.connections + FILES_OTHER;

	if (process_can_open(need, &limit) == ERR_OK)
		return (ERR_OK);
	(void)snprintf(v->in.why, sizeof(v->in.why), "only %llu files may be "
	    "open, %llu are needed: raise the limit (ulimit -Hn, LimitNOFILE)"
	    " or lower connections in limits", (unsigned long long)limit,
	    (unsigned long long)need);
	return (ERR_RANGE);
}

static enum err
start_circuits(struct serve *v)
{
	const struct config *c = &v->in.config;
	const struct circuit_limits l = {
		.level = { (unsigned)c->per_circuit,
		    (unsigned)c->circuit_uploads },
		.rate = { (unsigned)c->circuit_requests,
		    (unsigned)c->circuit_signins, (unsigned)c->circuit_reports,
		    (unsigned)c->circuit_writes,
		    (unsigned)c->circuit_mib * 1024 }
	};
	size_t places = 2 * LISTENERS * (size_t)c->connections;

	if (!c->proxy_line)
		return (ERR_OK);
	return (circuits_new(places < CIRCUITS_MIN ? CIRCUITS_MIN : places,
	    &l, &v->s.circuits));
}

static enum err
start_listeners(struct serve *v)
{
	struct config *c = &v->in.config;
	struct http_options o = {
		.addr = &c->source, .proxy_line = c->proxy_line,
		.app = source_app(&v->s), .lanes = v->s.lanes, .threads = 2,
		.circuits = v->s.circuits, .hourly = true,
		.limits = { (unsigned)c->connections, (unsigned)c->uploads,
		    (uint64_t)c->memory_mib << 20, 30, 60, 60, 1024 }
	};
	enum err e;

	if ((e = http_start(&o, &v->source)) != ERR_OK)
		goto out;
	o.addr = &c->desk;
	o.proxy_line = false;
	o.hourly = false;
	o.app = desk_app(&v->s);
	o.threads = 1;
	if ((e = http_start(&o, &v->desk)) != ERR_OK)
		goto out;
	o.addr = &c->log;
	o.proxy_line = c->proxy_line;
	o.app = log_app(&v->s);
	e = http_start(&o, &v->log);
out:
	if (e != ERR_OK) {
		char text[ADDR_MAX + 16];

		addr_text(o.addr, text);
		(void)snprintf(v->in.why, sizeof(v->in.why), "cannot listen on"
		    " %s: %s", text, e == ERR_SYS ? strerror(errno) :
		    e == ERR_BUSY ? "it is in use" : err_text(e));
	}
	return (e);
}

/* Whether the store holds what was promised: by epoch, leaf, commitment. */
static enum err
holds(struct serve *v, struct store_txn *t, const struct promised *p)
{
	struct epoch_record ep;
	enum err e;

	if ((e = epoch_get(v->s.records, t, p->epoch, &ep)) != ERR_OK)
		return (e);
	e = ERR_CONFLICT;
	for (size_t i = 0; i < ep.entries; i++) {
		uint8_t h[COMMITMENT_LEN];

		if (ep.entry[i].leaf != p->leaf)
			continue;
		ledger_commitment(&ep.entry[i], h);
		if (memcmp(h, p->commitment, sizeof(h)) == 0)
			e = ERR_OK;
	}
	epoch_done(&ep);
	return (e);
}

static enum err
signer_state(struct serve *v)
{
	char *path = instance_path(&v->in, "signer/state");
	enum err e = signer_state_read(path, &v->sign_state);

	free(path);
	return (e);
}

/*
 * A store that was copied back from a backup lacks what the signer has signed
 * or promised; a signer's state that was copied back is older than the store.
 */
static enum err
same_history(struct serve *v)
{
	struct signer_state *st = &v->sign_state;
	struct install_record i;
	struct store_txn *t;
	enum err e;

	if ((e = store_begin(v->s.store, &t)) != ERR_OK)
		goto out;
	if ((e = install_get(v->s.records, t, &i)) == ERR_OK) {
		if (st->next == 0)
			st->next = instance_epoch0(&v->in);
		/* between its signature and our record lies one epoch */
		if (st->next != i.next_close && st->next != i.next_close + 1)
			e = ERR_CONFLICT;
		for (size_t k = 0; e == ERR_OK && k < st->promises; k++)
			e = holds(v, t, &st->promised[k]);
	}
	store_end(t);
	if (e == ERR_CONFLICT)
		(void)snprintf(v->in.why, sizeof(v->in.why), "%s: the %s is "
		    "older than what was signed: it comes from a backup; bring"
		    " a mirror of the log: peluitd restore DIR --log MIRROR",
		    v->in.dir, st->next >= i.next_close ? "store" :
		    "signer's state");
out:
	signer_state_done(st);
	return (e);
}

static enum err
start(struct serve *v)
{
	struct server *s = &v->s;
	enum err e;

	if ((e = instance_open(v->w.dir, 1u << SECRET_AT_REST |
	    1u << SECRET_RECEIPT, &v->in)) != ERR_OK)
		return (e);
	if ((e = confine_memory(&v->in)) != ERR_OK)
		return (e);
	if (v->w.clock != NULL && !v->in.demo) {
		(void)snprintf(v->in.why, sizeof(v->in.why),
		    "--clock is for an instance made with --demo");
		return (ERR_DENIED);
	}
	if ((e = enough_files(v)) != ERR_OK ||
	    (e = start_circuits(v)) != ERR_OK)
		return (e);
	if ((e = clock_open(v->w.clock, &s->clock)) != ERR_OK) {
		(void)snprintf(v->in.why, sizeof(v->in.why), "%s: not a file "
		    "of decimal Unix seconds", v->w.clock);
		return (e);
	}
	/* what is the signer's is out of reach behind this */
	if ((e = signer_state(v)) != ERR_OK ||
	    (e = confine_server_files(&v->in, v->w.clock)) != ERR_OK)
		return (e);
	s->in = &v->in;
	s->started = clock_now(s->clock);
	instance_salt(&v->in, s->salt);
	if ((e = records_new(v->in.secret[SECRET_AT_REST], &s->records)) !=
	    ERR_OK || (e = open_store(v)) != ERR_OK ||
	    (e = office_start(s)) != ERR_OK)
		return (e);
	if ((e = same_history(v)) != ERR_OK)
		return (e);
	e = office_take_next(s);
	if (e != ERR_OK && e != ERR_NOTFOUND)
		return (e);
	if ((e = instance_config_fits(s->in, &s->in->config)) != ERR_OK ||
	    (e = sweep_new(&s->sweep)) != ERR_OK ||
	    (e = uploads_new(&s->uploads)) != ERR_OK ||
	    (e = sweep_uploads(s, true)) != ERR_OK ||
	    (e = unfetched_start(s)) != ERR_OK ||
	    (e = pending_new(s->records, s->store, s->started,
	    &s->pending)) != ERR_OK ||
	    (e = sessions_new((size_t)v->in.config.sessions, &s->sessions)) !=
	    ERR_OK || (e = replay_new(&s->replay)) != ERR_OK ||
	    (e = lanes_new(QUEUE, &s->lanes)) != ERR_OK)
		return (e);
	if ((e = start_listeners(v)) != ERR_OK)
		return (e);
	/* every thread runs by now */
	return (confine_server_calls());
}

static void
stop(struct serve *v)
{
	struct server *s = &v->s;

	if (v->source != NULL)
		http_drain(v->source);
	if (v->desk != NULL)
		http_drain(v->desk);
	if (v->log != NULL)
		http_drain(v->log);
	if (v->source != NULL)
		http_stop(v->source, STOP_SEC - 4);
	if (v->desk != NULL)
		http_stop(v->desk, 2);
	if (v->log != NULL)
		http_stop(v->log, 1);
	if (s->lanes != NULL)
		lanes_stop(s->lanes);
	if (s->lanes != NULL)
		uploads_tick(s, true);
	if (s->store != NULL)
		store_close(s->store);
	signer_stop(s->signer);
	opener_stop(v->opener);
	pending_free(s->pending);
	sweep_free(s->sweep);
	uploads_free(s->uploads);
	sessions_free(s->sessions);
	replay_free(s->replay);
	circuits_free(s->circuits);
	records_free(s->records);
	if (s->clock != NULL)
		clock_close(s->clock);
	instance_close(&v->in);
}

/* A demo's homes are told where the desk really listens. */
static void
tell_homes(struct serve *v)
{
	struct addr a = v->in.config.desk;
	char url[ADDR_MAX + 32], text[ADDR_MAX + 16];

	addr_text(&a, text);
	(void)snprintf(url, sizeof(url), "%s%s", a.kind == ADDR_UNIX ? "" :
	    "http://", a.kind == ADDR_UNIX ? text : text + strlen("tcp:"));
	if (demo_offices(&v->in, url) != ERR_OK)
		diag("the demo's office files could not be written");
}

static void
say_ready(struct serve *v)
{
	const struct config *c = &v->in.config;
	const struct addr *addr[3] = { &c->source, &c->desk, &c->log };
	static const char *const name[3] = { "source", "desk", "log" };
	static const char told[] = "READY=1";
	FILE *f;

	if (v->w.notify >= 0) {
		(void)send(v->w.notify, told, sizeof(told) - 1, MSG_NOSIGNAL);
		(void)close(v->w.notify);
	}
	if (v->w.ready < 0 || (f = fdopen(v->w.ready, "w")) == NULL)
		return;
	(void)fprintf(f, "{\"pid\":%ld", (long)getpid());
	for (int i = 0; i < 3; i++) {
		char text[ADDR_MAX + 16];

		addr_text(addr[i], text);
		(void)fprintf(f, ",\"%s\":\"%s\"", name[i], text);
	}
	(void)fprintf(f, ",\"epoch\":%llu}\n",
	    (unsigned long long)server_epoch(&v->s));
	(void)fclose(f);
}

/* ---- while it runs ---- */

/*
 * A clock that may be wrong stops the log, not the reports, until `peluitd
 * confirm` says that it is right.  A demo's --clock may jump.
 */
static void
judge_clock(struct serve *v, uint64_t over)
{
	struct server *s = &v->s;
	bool was = atomic_load(&s->stopped), stop;
	char *path;

	if (v->w.clock != NULL || (over == v->judged && !was))
		return;
	v->judged = over;
	stop = log_state_now(s) == LOG_STOPPED;
	/* one that was given in advance says nothing of a later clock */
	path = office_confirm_path(&v->in);
	if (unlink(path) == 0)
		v->confirmed = stop && (was || v->confirmed);
	free(path);
	v->confirmed = v->confirmed && stop;
	stop = stop && !v->confirmed;
	if (stop && !was)
		diag("the clock and the log are too far apart: the log stands "
		    "still, reports are taken and wait; if the clock is right:"
		    " peluitd confirm DIR");
	atomic_store(&s->stopped, stop);
}

/* What fails is tried again at the next tick; it is said once. */
static void
close_epochs(struct serve *v, uint64_t over)
{
	enum err e = log_close(&v->s, over);

	if (e == ERR_OK) {
		v->closed = over;
		v->told = false;
	} else if (e != ERR_BUSY && !v->told) {
		v->told = true;
		diag("an epoch cannot be closed (%s): the log is late; "
		    "reports are taken", err_text(e));
	}
}

/* What is due is still due at the next epoch; said once. */
static void
delete_due(struct serve *v)
{
	enum err e = retention_tick(&v->s);

	if (e != ERR_OK && !v->kept)
		diag("a closed case whose days are over cannot be deleted "
		    "(%s): see what peluitd check says", err_text(e));
	v->kept = e != ERR_OK;
}

static void
tick(struct serve *v)
{
	struct server *s = &v->s;
	int64_t now = clock_now(s->clock);
	uint64_t over = instance_epoch(s->in, now);

	judge_clock(v, over);
	if (!atomic_load(&s->stopped) && v->closed < over)
		close_epochs(v, over);
	if (!atomic_load(&s->stopped))
		(void)(waiting_flush(s) == ERR_OK);
	pending_tick(s->pending, now, server_epoch(s));
	session_sweep(s->sessions, now);
	uploads_tick(s, false);
	(void)(sweep_tick(s) == ERR_OK);	/* else at the next start */
	store_tick(s->store);
	if (server_epoch(s) != v->swept) {
		v->swept = server_epoch(s);
		(void)(sweep_uploads(s, false) == ERR_OK);
		if (!atomic_load(&s->stopped))
			delete_due(v);
	}
}

static void
reload(struct serve *v)
{
	struct config *fresh = calloc(1, sizeof(*fresh));
	struct config *c = &v->in.config;
	char why[CONFIG_ERROR_MAX];
	char *path = instance_path(&v->in, "peluit.conf");
	int fd = -1;
	enum err e;

	clock_reread(v->s.clock);
	if (fresh == NULL) {
		diag("no memory to read the config again; the old one stays");
	} else if (opener_config(v->opener, &fd) != ERR_OK) {
		diag("%s: cannot be opened; the old config stays", path);
	} else if (config_read_fd(fd, path, fresh, why) != ERR_OK) {
		diag("%s; the old config stays", why);
	} else if (strcmp(fresh->origin, c->origin) != 0 ||
	    fresh->epoch_seconds != c->epoch_seconds ||
	    memcmp(&fresh->argon2, &c->argon2, sizeof(c->argon2)) != 0 ||
	    fresh->channels != c->channels) {
		diag("%s: origin, epoch_seconds, argon2 and channels need a "
		    "restart; the old config stays", path);
	} else if (instance_config_fits(&v->in, fresh) != ERR_OK) {
		diag("%s; the old config stays", v->in.why);
	} else {
		(void)pthread_rwlock_wrlock(&v->s.office);
		/* where it listens stays until a restart */
		fresh->source = c->source;
		fresh->desk = c->desk;
		fresh->log = c->log;
		*c = *fresh;
		(void)pthread_rwlock_unlock(&v->s.office);
	}
	if (fd != -1)
		(void)close(fd);
	free(fresh);
	free(path);
	e = office_take_next(&v->s);
	if (e == ERR_OK)
		diag("roster %zu is accepted", v->in.rosters);
	else if (e != ERR_NOTFOUND)
		diag("the roster that waits is refused: %s", v->in.why);
}

static void
run(struct serve *v, const sigset_t *set)
{
	struct timespec beat = { 0, TICK_MS * 1000000L };
	uint64_t next;
	int sig;

	for (;;) {
		sig = sigtimedwait(set, NULL, &beat);
		if (sig == SIGTERM || sig == SIGINT)
			return;
		if (sig == SIGHUP)
			reload(v);
		tick(v);
		stack_clear();
		if (++v->beats % BEATS != 0)
			continue;
		if (v->s.circuits != NULL)
			circuits_sweep(v->s.circuits, clock_steady_ms());
		if (signer_next(v->s.signer, &next) != ERR_OK) {
			diag("the signer is gone: stopping, to be started "
			    "again");
			v->broken = true;
			return;
		}
	}
}

int
cmd_serve(int argc, char **argv)
{
	struct serve *v = calloc(1, sizeof(*v));
	uint64_t limit;
	sigset_t set;
	int status = EXIT_REFUSED;
	enum err e;

	if (v == NULL)
		return (cmd_no_memory());
	if ((status = parse(argc, argv, &v->w)) != EXIT_DONE)
		goto out;
	status = EXIT_REFUSED;
	/* every thread inherits these: one place takes the signals */
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGINT);
	(void)sigaddset(&set, SIGHUP);
	(void)pthread_sigmask(SIG_BLOCK, &set, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGXFSZ, SIG_IGN);	/* a write that fails says so */
	if (process_rights(v->w.dir) != ERR_OK) {
		diag("root's rights cannot be given up: %s", strerror(errno));
		goto out;
	}
	if (process_guard() != ERR_OK) {
		diag("core dumps cannot be turned off: %s", strerror(errno));
		goto out;
	}
	if (process_can_lock(LOCKED_BYTES, &limit) != ERR_OK) {
		diag("only %llu KiB of memory may be locked, %d are needed: "
		    "raise the limit (ulimit -l, LimitMEMLOCK)",
		    (unsigned long long)limit / 1024, LOCKED_BYTES / 1024);
		goto out;
	}
	(void)pthread_rwlock_init(&v->s.office, NULL);
	/* a process of its own, before there are threads */
	if (signer_start(v->w.dir, v->w.clock, &v->s.signer) != ERR_OK) {
		diag("the signer cannot be started: nothing is served");
		goto out;
	}
	/* a socket is made while there may be one */
	v->w.notify = net_notify(getenv("NOTIFY_SOCKET"));
	if (opener_start(v->w.dir, &v->opener) != ERR_OK) {
		diag("what opens the config cannot be started");
		signer_stop(v->s.signer);
		goto out;
	}
	if ((e = start(v)) == ERR_OK) {
		if (v->in.demo)
			tell_homes(v);
		say_ready(v);
		run(v, &set);
		status = v->broken ? EXIT_REFUSED : EXIT_DONE;
	} else {
		diag("%s", v->in.why[0] != '\0' ? v->in.why :
		    e == ERR_SYS ? strerror(errno) : err_text(e));
	}
	stop(v);
out:
	free(v);
	return (status);
}
