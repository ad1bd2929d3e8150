/*
 * peluitd mirror: the public log as files that any web server can serve.
 *
 *	checkpoint		written last: all that it implies is there
 *	tile/..., tile/entries/...	the names of tlog-tiles
 *	roster/N, roster/N.proof	(a file cannot also be a folder)
 *	loss/N, loss/N.proof
 *	disclosure/N
 *
 * What never changes is written once.  A mirror that holds another history
 * than this log's is left as it is: it may be the only witness of a fork.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "checkpoint.h"
#include "cmd.h"
#include "log_cosign.h"
#include "log_public.h"
#include "sys.h"

#define MIRROR_PATH_MAX	128

struct mirror {
	struct opened o;
	const char *out;
	struct log_public p;
	uint64_t files;			/* written now */
};

static bool
is_there(const struct mirror *m, const char *path)
{
	char *name = path_join(m->out, path + 1);
	bool there = file_exists(name);

	free(name);
	return (there);
}

/* What stands at a path, from a view of its own: none outlives one file. */
static enum err
look(struct mirror *m, const char *path, struct buf *out)
{
	enum err e;

	if ((e = store_begin(m->o.store, &m->p.v.t)) != ERR_OK)
		return (e);
	e = log_public(&m->p, path, out);
	store_end(m->p.v.t);
	m->p.v.t = NULL;
	return (e);
}

static enum err
save(struct mirror *m, const char *path, const struct buf *b)
{
	char *name = path_join(m->out, path + 1);
	char *slash = strrchr(name, '/');
	enum err e;

	*slash = '\0';
	e = dir_make_all(name, 0755);
	*slash = '/';
	if (e == ERR_OK)
		e = file_write(name, b->data, b->len, 0644);
	free(name);
	m->files += e == ERR_OK;
	return (e);
}

/* ERR_NOTFOUND: the log has no such file, or not yet. */
static enum err
copy(struct mirror *m, const char *path, bool immutable)
{
	struct buf b;
	enum err e;

	if (immutable && is_there(m, path))
		return (ERR_OK);
	buf_init(&b, RECORD_MAX);
	if ((e = look(m, path, &b)) == ERR_OK)
		e = save(m, path, &b);
	buf_done(&b);
	return (e);
}

static enum err
copy_tile(struct mirror *m, const struct tile_name *tn)
{
	char path[TILE_PATH_MAX];

	tile_path(tn, path);
	return (copy(m, path, true));
}

/*
 * Whole tiles of every level, and of the last one each width that some
 * checkpoint had: who holds an older one can still prove it.
 */
static enum err
copy_tiles(struct mirror *m)
{
	struct tile_name tn = { false, 0, 0, TILE_WIDTH };
	uint64_t have = m->p.closed * LEAVES, whole;
	enum err e = ERR_OK;

	for (; have > 0 && e == ERR_OK; tn.level++, have = whole) {
		whole = have / TILE_WIDTH;
		tn.width = TILE_WIDTH;
		for (tn.number = 0; tn.number < whole && e == ERR_OK;
		    tn.number++)
			e = copy_tile(m, &tn);
		tn.number = whole;
		for (tn.width = 1; tn.width <= have % TILE_WIDTH &&
		    e == ERR_OK; tn.width++)
			e = copy_tile(m, &tn);
	}
	return (e);
}

/* The entries and the disclosure of each epoch; a demo drops old ones. */
static enum err
copy_epochs(struct mirror *m)
{
	struct tile_name tn = { true, 0, 0, TILE_WIDTH };
	char path[MIRROR_PATH_MAX];
	enum err e = ERR_OK;

	for (; tn.number < m->p.closed && e == ERR_OK; tn.number++) {
		if ((e = copy_tile(m, &tn)) != ERR_OK)
			break;
		(void)snprintf(path, sizeof(path), "/disclosure/%llu",
		    (unsigned long long)(m->p.v.epoch0 + tn.number));
		e = copy(m, path, true);
		if (e == ERR_NOTFOUND)
			e = ERR_OK;
	}
	return (e);
}

/* Rosters, and notices of loss: from 1 until there is none. */
static enum err
copy_announced(struct mirror *m, const char *what)
{
	char path[MIRROR_PATH_MAX];
	enum err e = ERR_OK;

	for (unsigned n = 1; e == ERR_OK; n++) {
		(void)snprintf(path, sizeof(path), "/%s/%u", what, n);
		if ((e = copy(m, path, true)) == ERR_NOTFOUND)
			return (ERR_OK);
		if (e != ERR_OK)
			break;
		(void)snprintf(path, sizeof(path), "/%s/%u.proof", what, n);
		e = copy(m, path, false);
		if (e == ERR_NOTFOUND)		/* its epoch is open */
			e = ERR_OK;
	}
	return (e);
}

/* ---- what the mirror holds already ---- */

static enum err
root_at(struct mirror *m, uint64_t size, struct merkle_hash *root)
{
	struct tile_source s;
	enum err e;

	if ((e = store_begin(m->o.store, &m->p.v.t)) != ERR_OK)
		return (e);
	log_tiles(&m->p.v, &s);
	e = tile_root(&s, size, root);
	store_end(m->p.v.t);
	m->p.v.t = NULL;
	return (e);
}

/* ERR_CONFLICT: the checkpoint there is not one of this log's history. */
static enum err
fits(struct mirror *m)
{
	char *name = path_join(m->out, "checkpoint");
	struct checkpoint cp;
	struct merkle_hash root;
	uint8_t *note = NULL;
	size_t n;
	enum err e;

	e = file_read(name, NOTE_MAX, &note, &n);
	if (e == ERR_NOTFOUND) {
		e = ERR_OK;
		goto out;
	}
	if (e != ERR_OK)
		goto out;
	e = checkpoint_open((struct bytes){ note, n }, &m->o.in.log, &cp);
	if (e != ERR_OK || cp.size > m->p.closed * LEAVES) {
		e = ERR_CONFLICT;
		goto out;
	}
	if ((e = root_at(m, cp.size, &root)) == ERR_OK &&
	    memcmp(&root, &cp.root, sizeof(root)) != 0)
		e = ERR_CONFLICT;
out:
	free(note);
	free(name);
	return (e);
}

/*
 * What the listener would serve now.  A demo may have a clock of its own,
 * which this command does not see.
 */
static uint64_t
published(const struct mirror *m, uint64_t closed)
{
	const struct instance *in = &m->o.in;
	int64_t wait = in->epoch_seconds / LOG_PUBLISH_PART;
	uint64_t over = instance_epoch(in, time(NULL) - wait) -
	    instance_epoch0(in);

	return (in->demo || closed < over ? closed : over);
}

/* Last, with the cosignatures that it has so far. */
static enum err
copy_head(struct mirror *m)
{
	const struct roster *ro = instance_roster_newest(&m->o.in);
	struct store_txn *t;
	struct buf lines;
	enum err e;

	buf_init(&lines, NOTE_MAX);
	if ((e = store_begin(m->o.store, &t)) == ERR_OK) {
		if (ro != NULL)
			e = log_cosign_lines(m->o.records, t, ro,
			    m->p.closed * LEAVES, &lines);
		store_end(t);
	}
	m->p.cosigned = &lines;
	if (e == ERR_OK)
		e = copy(m, "/checkpoint", false);
	m->p.cosigned = NULL;
	buf_done(&lines);
	return (e == ERR_NOTFOUND ? ERR_OK : e);	/* nothing closed yet */
}

static enum err
mirror(struct mirror *m)
{
	uint64_t closed;
	enum err e;

	m->p.in = &m->o.in;
	m->p.v.r = m->o.records;
	m->p.v.epoch0 = instance_epoch0(&m->o.in);
	e = log_closed(m->o.records, m->o.t, m->p.v.epoch0, &closed);
	store_end(m->o.t);
	m->o.t = NULL;
	if (e != ERR_OK)
		return (e);
	m->p.closed = published(m, closed);
	if ((e = dir_make_all(m->out, 0755)) != ERR_OK ||
	    (e = fits(m)) != ERR_OK ||
	    (e = copy_tiles(m)) != ERR_OK || (e = copy_epochs(m)) != ERR_OK ||
	    (e = copy_announced(m, "roster")) != ERR_OK ||
	    (e = copy_announced(m, "loss")) != ERR_OK)
		return (e);
	return (copy_head(m));
}

int
cmd_mirror(int argc, char **argv)
{
	struct mirror *m;
	enum err e;
	int rc;

	if (argc != 3 || argv[1][0] == '-' || argv[2][0] == '-') {
		diag("usage: peluitd mirror DIR OUT");
		return (EXIT_USE);
	}
	if ((m = calloc(1, sizeof(*m))) == NULL)
		return (cmd_no_memory());
	m->out = argv[2];
	if ((rc = cmd_open(argv[1], &m->o)) == EXIT_DONE) {
		e = mirror(m);
		if (e == ERR_CONFLICT) {
			diag("mirror: %s holds another history than this log: "
			    "nothing was written; keep it, and ask why",
			    m->out);
			rc = EXIT_NO;
		} else if (e != ERR_OK) {
			diag("mirror: %s: %s", m->out, e == ERR_SYS ?
			    strerror(errno) : err_text(e));
			rc = EXIT_REFUSED;
		}
	}
	if (rc == EXIT_DONE)
		(void)printf("%s: %llu leaves, %llu files written\n", m->out,
		    (unsigned long long)(m->p.closed * LEAVES),
		    (unsigned long long)m->files);
	cmd_close(&m->o);
	free(m);
	return (rc);
}
