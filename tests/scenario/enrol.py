"""An office that is no demo: roster keys, cards, roster 1 signed by both keys,
joining; then roster 2, by which one officer comes and another goes.  Its
clock is the real one; an epoch has ten seconds, the shortest there is."""
import json
import os
import signal
import time

import harness
import log_kit as log

ORIGIN = "wbs.example"
EPOCH = 10


class Office:
    def __init__(self, t):
        self.t = t
        self.dir = t.folder()
        self.i = harness.Instance(t, t.folder(), demo=False)
        self.i.use_clock = False
        self.passphrase = self.path("passphrase")
        with open(self.passphrase, "w") as f:
            f.write("kalimat sandi yang panjang\n")
        os.chmod(self.passphrase, 0o600)

    def path(self, *names):
        return os.path.join(self.dir, *names)

    def peluit(self, what, *args, home=None, want=0):
        argv = [self.i.program("peluit"), "--passphrase-file",
                self.passphrase, "--json"]
        if home:
            argv += ["--home", self.path(home)]
        p = harness.command(argv + list(args))
        self.t.check(what, p.returncode == want,
                     "%r: %s%s" % (p.returncode, p.stdout, p.stderr))
        try:
            return json.loads(p.stdout)
        except ValueError:
            return {}

    def peluitd(self, what, *args, want=(0,)):
        p = self.i.peluitd(*args)
        self.t.check(what, p.returncode in want,
                     "%r: %s%s" % (p.returncode, p.stdout, p.stderr))
        return p

    def officer(self, label):
        got = self.peluit("init of " + label, "init", "--label", label,
                          home=label)
        with open(self.path(label, "card.txt")) as f:
            self.t.equal("the card of " + label, f.read(), got.get("card"))
        return self.path(label, "card.txt")

    def office_file(self, label):
        p = self.i.peluitd("office", self.i.dir, label)
        path = self.path(label + ".conf")
        if p.returncode == 0:
            with open(path, "w") as f:
                f.write(p.stdout)
        return p.returncode == 0 and path

    def by_hand(self, label):
        """OFFICE.conf from what `keys` shows."""
        k = json.loads(self.peluitd("keys", "keys", self.i.dir,
                                    "--json").stdout)
        path = self.path("hand.conf")
        with open(path, "w") as f:
            f.write("peluit-office/v1\norigin %s\nurl %s\nauthority desk.%s\n"
                    "label %s\nanswers %s\nlog %s\npromise %s\n" % (
                        ORIGIN, self.i.sock["desk"], ORIGIN, label,
                        k["answers"], k["log"], k["promise"]))
            for key in k["roster_keys"]:
                f.write("roster-key %s\n" % key)
        return path


def first_roster(t, o):
    keys = [o.path("roster-a.key"), o.path("roster-b.key")]
    vkeys = [o.peluit("roster key", "roster", "key", "%s/%s" % (ORIGIN, n),
                      "-o", path).get("vkey")
             for n, path in zip(("a", "b"), keys)]
    t.need("two roster keys", all(vkeys), vkeys)
    t.check("a roster key is locked", os.stat(keys[0]).st_mode & 0o77 == 0)
    o.i.init("--origin", ORIGIN, "--epoch-seconds", str(EPOCH),
             "--roster-key", vkeys[0], "--roster-key", vkeys[1])
    t.check("an office that is no demo has no people/",
            not os.path.exists(os.path.join(o.i.dir, "people")))
    p = o.i.peluitd("serve", o.i.dir, timeout=20)
    t.check("it does not serve without a roster", p.returncode in (1, 2, 3)
            and p.stderr, (p.returncode, p.stderr))
    cards = {n: o.officer(n) for n in ("petugas-1", "luar-1", "kustodian-1",
                                       "petugas-2")}
    conf = o.office_file("petugas-1")
    t.check("`peluitd office` gives its file before there is a roster, which "
            "needs it", conf)
    conf = conf or o.by_hand("petugas-1")
    note = o.path("roster-1")
    o.peluit("roster new", "roster", "new", "--file", note, "--office", conf,
             "--card", cards["petugas-1"], "--channel", "inspektorat",
             "--epoch-seconds", str(EPOCH))
    o.peluit("roster add", "roster", "add", cards["luar-1"], "--file", note,
             "--role", "investigator", "--channel", "luar")
    o.peluit("roster add", "roster", "add", cards["kustodian-1"], "--file",
             note, "--role", "custodian", "--channel", "inspektorat")
    o.peluit("the same label twice", "roster", "add", cards["luar-1"],
             "--file", note, "--role", "investigator", "--channel", "luar",
             want=1)
    o.peluitd("unsigned: refused", "roster", o.i.dir, note, want=(1, 2))
    o.peluit("sign", "roster", "sign", "--key", keys[0], "--file", note)
    o.peluitd("one signature of two: refused", "roster", o.i.dir, note,
              want=(1, 2))
    o.peluit("sign", "roster", "sign", "--key", keys[1], "--file", note)
    o.peluitd("both: taken", "roster", o.i.dir, note)
    return keys, cards, note


def wait_epoch():
    time.sleep(EPOCH - time.time() % EPOCH + 1.5)


def cases(o, label):
    return o.peluit("list of " + label, "list", home=label).get("cases")


def later(i, seconds):
    """Start on a machine whose clock is so much ahead (tests/fault/later.c)."""
    i.env.update(LD_PRELOAD=os.path.join(log.fault_build(), "later.so"),
                 PELUIT_LATER=str(seconds))
    i.errors = []
    i.start()
    del i.env["LD_PRELOAD"], i.env["PELUIT_LATER"]


def asks(i):
    harness.wait_for("the line about the clock", 20, lambda: any(
        "too far apart" in e for e in i.errors))


def stands_still(t, o):
    """The log does not believe a clock; somebody says that it is right."""
    i = o.i
    i.expect("too far apart")
    with t.part("a clock eleven days ahead"):
        i.start()
        before = harness.wait_for("all to be closed", 20, lambda: (
            lambda s: s if s["log"] == "ok" else None)(i.status()))["closed"]
        i.stop()
        later(i, 11 * 86400)
        asks(i)
        time.sleep(2)
        t.check("no day is closed unasked",
                i.status()["closed"] <= before + 2, i.status())
        i.stop()
    with t.part("a clock that was ahead and is right now"):
        later(i, 200)           # twenty epochs
        harness.wait_for("their close", 20, lambda: i.status()["closed"] >=
                         before + 19)
        i.stop()
        t.equal("confirm in advance", i.peluitd("confirm", i.dir).returncode,
                0)
        i.errors = []
        i.start()
        asks(i)
        t.equal("does not count, and status says so", i.status()["log"],
                "stopped")
        closed, note = i.status()["closed"], log.checkpoint(i)[1]
        s = i.source()
        page = s.send("Selagi log berhenti.", channel="inspektorat")
        waits = " ".join(page.receipt)
        t.check("a report is taken, without a promise",
                page.page == "receipt" and log.evidence(page) is None)
        s.noted()
        t.equal("and opens", i.source().login(waits).page, "inbox")
        case = cases(o, "petugas-2")[0]["case"]
        got = o.peluit("an officer's act is refused", "status", case,
                       "REVIEW", home="petugas-2", want=1)
        t.check("and why is said", "clock" in str(got), got)
        time.sleep(2)
        t.equal("nothing was closed", i.status()["closed"], closed)
        p = i.peluitd("confirm", i.dir)
        t.check("confirm", p.returncode == 0, p.stderr)
        held = harness.wait_for("the promise of what waited", 20, lambda:
                                log.evidence(i.source().login(waits)))
        ok, said = log.gocheck("promise", log.vkey(i, "promise"),
                               log.keep(t, held))
        t.check("it is for an epoch that is open", ok and said["index"] >=
                log.size_of(note), said)
        o.peluit("the officer acts", "status", case, "REVIEW",
                 home="petugas-2")
        t.equal("what is closed stays closed", i.status()["closed"], closed)


def main(t):
    o = Office(t)
    i = o.i
    keys, cards, note = first_roster(t, o)
    with t.part("a clock for an office that is no demo"):
        p = i.peluitd("serve", i.dir, "--clock", i.clock_file, timeout=20)
        t.check("--clock is refused", p.returncode in (1, 2, 3) and p.stderr,
                (p.returncode, p.stderr))
    i.start()
    for label in ("petugas-1", "luar-1", "kustodian-1"):
        conf = o.office_file(label)
        t.need("an office file for " + label, conf)
        o.peluit("join of " + label, "join", conf, home=label)
    t.check("no office file for who is not in the roster",
            not o.office_file("petugas-2"))
    with t.part("a report"):
        s = i.source()
        t.check("the pages do not say demo", "latihan" not in
                s.get("/").text)
        s.send("Laporan pertama.", channel="inspektorat")
        s.noted()
        code = " ".join(s.receipt)
        wait_epoch()
        for label, n in (("petugas-1", 1), ("luar-1", 0)):
            o.peluit("fetch of " + label, "fetch", home=label)
            t.equal("cases of " + label, len(cases(o, label) or []), n)
    with t.part("roster 2: petugas-2 comes, petugas-1 goes"):
        two = o.path("roster-2")
        o.peluit("roster new --from", "roster", "new", "--file", two,
                 "--from", note)
        o.peluit("roster add", "roster", "add", cards["petugas-2"], "--file",
                 two, "--role", "investigator", "--channel", "inspektorat")
        o.peluit("roster retire", "roster", "retire", "petugas-1", "--file",
                 two)
        for k in keys:
            o.peluit("sign", "roster", "sign", "--key", k, "--file", two)
        o.peluitd("taken beside the running server", "roster", i.dir, two)
        i.expect("roster 2 is accepted")
        i.server.send_signal(signal.SIGHUP)
        time.sleep(0.5)
        got = o.peluit("who was left out is refused at once", "fetch",
                       home="petugas-1", want=1)
        t.check("and told so", got.get("ok") is False, got)
        conf = o.office_file("petugas-2")
        t.need("an office file for petugas-2", conf)
        o.peluit("join of petugas-2", "join", conf, home="petugas-2")
        wait_epoch()
        s2 = i.source()
        s2.send("Laporan kedua.", channel="inspektorat")
        wait_epoch()
        o.peluit("fetch of petugas-2", "fetch", home="petugas-2")
        mine = cases(o, "petugas-2")
        t.equal("petugas-2 has the new case alone", len(mine or []), 1)
        view = o.peluit("open", "open", mine[0]["case"], home="petugas-2")
        t.check("and opens it", "Laporan kedua." in str(view), view)
    with t.part("a roster that is old, or a third that skips one"):
        o.peluitd("roster 1 again: refused", "roster", i.dir, note,
                  want=(1, 2))
    i.still_well(code)
    i.stop()
    stands_still(t, o)
    i.still_well(code)
    i.stop()
    i.quiet()


harness.run(main)
