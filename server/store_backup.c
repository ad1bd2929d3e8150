/* A copy of the store: what is live, nothing that was deleted. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store_internal.h"
#include "sys.h"

static enum err
sync_file(const char *path)
{
	enum err e;
	int fd;

	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		return ERR_SYS;
	e = fsync(fd) == -1 ? ERR_SYS : ERR_OK;
	(void)close(fd);
	return e;
}

/*
 * LMDB's plain copy would carry deleted pages into the backup; the compacting
 * one writes only pages in use.
 */
enum err
store_backup(struct store *s, const char *dir)
{
	char *data, *version;
	enum err e;
	int saved;

	if ((e = dir_make(dir, 0700)) != ERR_OK)
		return e;
	data = path_join(dir, "data.mdb");
	version = path_join(dir, "version");
	e = store_rc(mdb_env_copy2(s->env, dir, MDB_CP_COMPACT));
	store_unmap(s);
	if (e == ERR_OK)
		e = sync_file(data);
	if (e == ERR_OK && s->o.mtime != NULL)
		e = file_times(data, s->o.mtime(s->o.mtime_arg));
	/* Last, as in store_create: a copy cut short is no store. */
	if (e == ERR_OK)
		e = file_write_new(version, STORE_VERSION,
		    strlen(STORE_VERSION), 0600);
	if (e != ERR_OK) {
		saved = errno;
		(void)unlink(data);
		(void)unlink(version);
		(void)rmdir(dir);
		errno = saved;
	}
	free(data);
	free(version);
	return e;
}
