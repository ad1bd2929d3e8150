# Peluit: one plain Makefile.  `make run` to try it, `make check` to test it.
#
#   make            the programs, in build/
#   make run        install what is missing, build, make a demo, serve it
#   make check      install what is missing, build, run every test
#   make vectors VECTORS=DIR    every third-party suite found in DIR
#   make bench      the measurements of docs/TESTING.md
#   make install DESTDIR=...    programs, manual pages, service files
#   make deb        the packages peluit-server, peluit-desk, peluit-audit
#   make deb-test   install, upgrade and remove them in a bare system
#   make sbom       every library that the programs are linked with
#
# O is where things are built; CHECK=1 adds the long warning list as errors;
# SAN=1 adds ASan and UBSan, FUZZ=1 what libFuzzer needs too (clang), FAULT=1
# the fault points (never shipped), PLAIN_FREE=1 leaves free() to valgrind.
# SAN and PLAIN_FREE build without the sandbox, whose list knows neither tool.
# DEMO is where `make run` keeps its demo.

O ?= build
DEMO ?= demo
CC ?= cc
PREFIX ?= /usr/local
VERSION := 0.1.0

PKGS := libsodium libargon2 jansson lmdb libmicrohttpd libconfuse libcurl libseccomp libqrencode

# A simple := would run pkg-config when only `make run` is asked for and
# pkg-config itself may still be missing.
LIBS_peluitd = $(shell pkg-config --libs libmicrohttpd lmdb libsodium libargon2 jansson libconfuse libseccomp libqrencode)
LIBS_peluit = $(shell pkg-config --libs libsodium libargon2 libcurl jansson)

CPPFLAGS += -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -DPELUIT_VERSION='"$(VERSION)"' -Iinclude -I$O/gen
# Hardening that not every compiler or processor has.  clang 14 has zeroing of
# automatic variables behind a flag of protest.
try = $(shell echo 'int x;' | $(CC) -Werror $1 -x c -c -o /dev/null - 2>/dev/null && echo '$1')
ZERO := -ftrivial-auto-var-init=zero
HARDEN := $(call try,-fstack-clash-protection) $(call try,-fcf-protection) \
	$(or $(call try,$(ZERO)),$(call try,$(ZERO) -enable-trivial-auto-var-init-zero-knowing-it-will-be-removed-from-clang))

CFLAGS ?= -O2 -g
CFLAGS += -std=c11 -pthread -fPIE -fstack-protector-strong $(HARDEN) \
	-ffunction-sections -fdata-sections -Wall -Wextra -ffile-prefix-map=$(CURDIR)=.
# What a program does not call is not in it: `nm` shows it of peluit-audit.
LDFLAGS += -pie -pthread -Wl,-z,relro,-z,now,-z,noexecstack -Wl,--gc-sections

ifneq ($(SAN)$(PLAIN_FREE),)
CPPFLAGS += -DPELUIT_NO_SANDBOX
endif
ifeq ($(SAN),1)
CFLAGS += -fsanitize=address,undefined -fno-omit-frame-pointer -fno-sanitize-recover=undefined
LDFLAGS += -fsanitize=address,undefined
else ifeq ($(FUZZ),1)
CFLAGS += -fsanitize=fuzzer-no-link,address,undefined -fno-omit-frame-pointer -fno-sanitize-recover=undefined
LDFLAGS += -fsanitize=address,undefined
else
CPPFLAGS += -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
endif
ifeq ($(FAULT),1)
CPPFLAGS += -DPELUIT_FAULTS
endif
ifeq ($(PLAIN_FREE),1)
CPPFLAGS += -DPELUIT_PLAIN_FREE
endif
ifeq ($(CHECK),1)
CFLAGS += -Werror -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wcast-qual \
	-Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition -Wvla \
	-Wformat=2 -Wundef -Wpointer-arith -Wwrite-strings -Wredundant-decls \
	-Wnested-externs
endif

obj = $(patsubst %.c,$O/obj/%.o,$(1))
room = $(call obj,$(filter-out %_main.c,$(wildcard $(1)/*.c)))

# Generated: the locale tables, the templates and the style sheet, the words.
GEN_C := $O/gen/web_locale.c $O/gen/web_pages.c
GEN_O := $(GEN_C:.c=.o)

.PHONY: all run check clean install
PROGRAMS := $O/peluitd $O/peluit $O/peluit-audit
all: $(PROGRAMS)

# Static archives: a program carries only what it calls.
$O/libpeluit.a: $(foreach r,crypto format sys,$(call room,$r))
$O/libweb.a: $(call room,web) $(GEN_O)
$O/libclient.a: $(call room,client)
$O/libserver.a: $(call room,server)
$O/libdesk.a: $(call room,desk)
$O/libaudit.a: $(call room,audit)
$O/lib%.a:
	@mkdir -p $(@D)
	@rm -f $@
	$(AR) rcs $@ $^

$O/peluitd: $(call obj,server/peluitd_main.c) $O/libserver.a $O/libweb.a $O/libpeluit.a
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS_peluitd)
$O/peluit: $(call obj,desk/peluit_main.c) $O/libdesk.a $O/libclient.a $O/libpeluit.a
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS_peluit)

$O/peluit-audit: $(call obj,audit/peluit_audit_main.c) $O/libaudit.a $O/libclient.a $O/libpeluit.a
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS_peluit)

$O/obj/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<
$O/gen/%.o: $O/gen/%.c
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

include web/web.mk
include tests/tests.mk

# `need` may have to install the compiler, so the build is a make of its own.
run:
	@tests/tools/need run
	@$(MAKE) --no-print-directory all
	@deploy/run-demo $O $(DEMO)

check:
	@tests/tools/need check
	@tests/tools/check

BINDIR = $(DESTDIR)$(PREFIX)/bin
SBINDIR = $(DESTDIR)$(PREFIX)/sbin
LIBDIR = $(DESTDIR)$(PREFIX)/lib
MANDIR = $(DESTDIR)$(PREFIX)/share/man
DOCDIR = $(DESTDIR)$(PREFIX)/share/doc/peluit
SHAREDIR = $(DESTDIR)$(PREFIX)/share/peluit
UNITDIR = $(LIBDIR)/systemd/system
# The units and scripts say /usr, which is where packages put them.
place = sed -e 's,/usr/bin/peluit,$(PREFIX)/bin/peluit,g' \
	-e 's,/usr/lib/peluit,$(PREFIX)/lib/peluit,g' $1 >$2 && chmod $3 $2
install: all
	install -d $(BINDIR) $(SBINDIR) $(LIBDIR)/peluit $(DOCDIR) $(SHAREDIR) \
		$(UNITDIR) $(LIBDIR)/sysusers.d $(LIBDIR)/tmpfiles.d
	install -m 755 $(PROGRAMS) deploy/peluit-onion-key $(BINDIR)
	$(call place,deploy/peluitctl,$(SBINDIR)/peluitctl,755)
	$(call place,deploy/job,$(LIBDIR)/peluit/job,755)
	install -m 644 README.md SECURITY.md CHANGELOG.md LICENSE $(DOCDIR)
	install -m 644 deploy/torrc $(SHAREDIR)
	for f in $(wildcard docs/*.md docs/*.yaml); do \
		install -m 644 $$f $(DOCDIR) || exit 1; done
	for f in $(wildcard docs/man/*.[1-8]); do \
		d=$(MANDIR)/man$${f##*.}; install -d $$d && \
		install -m 644 $$f $$d || exit 1; done
	cd deploy && for f in *.service *.timer; do \
		$(call place,$$f,$(UNITDIR)/$$f,644) || exit 1; done
	cd deploy && for d in sysusers tmpfiles; do for f in *.$$d; do \
		install -m 644 $$f $(LIBDIR)/$$d.d/$${f%.$$d}.conf || exit 1; \
	done; done

.PHONY: deb deb-check deb-test sbom
deb:
	@tests/tools/need deb
	@deploy/build-deb $O/deb
deb-check:
	@tests/tools/need check
	@tests/deb/check
deb-test:
	@tests/tools/need deb-test
	@tests/deb/system
sbom: all
	@deploy/sbom $(PROGRAMS) >$O/peluit.cdx.json
	@echo $O/peluit.cdx.json

clean:
	rm -rf build

-include $(shell find $O/obj $O/gen $O/tests -name '*.d' 2>/dev/null)
