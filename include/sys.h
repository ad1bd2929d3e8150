#ifndef SYS_H
#define SYS_H
/*
 * The only door to the operating system: files, time, sockets, terminal,
 * process.  Knows nothing of crypto, formats or the server.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "err.h"

/* ---- files (sys/file.c) ---- */

/*
 * file_read(path, max, data, len): the whole file in fresh memory with a NUL
 * behind it (not counted).  Ownership: caller frees.
 * Fails: ERR_NOTFOUND, ERR_RANGE above ${max}, ERR_FORMAT if not a plain
 * file, ERR_SYS.
 */
enum err file_read(const char *path, size_t max, uint8_t **data, size_t *len)
    MUST_USE;
/* fd_read(fd, max, data, len): the same from a descriptor to its end. */
enum err fd_read(int fd, size_t max, uint8_t **data, size_t *len) MUST_USE;
/*
 * fd_write(fd, p, n): all of it.  fd_fill(fd, p, max, n): as much as comes, up
 * to ${max}; *n is less only at the end.  Both go on when interrupted.
 * Fails: ERR_SYS.
 */
enum err fd_write(int fd, const void *p, size_t n) MUST_USE;
enum err fd_fill(int fd, void *p, size_t max, size_t *n) MUST_USE;
/*
 * file_write(path, p, n, mode): whole or not at all: a temporary file beside
 * it, synced, renamed, folder synced.  file_write_new never replaces:
 * ERR_EXISTS.  Fails: ERR_SYS.
 */
enum err file_write(const char *path, const void *p, size_t n, mode_t mode)
    MUST_USE;
enum err file_write_new(const char *path, const void *p, size_t n,
    mode_t mode) MUST_USE;
/* file_too_open(path): whether group or others have any access. */
bool file_too_open(const char *path);
bool file_exists(const char *path);
/* dir_make(path, mode): ERR_EXISTS if it is there already. */
enum err dir_make(const char *path, mode_t mode) MUST_USE;
/* dir_make_all(path, mode): with its parents; being there is fine. */
enum err dir_make_all(const char *path, mode_t mode) MUST_USE;
/* dir_is_empty(path): ERR_OK, ERR_EXISTS (not empty), ERR_NOTFOUND, ... */
enum err dir_is_empty(const char *path) MUST_USE;
enum err dir_sync(const char *path) MUST_USE;
/* dir_list(path, each, arg): names in sorted order, without dot files. */
enum err dir_list(const char *path,
    enum err (*each)(void *arg, const char *name), void *arg) MUST_USE;
/* path_join(dir, name): fresh "dir/name", ended by exit 3 without memory. */
char *path_join(const char *dir, const char *name);
/* path_folder(path): fresh, the folder it stands in; NULL without memory. */
char *path_folder(const char *path);
/*
 * file_lock(path, fd): exclusive until ${fd} is closed or the process ends; a
 * forked child does not inherit it.  ERR_BUSY if held, by us too.
 * Threads: one at a time.
 */
enum err file_lock(const char *path, int *fd) MUST_USE;
/* file_lock_test(path): ERR_OK if nobody holds it or it is absent, ERR_BUSY. */
enum err file_lock_test(const char *path) MUST_USE;
/* file_times(path, unix_seconds): set access and modification time. */
enum err file_times(const char *path, int64_t unix_seconds) MUST_USE;
/* disk_free(path, bytes): what an unprivileged writer may still take. */
enum err disk_free(const char *path, uint64_t *bytes) MUST_USE;

/* ---- time (sys/clock.c) ---- */

/*
 * A clock: the system's, or a file's (decimal Unix seconds and LF, replaced by
 * rename), which never goes back.  Threads: safe.
 */
struct clock;
/* clock_open(file, out): ${file} may be NULL.  Fails: ERR_FORMAT, ERR_SYS. */
enum err clock_open(const char *file, struct clock **out) MUST_USE;
void clock_close(struct clock *c);
/*
 * clock_now(c): Unix seconds; a file is read again when 100 ms have passed
 * since the last time.  A smaller or unreadable value is ignored, with one
 * line on stderr.
 */
int64_t clock_now(struct clock *c);
/* clock_reread(c): read the file at the next call whatever the time. */
void clock_reread(struct clock *c);
/* clock_steady_ms(): milliseconds that only go forward (deadlines). */
uint64_t clock_steady_ms(void);

/* ---- addresses and sockets (sys/net.c) ---- */

#define ADDR_MAX	128
/* unix:/abs/path | tcp:127.0.0.1:PORT | tcp:[::1]:PORT */
struct addr {
	enum { ADDR_UNIX, ADDR_TCP4, ADDR_TCP6 } kind;
	char host[ADDR_MAX];	/* path, or the loopback address */
	uint16_t port;
};
/* Fails: ERR_FORMAT (not one of the forms, not loopback), ERR_RANGE. */
enum err addr_parse(const char *text, struct addr *out) MUST_USE;
void addr_text(const struct addr *a, char out[static ADDR_MAX + 16]);
/*
 * net_listen(a, fd): bound and listening, close-on-exec, non-blocking; a
 * stale unix socket is replaced, a live one refused (ERR_BUSY); mode 0660.
 * ${a}'s port 0 becomes the one that was given.
 */
enum err net_listen(struct addr *a, int *fd) MUST_USE;
/*
 * net_notify(path): a datagram socket to the service manager that ${path}
 * names (sd_notify(3)), close-on-exec; -1 if there is none or it is away.
 */
int net_notify(const char *path) MUST_USE;

/* ---- the terminal (sys/prompt.c) ---- */

/*
 * prompt_secret(question, out, max): one line from the terminal, not echoed.
 * Ownership: ${out} is the caller's: wipe it.
 * Fails: ERR_NOTFOUND without a terminal, ERR_RANGE above max-1, ERR_SYS.
 */
enum err prompt_secret(const char *question, char *out, size_t max) MUST_USE;
/* prompt_secret_file(path, out, max): the first line of a file, LF cut. */
enum err prompt_secret_file(const char *path, char *out, size_t max) MUST_USE;
/* A bar on stderr while ${done} of ${total} grows; nothing if no terminal. */
void progress_show(const char *what, uint64_t done, uint64_t total);
void progress_end(void);

/* ---- the process (sys/process.c) ---- */

/* process_guard(): no core dumps, not dumpable.  Fails: ERR_SYS. */
enum err process_guard(void) MUST_USE;
/* process_can_lock(bytes): ERR_OK, or ERR_RANGE with the limit in *limit. */
enum err process_can_lock(size_t bytes, uint64_t *limit) MUST_USE;
/*
 * process_can_open(n, limit): ${n} descriptors at a time; raises the process's
 * own limit if it may.  Fails: ERR_RANGE with what it may have in *limit.
 */
enum err process_can_open(uint64_t n, uint64_t *limit) MUST_USE;
/*
 * process_lock(): all memory of this process, and all that it will ask for,
 * stays out of swap from its first use on.  A limit would make memory run out
 * in the middle of work, so that there must be none: else ERR_RANGE, and
 * nothing is locked.  A forked child starts without.
 * process_lock_pause(pause): what is mapped meanwhile is left out: a map of
 * a file of ciphertext, larger than the machine.  Threads: one at a time.
 * Fails: ERR_RANGE, ERR_SYS.
 */
enum err process_lock(void) MUST_USE;
enum err process_lock_pause(bool pause) MUST_USE;
/*
 * process_rights(dir): a process of root goes on as the user to whom ${dir}
 * belongs, without its rights; if that is root, without its rights all the
 * same.  What other users start stays as it is.  Before there are threads.
 * Fails: ERR_SYS.
 */
enum err process_rights(const char *dir) MUST_USE;
/*
 * process_heap(): chunks of 256 KiB and more go back to the kernel when they
 * are freed.  Called before main where free() zeroes (sys/zerofree.c).
 */
void process_heap(void);
/*
 * stack_clear(): zero the calling thread's stack below its caller.  For where
 * a thread begins to wait: what it did before must leave nothing.
 * (sys/stack.c; empty under sanitizers and valgrind)
 */
void stack_clear(void);

/* ---- what a process may still do (sys/sandbox.c) ---- */

/*
 * sandbox_files(f, there): from now on this thread, and those that it starts,
 * reach what stands below these folders and nothing else; execute nothing.
 * In sockets' folders they may make sockets, and remove.  The lists end in
 * NULL, or are NULL; a folder that is not there is left out.
 * *there: false where the kernel has no Landlock; nothing is restricted then.
 * Fails: ERR_SYS.  Source: landlock(7).
 */
struct sandbox_files { const char *const *read, *const *write, *const *sock; };
enum err sandbox_files(const struct sandbox_files *f, bool *there) MUST_USE;
/*
 * sandbox_calls(who): from now on every thread is killed, and the process
 * with it (SIGSYS), by a system call that is not on the list of ${who}: no
 * new process, thread, socket or program, no code in memory.
 * Fails: ERR_SYS.  Source: seccomp(2).
 */
enum sandbox_who { SANDBOX_SERVER, SANDBOX_SIGNER, SANDBOX_OPENER };
enum err sandbox_calls(enum sandbox_who who) MUST_USE;

/* ---- what an operator reads (sys/diag.c) ---- */

/*
 * diag(fmt, ...): one line on stderr, "NAME: text".  Never called because of
 * a request; never given a secret or bytes of a user.
 */
void diag_name(const char *program);
void diag(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
