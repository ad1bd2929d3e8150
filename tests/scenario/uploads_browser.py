"""Uploads in real browsers without scripts, on a line that is slow or dies:
Firefox stops a page's refreshes while that page sends, shows an answer only
behind its last byte, and sends a form again by itself when the line dies."""
import os
import re
import socket
import threading
import time

import harness
from browser import BROWSERS, Browser
from harness import wait_for

MIB = 1 << 20
FORM, PROGRESS = "/surat/berkas/kirim", "/surat/berkas/kemajuan"


class Line:
    """Between browser and server: as fast as it is told, and it can die.

    Only a connection that sends more than a page's form is slowed."""

    def __init__(self, to):
        self.to = ("127.0.0.1", to)
        self.rate = None        # bytes a second
        self.dies = None        # after so many bytes
        self.mute = False       # swallow the answer to what was slowed
        self.uploads = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                c, _ = self.listener.accept()
            except OSError:
                return
            s = socket.create_connection(self.to)
            state = {"sent": 0}
            threading.Thread(target=self.up, args=(c, s, state),
                             daemon=True).start()
            threading.Thread(target=self.down, args=(s, c, state),
                             daemon=True).start()

    def up(self, c, s, state):
        try:
            while True:
                got = c.recv(16384)
                if not got:
                    break
                s.sendall(got)
                before = state["sent"]
                state["sent"] += len(got)
                if before <= 100000 < state["sent"]:
                    self.uploads += 1
                if state["sent"] > 100000 and self.rate:
                    time.sleep(len(got) / self.rate)
                if self.dies and state["sent"] > self.dies:
                    break
        except OSError:
            pass
        self.end(c, s)

    def down(self, s, c, state):
        try:
            while True:
                got = s.recv(65536)
                if not got or (self.mute and state["sent"] > 100000):
                    break
                c.sendall(got)
        except OSError:
            pass
        self.end(c, s)

    @staticmethod
    def end(*both):
        for x in both:
            try:
                x.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            x.close()

    def close(self):
        self.listener.close()


class Screen:
    """The page for files as its source sees it."""

    def __init__(self, b, base):
        self.b, self.base = b, base

    def sign_in(self, code):
        self.b.open(self.base + "/buka")
        self.b.type("textarea[name=code]", code)
        self.b.click("form[action$='/buka'] button")
        self.b.open(self.base + "/surat/berkas")

    def send(self, *paths):
        self.b.do("files", css="input[type=file]", paths=list(paths),
                  frame=FORM)
        self.b.do("click", css="form button", stay=True, frame=FORM)

    def inside(self, frame):
        try:
            return self.b.do("run", frame=frame, body="return "
                             "document.documentElement.outerHTML")
        except OSError:
            return ""           # it is being loaded

    def page(self):
        """data-page, data-error of the form's frame."""
        html = self.inside(FORM)
        page = re.search(r'data-page="(\w+)"', html)
        error = re.search(r'data-error="(\w+)"', html)
        return (page and page.group(1), error and error.group(1))

    def answer(self, seconds=180):
        """What the form's frame shows in the end."""
        return wait_for("the answer", seconds, lambda: self.page()[0] in
                        ("sent", "error") and self.page())

    def files(self):
        html = self.inside(PROGRESS)
        return {name: state for state, name in reversed(re.findall(
            r'<li data-file="(\w+)"><span [^>]*>([^<]*)</span>', html))}

    def share(self):
        m = re.search(r'data-share="(\d+)"', self.inside(PROGRESS))
        return m and int(m.group(1))

    def lists(self, want, seconds=60):
        """The list of files, as soon as it is this or time is over."""
        end = time.monotonic() + seconds
        while self.files() != want and time.monotonic() < end:
            time.sleep(0.5)
        return self.files()

    def form_again(self):
        self.b.click("a[target=send]", stay=True)
        wait_for("the form", 30, lambda: self.page() == ("info", None))


def progress(t, kind, line, s, made):
    with t.part(kind + ": progress"):
        line.rate = 200000
        s.send(made("satu.mp4", 5 * MIB), made("dua.mp4", 2 * MIB))
        shares, states = [], []
        while s.page()[0] == "info" and len(shares) < 200:
            shares.append(s.share())
            states.append(s.files().get("satu.mp4"))
            time.sleep(1)
        seen = sorted({x for x in shares if x is not None})
        t.check(kind + ": the share is seen to grow while the form sends",
                len(seen) >= 3, shares)
        t.check(kind + ": a file is seen to come and to be whole",
                "coming" in states and "whole" in states, states)
        t.equal(kind + ": it is sent", s.answer(), ("sent", None))
        line.rate = None
        want = {"satu.mp4": "kept", "dua.mp4": "kept"}
        t.equal(kind + ": the list says so", s.lists(want), want)


def dead(t, kind, line, s, made):
    with t.part(kind + ": a line that dies"):
        s.form_again()
        before = s.files()
        line.rate, line.dies, line.uploads = 2000000, 5 * MIB, 0
        s.send(made("tiga.mp4", 3 * MIB), made("empat.mp4", 4 * MIB))
        want = dict(before, **{"tiga.mp4": "kept", "empat.mp4": "broken"})
        again = dict(want, **{"tiga.mp4": "there"})
        wait_for("the end of the line", 60, lambda: s.files().get(
            "empat.mp4") == "broken" and "whole" not in s.files().values())
        time.sleep(8)           # it may be sent again by the browser
        got = s.lists(want, 5)
        t.check(kind + ": the whole one is kept, the broken one named",
                got in (want, again), got)
        print("  %s: sent %d times" % (kind, line.uploads))
        line.rate = line.dies = None
        s.form_again()
        s.send(made("empat.mp4", 4 * MIB))
        t.equal(kind + ": the broken one alone", s.answer(), ("sent", None))
        want["empat.mp4"] = again["empat.mp4"] = "kept"
        got = s.lists(want, 20)
        t.check(kind + ": all are kept", got in (want, again), got)


def unheard(t, kind, line, s, made):
    with t.part(kind + ": the answer is lost"):
        s.form_again()
        line.mute = True
        s.send(made("lima.mp4", 2 * MIB))
        wait_for("the list", 60, lambda: s.files().get("lima.mp4") in
                 ("kept", "there"))
        time.sleep(3)
        line.mute = False
        s.form_again()
        s.send(made("lima.mp4", 2 * MIB))
        t.equal(kind + ": sent again", s.answer(), ("sent", None))
        t.check(kind + ": it says that the file was there already",
                'data-file="there"' in s.inside(FORM))


def too_large(t, kind, line, s, made, far):
    for size in (20, 200):
        with t.part("%s: %d MB, over the limit" % (kind, size)):
            s.form_again()
            began = time.monotonic()
            s.send(made("besar.mp4", size * 1000 * 1000))
            t.equal("%s: a page says so behind %d MB" % (kind, size),
                    s.answer(), ("error", "too_large"))
            print("  %s: %d MB refused by a page in %.1f s" %
                  (kind, size, time.monotonic() - began))
    with t.part(kind + ": far larger than what is read"):
        s.form_again()
        line.rate = 8000000
        s.send(far)
        t.check(kind + ": the other frame says so meanwhile", wait_for(
            "the list", 60, lambda: "large" in [
                v for k, v in s.files().items() if k != "besar.mp4"]))
        wait_for("the end", 240, lambda: s.page()[0] != "info")
        print("  %s: far too large: %s" % (kind, s.page()))
        line.rate = None
        s.form_again()
    with t.part(kind + ": from the page of the report"):
        s.b.open(s.base + "/surat")
        s.b.files("input[type=file]", [made("besar.mp4", 200 * 1000 * 1000)])
        s.b.click("form[action$='/surat/berkas'] button")
        t.equal(kind + ": a page says so", s.b.error(), ["too_large", "no"])


def main(t):
    folder = t.folder()

    def made(name, size):
        path = os.path.join(folder, name)
        if not os.path.exists(path) or os.path.getsize(path) != size:
            with open(path, "wb") as f:
                f.write(os.urandom(1000))
                f.truncate(size)
        return path

    far = made("terlalu besar.mp4", 700 * MIB)
    for kind in BROWSERS:
        with t.instance(tcp=True, limits={"file_mib": 10,
                                          "case_mib": 100}) as i:
            source = i.source()
            source.send("Ada bukti.")
            source.noted()
            line = Line(int(i.sock["source"].rpartition(":")[2]))
            with Browser(folder, kind, width=480, height=1600) as b:
                s = Screen(b, "http://127.0.0.1:%d" % line.port)
                s.sign_in(" ".join(source.receipt))
                progress(t, kind, line, s, made)
                dead(t, kind, line, s, made)
                unheard(t, kind, line, s, made)
                too_large(t, kind, line, s, made, far)
            line.close()


harness.run(main)
