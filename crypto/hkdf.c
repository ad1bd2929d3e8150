/* HKDF-SHA256 (RFC 5869); libsodium 1.0.18 has the HMAC but not the KDF. */
#include <assert.h>
#include <string.h>

#include "crypto.h"

void
hkdf_salt(void *out, size_t out_len, struct bytes ikm, struct bytes salt,
    struct bytes info)
{
	struct hmac s;
	uint8_t prk[HMAC_LEN], t[HMAC_LEN], *o = out;
	uint8_t block = 0;
	size_t n;

	assert(out_len <= (size_t)255 * HMAC_LEN);

	hmac_init(&s, salt.p, salt.n);
	hmac_update(&s, ikm.p, ikm.n);
	hmac_final(&s, prk);

	while (out_len > 0) {
		hmac_init(&s, prk, sizeof(prk));
		if (block > 0)
			hmac_update(&s, t, sizeof(t));
		block++;
		hmac_update(&s, info.p, info.n);
		hmac_update(&s, &block, 1);
		hmac_final(&s, t);

		n = out_len < sizeof(t) ? out_len : sizeof(t);
		memcpy(o, t, n);
		o += n;
		out_len -= n;
	}
	wipe(prk, sizeof(prk));
	wipe(t, sizeof(t));
}

void
hkdf(void *out, size_t out_len, const void *ikm, size_t ikm_len,
    const char *info)
{
	hkdf_salt(out, out_len, (struct bytes){ ikm, ikm_len },
	    (struct bytes){ NULL, 0 }, (struct bytes){ info, strlen(info) });
}
