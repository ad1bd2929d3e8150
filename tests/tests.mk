# The tests: see docs/TESTING.md.  Each target counts what it ran into the file
# that PELUIT_TALLY names, if there is one.

export PYTHONDONTWRITEBYTECODE := 1
SUBMAKE = $(MAKE) --no-print-directory
ARCHIVES = $O/libserver.a $O/libweb.a $O/libdesk.a $O/libaudit.a $O/libclient.a $O/libpeluit.a
ROOM_INC = -Iserver -Iweb -Idesk -Iaudit

# Unit tests: one program a file, cmocka, linked to the rooms' archives.
UNIT := $(patsubst tests/unit/test_%.c,$O/tests/unit/%,$(wildcard tests/unit/test_*.c))
UNIT_LIBS = $(shell pkg-config --libs cmocka libmicrohttpd lmdb libconfuse libseccomp libqrencode) $(LIBS_peluit) $(shell pkg-config --libs libargon2)

$O/tests/unit/%: tests/unit/test_%.c $(ARCHIVES)
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(ROOM_INC) $(CFLAGS) $(LDFLAGS) -MMD -MP -o $@ $< \
		$(ARCHIVES) $(UNIT_LIBS)

.PHONY: unit vectors lint scenario fuzz sanitize valgrind bench fault
UNIT_KIND ?= unit
unit: $(UNIT)
	@tests/tools/unit --kind $(UNIT_KIND) $(UNIT)

# Vectors: ours by themselves, any others by VECTORS=DIR.
VECTOR_C := $(wildcard tests/vectors/*.c)
VECTORS ?= tests/vectors/own
$O/tests/vectors: $(VECTOR_C) $O/libpeluit.a
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $(VECTOR_C) \
		$O/libpeluit.a $(LIBS_peluit) $(shell pkg-config --libs libargon2) -lz
vectors: $O/tests/vectors
	@tests/tools/vectors $O/tests/vectors $(VECTORS)

lint:
	@tests/lint/lint

# Scenarios run the programs of O; SCENARIOS names some, else all of them.
# `memory` wants a build that zeroes nothing, to see that it finds what is left.
scenario: all $O/tests/render_samples
	+@$(SUBMAKE) O=build/valgrind PLAIN_FREE=1 all
	@PELUIT_BUILD=$O tests/scenario/run $(SCENARIOS)

# The same sources with fault points, and the tool that tampers with a store.
TAMPER_C := $(wildcard tests/tools/tamper*.c)
$O/peluit-tamper: $(TAMPER_C) $(ARCHIVES)
	$(CC) $(CPPFLAGS) $(ROOM_INC) $(CFLAGS) $(LDFLAGS) -o $@ $(TAMPER_C) \
		$(ARCHIVES) $(LIBS_peluitd)
$O/%.so: tests/fault/%.c
	@mkdir -p $(@D)
	$(CC) -std=c11 -D_GNU_SOURCE -O2 -g -fPIC -shared -Wall -Wextra -o $@ $< -ldl
fault:
	+@$(SUBMAKE) O=build/fault FAULT=1 all build/fault/peluit-tamper build/fault/calls.so build/fault/trace.so build/fault/later.so

# Killed N times, and more: tests/fault/.  TORTURE_SEED repeats a run.
N ?= 1000
TORTURE_SEED ?= 0
.PHONY: torture calls calls-unit power
torture: fault
	@PELUIT_BUILD=build/fault tests/fault/kills.py --kills $(N) --seed $(TORTURE_SEED)

# One call after the other fails: LIVES of the server (or all: one for each
# site that a life comes to), EACH a class a command (0: all).
LIVES ?= 25
EACH ?= 1
calls: fault
	@PELUIT_BUILD=build/fault tests/fault/sweep.py --lives $(LIVES) --each $(EACH) --seed $(TORTURE_SEED)

# The same for the unit programs; not part of `make check`.
calls-unit: fault $(UNIT)
	@tests/fault/units.py --each $(EACH) --seed $(TORTURE_SEED)

# The power fails: STATES of the disk as it may have been.
STATES ?= 150
power: fault
	@PELUIT_BUILD=build/fault tests/fault/power.py --states $(STATES) --seed $(TORTURE_SEED)

# Everything that a sanitizer can see: the unit tests and the scenarios that
# throw bad input at the server.
SAN_SCENARIOS ?= desk receipts bad_forms bad_http
sanitize:
	+@$(SUBMAKE) O=build/san SAN=1 UNIT_KIND=sanitize unit; a=$$?; \
	$(SUBMAKE) O=build/san SAN=1 all && \
	PELUIT_BUILD=build/san PELUIT_KIND=sanitize tests/scenario/run $(SAN_SCENARIOS) && \
	exit $$a

# A report, an answer and a file under valgrind: slow, so only those.
# valgrind replaces free() itself, so ours stays out of that build.
valgrind:
	+@$(SUBMAKE) O=build/valgrind PLAIN_FREE=1 all
	@PELUIT_BUILD=build/valgrind PELUIT_KIND=valgrind \
	PELUIT_WRAP="valgrind -q --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite --track-origins=no --log-file=%LOG%" \
	tests/scenario/run desk

fuzz:
	@tests/fuzz/fuzz.sh $(FUZZERS)

bench: all
	@tests/tools/need check
	@PELUIT_BUILD=$O tests/bench/upload.py
	@PELUIT_BUILD=$O tests/bench/log.py
