#!/usr/bin/env python3
"""sweep.py [--lives N] [--each K] [--seed S]: one call after the other fails.

Memory, maps, locks, opening, reading, writing, syncing, renaming, threads
(calls.c, preloaded).  Each command of the programs (commands.py) is run once
for each site of calls, or for a sample of K of a class; then the server lives
through a report, a message, files, an officer's answer and an epoch's end
while one call fails: each site that such a life comes to, or N of them.
Nothing may die of a signal or without a word, and nothing acknowledged may be
gone.
"""
import argparse
import collections
import multiprocessing
import os
import random
import re
import shutil
import sys
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import commands                 # noqa: E402
import courses                  # noqa: E402
import load                     # noqa: E402
import sites                    # noqa: E402
from load import harness, log   # noqa: E402
import tally                    # noqa: E402

# Another build, as for the sanitizers, has no fault points and needs none.
if os.environ.get("PELUIT_CALLS_BUILD"):
    harness.BUILD = harness.FAULT = os.path.join(
        harness.ROOT, os.environ["PELUIT_CALLS_BUILD"])
    os.environ["UBSAN_OPTIONS"] = "exitcode=99"
    os.environ["ASAN_OPTIONS"] = "verify_asan_link_order=0:exitcode=99:" \
        "allocator_may_return_null=1"
# Each with an instance of its own; the longest first.
COMMANDS = ("custody", "audits", "instance", "ceremony", "init")
CHUNK = 25


# ---- the server's life ----

class Lives(courses.Instance):
    """One that lives while one of its calls fails."""

    def begin_with(self, fault):
        """Its calls are counted, and one fails; whether it got ready."""
        self.counts = os.path.join(self.top, "counts")
        if os.path.exists(self.counts):
            os.unlink(self.counts)
        self.env.update(LD_PRELOAD=sites.CALLS, PELUIT_COUNT=self.counts)
        try:
            return self.begin(fault)
        finally:
            for n in ("LD_PRELOAD", "PELUIT_COUNT", "PELUIT_FAULT"):
                self.env.pop(n, None)

    def met(self, fault):
        """Whether it came to the call that was to fail."""
        c, site, at = re.match(r"([a-z:]+)/([0-9a-f]+)@(\d+)",
                               fault).groups()
        return sites.read(self.counts).get((c, int(site, 16)), 0) >= int(at)

    def live(self, rng):
        """What a day brings; who was told what goes into the book."""
        b = self.book
        life = load.Life.__new__(load.Life)
        life.i, life.book, life.stop, life.did = self, b, Still(), 0
        for job in (life.reports, life.returns, life.officer, life.watches):
            life.once(job, rng)
        self.turn()
        time.sleep(0.3)
        life.once(life.officer, rng)
        life.once(life.watches, rng)

    def over_well(self, fault):
        """It stops when asked, or has stopped and said why."""
        if self.server:
            # One that is about to stop by itself is given its second.
            if "signer is gone" in str(self.errors):
                self.wait_dead(5)
            self.stop()
        rc = self.rc
        said, self.errors = self.errors[:], []
        if rc not in (0, 3):
            self.book.wrong("with %s it ended with %r: %s" % (fault, rc,
                                                              said[-3:]))
        elif rc == 3 and not said:
            self.book.wrong("with %s it stopped without a word" % fault)
        return rc


class Still:
    """Stands for an event that is never set, and nobody waits for."""

    def is_set(self):
        return False

    def wait(self, _seconds):
        return False


def measure(seed):
    """The sites that a life comes to, the signer's apart."""
    i = Lives(courses.Deaf())
    i.prepare()
    i.begin_with(None)
    i.live(random.Random(seed))
    i.end()
    return sites.read(i.counts)


def lives(faults, seed):
    rng = random.Random(seed)
    i = Lives(courses.Deaf())
    b, ends, fault = i.book, collections.Counter(), "nothing"
    try:
        i.prepare()
        for fault in faults:
            if i.begin_with(fault):
                i.live(rng)
            ends["status %s" % i.over_well(fault)] += 1
            ends["met"] += i.met(fault)
            if not i.begin(None):
                b.wrong("no start after %s: %s" % (fault, i.errors[-3:]))
                break
            i.errors = []
            while b.unanswered:
                if not load.send_again(i, b, b.unanswered[0]):
                    break
            for case in b.cases[-2:]:
                i.looks += load.look_at(i, b, case)
            i.head()
            i.promises += load.keep_promises(i, b)
            i.end()
            if b.broken:
                b.wrong("after " + fault)
                break
        if not b.broken:
            i.begin(None)
            i.close_epoch(2)
            i.sound()
            i.end()
    except Exception:
        b.wrong("with %s: %s" % (fault, traceback.format_exc()))
    out = i.result(seed)
    out["lives"] = ends
    return out


def work(job):
    kind, what, seed = job
    with courses.folder():
        if kind == "measure":
            return measure(seed)
        if kind == "lives":
            return lives(what, seed)
        c = commands.Commands(random.Random(seed), what)
        try:
            getattr(c, kind)()
        except Exception:
            c.broken.append(traceback.format_exc())
        return {"done": c.done, "broken": c.broken, "seed": seed}


def plan(rng, pool, n):
    """The faults of the lives: all, or n of them, of which some last."""
    all_of = sites.faults(rng, pool.apply(work, [("measure", None,
                                                  rng.randrange(1 << 31))]))
    rng.shuffle(all_of)
    print("a life comes to %d sites, which fail in %d ways" % (
        len({f.split("@")[0] for f in all_of}), len(all_of)), flush=True)
    if n == "all":
        return all_of
    return [f.replace("=", rng.choice(("", "", "", "+1", "+20")) + "=")
            for f in all_of[:int(n)]]


def main():
    a = argparse.ArgumentParser()
    a.add_argument("--lives", default="100")
    a.add_argument("--each", type=int, default=12)
    a.add_argument("--seed", type=int, default=0)
    a.add_argument("--only", default="")
    a = a.parse_args()
    log.fault_build()
    seed = a.seed or random.SystemRandom().randrange(1 << 31)
    rng = random.Random(seed)
    began = time.monotonic()
    done, ends, bad = collections.Counter(), collections.Counter(), 0
    with multiprocessing.Pool(os.cpu_count() or 1) as pool:
        jobs = [(k, a.each) for k in COMMANDS if a.only in ("", k)]
        if a.only in ("", "lives"):
            f = plan(rng, pool, a.lives)
            jobs += [("lives", f[k:k + CHUNK])
                     for k in range(0, len(f), CHUNK)]
        jobs = [(*j, rng.randrange(1 << 31)) for j in jobs]
        for r in pool.imap_unordered(work, jobs):
            done.update(r.get("done", {}))
            ends.update(r.get("lives", {}))
            for w in r["broken"]:
                bad += 1
                print("FAILED sweep (seed %d): %s" % (r["seed"], w),
                      flush=True)
    met = ends.pop("met", 0)
    print("calls that failed: %d in commands (%s), %d in servers' lives, of "
          "which %d came to the call (%s); %.0f s, seed %d" % (
              sum(done.values()),
              ", ".join("%s %d" % kv for kv in sorted(done.items())),
              sum(ends.values()), met,
              ", ".join("%s: %d" % kv for kv in sorted(ends.items())),
              time.monotonic() - began, seed))
    tally.add("fault:sweep", sum(done.values()) + sum(ends.values()), bad)
    for d in (courses.TOP, courses.FAST):
        shutil.rmtree(d, ignore_errors=True)
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
