"""Every path of a source in Chromium and in Firefox with Tor Browser's level
Safest: no script, one request a page, nothing asked of others, each page what
a person needs to read."""
import os

import harness
import office
import page_checks
from browser import BROWSERS, Browser
from harness import INSPECTORATE
from source_bad_days import BadDays
from source_walk import Walk
from window import languages

ANSWER = "Terima kasih. Di gedung mana?"


def scripts_are_off(t, folder):
    """The same browser runs a script when scripts are on; and what a page asks
    of another is seen."""
    path = os.path.join(folder, "script.html")
    with open(path, "w") as f:
        f.write('<p id="p">off</p><script>document.getElementById("p")'
                '.textContent = "on"</script>'
                '<img src="http://planted.invalid/">')
    for kind in BROWSERS:
        for scripts, want in ((True, "on"), (False, "off")):
            with Browser(folder, kind, scripts=scripts) as b:
                b.open("file://" + path)
                t.equal("%s: scripts are %s" % (kind, want), b.text("#p"),
                        want)
                t.check("%s: a planted request is seen" % kind,
                        any("//planted.invalid/" in u
                            for u in b.do("requests")))


def whole(t, folder, kind, lang, kept):
    """One source's life, from the first page to the last."""
    with t.instance(limits={"file_mib": 1}) as i, \
            Walk(t, i, folder, kind, lang, kept) as w, \
            t.part("%s %s" % (kind, lang)):
        w.read()
        w.report()
        w.no_code()
        w.practise()
        w.evidence(folder)
        w.frames(folder)
        w.too_large(folder)
        w.leave()
        w.sign_in()
        i.close_epoch()
        office.fetch(t, i, INSPECTORATE)
        case = office.only_case(t, i, INSPECTORATE)
        office.reply(t, i, INSPECTORATE, case, ANSWER, "--status",
                     "NEED_INFO")
        w.answered(ANSWER)
        p = i.peluit(INSPECTORATE, "identity", "ask", case)
        t.need("the desk asks", p.returncode == 0, p.stdout + p.stderr)
        w.consent()
        w.lost()
        w.sign_out()
        w.old_form()
        w.old_session()
        routes(t, w)
        i.still_well(w.code)


def bad_days(t, folder, kind, lang, kept):
    """What a source meets when the server can do no more."""
    with t.instance() as i, BadDays(t, i, folder, kind, lang, kept) as w, \
            t.part("%s %s: bad days" % (kind, lang)):
        w.busy()
        w.full(folder)
        i.stop()
        i.set_conf("limits", reserve_files_mib=512, reserve_text_mib=256)
        i.start()
        i.still_well(w.code)


def some(t, folder, kind, lang, kept, pages):
    with t.instance() as i, Walk(t, i, folder, kind, lang, kept) as w, \
            t.part("%s %s" % (kind, lang)):
        w.read_some(pages)


def routes(t, w):
    """Each route of the server's table was asked for: a new one needs a step
    of its own here."""
    asked = {(m, p[len(w.prefix):] or "/") for m, p in w.proxy.requests()
             if p.startswith(w.prefix)}
    for route in page_checks.routes():
        t.check("%s: %s %s was walked" % (w.name, *route), route in asked)


def main(t):
    folder = t.folder()
    kept = []
    t.check("the table of routes is read", ("POST", "/keluar") in
            page_checks.routes())
    with t.part("scripts"):
        scripts_are_off(t, folder)
    langs = languages()
    for kind, lang in [("chromium", x) for x in langs] + [("firefox", "id")]:
        if langs[lang]:
            some(t, folder, kind, lang, kept, langs[lang])
            continue
        whole(t, folder, kind, lang, kept)
        bad_days(t, folder, kind, lang, kept)
    with t.part("pages"):
        made = t.folder()
        kept += page_checks.samples(made)
        page_checks.planted(t, folder, next(
            p for p in kept if p["name"] == "signin"))
        page_checks.judged(t, folder, kept)


harness.run(main)
