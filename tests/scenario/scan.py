"""wapiti, a web scanner of another hand, first finds a fault that was planted,
then nothing in the source's pages, as a stranger and signed in.  Only
127.0.0.1 is spoken to: modules that ask a server of their makers are left
out."""
import contextlib
import glob
import http.server
import json
import os
import sqlite3
import threading
import time
import urllib.parse

import harness

SECONDS = int(os.environ.get("PELUIT_SCAN_SECONDS", "25"))
MODULES = ("backup,blindsql,cookieflags,crlf,csp,exec,file,htaccess,"
           "http_headers,methods,permanentxss,redirect,shellshock,sql,xss")


# What is behind a code differs in its fields, not in its headers and folders.
INPUTS = "crlf,exec,file,permanentxss,redirect,sql,xss"
OPEN = {"GET /", "GET /tulis", "POST /tulis", "GET /buka", "POST /buka",
        "GET /cara-kerja", "GET /keselamatan", "GET /standar-layanan",
        "GET /pembaca", "GET /catatan", "GET /en/", "POST /en/tulis"}
SIGNED_IN = {"GET /surat", "POST /surat/tulis", "GET /surat/berkas"}
# What would end its session.
LEAVING = ("/keluar", "/surat/hapus")


class Planted(http.server.BaseHTTPRequestHandler):
    """A page that gives back what it is asked with."""

    def do_GET(self):
        q = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query)
        body = ("<html><body><form action='/'><input name='q'></form>%s"
                "</body></html>" % q.get("q", [""])[0]).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def signed_in(s):
    """A server that passes on what it is asked, with the cookies of s: wapiti
    then has them from the first page on, and cannot sign out."""

    class Before(http.server.BaseHTTPRequestHandler):
        def pass_on(self):
            n = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(n) if n else None
            kind = self.headers.get("Content-Type")
            leaves = urllib.parse.urlsplit(self.path).path.endswith(LEAVING)
            page = s.request(*("GET", "/selesai") if leaves else
                             (self.command, self.path, body,
                              {"Content-Type": kind} if kind else None),
                             follow=False)
            self.send_response(page.status)
            for k, v in page.headers.items():
                if k not in ("connection", "set-cookie"):
                    self.send_header(k, v)
            self.end_headers()
            self.wfile.write(page.body)

        do_GET = do_POST = pass_on

        def log_message(self, *_):
            pass

    return http.server.HTTPServer(("127.0.0.1", 0), Before)


def scan(t, url, modules):
    """{kind of finding: [path and what]}, and {method and path} crawled."""
    home = t.folder()
    out = os.path.join(home, "report.json")
    p = harness.command(
        ["wapiti", "-u", url, "-m", modules, "-f", "json", "-o", out,
         "--store-session", home, "--store-config", home, "--no-bugreport",
         "--max-scan-time", str(SECONDS), "--max-attack-time", str(SECONDS),
         "-v", "0", "--color"],
        env=dict(os.environ, HOME=home), timeout=SECONDS * 40)
    try:
        with open(out) as f:
            got = json.load(f)
    except (OSError, ValueError):
        raise harness.Failed("wapiti: " + p.stdout[-500:] + p.stderr[-500:])
    found = {}
    for part in ("vulnerabilities", "anomalies"):
        for kind, each in got[part].items():
            if each:
                found[kind] = ["%s: %s" % (x["path"], x["info"])
                               for x in each]
    # An onion's pages come by plain HTTP.
    found.pop("Secure Flag cookie", None)
    crawled = set()
    for name in glob.glob(os.path.join(home, "*.db")):
        db = sqlite3.connect(name)
        crawled |= {m + " " + urllib.parse.urlsplit(path).path
                    for m, path in db.execute(
                        "SELECT method, path FROM paths WHERE evil = 0")}
        db.close()
    return found, crawled


@contextlib.contextmanager
def serving(web):
    threading.Thread(target=web.serve_forever, daemon=True).start()
    try:
        yield "http://127.0.0.1:%d/" % web.server_port
    finally:
        web.shutdown()
        web.server_close()


def nothing(t, url, modules, needs):
    began = time.monotonic()
    found, pages = scan(t, url, modules)
    print("  %.0f s, pages and forms: %d" % (time.monotonic() - began,
                                             len(pages)))
    t.check("wapiti finds nothing", not found, json.dumps(found, indent=1))
    t.equal("pages and forms that it did not see", needs - pages, set())


def main(t):
    with t.part("a planted fault"), serving(http.server.ThreadingHTTPServer(
            ("127.0.0.1", 0), Planted)) as url:
        found, _ = scan(t, url, "xss")
        t.check("wapiti finds it", "Cross Site Scripting" in found, found)
    with t.instance(tcp=True) as i:
        with t.part("as a stranger"):
            nothing(t, "http://" + i.sock["source"][4:] + "/", MODULES, OPEN)
        s = i.source()
        s.send("Laporan yang harus selamat.")
        s.noted()
        code = " ".join(s.receipt)
        with t.part("signed in"), serving(signed_in(s)) as url:
            nothing(t, url, INPUTS, OPEN | SIGNED_IN)
            t.equal("its session is still open",
                    s.request("GET", "/surat", follow=False).status, 200)
        i.still_well(code, "the scan")


harness.run(main)
