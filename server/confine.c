/* Which folders and calls the two processes keep: confine.h. */
#include <sys/prctl.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "confine.h"

#define PATHS	10

/* Fresh paths, ended by NULL. */
struct paths {
	char *at[PATHS + 1];
	size_t n;
	bool failed;
};

static void
add(struct paths *p, char *fresh)
{

	if (fresh == NULL || p->n == PATHS) {
		p->failed = true;
		free(fresh);
		return;
	}
	p->at[p->n++] = fresh;
}

static void
done(struct paths *p)
{

	for (size_t i = 0; i < p->n; i++)
		free(p->at[i]);
}

static enum err
enter(struct paths *read, struct paths *write, struct paths *sock)
{
	const struct sandbox_files f = {
		(const char *const *)read->at, (const char *const *)write->at,
		(const char *const *)sock->at
	};
	enum err e = ERR_SYS;
	bool there;

#ifdef PELUIT_NO_SANDBOX
	/* sanitizers and valgrind make calls and files of their own */
	e = ERR_OK;
	(void)f;
	(void)there;
#else
	/* a kernel without Landlock still has the other half */
	if (!read->failed && !write->failed && !sock->failed)
		e = sandbox_files(&f, &there);
#endif
	done(read);
	done(write);
	done(sock);
	return (e);
}

void
confine_child(int fd)
{
	sigset_t all;

	/* it ends with its parent and not by the terminal's Ctrl-C */
	(void)sigfillset(&all);
	(void)sigdelset(&all, SIGTERM);
	(void)sigprocmask(SIG_SETMASK, &all, NULL);
	(void)signal(SIGTERM, SIG_DFL);
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	/* nothing of the parent's stays open: who waits for the end of
	 * --ready's descriptor would wait for ours */
	if (fd > 3)
		(void)close_range(3, (unsigned)fd - 1, 0);
	(void)close_range((unsigned)fd + 1, ~0U, 0);
}

enum err
confine_memory(struct instance *in)
{
	enum err e = process_lock();

	if (e != ERR_RANGE || in->demo)
		return (e == ERR_RANGE ? ERR_OK : e);
	(void)snprintf(in->why, sizeof(in->why), "memory could go to swap: "
	    "how much may be locked is limited; lift that (LimitMEMLOCK="
	    "infinity in the unit, or ulimit -l unlimited)");
	return (e);
}

/* The file is replaced by rename: its folder, then. */
static void
add_clock(struct paths *read, const char *clock)
{

	if (clock != NULL)
		add(read, path_folder(clock));
}

enum err
confine_server_files(const struct instance *in, const char *clock)
{
	const struct addr *listen[3] = {
		&in->config.source, &in->config.desk, &in->config.log
	};
	struct paths read = { .n = 0 }, write = { .n = 0 }, sock = { .n = 0 };

	add_clock(&read, clock);
	add(&write, instance_path(in, "store"));
	add(&write, instance_path(in, "public"));
	if (in->demo)
		add(&write, instance_path(in, "people"));
	for (size_t i = 0; i < 3; i++) {
		if (listen[i]->kind == ADDR_UNIX)
			add(&sock, path_folder(listen[i]->host));
	}
	return (enter(&read, &write, &sock));
}

static enum err
calls(enum sandbox_who who)
{

#ifdef PELUIT_NO_SANDBOX
	(void)who;
	return (ERR_OK);
#else
	return (sandbox_calls(who));
#endif
}

enum err
confine_server_calls(void)
{

	return (calls(SANDBOX_SERVER));
}

enum err
confine_signer(const struct instance *in, const char *clock)
{
	struct paths read = { .n = 0 }, write = { .n = 0 }, sock = { .n = 0 };
	enum err e;

	add_clock(&read, clock);
	add(&write, instance_path(in, "signer"));
	e = enter(&read, &write, &sock);
	return (e != ERR_OK ? e : calls(SANDBOX_SIGNER));
}

enum err
confine_opener(const char *dir)
{
	struct paths read = { .n = 0 }, write = { .n = 0 }, sock = { .n = 0 };
	enum err e;

	add(&read, path_join(dir, "."));
	e = enter(&read, &write, &sock);
	return (e != ERR_OK ? e : calls(SANDBOX_OPENER));
}
