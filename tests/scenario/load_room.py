"""Somebody fills what is finite: the leaves of the epochs, the room for what
nobody fetched, the disk.  Text still goes, and when there is room again, all
goes on."""
import ctypes
import os
import time

import harness
import office
from harness import INSPECTORATE, OUTSIDE, Part
from load_kit import LOAD, MIB, Behind, Flood, behind, stated, used

LEAVES, AHEAD = 96, 40          # reports an epoch; epochs ahead


def junk(name="sampah.bin", mib=1):
    return Part(name, os.urandom(mib << 20))


def refused(t, page, what):
    t.check(what, page.status == 507 and page.error == "full" and
            page.kept == "no", (page.status, page.error, page.kept))


# ---- what nobody has fetched ----

def unfetched(t):
    with behind(t, unfetched_mib=8) as i, \
            t.part("files that nobody fetched are bounded in all"):
        i.start()
        held = []
        for n in range(3):
            s = i.source()
            s.send("Kasus %d." % n)
            s.noted()
            held.append((s, s.add([junk()]).status, s.add([junk()]).status))
        t.equal("six MiB of eight are taken", [h[1:] for h in held],
                [(200, 200)] * 3)
        s = i.source()
        s.send("Dengan berkas besar.")
        s.noted()
        code = " ".join(s.receipt)
        refused(t, s.add([junk(mib=3)]), "a file beyond it: 507, not kept")
        t.equal("its text can still be added to",
                s.reply("Teks saja.").status, 200)
        s2 = i.source()
        s2.send("Tanpa berkas.")
        t.equal("reports of text are taken", len(s2.receipt), 9)
        # what was refused, or broken off, took nothing
        t.equal("a smaller file is taken", s.add([junk()]).status, 200)
        refused(t, s.add([junk(mib=2)]), "full again")
        i.stop()
        i.start()
        s = i.source()
        s.login(code)
        refused(t, s.add([junk(mib=2)]), "a restart counts anew")
        i.close_epoch()
        for label in (INSPECTORATE, OUTSIDE):
            office.fetch(t, i, label)
        t.equal("fetched: there is room again",
                s.add([junk(mib=2)]).status, 200)
        s = i.source()
        s.send("Kasus baru.")
        s.noted()
        t.equal("for new cases too", s.add([junk(mib=6)]).status, 200)
        refused(t, s.add([junk(mib=3)]), "and no more than that")
        i.still_well(code, "room that was used up")


# ---- the disk ----

def disk(t):
    if os.geteuid() != 0:
        print("  not root: no disk of our own to fill")
        return
    top = t.folder()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(b"tmpfs", top.encode(), b"tmpfs", 0, b"size=96m") != 0:
        t.check("a mount is not allowed here: not tried", True)
        return
    i = None
    try:
        with t.part("a disk filled by junk that was accepted"):
            i = Behind(t, top, reserve_files_mib=40, reserve_text_mib=20)
            i.start()
            s = i.source()
            s.send("Laporan sebelum penuh.")
            s.noted()
            code = " ".join(s.receipt)
            flood = Flood(i, "uploads", circuits=500, count=12, workers=2,
                          seconds=60)
            said = flood.end()
            t.check("the flood filled it: files are refused",
                    said.get("507", 0) > 0 and said.get("200", 0) > 5, said)
            refused(t, s.add([junk()]), "files of others too: 507, not kept")
            s2 = i.source()
            s2.send("Teks masih diterima.")
            t.equal("a report of text is taken", len(s2.receipt), 9)
            free = os.statvfs(top).f_bavail * os.statvfs(top).f_frsize
            t.check("the reserve is there", free > 20 * MIB, free)
            i.close_epoch()
            office.fetch(t, i, INSPECTORATE, "desks go on")
            i.still_well(code, "a full disk")
    finally:
        if i is not None and i.server:
            i.stop()
        if i is not None:
            i.quiet()
        libc.umount2(top.encode(), 2)


# ---- the leaves ----

def cheap(t, i):
    """An instance whose receipts cost next to nothing, so that thousands of
    reports fit into a test: as `init` would make it with such a config."""
    old = (19456).to_bytes(4, "big") + (2).to_bytes(4, "big")
    new = (8).to_bytes(4, "big") + (1).to_bytes(4, "big")
    tamper = os.path.join(harness.FAULT, "peluit-tamper")
    p = harness.command([tamper, i.dir, "raw", "list", "meta"])
    done = 0
    for key in p.stdout.split():
        q = harness.command([tamper, i.dir, "raw", "get", "meta", key],
                            binary=True)
        if q.returncode == 0 and q.stdout.count(old) == 1:
            q = harness.command([tamper, i.dir, "raw", "put", "meta", key],
                                input=q.stdout.replace(old, new), binary=True)
            done += q.returncode == 0
    t.need("the cost of a receipt was set", done == 1, p.stdout + p.stderr)
    i.set_conf("instance", argon2_kib=8, argon2_passes=1)


def one_epoch(t):
    with behind(t) as i, t.part("an epoch filled by a flood"):
        cheap(t, i)
        i.start()
        first = i.source()
        first.send("Laporan sebelum banjir.")
        first.noted()
        code = " ".join(first.receipt)
        said = Flood(i, "reports", circuits=1000, count=60, workers=2,
                     seconds=120).end()
        t.equal("more reports than an epoch has leaves for", said,
                {"200": 120})
        s = i.source()
        s.send("Laporan setelah banjir.")
        t.equal("a later one takes a later epoch", len(s.receipt), 9)
        t.equal("a message of a case that is here is taken",
                first.reply("Tambahan saya.").status, 200)
        i.close_epoch(2)
        t.equal("and both epochs close", i.status()["log"], "ok")
        i.still_well(code, "a flood of an epoch")


def leaves(t):
    with behind(t) as i, t.part("the leaves of forty-one epochs filled"):
        cheap(t, i)
        i.start()
        s = i.source()
        s.send("Laporan sebelum banjir.")
        s.noted()
        code = " ".join(s.receipt)
        began = time.monotonic()
        floods = [Flood(i, "reports", circuits=1000, first=0x1000000 * n,
                        count=LEAVES * (AHEAD + 2), workers=3, seconds=200)
                  for n in (1, 2)]
        said = {}
        taken = 0

        def full():
            p = i.source()
            form = p.open_form()
            page = p.submit(form, p.fill(form, "Laporan di tengah banjir."))
            said["page"], said["form"] = page, p
            return page.status == 503
        harness.wait_for("the last leaf", 240, full)
        for f in floods:
            f.p.terminate()
            f.p.wait()
            f.p.stdout.close()
        taken = i.status()["cases"]
        print("  %d reports took every leaf in %.0f s" %
              (taken, time.monotonic() - began))
        t.equal("every leaf was taken", taken, LEAVES * (AHEAD + 1))
        page = said["page"]
        t.check("no leaf: 503, not kept, the text back",
                page.error == "busy" and page.kept == "no" and
                "Laporan di tengah banjir." in page.html,
                (page.status, page.error, page.kept))
        t.equal("a message of a case that is here is taken",
                s.reply("Tambahan saya.").status, 200)
        now, may = used(i.server.pid), stated(i.limits)
        t.check("memory within what is stated",
                now["memory"] <= may["memory"], now)
        i.close_epoch()
        p = said["form"]
        form = p.open_form()
        page = p.submit(form, p.fill(form, "Laporan di tengah banjir."))
        t.equal("an epoch later there is a leaf", page.page, "receipt")
        i.still_well(code, "a flood of reports")


def main(t):
    unfetched(t)
    disk(t)
    one_epoch(t)
    if LOAD > 1:        # minutes
        leaves(t)


harness.run(main)
