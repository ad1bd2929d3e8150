# The tests: see docs/TESTING.md.

# Unit tests: one program a file, cmocka, linked to the rooms' archives.
UNIT := $(patsubst tests/unit/test_%.c,$O/tests/unit/%,$(wildcard tests/unit/test_*.c))
UNIT_LIBS = $(shell pkg-config --libs cmocka libmicrohttpd lmdb libconfuse libseccomp) $(LIBS_peluit)

$O/tests/unit/%: tests/unit/test_%.c $O/libserver.a $O/libweb.a $O/libdesk.a $O/libclient.a $O/libpeluit.a
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -Iserver -Iweb -Idesk $(CFLAGS) $(LDFLAGS) -MMD -MP -o $@ $< \
		$O/libserver.a $O/libweb.a $O/libdesk.a $O/libclient.a $O/libpeluit.a $(UNIT_LIBS)

.PHONY: unit
unit: $(UNIT)
	@for t in $(UNIT); do echo "== $$t"; $$t || exit 1; done
