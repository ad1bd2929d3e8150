#!/bin/sh
# fuzz.sh [NAME...]: each fuzz target tests/fuzz/fuzz_NAME.c for FUZZ_SEC
# seconds (18), with ASan and UBSan, from the seeds in tests/fuzz/seeds/NAME.
# Built a second time with -DPLANTED each must find the fault planted in it,
# or its silence means nothing.  With FUZZ_COVERAGE=1 what was found of ways
# through the files under "Covers:" is then measured by clang's own counters.
set -u
cd "$(dirname "$0")/../.." || exit 3

sec=${FUZZ_SEC:-18}
out=${FUZZ_OUT:-build/fuzz}
mkdir -p "$out"
jobs=${FUZZ_JOBS:-$(nproc 2>/dev/null || echo 1)}
export ASAN_OPTIONS=detect_leaks=1:abort_on_error=0
export UBSAN_OPTIONS=print_stacktrace=1

names=$*
if [ -z "$names" ]; then
	for f in tests/fuzz/fuzz_*.c; do
		[ -f "$f" ] || { echo "no fuzz targets"; exit 1; }
		n=${f##*/fuzz_}
		names="$names ${n%.c}"
	done
fi

libs="$out/libserver.a $out/libweb.a $out/libdesk.a $out/libaudit.a $out/libclient.a $out/libpeluit.a"
# shellcheck disable=SC2086
${MAKE:-make} --no-print-directory O=$out FUZZ=1 CC=clang $libs >$out.log 2>&1 || {
	cat $out.log
	exit 1
}
pc=$(pkg-config --libs libmicrohttpd lmdb libsodium libargon2 jansson \
	libconfuse libcurl libseccomp)

count() {
	[ -z "${PELUIT_TALLY:-}" ] || echo "fuzz:$1 $2 $3" >>"$PELUIT_TALLY"
}

# build NAME PROGRAM [FLAG...]
build() {
	name=$1 prog=$2
	shift 2
	# shellcheck disable=SC2086
	clang "$@" -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 \
		-DPELUIT_VERSION='"fuzz"' -Iinclude -Iserver -Iweb -Idesk -Iaudit \
		-Icrypto -Iformat -I$out/gen -std=c11 -g -O1 -pthread -Wall \
		-Wextra -fsanitize=fuzzer,address,undefined \
		-fno-omit-frame-pointer -fno-sanitize-recover=undefined \
		-o "$prog" "tests/fuzz/fuzz_$name.c" $libs $pc
}

one() {
	name=$1
	dir=$out/run/$name
	log=$out/run/$name.log
	rm -rf "$dir"
	mkdir -p "$dir/corpus" "$dir/corpus-planted" "$dir/planted" "$dir/found"
	seeds=
	[ -d "tests/fuzz/seeds/$name" ] && seeds=tests/fuzz/seeds/$name
	dict=
	[ -f "tests/fuzz/$name.dict" ] && dict=-dict=tests/fuzz/$name.dict
	max=65536
	if ! build "$name" "$dir/fuzz" >"$log" 2>&1; then
		echo "fuzz $name: does not build"
		cat "$log"
		count "$name" 0 2
		return 1
	fi
	bad=0
	# shellcheck disable=SC2086
	if "$dir/fuzz" -max_total_time="$sec" -timeout=5 -rss_limit_mb=2048 \
		-max_len=$max -print_final_stats=1 $dict \
		-artifact_prefix="$dir/found/" "$dir/corpus" $seeds \
		>"$log" 2>&1 </dev/null; then
		runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
		echo "fuzz $name: ${runs:-0} runs in $sec s, nothing found"
		count "$name" 1 0
	else
		echo "fuzz $name: FOUND (input kept in $dir/found)"
		tail -n 60 "$log"
		count "$name" 0 1
		bad=1
	fi
	if ! grep -q PLANTED "tests/fuzz/fuzz_$name.c"; then
		echo "fuzz $name: has no planted fault"
		count "$name" 0 1
		return 1
	fi
	if ! build "$name" "$dir/fuzz-planted" -DPLANTED >"$log" 2>&1; then
		echo "fuzz $name: does not build with its planted fault"
		cat "$log"
		count "$name" 0 1
		return 1
	fi
	# shellcheck disable=SC2086
	if "$dir/fuzz-planted" -max_total_time=120 -timeout=5 \
		-rss_limit_mb=2048 -max_len=4096 $dict \
		-artifact_prefix="$dir/planted/" "$dir/corpus-planted" $seeds \
		>"$log" 2>&1 </dev/null; then
		echo "fuzz $name: does not find its planted fault"
		count "$name" 0 1
		bad=1
	elif ! ls "$dir/planted"/* >/dev/null 2>&1; then
		echo "fuzz $name: failed without finding its planted fault"
		tail -n 20 "$log"
		count "$name" 0 1
		bad=1
	else
		echo "fuzz $name: finds its planted fault"
		count "$name" 1 0
	fi
	return $bad
}

# cover NAME: lines of the target's files that its corpus reaches.
cover() {
	name=$1
	dir=$out/run/$name
	[ -d "$dir/corpus" ] || return 1
	files=$(sed -n '/^ \* Covers:/,/^ \*\//{s/^ \* *//;s/^Covers://;/^\//d;p;}' \
		"tests/fuzz/fuzz_$name.c")
	seeds=
	[ -d "tests/fuzz/seeds/$name" ] && seeds=tests/fuzz/seeds/$name
	# shellcheck disable=SC2086
	(libs=$(echo "$libs" | sed "s#$out/#$out/cov/#g")
	build "$name" "$dir/fuzz-cover" -fno-sanitize=address,undefined \
		-fprofile-instr-generate -fcoverage-mapping &&
	LLVM_PROFILE_FILE=$dir/raw "$dir/fuzz-cover" -runs=0 \
		"$dir/corpus" $seeds &&
	"$llvm/llvm-profdata" merge -o "$dir/prof" "$dir/raw" &&
	"$llvm/llvm-cov" report "$dir/fuzz-cover" -instr-profile="$dir/prof") >"$dir/cover.log" 2>&1 || {
		echo "fuzz $name: its coverage cannot be measured"
		tail -n 5 "$dir/cover.log"
		return 1
	}
	# The columns of llvm-cov: regions, functions, lines; lines are 8 to 10.
	for f in $files; do
		awk -v n="$name" -v f="$f" '$1 == f {
			printf "cover %s: %s %s of lines\n", n, f, $10; hit = 1
		} END { exit !hit }' "$dir/cover.log" || {
			echo "fuzz $name: $f is in no report"
			return 1
		}
	done
}

rc=0
running=
for name in $names; do
	one "$name" &
	running="$running $!"
	# shellcheck disable=SC2086
	set -- $running
	if [ $# -ge "$jobs" ]; then
		wait "$1" || rc=1
		shift
		running=$*
	fi
done
for p in $running; do
	wait "$p" || rc=1
done
if [ -n "${FUZZ_COVERAGE:-}" ]; then
	llvm=$(dirname "$(readlink -f "$(command -v clang)")")
	# shellcheck disable=SC2086
	# what the build runs of itself counts too: not in this folder
	LLVM_PROFILE_FILE=$out/cov.raw \
	CFLAGS="-O1 -g -fprofile-instr-generate -fcoverage-mapping" \
		${MAKE:-make} --no-print-directory O=$out/cov CC=clang PLAIN_FREE=1 \
		$(echo "$libs" | sed "s#$out/#$out/cov/#g") >$out.log 2>&1 || {
		cat $out.log
		exit 1
	}
	for name in $names; do
		cover "$name" || rc=1
	done
fi
exit $rc
