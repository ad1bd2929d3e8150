"""HTTP that no browser speaks, on all three listeners."""
import socket
import time

import harness
from harness import connection_socket


def parse(data):
    """(status, headers, body) of the first answer in some bytes."""
    head, sep, body = data.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    words = lines[0].split()
    if not sep or len(words) < 2 or not words[0].startswith(b"HTTP/1."):
        return None, {}, b""
    headers = {}
    for line in lines[1:]:
        k, _, v = line.partition(b":")
        headers[k.strip().lower().decode()] = v.strip().decode()
    return int(words[1]), headers, body


H = b"Host: x\r\n"


def get(path, extra=b"", method=b"GET"):
    return method + b" " + path + b" HTTP/1.1\r\n" + H + \
        b"Connection: close\r\n" + extra + b"\r\n"


def post(extra, body=b"", path=b"/tulis"):
    return b"POST " + path + b" HTTP/1.1\r\n" + H + b"Connection: close\r\n" \
        + extra + b"\r\n" + body


FORM = b"Content-Type: application/x-www-form-urlencoded\r\n"
BODY = b"token=x&what=y"

# name, bytes, statuses; None among them: closing without a word is fine
CASES = [
    ("an unknown path", get(b"/tidak-ada"), (404,)),
    ("an unknown path in English", get(b"/en/nothing"), (404,)),
    ("a path with dots", get(b"/../../etc/passwd"), (400, 404)),
    ("a path with encoded dots", get(b"/%2e%2e/%2e%2e/etc/passwd"),
     (400, 404)),
    ("an encoded NUL in the path", get(b"/tulis%00"), (400, 404)),
    ("an encoded NUL inside a path", get(b"/tul%00is"), (400, 404)),
    ("an encoded slash", get(b"/surat%2ftulis"), (400, 404)),
    ("a double encoding", get(b"/%2574ulis"), (400, 404)),
    ("a bad escape", get(b"/%zz"), (400, 404)),
    ("a cut escape", get(b"/tulis%4"), (400, 404)),
    ("invalid UTF-8 in a path", get(b"/%ff%fe"), (400, 404)),
    ("raw bytes in a path", get(b"/\xff\xfe\x01"), (400, 404)),
    ("a path of 5,000 bytes", get(b"/" + b"a" * 5000), (400, 404, 414)),
    ("a path of 40 KiB", get(b"/" + b"a" * 40960), (400, 404, 414, 431, None)),
    ("an unknown method", get(b"/", method=b"BREW"), (400, 405, 501)),
    ("a method of 200 letters", get(b"/", method=b"A" * 200),
     (400, 405, 501)),
    ("PUT on a page", get(b"/tulis", b"Content-Length: 0\r\n",
                          method=b"PUT"), (405,)),
    ("PUT without a length", get(b"/tulis", method=b"PUT"), (400, 405, 411)),
    ("DELETE on a page", get(b"/", method=b"DELETE"), (405,)),
    ("TRACE", get(b"/", method=b"TRACE"), (400, 405, 501)),
    ("OPTIONS *", get(b"*", method=b"OPTIONS"), (400, 404, 405)),
    ("CONNECT", b"CONNECT example.org:443 HTTP/1.1\r\n" + H + b"\r\n",
     (400, 404, 405, 501)),
    ("POST on a page without a form", post(FORM + b"Content-Length: 0\r\n",
                                           path=b"/"), (405,)),
    ("GET on a form's target", get(b"/keluar"), (404, 405)),
    ("64 KiB of headers", get(b"/", b"X: " + b"a" * 65536 + b"\r\n"),
     (400, 413, 431, None)),
    ("5,000 headers", get(b"/", b"".join(b"X%d: y\r\n" % n
                                         for n in range(5000))),
     (400, 413, 431, None)),
    ("a header without a colon", get(b"/", b"nothing\r\n"),
     (200, 400, None)),
    ("a header with NUL", get(b"/", b"X: a\0b\r\n"), (200, 400, None)),
    ("a folded header", get(b"/", b"X: a\r\n  b\r\n"), (200, 400)),
    ("no Host", b"GET / HTTP/1.1\r\n\r\n", (200, 400)),
    ("HTTP/3.7", b"GET / HTTP/3.7\r\n" + H + b"\r\n", (400, 505, None)),
    ("the preface of HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
     (400, 405, 505, None)),
    ("a TLS greeting", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" +
     b"\0" * 200, (400, 405, None)),
    ("an absolute address", get(b"http://example.org/"), (200, 400, 404)),
    ("both length headers",
     post(FORM + b"Content-Length: 14\r\nTransfer-Encoding: chunked\r\n",
          b"0\r\n\r\n"), (400,)),
    ("two lengths that differ",
     post(FORM + b"Content-Length: 14\r\nContent-Length: 2\r\n", BODY),
     (400,)),
    ("a negative length", post(FORM + b"Content-Length: -5\r\n", BODY),
     (400, None)),
    ("a length in words", post(FORM + b"Content-Length: ten\r\n", BODY),
     (400, None)),
    ("a length with a sign", post(FORM + b"Content-Length: +14\r\n", BODY),
     (400, None)),
    ("a length that overflows",
     post(FORM + b"Content-Length: 99999999999999999999999\r\n", BODY),
     (400, 413, None)),
    ("a list of lengths", post(FORM + b"Content-Length: 14, 14\r\n", BODY),
     (400, None)),
    ("an unknown transfer coding",
     post(FORM + b"Transfer-Encoding: gzip\r\n", BODY), (400, 501, None)),
    ("a chunked body", post(FORM + b"Transfer-Encoding: chunked\r\n",
                            b"e\r\n" + BODY + b"\r\n0\r\n\r\n"),
     (400, 403, 411)),
    ("a chunk of a bad size", post(FORM + b"Transfer-Encoding: chunked\r\n",
                                   b"zz\r\n" + BODY + b"\r\n0\r\n\r\n"),
     (400, 411, None)),
    ("a chunk that overflows", post(
        FORM + b"Transfer-Encoding: chunked\r\n",
        b"ffffffffffffffffff\r\n" + BODY), (400, 411, 413, None)),
    ("no length at all", post(FORM), (400, 403, 411)),
    ("a broken cookie", get(b"/surat", b"Cookie: =;;;=\x01; x\r\n"),
     (200, 303, 400, 401, 403)),
    ("a cookie of 8 KiB", get(b"/surat", b"Cookie: a=" + b"b" * 8192 +
                              b"\r\n"), (200, 303, 400, 401, 403, 413, 431)),
    ("two cookies of a name", get(
        b"/surat", b"Cookie: sesi=a; sesi=b\r\nCookie: sesi=c\r\n"),
     (200, 303, 400, 401, 403)),
    ("GET with a body", get(b"/", b"Content-Length: 5\r\n") + b"hello",
     (200, 400, 413)),
    ("a part of a range", get(b"/", b"Range: bytes=0-5\r\n"), (200,)),
    ("If-None-Match", get(b"/", b"If-None-Match: *\r\n"), (200,)),
    ("nothing but line ends", b"\r\n\r\n\r\n\r\n", (400, None)),
    ("a lone LF", b"GET / HTTP/1.1\nHost: x\n\n", (200, 400, None)),
]


def pages(t, i, code):
    for name, data, want in CASES:
        with t.part(name):
            # Who closes its half at once may get no answer; but without
            # "Connection: close" nobody else ends it.
            got = i.raw(data, timeout=20,
                        half=b"Connection: close" not in data)
            status, headers, body = parse(got)
            t.check(name, status in want, "%r, not %s: %r" %
                    (status, want, got[:200]))
            if status and status >= 400:
                t.check(name + ": a page or a line, and it says 'not kept'",
                        b'data-kept="no"' in body or len(body) < 200,
                        body[:300])
                t.check(name + ": the library does not speak",
                        b"libmicrohttpd" not in body.lower(), body[:300])
            quiet_headers(t, name, status, headers)
            i.still_well(code, name)


def quiet_headers(t, name, status, headers):
    if status is None or status in (400, 414, 431, 501, 505) and \
            "content-security-policy" not in headers:
        return      # before there was a request
    for h in ("date", "server", "etag", "last-modified"):
        t.check("%s: no %s" % (name, h), h not in headers, headers)


def lengths(t, i, code):
    with t.part("a body shorter than its length"):
        got = i.raw(post(FORM + b"Content-Length: 500\r\n", BODY),
                    timeout=20, half=True)
        status = parse(got)[0]
        t.check("a body shorter than its length", status in (None, 400, 408),
                got[:100])
        i.still_well(code, "a short body")
    with t.part("a body longer than its length"):
        got = i.raw(b"POST /tulis HTTP/1.1\r\n" + H + FORM +
                    b"Content-Length: 14\r\n\r\n" + BODY + b"&more=of+it"
                    b" HTTP/1.1\r\n\r\n", timeout=10)
        status = parse(got)[0]
        t.check("a body longer than its length", status in (400, 403),
                got[:100])
        i.still_well(code, "a long body")
    with t.part("pipelined requests"):
        one = b"GET / HTTP/1.1\r\n" + H + b"\r\n"
        got = i.raw(one * 5 + get(b"/en/"), timeout=20)
        t.equal("six requests at once: six answers",
                got.count(b"HTTP/1.1 200"), 6)
        i.still_well(code, "pipelined requests")
    with t.part("a request in single bytes"):
        s = connection_socket(i.sock["source"])
        s.settimeout(20)
        for b in get(b"/en/"):
            s.sendall(bytes([b]))
        got = b""
        try:
            while True:
                more = s.recv(65536)
                if not more:
                    break
                got += more
        except OSError:
            pass
        s.close()
        t.equal("a request in single bytes", parse(got)[0], 200)
    with t.part("200 connections that say nothing"):
        idle = []
        for _ in range(200):
            try:
                idle.append(connection_socket(i.sock["source"]))
                idle[-1].sendall(b"GET / HT")
            except OSError:
                break
        began = time.monotonic()
        page = i.source().get("/")
        t.equal("another source still gets through", page.status, 200)
        t.check("at once", time.monotonic() - began < 5 * harness.SLOW,
                time.monotonic() - began)
        for s in idle:
            s.close()
        i.still_well(code, "idle connections")


def good_pages(t, i):
    """The headers that every page has."""
    for path in ("/", "/en/", "/tulis", "/en/tulis", "/buka"):
        with t.part(path):
            page = i.source().request("GET", path)
            h = page.headers
            t.equal(path + ": 200", page.status, 200)
            t.check(path + ": CSP", h.get(
                "content-security-policy", "").startswith(
                    "default-src 'none'"), h)
            t.check(path + ": no-store", "no-store" in
                    h.get("cache-control", ""), h)
            t.equal(path + ": no-referrer", h.get("referrer-policy"),
                    "no-referrer")
            size = len(page.body)
            t.check(path + ": padded to 16, 32, 64 ... KiB",
                    size >= 16384 and size & (size - 1) == 0, size)
            t.check(path + ": no script", page.scripts == 0)
            for name in ("date", "server", "etag", "last-modified"):
                t.check("%s: no %s" % (path, name), name not in h, h)
            t.check(path + ": nothing from elsewhere", "http://" not in
                    page.html.replace("http://www.w3.org", "") and
                    "https://" not in page.html)
            got = i.raw(get(path.encode(), method=b"HEAD"))
            status, headers, body = parse(got)
            t.check(path + ": HEAD", status == 200 and body == b"" or
                    status == 405, got[:200])
    with t.part("a path that a link would not keep"):
        for path in ("//example.org/", "/en//example.org/",
                     "/\\example.org/", "/%09/example.org/"):
            page = i.source().request("GET", path)
            t.check(path + ": in no link", page.status in (400, 404) and
                    "example.org" not in page.html, page.status)


API = [
    ("no signature", get(b"/v1/office"), (400, 401, 403)),
    ("an unknown path", get(b"/v1/nothing"), (400, 401, 403, 404)),
    ("outside the API", get(b"/"), (400, 401, 403, 404)),
    ("an unknown method", get(b"/v1/office", method=b"BREW"),
     (400, 401, 403, 404, 405, 501)),
    ("a body too large", b"POST /v1/objects HTTP/1.1\r\n" + H +
     b"Content-Type: application/json\r\nContent-Length: 9000000\r\n\r\n",
     (400, 401, 403, 413)),
    ("both length headers", b"POST /v1/objects HTTP/1.1\r\n" + H +
     b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
     (400,)),
    ("64 KiB of headers", get(b"/v1/office", b"X: " + b"a" * 65536 +
                              b"\r\n"), (400, 413, 431, None)),
    ("junk", b"\0\1\2\3" * 300 + b"\r\n\r\n", (400, 405, None)),
]
LOG = [
    ("an unknown path", get(b"/nothing"), (404,)),
    ("up and away", get(b"/tile/../../secrets/log.key"), (400, 404)),
    ("an encoded NUL", get(b"/checkpoint%00"), (400, 404)),
    ("a tile with a sign", get(b"/tile/0/+01"), (400, 404)),
    ("a tile far away", get(b"/tile/0/x999/x999/x999/999"), (404,)),
    ("a roster that is not there", get(b"/roster/99999999999999999999"),
     (400, 404)),
    ("POST", post(FORM + b"Content-Length: 14\r\n", BODY,
                  path=b"/checkpoint"), (404, 405)),
    ("64 KiB of headers", get(b"/checkpoint", b"X: " + b"a" * 65536 +
                              b"\r\n"), (400, 413, 431, None)),
    ("junk", b"\0\1\2\3" * 300 + b"\r\n\r\n", (400, 405, None)),
]


def others(t, i, code):
    for listener, cases in (("desk", API), ("log", LOG)):
        for name, data, want in cases:
            name = "%s: %s" % (listener, name)
            with t.part(name):
                got = i.raw(data, listener, timeout=20,
                            half=b"Connection: close" not in data and
                            b"9000000" not in data)
                status, headers, body = parse(got)
                t.check(name, status in want, "%r, not %s: %r" %
                        (status, want, got[:200]))
                i.still_well(code, name)


def slow(t, i, code):
    """A header that never ends is cut off; it is started first and looked at
    last, since it takes the listener's whole patience."""
    s = connection_socket(i.sock["source"])
    s.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX-")
    return s, time.monotonic()


def slow_end(t, i, code, begun):
    s, began = begun
    with t.part("a header that never ends"):
        s.settimeout(2)
        ended = False
        while time.monotonic() - began < 120 and not ended:
            try:
                s.sendall(b"a")
                ended = s.recv(4096) == b"" or ended
            except socket.timeout:
                pass
            except OSError:
                ended = True
        s.close()
        t.check("a header that never ends is cut off within two minutes",
                ended)
        i.still_well(code, "a slow header")


def main(t):
    with t.instance() as i:
        s = i.source()
        s.send("Laporan yang harus selamat.")
        s.noted()
        code = " ".join(s.receipt)
        begun = slow(t, i, code)
        good_pages(t, i)
        pages(t, i, code)
        lengths(t, i, code)
        others(t, i, code)
        slow_end(t, i, code, begun)


harness.run(main)
