"""A source whose line is slow, or dies: a POST that is sent by hand."""
import re
import time

from source import Multipart, Page

PROGRESS = "/surat/berkas/kemajuan"


def files_of(page):
    """{name: state} of the files that a page lists, the newest first."""
    return {f["name"]: f["state"] for f in reversed(page.files)}


def sent(source):
    """How many files the inbox of a signed-in source counts."""
    m = re.search(r"Berkas terkirim: (\d+)", source.get("/surat").text)
    return int(m.group(1)) if m else 0


class SlowPost:
    """The form for files of a signed-in source, byte by byte."""

    def __init__(self, source, files, path="/surat/berkas"):
        self.source = source
        form = source._inbox_form("/surat/berkas", "file")
        self.path = source.prefix + path
        self.body = Multipart(form.defaults(), [("file", p) for p in files])
        self.data = b"".join(self.body)
        self.sent = 0
        c = source._connect()
        c.connect()
        self.socket = c.sock
        self.socket.settimeout(120)
        self.socket.sendall((
            "POST %s HTTP/1.1\r\nHost: localhost\r\nCookie: %s\r\n"
            "Content-Type: %s\r\nContent-Length: %d\r\n\r\n" % (
                self.path, "; ".join("%s=%s" % kv for kv in
                                     source.cookies.items()),
                self.body.content_type(), len(self.data))).encode())

    def upto(self, end):
        """Send to this place at once."""
        self.socket.sendall(self.data[self.sent:end])
        self.sent = end

    def after(self, name, more=0):
        """The place just behind a file's last byte, or more of the next."""
        at = self.data.index(b'filename="%s"' % name.encode())
        return self.data.index(b"\r\n--" + self.body.boundary.encode(),
                               at) + len(self.body.boundary) + 6 + more

    def slowly(self, rate, end=None, tick=None):
        """So many bytes a second; tick(seconds) about once a second."""
        end = len(self.data) if end is None else end
        began, start = time.monotonic(), self.sent
        while self.sent < end:
            self.upto(min(end, self.sent + rate // 4))
            due = began + (self.sent - start) / rate
            time.sleep(max(0, due - time.monotonic()))
            if tick:
                tick(time.monotonic() - began)

    def answer(self):
        """The page; the rest is sent first."""
        self.upto(len(self.data))
        raw = b""
        while True:
            got = self.socket.recv(65536)
            if not got:
                break
            raw += got
            head, end, body = raw.partition(b"\r\n\r\n")
            if end:
                lines = head.decode("latin-1").split("\r\n")
                fields = {k.lower(): v.strip() for k, _, v in
                          (x.partition(":") for x in lines[1:])}
                if len(body) >= int(fields.get("content-length", 1 << 40)):
                    break
        self.close()
        return Page(int(lines[0].split()[1]), fields, body, self.path)

    def close(self):
        self.socket.close()
