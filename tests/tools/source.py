"""A source that uses the HTML pages only, as a browser without scripts would.

It reads the forms that a page offers, fills them in, follows 303, keeps the
cookies in memory and writes nothing down.  Scenarios import it; the command
`source` beside it prints one JSON object.
"""
import http.client
import io
import os
import re
import secrets
import socket
import urllib.parse
from html.parser import HTMLParser

TIMEOUT_SEC = 120


class Refused(Exception):
    """The page that came is not the one that the step needs."""

    def __init__(self, text, page=None):
        super().__init__(text)
        self.page = page


# ---- the page ----

class Form:
    def __init__(self, attrs):
        self.action = attrs.get("action") or ""
        self.method = (attrs.get("method") or "get").lower()
        self.enctype = attrs.get("enctype") or \
            "application/x-www-form-urlencoded"
        self.fields = []        # [name, type, value, ticked, required]
        self.buttons = []       # (name, value)

    def names(self):
        return [f[0] for f in self.fields]

    def options(self, name):
        """What may be chosen under a name: radio values or options."""
        return [f[2] for f in self.fields
                if f[0] == name and f[1] in ("radio", "option", "checkbox")]

    def defaults(self):
        """What a browser would send if nothing was touched."""
        out = []
        chosen = set()
        for name, kind, value, ticked, _ in self.fields:
            if not name or kind == "file":
                continue
            if kind in ("radio", "checkbox", "option"):
                if ticked:
                    out.append((name, value))
                    chosen.add(name)
            else:
                out.append((name, value))
        for name, kind, value, _, _ in self.fields:
            if kind == "option" and name not in chosen:
                out.append((name, value))    # a select sends its first one
                chosen.add(name)
        order = {}
        for i, f in enumerate(self.fields):
            order.setdefault(f[0], i)
        return sorted(out, key=lambda p: order[p[0]])


class Page(HTMLParser):
    VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input",
            "link", "meta", "source", "track", "wbr"}

    def __init__(self, status, headers, body, url):
        super().__init__(convert_charrefs=True)
        self.status, self.headers, self.body = status, headers, body
        self.url = url
        self.html = body.decode("utf-8", "replace")
        self.page = self.error = self.kept = None
        self.case_status = None
        self.receipt, self.answers, self.recipients = [], [], []
        self.files = []         # what became of each: name, state
        self.invalid, self.errors = [], []
        self.forms, self.frames, self.links = [], [], []
        self.scripts = 0
        self.text = ""
        self._form = self._select = self._textarea = self._option = None
        self._in_receipt = self._word = None
        self._name = False
        self._article = None
        self._depth = 0
        self._skip = 0
        if "html" in (headers.get("content-type") or "text/html"):
            self.feed(self.html)
            self.close()
        self.receipt = [" ".join(w.split()) for w in self.receipt]
        for a in self.answers:
            a["text"] = a["text"].strip()

    def handle_starttag(self, tag, attr_list):
        a = {k: (v if v is not None else "") for k, v in attr_list}
        if tag not in self.VOID:
            self._depth += 1
        if "data-page" in a:
            self.page = a["data-page"]
        if "data-error" in a:
            self.error = a["data-error"]
        if "data-kept" in a:
            self.kept = a["data-kept"]
        if a.get("id") == "status" and "data-status" in a:
            self.case_status = a["data-status"]
        if "data-recipient" in a:
            self.recipients.append(a["data-recipient"])
        if a.get("aria-invalid") == "true":
            self.invalid.append(a.get("name") or a.get("id") or "?")
        if (a.get("id") or "").startswith("err-"):
            self.errors.append(a["id"][4:])
        if tag == "script" or any(k.startswith("on") for k in a):
            self.scripts += 1
        if tag in ("style", "script", "title"):
            self._skip += 1
        if tag in ("iframe", "frame") and a.get("src"):
            self.frames.append(a["src"])
        if tag == "a" and a.get("href"):
            self.links.append(a["href"])
        if tag == "ol" and a.get("id") == "receipt":
            self._in_receipt = self._depth
        if tag == "li" and "data-file" in a:
            self.files.append({"name": "", "state": a["data-file"]})
        self._name = tag == "span" and a.get("class") == "text" and \
            bool(self.files)
        if tag == "li" and self._in_receipt:
            self.receipt.append("")
            self._word = self._depth
        if tag == "article" and "answer" in (a.get("class") or "").split():
            answer = {"id": a.get("data-id"), "text": ""}
            for k, v in a.items():
                if k.startswith("data-") and k != "data-id":
                    answer[k[5:]] = v
            self.answers.append(answer)
            self._article = self._depth
        self._start_form(tag, a)

    def _start_form(self, tag, a):
        if tag == "form":
            self._form = Form(a)
            self.forms.append(self._form)
        elif self._form is None:
            return
        elif tag == "input" or tag == "button":
            kind = (a.get("type") or
                    ("text" if tag == "input" else "submit")).lower()
            if kind in ("submit", "image", "button", "reset"):
                self._form.buttons.append((a.get("name"), a.get("value", "")))
            elif "disabled" not in a:
                value = a.get("value")
                if value is None:
                    value = "on" if kind in ("radio", "checkbox") else ""
                self._form.fields.append(
                    [a.get("name"), kind, value, "checked" in a,
                     "required" in a])
        elif tag == "select":
            self._select = a.get("name")
        elif tag == "option" and self._select:
            self._option = [self._select, "option", a.get("value"),
                            "selected" in a, False]
            self._form.fields.append(self._option)
            if self._option[2] is None:
                self._option[2] = ""
        elif tag == "textarea":
            self._textarea = [a.get("name"), "textarea", "", False,
                              "required" in a]
            self._form.fields.append(self._textarea)

    def handle_endtag(self, tag):
        if tag in self.VOID:
            return
        self._name = False
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = None
        elif tag == "textarea" and self._textarea:
            # A browser drops one line break right after the tag.
            if self._textarea[2].startswith("\n"):
                self._textarea[2] = self._textarea[2][1:]
            self._textarea = None
        elif tag == "ol":
            self._in_receipt = self._word = None
        elif tag == "li":
            self._word = None
        elif tag == "article":
            self._article = None
        elif tag in ("style", "script", "title") and self._skip:
            self._skip -= 1
        self._depth -= 1

    def handle_data(self, data):
        if self._textarea is not None:
            self._textarea[2] += data
            return
        if self._skip:
            return
        self.text += data
        if self._name:
            self.files[-1]["name"] += data
        if self._word:
            self.receipt[-1] += data
        if self._article and self.answers:
            self.answers[-1]["text"] += data

    def form(self, tail=None, field=None):
        """The form whose action ends in tail, or that has a field."""
        for f in self.forms:
            path = urllib.parse.urlsplit(f.action).path or self.url
            if tail and not path.endswith(tail):
                continue
            if field and field not in f.names():
                continue
            return f
        return None


# ---- HTTP ----

class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=TIMEOUT_SEC)
        self.unix = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.unix)


def proxy_line(circuit):
    """What Tor writes before a connection, so that circuits can be told
    apart (HiddenServiceExportCircuitID haproxy)."""
    return b"PROXY TCP6 fc00:dead:beef:4dad::%x:%x ::1 %d 80\r\n" % (
        circuit >> 16, circuit & 0xffff, circuit & 0xffff)


class CircuitConnection(UnixConnection):
    """As Tor makes it, for a server that reads the line."""

    def __init__(self, path, circuit):
        super().__init__(path)
        self.circuit = circuit

    def connect(self):
        super().connect()
        self.sock.sendall(proxy_line(self.circuit))


class SocksConnection(http.client.HTTPConnection):
    """Through SOCKS5 with the name given to the proxy, as Tor wants it.

    User and password are random: Tor then gives a circuit of its own.
    """

    def __init__(self, host, port, proxy, user):
        super().__init__(host, port, timeout=TIMEOUT_SEC)
        self.proxy, self.user = proxy, user

    def _exact(self, n):
        out = b""
        while len(out) < n:
            got = self.sock.recv(n - len(out))
            if not got:
                raise OSError("the proxy hung up")
            out += got
        return out

    def connect(self):
        if self.proxy.startswith("unix:"):
            self.sock = socket.socket(socket.AF_UNIX)
            self.sock.settimeout(self.timeout)
            self.sock.connect(self.proxy[5:])
        else:
            host, _, port = self.proxy.rpartition(":")
            host = host.replace("tcp:", "").strip("[]")
            self.sock = socket.create_connection((host, int(port)),
                                                 self.timeout)
        user = self.user.encode()
        name = self.host.encode("idna")
        self.sock.sendall(b"\x05\x01\x02")
        if self._exact(2) != b"\x05\x02":
            raise OSError("the proxy takes no user name")
        self.sock.sendall(b"\x01" + bytes([len(user)]) + user +
                          bytes([len(user)]) + user)
        if self._exact(2)[1] != 0:
            raise OSError("the proxy refuses the user name")
        self.sock.sendall(b"\x05\x01\x00\x03" + bytes([len(name)]) + name +
                          self.port.to_bytes(2, "big"))
        head = self._exact(4)
        if head[1] != 0:
            raise OSError("the proxy cannot reach it (%d)" % head[1])
        self._exact({1: 4, 4: 16}.get(head[3]) or self._exact(1)[0])
        self._exact(2)


def connection(base, socks=None, user="source"):
    if base.startswith("unix:"):
        return UnixConnection(base[5:])
    if base.startswith("tcp:"):
        base = "http://" + base[4:]
    u = urllib.parse.urlsplit(base)
    if u.scheme != "http" or not u.hostname:
        raise Refused("not an address: " + base)
    if socks:
        return SocksConnection(u.hostname, u.port or 80, socks, user)
    return http.client.HTTPConnection(u.hostname, u.port or 80,
                                      timeout=TIMEOUT_SEC)


class Part:
    """A file to send: a path, or a name and its bytes."""

    def __init__(self, name, data=None, path=None,
                 kind="application/octet-stream"):
        self.name, self.data, self.path, self.kind = name, data, path, kind

    def size(self):
        return os.path.getsize(self.path) if self.path else len(self.data)

    def open(self):
        return open(self.path, "rb") if self.path else io.BytesIO(self.data)


class Multipart:
    """A body that is read as it is sent, so that a large file needs no
    memory."""

    def __init__(self, fields, files):
        self.boundary = "----" + secrets.token_hex(16)
        self.pieces = []
        for name, value in fields:
            self._text('Content-Disposition: form-data; name="%s"' %
                       quote(name))
            self._bytes(value.encode("utf-8", "surrogateescape") + b"\r\n")
        for name, part in files:
            self._text('Content-Disposition: form-data; name="%s"; '
                       'filename="%s"\r\nContent-Type: %s' %
                       (quote(name), quote(part.name), part.kind))
            self.pieces.append(part)
            self._bytes(b"\r\n")
        self._bytes(b"--" + self.boundary.encode() + b"--\r\n")

    def _bytes(self, b):
        self.pieces.append(Part("", b))

    def _text(self, head):
        self._bytes(("--%s\r\n%s\r\n\r\n" % (self.boundary, head)).encode(
            "utf-8", "surrogateescape"))

    def size(self):
        return sum(p.size() for p in self.pieces)

    def __iter__(self):
        for p in self.pieces:
            with p.open() as f:
                while True:
                    b = f.read(1 << 18)
                    if not b:
                        break
                    yield b

    def content_type(self):
        return "multipart/form-data; boundary=" + self.boundary


def quote(name):
    """As browsers write a name: three characters are escaped."""
    return name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")


# ---- the source ----

class Source:
    def __init__(self, base, socks=None, lang="id"):
        self.base, self.socks = base, socks
        self.prefix = "" if lang == "id" else "/" + lang
        self.user = secrets.token_hex(8)
        self.cookies = {}
        self.page = None

    # -- requests --

    def request(self, method, path, body=None, headers=None, follow=True):
        """One request and, if it answers 303, the page it leads to."""
        for _ in range(5):
            page = self._once(method, path, body, headers)
            where = page.headers.get("location")
            if not (follow and page.status in (301, 302, 303) and where):
                break
            u = urllib.parse.urlsplit(where)
            path = u.path + ("?" + u.query if u.query else "")
            method, body, headers = "GET", None, None
        self.page = page
        return page

    def _connect(self):
        return connection(self.base, self.socks, self.user)

    def _hang_up(self, c):
        c.close()

    def _once(self, method, path, body, headers):
        c = self._connect()
        h = dict(headers or {})
        if self.cookies:
            h["Cookie"] = "; ".join("%s=%s" % kv
                                    for kv in self.cookies.items())
        try:
            c.putrequest(method, path, skip_accept_encoding=True,
                         skip_host="Host" in h)
            if isinstance(body, Multipart):
                h["Content-Type"] = body.content_type()
                h["Content-Length"] = str(body.size())
            elif body is not None:
                h.setdefault("Content-Length", str(len(body)))
            for k, v in h.items():
                c.putheader(k, v)
            c.endheaders()
            try:
                if isinstance(body, Multipart):
                    for b in body:
                        c.send(b)
                elif body is not None:
                    c.send(body)
            except (BrokenPipeError, ConnectionResetError):
                pass            # it may have answered early: read on
            r = c.getresponse()
            data = r.read()
        finally:
            self._hang_up(c)
        self._take_cookies(r)
        return Page(r.status, {k.lower(): v for k, v in r.getheaders()},
                    data, path)

    def _take_cookies(self, r):
        for value in r.msg.get_all("Set-Cookie") or []:
            pair, *rest = [p.strip() for p in value.split(";")]
            name, _, v = pair.partition("=")
            gone = any(re.fullmatch(r"(?i)max-age=(0|-\d+)", p) or
                       re.match(r"(?i)expires=.*\b19[67]\d", p)
                       for p in rest)
            if gone or v == "":
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = v

    def get(self, path, **kw):
        return self.request("GET", self.prefix + path, **kw)

    def submit(self, form, values=(), files=(), follow=True, button=None):
        """Send a form with our values in the places of its fields, pressing
        the first button or the one of that value."""
        values = [v if isinstance(v, tuple) else tuple(v) for v in values]
        over = {k for k, _ in values}
        pairs = [p for p in form.defaults() if p[0] not in over]
        # Fields keep the place that the page gives them: the token is first.
        place = {n: i for i, n in reversed(list(enumerate(form.names())))}
        pairs += values
        pairs.sort(key=lambda p: place.get(p[0], 1 << 20))
        for name, value in form.buttons:
            if button is None or value == button:
                if name:
                    pairs.append((name, value))
                break
        here = self.page.url if self.page else "/"
        path = urllib.parse.urlsplit(urllib.parse.urljoin(
            here, form.action or here)).path
        if form.enctype.startswith("multipart/"):
            body = Multipart(pairs, list(files))
            return self.request("POST", path, body, follow=follow)
        body = urllib.parse.urlencode(
            pairs, encoding="utf-8", errors="surrogateescape").encode()
        return self.request(
            "POST", path, body,
            {"Content-Type": "application/x-www-form-urlencoded"},
            follow=follow)

    # -- steps --

    def open_form(self):
        p = self.get("/tulis")
        f = p.form(field="what")
        if f is None:
            raise Refused("no form on /tulis", p)
        return f

    def fill(self, form, text, category=None, channel=None, about=None,
             fields=()):
        """The values of a report, chosen among those that the form offers."""
        values = [("what", text)]
        for key, wish in (("category", category), ("channel", channel),
                          ("about_inspectorate", about)):
            offered = form.options(key)
            if wish is not None:
                if key == "about_inspectorate":
                    wish = self.about(wish, offered)
                values.append((key, wish))
            elif offered and not any(k == key for k, _ in form.defaults()):
                required = any(f[0] == key and f[4] for f in form.fields)
                if required:
                    values.append((key, offered[0]))
        if "goodfaith" in form.names():
            ticks = form.options("goodfaith") or ["on"]
            values.append(("goodfaith", ticks[0]))
        return values + list(fields)

    @staticmethod
    def about(wish, offered):
        same = {"yes": ("yes", "ya", "y", "1"), "no": ("no", "tidak", "n", "0"),
                "unknown": ("unknown", "tidak_tahu", "unsure", "")}
        for word in same.get(wish, ()):
            if word in offered:
                return word
        return wish

    def send(self, text, files=(), **kw):
        """A report; then, in the signed-in page, its evidence."""
        form = self.open_form()
        page = self.submit(form, self.fill(form, text, **kw))
        if page.page != "receipt" or len(page.receipt) != 9:
            raise Refused("no receipt", page)
        self.receipt = page.receipt
        if files:
            self.noted()
            self.add(files)
            if self.page.error:
                raise Refused("the evidence was refused", self.page)
        return page

    def noted(self):
        """ "I have written it down". """
        page = self.page
        f = page.form(tail="/surat/dicatat")
        if f is None:
            page = self.get("/surat")
            f = page.form(tail="/surat/dicatat")
        if f is None:
            return page         # shown already
        return self.submit(f)

    def login(self, code):
        page = self.get("/buka")
        f = page.form(field="code")
        if f is None:
            raise Refused("no sign-in form", page)
        return self.submit(f, [("code", code)])

    def _inbox_form(self, tail, field):
        """A form of the inbox; the one for files may stand in a frame."""
        page = self.get("/surat")
        if page.status != 200 or page.page not in ("inbox", "receipt",
                                                   "sent"):
            raise Refused("not signed in", page)
        f = page.form(tail=tail, field=field) or page.form(tail=tail)
        if f is not None:
            return f
        near = page.frames + [u for u in page.links
                              if u.startswith(self.prefix + "/surat/")]
        for where in near:
            inner = self.request("GET", urllib.parse.urljoin(page.url, where))
            f = inner.form(tail=tail)
            if f is not None:
                return f
        raise Refused("the inbox has no form for " + tail, page)

    def reply(self, text, identity=None):
        more = [("identity", identity)] if identity else []
        return self.submit(self._inbox_form("/surat/tulis", "text"),
                           [("text", text), *more])

    def add(self, files):
        f = self._inbox_form("/surat/berkas", "file")
        return self.submit(f, files=[("file", p) for p in files])

    def delete(self, answer):
        page = self.get("/surat")
        for f in page.forms:
            if f.action.endswith("/surat/hapus") and \
                    ("answer", answer) in f.defaults():
                return self.submit(f)
        f = page.form(tail="/surat/hapus")
        if f is None:
            raise Refused("nothing to delete", page)
        return self.submit(f, [("answer", answer)])

    def consent(self, yes):
        f = self.get("/surat").form(tail="/surat/izin")
        if f is None:
            raise Refused("no question about the identity", self.page)
        return self.submit(f, button="yes" if yes else "no")

    def _leave_form(self, now):
        for page in (self.page, None):
            page = page or self.get("/surat")
            for f in page.forms:
                if f.action.endswith("/keluar") and \
                        now == ("leave" in f.names()):
                    return f
        raise Refused("no way to leave", page)

    def leave(self):
        """ "Leave now", from any page. """
        return self.submit(self._leave_form(True))

    def sign_out(self):
        return self.submit(self._leave_form(False))


class CircuitSource(Source):
    """A source on one circuit of a Tor that is not there: it writes the line
    itself.  Without a circuit's number it is any source."""

    def __init__(self, base, circuit=None, **kw):
        super().__init__(base, **kw)
        self.circuit = circuit

    def _connect(self):
        if self.circuit is None:
            return super()._connect()
        return CircuitConnection(self.base[len("unix:"):], self.circuit)
