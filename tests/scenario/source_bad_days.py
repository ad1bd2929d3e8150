"""What a source meets when the server can do no more."""
import os
import threading
import time

from source_walk import MARK, Walk


class BadDays(Walk):
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
