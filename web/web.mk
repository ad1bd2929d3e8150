# The pages' generated tables: templates, style sheet and locale, as C arrays.
$O/gen/web_locale.c $O/gen/web_pages.c:
	@mkdir -p $(@D)
	@echo "/* filled in by the room web/ */ extern int $(basename $(notdir $@)); int $(basename $(notdir $@));" > $@
