#!/usr/bin/env python3
"""power.py [--states N] [--seed S]: the power fails, N times, on paper.

A day of an instance is recorded write by write (trace.c, preloaded), with a
mark for each thing that somebody was told.  Then states of the disk are made
as they may have been when the power failed: at a moment of the record, all
that was synced is there, of the rest each write is there, is not, or is torn
at a sector of 512 bytes; of the names, the first so many.  In each state
`peluitd check` must be content, the server must start, and all that was told
before that moment must be there.

What this takes from the machine: a sync that returned 0 holds, a sector is
written whole or not at all, names change in order.
"""
import argparse
import collections
import multiprocessing
import os
import pickle
import random
import shutil
import struct
import sys
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import courses                  # noqa: E402
import load                     # noqa: E402
from load import harness, log   # noqa: E402
import tally                    # noqa: E402

TRACE = os.path.join(harness.FAULT, "trace.so")
HEAD = struct.Struct("=BBHIQQQ")
SECTOR = 512
Record = collections.namedtuple("Record", "op flags path other at data n")


# ---- recording ----

class MarkedBook(load.Book):
    """Each thing that somebody was told is a record of the trace."""

    def __init__(self, trace):
        super().__init__()
        self.fd = os.open(trace, os.O_WRONLY | os.O_APPEND)

    def said(self, *what):
        data = pickle.dumps(what)
        os.write(self.fd, HEAD.pack(ord("A"), 0, 0, 0, 0, len(data), 0) +
                 data)


def day(i, trace, seed, bursts):
    """Bursts of load, with an epoch's end and a roster between."""
    rng = random.Random(seed)
    i.env.update(LD_PRELOAD=TRACE, PELUIT_TRACE=trace,
                 PELUIT_TRACE_ROOT=i.dir)
    if not i.begin(None):
        raise harness.Failed("no start: %s" % i.errors)
    for k in ("LD_PRELOAD", "PELUIT_TRACE", "PELUIT_TRACE_ROOT"):
        i.env.pop(k)            # the officer's program is not recorded
    for k in range(bursts):
        life = load.Life(i, i.book, rng)
        time.sleep(1.0)
        if k % 2 == 0:          # the epoch ends under load, or without
            i.turn()
            i.book.said("clock", i.now)
            time.sleep(0.5)
        life.end()
        if k == bursts // 2:
            courses.next_roster(i, 2)
            time.sleep(0.5)
        i.turn()
        i.book.said("clock", i.now)
        harness.wait_for("the close", 60, lambda: log.checkpoint(i)[0] >=
                         (k + 1) * log.LEAVES)
        i.head()
    i.end()


def read_trace(path):
    out = []
    with open(path, "rb") as f:
        data = f.read()
    at = 0
    while at < len(data):
        op, flags, n, other, off, size, number = HEAD.unpack_from(data, at)
        at += HEAD.size
        a = data[at:at + n].decode()
        b = data[at + n:at + n + other].decode()
        at += n + other
        op = chr(op)
        body = data[at:at + size] if op in "WA" else b""
        at += len(body)
        out.append(Record(op, flags, a, b, off, body, number))
    return out


# ---- the disk ----

class File:
    def __init__(self, data=b""):
        self.data = bytearray(data)     # synced
        self.pending = []               # (index, record)

    def apply(self, rec, data=None):
        if rec.op == "T":
            del self.data[rec.at:]
            self.data.extend(bytes(rec.at - len(self.data)))
            return
        put(self.data, rec.at, rec.data if data is None else data)

    def synced(self, before):
        rest = []
        for at, rec in self.pending:
            if at < before:
                self.apply(rec)
            else:
                rest.append((at, rec))
        self.pending = rest


def put(data, at, piece):
    if len(data) < at + len(piece):
        data.extend(bytes(at + len(piece) - len(data)))
    data[at:at + len(piece)] = piece


class Disk:
    """What is synced, and what is not yet."""

    def __init__(self, top, base):
        self.top = top                  # the folder's name in the record
        self.names = {}                 # path: File; synced
        self.now = {}                   # as the process sees it
        self.changes = []               # (index, record, File) of names
        self.began = {}
        for d, _, files in os.walk(base):
            for f in files:
                path = os.path.join(d, f)
                if os.path.isfile(path):
                    with open(path, "rb") as g:
                        file = File(g.read())
                    name = top + path[len(base):]
                    self.names[name] = self.now[name] = file

    @staticmethod
    def rename(names, rec, file):
        if rec.op == "C":
            names[rec.path] = file
        elif rec.op == "U":
            names.pop(rec.path, None)
        elif rec.op == "R":
            names.pop(rec.path, None)
            names[rec.other] = file

    def step(self, at, rec):
        if rec.op in "WT":
            file = self.now.get(rec.path)
            if file is None:
                raise harness.Failed("a write to %s, which is not there" %
                                     rec.path)
            if rec.flags:               # it syncs itself, and nothing else
                file.apply(rec)
            else:
                file.pending.append((at, rec))
        elif rec.op in "CRU":
            file = File() if rec.op == "C" else self.now.get(rec.path)
            self.rename(self.now, rec, file)
            self.changes.append((at, rec, file))
        elif rec.op == "B":
            self.began[rec.n] = at
        elif rec.op == "E":
            before = self.began.pop(rec.n)
            if rec.path in self.now:
                self.now[rec.path].synced(before)
            else:                       # a folder: its names
                self.sync_names(rec.path, before)

    def sync_names(self, folder, before):
        rest = []
        for at, rec, file in self.changes:
            if at < before and os.path.dirname(rec.other or rec.path) == \
                    folder.rstrip("/"):
                self.rename(self.names, rec, file)
            else:
                rest.append((at, rec, file))
        self.changes = rest

    def write(self, out, rng, how):
        """One state: how is none, all, some or torn."""
        names = dict(self.names)
        n = {"none": 0, "all": len(self.changes)}.get(
            how, rng.randint(0, len(self.changes)))
        for _, rec, file in self.changes[:n]:
            self.rename(names, rec, file)
        lost = torn = 0
        for path, file in names.items():
            data = file.data
            if file.pending and how != "none":
                data = bytearray(data)
                l, t = self.some(data, file.pending, rng, how)
                lost, torn = lost + l, torn + t
            else:
                lost += len(file.pending)
            to = out + path[len(self.top):]
            os.makedirs(os.path.dirname(to), mode=0o700, exist_ok=True)
            with open(to, "wb") as f:
                f.write(data)
            os.chmod(to, 0o600)
        return lost, torn

    @staticmethod
    def some(data, pending, rng, how):
        lost = torn = 0
        keep = rng.choice((0.1, 0.5, 0.9))
        for _, rec in pending:
            if how != "all" and rng.random() > keep:
                lost += 1
            elif rec.op == "T":
                del data[rec.at:]
                data.extend(bytes(rec.at - len(data)))
            elif how == "torn" and rng.random() < 0.5:
                torn += 1
                for k in range(0, len(rec.data), SECTOR):
                    if rng.random() < 0.5:
                        put(data, rec.at + k, rec.data[k:k + SECTOR])
            else:
                put(data, rec.at, rec.data)
        return lost, torn


# ---- judging a state ----

class Restarted(courses.Instance):
    def __init__(self, test, disk, now, rng, how):
        harness.Instance.__init__(self, test, test.folder(), demo=False,
                                  build=harness.FAULT)
        self.epoch, self.kills = 60, collections.Counter()
        self.looks = self.promises = 0
        self.lost, self.torn = disk.write(self.dir, rng, how)
        for d in ("store", "signer", "public/roster", "people"):
            os.makedirs(os.path.join(self.dir, d), mode=0o700, exist_ok=True)
        conf = os.path.join(self.dir, "peluit.conf")
        with open(conf, "rb") as f:
            text = f.read()
        with open(conf, "wb") as f:
            f.write(text.replace(os.path.dirname(disk.top).encode(),
                                 self.top.encode()))
        self.now = now - 61
        self.turn()


def told(marks):
    """The book as it stood at that moment."""
    b, now = load.Book(), None
    for what in marks:
        if what[0] == "case":
            case = load.Case(*what[1:])
            b.cases.append(case)
            b.by_number[case.number] = case
        elif what[0] == "promise":
            b.promises.append(what[1])
        elif what[0] == "head":
            b.head(what[1])
        elif what[0] == "answer":
            b.by_number[what[1]].answers.add(what[2])
        elif what[0] == "clock":
            now = what[1]
        elif what[1] in b.by_number:
            case, kind = b.by_number[what[1]], what[2]
            if what[0] == "took":
                setattr(case, kind, getattr(case, kind) + 1)
            by = {"try": 1, "took": -1}[what[0]]
            setattr(case, "maybe_" + kind,
                    getattr(case, "maybe_" + kind) + by)
    return b, now


def judge(test, disk, marks, rng, how, start_now):
    b, now = told(marks)
    # A moment after the last mark more may have begun than is written.
    for case in b.cases:
        case.maybe_messages += 1
        case.maybe_files += 1
    i = Restarted(test, disk, now or start_now, rng, how)
    i.book = b
    p = i.peluitd("check", i.dir)
    if p.returncode != 0:
        b.wrong("check: %s%s" % (p.stdout[:500], p.stderr[:300]))
    if not i.begin(None):
        b.wrong("it does not start: %s" % i.errors[-3:])
    else:
        size = b.size
        i.head()
        if b.size < size:
            b.wrong("the log is smaller than what was served")
        cases = b.cases[-1:] + rng.sample(b.cases, min(1, len(b.cases)))
        for case in cases:
            i.looks += load.look_at(i, b, case)
        if rng.random() < 0.25:
            i.close_epoch()
            i.promises = load.keep_promises(i, b)
            i.head()
            p = i.peluitd("check", i.dir)
            if p.returncode != 0:
                b.wrong("check later: %s%s" % (p.stdout[:500], p.stderr))
        i.over(kill=True)
    said = [e for e in i.errors if "is accepted" not in e]
    if said:
        b.wrong("on stderr: " + "; ".join(said[:3]))
    if b.broken and os.environ.get("PELUIT_KEEP"):
        print("kept: " + i.top)
    elif not b.broken:
        shutil.rmtree(i.top)
    return i


def replay(job):
    top, base, trace, start_now, plan, seed = job
    rng = random.Random(seed)
    sums, broken = collections.Counter(), []
    with courses.folder():
        try:
            test = courses.Deaf(courses.FAST)
            disk, marks, plan = Disk(top, base), [], dict(plan)
            for at, rec in enumerate(read_trace(trace)):
                for how in plan.get(at, ()):
                    i = judge(test, disk, marks, rng, how, start_now)
                    sums.update(states=1, lost=i.lost, torn=i.torn,
                                looks=i.looks, promises=i.promises)
                    sums[how] += 1
                    broken += ["record %d (%s %s), %s: %s" % (
                        at, rec.op, os.path.basename(rec.path), how, w)
                        for w in i.book.broken]
                    if len(broken) > 5:
                        return sums, broken
                if rec.op == "A":
                    marks.append(pickle.loads(rec.data))
                else:
                    disk.step(at, rec)
        except Exception:
            broken.append(traceback.format_exc())
    return sums, broken


def plans(records, states, rng, workers):
    """[{index: [how]}]: mostly beside syncs, where it is decided."""
    near = [k for k, r in enumerate(records) if r.op in "BE" or r.flags]
    near += [k + 1 for k in near if k + 1 < len(records)]
    out = [collections.defaultdict(list) for _ in range(workers)]
    for k in range(states):
        at = rng.choice(near) if rng.random() < 0.8 else \
            rng.randrange(len(records))
        out[k % workers][at].append(rng.choice(
            ("none", "all", "some", "torn", "torn", "torn")))
    return out


def main():
    a = argparse.ArgumentParser()
    a.add_argument("--states", type=int, default=300)
    a.add_argument("--bursts", type=int, default=4)
    a.add_argument("--seed", type=int, default=0)
    a = a.parse_args()
    log.fault_build()
    seed = a.seed or random.SystemRandom().randrange(1 << 31)
    rng = random.Random(seed)
    began = time.monotonic()
    i = courses.Instance(courses.Deaf())
    base, trace = os.path.join(i.top, "base"), os.path.join(i.top, "trace")
    i.begin(None)
    i.report()                  # the store is not quite new
    i.close_epoch()
    i.end()
    shutil.copytree(i.dir, base)
    open(trace, "w").close()
    i.book = MarkedBook(trace)
    i.book.number = 1000        # another than the report before
    start_now = i.now
    day(i, trace, rng.random(), a.bursts)
    records = read_trace(trace)
    ops = collections.Counter(r.op for r in records)
    workers = os.cpu_count() or 1
    jobs = [(i.dir, base, trace, start_now, dict(p), rng.randrange(1 << 31))
            for p in plans(records, a.states, rng, workers)]
    sums, bad = collections.Counter(), len(i.book.broken)
    for w in i.book.broken:
        print("FAILED power, the day itself: " + w)
    with multiprocessing.Pool(workers) as pool:
        for s, broken in pool.imap_unordered(replay, jobs):
            sums.update(s)
            bad += len(broken)
            for w in broken:
                print("FAILED power: " + w, flush=True)
    print("power: %d records (%d writes, %d syncs, %d names, %d things told);"
          " %s; %.0f s, seed %d" % (
              len(records), ops["W"], ops["E"], ops["C"] + ops["R"] +
              ops["U"], ops["A"],
              ", ".join("%s %d" % kv for kv in sorted(sums.items())),
              time.monotonic() - began, seed))
    if sums["states"] < a.states:
        bad += 1
    tally.add("fault:power", sums["states"], bad)
    for d in (courses.TOP, courses.FAST):
        shutil.rmtree(d, ignore_errors=True)
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
