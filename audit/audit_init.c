/* init: which log is followed, and by whose word. */
#include <string.h>

#include "audit_home.h"

static enum audit_exit
key(struct audit *a, const char *text, struct vkey *out)
{
	if (vkey_decode((struct bytes){ text, strlen(text) }, out) == ERR_OK &&
	    out->type == NOTE_TYPE_ED25519)
		return AUDIT_WELL;
	return audit_fail(a, AUDIT_USAGE, A_VKEY_BAD, text, NULL);
}

enum audit_exit
audit_cmd_init(struct audit *a, const struct audit_command *c, int argc,
    char **argv)
{
	const char *api = NULL;
	const struct audit_option spec[] = {
		{ "--api", &api, NULL }, { NULL, NULL, NULL },
	};
	struct audit_log *l = &a->log;
	enum audit_exit x;
	int i;

	if ((x = audit_args(a, c, spec, &argc, argv)) != AUDIT_WELL)
		return x;
	if (audit_address(argv[0], l->url) != ERR_OK)
		return audit_fail(a, AUDIT_USAGE, A_ADDRESS_BAD, argv[0],
		    NULL);
	if (api != NULL && audit_address(api, l->api) != ERR_OK)
		return audit_fail(a, AUDIT_USAGE, A_ADDRESS_BAD, api, NULL);
	if ((x = key(a, argv[1], &l->log)) != AUDIT_WELL)
		return x;
	for (i = 2; i < argc; i++)
		if ((x = key(a, argv[i], &l->roster_key[l->roster_keys++])) !=
		    AUDIT_WELL)
			return x;
	if ((x = audit_home_init(a)) != AUDIT_WELL)
		return x;
	audit_set(a, "origin", json_string(l->log.name));
	audit_set(a, "home", json_string(a->home));
	audit_say(a, A_INIT_DONE, l->log.name, a->home);
	return AUDIT_WELL;
}
