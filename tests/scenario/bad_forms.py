"""Forms that no browser would send.  Each is answered by a page with the
contract's status, keeps nothing, and takes nothing away from what is there."""
import secrets
import socket
import time

import harness
from harness import connection_socket

B = "----formboundary7MA4YWxkTrZu0gW"
URLENC = "application/x-www-form-urlencoded"


def part(name, value, extra=""):
    if isinstance(value, str):
        value = value.encode()
    head = 'Content-Disposition: form-data; name="%s"%s\r\n\r\n' % (name,
                                                                    extra)
    return b"--" + B.encode() + b"\r\n" + head.encode(
        "utf-8", "surrogateescape") + value + b"\r\n"


def file_part(name, filename, data, kind="application/pdf"):
    if isinstance(filename, str):
        filename = filename.encode()
    return (b"--" + B.encode() + b'\r\nContent-Disposition: form-data; name="'
            + name.encode() + b'"; filename="' + filename +
            b'"\r\nContent-Type: ' + kind.encode() + b"\r\n\r\n" + data +
            b"\r\n")


END = b"--" + B.encode() + b"--\r\n"
MULTI = "multipart/form-data; boundary=" + B


class Bench:
    """A fresh form for each case, and what must hold after it."""

    def __init__(self, t, i, code):
        self.t, self.i, self.code = t, i, code

    def fresh(self, text="Laporan uji."):
        s = self.i.source()
        form = s.open_form()
        pairs = dict(form.defaults())
        for k, v in s.fill(form, text):
            pairs[k] = v
        order = {n: x for x, n in reversed(list(enumerate(form.names())))}
        return s, sorted(pairs.items(), key=lambda p: order.get(p[0], 999))

    def body(self, pairs, **over):
        out = b""
        for k, v in pairs:
            v = over.get(k, v)
            if v is not None:
                out += part(k, v)
        return out

    def report(self, name, want, kind, make):
        """POST /tulis with a body that make(pairs) gives."""
        with self.t.part(name):
            before = self.i.status()["cases"]
            s, pairs = self.fresh()
            body = make(pairs)
            page = s.request("POST", "/tulis", body, {"Content-Type": kind})
            self.judge(name, page, want)
            self.t.equal(name + ": nothing kept",
                         self.i.status()["cases"], before)
            self.i.still_well(self.code, name)
            return page

    def upload(self, name, want, make, kind=MULTI, path="/surat/berkas"):
        """POST of evidence in a signed-in page."""
        with self.t.part(name):
            # A case takes eight messages an epoch: each has its own here.
            self.i.advance(61)
            s = self.i.source()
            s.login(self.code)
            f = s._inbox_form("/surat/berkas", "file")
            pairs = [p for p in f.defaults()]
            page = s.request("POST", path, make(pairs),
                             {"Content-Type": kind})
            if want:
                self.judge(name, page, want)
            self.i.still_well(self.code, name)
            return page

    def judge(self, name, page, want):
        self.t.check(name + ": status", page.status in want,
                     "%d, not %s; %s" % (page.status, want, page.text[:300]))
        self.t.check(name + ": a page that says whether it was kept",
                     page.page is not None and
                     (page.kept == "no" or page.errors),
                     (page.page, page.error, page.kept, page.errors))


def multipart_faults(t, b):
    whole = lambda p: b.body(p) + END           # noqa: E731
    b.report("a multipart body cut off", (400,), MULTI,
             lambda p: b.body(p)[:-9])
    b.report("no last boundary", (400,), MULTI, lambda p: b.body(p))
    with t.part("a part that is a multipart itself"):
        # RFC 7578 has done away with it: its text is text like any other.
        s, p = b.fresh()
        inner = b"--in\r\n\r\nx\r\n--in--\r\n"
        page = s.request("POST", "/tulis", b.body(
            [x for x in p if x[0] != "what"]) + b"--" + B.encode() +
            b'\r\nContent-Disposition: form-data; name="what"\r\n'
            b"Content-Type: multipart/mixed; boundary=in\r\n\r\n" +
            inner + b"\r\n" + END, {"Content-Type": MULTI})
        t.check("a part that is a multipart itself is text, or refused",
                page.page == "receipt" or page.kept == "no",
                (page.status, page.page))
    b.report("no boundary parameter", (400, 415), "multipart/form-data",
             whole)
    b.report("an empty boundary", (400, 415), "multipart/form-data; boundary=",
             whole)
    b.report("two boundaries", (400, 415), MULTI + "; boundary=x", whole)
    b.report("another boundary in the body", (400,),
             "multipart/form-data; boundary=other", whole)
    b.report("a boundary too long", (400, 415),
             "multipart/form-data; boundary=" + "b" * 71,
             lambda p: whole(p).replace(B.encode(), b"b" * 71))
    b.report("a part without a name", (400,), MULTI, lambda p: b.body(p) +
             b"--" + B.encode() + b"\r\nContent-Disposition: form-data\r\n"
             b"\r\nx\r\n" + END)
    b.report("a part without a header", (400,), MULTI, lambda p: b.body(p) +
             b"--" + B.encode() + b"\r\n\r\nx\r\n" + END)
    b.report("a thousand parts", (400, 413), MULTI, lambda p: b.body(p) +
             b"".join(part("x%d" % n, "y") for n in range(1000)) + END)
    b.report("a part's header without an end", (400, 413), MULTI,
             lambda p: b.body(p) + b"--" + B.encode() + b"\r\nX: " +
             b"a" * 100000)
    b.report("a file in the form of text", (400, 413, 415, 422), MULTI,
             lambda p: b.body(p) + file_part("file", "a.pdf", b"x" * 99) +
             END)
    b.report("an empty body", (400, 403), MULTI, lambda p: b"")
    b.report("text/plain", (415,), "text/plain", whole)
    b.report("JSON", (415,), "application/json", lambda p: b'{"what":"x"}')
    b.report("no media type", (400, 415), "", whole)


def field_faults(t, b):
    long = "a" * 100001
    b.report("text one character too long", (413, 422), MULTI,
             lambda p: b.body(p, what=long) + END)
    b.report("a field far over its limit", (413,), MULTI,
             lambda p: b.body(p, what="a" * (8 << 20)) + END)
    b.report("another field over its limit", (413, 422), MULTI,
             lambda p: b.body(p, where="a" * 200000) + END)
    for name, value in (("nothing", ""), ("blanks", " \r\n\t ")):
        page = b.report("an empty report: " + name, (422,), MULTI,
                        lambda p: b.body(p, what=value) + END)
        if page:
            t.check("an empty report names the field: " + name,
                    "what" in page.errors, page.errors)
    page = b.report("an unknown channel", (422,), MULTI,
                    lambda p: b.body(p, channel="gudang") + END)
    if page:
        t.check("the text comes back", "Laporan uji." in page.html)
        t.check("with a token", page.form(field="token") is not None)
    b.report("an unknown category", (422,), MULTI,
             lambda p: part("token", dict(p)["token"]) +
             b.body([x for x in p if x[0] not in ("token", "category")]) +
             part("category", "mimpi") + END)
    b.report("no good faith", (422,), MULTI,
             lambda p: b.body(p, goodfaith=None) + END)
    b.report("text that is not UTF-8", (400, 422), MULTI,
             lambda p: b.body(p, what=b"caf\xe9 \xff\xfe") + END)
    b.report("a surrogate in UTF-8", (400, 422), MULTI,
             lambda p: b.body(p, what=b"x\xed\xa0\x80y") + END)
    b.report("a NUL in the text", (400, 422), MULTI,
             lambda p: b.body(p, what=b"before\0after") + END)
    b.report("a NUL in a field's name", (400,), MULTI,
             lambda p: b.body(p) + part("wh\0at", "x") + END)

    def enc(p, **over):
        import urllib.parse
        return urllib.parse.urlencode(
            [(k, over.get(k, v)) for k, v in p]).encode()
    b.report("url-encoded: NUL", (400, 422), URLENC,
             lambda p: enc(p).replace(b"Laporan", b"Lap%00oran"))
    b.report("url-encoded: a bad escape", (400,), URLENC,
             lambda p: enc(p) + b"&x=%zz")
    b.report("url-encoded: cut off", (400,), URLENC,
             lambda p: enc(p) + b"&x=%4")
    b.report("url-encoded: not UTF-8", (400, 422), URLENC,
             lambda p: enc(p).replace(b"Laporan", b"%ff%fe"))


def token_faults(t, b):
    i = b.i
    b.report("no token", (403,), MULTI,
             lambda p: b.body(p, token=None) + END)
    b.report("an empty token", (403,), MULTI,
             lambda p: b.body(p, token="") + END)
    b.report("a token that is not ours", (403,), MULTI,
             lambda p: b.body(p, token=secrets.token_hex(60)) + END)

    def flipped(p):
        tok = dict(p)["token"]
        c = "A" if tok[-3] != "A" else "B"
        return b.body(p, token=tok[:-3] + c + tok[-2:]) + END
    b.report("a token with one letter changed", (403,), MULTI, flipped)
    other, pairs = b.fresh()
    stolen = dict(pairs)["token"]
    page = b.report("the token of another cookie", (403,), MULTI,
                    lambda p: b.body(p, token=stolen) + END)
    if page:
        t.check("the form comes back filled", "Laporan uji." in page.html)
        t.check("with a new token", page.form(field="what") is not None)
    with t.part("an old token"):
        before = i.status()["cases"]
        s, pairs = b.fresh("Laporan lama.")
        i.advance(13 * 3600)
        page = s.request("POST", "/tulis", b.body(pairs) + END,
                         {"Content-Type": MULTI})
        b.judge("an old token", page, (403,))
        t.check("an old token: the text comes back",
                "Laporan lama." in page.html)
        t.equal("an old token: nothing kept", i.status()["cases"], before)
        form = page.form(field="what")
        t.need("an old token: a form", form is not None)
        page = s.submit(form, s.fill(form, "Laporan lama."))
        t.equal("an old token: the new one works", page.page, "receipt")
    i.still_well(b.code, "an old token")
    b.upload("a file before the token", (400, 403),
             lambda p: file_part("file", "a.pdf", b"x" * 5000) +
             b.body(p) + END)
    b.upload("evidence without a token", (400, 403),
             lambda p: file_part("file", "a.pdf", b"x") + END)
    b.upload("evidence with a form's token", (403,),
             lambda p: part("token", dict(b.fresh()[1])["token"]) +
             file_part("file", "a.pdf", b"x") + END)
    with t.part("evidence without a session"):
        s = i.source()
        page = s.request("POST", "/surat/berkas", part("token", "x") +
                         file_part("file", "a.pdf", b"x") + END,
                         {"Content-Type": MULTI}, follow=False)
        t.check("evidence without a session", page.status in (303, 401, 403),
                page.status)


def file_names(t, b):
    odd = {
        "with slashes": b"../../etc/passwd",
        "with backslashes": b"C:\\Users\\a\\x.doc",
        "with quotes": b"a %22b%22 'c'.pdf",
        "with an escaped quote": b'a \\"b\\".pdf',
        "with newlines": b"a%0D%0Ab%0Ac.pdf",
        "of 300 bytes": b"n" * 296 + b".pdf",
        "of 1,000 bytes": b"m" * 1000,
        "of invalid UTF-8": b"caf\xe9 \xff.pdf",
        "with bidi": "laporan\u202efdp.exe".encode(),
        "in Javanese": "ꦧꦸꦏ꧀ꦠꦶ.pdf".encode(),
        "with an escape": b"\x1b[2Jx.pdf",
        "of one dot": b".",
        "of two dots": b"..",
        "of a device": b"/dev/null",
        "with a percent": b"100%.pdf",
    }
    for name, raw in odd.items():
        page = b.upload("a file name " + name, None, lambda p: b.body(p) +
                        file_part("file", raw, b"isi " + raw) + END)
        if page:
            t.check("a file name %s: taken, or refused by a page" % name,
                    (page.status == 200 and page.page in ("sent", "inbox"))
                    or (page.status in (400, 422) and page.kept == "no"),
                    (page.status, page.page, page.error, page.kept))
    for name, raw in (("with a raw newline", b"a\r\nb.pdf"),
                      ("with NUL", b"a\0b.pdf")):
        b.upload("a file name " + name, (400, 422), lambda p: b.body(p) +
                 file_part("file", raw, b"isi") + END)


def file_limits(t, b):
    mib = 1 << 20
    page = b.upload("a file of exactly the limit", None, lambda p: b.body(p) +
                    file_part("file", "a.bin", b"x" * mib) + END)
    if page:
        t.check("a file of exactly the limit is taken", page.status == 200 and
                page.kept != "no", (page.status, page.error))
    b.upload("a file one byte over the limit", (413,), lambda p: b.body(p) +
             file_part("file", "a.bin", b"x" * (mib + 1)) + END)
    b.upload("a file far over the limit", (413,), lambda p: b.body(p) +
             file_part("file", "a.bin", b"x" * (40 * mib)) + END)
    b.upload("21 files", (400, 413, 422), lambda p: b.body(p) + b"".join(
        file_part("file", "f%d" % n, b"x") for n in range(21)) + END)
    b.upload("no file at all", (400, 422), lambda p: b.body(p) + END)
    b.upload("an empty file input", (400, 422), lambda p: b.body(p) +
             file_part("file", "", b"") + END)
    b.upload("evidence cut off", (400,), lambda p: b.body(p) +
             file_part("file", "a.bin", b"x" * 300000))
    page = b.upload("a file without a byte", None, lambda p: b.body(p) +
                    file_part("file", "kosong.txt", b"") + END)
    if page:
        t.check("a file without a byte: taken or refused by a page",
                page.status == 200 or page.kept == "no",
                (page.status, page.kept))


def endless(t, b):
    i = b.i
    with t.part("an endless body"):
        s, pairs = b.fresh()
        cookie = "; ".join("%s=%s" % kv for kv in s.cookies.items())
        sock = connection_socket(i.sock["source"])
        sock.settimeout(60)
        sock.sendall(("POST /tulis HTTP/1.1\r\nHost: x\r\nCookie: %s\r\n"
                      "Content-Type: %s\r\nTransfer-Encoding: chunked\r\n"
                      "\r\n" % (cookie, MULTI)).encode())
        head = b.body(pairs) + b"--" + B.encode() + \
            b'\r\nContent-Disposition: form-data; name="how"\r\n\r\n'
        answer, cut = b"", False
        began = time.monotonic()
        try:
            sock.sendall(b"%x\r\n%s\r\n" % (len(head), head))
            piece = b"10000\r\n" + b"a" * 65536 + b"\r\n"
            while time.monotonic() - began < 60:
                sock.sendall(piece)
        except (BrokenPipeError, ConnectionResetError, socket.timeout):
            cut = True
        t.check("an endless body is cut off within a minute", cut)
        try:
            answer = sock.recv(65536)
        except OSError:
            pass
        sock.close()
        t.check("an endless body: an answer or a closed connection",
                not answer or answer.split()[1] in (b"400", b"411", b"413"),
                answer[:80])
    i.still_well(b.code, "an endless body")
    with t.part("a huge Content-Length"):
        s, pairs = b.fresh()
        cookie = "; ".join("%s=%s" % kv for kv in s.cookies.items())
        got = i.raw(("POST /tulis HTTP/1.1\r\nHost: x\r\nCookie: %s\r\n"
                     "Content-Type: %s\r\nContent-Length: 99999999999\r\n"
                     "\r\n" % (cookie, MULTI)).encode() + b"x" * 1000,
                    timeout=30)
        t.check("a huge Content-Length: 413", got.split()[1:2] == [b"413"],
                got[:80])
    i.still_well(b.code, "a huge Content-Length")


def at_the_limit(t, b):
    """What is just allowed must work, or the limits test nothing."""
    with t.part("text of exactly 100,000 characters"):
        s, pairs = b.fresh()
        page = s.request("POST", "/tulis",
                         b.body(pairs, what="ꦲ" * 100000) + END,
                         {"Content-Type": MULTI})
        t.equal("text of exactly 100,000 characters is taken", page.page,
                "receipt")


def main(t):
    with t.instance(limits={"file_mib": 1}) as i:
        s = i.source()
        s.send("Laporan yang harus selamat.")
        s.noted()
        b = Bench(t, i, " ".join(s.receipt))
        multipart_faults(t, b)
        field_faults(t, b)
        at_the_limit(t, b)
        file_limits(t, b)
        file_names(t, b)
        endless(t, b)
        token_faults(t, b)


harness.run(main)
