#ifndef JS_H
#define JS_H
/*
 * JSON by jansson, the way this room reads and writes it: bounded before it
 * is parsed, repeated keys refused, memory wiped when jansson frees it, and
 * the first failure kept, so that a reader or writer checks once, at the end.
 */
#include <jansson.h>
#include <stdbool.h>

#include "age.h"
#include "buf.h"
#include "crypto.h"
#include "err.h"

/*
 * js_read(text, values_max, out): one JSON object or array with at most
 * ${values_max} values.  Ownership: the caller's, json_decref.
 * Fails: ERR_FORMAT (not strict UTF-8, NUL, a key twice), ERR_RANGE, ERR_SYS.
 */
enum err js_read(struct bytes text, size_t values_max, json_t **out) MUST_USE;
/* js_write(root, out): compact, keys in the order they were put. */
enum err js_write(const json_t *root, struct buf *out) MUST_USE;
/*
 * js_print(root, flags, out): in the layout of json_dumps(3), for commands
 * that gather what they say without a look at each json_pack and
 * json_object_set_new.  ERR_SYS also after memory_refused(): something of it
 * may be missing then.
 */
enum err js_print(const json_t *root, size_t flags, struct buf *out) MUST_USE;

/* Reading an object's members; out-parameters are zeroed on failure. */
struct js {
	const json_t *o;
	enum err err;
};
struct js js_of(const json_t *o);	/* ERR_FORMAT if not an object */
bool js_has(const struct js *r, const char *key);
/* js_member(r, key, type): NULL on failure. */
const json_t *js_member(struct js *r, const char *key, json_type type);
/* js_text: at most size-1 bytes. */
void js_text(struct js *r, const char *key, char *out, size_t size);
/* js_copy: on the heap, at most ${chars} characters. */
void js_copy(struct js *r, const char *key, size_t chars, char **out);
void js_hex(struct js *r, const char *key, void *out, size_t n);
void js_u64(struct js *r, const char *key, uint64_t *out);
void js_i64(struct js *r, const char *key, int64_t *out);
void js_age(struct js *r, const char *key, struct age_recipient *out);
/* js_string(value, chars, out): the same for one value outside an object. */
enum err js_string(const json_t *value, size_t chars, char **out) MUST_USE;
enum err js_recipient(const json_t *value, struct age_recipient *out)
    MUST_USE;

/* Writing an object; jsw_new(), puts, then jsw_end or jsw_done. */
struct jsw {
	json_t *o;
	enum err err;
};
struct jsw jsw_new(void);
void jsw_text(struct jsw *w, const char *key, const char *text);
void jsw_bytes(struct jsw *w, const char *key, struct bytes text);
void jsw_hex(struct jsw *w, const char *key, const void *p, size_t n);
void jsw_u64(struct jsw *w, const char *key, uint64_t v);
void jsw_i64(struct jsw *w, const char *key, int64_t v);
void jsw_age(struct jsw *w, const char *key, const struct age_recipient *a);
/* jsw_put: any value; taken over, also on failure; NULL is ERR_SYS. */
void jsw_put(struct jsw *w, const char *key, json_t *value);
/* jsw_take(w): the object, the caller's now; NULL after a failure. */
json_t *jsw_take(struct jsw *w);
/* jsw_end(w, out): write the object and release it. */
enum err jsw_end(struct jsw *w, struct buf *out) MUST_USE;
/* jsw_push(w, array, value): append to an array, ${value} taken over. */
void jsw_push(struct jsw *w, json_t *array, json_t *value);

#endif
