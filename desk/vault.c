/* Objects on disk: opened and hashed in one pass, in constant memory. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "home.h"
#include "vault.h"

#define STEP	(128 * 1024)

char *
vault_dir(const struct desk *d, const uint8_t case_id[static ID_LEN])
{
	char hex[HEX_LEN(ID_LEN) + 1], *vault, *path;

	hex_encode(case_id, ID_LEN, hex);
	vault = home_path(d, HOME_VAULT);
	path = path_join(vault, hex);
	free(vault);
	return path;
}

char *
vault_path(const struct desk *d, const uint8_t case_id[static ID_LEN],
    const uint8_t object[static ID_LEN], bool part)
{
	char name[HEX_LEN(ID_LEN) + 16], hex[HEX_LEN(ID_LEN) + 1];
	char *dir, *path;

	hex_encode(object, ID_LEN, hex);
	(void)snprintf(name, sizeof(name), "%s.age%s", hex,
	    part ? ".part" : "");
	dir = vault_dir(d, case_id);
	path = path_join(dir, name);
	free(dir);
	return path;
}

/* Hashes ${n} bytes of payload, and opens them. */
static enum err
feed(struct blake2b *hash, struct age_reader *r, const uint8_t *p, size_t n,
    struct vault_facts *f)
{
	blake2b_update(hash, p, n);
	f->payload += n;
	return r == NULL ? ERR_OK : age_reader_put(r, p, n);
}

/* Counts what comes out, then hands it on. */
struct counted { age_sink *sink; void *arg; uint64_t *plain; };

static enum err
count(void *arg, const uint8_t *p, size_t n)
{
	struct counted *c = arg;

	*c->plain += n;
	return c->sink(c->arg, p, n);
}

static enum err
start(struct bytes header, const struct age_identity *id, struct counted *c,
    struct age_reader **r)
{
	uint8_t key[AGE_FILE_KEY_LEN];
	enum err e;

	if (id == NULL)
		return ERR_OK;
	if ((e = age_open_header(header, id, 1, key)) == ERR_OK)
		e = age_reader_new(key, count, c, r);
	wipe(key, sizeof(key));
	return e;
}

enum err
vault_open(const char *path, const struct age_identity *id, age_sink *sink,
    void *arg, struct vault_facts *facts)
{
	struct counted counted = { sink, arg, &facts->plain };
	struct age_reader *r = NULL;
	struct blake2b hash;
	uint8_t *p = NULL;
	size_t n = 0, header = 0;
	enum err e;
	int fd;

	memset(facts, 0, sizeof(*facts));
	if ((fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)) < 0)
		return errno == ENOENT ? ERR_NOTFOUND : ERR_SYS;
	if ((p = malloc(STEP)) == NULL) {
		e = ERR_SYS;
		goto out;
	}
	if ((e = fd_fill(fd, p, STEP, &n)) != ERR_OK)
		goto out;
	if ((e = age_header_len(p, n, &header)) != ERR_OK ||
	    (e = age_header_check(p, header, &facts->stanzas)) != ERR_OK) {
		e = e == ERR_NOTFOUND ? ERR_FORMAT : e;
		goto out;
	}
	blake2b(NULL, p, header, facts->entry.header);
	if ((e = start((struct bytes){ p, header }, id, &counted, &r)) !=
	    ERR_OK)
		goto out;
	blake2b_init(&hash);
	e = feed(&hash, r, p + header, n - header, facts);
	while (e == ERR_OK && n == STEP) {
		if ((e = fd_fill(fd, p, STEP, &n)) == ERR_OK)
			e = feed(&hash, r, p, n, facts);
	}
	if (e == ERR_OK && r != NULL)
		e = age_reader_end(r);
	/* A nonce that is cut is part of the payload here. */
	if (e == ERR_FORMAT)
		e = ERR_PAYLOAD;
	if (e == ERR_OK)
		blake2b_final(&hash, facts->entry.payload);
out:
	age_reader_free(r);
	free(p);
	(void)close(fd);
	return e;
}
