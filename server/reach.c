/* How a source reached a page: reach.h. */
#include <string.h>
#include <strings.h>

#include "reach.h"

#define ONION	".onion"

/* Browsers never send these, to an onion service least of all. */
static const char *const between[] = {
	"X-Tor2web", "Via", "Forwarded", "X-Forwarded-For",
	"X-Forwarded-Host", "X-Real-IP"
};

/* The name of a gateway has ".onion" in its middle: abc.onion.example. */
enum reach
reach_of_host(const char *host)
{
	size_t n = host == NULL ? 0 : strcspn(host, ":");
	size_t len = strlen(ONION);

	for (size_t i = 0; i + len <= n; i++) {
		if (strncasecmp(host + i, ONION, len) != 0)
			continue;
		if (i + len == n)
			return (REACH_ONION);
		if (host[i + len] == '.')
			return (REACH_GATEWAY);
	}
	return (REACH_PLAIN);
}

enum reach
reach_of(const struct http_request *r)
{

	for (size_t i = 0; i < sizeof(between) / sizeof(between[0]); i++) {
		if (http_header(r, between[i]) != NULL)
			return (REACH_GATEWAY);
	}
	return (reach_of_host(http_header(r, "Host")));
}
