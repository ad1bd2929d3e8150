"""Nothing to be learned: what the log shows to everybody is the same whether
no report came, or a hundred, or four hundred in one epoch.

The instances are copies of one, with the same keys and the same clock, so that
all bytes can be compared but those of signatures, hashes and sealed text."""
import os
import re
import shutil
import threading
import time

import harness
import log_kit as log
from log_kit import LEAVES

HOUR = 3600
WAIT = HOUR // 360              # published so long after an epoch's end
EPOCHS = 6                      # four hundred reports take five of them
LOADS = (0, 100, 400)


def send(t, i, n):
    """So many reports, three at a time."""
    left, bad, lock = list(range(n)), [], threading.Lock()

    def work():
        while True:
            with lock:
                if not left:
                    return
                k = left.pop()
            try:
                i.source().send("Laporan nomor %d. " % k + "x" * (k * 37))
            except Exception as e:
                bad.append(repr(e))
    threads = [threading.Thread(target=work) for _ in range(3)]
    for th in threads:
        th.start()
    for th in threads:
        th.join()
    t.need("%d reports are taken" % n, not bad, bad[:3])


def fetch(i, path):
    """(status, headers, body) of a file of the log."""
    c = harness.connection(i.sock["log"])
    c.request("GET", path)
    r = c.getresponse()
    body = r.read()
    c.close()
    return r.status, sorted(r.getheaders()), body


def mask(path, body):
    """What is left of a file without its signatures, hashes, sealed bytes."""
    if path.startswith("/tile/entries/"):
        return [body[k:k + 2] for k in range(0, len(body), 34)]
    if path.startswith("/tile/"):
        return len(body)
    if path.startswith("/disclosure/"):
        head = body[:body.index(b"\n", body.index(b"\n--- ") + 1)]
        return [len(body), re.sub(rb"[A-Za-z0-9+/]{43}", b"?", head)]
    # base64 of a hash, of a signature behind its key's id
    body = re.sub(rb"(\xe2\x80\x94 [^ ]+ [\w+/]{5})[\w+/=]{87}\n", rb"\1?\n",
                  body)
    return re.sub(rb"(?<=\n)[A-Za-z0-9+/]{43}=(?=\n)", b"?", body)


def public(i, epoch0, size):
    """Everything that can be asked for, and a little more."""
    closed = size // LEAVES
    paths = [*log.tile_paths(size), "/checkpoint", "/roster/1", "/roster/2",
             "/roster/1/proof", "/loss/1",
             "/tile/0/" + log.number_path(closed),
             "/tile/entries/" + log.number_path(closed),
             "/tile/1/000.p/%d" % (closed + 1)]
    paths += ["/disclosure/%d" % (epoch0 + n) for n in range(closed + 2)]
    out = {}
    for p in paths:
        status, headers, body = fetch(i, p)
        out[p] = (status, headers, len(body),
                  mask(p, body) if status == 200 else body)
    return out


def differs(a, b):
    return [(p, a.get(p), b.get(p)) for p in sorted(set(a) | set(b))
            if a.get(p) != b.get(p)]


def size_now(i):
    return log.checkpoint(i)[0]


def watch(t, i, epoch0, reports):
    """Close epoch after epoch; what could be seen at each of these hours."""
    seen, delays, late = [], [], []
    base = size_now(i)
    begin = i.now // HOUR * HOUR
    for n in range(1, EPOCHS + 1):
        end, want = begin + n * HOUR, base + n * LEAVES
        i.set_clock(end + WAIT - 1)
        # What an epoch held must not decide how long its publishing takes:
        # it is closed by then, and nobody sees it.
        try:
            harness.wait_for("the close", 3, lambda:
                             i.status()["closed"] == end // HOUR - 1)
        except harness.Failed:
            late.append("epoch %d is not closed when it is to be published" %
                        n)
        time.sleep(0.2)
        if size_now(i) != want - LEAVES:
            late.append("epoch %d is published too early" % n)
        began = time.monotonic()
        i.set_clock(end + WAIT)
        harness.wait_for("the checkpoint", 20, lambda: size_now(i) == want)
        delays.append(time.monotonic() - began)
        seen.append(public(i, epoch0, want))
        i.set_clock(end + HOUR // 2)
    t.check("%d reports: published at its moment" % reports, not late, late)
    return seen, delays


def run(t, base, epoch0, reports):
    i = harness.Instance(t, t.folder(), demo=False)
    shutil.copytree(base.dir, i.dir)
    i.sock = base.sock
    i.set_clock(base.now)
    i.start()
    send(t, i, reports)
    t.equal("%d cases are stored" % reports, i.status()["cases"], reports)
    seen, delays = watch(t, i, epoch0, reports)
    said = log.sound(t, i, "%d reports" % reports)
    counts = [sum(e["kind"] == "report" for e in
                  log.events(log.disclosed(i, epoch0 + n)))
              for n in range(said["size"] // LEAVES)]
    t.equal("%d reports: all of them are in the log" % reports, sum(counts),
            reports)
    t.check("%d reports: at most 96 an epoch" % reports, max(counts) <= 96,
            counts)
    out = log.mirror(t, i)
    files = {n: os.path.getsize(os.path.join(out, n))
             for n in log.files_of(out)}
    i.stop()
    i.quiet()
    return {"seen": seen, "delays": delays, "files": files}


def main(t):
    base = harness.Instance(t, t.folder(), demo=False)
    base.init("--demo", "--epoch-seconds", str(HOUR))
    epoch0 = log.first_epoch(base)
    base.set_clock(epoch0 * HOUR + 100)
    base.start()                # the event of roster 1 is made here
    base.stop()
    got = {n: run(t, base, epoch0, n) for n in LOADS}
    quiet = got[0]
    for n in LOADS[1:]:
        with log.part(t, "%d reports against none" % n):
            for k in range(EPOCHS):
                t.check("after %d epochs all that is public is alike" %
                        (k + 1), not differs(quiet["seen"][k],
                                             got[n]["seen"][k]),
                        differs(quiet["seen"][k], got[n]["seen"][k])[:3])
            t.equal("their mirrors have the same files and sizes",
                    got[n]["files"], quiet["files"])
            # The clock's file is read every 100 ms.
            gap = max(got[n]["delays"]) - min(quiet["delays"])
            t.check("published in the same instant", gap < 0.35,
                    (quiet["delays"], got[n]["delays"]))
    with log.part(t, "the comparison can fail"):
        a = quiet["seen"][2]
        t.check("another hour is seen", differs(a, quiet["seen"][3]))
        for path in ("/checkpoint", "/roster/1/proof", "/roster/1",
                     "/disclosure/%d" % epoch0, "/tile/0/000",
                     "/tile/entries/001"):
            status, headers, n, text = a[path]
            t.check("one byte more of %s is seen" % path,
                    differs(a, dict(a, **{path: (status, headers, n + 1,
                                                 text)})))
        note = b"demo.x\n256\n" + b"A" * 43 + b"=\n\n\xe2\x80\x94 demo.x " + \
            b"B" * 91 + b"=\n"
        for what, find, put, same in (
                ("root", b"A" * 43, b"C" * 43, True),
                ("signature", b"B" * 86, b"D" * 86, True),
                ("size", b"256", b"512", False),
                ("key", b"demo.x BBBB", b"demo.x CBBB", False),
                ("line more", b"\n\n", b"\nreports 3\n\n", False)):
            other = note[::-1].replace(find[::-1], put[::-1], 1)[::-1]
            t.check("of a checkpoint, a %s is %s" % (
                what, "left aside" if same else "compared"), other != note and
                (mask("/checkpoint", note) == mask("/checkpoint", other)) ==
                same)


harness.run(main)
