"""peluit-tamper does what its help says, and what is seen of it is seen: by
`peluitd check`, by who holds a promise, or by what the leaves open to."""
import json
import os
import shutil

import harness
import log_kit as log
import office
from harness import INSPECTORATE
from log_kit import LEAVES, keep


class Victim:
    """A copy of one stopped instance: a report and two messages, promised in
    an epoch that is still open."""

    def __init__(self, t, base, promise):
        self.t, self.promise = t, promise
        self.i = harness.Instance(t, t.folder(), demo=False,
                                  build=log.fault_build())
        shutil.copytree(base.dir, self.i.dir)
        self.i.sock, self.i.now = dict(base.sock), base.now
        self.i.set_clock(base.now)

    def check(self):
        """The codes of what `peluitd check` finds."""
        p = self.i.peluitd("check", self.i.dir, "--json")
        try:
            got = json.loads(p.stdout)
        except ValueError:
            raise harness.Failed("check: " + p.stdout + p.stderr)
        return sorted({f["code"] for f in got.get("faults", [])})

    def close(self):
        """Serve until the open epoch is closed; the events of that epoch."""
        i = self.i
        i.start()
        size = log.checkpoint(i)[0]
        i.advance(61)
        harness.wait_for("the close", 20, lambda:
                         log.checkpoint(i)[0] > size)
        n = size // LEAVES
        opened = log.disclosed(i, log.first_epoch(i) + n)
        self.t.check("all leaves are opened", [log.commitment(*s) for s in
                                               opened] == log.entries(i, n))
        log.sound(self.t, i, "tampered before the close")
        return log.events(opened)

    def kept(self):
        """Whether the promise of the report is."""
        ok, said = log.gocheck("promise", log.vkey(self.i, "promise"),
                               self.promise)
        n, at = divmod(said["index"], LEAVES)
        return ok and log.entries(self.i, n)[at] == \
            log.base64.b64decode(said["commitment"])

    def done(self):
        self.i.stop()


def part(t, base, promise, name, *args):
    """The victim of one action."""
    v = Victim(t, base, promise)
    said = log.tamper(v.i, name, *args)
    t.equal(name + " says what it did", said["done"], name)
    return v, said


def by_kind(events, kind):
    return [e for e in events if e["kind"] == kind]


def desk_opens(i):
    """Whether the desk fetches the case and opens it; what it said."""
    p = i.peluit(INSPECTORATE, "fetch")
    if p.returncode == 0:
        p = i.peluit(INSPECTORATE, "open",
                     office.cases(i, INSPECTORATE)[0]["case"])
    return p.returncode == 0, p.stdout + p.stderr


def events_of(t, base, promise):
    with log.part(t, "nothing"):
        v = Victim(t, base, promise)
        t.equal("untouched, check finds nothing", v.check(), [])
        got = v.close()
        t.equal("and the epoch holds all", sorted(e["kind"] for e in got),
                ["message", "message", "report"])
        t.check("its promise is kept", v.kept())
        report = by_kind(got, "report")[0]
        good, said = desk_opens(v.i)
        t.check("the desk opens the report", good, said)
        v.done()
    with log.part(t, "edit-event"):
        v, _ = part(t, base, promise, "edit-event", "-", "0")
        t.check("check finds the signature", "event_signature" in v.check(),
                v.check())
        got = by_kind(v.close(), "report")[0]
        t.check("it is logged altered", got["objects"] != report["objects"])
        t.check("the promise is broken", not v.kept())
        v.done()
    with log.part(t, "swap-events"):
        v, said = part(t, base, promise, "swap-events", "-", "1", "2")
        t.equal("two promises stood in the way", said["promises_dropped"], 2)
        t.equal("check finds nothing", v.check(), [])
        got = sorted(v.close(), key=lambda e: int(e["seq"]))
        t.equal("the chain looks whole", [e["seq"] for e in got],
                ["0", "1", "2"])
        t.check("the report's promise is kept", v.kept())
        v.done()
    with log.part(t, "backdate"):
        v, _ = part(t, base, promise, "backdate", "-", "0", "9")
        got = by_kind(v.close(), "report")[0]
        t.equal("an event of another epoch than its leaf's",
                int(report["epoch"]) - int(got["epoch"]), 9)
        t.check("the promise is broken", not v.kept())
        v.done()
    with log.part(t, "fill-for-event"):
        v, _ = part(t, base, promise, "fill-for-event", "-", "0")
        got = sorted(v.close(), key=lambda e: int(e["seq"]))
        t.equal("the report is not in the log", [e["kind"] for e in got],
                ["message", "message"])
        t.equal("its place in the chain is empty", [e["seq"] for e in got],
                ["1", "2"])
        t.check("the promise is broken", not v.kept())
        v.done()
    for own in (False, True):
        with log.part(t, "forge-action"):
            v, _ = part(t, base, promise, "forge-action", "-", "REVIEW",
                        *(["own"] if own else []))
            t.equal("check finds a signature of nobody's",
                    "event_signature" in v.check(), not own)
            got = by_kind(v.close(), "status")
            t.equal("one status is logged", [e["status"] for e in got],
                    ["REVIEW"])
            roster = log.get(v.i, "/roster/1").decode()
            t.equal("by a key of the roster", got[0]["actor"].split()[1] in
                    roster, not own)
            t.check("the report's promise is kept", v.kept())
            v.done()


def objects_of(t, base, promise):
    with log.part(t, "delete-object"):
        v, _ = part(t, base, promise, "delete-object", "-", "0", "0")
        t.equal("check finds it", v.check(), ["block_missing"])
    with log.part(t, "replace-object"):
        v, _ = part(t, base, promise, "replace-object")
        t.equal("check finds it", v.check(), ["objects_altered"])
        v.close()
        good, said = desk_opens(v.i)
        t.check("the desk does not take it for the report", not good, said)
        v.done()


def log_of(t, base, promise):
    with log.part(t, "drop-promise"):
        v, said = part(t, base, promise, "drop-promise")
        t.equal("three are forgotten", said["promises_dropped"], 3)
        t.equal("the log keeps them all the same", len(v.close()), 3)
        t.check("with the leaf that was promised", v.kept())
        v.done()
    with log.part(t, "silent-roster"):
        v = Victim(t, base, promise)
        i, two = v.i, os.path.join(v.i.top, "two")
        people = os.path.join(i.dir, "people")
        for args in (["new", "--file", two, "--from",
                      os.path.join(i.dir, "public", "roster", "1")],
                     ["retire", "kustodian-1", "--file", two],
                     ["sign", "--key", os.path.join(people, "roster.key"),
                      "--file", two]):
            p = i.peluit(INSPECTORATE, "roster", *args, json_out=False)
            t.need("roster " + args[0], p.returncode == 0, p.stderr)
        log.tamper(i, "silent-roster", two)
        got = v.close()
        t.check("it serves under a roster that no event announces",
                not by_kind(got, "keys") and
                i.get_log("/roster/2")[0] == 200 and
                i.get_log("/roster/2/proof")[0] == 404,
                [e["kind"] for e in got])
        v.done()
    with log.part(t, "raw"):
        v = Victim(t, base, promise)
        rows = log.tamper(v.i, "raw", "list", "messages").split("\n")
        key = rows[0].split()[0]
        program = os.path.join(v.i.build, "peluit-tamper")
        p = harness.command([program, v.i.dir, "raw", "get", "messages",
                             key], binary=True)
        t.check("get opens a record", p.returncode == 0 and len(p.stdout) >
                100, p.stderr)
        log.tamper(v.i, "raw", "del", "messages", key)
        t.check("without it check finds a fault", v.check())
        log.tamper(v.i, "raw", "put", "messages", key, input=p.stdout)
        t.equal("put back, it finds none", v.check(), [])


def main(t):
    base = harness.Instance(t, t.folder(), serve=False,
                            build=log.fault_build())
    base.set_clock(log.first_epoch(base) * 60 + 1)
    base.start()
    base.close_epoch()          # with the event of the roster in it
    s = base.source()
    promise = keep(t, log.evidence(s.send("Laporan.")))
    s.noted()
    s.reply("Pertama.")
    s.reply("Kedua.")
    base.stop()
    events_of(t, base, promise)
    objects_of(t, base, promise)
    log_of(t, base, promise)
    with log.part(t, "wrong use"):
        program = os.path.join(base.build, "peluit-tamper")
        for args in ([], ["--help"], ["nowhere", "raw"], [base.dir, "eat"],
                     [base.dir, "roll-back"], [base.dir, "roll-back", "x"],
                     [base.dir, "raw", "get", "nothing", "00"]):
            p = harness.command([program, *args])
            t.check("%r is refused" % args, p.returncode in (2, 3),
                    p.returncode)
        p = harness.command([program, "--help"])
        words = ["delete-object", "replace-object", "edit-event",
                 "swap-events", "backdate", "fill-for-event", "forge-action",
                 "roll-back", "sign-fork", "drop-promise", "silent-roster",
                 "raw"]
        t.check("--help names each action and who sees it",
                all("\n" + w + " " in p.stdout for w in words) and
                p.stdout.count("seen by") >= len(words) - 1, p.stdout)


harness.run(main)
