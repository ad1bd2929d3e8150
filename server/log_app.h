#ifndef LOG_APP_H
#define LOG_APP_H
/* The public log's side of the server. */
#include "http.h"
#include "server.h"

struct http_app log_app(struct server *s);
/*
 * log_look(s, path, out): append what the listener answers now.
 * Fails: ERR_NOTFOUND, store errors.
 */
enum err log_look(struct server *s, const char *path, struct buf *out)
    MUST_USE;

#endif
