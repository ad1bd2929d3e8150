"""One page in the window of a real browser, seen as a person sees it: its
heading and sentences in the language (from web/locale), where it leads, what
was asked for over the wire to get it; and as tests from outside do: the hooks.
What was seen is kept for the checks of page_checks.py."""
import os
import re
import socket
import urllib.parse

from browser import Browser
from harness import ROOT
from socks import Proxy

ONION = "a" * 56 + ".onion"
TITLES = {"id": "Layanan Surat Kota", "en": "City Letter Service"}
PAGE_MAX = 64 * 1024
# What a browser's history may hold: none of it says what was done.
NEUTRAL = {"", "tulis", "kode", "buka", "surat", "berkas", "hapus", "dicatat",
           "coba", "izin", "keluar", "selesai", "cara-kerja", "keselamatan",
           "standar-layanan", "pembaca", "catatan", "kirim", "kemajuan",
           "jeda", "en", "jv", "tidak-ada"}


def languages():
    """{code: the pages that it has, or None for all}, as the .po files say."""
    out = {}
    folder = os.path.join(ROOT, "web", "locale")
    for f in sorted(os.listdir(folder)):
        with open(os.path.join(folder, f)) as po:
            m = re.search(r'^"X-Peluit-Pages: (.*)\\n"$', po.read(), re.M)
        out[f[:-3]] = m and m[1].split()
    return out


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


class Window:
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

    def see(self, name, page, wire, keys=(), error=None, status=200, words=(),
            again=False):
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
                got["title"] == TITLES.get(self.lang, TITLES["id"]) and not got["query"] and
                set(got["path"].strip("/").split("/")) <= NEUTRAL,
                (got["title"], got["path"], got["query"]))
        t.check(what + ": nothing but text and forms, one heading",
                not got["foreign"] and got["heads"] == 1, got)
        seen = flat(got["text"])
        for s in [self.say[k] for k in keys] + list(words):
            t.check(what + ": a person reads \u201c%s\u201d" % s,
                    flat(s) in seen, seen[:3000])
        self.asked(what, wire, again)
        self.keep(what, name, page, wire, status)

    def asked(self, what, wire, again=False):
        """One request a page, and one more for each redirect; to us alone.
        Again: a frame that refreshes itself asks more than once."""
        all_ = self.proxy.requests()
        now, self.wired = all_[self.wired:], len(all_)
        want = [(m, self.prefix + p if p != "/" else self.prefix + "/")
                for m, p in wire]
        if again:
            now, want = sorted(set(now)), sorted(set(want))
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
                          "path": urllib.parse.urlsplit(a["url"]).path,
                          "status": status, "html": a["html"],
                          "csp": a["csp"], "size": size})

    def shot(self, name):
        folder = os.path.join(ROOT, "build", "screenshots", self.kind)
        os.makedirs(folder, exist_ok=True)
        self.b.do("shot", full=True, path=os.path.join(
            folder, "%s.%s.png" % (name, self.lang)))

    def cost(self, what):
        up, down = self.proxy.bytes()
        print("  %s: %s: %d requests, %d bytes sent, %d received" %
              (self.name, what, len(self.proxy.requests()), up, down))

    def proxied(self):
        """What was asked for until now is of no interest."""
        self.wired = len(self.proxy.requests())
