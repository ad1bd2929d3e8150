"""For each fraud of a server: the auditor finds it and names it by its code,
and an honest server of the same history passes."""
import os
import shutil

import harness
import log_kit as log
from audit_kit import Audit
from between import Between
from harness import INSPECTORATE


def history(t):
    """Two reports, evidence, an answer: two epochs closed and looked at, and
    events in an epoch that is open when the server stops."""
    i = harness.Instance(t, t.folder(), build=log.fault_build())
    s = i.source()
    promise = log.evidence(s.send("Laporan pertama."))
    s.noted()
    i.close_epoch()
    i.peluit(INSPECTORATE, "fetch")
    case = i.peluit(INSPECTORATE, "list").json["cases"][0]["case"]
    p = i.peluit(INSPECTORATE, "reply", case, "--status", "VERIFYING",
                 input=b"Kami periksa.")
    t.need("the desk answers", p.returncode == 0, p.stdout + p.stderr)
    i.close_epoch()
    a = Audit(t, i)
    rc, found = a.codes("full")
    t.check("an honest server passes", rc == 0, (rc, found))
    for text in ("Satu lagi.", "Dan satu lagi."):
        s.reply(text)
    i.stop()
    return i, a, promise


class Victim:
    """A copy of the instance, and the auditor who knew it when it was good.
    It stands where the first one stood: the address is the same."""

    def __init__(self, t, base, auditor):
        self.i = base
        self.t = t
        self.kept = os.path.join(t.folder(), "kept")
        shutil.copytree(base.dir, self.kept)
        self.now = base.now
        self.a = auditor.copy(base)

    def close(self, epochs=1):
        self.i.start()
        self.turn(epochs)

    def turn(self, epochs=1):
        """Epochs end, and their checkpoint is served."""
        i = self.i
        size = log.checkpoint(i)[0]
        i.set_clock((i.now // 60 + epochs) * 60 + 1)
        harness.wait_for("the close", 30, lambda:
                         log.checkpoint(i)[0] >= size + 256 * epochs)

    def back(self):
        """The good instance again."""
        if self.i.server:
            self.i.stop()
        shutil.rmtree(self.i.dir)
        shutil.copytree(self.kept, self.i.dir)


def fraud(t, base, auditor, what, want, *args, check="full", closes=1):
    with log.part(t, what):
        v = Victim(t, base, auditor)
        try:
            if args:
                log.tamper(base, *args)
            v.close(closes)
            rc, found = v.a.codes(check)
            t.check("%s: found and named" % what,
                    rc == 1 and bool(found & want), (rc, sorted(found)))
        finally:
            v.back()


def broken_promise(t):
    """A report that was promised is taken out of the open epoch."""
    with log.part(t, "a promise not kept"):
        for fraud_done in (False, True):
            i = harness.Instance(t, t.folder(), build=log.fault_build())
            a = Audit(t, i)
            s = i.source()
            held = log.keep(t, log.evidence(s.send("Satu laporan.")))
            i.stop()
            if fraud_done:
                log.tamper(i, "fill-for-event", "-", "0")
            i.start()
            i.close_epoch()
            rc, found = a.codes("proof", held)
            t.check("a promise is %s" % ("broken, and it shows" if fraud_done
                                         else "kept"),
                    (rc == 1 and "promise_broken" in found) if fraud_done
                    else rc == 0, (rc, sorted(found)))
            i.stop()


def late_answer(t):
    """An answer after sixty hours is late, one after an hour is not."""
    with log.part(t, "a late first response"):
        for hours, want in ((1, 0), (60, 1)):
            i = harness.Instance(t, t.folder(), demo=False)
            i.init("--demo", "--epoch-seconds", "3600")
            i.start()
            s = i.source()
            s.send("Kapan dijawab?")
            s.noted()
            i.close_epoch(hours, seconds=3600)
            i.peluit(INSPECTORATE, "fetch")
            case = i.peluit(INSPECTORATE, "list").json["cases"][0]["case"]
            i.peluit(INSPECTORATE, "reply", case, input=b"Sekarang.")
            i.close_epoch(1, seconds=3600)
            rc, found = Audit(t, i).codes("full")
            t.check("an answer after %d hours" % hours, rc == want and
                    ("late_first_response" in found) == bool(want),
                    (rc, sorted(found)))
            i.stop()


def swapped(t):
    """A report and a message of one epoch change places."""
    with log.part(t, "two events swapped"):
        i = harness.Instance(t, t.folder(), build=log.fault_build())
        a = Audit(t, i)
        s = i.source()
        held = log.keep(t, log.evidence(s.send("Yang pertama.")))
        s.noted()
        s.reply("Yang kedua.")
        i.stop()
        log.tamper(i, "swap-events", "-", "0", "1")
        i.start()
        i.close_epoch()
        rc, found = a.codes("full")
        t.check("two events swapped: found and named", rc == 1 and
                bool(found & {"report_missing", "event_order"}),
                (rc, sorted(found)))
        rc, found = a.codes("proof", held)
        t.check("and by the promise", rc == 1 and "promise_broken" in found,
                (rc, sorted(found)))
        i.stop()


def silent_roster(t, base, auditor):
    """A roster in force that the log does not announce."""
    with log.part(t, "a roster without an event"):
        v = Victim(t, base, auditor)
        try:
            two = os.path.join(t.folder(), "two")
            people = os.path.join(base.dir, "people")
            for args in (["new", "--from", os.path.join(base.dir, "public",
                                                        "roster", "1")],
                         ["retire", "kustodian-1"],
                         ["sign", "--key",
                          os.path.join(people, "roster.key")]):
                p = base.peluit(INSPECTORATE, "roster", *args, "--file", two,
                                json_out=False)
                t.need("roster " + args[0], p.returncode == 0, p.stderr)
            log.tamper(base, "silent-roster", two)
            v.close()
            v.a.codes("full")
            v.turn()
            rc, found = v.a.codes("full")
            t.check("a roster without an event: found and named", rc == 1 and
                    "roster_without_event" in found, (rc, sorted(found)))
        finally:
            v.back()


def damaged_disclosure(t, base, auditor):
    """An epoch whose leaves do not open any more."""
    with log.part(t, "leaves that do not open"):
        v = Victim(t, base, auditor)
        try:
            home = v.a.copy(base)           # one who has not seen it open
            shutil.rmtree(home.home)
            home = Audit(t, base)
            for row in log.tamper(base, "raw", "list", "log").split("\n"):
                if not row:
                    continue
                key = row.split()[0]
                p = harness.command([os.path.join(
                    base.build, "peluit-tamper"), base.dir, "raw", "get",
                    "log", key], binary=True)
                if len(p.stdout) < 200000:
                    continue
                b = bytearray(p.stdout)
                b[len(b) // 2] ^= 1
                log.tamper(base, "raw", "put", "log", key, input=bytes(b))
                break
            v.close()
            rc, found = home.codes("full")
            t.check("leaves that do not open: found and named", rc == 1 and
                    bool(found & {"disclosure_damaged", "leaf_unopened"}),
                    (rc, sorted(found)))
        finally:
            v.back()


def other_log(t, base, auditor):
    """Another log at the address of this one."""
    with log.part(t, "another log"):
        v = Victim(t, base, auditor)
        try:
            shutil.rmtree(base.dir)
            base.init("--demo", "--origin", "demo.lain.invalid")
            base.start()
            base.advance(61)
            harness.wait_for("its first close", 20,
                             lambda: log.checkpoint(base)[0] > 0)
            rc, found = v.a.codes("check")
            t.check("a checkpoint of another origin: found and named",
                    rc == 1 and bool(found & {"checkpoint_origin",
                                              "checkpoint_signature"}),
                    (rc, sorted(found)))
            v.a.people = os.path.join(v.kept, "people")
            page = os.path.join(t.folder(), "page.html")
            p = v.a.run("report", "--identity", os.path.join(
                v.a.home, "identity.age"), "--html", page)
            t.check("and no result of before is reported for it",
                    p.returncode == 1 and not os.path.exists(page),
                    (p.returncode, p.stdout, p.stderr))
        finally:
            v.back()


class Ill(Between):
    """A way on which some answers are a 500, or none of the log's."""

    def __init__(self, i, begins):
        super().__init__(i, "log")
        self.begins = begins

    def altered(self, h, status, data, got):
        if h.path.startswith(self.begins):
            return 500, b"Something on the way is ill."
        return status, data


def ill_way(t):
    """What did not come is no fault of the office, and nobody's finding."""
    i = harness.Instance(t, t.folder())
    s = i.source()
    promise = log.evidence(s.send("Laporan."))
    i.close_epoch()
    direct = Audit(t, i)
    rc, found = direct.codes("full")
    t.check("on a good way it passes", rc == 0, (rc, sorted(found)))
    held = log.keep(t, promise)
    with open(os.path.join(direct.home, "last-full.json")) as f:
        seen = f.read()
    i.close_epoch(2)
    for begins, what in (("/checkpoint", "full"), ("/tile/entries", "full"),
                         ("/tile/0", "full"), ("/tile/1", "full"),
                         ("/disclosure", "full"), ("/roster/1/proof", "full"),
                         ("/roster/2", "full"), ("/loss/1", "full"),
                         ("/tile", "proof")):
        with t.part("a 500 for " + begins), Ill(i, begins) as way:
            a = direct.copy(i)
            path = os.path.join(a.home, "log.conf")
            with open(path) as f:
                conf = f.read()
            t.check("the way is another", i.sock["log"] in conf, conf)
            with open(path, "w") as f:
                f.write(conf.replace(i.sock["log"], "unix:" + way.sock))
            shutil.rmtree(os.path.join(a.home, "cache"))
            rc, found = a.codes(*([what, held] if what == "proof"
                                  else [what]))
            # Not to reach the log is no failure of a promise.
            t.equal("%s, 500 for %s: nothing is said of the office" % (
                what, begins), (rc, found), (0, set())
                if what == "proof" else (3, {"unreachable"}))
            with open(os.path.join(a.home, "last-full.json")) as f:
                t.equal("and the last result stays", f.read(), seen)
    first = os.path.join(direct.home, "roster", "1.first")
    with open(first, "w") as f:
        f.write("7" * 100)
    rc, found = direct.codes("check")
    with open(first) as f:
        t.check("when a roster was first seen is not written anew unread",
                rc == 3 and f.read() == "7" * 100, (rc, sorted(found)))
    i.stop()


def one_key(t):
    """A roster that one of the two keys signed, which the gazette names."""
    with log.part(t, "a roster by one key"):
        i = harness.Instance(t, t.folder())
        other = i.peluit(INSPECTORATE, "roster", "key", "kedua", "-o",
                         os.path.join(t.folder(), "kedua.key")).json
        i.close_epoch()
        rc, found = Audit(t, i).codes("check")
        t.check("by all keys: it passes", rc == 0, (rc, sorted(found)))
        rc, found = Audit(t, i, more_keys=[other["vkey"]]).codes("check")
        t.check("by one key: found and named", rc == 1 and
                "roster_signature" in found, (rc, sorted(found)))
        i.stop()


def main(t):
    ill_way(t)
    one_key(t)
    broken_promise(t)
    swapped(t)
    late_answer(t)
    base, auditor, promise = history(t)
    with log.part(t, "an honest server"):
        v = Victim(t, base, auditor)
        try:
            v.close()
            rc, found = v.a.codes("full")
            t.check("an honest server of the same history passes", rc == 0,
                    (rc, sorted(found)))
            rc, found = v.a.codes("proof", log.keep(t, promise))
            t.check("and its promise is kept", rc == 0, (rc, sorted(found)))
            p = v.a.run("watch", "--once")
            _, note = log.checkpoint(base)
            t.check("who watches it cosigns it", p.returncode == 0 and
                    note.count("\u2014".encode()) == 2,
                    (p.returncode, p.stdout, p.stderr, note))
            with open(os.path.join(log.mirror(t, base), "checkpoint"),
                      "rb") as f:
                t.equal("a mirror has the cosignature too", f.read(), note)
        finally:
            v.back()
    fraud(t, base, auditor, "a report deleted", {"object_missing"},
          "delete-object", "-", "0")
    fraud(t, base, auditor, "an event changed", {"signature_invalid"},
          "edit-event", "-", "3")
    fraud(t, base, auditor, "an event changed after its epoch was closed",
          {"object_missing"}, "edit-event", "-", "2")
    fraud(t, base, auditor, "an object replaced", {"object_missing"},
          "replace-object", "-", "0")
    fraud(t, base, auditor, "an answer back-dated", {"epoch_mismatch"},
          "backdate", "-", "3", "8")
    fraud(t, base, auditor, "an event taken out, a decoy in its place",
          {"seq_gap", "prev_mismatch"}, "fill-for-event", "-", "3")
    fraud(t, base, auditor, "an act that the officer did not take",
          {"signature_invalid"}, "forge-action", "-", "REVIEW")
    fraud(t, base, auditor, "an act by a key of nobody",
          {"actor_not_in_force"}, "forge-action", "-", "REVIEW", "own")
    fraud(t, base, auditor, "a custody without consent",
          {"custody_without_consent"}, "forge-action", "-", "OPEN", "custody")
    fraud(t, base, auditor, "the log rolled back to before",
          {"history_rewritten", "log_rolled_back", "split_view"},
          "roll-back", "2", check="check", closes=3)
    fraud(t, base, auditor, "two heads for one size",
          {"split_view", "history_rewritten"}, "sign-fork", check="check")
    silent_roster(t, base, auditor)
    damaged_disclosure(t, base, auditor)
    other_log(t, base, auditor)
    base.quiet()


harness.run(main)
