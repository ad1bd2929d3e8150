"""The public log: its tiles, what they open to, what a source holds in hand,
and its copy as files; all of it checked by code that is not ours."""
import hashlib
import os
import re
import shutil

import harness
import log_kit as log
import signer
from log_kit import LEAVES, commitment, entries, gocheck, keep


def paths(t, i, size, note):
    with log.part(t, "tiles of %d leaves" % size):
        want = log.tile_paths(size)
        t.check("level 1 is partial", any(p.startswith("/tile/1/000.p/")
                                          for p in want), want)
        for path, length in want.items():
            status, data = i.get_log(path)
            t.check("GET " + path, status == 200 and len(data) == length,
                    (status, len(data)))
        hashes = [log.leaf_hash(e) for n in range(size // LEAVES)
                  for e in entries(i, n)]
        t.check("their entries give the signed root",
                log.tree(hashes) == log.root_of(note))
        hashes[77] = log.leaf_hash(b"x" * 32)
        t.check("one other entry gives another",
                log.tree(hashes) != log.root_of(note))


ABSENT = """
/ /checkpoint/ /checkpoints /tile /tile/ /tile/0 /tile/0/ /tile/0/0 /tile/0/00
/tile/0/0000 /tile/0/x000/000 /tile/00/000 /tile/0/000/ /tile/0/000.p
/tile/0/000.p/ /tile/0/000.p/0 /tile/0/000.p/256 /tile/0/000.p/01 /tile/0/900
/tile/0/000.p/-1 /tile/1/000 /tile/1/000.p/200 /tile/1/001.p/1 /tile/2/000
/tile/2/000.p/1 /tile/9/000 /tile/63/000 /tile/64/000 /tile/-1/000
/tile/entries /tile/entries/ /tile/entries/900 /tile/entries/000.p/5
/tile/entries/000.p/256 /tile/data/000 /tile/8/0/000 /roster /roster/
/roster/0 /roster/01 /roster/2 /roster/1/ /roster/1/proof/ /roster/1/prof
/roster/2/proof /roster/2.proof /roster/99999999999999999999 /disclosure
/disclosure/ /disclosure/0 /disclosure/1 /disclosure/%2e%2e /../store
/disclosure/99999999999999999999 /loss /loss/1 /people
/tile/0/x999999999/000 /TILE/0/000 /favicon.ico
""".split()


def absent(t, i, epoch0, closed):
    with log.part(t, "what is not there"):
        for path in ABSENT + ["/disclosure/%d" % (epoch0 + closed),
                              "/disclosure/0%d" % epoch0]:
            status, data = i.get_log(path)
            t.check("GET %s: 404" % path, status in (400, 404) and
                    len(data) < 100, (status, data[:100]))
        for method in ("POST", "PUT", "DELETE", "OPTIONS"):
            answer = i.raw(b"%s /checkpoint HTTP/1.1\r\nHost: x\r\n"
                           b"Content-Length: 0\r\nConnection: close\r\n\r\n" %
                           method.encode(), "log")
            t.check(method + " is refused", answer[9:12] in (b"405", b"400",
                                                             b"501"), answer)


def roster(t, i):
    with log.part(t, "the roster"):
        p = keep(t, log.get(i, "/roster/1/proof"))
        ok, said = gocheck("proof", log.vkey(i), p)
        t.need("its proof verifies in Go", ok, said)
        got = log.fields(said["event"].encode())
        t.equal("it announces this note", got["objects"], hashlib.sha256(
            log.get(i, "/roster/1")).hexdigest())
        t.equal("by an event keys", got["kind"], "keys")
        t.check("it stands in the first epoch", said["index"] < LEAVES, said)


def disclosures(t, i, epoch0, closed):
    with log.part(t, "disclosures"):
        auditor = signer.Desk(i, "auditor-1").identity
        other = signer.Desk(i, "petugas-1").identity
        kinds = []
        for n in range(closed):
            opened = log.disclosed(i, epoch0 + n)
            t.check("epoch %d: auditor and archive see the same" % n,
                    log.disclosed(i, epoch0 + n, auditor) == opened)
            t.check("epoch %d: every leaf is opened" % n,
                    [commitment(*s) for s in opened] == entries(i, n))
            t.check("epoch %d: each event says its epoch" % n,
                    {log.fields(e)["epoch"] for _, e in opened} ==
                    {str(epoch0 + n)})
            wrong = [(b"\0" * 32, e) for _, e in opened]
            t.check("epoch %d: other nonces open nothing" % n,
                    not {commitment(*s) for s in wrong} & set(entries(i, n)))
            kinds += sorted(e["kind"] for e in log.events(opened))
        t.equal("no event but these", kinds, ["keys", "report", "message"])
        try:
            log.age_open(log.get(i, "/disclosure/%d" % epoch0), other)
            t.check("an investigator cannot open it", False)
        except log.Failed:
            t.check("an investigator cannot open it", True)


def promise(t, i, page):
    with log.part(t, "the promise in the receipt's page"):
        text = log.evidence(page)
        t.need("it is there", text and "peluit-promise/v1" in text,
               page.html[-2000:])
        ok, said = gocheck("promise", log.vkey(i, "promise"), keep(t, text))
        t.check("it verifies in Go", ok, said)
        for what, find in (("leaf", r"(\nleaf )(\d)"),
                           ("opening", "(opening )(.)"),
                           ("event", "(opening .{200})(.)"),
                           ("key", "(/promise )(.)"),
                           ("signature", "(/promise .{30})(.)")):
            bad = re.sub(find, lambda m: m.group(1) + (
                "1" if m.group(2) != "1" else "2"), text, count=1)
            ok, _ = gocheck("promise", log.vkey(i, "promise"), keep(t, bad))
            t.check("another %s does not" % what, bad != text and not ok, bad)
        return said


def proof(t, i, s, promised):
    with log.part(t, "the proof in the inbox"):
        text = log.evidence(s.get("/surat"))
        t.need("it is there", text and text.startswith("c2sp.org/tlog-proof"),
               text)
        ok, said = gocheck("proof", log.vkey(i), keep(t, text))
        t.need("it verifies in Go", ok, said)
        t.equal("of the leaf that was promised", said["index"],
                promised["index"])
        t.equal("and of that event", said["event"], promised["event"])
        t.equal("a report", log.fields(said["event"].encode())["kind"],
                "report")
        bad = text.replace("index %d" % said["index"],
                           "index %d" % (said["index"] ^ 1))
        ok, _ = gocheck("proof", log.vkey(i), keep(t, bad))
        t.check("at another leaf it does not", not ok)


def copies(t, i, size, note):
    with log.part(t, "the log as files"):
        out = log.mirror(t, i)
        names = log.files_of(out)
        for path in [*log.tile_paths(size), "/checkpoint", "/roster/1",
                     "/roster/1.proof"]:
            with open(out + path, "rb") as f:
                t.check("the mirror's " + path, f.read() ==
                        log.get(i, path))
        ok, said = gocheck("log", log.vkey(i), out)
        t.check("it is sound for Go", ok, said)
        t.check("nothing that is not public is in it", not re.search(
            r"store|secret|signer|people|conf", "\n".join(names)), names)
        before = {n: os.stat(os.path.join(out, n)).st_ino for n in names}
        p = i.peluitd("mirror", i.dir, out)
        t.check("again, it is done", p.returncode == 0, p.stderr)
        same = [n for n in names if n not in ("checkpoint", "roster/1.proof")]
        t.check("what cannot change is not written again",
                all(os.stat(os.path.join(out, n)).st_ino == before[n]
                    for n in same))
        i.close_epoch()
        t.check("it grows", i.peluitd("mirror", i.dir, out).returncode == 0)
        ok, said = gocheck("log", log.vkey(i), out, keep(t, note))
        t.check("as the log does", ok and said["size"] == size + LEAVES, said)
        for what, path in (("a tile", "tile/0/000"),
                           ("an entry", "tile/entries/001"),
                           ("the tile above", "tile/1/000.p/%d" %
                            (size // LEAVES + 1)),
                           ("the checkpoint", "checkpoint")):
            bad = os.path.join(t.folder(), "bad")
            shutil.copytree(out, bad)
            harness.flip(os.path.join(bad, path), 50)
            ok, said = gocheck("log", log.vkey(i), bad)
            t.check("with a bit of %s flipped it is not sound" % what,
                    not ok, said)
        return out


def history(t, i, out):
    """Another history than the mirror's is found by it, and by Go."""
    with log.part(t, "a log that was rolled back"):
        _, note = log.checkpoint(i)
        kept = keep(t, note)
        i.stop()
        log.tamper(i, "roll-back", "2")
        i.start()
        # It closes them again by itself, and signs other leaves.
        size = log.size_of(note)
        harness.wait_for("the second close", 20, lambda:
                             log.checkpoint(i)[0] >= size)
        log.sound(t, i, "by itself")
        ok, said = gocheck("log", log.vkey(i), i.sock["log"], kept)
        t.check("an older checkpoint shows the fork", not ok and
                "history" in said["why"], said)
        p = i.peluitd("mirror", i.dir, out)
        t.check("the mirror does not take it", p.returncode == 1,
                (p.returncode, p.stdout, p.stderr))
        with open(os.path.join(out, "checkpoint"), "rb") as f:
            t.check("and keeps what it had", f.read() == note)
    with log.part(t, "a log that signs two trees of one size"):
        size, note = log.checkpoint(i)
        i.stop()
        log.tamper(i, "sign-fork")
        i.start()
        log.sound(t, i, "the second")
        again, other = log.checkpoint(i)
        t.check("of one size, with another root", size == again and
                log.root_of(note) != log.root_of(other))
        ok, _ = gocheck("log", log.vkey(i), i.sock["log"], keep(t, note))
        t.check("the first is not of its history", not ok)
        i.close_epoch()
        log.sound(t, i, "it goes on", keep(t, other))


def main(t):
    with t.instance(serve=False) as i:
        epoch0 = log.first_epoch(i)
        i.set_clock(epoch0 * 60 + 1)
        i.start()
        s = i.source()
        promised = promise(t, i, s.send("Laporan."))
        s.noted()
        code = " ".join(s.receipt)
        t.equal("nothing is published before the first close",
                log.checkpoint(i)[0], 0)
        t.equal("no proof of the roster yet", i.get_log("/roster/1/proof")[0],
                404)
        i.close_epoch()
        s.reply("Tambahan.")
        i.close_epoch()
        size, note = log.checkpoint(i)
        closed = size // LEAVES
        t.equal("256 leaves an epoch", size, (i.status()["closed"] - epoch0 +
                                              1) * LEAVES)
        paths(t, i, size, note)
        absent(t, i, epoch0, closed)
        roster(t, i)
        disclosures(t, i, epoch0, closed)
        proof(t, i, s, promised)
        log.sound(t, i, "served", keep(t, note))
        out = copies(t, i, size, note)
        i.still_well(code)
        history(t, i, out)


harness.run(main)
