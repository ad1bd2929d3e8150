"""A server that was down for fifty epochs closes them one by one, in order,
and what was sent before is in the first of them."""
import harness
import log_kit as log
from log_kit import LEAVES, commitment, entries, keep

EPOCHS = 50


def main(t):
    with t.instance(serve=False) as i:
        epoch0 = log.first_epoch(i)
        i.set_clock(epoch0 * 60 + 1)
        i.start()
        i.close_epoch()
        s = i.source()
        promised = log.evidence(s.send("Sebelum listrik padam."))
        s.noted()
        code = " ".join(s.receipt)
        size, note = log.checkpoint(i)
        t.equal("one epoch is closed", size, LEAVES)
        i.stop()
        i.advance(EPOCHS * 60)
        i.start()
        seen, want = [], (EPOCHS + 1) * LEAVES

        def closed():
            got = log.checkpoint(i)[0]
            if not seen or seen[-1] != got:
                seen.append(got)
            return got >= want
        harness.wait_for("fifty closes", 60, closed)
        t.equal("as many leaves as epochs", log.checkpoint(i)[0], want)
        t.check("in order", seen == sorted(seen) and
                all(n % LEAVES == 0 for n in seen), seen)
        log.sound(t, i, "after the outage", keep(t, note))
        with log.part(t, "every epoch by itself"):
            kinds = {}
            for n in range(EPOCHS + 1):
                opened = log.disclosed(i, epoch0 + n)
                good = [commitment(*x) for x in opened] == entries(i, n) and \
                    {log.fields(e)["epoch"] for _, e in opened} == \
                    {str(epoch0 + n)}
                t.check("epoch %d opens to events of its own" % n, good)
                for e in log.events(opened):
                    kinds[n] = kinds.get(n, []) + [e["kind"]]
            t.equal("the report is in the epoch that was open", kinds,
                    {0: ["keys"], 1: ["report"]})
        ok, said = log.gocheck("promise", log.vkey(i, "promise"),
                               keep(t, promised))
        t.check("the promise is kept", ok and entries(i, 1)[
            said["index"] - LEAVES].hex() == log.base64.b64decode(
                said["commitment"]).hex(), said)
        with log.part(t, "a report after it"):
            page = i.source().send("Sesudahnya.")
            ok, said = log.gocheck("promise", log.vkey(i, "promise"),
                                   keep(t, log.evidence(page)))
            t.check("is promised in the open epoch", ok and
                    said["index"] // LEAVES == EPOCHS + 1, said)
        i.close_epoch()
        _, now = log.checkpoint(i)
        log.sound(t, i, "one epoch later", keep(t, note))
        with log.part(t, "a fault"):
            i.stop()
            log.tamper(i, "roll-back", "3")
            i.start()
            harness.wait_for("three closes", 20, lambda:
                             log.checkpoint(i)[0] >= log.size_of(now))
            ok, said = log.gocheck("log", log.vkey(i), i.sock["log"],
                                   keep(t, now))
            t.check("epochs that were closed twice are seen", not ok, said)
            i.still_well(code)


harness.run(main)
