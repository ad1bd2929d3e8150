/* peluit.conf written anew, with a comment at each key. */
#include <string.h>

#include "config_internal.h"

/* A quoted value: what libconfuse reads back as the same bytes. */
static void
put_quoted(struct buf *b, const char *s)
{
	buf_putc(b, '"');
	for (; *s != '\0'; s++) {
		if (*s == '"' || *s == '\\')
			buf_putc(b, '\\');
		buf_putc(b, *s);
	}
	buf_putc(b, '"');
}

static void
put_key(struct buf *b, const struct key *k, const struct config *c)
{
	const char *field = (const char *)c + k->offset;
	char addr[ADDR_MAX + 16];

	buf_printf(b, "\t# %s\n\t%s = ", k->comment, k->name);
	switch (k->kind) {
	case KIND_INT:
		buf_printf(b, "%lld", k->size == sizeof(uint32_t) ?
		    (long long)*(const uint32_t *)(const void *)field :
		    (long long)*(const int64_t *)(const void *)field);
		break;
	case KIND_BOOL:
		buf_puts(b, *(const bool *)field ? "yes" : "no");
		break;
	case KIND_ADDR:
		addr_text((const struct addr *)(const void *)field, addr);
		put_quoted(b, addr);
		break;
	case KIND_TEXT:
		put_quoted(b, field);
		break;
	}
	buf_putc(b, '\n');
}

/* Those beyond Indonesian and English, which have lines of their own. */
static void
put_in_languages(struct buf *b, const char *what,
    const char (*text)[CONFIG_TITLE_MAX + 1])
{

	for (enum lang l = LANG_EN + 1; l < page_langs(); l++) {
		if (text[l][0] == '\0')
			continue;
		buf_printf(b, "\t%s_%s = ", what, page_lang_code(l));
		put_quoted(b, text[l]);
		buf_putc(b, '\n');
	}
}

enum err
config_write(const struct config *c, const char *path)
{
	struct buf b;
	enum err e;

	buf_init(&b, CONFIG_MAX);
	buf_puts(&b, "# How this instance runs; people and keys are in the "
	    "roster.\n# After a change: peluitd takes it on SIGHUP, and keeps "
	    "the old one if this is wrong.\n");
	for (size_t s = 0; s < CONFIG_SECTIONS; s++) {
		buf_printf(&b, "\n%s {\n", config_sections[s]);
		for (size_t i = 0; i < CONFIG_KEYS; i++) {
			if (strcmp(config_keys[i].section, config_sections[s]) == 0)
				put_key(&b, &config_keys[i], c);
		}
		if (s == 0)	/* titles in further languages */
			put_in_languages(&b, "title", c->title);
		buf_puts(&b, "}\n");
	}
	for (size_t i = 0; i < c->channels; i++) {
		const struct config_channel *ch = &c->channel[i];

		buf_printf(&b, "\nchannel %s {\n\tlabel_id = ", ch->name);
		put_quoted(&b, ch->label[LANG_ID]);
		buf_puts(&b, "\n\tlabel_en = ");
		put_quoted(&b, ch->label[LANG_EN]);
		buf_putc(&b, '\n');
		put_in_languages(&b, "label", ch->label);
		buf_printf(&b, "\t# its people work at the Inspectorate\n"
		    "\tinspectorate = %s\n"
		    "\t# may be chosen when the Inspectorate is accused\n"
		    "\tif_inspectorate_accused = %s\n}\n",
		    ch->inspectorate ? "yes" : "no",
		    ch->if_inspectorate_accused ? "yes" : "no");
	}
	buf_puts(&b, "\nholidays {\n\tdays = {");
	for (size_t i = 0; i < c->holidays; i++)
		buf_printf(&b, "%s\"%s\"", i == 0 ? "" : i % 8 == 0 ?
		    ",\n\t    " : ", ", c->holiday[i]);
	buf_puts(&b, "}\n}\n");
	if ((e = buf_err(&b)) == ERR_OK)
		e = file_write_new(path, b.data, b.len, 0600);
	buf_done(&b);
	return (e);
}
