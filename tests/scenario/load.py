"""Floods of every kind, of each listener, against what is stated of memory,
threads and descriptors, while a source and an auditor, each on a circuit of
its own, are served; what one circuit may do; the line of Tor; and that nothing keeps a circuit's number."""
import json
import os
import threading
import time

import harness
from harness import connection_socket
from load_kit import LOAD, Good, attack, behind
from signer import Desk
from source import CircuitConnection, proxy_line


def lines(t, i):
    """What does not begin as Tor begins it is closed without a word."""
    bad = [("no line", b""), ("UNKNOWN", b"PROXY UNKNOWN\r\n"),
           ("TCP4", b"PROXY TCP4 127.0.0.1 127.0.0.1 5 80\r\n"),
           ("the binary one", b"\r\n\r\n\x00\r\nQUIT\n\x21\x21\x00\x00"),
           ("one too long", b"PROXY TCP6 " + b"0" * 200 + b"\r\n"),
           ("another prefix", b"PROXY TCP6 fc00::1:2 ::1 2 80\r\n")]
    ask = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    for name, line in bad:
        t.equal("the line: %s: closed" % name, i.raw(line + ask), b"")
    got = i.raw(proxy_line(0x12345) + ask)
    t.check("the line, and HTTP at once", got.startswith(b"HTTP/1.1 200 "),
            got[:100])
    s = connection_socket(i.sock["source"])
    s.settimeout(20)
    for b in proxy_line(0x12345):
        s.sendall(bytes([b]))
        time.sleep(0.002)
    time.sleep(0.05)
    s.sendall(ask)
    got = s.recv(100)
    s.close()
    t.check("the line byte by byte, HTTP later",
            got.startswith(b"HTTP/1.1 200 "), got)


def memory(pid):
    """All that the process could read of itself."""
    out = []
    with open("/proc/%d/maps" % pid) as maps, \
            open("/proc/%d/mem" % pid, "rb", 0) as mem:
        for line in maps:
            where, rights = line.split()[:2]
            if "r" not in rights or "lock.mdb" in line or "data.mdb" in line:
                continue
            a, b = (int(x, 16) for x in where.split("-"))
            if b - a > 1 << 30:
                continue
            try:
                mem.seek(a)
                out.append(mem.read(b - a))
            except (OSError, ValueError, OverflowError):
                pass
    return out


def one_circuit(t):
    with behind(t, circuit_reports=2, circuit_signins=2) as i, \
            t.part("one circuit"):
        i.start()
        lines(t, i)
        circuit = 0x6b3e91d7
        s = [i.source(circuit=circuit) for _ in range(4)]
        s[0].send("Yang pertama.")
        s[1].send("Yang kedua.")
        form = s[2].open_form()
        page = s[2].submit(form, s[2].fill(form, "Yang ketiga, dari sini."))
        t.check("a third report: 429, not kept, the text back",
                page.status == 429 and page.error == "circuit" and
                page.kept == "no" and "Yang ketiga, dari sini." in page.html,
                (page.status, page.error, page.kept))
        t.check("and when to try again", page.headers.get("retry-after") ==
                "1800" and "30 menit" in page.text, page.headers)
        form = page.form(field="what")
        other = i.source()
        other.cookies = s[2].cookies
        page = other.submit(form, form.defaults() + [("goodfaith", "on")])
        t.equal("on another circuit that form is taken", page.page, "receipt")
        code = " ".join(page.receipt)
        tries = [s[3].login(code).status for _ in range(3)]
        t.equal("codes: two tries, then 429", tries, [200, 200, 429])
        t.check("without the code", s[3].page.error == "circuit" and
                code.split()[3] not in s[3].page.html, s[3].page.error)
        t.equal("who is signed in stays it", s[3].get("/surat").page, "inbox")
        t.equal("and may leave", s[3].leave().status, 200)
        c = CircuitConnection(i.sock["source"][5:], circuit)
        c.connect()             # it is open while we look
        time.sleep(0.3)
        if os.geteuid() == 0:
            said = b"4dad::%x:%x" % (circuit >> 16, circuit & 0xffff)
            parts = memory(i.server.pid)
            t.check("the memory can be searched",
                    any(b"/surat/berkas" in p for p in parts), len(parts))
            t.check("no line of Tor is kept in memory",
                    not any(said in p for p in parts))
        c.close()
        i.still_well(code, "limits of a circuit")


def floods(t):
    many = {"circuits": 1000, "count": 2500 * LOAD}
    all_day = {"count": 100000}
    with behind(t, memory_mib=48, uploads=16) as i:
        i.start()
        with t.part("nobody floods"):
            good = Good(i).published()
            good.until(lambda: good.asked >= 20)
            t.equal("nobody floods: each time", good.got, good.asked)
            print("  %-34s good %d of %d (%.1f a second)" %
                  ("nobody floods", good.got, good.asked,
                   good.got / good.seconds))
        attack(t, i, "ten thousand idle connections",
               ("idle", {"circuits": 10000, "count": 10000}), seconds=6)
        attack(t, i, "slow headers", ("headers", many))
        attack(t, i, "slow bodies", ("bodies", many))
        attack(t, i, "slow readers", ("readers", many))
        attack(t, i, "large forms, never finished",
               ("held", {"circuits": 300, "count": 2500 * LOAD}))
        attack(t, i, "chunks without end", ("chunked", many))
        attack(t, i, "a length beyond all", ("endless", many))
        attack(t, i, "pages, one circuit",
               ("pages", dict(all_day, circuits=1)))
        attack(t, i, "pages, a thousand circuits",
               ("pages", dict(all_day, circuits=1000, workers=8)))
        attack(t, i, "codes, four circuits",
               ("codes", dict(all_day, circuits=4, workers=8)))
        attack(t, i, "codes, a thousand circuits",
               ("codes", dict(all_day, circuits=1000, workers=16)))
        attack(t, i, "reports, four circuits",
               ("reports", dict(all_day, circuits=4, workers=8)))
        attack(t, i, "reports, a thousand circuits",
               ("reports", dict(all_day, circuits=1000, workers=16)))


def an_officer(t, i):
    """An officer's own key floods: each request is signed, none comes twice."""
    one, got = Desk(i, "petugas-1"), []
    path = os.path.join(i.top, "headers")
    with open(path, "w") as f:
        for _ in range(6000 * LOAD):
            f.write(json.dumps(one.signed("GET", "/v1/feed")) + "\n")

    def another():
        time.sleep(1)
        got.append(i.peluit("petugas-2", "fetch").returncode)

    other = threading.Thread(target=another)
    other.start()
    said = attack(t, i, "the desk: signed requests",
                  ("signed", {"count": 100000, "workers": 8, "at": "desk",
                              "path": "/v1/feed", "headers": path}))
    other.join()
    t.check("they are taken for an officer's", said and
            said[0].get("200", 0) > 100, said)
    t.equal("another officer fetches meanwhile", got, [0])


def others(t):
    """The log's listener is open to all; who floods the desk's has an
    officer's machine.  Then all three at once."""
    many = {"circuits": 1000, "count": 2500 * LOAD}
    log = dict(many, at="log", path="/checkpoint")
    # Tor writes no line to the desk's
    desk = {"count": 2500 * LOAD, "at": "desk", "path": "/v1/objects"}
    pages = {"count": 100000, "workers": 8}
    with behind(t, memory_mib=48, uploads=16) as i:
        i.start()
        Good(i).published()
        attack(t, i, "the log: idle connections",
               ("idle", dict(log, count=10000)), seconds=2)
        for kind in ("headers", "bodies", "readers", "held", "endless"):
            attack(t, i, "the log: " + kind, (kind, log), seconds=2)
        attack(t, i, "the log: one circuit",
               ("pages", {**log, **pages, "circuits": 1}), seconds=2)
        for kind in ("idle", "headers", "readers", "held"):
            attack(t, i, "the desk: " + kind, (kind, desk), seconds=2)
        attack(t, i, "the desk: pages",
               ("pages", {**desk, **pages, "path": "/v1/feed"}), seconds=2)
        an_officer(t, i)
        attack(t, i, "all three at once", ("held", many), ("held", log),
               ("held", desk), seconds=3)


def few_files(t):
    """A server that may not open what it may need says so and stops."""
    with t.part("too few descriptors"):
        i = behind(t)
        p = harness.command(
            ["sh", "-c", 'ulimit -n 1024 && exec "$@"', "sh",
             i.program("peluitd"), "serve", i.dir,
             "--clock", i.clock_file], timeout=30)
        t.check("it does not start, and says why", p.returncode == 3 and
                "only 1024 files may be open, 6064 are needed" in p.stderr,
                (p.returncode, p.stderr))


def main(t):
    one_circuit(t)
    few_files(t)
    floods(t)
    others(t)


harness.run(main)
