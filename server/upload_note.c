/*
 * What a session's uploads came to, as its note keeps it:
 *
 *	u8 files, then for each: u8 state, u64 size, digest, blob name; zeros
 *
 * Oldest first.  Only the session's cookie opens it (session.h).
 */
#include <string.h>

#include "upload.h"
#include "utf8.h"

void
note_load(struct server *s, const char *cookie, struct note *out)
{
	struct buf b;
	struct cur c;
	const uint8_t *name;
	size_t n, files = 0;

	memset(out, 0, sizeof(*out));
	buf_init(&b, 2 * SESSION_NOTE_LEN);
	if (session_note_get(s->sessions, cookie, &b) == ERR_OK) {
		c = cur_over(b.data, b.len);
		files = cur_u8(&c);
		for (size_t i = 0; i < files && i < NOTE_FILES; i++) {
			struct note_file *f = &out->file[i];

			f->state = (enum file_state)cur_u8(&c);
			f->size = cur_u64(&c);
			cur_copy(&c, f->digest, BLAKE2B_LEN);
			name = cur_blob(&c, &n);
			if (name == NULL || n > NOTE_FILE_NAME_MAX)
				break;
			memcpy(f->name, name, n);
			out->files++;
		}
	}
	buf_done(&b);
}

static bool
kept(enum file_state state)
{

	return (state == FILE_KEPT || state == FILE_THERE);
}

static void
forget(struct note *n, size_t i)
{

	n->files--;
	memmove(&n->file[i], &n->file[i + 1],
	    (n->files - i) * sizeof(n->file[0]));
}

void
note_add(struct note *n, const struct upload_file *f)
{
	const char *name = f->sent.about.name == NULL ? "" :
	    f->sent.about.name;
	size_t len = utf8_cut(name, NOTE_FILE_NAME_MAX);
	struct note_file *to;

	/* that it failed before, or came before, is told by the new line */
	for (size_t i = n->files; i-- > 0;) {
		const struct note_file *old = &n->file[i];

		if (strncmp(old->name, name, len) == 0 &&
		    old->name[len] == '\0' && (!kept(old->state) ||
		    ct_equal(old->digest, f->digest, BLAKE2B_LEN)))
			forget(n, i);
	}
	if (n->files == NOTE_FILES)
		forget(n, 0);
	to = &n->file[n->files++];
	memset(to, 0, sizeof(*to));
	to->state = f->state;
	to->size = f->size;
	memcpy(to->digest, f->digest, BLAKE2B_LEN);
	memcpy(to->name, name, len);
}

bool
note_has(const struct note *n, const uint8_t digest[static BLAKE2B_LEN])
{

	for (size_t i = 0; i < n->files; i++) {
		if (kept(n->file[i].state) &&
		    ct_equal(n->file[i].digest, digest, BLAKE2B_LEN))
			return (true);
	}
	return (false);
}

void
note_save(struct server *s, const char *cookie, const struct note *n)
{
	struct buf b;

	buf_init(&b, SESSION_NOTE_LEN);
	buf_u8(&b, (uint8_t)n->files);
	for (size_t i = 0; i < n->files; i++) {
		const struct note_file *f = &n->file[i];

		buf_u8(&b, (uint8_t)f->state);
		buf_u64(&b, f->size);
		buf_put(&b, f->digest, BLAKE2B_LEN);
		buf_blob(&b, f->name, strlen(f->name));
	}
	buf_fill(&b, 0, SESSION_NOTE_LEN - b.len);
	/* without it the page says less; a closed session has none */
	if (buf_err(&b) == ERR_OK &&
	    session_note_put(s->sessions, cookie, b.data) != ERR_OK)
		wipe(b.data, b.len);
	buf_done(&b);
}
