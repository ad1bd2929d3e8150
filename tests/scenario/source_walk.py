"""Every path of a source, walked in a real browser without scripts.

A walk sees each page as a person does: its heading and sentences in the
language (from web/locale), where it leads, what it asks for over the wire; and
as tests from outside do: the hooks.  What it saw is kept for the checks of
page_checks.py.
"""
import os
import re
import socket
import threading
import time

from browser import Browser
from harness import ROOT
from socks import Proxy

ONION = "a" * 56 + ".onion"
TITLES = {"id": "Layanan Surat Kota", "en": "City Letter Service"}
PAGE_MAX = 64 * 1024
# What a browser's history may hold: none of it says what was done.
NEUTRAL = {"", "tulis", "kode", "buka", "surat", "berkas", "hapus", "dicatat",
           "coba", "izin", "keluar", "selesai", "cara-kerja", "keselamatan",
           "standar-layanan", "pembaca", "catatan", "en", "jv", "tidak-ada"}
TEXT = "Bendahara meminta setoran dari setiap pedagang.\nSejak Maret 2026."
MARK = "penanda-7Hq2"


class Sentences(dict):
    """msgid to msgstr of one language."""

    def __init__(self, lang):
        super().__init__()
        with open(os.path.join(ROOT, "web", "locale", lang + ".po")) as f:
            text = re.sub(r'"\n"', "", f.read())
        for key, value in re.findall(r'^msgid "(.*)"\nmsgstr "(.*)"$', text,
                                     re.M):
            self[key] = value.replace('\\"', '"').replace("\\n", "\n")


def flat(text):
    return " ".join(text.split())


class Walk:
    def __init__(self, t, i, folder, kind, lang, kept, **more):
        self.t, self.i, self.kind, self.lang = t, i, kind, lang
        self.kept = kept                # pages: see page_checks.py
        self.say = Sentences(lang)
        self.prefix = "" if lang == "id" else "/" + lang
        self.name = "%s %s" % (kind, lang)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.proxy = Proxy(self.listener, i.sock["source"], (ONION, 80))
        self.proxy.start()
        self.wired = 0
        self.b = Browser(folder, kind, socks="127.0.0.1:%d" %
                         self.listener.getsockname()[1], **more)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.b.close()
        self.listener.close()

    # -- one page --

    def open(self, path):
        self.b.open("http://" + ONION + (self.prefix + path
                                         if path != "/" or not self.prefix
                                         else self.prefix + "/"))

    def form(self, tail):
        """The form of an action, as CSS."""
        return "form[action='%s%s']" % (self.prefix, tail)

    def send(self, tail, button="button"):
        """The last button of a form."""
        self.b.click("main %s %s" % (self.form(tail), button))

    def see(self, name, page, wire, keys=(), error=None, status=200, words=()):
        """The page that stands in the window now; wire is what was asked for
        to get it, as (method, path); keys name sentences that are read."""
        t, b = self.t, self.b
        what = "%s: %s" % (self.name, name)
        got = b.run("""return {
            page: document.body.dataset.page,
            title: document.title,
            lang: document.documentElement.lang,
            path: location.pathname,
            query: location.search + location.hash,
            text: document.body.innerText,
            foreign: [...document.querySelectorAll(
                'script, link, img, svg, object, embed, video, audio, math')]
                .length,
            heads: document.querySelectorAll('h1').length}""")
        t.need(what + ": it is that page", got["page"] == page,
               (got["page"], got["path"], b.error(), got["text"][:800]))
        t.equal(what + ": error and whether it was kept", b.error(),
                list(error) if error else None)
        t.equal(what + ": language", got["lang"], self.lang)
        t.check(what + ": title and address name nothing",
                got["title"] == TITLES[self.lang] and not got["query"] and
                set(got["path"].strip("/").split("/")) <= NEUTRAL,
                (got["title"], got["path"], got["query"]))
        t.check(what + ": nothing but text and forms, one heading",
                not got["foreign"] and got["heads"] == 1, got)
        seen = flat(got["text"])
        for s in [self.say[k] for k in keys] + list(words):
            t.check(what + ": a person reads \u201c%s\u201d" % s,
                    flat(s) in seen, seen[:3000])
        self.asked(what, wire)
        self.keep(what, name, page, wire, status)

    def asked(self, what, wire):
        """One request a page, and one more for each redirect; to us alone."""
        all_ = self.proxy.requests()
        now, self.wired = all_[self.wired:], len(all_)
        want = [(m, self.prefix + p if p != "/" else self.prefix + "/")
                for m, p in wire]
        self.t.equal(what + ": the requests", now, want)
        others = [u for u in self.b.do("requests")
                  if not u.startswith("http://%s/" % ONION)]
        self.t.check(what + ": nothing asked of another", not others, others)

    def keep(self, what, name, page, wire, status):
        answers = [a for a in self.b.do("answers")
                   if not 300 <= a["status"] < 400]
        if self.kind != "chromium":
            self.shot(name)
            return
        if not self.t.equal(what + ": one page came", len(answers), 1):
            return
        a = answers[0]
        self.t.equal(what + ": its status", a["status"], status)
        size = len((a["html"] or "").encode())
        self.t.check(what + ": under 64 KiB", 0 < size < PAGE_MAX, size)
        self.kept.append({"name": name, "lang": self.lang, "page": page,
                          "status": status, "html": a["html"],
                          "csp": a["csp"], "size": size})

    def shot(self, name):
        folder = os.path.join(ROOT, "build", "screenshots", self.kind)
        os.makedirs(folder, exist_ok=True)
        self.b.do("shot", full=True, path=os.path.join(
            folder, "%s.%s.png" % (name, self.lang)))

    # -- the way of a source --

    def read(self):
        """The pages that anybody may read, by their links."""
        self.open("/")
        self.see("home", "home", [("GET", "/")],
                 ["home.title", "safety.before", "safety.1",
                  "landing.cta_report", "landing.cta_check"])
        self.first_visit = self.proxy.bytes()
        for name, path, title in (
                ("how", "/cara-kerja", "how.title"),
                ("safety", "/keselamatan", "safety.title"),
                ("standard", "/standar-layanan", "standard.title"),
                ("readers", "/pembaca", "readers.title"),
                ("log", "/catatan", "log.title")):
            self.b.click("footer a[href='%s%s']" % (self.prefix, path))
            self.see(name, "info", [("GET", path)], [title])

    def fill(self, text=TEXT):
        self.b.type("textarea[name=what]", text)
        self.b.tick("input[name=channel][value=inspektorat]")
        self.b.tick("input[name=goodfaith]")

    def report(self):
        """A form with a fault, the form again, the receipt."""
        b = self.b
        self.open("/tulis")
        self.see("form", "form", [("GET", "/tulis")],
                 ["form.title", "form.what", "form.what.hint", "form.channel",
                  "form.goodfaith", "form.submit"])
        b.run("document.querySelectorAll('details').forEach("
              "(e) => { e.open = true; })")
        b.type("textarea[name=who]", "Kepala \"A\" & <rekan>")
        b.type("textarea[name=where]", "Pasar")
        b.tick("input[name=about_inspectorate][value=no]")
        b.tick("input[name=category][value=pungli]")
        self.send("/tulis")
        self.see("form-faulty", "form", [("POST", "/tulis")],
                 ["error.summary", "error.required", "error.goodfaith"],
                 ("invalid", "no"), 422)
        t = self.t
        t.equal(self.name + ": what was typed is still there",
                [b.value("textarea[name=who]"), b.value("textarea[name=where]"),
                 b.value("input[name=category]:checked"),
                 b.value("input[name=about_inspectorate]:checked")],
                ["Kepala \"A\" & <rekan>", "Pasar", "pungli", "no"])
        t.check(self.name + ": each fault stands beside its field",
                b.attribute("#f-what", "aria-invalid") == "true" and
                b.has("#err-what") and b.has("#err-goodfaith"))
        t.check(self.name + ": the summary leads to the fields",
                b.run("return [...document.querySelectorAll('.summary a')]"
                      ".every((a) => document.querySelector("
                      "a.getAttribute('href')))"))
        self.fill()
        self.send("/tulis")
        self.words = b.texts("#receipt li")
        self.see("receipt", "receipt", [("POST", "/tulis")],
                 ["receipt.title", "receipt.warn", "receipt.confirm",
                  "receipt.practice"])
        t.equal(self.name + ": nine words", len(self.words), 9)
        self.code = " ".join(self.words)

    def no_code(self):
        """Sent, but the answer was lost: the form gives the code again."""
        b = self.b
        self.open("/tulis")
        self.b.do("answers")
        self.send("/tulis/kode")
        self.see("receipt-again", "receipt",
                 [("GET", "/tulis"), ("POST", "/tulis/kode")])
        self.t.equal(self.name + ": the same code", b.texts("#receipt li"),
                     self.words)

    def practise(self):
        b = self.b
        b.click("main a[href='%s/surat/coba']" % self.prefix)
        self.see("practice", "info", [("GET", "/surat/coba")],
                 ["practice.title"])
        b.type("textarea[name=code]", " ".join(self.words[:8]) + " xyzzy")
        self.send("/surat/coba")
        self.see("practice-wrong", "info", [("POST", "/surat/coba")],
                 ["error.summary"], ("code", "no"), 422, ["xyzzy"])
        b.click("main a[href='%s/surat']" % self.prefix)
        self.see("inbox-code", "inbox", [("GET", "/surat")],
                 ["receipt.warn"], words=self.words)
        self.send("/surat/dicatat")
        self.see("written", "sent", [("POST", "/surat/dicatat")],
                 ["sent.written.title"])

    def evidence(self, folder):
        b = self.b
        paths = []
        for n, name in enumerate(("surat.pdf", "foto \u201ca\u201d.jpg")):
            paths.append(os.path.join(folder, name))
            with open(paths[-1], "wb") as f:
                f.write(os.urandom(30000 * (n + 1)))
        self.open("/surat")
        self.see("inbox", "inbox", [("GET", "/surat")],
                 ["inbox.title", "status.received", "inbox.no_answers",
                  "form.file"])
        b.files("input[name=file]", paths)
        self.send("/surat/berkas")
        self.see("files", "sent", [("POST", "/surat/berkas")],
                 ["sent.files.title"], words=["2"])

    def too_large(self, folder):
        """A file over the limit gets a page that can be read."""
        path = os.path.join(folder, "besar.bin")
        with open(path, "wb") as f:
            f.truncate(2 << 20)
        self.open("/surat")
        self.b.do("answers")
        self.b.files("input[name=file]", [path])
        self.send("/surat/berkas")
        self.see("too-large", "error",
                 [("GET", "/surat"), ("POST", "/surat/berkas")],
                 ["error.too_large.title"], ("too_large", "no"), 413)

    def leave(self):
        """Leave now stands on every page; what was seen does not come back."""
        b = self.b
        b.click("header " + self.form("/keluar") + " button")
        self.see("done", "info", [("POST", "/keluar"), ("GET", "/selesai")],
                 ["done.title", "done.close"])
        self.open("/surat")
        self.see("session", "error", [("GET", "/surat")],
                 ["error.session.title"], ("session", "no"), 403)

    def sign_in(self):
        b = self.b
        self.open("/buka")
        self.see("signin", "signin", [("GET", "/buka")],
                 ["check.title", "check.code"])
        wrong = self.words[:8] + ["zaman" if self.words[8] != "zaman"
                                  else "abdi"]
        for name, text, status, say in (
                ("signin-wrong", " ".join(wrong), 401, ""),
                ("signin-word", "xyzzy " + " ".join(self.words[1:]), 422,
                 "xyzzy"),
                ("signin-count", " ".join(self.words[:5]), 422, "5")):
            b.type("textarea[name=code]", text)
            self.send("/buka")
            self.see(name, "signin", [("POST", "/buka")], ["error.summary"],
                     ("code", "no"), status, [say])
        b.type("textarea[name=code]", "\n".join(
            "%d. %s" % (n + 1, w.upper()) for n, w in enumerate(self.words)))
        self.send("/buka")
        self.see("inbox-in", "inbox", [("POST", "/buka"), ("GET", "/surat")],
                 ["inbox.title"])

    def answered(self, text):
        """A desk's answer is read, answered and deleted."""
        b, t = self.b, self.t
        self.open("/surat")
        self.see("inbox-answer", "inbox", [("GET", "/surat")],
                 ["status.need_info", "inbox.signed"], words=[text])
        t.check(self.name + ": the hooks of the answer",
                b.attribute("#status", "data-status") == "NEED_INFO" and
                re.fullmatch("[0-9a-f]+",
                             b.attribute("article.answer", "data-id") or ""))
        self.send("/surat/tulis")
        self.see("message-empty", "inbox", [("POST", "/surat/tulis")],
                 ["error.required"], ("empty", "no"), 422)
        b.type("textarea[name=text]", "Di gedung B. " + MARK)
        self.send("/surat/tulis")
        self.see("message", "sent", [("POST", "/surat/tulis")],
                 ["sent.message.title"])
        b.click("main a[href='%s/surat']" % self.prefix)
        b.do("answers")
        b.tick("article.answer summary")
        self.send("/surat/hapus")
        self.see("deleted", "sent",
                 [("GET", "/surat"), ("POST", "/surat/hapus")],
                 ["sent.deleted.title"])
        b.click("main a[href='%s/surat']" % self.prefix)
        self.see("inbox-deleted", "inbox", [("GET", "/surat")],
                 ["inbox.no_answers"])

    def lost(self):
        """What is not there, and a form that has nothing to give."""
        self.open("/tidak-ada")
        self.see("notfound", "error", [("GET", "/tidak-ada")],
                 ["error.notfound.title"], ("notfound", "no"), 404)
        self.open("/keluar")
        self.see("method", "error", [("GET", "/keluar")],
                 ["error.method.title"], ("method", "no"), 405)

    def sign_out(self):
        self.open("/surat")
        self.b.do("answers")
        self.send("/keluar")
        self.see("signed-out", "info", [("GET", "/surat"),
                                        ("POST", "/keluar"),
                                        ("GET", "/selesai")], ["done.title"])

    def old_form(self):
        """A form of yesterday comes back filled, and can be sent."""
        b = self.b
        self.open("/tulis")
        self.fill("Teks kemarin. " + MARK)
        b.do("answers")
        self.i.advance(13 * 3600)
        self.send("/tulis")
        self.see("form-token", "form", [("GET", "/tulis"),
                                        ("POST", "/tulis")],
                 ["notice.token"], ("token", "no"), 403)
        self.t.equal(self.name + ": the old form's text is still there",
                     b.value("textarea[name=what]"), "Teks kemarin. " + MARK)

    def old_session(self):
        self.open("/buka")
        self.b.type("textarea[name=code]", self.code)
        self.send("/buka")
        self.b.do("answers")
        self.i.advance(31 * 60)
        self.send("/surat/tulis")
        self.see("session-over", "error", [
            ("GET", "/buka"), ("POST", "/buka"), ("GET", "/surat"),
            ("POST", "/surat/tulis")],
                 ["error.session.title"], ("session", "no"), 403)

    def busy(self):
        """Too many reports at once: the form comes back, and may be sent
        again.  A place may fall free just then, so this may take a few."""
        for _ in range(8):
            self.open("/tulis")
            self.fill("Teks saat ramai. " + MARK)
            self.b.do("answers")
            self.proxied()
            with Crowd(self.i):
                self.send("/tulis")
            if self.b.page() == "form":
                break
            self.b.do("answers")
            self.b.do("requests")
        self.see("form-busy", "form", [("POST", "/tulis")],
                 ["error.busy.text"], ("busy", "no"), 503)
        self.t.equal(self.name + ": the text is still there",
                     self.b.value("textarea[name=what]"),
                     "Teks saat ramai. " + MARK)
        self.b.do("answers")
        self.send("/tulis")
        self.words = self.b.texts("#receipt li")
        self.see("receipt-late", "receipt", [("POST", "/tulis")])
        self.code = " ".join(self.words)

    def full(self, folder):
        """No room on the server's disk, for texts or for files."""
        b = self.b
        self.open("/tulis")
        self.fill("Teks saat penuh. " + MARK)
        b.do("answers")
        self.i.stop()
        self.i.set_conf("limits", reserve_files_mib=1048576,
                        reserve_text_mib=1048576)
        self.i.start()
        self.send("/tulis")
        self.see("form-used", "form", [("GET", "/tulis"),
                                       ("POST", "/tulis")],
                 ["notice.draft_used"], ("draft_used", "no"), 422)
        self.send("/tulis")
        self.see("form-full", "form", [("POST", "/tulis")],
                 ["error.full.text"], ("full", "no"), 507)
        self.t.equal(self.name + ": full: the text is still there",
                     b.value("textarea[name=what]"),
                     "Teks saat penuh. " + MARK)
        self.open("/buka")
        b.type("textarea[name=code]", self.code)
        self.send("/buka")
        path = os.path.join(folder, "kecil.bin")
        with open(path, "wb") as f:
            f.write(b"x" * 1000)
        b.do("answers")
        b.files("input[name=file]", [path])
        self.send("/surat/berkas")
        self.see("files-full", "error", [
            ("GET", "/buka"), ("POST", "/buka"), ("GET", "/surat"),
            ("POST", "/surat/berkas")], ["error.full.title"],
            ("full", "no"), 507)

    def proxied(self):
        """What was asked for until now is of no interest."""
        self.wired = len(self.proxy.requests())


class Crowd:
    """As many reports at once as no queue holds, until the block ends."""

    def __init__(self, i, many=100):
        self.over = False
        self.threads = []
        for n in range(many):
            s = i.source()
            form = s.open_form()
            self.threads.append(threading.Thread(
                target=self.send, daemon=True,
                args=(s, form, s.fill(form, "Laporan %d." % n))))

    def send(self, s, form, values):
        while not self.over:
            try:
                s.submit(form, values)
            except OSError:
                pass

    def __enter__(self):
        for t in self.threads:
            t.start()
        time.sleep(0.5)

    def __exit__(self, *_):
        self.over = True
        for t in self.threads:
            t.join()
