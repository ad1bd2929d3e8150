"""Short memory: what a request brought, and the keys that come from it, is
nowhere in the memory of the server or its signer one second after the answer,
while the connection stays open; nor on the disk.  A build that zeroes nothing
shows that the search would find it.

Each marker has the run's own CORE in it, so that one search finds them all
and what stands around says which it was.
"""
import os
import random
import secrets
import signal
import string
import struct
import subprocess
import sys
import time

import forensics
import harness
import office
from harness import INSPECTORATE, Part, Source, connection
from signer import Desk
from slow import SlowPost
from source import CircuitConnection, CircuitSource, Multipart, proxy_line

CORE = "".join(secrets.choice(string.ascii_letters) for _ in range(8))
FIELDS = ("where", "when", "how", "loss_idr", "known_how",
          "reported_before", "who", "identity")
SETTLE = 1.0            # the promise: one second after the answer
GRACE = 3.5             # whole files of an upload that broke off are kept
SHOWN = 25
FORM = "application/x-www-form-urlencoded"
PLAIN = os.path.join(harness.ROOT, "build", "valgrind")


def mark(kind, times=1):
    """Text in which any 32 bytes in a row hold the core."""
    return " ".join([CORE + kind] * times)


class Kept(Source):
    """A source whose connection stays open, idle, after each answer; its
    requests carry markers wherever a browser lets something of itself show."""

    def __init__(self, i, lang):
        super().__init__(i.sock["source"], lang=lang)
        self.circuit = i.circuit
        self.kept = None

    def _connect(self):
        if self.kept is None or self.kept.sock is None:
            self.kept = connection(self.base) if self.circuit is None \
                else CircuitConnection(self.base[len("unix:"):], self.circuit)
        return self.kept

    def _hang_up(self, c):
        pass

    def _once(self, method, path, body, headers):
        h = {"Host": CORE.lower() + "host.onion", "User-Agent": mark("ua", 6),
             "Accept-Language": mark("lang", 3),
             "Referer": "http://" + mark("ref") + "/", "X-" + CORE: "name",
             "DNT": mark("dnt")}
        h.update(headers or {})
        if "?" not in path:
            path += "?q=" + CORE + "query"
        self.cookies["z"] = CORE + "cookie"
        return super()._once(method, path, body, h)


def children(pid):
    with open("/proc/%d/task/%d/children" % (pid, pid)) as f:
        return [int(p) for p in f.read().split()]


class Watch:
    """All that must be forgotten so far, and where it was found."""

    def __init__(self, t, i):
        self.t, self.i = t, i
        self.things = {"a marker": CORE}
        self.numbers = {}
        self.words = []
        if i.circuit is not None:
            self.tor(i.circuit)

    def tor(self, number):
        """Tor's line as it came, as an address, and the number as parsed."""
        self.things["Tor's line %x" % number] = proxy_line(number).split()[2].decode()
        marked = 1 << 32 | number
        self.numbers.update({
            "Tor's address %x" % number: bytes.fromhex("fc00deadbeef4dad00000000") +
            struct.pack(">I", number),
            "circuit %x" % number: struct.pack("<Q", marked),
            "circuit %x, big-endian" % number: struct.pack(">Q", marked)})

    def receipt(self, code, keys=True):
        self.words.append([w.encode() for w in code.split()])
        if keys:
            self.numbers.update(forensics.indices(code))
            for what, key in forensics.source_keys(self.i, code).items():
                self.things[what] = key

    def session(self, s):
        for name in ("s", "f"):
            value = s.cookies.get(name)
            if value:
                self.things["cookie " + name] = bytes.fromhex(value)
        if s.cookies.get("s"):
            self.things["session key"] = forensics.hkdf(
                bytes.fromhex(s.cookies["s"]), b"peluit/session/v1")
        if s.cookies.get("f"):
            self.things.update(forensics.draft_keys(self.i,
                                                    s.cookies["f"]))

    def pids(self):
        return [self.i.server.pid, *children(self.i.server.pid)]

    def look(self, files=False):
        image = forensics.Image(*self.pids(), files=files)
        hits = image.find(dict(forensics.needles(self.things),
                               **self.numbers), self.words)
        return image, hits

    def forgotten(self, after, files=False):
        time.sleep(SETTLE)
        _, hits = self.look(files)
        kinds = {}
        for what, place, _ in hits:
            kinds.setdefault((what, place.split("+")[0]), []).append(place)
        self.t.check("nothing in memory after " + after, not hits, "\n" +
                     "\n".join("%dx %s in %s" % (len(v), *k)
                               for k, v in sorted(kinds.items())) + "\n" +
                     "\n".join("%s %s %r" % h for h in hits[:SHOWN]))


def planted(t):
    """The search finds what another process holds, in each spelling."""
    with t.part("the search finds what is planted"):
        thing = "".join(secrets.choice(string.ascii_letters)
                        for _ in range(8))
        words = "batu rusa kuda lima enam tujuh"
        numbers = b"\1\0\2\0\3\0\4\0"
        # The child makes it of halves: only its own memory has it whole.
        code = ("import sys;h=sys.stdin.buffer.read();n=len(h)//2;"
                "p=bytearray(b'x'*70000);"
                "p[5000:5000+n]=bytes(a^b for a,b in zip(h[:n],h[n:]));"
                "print('ready',flush=True);import time;time.sleep(600)")
        for how, b in list(forensics.spelt(thing).items()) + [
                ("words", words.replace(" ", "</li>\n<li>").encode()),
                ("numbers", numbers)]:
            pad = os.urandom(len(b))
            p = subprocess.Popen([sys.executable, "-c", code],
                                 stdin=subprocess.PIPE,
                                 stdout=subprocess.PIPE)
            try:
                p.stdin.write(pad + bytes(x ^ y for x, y in zip(pad, b)))
                p.stdin.close()
                p.stdout.readline()
                found = forensics.Image(p.pid).find(
                    {"numbers": numbers} if how == "numbers" else
                    {} if how == "words" else forensics.needles({"m": thing}),
                    [w.encode().split() for w in [words]]
                    if how == "words" else ())
                t.check("planted: " + how, found)
            finally:
                p.send_signal(signal.SIGKILL)
                p.wait()
                p.stdout.close()


def half_request(i, s, path, kind, body, length):
    """A POST that stops in the middle; its socket."""
    sock = harness.connection_socket(i.sock["source"])
    if i.circuit is not None:
        sock.sendall(proxy_line(i.circuit))
    sock.sendall(("POST %s HTTP/1.1\r\nHost: x\r\nUser-Agent: %s\r\n"
                  "Cookie: %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n"
                  "\r\n" % (path, mark("ua", 3),
                            "; ".join("%s=%s" % kv for kv in
                                      s.cookies.items()), kind,
                            length)).encode() + body)
    return sock


def upload_body(s, name, data, *before):
    """An upload as a browser sends it, and its type."""
    form = s._inbox_form("/surat/berkas", "file")
    m = Multipart(form.defaults(), [("file", p) for p in
                                    (*before, Part(name, data))])
    return b"".join(m), m.content_type()


def held_and_cut(t, i, w, s):
    """A request that is still on its way is in memory, and the search sees
    it; cut off, it is not."""
    with t.part("a request on its way"):
        body, kind = upload_body(s, mark("cutname") + ".pdf",
                                 mark("cutfile", 120000).encode())
        sock = half_request(i, s, "/surat/berkas", kind, body[:900000],
                            len(body))
        time.sleep(0.5)
        _, hits = w.look()
        t.check("is found while it is held open", any(
            b"cut" in around for _, _, around in hits), len(hits))
        sock.close()
        w.forgotten("an upload that the client cut off")
        body, kind = upload_body(
            s, mark("cutname") + ".pdf", mark("cutfile", 120000).encode(),
            Part(mark("wholename") + ".txt", mark("whole", 9000).encode()))
        sock = half_request(i, s, "/surat/berkas", kind, body[:900000],
                            len(body))
        time.sleep(0.5)
        sock.close()
        time.sleep(GRACE)
        w.forgotten("an upload that was cut off behind a whole file")
        body = ("token=x&what=" + mark("cutform", 5000).replace(" ", "+")
                ).encode()
        sock = half_request(i, s, "/tulis", FORM, body, len(body) + 10)
        time.sleep(0.5)
        _, hits = w.look()
        t.check("a form on its way is found", any(
            b"cutform" in around for _, _, around in hits), len(hits))
        sock.close()
        w.forgotten("a form that the client cut off")


def a_report(t, i, w, s):
    """A form that is wrong comes back filled; then it is right."""
    with t.part("a report"):
        form = s.open_form()
        values = s.fill(form, mark("what", 3000), channel="inspektorat",
                        fields=[(f, mark(f, 30)) for f in FIELDS])
        w.session(s)
        page = s.submit(form, [v for v in values if v[0] != "goodfaith"])
        t.check("a form without its tick comes back filled",
                page.status == 422 and CORE + "what" in page.html,
                page.status)
        w.forgotten("a form that came back filled")
        form = page.form(field="what")
        asked = page.form(tail="/tulis/kode")
        tick = [("goodfaith", (form.options("goodfaith") or ["on"])[0])]
        page = s.submit(form, tick)
        t.need("a receipt", len(page.receipt) == 9, page.html[:3000])
        receipt = page.receipt
        code = " ".join(receipt)
        w.session(s)
        w.receipt(code)
        w.forgotten("a report")
        again(t, w, s, receipt, lambda: s.submit(form, tick),
              "a report that was sent twice")
        again(t, w, s, receipt, lambda: s.submit(asked),
              '"I sent it but saw no code"')
        return code


def again(t, w, s, receipt, ask, what):
    t.equal(what + ": the same code", ask().receipt, receipt)
    w.session(s)
    w.forgotten(what)


def signing_in(t, i, w, lang, code):
    with t.part("signing in"):
        s = Kept(i, lang)
        rest = code.split()
        random.shuffle(rest)
        wrong = " ".join(rest)
        page = s.login(wrong)
        t.equal("a wrong code", page.status, 401)
        w.receipt(wrong)
        page = s.login(" ".join(code.split()[:8]) + " " + CORE + "word")
        t.equal("a word that is not in the list", page.status, 422)
        w.forgotten("wrong codes")
        page = s.login(code)
        t.equal("the inbox", page.page, "inbox")
        w.session(s)
        w.forgotten("signing in")
        return s




def officer(t, i, w):
    """An officer fetches and answers.  From here on the keys under which the
    server sealed what came are looked for too."""
    with t.part("an officer"):
        i.close_epoch()
        office.fetch(t, i, INSPECTORATE)
        desk = Desk(i, INSPECTORATE)
        with open(desk.identity) as f:
            own = forensics.bech32_bytes(
                [x for x in f if x.startswith("AGE-")][0].strip())
        objects = office.vault(i, INSPECTORATE)
        t.check("a report's text and two files", len(objects) >= 3, objects)
        for n, path in enumerate(objects.values()):
            for what, key in forensics.file_keys(path, own).items():
                w.things["object %d's %s" % (n, what)] = key
        office.reply(t, i, INSPECTORATE, office.only_case(t, i, INSPECTORATE),
                     mark("answer", 400))
        case = office.only_case(t, i, INSPECTORATE)
        p = i.peluit(INSPECTORATE, "identity", "ask", case)
        t.check("the officer asks for the identity", p.returncode == 0,
                p.stdout + p.stderr)
        w.forgotten("an officer's answer")


def everything(t, i, lang):
    w = Watch(t, i)
    s = Kept(i, lang)
    with t.part("pages"):
        s.get("/")
        s.get("/" + CORE + "path")
        w.forgotten("pages")
    code = a_report(t, i, w, s)
    with t.part("practising the code"):
        page = s.get("/surat/coba")
        page = s.submit(page.form(tail="/surat/coba"), [
            ("code", " ".join(code.split()[:8]) + " salah")])
        page = s.submit(page.form(tail="/surat/coba"), [("code", code)])
        t.equal("the code was practised", page.page, "sent")
        w.session(s)
        w.forgotten("practising the code")
    with t.part("files"):
        s.add([Part(mark("name") + ".pdf", mark("file", 200000).encode(),
                    kind="application/" + CORE),
               Part(mark("small") + ".txt", mark("smallfile", 40).encode())])
        t.equal("the files are taken", s.page.status, 200)
        w.forgotten("files")
    held_and_cut(t, i, w, s)
    officer(t, i, w)
    r = signing_in(t, i, w, lang, code)
    with t.part("reading and writing"):
        page = r.get("/surat")
        t.check("the answer is read", CORE + "answer" in page.html)
        w.forgotten("reading an answer")
        page = r.reply("")
        t.equal("an empty message is refused", page.status, 422)
        page = r.reply(mark("message", 4000))
        t.equal("a message", page.page, "sent")
        w.forgotten("a message")
        page = r.submit(r.get("/surat").form(tail="/surat/tulis"),
                        [("identity", mark("later", 300))])
        t.equal("an identity with a message", page.page, "sent")
        w.forgotten("an identity with a message")
        yes = lang == "id"
        t.equal("consent, or not", r.consent(yes).page, "sent")
        w.forgotten("an answer about the identity")
        page = r.get("/surat")
        r.delete(page.answers[0]["id"])
        w.forgotten("deleting an answer")
        r.sign_out()
        t.check("signed out", not r.cookies.get("s"))
        w.forgotten("signing out")
        t.equal("signed in again", r.login(code).page, "inbox")
        w.session(r)
        r.leave()
        t.check("leaving now", not r.cookies.get("s"))
        w.forgotten("leaving now")
        w.forgotten("all of it, mapped files too", files=True)
    return code


# ---- what is refused ----

def read_answer(sock, seconds):
    """The status of what comes on a socket before it ends, or None."""
    sock.settimeout(seconds)
    head = b""
    try:
        while b"\r\n\r\n" not in head:
            got = sock.recv(65536)
            if not got:
                break
            head += got
    except OSError:
        pass
    return int(head.split()[1]) if head.startswith(b"HTTP/") else None


class Refusing:
    """A server with little room.  A form that stops in the middle is sent at
    the start, since it takes the listener's whole patience."""

    def __init__(self, t, i):
        self.t, self.i = t, i
        i.circuit = None
        i.set_conf("listen", proxy_line="yes")
        i.set_conf("limits", uploads=1, circuit_reports=1, unfetched_mib=1)
        i.start()
        self.w = Watch(t, i)
        body = ("token=x&what=" + mark("slow", 5000).replace(" ", "+")
                ).encode()
        self.slow = half_request(i, self.other(), "/tulis", FORM, body,
                                 len(body) + 10)

    def other(self):
        """A source on a circuit of its own: each may send one report."""
        self.i.circuit = secrets.randbelow(1 << 32)
        self.w.tor(self.i.circuit)
        return Kept(self.i, "id")

    def late(self):
        t, w = self.t, self.w
        with t.part("a form that stops"):
            t.equal("408", read_answer(self.slow, 120), 408)
            w.forgotten("408")
            self.slow.close()

    def answers(self):
        t, w, i = self.t, self.w, self.i
        with t.part("what is refused"):
            self.wrong()
            s = self.other()
            form = s.open_form()
            page = s.submit(form, s.fill(form, mark("toolarge", 30000)))
            t.equal("a field that is too large", page.status, 413)
            w.forgotten("413")
            s = self.other()
            s.send(mark("first", 100))
            w.session(s)
            w.receipt(" ".join(s.receipt))
            t.equal("it is written down", s.noted().status, 200)
            w.forgotten("writing the code down")
            other = Kept(i, "id")       # on the same circuit
            form = other.open_form()
            page = other.submit(form, other.fill(form, mark("often", 2000)))
            t.check("too much for its circuit, and it comes back",
                    page.status == 429 and CORE + "often" in page.html,
                    page.status)
            w.session(other)
            w.forgotten("429")
            page = s.add([Part(mark("noroom") + ".bin",
                               mark("noroom", 200000).encode())])
            t.equal("no room for it", page.status, 507)
            w.forgotten("507")
            self.busy(s)

    def wrong(self):
        """What no page of ours sends."""
        t = self.t
        text = ("token=%s&what=%s" % (CORE, mark("wrong", 500))).encode()
        for status, path, kind in (
                (403, "/tulis", FORM), (405, "/selesai", FORM),
                (404, "/" + CORE, FORM), (415, "/tulis", "text/" + CORE),
                (400, "/tulis", "multipart/form-data; boundary=" + CORE)):
            page = self.other().request(
                "POST", path, text.replace(b" ", b"+"),
                {"Content-Type": kind})
            t.equal("%s as %s" % (path, kind), page.status, status)
        self.w.forgotten("wrong requests")

    def busy(self, s):
        """The one place for uploads is taken, by one without a marker."""
        h = CircuitSource(self.i.sock["source"], secrets.randbelow(1 << 32))
        h.send("Laporan yang lain.")
        h.noted()
        slow = SlowPost(h, [Part("lain.bin", bytes(100000))])
        slow.upto(50000)
        time.sleep(0.5)
        page = s.add([Part(mark("busy") + ".bin",
                           mark("busy", 3000).encode())])
        self.t.equal("no place for an upload", page.status, 503)
        self.w.forgotten("503")
        slow.close()


def unzeroed(t):
    """A build that zeroes neither heap nor stacks: a page and a report, and
    the same search finds what is left."""
    with t.part("a build that zeroes nothing"), \
            t.instance(serve=False, build=PLAIN) as i:
        i.circuit = None
        i.start()
        w = Watch(t, i)
        s = Kept(i, "id")
        form = s.open_form()
        s.submit(form, s.fill(form, mark("what", 3000)))
        w.session(s)
        w.receipt(" ".join(s.page.receipt))
        time.sleep(SETTLE)
        _, hits = w.look()
        t.check("something is found", hits)


def both(t):
    # One by Tor's lines, as in production, one without.
    for lang, circuit in (("id", secrets.randbelow(1 << 32)), ("en", None)):
        with t.part("all of it, " + lang), t.instance(serve=False) as i:
            i.circuit = circuit
            if circuit is not None:
                i.set_conf("listen", proxy_line="yes")
            i.start()
            code = everything(t, i, lang)
            harness.search_checked(
                t, "nothing on the disk, " + lang,
                [i.dir, os.environ["TMPDIR"]],
                [CORE, code, *(["4dad::%x:%x" % (circuit >> 16, circuit &
                                                 0xffff)] if circuit else [])],
                [("stderr", "\n".join(i.errors))])


def main(t):
    planted(t)
    unzeroed(t)
    with t.instance(serve=False) as i:
        r = Refusing(t, i)
        both(t)
        r.late()
        r.answers()


harness.run(main)
