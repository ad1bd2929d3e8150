/*
 * render_samples SAMPLES.json DIR: each sample page in each language as
 * DIR/NAME.LANG.html, to be looked at in a browser without a server.
 */
#include <stdio.h>
#include <stdlib.h>

#include "buf.h"
#include "crypto.h"
#include "page.h"

static void
write_page(const char *dir, const char *name, enum lang l, const json_t *sample)
{
	const char *page = json_string_value(json_object_get(sample, "page"));
	json_t *model = json_object_get(sample, "model");
	struct buf out;
	char path[512];
	FILE *f;

	(void)json_object_set_new(
	    model, "base", json_string(page_lang_prefix(l)));
	(void)json_object_set_new(
	    model, "lang", json_string(page_lang_code(l)));
	buf_init(&out, 1024 * 1024);
	(void)snprintf(
	    path, sizeof(path), "%s/%s.%s.html", dir, name, page_lang_code(l));
	f = fopen(path, "w");
	if (page == NULL || f == NULL ||
	    page_render(l, page, model, &out) != ERR_OK ||
	    fwrite(out.data, 1, out.len, f) != out.len || fclose(f) != 0) {
		(void)fprintf(stderr, "%s: cannot be made\n", path);
		exit(1);
	}
	buf_done(&out);
}

int
main(int argc, char **argv)
{
	json_t *samples, *sample;
	const char *name;

	if (argc != 3) {
		(void)fprintf(stderr, "usage: render_samples FILE DIR\n");
		return 2;
	}
	samples = json_load_file(argv[1], JSON_REJECT_DUPLICATES, NULL);
	if (samples == NULL || crypto_init() != ERR_OK) {
		(void)fprintf(stderr, "%s: cannot be read\n", argv[1]);
		return 1;
	}
	json_object_foreach(samples, name, sample)
	{
		const char *page =
		    json_string_value(json_object_get(sample, "page"));

		for (enum lang l = 0; l < page_langs(); l++)
			if (page != NULL && page_covers(l, page))
				write_page(argv[2], name, l, sample);
	}
	(void)printf("%s\n", page_csp());
	json_decref(samples);
	return 0;
}
