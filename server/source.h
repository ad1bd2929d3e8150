#ifndef SOURCE_H
#define SOURCE_H
/* The source's side of the server: routes, pages, forms. */
#include "http.h"
#include "server.h"

/* source_app(s): the application of the source listener. */
struct http_app source_app(struct server *s);

#endif
