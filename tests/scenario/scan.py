"""wapiti, a web scanner of another hand, first finds a fault that was planted,
then nothing in the source's pages.  Only 127.0.0.1 is spoken to: modules that
ask a server of their makers are left out."""
import http.server
import json
import os
import threading
import time
import urllib.parse

import harness

SECONDS = int(os.environ.get("PELUIT_SCAN_SECONDS", "25"))
MODULES = ("backup,blindsql,cookieflags,crlf,csp,exec,file,htaccess,"
           "http_headers,methods,permanentxss,redirect,shellshock,sql,xss")


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


def scan(t, url, modules):
    """{kind of finding: [path and what]}, and the pages that were found."""
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
    return found, got["infos"]["crawled_pages_nbr"] \
        if "crawled_pages_nbr" in got["infos"] else None


def main(t):
    with t.part("a planted fault"):
        web = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Planted)
        threading.Thread(target=web.serve_forever, daemon=True).start()
        found, _ = scan(t, "http://127.0.0.1:%d/" % web.server_port, "xss")
        web.shutdown()
        web.server_close()
        t.check("wapiti finds it", "Cross Site Scripting" in found, found)
    with t.instance(tcp=True) as i, t.part("the source's pages"):
        s = i.source()
        s.send("Laporan yang harus selamat.")
        s.noted()
        code = " ".join(s.receipt)
        began = time.monotonic()
        found, pages = scan(t, "http://" + i.sock["source"][4:] + "/",
                            MODULES)
        print("  %.0f s, pages: %s" % (time.monotonic() - began, pages))
        t.check("wapiti finds nothing", not found,
                json.dumps(found, indent=1))
        i.still_well(code, "the scan")


harness.run(main)
