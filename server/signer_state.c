/* signer/state: what the signer must not forget. */
#include <stdlib.h>
#include <string.h>

#include "signer_internal.h"
#include "sys.h"

#define STATE_VERSION	1

void
signer_state_encode(const struct signer_state *st, struct buf *b)
{

	buf_u8(b, STATE_VERSION);
	buf_u64(b, st->next);
	buf_u8(b, (uint8_t)st->edges);
	for (size_t i = 0; i < st->edges; i++)
		buf_put(b, st->edge[i].bytes, SHA256_LEN);
	buf_u32(b, (uint32_t)st->promises);
	for (size_t i = 0; i < st->promises; i++) {
		buf_u64(b, st->promised[i].epoch);
		buf_u8(b, st->promised[i].leaf);
		buf_put(b, st->promised[i].commitment, 32);
	}
	buf_put(b, st->last_leaves, SHA256_LEN);
	buf_blob(b, st->last_note.data, st->last_note.len);
}

enum err
signer_state_decode(struct bytes text, struct signer_state *st)
{
	struct cur c = cur_over(text.p, text.n);
	const uint8_t *p;
	size_t n;

	if (cur_u8(&c) != STATE_VERSION)
		return (ERR_VERSION);
	st->next = cur_u64(&c);
	n = cur_u8(&c);
	if (n > EDGE_MAX)
		return (ERR_FORMAT);
	for (; st->edges < n; st->edges++)
		cur_copy(&c, st->edge[st->edges].bytes, SHA256_LEN);
	n = cur_u32(&c);
	if (c.bad || n > c.left / 41)
		return (ERR_FORMAT);
	if ((st->promised = calloc(n + 1, sizeof(*st->promised))) == NULL)
		return (ERR_SYS);
	for (; st->promises < n; st->promises++) {
		struct promised *pr = &st->promised[st->promises];

		pr->epoch = cur_u64(&c);
		pr->leaf = cur_u8(&c);
		cur_copy(&c, pr->commitment, 32);
	}
	cur_copy(&c, st->last_leaves, SHA256_LEN);
	p = cur_blob(&c, &n);
	buf_put(&st->last_note, p, n);
	return (cur_end(&c) != ERR_OK ? ERR_FORMAT : buf_err(&st->last_note));
}

enum err
signer_state_read(const char *path, struct signer_state *out)
{
	uint8_t *text = NULL;
	size_t len;
	enum err e;

	memset(out, 0, sizeof(*out));
	buf_init(&out->last_note, SIGNER_NOTE_MAX);
	if ((out->path = strdup(path)) == NULL)
		return (ERR_SYS);
	if ((e = file_read(path, STATE_MAX, &text, &len)) == ERR_OK)
		e = signer_state_decode((struct bytes){ text, len }, out);
	free(text);
	return (e);
}

enum err
signer_state_write(const struct signer_state *st)
{
	struct buf b;
	enum err e;

	buf_init(&b, STATE_MAX);
	signer_state_encode(st, &b);
	if ((e = buf_err(&b)) == ERR_OK)
		e = file_write(st->path, b.data, b.len, 0600);
	/* its time must not tell when an event came */
	if (e == ERR_OK && st->time != 0) {
		char *folder = strdup(st->path);

		if (folder == NULL)
			return (ERR_SYS);
		*strrchr(folder, '/') = '\0';
		if ((e = file_times(st->path, st->time)) == ERR_OK)
			e = file_times(folder, st->time);
		free(folder);
	}
	buf_done(&b);
	return (e);
}

void
signer_state_done(struct signer_state *st)
{

	free(st->path);
	free(st->promised);
	buf_done(&st->last_note);
	memset(st, 0, sizeof(*st));
}

bool
signer_state_fits(const struct signer_state *st, uint64_t epoch0)
{
	size_t edges = 0;

	if (st->next != 0 && st->next < epoch0)
		return (false);
	for (uint64_t n = st->next == 0 ? 0 : st->next - epoch0; n != 0;
	    n &= n - 1)
		edges++;
	return (st->edges == edges);
}

void
signer_edge_add(struct signer_state *st, uint64_t epochs, struct merkle_hash h)
{

	for (; (epochs & 1) != 0; epochs >>= 1)
		merkle_node(&st->edge[--st->edges], &h, &h);
	st->edge[st->edges++] = h;
}

void
signer_edge_root(const struct signer_state *st, struct merkle_hash *out)
{
	size_t i = st->edges - 1;

	*out = st->edge[i];
	while (i-- > 0)
		merkle_node(&st->edge[i], out, out);
}

enum err
signer_init(const char *dir)
{
	struct signer_state st;
	char *folder = path_join(dir, "signer");
	enum err e;

	memset(&st, 0, sizeof(st));
	buf_init(&st.last_note, SIGNER_NOTE_MAX);
	st.path = path_join(folder, "state");
	e = signer_state_write(&st);
	signer_state_done(&st);
	free(folder);
	return (e);
}
