"""The papers of an office: the notice for its wall and the page for the city's
ordinary web site.  Each is one file by itself, and its QR code is read back."""
import json
import os
import re
import subprocess

import harness

ONION = "peluit" + "w7k2" * 12 + "ad.onion"
OTHER = "peluit" + "x5m3" * 12 + "ad.onion"
LOG = "l" * 55 + "d.onion"
# What a file by itself has no use for: each would fetch, run or send.
NEVER = ("<script", "<form", "<input", "<img", "<link", "<iframe", "src=",
         "http:", "https:", "url(", "@import", " on", '"//')


def alone(t, what, html):
    for word in NEVER:
        found = re.findall(r" on[a-z]+=", html) if word == " on" else \
            [word] if word in html else []
        t.equal("%s: no %s" % (what, word), found, [])
    t.check(what + ": links to itself alone", all(
        h.startswith("#") for h in re.findall(r'href="([^"]*)"', html)))
    t.check(what + ": forbids a browser the rest, too",
            "default-src 'none'" in html and "form-action 'none'" in html)


def chromium(folder, *args):
    argv = ["chromium", "--headless=new", "--disable-gpu", "--no-first-run",
            "--disable-dev-shm-usage", "--hide-scrollbars",
            "--user-data-dir=" + os.path.join(folder, "profile")]
    if os.geteuid() == 0:
        argv.append("--no-sandbox")
    subprocess.run(argv + list(args), stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL, timeout=300, check=True,
                   env=dict(os.environ, HOME=folder))


def decoded(folder, html):
    """What another hand's decoder reads in the page as a browser draws it."""
    page = os.path.join(folder, "p.html")
    with open(page, "w") as f:
        f.write(html)
    png = os.path.join(folder, "p.png")
    chromium(folder, "--window-size=760,1100", "--screenshot=" + png,
             "file://" + page)
    out = subprocess.run(["zbarimg", "-q", "--raw", png], text=True,
                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return out.stdout.strip()


def pages(folder):
    """How many sheets of A4 it prints on."""
    pdf = os.path.join(folder, "p.pdf")
    chromium(folder, "--no-pdf-header-footer", "--print-to-pdf=" + pdf,
             "file://" + os.path.join(folder, "p.html"))
    with open(pdf, "rb") as f:
        data = f.read()
    boxes = set(re.findall(rb"/MediaBox\s*\[([^\]]*)\]", data))
    return len(re.findall(rb"/Type\s*/Page\b", data)), boxes


def main(t):
    with t.instance(serve=False) as i:
        with t.part("without an address"):
            for name in ("poster", "landing"):
                p = i.peluitd(name, i.dir)
                t.check(name + ": names the key that is missing",
                        p.returncode == 3 and "listen.onion" in p.stderr and
                        not p.stdout, (p.returncode, p.stderr))
                t.equal(name + ": wrong use",
                        i.peluitd(name, i.dir, "x").returncode, 2)
                t.equal(name + ": no instance",
                        i.peluitd(name, i.top + "/none").returncode, 3)
        i.set_conf("listen", onion='"%s"' % ONION, log_onion='"%s"' % LOG)
        i.set_conf("instance", title_id='"Layanan <Surat> & Kota"')
        keys = json.loads(i.peluitd("keys", i.dir, "--json").stdout)
        marks = [keys["log"], LOG, *keys["roster_keys"]]
        for c in keys["channels"].values():
            marks += [c["fingerprint"]] + [
                m["fingerprint"] for m in c["recipients"] + c["custodians"]]
        files = {}
        for name in ("poster", "landing"):
            with t.part(name):
                p = i.peluitd(name, i.dir)
                t.check(name + ": made, nothing said",
                        p.returncode == 0 and not p.stderr, p.stderr)
                html = files[name] = p.stdout
                alone(t, name, html)
                t.equal(name + ": what is to be compared",
                        [m for m in marks if m not in html], [])
                t.check(name + ": in both languages",
                        'lang="id"' in html and 'lang="en"' in html and
                        "Buka Tor Browser dulu" in html and
                        "Open Tor Browser first" in html)
                t.check(name + ": values are escaped",
                        "Layanan &lt;Surat&gt; &amp; Kota" in html)
                t.check(name + ": says that it is a demo's",
                        "contoh untuk latihan" in html)
        t.check("landing: the address as text", ONION in files["landing"])
        text = re.sub(r"<[^>]*>", "", files["poster"])
        t.check("poster: the address to copy by hand", ONION in text)
        with t.part("the QR code"):
            folder = t.folder()
            t.equal("another hand reads the address in it",
                    decoded(folder, files["poster"]), ONION)
            t.equal("one sheet", pages(folder)[0], 1)
            t.check("of A4", all(
                [round(float(x)) for x in b.split()] in (
                    [0, 0, 595, 842], [0, 0, 596, 842], [0, 0, 594, 841])
                for b in pages(folder)[1]), pages(folder)[1])
            i.set_conf("listen", onion='"%s"' % OTHER)
            t.equal("another address is another code",
                    decoded(folder, i.peluitd("poster", i.dir).stdout), OTHER)
            broken = re.sub(r'(<path fill="#000" d=")', r"\1M0 0h45v9h-45z",
                            files["poster"])
            t.equal("a broken code is not read", decoded(folder, broken), "")


harness.run(main)
