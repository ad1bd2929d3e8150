/* The auditor's own keys: what opens disclosures, what signs requests. */
#include <stdlib.h>
#include <string.h>

#include "audit_home.h"
#include "sign.h"

#define IDENTITY_MAX	65536

static enum audit_exit
passphrase(struct audit *a, const char *path)
{
	char pass[AUDIT_PASS_MAX] = "";
	struct buf question;
	enum err e;

	if (a->pass != NULL)
		return AUDIT_WELL;
	buf_init(&question, 4096);
	audit_words_put(A_ASK_PASS, a->lang, (const char *const[2]){ path,
	    NULL }, &question);
	e = a->passphrase_file != NULL ?
	    prompt_secret_file(a->passphrase_file, pass, sizeof(pass)) :
	    prompt_secret(buf_text(&question), pass, sizeof(pass));
	buf_done(&question);
	if (e == ERR_OK)
		e = secret_of(pass, strlen(pass), &a->pass);
	wipe(pass, sizeof(pass));
	return e == ERR_OK ? AUDIT_WELL : audit_err(a, e, A_PASS_NONE, NULL);
}

enum audit_exit
audit_identity(struct audit *a, const char *path,
    struct age_identity ids[static HOME_IDENTITIES], size_t *n)
{
	enum audit_exit x = AUDIT_WELL;
	struct bytes text;
	struct buf plain;
	uint8_t *data = NULL;
	size_t len = 0;
	enum err e;

	*n = 0;
	buf_init(&plain, IDENTITY_MAX);
	if ((e = file_read(path, IDENTITY_MAX, &data, &len)) != ERR_OK)
		return audit_err(a, e, A_FILE_READ, path);
	text = (struct bytes){ data, len };
	if (age_is_file(text)) {
		if ((x = passphrase(a, path)) != AUDIT_WELL)
			goto out;
		e = age_open_file_passphrase(text, (struct bytes){
		    a->pass->bytes, a->pass->len }, &plain);
		if (e != ERR_OK) {
			x = audit_err(a, e, e == ERR_NOMATCH ? A_PASS_WRONG :
			    A_IDENTITY_BAD, path);
			goto out;
		}
		text = (struct bytes){ plain.data, plain.len };
	}
	e = age_identities_decode(text, ids, HOME_IDENTITIES, n);
	if (e != ERR_OK)
		x = audit_err(a, e, A_IDENTITY_BAD, path);
out:
	if (data != NULL)
		wipe(data, len);
	free(data);
	buf_done(&plain);
	return x;
}

static enum audit_exit
open_seed(struct audit *a, struct bytes file, struct secret **seed)
{
	struct age_identity ids[HOME_IDENTITIES];
	uint8_t bytes[SIGN_SEED_LEN] = { 0 };
	char *path = audit_home_path(a, "identity.age");
	enum audit_exit x;
	struct buf text;
	size_t n = 0;
	enum err e;

	buf_init(&text, KEYFILE_MAX);
	x = audit_identity(a, path, ids, &n);
	if (x == AUDIT_WELL) {
		e = age_open_file(file, ids, n, &text);
		if (e == ERR_OK)
			e = keyfile_decode((struct bytes){ text.data,
			    text.len }, bytes, sizeof(bytes));
		if (e == ERR_OK)
			e = secret_of(bytes, sizeof(bytes), seed);
		if (e != ERR_OK)
			x = audit_err(a, e, A_HOME_DAMAGED, "sign.age");
	}
	wipe(bytes, sizeof(bytes));
	wipe(ids, sizeof(ids));
	buf_done(&text);
	free(path);
	return x;
}

enum audit_exit
audit_account(struct audit *a, struct office *office, struct secret **seed)
{
	enum audit_exit x = AUDIT_WELL;
	uint8_t *data = NULL;
	size_t len = 0, line;
	enum err e;

	*seed = NULL;
	memset(office, 0, sizeof(*office));
	e = audit_home_get(a, "office.conf", OFFICE_MAX, &data, &len);
	if (e == ERR_NOTFOUND)
		return AUDIT_WELL;
	if (e == ERR_OK)
		e = office_decode((struct bytes){ data, len }, office, &line);
	free(data);
	data = NULL;
	if (e != ERR_OK)
		return audit_err(a, e, A_HOME_DAMAGED, "office.conf");
	/* An account at another office is none here. */
	if (strcmp(office->origin, a->log.log.name) != 0)
		return AUDIT_WELL;
	/* Another way to the same server, which keeps its own name. */
	if (a->log.api[0] != '\0')
		memcpy(office->url, a->log.api, sizeof(office->url));
	e = audit_home_get(a, "sign.age", AGE_HEADER_MAX + KEYFILE_MAX, &data,
	    &len);
	if (e == ERR_OK)
		x = open_seed(a, (struct bytes){ data, len }, seed);
	else if (e != ERR_NOTFOUND)
		x = audit_err(a, e, A_FILE_READ, "sign.age");
	free(data);
	return x;
}
