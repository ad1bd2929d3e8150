#ifndef FORM_INTERNAL_H
#define FORM_INTERNAL_H
/* What the parts of the form parser share; nobody else includes this. */
#include "form.h"

#define FORM_HEAD_MAX	4096	/* bytes of a part's header block */
#define FORM_EPILOGUE_MAX 1024	/* blanks behind the last boundary */
#define FORM_DELIM_MAX	(4 + FORM_BOUNDARY_MAX)	/* CR LF "--" boundary */

struct form_field {
	char name[FORM_NAME_MAX + 1];
	struct buf value;
};

/* What a part's header block says. */
struct form_part {
	char name[FORM_NAME_MAX + 1];
	bool file;			/* has a filename parameter */
	char filename[FORM_FILENAME_MAX + 1];
	char type[FORM_TYPE_MAX + 1];
};

struct form_urlencoded {
	char name[FORM_NAME_MAX + 1];
	size_t name_len;
	bool in_value;
	bool begun;			/* a byte of a pair was seen */
	unsigned hex;			/* digits of %XX still to come */
	uint8_t byte;			/* of which this is known */
};

struct form_multipart {
	enum { M_FIRST, M_TAIL, M_HEAD, M_START, M_BODY, M_END,
	    M_EPILOGUE } where;
	uint8_t delim[FORM_DELIM_MAX];
	size_t delim_len;
	/*
	 * The input may end inside what looks like a delimiter: ${match} of
	 * its bytes were consumed.  If it turns out to be none, they are
	 * content after all: delim[owed .. owed_end) is still to deliver.
	 */
	size_t match;
	size_t owed;
	size_t owed_end;
	size_t clear;			/* next bytes known to be content */
	uint8_t tail;			/* first byte behind a boundary */
	char head[FORM_HEAD_MAX];
	size_t head_len;
	size_t blanks;
	bool started;			/* start() has taken the file */
	struct form_part part;
};

struct form {
	bool multipart;
	bool with_files;
	struct form_files files;
	struct form_limits limits;
	enum form_fault fault;
	struct form_field *field[FORM_PARTS_MAX];
	size_t fields;
	size_t parts;			/* fields and files begun */
	size_t text_len;		/* bytes of all values */
	unsigned files_seen;
	bool cr;			/* a CR that may begin CR LF */
	struct form_urlencoded u;
	struct form_multipart m;
};

/* form_stop(f, why): note the fault; always FORM_STOP. */
enum form_take form_stop(struct form *f, enum form_fault why);
/* One field: begin with a name, add bytes (CR LF becomes LF), check, keep. */
enum form_take form_field_begin(struct form *f, const char *name, size_t n);
enum form_take form_field_put(struct form *f, const uint8_t *p, size_t n);
enum form_take form_field_end(struct form *f);

enum form_take form_urlencoded_feed(struct form *f, struct bytes in,
    size_t *taken);
enum form_take form_urlencoded_end(struct form *f);
enum form_take form_multipart_feed(struct form *f, struct bytes in,
    size_t *taken);
enum form_take form_multipart_end(struct form *f);

/*
 * form_part_parse(head, n, out): a whole header block with its last empty
 * line.  Returns FORM_FINE, FORM_MALFORMED or FORM_NOT_UTF8.
 */
enum form_fault form_part_parse(const char *head, size_t n,
    struct form_part *out);
/*
 * form_type_parse(content_type, multipart, delim, len): ERR_NOTFOUND for a
 * media type that is not a form's, ERR_FORMAT.
 */
enum err form_type_parse(const char *content_type, bool *multipart,
    uint8_t delim[static FORM_DELIM_MAX], size_t *len) MUST_USE;
/* form_token(c): may stand in a token (RFC 9110, 5.6.2). */
bool form_token(char c);

#endif
