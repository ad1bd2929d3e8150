"""The receipt: the only key, forgiving to type, the same for a form sent
twice; and the session that it opens."""
import harness
from harness import Source

TEXT = "Uji kode akses: panitia lelang meminta uang."


def form_values(s, text=TEXT):
    form = s.open_form()
    return form, s.fill(form, text)


def sent_twice(t, i):
    with t.part("the same form twice"):
        before = i.status()["cases"]
        s = i.source()
        form, values = form_values(s)
        kept = dict(s.cookies)
        first = s.submit(form, values)
        t.need("a receipt", first.page == "receipt", first.html[-2000:])
        t.equal("nine words", len(first.receipt), 9)
        t.check("no script on the page", first.scripts == 0)
        again = Source(s.base)
        again.cookies = dict(kept)
        second = again.submit(form, values)
        t.equal("sent again under the form's cookie: the same receipt",
                second.receipt, first.receipt)
        again = Source(s.base)
        again.cookies = dict(kept)
        again.page = first
        back = again.open_form()
        t.equal("the page after Back has the same draft: the same receipt",
                again.submit(back, again.fill(back, TEXT)).receipt,
                first.receipt)
        t.equal("one case", i.status()["cases"], before + 1)

        # "I sent it but saw no code"
        again = Source(s.base)
        again.cookies = dict(kept)
        page = again.get("/tulis")
        code = page.form(tail="/tulis/kode")
        t.need("the form has 'saw no code'", code is not None)
        page = again.submit(code)
        t.equal("it gives the same receipt", page.receipt, first.receipt)

        # other content under a used draft
        again = Source(s.base)
        again.cookies = dict(kept)
        other = "Teks yang lain sama sekali, 77."
        form2 = again.open_form()
        page = again.submit(form2, again.fill(form2, other))
        t.check("other content under a used draft is not kept",
                page.page != "receipt" and page.kept == "no",
                (page.page, page.status, page.error, page.kept))
        t.check("and its text comes back", other in page.html)
        t.equal("still one case", i.status()["cases"], before + 1)
        form3 = page.form(field="what") or again.open_form()
        page = again.submit(form3, again.fill(form3, other))
        t.check("it can be sent as a new report", page.page == "receipt" and
                page.receipt != first.receipt, (page.page, page.error))
        t.equal("two cases", i.status()["cases"], before + 2)
        return first.receipt
    return None


def typing(t, i, words):
    with t.part("forgiving input"):
        code = " ".join(words)
        for name, typed in (
                ("as shown", code),
                ("in capitals", code.upper()),
                ("with hyphens", "-".join(words)),
                ("in lines", "\r\n".join(words) + "\r\n"),
                ("four letters each", " ".join(w[:4] for w in words)),
                ("with blanks around", "  " + "   ".join(words) + " ")):
            s = i.source()
            page = s.login(typed)
            t.check("the code opens: " + name, page.page == "inbox",
                    (page.status, page.page, page.error))
            t.equal("its status: " + name, page.case_status, "RECEIVED")
        s = i.source()
        wrong = list(words)
        wrong[4] = "xyzzyq"
        page = s.login(" ".join(wrong))
        t.equal("a word not in the list: the sign-in page", page.page,
                "signin")
        t.check("it is named", "xyzzyq" in page.text, page.text[:600])
        t.check("with 401 or 422", page.status in (401, 422), page.status)
        page = i.source().login(" ".join(words[:8]))
        t.check("eight words", page.page == "signin" and
                page.status in (401, 422), (page.status, page.page))
        page = i.source().login("")
        t.check("no words", page.page == "signin" and
                page.status in (400, 401, 422), (page.status, page.page))
        # One word taken for another one of the list.
        answers = []
        for swap in (0, 8):
            wrong = list(words)
            wrong[swap] = words[(swap + 1) % 9] if words[(swap + 1) % 9] != \
                words[swap] else words[(swap + 2) % 9]
            page = i.source().login(" ".join(wrong))
            t.equal("a wrong code: 401", page.status, 401)
            t.equal("a wrong code: data-error", page.error, "code")
            answers.append(page.html.replace(page_token(page), ""))
        t.equal("every wrong code is answered the same way", answers[0],
                answers[1])
        en = i.source("en").login(" ".join(wrong))
        t.check("English: 401", en.status == 401 and en.error == "code" and
                'lang="en"' in en.html, (en.status, en.error))


def page_token(page):
    f = page.form(field="token")
    return dict(f.defaults()).get("token", "?") if f else "?"


def sessions(t, i, words):
    code = " ".join(words)
    with t.part("signing out"):
        s = i.source()
        t.need("signed in", s.login(code).page == "inbox")
        old = dict(s.cookies)
        raw = s._once("GET", "/surat", None, None)
        form = next((f for f in raw.forms if f.action.endswith("/keluar") and
                     "leave" not in f.names()), None)
        t.need("a way to sign out", form is not None)
        s.page = raw
        page = s.submit(form)
        t.check("signed out", page.page in ("home", "signin", "info"),
                (page.page, page.status))
        s.cookies = old
        page = s.get("/surat")
        t.check("the old cookie opens nothing",
                page.page not in ("inbox", "receipt") and
                not page.case_status, (page.page, page.status))
    with t.part("leave now"):
        s = i.source()
        s.login(code)
        old = dict(s.cookies)
        form = s._leave_form(True)
        page = s.submit(form, follow=False)
        t.check("leave now clears the site's data",
                "clear-site-data" in page.headers, page.headers)
        s.cookies = old
        page = s.get("/surat")
        t.check("after leave now the cookie opens nothing",
                page.page != "inbox", page.page)
    with t.part("thirty minutes"):
        s = i.source()
        s.login(code)
        i.advance(25 * 60)
        t.equal("after 25 minutes still signed in", s.get("/surat").page,
                "inbox")
        i.advance(25 * 60)
        t.equal("use renews it", s.get("/surat").page, "inbox")
        i.advance(31 * 60)
        page = s.get("/surat")
        t.check("after 31 minutes signed out", page.page != "inbox",
                page.page)
    with t.part("twelve hours"):
        s = i.source()
        s.login(code)
        for _ in range(26):
            i.advance(28 * 60)
            s.get("/surat")
        t.check("after 12 hours signed out, however used",
                s.page.page != "inbox", s.page.page)


def too_late(t, i):
    with t.part("back after sixteen minutes, the code never seen"):
        s = i.source()
        form, values = form_values(s, TEXT + " 16")
        kept = dict(s.cookies)
        s.submit(form, values)
        i.advance(16 * 60)
        again = Source(s.base)

        def asked():
            # asked before the server's next tick it still gives a session
            again.cookies = dict(kept)
            again.submit(again.get("/tulis").form(tail="/tulis/kode"))
            return again.page.error == "draft_shown"
        harness.wait_for("the code to be shown no more", 20, asked)
        page = again.page
        t.check("kept, and no code", page.kept == "yes" and
                not page.receipt, (page.kept, page.receipt))
        t.check("nobody is told that it was written down",
                "15 menit" in page.html and
                "sudah Anda catat" not in page.html, page.html[-2500:])
        page = again.submit(form, values)
        t.check("sent again: the form comes back filled",
                page.status == 422 and page.error == "draft_shown" and
                TEXT + " 16" in page.html, (page.status, page.error))
        form = page.form(tail="/tulis")
        page = again.submit(form, again.fill(form, TEXT + " 16"))
        t.equal("and gives a new code", page.page, "receipt")


def shown_until_noted(t, i):
    with t.part("the code stays until it is written down"):
        s = i.source()
        form, values = form_values(s, TEXT + " 2")
        words = s.submit(form, values).receipt
        page = s.get("/surat")
        t.equal("the inbox shows the code", page.receipt, words)
        page = s.noted()
        t.check("written down", page.status == 200 and
                page.error is None, (page.status, page.error))
        page = s.get("/surat")
        t.equal("then it is not shown again", page.receipt, [])
        t.equal("still signed in", page.page, "inbox")
        s2 = i.source()
        form2, values2 = form_values(s2, TEXT + " 3")
        words2 = s2.submit(form2, values2).receipt
        t.equal("in another browser it opens",
                i.source().login(" ".join(words2)).page, "inbox")
        page = s2.get("/surat")
        t.equal("and from then on it is not shown", page.receipt, [])


def restart(t, i, words):
    with t.part("a restart"):
        s = i.source()
        s.login(" ".join(words))
        i.stop()
        i.start()
        s.base = i.sock["source"]
        page = s.get("/surat")
        t.check("sessions end with the server", page.page != "inbox",
                page.page)
        t.equal("the code opens after a restart",
                i.source().login(" ".join(words)).page, "inbox")


def main(t):
    with t.instance() as i:
        words = sent_twice(t, i)
        t.need("a receipt to go on with", words)
        typing(t, i, words)
        too_late(t, i)
        shown_until_noted(t, i)
        sessions(t, i, words)
        restart(t, i, words)
        i.still_well(" ".join(words))


harness.run(main)
