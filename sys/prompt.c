/* The terminal: secrets typed without echo, and a bar. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "sys.h"

#define BAR_WIDTH	32
#define BAR_EVERY_MS	100

/* Signals that must not leave a terminal without echo. */
static const int caught[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP };
#define CAUGHT	(sizeof(caught) / sizeof(caught[0]))
static volatile sig_atomic_t got_signal;

static void
on_signal(int sig)
{
	got_signal = sig;
}

/*
 * One line without its LF into ${out}.  A line that is too long is read to
 * its end, so that its rest does not answer the next question.
 */
static enum err
read_line(int fd, char *out, size_t max)
{
	bool any, end, nul, over;
	size_t n;
	ssize_t r;
	char c;

	any = end = nul = over = false;
	for (n = 0; !end;) {
		r = read(fd, &c, 1);
		if (r == -1) {
			if (errno == EINTR && got_signal == 0)
				continue;
			explicit_bzero(out, max);
			return ERR_SYS;
		}
		any = any || r == 1;
		if (r == 0 || c == '\n')
			end = true;
		else if (n + 1 >= max)
			over = true;
		else if (c == '\0')
			nul = true;
		else
			out[n++] = c;
	}
	explicit_bzero(&c, 1);
	out[n] = '\0';
	if (any && !nul && !over)
		return ERR_OK;
	explicit_bzero(out, max);
	return over ? ERR_RANGE : nul ? ERR_FORMAT : ERR_NOTFOUND;
}

static void
say(int fd, const char *s)
{
	size_t n;
	ssize_t r;

	for (n = strlen(s); n > 0; s += r, n -= (size_t)r) {
		r = write(fd, s, n);
		if (r == -1 && errno == EINTR)
			r = 0;
		else if (r <= 0)
			return;
	}
}

enum err
prompt_secret(const char *question, char *out, size_t max)
{
	struct sigaction act, old[CAUGHT];
	struct termios shown, hidden;
	enum err e;
	size_t i;
	int fd, saved;

	if (max == 0)
		return ERR_RANGE;
	memset(out, 0, max);
	if ((fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)) == -1)
		return ERR_NOTFOUND;
	if (tcgetattr(fd, &shown) == -1) {
		(void)close(fd);
		return ERR_NOTFOUND;
	}

	got_signal = 0;
	memset(&act, 0, sizeof(act));
	act.sa_handler = on_signal;	/* no SA_RESTART: read must end */
	(void)sigemptyset(&act.sa_mask);
	for (i = 0; i < CAUGHT; i++)
		(void)sigaction(caught[i], &act, &old[i]);

	hidden = shown;
	hidden.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL);
	say(fd, question);
	if (tcsetattr(fd, TCSAFLUSH, &hidden) == -1)
		e = ERR_SYS;
	else
		e = read_line(fd, out, max);
	saved = errno;
	(void)tcsetattr(fd, TCSAFLUSH, &shown);
	say(fd, "\n");
	for (i = 0; i < CAUGHT; i++)
		(void)sigaction(caught[i], &old[i], NULL);
	(void)close(fd);
	if (got_signal != 0)
		(void)raise(got_signal);
	errno = saved;
	/* End of input without a line: nobody is there to answer. */
	return e;
}

enum err
prompt_secret_file(const char *path, char *out, size_t max)
{
	enum err e;
	int fd;

	if (max == 0)
		return ERR_RANGE;
	memset(out, 0, max);
	if ((fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)) == -1)
		return errno == ENOENT ? ERR_NOTFOUND : ERR_SYS;
	got_signal = 0;
	e = read_line(fd, out, max);
	(void)close(fd);
	return e == ERR_NOTFOUND ? ERR_FORMAT : e;	/* an empty file */
}

static uint64_t bar_ms;
static bool bar_on;

void
progress_show(const char *what, uint64_t done, uint64_t total)
{
	char bar[BAR_WIDTH + 1];
	unsigned part, percent;
	uint64_t ms;

	if (!isatty(STDERR_FILENO) || total == 0)
		return;
	ms = clock_steady_ms();
	if (bar_on && done < total && ms - bar_ms < BAR_EVERY_MS)
		return;
	bar_on = true;
	bar_ms = ms;
	if (done > total)
		done = total;
	part = (unsigned)((double)done / (double)total * BAR_WIDTH);
	percent = (unsigned)((double)done / (double)total * 100);
	memset(bar, ' ', BAR_WIDTH);
	memset(bar, '#', part);
	bar[BAR_WIDTH] = '\0';
	(void)fprintf(stderr, "\r%s [%s] %3u%%", what, bar, percent);
	(void)fflush(stderr);
}

void
progress_end(void)
{
	if (bar_on)
		(void)fprintf(stderr, "\n");
	bar_on = false;
}
