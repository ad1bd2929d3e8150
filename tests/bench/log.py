#!/usr/bin/env python3
"""How the log behaves as it grows (docs/TESTING.md): BENCH_LEAVES names the
sizes.  At each: time to close an epoch, a message with its event, a proof,
and of the audit from outside, its time and memory."""
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(HERE, "..", "scenario"))
import harness  # noqa: E402
import log_kit as log  # noqa: E402

SIZES = [int(n) for n in
         os.environ.get("BENCH_LEAVES", "1000 100000").split()]
EPOCH_SEC = 10


def median_ms(times):
    return "%.1f ms" % (1000 * statistics.median(times))


def timed(what, n):
    out = []
    for _ in range(n):
        began = time.monotonic()
        what()
        out.append(time.monotonic() - began)
    return out


def grow(i, leaves):
    """Close epochs until the log has that many leaves; seconds an epoch."""
    have = log.checkpoint(i)[0]
    epochs = -(-(leaves - have) // log.LEAVES)
    began = time.monotonic()
    i.advance(epochs * EPOCH_SEC)
    harness.wait_for("the closes", 3600, lambda:
                     log.checkpoint(i)[0] >= have + epochs * log.LEAVES)
    return (time.monotonic() - began) / epochs


def audit(i):
    home = os.path.join(i.top, "auditor%d" % log.checkpoint(i)[0])
    shutil.copytree(os.path.join(i.dir, "people", "auditor-1"), home)
    base = [os.path.join(harness.BUILD, "peluit-audit"), "--home", home,
            "--passphrase-file", os.path.join(i.dir, "people", "passphrase"),
            "--clock", i.clock_file]
    with open(os.path.join(i.dir, "public", "roster.vkey")) as f:
        keys = f.read().split()
    subprocess.run(base + ["init", i.sock["log"], log.vkey(i), *keys,
                           "--api", i.sock["desk"]], check=True,
                   stdout=subprocess.DEVNULL)
    began = time.monotonic()
    p = subprocess.Popen(base + ["full"], stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(p.pid, 0)
    return (time.monotonic() - began, used.ru_maxrss / 1024,
            os.waitstatus_to_exitcode(status))


def main():
    top = tempfile.mkdtemp(prefix="peluit-bench.")
    t = harness.Test("bench")
    try:
        i = harness.Instance(t, top, demo=False)
        i.init("--demo", "--epoch-seconds", str(EPOCH_SEC))
        i.now = i.now // EPOCH_SEC * EPOCH_SEC + 5
        i.set_clock(i.now)
        i.start()
        s = i.source()
        s.send("Ukuran.")
        s.noted()
        code = " ".join(s.receipt)
        for leaves in SIZES:
            close = grow(i, leaves)
            s = i.source()          # the clock has jumped: sign in again
            s.login(code)
            said = timed(lambda: s.reply("Satu pesan."), 5)
            proof = timed(lambda: log.get(i, "/roster/1/proof"), 20)
            print("%d leaves: close %.1f ms an epoch, message %s, proof %s" %
                  (log.checkpoint(i)[0], 1000 * close, median_ms(said),
                   median_ms(proof)), flush=True)
            took, mib, rc = audit(i)
            print("  peluit-audit full: %.1f s, %.1f MiB, exit %d" %
                  (took, mib, rc), flush=True)
        i.stop()
    finally:
        shutil.rmtree(top, ignore_errors=True)


if __name__ == "__main__":
    main()
