# The pages' generated tables: po2c makes the sentences of all languages a C
# table and refuses what is missing in one of them; embed does the same for
# the templates and the style sheet.  Both run at build and are not installed.
# A language is one file, web/locale/XX.po: docs/TRANSLATING.md.

WEB_PO := web/locale/id.po web/locale/en.po
WEB_PO += $(sort $(filter-out $(WEB_PO),$(wildcard web/locale/*.po)))
WEB_HTML := $(sort $(wildcard web/pages/*.html web/papers/*.html))
WEB_CSS := web/assets/style.css web/assets/paper.css

# Not under the sanitizers: libgettextpo keeps a little memory for itself.
TOOL_FLAGS = $(filter-out -fsanitize% -fno-sanitize%,$(CFLAGS) $(LDFLAGS))

$O/gen/po2c: web/tools/po2c.c web/tools/tool.h web/tables.h
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(TOOL_FLAGS) -o $@ $< -lgettextpo
$O/gen/embed: web/tools/embed.c web/tools/tool.h
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(TOOL_FLAGS) -o $@ $<

# Written beside and renamed, so that a run that was cut leaves no half table.
$O/gen/web_locale.c: $O/gen/po2c $(WEB_PO) $(WEB_HTML)
	$O/gen/po2c $(WEB_PO) $(WEB_HTML) > $@.tmp
	@mv $@.tmp $@
$O/gen/web_pages.c: $O/gen/embed $(WEB_HTML) $(WEB_CSS)
	$O/gen/embed $(WEB_HTML) $(WEB_CSS) > $@.tmp
	@mv $@.tmp $@

$O/gen/web_locale.o $O/gen/web_pages.o: CPPFLAGS += -Iweb
$O/gen/web_locale.o $O/gen/web_pages.o: web/tables.h

# Pages with invented content, as files, for looking at in a browser.
$O/tests/render_samples: tests/browser/render_samples.c $O/libweb.a $O/libpeluit.a
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -Iweb $(CFLAGS) $(LDFLAGS) -MMD -MP -o $@ $< \
		$O/libweb.a $O/libpeluit.a $(LIBS_peluitd)
