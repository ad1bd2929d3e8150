"""What tests/browser/judge.js says of pages: axe (WCAG 2.2 AA, 7:1), the HTML
validator, the layout at 320 px and at 200 %, targets, keys, names; and their
pictures, in build/screenshots.  First it must find what is planted."""
import json
import os
import re
import subprocess

import browser
from harness import BUILD, ROOT, Failed, command

SHOTS = os.path.join(ROOT, "build", "screenshots")
SAMPLES = os.path.join(ROOT, "tests", "browser", "samples.json")

# what is put before </main>, and what must be said of it
PLANTED = (
    ("image", '<p><img src="data:,"></p>', {"axe:image-alt",
                                            "html:wcag/h37"}),
    ("faint", '<p style="color: #999">faint</p>',
     {"axe:color-contrast", "html:no-inline-style"}),
    ("grey", '<p style="color: #666">less than 7:1</p>',
     {"axe:color-contrast-enhanced"}),
    ("dark", '<p style="color: #333">dark on dark</p>',
     {"dark:color-contrast"}),
    ("nesting", "<p><div>a block in a paragraph</div></p>",
     {"html:close-order"}),
    ("label", '<input name="x">', {"axe:label", "name"}),
    ("button", '<button></button>', {"axe:button-name", "name"}),
    ("heading", "<h4>too deep</h4>", {"axe:heading-order"}),
    ("wide", '<p style="width: 500px">wide</p>', {"wide:320"}),
    ("twice", '<p style="width: 15em">as wide as the text</p>',
     {"wide:200%"}),
    ("spaced", '<p style="width: 380px; display: table; white-space: nowrap">'
     'sepuluh kata yang berdiri di satu baris saja</p>', {"wide:spaced"}),
    ("target", '<a href="/" style="display: block; width: 20px">x</a>',
     {"target"}),
    ("focus", "<style>:focus-visible { outline: 0 !important }</style>",
     {"focus"}),
    ("order", '<button tabindex="1">first</button>', {"order"}),
    ("scripts", "<style>p.scripts { display: none !important }</style>",
     {"scripts"}),
    ("summary", '<textarea aria-label="x"></textarea><div role="alert">x'
     "</div>", {"summary"}),
    ("bare", '<textarea aria-label="x" hidden></textarea><button style='
     '"position: fixed; width: 0; padding: 0; border: 0">x</button>',
     {"bare"}),
    ("edge", '<button style="border: 0">x</button>', {"edge"}),
)


def routes():
    """(method, path) of every route, from the server's own table."""
    with open(os.path.join(ROOT, "server", "source_app.c")) as f:
        table = f.read().partition("routes[] = {")[2].partition("\n};")[0]
    return re.findall(r'\b(GET|POST)\(?"?, ?"?(/[^"]*)"', table.replace(
        '(GET"', "").replace('("', ', "'))


def samples(folder):
    """Pages in states that no walk leads to, made without a server."""
    tool = os.path.join(BUILD, "tests", "render_samples")
    p = command([tool, SAMPLES, folder])
    if p.returncode != 0:
        raise Failed("render_samples: " + p.stderr)
    out = []            # those alone that a walk may miss
    for f in sorted(os.listdir(folder)):
        name, lang, _ = f.rsplit(".", 2)
        if not re.match("error-|inbox-consent|inbox-identity|receipt-promise|"
                        "warned-|progress|sent-again|log-", name):
            continue
        with open(os.path.join(folder, f)) as page:
            out.append({"name": "sample-" + name, "lang": lang,
                        "html": page.read(), "csp": p.stdout.strip()})
    return out


def judge(folder, pages):
    """{(name, lang): findings}"""
    path = os.path.join(folder, "pages.json")
    with open(path, "w") as f:
        json.dump(pages, f)
    p = browser.node("judge.js", path, SHOTS, folder=folder,
                     stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    said = p.communicate()[0].decode()
    if p.returncode != 0:
        raise Failed("judge.js: status %d" % p.returncode)
    return {(r["name"], r["lang"]): r["findings"]
            for r in map(json.loads, said.splitlines())}


def planted(t, folder, page):
    pages = [dict(page, name="planted-" + name, csp="", shots=2 * (name in ("focus", "order")),
                  html=page["html"].replace("</main>", what + "</main>"))
             for name, what, _ in PLANTED]
    said = judge(folder, pages)
    for name, _, want in PLANTED:
        got = {f["id"] for f in said["planted-" + name, page["lang"]]}
        t.check("planted: " + name, want <= got, (want, got))


def judged(t, folder, pages):
    """Every page is one check.  All kinds of pictures of what the walk saw in
    Indonesian; phone and desktop, light and dark, of its samples and of what
    the walk saw in English, which goes by Tab too; one of each other page."""
    for p in pages:
        walked = not p["name"].startswith("sample-")
        p["shots"] = 9 if p["lang"] == "id" and walked else \
            4 if p["lang"] == "id" or p["lang"] == "en" and walked else 1
    said = judge(folder, pages)
    t.equal("every page was judged", len(said), len(pages))
    for (name, lang), findings in sorted(said.items()):
        t.check("%s %s" % (name, lang), not findings,
                "\n".join("%s %s" % (f["id"], f["text"][:300])
                          for f in findings[:8]))
    return said
