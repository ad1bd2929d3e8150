"""Files on their way: several at a time, slow lines, dead lines, limits."""
import os
import re
import time

import harness
import office
from harness import INSPECTORATE, Part, search_checked, wait_for
from slow import PROGRESS, SlowPost, files_of, sent

MARK = "penanda-Uk4vPq7sLw2"
MIB = 1 << 20


def another(i, s):
    """The same browser's second connection."""
    o = i.source()
    o.cookies = s.cookies
    return o


def share(page):
    m = re.search(r'data-share="(\d+)"', page.html)
    return int(m.group(1)) if m else None


def signed_in(i, text="Ada bukti."):
    s = i.source()
    s.send(text)
    s.code = " ".join(s.receipt)
    s.noted()
    i.advance(61)           # a case takes eight messages an epoch
    return s


def until_kept(i, s, names):
    """The list, when nothing of it is on its way any more."""
    o = another(i, s)
    wait_for("the list", 30, lambda: not set(files_of(
        o.get(PROGRESS)).values()) & {"coming", "whole"})
    got = files_of(o.page)
    return {n: got.get(n) for n in names}


def slow_line(t, i):
    """Three files at 20 KiB a second; the others go on; the clock jumps."""
    with t.part("a slow line"):
        first = i.status()["epoch"] - i.status()["published_size"] // 256
        s = signed_in(i)
        other = another(i, s)
        sizes = {len(other.get(PROGRESS).body)}
        parts = [Part(MARK + "-satu.txt", os.urandom(30000)),
                 Part("dua.jpg", os.urandom(200000)),
                 Part("tiga.mp4", os.urandom(170000))]
        p = SlowPost(s, parts)
        seen = []

        def tick(_):
            page = other.get(PROGRESS)
            sizes.add(len(page.body))
            seen.append((share(page), files_of(page)))
            if len(seen) == 8:
                i.advance(31 * 60)      # longer than a session's rest
        p.slowly(20 * 1024, tick=tick)
        page = p.answer()
        t.check("it arrives", page.page == "sent" and page.status == 200,
                (page.status, page.error))
        shares = [x for x, _ in seen if x is not None]
        t.check("the share grows", shares == sorted(shares) and
                len(set(shares)) > 5 and shares[-1] > 80, shares)
        states = [f.get("dua.jpg") for _, f in seen]
        t.check("a file is seen to come, then to be whole", "coming" in
                states and "whole" in states, states)
        t.equal("every page of progress has one size", sizes, {32768})
        t.check("each file is named as kept", files_of(page) ==
                {q.name: "kept" for q in parts}, files_of(page))
        i.close_epoch()
        wait_for("the log", 60, lambda: i.status()["published_size"] // 256 >
                 (i.now - 60) // 60 - first)
        office.fetch(t, i, INSPECTORATE)
        case = office.only_case(t, i, INSPECTORATE)
        save = os.path.join(t.folder(), "out")
        office.opened(t, i, INSPECTORATE, case, save)
        saved = {open(os.path.join(save, f), "rb").read()
                 for f in os.listdir(save)}
        t.check("byte for byte", saved == {q.data for q in parts},
                (os.listdir(save), [len(x) for x in saved]))


def dead_line(t, i):
    """Cut after two of three; the third is sent again alone."""
    with t.part("a line that dies"):
        s = signed_in(i)
        parts = [Part("satu.bin", os.urandom(MIB + 5)),
                 Part("dua.bin", b"d" * 10),
                 Part("tiga.bin", os.urandom(MIB))]
        names = [q.name for q in parts]
        p = SlowPost(s, parts, "/surat/berkas/kirim")
        p.upto(p.after("dua.bin", 300000))
        wait_for("the third", 20, lambda: files_of(another(i, s).get(
            PROGRESS)).get("tiga.bin") == "coming")
        p.close()
        t.equal("two are kept, and the third is named",
                until_kept(i, s, names), dict(zip(names, (
                    "kept", "kept", "broken"))))
        page = s.add(parts[2:])
        t.check("the third alone", page.page == "sent" and
                files_of(page) == {"tiga.bin": "kept"}, files_of(page))
        page = s.add(parts)
        t.check("all of them once more: said, and not kept twice",
                page.page == "sent" and set(files_of(page).values()) ==
                {"there"}, files_of(page))
        t.equal("three files", sent(s), 3)
        wait_for("the sweep", 20, lambda: i.status()["uploads"] == 0)


def limits(t, i):
    with t.part("over a file's limit"):
        s = signed_in(i)
        parts = [Part("a.bin", b"a" * MIB), Part("b.bin", b"b" * 20 * MIB),
                 Part("c.bin", b"c" * 7)]
        page = s.add(parts)
        t.check("a page says so, and which were kept", page.status == 413 and
                page.error == "too_large" and page.kept == "yes" and
                files_of(page) == {"a.bin": "kept", "b.bin": "large",
                                   "c.bin": "kept"},
                (page.status, page.kept, files_of(page)))
        page = s.add([Part("b.bin", b"b" * 20 * MIB)])
        t.check("alone: nothing was kept", page.status == 413 and
                page.kept == "no", (page.status, page.kept))
    with t.part("over a case's limit, known from the first byte"):
        s = signed_in(i)
        page = s.add([Part("x.bin", b"x" * 40 * MIB)])
        t.check("it is read to its end, and a page says so",
                page.status == 413 and page.error == "too_large" and
                page.kept == "no", (page.status, page.error))
    with t.part("far larger than what is read"):
        s = signed_in(i)
        p = SlowPost(s, [Part("x.bin", b"x" * 2000)])
        p.socket.close()
        p.socket = harness.connection_socket(s.base)
        p.socket.settimeout(60)
        p.socket.sendall((
            "POST /surat/berkas HTTP/1.1\r\nHost: x\r\nCookie: s=%s\r\n"
            "Content-Type: %s\r\nContent-Length: %d\r\n\r\n" % (
                s.cookies["s"], p.body.content_type(),
                600 * MIB)).encode())
        wait_for("the progress", 20, lambda: files_of(another(i, s).get(
            PROGRESS)))
        t.check("the other page says so at once", "large" in
                files_of(another(i, s).get(PROGRESS)).values())
        total = 0
        try:
            while total < 500 * MIB:
                p.socket.sendall(b"x" * 65536)
                total += 65536
                time.sleep(0.01)
        except OSError:
            pass
        t.check("it is cut off early", 8 * MIB <= total < 500 * MIB, total)
        p.close()
        wait_for("the list", 20, lambda: "</section>" not in another(
            i, s).get(PROGRESS).html)
        t.check("and stays in the list", "large" in files_of(another(
            i, s).get(PROGRESS)).values())
    with t.part("an empty file where there is no room"):
        s = signed_in(i)
        parts = [Part("%d.bin" % n, os.urandom(2 * MIB)) for n in range(16)]
        page = s.add(parts + [Part("kosong.txt", b"")])
        t.check("the others are kept", page.status == 413 and
                page.error == "quota" and page.kept == "yes" and
                files_of(page) == {**{q.name: "kept" for q in parts},
                                   "kosong.txt": "room"},
                (page.status, page.error, page.kept, files_of(page)))
    with t.part("the same file twice, and no room any more"):
        s = signed_in(i)
        parts = [Part("b%d.bin" % n, os.urandom(2 * MIB)) for n in range(9)]
        twice = Part("dua kali.txt", b"dua kali")
        p = SlowPost(s, [twice, twice] + parts)
        p.upto(p.after("b0.bin", 1000))
        s.add([Part("a%d.bin" % n, os.urandom(2 * MIB)) for n in range(9)])
        p.upto(len(p.data))
        page = p.answer()
        t.check("neither is said to be there", page.kept == "no" and
                set(files_of(page).values()) == {"room"},
                (page.status, page.kept, files_of(page)))
        page = s.add([twice])
        t.check("sent again it is kept", page.page == "sent" and
                files_of(page) == {twice.name: "kept"}, files_of(page))
    with t.part("a session that is over"):
        s = signed_in(i)
        p = SlowPost(s, [Part("x.bin", b"x" * 20 * MIB)])
        p.close()
        p.socket = harness.connection_socket(s.base)
        p.socket.settimeout(60)
        p.sent = 0
        p.socket.sendall((
            "POST /surat/berkas HTTP/1.1\r\nHost: x\r\nCookie: s=%s\r\n"
            "Content-Type: %s\r\nContent-Length: %d\r\n\r\n" % (
                "0" * 64, p.body.content_type(), len(p.data))).encode())
        page = p.answer()
        t.check("a page says so behind 20 MB", page.status == 403 and
                page.error == "session", (page.status, page.error))


def in_parts(t, i):
    """A file that the source's own device has split, sent out of order."""
    with t.part("a file in parts"):
        i.close_epoch()
        office.fetch(t, i, INSPECTORATE)
        before = {c["case"] for c in office.cases(i, INSPECTORATE)}
        s = signed_in(i)
        whole = os.urandom(700000)
        parts = [Part("video besar.zip.%03d" % (n + 1),
                      whole[n * 250000:(n + 1) * 250000]) for n in range(3)]
        s.add([parts[1], Part("foto.jpg", b"foto")])
        s.add([parts[2], parts[0]])
        i.close_epoch()
        office.fetch(t, i, INSPECTORATE)
        case, = {c["case"] for c in office.cases(i, INSPECTORATE)} - before
        save = os.path.join(t.folder(), "out")
        office.opened(t, i, INSPECTORATE, case, save)
        got = sorted(n for n in os.listdir(save) if ".zip." in n)
        t.check("they have one name but for their endings", len(got) == 3 and
                len({n[:-3] for n in got}) == 1, os.listdir(save))
        t.check("and in the order of their names are the file", b"".join(
            open(os.path.join(save, n), "rb").read() for n in got) == whole)
        out = os.path.join(t.folder(), "export")
        p = i.peluit(INSPECTORATE, "export", case, out)
        got = sorted(n for n in os.listdir(os.path.join(out, "attachments"))
                     if ".zip." in n)
        t.check("in an export too", p.returncode == 0 and len(got) == 3 and
                len({n[:-3] for n in got}) == 1, got)


def leaving(t, i):
    """Neither order of "leave now" and the end of the line keeps a file, nor
    does a source who signed in anew meanwhile."""
    for first in ("leave", "line", "sign-in"):
        with t.part("leave now, first the " + first):
            s = signed_in(i)
            p = SlowPost(s, [Part("satu.bin", b"1" * MIB),
                             Part("dua.bin", b"2" * MIB)])
            p.upto(p.after("satu.bin", 300000))
            other = another(i, s)
            wait_for("the second", 20, lambda: files_of(other.get(
                PROGRESS)).get("dua.bin") == "coming")
            if first == "line":
                p.close()
            if first == "sign-in":
                t.equal("the code in another tab", other.login(s.code).page,
                        "inbox")
                t.equal("shows what comes", files_of(other.get(
                    PROGRESS)).get("dua.bin"), "coming")
            other.get("/surat")
            other.leave()
            if first != "line":
                p.socket.settimeout(20)
                try:
                    cut = p.socket.recv(1) == b""
                except OSError:
                    cut = True
                t.check("the line is cut", cut)
                p.close()
            wait_for("the sweep", 20, lambda: i.status()["uploads"] == 0)
            s.login(s.code)
            t.equal("no file was kept", sent(s), 0)
            t.equal("and the list is empty", files_of(s.get(PROGRESS)), {})


def ends(t, i):
    """The server stops or is killed in the middle."""
    for how in ("stop", "kill"):
        with t.part("the server's end, by " + how):
            s = signed_in(i)
            p = SlowPost(s, [Part("satu.bin", os.urandom(2 * MIB)),
                             Part("dua.bin", os.urandom(MIB))])
            p.upto(p.after("satu.bin", 500000))
            wait_for("the second", 20, lambda: files_of(another(i, s).get(
                PROGRESS)).get("dua.bin") == "coming")
            if how == "stop":
                p.close()       # broken off, and not yet kept
                i.stop()
            else:
                i.stop(how=9)
                p.close()
            i.start()
            t.equal("no upload is left over", i.status()["uploads"], 0)
            s = i.source()
            s.login(p.source.code)
            t.equal("how many are kept", sent(s),
                    1 if how == "stop" else 0)
            i.still_well(p.source.code, how)


def main(t):
    with t.instance(limits={"file_mib": 2, "case_mib": 32}) as i:
        slow_line(t, i)
        dead_line(t, i)
        in_parts(t, i)
        limits(t, i)
        leaving(t, i)
        ends(t, i)
        i.stop()
        search_checked(t, "no name of a file in the clear",
                       [i.dir, os.environ["TMPDIR"]], [MARK],
                       [("stderr", "\n".join(i.errors))])


harness.run(main)
