"""Killed at each step of taking a report and of closing an epoch: nothing that
was acknowledged is lost, and the log never becomes another."""
import glob
import os
import signal

import harness
import log_kit as log
from harness import Part
from log_kit import LEAVES, keep
from slow import PROGRESS, SlowPost, files_of, sent

INTAKE = ["intake.1", "intake.2", "intake.3", "intake.4"]
EPOCH = ["epoch.1", "epoch.2", "epoch.3", "epoch.4"]
# The same closing, killed inside its two transactions and between them.
STORE = ["%s@%d" % (point, n) for n in (1, 2) for point in
         ("store.put", "store.commit.before", "store.commit.after")]


class Deaf:
    """Takes the place of a test where a check is not meant."""

    def check(self, *_):
        return True


class Crashes:
    """One instance that dies again and again, and all that it said."""

    def __init__(self, t, i):
        self.t, self.i = t, i
        self.codes, self.notes, self.promises = [], [], []

    def start(self, fault=None):
        if self.i.server:       # a part that failed has left it
            self.i.stop(how=9)
        self.i.env.pop("PELUIT_FAULT", None)
        if fault:
            self.i.env["PELUIT_FAULT"] = fault
        self.i.start()

    def start_to_die(self, fault):
        """A start that may be killed before it is ready, which is no fault of
        the server's."""
        self.i.test = Deaf()
        try:
            self.start(fault)
        except harness.Failed:
            pass
        self.i.test = self.t
        return self.i.server is not None

    def died(self):
        """It was the fault and nothing else that ended the server."""
        p = self.i.server
        harness.wait_for("the crash", 20, lambda: p.poll() is not None)
        self.i.stop(how=9)
        return p.returncode == -9

    def note(self):
        size, note = log.checkpoint(self.i)
        if note:
            self.notes.append(keep(self.t, note))
        return size

    def take(self, page, s):
        """What a receipt's page acknowledged."""
        self.codes.append(" ".join(s.receipt))
        text = log.evidence(page)
        if text:
            self.promises.append(keep(self.t, text))

    def all_kept(self, what):
        t, i = self.t, self.i
        for code in self.codes[-4:]:
            page = i.source().login(code)
            t.check(what + ": a report that was acknowledged opens",
                    page.page == "inbox", (page.status, page.error))
        p = i.peluitd("check", i.dir)
        t.check(what + ": check is content", p.returncode == 0,
                p.stdout + p.stderr)
        log.sound(t, i, what, *self.notes)

    def promises_kept(self):
        """Every promise that a source holds stands in the log."""
        size, _ = log.checkpoint(self.i)
        for path in self.promises:
            ok, said = log.gocheck("promise", log.vkey(self.i, "promise"),
                                   path)
            if not self.t.check("a promise verifies", ok, said):
                continue
            n, at = divmod(said["index"], LEAVES)
            self.t.check("a promise is kept", said["index"] < size and
                         log.entries(self.i, n)[at] ==
                         log.base64.b64decode(said["commitment"]), said)


def uploads(i):
    return i.status()["uploads"]


def intake(c, point):
    """A source whose report, message or file meets the crash."""
    t, i = c.t, c.i
    what = "killed at " + point
    c.start()
    s = i.source()
    c.take(s.send("Diterima sebelum " + point), s)
    s.noted()
    code, cases = c.codes[-1], i.status()["cases"]
    # The server forgets sessions: sign in after each start.
    i.stop()
    c.start(point + "=kill")
    s, other = i.source(), i.source()
    s.login(code)
    if point == "intake.1":
        form = other.open_form() and s
        try:
            s.add([Part("x.bin", os.urandom(3 << 20))])
            answered = s.page.error is None
        except OSError:
            answered = False
        t.check(what + ": a file gets no answer", not answered)
    else:
        form = other.open_form()
        values = other.fill(form, "Laporan pada " + point)
        try:
            page = other.submit(form, values)
        except OSError:
            page = None
        t.check(what + ": a report gets no receipt", page is None,
                page and page.page)
    t.need(what + ": it was killed", c.died())
    c.start()
    s = i.source()
    page = s.login(code)
    t.equal(what + ": the earlier report opens", page.page, "inbox")
    t.equal(what + ": no upload is left over", uploads(i), 0)
    kept = i.status()["cases"] - cases
    # Before its transaction there is no case; behind it there is one whole.
    t.equal(what + ": half a report is none", kept,
            1 if point in ("intake.3", "intake.4") else 0)
    if point != "intake.1":
        other.base = i.sock["source"]
        page = other.submit(form, values)
        t.check(what + ": the same form again gets the receipt",
                page.page == "receipt" and len(page.receipt) == 9,
                (page.status, page.page, page.error))
        other.receipt = page.receipt
        c.take(page, other)
        t.equal(what + ": and is one report", i.status()["cases"] - cases, 1)
    else:
        s.add([Part("x.bin", os.urandom(3 << 20))])
        t.check(what + ": the file is taken now", not s.page.error,
                s.page.error)
    i.close_epoch()
    c.note()
    c.all_kept(what)
    i.stop()


def files(c, point, broken):
    """Two files, or one and the half of another, meet the crash on their way
    to become a message."""
    t, i = c.t, c.i
    what = "killed at %s, %s" % (point, "broken off" if broken else "whole")
    c.start()
    s = i.source()
    c.take(s.send("Sebelum " + what), s)
    s.noted()
    code = c.codes[-1]
    i.stop()
    c.start(point + "=kill")
    s = i.source()
    s.login(code)
    parts = [Part("satu.bin", os.urandom(2 << 20)),
             Part("dua.bin", os.urandom(1 << 20))]
    p = SlowPost(s, parts)
    if broken:
        p.upto(p.after("satu.bin", 100000))
        harness.wait_for("the second file", 20, lambda: files_of(
            s.get(PROGRESS)).get("dua.bin") == "coming")
        p.close()
    else:
        try:
            answered = p.answer().page == "sent"
        except (OSError, UnboundLocalError):
            answered = False
        t.check(what + ": no answer", not answered)
    t.need(what + ": it was killed", c.died())
    c.start()
    s = i.source()
    t.equal(what + ": the report opens", s.login(code).page, "inbox")
    t.equal(what + ": no upload is left over", uploads(i), 0)
    # Before its transaction there is no message; behind it all of it.
    t.equal(what + ": half a message is none", sent(s),
            0 if point == "intake.2" else 1 if broken else 2)
    page = s.add(parts)
    t.check(what + ": the files are taken now", page.page == "sent",
            page.error)
    i.close_epoch()
    c.note()
    c.all_kept(what)
    i.stop()


def within(c, point):
    """A server that has started well is killed at a write of the closing."""
    t, i = c.t, c.i
    what = "killed at " + point
    c.start()
    s = i.source()
    c.take(s.send("Sebelum " + what), s)
    s.noted()
    size = c.note()
    i.stop()
    if c.start_to_die(point + "=kill"):
        i.advance(61)
        t.need(what + ": it was killed", c.died())
    else:
        i.advance(61)
    c.start()
    harness.wait_for("the close", 20, lambda:
                     log.checkpoint(i)[0] >= size + LEAVES)
    c.note()
    c.all_kept(what)
    i.stop()


def epoch(c, point):
    """An epoch whose closing meets the crash, once and then twice."""
    t, i = c.t, c.i
    for times in (1, 2):
        what = "killed at %s, %d times" % (point, times)
        c.start()
        s = i.source()
        c.take(s.send("Sebelum " + what), s)
        s.noted()
        size = c.note()
        i.stop()
        i.advance(61)
        for _ in range(times):
            if c.start_to_die(point + "=kill"):
                t.need(what + ": it was killed", c.died())
            # Behind epoch.4 there is nothing left to do.
            if point == "epoch.4":
                break
        c.start()
        harness.wait_for("the close", 20, lambda:
                         log.checkpoint(i)[0] >= size + LEAVES)
        c.note()
        c.all_kept(what)
        i.stop()


def signer_dies(c):
    """The child alone is killed: the parent stops too, a start mends it."""
    t, i = c.t, c.i
    with log.part(t, "the signer killed"):
        c.start()
        s = i.source()
        c.take(s.send("Sebelum penanda tangan mati."), s)
        size = c.note()
        with open("/proc/%d/task/%d/children" % (i.server.pid,
                                                 i.server.pid)) as f:
            child = int(f.read().split()[0])
        os.kill(child, 9)
        other = i.source()
        page = other.send("Sesudahnya.")
        t.check("a report is taken all the same, and its promise follows",
                page.page == "receipt" and not log.evidence(page),
                page.page)
        c.codes.append(" ".join(other.receipt))
        other.noted()
        i.expect("signer is gone")
        t.equal("the server stops, to be started again",
                i.server.wait(10), 3)
        i.stop(how=signal.SIGKILL)
        c.start()
        i.close_epoch()
        t.check("the epoch closes after a start",
                log.checkpoint(i)[0] > size)
        page = i.source()
        page.login(" ".join(other.receipt))
        text = log.evidence(page.get("/surat"))
        ok, said = log.gocheck("proof", log.vkey(i), keep(t, text or ""))
        t.check("and there is its proof", ok, said)
        c.note()
        c.all_kept("the signer killed")
        i.stop()


def broken_promise(c):
    """The test itself can fail: a decoy in a promised leaf is seen, and is not
    even served while the signer remembers."""
    t, i = c.t, c.i
    with log.part(t, "a planted fault"):
        c.start()
        s = i.source()
        page = s.send("Akan hilang.")
        kept = keep(t, log.evidence(page))
        size = log.checkpoint(i)[0]
        i.stop()
        log.tamper(i, "--keep-promise", "fill-for-event",
                   case_of(i, kept))
        i.advance(61)
        p = i.peluitd("serve", i.dir, "--clock", i.clock_file, timeout=20)
        t.check("a store without what the signer promised is not served",
                p.returncode == 3 and "older than what was signed" in
                p.stderr, (p.returncode, p.stderr))
        done = log.tamper(i, "drop-promise")
        t.check("made to forget", done["promises_dropped"] >= 1, done)
        c.start()
        harness.wait_for("the close", 20, lambda:
                         log.checkpoint(i)[0] > size)
        ok, said = log.gocheck("promise", log.vkey(i, "promise"), kept)
        n, at = divmod(said["index"], LEAVES)
        t.check("it does; whoever holds the promise has the proof of it",
                ok and log.entries(i, n)[at] !=
                log.base64.b64decode(said["commitment"]), said)
        log.sound(t, i, "and without it the log looks whole", *c.notes)
        i.stop()


def case_of(i, promise):
    _, said = log.gocheck("promise", log.vkey(i, "promise"), promise)
    return log.fields(said["event"].encode())["case"]


def main(t):
    build = log.fault_build()
    listed = harness.command([os.path.join(build, "peluitd"), "faults"])
    t.check("the faults are listed", set(INTAKE + EPOCH) <=
            set(listed.stdout.split()), listed.stdout)
    i = harness.Instance(t, t.folder(), serve=False, build=build)
    i.set_clock(log.first_epoch(i) * 60 + 1)
    c = Crashes(t, i)
    for point in INTAKE:
        with log.part(t, point):
            intake(c, point)
    for point in INTAKE[1:]:
        for broken in (False, True):
            with log.part(t, point + " with files"):
                files(c, point, broken)
    for point in EPOCH:
        with log.part(t, point):
            epoch(c, point)
    for point in STORE:
        with log.part(t, point):
            within(c, point)
    signer_dies(c)
    with log.part(t, "promises"):
        c.start()
        i.close_epoch()
        c.promises_kept()
        t.check("there were some", len(c.promises) >= 10, len(c.promises))
        log.sound(t, i, "after all of it", *c.notes)
        i.stop()
    broken_promise(c)
    i.quiet()
    shipped = os.path.join(harness.BUILD, "peluitd")
    with log.part(t, "what is shipped has none of it"):
        for path in glob.glob(os.path.join(harness.BUILD, "peluit*")):
            with open(path, "rb") as f:
                data = f.read()
            t.check(os.path.basename(path) + " has no faults, no tampering",
                    not [w for w in (b"PELUIT_FAULT", b"fault_list",
                                     b"intake.2", b"tamper") if w in data])
        with open(os.path.join(build, "peluitd"), "rb") as f:
            t.check("the search finds them where they are",
                    b"PELUIT_FAULT" in f.read())
        p = harness.command([shipped, "faults"])
        t.equal("it has no such command", p.returncode, 2)


harness.run(main)
