/* Whom a form's text is sealed to: the set that its page showed. */
#include <string.h>

#include "source_internal.h"

enum err
source_set_now(struct server *s, const char *channel,
    struct roster_channel *out, uint8_t hash[static SHA256_LEN])
{
	const struct roster_channel *c = NULL;
	const struct roster *ro;

	server_office_lock(s);
	ro = instance_roster_at(s->in, server_epoch(s));
	if (ro != NULL)
		c = roster_channel_find(ro, channel);
	if (c != NULL) {
		*out = *c;
		channel_set_hash(ro->origin, c, hash);
	}
	server_office_unlock(s);
	return (c != NULL ? ERR_OK : ERR_NOTFOUND);
}

/* The hash that stands behind "channel:" in the field. */
static enum err
hash_shown(const char *shown, const char *channel,
    uint8_t hash[static SHA256_LEN])
{
	size_t n = strlen(channel);

	while (*shown != '\0') {
		size_t len = strcspn(shown, " ");

		if (len == n + 1 + SHA256_LEN * 2 && shown[n] == ':' &&
		    memcmp(shown, channel, n) == 0)
			return (hex_decode((struct bytes){ shown + n + 1,
			    SHA256_LEN * 2 }, hash, SHA256_LEN));
		shown += len;
		shown += strspn(shown, " ");
	}
	return (ERR_NOTFOUND);
}

enum err
source_set_shown(struct server *s, const char *channel, const char *shown,
    struct roster_channel *out, uint8_t hash[static SHA256_LEN])
{
	const struct roster_channel *c;

	if (shown == NULL || hash_shown(shown, channel, hash) != ERR_OK)
		return (ERR_NOTFOUND);
	server_office_lock(s);
	c = instance_set_find(s->in, server_epoch(s), channel, hash);
	if (c != NULL)
		*out = *c;
	server_office_unlock(s);
	return (c != NULL ? ERR_OK : ERR_NOTFOUND);
}
