/* How many connections: in all, and of one circuit. */
#include "http_internal.h"

unsigned
http_limit_circuit(const struct http *h, uint64_t circuit)
{
	const struct http_connection *c;
	unsigned n = 0;

	/* The list is bounded, and short beside what a connection costs. */
	for (c = h->list; c != NULL; c = c->next)
		n += c->circuit == circuit;
	return n;
}

bool
http_limit_full(const struct http *h)
{
	return atomic_load(&h->count) >= h->o.limits.connections;
}

unsigned
http_connections(const struct http *h)
{
	return atomic_load(&h->count);
}
