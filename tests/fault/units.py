#!/usr/bin/env python3
"""units.py [--each K] [--seed S] [NAME...]: the unit programs, with one call
after the other failing (calls.c).  Their checks may fail then, they may not
crash or hang.

A site that several tests of a program come to fails in the shortest of them.
"""
import argparse
import collections
import multiprocessing
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time

import sites
from sites import harness
sys.path.insert(0, os.path.join(sites.HERE, os.pardir, "tools"))
import tally                    # noqa: E402

TOP = os.path.join(harness.ROOT, "build", "tests", "unit")
# They make calls fail themselves, or kill themselves on purpose.
CLOSED = ("sandbox",)
LIMIT_SEC = 200
CHUNK = 20
WAITS = 4               # programs a core: some wait for one that is gone


def shortest(name):
    """[(test, {(class, site): n})]: each site once, where it costs least;
    None: the program fails as it is."""
    path = os.path.join(TOP, name)
    p = subprocess.run([path], stdin=subprocess.DEVNULL,
                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    tests = re.findall(rb"\[ RUN +\] (\S+)", p.stdout)
    if not tests or p.returncode:
        return name, None       # where nothing was made to fail
    timed = []
    for t in dict.fromkeys(t.decode() for t in tests):
        began = time.monotonic()
        got = sites.count([path], t)
        timed.append((time.monotonic() - began, t, got))
    known, out = set(), []
    for _, t, got in sorted(timed, key=lambda x: x[:2]):
        out.append((t, {k: n for k, n in got.items() if k not in known}))
        known.update(got)
    return name, out


def ends(argv, **kw):
    """(status, what it said); a helper that it left behind goes with it."""
    with tempfile.TemporaryFile() as out:
        p = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=out,
                             stderr=out, start_new_session=True, **kw)
        try:
            p.wait(LIMIT_SEC)
        finally:
            try:
                os.killpg(p.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            p.wait()
        out.seek(0)
        return p.returncode, out.read().decode(errors="replace")


def run(job):
    """[what went wrong] of some faults of one test."""
    name, test, faults = job
    broken = []
    for fault in faults:
        try:
            # A test whose helper is gone gets an error, as the server does,
            # and no SIGPIPE.
            returncode, said = ends(
                [os.path.join(TOP, name)], restore_signals=False,
                env=sites.environment(fault, tests=test))
        except subprocess.TimeoutExpired:
            broken.append((fault, "hangs"))
            continue
        # cmocka catches signals itself, and says so.
        if returncode < 0 or returncode == 99 or "exception: " in said:
            broken.append((fault, "%d %s" % (returncode, [
                x for x in said.split("\n")
                if "exception: " in x or "ERROR" in x][:2])))
    return name, test, len(faults), broken


def main():
    a = argparse.ArgumentParser()
    a.add_argument("--each", type=int, default=0)
    a.add_argument("--seed", type=int, default=0)
    a.add_argument("names", nargs="*")
    a = a.parse_args()
    seed = a.seed or random.SystemRandom().randrange(1 << 31)
    rng = random.Random(seed)
    names = [n for n in sorted(a.names or os.listdir(TOP)) if n not in CLOSED
             and os.access(os.path.join(TOP, n), os.X_OK)]
    began, done, bad = time.monotonic(), collections.Counter(), 0
    jobs = []
    with multiprocessing.Pool() as pool:
        for name, tests in pool.imap_unordered(shortest, names):
            if tests is None:
                bad += 1
                print("FAILED %s: it fails by itself" % name, flush=True)
            for test, counts in tests or ():
                f = sites.faults(rng, counts, a.each)
                jobs += [(name, test, f[k:k + CHUNK])
                         for k in range(0, len(f), CHUNK)]
    with multiprocessing.Pool(WAITS * (os.cpu_count() or 1)) as pool:
        print("%d calls of %d programs, %.0f s" % (
            sum(len(f) for _, _, f in jobs), len(names),
            time.monotonic() - began), flush=True)
        for name, test, n, broken in pool.imap_unordered(run, sorted(jobs)):
            done[name] += n
            for fault, why in broken:
                bad += 1
                print("FAILED %s of %s with %s: %s" % (test, name, fault,
                                                       why), flush=True)
    print("calls that failed in unit programs: %d (%s); %.0f s, seed %d" % (
        sum(done.values()), ", ".join("%s %d" % kv for kv in
                                      sorted(done.items())),
        time.monotonic() - began, seed))
    tally.add("fault:units", sum(done.values()) - bad, bad)
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
