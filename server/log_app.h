#ifndef LOG_APP_H
#define LOG_APP_H
/* The public log's side of the server. */
#include "http.h"
#include "server.h"

struct http_app log_app(struct server *s);

#endif
