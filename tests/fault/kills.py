#!/usr/bin/env python3
"""kills.py [--kills N] [--seed S] [--workers W]: kill the server, the signer
or both, at random and at every fault point, while sources and officers work;
look after every start whether anything that was acknowledged is gone.

A kill is counted when a process of ours died of SIGKILL, and not otherwise.
"""
import argparse
import collections
import multiprocessing
import os
import random
import shutil
import signal
import sys
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import load                     # noqa: E402
import choices                  # noqa: E402
import courses                  # noqa: E402
from load import harness, log   # noqa: E402
import tally                    # noqa: E402

COURSE = 50             # kills between two thorough looks
STARTS = ("store.put@%d", "store.commit.before@%d", "store.commit.after@%d")
POINTS = ["intake.1", "intake.2", "intake.3", "intake.4", "epoch.1",
          "epoch.2", "epoch.3", "epoch.4", "desk.1", "desk.2", "desk.3",
          "desk.4", "store.scrub"]


class Served(courses.Instance):
    """One instance through many lives."""

    def __init__(self, test, rng):
        super().__init__(test)
        self.rng, self.book = rng, load.Book()
        self.unseen = 0         # cases before it were looked at
        self.lives = 0
        self.kills = collections.Counter()
        self.promises = self.looks = 0

    # -- one life --

    def plan(self):
        """(fault or None, what is killed) of the next life."""
        r = self.rng.random()
        if r < 0.34:
            point = self.rng.choice(POINTS)
            return "%s@%d" % (point, self.rng.choice((1, 1, 2, 3))), "server"
        if r < 0.42:
            return self.rng.choice(STARTS) % self.rng.randint(1, 40), "server"
        if r < 0.50:
            return None, "both"
        if r < 0.56:
            return None, "signer"
        return None, "server"

    def live(self):
        """A life and its end; what is known afterwards is looked at in the
        next."""
        fault, who = self.plan()
        self.lives += 1
        if self.rng.random() < 0.08 and not fault and who == "server":
            self.kill_in_start()
            return
        if self.rng.random() < 0.35:
            self.turn()
        if not self.begin(fault and fault + "=kill"):
            self.died(fault)
            return
        if self.lives % 4 == 0 and not fault:
            self.look()
        life = load.Life(self, self.book, self.rng)
        if fault and fault.startswith("epoch"):
            self.turn()
        if fault:
            self.wait_dead(1.2)
        else:
            time.sleep(self.rng.random() * 0.25)
        if self.server.poll() is None:
            fault = None
            self.kill(who)
        life.end()
        self.died(fault, who)

    def kill_in_start(self):
        """Before it is ready, at any moment of taking itself up."""
        p = self.launch()
        time.sleep(self.rng.random() * 0.03)
        p.send_signal(signal.SIGKILL)
        p.wait()
        p.stdout.close()
        p.stderr.close()
        self.kills["in start"] += p.returncode == -9
        if p.returncode != -9:
            self.book.wrong("it ended in its start with %r" % p.returncode)

    def kill(self, who):
        child = self.signer()
        if who in ("signer", "both") and child:
            os.kill(child, signal.SIGKILL)
        if who == "signer" and child:
            self.kills["signer"] += 1
            # It stops by itself within a second; or is killed on the way.
            if self.rng.random() < 0.5:
                time.sleep(self.rng.random() * 0.2)
            else:
                self.wait_dead(5)
        if self.server.poll() is None:
            self.server.send_signal(signal.SIGKILL)

    def died(self, fault, who="server"):
        rc = self.over()
        if rc == -9:
            self.kills[fault.split("@")[0] if fault else
                       "both" if who == "both" else "server"] += 1
        elif not (who == "signer" and rc == 3):
            self.book.wrong("it ended with %r: %s" % (rc, self.errors[-3:]))

    # -- looking --

    def look(self):
        """At what was acknowledged since the last look."""
        b = self.book
        try:
            while b.unanswered and load.send_again(self, b, b.unanswered[0]):
                pass
            while self.unseen < len(b.cases) and load.look_at(
                    self, b, b.cases[self.unseen]):
                self.unseen += 1
                self.looks += 1
            # One that was looked at before: more may have been added.
            if b.cases:
                self.looks += load.look_at(self, b, self.rng.choice(
                    b.cases[-12:]))
            status, note = self.get_log("/checkpoint")
            if status == 200:
                self.book.head(note)
            self.promises += load.keep_promises(self, self.book)
        except load.GONE + (harness.Failed, load.Refused):
            pass                # it was killed meanwhile: looked at later

    def thorough(self, last=False):
        """With nobody about: all of it."""
        b = self.book
        if not self.begin(None):
            self.over()
            b.wrong("it does not start: %s" % self.errors[-3:])
            return
        while b.unanswered:
            if not load.send_again(self, b, b.unanswered[0]):
                break
        self.close_epoch(2)
        # All that no look has seen, and some that were seen before.
        cases = b.cases[self.unseen:] + self.rng.sample(
            b.cases, min(40 if last else 10, len(b.cases)))
        self.unseen = len(b.cases)
        for case in cases:
            self.looks += load.look_at(self, b, case)
        n = self.status()["cases"]
        if n != len(b.cases) + b.unshown:
            b.wrong("%d cases for %d receipts and %d not shown" % (
                n, len(b.cases), b.unshown))
        if self.status()["uploads"] != 0:
            b.wrong("an upload is left over")
        # What was promised for a later epoch waits for it.
        self.promises += load.keep_promises(self, b)
        if last:
            while b.promises:
                self.close_epoch(8)
                self.promises += load.keep_promises(self, b)
        for what, p in (
                ("check", self.peluitd("check", self.dir)),
                ("peluit fetch", self.peluit(harness.INSPECTORATE, "fetch")),
                ("peluit-audit full", self.auditor().run("full"))):
            if p.returncode != 0:
                b.wrong("%s: %s%s" % (what, p.stdout[:600], p.stderr[:300]))
        size, note = log.checkpoint(self)
        b.head(note)
        old = [log.keep(self.test, b.notes[n]) for n in self.rng.sample(
            sorted(b.notes), min(8, len(b.notes)))]
        ok, said = log.gocheck("log", log.vkey(self),
                               self.sock["log"].replace("tcp:", "http://"),
                               *old)
        if not ok:
            b.wrong("the log is not sound: %r" % said)
        self.end()


KINDS = dict(courses.KINDS, choices=courses.guarded(choices.choices))


def course(n, seed):
    """n kills of one instance; what came of them."""
    t = courses.Deaf()
    rng = random.Random(seed)
    i = Served(t, rng)
    try:
        i.prepare()
        thorough = COURSE
        while i.total() < n and not i.book.broken:
            i.live()
            if i.total() >= thorough:
                i.thorough()
                thorough += COURSE
        if not i.book.broken:
            i.thorough(last=True)
    except Exception:
        i.book.wrong(traceback.format_exc())
        if i.server:            # had it stopped, or was it about to?
            i.wait_dead(12)
            i.book.wrong("the server: %r, %s" % (i.server.poll(),
                                                 i.errors[-3:]))
    return i.result(seed)


def work(job):
    kind, n, seed = job
    with courses.folder():
        return (course if kind == "serve" else KINDS[kind])(n, seed)


def main():
    a = argparse.ArgumentParser()
    a.add_argument("--kills", type=int, default=1000)
    a.add_argument("--seed", type=int, default=0)
    a.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    a.add_argument("--only", default="")
    a = a.parse_args()
    log.fault_build()
    log.gocheck("help")         # built once, before there are many of us
    seed = a.seed or random.SystemRandom().randrange(1 << 31)
    rng = random.Random(seed)
    jobs = [(kind, 0, rng.randrange(1 << 31)) for kind in KINDS]
    each, left = 125, a.kills
    while left > 0:
        jobs.append(("serve", min(each, left), rng.randrange(1 << 31)))
        left -= each
    jobs = [j for j in jobs if a.only in ("", j[0])]
    began = time.monotonic()
    kills, sums, broken = collections.Counter(), collections.Counter(), []
    with multiprocessing.Pool(a.workers) as pool:
        for r in pool.imap_unordered(work, jobs):
            kills.update(r["kills"])
            sums.update(r["sums"])
            for w in r["broken"]:
                broken.append(w)
                print("FAILED kills (seed %d): %s" % (r["seed"], w),
                      flush=True)
    total = sum(kills.values())
    print("kills: %d in %.0f s, seed %d; %s" % (
        total, time.monotonic() - began, seed,
        ", ".join("%s %d" % kv for kv in sorted(kills.items()))))
    print("looked at: " + ", ".join("%s %d" % kv
                                    for kv in sorted(sums.items())))
    missed = [p for p in courses.every_point() if kills[p] == 0]
    if missed and a.kills >= 1000 and not a.only:
        print("FAILED kills: no kill at " + " ".join(missed))
    bad = len(broken) + (len(missed) if a.kills >= 1000 and not a.only else 0)
    if not a.only and total < a.kills:
        print("FAILED kills: %d of %d" % (total, a.kills))
        bad += 1
    tally.add("fault:kills", total, bad)
    for d in (courses.TOP, courses.FAST):
        shutil.rmtree(d, ignore_errors=True)
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
