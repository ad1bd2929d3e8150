"""What keeps a source safe in use: leave now on every page, practising the
code, codes refused in texts, the warnings about how a page was reached, and
pages of one size."""
import signal

import harness
import office
from harness import INSPECTORATE

OPEN = ("/", "/tulis", "/buka", "/selesai", "/cara-kerja", "/keselamatan",
        "/standar-layanan", "/pembaca", "/catatan")
TEXT = "Bendahara meminta setoran dari setiap pedagang."


def title(page):
    return page.html.partition("<title>")[2].partition("</title>")[0]


def leave_now(t, i, code):
    with t.part("leave now"):
        for lang in ("id", "en"):
            s = i.source(lang)
            signed = i.source(lang)
            signed.login(code)
            for who, path in [(s, p) for p in OPEN if p != "/selesai"] + \
                    [(signed, p) for p in (*OPEN[:2], "/surat")]:
                page = who.get(path)
                forms = [f for f in page.forms
                         if f.action.endswith("/keluar") and
                         f.names() == ["leave"]]
                t.check("%s %s: leave now" % (lang, path), len(forms) == 1,
                        page.html[:2000])
            page = s.submit(forms and s.get("/buka").forms[0], follow=False)
            t.check("nobody signed in: leaves all the same",
                    page.status == 303 and
                    page.headers["location"].endswith("/selesai") and
                    "clear-site-data" in page.headers, page.headers)
            old = dict(signed.cookies)
            signed.get("/tulis")
            done = signed.leave()
            t.equal("from the form: the last page", done.page, "info")
            signed.cookies = old
            t.check("from the form: the session is over",
                    signed.get("/surat").page != "inbox")
            words = done.html.partition("<main")[2].partition("<!--")[0]
            t.check("the last page says nothing of a report",
                    not any(w in words.lower() for w in
                            ("lapor", "report", "korup", "corrupt", "kode",
                             "code")), words)
        s = i.source()
        s.login(code)
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        for body in (b"", b"token=wrong"):
            page = s.request("POST", "/keluar", body, kind)
            t.equal("signing out asks for the token", page.error, "token")
            t.equal("and keeps the session", s.get("/surat").page, "inbox")
        # Another tab, from before the session, has no token of it.
        old = i.source().get("/tulis")
        tab = [f for f in old.forms if f.names() == ["leave"]]
        page = s.submit(tab[0])
        t.equal("leave now on an older page leaves", page.page, "info")
        t.check("and ends the session",
                s.get("/surat").page != "inbox")


def signed_in_forms(t, i, code):
    """A message from a page of an earlier session, and who reads files."""
    with t.part("a page of an earlier session"):
        s = i.source()
        s.login(code)
        old = s.get("/surat").form(tail="/surat/tulis")
        s.login(code)
        page = s.submit(old, [("text", TEXT + " 88")])
        form = page.form(tail="/surat/tulis")
        t.check("the form comes back filled",
                (page.status, page.page, page.error, page.kept) ==
                (403, "inbox", "token", "no") and form is not None and
                ("text", TEXT + " 88") in form.defaults(), page.html[:2000])
        t.equal("and can be sent", s.submit(form).page, "sent")
    with t.part("who reads files"):
        page = s.get("/surat")
        t.check("the inbox says who reads", page.recipients)
        t.equal("the page for files names the same",
                s.get("/surat/berkas").recipients, page.recipients)


def practice(t, i):
    with t.part("practising the code"):
        s = i.source()
        words = s.send(TEXT).receipt
        page = s.get("/surat/coba")
        # Some words of the list stand on the page whatever the code is.
        other = i.source()
        other.send(TEXT)
        plain = other.get("/surat/coba").html.split()
        t.check("the practice shows no word", page.page == "info" and
                not page.receipt and
                not set(words) & (set(page.html.split()) - set(plain)),
                page.html)

        def typed(text):
            return s.submit(s.get("/surat/coba").form(tail="/surat/coba"),
                            [("code", text)])
        wrong = words[:3] + ["zaman" if words[3] != "zaman" else "abdi"] + \
            words[4:]
        for what, text, say in (
                ("another word", " ".join(wrong), "nomor 4"),
                ("an unknown word", " ".join(words[:8]) + " xyzzy",
                 "xyzzy"),
                ("eight words", " ".join(words[:8]), "8 kata"),
                ("nothing", "", "0 kata")):
            page = typed(text)
            t.check(what + ": refused and named", page.status == 422 and
                    page.error == "code" and say in page.html,
                    (page.status, page.error))
            # a single word of it may well stand on the page by itself
            t.check(what + ": the code does not come back",
                    " ".join(words[:2]) not in page.html and dict(page.form(
                        tail="/surat/coba").defaults())["code"] == "",
                    page.html[-3000:])
        t.check("the code is still shown", s.get("/surat").receipt == words)
        page = typed("\n".join("%d. %s" % (n + 1, w.upper()[:4])
                               for n, w in enumerate(words)))
        t.check("right, in four letters and capitals",
                page.page == "sent" and page.status == 200, page.html[-2000:])
        t.check("the code is shown no more", not s.get("/surat").receipt)
        page = s.get("/surat/coba", follow=False)
        t.check("nothing to practise: back to the inbox",
                page.status == 303, page.status)
        t.equal("the practised code opens the case",
                i.source().login(" ".join(words)).page, "inbox")
        page = i.source().get("/surat/coba")
        t.equal("not signed in: said so", page.error, "session")


def code_in_texts(t, i, words, code):
    with t.part("a code in a text"):
        s = i.source()
        for field in ("what", "who", "where", "when", "how", "loss_idr",
                      "known_how", "reported_before", "identity"):
            form = s.get("/tulis").form(tail="/tulis")
            inside = "Kode saya: " + ", ".join(words).upper() + ". Terima."
            values = {"what": TEXT, "goodfaith": "yes", field: inside}
            page = s.submit(form, list(values.items()))
            t.check("%s: refused, beside the field, and comes back" % field,
                    page.status == 422 and page.page == "form" and
                    'id="err-%s"' % field in page.html and
                    inside in page.html, (page.status, page.page))
        s = i.source()
        s.login(code)
        before = i.status()["cases"]
        page = s.reply("Ini kode saya: %s" % code)
        t.check("a message: refused, and comes back", page.status == 422 and
                page.page == "inbox" and code in page.html and
                'id="err-text"' in page.html, page.status)
        t.equal("eight of them are only words",
                s.reply("Yang itu: " + " ".join(words[:8])).page, "sent")
        t.equal("no case was made", i.status()["cases"], before)


def warnings(t, i):
    def seen(headers):
        page = i.source().request("GET", "/tulis", headers=headers)
        got = page.html.partition('class="warning"')[2].partition("</aside>")
        return (page.status, "perantara" if "perantara" in got[0] else
                "tanpa Tor" if "tanpa Tor" in got[0] else "")

    with t.part("how a page was reached"):
        name = "a" * 56 + ".onion"
        for what, headers, want in (
                ("the onion address", {"Host": name}, ""),
                ("the onion address with a port", {"Host": name + ":80"}, ""),
                ("capitals", {"Host": name.upper()}, ""),
                ("another name", {"Host": "wbs.example"}, "tanpa Tor"),
                ("a name that only sounds so", {"Host": "x.onions.example"},
                 "tanpa Tor"),
                ("a gateway's name", {"Host": name + ".ly"}, "perantara"),
                ("Tor2web", {"Host": name, "X-Tor2web": "1"}, "perantara"),
                ("a proxy", {"Host": name, "X-Forwarded-For": "192.0.2.1"},
                 "perantara"),
                ("a proxy that says so", {"Host": name, "Via": "1.1 x"},
                 "perantara")):
            t.equal(what, seen(headers), (200, want))
        i.set_conf("listen", warn_without_tor="no")
        i.server.send_signal(signal.SIGHUP)
        harness.wait_for("the new config", 10, lambda: seen(
            {"Host": "wbs.example"}) == (200, ""))
        t.equal("switched off: a gateway is still named",
                seen({"Host": name + ".ly"}), (200, "perantara"))


def one_size(t, i, code):
    with t.part("one size, one title"):
        sizes, titles = {}, set()
        for lang in ("id", "en"):
            s = i.source(lang)
            for path in OPEN:
                page = s.get(path)
                sizes[lang + path] = len(page.body)
                titles.add((lang, title(page)))
            s.login(code)
            page = s.get("/surat")
            t.equal("no answer yet", len(page.answers), 0)
            sizes[lang + " inbox, empty"] = len(page.body)
            titles.add((lang, title(page)))
        i.close_epoch()
        office.fetch(t, i, INSPECTORATE)
        for c in office.cases(i, INSPECTORATE):
            for _ in range(3):
                office.reply(t, i, INSPECTORATE, c["case"],
                             "Terima kasih. Kami periksa. " * 40)
        for lang in ("id", "en"):
            s = i.source(lang)
            page = s.login(code)
            t.equal("three answers", len(page.answers), 3)
            sizes[lang + " inbox, three answers"] = len(page.body)
        t.equal("every page has one size", set(sizes.values()), {32768})
        t.equal("every page has the title of the office alone",
                len(titles), 2)


def main(t):
    with t.instance() as i:
        words = i.source().send(TEXT).receipt
        code = " ".join(words)
        i.source().login(code)
        leave_now(t, i, code)
        signed_in_forms(t, i, code)
        practice(t, i)
        code_in_texts(t, i, words, code)
        one_size(t, i, code)
        warnings(t, i)
        i.still_well(code)


harness.run(main)
