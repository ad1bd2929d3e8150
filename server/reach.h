#ifndef REACH_H
#define REACH_H
/*
 * How a source reached a page, as far as the request itself tells.  Looked at
 * for the page's warning and forgotten with it.
 */
#include "http.h"

enum reach {
	REACH_ONION,	/* the onion address, nothing seen between */
	REACH_PLAIN,	/* another name: without Tor */
	REACH_GATEWAY	/* a machine between, which reads everything */
};
/*
 * reach_of(r): by the Host field and by those that only a machine between
 * adds: X-Tor2web (Tor2web), Via (RFC 9110, 7.6.3), Forwarded (RFC 7239) and
 * what proxies wrote before it.
 */
enum reach reach_of(const struct http_request *r);
/* reach_of_host(host): by the name alone; NULL: none was sent. */
enum reach reach_of_host(const char *host);

#endif
