"""Instances that die, and the courses that reach one point after the other:
a case that is deleted, a roster that is taken, a backup that is restored."""
import collections
import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
import traceback

import load
from load import harness, log
import audit_kit

LATE = {"late_first_response", "response_uncertain", "epoch_unwatched",
        "leaf_lost"}
TOP = tempfile.mkdtemp(prefix="plk")


# States of a disk are many and short: in memory where there is such a folder.
FAST = tempfile.mkdtemp(prefix="plk", dir="/dev/shm" if os.path.isdir(
    "/dev/shm") else None)


class Deaf:
    """Takes the place of a test where the book counts what is wrong."""

    def __init__(self, top=TOP):
        self.dir = tempfile.mkdtemp(dir=top, prefix="%d-" % os.getpid())
        self.count = self.failed = 0

    def check(self, _what, good, _detail=""):
        self.failed += not good
        return bool(good)

    need = equal = check

    def folder(self):
        self.count += 1
        path = os.path.join(self.dir, "%d" % self.count)
        os.mkdir(path)
        return path


@contextlib.contextmanager
def folder():
    """A course's files are gone when it is over."""
    try:
        yield
    finally:
        for n in os.listdir(TOP):
            if not n.startswith("%d-" % os.getpid()):
                continue
            if os.environ.get("PELUIT_KEEP"):
                print("kept: " + os.path.join(TOP, n))
            else:
                shutil.rmtree(os.path.join(TOP, n), ignore_errors=True)


def every_point():
    p = harness.command([os.path.join(harness.FAULT, "peluitd"), "faults"])
    return [n for n in p.stdout.split() if n[-1].isdigit()]


class Instance(harness.Instance):
    """One that says how it died."""

    def __init__(self, test, epoch=60):
        super().__init__(test, test.folder(), demo=False,
                         build=harness.FAULT)
        self.epoch = epoch
        self.init("--demo", "--epoch-seconds", str(epoch))
        self.kills = collections.Counter()
        self.book = load.Book()
        self.auditor_home = None
        self.promises = self.looks = 0

    def total(self):
        return sum(self.kills.values())

    def result(self, seed):
        if self.server:
            rc = self.server.poll()
            if rc is not None:
                self.book.wrong("it ended by itself with %r" % rc)
            self.over(kill=True)
        said = [e for e in self.errors if "signer is gone" not in e and
                "is accepted" not in e and "cannot be closed" not in e]
        if said:
            self.book.wrong("on stderr: " + "; ".join(said[:5]))
        return {"kills": self.kills, "broken": self.book.broken,
                "seed": seed, "sums": collections.Counter(
                    receipts=len(self.book.cases), looks=self.looks,
                    promises=self.promises,
                    checkpoints=len(self.book.heads))}

    def prepare(self):
        """The auditor begins to follow before the first kill."""
        self.begin(None)
        self.auditor()
        self.end()

    def auditor(self):
        if self.auditor_home is None:
            self.auditor_home = audit_kit.Audit(self.test, self)
        return self.auditor_home

    # -- start and end --

    def launch(self):
        """A start that nobody waits for."""
        self.env.pop("PELUIT_FAULT", None)
        return subprocess.Popen(
            [self.program("peluitd"), "serve", self.dir, "--clock",
             self.clock_file], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=self.env)

    def begin(self, fault):
        """Whether it got ready; if not, over() says how it ended."""
        self.env.pop("PELUIT_FAULT", None)
        if fault:
            self.env["PELUIT_FAULT"] = fault
        try:
            self.start()
        except harness.Failed:
            return False
        return True

    def stop(self, wait=20, how=signal.SIGTERM):
        """As it is; but one that died is told from one that stopped."""
        p = self.server
        if p is not None and p.poll() is None and how == signal.SIGTERM and \
                "PELUIT_FAULT" in self.env:
            with contextlib.suppress(subprocess.TimeoutExpired):
                p.wait(5)
        super().stop(wait, how)
        if p is not None:
            self.rc = p.returncode

    def over(self, kill=False):
        if self.server:
            self.stop(how=signal.SIGKILL if kill or
                      self.server.poll() is None else signal.SIGTERM)
        return self.rc

    def end(self):
        """In good order."""
        self.stop()
        if self.rc != 0:
            self.book.wrong("it stopped with %r: %s" % (self.rc,
                                                        self.errors[-3:]))

    def wait_dead(self, seconds):
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.server.wait(seconds)
        return self.server.poll() is not None

    def signer(self):
        try:
            with open("/proc/%d/task/%d/children" % (
                    self.server.pid, self.server.pid)) as f:
                return int(f.read().split()[0])
        except (OSError, IndexError):
            return None

    def turn(self, epochs=1):
        """The clock goes on; nobody waits."""
        self.now += epochs * self.epoch + 1
        with open(self.clock_file + ".new", "w") as f:
            f.write("%d\n" % self.now)
        os.rename(self.clock_file + ".new", self.clock_file)

    def close_epoch(self, epochs=1, seconds=None):
        self.turn(epochs)
        harness.wait_for("the epoch's close", 120, lambda: self.status()
                         ["closed"] >= self.now // self.epoch - 1)
        self.wait_served(self.status()["published_size"], self.epoch)

    # -- a kill at a point that something reaches by itself --

    def dies_at(self, point, reach=None, before=None):
        """Start, let it come to the point; the kill is counted."""
        if before:
            before()
        self.begin(point + "=kill")
        if reach:               # it may have come to it in its start
            reach()
        # one that lives is killed by over(), and that kill is not the point's
        dead = not self.server or self.wait_dead(20)
        if self.over() != -9 or not dead:
            self.book.wrong("it did not die at %s: %r %s" % (
                point, self.rc, self.errors[-3:]))
        else:
            self.kills[point.split("@")[0]] += 1

    def report(self):
        s = self.source()
        self.book.number += 1
        n = self.book.number
        page = s.send("Laporan nomor %d." % n, channel="inspektorat")
        case = self.book.receipt(s, page, n, self.now)
        s.noted()
        return s, case

    def sound(self):
        """check, the auditor, the desk and the other hand are content."""
        b = self.book
        p = self.peluitd("check", self.dir)
        if p.returncode != 0:
            b.wrong("check: %s%s" % (p.stdout[:800], p.stderr[:300]))
        rc, found = self.auditor().codes("full")
        # An office that answers late is no fault of the server's.
        if rc not in (0, 1) or found - LATE:
            b.wrong("peluit-audit full: %d %s" % (rc, sorted(found)))
        ok, said = log.gocheck("log", log.vkey(self), self.sock["log"],
                               *[log.keep(self.test, n)
                                 for n in b.notes.values()])
        if not ok:
            b.wrong("the log is not sound: %r" % said)

    def head(self):
        status, note = self.get_log("/checkpoint")
        if status == 200:
            self.book.head(note)


def guarded(body, epoch=60):
    """A course: (n, seed) -> result."""
    def run(_n, seed):
        i = Instance(Deaf(), epoch)
        try:
            i.prepare()
            body(i)
        except Exception:
            i.book.wrong(traceback.format_exc())
        return i.result(seed)
    return run


def deletes(i):
    """Closed cases whose days are over, one an epoch, each deletion killed at
    another point, and twice."""
    i.begin(None)
    points = ["delete.1", "delete.2", "delete.3", "store.put@3",
              "store.commit.before@1", "store.commit.after@1",
              "store.commit.after@2", "store.commit.before@3"]
    kept, _ = i.report()
    gone = []
    for _ in points:
        s, case = i.report()
        s.add([load.Part("x.bin", os.urandom(2 << 20))])
        gone.append(case)
    i.close_epoch()
    i.peluit(harness.INSPECTORATE, "fetch")
    by_number = {}
    for c in i.peluit(harness.INSPECTORATE, "list").json["cases"]:
        text = i.peluit(harness.INSPECTORATE, "open", c["case"]).stdout
        by_number[int(load.re.search(r"nomor (\d+)\.", text).group(1))] = \
            c["case"]
    for case in gone:           # closed one an epoch
        i.peluit(harness.INSPECTORATE, "status", by_number[case.number],
                 "CLOSED_UNPROVEN")
        i.close_epoch()
    i.head()
    i.close_epoch(366 - len(gone) - 2)
    for point, case in zip(points, gone):
        for _ in range(6):      # until its day has come
            if i.source().login(case.code).status == 401:
                break
            i.end()
            i.turn()
            dead = not i.begin(point + "=kill") or i.wait_dead(1.5)
            if i.over(kill=True) == -9 and dead:
                i.kills[point.split("@")[0]] += 1
            if not i.begin(None):
                raise harness.Failed("no start after %s: %s" % (
                    point, i.errors[-3:]))
            time.sleep(0.3)
            i.head()
    left = [c.number for c in gone if i.source().login(c.code).status != 401]
    if left:
        i.book.wrong("not deleted: %r" % left)
    i.looks += len(gone) + load.look_at(i, i.book, i.book.cases[0])
    if i.status()["cases"] != 1 or i.status()["uploads"] != 0:
        i.book.wrong("half a deletion: %r" % i.status())
    i.close_epoch()
    i.sound()
    i.end()


def next_roster(i, n):
    """Roster n, as the one before it but signed anew, is given."""
    old = os.path.join(i.dir, "public", "roster", str(n - 1))
    new = os.path.join(i.test.folder(), "r")
    key = os.path.join(i.dir, "people", "roster.key")
    for args in (("new", "--file", new, "--from", old),
                 ("sign", "--key", key, "--file", new)):
        p = i.peluit(harness.INSPECTORATE, "roster", *args)
        if p.returncode != 0:
            raise harness.Failed("roster %s: %s%s" % (args[0], p.stdout,
                                                      p.stderr))
    p = i.peluitd("roster", i.dir, new)
    if p.returncode != 0:
        raise harness.Failed("roster: " + p.stderr)
    if i.server:
        i.server.send_signal(signal.SIGHUP)


def rosters(i):
    """Rosters that follow each other, each taken up to another point, by a
    running server and by one that starts."""
    i.begin(None)
    i.report()
    i.end()
    n = 1
    for point in ("roster.1", "roster.2", "store.put@1",
                  "store.commit.before@1", "store.commit.after@1",
                  "roster.3", "roster.4"):
        for running in (True, False):
            def give():
                next_roster(i, n + 1)
            if running:
                i.dies_at(point, reach=give)
            else:
                i.dies_at(point, before=give)
            n += 1
            i.begin(None)
            got = i.peluitd("status", i.dir, "--json")
            if got.returncode != 0 or not os.path.exists(
                    os.path.join(i.dir, "public", "roster", str(n))):
                i.book.wrong("roster %d was not taken after %s" % (n, point))
            if os.path.exists(os.path.join(i.dir, "public", "roster",
                                           "next")):
                i.book.wrong("next is left over after " + point)
            i.close_epoch()
            i.head()
            for case in i.book.cases:
                i.looks += load.look_at(i, i.book, case)
            i.end()
    i.begin(None)
    i.close_epoch()
    i.sound()
    i.end()


def restores(i):
    """A backup is copied back; what brings the log on is killed at each of its
    steps, twice, and done again."""
    for point in ("restore.1", "restore.2", "restore.3", "restore.4",
                  "store.put@1", "store.put@9", "store.commit.before@1",
                  "store.commit.after@1", "store.commit.before@3",
                  "store.commit.after@3"):
        i.begin(None)
        i.report()
        i.close_epoch()
        backup, mirror = (os.path.join(i.test.folder(), n) for n in "bm")
        i.peluitd("backup", i.dir, backup)
        s = i.source()
        s.send("Akan hilang.")
        i.close_epoch()
        held = load.log.evidence(i.source().send("Di epoch terbuka."))
        i.book.promises.append(held)
        i.head()
        i.peluitd("mirror", i.dir, mirror)
        i.end()
        shutil.rmtree(os.path.join(i.dir, "store"))
        shutil.copytree(os.path.join(backup, "store"),
                        os.path.join(i.dir, "store"))
        for _ in range(2):
            i.env["PELUIT_FAULT"] = point + "=kill"
            p = i.peluitd("restore", i.dir, "--log", mirror)
            if p.returncode == -9:
                i.kills[point.split("@")[0]] += 1
            # The second may find nothing left to write.
            elif p.returncode != 0:
                i.book.wrong("restore at %s: %r %s" % (
                    point, p.returncode, p.stderr))
        i.env.pop("PELUIT_FAULT")
        p = i.peluitd("restore", i.dir, "--log", mirror)
        if p.returncode != 0:
            i.book.wrong("restore after %s: %s" % (point, p.stderr))
        if not i.begin(None):
            raise harness.Failed("no start after %s: %s" % (point,
                                                            i.errors[-3:]))
        i.close_epoch(2)
        i.head()
        i.promises += load.keep_promises(i, i.book)
        for case in i.book.cases:
            i.looks += load.look_at(i, i.book, case)
        i.sound()
        i.end()


KINDS = {"deletes": guarded(deletes, 86400), "rosters": guarded(rosters),
         "restores": guarded(restores)}
