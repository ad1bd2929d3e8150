#ifndef SERVER_DESK_H
#define SERVER_DESK_H
/* The desk's side of the server: the API of docs/PROTOCOL.md. */
#include "http.h"
#include "server.h"

/* desk_app(s): the application of the desk listener. */
struct http_app desk_app(struct server *s);

/* replay_new / replay_free: the nonces of the last minutes (desk_auth.c). */
enum err replay_new(struct replay **out) MUST_USE;
void replay_free(struct replay *r);

#endif
