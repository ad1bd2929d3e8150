"""The way of a source through the pages, in a real browser without scripts."""
import contextlib
import os
import re

import harness
import page_checks
from window import Window

TEXT = "Bendahara meminta setoran dari setiap pedagang.\nSejak Maret 2026."
MARK = "penanda-7Hq2"


class Walk(Window):
    def read(self):
        """The pages that anybody may read, by their links."""
        self.open("/")
        self.see("home", "home", [("GET", "/")],
                 ["home.title", "safety.before", "safety.1",
                  "landing.cta_report", "landing.cta_check"])
        self.cost("a first visit")
        for name, path, title in (
                ("how", "/cara-kerja", "how.title"),
                ("safety", "/keselamatan", "safety.title"),
                ("standard", "/standar-layanan", "standard.title"),
                ("readers", "/pembaca", "readers.title"),
                ("log", "/catatan", "log.title")):
            self.b.click("footer a[href='%s%s']" % (self.prefix, path))
            self.see(name, "info", [("GET", path)], [title])

    def read_some(self, pages):
        """A language that has a few pages; the others are Indonesian."""
        self.open("/")
        self.see("home", "home", [("GET", "/")], ["home.title",
                                                  "site.unreviewed"])
        self.b.click("footer a[href='%s/keselamatan']" % self.prefix)
        self.see("safety", "info", [("GET", "/keselamatan")],
                 ["safety.title", "site.unreviewed"])
        for method, path in [r for r in page_checks.routes()
                             if r[0] == "GET"]:
            self.open(path)
            self.t.equal("%s: the language of %s" % (self.name, path),
                         self.b.attribute("html", "lang"),
                         self.lang if path in ("/", "/keselamatan")
                         else "id")
        self.t.equal("those are its pages", sorted(pages),
                     ["home", "safety"])

    def focused(self, what):
        """Who cannot see it hears first what went wrong."""
        self.t.check("%s: %s: the summary has the focus" % (self.name, what),
                     self.b.run("return document.activeElement.classList"
                                ".contains('summary')"))

    def fill(self, text=TEXT):
        channel = "input[name=channel][value=inspektorat]"
        self.b.type("textarea[name=what]", text)
        for _ in range(5):      # a click that went beside may have undone it
            self.b.tick(channel)
            self.b.tick("input[name=goodfaith]")
            if self.b.has(channel + ":checked"):
                return

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
        b.type("textarea[name=identity]", "Sari")
        b.tick("input[name=about_inspectorate][value=no]")
        b.tick("input[name=category][value=pungli]")
        self.send("/tulis")
        self.see("form-faulty", "form", [("POST", "/tulis")],
                 ["error.summary", "error.required", "error.goodfaith"],
                 ("invalid", "no"), 422)
        self.focused("form-faulty")
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
        self.cost("up to the receipt, with a form that had faults")
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

    def frames(self, folder):
        """The page for files: sent in one frame, seen in the other."""
        b, t = self.b, self.t
        path = os.path.join(folder, "bukti.txt")
        with open(path, "wb") as f:
            f.write(os.urandom(40000))
        send, progress = "/surat/berkas/kirim", "/surat/berkas/kemajuan"
        self.open("/surat/berkas")
        self.see("files-page", "info", [
            ("GET", "/surat/berkas"), ("GET", send), ("GET", progress)],
            ["files.title", "files.keep"], again=True)
        with b.inside(send):
            b.files("input[name=file]", [path])
            b.click("button", stay=True)
            harness.wait_for("the frame's answer", 60,
                             lambda: self.framed("sent"))
            t.check(self.name + ": the frame says that it is kept",
                    self.say["sent.files.title"] in b.text(), b.text())
        with b.inside(progress):
            harness.wait_for("the list of files", 60,
                             lambda: self.framed("info") and
                             b.has("li[data-file=kept]"))
        harness.wait_for("no refresh any more", 30,
                         lambda: self.paused(progress))
        b.do("answers")
        self.proxied()
        for name, path, keys in (
                ("files-form", send, ["check.add"]),
                ("progress", progress, ["progress.title"]),
                ("progress-paused", "/surat/berkas/jeda", ["progress.go"]),
                ("progress-own", "/surat/kemajuan", ["progress.title"])):
            self.open(path)
            self.see(name, "info", [("GET", path)], keys, again=True)

    def framed(self, page):
        """The frame may be on its way from one page to the next."""
        try:
            return self.b.page() == page
        except OSError:
            return False

    def paused(self, progress):
        """The link that stops the refresh, clicked until it took us there: a
        refresh may come between."""
        b = self.b
        with b.inside("/surat/berkas/jeda"):
            if self.framed("info"):
                return True
        with contextlib.suppress(OSError), b.inside(progress):
            b.click("a[href$='/jeda']", stay=True)
        return False

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
        self.open("/surat")
        self.see("inbox-left", "inbox", [("GET", "/surat")], ["inbox.title"])
        b.click(".bar " + self.form("/keluar") + " button")
        self.see("done", "info", [("POST", "/keluar"), ("GET", "/selesai")],
                 ["done.title", "done.close"])
        b.do("back")
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
            self.focused(name)
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
                 ["error.summary", "error.required"], ("empty", "no"), 422)
        self.focused("message-empty")
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

    def consent(self):
        """An officer asks to open the identity; no, and then yes."""
        b = self.b
        self.open("/surat")
        self.see("consent", "inbox", [("GET", "/surat")],
                 ["consent.title", "consent.text", "consent.no"])
        self.send("/surat/izin", "button[name=no]")
        self.see("consent-no", "sent", [("POST", "/surat/izin")])
        b.click("main a[href='%s/surat']" % self.prefix)
        self.see("consent-given", "inbox", [("GET", "/surat")],
                 ["consent.given", "consent.change"])
        b.tick("#consent summary")
        self.send("/surat/izin", "button[name=yes]")
        self.see("consent-yes", "sent", [("POST", "/surat/izin")])

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
