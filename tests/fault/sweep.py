#!/usr/bin/env python3
"""sweep.py [--lives N] [--each K] [--seed S]: one call after the other fails.

Memory, maps, locks, opening, reading, writing, syncing, renaming, threads
(calls.c, preloaded).  Each command of the programs is run once for each call
that it makes, or for a sample of K of a class; then the server lives through
a report, a message, files, an officer's answer and an epoch's end while one
call fails, N times, sampled.  Nothing may die of a signal or without a word,
and nothing acknowledged may be gone.
"""
import argparse
import collections
import multiprocessing
import os
import random
import shutil
import sys
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import courses                  # noqa: E402
import load                     # noqa: E402
from load import harness, log, Part     # noqa: E402
import tally                    # noqa: E402

# Another build, as for the sanitizers, has no fault points and needs none.
if os.environ.get("PELUIT_CALLS_BUILD"):
    harness.BUILD = harness.FAULT = os.path.join(
        harness.ROOT, os.environ["PELUIT_CALLS_BUILD"])
    os.environ["UBSAN_OPTIONS"] = "exitcode=99"
    os.environ["ASAN_OPTIONS"] = "verify_asan_link_order=0:exitcode=99:" \
        "allocator_may_return_null=1"
# Programs that count their own calls or kill themselves on purpose.
CLOSED = ("sandbox", "memory")
CALLS = os.path.join(harness.ROOT, "build", "fault", "calls.so")
HOW = {"alloc": ["enomem"], "map": ["enomem"], "lock": ["enomem"],
       "open": ["eio", "enomem"], "read": ["eio"],
       "write": ["enospc", "eio", "short"], "sync": ["eio", "enospc"],
       "rename": ["eio", "enospc"], "thread": ["enomem"]}


def count(argv, env=None):
    """How many calls of each class a command makes."""
    r, w = os.pipe()
    os.set_inheritable(w, True)
    import subprocess
    p = subprocess.run(argv, stdin=subprocess.DEVNULL, pass_fds=(w,),
                       stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                       env=dict(env or os.environ, LD_PRELOAD=CALLS,
                                PELUIT_COUNT=str(w)))
    os.close(w)
    with os.fdopen(r) as f:
        lines = f.read().split("\n")
    if p.returncode not in (0, 1):
        raise harness.Failed("%s: %s" % (argv, p.stderr))
    return {k: int(n) for k, n in (x.split() for x in lines if x)}


def sample(rng, n, most):
    """All calls, or the first few and some of the rest."""
    if n <= most:
        return list(range(1, n + 1))
    first = most // 4
    return list(range(1, first + 1)) + sorted(
        rng.sample(range(first + 1, n + 1), most - first))


# ---- commands ----

class Commands:
    def __init__(self, rng, each):
        self.rng, self.each = rng, each
        self.done = collections.Counter()
        self.broken = []
        self.t = courses.Deaf()

    def sweep(self, name, argv, before=None, after=None):
        """argv with each call failing in turn."""
        if before:
            before()
        total = count(argv)
        for c, n in total.items():
            for k in sample(self.rng, n, self.each):
                how = self.rng.choice(HOW[c.split(":")[-1]])
                if before:
                    before()
                p = harness.command(argv, env=dict(
                    os.environ, LD_PRELOAD=CALLS,
                    PELUIT_FAULT="%s@%d=%s" % (c, k, how)))
                self.done[name] += 1
                what = "%s with %s %d %s: " % (name, c, k, how)
                said = p.stderr.strip() or p.stdout.strip()
                if p.returncode not in (0, 1, 2, 3):
                    self.broken.append(what + "ended with %d: %s" % (
                        p.returncode, p.stderr[-300:]))
                elif p.returncode and not said:
                    self.broken.append(what + "said nothing")
                elif after:
                    why = after(p)
                    if why:
                        self.broken.append(what + why)

    def fresh(self, path):
        def gone():
            shutil.rmtree(path, ignore_errors=True)
            if os.path.exists(path):
                os.unlink(path)
        return gone

    def init(self):
        path = os.path.join(self.t.folder(), "i")

        def after(p):
            conf = os.path.exists(os.path.join(path, "peluit.conf"))
            if p.returncode and not conf:
                return None
            q = harness.command([os.path.join(harness.FAULT, "peluitd"),
                                 "check", path])
            return None if q.returncode == 0 else \
                "it left %d, %s" % (p.returncode, q.stderr)
        self.sweep("init", [os.path.join(harness.FAULT, "peluitd"), "init",
                            path, "--demo"], self.fresh(path), after)

    def units(self):
        """The unit programs: their checks may fail, they may not crash."""
        top = os.path.join(harness.ROOT, "build", "tests", "unit")
        for n in sorted(os.listdir(top)):
            path = os.path.join(top, n)
            if not os.access(path, os.X_OK) or n in CLOSED:
                continue
            try:
                total = count([path])
            except harness.Failed:
                continue
            for c, most in total.items():
                for k in sample(self.rng, most, self.each):
                    how = self.rng.choice(HOW[c.split(":")[-1]])
                    p = harness.command([path], env=dict(
                        os.environ, LD_PRELOAD=CALLS,
                        PELUIT_FAULT="%s@%d=%s" % (c, k, how)))
                    self.done[n] += 1
                    # cmocka catches signals itself, and says so.
                    if p.returncode < 0 or p.returncode == 99 or \
                            "exception: " in p.stdout + p.stderr:
                        self.broken.append("%s with %s %d %s: %d %s" % (
                            n, c, k, how, p.returncode, [
                                x for x in (p.stdout + p.stderr).split("\n")
                                if "exception: " in x or "FAILED" in x][:2]))

    def instance(self):
        i = courses.Instance(self.t)
        i.begin(None)
        s, _ = i.report()
        s.add([Part("x.bin", os.urandom(3 << 20))])
        i.close_epoch()
        i.peluit(harness.INSPECTORATE, "fetch")
        case = i.peluit(harness.INSPECTORATE, "list").json["cases"][0]["case"]
        text = os.path.join(i.top, "text")
        with open(text, "w") as f:
            f.write("Jawaban.\n")
        out = os.path.join(self.t.folder(), "out")
        d = i.program("peluitd")

        def good(_p):
            q = i.peluitd("check", i.dir)
            return None if q.returncode == 0 else q.stdout + q.stderr
        for name, args in (("check", []), ("status", ["--json"]),
                           ("keys", []), ("backup", [out]),
                           ("mirror", [out])):
            self.sweep(name, [d, name, i.dir, *args], self.fresh(out))
        home = ["--home", os.path.join(i.dir, "people", harness.INSPECTORATE),
                "--passphrase-file", os.path.join(i.dir, "people",
                                                  "passphrase"),
                "--clock", i.clock_file]
        for name, args in (("fetch", []), ("list", []), ("open", [case]),
                           ("status", [case, "REVIEW"]),
                           ("reply", [case, "-f", text]),
                           ("export", [case, out])):
            self.sweep("peluit " + name,
                       [i.program("peluit"), *home, name, *args],
                       self.fresh(out), good)
            if name == "reply":         # what waited is sent at last
                i.close_epoch()
        for name in ("fetch", "list"):
            p = i.peluit(harness.INSPECTORATE, name)
            if p.returncode:
                self.broken.append("peluit %s afterwards: %s%s" % (
                    name, p.stdout, p.stderr))
        a = courses.audit_kit.Audit(self.t, i)
        audit = [i.program("peluit-audit"), "--home", a.home,
                 "--passphrase-file", os.path.join(a.people, "passphrase"),
                 "--clock", i.clock_file]
        self.sweep("audit check", audit + ["check"])
        self.sweep("audit full", audit + ["full"])
        rc, found = a.codes("full")
        if rc not in (0, 1) or found - courses.LATE:
            self.broken.append("audit afterwards: %d %s" % (rc, found))
        i.end()
        said = [e for e in i.errors if e]
        if said:
            self.broken.append("the server said: " + "; ".join(said[:3]))
        self.broken += i.book.broken


# ---- the server's life ----

class Lives(courses.Instance):
    """One that lives while one of its calls fails."""

    def begin_with(self, fault):
        self.env["LD_PRELOAD"] = CALLS
        try:
            return self.begin(fault)
        finally:
            self.env.pop("LD_PRELOAD")
            self.env.pop("PELUIT_FAULT", None)

    def measure(self, rng):
        """Calls of each class in a life, the signer's apart."""
        r, w = os.pipe()
        os.set_inheritable(w, True)
        self.env["PELUIT_COUNT"] = str(w)
        old = harness.subprocess.Popen

        def popen(argv, **kw):
            kw["pass_fds"] = kw.get("pass_fds", ()) + (w,)
            return old(argv, **kw)
        harness.subprocess.Popen = popen
        try:
            self.begin_with(None)
        finally:
            harness.subprocess.Popen = old
            self.env.pop("PELUIT_COUNT")
        os.close(w)
        self.live(rng)
        self.end()
        with os.fdopen(r) as f:
            got = {k: int(n) for k, n in (x.split() for x in f)}
        # The signer's descriptor is closed as it begins: some dozens.
        got.update({"signer:" + c: 60 for c in HOW})
        return got

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


def lives(n, seed):
    rng = random.Random(seed)
    i = Lives(courses.Deaf())
    b, ends, fault = i.book, collections.Counter(), "nothing"
    try:
        i.prepare()
        # How far a life counts, by one in which nothing fails.
        total = i.measure(rng)
        for k in range(n):
            c = rng.choice(list(HOW))
            who = "signer:" if rng.random() < 0.2 else ""
            most = max(total.get(who + c, 0), 1)
            at = int(most ** rng.random()) if rng.random() < 0.5 else \
                rng.randint(1, most)
            more = rng.choice(("", "", "", "+1", "+20"))
            fault = "%s%s@%d%s=%s" % (who, c, at, more, rng.choice(HOW[c]))
            if i.begin_with(fault):
                i.live(rng)
            ends[i.over_well(fault)] += 1
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
    out["ends"] = ends
    return out


def work(job):
    kind, n, seed = job
    with courses.folder():
        if kind == "lives":
            return lives(n, seed)
        c = Commands(random.Random(seed), n)
        try:
            getattr(c, kind)()
        except Exception:
            c.broken.append(traceback.format_exc())
        return {"done": c.done, "broken": c.broken, "seed": seed}


def main():
    a = argparse.ArgumentParser()
    a.add_argument("--lives", type=int, default=100)
    a.add_argument("--each", type=int, default=12)
    a.add_argument("--seed", type=int, default=0)
    a.add_argument("--only", default="")
    a = a.parse_args()
    log.fault_build()
    seed = a.seed or random.SystemRandom().randrange(1 << 31)
    rng = random.Random(seed)
    jobs = [("instance", a.each), ("init", a.each)] + \
        [("lives", n) for n in [25] * (a.lives // 25) + [a.lives % 25] if n]
    if a.only == "units":       # slow: each program runs anew for each call
        jobs = [("units", a.each)]
    jobs = [(k, n, rng.randrange(1 << 31)) for k, n in jobs
            if a.only in ("", k)]
    began = time.monotonic()
    done, ends, bad = collections.Counter(), collections.Counter(), 0
    with multiprocessing.Pool(os.cpu_count() or 1) as pool:
        for r in pool.imap_unordered(work, jobs):
            done.update(r.get("done", {}))
            ends.update(r.get("ends", {}))
            for w in r["broken"]:
                bad += 1
                print("FAILED sweep (seed %d): %s" % (r["seed"], w),
                      flush=True)
    print("calls that failed: %d in commands (%s), %d in servers' lives (%s);"
          " %.0f s, seed %d" % (
              sum(done.values()),
              ", ".join("%s %d" % kv for kv in sorted(done.items())),
              sum(ends.values()),
              ", ".join("status %s %d" % kv for kv in ends.items()),
              time.monotonic() - began, seed))
    tally.add("fault:sweep", sum(done.values()) + sum(ends.values()), bad)
    for d in (courses.TOP, courses.FAST):
        shutil.rmtree(d, ignore_errors=True)
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
