"""The pages of a source as a person meets them: a form that comes back leads
to each of its faults, what was typed stays, who will read stands there."""
import json
import signal
from html.parser import HTMLParser

import harness

TEXT = "Dana kelas dipungut dua kali."
VOID = {"input", "meta", "br", "hr", "link", "img"}


class Outline(HTMLParser):
    """Where each id stands: can it take the focus, is all around it open?"""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.stack, self.at, self.twice, self.order = [], {}, [], []
        self.refs, self.summary = [], []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        a = dict(attrs)
        if "id" in a:
            shut = [s for s in self.stack if s[0] == "details" and
                    "open" not in s[1]]
            if a["id"] in self.at:
                self.twice.append(a["id"])
            self.order.append(a["id"])
            self.at[a["id"]] = (not shut, "tabindex" in a or tag in
                                ("textarea", "input", "button", "a"))
        for key in ("for", "aria-describedby", "aria-labelledby"):
            self.refs += a.get(key, "").split()
        if tag == "a" and any("summary" in (s[1].get("class") or "").split()
                              for s in self.stack):
            self.summary.append(a["href"])
        if tag not in VOID:
            self.stack.append((tag, a))

    def handle_endtag(self, tag):
        while self.stack and self.stack.pop()[0] != tag:
            pass


def check_outline(t, what, page):
    o = Outline(page.html)
    t.equal(what + ": no id twice", o.twice, [])
    t.equal(what + ": each reference leads somewhere",
            [r for r in o.refs if r not in o.at], [])
    ids = [h[1:] for h in o.summary]
    t.check(what + ": the summary links to fields of this page",
            all(h.startswith("#") for h in o.summary) and
            all(i in o.at for i in ids), o.summary)
    t.equal(what + ": each of them is in sight and takes the focus",
            [i for i in ids if o.at.get(i) != (True, True)], [])
    t.equal(what + ": in the order of the page",
            [i for i in o.order if i in ids], ids)
    return ids


def form(t, i):
    typed = {"who": "Bendahara\nkepala", "where": "kantor", "when": "2025",
             "how": "amplop", "loss_idr": "9", "known_how": "melihat",
             "reported_before": "camat", "identity": "Sari"}
    with t.part("a form with all its faults"):
        for lang in ("id", "en"):
            s = i.source(lang)
            f = s.open_form()
            check_outline(t, lang + " empty form", s.get("/tulis"))
            long = "a" * 10001
            values = dict({k: long for k in typed}, what=" ",
                          about_inspectorate="perhaps", category="mimpi",
                          channel="gudang", recipients="")
            page = s.submit(f, list(values.items()))
            t.equal("it comes back", (page.status, page.page, page.error),
                    (422, "form", "invalid"))
            ids = check_outline(t, lang + " all faults", page)
            t.equal("a link for each fault", set(ids), {"f-" + k for k in (
                *typed, "what", "about_inspectorate", "category", "channel",
                "goodfaith")})
            t.equal("and a fault at each field", set(page.errors),
                    {x[2:] for x in ids})
            t.check("all that was typed is there",
                    page.html.count(long) == len(typed))
    with t.part("one fault; the rest stays as it was typed"):
        s = i.source()
        f = s.open_form()
        page = s.submit(f, list(dict(typed, what=TEXT, category="suap",
                                     about_inspectorate="unknown").items()))
        t.equal("only the tick is missing", page.errors, ["goodfaith"])
        check_outline(t, "one fault", page)
        back = page.form(tail="/tulis")
        got = dict(back.defaults())
        for k, v in dict(typed, what=TEXT, category="suap",
                         about_inspectorate="unknown").items():
            t.equal(k + " comes back", got.get(k), v)
        receipt = s.submit(back, [("goodfaith", "yes")])
        t.equal("and can be sent", receipt.page, "receipt")
    with t.part("readers changed while the form was open"):
        s = i.source()
        page = s.submit(s.open_form(), [("what", TEXT), ("goodfaith", "yes"),
                                        ("recipients", "inspektorat:00")])
        t.equal("the list is at fault", page.errors, ["recipients"])
        check_outline(t, "readers changed", page)


def channel(t, i):
    with t.part("the question about the Inspectorate decides"):
        s = i.source()
        f = s.open_form()
        t.check("keepers of identities are shown, apart from readers",
                "kustodian-1" in s.get("/tulis").html)
        page = s.submit(f, [("what", TEXT), ("about_inspectorate", "yes"),
                            ("channel", "inspektorat")])
        t.equal("a form that comes back shows whom it goes to",
                dict(page.form(tail="/tulis").defaults())["channel"], "luar")
        page = s.submit(page.form(tail="/tulis"), [
            ("goodfaith", "yes"), ("channel", "inspektorat")])
        t.equal("taken", page.page, "receipt")
        keys = json.loads(i.peluitd("keys", i.dir, "--json").stdout)
        outside = keys["channels"]["luar"]["recipients"]
        t.equal("the receipt says who reads: those outside alone",
                page.recipients, [r["fingerprint"] for r in outside])
        t.equal("so does the inbox", s.get("/surat").recipients,
                page.recipients)


def no_code(t, i):
    with t.part("I sent it but saw no code"):
        s = i.source()
        f = s.open_form()
        nocode = s.get("/tulis").form(tail="/tulis/kode")
        page = s.submit(nocode)
        t.equal("before it was sent: said so", (page.status, page.error),
                (404, "notfound"))
        sent = s.submit(f, [("what", TEXT), ("goodfaith", "yes")])
        again = i.source()
        again.cookies = {"f": s.cookies["f"]}
        page = again.submit(nocode)
        t.equal("after it was sent: the same code", page.receipt,
                sent.receipt)
        t.equal("and one case", page.page, "receipt")
        s.submit(sent.form(tail="/surat/dicatat"))
        again = i.source()
        again.cookies = {"f": nocode and s.cookies.get("f", "")}
        page = again.submit(nocode)
        t.check("after it was written down: no code, and it says why",
                not page.receipt and page.error in ("draft_shown", "token"),
                (page.status, page.error))


def languages(t, i):
    """Javanese has the home and the safety page; nobody meets half a
    translation elsewhere."""
    with t.part("a language of two pages"):
        s = i.source("jv")
        for path in ("/", "/keselamatan"):
            page = s.get(path, follow=False)
            t.check("jv %s: there, and says that it is unreviewed" % path,
                    page.status == 200 and '<html lang="jv">' in page.html
                    and "dereng dipuntliti" in page.text, page.html[:3000])
            t.check("jv %s: warned in its own words" % path,
                    "tanpa Tor. Panyedhiya" in page.text)
            t.check("jv %s: leads to the others and back" % path,
                    {path, "/en" + path} <= set(page.links) and
                    ("/jv" + path) in i.source().get(path).links, page.links)
            check_outline(t, "jv " + path, page)
            for link in {x for x in page.links if x[0] == "/"}:
                end = i.source("jv").request("GET", link)
                t.check("jv %s: %s is whole" % (path, link),
                        end.status == 200 or link == "/jv/surat", end.status)
        for path in ("/tulis", "/buka", "/surat", "/cara-kerja",
                     "/standar-layanan", "/pembaca", "/catatan", "/selesai", "/surat/coba"):
            page = i.source("jv").get(path, follow=False)
            t.equal("jv%s leads to Indonesian" % path,
                    (page.status, page.headers.get("location")), (303, path))
        page = i.source("jv").get("/tidak-ada")
        t.check("a page that is not there: told in Indonesian",
                page.status == 404 and '<html lang="id">' in page.html)
        for other in ("", "/en"):
            t.check("no link to what is not there: " + other,
                    not [x for x in i.source().get(
                        other + "/tulis").links if x.startswith("/jv")])
    with t.part("signed in, on a page of such a language"):
        s = i.source("jv")
        s.submit(i.source().open_form() and s.request(
            "GET", "/tulis").form(field="what"),
            [("what", TEXT), ("goodfaith", "yes")])
        page = s.get("/")
        t.check("the code stands there", len(page.receipt) == 9 and
                "Cathet kode punika" in page.text, page.html[:4000])
        done = s.submit(page.form(tail="/surat/dicatat"))
        t.check("what a form leads to is whole, in Indonesian",
                done.page == "sent" and '<html lang="id">' in done.html)
        out = s.submit(s.get("/").form(tail="/keluar"), follow=False)
        t.equal("leave now", (out.status, out.headers.get("location")),
                (303, "/selesai"))
        t.check("and it is over", not s.cookies.get("s"))
    with t.part("titles and labels in that language"):
        i.set_conf("instance", title_jv='"Layanan Serat Kitha"')
        i.server.send_signal(signal.SIGHUP)
        harness.wait_for("the new config", 10, lambda: "Layanan Serat Kitha"
                         in i.source("jv").get("/").text)
        t.check("the others keep theirs",
                "Serat" not in i.source().get("/").text)


def told(t, i):
    """The pages that inform say what the config, the roster and the log say,
    and nothing else."""
    keys = json.loads(i.peluitd("keys", i.dir, "--json").stdout)
    with t.part("who reads"):
        for lang in ("id", "en"):
            page = i.source(lang).get("/pembaca")
            check_outline(t, lang + " readers", page)
            t.equal("readers of all channels", page.recipients, [
                m["fingerprint"] for c in ("inspektorat", "luar")
                for m in keys["channels"][c]["recipients"]])
            for c in keys["channels"].values():
                t.check("marks of sets and keepers of identities", all(
                    x in page.text for x in [c["fingerprint"]] + [
                        m["fingerprint"] for m in c["custodians"]]))
            t.check("the auditor, and the roster's number",
                    "auditor-1" in page.text and " 1," in page.text,
                    page.text)
    with t.part("the log"):
        i.close_epoch()
        log = harness.connection(i.sock["log"])
        log.request("GET", "/checkpoint")
        checkpoint = log.getresponse().read().decode()
        log.close()
        for lang in ("id", "en"):
            page = i.source(lang).get("/catatan")
            check_outline(t, lang + " log", page)
            t.check("the checkpoint as published, the keys",
                    checkpoint in page.text and
                    all(k in page.text for k in
                        [keys["log"]] + keys["roster_keys"]), page.text)
            t.check("a command to begin with", "peluit-audit init http://"
                    "\u2026.onion/ %s %s" % (keys["log"], " ".join(
                        keys["roster_keys"])) in page.text, page.text)
    with t.part("the service standard"):
        s = i.source()
        text = s.get("/standar-layanan").text
        t.check("the defaults", all("%d %s" % x in text for x in (
            (48, "jam"), (3, "hari"), (5, "hari"), (14, "hari"), (60, "hari"),
            (30, "hari"), (365, "hari"))), text)
        onion = "a" * 55 + "d.onion"
        i.set_conf("clocks", review_days="7", overall_days="0")
        i.set_conf("listen", onion='"%s"' % onion, log_onion='"%s"' % (
            "b" * 55 + "d.onion"))
        i.server.send_signal(signal.SIGHUP)
        harness.wait_for("the new config", 10, lambda: "7 hari kerja" in
                         s.get("/standar-layanan").text)
        t.check("what is not promised is not said",
                "berkadar" not in s.get("/standar-layanan").text)
        t.check("the address to type in Tor Browser",
                onion in i.source().get("/").text)
        t.check("where the log is", "http://%sd.onion/ " % ("b" * 55) in
                i.source().get("/catatan").text)


def main(t):
    with t.instance() as i:
        told(t, i)
        languages(t, i)
        form(t, i)
        channel(t, i)
        no_code(t, i)


harness.run(main)
